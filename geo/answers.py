"""Query → Answer: the features that match, in order and by page, with counts of all that match and, for a question, its four counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import Text
from geo.frames import Frames, View
from geo.matching import Rows, Table, reads, verdicts
from geo.places import COMMUNITIES, COMPOUNDS, in_place
from geo.query import Query, output_fields, subject
from geo.questions import catalogue as questions
from geo.questions.declaration import ANSWERS, Question, Shape
from geo.schema import Field, GeometryKind, Layer

__all__ = ["COMMUNITIES", "COMPOUNDS", "Answer", "answer", "verdicts"]

MAX_LISTED = 100
"""How many features without a record are listed beside an answer; all of them are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What was found. `frame` holds the page (index = feature id, columns = `fields` and `geometry`, EPSG:4326); `matched` and `unplaced` count
    all that match; `summary` and `sentence` belong to a question; `as_of` is a date."""

    query: Query
    layer: Layer
    question: Question | None
    fields: tuple[Field, ...]
    frame: gpd.GeoDataFrame
    matched: int
    returned: int
    unplaced: int
    summary: dict[str, Any] | None
    sentence: Text | None
    revision: int
    as_of: str
    demo: bool

    @property
    def shape(self) -> Shape | None:
        """What the rows come in instead of their own geometry."""
        return next((s for s in self.question.shapes if s.id == self.query.shape), None) if self.question else None

    @property
    def geometry_kinds(self) -> tuple[GeometryKind, ...]:
        """What the rows' geometries are declared to be."""
        return self.layer.geometry if self.shape is None else (self.shape.geometry,)

    @property
    def title(self) -> Text:
        """The question or the layer, and the shape that is asked for."""
        title = self.question.title if self.question else self.layer.label
        return Text(f"{title.zh}：{self.shape.label.zh}", f"{title.en}, {self.shape.label.en.lower()}") if self.shape else title


def answer(query: Query, frames: Frames, *, layers: Mapping[str, Layer], now: str, today: str | None = None) -> Answer:
    """Answer `query`; `now` is ISO 8601 UTC text, `today` the local day (that of `now` unless said). Raises the Invalid tree for values that only the data can tell to be wrong."""
    question = next((q for q in questions.ALL if q.id == query.collection), None)
    layer = subject(query.collection, layers=layers, questions=questions.ALL)
    today = query.parameters.get("as_of") or today or now[:10]
    view = frames.view(*reads(query, layer, question), as_of=today, profile=query.parameters.get("profile"))
    table = Table(view, layer, question, query)
    chosen = table.matching()
    summary = sentence = None
    if question is not None:
        summary, sentence = _summary(table, chosen, layers)
        wanted = np.array([a in query.answers for a in ANSWERS])
        chosen = chosen[wanted[table.answers_of(chosen)]]
    page = table.sorted(chosen)[query.offset : None if query.limit is None else query.offset + query.limit]
    fields = _fields(query, layer, question)
    return Answer(
        query=query,
        layer=layer,
        question=question,
        fields=fields,
        frame=table.page(page, fields),
        matched=len(chosen),
        returned=len(page),
        unplaced=int(np.count_nonzero(table.unplaced[chosen])),
        summary=summary,
        sentence=sentence,
        revision=view.revision,
        as_of=today,
        demo=view.info.kind == "demo",
    )


def _fields(query: Query, layer: Layer, question: Question | None) -> tuple[Field, ...]:
    known = {f.name: f for f in output_fields(layer, question)}
    return tuple(known.values()) if query.fields is None else tuple(known[name] for name in query.fields)


# counts and sentences ---------------------------------------------------------------------------------------------------------

_NO_DATA = Text("还没有{label}数据", "there is no data on {label} yet")
_NO_MATCH = Text("没有符合条件的{label}", "no {label} match the conditions")


def _summary(table: Table, chosen: Rows, layers: Mapping[str, Layer]) -> tuple[dict[str, Any], Text]:
    """The four counts and the question's own members over all rows that match, before `answer=`, and the sentence to copy."""
    question = table.question
    assert question is not None
    counts = dict(zip(ANSWERS, (int(n) for n in np.bincount(table.answers_of(chosen), minlength=len(ANSWERS))), strict=True))
    verdicts = table.verdicts
    own = verdicts.summary(chosen)
    summary: dict[str, Any] = {
        **counts,
        "total": len(chosen),
        "as_of": table.view.as_of,
        "profile": table.view.profile.id,
        **own,
    }
    if verdicts.store:
        summary["store"] = dict(verdicts.store)
    sentence = question.sentence.format(**{**counts, "total": len(chosen), **table.query.parameters, **verdicts.said, **own})
    if not len(chosen):
        text = _NO_MATCH if len(table.frame) or table.layer.derived else _NO_DATA
        sentence = Text(text.zh.format(label=table.layer.label.zh), text.en.format(label=table.layer.label.en.lower()))
    if question.unrecorded is not None:
        missing = _unrecorded(table.view, table.query, question, layers)
        summary[question.unrecorded.key] = missing
        if missing["count"]:
            clause = question.unrecorded.sentence.format(count=missing["count"])
            sentence = Text(f"{sentence.zh}；{clause.zh}", f"{sentence.en}; {clause.en}")
    return summary, sentence


def _unrecorded(view: View, query: Query, question: Question, layers: Mapping[str, Layer]) -> dict[str, Any]:
    """Features of another layer that have no record the question could look at, within the asked place; counted, and the first of them listed."""
    other = question.unrecorded
    assert other is not None
    frame = view.frame(other.layer)
    mask = other.found(view)
    place = in_place(view, layers[other.layer], query)
    rows = np.flatnonzero(mask if place is None else mask & place)
    first = rows[:MAX_LISTED]
    listed = zip(frame.index[first], frame["code"].iloc[first], frame["name"].iloc[first], strict=True)
    items = [{"id": int(id), "code": _plain(code), "name": _plain(name)} for id, code, name in listed]
    return {"layer": other.layer, "count": len(rows), "items": items}


def _plain(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
