"""Dead ends of the network: where a lane stops, and how far that is from the last junction or public road. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.network.graph import Network
from geo.network.noding import Flags, Floats, Ints, Shapes, components


@dataclass(frozen=True, slots=True)
class DeadEnds:
    """One value a dead end: the `node` at which the lane stops, `points` (k, 2) where that is, and `edge`, the one that stops there.

    `lines` run from the last junction, or from the public road, to there, through nodes where nothing branches off; `length_m` is theirs,
    without the connector to the middle of a road. Where the end is not `joined` to a public road by any way, each of the loose ends may
    be the way in: there `length_m` is NaN.
    """

    node: Ints
    points: Floats
    edge: Ints
    lines: Shapes
    length_m: Floats
    joined: Flags


def dead_ends(network: Network) -> DeadEnds:
    """All nodes off the public roads at which only one edge ends."""
    tips = np.flatnonzero((network.degree == 1) & ~network.public)
    edges = _edges_at(network)
    walks = [_walk(network, edges, int(tip)) for tip in tips]
    edge = np.array([walk[0] for walk in walks], dtype=np.int64)
    lines: Shapes = np.where(network.ends[edge, 1] == tips, network.lines[edge], shapely.reverse(network.lines[edge]))
    for k, walk in enumerate(walks):
        if len(walk) > 1:
            lines[k] = _line(network, walk, int(tips[k]))
    joined = joined_nodes(network)[tips]
    return DeadEnds(tips, network.nodes[tips], edge, lines, np.where(joined, shapely.length(lines), np.nan), joined)


def joined_nodes(network: Network) -> Flags:
    """Nodes from which some way leads to a public road."""
    _, group = components(len(network.nodes), network.ends[:, 0], network.ends[:, 1])
    return np.isin(group, group[network.public])


def _edges_at(network: Network) -> list[list[int]]:
    """The edges that meet in each node."""
    found: list[list[int]] = [[] for _ in range(len(network.nodes))]
    for edge, (start, end) in enumerate(network.ends.tolist()):
        found[start].append(edge)
        found[end].append(edge)
    return found


def _walk(network: Network, edges: list[list[int]], tip: int) -> list[int]:
    """The edges from the tip back to the last junction or public road."""
    walk, node = [edges[tip][0]], tip
    while True:
        start, end = network.ends[walk[-1]].tolist()
        node = end if node == start else start
        if network.public[node] or len(edges[node]) != 2:
            return walk
        walk.append(edges[node][0] if edges[node][1] == walk[-1] else edges[node][1])


def _line(network: Network, walk: list[int], tip: int) -> shapely.LineString:
    """The walk as one line that ends at the tip."""
    node, runs = tip, []
    for edge in walk:
        xy = shapely.get_coordinates(network.lines[edge])
        start, end = network.ends[edge].tolist()
        if not network.connector[edge]:
            runs.append(xy if node == end else xy[::-1])
        node = start if node == end else end
    back = runs[::-1]
    return shapely.LineString(np.concatenate([back[0], *(xy[1:] for xy in back[1:])]))
