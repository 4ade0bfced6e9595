"""Clear width of lanes: the diameter of the largest disc that can travel from one end to the other between what stands around.

The disc's centre starts and ends on the piece of the perpendicular at the lane's end point between the first obstacles on both sides; the whole disc
stays within the corridor's long sides; its body may be half out at the ends, and what stands beyond the square cut there does not count. A lane that
ends at a wall is cut just before it. Of a lane in several pieces, and of the halves of a ring, the narrowest counts; an area has no centreline.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.lanes import narrowest, standing
from geo.lanes import openings as gateways
from geo.lanes.runs import Runs, runs_of

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

AT_ONCE = 500
"""Runs measured together: bounds the memory, whatever the size of a city."""


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What no engine passes through: points, lines and areas (None = unplaced), in the caller's numbering."""

    shapes: Shapes


@dataclass(frozen=True, slots=True)
class Openings:
    """Points where a lane passes through an obstacle it crosses (a gate in a wall, an archway in a building); `width_m` NaN = not on record."""

    points: Shapes
    width_m: Floats


MEASURED, OPEN, UNKNOWN_OPENING, NO_LINE = range(4)


@dataclass(frozen=True, slots=True)
class ClearWidths:
    """One value a line. `state`: MEASURED; OPEN: nothing stands on either side (`width_m` is that of the corridor); UNKNOWN_OPENING: the lane
    passes an opening whose width is not on record (`width_m` is NaN); NO_LINE: no line, or one without length.

    `width_m`: 0.0 where nothing passes. `pinch`: the middle of the narrowest gap, or where the lane is blocked; None without a width.
    `first`, `second`: positions in Obstacles of the two that make the gap (the same one twice where it blocks the lane), -1 = the corridor's side:
    there the lane is open, and the width is a bound; `opening`: position in Openings when that limits, else -1.
    """

    state: Codes
    width_m: Floats
    pinch: Shapes
    first: Ints
    second: Ints
    opening: Ints


def clear_widths(lines: Shapes, obstacles: Obstacles, openings: Openings, *, corridor_m: float = 15.0) -> ClearWidths:
    """`corridor_m`: how far the corridor reaches to either side of the centreline."""
    runs, parts = runs_of(lines), standing.parts_of(obstacles.shapes)
    found = [_some(_slice(runs, i), parts, openings, corridor_m) for i in range(0, len(runs.line), AT_ONCE)]
    return _per_line(len(lines), runs.line, found)


def _slice(runs: Runs, start: int) -> Runs:
    return Runs(runs.line[start : start + AT_ONCE], runs.shapes[start : start + AT_ONCE])


def _some(runs: Runs, parts: standing.Parts, openings: Openings, half_m: float) -> ClearWidths:
    """One value a run."""
    way = gateways.passed(runs.shapes, parts, openings.points, openings.width_m, 2 * half_m)
    gap = narrowest.gaps(runs.shapes, parts, way.opened, half_m)
    limits = way.width_m <= gap.width_m + narrowest.FINE_M
    width = np.minimum(gap.width_m, way.width_m)
    opening = np.where(limits & (way.opening >= 0), way.opening, -1)
    pinch = gap.pinch.copy()
    moved = (opening >= 0) & (way.width_m < gap.width_m - narrowest.FINE_M)
    pinch[moved] = openings.points[opening[moved]]
    unknown = way.unknown & (width > 0)
    width[unknown], pinch[unknown], opening[unknown] = np.nan, None, -1
    state = np.where(unknown, UNKNOWN_OPENING, np.where(gap.open & (opening < 0), OPEN, MEASURED)).astype(np.int8)
    return ClearWidths(state, width, pinch, np.where(unknown, -1, gap.first), np.where(unknown, -1, gap.second), opening)


def _per_line(lines: int, line: Ints, found: list[ClearWidths]) -> ClearWidths:
    """The narrowest run of each line; an unknown one counts before all but a blocked one."""
    result = ClearWidths(
        np.full(lines, NO_LINE, dtype=np.int8), np.full(lines, np.nan), np.full(lines, None, dtype=object),
        np.full(lines, -1, dtype=np.int64), np.full(lines, -1, dtype=np.int64), np.full(lines, -1, dtype=np.int64),
    )  # fmt: skip
    if not found:
        return result
    width = np.concatenate([f.width_m for f in found])
    order = np.argsort(-np.where(np.isnan(width), 1e-12, width), kind="stable")
    for name in ClearWidths.__slots__:
        getattr(result, name)[line[order]] = np.concatenate([getattr(f, name) for f in found])[order]
    return result
