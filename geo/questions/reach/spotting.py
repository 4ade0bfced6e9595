"""What limits an engine at one place of a lane, read from the layers: access points, blocked-lane records, and what hangs over it."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.limits import Spots
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Floats, View
from geo.questions.lanes.blocked import BY_COMPOUND, DOUBTFUL, OVER
from geo.questions.lanes.standing import words

Ints = NDArray[np.int64]

ACCESS, HAZARD, OVERHEAD = range(3)
"""What a spot is: a row of access_points, of hazards, of obstacles (cables, branches)."""

_OVER_LANE_M = 2.5
"""An access point or a branch this near to a centreline stands on it or over it."""
_SMALL_GATE_M = 0.5
"""How near a gate for pedestrians must be: it often stands beside the gate for vehicles."""
_CABLE_M = 0.1
_ROUNDING_M = 0.01
"""What seven decimals of a degree leave open."""


class Spotted:
    """Spots with where each is from: `kind` (ACCESS, HAZARD, OVERHEAD) and `row` in its layer."""

    def __init__(self, parts: list[tuple[int, Ints, Spots]]) -> None:
        self.kind = np.concatenate([np.full(len(rows), kind, dtype=np.int8) for kind, rows, _ in parts])
        self.row = np.concatenate([rows for _, rows, _ in parts])
        names = ("shapes", "width_m", "height_m", "reach_m", "every", "drawn", "locked")
        self.spots = Spots(*(np.concatenate([getattr(spots, name) for _, _, spots in parts]) for name in names))


def spotted(view: View) -> Spotted:
    return Spotted([_access(view), _hazards(view), _overhead(view)])


def _access(view: View) -> tuple[int, Ints, Spots]:
    frame = view.frame("access_points")
    kind, width, height = texts(frame, "kind"), numbers(frame, "gate_width_m"), numbers(frame, "gate_height_m")
    fixed = ~((texts(frame, "removable") == "yes") & np.isin(words(kind), ("bollard", "chain")))
    only_high = (kind == "height_bar") & np.isnan(width)
    roofed = np.isin(words(kind), ("arch", "height_bar"))
    reach = np.where(kind == "pedestrian_gate", _SMALL_GATE_M, _OVER_LANE_M)
    locked = (texts(frame, "normally_locked") == "yes") & (texts(frame, "remote_open") != "yes")
    nowhere = np.zeros(len(frame), dtype=bool)
    spots = Spots(
        view.metric("access_points"), np.where(fixed & ~only_high, width, np.inf), np.where(roofed, height, or_none(height)), reach,
        nowhere, np.asarray(kind == "bollard", dtype=bool), np.asarray(locked, dtype=bool),
    )  # fmt: skip
    return ACCESS, np.arange(len(frame)), spots


def _hazards(view: View) -> tuple[int, Ints, Spots]:
    frame = view.frame("hazards")
    status = words(texts(frame, "status"))
    there = (texts(frame, "hazard_type") == "fire_lane_blocked") & (texts(frame, "geom_method") != BY_COMPOUND)
    rows = np.flatnonzero(there & ~np.isin(status, OVER))
    count = len(rows)
    width = np.where(np.isin(status[rows], DOUBTFUL), np.nan, 0.0)
    no = np.zeros(count, dtype=bool)
    reach = np.full(count, view.profile["blocked_hazard_m"] + _ROUNDING_M)
    return HAZARD, rows, Spots(view.metric("hazards")[rows], width, np.full(count, np.inf), reach, ~no, no, no.copy())


def _overhead(view: View) -> tuple[int, Ints, Spots]:
    frame = view.frame("obstacles")
    kind = words(texts(frame, "kind"))
    rows = np.flatnonzero(np.isin(kind, ("cable", "branch")) & frame["removed_on"].isna().to_numpy(dtype=bool))
    count = len(rows)
    shapes = view.metric("obstacles")[rows]
    reach = np.where(shapely.get_dimensions(shapes) == 0, _OVER_LANE_M, _CABLE_M)
    no = np.zeros(count, dtype=bool)
    return OVERHEAD, rows, Spots(shapes, np.full(count, np.inf), numbers(frame, "clear_height_m")[rows], reach, ~no, no, no.copy())


def or_none(values: Floats) -> Floats:
    """What is not on record does not limit: a road, or the sky over a lane."""
    return np.where(np.isnan(values), np.inf, values)
