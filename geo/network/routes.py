"""The widest route from a public road to every node, and the shortest among equally wide ones as a line. Metric CRS (metres)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from shapely.ops import substring

from geo.network.graph import Network
from geo.network.noding import Flags, Floats, Ints


def components(network: Network, open_: Flags) -> tuple[Ints, int]:
    """Of each node the component that the open edges make; 0 is the one of all public-road nodes together."""
    count = len(network.nodes)
    ends = network.ends[open_]
    public = np.flatnonzero(network.public)
    rows = np.concatenate([ends[:, 0], np.full(len(public), count)])
    columns = np.concatenate([ends[:, 1], public])
    graph = sparse.coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(count + 1, count + 1))
    found, label = csgraph.connected_components(graph, directed=False)
    start = label[count]
    label = np.where(label == start, 0, np.where(label < start, label + 1, label))
    return label[:count].astype(np.int64), int(found)


def widest_m(network: Network, width_m: Floats) -> Floats:
    """Of each node the width of the narrowest place on the widest route from any public road: inf at one, 0 where nothing passes.

    `width_m`: a value an edge, no NaN. The routes are the paths of a maximum spanning tree that hangs on one node standing for all public roads.
    """
    count = len(network.nodes)
    tree, levels = _spanning_tree(network, width_m)
    order, before = csgraph.breadth_first_order(tree, count, directed=False)
    rank = np.zeros(count + 1, dtype=np.int64)
    step = _ranks_to(tree, before)
    for node in order[1:].tolist():
        rank[node] = max(rank[before[node]], step[node])
    found = np.zeros(count)
    reached = order[1:]
    found[reached] = levels[rank[reached]]
    return found


def _spanning_tree(network: Network, width_m: Floats) -> tuple[sparse.csr_matrix, Floats]:
    """The tree (entries: 1 + rank of the width, widest first), and the width of each rank."""
    count = len(network.nodes)
    usable = (width_m > 0) & (network.ends[:, 0] != network.ends[:, 1])
    public = np.flatnonzero(network.public)
    levels = np.unique(np.append(width_m[usable], np.inf))[::-1]
    low, high = np.sort(network.ends[usable], axis=1).T
    rank = np.searchsorted(-levels, -width_m[usable])
    low, high = np.concatenate([low, public]), np.concatenate([high, np.full(len(public), count)])
    rank = np.concatenate([rank, np.zeros(len(public), dtype=np.int64)])
    order = np.lexsort((rank, high, low))
    low, high, rank = low[order], high[order], rank[order]
    first = np.ones(len(low), dtype=bool)
    first[1:] = (np.diff(low) != 0) | (np.diff(high) != 0)
    graph = sparse.csr_matrix((rank[first] + 1.0, (low[first], high[first])), shape=(count + 1, count + 1))
    return csgraph.minimum_spanning_tree(graph), levels


def _ranks_to(tree: sparse.csr_matrix, before: NDArray[np.int32]) -> Ints:
    """Of each node the rank of the tree's edge to the node before it."""
    whole = tree.tocoo()
    step = np.zeros(tree.shape[0], dtype=np.int64)
    forward = before[whole.col] == whole.row
    step[whole.col[forward]] = whole.data[forward].astype(np.int64) - 1
    step[whole.row[~forward]] = whole.data[~forward].astype(np.int64) - 1
    return step


@dataclass(frozen=True, slots=True)
class Route:
    """From a public road to a place: `edges` in the order driven, each with whether it is driven against its line; `last`: the edge at which
    the place stands, driven only up to there (-1: the place is reached from a node)."""

    edges: tuple[int, ...]
    against: tuple[bool, ...]


class Roads:
    """Neighbours of every node, for routes one at a time."""

    def __init__(self, network: Network) -> None:
        self._public = network.public
        self._length = network.length_m
        self._ends = network.ends
        edges = np.flatnonzero(network.lane >= 0)
        nodes = np.concatenate([network.ends[edges, 0], network.ends[edges, 1]])
        order = np.argsort(nodes, kind="stable")
        self._edge = np.concatenate([edges, edges])[order]
        self._first = np.searchsorted(nodes[order], np.arange(len(network.nodes) + 1))

    def route(self, starts: Iterable[tuple[float, int, int]], open_: Flags) -> Route | None:
        """The shortest way over lanes with open_[edge] to the nearest public road, from any of `starts` (metres driven already, node, edge that
        they were driven on or -1), told from the road on. None: there is none."""
        heap = [(metres, node, edge, -1) for metres, node, edge in starts]
        heapq.heapify(heap)
        came: dict[int, tuple[int, int]] = {}
        while heap:
            metres, node, edge, before = heapq.heappop(heap)
            if node in came:
                continue
            came[node] = (edge, before)
            if self._public[node]:
                return self._told(node, came)
            for at in self._edge[self._first[node] : self._first[node + 1]].tolist():
                if open_[at]:
                    u, v = self._ends[at]
                    other = int(v if u == node else u)
                    if other not in came:
                        heapq.heappush(heap, (metres + float(self._length[at]), other, at, node))
        return None

    def _told(self, node: int, came: dict[int, tuple[int, int]]) -> Route:
        edges, against = [], []
        while node >= 0:
            edge, before = came[node]
            if edge >= 0:
                edges.append(edge)
                against.append(bool(self._ends[edge, 1] == node))
            node = before
        return Route(tuple(edges), tuple(against))


def line_of(network: Network, route: Route, towards: shapely.Point | None) -> shapely.LineString | None:
    """The route as one line; its last edge is driven up to the point nearest to `towards`. None: a route without length."""
    parts = []
    for position, (edge, against) in enumerate(zip(route.edges, route.against, strict=True)):
        line = network.lines[edge]
        if against:
            line = shapely.reverse(line)
        if position == len(route.edges) - 1 and towards is not None:
            end = shapely.line_locate_point(line, towards)
            line = substring(line, 0, end) if end > 0 else None
        if line is not None and line.geom_type == "LineString" and line.length > 0:
            parts.append(shapely.get_coordinates(line))
    if not parts:
        return None
    xy = np.concatenate(parts)
    kept = np.append(True, np.any(np.diff(xy, axis=0) != 0, axis=1))
    return shapely.LineString(xy[kept]) if kept.sum() > 1 else None
