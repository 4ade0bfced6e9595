"""Bins of a histogram: neighbours of equal width with round ends, or with the ends one is given; a value belongs to the bin that starts with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROUND = (1.0, 2.0, 2.5, 5.0)
DAYS, MONTHS = (1, 2, 7, 14), (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12_000, 60_000)


@dataclass(frozen=True, slots=True)
class Bin:
    """Values from `low` up to, not including, `high` (numbers, or ISO days); None = open. `of`: how many there are of all, where that was asked for."""

    low: Any
    high: Any
    count: int
    of: int | None = None


def recounted(made: Sequence[Bin], values: NDArray[Any]) -> tuple[Bin, ...]:
    """Bins made of all, with how many of `values` (numbers, or days) are in each; what they held becomes `of`."""
    inner = np.array([bin.high for bin in made[:-1]], dtype=values.dtype)
    counts = _counts(values, inner) if len(made) else []
    return tuple(Bin(bin.low, bin.high, count, bin.count) for bin, count in zip(made, counts, strict=True))


def between(values: NDArray[np.float64], breaks: Sequence[float]) -> tuple[Bin, ...]:
    """Below the first break, between neighbours, and from the last on; `breaks` ascend."""
    counts = _counts(values, np.asarray(breaks, dtype=np.float64))
    ends = [None, *breaks, None]
    return tuple(Bin(low, high, count) for (low, high), count in zip(pairwise(ends), counts, strict=True))


def of_numbers(values: NDArray[np.float64], most: int, *, whole: bool) -> tuple[Bin, ...]:
    """At most `most` bins (two at least, if need be) from the least to the greatest value; `whole`: their ends are whole numbers."""
    if not len(values):
        return ()
    low, high = float(values.min()), float(values.max())
    step = _step((high - low) / most, least=1.0 if whole else 0.0, around=max(abs(low), abs(high)))
    while math.floor(high / step) - math.floor(low / step) + 1 > max(most, 2):
        step = _step(step * 1.01, least=1.0 if whole else 0.0, around=step)
    first, last = math.floor(low / step), math.floor(high / step)
    first -= _edge(first, step) > low  # where rounding an end has put it on the other side of the value
    last += _edge(last + 1, step) <= high
    edges = [_edge(i, step) for i in range(first, last + 2)]
    ends = [int(edge) for edge in edges] if whole else edges
    counts = _counts(values, np.array(edges[1:-1]))
    return tuple(Bin(a, b, count) for (a, b), count in zip(pairwise(ends), counts, strict=True))


def of_days(days: NDArray[np.datetime64], most: int) -> tuple[Bin, ...]:
    """At most `most` bins of days, weeks, months, quarters or years; a week starts on Monday. `days` is sorted and holds at least one."""
    first, last = days[0], days[-1]
    for width in DAYS:
        shift = 3 if width % 7 == 0 else 0  # day 0 was a Thursday
        a, b = ((int(d.astype(np.int64)) + shift) // width for d in (first, last))
        if b - a < most:
            return _of_edges(days, np.array([i * width - shift for i in range(a, b + 2)]).astype("datetime64[D]"))
    for width in MONTHS:
        a, b = ((int(d.astype("datetime64[M]").astype(np.int64)) + 1970 * 12) // width for d in (first, last))
        if b - a < most:
            break
    months = np.array([i * width - 1970 * 12 for i in range(a, b + 2)]).astype("datetime64[M]")
    return _of_edges(days, months.astype("datetime64[D]"))


def _of_edges(days: NDArray[np.datetime64], edges: NDArray[np.datetime64]) -> tuple[Bin, ...]:
    counts = np.diff(np.searchsorted(days, edges))
    return tuple(Bin(str(a), str(b), int(n)) for (a, b), n in zip(pairwise(edges), counts, strict=True))


def _counts(values: NDArray[Any], inner: NDArray[Any]) -> list[int]:
    """How many lie below the first inner edge, between each two, and from the last on."""
    return [int(n) for n in np.bincount(np.searchsorted(inner, values, side="right"), minlength=len(inner) + 1)]


def _step(wanted: float, *, least: float, around: float) -> float:
    """The least round number not below `wanted`; of values that are all alike, the size of the number itself."""
    floor = max(wanted, least, around * 1e-9)
    if floor <= 0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(floor))
    steps = [m * s for s in (scale, scale * 10) for m in ROUND if not (least and m * s != int(m * s))]
    return next(step for step in steps if step >= floor * (1 - 1e-12))


def _edge(index: int, step: float) -> float:
    """`index` steps from 0 as it is written: 3 x 0.1 is 0.3."""
    return float(f"{index * step:.12g}")
