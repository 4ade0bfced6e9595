"""What limits an engine on the edges of a network, and which of them it passes. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.network.graph import Network
from geo.network.noding import Flags, Floats, Ints, Shapes

Codes = NDArray[np.int8]

ROAD, RECORD, DRAWING, SPOT, NOTHING = range(5)
"""Where the limit of an edge is from: the road's width, the lane's record, the drawing around it, a spot on it, nowhere."""


@dataclass(frozen=True, slots=True)
class Spots:
    """What limits a lane at one place, one value each. `shapes`: points or lines, None = unplaced. `width_m`, `height_m`: inf = no limit, NaN = not
    known, width 0 = closed. It counts for the nearest lane within `reach_m`, or with `every` for each lane that near. `drawn`: an unknown width is
    left to the drawing where that has one (bollards are obstacles in it). `locked`: it delays, and does not stop."""

    shapes: Shapes
    width_m: Floats
    height_m: Floats
    reach_m: Floats
    every: Flags
    drawn: Flags
    locked: Flags


@dataclass(frozen=True, slots=True)
class Widths:
    """One value a line. `width_m` NaN = not known; `accuracy_m` NaN = the width answers as it stands; `measured`: from the drawing or by measuring;
    `located`: the drawing shows where it is narrow. `pinch`: there, or None; `first`, `second`: obstacles that make it, `spot` the access point, or -1."""

    width_m: Floats
    accuracy_m: Floats
    measured: Flags
    located: Flags
    pinch: Shapes
    first: Ints
    second: Ints
    spot: Ints

    def __getitem__(self, at: Ints | Flags) -> Widths:
        return Widths(*(np.asarray(getattr(self, name)[at]) for name in WIDTHS))


WIDTHS = ("width_m", "accuracy_m", "measured", "located", "pinch", "first", "second", "spot")


@dataclass(frozen=True, slots=True)
class Limits:
    """The refined `network` with one value an edge. `cause` is one of the constants above; `spot` the position in Spots of what limits it, or -1;
    `origin` the edge of the network that it is a piece of."""

    network: Network
    width_m: Floats
    accuracy_m: Floats
    height_m: Floats
    measured: Flags
    cause: Codes
    spot: Ints
    pinch: Shapes
    first: Ints
    second: Ints
    locked: Flags
    origin: Ints


@dataclass(frozen=True, slots=True)
class Need:
    """The clear width and height that an engine needs, in metres."""

    width_m: float
    height_m: float


def passing(limits: Limits, need: Need) -> tuple[Flags, Flags]:
    """Which edges surely let the engine pass, and which may: exactly as wide or high as needed passes, what is not known may. So may what the
    drawing shows to be too narrow where a side is open: beyond what was looked at more may be free."""
    width = np.where(limits.measured, np.round(limits.width_m, 2), limits.width_m)
    with np.errstate(invalid="ignore"):
        near = (np.abs(width - need.width_m) < limits.accuracy_m - 1e-9) & (width > 0)
        wide, narrow = (width >= need.width_m) & ~near, (width < need.width_m) & ~near & ~open_side(limits)
        high, low = limits.height_m >= need.height_m, limits.height_m < need.height_m
    return wide & high, ~narrow & ~low


def open_side(limits: Limits) -> Flags:
    """Edges whose width the drawing gives, with nothing drawn on one side of the narrowest place: it is a lower bound."""
    drawn = (limits.cause == DRAWING) & (limits.spot < 0) & limits.measured & ~np.isnan(limits.accuracy_m)
    return np.asarray(drawn & ((limits.first < 0) != (limits.second < 0)) & (limits.width_m > 0), dtype=bool)


def effective(limits: Limits, height_m: float, *, unknown: float) -> Floats:
    """Widths with 0 where it is too low, and `unknown` where width or height is not on record."""
    with np.errstate(invalid="ignore"):
        low = limits.height_m < height_m
    lost = np.isnan(limits.width_m) | (np.isnan(limits.height_m) & ~(limits.width_m == 0))
    known = np.where(limits.measured, np.round(limits.width_m, 2), limits.width_m)
    width = np.where(np.isnan(limits.width_m), unknown, np.where(np.isnan(limits.height_m), np.minimum(known, unknown), known))
    return np.asarray(np.where(low, 0.0, np.where(lost, width, known)))
