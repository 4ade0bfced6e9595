"""Piped gas of buildings: by their own record, else by their compound's where that settles it, else by the service areas.

A compound settles it for its buildings when it is wholly connected, not connected at all, or all-electric. Where it is partly connected
the buildings differ, and which of them have gas is not known; the areas cannot tell either, so they are not asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.gas.status import CONNECTED, STATUSES, UNKNOWN, WITHOUT, Codes, Flags, Floats, GasState, connected_share

Ints = NDArray[np.int64]

BY_BUILDING, BY_COMPOUND, BY_AREA, BY_NOTHING = range(4)


@dataclass(frozen=True, slots=True)
class Records:
    """What a layer has on record, one value a row: `state` judged without areas, the status code, households connected and all (NaN = not known)."""

    state: GasState
    status: Codes
    connected: Floats
    households: Floats

    @property
    def full(self) -> Flags:
        """All households connected, as far as the record goes."""
        whole = connected_share(self.status, self.connected, self.households) == 1.0
        whole |= self.status == STATUSES.index("full")
        return np.asarray((self.state.supply == CONNECTED) & ~self.state.partial & whole, dtype=bool)


@dataclass(frozen=True, slots=True)
class BuildingGas:
    """One value a building: `supply` as in GasState, `partial`: only some of its households, `by` BY_BUILDING … BY_NOTHING."""

    supply: Codes
    partial: Flags
    by: Codes


def building_gas(own: Records, compounds: Records, compound: Ints, *, half: Flags | None, placed: Flags) -> BuildingGas:
    """Judge whole columns. `compound`: position of each building's compound, -1 = none; `half`: at least half of the building lies in service
    areas (None = there are none, or they are not to be asked); `placed`: that can be said of it."""
    supply, by = own.state.supply.copy(), np.full(len(compound), BY_BUILDING, dtype=np.int8)
    open_ = supply == UNKNOWN
    theirs = np.append(compounds.state.supply, np.int8(UNKNOWN))[compound]
    settled = np.where(np.append(compounds.full, False)[compound] | (theirs != CONNECTED), theirs, UNKNOWN)
    supply[open_], by[open_] = settled[open_], BY_COMPOUND
    nothing = open_ & (theirs == UNKNOWN)
    by[nothing] = BY_NOTHING
    if half is not None:
        asked = nothing & placed
        supply[asked], by[asked] = np.where(half[asked], CONNECTED, WITHOUT), BY_AREA
    return BuildingGas(supply, own.state.partial, by)
