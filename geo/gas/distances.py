"""Least horizontal distances of gas pipes to buildings, what is built over them, and what lies in their control range. Metric CRS (metres).

- Distances are from the pipe's outer edge: from its axis less half of its nominal diameter where that is known. They are rounded to 0.01 m, then
  compared; exactly the limit is far enough. A pipe under an outline is at 0 m.
- |distance - limit| < accuracy (the worse one of pipe and building) cannot be told. Under an outline the distance counts as negative there, by how
  deep the pipe lies inside, where that could decide: a pipe 5 m inside an outline drawn to 1 m is under it, whatever the accuracy.
- A building of which only a point is known may reach DOT_M from it: no pipe so near to the point is far enough.
- Sheds do not count for the distance to buildings, but for what is built in the protection range, as buildings do; either makes a pipe too near.
- A stub or courtyard pipe that goes straight into a building it serves is not held against it (`geo.gas.entering`); it counts in the control range.
- Every pair of pipe and body within reach is judged, not the nearest only: a rough drawing further off may be what leaves it open.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.gas.attach import usable
from geo.gas.budget import helpings
from geo.gas.entering import entering
from geo.gas.pressure import HIGH, Codes, Flags, Floats, Limits

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]

CLEAR, NEAR, OPEN = 0, 1, 2
"""Far enough, too near, cannot be told."""

(TOLD, UNPLACED, NO_LENGTH, NO_BUILDINGS, ONLY_A_POINT, ACCURACY, NO_CLASS, NO_FIGURE, PROOF) = range(9)
"""Why a pipe is OPEN; TOLD: it is not."""

DOT_M = 40.0
"""How far a building of which only a point is known may reach from that point: half of a long slab. The project's own default."""

ROUGHEST_M = 50.0
"""Accuracies beyond this are taken as this: either leaves everything near open."""

_STEP_M = 0.1
"""Along a pipe under an outline, how far apart the points are at which its depth inside is taken (a lower bound, by half of this)."""

_FINE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Pipes:
    """One value a pipe: `radius_m` 0 where the diameter is not on record; `serving`: a kind that leads to what it serves."""

    shapes: Shapes
    radius_m: Floats
    accuracy_m: Floats
    pressure: Codes
    limits: Limits
    serving: Flags

    def __getitem__(self, rows: slice | Ints) -> Pipes:
        limits = Limits(**{f.name: getattr(self.limits, f.name)[rows] for f in fields(Limits)})
        return Pipes(self.shapes[rows], self.radius_m[rows], self.accuracy_m[rows], self.pressure[rows], limits, self.serving[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Buildings and sheds. `thick_m`: half the thickness of what is drawn as a line or point; `shed`: not a building."""

    shapes: Shapes
    thick_m: Floats
    accuracy_m: Floats
    shed: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Nearness:
    """One value a pipe. `state` CLEAR, NEAR or OPEN, and `reason`; `body`: position of the body that decides, or the nearest, -1 = none;
    `distance_m` to it (NaN = none); `accuracy_m` of the two; `threshold_m` that it was held against (NaN = none);
    `needs_proof`: lies, or may lie, between the reduced and the full distance; `built_over` CLEAR, NEAR (something is) or OPEN, `over`: by what
    (-1 = nothing); `in_control`: buildings in the control range (NaN = range or place not known); `enters`: the building that it goes into (-1 = none)."""

    state: Codes
    reason: Codes
    body: Ints
    distance_m: Floats
    accuracy_m: Floats
    threshold_m: Floats
    needs_proof: Flags
    built_over: Codes
    over: Ints
    in_control: Floats
    enters: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Pipes with the bodies within reach: `signed_m` from outer edge to outline, negative inside it; surely under `near_m` it is too near,
    surely not under `clear_m` far enough."""

    pipe: Ints
    body: Ints
    signed_m: Floats
    accuracy_m: Floats
    dot: Flags
    shed: Flags
    near_m: Floats
    clear_m: Floats

    def only(self, chosen: Flags) -> _Pairs:
        return _Pairs(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def sure(self, limit_m: Floats) -> Flags:
        """Under the limit for sure. The outline around a dot is nearer than the dot."""
        return np.asarray((self.signed_m < limit_m) & (limit_m - self.signed_m >= self.accuracy_m - _FINE), dtype=bool)

    def possible(self, limit_m: Floats) -> Flags:
        """Perhaps under the limit."""
        limit = limit_m + np.where(self.dot, DOT_M, 0.0)
        return np.asarray((self.signed_m < limit) | (self.signed_m - limit < self.accuracy_m - _FINE), dtype=bool)

    def nearest(self, chosen: Flags, count: int) -> Ints:
        """For each of `count` pipes the chosen pair with the least distance, -1 = none; the lower body at equal distances."""
        rows = np.flatnonzero(chosen)
        rows = rows[np.lexsort((self.body[rows], self.signed_m[rows], self.pipe[rows]))]
        found = np.full(count, -1, dtype=np.int64)
        found[self.pipe[rows[::-1]]] = rows[::-1]
        return found


def nearness(pipes: Pipes, bodies: Bodies) -> Nearness:
    """Judge whole columns, so many pipes at a time that their pairs fit into memory."""
    standing = np.flatnonzero(usable(bodies.shapes))
    tree = shapely.STRtree(bodies.shapes[standing])
    reach = _reach(pipes, bodies, standing)
    found = [_judged(pipes[rows], bodies, tree, standing, reach[rows]) for rows in helpings(tree, pipes.shapes, reach)]
    return Nearness(**{f.name: np.concatenate([getattr(one, f.name) for one in found]) for f in fields(Nearness)})


def _judged(pipes: Pipes, bodies: Bodies, tree: shapely.STRtree, standing: Ints, reach: Floats) -> Nearness:
    count, limits = len(pipes.shapes), pipes.limits
    every = _pairs(pipes, bodies, tree, standing, reach)
    own = _enters(pipes, bodies, every)
    pairs, enters = every.only(~own), np.asarray(_at(every.body, every.nearest(own, count), -1), dtype=np.int64)
    near, doubtful = pairs.sure(pairs.near_m), pairs.possible(pairs.clear_m)
    near_at, open_at = pairs.nearest(near, count), pairs.nearest(doubtful & ~near, count)
    at = np.where(near_at >= 0, near_at, np.where(open_at >= 0, open_at, pairs.nearest(~pairs.shed, count)))
    state = np.where(near_at >= 0, NEAR, np.where(open_at >= 0, OPEN, CLEAR)).astype(np.int8)
    reason = np.where(state == OPEN, _at(_reasons(pairs, pipes.pressure), at, TOLD), TOLD).astype(np.int8)
    reason = _without_a_measure(pipes, bodies, state, reason)
    state[reason != TOLD] = OPEN
    body, distance, accuracy = _beside(pipes, bodies, pairs, at, alone=enters < 0)
    built_over, over = _built_over(pairs, limits, reason, count)
    return Nearness(
        state=state,
        reason=reason,
        body=body,
        distance_m=distance,
        accuracy_m=accuracy,
        threshold_m=_threshold(pairs, at, limits, state),
        needs_proof=_needs_proof(pairs, limits, count) & (state != NEAR),
        built_over=built_over,
        over=over,
        in_control=_in_control(every, limits, reason, count),
        enters=enters,
    )


def _at(values: NDArray[np.generic], at: Ints, otherwise: float) -> NDArray[np.generic]:
    """Values of the pairs `at`, `otherwise` where that is -1."""
    return np.append(values, otherwise)[at]


def _reach(pipes: Pipes, bodies: Bodies, standing: Ints) -> Floats:
    """How far from each pipe's axis a body could matter to it."""
    limits, dot = pipes.limits, ~bodies.shed & (shapely.get_dimensions(bodies.shapes) == 0)
    clear = np.where(np.isfinite(limits.clear), limits.clear, limits.near)
    reach = np.fmax(np.maximum(clear, limits.protection_most), limits.control) + pipes.radius_m
    own, theirs = np.minimum(pipes.accuracy_m, ROUGHEST_M), np.minimum(bodies.accuracy_m, ROUGHEST_M)
    reach += np.maximum(own, theirs[standing].max(initial=0.0)) + bodies.thick_m[standing].max(initial=0.0)
    return np.asarray(reach + (DOT_M if dot[standing].any() else 0.0))


def _pairs(pipes: Pipes, bodies: Bodies, tree: shapely.STRtree, standing: Ints, reach: Floats) -> _Pairs:
    """Every pipe with all bodies that could matter to it."""
    lines = np.flatnonzero(usable(pipes.shapes) & (shapely.length(pipes.shapes) > 0))
    dot = ~bodies.shed & (shapely.get_dimensions(bodies.shapes) == 0)
    own, theirs = np.minimum(pipes.accuracy_m, ROUGHEST_M), np.minimum(bodies.accuracy_m, ROUGHEST_M)
    limits = pipes.limits
    pipe, body = tree.query(pipes.shapes[lines], predicate="dwithin", distance=reach[lines])
    pipe, body = lines[pipe], standing[body]
    axis = shapely.distance(pipes.shapes[pipe], bodies.shapes[body])
    accuracy, shed = np.maximum(own[pipe], theirs[body]), bodies.shed[body]
    least = np.minimum(limits.near, limits.protection)[pipe]
    under = np.flatnonzero((axis == 0) & (least + pipes.radius_m[pipe] < accuracy))
    axis[under] = -_depths(pipes.shapes[pipe[under]], bodies.shapes[body[under]])
    return _Pairs(
        pipe=pipe,
        body=body,
        signed_m=np.round(axis - pipes.radius_m[pipe] - bodies.thick_m[body], 2),
        accuracy_m=accuracy,
        dot=dot[body],
        shed=shed,
        near_m=np.where(shed, limits.protection[pipe], limits.near[pipe]),
        clear_m=np.where(shed, limits.protection_most[pipe], limits.clear[pipe]),
    )


def _enters(pipes: Pipes, bodies: Bodies, pairs: _Pairs) -> Flags:
    """Pairs of a pipe and a building that it goes straight into."""
    close = np.flatnonzero(pipes.serving[pairs.pipe] & ~pairs.shed & (pairs.signed_m <= pairs.accuracy_m))
    pipe, body = pairs.pipe[close], pairs.body[close]
    range_m = np.where(pipes.limits.entry[pipe] > 0, pipes.limits.entry[pipe] + pipes.radius_m[pipe], 0.0)
    found = np.zeros(len(pairs.pipe), dtype=bool)
    found[close] = entering(pipes.shapes[pipe], bodies.shapes[body], pairs.accuracy_m[close], range_m)
    return found


def _depths(lines: Shapes, outlines: Shapes) -> Floats:
    """How deep each line reaches into its outline; 0 where the outline is broken, which is not mended in silence."""
    depth = np.zeros(len(lines))
    sound = np.flatnonzero((shapely.get_dimensions(outlines) == 2) & shapely.is_valid(outlines))
    inside = shapely.segmentize(shapely.intersection(lines[sound], outlines[sound]), _STEP_M)
    xy, owner = shapely.get_coordinates(inside, return_index=True)
    np.maximum.at(depth, sound[owner], shapely.distance(shapely.points(xy), shapely.boundary(outlines[sound])[owner]))
    return depth


def _reasons(pairs: _Pairs, pressure: Codes) -> Codes:
    """Why a pair that leaves its pipe open does so."""
    between = (pairs.near_m <= pairs.signed_m) & (pairs.signed_m < pairs.clear_m)
    gap = np.minimum(np.abs(pairs.signed_m - pairs.near_m), np.abs(pairs.signed_m - pairs.clear_m))
    reason = np.where(np.isinf(pairs.clear_m), NO_FIGURE, PROOF).astype(np.int8)
    reason[~between | (gap < pairs.accuracy_m - _FINE)] = ACCURACY
    reason[between & (pressure[pairs.pipe] < 0)] = NO_CLASS
    reason[pairs.dot & (pairs.signed_m - pairs.clear_m >= pairs.accuracy_m - _FINE)] = ONLY_A_POINT
    return reason


def _without_a_measure(pipes: Pipes, bodies: Bodies, state: Codes, reason: Codes) -> Codes:
    """Reasons, with those that do not come from a body."""
    reason = reason.copy()
    reason[(state == CLEAR) & (pipes.pressure == HIGH)] = NO_FIGURE
    if not (usable(bodies.shapes) & ~bodies.shed).any():
        reason[(state == CLEAR)] = NO_BUILDINGS
    placed = usable(pipes.shapes)
    reason[placed & ~(shapely.length(pipes.shapes) > 0)] = NO_LENGTH
    reason[~placed] = UNPLACED
    return reason


def _beside(pipes: Pipes, bodies: Bodies, pairs: _Pairs, at: Ints, *, alone: Flags) -> tuple[Ints, Floats, Floats]:
    """The body of the pair `at`, else, of pipes that are `alone`, the nearest building however far; the distance and the accuracy of the two."""
    body = np.asarray(_at(pairs.body, at, -1), dtype=np.int64)
    distance = np.maximum(np.asarray(_at(pairs.signed_m, at, np.nan), dtype=np.float64), 0.0)
    accuracy = np.asarray(_at(pairs.accuracy_m, at, np.nan), dtype=np.float64)
    buildings = np.flatnonzero(usable(bodies.shapes) & ~bodies.shed)
    far = np.flatnonzero((at < 0) & alone & usable(pipes.shapes) & (shapely.length(pipes.shapes) > 0))
    if len(buildings) and len(far):
        tree = shapely.STRtree(bodies.shapes[buildings])
        (row, nearest), axis = tree.query_nearest(pipes.shapes[far], return_distance=True, all_matches=False)
        pipe = far[row]
        body[pipe] = buildings[nearest]
        distance[pipe] = np.maximum(np.round(axis - pipes.radius_m[pipe], 2), 0.0)
        accuracy[pipe] = np.minimum(np.maximum(pipes.accuracy_m[pipe], bodies.accuracy_m[body[pipe]]), ROUGHEST_M)
    return body, distance, accuracy


def _threshold(pairs: _Pairs, at: Ints, limits: Limits, state: Codes) -> Floats:
    """What the deciding distance is held against: the full distance of the class; where that is not on record the least of all classes (too near)
    or the greatest (far enough); the protection range of a shed."""
    any_class = np.select([state == NEAR, state == CLEAR], [limits.near, limits.clear], np.nan)
    of_class = np.where(np.isinf(limits.required), np.where(state == NEAR, limits.near, np.nan), limits.required)
    held = np.where(np.isnan(limits.required), any_class, of_class)
    return np.where(_at(pairs.shed, at, 0) == 1, _at(pairs.near_m, at, np.nan), held).astype(np.float64)


def _needs_proof(pairs: _Pairs, limits: Limits, count: int) -> Flags:
    full = np.where(np.isfinite(limits.required), limits.required, np.nan)[pairs.pipe]
    reduced = limits.reduced[pairs.pipe]
    between = ~pairs.shed & ~pairs.dot & (reduced < full) & pairs.possible(full) & ~pairs.sure(reduced)
    return np.asarray(np.bincount(pairs.pipe[between], minlength=count) > 0, dtype=bool)


def _built_over(pairs: _Pairs, limits: Limits, reason: Codes, count: int) -> tuple[Codes, Ints]:
    """NEAR where a building or shed stands in the protection range, OPEN where perhaps, and the pair's body."""
    sure = pairs.sure(limits.protection[pairs.pipe])
    perhaps = pairs.possible(limits.protection_most[pairs.pipe])
    sure_at, perhaps_at = pairs.nearest(sure, count), pairs.nearest(perhaps, count)
    state = np.where(sure_at >= 0, NEAR, np.where(perhaps_at >= 0, OPEN, CLEAR)).astype(np.int8)
    state[(state == CLEAR) & np.isin(reason, (UNPLACED, NO_LENGTH, NO_BUILDINGS))] = OPEN
    over = _at(pairs.body, np.where(sure_at >= 0, sure_at, perhaps_at), -1)
    return state, np.asarray(over, dtype=np.int64)


def _in_control(pairs: _Pairs, limits: Limits, reason: Codes, count: int) -> Floats:
    """Buildings in the control range; NaN where the range is not known or there is nothing to count."""
    inside = ~pairs.shed & (pairs.signed_m < limits.control[pairs.pipe])
    found = np.bincount(pairs.pipe[inside], minlength=count).astype(np.float64)
    found[np.isnan(limits.control) | np.isin(reason, (UNPLACED, NO_LENGTH, NO_BUILDINGS))] = np.nan
    return found
