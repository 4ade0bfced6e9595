"""Where the ledger of piped gas contradicts itself, the mains or the service areas.

- NO_MAIN: connected on record (some households, or a status of full or partial), and no main within `near_m` of the outline. Mains of every
  kind count, renewed or not. Of a compound of which only a point is known the outline may come nearer: that is not known.
- NOT_CONNECTED: service areas cover at least half of it, and no household is connected; one under construction may well lie in an area.
- OUTSIDE: connected on record, and the areas do not cover half of it (only partly connected: do not touch it).
- COUNTS: more households connected than there are or than the status allows; none though some are said to be; fewer than half though all are said to be.
- ELECTRIC: all-electric, and households connected.
What cannot be looked at (no mains or no areas on record, not placed) is not known; it is never "no contradiction".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.gas import status as gas

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]

KINDS = ("no_main", "not_connected", "outside", "counts", "electric")
NO_MAIN, NOT_CONNECTED, OUTSIDE, COUNTS, ELECTRIC = range(5)

NOT_APPLICABLE, NOTHING_ON_RECORD, NO_MAINS, NO_AREAS, UNPLACED, ONLY_A_POINT, ACCURACY, TOLD = range(8)
"""Why there is nothing to say, or what could not be looked at; TOLD: everything could."""

_PARTIAL, _FULL, _BUILDING, _ELECTRIC = (gas.STATUSES.index(name) for name in ("partial", "full", "under_construction", "all_electric"))
_FINE = 1e-9


@dataclass(frozen=True, slots=True)
class Mains:
    """`nearest_m` from each compound to the nearest main (NaN = no mains on record, or not placed) with the accuracy of the two; `dot`:
    only a point of the compound is known; `placed`: it is on the map; `any`: some main is."""

    nearest_m: Floats
    accuracy_m: Floats
    dot: Flags
    placed: Flags
    any: bool


@dataclass(frozen=True, slots=True)
class Contradictions:
    """`found` (len(KINDS), n); `open`: not known; `reason`; `connected`: on record as connected."""

    found: Flags
    open: Flags
    reason: Codes
    connected: Flags

    @property
    def any(self) -> Flags:
        return np.asarray(self.found.any(axis=0), dtype=bool)


def contradictions(
    status: Codes, gas_households: Floats, households: Floats, *, half: Flags | None, touched: Flags | None, mains: Mains, near_m: float
) -> Contradictions:
    """Judge whole columns. `half`, `touched`: as `gas.gas_state` has them; None = there are no areas."""
    state = gas.gas_state(status, gas_households, households, placed=mains.placed, half=half, touched=touched, infer=False)
    with np.errstate(invalid="ignore"):
        said = (gas_households > 0) | np.isin(status, (_PARTIAL, _FULL))
    connected = said & (status != _ELECTRIC)
    without = (state.supply == gas.WITHOUT) & (status != _BUILDING)
    against = gas.counts_against_status(status, gas_households, households)
    far, unsure = _far(mains, near_m)
    not_connected, outside = _against_areas(state, without, half, touched)
    found = np.vstack([connected & far, not_connected, outside, against & (status != _ELECTRIC), against & (status == _ELECTRIC)])
    cases = [  # the first that holds
        (status == _ELECTRIC, NOT_APPLICABLE),
        ((state.supply == gas.UNKNOWN) & ~connected, NOTHING_ON_RECORD),
        ((connected | without) & ~mains.placed, UNPLACED),
        (connected & (not mains.any), NO_MAINS),
        (connected & mains.dot & unsure, ONLY_A_POINT),
        (connected & unsure, ACCURACY),
        (without & ~connected & (half is None), NO_AREAS),
    ]
    reason = np.select([case for case, _ in cases], [reason for _, reason in cases], TOLD).astype(np.int8)
    return Contradictions(found, ~np.isin(reason, (TOLD, NOT_APPLICABLE)), reason, connected)


def _against_areas(state: gas.GasState, without: Flags, half: Flags | None, touched: Flags | None) -> tuple[Flags, Flags]:
    """Covered with no household connected; connected with too little covered."""
    if half is None or touched is None:
        return np.zeros_like(without), np.zeros_like(without)
    connected = state.placed & (state.supply == gas.CONNECTED)
    return state.placed & half & without, connected & np.where(state.partial, ~touched, ~half)


def _far(mains: Mains, near_m: float) -> tuple[Flags, Flags]:
    """Compounds with no main within `near_m`, and those for which that cannot be told."""
    with np.errstate(invalid="ignore"):
        beyond = mains.nearest_m > near_m
        close = np.abs(mains.nearest_m - near_m) < mains.accuracy_m - _FINE
    unsure = close | (mains.dot & beyond)
    return np.asarray(beyond & ~unsure, dtype=bool), np.asarray(unsure, dtype=bool)
