r"""Bends of lanes: the largest radius at which an engine's inner wheel can take each one within the lane's clear width.

An engine that turns at a steady lock covers the ground between two circles with one centre: the inner one with radius r, the outer one r + b,
where b is the clear width it needs. The lane turns by the angle t (0 = straight on); its sides are straight legs w apart, and the inner side
rounds the corner with radius a (0 = a sharp corner). The outer circle touches both outer legs, so its centre lies (r + b) from them on the
corner's bisector; the centre of the lane's own curve lies (a + w) from them on the same bisector; the two centres are
(r + b - a - w) / cos(t/2) apart. The inner circle must clear the inner side's curve: that distance and a are at most r. Solved for r:

    r = a + (w - b) / (1 - cos(t/2))

(for a right angle, a = 0, w = 6, b = 3: 10.24 m). This is elementary geometry, derived here and cited from nowhere; what radius an engine needs
is in the profile with its source. A curve is digitised as many small turns: every run of vertices that turn the same way, up to half a turn in
all, is taken as one bend whose centreline has the radius (length of the pieces between its vertices) / (sum of tan(half the turn) at both ends of
each piece), exact for a line drawn about an arc; of four and more vertices the first and last piece, where a line drawn on an arc turns by half
only, are left out. a is that radius less w/2, and the tightest of all runs counts.

Limits: w is the lane's least clear width, wherever that is, so a bend in a wider part is judged too strictly; legs are taken as long enough;
two bends against each other (a chicane) are two bends.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_TURN = np.radians(20.0)
"""A run of vertices that turns by less is straight: at a radius of 9 m it takes less than 0.14 m beyond the width of the engine's track."""

_MOST_VERTICES = 48


def bend_radii_m(lines: Shapes, clear_m: Floats, *, need_m: float) -> Floats:
    """The inner radius in metres that the tightest bend of each lane leaves an engine which needs a clear width of `need_m`.

    `lines` in a metric CRS, `clear_m` their clear widths. Infinite where no bend is; 0 where the engine does not fit at all; NaN where there is
    no line, or a bend and no width.
    """
    radii = np.where(np.isin(shapely.get_type_id(lines), (1, 5)), np.inf, np.nan)
    turn, length, part, lane = _turns(lines)
    for size in range(1, _MOST_VERTICES + 1):
        first = _runs(turn, part, size)
        if not len(first):
            break
        total = np.abs(_sums(turn, size)[first])
        first, total = first[total >= LEAST_TURN], total[total >= LEAST_TURN]
        inside = _centre_radius(turn, length, first, size)
        with np.errstate(invalid="ignore"):
            np.minimum.at(radii, lane[first], _radius(total, inside, clear_m[lane[first]], need_m))
    return radii


def _turns(lines: Shapes) -> tuple[Floats, Floats, Ints, Ints]:
    """Of every inner vertex: the turn there (radians, left is positive), the length of the piece after it, which part it is on, of which line."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    step = np.diff(xy, axis=0)
    moved = (np.diff(part) == 0) & (np.hypot(*step.T) > 0)
    step, of = step[moved], part[:-1][moved]
    heading, length = np.arctan2(step[:, 1], step[:, 0]), np.hypot(*step.T)
    joint = np.flatnonzero(np.diff(of) == 0)
    turn = (heading[joint + 1] - heading[joint] + np.pi) % (2 * np.pi) - np.pi
    return turn, length[joint + 1], of[joint], owner[of[joint]]


def _sums(values: Floats, size: int) -> Floats:
    """Sums of `size` values from each position on."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(total[size:] - total[:-size])


def _runs(turn: Floats, part: Ints, size: int) -> Ints:
    """First positions of the runs of `size` vertices of one part that all turn the same way, by up to half a turn in all."""
    count = len(turn) - size + 1
    if count <= 0:
        return np.empty(0, dtype=np.int64)
    same = np.abs(_sums(np.sign(turn), size)) == size
    same &= part[:count] == part[size - 1 :]
    return np.flatnonzero(same & (np.abs(_sums(turn, size)) <= np.pi + 1e-9))


def _centre_radius(turn: Floats, length: Floats, first: Ints, size: int) -> Floats:
    """Radius of the centreline's arc through each run of `size` vertices; 0 = one sharp corner."""
    if size == 1:
        return np.zeros(len(first))
    ends = 1 if size >= 4 else 0
    pieces, at = size - 1 - 2 * ends, first + ends
    tangent = np.tan(np.minimum(np.abs(turn), np.pi - 1e-6) / 2)
    tangents = _sums(tangent[:-1] + tangent[1:], pieces)[at]
    return np.asarray(_sums(length[:-1], pieces)[at] / tangents)


def _radius(turn: Floats, centre_m: Floats, clear_m: Floats, need_m: float) -> Floats:
    side = np.maximum(centre_m - clear_m / 2, 0.0)
    spare = clear_m - need_m
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(spare < 0, 0.0, side + spare / (1 - np.cos(turn / 2))))
