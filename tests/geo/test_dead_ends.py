"""Dead ends, turnarounds and the question about them, on drawings whose answer is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import affinity

from geo.network.dead_ends import dead_ends
from geo.network.graph import network_of
from geo.network.squares import largest_squares_m
from geo.network.turnarounds import sizes
from geo.questions.declaration import ANSWERS, Verdicts
from geo.questions.reach.dead_ends import DEAD_ENDS_WITHOUT_TURNAROUND as QUESTION
from tests.geo.fake_frames import FakeFrames, box, line, metres

# the largest square


def square(area: Any) -> float:
    return float(largest_squares_m(np.array([area], dtype=object))[0])


def regular(corners: int) -> shapely.Polygon:
    """A regular polygon with corners one metre from its middle."""
    angles = 2 * np.pi * np.arange(corners) / corners
    return shapely.Polygon(np.column_stack([np.cos(angles), np.sin(angles)]))


L_SHAPE = shapely.Polygon([(0, 0), (30, 0), (30, 12), (12, 12), (12, 30), (0, 30)])
SQUARES = {
    "a square": (shapely.box(0, 0, 12, 12), 12.0),
    "a rectangle: its shorter side": (shapely.box(0, 0, 30, 11.5), 11.5),
    "a strip": (shapely.box(0, 0, 200, 0.5), 0.5),
    "a circle: its radius times the root of two": (shapely.Point(0, 0).buffer(10, quad_segs=32), 10 * 2**0.5),
    "a triangle: side times height by their sum": (shapely.Polygon([(0, 0), (20, 0), (5, 20)]), 20 * 20 / 40),
    "a hexagon of side 1: 3 less the root of 3": (regular(6), 3 - 3**0.5),
    "a pentagon: 1.0673956818 times its side": (regular(5), 1.0673956818 * 2 * np.sin(np.pi / 5)),
    "an L: the width of its arms": (L_SHAPE, 12.0),
    "a T of lanes 5 m wide": (shapely.box(0, 0, 20, 5).union(shapely.box(8, -15, 12, 0)), 5.0),
    "a yard with a column off the corner": (shapely.box(0, 0, 30, 30).difference(shapely.box(18, 18, 20, 20)), 18.0),
    "the larger of two parts": (shapely.MultiPolygon([shapely.box(0, 0, 5, 5), shapely.box(10, 0, 19, 9)]), 9.0),
}


@pytest.mark.parametrize("name", SQUARES)
def test_largest_square(name: str) -> None:
    """Turned, and far from the origin as metric coordinates are."""
    area, side = SQUARES[name]
    moved = affinity.translate(affinity.rotate(area, 33.3), 498_000, 3_846_000)
    assert square(moved) == pytest.approx(side, abs=0.004)


@pytest.mark.parametrize("area", [None, shapely.Point(0, 0), shapely.Polygon(), shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])
def test_no_area_no_square(area: Any) -> None:
    assert np.isnan(square(area))


def star(radii: Any) -> shapely.Polygon:
    angles = 2 * np.pi * np.arange(len(radii)) / len(radii)
    return shapely.Polygon(np.column_stack([np.cos(angles), np.sin(angles)]) * np.asarray(radii)[:, None])


def test_an_outline_that_stays_too_detailed_has_no_square() -> None:
    assert np.isnan(square(star([8, 10] * 100)))


@pytest.mark.soak
def test_a_very_detailed_outline_is_made_plainer() -> None:
    """Walked round with a GPS: the side is as rough as the outline."""
    assert square(star(10 + np.random.default_rng(0).normal(0, 0.04, 200))) == pytest.approx(10 * 2**0.5, abs=0.4)


def by_grid(area: shapely.Polygon) -> float:
    """The largest square around points 0.6 m apart, against points of the outline 0.4 m apart, for every third degree."""
    west, south, east, north = area.bounds
    x, y = (v.ravel() for v in np.meshgrid(np.arange(west, east, 0.6), np.arange(south, north, 0.6)))
    centres = np.column_stack([x, y])[shapely.contains_xy(area, x, y)]
    ring = shapely.get_coordinates(shapely.segmentize(area.exterior, 0.4))
    best = 0.0
    for angle in np.radians(np.arange(0, 90, 3)):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        gaps = np.abs((centres @ turn)[:, None] - (ring @ turn)[None]).max(axis=2).min(axis=1)
        best = max(best, 2 * float(gaps.max()))
    return best


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.soak), pytest.param(2, marks=pytest.mark.soak)])
def test_largest_square_against_a_grid(seed: int) -> None:
    """A star of seven corners: the outline's points lie up to 0.2 m off, the middles up to 0.3 m, the angles up to 1.5 degrees."""
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 7))
    area = shapely.Polygon(np.column_stack([np.cos(angles), np.sin(angles)]) * rng.uniform(5, 12, (7, 1)))
    grid = by_grid(area)
    assert grid - 0.4 <= square(area) <= (grid + 0.6) * 1.03


def test_sizes_from_words() -> None:
    """A rectangle's lesser side; a circle's diameter in either column; of a hammerhead and a lone side only a bound."""
    kinds = np.array(["rectangle", "circle", "hammerhead", None, None, None], dtype=object)
    length, width = np.array([15, 20, 18, 15, np.nan, 0]), np.array([12.5, np.nan, 14, np.nan, np.nan, 0])
    found = sizes(np.full(6, np.nan), length, width, kinds)
    assert found.side_m == pytest.approx([12.5, 20 / 2**0.5, np.nan, np.nan, np.nan, np.nan], nan_ok=True)
    assert found.at_most_m == pytest.approx([12.5, 20 / 2**0.5, 14, 15, np.nan, np.nan], nan_ok=True)
    assert not found.measured.any()


# dead ends of a network


def ends_of(roads: Sequence[Any], lanes: Sequence[Any]) -> list[tuple[float, bool]]:
    made = [np.array([*map(shapely.LineString, lines), None], dtype=object)[:-1] for lines in (roads, lanes)]
    network = network_of(*made, snap_m=0.5, road_half_m=np.full(len(roads), 7.0))
    found = dead_ends(network)
    for end, points, of in zip(found.lines, found.points, found.length_m, strict=True):
        assert shapely.get_coordinates(end)[-1].tolist() == points.tolist()
        assert np.isnan(of) or of == end.length
    return sorted((round(float(m), 2), bool(j)) for m, j in zip(np.nan_to_num(found.length_m), found.joined, strict=True))


ROAD = [(0, 0), (200, 0)]
DEAD_ENDS = {
    "from the road": ([ROAD], [[(50, 0), (50, 60)]], [(60.0, True)]),
    "the connector to the road's middle does not count": ([ROAD], [[(50, 6), (50, 60)]], [(54.0, True)]),
    "from the last junction": ([ROAD], [[(50, 0), (50, 60), (90, 60)], [(50, 30), (150, 30), (150, 0)]], [(70.0, True)]),
    "through lanes that follow one another": ([ROAD], [[(50, 0), (50, 30)], [(50, 30), (50, 45), (60, 45)]], [(55.0, True)]),
    "a crossing without a node is a junction": ([ROAD], [[(50, 0), (50, 60)], [(30, 40), (70, 40)]], [(20.0, True)] * 3),
    "across the road": ([ROAD], [[(50, -45), (50, 60)]], [(45.0, True), (60.0, True)]),
    "a through lane has none": ([ROAD, [(0, 80), (200, 80)]], [[(50, 0), (50, 80)]], []),
    "a ring has none": ([ROAD], [[(50, 0), (50, 60), (90, 60), (90, 0)]], []),
    "the road's own ends are none": ([ROAD], [], []),
    "off every road": ([ROAD], [[(50, 20), (50, 60)]], [(0.0, False)] * 2),
    "past the end by 0.4 m is no dead end": ([ROAD], [[(50, 0), (50, 60.4)], [(30, 60), (70, 60)], [(30, 60), (30, 0)], [(70, 60), (70, 0)]], []),
}  # fmt: skip


@pytest.mark.parametrize("drawing", DEAD_ENDS)
def test_dead_ends(drawing: str) -> None:
    roads, lanes, found = DEAD_ENDS[drawing]
    assert ends_of(roads, lanes) == found


# the question

MAIN = {"id": 1, "geometry": line((0, 0), (300, 0)), "road_width_m": 14.0}


def asked(
    lanes: Sequence[Mapping[str, Any]],
    turns: Sequence[Mapping[str, Any]] = (),
    *,
    roads: Sequence[Mapping[str, Any]] = (MAIN,),
    **said: Any,
) -> Verdicts:
    frames = FakeFrames({"roads": roads, "fire_lanes": lanes, "turnarounds": turns})
    return QUESTION.answer(frames.view(*QUESTION.reads), {"length": None, "square": None, **said})  # type: ignore[arg-type]


def lane(*points: tuple[float, float], **values: Any) -> dict[str, Any]:
    return {"code": "L1", "clear_width_m": 4.0, "geometry": line(*points), **values}


def turn(size: float | None = None, at: tuple[float, float] = (50, 60), **values: Any) -> dict[str, Any]:
    """A square of `size` metres in the middle of which the lane ends, or a point."""
    x, y = at
    shape = shapely.Point(metres(at)[0]) if size is None else box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)
    return {"code": "HC1", "geometry": shape, **values}


def answers(found: Verdicts) -> list[str]:
    return [ANSWERS[a] for a in found.answer]


LONG = lane((50, 0), (50, 60))
CASES: dict[str, tuple[dict[str, Any], list[dict[str, Any]], str, str]] = {
    "no turnaround": (LONG, [], "yes", "a dead end of 60 m, over 40 m; there is no usable turnaround at its end"),
    "short": (lane((50, 0), (50, 35)), [], "no", "a dead end of 35 m, not over 40 m: no turnaround is needed"),
    "exactly 40 m": (lane((50, 0), (50, 40)), [], "no", "a dead end of 40 m, not over 40 m: no turnaround is needed"),
    "40.02 m": (lane((50, 0), (50, 40.02)), [], "yes", "a dead end of 40.02 m, over 40 m; there is no usable turnaround at its end"),
    "exactly 12 m": (LONG, [turn(12)], "no", "a dead end of 60 m, over 40 m; turnaround HC1 holds 12 m square as drawn, not under 12 m"),
    "11.5 m": (LONG, [turn(11.5)], "yes", "a dead end of 60 m, over 40 m; turnaround HC1 holds 11.5 m square as drawn, under 12 m"),
    "a point with both sides": (
        LONG, [turn(length_m=15.0, width_m=12.0)], "no", "a dead end of 60 m, over 40 m; turnaround HC1 holds 12 m square as declared, not under 12 m",
    ),
    "a circle of 16 m": (
        LONG, [turn(length_m=16.0, shape="circle")], "yes", "a dead end of 60 m, over 40 m; turnaround HC1 holds 11.31 m square as declared, under 12 m",
    ),
    "a point with one side that is too short": (
        LONG, [turn(width_m=9.0)], "yes", "a dead end of 60 m, over 40 m; turnaround HC1 holds at most 9 m square, under 12 m",
    ),
    "a point without a size": (
        LONG, [turn()], "unknown", "a dead end of 60 m, over 40 m; whether turnaround HC1 holds 12 m by 12 m is not known",
    ),
    "not usable": (LONG, [turn(14, usable="no")], "yes", "a dead end of 60 m, over 40 m; there is no usable turnaround at its end"),
    "18 m off the end": (
        LONG, [turn(14, at=(50, 83.9))], "no", "a dead end of 60 m, over 40 m; turnaround HC1 holds 14 m square as drawn, not under 12 m",
    ),
    "24.1 m off the end": (LONG, [turn(14, at=(50, 84.1))], "yes", "a dead end of 60 m, over 40 m; there is no usable turnaround at its end"),
    "beside the way there": (
        LONG, [turn(14, at=(58.9, 30))], "no", "a dead end of 60 m, over 40 m; turnaround HC1 holds 14 m square as drawn, not under 12 m",
    ),
    "named by the lane, further off": (
        lane((50, 0), (50, 60), turnaround_code="HC1"), [turn(14, at=(50, 100))], "no",
        "a dead end of 60 m, over 40 m; turnaround HC1 holds 14 m square as drawn, not under 12 m",
    ),
    "named, and another at the end": (
        lane((50, 0), (50, 60), turnaround_code="HC1"), [turn(10, at=(50, 100)), turn(14, code="HC2")], "yes",
        "a dead end of 60 m, over 40 m; turnaround HC1 holds 10 m square as drawn, under 12 m",
    ),
    "named and not on record": (
        lane((50, 0), (50, 60), turnaround_code="HC9"), [], "unknown",
        "a dead end of 60 m, over 40 m; the turnaround HC9 that it names is not on record: its size is unknown",
    ),
    "named, unplaced, with its size": (
        lane((50, 0), (50, 60), turnaround_code="HC1"), [{"code": "HC1", "length_m": 12.0, "width_m": 13.0}], "no",
        "a dead end of 60 m, over 40 m; turnaround HC1 holds 12 m square as declared, not under 12 m",
    ),
    "off every road": (
        lane((50, 20), (50, 90)), [], "unknown",
        "no way drawn leads from it to a public road (ends within 0.5 m are joined): which end is the way in cannot be told",
    ),
    "through": (lane((50, 0), (50, 60), (90, 60), (90, 0)), [], "na", "it meets other ways at both ends: no dead end"),
    "not on the map": ({"code": "L1"}, [], "unknown", "not on the map: whether it is a dead end cannot be told"),
    "an area": (
        {"code": "L1", "geometry": box(50, 0, 54, 60)}, [], "unknown", "drawn as an area without a centreline: whether it is a dead end cannot be told",
    ),
    "no length": (
        lane((50, 20), (50, 20)), [], "unknown", "drawn without length or with broken coordinates: whether it is a dead end cannot be told",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_answers(case: str) -> None:
    subject, turns, answer, why = CASES[case]
    found = asked([subject], turns)
    assert (answers(found), found.why(np.array([0]), "en")) == ([answer], [why])
    assert found.why(np.array([0]), "zh")[0]


def test_the_worst_of_two_dead_ends_answers() -> None:
    """The lane crosses the road; its turnaround lies at the longer end, and belongs to that end only though the lane names it."""
    found = asked([lane((50, -50), (50, 60), turnaround_code="HC1")], [turn(13)])
    assert answers(found) == ["yes"]
    assert found.column("value", None).tolist() == [50.0]
    assert found.column("dead_ends_n", None).tolist() == [2.0]
    assert found.why(np.array([0]), "zh") == ["尽头长 50 米，超过 40 米；尽头处没有可用的回车场；共有 2 处尽头，此为最不利的一处"]


def test_lanes_that_follow_one_another_are_told_of_at_the_last() -> None:
    found = asked([lane((50, 0), (50, 30)), lane((50, 30), (50, 60), code="L2")])
    assert answers(found) == ["na", "yes"]
    assert found.column("value", None)[1] == 60.0


def test_a_lane_drawn_twice_answers_twice() -> None:
    assert answers(asked([LONG, lane((50, 60), (50, 0), code="L2")])) == ["yes", "yes"]


def test_columns() -> None:
    found = asked([LONG, lane((100, 0), (100, 40.05))], [turn(11.95), turn(at=(100, 40), code="HC2", length_m=13.0, width_m=13.0)])
    names = ("value", "threshold", "basis", "re_measure", "turnaround", "turnaround_m")
    rows = list(zip(*(found.column(n, None).tolist() for n in names), strict=True))
    assert rows == [(60.0, 40.0, "measured", True, "HC1", 11.95), (40.05, 40.0, "declared", True, "HC2", 13.0)]


def test_the_ledger_against_the_drawing() -> None:
    through = lane((50, 0), (50, 60), (90, 60), (90, 0), is_dead_end=True)
    found = asked([lane((150, 0), (150, 30), is_dead_end=False), through, lane((200, 0), (200, 30), is_dead_end=True)])
    assert found.column("contradiction", None).tolist() == [True, True, False]
    assert found.summary(np.arange(2))["contradictions"] == 2
    assert found.why(np.array([1]), "en") == [
        "it meets other ways at both ends: no dead end; the ledger says it is a dead end, please check"
    ]


def test_parameters_take_the_place_of_the_profile() -> None:
    assert answers(asked([LONG], [turn(12)], square=15.0)) == ["yes"]
    assert answers(asked([LONG], length=60.0)) == ["no"]
    assert dict(asked([LONG]).said) == {"length": 40.0, "square": 12.0}


def test_summary_says_what_was_moved() -> None:
    lanes = [(50, 6), (50, 60)], [(50, 60.3), (50, 80)], [(50, 100), (50, 120)], [(150, -5), (150, 20)]
    moved = {"snapped": 2, "snapped_most_m": 0.15, "joined": 1, "joined_most_m": 6.0, "trimmed": 1, "trimmed_most_m": 5.0}
    found = asked([lane(*points) for points in lanes])
    assert found.store == moved | {"dead_ends": 4}
    assert [found.summary(np.array(rows)) for rows in ([0, 1, 2, 3], [0])] == [{"unconnected": n, "contradictions": 0} for n in (1, 0)]


def test_broken_geometry_is_not_a_crash() -> None:
    broken = shapely.transform(shapely.Point(50, 60), lambda xy: xy * np.nan)
    turns = [{"code": "HC1", "geometry": broken}, {"code": "HC2"}, turn(13, code="HC3")]
    rows = [LONG, {"geometry": shapely.transform(line((0, 0), (9, 9)), lambda xy: xy * np.nan)}]
    assert answers(asked(rows, turns)) == ["no", "unknown"]


def test_no_metric_crs() -> None:
    view = FakeFrames({"roads": [MAIN], "fire_lanes": [LONG], "turnarounds": [turn(13)]}).view(*QUESTION.reads)
    view.metric_crs = None  # type: ignore[assignment]
    view.metric = lambda id: np.full(len(view.frame(id)), None, dtype=object)  # type: ignore[method-assign]
    found = QUESTION.answer(view, {"length": None, "square": None})  # type: ignore[arg-type]
    assert answers(found) == ["unknown"]
    assert found.why(np.array([0]), "en") == ["outside the ground that can be measured: whether it is a dead end cannot be told"]
    assert found.shape is not None and found.shape("dead_end", np.array([0]))[0] is None


def test_shapes() -> None:
    found = asked([lane((50, 6), (50, 60)), lane((90, 0), (120, 0))])
    assert found.shape is not None
    dead_end, none = found.shape("dead_end", np.array([0, 1]))
    assert none is None
    assert shapely.get_coordinates(dead_end) == pytest.approx(np.array(metres((50, 6), (50, 60))), abs=1e-9)
    assert shapely.get_coordinates(found.shape("end", np.array([0]))[0]) == pytest.approx(np.array(metres((50, 60))), abs=1e-9)


def test_empty_layers() -> None:
    assert answers(asked([], roads=())) == []
    assert answers(asked([LONG], roads=())) == ["unknown"]


def test_a_new_turnaround_is_seen() -> None:
    frames = FakeFrames({"roads": [MAIN], "fire_lanes": [LONG]})
    said = {"length": None, "square": None}
    assert answers(QUESTION.answer(frames.view(*QUESTION.reads), said)) == ["yes"]  # type: ignore[arg-type]
    frames.put("turnarounds", [turn(13)], {1})
    assert answers(QUESTION.answer(frames.view(*QUESTION.reads), said)) == ["no"]  # type: ignore[arg-type]
