"""The search field keeps pace with quick hands: who has chosen one thing looks for the next at once, who presses Enter at once finds what is typed."""

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


@pytest.fixture
def found(demo_server: str, open_page: Callable[..., Any]) -> tuple[Any, str, str]:
    """A page where the first of two compounds is found and not yet chosen."""
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    page = watched.page
    page.goto(f"{watched.base}/")
    page.wait_for_selector("body[data-ready]")
    features = page.request.get(f"{watched.base}/ogc/collections/compounds/items?limit=2").json()["features"]
    first, second = (feature["properties"]["name"] for feature in features)
    page.fill("#search", first)
    page.wait_for_selector(f"#search-results .name:text-is('{first}')")
    return watched, first, second


@pytest.mark.soak
def test_enter_takes_what_is_typed_and_not_what_was_found_before(found: tuple[Any, str, str]) -> None:
    """Whoever typed on and pressed Enter before the new list was there was led to the old one's first line."""
    watched, first, second = found
    watched.page.fill("#search", second)
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_selector("#details-title")
    assert watched.page.inner_text("#details-title") == second != first
    watched.clean()


@pytest.mark.soak
def test_the_next_search_begins_at_once(found: tuple[Any, str, str]) -> None:
    """What closes the list of the last choice does not stop the search typed right after it, nor take the keyboard away."""
    watched, first, second = found
    page = watched.page
    page.evaluate(AT_ONCE, second)
    page.wait_for_selector(f"#search-results .name:text-is('{second}')")
    page.wait_for_selector(f"#details-title:text-is('{first}')")
    assert page.evaluate("document.activeElement.id") == "search" and page.input_value("#search") == second
    watched.clean()
