"""Texts that want to be run, in a real browser: in every page over a store full of them, in the file that travels, and with each guard taken away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import waitress
import xlsxwriter
from flask import Flask

import layers
from tests.web.conftest import here
from tests.web.hostile_texts import MARKUP, PAYLOADS, filled_store, random_texts
from web.serving import options_of
from web.standalone import content

pytestmark = pytest.mark.browser

UNTOUCHED = "window.PWN === undefined"
ALL_LAYERS = ",".join(layer.id for layer in layers.ALL if not layer.internal)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = filled_store(tmp_path_factory.mktemp("hostile") / "store.gpkg", PAYLOADS, random_texts(120))
    yield app
    here(app).close()


@pytest.fixture(scope="module")
def base(hostile: Flask) -> Iterator[str]:
    """The store's own server on a free loopback port."""
    server = waitress.create_server(hostile, port=0, **options_of(here(hostile).settings))
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(server.close)
    serving.join(10)


def untouched(watched: Any) -> None:
    """Nothing ran, nothing spoke, nobody else was asked."""
    assert watched.page.evaluate(UNTOUCHED)
    watched.clean()


def stir(page: Any) -> None:
    """Move over the map and the table, so that every tooltip and highlight has its turn."""
    page.mouse.move(10, 10)
    box = page.locator("#map-area").bounding_box()
    for step in range(6):
        page.mouse.move(box["x"] + box["width"] * (0.46 + step * 0.015), box["y"] + box["height"] * 0.5)
    page.wait_for_timeout(60)


@pytest.mark.soak
def test_the_workspace_shows_every_payload_as_text(base: str, open_page: Callable[..., Any]) -> None:
    """Map with tooltips and labels, answer, table, details, history and search."""
    watched = open_page(base, 1440, 900, "zh-CN")
    page = watched.page
    page.goto(f"{base}/?map=20/34.7503/112.9806&layers={ALL_LAYERS}&question=compounds-without-gas&answer=yes,no,unknown,na")
    page.wait_for_selector("#results[data-shown]:not([aria-busy])")
    page.wait_for_selector("body[data-ready]")
    stir(page)
    shown = page.locator("#table .name").all_inner_texts()
    assert PAYLOADS[0] in shown
    page.goto(f"{base}/?layers=compounds&feature=compounds/{PAYLOADS.index(MARKUP[2]) + 1}")
    page.wait_for_selector("#details-title")
    assert page.text_content("#details-title") == MARKUP[2]
    page.click("#details footer button.link")
    page.wait_for_selector(".history li")
    page.locator("#details details summary").last.click()
    page.fill("#search", MARKUP[2])
    page.wait_for_selector("#search-results .name")
    untouched(watched)


@pytest.mark.soak
@pytest.mark.parametrize("layer", [layer.id for layer in layers.ALL])
def test_details_of_other_layers_are_text(layer: str, base: str, open_page: Callable[..., Any]) -> None:
    watched = open_page(base, 390, 844, "en")
    for n in range(1, len(PAYLOADS) + 1, 4):
        watched.page.goto(f"{base}/?layers={layer}&feature={layer}/{n}")
        watched.page.wait_for_selector("#details-title")
        assert PAYLOADS[n - 1] in watched.page.locator("#details dd").all_text_contents()
    untouched(watched)


@pytest.mark.soak
def test_the_account_of_an_import_is_text(base: str, open_page: Callable[..., Any]) -> None:
    """File name, data set, reason, columns and values of the records left out."""
    watched = open_page(base, 1440, 900, "zh-CN")
    watched.page.goto(f"{base}/imports/1")
    watched.page.wait_for_selector("#account .counts")
    assert MARKUP[2] in watched.page.inner_text("#account")
    watched.page.goto(f"{base}/import")
    watched.page.wait_for_selector("#past li")
    untouched(watched)


def hostile_workbook(folder: Path) -> Path:
    """File, sheet, columns and values called so."""
    path = folder / "<img src=x onerror=window.PWN=1>{{7191*7907}}.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name in ("<img src=x onerror=PWN=1>", "{{config}}<b onclick=PWN=1>"):
            sheet = book.add_worksheet(name)
            for column, text in enumerate(("小区名称", "经度", "纬度", *MARKUP)):
                sheet.write_string(0, column, text)
            for row, text in enumerate(PAYLOADS, 1):
                for column, value in enumerate((text, "112.98", "34.75", *([text] * len(MARKUP)))):
                    sheet.write_string(row, column, value)
    return path


@pytest.mark.soak
def test_a_hostile_file_is_text_on_the_import_page(base: str, open_page: Callable[..., Any], tmp_path: Path) -> None:
    watched = open_page(base, 1440, 900, "zh-CN")
    page = watched.page
    page.goto(f"{base}/import")
    page.set_input_files("#files", str(hostile_workbook(tmp_path)))
    page.wait_for_selector("#import-dry")
    shown = page.inner_text("#upload")
    assert "<img src=x onerror=window.PWN=1>{{7191*7907}}.xlsx" in shown
    assert "<img src=x onerror=PWN=1>" in shown and "56859237" not in shown
    page.mouse.move(700, 500)
    untouched(watched)


# ---------------------------------------------------------------- the file that travels


@pytest.fixture
def open_file(chromium: Any, hostile: Flask, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    contexts = []

    def make(query: str, *, change: Callable[[str], str] = str, wait: str = "body[data-ready]") -> Any:
        path = tmp_path / "map.html"
        path.write_text(change(hostile.test_client().get(f"/map.html?{query}").get_data(as_text=True)), "utf-8")
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: page.said.append(f"error: {error}"))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri(), wait_until="domcontentloaded")
        page.wait_for_selector(wait, timeout=15_000, state="attached")
        return page

    yield make
    for context in contexts:
        context.close()


OPEN = """at => { const table = document.querySelector('#table'); table.scrollTop = at * 36; return new Promise((done) => requestAnimationFrame(() =>
  requestAnimationFrame(() => { table.querySelector(`tr[data-at='${at}']`).click(); done(document.querySelector('.travel-card h2').textContent); }))); }"""
"""Scrolls to a row, clicks it, and gives the title of the pop-up."""


@pytest.mark.soak
@pytest.mark.parametrize(("shown", "step"), [("compounds,roads", 3), (ALL_LAYERS, 1)], ids=["some", "all"])
def test_the_file_shows_every_payload_as_text(shown: str, step: int, open_file: Callable[..., Any]) -> None:
    """Legend, labels, tooltips, rows and their pop-ups, the tables of the layers, sources and the printed table."""
    page = open_file(f"map=19/34.7503/112.9806&layers={shown}&question=compounds-without-gas&answer=all")
    stir(page)
    for layer in page.eval_on_selector_all("#rows-of option", "all => all.map((one) => one.value)"):
        page.select_option("#rows-of", layer)
        page.evaluate(OPEN, 2)
    page.select_option("#rows-of", "compounds")
    assert [page.evaluate(OPEN, n) for n in range(0, len(PAYLOADS), step)] == list(PAYLOADS[::step])
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#table-print tbody tr").count() == len(PAYLOADS) + 120
    assert PAYLOADS[0] in page.inner_text("#sources")
    assert page.evaluate(UNTOUCHED)
    assert (page.said, len(page.asked)) == ([], 1)


def _no_policy(text: str) -> str:
    return text.replace('http-equiv="Content-Security-Policy"', 'name="x"')


@pytest.mark.soak
def test_the_escape_is_what_keeps_data_out_of_the_page(open_file: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: `<` left in the data and no policy, and the browser runs a name. The policy alone would still stop it."""
    monkeypatch.setattr(content, "inert", lambda text: text)
    page = open_file("layers=compounds", change=_no_policy, wait="body")
    page.wait_for_function("window.PWN === 1")
    guarded = open_file("layers=compounds", wait="body")
    guarded.wait_for_timeout(300)
    assert guarded.evaluate(UNTOUCHED)
    assert any("Content Security Policy" in line for line in guarded.said)


@pytest.mark.soak
def test_text_nodes_are_what_keeps_values_out_of_the_page(open_file: Callable[..., Any]) -> None:
    """Negative control: were values set as markup, and no policy there, a pop-up would run them."""

    def as_markup(text: str) -> str:
        assert text.count("made.append(...flat(children));") == 1
        return _no_policy(text).replace(
            "made.append(...flat(children));",
            "for (const c of flat(children)) { if (c instanceof Node) made.append(c); else made.insertAdjacentHTML('beforeend', c); }",
        )

    page = open_file("layers=compounds&map=19/34.7503/112.9806", change=as_markup)
    page.wait_for_function("window.PWN === 1")
