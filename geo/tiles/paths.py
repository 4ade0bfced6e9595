"""The strokes of a tile: shapes clipped at its buffer, rounded to its units, without points that then coincide.

What rounding leaves no area of is drawn as a line, so that a long thin shape does not vanish.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.tiles.generalise import Content
from geo.tiles.grid import PIXELS, Tile
from geo.tiles.sets import TileSet

_POINT, _LINE, _POLYGON = 1, 2, 3

Numbers = NDArray[np.int64]

SMOOTH_PX = 0.35
"""A shape may be drawn so far off its line, in pixels."""

MANY = 12
"""Points a shape, on average, from which it is worth while to look for those that can be spared."""


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Strokes in the order of their features: `xy` (n, 2) units of all, `lengths` points each (more than one, but for points), `closed` for rings;
    the first stroke of each feature, its type in the tile format, and for shapes the row of the set."""

    xy: Numbers
    lengths: Numbers
    closed: NDArray[np.bool_]
    first_of_owner: Numbers
    types: Numbers
    owner_rows: Numbers

    def with_points(self, *groups: Numbers) -> Paths:
        """Further features of one point each."""
        more = sum(len(g) for g in groups)
        one = np.ones(more, dtype=np.int64)
        return Paths(
            np.concatenate([self.xy, *groups]),
            np.concatenate([self.lengths, one]),
            np.concatenate([self.closed, np.zeros(more, dtype=bool)]),
            np.concatenate([self.first_of_owner, len(self.lengths) + np.arange(more)]),
            np.concatenate([self.types, one * _POINT]),
            self.owner_rows,
        )


def paths(of: TileSet, drawn: Content, tile: Tile) -> Paths:
    """The strokes of the shapes that meet the tile; a row may be left out where its box meets the tile and it does not."""
    geometry = _clipped(of, drawn.shapes, tile)
    parts, owner = shapely.get_parts(geometry, return_index=True)
    rings, ring_of = _strokes(parts)
    owner = owner[ring_of]
    area = shapely.get_type_id(parts)[ring_of] == shapely.GeometryType.POLYGON
    points, stroke = shapely.get_coordinates(rings, return_index=True)
    xy = np.rint(tile.units(points)).astype(np.int64)
    keep = _distinct(xy, stroke)
    xy, stroke = xy[keep], stroke[keep]
    return _chosen(xy, stroke, area, owner, drawn.shapes)


def _clipped(of: TileSet, rows: Numbers, tile: Tile) -> NDArray[np.object_]:
    geometry = of.geometry[rows].copy()
    west, north, east, south = tile.box
    over = (of.west[rows] < west) | (of.east[rows] > east) | (of.north[rows] < north) | (of.south[rows] > south)
    geometry[over] = shapely.orient_polygons(shapely.clip_by_rect(geometry[over], west, north, east, south))
    if len(geometry) and shapely.get_num_coordinates(geometry).sum() > MANY * len(geometry):
        geometry = shapely.simplify(geometry, SMOOTH_PX / (PIXELS << tile.z), preserve_topology=True)
    return geometry


def _strokes(parts: NDArray[np.object_]) -> tuple[NDArray[np.object_], Numbers]:
    """Rings of areas (the outer one first) and lines themselves, in the order of the parts, and the part of each."""
    polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    if polygon.all():
        return shapely.get_rings(parts, return_index=True)
    line = np.isin(shapely.get_type_id(parts), (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING))
    rings, of = shapely.get_rings(parts[polygon], return_index=True)
    part = np.concatenate([np.flatnonzero(polygon)[of], np.flatnonzero(line)])
    order = np.argsort(part, kind="stable")
    return np.concatenate([rings, parts[line]])[order], part[order]


def _distinct(xy: Numbers, stroke: Numbers) -> NDArray[np.bool_]:
    """All but those that repeat the point before them on the same stroke."""
    keep = np.ones(len(xy), dtype=bool)
    keep[1:] = (xy[1:] != xy[:-1]).any(axis=1) | (stroke[1:] != stroke[:-1])
    return keep


def _chosen(xy: Numbers, stroke: Numbers, area: NDArray[np.bool_], owner: Numbers, rows: Numbers) -> Paths:
    """Rings that still enclose something, holes of such; a shape that has none is drawn as the lines it came to."""
    lengths = np.bincount(stroke, minlength=len(area))
    ends = np.cumsum(lengths)
    signed = _areas(xy, ends, lengths)
    ring = area & (signed != 0)
    solid = np.zeros(len(rows), dtype=bool)
    solid[owner[ring & (signed > 0)]] = True
    wanted = np.where(solid[owner], ring, (lengths > 1) | area)
    closed = wanted & solid[owner]
    points = wanted[stroke] & ~(closed[stroke] & (np.arange(len(xy)) == ends[stroke] - 1))
    owners, first = np.unique(owner[wanted], return_index=True)
    types = np.where(solid[owners], _POLYGON, _LINE)
    left = (lengths - closed)[wanted]
    single = np.maximum.reduceat(left, first) == 1 if len(first) else np.zeros(0, dtype=bool)
    return Paths(xy[points], left, closed[wanted], first, np.where(single, _POINT, types), rows[owners])


def _areas(xy: Numbers, ends: Numbers, lengths: Numbers) -> Numbers:
    """Twice the signed area of each stroke, positive for outer rings."""
    cross = np.zeros(len(xy), dtype=np.int64)
    cross[:-1] = xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]
    if len(ends):
        cross[ends[lengths > 0] - 1] = 0
    total = np.concatenate([[0], np.cumsum(cross)])
    return np.asarray(total[ends] - total[ends - lengths])
