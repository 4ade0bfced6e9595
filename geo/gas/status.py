"""Piped gas of compounds: what counts, status and service areas say, and where they contradict each other.

Households come before status, status before the service areas; an area only stands in where nothing else is known, because a company's
area is not the same as connected households. Only areas in service (or of unsaid status) count: a planned one brings no gas.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]

HALF = 0.5
"""A compound counts as covered when at least this share of its own area lies in service areas."""

STATUSES = ("none", "partial", "full", "under_construction", "all_electric")
"""Values of `gas_status` that say something; anything else is unknown (-1)."""

NOT_SERVING = ("planned", "under_construction")
"""Values of a service area's `status` that bring no gas yet."""

_NONE, _PARTIAL, _FULL, _BUILDING, _ELECTRIC = range(5)

CONNECTED, WITHOUT, UNKNOWN, NOT_APPLICABLE = 1, 0, 2, 3


@dataclass(frozen=True, slots=True)
class GasState:
    """One value a compound: `supply` CONNECTED, WITHOUT, UNKNOWN or NOT_APPLICABLE; `partial`: only some households;
    `inferred`: told by the service areas alone; `contradiction`: two of counts, status and areas do not agree; `placed`: on the map."""

    supply: Codes
    partial: Flags
    inferred: Flags
    contradiction: Flags
    placed: Flags


def status_codes(values: NDArray[np.object_]) -> Codes:
    """Positions in STATUSES, -1 for null, "unknown" and whatever else."""
    codes = {name: i for i, name in enumerate(STATUSES)}
    return np.fromiter((codes.get(v, -1) for v in values), dtype=np.int8, count=len(values))


def gas_state(
    status: Codes,
    gas_households: Floats,
    households: Floats,
    *,
    placed: Flags | None,
    half: Flags | None,
    touched: Flags | None,
    infer: bool,
) -> GasState:
    """Judge whole columns. `half`: at least HALF of the compound lies in service areas, `touched`: more than nothing; all three None = there are no areas."""
    nothing = np.zeros(len(status), dtype=bool)
    on_map = nothing if placed is None else placed
    electric = status == _ELECTRIC
    counted = ~np.isnan(gas_households) & ~electric
    told = counted | ((status >= 0) & ~electric)
    with np.errstate(invalid="ignore"):
        some = counted & (gas_households > 0) & ((gas_households < households) | (np.isnan(households) & (status == _PARTIAL)))
    partial = some | (~counted & (status == _PARTIAL))
    without = (counted & (gas_households == 0)) | (~counted & ((status == _NONE) | (status == _BUILDING)))
    inferred = ~told & ~electric & on_map if infer else nothing
    supply = np.full(len(status), CONNECTED, dtype=np.int8)
    supply[without | (inferred & ~(nothing if half is None else half))] = WITHOUT
    supply[~told & ~inferred] = UNKNOWN
    supply[electric] = NOT_APPLICABLE
    contradiction = counts_against_status(status, gas_households, households)
    if half is not None and touched is not None:
        contradiction |= told & on_map & without & half & (status != _BUILDING)
        contradiction |= told & on_map & ~without & np.where(partial, ~touched, ~half)
    return GasState(supply, partial, inferred, contradiction, on_map)


def counts_against_status(status: Codes, gas_households: Floats, households: Floats) -> Flags:
    """More households connected than there are or than the status allows, or none or fewer than HALF where it says that all are; unknown numbers contradict nothing.

    A status of full means that the pipes are in; a few flats that took no gas do not contradict it, they make the compound partly connected.

    Areas are another matter: a partly connected compound contradicts only areas that do not touch it, and one under construction may
    well lie in an area already."""
    with np.errstate(invalid="ignore"):
        more = (gas_households > 0) & ((status == _NONE) | (status == _BUILDING) | (status == _ELECTRIC))
        more |= (gas_households > households) | ((gas_households >= households) & (gas_households > 0) & (status == _PARTIAL))
        fewer = (gas_households == 0) & ((status == _PARTIAL) | (status == _FULL))
        fewer |= (gas_households < HALF * households) & (status == _FULL)
    return np.asarray(more | fewer, dtype=bool)


def connected_share(status: Codes, gas_households: Floats, households: Floats) -> Floats:
    """Share 0…1 of the households that have gas, by counts, else by status; NaN where it is not known or does not apply."""
    counted = ~np.isnan(gas_households)
    share = np.full(len(status), np.nan)
    share[~counted & ((status == _NONE) | (status == _BUILDING))] = 0.0
    share[~counted & (status == _FULL)] = 1.0
    share[counted & (gas_households == 0)] = 0.0
    with np.errstate(invalid="ignore"):
        known = counted & (gas_households > 0) & (households > 0)
    share[known] = np.minimum(gas_households[known] / households[known], 1.0)
    share[status == _ELECTRIC] = np.nan
    return share
