"""`compounds-without-gas`: which compounds have no piped gas, by households, status, and at last the service areas."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo import gas
from geo.coverage import Coverage
from geo.errors import Text
from geo.questions.declaration import BASES, NA, NO, UNKNOWN, YES, Floats, Parameter, Question, Verdicts, View, filled, latest, named
from geo.schema import Field


def _changed_rows(view: View, layer: str, before: Any, ids: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Positions of the rows that changed since `before` = (revision, (ids, …)), or None when rows came or went, or it is not known."""
    changed = None if before is None or before[0] > view.layer_revision(layer) else view.changed_since(layer, before[0])
    if changed is None or not np.array_equal(before[1][0], ids):
        return None
    wanted = _array(changed)
    return np.searchsorted(ids, wanted[np.isin(wanted, ids)])


def _gas_statuses(view: View) -> NDArray[np.int8]:
    """Status codes of all compounds, brought up to date row by row."""
    frame = view.frame("compounds")
    ids, values = frame.index.to_numpy(np.int64), frame["gas_status"].to_numpy(dtype=object)

    def make(before: Any) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
        rows = _changed_rows(view, "compounds", before, ids)
        if rows is None:
            return ids, gas.status_codes(values)
        codes = before[1][1].copy()
        codes[rows] = gas.status_codes(values[rows])
        return ids, codes

    return latest(view, "gas-statuses", view.layer_revision("compounds"), make)[1]


def _coverage(view: View) -> Coverage | None:
    """Which compounds lie in service areas, brought up to date from the last time; None when there are no areas at all."""
    revisions = (view.layer_revision("compounds"), view.layer_revision("gas_areas"), view.metric_crs)
    return latest(view, "gas-coverage", revisions, lambda before: _fresh_coverage(view, revisions, before))


def _fresh_coverage(view: View, revisions: tuple[int, int, str | None], before: Any) -> Coverage | None:
    cover_ids, covers = latest(view, "gas-serving", view.layer_revision("gas_areas"), lambda _: _serving(view.frame("gas_areas")))
    if not len(covers) or view.metric_crs is None:
        return None
    frame = view.frame("compounds")
    ids, subjects = frame.index.to_numpy(np.int64), np.asarray(frame.geometry, dtype=object)
    if before is not None and before[1] is not None and _follows(before[0], revisions):
        changed = view.changed_since("compounds", before[0][0])
        covers_changed = view.changed_since("gas_areas", before[0][1])
        if changed is not None and covers_changed is not None:
            old: Coverage = before[1]
            return old.updated(ids, subjects, _array(changed), cover_ids, covers, _array(covers_changed))
    return Coverage.of(ids, subjects, cover_ids, covers, metric_crs=view.metric_crs)


def _follows(old: tuple[int, int, str | None], new: tuple[int, int, str | None]) -> bool:
    """Whether `new` revisions are no older than `old` ones, in the same metric CRS."""
    return old[0] <= new[0] and old[1] <= new[1] and old[2] == new[2]


def _serving(areas: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Ids and outlines of the placed areas that bring gas."""
    shapes = np.asarray(areas.geometry, dtype=object)
    chosen = ~shapely.is_missing(shapes)
    for status in gas.NOT_SERVING:
        chosen &= areas["status"].to_numpy(dtype=object) != status
    return areas.index.to_numpy(np.int64)[chosen], shapes[chosen]


def _array(ids: frozenset[int]) -> NDArray[np.int64]:
    return np.fromiter(ids, dtype=np.int64, count=len(ids))


def _without_gas(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    frame = view.frame("compounds")
    status, connected, households = _gas_statuses(view), _numbers(frame, "gas_households"), _numbers(frame, "households")
    coverage = _coverage(view)
    state = gas.gas_state(
        status,
        connected,
        households,
        placed=None if coverage is None else ~np.isnan(coverage.bounds[:, 0]),
        half=None if coverage is None else coverage.half,
        touched=None if coverage is None else coverage.touched,
        infer=parameters["infer"],
    )
    answer = np.full(len(status), NO, dtype=np.int8)
    answer[state.supply == gas.WITHOUT] = YES
    answer[state.supply == gas.UNKNOWN] = UNKNOWN
    answer[state.supply == gas.NOT_APPLICABLE] = NA
    if parameters["partial"]:
        answer[state.partial & (state.supply == gas.CONNECTED)] = YES
    table = _GasTable(view, state, answer, status, connected, households, coverage)
    return Verdicts(answer, table.column, table.why)


@dataclass(frozen=True, slots=True)
class _GasTable:
    """The other fields of the answers and their sentences, made when asked for."""

    view: View
    state: gas.GasState
    answer: NDArray[np.int8]
    status: NDArray[np.int8]
    connected: Floats
    households: Floats
    coverage: Coverage | None
    kept: dict[bytes, Floats] = field(default_factory=dict)
    """The shares of the rows last asked for: value, covered_share and why of a page all need them."""

    def column(self, name: str, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        at = slice(None) if rows is None else rows
        answer, inferred = self.answer[at], self.state.inferred[at]
        if name == "value":
            covered = self.covered(rows) if inferred.any() else np.full(len(answer), np.nan)
            share = gas.connected_share(self.status[at], self.connected[at], self.households[at])
            return np.where(inferred, np.round(100 * covered, 3), np.round(100 * share, 3))
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "threshold": lambda: np.where(inferred, 100 * gas.HALF, np.nan),
            "unit": lambda: filled("%", len(answer)),
            "basis": lambda: named(np.where(answer == UNKNOWN, -1, np.where(inferred, _INFERRED, _DECLARED)), BASES),
            "re_measure": lambda: filled(False, len(answer)),
            "partial": lambda: self.state.partial[at].astype(object),
            "covered_share": lambda: self.covered(rows),
            "contradiction": lambda: self.state.contradiction[at].astype(object),
        }
        return made[name]()

    def covered(self, rows: NDArray[np.int64] | None) -> Floats:
        """Share of each compound in service areas, NaN where there is none to tell."""
        coverage = self.coverage
        if coverage is None:
            return np.full(len(self.answer) if rows is None else len(rows), np.nan)
        if rows is not None and len(rows) <= 1000:
            key = rows.tobytes()
            shares = self.kept.get(key)
            if shares is None:
                shares = coverage.share(rows)
                self.kept.clear()
                self.kept[key] = shares
            return shares
        revisions = (self.view.layer_revision("compounds"), self.view.layer_revision("gas_areas"))
        whole = latest(self.view, "gas-shares", revisions, lambda _: coverage.share())
        return whole if rows is None else whole[rows]

    def why(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        return [self._sentence(int(row), share).of(lang) for row, share in zip(rows, self.covered(rows), strict=True)]

    def _sentence(self, row: int, covered: float) -> Text:
        text = self._reason(row, covered)
        if not self.state.contradiction[row]:
            return text
        others = self._others(row, covered)
        zh, en = "；".join(o.zh for o in others), "; ".join(o.en for o in others)
        return Text(
            f"{text.zh}；与其他记录矛盾{f'（{zh}）' if zh else ''}，请核实",
            f"{text.en}; other records contradict this{f' ({en})' if en else ''}, please check",
        )

    def _others(self, row: int, covered: float) -> list[Text]:
        """What is on record beside that which the answer goes by."""
        others = []
        if not math.isnan(self.connected[row]) and self.status[row] >= 0:
            electric = self.state.supply[row] == gas.NOT_APPLICABLE
            others.append(self._counts(row) if electric else _STATUS_WORDS[gas.STATUSES[self.status[row]]])
        if not math.isnan(covered):
            others.append(Text(f"服务范围覆盖 {100 * covered:.1f}%", f"areas cover {100 * covered:.1f}%"))
        return others

    def _counts(self, row: int) -> Text:
        connected, households = self.connected[row], self.households[row]
        of = "" if math.isnan(households) else f" / {households:.0f}"
        return Text(f"已通气 {connected:.0f}{of} 户", f"{connected:.0f}{of} households connected")

    def _reason(self, row: int, covered: float) -> Text:
        if self.state.supply[row] == gas.NOT_APPLICABLE:
            return Text("全电气化，不需要管道燃气", "all-electric: piped gas does not apply")
        if self.state.inferred[row]:
            share = f"{100 * covered:.1f}"
            return Text(f"没有登记通气情况；燃气服务范围覆盖 {share}%（推定）", f"no gas record; service areas cover {share}% (inferred)")
        if self.state.supply[row] == gas.UNKNOWN:
            return self._unknown(row)
        if not math.isnan(self.connected[row]):
            return self._counts(row)
        return _STATUS_WORDS[gas.STATUSES[self.status[row]]]

    def _unknown(self, row: int) -> Text:
        if self.coverage is None:
            return Text("没有登记通气情况，也没有燃气服务范围数据", "no gas record, and no service areas to go by")
        if not self.state.placed[row]:
            return Text("没有登记通气情况，且尚未上图", "no gas record, and not placed on the map")
        return Text("没有登记通气情况（未按服务范围推定）", "no gas record (not inferred from service areas)")


def _numbers(frame: gpd.GeoDataFrame, name: str) -> Floats:
    return np.asarray(frame[name].to_numpy(dtype=np.float64))


_STATUS_WORDS = {
    "none": Text("登记为未通气", "recorded as without gas"),
    "under_construction": Text("登记为施工中，尚未通气", "recorded as under construction, not yet connected"),
    "partial": Text("登记为部分通气", "recorded as partly connected"),
    "full": Text("登记为已通气", "recorded as connected"),
}
_DECLARED, _INFERRED = BASES.index("declared"), BASES.index("inferred")

_PARTIAL_HELP = Text("部分通气的院落也算未通气", "count partly connected compounds as without gas")
_INFER_HELP = Text("没有登记时，按燃气服务范围推定", "where nothing is recorded, go by the service areas")


COMPOUNDS_WITHOUT_GAS = Question(
    id="compounds-without-gas",
    title=Text("哪些院落没通气", "Compounds without gas"),
    help=Text(
        "户数优先，其次状态；都没有时看燃气服务范围是否覆盖院落面积的一半",
        "households first, then the status; with neither, whether service areas cover half of the compound",
    ),
    subject="compounds",
    reads=("compounds", "gas_areas"),
    answer=_without_gas,
    sentence=Text("{total} 个院落：未通气 {yes}，不明 {unknown}", "{total} compounds: without gas {yes}, unknown {unknown}"),
    parameters=(
        Parameter("partial", "boolean", False, Text("含部分通气", "Partly connected too"), help=_PARTIAL_HELP),
        Parameter("infer", "boolean", True, Text("按服务范围推定", "Infer from areas"), help=_INFER_HELP),
    ),
    extra_fields=(
        Field("partial", "boolean", Text("部分通气", "Partly connected"), public=True),
        Field("covered_share", "number", Text("服务范围覆盖比例", "Share in service areas"), minimum=0, maximum=1, public=True),
        Field("contradiction", "boolean", Text("记录矛盾", "Contradiction"), public=True),
    ),
)  # fmt: skip
