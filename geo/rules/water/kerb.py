"""HY-03 and HY-04: how far hydrants stand from the kerb of their road and from the nearest wall."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.columns import numbers
from geo.questions.declaration import Flags, View
from geo.questions.naming import called
from geo.questions.reach.ways import lane_name, road_name
from geo.rules.apart import BUILDING_REACH_M, FAR, NEAR, Drawn, apart
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Floats, Judgement, Rows, Rule, limit
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
    own,
    placed,
    sentences,
    whole,
)
from geo.rules.water.kinds import NO_HYDRANT, ON_WALL, Kinds

Ints = NDArray[np.int64]

_M = Text("米", "m")
_WAYS = ("roads", "fire_lanes")
_ROADS, _LANES = range(2)


def _spared(view: View) -> Flags:
    kinds = Kinds.of(view)
    return np.asarray(kinds.pond | kinds.wall)


def _to_wall(view: View) -> Judgement:
    least, count = view.profile["hydrant_wall_m"], len(view.frame("hydrants"))
    there, spared, kinds = placed(view, "hydrants"), _spared(view), Kinds.of(view)
    hydrants = Drawn(view.metric("hydrants"), accuracy_m(view, "hydrants"))
    found = apart(hydrants, Drawn(view.metric("buildings"), accuracy_m(view, "buildings"), BUILDING_REACH_M), least)
    result = np.where(found.state == FAR, PASS, np.where(found.state == NEAR, FAIL, UNKNOWN)).astype(np.int8)
    result[spared] = NA
    frame = view.frame("buildings")

    def told(row: int) -> Text:
        if spared[row]:
            return NO_HYDRANT if kinds.pond[row] else ON_WALL
        if not there[row]:
            return UNPLACED
        if found.body[row] < 0:
            return Text(f"图上没有楼栋，{CANNOT.zh}", f"no building is on the map: {CANNOT.en}")
        name, gap = called(frame, int(found.body[row])), metres(found.distance_m[row])
        said = Text(f"距楼栋“{name}” {gap} 米", f"{gap} m to building '{name}'")
        if result[row] == PASS:
            return Text(f"{said.zh}，不小于 {least:g} 米", f"{said.en}, not below {least:g} m")
        if result[row] == FAIL:
            return Text(f"{said.zh}，小于推荐值 {least:g} 米", f"{said.en}, below the recommended {least:g} m")
        if found.dot[row]:
            return Text(
                f"{said.zh}，但该楼只有一个点，外墙在哪里不知道，{CANNOT.zh}", f"{said.en}, of which only a point is known: {CANNOT.en}"
            )
        rough = metres(found.accuracy_m[row])
        return Text(
            f"{said.zh}，与 {least:g} 米之差在图面精度 {rough} 米之内，{CANNOT.zh}",
            f"{said.en}, within the drawing's accuracy of {rough} m of the {least:g} m: {CANNOT.en}",
        )

    asked = result != NA
    open_ = result == UNKNOWN
    lacks = lacking(
        count, ("hydrants", GEOMETRY, open_ & ~there, own(count)), ("buildings", GEOMETRY, open_ & (found.body < 0), whole(count)),
        ("buildings", GEOMETRY, open_ & found.dot, found.body),
    )  # fmt: skip
    known = asked & ~np.isnan(found.distance_m)
    return Judgement(
        result, np.where(known, found.distance_m, np.nan), np.where(asked, limit(count, least), np.nan), based(count, MEASURED, known), sentences(told),
        lacks=lacks, involved=also("buildings", found.body),
    )  # fmt: skip


def _to_kerb(view: View) -> Judgement:
    least, most = view.profile["hydrant_kerb_least_m"], view.profile["hydrant_kerb_most_m"]
    count, there, spared, kinds = len(view.frame("hydrants")), placed(view, "hydrants"), _spared(view), Kinds.of(view)
    kerb = _kerbs(view)
    gap, sure = kerb.gap_m, kerb.known & (kerb.row >= 0)
    with np.errstate(invalid="ignore"):
        inside = (gap - least >= kerb.rough_m - FINE) & (most - gap >= kerb.rough_m - FINE)
        off = ((gap < least) & (least - gap >= kerb.rough_m - FINE)) | ((gap > most) & (gap - most >= kerb.rough_m - FINE))
    result = np.where(sure & inside, PASS, np.where(sure & off, FAIL, UNKNOWN)).astype(np.int8)
    result[spared] = NA
    frames = [view.frame(name) for name in _WAYS]

    def told(row: int) -> Text:
        if spared[row]:
            return NO_HYDRANT if kinds.pond[row] else ON_WALL
        if not there[row]:
            return UNPLACED
        if kerb.row[row] < 0:
            return Text(f"附近没有画出的道路，{CANNOT.zh}", f"no road is drawn near it: {CANNOT.en}")
        layer = int(kerb.layer[row])
        way = (road_name if layer == _ROADS else lane_name)(frames[layer], int(kerb.row[row]))
        if not kerb.known[row]:
            return Text(
                f"“{way.zh}”没有路面宽，路边在哪里不知道，{CANNOT.zh}",
                f"{way.en} has no carriageway width, so its kerb is not known: {CANNOT.en}",
            )
        where = Text(f"距“{way.zh}”路边 {metres(gap[row])} 米", f"{metres(gap[row])} m from the kerb of {way.en}")
        if gap[row] < 0:
            where = Text(f"在“{way.zh}”路面以内 {metres(-gap[row])} 米", f"{metres(-gap[row])} m inside the carriageway of {way.en}")
        if result[row] == PASS:
            return Text(f"{where.zh}，在 {least:g}–{most:g} 米之内", f"{where.en}, within {least:g}-{most:g} m")
        if result[row] == FAIL and gap[row] < least:
            return Text(f"{where.zh}，小于设计值 {least:g} 米", f"{where.en}, below the {least:g} m design value")
        if result[row] == FAIL:
            return Text(f"{where.zh}，大于设计值 {most:g} 米", f"{where.en}, above the {most:g} m design value")
        rough = metres(kerb.rough_m[row])
        return Text(
            f"{where.zh}，与 {least:g}–{most:g} 米界限之差在图面精度 {rough} 米之内，{CANNOT.zh}",
            f"{where.en}, within the drawing's accuracy of {rough} m of the limits {least:g}-{most:g} m: {CANNOT.en}",
        )

    asked, open_ = result != NA, result == UNKNOWN
    near, unknown = kerb.row >= 0, ~kerb.known
    lacks = lacking(
        count, ("hydrants", GEOMETRY, open_ & ~there, own(count)), ("roads", "road_width_m", open_ & near & unknown & (kerb.layer == _ROADS), kerb.row),
        ("fire_lanes", "road_width_m", open_ & near & unknown & (kerb.layer == _LANES), kerb.row),
        ("roads", GEOMETRY, open_ & there & ~near & (len(frames[_ROADS]) == 0), whole(count)),
    )  # fmt: skip
    known = asked & sure
    threshold = np.where(asked, np.where(gap < least, least, most), np.nan)

    def involved(rows: Rows) -> list[list[tuple[str, int]]]:
        return [[(_WAYS[kerb.layer[row]], int(kerb.row[row]))] if kerb.row[row] >= 0 else [] for row in rows]

    return Judgement(
        result, np.where(known, gap, np.nan), threshold, based(count, MEASURED, known), sentences(told), lacks=lacks, involved=involved
    )


class _Kerbs:
    """A value a hydrant: the nearest way (`layer` of _WAYS and `row`, -1 = none near), metres to its kerb (negative: inside the carriageway, NaN: its
    width is not on record), the accuracy of the two."""

    def __init__(self, count: int) -> None:
        self.layer, self.row = np.zeros(count, dtype=np.int8), np.full(count, -1, dtype=np.int64)
        self.gap_m, self.rough_m = np.full(count, np.nan), np.full(count, np.nan)

    @property
    def known(self) -> Flags:
        return np.asarray(~np.isnan(self.gap_m))


def _kerbs(view: View) -> _Kerbs:
    found = _Kerbs(len(view.frame("hydrants")))
    best, municipal = np.full(len(found.row), view.profile["hydrant_road_m"]), Kinds.of(view).municipal
    for layer, usual in ((_ROADS, view.profile["road_half_width_m"]), (_LANES, view.profile["lane_width_m"] / 2)):
        hydrant, way, gap, known, rough = _near_ways(view, _WAYS[layer], usual)
        order = np.lexsort((way, gap))[::-1]  # the nearest is written last
        order = order[gap[order] < best[hydrant[order]]]
        at = hydrant[order]
        found.layer[at], found.row[at], found.rough_m[at] = layer, way[order], rough[order]
        found.gap_m[at] = np.where(known[order], gap[order], np.nan)
        best[at] = gap[order]
        best[municipal & (found.row >= 0)] = -np.inf  # a lane's mouth beside its road is not what it stands at
    return found


def _near_ways(view: View, layer: str, usual_m: float) -> tuple[Ints, Ints, Floats, Flags, Floats]:
    """Hydrants with the ways of a layer near them: metres to the kerb, by the usual half width where `known` is false."""
    shapes, points = view.metric(layer), view.metric("hydrants")
    width = numbers(view.frame(layer), "road_width_m")
    area = shapely.get_dimensions(shapes) == 2
    known = area | (width > 0)
    half = np.where(area, 0.0, np.where(width > 0, width / 2, usual_m))
    rows, near = np.flatnonzero(placed(view, "hydrants")), np.flatnonzero(placed(view, layer))
    reach = view.profile["hydrant_road_m"] + half[near].max(initial=0.0)
    at, which = shapely.STRtree(shapes[near]).query(points[rows], predicate="dwithin", distance=reach)
    hydrant, way = rows[at], near[which]
    gap = shapely.distance(points[hydrant], shapes[way]) - half[way]
    within = np.flatnonzero(area[way] & (gap <= 0))
    gap[within] = -shapely.distance(points[hydrant[within]], shapely.boundary(shapes[way[within]]))
    rough = np.maximum(accuracy_m(view, "hydrants")[hydrant], accuracy_m(view, layer)[way])
    return hydrant, way, np.round(gap, 2), known[way], rough


HYDRANT_TO_KERB = Rule(
    id="HY-03", number=203, title=Text("消火栓距路边", "Hydrant to kerb"), subject="hydrants", reads=("hydrants", *_WAYS), judge=_to_kerb, unit=_M,
    figures=("hydrant_kerb_least_m", "hydrant_kerb_most_m", "hydrant_road_m", "road_half_width_m", "lane_width_m"),
)  # fmt: skip

HYDRANT_TO_WALL = Rule(
    id="HY-04", number=204, title=Text("消火栓距建筑外墙", "Hydrant to a wall"), subject="hydrants", reads=("hydrants", "buildings"), judge=_to_wall,
    unit=_M, figures=("hydrant_wall_m",),
)  # fmt: skip
