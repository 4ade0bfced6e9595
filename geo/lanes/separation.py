"""Separation: the narrowest chain of gaps that parts one end of a run from the other.

A disc of diameter w passes between obstacles from gate to gate unless a chain of them, each gap below w, parts the gates. Such a chain is a closed
curve (the outside of the corridor closes it) that crosses a reference path from gate to gate an odd number of times. So the obstacles' segments are
nodes, the shortest connectors between them edges with a length and a parity, and the first odd cycle in the order of length is the answer: in a
minimum spanning forest it is the shortest edge outside the forest whose cycle is odd. Exact: nothing is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from geo.lanes.budgets import STEPS_AT_ONCE, slices

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reference:
    """Paths from gate to gate as segments in the order of their runs: those of run r are the rows `first[r]` to `first[r + 1]`."""

    first: Ints
    start: Floats
    end: Floats

    def pieces(self, run: Ints) -> Ints:
        """How many segments the path of each run has."""
        return self.first[run + 1] - self.first[run]

    def odd(self, run: Ints, start: Floats, end: Floats) -> Flags:
        """Whether each straight step from `start` to `end` crosses its run's path an odd number of times."""
        found = [self._odd(run[i], start[i], end[i]) for i in slices(self.pieces(run), STEPS_AT_ONCE)]
        return np.concatenate(found) if found else np.zeros(0, dtype=bool)

    def meets(self, run: Ints, start: Floats, end: Floats) -> Flags:
        """Whether each straight step crosses its run's path at all, or lies across its line: others have no odd part."""
        found = [self._meets(run[i], start[i], end[i]) for i in slices(self.pieces(run), STEPS_AT_ONCE)]
        return np.concatenate(found) if found else np.zeros(0, dtype=bool)

    def _odd(self, run: Ints, start: Floats, end: Floats) -> Flags:
        moving = np.flatnonzero((start != end).any(axis=1))
        count = self.pieces(run[moving])
        step = np.repeat(moving, count)
        row = np.arange(len(step)) - np.repeat(np.cumsum(count) - count, count) + self.first[run[step]]
        a, b = self.start[row], self.end[row]
        p, q = start[step], end[step]
        parted = (_side(a, b, p) > 0) != (_side(a, b, q) > 0)
        near = np.flatnonzero(parted)
        a, b, p, q = a[near], b[near], p[near], q[near]
        crossing = (_side(p, q, a) > 0) != (_side(p, q, b) > 0)
        odd: Flags = np.bincount(step[near[crossing]], minlength=len(run)) % 2 == 1
        return odd

    def _meets(self, run: Ints, start: Floats, end: Floats) -> Flags:
        count = self.pieces(run)
        step = np.repeat(np.arange(len(run)), count)
        row = np.arange(len(step)) - np.repeat(np.cumsum(count) - count, count) + self.first[run[step]]
        a, b = self.start[row], self.end[row]
        apart = np.ones(len(step), dtype=bool)
        for axis in (0, 1):
            low, high = np.minimum(a[:, axis], b[:, axis]), np.maximum(a[:, axis], b[:, axis])
            p, q = start[step, axis], end[step, axis]
            apart &= (np.minimum(p, q) <= high) & (np.maximum(p, q) >= low)
        apart &= (_side(a, b, start[step]) > 0) != (_side(a, b, end[step]) > 0)
        return np.bincount(step[apart], minlength=len(run)) > 0


@dataclass(frozen=True, slots=True)
class Edges:
    """Between nodes `a` and `b` (no pair twice): length in metres, and whether the connector crosses the reference path an odd number of times."""

    a: Ints
    b: Ints
    length_m: Floats
    odd: Flags


def shortest_odd(edges: Edges, group: Ints, nodes: int, groups: int) -> Ints:
    """For each group (a run; `group` is each node's) the edge that closes its first odd cycle in the order of length; -1 = there is none."""
    order = np.argsort(edges.length_m, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    weight = rank.astype(np.float64) + 1
    tree = minimum_spanning_tree(coo_array((weight, (edges.a, edges.b)), shape=(nodes, nodes)).tocsr()).tocoo()
    in_tree = order[tree.data.astype(np.int64) - 1]
    potential = _potentials(edges, in_tree, nodes)
    outside = np.ones(len(order), dtype=bool)
    outside[in_tree] = False
    cycle = outside & (potential[edges.a] ^ potential[edges.b] ^ edges.odd)
    closing = order[cycle[order]]
    found = np.full(groups, -1, dtype=np.int64)
    which, at = np.unique(group[edges.a[closing]], return_index=True)
    found[which] = closing[at]
    return found


def _potentials(edges: Edges, in_tree: Ints, nodes: int) -> Flags:
    """The parity of the way from the root of its tree to each node."""
    a, b, odd = edges.a[in_tree], edges.b[in_tree], edges.odd[in_tree]
    forest = coo_array((np.ones(len(a)), (a, b)), shape=(nodes, nodes)).tocsr()
    _, tree = connected_components(forest, directed=False)
    roots = np.unique(tree, return_index=True)[1]
    above = nodes
    a, b, odd = (
        np.concatenate([a, roots]),
        np.concatenate([b, np.full(len(roots), above)]),
        np.concatenate([odd, np.zeros(len(roots), dtype=bool)]),
    )
    rooted = coo_array((np.ones(len(a)), (a, b)), shape=(nodes + 1, nodes + 1)).tocsr()
    _, parent = breadth_first_order(rooted, above, directed=False)
    parent = parent.astype(np.int64)
    parent[above] = above
    potential = np.zeros(nodes + 1, dtype=bool)
    child = np.where(parent[a] == b, a, b)
    potential[child] = odd
    while (parent != above).any():
        potential, parent = potential ^ potential[parent], parent[parent]
    return potential[:nodes]


def _side(a: Floats, b: Floats, p: Floats) -> Floats:
    """Above 0: `p` is to the left of the line from `a` to `b`."""
    return (b[:, 0] - a[:, 0]) * (p[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (p[:, 0] - a[:, 0])
