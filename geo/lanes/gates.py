"""Gates: the piece of the perpendicular at each end of a run where a disc's centre may start or end, and what bounds it.

Coordinates are metres from the first point of the run. A disc's body may be half out of the corridor at a gate; its centre may not cross the
perpendicular beyond it, from the first obstacle on either side outwards: that is a barrier, as the corridor's long sides are walls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.lanes.segments import Segments, joined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DEPTH_M = 0.004
"""What stands this near to the perpendicular stands on it."""
_ASLANT = np.sin(np.radians(60))
"""A wall up to this much off the perpendicular is one that a lane ends at; another one stands beside it."""
_BEFORE_M = 0.05
_AXIS_M = 2e-4
_FINE_M = 1e-5
_ON_LINE_M = 0.01


@dataclass(frozen=True, slots=True)
class Outline:
    """The corridors' outlines as segments with the `ring` of each, numbered through all runs."""

    segments: Segments
    ring: Ints


@dataclass(frozen=True, slots=True)
class Walls:
    """What no disc crosses: `segments` with the `ring` of the outline they lie on. Of a barrier it is the disc's centre that must not cross: a
    gap between it and an obstacle counts twice. `closed`: runs that an obstacle closes at an end point."""

    segments: Segments
    ring: Ints
    barrier: Flags
    closed: Flags


def walls_of(outline: Outline, obstacles: Segments, points: Floats, inward: Floats, half_m: float) -> Walls:
    """`points` and `inward` (runs, 2 ends, 2): the end points and the unit vectors from them into the run."""
    runs = len(points)
    reach = np.empty((runs, 2, 2))
    owner = np.empty((runs, 2, 2), dtype=np.int64)
    for end in (0, 1):
        reach[:, end], owner[:, end] = _first_on_both_sides(obstacles, points[:, end], inward[:, end], half_m)
    closed: Flags = np.asarray(np.any(reach < 0, axis=(1, 2)))
    outline = _split_at_corners(outline, points, inward, half_m)
    cut = [_on_perpendicular(outline.segments, points[:, end], inward[:, end], half_m) for end in (0, 1)]
    side = ~(cut[0] | cut[1])
    found, rings = [outline.segments.take(side)], [outline.ring[side]]
    for end in (0, 1):
        for which in (0, 1):
            segments, ring = _barriers(outline, cut[end], points, inward, end, which, reach, owner[:, end, which])
            found.append(segments)
            rings.append(ring)
    barrier: Flags = np.arange(sum(map(len, found))) >= len(found[0])
    return Walls(joined(*found), np.concatenate(rings), barrier, closed)


def faced_at_end(obstacles: Segments, part: Ints, thick_m: Floats, points: Floats, inward: Floats, wall: Ints) -> Flags:
    """The segments that a run which ends at a wall (`wall`: its part; `part`: each segment's, `thick_m` thick) ends at: they close nothing however
    aslant they are, for the disc has arrived when it is at them; nor does the far side of a wall that stands no thicker."""
    found = np.zeros(len(obstacles), dtype=bool)
    for end in (0, 1):
        rows = np.flatnonzero(wall[obstacles.run, end] == part)
        near = obstacles.take(rows)
        step = near.end - near.start
        length = np.maximum(np.linalg.norm(step, axis=1), _FINE_M)
        gap = points[near.run, end] - near.start
        off_line = np.abs(step[:, 0] * gap[:, 1] - step[:, 1] * gap[:, 0]) / length
        aslant = np.abs((step * inward[near.run, end]).sum(axis=1)) / length
        found[rows[(off_line <= _BEFORE_M + thick_m[rows]) & (aslant <= _ASLANT)]] = True
    return found


def _local(points: Floats, inward: Floats, run: Ints, place: Floats) -> tuple[Floats, Floats]:
    """Metres inward of the perpendicular, and along it to the left of who enters."""
    gap = place - points[run]
    u = inward[run]
    return gap[:, 0] * u[:, 0] + gap[:, 1] * u[:, 1], u[:, 0] * gap[:, 1] - u[:, 1] * gap[:, 0]


def _first_on_both_sides(obstacles: Segments, points: Floats, inward: Floats, half_m: float) -> tuple[Floats, Ints]:
    """How far the gate reaches to the left and to the right (inf: nothing stands there; -1: closed), and what bounds it there."""
    s0, t0 = _local(points, inward, obstacles.run, obstacles.start)
    s1, t1 = _local(points, inward, obstacles.run, obstacles.end)
    near = (np.minimum(s0, s1) <= DEPTH_M) & (np.maximum(s0, s1) >= -_FINE_M)
    run, owner = obstacles.run[near], obstacles.owner[near]
    s0, s1, t0, t1 = s0[near], s1[near], t0[near], t1[near]
    slope = np.where(s1 == s0, 1, s1 - s0)
    shares = np.stack([(-_FINE_M - s0) / slope, (DEPTH_M - s0) / slope])
    low = np.where(s1 == s0, 0, np.clip(shares.min(axis=0), 0, 1))
    high = np.where(s1 == s0, 1, np.clip(shares.max(axis=0), 0, 1))
    ends = np.stack([t0 + low * (t1 - t0), t0 + high * (t1 - t0)])
    least, most = ends.min(axis=0), ends.max(axis=0)
    reach, who = np.full((len(points), 2), np.inf), np.full((len(points), 2), -1, dtype=np.int64)
    for side, distance, ahead in ((0, least, least > 0), (1, -most, most < 0)):
        rows = np.flatnonzero(ahead & (distance <= half_m + _FINE_M))
        rows = rows[np.argsort(-distance[rows], kind="stable")]
        reach[run[rows], side], who[run[rows], side] = distance[rows], owner[rows]
    reach[run[(least <= _AXIS_M) & (most >= -_AXIS_M)]] = -1
    return reach, who


def _split_at_corners(outline: Outline, points: Floats, inward: Floats, half_m: float) -> Outline:
    """Where two ends are on one line, one segment of the outline may go on beyond the corner of a cut: it is split there."""
    for end in (0, 1):
        for corner in (half_m, -half_m):
            all_ = outline.segments
            run = all_.run
            (s0, t0), (s1, t1) = (_local(points[:, end], inward[:, end], run, place) for place in (all_.start, all_.end))
            over = (
                (np.abs(s0) < _FINE_M)
                & (np.abs(s1) < _FINE_M)
                & (np.minimum(t0, t1) < corner - _FINE_M)
                & (np.maximum(t0, t1) > corner + _FINE_M)
            )
            if over.any():
                share = ((corner - t0) / np.where(over, t1 - t0, 1))[over, None]
                at = all_.start[over] + share * (all_.end - all_.start)[over]
                first, second = all_.end.copy(), all_.take(over)
                first[over] = at
                near = Segments(all_.run, all_.owner, all_.chain, all_.start, first)
                far = Segments(second.run, second.owner, second.chain, at, second.end)
                outline = Outline(joined(near, far), np.concatenate([outline.ring, outline.ring[over]]))
    return outline


def _on_perpendicular(outline: Segments, points: Floats, inward: Floats, half_m: float) -> Flags:
    flat = np.ones(len(outline), dtype=bool)
    for place in (outline.start, outline.end):
        s, t = _local(points, inward, outline.run, place)
        flat &= (np.abs(s) < _FINE_M) & (np.abs(t) <= half_m + _FINE_M)
    return flat


def _barriers(
    outline: Outline, cut: Flags, points: Floats, inward: Floats, end: int, which: int, reach: Floats, owner: Ints
) -> tuple[Segments, Ints]:
    """The perpendicular from the end of the gate outwards, as far as it is the corridor's edge and not the other end's gate."""
    rows = np.flatnonzero(cut)
    run = outline.segments.run[rows]
    sign = 1 if which == 0 else -1
    ends = (outline.segments.start[rows], outline.segments.end[rows])
    t = np.stack([sign * _local(points[:, end], inward[:, end], run, place)[1] for place in ends])
    low, high = np.maximum(t.min(axis=0), reach[run, end, which]), t.max(axis=0)
    gate_low, gate_high = (bound[run] for bound in _other_gate(points, inward, end, sign, reach))
    pieces = [
        (low, np.minimum(high, np.maximum(gate_low, low - 1))),
        (np.where(np.isfinite(gate_high), np.maximum(low, gate_high), np.inf), high),
    ]
    found, rings = [], []
    across = sign * np.stack([-inward[:, end, 1], inward[:, end, 0]], axis=1)
    for a, b in pieces:
        keep = (b >= a - DEPTH_M) & np.isfinite(a)
        r = run[keep]
        start = points[r, end] + across[r] * a[keep, None]
        stop = points[r, end] + across[r] * np.maximum(a, b)[keep, None]
        found.append(Segments(r, owner[r], np.arange(len(r)), start, stop))
        rings.append(outline.ring[rows[keep]])
    return joined(*found), np.concatenate(rings)


def _other_gate(points: Floats, inward: Floats, end: int, sign: int, reach: Floats) -> tuple[Floats, Floats]:
    """From where to where, along the perpendicular at this end, the other end's gate lies on it; inf where it does not. Of two gates on one line
    the left of one is the left of the other if both face one way."""
    other = 1 - end
    s, middle = _local(points[:, end], inward[:, end], np.arange(len(points)), points[:, other])
    one_way = np.sign((inward[:, 0] * inward[:, 1]).sum(axis=1)) * sign > 0
    left, right = (np.where(one_way, reach[:, other, i], reach[:, other, 1 - i]) for i in (0, 1))
    on_line = np.abs(s) < _ON_LINE_M
    return np.where(on_line, sign * middle - right, np.inf), np.where(on_line, sign * middle + left, np.inf)
