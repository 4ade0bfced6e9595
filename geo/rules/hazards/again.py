"""HZ-07: the same type does not come back at the same place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geo.errors import Text
from geo.hazards import repeats
from geo.questions.columns import texts
from geo.questions.declaration import View
from geo.questions.hazards import words
from geo.questions.hazards.ledger import READS, ledger, own_points, repeated
from geo.questions.hazards.repeated import Telling
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, limit
from geo.rules.judging import DECLARED, also, based, lacking, own

_RESULT = np.array([PASS, FAIL, UNKNOWN, NA], dtype=np.int8)
"""By `Repeats.state`."""


def _again(view: View) -> Judgement:
    days, metres = view.profile["repeat_days"], view.profile["repeat_m"]
    found, frame = repeated(view, days=days, metres=metres), view.frame("hazards")
    result, count = _RESULT[found.state], len(frame)
    told = (result == PASS) | (result == FAIL)
    unknown, other = result == UNKNOWN, found.earlier
    kinds = texts(frame, "hazard_type")
    untyped = np.asarray(pd.isna(kinds) | (kinds == repeats.UNLIKE), dtype=bool)
    undated, homeless = pd.isna(texts(frame, "found_on")), pd.isna(texts(frame, "building_code")) & shapely.is_missing(own_points(view))
    theirs = unknown & (other >= 0)
    lacks = lacking(
        count,
        ("hazards", "hazard_type", unknown & untyped, own(count)),
        ("hazards", "found_on", unknown & undated, own(count)),
        ("hazards", "geometry", unknown & homeless, own(count)),
        ("hazards", "hazard_type", theirs & untyped[other], other),
        ("hazards", "geometry", theirs & homeless[other], other),
    ) if count else None  # fmt: skip
    telling = Telling(view, found, ledger(view), days, metres)
    measured = np.where(result == FAIL, found.days, np.nan)
    threshold = np.where(told, limit(count, days), np.nan)
    return Judgement(result, measured, threshold, based(count, DECLARED, told), telling.why, lacks=lacks, involved=also("hazards", other))


AGAIN = Rule(
    id="HZ-07", number=607, title=Text("同类隐患反复出现", "The same hazard again"), subject="hazards", reads=READS, judge=_again, unit=words.DAYS_UNIT,
    figures=("repeat_days", "repeat_m", "assign_m"), dated=True,
)  # fmt: skip
