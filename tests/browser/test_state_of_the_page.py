"""What the workspace shows is what its address says: links that are wrong, steps back, answers that come late, clicks that come fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]

READY = "body[data-ready]"
SHOWN = "#results[data-shown]:not([aria-busy])"
SLOW = """
  window.slow = []; // [part of an address, milliseconds], the first that fits holds
  const real = window.fetch;
  window.fetch = async (url, options) => {
    const [, pause] = window.slow.find(([part]) => String(url).includes(part)) ?? [];
    if (pause) await new Promise((done, fail) => (setTimeout(done, pause), options?.signal?.addEventListener("abort", () => fail(new DOMException("", "AbortError")))));
    return real(url, options);
  };
"""


@pytest.fixture
def page_of(demo_server: str, open_page: Callable[..., Any]) -> Callable[[str], Any]:
    """`page_of(address)`: the English workspace, whose requests can be slowed down by `window.slow`."""

    def opened(address: str) -> Any:
        watched = open_page(demo_server, 1440, 900, "en-GB")
        watched.page.add_init_script(SLOW)
        watched.page.goto(f"{demo_server}/?lang=en&{address}")
        watched.page.wait_for_selector(READY)
        return watched.page

    return opened


def go(page: Any, query: str) -> None:
    """Another address, as by a link within the page or a step of the history."""
    page.evaluate("search => { history.pushState(null, '', search); dispatchEvent(new PopStateEvent('popstate')); }", f"?lang=en&{query}")


def said(page: Any) -> dict[str, str]:
    """What the address says, but for the map's view."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items() if name not in ("map", "lang")}


def test_what_a_link_says_wrong_is_told_and_dropped(page_of: Callable[[str], Any]) -> None:
    """It stood in the address for ever and was handed on with every link."""
    page = page_of("table=compounds&layers=compounds,nowhere&f.nothing=a%3D1&sort=-age&columns=code,colour&answer=yes,perhaps&feature=x/1")
    told = page.inner_text("#toasts .toast")
    for part in ("answer=perhaps", "feature=x/1", "f.nothing", "layers=nowhere", "columns=colour", "sort=-age"):
        assert part in told
    assert said(page) == {"table": "compounds", "layers": "compounds", "columns": "code"}


def test_steps_back_and_forward_bring_everything_again(page_of: Callable[[str], Any]) -> None:
    page = page_of("table=compounds&layers=compounds&columns=code,name,built_year&sort=-built_year")
    page.wait_for_selector(SHOWN)
    page.click("#table tr[data-at='1'] .pick input")
    page.wait_for_selector("#selection-bar:not([hidden])")
    go(page, "question=compounds-without-gas&answer=yes&layers=compounds")
    page.wait_for_selector('#results[data-shown="compounds-without-gas"]:not([aria-busy])')
    assert "picked" not in said(page)
    second = said(page)
    page.click("#table tr[data-at='0'] .title")
    page.wait_for_selector("#details:not([hidden])")
    third = said(page)
    page.go_back()
    page.wait_for_selector("#details[hidden]", state="attached")
    assert said(page) == second
    page.go_back()
    page.wait_for_selector('#results[data-shown="compounds"]:not([aria-busy])')
    page.wait_for_selector("#table tr.picked")
    assert said(page) | {"picked": ""} == {
        "table": "compounds",
        "layers": "compounds",
        "columns": "code,name,built_year",
        "sort": "-built_year",
        "picked": "",
    }
    assert page.locator("#table th:not(.pick)").count() == 3
    page.go_forward()
    page.go_forward()
    page.wait_for_selector("#details:not([hidden])")
    assert said(page) == third


def test_a_late_answer_does_not_replace_a_newer_one(page_of: Callable[[str], Any]) -> None:
    """Each new question showed "Stopped." for a moment, because the older one was taken for stopped by the reader."""
    page = page_of("table=buildings&layers=compounds")
    page.wait_for_selector(SHOWN)
    page.evaluate("""() => {
      window.stopped = 0;
      const head = document.querySelector("#answer-head");
      new MutationObserver(() => (window.stopped += head.textContent.includes("Stopped."))).observe(head, { childList: true, subtree: true });
      window.slow = [["collections/compounds/items", 1500]];
    }""")
    go(page, "table=compounds&layers=compounds")
    page.wait_for_timeout(100)
    go(page, "table=fire_lanes&layers=compounds")
    page.wait_for_selector('#results[data-shown="fire_lanes"]:not([aria-busy])')
    page.wait_for_timeout(1800)
    assert page.get_attribute("#results", "data-shown") == "fire_lanes"
    assert page.evaluate("window.stopped") == 0


def test_sorting_while_an_answer_is_drawn_draws_it_all_the_same(page_of: Callable[[str], Any]) -> None:
    """The order of the table gave up what was being drawn, and the map stayed empty."""
    page = page_of("layers=compounds")
    page.evaluate("window.slow = [['offset=250', 1500], ['shape=', 1500]]")
    go(page, "question=lanes-under-width&answer=yes&layers=compounds")
    page.wait_for_selector("#table tr[data-at]")
    go(page, "question=lanes-under-width&answer=yes&layers=compounds&sort=-value")
    page.wait_for_selector('#results[data-shown="lanes-under-width"]:not([aria-busy])')
    page.wait_for_selector('#results:not([data-shapes=""])')
    assert said(page)["sort"] == "-value"


def test_two_fast_clicks_are_two_conditions(page_of: Callable[[str], Any]) -> None:
    """The second was worked out from what stood in the address, where the first had not arrived yet."""
    page = page_of("layers=compounds")
    page.click('[role="tab"][data-show="filter"]')
    page.wait_for_selector('[data-key="v-full"]')
    page.evaluate("window.slow = [['/api/asks/', 400]]")
    page.click('[data-key="v-none"]')
    page.click('[data-key="v-full"]')
    page.wait_for_url("**f.compounds=**")
    page.wait_for_timeout(600)
    assert said(page)["f.compounds"] == "gas_status IN ('none', 'full')"


def test_a_layer_switched_on_does_not_take_the_filters_place(page_of: Callable[[str], Any]) -> None:
    """The panel still showed the fields of one layer while what was chosen went to another."""
    page = page_of("layers=compounds")
    page.click('[role="tab"][data-show="filter"]')
    page.wait_for_selector('[data-key="v-full"]')
    go(page, "layers=compounds,hydrants")
    page.click('[data-key="v-none"]')
    page.wait_for_url("**f.*=**")
    assert said(page)["f.compounds"] == "gas_status = 'none'"
    assert page.input_value("#filter-target") == "compounds"


def test_two_pictures_at_once_leave_the_map_as_it_was(page_of: Callable[[str], Any]) -> None:
    """While one is made the page is bright and sharp: another one begun then kept it so."""
    page = page_of("layers=compounds")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.click("#share-open")
    page.click("#share-tab-picture")
    page.click("#picture-legend")
    page.click("#picture-furniture")
    page.wait_for_selector("#picture-save[aria-disabled=false]")
    assert page.evaluate("[document.documentElement.dataset.theme, window.devicePixelRatio]") == ["dark", 1]
