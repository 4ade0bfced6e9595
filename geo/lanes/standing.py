"""What stands in the corridors: obstacles in simple parts, cut to each run's corridor.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lanes.segments import Segments, segments_of

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


_OFF_M = 0.25
"""Farther from the centreline than the smoothed path that stands for it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Points, lines and areas, each with its `owner`, the position in Obstacles; `middle_m` as there; `tree` is of the shapes."""

    shapes: Shapes
    owner: Ints
    middle_m: Floats
    tree: shapely.STRtree

    def __len__(self) -> int:
        return len(self.shapes)

    def vertices(self) -> Ints:
        return np.asarray(shapely.get_num_coordinates(self.shapes), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Standing:
    """Parts by run: `part` is the position in Parts, `shapes` the part as it stands there (an opening may have been cut into it)."""

    run: Ints
    part: Ints
    shapes: Shapes


def parts_of(shapes: Shapes, middle_m: Floats) -> Parts:
    """Collections taken apart; unplaced and empty shapes and such with coordinates that are no numbers are left out. An area whose outline crosses
    itself stands as its outline."""
    usable = shapely.is_geometry(shapes)
    usable[usable] = ~shapely.is_empty(shapes[usable])
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    usable[index[~np.isfinite(coordinates).all(axis=1)]] = False
    owner = np.flatnonzero(usable)
    parts = shapes[owner]
    while (shapely.get_type_id(parts) > 3).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owner = owner[index]
    kept = ~shapely.is_empty(parts)
    plain, owner = shapely.force_2d(parts[kept]), owner[kept]
    kinds = shapely.get_type_id(plain)
    dots = (kinds > 0) & (shapely.length(plain) == 0)
    plain[dots] = [shapely.Point(shapely.get_coordinates(shape)[0]) for shape in plain[dots]]
    crossed = (kinds == 3) & ~dots & ~shapely.is_valid(plain)
    outlines, index = shapely.get_parts(shapely.boundary(plain[crossed]), return_index=True)
    shapes, owner = np.concatenate([plain[~crossed], outlines]), np.concatenate([owner[~crossed], owner[crossed][index]])
    return Parts(shapes, owner, middle_m[owner], shapely.STRtree(shapes))


def standing_in(corridors: Shapes, parts: Parts, opened: Standing) -> Standing:
    """The parts that meet each corridor, those in `opened` in its shape."""
    run, part = parts.tree.query(corridors, predicate="intersects")
    order = np.lexsort((part, run))
    run, part = run[order], part[order]
    shapes = parts.shapes[part]
    if len(opened.run):
        place = {(r, p): shape for r, p, shape in zip(opened.run.tolist(), opened.part.tolist(), opened.shapes, strict=True)}
        for i, key in enumerate(zip(run.tolist(), part.tolist(), strict=True)):
            shapes[i] = place.get(key, shapes[i])
    return Standing(run, part, shapes)


@dataclass(frozen=True, slots=True)
class Edges:
    """The boundaries within the corridors. A segment's `shape` is its row in Standing; `plain`: gaps between two segments of its shape part nothing,
    for they lie in its convex hull, which is the shape itself or keeps off the centreline."""

    segments: Segments
    shape: Ints
    plain: Flags


def edges_within(centrelines: Shapes, corridors: Shapes, standing: Standing, parts: Parts, origin: Floats) -> Edges:
    shapes, run = standing.shapes, standing.run
    areal = shapely.get_type_id(shapes) == 3
    edges = shapes.copy()
    edges[areal] = shapely.boundary(shapes[areal])
    multi = shapely.get_type_id(shapes) > 3
    edges[multi] = [_edges(shape) for shape in shapes[multi]]
    shapely.prepare(corridors)
    whole = shapely.contains_properly(corridors[run], shapes)
    edges[~whole] = _merged(shapely.intersection(edges[~whole], corridors[run[~whole]]))
    hulls = shapely.convex_hull(edges)
    shapely.prepare(centrelines)
    off = ~shapely.dwithin(centrelines[run], hulls, _OFF_M)
    convex = areal & (shapely.area(hulls) <= shapely.area(shapes) * (1 + 1e-9))
    plain = np.where(whole, off | convex, off & (shapely.get_num_interior_rings(corridors[run]) == 0)) & ~multi
    segments = segments_of(edges, run, np.arange(len(shapes)), origin)
    which = segments.owner
    owned = Segments(segments.run, parts.owner[standing.part[which]], segments.chain, segments.start, segments.end)
    return Edges(owned, which, plain[which])


def _merged(edges: Shapes) -> Shapes:
    """A ring that was cut where it begins is one line again."""
    several = shapely.get_type_id(edges) == 5
    edges[several] = shapely.line_merge(edges[several])
    return edges


def _edges(shape: shapely.Geometry) -> shapely.Geometry:
    """The edges of what an opening has left of a part."""
    pieces = shapely.get_parts(shape)
    return shapely.union_all([shapely.boundary(p) if p.geom_type == "Polygon" else p for p in pieces])
