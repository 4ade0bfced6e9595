"""Segments: the boundary of what stands in a corridor as straight pieces, and the exact distances between them.

Coordinates are metres from the first point of the segment's run, so that no digit is lost; a point is a segment without length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Segments:
    """One row a segment: `run`, `owner` (position in Obstacles, -1 = none), `start` and `end` (n, 2). Rows are in the order of drawing: two
    neighbours with one `chain` follow one another."""

    run: Ints
    owner: Ints
    chain: Ints
    start: Floats
    end: Floats

    def __len__(self) -> int:
        return len(self.run)

    def middle(self) -> Floats:
        return (self.start + self.end) / 2

    def take(self, rows: NDArray[np.int64] | Flags) -> Segments:
        return Segments(self.run[rows], self.owner[rows], self.chain[rows], self.start[rows], self.end[rows])


def joined(*parts: Segments) -> Segments:
    """All in one, with chains kept apart."""
    chains, offset = [], 0
    for part in parts:
        chains.append(part.chain + offset)
        offset += int(part.chain.max(initial=-1)) + 1
    return Segments(
        np.concatenate([p.run for p in parts]),
        np.concatenate([p.owner for p in parts]),
        np.concatenate(chains),
        np.concatenate([p.start for p in parts]),
        np.concatenate([p.end for p in parts]),
    )


def segments_of(shapes: Shapes, run: Ints, owner: Ints, origin: Floats) -> Segments:
    """The segments of points, lines and boundaries (any collection of them); `run` and `owner` a shape, `origin` a run."""
    parts, index = shapely.get_parts(shapes, return_index=True)
    nested = shapely.get_type_id(parts) > 3
    if nested.any():
        inner, into = shapely.get_parts(parts[nested], return_index=True)
        parts, index = np.concatenate([parts[~nested], inner]), np.concatenate([index[~nested], index[nested][into]])
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    coordinates = coordinates - origin[run[index[part]]]
    count = np.bincount(part, minlength=len(parts))
    lone = count[part] == 1
    follows = np.flatnonzero(part[1:] == part[:-1]) if len(part) else np.zeros(0, dtype=np.int64)
    first = np.sort(np.concatenate([follows, np.flatnonzero(lone)]))
    last = np.where(lone[first], first, np.minimum(first + 1, max(len(part) - 1, 0)))
    chain = part[first]
    return Segments(run[index[chain]], owner[index[chain]], chain, coordinates[first], coordinates[last])


def nearest(a: Segments, b: Segments) -> tuple[Floats, Floats, Floats]:
    """Row by row: the shortest distance, and the points of `a` and of `b` where it is."""
    da, db = a.end - a.start, b.end - b.start
    candidates = [
        (a.start, _foot(a.start, b.start, db)),
        (a.end, _foot(a.end, b.start, db)),
        (_foot(b.start, a.start, da), b.start),
        (_foot(b.end, a.start, da), b.end),
    ]
    found, on_a, on_b = np.full(len(a), np.inf), np.empty((len(a), 2)), np.empty((len(a), 2))
    for pa, pb in candidates:
        gap = pb - pa
        squared = gap[:, 0] ** 2 + gap[:, 1] ** 2
        nearer = squared < found
        found[nearer], on_a[nearer], on_b[nearer] = squared[nearer], pa[nearer], pb[nearer]
    crossing, at = _crossings(a.start, da, b.start, db)
    found[crossing], on_a[crossing], on_b[crossing] = 0, at[crossing], at[crossing]
    return np.sqrt(found), on_a, on_b


def middle_of_gap(a: Segments, b: Segments, within_m: float = 1e-6) -> tuple[Floats, Floats]:
    """Row by row: the middle of the shortest connector, of all the shortest ones where the two run side by side; and how far they do."""
    da, db = a.end - a.start, b.end - b.start
    feet = np.stack([_foot(a.start, b.start, db), _foot(a.end, b.start, db), b.start, b.end])
    points = np.stack([a.start, a.end, _foot(b.start, a.start, da), _foot(b.end, a.start, da)])
    gaps = np.linalg.norm(feet - points, axis=2)
    middles = (feet + points) / 2
    shortest, on_a, on_b = nearest(a, b)
    tied = (gaps <= shortest + within_m) & (shortest > 0)
    low = np.where(tied[:, :, None], middles, np.inf).min(axis=0)
    high = np.where(tied[:, :, None], middles, -np.inf).max(axis=0)
    spread = np.where(tied.any(axis=0), np.linalg.norm(np.where(tied.any(axis=0)[:, None], high - low, 0), axis=1), 0)
    ends = np.where(tied[:, :, None], middles, 0).sum(axis=0) / np.maximum(tied.sum(axis=0), 1)[:, None]
    return np.where((spread > within_m)[:, None], _halfway(middles, tied, ends), (on_a + on_b) / 2), spread


def _halfway(middles: Floats, tied: Flags, mean: Floats) -> Floats:
    """Between the two outermost of the tied points, which are on one line: their mean would lean to where several coincide."""
    away = np.where(tied, np.linalg.norm(middles - mean, axis=2), -1)
    one = middles[away.argmax(axis=0), np.arange(middles.shape[1])]
    away = np.where(tied, np.linalg.norm(middles - one, axis=2), -1)
    halfway: Floats = (one + middles[away.argmax(axis=0), np.arange(middles.shape[1])]) / 2
    return halfway


def _foot(points: Floats, start: Floats, step: Floats) -> Floats:
    """The point of each segment that is nearest to each point."""
    squared = step[:, 0] ** 2 + step[:, 1] ** 2
    along = (points[:, 0] - start[:, 0]) * step[:, 0] + (points[:, 1] - start[:, 1]) * step[:, 1]
    share = np.clip(along / np.where(squared > 0, squared, 1), 0, 1)
    return np.where((share == 1)[:, None], start + step, start + share[:, None] * step)


def _crossings(a: Floats, da: Floats, b: Floats, db: Floats) -> tuple[Flags, Floats]:
    """Which pairs cross inside both, and where."""
    across = da[:, 0] * db[:, 1] - da[:, 1] * db[:, 0]
    gap = b - a
    safe = np.where(across != 0, across, 1)
    t = (gap[:, 0] * db[:, 1] - gap[:, 1] * db[:, 0]) / safe
    u = (gap[:, 0] * da[:, 1] - gap[:, 1] * da[:, 0]) / safe
    crossing = (across != 0) & (t > 0) & (t < 1) & (u > 0) & (u < 1)
    return crossing, a + t[:, None] * da
