"""The shortest new gas pipe from a main on record to each compound or building, along streets and lanes. Metric CRS (metres).

A pipe runs in three parts: straight from the main to the network of streets and lanes, along it, and straight to the site's outline.

- Stops are where it may leave the network: the vertices of its edges; the feet of the vertices of mains and outlines on edges within
  `reach_m`; the points where a main or an outline crosses an edge; and just beside the corners of a building that hides one of these.
- A stub is the straight line from a stop to a main or a site within `reach_m` of it. It is refused where it meets a building (of a site:
  one that does not meet the site itself). Inside an outline, and where a main crosses an edge, it is 0 m long.
- A site without any stub takes the nearest point of the network up to FAR_M away that no building hides.
- A main within `reach_m` of the outline may also be joined straight, without the network; one inside it or across it is joined with 0 m.

Of all ways that these allow, the shortest counts (one search from all mains at once). Nothing is led through one site to another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.gas.attach import (
    Flags,
    Floats,
    Ints,
    Shapes,
    Stops,
    Stubs,
    clear_of,
    in_the_way,
    nearest_stops,
    stops_beside,
    stops_past,
    stubs_within,
    usable,
    vertices,
)
from geo.gas.steiner import NOWHERE, Tree, bound, lightest, steiner_tree
from geo.network.graph import Network

FOUND, UNPLACED, NO_NETWORK, FAR, APART = range(5)
"""A pipe was found, or why not: the site is not placed; there is no street or lane at all; none near it that a building does not hide; none that is joined to a main."""

KINDS = ("main", "stub")
"""Kinds of pipes that a new one may be joined to, unsaid ones beside them; a courtyard pipe belongs to its compound."""
TOO_HIGH = ("sub_high_b", "sub_high_a", "high")
"""Pressure classes that a compound cannot be joined to without a regulator station of its own."""

_ON_STREET = 1 + 1e-6
"""Of two ways of one length that with the shorter stubs is taken: a metre of stub counts for this much."""
_STRAIGHT_M = 1e-3
"""Stops that a pipe runs straight through are no vertices of its line."""


def joinable(kind: NDArray[np.object_], pressure_class: NDArray[np.object_]) -> Flags:
    """Mains that a compound's pipe may start at: of KINDS or unsaid, and of low, medium or unsaid pressure."""
    kinds, high = {*KINDS, "unknown", None}, set(TOO_HIGH)
    chosen = (k in kinds and p not in high for k, p in zip(_none(kind), _none(pressure_class), strict=True))
    return np.fromiter(chosen, dtype=bool, count=len(kind))


def _none(values: NDArray[np.object_]) -> list[object]:
    return [v if isinstance(v, str) else None for v in values]


@dataclass(frozen=True, slots=True)
class Street:
    """The network cut at its stops: `points` (k,) of the stops; pieces from `start` to `end` (stops), `length_m`."""

    points: Shapes
    start: Ints
    end: Ints
    length_m: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Connections:
    """One value a site: `length_m` of its own new pipe (NaN: none), the row of the `main` it starts at (-1: none), the straight parts at the
    main (`join_m`) and at the outline (`leave_m`; both 0 and the length itself in `join_m` where no street is used), and the `reason`."""

    length_m: Floats
    main: Ints
    join_m: Floats
    leave_m: Floats
    reason: NDArray[np.int8]
    street: Street
    to_main: Stubs
    before: Ints
    mains: Shapes
    sites: Shapes

    @property
    def root(self) -> int:
        """The node that stands for all mains; stops come before it, sites after."""
        return len(self.street.points)

    def route(self, site: int) -> shapely.LineString | None:
        """The new pipe from the main to the outline; None where there is none, or no metre of it."""
        if not self.length_m[site] > 0:
            return None
        return self._line(site, self._way(site)[1:-1])

    def _way(self, site: int) -> list[int]:
        """Nodes from the root to the site."""
        found = [self.root + 1 + site]
        while found[-1] != self.root:
            found.append(int(self.before[found[-1]]))
        return found[::-1]

    def _line(self, site: int, stops: list[int]) -> shapely.LineString | None:
        if not stops:
            return shapely.LineString(shapely.get_coordinates(shapely.shortest_line(self.mains[self.main[site]], self.sites[site])))
        first, last = self.street.points[stops[0]], self.street.points[stops[-1]]
        main = self.mains[self.to_main.thing[np.searchsorted(self.to_main.stop, stops[0])]]
        ends = [shapely.get_coordinates(shapely.shortest_line(a, b)) for a, b in ((main, first), (last, self.sites[site]))]
        xy = np.concatenate([ends[0], shapely.get_coordinates(self.street.points[stops]), ends[1]])
        new = np.concatenate([[True], np.hypot(*np.diff(xy, axis=0).T) > 1e-6])
        if new.sum() < 2:
            return None
        return shapely.LineString(shapely.get_coordinates(shapely.LineString(xy[new]).simplify(_STRAIGHT_M)))


@dataclass(frozen=True, slots=True, eq=False)
class Trunk:
    """Several sites connected at once: `share_m` of the new pipe (a value a site, NaN = not among them), `total_m` of it and `separate_m` if each
    had its own; `times`: no tree between the same ends is shorter than total_m / times."""

    share_m: Floats
    total_m: float
    separate_m: float
    times: float
    tree: Tree
    connections: Connections

    def route(self, site: int) -> shapely.LineString | None:
        """The pipe from the main to this site, its shared parts included."""
        if np.isnan(self.share_m[site]):
            return None
        stop = int(self.connections.before[self.connections.root + 1 + site])
        direct = stop == self.connections.root
        return self.connections.route(site) if direct else self.connections._line(site, self.tree.way(stop)[1:])


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """The street with all stubs, and how far each node is from the root, and by which node before it."""

    street: Street
    to_main: Stubs
    to_site: Stubs
    straight: Stubs
    away: Floats
    before: Ints


def connections_of(network: Network, mains: Shapes, sites: Shapes, building_tree: shapely.STRtree, *, reach_m: float) -> Connections:
    """The shortest new pipe for each of `sites` (outlines, lines or points) from any of `mains` (lines), both in the network's CRS."""
    there, sources = _only(sites, usable(sites)), _only(mains, usable(mains))
    street, to_main, to_site = _cut(network, sources, there, building_tree, reach_m)
    straight = _straight(sources, there, building_tree, reach_m)
    root = len(street.points)
    graph = lightest(
        root + 1 + len(sites),
        np.concatenate([street.start, street.end, np.full(len(to_main.stop), root), to_site.stop, np.full(len(straight.stop), root)]),
        np.concatenate([street.end, street.start, to_main.stop, root + 1 + to_site.thing, root + 1 + straight.stop]),
        np.concatenate([street.length_m, street.length_m, *(_ON_STREET * stubs.length_m for stubs in (to_main, to_site, straight))]),
    )
    away, before = dijkstra(graph, indices=root, return_predecessors=True)
    search = _Search(street, to_main, to_site, straight, away, np.asarray(before, dtype=np.int64))
    return _measured(search, sources, there, why_none=FAR if len(network.lines) else NO_NETWORK)


def _only(shapes: Shapes, chosen: Flags) -> Shapes:
    """Two-dimensional, and None for what is not chosen."""
    kept = np.full(len(shapes), None, dtype=object)
    kept[chosen] = shapely.force_2d(shapes[chosen])
    return kept


def _measured(search: _Search, mains: Shapes, sites: Shapes, *, why_none: int) -> Connections:
    root, straight, to_main = len(search.street.points), search.straight, search.to_main
    away, own = search.away, search.before[root + 1 :]
    reached = np.isfinite(away[root + 1 :])
    on_street = (own >= 0) & (own < root)
    first = _first_stops(search.before[:root], root)[own[on_street]]
    taken = own[straight.stop] == root
    main = np.full(len(sites), -1)
    main[on_street] = to_main.thing[np.searchsorted(to_main.stop, first)]
    main[straight.stop[taken]] = straight.thing[taken]
    join, along, leave = np.where(reached, away[root + 1 :], np.nan) / _ON_STREET, np.zeros(len(sites)), np.zeros(len(sites))
    join[on_street] = away[first] / _ON_STREET
    along[on_street] = away[own[on_street]] - away[first]
    leave[on_street] = (away[root + 1 :][on_street] - away[own[on_street]]) / _ON_STREET
    length = join + along + leave
    reason = np.where(np.isin(np.arange(len(sites)), search.to_site.thing), APART, why_none)
    reason[reached] = FOUND
    reason[shapely.is_missing(sites)] = UNPLACED
    return Connections(length, main, join, leave, reason.astype(np.int8), search.street, to_main, search.before, mains, sites)


def _first_stops(before: Ints, root: int) -> Ints:
    """For each stop the first one on its way from the root, by doubling; what is never reached points at itself."""
    up = np.where((before == root) | (before == NOWHERE), np.arange(len(before)), before)
    while not np.array_equal(further := up[up], up):
        up = further
    return np.asarray(up)


def together(connections: Connections, chosen: Flags) -> Trunk:
    """Connect the `chosen` sites (those that can be) at once: a tree from the mains to where each would leave the street alone, and its stub.

    Costs are split along the tree: every metre evenly among those whose gas runs through it. A share may exceed the pipe of one's own."""
    wanted = np.flatnonzero(chosen & ~np.isnan(connections.length_m))
    root = connections.root
    stop = connections.before[root + 1 + wanted]
    ends = np.concatenate([[root], np.unique(stop[stop != root])])
    tree = steiner_tree(_both_ways(connections), ends)
    share = np.full(len(connections.length_m), np.nan)
    share[wanted] = np.where(stop == root, connections.length_m[wanted], connections.leave_m[wanted])
    share[wanted[stop != root]] += tree.shares_m(stop[stop != root])
    separate = float(connections.length_m[wanted].sum())
    return Trunk(share, float(np.nansum(share)), separate, bound(len(ends)), tree, connections)


def _both_ways(connections: Connections) -> csr_array:
    street, root, stubs = connections.street, connections.root, connections.to_main
    a = np.concatenate([street.start, np.full(len(stubs.stop), root)])
    b = np.concatenate([street.end, stubs.stop])
    length = np.concatenate([street.length_m, stubs.length_m])
    return lightest(root + 1, np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([length, length]))


def _cut(network: Network, mains: Shapes, sites: Shapes, building_tree: shapely.STRtree, reach_m: float) -> tuple[Street, Stubs, Stubs]:
    """The network cut at all stops; the stubs to mains (the shortest of each stop, by stop) and to sites."""
    edge_tree = shapely.STRtree(network.lines)
    stops = Stops.joined(vertices(network), *(stops_beside(network, edge_tree, t, reach_m=reach_m) for t in (mains, sites)))
    points = stops.points(network)
    hiding = [_seen(building_tree, points, t, reach_m, own)[1] for t, own in ((mains, False), (sites, True))]
    hiding_shapes = building_tree.geometries[np.unique(np.concatenate(hiding))]
    stops = Stops.joined(stops, stops_past(network, edge_tree, hiding_shapes, reach_m=reach_m))
    to_site, _ = _seen(building_tree, stops.points(network), sites, reach_m, True)
    lonely = np.setdiff1d(np.flatnonzero(~shapely.is_missing(sites)), to_site.thing)
    extra, whose = nearest_stops(network, edge_tree, building_tree, sites[lonely])
    far = Stubs(len(stops.edge) + np.arange(len(whose)), lonely[whose], shapely.distance(extra.points(network), sites[lonely[whose]]))
    street, node = _pieces(network, Stops.joined(stops, extra))
    to_site = Stubs(*(np.concatenate([getattr(to_site, n), getattr(far, n)]) for n in ("stop", "thing", "length_m")))
    to_main = _shortest(_seen(building_tree, street.points, mains, reach_m, False)[0])
    return street, to_main, Stubs(node[to_site.stop], to_site.thing, to_site.length_m)


def _seen(building_tree: shapely.STRtree, points: Shapes, things: Shapes, reach_m: float, own: bool) -> tuple[Stubs, Ints]:
    """The stubs from points to things that no building stands in the way of, and the buildings that stand in the way of the others."""
    stubs = stubs_within(points, things, reach_m=reach_m)
    lines = shapely.shortest_line(points[stubs.stop], things[stubs.thing])
    line, building = in_the_way(building_tree, lines, things[stubs.thing] if own else None)
    return stubs[np.setdiff1d(np.arange(len(lines)), line)], building


def _shortest(stubs: Stubs) -> Stubs:
    """The shortest of each stop, by stop."""
    order = np.lexsort((stubs.thing, stubs.length_m, stubs.stop))
    _, first = np.unique(stubs.stop[order], return_index=True)
    return stubs[order[first]]


def _straight(mains: Shapes, sites: Shapes, building_tree: shapely.STRtree, reach_m: float) -> Stubs:
    """From each site (as `stop`) to the nearest main within reach that can be joined without a street."""
    site, main = shapely.STRtree(mains).query(sites, predicate="dwithin", distance=reach_m)
    lines = shapely.shortest_line(mains[main], sites[site])
    return _shortest(Stubs(site, main, shapely.length(lines))[clear_of(building_tree, lines, sites[site])])


def _pieces(network: Network, stops: Stops) -> tuple[Street, Ints]:
    """Cut every edge at its stops; also the node of each stop. Ends of edges are the network's own nodes, stops at one place one node."""
    count, edges = len(network.nodes), np.arange(len(network.lines))
    whole = shapely.length(network.lines)
    edge = np.concatenate([edges, stops.edge, edges])
    offset = np.concatenate([np.zeros(len(edges)), np.clip(stops.offset_m, 0.0, whole[stops.edge]), whole])
    rank = np.repeat([0, 1, 2], [len(edges), len(stops.edge), len(edges)])
    order = np.lexsort((rank, offset, edge))
    at, along, kind = edge[order], offset[order], rank[order]
    same = (at[1:] == at[:-1]) & (along[1:] - along[:-1] <= 1e-9) & (kind[1:] != 2)
    group = np.concatenate([[0], np.cumsum(~same)]) if len(at) else np.empty(0, dtype=np.int64)
    first = np.flatnonzero(np.concatenate([[True], ~same])) if len(at) else group
    node = np.where(kind[first] == 0, network.ends[at[first], 0], np.where(kind[first] == 2, network.ends[at[first], 1], -1))
    inner = np.flatnonzero(node < 0)
    node[inner] = count + np.arange(len(inner))
    between = shapely.line_interpolate_point(network.lines[at[first[inner]]], along[first[inner]])
    points = np.concatenate([np.asarray(shapely.points(network.nodes), dtype=object), between])
    follows = at[first[1:]] == at[first[:-1]]
    street = Street(points, node[:-1][follows], node[1:][follows], np.diff(along[first])[follows])
    placed = np.empty(len(edge), dtype=np.int64)
    placed[order] = node[group]
    return street, placed[len(edges) : len(edges) + len(stops.edge)]
