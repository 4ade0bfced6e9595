"""FA-16: whether an engine can reach each building from a public road, and which one record would tell."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from geo.errors import Text
from geo.network.graph import Network
from geo.questions.declaration import Flags, View
from geo.questions.reach.bottlenecks import BOTTLENECKS, limit_of, widest_to_buildings
from geo.questions.reach.reach import READS, Reach
from geo.questions.reach.spotting import ACCESS, HAZARD
from geo.questions.reach.telling import where as place_of
from geo.questions.reach.widest import APART, FAR, Widest
from geo.rules.declaration import FAIL, PASS, UNKNOWN, Floats, Judgement, Rows, Rule, limit
from geo.rules.fire.telling import METRES, Heads, Missing, Shapes, asked, headed, judgement, nowhere, placed, results_of, shown

_LEAST_M = 1e-6
"""A gate is an edge without length; a graph has no edges of length 0."""


def _reached(view: View) -> Judgement:
    """The narrowest place of the widest route, as the question `bottlenecks` finds it. Where that is not known, the record it lacks is the first that is
    missing on the shortest route over what may be passed, from the public road on: one record there settles all that lies behind it."""
    verdicts = asked(view, BOTTLENECKS)
    found = widest_to_buildings(view, limit_of(view, BOTTLENECKS.defaults))
    result, least = results_of(verdicts), view.profile["lane_width_m"]
    heads: Heads = {
        FAIL: Text(f"到楼路线小于设计值 {shown(least)} 米", f"the way to it is below the {shown(least)} m design value"),
        PASS: Text(f"到楼路线不小于设计值 {shown(least)} 米", f"the way to it is not below the {shown(least)} m design value"),
    }
    edge = _first_unsure(found)
    measured = np.isin(np.append(found.reach.limits.measured, False)[edge], (True,))
    basis = np.where(np.isnan(found.value_m), -1, np.where(measured, 1, 0))
    return judgement(
        result, found.value_m, limit(len(result), least), basis, headed(result, heads, verdicts.why),
        where=lambda rows: _places(found, result, edge, rows), lacks=_lacks(view, found, result == UNKNOWN, edge),
        involved=lambda rows: [_ways(found, int(at)) for at in edge[rows]],
    )  # fmt: skip


def _places(found: Widest, result: np.ndarray, edge: Rows, rows: Rows) -> Shapes:
    """The narrowest place of a route that fails, what is not known of one that may pass."""
    narrow = _narrowest(found)
    at = np.where(result[rows] == FAIL, narrow[rows], edge[rows])
    shown = {int(edge): place_of(found.reach, int(edge)) for edge in np.unique(at[at >= 0])}
    out = np.full(len(rows), None, dtype=object)
    out[:] = [shown.get(int(edge)) for edge in at]
    return out


def _narrowest(found: Widest) -> Rows:
    """Of each building the narrowest edge of its widest route, by what may be passed; -1 = none."""
    network, width = found.reach.network, found.open_m[0]
    count = len(network.nodes)
    usable = np.flatnonzero((network.ends[:, 0] != network.ends[:, 1]) & (network.lane >= 0))
    levels = np.unique(width)[::-1]
    rank = np.searchsorted(-levels, -width)
    low, high = np.sort(network.ends[usable], axis=1).T
    order = np.lexsort((rank[usable], high, low))
    usable, low, high = usable[order], low[order], high[order]
    single = np.append(True, (np.diff(low) != 0) | (np.diff(high) != 0)) if len(usable) else np.zeros(0, dtype=bool)
    usable, low, high = usable[single], low[single], high[single]
    public = np.flatnonzero(network.public)
    start, end = np.concatenate([low, public]), np.concatenate([high, np.full(len(public), count)])
    weight = np.concatenate([rank[usable] + 2.0, np.ones(len(public))])
    tree = csgraph.minimum_spanning_tree(sparse.csr_matrix((weight, (start, end)), shape=(count + 1, count + 1)))
    nodes, before = csgraph.breadth_first_order(tree, count, directed=False)
    nodes = nodes[1:]
    by = np.full(count + 1, -1, dtype=np.int64)
    key = low * np.int64(count + 1) + high
    pair = np.sort(np.column_stack([nodes, before[nodes]]), axis=1).astype(np.int64)
    inner = pair[:, 1] < count
    by[nodes[inner]] = usable[np.searchsorted(key, pair[inner, 0] * np.int64(count + 1) + pair[inner, 1])]
    worst, widths, edges = [-1] * (count + 1), np.append(width, np.inf).tolist(), by.tolist()
    for node, previous in zip(nodes.tolist(), before[nodes].tolist(), strict=True):
        own = edges[node]
        worst[node] = own if widths[own] < widths[worst[previous]] else worst[previous]
    return _best_edges(found, np.array(worst, dtype=np.int64), np.isin(np.arange(count), nodes))


def _best_edges(found: Widest, worst: Rows, reached: Flags) -> Rows:
    """The narrowest edge on the way to each building, over the pair of building and edge that gives the widest."""
    network, leads, width = found.reach.network, found.leads, np.append(found.open_m[0], np.inf)
    edge, parts = leads.edge, []
    for end, near in ((0, leads.start), (1, leads.end)):
        node = network.ends[edge, end]
        along = np.where(width[edge] <= width[worst[node]], edge, worst[node])
        parts.append((np.where(reached[node], width[along], -1.0), along))
        parts.append((np.where(reached[node] & near, width[worst[node]], -1.0), worst[node]))
    value, at = (np.concatenate(column) for column in zip(*parts, strict=True))
    owner = np.tile(leads.building, len(parts))
    order = np.lexsort((value, owner))
    order = order[value[order] >= 0]
    chosen = nowhere(found.count)
    chosen[owner[order]] = at[order]  # the widest is written last
    return chosen


def _ways(found: Widest, edge: int) -> list[tuple[str, int]]:
    if edge < 0:
        return []
    network = found.reach.network
    lane = int(network.lane[edge])
    return [("fire_lanes", lane) if lane >= 0 else ("roads", int(network.road[edge]))]


def _lacks(view: View, found: Widest, unknown: Flags, edge: Rows) -> object:
    reach = found.reach
    limits, network, spotted = reach.limits, reach.network, reach.limiting.spotted
    known = edge >= 0
    spot, lane, road = (np.append(of, -1)[edge] for of in (limits.spot, network.lane, network.road))
    kind, row = (np.append(of, -1)[np.where(spot >= 0, spot, -1)] for of in (spotted.kind, spotted.row))
    width = np.append(spotted.spots.width_m, np.inf)[np.where(spot >= 0, spot, -1)]
    high = np.append(limits.height_m, np.inf)[edge]
    missing = Missing(unknown).own(~placed(view.metric("buildings")), "buildings", "geometry")
    at = known & (spot >= 0)
    missing.add(at & (kind == ACCESS) & np.isnan(width), "access_points", "gate_width_m", row)
    missing.add(at & (kind == ACCESS), "access_points", "gate_height_m", row)
    missing.add(at & (kind == HAZARD), "hazards", "status", row)
    missing.add(at, "obstacles", "clear_height_m", row)
    missing.add(known & (lane >= 0) & np.isnan(high), "fire_lanes", "clear_height_m", lane)
    missing.add(known & (lane >= 0), "fire_lanes", "clear_width_m", lane)
    missing.add(known & (road >= 0), "roads", "road_width_m", road)
    beside = nowhere(found.count)
    lanes = network.lane[found.leads.edge]
    beside[found.leads.building[lanes >= 0]] = lanes[lanes >= 0]
    missing.add((found.state == APART) & (beside >= 0), "fire_lanes", "geometry", beside)
    missing.add(found.state == FAR, "fire_lanes", "geometry", -1)
    return missing.lacks()


def _first_unsure(found: Widest) -> Rows:
    """Of each building the first edge that an engine only may pass, on the shortest way from a public road that it may take; -1 = none."""
    reach, leads = found.reach, found.leads
    network, unsure = reach.network, reach.may & ~reach.passes
    metres, first = _from_roads(network, reach, unsure)
    edge, building = leads.edge, leads.building
    own = np.where(unsure[edge], edge, -1)
    parts = []
    for end, near in ((0, leads.start), (1, leads.end)):
        node = network.ends[edge, end]
        before = first[node]
        along = reach.may[edge]
        parts.append((np.where(along, metres[node] + network.length_m[edge] / 2, np.inf), np.where(before >= 0, before, own)))
        parts.append((np.where(near, metres[node], np.inf), before))
    at_road = (network.lane[edge] < 0) & reach.may[edge]
    parts.append((np.where(at_road, 0.0, np.inf), own))
    cost, lacking = (np.concatenate(column) for column in zip(*parts, strict=True))
    owner = np.tile(building, len(parts))
    kept = np.isfinite(cost) & (lacking >= 0)
    owner, cost, lacking = owner[kept], cost[kept], lacking[kept]
    order = np.lexsort((lacking, -cost, owner))
    chosen = nowhere(found.count)
    chosen[owner[order]] = lacking[order]  # the nearest is written last
    chosen[(found.state != 0)] = -1
    return chosen


def _from_roads(network: Network, reach: Reach, unsure: Flags) -> tuple[Floats, Rows]:
    """Of each node the metres from a public road over what may be passed, and the first unsure edge on that way (-1 = none)."""
    count = len(network.nodes)
    first = nowhere(count)
    usable = np.flatnonzero(reach.may & (network.ends[:, 0] != network.ends[:, 1]) & (network.lane >= 0))
    low, high = np.sort(network.ends[usable], axis=1).T
    key, length = low * np.int64(max(count, 1)) + high, np.maximum(network.length_m[usable], _LEAST_M)
    order = np.lexsort((length, unsure[usable], key))
    key, usable, length = key[order], usable[order], length[order]
    single = np.append(True, np.diff(key) != 0) if len(key) else np.zeros(0, dtype=bool)
    key, usable, length = key[single], usable[single], length[single]
    public = np.flatnonzero(network.public)
    if not len(public):
        return np.full(count, np.inf), first
    graph = sparse.csr_matrix((length, np.divmod(key, np.int64(max(count, 1)))), shape=(count, count))
    metres, before, _ = csgraph.dijkstra(graph, directed=False, indices=public, min_only=True, return_predecessors=True)
    nodes = np.flatnonzero((before >= 0) & np.isfinite(metres))
    nodes = nodes[np.argsort(metres[nodes], kind="stable")]
    pair = np.sort(np.column_stack([nodes, before[nodes]]), axis=1).astype(np.int64)
    edge = usable[np.searchsorted(key, pair[:, 0] * np.int64(max(count, 1)) + pair[:, 1])]
    own, told = np.where(unsure[edge], edge, -1).tolist(), first.tolist()
    for node, previous, here in zip(nodes.tolist(), before[nodes].tolist(), own, strict=True):
        told[node] = told[previous] if told[previous] >= 0 else here
    return np.asarray(metres), np.array(told, dtype=np.int64)


REACHED = Rule(
    "FA-16", 116, Text("楼栋与市政道路连通", "Way from a public road to a building"), "buildings", tuple(dict.fromkeys(("buildings", *READS))), _reached, METRES,
    ("lane_width_m", "approach_m", "front_m", "road_half_width_m"),
)  # fmt: skip
