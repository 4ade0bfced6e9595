"""Columns and shapes of an answer as they are shown: nulls as None, geometries in EPSG:4326."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE, transform_xy
from geo.questions.declaration import Flags, View, filled


def objects(values: Sequence[object]) -> NDArray[np.object_]:
    """A column of them, None as null, whatever they are."""
    out = filled(None, len(values))
    out[:] = values
    return out


def where_known(known: Flags, values: NDArray[Any]) -> NDArray[np.object_]:
    """The values where they are known, None elsewhere."""
    out = filled(None, len(values))
    out[known] = values[known]
    return out


def stored_shapes(view: View, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes from the metric CRS to EPSG:4326."""
    if view.metric_crs is None:
        return np.full(len(shapes), None, dtype=object)
    crs = view.metric_crs
    return np.asarray(shapely.transform(np.asarray(shapes, dtype=object), lambda xy: transform_xy(xy, crs, STORAGE)), dtype=object)
