"""The features that findings and gaps are about: what they are called, where they are, and which compound and community they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE, transform_xy
from geo.questions.declaration import View, latest

Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Every row of a layer, in its order. `code`: its own, else its id as text. `name`: None = it has none. `stored`, `metric`: a point on it in EPSG:4326
    and in the metric CRS, None = unplaced. `compound`: the code of the compound that it names, else of the one that it lies in; `community`: its own,
    else that compound's."""

    ids: NDArray[np.int64]
    code: Objects
    name: Objects
    version: NDArray[np.int64]
    stored: Objects
    metric: Objects
    compound: Objects
    community: Objects


def targets(view: View, layer: str) -> Targets:
    revisions = (view.layer_revision(layer), view.metric_crs, view.columns_revision("compounds", "geometry", "code", "community"))
    return latest(view, ("targets", layer), revisions, lambda held: _targets(view, layer, held))


def metric_to_stored(points: Objects, crs: str | None) -> Objects:
    """Points of the metric CRS in EPSG:4326, None where there is none."""
    return _moved(points, crs, STORAGE)


def _targets(view: View, layer: str, held: Any) -> Targets:
    frame = view.frame(layer)
    ids = np.asarray(frame.index.to_numpy(), dtype=np.int64)
    code = _texts(frame, "code")
    code = np.where(_missing(code), np.array([*(str(id) for id in ids), None], dtype=object)[:-1], code)
    name = _texts(frame, "name")
    name = np.where(_missing(name), _texts(frame, "no"), name)
    stored, metric = _points(view, layer, held)
    compounds = view.frame("compounds")
    codes = _texts(compounds, "code")
    if layer == "compounds":
        compound = codes
    else:
        compound = _texts(frame, "compound_code")
        open_ = np.flatnonzero(_missing(compound) & ~shapely.is_missing(metric))
        if layer != "communities" and len(open_):
            row = _lying_in(view, layer, metric, open_)
            compound = compound.copy()
            compound[open_] = np.array([*codes, None], dtype=object)[row]
    if layer == "communities":
        community = name
    else:
        own = _texts(frame, "community")
        known = dict(zip(codes, _texts(compounds, "community"), strict=True))
        community = np.where(_missing(own), np.array([*(known.get(c) for c in compound), None], dtype=object)[:-1], own)
    version = frame["version"].to_numpy(dtype=np.int64)
    return Targets(ids, code, name, version, stored, metric, compound, community)


def _lying_in(view: View, layer: str, metric: Objects, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The compound that the point on each of these rows lies in, else the first that the feature meets; -1 = none."""
    tree = view.tree("compounds")
    found = np.full(len(rows), -1, dtype=np.int64)
    for shapes in (metric, view.metric(layer)):
        left = np.flatnonzero(found < 0)
        at, compound = tree.query(shapes[rows[left]], predicate="intersects")
        order = np.lexsort([compound, at])[::-1]  # of several the first
        found[left[at[order]]] = compound[order]
    return found


def _points(view: View, layer: str, held: Any) -> tuple[Objects, Objects]:
    """A point on every feature, in EPSG:4326 and in the metric CRS; those of features that did not change are as they were."""
    frame = view.frame(layer)
    ids, shapes = frame.index.to_numpy(), np.asarray(frame.geometry, dtype=object)
    stored, metric = np.full(len(ids), None, dtype=object), np.full(len(ids), None, dtype=object)
    fresh = np.ones(len(ids), dtype=bool)
    if held is not None and len(held[1].ids) and held[0][1] == view.metric_crs and held[0][0] <= view.layer_revision(layer):
        known, changed = held[1], view.changed_since(layer, held[0][0])
        if changed is not None:
            at = np.minimum(np.searchsorted(known.ids, ids), len(known.ids) - 1)
            same = (known.ids[at] == ids) & ~np.isin(ids, np.fromiter(changed, dtype=np.int64, count=len(changed)))
            stored[same], metric[same] = known.stored[at[same]], known.metric[at[same]]
            fresh = ~same
    stored[fresh] = _point_on(shapes[fresh])
    metric[fresh] = _moved(stored[fresh], STORAGE, view.metric_crs)
    return stored, metric


def _point_on(shapes: Objects) -> Objects:
    """The middle of a line, a point inside anything else; None of nothing."""
    points = np.asarray(shapely.point_on_surface(shapes), dtype=object)
    lines = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    points[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    points[shapely.is_empty(points)] = None
    return points


def _moved(points: Objects, source: str | None, target: str | None) -> Objects:
    moved = np.full(len(points), None, dtype=object)
    if source is None or target is None:
        return moved
    placed = np.flatnonzero(~shapely.is_missing(points))
    xy = transform_xy(shapely.get_coordinates(points[placed]), source, target)
    finite = np.all(np.isfinite(xy), axis=1)
    moved[placed[finite]] = shapely.points(xy[finite])
    return moved


def _texts(frame: gpd.GeoDataFrame, column: str) -> Objects:
    if column not in frame.columns:
        return np.full(len(frame), None, dtype=object)
    return np.asarray(frame[column].to_numpy(dtype=object))


def _missing(values: Objects) -> NDArray[np.bool_]:
    return np.asarray(pd.isna(values), dtype=bool)
