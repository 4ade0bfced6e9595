"""Distances along the network by hand, and what the question on hydrants says of hydrants that work, do not, or of which nobody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.answers import Answer, answer
from geo.network.distances import Routes
from geo.network.graph import network_of
from tests.geo.fake_frames import LAYERS, NOW, FakeFrames, box, line, metres, query

Shape = Any


def objects(*shapes: Shape) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def routes(lines: Sequence[Shape], *buildings: Shape) -> Routes:
    roads = objects(*lines)
    network = network_of(roads, objects(), snap_m=0.5, road_half_m=np.zeros(len(roads)))
    return Routes(network, objects(*buildings), near_m=20.0)


P = shapely.Point
MAIN = shapely.LineString([(0, 0), (100, 0)])
SIDE = shapely.LineString([(100, 0), (100, 80)])
SHORT = shapely.LineString([(0, 0), (0, 60), (100, 60)])
HOUSE = shapely.box(10, 5, 20, 15)

WAYS: dict[str, tuple[Sequence[Shape], Shape, Sequence[Shape], float, int]] = {
    "on the same edge": ([MAIN], HOUSE, [P(60, -3)], 5 + 40 + 3, 0),
    "round a corner": ([MAIN, SIDE], HOUSE, [P(102, 50)], 5 + 80 + 50 + 2, 0),
    "the nearer of two": ([MAIN, SIDE], HOUSE, [P(102, 50), P(90, 0)], 5 + 70, 1),
    "the shorter of two ways": ([MAIN, SIDE, SHORT], shapely.box(5, 30, 15, 40), [P(100, 60)], 5 + 20 + 100, 0),
    "straight off the lane": ([MAIN], HOUSE, [P(15, 0)], 5.0, 0),
    "far from any lane": ([MAIN], shapely.box(10, 50, 20, 60), [P(50, 0)], 50 + 30, 0),
    "a facade along the lane, from its nearer end": ([MAIN], shapely.box(0, 5, 50, 15), [P(60, 0)], 5 + 10, 0),
    "one that is not on the map is passed over": ([MAIN], HOUSE, [None, P(60, 0)], 45.0, 1),
}


@pytest.mark.parametrize(("lines", "house", "places", "metres_", "place"), WAYS.values(), ids=WAYS)
def test_ways_by_hand(lines: Sequence[Shape], house: Shape, places: Sequence[Shape], metres_: float, place: int) -> None:
    found = routes(lines, house).to(objects(*places))
    assert (found.length_m[0], found.place[0]) == (pytest.approx(metres_, abs=1e-6), place)
    way = found.line(0)
    assert way is not None
    assert way.length == pytest.approx(metres_, abs=1e-6)
    assert way.distance(house) == pytest.approx(0, abs=1e-9)
    assert shapely.get_point(way, -1).distance(places[place]) == pytest.approx(0, abs=1e-9)


def test_no_way() -> None:
    """A place on a piece of network that nothing joins, a building that is not on the map, and no network at all."""
    apart = shapely.LineString([(0, 500), (100, 500)])
    found = routes([MAIN, apart], HOUSE, None).to(objects(P(50, 503)))
    assert np.isnan(found.length_m).all() and found.place.tolist() == [-1, -1]
    assert found.line(0) is None
    assert np.isnan(routes([], HOUSE).to(objects(P(0, 0))).length_m).all()


# the question -----------------------------------------------------------------------------------------------------------------


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(metres((x, y))[0])


ROWS: dict[str, Sequence[Mapping[str, Any]]] = {
    "buildings": [
        {"code": "B1", "geometry": box(0, 10, 20, 20)}, {"code": "B2", "geometry": box(200, 10, 220, 20)},
        {"code": "B3", "geometry": box(400, 10, 420, 20)}, {"code": "B4", "geometry": None},
    ],
    "roads": [{"code": "R1", "geometry": line((-50, 0), (500, 0))}],
    "hydrants": [
        {"code": "H1", "geometry": point(50, 15), "working": "yes"}, {"code": "H2", "geometry": point(260, 15)},
        {"code": "H3", "geometry": point(405, 0), "working": "no"}, {"code": "H4", "geometry": None, "working": "yes"},
    ],
    "fire_stations": [
        {"name": "微型站", "kind": "micro", "geometry": point(10, 0)}, {"name": "一站", "kind": "class1", "geometry": point(500, -4)},
    ],
}  # fmt: skip


def ask(rows: Mapping[str, Sequence[Mapping[str, Any]]], **args: str) -> Answer:
    return answer(query("buildings-far-from-hydrant", answer="all", **args), FakeFrames(rows), layers=LAYERS, now=NOW)


def columns(found: Answer, *names: str) -> list[tuple[Any, ...]]:
    rows = found.frame[list(names)].astype(object)
    return [tuple(None if pd.isna(v) else v for v in row) for row in rows.where(rows.notna(), None).to_numpy().tolist()]


def test_a_hydrant_of_unknown_state_leaves_the_building_unknown() -> None:
    found = ask(ROWS, distance="145")
    assert columns(found, "answer", "value", "hydrant", "pessimistic_m") == [
        ("no", 40.0, "H1", 40.0), ("unknown", 50.0, "H2", 160.0), ("yes", 150.0, "H2", 360.0), ("unknown", None, None, None),
    ]  # fmt: skip
    assert found.summary is not None
    wanted = {"hydrants": 4, "hydrants_working": 2, "hydrants_broken": 1, "hydrants_state_unknown": 1, "hydrants_unplaced": 1}
    assert found.summary["store"] == wanted


def test_exactly_the_distance_is_not_beyond_it() -> None:
    assert [row[0] for row in columns(ask(ROWS, distance="40"), "answer")] == ["no", "yes", "yes", "unknown"]


def test_along_the_network() -> None:
    """From the outline: 10 m to the road, along it, 15 m to the hydrant."""
    found = ask(ROWS, distance="145", path="true")
    assert columns(found, "answer", "value") == [("no", 10 + 30 + 15), ("unknown", 10 + 40 + 15), ("yes", 10 + 140 + 15), ("unknown", None)]
    way = ask(ROWS, path="true", shape="way").frame.geometry.iloc[0]
    assert len(way.coords) == 4


def test_the_station_is_one_with_an_engine() -> None:
    assert columns(ask(ROWS), "station", "station_kind", "station_m")[0] == ("一站", "class1", 10 + 480 + 4)


def test_why_says_how_far_and_what_is_not_known() -> None:
    assert [row[0] for row in columns(ask(ROWS, lang="en", distance="145"), "why")] == [
        "40 m straight to hydrant 'H1', not over 145 m; it is on record as working",
        "50 m straight to hydrant 'H2', but nobody recorded whether it works; the nearest one on record as working is 160 m away: cannot be told",
        "the nearest one: 150 m straight to hydrant 'H2', over 145 m; 1 more hydrants are not placed on the map",
        "not placed on the map: cannot be told",
    ]


NONE = {
    "no data": ([], "unknown", "there is no data on hydrants: cannot be told"),
    "none on the map": ([{"code": "H1", "geometry": None}], "unknown", "no hydrant is placed on the map: cannot be told"),
    "all broken": ([{"code": "H1", "geometry": point(0, 0), "working": "no"}], "yes", "every hydrant on record is out of order"),
}


@pytest.mark.parametrize(("hydrants", "said", "why"), NONE.values(), ids=NONE)
def test_none_to_measure_to(hydrants: Sequence[Mapping[str, Any]], said: str, why: str) -> None:
    assert columns(ask({**ROWS, "hydrants": hydrants}, lang="en"), "answer", "value", "why")[0] == (said, None, why)


def test_no_way_drawn_is_no_answer_unless_straight_is_too_far_already() -> None:
    found = ask({**ROWS, "roads": []}, path="true", distance="145")
    assert [row[0] for row in columns(found, "answer")] == ["unknown", "unknown", "unknown", "unknown"]
    found = ask({**ROWS, "roads": []}, path="true", distance="100")
    assert [row[0] for row in columns(found, "answer")] == ["unknown", "unknown", "yes", "unknown"]
