"""Turnarounds at dead ends: which lie there, and how large a square each gives. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.dead_ends import DeadEnds
from geo.network.noding import Flags, Floats, Ints, Shapes

REACH_M = 15.0
"""A turnaround belongs to a dead end when it lies this near to its end, beyond half the lane's width: room for an engine's length and a bend."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The largest square that each turnaround holds (NaN = not known), whether it is `measured` in a drawn outline or else declared; and what it
    holds `at_most` (NaN = nothing is known)."""

    side_m: Floats
    measured: Flags
    at_most_m: Floats


def sizes(measured: Floats, length_m: Floats, width_m: Floats, kind: NDArray[np.object_]) -> Sizes:
    """From the squares `measured` in outlines where they are drawn, else from length and width: the lesser of both; a circle's diameter (in either) gives its inscribed
    square. A hammerhead's length and width tell no square, only that it is no larger than the lesser."""
    least = np.fmin(length_m, width_m)
    least = np.where(least > 0, least, np.nan)
    circle, hammer = kind == "circle", kind == "hammerhead"
    least = np.where(circle, least / np.sqrt(2), least)
    told = ~hammer & (circle | ~np.isnan(length_m + width_m))
    drawn = ~np.isnan(measured)
    side = np.where(drawn, measured, np.where(told, least, np.nan))
    return Sizes(side, drawn, np.where(drawn, measured, least))


def turnarounds_at(ends: DeadEnds, half_width_m: Floats, shapes: Shapes) -> tuple[Ints, Ints]:
    """Pairs of dead end and turnaround, in order: within REACH_M of the end, or touching the strip of the dead-end piece; `half_width_m`: of its
    lane, a value a dead end."""
    if not len(ends.node) or not len(shapes):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    tree = shapely.STRtree(shapes)
    points: Shapes = np.asarray(shapely.points(ends.points), dtype=object)
    found = [
        tree.query(points, predicate="dwithin", distance=half_width_m + REACH_M),
        tree.query(ends.lines, predicate="dwithin", distance=half_width_m),
    ]
    pairs = np.unique(np.concatenate(found, axis=1).T, axis=0)
    return pairs[:, 0], pairs[:, 1]
