"""Openings: where a run passes a gate or an arch, the obstacle that it crosses there is cut open to the recorded width.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.lanes.run_ends import DRAWN_UP_TO_M
from geo.lanes.runs import lengthened
from geo.lanes.standing import Parts, Standing

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEAR_M = 2.5
"""An opening belongs to the crossing of a run and an obstacle within this distance."""
_TOGETHER_M = 0.5
"""Of several openings near one crossing the nearest counts, and what stands with it: not the wicket in the same wall, beside the gate."""
_BEYOND_M = 1.0


@dataclass(frozen=True, slots=True)
class Passed:
    """`opened`: the parts that were cut. One value a run: `width_m` and position of the narrowest opening passed (inf and -1: none), and whether
    one of unknown width is passed."""

    opened: Standing
    width_m: Floats
    opening: Ints
    unknown: Flags


def passed(runs: Shapes, parts: Parts, points: Shapes, width_m: Floats, widest_m: float) -> Passed:
    """An opening of unknown width is cut `widest_m` wide."""
    narrowest, which, unknown = np.full(len(runs), np.inf), np.full(len(runs), -1, dtype=np.int64), np.zeros(len(runs), dtype=bool)
    cut: dict[tuple[int, int], BaseGeometry] = {}
    for run, opening, part, piece, line in _crossings(runs, parts, points):
        width = width_m[opening]
        known = bool(width >= 0)
        unknown[run] |= not known
        if known and width < narrowest[run]:
            narrowest[run], which[run] = width, opening
        cut[run, part] = _without(cut.get((run, part), parts.shapes[part]), line, piece, min(width, widest_m) if known else widest_m)
    shapes = np.empty(len(cut), dtype=object)
    shapes[:] = list(cut.values())
    keys = np.array(list(cut), dtype=np.int64).reshape(-1, 2)
    return Passed(Standing(keys[:, 0], keys[:, 1], shapes), narrowest, which, unknown)


def _crossings(runs: Shapes, parts: Parts, points: Shapes) -> list[tuple[int, int, int, BaseGeometry, LineString]]:
    """(run, opening, part, the run's piece in the part, the run made longer) for each part that a run crosses or ends at near an opening."""
    found: dict[tuple[int, int, int], list[tuple[float, int, BaseGeometry, LineString]]] = {}
    for run, opening, part, line in _near(runs, parts, points):
        met = shapely.get_parts(shapely.intersection(line, parts.shapes[part]))
        for number, off in enumerate(shapely.distance(met, points[opening]).tolist()):
            if off <= NEAR_M:
                found.setdefault((run, part, number), []).append((off, opening, met[number], line))
    crossings = []
    for (run, part, _), near in found.items():
        nearest = min(off for off, *_ in near)
        crossings += [(run, opening, part, piece, line) for off, opening, piece, line in near if off <= nearest + _TOGETHER_M]
    return crossings


def _near(runs: Shapes, parts: Parts, points: Shapes) -> list[tuple[int, int, int, LineString]]:
    """(run, opening, part, the run made longer) where an opening is near a run and a part which that run meets."""
    placed = np.flatnonzero(shapely.is_geometry(points) & (shapely.get_type_id(points) == 0) & ~shapely.is_empty(points))
    if not len(placed) or not len(runs) or not len(parts):
        return []
    at, run = shapely.STRtree(runs).query(points[placed], predicate="dwithin", distance=NEAR_M)
    if not len(at):
        return []
    used, place = np.unique(run, return_inverse=True)
    longer = lengthened(runs[used], np.full((len(used), 2), _BEYOND_M))
    pair, part = parts.tree.query(shapely.buffer(points[placed[at]], NEAR_M), predicate="intersects")
    met = shapely.distance(runs[run[pair]], parts.shapes[part]) <= DRAWN_UP_TO_M
    pair, part = pair[met], part[met]
    return list(zip(run[pair].tolist(), placed[at[pair]].tolist(), part.tolist(), longer[place[pair]], strict=True))


def _without(shape: BaseGeometry, line: LineString, piece: BaseGeometry, width_m: float) -> BaseGeometry:
    """The shape less a passage along the line, as long as the piece and a width more at either end, so that a wall at a slant is cut through."""
    if width_m <= 0:
        return shape
    along = np.array([line.project(Point(at)) for at in shapely.get_coordinates(piece)])
    beyond = max(width_m, _BEYOND_M)
    start, end = along.min() - beyond, along.max() + beyond
    longer = lengthened(np.array([line], dtype=object), np.full((1, 2), beyond))[0]
    passage = substring(longer, start + beyond, end + beyond).buffer(width_m / 2, cap_style="flat", join_style="mitre")
    return shapely.difference(shape, passage)
