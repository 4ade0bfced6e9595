"""The narrowest gap that each run's disc must pass, with the two that make it.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point

from geo.lanes import budgets
from geo.lanes.budgets import TooMuch, Work, slices
from geo.lanes.corridor import corridors
from geo.lanes.covered import uncovered
from geo.lanes.gates import DEPTH_M, Outline, Walls, faced_at_end, walls_of
from geo.lanes.run_ends import Ends, free_ends
from geo.lanes.runs import end_directions
from geo.lanes.segments import Segments, joined, middle_of_gap, nearest, segments_of
from geo.lanes.separation import Edges, Reference, shortest_odd
from geo.lanes.standing import Parts, Standing, edges_within, standing_in

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FINE_M = 1e-6
_REACHES_M = (6.5, 13.0, np.inf)
"""Gaps up to these are looked at in turn: most lanes have a narrow one that parts their ends."""
_SMALL_REACHES_M = (0.1, 0.4, 1.6)
"""Before those about crowded runs, where nearly all pairs are far apart."""
_SMOOTH_M = 0.1
_ROUND_M = 0.05
"""Round corners are drawn with chords: a gap between the sides that is this near to the corridor's width is that width."""
_AHEAD_M = 0.02
_BESIDE_M = 0.01
"""A wall that a centreline is drawn along, but for rounding, is met by it."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """One value a run: as in ClearWidths; `open`: no gap is narrower than the corridor; `beyond`: too much stands there to measure."""

    width_m: Floats
    pinch: Shapes
    first: Ints
    second: Ints
    open: Flags
    beyond: Flags


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything of some runs, in metres from each run's first point (`origin`)."""

    origin: Floats
    points: Floats
    obstacles: Segments
    shape: Ints
    plain: Flags
    walls: Walls
    reference: Reference
    widest_m: float


def gaps(shapes: Shapes, parts: Parts, opened: Standing, half_m: float, work: Work) -> Gaps:
    ends = free_ends(shapes, parts, opened)
    shapes, inside = ends.shapes, ends.inside
    areas = corridors(shapes, half_m)
    standing = uncovered(standing_in(areas, parts, opened), len(shapes))
    scene = _scene(ends, areas, standing, parts, half_m)
    result = _all_open(shapes, half_m)
    blocked = scene.walls.closed | (inside >= 0)
    bent = shapely.get_num_coordinates(shapes) > 2
    todo = (bent | np.isin(np.arange(len(shapes)), scene.obstacles.run)) & ~blocked
    crowded = np.bincount(scene.obstacles.run, minlength=len(shapes)) > budgets.CROWDED
    for reach in (*_SMALL_REACHES_M, *_REACHES_M):
        rows = np.flatnonzero(todo & (crowded | (reach >= _REACHES_M[0])))
        done = _in_turn(scene, rows, min(reach, 2 * half_m), result, work)
        todo[done] = False
    zero = blocked | (result.width_m <= FINE_M)
    for run in np.flatnonzero(zero):
        _blocked(int(run), shapes[run], standing, parts, result)
    return result


def _all_open(shapes: Shapes, half_m: float) -> Gaps:
    n = len(shapes)
    middle = np.asarray(shapely.line_interpolate_point(shapes, 0.5, normalized=True), dtype=object).reshape(n)
    nothing = np.full(n, -1, dtype=np.int64)
    return Gaps(np.full(n, 2.0 * half_m), middle, nothing, nothing.copy(), np.ones(n, dtype=bool), np.zeros(n, dtype=bool))


def _scene(ends: Ends, areas: Shapes, standing: Standing, parts: Parts, half_m: float) -> _Scene:
    shapes = ends.shapes
    origin = shapely.get_coordinates(shapely.get_point(shapes, 0))
    points, inward = end_directions(shapes)
    points = points - origin[:, None, :]
    edges = edges_within(shapes, areas, standing, parts, origin)
    part = standing.part[edges.shape]
    kept = ~faced_at_end(edges.segments, part, 2 * parts.middle_m[part], points, inward, ends.wall)
    obstacles, shape, plain = edges.segments.take(kept), edges.shape[kept], edges.plain[kept]
    rings, run = shapely.get_rings(areas, return_index=True)
    segments = segments_of(rings, run, np.arange(len(rings)), origin)
    outline = Outline(Segments(segments.run, np.full(len(segments), -1), segments.chain, segments.start, segments.end), segments.owner)
    walls = walls_of(outline, obstacles, points, inward, half_m)
    return _Scene(origin, points, obstacles, shape, plain, walls, _reference(shapes, origin, points, inward), 2 * half_m)


def _reference(shapes: Shapes, origin: Floats, points: Floats, inward: Floats) -> Reference:
    """The centrelines, smoothed, a little longer and a little off, so that nothing drawn lies exactly on them."""
    coordinates, run = shapely.get_coordinates(shapely.simplify(shapes, _SMOOTH_M, preserve_topology=False), return_index=True)
    coordinates = coordinates - origin[run]
    count = np.bincount(run, minlength=len(shapes))
    first = np.cumsum(count) - count
    last = first + count - 1
    number = np.arange(len(coordinates))
    coordinates += 1e-3 * (np.stack([number * 0.6180339887, number * 0.4142135623], axis=1) % 1 - 0.5)
    for at, end, off in ((first, 0, 1.1e-4), (last, 1, 0.7e-4)):
        across = np.stack([-inward[:, end, 1], inward[:, end, 0]], axis=1)
        coordinates[at] = points[:, end] - _AHEAD_M * inward[:, end] + off * across
    step = np.delete(number, last)
    starts = np.concatenate([first - np.arange(len(first)), [len(step)]])
    return Reference(starts, coordinates[step], coordinates[step + 1])


def _in_turn(scene: _Scene, runs: Ints, reach_m: float, result: Gaps, work: Work) -> Ints:
    """The runs that are done: all at once, or where there is too much for that in halves; one that is too much alone is done with."""
    if not len(runs):
        return runs
    try:
        return _measure(scene, runs, reach_m, result, work)
    except TooMuch:
        if len(runs) == 1:
            result.beyond[runs] = True
            return runs
    half = len(runs) // 2
    return np.concatenate([_in_turn(scene, some, reach_m, result, work) for some in (runs[:half], runs[half:])])


def _measure(scene: _Scene, runs: Ints, reach_m: float, result: Gaps, work: Work) -> Ints:
    """Writes the width of those runs whose ends are parted by gaps up to `reach_m` into the result; returns them."""
    chosen = np.zeros(len(result.open), dtype=bool)
    chosen[runs] = True
    obstacles = np.flatnonzero(chosen[scene.obstacles.run])
    walls = np.flatnonzero(chosen[scene.walls.segments.run])
    work.spend(budgets.A_SEGMENT * max(len(obstacles) + len(walls) - budgets.CROWDED * len(runs), 0))
    nodes = joined(scene.obstacles.take(obstacles), scene.walls.segments.take(walls))
    a, b, length, odd = _edges(scene, nodes, obstacles, walls, reach_m, work)
    rings, hub = np.unique(scene.walls.ring[walls], return_inverse=True)
    wall_nodes = len(obstacles) + np.arange(len(walls))
    edges = Edges(
        np.concatenate([a, wall_nodes]),
        np.concatenate([b, len(nodes) + hub]),
        np.concatenate([length, np.zeros(len(walls))]),
        np.concatenate([odd, np.zeros(len(walls), dtype=bool)]),
    )
    ring_run = np.empty(len(rings), dtype=np.int64)
    ring_run[hub] = nodes.run[wall_nodes]
    closing = shortest_odd(edges, np.concatenate([nodes.run, ring_run]), len(nodes) + len(rings), len(result.open))
    done = np.flatnonzero(closing >= 0)
    _write(scene, nodes, edges, closing, done, result)
    return done


def _edges(scene: _Scene, nodes: Segments, obstacles: Ints, walls: Ints, reach_m: float, work: Work) -> tuple[Ints, Ints, Floats, Flags]:
    """Pairs of nodes with a gap below `reach_m`, its length and its parity; the first `len(obstacles)` nodes are those obstacles, the others walls."""
    n = len(obstacles)
    widest = reach_m >= scene.widest_m
    sides = int((~scene.walls.barrier[walls]).sum()) if widest else 0
    barrier = np.concatenate([np.zeros(n, dtype=bool), scene.walls.barrier[walls]])
    steps, kept = int(scene.reference.pieces(nodes.run).sum()), 0
    if steps > budgets.MOST_STEPS:
        raise TooMuch
    meets, middle = scene.reference.meets(nodes.run, nodes.start, nodes.end), nodes.middle()
    found = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0, dtype=bool))]
    for a, b in _pairs(scene, nodes, obstacles, n + sides, reach_m, work):
        a, b, length, on_a, on_b = _short(nodes, barrier, a, b, reach_m)
        kept, steps = kept + len(a), steps + int(scene.reference.pieces(nodes.run[a]).sum())
        if kept > budgets.MOST_GAPS or steps > budgets.MOST_STEPS:
            raise TooMuch
        odd = _parity(scene.reference, nodes.run, middle, np.append(meets[:n], False), (a, b), (on_a, on_b))
        length[length < FINE_M / 10] = 0
        found.append((a, b, length, odd))
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    return columns[0], columns[1], columns[2], columns[3]


def _short(nodes: Segments, barrier: Flags, a: Ints, b: Ints, reach_m: float) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """Those of the pairs whose gap is below `reach_m`, with it and its two ends."""
    length, on_a, on_b = nearest(nodes.take(a), nodes.take(b))
    length = np.where(barrier[b], 2 * length, length)
    length[barrier[b] & (nodes.owner[a] == nodes.owner[b]) & (length <= 2 * DEPTH_M)] = 0
    keep = length <= reach_m - FINE_M
    return a[keep], b[keep], length[keep], on_a[keep], on_b[keep]


def _pairs(scene: _Scene, nodes: Segments, obstacles: Ints, firsts: int, reach_m: float, work: Work) -> Iterator[tuple[Ints, Ints]]:
    """Pairs within reach, some at a time, the first of them one of the first `firsts`; of a plain shape only the segments that follow one another."""
    n = len(obstacles)
    plain = np.append(scene.plain[obstacles], False)
    shape = np.concatenate([scene.shape[obstacles], np.full(len(nodes) - n, -1)])
    made = 0
    for a, b in _near(nodes, firsts, reach_m):
        same = (shape[a] == shape[b]) & plain[np.minimum(a, n)] & (a < n)
        a, b = a[~same], b[~same]
        made += len(a)
        work.spend(len(a))
        if made > budgets.MOST_PAIRS:
            raise TooMuch
        for start in range(0, len(a), budgets.PAIRS_AT_ONCE):
            yield a[start : start + budgets.PAIRS_AT_ONCE], b[start : start + budgets.PAIRS_AT_ONCE]
    yield _neighbours(nodes, np.flatnonzero(plain[:-1]))


def _parity(reference: Reference, run: Ints, middle: Floats, meets: Flags, pair: tuple[Ints, Ints], on: tuple[Floats, Floats]) -> Flags:
    """Whether the way from the middle of one segment over the gap to the middle of the other crosses the reference path an odd number of times;
    `meets`: obstacles, and last the walls, that come near that path at all."""
    odd = reference.odd(run[pair[0]], *on)
    for node, to in zip(pair, on, strict=True):
        legs = meets[np.minimum(node, len(meets) - 1)]
        odd[legs] ^= reference.odd(run[node[legs]], middle[node[legs]], to[legs])
    return odd


def _near(nodes: Segments, n: int, reach_m: float) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of nodes of one run whose boxes are within reach, the first of them one of the first `n`, no pair twice, some at a time."""
    low, high = np.minimum(nodes.start, nodes.end), np.maximum(nodes.start, nodes.end)
    runs, place = np.unique(nodes.run, return_inverse=True)
    left, right = np.full(len(runs), np.inf), np.full(len(runs), -np.inf)
    np.minimum.at(left, place, low[:, 0])
    np.maximum.at(right, place, high[:, 0])
    wide = right - left + 2 * reach_m
    shift = (np.cumsum(wide) - wide - left)[place]
    tree = shapely.STRtree(shapely.box(low[:, 0] + shift, low[:, 1], high[:, 0] + shift, high[:, 1]))
    reaching = shapely.box(low[:n, 0] + shift[:n] - reach_m, low[:n, 1] - reach_m, high[:n, 0] + shift[:n] + reach_m, high[:n, 1] + reach_m)
    boxes = 0
    for rows in slices(np.bincount(place)[place[:n]], budgets.BOXES_AT_ONCE):
        a, b = tree.query(reaching[rows])
        boxes += len(a)
        if boxes > budgets.MOST_BOXES:
            raise TooMuch
        a += rows.start
        once = a < b
        yield a[once], b[once]


def _neighbours(nodes: Segments, rows: Ints) -> tuple[Ints, Ints]:
    """The pairs that follow one another in a whole ring, its last and first among them."""
    if not len(rows):
        return rows, rows
    chain = nodes.chain[rows]
    begins = np.flatnonzero(np.concatenate([[True], chain[1:] != chain[:-1]]))
    ends = np.append(begins[1:], len(rows)) - 1
    follows = np.ones(len(rows), dtype=bool)
    follows[ends] = False
    step, closed = np.flatnonzero(follows), ends - begins > 1  # of two segments one pair is all
    return np.concatenate([rows[step], rows[begins[closed]]]), np.concatenate([rows[step + 1], rows[ends[closed]]])


def _write(scene: _Scene, nodes: Segments, edges: Edges, closing: Ints, done: Ints, result: Gaps) -> None:
    chosen = closing[done]
    real = len(nodes)
    pick = _side_by_side(nodes, edges, closing, done)
    middle, _ = middle_of_gap(nodes.take(edges.a[pick]), nodes.take(np.minimum(edges.b[pick], real - 1)))
    width, first, second = edges.length_m[chosen], nodes.owner[edges.a[chosen]], nodes.owner[np.minimum(edges.b[chosen], real - 1)]
    nothing = (first < 0) & (second < 0)
    result.width_m[done] = np.where(nothing & (width > result.width_m[done] - _ROUND_M), result.width_m[done], width)
    result.pinch[done] = shapely.points(middle + scene.origin[done])
    result.first[done], result.second[done] = first, second
    result.open[done] = nothing


def _side_by_side(nodes: Segments, edges: Edges, closing: Ints, done: Ints) -> Ints:
    """For each run the edge of the same gap along which the two are side by side for longest: at a corner two edges are of one length."""
    chosen = closing[done]
    a, b = nodes.take(edges.a[chosen]), nodes.take(np.minimum(edges.b[chosen], len(nodes) - 1))
    _, on_a, on_b = nearest(a, b)
    place = np.full(len(closing), -1)
    place[done] = np.arange(len(done))
    rows = np.flatnonzero(edges.b < len(nodes))
    rows = rows[place[nodes.run[edges.a[rows]]] >= 0]
    at = place[nodes.run[edges.a[rows]]]
    even = np.abs(edges.length_m[rows] - edges.length_m[chosen][at]) <= FINE_M
    rows, at = rows[even], at[even]
    c, d = nodes.take(edges.a[rows]), nodes.take(edges.b[rows])
    same = (_off(on_a[at], c) + _off(on_b[at], d) < 4 * FINE_M) | (_off(on_a[at], d) + _off(on_b[at], c) < 4 * FINE_M)
    same |= rows == chosen[at]
    rows, at = rows[same], at[same]
    _, spread = middle_of_gap(nodes.take(edges.a[rows]), nodes.take(edges.b[rows]))
    found = chosen.copy()
    order = np.argsort(spread, kind="stable")
    found[at[order]] = rows[order]
    return found


def _off(points: Floats, segments: Segments) -> Floats:
    there = Segments(segments.run, segments.owner, segments.chain, points, points)
    return nearest(there, segments)[0]


def _blocked(run: int, shape: LineString, standing: Standing, parts: Parts, result: Gaps) -> None:
    """Nothing passes: the pinch is where the centreline first meets what blocks it."""
    here = standing.run == run
    shapes, owner = standing.shapes[here], parts.owner[standing.part[here]]
    met = shapely.intersection(shape, shapes)
    beside = shapely.is_empty(met) & shapely.dwithin(shape, shapes, _BESIDE_M)
    met[beside] = shapely.get_point(shapely.shortest_line(shape, shapes[beside]), 0)
    which = np.flatnonzero(~shapely.is_empty(met))
    result.width_m[run], result.open[run] = 0.0, False
    if not len(which):
        return
    along = np.array([min(shape.project(Point(at)) for at in shapely.get_coordinates(met[i])) for i in which])
    first = which[along.argmin()]
    result.pinch[run] = shape.interpolate(along.min())
    result.first[run] = result.second[run] = owner[first]
