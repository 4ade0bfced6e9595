"""FA-05: how far the edge of a lane is from the wall of the building beside it."""

from __future__ import annotations

import numpy as np
import shapely

from geo.errors import Text
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View
from geo.questions.naming import named_row
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Floats, Judgement, Rows, Rule, limit
from geo.rules.fire.telling import (
    INFERRED,
    LANE,
    MEASURED,
    METRES,
    Missing,
    Shapes,
    accuracy_of,
    against,
    by_shapes,
    judgement,
    named_pairs,
    nowhere,
    placed,
    sentences,
    shown,
    unplaced,
)


def _off_walls(view: View) -> Judgement:
    """From the lane's edge to the nearest building. The edge of a lane drawn as an area is its outline; of a line it is half of the carriageway on record,
    else of the clear width on record, beside it (not of a width from the drawing, which reaches to the walls by itself). With no width on record a
    centreline nearer than the limit still fails. Not concerned: passages under buildings, and lanes with no building within `approach_m`."""
    frame, lanes, buildings = view.frame("fire_lanes"), view.metric("fire_lanes"), view.metric("buildings")
    least, reach, count = view.profile["lane_wall_m"], view.profile["approach_m"], len(frame)
    there = placed(lanes)
    nearest, metres = by_shapes(view, "nearest-walls", ("fire_lanes", "buildings"), None, lambda: _nearest(view))
    half = _half(view, lanes)
    value = np.round(np.maximum(metres - np.nan_to_num(half), 0.0), 2)
    accuracy = np.maximum(accuracy_of(view, "fire_lanes"), np.append(accuracy_of(view, "buildings"), 0.0)[nearest])
    result = against(value, least, accuracy)
    unsaid = np.isnan(half)
    result[unsaid & (result == PASS)] = UNKNOWN
    result[there & (nearest < 0)] = NA
    result[texts(frame, "kind") == "passage"] = NA
    nobody = there & (result == NA) & (len(buildings) == 0) & (texts(frame, "kind") != "passage")
    result[nobody] = UNKNOWN
    basis = np.where(np.isnan(value), -1, np.where(unsaid, INFERRED, MEASURED))
    heads = {
        FAIL: Text(f"小于推荐值 {shown(least)} 米", f"below the recommended {shown(least)} m"),
        PASS: Text(f"不小于推荐值 {shown(least)} 米", f"not below the recommended {shown(least)} m"),
    }

    def tell(row: int) -> Text:
        if not there[row]:
            return unplaced(LANE)
        if nobody[row]:
            return Text("一栋楼也没有上图，不能判定", "no building is on the map: cannot be told")
        if result[row] == NA:
            return _not_concerned(texts(frame, "kind")[row], reach)
        wall = named_row(view, "buildings", int(nearest[row]))
        most = Text("至多", "at most ") if unsaid[row] else Text("", "")
        said = Text(
            f"通道边缘距{wall.zh}外墙{most.zh} {value[row]:g} 米", f"the lane's edge is {most.en}{value[row]:g} m off the wall of {wall.en}"
        )
        if result[row] != UNKNOWN:
            return said
        doubt = (
            Text("，没有登记宽度，不能判定", ", its width is not on record: cannot be told")
            if unsaid[row]
            else Text(f"，与 {least:g} 米之差在精度以内，不能判定", f", nearer to {least:g} m than it is true: cannot be told")
        )
        return Text(said.zh + doubt.zh, said.en + doubt.en)

    def where(asked: Rows) -> Shapes:
        found = np.full(len(asked), None, dtype=object)
        near = nearest[asked] >= 0
        between = shapely.shortest_line(lanes[asked[near]], buildings[nearest[asked[near]]])
        found[near] = shapely.get_point(between, 1)
        return found

    missing = Missing(result == UNKNOWN).own(~there, "fire_lanes", "geometry").add(nobody, "buildings", "geometry", -1)
    missing.own(unsaid, "fire_lanes", "clear_width_m")
    return judgement(
        result, value, limit(count, least), basis, sentences(result, heads, tell), where=where, lacks=missing.lacks(),
        involved=lambda asked: named_pairs("buildings", nearest[asked]),
    )  # fmt: skip


def _nearest(view: View) -> tuple[Rows, Floats]:
    """The nearest building of each lane within `approach_m` of it (-1 = none), and how far off it is."""
    lanes, reach = view.metric("fire_lanes"), view.profile["approach_m"]
    count, there = len(lanes), placed(lanes)
    nearest, metres = nowhere(count), np.full(count, np.nan)
    rows = np.flatnonzero(there)
    (at, building), gap = view.tree("buildings").query_nearest(lanes[rows], max_distance=reach, return_distance=True, all_matches=False)
    nearest[rows[at]], metres[rows[at]] = building, gap
    return nearest, metres


def _half(view: View, lanes: Shapes) -> np.ndarray:
    frame = view.frame("fire_lanes")
    road, clear = numbers(frame, "road_width_m"), numbers(frame, "clear_width_m")
    width = np.where(road > 0, road, np.where(clear > 0, clear, np.nan))
    return np.where(shapely.get_dimensions(lanes) == 2, 0.0, width / 2)


def _not_concerned(kind: object, reach: float) -> Text:
    if kind == "passage":
        return Text("过街楼通道，从楼下穿过", "a passage: it goes below a building")
    return Text(f"{reach:g} 米内没有楼栋", f"no building within {reach:g} m")


OFF_WALLS = Rule(
    "FA-05", 105, Text("消防车道距建筑外墙", "Fire lane to the building wall"), "fire_lanes", ("fire_lanes", "buildings"), _off_walls, METRES,
    ("lane_wall_m", "approach_m"),
)  # fmt: skip
