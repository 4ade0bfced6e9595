"""On which edges of a network the spots lie that limit it. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.network.graph import Network
from geo.network.limits import Spots
from geo.network.noding import Flags, Floats, Ints

SHORTEST_M = 0.05
"""Edges shorter than this are not cut."""
_TIE_M = 0.05


@dataclass(frozen=True, slots=True)
class At:
    """Spots on edges: position in Spots, edge, metres along it."""

    spot: Ints
    edge: Ints
    station_m: Floats

    def __getitem__(self, at: Ints | Flags) -> At:
        return At(self.spot[at], self.edge[at], self.station_m[at])


def located(network: Network, spots: Spots) -> At:
    """Each spot on the nearest lane, or on each near lane; on all edges that are equally near, as at a junction."""
    limiting = ~(np.isinf(spots.width_m) & np.isinf(spots.height_m)) | spots.locked
    placed = np.flatnonzero(limiting & ~shapely.is_missing(spots.shapes) & ~shapely.is_empty(spots.shapes))
    edges = np.flatnonzero((network.lane >= 0) & (network.length_m >= SHORTEST_M))
    if not len(placed) or not len(edges):
        return At(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    tree = shapely.STRtree(network.lines[edges])
    which, near = tree.query(spots.shapes[placed], predicate="dwithin", distance=spots.reach_m[placed])
    spot, edge = placed[which], edges[near]
    gap = shapely.distance(spots.shapes[spot], network.lines[edge])
    key = spot * (1 + int(network.lane.max(initial=0))) + np.where(spots.every[spot], network.lane[edge], 0)
    groups, group = np.unique(key, return_inverse=True)
    least = np.full(len(groups), np.inf)
    np.minimum.at(least, group, gap)
    kept = gap <= least[group] + _TIE_M
    spot, edge = spot[kept], edge[kept]
    foot = shapely.get_point(shapely.shortest_line(network.lines[edge], spots.shapes[spot]), 0)
    return At(spot, edge, np.asarray(shapely.line_locate_point(network.lines[edge], foot)))
