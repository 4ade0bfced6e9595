"""The commands of `flask`: data on stdout, messages and progress on stderr, exit codes that scripts can rely on."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from geo.answers import answer
from geo.errors import BadValue, Text, UnreadableFile
from geo.exports import FORMATS, format_of, pieces
from geo.formats.limits import COMMAND_LINE
from geo.imports import MODES, ImportOptions, import_file
from web import demo, doctor, files
from web.items import make_query
from web.services import services
from web.terminal import CHECK_FAILED, LEFT_OUT, Command, language, progress, say, write, write_json
from web.uploads import crs_name

ACTOR = "command line"
_OPTIONS = {"f": "-f", "crs": "--crs", "filter": "--filter", "bbox": "--bbox"}
"""What `flask export` has an option for, which `-p` would pass over or contradict."""


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
        **chosen, sets=_pairs(sets), datasets=datasets or None, area=here.settings.area, datum=here.settings.datum, file_name=file.name
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
    args = _pairs(params)
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


@click.command("demo", cls=Command)
@click.option("--compounds", type=click.IntRange(1, 20_000), default=demo.COMPOUNDS, help="How many compounds.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=demo.SEED, help="The same seed gives the same district.")
@click.option("--remove", is_flag=True, help="Remove the made-up features.")
@with_appcontext
def demo_(compounds: int, seed: int, remove: bool) -> None:
    """Load the made-up district into an empty or a demo store, or remove it."""
    here = services()
    if remove:
        count = demo.remove(here)
        say(f"已移除示例数据 {count} 个要素", f"removed {count} made-up features")
        return
    count = demo.load(here, compounds=compounds, seed=seed)
    say(f"已载入示例小区：{count} 个要素（示例数据）", f"loaded the demo district: {count} features (made up)")


@click.command("layers", cls=Command)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
@with_appcontext
def layers_(json_: bool) -> None:
    """The declared layers with what the store holds of them."""
    here, lang = services(), language()
    counts = here.store.info().counts
    rows: list[dict[str, Any]] = [
        {"id": y.id, "label": y.label.of(lang), "group": y.group.of(lang), "geometry": list(y.geometry),
         "count": counts.get(y.id, (0, 0))[0], "unplaced": counts.get(y.id, (0, 0))[1], "fields": [f.name for f in y.fields]}
        for y in here.layers.values()
    ]  # fmt: skip
    if json_:
        write_json({"layers": rows})
        return
    heads = (("图层", "layer"), ("名称", "label"), ("要素", "features"), ("未上图", "unplaced"), ("几何", "geometry"))
    _table(heads, [(r["id"], r["label"], r["count"], r["unplaced"], "/".join(r["geometry"])) for r in rows])


@click.command("questions", cls=Command)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
@with_appcontext
def questions_(json_: bool) -> None:
    """The catalogue of questions with their parameters."""
    here, lang = services(), language()
    rows: list[dict[str, Any]] = [
        {"id": q.id, "title": q.title.of(lang), "subject": q.subject, "reads": list(q.reads),
         "parameters": [{"name": p.name, "type": p.type, "default": p.default, "label": p.label.of(lang)} for p in q.parameters]}
        for q in here.questions.values()
    ]  # fmt: skip
    if json_:
        write_json({"questions": rows})
        return
    heads = (("问题", "question"), ("名称", "title"), ("图层", "subject"), ("参数", "parameters"))
    _table(heads, [(r["id"], r["title"], r["subject"], ", ".join(f"{p['name']}={p['default']}" for p in r["parameters"])) for r in rows])


@click.command("doctor", cls=Command)
@click.option("--json", "json_", is_flag=True, help="As JSON.")
@with_appcontext
def doctor_(json_: bool) -> None:
    """Check the store and list which guards this system has; exit 4 when something is wrong."""
    here = services()
    report = doctor.examine(here)
    if json_:
        write_json(report)
    else:
        for name, value in report["facts"].items():
            click.echo(f"{name}: {value}")
        for guard in report["guards"]:
            click.echo(f"{'✓' if guard['on'] else '✗'} {guard['name']}")
        for problem in report["problems"]:
            click.echo(f"! {problem}")
    if report["problems"]:
        say("数据库有问题", "the store has problems")
        sys.exit(CHECK_FAILED)
    say("数据库完好", "the store is sound")


@click.command("backup", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write a consistent copy of the store that other programs may open."""
    if not file.resolve().parent.is_dir():
        raise BadValue(Text(f"没有文件夹 {file.parent}", f"there is no folder {file.parent}"), parameter="file")
    services().store.backup(file.resolve())
    say(f"已备份到 {file}", f"backed up to {file}")


COMMANDS: tuple[click.Command, ...] = (import_, export, demo_, layers_, questions_, doctor_, backup)


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE texts as a mapping. Raises BadValue."""
    out: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            raise BadValue(Text(f"“{text}”须写成 名称=值", f"'{text}' must be written NAME=VALUE"))
        if name.strip() in out:
            raise BadValue(Text(f"{name.strip()} 写了不止一次", f"{name.strip()} stands more than once"))
        out[name.strip()] = value.strip()
    return out


def _table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(*(Text(*h).of(language()) for h in heads))
    for row in rows:
        table.add_row(*(str(cell).replace("[", "\\[") for cell in row))
    Console().print(table)
