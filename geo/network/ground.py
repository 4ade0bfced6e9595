"""The ground that a hose is laid on: what stands on it, its corners, and which straight lines are free. Metric CRS (metres).

Everything that stands is grown by SKIN_M for the test whether a line is free, and its corners stand CORNER_M off: lines along a facade and round
a corner are free, and two walls that touch leave no way between them. Lengths are reckoned with the corners as drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SKIN_M = 0.001
CORNER_M = 0.002
_SAME_M = 0.012
"""A grown corner lies at most this far from the one that it belongs to (a sharp one is cut off at five times CORNER_M)."""
_STRAIGHT = 1e-6
_DETAIL, _SMALL_M = 32, 1.0
"""Outlines of more corners than twice this are cut into pieces of no more, or no larger than this."""
_PIECE_M, _MANY = 10.0, 200
"""Where many are tested at once, a line that is longer is so in pieces; each is twice as long as the one before."""
_KEPT = 1_000_003
"""Pairs of corners whose test is kept."""
OUTSIDE = -1
"""The part of the ground that nothing encloses."""


def usable(shapes: Shapes) -> Flags:
    """Which geometries can be measured: there, not empty, with finite coordinates."""
    good = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    good[good] = np.isfinite(shapely.bounds(shapes[good])).all(axis=1)
    return np.asarray(good, dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """Corners that a taut line can bend round: `at` (n, 2) off the wall, `drawn` (n, 2) as drawn, `before` and `after` (n, 2) the next points of the
    grown outline on both sides, `owner` (n,) as in Ground."""

    at: Floats
    drawn: Floats
    before: Floats
    after: Floats
    owner: Ints


class Ground:
    """`blocks`: areas and lines that a hose cannot cross; `owner` (a value a block): the row of the building that it is (a part of), -1 = of none."""

    def __init__(self, blocks: Shapes, owner: Ints) -> None:
        good = usable(blocks)
        self.owner = np.asarray(owner, dtype=np.int64)[good]
        self._blocks = np.asarray(blocks[good], dtype=object)
        self.solid = _grown(self._blocks, SKIN_M)
        self.tree = shapely.STRtree(self.solid)

    def blocked(self, lines: Shapes, allowed: Ints) -> Flags:
        """Whether something stands on each straight line; what belongs to the building `allowed` (a value a line, -1 = none) does not count.

        Long lines are tested in pieces from their start on: most are blocked near it, and a short piece has few blocks about it."""
        found = np.zeros(len(lines), dtype=bool)
        if not len(lines):
            return found
        tree, owner = self._shards
        xy, length = shapely.get_coordinates(lines).reshape(-1, 2, 2), np.asarray(shapely.length(lines))
        todo, first, piece = np.arange(len(lines)), 0.0, _PIECE_M if len(lines) >= _MANY else np.inf
        while len(todo):
            last = np.where(length[todo] <= first + 1.5 * piece, length[todo], first + piece)
            size = np.where(length[todo] > 0, length[todo], 1.0)
            start, run = xy[todo, 0], xy[todo, 1] - xy[todo, 0]
            ends = start + run * (last / size)[:, None]
            whole = last == length[todo]
            ends[whole] = xy[todo[whole], 1]
            parts = shapely.linestrings(np.stack([start + run * (first / size)[:, None], ends], axis=1))
            line, block = tree.query(parts, predicate="intersects")
            own = (allowed[todo[line]] >= 0) & (owner[block] == allowed[todo[line]])
            found[todo[line[~own]]] = True
            todo = todo[~whole & ~found[todo]]
            first, piece = first + piece, 2 * piece
        return found

    @cached_property
    def _shards(self) -> tuple[shapely.STRtree, Ints]:
        """What stands there with detailed outlines cut up, and the owner of each piece: a line near a long wall is near a small part of it."""
        detailed = shapely.get_num_coordinates(self.solid) > 2 * _DETAIL
        if not detailed.any():
            return self.tree, self.owner
        pieces = [_cut_up(shape) for shape in self.solid[detailed]]
        owner = np.repeat(self.owner[detailed], [len(some) for some in pieces])
        shapes = np.concatenate([self.solid[~detailed], np.array([piece for some in pieces for piece in some], dtype=object)])
        return shapely.STRtree(shapes), np.concatenate([self.owner[~detailed], owner])

    def hidden(self, one: Ints, other: Ints) -> Flags:
        """Whether something stands between pairs of corners. Pairs are asked for again and again: the last ones are kept."""
        low, high = np.minimum(one, other), np.maximum(one, other)
        key = low * len(self.corners.at) + high
        slot = (key * 2654435761) % _KEPT
        keys, found = self._kept
        new = np.flatnonzero(keys[slot] != key)
        answers: Flags = np.asarray(found[slot], dtype=bool)
        if len(new):
            xy = np.stack([self.corners.at[low[new]], self.corners.at[high[new]]], axis=1)
            answers[new] = self.blocked(np.asarray(shapely.linestrings(xy), dtype=object), np.full(len(new), -1))
            keys[slot[new]], found[slot[new]] = key[new], answers[new]
        return answers

    @cached_property
    def _kept(self) -> tuple[Ints, Flags]:
        return np.full(_KEPT, -1, dtype=np.int64), np.zeros(_KEPT, dtype=bool)

    def bare(self, shapes: Shapes) -> tuple[Shapes, Ints]:
        """The parts of shapes on which nothing stands, and the position of the shape that each part is of."""
        kept = shapes.copy()
        shape, block = self.tree.query(shapes, predicate="intersects")
        order = np.argsort(shape, kind="stable")
        shape, block = shape[order], block[order]
        for row in np.unique(shape):
            hit = block[np.searchsorted(shape, row, side="left") : np.searchsorted(shape, row, side="right")]
            kept[row] = shapely.difference(shapes[row], shapely.union_all(self._rings[hit]))
        parts, of = shapely.get_parts(kept, return_index=True)
        there = ~shapely.is_empty(parts)
        return parts[there], of[there]

    def beside(self, shapes: Shapes, rows: Ints, areal: Ints) -> tuple[Floats, Ints]:
        """Where the outlines of areas (positions `areal`) run into what else stands there: points just off both, and the area of each."""
        goal, block = self.tree.query(shapes[areal], predicate="dwithin", distance=CORNER_M)
        other = self.owner[block] != rows[areal[goal]]
        goal, block = goal[other], block[other]
        found: list[Floats] = [np.zeros((0, 2))]
        of: list[Ints] = [np.zeros(0, dtype=np.int64)]
        for at in np.unique(goal):
            outline = shapely.boundary(_grown(shapes[areal[at : at + 1]], CORNER_M)[0])
            free = shapely.line_merge(shapely.difference(outline, shapely.union_all(self._rings[block[goal == at]])))
            parts = shapely.get_parts(free)
            ends = shapely.get_coordinates(np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)]))
            found.append(ends)
            of.append(np.full(len(ends), areal[at]))
        return np.concatenate(found), np.concatenate(of)

    @cached_property
    def _rings(self) -> Shapes:
        return _grown(self._blocks, CORNER_M)

    @cached_property
    def corners(self) -> Corners:
        """Those on which nothing else stands."""
        found = _corners(self._rings, self.owner, self._blocks)
        points = np.asarray(shapely.points(found.at), dtype=object)
        free = np.ones(len(points), dtype=bool)
        free[self._shards[0].query(points, predicate="intersects")[0]] = False
        return Corners(found.at[free], found.drawn[free], found.before[free], found.after[free], found.owner[free])

    @cached_property
    def _enclosures(self) -> Shapes:
        whole: shapely.Geometry = shapely.disjoint_subset_union_all(self.solid)
        areas = np.asarray(shapely.get_parts(np.array([whole], dtype=object)), dtype=object)
        found, of = shapely.get_rings(areas, return_index=True)
        rings = np.asarray(found, dtype=object)
        inner = np.full(len(rings), True)
        inner[np.searchsorted(of, np.arange(len(areas)))] = False  # the first ring of each area is its outer one
        return np.asarray(shapely.polygons(rings[inner]), dtype=object)

    def enclosure(self, points: Shapes) -> Ints:
        """Which enclosed part of the ground each point lies in, OUTSIDE = in none."""
        found = np.full(len(points), OUTSIDE, dtype=np.int64)
        if not len(self._enclosures):
            return found
        point, hole = shapely.STRtree(self._enclosures).query(points, predicate="intersects")
        order = np.argsort(-shapely.area(self._enclosures)[hole], kind="stable")
        found[point[order]] = hole[order]
        return found


def _grown(shapes: Shapes, by: float) -> Shapes:
    return np.asarray(shapely.buffer(shapes, by, cap_style="square", join_style="mitre"), dtype=object)


def _cut_up(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """Pieces that overlap by a little, none with a detailed outline unless it is very small."""
    done: list[shapely.Geometry] = []
    todo = [shape]
    while todo:
        shape = todo.pop()
        west, south, east, north = shapely.bounds(shape)
        if shapely.get_num_coordinates(shape) <= _DETAIL or max(east - west, north - south) < _SMALL_M:
            done.append(shape)
            continue
        x, y = ((west + east) / 2, north) if east - west > north - south else (east, (south + north) / 2)
        over = (
            shapely.box(west - 1, south - 1, x + SKIN_M, y + SKIN_M),
            shapely.box(west - 1 if x == east else x - SKIN_M, south - 1 if y == north else y - SKIN_M, east + 1, north + 1),
        )
        todo += [half for half in (shapely.intersection(shape, part) for part in over) if not half.is_empty]
    return done


def opened(blocks: Shapes, gaps: Shapes, of: Ints) -> Shapes:
    """Blocks with the gaps cut out (gates, arches); `of`: the position of the block that each gap is in."""
    cut = blocks.copy()
    for row in np.unique(of):
        cut[row] = shapely.difference(blocks[row], shapely.union_all(gaps[of == row]))
    return cut


def _corners(rings: Shapes, owner: Ints, drawn: Shapes) -> Corners:
    """The convex corners of grown outlines."""
    areas, of_block = shapely.get_parts(shapely.orient_polygons(rings), return_index=True)
    loops, of_area = shapely.get_rings(areas, return_index=True)
    xy, loop = shapely.get_coordinates(loops, return_index=True)
    last = np.append(loop[1:] != loop[:-1], True) if len(loop) else np.zeros(0, dtype=bool)
    xy, loop = xy[~last], loop[~last]  # rings are closed: the last point is the first
    place = np.arange(len(loop))
    first = np.searchsorted(loop, loop, side="left")
    size = np.searchsorted(loop, loop, side="right") - first
    before, after = xy[first + (place - first - 1) % size], xy[first + (place - first + 1) % size]
    come, go = xy - before, after - xy
    turn = come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0]
    convex = turn > _STRAIGHT * np.hypot(*come.T) * np.hypot(*go.T)
    at = xy[convex]
    return Corners(at, _nearest(at, drawn), before[convex], after[convex], owner[of_block[of_area[loop]]][convex])


def _nearest(at: Floats, drawn: Shapes) -> Floats:
    """The drawn corner that each grown one belongs to; itself where there is none so near."""
    if not len(at):
        return at
    points = shapely.get_coordinates(drawn)
    far, which = cKDTree(points).query(at, distance_upper_bound=_SAME_M)
    found = np.isfinite(far)
    placed = at.copy()
    placed[found] = points[which[found]]
    return placed
