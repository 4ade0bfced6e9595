"""In a browser: a figure of the overview opens in the map as the answer it counts, a finding leads to what was judged and to its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
READY = "body[data-ready=true]"


@pytest.mark.soak
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", SIZES)
def test_from_a_figure_to_the_feature_and_its_rule(size: str, lang: str, demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(demo_server, *SIZES[size], {"zh": "zh-CN", "en": "en-GB"}[lang])
    page = watched.page
    page.goto(f"{demo_server}/overview?lang={lang}")
    page.wait_for_selector(READY)
    assert page.evaluate("document.documentElement.scrollWidth") == SIZES[size][0]
    first = page.locator("#unknown tbody tr").first
    place, count = first.locator("th").inner_text(), first.locator("td.number a").first.inner_text()
    first.locator("td.number a").first.click()
    page.wait_for_selector(READY)
    assert place in page.locator("#only").inner_text()
    assert page.locator("[data-answer=unknown] b").inner_text() == count
    assert page.locator("[data-answer=unknown]").get_attribute("aria-pressed") == "true"
    page.locator("#table tr[data-at]").first.click()
    page.wait_for_selector("#open-judged")
    rule = page.locator(".details a[href*='/rules']").get_attribute("href")
    assert page.locator("#layer-findings").count() == 0
    page.click("#open-judged")
    page.wait_for_selector("#edit")
    page.goto(f"{demo_server}{rule}")
    assert page.locator(":target h3").inner_text().startswith(rule.partition("#")[2])
    assert page.evaluate("document.documentElement.scrollWidth") == SIZES[size][0]
    watched.clean()


@pytest.mark.soak
def test_the_answer_of_a_community_can_be_widened_to_all(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(demo_server, 1440, 900, "en-GB")
    page = watched.page
    page.goto(f"{demo_server}/overview?lang=en")
    page.wait_for_selector(READY)
    page.locator("#without-gas tbody tr td.number a").first.click()
    page.wait_for_selector(f"{READY} #only")
    few = int(page.locator("[data-answer=yes] b").inner_text())
    page.click("#only button")
    page.wait_for_selector("#only", state="detached")
    assert int(page.locator("[data-answer=yes] b").inner_text()) > few
    assert "community=" not in page.url
    watched.clean()


@pytest.mark.soak
def test_a_day_is_a_date_and_what_is_not_chosen_is_not_sent(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(demo_server, 1440, 900, "en-GB")
    page = watched.page
    page.goto(f"{demo_server}/?lang=en")
    page.wait_for_selector(READY)
    page.click('[role=tab][data-show="questions"]')
    page.click('[data-question="findings"] h3 button')
    page.click('[data-question="findings"] .basis summary')
    assert page.locator("#p-findings-as_of").get_attribute("type") == "date"
    assert page.locator("#p-findings-profile option").first.inner_text() == "(not chosen)"
    page.fill("#p-findings-as_of", "2026-01-31")
    page.click('[data-question="findings"] button[type=submit]')
    page.wait_for_selector("#results[data-shown=findings]")
    assert "p.as_of=2026-01-31" in page.url and "p.profile" not in page.url
    watched.clean()
