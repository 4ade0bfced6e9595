"""`buildings-out-of-reach`: which buildings no hose of a given length reaches from where the engine can stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.network.ground import usable
from geo.network.hose import ENCLOSED, FARTHER, LAID, NO_STAND, SPENT, UNPLACED
from geo.questions.declaration import BASES, NO, UNKNOWN, YES, Flags, Floats, Parameter, Question, Shape, Verdicts, View, filled, named
from geo.questions.reach.laying import Laid, laid
from geo.questions.reach.reach import HEIGHT, READS, VEHICLE, WIDTH, need_of
from geo.questions.reach.ways import lane_name, road_name
from geo.questions.shown import stored_shapes
from geo.schema import Field

Ints = NDArray[np.int64]

_METRES = Text("米", "m")
_MEASURED = BASES.index("measured")
_NOT_TOLD = Text("不能判定", "cannot be told")


def _out_of_reach(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    hose_m = view.profile["hose_m"] if parameters["hose"] is None else float(parameters["hose"])
    need = need_of(view, parameters)
    table = _Table.of(view, laid(view, need, hose_m), hose_m)
    said = {"hose": hose_m, "width": need.width_m, "height": need.height_m}
    return Verdicts(
        table.answer,
        table.column,
        table.why,
        shape=table.shape,
        said=said,
        summary=lambda rows: {"walled_off": table.walled_off(rows), "looked_up_to_m": table.laid.cap_m},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The answers with their other fields, made when asked for: a hose is laid only for rows that are shown, and where no cheaper way tells."""

    view: View
    laid: Laid
    hose_m: float
    answer: NDArray[np.int8]

    @classmethod
    def of(cls, view: View, found: Laid, hose_m: float) -> _Table:
        answer = np.full(len(found.buildings), UNKNOWN, dtype=np.int8)
        placed = np.flatnonzero(usable(found.buildings))
        sure = found.worst.within(placed, hose_m)
        answer[placed[sure]] = NO
        rest = placed[~sure]
        if found.drawn and _roads_known(found):
            over = rest[~found.best.within(rest, hose_m)]
            answer[over[~found.best.spent(over) & ~found.by_unread(over, hose_m)]] = YES
        return cls(view, found, hose_m, answer)

    def walled_off(self, rows: Ints) -> int:
        return len(self.laid.best.walled_off(rows[self.answer[rows] != NO]))

    def best_m(self, at: Ints) -> Floats:
        """NaN where there is no path; so is `worst_m`."""
        return np.round(self.laid.best.of(at).length_m, 2)

    def worst_m(self, at: Ints) -> Floats:
        return np.round(self.laid.worst.of(at).length_m, 2)

    def column(self, name: str, rows: Ints | None) -> NDArray[Any]:
        at = np.arange(len(self.answer)) if rows is None else rows
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: self.value(at),
            "threshold": lambda: np.full(len(at), self.hose_m),
            "unit": lambda: filled("m", len(at)),
            "basis": lambda: named(np.where(np.isnan(self.value(at)), -1, _MEASURED), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "perimeter_share": lambda: np.round(self.laid.share(at, self.certain(at), self.hose_m), 3),
            "optimistic_m": lambda: self.best_m(at),
            "pessimistic_m": lambda: self.worst_m(at),
        }
        return made[name]()

    def certain(self, at: Ints) -> Flags:
        """Rows that show what is certain; the others what is possible."""
        return np.asarray(self.answer[at] == NO)

    def value(self, at: Ints) -> Floats:
        value, certain = np.full(len(at), np.nan), self.certain(at)
        value[certain], value[~certain] = self.worst_m(at[certain]), self.best_m(at[~certain])
        return value

    def shape(self, id: str, rows: Ints) -> NDArray[np.object_]:
        lines, certain = np.full(len(rows), None, dtype=object), self.certain(rows)
        lines[certain], lines[~certain] = self.laid.worst.of(rows[certain]).lines, self.laid.best.of(rows[~certain]).lines
        return stored_shapes(self.view, lines)

    def why(self, rows: Ints, lang: str) -> list[str]:
        self.value(rows)  # all at once: one at a time they take longer to lay
        self.worst_m(rows[self.answer[rows] == UNKNOWN])
        return [self._text(int(row)).of(lang) for row in rows]

    def _text(self, row: int) -> Text:
        state = (self.laid.worst if self.answer[row] == NO else self.laid.best).of(np.array([row])).state[0]
        if state == UNPLACED:
            return Text(f"尚未上图，{_NOT_TOLD.zh}", f"not placed on the map: {_NOT_TOLD.en}")
        if state == SPENT:
            return Text(
                f"周围的墙和转角太多，水带没有算完；{_NOT_TOLD.zh}",
                f"too many walls and corners stand about it for the hose to be worked out: {_NOT_TOLD.en}",
            )
        if self.answer[row] == UNKNOWN and self.laid.by_unread(np.array([row]), self.hose_m)[0]:
            near = f"{self.hose_m:g}"
            return Text(
                f"{near} 米内有一条通道或道路与自身或别的线交叉过多，无法判读；{_NOT_TOLD.zh}",
                f"within {near} m runs a way that crosses itself or others too often to be read: {_NOT_TOLD.en}",
            )
        if not self.laid.drawn:
            return Text(f"图上没有道路和通道，{_NOT_TOLD.zh}", f"no road or lane is drawn on the map: {_NOT_TOLD.en}")
        if state != LAID:
            return self._without(int(state))
        return self._with(row)

    def _without(self, state: int) -> Text:
        """No path at all, or none up to the cap."""
        cap = f"{self.laid.cap_m:g}"
        text = {
            ENCLOSED: Text("图上的围墙和楼之间没有开口，水带铺不过去", "on the map, walls and buildings leave no opening for a hose"),
            FARTHER: Text(f"绕过楼和墙，水带要长于 {cap} 米", f"round buildings and walls the hose would be longer than {cap} m"),
            NO_STAND: Text("没有一条道路、通道可供消防车停靠", "there is no road or lane that the engine gets to"),
        }[state]
        if _roads_known(self.laid):
            return text
        return Text(f"图上没有市政道路，{_NOT_TOLD.zh}", f"no public road is drawn on the map: {_NOT_TOLD.en}")

    def _with(self, row: int) -> Text:
        value, hose = f"{float(self.value(np.array([row]))[0]):g}", f"{self.hose_m:g}"
        start = self._stand(row)
        path = Text(f"从{start.zh}绕过楼和墙铺水带 {value} 米", f"the shortest hose from {start.en} round buildings and walls is {value} m")
        if self.answer[row] == NO:
            return Text(f"{path.zh}，不超过 {hose} 米", f"{path.en}, not over {hose} m")
        if self.answer[row] == YES:
            return Text(f"{path.zh}，超过 {hose} 米", f"{path.en}, over {hose} m")
        worst = self.worst_m(np.array([row]))[0]
        given_up = self.laid.worst.spent(np.array([row]))[0]
        sure = (
            Text("确知能铺的没有算完", "a certain one was not worked out")
            if given_up
            else Text("没有确知能铺的", "there is none that is certain")
            if np.isnan(worst)
            else Text(f"确知能铺的 {worst:g} 米", f"a certain one is {worst:g} m")
        )
        return Text(
            f"{path.zh}，但消防车能否到达那里、中间的障碍能否越过不明；{sure.zh}；{_NOT_TOLD.zh}",
            f"{path.en}, but whether the engine gets there and the hose past what stands between is not known; {sure.en}: {_NOT_TOLD.en}",
        )

    def _stand(self, row: int) -> Text:
        """The road or lane from which the hose is laid."""
        network, at = self.laid.reach.network, np.array([row])
        line = (self.laid.worst if self.answer[row] == NO else self.laid.best).of(at).lines[0]
        place = self.laid.buildings[row] if line is None else shapely.get_point(line, -1)
        edges, tree = self.laid.lines
        if not len(edges):
            return Text("通道", "a lane")
        edge = edges[int(tree.nearest(place))]
        if network.lane[edge] >= 0:
            return lane_name(self.view.frame("fire_lanes"), int(network.lane[edge]))
        return road_name(self.view.frame("roads"), int(network.road[edge]))


def _roads_known(found: Laid) -> bool:
    return bool(found.reach.network.public.any())


BUILDINGS_OUT_OF_REACH = Question(
    id="buildings-out-of-reach",
    title=Text("水带够不到哪些楼", "Buildings out of hose reach"),
    help=Text(
        "从消防车能到的道路、通道出发，绕过楼房、围墙、栅栏和棚屋（不穿过，门和门洞处可过），铺到楼外墙的最短水带长于所给长度的楼；绿篱、树、台阶不挡水带。"
        "车能否到达不明时，按能到与不能到各算一次，结论不同的算不明",
        "buildings to which the shortest hose is longer than the given length: laid from the roads and lanes that the engine gets to, round buildings, walls, "
        "fences and sheds, never through them but at gates and arches, up to the building's outline; hedges, trees and steps do not stop it. Where it is not "
        "known whether the engine gets there both are reckoned, and where they differ the answer is unknown",
    ),
    subject="buildings",
    reads=("buildings", *(id for id in READS if id != "buildings")),
    answer=_out_of_reach,
    sentence=Text(
        "{total} 栋楼：{hose:g} 米水带够不到 {yes}，不明 {unknown}", "{total} buildings: out of reach of {hose:g} m of hose {yes}, unknown {unknown}"
    ),
    parameters=(
        VEHICLE,
        WIDTH,
        HEIGHT,
        Parameter(
            "hose", "number", None, Text("水带长度", "Length of hose"), unit=_METRES, above=0.0, maximum=1000.0, figure="hose_m",
            help=Text("从车到楼外墙；不填时按规则文件", "from the engine to the outline of the building; by default what the profile says"),
        ),
    ),
    extra_fields=(
        Field(
            "perimeter_share", "number", Text("外墙可及比例", "Share of the perimeter"), public=True,
            help=Text("水带沿墙绕到的外墙长度占全部的比例，紧贴别的楼的墙不计", "of the outline that the hose is led along; walls shared with another building are not counted"),
        ),
        Field("optimistic_m", "number", Text("乐观水带长", "Hose at best"), unit=_METRES, public=True),
        Field("pessimistic_m", "number", Text("确知水带长", "Hose for certain"), unit=_METRES, public=True),
    ),
    shapes=(Shape("hose", Text("水带", "Hose"), "LineString", "#d55e00", 3.0, dash="6 4"),),
)  # fmt: skip
