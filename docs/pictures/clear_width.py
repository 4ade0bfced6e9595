"""Clear width: a disc between stairs and a shed that no cross-section shows."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from docs.pictures.scene import column, line, metres, profile
from docs.pictures.svg import Picture
from geo.lanes.clear_width import ClearWidths, Obstacles, Openings, clear_widths
from geo.lanes.corridor import corridors

BOX = (-3.0, -8.0, 43.0, 8.5)
LANE = line((0, 0), (40, 0))
NORTH, SOUTH = shapely.box(-3, 3.4, 43, 7.5), shapely.box(-3, -7, 43, -3)
STAIRS, SHED = shapely.box(15, 1.9, 19.5, 3.4), shapely.box(21, -3, 25, -1.2)
STANDING = column(NORTH, SOUTH, STAIRS, SHED)
SPACING_M = 1.0


def measured() -> ClearWidths:
    return clear_widths(column(LANE), Obstacles(STANDING), Openings(column(), np.zeros(0)), corridor_m=profile()["corridor_m"])


def cross_sections_m() -> NDArray[np.float64]:
    """The lengths of perpendiculars every metre along the lane, cut at what stands there: the usual way to take a width."""
    x = np.arange(0, 40 + SPACING_M, SPACING_M)
    across = column(*(line((at, -15), (at, 15)) for at in x))
    parts = shapely.get_parts(shapely.difference(across, shapely.union_all(STANDING)))
    return np.asarray(shapely.length(parts[shapely.dwithin(parts, LANE, 1e-6)]))


def picture() -> Picture:
    found, sections = measured(), cross_sections_m()
    width, pinch = float(found.width_m[0]), found.pinch[0]
    drawn = Picture(
        BOX,
        f"The disc that gets through is {metres(width)} wide; the narrowest cross-section of one every metre is {metres(sections.min())}",
    )
    corridor = corridors(column(LANE), profile()["corridor_m"])[0]
    drawn.add("corridor", shapely.intersection(corridor, shapely.box(*BOX)))
    drawn.add("building", *STANDING)
    drawn.add("lane", LANE)
    drawn.add("disc", pinch.buffer(width / 2))
    drawn.add("gap", shapely.shortest_line(STANDING[found.first[0]], STANDING[found.second[0]]))
    drawn.add("point", pinch)
    drawn.label(20, 5.2, "building")
    drawn.label(17.2, 2.4, "stairs")
    drawn.label(23, -2.3, "shed")
    drawn.label(10, 0.4, "lane")
    drawn.label(22.6, 1.2, metres(width), anchor="start")
    drawn.label(-2.6, -5, "the cut at the end is", anchor="start")
    drawn.label(-2.6, -6.1, "a gate, not a wall", anchor="start")
    return drawn
