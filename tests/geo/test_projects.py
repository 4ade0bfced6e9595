"""Renovation projects: quantities of a small district against sums done by hand, costs, changes, files."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
import shapely

from geo.errors import BadProfile, BadValue, TooLarge
from geo.exports.project_book import project_xlsx
from geo.projects import MOST, READS, Assessment, Plan, assess, changes, items_of, snapshot
from geo.projects.geojson import LABELS_ZH, geojson
from geo.projects.picking import picked
from geo.projects.plan import Member
from geo.projects.site import rounded
from tests.geo.fake_frames import LAYERS, METRIC, NOW, TODAY, FakeFrames, box, line
from web.projects import items

A, B = 1, 2
COMPOUNDS = [
    {
        "id": A, "code": "A", "name": "甲院", "households": 100.0, "gas_households": 40.0, "gas_status": "partial", "ebike_ports_n": 30.0,
        "drain_split": "combined", "geometry": box(0, 0, 200, 100),
    },
    {"id": B, "code": "B", "name": "=乙院", "households": None, "gas_status": "none", "drain_split": None, "geometry": box(500, 0, 600, 100)},
]  # fmt: skip
WIDE = {"width_source": "tape", "quality": "measured", "compound_code": "A"}
LANES = [
    {"id": 1, "code": "L1", "name": "一巷", "clear_width_m": 3.5, "marking": "none", "geometry": line((0, 10), (60, 10)), **WIDE},
    {"id": 2, "code": "L2", "name": "二巷", "clear_width_m": 3.23, "marking": "full", "geometry": line((0, 90), (25, 90)), **WIDE},
    {"id": 3, "code": "L3", "name": "三巷", "clear_width_m": 4.0, "marking": None, "geometry": line((0, 50), (10, 50)), **WIDE},
    {"id": 4, "code": "L4", "name": "四巷", "clear_width_m": 3.0, "marking": "full", "length_m": None, "geometry": None, **WIDE},
]
HOUSE = {"compound_code": "A", "use": "residential"}
BUILDINGS = [
    {"id": 1, "code": "A-1", "no": "1", "floors": 5.0, "units_n": 3.0, "elevators_n": 0.0, "geometry": box(20, 20, 40, 30), **HOUSE},
    {"id": 2, "code": "A-2", "no": "2", "floors": 6.0, "height_m": 17.0, "units_n": 2.0, "geometry": box(60, 20, 80, 30), **HOUSE},
    {"id": 3, "code": "A-3", "no": "3", "floors": 2.0, "use": "commercial", "compound_code": "A", "geometry": box(120, 20, 150, 40)},
]
HAZARDS = [
    {"id": 1, "code": "H1", "hazard_type": "septic_full", "status": "registered", "compound_code": "A", "found_on": "2026-10-01", "geometry": None},
    {"id": 2, "code": "H2", "hazard_type": "septic_full", "status": "closed", "compound_code": "A", "found_on": "2026-10-01", "geometry": None},
    {"id": 3, "code": "H3", "hazard_type": "roof_leak", "status": "notified", "compound_code": "A", "building_code": "A-1", "found_on": "2026-10-01", "geometry": None},
]  # fmt: skip
DISTRICT: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "compounds": COMPOUNDS, "fire_lanes": LANES, "buildings": BUILDINGS, "hazards": HAZARDS,
}  # fmt: skip
PLAN = Plan("一期", "cn_gb", TODAY, compounds=(Member(A, "A", "甲院"), Member(B, "B", "=乙院")))


def assessed(frames: FakeFrames, plan: Plan = PLAN) -> Assessment:
    return assess(frames.view(*READS, as_of=plan.as_of), plan, items(), LAYERS, lang="zh")


@pytest.fixture(scope="module")
def found() -> Assessment:
    return assessed(FakeFrames(DISTRICT))


def quantity(found: Assessment, compound: int, code: str) -> Any:
    works = next(c.works for c in found.compounds if c.member.id == compound)
    return next((work.quantity for work in works if work.item.code == code), None)


BY_HAND = [
    # (item, amount, unknown parts, proposed, the sums)
    ("B-FIRE-LANE", 49.3, 1, True, ["(4 − 3.5) × 60", "(4 − 3.23) × 25", "(4 − 3) × ?"]),  # 30.0 + 19.25 → 19.3; L4 is not on the map
    ("B-FIRE-MARK", 60.0, 1, True, ["60", "?"]),  # L1 has none; of L3 nobody knows
    ("B-GAS-HH", 60.0, 0, True, ["100 − 40"]),
    ("B-DRAIN", 95.0, 1, True, ["60", "25", "10", "?"]),
    ("B-SEPTIC", 1.0, 0, True, ["1"]),  # the closed one does not count
    ("B-ROOF", 200.0, 0, True, ["200"]),  # only the building that the hazard names
    ("B-WALL", 1440.0, 0, False, ["60 × (5 × 3) × 0.75", "60 × 17 × 0.75"]),  # 675 + 765; the shop is no dwelling
    ("B-ROAD", 330.8, 1, False, ["60 × 3.5", "25 × 3.23", "10 × 4", "? × 3"]),  # 210 + 80.75 → 80.8 + 40
    ("B-CABLE", 100.0, 0, False, ["100"]),
    ("I-EBIKE", 70.0, 0, True, ["100 × 1 − 30"]),
    ("I-LIFT", 3.0, 1, False, ["3 − 0", "2 − ?"]),
]


@pytest.mark.parametrize(("code", "amount", "unknown", "proposed", "sums"), BY_HAND)
def test_quantities_are_those_done_by_hand(
    code: str, amount: float, unknown: int, proposed: bool, sums: list[str], found: Assessment
) -> None:
    made = quantity(found, A, code)
    assert (made.amount, made.unknown, made.proposed, [part.sum for part in made.parts]) == (amount, unknown, proposed, sums)


def test_what_is_unknown_stays_unknown(found: Assessment) -> None:
    """A compound whose households nobody wrote down has no quantity of 0, and no cost is made of it."""
    gas = quantity(found, B, "B-GAS-HH")
    assert (gas.amount, gas.unknown, gas.parts[0].sum, gas.parts[0].lacks) == (None, 1, "? − 0", "households")
    assert quantity(found, B, "B-DRAIN").parts[0].lacks == "drain_split"
    work = next(w for w in found.compounds[1].works if w.item.code == "B-GAS-HH")
    assert (work.included, work.cost.low, work.cost.high, work.cost.open) == (True, 0, 0, 1)


def test_a_work_names_what_it_settles(found: Assessment) -> None:
    assert quantity(found, A, "B-FIRE-LANE").resolves == ("FA-01/L1", "FA-01/L2", "FA-01/L4")
    assert quantity(found, A, "B-ROOF").resolves == ("hazards/H3",)


@pytest.mark.soak
def test_hydrants_are_shared_within_the_spacing() -> None:
    """Of five buildings out of reach, three in a row of 100 m share one; two 500 m away stand alone, 130 m from each other."""
    rows = [
        {"id": n, "code": f"{n}", "compound_code": "A", "use": "residential", "geometry": box(x, 40, x + 10, 50)}
        for n, x in enumerate((0, 110, 220, 730, 870), 1)
    ]
    hydrants = [{"id": 1, "code": "S", "working": "yes", "geometry": shapely.Point(box(9000, 0, 9001, 1).exterior.coords[0])}]
    lane = [{"id": 1, "code": "L", "compound_code": "A", "geometry": line((0, 35), (9000, 35)), **WIDE}]
    made = assessed(
        FakeFrames({"compounds": COMPOUNDS[:1], "buildings": rows, "hydrants": hydrants, "fire_lanes": lane}),
        replace(PLAN, compounds=PLAN.compounds[:1]),
    )
    served = [part.resolves for part in quantity(made, A, "B-HYDRANT").parts]
    assert served == [("HY-01/1", "HY-01/2", "HY-01/3"), ("HY-01/4",), ("HY-01/5",)]


def test_costs_are_quantity_times_price(found: Assessment) -> None:
    low = 49.3 * 150 + 60 * 20 + 60 * 2000 + 95 * 600 + 1 * 3000 + 200 * 80 + 70 * 500
    assert found.compounds[0].cost.low == low == 239595.0
    assert found.cost.open == 4  # widening, marking and drains at A, gas at B


def test_a_price_of_ones_own_is_for_this_project(found: Assessment) -> None:
    plan = PLAN.with_price(items(), "B-GAS-HH", {"low": 1000, "high": 1500, "source": "结算", "date": "2025-10-01"})
    own = assessed(FakeFrames(DISTRICT), plan)
    assert own.cost.low == found.cost.low - 60 * 1000
    assert own.fingerprint != found.fingerprint
    assert plan.with_price(items(), "B-GAS-HH", None).prices == {}


def test_a_planner_decides(found: Assessment) -> None:
    plan = PLAN.with_decision(items(), f"{A}/I-PARK", {"included": True, "amount": 12, "why": "方案"})
    plan = plan.with_decision(items(), f"{A}/B-SEPTIC", {"included": False})
    own = assessed(FakeFrames(DISTRICT), plan)
    assert own.compounds[0].cost.low == found.compounds[0].cost.low + 12 * 3000 - 3000
    assert Plan.read(json.loads(json.dumps(plan.body()))) == plan


REFUSED = [
    ("with_price", ("B-GAS-HH", {"low": 5, "high": 1, "source": "x", "date": "2025-01-01"})),
    ("with_price", ("B-GAS-HH", {"low": 1, "high": 5, "source": " ", "date": "2025-01-01"})),
    ("with_price", ("B-GAS-HH", {"low": 1, "high": 5, "source": "x", "date": "2025-02-30"})),
    ("with_price", ("B-GAS-HH", {"low": 1, "high": float("nan"), "source": "x", "date": "2025-01-01"})),
    ("with_price", ("B-GAS-HH", {"low": True, "high": 5, "source": "x", "date": "2025-01-01"})),
    ("with_price", ("NONE", None)),
    ("with_decision", ("9/B-ROOF", {"included": True})),
    ("with_decision", (f"{A}/NONE", {"included": True})),
    ("with_decision", (f"{A}/B-ROOF", {"amount": 3})),  # no reason
    ("with_decision", (f"{A}/B-ROOF", {"amount": -1, "why": "x"})),
    ("with_decision", (f"{A}/B-ROOF", {"included": "yes"})),
    ("with_decision", (f"{A}/B-ROOF", {"surprise": 1})),
]


@pytest.mark.parametrize(("method", "said"), REFUSED)
def test_what_cannot_be_meant_is_refused(method: str, said: tuple[Any, ...]) -> None:
    with pytest.raises(BadValue):
        getattr(PLAN, method)(items(), *said)


def test_a_project_has_room_for_so_many() -> None:
    with pytest.raises(TooLarge):
        PLAN.with_compounds([Member(n, str(n), str(n)) for n in range(10, 10 + MOST)])


def test_half_up_as_on_paper() -> None:
    """Python rounds 19.25 and 31.15 down; on paper they go up."""
    assert [rounded(value) for value in (19.25, 31.15, 0.04, 80.75)] == [19.3, 31.2, 0.0, 80.8]


# ---------------------------------------------------------------- changes


def test_it_says_what_has_changed_since_and_only_there() -> None:
    frames = FakeFrames(DISTRICT)
    plan = replace(PLAN, seen=json.loads(json.dumps(snapshot(assessed(frames), NOW))))
    before = assessed(frames, plan)
    assert changes(before) == []
    frames.put("compounds", [{**COMPOUNDS[0], "gas_households": 100.0, "gas_status": "full"}, COMPOUNDS[1]], {A})
    frames.put("hazards", HAZARDS[1:], {1})
    after = assessed(frames, plan)
    said = [(c.compound, c.kind, c.what, c.before, c.after) for c in changes(after)]
    assert said == [
        (A, "field", "gas_status", "partial", "full"),
        (A, "field", "gas_households", 40.0, 100.0),
        (A, "finding", "GA-01/A", "medium 40", None),
        (A, "finding", "HZ-02/H1", "low 33", None),
        (A, "hazard", "H1", "registered", None),
        (A, "checks", "unknown", 53, 50),
        (A, "quantity", "B-GAS-HH", 60.0, None),
        (A, "quantity", "B-SEPTIC", 1.0, None),
    ]
    assert after.fingerprint != before.fingerprint


@pytest.mark.soak
def test_a_compound_that_is_gone_is_still_named() -> None:
    frames = FakeFrames(DISTRICT)
    plan = replace(PLAN, seen=snapshot(assessed(frames), NOW))
    frames.put("compounds", COMPOUNDS[:1], {B})
    after = assessed(frames, plan)
    assert ([m.name for m in after.gone], [(c.compound, c.kind) for c in changes(after)]) == (["=乙院"], [(B, "gone")])


@pytest.mark.soak
def test_the_same_data_give_the_same_fingerprint(found: Assessment) -> None:
    assert assessed(FakeFrames(DISTRICT)).fingerprint == found.fingerprint


def test_compounds_are_picked_by_id() -> None:
    view: Any = FakeFrames(DISTRICT).view(*READS)
    assert [member.name for member in picked(view, ids=[B, A, B])] == ["甲院", "=乙院"]
    for ids in ([], [7]):
        with pytest.raises(BadValue):
            picked(view, ids=ids)


# ---------------------------------------------------------------- files


def test_the_geojson_is_strict_and_says_its_labels(found: Assessment) -> None:
    said = json.loads(geojson(found, lang="zh", now=NOW, version=3))
    assert (said["type"], "crs" in said, len(said["features"]), len(said["bbox"])) == ("FeatureCollection", False, 2, 4)
    first, second = said["features"]
    assert shapely.geometry.shape(first["geometry"]).exterior.is_ccw
    properties = first["properties"]
    gas = next(item for item in properties["items"] if item["code"] == "B-GAS-HH")
    assert (gas["qty"], gas["unit"], gas["sums"], gas["cost_low"], gas["cost_high"]) == (60.0, "户", ["100 − 40"], 120000, 210000)
    assert properties["cost_range"]["low"] == 239595
    assert next(item for item in second["properties"]["items"] if item["code"] == "B-GAS-HH")["qty"] is None
    named = set(properties) | {name for item in (*properties["items"], *properties["problems"]) for name in item}
    assert named - set(LABELS_ZH) == {"label"}
    assert (said["yuantu"]["fingerprint"], said["yuantu"]["metric_crs"]) == (found.fingerprint, METRIC)


@pytest.mark.soak
def test_an_unplaced_compound_has_a_null_geometry() -> None:
    frames = FakeFrames({**DISTRICT, "compounds": [{**COMPOUNDS[0], "geometry": None}, {**COMPOUNDS[1], "geometry": None}]})
    said = json.loads(geojson(assessed(frames), lang="zh", now=NOW, version=1))
    assert ([f["geometry"] for f in said["features"]], "bbox" in said) == ([None, None], False)


def test_the_workbook_has_its_sheets_and_adds_up(found: Assessment) -> None:
    data = project_xlsx(found, lang="zh", now=NOW, version=3)
    values, formulas = (openpyxl.load_workbook(io.BytesIO(data), data_only=only) for only in (True, False))
    assert values.sheetnames == ["汇总", "院落", "问题", "工程", "单价", "资料来源"]
    works = values["工程"]
    rows = {(row[1], row[2]): row for row in works.iter_rows(min_row=2, values_only=True)}
    assert rows["甲院", "B-GAS-HH"][5:9] == (60, "户", 120000, 210000)
    assert rows["=乙院", "B-GAS-HH"][5] == "不明"
    assert sum(row[7] for row in rows.values()) == found.cost.low
    assert str(formulas["工程"]["H2"].value).startswith("=ROUND(N(F2)*'单价'!$E$")
    assert values["院落"]["B3"].value == "=乙院"
    assert values["院落"]["B3"].data_type == "s"  # a text that a spreadsheet must not run


def test_a_list_of_items_tells_its_line() -> None:
    text = "[source]\nzh='x'\nen='x'\ndate='2026-01-01'\nsure='C'\n[items.A]\nzh='a'\nen='a'\nworks='basic'\nunit='m'\nlow=5\nhigh=1\n"
    with pytest.raises(BadProfile) as error:
        items_of(text, "x.toml")
    assert error.value.members["line"] == 11


def test_what_was_seen_takes_little_room_in_every_version() -> None:
    """Every change of a price is a version of the document: 222 compounds as they were seen put half a megabyte into each."""
    one = {
        "values": {"name": "院", "households": 120, "gas_status": "none", "address": "某街"},
        "findings": {f"FA-01/L{n}": "major 3.5" for n in range(30)},
    }
    seen = {"at": "2026-11-22T08:00:00Z", "compounds": {str(id): one | {"geometry": f"{id:016x}"} for id in range(222)}}
    plan = Plan("甲", "cn_gb", "2026-11-22", seen=seen)
    assert Plan.read(json.loads(json.dumps(plan.body()))).seen == seen
    assert len(json.dumps(plan.body())) < len(json.dumps(seen)) / 10
