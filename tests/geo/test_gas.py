"""compounds-without-gas: hand-made cases with exact answers."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from fake_frames import LAYERS, NOW, FakeFrames, box, query

from geo.answers import answer

YARD = box(0, 0, 100, 100)
COVERED, BARE = box(-10, -10, 110, 110), box(1000, 1000, 1100, 1100)
FAR_AREA = {"code": "G9", "geometry": BARE}


def ask(compounds: list[dict[str, Any]], areas: list[dict[str, Any]], **args: str) -> Any:
    rows = [{"code": f"C{i}", "name": f"院{i}", "geometry": YARD, **row} for i, row in enumerate(compounds)]
    frames = FakeFrames({"compounds": rows, "gas_areas": areas})
    return answer(query("compounds-without-gas", answer="all", **args), frames, layers=LAYERS, now=NOW)


def share(percent: float) -> dict[str, Any]:
    """A service area over the western `percent` of the yard."""
    return {"code": "G", "geometry": box(-50, -50, percent, 150)}


CASES: list[tuple[str, dict[str, Any], list[dict[str, Any]], tuple[Any, ...]]] = [
    ("all-electric, whatever else", {"gas_status": "all_electric", "gas_households": 0, "households": 50}, [], ("na", None, "declared", False, False)),
    ("no household connected", {"gas_households": 0, "households": 50}, [], ("yes", 0.0, "declared", False, False)),
    ("no household connected, number of households unknown", {"gas_households": 0}, [], ("yes", 0.0, "declared", False, False)),
    ("fewer than all", {"gas_households": 30, "households": 120}, [], ("no", 25.0, "declared", True, False)),
    ("all", {"gas_households": 120, "households": 120}, [], ("no", 100.0, "declared", False, False)),
    ("more than all", {"gas_households": 130, "households": 120}, [], ("no", 100.0, "declared", False, True)),
    ("some, number of households unknown", {"gas_households": 30}, [], ("no", None, "declared", False, False)),
    ("status none", {"gas_status": "none"}, [], ("yes", 0.0, "declared", False, False)),
    ("status under construction", {"gas_status": "under_construction"}, [], ("yes", 0.0, "declared", False, False)),
    ("status partial", {"gas_status": "partial"}, [], ("no", None, "declared", True, False)),
    ("status full", {"gas_status": "full"}, [], ("no", 100.0, "declared", False, False)),
    ("nothing known, no areas at all", {}, [], ("unknown", None, None, False, False)),
    ("nothing known, an unplaced area is none", {}, [{"code": "G"}], ("unknown", None, None, False, False)),
    ("nothing known, a planned area is none", {}, [{"code": "G", "geometry": COVERED, "status": "planned"}], ("unknown", None, None, False, False)),
    ("status unknown is nothing known", {"gas_status": "unknown"}, [share(100)], ("no", 100.0, "inferred", False, False)),
    ("area elsewhere", {}, [FAR_AREA], ("yes", 0.0, "inferred", False, False)),
    ("area over 49 %", {}, [share(49)], ("yes", 49.0, "inferred", False, False)),
    ("area over 51 %", {}, [share(51)], ("no", 51.0, "inferred", False, False)),
    ("area over exactly half", {}, [share(50)], ("no", 50.0, "inferred", False, False)),
    ("area over a hair less than half", {}, [share(49.99)], ("yes", 49.99, "inferred", False, False)),
    ("two areas side by side", {}, [share(30), {"code": "H", "geometry": box(70, 0, 100, 100)}], ("no", 60.0, "inferred", False, False)),
    ("the same ground covered twice", {}, [share(30), {"code": "H", "geometry": box(0, 0, 30, 100)}], ("yes", 30.0, "inferred", False, False)),
    ("overlapping areas", {}, [share(40), {"code": "H", "geometry": box(20, 0, 60, 100)}], ("no", 60.0, "inferred", False, False)),
    ("unplaced and nothing known", {"geometry": None}, [share(100)], ("unknown", None, None, False, False)),
    ("unplaced but counted", {"geometry": None, "gas_households": 0}, [share(100)], ("yes", 0.0, "declared", False, False)),
    ("connected outside of the areas", {"gas_status": "full"}, [FAR_AREA], ("no", 100.0, "declared", False, True)),
    ("not connected inside an area", {"gas_status": "none"}, [share(100)], ("yes", 0.0, "declared", False, True)),
    ("under construction inside an area", {"gas_status": "under_construction"}, [share(100)], ("yes", 0.0, "declared", False, False)),
    ("partly connected, partly covered", {"gas_status": "partial"}, [share(20)], ("no", None, "declared", True, False)),
    ("partly connected, not covered", {"gas_status": "partial"}, [FAR_AREA], ("no", None, "declared", True, True)),
    ("households against status", {"gas_status": "none", "gas_households": 20, "households": 20}, [], ("no", 100.0, "declared", False, True)),
    ("some of an unknown number, and a status of partial", {"gas_status": "partial", "gas_households": 30}, [], ("no", None, "declared", True, False)),
    ("full, though not all", {"gas_status": "full", "gas_households": 30, "households": 100}, [], ("no", 30.0, "declared", True, True)),
    ("partial, though all", {"gas_status": "partial", "gas_households": 100, "households": 100}, [], ("no", 100.0, "declared", False, True)),
    ("partial and some", {"gas_status": "partial", "gas_households": 30, "households": 100}, [], ("no", 30.0, "declared", True, False)),
    ("full and all", {"gas_status": "full", "gas_households": 100, "households": 100}, [], ("no", 100.0, "declared", False, False)),
    ("all-electric with households connected", {"gas_status": "all_electric", "gas_households": 5, "households": 50}, [], ("na", None, "declared", False, True)),
    ("no households against status", {"gas_status": "full", "gas_households": 0}, [], ("yes", 0.0, "declared", False, True)),
]  # fmt: skip


def key(areas: list[dict[str, Any]]) -> str:
    return repr([{name: getattr(value, "wkt", value) for name, value in area.items()} for area in areas])


@cache
def all_with(areas: str, lang: str = "zh") -> Any:
    """Every compound of CASES, then of WHY, that has these areas beside it, judged at once."""
    compounds = [compound for compound, around in ALONGSIDE if key(around) == areas]
    around = next(around for _, around in ALONGSIDE if key(around) == areas)
    return ask(compounds, around, lang=lang).frame


def row_of(compound: dict[str, Any], areas: list[dict[str, Any]], lang: str = "zh") -> Any:
    alike = [one for one, around in ALONGSIDE if key(around) == key(areas)]
    return all_with(key(areas), lang).iloc[alike.index(compound)]


def said(row: Any) -> tuple[Any, ...]:
    value = None if row["value"] != row["value"] else row["value"]
    return (row["answer"], value, row["basis"], row["partial"], row["contradiction"])


@pytest.mark.parametrize(("compound", "areas", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_one_compound(compound: dict[str, Any], areas: list[dict[str, Any]], expected: tuple[Any, ...]) -> None:
    assert said(row_of(compound, areas)) == expected


def test_partly_connected_ones_on_request() -> None:
    rows = [{"gas_status": "partial"}, {"gas_households": 5, "households": 10}, {"gas_status": "full"}, {"gas_status": "none"}]
    assert list(ask(rows, [], partial="true").frame["answer"]) == ["yes", "yes", "no", "yes"]
    counted = [{"gas_status": "partial", "gas_households": 30}, {"gas_households": 30}, {"gas_status": "all_electric", "gas_households": 5}]
    assert list(ask(counted, [], partial="true").frame["answer"]) == ["yes", "no", "na"]


def test_without_inference_only_records_count() -> None:
    rows = [{}, {"gas_status": "none"}, {"geometry": None}]
    result = ask(rows, [share(100)], infer="false")
    assert list(result.frame["answer"]) == ["unknown", "yes", "unknown"]
    assert result.frame["value"].isna().tolist() == [True, False, True]


def test_point_compounds_are_covered_or_not() -> None:
    centre = YARD.centroid
    rows = [{"geometry": centre}, {"geometry": BARE.centroid}]
    assert list(ask(rows, [share(100)]).frame["answer"]) == ["no", "yes"]


def test_summary_and_sentence() -> None:
    rows = [{"gas_status": "none"}, {"gas_status": "full"}, {}, {"gas_status": "all_electric"}, {"gas_households": 0}]
    result = ask(rows, [])
    assert result.summary == {"yes": 2, "no": 1, "unknown": 1, "na": 1, "total": 5, "as_of": "2026-11-22", "profile": "cn_gb"}
    assert result.sentence.zh == "5 个院落：未通气 2，不明 1"
    assert result.sentence.en == "5 compounds: without gas 2, unknown 1"


WHY = [
    ({"gas_status": "none"}, [], "登记为未通气", "recorded as without gas"),
    ({"gas_households": 30, "households": 120}, [], "已通气 30 / 120 户", "30 / 120 households connected"),
    ({}, [share(49)], "没有登记通气情况；燃气服务范围覆盖 49.0%（推定）", "no gas record; service areas cover 49.0% (inferred)"),
    ({}, [], "没有登记通气情况，也没有燃气服务范围数据", "no gas record, and no service areas to go by"),
    ({"geometry": None}, [share(49)], "没有登记通气情况，且尚未上图", "no gas record, and not placed on the map"),
    ({"gas_status": "full"}, [FAR_AREA], "登记为已通气；与其他记录矛盾（服务范围覆盖 0.0%），请核实",
     "recorded as connected; other records contradict this (areas cover 0.0%), please check"),
    ({"gas_status": "full", "gas_households": 30, "households": 100}, [], "已通气 30 / 100 户；与其他记录矛盾（登记为已通气），请核实",
     "30 / 100 households connected; other records contradict this (recorded as connected), please check"),
    ({"gas_status": "all_electric", "gas_households": 5}, [], "全电气化，不需要管道燃气；与其他记录矛盾（已通气 5 户），请核实",
     "all-electric: piped gas does not apply; other records contradict this (5 households connected), please check"),
    ({"gas_households": 80, "households": 50}, [], "已通气 80 / 50 户；与其他记录矛盾，请核实",
     "80 / 50 households connected; other records contradict this, please check"),
    ({"gas_status": "all_electric"}, [], "全电气化，不需要管道燃气", "all-electric: piped gas does not apply"),
]  # fmt: skip


ALONGSIDE = [case[1:3] for case in CASES] + [case[:2] for case in WHY]


@pytest.mark.parametrize(("compound", "areas", "zh", "en"), WHY)
def test_why(compound: dict[str, Any], areas: list[dict[str, Any]], zh: str, en: str) -> None:
    assert row_of(compound, areas)["why"] == zh
    assert row_of(compound, areas, "en")["why"] == en
