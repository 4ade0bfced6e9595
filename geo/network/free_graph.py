"""The graph that free pieces make, and its shortest ways to where an engine can stand. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph, csr_matrix

from geo.network.ground import Floats, Ints
from geo.network.pieces import HERE, Pieces
from geo.network.stands import Stands

_FINE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Nodes: the goals, the corners `used`, and one for all stands (`stand`). `far`: the way from each node to a stand, `after`: the next node on it."""

    count: int
    used: Ints
    stand: int
    far: Floats
    after: Ints
    piece_of: dict[tuple[int, int], int]
    drawn: Floats

    @classmethod
    def of(cls, count: int, edges: list[tuple[Pieces, bool]], stands: Stands) -> Graph:
        """`edges`: free pieces, and whether they are from goals or from corners."""
        pieces = Pieces.joined([part for part, _ in edges])
        goal = np.concatenate([np.full(len(part.item), first) for part, first in edges])
        used = np.unique(np.concatenate([pieces.to[pieces.to >= 0], pieces.item[~goal]]))
        known = used[stands.settled(used)]
        stand = count + len(used)
        start = np.where(goal, pieces.item, count + np.searchsorted(used, pieces.item))
        end = np.where(pieces.to == HERE, stand, count + np.searchsorted(used, pieces.to))
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
