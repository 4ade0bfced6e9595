"""How much of a building's perimeter a hose of a given length reaches, led along facades and round corners. Metric CRS (metres).

The perimeter is the outline, courts included, without what stands against another building. Along a free facade the shortest hose changes by at most
a metre a metre, so a few points tell how far it reaches; what is left between them, at most FINE_M at each change, counts by half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely

from geo.network.ground import CORNER_M, SKIN_M, Flags, Floats, Ints, Shapes
from geo.network.hose import ENCLOSED, NO_STAND, Yard

FINE_M = 0.25
DETAILED = 1_000
"""Outlines of more corners are not measured."""
_BEYOND_M = 40.0
"""Paths are looked for this much further than the hose: how far beyond it they are says how much of the facade is."""
_OUT = 1e-12
_ROUND_M = 0.005
"""Lengths go by the centimetre: this much more than the hose is still within it."""
_IN_M = 0.005
"""Points at the ends of a facade are this far from what stands there."""


@dataclass(slots=True)
class _Facade:
    """A free piece of an outline; `gaps`: (from, to, hose beyond the length at from, at to) not yet settled; `within_m` of it is reached."""

    row: int
    line: shapely.LineString
    within_m: float = 0.0
    gaps: list[tuple[float, float, float, float]] = field(default_factory=list)

    def settle(self, first: float, last: float, over_first: float, over_last: float) -> None:
        """Counts what is sure between two points; keeps the rest as a gap, or halves it where it is small."""
        length = last - first
        from_first, from_last = min(abs(over_first), length), min(abs(over_last), length)
        rest = length - from_first - from_last
        if over_first <= 0 and over_last <= 0 and rest <= 0:
            self.within_m += length
            return
        if over_first > 0 and over_last > 0 and rest <= 0:
            return
        self.within_m += (from_first if over_first <= 0 else 0.0) + (from_last if over_last <= 0 else 0.0)
        if rest <= FINE_M:
            self.within_m += max(rest, 0.0) * ((over_first <= 0) + (over_last <= 0)) / 2
        else:
            self.gaps.append((first + from_first, last - from_last, min(max(over_first, 0.0), _OUT), min(max(over_last, 0.0), _OUT)))


def measurable(buildings: Shapes) -> Flags:
    """Areas whose outline is not too detailed to lead a hose along."""
    return np.asarray((shapely.get_dimensions(buildings) == 2) & (shapely.get_num_coordinates(buildings) <= DETAILED), dtype=bool)


def reached_share(yard: Yard, buildings: Shapes, rows: Ints, length_m: Floats, *, hose_m: float) -> Floats:
    """Share 0…1 of the perimeter of `rows` within a hose of `hose_m`; `length_m`: the shortest path to each of them, NaN = none. NaN: no outline, one
    of more than DETAILED corners, or no place to stand on the map at all."""
    share = np.full(len(rows), np.nan)
    areal = measurable(buildings[rows])
    if not len(yard.bare):
        return share
    near = areal & (length_m <= hose_m + _ROUND_M)
    share[areal & ~near] = 0.0
    todo = np.flatnonzero(near)
    alone = np.array([_stands_alone(yard, buildings[row], int(row)) for row in rows[todo]], dtype=bool)
    around = length_m[todo] + shapely.length(buildings[rows[todo]]) / 2 <= hose_m
    share[todo[alone & around]] = 1.0
    for at, found in _measured(yard, buildings, rows, todo[~(alone & around)], hose_m + _ROUND_M):
        share[at] = found
    return share


def _stands_alone(yard: Yard, shape: shapely.Geometry, row: int) -> bool:
    """One outline without courts that nothing touches."""
    if shapely.get_num_geometries(shape) > 1 or shapely.get_num_interior_rings(shapely.get_geometry(shape, 0)):
        return False
    return not (yard.ground.owner[yard.ground.tree.query(shape, predicate="dwithin", distance=CORNER_M + SKIN_M)] != row).any()


def _measured(yard: Yard, buildings: Shapes, rows: Ints, chosen: Ints, hose_m: float) -> Iterator[tuple[int, float]]:
    facades: list[_Facade] = []
    perimeter: dict[int, float] = {}
    for at in chosen:
        perimeter[int(at)], free = _outline(yard, buildings[rows[at]], int(rows[at]))
        facades += [_Facade(int(at), line) for line in free]
    _lead_along(yard, buildings[rows], facades, hose_m)
    within = dict.fromkeys(perimeter, 0.0)
    for facade in facades:
        within[facade.row] += facade.within_m
    for at, whole in perimeter.items():
        yield at, min(within[at] / whole, 1.0) if whole > 0 else np.nan


def _outline(yard: Yard, shape: shapely.Geometry, row: int) -> tuple[float, list[shapely.LineString]]:
    """Length of the outline that does not stand against another building, and its pieces against which nothing stands."""
    ground = yard.ground
    near = ground.tree.query(shape, predicate="dwithin", distance=CORNER_M)
    near = near[ground.owner[near] != row]
    outline = shapely.boundary(shape)
    if not len(near):
        return outline.length, list(shapely.get_parts(outline))
    others = near[ground.owner[near] >= 0]
    facing = shapely.difference(outline, shapely.union_all(ground.solid[others])) if len(others) else outline
    free = shapely.line_merge(shapely.difference(facing, shapely.union_all(ground.solid[near])))
    return facing.length, [p for p in shapely.get_parts(free) if p.length > 2 * _IN_M]


def _lead_along(yard: Yard, buildings: Shapes, facades: list[_Facade], hose_m: float) -> None:
    """Settles all facades, a round of points at a time."""
    ends = [[f.line.length * s for s in (0.0, 0.5, 1.0)] for f in facades]
    over = _over(yard, buildings, [(f, x) for f, xs in zip(facades, ends, strict=True) for x in xs], hose_m).reshape(-1, 3)
    for f, (a, m, b), (at_a, at_m, at_b) in zip(facades, ends, over, strict=True):
        f.settle(a, m, at_a, at_m)
        f.settle(m, b, at_m, at_b)
    while asked := [(f, (g[0] + g[1]) / 2, g) for f in facades for g in f.gaps]:
        for f in facades:
            f.gaps = []
        for (f, middle, (first, last, at_first, at_last)), here in zip(
            asked, _over(yard, buildings, [a[:2] for a in asked], hose_m), strict=True
        ):
            f.settle(first, middle, at_first, float(here))
            f.settle(middle, last, float(here), at_last)


def _over(yard: Yard, buildings: Shapes, places: list[tuple[_Facade, float]], hose_m: float) -> Floats:
    """How much longer than `hose_m` the shortest path to each place on a facade is (negative: shorter; inf: walled off)."""
    if not places:
        return np.zeros(0)
    points = np.array([_before(f.line, x, buildings[f.row]) for f, x in places], dtype=object)
    hoses = yard.hoses(points, np.full(len(points), -1), cap_m=hose_m + _BEYOND_M)
    over = np.where(np.isnan(hoses.length_m), _BEYOND_M, hoses.length_m - hose_m)
    over[np.isin(hoses.state, (ENCLOSED, NO_STAND))] = np.inf
    return np.asarray(over)


def _before(line: shapely.LineString, along: float, shape: shapely.Geometry) -> shapely.Point:
    """The point just off the wall."""
    along = min(max(along, _IN_M), line.length - _IN_M)
    a, b = (np.array(line.interpolate(min(max(along + d, 0.0), line.length)).coords[0]) for d in (-SKIN_M, SKIN_M))
    here = np.array(line.interpolate(along).coords[0])
    off = np.array([b[1] - a[1], a[0] - b[0]]) * CORNER_M / max(float(np.hypot(*(b - a))), 1e-12)
    sides = [shapely.Point(here + off), shapely.Point(here - off)]
    return max(sides, key=lambda side: float(shapely.distance(side, shape)))
