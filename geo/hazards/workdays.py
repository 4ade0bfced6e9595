"""Working days in China by the State Council's yearly calendar, make-up working days at weekends among them.

Days of years that the calendar does not hold are unknown (NaT, NaN), never guessed from weekends. The calendar of a year is published in November of the
year before, and may still move the last days of December: those of the last year held follow the weekends until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import chinese_calendar
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True, eq=False)
class _Calendar:
    """`until[k]`: working days up to and including day `first + k`; `working`: all of them, rising."""

    first: np.datetime64
    until: Ints
    working: Days


@cache
def _calendar() -> _Calendar:
    first_year, last_year = years()
    days = np.arange(np.datetime64(f"{first_year}-01-01"), np.datetime64(f"{last_year + 1}-01-01"))
    holidays, made_up = (np.array(sorted(d), dtype="datetime64[D]") for d in (chinese_calendar.holidays, chinese_calendar.workdays))
    works = (np.is_busday(days) & ~np.isin(days, holidays)) | np.isin(days, made_up)
    return _Calendar(days[0], np.cumsum(works), days[works])


@cache
def years() -> tuple[int, int]:
    """The first and the last year that the calendar holds."""
    held = {day.year for day in chinese_calendar.holidays}
    return min(held), max(held)


def days_of(texts: NDArray[np.object_]) -> Days:
    """ISO dates as days, each distinct text read once; null, and what is no date, is NaT."""
    codes, distinct = pd.factorize(pd.Series(texts, dtype=object))
    read = pd.to_datetime(pd.Series(np.asarray(distinct), dtype=object), format="%Y-%m-%d", errors="coerce").to_numpy()
    return np.append(read.astype("datetime64[D]"), np.datetime64("NaT"))[codes]


def day_of(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


def known(day: Days) -> Flags:
    """Whether the calendar holds the day's year."""
    calendar = _calendar()
    return np.asarray((day >= calendar.first) & (day < calendar.first + len(calendar.until) * _DAY), dtype=bool)


def days_between(start: Days, end: Days | np.datetime64) -> Floats:
    """Calendar days from `start` to `end`, NaN where either is none."""
    return np.asarray((end - start) / _DAY, dtype=np.float64)


def working_days_between(start: Days, end: Days | np.datetime64) -> Floats:
    """Working days after `start` up to and including `end`, negative where `end` comes first; NaN where either is none or in a year not held."""
    ends = np.broadcast_to(np.asarray(end, dtype="datetime64[D]"), start.shape)
    told = known(start) & known(ends)
    return np.where(told, _until(ends) - _until(start), np.nan)


def working_day_after(start: Days, count: int) -> Days:
    """The `count`th working day after each day; NaT where a year is not held."""
    calendar = _calendar()
    at = _until(start) + count - 1
    there = known(start) & (at < len(calendar.working))
    return np.where(there, calendar.working[np.where(there, at, 0)], np.datetime64("NaT", "D"))


def working_day_from(day: Days) -> Days:
    """The day itself where it is a working day, else the next that is one; NaT where a year is not held."""
    calendar = _calendar()
    told = known(day)
    at = np.where(told, (np.where(told, day, calendar.first) - calendar.first) / _DAY, 0).astype(np.int64)
    nth = np.where(at > 0, calendar.until[at - 1], 0)
    there = told & (nth < len(calendar.working))
    return np.where(there, calendar.working[np.where(there, nth, 0)], np.datetime64("NaT", "D"))


def _until(day: Days) -> Ints:
    """Working days of the calendar up to and including each day, 0 where it is not held."""
    calendar = _calendar()
    told = known(day)
    at = np.where(told, (np.where(told, day, calendar.first) - calendar.first) / _DAY, 0).astype(np.int64)
    return np.where(told, calendar.until[at], 0)
