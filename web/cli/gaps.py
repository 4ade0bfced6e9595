"""`flask gaps`: the to-do list for the field team as a workbook that `flask import` takes back."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from geo.errors import BadValue, Text
from web import files
from web.cli.arguments import pairs
from web.gaps import USUAL, workbook
from web.services import services
from web.terminal import Command, language, say


@click.command("gaps", cls=Command)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The workbook to write (.xlsx).")
@click.option("--community", metavar="NAME", help="Only this community.")
@click.option("--compound", metavar="CODE", help="Only this compound, by code or name.")
@click.option("--layer", metavar="ID", help="Only gaps in this layer.")
@click.option("--profile", metavar="ID", help="The rules to go by, unless as the service is set.")
@click.option("--limit", type=click.IntRange(min=1), help=f"At most so many rows; {USUAL} unless said.")
@click.option("-p", "--param", "params", metavar="NAME=VALUE", multiple=True, help="Any other parameter of the question data-gaps.")
@with_appcontext
def gaps_(output: Path, params: tuple[str, ...], limit: int | None, **asked: str | None) -> None:
    """What is not on record, as a list to fill in: those first that settle most."""
    if output.suffix.lower() != ".xlsx":
        raise BadValue(
            Text("清单是 Excel 工作簿：文件名以 .xlsx 结尾", "the list is a workbook: let its name end in .xlsx"), parameter="output"
        )
    here = services()
    args = pairs(params) | {name: value for name, value in asked.items() if value} | ({"limit": str(limit)} if limit else {})
    data, found = workbook(here, args, lang=language())
    files.write_whole(output, [data], store=Path(here.settings.store))
    if found.sentence is not None:
        say(found.sentence.zh, found.sentence.en)
    demo = Text("（示例数据）", " (demo data)") if found.demo else Text("", "")
    say(f"{found.returned} 行{demo.zh} → {output}", f"{found.returned} rows{demo.en} → {output}")
