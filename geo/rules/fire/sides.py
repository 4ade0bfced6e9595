"""FA-15: whether a lane runs along a long side of each dwelling building."""

from __future__ import annotations

import numpy as np
import shapely

from geo.errors import Text
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Flags, View
from geo.questions.lanes.standing import words
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Floats, Judgement, Rows, Rule, limit
from geo.rules.fire.blocks import READS, all_ways, rectangles
from geo.rules.fire.telling import BUILDING, MEASURED, Missing, by_shapes, judgement, nowhere, sentences, unplaced

DWELLINGS = ("residential", "mixed")
_UNSAID = ("", "unknown")


def _along(view: View) -> Judgement:
    """The share of the better long side that roads or lanes run along. The long sides are those of the smallest rectangle about the footprint; a way runs
    along the part of a side that its centreline lies before, at most `lane_along_m` off it outwards, a road's half width more for a road. The rule is of
    dwellings; what has no use on record counts when it passes. Buildings with no way within `approach_m` have none on record: unknown."""
    frame, profile, found = view.frame("buildings"), view.profile, all_ways(view)
    count, least = len(frame), profile["lane_along_pct"]
    there, share, way, near = by_shapes(view, "lanes-along", READS, view.layer_revision("roads"), lambda: _measured(view))
    use = words(texts(frame, "use"))
    dwelling, unsaid = np.isin(use, DWELLINGS), np.isin(use, _UNSAID)
    enough = share >= least
    result = np.where(enough, PASS, np.where(near & dwelling, FAIL, UNKNOWN))
    result = np.where(there, result, UNKNOWN)
    result[~dwelling & ~unsaid] = NA
    result = result.astype(np.int8)
    heads = {
        FAIL: Text("没有沿一条长边的消防车道", "no lane along a long side"),
        PASS: Text("沿一条长边有消防车道", "a lane along a long side"),
    }

    def tell(row: int) -> Text:
        if result[row] == NA:
            return Text("不是住宅", "not a dwelling building")
        if not there[row]:
            return unplaced(BUILDING)
        if not near[row]:
            return Text("附近没有画出道路或通道，不能判定", "no road or lane is drawn near it: cannot be told")
        said = Text(
            f"长边的 {share[row]:g}% 旁有车道（须 {least:g}%）", f"ways run along {share[row]:g} % of a long side ({least:g} % needed)"
        )
        if result[row] == UNKNOWN:
            return Text(f"{said.zh}，用途没有登记，不能判定", f"{said.en}; its use is not on record: cannot be told")
        return said

    missing = (
        Missing(result == UNKNOWN)
        .own(~there, "buildings", "geometry")
        .add(~near, "fire_lanes", "geometry", -1)
        .own(unsaid, "buildings", "use")
    )
    measured = np.where(there & near & (result != NA), share, np.nan)
    return judgement(
        result, measured, limit(count, least), np.where(np.isnan(measured), -1, MEASURED), sentences(result, heads, tell), lacks=missing.lacks(),
        involved=lambda rows: [found.at(int(at)) for at in way[rows]],
    )  # fmt: skip


def _measured(view: View) -> tuple[Flags, Floats, Rows, Flags]:
    """Of each building whether it has sides, the share of the better one and the way along it (`_shares`), and whether any way is near."""
    buildings, profile = view.metric("buildings"), view.profile
    corners, sides = rectangles(buildings)
    there = ~np.isnan(sides).any(axis=1) & (shapely.get_dimensions(buildings) == 2)
    share, way = _shares(view, corners, sides, there)
    near, found = share > 0, all_ways(view)
    rest = np.flatnonzero(~near & there)
    near[rest[found.tree.query(buildings[rest], predicate="dwithin", distance=profile["approach_m"] + profile["road_half_width_m"])[0]]] = (
        True
    )
    return there, share, way, near


def _shares(view: View, corners: Floats, sides: Floats, there: Flags) -> tuple[Floats, Rows]:
    """Per cent of the better long side of each building along which ways run, and the way that runs along most of it (-1 = none)."""
    count = len(corners)
    rows = np.flatnonzero(there)
    first = (sides[rows, 1] > sides[rows, 0]).astype(np.int64)
    starts = np.concatenate([np.stack([rows, first], axis=1), np.stack([rows, first + 2], axis=1)])
    owner = starts[:, 0]
    start, end = corners[owner, starts[:, 1]], corners[owner, (starts[:, 1] + 1) % 4]
    middle = corners[owner].mean(axis=1)
    length = np.hypot(*(end - start).T)
    along = (end - start) / np.maximum(length, 1e-9)[:, None]
    out = np.column_stack([along[:, 1], -along[:, 0]])
    out *= np.where(((middle - start) * out).sum(axis=1) > 0, -1.0, 1.0)[:, None]
    found = all_ways(view)
    segments, of = found.pieces, found.of
    depth = _depths(view)[of]
    reach = float(depth.max(initial=0.0))
    sides_ = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)
    side, piece = found.tree.query(sides_, predicate="dwithin", distance=reach)
    low, high = _clipped(segments[piece], start[side], along[side], out[side], length[side], depth[piece])
    kept = high > low
    side, low, high, which = side[kept], low[kept], high[kept], of[piece[kept]]
    covered = _union(side, low, high, len(owner))
    share, way = np.zeros(count), nowhere(count)
    percent = np.round(100 * covered / np.maximum(length, 1e-9), 1)
    np.maximum.at(share, owner, percent)
    best = percent[side] == share[owner[side]]
    order = np.argsort((high - low)[best], kind="stable")
    way[owner[side[best]][order]] = which[best][order]
    return share, way


def _depths(view: View) -> Floats:
    """How far before a side each way may run to run along it."""
    found, width = all_ways(view), numbers(view.frame("roads"), "road_width_m")
    half = np.append(np.where(width > 0, width / 2, view.profile["road_half_width_m"]), 0.0)
    road = np.where(found.layer == 0, found.row, -1)
    return np.asarray(view.profile["lane_along_m"] + half[road], dtype=np.float64)


def _clipped(segments: Floats, start: Floats, along: Floats, out: Floats, length: Floats, depth: Floats) -> tuple[Floats, Floats]:
    """The part (from, to, in metres along the side) of each segment that lies before its side; nothing where `to` is not above `from`."""
    local = segments - start[:, None, :]
    u, v = (local * along[:, None, :]).sum(axis=2), (local * out[:, None, :]).sum(axis=2)
    low, high = np.zeros(len(u)), np.ones(len(u))
    for value, most in ((u, length), (v, depth)):
        step = value[:, 1] - value[:, 0]
        flat = np.abs(step) < 1e-9
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.sort(np.stack([(0.0 - value[:, 0]) / step, (most + 1e-9 - value[:, 0]) / step]), axis=0)
        outside = flat & ((value[:, 0] < 0) | (value[:, 0] > most + 1e-9))
        low = np.where(flat, np.where(outside, 2.0, low), np.maximum(low, shares[0]))
        high = np.where(flat, high, np.minimum(high, shares[1]))
    ends = np.sort(np.stack([u[:, 0] + low * (u[:, 1] - u[:, 0]), u[:, 0] + high * (u[:, 1] - u[:, 0])]), axis=0)
    good = high > low
    return np.where(good, ends[0], 0.0), np.where(good, ends[1], 0.0)


def _union(group: Rows, low: Floats, high: Floats, count: int) -> Floats:
    """The length that intervals cover together, a value a group."""
    order = np.lexsort((low, group))
    group, low, high = group[order], low[order], high[order]
    offset = group * (float(high.max(initial=0.0)) + 1.0)
    reached = np.maximum.accumulate(high + offset) - offset
    before = np.concatenate([[0.0], reached[:-1]]) if len(low) else low
    before = np.where(np.concatenate([[True], np.diff(group) != 0]) if len(low) else np.zeros(0, dtype=bool), 0.0, before)
    new = np.maximum(high - np.maximum(low, before), 0.0)
    return np.bincount(group, new, minlength=count).astype(np.float64)


ALONG = Rule(
    "FA-15", 115, Text("沿长边设置消防车道", "Lane along a long side"), "buildings", READS, _along, Text("%", "%"),
    ("lane_along_pct", "lane_along_m", "approach_m", "road_half_width_m"),
)  # fmt: skip
