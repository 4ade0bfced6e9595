"""Rules on fire lanes, their dead ends, gates and what stands in them (FA-…)."""

from __future__ import annotations

from geo.rules.declaration import Rule
from geo.rules.fire.bends import TURNING
from geo.rules.fire.blocks import COURTS, LONG, SPACING
from geo.rules.fire.ends import DEAD_ENDS, TURNAROUND
from geo.rules.fire.gates import GATES
from geo.rules.fire.obstacles import KEPT_CLEAR
from geo.rules.fire.occupied import OCCUPIED
from geo.rules.fire.reaching import REACHED
from geo.rules.fire.records import LOAD, MARKING, SLOPE, SLOPE_RECOMMENDED
from geo.rules.fire.rings import RINGS
from geo.rules.fire.sides import ALONG
from geo.rules.fire.walls import OFF_WALLS
from geo.rules.fire.widths import BESIDE_PARKED, CLEAR_HEIGHT, CLEAR_WIDTH

FIRE: tuple[Rule, ...] = (
    CLEAR_WIDTH,
    CLEAR_HEIGHT,
    SLOPE,
    SLOPE_RECOMMENDED,
    TURNING,
    OFF_WALLS,
    DEAD_ENDS,
    TURNAROUND,
    LOAD,
    KEPT_CLEAR,
    SPACING,
    LONG,
    COURTS,
    RINGS,
    ALONG,
    REACHED,
    GATES,
    BESIDE_PARKED,
    MARKING,
    OCCUPIED,
)
