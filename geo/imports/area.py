"""The service area: where data are expected, so that a wrong CRS is noticed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.crs import Bounds
from geo.frames import Frames
from geo.imports.options import ImportOptions
from geo.store.contract import Store

MARGIN_DEGREES = 0.2
"""Around the data that are there: a neighbouring subdistrict is no mistake, another province is (about 20 km)."""


_TOGETHER_DEGREES = 1.0
_TOGETHER_TIMES = 10.0
"""A feature belongs to the rest within a degree of their median, or within ten times the usual distance from it: one at (0, 0) does not."""


def _together(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The boxes (west, south, east, north in degrees) without strays: those far from the median, measured by how far the others lie from it."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    off = np.abs(centres - np.median(centres, axis=0)).max(axis=1)
    near: NDArray[np.float64] = boxes[off <= max(_TOGETHER_DEGREES, _TOGETHER_TIMES * float(np.median(off)))]
    return near


def service_area(options: ImportOptions, store: Store, frames: Frames | None) -> Bounds | None:
    """YUANTU_AREA, else the extent of the real data (strays aside) with a margin, else None: nothing is expected anywhere yet."""
    if options.area is not None:
        return options.area
    info = store.info()
    placed = [layer for layer, (features, unplaced) in info.counts.items() if features > unplaced]
    if info.kind != "real" or not placed or frames is None:
        return None
    view = frames.view(*placed)
    boxes = np.concatenate([view.frame(layer).geometry.bounds.to_numpy() for layer in placed])
    boxes = _together(boxes[np.isfinite(boxes).all(axis=1)])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return Bounds(
        max(-180.0, float(west) - MARGIN_DEGREES), max(-90.0, float(south) - MARGIN_DEGREES),
        min(180.0, float(east) + MARGIN_DEGREES), min(90.0, float(north) + MARGIN_DEGREES),
    )  # fmt: skip
