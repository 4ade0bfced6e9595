"""The shortest lines from buildings round what stands between to where an engine can stand, for many buildings at once. Metric CRS (metres).

A taut line bends at corners only; it leaves a wall and meets a lane square, or at a corner or end of them. So all that has to be tried are corners, the
feet of corners on walls and lanes, and ends of lanes. For each building they are tried in the order of what the whole line would measure at least,
until nothing better can come; corners that are seen from it but do not see the nearest lane are then looked at in the same way. What is found free
makes a small graph, and its shortest paths are the answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csgraph, csr_matrix

from geo.network.ground import Corners, Flags, Floats, Ground, Ints, Shapes

_AT_ONCE, _MOST_AT_ONCE = 4, 32
"""Pieces from one building or corner that are tested in the first round, and in later ones."""
_GENERATIONS = 60
_FINE = 1e-9
_GRAZE_M = 0.005
"""A neighbour this near to a line counts as on it (more than CORNER_M: points beside a corner see past it)."""
_UNTRIED, _OPEN, _SETTLED = range(3)
_HERE = -1
"""In place of a corner: the piece ends where an engine can stand."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Goals:
    """What lines have to reach, a value each: `shapes`, areas or points, `rows` of buildings (-1 = none); their walls `start`, `end` (n, 2) with
    `of`, and pairs `own` (goal, corner) of areas and their corners."""

    shapes: Shapes
    rows: Ints
    start: Floats
    end: Floats
    of: Ints
    own: Ints

    @classmethod
    def build(cls, shapes: Shapes, rows: Ints, corners: Corners) -> Goals:
        areal = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
        parts, of_part = shapely.get_parts(shapes[areal], return_index=True)
        rings, of_ring = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        same = np.flatnonzero((ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
        of = areal[of_part[of_ring[ring[same]]]] if len(same) else np.zeros(0, dtype=np.int64)
        order = np.argsort(rows[areal], kind="stable")
        at = np.searchsorted(rows[areal], corners.owner, sorter=order).clip(max=max(len(areal) - 1, 0))
        mine = np.flatnonzero(rows[areal][order][at] == corners.owner) if len(areal) else np.zeros(0, dtype=np.int64)
        own = np.stack([areal[order][at[mine]], mine], axis=1) if len(mine) else np.zeros((0, 2), dtype=np.int64)
        return cls(shapes, rows, xy[same], xy[same + 1], of, own[np.argsort(own[:, 0], kind="stable")])

    def chosen(self, goals: Ints) -> Goals:
        """Some of them, in ascending order."""
        place = np.full(len(self.shapes), -1)
        place[goals] = np.arange(len(goals))
        wall, own = place[self.of] >= 0, place[self.own[:, 0]] >= 0
        pairs = np.stack([place[self.own[own, 0]], self.own[own, 1]], axis=1)
        return Goals(self.shapes[goals], self.rows[goals], self.start[wall], self.end[wall], place[self.of[wall]], pairs)


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """Straight pieces from an `item` (position of a goal or a corner) to a corner (`to`, or _HERE): `length` and `least` that the line from the item
    measures; `start`, `end` as tested, `drawn` (n, 2, 2) as laid."""

    item: Ints
    to: Ints
    length: Floats
    least: Floats
    start: Floats
    end: Floats
    drawn: Floats

    def __getitem__(self, at: Ints | Flags) -> _Pieces:
        return _Pieces(self.item[at], self.to[at], self.length[at], self.least[at], self.start[at], self.end[at], self.drawn[at])

    @classmethod
    def joined(cls, parts: list[_Pieces]) -> _Pieces:
        columns = ("item", "to", "length", "least", "start", "end", "drawn")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


class Laying:
    """Lays lines in one ground; `lay` gives for each goal the length and the points from the goal to the stand, or None beyond its limit."""

    def __init__(self, ground: Ground, lines: Shapes) -> None:
        self.ground, self.corners = ground, ground.corners
        self.stands = Stands(lines, ground)
        self.corner_tree = shapely.STRtree(points_of(self.corners.drawn))

    def lay(self, goals: Goals, limit_m: Floats) -> list[tuple[float, Floats] | None]:
        bound = limit_m + _FINE
        pieces = [self._own(goals, bound), self._from_walls(goals, bound), self._to_bends(goals, bound), *self._from_points(goals, bound)]
        free = self._free(_Pieces.joined(pieces), bound, goals.rows, None)
        edges, due = [(free, True)], self._due(free, bound)
        done = np.zeros(len(self.corners.at))
        for _ in range(_GENERATIONS):
            corner, budget = due
            more = budget > done[corner] + _FINE
            corner, budget = corner[more], budget[more]
            if not len(corner):
                break
            done[corner] = budget
            found = self._free(self._from_corners(corner, budget), budget, np.full(len(corner), -1), corner)
            due = self._due(found, budget)
            edges.append((_Pieces(corner[found.item], *(getattr(found, n) for n in _Pieces.__slots__[1:])), False))
        return self._paths(len(goals.shapes), edges, limit_m, done)

    def _free(self, pieces: _Pieces, bound: Floats, rows: Ints, corner: Ints | None) -> _Pieces:
        """Those that are free, as far as they may still be part of a shortest line; `bound` of each item goes down to what was found.

        An item is a goal, with the row of its building in `rows`, or a `corner`."""
        order = np.lexsort([pieces.least, pieces.item])
        rank = np.arange(len(order)) - np.searchsorted(pieces.item[order], pieces.item[order])
        by_rank = np.argsort(rank, kind="stable")
        pieces, rank = pieces[order[by_rank]], rank[by_rank]
        kept: list[_Pieces] = [pieces[np.zeros(0, dtype=np.int64)]]
        first, after, size = 0, 0, _AT_ONCE
        while after < len(rank):
            first, after, size = after, int(np.searchsorted(rank, rank[after] + size)), min(2 * size, _MOST_AT_ONCE)
            near = first + np.flatnonzero(pieces.least[first:after] < bound[pieces.item[first:after]])
            if not len(near):
                continue
            batch = pieces[near]
            inside = (batch.to >= 0) & (batch.length == 0) & (rows[batch.item] >= 0)  # a building's own corners
            blocked = self._blocked(batch, rows, corner)
            batch = batch[inside | ~blocked]
            final = batch.to == _HERE
            final[~final] = self.stands.settled(batch.to[~final])
            np.minimum.at(bound, batch.item[final], batch.least[final])
            kept.append(batch)
        return _Pieces.joined(kept)

    def _blocked(self, batch: _Pieces, rows: Ints, corner: Ints | None) -> Flags:
        between = np.zeros(len(batch.item), dtype=bool) if corner is None else batch.to >= 0
        blocked = np.zeros(len(batch.item), dtype=bool)
        rest = batch[~between]
        blocked[~between] = self.ground.blocked(lines_of(rest.start, rest.end), rows[rest.item])
        if corner is not None and between.any():
            blocked[between] = self.ground.hidden(corner[batch.item[between]], batch.to[between])
        return blocked

    def _due(self, free: _Pieces, bound: Floats) -> tuple[Ints, Floats]:
        """Corners from which the line has to go on, and what it may measure from there."""
        on = np.flatnonzero((free.to >= 0) & (free.least < bound[free.item] + _FINE))
        on = on[~self.stands.settled(free.to[on])]
        corner, which = np.unique(free.to[on], return_inverse=True)
        budget = np.zeros(len(corner))
        np.maximum.at(budget, which, bound[free.item[on]] - free.length[on])
        return corner, budget

    # pieces to try

    def _own(self, goals: Goals, bound: Floats) -> _Pieces:
        """A building's own corners, which its line may end at."""
        goal, corner = goals.own[:, 0], goals.own[:, 1]
        here = self.corners.drawn[corner]
        return self._checked(goal, corner, here, here, bound)

    def _from_walls(self, goals: Goals, bound: Floats) -> _Pieces:
        """From the foot of each corner on each wall to that corner."""
        goal, corner = self._near(goals, bound, self.corner_tree)
        goal, corner, foot = _feet_on_walls(goals, goal, corner, self.corners.drawn)
        good = _tangent(foot, self.corners, corner)
        return self._checked(goal[good], corner[good], foot[good], foot[good], bound)

    def _to_bends(self, goals: Goals, bound: Floats) -> _Pieces:
        """From the foot of each end or bend of a line on each wall to it."""
        goal, bend = self._near(goals, bound, self.stands.bend_tree)
        goal, bend, foot = _feet_on_walls(goals, goal, bend, self.stands.bends)
        return _here(goal, foot, foot, self.stands.bends[bend], bound)

    def _near(self, goals: Goals, bound: Floats, tree: shapely.STRtree) -> Ints:
        areal = np.flatnonzero(shapely.get_dimensions(goals.shapes) == 2)
        goal, point = tree.query(goals.shapes[areal], predicate="dwithin", distance=bound[areal])
        return np.stack([areal[goal], point])

    def _from_points(self, goals: Goals, bound: Floats) -> list[_Pieces]:
        single = np.flatnonzero(shapely.get_dimensions(goals.shapes) < 2)
        xy = first_points(goals.shapes[single])
        points = points_of(xy)
        item, corner = self.corner_tree.query(points, predicate="dwithin", distance=bound[single])
        good = _tangent(xy[item], self.corners, corner)
        item, corner = item[good], corner[good]
        return [self._checked(single[item], corner, xy[item], xy[item], bound), self._to_feet(points, xy, xy, single, bound)]

    def _from_corners(self, corner: Ints, bound: Floats) -> _Pieces:
        at, drawn = self.corners.at[corner], self.corners.drawn[corner]
        points = points_of(drawn)
        item, to = self.corner_tree.query(points, predicate="dwithin", distance=bound)
        good = corner[item] != to
        item, to = item[good], to[good]
        good = _tangent(at[item], self.corners, to)
        item, to = item[good], to[good]
        onward = self._checked(item, to, at[item], drawn[item], bound)
        return _Pieces.joined([onward, self._to_feet(points, at, drawn, np.arange(len(corner)), bound)])

    def _to_feet(self, points: Shapes, at: Floats, drawn: Floats, items: Ints, bound: Floats) -> _Pieces:
        """From points to their feet on the pieces of the lines."""
        i, piece = self.stands.pieces.query(points, predicate="dwithin", distance=bound[items])
        foot = _foot(drawn[i], self.stands.start[piece], self.stands.end[piece], clip=True)[0]
        return _here(items[i], at[i], drawn[i], foot, bound)

    def _checked(self, item: Ints, corner: Ints, start: Floats, drawn: Floats, bound: Floats) -> _Pieces:
        """Pieces to corners, without those that are too long whatever follows."""
        length = np.hypot(*(self.corners.drawn[corner] - drawn).T)
        good = np.flatnonzero(length < bound[item])
        least = length[good] + self.stands.ahead_m(corner[good])
        short = least < bound[item[good]]
        good, least = good[short], least[short]
        end = self.corners.at[corner[good]]
        pieces = np.stack([drawn[good], self.corners.drawn[corner[good]]], axis=1)
        return _Pieces(item[good], corner[good], length[good], least, start[good], end, pieces)

    # the graph of what is free

    def _paths(self, count: int, edges: list[tuple[_Pieces, bool]], limit_m: Floats, done: Floats) -> list[tuple[float, Floats] | None]:
        """The shortest lines of the goals; what that tells of corners is kept. `done`: up to what length the ways from each corner were tried."""
        graph = _Graph.of(count, edges, self.stands)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """Nodes: the goals, the corners `used`, and one for all stands (`stand`). `far`: the way from each node to a stand, `after`: the next node on it."""

    count: int
    used: Ints
    stand: int
    far: Floats
    after: Ints
    piece_of: dict[tuple[int, int], int]
    drawn: Floats

    @classmethod
    def of(cls, count: int, edges: list[tuple[_Pieces, bool]], stands: Stands) -> _Graph:
        """`edges`: free pieces, and whether they are from goals or from corners."""
        pieces = _Pieces.joined([part for part, _ in edges])
        goal = np.concatenate([np.full(len(part.item), first) for part, first in edges])
        used = np.unique(np.concatenate([pieces.to[pieces.to >= 0], pieces.item[~goal]]))
        known = used[stands.settled(used)]
        stand = count + len(used)
        start = np.where(goal, pieces.item, count + np.searchsorted(used, pieces.item))
        end = np.where(pieces.to == _HERE, stand, count + np.searchsorted(used, pieces.to))
        which = np.concatenate([np.arange(len(start)), np.full(len(known), -1)])
        start = np.concatenate([start, count + np.searchsorted(used, known)])
        end = np.concatenate([end, np.full(len(known), stand)])
        length = np.concatenate([pieces.length, stands.ahead_m(known)]) + _FINE  # a zero is no edge
        order = np.lexsort([length, end, start])
        order = order[np.append(True, (np.diff(start[order]) != 0) | (np.diff(end[order]) != 0))[: len(order)]]
        graph = csr_matrix((length[order], (end[order], start[order])), shape=(stand + 1, stand + 1))
        far, after = csgraph.dijkstra(graph, indices=stand, return_predecessors=True)
        pairs = zip(start[order].tolist(), end[order].tolist(), strict=True)
        return cls(count, used, stand, far, after, dict(zip(pairs, which[order].tolist(), strict=True)), pieces.drawn)

    def line(self, node: int, stands: Stands) -> Floats:
        """The points of the way from a node."""
        points: list[Floats] = []
        while node != self.stand:
            following = int(self.after[node])
            piece = self.piece_of[node, following]
            points += list(stands.tail(int(self.used[node - self.count])) if piece < 0 else self.drawn[piece])
            node = following
        line = np.array(points)
        return np.asarray(line[np.append(True, (np.abs(np.diff(line, axis=0)) > _FINE).any(axis=1))])


def first_points(shapes: Shapes) -> Floats:
    """The first point of each."""
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    return np.asarray(xy[np.searchsorted(of, np.arange(len(shapes)))])


def points_of(xy: Floats) -> Shapes:
    return np.asarray(shapely.points(xy), dtype=object) if len(xy) else np.empty(0, dtype=object)


def lines_of(start: Floats, end: Floats) -> Shapes:
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object) if len(start) else np.empty(0, dtype=object)


def _here(item: Ints, start: Floats, drawn: Floats, end: Floats, bound: Floats) -> _Pieces:
    """Pieces that end where an engine can stand."""
    length = np.hypot(*(end - drawn).T)
    good = np.flatnonzero(length < bound[item])
    to = np.full(len(good), _HERE)
    pieces = np.stack([drawn[good], end[good]], axis=1)
    return _Pieces(item[good], to, length[good], length[good], start[good], end[good], pieces)


def _foot(points: Floats, a: Floats, b: Floats, *, clip: bool) -> tuple[Floats, Floats]:
    """Feet of points on straight pieces, pair by pair, and where along them (0…1)."""
    along = b - a
    size = (along**2).sum(axis=1)
    share = ((points - a) * along).sum(axis=1) / np.where(size == 0, 1, size)
    share = np.clip(share, 0, 1) if clip else share
    return a + share[:, None] * along, share


def _feet_on_walls(goals: Goals, goal: Ints, point: Ints, xy: Floats) -> tuple[Ints, Ints, Floats]:
    """For pairs of a goal and a point: (goal, point, foot) on each wall that has its foot between the ends."""
    first = np.searchsorted(goals.of, goal, side="left")
    many = np.searchsorted(goals.of, goal, side="right") - first
    pair = np.repeat(np.arange(len(goal)), many)
    wall = np.arange(len(pair)) - np.repeat(np.cumsum(many) - many, many) + first[pair]
    foot, share = _foot(xy[point[pair]], goals.start[wall], goals.end[wall], clip=False)
    good = (share > 0) & (share < 1)
    return goal[pair[good]], point[pair[good]], foot[good]


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
