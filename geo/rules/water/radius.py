"""HY-01 and HY-05: which buildings a hydrant protects, along the roads and lanes, and which a municipal hydrant counts for."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.columns import numbers
from geo.questions.declaration import NO, YES, Flags, View, latest
from geo.questions.naming import called
from geo.questions.reach.far_from_hydrant import BUILDINGS_FAR_FROM_HYDRANT
from geo.questions.reach.hydrants import Distances, Hydrants, distances
from geo.rules.apart import BUILDING_REACH_M
from geo.rules.declaration import FAIL, PASS, UNKNOWN, Floats, Judgement, Lacks, Rows, Rule, limit
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
    same_values,
    sentences,
    unmoved,
    whole,
)
from geo.rules.water.kinds import Kinds

Ints = NDArray[np.int64]

_M = Text("米", "m")
_AT_ONCE = 4096
_TOO_NEAR = Text("太近", "too near")


_READS = ("buildings", "hydrants", "roads", "fire_lanes")


def _in_radius(view: View) -> Judgement:
    """Routes are dear: they are worked out again only when something was moved, not when a width or a name was edited."""
    revisions = (
        *unmoved(view, "buildings", "roads", "fire_lanes"), view.layer_revision("hydrants"), same_values(numbers(view.frame("roads"), "road_width_m")),
        same_values(accuracy_m(view, "buildings")), len(view.frame("roads")) + len(view.frame("fire_lanes")), view.metric_crs, view.profile.id,
        view.profile.version,
    )  # fmt: skip
    return latest(view, "rule HY-01", revisions, lambda _: _by_the_question(view))


def _by_the_question(view: View) -> Judgement:
    """As the question along the network answers, but open within the accuracy of the drawing."""
    said = BUILDINGS_FAR_FROM_HYDRANT.answer(view, {"distance": None, "path": True})
    most, count = view.profile["hydrant_m"], len(said.answer)
    hydrants = Hydrants.of(view)
    found = distances(view, hydrants, True)
    value = said.column("value", None)
    nearest = np.where(said.answer == NO, found.worst, found.best)
    rough = _rough(view, nearest)
    margin = np.isin(said.answer, (YES, NO)) & (nearest >= 0) & (np.abs(value - most) < rough - FINE)
    result = np.where(margin, UNKNOWN, np.where(said.answer == YES, FAIL, np.where(said.answer == NO, PASS, UNKNOWN))).astype(np.int8)

    def why(rows: Rows, lang: str) -> list[str]:
        told = said.why(rows, lang)
        return [text + _more(row, found, margin, rough, most, result).of(lang) for text, row in zip(told, rows.tolist(), strict=True)]

    return Judgement(
        result, value, limit(count, most), based(count, MEASURED, ~np.isnan(value)), why, lacks=_lacks(view, result, margin, found, hydrants),
        involved=also("hydrants", nearest),
    )  # fmt: skip


def _rough(view: View, nearest: Ints) -> Floats:
    """The accuracy of each building and its hydrant."""
    hydrant = np.append(accuracy_m(view, "hydrants"), 0.0)[nearest]
    return np.asarray(np.maximum(accuracy_m(view, "buildings"), hydrant))


def _more(row: int, found: Distances, margin: Flags, rough: Floats, most: float, result: NDArray[np.int8]) -> Text:
    """What the question's sentence leaves out."""
    if margin[row]:
        off = metres(rough[row])
        return Text(
            f"；与界限之差在图面精度 {off} 米之内，{CANNOT.zh}",
            f"; that is within the drawing's accuracy of {off} m of the limit: {CANNOT.en}",
        )
    straight = found.least_m[row]
    if result[row] == FAIL and found.best_m[row] > most >= straight:
        return Text(
            f"（直线 {metres(straight)} 米，但不等于水带能到）",
            f" (straight it is {metres(straight)} m, which is not the same as hose reach)",
        )
    return Text("", "")


def _lacks(view: View, result: NDArray[np.int8], margin: Flags, found: Distances, hydrants: Hydrants) -> Lacks:
    count = len(result)
    open_, there = (result == UNKNOWN) & ~margin, placed(view, "buildings")
    none, drawn = hydrants.on_map == 0, len(view.frame("roads")) + len(view.frame("fire_lanes")) > 0
    everywhere = np.full(count, True)
    return lacking(
        count, ("buildings", GEOMETRY, open_ & ~there, own(count)), ("hydrants", GEOMETRY, open_ & (everywhere if none else ~everywhere), whole(count)),
        ("hydrants", "working", open_ & (found.best >= 0), found.best),
        ("fire_lanes", GEOMETRY, open_ & (~everywhere if drawn else everywhere), whole(count)),
    )  # fmt: skip


def _has_municipal(view: View) -> Judgement:
    least, most, kinds = view.profile["hydrant_counted_from_m"], view.profile["hydrant_m"], Kinds.of(view)
    shapes, count = view.metric("buildings"), len(view.frame("buildings"))
    there = placed(view, "buildings")
    building, hydrant, gap, rough = _pairs(view, np.flatnonzero(placed(view, "hydrants")), most)
    near_enough = (gap - least >= rough - FINE) & (most - gap >= rough - FINE)
    may_be = (gap - least > -rough - FINE) & (most - gap > -rough - FINE) & (near_enough | (rough > 0))
    sure = _first(count, building, hydrant, near_enough & (kinds.municipal & kinds.works)[hydrant])
    maybe = _first(count, building, hydrant, may_be & ((kinds.municipal | kinds.perhaps) & ~kinds.broken)[hydrant])
    too_near = _first(count, building, hydrant, (gap < least) & (kinds.municipal & ~kinds.broken)[hydrant])
    known = bool((placed(view, "hydrants") & ~kinds.pond).any())
    result = np.where(sure >= 0, PASS, np.where((maybe >= 0) | ~there | (not known), UNKNOWN, FAIL)).astype(np.int8)
    chosen = np.where(sure >= 0, sure, np.where(maybe >= 0, maybe, too_near))
    value = np.full(count, np.nan)
    has = chosen >= 0
    value[has] = np.round(shapely.distance(shapes[has], view.metric("hydrants")[chosen[has]]), 2)
    frame = view.frame("hydrants")

    def told(row: int) -> Text:
        if not there[row]:
            return UNPLACED
        if not known:
            return Text(f"没有消火栓数据，或都未上图，{CANNOT.zh}", f"there is no data on hydrants, or none is on the map: {CANNOT.en}")
        span = f"{least:g}-{most:g}"
        if not has[row]:
            return Text(
                f"{span} 米内没有可计入的市政消火栓", f"no municipal hydrant stands {span} m from it, as one must that counts for it"
            )
        name, far = called(frame, int(chosen[row])), metres(value[row])
        said = Text(f"距消火栓“{name}”直线 {far} 米", f"{far} m straight to hydrant '{name}'")
        if result[row] == PASS:
            return Text(f"{said.zh}，在 {span} 米之内，可计入", f"{said.en}, within {span} m: it counts for the building")
        if result[row] == FAIL:
            return Text(
                f"{said.zh}，不足 {least:g} 米，不计入；{span} 米内没有别的市政消火栓",
                f"{said.en}, under {least:g} m, so it does not count; no other municipal one stands within {span} m",
            )
        return _perhaps(said, kinds, int(chosen[row]))

    open_ = (result == UNKNOWN) & there & (maybe >= 0)
    unsaid = np.append(kinds.perhaps, False)[maybe]
    unsure = np.append(~kinds.works, False)[maybe]
    lacks = lacking(
        count, ("buildings", GEOMETRY, (result == UNKNOWN) & ~there, own(count)),
        ("hydrants", GEOMETRY, (result == UNKNOWN) & there & (not known), whole(count)),
        ("hydrants", "kind", open_ & unsaid, maybe), ("hydrants", "working", open_ & unsure, maybe),
    )  # fmt: skip
    threshold = np.where((result == FAIL) & has, least, most)
    return Judgement(result, value, threshold, based(count, MEASURED, has), sentences(told), lacks=lacks, involved=also("hydrants", chosen))


def _perhaps(said: Text, kinds: Kinds, hydrant: int) -> Text:
    """Why a hydrant only perhaps counts."""
    missing = []
    if kinds.perhaps[hydrant]:
        missing.append(Text("没有登记是否市政消火栓", "nobody recorded whether it is municipal"))
    if not kinds.works[hydrant]:
        missing.append(Text("是否完好没有记录", "nobody recorded whether it works"))
    missing = missing or [Text("距离与界限之差在图面精度之内", "the distance is within the drawing's accuracy of the limit")]
    zh, en = "，".join(m.zh for m in missing), ", ".join(m.en for m in missing)
    return Text(f"{said.zh}，但{zh}，{CANNOT.zh}", f"{said.en}, but {en}: {CANNOT.en}")


def _pairs(view: View, hydrants: Ints, most_m: float) -> tuple[Ints, Ints, Floats, Floats]:
    """Buildings with the hydrants within reach: distance and accuracy, a building drawn as a point by as much as it may reach from it."""
    shapes, places = view.metric("buildings"), view.metric("hydrants")
    rough_b = accuracy_m(view, "buildings")
    rough_b = np.where(shapely.get_dimensions(shapes) == 0, np.maximum(rough_b, BUILDING_REACH_M), rough_b)
    rough_h = accuracy_m(view, "hydrants")
    rows, tree = np.flatnonzero(placed(view, "buildings")), shapely.STRtree(places[hydrants])
    reach = most_m + 0.01 + np.maximum(rough_b, rough_h[hydrants].max(initial=0.0))  # distances are rounded to the centimetre
    found: list[tuple[Ints, Ints]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        at, near = tree.query(shapes[some], predicate="dwithin", distance=reach[some])
        found.append((some[at], hydrants[near]))
    building, hydrant = (np.concatenate(part) for part in zip(*found, strict=True))
    gap = np.round(shapely.distance(shapes[building], places[hydrant]), 2)
    order = np.lexsort((hydrant, gap))
    building, hydrant, gap = building[order], hydrant[order], gap[order]
    return building, hydrant, gap, np.maximum(rough_b[building], rough_h[hydrant])


def _first(count: int, building: Ints, hydrant: Ints, chosen: Flags) -> Ints:
    """The nearest chosen hydrant of each building, -1 = none; pairs come the nearest first."""
    found = np.full(count, -1, dtype=np.int64)
    rows = np.flatnonzero(chosen)[::-1]
    found[building[rows]] = hydrant[rows]
    return found


BUILDING_IN_RADIUS = Rule(
    id="HY-01", number=201, title=Text("楼栋在室外消火栓保护半径内", "Buildings within a hydrant's protection radius"), subject="buildings",
    reads=_READS, judge=_in_radius, unit=_M, figures=("hydrant_m",),
)  # fmt: skip

BUILDING_HAS_MUNICIPAL = Rule(
    id="HY-05", number=205, title=Text("可计入楼栋的市政消火栓", "A municipal hydrant that counts for a building"), subject="buildings",
    reads=("buildings", "hydrants"), judge=_has_municipal, unit=_M, figures=("hydrant_counted_from_m", "hydrant_m"),
)  # fmt: skip
