"""The network of roads and lanes on drawings solved by hand, and on random ones against GEOS and a search of our own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import affinity

from geo.network.graph import JOINED, SNAPPED, TRIMMED, Network, network_of
from geo.network.noding import parts_of

ROAD = [(0, 0), (100, 0)]


def shapes(lines: Sequence[Any]) -> Any:
    """Lists of points as LineStrings; shapes and None as they are."""
    made = np.empty(len(lines), dtype=object)
    made[:] = [shapely.LineString(line) if isinstance(line, list) else line for line in lines]
    return made


def net(roads: Sequence[Any], lanes: Sequence[Any], *, half_m: float = 7.0) -> Network:
    return network_of(shapes(roads), shapes(lanes), snap_m=0.5, road_half_m=np.full(len(roads), half_m))


DRAWINGS = {
    "T junction": ([ROAD], [[(50, 0), (50, 30)]], 4, 3, []),
    "crossing without a node": ([ROAD], [[(50, -20), (50, 30)]], 5, 4, []),
    "crossing of two lanes": ([], [[(0, 0), (20, 20)], [(0, 20), (20, 0)]], 5, 4, []),
    "ends 0.3 m apart": ([], [[(0, 0), (10, 0)], [(10.3, 0), (20, 0)]], 3, 2, [(SNAPPED, 0.15), (SNAPPED, 0.15)]),
    "ends exactly 0.5 m apart": ([], [[(0, 0), (10, 0)], [(10.5, 0), (20, 0)]], 3, 2, [(SNAPPED, 0.25), (SNAPPED, 0.25)]),
    "ends 0.6 m apart": ([], [[(0, 0), (10, 0)], [(10.6, 0), (20, 0)]], 4, 2, []),
    "an end 0.4 m short of a lane": ([], [[(0, 0), (10, 0)], [(5, 0.4), (5, 10)]], 4, 3, [(SNAPPED, 0.4)]),
    "an end 0.3 m past a lane": ([], [[(0, 0), (10, 0)], [(5, -0.3), (5, 10)]], 4, 3, [(TRIMMED, 0.3)]),
    "three ends about one place": ([], [[(0, 0), (10, 0)], [(10.3, 0), (20, 0)], [(10, 0.3), (10, 30)]], 4, 3, [SNAPPED] * 3),
    "a lane that ends 6 m off the middle of a 14 m road": ([ROAD], [[(50, 6), (50, 40)]], 5, 4, [(JOINED, 6.0)]),
    "a lane that ends 7.5 m off it": ([ROAD], [[(50, 7.5), (50, 40)]], 5, 4, [(JOINED, 7.5)]),
    "a lane that ends 7.6 m off it": ([ROAD], [[(50, 7.6), (50, 40)]], 4, 2, []),
    "a lane drawn over the road's middle to its other kerb": ([ROAD], [[(50, -6), (50, 40)]], 4, 3, [(TRIMMED, 6.0)]),
    "a short lane on the carriageway": ([ROAD], [[(50, 0), (50, 6)]], 4, 3, [(JOINED, 6.0)]),
    "a ring that meets nothing": ([], [[(0, 0), (10, 0), (10, 10), (0, 0)]], 1, 1, []),
    "a ring on a stem": ([ROAD], [[(50, 0), (50, 20), (70, 20), (70, 40), (50, 20)]], 4, 4, []),
    "a ring closed but for 0.3 m": ([ROAD], [[(50, 0), (50, 20), (70, 20), (70, 10), (50.3, 10)]], 4, 4, [(SNAPPED, 0.3)]),
    "a lane drawn twice": ([], [[(0, 0), (10, 0)], [(10, 0), (4, 0), (0, 0)]], 2, 1, []),
    "lanes on one another for a part": ([], [[(0, 0), (10, 0)], [(5, 0), (15, 0)]], 4, 3, []),
    "a junction on the last stretch of a snapped lane": (
        [ROAD], [[(20, 0), (20, 45)], [(20, 25), (60, 25)], [(19.8, 45.3), (50, 45.3)]], 7, 6, [SNAPPED] * 2,
    ),
    "a lane along the road": ([ROAD], [[(20, 0), (60, 0), (60, 30)]], 5, 4, []),
    "a way in two parts": ([], [shapely.MultiLineString([[(0, 0), (9, 0)], [(9, 0), (9, 9)]])], 3, 2, []),
    "a vertex closer than a centimetre": ([], [[(0, 0), (5, 0), (5.001, 0), (9, 0)]], 2, 1, []),
    "nothing": ([], [], 0, 0, []),
}  # fmt: skip


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_nodes_edges_and_moves(drawing: str) -> None:
    roads, lanes, nodes, edges, moves = DRAWINGS[drawing]
    found = net(roads, lanes)
    assert (len(found.nodes), len(found.ends)) == (nodes, edges)
    told = [(s.kind, round(s.moved_m, 3)) for s in found.snaps]
    assert [m if isinstance(m, int) else m[0] for m in moves] == [kind for kind, _ in told]
    assert all(isinstance(m, int) or m == t for m, t in zip(moves, told, strict=True))


def test_an_edge_runs_from_its_first_node_to_its_second() -> None:
    found = net([ROAD], [[(50, 6), (50, 40)], [(20, 30), (80, 30)]])
    for line, ends in zip(found.lines, found.ends, strict=True):
        assert np.array_equal(shapely.get_coordinates(line)[[0, -1]], found.nodes[ends])


def test_pieces_know_their_ways() -> None:
    """The lane crosses the road: two pieces of each; the connector is the lane's."""
    found = net([ROAD], [[(20, 6), (20, 30)], [(50, -20), (50, 30)]])
    assert found.lane.tolist() == [-1, -1, -1, 0, 1, 1, 0]
    assert found.road.tolist() == [0, 0, 0, -1, -1, -1, -1]
    assert found.connector.tolist() == [False] * 6 + [True]
    assert found.length_m.tolist() == [20.0, 30.0, 50.0, 24.0, 20.0, 30.0, 6.0]
    assert found.public.sum() == 4


def test_what_a_lane_and_a_road_cover_is_road_and_still_known_as_lane() -> None:
    found = net([ROAD], [[(20, 0), (60, 0), (60, 30)]])
    assert (found.lane >= 0).sum() == 1
    assert sorted(found.length_m[found.lane_edges[:, 1]]) == [30.0, 40.0]
    assert found.road_edges.tolist() == [[0, 0], [0, 1], [0, 2]]


def test_a_lane_drawn_twice_keeps_both_rows() -> None:
    assert net([], [[(0, 0), (10, 0)], [(10, 0), (0, 0)]]).lane_edges.tolist() == [[0, 0], [1, 0]]


def test_rows_without_a_line_are_listed() -> None:
    broken = shapely.transform(shapely.LineString([(0, 0), (1, 1)]), lambda xy: xy * np.nan)
    rows = [None, shapely.Point(1, 1), shapely.box(0, 0, 9, 9), [(0, 0), (0, 0)], broken, shapely.LineString(), [(0, 0), (5, 0)]]
    found = net([None, shapely.LineString()], rows)
    assert found.unused_lanes.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.unused_roads.tolist() == [0, 1]
    assert found.lane.tolist() == [6]


def test_a_wide_road_is_joined_from_further_off_than_a_narrow_one() -> None:
    roads, lanes = shapes([ROAD, [(0, 100), (100, 100)]]), shapes([[(50, 11), (50, 89)]])
    found = network_of(roads, lanes, snap_m=0.5, road_half_m=np.array([12.0, 7.0]))
    assert [(s.moved_m, s.end, s.kind) for s in found.snaps] == [(11.0, (50.0, 0.0), JOINED)]


def test_an_end_near_a_lane_does_not_go_to_the_road() -> None:
    found = net([ROAD], [[(50, 5), (50, 40)], [(30, 5.3), (70, 5.3)]])
    assert {s.kind for s in found.snaps if s.lane == 0} == {TRIMMED}


def test_parts_keep_both_ends_of_a_line_whose_steps_are_all_short() -> None:
    parts = parts_of(shapes([[(i * 0.004, 0.0) for i in range(11)]]))
    assert parts.xy[[0, -1], 0].tolist() == [0.0, 0.04]
    assert np.diff(parts.xy[:, 0]).min() >= 0.01


def test_many_ends_in_a_row_are_not_pulled_together() -> None:
    """Thirty lanes end side by side, 0.4 m apart: each is near the next, but they do not meet in one place."""
    found = net([], [[(i * 0.4, 0), (i * 0.4, 30)] for i in range(30)])
    assert (len(found.nodes), len(found.ends), found.snaps) == (60, 30, ())


def random_ways(seed: int, count: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    starts, turns = (
        rng.uniform(0, 120, (count, 1, 2)),
        rng.uniform(0, 2 * np.pi, (count, 1)) + np.cumsum(rng.normal(0, 0.5, (count, 4)), axis=1),
    )
    steps = np.stack([np.cos(turns), np.sin(turns)], axis=-1) * rng.uniform(3, 25, (count, 4, 1))
    return list(shapely.linestrings(np.concatenate([starts, starts + np.cumsum(steps, axis=1)], axis=1)))


@pytest.mark.parametrize("seed", range(6))
def test_noding_agrees_with_geos(seed: int) -> None:
    """Without snapping: the same total length, and as many places where three or more pieces meet, at the same spots: a vertex less than a
    centimetre off a line that it crosses at a flat angle is taken for the crossing itself, some centimetres along."""
    ways = random_ways(seed, 30)
    found = network_of(shapes([]), shapes(ways), snap_m=0.0, road_half_m=np.empty(0))
    pieces = shapely.get_parts(shapely.node(shapely.MultiLineString(ways)))
    assert found.length_m.sum() == pytest.approx(shapely.length(pieces).sum(), abs=0.05)
    ends = np.round(np.concatenate([shapely.get_coordinates(p)[[0, -1]] for p in pieces]), 6)
    places, number = np.unique(ends, axis=0, return_counts=True)
    junctions = found.nodes[found.degree >= 3]
    assert len(junctions) == (number >= 3).sum()
    assert shapely.hausdorff_distance(shapely.MultiPoint(junctions), shapely.MultiPoint(places[number >= 3])) < 0.1


@pytest.mark.parametrize("seed", range(4))
def test_loose_ends_agree_with_a_search_for_them(seed: int) -> None:
    """After mending no loose end has another way within the snapping distance, nor a lane's a road within its reach."""
    ways = random_ways(100 + seed, 40)
    found = network_of(shapes(ways[:10]), shapes(ways[10:]), snap_m=0.5, road_half_m=np.full(10, 7.0))
    for node in np.flatnonzero(found.degree == 1):
        own = int(np.flatnonzero((found.ends == node).any(axis=1))[0])
        gaps = shapely.distance(found.lines, shapely.Point(found.nodes[node]))
        near = found.ends[own, 0] + found.ends[own, 1] - node
        others = np.flatnonzero((np.arange(len(gaps)) != own) & ~(found.ends == near).any(axis=1))
        assert gaps[others].min() > 0.5
        if not found.public[node]:
            assert gaps[others][found.road[others] >= 0].min(initial=np.inf) > 7.5


def described(found: Network) -> list[Any]:
    """What does not depend on where, how turned or in what order the ways are."""
    edges = zip(found.length_m, found.road >= 0, np.sort(found.degree[found.ends], axis=1).tolist(), strict=True)
    return sorted((round(float(m), 4), bool(r), d) for m, r, d in edges)


@pytest.mark.parametrize("seed", range(4))
def test_shift_turn_and_order_change_nothing(seed: int) -> None:
    ways = random_ways(200 + seed, 40)
    roads, lanes = ways[:10], ways[10:]
    before = net(roads, lanes)
    moved = [affinity.translate(affinity.rotate(w, 37.0 + seed, origin=(0, 0)), 498_000, 3_846_000) for w in ways]
    after = net(moved[:10][::-1], moved[10:][::-1])
    assert described(after) == described(before)
    assert sorted(round(s.moved_m, 4) for s in after.snaps) == sorted(round(s.moved_m, 4) for s in before.snaps)
