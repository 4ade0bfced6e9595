"""What to mend first: the places that stop an engine, what each frees alone, and the fewest that free a given place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from geo.network.approach import Leads
from geo.network.graph import Network
from geo.network.limits import SPOT, Limits
from geo.network.noding import Flags, Floats, Ints
from geo.network.routes import components

SAME_M = 0.1
"""A gate as narrow as the lane that it stands on, up to this, is that narrow place and no other: it was measured twice."""


@dataclass(frozen=True, slots=True)
class Places:
    """Stopping edges grouped into places that are put right as one: all edges of a spot, else a run of edges of one lane. `of_edge`: the place
    of each edge, -1 = it does not stop; `edge`: of each place its narrowest edge; `members`: its edges. A gate as narrow as its lane is one with it."""

    of_edge: Ints
    edge: Ints
    members: tuple[Ints, ...]


def places_of(limits: Limits, stops: Flags) -> Places:
    """Group the edges that stop (only lanes can)."""
    network = limits.network
    at = np.flatnonzero(stops & (network.lane >= 0))
    glue = np.flatnonzero(~stops & (network.lane >= 0) & (network.length_m == 0))
    key = _groups(limits, at, glue)
    of_edge = np.full(len(network.ends), -1, dtype=np.int64)
    of_edge[at] = key
    order = np.lexsort((at, _worst(limits, at), key))
    starts = np.searchsorted(key[order], np.arange(key.max(initial=-1) + 1))
    members = tuple(np.split(at[order], starts[1:])) if len(starts) else ()
    return Places(of_edge, at[order][starts], members)


def _worst(limits: Limits, at: Ints) -> Floats:
    return np.nan_to_num(np.minimum(limits.width_m[at], limits.height_m[at]), nan=np.inf)


def _groups(limits: Limits, at: Ints, glue: Ints) -> Ints:
    """Consecutive numbers of the groups: edges of one spot on one lane; edges of one lane that share a node, or meet over open spots (`glue`)."""
    network, count = limits.network, len(at)
    edges = np.concatenate([at, glue])
    label = np.where((limits.cause[edges] == SPOT) & ~_same_place(limits, edges), limits.spot[edges], -1)
    label[count:] = -1
    _, owner = np.unique(np.stack([network.lane[edges], label], axis=1), axis=0, return_inverse=True)
    pair = network.ends[edges].T.ravel() + np.tile(owner.reshape(-1), 2) * np.int64(len(network.nodes))
    nodes, node = np.unique(pair, return_inverse=True)
    rows = np.tile(np.arange(len(edges)), 2)
    graph = sparse.coo_matrix(
        (np.ones(len(rows), dtype=np.int8), (rows, len(edges) + node.reshape(-1))), shape=(len(edges) + len(nodes),) * 2
    )
    _, run = csgraph.connected_components(graph, directed=False)
    _, key = np.unique(run[:count], return_inverse=True)
    return key.reshape(-1).astype(np.int64)


def _same_place(limits: Limits, edges: Ints) -> Flags:
    """Spots among these edges that are about as narrow as an edge of their lane, among them, that they touch."""
    network, width = limits.network, limits.width_m[edges]
    spot = (limits.cause[edges] == SPOT) & (width > 0) & (network.length_m[edges] == 0)
    keys = network.ends[edges] + network.lane[edges][:, None] * np.int64(len(network.nodes))
    plain = np.flatnonzero((limits.cause[edges] != SPOT) & (width > 0))
    order = np.argsort(keys[plain].ravel(), kind="stable")
    known, beside = keys[plain].ravel()[order], np.repeat(width[plain], 2)[order]
    same = np.zeros(len(edges), dtype=bool)
    for side in (0, 1):
        for step in (0, 1):
            at = np.searchsorted(known, keys[:, side]) + step
            there = (at < len(known)) & (np.append(known, -1)[at.clip(max=len(known))] == keys[:, side])
            with np.errstate(invalid="ignore"):
                same |= there & (np.abs(np.append(beside, np.inf)[at.clip(max=len(known))] - width) <= SAME_M)
    return np.asarray(spot & same, dtype=bool)


def freed_rows(limits: Limits, places: Places, open_: Flags, leads: Leads) -> list[Ints]:
    """For each place the buildings (rows) that are reached when it alone is put right, and not before; open_[edge]: it lets the engine pass."""
    reached = _Reached(limits.network, open_, leads)
    return [reached.after(members) for members in places.members]


class _Reached:
    """Buildings by component and by stopping edge: reached from an open edge with a reached end, or from a reached end that is near by itself."""

    def __init__(self, network: Network, open_: Flags, leads: Leads) -> None:
        self.ends = components(network, open_)[0][network.ends]
        row, edge = leads.building, leads.edge
        keys, rows = [self.ends[edge[open_[edge]], 0]], [row[open_[edge]]]
        for near, side in ((leads.start, 0), (leads.end, 1)):
            keys.append(self.ends[edge[near], side])
            rows.append(row[near])
        self.by_component = _Table(np.concatenate(keys), np.concatenate(rows))
        self.by_edge = _Table(edge[~open_[edge]], row[~open_[edge]])
        self.before = np.zeros(int(row.max(initial=-1)) + 1, dtype=bool)
        self.before[self.by_component.rows_of(0)] = True

    def after(self, members: Ints) -> Ints:
        """Rows newly reached when these edges open."""
        ends = self.ends[members]
        gained: set[int] = {0}
        passable = np.zeros(len(members), dtype=bool)
        grown = True
        while grown:
            touching = ~passable & np.isin(ends, list(gained)).any(axis=1)
            grown = bool(touching.any())
            passable |= touching
            gained.update(ends[touching].ravel().tolist())
        if len(gained) == 1 and not passable.any():
            return np.zeros(0, dtype=np.int64)
        found = [self.by_component.rows_of(c) for c in gained if c] + [self.by_edge.rows_of(e) for e in members[passable].tolist()]
        rows = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
        return rows[~self.before[rows]]


class _Table:
    """Rows by key."""

    def __init__(self, key: Ints, row: Ints) -> None:
        order = np.argsort(key, kind="stable")
        self.key, self.row = key[order], row[order]

    def rows_of(self, key: int) -> Ints:
        first, last = np.searchsorted(self.key, (key, key + 1))
        return self.row[first:last]


class Fewest:
    """The fewest places to mend so that something is reached, found for the whole network at once: one step over a place costs one.

    Exact where each place is one run of edges; a place that a way would pass twice (it cannot, if it is one run) is counted once.
    """

    def __init__(self, limits: Limits, places: Places, open_: Flags) -> None:
        network = limits.network
        self.label, self.components = components(network, open_)
        stopped = np.flatnonzero(places.of_edge >= 0)
        place = places.of_edge[stopped] + self.components
        ends = self.label[network.ends[stopped]]
        rows = np.concatenate([place, place])
        columns = np.concatenate([ends[:, 0], ends[:, 1]])
        size = self.components + len(places.edge)
        graph = sparse.coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(size, size)).tocsr()
        order, before = csgraph.breadth_first_order(graph, 0, directed=False)
        self._before = before
        self.steps = np.full(size, np.inf)
        self.steps[0] = 0
        for node in order[1:].tolist():
            self.steps[node] = self.steps[before[node]] + (node >= self.components)

    def component_of_place(self, place: int) -> int:
        return self.components + place

    def places_to(self, target: int) -> list[int]:
        """The places on the way to a component, or to a place itself (`component_of_place`), from the public road on."""
        found: list[int] = []
        while target > 0:
            if target >= self.components:
                found.append(target - self.components)
            target = int(self._before[target])
        return found[::-1]
