"""Which edges lead to which buildings: those that come near, with no other building and no wall between. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from geo.network.graph import Network
from geo.network.noding import Flags, Floats, Ints, Shapes

_SHRINK_M = 0.1
"""A connector ends this far before the building, so that a neighbour that shares its wall does not stand between."""


@dataclass(frozen=True, slots=True)
class Leads:
    """Pairs of a building (row) and an edge that leads to it, sorted by building. `start`, `end`: that end of a lane's edge is near enough by
    itself. `behind` (a value a building): something is near, but only across walls or buildings."""

    building: Ints
    edge: Ints
    start: Flags
    end: Flags
    behind: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """All pairs of a building and an edge near it, sorted by both; `free`: nothing stands between, `start`, `end` as in Leads for those."""

    building: Ints
    edge: Ints
    free: Flags
    start: Flags
    end: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Leads with what they are made of; `place`: edges by what their pairs depend on."""

    leads: Leads
    pairs: Pairs
    place: dict[tuple[bytes, bytes, bool, float], int]


def leads_of(network: Network, buildings: Shapes, blocks: Shapes, *, approach_m: float, front_m: float, road_half_m: Floats) -> Leads:
    """`approach_m`: how near a lane must come; `front_m`: how near a building must stand to a road's kerb, which is `road_half_m` (a value a road) off its
    line. `blocks`: what stands between, walls and fences; buildings always do."""
    return leads_after(None, network, buildings, blocks, approach_m=approach_m, front_m=front_m, road_half_m=road_half_m).leads


def leads_after(
    before: Known | None, network: Network, buildings: Shapes, blocks: Shapes, *, approach_m: float, front_m: float, road_half_m: Floats
) -> Known:
    """The same, where nothing is worked out again for edges that lie as they lay `before`, among the same buildings and blocks."""
    near_m = np.where(network.lane >= 0, approach_m, front_m + _of_roads(network, road_half_m))
    keys = _keys(network, near_m)
    at = np.array([-1 if before is None else before.place.get(key, -1) for key in keys], dtype=np.int64)
    fresh = np.flatnonzero(at < 0)
    part = replace(
        network, lines=network.lines[fresh], ends=network.ends[fresh], lane=network.lane[fresh], road=network.road[fresh],
        length_m=network.length_m[fresh],
    )  # fmt: skip
    pairs = _pairs(part, buildings, blocks, near_m[fresh], approach_m)
    pairs.edge[:] = fresh[pairs.edge]
    if before is not None:
        pairs = _joined(pairs, before.pairs, np.flatnonzero(at >= 0), at[at >= 0])
    behind = np.zeros(len(buildings), dtype=bool)
    behind[pairs.building[~pairs.free]] = True
    behind[pairs.building[pairs.free]] = False
    free = pairs.free
    found = Leads(pairs.building[free], pairs.edge[free], pairs.start[free], pairs.end[free], behind)
    return Known(found, pairs, {key: edge for edge, key in enumerate(keys)})


def _keys(network: Network, near_m: Floats) -> list[tuple[bytes, bytes, bool, float]]:
    """What tells of each edge which buildings it leads to."""
    ends = network.nodes[network.ends].reshape(len(network.ends), 4)
    wkb, lane = shapely.to_wkb(network.lines).tolist(), (network.lane >= 0).tolist()
    return list(zip(wkb, [row.tobytes() for row in ends], lane, near_m.tolist(), strict=True))


def _pairs(network: Network, buildings: Shapes, blocks: Shapes, near_m: Floats, approach_m: float) -> Pairs:
    building, edge = _near(network, buildings, near_m)
    free = ~_blocked(shapely.shortest_line(network.lines[edge], buildings[building]), building, buildings, blocks)
    start, end = np.zeros(len(edge), dtype=bool), np.zeros(len(edge), dtype=bool)
    start[free], end[free] = _ends_near(network, buildings, building[free], edge[free], approach_m)
    return Pairs(building, edge, free, start, end)


def _joined(fresh: Pairs, old: Pairs, now: Ints, was: Ints) -> Pairs:
    """`fresh` pairs, and of the `old` ones those of the edges that `was`, which `now` have other numbers; sorted by building and edge."""
    order = np.argsort(old.edge, kind="stable")
    first, last = (np.searchsorted(old.edge[order], was, side=side) for side in ("left", "right"))
    count = last - first
    rows = order[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]
    edge = np.concatenate([fresh.edge, np.repeat(now, count)])
    columns = {name: np.concatenate([getattr(fresh, name), getattr(old, name)[rows]]) for name in ("building", "free", "start", "end")}
    order = np.lexsort((edge, columns["building"]))
    return Pairs(columns["building"][order], edge[order], *(columns[name][order] for name in ("free", "start", "end")))


def _ends_near(network: Network, buildings: Shapes, building: Ints, edge: Ints, approach_m: float) -> tuple[Flags, Flags]:
    """Which ends of a lane's edge are near the building; a node that edges share is looked at once."""
    near = np.zeros((2, len(edge)), dtype=bool)
    lanes = np.flatnonzero(network.lane[edge] >= 0)
    key = building[lanes] * np.int64(len(network.nodes)) + network.ends[edge[lanes]].T
    pairs, which = np.unique(key.ravel(), return_inverse=True)
    at, node = np.divmod(pairs, max(len(network.nodes), 1))
    close = shapely.dwithin(shapely.points(network.nodes[node]), buildings[at], approach_m)
    near[:, lanes] = close[which.reshape(-1)].reshape(2, -1)
    return near[0], near[1]


def _of_roads(network: Network, road_half_m: Floats) -> Floats:
    half = np.zeros(len(network.road))
    roads = network.road >= 0
    half[roads] = road_half_m[network.road[roads]]
    return half


def _near(network: Network, buildings: Shapes, near_m: Floats) -> tuple[Ints, Ints]:
    """(building, edge) within reach of the edge, sorted. Edges without length (gates) lead nowhere."""
    found = []
    placed = np.flatnonzero(~shapely.is_missing(buildings) & ~shapely.is_empty(buildings))
    for mine in (network.lane >= 0, network.lane < 0):
        edges = np.flatnonzero(mine & (network.length_m > 0))
        if not len(edges) or not len(placed):
            continue
        which, near = shapely.STRtree(network.lines[edges]).query(
            buildings[placed], predicate="dwithin", distance=float(near_m[edges].max())
        )
        building, edge = placed[which], edges[near]
        if np.ptp(near_m[edges]) > 0:
            kept = shapely.distance(network.lines[edge], buildings[building]) <= near_m[edge]
            building, edge = building[kept], edge[kept]
        found.append((building, edge))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    building, edge = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((edge, building))
    return building[order], edge[order]


def _blocked(line: Shapes, building: Ints, buildings: Shapes, blocks: Shapes) -> Flags:
    """Whether another building or a block stands across each connector."""
    blocked = np.zeros(len(line), dtype=bool)
    ends = shapely.get_coordinates(line).reshape(-1, 2, 2)
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    long = np.flatnonzero(length > 2 * _SHRINK_M)
    if not len(long):
        return blocked
    ends = ends[long]
    ends[:, 1] -= (ends[:, 1] - ends[:, 0]) * (_SHRINK_M / length[long])[:, None]
    short = np.asarray(shapely.linestrings(ends), dtype=object)
    which, other = shapely.STRtree(buildings).query(short, predicate="intersects")
    blocked[long[which[other != building[long[which]]]]] = True
    rest = np.flatnonzero(~blocked[long])
    which, _ = shapely.STRtree(blocks).query(short[rest], predicate="intersects")
    blocked[long[rest[which]]] = True
    return blocked


def led_to(leads: Leads, network: Network, open_: Flags, reached: Flags, *, count: int) -> Flags:
    """Which buildings the engine reaches: along an open edge with a reached end, or from a reached end of a lane that is near by itself."""
    ends = reached[network.ends[leads.edge]]
    good = (open_[leads.edge] & ends.any(axis=1)) | (leads.start & ends[:, 0]) | (leads.end & ends[:, 1])
    found = np.zeros(count, dtype=bool)
    found[leads.building[good]] = True
    return found


def widths_to(leads: Leads, network: Network, width_m: Floats, node_m: Floats) -> Floats:
    """Of each pair the narrowest place on the widest route to the building over that edge; `width_m` a value an edge, `node_m` a value a node."""
    ends = node_m[network.ends[leads.edge]]
    along = np.minimum(width_m[leads.edge], ends.max(axis=1, initial=0.0))
    near = np.maximum(np.where(leads.start, ends[:, 0], 0.0), np.where(leads.end, ends[:, 1], 0.0))
    return np.asarray(np.maximum(along, near))


def best_of(leads: Leads, pair_m: Floats, *, count: int) -> Floats:
    """Of each building the largest value of its pairs, NaN where nothing leads to it."""
    found = np.full(count, np.nan)
    np.fmax.at(found, leads.building, pair_m)
    return found
