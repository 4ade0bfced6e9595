"""What the layers hold of dead ends and turnarounds, and which of a lane's dead ends decides under given limits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.dead_ends import DeadEnds, dead_ends, joined_nodes
from geo.network.graph import Network
from geo.network.squares import largest_squares_m
from geo.network.turnarounds import Sizes, sizes, turnarounds_at
from geo.questions.declaration import NA, NO, UNKNOWN, YES, Flags, Floats, View, latest
from geo.questions.reach import ways

Ints = NDArray[np.int64]

NONE, SMALL, UNSIZED, ENOUGH = range(4)
"""What there is to turn on at a dead end, the better the higher."""

NOT_ON_RECORD = -1
_SEVERITY = np.array([3, 1, 2, 0])
"""Of the answers, in their order: by it the one of a lane with several dead ends is chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What the layers hold whatever the limits are. A case is a dead end of a lane (two lanes that lie on one another share an end);
    `pair_case`, `pair_turn`: the usable turnarounds of each case, NOT_ON_RECORD for one that the lane names and the layer lacks."""

    network: Network
    ends: DeadEnds
    sizes: Sizes
    case_end: Ints
    case_lane: Ints
    pair_case: Ints
    pair_turn: Ints
    drawn: Flags
    joined: Flags


def found_in(view: View) -> Found:
    key = (*ways.revisions(view), *(view.layer_revision(id) for id in ("roads", "fire_lanes", "turnarounds")))
    return latest(view, "dead-ends", key, lambda _: _find(view))


def _find(view: View) -> Found:
    network = ways.network(view)
    drawn_ends = latest(view, "ends-of-network", ways.revisions(view), lambda _: dead_ends(network))
    ends, lanes, turns = _told(view, network, drawn_ends), view.frame("fire_lanes"), view.frame("turnarounds")
    width = lanes["clear_width_m"].to_numpy(dtype=np.float64)
    half = np.where(width > 0, width, view.profile["lane_width_m"]) / 2
    numbers = [turns[name].to_numpy(dtype=np.float64) for name in ("length_m", "width_m")]
    shapes = view.metric("turnarounds")
    lane, edge = network.lane_edges.T
    order = np.argsort(edge, kind="stable")
    first, last = (np.searchsorted(edge[order], ends.edge, side=side) for side in ("left", "right"))
    case_end = np.repeat(np.arange(len(ends.edge)), last - first)
    case_lane = lane[order][np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)] or [np.empty(0, dtype=np.int64)])]
    near = turnarounds_at(ends, half[network.lane[ends.edge]], shapes)
    case, turn = _pairs(view, ends, case_end, case_lane, near)
    drawn, joined = np.zeros(len(lanes), dtype=bool), np.zeros(len(lanes), dtype=bool)
    drawn[lane] = True
    joined[lane[joined_nodes(network)[network.ends[edge, 0]]]] = True
    measured = sizes(_squares(view), numbers[0], numbers[1], turns["shape"].to_numpy(dtype=object))
    return Found(network, ends, measured, case_end, case_lane, case, turn, drawn, joined)


def _squares(view: View) -> Floats:
    """The largest square of each turnaround as drawn; those of the last time are not worked out anew."""
    key = (view.layer_revision("turnarounds"), view.metric_crs)

    def make(last: Any) -> tuple[Floats, dict[bytes, float]]:
        shapes, known = view.metric("turnarounds"), {} if last is None else dict(last[1][1])
        sides = largest_squares_m(shapes, known)
        now = set(shapely.to_wkb(shapes[~shapely.is_missing(shapes)]).tolist())
        return sides, {shape: side for shape, side in known.items() if shape in now}

    return latest(view, "turnaround-squares", key, make)[0]


def _told(view: View, network: Network, ends: DeadEnds) -> DeadEnds:
    """Of dead ends by which a way runs that could not be read it is not known whether they are any: they count as not joined."""
    unread = np.concatenate([view.metric("fire_lanes")[network.tangled_lanes], view.metric("roads")[network.tangled_roads]])
    if not len(unread) or not len(ends.node):
        return ends
    half = view.frame("roads")["road_width_m"].max() / 2 if len(network.tangled_roads) else 0.0
    half = max(np.nan_to_num(half), view.profile["road_half_width_m"] if len(network.tangled_roads) else 0.0)
    near = np.zeros(len(ends.node), dtype=bool)
    near[shapely.STRtree(ends.lines).query(unread, predicate="dwithin", distance=half + view.profile["snap_m"])[1]] = True
    return replace(ends, length_m=np.where(near, np.nan, ends.length_m), joined=ends.joined & ~near)


def _pairs(view: View, ends: DeadEnds, case_end: Ints, case_lane: Ints, near: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Case and turnaround: what the lane names stands at that of its ends which it is nearest to; elsewhere what lies there."""
    unusable = view.frame("turnarounds")["usable"].to_numpy(dtype=object) == "no"
    named = _named(view, ends, case_end, case_lane, unusable)
    by_end: dict[int, list[int]] = {}
    for end, turn in zip(near[0].tolist(), near[1].tolist(), strict=True):
        if not unusable[turn]:
            by_end.setdefault(end, []).append(turn)
    pairs = [
        (case, turn)
        for case, end in enumerate(case_end.tolist())
        for turn in ([named[case]] if case in named else by_end.get(end, ()))
    ]  # fmt: skip
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _named(view: View, ends: DeadEnds, case_end: Ints, case_lane: Ints, unusable: Flags) -> dict[int, int]:
    """The turnaround that the lane of a case names, for the one end it belongs to: the nearest, or the longest where it is not placed."""
    codes = view.frame("fire_lanes")["turnaround_code"].to_numpy(dtype=object)
    rows = {code: row for row, code in enumerate(view.frame("turnarounds")["code"]) if isinstance(code, str)}
    shapes = view.metric("turnarounds")
    best: dict[int, tuple[float, int]] = {}
    for case, lane in enumerate(case_lane.tolist()):
        if not isinstance(codes[lane], str) or not codes[lane].strip():
            continue
        turn, end = rows.get(codes[lane], NOT_ON_RECORD), case_end[case]
        shape = None if turn == NOT_ON_RECORD else shapes[turn]
        far = -np.nan_to_num(ends.length_m[end]) if shape is None else shape.distance(shapely.Point(ends.points[end]))
        if lane not in best or far < best[lane][0]:
            best[lane] = (float(far), case)
    chosen = {case: rows.get(codes[lane], NOT_ON_RECORD) for lane, (_, case) in best.items()}
    return {case: turn for case, turn in chosen.items() if turn == NOT_ON_RECORD or not unusable[turn]}


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Per lane: the `answer`, the `case` that decides it (-1 = no dead end), what there is to turn on at it and which `turn` (-1 = none, or not
    on record); and how many dead ends it has."""

    answer: NDArray[np.int8]
    case: Ints
    state: Ints
    turn: Ints
    count: Ints


def judged(found: Found, length: float, square: float) -> Judged:
    state, turn = _turning(found, square)
    metres = np.round(found.ends.length_m[found.case_end], 2)
    told = found.ends.joined[found.case_end]
    verdict = np.where(state <= SMALL, YES, np.where(state == UNSIZED, UNKNOWN, NO))
    verdict = np.where(told, np.where(metres > length, verdict, NO), UNKNOWN)
    order = np.lexsort((np.nan_to_num(metres), _SEVERITY[verdict], found.case_lane))
    last = order[np.flatnonzero(np.diff(found.case_lane[order], append=-1))]
    lanes = found.case_lane[last]
    answer = np.where(found.joined, NA, UNKNOWN).astype(np.int8)
    answer[found.drawn & ~found.joined & _between(found)] = NA
    case, chosen, kind = (np.full(len(answer), value, dtype=np.int64) for value in (-1, -1, NONE))
    answer[lanes], case[lanes], chosen[lanes], kind[lanes] = verdict[last], last, turn[last], state[last]
    return Judged(answer, case, kind, chosen, np.bincount(found.case_lane, minlength=len(answer)))


def _between(found: Found) -> Flags:
    """Lanes that meet other ways, none of which leads to a public road; a ring that meets nothing is not among them."""
    network = found.network
    ring = network.ends[:, 0] == network.ends[:, 1]
    meets: Flags = np.asarray((network.degree[network.ends] > np.where(ring, 2, 1)[:, None]).any(axis=1), dtype=bool)
    flags = np.zeros(len(found.drawn), dtype=bool)
    flags[network.lane_edges[meets[network.lane_edges[:, 1]], 0]] = True
    return flags


def _turning(found: Found, square: float) -> tuple[Ints, Ints]:
    """The best there is to turn on for each case, and which."""
    turn = found.pair_turn
    side, most = (np.append(np.round(v, 2), np.nan)[turn] for v in (found.sizes.side_m, found.sizes.at_most_m))
    with np.errstate(invalid="ignore"):
        kind = np.where(side >= square, ENOUGH, np.where(most < square, SMALL, UNSIZED))
    order = np.lexsort((np.nan_to_num(side), kind, found.pair_case))
    last = order[np.flatnonzero(np.diff(found.pair_case[order], append=-1))]
    state, chosen = np.full(len(found.case_end), NONE, dtype=np.int64), np.full(len(found.case_end), -1, dtype=np.int64)
    state[found.pair_case[last]], chosen[found.pair_case[last]] = kind[last], turn[last]
    return state, chosen
