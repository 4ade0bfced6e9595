"""`buildings-far-from-hydrant`: which buildings have no hydrant that works within a distance, straight or along the roads and lanes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.network.distances import Along, inside
from geo.network.ground import usable
from geo.questions.columns import texts
from geo.questions.declaration import (
    BASES,
    GROUP_WATER,
    NO,
    UNKNOWN,
    YES,
    Flags,
    Floats,
    Parameter,
    Question,
    Shape,
    Verdicts,
    View,
    filled,
    latest,
    named,
)
from geo.questions.naming import called
from geo.questions.reach import ways
from geo.questions.reach.hydrants import Distances, Hydrants, distances, only, routes
from geo.questions.shown import stored_shapes
from geo.schema import Choice, Field

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

READS = ("buildings", "hydrants", "fire_stations", *ways.READS)
_METRES = Text("米", "m")
_MEASURED = BASES.index("measured")
_NOT_TOLD = Text("不能判定", "cannot be told")
_MICRO = "micro"
"""Stations of this kind have no engine: they are not the station that one comes from."""


def _far_from_hydrant(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    limit = view.profile["hydrant_m"] if parameters["distance"] is None else float(parameters["distance"])
    table = _Table.of(view, Hydrants.of(view), limit, bool(parameters["path"]))
    return Verdicts(
        table.answer,
        table.column,
        table.why,
        shape=table.shape,
        said={"distance": limit},
        summary=table.spread,
        store=table.hydrants.counts,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The answers with their other fields, made when asked for."""

    view: View
    hydrants: Hydrants
    limit_m: float
    distances: Distances
    answer: NDArray[np.int8]
    placed: Flags
    kept: dict[str, Along] = field(default_factory=dict)

    @classmethod
    def of(cls, view: View, hydrants: Hydrants, limit_m: float, path: bool) -> _Table:
        found, placed = distances(view, hydrants, path), usable(view.metric("buildings"))
        answer = np.full(len(placed), UNKNOWN, dtype=np.int8)
        none_left = hydrants.on_map > 0 and not usable(hydrants.best).any()
        with np.errstate(invalid="ignore"):
            answer[placed & ((found.best_m > limit_m) | (found.least_m > limit_m) | none_left)] = YES
            answer[placed & (found.worst_m <= limit_m)] = NO
        return cls(view, hydrants, limit_m, found, answer, placed)

    def spread(self, rows: Ints) -> dict[str, float | None]:
        """Median and 90th percentile of the values, over those of these buildings that have one."""
        values = self.value(rows)
        values = values[~np.isnan(values)]
        if not len(values):
            return {"median_m": None, "p90_m": None}
        return {"median_m": round(float(np.median(values)), 2), "p90_m": round(float(np.percentile(values, 90)), 2)}

    def column(self, name: str, rows: Ints | None) -> NDArray[Any]:
        at = np.arange(len(self.answer)) if rows is None else rows
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: self.value(at),
            "threshold": lambda: np.full(len(at), self.limit_m),
            "unit": lambda: filled("m", len(at)),
            "basis": lambda: named(np.where(np.isnan(self.value(at)), -1, _MEASURED), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "hydrant": lambda: _names(self.view.frame("hydrants"), self.nearest(at)),
            "optimistic_m": lambda: self.distances.best_m[at],
            "pessimistic_m": lambda: self.distances.worst_m[at],
            "station_m": lambda: np.round(self.stations.length_m[at], 2),
            "station": lambda: _names(self.view.frame("fire_stations"), self.stations.place[at]),
            "station_kind": lambda: _values(texts(self.view.frame("fire_stations"), "kind"), self.stations.place[at]),
        }
        return made[name]()

    def certain(self, at: Ints) -> Flags:
        return np.asarray(self.answer[at] == NO)

    def value(self, at: Ints) -> Floats:
        return np.where(self.certain(at), self.distances.worst_m[at], self.distances.best_m[at])

    def nearest(self, at: Ints) -> Ints:
        return np.where(self.certain(at), self.distances.worst[at], self.distances.best[at])

    @property
    def stations(self) -> Along:
        """The nearest fire station along the network."""

        def make() -> Along:
            shapes, kind = self.view.metric("fire_stations"), texts(self.view.frame("fire_stations"), "kind")
            return routes(self.view).to(only(shapes, np.asarray(kind != _MICRO)))

        revisions = (*ways.revisions(self.view), self.view.layer_revision("buildings"), self.view.layer_revision("fire_stations"))
        return latest(self.view, "stations-along", revisions, lambda _: make())

    def shape(self, id: str, rows: Ints) -> NDArray[np.object_]:
        lines = np.full(len(rows), None, dtype=object)
        for i, row in enumerate(rows.tolist()):
            lines[i] = self._line(row, int(self.nearest(rows[i : i + 1])[0]))
        return stored_shapes(self.view, lines)

    def _line(self, row: int, hydrant: int) -> shapely.LineString | None:
        if hydrant < 0:
            return None
        if self.distances.ways is not None:
            return self.distances.ways[1 if self.answer[row] == NO else 0].line(row)
        start = inside(self.view.metric("buildings")[row : row + 1])[0]
        line: shapely.LineString = shapely.shortest_line(start, self.view.metric("hydrants")[hydrant])
        return line

    def why(self, rows: Ints, lang: str) -> list[str]:
        return [self._text(int(row)).of(lang) for row in rows]

    def _text(self, row: int) -> Text:
        if not self.placed[row]:
            return Text(f"尚未上图，{_NOT_TOLD.zh}", f"not placed on the map: {_NOT_TOLD.en}")
        if not self.hydrants.counts["hydrants"]:
            return Text(f"没有消火栓数据，{_NOT_TOLD.zh}", f"there is no data on hydrants: {_NOT_TOLD.en}")
        if not self.hydrants.on_map:
            return Text(f"消火栓都未上图，{_NOT_TOLD.zh}", f"no hydrant is placed on the map: {_NOT_TOLD.en}")
        text = self._without(row) if np.isnan(self.distances.best_m[row]) else self._with(row)
        unplaced = self.hydrants.counts["hydrants_unplaced"]
        if self.answer[row] != YES or not unplaced:
            return text
        return Text(f"{text.zh}；另有 {unplaced} 个消火栓未上图", f"{text.en}; {unplaced} more hydrants are not placed on the map")

    def _without(self, row: int) -> Text:
        """No hydrant to measure to."""
        if not usable(self.hydrants.best).any():
            return Text("登记的消火栓都是损坏的", "every hydrant on record is out of order")
        if self.answer[row] == YES:
            straight = f"{round(float(self.distances.least_m[row]), 2):g}"
            return Text(
                f"图上没有通到消火栓的路，直线已有 {straight} 米，超过 {self.limit_m:g} 米",
                f"no way to a hydrant is drawn, and straight it is {straight} m already, over {self.limit_m:g} m",
            )
        return Text(f"图上没有通到消火栓的路，{_NOT_TOLD.zh}", f"no way to a hydrant is drawn on the map: {_NOT_TOLD.en}")

    def _with(self, row: int) -> Text:
        at = np.array([row])
        value, limit = f"{float(self.value(at)[0]):g}", f"{self.limit_m:g}"
        frame, hydrant = self.view.frame("hydrants"), int(self.nearest(at)[0])
        how = Text("直线", "straight") if self.distances.ways is None else Text("沿路", "along roads and lanes")
        name = called(frame, hydrant)
        text = Text(f"到消火栓“{name}”{how.zh} {value} 米", f"{value} m {how.en} to hydrant '{name}'")
        if self.answer[row] == NO:
            return Text(f"{text.zh}，不超过 {limit} 米，登记为完好", f"{text.en}, not over {limit} m; it is on record as working")
        if self.answer[row] == YES:
            return Text(f"最近的：{text.zh}，超过 {limit} 米", f"the nearest one: {text.en}, over {limit} m")
        worst = self.distances.worst_m[row]
        if np.isnan(worst):
            sure = Text("没有登记为完好的", "none is on record as working")
        else:
            sure = Text(f"登记为完好的最近一个在 {worst:g} 米外", f"the nearest one on record as working is {worst:g} m away")
        return Text(
            f"{text.zh}，但是否完好没有记录；{sure.zh}；{_NOT_TOLD.zh}",
            f"{text.en}, but nobody recorded whether it works; {sure.en}: {_NOT_TOLD.en}",
        )


def _values(values: NDArray[np.object_], rows: Ints) -> NDArray[np.object_]:
    """The values of rows, None for -1."""
    return np.array([values[row] if row >= 0 else None for row in rows] + [None], dtype=object)[:-1]


def _names(frame: Any, rows: Ints) -> NDArray[np.object_]:
    return np.array([called(frame, int(row)) if row >= 0 else None for row in rows] + [None], dtype=object)[:-1]


BUILDINGS_FAR_FROM_HYDRANT = Question(
    id="buildings-far-from-hydrant",
    title=Text("哪些楼离消火栓太远", "Buildings far from a hydrant"),
    help=Text(
        "到最近的完好消火栓超过所给距离的楼。默认按直线，从楼内一点量起：这是乐观的下限，隔着围墙的直线 150 米不等于水带能到；选“沿路量”时从外墙沿道路、通道量。"
        "没有记录是否完好的消火栓，超出距离照样算超出，在距离之内算不明；登记损坏的不计",
        "buildings farther than the given distance from the nearest hydrant that works. Straight by default, from a point inside the building: an optimistic "
        "bound, for a straight 150 m across a wall is not hose reach; along the network it is from the outline along roads and lanes. A hydrant of which nobody "
        "recorded whether it works leaves a building within the distance unknown; one that is out of order never counts",
    ),
    subject="buildings",
    reads=READS,
    answer=_far_from_hydrant,
    sentence=Text(
        "{total} 栋楼：{distance:g} 米内没有消火栓 {yes}，不明 {unknown}", "{total} buildings: no hydrant within {distance:g} m {yes}, unknown {unknown}"
    ),
    parameters=(
        Parameter(
            "distance", "number", None, Text("距离", "Distance"), unit=_METRES, above=0.0, maximum=10000.0, figure="hydrant_m",
            help=Text("不填时为规则文件的消火栓保护半径", "by default the profile's protection radius of a hydrant"),
        ),
        Parameter("path", "boolean", False, Text("沿路量", "Along roads"), help=Text(
                "沿道路、通道量，不取直线；从楼到路、从路到消火栓的两段仍是直线，不绕围墙",
                "along roads and lanes instead of straight; from the building to the road and from there to the hydrant it is straight, not led round walls",
            )),
    ),
    extra_fields=(
        Field("hydrant", "text", Text("最近的消火栓", "Nearest hydrant"), public=True),
        Field("optimistic_m", "number", Text("乐观距离", "Distance at best"), unit=_METRES, public=True, help=Text("不计已知损坏的", "to any not known to be out of order")),
        Field("pessimistic_m", "number", Text("确知距离", "Distance for certain"), unit=_METRES, public=True, help=Text("只计登记完好的", "to one on record as working")),
        Field("station_m", "number", Text("到消防站", "To the fire station"), unit=_METRES, public=True, help=Text("沿路，不含微型站", "along the network; not micro stations")),
        Field("station", "text", Text("最近的消防站", "Nearest fire station"), public=True),
        Field(
            "station_kind", "choice", Text("消防站类别", "Class of the station"), public=True,
            choices=(
                Choice("class1", Text("一级站", "class 1")), Choice("class2", Text("二级站", "class 2")), Choice("small", Text("小型站", "small")),
                Choice("special", Text("特勤站", "special")), Choice("unknown", Text("不明", "unknown")),
            ),
        ),
    ),
    group=GROUP_WATER,
    shapes=(Shape("way", Text("到消火栓", "Way to the hydrant"), "LineString", "#0072b2", 3.0, dash="6 4"),),
)  # fmt: skip
