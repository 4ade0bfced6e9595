"""Small files that would take for ever or all memory: they are answered, or left unknown with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from geo.network import crowding, facades, squares, squares_any, taut
from geo.network.facades import reached_share
from geo.network.graph import network_of
from geo.network.ground import Ground
from geo.network.hose import LAID, SPENT, Yard
from geo.network.squares import largest_squares_m
from geo.questions.declaration import ANSWERS
from geo.questions.reach.dead_ends import DEAD_ENDS_WITHOUT_TURNAROUND
from geo.questions.reach.out_of_reach import BUILDINGS_OUT_OF_REACH
from tests.geo.fake_frames import FakeFrames, box, line


def objects(*shapes: Any) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def scribble(corners: int) -> np.ndarray:
    """Points of a circle about (0, 70) in no order."""
    angles = np.random.default_rng(1).uniform(0, 2 * np.pi, corners)
    return np.column_stack([50 * np.cos(angles), 70 + 50 * np.sin(angles)])


def ragged(corners: int) -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    far = 12 + np.random.default_rng(1).uniform(-4, 4, corners)
    return shapely.Polygon(np.column_stack([far * np.cos(angles), far * np.sin(angles)]))


ROAD = shapely.LineString([(-200, 0), (200, 0)])


def test_a_scribble_is_no_way() -> None:
    """20 000 corners made 100 million pairs of segments, and the process died."""
    lanes = objects(shapely.LineString(scribble(20_000)), shapely.LineString([(100, 0), (100, 50)]))
    found = network_of(objects(ROAD), lanes, snap_m=0.5, road_half_m=np.array([7.0]))
    assert (found.tangled_lanes.tolist(), found.unused_lanes.tolist(), found.tangled_roads.tolist()) == ([0], [0], [])
    assert found.lane.tolist() == [-1, -1, 1]


def test_a_long_way_without_crossings_is_one() -> None:
    x = np.linspace(0, 900, 3000)
    found = network_of(objects(), objects(shapely.LineString(np.column_stack([x, 5 * np.sin(x)]))), snap_m=0.5, road_half_m=np.empty(0))
    assert (len(found.lines), len(found.tangled_lanes)) == (1, 0)


def test_of_many_that_cross_the_most_crossed_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowding, "_FEW", 10)
    monkeypatch.setattr(crowding, "ALL_PAIRS", 30)
    across = [shapely.LineString([(0, y), (100, y)]) for y in range(0, 50, 10)]
    along = [shapely.LineString([(x, -5), (x, 55)]) for x in range(0, 100, 10)]
    found = network_of(objects(), objects(*across, *along), snap_m=0.5, road_half_m=np.empty(0))
    assert found.tangled_lanes.tolist() == [0, 1, 2, 3]
    assert sorted(set(found.lane.tolist())) == list(range(4, 15))


def test_dead_ends_by_a_scribble_are_unknown() -> None:
    lanes = [{"geometry": line(*scribble(1000))}, {"geometry": line((0, 0), (0, 60))}, {"geometry": line((150, 0), (150, 60))}]
    frames = FakeFrames({"roads": [{"geometry": line((-200, 0), (200, 0))}], "fire_lanes": lanes})
    told = DEAD_ENDS_WITHOUT_TURNAROUND.answer(frames.view(*DEAD_ENDS_WITHOUT_TURNAROUND.reads), {"length": None, "square": None})
    assert [ANSWERS[a] for a in told.answer] == ["unknown", "unknown", "yes"]
    said = told.why(np.array([0, 1]), "en")
    assert said[0].startswith("it crosses itself or others too often to be read as a way")
    assert said[1].startswith("it meets a way that could not be read")


def test_a_ragged_outline_is_measured_soon() -> None:
    """2.4 seconds each; its budget is a tenth of one. By halving places and angles to the end it holds 15.0944 to 15.1044 m."""
    area = ragged(57)
    (side,) = largest_squares_m(objects(area))
    circle = shapely.maximum_inscribed_circle(area).length
    assert circle * 2**0.5 - 0.01 <= side <= 2 * circle + 0.01


@pytest.mark.parametrize("budget", [40_000, 800_000])
def test_what_is_found_before_the_budget_is_spent_fits(budget: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(squares_any, "BUDGET", budget)
    area = ragged(57)
    edges = np.hstack([shapely.get_coordinates(area)[:-1], shapely.get_coordinates(area)[1:]])
    side, bound = squares_any.best_in_any(area, edges, 0.0, 30.0, 0.01)
    assert side <= bound
    assert (bound - side <= squares.ROUGH_M) == (budget == 800_000)


def test_sides_once_found_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    area, known = ragged(20), dict[bytes, float]()
    first = largest_squares_m(objects(area), known)
    monkeypatch.setattr(squares, "_largest", None)
    assert largest_squares_m(objects(area, area), known).tolist() == [first[0], first[0]]


def maze(rings: int) -> list[shapely.LineString]:
    """Rings about (0, 0) that are open by turns in the east and in the west."""
    turn = [np.linspace(0.3, 2 * np.pi - 0.3, 24) + np.pi * (k % 2) for k in range(rings)]
    return [shapely.LineString(np.column_stack([np.cos(t), np.sin(t)]) * (4 + 3 * k)) for k, t in enumerate(turn)]


def hoses_in_maze() -> Any:
    walls, house, free = maze(3), shapely.box(-1, -1, 1, 1), shapely.box(60, 5, 70, 15)
    ground = Ground(objects(*walls, house, free), np.array([-1] * 3 + [0, 1]))
    stands = objects(shapely.LineString([(-90, -40), (90, -40)]))
    return Yard(ground, stands).hoses(objects(house, free), np.arange(2), cap_m=300.0)


def test_a_search_that_is_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only that one; with enough to spend it finds the way."""
    assert hoses_in_maze().state.tolist() == [LAID, LAID]
    for name in ("BUDGET", "BUDGET_EACH"):
        monkeypatch.setattr(taut, name, 50)
    assert hoses_in_maze().state.tolist() == [SPENT, LAID]


def question_in_maze() -> Any:
    walls = [{"kind": "wall", "geometry": line(*shapely.get_coordinates(wall))} for wall in maze(3)]
    frames = FakeFrames({
        "roads": [{"geometry": line((-90, -40), (90, -40))}], "obstacles": walls, "buildings": [{"geometry": box(-1, -1, 1, 1)}],
    })  # fmt: skip
    names = ("vehicle", "width", "height", "hose")
    return BUILDINGS_OUT_OF_REACH.answer(
        frames.view(*BUILDINGS_OUT_OF_REACH.reads), dict.fromkeys(names) | {"vehicle": "pumper", "hose": 50.0}
    )


def test_what_was_given_up_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ANSWERS[question_in_maze().answer[0]] == "yes"
    for name in ("BUDGET", "BUDGET_EACH"):
        monkeypatch.setattr(taut, name, 50)
    told = question_in_maze()
    assert ANSWERS[told.answer[0]] == "unknown"
    assert told.why(np.array([0]), "en") == ["too many walls and corners stand about it for the hose to be worked out: cannot be told"]
    assert np.isnan(told.column("value", None)[0])


def test_long_walls_hide_as_they_did_whole() -> None:
    """Outlines of many corners are cut up for the test whether a line is free."""
    ring = shapely.LineString(np.column_stack([np.cos(t := np.linspace(0.2, 6.0, 400)), np.sin(t)]) * 20)
    ground = Ground(objects(ring), np.array([-1]))
    xy = np.random.default_rng(2).uniform(-30, 30, (300, 2, 2))
    lines = np.asarray(shapely.linestrings(xy), dtype=object)
    assert (ground.blocked(lines, np.full(300, -1)) == shapely.intersects(lines, ground.solid[0])).all()


def test_a_very_detailed_outline_has_no_share() -> None:
    area, far = ragged(facades.DETAILED + 1), shapely.LineString([(-50, -30), (50, -30)])
    yard = Yard(Ground(objects(area), np.array([0])), objects(far))
    assert np.isnan(reached_share(yard, objects(area), np.array([0]), np.array([10.0]), hose_m=30.0)).all()


def test_a_share_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = question_in_maze()
    first = told.column("perimeter_share", None)
    monkeypatch.setattr("geo.questions.reach.laying.reached_share", lambda *_, **__: pytest.fail("again") if len(_[2]) else np.empty(0))
    assert told.column("perimeter_share", None).tolist() == first.tolist()
