"""Covered: obstacles that lie within others, which no disc can touch; in a crowd they are left out.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.lanes.budgets import CROWDED
from geo.lanes.standing import Standing

Shapes = NDArray[np.object_]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

_TOGETHER = 16
_MOST_VERTICES = 400
_MOST_UNION = 2_000
"""The union that others are held against never has many more vertices: it need not be the whole one."""


def uncovered(standing: Standing, runs: int) -> Standing:
    """What stands about runs that are not crowded as it is; about those that are, less what the areas there cover."""
    vertices = np.bincount(standing.run, weights=shapely.get_num_coordinates(standing.shapes), minlength=runs)
    kept = np.ones(len(standing.run), dtype=bool)
    for run in np.flatnonzero(vertices > CROWDED):
        rows = np.flatnonzero(standing.run == run)
        kept[rows] = _outermost(standing.shapes[rows])
    return standing if kept.all() else Standing(standing.run[kept], standing.part[kept], standing.shapes[kept])


def _outermost(shapes: Shapes) -> Flags:
    """Those that larger ones before them do not cover."""
    kept = np.ones(len(shapes), dtype=bool)
    area = shapely.area(shapes)
    usable = np.isin(shapely.get_type_id(shapes), (3, 6)) & (area > 0) & shapely.is_valid(shapes)
    small = np.flatnonzero(usable & (shapely.get_num_coordinates(shapes) <= _MOST_VERTICES))
    large = small[np.argsort(-area[small], kind="stable")]
    left, union = np.arange(len(shapes)), cast(BaseGeometry, shapely.Polygon())
    while len(large) and shapely.get_num_coordinates(union) <= _MOST_UNION:
        some = large[: max(int(np.searchsorted(np.cumsum(shapely.get_num_coordinates(shapes[large[:_TOGETHER]])), _MOST_VERTICES)), 1)]
        union = shapely.union_all([union, *shapes[some]])
        shapely.prepare(union)
        left = np.setdiff1d(left, some, assume_unique=True)
        inside = left[shapely.covers(union, shapes[left])]
        kept[inside] = False
        left = np.setdiff1d(left, inside, assume_unique=True)
        large = large[np.isin(large, left)]
    return kept
