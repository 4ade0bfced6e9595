"""A layer of thousands on the map: tiles that are drawn, named, opened, filtered and counted like features that come one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

import layers
from geo.store import open_store
from geo.store.contract import Batch, ImportRecord, Write
from geo.tiles import to_plane
from tests.browser.conftest import Watched, _serving

pytestmark = [pytest.mark.browser, pytest.mark.soak]

SIDE, COUNT = 80, 6_400
WEST, SOUTH, STEP = 112.95, 34.72, 0.0009
NEAR = "map=15/34.756/112.986"
FAR = "map=12/34.756/112.986"
HALF = "f.compounds=built_year<1990"


def row(i: int) -> dict[str, Any]:
    west, south = WEST + i % SIDE * STEP, SOUTH + i // SIDE * STEP
    square = shapely.to_wkb(shapely.box(west, south, west + 0.6 * STEP, south + 0.6 * STEP))
    return {"code": f"C{i:05d}", "name": f"{i}号院", "built_year": 1980 + i % 20, "gas_status": ("none", "full")[i % 2], "geometry": square}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose store holds a square of 6 400 compounds."""
    folder: Path = tmp_path_factory.mktemp("city")
    (folder / "instance").mkdir()
    store = open_store(folder / "instance" / "store.gpkg", {layer.id: layer for layer in layers.ALL})
    record = ImportRecord("a.csv", "0" * 64, "append", {}, {})
    store.publish(
        Batch([Write("compounds", inserts=map(row, range(COUNT)))], record, metric_crs="EPSG:4547"),
        actor="test",
        now="2026-11-22T08:00:00Z",
    )
    store.close()
    with _serving(folder) as own:
        yield own.base


@pytest.fixture
def opened(city: str, open_page: Callable[..., Watched]) -> Iterator[Callable[[str], Watched]]:
    """Opens the workspace and waits until its tiles are drawn."""
    pages: list[Watched] = []

    def make(query: str) -> Watched:
        watched = open_page(city, 1440, 900, "zh-CN")
        watched.page.set_default_timeout(30_000)
        watched.page.goto(f"{city}/?lang=zh&layers=compounds&{query}")
        watched.page.wait_for_selector("body[data-ready]")
        watched.page.wait_for_load_state("networkidle")
        pages.append(watched)
        return watched

    yield make
    for watched in pages:
        watched.clean()


def told(watched: Watched) -> int:
    """How many features the legend says stand as points and in counts."""
    text = watched.page.locator(".map-legend .generalised").inner_text()
    return sum(int(number.replace(",", "")) for number in re.findall(r"([\d,]+) 个", text))


def canvases(watched: Watched) -> int:
    return int(watched.page.locator("canvas.vector-tile").count())


def middle_of(watched: Watched, i: int) -> tuple[float, float]:
    """Where on the screen a compound's middle lies, worked out from the address: the view's middle is the middle of the map."""
    view = re.search(r"map=([\d.]+)/([\d.]+)/([\d.]+)", watched.page.url)
    assert view is not None
    zoom, lat, lon = map(float, view.groups())
    box = watched.page.locator(".leaflet-container").bounding_box()
    at = to_plane(np.array([[WEST + (i % SIDE + 0.3) * STEP, SOUTH + (i // SIDE + 0.3) * STEP], [lon, lat]])) * 256 * 2**zoom
    x, y = at[0] - at[1]
    return box["x"] + box["width"] / 2 + x, box["y"] + box["height"] / 2 + y


CENTRAL = 40 * SIDE + 40


def test_thousands_come_as_tiles_and_the_legend_accounts_for_all(opened: Callable[[str], Watched]) -> None:
    watched = opened(FAR)
    watched.page.wait_for_selector(".map-legend .generalised")
    assert canvases(watched) > 0
    assert told(watched) == COUNT


def test_a_filter_narrows_the_tiles(opened: Callable[[str], Watched]) -> None:
    watched = opened(f"{FAR}&{HALF}")
    watched.page.wait_for_selector(".map-legend .generalised")
    assert told(watched) == COUNT // 2


def test_the_pointer_names_a_feature_and_a_click_opens_it(opened: Callable[[str], Watched]) -> None:
    watched = opened(NEAR)
    x, y = middle_of(watched, CENTRAL)
    watched.page.mouse.move(x - 3, y)
    watched.page.mouse.move(x, y)
    watched.page.wait_for_selector(f".leaflet-tooltip.tip:has-text('{CENTRAL}号院')")
    watched.page.mouse.click(x, y)
    watched.page.wait_for_selector(f"#details-title:has-text('{CENTRAL}号院')")
    assert f"feature=compounds/{CENTRAL + 1}" in watched.page.url


def test_a_count_is_opened_by_zooming_in(opened: Callable[[str], Watched]) -> None:
    watched = opened(FAR)
    x, y = middle_of(watched, CENTRAL)
    watched.page.mouse.move(x - 3, y)
    watched.page.mouse.move(x, y)
    watched.page.wait_for_selector(".leaflet-tooltip.tip:has-text('点击放大')")
    watched.page.mouse.click(x, y)
    watched.page.wait_for_url("**map=14/**")
    assert "feature=" not in watched.page.url


def test_near_by_features_come_one_by_one(opened: Callable[[str], Watched]) -> None:
    """With their names, and drawn only once."""
    watched = opened(NEAR.replace("15/", "16/"))
    watched.page.wait_for_selector("canvas.vector-tile", state="detached")
    asked = watched.page.evaluate(
        "performance.getEntriesByType('resource').map(one => one.name).filter(name => name.includes('/compounds/'))"
    )
    assert [url for url in asked if "/tiles/" in url] == []
    assert len([url for url in asked if "/items?" in url and "bbox=" in url]) >= 1


def test_an_answer_of_thousands_comes_as_tiles(opened: Callable[[str], Watched]) -> None:
    watched = opened(f"{NEAR}&question=compounds-without-gas&answer=yes,no")
    watched.page.wait_for_selector("#sentence")
    watched.page.wait_for_selector("canvas.vector-tile")
    watched.page.wait_for_load_state("networkidle")
    x, y = middle_of(watched, CENTRAL)
    watched.page.mouse.move(x - 3, y)
    watched.page.mouse.move(x, y)
    watched.page.wait_for_selector(f".leaflet-tooltip.tip:has-text('{CENTRAL}号院')")
    watched.page.mouse.click(x, y)
    watched.page.wait_for_selector(f"#details-title:has-text('{CENTRAL}号院')")


def test_an_answer_in_tiles_is_gone_to(opened: Callable[[str], Watched]) -> None:
    """Its rows are not in the page: the map stayed where it was."""
    watched = opened("map=18/34.7/112.9")
    page, card = watched.page, '[data-question="compounds-without-lane-record"]'
    page.click('[role=tab][data-show="questions"]')
    page.click(f"{card} h3 button")
    page.click(f'{card} button[type="submit"]')
    page.wait_for_url(lambda url: "question=" in url and "map=18/" not in url)
    _, lat, lon = map(float, re.search(r"map=([\d.]+)/([\d.]+)/([\d.]+)", page.url).groups())  # type: ignore[union-attr]
    assert (lat, lon) == pytest.approx((SOUTH + SIDE * STEP / 2, WEST + SIDE * STEP / 2), abs=0.01)
    assert canvases(watched) > 0
