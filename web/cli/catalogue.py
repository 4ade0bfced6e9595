"""`flask layers` and `flask questions`: what there is, as tables or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from geo.errors import Text
from web.ogc import parameter_json
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
        {"id": q.id, "title": q.title.of(lang), "group": q.group.of(lang), "subject": q.subject, "reads": list(q.reads),
         "parameters": [parameter_json(p, here.settings.profile, lang) for p in q.parameters],
         "shapes": [{"id": s.id, "geometry": s.geometry, "label": s.label.of(lang)} for s in q.shapes]}
        for q in here.questions.values()
    ]  # fmt: skip
    if json_:
        write_json({"questions": rows})
        return
    heads = (
        ("类别", "group"),
        ("问题", "question"),
        ("名称", "title"),
        ("图层", "subject"),
        ("参数", "parameters"),
        ("另有几何", "shapes"),
    )
    said = [", ".join(map(_assigned, r["parameters"])) for r in rows]
    shapes = [", ".join(s["id"] for s in r["shapes"]) for r in rows]
    _table(heads, [(r["group"], r["id"], r["title"], r["subject"], *more) for r, *more in zip(rows, said, shapes, strict=True)])


def _assigned(parameter: Mapping[str, Any]) -> str:
    """`name=default`; what the profile says stands in brackets, "…" where it depends on the vehicle."""
    if "default" in parameter:
        return f"{parameter['name']}={parameter['default']}"
    if "vehicle_defaults" in parameter:
        return f"{parameter['name']}=(…)"
    return f"{parameter['name']}=({parameter['profile_default']})" if "profile_default" in parameter else f"{parameter['name']}="


def _table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(*(Text(*h).of(language()) for h in heads))
    for row in rows:
        table.add_row(*(str(cell).replace("[", "\\[") for cell in row))
    Console().print(table)
