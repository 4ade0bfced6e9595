"""Hose reach: the shortest hose goes round a wall, not through it."""

from __future__ import annotations

import numpy as np
import shapely

from docs.pictures.scene import column, line, metres
from docs.pictures.svg import Picture
from geo.network.facades import reached_share
from geo.network.ground import Ground
from geo.network.hose import Yard

BOX = (-6.0, -5.0, 98.0, 48.0)
LANE = line((-6, 0), (98, 0))
HOUSES = column(shapely.box(12, 6, 40, 16), shapely.box(30, 32, 66, 44))
WALL = line((8, 24), (76, 24))
HOSE_M = 60.0


def picture() -> Picture:
    ground = Ground(np.concatenate([HOUSES, column(WALL)]), np.array([0, 1, -1]))
    yard, rows = Yard(ground, column(LANE)), np.arange(2)
    found = yard.hoses(HOUSES, rows, cap_m=300.0)
    share = reached_share(yard, HOUSES, rows, found.length_m, hose_m=HOSE_M)
    straight = float(shapely.distance(LANE, HOUSES[1]))
    drawn = Picture(
        BOX,
        f"The shortest hose round the wall is {metres(found.length_m[1])}, straight it would be {metres(straight)}; "
        f"{100 * share[1]:.0f} % of the perimeter is within {metres(HOSE_M)} of hose",
    )
    drawn.add("road", LANE)
    drawn.add("building", *HOUSES)
    drawn.add("wall", WALL)
    drawn.add("lane", shapely.shortest_line(LANE, HOUSES[1]))
    drawn.add("hose", found.lines[1])
    drawn.add("point", shapely.get_point(found.lines[1], 0))
    drawn.label(26, 10, "house 1")
    drawn.label(48, 38, "house 2")
    drawn.label(20, 25.5, "wall")
    drawn.label(4, 2.5, "lane that the engine reaches", anchor="start")
    drawn.label(78, 14, f"hose {metres(found.length_m[1])}", anchor="start")
    drawn.label(64.5, 14, f"straight {metres(straight)}", anchor="end")
    return drawn
