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

NONE = Openings(np.empty(0, dtype=object), np.zeros(0))
HALF_M = 15.0


def shapes(items: Any) -> NDArray[np.object_]:
    found = np.empty(len(items), dtype=object)
    found[:] = list(items)
    return found


def measured(lane: LineString, obstacles: list[Any]) -> ClearWidths:
    return clear_widths(shapes([lane]), Obstacles(shapes(obstacles)), NONE)


def drawn_up_to(lane: LineString, obstacles: list[Any]) -> bool:
    """An end within a centimetre of an obstacle counts as drawn up to it, which the grid does not know."""
    return any(
        shapely.distance(shapely.boundary(o) if o.geom_type == "Polygon" else o, Point(end)) < 0.03
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


@pytest.mark.parametrize("seed", range(20))
def test_like_brute_force(seed: int) -> None:
    assert_like_the_grid(seed, 2.5 * STEP_M, STEP_M, STEP_M / 2)


@pytest.mark.soak
@pytest.mark.parametrize("hundred", range(10))
def test_like_brute_force_in_a_thousand_scenes(hundred: int) -> None:
    for seed in range(1000 + 100 * hundred, 1100 + 100 * hundred):
        assert_like_the_grid(seed, STEP_M, STEP_M / 2, STEP_M / 4)


def moved(shape: Any, matrix: NDArray[np.float64], by: NDArray[np.float64]) -> Any:
    return shapely.transform(shape, lambda xy: xy @ matrix.T + by)


TURN = np.array([[np.cos(2.1), -np.sin(2.1)], [np.sin(2.1), np.cos(2.1)]])
MOVES = {
    "shifted": (np.eye(2), 531_234.567),
    "turned": (TURN, 0.0),
    "mirrored": (np.diag([1.0, -1.0]), 0.0),
    "all": (TURN @ np.diag([-1.0, 1.0]), -98_765.4),
}


def assert_invariant(seed: int) -> None:
    lane, obstacles = scene(seed)
    if drawn_up_to(lane, obstacles):
        return
    plain = measured(lane, obstacles)
    for name, (matrix, by) in MOVES.items():
        other = measured(moved(lane, matrix, np.array([by, -by])), [moved(o, matrix, np.array([by, -by])) for o in obstacles])
        assert other.width_m[0] == pytest.approx(plain.width_m[0], abs=1e-6), (seed, name)
        assert other.state[0] == plain.state[0], (seed, name)
    back = measured(lane.reverse(), obstacles)
    assert back.width_m[0] == pytest.approx(plain.width_m[0], abs=1e-6), (seed, "reversed")
    if plain.state[0] == MEASURED and plain.width_m[0] > 0:
        assert shapely.distance(plain.pinch[0], shapely.union_all(obstacles)) <= plain.width_m[0] / 2 + 1e-6


@pytest.mark.parametrize("seed", [100, 101, 102, 2020, 2420, 2627])
def test_the_same_however_it_lies(seed: int) -> None:
    """The last three: a wall of two segments was once joined to itself twice, and parted lanes that it stood beside."""
    assert_invariant(seed)


@pytest.mark.soak
@pytest.mark.parametrize("hundred", range(10))
def test_the_same_however_it_lies_in_a_thousand_scenes(hundred: int) -> None:
    for seed in range(2000 + 100 * hundred, 2100 + 100 * hundred):
        assert_invariant(seed)
