"""`hazards-unassigned`: which hazards belong to no compound, and how the others were assigned to theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.hazards.assignment import BY_BUILDING, BY_CODE, BY_OUTLINE, HOW, SNAPPED, Assigned
from geo.questions.columns import texts
from geo.questions.declaration import BASES, GROUP_HAZARDS, NO, UNKNOWN, YES, Parameter, Question, Verdicts, View, filled, named
from geo.questions.hazards import words
from geo.questions.hazards.ledger import READS, assigned
from geo.questions.naming import names
from geo.schema import Choice, Field

Ints = NDArray[np.int64]

_DECLARED, _MEASURED = BASES.index("declared"), BASES.index("measured")


def _unassigned(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    metres = view.profile["assign_m"] if parameters["distance"] is None else parameters["distance"]
    found = assigned(view, metres)
    looked = found.placed & bool(len(view.frame("compounds")))
    answer = np.where(found.compound >= 0, NO, np.where(looked & ~np.isnan(found.distance_m), YES, UNKNOWN)).astype(np.int8)
    table = _Table(view, found, answer, metres)

    def summary(rows: Ints) -> dict[str, Any]:
        how = {name: int(np.count_nonzero(found.how[rows] == at)) for at, name in enumerate(HOW)}
        return {
            "assigned_by": how,
            "code_unknown": int(np.count_nonzero(found.astray[rows])),
            "ambiguous": int(np.count_nonzero(found.several[rows])),
        }

    return Verdicts(answer, table.column, table.why, said={"distance": f"{metres:g}"}, summary=summary)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The other fields of the answers and their sentences, made when asked for."""

    view: View
    found: Assigned
    answer: NDArray[np.int8]
    metres: float

    def column(self, name: str, rows: Ints | None) -> NDArray[Any]:
        found, at = self.found, np.arange(len(self.answer)) if rows is None else rows
        measured = ~np.isnan(found.distance_m[at])
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: np.round(found.distance_m[at], 2),
            "threshold": lambda: np.full(len(at), float(self.metres)),
            "unit": lambda: filled("m", len(at)),
            "basis": lambda: named(np.where(measured, _MEASURED, np.where(found.how[at] >= 0, _DECLARED, -1)), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "assigned_to": lambda: np.append(texts(self.view.frame("compounds"), "code"), np.array([None], dtype=object))[
                found.compound[at]
            ],
            "how": lambda: named(found.how[at], HOW),
            "code_unknown": lambda: found.astray[at].astype(object),
            "ambiguous": lambda: found.several[at].astype(object),
        }
        return made[name]()

    def why(self, rows: Ints, lang: str) -> list[str]:
        called, given = names(self.view, "compounds").name, texts(self.view.frame("hazards"), "compound_code")
        return [self._sentence(int(row), called, given[row]).of(lang) for row in rows]

    def _sentence(self, row: int, called: NDArray[np.object_], given: object) -> Text:
        found, text = self.found, self._place(row, called)
        if found.several[row]:
            more_zh, more_en = (
                "，不止一个院落符合，归入面积最小的，请核实",
                "; more than one compound fits, it went to the smallest, please check",
            )
            text = Text(text.zh + more_zh, text.en + more_en)
        if found.astray[row]:
            code = str(given)[:60]
            return Text(f"登记的院落编号 {code} 查无此院落；{text.zh}", f"no compound bears the code {code} that it names; {text.en}")
        return text

    def _place(self, row: int, called: NDArray[np.object_]) -> Text:
        found, how, apart = self.found, self.found.how[row], self.found.distance_m[row]
        if how < 0:
            return self._nowhere(row, apart, called)
        name = called[found.compound[row]]
        if how == BY_CODE:
            return Text(f"登记属于院落“{name}”", f"its record names the compound '{name}'")
        if how == BY_OUTLINE:
            return Text(f"位于院落“{name}”轮廓内", f"lies in the outline of '{name}'")
        if how == BY_BUILDING:
            return Text(f"所在楼栋属于院落“{name}”", f"its building belongs to the compound '{name}'")
        assert how == SNAPPED
        return Text(
            f"不在任何院落轮廓内，距院落“{name}” {apart:.1f} 米，不超过 {self.metres:g} 米，归入该院落，请核实",
            f"lies in no outline, {apart:.1f} m from '{name}', within {self.metres:g} m: assigned to it, please check",
        )

    def _nowhere(self, row: int, apart: float, called: NDArray[np.object_]) -> Text:
        if not len(called):
            return Text("还没有院落数据，无从归属", "there are no compounds on record to assign it to")
        if not self.found.placed[row]:
            return Text("没有登记院落，也没有上图，无从归属", "it names no compound and is not placed: whose it is cannot be told")
        if np.isnan(apart):
            return Text("院落都没有上图，无从归属", "no compound is placed on the map to assign it to")
        return Text(
            f"不在任何院落轮廓内，距最近的院落 {apart:.1f} 米，超过 {self.metres:g} 米",
            f"lies in no outline, {apart:.1f} m from the nearest compound, more than {self.metres:g} m",
        )


_HOW = (
    Choice("code", Text("登记编号", "its record")),
    Choice("outline", Text("位于轮廓内", "lies in the outline")),
    Choice("building", Text("所在楼栋", "its building")),
    Choice("snapped", Text("就近归入", "the nearest")),
)

HAZARDS_UNASSIGNED = Question(
    id="hazards-unassigned",
    title=Text("哪些隐患没有归属院落", "Hazards of no compound"),
    help=Text(
        "先看登记的院落编号，其次看位于哪个院落轮廓内，再看所在楼栋，都没有时归入规定米数内最近的院落；仍没有的算无归属，没有上图的不明。"
        "编号查无此院落的标出，按位置归属；轮廓重叠的归入面积最小的并标出",
        "the compound code on record first, then the outline it lies in, then its building, else the nearest compound within so many metres; those left over belong to none, "
        "and of unplaced ones it cannot be told. A code that no compound bears is flagged and the place decides; where outlines overlap the smallest one counts, flagged",
    ),
    subject="hazards",
    group=GROUP_HAZARDS,
    reads=READS,
    answer=_unassigned,
    sentence=Text(
        "{total} 处隐患：{distance} 米内没有院落 {yes}，已归属 {no}，不明 {unknown}",
        "{total} hazards: no compound within {distance} m {yes}, assigned {no}, unknown {unknown}",
    ),
    parameters=(
        Parameter("distance", "number", None, Text("就近归入的距离", "Nearest within"), unit=words.METRES_UNIT, above=0, maximum=500, figure="assign_m"),
    ),
    extra_fields=(
        Field("assigned_to", "text", Text("归属院落编号", "Assigned to"), public=True),
        Field("how", "choice", Text("怎样归属", "How"), choices=_HOW, public=True),
        Field("code_unknown", "boolean", Text("编号查无院落", "Code unknown"), public=True),
        Field("ambiguous", "boolean", Text("不止一个院落", "More than one"), public=True),
    ),
)  # fmt: skip
