"""Clear width by brute force: a grid of disc centres, the clearance of each, and the largest disc whose cells join the two gates.

Written from the definition alone; shares no code with the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import LineString, MultiLineString, Point

STEP_M = 0.2
"""Side of a cell. A path over the grid is off by at most a diagonal of a cell, so a width by at most two of them."""


@dataclass(frozen=True)
class Gate:
    """The perpendicular at an end of the line, and the piece of it that a centre may start on (None: the end is inside an obstacle)."""

    cut: LineString
    piece: Any


def gates(line: LineString, standing: Any, half_m: float) -> list[Gate]:
    points = [np.array(c) for c in line.coords]
    return [_gate(points[0], points[1], standing, half_m), _gate(points[-1], points[-2], standing, half_m)]


def _gate(end: Any, inner: Any, standing: Any, half_m: float) -> Gate:
    ahead = (inner - end) / np.linalg.norm(inner - end)
    across = np.array([-ahead[1], ahead[0]]) * half_m
    cut = LineString([end - across, end + across])
    pieces = [p for p in shapely.get_parts(cut.difference(standing.buffer(1e-6))) if p.distance(Point(end)) < 1e-5]
    return Gate(cut, pieces[0] if pieces and not standing.buffer(-1e-9).intersects(Point(end)) else None)


def width_m(line: LineString, obstacles: list[Any], half_m: float = 15.0, step_m: float = STEP_M) -> float:
    """The clear width in metres, within two diagonals of a cell."""
    corridor = line.buffer(half_m, cap_style="flat", quad_segs=32)
    standing = shapely.union_all([o.intersection(corridor) for o in obstacles])
    both = gates(line, shapely.union_all(obstacles), half_m)
    if any(g.piece is None for g in both):
        return 0.0
    cuts = MultiLineString([g.cut for g in both]).buffer(1e-6)
    sides = corridor.boundary.difference(cuts)
    x, y = _grid(corridor, step_m)
    centres = shapely.points(x.ravel(), y.ravel())
    walls = shapely.union_all([standing, sides])
    shapely.prepare(corridor)
    shapely.prepare(walls)
    inside = shapely.intersects(corridor, centres)
    clearance = np.full(x.shape, -1.0)
    clearance[inside.reshape(x.shape)] = 2 * shapely.distance(walls, centres[inside])
    near = [shapely.dwithin(g.piece, centres, step_m * 1.05).reshape(x.shape) for g in both]
    return _widest(clearance, *near)


def _grid(corridor: Any, step_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    left, low, right, high = corridor.bounds
    return tuple(np.meshgrid(np.arange(left, right + step_m, step_m), np.arange(low, high + step_m, step_m)))  # type: ignore[return-value]


def _widest(clearance: NDArray[np.float64], start: NDArray[np.bool_], end: NDArray[np.bool_]) -> float:
    """The largest threshold at which a cell of one gate and one of the other are joined."""
    levels = np.unique(clearance[clearance > 0])
    low, high = -1, len(levels)
    while high - low > 1:
        middle = (low + high) // 2
        label, _ = ndimage.label(clearance >= levels[middle], structure=np.ones((3, 3)))
        joined = np.intersect1d(label[start & (label > 0)], label[end & (label > 0)])
        low, high = (middle, high) if len(joined) else (low, middle)
    return float(levels[low]) if low >= 0 else 0.0
