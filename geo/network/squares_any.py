"""The largest square inside an outline that is not convex, holes too: place and turn halved where a better one may be. Metric CRS (metres).

The half side of the largest square about a middle, turned by an angle, is how far the outline is off in the larger of the square's two directions. It
changes by no more than the middle is moved, and a square turned by d holds an upright one of 1 / (cos d + sin d) of its side. So for a box of middles and
a range of angles a bound is known from the values in their middle; those are halved whose bound is above the best square found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.network.noding import Flags, Floats

_QUARTER = np.pi / 2
BUDGET = 800_000
"""Pairs of a middle and an edge that are looked at: about a tenth of a second."""
_PAIRS_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class _Boxes:
    """Boxes of middles (`x`, `y`, half a box's side `half_m`) and ranges of `angle` (half a range `turn`); `bound`: no square of theirs is larger."""

    x: Floats
    y: Floats
    half_m: Floats
    angle: Floats
    turn: Floats
    bound: Floats

    def __getitem__(self, at: Flags) -> _Boxes:
        return _Boxes(self.x[at], self.y[at], self.half_m[at], self.angle[at], self.turn[at], self.bound[at])

    @classmethod
    def joined(cls, parts: list[_Boxes]) -> _Boxes:
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


def best_in_any(area: shapely.Polygon, edges: Floats, best_m: float, most_m: float, tolerance_m: float) -> tuple[float, float]:
    """A side that fits, at least `best_m`, and one that none exceeds: larger by `tolerance_m` at most, by more where the budget is spent first.
    `edges` (n, 4) of the outline; none is larger than `most_m`."""
    shapely.prepare(area)
    boxes, left = _first(area, most_m), BUDGET
    while len(boxes.x):
        left -= len(boxes.x) * len(edges)
        if left < 0:
            return best_m, float(boxes.bound.max())
        side = 2 * _half_sides(area, edges, boxes)
        best_m = max(best_m, float(side.max()))
        boxes = _halved(boxes, side, best_m + tolerance_m)
    return best_m, best_m + tolerance_m


def _first(area: shapely.Polygon, most_m: float) -> _Boxes:
    west, south, east, north = area.bounds
    half = max(min(east - west, north - south), max(east - west, north - south) / 200) / 2
    x, y = (np.arange(low + half, high + half, 2 * half) for low, high in ((west, east), (south, north)))
    x, y, angle = (v.ravel() for v in np.meshgrid(x, y, (np.arange(4) + 0.5) * _QUARTER / 4))
    return _Boxes(x, y, np.full(len(x), half), angle, np.full(len(x), _QUARTER / 8), np.full(len(x), most_m))


def _halved(boxes: _Boxes, side: Floats, least: float) -> _Boxes:
    """The halves of the boxes that may hold more than `least`: of their place, or of their turn where that tells more."""
    reach = 2 * boxes.half_m * (np.abs(np.cos(boxes.angle)) + np.abs(np.sin(boxes.angle)))
    gain = np.cos(boxes.turn) + np.sin(boxes.turn)
    bound = np.minimum(boxes.bound, gain * (side + reach))
    open_ = bound > least
    boxes, by_turn = _Boxes(boxes.x, boxes.y, boxes.half_m, boxes.angle, boxes.turn, bound)[open_], (gain * side - side > reach)[open_]
    turned, placed = boxes[by_turn], boxes[~by_turn]
    turn, half = turned.turn / 2, placed.half_m / 2
    made = [_Boxes(turned.x, turned.y, turned.half_m, turned.angle + sign * turn, turn, turned.bound) for sign in (-1, 1)]
    made += [
        _Boxes(placed.x + east * half, placed.y + north * half, half, placed.angle, placed.turn, placed.bound)
        for east in (-1, 1)
        for north in (-1, 1)
    ]
    return _Boxes.joined(made)


def _half_sides(area: shapely.Polygon, edges: Floats, boxes: _Boxes) -> Floats:
    """Half the side of the largest square about each middle; outside the area, how far the outline is, below zero."""
    found = np.empty(len(boxes.x))
    size = max(1, _PAIRS_AT_ONCE // len(edges))
    for first in range(0, len(found), size):
        some = slice(first, first + size)
        found[some] = _off(edges, boxes.x[some], boxes.y[some], boxes.angle[some])
    return np.where(shapely.contains_xy(area, boxes.x, boxes.y), found, -found)


def _off(edges: Floats, x: Floats, y: Floats, angle: Floats) -> Floats:
    """How far the outline is off: the least, over it, of the larger of the two distances along the square's sides.

    That larger one is half of |p| + |q| in axes along the square's diagonals, least on a straight edge at an end of it, or where p or q is zero."""
    cos, sin = np.cos(angle + _QUARTER / 2) * np.sqrt(2), np.sin(angle + _QUARTER / 2) * np.sqrt(2)
    px, py = cos[:, None], sin[:, None]
    p0 = px * (edges[:, 0] - x[:, None]) + py * (edges[:, 1] - y[:, None])
    q0 = px * (edges[:, 1] - y[:, None]) - py * (edges[:, 0] - x[:, None])
    run_x, run_y = edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1]
    dp, dq = px * run_x + py * run_y, px * run_y - py * run_x
    least = np.abs(p0) + np.abs(q0)
    with np.errstate(divide="ignore", invalid="ignore"):
        for share in (-p0 / dp, -q0 / dq):
            share = np.clip(np.nan_to_num(share), 0.0, 1.0)
            np.minimum(least, np.abs(p0 + share * dp) + np.abs(q0 + share * dq), out=least)
    return np.asarray(least.min(axis=1) / 2)
