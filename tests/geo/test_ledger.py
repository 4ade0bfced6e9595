"""The life of a hazard: every pair of states, what each step needs, deadlines by hand, and the log against the walk that made it."""

from __future__ import annotations

import random
from typing import Any

import pytest

import layers
from geo import ledger
from geo.errors import BadValue, Conflict
from geo.hazards.log import Line, replay

TODAY = "2026-11-20"
HAZARDS = next(layer for layer in layers.ALL if ledger.has_life(layer))
LEGAL = {
    (None, "registered"), ("candidate", "registered"), ("candidate", "rejected"),
    ("registered", "notified"), ("registered", "closed"), ("registered", "rejected"),
    ("notified", "rectifying"), ("notified", "rejected"), ("rectifying", "done_pending_review"), ("rectifying", "rejected"),
    ("done_pending_review", "closed"), ("done_pending_review", "review_failed"), ("review_failed", "rectifying"),
}  # fmt: skip
"""By hand, from the ledgers' rules; `registered` → `closed` is the one put right on the spot."""
PAIRS = [(source, target) for source in (None, *ledger.STATES) for target in ledger.STATES]

FULL: dict[str, Any] = {
    "found_on": "2026-10-10", "notice_no": "消改〔2026〕7号", "notice_on": "2026-10-12", "due_date": "2026-10-27", "status_on": "2026-10-13",
    "done_on": "2026-10-20", "done_desc": "已清走", "photos_after": "IMG_3021.jpg", "reviewed_on": "2026-10-21", "reviewed_by": "李复查",
    "reject_reason": "现场没有", "due_date_extended": "2026-12-10",
}  # fmt: skip
"""A value for everything that a step may need, the dates in their order."""


def given(step: ledger.Step, **other: Any) -> dict[str, Any]:
    return {need.field: FULL[need.field] for need in step.needs if need.field in FULL} | other


def taken(
    step: str, record: dict[str, Any], values: dict[str, Any] | None = None, *, note: str | None = "说明", today: str = TODAY
) -> dict[str, Any]:
    found = ledger.step_of(step)
    return ledger.taken(found, record, given(found) if values is None else values, layer=HAZARDS, note=note, today=today)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_a_step_leads_from_one_state_to_another_only_where_the_law_of_the_ledger_has_one(source: str | None, target: str) -> None:
    assert ledger.is_legal(source, target) is ((source, target) in LEGAL)


@pytest.mark.parametrize("step", ledger.STEPS, ids=lambda step: step.id)
@pytest.mark.parametrize("state", [None, *ledger.STATES])
def test_a_step_is_taken_from_its_own_states_and_refused_from_all_others(step: ledger.Step, state: str | None) -> None:
    record = {"status": state, "due_date": "2026-10-27", "escalated": step.id == "deescalate"}
    if state in step.sources:
        assert taken(step.id, record).get("status", state) == (step.target or state)
    else:
        with pytest.raises(Conflict) as refused:
            taken(step.id, record)
        assert refused.value.members["steps"] == [s.id for s in ledger.allowed(record)]


def test_the_states_are_those_of_the_declaration() -> None:
    assert [layer.id for layer in layers.ALL if ledger.has_life(layer)] == ["hazards"]


def test_every_field_of_a_step_is_declared() -> None:
    names = {n.field for s in ledger.STEPS for n in s.needs} | {n for s in ledger.STEPS for n in (*s.follows, *s.clears, *dict(s.sets))}
    names |= {day for s in ledger.STEPS for n in s.needs for day in n.not_before}
    assert sorted(names - {field.name for field in HAZARDS.writable}) == []


def test_every_type_with_a_deadline_of_its_own_is_declared_and_stands_once() -> None:
    field = HAZARDS.field("hazard_type")
    listed = [name for types in ledger.DEADLINE_DAYS.values() for name in types]
    assert field is not None and sorted(set(listed)) == sorted(listed)
    assert set(listed) <= {choice.value for choice in field.choices}


REQUIRED = [
    ("register", {"found_on"}), ("notify", {"notice_no", "notice_on", "due_date"}), ("start", {"status_on"}), ("finish", {"done_on", "done_desc"}),
    ("pass", {"reviewed_on", "reviewed_by"}), ("fail", {"reviewed_on", "reviewed_by"}), ("resume", {"status_on"}),
    ("close_on_spot", {"done_on", "photos_after", "reviewed_by"}), ("reject", {"status_on", "reject_reason"}), ("extend", {"due_date_extended"}),
]  # fmt: skip


@pytest.mark.parametrize(("step", "field"), [(step, field) for step, fields in REQUIRED for field in sorted(fields)])
def test_a_step_without_what_it_needs_names_it(step: str, field: str) -> None:
    found = ledger.step_of(step)
    record = {"status": found.sources[-1], "due_date": "2026-10-27" if step == "extend" else None}
    with pytest.raises(BadValue) as refused:
        taken(step, record, {name: value for name, value in given(found).items() if name != field})
    assert refused.value.members["field"] == field


@pytest.mark.parametrize("step", ["fail", "extend", "escalate", "deescalate"])
def test_a_step_without_its_note_is_refused(step: str) -> None:
    found = ledger.step_of(step)
    record = {"status": found.sources[-1], "due_date": "2026-10-27", "escalated": step == "deescalate"}
    with pytest.raises(BadValue) as refused:
        taken(step, record, note=None)
    assert refused.value.members["field"] == "note"


WRONG_DATES = [
    ("notify", "registered", {"notice_on": "2026-10-09"}, "notice_on"),  # before it was found
    ("notify", "registered", {"due_date": "2026-10-11"}, "due_date"),  # due before the notice
    ("start", "notified", {"status_on": "2026-10-11"}, "status_on"),
    ("finish", "rectifying", {"done_on": "2026-10-11"}, "done_on"),
    ("pass", "done_pending_review", {"reviewed_on": "2026-10-19"}, "reviewed_on"),
    ("close_on_spot", "registered", {"done_on": "2026-10-09"}, "done_on"),
    ("extend", "rectifying", {"due_date_extended": "2026-10-26"}, "due_date_extended"),
    ("pass", "done_pending_review", {"reviewed_on": "2026-11-21"}, "reviewed_on"),  # tomorrow
]


@pytest.mark.parametrize(("step", "state", "other", "field"), WRONG_DATES)
def test_a_date_out_of_order_is_refused(step: str, state: str, other: dict[str, str], field: str) -> None:
    record = {"found_on": "2026-10-10", "notice_on": "2026-10-12", "due_date": "2026-10-27", "done_on": "2026-10-20", "status": state}
    with pytest.raises(BadValue) as refused:
        taken(step, record, given(ledger.step_of(step), **other))
    assert refused.value.members["field"] == field


def test_a_deadline_is_extended_to_a_day_that_is_given() -> None:
    """Extended once, it was "extended" again to the same day by a note alone."""
    record = {"status": "rectifying", "due_date": "2026-10-27", "due_date_extended": "2026-11-10"}
    with pytest.raises(BadValue) as refused:
        taken("extend", record, {}, note="材料未到")
    assert refused.value.members["field"] == "due_date_extended"


def test_a_review_that_is_passed_closes_on_its_day() -> None:
    written = taken(
        "pass", {"status": "done_pending_review", "done_on": "2026-10-20"}, {"reviewed_on": "2026-10-21", "reviewed_by": "李复查"}
    )
    assert written == {
        "status": "closed", "status_on": "2026-10-21", "reviewed_on": "2026-10-21", "reviewed_by": "李复查", "closed_on": "2026-10-21",
        "review_result": "passed",
    }  # fmt: skip


def test_what_is_on_record_need_not_be_given_again() -> None:
    written = taken("register", {"status": None, "found_on": "2026-10-10"}, {})
    assert (written["status"], written["status_on"]) == ("registered", "2026-10-10")


def test_a_value_that_is_no_part_of_the_step_is_refused() -> None:
    """`status` given beside a step once would have overruled it."""
    with pytest.raises(BadValue) as refused:
        taken("start", {"status": "notified"}, {"status_on": "2026-10-13", "status": "closed"})
    assert refused.value.members["field"] == "status"


def test_an_unknown_step_is_told_the_nearest() -> None:
    with pytest.raises(BadValue) as refused:
        ledger.step_of("notifi")
    assert refused.value.members["nearest"] == ["notify"]


STANDINGS = [  # 2026-10-10 is a Saturday on which China worked; 1-7 October were holidays
    ({"status": "notified", "due_date": "2026-10-27"}, "2026-10-27", ("2026-10-27", "2026-10-27", False, 0)),
    ({"status": "notified", "due_date": "2026-10-27"}, "2026-10-29", ("2026-10-27", "2026-10-27", True, 2)),
    ({"status": "notified", "due_date": "2026-10-03"}, "2026-10-08", ("2026-10-03", "2026-10-08", False, 0)),
    ({"status": "notified", "due_date": "2026-10-27", "due_date_extended": "2026-11-10"}, "2026-10-29", ("2026-11-10", "2026-11-10", False, -8)),
    ({"status": "closed", "due_date": "2026-10-27", "closed_on": "2026-10-20"}, "2026-11-20", ("2026-10-27", "2026-10-27", False, None)),
    ({"status": "registered"}, "2026-11-20", (None, None, None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("record", "as_of", "expected"), STANDINGS)
def test_a_hazard_stands_to_its_deadline(record: dict[str, Any], as_of: str, expected: tuple[Any, ...]) -> None:
    found = ledger.standing(record, as_of)
    assert (found.due, found.deadline, found.late, found.working_days) == expected


@pytest.mark.parametrize(
    ("type", "due"),
    [("manhole", "2026-10-15"), ("gas_hose", "2026-10-19"), ("other", "2026-10-27"), (None, "2026-10-27"), ("roof_leak", "2026-11-11")],
)
def test_a_notice_proposes_a_deadline_by_type(type: str | None, due: str) -> None:
    assert ledger.proposed_due(type, "2026-10-12") == due


# ---------------------------------------------------------------- the log


def line(revision: int, before: dict[str, Any] | None, after: dict[str, Any] | None, **more: Any) -> Line:
    action = "insert" if before is None else "delete" if after is None else "update"
    return Line(revision, f"2026-11-{revision:02d}T08:00:00Z", "operator", **{"action": action, "before": before, "after": after, **more})


def walked(seed: int) -> tuple[list[Line], list[str], dict[str, Any]]:
    """A random legal life: its lines, the steps it took, the record it ended with."""
    dice = random.Random(seed)
    record: dict[str, Any] = {"status": dice.choice((None, "candidate")), "found_on": "2026-10-10", "due_date": "2026-10-27"}
    lines: list[Line] = [line(1, None, dict(record))]
    steps: list[str] = []
    while (possible := ledger.allowed(record)) and len(steps) < 12:
        step = dice.choice(possible)
        if step.id == "extend" and record.get("due_date_extended"):
            continue
        day = {step.dated: f"2026-10-{11 + len(steps)}"} if step.dated else {}
        written = taken(
            step.id, record, {**given(step), "due_date": "2026-12-01", **day} if step.id == "notify" else {**given(step), **day}
        )
        lines.append(line(len(lines) + 1, {n: record.get(n) for n in written}, written, reason="说明"))
        record |= written
        steps.append(step.id)
    return lines, steps, record


@pytest.mark.parametrize("seed", range(40))
def test_the_log_names_every_step_that_was_taken_and_ends_in_the_state_on_record(seed: int) -> None:
    lines, steps, record = walked(seed)
    log = replay(lines)
    assert [entry.step for entry in log[1:]] == steps
    assert {entry.kind for entry in log[1:]} <= {"step"}
    assert log[-1].target == record["status"]


def test_what_is_no_step_is_a_correction() -> None:
    log = replay(
        [line(1, None, {"status": "registered"}), line(2, {"status": "registered"}, {"status": "done_pending_review"}, reason="录错")]
    )
    assert [(e.kind, e.source, e.target, e.line.reason) for e in log] == [
        ("entered", None, "registered", None),
        ("correction", "registered", "done_pending_review", "录错"),
    ]


def test_a_legal_pair_without_what_the_step_needs_is_a_correction() -> None:
    log = replay([line(1, None, {"status": "registered"}), line(2, {"status": "registered"}, {"status": "closed"})])
    assert (log[1].kind, log[1].step) == ("correction", None)


def test_imports_and_undone_steps_are_called_so() -> None:
    log = replay([
        line(1, None, {"status": "registered"}, imported=True),
        line(2, {"status": "registered"}, {"status": "notified", "notice_no": "7", "notice_on": "2026-10-12", "due_date": "2026-10-27"}),
        line(3, {"status": "notified"}, {"status": "registered"}, action="undo"),
    ])  # fmt: skip
    assert [(e.kind, e.step, e.target) for e in log] == [
        ("import", None, "registered"),
        ("step", "notify", "notified"),
        ("taken_back", None, "registered"),
    ]


def test_changes_of_other_fields_make_no_line() -> None:
    assert len(replay([line(1, None, {"status": "registered"}), line(2, {"address": None}, {"address": "东街 1 号"})])) == 1
