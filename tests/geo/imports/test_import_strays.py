"""One feature in the wrong place does not decide where the store lies."""

from __future__ import annotations

import pytest

from geo.crs import metric_crs_of
from geo.imports import ImportOptions
from geo.imports.area import service_area
from tests.geo.imports.conftest import Desk, square

HERE = [square(112.98 + n * 0.002, 34.75) for n in range(5)]
ROWS = [{"小区名称": f"院{n}"} for n in range(5)]
STRAY = {"小区名称": "零"}


def test_a_stray_moves_neither_the_metric_crs_nor_the_service_area(desk: Desk) -> None:
    desk.rows([*ROWS, STRAY], [*HERE, square(0, 0)], layer="compounds")
    assert (desk.store.info().metric_crs, desk.frames.view("compounds").metric_crs) == ("EPSG:4547", "EPSG:4547")
    area = service_area(ImportOptions(), desk.store, desk.frames)
    assert area is not None and [round(v, 3) for v in area.tuple] == [112.78, 34.55, 113.189, 34.951]


def test_a_store_that_began_with_a_stray_measures_right_after_the_next_import(desk: Desk) -> None:
    desk.rows([STRAY], [square(0, 0)], layer="compounds")
    assert desk.store.info().metric_crs == "EPSG:32631"
    desk.rows(ROWS, HERE, layer="compounds")
    assert desk.store.info().metric_crs == "EPSG:4547"


@pytest.mark.parametrize(
    ("lon", "kept", "wanted"),
    [([113.0], None, "EPSG:4547"), ([], None, None), ([], "EPSG:4547", "EPSG:4547"), ([0.0, 113.0, 113.1], None, "EPSG:4547"),
     ([116.9], "EPSG:4547", "EPSG:4547"), ([117.1], "EPSG:4547", "EPSG:4548"), ([113.0], "EPSG:32631", "EPSG:4547"), ([0.5], "EPSG:3857", "EPSG:3857")],
)  # fmt: skip
def test_the_metric_crs_is_that_of_the_median_and_stays_near_it(lon: list[float], kept: str | None, wanted: str | None) -> None:
    assert metric_crs_of(lon, [34.75] * len(lon), kept=kept) == wanted


def test_a_large_store_is_sampled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.store.gpkg.CENTRES", 2)
    desk.rows([*ROWS, STRAY], [*HERE, square(0, 0)], layer="compounds")
    assert desk.store.info().metric_crs == "EPSG:4547"
