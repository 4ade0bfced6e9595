"""FA-01, FA-02 and FA-18: how wide and how high a lane is, and what parked cars leave of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.errors import Text
from geo.lanes import comparison as lanes
from geo.lanes.parking import parked_m
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View
from geo.questions.lanes.record import LaneRecord, lane_record
from geo.questions.lanes.standing import STANDING
from geo.questions.lanes.under_height import ACCESS, LANES_UNDER_HEIGHT, lane_heights
from geo.questions.lanes.under_height import READS as HEIGHT_READS
from geo.questions.lanes.under_width import LANES_UNDER_WIDTH
from geo.questions.shown import where_known
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Floats, Judgement, Rows, Rule, limit
from geo.rules.fire.telling import (
    METRES,
    Missing,
    accuracy_of,
    asked,
    at_least,
    basis_of,
    headed,
    judgement,
    metric_shapes,
    results_of,
    sentences,
)

WIDTH_READS = ("fire_lanes", *STANDING)


def _lacking_width(record: LaneRecord, missing: Missing) -> Missing:
    """The gate on the lane whose width is not on record, else the lane's own width."""
    drawn = record.drawn
    gate = np.append(drawn.ways.row, -1)[drawn.gate]
    bound = (gate >= 0) & (record.at_most | ~(record.used.width_m >= 0))
    every = np.ones(len(gate), dtype=bool)
    return missing.add(bound, "access_points", "gate_width_m", gate).own(every, "fire_lanes", "clear_width_m")


def _beside(record: LaneRecord, row: int) -> list[tuple[str, int]]:
    """What makes the narrowest place."""
    drawn = record.drawn
    found = [(STANDING[drawn.standing.layer[k]], int(drawn.standing.row[k])) for k in (drawn.first[row], drawn.second[row]) if k >= 0]
    opened = [int(drawn.ways.row[k]) for k in (drawn.opening[row], drawn.gate[row]) if k >= 0]
    return [*found, *(("access_points", access) for access in opened if access >= 0)]


def _clear_width(view: View) -> Judgement:
    verdicts, record = asked(view, LANES_UNDER_WIDTH), lane_record(view)
    result, least = results_of(verdicts), view.profile["lane_width_m"]
    return judgement(
        result,
        verdicts.column("value", None),
        limit(len(result), least),
        basis_of(verdicts),
        headed(result, at_least(least), verdicts.why),
        where=lambda rows: where_known(record.drawn.known, record.drawn.pinch)[rows],
        lacks=_lacking_width(record, Missing(result == UNKNOWN)).lacks(),
        involved=lambda rows: [_beside(record, int(row)) for row in rows],
    )


def _clear_height(view: View) -> Judgement:
    verdicts, heights = asked(view, LANES_UNDER_HEIGHT), lane_heights(view)
    result, least = results_of(verdicts), view.profile["lane_height_m"]
    layer, row = np.append(heights.layer, -1), np.append(heights.row, -1)
    unsaid, thing = heights.found.unsaid, np.where(heights.found.unsaid >= 0, heights.found.unsaid, heights.found.lowest)
    missing = Missing(result == UNKNOWN)
    missing.add((layer[unsaid] == ACCESS) & (row[unsaid] >= 0), "access_points", "gate_height_m", row[unsaid])
    missing.add((layer[unsaid] > ACCESS) & (row[unsaid] >= 0), "obstacles", "clear_height_m", row[unsaid])
    missing.own(np.ones(len(result), dtype=bool), "fire_lanes", "clear_height_m")

    def over(rows: Rows) -> list[list[tuple[str, int]]]:
        names = ("access_points", "obstacles")
        return [[(names[layer[t]], int(row[t]))] if t >= 0 and row[t] >= 0 else [] for t in thing[rows]]

    return judgement(
        result,
        verdicts.column("value", None),
        limit(len(result), least),
        basis_of(verdicts),
        headed(result, at_least(least), verdicts.why),
        where=lambda rows: metric_shapes(view, verdicts.shape("pinch", rows)) if verdicts.shape else np.full(len(rows), None, dtype=object),
        lacks=missing.lacks(),
        involved=over,
    )


def _beside_parked(view: View) -> Judgement:
    """The carriageway on record, else the compared clear width (`FA-01`), less the strips of the sides with parking on record. Lanes with no parking are
    not concerned; sides that are not on record are not known. Strips that are drawn are obstacles for `lanes-under-width` with parking."""
    frame, profile, record = view.frame("fire_lanes"), view.profile, lane_record(view)
    least, sides, road = profile["lane_width_m"], numbers(frame, "parking_sides"), numbers(frame, "road_width_m")
    off = parked_m(sides, numbers(frame, "parking_strip_m"), usual_strip_m=profile["parking_strip_m"])
    with np.errstate(invalid="ignore"):
        by_road, unsaid = road >= 0, ~(sides >= 0)
    carriageway = lanes.Widths(road, lanes.width_basis(texts(frame, "quality"), road), _accuracy(view), record.stored.rank)
    whole = lanes.chosen(record.used, carriageway, by_road)
    left = whole.less(off)
    left = replace(left, width_m=np.round(left.width_m, 6))  # 6.1 less 2.1 is 4
    state = lanes.width_under(left, limit_m=least)
    result = np.array([PASS, FAIL, UNKNOWN], dtype=np.int8)[state.under]
    bound = ~by_road & ((record.at_most & (state.under == lanes.OVER)) | (record.at_least & (state.under == lanes.UNDER)))
    result[bound | unsaid] = UNKNOWN
    result[sides == 0] = NA
    told = (sides > 0) & (state.basis != lanes.NONE)

    def tell(row: int) -> Text:
        if result[row] == NA:
            return Text("登记为两侧都不停车", "no parking on either side, on record")
        if unsaid[row]:
            return Text(
                "没有登记几侧停车，停车后还剩多宽不能判定", "sides with parking are not on record: what is left beside them cannot be told"
            )
        if not told[row]:
            return Text("没有登记路面宽，净宽也不明，不能判定", "neither its carriageway nor its clear width is known: cannot be told")
        how = Text("路面宽", "carriageway") if by_road[row] else Text("净宽", "clear width")
        said = Text(
            f"{how.zh} {whole.width_m[row]:.4g} 米，{sides[row]:.0f} 侧停车占 {off[row]:.4g} 米，余 {state.width_m[row]:.4g} 米",
            f"{how.en} {whole.width_m[row]:.4g} m, parking on {sides[row]:.0f} side(s) takes {off[row]:.4g} m, {state.width_m[row]:.4g} m left",
        )
        near = Text("，精度或一侧开敞、门宽不明，不足以判定", ", not known well enough to tell") if result[row] == UNKNOWN else Text("", "")
        return Text(said.zh + near.zh, said.en + near.en)

    missing = Missing(result == UNKNOWN).own(unsaid, "fire_lanes", "parking_sides").own(by_road, "fire_lanes", "road_width_m")
    return judgement(
        result,
        np.where(told, state.width_m, np.nan),
        limit(len(result), least),
        np.where(told, state.basis, -1),
        sentences(result, at_least(least), tell),
        where=lambda rows: where_known(record.drawn.known & ~by_road, record.drawn.pinch)[rows],
        lacks=_lacking_width(record, missing).lacks(),
        involved=lambda rows: [[] if by_road[row] else _beside(record, int(row)) for row in rows],
    )


def _accuracy(view: View) -> Floats:
    """A width on record answers as it stands, unless it was inferred."""
    return np.where(texts(view.frame("fire_lanes"), "quality") == "inferred", accuracy_of(view, "fire_lanes"), np.nan)


CLEAR_WIDTH = Rule(
    "FA-01", 101, Text("消防车道净宽", "Clear width of a fire lane"), "fire_lanes", WIDTH_READS, _clear_width, METRES,
    ("lane_width_m", "corridor_m"),
)  # fmt: skip
CLEAR_HEIGHT = Rule(
    "FA-02", 102, Text("消防车道净空高度", "Clear height over a fire lane"), "fire_lanes", HEIGHT_READS, _clear_height, METRES,
    ("lane_height_m", "lane_width_m"),
)  # fmt: skip
BESIDE_PARKED = Rule(
    "FA-18", 118, Text("停车占用后净宽", "Width left beside parked cars"), "fire_lanes", WIDTH_READS, _beside_parked, METRES,
    ("lane_width_m", "parking_strip_m"),
)  # fmt: skip
