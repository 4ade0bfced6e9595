"""`flask export`: a layer or a question as a file, by the query of the web."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from geo.answers import Answer, answer
from geo.errors import BadValue, Text
from geo.exports import FORMATS, HEADINGS, Format, Output, format_of, format_of_file, left_out, losses, made
from web import files
from web.cli.arguments import pairs
from web.cli.maps import ExportCommand
from web.items import make_query
from web.services import services
from web.terminal import language, say, write

_OPTIONS = {"f": "-f", "crs": "--crs", "headings": "--headings", "filter": "--filter", "bbox": "--bbox", "shape": "--shape"}
"""What `flask export` has an option for, which `-p` would pass over or contradict."""


@click.command("export", cls=ExportCommand)
@click.argument("collection")
@click.option("--filter", "filter_", metavar="CQL2", help="Only features for which this holds.")
@click.option("--bbox", metavar="W,S,E,N", help="Only features that meet this box.")
@click.option("--crs", metavar="C", help="CRS of the output, for formats that can say it.")
@click.option("--shape", metavar="ID", help="Of a question: rows with this geometry of the answer, e.g. route; see flask questions.")
@click.option(
    "-p", "--param", "params", metavar="NAME=VALUE", multiple=True, help="Any other parameter of /ogc/collections/…/items, e.g. width=4."
)
@click.option(
    "-f", "--format", "form", metavar="FORMAT", help=f"{', '.join(f.id for f in FORMATS)}; else from the file's name, else geojson."
)
@click.option(
    "--headings",
    metavar="HOW",
    help=f"{' or '.join(HEADINGS)}: columns by public name, or by label with units; unsaid, as usual for the format.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write; else stdout.")
@with_appcontext
def export(
    collection: str,
    filter_: str | None,
    bbox: str | None,
    crs: str | None,
    shape: str | None,
    params: tuple[str, ...],
    form: str | None,
    headings: str | None,
    output: Path | None,
) -> None:
    """A layer or a named question as a file, by the same query as the web."""
    here = services()
    chosen = _format(form, output)
    args = pairs(params)
    for name, option in _OPTIONS.items():
        if name in args:
            raise BadValue(Text(f"-p {name}=…：请改用 {option}", f"-p {name}=…: use {option} for it"), parameter=name)
    args |= {k: v for k, v in (("filter", filter_), ("bbox", bbox), ("shape", shape)) if v}
    query = make_query(here, collection, args, lang=language(), paged=False)
    result = answer(query, here.frames, layers=here.layers, now=here.now())
    metric = here.frames.view(result.layer.id).metric_crs
    wanted = Output.of(chosen, crs=files.output_crs(crs) if crs else None, metric_crs=metric, headings=headings, lang=language())
    if output is None and not chosen.text and sys.stdout.isatty():
        raise BadValue(
            Text(f"{chosen.id} 不能显示在终端：用 -o 写文件", f"{chosen.id} cannot be shown on a terminal: write a file with -o"),
            parameter="f",
        )
    parts = made(result, wanted, work_dir=here.work_dir)
    if output is None:
        for piece in parts:
            write(piece)
    else:
        files.write_whole(output, parts, store=Path(here.settings.store))
    _tell(result, wanted, output)


def _format(name: str | None, output: Path | None) -> Format:
    """What -f says, else what the file's name ends in, else GeoJSON."""
    if name is not None:
        return format_of(name)
    return format_of_file(output.name) if output and output.suffix else format_of("geojson")


def _tell(result: Answer, wanted: Output, output: Path | None) -> None:
    """How many features, the sentence of a question, and what the file could not carry."""
    said = "（示例数据）" if result.demo else ""
    written = result.returned - left_out(result, wanted)
    say(
        f"{written} 个要素{said}" + (f" → {output}" if output else ""),
        f"{written} features" + (" (demo data)" if result.demo else "") + (f" → {output}" if output else ""),
    )
    if result.sentence is not None:
        say(result.sentence.zh, result.sentence.en)
    if wanted.form.projected:
        say(f"坐标系：{wanted.crs}", f"CRS: {wanted.crs}")
    for lost in losses(result, wanted):
        say(f"注意：{lost.zh}", f"note: {lost.en}")
