"""What parked cars take off a lane's clear width."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def parked_m(sides: Floats, strip_m: Floats, *, usual_strip_m: float) -> Floats:
    """Sides with parking (0, 1, 2) times the width of the strip in metres, `usual_strip_m` where that is not on record.

    Sides that are not on record (NaN) take nothing off: the measure is of the parking that is known.
    """
    strip = np.where(np.isnan(strip_m), usual_strip_m, strip_m)
    return np.asarray(np.nan_to_num(sides, nan=0.0) * strip, dtype=np.float64)
