"""Every rule of the book has hand-made cases around its threshold, and says what the field says: figures, severity, source, how sure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path

import pytest

from geo.rules.book import NOT_CARRIED, RULES
from tests.geo.fake_frames import PROFILE
from tests.geo.rules.rule_cases import NAMES, Case, check

FAMILIES = [import_module(f"tests.geo.rules.{path.stem}") for path in sorted(Path(__file__).parent.glob("cases_*.py"))]
CASES: tuple[Case, ...] = tuple(case for family in FAMILIES for case in family.CASES)
ABSENT: Mapping[str, Mapping[str, str]] = {rule: names for family in FAMILIES for rule, names in family.ABSENT.items()}


def ids(start: str, *numbers: str) -> list[str]:
    return [f"{start}-{number}" for number in numbers]


FIELD = [
    *ids("FA", "01", "02", "03a", "03b", "03c", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21"),
    *ids("HY", "01", "02", "03", "04", "05", "06", "07", "08"),
    *ids("ST", "01", "02"),
    *ids("EB", "01", "02", "03", "04", "05", "06", "07"),
    *ids("GA", "01", "02", "02r", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14"),
    *ids("OC", "01", "02", "03"),
    *ids("HZ", "01", "02", "03", "04", "05", "06", "07"),
    *ids("DA", "01", "02", "03"),
]  # fmt: skip
"""Every rule that the field knows, by hand."""

OWN = {"HY-06b"}
"""Second halves of rules that measure two things."""


def without_cases(rules: Iterable[str], cases: Iterable[Case], absent: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What is missing: "rule name" of each name that has neither a case nor a reason."""
    there = {(case.rule, case.name) for case in cases}
    return [f"{rule} {name}" for rule in rules for name in NAMES if (rule, name) not in there and not absent.get(rule, {}).get(name)]


def not_judged(field: Iterable[str], carried: Iterable[str], left_out: Iterable[str]) -> list[str]:
    """Rules of the field that are neither judged nor left out for a reason."""
    known = {*carried, *left_out}
    return [rule for rule in field if rule not in known]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_is_judged_as_worked_out_by_hand(case: Case) -> None:
    check(case)


def test_every_rule_has_a_case_below_at_and_above_its_threshold_one_unknown_and_one_not_concerned() -> None:
    assert without_cases((rule.id for rule in RULES), CASES, ABSENT) == []


def test_a_rule_without_a_case_is_found() -> None:
    """Without this the test above could be blind."""
    rule, left = "FA-01", [case for case in CASES if (case.rule, case.name) != ("FA-01", "exactly")]
    assert without_cases([rule], left, ABSENT) == ["FA-01 exactly"]
    assert without_cases([rule], left, {rule: {**ABSENT[rule], "exactly": ""}}) == ["FA-01 exactly"]
    assert without_cases([rule], left, {rule: {**ABSENT[rule], "exactly": "it has no threshold"}}) == []
    assert without_cases(["XX-99"], CASES, ABSENT) == [f"XX-99 {name}" for name in NAMES]


def test_a_case_and_a_reason_for_its_absence_exclude_one_another() -> None:
    there = {(case.rule, case.name) for case in CASES}
    assert [f"{rule} {name}" for rule, names in ABSENT.items() for name in names if (rule, name) in there] == []


def test_cases_and_reasons_are_of_rules_of_the_book() -> None:
    known = {rule.id for rule in RULES}
    assert {case.rule for case in CASES} | set(ABSENT) <= known
    assert all(reason.strip() for names in ABSENT.values() for reason in names.values())


def test_every_rule_of_the_field_is_judged_or_left_out_for_a_reason() -> None:
    assert not_judged(FIELD, (rule.id for rule in RULES), (id for id, _ in NOT_CARRIED)) == []
    assert not_judged([*FIELD, "FA-99"], (rule.id for rule in RULES), (id for id, _ in NOT_CARRIED)) == ["FA-99"]
    assert {rule.id for rule in RULES} <= {*FIELD, *OWN}
    assert all(text.zh and text.en for _, text in NOT_CARRIED)


def test_no_rule_is_both_judged_and_left_out() -> None:
    assert {rule.id for rule in RULES} & {id for id, _ in NOT_CARRIED} == set()


def test_the_book_and_the_default_profile_have_the_same_rules() -> None:
    left_out = {id for id, _ in NOT_CARRIED}
    assert {rule.id for rule in RULES} == set(PROFILE.rules) - left_out


def test_numbers_and_ids_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len({rule.number for rule in RULES}) == len(RULES)


# What the field says of each rule, written down by hand: figures of the profile with their values, severity, how sure, and a part of the source.
SAID: dict[str, tuple[dict[str, float], str, str, str]] = {
    "FA-01": ({"lane_width_m": 4.0}, "medium", "B", "GB 50016-2014(2018) 7.1.8(1)"),
    "FA-02": ({"lane_height_m": 4.0}, "high", "B", "GB 50016-2014(2018) 7.1.8(1)"),
    "FA-03a": ({"lane_slope_pct": 10.0}, "high", "A", "GB 55037-2022 3.4.5"),
    "FA-03b": ({"lane_slope_recommended_pct": 8.0}, "low", "B", "GB 50016 7.1.8(5)"),
    "FA-04": ({"turn_radius_m": 9.0, "turn_radius_aerial_m": 12.0}, "medium", "B", "GB 50016 7.1.8(2)"),
    "FA-05": ({"lane_wall_m": 5.0}, "low", "B", "GB 50016 7.1.8(4)"),
    "FA-06": ({"dead_end_m": 40.0}, "high", "A", "GB 55037-2022 3.4.5"),
    "FA-07": ({"turnaround_m": 12.0, "turnaround_high_rise_m": 15.0, "turnaround_heavy_m": 18.0}, "medium", "A", "GB 50016 7.1.9"),
    "FA-08": ({}, "medium", "B", "GB 50016 7.1.9"),
    "FA-09": ({}, "high", "A", "GB 55037 3.4.5"),
    "FA-10": ({"road_spacing_m": 160.0}, "low", "A", "GB 50016 7.1.1"),
    "FA-11": ({"long_front_m": 150.0, "long_total_m": 220.0}, "medium", "B", "GB 50016 7.1.1"),
    "FA-12": ({"courtyard_m": 24.0}, "low", "B", "GB 50016 7.1.4"),
    "FA-14": ({"ring_connections": 2.0}, "medium", "B", "GB 50016 7.1.9"),
    "FA-15": ({}, "high", "C", "GB 55037-2022 3.4.3"),
    "FA-16": ({"lane_width_m": 4.0}, "medium", "C", "GB 55037-2022 3.4.1"),
    "FA-17": ({"lane_width_m": 4.0, "lane_height_m": 4.0}, "high", "B", "3.5 m between gate piers"),
    "FA-18": ({"lane_width_m": 4.0, "parking_strip_m": 2.2}, "high", "C", "art. 28, fine art. 60 (C)"),
    "FA-19": ({}, "low", "A", "应急消〔2019〕334号"),
    "FA-21": ({"blocked_hazard_m": 5.0}, "high", "A", "GB 35181-2017 7.1.1"),
    "HY-01": ({"hydrant_m": 150.0}, "high", "A", "GB 50974-2014 7.2.5"),
    "HY-02": ({"hydrant_spacing_m": 120.0}, "medium", "B", "GB 50974-2014 7.2.5"),
    "HY-03": ({"hydrant_kerb_least_m": 0.5, "hydrant_kerb_most_m": 2.0}, "low", "A", "GB 50974-2014 7.2.6"),
    "HY-04": ({"hydrant_wall_m": 5.0}, "low", "A", "GB 50974-2014 7.2.6"),
    "HY-05": ({"hydrant_counted_from_m": 5.0, "hydrant_m": 150.0}, "info", "C", "GB 50974-2014 6.1.5"),
    "HY-06": ({"hydrant_pressure_mpa": 0.14}, "medium", "B", "GB 50974-2014 7.2.8"),
    "HY-06b": ({"hydrant_flow_lps": 15.0}, "medium", "B", "GB 50974-2014 7.2.8"),
    "HY-08": ({"hydrant_sides_road_m": 60.0}, "info", "B", "GB 50974-2014 7.2.3"),
    "ST-01": (
        {"station_class1_km2": 7.0, "station_class2_km2": 4.0, "station_small_km2": 2.0, "station_suburban_km2": 15.0}, "info", "A", "建标152-2017 art. 14",
    ),
    "EB-01": ({}, "high", "A", "应急管理部令第5号"),
    "EB-02": ({}, "high", "A", "山东省"),
    "EB-03": ({"shed_wall_m": 3.0, "shed_exit_m": 6.0}, "medium", "A", "福州市"),
    "EB-04": ({"charging_per_household": 1.0}, "low", "A", "濮阳市"),
    "EB-06": ({"shed_large_m2": 200.0, "shed_large_places": 100.0}, "low", "A", "福州市"),
    "EB-07": ({}, "high", "A", "福州市"),
    "GA-01": ({}, "medium", "own", "no legal clause"),
    "GA-02": (
        {"pipe_building_low_m": 0.7, "pipe_building_medium_b_m": 1.0, "pipe_building_medium_a_m": 1.5, "pipe_building_sub_high_b_m": 5.0,
         "pipe_building_sub_high_a_m": 13.5}, "high", "A", "GB 50028-2006(2020) table 6.3.3-1",
    ),
    "GA-02r": (
        {"pipe_building_medium_b_reduced_m": 0.5, "pipe_building_medium_a_reduced_m": 0.5, "pipe_wall_medium_reduced_m": 1.0,
         "pipe_building_sub_high_b_reduced_m": 3.0, "pipe_building_sub_high_a_reduced_m": 6.5, "pipe_wall_mm": 9.5, "pipe_wall_thick_mm": 11.9,
         "pipe_building_sub_high_a_thick_m": 3.0}, "info", "A", "notes of GB 50028-2006 table 6.3.3",
    ),
    "GA-03": (
        {"pipe_protection_low_m": 0.5, "pipe_protection_medium_m": 0.5, "pipe_protection_sub_high_m": 1.5, "pipe_protection_high_m": 5.0},
        "critical", "A", "GB 55009-2021 5.1.6",
    ),
    "GA-06": ({"pipe_age_years": 20.0}, "high", "A", "国办发〔2022〕22号"),
    "GA-08": ({"lpg_room_kg": 100.0}, "critical", "A", "GB 51142"),
    "GA-09": ({"lpg_detached_kg": 420.0}, "critical", "A", "国务院安委会通知"),
    "GA-10": ({}, "critical", "A", "应急管理部令第5号"),
    "GA-12": ({}, "critical", "A", "GB 35181-2017 6.2"),
    "GA-13": ({}, "high", "C", "建城规〔2023〕4号 art. 8"),
    "GA-14": ({}, "critical", "C", "建城规〔2023〕4号 art. 6"),
    "OC-01": ({"old_year": 2000.0}, "info", "A", "国办发〔2020〕23号"),
    "OC-02": ({}, "info", "A", "晋建城函〔2025〕143号"),
    "HZ-01": ({}, "high", "A", "公安部令120 art. 20"),
    "HZ-02": ({"notice_days": 3.0}, "low", "A", "公安部令120 art. 19"),
    "HZ-03": ({"review_days": 3.0}, "low", "A", "公安部令120 art. 20"),
    "HZ-04": ({"report_days": 7.0, "major_notice_days": 3.0, "experts_days": 10.0}, "high", "A", "公安部令120 art. 21"),
    "HZ-05": ({}, "medium", "A", "GB 35181-2017 ch. 4"),
    "HZ-06": ({}, "low", "own", "practice"),
    "HZ-07": ({"repeat_days": 90.0, "repeat_m": 20.0}, "medium", "C", "own suggestion"),
}  # fmt: skip


def test_everything_said_of_the_field_is_of_a_rule_of_the_book() -> None:
    assert set(SAID) == {rule.id for rule in RULES}


@pytest.mark.parametrize("id", [rule.id for rule in RULES])
def test_figures_severity_and_source_are_those_of_the_field(id: str) -> None:
    figures, severity, sure, cited = SAID[id]
    text = PROFILE.rules[id]
    assert {name: PROFILE[name] for name in figures} == figures
    assert (text.severity, text.sure) == (severity, sure)
    assert cited in text.cite.en
    assert text.bands == {
        "FA-01": ((3.0, "critical"), (3.5, "high")),
        "FA-16": ((3.0, "critical"), (3.5, "high")),
        "FA-07": ((12.0, "high"),),
    }.get(id, ())
