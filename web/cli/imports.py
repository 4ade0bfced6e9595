"""`flask import`: a file into the store, every record accounted for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from geo.errors import BadValue, Text, UnreadableFile
from geo.formats.limits import COMMAND_LINE
from geo.imports import MODES, ImportOptions, import_file
from web.cli.arguments import pairs
from web.services import services
from web.terminal import LEFT_OUT, Command, language, progress, say, write_json
from web.uploads import crs_name

ACTOR = "command line"


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", metavar="ID", help="The layer to fill; else found from the file's names and headings.")
@click.option("--crs", metavar="C", help="EPSG:4547, GCJ-02, BD-09 …: the CRS or datum, over what the file declares.")
@click.option("--encoding", metavar="E", help="Text encoding, over what is found.")
@click.option("--set", "sets", metavar="FIELD=COLUMN", multiple=True, help="Which column fills a field; may be repeated.")
@click.option(
    "--mode",
    type=click.Choice(MODES),
    default="upsert",
    help="append: new ones only; upsert: match and bring up to date; replace: the file is the layer.",
)
@click.option("--within", metavar="WKT", help="Take only what meets this polygon (WKT, EPSG:4326).")
@click.option("--dataset", "datasets", metavar="NAME", multiple=True, help="Only this sheet or layer of the file; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Account for everything and change nothing.")
@click.option("--json", "json_", is_flag=True, help="The account as JSON on stdout.")
@with_appcontext
def import_(file: Path, sets: tuple[str, ...], datasets: tuple[str, ...], json_: bool, **chosen: Any) -> None:
    """Read any supported file and account for every record; OSM files fill all layers."""
    here = services()
    if not file.is_file():
        raise UnreadableFile(Text(f"没有文件 {file}", f"there is no file {file}"))
    store = Path(here.settings.store)
    if store.exists() and file.samefile(store):
        raise BadValue(
            Text("这是数据库本身，不能导入到自己", "this is the store itself and cannot be imported into itself"), parameter="file"
        )
    chosen["crs"] = crs_name(chosen["crs"])
    options = ImportOptions(
        **chosen, sets=pairs(sets), datasets=datasets or None, area=here.settings.area, datum=here.settings.datum, file_name=file.name
    )
    with progress("导入", "importing") as advance:
        account = import_file(
            file.resolve(), options, store=here.store, frames=here.frames, layers=here.layers, actor=ACTOR, now=here.now(),
            limits=COMMAND_LINE, progress=advance, staged=lambda: say("已写入，正在提交", "staged, committing"),
        )  # fmt: skip
    told = account.to_json()
    if json_:
        write_json(told)
    for line in account.lines(language(), here.layers):
        click.echo(line, err=json_)
    if any(counts["quarantined"] for counts in told["layers"].values()):
        sys.exit(LEFT_OUT)
