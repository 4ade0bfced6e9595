"""Bins of a histogram: every value in exactly one, ends round, given ends kept."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import bins


def ends(made: tuple[bins.Bin, ...]) -> list[object]:
    return [made[0].low, *(b.high for b in made)]


ROUND: list[tuple[list[float], int, bool, list[float], list[int]]] = [
    ([1974, 1980, 1999, 2014], 10, True, [1970, 1975, 1980, 1985, 1990, 1995, 2000, 2005, 2010, 2015], [1, 0, 1, 0, 0, 1, 0, 0, 1]),
    ([0.1, 0.2, 0.3], 3, False, [0.1, 0.2, 0.3, 0.4], [1, 1, 1]),
    ([0, 1, 2, 3], 20, True, [0, 1, 2, 3, 4], [1, 1, 1, 1]),
    ([5], 20, True, [5, 6], [1]),
    ([-7.5, 7.5], 2, False, [-10, 0, 10], [1, 1]),
]


@pytest.mark.parametrize(("values", "most", "whole", "edges", "counts"), ROUND)
def test_ends_are_round(values: list[float], most: int, whole: bool, edges: list[float], counts: list[int]) -> None:
    made = bins.of_numbers(np.array(values, dtype=float), most, whole=whole)
    assert (ends(made), [b.count for b in made]) == (edges, counts)


def test_a_value_at_a_break_belongs_to_the_bin_that_starts_there() -> None:
    made = bins.between(np.array([3.4, 3.5, 3.9, 4.0, 9.0]), [3.5, 4.0])
    assert [(b.low, b.high, b.count) for b in made] == [(None, 3.5, 1), (3.5, 4.0, 2), (4.0, None, 2)]


NUMBERS = st.floats(-1e12, 1e12).filter(lambda v: v == 0 or abs(v) > 1e-6)


@settings(max_examples=80, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=30), st.integers(1, 30), st.booleans())
def test_every_number_lies_in_exactly_one_bin(values: list[float], most: int, whole: bool) -> None:
    """Ends that are rounded for reading could leave the greatest value outside of the last bin."""
    found = np.round(values) if whole else np.array(values)
    made = bins.of_numbers(found, most, whole=whole)
    assert [b.count for b in made] == [sum(b.low <= v < b.high for v in found) for b in made]
    assert sum(b.count for b in made) == len(values)
    assert len(made) <= most + 1
    assert not whole or all(isinstance(b.low, int) for b in made)


DAYS: list[tuple[list[str], int, str, list[int]]] = [
    (["2026-11-02", "2026-11-04"], 20, "2026-11-02 2026-11-03 2026-11-04 2026-11-05", [1, 0, 1]),
    (["2026-11-04", "2026-11-20", "2026-11-22", "2026-12-13"], 6, "2026-11-02 2026-11-09 2026-11-16 2026-11-23 2026-11-30 2026-12-07 2026-12-14", [1, 0, 2, 0, 0, 1]),
    (["2025-12-31", "2026-01-01", "2026-06-30"], 12, "2025-12-01 2026-01-01 2026-02-01 2026-03-01 2026-04-01 2026-05-01 2026-06-01 2026-07-01", [1, 1, *[0] * 4, 1]),
    (["1959-06-01", "1961-01-01"], 2, "1958-01-01 1960-01-01 1962-01-01", [1, 1]),
]  # fmt: skip


@pytest.mark.parametrize(("days", "most", "edges", "counts"), DAYS)
def test_days_fall_into_days_weeks_months_or_years(days: list[str], most: int, edges: str, counts: list[int]) -> None:
    made = bins.of_days(np.array(days, dtype="datetime64[D]"), most)
    assert (ends(made), [b.count for b in made]) == (edges.split(), counts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dates(dt.date(1850, 1, 1), dt.date(2100, 1, 1)), min_size=1, max_size=20), st.integers(1, 20))
def test_every_day_lies_in_exactly_one_bin(days: list[dt.date], most: int) -> None:
    made = bins.of_days(np.sort(np.array(days, dtype="datetime64[D]")), most)
    assert [b.count for b in made] == [sum(b.low <= d.isoformat() < b.high for d in days) for b in made]
    assert sum(b.count for b in made) == len(days)
    assert len(made) <= most
