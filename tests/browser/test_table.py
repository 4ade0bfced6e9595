"""The results dock: every row of an answer or a layer by scrolling, chosen rows, columns, statistics; each figure against the API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]

READY = "body[data-ready]"
SHOWN = "#results[data-shown]:not([aria-busy])"
ROW = "#table tr[data-at]"


class Desk:
    """A page with the results open, and the API beside it."""

    def __init__(self, watched: Any) -> None:
        self.watched, self.page, self.base = watched, watched.page, watched.base

    def open(self, query: str) -> None:
        self.page.goto(f"{self.base}/?{query}")
        self.page.wait_for_selector(READY)
        self.page.wait_for_selector(SHOWN)

    def items(self, collection: str, **parameters: Any) -> dict[str, Any]:
        answer = self.page.request.get(f"{self.base}/ogc/collections/{collection}/items?{urlencode({'limit': 10000, **parameters})}")
        assert answer.ok, answer.text()
        found: dict[str, Any] = answer.json()
        return found

    def listed(self) -> int:
        return int(self.page.get_attribute("#table table", "aria-rowcount")) - 1

    def picked(self) -> list[int]:
        return [int(id) for id in parse_qs(urlsplit(self.page.url).query).get("picked", [""])[0].split(",") if id]

    def headings(self) -> list[str]:
        return [text.strip() for text in self.page.locator("#table th:not(.pick)").all_inner_texts()]


@pytest.fixture
def desk(demo_server: str, open_page: Callable[..., Any]) -> Desk:
    return Desk(open_page(demo_server, 1440, 900, "zh-CN"))


def ids(found: dict[str, Any]) -> list[int]:
    return [feature["id"] for feature in found["features"]]


def test_the_rows_of_a_layer_can_all_be_reached(desk: Desk) -> None:
    every = ids(desk.items("buildings"))
    desk.open("table=buildings&lang=zh")
    assert desk.listed() == len(every) > 1000
    desk.page.focus(f'{ROW}[data-at="0"]')
    desk.page.keyboard.press("End")
    last = desk.page.wait_for_selector(f'{ROW}[data-at="{len(every) - 1}"]')
    assert int(last.get_attribute("data-feature")) == every[-1]
    desk.page.evaluate("document.querySelector('#table').scrollTop = 700 * 36")
    middle = desk.page.wait_for_selector(f'{ROW}[data-at="705"]')
    assert int(middle.get_attribute("data-feature")) == every[705]
    desk.watched.clean()


ORDERS = ("status", "-status", "due_date", "-escalated", "-funds_yuan", "address", "")
GO = "query => { history.pushState(null, '', query); dispatchEvent(new PopStateEvent('popstate')); }"


def test_a_row_is_found_wherever_the_order_puts_it(desk: Desk) -> None:
    """Choices, days, flags, figures, texts, both ways, and where nothing is known: the marked row stands where the whole sorted list has it."""
    desk.open("table=hazards&layers=communities")
    for order in ORDERS:
        every = ids(desk.items("hazards", properties="code", **({"sortby": order} if order else {})))
        for at in (len(every) - 3, 431):
            desk.page.evaluate(GO, f"?table=hazards&layers=communities&feature=hazards/{every[at]}" + (f"&sort={order}" if order else ""))
            desk.page.wait_for_selector(SHOWN)
            row = desk.page.wait_for_selector(f"#table tr[aria-selected='true'][data-feature='{every[at]}']")
            assert (order, row.get_attribute("data-at")) == (order, str(at))


def test_a_table_of_220_000_rows_asks_for_what_is_looked_at_only(desk: Desk) -> None:
    total, asked = 220_000, []

    def serve(route: Any) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(route.request.url).query).items()}
        first, limit = int(query.get("offset", 0)), int(query["limit"])
        asked.append(first)
        rows = [
            {"type": "Feature", "id": i + 1, "geometry": None, "properties": {"name": f"楼{i + 1}"}}
            for i in range(first, min(first + limit, total))
        ]
        route.fulfill(json={"type": "FeatureCollection", "numberMatched": total, "unplaced": total, "features": rows})

    desk.page.route("**/ogc/collections/buildings/items?*", serve)
    desk.open("table=buildings&layers=communities")
    assert desk.page.evaluate("document.querySelector('#table').scrollHeight") == total * 36 + 34
    for at in (110_000, 219_990, 3):
        desk.page.evaluate(f"document.querySelector('#table').scrollTop = {at} * 36")
        assert desk.page.wait_for_selector(f'{ROW}[data-at="{at}"] .name').inner_text().startswith(f"楼{at + 1}")
    assert desk.page.locator("#table tbody tr").count() < 60
    assert len(asked) <= 6


def test_rows_are_chosen_by_hand_by_range_and_all(desk: Desk) -> None:
    every = ids(desk.items("compounds-without-gas"))
    page = desk.page
    desk.open("question=compounds-without-gas")
    page.click(f'{ROW}[data-at="1"] input')
    page.click(f'{ROW}[data-at="4"] .why', modifiers=["Shift"])
    assert desk.picked() == every[1:5]
    page.click(f'{ROW}[data-at="2"] .why', modifiers=["Control"])
    assert sorted(desk.picked()) == sorted([every[1], *every[3:5]])
    page.wait_for_selector(f"#selection-bar:has-text('已选 3 行（共 {len(every)} 行）')")
    page.click("#table th.pick input")
    page.wait_for_selector(f"#selection-bar:has-text('已选 {len(every)} 行')")
    assert sorted(desk.picked()) == sorted(every)
    page.click("#selection-bar .clear")
    assert desk.picked() == [] and page.is_hidden("#selection-bar")
    desk.watched.clean()


def test_chosen_rows_are_copied_as_a_spreadsheet_takes_them(desk: Desk) -> None:
    """A name that a spreadsheet would run is guarded, as in the files."""
    page = desk.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=desk.base)
    formula = {"type": "Feature", "id": 9, "geometry": None, "properties": {"name": "=1+1\t\n2", "households": -3, "gas_status": "none"}}
    body = {"type": "FeatureCollection", "numberMatched": 1, "unplaced": 1, "features": [formula]}
    page.route("**/ogc/collections/compounds/items?*", lambda route: route.fulfill(json=body))
    desk.open("table=compounds&columns=name,households,gas_status&layers=communities")
    page.click(".tool-rows")
    page.wait_for_selector(".toast:has-text('已复制 1 行')")
    assert page.evaluate("navigator.clipboard.readText()") == "小区名称\t户数（户）\t通气状态\n'=1+1 2\t-3\t未通气"


def test_a_box_on_the_map_takes_what_meets_it(desk: Desk) -> None:
    page = desk.page
    desk.open("table=compounds&map=15/34.7498/112.98")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "bbox=" in request.url and "/compounds/items" in request.url else None)
    page.click(".tool-box")
    page.mouse.move(700, 250)
    page.mouse.down()
    page.mouse.move(800, 330, steps=4)
    page.mouse.up()
    page.wait_for_selector("#selection-bar:not([hidden])")
    (bbox,) = parse_qs(urlsplit(sent[0]).query)["bbox"]
    west, south, east, north = (float(part) for part in bbox.split(","))
    assert 112.9 < west < east < 113.05 and 34.7 < south < north < 34.8
    assert sorted(desk.picked()) == sorted(ids(desk.items("compounds", bbox=bbox))) != []
    assert page.get_attribute(".tool-box", "aria-pressed") == "false"
    desk.watched.clean()


def test_a_click_with_ctrl_on_the_map_takes_a_feature_in_and_out(desk: Desk) -> None:
    page = desk.page
    desk.open("table=compounds&layers=compounds&map=17.5/34.7498/112.98")
    for picked in (1, 0):
        page.mouse.move(820, 330)
        page.keyboard.down("Control")
        page.mouse.click(820, 330)
        page.keyboard.up("Control")
        page.wait_for_function("n => document.querySelector('#selection-bar').hidden === (n === 0)", arg=picked)
        assert len(desk.picked()) == picked
    assert page.is_hidden("#details")


def test_columns_are_chosen_moved_and_kept_in_the_address(desk: Desk) -> None:
    page = desk.page
    desk.open("table=compounds&columns=name,built_year")
    assert desk.headings() == ["小区名称", "建成年份"]
    page.click(".tool-columns")
    page.fill(".columns-popover input[type=search]", "户数")
    page.check("#column-households")
    page.fill(".columns-popover input[type=search]", "")
    page.click('[data-move="households up"]')
    page.wait_for_selector("#table th:nth-child(3):has-text('户数')")
    page.keyboard.press("Escape")
    page.wait_for_selector(".tool-columns:focus")  # which was drawn anew meanwhile
    assert "columns=name,households,built_year" in page.url
    assert desk.headings() == ["小区名称", "户数（户）", "建成年份"]
    page.click("#table th:has-text('建成年份') .column-menu")
    page.click(".column-popover .hide")
    page.wait_for_function("() => document.querySelectorAll('#table th').length === 3")
    assert "columns=name,households&" in f"{page.url}&"
    desk.watched.clean()


def test_the_statistics_of_a_column_are_those_of_its_rows(desk: Desk) -> None:
    page = desk.page
    values = [f["properties"]["households"] for f in desk.items("compounds-without-gas")["features"]]
    known = sorted(v for v in values if v is not None)
    desk.open("question=compounds-without-gas&columns=name,households")
    page.click("#table th:has-text('户数') .column-menu")
    page.wait_for_selector(".statistics dl")
    assert f"{len(values)} 行中有值 {len(known)}" in page.inner_text(".statistics .known")
    shown = {row.split("\n")[0]: row.split("\n")[1] for row in page.locator(".statistics dl > div").all_inner_texts()}
    assert (shown["最小"], shown["最大"]) == (f"{known[0]} 户", f"{known[-1]} 户")
    assert int(re.sub(r"\D", "", shown["合计"])) == sum(known)
    bars = [int(text.rsplit("：", 1)[1]) for text in page.locator(".statistics .bars li").evaluate_all("all => all.map((li) => li.title)")]
    assert sum(bars) == len(known)
    desk.watched.clean()


def test_only_the_rows_in_view(desk: Desk) -> None:
    page = desk.page
    desk.open("table=compounds&map=17.5/34.7498/112.98")
    with page.expect_response(lambda r: "/compounds/items" in r.url and "bbox=" in r.url) as held:
        page.click(".tool-view")
    page.wait_for_selector(f"{SHOWN} .tool-view[aria-pressed=true]")
    (bbox,) = parse_qs(urlsplit(held.value.url).query)["bbox"]
    inside = desk.items("compounds", bbox=bbox)["numberMatched"]
    assert 0 < desk.listed() == inside < 222
    assert page.inner_text("#counted").startswith(f"列出 {inside}，共 222")
    with page.expect_response(lambda r: "/compounds/items" in r.url and "bbox=" in r.url) as held:
        page.click(".tools button >> nth=1")
    page.wait_for_function("n => document.querySelector('#table table').getAttribute('aria-rowcount') !== String(n + 1)", arg=inside)
    (wider,) = parse_qs(urlsplit(held.value.url).query)["bbox"]
    assert wider != bbox and desk.listed() == desk.items("compounds", bbox=wider)["numberMatched"] > inside


def test_an_empty_table_says_why_and_how_to_get_on(desk: Desk) -> None:
    page = desk.page
    desk.open("table=compounds&" + urlencode({"f.compounds": "built_year < 1900"}))
    assert page.inner_text("#sentence") == "院落：222 个中符合条件的 0 个"
    assert "没有一个符合这些条件" in page.inner_text("#answer-head .note")
    page.click("#answer-head .note button")
    page.wait_for_selector(ROW)
    assert desk.listed() == 222 and "f.compounds" not in page.url


def test_the_keyboard_walks_chooses_and_opens(desk: Desk) -> None:
    every = ids(desk.items("compounds"))
    page = desk.page
    desk.open("table=compounds")
    page.focus(f'{ROW}[data-at="0"]')
    for key in ("ArrowDown", "ArrowDown", "Space", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    page.wait_for_function("() => location.search.includes('picked=')")
    page.wait_for_function("n => new URLSearchParams(location.search).get('picked').split(',').length === n", arg=3)
    assert desk.picked() == every[2:5]
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_selector("#details:not([hidden])")
    assert f"feature=compounds/{every[0]}" in page.url
    assert page.evaluate("document.querySelectorAll('#table tbody tr[tabindex=\"0\"]').length") == 1


def test_reading_can_be_stopped_and_begun_again(desk: Desk) -> None:
    """Over two seconds: the bar at the top offers to stop, and the dock says that it did."""
    page = desk.page
    desk.open("question=compounds-without-gas")
    held: list[Any] = []
    page.route("**/ogc/collections/compounds-without-gas/items?*", lambda route: held.append(route))
    page.click('.chip[data-answer="no"]')
    page.click("#busy button")
    page.wait_for_selector("#answer-head .note:has-text('已停止读取')")
    page.unroute("**/ogc/collections/compounds-without-gas/items?*")
    page.click("#answer-head .note button")
    page.wait_for_selector(ROW)
    assert desk.listed() == desk.items("compounds-without-gas", answer="yes,no")["numberMatched"]


def test_markup_in_the_data_stays_text(desk: Desk) -> None:
    """In cells, titles, statistics and the chooser alike."""
    text = "<img src=x onerror=alert(1)>{{7*7}}"
    row = {"type": "Feature", "id": 1, "geometry": None, "properties": {"name": text, "address": text}}
    body = {"type": "FeatureCollection", "numberMatched": 1, "unplaced": 1, "features": [row]}
    field = {
        "name": "address",
        "type": "text",
        "known": 1,
        "unknown": 0,
        "distinct": 1,
        "values": [{"value": text, "label": text, "count": 1}],
        "others": 0,
    }
    desk.page.route("**/ogc/collections/compounds/items?*", lambda route: route.fulfill(json=body))
    desk.page.route(
        "**/api/statistics/compounds?*",
        lambda route: route.fulfill(body=json.dumps({"matched": 1, "fields": [field]}), content_type="application/json"),
    )
    desk.open("table=compounds&columns=name,address&layers=communities")
    desk.page.click("#table th:has-text('地址') .column-menu")
    desk.page.wait_for_selector(".counts-of li")
    assert desk.page.inner_text(".counts-of .name") == desk.page.inner_text(f"{ROW} td:nth-child(3)") == text
    assert desk.page.locator("#results img, .popover img").count() == 0
    desk.watched.clean()
