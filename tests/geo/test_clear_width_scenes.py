"""Clear width of random scenes: against brute force over a grid, and the same however the scene is moved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from clear_width_brute import STEP_M, width_m
from clear_width_random import scene
from numpy.typing import NDArray
from shapely import LineString, Point

from geo.lanes.clear_width import MEASURED, ClearWidths, Obstacles, Openings, clear_widths
from geo.lanes.run_ends import DRAWN_UP_TO_M

NONE = Openings(np.empty(0, dtype=object), np.zeros(0))
HALF_M = 15.0


def shapes(items: Any) -> NDArray[np.object_]:
    found = np.empty(len(items), dtype=object)
    found[:] = list(items)
    return found


def measured(lane: LineString, obstacles: list[Any]) -> ClearWidths:
    return clear_widths(shapes([lane]), Obstacles(shapes(obstacles)), NONE)


def drawn_up_to(lane: LineString, obstacles: list[Any]) -> bool:
    """An end within a few centimetres of an obstacle counts as drawn up to it, which the grid does not know."""
    return any(
        shapely.distance(shapely.boundary(o) if o.geom_type == "Polygon" else o, Point(end)) < DRAWN_UP_TO_M + 0.02
        for o in obstacles
        for end in lane.coords[:: len(lane.coords) - 1]
    )


def reaches_behind(lane: LineString) -> bool:
    """A sharp bend near an end brings the corridor behind that end's cut, where a grid of clearances sees walls that the gate leaves out."""
    corridor = lane.buffer(HALF_M, cap_style="flat")
    for end, inner in (lane.coords[:2], lane.coords[:-3:-1]):
        away = np.subtract(end, inner) / np.hypot(*np.subtract(end, inner))
        behind = LineString([end + 0.01 * away, end + HALF_M * away]).buffer(HALF_M, cap_style="flat")
        if corridor.intersection(behind).area > 1:
            return True
    return False


def off_by(seed: int, step_m: float) -> float:
    """How far the width is from what the grid finds, in diagonals of a cell."""
    lane, obstacles = scene(seed)
    found = measured(lane, obstacles).width_m[0]
    if drawn_up_to(lane, obstacles) or reaches_behind(lane):
        return 0.0
    return abs(found - width_m(lane, obstacles, step_m=step_m)) / (step_m * np.sqrt(2))


def assert_like_the_grid(seed: int, *steps_m: float) -> None:
    """Within two diagonals of a cell: half of one at each of the two obstacles, twice for a diameter. A gate that is narrower than a cell needs a
    finer grid."""
    found = [off_by(seed, step) for step in steps_m[:1]]
    for step in steps_m[1:]:
        if found[-1] > 2:
            found.append(off_by(seed, step))
    assert found[-1] <= 2, (seed, found)


@pytest.mark.parametrize("seed", [*range(13), *range(14, 21)])
def test_like_brute_force(seed: int) -> None:
    """Scene 13 has a gate that only the finest grid sees; such scenes are in the thousand."""
    assert_like_the_grid(seed, 2.5 * STEP_M, STEP_M, STEP_M / 2)


@pytest.mark.soak
@pytest.mark.parametrize("hundred", range(10))
def test_like_brute_force_in_a_thousand_scenes(hundred: int) -> None:
    for seed in range(1000 + 100 * hundred, 1100 + 100 * hundred):
        assert_like_the_grid(seed, STEP_M, STEP_M / 2, STEP_M / 4)


def moved(shape: Any, matrix: NDArray[np.float64], by: NDArray[np.float64]) -> Any:
    return shapely.transform(shape, lambda xy: xy @ matrix.T + by)


TURN = np.array([[np.cos(2.1), -np.sin(2.1)], [np.sin(2.1), np.cos(2.1)]])
APART_M = 700.0
MOVES = {
    "plain": (np.eye(2), 0.0),
    "shifted": (np.eye(2), 531_234.567),
    "turned": (TURN, 0.0),
    "mirrored": (np.diag([1.0, -1.0]), 0.0),
    "all": (TURN @ np.diag([-1.0, 1.0]), -98_765.4),
}


def assert_invariant(*seeds: int) -> None:
    """All scenes with every move, and back, measured at once as far apart as they are."""
    scenes = [(seed, *made) for seed in seeds if not drawn_up_to(*(made := scene(seed)))]
    placed: list[tuple[int, str, LineString, list[Any]]] = []
    for i, (seed, lane, obstacles) in enumerate(scenes):
        there = np.array([APART_M * i, 0.0])
        for j, (name, (matrix, by)) in enumerate(MOVES.items()):
            to = np.array([by, -by]) + there + np.array([0.0, APART_M * j])
            placed.append((seed, name, moved(lane, matrix, to), [moved(o, matrix, to) for o in obstacles]))
    lanes = [lane for _, _, lane, _ in placed]
    stands = [o for *_, obstacles in placed for o in obstacles]
    found = clear_widths(shapes([*lanes, *map(shapely.reverse, lanes)]), Obstacles(shapes(stands)), NONE)
    for i, (seed, name, _, obstacles) in enumerate(placed * 2):
        first = i // len(MOVES) % max(len(scenes), 1) * len(MOVES)
        assert found.width_m[i] == pytest.approx(found.width_m[first], abs=1e-6), (seed, name)
        assert found.state[i] == found.state[first], (seed, name)
        if found.state[i] == MEASURED and found.width_m[i] > 0:
            assert shapely.distance(found.pinch[i], shapely.union_all(obstacles)) <= found.width_m[i] / 2 + 1e-6


def test_the_same_however_it_lies() -> None:
    """The last three: a wall of two segments was once joined to itself twice, and parted lanes that it stood beside."""
    assert_invariant(100, 101, 102, 2020, 2420, 2627)


@pytest.mark.soak
@pytest.mark.parametrize("hundred", range(10))
def test_the_same_however_it_lies_in_a_thousand_scenes(hundred: int) -> None:
    assert_invariant(*range(2000 + 100 * hundred, 2100 + 100 * hundred))
