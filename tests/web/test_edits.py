"""Single edits: only with the version that was seen, checked against the declaration, once however often they are sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import HOSTILE, Browser

ITEMS = "/ogc/collections/compounds/items"
FIRST = f"{ITEMS}/1"
POLYGON = {"type": "Polygon", "coordinates": [[[112.99, 34.75], [112.991, 34.75], [112.991, 34.751], [112.99, 34.75]]]}


def change(browser: Browser, body: Any, *, version: str | None = '"1"', path: str = FIRST, **headers: str) -> Any:
    return browser.send("PATCH", path, body, headers=({"If-Match": version} if version else {}) | headers)


def test_a_change_gives_the_feature_and_its_new_version(browser: Browser) -> None:
    answer = change(browser, {"properties": {"gas_status": "full", "households": 101}})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert int(answer.headers["X-Yuantu-Revision"]) == browser.get("/api/state").get_json()["revision"]
    for said in (answer.get_json(), browser.get(FIRST).get_json()):
        kept = said["properties"]
        assert (kept["gas_status"], kept["households"], kept["built_year"], kept["version"]) == ("full", 101, 1994, 2)


def test_null_clears(browser: Browser) -> None:
    assert change(browser, {"properties": {"households": None}}).get_json()["properties"]["households"] is None


def test_an_unplaced_feature_is_placed_and_taken_off_again(browser: Browser) -> None:
    path = f"{ITEMS}/3"
    assert change(browser, {"geometry": POLYGON}, path=path).get_json()["geometry"] == POLYGON
    assert browser.get("/api/state").get_json()["counts"]["compounds"]["unplaced"] == 0
    assert change(browser, {"geometry": None}, path=path, version='"2"').get_json()["geometry"] is None


def test_a_hazard_that_names_a_compound_comes_onto_the_map_with_it(browser: Browser) -> None:
    """A ledger's hazards have no coordinates: when their compound is clicked onto the map they follow in the same transaction, and go with its undo."""
    hazard = {"type": "Feature", "geometry": None, "properties": {"hazard_type": "septic_full", "compound_code": "A3"}}
    made = browser.send("POST", "/ogc/collections/hazards/items", hazard)
    assert made.status_code == 201
    path = f"/ogc/collections/hazards/items/{made.get_json()['id']}"
    for _ in range(2):
        placed = change(browser, {"geometry": POLYGON}, path=f"{ITEMS}/3", **{"Idempotency-Key": "place-3"})
        assert placed.status_code == 200
    followed = browser.get(path).get_json()
    assert (followed["geometry"]["type"], followed["properties"]["quality"], followed["properties"]["version"]) == ("Point", "inferred", 2)
    browser.send("POST", "/api/undo", {"revision": int(placed.headers["X-Yuantu-Revision"])})
    assert browser.get(path).get_json()["geometry"] is None


def made(browser: Browser, layer: str, **properties: Any) -> str:
    """The address of a new feature without a place."""
    answer = browser.send("POST", f"/ogc/collections/{layer}/items", {"type": "Feature", "geometry": None, "properties": properties})
    assert answer.status_code == 201
    return f"/ogc/collections/{layer}/items/{answer.get_json()['id']}"


def test_what_names_a_compound_gets_its_new_code_in_the_same_transaction(browser: Browser) -> None:
    hazard = made(browser, "hazards", hazard_type="septic_full", compound_code="A3")
    for _ in range(2):
        recoded = change(browser, {"properties": {"code": "Z9"}}, path=f"{ITEMS}/3", **{"Idempotency-Key": "recode-3"})
        assert recoded.status_code == 200
    assert browser.get(hazard).get_json()["properties"]["compound_code"] == "Z9"
    browser.send("POST", "/api/undo", {"revision": int(recoded.headers["X-Yuantu-Revision"])})
    assert browser.get(hazard).get_json()["properties"]["compound_code"] == "A3"


def test_what_lies_at_a_compound_only_by_name_leaves_the_map_with_it(browser: Browser) -> None:
    """The building lies at the compound, the hazard at the building: both follow, one after the other."""
    path = f"{ITEMS}/3"
    building = made(browser, "buildings", code="B-77", name="七号楼", compound_code="A3")
    hazard = made(browser, "hazards", hazard_type="septic_full", compound_code="A3", building_code="B-77")
    change(browser, {"geometry": POLYGON}, path=path)
    places = [browser.get(p).get_json()["geometry"] for p in (building, hazard)]
    assert places[0] is not None and places[0] == places[1]
    assert change(browser, {"geometry": None}, path=path, version='"2"').status_code == 200
    for followed in (building, hazard):
        answer = browser.get(followed).get_json()
        assert (answer["geometry"], answer["properties"]["quality"]) == (None, "declared")


def test_a_compound_that_others_name_is_not_deleted(browser: Browser) -> None:
    hazard = made(browser, "hazards", hazard_type="septic_full", compound_code="A3")
    path = f"{ITEMS}/3"
    refused = browser.send("DELETE", path, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.get_json()["code"], refused.get_json()["referenced_by"]) == (409, "conflict", {"hazards": 1})
    assert change(browser, {"properties": {"code": None}}, path=path).status_code in (400, 409)
    assert browser.send("DELETE", hazard, headers={"If-Match": '"1"'}).status_code == 200
    for _ in range(2):
        gone = browser.send("DELETE", path, headers={"If-Match": '"1"', "Idempotency-Key": "gone-3"})
        assert gone.status_code == 200


def test_a_change_needs_the_version(reader: Browser) -> None:
    answer = change(reader, {"properties": {"households": 1}}, version=None)
    assert (answer.status_code, answer.get_json()["code"]) == (428, "version-required")


def test_a_stale_change_is_refused_with_the_present_version(browser: Browser) -> None:
    change(browser, {"properties": {"households": 1}})
    answer = change(browser, {"properties": {"households": 2}})
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["current"]) == (412, "stale-version", 2)
    assert answer.headers["ETag"] == '"2"'
    assert browser.get(FIRST).get_json()["properties"]["households"] == 1


@pytest.mark.parametrize("version", ["1", "*", 'W/"1"', '"0"', '"x"', '"1", "2"', '"9999999999999999999"'])
def test_a_version_is_a_quoted_number(version: str, reader: Browser) -> None:
    assert change(reader, {"properties": {"households": 1}}, version=version).status_code == 400


BAD: list[tuple[Any, str, str | None]] = [
    ({"properties": {"built_year": "1994"}}, "bad-value", "built_year"),
    ({"properties": {"gas_status": "maybe"}}, "bad-value", "gas_status"),
    ({"properties": {"households": -1}}, "bad-value", "households"),
    ({"properties": {"nonsense": 1}}, "unknown-field", "nonsense"),
    ({"properties": {"version": 9}}, "unknown-field", "version"),
    ({"geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}, "bad-value", "geometry"),
    ({"geometry": {"type": "Polygon", "coordinates": [[[200, 1], [201, 1], [201, 2], [200, 1]]]}}, "bad-value", "geometry"),
    ({"id": 2, "properties": {"households": 1}}, "bad-value", "id"),
    ({"type": "Thing"}, "bad-value", "type"),
    ({"properties": [1]}, "bad-value", "properties"),
    ({"properties": []}, "bad-value", "properties"),
    ({"properties": {"source": "demo"}}, "bad-value", "source"),
    ({"geometry": POLYGON | {"crs": {"type": "name"}}}, "bad-value", "geometry"),
    ({"households": 1}, "invalid", None),
    ({}, "invalid", None),
]


@pytest.mark.parametrize(("body", "code", "field"), BAD, ids=range(len(BAD)))
def test_a_bad_change_is_a_400_that_names_the_field(body: Any, code: str, field: str | None, reader: Browser) -> None:
    answer = change(reader, body)
    assert (answer.status_code, answer.get_json()["code"], answer.get_json().get("field")) == (400, code, field)
    assert reader.get(FIRST).headers["ETag"] == '"1"'


def test_a_feature_is_made(browser: Browser) -> None:
    body = {"type": "Feature", "properties": {"code": "A9", "name": HOSTILE, "built_year": 1980}, "geometry": POLYGON}
    answer = browser.send("POST", ITEMS, body)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    said = browser.get(answer.headers["Location"]).get_json()
    assert (said["properties"]["name"], said["geometry"]) == (HOSTILE, POLYGON)


NOTHING: list[tuple[Any, str, str | None]] = [
    ({}, "invalid", None),
    ({"properties": None, "geometry": None}, "invalid", None),
    ({"properties": {"name": "  "}}, "invalid", None),
    ({"properties": []}, "bad-value", "properties"),
    ({"properties": 0}, "bad-value", "properties"),
    ({"properties": False}, "bad-value", "properties"),
    ({"id": 7, "properties": {"name": "新院"}}, "bad-value", "id"),
    ({"properties": {"name": "新院"}, "geometry": POLYGON | {"crs": {"type": "name"}}}, "bad-value", "geometry"),
    ({"properties": {"name": "新院", "source": "demo"}}, "bad-value", "source"),
    ({"properties": {"name": "新院", "source": " Demo "}}, "bad-value", "source"),
]


@pytest.mark.parametrize(("body", "code", "field"), NOTHING, ids=range(len(NOTHING)))
def test_a_feature_that_says_nothing_or_too_much_is_not_made(body: Any, code: str, field: str | None, reader: Browser) -> None:
    answer = reader.send("POST", ITEMS, body)
    assert (answer.status_code, answer.get_json()["code"], answer.get_json().get("field")) == (400, code, field)
    assert reader.get(f"{ITEMS}?limit=1").get_json()["numberMatched"] == 5


def test_the_same_key_makes_one_feature(browser: Browser) -> None:
    body = {"properties": {"code": "A9", "name": "新院"}, "geometry": None}
    answers = [browser.send("POST", ITEMS, body, headers={"Idempotency-Key": "key-1"}) for _ in range(3)]
    assert [a.status_code for a in answers] == [201] * 3
    assert len({a.headers["Location"] for a in answers}) == 1
    assert browser.get(f"{ITEMS}?limit=1").get_json()["numberMatched"] == 6


def test_a_key_is_answered_also_when_its_feature_is_gone_by_now(browser: Browser) -> None:
    body, key = {"properties": {"code": "A9", "name": "新院"}, "geometry": None}, {"Idempotency-Key": "key-gone"}
    made = browser.send("POST", ITEMS, body, headers=key)
    assert browser.send("DELETE", made.headers["Location"], headers={"If-Match": '"1"'}).status_code == 200
    again = browser.send("POST", ITEMS, body, headers=key)
    assert (again.status_code, again.get_json()) == (201, {"id": made.get_json()["id"], "version": 1})
    assert again.headers["X-Yuantu-Revision"] == made.headers["X-Yuantu-Revision"]


def test_a_geometry_the_store_cannot_measure_is_refused(reader: Browser) -> None:
    world = {"type": "Polygon", "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]]}
    answer = change(reader, {"geometry": world})
    assert (answer.status_code, answer.get_json()["code"], answer.get_json()["field"]) == (400, "bad-value", "geometry")
    assert reader.send("POST", ITEMS, {"properties": {"code": "W1"}, "geometry": world}).status_code == 400


def test_the_same_key_changes_once(browser: Browser) -> None:
    answers = [change(browser, {"properties": {"households": 7}}, **{"Idempotency-Key": "key-2"}) for _ in range(2)]
    assert [(a.status_code, a.headers["ETag"]) for a in answers] == [(200, '"2"')] * 2


def test_a_key_for_something_else_is_refused(browser: Browser) -> None:
    change(browser, {"properties": {"households": 7}}, **{"Idempotency-Key": "key-3"})
    answer = change(browser, {"properties": {"households": 8}}, version='"2"', **{"Idempotency-Key": "key-3"})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "key-reused")


def test_a_key_has_a_form(reader: Browser) -> None:
    assert change(reader, {"properties": {"households": 7}}, **{"Idempotency-Key": "x" * 129}).status_code == 400


def test_a_code_stands_once(reader: Browser) -> None:
    answer = reader.send("POST", ITEMS, {"properties": {"code": "A1", "name": "又一个"}, "geometry": None})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad-value")


def test_a_delete_needs_the_version_and_is_final(browser: Browser) -> None:
    assert browser.send("DELETE", FIRST).status_code == 428
    assert browser.send("DELETE", FIRST, headers={"If-Match": '"2"'}).status_code == 412
    assert browser.send("DELETE", FIRST, headers={"If-Match": '"1"'}).get_json()["deleted"] == 1
    assert browser.get(FIRST).status_code == 404
    assert browser.send("DELETE", FIRST, headers={"If-Match": '"1"'}).status_code == 404


def test_an_edit_can_be_undone(browser: Browser) -> None:
    revision = int(change(browser, {"properties": {"gas_status": "full"}}).headers["X-Yuantu-Revision"])
    assert browser.send("POST", "/api/undo", {"revision": revision}).get_json()["undone"] == revision
    kept = browser.get(FIRST).get_json()["properties"]
    assert (kept["gas_status"], kept["version"]) == ("none", 3)


def test_an_undo_of_what_has_changed_since_is_refused(browser: Browser) -> None:
    revision = int(change(browser, {"properties": {"gas_status": "full"}}).headers["X-Yuantu-Revision"])
    change(browser, {"properties": {"gas_status": "partial"}}, version='"2"')
    assert browser.send("POST", "/api/undo", {"revision": revision}).status_code == 412


def test_the_history_tells_who_changed_what(browser: Browser) -> None:
    change(browser, {"properties": {"gas_status": "full"}})
    lines = browser.get("/api/history?layer=compounds&feature=1").get_json()["changes"]
    assert [(c["action"], c["actor"]) for c in lines] == [("update", "operator"), ("insert", "test")]
    assert (lines[0]["before"]["gas_status"], lines[0]["after"]["gas_status"]) == ("none", "full")


@pytest.mark.parametrize("arguments", ["layer=nonsense", "feature=x", "limit=0", "limit=100000", "order=up", "after=-1"])
def test_a_history_that_cannot_be_is_refused(arguments: str, reader: Browser) -> None:
    assert reader.get(f"/api/history?{arguments}").status_code in (400, 404)


NINES = "0" * 4000 + "9" * 1000
LONG = [(f"after={NINES}", 400), (f"limit={NINES}", 400), ("limit=" + "0" * 18 + "5000", 400), ("limit=" + "0" * 18 + "5", 200)]


@pytest.mark.parametrize(("arguments", "status"), LONG, ids=range(len(LONG)))
def test_leading_zeros_do_not_pass_a_limit(arguments: str, status: int, reader: Browser) -> None:
    assert reader.get(f"/api/history?{arguments}").status_code == status


def test_a_question_cannot_be_edited(reader: Browser) -> None:
    answer = reader.send("POST", "/ogc/collections/compounds-without-gas/items", {"properties": {}, "geometry": None})
    assert answer.status_code == 404


def test_an_edit_shows_in_the_next_answer(browser: Browser) -> None:
    path = "/ogc/collections/compounds-without-gas/items"
    assert browser.get(path).get_json()["summary"]["yes"] == 2
    change(browser, {"properties": {"gas_status": "full"}})
    assert browser.get(path).get_json()["summary"]["yes"] == 1


def test_a_change_to_the_same_makes_no_revision(reader: Browser) -> None:
    """Else the page would offer to undo somebody else's change."""
    answer = change(reader, {"properties": {"households": 100}})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert "X-Yuantu-Revision" not in answer.headers
