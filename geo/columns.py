"""One state of a layer as arrays: made whole from the store or, cheaply, from the state before and what changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from geopandas.array import GeometryArray
from numpy.typing import NDArray

from geo.crs import STORAGE, transform_xy
from geo.schema import Field, Layer
from geo.store.contract import Columns, Delta, Row, Value

Array = NDArray[Any]

SPARE = 8
"""A column has room for an eighth more rows, so that appending copies nothing most of the time."""
LOG_IDS = 20_000
"""How many changed ids are remembered for `changed_since`."""
GEOMETRY, METRIC = "geometry", " metric"
_STORAGE_CRS = pyproj.CRS.from_user_input(STORAGE)


def dtype_of(field: Field) -> np.dtype[Any]:
    if field.name == "version":
        return np.dtype(np.int64)
    return np.dtype(np.float64 if field.is_numeric else object)


def array_of(values: Sequence[Value], dtype: np.dtype[Any]) -> Array:
    """Values as an array; None is NaN among numbers. Never two-dimensional, whatever the values are."""
    if dtype.hasobject:
        return np.fromiter(values, dtype=object, count=len(values))
    if dtype == np.float64 and values.count(None) == len(values):
        return np.full(len(values), np.nan)
    return np.array(values, dtype=dtype)


def _with_room(values: Array) -> Array:
    buffer = np.empty(len(values) + max(len(values) // SPARE, 64), dtype=values.dtype)
    buffer[: len(values)] = values
    return buffer


def projected(shapes: Array, crs: str) -> Array:
    """Geometries from EPSG:4326 to `crs`; None for those that have no finite coordinates there."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    if not len(xy):
        return np.full(len(shapes), None, dtype=object)
    moved = transform_xy(xy, STORAGE, crs)
    finite: NDArray[np.bool_] = np.all(np.isfinite(moved), axis=1)
    result: Array = shapely.set_coordinates(shapes.copy(), np.where(finite[:, None], moved, 0.0))
    result[np.unique(owner[~finite])] = None
    return result


def _differs(old: Array, new: Array) -> NDArray[np.bool_]:
    """Where values changed; NaN equals NaN, and 1 is not True."""
    if old.dtype.hasobject:
        return np.fromiter((type(a) is not type(b) or a != b for a, b in zip(old, new, strict=True)), np.bool_, len(old))
    differs: NDArray[np.bool_] = (old != new) & ~((old != old) & (new != new))
    return differs


@dataclass(frozen=True, slots=True)
class _Logged:
    """What changed between two states."""

    until: int
    ids: frozenset[int]


@dataclass(slots=True)
class LayerState:
    """A layer at one revision. Arrays hold `length` rows and spare room behind them that newer states may fill.

    Everything lazily made (frame, metric geometry, index) is made once, under `_lock`.
    """

    layer: Layer
    revision: int
    length: int
    ids: Array
    buffers: dict[str, Array]
    floor: int
    log: tuple[_Logged, ...] = ()
    since: dict[str, int] = field(default_factory=dict)
    """Column → the revision that last changed it; rows put in or taken out change them all."""
    _metric_crs: str | None = None
    _index: pd.Index[Any] | None = None
    _frame: gpd.GeoDataFrame | None = None
    _tree: shapely.STRtree | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __len__(self) -> int:
        return self.length

    @classmethod
    def of(cls, layer: Layer, columns: Columns, revision: int) -> LayerState:
        """From a whole layer of the store."""
        buffers = {f.name: _with_room(array_of(columns.values[f.name], dtype_of(f))) for f in layer.all_fields}
        buffers[GEOMETRY] = _with_room(shapely.from_wkb(array_of(columns.geometry, np.dtype(object))))
        ids = _with_room(np.array(columns.ids, dtype=np.int64))
        return cls(layer, revision, len(columns.ids), ids, buffers, floor=revision, since=dict.fromkeys(buffers, revision))

    def column(self, name: str) -> Array:
        return self.buffers[name][: self.length]

    # Reading

    def frame(self) -> gpd.GeoDataFrame:
        """The GeoDataFrame, made without copying a column; hand out shallow copies only."""
        with self._lock:
            if self._frame is None:
                if self._index is None:
                    self._index = pd.Index(self.ids[: self.length], name="id", copy=False)
                series: dict[str, pd.Series[Any]] = {
                    f.name: pd.Series(self.column(f.name), index=self._index, dtype=dtype_of(f), copy=False) for f in self.layer.all_fields
                }
                series[GEOMETRY] = pd.Series(GeometryArray(self.column(GEOMETRY), crs=_STORAGE_CRS), index=self._index, copy=False)
                self._frame = _as_geo(pd.DataFrame(series, copy=False))
            return self._frame

    def metric(self, crs: str) -> Array:
        with self._lock:
            if self._metric_crs != crs:
                self.buffers[METRIC] = _with_room(projected(self.column(GEOMETRY), crs))
                self._metric_crs, self._tree = crs, None
            view = self.column(METRIC)
            view.flags.writeable = False
            return view

    def tree(self, crs: str) -> shapely.STRtree:
        with self._lock:
            metric = self.metric(crs)
            if self._tree is None:
                self._tree = shapely.STRtree(metric)
            return self._tree

    def changed_since(self, revision: int) -> frozenset[int] | None:
        if revision >= self.revision:
            return frozenset()
        if revision < self.floor:
            return None
        return frozenset().union(*(entry.ids for entry in self.log if entry.until > revision))

    # The next state

    def after(self, delta: Delta, revision: int) -> LayerState:
        """The state that `delta` makes of this one; this one stays as it is."""
        rows = sorted(delta.changed, key=lambda row: row.id)
        with self._lock:
            base = self._without(delta.deleted, revision) if delta.deleted else self
            known = base._known(rows)
            newcomers = [row for row in rows if row.id not in known]
            if newcomers and base.length and newcomers[0].id < int(base.ids[base.length - 1]):
                state = base._merged(rows, revision)
            else:
                state = base._changed([row for row in rows if row.id in known], known, newcomers, revision)
            state.log, state.floor = self._logged(frozenset([*(row.id for row in rows), *delta.deleted]), revision)
        return state

    def _known(self, rows: Sequence[Row]) -> Mapping[int, int]:
        """Positions of those of `rows` that this state has."""
        wanted = np.array([row.id for row in rows], dtype=np.int64)
        ids = self.ids[: self.length]
        at = np.searchsorted(ids, wanted)
        inside = at < self.length
        inside[inside] = ids[at[inside]] == wanted[inside]
        return dict(zip(wanted[inside].tolist(), at[inside].tolist(), strict=True))

    def _logged(self, ids: frozenset[int], revision: int) -> tuple[tuple[_Logged, ...], int]:
        log, floor = (*self.log, _Logged(revision, ids)), self.floor
        while log and sum(len(entry.ids) for entry in log) > LOG_IDS:
            floor, log = log[0].until, log[1:]
        return log, floor

    def _arrays(self, rows: Sequence[Row]) -> dict[str, Array]:
        """The columns of some rows, the metric geometry among them if this state has it."""
        arrays = {f.name: array_of([row.values[f.name] for row in rows], dtype_of(f)) for f in self.layer.all_fields}
        arrays[GEOMETRY] = shapely.from_wkb(array_of([row.geometry for row in rows], np.dtype(object)))
        if self._metric_crs is not None:
            arrays[METRIC] = projected(arrays[GEOMETRY], self._metric_crs)
        return arrays

    def _changed(self, updated: Sequence[Row], known: Mapping[int, int], appended: Sequence[Row], revision: int) -> LayerState:
        """Columns in which something changed are copied; new rows go behind the rows of all older states."""
        at = np.array([known[row.id] for row in updated], dtype=np.int64)
        new, more = self._arrays(updated), self._arrays(appended)
        length = self.length + len(appended)
        moved = self._moved(at, new[GEOMETRY]) if len(updated) else False
        buffers: dict[str, Array] = {}
        since = dict(self.since)
        for name, buffer in self.buffers.items():
            changed = moved if name in (GEOMETRY, METRIC) else bool(len(at)) and bool(_differs(buffer[at], new[name]).any())
            buffer = _grown(buffer, self.length, length, copied=changed)
            if changed:
                buffer[at] = new[name]
            buffer[self.length : length] = more[name]
            buffers[name] = buffer
            if (changed or appended) and name != METRIC:
                since[name] = revision
        ids = _grown(self.ids, self.length, length, copied=False)
        ids[self.length : length] = [row.id for row in appended]
        index, tree = (self._index, self._tree) if not appended else (None, None)
        return LayerState(
            self.layer, revision, length, ids, buffers, self.floor, (), since, self._metric_crs, index, None, None if moved else tree
        )

    def _moved(self, at: Array, new: Array) -> bool:
        """Whether a geometry among the updated rows changed."""
        before, after = shapely.to_wkb(self.column(GEOMETRY)[at]), shapely.to_wkb(new)
        return any(a != b for a, b in zip(before, after, strict=True))

    def _without(self, deleted: Sequence[int], revision: int) -> LayerState:
        """Rows left out."""
        keep = ~np.isin(self.ids[: self.length], np.array(deleted, dtype=np.int64))
        runs = _runs(keep)
        buffers = {name: _kept(buffer, runs) for name, buffer in self.buffers.items()}
        return LayerState(
            self.layer,
            revision,
            int(keep.sum()),
            _kept(self.ids, runs),
            buffers,
            self.floor,
            (),
            dict.fromkeys(self.since, revision),
            self._metric_crs,
        )

    def _merged(self, rows: Sequence[Row], revision: int) -> LayerState:
        """Rows changed and put in between (features that came back): every column is made anew."""
        given = np.array([row.id for row in rows], dtype=np.int64)
        keep = ~np.isin(self.ids[: self.length], given)
        ids = np.concatenate([self.ids[: self.length][keep], given])
        order = np.argsort(ids, kind="stable")
        new = self._arrays(rows)
        buffers = {name: _with_room(np.concatenate([self.column(name)[keep], new[name]])[order]) for name in self.buffers}
        return LayerState(
            self.layer,
            revision,
            len(ids),
            _with_room(ids[order]),
            buffers,
            self.floor,
            (),
            dict.fromkeys(self.since, revision),
            self._metric_crs,
        )


def _runs(keep: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end of each run of rows that stay."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _kept(buffer: Array, runs: Sequence[tuple[int, int]]) -> Array:
    """A copy of the runs with room behind; slices, because picking rows one by one takes ten times as long."""
    fresh = np.empty(len(buffer), dtype=buffer.dtype)
    at = 0
    for start, end in runs:
        fresh[at : at + end - start] = buffer[start:end]
        at += end - start
    return fresh


def _grown(buffer: Array, length: int, needed: int, *, copied: bool) -> Array:
    """The buffer itself if there is room and it need not be a copy, else a copy of its first `length` rows with new room."""
    if needed <= len(buffer) and not copied:
        return buffer
    fresh = np.empty(max(len(buffer), needed + needed // SPARE), dtype=buffer.dtype)
    fresh[:length] = buffer[:length]
    return fresh


def _as_geo(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """A frame whose column `geometry` is a GeometryArray as a GeoDataFrame; the constructor would copy every column."""
    frame.__class__ = gpd.GeoDataFrame
    geo: Any = frame
    geo._geometry_column_name = GEOMETRY
    return geo
