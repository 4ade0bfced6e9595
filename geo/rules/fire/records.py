"""FA-03, FA-08 and FA-19: what a lane's own record says of its slope, what it carries and its marking."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from geo.errors import Text
from geo.lanes.slope import slopes_pct
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View
from geo.rules.declaration import FAIL, PASS, UNKNOWN, Floats, Judgement, Rule, limit, nothing
from geo.rules.fire.telling import MEASURED, Missing, judgement, quality_basis, sentences


def _slope(view: View, *, figure: str, recommended: bool) -> Judgement:
    """The steeper of the slope on record and that of the line, where its vertices carry heights."""
    frame, most = view.frame("fire_lanes"), view.profile[figure]
    said = numbers(frame, "slope_pct")
    drawn = slopes_pct(view.metric("fire_lanes"), np.asarray(frame.geometry, dtype=object))
    slope: Floats = np.round(np.fmax(said, drawn), 2).astype(np.float64)
    with np.errstate(invalid="ignore"):
        by_line = ~np.isnan(drawn) & ~(said >= np.round(drawn, 2))
        result = np.where(np.isnan(slope), UNKNOWN, np.where(slope <= most, PASS, FAIL)).astype(np.int8)
    basis = np.where(by_line, MEASURED, quality_basis(texts(frame, "quality"), ~np.isnan(slope)))
    value = Text("推荐值" if recommended else "限值", "recommended value" if recommended else "limit")
    heads = {
        FAIL: Text(f"大于{value.zh} {most:g}%", f"above the {value.en} of {most:g} %"),
        PASS: Text(f"不大于{value.zh} {most:g}%", f"not above the {value.en} of {most:g} %"),
    }

    def tell(row: int) -> Text:
        if np.isnan(slope[row]):
            return Text("没有登记坡度，图上的线也不带高程，不能判定", "no slope on record, and its line carries no heights: cannot be told")
        if by_line[row]:
            return Text(f"图上最陡的 10 米坡度 {slope[row]:g}%", f"slope of the steepest 10 m as drawn {slope[row]:g} %")
        return Text(f"登记坡度 {slope[row]:g}%", f"slope on record {slope[row]:g} %")

    missing = Missing(result == UNKNOWN).own(np.ones(len(slope), dtype=bool), "fire_lanes", "slope_pct")
    return judgement(result, slope, limit(len(slope), most), basis, sentences(result, heads, tell), lacks=missing.lacks())


def _choice(view: View, *, field: str, good: str, bad: tuple[str, ...], words: dict[str, Text], unsaid: Text) -> Judgement:
    """A state on record: `good` passes, `bad` fails, anything else is not known."""
    frame = view.frame("fire_lanes")
    values = texts(frame, field)
    failed = np.isin(np.where(values == None, "", values).astype(str), bad)  # noqa: E711
    result = np.where(values == good, PASS, np.where(failed, FAIL, UNKNOWN)).astype(np.int8)
    count = len(values)

    def tell(row: int) -> Text:
        return words.get(values[row], unsaid) if isinstance(values[row], str) else unsaid

    missing = Missing(result == UNKNOWN).own(np.ones(count, dtype=bool), "fire_lanes", field)
    basis = quality_basis(texts(frame, "quality"), result != UNKNOWN)
    return judgement(result, nothing(count), nothing(count), basis, sentences(result, {}, tell), lacks=missing.lacks())


_CARRIES = partial(
    _choice, field="load_ok", good="yes", bad=("no",),
    words={
        "yes": Text("登记为能承载消防车", "on record as carrying an engine"),
        "no": Text("登记为不能承载消防车（路面、井盖、管沟或暗沟）", "on record as not carrying an engine (surface, covers, culverts or pipes)"),
    },
    unsaid=Text("没有承载能力的记录，不能判定", "what it carries is not on record: cannot be told"),
)  # fmt: skip

_MARKED = partial(
    _choice, field="marking", good="full", bad=("none", "partial"),
    words={
        "full": Text("登记为标识齐全", "on record as fully marked"),
        "partial": Text("登记为标识不全：路缘、标线或警示牌缺一部分", "on record as partly marked: some of kerb, lines or signs is missing"),
        "none": Text("登记为没有标识", "on record as not marked"),
    },
    unsaid=Text("没有标识情况的记录，不能判定", "its marking is not on record: cannot be told"),
)  # fmt: skip

_PERCENT = Text("%", "%")


def _own(
    id: str, number: int, title: Text, judge: Callable[[View], Judgement], unit: Text | None = None, figures: tuple[str, ...] = ()
) -> Rule:
    return Rule(id, number, title, "fire_lanes", ("fire_lanes",), judge, unit, figures, by_row=True)


SLOPE = _own(
    "FA-03a", 103, Text("消防车道坡度", "Slope of a fire lane"), partial(_slope, figure="lane_slope_pct", recommended=False), _PERCENT, ("lane_slope_pct",)
)  # fmt: skip
SLOPE_RECOMMENDED = _own(
    "FA-03b", 131, Text("消防车道坡度（推荐值）", "Slope of a fire lane, recommended"),
    partial(_slope, figure="lane_slope_recommended_pct", recommended=True), _PERCENT, ("lane_slope_recommended_pct",),
)  # fmt: skip
LOAD = _own("FA-08", 108, Text("消防车道承载能力", "What a fire lane carries"), _CARRIES)
MARKING = _own("FA-19", 119, Text("消防车通道标识", "Marking of a fire lane"), _MARKED)
