"""Which lanes lead to which buildings, as the routes take it, and which buildings are high."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.questions.columns import numbers
from geo.questions.declaration import Flags, View, latest
from geo.questions.reach import limiting
from geo.questions.reach.reach import READS, leads
from geo.rules.declaration import Rows

__all__ = ["READS", "Served", "served"]

FIGURES = ("high_rise_m", "storey_m", "approach_m", "front_m")


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """Pairs of lane and building, sorted by both. Per lane: `only`, it alone leads to some building, which stands at no public road either; `high`, a
    high-rise building that it leads to, and `unsaid`, one whose height is not on record, as rows of buildings (-1 = none)."""

    lane: Rows
    building: Rows
    only: Flags
    high: Rows
    unsaid: Rows


def served(view: View) -> Served:
    revisions = (limiting.made_of(view), view.columns_revision("buildings", "geometry", "height_m", "floors"))
    return latest(view, "lanes-serve", revisions, lambda _: _served(view))


def _served(view: View) -> Served:
    found, network = leads(view), limiting.limiting(view).limits.network
    lanes, buildings = len(view.frame("fire_lanes")), len(view.frame("buildings"))
    lane = network.lane[found.edge]
    key = np.unique(lane[lane >= 0] * np.int64(max(buildings, 1)) + found.building[lane >= 0])
    lane_of, building_of = np.divmod(key, np.int64(max(buildings, 1)))
    ways = np.bincount(building_of, minlength=buildings)
    ways[found.building[lane < 0]] += 1
    only = np.zeros(lanes, dtype=bool)
    only[lane_of[ways[building_of] == 1]] = True
    high = is_high(view)
    return Served(lane_of, building_of, only, *(_first(lane_of, building_of, high[building_of] == state, lanes) for state in (1, -1)))


def _first(lane: Rows, building: Rows, wanted: Flags, count: int) -> Rows:
    found = np.full(count, -1, dtype=np.int64)
    found[lane[wanted][::-1]] = building[wanted][::-1]
    return found


def is_high(view: View) -> Rows:
    """1 for buildings above the height from which dwellings are high-rise, 0 for others, -1 where neither height nor floors are on record: of floors
    each counts as the usual storey."""
    frame = view.frame("buildings")
    height, floors = numbers(frame, "height_m"), numbers(frame, "floors")
    height = np.where(height > 0, height, np.where(floors > 0, floors * view.profile["storey_m"], np.nan))
    with np.errstate(invalid="ignore"):
        return np.where(np.isnan(height), -1, height > view.profile["high_rise_m"]).astype(np.int64)
