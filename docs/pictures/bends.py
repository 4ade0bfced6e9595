"""Bends: the tightest turn that the inner wheel can take between the walls of a right-angled corner."""

from __future__ import annotations

import math

import numpy as np
import shapely

from docs.pictures.scene import column, line, metres, profile
from docs.pictures.svg import Picture
from geo.lanes.bends import bend_radii_m

BOX = (-4.0, -24.0, 34.0, 4.0)
WIDTH_M = 5.0
LANE = line((-30, -WIDTH_M / 2), (27.5, -WIDTH_M / 2), (27.5, -40))
INNER, OUTER = shapely.box(-60, -60, 25, -5), shapely.box(-60, -60, 30, 0)


def radius_m(need_m: float) -> float:
    return float(bend_radii_m(column(LANE), np.array([WIDTH_M]), need_m=need_m)[0])


def picture() -> Picture:
    engine = profile().vehicles["pumper"]
    need, wanted = engine.clear_width_m, engine.inner_radius_m
    radius = radius_m(need)
    drawn = Picture(
        BOX,
        f"A right-angled bend {metres(WIDTH_M)} wide leaves an engine that needs {metres(need)} an inner radius of {radius:.2f} m; it needs {metres(wanted)}",
    )
    frame = shapely.box(*BOX)
    drawn.add(
        "building",
        shapely.intersection(INNER, frame),
        shapely.intersection(shapely.difference(shapely.box(-60, -60, 60, 60), OUTER), frame),
    )
    drawn.add("lane", shapely.intersection(LANE, frame))
    centre = shapely.Point(30 - radius - need, -radius - need)
    drawn.add("disc", shapely.intersection(_swept(centre, radius, need), frame))
    drawn.add("gap", line((centre.x, centre.y), (centre.x + radius * math.cos(math.pi / 4), centre.y + radius * math.sin(math.pi / 4))))
    drawn.add("point", centre)
    drawn.label(centre.x + 1.2, centre.y - 1.6, "centre of the turn")
    drawn.label(centre.x + 1.5, centre.y + 3.8, f"{radius:.2f} m", anchor="end")
    drawn.label(4, -2.0, f"lane {metres(WIDTH_M)}")
    drawn.label(24, 1.8, f"ground that the engine covers, {metres(need)} wide")
    return drawn


def _swept(centre: shapely.Point, radius: float, need: float) -> shapely.Geometry:
    """The ground between the two circles, through the bend and straight on before and after it."""
    ring = shapely.difference(centre.buffer(radius + need, quad_segs=64), centre.buffer(radius, quad_segs=64))
    turn = shapely.intersection(ring, shapely.box(centre.x, centre.y, centre.x + 100, centre.y + 100))
    before = shapely.box(-60, centre.y + radius, centre.x, centre.y + radius + need)
    after = shapely.box(centre.x + radius, -60, centre.x + radius + need, centre.y)
    return shapely.union_all([turn, before, after])
