"""What a profile asks of a gas pipe by its pressure class: distance to a building, protection range, control range.

How the figures are read (GB 50028 table 6.3.3-1 and its notes, GB 55009 5.1.6 and 5.1.7, as the profile cites them):
- from `required` on a pipe is far enough; under `reduced` it is too near; between the two it needs proof of protective measures;
- the reduced distance of a medium pressure pipe is to the foundation, and 1 m must remain to the outer wall: an outline on a map is the
  outer wall, so with a measure on record such a pipe is far enough from 1 m on, and nearer it still needs proof;
- high pressure has no figure in that table: a pipe under its protection range is too near, further off nothing can be said;
- where the class is not on record, a pipe is too near only if it is so for every class, and far enough only if it is so for every class
  of the table (high pressure is not in it);
- low and medium pressure enters buildings, and a service pipe without a class on record is of medium A pressure at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.profile import Profile

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]

CLASSES = ("low", "medium_b", "medium_a", "sub_high_b", "sub_high_a", "high")
HIGH, SUB_HIGH_A, MEDIUM_A = (CLASSES.index(name) for name in ("high", "sub_high_a", "medium_a"))
_ZONES = ("low", "medium", "medium", "sub_high", "sub_high", "high")


@dataclass(frozen=True, slots=True)
class Limits:
    """Metres, one value a pipe. `required` (infinite where there is no figure) and `reduced` as its class has them, NaN where that is not on
    record. Under `near` the pipe is too near, from `clear` on far enough. `protection` and `protection_most` differ only where the class is
    not on record; `control` is NaN there. `entry`: how far from a building a pipe that enters it is looked at, 0 for classes that enter none."""

    required: Floats
    reduced: Floats
    near: Floats
    clear: Floats
    protection: Floats
    protection_most: Floats
    control: Floats
    entry: Floats


def class_codes(values: NDArray[np.object_]) -> Codes:
    """Positions in CLASSES, -1 for null, "unknown" and whatever else."""
    codes = {name: i for i, name in enumerate(CLASSES)}
    return np.fromiter((codes.get(v, -1) for v in values), dtype=np.int8, count=len(values))


def limits(pressure: Codes, wall_mm: Floats, measure: Flags, profile: Profile) -> Limits:
    """By class, one row a pipe. `measure`: a protective measure is on record; a thick wall of a sub-high A pipe counts like one."""
    known, at = pressure >= 0, np.maximum(pressure, 0)
    required, reduced = _figures("pipe_building_{}_m", profile), _figures("pipe_building_{}_reduced_m", profile)
    proven_from = np.where(["medium" in c for c in CLASSES[:HIGH]], np.maximum(reduced, profile["pipe_wall_medium_reduced_m"]), reduced)
    table = np.vstack([np.r_[required, np.inf], np.r_[reduced, profile["pipe_protection_high_m"]], np.r_[proven_from, np.inf]])
    needed, cut, with_measure = table[:, at]
    with np.errstate(invalid="ignore"):
        walled = (pressure == SUB_HIGH_A) & (wall_mm >= profile["pipe_wall_mm"])
        thick = (pressure == SUB_HIGH_A) & (wall_mm >= profile["pipe_wall_thick_mm"])
    cut[thick] = with_measure[thick] = min(float(reduced[SUB_HIGH_A]), profile["pipe_building_sub_high_a_thick_m"])
    clear = np.where(measure | walled, with_measure, needed)
    protection, control = (np.array([profile[f"pipe_{kind}_{zone}_m"] for zone in _ZONES]) for kind in ("protection", "control"))
    return Limits(
        required=np.where(known, needed, np.nan),
        reduced=np.where(known, cut, np.nan),
        near=np.where(known, cut, reduced.min()),
        clear=np.where(known, clear, np.where(measure, proven_from.max(), required.max())),
        protection=np.where(known, protection[at], protection.min()),
        protection_most=np.where(known, protection[at], protection.max()),
        control=np.where(known, control[at], np.nan),
        entry=np.where(known, np.where(at <= MEDIUM_A, needed, 0.0), required[MEDIUM_A]),
    )


def _figures(name: str, profile: Profile) -> Floats:
    return np.array([profile[name.format(c)] for c in CLASSES[:HIGH]])
