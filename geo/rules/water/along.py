"""How far it is from each hydrant to the next one along the public roads, in both directions. Metric CRS (metres).

The roads are cut at every hydrant, so that a way from one of its sides ends at the next hydrant whatever branches lie between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_matrix

from geo.network.graph import Network
from geo.questions.declaration import Flags, Floats

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

SEARCHED_M = 1000.0
"""A next hydrant is looked for so far; further ones are only known to be further."""

_AT_ONCE = 128
_FINE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Nexts:
    """Two values a hydrant, one a direction: metres to the next hydrant (NaN = none; inf: there is one, further than SEARCHED_M) and which (-1 = none)."""

    gap_m: Floats
    hydrant: Ints


@dataclass(frozen=True, slots=True, eq=False)
class On:
    """Where hydrants stand along the roads: the edge (-1 = at no road) and metres along it."""

    edge: Ints
    station_m: Floats


def on_roads(network: Network, points: Shapes, half_m: Floats, within_m: float) -> On:
    """On the road edge with the nearest kerb, which is `half_m` (a value a road) off its line, if that is within `within_m`. None = not asked."""
    edge, station = np.full(len(points), -1, dtype=np.int64), np.full(len(points), np.nan)
    roads = np.flatnonzero((network.road >= 0) & (network.length_m > 0))
    rows = np.flatnonzero(~shapely.is_missing(points))
    half = half_m[network.road[roads]]
    at, near = shapely.STRtree(network.lines[roads]).query(points[rows], predicate="dwithin", distance=within_m + half.max(initial=0.0))
    gap = np.round(shapely.distance(points[rows[at]], network.lines[roads[near]]) - half[near], 3)
    order = np.lexsort((near, gap))[::-1]  # the nearest is written last
    order = order[gap[order] <= within_m]
    edge[rows[at[order]]] = roads[near[order]]
    on = np.flatnonzero(edge >= 0)
    foot = shapely.get_point(shapely.shortest_line(network.lines[edge[on]], points[on]), 0)
    station[on] = shapely.line_locate_point(network.lines[edge[on]], foot)
    return On(edge, station)


def nexts(network: Network, on: On, counted: Flags, asked: Flags) -> Nexts:
    """For `asked` hydrants the next of those `counted`. Both stand at a road, and all that are asked for are counted."""
    rows = np.flatnonzero(counted & (on.edge >= 0))
    gaps, found = np.full((len(counted), 2), np.nan), np.full((len(counted), 2), -1, dtype=np.int64)
    if len(rows) < 2:
        return Nexts(gaps, found)
    graph, part = _cut(network, on.edge[rows], on.station_m[rows])
    sources = np.flatnonzero(asked[rows])
    for side in (0, 1):
        for start in range(0, len(sources), _AT_ONCE):
            some = sources[start : start + _AT_ONCE]
            far = csgraph.dijkstra(graph, directed=False, indices=2 * some + side, limit=SEARCHED_M)[:, : 2 * len(rows)]
            far[np.arange(len(some))[:, None], 2 * some[:, None] + (0, 1)] = np.inf
            nearest = np.argmin(far, axis=1)
            least = far[np.arange(len(some)), nearest]
            there = np.isfinite(least)
            gaps[rows[some], side] = np.where(there, least, np.where(_others(part, some, side), np.inf, np.nan))
            found[rows[some], side] = np.where(there, rows[nearest // 2], -1)
    return Nexts(gaps, found)


def _others(part: Ints, some: Ints, side: int) -> Flags:
    """Whether another hydrant can be reached at all from one side of each of some. `part`: the piece of the cut network of every side."""
    mine = part[2 * some + side]
    sides = np.bincount(part, minlength=part.max() + 1)[mine]
    own = (part[2 * some] == mine).astype(np.int64) + (part[2 * some + 1] == mine)
    return np.asarray(sides > own)


def _cut(network: Network, edge: Ints, station: Floats) -> tuple[csr_matrix, Ints]:
    """The graph of the roads cut at hydrants. Its first nodes are the hydrants' sides: 2k toward the start of its edge, 2k + 1 toward the end."""
    count = len(edge)
    roads = np.flatnonzero((network.road >= 0) & (network.length_m > 0))
    order = np.lexsort((station, edge))
    # every road edge as a row of stops: its start, the hydrants on it, its end; a link joins each stop to the one after it
    stop_edge = np.concatenate([roads, edge[order], roads])
    rank = np.concatenate([np.zeros(len(roads)), np.ones(count), np.full(len(roads), 2.0)])
    at = np.concatenate([np.zeros(len(roads)), station[order], network.length_m[roads]])
    enter = np.concatenate([2 * count + network.ends[roads, 0], 2 * order, 2 * count + network.ends[roads, 1]])
    leave = np.concatenate([2 * count + network.ends[roads, 0], 2 * order + 1, 2 * count + network.ends[roads, 1]])
    along = np.lexsort((np.arange(len(at)), rank, stop_edge))
    stop_edge, at, enter, leave = stop_edge[along], at[along], enter[along], leave[along]
    linked = np.flatnonzero(stop_edge[1:] == stop_edge[:-1])
    one, other = leave[linked], enter[linked + 1]
    length = np.maximum(at[linked + 1] - at[linked], _FINE)
    low, high = np.minimum(one, other), np.maximum(one, other)
    least = np.lexsort((length, high, low))  # of links between the same two nodes the shortest
    first = (
        np.append(True, (low[least][1:] != low[least][:-1]) | (high[least][1:] != high[least][:-1])) if len(least) else least.astype(bool)
    )
    kept = least[first]
    names, place = np.unique(np.concatenate([np.arange(2 * count), low[kept], high[kept]]), return_inverse=True)
    low, high = np.split(place[2 * count :], 2)
    graph = csr_matrix((length[kept], (low, high)), shape=(len(names), len(names)))
    return graph, csgraph.connected_components(graph, directed=False)[1][: 2 * count].astype(np.int64)
