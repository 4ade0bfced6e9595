"""In a browser: a card and the print job of a community, on the screen and as A4 pages; communities side by side."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]
READY = "body[data-ready=true]"
A4 = (594, 842)  # points, rounded down


def pages(pdf: Path) -> list[tuple[int, int]]:
    """The size in points of every page of a PDF as Chromium writes it."""
    boxes = re.findall(rb"/Type\s*/Page\b[^s].*?/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf.read_bytes(), re.DOTALL)
    return [(int(float(wide)), round(float(high))) for wide, high in boxes]


def api(page: Any, path: str) -> Any:
    return page.evaluate("path => fetch(path).then(answer => answer.json())", path)


@pytest.mark.parametrize(("size", "lang"), [((1440, 900), "zh"), ((390, 844), "en")])
def test_a_card_on_the_screen(size: tuple[int, int], lang: str, demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(demo_server, *size, {"zh": "zh-CN", "en": "en-GB"}[lang])
    page = watched.page
    page.goto(f"{demo_server}/compounds/94?lang={lang}")
    page.wait_for_selector(f"{READY} article")
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    card = api(page, f"/api/compounds/94/card?lang={lang}")
    assert page.locator(".part-buildings tbody tr").count() == len(card["sections"]["buildings"]["rows"])
    assert page.locator(".part-lanes tbody tr").count() == len(card["sections"]["lanes"]["rows"])
    assert page.locator(".cardmap-box > svg .building.mine").count() == card["drawn"]["buildings"]
    assert page.locator("ol.first li b").first.inner_text() == card["rules"][card["works"][0]["rule"]]["check"]
    assert card["fingerprint"] in page.locator(".basis").inner_text()
    narrow = [row["answers"]["lanes-under-width"] for row in card["sections"]["lanes"]["rows"]]
    marked = [said for said in narrow if said["answer"] == "yes" and said.get("shape") and said["value"] is not None]
    assert page.locator(".cardmap-box > svg .pinch text").count() == len(marked)
    watched.clean()


def test_a_count_of_the_card_opens_in_the_workspace(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(demo_server, 1440, 900, "en-GB")
    page = watched.page
    page.goto(f"{demo_server}/compounds/94?lang=en")
    page.wait_for_selector(f"{READY} article")
    said = page.locator(".glance a b").first.inner_text()
    page.locator(".glance a").first.click()
    page.wait_for_selector(f"{READY} [data-answer=yes] b")
    assert page.locator("[data-answer=yes] b").inner_text() == said
    watched.clean()


def test_a_card_prints_on_a4(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    page = open_page(demo_server, 1440, 900, "zh-CN").page
    page.goto(f"{demo_server}/compounds/94?lang=zh")
    page.wait_for_selector(f"{READY} article")
    page.pdf(path=tmp_path / "card.pdf", prefer_css_page_size=True)
    found = pages(tmp_path / "card.pdf")
    assert set(found) == {A4}
    assert 2 <= len(found) <= 6
    assert b"/ToUnicode" in (tmp_path / "card.pdf").read_bytes()  # text that can be selected
    page.emulate_media(media="print")
    assert page.locator(".topbar").is_hidden() and page.locator("#print").is_hidden()
    breaks = "rows => rows.every(row => getComputedStyle(row).breakInside === 'avoid')"
    assert page.locator(".cardtable tr").evaluate_all(breaks)
    assert page.locator(".cardtable thead").first.evaluate("head => getComputedStyle(head).display") == "table-header-group"


def test_all_cards_of_a_community_are_one_print_job(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    """The smallest community of the demo: fifteen compounds."""
    watched = open_page(demo_server, 1440, 900, "en-GB")
    page = watched.page
    page.goto(f"{demo_server}/communities/SQ-0003/cards?lang=en")
    page.wait_for_selector(f"{READY} article", timeout=30_000)
    listed = api(page, "/api/communities/SQ-0003/cards")["compounds"]
    assert page.locator("article").count() == len(listed) == page.locator(".contents tbody tr").count()
    assert [a.get_attribute("id") for a in page.locator("article").all()] == [f"card-{line['id']}" for line in listed]
    first = page.locator(".contents tbody tr").first
    assert first.locator("td.number").nth(1).inner_text() == str(sum(listed[0]["failures"].values()))
    page.pdf(path=tmp_path / "cards.pdf", prefer_css_page_size=True)
    found = pages(tmp_path / "cards.pdf")
    assert set(found) == {A4}
    assert len(found) > 2 * len(listed)
    watched.clean()


def test_the_print_job_can_be_stopped(demo_server: str, open_page: Callable[..., Any]) -> None:
    page = open_page(demo_server, 1440, 900, "en-GB").page
    page.route("**/api/compounds/*/card*", lambda route: None)
    page.goto(f"{demo_server}/communities/SQ-0003/cards?lang=en")
    page.click("#cancel")
    page.wait_for_selector(READY)
    assert page.locator("#progress-text").inner_text().startswith("Stopped at 0 of 15")
    assert page.locator("#print").is_disabled()


def test_communities_side_by_side_stand_in_the_address(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(demo_server, 1440, 900, "en-GB")
    page = watched.page
    page.goto(f"{demo_server}/overview?lang=en")
    page.wait_for_selector(READY)
    for code in ("SQ-0001", "SQ-0003"):
        page.select_option("#compare-add", code)
    assert page.url.endswith("compare=SQ-0001,SQ-0003")
    places = {place["code"]: place["figures"] for place in api(page, "/api/figures?lang=en")["places"]}
    shown = page.locator(".compared tbody tr").nth(4).locator("td a b").all_inner_texts()
    assert shown == [str(places[code]["lanes-under-width"]["yes"]) for code in ("SQ-0001", "SQ-0003")]
    page.reload()
    page.wait_for_selector(f"{READY} .compared")
    assert page.locator(".compared thead th").count() == 3
    watched.clean()


def test_a_small_map_leads_to_what_it_counts(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(demo_server, 1440, 900, "en-GB")
    page = watched.page
    page.goto(f"{demo_server}/overview?lang=en")
    page.wait_for_selector(READY)
    map_link = page.locator("#without-gas .smallmap svg a").first
    row_link = page.locator("#without-gas tbody tr td.number a")
    assert map_link.get_attribute("href") in [link.get_attribute("href") for link in row_link.all()]
    assert page.locator("#without-gas .smallmap svg a").count() == 6
    watched.clean()
