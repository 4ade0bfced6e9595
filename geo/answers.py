"""Query → Answer: the features that match, in order and by page, with counts of all that match and, for a question, its four counts.

Which compounds a feature belongs to, for `community` and `compound`:
- a compound by its own code or name (`compound`) or its own `community`; a community by its code or name;
- a layer with a field `community` by that, where it is filled;
- a feature that names a compound (`compound_code`) by that; one that names none but is placed, by lying in or meeting the outline of one.
A feature that cannot be attributed is not matched. A name that no compound or community bears is refused, with the nearest names.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE
from geo.errors import BadValue, Text, nearest
from geo.filters import shapes
from geo.frames import Frames, View
from geo.query import Query, date_field, days_of, output_fields, subject
from geo.questions import catalogue as questions
from geo.questions.declaration import ANSWERS, Question, Shape, Verdicts, latest
from geo.schema import Field, GeometryKind, Layer

COMPOUNDS, COMMUNITIES = "compounds", "communities"
"""The layers that `compound=` and `community=` name features of."""

MAX_LISTED = 100
"""How many features without a record are listed beside an answer; all of them are counted."""

Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


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
    view = frames.view(*_reads(query, layer, question), as_of=today, profile=query.parameters.get("profile"))
    table = _Table(view, layer, question, query)
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


def _reads(query: Query, layer: Layer, question: Question | None) -> tuple[str, ...]:
    ids = [layer.id, *(question.reads if question else ())]
    if query.community is not None or query.compound is not None:
        ids += [COMPOUNDS, COMMUNITIES]
    return tuple(dict.fromkeys(ids))


def _fields(query: Query, layer: Layer, question: Question | None) -> tuple[Field, ...]:
    known = {f.name: f for f in output_fields(layer, question)}
    return tuple(known.values()) if query.fields is None else tuple(known[name] for name in query.fields)


def verdicts(view: View, question: Question, parameters: Mapping[str, Any]) -> Verdicts:
    """The question's answers for every row of its subject, made once for a revision, a day and a profile."""
    revisions = tuple(view.layer_revision(id) for id in question.reads)
    key = ("verdicts", question.id, tuple(sorted(parameters.items(), key=lambda p: p[0])))
    return latest(view, key, (*revisions, view.metric_crs, view.as_of), lambda _: question.answer(view, parameters))


class _Table:
    """The subject's rows with the question's verdicts beside them, as far as they are asked for."""

    def __init__(self, view: View, layer: Layer, question: Question | None, query: Query) -> None:
        self.view, self.layer, self.question, self.query = view, layer, question, query
        self.frame = pd.DataFrame(view.frame(layer.id))
        self.geometry = np.asarray(self.frame["geometry"], dtype=object)
        self._verdicts: Verdicts | None = None

    @property
    def verdicts(self) -> Verdicts:
        if self._verdicts is None:
            assert self.question is not None
            self._verdicts = verdicts(self.view, self.question, self.query.parameters)
        return self._verdicts

    @property
    def unplaced(self) -> Flags:
        revision = self.view.layer_revision(self.layer.id)
        return latest(self.view, ("unplaced", self.layer.id), revision, lambda _: np.asarray(shapely.is_missing(self.geometry)))

    def answers_of(self, rows: Rows) -> NDArray[np.int8]:
        """Verdict codes of some rows, without a copy when they are all."""
        answer = self.verdicts.answer
        return answer if len(rows) == len(answer) else answer[rows]

    def column(self, name: str, rows: Rows | None) -> NDArray[Any]:
        """A field of the layer or of the question for some rows, or all."""
        at: Any = slice(None) if rows is None else rows
        if name == "id":
            return np.asarray(self.frame.index.to_numpy()[at])
        if name in self.frame.columns:
            return np.asarray(self.frame[name].to_numpy()[at])
        if name == "answer":
            return np.asarray(np.array(ANSWERS, dtype=object)[self.verdicts.answer[at]])
        if name == "why":
            return np.array(self.verdicts.why(np.arange(len(self.frame)) if rows is None else rows, self.query.lang), dtype=object)
        return _worded(self.verdicts.column(name, rows), self.query.lang)

    def matching(self) -> Rows:
        """Positions of the rows that meet every condition of the query but `answer`."""
        mask = self.where()
        mask = _both(mask, _placed_where(self.query, self.geometry))
        mask = _both(mask, _belonging(self.view, self.layer, self.query))
        mask = _both(mask, self.dated())
        if self.question is not None:
            mask = _both(mask, self.verdicts.among)
        return np.arange(len(self.frame)) if mask is None else np.flatnonzero(mask)

    def where(self) -> Flags | None:
        where = self.query.where
        if where is None:
            return None
        own = [n for n in where.names if n in self.frame.columns]
        extra = {n: self.column(n, None) for n in where.names if n not in self.frame.columns and n != "id"}
        rows = pd.DataFrame({**{n: self.frame[n] for n in own}, **extra}, index=self.frame.index)
        return where.mask(rows, clock=time.monotonic)

    def dated(self) -> Flags | None:
        if self.query.datetime is None:
            return None
        first, last = days_of(self.query.datetime)
        values = self.frame[date_field(self.layer).name].to_numpy(dtype=object)
        known = ~pd.isna(values)
        day = np.where(known, values, "").astype("U10")
        return np.asarray(known & (day >= (first or "")) & (day <= (last or "9999-99-99")), dtype=bool)

    def sorted(self, rows: Rows) -> Rows:
        """`rows` in the order asked for; nulls last either way, equals by id."""
        if not self.query.sort:
            return rows
        keys: list[NDArray[Any]] = []
        for name, down in self.query.sort:
            rank, null = _ranks(self.column(name, None if len(rows) > 1000 else rows))
            if len(rank) != len(rows):
                rank, null = rank[rows], null[rows]
            keys += [null, -rank if down else rank]
        return rows[np.lexsort([rows, *reversed(keys)])]

    def page(self, rows: Rows, fields: tuple[Field, ...]) -> gpd.GeoDataFrame:
        index = self.frame.index[rows]
        columns = {f.name: self.column(f.name, rows) for f in fields}
        return gpd.GeoDataFrame(_frame(columns, index), geometry=gpd.GeoSeries(self.shapes(rows), index=index, crs=STORAGE))

    def shapes(self, rows: Rows) -> NDArray[np.object_]:
        """The rows' own geometry, or the question's shape that is asked for."""
        if self.query.shape is None:
            return np.asarray(self.geometry[rows])
        assert self.verdicts.shape is not None
        return self.verdicts.shape(self.query.shape, rows)


def _worded(values: NDArray[Any], lang: str) -> NDArray[Any]:
    """Texts in both languages in the one that is asked for."""
    if values.dtype != object or not any(isinstance(v, Text) for v in values):
        return values
    return np.array([*(v.of(lang) if isinstance(v, Text) else v for v in values), None], dtype=object)[:-1]


def _frame(columns: Mapping[str, NDArray[Any]], index: pd.Index) -> pd.DataFrame:
    """Columns as a frame with their dtypes and order; one array a dtype, because dozens of Series take longer than the rest of an answer."""
    kinds = dict.fromkeys(values.dtype for values in columns.values())
    parts = []
    for kind in kinds:
        names = [name for name, values in columns.items() if values.dtype == kind]
        block = np.empty((len(index), len(names)), dtype=kind)
        for i, name in enumerate(names):
            block[:, i] = columns[name]
        parts.append(pd.DataFrame(block, index=index, columns=names, dtype=kind))
    return pd.concat(parts, axis=1)[list(columns)] if parts else pd.DataFrame(index=index)


def _both(a: Flags | None, b: Flags | None) -> Flags | None:
    if a is None or b is None:
        return b if a is None else a
    return a & b


def _ranks(values: NDArray[Any]) -> tuple[NDArray[Any], Flags]:
    """Numbers in the order of the values (text by code point, false before true), and which are null."""
    null = np.asarray(pd.isna(values), dtype=bool)
    if values.dtype != object:
        return np.where(null, 0, values), null
    codes, _ = pd.factorize(pd.Series(values, dtype=object).where(~null, None), sort=True)
    return np.asarray(codes), null


# conditions on place ----------------------------------------------------------------------------------------------------------


def _placed_where(query: Query, geometry: NDArray[np.object_]) -> Flags | None:
    mask: Flags | None = None
    if query.bbox is not None:
        box = shapes.of_box(query.bbox)
        shapely.prepare(box)
        mask = shapely.intersects(box, geometry)
    if query.within is not None:
        area = shapes.of_area_text(query.within)
        shapely.prepare(area)
        mask = _both(mask, shapely.covers(area, geometry))
    return mask


def _belonging(view: View, layer: Layer, query: Query) -> Flags | None:
    """Rows of `layer` that belong to the asked community and compound."""
    mask: Flags | None = None
    if query.compound is not None:
        mask = _of_compounds(view, layer, _compounds_called(view, query.compound))
    if query.community is not None:
        mask = _both(mask, _of_community(view, layer, query.community))
    return mask


def _compounds_called(view: View, name: str) -> Flags:
    """Compounds whose code, else whose name, is `name`. Raises BadValue."""
    frame = view.frame(COMPOUNDS)
    codes, names = frame["code"].to_numpy(dtype=object), frame["name"].to_numpy(dtype=object)
    found = np.asarray(codes == name, dtype=bool)
    found = found if found.any() else np.asarray(names == name, dtype=bool)
    if not found.any():
        raise _nowhere("compound", name, [*names, *codes])
    return found


def _nowhere(parameter: str, name: str, known: list[Any]) -> BadValue:
    close = nearest(name, {str(n) for n in known if n is not None and not pd.isna(n)})
    listed = f"：{'、'.join(close)}" if close else ""
    return BadValue(
        Text(
            f"没有叫“{name[:60]}”的{'院落' if parameter == 'compound' else '社区'}" + (f"；相近的{listed}" if close else ""),
            f"there is no {parameter} '{name[:60]}'" + (f"; nearest: {', '.join(close)}" if close else ""),
        ),
        parameter=parameter,
        nearest=close,
    )


def _of_community(view: View, layer: Layer, name: str) -> Flags:
    compounds, communities = view.frame(COMPOUNDS), view.frame(COMMUNITIES)
    codes, names = (communities[c].to_numpy(dtype=object) for c in ("code", "name"))
    called = {*names[np.asarray(codes == name, dtype=bool)], *codes[np.asarray(names == name, dtype=bool)], name} - {None}
    own = compounds["community"].to_numpy(dtype=object)
    members = np.fromiter((c in called for c in own), dtype=bool, count=len(own))
    if not members.any() and name not in set(names) | set(codes):
        raise _nowhere("community", name, [*names, *codes, *own])
    if layer.id == COMMUNITIES:
        return np.asarray((codes == name) | (names == name), dtype=bool)
    if layer.id == COMPOUNDS:
        return members
    if layer.field("community") is None:
        return _of_compounds(view, layer, members)
    said = view.frame(layer.id)["community"].to_numpy(dtype=object)
    by_name = np.fromiter((c in called for c in said), dtype=bool, count=len(said))
    return np.asarray(by_name | (pd.isna(said) & _of_compounds(view, layer, members)), dtype=bool)


def _of_compounds(view: View, layer: Layer, members: Flags) -> Flags:
    """Rows of `layer` that name one of these compounds, or name none and meet the outline of one."""
    if layer.id == COMPOUNDS:
        return members
    frame, compounds = view.frame(layer.id), view.frame(COMPOUNDS)
    reference = next((f.name for f in layer.fields if f.refers == COMPOUNDS), None)
    named = np.full(len(frame), None, dtype=object) if reference is None else frame[reference].to_numpy(dtype=object)
    codes = set(compounds["code"].to_numpy(dtype=object)[members]) - {None}
    found = np.fromiter((c in codes for c in named), dtype=bool, count=len(named))
    geometry = np.asarray(frame.geometry, dtype=object)
    open_ = np.flatnonzero(pd.isna(named) & ~shapely.is_missing(geometry))
    outlines = np.asarray(compounds.geometry, dtype=object)[members]
    outlines = outlines[~shapely.is_missing(outlines)]
    if len(open_) and len(outlines):
        tree = shapely.STRtree(outlines)
        found[open_[tree.query(geometry[open_], predicate="intersects")[0]]] = True
    return found


# counts and sentences ---------------------------------------------------------------------------------------------------------

_NO_DATA = Text("还没有{label}数据", "there is no data on {label} yet")
_NO_MATCH = Text("没有符合条件的{label}", "no {label} match the conditions")


def _summary(table: _Table, chosen: Rows, layers: Mapping[str, Layer]) -> tuple[dict[str, Any], Text]:
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
    place = _both(_placed_where(query, np.asarray(frame.geometry, dtype=object)), _belonging(view, layers[other.layer], query))
    rows = np.flatnonzero(mask if place is None else mask & place)
    first = rows[:MAX_LISTED]
    listed = zip(frame.index[first], frame["code"].iloc[first], frame["name"].iloc[first], strict=True)
    items = [{"id": int(id), "code": _plain(code), "name": _plain(name)} for id, code, name in listed]
    return {"layer": other.layer, "count": len(rows), "items": items}


def _plain(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
