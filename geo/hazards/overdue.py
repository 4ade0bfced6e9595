"""Which hazards are past the day by which they had to be put right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.hazards.states import CLOSED, NO_HAZARD, Codes
from geo.hazards.workdays import Days, Flags, Floats, days_between, known, working_day_from, working_days_between

LATE, IN_TIME, OVER, NOT_ONE, NOT_YET, NO_STATUS, NO_DUE, NO_CALENDAR = range(8)
"""`Overdue.state`: past the deadline; not yet past it; closed; candidate or rejected; found after the day; and three ways of not knowing."""

UNKNOWN_STATES = (NO_STATUS, NO_DUE, NO_CALENDAR)


@dataclass(frozen=True, slots=True, eq=False)
class Overdue:
    """One value a hazard. `due`: the day on record, that of an extension before the first one; `deadline`: that day, or the next working day where it is
    none; NaT = none on record, or its year is not in the calendar. `working_days`: past the deadline, negative before it, NaN where it does not matter
    or cannot be told; `days`: calendar days past `due`."""

    state: Codes
    due: Days
    deadline: Days
    working_days: Floats
    days: Floats

    @property
    def late(self) -> Flags:
        return np.asarray(self.state == LATE)

    @property
    def unknown(self) -> Flags:
        return np.isin(self.state, UNKNOWN_STATES)


def overdue(status: Codes, found_on: Days, due_date: Days, extended_to: Days, as_of: np.datetime64) -> Overdue:
    """`status` as it counts on the day `as_of`. That a deadline moves to the next working day, and how many of them passed, only the calendar tells;
    that a day has not come yet needs none."""
    due = np.where(np.isnat(extended_to), due_date, extended_to)
    deadline = working_day_from(due)
    state = np.full(len(status), IN_TIME, dtype=np.int8)
    came = as_of > due
    told = known(deadline) & known(np.full(len(status), as_of))
    state[came & told & (as_of > deadline)] = LATE
    state[came & ~told] = NO_CALENDAR
    state[np.isnat(due)] = NO_DUE
    state[status < 0] = NO_STATUS
    state[status == CLOSED] = OVER
    state[found_on > as_of] = NOT_YET
    state[np.isin(status, NO_HAZARD)] = NOT_ONE
    counts = np.isin(state, (LATE, IN_TIME))
    return Overdue(
        state, due, deadline,
        np.where(counts, working_days_between(deadline, as_of), np.nan),
        np.where(counts | (state == NO_CALENDAR), days_between(due, as_of), np.nan),
    )  # fmt: skip
