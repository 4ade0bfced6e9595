"""The list for the field team: taken from the workspace, filled in, and given back on the import page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]


def test_a_gap_is_filled_in_on_paper(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    page = watched.page
    page.set_default_timeout(60_000)
    page.goto(f"{demo_server}/?question=data-gaps")
    with page.expect_download() as held:
        page.click("#to-do")
    path = tmp_path / held.value.suggested_filename
    held.value.save_as(path)
    book = openpyxl.load_workbook(path)
    row = next(row for row in book.worksheets[0].iter_rows(min_row=2) if row[6].value == "净宽" and row[0].value == "消防通道")
    row[10].value = "3.7米"
    book.save(path)
    page.goto(f"{demo_server}/import?lang=zh")
    page.set_input_files("#files", str(path))
    page.wait_for_selector("#import-now")
    assert "填好的缺项清单" in page.inner_text(".dataset select option:checked")
    page.click("#import-now")
    page.wait_for_selector(".account")
    assert page.inner_text('.account tr[data-layer="fire_lanes"] td.accepted') == "1"
    items = page.request.get(f"{demo_server}/ogc/collections/fire_lanes/items?filter=code='{row[2].value}'").json()
    assert [f["properties"]["clear_width_m"] for f in items["features"]] == [3.7]
    watched.clean()
