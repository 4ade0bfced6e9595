"""Hose reach: the shortest hose from where an engine can stand to each building, round buildings and walls, never through them. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from geo.network.goals import Goals
from geo.network.ground import CORNER_M, Flags, Floats, Ground, Ints, Shapes, usable
from geo.network.stands import first_points, points_of
from geo.network.taut import Laying

LAID, FARTHER, ENCLOSED, NO_STAND, UNPLACED, SPENT = range(6)
"""There is a path; there is none as short as the cap; walls leave none at all; an engine stands nowhere; the building is not on the map; so much
stands about that the search was given up."""

_STEPS_M = (8.0, 18.0, 35.0, 60.0, 100.0)
"""A search looks this much further than the straight distance first, then up to the cap."""
_BESIDE_M = (10.0, 40.0, 80.0)
"""Stands this much further than the nearest one are tried too for a straight line."""
_BEND_M, _BENDS = 60.0, 12
"""How near a corner must be, and how many are tried, for a line with one bend."""


@dataclass(frozen=True, slots=True, eq=False)
class Hoses:
    """A value a target: `length_m` of the shortest path (NaN where there is none up to the cap), `state`, `lines` from the target to the stand
    (None where there is none, or where it has no length)."""

    length_m: Floats
    state: Ints
    lines: Shapes

    @classmethod
    def none(cls, count: int, state: int) -> Hoses:
        return cls(np.full(count, np.nan), np.full(count, state, dtype=np.int64), np.full(count, None, dtype=object))

    def put(self, rows: Ints, other: Hoses) -> None:
        """Writes the values of `other` into these rows."""
        self.length_m[rows], self.state[rows], self.lines[rows] = other.length_m, other.state, other.lines


class Yard:
    """A ground with the lines on which an engine can stand (not where something stands on them)."""

    def __init__(self, ground: Ground, stands: Shapes) -> None:
        self.ground = ground
        self.bare, _ = ground.bare(stands[usable(stands)])
        self._tree = shapely.STRtree(self.bare)

    def hoses(self, targets: Shapes, rows: Ints, *, cap_m: float, least_m: Floats | None = None) -> Hoses:
        """Shortest paths up to `cap_m` to areas or points; `rows` (a value a target): the building that it is in `Ground.owner`, -1 = a bare point;
        `least_m` (NaN: not known): no path is shorter, so that it is not looked for below."""
        made = Hoses.none(len(targets), UNPLACED)
        placed = np.flatnonzero(usable(targets))
        made.state[placed] = NO_STAND
        if not len(self.bare) or not len(placed):
            return made
        (_, line), far = self._tree.query_nearest(targets[placed], all_matches=False, return_distance=True)
        near = far <= cap_m
        made.state[placed[~near]] = FARTHER
        placed, line, far = placed[near], line[near], far[near]
        straight = shapely.shortest_line(targets[placed], self.bare[line])
        free = ~self.ground.blocked(straight, rows[placed])
        made.length_m[placed[free]], made.state[placed[free]] = far[free], LAID
        made.lines[placed[free]] = straight[free]
        made.lines[placed[free & (far == 0)]] = None
        if not free.all():
            least = far if least_m is None else np.fmax(far, least_m[placed])
            self._lay_round(made, targets, rows, placed[~free], np.minimum(least[~free], cap_m), cap_m)
        return made

    def at_most_m(self, targets: Shapes, rows: Ints) -> Floats:
        """A path no shorter than the shortest one to each target, found without a search: straight from its outline to a stand near by, or with one
        bend at a corner; inf where none of those is free."""
        bound = np.full(len(targets), np.inf)
        placed = np.flatnonzero(usable(targets))
        if not len(self.bare) or not len(placed):
            return bound
        far = np.full(len(targets), np.nan)
        (at, line), far[placed] = self._tree.query_nearest(targets[placed], all_matches=False, return_distance=True)
        self._straight(bound, targets, rows, placed[at], line)
        for beside in _BESIDE_M:
            left = placed[np.isinf(bound[placed])]
            at, line = self._tree.query(targets[left], predicate="dwithin", distance=far[left] + beside)
            self._straight(bound, targets, rows, left[at], line)
        self._bent_once(bound, targets, rows, placed[np.isinf(bound[placed])])
        return bound

    def _straight(self, bound: Floats, targets: Shapes, rows: Ints, at: Ints, line: Ints) -> None:
        """Lowers the bound to the length of the straight lines that are free."""
        lines = shapely.shortest_line(targets[at], self.bare[line])
        free = ~self.ground.blocked(lines, rows[at])
        np.minimum.at(bound, at[free], shapely.length(lines[free]))

    def _bent_once(self, bound: Floats, targets: Shapes, rows: Ints, left: Ints) -> None:
        """The same for lines to a corner near by that sees the stand nearest to it."""
        stands = self._laying.stands
        at, corner = self._laying.corner_tree.query(targets[left], predicate="dwithin", distance=_BEND_M)
        seen = stands.settled(corner)
        at, corner = left[at[seen]], corner[seen]
        lines = shapely.shortest_line(targets[at], shapely.points(self.ground.corners.at[corner]))
        length = shapely.length(lines) + 2 * CORNER_M + stands.ahead_m(corner)
        order = np.lexsort((length, at))
        at, lines, length = at[order], lines[order], length[order]
        chosen = np.arange(len(at)) - np.searchsorted(at, at) < _BENDS
        at, lines, length = at[chosen], lines[chosen], length[chosen]
        free = ~self.ground.blocked(lines, rows[at])
        np.minimum.at(bound, at[free], length[free])

    def _lay_round(self, made: Hoses, targets: Shapes, rows: Ints, left: Ints, far: Floats, cap_m: float) -> None:
        """Fills in those whose straight line is not free."""
        goals = Goals.build(targets[left], rows[left], self.ground)
        todo = np.arange(len(left))
        for further in (*_STEPS_M, cap_m):
            limit = np.minimum(far[todo] + further, cap_m)
            found, spent = self._laying.lay_affordable(goals.chosen(todo), limit)
            for i, hose in zip(todo, found, strict=True):
                if hose is not None:
                    made.length_m[left[i]], made.state[left[i]] = hose[0], LAID
                    made.lines[left[i]] = shapely.linestrings(hose[1]) if len(hose[1]) > 1 else None
            missed = np.array([hose is None for hose in found], dtype=bool)
            made.state[left[todo[missed]]] = np.where(spent[missed], SPENT, FARTHER)
            todo = todo[missed & ~spent]
            if further == _STEPS_M[0] and len(todo):  # no wide search for what walls shut in
                open_ = self._open(goals.chosen(todo))
                made.state[left[todo[~open_]]] = ENCLOSED
                todo = todo[open_]
            if not len(todo):
                return

    def _open(self, goals: Goals) -> Flags:
        """Whether some part of the ground in which an engine stands touches each goal."""
        single = np.flatnonzero(shapely.get_dimensions(goals.shapes) < 2)
        of = np.concatenate([goals.own[:, 0], goals.beside_of, single])
        points = points_of(np.concatenate([self.ground.corners.at[goals.own[:, 1]], goals.beside, first_points(goals.shapes[single])]))
        found = np.zeros(len(goals.shapes), dtype=bool)
        found[of[np.isin(self.ground.enclosure(points), self._stood_on)]] = True
        return found

    @cached_property
    def _laying(self) -> Laying:
        return Laying(self.ground, self.bare)

    @cached_property
    def _stood_on(self) -> Ints:
        """The parts of the ground in which an engine can stand."""
        return np.unique(self.ground.enclosure(np.asarray(shapely.line_interpolate_point(self.bare, 0.5, normalized=True), dtype=object)))
