"""Working days: the days of the official notices, and a brute-force count over the library's own verdicts."""

from __future__ import annotations

import datetime as dt
import random

import chinese_calendar
import numpy as np
import pytest

from geo.hazards import workdays

NOTICES = [  # 国务院办公厅关于节假日安排的通知: day, worked?
    ("2026-01-01", False), ("2026-01-02", False), ("2026-01-03", False), ("2026-01-04", True),  # New Year, Sunday made up
    ("2026-02-14", True), ("2026-02-15", False), ("2026-02-23", False), ("2026-02-24", True), ("2026-02-28", True),  # Spring Festival, two Saturdays
    ("2026-04-06", False), ("2026-05-01", False), ("2026-05-05", False), ("2026-05-09", True), ("2026-06-19", False),
    ("2026-09-20", True), ("2026-09-25", False), ("2026-10-01", False), ("2026-10-07", False), ("2026-10-10", True),
    ("2025-01-26", True), ("2025-01-28", False), ("2025-02-04", False), ("2025-02-08", True), ("2025-10-08", False), ("2025-10-11", True),
    ("2024-02-04", True), ("2024-02-09", True), ("2024-02-10", False), ("2024-02-17", False), ("2024-02-18", True),
    ("2020-01-31", False), ("2020-02-02", False), ("2020-02-03", True),  # the extended Spring Festival
    ("2026-11-21", False), ("2026-11-23", True),
]  # fmt: skip


def days(*texts: str | None) -> np.ndarray:
    return workdays.days_of(np.array([*texts, None], dtype=object)[:-1])


@pytest.mark.parametrize(("text", "worked"), NOTICES)
def test_a_day_of_the_notices(text: str, worked: bool) -> None:
    day = days(text)
    assert chinese_calendar.is_workday(dt.date.fromisoformat(text)) is worked
    assert (workdays.working_day_from(day) == day).tolist() == [worked]
    assert workdays.working_days_between(day - np.timedelta64(1, "D"), day[0]).tolist() == [float(worked)]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-02-13", "2026-02-24", 2.0),  # the 14th and the 24th
        ("2026-02-24", "2026-02-13", -2.0),
        ("2026-02-13", "2026-02-13", 0.0),
        ("2026-09-30", "2026-10-12", 4.0),
        ("2025-12-31", "2026-01-04", 1.0),  # over the end of a year
        ("2003-12-31", "2004-01-05", np.nan),
        ("2026-12-31", "2027-01-04", np.nan),
        (None, "2026-01-04", np.nan),
    ],
)
def test_working_days_between(start: str | None, end: str, count: float) -> None:
    np.testing.assert_equal(workdays.working_days_between(days(start), np.datetime64(end)), np.array([count]))


@pytest.mark.parametrize(
    ("start", "count", "there"),
    [
        ("2026-02-12", 3, "2026-02-24"),
        ("2026-02-15", 1, "2026-02-24"),
        ("2026-09-17", 7, "2026-09-28"),
        ("2026-12-30", 2, "NaT"),
        (None, 3, "NaT"),
    ],
)
def test_the_nth_working_day_after(start: str | None, count: int, there: str) -> None:
    np.testing.assert_equal(workdays.working_day_after(days(start), count), np.array([there], dtype="datetime64[D]"))


def test_what_is_no_date_is_none() -> None:
    assert np.isnat(days("2026-02-30", "soon", "", None)).all()
    assert days("2026-02-03").tolist() == [dt.date(2026, 2, 3)]


def test_the_calendar_holds_whole_years() -> None:
    """Each year that it holds has New Year and the Spring Festival: a year half held would count holidays as worked."""
    first, last = workdays.years()
    assert (first, last) <= (2004, 2100) and last >= 2026
    for year in range(first, last + 1):
        assert len({d for d in chinese_calendar.holidays if d.year == year}) >= 10


def test_counts_are_those_of_the_library() -> None:
    """Day by day, as one would count on a calendar."""
    dice = random.Random(5)
    for _ in range(40):
        start = dt.date(2004, 1, 1) + dt.timedelta(days=dice.randrange(8300))
        end = min(start + dt.timedelta(days=dice.randrange(60)), dt.date(2026, 12, 31))
        counted = sum(map(chinese_calendar.is_workday, chinese_calendar.get_dates(start, end)[1:]))
        assert workdays.working_days_between(days(start.isoformat()), np.datetime64(end)).tolist() == [float(counted)]
        following = start
        while not chinese_calendar.is_workday(following):
            following += dt.timedelta(days=1)
        assert workdays.working_day_from(days(start.isoformat())).tolist() == [following]
