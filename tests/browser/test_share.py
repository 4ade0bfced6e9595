"""Sharing: a named view reopens what was shown, a frame shows the map alone, the export dialog tells what the file holds, the picture is the map."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]

ASKED = "?question=compounds-without-gas&answer=yes,unknown&layers=compounds,communities"
YES = "[...data].filter((_, i) => i % 4 === 0 && data[i] > 200 && data[i + 1] > 90 && data[i + 1] < 150 && data[i + 2] < 110).length"
"""Pixels about the colour of a "yes" over the ground."""


def opened(watched: Any, address: str) -> Any:
    page = watched.page
    page.goto(address)
    page.wait_for_selector("body[data-ready]", state="attached")
    page.wait_for_selector("#results:not([aria-busy='true']) #sentence", state="attached")
    return page


def told(address: str) -> tuple[dict[str, list[str]], list[float]]:
    """The state in an address, and the map's view, which snaps to whole pixels."""
    state = parse_qs(urlsplit(address).query)
    return state, [float(part) for part in state.pop("map")[0].split("/")]


def pane(page: Any, name: str) -> None:
    page.click("#share-open")
    page.click(f"#share-tab-{name}")


def downloaded(page: Any, button: str, folder: Path) -> Path:
    with page.expect_download() as held:
        page.click(button)
    path = folder / held.value.suggested_filename
    held.value.save_as(path)
    return path


@pytest.mark.parametrize(("size", "locale", "lang"), [((1440, 900), "zh-CN", "zh"), ((390, 844), "en-GB", "en")])
def test_a_named_view_opens_what_was_shown(
    fresh_server: str, open_page: Callable[..., Any], size: tuple[int, int], locale: str, lang: str
) -> None:
    watched = open_page(fresh_server, *size, locale)
    page = opened(watched, f"{fresh_server}/{ASKED}&lang={lang}&map=16.5/34.7498/112.9801")
    said, (state, place) = page.text_content("#sentence"), told(page.url)
    pane(page, "views")
    page.fill("#share-view-title", "{{7*7}} <b>无气</b>")
    page.keyboard.press("Enter")
    short = page.get_attribute("#share-body .note.good a", "href")
    assert short.startswith(f"{fresh_server}/?view=7-7-b-") and page.inner_text(".views .what > a") == "{{7*7}} <b>无气</b>"
    page = opened(watched, f"{short}&lang={lang}")
    again, there = told(page.url)
    assert (page.text_content("#sentence"), again, there) == (said, state, pytest.approx(place, abs=1e-4))
    watched.clean()


def test_a_view_is_replaced_renamed_removed_and_brought_back(fresh_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(fresh_server, 1440, 900, "en-GB")
    page = opened(watched, f"{fresh_server}/{ASKED}&lang=en")
    pane(page, "views")
    for _ in range(2):
        page.fill("#share-view-title", "north")
        page.click("#share-body form button.primary")
        page.wait_for_selector("#share-body .note")
    page.click("#share-body .note.warn button")
    page.wait_for_selector("#share-body .note.good")
    page.click(".views [aria-label^=Rename]")
    page.fill(".views input", "north gate")
    page.keyboard.press("Enter")
    page.wait_for_selector(".views .what > a:text-is('north gate')")
    page.click(".views [aria-label^=Remove]")
    page.wait_for_selector(".views .what", state="detached")
    view = page.evaluate("fetch('/api/views').then((answer) => answer.json())")["views"]
    page.click("#share-body .note button")
    page.wait_for_selector(".views .what")
    back = page.evaluate("fetch('/api/views').then((answer) => answer.json())")["views"]
    assert (view, [(one["name"], one["title"], one["version"]) for one in back]) == ([], [("north", "north gate", 5)])
    watched.clean()


def test_the_frame_shows_the_map_alone(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(demo_server, 1440, 900, "zh-CN")
    page = opened(watched, f"{demo_server}/{ASKED}&lang=zh")
    pane(page, "embed")
    page.evaluate(
        "document.querySelector('#share-body').append(new DOMParser().parseFromString(document.querySelector('#share-embed').value, 'text/html').querySelector('iframe'))"
    )
    page.eval_on_selector("#share-body iframe", "frame => frame.removeAttribute('loading')")
    frame = page.wait_for_selector("#share-body iframe").content_frame()
    frame.wait_for_selector("body[data-ready]", state="attached")
    assert frame.is_visible(".folium-map") and frame.is_visible(".embed-link") and frame.is_visible("#banner")
    assert not any(frame.is_visible(part) for part in (".topbar", "#side", "#results", ".dockbar"))
    assert "question=compounds-without-gas" in frame.get_attribute(".embed-link", "href")
    watched.clean()


def test_the_dialog_tells_what_the_file_holds(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    """Two chosen rows of an answer, the shown columns only, in EPSG:4490."""
    watched = open_page(demo_server, 1440, 900, "en-GB")
    page = opened(watched, f"{demo_server}/{ASKED}&lang=en&columns=name,community&picked=1")
    found = page.evaluate("fetch('/ogc/collections/compounds-without-gas/items?limit=2').then((answer) => answer.json())")
    ids = [feature["id"] for feature in found["features"]]
    page = opened(watched, f"{demo_server}/{ASKED}&lang=en&columns=name,community&picked={ids[0]},{ids[1]}")
    page.click("#answer-head .more-formats")
    page.check("#export-rows-picked")
    page.check("#export-columns-shown")
    page.select_option("#download-format", "csv")
    page.wait_for_selector(".file-facts[aria-busy=false] dl")
    facts = page.inner_text(".file-facts")
    lines = downloaded(page, "#download-save", tmp_path).read_text("utf-8-sig").splitlines()
    assert lines[0].startswith("id,name,community") and [int(line.split(",")[0]) for line in lines[1:]] == ids
    assert "Rows\n2\n" in facts and "EPSG:4326" in facts and "about" not in facts.split("Size\n")[1].split("\n")[0]
    watched.clean()


def test_a_size_reckoned_from_a_sample_is_close(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    watched = open_page(demo_server, 1440, 900, "en-GB")
    page = watched.page
    page.goto(f"{demo_server}/?lang=en")
    told = {}
    for form in ("geojson", "csv", "xlsx", "gpkg", "shp", "kml"):
        address = f"/ogc/collections/buildings/items?f={form}"
        told[form] = page.evaluate(
            "async ([facts, file]) => [(await (await fetch(facts)).json()).bytes, (await (await fetch(file)).arrayBuffer()).byteLength]",
            [f"/api/exports/buildings?f={form}", address],
        )
    assert {form: told for form, (said, real) in told.items() if abs(said - real) > 0.2 * real} == {}


@pytest.mark.parametrize("ratio", [1, 2])
def test_the_picture_is_the_map_at_its_size(demo_server: str, open_page: Callable[..., Any], tmp_path: Path, ratio: int) -> None:
    watched = open_page(demo_server, 1024, 768, "zh-CN")
    page = opened(watched, f"{demo_server}/{ASKED}&lang=zh")
    pane(page, "picture")
    page.select_option("#picture-sharp", str(ratio))
    page.wait_for_selector("#picture-save[aria-disabled=false] ~ p:text('像素')")
    page.wait_for_function(
        "ratio => document.querySelector('#picture-save').ariaDisabled === 'false' && document.querySelector('.preview').naturalWidth > 0",
        arg=ratio,
    )
    counted = page.evaluate(f"""() => {{
        const image = document.querySelector('.preview'), canvas = document.createElement('canvas');
        Object.assign(canvas, {{ width: image.naturalWidth, height: image.naturalHeight }});
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const {{ data }} = context.getImageData(0, 0, canvas.width, canvas.height);
        return {YES};
    }}""")
    shown = page.evaluate("document.querySelector('.folium-map').getBoundingClientRect().width")
    file = downloaded(page, "#picture-save", tmp_path)
    width, height = struct.unpack(">II", file.read_bytes()[16:24])
    assert file.name == "哪些院落没通气.png" and width == shown * ratio and height > 300 * ratio
    assert counted > 2000 * ratio**2, "the answer's colour is in the picture"
    canvases = page.evaluate("[...document.querySelectorAll('.leaflet-overlay-pane canvas')].map((one) => one.width / one.offsetWidth)")
    assert set(canvases) == {1}, "the map is as before"
    watched.clean()
