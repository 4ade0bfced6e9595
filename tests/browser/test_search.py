"""The search field: who has chosen one thing may look for the next at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

AT_ONCE = """text => {
  const input = document.querySelector("#search");
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  input.focus();
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}"""


@pytest.mark.soak
def test_the_next_search_begins_at_once(demo_server: str, open_page: Callable[..., Any]) -> None:
    """What closes the list of the last choice does not stop the search typed right after it, nor take the keyboard away."""
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    page = watched.page
    page.goto(f"{watched.base}/")
    page.wait_for_selector("body[data-ready]")
    first, second = (f["properties"]["name"] for f in page.request.get(f"{watched.base}/ogc/collections/compounds/items?limit=2").json()["features"])
    page.fill("#search", first)
    page.wait_for_selector(f"#search-results .name:text-is('{first}')")
    page.evaluate(AT_ONCE, second)
    page.wait_for_selector(f"#search-results .name:text-is('{second}')")
    page.wait_for_selector(f"#details-title:text-is('{first}')")
    assert page.evaluate("document.activeElement.id") == "search" and page.input_value("#search") == second
    watched.clean()
