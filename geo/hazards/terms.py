"""Deadlines that the law sets for the work itself, counted in working days: notices, re-inspections, reports on major fire hazards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.hazards import states
from geo.hazards.overdue import Overdue
from geo.hazards.workdays import Days, Flags, Floats, working_day_after, working_days_between

MET, MISSED, RUNNING, UNKNOWN, NOT_ASKED = range(5)
"""`Term.state`: done in time; done too late, or not done and too late; not done and still time; cannot be told; does not apply."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One value a hazard. `start`: the day from which the working days count, `done`: when it was done (NaT = not, or not on record), `limit`: the last day;
    `allowed`: how many working days there are; `taken`: how many it took, or took until the day asked for, NaN = cannot be told. `why`: a reason of the term's own, 0 = none."""

    state: NDArray[np.int8]
    start: Days
    done: Days
    limit: Days
    allowed: Floats
    taken: Floats
    why: NDArray[np.int8]

    @property
    def over(self) -> Floats:
        """Working days over what is allowed, NaN where the term was not missed."""
        return np.where(self.state == MISSED, self.taken - self.allowed, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What the ledger says of each hazard, as columns. `status` as it counts on the day `as_of`; `major`, `graded`: its grade is so, there is one that is
    not pending; `elsewhere`: it is of a type that is no fire hazard; `experts`: its determination names experts; `told`: it was referred to the
    government; `reviewed`: there is a result of a review."""

    status: states.Codes
    found_on: Days
    notice_on: Days
    noticed: Flags
    requested_on: Days
    reviewed_on: Days
    reviewed: Flags
    closed_on: Days
    major: Flags
    graded: Flags
    elsewhere: Flags
    determined_on: Days
    experts: Flags
    told: NDArray[np.object_]
    overdue: Overdue
    as_of: np.datetime64

    @property
    def real(self) -> Flags:
        """Neither a candidate, nor rejected, nor found later than the day."""
        return ~np.isin(self.status, states.NO_HAZARD) & ~(self.found_on > self.as_of)


(
    NO_REASON,
    ON_THE_SPOT,
    NO_START,
    NO_NOTICE_YET,
    NOT_MAJOR,
    NO_GRADE,
    NOT_DETERMINED,
    TOLD_UNDATED,
    CONTRADICTS,
    DONE_UNDATED,
    NO_CALENDAR,
    NO_HAZARD,
    NO_FIRE,
) = range(13)
"""`Term.why`: why it does not apply, or cannot be told."""


def _term(start: Days, done: Days, as_of: np.datetime64, allowed: Floats, *, undone: Flags, early: bool = False) -> Term:
    """`undone`: where nothing is on record, it was not done for certain; `early`: done before the days begin to count is in time."""
    undone = undone | (done > as_of)
    done = np.where(done > as_of, np.datetime64("NaT"), done)
    taken = working_days_between(start, np.where(np.isnat(done), as_of, done))
    limit = _limits(start, allowed)
    there = ~np.isnat(done)
    state = np.full(len(start), UNKNOWN, dtype=np.int8)
    why = np.full(len(start), NO_CALENDAR, dtype=np.int8)
    in_time = taken <= allowed
    state[there & in_time], state[there & (taken > allowed)] = MET, MISSED
    state[~there & (in_time | (start >= as_of))] = RUNNING
    state[~there & (taken > allowed) & undone] = MISSED
    why[~there & (taken > allowed) & ~undone] = DONE_UNDATED
    before = there & (done < start)
    state[before], why[before] = (MET, NO_REASON) if early else (UNKNOWN, CONTRADICTS)
    state[np.isnat(start)], why[np.isnat(start)] = UNKNOWN, NO_START
    why[state != UNKNOWN] = NO_REASON
    return Term(state, start, done, limit, allowed, np.where(taken >= 0, taken, np.nan), why)


def _limits(start: Days, allowed: Floats) -> Days:
    limit = np.full(len(start), np.datetime64("NaT"), dtype="datetime64[D]")
    for days in np.unique(allowed):
        rows = allowed == days
        limit[rows] = working_day_after(start[rows], int(days))
    return limit


def _without(term: Term, rows: Flags, why: int, state: int = NOT_ASKED) -> None:
    term.state[rows], term.why[rows] = state, why


def notice(record: Record, *, days: float) -> Term:
    """The order to put it right, after the inspection. A hazard closed without one was put right on the spot."""
    undone = (record.status == states.REGISTERED) & ~record.noticed
    term = _term(record.found_on, record.notice_on, record.as_of, np.full(len(undone), days), undone=undone)
    _without(term, (record.status == states.CLOSED) & np.isnat(record.notice_on) & ~record.noticed, ON_THE_SPOT)
    _without(term, ~record.real, NO_HAZARD)
    return term


def review(record: Record, *, days: float) -> Term:
    """The re-inspection, after the deadline or after it was asked for, whichever is first."""
    due = record.overdue
    deadline = np.where(np.isnat(due.deadline), due.due, due.deadline)
    start = np.fmin(deadline, np.where(record.requested_on > record.as_of, np.datetime64("NaT"), record.requested_on))
    undone = np.isin(record.status, (states.REGISTERED, states.NOTIFIED, states.RECTIFYING, states.PENDING_REVIEW)) & ~record.reviewed
    term = _term(start, record.reviewed_on, record.as_of, np.full(len(start), days), undone=undone, early=True)
    _without(term, (term.state == UNKNOWN) & (term.why == NO_START) & (record.status == states.REGISTERED) & ~record.noticed, NO_NOTICE_YET)
    _without(term, (record.status == states.CLOSED) & np.isnat(start) & ~record.noticed & np.isnat(record.notice_on), ON_THE_SPOT)
    _without(term, ~record.real, NO_HAZARD)
    return term


def report(record: Record, *, days: float, more: float) -> Term:
    """The report to the government on a major fire hazard, after the inspection; `more` days where experts were heard. The ledger holds whether, not when."""
    none = np.full(len(record.status), np.datetime64("NaT"), dtype="datetime64[D]")
    allowed = np.where(record.experts, days + more, days)
    told, untold = np.asarray(record.told == True), np.asarray(record.told == False)  # noqa: E712  (an object column with None)
    term = _term(record.found_on, none, record.as_of, allowed, undone=untold)
    _without(term, told & (term.state == RUNNING), NO_REASON, MET)
    _without(term, told & (term.state == UNKNOWN) & (term.why == DONE_UNDATED), TOLD_UNDATED, UNKNOWN)
    return _majors(record, term)


def major_notice(record: Record, *, days: float) -> Term:
    """The notice on a major fire hazard, after its determination. An earlier one is the ordinary order to put it right."""
    before = record.notice_on < record.determined_on
    notice_on = np.where(before, np.datetime64("NaT"), record.notice_on)
    term = _term(
        record.determined_on, notice_on, record.as_of, np.full(len(before), days), undone=~record.noticed & np.isnat(record.notice_on)
    )
    _without(term, np.isnat(record.determined_on), NOT_DETERMINED, NOT_ASKED)
    return _majors(record, term)


def _majors(record: Record, term: Term) -> Term:
    """Asked of major fire hazards only; one without a grade, or with one that is pending, may be one."""
    _without(term, ~record.major & record.graded, NOT_MAJOR)
    _without(term, ~record.graded, NO_GRADE, UNKNOWN)
    _without(term, record.elsewhere, NO_FIRE)
    _without(term, ~record.real, NO_HAZARD)
    return term


def has_words(values: NDArray[np.object_], pattern: str) -> Flags:
    """Texts in which a pattern is found."""
    return np.asarray(
        pd.Series(values, dtype=object).astype("str").where(~pd.isna(values), "").str.contains(pattern, regex=True), dtype=bool
    )
