"""The first ten minutes, as a planner spends them: every figure on the screen against the API and against the file that is taken away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from office_files import ledger, outlines
from planner import READY, ROWS, Planner, api_counts, number, records, wait_for_counts

pytestmark = pytest.mark.browser


def test_the_first_minute(fresh_server: str, open_page: Callable[..., Any]) -> None:
    planner = Planner(open_page(fresh_server, 1440, 900, "zh-CN"))
    step_0_the_map_opens(planner)
    step_1_a_compound(planner)
    planner.ask("compounds-without-gas")
    assert planner.counts() == api_counts(planner, "compounds-without-gas")
    assert planner.listed() == planner.counts()["yes"]
    planner.watched.clean()


@pytest.mark.soak
def test_first_ten_minutes_in_chinese(fresh_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    planner = Planner(open_page(fresh_server, 1440, 900, "zh-CN"))
    step_0_the_map_opens(planner)
    step_1_a_compound(planner)
    step_2_two_questions(planner, tmp_path)
    step_3_the_ledger(planner, tmp_path)
    step_4_the_outlines(planner)
    step_5_a_correction(planner)
    step_7_the_address(planner, open_page)
    planner.watched.clean()


def step_0_the_map_opens(planner: Planner) -> None:
    planner.open("/")
    old = planner.matched("compounds", filter="built_year <= 2000")
    assert (planner.matched("compounds"), old) == (222, 215)
    assert planner.text("#banner") == "示例数据 222 个院落，215 个建于 2000 年及以前"
    assert planner.page.get_attribute("html", "lang") == "zh-CN"
    assert number(planner.text('label[for="layer-compounds"] .count')) == 222
    assert planner.page.locator("#map-area canvas").first.is_visible()


def step_1_a_compound(planner: Planner) -> None:
    page = planner.page
    page.fill("#search", "南苑")
    page.click('#search-results li:has-text("南苑小区") >> nth=0')
    page.wait_for_selector("#details-title:has-text('南苑小区')")
    facts = dict(zip(page.locator("#details dt").all_inner_texts(), page.locator("#details dd").all_inner_texts(), strict=True))
    assert facts["建成年份"] == "1994"
    assert facts["户数"].endswith(" 户")
    assert facts["通气状态"] in ("未通气", "部分通气", "施工中", "已通气", "全电气化", "不明")
    assert facts["来源"] and facts["数据质量"]
    page.keyboard.press("Escape")
    page.wait_for_selector("#details", state="hidden")


def step_2_two_questions(planner: Planner, folder: Path) -> None:
    planner.ask("compounds-without-gas")
    counts = planner.counts()
    assert counts == api_counts(planner, "compounds-without-gas")
    assert sum(counts.values()) == 222
    assert str(counts["yes"]) in planner.text("#sentence") and str(counts["unknown"]) in planner.text("#sentence")
    assert planner.listed() == counts["yes"]
    assert {form: records(planner.download(form, folder)) for form in ("geojson", "csv", "xlsx", "gpkg")} == dict.fromkeys(
        ("geojson", "csv", "xlsx", "gpkg"), counts["yes"]
    )
    planner.page.click('.chip[data-answer="unknown"]')
    planner.page.wait_for_function(
        "n => document.querySelector('#table table').getAttribute('aria-rowcount') === String(n)", arg=counts["yes"] + counts["unknown"] + 1
    )
    assert records(planner.download("csv", folder)) == counts["yes"] + counts["unknown"]
    planner.ask("lanes-under-width", width="4")
    assert planner.counts() == api_counts(planner, "lanes-under-width", width=4)
    assert planner.listed() == planner.counts()["yes"]
    assert planner.text(f"{ROWS} >> nth=0 >> .why")
    planner.page.click(f"{ROWS} >> nth=0")
    planner.page.wait_for_selector("#details .verdict.yes")


def step_3_the_ledger(planner: Planner, folder: Path) -> None:
    demo = planner.api("/ogc/collections/compounds/items", limit=300)["features"]
    planner.demo = demo  # type: ignore[attr-defined]
    planner.folder = folder  # type: ignore[attr-defined]
    path = ledger(folder / "台账.xls", [feature["properties"] for feature in demo])
    planner.import_file(path)
    account = planner.account("compounds")
    assert account == {"read": 222, "accepted": 222, "repaired": 0, "quarantined": 0, "unplaced": 222}
    assert "示例数据" in planner.text("#demo-removed")
    planner.open("/")
    assert planner.page.is_hidden("#banner")
    assert number(planner.text(".unplaced")) == 222
    assert planner.matched("compounds") == 222 and planner.matched("buildings") == 0


def step_4_the_outlines(planner: Planner) -> None:
    placed = [feature for feature in planner.demo if feature["geometry"]][:214]  # type: ignore[attr-defined]
    assert len(placed) == 214
    planner.import_file(outlines(planner.folder / "院落轮廓.zip", placed), crs="EPSG:4547")  # type: ignore[attr-defined]
    account = planner.account("compounds")
    assert (account["read"], account["accepted"] + account["repaired"], account["quarantined"]) == (214, 214, 0)
    planner.open("/")
    page = planner.page
    assert number(planner.text(".unplaced")) == 8
    page.click(".unplaced")
    page.click('#unplaced [data-place="point"] >> nth=0')
    page.mouse.click(900, 450)
    page.click(".placing button.primary")
    page.wait_for_selector('.unplaced:has-text("7")')
    assert planner.matched("compounds", filter="geometry IS NULL") == 7
    page.click("#unplaced-close")


def step_5_a_correction(planner: Planner) -> None:
    page = planner.page
    planner.ask("compounds-without-gas")
    before = planner.counts()
    page.click(f"{ROWS} >> nth=0")
    page.click("#edit")
    page.select_option("#edit-gas_status", "full")
    page.click("form.edit button[type=submit]")
    page.wait_for_selector('.toast:has-text("已保存")')
    after = {**before, "yes": before["yes"] - 1, "no": before["no"] + 1}
    wait_for_counts(planner, after)
    assert api_counts(planner, "compounds-without-gas") == after
    page.click('.toast:has-text("已保存") >> text=撤销')
    page.wait_for_selector('.toast:has-text("已撤销")')
    wait_for_counts(planner, before)
    assert api_counts(planner, "compounds-without-gas") == before


def step_7_the_address(planner: Planner, open_page: Callable[..., Any]) -> None:
    planner.page.click('.chip[data-answer="unknown"]')
    planner.page.wait_for_url("**answer=yes,unknown**")
    planner.page.wait_for_selector("#results:not([aria-busy])")
    other = Planner(open_page(planner.base, 1440, 900, "zh-CN"))
    other.page.goto(planner.page.url)
    other.page.wait_for_selector(READY)
    other.page.wait_for_selector(ROWS)
    assert other.page.url == planner.page.url
    assert (other.counts(), other.listed(), other.text("#details-title")) == (
        planner.counts(),
        planner.listed(),
        planner.text("#details-title"),
    )
    other.watched.clean()


@pytest.mark.soak
def test_on_a_phone_in_english(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    planner = Planner(open_page(demo_server, 390, 844, "en-GB"))
    page = planner.page
    planner.open("/?lang=en")
    assert (planner.text("#banner-kind"), planner.text("#banner-text")) == ("Demo data", planner.api("/api/state", lang="en")["banner"])
    page.click('.dockbar [data-show="layers"]')
    assert number(planner.text('label[for="layer-compounds"] .count')) == planner.matched("compounds")
    planner.ask("compounds-without-gas")
    assert planner.counts() == api_counts(planner, "compounds-without-gas")
    assert planner.listed() == planner.counts()["yes"]
    assert records(planner.download("geojson", tmp_path)) == planner.counts()["yes"]
    page.click(f"{ROWS} >> nth=0")
    page.wait_for_selector("#details .verdict.yes")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.go_back()
    page.wait_for_selector("#details", state="hidden")
    page.click(".menu")
    page.click("a[data-lang=zh]")
    page.wait_for_selector("html[lang=zh-CN]")
    page.wait_for_selector(READY)
    assert planner.counts() == api_counts(planner, "compounds-without-gas")
    page.goto(f"{planner.base}/import?lang=en")
    page.wait_for_selector("#templates a")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    planner.watched.clean()


@pytest.mark.soak
def test_a_stale_correction_is_shown_before_it_is_overwritten(demo_server: str, open_page: Callable[..., Any]) -> None:
    """Someone else changes the same field while the form is open: both values are shown, and the planner decides."""
    planner = Planner(open_page(demo_server, 1440, 900, "zh-CN"))
    page = planner.page
    planner.open("/?feature=compounds/1")
    page.click("#edit")
    page.fill("#edit-households", "77")
    token = page.get_attribute("meta[name=csrf-token]", "content")
    path = f"{demo_server}/ogc/collections/compounds/items/1"
    headers = {"X-CSRF-Token": token, "Origin": demo_server, "If-Match": page.request.get(path).headers["etag"]}
    assert page.request.patch(path, data={"properties": {"households": 66}}, headers=headers).ok
    page.click("form.edit button[type=submit]")
    page.wait_for_selector(".merge .clash")
    assert page.locator(".merge .clash .pick span:last-child").all_inner_texts() == ["77 户", "66 户"]
    page.click(".merge .primary")
    page.wait_for_selector('.toast:has-text("已保存")')
    assert page.request.get(path, headers={"Accept": "application/geo+json"}).json()["properties"]["households"] == 77
    assert [line for line in planner.watched.console if "412" not in line] == []


@pytest.mark.soak
def test_an_extract_of_openstreetmap_is_reviewed(demo_server: str, shared_data: Path, open_page: Callable[..., Any]) -> None:
    """Records without geometry are among them: each dataset says what it holds, and every column has its place in the mapping."""
    planner = Planner(open_page(demo_server, 1440, 900, "zh-CN"))
    page = planner.page
    page.goto(f"{planner.base}/import")
    page.set_input_files("#files", str(shared_data / "osm" / "beijing_bupt_2025.osm"))
    page.wait_for_selector("#import-now")
    assert planner.text("#upload h2") == "beijing_bupt_2025.osm"
    assert "没有几何 1" in planner.text('[data-dataset="amenities"] header')
    page.click('[data-dataset="amenities"] .fold')
    rows = page.locator('[data-dataset="amenities"] .mapping tbody tr')
    left = page.locator('[data-dataset="amenities"] .mapping tbody tr.extra')
    assert rows.count() > left.count() > 0
    assert f"{left.count()} 列未对应" in planner.text('[data-dataset="amenities"]')
    planner.watched.clean()


@pytest.mark.soak
def test_a_page_that_breaks_says_so_and_shows_a_way_back(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    """Whatever throws while a file is shown: never an empty page."""
    planner = Planner(open_page(demo_server, 1440, 900, "zh-CN"))
    page = planner.page
    page.route("**/api/uploads/*", lambda route: route.fulfill(json={"state": "ready", "file_name": "a.csv", "inspection": {}}))
    ledger(tmp_path / "a.xls", [])
    page.goto(f"{planner.base}/import")
    page.set_input_files("#files", str(tmp_path / "a.xls"))
    page.wait_for_selector("#upload .note.error")
    assert planner.text("#upload .note.error").startswith("这一页显示时出错了")
    page.click("#upload button:not(.primary)")
    page.wait_for_selector("#drop", state="visible")
