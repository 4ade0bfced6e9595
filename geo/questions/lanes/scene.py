"""The scene about the lanes: their lines, what stands beside them, and the clear width that leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lanes.clear_width import MEASURED, OPEN
from geo.questions.columns import texts
from geo.questions.declaration import Flags, Floats, View, latest
from geo.questions.lanes.measuring import NO_OPENING, PASSAGE, Measured, lane_lines, measured_widths
from geo.questions.lanes.standing import READS, Obstructions, Ways, drawn, obstructions, openings, positions, ways_through
from geo.questions.sources import UNSAID

__all__ = ["READS", "LaneWidths", "lane_lines", "lane_widths", "obstructions", "openings", "ways_through"]

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

_GATE_M = 2.0
"""An access point stands on a lane that comes nearer than half its width; this near where its width is not on record."""

_POINT_M = 0.5
"""How far off a lane an access point may be drawn however narrow it is; a pedestrian gate beside the lane is not on it."""


@dataclass(frozen=True, slots=True, eq=False)
class LaneWidths:
    """The computed clear width of every row of fire_lanes, in metres, metric CRS.

    `state`, `width_m`, `pinch`, `first`, `second`, `opening` as in ClearWidths; positions are those in `standing` and `ways`. An access
    point on the lane whose width is on record limits it also where no wall is drawn; `gate` is the position in `ways` of one on the lane
    whose width is not on record (-1 = none): then the width is at most what is given. `accuracy_m` and `rank` (in TRUST): the worse of the
    two contacts, or those of the opening; NaN and UNSAID without a width. `open_sides`: 0, 1 or 2 sides without anything drawn at the pinch.
    """

    state: Codes
    width_m: Floats
    pinch: Shapes
    first: Ints
    second: Ints
    opening: Ints
    gate: Ints
    accuracy_m: Floats
    rank: Codes
    open_sides: Codes
    standing: Obstructions
    ways: Ways

    def where_strips_limit(self, strips: Flags, plain: LaneWidths) -> LaneWidths:
        """These widths, measured with the parking strips, where `strips`; those without them elsewhere."""
        place = np.append(np.flatnonzero(~self.standing.strip), -1)
        columns = {}
        for name in _COLUMNS:
            other = getattr(plain, name)
            other = place[other] if name in ("first", "second") else other
            columns[name] = np.where(strips, getattr(self, name), other)
        return replace(self, **columns)

    @property
    def known(self) -> Flags:
        """Rows with a width that something drawn gives."""
        return np.asarray(self.state == MEASURED, dtype=bool)


_COLUMNS = ("state", "width_m", "pinch", "first", "second", "opening", "gate", "accuracy_m", "rank", "open_sides")


def lane_widths(view: View, *, parking: bool = False) -> LaneWidths:
    """The clear width of every lane, computed from what is drawn; with the parking strips in the way if `parking`."""
    made = measured_widths(view, parking=parking)  # asked for each time, so that it is kept as long as what is made of it
    return latest(view, ("lane-widths", parking), drawn(view), lambda _: _widths(view, parking, made))


def _widths(view: View, parking: bool, made: Measured) -> LaneWidths:
    """Contacts as positions, limited by the access points on the lanes, with what the figure is worth."""
    standing, ways = obstructions(view, parking=parking), ways_through(view)
    first, second = positions(standing.key(), made.first), positions(standing.key(), made.second)
    limit, unsaid = _gates(view, ways)
    width, pinch, opening = made.width_m.copy(), made.pinch.copy(), _at_opening(ways, made)
    gate_m = np.append(ways.openings.width_m, np.nan)[limit]
    with np.errstate(invalid="ignore"):
        narrows = (limit >= 0) & np.isin(made.state, (MEASURED, OPEN)) & ~(width <= gate_m)
    width[narrows], opening[narrows] = gate_m[narrows], limit[narrows]
    pinch[narrows] = ways.openings.points[limit[narrows]]
    first[narrows] = second[narrows] = -1
    state = np.where(narrows, MEASURED, made.state).astype(np.int8)
    known = state == MEASURED
    accuracy, rank = worth(standing, ways, first, second, opening)
    sides = np.where(opening >= 0, 0, (first < 0).astype(np.int8) + (second < 0))
    sides = np.where(known & (width == 0) & (first >= 0), 0, sides)
    return LaneWidths(
        state, width, pinch, first, second, opening, unsaid, np.where(known, accuracy, np.nan),
        np.where(known, rank, UNSAID).astype(np.int8), np.where(known, sides, 2).astype(np.int8), standing, ways,
    )  # fmt: skip


def _at_opening(ways: Ways, made: Measured) -> Ints:
    """The opening that limits each lane, by the id of its access point; a passage's by its place."""
    at = positions(ways.id, made.opening)
    if (through := np.flatnonzero(made.opening == PASSAGE)).size:
        at[through] = -1 if not len(ways.id) else np.flatnonzero(ways.id == PASSAGE)[:1].repeat(len(through))
    return np.where(made.opening == NO_OPENING, -1, at)


def _gates(view: View, ways: Ways) -> tuple[Ints, Ints]:
    """For each lane the narrowest access point that stands on it, and one there whose width is not on record; -1 = none."""
    lines, points, width = lane_lines(view), ways.openings.points, ways.openings.width_m
    narrow = np.append(texts(view.frame("access_points"), "kind") == "pedestrian_gate", False)[ways.row]
    reach = np.fmax(np.where(np.isnan(width) & ~narrow, _GATE_M, width / 2), _POINT_M)
    point, lane = shapely.STRtree(lines).query(points, predicate="dwithin", distance=reach)
    own = ways.row[point] >= 0
    point, lane = point[own], lane[own]
    order = np.lexsort((-width[point], lane))
    narrowest, unsaid = np.full(len(lines), -1, dtype=np.int64), np.full(len(lines), -1, dtype=np.int64)
    point, lane = point[order], lane[order]
    said = ~np.isnan(width[point])
    narrowest[lane[said]] = point[said]
    unsaid[lane[~said]] = point[~said]
    return narrowest, unsaid


def worth(standing: Obstructions, ways: Ways, first: Ints, second: Ints, opening: Ints) -> tuple[Floats, Codes]:
    """Accuracy in metres and rank of a width: those of the opening, else the worse of the two contacts."""
    accuracy, rank = np.append(standing.accuracy_m, np.nan), np.append(standing.rank, np.int8(-1))
    own, own_rank = np.append(ways.accuracy_m, np.nan), np.append(ways.rank, np.int8(UNSAID))
    through = opening >= 0
    worst = np.where(through, own[opening], np.fmax(accuracy[first], accuracy[second]))
    least = np.where(through, own_rank[opening], np.maximum(rank[first], rank[second]))
    return np.asarray(worst), np.where(least < 0, UNSAID, least).astype(np.int8)
