"""The gas rules beside their table of cases: what they lack, where they point, and what they say in English."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from geo.questions.gas.mains_measured import buried
from geo.rules.declaration import RESULTS, Judgement
from geo.rules.gas import GAS
from tests.geo.fake_frames import FakeFrames, box
from tests.geo.rules.cases_gas import CASES, CHARGING, HOUSE, PIPE, SHOP, near_pipe, pipe_of, room, shop, yard
from tests.geo.rules.rule_cases import Case, Want, check, judged, rule_called

ROW = np.array([0], dtype=np.int64)


def lacking(rule: str, layers: dict[str, list[dict[str, Any]]]) -> tuple[str, str, int] | None:
    """The layer, field and row that would settle the first feature; None where nothing on record would."""
    judgement, _ = judged(Case(rule, "", layers, Want("unknown")))
    lacks = judgement.lacks
    assert RESULTS[judgement.result[0]] == "unknown" and lacks is not None
    return None if lacks.kind[0] < 0 else (*lacks.kinds[lacks.kind[0]], int(lacks.row[0]))


ROUGH = {"accuracy_m": 0.5}
DOT = box(0, 20, 0.01, 20.01).centroid
LACKING: list[tuple[str, dict[str, Any], tuple[str, str, int] | None]] = [
    ("GA-01", yard(), ("compounds", "gas_status", 0)),
    ("GA-01", yard(gas_households=60, households=None), ("compounds", "households", 0)),
    ("GA-02", near_pipe(1.4), ("gas_mains", "protection_measure", 0)),
    ("GA-02", near_pipe(1.4, protection_measure="钢套管"), None),
    ("GA-02", near_pipe(2.0, pressure_class=None), ("gas_mains", "pressure_class", 0)),
    ("GA-02", near_pipe(1.5, **ROUGH), ("gas_mains", "accuracy_m", 0)),
    ("GA-02", near_pipe(1.5) | {"buildings": [near_pipe(1.5)["buildings"][0] | ROUGH]}, ("buildings", "accuracy_m", 0)),
    ("GA-02", {"gas_mains": [PIPE]}, ("buildings", "geometry", -1)),
    ("GA-02", pipe_of(geometry=None), ("gas_mains", "geometry", 0)),
    ("GA-02r", near_pipe(1.0), ("gas_mains", "protection_measure", 0)),
    ("GA-03", near_pipe(9.0, shed=0.6, pressure_class=None), ("gas_mains", "pressure_class", 0)),
    ("GA-03", near_pipe(0.6, **ROUGH), ("gas_mains", "accuracy_m", 0)),
    ("GA-03", near_pipe(9.0, shed=0.6) | {"obstacles": [near_pipe(9.0, shed=0.6)["obstacles"][0] | ROUGH]}, ("obstacles", "accuracy_m", 0)),
    ("GA-03", near_pipe(9.0) | {"amenities": [CHARGING | ROUGH]}, ("amenities", "accuracy_m", 0)),
    ("GA-03", {"gas_mains": [PIPE], "buildings": [{"code": "L1", "geometry": DOT, "accuracy_m": 0.0}]}, ("buildings", "geometry", 0)),
    ("GA-06", pipe_of(material="pe"), ("gas_mains", "built_year", 0)),
    ("GA-06", pipe_of(built_year=1990), ("gas_mains", "material", 0)),
    ("GA-06", pipe_of(built_year=1990, material="steel"), None),
    ("GA-08", shop(lpg_kg=None), ("shops", "lpg_kg", 0)),
    ("GA-08", shop(lpg_kg=150.0, has_bottle_room=None), ("shops", "has_bottle_room", 0)),
    ("GA-08", shop(lpg_kg=None, fuel=None, has_bottle_room=None), ("shops", "fuel", 0)),
    ("GA-09", room(lpg_kg=None), ("shops", "lpg_kg", 0)),
    ("GA-09", room(gas_alarm="unknown"), ("shops", "gas_alarm", 0)),
    ("GA-09", room(), None),
    ("GA-10", shop(floor=None), ("shops", "floor", 0)),
    ("GA-10", shop(building_code=None, geometry=None), ("shops", "building_code", 0)),
    ("GA-10", shop(HOUSE | {"height_m": None}), ("buildings", "height_m", 0)),
    ("GA-10", shop(HOUSE | {"height_m": 25.0, "use": None}), ("buildings", "use", 0)),
    ("GA-10", shop(floor="B1", fuel=None, lpg_kg=None), ("shops", "fuel", 0)),
    ("GA-12", shop(HOUSE | {"use": None}), ("buildings", "use", 0)),
    ("GA-12", shop(building_code=None, geometry=None), ("shops", "building_code", 0)),
    ("GA-13", yard(gas_status="full"), ("compounds", "riser_position", 0)),
    ("GA-14", near_pipe(0.1, pressure_class=None), ("gas_mains", "pressure_class", 0)),
]


@pytest.mark.parametrize(("rule", "layers", "wanted"), LACKING, ids=lambda value: value if isinstance(value, str) else "")
def test_what_would_settle_it(rule: str, layers: dict[str, Any], wanted: tuple[str, str, int] | None) -> None:
    assert lacking(rule, layers) == wanted


@pytest.mark.parametrize("contents", [{}, {"gas_mains": [{}], "buildings": [{}], "shops": [{}], "compounds": [{}], "obstacles": [{}]}])
@pytest.mark.parametrize("rule", GAS, ids=lambda rule: rule.id)
def test_with_nothing_on_record_nothing_fails(rule: Any, contents: dict[str, Any]) -> None:
    judgement, _ = judged(Case(rule.id, "", contents, Want("unknown")))
    assert [RESULTS[code] for code in judgement.result] == ["unknown"] * len(contents.get(rule.subject, ()))
    assert len(judgement.measured) == len(judgement.threshold) == len(judgement.basis) == len(judgement.result)


@cache
def sentences(lang: str) -> list[str]:
    """What is said of every case."""
    return [judgement.why(np.array([case.row]), lang)[0] for case, judgement in zip(CASES, judgements(), strict=True)]


@cache
def judgements() -> list[Judgement]:
    return [judged(case)[0] for case in CASES]


def test_english_sentences_have_no_chinese_words() -> None:
    """Names aside."""
    names = ("1号楼", "车棚", "充电棚", "东院", "架空", "负一层")
    said = [re.sub("|".join(names), "", text) for text in sentences("en")]
    assert [text for text in said if not text.isascii() or "illegal" in text] == []


def test_nothing_is_called_major() -> None:
    """重大 is for people to determine: it stands only beside 疑似."""
    assert [text for text in sentences("zh") if ("重大" in text and "疑似" not in text) or "违法" in text] == []


def test_a_finding_on_a_pipe_lies_where_it_is_nearest() -> None:
    judgement, view = judged(Case("GA-02", "", near_pipe(0.3), Want("fail")))
    assert judgement.where is not None and judgement.involved is not None
    point, (involved,) = judgement.where(ROW)[0], judgement.involved(ROW)
    assert point.distance(view.metric("buildings")[0]) == pytest.approx(0.4, abs=1e-6)
    assert involved == [("buildings", 0)]


def test_a_shed_is_named_by_its_own_row() -> None:
    layers = near_pipe(9.0, shed=0.2)
    layers["obstacles"].insert(0, {"code": "T", "kind": "tree", "geometry": box(50, 50, 51, 51)})
    judgement, _ = judged(Case("GA-03", "", layers, Want("fail")))
    assert judgement.involved is not None and judgement.involved(ROW) == [[("obstacles", 1)]]


def test_the_riser_in_a_building_is_where_the_building_is() -> None:
    layers = yard([HOUSE | {"code": "L0"}, HOUSE | {"riser_position": "bathroom"}], gas_status="full")
    judgement, view = judged(Case("GA-13", "", layers, Want("fail")))
    assert judgement.where is not None and judgement.involved is not None
    assert judgement.where(ROW)[0].within(view.metric("buildings")[1])
    assert judgement.involved(ROW) == [[("buildings", 0), ("buildings", 1)]]


def test_the_age_of_a_pipe_goes_by_the_day_asked_for() -> None:
    case = Case("GA-06", "", pipe_of(built_year=2007, material="steel"), Want("pass", 19.0, 20.0), as_of="2026-12-31")
    check(case)
    check(replace(case, want=Want("unknown", 20.0, 20.0), as_of="2027-01-01"))


def test_a_rule_by_row_gives_the_same_for_rows_alone() -> None:
    rows = [
        {**PIPE, "code": f"G{i}", "material": m, "built_year": y}
        for i, (m, y) in enumerate([("pe", 2000), ("grey_iron", 1980), (None, 1990)])
    ]
    whole, _ = judged(Case("GA-06", "", {"gas_mains": rows}, Want("fail")))
    for i, row in enumerate(rows):
        alone, _ = judged(Case("GA-06", "", {"gas_mains": [row]}, Want("fail")))
        assert alone.result[0] == whole.result[i] and alone.why(ROW, "zh") == whole.why(ROW + i, "zh")


def test_rules_that_tell_of_pipes_or_name_shops_are_internal() -> None:
    assert [rule.id for rule in GAS if not rule.internal] == ["GA-01"]


def test_ids_and_numbers_are_their_own() -> None:
    assert len({rule.number for rule in GAS}) == len(GAS)
    view: Any = FakeFrames({}).view("shops")
    assert {rule.id for rule in GAS} <= set(view.profile.rules)
    assert rule_called("GA-08").figures == ("lpg_room_kg",)


def test_a_shop_counts_for_its_compound_by_name_or_place() -> None:
    two = [
        {"code": "X1", "geometry": box(0, 0, 100, 100), "gas_status": "none"},
        {"code": "X2", "geometry": box(200, 0, 300, 100), "gas_status": "none"},
    ]
    shops = [
        SHOP | {"geometry": box(210, 10, 215, 15)},
        SHOP | {"code": "S2", "geometry": box(220, 10, 225, 15), "fuel": "electric", "lpg_kg": 0.0},
    ]
    judgement, _ = judged(Case("GA-01", "", {"compounds": two, "shops": shops}, Want("fail")))
    assert judgement.severity is not None and judgement.severity.tolist() == [-1, 1]
    assert judgement.involved is not None and judgement.involved(np.array([0, 1])) == [[], [("shops", 0)]]


@pytest.mark.parametrize(("location", "is_buried"), [
    ("沿外墙直埋", True), ("桥下埋地", True), ("outdoor, buried", True), (None, True), ("沿外墙（非直埋）", False), ("未埋，架空", False), ("outdoor", False),
])  # fmt: skip
def test_a_pipe_along_a_wall_may_be_buried(location: str | None, is_buried: bool) -> None:
    """Any word for a wall made a buried pipe "not applicable": a building over it was lost."""
    assert buried(np.array([location], dtype=object)).tolist() == [is_buried]
