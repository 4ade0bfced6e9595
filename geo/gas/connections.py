"""The shortest new gas pipe from a main on record to each compound or building, along streets and lanes. Metric CRS (metres).

A pipe runs in three parts: straight from the main to the network of streets and lanes, along it, and straight to the site's outline.

- Stops are where it may leave the network: the vertices of its edges; the feet of the vertices of mains and outlines on edges within
  `reach_m`; the points where a main or an outline crosses an edge; and just beside the corners of a building that hides one of these.
- A stub is the straight line from a stop to a main or a site within `reach_m` of it, square on the street or on a side of what it leads to, unless
  it passes beside such a building: else its length would hang on where the stops of others happen to lie. It is refused where it meets a building (of a site:
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
    Stubs,
    usable,
)
from geo.gas.budget import Budget, TooMuch
from geo.gas.cutting import cut, straight_stubs
from geo.gas.parts import Things, Ways, distinct, without_doubles
from geo.gas.steiner import NOWHERE, Tree, bound, lightest, steiner_tree
from geo.gas.street import Street
from geo.network.graph import Network

FOUND, UNPLACED, NO_NETWORK, FAR, APART, TOO_MUCH = range(6)
"""A pipe was found, or why not: the site is not placed; there is no street or lane at all; none near it that a building does not hide; none that is joined to a main;
or the drawing is so dense that the search was given up (for all sites at once)."""

KINDS = ("main", "stub")
"""Kinds of pipes that a new one may be joined to, unsaid ones beside them; a courtyard pipe belongs to its compound."""
TOO_HIGH = ("sub_high_b", "sub_high_a", "high")
"""Pressure classes that a compound cannot be joined to without a regulator station of its own."""

WORK, WORK_EACH = 1e8, 2e4
"""Comparisons of two vertices that a search may take: so many, and so many more for every edge, site and main."""

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


def connections_of(
    network: Network, mains: Shapes, sites: Shapes, building_tree: shapely.STRtree, *, reach_m: float, work: float | None = None
) -> Connections:
    """The shortest new pipe for each of `sites` (outlines, lines or points) from any of `mains` (lines), both in the network's CRS.

    `work`: how many comparisons of two vertices it may take, by default what a dense city of this size takes several times over."""
    there, sources = _only(sites, usable(sites)), _only(mains, usable(mains))
    (site, same), (main, _) = distinct(there), distinct(sources)
    ways = Ways.of(network)
    size = len(ways.lines) + len(site) + len(main)
    budget = Budget(WORK + WORK_EACH * size if work is None else work)
    try:
        search = _search(ways, sources[main], there[site], without_doubles(building_tree), budget, reach_m)
    except TooMuch:
        return _given_up(sources, there)
    found = _measured(search, sources[main], there[site], why_none=FAR if len(network.lines) else NO_NETWORK)
    return _of_all(found, sources, there, main, same)


def _search(ways: Ways, mains: Shapes, sites: Shapes, building_tree: shapely.STRtree, budget: Budget, reach_m: float) -> _Search:
    street, to_main, to_site = cut(ways, Things.of(mains), Things.of(sites), building_tree, budget, reach_m)
    straight = straight_stubs(mains, sites, building_tree, budget, reach_m)
    root = len(street.points)
    graph = lightest(
        root + 1 + len(sites),
        np.concatenate([street.start, street.end, np.full(len(to_main.stop), root), to_site.stop, np.full(len(straight.stop), root)]),
        np.concatenate([street.end, street.start, to_main.stop, root + 1 + to_site.thing, root + 1 + straight.stop]),
        np.concatenate([street.length_m, street.length_m, *(_ON_STREET * stubs.length_m for stubs in (to_main, to_site, straight))]),
    )
    away, before = dijkstra(graph, indices=root, return_predecessors=True)
    return _Search(street, to_main, to_site, straight, away, np.asarray(before, dtype=np.int64))


def _of_all(found: Connections, mains: Shapes, sites: Shapes, main: Ints, same: Ints) -> Connections:
    """What was found of each site drawn alike, for all of them; `main`: the rows of the mains that were looked at, `same`: which site each is."""
    root, to_main = found.root, found.to_main
    return Connections(
        length_m=found.length_m[same],
        main=np.append(main, -1)[found.main[same]],
        join_m=found.join_m[same],
        leave_m=found.leave_m[same],
        reason=found.reason[same],
        street=found.street,
        to_main=Stubs(to_main.stop, main[to_main.thing], to_main.length_m),
        before=np.concatenate([found.before[: root + 1], found.before[root + 1 :][same]]),
        mains=mains,
        sites=sites,
    )


def _given_up(mains: Shapes, sites: Shapes) -> Connections:
    nothing, none = np.empty(0), np.empty(0, dtype=np.int64)
    unknown, count = np.full(len(sites), np.nan), len(sites)
    reason = np.where(shapely.is_missing(sites), UNPLACED, TOO_MUCH).astype(np.int8)
    street = Street(np.empty(0, dtype=object), none, none, nothing)
    before = np.full(1 + count, NOWHERE, dtype=np.int64)
    return Connections(
        unknown, np.full(count, -1), unknown, np.zeros(count), reason, street, Stubs(none, none, nothing), before, mains, sites
    )


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
