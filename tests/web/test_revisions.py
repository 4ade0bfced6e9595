"""Reasons in the history, and the last edits as a list to take back one after the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import HOSTILE, Browser

FIRST = "/ogc/collections/compounds/items/1"


def rename(browser: Browser, name: str, version: int, **more: Any) -> int:
    answer = browser.send("PATCH", FIRST, {"properties": {"name": name}, **more}, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200
    return int(answer.headers["X-Yuantu-Revision"])


def listed(browser: Browser, **query: Any) -> list[Any]:
    found: list[Any] = browser.get("/api/revisions", query_string=query).get_json()["revisions"]
    return found


def test_a_reason_is_kept_in_the_history(browser: Browser) -> None:
    rename(browser, "南苑一区", 1, reason=f"  {HOSTILE} ")
    assert browser.get("/api/history?layer=compounds&feature=1&limit=1").get_json()["changes"][0]["reason"] == HOSTILE
    assert listed(browser)[0]["reason"] == HOSTILE


def test_a_new_feature_and_a_deleted_one_have_their_reasons(browser: Browser) -> None:
    made = browser.send("POST", "/ogc/collections/compounds/items", {"properties": {"name": "新院"}, "reason": "漏登"})
    browser.send("DELETE", f"/ogc/collections/compounds/items/{made.get_json()['id']}", {"reason": "重复"}, headers={"If-Match": '"1"'})
    assert [(r["reason"], r["layers"]) for r in listed(browser)[:2]] == [
        ("重复", [{"layer": "compounds", "inserted": 0, "changed": 0, "deleted": 1}]),
        ("漏登", [{"layer": "compounds", "inserted": 1, "changed": 0, "deleted": 0}]),
    ]


@pytest.mark.parametrize("reason", [7, ["x"], "x" * 1001, "a\0b"])
def test_a_reason_is_a_short_text(reason: Any, reader: Browser) -> None:
    answer = reader.send("PATCH", FIRST, {"properties": {"name": "x"}, "reason": reason}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.get_json()["field"]) == (400, "reason")


def test_a_delete_takes_no_other_body(reader: Browser) -> None:
    assert reader.send("DELETE", FIRST, {"force": True}, headers={"If-Match": '"1"'}).status_code == 400


def test_the_last_edits_are_undone_one_after_the_other(browser: Browser) -> None:
    revisions = [rename(browser, name, version) for version, name in enumerate(("甲", "乙", "丙"), start=1)]
    for revision in reversed(revisions):
        assert browser.send("POST", "/api/undo", {"revision": revision}).status_code == 200
    assert browser.get(FIRST).get_json()["properties"]["name"] == "南苑小区"
    assert [(r["revision"], r["undone_by"] is not None) for r in listed(browser)[:3]] == [(r, True) for r in reversed(revisions)]


def test_what_was_undone_and_brought_back_stands_again(browser: Browser) -> None:
    revision = rename(browser, "甲", 1)
    browser.send("POST", "/api/undo", {"revision": revision})
    (undo,) = (r["undone_by"] for r in listed(browser, limit=1))
    browser.send("POST", "/api/undo", {"revision": undo})
    assert browser.get(FIRST).get_json()["properties"]["name"] == "甲"
    assert listed(browser, limit=1)[0]["undone_by"] is None


def test_an_edit_is_listed_with_what_its_feature_is_called_now(browser: Browser) -> None:
    rename(browser, HOSTILE, 1)
    assert listed(browser)[0]["first"] == {"layer": "compounds", "id": 1, "title": HOSTILE}


def test_an_import_is_listed_by_its_account(browser: Browser) -> None:
    last = listed(browser)[-1]
    assert (last["import_id"], last["first"], last["layers"]) == (
        1,
        None,
        [{"layer": "compounds", "inserted": 5, "changed": 0, "deleted": 0}],
    )


def test_a_page_of_older_ones(browser: Browser) -> None:
    revisions = [rename(browser, name, version) for version, name in enumerate(("甲", "乙", "丙"), start=1)]
    assert [r["revision"] for r in listed(browser, limit=2)] == revisions[:0:-1]
    assert listed(browser, limit=2, before=revisions[1])[0]["revision"] == revisions[0]
