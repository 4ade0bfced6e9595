"""`flask layers` and `flask questions`: what there is, as tables or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from geo.errors import Text
from web.services import services
from web.terminal import Command, language, write_json


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


def _table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(*(Text(*h).of(language()) for h in heads))
    for row in rows:
        table.add_row(*(str(cell).replace("[", "\\[") for cell in row))
    Console().print(table)
