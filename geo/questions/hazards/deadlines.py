"""`deadlines-missed`: for which hazards a legal deadline of the work on them was missed, and by how many working days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.hazards import terms
from geo.questions.declaration import AS_OF, BASES, GROUP_HAZARDS, NA, NO, UNKNOWN, YES, Question, Verdicts, View, filled, named
from geo.questions.hazards import words
from geo.questions.hazards.legal import NAMED, NAMES, Legal, legal
from geo.questions.shown import objects
from geo.schema import Field

Ints = NDArray[np.int64]

_DECLARED = BASES.index("declared")
_JOINT = Text("；", "; ")


def _missed(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    found = legal(view)
    state, over = np.stack([t.state for t in found.terms]), np.stack([t.over for t in found.terms])
    missed = state == terms.MISSED
    answer = np.full(state.shape[1], NO, dtype=np.int8)
    answer[(state == terms.NOT_ASKED).all(axis=0)] = NA
    answer[(state == terms.UNKNOWN).any(axis=0)] = UNKNOWN
    answer[missed.any(axis=0)] = YES
    worst = np.fmax.reduce(over)

    def column(name: str, rows: Ints | None) -> NDArray[Any]:
        at = np.arange(len(answer)) if rows is None else rows
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: worst[at],
            "threshold": lambda: np.where(np.isnan(worst[at]), np.nan, 0.0),
            "unit": lambda: filled(words.CALENDAR_UNIT, len(at)),
            "basis": lambda: named(np.where(np.isin(answer[at], (YES, NO)), _DECLARED, -1), BASES),
            "re_measure": lambda: filled(False, len(at)),
            "missed": lambda: objects([_list(missed[:, row]) for row in at]),
        }
        return made[name]() if name in made else over[NAMES.index(name.removesuffix("_over"))][at]

    def summary(rows: Ints) -> dict[str, Any]:
        return {"missed": {name: int(np.count_nonzero(missed[i, rows])) for i, name in enumerate(NAMES)}}

    return Verdicts(answer, column, lambda rows, lang: [_why(found, state[:, row], int(row)).of(lang) for row in rows], summary=summary)


def _list(missed: NDArray[np.bool_]) -> Text | None:
    which = [NAMED[i] for i in np.flatnonzero(missed)]
    return Text("、".join(t.zh for t in which), ", ".join(t.en for t in which)) if which else None


def _why(found: Legal, state: NDArray[np.int8], row: int) -> Text:
    """Every deadline that applies, the missed ones first; where none does, why."""
    order = (terms.MISSED, terms.UNKNOWN, terms.RUNNING, terms.MET)
    said = [found.words(int(which), row) for wanted in order for which in np.flatnonzero(state == wanted)] or [found.words(0, row)]
    return Text(_JOINT.zh.join(t.zh for t in said), _JOINT.en.join(t.en for t in said))


DEADLINES_MISSED = Question(
    id="deadlines-missed",
    title=Text("哪些法定时限没有守住", "Legal deadlines missed"),
    help=Text(
        "按工作日计：检查后送达责令改正通知书，期限届满或申请后复查，重大火灾隐患报告政府（专家论证可延长）和判定后送达通知书。还没有做而时限未到的算未超；"
        "截至日期以后才有的日期当作还没有；做没做、哪天做的没有登记而时限已过的不明；系统疑似和不属实的不适用",
        "in working days: the order to put it right after the inspection, the re-inspection after the deadline or the request, and for a major fire hazard the report to the "
        "government (longer where experts are heard) and the notice after its determination. Not done while there is still time is not missed; days after the one asked for "
        "count as not there yet; where the time is over and the ledger does not say whether or when it was done, it is unknown; candidates and rejected ones do not apply",
    ),
    subject="hazards",
    group=GROUP_HAZARDS,
    reads=("hazards",),
    answer=_missed,
    sentence=Text("{total} 处隐患：有法定时限超期的 {yes}，未超 {no}，不明 {unknown}", "{total} hazards: with a legal deadline missed {yes}, none missed {no}, unknown {unknown}"),
    parameters=(AS_OF,),
    extra_fields=(
        Field("missed", "text", Text("超期的时限", "Which were missed"), public=True),
        Field("notice_over", "number", Text("通知书超期工作日", "Order late by"), public=True),
        Field("review_over", "number", Text("复查超期工作日", "Re-inspection late by"), public=True),
        Field("report_over", "number", Text("报告超期工作日", "Report late by"), public=True),
        Field("major_notice_over", "number", Text("重大通知书超期工作日", "Major notice late by"), public=True),
    ),
)  # fmt: skip
