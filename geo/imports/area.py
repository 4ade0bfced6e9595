"""The service area: where data are expected, so that a wrong CRS is noticed."""

from __future__ import annotations

import numpy as np

from geo.crs import Bounds
from geo.frames import Frames
from geo.imports.options import ImportOptions
from geo.store.contract import Store

MARGIN_DEGREES = 0.2
"""Around the data that are there: a neighbouring subdistrict is no mistake, another province is (about 20 km)."""


def service_area(options: ImportOptions, store: Store, frames: Frames | None) -> Bounds | None:
    """YUANTU_AREA, else the extent of the real data with a margin, else None: nothing is expected anywhere yet."""
    if options.area is not None:
        return options.area
    info = store.info()
    placed = [layer for layer, (features, unplaced) in info.counts.items() if features > unplaced]
    if info.kind != "real" or not placed or frames is None:
        return None
    view = frames.view(*placed)
    boxes = np.array([view.frame(layer).geometry.total_bounds for layer in placed])
    west, south = np.nanmin(boxes[:, :2], axis=0)
    east, north = np.nanmax(boxes[:, 2:], axis=0)
    return Bounds(
        max(-180.0, float(west) - MARGIN_DEGREES), max(-90.0, float(south) - MARGIN_DEGREES),
        min(180.0, float(east) + MARGIN_DEGREES), min(90.0, float(north) + MARGIN_DEGREES),
    )  # fmt: skip
