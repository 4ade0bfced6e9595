"""`buildings-without-gas`: which buildings have no piped gas, by their own record, their compound's, and at last the service areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.coverage import Coverage
from geo.errors import Text
from geo.gas import status as gas
from geo.gas.attach import usable
from geo.gas.buildings import BY_AREA, BY_BUILDING, BY_COMPOUND, BY_NOTHING, BuildingGas, Records, building_gas
from geo.questions.columns import numbers, texts
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
from geo.questions.gas.records import ELECTRIC_WORDS, STATUS_WORDS, counts_words, coverage, judged, shares, statuses
from geo.questions.naming import names
from geo.schema import Choice, Field

Ints = NDArray[np.int64]


def compounds_of(view: View) -> Ints:
    """Positions of the buildings' compounds, -1 = none: the one they name, else the only one whose outline they stand in."""
    revisions = (view.layer_revision("buildings"), view.layer_revision("compounds"), view.metric_crs)
    return latest(view, "gas-compounds-of-buildings", revisions, lambda _: _find_compounds(view))


def _find_compounds(view: View) -> Ints:
    codes, given = pd.Index(texts(view.frame("compounds"), "code")), texts(view.frame("buildings"), "compound_code")
    first = np.flatnonzero(~np.asarray(codes.duplicated() | codes.isna(), dtype=bool))
    found = np.append(first, -1)[codes[first].get_indexer(pd.Index(given))]
    shapes = view.metric("buildings")
    rows = np.flatnonzero((found < 0) & usable(shapes))
    if len(rows) and len(codes):
        at, compound = view.tree("compounds").query(shapely.point_on_surface(shapes[rows]), predicate="intersects")
        alone = np.bincount(at, minlength=len(rows))[at] == 1
        found[rows[at[alone]]] = compound[alone]
    return found


def _records(view: View, layer: str) -> Records:
    frame = view.frame(layer)
    return Records(
        judged(view, layer, None, infer=False), statuses(view, layer), numbers(frame, "gas_households"), numbers(frame, "households")
    )


def _without_gas(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    own, compounds, of = _records(view, "buildings"), _records(view, "compounds"), compounds_of(view)
    mine, theirs = (coverage(view, layer) if parameters["infer"] else None for layer in ("buildings", "compounds"))
    half, placed = None, np.zeros(len(of), dtype=bool)
    by_outline = placed.copy()
    if mine is not None and theirs is not None:
        by_outline = ~np.isnan(mine.bounds[:, 0])
        in_compound = np.append(~np.isnan(theirs.bounds[:, 0]), False)[of]
        half = np.where(by_outline, mine.half, np.append(theirs.half, False)[of])
        placed = by_outline | in_compound
    state = building_gas(own, compounds, of, half=half, placed=placed)
    answer = np.array([YES, NO, UNKNOWN, NA], dtype=np.int8)[state.supply]
    if parameters["partial"]:
        answer[state.partial & (state.supply == gas.CONNECTED)] = YES
    table = _Table(view, state, answer, own, compounds, of, mine, theirs, by_outline)
    return Verdicts(answer, table.column, table.why)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The other fields of the answers and their sentences, made when asked for. `by_outline`: the areas were asked of the building, else of its compound."""

    view: View
    state: BuildingGas
    answer: NDArray[np.int8]
    own: Records
    compounds: Records
    of: Ints
    mine: Coverage | None
    theirs: Coverage | None
    by_outline: NDArray[np.bool_]
    kept: dict[bytes, Floats] = field(default_factory=dict)

    def column(self, name: str, rows: Ints | None) -> NDArray[Any]:
        at = np.arange(len(self.answer)) if rows is None else rows
        by = self.state.by[at]
        told = (self.answer[at] != UNKNOWN) & (by != BY_NOTHING)
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: self._value(at, by),
            "threshold": lambda: np.where(by == BY_AREA, 100 * gas.HALF, np.nan),
            "unit": lambda: filled("%", len(at)),
            "basis": lambda: named(np.where(told, np.where(by == BY_AREA, _INFERRED, _DECLARED), -1), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "partial": lambda: self.state.partial[at].astype(object),
            "told_by": lambda: named(np.where(told, by, -1), ("building", "compound", "area")),
            "compound": lambda: np.append(texts(self.view.frame("compounds"), "code"), _NONE)[self.of[at]],
            "covered_share": lambda: self._covered(at),
        }
        return made[name]()

    def _value(self, at: Ints, by: NDArray[np.int8]) -> Floats:
        share = np.where(
            by == BY_BUILDING, gas.connected_share(self.own.status[at], self.own.connected[at], self.own.households[at]), np.nan
        )
        supply = self.state.supply[at]
        share[(by == BY_COMPOUND) & (supply == gas.WITHOUT)] = 0.0
        share[(by == BY_COMPOUND) & (supply == gas.CONNECTED)] = 1.0
        asked = by == BY_AREA
        if asked.any():
            share[asked] = self._covered(at)[asked]
        return np.round(100 * share, 3)

    def _covered(self, at: Ints) -> Floats:
        """Share of each building in service areas; of an unplaced one that of its compound; NaN where there is none to tell."""
        covered = np.full(len(at), np.nan)
        if self.mine is None or self.theirs is None:
            return covered
        key = at.tobytes()
        if key not in self.kept:
            out, inside = self.by_outline[at], ~self.by_outline[at] & (self.of[at] >= 0)
            covered[out] = self._shares("buildings", self.mine, at[out])
            covered[inside] = self._shares("compounds", self.theirs, self.of[at[inside]])
            self.kept.clear()
            self.kept[key] = covered
        return self.kept[key]

    def _shares(self, layer: str, cover: Coverage, at: Ints) -> Floats:
        return cover.share(at) if len(at) <= 1000 else shares(self.view, layer, cover)[at]

    def why(self, rows: Ints, lang: str) -> list[str]:
        return [self._sentence(int(row), float(share)).of(lang) for row, share in zip(rows, self._covered(rows), strict=True)]

    def _sentence(self, row: int, covered: float) -> Text:
        by, supply = self.state.by[row], self.state.supply[row]
        if by == BY_BUILDING:
            return self._record(self.own, row)
        if by == BY_COMPOUND:
            compound = int(self.of[row])
            name, record = names(self.view, "compounds").name[compound], self._record(self.compounds, compound)
            text = Text(f"所属院落“{name}”：{record.zh}", f"its compound '{name}': {record.en}")
            if supply != gas.UNKNOWN:
                return text
            return Text(f"{text.zh}；哪些楼栋已通气没有登记", f"{text.en}; which buildings have gas is not on record")
        if by == BY_AREA:
            share = f"{100 * covered:.1f}"
            return Text(f"没有登记通气情况；燃气服务范围覆盖 {share}%（推定）", f"no gas record; service areas cover {share}% (inferred)")
        return Text("楼栋和所属院落都没有登记通气情况", "no gas record of the building or its compound")

    def _record(self, records: Records, row: int) -> Text:
        if records.state.supply[row] == gas.NOT_APPLICABLE:
            return ELECTRIC_WORDS
        if not np.isnan(records.connected[row]):
            return counts_words(records.connected[row], records.households[row])
        return STATUS_WORDS[gas.STATUSES[records.status[row]]]


_NONE = np.array([None], dtype=object)
_DECLARED, _INFERRED = BASES.index("declared"), BASES.index("inferred")

_TOLD_BY = (
    Choice("building", Text("楼栋", "building")),
    Choice("compound", Text("院落", "compound")),
    Choice("area", Text("服务范围", "service area")),
)

BUILDINGS_WITHOUT_GAS = Question(
    id="buildings-without-gas",
    title=Text("哪些楼栋没通气", "Buildings without gas"),
    help=Text(
        "先看楼栋自己的户数和状态，其次看所属院落：整院已通、未通或全电气化的，楼栋随院落，部分通气的不明；都没有登记时看燃气服务范围",
        "the building's own households and status first, then its compound's: a wholly connected, unconnected or all-electric compound settles it, a partly connected one "
        "does not; with no record at all, whether service areas cover half of the building",
    ),
    subject="buildings",
    group=GROUP_GAS,
    reads=("buildings", "compounds", "gas_areas"),
    answer=_without_gas,
    sentence=Text("{total} 栋楼：未通气 {yes}，不明 {unknown}", "{total} buildings: without gas {yes}, unknown {unknown}"),
    parameters=(
        Parameter(
            "partial", "boolean", False, Text("含部分通气", "Partly connected too"), help=Text("部分通气的楼栋也算未通气", "count partly connected buildings as without gas")
        ),
        Parameter(
            "infer", "boolean", True, Text("按服务范围推定", "Infer from areas"), help=Text("没有登记时，按燃气服务范围推定", "where nothing is recorded, go by the service areas")
        ),
    ),
    extra_fields=(
        Field("partial", "boolean", Text("部分通气", "Partly connected"), public=True),
        Field("told_by", "choice", Text("由谁得知", "Told by"), choices=_TOLD_BY, public=True),
        Field("compound", "text", Text("所属院落编号", "Its compound"), public=True),
        Field("covered_share", "number", Text("服务范围覆盖比例", "Share in service areas"), minimum=0, maximum=1, public=True),
    ),
)  # fmt: skip
