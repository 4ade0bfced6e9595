"""`gas-contradictions`: where what is on record of a compound's gas does not agree with the mains, the service areas or itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import Coverage
from geo.errors import Text
from geo.gas import contradictions as found_out
from geo.gas import status as gas
from geo.gas.attach import usable
from geo.questions.columns import numbers
from geo.questions.declaration import (
    BASES,
    GROUP_GAS,
    NA,
    NO,
    UNKNOWN,
    YES,
    Floats,
    Parameter,
    Question,
    Verdicts,
    View,
    filled,
    latest,
    named,
)
from geo.questions.gas.records import ELECTRIC_WORDS, STATUS_WORDS, accuracies, counts_words, coverage, shares, statuses
from geo.schema import Field

Ints = NDArray[np.int64]


def _mains(view: View) -> found_out.Mains:
    """How far each compound is from the nearest main of any kind."""
    revisions = (view.layer_revision("compounds"), view.layer_revision("gas_mains"), view.metric_crs)
    return latest(view, "gas-nearest-mains", revisions, lambda _: _nearest_mains(view))


def _nearest_mains(view: View) -> found_out.Mains:
    outlines, mains = view.metric("compounds"), view.metric("gas_mains")
    placed, there = usable(outlines), np.flatnonzero(usable(mains))
    nearest, accuracy = np.full(len(outlines), np.nan), accuracies(view, "compounds")
    rows = np.flatnonzero(placed)
    if len(rows) and len(there):
        tree = shapely.STRtree(mains[there])
        (at, main), distance = tree.query_nearest(outlines[rows], return_distance=True, all_matches=False)
        nearest[rows[at]] = np.round(distance, 2)
        accuracy[rows[at]] = np.maximum(accuracy[rows[at]], accuracies(view, "gas_mains")[there[main]])
    return found_out.Mains(nearest, accuracy, placed & (shapely.get_dimensions(outlines) < 2), placed, len(there) > 0)


def _contradictions(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    frame, cover = view.frame("compounds"), coverage(view, "compounds")
    near_m = view.profile["gas_near_main_m"] if parameters["distance"] is None else float(parameters["distance"])
    status, connected, households = statuses(view, "compounds"), numbers(frame, "gas_households"), numbers(frame, "households")
    state = found_out.contradictions(
        status,
        connected,
        households,
        half=None if cover is None else cover.half,
        touched=None if cover is None else cover.touched,
        mains=_mains(view),
        near_m=near_m,
    )
    answer = np.where(state.any, YES, np.where(state.open, UNKNOWN, NO)).astype(np.int8)
    answer[~state.any & (state.reason == found_out.NOT_APPLICABLE)] = NA
    table = _Table(view, state, answer, status, connected, households, cover, _mains(view), near_m)
    return Verdicts(answer, table.column, table.why, said={"distance": near_m}, summary=table.summary)


_BY_MAIN, _BY_AREA, _BY_COUNT, _BY_NOTHING = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The other fields of the answers and their sentences, made when asked for."""

    view: View
    state: found_out.Contradictions
    answer: NDArray[np.int8]
    status: NDArray[np.int8]
    connected: Floats
    households: Floats
    cover: Coverage | None
    mains: found_out.Mains
    near_m: float

    def column(self, name: str, rows: Ints | None) -> NDArray[Any]:
        at = np.arange(len(self.answer)) if rows is None else rows
        by = self._decided_by()[at]
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: self._value(at, by),
            "threshold": lambda: np.choose(by, [self.near_m, 100 * gas.HALF, self.households[at], np.nan]),
            "unit": lambda: named(np.where(by == _BY_NOTHING, -1, by), ("m", "%", "households")),
            "basis": lambda: named(np.where(by == _BY_NOTHING, -1, _BASES[by]), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "kinds": lambda: self._kinds(at),
            "main_distance_m": lambda: self.mains.nearest_m[at],
            "covered_share": lambda: self._covered(at),
        }
        return made[name]()

    def summary(self, rows: Ints) -> dict[str, Any]:
        """How many of these rows have each kind of contradiction."""
        found = np.count_nonzero(self.state.found[:, rows], axis=1)
        return {"kinds": dict(zip(found_out.KINDS, found.tolist(), strict=True))}

    def _decided_by(self) -> NDArray[np.int64]:
        """What the value is: the contradiction's figure, the first that there is; without one what speaks for the record."""
        found, reason = self.state.found, self.state.reason
        area = found[found_out.NOT_CONNECTED] | found[found_out.OUTSIDE]
        count = found[found_out.COUNTS] | found[found_out.ELECTRIC]
        measured = self.state.connected & ~np.isnan(self.mains.nearest_m)
        covered = np.full(len(reason), self.cover is not None) & self.mains.placed & (reason == found_out.TOLD) & ~self.state.connected
        cases = [found[found_out.NO_MAIN], area, count, measured, covered]
        return np.select(cases, [_BY_MAIN, _BY_AREA, _BY_COUNT, _BY_MAIN, _BY_AREA], _BY_NOTHING)

    def _value(self, at: Ints, by: NDArray[np.int64]) -> Floats:
        covered = np.full(len(at), np.nan)
        areas = by == _BY_AREA
        covered[areas] = np.round(100 * self._covered(at[areas]), 3)
        return np.asarray(np.choose(by, [self.mains.nearest_m[at], covered, self.connected[at], np.nan]), dtype=np.float64)

    def _covered(self, at: Ints) -> Floats:
        if self.cover is None:
            return np.full(len(at), np.nan)
        return self.cover.share(at) if len(at) <= 1000 else shares(self.view, "compounds", self.cover)[at]

    def _kinds(self, at: Ints) -> NDArray[np.object_]:
        columns = self.state.found[:, at].T
        listed = [", ".join(kind for kind, is_so in zip(found_out.KINDS, row, strict=True) if is_so) for row in columns]
        return np.array([one or None for one in listed], dtype=object).reshape(len(at))

    def why(self, rows: Ints, lang: str) -> list[str]:
        return [self._sentence(int(row), share).of(lang) for row, share in zip(rows, self._covered(rows), strict=True)]

    def _sentence(self, row: int, covered: float) -> Text:
        record = self._record(row)
        against = [self._against(kind, row, covered) for kind in np.flatnonzero(self.state.found[:, row]).tolist()]
        if against:
            zh, en = "；".join(a.zh for a in against), "; ".join(a.en for a in against)
            return Text(f"{record.zh}，但{zh}，请核实", f"{record.en}, but {en}: please check")
        if self.state.reason[row] in (found_out.NOT_APPLICABLE, found_out.NOTHING_ON_RECORD):
            return self._left_out(row)
        if self.state.open[row]:
            left_out = self._left_out(row)
            return Text(f"{record.zh}；{left_out.zh}", f"{record.en}; {left_out.en}")
        if self.state.connected[row]:
            near = f"{self.mains.nearest_m[row]:g}"
            return Text(
                f"{record.zh}；最近的燃气管在 {near} 米外，没有矛盾", f"{record.en}; the nearest main is {near} m away: no contradiction"
            )
        return Text(f"{record.zh}，没有矛盾", f"{record.en}: no contradiction")

    def _record(self, row: int) -> Text:
        counts, status = counts_words(self.connected[row], self.households[row]), self.status[row]
        word = STATUS_WORDS[gas.STATUSES[status]] if status >= 0 else None
        if np.isnan(self.connected[row]):
            return word or Text("没有登记通气情况", "no gas record")
        return Text(f"{word.zh}、{counts.zh}", f"{word.en}, {counts.en}") if word else counts

    def _against(self, kind: int, row: int, covered: float) -> Text:
        if kind == found_out.NO_MAIN:
            near = f"{self.mains.nearest_m[row]:g}"
            return Text(
                f"最近的燃气管在 {near} 米外（超过 {self.near_m:g} 米）", f"the nearest gas main is {near} m away (over {self.near_m:g} m)"
            )
        if kind in (found_out.NOT_CONNECTED, found_out.OUTSIDE):
            return Text(f"燃气服务范围覆盖 {100 * covered:.1f}%", f"gas service areas cover {100 * covered:.1f}% of it")
        if kind == found_out.ELECTRIC:
            return Text("全电气化的院落不应有通气户", "an all-electric compound has no households on gas")
        return Text("户数与状态对不上", "counts and status do not agree")

    def _left_out(self, row: int) -> Text:
        """What could not be looked at."""
        reason, near, accuracy = int(self.state.reason[row]), f"{self.mains.nearest_m[row]:g}", f"{self.mains.accuracy_m[row]:g}"
        if reason == found_out.ONLY_A_POINT:
            return Text(
                f"只有点位没有轮廓，该点离最近的燃气管 {near} 米，不能判定",
                f"only a point and no outline, {near} m from the nearest main: cannot be told",
            )
        if reason == found_out.ACCURACY:
            return Text(
                f"最近的燃气管在 {near} 米外，与 {self.near_m:g} 米之差在精度 {accuracy} 米以内，不能判定",
                f"the nearest main, {near} m away, is within its accuracy of {accuracy} m of {self.near_m:g} m: cannot be told",
            )
        return _LEFT_OUT[reason]


_LEFT_OUT = {
    found_out.NOT_APPLICABLE: ELECTRIC_WORDS,
    found_out.NOTHING_ON_RECORD: Text("没有登记通气情况，无从核对", "no gas record: nothing to check"),
    found_out.NO_MAINS: Text("没有燃气管线数据，无从核对", "no gas mains on record to check it against"),
    found_out.NO_AREAS: Text("没有燃气服务范围数据，无从核对", "no service areas on record to check it against"),
    found_out.UNPLACED: Text("尚未上图，无从核对", "not placed on the map: cannot be checked"),
}
_BASES = np.array([BASES.index("measured"), BASES.index("inferred"), BASES.index("declared"), -1])
"""By what the value is."""


GAS_CONTRADICTIONS = Question(
    id="gas-contradictions",
    title=Text("哪些院落的燃气记录有矛盾", "Contradictions in the gas records"),
    help=Text(
        "登记已通气而附近没有管线；服务范围覆盖而没有一户通气；登记已通气而在服务范围外；户数与状态对不上；全电气化而有通气户",
        "connected on record with no main near; covered by service areas with no household connected; connected outside of the areas; counts against the status; "
        "all-electric with households connected",
    ),
    subject="compounds",
    group=GROUP_GAS,
    internal=True,
    reads=("compounds", "gas_mains", "gas_areas"),
    answer=_contradictions,
    sentence=Text("{total} 个院落：燃气记录有矛盾 {yes}，不明 {unknown}", "{total} compounds: contradictory gas records {yes}, unknown {unknown}"),
    parameters=(
        Parameter(
            "distance", "number", None, Text("管线距离", "Distance to a main"), unit=Text("米", "m"), above=0.0, maximum=10_000.0, figure="gas_near_main_m",
            help=Text("登记已通气的院落，这一距离内应有燃气管", "a compound on record as connected should have a main within this distance"),
        ),
    ),
    extra_fields=(
        Field("kinds", "text", Text("矛盾", "Contradictions")),
        Field("main_distance_m", "number", Text("最近燃气管距离", "Distance to the nearest main"), unit=Text("米", "m")),
        Field("covered_share", "number", Text("服务范围覆盖比例", "Share in service areas"), minimum=0, maximum=1),
    ),
)  # fmt: skip
