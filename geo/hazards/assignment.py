"""Which compound a hazard belongs to: the one it names, else the outline it lies in, else its building's, else the nearest one that is near enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.hazards.workdays import Flags, Floats, Ints

Shapes = NDArray[np.object_]
Codes = NDArray[np.int8]

HOW = ("code", "outline", "building", "snapped")
BY_CODE, BY_OUTLINE, BY_BUILDING, SNAPPED = range(4)
"""`Assigned.how`, -1 = not assigned."""

ROUNDING_M = 0.01
"""What seven decimals of a degree leave open: a limit is met to the centimetre."""


@dataclass(frozen=True, slots=True, eq=False)
class Assigned:
    """One value a hazard. `compound`: its row, -1 = none. `astray`: it names a code that no compound bears. `several`: it lies in, or is as near to,
    more than one, and goes to the smallest. `distance_m`: to the nearest outline where neither a code nor an outline told; NaN = not looked for."""

    compound: Ints
    how: Codes
    astray: Flags
    several: Flags
    distance_m: Floats
    placed: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Compounds:
    """`codes` and `shapes` (metric CRS, None = unplaced) of the compounds, and an index over the shapes."""

    codes: NDArray[np.object_]
    shapes: Shapes
    tree: shapely.STRtree


def rows_called(codes: NDArray[np.object_], wanted: NDArray[np.object_]) -> Ints:
    """The first row that bears each wanted code, -1 = none."""
    index = pd.Index(codes, dtype=object)
    first = np.flatnonzero(~np.asarray(index.duplicated() | index.isna(), dtype=bool))
    return np.append(first, -1)[index[first].get_indexer(pd.Index(wanted, dtype=object))] if len(first) else np.full(len(wanted), -1)


def assign(codes: NDArray[np.object_], points: Shapes, by_building: Ints, compounds: Compounds, *, within_m: float) -> Assigned:
    """`codes`: the compound code that each hazard names (None = none); `by_building`: the row of the compound of the building it names, -1 = none."""
    found = rows_called(compounds.codes, codes)
    how = np.where(found >= 0, BY_CODE, -1).astype(np.int8)
    astray = (found < 0) & ~pd.isna(codes)
    placed = ~shapely.is_missing(points) & ~shapely.is_empty(points)
    several, distance = np.zeros(len(codes), dtype=bool), np.full(len(codes), np.nan)
    area = shapely.area(compounds.shapes)
    rows = np.flatnonzero((found < 0) & placed)
    at, outline = compounds.tree.query(points[rows], predicate="intersects")
    _settle(rows[at], outline, area, found, several)
    how[(how < 0) & (found >= 0)] = BY_OUTLINE
    distance[how == BY_OUTLINE] = 0.0
    mine = (found < 0) & (by_building >= 0)
    found[mine], how[mine] = by_building[mine], BY_BUILDING
    rows = np.flatnonzero((found < 0) & placed)
    (at, nearest), apart = compounds.tree.query_nearest(points[rows], return_distance=True)
    distance[rows[at]] = apart
    near = apart <= within_m + ROUNDING_M
    if near.any():
        at, nearest = _as_near(compounds.tree, points[rows], at[near], apart[near])
    else:
        at, nearest = at[near], nearest[near]
    _settle(rows[at], nearest, area, found, several)
    how[(how < 0) & (found >= 0)] = SNAPPED
    return Assigned(found, how, astray, several, distance, placed)


def _as_near(tree: shapely.STRtree, points: Shapes, at: Ints, apart: Floats) -> tuple[Ints, Ints]:
    """Pairs of a point and every outline that is as near to it as the nearest, to the centimetre."""
    reach = np.zeros(len(points))
    reach[at] = apart
    some = np.unique(at)
    near, outline = tree.query(points[some], predicate="dwithin", distance=reach[some] + ROUNDING_M)
    return some[near], outline


def _settle(rows: Ints, outline: Ints, area: Floats, found: Ints, several: Flags) -> None:
    """Give each row the smallest of its outlines, the first of equals."""
    order = np.lexsort((-outline, -area[outline], rows))
    found[rows[order]] = outline[order]
    several |= np.bincount(rows, minlength=len(found)) > 1
