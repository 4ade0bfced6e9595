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
        for y in here.stored.values()
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
    click.echo(_HOW.of(lang))
    line = Text("  {id:<30}  {title}（{subject}）", "  {id:<30}  {title} ({subject})")
    for group in dict.fromkeys(r["group"] for r in rows):
        click.echo(f"\n{group}")
        for row in (r for r in rows if r["group"] == group):
            click.echo(line.format(**row).of(lang))
            for name, words in (("-p", [_assigned(p) for p in row["parameters"]]), ("--shape", [s["id"] for s in row["shapes"]])):
                if words:
                    click.echo(f"      {name}  {'  '.join(words)}")


_HOW = Text(
    "flask export 问题 -p 参数=值 --shape 几何；括号里的值取自规则文件，(…) 随车型而定，不写即用它",
    "flask export QUESTION -p NAME=VALUE --shape ID; a value in brackets is the profile's, (…) that of the vehicle, unless you say otherwise",
)


def _assigned(parameter: Mapping[str, Any]) -> str:
    """`name=default` with the other choices behind it; what the profile says stands in brackets, "…" where it depends on the vehicle."""
    if parameter.get("choices"):
        values = [c["value"] for c in parameter["choices"]]
        first = parameter.get("default")
        return f"{parameter['name']}=" + "|".join(([first] if first in values else []) + [v for v in values if v != first])
    if "default" in parameter and parameter["default"] is not None:
        default = parameter["default"]
        return f"{parameter['name']}={str(default).lower() if isinstance(default, bool) else default}"
    if "vehicle_defaults" in parameter:
        return f"{parameter['name']}=(…)"
    return f"{parameter['name']}=({parameter['profile_default']:g})" if "profile_default" in parameter else f"{parameter['name']}="


def _table(heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]) -> None:
    table = Table(*(Text(*h).of(language()) for h in heads))
    for row in rows:
        table.add_row(*(str(cell).replace("[", "\\[") for cell in row))
    Console().print(table)
