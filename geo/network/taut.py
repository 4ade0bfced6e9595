"""The shortest lines from buildings round what stands between to where an engine can stand, for many buildings at once. Metric CRS (metres).

A taut line bends at corners only; it leaves a wall and meets a lane square, or at a corner or end of them. So all that has to be tried are corners, the
feet of corners on walls and lanes, ends of lanes, and where a wall runs into what stands against it. For each building they are tried in the order of
what the whole line would measure at least, until nothing better can come; corners that are seen from it but do not see the nearest lane are then looked
at in the same way. What is found free makes a small graph, and its shortest paths are the answer.
"""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.free_graph import Graph
from geo.network.goals import Goals, feet_on_walls, foot_of
from geo.network.ground import Corners, Flags, Floats, Ground, Ints, Shapes
from geo.network.pieces import HERE, Pieces, here
from geo.network.stands import Stands, first_points, lines_of, points_of

_AT_ONCE, _MOST_AT_ONCE = 4, 32
"""Pieces from one building or corner that are tested in the first round, and in later ones."""
_GENERATIONS = 60
BUDGET, BUDGET_EACH, LEAST = 300_000, 4_000, 2_000
"""Lines that are tested for all goals together, and more for each of them; after as many in vain, LEAST for each."""
_PAIRS = 3_000_000
"""Pairs of corners to look at in one go, and of corners and walls of one goal in all."""
_FINE = 1e-9
_GRAZE_M = 0.005
"""A neighbour this near to a line counts as on it (more than CORNER_M: points beside a corner see past it)."""


class Spent(Exception):
    """More lines would have to be tested than may be."""


class Laying:
    """Lays lines in one ground; `lay` gives for each goal the length and the points from the goal to the stand, or None beyond its limit."""

    def __init__(self, ground: Ground, lines: Shapes) -> None:
        self.ground, self.corners = ground, ground.corners
        self.stands = Stands(lines, ground)
        self.corner_tree = shapely.STRtree(points_of(self.corners.drawn))
        self._left, self._in_vain = 0, 0

    def lay_affordable(self, goals: Goals, limit_m: Floats) -> tuple[list[tuple[float, Floats] | None], Flags]:
        """The lines, and which goals would take too many tests: those are looked for in ever smaller lots, as long as that may be."""
        count = len(goals.shapes)
        budget = BUDGET + BUDGET_EACH * count if self._in_vain < BUDGET else LEAST * count
        return self._lay_in_lots(goals, limit_m, budget)

    def _lay_in_lots(self, goals: Goals, limit_m: Floats, budget: int) -> tuple[list[tuple[float, Floats] | None], Flags]:
        self._left, count = budget, len(goals.shapes)
        try:
            return self.lay(goals, limit_m), np.zeros(count, dtype=bool)
        except Spent:
            self._in_vain += budget
        if count == 1 or self._in_vain > 2 * BUDGET:
            return [None] * count, np.ones(count, dtype=bool)
        lots = np.array_split(np.arange(count), 2)
        done = [self._lay_in_lots(goals.chosen(lot), limit_m[lot], budget // 2) for lot in lots]
        return done[0][0] + done[1][0], np.concatenate([done[0][1], done[1][1]])

    def _spend(self, lines: int) -> None:
        self._left -= lines
        if self._left < 0:
            raise Spent

    def lay(self, goals: Goals, limit_m: Floats) -> list[tuple[float, Floats] | None]:
        """Raises Spent."""
        bound = limit_m + _FINE
        pieces = [self._own(goals, bound), self._from_walls(goals, bound), self._to_bends(goals, bound), *self._from_points(goals, bound)]
        free = self._free(Pieces.joined(pieces), bound, goals.rows, None)
        edges, due = [(free, True)], self._due(free, bound)
        done = np.zeros(len(self.corners.at))
        for _ in range(_GENERATIONS):
            corner, budget = due
            more = budget > done[corner] + _FINE
            corner, budget = corner[more], budget[more]
            if not len(corner):
                break
            done[corner] = budget
            found = self._onward(corner, budget)
            due = self._due(found, budget)
            edges.append((Pieces(corner[found.item], *(getattr(found, n) for n in Pieces.__slots__[1:])), False))
        return self._paths(len(goals.shapes), edges, limit_m, done)

    def _onward(self, corner: Ints, budget: Floats) -> Pieces:
        """The free pieces from corners, `item` = position in `corner`; some corners at a time: all pairs of corners are too many."""
        found, size = [], max(1, _PAIRS // max(len(self.corners.at), 1))
        for first in range(0, len(corner), size):
            some = slice(first, first + size)
            bound = budget[some].copy()
            free = self._free(self._from_corners(corner[some], bound), bound, np.full(len(bound), -1), corner[some])
            budget[some] = bound
            found.append(Pieces(free.item + first, *(getattr(free, n) for n in Pieces.__slots__[1:])))
        return Pieces.joined(found)

    def _free(self, pieces: Pieces, bound: Floats, rows: Ints, corner: Ints | None) -> Pieces:
        """Those that are free, as far as they may still be part of a shortest line; `bound` of each item goes down to what was found.

        An item is a goal, with the row of its building in `rows`, or a `corner`."""
        order = np.lexsort([pieces.least, pieces.item])
        rank = np.arange(len(order)) - np.searchsorted(pieces.item[order], pieces.item[order])
        by_rank = np.argsort(rank, kind="stable")
        pieces, rank = pieces[order[by_rank]], rank[by_rank]
        kept: list[Pieces] = [pieces[np.zeros(0, dtype=np.int64)]]
        first, after, size = 0, 0, _AT_ONCE
        while after < len(rank):
            first, after, size = after, int(np.searchsorted(rank, rank[after] + size)), min(2 * size, _MOST_AT_ONCE)
            near = first + np.flatnonzero(pieces.least[first:after] < bound[pieces.item[first:after]])
            if not len(near):
                continue
            self._spend(len(near))
            batch = pieces[near]
            inside = (batch.to >= 0) & (batch.length == 0) & (rows[batch.item] >= 0)  # a building's own corners
            blocked = self._blocked(batch, rows, corner)
            batch = batch[inside | ~blocked]
            final = batch.to == HERE
            final[~final] = self.stands.settled(batch.to[~final])
            np.minimum.at(bound, batch.item[final], batch.least[final])
            kept.append(batch)
        return Pieces.joined(kept)

    def _blocked(self, batch: Pieces, rows: Ints, corner: Ints | None) -> Flags:
        between = np.zeros(len(batch.item), dtype=bool) if corner is None else batch.to >= 0
        blocked = np.zeros(len(batch.item), dtype=bool)
        rest = batch[~between]
        blocked[~between] = self.ground.blocked(lines_of(rest.start, rest.end), rows[rest.item])
        if corner is not None and between.any():
            blocked[between] = self.ground.hidden(corner[batch.item[between]], batch.to[between])
        return blocked

    def _due(self, free: Pieces, bound: Floats) -> tuple[Ints, Floats]:
        """Corners from which the line has to go on, and what it may measure from there."""
        on = np.flatnonzero((free.to >= 0) & (free.least < bound[free.item] + _FINE))
        on = on[~self.stands.settled(free.to[on])]
        corner, which = np.unique(free.to[on], return_inverse=True)
        budget = np.zeros(len(corner))
        np.maximum.at(budget, which, bound[free.item[on]] - free.length[on])
        return corner, budget

    # pieces to try

    def _own(self, goals: Goals, bound: Floats) -> Pieces:
        """A building's own corners, which its line may end at."""
        goal, corner = goals.own[:, 0], goals.own[:, 1]
        here = self.corners.drawn[corner]
        return self._checked(goal, corner, here, here, bound)

    def _from_walls(self, goals: Goals, bound: Floats) -> Pieces:
        """From the foot of each corner on each wall to that corner."""
        goal, corner = self._near(goals, bound, self.corner_tree)
        self._afford(goals, goal)
        goal, corner, foot = feet_on_walls(goals, goal, corner, self.corners.drawn)
        good = _tangent(foot, self.corners, corner)
        return self._checked(goal[good], corner[good], foot[good], foot[good], bound)

    def _to_bends(self, goals: Goals, bound: Floats) -> Pieces:
        """From the foot of each end or bend of a line on each wall to it."""
        goal, bend = self._near(goals, bound, self.stands.bend_tree)
        self._afford(goals, goal)
        goal, bend, foot = feet_on_walls(goals, goal, bend, self.stands.bends)
        return here(goal, foot, foot, self.stands.bends[bend], bound)

    def _afford(self, goals: Goals, goal: Ints) -> None:
        """Raises Spent where the goals of these pairs have too many walls for all of them."""
        walls = np.bincount(goals.of, minlength=len(goals.shapes))
        if int(walls[goal].sum()) > _PAIRS * 2:
            raise Spent

    def _near(self, goals: Goals, bound: Floats, tree: shapely.STRtree) -> Ints:
        areal = np.flatnonzero(shapely.get_dimensions(goals.shapes) == 2)
        goal, point = tree.query(goals.shapes[areal], predicate="dwithin", distance=bound[areal])
        return np.stack([areal[goal], point])

    def _from_points(self, goals: Goals, bound: Floats) -> list[Pieces]:
        single = np.flatnonzero(shapely.get_dimensions(goals.shapes) < 2)
        xy = np.concatenate([first_points(goals.shapes[single]), goals.beside])
        single = np.concatenate([single, goals.beside_of])
        points = points_of(xy)
        item, corner = self.corner_tree.query(points, predicate="dwithin", distance=bound[single])
        good = _tangent(xy[item], self.corners, corner)
        item, corner = item[good], corner[good]
        return [self._checked(single[item], corner, xy[item], xy[item], bound), self._to_feet(points, xy, xy, single, bound)]

    def _from_corners(self, corner: Ints, bound: Floats) -> Pieces:
        at, drawn = self.corners.at[corner], self.corners.drawn[corner]
        points = points_of(drawn)
        item, to = self.corner_tree.query(points, predicate="dwithin", distance=bound)
        good = corner[item] != to
        item, to = item[good], to[good]
        good = _tangent(at[item], self.corners, to)
        item, to = item[good], to[good]
        onward = self._checked(item, to, at[item], drawn[item], bound)
        return Pieces.joined([onward, self._to_feet(points, at, drawn, np.arange(len(corner)), bound)])

    def _to_feet(self, points: Shapes, at: Floats, drawn: Floats, items: Ints, bound: Floats) -> Pieces:
        """From points to their feet on the pieces of the lines."""
        i, piece = self.stands.pieces.query(points, predicate="dwithin", distance=bound[items])
        foot = foot_of(drawn[i], self.stands.start[piece], self.stands.end[piece], clip=True)[0]
        return here(items[i], at[i], drawn[i], foot, bound)

    def _checked(self, item: Ints, corner: Ints, start: Floats, drawn: Floats, bound: Floats) -> Pieces:
        """Pieces to corners, without those that are too long whatever follows."""
        length = np.hypot(*(self.corners.drawn[corner] - drawn).T)
        good = np.flatnonzero(length < bound[item])
        least = length[good] + self.stands.ahead_m(corner[good])
        short = least < bound[item[good]]
        good, least = good[short], least[short]
        end = self.corners.at[corner[good]]
        pieces = np.stack([drawn[good], self.corners.drawn[corner[good]]], axis=1)
        return Pieces(item[good], corner[good], length[good], least, start[good], end, pieces)

    # the graph of what is free

    def _paths(self, count: int, edges: list[tuple[Pieces, bool]], limit_m: Floats, done: Floats) -> list[tuple[float, Floats] | None]:
        """The shortest lines of the goals; what that tells of corners is kept. `done`: up to what length the ways from each corner were tried."""
        graph = Graph.of(count, edges, self.stands)
        tried = np.flatnonzero(done > 0)
        far = graph.far[count + np.searchsorted(graph.used, tried)]
        for corner, length, budget in zip(tried.tolist(), far.tolist(), done[tried].tolist(), strict=True):
            known = length <= budget
            place = count + int(np.searchsorted(graph.used, corner))
            self.stands.learn(corner, length if known else budget, graph.line(place, self.stands) if known else None)
        found: list[tuple[float, Floats] | None] = [None] * count
        for i in np.flatnonzero(graph.far[:count] <= limit_m + 1e-6):
            line = graph.line(int(i), self.stands)
            found[i] = (float(np.hypot(*np.diff(line, axis=0).T).sum()), line)
        return found


def _tangent(origin: Floats, corners: Corners, to: Ints) -> Flags:
    """Whether straight lines from `origin` only touch the corner: its neighbours are both on one side."""
    at = corners.at[to]
    way = at - origin
    size = np.maximum(np.hypot(*way.T), _FINE)

    def off(point: Floats) -> Floats:
        arm = point - at
        return np.asarray((way[:, 0] * arm[:, 1] - way[:, 1] * arm[:, 0]) / size)

    one, other = off(corners.before[to]), off(corners.after[to])
    return np.asarray((np.minimum(one, other) >= -_GRAZE_M) | (np.maximum(one, other) <= _GRAZE_M))
