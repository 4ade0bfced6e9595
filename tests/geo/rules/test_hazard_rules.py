"""The rules on the hazard ledger, where a table of cases (`cases_hazards`) does not tell: no ledger, and several rows together."""

from __future__ import annotations

import numpy as np
import pytest

from geo.rules.declaration import RESULTS
from geo.rules.hazards import HAZARDS
from tests.geo.fake_frames import FakeFrames
from tests.geo.rules.cases_hazards import CASES

RULES = pytest.mark.parametrize("rule", HAZARDS, ids=lambda rule: rule.id)


@RULES
def test_an_empty_ledger_has_no_results(rule) -> None:  # type: ignore[no-untyped-def]
    assert len(rule.judge(FakeFrames({}).view(*rule.reads)).result) == 0


@RULES
def test_a_row_is_judged_by_itself(rule) -> None:  # type: ignore[no-untyped-def]
    """All cases of a rule for one day in one ledger come to what each comes to alone: nothing leaks from row to row."""
    mine = [case for case in CASES if case.rule == rule.id and len(case.layers["hazards"]) == 1 and case.as_of == "2026-11-22"]
    found = rule.judge(FakeFrames({"hazards": [case.layers["hazards"][0] for case in mine]}).view(*rule.reads))
    assert [RESULTS[r] for r in found.result] == [case.want.result for case in mine]
    assert all(found.why(np.arange(len(mine)), "en"))
    assert found.lacks is None or all(found.result[found.lacks.kind >= 0] == RESULTS.index("unknown"))
