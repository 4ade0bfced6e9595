"""Columns of a layer's frame as plain arrays."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo.questions.declaration import Floats


def texts(frame: gpd.GeoDataFrame, name: str) -> NDArray[np.object_]:
    """A column of texts, choices, dates or flags, None as null."""
    return np.asarray(frame[name].to_numpy(dtype=object))


def numbers(frame: gpd.GeoDataFrame, name: str) -> Floats:
    """A column of numbers, NaN as null."""
    return np.asarray(frame[name].to_numpy(dtype=np.float64))
