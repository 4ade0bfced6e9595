"""Rules on hydrants and fire stations (HY-…, ST-…)."""

from __future__ import annotations

from geo.rules.declaration import Rule
from geo.rules.water.kerb import HYDRANT_TO_KERB, HYDRANT_TO_WALL
from geo.rules.water.radius import BUILDING_HAS_MUNICIPAL, BUILDING_IN_RADIUS
from geo.rules.water.sides import HYDRANTS_ON_BOTH_SIDES
from geo.rules.water.spacing import HYDRANT_SPACING
from geo.rules.water.stations import STATION_AREA
from geo.rules.water.supply import HYDRANT_FLOW, HYDRANT_PRESSURE

WATER: tuple[Rule, ...] = (
    BUILDING_IN_RADIUS,
    HYDRANT_SPACING,
    HYDRANT_TO_KERB,
    HYDRANT_TO_WALL,
    BUILDING_HAS_MUNICIPAL,
    HYDRANT_PRESSURE,
    HYDRANT_FLOW,
    HYDRANTS_ON_BOTH_SIDES,
    STATION_AREA,
)
