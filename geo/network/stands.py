"""Where an engine can stand, and what is known of the way there from the corners of the ground. Metric CRS (metres)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.ground import Flags, Floats, Ground, Ints, Shapes

_UNTRIED, _OPEN, _SETTLED = range(3)


class Stands:
    """Where an engine can stand: `lines` and their straight pieces; and of each corner of the ground what is known of the way from there: the length,
    or the least that it can be."""

    def __init__(self, lines: Shapes, ground: Ground) -> None:
        self.ground, self.lines, self.tree = ground, lines, shapely.STRtree(lines)
        xy, line = shapely.get_coordinates(lines, return_index=True)
        same = np.flatnonzero(line[1:] == line[:-1])
        self.start, self.end = xy[same], xy[same + 1]
        self.pieces = shapely.STRtree(lines_of(self.start, self.end))
        self.bends = np.unique(xy, axis=0) if len(xy) else xy
        self.bend_tree = shapely.STRtree(points_of(self.bends))
        count = len(ground.corners.at)
        self._ahead_m, self._foot = np.full(count, np.nan), np.full((count, 2), np.nan)
        self._state = np.full(count, _UNTRIED, dtype=np.int8)
        self._tails: dict[int, Floats] = {}

    def ahead_m(self, corner: Ints) -> Floats:
        """From corners to the nearest line: what it is where `settled`, else the least that it can be."""
        new = np.unique(corner[np.isnan(self._ahead_m[corner])])
        if len(new):
            points = shapely.points(self.ground.corners.drawn[new])
            (_, line), self._ahead_m[new] = self.tree.query_nearest(points, all_matches=False, return_distance=True)
            self._foot[new] = shapely.get_coordinates(shapely.get_point(shapely.shortest_line(points, self.lines[line]), 1))
        return np.asarray(self._ahead_m[corner])

    def settled(self, corner: Ints) -> Flags:
        """Corners whose way is known; one that sees the nearest line straight ahead is."""
        new = np.unique(corner[self._state[corner] == _UNTRIED])
        if len(new):
            self.ahead_m(new)
            hidden = self.ground.blocked(lines_of(self.ground.corners.at[new], self._foot[new]), np.full(len(new), -1))
            self._state[new] = np.where(hidden, _OPEN, _SETTLED)
        return np.asarray(self._state[corner] == _SETTLED)

    def learn(self, corner: int, length: float, tail: Floats | None) -> None:
        """The way from a corner, from it on, is `tail`; without one it is not shorter than `length`."""
        self._ahead_m[corner] = length if tail is not None else max(length, self._ahead_m[corner])
        if tail is not None:
            self._state[corner], self._tails[corner] = _SETTLED, tail

    def tail(self, corner: int) -> Floats:
        """The points of the way from a settled corner."""
        here = self._tails.get(corner)
        return np.stack([self.ground.corners.drawn[corner], self._foot[corner]]) if here is None else here


def first_points(shapes: Shapes) -> Floats:
    """The first point of each."""
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    return np.asarray(xy[np.searchsorted(of, np.arange(len(shapes)))])


def points_of(xy: Floats) -> Shapes:
    return np.asarray(shapely.points(xy), dtype=object) if len(xy) else np.empty(0, dtype=object)


def lines_of(start: Floats, end: Floats) -> Shapes:
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object) if len(start) else np.empty(0, dtype=object)
