"""HY-08: roads over a width have municipal hydrants on both sides."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Flags, Floats, View
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, limit
from geo.rules.judging import (
    CANNOT,
    DECLARED,
    GEOMETRY,
    INFERRED,
    UNPLACED,
    accuracy_m,
    lacking,
    metres,
    one_of,
    own,
    placed,
    sentences,
    whole,
)
from geo.rules.water.kinds import Kinds

Ints = NDArray[np.int64]

_M = Text("米", "m")
_NARROW = ("secondary", "local")
"""Classes of road whose red lines are planned narrower than this rule is about: without a width they are taken as narrow."""


def _judge(view: View) -> Judgement:
    most, frame = view.profile["hydrant_sides_road_m"], view.frame("roads")
    width, red, kind = numbers(frame, "road_width_m"), numbers(frame, "red_line_width_m"), texts(frame, "kind")
    count, there = len(frame), placed(view, "roads")
    with np.errstate(invalid="ignore"):
        wide = width > most
        narrow = (width <= most) | (np.isnan(width) & (red <= most))
    assumed = np.isnan(width) & ~narrow & ~(red > most) & one_of(kind, _NARROW)
    sides, perhaps, witness = _sides(view, np.flatnonzero(wide & there), width)
    full, may_be = sides.all(axis=1), (sides | perhaps).all(axis=1)
    result = np.full(count, UNKNOWN, dtype=np.int8)
    nobody = not (placed(view, "hydrants") & ~Kinds.of(view).pond).any()
    result[wide & there & ~may_be & (not nobody)] = FAIL
    result[wide & there & full] = PASS
    result[narrow | assumed] = NA

    def told(row: int) -> Text:
        if assumed[row]:
            return Text(
                f"次干路、支路，没有登记路面宽，按不到 {most:g} 米看",
                f"a secondary or local road without a width on record, taken as under {most:g} m",
            )
        if narrow[row]:
            known = Text("路面宽", "carriageway") if not np.isnan(width[row]) else Text("红线宽", "between the red lines")
            value = metres(width[row] if not np.isnan(width[row]) else red[row])
            return Text(
                f"{known.zh} {value} 米，不大于 {most:g} 米，不要求两侧设置",
                f"{value} m {known.en}, not over {most:g} m: both sides are not asked for",
            )
        if not wide[row]:
            return Text(f"没有登记路面宽，{CANNOT.zh}", f"no carriageway width on record: {CANNOT.en}")
        if not there[row]:
            return UNPLACED
        said = Text(f"路面宽 {metres(width[row])} 米，大于 {most:g} 米", f"carriageway {metres(width[row])} m, over {most:g} m")
        if result[row] == PASS:
            return Text(f"{said.zh}，两侧都有市政消火栓", f"{said.en}, municipal hydrants on both sides")
        if result[row] == FAIL:
            one = Text("只有一侧有市政消火栓", "municipal hydrants on one side only")
            none = Text("两侧都没有市政消火栓", "no municipal hydrant on either side")
            found = one if (sides[row] | perhaps[row]).any() else none
            return Text(f"{said.zh}，{found.zh}", f"{said.en}, {found.en}")
        if nobody:
            return Text(f"{said.zh}，图上没有消火栓，{CANNOT.zh}", f"{said.en}; no hydrant is on the map: {CANNOT.en}")
        return Text(
            f"{said.zh}，路旁的消火栓没有登记是否市政消火栓，或看不出在哪一侧，{CANNOT.zh}",
            f"{said.en}; of hydrants beside it nobody recorded whether they are municipal, or on which side they are: {CANNOT.en}",
        )

    open_ = result == UNKNOWN
    lacks = lacking(
        count, ("roads", "road_width_m", open_ & ~wide, own(count)), ("roads", GEOMETRY, open_ & wide & ~there, own(count)),
        ("hydrants", GEOMETRY, open_ & wide & there & nobody, whole(count)), ("hydrants", "kind", open_ & wide & there & (witness >= 0), witness),
    )  # fmt: skip
    basis = np.where(assumed | np.isnan(width), -1, DECLARED).astype(np.int8)
    basis[assumed] = INFERRED
    return Judgement(result, width, np.where(np.isnan(width), np.nan, limit(count, most)), basis, sentences(told), lacks=lacks)


def _sides(view: View, rows: Ints, width: Floats) -> tuple[Flags, Flags, Ints]:
    """For each road, left and right: a municipal hydrant stands there; perhaps one does; and the row of one of unrecorded kind, -1 = none."""
    shapes, points, kinds = view.metric("roads"), view.metric("hydrants"), Kinds.of(view)
    sure, perhaps = (np.zeros((len(shapes), 2), dtype=bool) for _ in range(2))
    witness = np.full(len(shapes), -1, dtype=np.int64)
    hydrants = np.flatnonzero(placed(view, "hydrants") & (kinds.municipal | kinds.perhaps))
    if not len(rows) or not len(hydrants):
        return sure, perhaps, witness
    reach = width[rows] / 2 + view.profile["hydrant_road_m"]
    at, near = shapely.STRtree(points[hydrants]).query(shapes[rows], predicate="dwithin", distance=reach)
    road, hydrant = rows[at], hydrants[near]
    off = _left_of(shapes[road], shapely.centroid(points[hydrant]))
    rough = np.maximum(accuracy_m(view, "roads")[road], accuracy_m(view, "hydrants")[hydrant])
    clear = np.abs(off) > rough
    side = (off < 0).astype(np.int64)
    certain = clear & kinds.municipal[hydrant]
    sure[road[certain], side[certain]] = True
    perhaps[road, side] = True
    perhaps[road[~clear], 1 - side[~clear]] = True
    unsaid = kinds.perhaps[hydrant]
    witness[road[unsaid]] = hydrant[unsaid]
    return sure, perhaps, witness


def _left_of(lines: NDArray[np.object_], points: NDArray[np.object_]) -> Floats:
    """How far each point lies to the left of its line (negative: right), by the line's run where the point is nearest."""
    merged = shapely.line_merge(lines)
    single = np.where(shapely.get_type_id(merged) == 1, merged, shapely.get_geometry(merged, 0))
    station = shapely.line_locate_point(single, points)
    length = np.maximum(shapely.length(single), 1e-6)
    low, high = np.clip(station - 0.5, 0, length), np.clip(station + 0.5, 0, length)
    start = shapely.get_coordinates(shapely.line_interpolate_point(single, low))
    run = shapely.get_coordinates(shapely.line_interpolate_point(single, high)) - start
    to = shapely.get_coordinates(points) - start
    size = np.maximum(np.hypot(*run.T), 1e-9)
    return np.asarray((run[:, 0] * to[:, 1] - run[:, 1] * to[:, 0]) / size)


HYDRANTS_ON_BOTH_SIDES = Rule(
    id="HY-08", number=208, title=Text("宽路两侧设市政消火栓", "Hydrants on both sides of a wide road"), subject="roads", reads=("roads", "hydrants"),
    judge=_judge, unit=_M, figures=("hydrant_sides_road_m", "hydrant_road_m"),
)  # fmt: skip
