"""FA-04: whether the bends of a lane leave an engine the radius that it turns at."""

from __future__ import annotations

import numpy as np

from geo.errors import Text
from geo.lanes import comparison as lanes
from geo.lanes.bends import bend_radii_m
from geo.profile import SEVERITIES
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View
from geo.questions.lanes.record import lane_record
from geo.questions.lanes.scene import lane_lines
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Floats, Judgement, Rows, Rule
from geo.rules.fire.serving import FIGURES, READS, served
from geo.rules.fire.telling import MEASURED, METRES, USUAL, Missing, at_least, judgement, named_pairs, quality_basis, sentences

ENGINE = "pumper"
"""Whose clear width the bends are measured for."""


def _radii(view: View) -> tuple[Floats, Floats, Floats]:
    """What the bends leave by the lane's compared width, and the least and the most that they may leave: as far as that width is true, and where it is
    only a bound."""
    record = lane_record(view)
    width, accuracy = np.round(record.used.width_m, 2), np.nan_to_num(record.used.accuracy_m)
    width = np.where(width >= 0, width, np.nan)
    low = np.where(record.at_most, 0.0, np.maximum(width - accuracy, 0.0))
    high = np.where(record.at_least, np.inf, width + accuracy)
    need, lines = view.profile.vehicles[ENGINE].clear_width_m, lane_lines(view)
    middle = bend_radii_m(lines, width, need_m=need)
    bent = np.flatnonzero(np.isfinite(middle) & ((low != width) | (high != width)))
    least, most = middle.copy(), middle.copy()
    if len(bent):
        least[bent] = bend_radii_m(lines[bent], low[bent], need_m=need)
        wide = np.where(np.isinf(high[bent]), 1e6, high[bent])
        most[bent] = bend_radii_m(lines[bent], wide, need_m=need)
    return np.round(middle, 2), np.round(least, 2), np.round(most, 2)


def _turning(view: View) -> Judgement:
    """The radius on record and the one that the tightest bend leaves, the lesser of both; a radius on record settles what the drawing leaves open. Lanes
    that lead to a high-rise building are held to what an aerial appliance needs. Straight lanes with no radius on record are not concerned."""
    frame, profile, to = view.frame("fire_lanes"), view.profile, served(view)
    said = numbers(frame, "turn_radius_m")
    drawn, least, most = _radii(view)
    usual, aerial = profile["turn_radius_m"], profile["turn_radius_aerial_m"]
    straight = np.isinf(drawn)
    radius = np.fmin(said, np.where(straight, np.nan, drawn))
    count = len(said)

    def held_to(limit: float) -> lanes.Codes:
        with np.errstate(invalid="ignore"):
            under = (said < limit) | (most < limit)
            clear = (~np.isnan(said) | (least >= limit)) & ~under
        return np.where(under, FAIL, np.where(clear, PASS, UNKNOWN)).astype(np.int8)

    low, high = held_to(usual), held_to(aerial)
    by_height = (to.high < 0) & (to.unsaid >= 0) & (low == PASS) & (high != PASS)
    result = np.where(to.high >= 0, high, np.where(by_height, UNKNOWN, low))
    result[straight & np.isnan(said)] = NA
    threshold = np.where((to.high >= 0) | by_height, aerial, usual)
    by_record = said <= np.where(straight | np.isnan(drawn), np.inf, drawn)
    basis = np.where(by_record, quality_basis(texts(frame, "quality"), ~np.isnan(said)), np.where(np.isnan(radius), -1, MEASURED))
    severity = np.where(to.only, SEVERITIES.index("high"), -1).astype(np.int8)

    def tell(row: int) -> Text:
        if result[row] == NA:
            return Text("没有弯道，也没有登记转弯半径", "it has no bend, and no turning radius on record")
        if np.isnan(radius[row]):
            return Text(
                "没有登记转弯半径，弯道处净宽不明，不能判定",
                "no turning radius on record, and the width at its bends is not known: cannot be told",
            )
        how = (
            Text("登记转弯半径", "turning radius on record")
            if by_record[row]
            else Text("弯道按净宽可走的内半径", "inner radius that its bends leave")
        )
        found = Text(f"{how.zh} {radius[row]:g} 米", f"{how.en} {radius[row]:g} m")
        extra = _for_height(row)
        if result[row] == UNKNOWN and not by_height[row]:
            extra = Text("，净宽的精度或界限不足以判定", ", which the width is not known well enough to tell")
        if result[row] == FAIL and to.only[row]:
            extra = Text(f"{extra.zh}；它是某栋楼唯一的通道", f"{extra.en}; it is the only way to some building")
        return Text(found.zh + extra.zh, found.en + extra.en)

    def _for_height(row: int) -> Text:
        if by_height[row]:
            return Text(
                f"，通到的楼有的没有登记高度：高层建筑需 {aerial:g} 米",
                f"; of a building that it leads to the height is not on record: a high-rise needs {aerial:g} m",
            )
        return Text("（通到高层建筑）", " (it leads to a high-rise building)") if to.high[row] >= 0 else Text("", "")

    missing = Missing(result == UNKNOWN).add(by_height, "buildings", "height_m", to.unsaid)
    missing.own(np.ones(count, dtype=bool), "fire_lanes", "turn_radius_m")
    heads = [at_least(limit, USUAL) for limit in (usual, aerial)]

    def why(rows: Rows, lang: str) -> list[str]:
        return [sentences(result, heads[int(threshold[row] == aerial)], tell)(np.array([row]), lang)[0] for row in rows]

    building = np.where(to.high >= 0, to.high, np.where(by_height, to.unsaid, -1))
    return judgement(
        result, radius, threshold, basis, why, lacks=missing.lacks(), severity=severity,
        involved=lambda rows: named_pairs("buildings", building[rows]),
    )  # fmt: skip


TURNING = Rule(
    "FA-04", 104, Text("消防车道转弯半径", "Turning radius of a fire lane"), "fire_lanes", tuple(dict.fromkeys((*READS, "buildings"))), _turning, METRES,
    ("turn_radius_m", "turn_radius_aerial_m", *FIGURES),
)  # fmt: skip
