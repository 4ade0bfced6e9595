"""`flask import`: a file into the store, every record accounted for."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from geo.errors import BadValue, Text, UnreadableFile
from geo.formats.limits import COMMAND_LINE
from geo.imports import MODES, ImportOptions, import_file, inspect_file
from web.choosing import choices_said, metric_crs, placement_said, placing, split_layers, split_sets
from web.services import Services, services
from web.terminal import LEFT_OUT, Command, language, progress, say, write_json
from web.uploads import crs_name

ACTOR = "command line"


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--layer",
    "layer_ids",
    metavar="[DATASET=]ID",
    multiple=True,
    help="The layer to fill, or the one for a single sheet or layer of the file; else found from names and headings.",
)
@click.option(
    "--crs",
    metavar="C",
    help="EPSG:4547, GCJ-02, BD-09 …: the CRS or datum, over what the file declares; with --place or --shift the one to place in.",
)
@click.option("--encoding", metavar="E", help="Text encoding, over what is found.")
@click.option(
    "--set", "sets", metavar="[DATASET:]FIELD=COLUMN", multiple=True, help="Which column fills a field (none: FIELD=); may be repeated."
)
@click.option("--skip", "skips", metavar="DATASET", multiple=True, help="Leave this sheet or layer of the file out; may be repeated.")
@click.option(
    "--join",
    "joins",
    metavar="TEXTS=DATASET:FIELD[:METRES]",
    multiple=True,
    help="The texts of a drawing fill a field of the nearest feature (within 5 m unless said).",
)
@click.option("--place", metavar="X,Y=LON,LAT", multiple=True, help="Twice: a point of the drawing and where it lies on the map (WGS 84).")
@click.option("--shift", metavar="DX,DY", help="Place a drawing: shift in metres of --crs, after --scale and --turn.")
@click.option("--turn", type=float, metavar="DEGREES", help="Counterclockwise, about the drawing's origin.")
@click.option("--scale", type=float, metavar="METRES", help="Metres a drawing unit (millimetres: 0.001); else as the file says.")
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
def import_(file: Path, datasets: tuple[str, ...], json_: bool, **chosen: Any) -> None:
    """Read any supported file and account for every record; OSM files fill all layers."""
    here = services()
    if not file.is_file():
        raise UnreadableFile(Text(f"没有文件 {file}", f"there is no file {file}"))
    store = Path(here.settings.store)
    if store.exists() and file.samefile(store):
        raise BadValue(
            Text("这是数据库本身，不能导入到自己", "this is the store itself and cannot be imported into itself"), parameter="file"
        )
    options = _options(here, file, datasets, **chosen)
    with progress("导入", "importing") as advance:
        account = import_file(
            file.resolve(), options, store=here.store, frames=here.frames, layers=here.stored, actor=ACTOR, now=here.now(),
            limits=COMMAND_LINE, progress=advance, staged=lambda: say("已写入，正在提交", "staged, committing"),
        )  # fmt: skip
    told = account.to_json()
    if json_:
        write_json(told)
    for line in account.lines(language(), here.stored):
        click.echo(line, err=json_)
    if any(counts["quarantined"] for counts in told["layers"].values()):
        sys.exit(LEFT_OUT)


def _options(
    here: Services, file: Path, datasets: tuple[str, ...], *, layer_ids: tuple[str, ...], sets: tuple[str, ...], skips: tuple[str, ...],
    joins: tuple[str, ...], place: tuple[str, ...], shift: str | None, turn: float | None, scale: float | None, crs: str | None, **rest: Any,
) -> ImportOptions:  # fmt: skip
    """The arguments as options. A drawing that is to be placed is looked at first: it may say its unit. Raises BadValue, UnknownCrs."""
    layer, layers_named = split_layers(layer_ids)
    plain, sets_named = split_sets(sets)
    wanted = placement_said(place, shift, turn, scale, crs)
    options = ImportOptions(
        **rest, layer=layer, sets=plain, choices=choices_said(layers_named, sets_named, skips, joins), datasets=datasets or None,
        crs=None if wanted else crs_name(crs), area=here.settings.area, datum=here.settings.datum, file_name=file.name,
    )  # fmt: skip
    if wanted is None:
        return options
    unit = None
    if "scale" not in wanted:
        unit = inspect_file(file.resolve(), options, here.frames, here.stored, limits=COMMAND_LINE, store=here.store).unit_m
    return replace(options, placed=placing(wanted, unit_m=unit, metric_crs=metric_crs(here)))
