"""Slope along lanes whose lines carry heights: the steepest stretch of ten metres."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]

STRETCH_M = 10.0
"""A slope is that of the straight line between two points of the lane this far apart along it; a shorter lane is one stretch."""


def slopes_pct(lines: Shapes, heights: Shapes) -> Floats:
    """The steepest stretch of each lane in per cent, up or down. NaN where there is no line or a vertex has no height.

    `lines` are in a metric CRS; `heights` the same lines with z in metres (in any CRS: only z is read). Between vertices the height is linear.
    """
    slopes = np.full(len(lines), np.nan)
    usable = (shapely.get_type_id(lines) == 1) & (shapely.get_type_id(heights) == 1) & shapely.has_z(heights)
    usable &= shapely.get_num_coordinates(lines) == shapely.get_num_coordinates(heights)
    for row in np.flatnonzero(usable):
        slopes[row] = _steepest(shapely.get_coordinates(lines[row]), shapely.get_coordinates(heights[row], include_z=True)[:, 2])
    return slopes


def _steepest(xy: Floats, z: Floats) -> float:
    """The rise over any stretch is linear between the places where one of its ends passes a vertex: those are tried."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    if not np.isfinite(z).all() or not along[-1] > 0:
        return np.nan
    stretch = min(STRETCH_M, float(along[-1]))
    starts = np.concatenate([along, along - stretch])
    starts = starts[(starts >= 0) & (starts <= along[-1] - stretch)]
    rises = np.interp(starts + stretch, along, z) - np.interp(starts, along, z)
    return float(np.round(100 * np.abs(rises).max(initial=0.0) / stretch, 2)) + 0.0
