"""Table: the rows of a query's subject with the question's verdicts beside them, which of them match, and in what order."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE
from geo.errors import Text
from geo.frames import View
from geo.places import COMMUNITIES, COMPOUNDS, Flags, both, in_place
from geo.query import Query, date_field, days_of
from geo.questions.declaration import ANSWERS, Question, Verdicts, latest
from geo.schema import Field, Layer

Rows = NDArray[np.int64]


def reads(query: Query, layer: Layer, question: Question | None) -> tuple[str, ...]:
    """The layers that answering takes, the subject's first."""
    ids = [layer.id, *(question.reads if question else ())]
    if query.community is not None or query.compound is not None:
        ids += [COMPOUNDS, COMMUNITIES]
    if query.near is not None:
        ids.append(query.near.layer)
    return tuple(dict.fromkeys(ids))


def verdicts(view: View, question: Question, parameters: Mapping[str, Any]) -> Verdicts:
    """The question's answers for every row of its subject, made once for a revision, a day and a profile."""
    revisions = tuple(view.layer_revision(id) for id in question.reads)
    key = ("verdicts", question.id, tuple(sorted(parameters.items(), key=lambda p: p[0])))
    return latest(view, key, (*revisions, view.metric_crs, view.as_of), lambda _: question.answer(view, parameters))


class Table:
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
        key = self.view.rows_key(self.layer.id)
        return latest(self.view, ("unplaced", self.layer.id), key, lambda _: np.asarray(shapely.is_missing(self.geometry)))

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
        mask = both(mask, in_place(self.view, self.layer, self.query))
        mask = both(mask, self.dated())
        if self.question is not None:
            mask = both(mask, self.verdicts.among)
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


def _ranks(values: NDArray[Any]) -> tuple[NDArray[Any], Flags]:
    """Numbers in the order of the values (text by code point, false before true), and which are null."""
    null = np.asarray(pd.isna(values), dtype=bool)
    if values.dtype != object:
        return np.where(null, 0, values), null
    codes, _ = pd.factorize(pd.Series(values, dtype=object).where(~null, None), sort=True)
    return np.asarray(codes), null
