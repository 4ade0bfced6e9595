"""`compounds-by-open-hazards`: how many hazards of each compound are not closed, and how many of them are overdue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Text
from geo.hazards.counts import Counts, per_100_households, per_hectare
from geo.questions.columns import numbers, texts
from geo.questions.declaration import (
    AS_OF,
    BASES,
    GROUP_HAZARDS,
    NO,
    UNKNOWN,
    YES,
    Floats,
    Parameter,
    Question,
    Verdicts,
    View,
    filled,
    named,
)
from geo.questions.hazards import words
from geo.questions.hazards.ledger import assigned, buildings_of, counted, counts_at, ledger, outline_area_m2
from geo.questions.naming import names
from geo.questions.shown import objects
from geo.schema import Field

Ints = NDArray[np.int64]

_DECLARED = BASES.index("declared")


def _by_open(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    found, least = counted(view, "compounds"), parameters["at_least"]
    answer = np.where(found.open >= least, YES, np.where(found.open + found.unknown >= least, UNKNOWN, NO)).astype(np.int8)
    stray = _may_be_here(view)
    answer[(answer == NO) & (found.total == 0) & (stray > 0)] = UNKNOWN
    if not len(view.frame("hazards")):
        answer[:] = UNKNOWN
    table = _Table(view, found, stray, answer, float(least))
    return Verdicts(
        answer, table.column, table.why, said={"at_least": f"{least:g}"}, summary=table.summary, store={"of_no_compound": _elsewhere(view)}
    )


def _may_be_here(view: View) -> Ints:
    """For each compound how many hazards, open or of unknown state, name no compound and no place and are not known to be of another community."""
    held, of = ledger(view), assigned(view)
    loose = np.flatnonzero((held.open | held.unknown) & (of.compound < 0) & ~of.placed)
    own, theirs = texts(view.frame("compounds"), "community"), texts(view.frame("hazards"), "community")[loose]
    anywhere = int(np.count_nonzero(pd.isna(theirs)))
    many = pd.Series(theirs[~pd.isna(theirs)], dtype=object).value_counts()
    here = [anywhere + (int(many.get(name, 0)) if isinstance(name, str) else len(loose) - anywhere) for name in own]
    return np.array(here, dtype=np.int64)


def _elsewhere(view: View) -> dict[str, int]:
    """Hazards that belong to no compound."""
    nowhere = np.where(assigned(view).compound < 0, 0, -1)
    return _plain(counts_at(view, nowhere, 1), np.zeros(1, dtype=np.int64))


def _plain(found: Counts, rows: Ints) -> dict[str, int]:
    return {name: int(getattr(found, name)[rows].sum()) for name in ("open", "overdue", "overdue_unknown", "unknown")}


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The other fields of the answers and their sentences, made when asked for."""

    view: View
    found: Counts
    stray: Ints
    answer: NDArray[np.int8]
    least: float

    @property
    def area_m2(self) -> Floats:
        """The drawn outline, else the land area on record."""
        drawn = outline_area_m2(self.view, "compounds")
        return np.where(np.isnan(drawn), numbers(self.view.frame("compounds"), "land_area_m2"), drawn)

    def column(self, name: str, rows: Ints | None) -> NDArray[Any]:
        found, at = self.found, np.arange(len(self.answer)) if rows is None else rows
        told = bool(len(self.view.frame("hazards")))
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: found.open[at].astype(np.float64) if told else np.full(len(at), np.nan),
            "threshold": lambda: np.full(len(at), self.least),
            "unit": lambda: filled(words.HAZARDS_UNIT, len(at)),
            "basis": lambda: named(np.where(self.answer[at] != UNKNOWN, _DECLARED, -1), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "overdue": lambda: self._count(found.overdue, at, told),
            "overdue_unknown": lambda: self._count(found.overdue_unknown, at, told),
            "unknown": lambda: self._count(found.unknown, at, told),
            "per_hectare": lambda: self._count(per_hectare(found.open, self.area_m2), at, told),
            "per_100_households": lambda: self._count(
                per_100_households(found.open, numbers(self.view.frame("compounds"), "households")), at, told
            ),
            "worst_building": lambda: self._worst(at)[0],
            "worst_building_open": lambda: self._worst(at)[1],
        }
        return made[name]()

    def _count(self, column: NDArray[Any], at: Ints, told: bool) -> Floats:
        return column[at].astype(np.float64) if told else np.full(len(at), np.nan)

    def _worst(self, at: Ints) -> tuple[NDArray[np.object_], Floats]:
        """The building of each compound in which most hazards are open."""
        compound, building, open_ = assigned(self.view).compound, buildings_of(self.view), ledger(self.view).open
        mine = np.flatnonzero(open_ & (building >= 0) & (compound >= 0))
        pairs, many = np.unique(np.stack([compound[mine], building[mine]], axis=1), axis=0, return_counts=True)
        order = np.lexsort((-pairs[:, 1], many, pairs[:, 0]))  # the most are written last, of equals the first row
        worst, count = np.full(len(self.answer), -1, dtype=np.int64), np.full(len(self.answer), np.nan)
        worst[pairs[order, 0]], count[pairs[order, 0]] = pairs[order, 1], many[order]
        codes = names(self.view, "buildings").code
        return objects([codes[b] if b >= 0 else None for b in worst[at]]), count[at]

    def summary(self, rows: Ints) -> dict[str, Any]:
        """Totals, and the same by community."""
        frame = self.view.frame("compounds")
        households, area = numbers(frame, "households")[rows], self.area_m2[rows]
        codes, known = pd.factorize(pd.Series(texts(frame, "community")[rows], dtype=object))
        communities = [
            self._line(rows[codes == c], households[codes == c], area[codes == c]) | {"community": str(name)}
            for c, name in enumerate(known)
        ]
        return {"hazards": _plain(self.found, rows), "communities": communities}

    def _line(self, rows: Ints, households: Floats, area: Floats) -> dict[str, Any]:
        """Of some compounds together; a density only where every one of them has what it takes."""
        count = np.array([self.found.open[rows].sum()])
        densities = {
            "per_hectare": float(per_hectare(count, np.array([area.sum()]))[0]),
            "per_100_households": float(per_100_households(count, np.array([households.sum()]))[0]),
        }
        return {**_plain(self.found, rows), **{name: None if np.isnan(value) else value for name, value in densities.items()}}

    def why(self, rows: Ints, lang: str) -> list[str]:
        if not len(self.view.frame("hazards")):
            return [
                Text("还没有隐患台账，不等于没有隐患", "there is no ledger of hazards, which is not the same as no hazards").of(lang)
            ] * len(rows)
        return [self._sentence(int(row)).of(lang) for row in rows]

    def _sentence(self, row: int) -> Text:
        found = self.found
        if not found.total[row] and self.stray[row]:
            count = self.stray[row]
            return Text(
                f"隐患台账里没有写明属于本院落的隐患，另有 {count} 处未销号或状态不明的没有写明院落和位置",
                f"the ledger names no hazard of this compound, but {count} that may be open name no compound and no place",
            )
        if not found.total[row]:
            return Text("隐患台账里没有本院落的隐患", "the ledger holds no hazard of this compound")
        parts = [
            Text(
                f"登记隐患 {found.total[row]} 处，未销号 {found.open[row]} 处",
                f"{found.total[row]} hazards on record, {found.open[row]} not closed",
            )
        ]
        if found.overdue[row]:
            parts.append(Text(f"其中逾期 {found.overdue[row]} 处", f"{found.overdue[row]} of them overdue"))
        if found.unknown[row]:
            parts.append(Text(f"另有 {found.unknown[row]} 处没有登记状态", f"the status of {found.unknown[row]} more is not on record"))
        if dated := found.overdue_unknown[row] - found.unknown[row]:
            parts.append(Text(f"{dated} 处是否逾期说不准", f"whether {dated} are overdue cannot be told"))
        return Text("，".join(p.zh for p in parts), ", ".join(p.en for p in parts))


COMPOUNDS_BY_OPEN_HAZARDS = Question(
    id="compounds-by-open-hazards",
    title=Text("哪些院落隐患未销号", "Compounds by open hazards"),
    help=Text(
        "按归属院落统计未销号的隐患（待复查的仍算未销号，系统疑似和不属实的不算），并列出逾期的、没有登记状态的、每公顷和每百户的。没有登记状态的可能未销号，"
        "够不够数要看它们的算不明；没有台账的也不明",
        "hazards that are not closed, by the compound they belong to (awaiting review counts as not closed, candidates and rejected ones do not count), with how many are "
        "overdue, of unknown status, per hectare and per 100 households. Where those of unknown status decide it is unknown, and so it is without any ledger",
    ),
    subject="compounds",
    group=GROUP_HAZARDS,
    reads=("compounds", "hazards", "buildings"),
    answer=_by_open,
    sentence=Text(
        "{total} 个院落：未销号隐患不少于 {at_least} 处的 {yes}，不明 {unknown}", "{total} compounds: with {at_least} or more open hazards {yes}, unknown {unknown}"
    ),
    parameters=(AS_OF, Parameter("at_least", "number", 1, Text("至少几处", "At least"), unit=words.HAZARDS_UNIT, above=0, maximum=10_000)),
    extra_fields=(
        Field("overdue", "number", Text("逾期", "Overdue"), public=True),
        Field("overdue_unknown", "number", Text("是否逾期不明", "Overdue unknown"), public=True),
        Field("unknown", "number", Text("状态不明", "Status unknown"), public=True),
        Field("per_hectare", "number", Text("每公顷未销号", "Open per hectare"), public=True),
        Field("per_100_households", "number", Text("每百户未销号", "Open per 100 households"), public=True),
        Field("worst_building", "text", Text("最多的楼栋", "Building with most"), public=True),
        Field("worst_building_open", "number", Text("该楼未销号", "Open in it"), public=True),
    ),
)  # fmt: skip
