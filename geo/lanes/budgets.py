"""Budgets: how much is looked at for one lane's width. Beyond them the answer is that too much is drawn here: a file can never use up the memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

AT_ONCE = 500
"""Runs measured together at most,"""
VERTICES_AT_ONCE = 150_000
"""and vertices of what stands about them."""
BOXES_AT_ONCE = 1_000_000
"""Pairs of boxes made at a time at most (16 MB), before any of them is looked at."""
PAIRS_AT_ONCE = 100_000
"""Pairs whose distance is computed at a time (about 300 B each)."""
MOST_BOXES = 30_000_000
"""Pairs of boxes that are near, those of one shape included, of runs measured together."""
MOST_PAIRS = 4_000_000
"""Pairs whose distance is computed, of runs measured together."""
MOST_GAPS = 800_000
"""Gaps kept, of runs measured together (about 150 B each while the narrowest chain is looked for)."""
MOST_STEPS = 30_000_000
"""Gaps times the pieces of the centreline that each is tried against."""
STEPS_AT_ONCE = 500_000
SPARE, A_RUN = 8_000_000, 6_000
"""All the work of one question, in pairs (about 1 us each): some for each run, and some once for those that are crowded."""
A_SEGMENT, A_VERTEX = 10, 15
"""What each segment about a crowded run costs in every reach, and each vertex before."""
CROWDED = 600
"""A run with more segments about it is measured in small reaches first, after what others cover is left out."""


class TooMuch(Exception):
    """The runs measured together need more than the budget; one alone cannot be measured."""


@dataclass(slots=True)
class Work:
    """What one question has left, in pairs."""

    left: int

    def spend(self, pairs: int) -> None:
        self.left -= pairs
        if self.left < 0:
            raise TooMuch


def slices(cost: Ints, most: int) -> list[slice]:
    """Rows in turn whose costs add up to `most` or less; a row that costs more alone is one of its own."""
    total = np.cumsum(cost, dtype=np.int64)
    found, start = [], 0
    while start < len(cost):
        before = total[start - 1] if start else 0
        end = max(int(np.searchsorted(total, before + most, side="right")), start + 1)
        found.append(slice(start, end))
        start = end
    return found


def vertices_about(runs: Shapes, tree: shapely.STRtree, vertices: Ints, half_m: float) -> Ints:
    """Vertices of each run and of the parts (`vertices` of each, in the `tree`) whose box its own box comes near."""
    bounds = shapely.bounds(runs)
    boxes = shapely.box(bounds[:, 0] - half_m, bounds[:, 1] - half_m, bounds[:, 2] + half_m, bounds[:, 3] + half_m)
    weight = shapely.get_num_coordinates(runs).astype(np.int64)
    for rows in slices(np.full(len(runs), max(len(vertices), 1)), BOXES_AT_ONCE):
        run, part = tree.query(boxes[rows])
        np.add.at(weight, run + rows.start, vertices[part])
    return weight


def batches(weight: Ints) -> list[Ints]:
    """The runs in the order of how much stands about them, in batches; those with the least first, so that the crowded spend what is left."""
    order = np.argsort(np.maximum(weight - VERTICES_AT_ONCE // AT_ONCE, 0), kind="stable")
    found = slices(np.maximum(weight[order], -(-VERTICES_AT_ONCE // AT_ONCE)), VERTICES_AT_ONCE)
    return [order[rows] for rows in found]
