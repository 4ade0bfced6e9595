"""What of a set is drawn in a tile: whole shapes; what is smaller than a few pixels as a point; points of one small square as one with their count.

Nothing is dropped. A feature drawn as a point stands in the one tile that holds its middle and is counted there once; neighbours hold it in
their buffers, where its place lies outside 0 … EXTENT. A count has the most frequent class of its members, or their middle number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.tiles.grid import BUFFER, EXTENT, PIXELS, Tile
from geo.tiles.sets import POINT, Column, TileSet

SHRINK_PX = 4.0
"""An area or a line that is neither wider nor higher is drawn as a point."""

CELLS, POINT_CELLS = 64, 32
"""Squares along a tile whose points are counted together: of shrunk shapes (8 pixels) and of points (16, about what a symbol covers)."""

NEAR = 14
"""From this zoom of a tile (15 on the map) points are drawn one by one, however close."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Points that stand for several features: units (k, 2), how many, and the code of each column that is told."""

    at: NDArray[np.int64]
    count: NDArray[np.int64]
    codes: tuple[NDArray[np.int64], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """Rows drawn with their shapes, rows drawn as points and where (units), and the counts."""

    shapes: NDArray[np.int64]
    points: NDArray[np.int64]
    at: NDArray[np.int64]
    cells: Cells


def content(of: TileSet, tile: Tile) -> Content:
    rows = of.meeting(tile.box)
    point = of.kind[rows] == POINT
    small = point | (of.size[rows] * (PIXELS << tile.z) < SHRINK_PX)
    dots, flat = rows[small], point[small]
    at = np.floor(tile.units(of.centre(dots))).astype(np.int64)
    inside = ((at >= -BUFFER) & (at < EXTENT + BUFFER)).all(axis=1)
    dots, flat, at = dots[inside], flat[inside], at[inside]
    group = _groups(at, flat, merge_points=tile.z < NEAR)
    alone = np.bincount(group)[group] == 1 if len(group) else np.zeros(0, dtype=bool)
    cells = _cells(of.columns, dots[~alone], at[~alone], group[~alone])
    return Content(rows[~small], dots[alone], at[alone], cells)


def _groups(at: NDArray[np.int64], flat: NDArray[np.bool_], *, merge_points: bool) -> NDArray[np.int64]:
    """A number for each point, the same for those that are drawn as one. Shrunk shapes and points are never mixed."""
    side = np.where(flat, EXTENT // POINT_CELLS, EXTENT // CELLS)
    cell = (at + BUFFER) // side[:, None]
    key = (cell[:, 0] << 20 | cell[:, 1]) << 1 | flat
    if not merge_points:
        key = np.where(flat, -1 - np.arange(len(key)), key)
    return np.asarray(np.unique(key, return_inverse=True)[1], dtype=np.int64)


def _cells(columns: tuple[Column, ...], rows: NDArray[np.int64], at: NDArray[np.int64], group: NDArray[np.int64]) -> Cells:
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    count = np.diff(starts, append=len(order))
    if not len(starts):
        return Cells(at[:0], count, tuple(count for _ in columns))
    middle = np.add.reduceat(at[order], starts, axis=0) // count[:, None]
    number = np.repeat(np.arange(len(starts)), count)
    codes = tuple(_told(c, c.codes[rows[order]], number, starts, count) for c in columns)
    return Cells(middle, count, codes)


def _told(
    column: Column, codes: NDArray[np.int64], number: NDArray[np.int64], starts: NDArray[np.int64], count: NDArray[np.int64]
) -> NDArray[np.int64]:
    """One code a group: the middle one of numbers, the most frequent one of classes, -1 where most are not known or names differ."""
    if not column.told_by_counts:
        return np.full(len(starts), -1, dtype=np.int64)
    codes = codes[np.lexsort([codes, number])]
    if not column.ordered:
        return _most_frequent(codes, number)
    unknown = np.add.reduceat((codes < 0).astype(np.int64), starts)
    known = count - unknown
    middle = starts + unknown + np.maximum(known - 1, 0) // 2
    return np.where(unknown > known, -1, codes[np.minimum(middle, len(codes) - 1)])


def _most_frequent(codes: NDArray[np.int64], number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of codes sorted within their groups; the lowest of several that are as frequent."""
    first = np.flatnonzero((np.diff(number, prepend=-1) != 0) | (np.diff(codes, prepend=-2) != 0))
    length = np.diff(first, append=len(codes))
    best = np.lexsort([codes[first], -length, number[first]])
    groups = number[first][best]
    return codes[first][best][np.flatnonzero(np.diff(groups, prepend=-1))]
