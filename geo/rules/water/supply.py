"""HY-06: what a municipal hydrant gives, by the pressure and the flow on record."""

from __future__ import annotations

import numpy as np

from geo.errors import Text
from geo.questions.columns import numbers
from geo.questions.declaration import View
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, limit
from geo.rules.judging import CANNOT, DECLARED, based, lacking, own, sentences
from geo.rules.water.kinds import KIND_UNKNOWN, NO_HYDRANT, NOT_MUNICIPAL, Kinds


def _judged(view: View, field: str, figure: str, what: Text, unit: Text) -> Judgement:
    value, least, kinds = numbers(view.frame("hydrants"), field), view.profile[figure], Kinds.of(view)
    count = len(value)
    without = np.isnan(value)
    result = np.full(count, UNKNOWN, dtype=np.int8)
    result[~without & (value >= least)] = PASS
    result[~without & (value < least) & kinds.municipal] = FAIL
    result[kinds.other | kinds.pond] = NA

    def told(row: int) -> Text:
        if result[row] == NA:
            return NO_HYDRANT if kinds.pond[row] else NOT_MUNICIPAL
        if without[row]:
            return Text(f"没有登记{what.zh}，{CANNOT.zh}", f"no {what.en} on record: {CANNOT.en}")
        said = Text(f"登记的{what.zh} {value[row]:g} {unit.zh}", f"{what.en} on record {value[row]:g} {unit.en}")
        if result[row] == PASS:
            return Text(f"{said.zh}，不小于 {least:g} {unit.zh}", f"{said.en}, not below {least:g} {unit.en}")
        under = Text(f"{said.zh}，小于设计值 {least:g} {unit.zh}", f"{said.en}, below the {least:g} {unit.en} design value")
        if result[row] == FAIL:
            return under
        return Text(f"{under.zh}，但{KIND_UNKNOWN.zh}，{CANNOT.zh}", f"{under.en}, but {KIND_UNKNOWN.en}: {CANNOT.en}")

    open_ = result == UNKNOWN
    lacks = lacking(count, ("hydrants", field, open_ & without, own(count)), ("hydrants", "kind", open_ & ~without, own(count)))
    asked = result != NA
    return Judgement(
        result, np.where(asked, value, np.nan), np.where(asked, limit(count, least), np.nan), based(count, DECLARED, asked & ~without),
        sentences(told), lacks=lacks,
    )  # fmt: skip


_MPA, _LPS = Text("兆帕", "MPa"), Text("升/秒", "L/s")


def _pressure(view: View) -> Judgement:
    return _judged(view, "pressure_mpa", "hydrant_pressure_mpa", Text("静压", "static pressure"), _MPA)


def _flow(view: View) -> Judgement:
    return _judged(view, "flow_lps", "hydrant_flow_lps", Text("流量", "flow"), _LPS)


HYDRANT_PRESSURE = Rule(
    id="HY-06", number=206, title=Text("市政消火栓供水压力", "Pressure of municipal hydrants"), subject="hydrants", reads=("hydrants",),
    judge=_pressure, unit=_MPA, figures=("hydrant_pressure_mpa",), by_row=True,
)  # fmt: skip

HYDRANT_FLOW = Rule(
    id="HY-06b", number=216, title=Text("市政消火栓出流量", "Flow of municipal hydrants"), subject="hydrants", reads=("hydrants",),
    judge=_flow, unit=_LPS, figures=("hydrant_flow_lps",), by_row=True,
)  # fmt: skip
