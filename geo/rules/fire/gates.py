"""FA-17: whether gates, archways and height bars let an engine through."""

from __future__ import annotations

import numpy as np

from geo.errors import Text
from geo.lanes import comparison as lanes
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View
from geo.questions.lanes.standing import gate_widths, words
from geo.questions.sources import ranks_of
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule
from geo.rules.fire.telling import METRES, Missing, accuracy_of, at_least, judgement, quality_basis, sentences

ROOFED = ("arch", "height_bar")
"""What has something over the lane by its nature, so that a height that is not on record is not known."""

_UNSAID = ("", "unknown")
"""What is of no kind on record may be an archway or a height bar."""

_MOVABLE = ("bollard", "chain")


def _let_through(view: View) -> Judgement:
    """The clear width, and the clear height of what has one: an archway, a height bar and what may be one always, others where one is on record. The value told is the one
    that fails, the width first. A height bar with no width on record is held to its height alone. Gates for pedestrians, and bollards and chains that
    can be removed, are not concerned."""
    frame, profile = view.frame("access_points"), view.profile
    kind, width, height = words(texts(frame, "kind")), gate_widths(frame), numbers(frame, "gate_height_m")
    wide, high = profile["lane_width_m"], profile["lane_height_m"]
    basis = lanes.width_basis(texts(frame, "quality"), width)
    accuracy = np.where(basis == lanes.INFERRED, accuracy_of(view, "access_points"), np.nan)
    state = lanes.width_under(lanes.Widths(width, basis, accuracy, ranks_of(texts(frame, "source"))), limit_m=wide)
    narrow, no_width = state.under == lanes.UNDER, state.under == lanes.UNKNOWN
    no_width &= ~((kind == "height_bar") & np.isnan(width))
    with np.errstate(invalid="ignore"):
        low = height < high
    no_height = np.isin(kind, (*ROOFED, *_UNSAID)) & np.isnan(height)
    result = np.where(narrow | low, FAIL, np.where(no_width | no_height, UNKNOWN, PASS))
    movable = (texts(frame, "removable") == "yes") & np.isin(kind, _MOVABLE)
    result = np.where(movable | (kind == "pedestrian_gate"), NA, result).astype(np.int8)
    by_height = ~narrow & (low | np.isnan(width))
    measured = np.where(by_height, height, state.width_m)
    told = quality_basis(texts(frame, "quality"), ~np.isnan(measured))
    locked = (texts(frame, "normally_locked") == "yes") & (texts(frame, "remote_open") != "yes")
    heads = [at_least(limit) for limit in (wide, high)]

    def tell(row: int) -> Text:
        if result[row] == NA:
            return (
                Text("人行门，不走消防车", "for pedestrians only") if not movable[row] else Text("登记为可移除", "on record as removable")
            )
        parts = []
        if not np.isnan(width[row]):
            parts.append(Text(f"净宽 {state.width_m[row]:g} 米", f"clear width {state.width_m[row]:g} m"))
        if not np.isnan(height[row]):
            parts.append(Text(f"净高 {height[row]:g} 米", f"clear height {height[row]:g} m"))
        if no_width[row]:
            near = Text(f"净宽与 {wide:g} 米之差在精度以内", f"the width is nearer to {wide:g} m than it is true")
            parts.append(Text("净宽没有登记", "clear width not on record") if np.isnan(width[row]) else near)
        if no_height[row]:
            parts.append(Text("净高没有登记", "clear height not on record"))
        if locked[row]:
            parts.append(Text("平时上锁且不能远程开启", "kept locked, and does not open remotely"))
        if result[row] == UNKNOWN:
            parts.append(Text("不能判定", "cannot be told"))
        return Text("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))

    def why(rows: np.ndarray, lang: str) -> list[str]:
        return [sentences(result, heads[int(by_height[row])], tell)(np.array([row]), lang)[0] for row in rows]

    missing = Missing(result == UNKNOWN).own(no_width, "access_points", "gate_width_m").own(no_height, "access_points", "gate_height_m")
    return judgement(result, measured, np.where(by_height, high, wide), told, why, lacks=missing.lacks())


GATES = Rule(
    "FA-17", 117, Text("门洞、大门净宽净高", "Gates, archways and height bars"), "access_points", ("access_points",), _let_through, METRES,
    ("lane_width_m", "lane_height_m"), by_row=True,
)  # fmt: skip
