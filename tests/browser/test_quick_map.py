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


def test_the_first_map_needs_one_script_and_no_numbers(demo_server: str, open_page: Callable[..., Any]) -> None:
    """A hundred modules in a waterfall, three lists and ten statistics were asked for before the first feature."""
    opened(open_page, demo_server)  # the server has read its layers
    watched = opened(open_page, demo_server)
    asked = watched.page.evaluate(
        "performance.getEntriesByType('resource').map(one => [new URL(one.name).pathname, one.startTime, one.responseEnd])"
    )
    paths = [path for path, *_ in asked]
    assert [p for p in paths if p.startswith("/scripts/") or (p.startswith("/static/js/") and p != "/static/js/theme.js")] == [
        p for p in paths if p.endswith("/workspace.js")
    ]
    assert not {"/api/layers", "/api/questions", "/api/state"} & set(paths)
    numbers = [start for path, start, _ in asked if path.startswith("/api/statistics/")]
    assert min(numbers) >= min(end for path, _, end in asked if path.endswith("/items"))
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
