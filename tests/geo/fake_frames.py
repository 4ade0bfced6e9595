"""Layers in memory for tests of questions and answers: what `geo.frames` promises, without a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cache
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import layers
from geo.crs import transform_xy
from geo.derived import DERIVED
from geo.profile import Profile
from geo.query import Query
from geo.questions.catalogue import ALL
from geo.schema import Layer
from web.profiles import shipped

LAYERS = {layer.id: layer for layer in (*layers.ALL, *layers.DERIVED)}
NOW = "2026-11-22T08:00:00Z"
METRIC = "EPSG:4547"
TODAY = NOW[:10]
PROFILES = shipped()
PROFILE = PROFILES["cn_gb"]
ORIGIN = (112.98, 34.75)
_X, _Y = (float(v) for v in transform_xy(np.array([ORIGIN]), "EPSG:4326", METRIC)[0])


def metres(*points: tuple[float, float]) -> list[tuple[float, float]]:
    """Points given in metres from ORIGIN (in EPSG:4547) as longitude/latitude."""
    return [(float(x), float(y)) for x, y in transform_xy(np.add(points, (_X, _Y)), METRIC, "EPSG:4326")]


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle in metres from ORIGIN, as stored."""
    return shapely.Polygon(metres((west, south), (east, south), (east, north), (west, north)))


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(metres(*points))


def frame_of(layer_id: str, rows: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Rows (field → value, "geometry", "id") as the frame of a layer."""
    index = pd.Index([row.get("id", i + 1) for i, row in enumerate(rows)], dtype=np.int64)
    columns = {}
    for field in LAYERS[layer_id].all_fields:
        values = [row.get(field.name) for row in rows]
        numeric = field.is_numeric and field.name != "version"
        column = np.empty(len(rows), dtype=float if numeric else object)
        column[:] = [1] * len(rows) if field.name == "version" else values
        columns[field.name] = pd.Series(
            column, index=index, dtype=column.dtype
        )  # an array of objects would become one of texts, with NaN for None
    shapes = np.array([row.get("geometry") for row in rows] or [None], dtype=object)[: len(rows)]
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=index), geometry=shapes, crs="EPSG:4326")


@cache
def _empty(layer_id: str) -> gpd.GeoDataFrame:
    """Most layers of most tests hold nothing, and an empty frame takes as long to make as a full one."""
    return frame_of(layer_id, ())


class FakeFrames:
    """Stands in for `geo.frames.Frames`; `put` changes a layer and says which ids changed."""

    def __init__(self, contents: Mapping[str, Sequence[Mapping[str, Any]]], *, kind: str = "real") -> None:
        self.kind, self.revision = kind, 1
        self.contents = dict(contents)
        self.held: dict[str, gpd.GeoDataFrame] = {}
        self.revisions = dict.fromkeys(LAYERS, 1)
        self.log: list[tuple[int, str, set[int]]] = []
        self.kept: dict[Any, Any] = {}

    def put(self, layer_id: str, rows: Sequence[Mapping[str, Any]], changed: set[int]) -> None:
        self.revision += 1
        self.revisions[layer_id] = self.revision
        self.contents[layer_id] = rows
        self.held.pop(layer_id, None)
        self.log.append((self.revision, layer_id, changed))

    def frame(self, id: str) -> gpd.GeoDataFrame:
        if id not in self.held:
            rows = self.contents.get(id, ())
            self.held[id] = frame_of(id, rows) if rows else _empty(id)
        return self.held[id]

    def view(self, *ids: str, as_of: str = TODAY, profile: str | None = None) -> FakeView:
        return FakeView(self, ids, as_of, PROFILES[profile or "cn_gb"])


class FakeView:
    def __init__(self, frames: FakeFrames, ids: Sequence[str], as_of: str, profile: Profile) -> None:
        self.revision, self.metric_crs, self.profile, self.as_of = frames.revision, METRIC, profile, as_of
        self.info = SimpleNamespace(kind=frames.kind)
        self._derived = {id: DERIVED[id] for id in ids if id in DERIVED}
        stored = [i for id in ids for i in (DERIVED[id].reads if id in DERIVED else (id,))]
        self._frames = {id: frames.frame(id) for id in stored}
        self._revisions, self._log, self._kept = dict(frames.revisions), list(frames.log), frames.kept.setdefault(profile.id, {})
        self._all_kept = frames.kept

    def layer(self, id: str) -> Layer:
        return LAYERS[id]

    def frame(self, id: str) -> gpd.GeoDataFrame:
        return self._derived[id].make(self).frame if id in self._derived else self._frames[id]

    def metric(self, id: str) -> Any:
        if id in self._derived:
            return self._derived[id].make(self).metric
        shapes = np.asarray(self._frames[id].geometry, dtype=object)
        moved = lambda: shapely.transform(shapes, lambda xy: transform_xy(xy, "EPSG:4326", METRIC))  # noqa: E731
        return self.memo(("metric", id, self._revisions[id]), moved)

    def tree(self, id: str) -> shapely.STRtree:
        return self.memo(("tree", id, self._revisions[id]), lambda: shapely.STRtree(self.metric(id)))

    def under(self, *, profile: str | None = None, as_of: str | None = None) -> FakeView:
        other = copy(self)
        other.profile, other.as_of = PROFILES[profile] if profile else self.profile, as_of or self.as_of
        other._kept = self._all_kept.setdefault(other.profile.id, {})
        return other

    def layer_revision(self, id: str) -> int:
        return max(self._revisions[read] for read in (self._derived[id].reads if id in self._derived else (id,)))

    def rows_key(self, id: str) -> Any:
        return (self.layer_revision(id), self.as_of if id in self._derived else "")

    def columns_revision(self, id: str, *columns: str) -> int:
        return self.layer_revision(id)

    def changed_since(self, id: str, revision: int) -> frozenset[int]:
        return frozenset().union(*(ids for at, layer, ids in self._log if layer == id and at > revision))

    def latest(self, key: Any, revisions: Any, make: Any) -> Any:
        held = self._kept.get(("latest", key))
        if held is None or held[0] != revisions:
            held = self._kept[("latest", key)] = (revisions, make(held))
        return held[1]

    def memo(self, key: Any, make: Any) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]


def query(collection: str, **args: str) -> Query:
    """A query of the declared layers and questions."""
    return Query.from_args(collection, args, layers=LAYERS, questions=ALL)
