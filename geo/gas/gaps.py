"""The line that shows how near a pipe comes to a building or shed. Metric CRS (metres)."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.gas.attach import usable

Shapes = NDArray[np.object_]


def gaps(pipes: Shapes, bodies: Shapes) -> Shapes:
    """For each pair the shortest line from the pipe's axis to the outline, or the longest stretch of pipe under it; None where it is but a point."""
    out = np.full(len(pipes), None, dtype=object)
    some = np.flatnonzero(usable(pipes) & usable(bodies))
    lines = shapely.shortest_line(pipes[some], bodies[some])
    under = np.flatnonzero((shapely.length(lines) == 0) & (shapely.get_dimensions(bodies[some]) == 2) & shapely.is_valid(bodies[some]))
    for i in under:
        parts = shapely.get_parts(shapely.intersection(pipes[some[i]], bodies[some[i]]))
        stretches = parts[shapely.get_dimensions(parts) == 1]
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(stretches)))
        lines[i] = merged[np.argmax(shapely.length(merged))] if len(merged) else None
    drawn = shapely.length(lines) > 0
    out[some[drawn]] = lines[drawn]
    return out
