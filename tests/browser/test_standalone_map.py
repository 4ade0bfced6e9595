"""The map that travels, opened from disk with the network off: what a reader sees and does, in both languages and on two screens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from planner import until

from tests.web.conftest import application, here
from web import demo

pytestmark = pytest.mark.browser

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
CHOSEN = '.leaflet-highlight-pane path[stroke="#0b5fff"]'
QUERY = "layers=compounds,buildings,fire_lanes,hazards&question=compounds-without-gas&answer=yes,unknown"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A small made-up district; asked without a server."""
    app = application(tmp_path_factory.mktemp("town") / "store.gpkg")
    demo.load(here(app), compounds=24)
    yield app.test_client()
    here(app).close()


@pytest.fixture
def open_file(chromium: Any, town: FlaskClient, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Writes the file of an address and opens it from disk in a browser without a network."""
    contexts = []

    def make(query: str, size: tuple[int, int], lang: str, *, change: Callable[[str], str] = str) -> Any:
        path = tmp_path / "地图.html"
        path.write_text(change(town.get(f"/map.html?{query}&lang={lang}").get_data(as_text=True)), "utf-8")
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: page.said.append(f"error: {error}"))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield make
    for context in contexts:
        context.close()


def drawn(page: Any) -> int:
    """How many pixels of the map's canvas have a colour."""
    return int(
        page.evaluate(
            """() => { const c = document.querySelector('.leaflet-overlay-pane canvas');
            const copy = document.createElement('canvas'); Object.assign(copy, { width: c.width, height: c.height });
            const o = copy.getContext('2d', { willReadFrequently: true }); o.drawImage(c, 0, 0);
            const d = o.getImageData(0, 0, c.width, c.height).data; let n = 0;
            for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; }"""
        )
    )


def api(town: FlaskClient, path: str) -> Any:
    return town.get(path).get_json()


@pytest.mark.soak
@pytest.mark.parametrize(("size", "lang"), [("wide", "zh"), ("narrow", "en")])
def test_the_file_opens_without_a_network(size: str, lang: str, open_file: Callable[..., Any], town: FlaskClient) -> None:
    """Figures in head, legend and table are those of the service; nothing is asked of anybody, and the console is silent."""
    page = open_file(QUERY, SIZES[size], lang)
    page.wait_for_selector("body[data-ready]")
    answer = api(town, f"/ogc/collections/compounds-without-gas/items?answer=yes,unknown&limit=1000&lang={lang}")
    assert page.inner_text("#sentence") == answer["sentence"]
    for name in ("yes", "no", "unknown", "na"):
        assert page.inner_text(f".chip.{name} b") == str(answer["summary"][name])
    for layer in ("compounds", "buildings", "fire_lanes", "hazards"):
        count = api(town, f"/ogc/collections/{layer}/items?limit=1")["numberMatched"]
        assert page.inner_text(f'[data-layer="{layer}"] .count') == f"{count:,}"
    assert page.locator('[data-layer="roads"]').count() == 0
    assert page.get_attribute("#table table", "aria-rowcount") == str(answer["numberReturned"] + 1)
    assert page.inner_text("#rows-count") == f"{answer['numberReturned']} {'行' if lang == 'zh' else 'rows'}"
    assert drawn(page) > 3000
    assert page.inner_text(".banner strong") == ("示例数据" if lang == "zh" else "Demo data")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.querySelector('.leaflet-control-scale-line').textContent").endswith(" m")
    assert len(page.asked) == 1 and page.asked[0].startswith("file://")
    assert page.said == []


@pytest.mark.soak
def test_table_map_and_legend_belong_together(open_file: Callable[..., Any], town: FlaskClient) -> None:
    page = open_file(QUERY, SIZES["wide"], "zh")
    page.wait_for_selector("body[data-ready]")
    first = page.inner_text("#table tr[data-at='0'] .name")
    page.click("#table tr[data-at='0']")
    page.wait_for_selector(".travel-card h2")
    assert page.inner_text(".travel-card h2") == first
    assert page.locator(CHOSEN).count() == 1
    assert page.locator("#table tr[aria-selected='true']").get_attribute("data-at") == "0"
    features = api(town, "/ogc/collections/compounds-without-gas/items?answer=yes,unknown&limit=1000")["features"]
    known = next(f for f in features if f["id"] == int(page.get_attribute("#table tr[data-at='0']", "data-feature")))
    facts = dict(zip(page.locator(".travel-card dt").all_inner_texts(), page.locator(".travel-card dd").all_inner_texts(), strict=True))
    assert facts["建成年份"] == str(known["properties"]["built_year"])
    page.keyboard.press("Escape")
    page.wait_for_selector(".travel-card", state="detached")
    assert page.locator(CHOSEN).count() == 0
    page.select_option("#rows-of", "compounds")
    page.click("#table th:has-text('建成年份') button")
    years = [
        row["properties"]["built_year"] for row in api(town, "/ogc/collections/compounds/items?limit=1000&sortby=built_year")["features"]
    ]
    column = page.locator("#table th").all_inner_texts().index("建成年份")
    shown = page.locator(f"#table tr[data-at] td:nth-child({column + 1})").all_inner_texts()
    assert shown[:5] == [str(year) for year in years[:5]]
    page.click("#table th:has-text('建成年份') button")
    assert page.get_attribute("#table th:has-text('建成年份')", "aria-sort") == "descending"
    before = drawn(page)
    page.uncheck("#layer-compounds")
    until(lambda: drawn(page) < before)
    assert page.said == []


@pytest.mark.soak
def test_a_click_on_the_map_opens_the_feature(open_file: Callable[..., Any], town: FlaskClient) -> None:
    """The address' own view and choice come with the file; a click tells what is there."""
    feature = api(town, "/ogc/collections/compounds/items?limit=1")["features"][0]
    ring = feature["geometry"]["coordinates"][0]
    lon, lat = (sum(p[i] for p in ring[:-1]) / (len(ring) - 1) for i in (0, 1))
    chosen = open_file(f"layers=compounds&map=18/{lat}/{lon}&feature=compounds/{feature['id']}", SIZES["narrow"], "en")
    chosen.wait_for_selector(".travel-card")
    assert chosen.inner_text(".travel-card h2") == feature["properties"]["name"]
    card, tools = (chosen.locator(name).bounding_box() for name in (".leaflet-popup-content-wrapper", ".tools"))
    assert card["x"] >= 0 and card["x"] + card["width"] <= tools["x"]
    page = open_file(f"layers=compounds&map=18/{lat}/{lon}", SIZES["wide"], "en")
    page.wait_for_selector("body[data-ready]")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + 3)
    page.wait_for_selector(".travel-card")
    assert page.inner_text(".travel-card h2") == feature["properties"]["name"]
    assert page.said == []


@pytest.mark.soak
def test_on_paper_the_whole_table_is_there(open_file: Callable[..., Any], town: FlaskClient) -> None:
    page = open_file(QUERY, SIZES["wide"], "zh")
    page.wait_for_selector("body[data-ready]")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    rows = api(town, "/ogc/collections/compounds-without-gas/items?answer=yes,unknown&limit=1")["numberMatched"]
    assert page.locator("#table-print tbody tr").count() == rows
    assert page.is_visible("#table-print") and page.is_hidden("#table") and page.is_hidden("#print")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#table-print tbody tr").count() == 0


@pytest.mark.soak
def test_the_policy_of_the_file_stops_what_slips_in(open_file: Callable[..., Any]) -> None:
    """Negative control: a script and a handler put into the file by hand do not run; without the file's policy they do."""

    def tampered(text: str) -> str:
        return text.replace("</header>", "<script>window.PWN=1</script><img src=x onerror='window.PWN=2'></header>", 1)

    page = open_file("layers=compounds", SIZES["wide"], "zh", change=tampered)
    page.wait_for_selector("body[data-ready]")
    assert page.evaluate("window.PWN === undefined")
    assert sum("Content Security Policy" in line for line in page.said) >= 2
    bare = open_file("layers=compounds", SIZES["wide"], "zh", change=lambda text: tampered(text).replace("Content-Security-Policy", "x"))
    bare.wait_for_function("window.PWN >= 1")


@pytest.mark.soak
def test_the_workspace_offers_the_file(demo_server: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    """From the button to the file on disk: the size first, then the map as it is on the screen."""
    watched = open_page(demo_server, 390, 844, "zh-CN")
    page = watched.page
    page.goto(f"{watched.base}/?layers=compounds,roads")
    page.wait_for_selector("body[data-ready]")
    page.click("#travel")
    page.wait_for_selector("#travel-save:not([hidden])")
    whole = page.inner_text(".travel-dialog .size")
    assert whole.startswith("约 ") and whole.endswith("258 个要素")
    with page.expect_download() as held:
        page.click("#travel-save")
    held.value.save_as(tmp_path / "map.html")
    text = (tmp_path / "map.html").read_text("utf-8")
    found = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    assert {id: len(c["features"]) for id, c in found["collections"].items()} == {"compounds": 222, "roads": 36}
    assert 12 < found["view"]["camera"][0] < 18
    assert page.locator(".travel-dialog").evaluate("d => d.open") is False
    watched.clean()
