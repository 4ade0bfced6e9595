"""How many hazards lie in each place, and how many that is by hectare and by household."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.hazards.workdays import Flags, Floats, Ints

PER_HOUSEHOLDS = 100
SQUARE_METRES_A_HECTARE = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Hazards of each place: `total` of all that were found, candidates and rejected ones left out, `open` not closed, `overdue`, `overdue_unknown`
    open or of unknown state and not known to be overdue or not, `unknown` of unknown state."""

    total: Ints
    open: Ints
    overdue: Ints
    overdue_unknown: Ints
    unknown: Ints


def counts(place: Ints, size: int, *, real: Flags, open_: Flags, late: Flags, doubt: Flags, unknown: Flags) -> Counts:
    """`place`: of each hazard, -1 = nowhere; there are `size` places."""

    def of(flags: Flags) -> Ints:
        return np.bincount(place[flags & (place >= 0)], minlength=size).astype(np.int64)

    return Counts(of(real), of(open_), of(late), of(doubt), of(unknown))


def per_hectare(count: Ints, area_m2: Floats) -> Floats:
    """NaN where the area is not known."""
    return _share(count, area_m2, SQUARE_METRES_A_HECTARE)


def per_100_households(count: Ints, households: Floats) -> Floats:
    """NaN where the households are not known, or there are none."""
    return _share(count, households, PER_HOUSEHOLDS)


def _share(count: Ints, of: Floats, unit: int) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(of > 0, np.round(count * unit / of, 3), np.nan)
