"""Rules on where buried gas mains lie: their distance to buildings, and what is built over them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.gas import distances as gas
from geo.gas.attach import usable
from geo.gas.pressure import CLASSES
from geo.questions.declaration import BASES, Flags, View
from geo.questions.gas import mains_sentences as words
from geo.questions.gas.mains_measured import READS, SHED_LAYERS, Measured, beside_buildings, measured, said_of
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rows, Rule, nothing
from geo.rules.gas.lacking import Lacking
from geo.rules.gas.renewal import listed

Objects = NDArray[np.object_]
Sentence = Callable[[words.Row], Text]

_MEASURED = BASES.index("measured")
_MEDIUM_B = CLASSES.index("medium_b")
_METRES = Text("米", "m")


# distance to buildings ----------------------------------------------------------------------------------------------------------


def _distance(view: View) -> Judgement:
    """GA-02. Between the reduced and the full distance it takes a proof, whether or not a measure is on record: that is open."""
    found, near = measured(view), beside_buildings(view)
    result = np.array([PASS, FAIL, UNKNOWN], dtype=np.int8)[near.state]
    result[(result == PASS) & near.needs_proof] = UNKNOWN
    result[~found.buried] = NA
    lacking = _lacking(found, near, result)
    lacking.add("gas_mains", "protection_measure", (result == UNKNOWN) & (near.reason == gas.PROOF) & ~found.measure)
    return _told(view, found, near, result, near.threshold_m, lacking, words.distance)


def _reduced(view: View) -> Judgement:
    """GA-02r, of mains that are nearer than the full distance of their class, where that has a reduced one."""
    found, near, limits = measured(view), beside_buildings(view), measured(view).limits
    none = (np.isfinite(limits.required) & ~(limits.reduced < limits.required)) | (found.pipes.pressure == CLASSES.index("high"))
    result = np.array([NA, FAIL, UNKNOWN], dtype=np.int8)[near.state]
    result[(near.state == gas.CLEAR) & near.needs_proof] = PASS
    result[~found.buried | none] = NA
    lacking = _lacking(found, near, result)
    lacking.add("gas_mains", "protection_measure", (result == UNKNOWN) & (near.reason == gas.PROOF) & ~found.measure)
    held = np.where(np.isnan(limits.reduced) & (result == FAIL), limits.near, limits.reduced)
    threshold = np.where(np.isfinite(limits.required) | (result == FAIL), held, np.nan)

    def said(row: words.Row) -> Text:
        if none[row.at]:
            return Text("该压力级别没有减小值", "its pressure class has no reduced distance")
        if result[row.at] == NA:
            return words.joined([words.distance(row), Text("不必用减小值", "the reduced distance is not needed")])
        if result[row.at] == FAIL:
            least = Text(f"小于减小值 {held[row.at]:g} 米", f"below the reduced distance of {held[row.at]:g} m")
            return words.joined([words.distance(row), least])
        return words.distance(row)

    return _told(view, found, near, result, threshold, lacking, said)


def _lacking(found: Measured, near: gas.Nearness, result: NDArray[np.int8]) -> Lacking:
    """What is missing by the reason why a main is open."""
    lacking, open_ = Lacking(len(result)), result == UNKNOWN
    body, layer_wide = near.body, np.full(len(result), -1, dtype=np.int64)
    theirs = np.append(found.bodies.accuracy_m, -np.inf)[body]
    rough, beside = open_ & (near.reason == gas.ACCURACY), body < found.first_shed
    lacking.add("gas_mains", "geometry", open_ & np.isin(near.reason, (gas.UNPLACED, gas.NO_LENGTH)))
    lacking.add("buildings", "geometry", open_ & (near.reason == gas.NO_BUILDINGS), layer_wide)
    lacking.add("buildings", "geometry", open_ & (near.reason == gas.ONLY_A_POINT), body)
    lacking.add("gas_mains", "pressure_class", open_ & (near.reason == gas.NO_CLASS))
    lacking.add("buildings", "accuracy_m", rough & beside & (theirs > found.pipes.accuracy_m), body)
    lacking.add("gas_mains", "accuracy_m", rough & (found.pipes.accuracy_m >= theirs))
    return lacking


# what is built over them --------------------------------------------------------------------------------------------------------


def _built_over(view: View) -> Judgement:
    """GA-03: a building or shed in the protection range."""
    found = measured(view)
    result = np.array([PASS, FAIL, UNKNOWN], dtype=np.int8)[found.near.built_over]
    result[~found.buried] = NA
    return _over(view, found, result, lambda row: _protection(found, row))


def _medium_over(view: View) -> Judgement:
    """GA-14: the same for medium pressure and above."""
    found = measured(view)
    classed = found.pipes.pressure >= 0
    result = np.array([PASS, FAIL, UNKNOWN], dtype=np.int8)[found.near.built_over]
    result[(result == FAIL) & ~classed] = UNKNOWN
    low = classed & (found.pipes.pressure < _MEDIUM_B)
    result[~found.buried | low] = NA

    def said(row: words.Row) -> Text:
        if low[row.at]:
            return Text("低压管，不属中压及以上", "low pressure: not medium or above")
        told = _protection(found, row)
        if result[row.at] == FAIL:
            name = words.CLASS_WORDS[str(row.pressure)]
            refer = Text(
                f"{name.zh}管；疑似燃气经营企业重大隐患，提请核定",
                f"a {name.en} pressure main; suspected, refer it to those who determine it",
            )
            return words.joined([told, refer])
        if result[row.at] == UNKNOWN and not classed[row.at]:
            return words.joined(
                [
                    told,
                    Text(
                        "压力级别没有登记，是否中压及以上不明", "pressure class not on record: whether it is medium or above is not known"
                    ),
                ]
            )
        return told

    return _over(view, found, result, said)


def _over(view: View, found: Measured, result: NDArray[np.int8], said: Sentence) -> Judgement:
    near, limits = found.near, found.limits
    over = np.where(near.built_over == gas.CLEAR, -1, near.over)
    away = np.where(near.built_over == gas.CLEAR, near.distance_m, _distance_to(found, over))
    lacking = _lacking(found, near, np.where(over < 0, result, -1).astype(np.int8))
    _lacking_of_over(found, over, result == UNKNOWN, lacking)
    which = [near.built_over == gas.CLEAR, (near.built_over == gas.NEAR) | (found.pipes.pressure >= 0)]
    range_m = np.select(which, [limits.protection_most, limits.protection], np.nan)
    return _told(view, found, near, result, range_m, lacking, said, over=over, away=away)


def _lacking_of_over(found: Measured, over: Rows, open_: Flags, lacking: Lacking) -> None:
    """What is missing where something stands perhaps in the protection range."""
    bodies, shed = found.bodies, over >= found.first_shed
    dots = np.append(~bodies.shed & (shapely.get_dimensions(bodies.shapes) == 0), False)[over]
    theirs, there = np.append(bodies.accuracy_m, -np.inf)[over], open_ & (over >= 0)
    rougher, at = theirs > found.pipes.accuracy_m, np.where(shed, over - found.first_shed, -1)
    own_row, layer = np.append(found.sheds, -1)[at], np.append(found.shed_layer, -1)[at]
    lacking.add("gas_mains", "pressure_class", open_ & (found.pipes.pressure < 0))
    lacking.add("buildings", "geometry", there & dots, over)
    lacking.add("buildings", "accuracy_m", there & ~shed & rougher, over)
    for which, name in enumerate(SHED_LAYERS):
        lacking.add(name, "accuracy_m", there & (layer == which) & rougher, own_row)
    lacking.add("gas_mains", "accuracy_m", there)


def _distance_to(found: Measured, body: Rows) -> NDArray[np.float64]:
    """From the outer edge of each main to a body; NaN for none."""
    rows, pipes, bodies = np.flatnonzero(body >= 0), found.pipes, found.bodies
    away = nothing(len(body))
    axis = shapely.distance(pipes.shapes[rows], bodies.shapes[body[rows]])
    away[rows] = np.maximum(np.round(axis - pipes.radius_m[rows] - bodies.thick_m[body[rows]], 2), 0.0)
    return away


def _protection(found: Measured, row: words.Row) -> Text:
    """What stands in the protection range, or that nothing does."""
    range_m, most = (float(getattr(found.limits, name)[row.at]) for name in ("protection", "protection_most"))
    state = row.near.built_over[row.at]
    if state == gas.CLEAR:
        which = (
            Text("（压力级别不明，取各级最大）", ", the largest of all classes: its own is not on record")
            if most > range_m
            else Text("", "")
        )
        return Text(
            f"保护范围 {most:g} 米{which.zh}内没有楼栋和棚屋", f"no building or shed in the protection range of {most:g} m{which.en}"
        )
    reason = row.near.reason[row.at]
    if row.over is None:
        return words.NOTHING.get(reason, Text("保护范围内有没有建筑不明", "whether anything stands in the protection range is not known"))
    if state == gas.NEAR:
        return Text(
            f"占压：{row.over.zh}在保护范围 {range_m:g} 米以内",
            f"built over: {row.over.en} is inside the protection range of {range_m:g} m",
        )
    if most > range_m:
        return Text(
            f"{row.over.zh}是否在保护范围内要看压力级别（{range_m:g}–{most:g} 米），没有登记",
            f"whether {row.over.en} is in the protection range depends on the pressure class ({range_m:g}-{most:g} m), which is not on record",
        )
    if _is_dot(found, row.near.over[row.at]):
        return Text(
            f"{row.over.zh}只知其一点，是否在保护范围 {range_m:g} 米以内不能判定",
            f"only a point of {row.over.en} is known: whether it is inside the protection range of {range_m:g} m cannot be told",
        )
    return Text(
        f"{row.over.zh}是否在保护范围 {range_m:g} 米以内，图的精度不够判定",
        f"whether {row.over.en} is inside the protection range of {range_m:g} m cannot be told at the accuracy of the drawing",
    )


def _is_dot(found: Measured, body: int) -> bool:
    """Whether of a building only a point is known."""
    return body < found.first_shed and bool(shapely.get_dimensions(found.bodies.shapes[body]) == 0)


# one judgement ------------------------------------------------------------------------------------------------------------------


def _told(
    view: View, found: Measured, near: gas.Nearness, result: NDArray[np.int8], threshold: NDArray[np.float64], lacking: Lacking, said: Sentence,
    *, over: Rows | None = None, away: NDArray[np.float64] | None = None,
) -> Judgement:  # fmt: skip
    """`over`: the body that decides, where it is not that of `near`; `away`: the distance to it."""
    body = near.body if over is None else np.where(over >= 0, over, near.body)
    distance = np.where(result == NA, np.nan, near.distance_m if away is None else away)

    def why(rows: Rows, lang: str) -> list[str]:
        told = said_of(view, found, near, listed(view), rows)
        return [(said(row) if row.buried else words.not_buried(row)).of(lang) for row in told]

    return Judgement(
        result=result,
        measured=distance,
        threshold=np.where(result == NA, np.nan, threshold),
        basis=np.where(np.isnan(distance), -1, _MEASURED).astype(np.int8),
        why=why,
        where=lambda rows: _nearest_points(found, rows, body[rows]),
        lacks=lacking.lacks(),
        involved=lambda rows: [[found.feature(int(b))] if b >= 0 else [] for b in body[rows]],
    )


def _nearest_points(found: Measured, rows: Rows, body: Rows) -> Objects:
    """The point of each main that is nearest to a body, None where there is none."""
    points = np.full(len(rows), None, dtype=object)
    lines = found.pipes.shapes[rows]
    there = np.flatnonzero((body >= 0) & usable(lines))
    points[there] = shapely.get_point(shapely.shortest_line(lines[there], found.bodies.shapes[body[there]]), 0)
    return points


_ON_MAINS = partial(Rule, subject="gas_mains", internal=True)
_BUILDING = tuple(f"pipe_building_{c}_m" for c in CLASSES[:-1])
_REDUCED = (
    *(f"pipe_building_{c}_reduced_m" for c in CLASSES[:-1]),
    "pipe_wall_medium_reduced_m", "pipe_wall_mm", "pipe_wall_thick_mm", "pipe_building_sub_high_a_thick_m",
)  # fmt: skip
_PROTECTION = tuple(f"pipe_protection_{c}_m" for c in ("low", "medium", "sub_high", "high"))

DISTANCE = _ON_MAINS(
    "GA-02", 302, Text("埋地燃气管与建筑净距", "Gas pipe to building"), reads=READS, judge=_distance, unit=_METRES, figures=(*_BUILDING, *_REDUCED),
)  # fmt: skip
REDUCED = _ON_MAINS(
    "GA-02r", 322, Text("采取防护措施后的净距", "Gas pipe to building, reduced"), reads=READS, judge=_reduced, unit=_METRES, figures=(*_BUILDING, *_REDUCED),
)  # fmt: skip
BUILT_OVER = _ON_MAINS(
    "GA-03", 303, Text("燃气管占压", "Built over a gas pipe"), reads=READS, judge=_built_over, unit=_METRES, figures=_PROTECTION
)
MEDIUM_OVER = _ON_MAINS(
    "GA-14",
    314,
    Text("占压中压及以上燃气管", "Built over a medium pressure main"),
    reads=READS,
    judge=_medium_over,
    unit=_METRES,
    figures=_PROTECTION,
)
