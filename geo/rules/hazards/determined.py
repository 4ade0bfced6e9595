"""HZ-05: a hazard is major only where people determined so, and that is on record."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.errors import Text
from geo.questions.columns import texts
from geo.questions.declaration import View
from geo.questions.hazards import words
from geo.questions.hazards.ledger import filled_in
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, nothing
from geo.rules.judging import DECLARED, based, lacking, own, sentences

_FIELDS = (
    ("determination_by", Text("判定人", "who determined it")),
    ("determination_on", Text("判定日期", "when")),
    ("determination_basis", Text("判定依据", "on what basis")),
)


def _determined(view: View) -> Judgement:
    frame = view.frame("hazards")
    count, grade = len(frame), texts(frame, "grade")
    rejected = np.asarray(texts(frame, "status") == "rejected", dtype=bool)
    major, ungraded = np.asarray(grade == "major", dtype=bool) & ~rejected, np.asarray(pd.isna(grade), dtype=bool) & ~rejected
    said = np.stack([filled_in(frame, name) for name, _ in _FIELDS])
    result = np.full(count, NA, dtype=np.int8)
    result[ungraded] = UNKNOWN
    result[major] = np.select([said[:, major].all(axis=0), said[:, major].any(axis=0)], [PASS, UNKNOWN], FAIL)
    partial = (result == UNKNOWN) & major
    lacks = lacking(
        count,
        ("hazards", "grade", ungraded, own(count)),
        *(("hazards", name, partial & ~said[at], own(count)) for at, (name, _) in enumerate(_FIELDS)),
    )

    def told(row: int) -> Text:
        if rejected[row]:
            return words.NOT_A_HAZARD[False]
        if ungraded[row]:
            return Text("没有登记等级", "its grade is not on record")
        if not major[row]:
            return Text("没有登记为重大", "not recorded as major")
        missing = [name for at, (_, name) in enumerate(_FIELDS) if not said[at, row]]
        if not missing:
            return Text(
                "登记为重大，判定人、日期和依据齐全；人数没有登记，未查",
                "recorded as major, with who determined it, when and on what basis; how many they were is not on record and not checked",
            )
        if result[row] == FAIL:
            return Text(
                "判定为重大须有集体讨论或专家论证记录，台账里没有；在此之前按疑似对待，提请核定",
                "a hazard is major only by a collective discussion or experts on record, and there is none: suspected, refer for determination",
            )
        zh, en = "、".join(t.zh for t in missing), ", ".join(t.en for t in missing)
        return Text(f"登记为重大，判定记录缺{zh}", f"recorded as major; its determination does not say {en}")

    return Judgement(
        result, nothing(count), nothing(count), based(count, DECLARED, (result == PASS) | (result == FAIL)), sentences(told), lacks=lacks
    )


DETERMINED = Rule(
    id="HZ-05", number=605, title=Text("重大隐患须由人判定", "A major hazard is determined by people"), subject="hazards", reads=("hazards",),
    judge=_determined, by_row=True,
)  # fmt: skip
