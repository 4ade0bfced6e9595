"""The dialog of all formats: what it says, what it gives, at both sizes."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ezdxf
import pytest

pytestmark = pytest.mark.browser


def taken(page: Any, folder: Path) -> Path:
    with page.expect_download() as held:
        page.click("#download-save")
    path = folder / held.value.suggested_filename
    held.value.save_as(path)
    return path


@pytest.mark.soak
def test_a_layer_is_taken_away_in_a_format_of_the_dialog(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    page = watched.page
    page.goto(f"{demo_server}/")
    row = page.locator("li", has=page.locator("#layer-hydrants"))
    row.locator("button.more").click()
    row.locator("button.more-formats").click()
    page.select_option("#download-format", "shp")
    assert "至多 10 个字母" in page.inner_text(".download-dialog .note")
    assert not page.is_visible("#download-headings")
    page.select_option("#download-crs", "EPSG:4547")
    with zipfile.ZipFile(taken(page, tmp_path)) as archive:
        assert "hydrants.shp" in archive.namelist()
        said = json.loads(archive.read("about/about.json"))["yuantu"]
    assert (said["crs"], said["demo"]) == ("EPSG:4547", True)
    row.locator("button.more-formats").click()
    page.select_option("#download-format", "dxf")
    assert page.eval_on_selector_all("#download-crs option", "all => all.map(one => one.value)") == ["EPSG:4547", "other"]
    page.select_option("#download-crs", "other")
    assert page.get_attribute("#download-save", "href") is None
    page.fill("#download-code", "4526")
    drawing = ezdxf.readfile(taken(page, tmp_path))
    assert dict(drawing.header.custom_vars.properties)["YUANTU_CRS"] == "EPSG:4526"
    watched.clean()


@pytest.mark.soak
def test_an_answer_is_taken_away_by_labels_on_a_phone(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    watched = open_page(demo_server, 390, 844, "en-GB")
    page = watched.page
    page.goto(f"{demo_server}/?question=compounds-without-gas&lang=en")
    page.wait_for_selector("#answer-head .more-formats", state="attached")
    if not page.is_visible("#answer-head .more-formats"):
        page.click('.dockbar [data-show="results"]')
    page.click("#answer-head .more-formats")
    page.select_option("#download-format", "geojson")
    page.select_option("#download-headings", "labels")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    features = json.loads(taken(page, tmp_path).read_text("utf-8"))["features"]
    assert "Answer" in features[0]["properties"] and features[0]["properties"]["Answer"] == "yes"
    watched.clean()
