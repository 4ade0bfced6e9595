"""Runs: the plain, open polylines that lanes are measured along; a branched lane has several, a ring is two halves.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.ops import substring

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SAME_M = 0.005
"""Vertices nearer than this are one: a shorter segment says nothing about a lane's direction."""
_MANY, _PLAIN_M = 500, 0.01
"""A run of more vertices is drawn plainer, within a centimetre: it decides only the corridor and the two gates."""


@dataclass(frozen=True, slots=True)
class Runs:
    """`line`: which of the caller's lines each run belongs to; `shapes`: LineStrings without repeated vertices."""

    line: Ints
    shapes: Shapes

    def chosen(self, rows: Ints) -> Runs:
        return Runs(self.line[rows], self.shapes[rows])


def runs_of(lines: Shapes) -> Runs:
    """Lines alone make runs: areas, points, broken and empty shapes make none."""
    usable = shapely.is_geometry(lines) & np.isin(shapely.get_type_id(lines), (1, 2, 5)) & np.isfinite(shapely.bounds(lines)).all(axis=1)
    usable &= ~_has_nan(lines)
    owner = np.flatnonzero(usable)
    flat = shapely.force_2d(lines[owner])
    merged = shapely.line_merge(flat)
    merged = np.where(shapely.get_type_id(flat) == 5, merged, flat)
    parts, index = shapely.get_parts(merged, return_index=True)
    owner = owner[index]
    parts = shapely.remove_repeated_points(parts, _SAME_M)
    many = shapely.get_num_coordinates(parts) > _MANY
    parts[many] = shapely.remove_repeated_points(shapely.simplify(parts[many], _PLAIN_M, preserve_topology=False), _SAME_M)
    long = shapely.length(parts) > _SAME_M
    return _open(owner[long], parts[long])


def end_directions(shapes: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The two end points of each LineString and the unit vectors that lead from them into it; both of shape (n, 2 ends, 2)."""
    ends = [shapely.get_coordinates(shapely.get_point(shapes, i)) for i in (0, 1, -1, -2)]
    points = np.stack([ends[0], ends[2]], axis=1)
    inward = np.stack([ends[1] - ends[0], ends[3] - ends[2]], axis=1)
    return points, inward / np.linalg.norm(inward, axis=2, keepdims=True)


def lengthened(shapes: Shapes, by_m: Floats) -> Shapes:
    """Each LineString made longer at its ends by `by_m` (n, 2), straight on; a negative length cuts the end off. What would vanish is left as it is."""
    found = shapes.copy()
    cut = (by_m < 0).any(axis=1)
    for i in np.flatnonzero(cut):
        start, end = np.maximum(-by_m[i], 0)
        length = shapes[i].length
        if start + end < length - _SAME_M:
            found[i] = piece(shapes[i], start, length - end)
    points, inward = end_directions(found)
    moved = points - inward * np.maximum(by_m, 0)[:, :, None]
    coordinates, index = shapely.get_coordinates(found, return_index=True)
    first = np.searchsorted(index, np.arange(len(found)))
    last = np.searchsorted(index, np.arange(len(found)), side="right") - 1
    coordinates[first], coordinates[last] = moved[:, 0], moved[:, 1]
    return np.asarray(shapely.linestrings(coordinates, indices=index), dtype=object).reshape(len(found))


def piece(shape: LineString, start_m: float, end_m: float) -> LineString:
    """The line from one place along it to another. A cut beside a vertex leaves no segment too short to have a direction."""
    return cast(LineString, shapely.remove_repeated_points(substring(shape, start_m, end_m), _SAME_M))


def _has_nan(lines: Shapes) -> NDArray[np.bool_]:
    coordinates, index = shapely.get_coordinates(lines, return_index=True)
    found = np.zeros(len(lines), dtype=bool)
    found[index[~np.isfinite(coordinates).all(axis=1)]] = True
    return found


def _open(owner: Ints, parts: Shapes) -> Runs:
    """Rings cut into two halves of one length: a disc must pass through both."""
    ring = shapely.is_closed(parts)
    if not ring.any():
        return Runs(owner, parts)
    halves = [piece(part, *ends) for part in parts[ring] for ends in ((0, part.length / 2), (part.length / 2, part.length))]
    shapes = np.empty(int((~ring).sum()) + len(halves), dtype=object)
    shapes[:] = [*parts[~ring], *halves]
    return Runs(np.concatenate([owner[~ring], np.repeat(owner[ring], 2)]), shapes)
