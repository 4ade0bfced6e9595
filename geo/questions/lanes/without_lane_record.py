"""`compounds-without-lane-record`: which compounds have no lane on record, so that no question about lanes speaks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.declaration import NO, UNKNOWN, YES, Flags, Question, Unrecorded, Verdicts, View, filled, latest

LANE_REACH_M = 15.0
"""A lane belongs to a compound when it comes this near to its outline, or names it."""

Counts = NDArray[np.int64]


def lanes_of_compounds(view: View) -> Counts:
    """How many lanes name each compound or come within LANE_REACH_M of its outline."""

    def make() -> Counts:
        compounds, lanes = view.frame("compounds"), view.frame("fire_lanes")
        codes = pd.Series(compounds["code"].to_numpy(dtype=object), dtype=object)
        named = lanes["compound_code"].to_numpy(dtype=object)
        row_of = {code: row for row, code in enumerate(codes) if isinstance(code, str)}
        by_name = [(row_of[code], lane) for lane, code in enumerate(named) if isinstance(code, str) and code in row_of]
        outlines = view.metric("compounds")
        near, lane = view.tree("fire_lanes").query(outlines, predicate="dwithin", distance=LANE_REACH_M)
        pairs = {*by_name, *zip(near.tolist(), lane.tolist(), strict=True)}
        rows = np.fromiter((row for row, _ in pairs), dtype=np.int64, count=len(pairs))
        return np.bincount(rows, minlength=len(compounds))

    revisions = (view.layer_revision("compounds"), view.layer_revision("fire_lanes"), view.metric_crs)
    return latest(view, "lanes-of-compounds", revisions, lambda _: make())


def without_lanes(view: View) -> Flags:
    """Compounds for which there is no lane record at all, unplaced ones among them."""
    return np.asarray(lanes_of_compounds(view) == 0, dtype=bool)


COMPOUNDS_WITHOUT_LANES = Unrecorded(
    "compounds", "without_lanes", Text("另有 {count} 个院落没有通道记录", "{count} more compounds have no lane on record"), without_lanes
)
"""For questions about lanes: the compounds that they are silent on."""


def _answer(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    counts = lanes_of_compounds(view)
    placed = ~shapely.is_missing(view.metric("compounds"))
    answer = np.where(counts > 0, NO, np.where(placed, YES, UNKNOWN)).astype(np.int8)
    columns: dict[str, Callable[[], NDArray[Any]]] = {
        "value": lambda: np.where(answer == UNKNOWN, np.nan, counts.astype(np.float64)),
        "threshold": lambda: np.ones(len(counts)),
        "unit": lambda: filled("records", len(counts)),
        "basis": lambda: np.array(["declared", None], dtype=object)[(answer == UNKNOWN).astype(np.int8)],
        "re_measure": lambda: filled(False, len(counts)),
    }

    def why(rows: NDArray[np.int64], lang: str) -> list[str]:
        return [_why(int(answer[row]), int(counts[row])).of(lang) for row in rows]

    return Verdicts(answer, lambda name, rows: columns[name]()[slice(None) if rows is None else rows], why)


def _why(answer: int, count: int) -> Text:
    if answer == NO:
        return Text(f"有 {count} 条通道记录", f"{count} lane(s) on record")
    if answer == YES:
        reach = f"{LANE_REACH_M:g}"
        return Text(
            f"没有通道登记属于它，{reach} 米内也没有画出通道：不是没有问题，而是没有记录",
            f"no lane names it and none is drawn within {reach} m: nothing is on record, which is not the same as no problem",
        )
    return Text(
        "没有通道登记属于它，且尚未上图，无法看附近有无通道",
        "no lane names it, and it is not placed on the map: whether a lane is near cannot be told",
    )


COMPOUNDS_WITHOUT_LANE_RECORD = Question(
    id="compounds-without-lane-record",
    title=Text("哪些院落没有通道记录", "Compounds without a lane record"),
    help=Text(
        f"没有消防通道登记属于它，外廓 {LANE_REACH_M:g} 米内也没有画出通道的院落；别的通道问题不会提到它们",
        f"no fire lane names the compound and none is drawn within {LANE_REACH_M:g} m of its outline; other questions on lanes are silent on it",
    ),
    subject="compounds",
    reads=("compounds", "fire_lanes"),
    answer=_answer,
    sentence=Text("{total} 个院落：没有通道记录 {yes}，不明 {unknown}", "{total} compounds: no lane on record {yes}, unknown {unknown}"),
)
