"""The rule book: limits, citations and certainty as the domain paper has them, on the page, in print and in the reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from docs.build import rules_page
from geo.rules.book import NOT_CARRIED, RULES
from tests.web.conftest import copied
from web.profiles import shipped
from web.rule_book import NOT_VERIFIED, entries, measured, word

PROFILES = shipped()
CN_GB = PROFILES["cn_gb"]
OWN = "own"

BOOK: dict[str, tuple[str, str, str, dict[str, float]]] = {
    # id: severity, how sure, what the citation names, limits; by hand from the paper's tables of rules
    "FA-01": ("medium", "B", "7.1.8(1)", {"lane_width_m": 4.0}),
    "FA-02": ("high", "B", "7.1.8(1)", {"lane_height_m": 4.0}),
    "FA-03a": ("high", "A", "GB 55037-2022 3.4.5", {"lane_slope_pct": 10.0}),
    "FA-03b": ("low", "B", "7.1.8(5)", {"lane_slope_recommended_pct": 8.0}),
    "FA-04": ("medium", "B", "7.1.8(2)", {"turn_radius_m": 9.0, "turn_radius_aerial_m": 12.0}),
    "FA-05": ("low", "B", "7.1.8(4)", {"lane_wall_m": 5.0}),
    "FA-06": ("high", "A", "GB 55037-2022 3.4.5", {"dead_end_m": 40.0}),
    "FA-07": ("medium", "A", "7.1.9", {"turnaround_m": 12.0, "turnaround_high_rise_m": 15.0, "turnaround_heavy_m": 18.0}),
    "FA-08": ("medium", "B", "7.1.9", {}),
    "FA-09": ("high", "A", "3.4.5", {}),
    "FA-10": ("low", "A", "7.1.1", {"road_spacing_m": 160.0}),
    "FA-11": ("medium", "B", "7.1.1", {"long_front_m": 150.0, "long_total_m": 220.0}),
    "FA-12": ("low", "B", "7.1.4", {"courtyard_m": 24.0}),
    "FA-14": ("medium", "B", "7.1.9", {"ring_connections": 2.0}),
    "FA-15": ("high", "C", "3.4.3", {}),
    "FA-16": ("medium", "C", "3.4.1", {"lane_width_m": 4.0}),
    "FA-17": ("high", "B", "FA-01", {"lane_width_m": 4.0, "lane_height_m": 4.0}),
    "FA-18": ("high", "C", "art. 28", {"lane_width_m": 4.0, "parking_strip_m": 2.2}),
    "FA-19": ("low", "A", "应急消〔2019〕334号", {}),
    "FA-21": ("high", "A", "GB 35181-2017 7.1.1", {"blocked_hazard_m": 5.0}),
    "HY-01": ("high", "A", "GB 50974-2014 7.2.5", {"hydrant_m": 150.0}),
    "HY-02": ("medium", "B", "GB 50974-2014 7.2.5", {"hydrant_spacing_m": 120.0}),
    "HY-03": ("low", "A", "7.2.6", {"hydrant_kerb_least_m": 0.5, "hydrant_kerb_most_m": 2.0}),
    "HY-04": ("low", "A", "7.2.6", {"hydrant_wall_m": 5.0}),
    "HY-05": ("info", "C", "6.1.5", {"hydrant_counted_from_m": 5.0, "hydrant_m": 150.0}),
    "HY-06": ("medium", "B", "7.2.8", {"hydrant_pressure_mpa": 0.14}),
    "HY-06b": ("medium", "B", "7.2.8", {"hydrant_flow_lps": 15.0}),
    "HY-08": ("info", "B", "7.2.3", {"hydrant_sides_road_m": 60.0}),
    "ST-01": (
        "info", "A", "建标152-2017",
        {"station_class1_km2": 7.0, "station_class2_km2": 4.0, "station_small_km2": 2.0, "station_suburban_km2": 15.0},
    ),
    "EB-01": ("high", "A", "应急管理部令第5号", {}),
    "EB-02": ("high", "A", "山东", {}),
    "EB-03": ("medium", "A", "福州", {"shed_wall_m": 3.0, "shed_exit_m": 6.0}),
    "EB-04": ("low", "A", "濮阳", {"charging_per_household": 1.0}),
    "EB-06": ("low", "A", "福州", {"shed_large_m2": 200.0, "shed_large_places": 100.0}),
    "EB-07": ("high", "A", "福州", {}),
    "GA-01": ("medium", OWN, "policy", {}),
    "GA-02": (
        "high", "A", "GB 50028-2006(2020) table 6.3.3-1",
        {
            "pipe_building_low_m": 0.7, "pipe_building_medium_b_m": 1.0, "pipe_building_medium_a_m": 1.5,
            "pipe_building_sub_high_b_m": 5.0, "pipe_building_sub_high_a_m": 13.5,
        },
    ),
    "GA-02r": (
        "info", "A", "GB 50028-2006 table 6.3.3",
        {
            "pipe_building_medium_b_reduced_m": 0.5, "pipe_building_medium_a_reduced_m": 0.5, "pipe_wall_medium_reduced_m": 1.0,
            "pipe_building_sub_high_b_reduced_m": 3.0, "pipe_building_sub_high_a_reduced_m": 6.5, "pipe_wall_mm": 9.5,
            "pipe_wall_thick_mm": 11.9, "pipe_building_sub_high_a_thick_m": 3.0,
        },
    ),
    "GA-03": (
        "critical", "A", "GB 55009-2021 5.1.6",
        {"pipe_protection_low_m": 0.5, "pipe_protection_medium_m": 0.5, "pipe_protection_sub_high_m": 1.5, "pipe_protection_high_m": 5.0},
    ),
    "GA-06": ("high", "A", "国办发〔2022〕22号", {"pipe_age_years": 20.0}),
    "GA-08": ("critical", "A", "国务院安委会", {"lpg_room_kg": 100.0}),
    "GA-09": ("critical", "A", "国务院安委会", {"lpg_detached_kg": 420.0}),
    "GA-10": ("critical", "A", "国务院安委会", {}),
    "GA-12": ("critical", "A", "GB 35181-2017 6.2", {}),
    "GA-13": ("high", "C", "建城规〔2023〕4号", {}),
    "GA-14": ("critical", "C", "建城规〔2023〕4号", {}),
    "OC-01": ("info", "A", "国办发〔2020〕23号", {"old_year": 2000.0}),
    "OC-02": ("info", "A", "晋建城函〔2025〕143号", {}),
    "HZ-01": ("high", "A", "公安部令120 art. 20", {}),
    "HZ-02": ("low", "A", "公安部令120 art. 19", {"notice_days": 3.0}),
    "HZ-03": ("low", "A", "公安部令120 art. 20", {"review_days": 3.0}),
    "HZ-04": ("high", "A", "公安部令120 art. 21", {"report_days": 7.0, "experts_days": 10.0, "major_notice_days": 3.0}),
    "HZ-05": ("medium", "A", "GB 35181-2017 ch. 4", {}),
    "HZ-06": ("low", OWN, "practice", {}),
    "HZ-07": ("medium", "C", "own suggestion", {"repeat_days": 90.0, "repeat_m": 20.0}),
}  # fmt: skip

BANDS = {
    "FA-01": ((3.0, "critical"), (3.5, "high")),
    "FA-07": ((12.0, "high"),),
    "FA-16": ((3.0, "critical"), (3.5, "high")),
}
"""By hand: below 3.0 m critical, 3.0 to under 3.5 m high, else medium; a turnaround too small for any engine is high."""

OF_THE_PAPER = {
    *(f"FA-{n:02}" for n in (1, 2, *range(4, 22))), "FA-03a", "FA-03b", "FA-03c", *(f"HY-{n:02}" for n in range(1, 9)), "ST-01", "ST-02",
    *(f"EB-{n:02}" for n in range(1, 8)), *(f"GA-{n:02}" for n in range(1, 15)), "GA-02r", "OC-01", "OC-02", "OC-03",
    *(f"HZ-{n:02}" for n in range(1, 8)), "DA-01", "DA-02", "DA-03",
}  # fmt: skip


def test_the_table_has_every_rule() -> None:
    assert sorted(BOOK) == sorted(rule.id for rule in RULES) == sorted(CN_GB.rules)


@pytest.mark.parametrize("id", BOOK)
def test_limits_citation_and_certainty_are_those_of_the_paper(id: str) -> None:
    severity, sure, cite, limits = BOOK[id]
    said = CN_GB.rules[id]
    entry = next(e for e in entries(CN_GB) if e.rule.id == id)
    assert (said.severity, said.sure, said.bands) == (severity, sure, BANDS.get(id, ()))
    assert cite in said.cite.en
    assert {name: CN_GB[name] for name in limits} == limits
    assert set(limits) <= set(entry.rule.figures)


def test_every_rule_of_the_paper_is_carried_or_said_not_to_be() -> None:
    said = {id for id, _ in NOT_CARRIED}
    assert said.isdisjoint(BOOK)
    assert OF_THE_PAPER - set(BOOK) <= said


def test_nothing_claims_to_be_verified() -> None:
    """No official text was opened: the day stays empty until somebody does."""
    assert {rule.verified_on for rule in CN_GB.rules.values()} == {None}


def test_no_statement_says_illegal() -> None:
    texts = [t for p in PROFILES.values() for r in p.rules.values() for t in (r.statement.zh, r.statement.en.lower())]
    assert [t for t in texts if "违法" in t or "illegal" in t] == []


# the page ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    def served(app: Flask) -> FlaskClient:
        return app.test_client()

    for app in copied(stores, "empty.gpkg", tmp_path_factory.mktemp("book")):
        yield served(app)


def page(client: FlaskClient, profile: str, lang: str) -> str:
    found = client.get(f"/rules?profile={profile}&lang={lang}")
    assert found.status_code == 200
    return unescape(found.text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_every_rule_stands_on_the_page_with_all_that_is_said_of_it(profile: str, lang: str, client: FlaskClient) -> None:
    text = page(client, profile, lang)
    articles = dict(re.findall(r'<article class="rule" id="([^"]+)">(.*?)</article>', text, flags=re.S))
    assert list(articles) == [entry.rule.id for entry in entries(PROFILES[profile])]
    for entry in entries(PROFILES[profile]):
        said = entry.text
        wanted = [entry.rule.title.of(lang), said.statement.of(lang), said.term, said.cite.of(lang), word("sure", said.sure).of(lang)]
        wanted += [word("severity", said.severity).of(lang), word("works", said.works).of(lang), NOT_VERIFIED.of(lang)]
        wanted += [part for figure in entry.limits for part in (figure.label.of(lang), measured(figure).of(lang), figure.cite.of(lang))]
        wanted += [layer.label.of(lang) for layer in entry.needs] + ([said.condition.of(lang)] if said.condition else [])
        assert [w for w in wanted if w not in articles[entry.rule.id]] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_not_carried_stands_there_with_its_reason(lang: str, client: FlaskClient) -> None:
    text = page(client, "cn_gb", lang)
    assert NOT_CARRIED
    assert [id for id, reason in NOT_CARRIED if f'id="{id}"' not in text or reason.of(lang) not in text] == []


def test_rules_a_profile_leaves_out_are_listed_apart(client: FlaskClient) -> None:
    text = page(client, "ifc", "en")
    assert '<li id="HY-01"><b>HY-01</b>' in text
    assert '<article class="rule" id="HY-01">' not in text


def test_an_anchor_is_there_once(client: FlaskClient) -> None:
    ids = re.findall(r' id="([^"]+)"', page(client, "ifc", "zh"))
    assert len(ids) == len(set(ids))


def test_a_profile_that_is_not_there_is_refused(client: FlaskClient) -> None:
    found = client.get("/rules?profile=mine&lang=en")
    assert (found.status_code, found.get_json()["parameter"]) == (400, "profile")


def test_the_other_language_keeps_the_profile(client: FlaskClient) -> None:
    assert 'href="?lang=zh&profile=ifc"' in page(client, "ifc", "en")


def test_the_reference_page_has_every_rule() -> None:
    text = "\n".join(rules_page())
    assert re.findall(r"^### ([\w-]+):", text, flags=re.M) == [entry.rule.id for entry in entries(CN_GB)]
    assert all(f"| {id} |" in text for id, _ in NOT_CARRIED)
