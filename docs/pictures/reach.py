"""Reach: the widest of two ways to a building, and the place that decides it."""

from __future__ import annotations

import numpy as np
import shapely

from docs.pictures.scene import column, line, metres, profile
from docs.pictures.svg import Picture
from geo.network.graph import Network, network_of
from geo.network.routes import Roads, line_of, widest_m

BOX = (-10.0, -8.0, 110.0, 56.0)
ROAD = line((-10, 0), (110, 0))
LANES = column(line((30, 3), (30, 25)), line((30, 25), (30, 42), (48, 42)), line((90, 3), (90, 25)), line((90, 25), (90, 42), (48, 42)))
WIDTHS_M = np.array([4.5, 2.4, 5.0, 3.2])
BUILDING, OTHERS = shapely.box(38, 44, 58, 52), (shapely.box(40, 8, 80, 34),)


def network() -> Network:
    rules = profile()
    return network_of(column(ROAD), LANES, snap_m=rules["snap_m"], road_half_m=np.array([rules["road_half_width_m"]]))


def picture() -> Picture:
    ways, need = network(), profile().vehicles["pumper"].clear_width_m
    width = np.where(ways.lane >= 0, WIDTHS_M[ways.lane], np.inf)
    width[ways.connector] = np.inf
    node = int(np.argmin(np.hypot(*(ways.nodes - (48, 42)).T)))
    widest = float(widest_m(ways, width)[node])
    route = Roads(ways).route([(0.0, node, -1)], width >= widest)
    assert route is not None
    driven = line_of(ways, route, None)
    assert driven is not None
    least = int(route.edges[int(np.argmin(width[list(route.edges)]))])
    drawn = Picture(
        BOX,
        f"The widest route to the building is {metres(widest)} at its narrowest; the shorter way is {metres(WIDTHS_M.min())}, an engine needs {metres(need)}",
    )
    drawn.add("building", BUILDING, *OTHERS)
    drawn.add("road", ROAD)
    drawn.add("lane", *ways.lines[ways.lane >= 0])
    drawn.add("good", driven)
    drawn.add("bad", *ways.lines[(width < need) & (ways.lane >= 0)])
    drawn.add("point", shapely.line_interpolate_point(ways.lines[least], 0.5, normalized=True))
    for lane, (x, y, anchor) in enumerate(((28, 14, "end"), (28, 36, "end"), (92, 14, "start"), (92, 36, "start"))):
        drawn.label(x, y, metres(WIDTHS_M[lane]), anchor=anchor)
    drawn.label(48, 47, "building")
    drawn.label(0, 3.5, "public road")
    return drawn
