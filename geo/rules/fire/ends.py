"""FA-06 and FA-07: dead ends that are too long to back out of, and the turnarounds at them."""

from __future__ import annotations

import numpy as np

from geo.errors import Text
from geo.questions.columns import texts
from geo.questions.declaration import View
from geo.questions.reach.dead_end_record import NOT_ON_RECORD, UNSIZED, Found, found_in, judged
from geo.questions.reach.dead_ends import DEAD_ENDS_WITHOUT_TURNAROUND
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rows, Rule, limit
from geo.rules.fire.serving import FIGURES, READS, Served, served
from geo.rules.fire.telling import (
    DECLARED,
    MEASURED,
    METRES,
    RECOMMENDED,
    Heads,
    Missing,
    asked,
    at_least,
    basis_of,
    headed,
    judgement,
    metric_shapes,
    named_pairs,
    nowhere,
    results_of,
    sentences,
)


def _dead_ends(view: View) -> Judgement:
    verdicts, found = asked(view, DEAD_ENDS_WITHOUT_TURNAROUND), found_in(view)
    result, longest = results_of(verdicts), view.profile["dead_end_m"]
    own = judged(found, longest, view.profile["turnaround_m"])
    unsized = (own.state == UNSIZED) & (result == UNKNOWN) & (own.case >= 0)
    unsized &= np.append(found.ends.joined[found.case_end], False)[own.case]
    missing = Missing(result == UNKNOWN).own(unsized & (own.turn == NOT_ON_RECORD), "fire_lanes", "turnaround_code")
    missing.add(unsized, "turnarounds", "length_m", own.turn)
    if not len(view.frame("roads")):
        missing.add(found.drawn, "roads", "geometry", -1)
    missing.own(np.ones(len(result), dtype=bool), "fire_lanes", "geometry")
    heads: Heads = {FAIL: Text("尽头式通道没有够大的回车场", "a dead end without a turnaround that is large enough")}
    return judgement(
        result,
        verdicts.column("value", None),
        limit(len(result), longest),
        basis_of(verdicts),
        headed(result, heads, verdicts.why),
        where=lambda rows: metric_shapes(view, verdicts.shape("end", rows)) if verdicts.shape else np.full(len(rows), None, dtype=object),
        lacks=missing.lacks(),
        involved=lambda rows: named_pairs("turnarounds", own.turn[rows]),
    )


def _turnaround(view: View) -> Judgement:
    """The largest square that it holds: as drawn, else by the length and width on record. One at a lane that leads to a high-rise building is held to the
    side recommended there; which engines come is on no record, so the side for heavy ones is only said."""
    frame, found, profile = view.frame("turnarounds"), found_in(view), view.profile
    usual, high = profile["turnaround_m"], profile["turnaround_high_rise_m"]
    heavy = profile["turnaround_heavy_m"]
    side, most = np.round(found.sizes.side_m, 2), np.round(found.sizes.at_most_m, 2)
    to_high, unsaid = _buildings(found, served(view), len(frame))
    unusable = texts(frame, "usable") == "no"

    def held_to(limit: float) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return np.where(side >= limit, PASS, np.where((side < limit) | (most < limit), FAIL, UNKNOWN))

    low, tall = held_to(usual), held_to(high)
    by_height = (to_high < 0) & (unsaid >= 0) & (low == PASS) & (tall != PASS)
    result = np.where(to_high >= 0, tall, np.where(by_height, UNKNOWN, low)).astype(np.int8)
    result[unusable] = NA
    threshold = np.where((to_high >= 0) | by_height, high, usual)
    value = np.where(np.isnan(side) & (result == FAIL), most, side)
    basis = np.where(np.isnan(value), -1, np.where(found.sizes.measured, MEASURED, DECLARED))

    def tell(row: int) -> Text:
        if result[row] == NA:
            return Text("登记为不可用，不算回车场", "on record as not usable: it is no turnaround")
        if np.isnan(value[row]):
            return Text(
                "没有画出面，也没有登记长宽，能放多大的正方形不明",
                "neither an outline nor length and width are on record: how large a square it holds is not known",
            )
        how = Text("图上最大", "as drawn") if found.sizes.measured[row] else Text("登记为", "as declared")
        bound = Text("至多 ", "at most ") if np.isnan(side[row]) else Text("", "")
        said = Text(f"{how.zh} {bound.zh}{value[row]:g} 米见方", f"{bound.en}{value[row]:g} m square {how.en}")
        rest = Text("", "")
        if by_height[row]:
            rest = Text(
                f"；通到的楼有的没有登记高度，高层建筑宜 {high:g} 米",
                f"; of a building that it serves the height is not on record, {high:g} m are recommended for a high-rise",
            )
        elif to_high[row] >= 0:
            rest = Text("（为高层建筑服务）", " (it serves a high-rise building)")
        if result[row] == PASS and value[row] < heavy:
            rest = Text(f"{rest.zh}；重型消防车宜 {heavy:g} 米", f"{rest.en}; {heavy:g} m are recommended for heavy engines")
        return Text(said.zh + rest.zh, said.en + rest.en)

    heads = [at_least(usual), at_least(high, RECOMMENDED)]

    def why(rows: Rows, lang: str) -> list[str]:
        return [sentences(result, heads[int(threshold[row] == high > usual)], tell)(np.array([row]), lang)[0] for row in rows]

    missing = Missing(result == UNKNOWN).add(by_height, "buildings", "height_m", unsaid)
    lengths = np.isnan(frame["length_m"].to_numpy(dtype=np.float64))
    missing.own(lengths, "turnarounds", "length_m").own(np.ones(len(frame), dtype=bool), "turnarounds", "width_m")
    building = np.where(to_high >= 0, to_high, np.where(by_height, unsaid, -1))
    return judgement(
        result, value, threshold, basis, why, lacks=missing.lacks(), involved=lambda rows: named_pairs("buildings", building[rows])
    )


def _buildings(found: Found, to: Served, count: int) -> tuple[Rows, Rows]:
    """Of each turnaround a high-rise building that a lane which ends at it leads to, and one of unknown height; -1 = none."""
    there = found.pair_turn >= 0
    turn, lane = found.pair_turn[there], found.case_lane[found.pair_case[there]]
    out = []
    for of_lane in (to.high, to.unsaid):
        column, building = nowhere(count), of_lane[lane]
        column[turn[building >= 0]] = building[building >= 0]
        out.append(column)
    return out[0], out[1]


DEAD_ENDS = Rule(
    "FA-06", 106, Text("尽头式消防车道", "Dead-end fire lanes"), "fire_lanes", ("fire_lanes", "roads", "turnarounds"), _dead_ends, METRES,
    ("dead_end_m", "turnaround_m", "snap_m"),
)  # fmt: skip
TURNAROUND = Rule(
    "FA-07", 107, Text("回车场尺寸", "Size of a turnaround"), "turnarounds", tuple(dict.fromkeys(("turnarounds", *READS, "buildings"))), _turnaround, METRES,
    ("turnaround_m", "turnaround_high_rise_m", "turnaround_heavy_m", *FIGURES),
)  # fmt: skip
