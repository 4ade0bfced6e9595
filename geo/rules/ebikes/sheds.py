"""EB-03 and EB-07: how far charging sheds stand from walls, and whether sheds stand on a fire lane."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Flags, Floats, View
from geo.questions.naming import called
from geo.questions.reach.hydrants import only
from geo.questions.reach.ways import lane_name
from geo.rules.apart import BUILDING_REACH_M, FAR, NEAR, Drawn, apart
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, limit, nothing
from geo.rules.ebikes.kinds import NO_KIND, SHED_REACH_M, Sheds
from geo.rules.judging import (
    CANNOT,
    FINE,
    GEOMETRY,
    MEASURED,
    UNPLACED,
    accuracy_m,
    also,
    based,
    lacking,
    metres,
    one_of,
    own,
    placed,
    sentences,
    whole,
)

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

_M = Text("米", "m")
_SAME_SHARE = 0.5
"""A building, not one that people live in, of which a shed covers at least this share is the shed itself, drawn in both layers."""


def _walls(view: View, sheds: Shapes) -> Shapes:
    """Buildings, without those that are a shed themselves."""
    shapes = view.metric("buildings")
    there = np.flatnonzero(shapely.get_dimensions(sheds) == 2)
    at, building = view.tree("buildings").query(sheds[there], predicate="intersects")
    area = shapely.area(shapes[building])
    sound = np.flatnonzero(shapely.is_valid(sheds[there[at]]) & shapely.is_valid(shapes[building]) & (area > 0))
    shared = shapely.area(shapely.intersection(sheds[there[at[sound]]], shapes[building[sound]]))
    lived_in = one_of(texts(view.frame("buildings"), "use"), ("residential", "mixed"))[building[sound]]
    own_ = building[sound[(shared >= _SAME_SHARE * area[sound]) & ~lived_in]]
    keep = np.ones(len(shapes), dtype=bool)
    keep[own_] = False
    return only(shapes, keep)


def _to_wall(view: View) -> Judgement:
    least, exit_m = view.profile["shed_wall_m"], view.profile["shed_exit_m"]
    sheds, there = Sheds.of(view), placed(view, "amenities")
    count = len(there)
    shapes = only(view.metric("amenities"), (sheds.charging | sheds.perhaps) & there)
    walls = Drawn(_walls(view, only(shapes, sheds.charging)), accuracy_m(view, "buildings"), BUILDING_REACH_M)
    found = apart(Drawn(shapes, accuracy_m(view, "amenities"), SHED_REACH_M), walls, least)
    result = np.where(found.state == FAR, PASS, np.where(found.state == NEAR, FAIL, UNKNOWN)).astype(np.int8)
    perhaps = sheds.perhaps & (found.state != FAR)
    result[perhaps] = UNKNOWN
    result[~sheds.charging & ~perhaps] = NA
    frame = view.frame("buildings")
    point = shapely.get_dimensions(shapes) == 0

    def told(row: int) -> Text:
        if perhaps[row]:
            return NO_KIND
        if not sheds.charging[row]:
            return sheds.why_not(row)
        if not there[row]:
            return UNPLACED
        if found.body[row] < 0:
            return Text(f"图上没有楼栋，{CANNOT.zh}", f"no building is on the map: {CANNOT.en}")
        name, gap = called(frame, int(found.body[row])), metres(found.distance_m[row])
        said = Text(f"距楼栋“{name}”外墙 {gap} 米", f"{gap} m to the wall of building '{name}'")
        exits = Text(
            f"；出口位置没有登记，距安全出口 {exit_m:g} 米未查", f"; exits are not on record, so the {exit_m:g} m to one are not checked"
        )
        if result[row] == PASS:
            return Text(f"{said.zh}，不小于 {least:g} 米{exits.zh}", f"{said.en}, not below {least:g} m{exits.en}")
        if result[row] == FAIL:
            return Text(f"{said.zh}，小于参照值 {least:g} 米{exits.zh}", f"{said.en}, below the {least:g} m gone by{exits.en}")
        if found.dot[row]:
            what = Text("车棚只有一个点，边线在哪里不知道", "of the shed only a point is known")
            what = what if point[row] else Text("该楼只有一个点，外墙在哪里不知道", "of which only a point is known")
            return Text(f"{said.zh}，但{what.zh}，{CANNOT.zh}", f"{said.en}; {what.en}: {CANNOT.en}")
        rough = metres(found.accuracy_m[row])
        return Text(
            f"{said.zh}，与 {least:g} 米之差在图面精度 {rough} 米之内，{CANNOT.zh}",
            f"{said.en}, within the drawing's accuracy of {rough} m of the {least:g} m: {CANNOT.en}",
        )

    open_, asked = result == UNKNOWN, result != NA
    lacks = lacking(
        count, ("amenities", "kind", perhaps, own(count)), ("amenities", GEOMETRY, open_ & (~there | (found.dot & point)), own(count)),
        ("buildings", GEOMETRY, open_ & (found.body < 0), whole(count)), ("buildings", GEOMETRY, open_ & found.dot, found.body),
    )  # fmt: skip
    known = asked & ~np.isnan(found.distance_m)
    return Judgement(
        result, np.where(known, found.distance_m, np.nan), np.where(asked, limit(count, least), np.nan), based(count, MEASURED, known), sentences(told),
        lacks=lacks, involved=also("buildings", found.body),
    )  # fmt: skip


def _on_lane(view: View) -> Judgement:
    """A lane is as wide as on record, an area as drawn; without a width it is its line for sure and the design width perhaps."""
    sheds, there = Sheds.of(view), placed(view, "amenities")
    count, lanes = len(there), int(placed(view, "fire_lanes").sum())
    on, near, unsure = _lanes_at(view, np.flatnonzero((sheds.parked | sheds.perhaps) & there))
    result = np.where(on >= 0, FAIL, np.where((near >= 0) | ~there | (lanes == 0), UNKNOWN, PASS)).astype(np.int8)
    perhaps = sheds.perhaps & (result != PASS)
    result[perhaps] = UNKNOWN
    result[~sheds.parked & ~perhaps] = NA
    frame, lane = view.frame("fire_lanes"), np.where(on >= 0, on, near)
    width = np.append(numbers(frame, "clear_width_m"), np.nan)[lane]
    area = np.append(shapely.get_dimensions(view.metric("fire_lanes")) == 2, False)[lane]
    point = shapely.get_dimensions(view.metric("amenities")) == 0

    def told(row: int) -> Text:
        if perhaps[row]:
            return NO_KIND
        if not sheds.parked[row]:
            return sheds.why_not(row)
        if not there[row]:
            return UNPLACED
        if lanes == 0:
            return Text(f"图上没有消防通道，{CANNOT.zh}", f"no fire lane is on the map: {CANNOT.en}")
        if result[row] == PASS:
            return Text("不在消防通道上", "not on a fire lane")
        name = lane_name(frame, int(lane[row]))
        if result[row] == FAIL:
            return Text(f"压在“{name.zh}”上；车棚不得占用消防通道", f"stands on {name.en}; a shed must not take up a fire lane")
        if point[row]:
            reason = Text("车棚只有一个点，边线在哪里不知道", "of the shed only a point is known")
        elif unsure[row]:
            reason = Text("该通道没有净宽记录，边线在哪里不知道", "no clear width of it is on record, so its edge is not known")
        else:
            reason = Text("重叠在图面精度之内", "they overlap by no more than the drawing's accuracy")
        return Text(f"紧靠“{name.zh}”，{reason.zh}，{CANNOT.zh}", f"close to {name.en}; {reason.en}: {CANNOT.en}")

    open_ = result == UNKNOWN
    lacks = lacking(
        count, ("amenities", "kind", perhaps, own(count)), ("amenities", GEOMETRY, open_ & (~there | point), own(count)),
        ("fire_lanes", GEOMETRY, open_ & (lanes == 0), whole(count)),
        ("fire_lanes", "clear_width_m", open_ & (near >= 0) & np.isnan(width) & ~area, near),
    )  # fmt: skip

    def where(rows: Ints) -> NDArray[np.object_]:
        shapes, lines = view.metric("amenities")[rows], view.metric("fire_lanes")
        spots = np.full(len(rows), None, dtype=object)
        at = np.flatnonzero((lane[rows] >= 0) & placed(view, "amenities")[rows])
        spots[at] = shapely.get_point(shapely.shortest_line(shapes[at], lines[lane[rows[at]]]), 0)
        return spots

    known = (result == FAIL) | (result == PASS)
    return Judgement(
        result,
        nothing(count),
        nothing(count),
        based(count, MEASURED, known),
        sentences(told),
        where=where,
        lacks=lacks,
        involved=also("fire_lanes", lane),
    )


def _lanes_at(view: View, rows: Ints) -> tuple[Ints, Ints, Flags]:
    """For each amenity the lane that it stands on, the one that it perhaps stands on (-1 = none), and whether that is for want of its width."""
    count, shapes, lanes = len(view.frame("amenities")), view.metric("amenities"), view.metric("fire_lanes")
    on, near, unsure = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=bool)
    there = np.flatnonzero(placed(view, "fire_lanes"))
    if not len(rows) or not len(there):
        return on, near, unsure
    width, area = numbers(view.frame("fire_lanes"), "clear_width_m"), shapely.get_dimensions(lanes) == 2
    with np.errstate(invalid="ignore"):
        half = np.where(area, 0.0, np.where(width >= 0, width / 2, np.nan))
    widest = np.where(np.isnan(half), view.profile["lane_width_m"] / 2, half)
    rough_s, rough_l = accuracy_m(view, "amenities"), accuracy_m(view, "fire_lanes")
    slack = np.where(shapely.get_dimensions(shapes) == 0, SHED_REACH_M, 0.0)
    reach = slack[rows] + widest[there].max() + np.maximum(rough_s[rows], rough_l[there].max())
    at, which = shapely.STRtree(lanes[there]).query(shapes[rows], predicate="dwithin", distance=reach)
    shed, lane = rows[at], there[which]
    gap, rough = shapely.distance(shapes[shed], lanes[lane]), np.maximum(rough_s[shed], rough_l[lane])
    sure = np.round(gap - np.nan_to_num(half[lane], nan=0.0) + rough, 3) <= 0
    sure &= (gap > 0) | (half[lane] > 0)
    sure |= _deep(shapes[shed], lanes[lane], np.nan_to_num(half[lane], nan=0.0), rough, gap)
    perhaps = np.round(gap - slack[shed] - widest[lane] - rough, 3) < -FINE
    order = np.argsort(-gap, kind="stable")  # the nearest is written last
    for chosen, into in ((sure, on), (perhaps & ~sure, near)):
        picked = order[chosen[order]]
        into[shed[picked]] = lane[picked]
        if into is near:
            unsure[shed[picked]] = np.isnan(half[lane[picked]])
    near[on >= 0] = -1
    return on, near, unsure


def _deep(sheds: Any, lanes: Any, half: Floats, rough: Floats, gap: Floats) -> Flags:
    """Whether a lane reaches further into the shed than both are accurate."""
    found = np.zeros(len(gap), dtype=bool)
    rows = np.flatnonzero(gap <= half)
    inner = shapely.buffer(sheds[rows], -rough[rows])
    flat = shapely.get_dimensions(sheds[rows]) < 2
    inner[flat] = np.where(rough[rows][flat] == 0, sheds[rows][flat], None)
    solid = ~shapely.is_missing(inner) & ~shapely.is_empty(inner)
    off = shapely.distance(inner[solid], lanes[rows[solid]])
    found[rows[solid]] = np.where(half[rows[solid]] > 0, off < half[rows[solid]] - FINE, off <= 0) & (
        gap[rows[solid]] < half[rows[solid]] + FINE
    )
    return found


SHED_TO_WALL = Rule(
    id="EB-03", number=253, title=Text("充电棚距建筑外墙", "Charging shed to a wall"), subject="amenities", reads=("amenities", "buildings"), judge=_to_wall,
    unit=_M, figures=("shed_wall_m", "shed_exit_m"),
)  # fmt: skip

SHED_ON_LANE = Rule(
    id="EB-07", number=257, title=Text("车棚占用消防通道", "Shed on a fire lane"), subject="amenities", reads=("amenities", "fire_lanes"), judge=_on_lane,
    figures=("lane_width_m",),
)  # fmt: skip
