"""What a planner does with a page, in words, and how a figure on the screen is compared with the API and with a file."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import openpyxl

READY = "body[data-ready]"
ROWS = "#table tr[data-at]"


class Planner:
    """What a planner does with a page, in words."""

    def __init__(self, watched: Any) -> None:
        self.watched, self.page, self.base = watched, watched.page, watched.base

    def api(self, path: str, **parameters: Any) -> Any:
        url = f"{self.base}{path}" + (f"?{urlencode(parameters)}" if parameters else "")
        answer = self.page.request.get(url, timeout=60_000)  # an answer after a change is worked out from nothing
        assert answer.ok, answer.text()
        return answer.json()

    def matched(self, collection: str, **parameters: Any) -> int:
        return int(self.api(f"/ogc/collections/{collection}/items", limit=1, **parameters)["numberMatched"])

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")
        self.page.wait_for_selector(READY)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector)).strip()

    def ask(self, question: str, **parameters: str) -> None:
        """Choose a question, fill its parameters, ask, and wait for the rows."""
        self.page.click('[data-show="questions"]:visible')
        card = f'[data-question="{question}"]'
        if self.page.get_attribute(f"{card} h3 button", "aria-expanded") == "false":
            self.page.click(f"{card} h3 button")
        for name, value in parameters.items():
            self.page.fill(f"#p-{question}-{name}", value)
        with self.page.expect_response(lambda r: f"/ogc/collections/{question}/items" in r.url):
            self.page.click(f"{card} button[type=submit]")
        self.page.wait_for_selector(f'#results[data-shown="{question}"]:not([aria-busy])')

    def counts(self) -> dict[str, int]:
        """The four counts as the chips show them."""
        return {name: number(self.text(f'.chip[data-answer="{name}"] b')) for name in ("yes", "no", "unknown", "na")}

    def listed(self) -> int:
        """How many rows the table says it has."""
        return int(self.page.get_attribute("#table table", "aria-rowcount")) - 1

    def download(self, form: str, folder: Path) -> Path:
        with self.page.expect_download(timeout=60_000) as held:  # children that write run at low priority
            self.page.click(f'.downloads a[data-format="{form}"]')
        path = folder / f"answer.{form}"
        held.value.save_as(path)
        return path

    def import_file(self, path: Path, *, crs: str | None = None) -> None:
        """Send a file, pick its coordinates when they are asked for, import, and wait for the account."""
        self.page.goto(f"{self.base}/import")
        self.page.set_input_files("#files", str(path))
        self.page.wait_for_selector("#import-now")
        if crs:
            self.page.check(f'input[name="crs"][value="{crs}"]')
        self.page.click("#import-now")
        self.page.wait_for_selector(".account")

    def account(self, layer: str) -> dict[str, int]:
        cells = self.page.locator(f'.counts tr[data-layer="{layer}"] td').all_inner_texts()
        return dict(zip(("read", "accepted", "repaired", "quarantined", "unplaced"), map(number, cells), strict=False))


def rested(page: Any) -> None:
    """Wait until the map glides no more: the address then has its view. A glide begins with the frame after what asks for it."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_selector(".leaflet-zoom-anim, .leaflet-pan-anim", state="detached")


def until(holds: Callable[[], bool]) -> None:
    """Asked from here: the page's content policy stops what Playwright would evaluate again and again inside it."""
    end = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def number(text: str) -> int:
    return int(re.sub(r"[^\d]", "", text))


def api_counts(planner: Planner, question: str, **parameters: Any) -> dict[str, int]:
    """The four counts, asked one by one: not from the summary that the page shows."""
    return {name: planner.matched(question, answer=name, **parameters) for name in ("yes", "no", "unknown", "na")}


def records(path: Path) -> int:
    """How many records an exported file holds, read by other means than ours."""
    if path.suffix == ".geojson":
        return len(json.loads(path.read_text("utf-8"))["features"])
    if path.suffix == ".csv":
        return len(list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))) - 1
    if path.suffix == ".xlsx":
        return int(openpyxl.load_workbook(path).worksheets[0].max_row) - 1
    with sqlite3.connect(path) as store:
        (table,) = store.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'").fetchone()
        return int(store.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])


def wait_for_counts(planner: Planner, wanted: Mapping[str, int]) -> None:
    planner.page.wait_for_function(
        "wanted => Object.entries(wanted).every(([name, n]) => Number(document.querySelector(`.chip[data-answer=\"${name}\"] b`).textContent.replace(/\\D/g, '')) === n)",
        arg=dict(wanted),
    )
