"""Values and geometries from outside: taken as declared or refused with the field's name."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
import shapely

from geo.errors import BadValue, Text, UnknownField
from geo.schema import AREAS, LINES, POINTS, Choice, Field, GeometryKind, Layer, Style
from web import checks

FIELDS = (
    Field("name", "text", Text("名称", "Name"), required=True),
    Field("built_year", "year", Text("建成年份", "Built"), minimum=1000, maximum=2100),
    Field("households", "integer", Text("户数", "Households"), minimum=0),
    Field("width_m", "number", Text("净宽", "Width"), minimum=0),
    Field("open", "boolean", Text("开放", "Open")),
    Field("found_on", "date", Text("发现日期", "Found on")),
    Field("gas", "choice", Text("通气", "Gas"), choices=(Choice("none", Text("未", "none")), Choice("full", Text("全", "full")))),
)


def layer_of(kinds: tuple[GeometryKind, ...]) -> Layer:
    return Layer("things", Text("东西", "Things"), Text("组", "Group"), kinds, FIELDS, Style("#112233"))


THINGS = layer_of(AREAS)

GOOD: list[tuple[str, Any, Any]] = [
    ("name", " 南苑 ", "南苑"),
    ("name", "{{7*7}}", "{{7*7}}"),
    ("built_year", 1994, 1994),
    ("built_year", 1994.0, 1994),
    ("households", None, None),
    ("width_m", 4, 4.0),
    ("open", False, False),
    ("found_on", "2024-02-29", "2024-02-29"),
    ("found_on", "", None),
    ("gas", "none", "none"),
]


@pytest.mark.parametrize(("name", "value", "kept"), GOOD)
def test_a_good_value_is_kept(name: str, value: Any, kept: Any) -> None:
    assert checks.values(THINGS, {name: value}) == {name: kept}


BAD: list[tuple[str, Any]] = [
    ("name", None),
    ("name", 5),
    ("name", ["x"]),
    ("name", "x" * 70_000),
    ("name", "a\0b"),
    ("built_year", "1994"),
    ("built_year", 999),
    ("built_year", 2101),
    ("built_year", 1994.5),
    ("built_year", True),
    ("households", -1),
    ("households", 1e300),
    ("households", 2**60),
    ("width_m", math.inf),
    ("width_m", math.nan),
    ("width_m", {}),
    ("open", 1),
    ("open", "true"),
    ("found_on", "2023-02-29"),
    ("found_on", "2023-6-1"),
    ("found_on", "２０２３-06-01"),
    ("gas", "None"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_names_its_field(name: str, value: Any) -> None:
    with pytest.raises(BadValue) as caught:
        checks.values(THINGS, {name: value})
    assert caught.value.members["field"] == name


@pytest.mark.parametrize("name", ["nam", "version", "updated_by", "extra", "id", "geometry"])
def test_only_declared_fields_may_be_written(name: str) -> None:
    with pytest.raises(UnknownField) as caught:
        checks.values(THINGS, {name: "x"})
    assert caught.value.members["field"] == name


def test_what_is_required_must_be_there() -> None:
    with pytest.raises(BadValue) as caught:
        checks.required(THINGS, {"gas": "none"})
    assert caught.value.members["field"] == "name"


RING = [[0, 0], [1, 0], [1, 1], [0, 0]]

SHAPES: list[tuple[tuple[GeometryKind, ...], str, Any, str]] = [
    (POINTS, "Point", [112.98, 34.75], "POINT (112.98 34.75)"),
    (POINTS, "Point", [112.98, 34.75, 100], "POINT (112.98 34.75)"),
    (LINES, "LineString", [[0, 0], [1, 1]], "LINESTRING (0 0, 1 1)"),
    (LINES, "MultiLineString", [[[0, 0], [1, 1]]], "MULTILINESTRING ((0 0, 1 1))"),
    (AREAS, "Polygon", [RING], "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
    (AREAS, "MultiPolygon", [[RING]], "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))"),
]


@pytest.mark.parametrize(("kinds", "kind", "coordinates", "wkt"), SHAPES)
def test_a_good_geometry_is_kept(kinds: tuple[GeometryKind, ...], kind: str, coordinates: Any, wkt: str) -> None:
    wkb = checks.geometry(layer_of(kinds), {"type": kind, "coordinates": coordinates})
    assert shapely.to_wkt(shapely.from_wkb(wkb), trim=True) == wkt


def test_null_is_unplaced() -> None:
    assert checks.geometry(THINGS, None) is None


@pytest.mark.parametrize(
    ("wkt", "metric_crs", "fits"),
    [
        ("POINT (107.6 34)", "EPSG:4547", True),
        ("POINT (107.4 34)", "EPSG:4547", False),
        ("POINT (120.6 34)", "EPSG:4547", False),
        ("POLYGON ((-180 -90, 180 -90, 180 90, -180 90, -180 -90))", "EPSG:4547", False),
        ("POINT (25 60)", "EPSG:32635", True),
        ("POINT (25 60)", None, True),
        (None, "EPSG:4547", True),
    ],
)
def test_a_geometry_lies_within_reach_of_the_metric_crs(wkt: str | None, metric_crs: str | None, fits: bool) -> None:
    wkb = None if wkt is None else shapely.to_wkb(shapely.from_wkt(wkt))
    with contextlib.nullcontext() if fits else pytest.raises(BadValue, match="geometry"):
        checks.within_reach(wkb, metric_crs)


def deep(levels: int) -> Any:
    value: Any = [0, 0]
    for _ in range(levels):
        value = [value]
    return value


WRONG: list[Any] = [
    "POINT (1 2)",
    {},
    {"type": "Point", "coordinates": [1, 2]},
    {"type": ["Polygon"], "coordinates": [RING]},
    {"type": "GeometryCollection", "geometries": []},
    {"type": "Polygon"},
    {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[]]},
    {"type": "Polygon", "coordinates": [RING[:3]]},
    {"type": "Polygon", "coordinates": [[*RING[:3], [5, 5]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, None], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, "1"], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1e999], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [181, 0], [1, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[500000, 3847000], [500100, 3847000], [500100, 3847100], [500000, 3847000]]]},
    {"type": "Polygon", "coordinates": deep(1)},
    {"type": "Polygon", "coordinates": deep(500)},
    {"type": "Polygon", "coordinates": [[[0, 0]] * 100_001]},
]


@pytest.mark.parametrize("sent", WRONG, ids=range(len(WRONG)))
def test_a_wrong_geometry_is_refused(sent: Any) -> None:
    with pytest.raises(BadValue) as caught:
        checks.geometry(THINGS, sent)
    assert caught.value.members["field"] == "geometry"
