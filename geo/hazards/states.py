"""Where a hazard stands in its life, as far as its record tells for a given day."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.hazards.workdays import Days, Flags

Codes = NDArray[np.int8]

STATUSES = ("candidate", "registered", "notified", "rectifying", "done_pending_review", "review_failed", "closed", "rejected")
"""Values of `status`; a code is a position in it, -1 = not on record."""

CANDIDATE, REGISTERED, NOTIFIED, RECTIFYING, PENDING_REVIEW, REVIEW_FAILED, CLOSED, REJECTED = range(8)

NO_HAZARD = (CANDIDATE, REJECTED)
"""Only suspected by the system, or found not to be one: neither is asked to be put right."""

OPEN = (REGISTERED, NOTIFIED, RECTIFYING, PENDING_REVIEW, REVIEW_FAILED)
"""Not closed: put right but not yet reviewed is one of them."""


def status_codes(values: NDArray[np.object_]) -> Codes:
    return codes_of(values, STATUSES)


def codes_of(values: NDArray[np.object_], known: tuple[str, ...]) -> Codes:
    """Positions in `known`, -1 for null and anything else."""
    codes, distinct = pd.factorize(pd.Series(values, dtype=object))
    place = {name: at for at, name in enumerate(known)}
    return np.array([*(place.get(v, -1) for v in distinct), -1], dtype=np.int8)[codes]


def on_the_day(status: Codes, closed_on: Days, as_of: np.datetime64) -> Codes:
    """The status with which a hazard counts on a day: one that was closed later was not closed then, and awaited its review at best."""
    return np.where((status == CLOSED) & (closed_on > as_of), np.int8(PENDING_REVIEW), status)


def is_open(status: Codes) -> Flags:
    return np.isin(status, OPEN)
