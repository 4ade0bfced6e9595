"""gas-contradictions and buildings-without-gas: hand-made cases with exact answers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import shapely
from fake_frames import LAYERS, NOW, FakeFrames, box, line, query

from geo.answers import answer

STEP = 1000
"""Cases lie this many metres apart and are asked at once."""

Row = dict[str, Any]


def ask(question: str, layers: dict[str, list[Row]], **args: str) -> Any:
    return asked(question, FakeFrames(layers), **args)


def asked(question: str, frames: Any, **args: str) -> Any:
    return answer(query(question, answer="all", **args), frames, layers=LAYERS, now=NOW)


def yard(at: int, **values: Any) -> Row:
    y = STEP * at
    return {"code": f"C{at}", "name": f"院{at}", "geometry": box(0, y, 100, y + 100), "accuracy_m": 0.0, **values}


def main(at: int, gap: float | None, **values: Any) -> list[Row]:
    """A main `gap` metres east of the yard; None = none."""
    x, y = 100 + (gap or 0), STEP * at
    return [] if gap is None else [{"code": f"M{at}", "geometry": line((x, y), (x, y + 100)), "accuracy_m": 0.0, **values}]


def area(at: int, share: float, **values: Any) -> list[Row]:
    """A service area over the western `share` of the yard."""
    y = STEP * at
    return [] if not share else [{"code": f"G{at}", "geometry": box(-10, y - 10, 100 * share, y + 110), **values}]


ELSEWHERE = [*main(50, 0), *area(50, 1)]


# contradictions ---------------------------------------------------------------------------------------------------------------

FULL, NONE, PARTIAL = {"gas_status": "full"}, {"gas_status": "none"}, {"gas_status": "partial"}

CONTRADICTIONS: list[tuple[Row, float | None, float, tuple[Any, ...]]] = [
    # the compound, metres to the main, share covered, (answer, kinds, value, unit, basis)
    (FULL, 0.0, 1.0, ("no", None, 0.0, "m", "measured")),
    (FULL, 49.99, 1.0, ("no", None, 49.99, "m", "measured")),
    (FULL, 50.0, 1.0, ("no", None, 50.0, "m", "measured")),
    (FULL, 50.01, 1.0, ("yes", "no_main", 50.01, "m", "measured")),
    (PARTIAL, 60.0, 1.0, ("yes", "no_main", 60.0, "m", "measured")),
    ({"gas_households": 1, "households": 50}, 60.0, 1.0, ("yes", "no_main", 60.0, "m", "measured")),
    ({**FULL, "geometry": None}, 60.0, 1.0, ("unknown", None, None, None, None)),
    ({**FULL, "accuracy_m": 1.0}, 50.5, 1.0, ("unknown", None, 50.5, "m", "measured")),
    ({**FULL, "accuracy_m": 1.0}, 51.0, 1.0, ("yes", "no_main", 51.0, "m", "measured")),
    (NONE, None, 1.0, ("yes", "not_connected", 100.0, "%", "inferred")),
    (NONE, None, 0.5, ("yes", "not_connected", 50.0, "%", "inferred")),
    (NONE, None, 0.49, ("no", None, 49.0, "%", "inferred")),
    (NONE, 0.0, 0.0, ("no", None, 0.0, "%", "inferred")),
    ({"gas_households": 0, "households": 50}, None, 1.0, ("yes", "not_connected", 100.0, "%", "inferred")),
    ({"gas_status": "under_construction"}, None, 1.0, ("no", None, 100.0, "%", "inferred")),
    (FULL, 10.0, 0.0, ("yes", "outside", 0.0, "%", "inferred")),
    (PARTIAL, 10.0, 0.2, ("no", None, 10.0, "m", "measured")),
    (FULL, 80.0, 0.0, ("yes", "no_main, outside", 80.0, "m", "measured")),
    ({"gas_households": 60, "households": 50}, 10.0, 1.0, ("yes", "counts", 60.0, "households", "declared")),
    ({**FULL, "gas_households": 0, "households": 50}, 10.0, 0.0, ("yes", "counts", 0.0, "households", "declared")),
    ({**NONE, "gas_households": 5, "households": 50}, 10.0, 1.0, ("yes", "counts", 5.0, "households", "declared")),
    ({"gas_status": "all_electric"}, 10.0, 1.0, ("na", None, None, None, None)),
    ({"gas_status": "all_electric", "gas_households": 0}, 10.0, 1.0, ("na", None, None, None, None)),
    ({"gas_status": "all_electric", "gas_households": 5}, 10.0, 1.0, ("yes", "electric", 5.0, "households", "declared")),
    ({}, 10.0, 1.0, ("unknown", None, None, None, None)),
    ({"gas_status": "unknown"}, None, 0.0, ("unknown", None, None, None, None)),
    ({**FULL, "gas_households": 66, "households": 70}, 10.0, 1.0, ("no", None, 10.0, "m", "measured")),
    ({**FULL, "gas_households": 35, "households": 70}, 10.0, 1.0, ("no", None, 10.0, "m", "measured")),
    ({**FULL, "gas_households": 34, "households": 70}, 10.0, 1.0, ("yes", "counts", 34.0, "households", "declared")),
    ({**PARTIAL, "gas_households": 50, "households": 50}, 10.0, 1.0, ("yes", "counts", 50.0, "households", "declared")),
    ({**PARTIAL, "gas_households": 1, "households": 50}, 10.0, 0.01, ("no", None, 10.0, "m", "measured")),
    ({**PARTIAL, "gas_households": 0, "households": 50}, 10.0, 0.0, ("yes", "counts", 0.0, "households", "declared")),
    ({"gas_status": "under_construction", "gas_households": 3, "households": 50}, 10.0, 1.0, ("yes", "counts", 3.0, "households", "declared")),
    ({"gas_households": 60}, 10.0, 1.0, ("no", None, 10.0, "m", "measured")),
    ({"gas_households": 60, "households": 0}, 10.0, 1.0, ("yes", "counts", 60.0, "households", "declared")),
    ({"gas_households": 60, "households": 50, "geometry": None}, 10.0, 1.0, ("yes", "counts", 60.0, "households", "declared")),
    ({"gas_status": "all_electric", "gas_households": 5, "households": 50}, None, 0.0, ("yes", "electric", 5.0, "households", "declared")),
    (PARTIAL, 10.0, 0.0, ("yes", "outside", 0.0, "%", "inferred")),
    ({"gas_households": 40, "households": 40}, 10.0, 0.5, ("no", None, 10.0, "m", "measured")),
    ({"gas_households": 40, "households": 40}, 10.0, 0.49, ("yes", "outside", 49.0, "%", "inferred")),
    ({"gas_households": 20, "households": 40}, 50.01, 0.2, ("yes", "no_main", 50.01, "m", "measured")),
]  # fmt: skip


@cache
def contradictory() -> FakeFrames:
    layers: dict[str, list[Row]] = {"compounds": [], "gas_mains": [], "gas_areas": []}
    for at, (values, gap, share, _) in enumerate(CONTRADICTIONS):
        layers["compounds"].append(yard(at, **values))
        layers["gas_mains"] += main(at, gap)
        layers["gas_areas"] += area(at, share)
    return FakeFrames(layers)


def contradictions(**args: str) -> Any:
    return asked("gas-contradictions", contradictory(), **args)


def plain(value: Any) -> Any:
    return None if value is None or value != value else value


def test_contradictions() -> None:
    result = contradictions()
    found = [tuple(plain(row[name]) for name in ("answer", "kinds", "value", "unit", "basis")) for _, row in result.frame.iterrows()]
    assert found == [case[-1] for case in CONTRADICTIONS]
    assert result.summary["kinds"] == {"no_main": 6, "not_connected": 3, "outside": 4, "counts": 9, "electric": 2}
    assert result.sentence.zh == f"{len(CONTRADICTIONS)} 个院落：燃气记录有矛盾 23，不明 4"


def test_what_contradicts_a_compounds_gas_contradicts_it_here() -> None:
    """The flag of compounds-without-gas, row by row, but for what only the mains tell."""
    layers: dict[str, list[Row]] = {"compounds": [], "gas_mains": [], "gas_areas": []}
    for at, (values, _, share, _) in enumerate(CONTRADICTIONS):
        layers["compounds"].append(yard(at, **values))
        layers["gas_areas"] += area(at, share)
    frames = FakeFrames(layers)
    here, there = asked("gas-contradictions", frames).frame, asked("compounds-without-gas", frames).frame
    assert (here["answer"] == "yes").tolist() == there["contradiction"].tolist()


def test_the_distance_may_be_asked() -> None:
    assert contradictions(distance="49.99").frame["answer"].tolist()[:3] == ["no", "no", "yes"]
    assert contradictions().frame["threshold"].tolist()[:4] == [50.0] * 4


MISSING: list[tuple[str, Row, list[Row], list[Row], str, str]] = [
    ("connected, no mains on record", FULL, [], area(0, 1), "unknown", "登记为已通气；没有燃气管线数据，无从核对"),
    ("connected, only unplaced mains", FULL, [{"code": "M"}], area(0, 1), "unknown", "登记为已通气；没有燃气管线数据，无从核对"),
    ("connected, no areas on record", FULL, main(0, 10), [], "no", "登记为已通气；最近的燃气管在 10 米外，没有矛盾"),
    ("unconnected, no areas on record", NONE, main(0, 10), [], "unknown", "登记为未通气；没有燃气服务范围数据，无从核对"),
    ("unconnected, only planned areas", NONE, main(0, 10), area(0, 1, status="planned"), "unknown", "登记为未通气；没有燃气服务范围数据，无从核对"),
    ("counts contradict, nothing else on record", {**FULL, "gas_households": 0}, [], [], "yes", "登记为已通气、已通气 0 户，但户数与状态对不上，请核实"),
    ("a renewed main counts", FULL, main(0, 10, renewed=True, kind="stub"), area(0, 1), "no", "登记为已通气；最近的燃气管在 10 米外，没有矛盾"),
    ("a courtyard pipe counts", FULL, main(0, 10, kind="courtyard"), area(0, 1), "no", "登记为已通气；最近的燃气管在 10 米外，没有矛盾"),
    ("a point near a main", {**FULL, "geometry": box(99, 0, 100, 1).centroid}, main(0, 10), area(0, 1), "no", "登记为已通气；最近的燃气管在 10.5 米外，没有矛盾"),
    ("a point far from mains", {**FULL, "geometry": box(99, 0, 100, 1).centroid}, main(0, 80), area(0, 1), "unknown",
     "登记为已通气；只有点位没有轮廓，该点离最近的燃气管 80.5 米，不能判定"),
    ("unplaced", {**NONE, "geometry": None}, main(0, 10), area(0, 1), "unknown", "登记为未通气；尚未上图，无从核对"),
    ("far from mains", {"gas_households": 30, "households": 40}, main(0, 132), area(0, 1), "yes", "已通气 30 / 40 户，但最近的燃气管在 132 米外（超过 50 米），请核实"),
    ("covered", NONE, main(0, 10), area(0, 0.8), "yes", "登记为未通气，但燃气服务范围覆盖 80.0%，请核实"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "mains", "areas", "expected", "why"), [case[1:] for case in MISSING], ids=[case[0] for case in MISSING])
def test_what_cannot_be_checked_is_not_known(values: Row, mains: list[Row], areas: list[Row], expected: str, why: str) -> None:
    row = ask("gas-contradictions", {"compounds": [yard(0, **values)], "gas_mains": mains, "gas_areas": areas}).frame.iloc[0]
    assert (row["answer"], row["why"]) == (expected, why)


def test_overlapping_compounds_are_judged_each_on_its_own() -> None:
    rows = [yard(0, **FULL), yard(0, **NONE, code="D")]
    found = ask("gas-contradictions", {"compounds": rows, "gas_mains": main(0, 10), "gas_areas": area(0, 1)}).frame
    assert found["answer"].tolist() == ["no", "yes"]


# buildings --------------------------------------------------------------------------------------------------------------------


def block(at: int, **values: Any) -> Row:
    """A building in the west of the yard, naming its compound."""
    y = STEP * at
    return {"code": f"B{at}", "geometry": box(10, y + 10, 30, y + 20), "compound_code": f"C{at}", **values}


BUILDINGS: list[tuple[Row, Row, float, tuple[Any, ...]]] = [
    # the building, its compound, share of the yard covered, (answer, value, basis, told by)
    ({"gas_status": "none"}, FULL, 1.0, ("yes", 0.0, "declared", "building")),
    ({"gas_status": "full"}, NONE, 0.0, ("no", 100.0, "declared", "building")),
    ({"gas_status": "under_construction"}, FULL, 1.0, ("yes", 0.0, "declared", "building")),
    ({"gas_status": "all_electric"}, FULL, 1.0, ("na", None, "declared", "building")),
    ({"gas_households": 0}, FULL, 1.0, ("yes", 0.0, "declared", "building")),
    ({"gas_households": 5, "households": 20}, NONE, 1.0, ("no", 25.0, "declared", "building")),
    ({"gas_status": "partial"}, NONE, 1.0, ("no", None, "declared", "building")),
    ({}, FULL, 0.0, ("no", 100.0, "declared", "compound")),
    ({}, {"gas_households": 40, "households": 40}, 0.0, ("no", 100.0, "declared", "compound")),
    ({}, {"gas_households": 40, **FULL}, 0.0, ("no", 100.0, "declared", "compound")),
    ({}, NONE, 1.0, ("yes", 0.0, "declared", "compound")),
    ({"gas_status": "unknown"}, {"gas_status": "under_construction"}, 1.0, ("yes", 0.0, "declared", "compound")),
    ({}, {"gas_households": 0, "households": 40}, 1.0, ("yes", 0.0, "declared", "compound")),
    ({}, {"gas_status": "all_electric"}, 1.0, ("na", None, "declared", "compound")),
    ({}, PARTIAL, 1.0, ("unknown", None, None, None)),
    ({}, {"gas_households": 20, "households": 40}, 1.0, ("unknown", None, None, None)),
    ({}, {"gas_households": 20}, 1.0, ("unknown", None, None, None)),
    ({}, {**FULL, "gas_households": 20, "households": 40}, 1.0, ("unknown", None, None, None)),
    ({}, {}, 0.4, ("no", 100.0, "inferred", "area")),
    ({}, {}, 0.2, ("no", 50.0, "inferred", "area")),
    ({}, {}, 0.15, ("yes", 25.0, "inferred", "area")),
    ({}, {}, 0.0, ("yes", 0.0, "inferred", "area")),
    ({"geometry": None}, {}, 0.4, ("yes", 40.0, "inferred", "area")),
    ({"geometry": None}, {"geometry": None}, 0.4, ("unknown", None, None, None)),
    ({"compound_code": None}, FULL, 0.0, ("no", 100.0, "declared", "compound")),
    ({"compound_code": "elsewhere"}, NONE, 1.0, ("yes", 0.0, "declared", "compound")),
    ({"compound_code": None, "geometry": None}, FULL, 0.0, ("unknown", None, None, None)),
    ({"compound_code": "elsewhere", "geometry": None}, FULL, 1.0, ("unknown", None, None, None)),
    ({"gas_status": "all_electric", "gas_households": 5}, NONE, 0.0, ("na", None, "declared", "building")),
    ({}, {"gas_status": "all_electric", "gas_households": 5}, 1.0, ("na", None, "declared", "compound")),
    ({"geometry": None}, {"gas_status": "all_electric"}, 1.0, ("na", None, "declared", "compound")),
    ({"gas_households": 25, "households": 20}, NONE, 1.0, ("no", 100.0, "declared", "building")),
    ({"gas_households": 0, **FULL}, FULL, 1.0, ("yes", 0.0, "declared", "building")),
    ({"gas_households": 20, "households": 20, **NONE}, NONE, 0.0, ("no", 100.0, "declared", "building")),
    ({"gas_households": 5, "households": 20, **FULL}, FULL, 1.0, ("no", 25.0, "declared", "building")),
    ({"gas_households": 5}, NONE, 1.0, ("no", None, "declared", "building")),
    ({}, {**FULL, "gas_households": 66, "households": 70}, 1.0, ("unknown", None, None, None)),
    ({}, {**FULL, "gas_households": 0, "households": 40}, 1.0, ("yes", 0.0, "declared", "compound")),
    ({}, {"gas_households": 60, "households": 50}, 0.0, ("no", 100.0, "declared", "compound")),
    ({}, {"geometry": None, **NONE}, 1.0, ("yes", 0.0, "declared", "compound")),
    ({}, {}, 0.199, ("yes", 49.5, "inferred", "area")),
]  # fmt: skip


@cache
def blocks() -> FakeFrames:
    layers: dict[str, list[Row]] = {"buildings": [], "compounds": [], "gas_areas": []}
    for at, (building, compound, share, _) in enumerate(BUILDINGS):
        layers["buildings"].append(block(at, **building))
        layers["compounds"].append(yard(at, **compound))
        layers["gas_areas"] += area(at, share)
    return FakeFrames(layers)


def buildings(**args: str) -> Any:
    return asked("buildings-without-gas", blocks(), **args)


def test_buildings() -> None:
    result = buildings()
    found = [tuple(plain(row[name]) for name in ("answer", "value", "basis", "told_by")) for _, row in result.frame.iterrows()]
    assert found == [case[-1] for case in BUILDINGS]
    assert result.sentence.zh == f"{len(BUILDINGS)} 栋楼：未通气 14，不明 8"


def test_without_inference_only_records_count() -> None:
    rows = buildings(infer="false").frame
    inferred = [case[-1][2] == "inferred" for case in BUILDINGS]
    assert set(rows["answer"][inferred]) == {"unknown"} and rows["covered_share"].isna().all()
    assert rows["answer"][~np.array(inferred)].tolist() == [case[-1][0] for case in BUILDINGS if case[-1][2] != "inferred"]


def test_partly_connected_buildings_on_request() -> None:
    assert buildings(partial="true").frame["answer"].tolist()[5:7] == ["yes", "yes"]


def test_no_areas_at_all_is_not_known() -> None:
    row = ask("buildings-without-gas", {"buildings": [block(0)], "compounds": [yard(0)], "gas_areas": []}).frame.iloc[0]
    assert (row["answer"], row["why"]) == ("unknown", "楼栋和所属院落都没有登记通气情况")


def test_in_two_outlines_no_compound_is_taken() -> None:
    compounds = [yard(0, **NONE), yard(0, code="D", **NONE)]
    row = ask("buildings-without-gas", {"buildings": [block(0, compound_code=None)], "compounds": compounds}).frame.iloc[0]
    assert (row["answer"], plain(row["compound"])) == ("unknown", None)


def test_in_two_outlines_the_compound_it_names_is_taken() -> None:
    compounds = [yard(0, **NONE), yard(0, code="D", **FULL)]
    rows = [block(0), block(0, compound_code="D")]
    found = ask("buildings-without-gas", {"buildings": rows, "compounds": compounds}).frame
    assert found["answer"].tolist() == ["yes", "no"]


BUILDING_WHY = [
    ({"gas_status": "none"}, FULL, "登记为未通气", "recorded as without gas"),
    ({"gas_households": 5, "households": 20}, FULL, "已通气 5 / 20 户", "5 / 20 households connected"),
    ({}, NONE, "所属院落“院2”：登记为未通气", "its compound '院2': recorded as without gas"),
    ({}, PARTIAL, "所属院落“院3”：登记为部分通气；哪些楼栋已通气没有登记",
     "its compound '院3': recorded as partly connected; which buildings have gas is not on record"),
    ({}, {"gas_status": "all_electric"}, "所属院落“院4”：全电气化，不需要管道燃气", "its compound '院4': all-electric: piped gas does not apply"),
    ({}, {}, "没有登记通气情况；燃气服务范围覆盖 0.0%（推定）", "no gas record; service areas cover 0.0% (inferred)"),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "column"), [("zh", 2), ("en", 3)])
def test_why_of_buildings(lang: str, column: int) -> None:
    layers = {
        "buildings": [block(at, **case[0]) for at, case in enumerate(BUILDING_WHY)],
        "compounds": [yard(at, **case[1]) for at, case in enumerate(BUILDING_WHY)],
        "gas_areas": ELSEWHERE[1:],
    }
    assert ask("buildings-without-gas", layers, lang=lang).frame["why"].tolist() == [case[column] for case in BUILDING_WHY]


@pytest.mark.parametrize("question", ["gas-contradictions", "buildings-without-gas"])
def test_empty_layers(question: str) -> None:
    assert ask(question, {}).summary["total"] == 0


def test_points_and_odd_buildings_have_an_answer() -> None:
    bow_tie = shapely.Polygon([(112.98, 34.75), (112.981, 34.751), (112.981, 34.75), (112.98, 34.751)])
    rows = [block(0, geometry=box(10, 10, 30, 20).centroid, compound_code=None), block(1, geometry=bow_tie, compound_code=None)]
    result = ask("buildings-without-gas", {"buildings": rows, "compounds": [yard(0, **NONE)], "gas_areas": area(0, 1)})
    assert result.frame["answer"].tolist()[0] == "yes"
