"""Splitting a feature: one revision, undone as one; the kept part stays what it was, what lies in a new part names it."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from tests.web.conftest import Browser

COMPOUND = "/ogc/collections/compounds/items/1"
LANE = "/ogc/collections/fire_lanes/items/1"
ACROSS = {"type": "LineString", "coordinates": [[112.9807, 34.749], [112.9807, 34.752]]}
"""Cuts A1 (112.980 to 112.981) and the first lane at seven tenths."""


def split(browser: Browser, path: str = COMPOUND, version: int = 1, **body: Any) -> Any:
    return browser.send("POST", f"{path}/split", {"line": ACROSS, **body}, headers={"If-Match": f'"{version}"'})


def feature(browser: Browser, layer: str, id: int) -> Any:
    return browser.get(f"/ogc/collections/{layer}/items/{id}").get_json()


def made(browser: Browser, layer: str, lon: float, **properties: Any) -> int:
    body = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, 34.7505]}, "properties": properties}
    return int(browser.send("POST", f"/ogc/collections/{layer}/items", body).get_json()["id"])


def test_a_compound_becomes_two_in_one_revision_and_one_again(browser: Browser) -> None:
    before = feature(browser, "compounds", 1)
    revision = browser.get("/api/state").get_json()["revision"]
    answer = split(browser, reason="原为两院", parts=[{"households": 70}, {"name": "南苑东院", "households": 30}])
    assert (answer.status_code, answer.get_json()["revision"]) == (201, revision + 1)
    kept, new = feature(browser, "compounds", 1), feature(browser, "compounds", 6)
    assert [(f["properties"]["code"], f["properties"]["name"], f["properties"]["households"]) for f in (kept, new)] == [
        ("A1", "南苑小区", 70), ("A1-2", "南苑东院", 30),
    ]  # fmt: skip
    assert (kept["properties"]["built_year"], new["properties"]["built_year"]) == (1994, 1994)
    halves = [shapely.geometry.shape(f["geometry"]) for f in (kept, new)]
    assert [round(h.area / 1e-6, 6) for h in halves] == [0.7, 0.3]
    browser.send("POST", "/api/undo", {"revision": revision + 1})
    again = feature(browser, "compounds", 1)
    assert again["geometry"] == before["geometry"] and again["properties"]["households"] == 100
    assert browser.get("/ogc/collections/compounds/items/6").status_code == 404


def test_what_belongs_to_the_whole_is_not_doubled(browser: Browser) -> None:
    """A copy with all its numbers once made two hundred households of one hundred."""
    split(browser)
    households = [feature(browser, "compounds", id)["properties"]["households"] for id in (1, 6)]
    assert households == [100, None]


def test_the_other_part_can_be_the_one_that_stays(browser: Browser) -> None:
    split(browser, keep=1)
    kept = shapely.geometry.shape(feature(browser, "compounds", 1)["geometry"])
    assert round(kept.area / 1e-6, 6) == 0.3


def test_what_lies_in_the_new_part_names_it_unless_it_is_told_not_to(browser: Browser) -> None:
    ids = [made(browser, "hazards", lon, hazard_type="manhole", compound_code="A1") for lon in (112.9803, 112.9809)]
    told = split(browser, preview=True).get_json()
    assert [part["follow"] for part in told["parts"]] == [{"hazards": 0}, {"hazards": 1}]
    split(browser)
    assert [feature(browser, "hazards", id)["properties"]["compound_code"] for id in ids] == ["A1", "A1-2"]


def test_followers_stay_when_asked_to(browser: Browser) -> None:
    id = made(browser, "hazards", 112.9809, hazard_type="manhole", compound_code="A1")
    split(browser, follow=False)
    assert feature(browser, "hazards", id)["properties"]["compound_code"] == "A1"


def test_a_lane_keeps_its_width_in_both_parts(browser: Browser) -> None:
    assert split(browser, LANE).status_code == 201
    parts = [feature(browser, "fire_lanes", id) for id in (1, 4)]
    assert [(p["properties"]["code"], p["properties"]["clear_width_m"]) for p in parts] == [("L1", 3.5), ("L1-2", 3.5)]
    assert [p["geometry"]["coordinates"] for p in parts] == [[[112.98, 34.75], [112.9807, 34.75]], [[112.9807, 34.75], [112.981, 34.75]]]


def test_a_preview_changes_nothing(reader: Browser) -> None:
    told = split(reader, preview=True).get_json()
    assert [(p["code"], p["unit"]) for p in told["parts"]] == [("A1", "m²"), ("A1-2", "m²")]
    assert [(f["name"], f["value"]) for f in told["shared"]] == [("households", 100)]
    assert round(told["parts"][0]["size"] / told["parts"][1]["size"], 3) == pytest.approx(7 / 3, abs=0.01)
    assert feature(reader, "compounds", 1)["properties"]["version"] == 1


REFUSED = [
    ({"line": {"type": "Point", "coordinates": [112.98, 34.75]}}, 400),
    ({"line": {"type": "LineString", "coordinates": [[112.5, 34.7], [112.6, 34.7]]}}, 400),
    ({"keep": 2}, 400),
    ({"keep": -1}, 400),
    ({"parts": [{}]}, 400),
    ({"parts": [{"shoe": 1}, {}]}, 400),
    ({"parts": [{}, {"code": "A2"}]}, 400),
    ({"parts": [{}, {"source": "demo"}]}, 400),  # a real feature that calls itself made up would go with the demo
    ({"follow": 1}, 400),
    ({"shoe": 1}, 400),
    ({"line": None}, 400),
    ({"line": {"type": "LineString", "coordinates": [[112.97, 34.75], [112.99, 34.75]] * 101}}, 400),
]


@pytest.mark.parametrize(("body", "status"), REFUSED)
def test_a_split_that_cannot_be_changes_nothing(body: Any, status: int, reader: Browser) -> None:
    assert split(reader, **body).status_code == status
    assert reader.get("/api/state").get_json()["counts"]["compounds"]["count"] == 5


def test_a_split_needs_the_version_that_was_seen(reader: Browser) -> None:
    assert split(reader, version=2).status_code == 412
    assert reader.send("POST", f"{COMPOUND}/split", {"line": ACROSS}).status_code == 428


def test_what_has_no_place_is_not_split(reader: Browser) -> None:
    assert split(reader, "/ogc/collections/compounds/items/3").status_code == 400
