"""The network of streets and lanes cut into straight pieces at the stops where a pipe may leave it. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.gas.attach import Floats, Ints, Shapes, Stops
from geo.gas.parts import Ways


@dataclass(frozen=True, slots=True)
class Street:
    """The network cut at its stops: `points` (k,) of the stops; pieces from `start` to `end` (stops), `length_m`."""

    points: Shapes
    start: Ints
    end: Ints
    length_m: Floats


def pieces(network: Ways, stops: Stops) -> tuple[Street, Ints]:
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
