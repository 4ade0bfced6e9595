"""What the card's map shows: the compound and what lies about it, cut to a box."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.frames import View
from geo.places import COMPOUNDS

LAYERS = ("compounds", "roads", "buildings", "fire_lanes", "gas_mains", "access_points", "hydrants", "hazards")
"""Lowest first."""

MARGIN_M, MARGIN_SHARE = 20.0, 0.08
"""How far beyond the compound the map reaches: in metres at least, and as a share of its longer side."""

ASPECT = 4 / 3
"""Width of the map to its height."""

DEGREE_M = 111_320.0
"""Metres a degree of the equator, for the margin only."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """`box`: west, south, east, north; `shapes`: layer → (row, geometry cut to the box), all in EPSG:4326."""

    box: tuple[float, float, float, float]
    shapes: Mapping[str, tuple[NDArray[np.int64], NDArray[np.object_]]]


def sight(view: View, compound: int) -> Sight | None:
    """The surroundings of the compound at this position; None = it is not on the map."""
    outline = np.asarray(view.frame(COMPOUNDS).geometry, dtype=object)[compound]
    if outline is None:
        return None
    box = _grown(shapely.bounds(outline))
    reach = _reach(view, compound)
    return Sight(box, {layer: _cut(view, layer, box, reach) for layer in LAYERS})


def _grown(bounds: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """The box with its margin and the map's proportions."""
    west, south, east, north = (float(v) for v in bounds)
    x, y = (west + east) / 2, (south + north) / 2
    across = DEGREE_M * math.cos(math.radians(y))
    wide, high = (east - west) * across, (north - south) * DEGREE_M
    margin = 2 * max(MARGIN_M, MARGIN_SHARE * max(wide, high))
    wide, high = max(wide + margin, (high + margin) * ASPECT), max(high + margin, (wide + margin) / ASPECT)
    return x - wide / across / 2, y - high / DEGREE_M / 2, x + wide / across / 2, y + high / DEGREE_M / 2


def _reach(view: View, compound: int) -> shapely.Geometry:
    """A box in the metric CRS that surely holds the map's."""
    west, south, east, north = shapely.bounds(view.metric(COMPOUNDS)[compound])
    margin = 2 * MARGIN_M + max(east - west, north - south)
    found: shapely.Geometry = shapely.box(west - margin, south - margin, east + margin, north + margin)
    return found


def _cut(
    view: View, layer: str, box: tuple[float, float, float, float], reach: shapely.Geometry
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    rows = np.sort(view.tree(layer).query(reach))
    shapes = np.asarray(view.frame(layer).geometry, dtype=object)[rows]
    shapes = shapely.clip_by_rect(shapes, *box)
    there = ~shapely.is_empty(shapes)
    return rows[there].astype(np.int64), np.asarray(shapes[there], dtype=object)
