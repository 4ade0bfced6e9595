"""HZ-01 to HZ-04: hazards put right by their deadline, and the legal deadlines of notices, re-inspections and reports."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geo.errors import Text
from geo.hazards import terms
from geo.hazards.overdue import LATE, NO_DUE, NO_STATUS, NOT_ONE, NOT_YET
from geo.hazards.terms import Term
from geo.questions.declaration import View
from geo.questions.hazards import words
from geo.questions.hazards.ledger import ledger
from geo.questions.hazards.legal import Legal, legal
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, limit
from geo.rules.judging import DECLARED, based, lacking, own, sentences

_SUBJECT = "hazards"
_RESULT = np.array([PASS, FAIL, PASS, UNKNOWN, NA], dtype=np.int8)
"""By `Term.state`: what is not done while there is still time has not failed."""


def _overdue(view: View) -> Judgement:
    held = ledger(view)
    late, count = held.overdue, len(held.status)
    result = np.where(
        late.state == LATE, FAIL, np.where(late.unknown, UNKNOWN, np.where(np.isin(late.state, (NOT_ONE, NOT_YET)), NA, PASS))
    )
    lacks = lacking(
        count, (_SUBJECT, "status", late.state == NO_STATUS, own(count)), (_SUBJECT, "due_date", late.state == NO_DUE, own(count))
    )
    threshold = np.where(np.isnan(late.working_days), np.nan, limit(count, 0))
    told = based(count, DECLARED, (result == PASS) | (result == FAIL))
    return Judgement(
        result.astype(np.int8), late.working_days, threshold, told, sentences(lambda row: words.overdue_words(held, row)), lacks=lacks
    )


def _by_term(which: int, start: str, done: str) -> Callable[[View], Judgement]:
    """`start`, `done`: the fields of the days."""

    def judge(view: View) -> Judgement:
        found = legal(view)
        term = found.terms[which]
        result, count = _RESULT[term.state], len(term.state)
        unknown = term.state == terms.UNKNOWN
        lacks = lacking(
            count,
            (_SUBJECT, start, unknown & (term.why == terms.NO_START), own(count)),
            (_SUBJECT, done, unknown & np.isin(term.why, (terms.DONE_UNDATED, terms.CONTRADICTS)), own(count)),
        )
        measured, threshold = _figures(term)
        told = based(count, DECLARED, (result == PASS) | (result == FAIL))
        return Judgement(result, measured, threshold, told, sentences(lambda row: found.words(which, row)), lacks=lacks)

    return judge


def _figures(term: Term) -> tuple[np.ndarray, np.ndarray]:
    counted = np.isin(term.state, (terms.MET, terms.MISSED, terms.RUNNING)) & ~np.isnan(term.taken)
    return np.where(counted, term.taken, np.nan), np.where(counted, term.allowed, np.nan)


_REPORT, _NOTICE = 2, 3


def _major(view: View) -> Judgement:
    """The report and the notice together: the one that was missed by more counts, else the report."""
    found = legal(view)
    report, notice = found.terms[_REPORT], found.terms[_NOTICE]
    one, other = _RESULT[report.state], _RESULT[notice.state]
    count = len(one)
    result = np.select(
        [(one == FAIL) | (other == FAIL), (one == UNKNOWN) | (other == UNKNOWN), (one == PASS) | (other == PASS)], [FAIL, UNKNOWN, PASS], NA
    ).astype(np.int8)
    by_notice = np.nan_to_num(notice.over, nan=-1.0) > np.nan_to_num(report.over, nan=-1.0)
    (a, a_limit), (b, b_limit) = _figures(report), _figures(notice)
    told = (result == PASS) | (result == FAIL)
    measured, threshold = np.where(by_notice, b, a), np.where(by_notice, b_limit, a_limit)
    unknown = result == UNKNOWN
    lacks = lacking(
        count,
        (_SUBJECT, "grade", unknown & (report.why == terms.NO_GRADE), own(count)),
        (_SUBJECT, "found_on", unknown & (report.why == terms.NO_START), own(count)),
        (_SUBJECT, "escalated", unknown & (report.why == terms.DONE_UNDATED), own(count)),
        (_SUBJECT, "notice_on", unknown & (other == UNKNOWN), own(count)),
    )
    return Judgement(
        result, np.where(told, measured, np.nan), np.where(told, threshold, np.nan), based(count, DECLARED, told),
        sentences(lambda row: _both(found, row)), lacks=lacks,
    )  # fmt: skip


def _both(found: Legal, row: int) -> Text:
    asked = [which for which in (_REPORT, _NOTICE) if found.terms[which].state[row] != terms.NOT_ASKED] or [_REPORT]
    said = [found.words(which, row) for which in asked]
    return Text("；".join(t.zh for t in said), "; ".join(t.en for t in said))


OVERDUE = Rule(
    id="HZ-01", number=601, title=Text("隐患逾期未整改", "Rectification overdue"), subject=_SUBJECT, reads=(_SUBJECT,), judge=_overdue,
    unit=words.CALENDAR_UNIT, dated=True, by_row=True,
)  # fmt: skip

NOTICE = Rule(
    id="HZ-02", number=602, title=Text("责令改正通知书按时送达", "Order issued in time"), subject=_SUBJECT, reads=(_SUBJECT,),
    judge=_by_term(0, "found_on", "notice_on"), unit=words.CALENDAR_UNIT, figures=("notice_days",), dated=True, by_row=True,
)  # fmt: skip

REVIEW = Rule(
    id="HZ-03", number=603, title=Text("按时复查", "Re-inspection in time"), subject=_SUBJECT, reads=(_SUBJECT,),
    judge=_by_term(1, "due_date", "reviewed_on"), unit=words.CALENDAR_UNIT, figures=("review_days",), dated=True, by_row=True,
)  # fmt: skip

MAJOR = Rule(
    id="HZ-04", number=604, title=Text("重大火灾隐患按时报告和通知", "Major fire hazard reported and noticed in time"), subject=_SUBJECT,
    reads=(_SUBJECT,), judge=_major, unit=words.CALENDAR_UNIT, figures=("report_days", "experts_days", "major_notice_days"), dated=True, by_row=True,
)  # fmt: skip
