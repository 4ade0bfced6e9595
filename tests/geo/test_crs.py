"""Names, projections and datums against the official numbers."""

from __future__ import annotations

import math

import numpy as np
import pyproj
import pytest

from geo import crs
from geo.errors import BadBounds, CrsMismatch, UnknownCrs

GONGYI = crs.Bounds(112.9, 34.7, 113.1, 34.8)

# --- the official table for the point 113.0 E, 34.75 N: EPSG code → easting, northing

TABLE = [
    ("EPSG:4526", 38_408_433.41, 3_847_313.82),
    ("EPSG:4547", 408_433.41, 3_847_313.82),
    ("EPSG:4546", 683_143.03, 3_848_680.73),
    ("EPSG:4508", 683_143.03, 3_848_680.73),
    ("EPSG:32649", 683_069.78, 3_847_141.26),
]


@pytest.mark.parametrize(("name", "easting", "northing"), TABLE)
def test_the_official_point_in_each_crs(name: str, easting: float, northing: float) -> None:
    xy = crs.transform_xy(np.array([[113.0, 34.75]]), "EPSG:4326", name)
    assert xy[0] == pytest.approx([easting, northing], abs=0.005)
    back = crs.source(name).to_storage(np.array([[easting, northing]]))
    assert back[0] == pytest.approx([113.0, 34.75], abs=1e-7)


@pytest.mark.parametrize("code", [4491, 4497, 4501, 4502, 4508, 4512, 4513, 4526, 4533, 4534, 4547, 4554, 32635, 32649, 32723, 3857])
def test_the_projections_written_down_here_are_those_of_the_register(code: int) -> None:
    """All the way through PROJ's own definition of the code, at its central meridian and two degrees east of it."""
    official = pyproj.CRS(f"EPSG:{code}")
    meridian = (
        next((p.value for p in official.coordinate_operation.params if "ongitude" in p.name), 113.0)
        if official.coordinate_operation
        else 0.0
    )
    south = -1 if 32700 < code < 32800 else 1
    points = np.array([[meridian, 34.75 * south], [meridian + 2, 36.0 * south]])
    expected = np.column_stack(pyproj.Transformer.from_crs(official.geodetic_crs, official, always_xy=True).transform(*points.T))
    assert crs.transform_xy(points, "EPSG:4326", f"EPSG:{code}") == pytest.approx(expected, abs=1e-6)
    assert crs.transform_xy(expected, f"EPSG:{code}", "EPSG:4326") == pytest.approx(points, abs=1e-11)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("4547", "EPSG:4547"),
        ("epsg:4547", "EPSG:4547"),
        ("urn:ogc:def:crs:EPSG::4547", "EPSG:4547"),
        ("http://www.opengis.net/def/crs/EPSG/0/4547", "EPSG:4547"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "EPSG:4326"),
    ],
)
def test_names_of_a_crs(text: str, name: str) -> None:
    assert crs.normalise(text) == name


@pytest.mark.parametrize("text", ["", "EPSG:", "EPSG:1", "banana", "EPSG:4547; DROP", "/etc/passwd", "+proj=utm", "http://127.0.0.1/x"])
def test_what_is_no_crs_is_refused(text: str) -> None:
    with pytest.raises(UnknownCrs):
        crs.source(text)


@pytest.mark.parametrize(
    ("text", "name", "swapped"),
    [
        ("gcj02", "GCJ-02", False),
        ("GCJ-02", "GCJ-02", False),
        ("火星坐标", "GCJ-02", False),
        ("bd09ll", "BD-09", False),
        ("BD-09:swapped", "BD-09:swapped", True),
        ("WGS84", "EPSG:4326", False),
        ("cgcs2000", "EPSG:4326", False),
        ("epsg:4526:SWAPPED", "EPSG:4526:swapped", True),
    ],
)
def test_what_people_call_a_source(text: str, name: str, swapped: bool) -> None:
    found = crs.source(text)
    assert (found.name, found.swapped) == (name, swapped)
    assert crs.source(found.name) == found


def test_swapped_columns_are_turned_round() -> None:
    assert crs.source("EPSG:4526:swapped").to_storage(np.array([[3_847_313.82, 38_408_433.41]]))[0] == pytest.approx(
        [113.0, 34.75], abs=1e-7
    )


def test_metric_crs() -> None:
    assert crs.metric_crs_for(112.98, 34.75) == "EPSG:4547"
    assert crs.metric_crs_for(118.1, 24.47) == "EPSG:4548"
    assert crs.metric_crs_for(24.94, 60.17) == "EPSG:32635"
    assert crs.metric_crs_for(-43.2, -22.9) == "EPSG:32723"


def test_mixed_crs_raises() -> None:
    assert crs.require_same_crs("EPSG:4547", "EPSG:4547") == "EPSG:4547"
    with pytest.raises(CrsMismatch):
        crs.require_same_crs("EPSG:4547", "EPSG:4326")


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "1,2,3,nan", "0,10,1,5", "1,2,3,4,5", "1_1,2,3,4", "١,٢,٣,٤"])
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(BadBounds):
        crs.Bounds.parse(text)


def test_a_box() -> None:
    assert crs.Bounds.parse("112,34,113,35").tuple == (112, 34, 113, 35)
    assert crs.Bounds.parse("112,34,0,113,35,9").tuple == (112, 34, 113, 35)
    assert crs.Bounds.parse("170,-1,-170,1").west == 170


# --- GCJ-02 and BD-09

POINT = np.array([[113.0, 34.75]])


def _away(target: np.ndarray) -> tuple[float, float]:
    """Metres and bearing from POINT."""
    bearing, _, metres = pyproj.Geod(ellps="WGS84").inv(*POINT[0], *target[0])
    return metres, bearing % 360


def test_the_shift_at_gongyi() -> None:
    gcj, bd = crs.wgs84_to_gcj02(POINT), crs.wgs84_to_bd09(POINT)
    assert gcj[0] - POINT[0] == pytest.approx([0.006250, -0.001021], abs=1e-6)
    assert bd[0] - POINT[0] == pytest.approx([0.012762, 0.004910], abs=1e-6)
    assert _away(gcj) == pytest.approx((583, 101), abs=0.5)
    assert _away(bd) == pytest.approx((1289, 65), abs=0.5)


@pytest.mark.parametrize(("forward", "back"), [(crs.wgs84_to_gcj02, crs.gcj02_to_wgs84), (crs.wgs84_to_bd09, crs.bd09_to_wgs84)])
def test_the_inverse_is_within_a_millimetre_everywhere(forward: crs.Callable, back: crs.Callable) -> None:  # type: ignore[name-defined]
    rng = np.random.default_rng(7)
    points = np.column_stack([rng.uniform(73.5, 134.5, 20_000), rng.uniform(18.5, 53.0, 20_000)])
    error = np.abs(back(forward(points)) - points)
    assert error.max() < 1e-9, "1e-9 degrees are 0.1 mm"


def test_one_step_would_not_do() -> None:
    """Why the inverse iterates: the usual one step is off by up to 3 m near Gongyi."""
    rng = np.random.default_rng(7)
    points = np.column_stack([rng.uniform(112.75, 113.25, 2000), rng.uniform(34.5, 34.9, 2000)])
    shifted = crs.wgs84_to_gcj02(points)
    once = shifted - (crs.wgs84_to_gcj02(shifted) - shifted)
    metres = np.hypot((once - points)[:, 0] * 91_500, (once - points)[:, 1] * 110_900)
    assert 1.0 < metres.max() < 4.0


def test_outside_china_nothing_is_shifted() -> None:
    helsinki = np.array([[24.94, 60.17]])
    assert crs.wgs84_to_gcj02(helsinki).tolist() == helsinki.tolist()
    assert len(crs.gcj02_to_wgs84(np.empty((0, 2)))) == 0


# --- candidates


def _around(x: float, y: float, size: float) -> crs.Box:
    return x - size, y - size, x + size, y + size


@pytest.mark.parametrize(
    ("raw", "best"),
    [
        (_around(38_408_433, 3_847_313, 500), "EPSG:4526"),
        (_around(408_433, 3_847_313, 500), "EPSG:4547"),
        (_around(683_143, 3_848_680, 500), "EPSG:4508"),
        (_around(19_683_143, 3_848_680, 500), "EPSG:4497"),
        (_around(3_847_313, 408_433, 500), "EPSG:4547:swapped"),
        (_around(3_847_313, 38_408_433, 500), "EPSG:4526:swapped"),
        (_around(12_579_102, 4_129_700, 500), "EPSG:3857"),
        (_around(113.0, 34.75, 0.01), "EPSG:4326"),
        (_around(34.75, 113.0, 0.01), "EPSG:4326:swapped"),
    ],
)
def test_the_best_reading_in_the_service_area(raw: crs.Box, best: str) -> None:
    found = crs.candidates(raw, GONGYI)
    assert found[0].source.name == best
    assert found[0].fits and found[0].distance_km is not None and found[0].distance_km < 20


def test_degrees_in_china_have_three_readings_each_where_it_would_put_them() -> None:
    found = crs.candidates(_around(113.0, 34.75, 0.01), None)
    assert [g.source.name for g in found] == ["EPSG:4326", "GCJ-02", "BD-09"]
    assert all(g.fits and g.distance_km is None for g in found)
    apart = crs.distance_km(found[0].bounds.centre, found[1].bounds.centre)
    assert apart == pytest.approx(0.583, abs=0.01)


def test_neighbouring_zones_are_offered_but_do_not_fit() -> None:
    found = {g.source.name: g for g in crs.candidates(_around(408_433, 3_847_313, 500), GONGYI)}
    assert found["EPSG:4546"].fits is False and found["EPSG:4546"].distance_km == pytest.approx(275, abs=2)
    assert found["EPSG:4548"].fits is False


def test_without_an_area_every_zone_of_china_is_offered() -> None:
    names = [g.source.name for g in crs.candidates(_around(408_433, 3_847_313, 500), None)]
    assert {f"EPSG:{4509 + z}" for z in range(25, 46)} <= set(names)
    assert names[0] == "EPSG:4547"


def test_old_datums_are_never_offered() -> None:
    for raw in (_around(408_433, 3_847_313, 500), _around(38_408_433, 3_847_313, 500)):
        names = {g.source.name for g in crs.candidates(raw, None)}
        assert not names & {"EPSG:2383", "EPSG:2362", "EPSG:2435", "EPSG:2414"}


def test_feet_of_boston_fit_nothing() -> None:
    assert crs.candidates((764_000.0, 2_950_000.0, 780_000.0, 2_960_000.0), crs.Bounds(-71.2, 42.2, -71.0, 42.4))[:1] == [] or not any(
        g.fits for g in crs.candidates((764_000.0, 2_950_000.0, 780_000.0, 2_960_000.0), crs.Bounds(-71.2, 42.2, -71.0, 42.4))
    )


@pytest.mark.parametrize(
    ("raw", "area", "taken"),
    [
        (_around(24.94, 60.17, 0.1), None, "EPSG:4326"),
        (_around(-74.0, 40.7, 0.1), None, "EPSG:4326"),
        (_around(113.0, 34.75, 0.1), None, None),
        (_around(408_433, 3_847_313, 500), None, None),
        (_around(60.17, 24.94, 0.1), crs.Bounds(24.5, 60.0, 25.5, 60.5), None),  # fits the area only when swapped
    ],
)
def test_what_is_assumed_without_asking(raw: crs.Box, area: crs.Bounds | None, taken: str | None) -> None:
    found = crs.assumed(raw, area)
    assert (found.name if found else None) == taken


# --- what files declare


def test_a_prj_of_esri_is_understood() -> None:
    wkt = pyproj.CRS("EPSG:4547").to_wkt("WKT1_ESRI")
    found = crs.declared(wkt)
    assert found is not None and (found.name, found.warning) == ("EPSG:4547", None)


@pytest.mark.parametrize("code", [2383, 2362, 2435, 2414])
def test_an_old_datum_is_read_with_a_warning(code: int) -> None:
    for found in (crs.declared(pyproj.CRS(f"EPSG:{code}").to_wkt("WKT1_ESRI")), crs.source(f"EPSG:{code}")):
        assert found is not None and found.warning is not None and "local parameters" in found.warning.en


@pytest.mark.parametrize(
    "text",
    [
        "",
        "undefined",
        'LOCAL_CS["Undefined SRS",UNIT["unknown",0]]',
        'PROJCS["Unknown",GEOGCS["x",DATUM["D",SPHEROID["S",6378137,298.2]],PRIMEM["G",0],UNIT["d",0.0174]],PROJECTION["Unknown Projection"],UNIT["m",1]]',
        "http://127.0.0.1:1/x",
        "/etc/passwd",
    ],
)
def test_what_declares_nothing_usable(text: str) -> None:
    assert crs.declared(text) is None


def test_point_scale_of_the_measuring_crs() -> None:
    """At 113 E a width of 4 m is 0.4 mm off in EPSG:4547 and 0.87 m off in Web Mercator: why nothing is measured there."""
    step = np.array([[113.0, 34.75], [113.0, 34.75 + 4 / 110_922.0]])
    true = pyproj.Geod(ellps="WGS84").inv(*step[0], *step[1])[2]
    for name, scale in (("EPSG:4547", 1.000103), ("EPSG:3857", 1.217)):
        xy = crs.transform_xy(step, "EPSG:4326", name)
        assert math.dist(*xy) / true == pytest.approx(scale, abs=5e-3 if name == "EPSG:3857" else 1e-5), "along the meridian"
