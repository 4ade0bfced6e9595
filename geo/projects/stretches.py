"""Which stretches of a lane are narrower than it should be, where the drawing tells: only these are widened.

Everything is in the view's metric CRS (metres).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from geo.lanes.clear_width import MEASURED, OPEN, TOO_MUCH, ClearWidths, Openings, clear_widths
from geo.questions.declaration import View, latest
from geo.questions.lanes.measuring import lane_lines
from geo.questions.lanes.record import OF_WIDTH, LaneRecord, lane_record
from geo.questions.lanes.standing import Obstructions, Ways, drawn

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Found = list[tuple[float, float]] | None

PIECE_M = 5.0
"""Pieces that are measured alone are about so long, all of a lane alike; none is shorter than the lane should be wide."""
SAME_M = 0.01
"""The narrowest piece is as narrow as the lane, but for this; else the pieces do not tell."""
OFF_M = 0.05
"""How far from a cut the pieces end, so that what stands on one side of it is not at both; what is nearer to it is seen about the cut."""
_MARGIN_M = 1.0
_NO_OPENINGS = Openings(np.empty(0, dtype=object), np.empty(0))


def stretches(view: View) -> Stretches:
    """Kept while nothing changes that stands at lanes or is on record of their width."""
    return latest(view, "lane-stretches", (drawn(view), view.columns_revision("fire_lanes", *OF_WIDTH)), lambda _: Stretches(view))


@dataclass(eq=False)
class Stretches:
    """Of the lanes of a view."""

    view: View
    _kept: dict[tuple[int, float], Found] = field(default_factory=dict)

    def of(self, row: int, limit_m: float) -> Found:
        """(narrowest width, length) of each stretch under `limit_m`, along the lane; None where only the whole lane can be told: its width is the
        record's or a bound, a gate or passage limits it, or the pieces do not show its narrowest place."""
        self.look_up([row], limit_m)
        return self._kept[row, limit_m]

    def look_up(self, rows: Iterable[int], limit_m: float) -> None:
        """Measures those that were not asked for yet, all at once: one by one they take three times as long."""
        new = [row for row in rows if (row, limit_m) not in self._kept]
        lines = lane_lines(self.view)
        told = [row for row in new if isinstance(lines[row], LineString) and not lines[row].is_closed and self._by_drawing(row)]
        told = [row for row, gated in zip(told, self._gated(lines[told], limit_m), strict=True) if not gated]
        found = self._measured(told, [_cut(lines[row], limit_m) for row in told], limit_m)
        self._kept |= {(row, limit_m): found.get(row) for row in new}

    def _measured(self, rows: Sequence[int], pieces: Sequence[Pieces], limit_m: float) -> dict[int, Found]:
        """The lane is measured piece by piece, and about every cut: a slanting gap between two pieces, that neither has, makes both as narrow as it is."""
        if not rows:
            return {}
        found = self._widths(np.concatenate([each.shapes for each in pieces]))
        last = np.cumsum([len(each.shapes) for each in pieces])[:-1]
        made: dict[int, Found] = {}
        for row, each, state, width in zip(rows, pieces, np.split(found.state, last), np.split(found.width_m, last), strict=True):
            if (state == TOO_MUCH).any() and len(rows) > 1:  # so many lanes have less each to be looked at than one alone
                made |= self._measured([row], [each], limit_m)
            elif np.isin(state, (MEASURED, OPEN)).all() and abs(width.min() - self._record.used.width_m[row]) <= SAME_M:
                made[row] = _joined(_with_cuts(*np.split(width, [each.count])), each.step_m, limit_m)
        return made

    def _widths(self, shapes: Shapes) -> ClearWidths:
        near = self._trees[0].query(shapes, predicate="dwithin", distance=self._reach_m + _MARGIN_M)[1]
        return clear_widths(shapes, self._standing.chosen(np.unique(near)).obstacles, _NO_OPENINGS, corridor_m=self._reach_m)

    @cached_property
    def _record(self) -> LaneRecord:
        return lane_record(self.view)

    @property
    def _standing(self) -> Obstructions:
        return self._record.drawn.standing

    @property
    def _ways(self) -> Ways:
        return self._record.drawn.ways

    @property
    def _reach_m(self) -> float:
        return self.view.profile["corridor_m"]

    def _by_drawing(self, row: int) -> bool:
        record = self._record
        bound = record.at_most[row] or record.at_least[row]
        return bool(record.computed_used[row] and record.drawn.known[row] and record.drawn.opening[row] < 0 and not bound)

    @cached_property
    def _trees(self) -> tuple[shapely.STRtree, shapely.STRtree]:
        return shapely.STRtree(self._standing.obstacles.shapes), shapely.STRtree(self._ways.openings.points)

    def _gated(self, lines: Shapes, limit_m: float) -> NDArray[np.bool_]:
        """Whether an opening near each lane may be narrower than the limit, or is what lets it through a wall."""
        gated = np.zeros(len(lines), dtype=bool)
        gated[self._trees[1].query(lines, predicate="dwithin", distance=limit_m)[0]] = True
        return gated


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A lane cut into `count` pieces of `step_m`, after them the pieces about the cuts."""

    shapes: Shapes
    count: int
    step_m: float


def _cut(line: LineString, limit_m: float) -> Pieces:
    """A piece ends just before its cut and the next begins just after it: what stands from a cut on stands at one of the two. A gap under the limit
    over a cut runs on along the lane for less than that: as much to either side of the cut has it whole."""
    step = line.length / max(min(round(line.length / PIECE_M), int(line.length // limit_m)), 1)
    ends = np.arange(0, line.length + step / 2, step)
    cuts = ends[1:-1]
    first = np.concatenate([ends[:1], cuts + OFF_M, np.maximum(cuts - limit_m, 0)])
    last = np.concatenate([cuts - OFF_M, ends[-1:], np.minimum(cuts + limit_m, line.length)])
    return Pieces(substrings(line, first, last), len(ends) - 1, float(step))


def substrings(line: LineString, first_m: Floats, last_m: Floats) -> Shapes:
    """The line between each two distances along it, as `shapely.ops.substring` cuts it, all at once: 0 ≤ first < last."""
    corners = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.sqrt((np.diff(corners, axis=0) ** 2).sum(axis=1)))])[:-1]
    start, end = (shapely.get_coordinates(shapely.line_interpolate_point(line, at)) for at in (first_m, last_m))
    after, until = np.searchsorted(along, first_m, side="right"), np.searchsorted(along, last_m)
    inside = np.maximum(until - after, 0)  # how many corners: a table of all pieces and corners could fill the memory
    piece = np.repeat(np.arange(len(first_m)), inside)
    corner = np.arange(len(piece)) - np.repeat(np.cumsum(inside) - inside - after, inside)
    order = np.argsort(np.concatenate([np.arange(len(first_m)), piece, np.arange(len(first_m))]), kind="stable")
    points = np.concatenate([start, corners[corner], end])[order]
    owner = np.repeat(np.arange(len(first_m)), inside + 2)
    return np.asarray(shapely.linestrings(points, indices=owner), dtype=object)


def _with_cuts(widths: NDArray[np.float64], cuts: NDArray[np.float64]) -> list[float]:
    """Each piece's own width, or that of a narrower gap at one of its cuts."""
    found = widths.copy()
    missed = np.flatnonzero(cuts < np.minimum(widths[:-1], widths[1:]) - SAME_M)
    for at in missed:
        found[at : at + 2] = np.minimum(found[at : at + 2], cuts[at])
    return [float(width) for width in found]


def _joined(widths: list[float], step_m: float, limit_m: float) -> list[tuple[float, float]]:
    """Neighbouring pieces under the limit are one stretch, as narrow as its narrowest."""
    found: list[tuple[float, float]] = []
    before = False
    for width in widths:
        under = width < limit_m
        if under and before:
            narrowest, length = found[-1]
            found[-1] = (min(narrowest, width), length + step_m)
        elif under:
            found.append((width, step_m))
        before = under
    return found
