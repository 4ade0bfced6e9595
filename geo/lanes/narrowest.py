"""The narrowest gap that each run's disc must pass, with the two that make it.

Everything is in one metric CRS (metres).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point

from geo.lanes.corridor import corridors
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
_SMOOTH_M = 0.1
_ROUND_M = 0.05
"""Round corners are drawn with chords: a gap between the sides that is this near to the corridor's width is that width."""
_AHEAD_M = 0.02


@dataclass(frozen=True, slots=True)
class Gaps:
    """One value a run: as in ClearWidths; `open`: no gap is narrower than the corridor."""

    width_m: Floats
    pinch: Shapes
    first: Ints
    second: Ints
    open: Flags


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


def gaps(shapes: Shapes, parts: Parts, opened: Standing, half_m: float) -> Gaps:
    ends = free_ends(shapes, parts, opened)
    shapes, inside = ends.shapes, ends.inside
    areas = corridors(shapes, half_m)
    standing = standing_in(areas, parts, opened)
    scene = _scene(ends, areas, standing, parts, half_m)
    result = _all_open(shapes, half_m)
    blocked = scene.walls.closed | (inside >= 0)
    bent = shapely.get_num_coordinates(shapes) > 2
    todo = (bent | np.isin(np.arange(len(shapes)), scene.obstacles.run)) & ~blocked
    for reach in _REACHES_M:
        done = _measure(scene, np.flatnonzero(todo), min(reach, 2 * half_m), result, between_sides=reach >= 2 * half_m)
        todo[done] = False
    zero = blocked | (result.width_m <= FINE_M)
    for run in np.flatnonzero(zero):
        _blocked(int(run), shapes[run], standing, parts, result)
    return result


def _all_open(shapes: Shapes, half_m: float) -> Gaps:
    n = len(shapes)
    middle = np.asarray(shapely.line_interpolate_point(shapes, 0.5, normalized=True), dtype=object).reshape(n)
    nothing = np.full(n, -1, dtype=np.int64)
    return Gaps(np.full(n, 2.0 * half_m), middle, nothing, nothing.copy(), np.ones(n, dtype=bool))


def _scene(ends: Ends, areas: Shapes, standing: Standing, parts: Parts, half_m: float) -> _Scene:
    shapes = ends.shapes
    origin = shapely.get_coordinates(shapely.get_point(shapes, 0))
    points, inward = end_directions(shapes)
    points = points - origin[:, None, :]
    edges = edges_within(shapes, areas, standing, parts, origin)
    kept = ~faced_at_end(edges.segments, standing.part[edges.shape], points, inward, ends.wall)
    obstacles, shape, plain = edges.segments.take(kept), edges.shape[kept], edges.plain[kept]
    rings, run = shapely.get_rings(areas, return_index=True)
    segments = segments_of(rings, run, np.arange(len(rings)), origin)
    outline = Outline(Segments(segments.run, np.full(len(segments), -1), segments.chain, segments.start, segments.end), segments.owner)
    walls = walls_of(outline, obstacles, points, inward, half_m)
    return _Scene(origin, points, obstacles, shape, plain, walls, _reference(shapes, origin, points, inward))


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


def _measure(scene: _Scene, runs: Ints, reach_m: float, result: Gaps, *, between_sides: bool) -> Ints:
    """Writes the width of those runs whose ends are parted by gaps up to `reach_m` into the result; returns them."""
    if not len(runs):
        return runs
    chosen = np.zeros(len(result.open), dtype=bool)
    chosen[runs] = True
    obstacles = np.flatnonzero(chosen[scene.obstacles.run])
    walls = np.flatnonzero(chosen[scene.walls.segments.run])
    nodes = joined(scene.obstacles.take(obstacles), scene.walls.segments.take(walls))
    a, b, length, odd = _edges(scene, nodes, obstacles, walls, reach_m, between_sides=between_sides)
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


def _edges(
    scene: _Scene, nodes: Segments, obstacles: Ints, walls: Ints, reach_m: float, *, between_sides: bool
) -> tuple[Ints, Ints, Floats, Flags]:
    n = len(obstacles)
    sides = int((~scene.walls.barrier[walls]).sum()) if between_sides else 0
    a, b = _near(nodes, n + sides, reach_m)
    plain = np.append(scene.plain[obstacles], False)
    shape = np.concatenate([scene.shape[obstacles], np.full(len(walls), -1)])
    same = (shape[a] == shape[b]) & plain[np.minimum(a, n)] & (a < n)
    a, b = a[~same], b[~same]
    c, d = _neighbours(nodes, np.flatnonzero(plain[:-1]))
    a, b = np.concatenate([a, c]), np.concatenate([b, d])
    first, second = nodes.take(a), nodes.take(b)
    length, on_a, on_b = nearest(first, second)
    barrier = np.concatenate([np.zeros(n, dtype=bool), scene.walls.barrier[walls]])
    length = np.where(barrier[b], 2 * length, length)
    length[barrier[b] & (nodes.owner[a] == nodes.owner[b]) & (length <= 2 * DEPTH_M)] = 0
    keep = length <= reach_m - FINE_M
    a, b, length, on_a, on_b = a[keep], b[keep], length[keep], on_a[keep], on_b[keep]
    run = nodes.run[a]
    middle = nodes.middle()
    odd = scene.reference.odd(run, on_a, on_b)
    outer = a < n
    odd[outer] ^= _legs(scene.reference, nodes, middle, a[outer], on_a[outer])
    inner = b < n
    odd[inner] ^= _legs(scene.reference, nodes, middle, b[inner], on_b[inner])
    length[length < FINE_M / 10] = 0
    return a, b, length, odd


def _legs(reference: Reference, nodes: Segments, middle: Floats, node: Ints, to: Floats) -> Flags:
    """The parity of the way along a segment from its middle; nearly all segments keep off the reference path altogether."""
    meets = reference.meets(nodes.run, nodes.start, nodes.end)[node]
    found = np.zeros(len(node), dtype=bool)
    found[meets] = reference.odd(nodes.run[node[meets]], middle[node[meets]], to[meets])
    return found


def _near(nodes: Segments, n: int, reach_m: float) -> tuple[Ints, Ints]:
    """Pairs of nodes of one run whose boxes are within reach, the first of them one of the first `n`, no pair twice."""
    low, high = np.minimum(nodes.start, nodes.end), np.maximum(nodes.start, nodes.end)
    runs, place = np.unique(nodes.run, return_inverse=True)
    left, right = np.full(len(runs), np.inf), np.full(len(runs), -np.inf)
    np.minimum.at(left, place, low[:, 0])
    np.maximum.at(right, place, high[:, 0])
    wide = right - left + 2 * reach_m
    shift = (np.cumsum(wide) - wide - left)[place]
    tree = shapely.STRtree(shapely.box(low[:, 0] + shift, low[:, 1], high[:, 0] + shift, high[:, 1]))
    reaching = shapely.box(low[:n, 0] + shift[:n] - reach_m, low[:n, 1] - reach_m, high[:n, 0] + shift[:n] + reach_m, high[:n, 1] + reach_m)
    a, b = tree.query(reaching)
    once = a < b
    return a[once], b[once]


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
    which = np.flatnonzero(~shapely.is_empty(met))
    result.width_m[run], result.open[run] = 0.0, False
    if not len(which):
        return
    along = np.array([min(shape.project(Point(at)) for at in shapely.get_coordinates(met[i])) for i in which])
    first = which[along.argmin()]
    result.pinch[run] = shape.interpolate(along.min())
    result.first[run] = result.second[run] = owner[first]
