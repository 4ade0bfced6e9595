"""Cutting a line or an area: parts by hand, and what must hold of every cut."""

from __future__ import annotations

import random

import pytest
import shapely

import layers
from geo import cutting
from geo.cutting import cut, shared_out
from geo.errors import BadValue

SQUARE = "POLYGON((0 0,4 0,4 4,0 4,0 0))"
BY_HAND = [
    (SQUARE, "LINESTRING(1 -1,1 5)", ["POLYGON((1 0,4 0,4 4,1 4,1 0))", "POLYGON((0 0,1 0,1 4,0 4,0 0))"]),
    (SQUARE, "LINESTRING(-1 3,2 3,2 5)", ["POLYGON((0 0,4 0,4 4,2 4,2 3,0 3,0 0))", "POLYGON((0 3,2 3,2 4,0 4,0 3))"]),
    ("POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,3 1,3 3,1 3,1 1))", "LINESTRING(2 -1,2 5)",  # through a hole: two halves like brackets
     ["POLYGON((0 0,2 0,2 1,1 1,1 3,2 3,2 4,0 4,0 0))", "POLYGON((2 0,4 0,4 4,2 4,2 3,3 3,3 1,2 1,2 0))"]),
    ("LINESTRING(0 0,10 0)", "LINESTRING(3 -1,3 1)", ["LINESTRING(3 0,10 0)", "LINESTRING(0 0,3 0)"]),
    ("LINESTRING(0 0,4 0,4 6)", "LINESTRING(3 -1,5 1)", ["LINESTRING(4 0,4 6)", "LINESTRING(0 0,4 0)"]),  # at a corner
    ("LINESTRING(0 0,6 0,6 2,3 2,3 -2)", "LINESTRING(1 -1,1 1)", ["LINESTRING(1 0,6 0,6 2,3 2,3 -2)", "LINESTRING(0 0,1 0)"]),  # it crosses itself: no cut there
    ("MULTILINESTRING((0 0,10 0),(0 5,2 5))", "LINESTRING(4 -1,4 1)", ["MULTILINESTRING((4 0,10 0),(0 5,2 5))", "LINESTRING(0 0,4 0)"]),
]  # fmt: skip


@pytest.mark.parametrize(("geometry", "line", "parts"), BY_HAND)
def test_parts_by_hand(geometry: str, line: str, parts: list[str]) -> None:
    found = cut(shapely.from_wkt(geometry), shapely.from_wkt(line))
    assert [shapely.normalize(p).wkt for p in found] == [shapely.normalize(shapely.from_wkt(p)).wkt for p in parts]


REFUSED = [
    (SQUARE, "LINESTRING(1 1,1 5)"),  # ends inside
    (SQUARE, "LINESTRING(5 0,5 4)"),  # passes by
    (SQUARE, "LINESTRING(0 -1,0 5)"),  # along an edge
    ("LINESTRING(0 0,10 0)", "LINESTRING(0 -1,0 1)"),  # at its end
    ("LINESTRING(0 0,10 0)", "LINESTRING(3 1,3 2)"),
    ("POINT(0 0)", "LINESTRING(0 -1,0 1)"),
    ("LINESTRING(" + ",".join(f"{x} {(-1) ** x}" for x in range(30)) + ")", "LINESTRING(-1 0,31 0)"),  # 30 parts
]


@pytest.mark.parametrize(("geometry", "line"), REFUSED)
def test_a_line_that_makes_no_parts_is_refused(geometry: str, line: str) -> None:
    with pytest.raises(BadValue):
        cut(shapely.from_wkt(geometry), shapely.from_wkt(line))


@pytest.mark.parametrize("seed", range(30))
def test_nothing_is_lost_and_nothing_lies_twice(seed: int) -> None:
    """Where Gongyi lies, in degrees: areas add up to the last digits, and the parts meet in lines only."""
    dice = random.Random(seed)
    ring = shapely.Point(112.98, 34.75).buffer(0.001, quad_segs=dice.randint(1, 6))
    angle = dice.uniform(0, 3)
    line = shapely.affinity.rotate(shapely.LineString([(112.97, 34.75), (112.99, 34.75)]), angle * 57, origin=(112.98, 34.75))
    parts = cut(ring, line)
    assert len(parts) == 2 and all(p.is_valid for p in parts)
    assert sum(p.area for p in parts) == pytest.approx(ring.area, rel=1e-9)
    assert shapely.intersection(parts[0], parts[1]).area == 0


@pytest.mark.parametrize("seed", range(30))
def test_the_parts_of_a_line_are_its_length_in_its_direction(seed: int) -> None:
    dice = random.Random(seed)
    line = shapely.LineString([(x / 1000, dice.uniform(0, 0.002)) for x in range(12)])
    parts = cut(line, shapely.LineString([(-1, 0.001), (1, 0.001)]))
    assert sum(p.length for p in parts) == pytest.approx(line.length, rel=1e-12)
    kept = {tuple(place) for part in parts for place in shapely.get_coordinates(part).tolist()}
    assert {tuple(place) for place in shapely.get_coordinates(line).tolist()} <= kept


def test_what_belongs_to_the_whole() -> None:
    """Field by field, for what may be split: all other numbers hold of every part."""
    found = {
        layer.id: [f.name for f in layer.writable if shared_out(f, area=True)]
        for layer in layers.ALL
        if any(not kind.endswith("Point") for kind in layer.geometry)
    }
    assert found == {
        "communities": ["compounds_n", "households", "population", "shops_n"],
        "gas_areas": ["households_planned"],
        "compounds": [
            "buildings_n", "units_n", "households", "population", "floor_area_m2", "land_area_m2", "max_floors", "gates_n", "parking_n", "elevators_n",
            "ebike_ports_n", "gas_households", "lpg_households", "lpg_shops", "lpg_kg_max", "alarm_ratio", "hose_replaced_ratio", "nearest_main_m",
            "elderly_60_plus", "elderly_alone", "disabled_n", "support_rate",
        ],
        "amenities": ["area_m2", "capacity", "ports_n"],
        "buildings": ["units_n", "households", "floor_area_m2", "elevators_n", "gas_households"],
        "roads": [],
        "turnarounds": ["length_m", "width_m"],
        "fire_lanes": ["length_m"],
        "gas_mains": [],
        "obstacles": ["width_m"],
        "access_points": ["gate_width_m"],
        "fire_stations": ["service_area_km2", "engines_n", "floor_area_m2"],
        "shops": [
            "lpg_kg", "lpg_bottles_n", "extinguishers_n", "extinguishers_given_n", "area_m2", "notices_n",
        ],
    }  # fmt: skip


def test_what_is_drawn_as_a_line_is_as_thick_in_each_part() -> None:
    """A wall of half a metre had no thickness any more once it was cut, and the lane beside it was measured wider than it is."""
    width = next(f for layer in layers.ALL if layer.id == "obstacles" for f in layer.fields if f.name == "width_m")
    assert (shared_out(width, area=False), shared_out(width, area=True)) == (False, True)


def test_of_a_line_of_many_corners_only_those_are_measured_that_meet_the_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every segment was laid over the whole cut, one by one."""
    measured: list[int] = []
    crossings = cutting._crossings
    monkeypatch.setattr(cutting, "_crossings", lambda *of: measured.append(1) or crossings(*of))
    line = shapely.LineString([(x / 10, 0.5 * (x % 2)) for x in range(50_000)])
    across = shapely.LineString([(2000.03, -1), *((2000.03 + 0.001 * (y % 2), y / 100) for y in range(-100, 100)), (2000.03, 2)])
    parts = cut(line, across)
    assert len(measured) < 10
    assert sum(len(part.coords) for part in parts) == 50_000 + 2 * (len(parts) - 1)
    with pytest.raises(BadValue, match="20"):
        cut(line, shapely.LineString([(-1, 0.25), (5001, 0.25)]))
