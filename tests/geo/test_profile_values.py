"""The shipped profiles hold the values of the domain paper's table of profiles."""

from __future__ import annotations

import re

import pytest

from geo.errors import Text
from geo.profile import Profile
from web.profiles import shipped

PROFILES = shipped()
FOOT = 0.3048

TABLE: list[tuple[str, str, tuple[float, str], tuple[float, str], tuple[float, str]]] = [
    # parameter, figure, then (value, how sure) in cn_gb, cn_legacy, ifc
    ("clear width", "lane_width_m", (4.0, "B"), (3.5, "C"), (6.096, "A")),
    ("clear height", "lane_height_m", (4.0, "B"), (4.0, "B"), (4.115, "A")),
    ("dead end needs turnaround", "dead_end_m", (40.0, "A"), (40.0, "A"), (45.72, "B")),
    ("turnaround", "turnaround_m", (12.0, "A"), (12.0, "A"), (29.261, "A")),
    ("turnaround at a high-rise", "turnaround_high_rise_m", (15.0, "A"), (12.0, "C"), (15.0, "A")),
    ("turnaround for heavy engines", "turnaround_heavy_m", (18.0, "A"), (12.0, "C"), (18.0, "A")),
    ("grade", "lane_slope_pct", (10.0, "A"), (10.0, "A"), (10.0, "C")),
    ("hydrant to building", "hydrant_m", (150.0, "A"), (150.0, "A"), (150.0, "A")),
    ("reach to building", "hose_m", (150.0, "C"), (150.0, "C"), (45.72, "A")),
]


@pytest.mark.parametrize(("figure", "values"), [(t[1], t[2:]) for t in TABLE], ids=[t[0] for t in TABLE])
def test_a_figure_is_that_of_the_table(figure: str, values: tuple[tuple[float, str], ...]) -> None:
    found = [PROFILES[id].figures[figure] for id in ("cn_gb", "cn_legacy", "ifc")]
    assert tuple((f.value, f.sure) for f in found) == values


def test_feet_and_inches_are_in_metres() -> None:
    ifc = PROFILES["ifc"]
    feet = {"lane_width_m": 20.0, "lane_height_m": 13.5, "dead_end_m": 150.0, "turnaround_m": 96.0, "hose_m": 150.0}
    assert {name: ifc[name] for name in feet} == {name: round(value * FOOT, 3) for name, value in feet.items()}


def test_who_is_based_on_whom() -> None:
    assert {p.id: p.based_on for p in PROFILES.values()} == {"cn_gb": None, "cn_legacy": "cn_gb", "ifc": "cn_gb"}


def own_rules(profile: Profile) -> dict[str, set[str]]:
    """What a profile says otherwise than the default one, by rule."""
    names = ("statement", "severity", "bands", "works", "cite", "sure", "condition")
    base = PROFILES["cn_gb"].rules
    changed = {id: {n for n in names if getattr(rule, n) != getattr(base[id], n)} for id, rule in profile.rules.items()}
    return {id: found for id, found in changed.items() if found}


def test_the_narrow_lane_holds_only_with_written_consent() -> None:
    legacy = PROFILES["cn_legacy"]
    assert set(legacy.rules) == set(PROFILES["cn_gb"].rules)
    assert set(own_rules(legacy)) == {"FA-01", "FA-07", "FA-16", "FA-17", "FA-18"}
    for id in own_rules(legacy):
        condition = legacy.rules[id].condition
        assert condition is not None
        assert "书面同意" in condition.zh and "in writing" in condition.en
    assert legacy.rules["FA-01"].sure == legacy.rules["FA-17"].sure == "C"
    assert "no published guideline" in legacy.figures["lane_width_m"].cite.en


def cited(profile: Profile) -> list[Text]:
    return [one.cite for kind in (profile.figures, profile.vehicles, profile.rules) for one in kind.values()]


@pytest.mark.parametrize("id", PROFILES)
def test_a_citation_is_chinese_on_chinese_pages_and_names_the_same_clauses(id: str) -> None:
    found = cited(PROFILES[id])
    assert [one.zh for one in found if re.search(r"[a-z]{2,}", one.zh)] == []
    clauses = [[set(re.findall(r"\d+(?:\.\d+)+", text)) for text in (one.zh, one.en)] for one in found]
    assert [pair for pair in clauses if pair[0] != pair[1]] == []


def test_only_the_narrow_lane_has_a_condition() -> None:
    assert [r.id for p in (PROFILES["cn_gb"], PROFILES["ifc"]) for r in p.rules.values() if r.condition] == []


def test_the_foreign_code_goes_by_none_of_the_chinese_rules() -> None:
    ifc = PROFILES["ifc"]
    assert set(ifc.rules) == {"FA-01", "FA-02", "FA-03a", "FA-06", "FA-08", "FA-16"}
    assert [r.id for r in ifc.rules.values() if "IFC" not in r.cite.en or "GB" in r.cite.en] == []


def test_a_statement_names_the_limit_of_its_own_profile() -> None:
    for id, rule, figure in [
        ("cn_gb", "FA-01", "4.0"),
        ("cn_legacy", "FA-01", "3.5"),
        ("ifc", "FA-01", "6.096"),
        ("ifc", "FA-02", "4.115"),
    ]:
        said = PROFILES[id].rules[rule].statement
        assert figure in said.zh and figure in said.en
