"""What a planner stumbles over: a search with more hits than it lists, rows chosen that a filter hides, what counts as in a drawn area, an empty store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pdf_text
import pyproj
import pytest
import shapely
from planner import ROWS, Planner

pytestmark = [pytest.mark.browser, pytest.mark.soak]

WEST = "POLYGON((112.97 34.74,112.98 34.74,112.98 34.76,112.97 34.76,112.97 34.74))"


@pytest.fixture
def planner(demo_server: str, open_page: Callable[..., Any]) -> Planner:
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    return Planner(watched)


def test_a_search_says_how_many_there_are_and_lists_them_all(planner: Planner) -> None:
    planner.open("/?lang=zh")
    found = planner.api("/api/search", q="院")
    page = planner.page
    page.fill("#search", "院")
    page.wait_for_selector("#search-results .whole")
    assert f"列出 20 个，共 {found['numberMatched']:,} 个" in planner.text("#search-results .none")
    page.click("#search-results .whole:has-text('院落')")
    page.wait_for_selector(ROWS)
    assert planner.listed() == found["layers"]["compounds"]
    planner.watched.clean()


def test_chosen_rows_that_a_filter_hides_are_told(planner: Planner) -> None:
    """Of the first four, those built before 1985 by the API are shown; the others are said to be hidden."""
    shown = planner.matched("compounds", filter="id IN (1, 2, 3, 4) AND built_year < 1985")
    assert 0 < shown < 4
    planner.open("/?lang=zh&table=compounds&picked=1,2,3,4&f.compounds=built_year%20<%201985")
    planner.page.wait_for_selector("#selection-bar .outside")
    assert planner.text("#selection-bar p b") == "已选 4 行"
    assert planner.text("#selection-bar .outside").startswith(f"其中 {4 - shown} 行不符合现在的筛选")
    planner.watched.clean()


def test_what_counts_as_in_a_drawn_area_is_said_and_chosen(planner: Planner) -> None:
    inside = planner.matched("fire_lanes", within=WEST)
    touching = planner.matched("fire_lanes", filter=f"S_INTERSECTS(geometry, {WEST})")
    assert inside < touching
    planner.open(f"/?lang=zh&table=fire_lanes&within={WEST}")
    page = planner.page
    page.wait_for_selector(ROWS)
    assert planner.listed() == inside and "整个在内" in planner.text('[data-place="within"]')
    page.click(".area-button")
    page.check("#area-touching")
    page.wait_for_selector('[data-place="within"]:has-text("碰到即算")')
    page.wait_for_function("n => Number(document.querySelector('#table table').getAttribute('aria-rowcount')) === n + 1", arg=touching)
    assert page.get_attribute('.downloads a[data-format="geojson"]', "href").count("within=touching") == 1
    page.click("#answer-head")
    assert page.locator("#area-panel").is_hidden()  # it gives way to the answer
    planner.watched.clean()


def test_a_circle_of_a_typed_radius_and_what_is_in_it(planner: Planner) -> None:
    """The corners of the circle by pyproj; the number of every layer by the API, and its table."""
    planner.open("/?lang=zh&map=16/34.7505/112.9805&layers=compounds")
    page = planner.page
    page.click(".area-button")
    page.click('[data-shape="circle"]')
    page.fill("#area-radius", "300")
    page.click(".drawing button:has-text('取中心点')")
    page.wait_for_selector('[data-place="within"]:has-text("圆，半径 300 米")')
    (within,) = parse_qs(urlsplit(page.url).query)["within"]
    corners = shapely.get_coordinates(shapely.from_wkt(within))
    far = pyproj.Geod(ellps="WGS84").inv([112.9805] * len(corners), [34.7505] * len(corners), *corners.T)[2]
    assert len(corners) == 65 and far == pytest.approx(300, abs=0.5)
    page.click(".chip.hint")
    page.wait_for_selector("[data-inside]")
    listed = {
        button.get_attribute("data-inside"): button.query_selector("b").inner_text() for button in page.query_selector_all("[data-inside]")
    }
    layers = [one["id"] for one in planner.api("/api/layers")["layers"] if not one["derived"] and one["count"]]
    counts = {id: planner.matched(id, within=within) for id in layers}
    assert {id: int(text.replace(",", "")) for id, text in listed.items()} == {id: n for id, n in counts.items() if n}
    page.click('[data-inside="buildings"]')
    page.wait_for_selector(ROWS)
    assert planner.listed() == counts["buildings"]
    planner.watched.clean()


def test_the_area_panel_stays_over_the_map(demo_server: str, open_page: Callable[..., Any]) -> None:
    page = open_page(demo_server, 1024, 768, "zh-CN").page
    page.goto(f"{demo_server}/?lang=zh&table=fire_lanes")
    page.wait_for_selector(ROWS)
    page.click(".area-button")
    panel, dock = page.locator("#area-panel").bounding_box(), page.locator("#results").bounding_box()
    assert panel["y"] + panel["height"] <= dock["y"]


@pytest.mark.parametrize("wide", [768, 820, 1024])
def test_the_buttons_of_the_dock_have_words(wide: int, demo_server: str, open_page: Callable[..., Any]) -> None:
    page = open_page(demo_server, wide, 1024, "en-GB").page
    page.goto(f"{demo_server}/?lang=en&table=compounds&picked=1,2")
    page.wait_for_selector("#selection-bar .zoom:enabled")
    for words in (".table-tools button > span", "#selection-bar > button > span"):
        assert page.locator(words).evaluate_all("all => all.length >= 5 && all.every(one => one.getBoundingClientRect().width > 0)"), words
    assert page.locator(ROWS).first.bounding_box()["y"] < 1024 - 100


def test_the_contents_of_a_print_job_number_its_cards(planner: Planner, tmp_path: Path) -> None:
    """The number of the contents stands at the head of every page of the card."""
    planner.page.goto(f"{planner.base}/communities/SQ-0003/cards?lang=en")
    planner.page.wait_for_selector("body[data-ready=true] article", timeout=120_000)
    rows = planner.page.locator(".contents tbody tr")
    count = rows.count()
    assert [rows.nth(i).locator("td").first.inner_text() for i in range(count)] == [str(i + 1) for i in range(count)]
    planner.page.pdf(path=tmp_path / "job.pdf", prefer_css_page_size=True)
    told = pdf_text.text(tmp_path / "job.pdf")
    assert [told.count(f"card {i} of {count}") > 0 for i in range(1, count + 1)] == [True] * count
    assert f"card {count + 1} of" not in told


def test_a_name_that_was_typed_stays(planner: Planner) -> None:
    """Choosing a community after the name suggested another name in its place."""
    page = planner.page
    page.goto(f"{planner.base}/projects?lang=zh")
    page.wait_for_selector("#new-title")
    page.select_option("#new-community", label="新华南路社区")
    assert page.input_value("#new-title").startswith("新华南路社区 ")
    page.fill("#new-title", "二期改造")
    page.select_option("#new-community", label="建设路社区")
    assert page.input_value("#new-title") == "二期改造"
    planner.watched.clean()
