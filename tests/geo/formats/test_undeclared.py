"""Coordinates whose system is not said, or is said wrongly: nothing is guessed in silence, nothing lands in the sea."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.errors import CrsNotDeclared, OutsideArea

CHINESE = "".join(f"院{i},{112.98 + i * 0.001:.3f},{34.75 + i * 0.001:.3f}\n" for i in range(30))
HEADING = "名称,经度,纬度\n"


@pytest.mark.parametrize("typo", ["", "错,11.298,34.75\n", "错,-112.98,34.75\n", "错,-170,-80\n", "错,11298,34.75\n"])
def test_one_mistyped_row_does_not_turn_a_refusal_into_a_guess(typo: str, tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    """Only the centre of the box was tested: one row at 11.298 moved it out of China and all rows were taken for WGS 84."""
    (tmp_path / "a.csv").write_text(HEADING + CHINESE + typo, "utf-8")
    with pytest.raises(CrsNotDeclared) as caught:
        read_here(tmp_path / "a.csv")
    ways = caught.value.members["candidates"]
    assert [(c["crs"], c["fits"]) for c in ways] == [("EPSG:4326", True), ("GCJ-02", True), ("BD-09", True)]
    assert ways[0]["bounds"] == pytest.approx((112.98, 34.75, 113.009, 34.779))


def test_one_row_in_china_is_enough_to_ask(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.csv").write_text(HEADING + "".join(f"t{i},24.9{i},60.1{i}\n" for i in range(9)) + "院,112.98,34.75\n", "utf-8")
    with pytest.raises(CrsNotDeclared):
        read_here(tmp_path / "a.csv")


def test_an_assumption_is_told(tmp_path: Path, read_here: Callable[..., list[Any]], inspect_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.csv").write_text(HEADING + "甲,24.9,60.1\n", "utf-8")
    for found in (read_here(tmp_path / "a.csv")[0].header, inspect_here(tmp_path / "a.csv")[0]):
        assert [n[1][:52] for n in found.notes] == ["the file does not say its coordinate system; as no r"]
    assert not read_here(tmp_path / "a.csv", crs="EPSG:4326")[0].header.notes


def test_the_datum_of_the_settings_is_told(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.csv").write_text(HEADING + CHINESE, "utf-8")
    (found,) = read_here(tmp_path / "a.csv", datum="GCJ-02")
    assert (found.header.crs, found.header.notes[-1][1]) == (
        "GCJ-02",
        "the file does not say its coordinate system: GCJ-02, as YUANTU_DATUM says",
    )


# --- a CRS that was asked for

SURVEY = [  # name of the CRS, x and y of the file, the candidate that is right
    ("EPSG:4547", "3847313.82,490000.1", "EPSG:4547:swapped"),
    ("EPSG:4538", "3847313.82,490000.1", "EPSG:4538:swapped"),
    ("EPSG:4526", "3847313.82,38490000.1", "EPSG:4526:swapped"),
    ("EPSG:4326", "34.75,112.98", "EPSG:4326:swapped"),
    ("EPSG:4547:swapped", "490000.1,3847313.82", "EPSG:4547"),
]


@pytest.mark.parametrize(("asked", "cells", "right"), SURVEY, ids=[s[0] for s in SURVEY])
def test_swapped_axes_are_refused_with_the_right_reading(
    asked: str, cells: str, right: str, tmp_path: Path, read_here: Callable[..., list[Any]]
) -> None:
    """Northing first in EPSG:4547 put Gongyi into the Pacific at (142.84, 3.88) without a word."""
    (tmp_path / "a.csv").write_text(f"名称,X坐标,Y坐标\n院1,{cells}\n", "utf-8")
    with pytest.raises(OutsideArea) as caught:
        read_here(tmp_path / "a.csv", crs=asked)
    assert caught.value.members["candidates"][0]["crs"] == right
    (found,) = read_here(tmp_path / "a.csv", crs=right)
    assert found.placed == 1


@pytest.mark.parametrize(
    ("name", "cells"), [("EPSG:4547", "150000.0,3847313.82"), ("EPSG:3857", "12579102,4129700"), ("EPSG:4548", "200000,3847313.82")]
)
def test_a_neighbouring_zone_and_the_world_are_believed(name: str, cells: str, tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.csv").write_text(f"名称,X坐标,Y坐标\n院1,{cells}\n", "utf-8")
    assert read_here(tmp_path / "a.csv", crs=name)[0].placed == 1


def test_one_bad_row_of_many_stays_a_bad_row(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.csv").write_text(HEADING + "甲,112.98,34.75\n乙,112.98,347.5\n丙,112.98,34.76\n", "utf-8")
    assert read_here(tmp_path / "a.csv", crs="EPSG:4326")[0].codes == [None, "outside-crs", None]


# --- the list of readings


def test_without_an_area_a_person_chooses_among_eight(
    tmp_path: Path, read_here: Callable[..., list[Any]], inspect_here: Callable[..., list[Any]]
) -> None:
    (tmp_path / "a.csv").write_text(
        "名称,X坐标,Y坐标\n" + "".join(f"院{i},{408433 + 50 * i},{3847313 + 40 * i}\n" for i in range(20)), "utf-8"
    )
    (found,) = inspect_here(tmp_path / "a.csv")
    assert len(found.candidates) == 8 and found.candidates[0].crs == "EPSG:4547" and all(c.fits for c in found.candidates)
    assert any("other possible coordinate systems are not listed" in n[1] for n in found.notes)
    with pytest.raises(CrsNotDeclared) as caught:
        read_here(tmp_path / "a.csv")
    assert [c["crs"] for c in caught.value.members["candidates"]] == [c.crs for c in found.candidates]
    assert "YUANTU_AREA" in caught.value.text.zh


@pytest.mark.parametrize("stray", ["", "错,11.298,34.75\n"])
def test_the_box_of_a_candidate_holds_its_sample(stray: str, tmp_path: Path, inspect_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.csv").write_text(HEADING + stray + CHINESE * 4 + "".join(f"远{i},113.{i}1,34.9\n" for i in range(1)), "utf-8")
    (found,) = inspect_here(tmp_path / "a.csv")
    for way in found.candidates:
        west, south, east, north = way.bounds
        shapes = [shapely.from_geojson(json.dumps(s)) for s in way.sample]
        assert len(shapes) >= 119 and east - west < 0.2
        assert all(west <= s.x <= east and south <= s.y <= north for s in shapes)


# --- what cannot be used keeps its shape


def _geojson(*geometries: Any, crs: str = "EPSG:4326") -> str:
    head = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": crs}}}
    return json.dumps({**head, "features": [{"type": "Feature", "properties": {"n": i}, "geometry": g} for i, g in enumerate(geometries)]})


def test_a_record_with_a_problem_carries_its_geometry_as_text(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    good = {"type": "LineString", "coordinates": [[112.98, 34.75], [112.99, 34.75]]}
    flat = {"type": "LineString", "coordinates": [[112.98, 34.75], [112.98, 34.75]]}
    high = {"type": "LineString", "coordinates": [[112.98, 134.75], [112.98, 34.75]]}
    (tmp_path / "a.geojson").write_text(_geojson(good, flat, high))
    (found,) = read_here(tmp_path / "a.geojson")
    assert found.codes == [None, "invalid-geometry", "outside-crs"]
    assert found.values == [
        {"n": 0},
        {"n": 1, "geometry_wkt": "LINESTRING (112.98 34.75, 112.98 34.75)"},
        {"n": 2, "geometry_wkt": "LINESTRING (112.98 134.75, 112.98 34.75)"},
    ]


def test_that_text_is_in_degrees_and_not_too_long(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    flat = {"type": "LineString", "coordinates": [[500000, 3847313], [500000, 3847313]]}
    long = {"type": "LineString", "coordinates": [[500000.123456, 3847313.123456]] * 2000}
    (tmp_path / "a.geojson").write_text(_geojson(flat, long, crs="EPSG:4547"))
    (found,) = read_here(tmp_path / "a.geojson")
    assert found.codes == ["invalid-geometry", "invalid-geometry"] and "geometry_wkt" not in found.values[1]
    x, y = shapely.get_coordinates(shapely.from_wkt(found.values[0]["geometry_wkt"]))[0]
    assert (x, y) == (pytest.approx(114.0), pytest.approx(34.75, abs=0.01))
