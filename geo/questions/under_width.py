"""`lanes-under-width`: which fire lanes are narrower than asked, and which compounds have no lane on record."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import lanes
from geo.errors import Text
from geo.questions.declaration import (
    BASES,
    BASIS_CHOICES,
    NO,
    UNKNOWN,
    YES,
    Flags,
    Floats,
    Parameter,
    Question,
    Unrecorded,
    Verdicts,
    View,
    filled,
    latest,
    named,
)
from geo.schema import Choice


def _under_width(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    frame = view.frame("fire_lanes")
    width = frame["clear_width_m"].to_numpy(dtype=np.float64)
    source = frame["width_source"].to_numpy(dtype=object)
    basis = lanes.width_basis(frame["quality"].to_numpy(dtype=object), width)
    accuracy = lanes.width_accuracy_m(basis, frame["accuracy_m"].to_numpy(dtype=np.float64), source)
    asked = parameters["basis"]
    used = width if asked == "best" else np.where(basis == BASES.index(asked), width, np.nan)
    state = lanes.width_under(used, basis, accuracy, limit_m=parameters["width"])
    answer = np.full(len(width), NO, dtype=np.int8)
    answer[state.under == lanes.UNDER] = YES
    answer[state.under == lanes.UNKNOWN] = UNKNOWN
    limit = float(parameters["width"])
    columns: dict[str, Callable[[], NDArray[Any]]] = {
        "value": lambda: np.where(state.basis == lanes.NONE, np.nan, state.width_m),
        "threshold": lambda: np.full(len(width), limit),
        "unit": lambda: filled("m", len(width)),
        "basis": lambda: named(state.basis, BASES),
        "re_measure": lambda: state.re_measure.astype(object),
    }
    return Verdicts(
        answer, lambda name, rows: columns[name]()[slice(None) if rows is None else rows], _WidthWhy(state, width, basis, asked, limit)
    )


_BASIS_WORDS = (Text("申报", "declared"), Text("实测", "measured"), Text("推算", "computed"))


@dataclass(frozen=True, slots=True)
class _WidthWhy:
    state: lanes.WidthState
    recorded: Floats
    recorded_basis: lanes.Codes
    asked: str
    limit: float

    def __call__(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        return [self._text(int(row)).of(lang) for row in rows]

    def _text(self, row: int) -> Text:
        width, basis = self.state.width_m[row], self.state.basis[row]
        if basis == lanes.NONE:
            if self.asked != "best" and not math.isnan(self.recorded[row]):
                wanted, there = _BASIS_WORDS[BASES.index(self.asked)], _BASIS_WORDS[self.recorded_basis[row]]
                return Text(
                    f"没有{wanted.zh}净宽；记录的 {self.recorded[row]:g} 米是{there.zh}的",
                    f"no {wanted.en} clear width; the {self.recorded[row]:g} m on record is {there.en}",
                )
            return Text("没有净宽记录", "no clear width on record")
        how = _BASIS_WORDS[basis]
        limit = f"{self.limit:g}"
        if self.state.under[row] == lanes.UNKNOWN:
            near = f"{self.state.accuracy_m[row]:g}"
            return Text(
                f"{how.zh}净宽 {width:g} 米，与 {limit} 米之差在精度 {near} 米以内，不能判定",
                f"{how.en} clear width {width:g} m is within its accuracy of {near} m of {limit} m: cannot be told",
            )
        if width == 0:
            text = Text(f"{how.zh}净宽 0 米，无法通行", f"{how.en} clear width 0 m: nothing passes")
        elif self.state.under[row] == lanes.UNDER:
            text = Text(f"{how.zh}净宽 {width:g} 米，小于 {limit} 米", f"{how.en} clear width {width:g} m is under {limit} m")
        else:
            text = Text(f"{how.zh}净宽 {width:g} 米，不小于 {limit} 米", f"{how.en} clear width {width:g} m is not under {limit} m")
        if self.state.re_measure[row]:
            return Text(f"{text.zh}；接近界限，建议复测", f"{text.en}; close to the limit, measure again")
        return text


_BASIS_HELP = Text(
    "一条通道现在只记一个净宽，依据看“数据质量”；选定一种依据时，净宽来自别的依据的通道算不明，不会换用别的净宽",
    "a lane has one clear width for now, and its quality says on what basis; with a basis chosen, lanes whose width has another one are unknown: "
    "there is no second width to fall back on",
)

LANE_REACH_M = 15.0
"""A lane belongs to a compound when it comes this near to its outline, or names it."""


def _without_lanes(view: View) -> Flags:
    """Compounds for which there is no lane record at all: none names them, none comes within LANE_REACH_M of their outline."""

    def make() -> Flags:
        compounds = view.frame("compounds")
        named = set(view.frame("fire_lanes")["compound_code"].dropna())
        found = np.fromiter((code in named for code in compounds["code"]), dtype=bool, count=len(compounds))
        outlines = view.metric("compounds")
        rest = np.flatnonzero(~found & ~shapely.is_missing(outlines))
        if len(rest) and len(view.frame("fire_lanes")):
            near, _ = view.tree("fire_lanes").query(outlines[rest], predicate="dwithin", distance=LANE_REACH_M)
            found[rest[near]] = True
        return ~found

    revisions = (view.layer_revision("compounds"), view.layer_revision("fire_lanes"))
    return latest(view, "without-lanes", revisions, lambda _: make())


LANES_UNDER_WIDTH = Question(
    id="lanes-under-width",
    title=Text("哪些通道不够宽", "Lanes under a width"),
    help=Text("净宽严格小于所给宽度的消防通道；没有净宽的算不明", "fire lanes whose clear width is strictly under the given one; no width is unknown"),
    subject="fire_lanes",
    reads=("fire_lanes", "compounds"),
    answer=_under_width,
    sentence=Text("{total} 条通道：窄于 {width:g} 米 {yes}，不明 {unknown}", "{total} lanes: under {width:g} m {yes}, unknown {unknown}"),
    parameters=(
        Parameter("width", "number", 4.0, Text("宽度", "Width"), unit=Text("米", "m"), above=0.0, maximum=100.0),
        Parameter(
            "basis", "choice", "best", Text("依据", "Basis"),
            choices=(Choice("best", Text("最可信的", "the most trusted")), *BASIS_CHOICES), help=_BASIS_HELP,
        ),
    ),
    unrecorded=Unrecorded(
        "compounds",
        "without_lanes",
        Text("另有 {count} 个院落没有通道记录", "{count} more compounds have no lane on record"),
        _without_lanes,
    ),
)  # fmt: skip
