"""The columns of an output: what each is called and which values it holds, by public name or by label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd

from geo.errors import Text
from geo.exports import rows
from geo.exports.output import Output
from geo.exports.properties_json import labels, worded
from geo.exports.provenance import DEMO
from geo.schema import Field

if TYPE_CHECKING:
    from geo.answers import Answer

ID = Text("序号", "id")
DEMO_HEADING = Text("示例", "demo")
_KINDS = {"integer": "integer", "year": "integer", "number": "number", "boolean": "boolean", "date": "date"}
_SHORT = 10


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the file, its label, the field it holds (None: the id, or the mark of made-up data), and its kind of value."""

    name: str
    title: str
    field: Field | None
    kind: str


def columns(answer: Answer, output: Output) -> list[Column]:
    """`id`, every field, and for made-up data a last column that says so; names are unique."""
    lang, labelled = output.lang, output.labelled
    found = [Column(ID.of(lang) if labelled else "id", ID.of(lang), None, "integer")]
    for field, title in zip(answer.fields, labels(answer.fields, lang), strict=True):
        found.append(Column(title if labelled else field.name, title, field, _KINDS.get(field.type, "text")))
    if answer.demo:
        found.append(Column(DEMO_HEADING.of(lang) if labelled else "demo", DEMO.of(lang), None, "text"))
    return found


def values(answer: Answer, part: pd.DataFrame, output: Output) -> list[list[Any]]:
    """The values of some rows, column by column as `columns` has them: numbers, texts, booleans, ISO dates, JSON texts for objects, None."""
    found = [part.index.tolist()]
    for column, field in zip(rows.columns(part, answer.fields), answer.fields, strict=True):
        found.append(_values(column, field, output))
    if answer.demo:
        found.append([DEMO.of(output.lang)] * len(part))
    return found


def _values(column: list[Any], field: Field, output: Output) -> list[Any]:
    if field.type == "json":
        return [json_text(v) for v in column]
    said = worded(field, output.lang) if output.labelled else {}
    return [said.get(v, v) for v in column] if said else column


def feature_titles(answer: Answer, part: pd.DataFrame, lang: str) -> list[str | None]:
    """What the features are called on a map: their title field, the label where it is a choice."""
    name = answer.layer.title_field
    field = answer.layer.field(name)
    found = part[name].tolist() if name in part else [None] * len(part)
    said = {c.value: c.label.of(lang) for c in field.choices} if field is not None else {}
    return [None if v is None or v != v else said.get(v, str(v)) for v in found]


def json_text(value: Any) -> str | None:
    """An object as JSON text; nothing for an empty one."""
    return orjson.dumps(value).decode() if value else None


def short_names(names: Sequence[str]) -> list[str]:
    """ASCII names of at most ten letters, each once whatever its case: short ones stay, longer ones are cut and numbered where they meet."""
    taken: set[str] = set()
    out = []
    plain = [re.sub(r"[^A-Za-z0-9_]", "_", name)[:64] or "field" for name in names]
    whole = {name.lower() for name in plain if len(name) <= _SHORT}
    for name in plain:
        made = name if len(name) <= _SHORT and name.lower() not in taken else next(_cut(name, taken | whole))
        taken.add(made.lower())
        out.append(made)
    return out


def _cut(name: str, taken: set[str]) -> Iterator[str]:
    """Shorter forms that are free: the beginning, then the beginning with a number."""
    if name[:_SHORT].lower() not in taken:
        yield name[:_SHORT]
    for number in range(1, 10**6):
        ending = f"_{number}"
        if (made := name[: _SHORT - len(ending)] + ending).lower() not in taken:
            yield made
