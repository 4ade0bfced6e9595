"""`dead-ends-without-turnaround`: which lanes end too far from the last junction with no place large enough to turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.declaration import NA, Flags, Floats, Parameter, Question, Shape, Verdicts, View, filled
from geo.questions.reach import ways
from geo.questions.reach.dead_end_record import ENOUGH, NONE, NOT_ON_RECORD, SMALL, UNSIZED, Found, Ints, Judged, found_in, judged
from geo.questions.shown import stored_shapes
from geo.questions.sources import accuracies_of, ranks_of
from geo.schema import Field


def _answer(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    length = float(view.profile["dead_end_m"] if parameters["length"] is None else parameters["length"])
    square = float(view.profile["turnaround_m"] if parameters["square"] is None else parameters["square"])
    found = found_in(view)
    table = _Table.of(view, found, judged(found, length, square), length, square)
    loose = found.drawn & ~found.joined
    return Verdicts(
        table.judged.answer,
        table.column,
        table.why,
        table.shape,
        {"length": length, "square": square},
        lambda rows: {"unconnected": int(loose[rows].sum()), "contradictions": int(table.contradiction[rows].sum())},
        {**ways.mended(found.network), "dead_ends": len(found.ends.node)},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The other fields of the answers, their shapes and sentences. `metres`: length of the dead end that decides, `side`: of the largest square
    of the turnaround that decides, NaN where there is none or it cannot be told; `codes`: of that turnaround, as the lane gives it where the
    layer lacks it; `contradiction`: the ledger calls it a dead end and the drawing does not, or the other way round, where the drawing can tell."""

    view: View
    found: Found
    judged: Judged
    limit: float
    square: float
    metres: Floats
    side: Floats
    codes: NDArray[np.object_]
    declared: NDArray[np.object_]
    contradiction: Flags

    @classmethod
    def of(cls, view: View, found: Found, verdict: Judged, limit: float, square: float) -> _Table:
        lanes, turns = view.frame("fire_lanes"), view.frame("turnarounds")
        metres = np.append(found.ends.length_m[found.case_end], np.nan)[verdict.case]
        side = np.append(found.sizes.side_m, np.nan)[verdict.turn]
        codes: NDArray[np.object_] = np.array([*turns["code"], None], dtype=object)[verdict.turn]
        lost = (verdict.state == UNSIZED) & (verdict.turn == NOT_ON_RECORD)
        codes[lost] = lanes["turnaround_code"].to_numpy(dtype=object)[lost]
        said: NDArray[np.object_] = lanes["is_dead_end"].to_numpy(dtype=object)
        drawn = verdict.case >= 0
        against = np.fromiter((v is not None and bool(v) != d for v, d in zip(said, drawn, strict=True)), dtype=bool, count=len(said))
        return cls(
            view, found, verdict, limit, square, np.round(metres, 2), np.round(side, 2), codes, said, found.drawn & found.joined & against
        )

    def column(self, name: str, rows: Ints | None) -> NDArray[Any]:
        columns: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: self.metres, "threshold": lambda: np.full(len(self.judged.answer), self.limit), "unit": lambda: filled("m", len(self.judged.answer)),
            "basis": self.basis, "re_measure": self.re_measure, "turnaround": lambda: self.codes, "turnaround_m": lambda: self.side,
            "dead_ends_n": lambda: self.judged.count.astype(np.float64), "declared_dead_end": lambda: self.declared,
            "contradiction": lambda: self.contradiction.astype(object),
        }  # fmt: skip
        return columns[name]()[slice(None) if rows is None else rows]

    def basis(self) -> NDArray[np.object_]:
        """Measured, but declared where the size of a turnaround decides that was not drawn."""
        by_size = np.isin(self.judged.state, (SMALL, ENOUGH)) & (self.metres > self.limit)
        declared = by_size & ~np.append(self.found.sizes.measured, True)[self.judged.turn]
        basis = np.where(declared, "declared", "measured").astype(object)
        basis[np.isnan(self.metres)] = None
        return basis

    def re_measure(self) -> NDArray[np.object_]:
        """Where the length or the size is no further from its limit than the drawing is true."""
        near = np.abs(self.metres - self.limit) <= self._accuracy("fire_lanes")
        size = np.append(self._accuracy("turnarounds"), np.nan)[self.judged.turn]
        near |= (self.metres > self.limit) & (np.abs(self.side - self.square) <= size)
        return near.astype(object)

    def _accuracy(self, layer: str) -> Floats:
        frame = self.view.frame(layer)
        stated = frame["accuracy_m"].to_numpy(dtype=np.float64)
        return accuracies_of(stated, ranks_of(frame["source"].to_numpy(dtype=object)), self.view.profile)

    def shape(self, id: str, rows: Ints) -> NDArray[np.object_]:
        """`dead_end`: from the last junction to the end; `end`: where the lane stops. None for lanes without one."""
        case = self.judged.case[rows]
        ends = self.found.case_end[case[case >= 0]]
        shapes = np.full(len(rows), None, dtype=object)
        shapes[case >= 0] = self.found.ends.lines[ends] if id == "dead_end" else shapely.points(self.found.ends.points[ends])
        return stored_shapes(self.view, shapes)

    def why(self, rows: Ints, lang: str) -> list[str]:
        return [self._sentence(int(row)).of(lang) for row in rows]

    def _sentence(self, row: int) -> Text:
        if row in self.found.network.tangled_lanes:
            return _and(ways.TANGLED, Text("是否尽头不明", "whether it is a dead end cannot be told"))
        if not self.found.drawn[row]:
            return self._undrawn(row)
        if self.judged.answer[row] == NA:
            text = Text("两头都与别的道路或通道相接，不是尽头", "it meets other ways at both ends: no dead end")
        elif self._by_unread(row):
            return Text(
                "与一条无法判读的通道或道路相接（它与自身或别的线交叉过多），是否尽头不明",
                "it meets a way that could not be read (that crosses itself or others too often): whether it is a dead end cannot be told",
            )
        elif self.judged.case[row] < 0 or not self.found.ends.joined[self.found.case_end[self.judged.case[row]]]:
            snap = f"{self.view.profile['snap_m']:g}"
            return Text(
                f"图上没有路通到市政道路（{snap} 米内的端点已接上），哪一头是入口不明",
                f"no way drawn leads from it to a public road (ends within {snap} m are joined): which end is the way in cannot be told",
            )
        else:
            text = self._dead_end(row)
        return _and(text, *self._remarks(row))

    def _by_unread(self, row: int) -> bool:
        """The lane does lead to a road, yet what it ends at could not be read."""
        case = self.judged.case[row]
        return bool(case >= 0 and self.found.joined[row] and not self.found.ends.joined[self.found.case_end[case]])

    def _undrawn(self, row: int) -> Text:
        shape = self.view.frame("fire_lanes").geometry.iloc[row]
        if shape is None:
            return Text("没有上图，是否尽头不明", "not on the map: whether it is a dead end cannot be told")
        if self.view.metric("fire_lanes")[row] is None:
            return Text(
                "不在可量算的坐标范围内，是否尽头不明", "outside the ground that can be measured: whether it is a dead end cannot be told"
            )
        if shape.geom_type in ("Polygon", "MultiPolygon"):
            return Text(
                "画成了面，没有中心线，是否尽头不明", "drawn as an area without a centreline: whether it is a dead end cannot be told"
            )
        return Text(
            "图形没有长度或坐标有误，是否尽头不明",
            "drawn without length or with broken coordinates: whether it is a dead end cannot be told",
        )

    def _dead_end(self, row: int) -> Text:
        long, limit = f"{self.metres[row]:g}", f"{self.limit:g}"
        if self.metres[row] <= self.limit:
            return Text(
                f"尽头长 {long} 米，不超过 {limit} 米，不需要回车场", f"a dead end of {long} m, not over {limit} m: no turnaround is needed"
            )
        return _and(Text(f"尽头长 {long} 米，超过 {limit} 米", f"a dead end of {long} m, over {limit} m"), self._turnaround(row))

    def _turnaround(self, row: int) -> Text:
        state, turn, square = self.judged.state[row], self.judged.turn[row], f"{self.square:g}"
        if state == NONE:
            return Text("尽头处没有可用的回车场", "there is no usable turnaround at its end")
        code = self.codes[row] or ""
        if turn == NOT_ON_RECORD:
            return Text(
                f"所记回车场 {code} 查无记录，大小不明", f"the turnaround {code} that it names is not on record: its size is unknown"
            )
        if state == UNSIZED:
            return Text(
                f"回车场 {code} 容不容得下 {square} 米见方不明",
                f"whether turnaround {code} holds {square} m by {square} m is not known",
            )
        return self._holds(row, code, square)

    def _holds(self, row: int, code: str, square: str) -> Text:
        """How large a square its turnaround holds."""
        side, turn = self.side[row], self.judged.turn[row]
        under = self.judged.state[row] == SMALL
        against = Text(f"，{'' if under else '不'}小于 {square} 米", f", {'' if under else 'not '}under {square} m")
        if np.isnan(side):
            most = f"{round(float(self.found.sizes.at_most_m[turn]), 2):g}"
            return Text(f"回车场 {code} 最多 {most} 米见方{against.zh}", f"turnaround {code} holds at most {most} m square{against.en}")
        how = Text("图上最大", "as drawn") if self.found.sizes.measured[turn] else Text("登记", "as declared")
        return Text(
            f"回车场 {code} {how.zh} {side:g} 米见方{against.zh}", f"turnaround {code} holds {side:g} m square {how.en}{against.en}"
        )

    def _remarks(self, row: int) -> list[Text]:
        remarks = []
        if (count := self.judged.count[row]) > 1:
            remarks.append(Text(f"共有 {count} 处尽头，此为最不利的一处", f"the worst of its {count} dead ends"))
        if self.contradiction[row]:
            no = not self.declared[row]
            remarks.append(
                Text("台账填的不是尽头式，请核实", "the ledger says it is no dead end, please check")
                if no
                else Text("台账填的是尽头式，请核实", "the ledger says it is a dead end, please check")
            )
        return remarks


def _and(*parts: Text) -> Text:
    return Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))


DEAD_ENDS_WITHOUT_TURNAROUND = Question(
    id="dead-ends-without-turnaround",
    title=Text("哪些尽头通道缺回车场", "Dead ends without a turnaround"),
    help=Text(
        "从最后一个路口或市政道路到尽头严格超过所给长度、尽头处没有回车场或容不下所给正方形的通道；不通市政道路的、回车场大小不明的算不明",
        "lanes that end farther from the last junction or public road than the given length, strictly, with no turnaround there or one that does not "
        "hold the given square; without a way to a public road, or with a turnaround of unknown size, it is unknown",
    ),
    subject="fire_lanes",
    reads=("fire_lanes", "roads", "turnarounds"),
    answer=_answer,
    sentence=Text(
        "{total} 条通道：尽头超过 {length:g} 米而无够大回车场 {yes}，不明 {unknown}",
        "{total} lanes: dead ends over {length:g} m without a turnaround that is large enough {yes}, unknown {unknown}",
    ),
    parameters=(
        Parameter(
            "length", "number", None, Text("尽头长度", "Length of the dead end"), unit=Text("米", "m"), above=0.0, maximum=1000.0,
            help=Text("不填则按规则文件", "as the profile says unless given"), figure="dead_end_m",
        ),
        Parameter(
            "square", "number", None, Text("回车场边长", "Side of the turnaround"), unit=Text("米", "m"), above=0.0, maximum=100.0,
            help=Text("不填则按规则文件", "as the profile says unless given"), figure="turnaround_m",
        ),
    ),
    extra_fields=(
        Field("turnaround", "text", Text("尽头处的回车场", "Turnaround at the end"), public=True),
        Field("turnaround_m", "number", Text("回车场最大正方形边长", "Largest square of the turnaround"), unit=Text("米", "m"), minimum=0, public=True),
        Field("dead_ends_n", "integer", Text("尽头数", "Dead ends"), minimum=0, public=True),
        Field("declared_dead_end", "boolean", Text("台账所填尽头式", "Dead end as the ledger says"), public=True),
        Field("contradiction", "boolean", Text("记录矛盾", "Contradiction"), public=True),
    ),
    shapes=(
        Shape("dead_end", Text("尽头段", "Dead end"), "LineString", "#1b2330", weight=5.0),
        Shape("end", Text("尽头", "Where it ends"), "Point", "#1b2330", symbol="尽"),
    ),
)  # fmt: skip
