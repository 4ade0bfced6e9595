"""FA-14: whether a ring of lanes joins the public roads in at least two places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.errors import Text
from geo.network.graph import Network
from geo.network.noding import components
from geo.questions.declaration import Flags, View, latest
from geo.questions.reach import ways
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rows, Rule, limit
from geo.rules.fire.telling import LANE, MEASURED, Missing, Shapes, judgement, nowhere, sentences, unplaced


@dataclass(frozen=True, slots=True, eq=False)
class _Rings:
    """Per lane: whether it is in the network (`drawn`) and the `ring` that it has a piece of, -1 = none. Per ring: in how many `places` other ways join
    it that lead to a public road, and one `node` of it, such a place where there is one."""

    drawn: Flags
    ring: Rows
    places: Rows
    node: Rows


def _rings(view: View) -> _Rings:
    return latest(view, "lane-rings", ways.revisions(view), lambda _: _found(ways.network(view), len(view.frame("fire_lanes"))))


def _found(network: Network, lanes: int) -> _Rings:
    """A ring: lanes that hang together though any one piece of them is taken away. A node of it is a place where it is joined if it lies on a public road,
    or a road is reached from there over other ways."""
    count, (bridge, beyond) = len(network.nodes), _bridges(network)
    on_lane = network.lane >= 0
    ring_edge = on_lane & ~bridge
    _, label = components(count, *network.ends[ring_edge].T)
    on_ring = np.zeros(count, dtype=bool)
    on_ring[network.ends[ring_edge]] = True
    names, ring_of = np.unique(label[on_ring], return_inverse=True)
    of_node = nowhere(count)
    of_node[on_ring] = ring_of
    joined = network.public.copy()
    for end in (0, 1):
        joined[network.ends[bridge & (beyond[:, end] > 0), end]] = True
    joined &= on_ring
    places = np.bincount(of_node[joined], minlength=len(names)).astype(np.int64)
    node = nowhere(len(names))
    node[of_node[on_ring]] = np.flatnonzero(on_ring)
    node[of_node[joined]] = np.flatnonzero(joined)
    drawn, ring = np.zeros(lanes, dtype=bool), nowhere(lanes)
    lane, edge = network.lane_edges.T
    drawn[lane] = True
    mine = ring_edge[edge]
    ring[lane[mine]] = of_node[network.ends[edge[mine], 0]]
    return _Rings(drawn, ring, places, node)


def _bridges(network: Network) -> tuple[Flags, Rows]:
    """Lane edges without which their ends hang together no more; and for both ends of each how many public-road nodes lie beyond it, seen from there.
    Depth first, with the earliest node that each subtree gets back to."""
    ends, count = network.ends.tolist(), len(network.nodes)
    at: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for edge in np.flatnonzero((network.lane >= 0) & (network.ends[:, 0] != network.ends[:, 1])).tolist():
        u, v = ends[edge]
        at[u].append((edge, v))
        at[v].append((edge, u))
    seen, back, below = [-1] * count, [0] * count, network.public.astype(np.int64).tolist()
    bridge, beyond = np.zeros(len(ends), dtype=bool), np.zeros((len(ends), 2), dtype=np.int64)
    clock = 0
    for root in range(count):
        if seen[root] >= 0 or not at[root]:
            continue
        seen[root] = back[root] = clock
        clock += 1
        stack, found = [(root, -1, iter(at[root]))], []
        while stack:
            node, by, rest = stack[-1]
            for edge, other in rest:
                if edge == by:
                    continue
                if seen[other] < 0:
                    seen[other] = back[other] = clock
                    clock += 1
                    stack.append((other, edge, iter(at[other])))
                    break
                back[node] = min(back[node], seen[other])
            else:
                stack.pop()
                if stack:
                    parent = stack[-1][0]
                    back[parent] = min(back[parent], back[node])
                    below[parent] += below[node]
                    if back[node] > seen[parent]:
                        found.append((by, node))
        for edge, child in found:
            bridge[edge] = True
            end = 0 if ends[edge][0] == child else 1
            beyond[edge, end], beyond[edge, 1 - end] = below[root] - below[child], below[child]
    return bridge, beyond


def _joined(view: View) -> Judgement:
    """In how many places the ring that a lane is part of is joined by other lanes or roads that lead to a public road; spurs that end in the yard do not
    count. A lane from road to road makes no ring with them. A ring that no way drawn leads to is not known."""
    found, count = _rings(view), len(view.frame("fire_lanes"))
    on_ring = found.ring >= 0
    places = np.append(found.places, 0)[found.ring]
    least = int(view.profile["ring_connections"])
    result = np.where(
        on_ring, np.where(places >= least, PASS, np.where(places > 0, FAIL, UNKNOWN)), np.where(found.drawn, NA, UNKNOWN)
    ).astype(np.int8)
    heads = {
        FAIL: Text(f"少于 {least} 处与其他车道连通", f"joined in fewer than {least} places"),
        PASS: Text(f"不少于 {least} 处与其他车道连通", f"joined in {least} places or more"),
    }

    def tell(row: int) -> Text:
        if not found.drawn[row]:
            return unplaced(LANE)
        if not on_ring[row]:
            return Text("不是环形车道的一部分", "it is no part of a ring")
        if not places[row]:
            return Text("所在的环在图上没有与市政道路连通，不能判定", "no way drawn leads from its ring to a public road: cannot be told")
        return Text(f"所在的环形车道有 {places[row]} 处连通", f"its ring is joined in {places[row]} place(s)")

    def where(rows: Rows) -> Shapes:
        out = np.full(len(rows), None, dtype=object)
        mine = on_ring[rows]
        out[mine] = shapely.points(ways.network(view).nodes[found.node[found.ring[rows[mine]]]])
        return out

    missing = Missing(result == UNKNOWN).own(np.ones(count, dtype=bool), "fire_lanes", "geometry")
    measured = np.where(on_ring & (places > 0), places.astype(np.float64), np.nan)
    basis = np.where(np.isnan(measured), -1, MEASURED)
    return judgement(result, measured, limit(count, least), basis, sentences(result, heads, tell), where=where, lacks=missing.lacks())


RINGS = Rule(
    "FA-14", 114, Text("环形消防车道连通处", "Connections of a ring lane"), "fire_lanes", ways.READS, _joined, Text("处", "places"),
    ("ring_connections", "snap_m"),
)  # fmt: skip
