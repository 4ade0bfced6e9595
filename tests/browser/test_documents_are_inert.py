"""Markup and templates in what planners write of their own, views, areas, styles, projects, reasons and notes: text wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.web.hostile_texts import MARKUP, PRODUCT, TEMPLATES

pytestmark = [pytest.mark.browser, pytest.mark.soak]

READY = "body[data-ready]"
TEXT = f"{{{{7191*7907}}}}{MARKUP[2]}"
SENT = """async ([method, path, json, etag]) => {
  const token = (await (await fetch("/api/state")).json()).csrf_token;
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token, ...(etag && { "If-Match": etag }) };
  const answer = await fetch(path, { method, headers, body: JSON.stringify(json) });
  return [answer.status, await answer.json(), answer.headers.get("ETag")];
}"""
FOREIGN = """origin => [...document.querySelectorAll('link[href], script[src], img[src]')].map((one) => new URL(one.href ?? one.src))
  .filter(({ protocol, origin: other }) => protocol.startsWith("http") && other !== origin).map(String)"""


def send(page: Any, method: str, path: str, json: Any, etag: str | None = None) -> Any:
    status, body, _ = page.evaluate(SENT, [method, path, json, etag])
    assert status in (200, 201), body
    return body


def etag(page: Any, path: str) -> str:
    return str(page.evaluate("async (path) => (await fetch(path)).headers.get('ETag')", path))


def untouched(watched: Any) -> None:
    """It stands there as it was written; nothing ran, nothing spoke, nobody else was asked."""
    assert watched.page.evaluate("window.PWN === undefined")
    assert PRODUCT not in watched.page.content()
    watched.clean()


@pytest.fixture
def opened(demo_server: str, open_page: Callable[..., Any]) -> Any:
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    watched.page.set_default_timeout(40_000)  # the first answers after a change
    watched.page.goto(f"{demo_server}/")
    watched.page.wait_for_selector(READY)
    return watched


def test_views_areas_and_styles_are_text(opened: Any) -> None:
    page, base = opened.page, opened.base
    wkt = "POLYGON((112.97 34.74,112.99 34.74,112.99 34.76,112.97 34.76,112.97 34.74))"
    send(page, "POST", "/api/views", {"name": "v", "title": TEXT, "address": "?layers=compounds"})
    area = send(page, "POST", "/api/areas", {"wkt": wkt, "title": TEXT})["name"]
    send(page, "POST", "/api/styles/compounds", {"name": TEXT, "style": "by:built_year"})
    page.goto(f"{base}/?table=compounds&within=@{area}&f.compounds=name+<>+'{MARKUP[2]}'")
    page.wait_for_selector("#results[data-shown]:not([aria-busy])")
    assert MARKUP[2] in page.inner_text(".narrowings")
    page.click("#share-open")
    page.click("#share-tab-views")
    page.wait_for_selector(".views .what > a")
    assert page.inner_text(".views .what > a") == TEXT
    page.click("#share-tab-picture")
    page.click("#share-tab-embed")
    page.keyboard.press("Escape")
    page.click('[data-show="layers"]:visible')
    page.click("#more-button-compounds")
    page.click("#layer-style-compounds")
    page.wait_for_function("text => document.querySelector('.style-editor').textContent.includes(text)", arg=TEXT)
    page.goto(f"{base}/?view=v")
    page.wait_for_selector(READY)
    untouched(opened)


def test_reasons_and_notes_are_text(opened: Any) -> None:
    """In the history, in the list of last edits and in the log of a hazard."""
    page, base = opened.page, opened.base
    path = "/ogc/collections/compounds/items/1"
    send(page, "PATCH", path, {"properties": {"notes": TEXT, "name": TEXT, "community": TEXT}, "reason": TEXT}, etag(page, path))
    page.goto(f"{base}/?feature=compounds/1")
    page.click("#history")
    page.wait_for_function("text => document.querySelector('.history').textContent.includes(text)", arg=TEXT)
    assert page.inner_text("#details-title") == TEXT
    page.click('[popovertarget="recent-menu"]')
    page.wait_for_function("text => document.querySelector('.revisions .why')?.textContent === text", arg=TEXT)
    hazard = page.evaluate(
        "async () => (await (await fetch(\"/ogc/collections/hazards/items?limit=1&filter=status='rectifying'\")).json()).features[0].id"
    )
    life = f"/api/hazards/{hazard}/life"
    send(page, "POST", life, {"step": "escalate", "note": TEXT}, etag(page, life))
    page.goto(f"{base}/?feature=hazards/{hazard}")
    page.click(".life .log summary")
    assert TEXT in page.locator(".life .log .why").all_inner_texts()
    untouched(opened)


def test_projects_and_pages_are_text(opened: Any) -> None:
    """Project and its list, card, print job and overview, of a community that is called so."""
    page, base = opened.page, opened.base
    for path, name in (("compounds/items/1", TEXT), ("communities/items/1", TEXT)):
        at = f"/ogc/collections/{path}"
        send(page, "PATCH", at, {"properties": {"name": name, "notes": TEXT}}, etag(page, at))
    at = "/ogc/collections/compounds/items/1"
    send(page, "PATCH", at, {"properties": {"community": TEXT}}, etag(page, at))
    project = send(page, "POST", "/api/projects", {"title": TEXT, "ids": [1, 2]})
    send(page, "PATCH", f"/api/projects/{project['id']}", {"note": TEXT + TEMPLATES[1]}, f'"{project["version"]}"')
    code = page.evaluate("async () => (await (await fetch('/ogc/collections/communities/items/1')).json()).properties.code")
    for address, where in (
        ("/projects", "#projects"), (f"/projects/{project['id']}", "h1"), ("/compounds/1", "article h1, article h2"),
        (f"/communities/{code}/cards", "main"), ("/overview", "main"),
    ):  # fmt: skip
        page.goto(f"{base}{address}")
        page.wait_for_selector("body[data-ready=true]")
        assert any(TEXT in text for text in page.locator(where).all_inner_texts()), address
        untouched(opened)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_page_asks_beyond_the_host(demo_server: str, open_page: Callable[..., Any], lang: str) -> None:
    """Every page, its policy with it; hints in the head of other hosts too."""
    watched = open_page(demo_server, 1024, 768, {"zh": "zh-CN", "en": "en-GB"}[lang])
    page = watched.page
    page.set_default_timeout(40_000)  # after a change the cards of a community are worked out from nothing
    for path in ("/", "/embed", "/import", "/overview", "/projects", "/rules", "/compounds/1", "/communities/SQ-0003/cards"):
        answer = page.goto(f"{demo_server}{path}?lang={lang}")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe-inline" not in policy and "unsafe-eval" not in policy, path
        page.wait_for_load_state("networkidle")
        assert page.evaluate(FOREIGN, demo_server) == []
        watched.clean()
