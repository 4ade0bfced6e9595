"""Service pipes that end at a building in order to enter it (引入管): that end is not held against the distance to it. Metric CRS (metres).

A pipe enters where one of its ends lies at or inside the outline, as far as the accuracy of the two can tell, and goes straight in: the stretch
of it that lies within `range_m` of the outline is not longer than twice that (a pipe that comes in at 30° to the wall) and the accuracy.
A pipe that runs along the wall, or under the building, and then ends there is held against it as any other.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

KINDS = ("stub", "courtyard")
"""Kinds of pipes that lead to what they serve; a main does not, nor one of which the kind is not on record."""

_FINE = 1e-6


def serving(kind: NDArray[np.object_]) -> Flags:
    """Which pipes are of KINDS."""
    return np.fromiter((k in KINDS for k in kind), dtype=bool, count=len(kind))


def entering(lines: Shapes, outlines: Shapes, accuracy_m: Floats, range_m: Floats) -> Flags:
    """Pair by pair; no pipe enters where `range_m` is 0, or what is drawn as a point or line."""
    found = np.zeros(len(lines), dtype=bool)
    rows = np.flatnonzero((range_m > 0) & (shapely.get_dimensions(outlines) == 2))
    rows = rows[_ends_at(lines[rows], outlines[rows], accuracy_m[rows])]
    around = shapely.buffer(outlines[rows], range_m[rows])
    beside = shapely.length(shapely.intersection(lines[rows], around))
    found[rows] = beside <= 2 * range_m[rows] + accuracy_m[rows] + _FINE
    return found


def _ends_at(lines: Shapes, outlines: Shapes, accuracy_m: Floats) -> Flags:
    """Whether an end of the line, or of one of its parts, is as near to the outline as the accuracy can tell."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    ends = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    owners = np.concatenate([owner, owner])
    near = shapely.distance(ends, outlines[owners]) <= accuracy_m[owners] + _FINE
    return np.bincount(owners[near], minlength=len(lines)) > 0
