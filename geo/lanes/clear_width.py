"""Clear width of lanes: the diameter of the largest disc that can travel from one end to the other between what stands around.

The disc's centre starts and ends on the piece of the perpendicular at the lane's end point between the first obstacles on both sides; the whole disc
stays within the corridor's long sides; its body may be half out at the ends, and what stands beyond the square cut there does not count. A lane that
is drawn up to a wall, to within a few centimetres, is cut just before it. Of a lane in several pieces, and of the halves of a ring, the narrowest
counts; an area has no centreline.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lanes import narrowest, standing
from geo.lanes import openings as gateways
from geo.lanes.budgets import A_RUN, A_VERTEX, CROWDED, SPARE, TooMuch, Work, batches, vertices_about
from geo.lanes.corridor import involved
from geo.lanes.runs import Runs, runs_of

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What no engine passes through: points, lines and areas (None = unplaced), in the caller's numbering. `middle_m`: how far inside each of
    them its middle line lies, half the thickness of a wall that is given by that line, 0 for others; a lane that ends there is drawn up to it."""

    shapes: Shapes
    middle_m: Floats | None = None

    def middles(self) -> Floats:
        return np.zeros(len(self.shapes)) if self.middle_m is None else self.middle_m

    def chosen(self, rows: NDArray[np.bool_] | Ints) -> Obstacles:
        return Obstacles(self.shapes[rows], self.middles()[rows])


@dataclass(frozen=True, slots=True)
class Openings:
    """Points where a lane passes through an obstacle it crosses (a gate in a wall, an archway in a building); `width_m` NaN = not on record."""

    points: Shapes
    width_m: Floats


MEASURED, OPEN, UNKNOWN_OPENING, NO_LINE, TOO_MUCH = range(5)


@dataclass(frozen=True, slots=True)
class ClearWidths:
    """One value a line. `state`: MEASURED; OPEN: nothing stands on either side (`width_m` is that of the corridor); UNKNOWN_OPENING: the lane
    passes an opening whose width is not on record (`width_m` is NaN); NO_LINE: no line, or one without length; TOO_MUCH: more is drawn there
    than can be measured (`width_m` is NaN).

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
    line, of = _distinct(lines, np.zeros(len(lines)))
    thing, _ = _distinct(obstacles.shapes, obstacles.middles())
    made = _distinct_widths(lines[line], obstacles.chosen(thing), openings, corridor_m)
    owner = np.append(thing, -1)
    return ClearWidths(made.state[of], made.width_m[of], made.pinch[of], owner[made.first][of], owner[made.second][of], made.opening[of])


def _distinct(shapes: Shapes, number: Floats) -> tuple[Ints, Ints]:
    """The rows of which no earlier one is the same shape with the same number, and for every row its place among those."""
    first: dict[tuple[bytes | None, float], int] = {}
    of = [first.setdefault(key, len(first)) for key in zip(shapely.to_wkb(shapes).tolist(), number.tolist(), strict=True)]
    at = np.array(of, dtype=np.int64)
    return np.unique(at, return_index=True)[1], at


def _distinct_widths(lines: Shapes, obstacles: Obstacles, openings: Openings, half_m: float) -> ClearWidths:
    runs, parts = runs_of(lines), standing.parts_of(obstacles.shapes, obstacles.middles())
    beyond = involved(runs.shapes, half_m)
    plain, work = np.flatnonzero(~beyond), Work(SPARE + A_RUN * len(beyond))
    about = vertices_about(runs.shapes[plain], parts.tree, parts.vertices(), half_m)
    rows, found = [], []
    for some in batches(about):
        rows.append(plain[some])
        found.append(_afforded(runs.chosen(plain[some]), parts, openings, half_m, work, int(np.maximum(about[some] - CROWDED, 0).sum())))
    found.append(_too_much(int(beyond.sum())))
    made, order = _together(found), np.argsort(np.concatenate([*rows, np.flatnonzero(beyond)]), kind="stable")
    return _per_line(len(lines), runs.line, made, order)


def _afforded(runs: Runs, parts: standing.Parts, openings: Openings, half_m: float, work: Work, crowd: int) -> ClearWidths:
    """One value a run; `crowd`: how many vertices too many stand about them."""
    try:
        work.spend(A_VERTEX * crowd)
    except TooMuch:
        return _too_much(len(runs.line))
    return _some(runs, parts, openings, half_m, work)


def _too_much(count: int) -> ClearWidths:
    none = np.full(count, -1, dtype=np.int64)
    state = np.full(count, TOO_MUCH, dtype=np.int8)
    return ClearWidths(state, np.full(count, np.nan), np.full(count, None, dtype=object), none, none.copy(), none.copy())


def _together(found: list[ClearWidths]) -> ClearWidths:
    return ClearWidths(*(np.concatenate([getattr(f, name) for f in found]) for name in ClearWidths.__slots__))


def _some(runs: Runs, parts: standing.Parts, openings: Openings, half_m: float, work: Work) -> ClearWidths:
    """One value a run."""
    way = gateways.passed(runs.shapes, parts, openings.points, openings.width_m, 2 * half_m)
    gap = narrowest.gaps(runs.shapes, parts, way.opened, half_m, work)
    limits = way.width_m <= gap.width_m + narrowest.FINE_M
    width = np.minimum(gap.width_m, way.width_m)
    opening = np.where(limits & (way.opening >= 0), way.opening, -1)
    pinch = gap.pinch.copy()
    moved = (opening >= 0) & (way.width_m < gap.width_m - narrowest.FINE_M)
    pinch[moved] = openings.points[opening[moved]]
    unknown = (way.unknown & (width > 0)) | gap.beyond
    width[unknown], pinch[unknown], opening[unknown] = np.nan, None, -1
    state = np.where(unknown, UNKNOWN_OPENING, np.where(gap.open & (opening < 0), OPEN, MEASURED)).astype(np.int8)
    state[gap.beyond] = TOO_MUCH
    return ClearWidths(state, width, pinch, np.where(unknown, -1, gap.first), np.where(unknown, -1, gap.second), opening)


def _per_line(lines: int, line: Ints, made: ClearWidths, rows: Ints) -> ClearWidths:
    """The narrowest run of each line (`rows`: where each run stands in `made`); an unknown one counts before all but a blocked one."""
    result = ClearWidths(
        np.full(lines, NO_LINE, dtype=np.int8), np.full(lines, np.nan), np.full(lines, None, dtype=object),
        np.full(lines, -1, dtype=np.int64), np.full(lines, -1, dtype=np.int64), np.full(lines, -1, dtype=np.int64),
    )  # fmt: skip
    width = made.width_m[rows]
    order = np.argsort(-np.where(np.isnan(width), 1e-12, width), kind="stable")
    for name in ClearWidths.__slots__:
        getattr(result, name)[line[order]] = getattr(made, name)[rows[order]]
    return result
