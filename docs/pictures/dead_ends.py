"""Dead ends: a lane beyond its last junction, and the square that its turnaround holds."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import affinity

from docs.pictures.scene import column, line, metres, profile
from docs.pictures.svg import Picture
from geo.network.dead_ends import dead_ends
from geo.network.graph import network_of
from geo.network.squares import largest_squares_m

BOX = (-10.0, -6.0, 120.0, 60.0)
ROAD = line((-10, 0), (120, 0))
LANES = column(line((20, 3), (20, 25), (20, 45)), line((20, 25), (62, 25), (78, 33)), line((20, 45.3), (50, 45.3)))
ANGLE, MIDDLE = 26.565, (85.0, 32.5)
TURNAROUND = affinity.rotate(shapely.box(77, 26, 93, 39), ANGLE, origin=MIDDLE)


def picture() -> Picture:
    rules = profile()
    network = network_of(column(ROAD), LANES, snap_m=rules["snap_m"], road_half_m=np.array([rules["road_half_width_m"]]))
    found, side = dead_ends(network), float(largest_squares_m(column(TURNAROUND))[0])
    long = int(np.argmax(found.length_m))
    short = int(np.argmin(found.length_m))
    drawn = Picture(
        BOX,
        f"Two dead ends of {metres(found.length_m[long])} and {metres(found.length_m[short])} beyond the last junction; the turnaround holds a square of {metres(side)}",
    )
    drawn.add("road", ROAD)
    drawn.add("ground", TURNAROUND)
    drawn.add("zone", TURNAROUND)
    drawn.add("lane", *network.lines[(network.lane >= 0) & ~network.connector])
    drawn.add("bad", found.lines[long])
    drawn.add("good", found.lines[short])
    square = shapely.buffer(shapely.Point(MIDDLE), side / 2, cap_style="square")
    drawn.add("disc", affinity.rotate(square, ANGLE, origin=MIDDLE))
    drawn.add("point", *map(shapely.Point, found.points))
    drawn.label(85, 32, metres(side))
    drawn.label(45, 27, metres(found.length_m[long]))
    drawn.label(36, 47.5, metres(found.length_m[short]))
    drawn.label(100, 3.5, "public road")
    drawn.label(22, 10, "lane", anchor="start")
    drawn.label(90, 45, "turnaround (drawn)")
    apart = shapely.distance(LANES[0], LANES[2])
    drawn.label(17, 44, "two ends", anchor="end")
    drawn.label(17, 40, f"{metres(apart)} apart:", anchor="end")
    drawn.label(17, 36, "joined", anchor="end")
    return drawn
