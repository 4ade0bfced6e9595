"""Ways cut where they cross or touch, every piece once, each still knowing of which ways it is a piece. Metric CRS (metres).

Points closer than TOUCH_M are one point: no drawing is truer than a centimetre. Any crossing of two ways is a junction, a bridge too:
the layers do not say which way runs above the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

TOUCH_M = 0.01
"""Nearer than this is touching."""

_AT_ONCE, _PAIRS_AT_ONCE = 256, 500_000
"""Segments whose neighbours are looked for first, and pairs of neighbours to have at a time."""

_LINE, _RING, _AREA = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Parts:
    """Lines as columns: vertices `xy` (n, 2) with the `part` of each (ascending, without gaps); of each part its `way` and whether it is a
    `connector` (made here, in no drawing)."""

    xy: Floats
    part: Ints
    way: Ints
    connector: Flags

    @property
    def first(self) -> Ints:
        """The vertex at which each part starts."""
        return np.searchsorted(self.part, np.arange(len(self.way)))

    @property
    def last(self) -> Ints:
        return np.searchsorted(self.part, np.arange(len(self.way)), side="right") - 1

    @property
    def segments(self) -> Ints:
        """The vertex at which each straight segment starts; it ends at the next one."""
        return np.flatnonzero(self.part[1:] == self.part[:-1])

    def along_m(self) -> Floats:
        """How far along its part each vertex lies."""
        steps = np.zeros(len(self.xy))
        steps[1:] = np.hypot(*(self.xy[1:] - self.xy[:-1]).T) * (self.part[1:] == self.part[:-1])
        total = np.cumsum(steps)
        return np.asarray(total - total[self.first][self.part]) if len(total) else total

    def lines(self, parts: Ints) -> Shapes:
        """Some parts as LineStrings."""
        chosen = np.isin(self.part, parts)
        _, where = np.unique(self.part[chosen], return_inverse=True)
        return np.asarray(shapely.linestrings(self.xy[chosen], indices=where), dtype=object) if len(parts) else np.empty(0, dtype=object)


def parts_of(shapes: Shapes) -> Parts:
    """All lines of `shapes`, `way` = position there. Areas, points, unplaced shapes, lines without length or with broken coordinates give none."""
    shapes = np.asarray(shapes, dtype=object)
    pieces, way = shapely.get_parts(shapely.force_2d(shapes), return_index=True)
    while (shapely.get_type_id(pieces) > _AREA).any():
        pieces, inner = shapely.get_parts(pieces, return_index=True)
        way = way[inner]
    good = np.isin(shapely.get_type_id(pieces), (_LINE, _RING)) & ~shapely.is_empty(pieces)
    pieces, way = pieces[good], way[good]
    xy, part = shapely.get_coordinates(pieces, return_index=True)
    broken = np.unique(part[~np.isfinite(xy).all(axis=1)])
    keep = ~np.isin(part, broken)
    return _thinned(xy[keep], part[keep], way)


def _thinned(xy: Floats, part: Ints, way: Ints) -> Parts:
    """Parts without steps shorter than TOUCH_M, and without parts that are no longer than that."""
    keep = np.ones(len(xy), dtype=bool)
    short = np.flatnonzero((part[1:] == part[:-1]) & (np.hypot(*(xy[1:] - xy[:-1]).T) < TOUCH_M))
    for which in np.unique(part[short]):
        rows = np.flatnonzero(part == which)
        keep[rows] = _thin(xy[rows])
    xy, part = xy[keep], part[keep]
    long = np.bincount(part, minlength=len(way)) > 1
    keep = long[part]
    names, part = np.unique(part[keep], return_inverse=True)
    return Parts(xy[keep], part.astype(np.int64), way[names].astype(np.int64), np.zeros(len(names), dtype=bool))


def _thin(xy: Floats) -> Flags:
    """Which vertices of one line to keep: both ends, and those at least TOUCH_M from the one kept before; the first alone where all is one point."""
    kept = [0]
    for i in range(1, len(xy)):
        if np.hypot(*(xy[i] - xy[kept[-1]])) >= TOUCH_M:
            kept.append(i)
    if kept[-1] != len(xy) - 1 and len(kept) > 1:
        kept[-1] = len(xy) - 1
    flags = np.zeros(len(xy), dtype=bool)
    flags[kept] = True
    return flags


@dataclass(frozen=True, slots=True)
class Steps:
    """The straight steps that are left when every piece is kept once: from node `start` to node `end` (positions in `xy`), in order along their
    `part`; `serial` rises by one from a step to the next on its part. `covers` (k, 2): way and step, for all ways that run over the step.
    `part_ends` (parts, 2): the nodes at which the parts begin and end."""

    xy: Floats
    start: Ints
    end: Ints
    part: Ints
    serial: Ints
    covers: Ints
    part_ends: Ints


def noded(parts: Parts) -> Steps:
    """The parts cut at every crossing and touch. Of steps that lie on one another the one of the lowest way stays, drawn ones before connectors."""
    seg = parts.segments
    where, along, key, extra = _cuts(parts.xy[seg], parts.xy[seg + 1], seg)
    label, xy = _clustered(np.concatenate([parts.xy, extra]))
    every = np.arange(len(seg))
    owner = np.concatenate([every, where, every])
    at = np.concatenate([np.zeros(len(seg)), along, np.ones(len(seg))])
    node = label[np.concatenate([seg, np.where(key < 0, len(parts.xy) - 1 - key, key), seg + 1])]
    rank = np.concatenate([np.zeros(len(seg)), np.ones(len(where)), np.full(len(seg), 2)])
    order = np.lexsort((rank, at, owner))
    owner, node = owner[order], node[order]
    step = np.flatnonzero((owner[1:] == owner[:-1]) & (node[1:] != node[:-1]))
    start, end, part = node[step], node[step + 1], parts.part[seg][owner[step]]
    ends = np.column_stack([label[parts.first], label[parts.last]])
    return _once(Steps(xy, start, end, part, np.arange(len(step)), np.empty((0, 2), dtype=np.int64), ends), parts)


def _cuts(a: Floats, b: Floats, seg: Ints) -> tuple[Ints, Floats, Ints, Floats]:
    """Where segments are cut: segment, share of its length, and the point: a vertex, or -1 - n for the n-th of the new points (the fourth)."""
    chunks = [_cuts_of(a, b, seg, i, j) for i, j in near_pairs(a, b)]
    if not chunks:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, np.empty(0), nothing, np.empty((0, 2))
    before = np.cumsum([0, *(len(points) for *_, points in chunks)])
    where, along, key, points = (np.concatenate(column) for column in zip(*chunks, strict=True))
    fresh = np.repeat(before[:-1], [len(column) for _, _, column, _ in chunks])
    return where, along, np.where(key < 0, key - fresh, key), points


def _cuts_of(a: Floats, b: Floats, seg: Ints, i: Ints, j: Ints) -> tuple[Ints, Floats, Ints, Floats]:
    """The same for some pairs of segments."""
    touched = np.zeros(len(i), dtype=bool)
    where, along, key = [], [], []
    for own, other in ((i, j), (j, i)):
        for point, vertex in ((a, seg), (b, seg + 1)):
            share, off = _share(point[own], a[other], b[other])
            near = off <= TOUCH_M
            touched |= near
            where.append(other[near])
            along.append(share[near])
            key.append(vertex[own[near]])
    i, j = i[~touched], j[~touched]
    share, apart, points = _crossings(a[i], b[i], a[j], b[j])
    i, j = i[~np.isnan(share)], j[~np.isnan(share)]
    fresh = -1 - np.arange(len(points))
    return (
        np.concatenate([*where, i, j]), np.concatenate([*along, share[~np.isnan(share)], apart[~np.isnan(share)]]),
        np.concatenate([*key, fresh, fresh]), points,
    )  # fmt: skip


def near_pairs(a: Floats, b: Floats) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of segments whose boxes come within TOUCH_M of one another, each pair once, some segments' at a time: all at once may be very many."""
    low, high = np.minimum(a, b), np.maximum(a, b) + TOUCH_M
    boxes: Shapes = np.asarray(shapely.box(*low.T, *high.T), dtype=object)
    tree = shapely.STRtree(boxes)
    first, size = 0, _AT_ONCE
    while first < len(boxes):
        i, j = tree.query(boxes[first : first + size])
        i = i + first
        yield i[i < j], j[i < j]
        first, size = first + size, _next(size, len(i))


def _next(size: int, pairs: int) -> int:
    """How many segments to look at next, so that they make about _PAIRS_AT_ONCE pairs."""
    return max(1, min(4 * size, size * _PAIRS_AT_ONCE // max(pairs, 1)))


def _share(point: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """How far along a segment (0 to 1) the point nearest to `point` lies, and how far off that is."""
    run = b - a
    square = (run * run).sum(axis=1)
    share = np.clip(
        ((point - a) * run).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0
    )  # a point is as near at its start as at its end
    return share, np.hypot(*(a + share[:, None] * run - point).T)


def _crossings(a: Floats, b: Floats, c: Floats, d: Floats) -> tuple[Floats, Floats, Floats]:
    """Where segments cross: the shares of both (NaN: they do not), and the points of those that do."""
    r, s, gap = b - a, d - c, c - a
    with np.errstate(divide="ignore", invalid="ignore"):
        area = _cross(r, s)
        share, other = _cross(gap, s) / area, _cross(gap, r) / area
        meet = (share > 0) & (share < 1) & (other > 0) & (other < 1)
    points = a[meet] + share[meet, None] * r[meet]
    return np.where(meet, share, np.nan), np.where(meet, other, np.nan), points


def _cross(u: Floats, v: Floats) -> Floats:
    return np.asarray(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])


def _clustered(xy: Floats) -> tuple[Ints, Floats]:
    """A label for every point, the same for points within TOUCH_M of one another (or joined by such), and the middle of each label's points."""
    if not len(xy):
        return np.empty(0, dtype=np.int64), xy
    pairs = cKDTree(xy).query_pairs(TOUCH_M, output_type="ndarray")
    count, group = components(len(xy), pairs[:, 0], pairs[:, 1])
    first = np.empty(count, dtype=np.int64)
    first[group[::-1]] = np.arange(len(xy))[::-1]
    sizes, middle = np.bincount(group), xy[first]
    for axis in (0, 1):
        middle[:, axis] += np.bincount(group, xy[:, axis] - xy[first[group], axis]) / sizes
    return group, middle


def components(count: int, one: Ints, other: Ints) -> tuple[int, Ints]:
    """How many groups the links make of `count` things, and the group of each."""
    number, group = connected_components(coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count)), directed=False)
    return int(number), group.astype(np.int64)


def _once(steps: Steps, parts: Parts) -> Steps:
    """Of steps between the same two nodes one, and which ways run over it."""
    low, high = np.minimum(steps.start, steps.end), np.maximum(steps.start, steps.end)
    _, same = np.unique(low * (len(steps.xy) + 1) + high, return_inverse=True)
    way = parts.way[steps.part]
    order = np.lexsort((steps.serial, way, parts.connector[steps.part], same))
    chosen = order[np.flatnonzero(np.diff(same[order], prepend=-1))]
    kept = np.sort(chosen)
    position = np.empty(len(chosen), dtype=np.int64)
    position[same[kept]] = np.arange(len(kept))
    covers = _pairs(way, position[same])
    return replace(steps, start=steps.start[kept], end=steps.end[kept], part=steps.part[kept], serial=steps.serial[kept], covers=covers)


def _pairs(one: Ints, other: Ints) -> Ints:
    """Each pair once, in order."""
    size = np.int64(other.max(initial=0) + 1)
    keys = np.unique(one * size + other)
    return np.column_stack([keys // size, keys % size])


@dataclass(frozen=True, slots=True)
class Pieces:
    """Steps joined up to edges between nodes where something happens: `ends` (m, 2) in Steps.xy, `lines`, `length_m`, `part` of each;
    `covers` (k, 2): way and edge; `edge` of each step."""

    ends: Ints
    lines: Shapes
    length_m: Floats
    part: Ints
    covers: Ints
    edge: Ints


def joined(steps: Steps) -> Pieces:
    """Edges run on through nodes where only two steps of one part meet and no part begins or ends."""
    count = len(steps.xy)
    stop = np.bincount(steps.start, minlength=count) + np.bincount(steps.end, minlength=count) != 2
    stop[steps.part_ends] = True
    if not len(steps.start):
        nothing = np.empty(0, dtype=np.int64)
        return Pieces(np.empty((0, 2), np.int64), np.empty(0, dtype=object), np.empty(0), nothing, np.empty((0, 2), np.int64), nothing)
    on = (steps.part[1:] == steps.part[:-1]) & (steps.serial[1:] == steps.serial[:-1] + 1) & ~stop[steps.start[1:]]
    edge = np.concatenate([[0], np.cumsum(~on)])
    first = np.flatnonzero(np.diff(edge, prepend=-1))
    last = np.append(first[1:], len(edge)) - 1
    ends = np.column_stack([steps.start[first], steps.end[last]])
    nodes = np.insert(steps.end, first, steps.start[first])
    lines = shapely.linestrings(steps.xy[nodes], indices=np.insert(edge, first, np.arange(len(first))))
    lines = np.asarray(lines, dtype=object)
    covers = _pairs(steps.covers[:, 0], edge[steps.covers[:, 1]])
    return Pieces(ends, lines, shapely.length(lines), steps.part[first], covers, edge)


def degree(pieces: Pieces, count: int) -> Ints:
    """How many edges meet in each of `count` nodes; a ring counts twice in its own."""
    return np.bincount(pieces.ends.ravel(), minlength=count).astype(np.int64)


def without(steps: Steps, gone: Flags) -> Steps:
    """The steps but those that are `gone`."""
    position = np.cumsum(~gone) - 1
    covers = steps.covers[~gone[steps.covers[:, 1]]]
    covers = np.column_stack([covers[:, 0], position[covers[:, 1]]])
    return replace(steps, start=steps.start[~gone], end=steps.end[~gone], part=steps.part[~gone], serial=steps.serial[~gone], covers=covers)
