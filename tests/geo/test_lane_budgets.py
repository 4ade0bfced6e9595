"""Drawings too crowded to measure: the width is exact or said to be unknown, in bounded memory; and what an open side tells."""

from __future__ import annotations

import time
from typing import Any, cast

import numpy as np
import pytest
import shapely
from fake_frames import LAYERS, NOW, FakeFrames, box, line, query
from numpy.typing import NDArray

from geo.answers import answer
from geo.lanes import budgets
from geo.lanes.clear_width import MEASURED, TOO_MUCH, ClearWidths, Obstacles, Openings, clear_widths
from geo.lanes.covered import _outermost
from geo.lanes.runs import runs_of
from geo.lanes.separation import Reference
from geo.network.graph import Network
from geo.network.limits import DRAWING, Limits, Need, passing

NONE = Openings(np.empty(0, dtype=object), np.zeros(0))
LANE = shapely.LineString([(0, 0), (0, 100)])
BESIDE = shapely.box(-20, 50, -3, 70)


def shapes(*items: Any) -> NDArray[np.object_]:
    found = np.empty(len(items), dtype=object)
    found[:] = list(items)
    return found


def measured(lanes: NDArray[np.object_], stands: NDArray[np.object_]) -> ClearWidths:
    return clear_widths(lanes, Obstacles(stands), NONE)


def star(count: int) -> shapely.LineString:
    angle = np.random.default_rng(1).uniform(0, 2 * np.pi, count)
    return shapely.LineString(np.column_stack([50 * np.cos(angle), 50 * np.sin(angle)]))


def overlapping(count: int) -> NDArray[np.object_]:
    low = np.random.default_rng(1).uniform(0, 1, (count, 4)) + (3, 20, 20, 40)
    return np.asarray(shapely.box(*low.T), dtype=object)


def test_buildings_on_top_of_each_other_are_as_wide_as_their_union() -> None:
    stands = overlapping(300)
    union = shapely.union_all(stands)
    opposite = shapely.box(-12, 10, -3, 90)
    crowd, alone = measured(shapes(LANE), shapes(*stands, opposite)), measured(shapes(LANE), shapes(union, opposite))
    assert (crowd.state[0], crowd.width_m[0]) == (MEASURED, pytest.approx(alone.width_m[0], abs=1e-9))
    assert crowd.second[0] == 300 or crowd.first[0] == 300


def test_what_larger_ones_cover_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.lanes.covered._TOGETHER", 1)
    stands = shapes(shapely.box(0, 0, 4, 4), shapely.box(3, 0, 9, 4), shapely.box(1, 1, 8, 2), shapely.Point(2, 2), shapely.Point(20, 2))
    assert _outermost(stands).tolist() == [True, True, False, False, True]


def test_a_wood_is_measured_by_its_near_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pairs of 20 000 trees were 3 GB. In rows 1 m apart, but for one of 1.5 m, they need not be made: of 2 700 trees 2.6 million are within 6.5 m."""
    monkeypatch.setattr(budgets, "MOST_PAIRS", 300_000)
    x, y = (grid.ravel() for grid in np.meshgrid(np.arange(-14, 14, 1.0), np.arange(30, 60, 0.3)))
    trees = np.asarray(shapely.points(np.where(x >= 0, x + 0.5, x), y), dtype=object)
    found = measured(shapes(LANE), trees)
    assert (found.state[0], found.width_m[0]) == (MEASURED, pytest.approx(1.5))


def test_pairs_beyond_the_budget_leave_the_width_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lane beside it, measured in the same batch, keeps its width."""
    monkeypatch.setattr(budgets, "MOST_GAPS", 500)
    trees = np.random.default_rng(1).uniform((4, 2), (14, 98), (100, 2))
    away = shapely.LineString([(200, 0), (200, 100)])
    found = measured(shapes(LANE, away), shapes(*shapely.points(trees), shapely.box(203, 0, 210, 100), shapely.box(190, 0, 198, 100)))
    assert found.state.tolist() == [TOO_MUCH, MEASURED]
    assert (np.isnan(found.width_m[0]), found.pinch[0], found.first[0], found.width_m[1]) == (True, None, -1, pytest.approx(5.0))


def test_a_question_has_only_so_many_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.lanes.clear_width.SPARE", 0)
    monkeypatch.setattr("geo.lanes.clear_width.A_RUN", 50)
    found = measured(shapes(LANE), shapes(*(shapely.box(3 + i / 100, i, 9, i + 0.5) for i in range(40)), BESIDE))
    assert found.state.tolist() == [TOO_MUCH]


@pytest.mark.parametrize("count", [1_000, 20_000, 30_000])
def test_a_lane_that_crosses_itself_all_over_is_not_measured(count: int) -> None:
    """Its corridor alone used up the memory."""
    start = time.process_time()
    assert measured(shapes(star(count)), shapes(BESIDE)).state.tolist() == [TOO_MUCH]
    assert time.process_time() - start < 2


def test_a_lane_of_a_hundred_thousand_vertices_is_drawn_plainer() -> None:
    y = np.linspace(0, 100, 100_000)
    lane = shapely.LineString(np.column_stack([np.random.default_rng(1).normal(0, 0.001, len(y)), y]))
    assert shapely.get_num_coordinates(runs_of(shapes(lane)).shapes[0]) < 100
    found = measured(shapes(lane), shapes(BESIDE, shapely.box(3, 20, 20, 90)))
    assert (found.state[0], found.width_m[0]) == (MEASURED, pytest.approx(6.0))


def test_what_is_drawn_twice_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    made = budgets.vertices_about
    spied = lambda runs, tree, *more: seen.append((len(runs), len(tree))) or made(runs, tree, *more)  # noqa: E731
    monkeypatch.setattr("geo.lanes.clear_width.vertices_about", spied)
    lane = shapely.LineString([(200, 0), (200, 100)])
    found = measured(
        shapes(LANE, LANE, None, lane, LANE), shapes(None, BESIDE, BESIDE, shapely.box(3, 40, 19, 80), shapely.box(203, 0, 209, 9))
    )
    assert seen == [(2, 3)]
    assert found.width_m.tolist() == pytest.approx([6.0, 6.0, np.nan, 18.0, 6.0], nan_ok=True)
    assert (found.first.tolist(), found.second.tolist()) == ([1, 1, -1, 4, 1], [3, 3, -1, -1, 3])


def test_batches_are_sized_by_what_stands_about() -> None:
    weight = np.full(1000, 5)
    assert [len(batch) for batch in budgets.batches(weight)] == [500, 500]
    weight[7] = budgets.VERTICES_AT_ONCE
    assert ([len(batch) for batch in budgets.batches(weight)], budgets.batches(weight)[-1].tolist()) == ([500, 499, 1], [7])


def test_what_stands_about_is_counted_in_vertices() -> None:
    runs = shapes(shapely.LineString([(0, 0), (0, 9)]), shapely.LineString([(100, 0), (100, 9), (100, 20)]))
    tree = shapely.STRtree(shapely.points([(14, 5), (-14, 5), (84, 5), (86, 5)]))
    assert budgets.vertices_about(runs, tree, np.array([10, 100, 1000, 10_000]), 15.0).tolist() == [112, 10_003]


def test_slices_keep_to_the_cost() -> None:
    assert budgets.slices(np.array([1, 1, 5, 9, 1, 1]), 6) == [slice(0, 2), slice(2, 3), slice(3, 4), slice(4, 6)]


def test_a_path_is_crossed_the_same_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Reference(np.array([0, 2, 3]), np.array([[0.0, 0], [5, 1], [0, 0]]), np.array([[5.0, 1], [10, 0], [10, 0]]))
    run, start, end = (
        np.array([0, 1, 0, 0]),
        np.array([[2.0, -3], [2, -3], [0, -1], [0, -1]]),
        np.array([[2.0, 3], [2, 3], [9, -2], [9, 3]]),
    )
    whole = path.odd(run, start, end).tolist(), path.meets(run, start, end).tolist()
    monkeypatch.setattr("geo.lanes.separation.STEPS_AT_ONCE", 1)
    assert (path.odd(run, start, end).tolist(), path.meets(run, start, end).tolist()) == whole
    assert whole[0] == [True, True, False, True]


# questions --------------------------------------------------------------------------------------------------------------------

ROAD = line((0, 0), (50, 0))


def ask(buildings: list[Any], lane: dict[str, Any] | None = None, **args: str) -> Any:
    rows = [{"name": f"{i}号楼", "source": "plan.dxf", "geometry": shape} for i, shape in enumerate(buildings)]
    layers = {"fire_lanes": [{"code": "L", "geometry": ROAD, **(lane or {})}], "buildings": rows}
    return answer(query("lanes-under-width", **{"answer": "all", **args}), FakeFrames(layers), layers=LAYERS, now=NOW).frame.iloc[0]


SHED_ACROSS = box(20, -20, 30, 14)
"""It leaves 1 m to the corridor's side; what is free beyond is not known."""


def test_too_little_room_on_an_open_side_cannot_be_told() -> None:
    row = ask([SHED_ACROSS])
    assert (row["answer"], row["value"], row["open_side"], row["why"]) == (
        "unknown", 1.0, "one",
        "图上量得净宽（楼栋“0号楼”一侧，另一侧没有画出障碍）至少 1 米，不能判定是否小于 4 米；开敞侧只看了 15 米，更远处可能还有空地",
    )  # fmt: skip


def test_the_same_in_english() -> None:
    assert ask([SHED_ACROSS], lang="en")["why"] == (
        "clear width from the drawing (beside building '0号楼', nothing is drawn on the other side) is at least 1 m: whether it is under 4 m "
        "cannot be told; on the open side only 15 m are looked at, more may be free beyond"
    )


def test_enough_room_on_an_open_side_answers() -> None:
    row = ask([box(20, -20, 30, 10)])
    assert (row["answer"], row["value"]) == ("no", 5.0)


def test_a_record_under_the_limit_is_not_unsaid_by_an_open_side() -> None:
    row = ask([SHED_ACROSS], {"clear_width_m": 3.5, "quality": "declared"})
    assert (row["answer"], row["value"], row["basis"]) == ("yes", 3.5, "declared")
    assert row["why"].startswith("申报净宽 3.5 米，小于 4 米")


def test_a_shed_that_leaves_nothing_blocks_however_open_it_is_beyond() -> None:
    row = ask([box(20, -20, 30, 20)])
    assert (row["answer"], row["value"]) == ("yes", 0.0)


def test_the_pinch_is_in_the_table_in_degrees() -> None:
    row = ask([box(20, -20, 30, -1), box(20, 2, 30, 20)])
    place = box(25, 0.5, 25, 0.5).centroid
    assert (row["value"], row["pinch_lon"], row["pinch_lat"]) == (3.0, pytest.approx(place.x, abs=2e-7), pytest.approx(place.y, abs=2e-7))
    assert row["pinch_lon"] == round(row["pinch_lon"], 7)


def test_without_a_pinch_there_are_no_degrees() -> None:
    row = ask([])
    assert (np.isnan(row["pinch_lon"]), np.isnan(row["pinch_lat"])) == (True, True)


def test_too_much_drawn_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "MOST_GAPS", 3)
    rows = [ask([SHED_ACROSS], lang=lang)["why"] for lang in ("zh", "en")]
    assert rows == ["没有净宽记录；此处画得太多太密，无法量算", "no clear width on record; too much is drawn here to measure"]


# the network ------------------------------------------------------------------------------------------------------------------


def test_an_engine_may_pass_where_a_side_is_open() -> None:
    """Edges from the drawing: 3 m between two obstacles, 3 m and 5 m beside an open side, and shut."""
    one, no = np.ones(4), np.zeros(4, dtype=bool)
    first, second = np.array([0, 0, 0, 0]), np.array([1, -1, -1, 0])
    nothing, pinch = np.full(4, -1), np.full(4, None, dtype=object)
    cause = np.full(4, DRAWING, dtype=np.int8)
    limits = Limits(
        cast(Network, None),
        np.array([3.0, 3.0, 5.0, 0.0]),
        0.1 * one,
        np.inf * one,
        ~no,
        cause,
        nothing,
        pinch,
        first,
        second,
        no,
        np.arange(4),
    )
    sure, may = passing(limits, Need(4.0, 4.0))
    assert (sure.tolist(), may.tolist()) == ([False, False, True, False], [False, True, True, False])


def test_a_bottleneck_on_an_open_side_is_said_to_be_a_lower_bound() -> None:
    layers = {
        "fire_lanes": [{"code": "L", "geometry": ROAD}],
        "roads": [{"name": "R", "kind": "local", "geometry": line((0, -60), (0, 60))}],
        "buildings": [
            {"name": "S", "source": "a.dxf", "geometry": SHED_ACROSS},
            {"name": "F", "source": "a.dxf", "geometry": box(52, -5, 60, 5)},
        ],
    }
    row = answer(query("bottlenecks", answer="all"), FakeFrames(layers), layers=LAYERS, now=NOW).frame.iloc[1]
    assert (row["answer"], row["value"]) == ("unknown", 1.0)
    assert row["why"].startswith("最宽路线的最窄处至少 1 米，一侧开敞，更远处可能还有空地，不能判定是否低于 4 米：")
