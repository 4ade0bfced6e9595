"""The rule on gas pipes that are to be renewed."""

from __future__ import annotations

import numpy as np

from geo.errors import Text
from geo.gas import renewal as renew
from geo.questions.columns import numbers, texts
from geo.questions.declaration import BASES, View
from geo.rules.declaration import FAIL, PASS, UNKNOWN, Judgement, Rule, limit
from geo.rules.gas.lacking import Lacking

_DECLARED = BASES.index("declared")


def listed(view: View) -> renew.Renewal:
    mains = view.frame("gas_mains")
    return renew.renewal(
        texts(mains, "material"), numbers(mains, "built_year"), texts(mains, "renewed"),
        year=float(view.as_of[:4]), from_years=view.profile["pipe_age_years"],
    )  # fmt: skip


def _renewal(view: View) -> Judgement:
    """GA-06. That an old steel or PE pipe was assessed as unsafe is on record nowhere: it stays open."""
    found, years = listed(view), view.profile["pipe_age_years"]
    result = np.array([FAIL, PASS, UNKNOWN], dtype=np.int8)[found.listed]
    aged = np.isin(found.reason, (renew.AGED, renew.YOUNG))
    lacking = Lacking(len(result))
    lacking.add("gas_mains", "material", found.reason == renew.NO_MATERIAL)
    lacking.add("gas_mains", "built_year", found.reason == renew.NO_YEAR)
    return Judgement(
        result=result,
        measured=found.age,
        threshold=np.where(aged, limit(len(result), years), np.nan),
        basis=np.where(np.isnan(found.age), -1, _DECLARED).astype(np.int8),
        why=lambda rows, lang: [_renewal_words(found, years, row).of(lang) for row in rows.tolist()],
        lacks=lacking.lacks(),
    )


def _renewal_words(found: renew.Renewal, years: float, row: int) -> Text:
    reason, age = found.reason[row], found.age[row]
    old = "" if np.isnan(age) else f"{age:.0f}"
    return {
        renew.RENEWED: Text("已更新，不在更新改造之列", "renewed: not on the renewal list"),
        renew.GREY_IRON: Text("灰口铸铁管，属更新改造对象", "grey cast iron: on the renewal list"),
        renew.DUCTILE_IRON: Text(
            "球墨铸铁管，是否须更新要看评估，评估结果没有登记", "ductile iron: the assessment decides, and none is on record"
        ),
        renew.AGED: Text(
            f"管龄 {old} 年，满 {years:g} 年，是否须更新要看评估，评估结果没有登记",
            f"{old} years old, from {years:g} years on the assessment decides, and none is on record",
        ),
        renew.YOUNG: Text(f"管龄 {old} 年，不满 {years:g} 年", f"{old} years old, less than {years:g} years"),
        renew.NO_MATERIAL: Text("材质没有登记，是否须更新不明", "material not on record: whether it is to be renewed is not known"),
        renew.NO_YEAR: Text(
            "敷设年份没有登记，或晚于截至日期，管龄不明", "year laid not on record, or still to come: its age is not known"
        ),
    }[int(reason)]


RENEWAL = Rule(
    "GA-06", 306, Text("燃气管更新改造对象", "Gas pipe to be renewed"), "gas_mains", ("gas_mains",), _renewal, unit=Text("年", "years"),
    figures=("pipe_age_years",), dated=True, by_row=True, internal=True,
)  # fmt: skip
