"""Distances along the network from buildings to the nearest of some places (hydrants, stations), with straight legs at both ends. Metric CRS (metres).

A building or place joins every edge within `near_m` of it, or the nearest one where none is, from the point of its outline that is nearest to the edge
and from each of its corners, or straight from a place that it faces; the shortest of all ways counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_matrix
from shapely.ops import substring

from geo.network.graph import Network
from geo.network.ground import usable

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FINE = 1e-9


def straight_m(points: Shapes, places: Shapes) -> tuple[Floats, Ints]:
    """Metres from each geometry to the nearest place and the position of that; NaN and -1 where either is missing."""
    far, nearest = np.full(len(points), np.nan), np.full(len(points), -1, dtype=np.int64)
    there, placed = np.flatnonzero(usable(places)), np.flatnonzero(usable(points))
    if len(there) and len(placed):
        (at, place), metres = shapely.STRtree(places[there]).query_nearest(points[placed], all_matches=False, return_distance=True)
        far[placed[at]], nearest[placed[at]] = metres, there[place]
    return far, nearest


def inside(shapes: Shapes) -> Shapes:
    """A point in each building to measure straight distances from; None where it is not on the map."""
    points = np.full(len(shapes), None, dtype=object)
    good = usable(shapes)
    points[good] = shapely.point_on_surface(shapes[good])
    return points


@dataclass(frozen=True, slots=True, eq=False)
class Joins:
    """Where geometries join the network: `of` (position of the geometry), the edge, how far along it, the leg to there and the point it starts from; `low_m` to
    `high_m`: the stretch of the edge that the geometry faces."""

    of: Ints
    edge: Ints
    along_m: Floats
    leg_m: Floats
    start: Shapes
    low_m: Floats
    high_m: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """A value a building: metres to the nearest place, NaN = no way is drawn; the position of that place, -1 = none."""

    length_m: Floats
    place: Ints
    ways: Ways
    start: Ints
    through: Ints
    """For each building the position of its join in Ways, and the node that the way takes first: -1 = none, it stays on that edge."""
    same: Ints

    def line(self, row: int) -> shapely.LineString | None:
        """The whole way of one building."""
        return None if self.place[row] < 0 else self.ways.line(int(self.start[row]), int(self.through[row]), int(self.same[row]))


class Routes:
    """The network with the buildings joined to it."""

    def __init__(self, network: Network, buildings: Shapes, *, near_m: float) -> None:
        self.network, self.near_m, self.count = network, near_m, len(buildings)
        self.long = np.flatnonzero(network.length_m > 0)
        self.tree = shapely.STRtree(network.lines[self.long])
        self.buildings, self.joins = buildings, self.join(buildings)

    def join(self, shapes: Shapes) -> Joins:
        good = np.flatnonzero(usable(shapes))
        if not len(self.long) or not len(good):
            nothing, none = np.zeros(0, dtype=np.int64), np.zeros(0)
            return Joins(nothing, nothing, none, none, np.empty(0, dtype=object), none, none)
        near = self.tree.query(shapes[good], predicate="dwithin", distance=self.near_m)
        rest = np.setdiff1d(np.arange(len(good)), near[0])
        if len(rest):
            found = self.tree.query_nearest(shapes[good[rest]], all_matches=False)
            near = np.concatenate([near, np.stack([rest[found[0]], found[1]])], axis=1)
        of, edge = good[near[0]], self.long[near[1]]
        near_point = shapely.get_point(shapely.shortest_line(shapes[of], self.network.lines[edge]), 0)
        xy, pair = shapely.get_coordinates(shapes[of], return_index=True)
        start = np.concatenate([near_point, shapely.points(xy)])
        pair = np.concatenate([np.arange(len(of)), pair])
        lines = self.network.lines[edge[pair]]
        along, leg = np.asarray(shapely.line_locate_point(lines, start)), np.asarray(shapely.distance(lines, start))
        low, high = np.full(len(of), np.inf), np.full(len(of), -np.inf)
        np.minimum.at(low, pair, along)
        np.maximum.at(high, pair, along)
        return Joins(of[pair], edge[pair], along, leg, np.asarray(start, dtype=object), low[pair], high[pair])

    def to(self, places: Shapes) -> Along:
        """The nearest place along the network for every building."""
        ways = Ways(self, self.join(places))
        mine = self.joins
        ends, length = self.network.ends[mine.edge], self.network.length_m[mine.edge]
        by_start, by_end = mine.along_m + ways.far[ends[:, 0]], length - mine.along_m + ways.far[ends[:, 1]]
        on_edge, same = ways.on_edge(mine)
        total = mine.leg_m + np.fmin(np.fmin(by_start, by_end), on_edge)
        order = np.lexsort([np.arange(len(total)), total, mine.of])
        first = order[np.append(True, np.diff(mine.of[order]) != 0)[: len(order)]]
        first = first[np.isfinite(total[first])]
        stays = on_edge[first] <= np.fmin(by_start[first], by_end[first])
        node = np.where(by_start[first] <= by_end[first], ends[first, 0], ends[first, 1])
        rows = mine.of[first]
        made = [np.full(self.count, -1, dtype=np.int64) for _ in range(4)]
        place, start, through, kept = made
        start[rows], through[rows] = first, np.where(stays, -1, node)
        kept[rows] = np.where(stays, same[first], -1)
        place[rows] = ways.places.of[np.where(stays, same[first], ways.first_join[node])]
        metres = np.full(self.count, np.nan)
        metres[rows] = total[first]
        return Along(metres, place, ways, start, through, kept)


class Ways:
    """The shortest ways from all nodes to places that are joined to the network. `far` (a value a node): metres, inf = no way."""

    def __init__(self, routes: Routes, places: Joins) -> None:
        self.routes, self.places, network = routes, places, routes.network
        count = len(network.nodes)
        ends = network.ends[places.edge]
        legs = [places.leg_m + places.along_m, places.leg_m + network.length_m[places.edge] - places.along_m]
        edges = np.arange(len(network.ends))
        start = np.concatenate([network.ends[:, 0], network.ends[:, 1], np.full(2 * len(ends), count)])
        end = np.concatenate([network.ends[:, 1], network.ends[:, 0], ends[:, 0], ends[:, 1]])
        length = np.concatenate([network.length_m, network.length_m, *legs]) + _FINE  # a zero is no edge
        what = np.concatenate([edges, edges, np.arange(len(ends)), np.arange(len(ends))])
        order = np.lexsort([length, end, start])
        order = order[np.append(True, (np.diff(start[order]) != 0) | (np.diff(end[order]) != 0))[: len(order)]]
        self._start, self._end, self._what = start[order], end[order], what[order]
        graph = csr_matrix((length[order], (self._start, self._end)), shape=(count + 1, count + 1))
        far, before = csgraph.dijkstra(graph, indices=count, return_predecessors=True)
        self.far, self.before, self.source = far[:count], before, count

    @cached_property
    def first_join(self) -> Ints:
        """For each node the join of the place that its way leads to, -1 = none."""
        count = self.source
        joins = np.full(count + 1, -1, dtype=np.int64)
        mine = self._start == count
        at = self._end[mine]
        straight = self.before[at] == count
        joins[at[straight]] = self._what[mine][straight]
        up = np.where(joins[:count] >= 0, np.arange(count), self.before[:count])
        up = np.append(np.where(up < 0, count, up), count)
        for _ in range(64):
            further = up[up]
            if (further == up).all():
                break
            up = further
        return np.asarray(joins[up][:count])

    def on_edge(self, mine: Joins) -> tuple[Floats, Ints]:
        """For each join of a building the way to a place on the same edge (inf = none), leg of the place included, and that place's join."""
        places = self.places
        order = np.argsort(places.edge, kind="stable")
        low = np.searchsorted(places.edge[order], mine.edge, side="left")
        many = np.searchsorted(places.edge[order], mine.edge, side="right") - low
        pair = np.repeat(np.arange(len(many)), many)
        other = order[np.arange(len(pair)) - np.repeat(np.cumsum(many) - many, many) + low[pair]]
        length = np.abs(mine.along_m[pair] - places.along_m[other]) + places.leg_m[other]
        faced = np.flatnonzero(_faces(mine, pair, places.along_m[other]))
        if len(faced):
            spot = shapely.line_interpolate_point(self.routes.network.lines[mine.edge[pair[faced]]], places.along_m[other[faced]])
            leg = shapely.distance(spot, self.routes.buildings[mine.of[pair[faced]]])
            length[faced] = leg + places.leg_m[other[faced]] - mine.leg_m[pair[faced]]
        far, which = np.full(len(many), np.inf), np.full(len(many), -1, dtype=np.int64)
        best = np.lexsort([length, pair])
        best = best[np.append(True, np.diff(pair[best]) != 0)[: len(best)]]
        far[pair[best]], which[pair[best]] = length[best], other[best]
        return far, which

    def line(self, start: int, node: int, same: int) -> shapely.LineString:
        """From a building's join by `node` to the place that this leads to, or on the same edge to the place's join `same`."""
        network, mine, places = self.routes.network, self.routes.joins, self.places
        edge, at = int(mine.edge[start]), float(mine.along_m[start])
        parts = [shapely.get_coordinates(mine.start[start])]
        if node < 0 and _faces(mine, np.array([start]), places.along_m[same])[0]:
            spot = shapely.line_interpolate_point(network.lines[edge], places.along_m[same])
            parts = [shapely.get_coordinates(shapely.shortest_line(self.routes.buildings[mine.of[start]], spot))]
        elif node < 0:
            parts.append(_piece(network.lines[edge], at, float(places.along_m[same])))
        else:
            by_start = node == network.ends[edge, 0] and self._by_start(start, node)
            parts.append(_piece(network.lines[edge], at, 0.0 if by_start else network.length_m[edge]))
            onward, same = self._from_node(node)
            parts += onward
        parts.append(shapely.get_coordinates(places.start[same]))
        xy = np.concatenate(parts)
        xy = xy[np.append(True, (np.abs(np.diff(xy, axis=0)) > 1e-6).any(axis=1))]
        return shapely.LineString(xy if len(xy) > 1 else np.repeat(xy, 2, axis=0))

    def _from_node(self, node: int) -> tuple[list[Floats], int]:
        """The points of the way from a node to the edge of the place that it leads to and along that, and the place's join."""
        network, places, parts = self.routes.network, self.places, []
        while self.before[node] != self.source:
            parts.append(self._step(node, int(self.before[node])))
            node = int(self.before[node])
        same = int(self.first_join[node])
        last, along = int(places.edge[same]), float(places.along_m[same])
        by_start = node == network.ends[last, 0] and (node != network.ends[last, 1] or along * 2 <= network.length_m[last])
        return [*parts, _piece(network.lines[last], 0.0 if by_start else network.length_m[last], along)], same

    def _by_start(self, start: int, node: int) -> bool:
        """Whether the way to a node at both ends of an edge (a ring) goes by the edge's start."""
        mine, network = self.routes.joins, self.routes.network
        edge = mine.edge[start]
        return bool(node != network.ends[edge, 1] or mine.along_m[start] * 2 <= network.length_m[edge])

    def _step(self, node: int, following: int) -> Floats:
        """The points of the edge between two nodes."""
        count = self.source
        keys = self._start * (count + 1) + self._end
        edge = int(self._what[np.searchsorted(keys, following * (count + 1) + node)])
        xy = shapely.get_coordinates(self.routes.network.lines[edge])
        return xy if self.routes.network.ends[edge, 0] == node else xy[::-1]


def _faces(mine: Joins, at: Ints, along_m: Floats) -> NDArray[np.bool_]:
    """Whether the buildings of these joins face the places this far along the same edge."""
    return np.asarray((mine.low_m[at] < along_m) & (along_m < mine.high_m[at]))


def _piece(line: shapely.LineString, start_m: float, end_m: float) -> Floats:
    """The points of a line between two places along it, in that direction."""
    return shapely.get_coordinates(substring(line, start_m, end_m))
