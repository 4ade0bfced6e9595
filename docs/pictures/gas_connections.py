"""New gas pipes: along streets and lanes to the nearest main, each alone and both together."""

from __future__ import annotations

import numpy as np
import shapely

from docs.pictures.scene import column, line, metres, profile
from docs.pictures.svg import Picture
from geo.gas.connections import Connections, Trunk, connections_of, together
from geo.network.graph import network_of

BOX = (-10.0, -13.0, 150.0, 82.0)
STREET = line((-10, 0), (150, 0))
LANES = column(line((70, 0), (70, 50), (110, 50)))
MAIN = line((-10, -4), (40, -4))
YARDS = column(shapely.box(28, 30, 62, 70), shapely.box(114, 34, 146, 66))
HOUSE = shapely.box(90, 8, 140, 24)


def laid() -> tuple[Connections, Trunk]:
    rules = profile()
    network = network_of(column(STREET), LANES, snap_m=rules["snap_m"], road_half_m=np.array([rules["road_half_width_m"]]))
    found = connections_of(network, column(MAIN), YARDS, shapely.STRtree([HOUSE]), reach_m=rules["gas_stub_m"])
    return found, together(found, np.ones(len(YARDS), dtype=bool))


def picture() -> Picture:
    found, trunk = laid()
    alone = " and ".join(metres(v) for v in found.length_m)
    drawn = Picture(
        BOX,
        f"New pipe alone: {alone}; on a common trunk {metres(trunk.total_m)} instead of {metres(trunk.separate_m)}, at most {trunk.times:.3g} times the shortest",
    )
    drawn.add("road", STREET)
    drawn.add("lane", *LANES)
    drawn.add("building", *YARDS, HOUSE)
    drawn.add("pipe", MAIN)
    drawn.add("new", *(route for route in map(trunk.route, range(len(YARDS))) if route is not None))
    drawn.label(45, 50, "compound 1")
    drawn.label(45, 44, metres(found.length_m[0]))
    drawn.label(130, 52, "compound 2")
    drawn.label(130, 46, metres(found.length_m[1]))
    drawn.label(115, 15, "building")
    drawn.label(12, -10, "gas main")
    drawn.label(100, -6, "street")
    return drawn
