"""Bounds of classes for a legend: equal steps, equal counts, or the natural breaks of the values themselves."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Method = Literal["equal", "quantile", "natural"]
METHODS: tuple[Method, ...] = ("equal", "quantile", "natural")
MOST = 9
"""More classes than that cannot be told apart on a map."""
DISTINCT = 1000
"""Natural breaks look at no more distinct values than this: of more, the neighbours are put together first."""

Floats = NDArray[np.float64]


def breaks(values: Floats, method: Method, classes: int) -> list[float]:
    """The bounds between at most `classes` classes, rising; each class is [low, high), and but for equal steps none is empty. No values: no
    bounds."""
    if not len(values):
        return []
    bounds = {"equal": _equal, "quantile": _quantile, "natural": _natural}[method](np.sort(values), classes)
    low = float(values.min())
    return [float(b) for b in np.unique(np.asarray(bounds, dtype=float)) if b > low]


def _equal(values: Floats, classes: int) -> Floats:
    """Steps of one width between the least and the greatest value."""
    return np.linspace(values[0], values[-1], classes + 1)[1:-1]


def _quantile(values: Floats, classes: int) -> Floats:
    """As many values in each class, as far as equal values, which are never parted, let it be."""
    at = np.arange(1, classes) * len(values) // classes
    return values[at]


def _natural(values: Floats, classes: int) -> Floats:
    """The bounds with the least sum of squares within the classes (Fisher 1958, Jenks 1977), by dynamic programming."""
    distinct, counts = _merged(*np.unique(values, return_counts=True))
    classes = min(classes, len(distinct))
    near = distinct - distinct.mean()  # squares of large numbers would swallow the differences
    weight, first, second = (np.concatenate([[0.0], np.cumsum(counts * near**power)]) for power in (0, 1, 2))
    cost = _inner(weight, first, second)
    best, starts = cost[0], []
    for _ in range(classes - 1):
        total = np.where(np.isfinite(cost), np.concatenate([[np.inf], best[:-1]])[:, None] + cost, np.inf)
        starts.append(total.argmin(axis=0))
        best = total.min(axis=0)
    bounds, end = [], len(distinct) - 1
    for start in reversed(starts):
        bounds.append(float(distinct[start[end]]))
        end = max(int(start[end]) - 1, 0)
    return np.asarray(bounds, dtype=float)


def _inner(weight: Floats, first: Floats, second: Floats) -> Floats:
    """Sum of squared distances from their mean of the values i … j, at [i, j]; infinite where j < i."""
    n = len(weight) - 1
    count, total, squares = (sums[None, 1:] - sums[:-1, None] for sums in (weight, first, second))
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = np.maximum(squares - total**2 / count, 0.0)
    return np.where(np.tril(np.ones((n, n), dtype=bool), -1), np.inf, inner)


def _merged(distinct: Floats, counts: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """At most DISTINCT values: runs of neighbours are counted as the least of them, so that a bound is always a value that occurs."""
    if len(distinct) <= DISTINCT:
        return distinct.astype(float), counts
    first = np.unique(np.linspace(0, len(distinct), DISTINCT, endpoint=False).astype(int))
    return distinct[first].astype(float), np.add.reduceat(counts, first)
