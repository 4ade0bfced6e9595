"""New gas pipes where much is drawn on top of each other: the same answers from as little work, or none and a plain word why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from fake_frames import LAYERS, NOW, FakeFrames, box, line, query

from geo.answers import answer
from geo.gas import budget, connections, parts
from geo.gas.connections import FOUND, TOO_MUCH, UNPLACED, Connections, connections_of, together
from geo.network.graph import network_of

STREET, LANE = shapely.LineString([(-100, 0), (100, 0)]), shapely.LineString([(0, 0), (0, 40)])
MAIN, YARD, HOUSE = shapely.LineString([(-100, -3), (100, -3)]), shapely.box(-20, 40, 20, 80), shapely.box(-1, -2, 1, -1)
ENOUGH = 20_000
"""Work that suffices for one main, one yard and one house."""


def column(*shapes: Any) -> Any:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def laid(ways: Any, mains: Any, sites: Any, houses: Any = (), work: float | None = None) -> Connections:
    network = network_of(column(*ways), column(), snap_m=0.5, road_half_m=np.full(len(ways), 7.0))
    return connections_of(network, column(*mains), column(*sites), shapely.STRtree(list(houses)), reach_m=15.0, work=work)


def moved(shape: Any, count: int) -> list[Any]:
    return [shapely.affinity.translate(shape, 0.001 * i, 0.001 * i) for i in range(count)]


def test_what_is_drawn_many_times_costs_no_more_than_once() -> None:
    one = laid([STREET, LANE], [MAIN], [YARD], [HOUSE], ENOUGH)
    many = laid([STREET, LANE] * 5, [None, *[MAIN] * 200], [YARD, None] * 200, [HOUSE] * 200, ENOUGH)
    assert one.length_m.tolist() == pytest.approx([44.02])
    assert many.length_m[::2] == pytest.approx(np.full(200, 44.02))
    assert set(many.main[::2]) == {1} and set(many.main[1::2]) == {-1}
    assert set(many.reason[::2]) == {FOUND} and set(many.reason[1::2]) == {UNPLACED}
    assert many.route(398).equals(one.route(0)) and many.route(399) is None  # type: ignore[union-attr]
    trunk = together(many, many.reason == FOUND)
    assert (trunk.total_m, trunk.separate_m) == pytest.approx((44.02, 200 * 44.02))


def test_what_is_too_dense_is_given_up() -> None:
    found = laid([STREET, LANE], moved(MAIN, 60), [YARD, None], moved(HOUSE, 60), ENOUGH)
    assert found.reason.tolist() == [TOO_MUCH, UNPLACED]
    assert np.isnan(found.length_m).all() and found.main.tolist() == [-1, -1] and found.route(0) is None
    assert together(found, np.array([True, True])).total_m == 0.0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_given_up_is_unknown_and_says_why(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "WORK", 0)
    monkeypatch.setattr(connections, "WORK_EACH", 0)
    rows = {
        "compounds": [{"code": "C", "gas_status": "none", "geometry": box(-20, 40, 20, 80)}],
        "gas_mains": [{"code": "M", "geometry": line((-100, -3), (100, -3))}],
        "roads": [{"code": "R", "geometry": line((-100, 0), (100, 0))}],
    }
    row = answer(query("gas-connections", answer="all", lang=lang), FakeFrames(rows), layers=LAYERS, now=NOW).frame.iloc[0]
    assert (row["answer"], np.isnan(row["value"])) == ("unknown", True)
    assert row["why"].startswith(
        {"zh": "街巷、管线、院落或楼栋画得过密", "en": "streets, mains, compounds or buildings are drawn too densely"}[lang]
    )


def test_small_helpings_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What bounds the memory: few pairs and few lines at a time."""
    scene = [STREET, LANE], moved(MAIN, 5), [*moved(YARD, 3), shapely.Point(30, 90)], moved(HOUSE, 4)
    whole = laid(*scene)
    monkeypatch.setattr(budget, "_PAIRS", 3)
    monkeypatch.setattr(budget, "_ROWS", 7)
    small = laid(*scene)
    assert (small.length_m.tolist(), small.main.tolist()) == (whole.length_m.tolist(), whole.main.tolist())


def test_a_lane_of_very_many_vertices_is_searched_in_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    y = np.linspace(0, 40, 300)
    lane = shapely.LineString(np.column_stack([2 * np.sin(y / 3) * (y < 39), y]))
    whole = laid([STREET, lane], [lane.parallel_offset(9)], [YARD], [HOUSE])
    pieces = parts.Ways.of(network_of(column(STREET, lane), column(), snap_m=0.5, road_half_m=np.full(2, 7.0)))
    assert shapely.get_num_coordinates(pieces.lines).max() <= parts.LONG
    assert shapely.get_coordinates(shapely.get_point(pieces.lines, 0)) == pytest.approx(pieces.nodes[pieces.ends[:, 0]])
    assert shapely.get_coordinates(shapely.get_point(pieces.lines, -1)) == pytest.approx(pieces.nodes[pieces.ends[:, 1]])
    monkeypatch.setattr(parts, "LONG", 10_000)
    assert laid([STREET, lane], [lane.parallel_offset(9)], [YARD], [HOUSE]).length_m == pytest.approx(whole.length_m)


def test_only_the_parts_of_an_outline_that_are_near_cost() -> None:
    """A compound of 400 parts, of which one is near the street."""
    far = shapely.MultiPolygon([YARD, *(shapely.box(x, 500 + y, x + 5, 505 + y) for x in range(0, 200, 10) for y in range(0, 200, 10))])
    assert laid([STREET, LANE], [MAIN], [far], [HOUSE], 5 * ENOUGH).length_m == pytest.approx([44.02])
