"""What the export dialog says before the click, against the file that the click gives."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from geo.exports import FORMATS
from tests.web.conftest import Browser
from web import exporting


def both(reader: Browser, collection: str = "compounds", **asked: str) -> tuple[dict[str, Any], bytes]:
    """What is told of a file, and the file."""
    query = urlencode({"lang": "en", **asked})
    told = reader.get(f"/api/exports/{collection}?{query}")
    assert told.status_code == 200, told.get_json()
    return told.get_json(), reader.get(f"/ogc/collections/{collection}/items?{query}").data


BY_A_CHILD = ("gpkg", "shp", "dxf", "fgb", "parquet")
"""Formats that another process writes: seconds in all."""


@pytest.mark.parametrize("form", [pytest.param(f.id, marks=pytest.mark.soak if f.id in BY_A_CHILD else ()) for f in FORMATS])
def test_a_small_file_has_the_size_that_was_told(reader: Browser, form: str) -> None:
    """Packed files carry the time of their making, and its digits pack a few bytes differently."""
    told, file = both(reader, f=form)
    assert told["exact"] and abs(told["bytes"] - len(file)) <= 16


def test_rows_and_columns_are_those_of_the_file(reader: Browser) -> None:
    told, file = both(reader, f="csv", filter="built_year < 2000", properties="name,built_year")
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))
    assert (told["written"], told["matched"], len(rows) - 1) == (3, 3, 3)
    assert [field["name"] for field in told["fields"]] == rows[0][: len(told["fields"])] == ["id", "name", "built_year"]


def test_chosen_rows_are_all_there_is(reader: Browser) -> None:
    told, file = both(reader, f="geojson", filter="id IN (1,3)")
    assert (told["written"], told["unplaced"], [f["id"] for f in json.loads(file)["features"]]) == (2, 1, [1, 3])


def test_what_a_drawing_leaves_out_is_told(reader: Browser) -> None:
    told = reader.get("/api/exports/compounds?f=dxf&crs=EPSG:4526&lang=en").get_json()
    assert (told["matched"], told["written"], told["left_out"], told["crs"]) == (5, 4, 1, "EPSG:4526")
    assert [field["name"] for field in told["fields"]] == ["Code", "Name"]
    assert told["loses"][-1] == "1 unplaced features are not in the file"


def test_the_name_is_that_of_the_file(reader: Browser) -> None:
    told = reader.get("/api/exports/compounds?f=shp&lang=en").get_json()
    header = reader.get("/ogc/collections/compounds/items?f=shp&lang=en").headers["Content-Disposition"]
    assert told["name"] == "Compounds.shp.zip" and "Compounds.shp.zip" in header


@pytest.mark.parametrize("form", ["geojson", "csv", "kml"])
def test_a_large_file_is_reckoned_from_a_sample(reader: Browser, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr(exporting, "WHOLE", 1)
    monkeypatch.setattr(exporting, "SAMPLE", 4)
    told, file = both(reader, f=form)
    assert not told["exact"] and told["bytes"] == pytest.approx(len(file), rel=0.15)


@pytest.mark.parametrize(
    ("asked", "code"), [("f=json", "bad-value"), ("f=csv&crs=EPSG:4547", "bad-value"), ("f=gpkg&nonsense=1", "unknown-parameter")]
)
def test_what_cannot_be_a_file_is_refused(reader: Browser, asked: str, code: str) -> None:
    answer = reader.get(f"/api/exports/compounds?{asked}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)
