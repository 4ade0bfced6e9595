"""HY-02: the spacing of municipal hydrants along the roads; the straight distance counts only where it is too far already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.columns import numbers
from geo.questions.declaration import Flags, Floats, View, latest
from geo.questions.naming import called
from geo.questions.reach import ways
from geo.questions.reach.hydrants import only
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rows, Rule, limit
from geo.rules.judging import (
    CANNOT,
    FINE,
    GEOMETRY,
    MEASURED,
    UNPLACED,
    accuracy_m,
    based,
    lacking,
    metres,
    own,
    placed,
    same_values,
    sentences,
    unmoved,
    whole,
)
from geo.rules.water.along import SEARCHED_M, Nexts, nexts, on_roads
from geo.rules.water.kinds import KIND_UNKNOWN, NO_HYDRANT, NOT_MUNICIPAL, Kinds

Ints = NDArray[np.int64]

_M = Text("米", "m")
_ALONE = Text("没有别的市政消火栓，谈不上间距", "there is no other municipal hydrant to be spaced from")
_ENDS = Text("沿路两头都没有下一个市政消火栓，谈不上间距", "no other municipal hydrant stands along its road in either direction")


@dataclass(frozen=True, slots=True, eq=False)
class _Spacing:
    """A value a hydrant: the longest gap along the road (NaN = none; inf = over SEARCHED_M), to which, the accuracy of the two; `road`: stands at a
    drawn road; the nearest other one straight, and how far."""

    gap_m: Floats
    other: Ints
    rough_m: Floats
    road: Flags
    straight_m: Floats
    nearest: Ints

    def over(self, most: float) -> Flags:
        with np.errstate(invalid="ignore"):
            along = (self.gap_m > most) & (self.gap_m - most >= self.rough_m - FINE)
            far = ~np.isfinite(self.gap_m) & (self.straight_m > most) & (self.straight_m - most >= self.rough_m - FINE)
        return np.asarray(along | (far & ~self.ends))

    def within(self, most: float) -> Flags:
        with np.errstate(invalid="ignore"):
            return np.asarray((self.gap_m <= most) & (most - self.gap_m >= self.rough_m - FINE))

    @property
    def ends(self) -> Flags:
        """At a road along which no other stands in either direction."""
        return np.asarray(self.road & np.isnan(self.gap_m))


def _spacing(view: View, counted: Flags, asked: Flags) -> _Spacing:
    points = only(view.metric("hydrants"), counted)
    width, network = numbers(view.frame("roads"), "road_width_m"), ways.network(view)
    with np.errstate(invalid="ignore"):
        half = np.where(width > 0, width / 2, view.profile["road_half_width_m"])
    on = on_roads(network, points, half, view.profile["hydrant_road_m"])
    found = nexts(network, on, counted, asked)
    straight, nearest = _straight(points)
    gap, other = _longest(found)
    rough = accuracy_m(view, "hydrants")
    road = np.append(accuracy_m(view, "roads"), 0.0)[np.append(network.road, -1)[on.edge]]
    beside = np.append(rough, 0.0)[np.where(other >= 0, other, nearest)]
    return _Spacing(gap, other, np.maximum(np.maximum(rough, beside), road), on.edge >= 0, straight, nearest)


def _longest(found: Nexts) -> tuple[Floats, Ints]:
    side = np.argmax(np.where(np.isnan(found.gap_m), -1.0, found.gap_m), axis=1)
    rows = np.arange(len(side))
    return np.round(found.gap_m[rows, side], 2), found.hydrant[rows, side]


def _straight(points: NDArray[np.object_]) -> tuple[Floats, Ints]:
    """Metres to the nearest other point and which; NaN and -1 where there is none."""
    far, which = np.full(len(points), np.nan), np.full(len(points), -1, dtype=np.int64)
    rows = np.flatnonzero(~shapely.is_missing(points))
    if len(rows) > 1:
        (at, near), gap = shapely.STRtree(points[rows]).query_nearest(points[rows], exclusive=False, all_matches=True, return_distance=True)
        twin = at != near  # several in one place: another stands at distance 0
        (lone, next_), away = shapely.STRtree(points[rows]).query_nearest(
            points[rows], exclusive=True, all_matches=False, return_distance=True
        )
        far[rows[lone]], which[rows[lone]] = away, rows[next_]
        far[rows[at[twin]]], which[rows[at[twin]]] = gap[twin], rows[near[twin]]
    return np.round(far, 2), which


def _judge(view: View) -> Judgement:
    """The network is dear: it is made again only when something was moved, not when a width or a name of a lane was edited."""
    roads = view.frame("roads")
    revisions = (
        *unmoved(view, "roads", "fire_lanes"), view.layer_revision("hydrants"), same_values(numbers(roads, "road_width_m")),
        same_values(accuracy_m(view, "roads")), len(roads), view.metric_crs, view.profile.id, view.profile.version,
    )  # fmt: skip
    return latest(view, "rule HY-02", revisions, lambda _: _judged(view))


def _judged(view: View) -> Judgement:
    most, kinds, there = view.profile["hydrant_spacing_m"], Kinds.of(view), placed(view, "hydrants")
    count = len(there)
    perhaps, sure = (kinds.municipal | kinds.perhaps) & there, kinds.municipal & there
    likely = _spacing(view, perhaps, perhaps)
    certain = _spacing(view, sure, sure) if (kinds.perhaps & there).any() else likely
    alone = int(perhaps.sum()) < 2
    result = np.full(count, UNKNOWN, dtype=np.int8)
    result[perhaps & likely.over(most) & kinds.municipal] = FAIL
    result[sure & certain.within(most)] = PASS
    lone = sure & (alone | likely.ends)
    result[lone] = NA
    result[kinds.other | kinds.pond] = NA
    used = np.where(result == PASS, certain.gap_m, likely.gap_m)
    other = np.where(result == PASS, certain.other, likely.other)
    by_line = ~np.isfinite(used) & (result == FAIL)
    value = np.where(by_line & ~np.isinf(used), likely.straight_m, np.where(np.isfinite(used), used, np.nan))
    value[np.isin(result, (NA,))] = np.nan
    frame = view.frame("hydrants")

    def named(row: int) -> str:
        return called(frame, row)

    def told(row: int) -> Text:
        if kinds.other[row] or kinds.pond[row]:
            return NO_HYDRANT if kinds.pond[row] else NOT_MUNICIPAL
        if not there[row]:
            return UNPLACED
        if result[row] == NA:
            return _ALONE if alone else _ENDS
        if np.isinf(used[row]):
            far = f"{SEARCHED_M:g}"
            said = Text(f"沿路 {far} 米内没有下一个市政消火栓", f"no other municipal hydrant within {far} m along the road")
        elif np.isfinite(used[row]):
            name = named(int(other[row]))
            said = Text(
                f"沿路到下一个消火栓“{name}” {metres(used[row])} 米", f"{metres(used[row])} m along the road to the next hydrant '{name}'"
            )
        elif likely.nearest[row] >= 0:
            name, far = named(int(likely.nearest[row])), metres(likely.straight_m[row])
            said = Text(f"到最近的消火栓“{name}”直线 {far} 米", f"{far} m straight to the nearest hydrant '{name}'")
        else:
            said = Text("没有别的消火栓", "there is no other hydrant")
        if result[row] == PASS:
            return Text(f"{said.zh}，不大于 {most:g} 米", f"{said.en}, not over {most:g} m")
        over = Text(f"{said.zh}，大于设计值 {most:g} 米", f"{said.en}, above the {most:g} m design value")
        if result[row] == FAIL:
            return over
        return _open(row, said, over)

    def _open(row: int, said: Text, over: Text) -> Text:
        if kinds.perhaps[row] and likely.over(most)[row]:
            return Text(f"{over.zh}，但{KIND_UNKNOWN.zh}，{CANNOT.zh}", f"{over.en}, but {KIND_UNKNOWN.en}: {CANNOT.en}")
        if not likely.road[row]:
            return Text(
                f"旁边没有画出的市政道路，{said.zh}，沿路多远{CANNOT.zh}",
                f"no public road is drawn beside it; {said.en}, along a road it {CANNOT.en}",
            )
        if np.isfinite(used[row]) and abs(used[row] - most) < likely.rough_m[row] - FINE:
            rough = metres(likely.rough_m[row])
            return Text(
                f"{said.zh}，与 {most:g} 米之差在图面精度 {rough} 米之内，{CANNOT.zh}",
                f"{said.en}, within the drawing's accuracy of {rough} m of the {most:g} m: {CANNOT.en}",
            )
        return Text(
            f"{said.zh}，但没有登记它们是否市政消火栓，{CANNOT.zh}",
            f"{said.en}, but nobody recorded whether they are municipal: {CANNOT.en}",
        )

    asked, open_ = result != NA, result == UNKNOWN
    unsaid = np.append(kinds.perhaps, False)[other]
    lacks = lacking(
        count, ("hydrants", GEOMETRY, open_ & ~there, own(count)), ("roads", GEOMETRY, open_ & there & (len(view.frame("roads")) == 0), whole(count)),
        ("hydrants", "kind", open_ & there & kinds.perhaps & likely.road, own(count)), ("hydrants", "kind", open_ & there & unsaid & likely.road, other),
    )  # fmt: skip
    seen = np.where(other >= 0, other, likely.nearest)

    def involved(rows: Rows) -> list[list[tuple[str, int]]]:
        return [[("hydrants", int(seen[row]))] if asked[row] and seen[row] >= 0 else [] for row in rows]

    return Judgement(
        result, value, np.where(asked, limit(count, most), np.nan), based(count, MEASURED, ~np.isnan(value)), sentences(told), lacks=lacks,
        involved=involved,
    )  # fmt: skip


HYDRANT_SPACING = Rule(
    id="HY-02", number=202, title=Text("市政消火栓沿路间距", "Spacing of municipal hydrants along the road"), subject="hydrants",
    reads=("hydrants", "roads", "fire_lanes"), judge=_judge, unit=_M,
    figures=("hydrant_spacing_m", "hydrant_road_m", "road_half_width_m", "snap_m"),
)  # fmt: skip
