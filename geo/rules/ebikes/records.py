"""EB-01 and EB-02: e-bikes parked or charged indoors, and wires pulled from flats, as the ledger of hazards has them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from geo.errors import Text
from geo.questions.columns import texts
from geo.questions.declaration import View
from geo.questions.lanes.blocked import DOUBTFUL
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, nothing
from geo.rules.judging import CANNOT, DECLARED, based, lacking, one_of, own, sentences

_OPEN = {
    "registered": Text("已登记", "registered"),
    "notified": Text("已下达整改通知", "notified"),
    "rectifying": Text("整改中", "being put right"),
    "review_failed": Text("复查不通过", "review failed"),
}
"""States in which a hazard is there for sure."""

_OTHER = Text("不是此类隐患", "a hazard of another type")
_REJECTED = Text("经核不属实", "found not to be so")
_NO_TYPE = Text(f"没有登记隐患类型，{CANNOT.zh}", f"no type of hazard on record: {CANNOT.en}")


def _judging(kind: str, what: Text) -> Callable[[View], Judgement]:
    """Judges the hazards of one type: an open one fails, one that is closed passes."""

    def judge(view: View) -> Judgement:
        frame = view.frame("hazards")
        types, status = texts(frame, "hazard_type"), texts(frame, "status")
        count, mine = len(frame), one_of(types, (kind,))
        untyped = np.fromiter((not isinstance(value, str) for value in types), dtype=bool, count=count)
        over, rejected = one_of(status, ("closed",)), one_of(status, ("rejected",))
        result = np.full(count, UNKNOWN, dtype=np.int8)
        result[mine & one_of(status, tuple(_OPEN))] = FAIL
        result[mine & over] = PASS
        result[(mine & rejected) | (~mine & ~untyped)] = NA
        result[untyped & (over | rejected)] = NA

        def told(row: int) -> Text:
            if untyped[row]:
                return (
                    _REJECTED if rejected[row] else Text("没有登记隐患类型，已销号", "no type on record, closed") if over[row] else _NO_TYPE
                )
            if not mine[row]:
                return _OTHER
            if rejected[row]:
                return _REJECTED
            if result[row] == PASS:
                return Text(f"{what.zh}：已销号", f"{what.en}: closed")
            if result[row] == FAIL:
                state = _OPEN[status[row]]
                return Text(f"{what.zh}：{state.zh}，未销号；应为 0 处", f"{what.en}: {state.en}, still open; there should be none")
            if status[row] == "candidate":
                return Text(f"疑似{what.zh}，尚未核实，{CANNOT.zh}", f"suspected: {what.en}; nobody has confirmed it: {CANNOT.en}")
            if status[row] in DOUBTFUL:
                return Text(
                    f"{what.zh}：称已整改，尚未复查，{CANNOT.zh}", f"{what.en}: said to be put right, not reviewed yet: {CANNOT.en}"
                )
            return Text(f"{what.zh}：没有登记状态，{CANNOT.zh}", f"{what.en}: no status on record: {CANNOT.en}")

        open_ = result == UNKNOWN
        lacks = lacking(count, ("hazards", "hazard_type", open_ & untyped, own(count)), ("hazards", "status", open_ & ~untyped, own(count)))
        return Judgement(result, nothing(count), nothing(count), based(count, DECLARED, result != NA), sentences(told), lacks=lacks)

    return judge


PARKED_INDOORS = Rule(
    id="EB-01", number=251, title=Text("楼道停放、充电", "E-bikes parked or charged indoors"), subject="hazards", reads=("hazards",), by_row=True,
    judge=_judging("ebike_indoor", Text("电动自行车在楼道停放、充电", "e-bike parked or charged in a lobby, corridor or stairs")),
)  # fmt: skip

FLYING_WIRE = Rule(
    id="EB-02", number=252, title=Text("飞线充电", "Charging by a wire from a flat"), subject="hazards", reads=("hazards",), by_row=True,
    judge=_judging("ebike_flying_wire", Text("飞线充电", "charging by a wire pulled from a flat")),
)  # fmt: skip
