"""The life of a hazard: its states, and the steps between them with what each needs.

States and steps are those of the ledgers in use: candidate → registered → notified → being put right → awaiting review → closed, with a
failed review that leads back, and "rejected" for what was none. Escalated is a mark beside the state; overdue follows from the dates.
Dates are ISO 8601 text, today's too: no clock is read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from geo.errors import BadValue, Conflict, Text, nearest
from geo.hazards import overdue, states
from geo.hazards.workdays import day_of, days_of
from geo.schema import Field, Layer

STATUS = "status"
SINCE = "status_on"
ESCALATED = "escalated"
STATES = states.STATUSES
TRACK = ("registered", "notified", "rectifying", "done_pending_review", "closed")
"""The straight way from the first record to the end."""
_OPEN = ("registered", "notified", "rectifying", "done_pending_review", "review_failed")

Record = Mapping[str, Any]
"""The values of one hazard."""


@dataclass(frozen=True, slots=True)
class Need:
    """A field that a step fills. `not_before`: dates on record or given with the step that this one cannot precede."""

    field: str
    required: bool = True
    not_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A legal step. `sources`: the states it leaves (None = no state on record); `target` None = the state stays.

    `dated`: the need that tells the day of the step; `follows`: fields that take this day too; `sets`, `clears`: what else becomes of the
    record; `note`: whether a note (it becomes the reason in the history) must be given.
    """

    id: str
    label: Text
    sources: tuple[str | None, ...]
    target: str | None
    needs: tuple[Need, ...] = ()
    dated: str | None = None
    follows: tuple[str, ...] = ()
    sets: tuple[tuple[str, Any], ...] = ()
    clears: tuple[str, ...] = ()
    note: bool = False
    help: Text | None = None


STEPS: tuple[Step, ...] = (
    Step(
        "register", Text("登记", "Register"), (None, "candidate"), "registered",
        (Need("found_on"), Need("found_by", False), Need("found_unit", False)), dated="found_on",
        help=Text("核实后登记为隐患", "it was looked at and is a hazard"),
    ),
    Step(
        "notify", Text("下达整改通知", "Serve notice"), ("registered",), "notified",
        (Need("notice_no"), Need("notice_on", not_before=("found_on",)), Need("due_date", not_before=("notice_on",)),
         Need("measure", False), Need("resp_unit", False)), dated="notice_on",
        help=Text("责令限期改正通知书：文号、日期、期限", "the order to put it right: its number, day and deadline"),
    ),
    Step(
        "start", Text("开始整改", "Start the work"), ("notified",), "rectifying",
        (Need(SINCE, not_before=("notice_on", "found_on")), Need("interim_measure", False), Need("funds_yuan", False)), dated=SINCE,
    ),
    Step(
        "finish", Text("整改完成，申请复查", "Done, ask for review"), ("rectifying",), "done_pending_review",
        (Need("done_on", not_before=("notice_on", "found_on", SINCE)), Need("done_desc"), Need("photos_after", False)), dated="done_on",
        follows=("review_request_on",), clears=("reviewed_on", "reviewed_by", "review_result"),
    ),
    Step(
        "pass", Text("复查通过，销号", "Review passed, close"), ("done_pending_review",), "closed",
        (Need("reviewed_on", not_before=("done_on", "found_on")), Need("reviewed_by")), dated="reviewed_on", follows=("closed_on",),
        sets=(("review_result", "passed"),),
    ),
    Step(
        "fail", Text("复查不通过", "Review failed"), ("done_pending_review",), "review_failed",
        (Need("reviewed_on", not_before=("done_on", "found_on")), Need("reviewed_by")), dated="reviewed_on",
        sets=(("review_result", "failed"),), note=True, help=Text("写明哪里没有整改到位", "say what is not put right"),
    ),
    Step(
        "resume", Text("重新整改", "Put right again"), ("review_failed",), "rectifying",
        (Need(SINCE, not_before=("reviewed_on",)), Need("due_date_extended", False, not_before=("due_date",))), dated=SINCE,
        clears=("done_on", "done_desc", "review_request_on", "photos_after"),
    ),
    Step(
        "close_on_spot", Text("当场整改，销号", "Put right on the spot, close"), ("registered",), "closed",
        (Need("done_on", not_before=("found_on",)), Need("done_desc", False), Need("photos_after"), Need("reviewed_by")), dated="done_on",
        follows=("closed_on", "reviewed_on"), sets=(("review_result", "passed"),),
        help=Text("须有整改后照片和复查人", "needs a photo of it put right and the name of who reviewed it"),
    ),
    Step(
        "reject", Text("不属实", "Reject"), ("candidate", "registered", "notified", "rectifying"), "rejected",
        (Need(SINCE, not_before=("found_on",)), Need("reject_reason")), dated=SINCE,
        help=Text("误报或不是隐患，须写原因", "reported in error or no hazard: say why"),
    ),
    Step(
        "extend", Text("延期", "Extend the deadline"), ("notified", "rectifying", "review_failed"), None,
        (Need("due_date_extended", not_before=("due_date",)),), note=True, help=Text("写明延期的原因", "say why it takes longer"),
    ),
    Step("escalate", Text("挂牌督办", "Escalate"), _OPEN, None, sets=((ESCALATED, True),), note=True,
         help=Text("提请政府或挂牌督办：写明依据", "refer it to the government: say on what ground")),
    Step("deescalate", Text("解除督办", "End the escalation"), _OPEN, None, sets=((ESCALATED, False),), note=True),
)  # fmt: skip
_BY_ID = {step.id: step for step in STEPS}

DEADLINE_DAYS: Mapping[int, tuple[str, ...]] = {
    3: ("fire_lane_blocked", "fire_lane_gate", "exit_blocked", "ebike_indoor", "ebike_flying_wire", "lpg_misuse", "gas_leak", "manhole", "high_object"),
    7: ("hydrant_broken", "hydrant_buried", "extinguisher_missing", "gas_hose", "sewer_blocked", "septic_full", "elevator", "street_occupation"),
    30: ("fire_lane_narrow", "hydrant_missing", "gas_old_pipe", "gas_occupied", "facade_falling", "roof_leak", "structure_danger", "illegal_build"),
}  # fmt: skip
"""Calendar days that a notice proposes by type, others 15. The law names none ("a reasonable period by difficulty"): the project's own, to be changed freely."""
USUAL_DAYS = 15


def has_life(layer: Layer) -> bool:
    """Whether a layer's features live through these states: its `status` has them."""
    field = layer.field(STATUS)
    return field is not None and tuple(choice.value for choice in field.choices) == STATES


# ---------------------------------------------------------------- steps


def step_of(id: Any) -> Step:
    """Raises BadValue for a name that is none, with the nearest."""
    if not isinstance(id, str) or id not in _BY_ID:
        said, listed = str(id)[:60], list(_BY_ID)
        raise BadValue(
            Text(f"没有“{said}”这一步；可用：{'、'.join(listed)}", f"no step '{said}'; there are: {', '.join(listed)}"),
            field="step", nearest=nearest(said, listed), steps=listed,
        )  # fmt: skip
    return _BY_ID[id]


def is_legal(source: str | None, target: str | None) -> bool:
    """Whether some step leads from one state to another."""
    return any(source in step.sources and step.target == target for step in STEPS if step.target is not None)


def allowed(record: Record) -> tuple[Step, ...]:
    """The steps a hazard may take as it stands."""
    return tuple(step for step in STEPS if record.get(STATUS) in step.sources and _fits(step, record))


def _fits(step: Step, record: Record) -> bool:
    if step.id == "extend":
        return record.get("due_date") is not None
    return not (step.target is None and (ESCALATED, bool(record.get(ESCALATED))) in step.sets)


def taken(step: Step, record: Record, given: Record, *, layer: Layer, note: str | None, today: str) -> dict[str, Any]:
    """What a step writes: `given` holds the values of its needs, types already checked; `layer` names the fields in what is refused.

    Raises Conflict when it is not allowed now (members: `steps`), BadValue (member: `field`) for what is missing or contradicts the dates.
    """
    _require_allowed(step, record)
    names = [need.field for need in step.needs]
    for name in given:
        if name not in names:
            raise BadValue(Text(f"这一步不填“{name}”", f"this step does not take '{name}'"), field=name, fields=names)
    anew = {SINCE} if step.target is not None else set(names)  # a deadline is not extended by the one that is on record
    values = {name: given.get(name, None if name in anew else record.get(name)) for name in names}
    for need in step.needs:
        _check(need, values, record, layer.field(need.field), step, today)
    if step.note and not note:
        raise BadValue(Text("须写说明", "a note is required"), field="note")
    written = dict.fromkeys(step.clears) | {name: value for name, value in values.items() if value is not None} | dict(step.sets)
    if step.target is not None and step.dated is not None:
        day = values[step.dated]
        written |= {STATUS: step.target, SINCE: day, **dict.fromkeys(step.follows, day)}
    return written


def _require_allowed(step: Step, record: Record) -> None:
    possible = allowed(record)
    if step in possible:
        return
    zh = "、".join(s.label.zh for s in possible) or "没有（已办结；再次出现请新登记并填“反复隐患编号”）"
    en = ", ".join(s.id for s in possible) or "none (it has ended: register a new one that names it in reopen_of)"
    state = record.get(STATUS)
    raise Conflict(
        Text(f"现在的状态不能“{step.label.zh}”；可以：{zh}", f"'{step.id}' cannot follow the state '{state}'; possible: {en}"),
        state=state, steps=[s.id for s in possible],
    )  # fmt: skip


def _check(need: Need, values: Record, record: Record, field: Field | None, step: Step, today: str) -> None:
    value, label = values[need.field], field.label if field else Text(need.field, need.field)
    if value is None:
        if need.required:
            raise BadValue(Text(f"“{step.label.zh}”须填{label.zh}", f"'{step.label.en}' needs: {label.en}"), field=need.field)
        return
    if need.field == step.dated and value > today:
        raise BadValue(Text(f"{label.zh} {value} 还没有到", f"{label.en}: {value} has not come yet"), field=need.field, maximum=today)
    earliest = max((day for day in (values.get(n) or record.get(n) for n in need.not_before) if day), default=None)
    if earliest is not None and value < earliest:
        raise BadValue(
            Text(
                f"{label.zh} {value} 早于前面的日期 {earliest}：请改正其中有误的一个",
                f"{label.en}: {value} is before {earliest}, which came earlier: mend the one that is wrong",
            ),
            field=need.field, minimum=earliest,
        )  # fmt: skip


# ---------------------------------------------------------------- deadlines


@dataclass(frozen=True, slots=True)
class Standing:
    """How a hazard stands to its deadline on a day. `late` None = cannot be told; `working_days` past the deadline, negative before it."""

    due: str | None
    deadline: str | None
    late: bool | None
    working_days: int | None


def standing(record: Record, as_of: str) -> Standing:
    """The day on record, the working day it moves to, whether it has passed: never stored."""

    def days(name: str) -> np.ndarray[Any, np.dtype[np.datetime64]]:
        return days_of(np.array([record.get(name)], dtype=object))

    codes = states.status_codes(np.array([record.get(STATUS)], dtype=object))
    now = day_of(as_of)
    found = overdue.overdue(
        states.on_the_day(codes, days("closed_on"), now), days("found_on"), days("due_date"), days("due_date_extended"), now
    )
    due, deadline, count = found.due[0], found.deadline[0], found.working_days[0]
    return Standing(
        None if np.isnat(due) else str(due),
        None if np.isnat(deadline) else str(deadline),
        None if found.unknown[0] else bool(found.late[0]),
        None if np.isnan(count) else int(count),
    )


def proposed_due(hazard_type: str | None, notice_on: str) -> str:
    """The deadline that a notice proposes for a type of hazard."""
    days = next((n for n, types in DEADLINE_DAYS.items() if hazard_type in types), USUAL_DAYS)
    return (date.fromisoformat(notice_on) + timedelta(days=days)).isoformat()
