"""`compounds-without-gas`: which compounds have no piped gas, by households, status, and at last the service areas."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.coverage import Coverage
from geo.errors import Text
from geo.gas import status as gas
from geo.questions.columns import numbers
from geo.questions.declaration import BASES, GROUP_GAS, NA, NO, UNKNOWN, YES, Floats, Parameter, Question, Verdicts, View, filled, named
from geo.questions.gas.records import ELECTRIC_WORDS, STATUS_WORDS, counts_words, coverage, judged, shares, statuses
from geo.schema import Field


def _without_gas(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    frame = view.frame("compounds")
    status, connected, households = statuses(view, "compounds"), numbers(frame, "gas_households"), numbers(frame, "households")
    cover = coverage(view, "compounds")
    state = judged(view, "compounds", cover, infer=parameters["infer"])
    answer = np.full(len(status), NO, dtype=np.int8)
    answer[state.supply == gas.WITHOUT] = YES
    answer[state.supply == gas.UNKNOWN] = UNKNOWN
    answer[state.supply == gas.NOT_APPLICABLE] = NA
    if parameters["partial"]:
        answer[state.partial & (state.supply == gas.CONNECTED)] = YES
    table = _GasTable(view, state, answer, status, connected, households, cover)
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
            known = self.kept.get(key)
            if known is None:
                known = coverage.share(rows)
                self.kept.clear()
                self.kept[key] = known
            return known
        whole = shares(self.view, "compounds", coverage)
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
            others.append(
                counts_words(self.connected[row], self.households[row]) if electric else STATUS_WORDS[gas.STATUSES[self.status[row]]]
            )
        if not math.isnan(covered):
            others.append(Text(f"服务范围覆盖 {100 * covered:.1f}%", f"areas cover {100 * covered:.1f}%"))
        return others

    def _reason(self, row: int, covered: float) -> Text:
        if self.state.supply[row] == gas.NOT_APPLICABLE:
            return ELECTRIC_WORDS
        if self.state.inferred[row]:
            share = f"{100 * covered:.1f}"
            return Text(f"没有登记通气情况；燃气服务范围覆盖 {share}%（推定）", f"no gas record; service areas cover {share}% (inferred)")
        if self.state.supply[row] == gas.UNKNOWN:
            return self._unknown(row)
        if not math.isnan(self.connected[row]):
            return counts_words(self.connected[row], self.households[row])
        return STATUS_WORDS[gas.STATUSES[self.status[row]]]

    def _unknown(self, row: int) -> Text:
        if self.coverage is None:
            return Text("没有登记通气情况，也没有燃气服务范围数据", "no gas record, and no service areas to go by")
        if not self.state.placed[row]:
            return Text("没有登记通气情况，且尚未上图", "no gas record, and not placed on the map")
        return Text("没有登记通气情况（未按服务范围推定）", "no gas record (not inferred from service areas)")


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
    group=GROUP_GAS,
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
