"""Distance to a hydrant: straight, and along the streets."""

from __future__ import annotations

import numpy as np
import shapely

from docs.pictures.scene import column, line, metres, profile
from docs.pictures.svg import Picture
from geo.network.distances import Routes, inside, straight_m
from geo.network.graph import network_of

BOX = (-10.0, -10.0, 190.0, 120.0)
STREETS = column(line((-10, 0), (190, 0)), line((0, 0), (0, 104)), line((0, 104), (160, 104)))
BUILDING = shapely.box(60, 78, 120, 92)
WALL = line((10, 66), (180, 66))
HYDRANTS = column(shapely.Point(84, 5))


def picture() -> Picture:
    rules = profile()
    network = network_of(STREETS, column(), snap_m=rules["snap_m"], road_half_m=np.full(3, rules["road_half_width_m"]))
    start = inside(column(BUILDING))
    straight = float(straight_m(start, HYDRANTS)[0][0])
    along = Routes(network, column(BUILDING), near_m=rules["approach_m"]).to(HYDRANTS)
    way = along.line(0)
    assert way is not None
    drawn = Picture(
        BOX, f"From the building to the hydrant it is {metres(straight)} straight and {metres(along.length_m[0])} along the streets"
    )
    drawn.add("road", *STREETS)
    drawn.add("building", BUILDING)
    drawn.add("wall", WALL)
    drawn.add("lane", shapely.shortest_line(start[0], HYDRANTS[0]))
    drawn.add("good", way)
    drawn.add("hydrant", *HYDRANTS)
    drawn.add("point", *start)
    drawn.label(75, 83, "building")
    drawn.label(140, 69, "wall")
    drawn.label(92, 9, "hydrant", anchor="start")
    drawn.label(92, 40, f"straight {metres(straight)}", anchor="start")
    drawn.label(6, 50, f"along the streets {metres(along.length_m[0])}", anchor="start")
    return drawn
