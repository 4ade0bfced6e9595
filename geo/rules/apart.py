"""Whether things keep a distance from bodies, by the accuracy to which both are drawn. Metric CRS (metres).

A distance within its accuracy of the limit leaves the thing open. What is known only as a point reaches some way from it: it is surely too near where
the point is, and far enough only where its farthest reach is. Every pair within reach is judged: a rough drawing further off may leave it open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.distances import straight_m
from geo.network.ground import usable
from geo.rules.declaration import Floats, Rows
from geo.rules.judging import FINE

Shapes = NDArray[np.object_]

FAR, NEAR, OPEN = range(3)
"""Far enough, too near, cannot be told."""

BUILDING_REACH_M = 40.0
"""How far a building that is drawn as a point may reach from it: half of a long slab. The project's own default."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Geometries, how accurately each is drawn, and how far one that is drawn as a point may reach from it (0 where it is a point)."""

    shapes: Shapes
    accuracy_m: Floats
    reach_m: float = 0.0

    @property
    def slack_m(self) -> Floats:
        return np.where(shapely.get_dimensions(self.shapes) == 0, self.reach_m, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """A value a thing: `state`; the body that decides, else the nearest (-1 = there is none), the distance to it and the accuracy of the two (NaN =
    none); `dot`: it is open because one of the two is known only as a point."""

    state: NDArray[np.int8]
    body: Rows
    distance_m: Floats
    accuracy_m: Floats
    dot: NDArray[np.bool_]


def apart(things: Drawn, bodies: Drawn, limit_m: float) -> Apart:
    """Things that are not on the map, and all where no body is, are open."""
    count = len(things.shapes)
    distance, body = straight_m(things.shapes, bodies.shapes)
    state = np.where(body >= 0, FAR, OPEN).astype(np.int8)
    accuracy = np.full(count, np.nan)
    has = body >= 0
    accuracy[has] = np.maximum(things.accuracy_m[has], bodies.accuracy_m[body[has]])
    dot = np.zeros(count, dtype=bool)
    thing, near, gap, rough, slack = _pairs(things, bodies, limit_m)
    sure = (gap < limit_m) & (limit_m - gap >= rough - FINE)
    drawn = (gap < limit_m) | (gap - limit_m < rough - FINE)
    reached = drawn | (gap - slack - limit_m < rough - FINE)
    for chosen, of in ((reached, OPEN), (sure, NEAR)):
        rows = np.flatnonzero(chosen)[::-1]  # the nearest is written last
        at = thing[rows]
        state[at], body[at], distance[at], accuracy[at] = of, near[rows], gap[rows], rough[rows]
        dot[at] = ~drawn[rows]
    return Apart(state, body, np.round(distance, 2), accuracy, dot & (state == OPEN))


def _pairs(things: Drawn, bodies: Drawn, limit_m: float) -> tuple[Rows, Rows, Floats, Floats, Floats]:
    """Thing, body, distance, accuracy and slack of all pairs that could matter, the nearest first."""
    at, there = np.flatnonzero(usable(things.shapes)), np.flatnonzero(usable(bodies.shapes))
    slack = bodies.slack_m
    reach = limit_m + np.maximum(things.accuracy_m[at], bodies.accuracy_m[there].max(initial=0.0)) + things.slack_m[at]
    reach = reach + slack[there].max(initial=0.0)
    row, which = shapely.STRtree(bodies.shapes[there]).query(things.shapes[at], predicate="dwithin", distance=reach)
    thing, body = at[row], there[which]
    gap = np.round(shapely.distance(things.shapes[thing], bodies.shapes[body]), 2)
    order = np.lexsort((body, gap))
    thing, body, gap = thing[order], body[order], gap[order]
    return thing, body, gap, np.maximum(things.accuracy_m[thing], bodies.accuracy_m[body]), things.slack_m[thing] + slack[body]
