"""HZ-06: the states of a hazard follow one another as they must, as far as the states and days on record tell."""

from __future__ import annotations

import numpy as np

from geo.errors import Text
from geo.hazards.states import CANDIDATE, CLOSED, REJECTED, REVIEW_FAILED, status_codes
from geo.hazards.workdays import Days, Flags, days_of
from geo.questions.columns import texts
from geo.questions.declaration import View
from geo.questions.hazards import words
from geo.questions.hazards.ledger import filled_in
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, nothing
from geo.rules.judging import DECLARED, based, lacking, own, sentences

_STEPS = (
    ("due_date", Text("整改期限", "deadline")),
    ("notice_on", Text("通知", "notice")),
    ("done_on", Text("整改完成", "completion")),
    ("reviewed_on", Text("复查", "review")),
    ("closed_on", Text("销号", "closing")),
)
"""What comes after a hazard was found."""

_ORDER = (("done_on", "reviewed_on"), ("reviewed_on", "closed_on"))
"""Which step comes before which, where the review was passed."""

_CALLED = dict(_STEPS)

_DAY = {"due_date": ""}


def _course(view: View) -> Judgement:
    frame = view.frame("hazards")
    count, status = len(frame), status_codes(texts(frame, "status"))
    closed = status == CLOSED
    passed, failed = (np.asarray(texts(frame, "review_result") == value, dtype=bool) for value in ("passed", "failed"))
    seen = filled_in(frame, "reviewed_on", "reviewed_by")
    days = {name: days_of(texts(frame, name)) for name in ("found_on", *_CALLED)}
    faults = [
        (closed & failed, Text("复查结论为不通过却已销号", "closed though the review failed")),
        (closed & ~passed & ~failed & ~seen, Text("没有复查记录就已销号", "closed without a review on record")),
        (
            (status >= 0) & ~closed & ~np.isnat(days["closed_on"]),
            Text("有销号日期而状态不是已销号", "there is a day of closing though its status is not closed"),
        ),
        (
            (status == REVIEW_FAILED) & passed,
            Text("状态为复查不通过而复查结论为通过", "its status is review failed though the review was passed"),
        ),
        ((status == REJECTED) & ~filled_in(frame, "reject_reason"), Text("不属实而没有写明原因", "rejected without a reason")),
        *_disorders(days, passed),
    ]
    wrong = np.logical_or.reduce([rows for rows, _ in faults])
    half = closed & ~passed & ~failed & seen
    result = np.select([wrong, (status < 0) | half, status == CANDIDATE], [FAIL, UNKNOWN, NA], PASS).astype(np.int8)
    unknown = result == UNKNOWN
    lacks = lacking(
        count, ("hazards", "status", unknown & (status < 0), own(count)), ("hazards", "review_result", unknown & half, own(count))
    )

    def told(row: int) -> Text:
        if result[row] == FAIL:
            found = [text for rows, text in faults if rows[row]]
            return Text("数据有误：" + "，".join(t.zh for t in found), "an error in the data: " + ", ".join(t.en for t in found))
        if status[row] < 0:
            return Text("没有登记状态", "its status is not on record")
        if half[row]:
            return Text("已销号，复查过而没有登记结论", "closed after a review whose result is not on record")
        if result[row] == NA:
            return words.NOT_A_HAZARD[True]
        return Text("状态与登记的日期相符", "its status and the days on record agree")

    return Judgement(
        result, nothing(count), nothing(count), based(count, DECLARED, (result == PASS) | (result == FAIL)), sentences(told), lacks=lacks
    )


def _disorders(days: dict[str, Days], passed: Flags) -> list[tuple[Flags, Text]]:
    """Days that come before what they follow."""
    early = [
        (
            days[name] < days["found_on"],
            Text(f"{word.zh}{_DAY.get(name, '日期')}早于检查时间", f"the day of its {word.en} is before it was found"),
        )
        for name, word in _STEPS
    ]
    for first, then in _ORDER:
        a, b = _CALLED[first], _CALLED[then]
        early.append(
            ((days[then] < days[first]) & passed, Text(f"{b.zh}日期早于{a.zh}日期", f"the day of its {b.en} is before its {a.en}"))
        )
    return early


COURSE = Rule(
    id="HZ-06",
    number=606,
    title=Text("隐患流转合乎次序", "State changes are in order"),
    subject="hazards",
    reads=("hazards",),
    judge=_course,
    by_row=True,
)
