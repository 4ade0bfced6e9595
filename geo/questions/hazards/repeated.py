"""`hazards-repeated`: which hazards are the same type at the same place as one found not long before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.hazards import repeats
from geo.hazards.states import CANDIDATE
from geo.questions.columns import texts
from geo.questions.declaration import AS_OF, BASES, GROUP_HAZARDS, NA, NO, UNKNOWN, YES, Parameter, Question, Verdicts, View, filled, named
from geo.questions.hazards import words
from geo.questions.hazards.ledger import READS, Ledger, ledger, own_points, repeated
from geo.questions.naming import names
from geo.questions.shown import objects
from geo.schema import Field

Ints = NDArray[np.int64]

_DECLARED = BASES.index("declared")


def asked(view: View, parameters: Mapping[str, Any]) -> tuple[float, float]:
    """Days and metres, those of the profile unless asked for."""
    days, metres = parameters.get("days"), parameters.get("distance")
    return view.profile["repeat_days"] if days is None else days, view.profile["repeat_m"] if metres is None else metres


def _repeated(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    days, metres = asked(view, parameters)
    found = repeated(view, days=days, metres=metres)
    answer = np.array([NO, YES, UNKNOWN, NA], dtype=np.int8)[found.state]
    told = Telling(view, found, ledger(view), days, metres)

    def column(name: str, rows: Ints | None) -> NDArray[Any]:
        at = np.arange(len(answer)) if rows is None else rows
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: np.where(answer[at] == YES, found.days[at], np.nan),
            "threshold": lambda: np.full(len(at), float(days)),
            "unit": lambda: filled(words.DAYS_UNIT, len(at)),
            "basis": lambda: named(np.where(np.isin(answer[at], (YES, NO)), _DECLARED, -1), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "earlier_code": lambda: objects([names(view, "hazards").code[e] if e >= 0 else None for e in found.earlier[at]]),
        }
        return made[name]()

    return Verdicts(answer, column, told.why, said={"days": f"{days:g}", "distance": f"{metres:g}"})


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """The sentences of repeats."""

    view: View
    found: repeats.Repeats
    held: Ledger
    days: float
    metres: float

    def why(self, rows: Ints, lang: str) -> list[str]:
        frame = self.view.frame("hazards")
        kinds, codes = texts(frame, "hazard_type"), names(self.view, "hazards").code
        placed = ~pd.isna(texts(frame, "building_code")) | ~shapely.is_missing(own_points(self.view))
        return [self._sentence(int(row), kinds, codes, bool(placed[row])).of(lang) for row in rows]

    def _sentence(self, row: int, kinds: NDArray[np.object_], codes: NDArray[np.object_], placed: bool) -> Text:
        found, earlier = self.found, int(self.found.earlier[row])
        if found.state[row] == repeats.NOT_ONE:
            status = self.held.status[row]
            if self.held.days["found_on"][row] > self.held.as_of:
                return words.not_found_yet(self.held.days["found_on"][row])
            return words.NOT_A_HAZARD[status == CANDIDATE]
        if found.said[row]:
            return self._said(row, earlier, codes)
        if found.state[row] == repeats.YES:
            since = words.calendar_days(found.days[row])
            return Text(
                f"同类隐患 {codes[earlier]} 在同一处（同一栋楼或 {self.metres:g} 米内），{since.zh}前发现过，不超过 {self.days:g} 天",
                f"the same type was found at the same place (the same building or within {self.metres:g} m) {since.en} before ({codes[earlier]}), "
                f"within {self.days:g} days",
            )
        if found.state[row] == repeats.MAYBE:
            return self._maybe(self.lacking(row, kinds[row], placed), codes[earlier] if earlier >= 0 else None)
        return Text(
            f"之前 {self.days:g} 天内，同一栋楼或 {self.metres:g} 米内没有同类隐患的记录",
            f"no hazard of its type on record in the same building or within {self.metres:g} m in the {self.days:g} days before",
        )

    def _said(self, row: int, earlier: int, codes: NDArray[np.object_]) -> Text:
        named = texts(self.view.frame("hazards"), "reopen_of")[row]
        name = codes[earlier] if earlier >= 0 else str(named)[:60]
        if earlier < 0:
            return Text(f"登记为反复隐患（原隐患 {name}，台账里没有）", f"recorded as reopening {name}, which is not in the ledger")
        if np.isnan(self.found.days[row]):
            return Text(f"登记为反复隐患（原隐患 {name}）", f"recorded as reopening {name}")
        since = words.calendar_days(self.found.days[row])
        return Text(f"登记为反复隐患（原隐患 {name}，{since.zh}前发现）", f"recorded as reopening {name}, found {since.en} before")

    def _maybe(self, lacks: list[Text], such_as: str | None) -> Text:
        zh, en = "、".join(t.zh for t in lacks), ", ".join(t.en for t in lacks)
        own = (
            Text(f"本条{zh}", f"this record has {en}")
            if lacks
            else Text("附近有记录缺日期、类型或位置", "another record lacks its day, type or place")
        )
        other = Text(f"（如 {such_as}）", f" (such as {such_as})") if such_as else Text("", "")
        return Text(f"{own.zh}，说不准是否重复{other.zh}", f"{own.en}: whether it repeats another{other.en} cannot be told")

    def lacking(self, row: int, kind: object, placed: bool) -> list[Text]:
        """What its own record lacks to be compared."""
        missing = []
        if not isinstance(kind, str):
            missing.append(Text("没有类型", "no type"))
        elif kind == repeats.UNLIKE:
            missing.append(Text("类型为“其他”", "the type 'other'"))
        if np.isnat(self.held.days["found_on"][row]):
            missing.append(Text("没有检查时间", "no day on which it was found"))
        if not placed:
            missing.append(Text("没有自己的位置，也没有楼栋", "no place of its own and no building"))
        return missing


HAZARDS_REPEATED = Question(
    id="hazards-repeated",
    title=Text("哪些隐患反复出现", "Repeated hazards"),
    help=Text(
        "同类隐患在同一处（同一栋楼，或点位相距不超过规定米数）、规定天数内先前发现过的，或登记为反复隐患的；后一条算反复。没有类型、日期或自己的位置，"
        "而旁边又有可比的记录，算不明；系统疑似和不属实的不适用，也不作为先前的一次",
        "hazards of the same type at the same place (the same building, or points no farther apart than so many metres) as one found not more than so many days before, "
        "or recorded as reopening one; the later one counts. Without a type, a day or a place of its own it is unknown where another record might be the same; candidates and "
        "rejected ones do not apply, nor do they count as an earlier one",
    ),
    subject="hazards",
    group=GROUP_HAZARDS,
    reads=READS,
    answer=_repeated,
    sentence=Text(
        "{total} 处隐患：{days} 天内同一处（{distance} 米内或同一栋楼）反复出现 {yes}，不明 {unknown}",
        "{total} hazards: found again at the same place (within {distance} m or in the same building) within {days} days {yes}, unknown {unknown}",
    ),
    parameters=(
        Parameter("days", "number", None, Text("多少天内", "Within days"), unit=Text("天", "days"), above=0, maximum=3650, figure="repeat_days"),
        Parameter("distance", "number", None, Text("多少米内", "Within metres"), unit=Text("米", "m"), above=0, maximum=500, figure="repeat_m"),
        AS_OF,
    ),
    extra_fields=(Field("earlier_code", "text", Text("先前的隐患", "The earlier one"), public=True),),
)  # fmt: skip
