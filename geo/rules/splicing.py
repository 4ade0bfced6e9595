"""Results of a rule put together from several judgings: the first of all rows, later ones of the few that changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.profile import Profile
from geo.questions.declaration import View
from geo.rules.declaration import Judgement, Lacks, Rows
from geo.schema import Layer

T = TypeVar("T")

MOST = 8
"""So many judgings at most are held for one rule; then all rows that ever changed are judged in one, so that old views are let go."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """`whole`: the results of all rows. Row i was judged as row `row[i]` of `judgings[judging[i]]`, which its sentence comes from."""

    whole: Judgement
    judgings: tuple[Judgement, ...]
    judging: NDArray[np.int16]
    row: Rows

    @classmethod
    def of(cls, judgement: Judgement) -> Pieces:
        count = len(judgement.result)
        return cls(judgement, (judgement,), np.zeros(count, dtype=np.int16), np.arange(count))

    def to_judge(self, old: NDArray[np.bool_], at: Rows) -> Rows:
        """Which rows must be judged when only those of `old` (rows `at` of this) are as they were."""
        again = ~old
        if len(self.judgings) >= MOST:
            again = again | (self.judging[at] > 0)
        return np.flatnonzero(again)


def spliced(before: Pieces, old: NDArray[np.bool_], at: Rows, fresh: Rows, judgement: Judgement) -> Pieces:
    """`fresh` rows as they are in `judgement`, in its order, the others as rows `at` of `before`."""
    kept = old.copy()
    kept[fresh] = False
    judgings = before.judgings if before.judging[at[kept]].any() or len(before.judgings) == 1 else before.judgings[:1]
    judging, row = np.empty(len(at), dtype=np.int16), np.empty(len(at), dtype=np.int64)
    judging[kept], row[kept] = before.judging[at[kept]], before.row[at[kept]]
    judging[fresh], row[fresh] = len(judgings), np.arange(len(fresh))
    held = (*judgings, judgement)

    def column(old_values: NDArray[Any], new_values: NDArray[Any]) -> NDArray[Any]:
        values = np.empty(len(at), dtype=old_values.dtype)
        values[kept], values[fresh] = old_values[at[kept]], new_values
        return values

    first = before.whole
    whole = Judgement(
        result=column(first.result, judgement.result),
        measured=column(first.measured, judgement.measured),
        threshold=column(first.threshold, judgement.threshold),
        basis=column(first.basis, judgement.basis),
        why=lambda rows, lang: list(_told(held, judging, row, rows, lambda part, at: part.why(at, lang))),
        where=None if all(part.where is None for part in held) else lambda rows: _told(held, judging, row, rows, _where),
        lacks=_lacks(first.lacks, judgement.lacks, kept, at, fresh),
        severity=_severity(first, judgement, column),
    )
    return Pieces(whole, held, judging, row)


def _told(
    held: tuple[Judgement, ...], judging: NDArray[np.int16], row: Rows, rows: Rows, tell: Callable[[Judgement, Rows], Any]
) -> NDArray[np.object_]:
    """What the judgings that some rows come from tell of them."""
    told = np.full(len(rows), None, dtype=object)
    for i in np.unique(judging[rows]):
        mine = np.flatnonzero(judging[rows] == i)
        found = tell(held[i], row[rows[mine]])
        for j, value in zip(mine, found, strict=True):
            told[j] = value
    return told


def _where(part: Judgement, rows: Rows) -> NDArray[np.object_]:
    return np.full(len(rows), None, dtype=object) if part.where is None else part.where(rows)


def _severity(first: Judgement, second: Judgement, column: Callable[..., NDArray[Any]]) -> NDArray[np.int8] | None:
    if first.severity is None and second.severity is None:
        return None
    said = [np.full(len(j.result), -1, dtype=np.int8) if j.severity is None else j.severity for j in (first, second)]
    return column(*said)


def _lacks(first: Lacks | None, second: Lacks | None, kept: NDArray[np.bool_], at: Rows, fresh: Rows) -> Lacks | None:
    """What is lacking: a row that is judged by itself alone lacks something of its own, so its position is the row's."""
    if first is None and second is None:
        return None
    kinds = tuple(dict.fromkeys((*(first.kinds if first else ()), *(second.kinds if second else ()))))
    kind, whose = np.full(len(at), -1, dtype=np.int16), np.full(len(at), -1, dtype=np.int64)
    for lacks, to, source in ((first, np.flatnonzero(kept), at[kept]), (second, fresh, slice(None))):
        if lacks is not None:
            place = np.array([*(kinds.index(k) for k in lacks.kinds), -1], dtype=np.int16)
            kind[to], whose[to] = place[lacks.kind[source]], lacks.row[source]
    return replace(first or second, kinds=kinds, kind=kind, row=np.where(whose >= 0, np.arange(len(at)), -1))  # type: ignore[type-var]


class Some:
    """A view in which one layer has only some of its rows. Nothing that is worked out in it is kept for others."""

    def __init__(self, view: View, layer: str, rows: Rows) -> None:
        self._view, self._layer, self._rows = view, layer, rows
        self._frame: gpd.GeoDataFrame = view.frame(layer).iloc[rows]
        self._kept: dict[Hashable, tuple[Hashable, Any]] = {}

    @property
    def revision(self) -> int:
        return self._view.revision

    @property
    def info(self) -> Any:
        return self._view.info

    @property
    def metric_crs(self) -> str | None:
        return self._view.metric_crs

    def layer(self, id: str) -> Layer:
        return self._view.layer(id)

    @property
    def profile(self) -> Profile:
        return self._view.profile

    @property
    def as_of(self) -> str:
        return self._view.as_of

    def frame(self, id: str) -> gpd.GeoDataFrame:
        return self._frame if id == self._layer else self._view.frame(id)

    def metric(self, id: str) -> NDArray[np.object_]:
        return self._view.metric(id)[self._rows] if id == self._layer else self._view.metric(id)

    def tree(self, id: str) -> shapely.STRtree:
        return shapely.STRtree(self.metric(id)) if id == self._layer else self._view.tree(id)

    def layer_revision(self, id: str) -> int:
        return self._view.layer_revision(id)

    def columns_revision(self, id: str, *columns: str) -> int:
        return self._view.columns_revision(id, *columns)

    def changed_since(self, id: str, revision: int) -> frozenset[int] | None:
        return None

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        return self.latest(key, None, lambda _: make())

    def latest(self, key: Hashable, revisions: Hashable, make: Callable[[Any], T]) -> T:
        held = self._kept.get(key)
        if held is None or held[0] != revisions:
            held = self._kept[key] = (revisions, make(None))
        found: T = held[1]
        return found

    def under(self, *, profile: str | None = None, as_of: str | None = None) -> View:
        raise LookupError("some rows are judged under one profile")
