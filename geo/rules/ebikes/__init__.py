"""Rules on e-bikes: where they are parked and charged (EB-…)."""

from __future__ import annotations

from geo.rules.declaration import Rule
from geo.rules.ebikes.places import CHARGING_PLACES
from geo.rules.ebikes.records import FLYING_WIRE, PARKED_INDOORS
from geo.rules.ebikes.sheds import SHED_ON_LANE, SHED_TO_WALL
from geo.rules.ebikes.video import SHED_VIDEO

EBIKES: tuple[Rule, ...] = (PARKED_INDOORS, FLYING_WIRE, SHED_TO_WALL, CHARGING_PLACES, SHED_VIDEO, SHED_ON_LANE)
