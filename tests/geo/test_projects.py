"""Renovation projects: quantities of a small district against sums done by hand, costs, changes, files."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from shapely.ops import substring

from geo.answers import answer
from geo.errors import BadProfile, BadValue, TooLarge
from geo.exports.project_book import project_xlsx
from geo.projects import MOST, READS, Assessment, Plan, assess, changes, items_of, snapshot
from geo.projects.geojson import LABELS_ZH, geojson
from geo.projects.picking import belonging, picked
from geo.projects.plan import LeftOut, Member
from geo.projects.report import report
from geo.projects.site import rounded
from geo.projects.stretches import Stretches, substrings
from tests.geo.fake_frames import LAYERS, METRIC, NOW, TODAY, FakeFrames, box, line, query
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
    assert [member.name for member in picked(view, [B, A, B])] == ["甲院", "=乙院"]
    for ids in ([], [7]):
        with pytest.raises(BadValue):
            picked(view, ids)


def belonging_to(collection: str, rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], LeftOut | None]:
    frames: Any = FakeFrames({**DISTRICT, collection: rows})
    members, left_out = belonging(frames.view(*READS), answer(query(collection), frames, layers=LAYERS, now=NOW))
    return [member.name for member in members], left_out


def test_rows_that_belong_to_no_compound_are_counted_and_named() -> None:
    """Of 14 lanes two compounds came in, and nobody said that twelve lanes lie in none."""
    astray = {"clear_width_m": 3.0, "compound_code": None, "geometry": line((0, 900), (60, 900))}
    named = [{**astray, "id": id, "code": f"N{id}", "name": f"外巷{id}"} for id in range(10, 35)]
    strange = {**astray, "id": 40, "code": "N40", "name": None, "compound_code": "Z"}  # names a compound that there is not
    names, left_out = belonging_to("fire_lanes", [*LANES, *named, strange])
    assert names == ["甲院"]
    assert left_out == LeftOut("fire_lanes", 30, 26, tuple(f"外巷{id}" for id in range(10, 30)))
    assert belonging_to("fire_lanes", LANES) == (["甲院"], None)
    assert belonging_to("fire_lanes", [*LANES, strange])[1] == LeftOut("fire_lanes", 5, 1, ("N40",))


def test_a_hazard_that_the_ledger_has_nowhere_is_named() -> None:
    astray = {"id": 9, "code": "H9", "hazard_type": "roof_leak", "status": "registered", "found_on": "2026-10-01", "geometry": None}
    assert belonging_to("hazards", [*HAZARDS, astray]) == (["甲院"], LeftOut("hazards", 4, 1, ("H9",)))


def test_what_was_left_out_stays_with_the_project_and_its_files() -> None:
    said = LeftOut("fire_lanes", 14, 12, ("一巷",))
    plan = PLAN.leaving_out(None).leaving_out(said).leaving_out(said)
    assert Plan.read(json.loads(json.dumps(plan.body()))).left_out == (said,)
    assert Plan.read({name: value for name, value in PLAN.body().items() if name != "left_out"}).left_out == ()
    found = assessed(FakeFrames(DISTRICT), plan)
    told = {"layer": "fire_lanes", "layer_label": "消防通道", "rows": 14, "without": 12, "named": ["一巷"]}
    assert json.loads(geojson(found, lang="zh", now=NOW, version=1))["yuantu"]["left_out"] == [told]
    book = openpyxl.load_workbook(io.BytesIO(project_xlsx(found, lang="zh", now=NOW, version=1)))
    assert ("不属于任何院落、没有放进的（消防通道）", "12 / 14: 一巷 …") in [row[:2] for row in book["汇总"].iter_rows(values_only=True)]


def test_no_hazards_on_record_anywhere_is_no_data_and_not_none() -> None:
    """The project said 0 open hazards where nobody had recorded any."""
    told = report(assessed(FakeFrames({**DISTRICT, "hazards": []})), "zh")
    assert [[each["layer"] for each in c["unrecorded"]] for c in told["compounds"]] == [["hazards"], ["buildings", "fire_lanes", "hazards"]]
    assert (told["totals"]["hazards"], told["totals"]["without_hazards_data"]) == (0, 2)


def test_a_file_says_nothing_of_hazards_that_nobody_recorded(found: Assessment) -> None:
    """With one in the community a compound without is one with none."""
    assert [f["properties"]["hazards_n"] for f in json.loads(geojson(found, lang="zh", now=NOW, version=1))["features"]] == [2, 0]
    bare = assessed(FakeFrames({**DISTRICT, "hazards": []}))
    assert [f["properties"]["hazards_n"] for f in json.loads(geojson(bare, lang="zh", now=NOW, version=1))["features"]] == [None, None]
    book = openpyxl.load_workbook(io.BytesIO(project_xlsx(bare, lang="zh", now=NOW, version=1)))
    rows = list(book["院落"].iter_rows(values_only=True))
    assert [row[rows[0].index("未销号隐患")] for row in rows] == ["未销号隐患", "没有数据", "没有数据"]
    assert ("未销号隐患", "没有数据") in [row[:2] for row in book["汇总"].iter_rows(values_only=True)]


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


def test_the_geojson_can_be_drawn_by_without_unpacking_texts(found: Assessment, tmp_path: Path) -> None:
    """To GDAL all lists and objects are texts, and counts of households were fractions."""
    path = tmp_path / "project.geojson"
    path.write_bytes(geojson(found, lang="zh", now=NOW, version=3))
    info = pyogrio.read_info(path)
    types = dict(zip(info["fields"].tolist(), info["ogr_types"], strict=True))
    whole = ("households", "gas_households", "problems_n", "hazards_n", "gaps_n", "cost_low", "cost_high", "cost_open")
    assert (info["crs"], {types[name] for name in whole}) == ("EPSG:4326", {"OFTInteger"})
    read = pyogrio.read_dataframe(path)
    assert read["cost_low"].sum() == found.cost.low and read["cost_high"].sum() == found.cost.high
    assert read["works"][1].split() == [work.item.code for work in found.compounds[1].works if work.included]
    assert json.loads(path.read_text("utf-8"))["yuantu"]["score"].startswith("未评")


NARROW = [
    # (what stands beside a lane of 40 m between two walls 5 m apart, in metres from its start, the sum): measured every 5 m
    ([box(11, 1, 19, 2.5)], "(4 − 3.5) × 10", 5.0),
    ([box(11, 1, 19, 2.5), box(31, 0.5, 34, 2.5)], "(4 − 3.5) × 10 + (4 − 3) × 5", 10.0),
    ([box(1, 1, 39, 2.5)], "(4 − 3.5) × 40", 20.0),
    ([box(7, 0.7, 9.5, 2.5), box(10.5, -2.5, 13, -0.7)], "(4 − 1.72) × 10", 22.8),  # a gap aslant over the cut at 10 m: √(1² + 1.4²)
    ([box(10, 1, 15, 2.5)], "(4 − 3.5) × 5", 2.5),  # it begins and ends at a cut: the pieces before and after it were narrow too
    ([box(9.98, 1, 10.02, 2.5)], "(4 − 3.5) × 10", 5.0),  # a pole at the cut stands at both pieces
]


def widening(beside: list[shapely.Polygon], half_m: float = 2.5) -> Any:
    """The quantity for a lane of 40 m between two walls."""
    walls = [{"id": n, "code": f"W{n}", "kind": "wall", "geometry": line((-5, y), (45, y))} for n, y in ((1, half_m), (2, -half_m))]
    stalls = [{"id": n, "code": f"B{n}", "compound_code": "A", "geometry": shape} for n, shape in enumerate(beside, 1)]
    lane = {"id": 1, "code": "L1", "name": "一巷", "clear_width_m": None, "compound_code": "A", "geometry": line((0, 0), (40, 0))}
    site = {
        "compounds": [{**COMPOUNDS[0], "geometry": box(-10, -10, 60, 20)}],
        "fire_lanes": [lane],
        "obstacles": walls,
        "buildings": stalls,
    }
    return quantity(assessed(FakeFrames(site)), A, "B-FIRE-LANE")


@pytest.mark.parametrize(("beside", "written", "amount"), NARROW)
def test_only_what_is_too_narrow_of_a_lane_is_widened(beside: list[shapely.Polygon], written: str, amount: float) -> None:
    """One narrow place made the quantity that of the whole lane."""
    found = widening(beside)
    assert ([part.sum for part in found.parts], found.amount) == ([written], amount)


def test_a_gap_that_runs_far_along_the_lane_over_a_cut_is_seen() -> None:
    """Two stalls 2.1 m apart along the lane, one on each side of the cut at 20 m: with a narrower place elsewhere nothing was widened for them."""
    elsewhere = [box(6, 0.2, 6.2, 5), box(8.2, -5, 8.4, -0.2)]
    found = widening([*elsewhere, box(17.7, 0.2, 17.95, 5), box(20.05, -5, 20.3, -0.2)], half_m=5)
    assert ([part.sum for part in found.parts], found.amount) == (["(4 − 2.04) × 5 + (4 − 2.14) × 10"], 28.4)


def test_lanes_measured_together_are_as_each_alone() -> None:
    """Lane by lane a project of 222 compounds took 1.6 s of measuring, together 0.5 s."""
    shapes = [line((0, y), (40, y)) for y in range(0, 60, 20)]
    walls = [{"code": f"W{y}", "kind": "wall", "geometry": line((-5, y), (45, y))} for y in (-2.5, 2.5, 22.5, 42.5)]
    lanes = [{"code": f"L{n}", "clear_width_m": None, "geometry": shape} for n, shape in enumerate(shapes)]
    stalls = [{"code": "B1", "geometry": box(11, 1, 19, 2.5)}, {"code": "B2", "geometry": box(7, 20.7, 9.5, 22.5)}]
    view: Any = FakeFrames({"fire_lanes": lanes, "obstacles": walls, "buildings": stalls}).view(*READS)
    together = Stretches(view)
    together.look_up([0, 1, 2], 4.0)
    assert [together.of(row, 4.0) for row in (0, 1, 2)] == [Stretches(view).of(row, 4.0) for row in (0, 1, 2)]
    assert [[round(width, 2) for width, _ in together.of(row, 4.0) or []] for row in (0, 1, 2)] == [[3.5], [], []]


@pytest.mark.parametrize("corners", [[(0, 0), (10, 0)], [(0, 0), (3, 4), (3, 9), (8.5, 9)]])
def test_a_line_is_cut_as_shapely_cuts_it(corners: list[tuple[float, float]]) -> None:
    shape = shapely.LineString(corners)
    first, last = np.array([0.0, 2.5, 4.99, 5.0, 0.3]), np.array([10.0, 5.0, 5.01, shape.length, 9.9])
    cut = substrings(shape, first, last)
    assert all(shapely.equals_exact(one, substring(shape, *at)) for one, *at in zip(cut, first.tolist(), last.tolist(), strict=True))


def test_what_decisions_do_not_change_is_worked_out_once() -> None:
    """A project of 222 compounds took 1.4 s of each change of a price: every problem, quantity and sentence was made anew."""
    frames = FakeFrames(DISTRICT)
    first, again = assessed(frames), assessed(frames)
    assert again.basis is first.basis and again.compounds[0].problems is first.compounds[0].problems
    frames.put("buildings", [], {row["id"] for row in DISTRICT["buildings"]})
    later = assessed(frames)
    assert later.basis is not first.basis
    assert [work.quantity.code for work in later.compounds[0].works] != [work.quantity.code for work in first.compounds[0].works]


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
