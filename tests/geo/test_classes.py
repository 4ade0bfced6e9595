"""Bounds of classes: exact against every way of parting a small list, and against hand-made lists."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.classes import DISTINCT, METHODS, breaks

UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def parts(values: list[float], bounds: list[float]) -> list[list[float]]:
    ends = [-np.inf, *bounds, np.inf]
    return [[v for v in values if low <= v < high] for low, high in pairwise(ends)]


def within(groups: list[list[float]]) -> float:
    return sum(float(((np.array(g) - np.mean(g)) ** 2).sum()) for g in groups if g)


def test_equal_steps() -> None:
    assert breaks(np.array([10.0, 0.0, 3.0]), "equal", 4) == [2.5, 5.0, 7.5]


def test_equal_counts() -> None:
    values = [1.0, 2, 3, 4, 5, 6, 7, 8, 100]
    assert breaks(np.array(values), "quantile", 3) == [4.0, 7.0]
    assert [len(p) for p in parts(values, [4.0, 7.0])] == [3, 3, 3]


def test_equal_values_are_never_parted() -> None:
    """A year that half of the compounds share would otherwise be a bound twice, and a class between the two empty."""
    assert breaks(np.array([1980.0] * 6 + [1990, 2000]), "quantile", 4) == [1990.0]


def test_natural_breaks_are_where_the_gaps_are() -> None:
    assert breaks(np.array([1.0, 2, 1, 50, 51, 52, 900, 905]), "natural", 3) == [50.0, 900.0]


@pytest.mark.parametrize("method", METHODS)
def test_no_values_no_bounds(method) -> None:
    assert breaks(np.array([]), method, 5) == []
    assert breaks(np.array([7.0, 7.0]), method, 5) == []


@UNHURRIED
@given(st.lists(st.integers(0, 40), min_size=2, max_size=10), st.integers(2, 4))
def test_natural_breaks_are_the_best_of_all(values: list[int], classes: int) -> None:
    """Brute force: no other choice of bounds has a smaller sum of squares within the classes."""
    found = breaks(np.array(values, dtype=float), "natural", classes)
    distinct = sorted({float(v) for v in values})
    best = min(within(parts(values, list(bounds))) for n in range(classes) for bounds in combinations(distinct[1:], n))
    assert within(parts(values, found)) == pytest.approx(best, abs=1e-9)


@UNHURRIED
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.integers(2, 9), st.sampled_from(METHODS))
def test_bounds_rise_and_no_class_of_counts_is_empty(values: list[float], classes: int, method) -> None:
    found = breaks(np.array(values), method, classes)
    assert found == sorted(set(found)) and len(found) < classes
    if method != "equal":
        assert all(parts(values, found))


def test_natural_breaks_of_many_values() -> None:
    """Of more distinct values than are looked at one by one, the three heaps are still found."""
    rng = np.random.default_rng(6)
    heaps = np.concatenate([rng.normal(at, 5, 4 * DISTINCT) for at in (0, 100, 1000)])
    low, high = breaks(heaps, "natural", 3)
    assert 20 < low < 90 and 120 < high < 990
