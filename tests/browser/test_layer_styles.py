"""Layers in the workspace: styles by any field with numbers that are the service's, order, groups, saved styles, and links that bring all of it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]

SETTLED = 'body[data-ready="true"]'


def opened(open_page: Callable[..., Any], base: str, query: str = "", size: tuple[int, int] = (1440, 900), lang: str = "en") -> Any:
    watched = open_page(base, *size, "en-GB" if lang == "en" else "zh-CN")
    watched.page.goto(f"{base}/?lang={lang}{query}")
    watched.page.wait_for_selector(SETTLED)
    return watched


def rows(page: Any, base: str, layer: str, field: str) -> list[Any]:
    """A field's value of every feature, from the items: counted here, not by the statistics that the legend asks."""
    features = page.request.get(f"{base}/ogc/collections/{layer}/items?limit=20000&properties={field}").json()["features"]
    return [f["properties"][field] for f in features]


def legend(page: Any, layer: str, wanted: int) -> dict[str, int]:
    """Label → number of the panel's legend, once `wanted` rows have theirs."""
    rows = f'.layers li[data-layer="{layer}"] .classes li'
    page.wait_for_function(
        "([css, n]) => { const b = [...document.querySelectorAll(css + ' .of')]; return b.length === n && b.every((one) => one.textContent); }",
        arg=[rows, wanted],
    )
    pairs = page.eval_on_selector_all(
        rows, "all => all.map((li) => [li.querySelector('span').textContent, li.querySelector('.of').textContent])"
    )
    return {label: int(count.replace(",", "")) for label, count in pairs}


def style_of(page: Any, layer: str) -> str | None:
    return parse_qs(urlsplit(page.url).query).get(f"s.{layer}", [None])[0]


def test_classes_of_a_year_count_what_is_there_and_come_back_by_the_link(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server)
    page = watched.page
    page.click("#more-button-compounds")
    page.click("#layer-style-compounds")
    page.select_option("#style-by-compounds", "built_year")
    page.wait_for_selector("#style-breaks-compounds")
    page.fill("#style-breaks-compounds", "2000 1980, 1990")
    page.press("#style-breaks-compounds", "Enter")
    page.keyboard.press("Tab")
    page.wait_for_function("() => location.search.includes('breaks:1980,1990,2000')")
    years = rows(page, demo_server, "compounds", "built_year")
    bands = Counter(
        "unknown" if y is None else "before 1980" if y < 1980 else "1980–1989" if y < 1990 else "1990–1999" if y < 2000 else "since 2000"
        for y in years
    )
    found = legend(page, "compounds", 5)
    assert {label: n for label, n in found.items() if n} == dict(bands)
    link = page.url
    again = opened(open_page, demo_server)
    again.page.goto(link)
    again.page.wait_for_selector(SETTLED)
    assert legend(again.page, "compounds", 5) == found
    watched.clean()
    again.clean()


def test_categories_of_a_choice_with_their_own_colour_and_pattern(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server, "&s.compounds=by:kind;kind:categories", lang="zh")
    layers = {layer["id"]: layer for layer in watched.page.request.get(f"{demo_server}/api/layers?lang=zh").json()["layers"]}
    [field] = [f for f in layers["compounds"]["fields"] if f["name"] == "kind"]
    labels = {choice["value"]: choice["label"] for choice in field["choices"]}
    kinds = Counter("不明" if k in (None, "unknown") else labels[k] for k in rows(watched.page, demo_server, "compounds", "kind"))
    found = legend(watched.page, "compounds", len(labels))
    assert {label: n for label, n in found.items() if n} == dict(kinds)
    watched.clean()


def test_natural_breaks_opacity_and_reset(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server)
    page = watched.page
    page.click("#more-button-compounds")
    page.click("#layer-style-compounds")
    page.select_option("#style-by-compounds", "households")
    page.wait_for_selector("#style-method-compounds")
    page.select_option("#style-method-compounds", "natural")
    bounds = page.request.get(f"{demo_server}/api/styles/compounds/breaks?field=households&method=natural&classes=5").json()["breaks"]
    page.wait_for_function("text => decodeURIComponent(location.search).includes(text)", arg=f"breaks:{','.join(map(str, bounds))}")
    page.eval_on_selector("#style-opacity-compounds", "one => { one.value = '0.5'; one.dispatchEvent(new Event('change')); }")
    page.wait_for_function("() => location.search.includes('opacity:0.5')")
    page.click("#style-reset-compounds")
    assert style_of(page, "compounds") is None
    watched.clean()


def test_a_style_is_saved_used_and_removed(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server, "&s.hydrants=size:1.5;opacity:0.5")
    page = watched.page
    page.click("#more-button-hydrants")
    page.click("#layer-style-hydrants")
    page.fill("#style-name-hydrants", "<b>{{7*7}}</b>")
    page.press("#style-name-hydrants", "Enter")
    page.wait_for_selector(".saved li")
    assert page.inner_text(".saved li .link") == "<b>{{7*7}}</b>"
    page.click("#style-reset-hydrants")
    assert style_of(page, "hydrants") is None
    page.click(".saved li .link")
    assert style_of(page, "hydrants") == "opacity:0.5;size:1.5"
    page.click(".saved li .round")
    page.wait_for_selector(".saved li", state="detached")
    watched.clean()


def test_layers_are_put_in_order_by_keyboard_and_by_dragging(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server, "&layers=communities,compounds,buildings")
    page = watched.page
    page.click("#layers-stacked")
    order = lambda: page.eval_on_selector_all(".stack li", "all => all.map((li) => li.dataset.layer)")  # noqa: E731
    assert order() == ["buildings", "compounds", "communities"]
    page.focus("#stack-down-buildings")
    page.keyboard.press("Alt+ArrowDown")
    assert order() == ["compounds", "buildings", "communities"]
    assert "layers=communities,buildings,compounds" in page.url
    handle, last = (
        page.locator('.stack li[data-layer="compounds"] .handle').bounding_box(),
        page.locator('.stack li[data-layer="communities"]').bounding_box(),
    )
    page.mouse.move(handle["x"] + 5, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(handle["x"] + 5, last["y"] + last["height"] + 4, steps=4)
    page.mouse.up()
    assert order() == ["buildings", "communities", "compounds"]
    assert "layers=compounds,communities,buildings" in page.url
    watched.clean()


def test_a_group_is_switched_and_folded_as_one(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server, "&layers=compounds", (390, 844), "zh")
    page = watched.page
    page.click('.dockbar [data-show="layers"]')
    assert page.eval_on_selector("#group-all-0", "one => one.indeterminate")
    page.uncheck("#group-all-0")
    page.check("#group-all-1")
    assert "layers=gas_areas,gas_mains" in page.url
    page.click("#group-fold-1")
    assert not page.is_visible("#layer-gas_mains")
    assert page.get_attribute("#group-fold-1", "aria-expanded") == "false"
    watched.clean()


def test_a_part_of_a_link_that_is_no_style_is_left_out_aloud(demo_server: str, open_page: Callable[..., Any]) -> None:
    watched = opened(open_page, demo_server, "&s.compounds=opacity:0.5;by:{{7*7}};label:nothing")
    watched.page.wait_for_selector(".toast")
    said = watched.page.inner_text(".toast p")
    assert "by:{{7*7}}" in said and "label:nothing" in said and "opacity" not in said
    watched.clean()


@pytest.mark.parametrize(
    ("text", "change", "refused"),
    [
        (
            "by:built_year;kind:classes;breaks:1980,1990,2000;opacity:0.6;label:name;zoom:14-20",
            {"by": "built_year", "kind": "classes", "breaks": [1980, 1990, 2000], "opacity": 0.6, "label": "name", "zoom": [14, 20]},
            [],
        ),
        ("by:owner;values:%E7%94%B2%2C%E4%B9%99,c", {"by": "owner", "values": ["甲,乙", "c"]}, []),
        ("breaks:2024-01-31,2025-01-31", {"breaks": ["2024-01-31", "2025-01-31"]}, []),
        ("breaks:3,2;opacity:7;color:red;constructor:1;nothing", {}, ["breaks:3,2", "opacity:7", "color:red", "constructor:1", "nothing"]),
        ("zoom:18-4;zoom:9-99;label-zoom:16", {"label-zoom": 16}, ["zoom:18-4", "zoom:9-99"]),
        ("", {}, []),
    ],
)  # fmt: skip
def test_a_style_as_text_and_back(
    demo_server: str, open_page: Callable[..., Any], text: str, change: dict[str, Any], refused: list[str]
) -> None:
    watched = open_page(demo_server, 800, 600, "en-GB")
    watched.page.goto(f"{demo_server}/rules")
    script = """async (text) => {
        const { parse, serialise } = await import("/static/js/map/style_text.js");
        const read = parse(text);
        return [read, parse(serialise(read.change)).change];
    }"""
    read, again = watched.page.evaluate(script, text)
    assert (read["change"], read["refused"]) == (change, refused)
    assert again == change
