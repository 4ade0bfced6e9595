"""Rules on gas: supply, pipes, bottles (GA-…)."""

from __future__ import annotations

from geo.rules.declaration import Rule
from geo.rules.gas.lpg import FORBIDDEN, ROOM, ROOM_KIND, WITH_DWELLINGS
from geo.rules.gas.mains import BUILT_OVER, DISTANCE, MEDIUM_OVER, REDUCED
from geo.rules.gas.renewal import RENEWAL
from geo.rules.gas.supply import RISERS, SUPPLY

GAS: tuple[Rule, ...] = (SUPPLY, DISTANCE, REDUCED, BUILT_OVER, RENEWAL, ROOM, ROOM_KIND, FORBIDDEN, WITH_DWELLINGS, RISERS, MEDIUM_OVER)
