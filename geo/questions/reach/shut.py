"""Lanes that a record shuts as a whole: their own record says so, or a blocked-lane record names their compound and no place on them.

A compound's only lane is the one that is meant; of several it may be any, so that none is known to be free.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.columns import texts
from geo.questions.declaration import Flags, View
from geo.questions.lanes.blocked import BY_COMPOUND, DOUBTFUL, OVER
from geo.questions.lanes.standing import words
from geo.questions.naming import called

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shut:
    """A value a lane: `closed`: nothing passes; `doubtful`: it may be so; `hazard`: the row of the record that says so, -1 = the lane's own."""

    closed: Flags
    doubtful: Flags
    hazard: Ints

    def told(self, view: View, lane: int) -> Text | None:
        """What is said of a lane, None = nothing."""
        if not (self.closed[lane] or self.doubtful[lane]):
            return None
        if self.hazard[lane] < 0:
            return Text("登记为堵塞", "recorded as blocked")
        code = called(view.frame("hazards"), int(self.hazard[lane]))
        if self.closed[lane]:
            return Text(f"占用堵塞通道的隐患“{code}”未销号", f"open blocked-lane record '{code}'")
        return Text(
            f"所属院落有占用隐患“{code}”，是否在这条通道上不明",
            f"blocked-lane record '{code}' of its compound, not known whether of this lane",
        )


def shut_lanes(view: View) -> Shut:
    lanes, hazards = view.frame("fire_lanes"), view.frame("hazards")
    closed: Flags = np.asarray(texts(lanes, "occupied") == "blocked", dtype=bool)
    doubtful, hazard = np.zeros(len(lanes), dtype=bool), np.full(len(lanes), -1, dtype=np.int64)
    compound, status = words(texts(lanes, "compound_code")), words(texts(hazards, "status"))
    named = words(texts(hazards, "compound_code"))
    lost = shapely.is_missing(view.metric("hazards")) | (texts(hazards, "geom_method") == BY_COMPOUND)
    there = lost & (texts(hazards, "hazard_type") == "fire_lane_blocked") & ~np.isin(status, OVER) & (named != "")
    for row in np.flatnonzero(there).tolist():
        mine = np.flatnonzero((compound == named[row]) & ~closed)
        sure = len(mine) == 1 and np.count_nonzero(compound == named[row]) == 1 and status[row] not in DOUBTFUL
        (closed if sure else doubtful)[mine] = True
        hazard[mine] = row
    return Shut(closed, doubtful & ~closed, hazard)
