"""The gaps of a view as columns, and as the rows of the layer `data_gaps`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray
from numpy.typing import NDArray

from geo.crs import STORAGE
from geo.gaps.numbers import FEATURE, GEOMETRY, WHOLE, number_of
from geo.questions.declaration import View, latest
from geo.questions.shown import objects
from geo.rules import run
from geo.rules.declaration import UNKNOWN, Judgement
from geo.rules.targets import targets

READS = run.READS

COLUMNS = (
    "code", "target_layer", "target_id", "target_code", "target_name", "field", "settles", "rules", "compound_code", "community",
    "source", "source_date", "quality", "accuracy_m", "version", "updated_at", "updated_by", "extra",
)  # fmt: skip
"""Of the layer, in the order of its declaration."""

Kind = tuple[str, str]
"""A layer and one of its fields, `GEOMETRY` or `WHOLE`."""

Objects = NDArray[np.object_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """One element a gap, by id. `kind`: position in `kinds`; `row`: of the feature in its layer's frame, -1 = the layer as a whole; `settles`: how many
    results of rules would be known; `rules`: the ids of those rules, as text."""

    ids: Rows
    kinds: tuple[Kind, ...]
    kind: NDArray[np.int16]
    row: Rows
    settles: Rows
    rules: Objects
    frame: gpd.GeoDataFrame
    metric: Objects

    def __len__(self) -> int:
        return len(self.ids)


def rows(view: View) -> tuple[gpd.GeoDataFrame, Objects]:
    """The layer `data_gaps` as `View.frame` gives a layer, and its points in the metric CRS."""
    found = gaps(view)
    return found.frame, found.metric


def gaps(view: View) -> Gaps:
    """Every gap of the view's profile."""
    return latest(view, ("data gaps",), run.state_of(view), lambda _: _gaps(view, run.judged(view)))


def _gaps(view: View, judged: Mapping[str, Judgement]) -> Gaps:
    kinds: dict[Kind, int] = {}
    kind, row, rule = [], [], []
    subjects = {r.id: r.subject for r in run.RULES}
    for number, (id, judgement) in enumerate(judged.items()):
        for lacking, at in _lacking(view, subjects[id], judgement):
            kind.append(np.full(len(at), kinds.setdefault(lacking, len(kinds)), dtype=np.int64))
            row.append(at)
            rule.append(np.full(len(at), number, dtype=np.int64))
    return _grouped(view, tuple(kinds), _joined(kind), _joined(row), _joined(rule), list(judged))


def _lacking(view: View, subject: str, judgement: Judgement) -> Iterator[tuple[Kind, Rows]]:
    """What a rule's unknown results lack, as kinds and positions in the layer; a result that names nothing, of a feature without a place, lacks that."""
    unknown = judgement.result == UNKNOWN
    lacks = judgement.lacks
    named = np.zeros(len(unknown), dtype=bool)
    if lacks is not None:
        named = unknown & (lacks.kind >= 0)
        for at, (layer, field) in enumerate(lacks.kinds):
            found = lacks.row[named & (lacks.kind == at)]
            yield from _some((layer, WHOLE), found[found < 0])
            yield from _some((layer, field), found[found >= 0])
    geometry = np.asarray(view.frame(subject).geometry, dtype=object)
    yield from _some((subject, GEOMETRY), np.flatnonzero(unknown & ~named & shapely.is_missing(geometry)))


def _some(kind: Kind, at: Rows) -> Iterator[tuple[Kind, Rows]]:
    if len(at):
        yield kind, np.asarray(at, dtype=np.int64)


def _grouped(view: View, kinds: tuple[Kind, ...], kind: Rows, row: Rows, rule: Rows, rules: list[str]) -> Gaps:
    """One gap for all that lack the same field of the same feature."""
    most = int(row.max()) + 2 if len(row) else 1
    keys, inverse, settles = np.unique(kind * most + row + 1, return_inverse=True, return_counts=True)
    kind, row = keys // most, keys % most - 1
    ids = np.empty(len(keys), dtype=np.int64)
    for at, (layer, field) in enumerate(kinds):
        mine = kind == at
        index = np.append(np.asarray(view.frame(layer).index, dtype=np.int64), 0)  # position -1: the whole layer
        ids[mine] = index[row[mine]] * FEATURE + number_of(layer, field, list(view.frame(layer).columns))
    order = np.argsort(ids)
    needed = np.zeros((len(keys), len(rules)), dtype=bool)
    needed[inverse, rule] = True
    said = _said(needed, rules)
    parts = (ids[order], kinds, kind[order].astype(np.int16), row[order], settles[order], said[order])
    return Gaps(*parts, *_rows(view, *parts))


def _said(needed: NDArray[np.bool_], rules: list[str]) -> Objects:
    """The rules of each gap as text; there are few different sets of them."""
    out = np.full(len(needed), None, dtype=object)
    if not len(needed):
        return out
    packed = np.packbits(needed, axis=1)
    sets, of = np.unique(np.ascontiguousarray(packed).view([("", np.void, packed.shape[1])]).ravel(), return_inverse=True)
    first = np.full(len(sets), len(needed), dtype=np.int64)
    np.minimum.at(first, of, np.arange(len(needed)))
    texts = np.array([*(", ".join(rules[i] for i in np.flatnonzero(needed[at])) for at in first), None], dtype=object)
    out[:] = texts[of]
    return out


def _rows(
    view: View, ids: Rows, kinds: tuple[Kind, ...], kind: NDArray[np.int16], row: Rows, settles: Rows, rules: Objects
) -> tuple[gpd.GeoDataFrame, Objects]:
    nothing = np.full(len(ids), None, dtype=object)
    columns: dict[str, NDArray[Any]] = dict.fromkeys(COLUMNS, nothing)
    columns |= {name: nothing.copy() for name in ("code", "target_code", "target_name", "compound_code", "community")}
    stored, metric = nothing.copy(), nothing.copy()
    for at, (layer, field) in enumerate(kinds):
        mine = np.flatnonzero(kind == at)
        if field == WHOLE:
            columns["code"][mine] = layer
            continue
        about, there = targets(view, layer), row[mine]
        stored[mine], metric[mine] = about.stored[there], about.metric[there]
        for name, values in (
            ("target_code", about.code), ("target_name", about.name), ("compound_code", about.compound), ("community", about.community),
        ):  # fmt: skip
            columns[name][mine] = values[there]
        columns["code"][mine] = objects([f"{layer}.{field}/{code}" for code in about.code[there]])
    columns["target_layer"] = objects([layer for layer, _ in kinds])[kind]
    columns["field"] = objects([field or None for _, field in kinds])[kind]
    columns["target_id"] = np.where(row < 0, np.nan, ids // FEATURE)
    columns |= {"settles": settles.astype(np.float64), "rules": rules, "accuracy_m": np.full(len(ids), np.nan)}
    columns["version"] = np.ones(len(ids), dtype=np.int64)
    return _framed(columns, stored, ids), metric


def _joined(parts: list[Rows]) -> Rows:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _framed(columns: Mapping[str, NDArray[Any]], geometry: Objects, ids: Rows) -> gpd.GeoDataFrame:
    index = pd.Index(ids, name="id", copy=False)
    series: dict[str, Any] = {name: pd.Series(v, index=index, dtype=v.dtype, copy=False) for name, v in columns.items()}
    series[GEOMETRY] = pd.Series(GeometryArray(geometry, crs=STORAGE), index=index, copy=False)
    return gpd.GeoDataFrame(pd.DataFrame(series, copy=False))
