"""`flask export --map`: a view of the workspace as one HTML file that opens without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import click
from click.core import ParameterSource
from flask.cli import with_appcontext

from geo.errors import BadValue, Text
from web import files
from web.http import refuse_unknown
from web.services import services
from web.standalone import prepare
from web.standalone.page import file
from web.standalone.view import PARAMETERS, flag
from web.terminal import Command, language, say, write

_OPTIONS = (
    click.Option(["--map", "map_"], is_flag=True, help="Instead of a collection: a map as one HTML file that opens without a network."),
    click.Option(
        ["--view"],
        metavar="ADDRESS",
        help="With --map: what follows the ? in the address of the workspace, e.g. 'question=compounds-without-gas&layers=compounds,roads'.",
    ),
)
_ONLY_WEB = ("size", "download")


class ExportCommand(Command):
    """`flask export`, which with --map writes a view instead of a collection; then only --view and -o may stand beside it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_OPTIONS)
        for param in self.params:
            if isinstance(param, click.Argument):
                param.required = False

    def invoke(self, ctx: click.Context) -> Any:
        wanted, view = ctx.params.pop("map_"), ctx.params.pop("view")
        if not wanted:
            _refuse_usage(ctx, view is not None, "--view 要和 --map 一起用", "--view needs --map")
            _refuse_usage(ctx, ctx.params["collection"] is None, "缺少 COLLECTION：图层或问题", "missing COLLECTION: a layer or a question")
            return super().invoke(ctx)
        given = [name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE and name != "output"]
        beside = ", ".join(name.rstrip("_") for name in given)
        _refuse_usage(ctx, bool(given), f"--map 旁边只能有 --view 和 -o：{beside}", f"only --view and -o may stand beside --map: {beside}")
        ctx.params = {"view": view or "", "output": ctx.params["output"]}
        return Command("export", callback=export_map).invoke(ctx)


def _refuse_usage(ctx: click.Context, wrong: bool, zh: str, en: str) -> None:
    if wrong:
        raise click.UsageError(f"{zh}\n{en}", ctx)


@with_appcontext
def export_map(view: str, output: Path | None) -> None:
    """The map of `view` to `output` or stdout. Raises the Invalid tree, and TooLarge with the number when it would be large."""
    here = services()
    args = _arguments(view)
    lang = args.pop("lang", language())
    confirmed = flag(args, "confirm")
    content, made = prepare(here, args, lang)
    if not confirmed:
        content.refuse_large(made.bytes)
    pieces = file(content, made)
    if output is None:
        for piece in pieces:
            write(piece)
    else:
        files.write_whole(output, pieces, store=Path(here.settings.store))
    where = f" → {output}" if output else ""
    said = content.demo
    say(
        f"地图：{content.features} 个要素{'（示例数据）' if said else ''}{where}",
        f"map: {content.features} features{' (demo data)' if said else ''}{where}",
    )
    asked = content.asked
    if asked is not None and asked.sentence is not None:
        say(asked.sentence.zh, asked.sentence.en)


def _arguments(view: str) -> dict[str, str]:
    """The parameters of an address or of what follows its `?`; each once, and none unknown. Raises UnknownParameter, BadValue."""
    pairs = parse_qsl(view.partition("?")[2] or view.lstrip("?"), keep_blank_values=True)
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise BadValue(Text(f"参数 {name} 写了不止一次", f"parameter {name} stands more than once"), parameter=name)
    known = {p.name for p in PARAMETERS if not p.name.endswith("*")} - set(_ONLY_WEB) | {"lang"}
    families = tuple(p.name.removesuffix("*") for p in PARAMETERS if p.name.endswith("*"))
    refuse_unknown([name for name in names if not name.startswith(families)], known)
    if dict(pairs).get("lang", "zh") not in ("zh", "en"):
        raise BadValue(Text("lang 只能是 zh 或 en", "lang is zh or en"), parameter="lang")
    return dict(pairs)
