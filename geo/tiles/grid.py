"""The squares of WebMercatorQuad: z/x/y → Bounds, and the plane they divide.

The plane runs from 0 at 180° west to 1 at 180° east and from 0 at 85.05° north to 1 at 85.05° south, so that y grows downwards as in a tile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.crs import Bounds

EXTENT = 4096
"""Units along a side of a tile."""

PIXELS = 512
"""Pixels of a screen that a side of a tile is drawn on: a tile of zoom z belongs to a map of zoom z + 1, whose own squares have 256."""

BUFFER = 128
"""Units beyond each edge that a tile holds too, so that what is drawn there has no seams; whole cells of `geo.tiles.generalise`."""

MAX_ZOOM = 22
"""There a unit is 2 mm."""

NORTH = 85.0511287798066
"""Degrees at which the square plane ends; what lies beyond is drawn at its edge."""

_LAST = 1 - 2**-40
"""The eastern edge of the plane belongs to the last column."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Column `x` and row `y` of zoom `z`, counted from the north-west. Raises ValueError for one that there is not."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not (0 <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z):
            raise ValueError(f"there is no tile {self.z}/{self.x}/{self.y}")

    @classmethod
    def holding(cls, lon: float, lat: float, z: int) -> Tile:
        """The one at zoom `z` in which a place (degrees) lies."""
        x, y = to_plane(np.array([[lon, lat]]))[0] * (1 << z)
        return cls(z, int(x), int(y))

    @property
    def bounds(self) -> Bounds:
        """In degrees, without the buffer."""
        west, east = (self.column(x) for x in (self.x, self.x + 1))
        north, south = (self.row(y) for y in (self.y, self.y + 1))
        return Bounds(west, south, east, north)

    def column(self, x: int) -> float:
        """Longitude of the western edge of a column."""
        return math.ldexp(x, -self.z) * 360 - 180

    def row(self, y: int) -> float:
        """Latitude of the northern edge of a row."""
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * math.ldexp(y, -self.z)))))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, north, east, south in the plane, with the buffer."""
        more = BUFFER / EXTENT
        west, north = self.x - more, self.y - more
        return tuple(math.ldexp(v, -self.z) for v in (west, north, west + 1 + 2 * more, north + 1 + 2 * more))  # type: ignore[return-value]

    def units(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) of the plane in units of this tile, not rounded."""
        units: NDArray[np.float64] = (xy * float(1 << self.z) - np.array([self.x, self.y])) * EXTENT
        return units


def to_plane(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) longitudes and latitudes in degrees → the plane."""
    sine = np.sin(np.radians(np.clip(xy[:, 1], -NORTH, NORTH)))
    y = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    plane: NDArray[np.float64] = np.clip(np.column_stack([xy[:, 0] / 360 + 0.5, y]), 0.0, _LAST)
    return plane
