"""The life of a hazard over HTTP: the whole way from found to closed, what is refused, and the log of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import HOSTILE, Browser

ITEMS = "/ogc/collections/hazards/items"


def registered(browser: Browser) -> str:
    """The address of the life of a new hazard."""
    body = {"type": "Feature", "geometry": None, "properties": {"hazard_type": "manhole", "status": "registered", "found_on": "2026-10-10"}}
    made = browser.send("POST", ITEMS, body)
    assert made.status_code == 201
    return f"/api/hazards/{made.get_json()['id']}/life"


@pytest.fixture
def hazard(browser: Browser) -> str:
    return registered(browser)


def take(browser: Browser, life: str, step: str, version: int, note: str | None = None, **values: Any) -> Any:
    body = {"step": step, "values": values} | ({"note": note} if note else {})
    return browser.send("POST", life, body, headers={"If-Match": f'"{version}"'})


NOTICE = {"notice_no": "消改〔2026〕7号", "notice_on": "2026-10-12", "due_date": "2026-10-27"}


def test_a_hazard_is_closed_along_the_steps(browser: Browser, hazard: str) -> None:
    way = [
        ("notify", NOTICE, None),
        ("start", {"status_on": "2026-10-13"}, None),
        ("finish", {"done_on": "2026-10-20", "done_desc": "已换井盖"}, None),
        ("fail", {"reviewed_on": "2026-10-21", "reviewed_by": "李复查"}, "仍有晃动"),
        ("resume", {"status_on": "2026-10-22"}, None),
        ("finish", {"done_on": "2026-10-23", "done_desc": "重做"}, None),
        ("pass", {"reviewed_on": "2026-10-24", "reviewed_by": "李复查"}, HOSTILE),
    ]
    for version, (step, values, note) in enumerate(way, start=1):
        answer = take(browser, hazard, step, version, note, **values)
        assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{version + 1}"'), answer.get_json()
    told = answer.get_json()
    assert told["state"] == {"value": "closed", "label": "已销号"}
    assert [(entry["step"], entry["note"]) for entry in reversed(told["log"])] == [(None, None), *((step, note) for step, _, note in way)]
    assert [(s["value"], s["when"]) for s in told["track"]] == [
        ("registered", "2026-10-10"), ("notified", "2026-10-12"), ("rectifying", "2026-10-22"), ("done_pending_review", "2026-10-23"), ("closed", "2026-10-24"),
    ]  # fmt: skip
    assert told["steps"] == []


def test_a_repeated_request_gets_its_answer_again(browser: Browser, hazard: str) -> None:
    """The first answer got lost on its way: the hazard has moved on, and the step would not be legal now."""
    body = {"step": "reject", "values": {"status_on": "2026-10-12", "reject_reason": "误报"}}
    headers = {"If-Match": '"1"', "Idempotency-Key": "tap-1"}
    first, again = (browser.send("POST", hazard, body, headers=headers) for _ in range(2))
    assert [(a.status_code, a.get_json()["version"]) for a in (first, again)] == [(200, 2), (200, 2)]
    assert first.headers["X-Yuantu-Revision"] == again.headers["X-Yuantu-Revision"]


def test_a_step_on_what_another_has_changed_is_stale(browser: Browser, hazard: str) -> None:
    """Not a conflict of states, which would hide that somebody else was quicker."""
    assert take(browser, hazard, "notify", 1, **NOTICE).status_code == 200
    late = take(browser, hazard, "notify", 1, **NOTICE)
    assert (late.status_code, late.get_json()["current"]) == (412, 2)


def test_what_the_next_steps_need_is_told(browser: Browser, hazard: str) -> None:
    told = browser.get(hazard).get_json()
    assert [step["id"] for step in told["steps"]] == ["notify", "close_on_spot", "reject", "escalate"]
    needs = {need["name"]: need["required"] for need in told["steps"][0]["needs"]}
    assert needs == {"notice_no": True, "notice_on": True, "due_date": True, "measure": False, "resp_unit": False}
    assert told["track"][0] == {"value": "registered", "label": "已登记", "when": "2026-10-10", "passed": False, "current": True}


def test_a_step_that_is_not_allowed_is_refused_with_those_that_are(browser: Browser, hazard: str) -> None:
    answer = take(browser, hazard, "pass", 1, reviewed_on="2026-10-21", reviewed_by="李复查")
    assert (answer.status_code, answer.get_json()["steps"]) == (409, ["notify", "close_on_spot", "reject", "escalate"])


def test_a_step_needs_the_version_that_was_seen(browser: Browser, hazard: str) -> None:
    assert browser.send("POST", hazard, {"step": "notify", "values": NOTICE}).status_code == 428
    assert take(browser, hazard, "notify", 7, **NOTICE).status_code == 412


BAD = [
    ({"step": "notify", "values": {**NOTICE, "notice_on": "12.10.2026"}}, "notice_on"),
    ({"step": "notify", "values": {**NOTICE, "status": "closed"}}, "status"),
    ({"step": "notify", "values": {**NOTICE, "shoe": 1}}, "shoe"),
    ({"step": "notify", "values": ["notice_no"]}, "values"),
    ({"step": ["notify"], "values": NOTICE}, "step"),
    ({"step": "notify", "values": NOTICE, "note": 7}, "note"),
    ({"step": "notify", "values": NOTICE, "note": "x" * 1001}, "note"),
    ({"step": "notify", "values": {**NOTICE, "notice_no": "  "}}, "notice_no"),
    ({}, "step"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_a_bad_step_names_the_field(body: Any, field: str, reader: Browser) -> None:
    answer = reader.send("POST", registered(reader), body, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.get_json().get("field")) == (400, field)


def test_a_step_can_be_taken_back_and_the_log_says_so(browser: Browser, hazard: str) -> None:
    answer = take(browser, hazard, "notify", 1, **NOTICE)
    assert browser.send("POST", "/api/undo", {"revision": int(answer.headers["X-Yuantu-Revision"])}).status_code == 200
    told = browser.get(hazard).get_json()
    assert (told["state"]["value"], [entry["kind"] for entry in told["log"]]) == ("registered", ["taken_back", "step", "entered"])


def test_escalated_is_a_mark_beside_the_state(browser: Browser, hazard: str) -> None:
    told = take(browser, hazard, "escalate", 1, "重大火灾隐患").get_json()
    assert (told["state"]["value"], told["escalated"]) == ("registered", True)
    assert "deescalate" in [step["id"] for step in told["steps"]]


def test_a_state_set_by_hand_needs_a_reason(browser: Browser, hazard: str) -> None:
    """Any state could once be written over any other, past the steps and without a word."""
    item = hazard.replace("/api/hazards", ITEMS).removesuffix("/life")
    change = {"properties": {"status": "done_pending_review"}}
    refused = browser.send("PATCH", item, change, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.get_json()["field"]) == (400, "reason")
    assert browser.send("PATCH", item, change | {"reason": "录入错误"}, headers={"If-Match": '"1"'}).status_code == 200
    entry = browser.get(hazard).get_json()["log"][0]
    assert (entry["kind"], entry["step"], entry["note"], entry["from"]["value"]) == ("correction", None, "录入错误", "registered")


def test_a_hazard_that_is_not_there(browser: Browser) -> None:
    assert browser.get("/api/hazards/77/life").status_code == 404
