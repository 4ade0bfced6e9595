"""The filter panel and the area bar: what they say is what the API counts, and what they write is CQL2 that means the same."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]

EAST = "BBOX(112.97,34.74,112.98,34.76)"
TEXTS = (
    "built_year < 1990",
    "NOT (built_year < 1990)",
    "NOT gas_status = 'none' AND households >= 100",
    "(gas_status IN ('none','partial') OR gas_status IS NULL) AND built_year BETWEEN 1975 AND 1990",
    "gas_status NOT IN ('none') OR NOT (built_year > 1980 AND households <> 96)",
    "CASEI(name) LIKE CASEI('%小区%') AND community IS NOT NULL",
    f"S_INTERSECTS(geometry, {EAST}) AND (built_year < 1990 OR households / 2 > 60)",
    "name LIKE '%院' AND NOT has_committee",
    "households + 1 BETWEEN 60 AND 90 AND built_year <> 1984",
    "NOT (has_committee OR gas_status = 'full') AND ((built_year = 1980 OR built_year = 1985))",
)


def get(base: str, path: str, **args: str) -> Any:
    with urllib.request.urlopen(f"{base}{path}?{urllib.parse.urlencode(args)}") as answer:
        return json.load(answer)


def opened(open_page: Callable[..., Any], base: str, address: str, lang: str = "en-GB", width: int = 1440, height: int = 900) -> Any:
    watched = open_page(base, width, height, lang)
    watched.page.goto(f"{base}/?lang={lang[:2]}&{address}")
    watched.page.wait_for_selector("body[data-ready]")
    return watched


def matched(page: Any, count: int) -> None:
    """Waits until the panel says so."""
    page.wait_for_selector(f'.numbers[data-matched="{count}"]')


def filter_in_address(page: Any, name: str) -> str:
    return urllib.parse.parse_qs(urllib.parse.urlsplit(page.url).query)[f"f.{name}"][0]


def test_what_is_read_and_written_again_selects_the_same(demo_server: str, open_page: Callable[..., Any]) -> None:
    """A bracket too few turns an OR into another question."""
    watched = opened(open_page, demo_server, "")
    script = 'texts => import("/static/js/filter/cql2.js").then(({read, write}) => texts.map((text) => write(read(text))))'
    for text, written in zip(TEXTS, watched.page.evaluate(script, list(TEXTS)), strict=True):
        counts = [get(demo_server, "/api/asks/compounds", filter=one) for one in (text, written)]
        assert counts[0]["problem"] is None
        assert counts[0] == counts[1], (text, written)
    watched.clean()


def test_fields_chosen_narrow_map_numbers_and_api_alike(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server, "layers=compounds")
    page = watched.page
    page.click('[role="tab"][data-show="filter"]')
    matched(page, 222)
    page.check('[data-field="gas_status"] [data-key="v-none"]')
    alone = get(demo_server, "/api/asks/compounds", filter="gas_status = 'none'")["matched"]
    matched(page, alone)
    page.fill('[data-field="built_year"] [data-key="high"]', "1989")
    page.press('[data-field="built_year"] [data-key="high"]', "Enter")
    both = get(demo_server, "/api/asks/compounds", filter="gas_status = 'none' AND built_year < 1990")["matched"]
    matched(page, both)
    assert 0 < both < alone < 222
    assert filter_in_address(page, "compounds") == "gas_status = 'none' AND built_year <= 1989"
    said = page.inner_text('[data-field="gas_status"] li:has([data-key="v-full"]) .count')
    full = get(demo_server, "/api/asks/compounds", filter="gas_status = 'full' AND built_year < 1990")["matched"]
    of = get(demo_server, "/api/asks/compounds", filter="gas_status = 'full'")["matched"]
    assert said == f"{full} of {of}"
    page.click('[data-field="gas_status"] summary button')
    matched(page, get(demo_server, "/api/asks/compounds", filter="built_year < 1990")["matched"])
    watched.clean()


def test_dragging_over_the_histogram_chooses_its_bars(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server, "layers=fire_lanes")
    page = watched.page
    page.click('[role="tab"][data-show="filter"]')
    if not page.locator('[data-field="clear_width_m"][open]').count():
        page.click('[data-field="clear_width_m"] summary')
    page.wait_for_selector('[data-field="clear_width_m"] .bar')
    bins = get(demo_server, "/api/statistics/fire_lanes", fields="clear_width_m")["fields"][0]["bins"]
    page.locator('[data-field="clear_width_m"] .bars').scroll_into_view_if_needed()
    first, last = (page.locator('[data-field="clear_width_m"] .bar').nth(i).bounding_box() for i in (1, 3))
    page.mouse.move(first["x"] + 2, first["y"] + 20)
    page.mouse.down()
    page.mouse.move(last["x"] + 2, last["y"] + 20, steps=3)
    page.mouse.up()
    matched(page, sum(b["count"] for b in bins[1:4]))
    assert filter_in_address(page, "fire_lanes") == f"clear_width_m >= {bins[1]['low']:g} AND clear_width_m < {bins[3]['high']:g}"
    watched.clean()


def test_conditions_are_built_by_hand_and_shown_as_cql2(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server, "layers=compounds")
    page = watched.page
    page.click('[role="tab"][data-show="filter"]')
    page.click('[data-view="groups"]')
    page.select_option('[data-key="g-op"]', "or-")
    page.select_option('[data-key="g.0-f"]', "built_year")
    page.select_option('[data-key="g.0-o"]', "<")
    page.fill('[data-key="g.0-v0"]', "1975")
    page.press('[data-key="g.0-v0"]', "Tab")
    page.click('[data-key="g-nest"]')
    page.select_option('[data-key="g.1.0-f"]', "gas_status")
    page.check('[data-key="g.1.0-none"]')
    page.click('[data-key="g.1-add"]')
    page.select_option('[data-key="g.1.1-f"]', "households")
    page.select_option('[data-key="g.1.1-o"]', ">=")
    page.fill('[data-key="g.1.1-v0"]', "150")
    page.press('[data-key="g.1.1-v0"]', "Tab")
    wanted = "built_year < 1975 OR (gas_status = 'none' AND households >= 150)"
    matched(page, get(demo_server, "/api/asks/compounds", filter=wanted)["matched"])
    assert page.inner_text(".cql") == wanted == filter_in_address(page, "compounds")
    watched.clean()


MISTAKES = (
    ("gas_status = 'none' AND (built_year < 1990", "(", "never closed"),
    ("built_year < 1990 AND name = 'x", "'", "never closed"),
    ("built_year < 1990 AND built_yaer > 1950", "built_yaer", "built_year"),
    ("gas_status = 'nnoe'", "gas_status", "none"),
)


def test_a_mistake_is_told_at_its_place(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server, "layers=compounds")
    page = watched.page
    page.click('[role="tab"][data-show="filter"]')
    page.click('[data-view="text"]')
    for text, place, words in MISTAKES:
        page.fill("#filter-cql", text)
        page.press("#filter-cql", "Control+Enter")
        page.wait_for_selector(f'#filter-problem:has-text("{words}") mark:text-is("{place}")')
    assert "f.compounds" not in page.url
    page.fill("#filter-cql", "built_year < 1990")
    page.press("#filter-cql", "Control+Enter")
    matched(page, get(demo_server, "/api/asks/compounds", filter="built_year < 1990")["matched"])
    watched.clean()


@pytest.mark.parametrize(("lang", "size"), [("zh-CN", (1440, 900)), ("en-GB", (390, 844))])
def test_a_drawn_circle_with_nearness_is_asked_exactly(
    demo_server: str, open_page: Callable[..., Any], lang: str, size: tuple[int, int]
) -> None:
    watched = opened(open_page, demo_server, "question=lanes-under-width&map=16/34.7499/112.98", lang, *size)
    page = watched.page
    if size[0] < 760:
        page.click('.dockbar [data-show="results"]')
    page.click(".area-button")
    page.click('[data-shape="circle"]')
    box = page.locator("#map-area").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x, y)
    page.mouse.click(x + 110, y)
    page.wait_for_selector('[data-place="within"]')
    assert re.search(r"radius \d+ m|半径 \d+ 米", page.inner_text('[data-place="within"]'))
    page.click(".area-button")
    page.select_option("#near-what", "hazards")
    page.fill("#near-metres", "8")
    page.fill("#near-filter", "grade = 'general'")
    page.click("form.near button")
    page.wait_for_selector('[data-place="near"]')
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(page.url).query)
    within = asked["within"][0]
    corners = [tuple(map(float, pair.split())) for pair in within[len("POLYGON((") : -2].split(",")]
    assert (len(corners), asked["near"], asked["near-filter"]) == (65, ["hazards:8"], ["grade = 'general'"])
    assert all(len(str(value).partition(".")[2]) <= 6 for corner in corners for value in corner)
    args = {"within": within, "near": "hazards:8", "near-filter": "grade = 'general'"}
    count = get(demo_server, "/ogc/collections/lanes-under-width/items", limit="1", **args)["numberMatched"]
    unbound = get(demo_server, "/ogc/collections/lanes-under-width/items", limit="1", within=within)["numberMatched"]
    assert 0 < count < unbound
    page.wait_for_function("n => document.querySelector('[data-answer=yes] b').textContent === String(n)", arg=count)
    watched.clean()
