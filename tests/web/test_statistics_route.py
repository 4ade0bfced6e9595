"""`/api/statistics` over HTTP: labels in the language asked for, what is refused, and nothing sent twice."""

from __future__ import annotations

import pytest

from tests.web.conftest import Browser, here


def test_a_choice_a_year_and_what_is_unknown(reader: Browser) -> None:
    body = reader.get("/api/statistics/compounds?fields=gas_status,built_year&lang=en").get_json()
    gas, year = body["fields"]
    assert {k: body[k] for k in ("matched", "unplaced", "total")} == {"matched": 5, "unplaced": 1, "total": 5}
    assert body["bbox"] == pytest.approx([112.980, 34.750, 112.991, 34.761])
    assert [(v["value"], v["count"]) for v in gas["values"] if v["count"]] == [("none", 2), ("full", 1), ("all_electric", 1)]
    assert gas["values"][0]["label"] == "no piped gas"
    assert (gas["known"], gas["unknown"], year["min"], year["max"], year["median"], year["mean"]) == (4, 1, 1985, 2005, 1996.5, 1995.75)
    assert year["bins"][0] == {"low": 1984, "high": 1986, "count": 1}


def test_nothing_placed_has_no_box(reader: Browser) -> None:
    assert reader.get("/api/statistics/compounds?fields=name&filter=code='A3'").get_json()["bbox"] is None


REFUSED = [
    ("fields=nmae", "unknown-field", "name"),
    ("limit=5", "unknown-parameter", "fields"),
    ("sortby=name", "unknown-parameter", "fields"),
    ("bins=0", "bad-value", "1 到 100"),
    ("bins=101", "bad-value", "1 到 100"),
    ("fields=built_year&breaks=3,2", "bad-value", "从小到大"),
    ("fields=built_year&breaks=nan", "bad-value", "从小到大"),
    ("fields=built_year&breaks=1_990", "bad-value", "从小到大"),
    ("fields=built_year&breaks=1e999", "bad-value", "从小到大"),
    ("fields=name&breaks=3", "bad-value", "数字字段"),
    ("near=fire_lanes", "bad-value", "图层:米数"),
    ("within=@none", "bad-value", "没有保存的区域"),
]


@pytest.mark.parametrize(("args", "code", "words"), REFUSED)
def test_what_is_refused_says_what_would_do(reader: Browser, args: str, code: str, words: str) -> None:
    response = reader.get(f"/api/statistics/compounds?{args}&lang=zh")
    body = response.get_json()
    assert (response.status_code, body["code"]) == (400, code)
    assert words in body["detail"]


def test_whether_something_can_be_asked_is_no_failure(reader: Browser) -> None:
    """A filter that is being typed would otherwise fill the browser's console with errors."""
    good = reader.get("/api/asks/compounds?filter=built_year<1990")
    assert (good.status_code, good.get_json()["problem"], good.get_json()["matched"]) == (200, None, 1)
    bad = reader.get("/api/asks/compounds?filter=built_yaer<1990&lang=en")
    assert (bad.status_code, bad.get_json()["problem"]["code"], bad.get_json()["problem"]["field"]) == (200, "unknown-field", "built_yaer")
    assert reader.get("/api/asks/compounds?community=无此").get_json()["problem"]["parameter"] == "community"


def test_an_unchanged_answer_is_not_sent_again(reader: Browser) -> None:
    first = reader.get("/api/statistics/compounds?fields=kind")
    assert reader.get("/api/statistics/compounds?fields=kind", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_kept_area_narrows_items_statistics_and_files_alike(browser: Browser) -> None:
    store = here(browser.client.application).store
    outline = "POLYGON((112.979 34.749,112.9835 34.749,112.9835 34.752,112.979 34.752,112.979 34.749))"
    store.put_document("area", "west", {"wkt": outline, "title": "西片"}, version=None, actor="test", now="2026-11-22T08:00:00Z")
    items = browser.get("/ogc/collections/compounds/items?within=@west").get_json()
    assert [f["properties"]["code"] for f in items["features"]] == ["A1", "A2"]
    assert browser.get("/api/statistics/compounds?within=@west&fields=code").get_json()["matched"] == 2
    assert browser.get("/ogc/collections/compounds/items?within=@west&f=csv").headers["OGC-NumberMatched"] == "2"
