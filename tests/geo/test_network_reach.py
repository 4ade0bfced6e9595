"""The refined network, widest routes and what to mend first, on networks solved by hand and against brute force on random ones."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
import shapely

from geo.network.approach import Leads, best_of, leads_of, led_to, widths_to
from geo.network.cutting import pieces_of
from geo.network.graph import Network
from geo.network.limits import RECORD, SPOT, Limits, Need, Spots, Widths, effective, passing
from geo.network.mending import Fewest, freed_rows, places_of
from geo.network.refining import limits_of
from geo.network.routes import Roads, components, line_of, widest_m

INF, NAN = np.inf, np.nan


def network_of_edges(nodes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], *, roads: int = 0) -> Network:
    """The first `roads` edges are public; each other edge is a lane of its own."""
    xy, ends, count = np.array(nodes, dtype=float), np.array(edges, dtype=np.int64).reshape(-1, 2), len(edges)
    public = np.zeros(len(xy), dtype=bool)
    public[ends[:roads].ravel()] = True
    lines = np.asarray(shapely.linestrings(xy[ends]), dtype=object)
    number, none = np.arange(count), np.zeros(0, dtype=np.int64)
    lane, road = np.where(number >= roads, number - roads, -1), np.where(number < roads, number, -1)
    over = np.stack([number[roads:] - roads, number[roads:]], axis=1), np.stack([number[:roads]] * 2, axis=1)
    return Network(xy, ends, lines, shapely.length(lines), lane, road, public, (), np.zeros(count, dtype=bool), *over, none, none)


def limits_on(network: Network, width: Sequence[float], *, height: Sequence[float] | None = None, cause: int = RECORD) -> Limits:
    count, no = len(width), np.zeros(len(width), dtype=bool)
    nothing = np.full(count, -1, dtype=np.int64)
    pinch = np.full(count, None, dtype=object)
    high = np.full(count, INF) if height is None else np.array(height, dtype=float)
    causes = np.full(count, cause, dtype=np.int8)
    return Limits(
        network, np.array(width, float), np.full(count, NAN), high, no, causes, nothing, pinch, nothing, nothing, no, np.arange(count)
    )


def leads_to(pairs: Sequence[tuple[int, int]]) -> Leads:
    """Building, edge; nodes alone lead nowhere."""
    table = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    no = np.zeros(len(table), dtype=bool)
    return Leads(table[:, 0], table[:, 1], no, no, np.zeros(99, dtype=bool))


# widest routes ---------------------------------------------------------------------------------------------------------------

SQUARE = [(0, 0), (10, 0), (10, 10), (20, 5), (30, 5)]


@pytest.mark.parametrize(
    ("edges", "width", "wanted"),
    [
        ([(0, 1), (1, 2), (0, 3), (3, 2)], [9, 3.2, 4.5, 4], [INF, INF, 4.0, 4.5, 0]),  # a diamond: the wider side
        ([(0, 1), (1, 2), (2, 3), (3, 4), (4, 2)], [9, 3, 5, 6, 4], [INF, INF, 3, 3, 3]),  # a ring behind a narrow way in
        (
            [(0, 1), (1, 2), (2, 3), (3, 4), (4, 2)],
            [9, 5, 2, 6, 4],
            [INF, INF, 5, 4, 4],
        ),  # a narrow place in the ring: round the other side
        ([(0, 1), (1, 2), (1, 2), (2, 3)], [9, 2.5, 3.5, 6], [INF, INF, 3.5, 3.5, 0]),  # two lanes side by side
        ([(0, 1), (1, 2), (2, 3), (3, 4)], [9, 0, 5, 5], [INF, INF, 0, 0, 0]),  # closed
        ([(0, 1), (1, 1), (1, 2)], [9, 5, 4], [INF, INF, 4, 0, 0]),  # a ring from a node to itself
        ([(0, 1), (2, 3), (3, 4)], [9, 5, 4], [INF, INF, 0, 0, 0]),  # joins no road
    ],
)
def test_widest_by_hand(edges: list[tuple[int, int]], width: list[float], wanted: list[float]) -> None:
    network = network_of_edges(SQUARE, edges, roads=1)
    assert widest_m(network, np.array(width, dtype=float)).tolist() == wanted


def _random(rng: np.random.Generator, nodes: int, edges: int) -> tuple[Network, np.ndarray]:
    pairs = [(0, 1), *(tuple(map(int, rng.integers(0, nodes, 2))) for _ in range(edges))]
    network = network_of_edges([tuple(p) for p in rng.uniform(0, 100, (nodes, 2))], pairs, roads=1)
    return network, np.append(9.0, rng.choice([0.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, INF], edges))


def _by_paths(network: Network, width: np.ndarray) -> list[float]:
    """Every simple path from a public node."""
    best = np.where(network.public, INF, 0.0)
    ends = network.ends.tolist()

    def walk(node: int, seen: set[int], least: float) -> None:
        best[node] = max(best[node], least)
        for edge, (u, v) in enumerate(ends):
            for here, there in ((u, v), (v, u)):
                if here == node and there not in seen and width[edge] > 0:
                    walk(there, seen | {there}, min(least, width[edge]))

    for start in np.flatnonzero(network.public).tolist():
        walk(start, {start}, INF)
    return best.tolist()


@pytest.mark.parametrize("seed", range(25))
def test_widest_against_all_paths(seed: int) -> None:
    network, width = _random(np.random.default_rng(seed), 7, 9)
    assert widest_m(network, width).tolist() == _by_paths(network, width)


def test_the_shortest_of_equally_wide_routes_is_told() -> None:
    """Two ways of 3 m to the same node: the shorter is driven, from the road on, and its line ends beside the building."""
    network = network_of_edges([(0, 0), (10, 0), (0, 50), (10, 8), (0, 8)], [(0, 1), (0, 2), (2, 4), (1, 3), (4, 3)], roads=1)
    route = Roads(network).route(
        [
            (
                5.0,
                4,
                4,
            ),
            (5.0, 3, 4),
        ],
        np.ones(5, dtype=bool),
    )
    assert route is not None
    assert (route.edges, route.against) == ((3, 4), (False, True))
    line = line_of(network, route, shapely.Point(5, 8))
    assert line is not None and line.wkt == "LINESTRING (10 0, 10 8, 5 8)"


def test_components_put_all_public_roads_together() -> None:
    network = network_of_edges([(0, 0), (1, 0), (50, 0), (51, 0), (99, 9)], [(0, 1), (2, 3)], roads=2)
    label, count = components(network, np.ones(2, dtype=bool))
    assert (label.tolist(), count) == ([0, 0, 0, 0, 1], 2)


# passing ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height", "accuracy", "measured", "wanted"),
    [
        (3.0, INF, NAN, False, (True, True)),  # exactly as wide passes
        (2.99, INF, NAN, False, (False, False)),
        (NAN, INF, NAN, False, (False, True)),
        (3.05, INF, 0.1, True, (False, True)),  # within its accuracy
        (2.9, INF, 0.1, True, (False, False)),  # exactly its accuracy away answers
        (2.996, INF, NAN, True, (True, True)),  # measured: to the centimetre
        (0.0, INF, 5.0, True, (False, False)),  # nothing passes, however sure
        (5.0, 3.4, NAN, False, (True, True)),
        (5.0, 3.3, NAN, False, (False, False)),
        (5.0, NAN, NAN, False, (False, True)),
        (INF, INF, NAN, False, (True, True)),
    ],
)
def test_what_passes(width: float, height: float, accuracy: float, measured: bool, wanted: tuple[bool, bool]) -> None:
    found = limits_on(network_of_edges(SQUARE, [(0, 1)]), [width], height=[height])
    found.accuracy_m[:], found.measured[:] = accuracy, measured
    sure, maybe = passing(found, Need(3.0, 3.4))
    assert (bool(sure[0]), bool(maybe[0])) == wanted


def test_effective_widths_take_the_unknown_both_ways() -> None:
    network = network_of_edges(SQUARE, [(0, 1)] * 5)
    found = limits_on(network, [4, NAN, 4, 4, NAN], height=[INF, INF, 3.0, NAN, 3.0])
    assert effective(found, 3.4, unknown=INF).tolist() == [4, INF, 0, 4, 0]
    assert effective(found, 3.4, unknown=0.0).tolist() == [4, 0, 0, 0, 0]


# refining --------------------------------------------------------------------------------------------------------------------


def test_pieces_of_lines() -> None:
    lines = np.array([shapely.LineString([(0, 0), (10, 0), (10, 10)]), shapely.LineString([(0, 5), (4, 5)])], dtype=object)
    found = pieces_of(lines, np.array([0, 0, 1]), np.array([4.0, 10.0, 1.0]))
    assert [p.wkt for p in shapely.remove_repeated_points(found)] == [
        "LINESTRING (0 0, 4 0)", "LINESTRING (4 0, 10 0)", "LINESTRING (10 0, 10 10)", "LINESTRING (0 5, 1 5)", "LINESTRING (1 5, 4 5)",
    ]  # fmt: skip


class _Ruler:
    """Measures pieces of lanes along the y axis: 3 m wide between y = 30 and y = 32, else 5 m; or not at all."""

    def __init__(self, *, drawn: bool) -> None:
        self.drawn = drawn

    def __call__(self, lines: np.ndarray | None, lane: np.ndarray) -> Widths:
        count, nothing = len(lane), np.full(len(lane), -1, dtype=np.int64)
        low, high = (np.zeros(count), np.full(count, 60.0)) if lines is None else shapely.bounds(lines)[:, [1, 3]].T
        narrow = (low < 32) & (high > 30)
        width = np.where(narrow, 3.0, 5.0) if self.drawn else np.full(count, NAN)
        pinch = np.where(narrow, shapely.Point(0, 31), None) if self.drawn else np.full(count, None, dtype=object)
        flag, sides = np.full(count, self.drawn), np.full(count, 0 if self.drawn else -1, dtype=np.int64)
        return Widths(width, np.full(count, NAN), flag, flag.copy(), pinch, sides, sides, nothing)


def spots(*rows: tuple[shapely.Geometry | None, float, float], every: bool = False, drawn: bool = False) -> Spots:
    shapes = np.full(len(rows), None, dtype=object)
    shapes[:] = [shape for shape, _, _ in rows]
    numbers = np.array([(w, h) for _, w, h in rows], dtype=float).reshape(-1, 2)
    flags = [np.full(len(rows), flag) for flag in (every, drawn, False)]
    return Spots(shapes, numbers[:, 0], numbers[:, 1], np.full(len(rows), 2.5), *flags)


LANE = network_of_edges([(-50, 0), (0, 0), (0, 60)], [(0, 1), (1, 2)], roads=1)


def refined(ruler: _Ruler, found: Spots, network: Network = LANE) -> Limits:
    lanes, roads = int(network.lane.max()) + 1, int(network.road.max()) + 1
    high = {"lane_height_m": np.full(lanes, INF), "road_height_m": np.full(roads, INF)}
    return limits_of(network, found, ruler, across=_free, road_width_m=np.full(roads, INF), **high)


def _free(lines: np.ndarray) -> Widths:
    nothing, no = np.full(len(lines), -1, dtype=np.int64), np.zeros(len(lines), dtype=bool)
    return Widths(np.full(len(lines), INF), np.full(len(lines), NAN), no, no, np.full(len(lines), None, dtype=object), *[nothing] * 3)


def test_a_lane_is_cut_where_it_is_narrow() -> None:
    """60 m in sections of 20: only the one that holds the narrow place is narrow, so a building before it is reached."""
    found = refined(_Ruler(drawn=True), spots())
    lanes = np.flatnonzero(found.network.lane == 0)
    table = sorted((shapely.bounds(found.network.lines[e])[1], found.width_m[e]) for e in lanes)
    assert table == [(0, 5), (20, 3), (40, 5)]
    sure, _ = passing(found, Need(4.0, 3.4))
    reached = components(found.network, sure)[0] == 0
    assert sorted(found.network.nodes[reached][:, 1].tolist()) == [0, 0, 20]


def test_a_lane_without_a_drawing_stays_whole() -> None:
    found = refined(_Ruler(drawn=False), spots())
    assert (len(found.width_m), np.isnan(found.width_m[1])) == (2, True)


def test_a_gate_becomes_an_edge_without_length() -> None:
    found = refined(_Ruler(drawn=False), spots((shapely.Point(1, 40), 3.2, INF)))
    at = np.flatnonzero(found.cause == SPOT)
    assert (len(at), found.width_m[at[0]], found.network.length_m[at[0]]) == (1, 3.2, 0.0)
    ends = found.network.nodes[found.network.ends[at[0]]]
    assert ends.tolist() == [[0, 40], [0, 40]]
    assert found.pinch[at[0]].equals(shapely.Point(0, 40))
    assert sorted(found.network.length_m[found.network.lane == 0].round(3).tolist()) == [0, 20, 40]


@pytest.mark.parametrize(
    ("spot", "count"),
    [
        (shapely.Point(2.6, 40), 0),  # too far off
        (None, 0),
        (shapely.Point(0, 0), 1),  # at the lane's start
        (shapely.Point(0, 61), 1),  # beyond its end
        (shapely.LineString([(-3, 20), (3, 20)]), 1),
        (shapely.Point(), 0),
    ],
)
def test_which_spots_stand_on_a_lane(spot: shapely.Geometry | None, count: int) -> None:
    found = refined(_Ruler(drawn=False), spots((spot, 2.0, INF)))
    assert np.count_nonzero(found.cause == SPOT) == count


def test_a_spot_counts_for_the_nearest_lane_or_for_every_near_one() -> None:
    """Two lanes 3 m apart: a gate 1 m from the first limits only that; a blocked-lane record near both closes both."""
    network = network_of_edges([(-50, 0), (0, 0), (3, 0), (0, 60), (3, 60)], [(0, 1), (1, 2), (1, 3), (2, 4)], roads=2)
    point = shapely.Point(1, 30)
    one = refined(_Ruler(drawn=False), spots((point, 2.0, INF)), network)
    both = refined(_Ruler(drawn=False), spots((point, 0.0, INF), every=True), network)
    assert [f.network.lane[f.cause == SPOT].tolist() for f in (one, both)] == [[0], [0, 1]]


def test_bollards_without_a_width_are_left_to_the_drawing() -> None:
    bollard = spots((shapely.Point(0, 45), NAN, INF), drawn=True)
    assert np.count_nonzero(refined(_Ruler(drawn=True), bollard).cause == SPOT) == 0
    assert np.count_nonzero(refined(_Ruler(drawn=False), bollard).cause == SPOT) == 1


def test_many_spots_in_one_place_make_a_chain() -> None:
    found = refined(_Ruler(drawn=False), spots(*((shapely.Point(0, 20), w, INF) for w in (3.0, 2.0, 4.0))))
    assert found.width_m[found.cause == SPOT].tolist() == [3, 2, 4]
    assert components(found.network, np.ones(len(found.width_m), dtype=bool))[1] == 1


def test_the_lanes_know_their_pieces() -> None:
    found = refined(_Ruler(drawn=True), spots((shapely.Point(0, 45), 3.0, INF)))
    over = found.network.lane_edges
    assert sorted(over[:, 1].tolist()) == np.flatnonzero(found.network.lane == 0).tolist()
    assert found.network.road_edges.tolist() == [[0, int(np.flatnonzero(found.network.road == 0)[0])]]


# buildings -------------------------------------------------------------------------------------------------------------------


def test_what_leads_to_a_building() -> None:
    """Near enough, and no wall or other building between; a road counts from its kerb."""
    network = network_of_edges([(-50, 0), (50, 0), (0, 0), (0, 60)], [(0, 1), (2, 3)], roads=1)
    houses = [shapely.box(5, 40, 15, 50), shapely.box(18, 40, 24, 50), shapely.box(-15, 40, -5, 50), shapely.box(30, 25, 40, 30), None]
    wall = shapely.LineString([(-3, 30), (-3, 60)])
    buildings, walls = np.array(houses, dtype=object), np.array([wall], dtype=object)
    found = leads_of(network, buildings, walls, approach_m=20, front_m=20, road_half_m=np.array([5.0]))
    assert list(zip(found.building.tolist(), found.edge.tolist(), strict=True)) == [(0, 1), (3, 0)]
    assert found.behind.tolist() == [False, True, True, False, False]


def test_a_building_before_the_narrow_place_is_reached_by_the_near_end() -> None:
    """The lane itself is too narrow, its start at the road is within reach."""
    network = network_of_edges([(-50, 0), (0, 0), (0, 60)], [(0, 1), (1, 2)], roads=1)
    found = leads_of(
        network,
        np.array([shapely.box(5, 18, 9, 30)], dtype=object),
        np.zeros(0, dtype=object),
        approach_m=19,
        front_m=19,
        road_half_m=np.zeros(1),
    )
    reached, width = network.public, np.array([INF, 2.0])
    assert led_to(found, network, np.array([True, False]), reached, count=1).tolist() == [True]
    assert best_of(found, widths_to(found, network, width, np.where(reached, INF, 2.0)), count=1).tolist() == [INF]


# mending ---------------------------------------------------------------------------------------------------------------------


def _reached(limits: Limits, leads: Leads, open_: np.ndarray, count: int) -> set[int]:
    node = components(limits.network, open_)[0] == 0
    return set(np.flatnonzero(led_to(leads, limits.network, open_, node, count=count)).tolist())


@pytest.mark.parametrize("seed", range(30))
def test_mending_against_opening_each_place(seed: int) -> None:
    """What a place frees, by opening its edges and looking again."""
    rng = np.random.default_rng(seed)
    network, width = _random(rng, 12, 16)
    limits, open_ = limits_on(network, width), width >= 3
    leads = leads_to([(int(b), int(e)) for b in range(10) for e in rng.integers(0, len(width), 2)])
    places = places_of(limits, ~open_)
    before = _reached(limits, leads, open_, 10)
    for members, rows in zip(places.members, freed_rows(limits, places, open_, leads), strict=True):
        mended = open_.copy()
        mended[members] = True
        assert set(rows.tolist()) == _reached(limits, leads, mended, 10) - before


@pytest.mark.parametrize("seed", range(12))
def test_the_fewest_places_against_all_subsets(seed: int) -> None:
    """Mending them reaches the node, and no fewer do."""
    network, width = _random(np.random.default_rng(100 + seed), 8, 9)
    limits, open_ = limits_on(network, width), width >= 3
    places = places_of(limits, ~open_)
    fewest = Fewest(limits, places, open_)

    def frees(node: int, chosen: Sequence[int]) -> bool:
        return bool(components(network, open_ | np.isin(places.of_edge, list(chosen)))[0][node] == 0)

    for node in range(8):
        target = int(fewest.label[node])
        if not np.isfinite(fewest.steps[target]):
            assert not frees(node, range(len(places.members)))
            continue
        found = fewest.places_to(target)
        assert frees(node, found)
        assert not any(frees(node, fewer) for fewer in itertools.combinations(range(len(places.members)), max(len(found) - 1, 0)) if found)


def test_a_narrow_stretch_is_one_place_and_a_gate_in_it_another() -> None:
    """Three pieces of one lane, a closed gate after the second."""
    network = network_of_edges([(0, 0), (9, 0), (0, 5), (0, 10), (0, 10), (0, 15)], [(0, 1), (0, 2), (2, 3), (3, 4), (4, 5)], roads=1)
    network.lane[1:] = 0
    limits = limits_on(network, [9, 2, 2, 0, 2])
    limits.cause[3], limits.spot[3] = SPOT, 0
    places = places_of(limits, limits.width_m < 3)
    assert [m.tolist() for m in places.members] == [[1, 2], [3], [4]]
    opened = places_of(limits, (limits.width_m < 3) & (limits.cause != SPOT))
    assert [m.tolist() for m in opened.members] == [[1, 2, 4]]
