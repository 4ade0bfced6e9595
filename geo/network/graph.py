"""The graph of public roads and lanes: noded where they meet, snapped where they nearly do. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from geo.network.crowding import readable
from geo.network.noding import Flags, Floats, Ints, Parts, Shapes, Steps, joined, noded, parts_of
from geo.network.snapping import JOINED, SNAPPED, TRIMMED, Moves, mended, trimmed

__all__ = ["JOINED", "SNAPPED", "TRIMMED", "Network", "Snap", "network_of"]


@dataclass(frozen=True, slots=True)
class Snap:
    """One end that was moved: from where, to where (x, y), how far (m), the row of its lane or road (as in Network.lane and .road).

    `kind`: SNAPPED onto what lies within snapping distance; JOINED to a road by a connector; TRIMMED back to the junction that it ran past.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    moved_m: float
    lane: int
    road: int
    kind: int = SNAPPED


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Network:
    """Edges between nodes. `nodes` (n, 2); `ends` (m, 2) node positions; `lines` (m,) from ends[:, 0] to ends[:, 1]; `lane`: row of the lane
    that an edge is a piece of, -1 = a public road; `road`: row of the road, -1 = a lane; `public` (n,): the node lies on a public road.

    Where ways lie on one another the edge is there once, a road before a lane, a lower row before a higher: `lane_edges` and `road_edges`
    (k, 2) say for every row which edges it runs over. A ring that meets nothing is an edge from a node to itself. `connector` (m,): the
    edge joins a lane's end to the centreline of its road and is in no drawing. `unused_lanes`, `unused_roads`: rows that give no edge
    because they have no line (unplaced, an area, no length, broken coordinates) or cross themselves or others too often: the latter are
    `tangled_lanes` and `tangled_roads` too.
    """

    nodes: Floats
    ends: Ints
    lines: Shapes
    length_m: Floats
    lane: Ints
    road: Ints
    public: Flags
    snaps: tuple[Snap, ...]
    connector: Flags
    lane_edges: Ints
    road_edges: Ints
    unused_lanes: Ints
    unused_roads: Ints
    tangled_lanes: Ints = field(default_factory=_none)
    tangled_roads: Ints = field(default_factory=_none)

    @property
    def degree(self) -> Ints:
        """How many edges meet in each node; a ring counts twice in its own."""
        return np.bincount(self.ends.ravel(), minlength=len(self.nodes)).astype(np.int64)


def network_of(roads: Shapes, lanes: Shapes, *, snap_m: float, road_half_m: Floats) -> Network:
    """`road_half_m` (a value a road): a lane's end this near to a road's centreline (and `snap_m` more) joins it.

    A lane's end that already meets something, or finds a way within `snap_m`, is not joined to a road further off.
    """
    roads, lanes = np.asarray(roads, dtype=object), np.asarray(lanes, dtype=object)
    parts, tangled = readable(parts_of(np.concatenate([roads, lanes])))
    reach = np.concatenate([np.nan_to_num(road_half_m, nan=0.0) + snap_m, np.full(len(lanes), np.nan)])
    met, moves = mended(parts, noded(parts), reach, snap_m=snap_m)
    steps, cut = trimmed(met, noded(met), reach, snap_m=snap_m)
    found = _network(met, steps, moves + cut, len(roads), len(lanes), np.unique(parts.way))
    return replace(found, tangled_lanes=tangled[tangled >= len(roads)] - len(roads), tangled_roads=tangled[tangled < len(roads)])


def _network(parts: Parts, steps: Steps, moves: Moves, roads: int, lanes: int, drawn: Ints) -> Network:
    pieces = joined(steps)
    nodes, first, ends = np.unique(pieces.ends.ravel(), return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    ends = place[ends].reshape(-1, 2)
    way = parts.way[pieces.part]
    public = np.zeros(len(nodes), dtype=bool)
    public[ends[way < roads].ravel()] = True
    by_road = pieces.covers[:, 0] < roads
    return Network(
        steps.xy[nodes[order]], ends, pieces.lines, pieces.length_m, np.where(way < roads, -1, way - roads), np.where(way < roads, way, -1),
        public, _snaps(moves, roads), parts.connector[pieces.part], pieces.covers[~by_road] - (roads, 0), pieces.covers[by_road],
        np.setdiff1d(np.arange(lanes), drawn - roads), np.setdiff1d(np.arange(roads), drawn),
    )  # fmt: skip


def _snaps(moves: Moves, roads: int) -> tuple[Snap, ...]:
    moved = np.hypot(*(moves.end - moves.start).T)
    rows = zip(moves.start.tolist(), moves.end.tolist(), moved.tolist(), moves.way.tolist(), moves.kind.tolist(), strict=True)
    return tuple(
        Snap((x, y), (u, v), far, way - roads if way >= roads else -1, way if way < roads else -1, kind)
        for (x, y), (u, v), far, way, kind in rows
    )
