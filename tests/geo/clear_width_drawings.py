"""Drawings whose clear width is known by hand: a lane, what stands around it, the width, and the pinch where only one place can be it.

Unless a drawing says otherwise its lane goes 60 m along the x axis; metres.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, hypot, sin
from typing import Any

import numpy as np
from shapely import LineString, MultiLineString, Point, Polygon, box

LANE = LineString([(0, 0), (60, 0)])
BLOCKED = 0.0


@dataclass(frozen=True)
class Drawing:
    """`gap`: the positions of the two obstacles that make it, in any order (-1 = the corridor's side). `openings`: (point, width)."""

    name: str
    width_m: float
    obstacles: tuple[Any, ...]
    lane: Any = LANE
    pinch: tuple[float, float] | None = None
    gap: tuple[int, int] | None = None
    openings: tuple[tuple[tuple[float, float], float], ...] = field(default=())


def walls(width: float, *, off: float = 0.0, deep: float = 6.0, start: float = -10, end: float = 70) -> tuple[Any, Any]:
    """Two rows of buildings with parallel facades; `off`: how far the lane's axis is from the middle."""
    return box(start, off + width / 2, end, off + width / 2 + deep), box(start, off - width / 2 - deep, end, off - width / 2)


def ring_sector(inner: float, outer: float, *, start: float = -0.2, end: float = np.pi / 2 + 0.2, steps: int = 64) -> Polygon:
    angles = np.linspace(start, end, steps)
    round_ = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return Polygon(np.vstack([round_ * inner, round_[::-1] * outer]))


def arc(radius: float, steps: int = 30) -> LineString:
    return LineString([(radius * cos(a), radius * sin(a)) for a in np.linspace(0, np.pi / 2, steps)])


YARDS = (box(-10, 10, 70, 12), box(-10, -12, 70, -10))
WEDGE = (LineString([(-1, 3.025), (61, 1.475)]), LineString([(-1, -3.025), (61, -1.475)]))
BEND = LineString([(0, 0), (30, 0), (30, 30)])
CORNER = (box(-20, -9, 40, -2), box(32, -9, 40, 60), box(-20, 2, 28, 60))
ROUND = LineString([(0, -6), (21, -6), (21, 6), (60, 6)])
TWO = MultiLineString([[(0, 0), (30, 0)], [(31, 0), (60, 0)]])
U_TURN = LineString([(0, 0), (40, 0), (40, 10), (0, 10)])
U_WALLS = (LineString([(-1, 5), (35, 5)]), box(-5, -10, 60, -2), box(-5, 12, 60, 20), box(44, -10, 50, 20))
U_NARROW = (LineString([(-1, 5), (35, 5)]), box(-5, -10, 60, -2), box(-5, 11, 60, 20), box(44, -10, 50, 20))
POSTS = (Point(0, 2.5), Point(0, -2.5))

DRAWINGS = (
    Drawing("parallel walls, 6 m", 6.0, walls(6), gap=(0, 1)),
    Drawing("parallel walls, 3.8 m", 3.8, walls(3.8), gap=(0, 1)),
    Drawing("parallel walls, exactly 4 m", 4.0, walls(4), gap=(0, 1)),
    Drawing("a protrusion between samples", 5.2, (*walls(6), box(30.3, 2.2, 30.6, 4)), pinch=(30.45, -0.4), gap=(1, 2)),
    Drawing("a thin pier on either side, not opposite", hypot(0.5, 3.0), (*walls(6), box(30, 1.5, 30.2, 3), box(30.7, -3, 30.9, -1.5)), pinch=(30.45, 0), gap=(2, 3)),
    Drawing("staggered blocks", hypot(2, 3), (box(-5, 2, 20, 20), box(22, -20, 70, -1)), pinch=(21, 0.5), gap=(0, 1)),
    Drawing("staggered blocks that overlap the axis", 2.0, (box(-5, -3, 20, 20), box(22, -20, 70, 3)), lane=ROUND, pinch=(21, 0), gap=(0, 1)),
    Drawing("an off-centre centreline", 4.0, walls(4, off=-1.2), gap=(0, 1)),
    Drawing("a wedge, from 6 m to 3 m", 3.0, WEDGE, pinch=(60, 0), gap=(0, 1)),
    Drawing("a column in the middle: the wider side counts", 3.0, (*walls(6), box(29.5, -1, 30.5, 0)), pinch=(30, 1.5), gap=(0, 2)),
    Drawing("a column that is a point", 3.5, (*walls(6), Point(30, -0.5)), pinch=(30, 1.25), gap=(0, 2)),
    Drawing("two columns abreast", 2.5, (*walls(7), box(29, 1, 30, 2), box(29, -2, 30, -1.5)), pinch=(29.5, -0.25), gap=(2, 3)),
    Drawing("a shed across", BLOCKED, (*walls(6), box(29.5, -4, 30.5, 4)), pinch=(29.5, 0), gap=(2, 2)),
    Drawing("a shed that leaves 1 m", 1.0, (*walls(6), box(29.5, -4, 30.5, 2)), pinch=(30, 2.5), gap=(0, 2)),
    Drawing("a shed beside a wide yard", 7.0, (*YARDS, box(29.5, -4, 30.5, 3)), pinch=(30, 6.5), gap=(0, 2)),
    Drawing("a bend, narrow at its outer corner's arm", 3.0, (box(-20, -9, 31.2, -2), box(31.2, -9, 40, 60), box(-20, 2, 28.2, 60)), lane=BEND, gap=(1, 2)),
    Drawing("a bend round a corner", 4.0, CORNER, lane=BEND),
    Drawing("a bend with a bollard in its throat", hypot(2, 2), (*CORNER, Point(30, 0)), lane=BEND, pinch=(29, 1), gap=(2, 3)),
    Drawing("a curve between arcs", 4.0, (ring_sector(12, 18), ring_sector(22, 28)), lane=arc(20)),
    Drawing("thin walls with open yards", 3.0, (LineString([(-5, 1.5), (70, 1.5)]), LineString([(-5, -1.5), (70, -1.5)])), gap=(0, 1)),
    Drawing("thin walls as long as the lane", 3.0, (LineString([(0, 1.5), (60, 1.5)]), LineString([(0, -1.5), (60, -1.5)])), gap=(0, 1)),
    Drawing("an opening on one side: a bound", 17.0, (box(-10, 2, 70, 8),), gap=(0, -1)),
    Drawing("a gap in one wall changes nothing", 4.0, (box(-10, 2, 25, 3), box(35, 2, 70, 3), box(-10, -3, 70, -2))),
    Drawing("an arch in a building", 3.5, (*walls(8), box(20, -30, 35, 30)), openings=(((27, 0.5), 3.5),), pinch=(27.5, 0)),
    Drawing("a gate in a wall", 3.2, (*walls(6), LineString([(30, -10), (30, 10)])), openings=(((30, 0), 3.2),), pinch=(30, 0)),
    Drawing("a gate in a slanting wall", 3.2, (*walls(6), LineString([(25, -10), (35, 10)])), openings=(((30, 0), 3.2),), pinch=(30, 0)),
    Drawing("a gate wider than the lane", 4.0, (*walls(4), LineString([(30, -10), (30, 10)])), openings=(((30, 0), 5.0),)),
    Drawing("a wall with a gate elsewhere", BLOCKED, (*walls(6), LineString([(30, -10), (30, 10)])), openings=(((20, 0), 4.0),), pinch=(30, 0)),
    Drawing("inside one U-shaped building", 5.0, (box(-5, -10, 75, 10) - box(-6, -2.5, 65, 2.5),), gap=(0, 0)),
    Drawing("in the court of one building", 5.0, (box(-100, -100, 160, 100) - box(-3, -2.5, 63, 2.5),), gap=(0, 0)),
    Drawing("out of a closed court", BLOCKED, (box(-20, -20, 40, 20) - box(-8, -8, 30, 8),), pinch=(30, 0), gap=(0, 0)),
    Drawing("it starts inside a building", BLOCKED, (box(-10, -10, 10, 10),), pinch=(0, 0), gap=(0, 0)),
    Drawing("all inside a building", BLOCKED, (box(-100, -100, 160, 100),), pinch=(0, 0), gap=(0, 0)),
    Drawing("it ends at a wall", 6.0, (*walls(6), LineString([(60, -20), (60, 20)])), gap=(0, 1)),
    Drawing("it ends at a facade", 6.0, (*walls(6), box(60, -20, 66, 20)), gap=(0, 1)),
    Drawing("it ends 4 cm inside a facade", 6.0, (*walls(6), box(59.96, -20, 66, 20)), gap=(0, 1)),
    Drawing("it ends 4 cm beyond a wall", 6.0, (*walls(6), LineString([(59.96, -20), (59.96, 20)])), gap=(0, 1)),
    Drawing("it ends 8 cm inside a facade", BLOCKED, (*walls(6), box(59.92, -20, 66, 20)), gap=(2, 2)),
    Drawing("it ends 8 cm beyond a wall", BLOCKED, (*walls(6), LineString([(59.92, -20), (59.92, 20)])), pinch=(59.92, 0), gap=(2, 2)),
    Drawing("its end is drawn along a wall", BLOCKED, (*walls(6), LineString([(30, 0), (60, 0)])), gap=(2, 2)),
    Drawing("a wicket in the wall beside a gate", 3.2, (*walls(9), LineString([(30, -10), (30, 10)])), openings=(((30, 0), 3.2), ((30, 2.3), 1.2)), pinch=(30, 0)),
    Drawing("it ends at a slanting facade", 6.0, (*walls(6), Polygon([(58, -20), (62, 20), (72, 20), (72, -20)])), gap=(0, 1)),
    Drawing("a wall short of the end", BLOCKED, (*walls(6), LineString([(59, -20), (59, 20)])), pinch=(59, 0), gap=(2, 2)),
    Drawing("a wall beyond the end", 6.0, (*walls(6), LineString([(60.5, -20), (60.5, 20)])), gap=(0, 1)),
    Drawing("narrow beyond the end", 6.0, (*walls(6), box(60.5, -3, 70, 2)), gap=(0, 1)),
    Drawing("gate posts where it starts", 4.0, (box(-0.2, 2, 0.2, 20), box(-0.2, -20, 0.2, -2)), pinch=(0.1, 0), gap=(0, 1)),
    Drawing("a chain of three, one touching another", 1.5, (*walls(9), box(20, 1, 22, 4.5), box(22, -0.5, 24, 1), box(26, -6, 27, 3.0)), pinch=(26.5, 3.75), gap=(0, 4)),
    Drawing("overlapping buildings across", BLOCKED, (*walls(9), box(20, 1, 22, 6), box(21, -2, 24, 2), box(21, -6, 23, -1)), pinch=(21, 0), gap=(3, 3)),
    Drawing("a ring: the narrower half counts", 5.0, (box(3, 3, 37, 37), box(-20, -20, 60, -2)), lane=Polygon(box(0, 0, 40, 40)).exterior, gap=(0, 1)),
    Drawing("there and back", 7.0, U_WALLS, lane=U_TURN),
    Drawing("there and back with a shed on the way back", 4.0, (*U_WALLS, box(20, 6, 21, 8)), lane=U_TURN, pinch=(20.5, 10), gap=(2, 4)),
    Drawing("there and back, the way back narrower and off its middle", 6.0, U_NARROW, lane=U_TURN, gap=(0, 2)),
    Drawing("round beside the gate, where the centre must stay inside", 4.0, (*POSTS, box(2, 8, 5, 9), box(5, -15, 7, 9)), gap=(0, 2)),
    Drawing("two pieces that touch are one", BLOCKED, (*walls(6), box(30, -5, 30.4, 5)), lane=MultiLineString([[(0, 0), (30.2, 0)], [(30.2, 0), (60, 0)]]), pinch=(30, 0)),
    Drawing("of two pieces the narrower counts", 2.0, (*walls(6), box(30.5, -5, 30.7, 5), box(45, -1, 46, 5)), lane=TWO, pinch=(45.5, -2), gap=(1, 3)),
    Drawing("vertices drawn twice", 6.0, walls(6), lane=LineString([(0, 0), (0, 0), (20, 0), (20, 0), (60, 0), (60, 0)]), gap=(0, 1)),
)  # fmt: skip
