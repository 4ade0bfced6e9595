"""Correcting in the panel: a hazard along its steps, a merge of two people's changes, a split, a new feature, all undone from the list of last edits."""

from __future__ import annotations

import json
import math
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
import shapely
from planner import rested

pytestmark = [pytest.mark.browser, pytest.mark.soak]

HOSTILE = "<b>{{7*7}}</b>"


def features(base: str, layer: str, filter: str) -> list[Any]:
    query = urllib.parse.urlencode({"filter": filter, "limit": 1})
    with urllib.request.urlopen(f"{base}/ogc/collections/{layer}/items?{query}") as answer:
        found: list[Any] = json.load(answer)["features"]
    return found


def opened(
    open_page: Callable[..., Any], base: str, layer: str, id: int, locale: str = "zh-CN", size: tuple[int, int] = (1440, 900)
) -> Any:
    watched = open_page(base, *size, locale)
    lang = "en" if locale.startswith("en") else "zh"
    watched.page.goto(f"{base}/?lang={lang}&feature={layer}/{id}")
    watched.page.wait_for_selector("body[data-ready] #edit")
    return watched


def undo_last(page: Any) -> None:
    """From the list of last edits, which stays open."""
    if not page.locator("#recent-menu").is_visible():
        page.click('[popovertarget="recent-menu"]')
    page.wait_for_selector("#recent-menu li")
    undone = page.locator(".revisions li.undone").count()
    page.locator(".revisions li:not(.undone) button:not(.link)").first.click()
    page.locator(".revisions li.undone").nth(undone).wait_for()


@pytest.mark.parametrize(("locale", "size"), [("zh-CN", (1440, 900)), ("en-US", (390, 844))])
def test_a_hazard_is_closed_step_by_step_and_taken_back(
    locale: str, size: tuple[int, int], demo_server: str, open_page: Callable[..., Any]
) -> None:
    hazard = features(demo_server, "hazards", "status = 'done_pending_review' AND found_on IS NOT NULL")[0]
    watched = opened(open_page, demo_server, "hazards", hazard["id"], locale, size)
    page = watched.page
    page.click('[data-step="pass"]')
    page.click(".step-form button[type=submit]")
    assert page.locator("#life-reviewed_by:invalid").count() == 1
    page.fill("#life-reviewed_by", HOSTILE)
    page.fill("#life-note", HOSTILE)
    page.click(".step-form button[type=submit]")
    page.wait_for_selector('.track .current[data-state="closed"]')
    page.click(".life .log summary")
    assert HOSTILE in page.inner_text(".life .log li:first-child .why")
    assert features(demo_server, "hazards", f"id = {hazard['id']}")[0]["properties"]["status"] == "closed"
    undo_last(page)
    page.wait_for_selector('.track .current[data-state="done_pending_review"]')
    watched.clean()


def change(page: Any, path: str, properties: dict[str, Any]) -> int:
    """A change by someone else, who has the same page open."""
    script = """async ([path, properties]) => {
      const { etag } = Object.fromEntries((await fetch(path)).headers);
      const token = (await (await fetch("/api/state")).json()).csrf_token;
      const headers = { "If-Match": etag, "Content-Type": "application/merge-patch+json", "X-CSRF-Token": token };
      return (await fetch(path, { method: "PATCH", headers, body: JSON.stringify({ properties }) })).status;
    }"""
    return int(page.evaluate(script, [path, properties]))


def test_two_changes_of_one_feature_are_merged_field_by_field(demo_server: str, open_page: Callable[..., Any]) -> None:
    """A second save once offered all or nothing."""
    compound = features(demo_server, "compounds", "built_year < 1990 AND households > 50")[0]
    id, before = compound["id"], compound["properties"]
    page = opened(open_page, demo_server, "compounds", id).page
    page.click("#edit")
    page.fill("#edit-name", "我的名称")
    page.fill("#edit-built_year", "1991")
    assert change(page, f"/ogc/collections/compounds/items/{id}", {"name": "对方的名称", "households": 51}) == 200
    page.click("form.edit button[type=submit]")
    page.wait_for_selector(".merge")
    assert page.locator(".merge .clash").count() == 1
    page.check(".merge input[value=theirs]")
    page.click(".merge .primary")
    page.wait_for_selector("#history")
    merged = features(demo_server, "compounds", f"id = {id}")[0]["properties"]
    assert (merged["name"], merged["households"], merged["built_year"]) == ("对方的名称", 51, 1991)
    undo_last(page)
    undo_last(page)
    again = features(demo_server, "compounds", f"id = {id}")[0]["properties"]
    assert (again["name"], again["households"], again["built_year"]) == (before["name"], before["households"], before["built_year"])


def at(page: Any, lon: float, lat: float) -> tuple[float, float]:
    """Where a place is on the screen, by the view in the address and the formula of Web Mercator."""
    zoom, north, east = (float(part) for part in urllib.parse.parse_qs(urllib.parse.urlsplit(page.url).query)["map"][0].split("/"))
    box, size = page.locator(".folium-map").bounding_box(), 256 * 2**zoom

    def down(degrees: float) -> float:
        return (1 - math.asinh(math.tan(math.radians(degrees))) / math.pi) / 2

    return box["x"] + box["width"] / 2 + (lon - east) / 360 * size, box["y"] + box["height"] / 2 + (down(lat) - down(north)) * size


def drawn(page: Any, *places: tuple[float, float]) -> None:
    """A line clicked on the map, its last point twice; of one place a single click."""
    for place in (*places, *places[-1:]) if len(places) > 1 else places:
        x, y = at(page, *place)
        page.mouse.move(x, y)
        page.mouse.click(x, y)
        page.wait_for_timeout(350)


def middle(feature: Any) -> tuple[float, float, float, float]:
    """The middle of a feature, and how far it reaches north and south: (lon, south, north, lat)."""
    west, south, east, north = shapely.geometry.shape(feature["geometry"]).bounds
    return (west + east) / 2, south, north, (south + north) / 2


def test_a_compound_is_split_and_one_again(demo_server: str, open_page: Callable[..., Any]) -> None:
    compound = features(demo_server, "compounds", "households > 50 AND geometry IS NOT NULL")[0]
    watched = opened(open_page, demo_server, "compounds", compound["id"])
    page = watched.page
    rested(page)
    page.click("#split")
    page.wait_for_selector(".placing:not([hidden])")
    lon, south, north, _ = middle(compound)
    drawn(page, (lon, south - 0.0001), (lon, north + 0.0001))
    page.click(".placing .primary")
    page.wait_for_selector(".split .part >> nth=1")
    page.fill("#split-1-households", "7")
    page.click(".split button[type=submit]")
    page.wait_for_selector("#history")
    code = compound["properties"]["code"]
    new = features(demo_server, "compounds", f"code = '{code}-2'")
    assert [f["properties"]["households"] for f in new] == [7]
    undo_last(page)
    page.wait_for_selector(".revisions li.undone")
    assert features(demo_server, "compounds", f"code = '{code}-2'") == []
    assert features(demo_server, "compounds", f"code = '{code}'")[0]["geometry"] == compound["geometry"]
    watched.clean()


def test_a_new_feature_is_drawn_filled_and_deleted(demo_server: str, open_page: Callable[..., Any]) -> None:
    compound = features(demo_server, "compounds", "geometry IS NOT NULL")[0]
    watched = opened(open_page, demo_server, "compounds", compound["id"], "en-US")
    page = watched.page
    rested(page)
    page.click('[popovertarget="create-menu"]')
    page.click("[data-create=hydrants]")
    page.wait_for_selector(".placing:not([hidden])")
    lon, _, _, lat = middle(compound)
    drawn(page, (lon, lat))
    page.click(".placing .primary")
    page.wait_for_selector(".place-of")
    assert page.input_value("#edit-compound_code") == compound["properties"]["code"]
    page.fill("#edit-code", "XHS-NEW")
    page.fill("#edit-reason", HOSTILE)
    page.click("form.edit button[type=submit]")
    page.wait_for_selector("#history")
    assert features(demo_server, "hydrants", "code = 'XHS-NEW'")[0]["geometry"]["type"] == "Point"
    page.click("#remove")
    page.fill("#remove-reason", "x")
    page.click("button.danger")
    page.wait_for_selector("#details", state="hidden")
    assert features(demo_server, "hydrants", "code = 'XHS-NEW'") == []
    watched.clean()
