"""What people write stays text: markup in names, columns and file names neither runs nor draws; figures of the scripts against pyproj."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest

from geo.crs import wgs84_to_gcj02

pytestmark = pytest.mark.browser

PAYLOADS = (
    '<img src=x onerror="window.PWN=1">',
    "<script>window.PWN=1</script>",
    "{{7*7}}{% raw %}",
    '"><svg onload=window.PWN=1>',
    "${window.PWN=1}`;window.PWN=1//",
    "javascript:window.PWN=1",
)
PLACE = (112.9805, 34.7505)


def write(page: Any, base: str, name: str) -> int:
    """Make a compound of this name, markup in every text of it, through the API."""
    token = page.evaluate("document.querySelector('meta[name=csrf-token]').content")
    fields = {
        "name": name,
        "code": name,
        "alias": name,
        "address": name,
        "community": name,
        "notes": name,
        "source": name,
        "gas_status": "none",
    }
    answer = page.request.post(
        f"{base}/ogc/collections/compounds/items",
        data={"type": "Feature", "geometry": {"type": "Point", "coordinates": PLACE}, "properties": fields},
        headers={"X-CSRF-Token": token, "Origin": base},
    )
    assert answer.status == 201, answer.text()
    return int(answer.json()["id"])


def take_away(page: Any, base: str, id: int) -> None:
    token = page.evaluate("document.querySelector('meta[name=csrf-token]').content")
    address = f"{base}/ogc/collections/compounds/items/{id}"
    etag = page.request.get(address).headers["etag"]
    assert page.request.delete(address, headers={"X-CSRF-Token": token, "Origin": base, "If-Match": etag}).ok


@pytest.mark.soak
def test_markup_is_text_everywhere(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    page, base = watched.page, watched.base
    page.goto(f"{base}/")
    page.wait_for_selector("body[data-ready]")
    written = {payload: write(page, base, payload) for payload in PAYLOADS}
    page.goto(f"{base}/?map=20/{PLACE[1]}/{PLACE[0]}&question=compounds-without-gas")
    page.wait_for_selector('#results[data-shown="compounds-without-gas"]:not([aria-busy])')
    try:
        for payload, feature in written.items():
            page.fill("#search", payload)
            page.wait_for_selector(f"#search-results .name:text-is({json.dumps(payload)})")
            page.keyboard.press("Enter")
            page.wait_for_selector(f"#details-title:text-is({json.dumps(payload)})")
            assert payload in page.locator("#details dd").all_inner_texts()
            row = page.wait_for_selector(f'#table tr[data-feature="{feature}"] .name')
            assert row.inner_text() == payload
    finally:
        for feature in written.values():
            take_away(page, base, feature)
    page.hover("#map-area", position={"x": 400, "y": 250})
    hostile = tmp_path / "<img src=x onerror=window.PWN=1>.csv"
    hostile.write_text("小区名称,<b/onmouseover=window.PWN=1>列</b>\n<img src=x onerror=window.PWN=1>,{{7*7}}\n", "utf-8-sig")
    page.goto(f"{base}/import")
    page.set_input_files("#files", str(hostile))
    page.wait_for_selector("#import-dry")
    assert "<img src=x onerror=window.PWN=1>.csv" in page.inner_text("#upload h2")
    assert "<b/onmouseover=window.PWN=1>列</b>" in page.locator(".mapping th[scope=row]").all_inner_texts()
    page.click("#import-dry")
    page.wait_for_selector(".account")
    assert page.evaluate("window.PWN === undefined")
    watched.clean()


@pytest.mark.soak
def test_the_policy_stops_what_slips_through(demo_server: str, open_page: Callable[..., Any]) -> None:
    """Negative control: an inline handler put in by hand does not run, because the content security policy holds."""
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    page = watched.page
    page.goto(f"{watched.base}/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.PWN=1\">')")
    page.wait_for_timeout(200)
    assert page.evaluate("window.PWN === undefined")
    assert any("Content Security Policy" in line for line in watched.console)


@pytest.mark.soak
def test_figures_of_the_map_agree_with_pyproj(demo_server: str, open_page: Callable[..., Any]) -> None:
    """Coordinates, lengths, areas and the GCJ-02 shift of the page, against pyproj and the core's own shift."""
    watched = open_page(demo_server, 800, 600, "zh-CN")
    page = watched.page
    page.goto(f"{watched.base}/")
    page.wait_for_selector("body[data-ready]")
    for crs, lon, lat in (
        ("EPSG:4547", 112.98, 34.75),
        ("EPSG:4544", 105.4, 29.1),
        ("EPSG:32635", 24.94, 60.17),
        ("EPSG:32756", 151.2, -33.9),
    ):
        got = page.evaluate(
            "([crs, lat, lon]) => import('/static/js/map/geodesy.js').then(({ project, zone }) => project(lat, lon, zone(crs)))",
            [crs, lat, lon],
        )
        east, north = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
        assert got == {"east": pytest.approx(east, abs=0.001), "north": pytest.approx(north, abs=0.001)}
    ring = [(112.98, 34.75), (112.99, 34.75), (112.99, 34.76), (112.98, 34.76)]
    length, area = page.evaluate(
        "ring => import('/static/js/map/geodesy.js').then(({ lengthM, areaM2 }) => { const p = ring.map(([lng, lat]) => ({ lng, lat })); return [lengthM(p), areaM2(p)]; })",
        ring,
    )
    geod = pyproj.Geod(ellps="WGS84")
    assert length == pytest.approx(geod.line_length(*zip(*ring, strict=True)), abs=0.001)
    assert area == pytest.approx(abs(geod.polygon_area_perimeter(*zip(*ring, strict=True))[0]), rel=1e-5)
    places = np.array([(112.98, 34.75), (116.4, 39.9), (121.5, 31.2), (87.6, 43.8), (108.9, 19.1)])
    shifted = page.evaluate(
        "xy => import('/static/js/map/tiles.js').then(({ gcj02 }) => xy.map(([lon, lat]) => gcj02(lat, lon)))", places.tolist()
    )
    assert np.array([(p["lng"], p["lat"]) for p in shifted]) == pytest.approx(wgs84_to_gcj02(places), abs=1e-9)
    watched.clean()
