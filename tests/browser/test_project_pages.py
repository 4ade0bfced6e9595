"""In a browser: rows of an answer become a project, a price is changed, its files say the same, and an edit of a compound shows in it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]

READY = "body[data-ready=true]"
EDIT = """async ([id, properties]) => {
  const path = `/ogc/collections/compounds/items/${id}`;
  const etag = (await fetch(path)).headers.get("ETag");
  const headers = { "Content-Type": "application/json", "If-Match": etag, "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content };
  return (await fetch(path, { method: "PATCH", headers, body: JSON.stringify({ properties }) })).status;
}"""


def project(page: Any, path: str) -> Any:
    return page.evaluate("async (path) => (await fetch(path)).json()", path)


def saved(page: Any, button: str) -> bytes:
    with page.expect_download() as download:
        page.click(button)
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize(("width", "height", "locale"), [(1440, 900, "zh-CN"), (390, 844, "en-GB")])
def test_from_a_question_to_files(width: int, height: int, locale: str, fresh_server: str, open_page: Callable[..., Any]) -> None:
    lang = locale[:2]
    watched = open_page(fresh_server, width, height, locale)
    page = watched.page
    page.set_default_timeout(30_000)  # the first answer of a new server is worked out from nothing
    page.goto(f"{fresh_server}/projects?lang={lang}")
    page.wait_for_selector(READY)
    page.select_option("#new-community", index=1)
    community = page.input_value("#new-community")
    page.click("#new-project button[type=submit]")
    page.wait_for_url("**/projects/p*")
    page.wait_for_selector(READY)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    answer = project(page, f"/ogc/collections/compounds-without-gas/items?limit=1&community={community}")
    assert page.locator("details.compound").count() == answer["numberMatched"] > 0

    if not page.locator("#prices").get_attribute("open"):
        page.evaluate("document.querySelector('#prices').open = true")
    page.click("[data-key='price-B-GAS-HH']")
    for field, value in {"low": "2500", "high": "2600", "source": "=HYPERLINK()", "date": "2025-10-01"}.items():
        page.fill(f"#price-{field}", value)
    page.click("dialog button[type=submit]")
    page.wait_for_selector(".prices .tag.own")
    path = "/api" + page.url[len(fresh_server) :].partition("?")[0]
    told = project(page, path)
    collection = json.loads(saved(page, "#save-geojson"))
    book = openpyxl.load_workbook(io.BytesIO(saved(page, "#save-xlsx")), data_only=True)
    assert collection["yuantu"]["cost_range"] == told["totals"]["cost"]
    works = list(book.worksheets[3].iter_rows(min_row=2, values_only=True))
    assert sum(row[7] for row in works) == told["totals"]["cost"]["low"]
    assert [row[6] for row in book.worksheets[4].iter_rows(values_only=True) if row[0] == "B-GAS-HH"] == ["=HYPERLINK()"]

    first = told["compounds"][0]
    assert page.evaluate(EDIT, [first["id"], {"households": 7, "gas_households": 0, "gas_status": "none"}]) == 200
    page.reload()
    page.wait_for_selector(".changed")
    assert first["name"] in page.locator(".changed").inner_text()
    page.click("#accept")
    page.wait_for_selector(".changed", state="detached")
    page.locator("details.compound > summary").first.click()
    assert "7 − 0" in page.locator("details.compound").first.inner_text()
    watched.clean()


def test_chosen_rows_go_into_a_project_by_keyboard(fresh_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(fresh_server, 1440, 900, "en-GB")
    page = watched.page
    page.set_default_timeout(30_000)  # the first answer of a new server is worked out from nothing
    page.goto(f"{fresh_server}/projects?lang=en")
    rows = project(page, "/ogc/collections/compounds-without-gas/items?answer=yes&limit=3&properties=name")["features"]
    page.goto(f"{fresh_server}/?lang=en&question=compounds-without-gas&answer=yes&picked={','.join(str(row['id']) for row in rows)}")
    page.wait_for_selector(READY)
    chosen = page.locator("#selection-bar .to-project")
    chosen.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#pick-title")
    page.fill("#pick-title", "{{7*7}}<b>one</b>")
    page.keyboard.press("Enter")
    page.locator(".toast button.strong").click()
    page.wait_for_url("**/projects/p*")
    page.wait_for_selector(READY)
    assert "{{7*7}}<b>one</b>" in page.locator("h1").inner_text()
    assert page.locator("details.compound .who b").all_inner_texts() == [row["properties"]["name"] for row in rows]
    page.fill("#add-compound", "南苑")
    page.locator(".found button").first.click()
    page.locator("details.compound").nth(3).wait_for()
    watched.clean()
