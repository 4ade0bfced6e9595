"""`flask export`: a layer or a question as a file, by the query of the web."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from geo.answers import answer
from geo.errors import BadValue, Text
from geo.exports import FORMATS, format_of, pieces
from web import files
from web.cli.arguments import pairs
from web.items import make_query
from web.services import services
from web.terminal import Command, language, say, write

_OPTIONS = {"f": "-f", "crs": "--crs", "filter": "--filter", "bbox": "--bbox"}
"""What `flask export` has an option for, which `-p` would pass over or contradict."""


@click.command("export", cls=Command)
@click.argument("collection")
@click.option("--filter", "filter_", metavar="CQL2", help="Only features for which this holds.")
@click.option("--bbox", metavar="W,S,E,N", help="Only features that meet this box.")
@click.option("--crs", metavar="C", help="CRS of the output, for formats that can say it.")
@click.option(
    "-p", "--param", "params", metavar="NAME=VALUE", multiple=True, help="Any other parameter of /ogc/collections/…/items, e.g. width=4."
)
@click.option(
    "-f", "--format", "form", metavar="FORMAT", help=f"{', '.join(f.id for f in FORMATS)}; else from the file's name, else geojson."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; else stdout.")
@with_appcontext
def export(
    collection: str, filter_: str | None, bbox: str | None, crs: str | None, params: tuple[str, ...], form: str | None, output: Path | None
) -> None:
    """A layer or a named question as a file, by the same query as the web."""
    here = services()
    chosen = format_of(form or (output.suffix.lstrip(".") if output and output.suffix else "geojson"))
    args = pairs(params)
    for name, option in _OPTIONS.items():
        if name in args:
            raise BadValue(Text(f"-p {name}=…：请改用 {option}", f"-p {name}=…: use {option} for it"), parameter=name)
    args |= {k: v for k, v in (("filter", filter_), ("bbox", bbox)) if v}
    query = make_query(here, collection, args, lang=language(), paged=False)
    result = answer(query, here.frames, layers=here.layers, now=here.now())
    made = pieces(result, chosen, work_dir=here.work_dir, crs=files.output_crs(crs), lang=language())
    if output is None:
        if chosen.id in ("xlsx", "gpkg") and sys.stdout.isatty():
            raise BadValue(
                Text(f"{chosen.id} 不能显示在终端：用 -o 写文件", f"{chosen.id} cannot be shown on a terminal: write a file with -o"),
                parameter="f",
            )
        for piece in made:
            write(piece)
    else:
        files.write_whole(output, made, store=Path(here.settings.store))
    said = "（示例数据）" if result.demo else ""
    say(
        f"{result.returned} 个要素{said}" + (f" → {output}" if output else ""),
        f"{result.returned} features" + (" (demo data)" if result.demo else "") + (f" → {output}" if output else ""),
    )
    if result.sentence is not None:
        say(result.sentence.zh, result.sentence.en)
