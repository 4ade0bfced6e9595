"""`lanes-under-height`: over which fire lanes something is lower than asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.lanes.comparison import RE_MEASURE_M
from geo.lanes.heights import ClearHeights, Overhead, clear_heights, places
from geo.questions.columns import numbers, texts
from geo.questions.declaration import NO, UNKNOWN, YES, Flags, Parameter, Question, Shape, Verdicts, View, filled, latest
from geo.questions.lanes.scene import lane_lines, ways_through
from geo.questions.lanes.standing import OVERHEAD, revisions
from geo.questions.lanes.without_lane_record import COMPOUNDS_WITHOUT_LANES
from geo.questions.naming import named_access, named_obstacle_row, names
from geo.questions.shown import objects, stored_shapes
from geo.schema import Field

READS = ("fire_lanes", "access_points", "obstacles", "buildings")

ACCESS, OBSTACLE = 0, 1

_ROOFED = ("arch", "height_bar")
"""Access points that have something over the lane by their nature: without a height on record the lane's is unknown."""

_FINE_M = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Heights:
    """Every lane's clear height with what is over the lanes: `layer` ACCESS or OBSTACLE, and its `row` (-1 = a passage without an arch)."""

    found: ClearHeights
    over: Overhead
    layer: NDArray[np.int8]
    row: NDArray[np.int64]

    def name(self, view: View, thing: int) -> Text:
        row = int(self.row[thing])
        return named_obstacle_row(view, row) if self.layer[thing] == OBSTACLE else named_access(view, row)


def lane_heights(view: View) -> Heights:
    return latest(view, "lane-heights", revisions(view, READS), lambda _: _measured(view))


def _measured(view: View) -> Heights:
    access, obstacles, own = view.frame("access_points"), view.frame("obstacles"), numbers(view.frame("fire_lanes"), "clear_height_m")
    gates = np.flatnonzero(~np.isnan(numbers(access, "gate_height_m")) | _among(access, _ROOFED))
    hanging = np.flatnonzero(_among(obstacles, OVERHEAD) & obstacles["removed_on"].isna().to_numpy(dtype=bool))
    through = _bare_passages(view, own)
    shapes = np.concatenate([view.metric("access_points")[gates], view.metric("obstacles")[hanging], through])
    nothing = np.full(len(through), np.nan)
    height = np.concatenate([numbers(access, "gate_height_m")[gates], numbers(obstacles, "clear_height_m")[hanging], nothing])
    layer = np.repeat(np.array([ACCESS, OBSTACLE, ACCESS], dtype=np.int8), [len(gates), len(hanging), len(through)])
    row = np.concatenate([gates, hanging, np.full(len(through), -1, dtype=np.int64)])
    over = Overhead(shapes, height)
    return Heights(clear_heights(lane_lines(view), own, over, strip_m=view.profile["lane_width_m"]), over, layer, row)


def _among(frame: gpd.GeoDataFrame, kinds: tuple[str, ...]) -> Flags:
    return np.fromiter((kind in kinds for kind in texts(frame, "kind")), dtype=bool, count=len(frame))


def _bare_passages(view: View, own_m: NDArray[np.float64]) -> NDArray[np.object_]:
    """Where a passage goes below a building without an arch on record, unless the lane's own height says how high it is there."""
    ways = ways_through(view)
    points = ways.openings.points[ways.row < 0]
    said = (texts(view.frame("fire_lanes"), "kind") == "passage") & ~np.isnan(own_m)
    if not len(points) or not said.any():
        return points
    told = shapely.STRtree(lane_lines(view)[said]).query(points, predicate="dwithin", distance=0.01)[0]
    return np.delete(points, told)


def _under_height(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    limit = float(parameters["height"] if parameters["height"] is not None else view.profile["lane_height_m"])
    heights = lane_heights(view)
    value = np.round(heights.found.height_m, 2)
    with np.errstate(invalid="ignore"):
        under = value < limit
    known = ~np.isnan(value) & (heights.found.unsaid < 0)
    answer = np.where(under, YES, np.where(known, NO, UNKNOWN)).astype(np.int8)
    table = _Table(view, heights, answer, value, limit)
    return Verdicts(answer, table.column, table.why, shape=table.shape, said={"height": limit})


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The other fields of the answers and their sentences, made when asked for."""

    view: View
    heights: Heights
    answer: NDArray[np.int8]
    value: NDArray[np.float64]
    limit: float

    def column(self, name: str, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        at = np.arange(len(self.answer)) if rows is None else rows
        measured = texts(self.view.frame("fire_lanes"), "quality")[at] == "measured"
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: np.where(self.answer[at] == UNKNOWN, np.nan, self.value[at]),
            "threshold": lambda: np.full(len(at), self.limit),
            "unit": lambda: filled("m", len(at)),
            "basis": lambda: self._basis(at, measured),
            "re_measure": lambda: (np.abs(self.value[at] - self.limit) <= RE_MEASURE_M + _FINE_M).astype(object),
            "declared_m": lambda: numbers(self.view.frame("fire_lanes"), "clear_height_m")[at],
            "pinch_obstacle": lambda: objects([self._below(int(row)) for row in at]),
        }
        return made[name]()

    def _basis(self, at: NDArray[np.int64], measured: Flags) -> NDArray[np.object_]:
        """Measured where the record that counts says so."""
        of_things = np.concatenate([_measured_rows(self.view, self.heights), [False]])
        how = np.where(self.heights.found.lowest[at] >= 0, of_things[self.heights.found.lowest[at]], measured)
        words = np.where(how, "measured", "declared").astype(object)
        words[self.answer[at] == UNKNOWN] = None
        return words

    def _below(self, row: int) -> str | None:
        """What limits the height, or has none on record, by name, else code, in no language."""
        thing = self.thing(row)
        if thing < 0 or self.heights.row[thing] < 0:
            return None
        layer = "obstacles" if self.heights.layer[thing] == OBSTACLE else "access_points"
        return str(names(self.view, layer).name[self.heights.row[thing]])

    def thing(self, row: int) -> int:
        found = self.heights.found
        decides = found.unsaid if self.answer[row] == UNKNOWN else found.lowest
        return int(decides[row])

    def shape(self, id: str, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        out = filled(None, len(rows))
        things = np.array([self.thing(int(row)) for row in rows], dtype=np.int64)
        at = np.flatnonzero(things >= 0)
        out[at] = places(lane_lines(self.view), self.heights.over, rows[at], things[at])
        return stored_shapes(self.view, out)

    def why(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        return [self._sentence(int(row)).of(lang) for row in rows]

    def _sentence(self, row: int) -> Text:
        limit, said = f"{self.limit:g}", self._said(row)
        if self.answer[row] == YES:
            return Text(f"{said.zh}，低于 {limit} 米", f"{said.en}, under {limit} m")
        if self.answer[row] == NO:
            return Text(f"{said.zh}，不低于 {limit} 米", f"{said.en}, not under {limit} m")
        thing = int(self.heights.found.unsaid[row])
        if thing >= 0:
            name = self.heights.name(self.view, thing)
            return Text(f"{name.zh}的净高没有登记，不能判定", f"the clear height of {name.en} is not on record: cannot be told")
        return Text(
            "没有净空高度记录，通道上方也没有画出登记了净高的东西",
            "no clear height on record, and nothing with a height on record is drawn over the lane",
        )

    def _said(self, row: int) -> Text:
        height, thing = f"{self.value[row]:g}", int(self.heights.found.lowest[row])
        if thing < 0:
            return Text(f"登记净空高度 {height} 米", f"clear height {height} m on record")
        name = self.heights.name(self.view, thing)
        return Text(f"{name.zh}净高 {height} 米", f"clear height {height} m at {name.en}")


def _measured_rows(view: View, heights: Heights) -> Flags:
    """Of every thing over the lanes whether its record was measured."""
    out = np.zeros(len(heights.row), dtype=bool)
    for layer, id in ((ACCESS, "access_points"), (OBSTACLE, "obstacles")):
        mine = (heights.layer == layer) & (heights.row >= 0)
        out[mine] = texts(view.frame(id), "quality")[heights.row[mine]] == "measured"
    return out


LANES_UNDER_HEIGHT = Question(
    id="lanes-under-height",
    title=Text("哪些通道净空不够高", "Lanes under a height"),
    help=Text(
        "净空高度严格小于所给高度的消防通道：取通道登记的净高与其上的门洞、限高杆、大门、架空线、低枝的净高里最小的一个；有门洞、限高杆、架空线而没有登记净高的，"
        "以及什么都没有登记的，算不明",
        "fire lanes with a clear height strictly under the given one: the least of the lane's own record and those of the arches, height bars, gates, "
        "cables and branches over it; with one of these and no height on record, or nothing on record at all, the answer is unknown",
    ),
    subject="fire_lanes",
    reads=(*READS, "compounds"),
    answer=_under_height,
    sentence=Text("{total} 条通道：净空低于 {height:g} 米 {yes}，不明 {unknown}", "{total} lanes: clear height under {height:g} m {yes}, unknown {unknown}"),
    parameters=(
        Parameter("height", "number", None, Text("高度", "Height"), unit=Text("米", "m"), above=0.0, maximum=100.0, figure="lane_height_m"),
    ),
    extra_fields=(
        Field("declared_m", "number", Text("登记净空高度", "Height on record"), unit=Text("米", "m"), public=True),
        Field("pinch_obstacle", "text", Text("最低处的东西", "What is lowest"), public=True),
    ),
    shapes=(Shape("pinch", Text("最低处", "Lowest point"), "Point", "#1b2330", symbol="低"),),
    unrecorded=COMPOUNDS_WITHOUT_LANES,
)  # fmt: skip
