"""Which rows of a layer a query's conditions on place select: box, area, nearness, community and compound.

Which compounds a feature belongs to, for `community` and `compound`:
- a compound by its own code or name (`compound`) or its own `community`; a community by its code or name;
- a layer with a field `community` by that, where it is filled;
- a feature that names a compound (`compound_code`) by that; one that names none but is placed, by lying in or meeting the outline of one.
A feature that cannot be attributed is not matched. A name that no compound or community bears is refused, with the nearest names.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.errors import BadValue, Text, nearest
from geo.filters import shapes
from geo.frames import View
from geo.nearness import Near
from geo.query import Query
from geo.schema import Layer

COMPOUNDS, COMMUNITIES = "compounds", "communities"
"""The layers that `compound=` and `community=` name features of."""

Flags = NDArray[np.bool_]


def in_place(view: View, layer: Layer, query: Query) -> Flags | None:
    """Rows of `layer` where the query asks; None = everywhere."""
    mask = placed_where(query, np.asarray(view.frame(layer.id).geometry, dtype=object))
    if query.near is not None:
        mask = both(mask, near_mask(view, layer, query.near))
    return both(mask, belonging(view, layer, query))


def both(a: Flags | None, b: Flags | None) -> Flags | None:
    if a is None or b is None:
        return b if a is None else a
    return a & b


def placed_where(query: Query, geometry: NDArray[np.object_]) -> Flags | None:
    mask: Flags | None = None
    if query.bbox is not None:
        box = shapes.of_box(query.bbox)
        shapely.prepare(box)
        mask = shapely.intersects(box, geometry)
    if query.within is not None:
        area = query.area()
        shapely.prepare(area)
        judge = shapely.intersects if query.touching else shapely.covers
        mask = both(mask, judge(area, geometry))
    return mask


def near_mask(view: View, layer: Layer, near: Near) -> Flags:
    """Rows of `layer` at most so far from what `near` names, kept until one of the two layers changes. Raises BadValue for a feature that is not there
    or has no place, BadFilter for a filter that takes too long."""
    where = None if near.where is None else near.where.text
    key = ("near", layer.id, view.rows_key(layer.id), near.text, where, view.layer_revision(near.layer), view.metric_crs)
    return view.memo(key, lambda: _close_by(view, layer, near))


def _close_by(view: View, layer: Layer, near: Near) -> Flags:
    metric = view.metric(layer.id)
    if near.id is not None:
        one = _the_feature(view, near)
        shapely.prepare(one)
        return np.asarray(shapely.dwithin(one, metric, near.metres))
    tree = view.tree(near.layer) if near.where is None else _tree_of(view, near)
    found = _by_corners(metric, tree.geometries, near.metres) if near.metres > FAR_M else np.zeros(len(metric), dtype=bool)
    rest = np.flatnonzero(~found)
    for rows in np.array_split(rest, len(rest) // AT_ONCE + 1):
        found[rows[tree.query(metric[rows], predicate="dwithin", distance=near.metres)[0]]] = True
    return found


FAR_M, AT_ONCE = 100.0, 20_000
"""From a distance at which a feature is near so many others that measuring to each takes longer than first looking at corners alone; how many rows
are measured at once, so that the pairs fit into memory."""


def _by_corners(shapes: NDArray[np.object_], others: NDArray[np.object_], metres: float) -> Flags:
    """Those with a corner that is so near a corner of another: certainly near, while the rest is still to be measured."""
    found = np.zeros(len(shapes), dtype=bool)
    corners, owners = shapely.get_coordinates(shapes, return_index=True)
    others_corners = shapely.get_coordinates(others)
    if len(corners) and len(others_corners):
        distance, _ = cKDTree(others_corners).query(corners, distance_upper_bound=metres)
        found[owners[distance < metres * (1 - 1e-12)]] = True
    return found


def _tree_of(view: View, near: Near) -> shapely.STRtree:
    assert near.where is not None
    chosen = near.where.mask(view.frame(near.layer), clock=time.monotonic)
    return shapely.STRtree(view.metric(near.layer)[chosen])


def _the_feature(view: View, near: Near) -> shapely.Geometry:
    at = np.flatnonzero(view.frame(near.layer).index.to_numpy() == near.id)
    if not len(at):
        raise BadValue(
            Text(f"near：{near.layer} 里没有要素 {near.id}", f"near: there is no feature {near.id} in {near.layer}"), parameter="near"
        )
    shape: shapely.Geometry | None = view.metric(near.layer)[at[0]]
    if shape is None:
        raise BadValue(
            Text(
                f"near：要素 {near.layer}/{near.id} 还没有位置，无从量起；请先定位",
                f"near: feature {near.layer}/{near.id} is not placed, there is nothing to measure from: place it first",
            ),
            parameter="near",
        )
    return shape


def belonging(view: View, layer: Layer, query: Query) -> Flags | None:
    """Rows of `layer` that belong to the asked community and compound."""
    mask: Flags | None = None
    if query.compound is not None:
        mask = _of_compounds(view, layer, _compounds_called(view, query.compound))
    if query.community is not None:
        mask = both(mask, _of_community(view, layer, query.community))
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
