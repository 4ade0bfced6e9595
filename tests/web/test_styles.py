"""Saved styles of layers and the bounds that a new one proposes."""

from __future__ import annotations

import pytest

from tests.web.conftest import Browser

STYLE = "by:built_year;kind:classes;breaks:1990,2000;opacity:0.6"


def seen(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def test_a_style_is_kept_listed_and_taken_away(browser: Browser) -> None:
    made = browser.send("POST", "/api/styles/compounds", json={"name": " 年代 ", "style": STYLE})
    assert made.status_code == 201
    [kept] = browser.client.get("/api/styles/compounds").get_json()["styles"]
    assert (kept["id"], kept["name"], kept["style"], kept["version"]) == (made.get_json()["id"], "年代", STYLE, 1)
    assert browser.send("DELETE", f"/api/styles/compounds/{kept['id']}", headers=seen(1)).status_code == 200
    assert browser.client.get("/api/styles/compounds").get_json()["styles"] == []


def test_the_same_name_again_is_the_next_version(browser: Browser) -> None:
    browser.send("POST", "/api/styles/compounds", json={"name": "a", "style": STYLE})
    again = browser.send("POST", "/api/styles/compounds", json={"name": "a", "style": "opacity:0.5"}, headers=seen(1))
    assert (again.status_code, again.get_json()["version"], again.get_json()["style"]) == (200, 2, "opacity:0.5")


def test_a_name_may_come_back(browser: Browser) -> None:
    id = browser.send("POST", "/api/styles/compounds", json={"name": "a", "style": STYLE}).get_json()["id"]
    browser.send("DELETE", f"/api/styles/compounds/{id}", headers=seen(1))
    assert browser.send("POST", "/api/styles/compounds", json={"name": "a", "style": STYLE}).status_code == 201


def test_styles_of_another_layer_are_not_listed_nor_removed(browser: Browser) -> None:
    id = browser.send("POST", "/api/styles/compounds", json={"name": "a", "style": STYLE}).get_json()["id"]
    assert browser.client.get("/api/styles/fire_lanes").get_json()["styles"] == []
    assert browser.send("DELETE", f"/api/styles/fire_lanes/{id}", headers=seen(1)).status_code == 404


def test_what_another_has_changed_is_not_overwritten_nor_taken_away(browser: Browser) -> None:
    """The last to save won, and whoever took a style away took the newer one that he had not seen."""
    style = {"name": "a", "style": STYLE}
    path = f"/api/styles/compounds/{browser.send('POST', '/api/styles/compounds', json=style).get_json()['id']}"
    unseen = browser.send("POST", "/api/styles/compounds?lang=en", json=style)
    assert (unseen.status_code, unseen.get_json()["current"]) == (428, 1)
    assert unseen.get_json()["detail"].startswith("there is a style 'a' already (version 1)")
    browser.send("POST", "/api/styles/compounds", json=style, headers=seen(1))
    assert browser.send("POST", "/api/styles/compounds", json=style, headers=seen(1)).status_code == 412
    assert [browser.send("DELETE", path, headers=h).status_code for h in ({}, seen(1))] == [428, 412]
    assert [one["version"] for one in browser.get("/api/styles/compounds").get_json()["styles"]] == [2]
    assert browser.send("POST", "/api/styles/compounds", json={"name": "b", "style": STYLE}, headers=seen(1)).status_code == 404


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"style": STYLE}, "bad-value"),
        ({"name": "x" * 61, "style": STYLE}, "bad-value"),
        ({"name": "a", "style": "no form"}, "bad-value"),
        ({"name": "a", "style": "by:no_such_field"}, "unknown-field"),
        ({"name": "a", "style": STYLE, "more": 1}, "invalid"),
    ],
)
def test_what_is_no_style_is_refused(browser: Browser, sent: dict[str, object], code: str) -> None:
    answer = browser.send("POST", "/api/styles/compounds", json=sent)
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)


def test_bounds_of_classes(reader: Browser) -> None:
    """Four of the five compounds have a year: 1985, 1994, 1999, 2005."""
    answer = reader.client.get("/api/styles/compounds/breaks?field=built_year&method=quantile&classes=2").get_json()
    assert answer == {"field": "built_year", "breaks": [1999], "low": 1985, "high": 2005, "known": 4, "unknown": 1}


def test_bounds_follow_the_filter(reader: Browser) -> None:
    answer = reader.client.get("/api/styles/compounds/breaks?field=built_year&classes=2&filter=gas_status='none'").get_json()
    assert (answer["breaks"], answer["known"], answer["unknown"]) == ([2005], 2, 0)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("field=name", "bad-value"),
        ("field=nothing", "unknown-field"),
        ("field=built_year&classes=1", "bad-value"),
        ("field=built_year&method=even", "bad-value"),
        ("field=built_year&bbox=0,0,1,1", "unknown-parameter"),
    ],
)
def test_bounds_of_what_has_none_are_refused(reader: Browser, query: str, code: str) -> None:
    answer = reader.client.get(f"/api/styles/compounds/breaks?{query}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, code)


def test_a_bound_is_not_rounded_past_a_value(browser: Browser) -> None:
    """1234570 would have put both into the lower class and left the upper one empty."""
    for id, area in ((1, 1234567.8), (2, 1234568.25)):
        body = {"properties": {"floor_area_m2": area}}
        assert browser.send("PATCH", f"/ogc/collections/compounds/items/{id}", body, headers={"If-Match": '"1"'}).status_code == 200
    told = browser.get("/api/styles/compounds/breaks?field=floor_area_m2&method=natural&classes=2").get_json()
    assert told["breaks"] == [1234568.0]
