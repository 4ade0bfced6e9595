"""The layer and the question `findings`: a row for every rule and feature, with what a planner needs to defend it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

import layers
from geo.questions.declaration import ANSWERS, Verdicts
from geo.questions.findings import FINDINGS
from geo.rules import findings
from geo.rules.comparison import compared
from tests.geo.fake_frames import FakeFrames, FakeView, box, line
from tests.geo.rules.made_rules import WIDTH, made, profile, text_of, view_of

__all__ = ["made"]
pytestmark = pytest.mark.usefixtures("made")

COMPOUNDS = [
    {"id": 1, "code": "A1", "name": "南苑小区", "community": "南社区", "geometry": box(0, 0, 100, 100)},
    {"id": 2, "code": "A2", "name": "北苑小区", "community": "北社区", "geometry": box(100, 0, 200, 100)},
]
LANES: list[dict[str, Any]] = [
    {"id": 1, "code": "L1", "name": "一巷", "clear_width_m": 3.4, "compound_code": "A2", "geometry": line((10, 10), (50, 10))},
    {"id": 2, "code": "L2", "clear_width_m": 2.5, "geometry": line((10, 20), (50, 20))},
    {"id": 7, "clear_width_m": 4.0, "geometry": line((500, 0), (510, 0))},
    {"id": 9, "code": "L9", "clear_width_m": None},
]
SHOPS: list[dict[str, Any]] = [
    {"id": 1, "code": "S1", "name": "小店", "lpg_kg": 2000.0, "geometry": shapely.Point(0, 0)},
    {"id": 2, "code": "S2", "lpg_kg": 101.0},
]
HAZARDS = [{"id": 1, "code": "H1", "community": "西社区", "due_date": "2026-11-20"}, {"id": 2, "code": "H2", "due_date": "2026-12-20"}]


def frames(**contents: Any) -> FakeFrames:
    kept = {"compounds": COMPOUNDS, "fire_lanes": LANES, "shops": SHOPS, "hazards": HAZARDS}
    return FakeFrames({**kept, "buildings": [{"id": 2, "code": "B2", "compound_code": "A1"}], **contents})


def asked(view: FakeView, **parameters: Any) -> Verdicts:
    return FINDINGS.answer(view, {**FINDINGS.defaults, **parameters})


def test_the_frame_is_as_the_layer_declares() -> None:
    found, metric = findings.rows(view_of(frames()))
    declared = next(layer for layer in layers.DERIVED if layer.id == "findings")
    assert list(found.columns) == [*(f.name for f in declared.all_fields), "geometry"]
    assert found["version"].dtype == np.int64
    assert found["target_id"].dtype == found["accuracy_m"].dtype == np.float64
    assert {found[f.name].dtype.kind for f in declared.all_fields if not f.is_numeric} == {"O"}
    assert found.crs == "EPSG:4326"
    assert len(metric) == len(found) == 9


def test_an_id_is_that_of_the_feature_and_the_number_of_the_rule() -> None:
    found, _ = findings.rows(view_of(frames()))
    assert list(found.index) == [1901, 1903, 1904, 2901, 2902, 2903, 2904, 7901, 9901]


def test_a_row_says_what_of_whom_where_and_by_what() -> None:
    found, _ = findings.rows(view_of(frames()))
    row = found.loc[1901].drop("geometry").dropna().to_dict()
    assert row == {
        "code": "T-01/L1", "title": "T-01 宽度", "rule": "T-01", "severity": "high", "works": "basic", "target_layer": "fire_lanes", "target_id": 1.0,
        "target_code": "L1", "target_name": "一巷", "compound_code": "A2", "community": "北社区", "sure": "A", "profile": "cn_gb",
        "profile_version": "2026.1", "version": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("id", "compound", "community"),
    [
        (1901, "A2", "北社区"),
        (2901, "A1", "南社区"),
        (7901, None, None),
        (9901, None, None),
        (2902, "A1", "南社区"),
        (1904, None, "西社区"),
    ],
    ids=["the one it names", "the one it lies in", "outside all", "unplaced", "a building", "its own community"],
)
def test_where_a_finding_belongs(id: int, compound: str | None, community: str | None) -> None:
    found, _ = findings.rows(view_of(frames()))
    assert (found["compound_code"][id], found["community"][id]) == (compound, community)


@pytest.mark.parametrize(
    ("id", "severity"),
    [(1901, "high"), (2901, "critical"), (7901, None), (9901, None), (1903, "critical"), (2903, "high"), (1904, "info")],
    ids=["second band", "first band", "passes", "unknown", "the rule's own", "not the rule's own", "the profile's"],
)
def test_severity(id: int, severity: str | None) -> None:
    found, _ = findings.rows(view_of(frames()))
    assert found["severity"][id] == severity


def test_a_failure_lies_where_it_was_found_and_the_rest_on_its_feature() -> None:
    found, metric = findings.rows(view_of(frames()))
    at = dict(zip(found.index, metric, strict=True))
    start = view_of(frames()).metric("fire_lanes")
    assert at[1901].distance(start[0].interpolate(1.0)) < 1e-6
    assert at[7901].distance(start[2].interpolate(0.5, normalized=True)) < 1e-5
    assert at[9901] is None
    assert found.geometry[9901] is None
    assert found.geometry[1901].distance(shapely.get_point(LANES[0]["geometry"], 0)) < 2e-5


def test_answers_are_the_results() -> None:
    view = view_of(frames())
    verdicts = asked(view)
    assert [ANSWERS[code] for code in verdicts.answer] == ["yes", "yes", "yes", "yes", "no", "yes", "no", "no", "unknown"]
    assert verdicts.column("value", None)[:2].tolist() == [3.4, 2000.0]
    assert verdicts.column("threshold", np.array([0]))[0] == 4.0
    assert [u and u.en for u in verdicts.column("unit", np.array([0, 1, 2]))] == ["m", "kg", None]
    assert list(verdicts.column("basis", np.array([0, 2, 4]))) == ["declared", None, "inferred"]
    assert verdicts.column("statement", np.array([0]))[0].zh == "要求T-01"


def test_sentences_are_in_the_order_that_is_asked_for() -> None:
    verdicts = asked(view_of(frames()))
    rows = np.array([3, 2, 0])
    assert verdicts.why(rows, "zh") == ["zh 2: 2.5", "2026-11-22", "zh 1: 3.4"]
    assert verdicts.why(np.array([1]), "en") == ["kg (provided that: registered)"]


def test_the_summary_counts_every_rule_of_the_rows() -> None:
    verdicts = asked(view_of(frames()))
    whole = verdicts.summary(np.arange(9))
    assert whole["rules"]["T-01"] == {"pass": 1, "fail": 2, "unknown": 1, "na": 0}
    assert whole["severities"] == {"critical": 2, "high": 2, "medium": 0, "low": 0, "info": 1}
    assert verdicts.summary(np.array([0]))["rules"] == {"T-01": {"pass": 0, "fail": 1, "unknown": 0, "na": 0}}


@pytest.mark.parametrize(
    ("parameters", "among"),
    [
        ({}, None),
        ({"rule": "T-03"}, [1903, 2903]),
        ({"severity": "critical"}, [1903, 2901]),
        ({"rule": "T-01", "severity": "high"}, [1901, 2901]),
    ],
)
def test_parameters_choose_rows(parameters: dict[str, Any], among: list[int] | None) -> None:
    view = view_of(frames())
    chosen = asked(view, **parameters).among
    assert (None if chosen is None else list(findings.table(view).ids[chosen])) == among


def test_what_another_day_changes() -> None:
    view = view_of(frames())
    verdicts = asked(view, compare_as_of="2027-01-01")
    assert verdicts.among is not None
    assert list(findings.table(view).ids[verdicts.among]) == [2904]
    assert list(verdicts.column("before", np.flatnonzero(verdicts.among))) == ["fail"]


def test_two_profiles_side_by_side() -> None:
    at = frames()
    strict = findings.table(view_of(at))
    at.kept.clear()
    lenient = findings.table(view_of(at, profile=profile(**{"T-03": None})))
    changes = compared(lenient, strict)
    assert changes.by_rule == {"T-03": {("absent", "fail"): 2}}
    assert changes.listed()[0] == {"id": 1903, "rule": "T-03", "target_id": 1, "before": "absent", "after": "fail"}
    assert list(changes.within(np.array([2903])).ids) == [2903]


class TestFingerprints:
    def prints(self, at: FakeFrames, **said: Any) -> dict[int, str]:
        view = view_of(at, **said)
        table = findings.table(view)
        return dict(zip(map(int, table.ids), asked(view).column("fingerprint", None), strict=True))

    def test_sixteen_hexadecimal_digits_that_stay(self) -> None:
        one, two = self.prints(frames()), self.prints(frames())
        assert one == two
        assert {len(p) for p in one.values()} == {16}
        assert len(set(one.values())) == len(one)

    def test_a_change_shows_in_what_it_is_an_input_of(self) -> None:
        """T-01 looks at its lane only, T-02 at all lanes, T-03 and T-04 at none."""
        at = frames()
        before = self.prints(at)
        at.put("fire_lanes", [{**LANES[0], "clear_width_m": 3.3}, *LANES[1:]], {1})
        after = self.prints(at)
        assert {id for id in before if before[id] != after[id]} == {1901}
        at.put("fire_lanes", LANES[1:], {1})
        last = self.prints(at)
        assert {id for id in last if last[id] != after[id]} == {2902}

    def test_day_and_profile_show(self) -> None:
        at = frames()
        before = self.prints(at)
        later = self.prints(at, as_of="2026-11-23")
        assert {id for id in before if before[id] != later[id]} == {1904, 2904}
        at.kept.clear()
        other = self.prints(at, profile=profile(**{"T-01": text_of(WIDTH, severity="low")}))
        assert {id % 1000 for id in before if before[id] != other[id]} == {901}


def test_an_empty_store_gives_an_empty_table() -> None:
    found, metric = findings.rows(view_of(FakeFrames({})))
    assert len(found) == len(metric) == 0
    assert asked(view_of(FakeFrames({}))).summary(np.arange(0))["rules"] == {}


def test_only_what_changed_is_made_again() -> None:
    at = frames()
    before = findings.table(view_of(at))
    at.put("shops", [{**SHOPS[0], "lpg_kg": 1.0}, SHOPS[1]], {1})
    after = findings.table(view_of(at))
    assert [a is b for a, b in zip(before.blocks, after.blocks, strict=True)] == [True, True, False, True]
    assert after.frame["severity"][2903] == "high"
    assert after.frame["severity"][1903] is None
