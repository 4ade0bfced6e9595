"""Hose reach: the shortest hose from where an engine can stand to each building, round buildings and walls, never through them. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from geo.network.ground import Flags, Floats, Ground, Ints, Shapes, usable
from geo.network.taut import Goals, Laying, first_points, points_of

LAID, FARTHER, ENCLOSED, NO_STAND, UNPLACED = range(5)
"""There is a path; there is none as short as the cap; walls leave none at all; an engine stands nowhere; the building is not on the map."""

_STEPS_M = (8.0, 18.0, 35.0, 60.0, 100.0)
"""A search looks this much further than the straight distance first, then up to the cap."""


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

    def _lay_round(self, made: Hoses, targets: Shapes, rows: Ints, left: Ints, far: Floats, cap_m: float) -> None:
        """Fills in those whose straight line is not free."""
        goals = Goals.build(targets[left], rows[left], self.ground.corners)
        todo = np.arange(len(left))
        for further in (*_STEPS_M, cap_m):
            limit = np.minimum(far[todo] + further, cap_m)
            found = self._laying.lay(goals.chosen(todo), limit)
            for i, hose in zip(todo, found, strict=True):
                if hose is not None:
                    made.length_m[left[i]], made.state[left[i]] = hose[0], LAID
                    made.lines[left[i]] = shapely.linestrings(hose[1]) if len(hose[1]) > 1 else None
            missed = np.array([hose is None for hose in found], dtype=bool)
            made.state[left[todo[missed]]] = FARTHER
            todo = todo[missed]
            if further == _STEPS_M[0] and len(todo):  # no wide search for what walls shut in
                open_ = self._open(goals.chosen(todo))
                made.state[left[todo[~open_]]] = ENCLOSED
                todo = todo[open_]
            if not len(todo):
                return

    def _open(self, goals: Goals) -> Flags:
        """Whether some part of the ground in which an engine stands touches each goal."""
        single = np.flatnonzero(shapely.get_dimensions(goals.shapes) < 2)
        of = np.concatenate([goals.own[:, 0], single])
        points = points_of(np.concatenate([self.ground.corners.at[goals.own[:, 1]], first_points(goals.shapes[single])]))
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
