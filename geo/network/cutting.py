"""Lines cut at stations, whole columns at once."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def pieces_of(lines: Shapes, line: Ints, station_m: Floats) -> Shapes:
    """The pieces of all `lines` (LineStrings) in their order: those of the first line from its start to its end, then the next.

    Cut `i` cuts `lines[line[i]]` at `station_m[i]` metres along it; cuts are sorted by line and station, and the stations of one line differ.
    """
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    along = stations(xy, owner)
    cut = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], station_m))
    owners = np.concatenate([owner, line, line])
    alongs = np.concatenate([along, station_m, station_m])
    kinds = np.concatenate([np.zeros(len(owner)), np.ones(len(line)), np.full(len(line), 2)])
    order = np.lexsort((kinds, alongs, owners))
    piece = owners[order] + np.cumsum(kinds[order] == 2)
    return np.asarray(shapely.linestrings(np.concatenate([xy, cut, cut])[order], indices=piece), dtype=object)


def stations(xy: Floats, owner: Ints) -> Floats:
    """How far along its line each vertex lies; `owner` is the line's position, ascending."""
    if not len(owner):
        return np.zeros(0)
    step = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    step[first] = 0.0
    total = np.cumsum(step)
    counts = np.diff(np.append(first, len(owner)))
    return np.asarray(total - np.repeat(total[first], counts))
