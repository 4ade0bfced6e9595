"""Words about hazards that several sentences need: states, days, and what stands in a ledger."""

from __future__ import annotations

import numpy as np

from geo.errors import Text
from geo.hazards import workdays
from geo.hazards.overdue import IN_TIME, LATE, NO_CALENDAR, NO_DUE, NO_STATUS, NOT_YET, OVER, Overdue
from geo.hazards.states import CANDIDATE
from geo.questions.hazards.ledger import Ledger

STATUS_WORDS = (
    Text("系统疑似，尚未核实", "a candidate, not confirmed"),
    Text("已登记", "registered"),
    Text("已下达整改通知", "notified"),
    Text("整改中", "being put right"),
    Text("已报整改完成、待复查，复查通过前仍算未销号", "said to be put right and awaiting review, which still counts as not closed"),
    Text("复查不通过", "review failed"),
    Text("已销号", "closed"),
    Text("经核查不属实", "rejected as no hazard"),
)
"""By status code."""

NOT_A_HAZARD = {
    True: Text("系统疑似，尚未核实，不要求整改", "only a candidate, not confirmed: nothing is asked to be put right yet"),
    False: Text("经核查不属实", "rejected as no hazard"),
}
"""Whether it is a candidate."""

CALENDAR_UNIT = Text("个工作日", "working days")
DAYS_UNIT = Text("天", "days")
HAZARDS_UNIT = Text("处", "hazards")
METRES_UNIT = Text("米", "m")


def day(value: np.datetime64) -> str:
    return str(value)


def working(count: float) -> Text:
    """3 working days."""
    return Text(f"{count:.0f} 个工作日", f"{count:.0f} working day{'' if count == 1 else 's'}")


def calendar_days(count: float) -> Text:
    return Text(f"{count:.0f} 天", f"{count:.0f} day{'' if count == 1 else 's'}")


def calendar_words() -> Text:
    """The years that the calendar holds."""
    first, last = workdays.years()
    return Text(f"工作日日历只有 {first}–{last} 年", f"the calendar of working days holds {first} to {last} only")


def not_found_yet(found_on: np.datetime64) -> Text:
    return Text(f"{day(found_on)} 才发现，晚于截至日期", f"found on {day(found_on)}, after the day that is asked for")


def status_words(held: Ledger, row: int) -> Text:
    if held.closed_later[row]:
        closed = day(held.days["closed_on"][row])
        return Text(f"{closed} 才销号，当时未销号", f"closed on {closed} only, not yet on that day")
    return STATUS_WORDS[held.status[row]]


def overdue_words(held: Ledger, row: int) -> Text:
    """Whether a hazard is overdue, and by how much."""
    late, state = held.overdue, held.overdue.state[row]
    if state == LATE:
        return _late(held, late, row)
    if state == IN_TIME:
        return _in_time(held, late, row)
    if state == OVER:
        closed = held.days["closed_on"][row]
        on = Text("", "") if np.isnat(closed) else Text(f"（{day(closed)}）", f" on {day(closed)}")
        return Text(f"已销号{on.zh}", f"closed{on.en}")
    if state == NOT_YET:
        return not_found_yet(held.days["found_on"][row])
    if state in (NO_STATUS, NO_DUE):
        return _missing(held, late, row)
    if state == NO_CALENDAR:
        return _no_calendar(held, late, row)
    return NOT_A_HAZARD[held.status[row] == CANDIDATE]


def _due(held: Ledger, late: Overdue, row: int) -> Text:
    due, deadline = late.due[row], late.deadline[row]
    extended = not np.isnat(held.days["due_date_extended"][row])
    zh, en = (
        (f"延期后的整改期限 {day(due)}", f"the extended deadline {day(due)}")
        if extended
        else (f"整改期限 {day(due)}", f"the deadline {day(due)}")
    )
    if not np.isnat(deadline) and deadline != due:
        return Text(f"{zh}（非工作日，顺延到 {day(deadline)}）", f"{en} (no working day, moved to {day(deadline)})")
    return Text(zh, en)


def _late(held: Ledger, late: Overdue, row: int) -> Text:
    due, status = _due(held, late, row), status_words(held, row)
    count, passed = working(late.working_days[row]), calendar_days(workdays.days_between(late.deadline, held.as_of)[row])
    return Text(
        f"{due.zh}，到 {day(held.as_of)} 已逾期 {count.zh}（{passed.zh}），{status.zh}",
        f"{due.en}: on {day(held.as_of)} overdue by {count.en} ({passed.en}), {status.en}",
    )


def _in_time(held: Ledger, late: Overdue, row: int) -> Text:
    due, left = _due(held, late, row), -late.working_days[row]
    if np.isnan(left):
        calendar, days = calendar_words(), calendar_days(-late.days[row])
        return Text(f"{due.zh}，还有 {days.zh}（{calendar.zh}，不折算工作日）", f"{due.en}: {days.en} left ({calendar.en})")
    if left == 0:
        return Text(f"{due.zh}，当天到期，尚未逾期", f"{due.en}: it ends that day, not overdue")
    count = working(left)
    return Text(f"{due.zh}，还有 {count.zh}", f"{due.en}: {count.en} left")


def _missing(held: Ledger, late: Overdue, row: int) -> Text:
    no_status, no_due = held.status[row] < 0, bool(np.isnat(late.due[row]))
    if no_status and no_due:
        return Text("没有登记状态，也没有登记整改期限", "neither its status nor its deadline is on record")
    if no_due:
        status = status_words(held, row)
        return Text(f"没有登记整改期限，{status.zh}", f"no deadline on record, {status.en}")
    due = _due(held, late, row)
    return Text(f"没有登记状态（{due.zh}），不知是否已销号", f"its status is not on record ({due.en}): it may be closed")


def _no_calendar(held: Ledger, late: Overdue, row: int) -> Text:
    due, days, calendar, status = _due(held, late, row), calendar_days(late.days[row]), calendar_words(), status_words(held, row)
    return Text(
        f"{due.zh}，到 {day(held.as_of)} 按日历已过 {days.zh}，{status.zh}；{calendar.zh}，逾期几个工作日算不出",
        f"{due.en}: by {day(held.as_of)} {days.en} of the calendar have passed, {status.en}; {calendar.en}, so working days cannot be told",
    )
