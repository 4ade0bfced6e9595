"""The rules on e-bikes and on the age of compounds beside their tables of cases: what a result lacks and what it was judged by."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geo.profile import RuleText
from geo.rules.compounds import COMPOUNDS
from geo.rules.ebikes import EBIKES
from geo.rules.water import WATER
from tests.geo.fake_frames import PROFILES
from tests.geo.rules.cases_compounds import built
from tests.geo.rules.cases_ebikes import beside, hazard, large, on_lane, point, yard
from tests.geo.rules.rule_cases import Case, Want, judged

RULES = (*WATER, *EBIKES, *COMPOUNDS)


LACKING: dict[str, tuple[str, Any, tuple[Any, int]]] = {
    "the status of a hazard": ("EB-01", hazard("candidate"), (("hazards", "status"), 0)),
    "its type": ("EB-02", hazard("notified", None), (("hazards", "hazard_type"), 0)),
    "the outline of a shed": ("EB-03", beside(9.0, geometry=point(0, 0)), (("amenities", "geometry"), 0)),
    "the ports of a compound": ("EB-04", yard(100, None), (("compounds", "ebike_ports_n"), 0)),
    "its households": ("EB-04", yard(None, 50), (("compounds", "households"), 0)),
    "whether there is video": ("EB-06", large(area_m2=300), (("amenities", "has_video"), 0)),
    "the capacity of a shed": ("EB-06", large(area_m2=150, has_video=False), (("amenities", "capacity"), 0)),
    "the width of a lane": ("EB-07", on_lane(1.5, None), (("fire_lanes", "clear_width_m"), 0)),
    "the year of a compound": ("OC-01", built(None), (("compounds", "built_year"), 0)),
    "the basis of its years": ("OC-01", built(1998, 2003, "estimate"), (("compounds", "built_year_basis"), 0)),
    "the proof of its year": ("OC-02", built(1990, None, None), (("compounds", "built_year_basis"), 0)),
}


@pytest.mark.parametrize(("rule", "layers", "wanted"), LACKING.values(), ids=LACKING)
def test_what_is_lacking(rule: str, layers: Any, wanted: tuple[Any, int]) -> None:
    found = judged(Case(rule, "lacks", layers, Want("unknown")))[0].lacks
    assert found is not None
    assert (found.kinds[found.kind[0]], int(found.row[0])) == wanted


def test_the_buildings_of_a_compound_are_looked_at_only_where_its_own_years_do_not_tell() -> None:
    for years, wanted in (((1990,), []), ((None, None, None, 1990, 2001), [("buildings", 0), ("buildings", 1)])):
        involved = judged(Case("OC-01", "involved", built(*years), Want("fail")))[0].involved
        assert involved is not None
        assert involved(np.array([0])) == [wanted]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_on_no_features_gives_no_results(rule: Any) -> None:
    judgement, _ = judged(Case(rule.id, "empty", {}, Want("na")))
    assert len(judgement.result) == len(judgement.measured) == len(judgement.threshold) == len(judgement.basis) == 0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_words_that_only_people_may_use(rule: Any) -> None:
    text: RuleText = PROFILES["cn_gb"].rules[rule.id]
    for said in (text.statement.zh, text.statement.en, rule.title.zh, rule.title.en):
        assert not any(word in said for word in ("违法", "重大", "illegal"))
