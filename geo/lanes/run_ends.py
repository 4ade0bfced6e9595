"""Run ends: a run that is drawn up to a wall is cut just before it; one that ends inside an obstacle is blocked.

Nobody draws to the millimetre: an end up to `DRAWN_UP_TO_M` inside an area, or beyond a line, is drawn up to it. So is one inside a wall that is
given by its middle line and a thickness (`Parts.middle_m`), for it was drawn to that line. What reaches farther in is blocked.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.lanes.runs import end_directions, lengthened
from geo.lanes.standing import Parts, Standing

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]

DRAWN_UP_TO_M = 0.05
"""How far an end may reach into an obstacle: half of what CAD and survey drawings are good for (0.1 m in the profile)."""
_LONGER_M = 0.002
"""Runs are measured this much longer, so that what stands exactly on the cut counts whatever the rounding."""
_NEAR_M = 0.01
_SHORT_M = 0.02
_FINE_M = 1e-4
"""What coordinates of seven decimals and a change of CRS may add."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The runs to measure in `shapes`; for each the part that an end point lies `inside` (-1: none); `wall` (n, 2): the part that
    each end was cut off before (-1: none)."""

    shapes: Shapes
    inside: Ints
    wall: Ints


def free_ends(shapes: Shapes, parts: Parts, opened: Standing) -> Ends:
    change = np.full((len(shapes), 2), _LONGER_M)
    inside = np.full(len(shapes), -1, dtype=np.int64)
    wall = np.full((len(shapes), 2), -1, dtype=np.int64)
    points = end_directions(shapes)[0]
    replaced = {(r, p): s for r, p, s in zip(opened.run.tolist(), opened.part.tolist(), opened.shapes, strict=True)}
    for end in (0, 1):
        run, part = parts.tree.query(shapely.points(points[:, end]), predicate="dwithin", distance=DRAWN_UP_TO_M + _SHORT_M)
        for r, p in zip(run.tolist(), part.tolist(), strict=True):
            by = _change(shapes[r], end, replaced.get((r, p), parts.shapes[p]), DRAWN_UP_TO_M + parts.middle_m[p] + _FINE_M)
            if by == -np.inf:
                inside[r] = p
            elif by < min(change[r, end], 0):
                wall[r, end], change[r, end] = p, by
    return Ends(lengthened(shapes, change), inside, wall)


def _change(shape: LineString, end: int, part: BaseGeometry, most_m: float) -> float:
    """By how much the run must be longer at its end: below 0 = shorter; -inf: it ends more than `most_m` inside an area."""
    whole = shape if end == 1 else shape.reverse()
    tip = Point(whole.coords[-1])
    back = whole.interpolate(-min(most_m + _SHORT_M, whole.length / 2))
    met = shapely.get_parts(shapely.intersection(LineString([back, tip]), part))
    met = met[~shapely.is_empty(met)]
    areal = "Polygon" in part.geom_type
    if not len(met) or (areal and not tip.intersects(part)):
        return -_SHORT_M if tip.distance(part) <= _NEAR_M else _LONGER_M
    last = met[shapely.distance(met, tip).argmin()]
    deep = max(tip.distance(Point(at)) for at in shapely.get_coordinates(last))
    if deep > most_m:
        return -np.inf if areal else _LONGER_M
    return -(deep + _SHORT_M)
