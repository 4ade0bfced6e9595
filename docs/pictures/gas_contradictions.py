"""Contradictions of the gas ledger: compounds with what is on record, a main and a service area."""

from __future__ import annotations

import numpy as np
import shapely

from docs.pictures.scene import column, line, metres, profile
from docs.pictures.svg import Picture
from geo.gas.contradictions import KINDS, Contradictions, Mains, contradictions
from geo.gas.status import HALF, status_codes

BOX = (-10.0, -16.0, 250.0, 92.0)
MAIN = line((-10, 0), (125, 0))
AREA = shapely.box(4, 6, 118, 78)
COMPOUNDS = column(shapely.box(10, 14, 52, 60), shapely.box(68, 14, 110, 60), shapely.box(190, 14, 238, 60))
STATUS = np.array(["full", "none", "full"], dtype=object)
CONNECTED, HOUSEHOLDS = np.array([120.0, 0.0, 96.0]), np.array([120.0, 80.0, 96.0])


def judged() -> tuple[Contradictions, Mains]:
    away = np.round(shapely.distance(COMPOUNDS, MAIN), 2)
    share = shapely.area(shapely.intersection(COMPOUNDS, AREA)) / shapely.area(COMPOUNDS)
    yes, no = np.ones(3, dtype=bool), np.zeros(3, dtype=bool)
    mains = Mains(away, np.full(3, profile().accuracies["cad"]), no, yes, True)
    found = contradictions(
        status_codes(STATUS), CONNECTED, HOUSEHOLDS, half=share >= HALF, touched=share > 0, mains=mains, near_m=profile()["gas_near_main_m"]
    )
    return found, mains


def picture() -> Picture:
    found, mains = judged()
    told = [", ".join(kind for kind, row in zip(KINDS, found.found, strict=True) if row[i]) or "no contradiction" for i in range(3)]
    near = profile()["gas_near_main_m"]
    drawn = Picture(
        BOX,
        f"Three compounds: {told[0]}; {told[1]} (in the service area, no household connected); {told[2]} (connected on record, the nearest main "
        f"{metres(mains.nearest_m[2])} away, more than {metres(near)})",
    )
    drawn.add("zone", AREA)
    drawn.add("building", *COMPOUNDS)
    drawn.add("pipe", MAIN)
    drawn.add("gap", shapely.shortest_line(MAIN, COMPOUNDS[2]))
    for i, shape in enumerate(COMPOUNDS):
        x = shape.centroid.x
        drawn.label(x, 44, f"{CONNECTED[i]:g} of {HOUSEHOLDS[i]:g}")
        drawn.label(x, 37, "households")
        for k, kind in enumerate(told[i].split(", ")):
            drawn.label(x, 24 - 7 * k, kind)
    drawn.label(60, 70, "gas service area")
    drawn.label(20, -8, "gas main")
    drawn.label(152, 12, metres(mains.nearest_m[2]))
    return drawn
