"""Splitting a feature: one revision, undone as one; the kept part stays what it was, what lies in a new part names it."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from geo.store.contract import Row
from geo.store.gpkg import GeoPackageStore
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


def test_what_belongs_to_the_whole_is_unknown_of_its_parts_and_asked_for(browser: Browser) -> None:
    """A copy with all its numbers once made two hundred households of one hundred; then the kept part had all hundred, and both all the LPG."""
    sent = {"properties": {"lpg_kg_max": 150.0, "alarm_ratio": 60, "max_floors": 6, "built_year_last": 1996}}
    assert browser.send("PATCH", COMPOUND, sent, headers={"If-Match": '"1"'}).status_code == 200
    answer = split(browser, version=2, parts=[{"households": 70}, {"households": 30}])
    assert [(f["name"], f["value"]) for f in answer.get_json()["asks"]] == [
        ("max_floors", 6.0),
        ("lpg_kg_max", 150.0),
        ("alarm_ratio", 60.0),
    ]
    names = ("households", "lpg_kg_max", "alarm_ratio", "max_floors", "built_year", "built_year_last")
    parts = [[feature(browser, "compounds", id)["properties"][name] for name in names] for id in (1, 6)]
    assert parts == [[70, None, None, None, 1994, 1996], [30, None, None, None, 1994, 1996]]


def test_a_wall_that_is_cut_stays_as_thick(browser: Browser) -> None:
    wall = {"type": "LineString", "coordinates": [[112.98, 34.7505], [112.981, 34.7505]]}
    body = {"type": "Feature", "geometry": wall, "properties": {"code": "W1", "kind": "wall", "width_m": 0.5}}
    assert browser.send("POST", "/ogc/collections/obstacles/items", body).status_code == 201
    answer = split(browser, "/ogc/collections/obstacles/items/1")
    assert (answer.status_code, answer.get_json()["asks"]) == (201, [])
    assert [feature(browser, "obstacles", id)["properties"]["width_m"] for id in (1, 2)] == [0.5, 0.5]


def test_the_same_split_at_work_twice_is_answered_the_same(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second looked its key up before the first was done, and the feature after: it was told that the feature had changed."""
    headers = {"If-Match": '"1"', "Idempotency-Key": "split-1"}
    whole, inside = GeoPackageStore.feature, []

    def meanwhile(store: GeoPackageStore, layer: str, id: int) -> Row:
        if not inside:
            inside.append(True)
            inside.append(browser.send("POST", f"{COMPOUND}/split", {"line": ACROSS}, headers=headers))
        return whole(store, layer, id)

    monkeypatch.setattr(GeoPackageStore, "feature", meanwhile)
    second = browser.send("POST", f"{COMPOUND}/split", {"line": ACROSS}, headers=headers)
    assert (second.status_code, second.get_json()) == (201, inside[1].get_json())


def test_a_split_that_is_sent_again_with_its_key_is_made_once(browser: Browser) -> None:
    """The answer was lost on the way: the second request found the version gone, though its split had been made."""
    headers = {"If-Match": '"1"', "Idempotency-Key": "split-1"}
    answers = [browser.send("POST", f"{COMPOUND}/split", {"line": ACROSS}, headers=headers) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201] and answers[0].get_json() == answers[1].get_json()
    assert [f["name"] for f in answers[1].get_json()["asks"]] == ["households"]
    assert browser.get("/api/state").get_json()["counts"]["compounds"]["count"] == 6
    another = browser.send("POST", f"{COMPOUND}/split", {"line": ACROSS, "keep": 1}, headers=headers)
    assert (another.status_code, another.get_json()["code"]) == (422, "key-reused")


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
