"""How much work the search for new pipes may take, and index queries that keep to it and to a size of memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]

_PAIRS = 1_000_000
"""A query asks for so few shapes at a time that it cannot find more pairs than this."""
_ROWS = 50_000
"""Lines between pairs are drawn for this many at a time."""
_A_PAIR = 100
"""What a pair costs beside its vertices, in comparisons of two vertices."""


class TooMuch(Exception):
    """The budget is spent: what is drawn lies so densely that the shortest pipes are not to be had in reasonable time."""


class Budget:
    """Comparisons of two vertices that are left to spend."""

    def __init__(self, work: float) -> None:
        self.left = work

    def spend(self, work: float) -> None:
        self.left -= work
        if self.left < 0:
            raise TooMuch

    def pairs(self, tree: shapely.STRtree, shapes: Shapes, **how: Any) -> tuple[Ints, Ints]:
        """`tree.query(shapes, **how)`: positions in `shapes` and in the tree, paid for by the vertices of both."""
        there, here = shapely.get_num_coordinates(tree.geometries), shapely.get_num_coordinates(shapes)
        found = [np.empty((2, 0), dtype=np.int64)]
        for rows in slices(len(shapes), max(1, _PAIRS // max(len(there), 1))):
            at, other = tree.query(shapes[rows], **how)
            self.spend(float((_A_PAIR + here[rows][at].astype(float) * there[other]).sum()))
            found.append(np.stack([at + rows.start, other]))
        at, other = np.concatenate(found, axis=1)
        return at, other


def slices(count: int, size: int = _ROWS) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def helpings(tree: shapely.STRtree, shapes: Shapes, reach_m: NDArray[np.float64]) -> list[slice]:
    """Slices of `shapes`, one at least, of which each has few enough pairs within `reach_m` to be looked at together."""
    few = max(1, _PAIRS // max(len(tree.geometries), 1))
    if len(shapes) <= few:
        return [slice(0, len(shapes))]
    counts = np.zeros(len(shapes), dtype=np.int64)
    for rows in slices(len(shapes), few):
        at, _ = tree.query(shapes[rows], predicate="dwithin", distance=reach_m[rows])
        counts[rows] = np.bincount(at, minlength=rows.stop - rows.start)
    group = np.cumsum(counts) // _PAIRS
    starts = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(shapes)]
    return [slice(a, b) for a, b in pairwise(starts)]
