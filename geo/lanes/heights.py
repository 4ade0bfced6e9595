"""Clear height over lanes: the least of what is on record for the lane and for each thing over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Overhead:
    """What an engine drives below: shapes in metric CRS (None = unplaced) and the clear height below each in metres, NaN = not on record."""

    shapes: Shapes
    height_m: Floats


@dataclass(frozen=True, slots=True)
class ClearHeights:
    """One value a lane. `height_m`: the least height on record, NaN = none at all; `lowest`: the position in Overhead of what limits it, -1 = the
    lane's own record or nothing; `unsaid`: the position of something over the lane whose height is not on record, -1 = none."""

    height_m: Floats
    lowest: Ints
    unsaid: Ints


def clear_heights(lines: Shapes, own_m: Floats, over: Overhead, *, strip_m: float) -> ClearHeights:
    """`lines` in metric CRS with their own records `own_m` (metres, NaN = none). A thing is over a lane when it comes within half of `strip_m`
    of its centreline."""
    height, lowest, unsaid = own_m.copy(), np.full(len(lines), -1, dtype=np.int64), np.full(len(lines), -1, dtype=np.int64)
    thing, lane = shapely.STRtree(lines).query(over.shapes, predicate="dwithin", distance=strip_m / 2)
    below = over.height_m[thing]
    unsaid[lane[np.isnan(below)]] = thing[np.isnan(below)]
    order = np.argsort(-below, kind="stable")  # the lowest is written last
    order = order[~np.isnan(below[order])]
    found = np.full(len(lines), np.nan)
    found[lane[order]], lowest[lane[order]] = below[order], thing[order]
    with np.errstate(invalid="ignore"):
        own = own_m <= found
    lowest[own] = -1
    return ClearHeights(np.fmin(height, found), lowest, unsaid)


def places(lines: Shapes, over: Overhead, lane: Ints, thing: Ints) -> Shapes:
    """The point of each lane that lies nearest to the thing over it."""
    return np.asarray(shapely.get_point(shapely.shortest_line(lines[lane], over.shapes[thing]), 0), dtype=object)
