"""Ends that nearly meet are made to meet, and a lane that stops at the kerb is joined to its road; every move is told. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from geo.network.noding import TOUCH_M, Flags, Floats, Ints, Parts, Pieces, Shapes, Steps, components, degree, joined, without

SNAPPED, JOINED, TRIMMED = range(3)
"""How an end was mended: moved onto its neighbour; joined to a road by a connector; cut back to the junction that it ran past."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Ends that were mended: `way`, from where, to where, and how."""

    way: Ints
    start: Floats
    end: Floats
    kind: Ints

    def __add__(self, other: Moves) -> Moves:
        return Moves(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in ("way", "start", "end", "kind")))


@dataclass(frozen=True, slots=True)
class _Ends:
    """Loose ends of parts: the `vertex` of each, its `part` and where it is."""

    vertex: Ints
    part: Ints
    xy: Floats


def mended(parts: Parts, steps: Steps, reach_m: Floats, *, snap_m: float) -> tuple[Parts, Moves]:
    """Parts whose loose ends meet what lies within `snap_m`, and lanes' ends joined to a road within its reach (`reach_m`, NaN for lanes)."""
    ends = _loose(parts, steps, reach_m, snap_m)
    target = _snap_targets(parts, ends, snap_m)
    moving = ~np.isnan(target[:, 0]) & (np.hypot(*(target - ends.xy).T) > 0)
    snapped = Moves(parts.way[ends.part[moving]], ends.xy[moving], target[moving], np.full(int(moving.sum()), SNAPPED))
    moved = _moved(parts, steps, ends.vertex[moving], target[moving])
    left = np.flatnonzero(np.isnan(target[:, 0]) & np.isnan(reach_m[parts.way[ends.part]]))
    return _with_connectors(moved, _Ends(ends.vertex[left], ends.part[left], ends.xy[left]), reach_m, snapped)


def _moved(parts: Parts, steps: Steps, vertices: Ints, target: Floats) -> Parts:
    """The parts with these end vertices moved. The last junction before each end becomes a vertex: what meets the way there does not come loose."""
    xy = parts.xy.copy()
    xy[vertices] = target
    part = parts.part[vertices]
    first = vertices == parts.first[part]
    node = steps.part_ends[part, np.where(first, 0, 1)]
    near = np.concatenate([_step_ends(steps, part[first], node[first], 0), _step_ends(steps, part[~first], node[~first], 1)])
    order = np.concatenate([np.flatnonzero(first), np.flatnonzero(~first)])
    known = near >= 0
    where, place = np.where(first, vertices + 1, vertices)[order][known], steps.xy[near[known]]
    behind = np.where(first, vertices + 1, vertices - 1)[order][known]
    fresh = np.hypot(*(parts.xy[behind] - place).T) >= TOUCH_M
    where, place, part = where[fresh], place[fresh], part[order][known][fresh]
    return replace(parts, xy=np.insert(xy, where, place, axis=0), part=np.insert(parts.part, where, part))


def _step_ends(steps: Steps, part: Ints, node: Ints, side: int) -> Ints:
    """The other node of the step with which each part begins (side 0) or ends (side 1) at `node`; -1 where that step is another part's."""
    own = np.isin(steps.part, part)
    here, there = (steps.start, steps.end) if side == 0 else (steps.end, steps.start)
    known = {(int(p), int(n)): int(other) for p, n, other in zip(steps.part[own], here[own], there[own], strict=True)}
    return np.array([known.get((int(p), int(n)), -1) for p, n in zip(part, node, strict=True)], dtype=np.int64)


def _loose(parts: Parts, steps: Steps, reach_m: Floats, snap_m: float) -> _Ends:
    """Ends that meet nothing; those that run only a little past a junction are no concern here: `trimmed` cuts them."""
    pieces = joined(steps)
    meeting = degree(pieces, len(steps.xy))
    loose = meeting[steps.part_ends] == 1
    over = np.zeros(len(steps.xy), dtype=bool)
    over[_tips(parts, steps, pieces, reach_m, snap_m)[1]] = True
    loose &= ~over[steps.part_ends]
    part, side = np.nonzero(loose)
    vertex = np.where(side == 0, parts.first[part], parts.last[part])
    return _Ends(vertex, part, parts.xy[vertex])


def _tips(parts: Parts, steps: Steps, pieces: Pieces, reach_m: Floats, snap_m: float) -> tuple[Ints, Ints, Ints]:
    """Edges that are a way's short run past a junction: the edge, its loose node, the junction. Past a road, a lane may run to the kerb."""
    meeting = degree(pieces, len(steps.xy))
    reach = np.full(len(steps.xy), snap_m)
    own = reach_m[parts.way[pieces.part]]
    for side in (0, 1):
        np.fmax.at(reach, pieces.ends[:, side], own)
    found = []
    for loose, other in ((0, 1), (1, 0)):
        tip, root = pieces.ends[:, loose], pieces.ends[:, other]
        limit = np.where(np.isnan(own), reach[root], snap_m)
        short = (meeting[tip] == 1) & (meeting[root] >= 3) & (pieces.length_m <= limit)
        short &= np.bincount(pieces.part, minlength=len(parts.way))[pieces.part] > 1
        edge = np.flatnonzero(short)
        found.append(np.column_stack([edge, tip[edge], root[edge]]))
    all_found = np.concatenate(found)
    return all_found[:, 0], all_found[:, 1], all_found[:, 2]


def trimmed(parts: Parts, steps: Steps, reach_m: Floats, *, snap_m: float) -> tuple[Steps, Moves]:
    """The steps without what runs only a little past a junction."""
    pieces = joined(steps)
    edge, tip, root = _tips(parts, steps, pieces, reach_m, snap_m)
    gone = np.isin(pieces.edge, edge)
    moves = Moves(parts.way[pieces.part[edge]], steps.xy[tip], steps.xy[root], np.full(len(edge), TRIMMED))
    return without(steps, gone), moves


def _snap_targets(parts: Parts, ends: _Ends, snap_m: float) -> Floats:
    """Where each loose end goes: the nearest other way within `snap_m`; loose ends near one another meet there too, else in their middle."""
    end, part, point, off, loose = _neighbours(parts, ends, snap_m)
    target = np.full((len(ends.vertex), 2), np.nan)
    gap = np.full(len(ends.vertex), np.inf)
    firm = np.flatnonzero(loose < 0)
    best = firm[np.lexsort((part[firm], off[firm], end[firm]))]
    best = best[np.flatnonzero(np.diff(end[best], prepend=-1))]
    target[end[best]], gap[end[best]] = point[best], off[best]
    linked = loose >= 0
    return _together(ends.xy, target, gap, end[linked], loose[linked], 2 * snap_m)


def _neighbours(parts: Parts, ends: _Ends, snap_m: float) -> tuple[Ints, Ints, Floats, Floats, Ints]:
    """For loose ends and the segments of other ways within `snap_m`: the end, the part, the nearest point, how far, and the loose end of that part
    which is there (-1: none, the way runs on)."""
    seg = parts.segments
    lines: Shapes = np.asarray(shapely.linestrings(np.stack([parts.xy[seg], parts.xy[seg + 1]], axis=1)), dtype=object)
    end, near = shapely.STRtree(lines).query(shapely.points(ends.xy), predicate="dwithin", distance=snap_m)
    start, run = parts.xy[seg[near]], parts.xy[seg[near] + 1] - parts.xy[seg[near]]
    share = np.clip(((ends.xy[end] - start) * run).sum(axis=1) / (run * run).sum(axis=1), 0.0, 1.0)
    point = start + share[:, None] * run
    off = np.hypot(*(point - ends.xy[end]).T)
    part = parts.part[seg[near]]
    along = parts.along_m()
    at = along[seg[near]] + share * np.hypot(*run.T)
    own = (part == ends.part[end]) & (np.abs(at - along[ends.vertex[end]]) <= 4 * snap_m)
    key = end * np.int64(len(parts.way) + 1) + part
    twin = np.isin(key, key[(off <= TOUCH_M) & (part != ends.part[end])])
    keep = ~own & ~twin
    end, part, point, off, at = end[keep], part[keep], point[keep], off[keep], at[keep]
    return end, part, point, off, _loose_there(parts, ends, end, part, at, along, snap_m)


def _loose_there(parts: Parts, ends: _Ends, end: Ints, part: Ints, at: Floats, along: Floats, snap_m: float) -> Ints:
    """Which loose end of `part` lies within `snap_m` of the loose end `end`, where that part comes nearest `at` metres along; -1: none."""
    which = np.full(len(parts.xy), -1, dtype=np.int64)
    which[ends.vertex] = np.arange(len(ends.vertex))
    found = np.full(len(end), -1, dtype=np.int64)
    for vertex in (parts.first[part], parts.last[part]):
        there = (which[vertex] >= 0) & (np.abs(along[vertex] - at) <= snap_m)
        there &= np.hypot(*(parts.xy[vertex] - ends.xy[end]).T) <= snap_m
        found[there] = which[vertex][there]
    return found


def _together(xy: Floats, target: Floats, gap: Floats, one: Ints, other: Ints, most_m: float) -> Floats:
    """Targets with those of linked ends made the same: that of the end nearest to its own, else the middle of them all. Where this would
    move one by more than `most_m` all keep their own: many ends in a row, each near the next, are no one place."""
    _, group = components(len(xy), one, other)
    sizes = np.bincount(group)
    order = np.lexsort((gap, group))
    leader = order[np.flatnonzero(np.diff(group[order], prepend=-1))]
    middle = np.column_stack([np.bincount(group, xy[:, axis] - xy[leader[group], axis]) / sizes + xy[leader, axis] for axis in (0, 1)])
    place = np.where(np.isnan(target[leader]), middle, target[leader])
    with np.errstate(invalid="ignore"):
        far = np.bincount(group, np.hypot(*(place[group] - xy).T) > most_m) > 0
    return np.where(((sizes > 1) & ~far)[group][:, None], place[group], target)


def _with_connectors(parts: Parts, ends: _Ends, reach_m: Floats, moves: Moves) -> tuple[Parts, Moves]:
    """Connectors from lanes' loose ends to the nearest road whose reach they are in."""
    roads = np.flatnonzero(~np.isnan(reach_m[parts.way]))
    lines = parts.lines(roads)
    places: Shapes = np.asarray(shapely.points(ends.xy), dtype=object)
    road, end = shapely.STRtree(places).query(lines, predicate="dwithin", distance=reach_m[parts.way[roads]])
    points = places[end]
    order = np.lexsort((road, shapely.distance(lines[road], points), end))
    order = order[np.flatnonzero(np.diff(end[order], prepend=-1))]
    road, end, points = road[order], end[order], points[order]
    foot = shapely.get_coordinates(shapely.line_interpolate_point(lines[road], shapely.line_locate_point(lines[road], points)))
    far: Flags = np.hypot(*(foot - ends.xy[end]).T) >= TOUCH_M
    foot, end = foot[far], end[far]
    way = parts.way[ends.part[end]]
    fresh = Parts(
        np.concatenate([parts.xy, np.stack([ends.xy[end], foot], axis=1).reshape(-1, 2)]),
        np.concatenate([parts.part, np.repeat(len(parts.way) + np.arange(len(end)), 2)]),
        np.concatenate([parts.way, way]), np.concatenate([parts.connector, np.ones(len(end), dtype=bool)]),
    )  # fmt: skip
    return fresh, moves + Moves(way, ends.xy[end], foot, np.full(len(end), JOINED))
