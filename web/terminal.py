"""The terminal's side of the commands: messages and progress on stderr, refusals as a sentence and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from geo.errors import Text, YuantuError
from web.services import services

DONE, BROKEN, REFUSED, LEFT_OUT, CHECK_FAILED = 0, 1, 2, 3, 4
"""Exit codes: all done; a defect of ours; refused and nothing changed; done with records left out; a check failed."""


class Refusal(click.ClickException):
    """An error of the tree as the terminal shows it: a sentence and the way out."""

    exit_code = REFUSED

    def __init__(self, error: YuantuError, lang: str) -> None:
        super().__init__(error.text.of(lang))
        self.lines = [error.text.of(lang), *way_out(error.members, lang)]

    def show(self, file: Any = None) -> None:
        for line in self.lines:
            click.echo(line, err=True)


class CheckFailed(Refusal):
    exit_code = CHECK_FAILED


class Broken(Refusal):
    exit_code = BROKEN


def refusal_of(error: YuantuError, lang: str) -> Refusal:
    """Exit code 4 for a damaged store, 1 for a defect of ours, else 2."""
    kind = CheckFailed if error.code == "store-damaged" else Broken if error.status == 500 else Refusal
    return kind(error, lang)


class Command(click.Command):
    """A command whose refusals are sentences, never traces; with `--json` also a problem document on stdout."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except YuantuError as error:
            lang = language()
            if ctx.params.get("json_"):
                problem = {"code": error.code, "detail": error.text.of(lang), **error.members}
                write(orjson.dumps({"error": problem}, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY) + b"\n")
            raise refusal_of(error, lang) from None


def language() -> str:
    return services().settings.lang


def say(zh: str, en: str) -> None:
    """A message on stderr in the set language."""
    click.echo(Text(zh, en).of(language()), err=True)


def write(data: bytes) -> None:
    """Data on stdout as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_json(value: Any) -> None:
    write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY) + b"\n")


def way_out(members: Mapping[str, Any], lang: str) -> Iterator[str]:
    """The facts of an error as lines: the candidates with where each would put the data, the nearest names."""
    for candidate in members.get("candidates") or ():
        box = ", ".join(f"{v:.5f}" for v in candidate.get("bounds") or ())
        label = candidate.get("label_en" if lang == "en" else "label_zh") or ""
        away = candidate.get("distance_km")
        where = Text(f"，距现有数据 {away:.1f} km", f", {away:.1f} km from what is there").of(lang) if away is not None else ""
        fits = Text("（合适）", " (fits)").of(lang) if candidate.get("fits") else ""
        yield f"  --crs {candidate.get('crs')}  {label}: {box}{where}{fits}"
    near = members.get("nearest") or ()
    if near:
        listed = ", ".join(str(n) for n in near)
        yield Text(f"  相近的有：{listed}", f"  nearest: {listed}").of(lang)


@contextmanager
def progress(zh: str, en: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr when it is a terminal; the value is the callback (done, total)."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(Text(zh, en).of(language()), total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield advance
