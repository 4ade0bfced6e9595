"""Ways that meet themselves or others too often to be read: they are left out before the rest is noded. Metric CRS (metres).

Segments are paired by their boxes. Drawings of real streets have a few pairs a segment; a scribble has as many as the square of its segments, which
no memory holds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.network.noding import Flags, Ints, Parts, near_pairs

WAY_PAIRS, WAY_PAIRS_EACH = 50_000, 32
"""A way is read that has no more pairs of its own segments than the first, or than the second for each segment."""

ALL_PAIRS = 4_000_000
"""Of all ways together; those with the most are left out until the others have no more."""

_FEW = 2_000
"""So many segments have no more pairs than may be, whatever they are."""


def readable(parts: Parts) -> tuple[Parts, Ints]:
    """The parts of ways that can be noded, and the ways of the others."""
    tangled = np.array([way for way in _long(parts) if _tangled(parts, int(way))], dtype=np.int64)
    kept = _without(parts, tangled)
    crowded = _crowded(kept)
    return _without(kept, crowded), np.sort(np.concatenate([tangled, crowded]))


def _long(parts: Parts) -> Ints:
    """Ways with enough segments to have too many pairs."""
    ways, count = np.unique(parts.way[parts.part[parts.segments]], return_counts=True)
    return ways[count * (count - 1) // 2 > np.maximum(WAY_PAIRS, WAY_PAIRS_EACH * count)]


def _tangled(parts: Parts, way: int) -> bool:
    seg = parts.segments
    seg = seg[parts.way[parts.part[seg]] == way]
    left = max(WAY_PAIRS, WAY_PAIRS_EACH * len(seg))
    for i, _ in near_pairs(parts.xy[seg], parts.xy[seg + 1]):
        left -= len(i)
        if left < 0:
            return True
    return False


def _crowded(parts: Parts) -> Ints:
    """The ways with the most pairs, without which the others have no more than ALL_PAIRS."""
    seg = parts.segments
    nothing = np.empty(0, dtype=np.int64)
    if len(seg) <= _FEW:
        return nothing
    way = parts.way[parts.part[seg]]
    count, total = np.zeros(int(way.max()) + 1, dtype=np.int64), 0
    for i, j in near_pairs(parts.xy[seg], parts.xy[seg + 1]):
        total += len(i)
        count += np.bincount(way[i], minlength=len(count)) + np.bincount(way[j], minlength=len(count))
    if total <= ALL_PAIRS:
        return nothing
    order = np.argsort(-count, kind="stable")
    rest = (count.sum() - np.cumsum(count[order])) / 2  # at most: a pair of two that are left out was counted with both
    return order[: int(np.argmax(rest <= ALL_PAIRS)) + 1]


def _without(parts: Parts, ways: Ints) -> Parts:
    kept: Flags = ~np.isin(parts.way, ways)
    if kept.all():
        return parts
    place = np.cumsum(kept) - 1
    mine = kept[parts.part]
    return replace(parts, xy=parts.xy[mine], part=place[parts.part[mine]], way=parts.way[kept], connector=parts.connector[kept])
