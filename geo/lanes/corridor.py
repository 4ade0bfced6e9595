"""The corridor of a run: the ground within a distance of its centreline, cut square at both ends.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lanes.budgets import BOXES_AT_ONCE, slices
from geo.lanes.runs import end_directions

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]

_FINE_M = 1e-6
_STEP = np.pi / 64
"""A round corner is drawn with chords of at most this angle: 5 mm inside the arc at 15 m."""
_FEW, _MOST, _MOST_NEAR = 200, 20_000, 400_000
"""Vertices of a run that need no look, those that are too many, and pairs of its pieces within the corridor's width that are too many."""


def corridors(shapes: Shapes, half_m: float) -> Shapes:
    """One area a run. GEOS smooths a line before it draws its buffer, which may turn the cuts: such runs are put together piece by piece."""
    areas = shapely.buffer(shapes, half_m, quad_segs=32, cap_style="flat")
    points, inward = end_directions(shapes)
    for i in np.flatnonzero(~_cut_square(areas, points, inward, half_m)):
        areas[i] = _pieced(shapely.get_coordinates(shapes[i]), half_m)
    return areas


def involved(shapes: Shapes, half_m: float) -> NDArray[np.bool_]:
    """Lines that cross or fold on themselves so often that their corridor cannot be drawn."""
    vertices = shapely.get_num_coordinates(shapes)
    found = vertices > _MOST
    for i in np.flatnonzero((vertices > _FEW) & ~found):
        found[i] = _folded(shapely.get_coordinates(shapes[i]), half_m)
    return found


def _folded(line: Floats, half_m: float) -> bool:
    low, high = np.minimum(line[:-1], line[1:]), np.maximum(line[:-1], line[1:])
    tree = shapely.STRtree(np.asarray(shapely.box(*low.T, *high.T), dtype=object))
    near = 0
    for rows in slices(np.full(len(low), len(low)), BOXES_AT_ONCE):
        near += len(tree.query(shapely.box(*(low[rows] - half_m).T, *(high[rows] + half_m).T))[0])
        if near > _MOST_NEAR:
            return True
    return False


def _cut_square(areas: Shapes, points: Floats, inward: Floats, half_m: float) -> NDArray[np.bool_]:
    """Whether both ends of all four perpendiculars are on the outline, or swallowed by another part of the corridor."""
    across = np.stack([-inward[:, :, 1], inward[:, :, 0]], axis=2) * half_m
    outline = shapely.boundary(areas)
    good = np.ones(len(areas), dtype=bool)
    for side in (across, -across):
        for end in (0, 1):
            corner = shapely.points(points[:, end] + side[:, end])
            good &= (shapely.distance(outline, corner) < _FINE_M) | shapely.contains_properly(areas, corner)
    return good


def _pieced(line: Floats, half_m: float) -> object:
    """The union of a rectangle for each segment and a sector on the outer side of each bend."""
    step = np.diff(line, axis=0)
    unit = step / np.linalg.norm(step, axis=1, keepdims=True)
    across = np.stack([-unit[:, 1], unit[:, 0]], axis=1) * half_m
    corners = np.stack([line[:-1] + across, line[1:] + across, line[1:] - across, line[:-1] - across], axis=1)
    pieces = [shapely.Polygon(four) for four in corners]
    heading = np.arctan2(unit[:, 1], unit[:, 0])
    turn = (np.diff(heading) + np.pi) % (2 * np.pi) - np.pi
    for point, start, angle in zip(line[1:-1], heading[:-1], turn, strict=True):
        if abs(angle) < 1e-12:
            continue
        outer = start - np.copysign(np.pi / 2, angle)
        lap = np.copysign(1e-6, angle)  # into both rectangles, or the union may keep a crack
        fan = outer + np.linspace(-lap, angle + lap, int(np.ceil(abs(angle) / _STEP)) + 1)
        pieces.append(shapely.Polygon(np.vstack([point, point + half_m * np.stack([np.cos(fan), np.sin(fan)], axis=1)])))
    whole = shapely.get_parts(shapely.union_all(pieces))
    return whole[shapely.area(whole).argmax()]  # rounding may leave a crumb beside it
