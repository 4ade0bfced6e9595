"""The shortest tree that joins some nodes of a graph, nearly: a Steiner tree at most 2(1 - 1/t) times the best for t nodes, and who shares what of it.

Kou, Markowsky and Berman (1981): the minimum spanning tree of the shortest ways between the terminals, laid into the graph; found as by
Mehlhorn (1988) from one search that starts at all terminals. It is never longer than a way of its own for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOWHERE = -9999
"""What scipy writes as the predecessor of a node that has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A tree grown from its root: `nodes` from the root outwards, the `parent` of each (a node; the root's own is NOWHERE), `length_m` of the edge to it."""

    nodes: Ints
    parent: Ints
    length_m: Floats
    above: Mapping[int, int]
    """The parent by node; the root has none."""

    @property
    def total_m(self) -> float:
        return float(self.length_m.sum())

    def shares_m(self, terminals: Ints) -> Floats:
        """What each terminal pays: every edge is split evenly among those whose way to the root runs over it. A node may stand in `terminals` more than once."""
        place = {node: i for i, node in enumerate(self.nodes.tolist())}
        up = [place.get(parent, 0) for parent in self.parent.tolist()]
        users = np.zeros(len(self.nodes))
        np.add.at(users, [place[t] for t in terminals.tolist()], 1.0)
        for i in range(len(up) - 1, 0, -1):
            users[up[i]] += users[i]
        paid = self.length_m / np.maximum(users, 1.0)
        for i in range(1, len(up)):
            paid[i] += paid[up[i]]
        return np.asarray(paid[[place[t] for t in terminals.tolist()]])

    def way(self, node: int) -> list[int]:
        """Nodes from the root to `node`."""
        found = [node]
        while (parent := self.above.get(found[-1])) is not None:
            found.append(parent)
        return found[::-1]


def bound(terminals: int) -> float:
    """How many times the best length a tree over this many terminals may have at most; two are joined by the shortest way itself."""
    return 2.0 * (1.0 - 1.0 / terminals) if terminals > 1 else 1.0


def lightest(count: int, start: Ints, end: Ints, length_m: Floats) -> csr_array:
    """The directed graph of these edges; of several between two nodes the shortest counts, and loops do not."""
    order = np.lexsort((length_m, end, start))
    a, b = start[order], end[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    first &= a != b
    return csr_array((length_m[order][first], (a[first], b[first])), shape=(count, count))


def steiner_tree(graph: csr_array, terminals: Ints) -> Tree:
    """A short tree from `terminals[0]` to all the others over a symmetric graph (metres, 0 allowed). Those that cannot be reached from it are left out."""
    ends = np.unique(terminals)
    away, before, nearest = dijkstra(graph, indices=ends, min_only=True, return_predecessors=True)
    start, end = (np.asarray(v, dtype=np.int64) for v in graph.tocoo().coords)
    bridge = (start < end) & (nearest[start] != nearest[end]) & np.isfinite(away[start]) & np.isfinite(away[end])
    start, end, own = start[bridge], end[bridge], graph.tocoo().data[bridge]
    order = np.lexsort((end, start, away[start] + own + away[end]))
    links: dict[int, list[tuple[int, float]]] = {}
    for i in _spanning(nearest[start[order]], nearest[end[order]]):
        a, b = int(start[order[i]]), int(end[order[i]])
        _link(links, a, b, float(own[order[i]]))
        for node in (a, b):
            _walk_back(links, node, before, away)
    return _grown(links, int(terminals[0]))


def _spanning(a: NDArray[np.int32], b: NDArray[np.int32]) -> list[int]:
    """Kruskal: which of the edges a-b, given from the shortest, join two parts that are still apart."""
    head: dict[int, int] = {}

    def top(node: int) -> int:
        while (above := head.get(node, node)) != node:
            head[node] = head.get(above, above)
            node = above
        return node

    chosen = []
    for i, (x, y) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        one, other = top(x), top(y)
        if one != other:
            head[one] = other
            chosen.append(i)
    return chosen


def _walk_back(links: dict[int, list[tuple[int, float]]], node: int, before: NDArray[np.int32], away: Floats) -> None:
    """Link the way from `node` to its nearest terminal, up to where it is linked already."""
    while (towards := int(before[node])) != NOWHERE and not any(n == towards for n, _ in links.get(node, ())):
        _link(links, node, towards, float(away[node] - away[towards]))
        node = towards


def _link(links: dict[int, list[tuple[int, float]]], a: int, b: int, length_m: float) -> None:
    links.setdefault(a, []).append((b, length_m))
    links.setdefault(b, []).append((a, length_m))


def _grown(links: dict[int, list[tuple[int, float]]], root: int) -> Tree:
    nodes, parents, lengths, seen = [root], [NOWHERE], [0.0], {root}
    for node in nodes:
        for other, length in links.get(node, ()):
            if other not in seen:
                seen.add(other)
                nodes.append(other)
                parents.append(node)
                lengths.append(length)
    above = MappingProxyType(dict(zip(nodes[1:], parents[1:], strict=True)))
    return Tree(np.array(nodes, dtype=np.int64), np.array(parents, dtype=np.int64), np.array(lengths), above)
