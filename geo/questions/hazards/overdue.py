"""`hazards-overdue`: which hazards are past the day by which they had to be put right, by working days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.hazards.overdue import LATE, NOT_ONE, NOT_YET
from geo.questions.declaration import AS_OF, BASES, GROUP_HAZARDS, NA, NO, UNKNOWN, YES, Question, Verdicts, View, filled, named
from geo.questions.hazards import words
from geo.questions.hazards.ledger import ledger
from geo.questions.shown import objects
from geo.schema import Field

Ints = NDArray[np.int64]

_DECLARED = BASES.index("declared")


def _overdue(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    held = ledger(view)
    late = held.overdue
    answer = np.where(
        late.state == LATE, YES, np.where(late.unknown, UNKNOWN, np.where(np.isin(late.state, (NOT_ONE, NOT_YET)), NA, NO))
    ).astype(np.int8)
    counted = ~np.isnan(late.working_days)

    def column(name: str, rows: Ints | None) -> NDArray[Any]:
        at = np.arange(len(answer)) if rows is None else rows
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: late.working_days[at],
            "threshold": lambda: np.where(counted[at], 0.0, np.nan),
            "unit": lambda: filled(words.CALENDAR_UNIT, len(at)),
            "basis": lambda: named(np.where(np.isin(answer[at], (YES, NO)), _DECLARED, -1), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "deadline": lambda: objects([None if np.isnat(d) else words.day(d) for d in late.deadline[at]]),
            "days": lambda: np.where(late.state[at] == LATE, late.days[at], np.nan),
        }
        return made[name]()

    def summary(rows: Ints) -> dict[str, Any]:
        mine = late.working_days[rows[answer[rows] == YES]]
        return {"worst_working_days": int(mine.max()) if len(mine) else None}

    return Verdicts(answer, column, lambda rows, lang: [words.overdue_words(held, int(row)).of(lang) for row in rows], summary=summary)


HAZARDS_OVERDUE = Question(
    id="hazards-overdue",
    title=Text("哪些隐患逾期未整改", "Overdue hazards"),
    help=Text(
        "截至日期已过整改期限（有延期看延期；期限不是工作日的顺延到下一个工作日）而尚未销号的隐患，按国务院放假安排计工作日。待复查的仍算未销号；"
        "系统疑似和不属实的不适用；没有状态、没有期限，或年份不在工作日日历内的不明",
        "hazards that are not closed though the day is past their deadline (the extended one if there is one; a deadline that is no working day moves to the next), "
        "in working days by the State Council's calendar. Awaiting review counts as not closed; candidates and rejected ones do not apply; without a status or a "
        "deadline, or in a year that the calendar does not hold, it is unknown",
    ),
    subject="hazards",
    group=GROUP_HAZARDS,
    reads=("hazards",),
    answer=_overdue,
    sentence=Text("{total} 处隐患：逾期未整改 {yes}，未逾期或已销号 {no}，不明 {unknown}", "{total} hazards: overdue {yes}, not overdue or closed {no}, unknown {unknown}"),
    parameters=(AS_OF,),
    extra_fields=(
        Field("deadline", "date", Text("期限（顺延后）", "Deadline, as moved"), public=True),
        Field("days", "number", Text("逾期天数", "Days overdue"), public=True),
    ),
)  # fmt: skip
