"""What the page leaves undone so that the map is there at once and moves smoothly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]

SETTLED = 'body[data-ready="true"]'
COUNT_STROKES = """
  window.strokes = 0;
  const { stroke } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.stroke = function (...given) {
    window.strokes += 1;
    return stroke.apply(this, given);
  };
"""


def opened(open_page: Callable[..., Any], base: str, query: str = "", script: str | None = None) -> Any:
    watched = open_page(base, 1440, 900, "en-GB")
    if script:
        watched.page.add_init_script(script)
    watched.page.goto(f"{base}/?lang=en{query}")
    watched.page.wait_for_selector(SETTLED)
    watched.page.wait_for_load_state("networkidle")
    return watched


def test_the_first_map_needs_a_small_script_and_no_numbers(demo_server: str, open_page: Callable[..., Any]) -> None:
    """A hundred modules in a waterfall, three lists and ten statistics were asked for before the first feature; then all panels were made."""
    opened(open_page, demo_server)  # the server has read its layers
    watched = opened(open_page, demo_server)
    asked = watched.page.evaluate(
        "performance.getEntriesByType('resource').map(one => [new URL(one.name).pathname, one.startTime, one.responseEnd])"
    )
    paths = [path for path, *_ in asked]
    scripts = [p for p in paths if p.startswith("/scripts/") or (p.startswith("/static/js/") and p != "/static/js/theme.js")]
    assert [p.rpartition("/")[2] for p in scripts] == ["map.js", "workspace.js"]
    assert len([p for p in paths if p.endswith(".css")]) == 1
    items = [(path, start) for path, start, _ in asked if path.endswith("/items")]
    assert len(items) == len(dict(items)) > 1
    assert not {"/api/layers", "/api/questions", "/api/state"} & set(paths)
    rest = next(start for path, start, _ in asked if path.endswith("/workspace.js"))
    assert rest >= max(start for _, start in items)
    numbers = [start for path, start, _ in asked if path.startswith("/api/statistics/")]
    assert min(numbers) >= min(end for path, _, end in asked if path.endswith("/items"))
    watched.clean()


@pytest.mark.parametrize(
    "query", ["", "&map=17/34.75012/112.98313", "&layers=compounds,buildings&map=16/34.75/112.98", "&f.compounds=built_year<1990"]
)
def test_what_the_page_fetches_ahead_is_what_the_map_asks_for(demo_server: str, open_page: Callable[..., Any], query: str) -> None:
    """Chromium writes to the console what was fetched ahead and not used, some seconds after the page is there."""
    opened(open_page, demo_server)
    watched = opened(open_page, demo_server, query)
    ahead = watched.page.eval_on_selector_all("link[as=fetch]", "links => links.map(link => link.href)")
    assert (len(ahead) > 0) == ("f.compounds" not in query)
    watched.page.wait_for_timeout(6_000)
    asked = watched.page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert [asked.count(url) for url in ahead] == [1] * len(ahead)
    watched.clean()


def test_a_map_whose_panels_do_not_come_says_so(demo_server: str, open_page: Callable[..., Any]) -> None:
    """It stood there whole beside empty panels, without a word."""
    page = open_page(demo_server, 1440, 900, "zh-CN").page
    page.route("**/workspace.js", lambda route: route.abort())
    page.goto(f"{demo_server}/?lang=zh")
    assert page.inner_text("#toasts .error p") == "地图旁的面板没有读到。请重新打开此页。"
    page.unroute("**/workspace.js")
    page.click("#toasts .strong")
    page.wait_for_selector(SETTLED)


@pytest.mark.parametrize("query", ["", "&map=16/34.75/112.98"])
def test_who_moves_the_map_before_its_panels_are_there_stays_there(demo_server: str, open_page: Callable[..., Any], query: str) -> None:
    """The workspace sent the map back to where the address had it."""
    watched = open_page(demo_server, 1440, 900, "en-GB")
    page, held = watched.page, []
    page.route("**/workspace.js", lambda route: held.append(route))
    with page.expect_request("**/workspace.js"):
        page.goto(f"{demo_server}/?lang=en{query}", wait_until="commit")
    page.mouse.move(900, 500)
    page.mouse.down()
    page.mouse.move(760, 400, steps=5)
    page.wait_for_timeout(300)
    page.mouse.up()
    before = page.evaluate("document.querySelector('.leaflet-map-pane').getBoundingClientRect().x")
    held[0].continue_()
    page.wait_for_selector(SETTLED)
    assert abs(page.evaluate("document.querySelector('.leaflet-map-pane').getBoundingClientRect().x") - before) < 2
    assert "map=" in page.url and "map=16/34.75/112.98" not in page.url
    watched.clean()


def test_a_small_move_shifts_the_map_and_draws_nothing_until_it_rests(demo_server: str, open_page: Callable[..., Any]) -> None:
    """Each move drew all features and all names anew."""
    watched = opened(open_page, demo_server, script=COUNT_STROKES)
    page = watched.page
    page.wait_for_timeout(1_500)
    page.mouse.move(700, 400)
    page.mouse.down()
    page.mouse.move(720, 410)
    before = page.evaluate("window.strokes")
    for step in range(1, 6):
        page.mouse.move(720 + 12 * step, 410)
    assert page.evaluate("window.strokes") == before
    page.mouse.up()
    page.wait_for_function(f"() => window.strokes > {before}")
    watched.clean()


def test_what_is_on_but_shows_from_another_zoom_is_told_with_the_way_there(demo_server: str, open_page: Callable[..., Any]) -> None:
    """`layers=fire_lanes` at zoom 15.75 was an empty map without a word."""
    watched = opened(open_page, demo_server, "&layers=fire_lanes&map=15.75/34.75/112.98")
    page = watched.page
    page.click(".map-legend .waiting[data-layer=fire_lanes] button:has-text('Shown from zoom 16')")
    page.wait_for_selector(".map-legend .waiting", state="detached")
    assert page.locator(".map-legend [data-layer=fire_lanes]").count() == 1
    watched.clean()
