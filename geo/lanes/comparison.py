"""Clear width of fire lanes against a limit: which of the widths on record and from the drawing is compared, and how sure that is.

How a width is read:
- *declared* (stored with quality declared, unknown or not said): compared as it stands; within `RE_MEASURE_M` of the limit it should be
  measured again;
- *measured* on the ground (stored with quality measured): rounded to the centimetre, then compared, whatever accuracy the record states; near
  the limit it carries the same "measure again" as a declared one;
- *computed*, from the drawing (measured) or stored with quality inferred: rounded, and nearer to the limit than its accuracy the answer is
  unknown. A width exactly its accuracy away from the limit answers: 3.9 m from a CAD drawing (0.1 m) is under 4 m, from OpenStreetMap
  (1.0 m) it cannot be told.
The comparison is strict: exactly the limit is not under it. A width of 0 (nothing passes) is under every limit.

A lane that has a stored and a computed width is compared by the more trusted of them (tape, survey, CAD, imagery, OpenStreetMap, unsaid), at
equal trust by the narrower. A computed width that is only a bound, as one side is open, is never preferred to a narrower stored one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]

RE_MEASURE_M = 0.10

STORED_M = 0.0075
"""What seven decimals of a degree may take off or add to a width from the drawing: 3.9 m that comes out as 3.905 m is still 0.1 m from 4 m."""

DECLARED, MEASURED, INFERRED = range(3)
NONE = -1
OVER, UNDER, UNKNOWN = 0, 1, 2
_FINE = 1e-9


@dataclass(frozen=True, slots=True)
class WidthState:
    """One value a lane: `under` OVER, UNDER or UNKNOWN; `width_m` as compared (NaN = none); `basis` DECLARED, MEASURED, INFERRED or NONE;
    `accuracy_m` that the comparison had to respect (NaN = none)."""

    under: Codes
    width_m: Floats
    basis: Codes
    re_measure: Flags
    accuracy_m: Floats


@dataclass(frozen=True, slots=True)
class Widths:
    """One kind of width of every lane: in metres (NaN = none), its basis, the accuracy a comparison must respect (NaN = it answers as it
    stands), the rank of its source (0 = the most trusted)."""

    width_m: Floats
    basis: Codes
    accuracy_m: Floats
    rank: Codes

    def only(self, wanted: Flags) -> Widths:
        """These widths where `wanted`, none elsewhere."""
        return Widths(np.where(wanted, self.width_m, np.nan), self.basis, self.accuracy_m, self.rank)

    def less(self, parked_m: Floats) -> Widths:
        """What is left beside parked cars, never under 0."""
        return Widths(np.maximum(self.width_m - parked_m, 0.0), self.basis, self.accuracy_m, self.rank)


def width_basis(quality: NDArray[np.object_], width_m: Floats) -> Codes:
    """How each stored width was come by; NONE where there is none."""
    basis = np.where(quality == "measured", MEASURED, np.where(quality == "inferred", INFERRED, DECLARED)).astype(np.int8)
    basis[np.isnan(width_m)] = NONE
    return basis


def computed_preferred(stored: Widths, computed: Widths, *, bound: Flags) -> Flags:
    """Where the computed width is the one to compare: the only one, the more trusted, or at equal trust the narrower. Where it is only a `bound`
    (a side is open, a gate has no width on record) it does not speak against a narrower stored one."""
    with np.errstate(invalid="ignore"):
        narrower = np.round(computed.width_m, 2) < np.round(stored.width_m, 2)
        more = np.where(bound, narrower, True) & ((computed.rank < stored.rank) | ((computed.rank == stored.rank) & narrower))
    return np.asarray(~np.isnan(computed.width_m) & (more | ~(stored.width_m >= 0)), dtype=bool)


def chosen(stored: Widths, computed: Widths, preferred: Flags) -> Widths:
    """The computed widths where `preferred`, the stored ones elsewhere."""
    names = ("width_m", "basis", "accuracy_m", "rank")
    return Widths(*(np.where(preferred, getattr(computed, name), getattr(stored, name)) for name in names))


def differ(stored_m: Floats, computed_m: Floats, *, bound: Flags, by_m: float) -> Flags:
    """Where two widths, to the centimetre, are more than `by_m` apart; a narrower stored one does not contradict a `bound`."""
    wider = np.round(stored_m, 2) - np.round(computed_m, 2)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(bound, wider, np.abs(wider)) > by_m + _FINE, dtype=bool)


def width_under(widths: Widths, *, limit_m: float) -> WidthState:
    """Compare whole columns with `limit_m`, strictly. Negative widths cannot be and count as unknown."""
    basis, accuracy_m = widths.basis, widths.accuracy_m
    width = np.where((basis == MEASURED) | (basis == INFERRED), np.round(widths.width_m, 2), widths.width_m)
    with np.errstate(invalid="ignore"):
        known = width >= 0
        under = np.where(known, np.where(width < limit_m, UNDER, OVER), UNKNOWN).astype(np.int8)
        drawn = (basis == MEASURED) & ~np.isnan(accuracy_m)
        gap = np.where(drawn, np.abs(widths.width_m - limit_m) + STORED_M, np.abs(width - limit_m))
        under[known & (gap < accuracy_m - _FINE)] = UNKNOWN
        re_measure = known & np.isnan(accuracy_m) & (gap <= RE_MEASURE_M + _FINE)
    return WidthState(under, width, np.where(known, basis, NONE).astype(np.int8), re_measure, accuracy_m)
