"""Renovation projects over HTTP: made of what is asked, kept in versions, refused with the way out, told when the data have changed."""

from __future__ import annotations

import gzip
import io
from typing import Any

import openpyxl
import pytest

from tests.web.conftest import HOSTILE, Browser

API = "/api/projects"
LEFT_OUT = {"layer": "fire_lanes", "layer_label": "消防通道", "rows": 3, "without": 1, "named": ["三巷"]}


def made(browser: Browser, **said: Any) -> dict[str, Any]:
    answer = browser.send("POST", f"{API}?lang=zh", {"title": "一期", "ids": [1], **said})
    assert answer.status_code == 201, answer.get_json()
    body: dict[str, Any] = answer.get_json()
    return body


def patched(browser: Browser, project: dict[str, Any], said: Any, *, version: int | None = None) -> Any:
    seen = project["version"] if version is None else version
    return browser.send("PATCH", f"{API}/{project['id']}?lang=zh", said, headers={"If-Match": f'"{seen}"'})


def test_a_project_of_what_a_question_answers(browser: Browser) -> None:
    """The answer's compounds come in, those that are not on the map too."""
    asked = {"answer": "yes", "filter": "built_year < 2010"}
    project = made(browser, ids=None, collection="compounds-without-gas", query=asked)
    names = [compound["name"] for compound in project["compounds"]]
    answer = browser.get("/ogc/collections/compounds-without-gas/items?" + "&".join(f"{k}={v}" for k, v in asked.items())).get_json()
    assert names == [f["properties"]["name"] for f in answer["features"]] == ["南苑小区", "龙泉花园"]
    assert project["totals"]["unplaced"] == 1


def test_the_columns_of_a_table_do_not_change_which_compounds_come_in(browser: Browser) -> None:
    """Rows of findings lead to their compound by a column: a table without it ended in a 500."""
    project = made(browser, ids=None, collection="data-gaps", query={"properties": "code"})
    assert len(project["compounds"]) > 1


def test_the_answer_comes_packed_to_who_takes_it_so(browser: Browser) -> None:
    """222 compounds are five megabytes of much the same text."""
    path = f"{API}/{made(browser, ids=[1, 2, 4])['id']}?lang=zh"
    plain, small = browser.get(path), browser.get(path, headers={"Accept-Encoding": "gzip"})
    assert [answer.headers.get("Content-Encoding") for answer in (plain, small)] == [None, "gzip"]
    assert gzip.decompress(small.data) == plain.data and len(small.data) * 4 < len(plain.data)
    assert "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.soak
def test_a_project_of_the_compounds_that_lanes_lie_in(browser: Browser) -> None:
    project = made(browser, ids=None, collection="fire_lanes", query={"filter": "code = 'L1'"})
    assert [compound["code"] for compound in project["compounds"]] == ["A1"]


def test_rows_without_a_compound_are_told_with_the_project_and_with_the_answer(browser: Browser) -> None:
    """They were dropped without a word."""
    project = made(browser)
    told = patched(browser, project, {"add": {"collection": "fire_lanes", "query": {}}}).get_json()
    assert told["left_out_now"] == LEFT_OUT
    kept = patched(browser, told, {"note": "二期"}).get_json()
    assert (kept["left_out_now"], kept["left_out"]) == (None, [LEFT_OUT])


def test_every_change_is_a_version_and_a_stale_one_is_refused(browser: Browser) -> None:
    project = made(browser)
    price = {"low": 2500, "high": 2600, "source": "结算", "date": "2025-10-01"}
    changed = patched(browser, project, {"prices": {"B-GAS-HH": price}})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    own = next(p for p in changed.get_json()["prices"] if p["code"] == "B-GAS-HH")
    assert (own["low"], own["high"], own["source"], own["date"], own["own"]) == (2500, 2600, "结算", "2025-10-01", True)
    work = next(w for w in changed.get_json()["compounds"][0]["works"] if w["code"] == "B-GAS-HH")
    assert work["cost"] == {"low": 250000, "high": 260000, "open": 0}
    assert patched(browser, project, {"note": "旧"}).status_code == 412
    assert browser.send("PATCH", f"{API}/{project['id']}", {"note": "x"}).status_code == 428


def test_it_says_that_its_data_have_changed_until_they_are_accepted(browser: Browser) -> None:
    project = made(browser, ids=[1, 2])
    browser.send("PATCH", "/ogc/collections/compounds/items/1", {"properties": {"households": 90}}, headers={"If-Match": '"1"'})
    said = browser.get(f"{API}/{project['id']}?lang=zh").get_json()
    assert [(c["id"], [w["what"] for w in c["what"] if w["kind"] == "field"]) for c in said["changed"]["compounds"]] == [
        (1, ["households"])
    ]
    assert said["fingerprint"] != project["fingerprint"]
    kept = patched(browser, project, {"prices": {"B-ROOF": None}}).get_json()
    assert kept["changed"]["compounds"] != []  # saving a price accepts nothing
    assert patched(browser, kept, {"accept": True}).get_json()["changed"]["compounds"] == []


@pytest.mark.soak
def test_compounds_come_and_go(browser: Browser) -> None:
    project = made(browser)
    more = patched(browser, project, {"add": {"ids": [2, 3]}}).get_json()
    less = patched(browser, more, {"remove": [1]}).get_json()
    assert [c["id"] for c in more["compounds"]] == [1, 2, 3]
    assert [c["id"] for c in less["compounds"]] == [2, 3]


@pytest.mark.soak
def test_a_deleted_project_is_gone_from_the_list(browser: Browser) -> None:
    project = made(browser)
    assert [p["title"] for p in browser.get(API).get_json()["projects"]] == ["一期"]
    assert browser.send("DELETE", f"{API}/{project['id']}", headers={"If-Match": '"1"'}).status_code == 200
    assert browser.get(API).get_json()["projects"] == []
    gone = browser.get(f"{API}/{project['id']}")
    assert (gone.status_code, gone.get_json()["code"]) == (404, "document-not-found")


REFUSED = [
    ({"title": "", "ids": [1]}, "bad-value"),
    ({"title": 5, "ids": [1]}, "bad-value"),
    ({"title": "x"}, "invalid"),
    ({"title": "x", "ids": [1], "collection": "compounds"}, "invalid"),
    ({"title": "x", "ids": []}, "bad-value"),
    ({"title": "x", "ids": [99]}, "bad-value"),
    ({"title": "x", "ids": [True]}, "bad-value"),
    ({"title": "x", "ids": [1], "surprise": 1}, "invalid"),
    ({"title": "x", "collection": "nowhere"}, "layer-not-found"),
    ({"title": "x", "collection": "compounds", "query": {"filter": "nothing = 1"}}, "unknown-field"),
    ({"title": "x", "collection": "compounds", "query": {"limits": "1"}}, "unknown-parameter"),
    ({"title": "x", "collection": "compounds", "query": []}, "bad-value"),
    ({"title": "x", "collection": "inspections"}, "bad-value"),
    ({"title": "x", "collection": "compounds", "query": {"filter": "built_year > 3000"}}, "bad-value"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED)
def test_what_makes_no_project_is_refused(body: Any, code: str, reader: Browser) -> None:
    answer = reader.send("POST", API, body)
    assert (answer.status_code in (400, 404), answer.get_json()["code"]) == (True, code)


CHANGES = [
    {"works": {"1/NONE": {"included": True}}},
    {"works": {"2/B-ROOF": {"included": True}}},
    {"works": {"²/B-ROOF": {"included": True}}},
    {"works": []},
    {"prices": {"B-ROOF": {"low": 2, "high": 1, "source": "x", "date": "2025-01-01"}}},
    {"prices": {"B-ROOF": {"low": 1e308, "high": 1e308, "source": "x", "date": "2025-01-01"}}},
    {"as_of": "yesterday"},
    {"profile": "none"},
    {"profile": ["none"]},
    {"profile": {}},
    {"accept": "no"},
    {"works": {"01/B-ROOF": {"included": True}}},
    {"remove": [7]},
    {"remove": "1"},
    {"add": {"ids": [99]}},
    {"note": "\ud800"},
    {"surprise": 1},
]


def test_a_change_that_cannot_be_meant_changes_nothing(browser: Browser) -> None:
    project = made(browser)
    assert [(said, answer) for said in CHANGES if (answer := patched(browser, project, said).status_code) != 400] == []
    assert browser.get(f"{API}/{project['id']}").get_json()["version"] == 1


@pytest.mark.soak
def test_files_carry_the_title_and_hostile_texts_as_texts(browser: Browser) -> None:
    project = made(browser, title=HOSTILE, ids=[1, 4])
    page = browser.get(f"/projects/{project['id']}", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "<script>alert(1)" not in page
    assert "{{7*7}}" in page
    for form, kind in (("geojson", "application/geo+json"), ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")):
        answer = browser.get(f"{API}/{project['id']}/file?f={form}")
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert f'filename="project.{form}"' in answer.headers["Content-Disposition"] or form in answer.headers["Content-Disposition"]
    assert browser.get(f"{API}/{project['id']}/file?f=pdf").status_code == 400


@pytest.mark.soak
def test_a_title_that_begins_like_a_formula_stays_a_text_in_the_workbook(browser: Browser) -> None:
    """Without the mark it became a formula as soon as somebody opened the cell."""
    project = made(browser, title="=1+1")
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"{API}/{project['id']}/file?f=xlsx").get_data()))
    cell = book.worksheets[0]["A1"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


@pytest.mark.parametrize("said", [{"profile": []}, {"profile": {}}, {"accept": "no"}, {"accept": None}])
def test_a_value_of_another_type_is_refused(said: Any, browser: Browser) -> None:
    """A list for the profile ended in a 500; any text accepted the changes."""
    answer = patched(browser, made(browser), said)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad-value")


def test_a_stale_change_is_stale_before_anything_else(browser: Browser) -> None:
    """Another took the compound out: to take it out once more is no bad value."""
    project = made(browser, ids=[1, 2])
    assert patched(browser, project, {"remove": [1]}).status_code == 200
    late = patched(browser, project, {"remove": [1]})
    assert (late.status_code, late.get_json()["current"]) == (412, 2)
