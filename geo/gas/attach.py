"""Where mains and outlines can be joined to the street network: stops along its edges, and straight stubs between them. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.gas.budget import Budget, slices
from geo.gas.parts import Things, Ways

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAR_M = 200.0
"""How far from an outline the nearest street or lane may lie when none comes within reach of a stub."""
CLEAR_M = 0.01
"""A stub may touch what it starts or ends at: this much at both of its ends is not looked at."""
_SAME_M = 1e-6
_SQUARE = 0.02
"""A stub leaves the street square when at most this share of it points along the street (1.1 degrees)."""


@dataclass(frozen=True, slots=True)
class Stops:
    """Places along the network's edges, a value each: the row of the `edge`, and how far along it."""

    edge: Ints
    offset_m: Floats

    def points(self, network: Ways) -> Shapes:
        return np.asarray(shapely.line_interpolate_point(network.lines[self.edge], self.offset_m), dtype=object)

    @classmethod
    def joined(cls, *parts: Stops) -> Stops:
        return cls(np.concatenate([p.edge for p in parts]), np.concatenate([p.offset_m for p in parts]))

    def distinct(self) -> Stops:
        """Each place once, along the edges."""
        order = np.lexsort((self.offset_m, self.edge))
        edge, offset = self.edge[order], self.offset_m[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (edge[1:] != edge[:-1]) | (offset[1:] != offset[:-1])
        return Stops(edge[new], offset[new])


@dataclass(frozen=True, slots=True)
class Stubs:
    """Straight pieces of pipe: from `stop` to `thing` (positions), `length_m`."""

    stop: Ints
    thing: Ints
    length_m: Floats

    def __getitem__(self, chosen: Flags | Ints) -> Stubs:
        return Stubs(self.stop[chosen], self.thing[chosen], self.length_m[chosen])


def usable(shapes: Shapes) -> Flags:
    """Which have coordinates, all of them finite; anything else cannot be measured to."""
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    broken = np.zeros(len(shapes), dtype=bool)
    broken[index[~np.isfinite(coordinates).all(axis=1)]] = True
    return np.asarray(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes) & ~broken, dtype=bool)


def vertices(network: Ways) -> Stops:
    """Every vertex of every edge, its two ends included."""
    xy, edge = shapely.get_coordinates(network.lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0).T) if len(xy) else np.empty(0)
    step[edge[1:] != edge[:-1]] = 0.0
    along = np.concatenate([[0.0], np.cumsum(step)])[: len(xy)]
    first = np.searchsorted(edge, np.arange(len(network.lines)))
    return Stops(edge, along - along[first][edge] if len(xy) else along)


def stops_beside(network: Ways, edge_tree: shapely.STRtree, things: Things, budget: Budget, *, reach_m: float) -> Stops:
    """The feet of the things' vertices on edges within `reach_m`, and where edges and things (of areas: the outline) cross."""
    lines = _outlines(things.parts)
    thing, crossed = budget.pairs(edge_tree, lines, predicate="intersects")
    meeting, pair = shapely.get_coordinates(shapely.intersection(network.lines[crossed], lines[thing]), return_index=True)
    on = crossed[pair]
    crossings = Stops(on, shapely.line_locate_point(network.lines[on], shapely.points(meeting)))
    return Stops.joined(_feet(network, edge_tree, things.parts, budget, reach_m), crossings)


def stops_past(network: Ways, edge_tree: shapely.STRtree, buildings: Shapes, budget: Budget, *, reach_m: float) -> Stops:
    """Where a stub passes just beside a corner of these buildings: a little before and after the corners' feet on edges within `reach_m`."""
    feet = _feet(network, edge_tree, buildings, budget, reach_m)
    length = shapely.length(network.lines[feet.edge])
    beside = [Stops(feet.edge, np.clip(feet.offset_m + by, 0.0, length)) for by in (-2 * CLEAR_M, 2 * CLEAR_M)]
    return Stops.joined(*beside)


def _feet(network: Ways, edge_tree: shapely.STRtree, things: Shapes, budget: Budget, reach_m: float) -> Stops:
    corners = np.asarray(shapely.points(np.unique(shapely.get_coordinates(things), axis=0)), dtype=object)
    corner, edge = budget.pairs(edge_tree, corners, predicate="dwithin", distance=reach_m)
    return Stops(edge, np.asarray(shapely.line_locate_point(network.lines[edge], corners[corner])))


def _outlines(things: Shapes) -> Shapes:
    """The boundary of areas, lines and points as they are; a mixed collection has no crossings, only feet."""
    kinds = shapely.get_type_id(things)
    lines = things.copy()
    lines[kinds == shapely.GeometryType.GEOMETRYCOLLECTION] = None
    area = np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    lines[area] = shapely.boundary(things[area])
    return lines


def stubs_within(points: Shapes, things: Things, budget: Budget, *, reach_m: float) -> Stubs:
    """From each of `points` to every thing within `reach_m`, there to the nearest of its parts (as `thing`)."""
    part, stop = budget.pairs(shapely.STRtree(points), things.parts, predicate="dwithin", distance=reach_m)
    length = shapely.distance(points[stop], things.parts[part])
    order = np.lexsort((part, length, things.owner[part], stop))
    stop, part = stop[order], part[order]
    owner = things.owner[part]
    nearest = np.ones(len(stop), dtype=bool)
    nearest[1:] = (stop[1:] != stop[:-1]) | (owner[1:] != owner[:-1])
    return Stubs(stop[nearest], part[nearest], length[order][nearest])


def square(points: Shapes, start: Ints, end: Ints, stubs: Stubs, things: Shapes, budget: Budget) -> Flags:
    """Which stubs stand square on the street (its pieces run from `start` to `end`, positions in `points`) or on a side of their thing.

    The others cut across to a corner: shorter than along the street to the corner's foot, but only where some stop happens to lie."""
    corners, ways = shapely.extract_unique_points(things), _WaysOn.of(points, start, end)
    budget.spend(float(shapely.get_num_coordinates(corners)[stubs.thing].sum()))
    found = np.zeros(len(stubs.stop), dtype=bool)
    for rows in slices(len(found)):
        lines = shapely.shortest_line(points[stubs.stop[rows]], things[stubs.thing[rows]])
        on_side = shapely.distance(shapely.get_point(lines, -1), corners[stubs.thing[rows]]) > _SAME_M
        across = np.flatnonzero(~on_side)
        on_side[across] = ~ways.along(stubs.stop[rows][across], lines[across], budget)
        found[rows] = on_side
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _WaysOn:
    """The pieces of street that go on from each place: stops at one place are one."""

    xy: Floats
    place: Ints
    there: Ints
    first: Ints
    count: Ints

    @classmethod
    def of(cls, points: Shapes, start: Ints, end: Ints) -> _WaysOn:
        xy = shapely.get_coordinates(points)
        _, place = np.unique(np.round(xy, 6), axis=0, return_inverse=True)
        here, there = place[np.concatenate([start, end])], np.concatenate([end, start])
        order = np.argsort(here, kind="stable")
        count = np.bincount(here, minlength=len(points))
        return cls(xy, place, there[order], np.cumsum(count) - count, count)

    def along(self, stop: Ints, lines: Shapes, budget: Budget) -> Flags:
        """Which of the `lines` from a stop points along one of the pieces that start there."""
        ends = shapely.get_coordinates(lines).reshape(len(lines), 2, 2)
        first, count = self.first[self.place[stop]], self.count[self.place[stop]]
        budget.spend(float(count.sum()))
        row = np.repeat(np.arange(len(stop)), count)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        way, line = self.xy[self.there[first[row] + nth]] - self.xy[stop[row]], (ends[:, 1] - ends[:, 0])[row]
        along = (way * line).sum(axis=1) > _SQUARE * np.hypot(*way.T) * np.hypot(*line.T)
        return np.bincount(row[along], minlength=len(stop)) > 0


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """The sites that lines lead to: buildings that meet its own site are not in a line's way."""

    sites: Shapes
    of: Ints

    def __getitem__(self, rows: slice | Ints) -> Own:
        return Own(self.sites, self.of[rows])

    def foreign(self, buildings: Shapes, line: Ints, building: Ints, budget: Budget) -> Flags:
        """Which pairs of a line and a building are not of one site; every site is held against a building once."""
        key, pair = np.unique(self.of[line] * len(buildings) + building, return_inverse=True)
        site, other = self.sites[key // max(len(buildings), 1)], buildings[key % max(len(buildings), 1)]
        budget.spend(float((shapely.get_num_coordinates(site).astype(float) + shapely.get_num_coordinates(other)).sum()))
        return np.asarray(~shapely.intersects(other, site)[pair], dtype=bool)


def in_the_way(building_tree: shapely.STRtree, lines: Shapes, budget: Budget, own: Own | None = None) -> tuple[Ints, Ints]:
    """Pairs (line, building) that meet between the straight line's ends."""
    xy = shapely.get_coordinates(lines).reshape(len(lines), 2, 2)
    length = np.hypot(*(xy[:, 1] - xy[:, 0]).T)
    long = np.flatnonzero(length > 2 * CLEAR_M)
    step = (xy[long, 1] - xy[long, 0]) * (CLEAR_M / length[long])[:, None]
    cut = np.asarray(shapely.linestrings(np.stack([xy[long, 0] + step, xy[long, 1] - step], axis=1)), dtype=object)
    line, building = budget.pairs(building_tree, cut, predicate="intersects")
    if own is not None:
        foreign = own[long].foreign(building_tree.geometries, line, building, budget)
        line, building = line[foreign], building[foreign]
    return long[line], building


def clear_of(building_tree: shapely.STRtree, lines: Shapes, budget: Budget, own: Own) -> Flags:
    """Which straight lines meet no building on their way."""
    clear = np.ones(len(lines), dtype=bool)
    clear[in_the_way(building_tree, lines, budget, own)[0]] = False
    return clear


def nearest_stops(
    network: Ways, edge_tree: shapely.STRtree, building_tree: shapely.STRtree, sites: Shapes, budget: Budget
) -> tuple[Stops, Ints]:
    """For each site the nearest point of the network within FAR_M that no building hides from it (all of them where several are as near), with the site of each."""
    site, edge = edge_tree.query_nearest(sites, max_distance=FAR_M)
    budget.spend(float((shapely.get_num_coordinates(sites[site]).astype(float) ** 2).sum()))
    stops, of = _nearest_on(network, sites, edge, site)
    seen = clear_of(building_tree, _lines_to(stops.points(network), sites[of]), budget, Own(sites, of))
    hidden = np.setdiff1d(site, of[seen])
    site, edge = budget.pairs(edge_tree, sites[hidden], predicate="dwithin", distance=FAR_M)
    more, whose = _first_seen(network, building_tree, sites, edge, hidden[site], budget)
    return Stops.joined(Stops(stops.edge[seen], stops.offset_m[seen]), more), np.concatenate([of[seen], whose])


def _nearest_on(network: Ways, sites: Shapes, edge: Ints, site: Ints) -> tuple[Stops, Ints]:
    """Points of each edge that are as near to its site as the nearest: one, or the ends of the stretch along which they run side by side."""
    lines, shapes = network.lines[edge], sites[site]
    near_m = shapely.distance(lines, shapes)
    corners, pair = shapely.get_coordinates(shapes, return_index=True)
    row = np.concatenate([pair, np.arange(len(edge)), np.arange(len(edge)), np.arange(len(edge))])
    ends = shapely.length(lines)
    foot = shapely.line_locate_point(lines[pair], shapely.points(corners))
    closest = shapely.line_locate_point(lines, shapely.get_point(shapely.shortest_line(lines, shapes), 0))
    offset = np.concatenate([foot, closest, np.zeros(len(edge)), ends])
    distance = shapely.distance(shapely.line_interpolate_point(lines[row], offset), shapes[row])
    kept = distance <= near_m[row] + _SAME_M
    return Stops(edge[row[kept]], offset[kept]), site[row[kept]]


def _first_seen(network: Ways, building_tree: shapely.STRtree, sites: Shapes, edge: Ints, site: Ints, budget: Budget) -> tuple[Stops, Ints]:
    """Of the edges given for a site, the nearest point of the nearest that no building hides."""
    lines = shapely.shortest_line(network.lines[edge], sites[site])
    seen = np.flatnonzero(clear_of(building_tree, lines, budget, Own(sites, site)))
    order = seen[np.lexsort((edge[seen], shapely.length(lines[seen]), site[seen]))]
    _, first = np.unique(site[order], return_index=True)
    chosen = order[first]
    return Stops(edge[chosen], shapely.line_locate_point(network.lines[edge[chosen]], shapely.get_point(lines[chosen], 0))), site[chosen]


def _lines_to(points: Shapes, things: Shapes) -> Shapes:
    return np.asarray(shapely.shortest_line(points, things), dtype=object)
