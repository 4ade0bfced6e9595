"""Clear width of fire lanes against a limit: what the record says, how it was come by, and how sure the comparison is.

How a stored width is read:
- *declared* (quality declared, unknown or not said): compared as it stands; within `RE_MEASURE_M` of the limit it should be measured again;
- *measured* (quality measured): rounded to the centimetre, then compared, whatever accuracy the record states; near the limit it carries the same
  "measure again" as a declared one;
- *inferred* (quality inferred: derived by a program or from a drawing): a computed width: rounded, and within its `accuracy_m` of the limit,
  stated or by `ACCURACY_M` for its source, the answer is unknown.
The comparison is strict: exactly the limit is not under it. A width of 0 (nothing passes) is under every limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]

RE_MEASURE_M = 0.10

ACCURACY_M: Mapping[str, float] = MappingProxyType({"tape": 0.05, "survey": 0.1, "cad": 0.1, "imagery": 0.5, "osm": 1.0, "unsaid": 0.5})
"""Accuracy of a computed width by its source, where the record states none: the project's own defaults, in no standard."""

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


def width_basis(quality: NDArray[np.object_], width_m: Floats) -> Codes:
    """How each width was come by; NONE where there is none."""
    basis = np.where(quality == "measured", MEASURED, np.where(quality == "inferred", INFERRED, DECLARED)).astype(np.int8)
    basis[np.isnan(width_m)] = NONE
    return basis


def width_accuracy_m(basis: Codes, stated_m: Floats, source: NDArray[np.object_]) -> Floats:
    """The accuracy that a comparison must respect: stated or by default for inferred widths, NaN for all others: those answer."""
    default = np.fromiter((ACCURACY_M.get(s, ACCURACY_M["unsaid"]) for s in source), dtype=np.float64, count=len(source))
    return np.where(basis == INFERRED, np.where(np.isnan(stated_m), default, stated_m), np.nan)


def width_under(width_m: Floats, basis: Codes, accuracy_m: Floats, *, limit_m: float) -> WidthState:
    """Compare whole columns with `limit_m`, strictly. Negative widths cannot be and count as unknown."""
    width = np.where((basis == MEASURED) | (basis == INFERRED), np.round(width_m, 2), width_m)
    with np.errstate(invalid="ignore"):
        known = width >= 0
        under = np.where(known, np.where(width < limit_m, UNDER, OVER), UNKNOWN).astype(np.int8)
        gap = np.abs(width - limit_m)
        under[known & (gap <= accuracy_m + _FINE)] = UNKNOWN
        re_measure = known & np.isnan(accuracy_m) & (gap <= RE_MEASURE_M + _FINE)
    return WidthState(under, width, np.where(known, basis, NONE).astype(np.int8), re_measure, accuracy_m)
