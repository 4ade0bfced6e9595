"""What is mended is named, what cannot be used keeps its place, and bytes that claim to be geometry are read before a library is."""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import GeometryCollection, LinearRing, LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from geo import geometry as g

BOWTIE = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])


def tidied(*shapes: Any) -> tuple[Any, g.Report]:
    report = g.Report()
    return g.tidy(g.relocate(g.array_of(shapes), None, report), report), report


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (Point(math.nan, 1), "not-finite"),
        (LineString([(0, 0), (math.inf, 1)]), "not-finite"),
        (Point(181, 1), "outside-crs"),
        (Point(1, -91), "outside-crs"),
        (Polygon(), "empty-geometry"),
        (GeometryCollection(), "empty-geometry"),
        (GeometryCollection([Point(1, 1), box(0, 0, 1, 1)]), "geometry-type"),
        (LineString([(1, 1), (1, 1)]), "invalid-geometry"),
        (Polygon([(0, 0), (1, 1), (2, 2), (0, 0)]), "invalid-geometry"),
        (LineString([(i * 1e-6, 0) for i in range(100_001)]), "too-many-vertices"),
    ],
)
def test_what_cannot_be_used(shape: Any, code: str) -> None:
    out, report = tidied(Point(1, 1), shape, Point(2, 2))
    assert (report.problems, report.repairs) == ({1: code}, {})
    assert out[0] == Point(1, 1) and out[1] is None and out[2] == Point(2, 2)


@pytest.mark.parametrize(
    ("shape", "result"),
    [
        (None, None),
        (Point(1, 2, 3), Point(1, 2)),
        (MultiPoint([(1, 2)]), Point(1, 2)),
        (GeometryCollection([Point(1, 2)]), Point(1, 2)),
        (GeometryCollection([Point(1, 2), MultiPoint([(3, 4)])]), MultiPoint([(1, 2), (3, 4)])),
        (GeometryCollection([box(0, 0, 1, 1), GeometryCollection([box(2, 2, 3, 3)])]), MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)])),
        (LinearRing([(0, 0), (1, 0), (1, 1)]), LineString([(0, 0), (1, 0), (1, 1), (0, 0)])),
        (Point(180.0000001, 90), Point(180, 90)),
    ],
)
def test_what_is_normal_and_not_named(shape: Any, result: Any) -> None:
    out, report = tidied(shape)
    assert (report.problems, report.repairs) == ({}, {})
    assert out[0] is None if result is None else shapely.equals_exact(out[0], result, normalize=True)


def test_winding_is_set_right_without_a_word() -> None:
    clockwise = Polygon([(0, 0), (0, 4), (4, 4), (4, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    out, report = tidied(clockwise)
    assert out[0].exterior.is_ccw and not out[0].interiors[0].is_ccw
    assert report.repairs == {}


def test_a_bowtie_becomes_two_triangles_and_says_so() -> None:
    out, report = tidied(BOWTIE)
    assert report.repairs == {0: ("self-intersection",)}
    assert out[0].is_valid and out[0].area == pytest.approx(0.5) and len(out[0].geoms) == 2


def test_a_ring_that_runs_an_edge_twice_becomes_one_area() -> None:
    """make_valid hands back two triangles that share an edge, which is no valid multipolygon."""
    out, report = tidied(Polygon([(0, 1), (1, 0), (0, 0), (0, -1), (1, 0), (0, 0)]))
    assert report.problems == {} and out[0].is_valid and out[0].area == pytest.approx(1.0)


def test_a_star_too_costly_to_mend_is_refused() -> None:
    n = 2401
    star = Polygon([(math.cos(2 * math.pi * i * 1000 / n), math.sin(2 * math.pi * i * 1000 / n)) for i in range(n)])
    _, report = tidied(star)
    assert report.problems == {0: "invalid-geometry"}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=4, max_size=12))
def test_any_ring_ends_valid_or_with_a_reason(ring: list[tuple[int, int]]) -> None:
    out, report = tidied(Polygon(ring))
    assert (out[0] is None) == (0 in report.problems)
    if out[0] is not None:
        assert out[0].is_valid and out[0].area > 0 and out[0].geom_type in ("Polygon", "MultiPolygon")
        assert 0 in report.repairs or shapely.equals(out[0], Polygon(ring))


def test_moving_takes_all_coordinates_at_once() -> None:
    report = g.Report()
    out = g.relocate(g.array_of([Point(1, 2), None, LineString([(0, 0), (1, 1)])]), lambda xy: xy + 10, report)
    assert [o and o.wkt for o in out] == ["POINT (11 12)", None, "LINESTRING (10 10, 11 11)"]


def test_outside() -> None:
    shapes = g.array_of([Point(5, 5), Point(50, 50), None, LineString([(5, 5), (50, 50)])])
    assert g.outside(shapes, box(0, 0, 10, 10)).tolist() == [False, True, False, False]


def test_rounding() -> None:
    assert g.rounded(g.array_of([Point(1.123456789, 2)]))[0] == Point(1.1234568, 2)


# --- bytes

GOOD = [Point(1, 2), LineString([(0, 0), (1, 1)]), box(0, 0, 1, 1), MultiPoint([(0, 0), (1, 1)]), MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)]),
        shapely.MultiLineString([[(0, 0), (1, 1)]]), Polygon([(0, 0), (9, 0), (9, 9)], [[(5, 1), (6, 1), (6, 2)]])]  # fmt: skip


def test_good_wkb_passes() -> None:
    g.check_wkb([None, *(shapely.to_wkb(s, byte_order=1) for s in GOOD)])


POINT = shapely.to_wkb(Point(1, 2), byte_order=1)
RING = shapely.to_wkb(box(0, 0, 1, 1), byte_order=1)
BAD = {
    "empty": b"",
    "cut": POINT[:-1],
    "long": POINT + b"\0",
    "big-endian": shapely.to_wkb(Point(1, 2), byte_order=0),
    "3-d": shapely.to_wkb(Point(1, 2, 3), byte_order=1, output_dimension=3),
    "srid": shapely.to_wkb(shapely.set_srid(Point(1, 2), 4326), byte_order=1, include_srid=True),
    "collection": shapely.to_wkb(GeometryCollection([Point(1, 2)]), byte_order=1),
    "nan": POINT[:5] + struct.pack("<dd", math.nan, 1),
    "infinite": RING[:13] + struct.pack("<d", math.inf) + RING[21:],
    "count-lies": RING[:9] + struct.pack("<I", 0x7FFFFFFF) + RING[13:],
    "rings-lie": RING[:5] + struct.pack("<I", 0x7FFFFFFF) + RING[9:],
    "part-of-another-type": struct.pack("<BII", 1, 6, 1) + POINT,
    "nested-multi": struct.pack("<BII", 1, 6, 1) + struct.pack("<BII", 1, 6, 1) + RING,
    "curve": struct.pack("<BII", 1, 8, 0),
}


@pytest.mark.parametrize("name", list(BAD))
def test_bad_wkb_is_refused(name: str) -> None:
    with pytest.raises(g.BadWkb):
        g.check_wkb([POINT, BAD[name]])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(GOOD), st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_still_a_geometry(shape: Any, at: int, value: int) -> None:
    data = bytearray(shapely.to_wkb(shape, byte_order=1))
    data[at % len(data)] = value
    try:
        g.check_wkb([bytes(data)])
    except g.BadWkb:
        return
    assert np.isfinite(shapely.get_coordinates(shapely.from_wkb(bytes(data), on_invalid="ignore"))).all()


def _collection(depth: int) -> bytes:
    return b"".join(struct.pack("<BII", 1, 7, 1) for _ in range(depth)) + POINT


@pytest.mark.parametrize(("depth", "ok"), [(0, True), (7, True), (9, False), (30_000, False)])
def test_deep_wkb_never_reaches_the_parser(depth: int, ok: bool) -> None:
    assert g.wkb_is_shallow(_collection(depth)) is ok


def test_foreign_wkb_of_any_dimension_is_measured() -> None:
    for shape in (Point(1, 2, 3), box(0, 0, 1, 1), LineString([(1, 2, 3), (4, 5, 6)])):
        for order in (0, 1):
            for flavour in ("iso", "extended"):
                data = shapely.to_wkb(shape, byte_order=order, output_dimension=3, flavor=flavour)
                assert g.wkb_is_shallow(data)
                assert not g.wkb_is_shallow(data[:-1]) or data[:5] in g._FLAT, "what cannot nest is left to the parser"


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("POINT (1 2)", True),
        ("SRID=4326;MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", True),
        ("GEOMETRYCOLLECTION (POINT (1 2))", True),
        ("CIRCULARSTRING (0 0, 1 1, 2 0)", False),
        ("banana", False),
        ("GEOMETRYCOLLECTION(" * 9 + "POINT(1 2)" + ")" * 9, False),
    ],
)
def test_wkt_that_may_be_parsed(text: str, ok: bool) -> None:
    assert g.check_wkt(text) is ok
