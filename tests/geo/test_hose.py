"""Hose paths with answers by hand, and random yards against a dense graph that knows nothing of the search; all in metres."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geo.answers import Answer, answer
from geo.network.asked import Asked
from geo.network.facades import reached_share
from geo.network.ground import Ground, opened
from geo.network.hose import ENCLOSED, FARTHER, LAID, NO_STAND, UNPLACED, Hoses, Yard
from tests.geo.fake_frames import LAYERS, NOW, FakeFrames, box, line, metres, query

Shape = Any
EAST = (407_000.0, 3_847_000.0)
Move = Callable[[np.ndarray], np.ndarray]


def turned(angle: float, mirror: float = 1.0) -> Move:
    cos, sin = math.cos(angle), math.sin(angle)
    return lambda xy: np.column_stack([mirror * (xy[:, 0] * cos - xy[:, 1] * sin), xy[:, 0] * sin + xy[:, 1] * cos]) + EAST


MOVES = {"as it is": lambda xy: xy, "turned and mirrored": turned(-0.31, -1.0)}


def objects(shapes: Sequence[Shape]) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = list(shapes)
    return made


def yard_of(
    buildings: Sequence[Shape], stands: Sequence[Shape], walls: Sequence[Shape] = (), gaps: Sequence[Shape] = (), *, move: Move = MOVES["as it is"]
) -> tuple[Yard, np.ndarray]:  # fmt: skip
    moved = [shapely.transform(objects(shapes), move) for shapes in (buildings, stands, walls, gaps)]
    owner = np.concatenate([np.arange(len(buildings)), np.full(len(walls), -1)])
    blocks = np.concatenate([moved[0], moved[2]])
    gap, of = shapely.STRtree(blocks).query(moved[3], predicate="intersects")
    return Yard(Ground(opened(blocks, moved[3][gap], of), owner), moved[1]), moved[0]


def laid(*scene: Sequence[Shape], cap: float = 300.0, move: Move = MOVES["as it is"]) -> Hoses:
    yard, buildings = yard_of(*scene, move=move)
    return yard.hoses(buildings, np.arange(len(buildings)), cap_m=cap)


LANE = shapely.LineString([(-60, 0), (60, 0)])
HOUSE = shapely.box(-10, 30, 10, 40)
WALL = shapely.LineString([(-20, 15), (20, 15)])
FRONT = shapely.box(-20, 5, 20, 15)
POINT = shapely.LineString([(0, 0), (0.001, 0)])
RING = shapely.LineString([(-30, 20), (30, 20), (30, 60), (-30, 60), (-30, 20)])

CASES: dict[str, tuple[tuple[Sequence[Shape], ...], float]] = {
    "nothing between": (([HOUSE], [LANE]), 30.0),
    "nearest of two lanes": (([HOUSE], [LANE, shapely.LineString([(-60, 52), (60, 52)])]), 12.0),
    "a wall of 40 m before a point of the lane": (([HOUSE], [POINT], [WALL]), math.hypot(20, 15) + math.hypot(10, 15)),
    "a wall of 40 m before a long lane": (([HOUSE], [LANE], [WALL]), 15.0 + math.hypot(10, 15)),
    "behind another building": (([HOUSE, FRONT], [POINT]), math.hypot(20, 5) + 10 + math.hypot(10, 15)),
    "a gate in the wall": (([HOUSE], [LANE], [WALL], [shapely.box(3, 14, 4, 16)]), 30.0),
    "a gate in a wall all round": (([HOUSE], [LANE], [RING], [shapely.box(14, 19, 16, 21)]), 20.0 + math.hypot(4, 10)),
    "walls that meet in a corner": (
        ([HOUSE], [POINT], [shapely.LineString([(-20, 15), (20, 15)]), shapely.LineString([(20, 15), (20, 40)])]),
        math.hypot(20, 15) + math.hypot(10, 15),
    ),
    "a foot on a wall that is not the nearest": (
        ([shapely.Polygon([(0, 10), (40, 10), (40, 40), (30, 40), (30, 20), (0, 20)])], [shapely.LineString([(10, 40), (10, 40.001)])],
         [shapely.LineString([(5, 30), (20, 30)])]),
        20.0,
    ),
    "against a larger building": (  # the foot of its corner is where the wall ends
        ([shapely.box(0, 0, 10, 10), shapely.box(10, -5, 20, 15)], [shapely.LineString([(15, -20), (15.001, -20)])]), math.hypot(5, 15) + 5,
    ),
    "between buildings that cover its corners": (
        ([shapely.box(0, 30, 10, 40), shapely.box(-5, 28, 2, 42), shapely.box(8, 28, 15, 42)], [POINT], [WALL]), 25 + math.hypot(12, 13) + 2,
    ),
    "a lane that touches": (([HOUSE], [shapely.LineString([(0, 0), (0, 30)])]), 0.0),
    "a lane that runs through": (([HOUSE], [shapely.LineString([(0, 0), (0, 80)])]), 0.0),
    "a building without an outline": (([shapely.Point(0, 30), FRONT], [POINT]), math.hypot(20, 5) + 10 + math.hypot(20, 15)),
}  # fmt: skip


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize(("scene", "length"), CASES.values(), ids=CASES)
def test_lengths_by_hand(scene: tuple[Sequence[Shape], ...], length: float, move: Move) -> None:
    hoses = laid(*scene, move=move)
    assert hoses.state[0] == LAID
    assert hoses.length_m[0] == pytest.approx(length, abs=0.005)
    line = hoses.lines[0]
    assert (0.0 if line is None else line.length) == pytest.approx(length, abs=0.005)


BARRED: dict[str, tuple[tuple[Sequence[Shape], ...], int]] = {
    "a wall all round": (([HOUSE], [LANE], [RING]), ENCLOSED),
    "four walls that only touch": (([HOUSE], [LANE], [shapely.LineString(p) for p in zip(RING.coords[:-1], RING.coords[1:], strict=True)]), ENCLOSED),
    "in the court of another": (([HOUSE, shapely.box(-30, 20, 30, 60) - shapely.box(-29, 21, 29, 59)], [LANE]), ENCLOSED),
    "farther than the cap": (([shapely.box(-10, 330, 10, 340)], [LANE]), FARTHER),
    "farther round a wall": (([HOUSE], [LANE], [shapely.LineString([(-400, 15), (400, 15)])]), FARTHER),
    "no lane at all": (([HOUSE], []), NO_STAND),
    "not on the map": (([None], [LANE]), UNPLACED),
    "empty": (([shapely.Polygon()], [LANE]), UNPLACED),
}  # fmt: skip


@pytest.mark.parametrize(("scene", "state"), BARRED.values(), ids=BARRED)
def test_no_path(scene: tuple[Sequence[Shape], ...], state: int) -> None:
    hoses = laid(*scene)
    assert (hoses.state[0], hoses.lines[0]) == (state, None)
    assert math.isnan(hoses.length_m[0])


def test_a_row_of_houses_lets_nothing_through() -> None:
    """Three houses wall to wall: the one behind is reached round the end of the row."""
    row = [shapely.box(x, 5, x + 10, 15) for x in (-15, -5, 5)]
    hoses = laid([HOUSE, *row], [POINT])
    assert hoses.length_m[0] == pytest.approx(math.hypot(15, 5) + 10 + math.hypot(5, 15), abs=0.005)
    assert hoses.length_m[1:].tolist() == pytest.approx([math.hypot(5, 5), 5.0, math.hypot(5, 5)], abs=0.005)


# the perimeter ----------------------------------------------------------------------------------------------------------------

SHARES: dict[str, tuple[tuple[Sequence[Shape], ...], float, float]] = {
    "half of it from one side": (([HOUSE], [shapely.LineString([(-10, 20), (10, 20)])]), 20.0, 40 / 60),
    "half the perimeter from a corner": (([shapely.box(0, 10, 20, 20)], [POINT]), 40.0, 1.0),
    "the length is the perimeter from one corner": (([shapely.box(0, 10, 20, 20)], [shapely.LineString([(0, 0), (0, 10)])]), 15.0, 30 / 60),
    "all round": (([HOUSE], [LANE]), 150.0, 1.0),
    "too far": (([HOUSE], [LANE]), 29.0, 0.0),
    "just the front": (([HOUSE], [LANE]), 30.0, 20 / 60),
    "between two neighbours, front only": (([HOUSE, shapely.box(-30, 30, -10, 40), shapely.box(10, 30, 30, 40)], [LANE]), 35.0, 0.5),
    "between two neighbours, round the row": (([HOUSE, shapely.box(-30, 30, -10, 40), shapely.box(10, 30, 30, 40)], [LANE]), 65.0, 0.75),
    "a court stays dry": (([shapely.box(-10, 30, 10, 50) - shapely.box(-5, 35, 5, 45)], [LANE]), 150.0, 80 / 120),
    "a court with a way in": (([shapely.box(-10, 30, 10, 50) - shapely.box(-5, 35, 5, 45)], [LANE], [], [shapely.box(-1, 29, 1, 36)]), 150.0, 1.0),
    "a shed against the wall": (([HOUSE], [LANE], [shapely.box(-5, 25, 5, 30)]), 150.0, 50 / 60),
}  # fmt: skip


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize(("scene", "hose_m", "share"), SHARES.values(), ids=SHARES)
def test_shares_by_hand(scene: tuple[Sequence[Shape], ...], hose_m: float, share: float, move: Move) -> None:
    yard, buildings = yard_of(*scene, move=move)
    hoses = yard.hoses(buildings[:1], np.array([0]), cap_m=300.0)
    found = reached_share(yard, buildings, np.array([0]), hoses.length_m, hose_m=hose_m)
    assert found[0] == pytest.approx(share, abs=0.01)


def test_no_share_without_an_outline_or_a_lane() -> None:
    yard, buildings = yard_of([shapely.Point(0, 30), HOUSE], [LANE])
    assert np.isnan(reached_share(yard, buildings, np.array([0]), np.array([30.0]), hose_m=150.0)).all()
    yard, buildings = yard_of([HOUSE], [])
    assert np.isnan(reached_share(yard, buildings, np.array([0]), np.array([np.nan]), hose_m=150.0)).all()


# the question -----------------------------------------------------------------------------------------------------------------


def ask(lane_width: float | None = 4.0, *, more: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, **args: str) -> Answer:
    """A road along y = 0, a lane of 200 m off it at x = 50, a house 30 m off the road, one 230 m off it and 50 m off the lane's end, one not on the map."""
    rows: dict[str, Sequence[Mapping[str, Any]]] = {
        "roads": [{"name": "East Road", "geometry": line((-200, 0), (200, 0))}],
        "fire_lanes": [
            {"code": "L1", "geometry": line((50, 0), (50, 200)), "clear_width_m": lane_width, "clear_height_m": 5.0, "quality": "measured"}
        ],
        "buildings": [{"geometry": box(-50, 30, -30, 40)}, {"geometry": box(-10, 230, 10, 240)}, {"geometry": None}],
        **(more or {}),
    }
    return answer(query("buildings-out-of-reach", answer="all", **args), FakeFrames(rows), layers=LAYERS, now=NOW)


def told(found: Answer) -> list[tuple[Any, ...]]:
    rows = found.frame[["answer", "value"]].to_numpy().tolist()
    return [(said, None if math.isnan(value) else value) for said, value in rows]


@pytest.mark.parametrize(("width", "second"), [(4.0, ("no", 50.0)), (2.0, ("yes", 230.0)), (None, ("unknown", 50.0))])
def test_a_lane_counts_as_far_as_the_engine_gets_onto_it(width: float | None, second: tuple[str, float]) -> None:
    assert told(ask(width)) == [("no", 30.0), second, ("unknown", None)]


def test_exactly_the_hose_reaches() -> None:
    assert [row[0] for row in told(ask(hose="50"))] == ["no", "no", "unknown"]
    assert [row[0] for row in told(ask(hose="49.99"))] == ["no", "yes", "unknown"]


def test_what_may_stop_a_hose_leaves_it_unknown() -> None:
    wall = line((-60, 20), (40, 20))
    kinds = {"wall": "yes", "hedge": "no", None: "unknown"}
    found = {k: ask(more={"obstacles": [{"kind": k, "geometry": wall}]}, hose="32").frame["answer"].iloc[0] for k in kinds}
    assert found == kinds
    assert (
        ask(more={"obstacles": [{"kind": "wall", "geometry": wall, "removed_on": "2025-01-01"}]}, hose="32").frame["answer"].iloc[0] == "no"
    )


def test_a_gate_lets_the_hose_through() -> None:
    ring = line((-60, 20), (-20, 20), (-20, 50), (-60, 50), (-60, 20))
    wall = {"kind": "wall", "geometry": ring}
    closed = ask(more={"obstacles": [wall]}, lang="en").frame.iloc[0]
    assert (closed["answer"], closed["why"]) == ("yes", "on the map, walls and buildings leave no opening for a hose")
    gate = {"kind": "gate", "gate_width_m": 4.0, "geometry": shapely.Point(metres((-40, 20.5))[0])}
    assert told(ask(more={"obstacles": [wall], "access_points": [gate]}))[0] == ("no", 30.0)


def test_a_hose_goes_through_an_archway() -> None:
    """A slab before the house, with a passage in it and a point for its arch; without the point the slab is closed."""
    slab = {"geometry": box(-150, 10, 150, 20)}
    lanes = [{"geometry": line((-40, 0), (-40, 25)), "clear_width_m": 2.0, "clear_height_m": 3.0, "kind": "yard"}]
    arch = {"kind": "arch", "geometry": shapely.Point(metres((-40, 15))[0])}
    closed = {"buildings": [{"geometry": box(-50, 30, -30, 40)}, slab], "fire_lanes": lanes}
    assert ask(more={**closed, "access_points": [arch]}, hose="40").frame["answer"].iloc[0] == "no"
    assert ask(more=closed, hose="40").frame["answer"].iloc[0] == "yes"


def test_nothing_drawn_is_no_answer() -> None:
    found = ask(more={"roads": [], "fire_lanes": []}, lang="en").frame
    assert found["answer"].tolist() == ["unknown"] * 3
    assert found["why"].iloc[0] == "no road or lane is drawn on the map: cannot be told"


def test_why_share_and_line() -> None:
    found = ask(None, lang="en").frame
    assert found["why"].tolist() == [
        "the shortest hose from road East Road round buildings and walls is 30 m, not over 150 m",
        (
            "the shortest hose from lane L1 round buildings and walls is 50 m, but whether the engine gets there and the hose past what stands "
            "between is not known; a certain one is 230 m: cannot be told"
        ),
        "not placed on the map: cannot be told",
    ]
    assert found["perimeter_share"].tolist()[:2] == [1.0, 1.0]
    assert math.isnan(found["perimeter_share"].iloc[2])
    hose = ask(None, shape="hose").frame.geometry
    assert shapely.get_num_points(hose.to_numpy()[:2]).tolist() == [2, 2]
    assert hose.iloc[2] is None


# against brute force ----------------------------------------------------------------------------------------------------------

STEP_M = 0.5


def scene(seed: int) -> tuple[list[Shape], list[Shape]]:
    """Boxes turned at random, the first one whole and clear of the others, and two lanes."""
    chance = random.Random(seed)

    def turned_box(size: float) -> Shape:
        middle = (chance.uniform(-30, 30), chance.uniform(-30, 30))
        flat = shapely.box(-chance.uniform(0.15, size), -chance.uniform(1, size), chance.uniform(0.15, size), chance.uniform(1, size))
        return shapely.affinity.translate(shapely.affinity.rotate(flat, chance.uniform(0, 180), origin=(0, 0)), *middle)

    target = turned_box(8)
    others = [b for b in (turned_box(12) for _ in range(chance.randrange(3, 12))) if b.distance(target) > 0.05]
    lanes = [
        shapely.LineString([(chance.uniform(-45, 45), chance.uniform(-45, 45)) for _ in range(chance.randrange(2, 4))]) for _ in range(2)
    ]
    return [target, *others], lanes


def brute(buildings: list[Shape], lanes: list[Shape]) -> float:
    """The shortest way in a graph of all corners, with the target's outline and the lanes as close points; inf where there is none."""
    standing = shapely.union_all(buildings)
    solid = standing.buffer(-1e-5, join_style="mitre")
    corners = shapely.get_coordinates(buildings)
    stands = sampled(shapely.difference(shapely.MultiLineString(lanes), standing))
    walls = sampled(buildings[0].exterior)
    points = np.vstack([walls, corners, stands])
    if not len(stands):
        return math.inf
    n, wall, stand = len(points), len(walls), len(points) - len(stands)
    i, j = np.triu_indices(n, 1)
    wanted = ~((j < wall) | (i >= stand))
    i, j = i[wanted], j[wanted]
    shapely.prepare(solid)
    free = ~shapely.intersects(solid, shapely.linestrings(np.stack([points[i], points[j]], axis=1)))
    far = np.hypot(*(points[i] - points[j]).T)[free] + 1e-12
    graph = csr_matrix((far, (i[free], j[free])), shape=(n, n))
    ways = dijkstra(graph, directed=False, indices=np.arange(wall), min_only=True)
    return float(ways[stand:].min())


def sampled(lines: Shape) -> np.ndarray:
    found = [shapely.get_coordinates(lines)]
    for part in shapely.get_parts(lines):
        found.append(shapely.get_coordinates(part.interpolate(np.arange(0, part.length, STEP_M))))
    return np.vstack(found)


def check_told_without_a_search(buildings: list[Shape], lanes: list[Shape], length_m: np.ndarray) -> None:
    """No bound is shorter than the path, and what is told by bounds is what the paths tell."""
    yard, shapes = yard_of(buildings, lanes)
    rows = np.arange(len(shapes))
    bound = yard.at_most_m(shapes, rows)
    assert (np.isinf(bound) | (bound >= length_m - 1e-6)).all()
    for hose_m in (5.0, 20.0, 40.0):
        assert Asked(yard, shapes, cap_m=300.0).within(rows, hose_m).tolist() == (np.round(length_m, 2) <= hose_m).tolist()


def check_scene(seed: int) -> None:
    """The path is free, as long as it says, and not longer than any that brute force finds; turned and mirrored it is as long."""
    buildings, lanes = scene(seed)
    least = brute(buildings, lanes)
    hoses = [laid(buildings, lanes, move=move) for move in MOVES.values()]
    check_told_without_a_search(buildings, lanes, hoses[0].length_m)
    if math.isinf(least):
        assert {int(h.state[0]) for h in hoses} <= {ENCLOSED, NO_STAND}, seed
        return
    length = hoses[0].length_m[0]
    assert least - STEP_M <= length <= least + 0.005, seed
    assert [h.length_m[0] for h in hoses] == pytest.approx([length] * len(MOVES), abs=1e-4), seed
    line = shapely.LineString() if hoses[0].lines[0] is None else hoses[0].lines[0]
    assert line.length == pytest.approx(length, abs=1e-9), seed
    assert not shapely.intersects(shapely.union_all(buildings).buffer(-0.003, join_style="mitre"), line), seed


@pytest.mark.parametrize("seed", range(4))
def test_random_yards(seed: int) -> None:
    check_scene(seed)


@pytest.mark.soak
def test_a_thousand_random_yards() -> None:
    for seed in range(1000):
        check_scene(seed)
