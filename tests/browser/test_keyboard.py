"""The work of a planner by keyboard alone: no step here uses the mouse, and after each the keyboard is where one goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from planner import Planner, records
from states import READY

pytestmark = [pytest.mark.browser, pytest.mark.soak]

FAR = 400  # presses of Tab within which everything is to be reached


class Keyboard:
    """A page that is worked with keys; it begins in the search field, as `/` does."""

    def __init__(self, watched: Any, path: str) -> None:
        self.planner, self.page = Planner(watched), watched.page
        self.page.emulate_media(reduced_motion="reduce")  # else each key would wait for the map to glide
        self.page.goto(f"{watched.base}{path}")
        self.page.wait_for_selector(READY)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def at(self, selector: str) -> bool:
        return bool(self.page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector))

    def tab_to(self, selector: str, key: str = "Tab") -> None:
        """Walk to it; every stop on the way shows a focus and none is `body`, which would mean that the place was lost."""
        for _ in range(FAR):
            if self.at(selector):
                assert self.page.evaluate(SEEN), self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
                return
            self.press(key)
        raise AssertionError(
            f"{selector} is not reached by {key}; at {self.page.evaluate('document.activeElement.outerHTML.slice(0, 200)')}"
        )

    def comes_to(self, selector: str) -> None:
        self.page.wait_for_function("selector => document.activeElement?.matches(selector)", arg=selector)

    def said(self, *words: str) -> None:
        """What a screen reader is told."""
        self.page.wait_for_function(
            "words => words.every((word) => document.querySelector('#said').textContent.includes(word))", arg=list(words)
        )


SEEN = """(() => {
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(document.activeElement);
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && outlineColor !== "rgba(0, 0, 0, 0)";
})()"""


METRES = """([crs, lat, lng]) => import("/static/js/map/geodesy.js").then(({ project, zone }) => {
  const { east, north } = project(lat, lng, zone(crs));
  return `${north.toFixed(4)} ${east.toFixed(4)}`;
})"""


@pytest.fixture
def work(demo_server: str, open_page: Callable[..., Any]) -> Callable[..., Keyboard]:
    def begin(path: str = "/", locale: str = "zh-CN") -> Keyboard:
        return Keyboard(open_page(demo_server, 1440, 900, locale), path)

    return begin


def test_ask_a_question_and_open_a_row_by_keyboard_ci(work: Callable[..., Keyboard]) -> None:
    """The form of a question was made anew when it was asked, and the keyboard fell back to the top of the page."""
    keys = work()
    keys.press("Alt+3")
    keys.tab_to('[data-question="compounds-without-gas"] h3 button')
    keys.press("Enter")
    keys.tab_to('[data-question="compounds-without-gas"] [type=submit]')
    keys.press("Enter")
    keys.page.wait_for_selector('#results[data-shown="compounds-without-gas"]:not([aria-busy])')
    keys.comes_to('[data-question="compounds-without-gas"] button')
    keys.said(str(keys.planner.counts()["yes"]), "222")
    keys.press("F6", "F6")
    keys.comes_to("#table tbody tr")
    keys.press("ArrowDown", "ArrowDown", "Enter")
    keys.page.wait_for_selector("#details .verdict.yes")
    keys.comes_to('#table tbody tr[data-at="2"]')
    keys.press("F6")
    keys.comes_to("#details-title")
    keys.press("Escape")
    keys.page.wait_for_selector("#details", state="hidden")
    keys.comes_to('#table tbody tr[data-at="2"]')


def test_filter_by_a_field_and_export_by_keyboard(work: Callable[..., Keyboard], tmp_path: Path) -> None:
    keys = work("/?table=compounds")
    keys.press("Alt+2")
    keys.comes_to('[role="tab"][data-show="filter"]')
    keys.tab_to('#filter [data-view="text"]')
    keys.press("Enter")
    keys.comes_to('#filter [data-view="text"]')
    keys.tab_to("#filter textarea")
    keys.page.keyboard.type("built_year < 1990")
    keys.press("Control+Enter")
    wanted = keys.planner.matched("compounds", filter="built_year < 1990")
    keys.page.wait_for_function("n => document.querySelector('#table table').getAttribute('aria-rowcount') === String(n + 1)", arg=wanted)
    keys.said(str(wanted))
    keys.tab_to("#results .more-formats")
    keys.press("Enter")
    keys.page.wait_for_selector(".download-dialog[open]")
    keys.tab_to("#download-format")
    keys.page.keyboard.type("CSV")
    keys.tab_to("#download-save")
    with keys.page.expect_download(timeout=60_000) as held:
        keys.press("Enter")
    held.value.save_as(tmp_path / "compounds.csv")
    assert records(tmp_path / "compounds.csv") == wanted
    keys.comes_to("#results .more-formats")


def test_an_area_is_drawn_and_cleared_by_keyboard_ci(work: Callable[..., Keyboard]) -> None:
    keys = work("/?table=compounds")
    whole = keys.planner.listed()
    keys.tab_to("#area-bar .area-button")
    keys.press("Enter")
    keys.tab_to('[data-shape="rectangle"]')
    keys.press("Enter")
    keys.comes_to(".folium-map")
    keys.press("Enter", "ArrowRight", "ArrowDown", "Enter")
    keys.page.wait_for_selector('.chip.place[data-place="within"]')
    keys.comes_to("#area-bar .area-button")
    keys.page.wait_for_function("n => Number(document.querySelector('#table table').getAttribute('aria-rowcount')) - 1 < n", arg=whole)
    keys.said("222")
    keys.tab_to('.chip.place[data-place="within"] .round')
    keys.press("Enter")
    keys.page.wait_for_function("n => Number(document.querySelector('#table table').getAttribute('aria-rowcount')) - 1 === n", arg=whole)
    keys.comes_to("#area-bar .area-button")


def test_a_field_is_corrected_and_undone_by_keyboard(work: Callable[..., Keyboard]) -> None:
    """The keyboard was lost with the form, and with the button of the last edits that was switched off while it worked."""
    keys = work()
    before = keys.planner.api("/ogc/collections/compounds/items/3")["properties"]
    keys.press("/")
    keys.comes_to("#search")
    keys.page.keyboard.type(before["code"])
    keys.page.wait_for_selector("#search-results li[role=option]")
    keys.press("Enter")
    keys.comes_to("#details-title")
    keys.tab_to("#edit")
    keys.press("Enter")
    keys.tab_to("#edit-households")
    keys.press("Control+a")
    keys.page.keyboard.type("77")
    keys.press("Enter")
    keys.page.wait_for_selector('.toast:has-text("已保存")')
    keys.comes_to("#edit")
    assert keys.planner.api("/ogc/collections/compounds/items/3")["properties"]["households"] == 77
    keys.tab_to('[popovertarget="recent-menu"]', "Shift+Tab")
    keys.press("Enter")
    keys.page.wait_for_selector("#recent-menu .revisions li")
    keys.tab_to("#recent-menu .revisions li:first-child > button")
    keys.press("Enter")
    keys.page.wait_for_selector("#recent-menu .revisions li.undone")
    assert keys.planner.api("/ogc/collections/compounds/items/3")["properties"]["households"] == before["households"]
    keys.comes_to("#recent-menu .revisions li button")
    keys.press("Escape")
    keys.comes_to('[popovertarget="recent-menu"]')


def test_rows_are_chosen_and_made_a_project_by_keyboard_ci(work: Callable[..., Keyboard]) -> None:
    keys = work("/?table=compounds")
    keys.press("F6", "F6", "F6", "F6")  # search, panel, map, table
    keys.comes_to("#table tbody tr")
    keys.press(" ", "Shift+ArrowDown", "Shift+ArrowDown")
    keys.page.wait_for_selector("#selection-bar:not([hidden]) .zoom:enabled")
    keys.said("3", "222")
    keys.tab_to("#selection-bar .to-project", "Shift+Tab")
    keys.press("Enter")
    keys.comes_to("#pick-title")
    keys.press("Control+a")
    keys.page.keyboard.type("键盘做的项目")
    keys.press("Enter")
    keys.page.wait_for_selector(".toast")
    keys.comes_to("#selection-bar .to-project")
    (project,) = [one for one in keys.planner.api("/api/projects")["projects"] if one["title"] == "键盘做的项目"]
    assert project["compounds"] == 3
    keys.tab_to("#selection-bar .clear")
    keys.press("Enter")
    keys.comes_to("#table tbody tr")


def test_escape_closes_one_thing_at_a_time(work: Callable[..., Keyboard]) -> None:
    """Escape that gave up a drawing closed the details as well."""
    keys = work("/?feature=compounds/1")
    keys.page.locator("#move").focus()
    keys.press("Enter")
    keys.page.wait_for_selector(".placing:not([hidden]) .save:enabled")
    keys.tab_to(".placing .typed-open")
    keys.press("Enter")
    keys.comes_to("#typed-place")
    keys.press("Escape")
    keys.comes_to(".placing .typed-open")
    keys.press("Escape")
    keys.page.wait_for_selector(".placing", state="hidden")
    keys.comes_to("#move")
    keys.press("Escape")
    keys.page.wait_for_selector("#details", state="hidden")


def test_a_place_is_typed(work: Callable[..., Keyboard]) -> None:
    """A hydrant is placed by metres in the zone of the map, north before east, and then in degrees; the server holds the same place."""
    keys = work("/?feature=compounds/1")
    keys.tab_to('[popovertarget="create-menu"]')
    keys.press("Enter")
    keys.tab_to('[data-create="hydrants"]')
    keys.press("Enter")
    keys.page.wait_for_selector(".placing:not([hidden])")
    keys.tab_to(".placing .typed-open")
    keys.press("Enter")
    keys.page.keyboard.type("somewhere")
    keys.tab_to(".typed-apply")
    keys.press("Enter")
    keys.comes_to("#typed-place[aria-invalid=true]")
    keys.press("Control+a")
    lat, lng = 39.9, 116.4
    text = keys.page.evaluate(METRES, [str(keys.planner.api("/api/state")["metric_crs"]), lat, lng])
    keys.page.keyboard.type(text)
    keys.tab_to(".typed-apply")
    keys.press("Enter")
    keys.tab_to(".placing .save")
    keys.press("Enter")
    keys.page.wait_for_selector("form.edit .place-of")
    keys.tab_to("form.edit [type=submit]")
    keys.press("Enter")
    keys.page.wait_for_selector("#details #edit")
    layer, id = keys.page.url.split("feature=")[1].split("&")[0].replace("%2F", "/").split("/")
    east, north = keys.planner.api(f"/ogc/collections/{layer}/items/{id}")["geometry"]["coordinates"][:2]
    assert (round(east, 8), round(north, 8)) == (lng, lat)


def test_keys_of_one_character_can_be_switched_off(work: Callable[..., Keyboard]) -> None:
    """Voice control speaks letters into the page: WCAG 2.1.4."""
    keys = work()
    keys.press("?")
    keys.tab_to("#keys-single")
    keys.press(" ", "Escape")
    keys.page.wait_for_selector(".keys-dialog", state="detached")
    keys.page.locator("#travel").focus()
    keys.press("/")
    assert keys.at("#travel")
    keys.press("?")
    assert keys.page.locator(".keys-dialog").count() == 0


def test_a_calm_map_does_not_glide(work: Callable[..., Keyboard]) -> None:
    """Keys and buttons moved the map by animation whatever the reader had asked for."""
    keys = work("/?map=17/34.7459/112.9720")
    keys.page.locator(".folium-map").focus()
    keys.page.evaluate(
        "document.querySelector('.folium-map').addEventListener('keydown', () => { window.before = document.querySelector('.leaflet-map-pane').style.transform; })"
    )
    keys.press("ArrowRight")
    before, after = keys.page.evaluate("[window.before, document.querySelector('.leaflet-map-pane').style.transform]")
    keys.page.wait_for_timeout(500)
    assert before != after == keys.page.evaluate("document.querySelector('.leaflet-map-pane').style.transform")
