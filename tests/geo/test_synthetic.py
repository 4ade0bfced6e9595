"""The made-up district: its told numbers, its geometry measured by shapely alone, its values against the declarations, its determinism."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

import layers
from geo.errors import BadValue
from geo.schema import Field
from geo.synthetic import district

LAYERS = {layer.id: layer for layer in layers.ALL}
AS_OF = "2025-11-01"
Rows = list[dict[str, Any]]
TO_METRES = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True).transform


@pytest.fixture(scope="module")
def demo() -> dict[str, Rows]:
    return district(LAYERS, as_of=AS_OF)


def shapes(rows: Rows) -> np.ndarray:
    """Geometries in EPSG:4547, by pyproj and shapely alone."""
    return shapely.transform(shapely.from_wkb([r["geometry"] for r in rows]), lambda xy: np.column_stack(TO_METRES(xy[:, 0], xy[:, 1])))


def placed(rows: Rows) -> Rows:
    return [r for r in rows if r["geometry"]]


def of(rows: Rows, **wanted: Any) -> Rows:
    return [r for r in rows if all(r.get(k) == v for k, v in wanted.items())]


# what is told of the subdistrict


def test_222_compounds_of_which_215_are_old(demo: Mapping[str, Rows]):
    assert len(demo["compounds"]) == 222
    assert sum(r["built_year"] <= 2000 for r in demo["compounds"]) == 215


def test_compounds_a_community(demo: Mapping[str, Rows]):
    assert Counter(r["community"] for r in demo["compounds"]) == {
        "建设路社区": 43, "杜甫路社区": 45, "桐本南路社区": 42, "新华南路社区": 15, "人民路社区": 40, "陇海路社区": 37,
    }  # fmt: skip


def test_sizes_are_about_those_of_a_subdistrict(demo: Mapping[str, Rows]):
    assert len(demo["hazards"]) == 600
    assert 1200 <= len(demo["buildings"]) <= 1400
    assert 850 <= len(demo["fire_lanes"]) <= 1000
    assert all(demo[name] for name in LAYERS)


def test_jianshe_road(demo: Mapping[str, Rows]):
    """Over 40 courtyards, 6 800 people, mostly of the 1970s and 80s; over 200 shops; over 80 hazards, each with its notice."""
    home = of(demo["compounds"], community="建设路社区")
    assert sum(r["population"] for r in home) == 6800
    assert sum(1970 <= r["built_year"] < 1990 for r in home) / len(home) > 0.85
    shops, hazards = of(demo["shops"], community="建设路社区"), of(demo["hazards"], community="建设路社区")
    assert (len(shops), len(hazards)) == (208, 86)
    assert all(h.get("notice_no") and h.get("notice_on") for h in hazards)
    new = [s for s in shops if s.get("extinguishers_given_n")]
    assert (len(new), sum(s["extinguishers_given_n"] for s in new)) == (10, 20)
    assert all(s["opened_on"] > "2024-12" for s in new)
    held = Counter(r["kind"] for r in of(demo["inspections"], community="建设路社区"))
    assert (held["drill"], held["night_patrol"]) == (3, 10)
    checks = of(demo["inspections"], community="建设路社区", kind="inspection")
    assert sum(r["shops_visited_n"] for r in checks) == 208
    assert sum(r["notices_n"] for r in checks) == sum(r["hazards_found_n"] for r in checks) == 86
    assert sum(r["extinguishers_given_n"] for r in checks) == 20


def test_xinhua_south_road(demo: Mapping[str, Rows]):
    home = of(demo["compounds"], community="新华南路社区")
    assert len(home) == 15 and all(r["built_year"] <= 2000 for r in home)
    assert sum(r["management"] == "none" for r in home) == 11


def test_nanyuan_was_connected(demo: Mapping[str, Rows]):
    [nanyuan] = of(demo["compounds"], name="南苑小区")
    assert (nanyuan["built_year"], nanyuan["gas_status"], nanyuan["gas_households"]) == (1994, "full", nanyuan["households"])
    assert nanyuan["gas_status_on"] == "2024-11-20" and nanyuan["gas_status_on"] > f"{nanyuan['built_year']}"
    names = {r["name"] for r in of(demo["buildings"], compound_code=nanyuan["code"])}
    assert {"里沟商品房", "进修学校"} <= names


def test_yuanding_street_yard(demo: Mapping[str, Rows]):
    """Six buildings of the mid-1980s, over 100 households, a narrow lane that is clear now, hazards that are closed."""
    [yard] = of(demo["compounds"], name="园丁街一号楼院")
    buildings = of(demo["buildings"], compound_code=yard["code"], use="residential")
    assert len(buildings) == yard["buildings_n"] == 6
    assert {b["built_year"] for b in buildings} <= {1985, 1986, 1987}
    assert sum(b["households"] for b in buildings) == yard["households"] == 108
    [lane] = of(demo["fire_lanes"], compound_code=yard["code"], kind="entrance")
    assert lane["clear_width_m"] < 3.5 and lane["occupied"] == "clear"
    closed = {h["hazard_type"] for h in of(demo["hazards"], compound_code=yard["code"], status="closed")}
    assert {"fire_lane_blocked", "sewer_blocked"} <= closed
    assert yard["address"].startswith("园丁街")


def test_the_lane_to_the_office_is_140_m_long_and_4_m_wide(demo: Mapping[str, Rows]):
    [lane] = of(demo["fire_lanes"], name="到明阳商务楼的通道")
    assert (lane["length_m"], lane["clear_width_m"]) == (140.0, 4.0)
    assert shapely.length(shapes([lane])[0]) == pytest.approx(140.0, abs=1e-3)
    [office] = of(demo["buildings"], name="明阳商务楼")
    assert shapely.distance(shapes([lane])[0], shapes([office])[0]) < 5


def test_septic_tank_and_pocket_parks(demo: Mapping[str, Rows]):
    [federation] = of(demo["compounds"], name="工商联家属院")
    tank = of(demo["hazards"], compound_code=federation["code"], hazard_type="septic_full")
    assert tank and tank[0]["status"] == "rectifying"
    [garden] = of(demo["compounds"], name="龙泉花园")
    assert len(of(demo["amenities"], compound_code=garden["code"], kind="pocket_park")) == 3


@pytest.mark.parametrize("seed", [2, 3])
def test_the_story_holds_for_other_seeds(seed: int):
    made = district(LAYERS, as_of=AS_OF, seed=seed)
    compounds = made["compounds"]
    assert sum(r["built_year"] <= 2000 for r in compounds) == 215
    assert {"南苑小区", "园丁街一号楼院", "工商联家属院", "龙泉花园"} <= {r["name"] for r in compounds}
    [garden] = of(compounds, name="龙泉花园")
    assert len(of(made["amenities"], compound_code=garden["code"], kind="pocket_park")) == 3
    assert len(made["hazards"]) == 600


# geometry


@pytest.mark.parametrize("layer", LAYERS)
def test_shapes_are_valid_and_of_the_declared_kinds(demo: Mapping[str, Rows], layer: str):
    made = shapely.from_wkb([r["geometry"] for r in placed(demo[layer])])
    assert shapely.is_valid(made).all()
    assert {g.geom_type for g in made} <= set(LAYERS[layer].geometry)
    assert not shapely.has_z(made).any() and np.isfinite(shapely.bounds(made)).all()


def test_only_hazards_of_the_hotline_are_unplaced(demo: Mapping[str, Rows]):
    unplaced = {name: [r for r in rows if r["geometry"] is None] for name, rows in demo.items()}
    assert {name for name, rows in unplaced.items() if rows} == {"hazards"}
    assert all(r["reported_via"] == "hotline" and "compound_code" not in r for r in unplaced["hazards"])


def test_the_district_lies_around_its_origin(demo: Mapping[str, Rows]):
    west, south, east, north = shapely.total_bounds(shapes(demo["communities"]))
    x, y = TO_METRES(112.98, 34.75)
    assert abs((west + east) / 2 - x) < 60 and abs((south + north) / 2 - y) < 60
    assert 2000 < east - west < 2600 and 1000 < north - south < 1500


def test_compounds_do_not_overlap_and_lie_in_their_community(demo: Mapping[str, Rows]):
    outlines = shapes(demo["compounds"])
    a, b = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    assert (a == b).all()
    communities = dict(zip([r["name"] for r in demo["communities"]], shapes(demo["communities"]), strict=True))
    assert all(communities[r["community"]].contains(g) for r, g in zip(demo["compounds"], outlines, strict=True))


@pytest.mark.parametrize("layer", ["buildings", "turnarounds", "amenities"])
def test_what_belongs_to_a_compound_lies_in_it(demo: Mapping[str, Rows], layer: str):
    outlines = dict(zip([r["code"] for r in demo["compounds"]], shapes(demo["compounds"]), strict=True))
    mine = [r for r in demo[layer] if r.get("compound_code")]
    assert mine and all(outlines[r["compound_code"]].contains(g) for r, g in zip(mine, shapes(mine), strict=True))


def test_buildings_neither_touch_each_other_nor_stand_on_a_lane(demo: Mapping[str, Rows]):
    buildings, lanes = shapes(demo["buildings"]), shapes(demo["fire_lanes"])
    tree = shapely.STRtree(buildings)
    a, b = tree.query(buildings, predicate="intersects")
    assert (a == b).all()
    assert tree.query(lanes, predicate="intersects").size == 0


def test_dwellings_face_south(demo: Mapping[str, Rows]):
    """Rows run with the streets, which are turned by some five degrees: no long side is far from east-west."""
    for shape in shapes(of(demo["buildings"], use="residential"))[::7]:
        (ax, ay), (bx, by), (cx, cy) = np.array(shape.exterior.coords)[:3]
        longest = max(((bx - ax, by - ay), (cx - bx, cy - by)), key=lambda v: np.hypot(*v))
        assert abs(np.degrees(np.arctan2(longest[1], longest[0]))) % 180 == pytest.approx(5.2, abs=1.0) or np.hypot(*longest) < 14.6


def test_every_lane_leads_to_a_road(demo: Mapping[str, Rows]):
    """From each lane one gets to a road over lanes that touch; and no compound is without a lane from the street."""
    lanes, roads = shapes(demo["fire_lanes"]), shapely.union_all(shapes(demo["roads"]))
    near = shapely.distance(lanes, roads) < 1e-6
    a, b = shapely.STRtree(lanes).query(lanes, predicate="dwithin", distance=1e-6)
    reached = near.copy()
    for _ in range(6):
        np.logical_or.at(reached, b, reached[a])
    assert reached.all()
    assert {r["compound_code"] for r, n in zip(demo["fire_lanes"], near, strict=True) if n and "compound_code" in r} == {
        r["code"] for r in demo["compounds"]
    }


def test_walls_leave_a_gap_at_each_gate(demo: Mapping[str, Rows]):
    """No wall or fence crosses a lane, and each gate stands in a gap at least as wide as is said of it (0.01 m)."""
    walls = shapes([r for r in demo["obstacles"] if r["kind"] in ("wall", "fence")])
    tree = shapely.STRtree(walls)
    assert tree.query(shapes(demo["fire_lanes"]), predicate="crosses").size == 0
    gates = [r for r in demo["access_points"] if r.get("gate_width_m")]
    _, distances = tree.query_nearest(shapes(gates), return_distance=True, all_matches=False)
    assert (distances * 2 >= np.array([r["gate_width_m"] for r in gates]) - 0.01).all()


def clear_width(line: shapely.LineString, solid: np.ndarray, tree: shapely.STRtree) -> float:
    """The least free distance across a lane, by rays to both sides every half metre."""
    best = np.inf
    for s in np.arange(0.5, line.length - 0.5, 0.5):
        here, ahead = line.interpolate(s), line.interpolate(s + 0.05)
        nx, ny = -(ahead.y - here.y) / 0.05, (ahead.x - here.x) / 0.05
        free = 0.0
        for sign in (1, -1):
            ray = shapely.LineString([(here.x, here.y), (here.x + sign * nx * 12, here.y + sign * ny * 12)])
            hits = solid[tree.query(ray, predicate="intersects")]
            free += min(shapely.distance(shapely.intersection(hits, ray), here), default=12.0)
        best = min(best, free)
    return best


def test_lanes_measured_by_tape_are_as_wide_as_is_said(demo: Mapping[str, Rows]):
    """Nothing stands nearer than the declared width, and where something pinches the lane between its ends it is found there."""
    solid = np.concatenate([shapes(demo["buildings"]), shapes([r for r in demo["obstacles"] if r["kind"] != "cable"])])
    tree = shapely.STRtree(solid)
    taped = of(demo["fire_lanes"], width_source="tape", kind="yard")[:24]
    over = np.array([clear_width(g, solid, tree) - r["clear_width_m"] for r, g in zip(taped, shapes(taped), strict=True)])
    assert over.min() > -0.02
    assert (over < 0.3).mean() > 0.5


# values


def admits(field: Field, value: Any) -> bool:
    kinds = {"text": str, "choice": str, "date": str, "integer": int, "year": int, "number": float, "boolean": bool}
    if type(value) is not kinds[field.type]:
        return False
    if field.type == "choice":
        return field.choice(value) is not None
    if field.type == "date":
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)) and value <= AS_OF
    if field.is_numeric:
        return (field.minimum is None or value >= field.minimum) and (field.maximum is None or value <= field.maximum)
    return value != ""


@pytest.mark.parametrize("layer", LAYERS)
def test_every_value_passes_its_declaration(demo: Mapping[str, Rows], layer: str):
    fields = {f.name: f for f in LAYERS[layer].writable}
    wrong = [
        (name, value)
        for row in demo[layer]
        for name, value in row.items()
        if name not in ("geometry", "due_date") and not admits(fields[name], value)
    ]
    assert wrong == []
    assert all(r["source"] == "demo" and r["source_date"] == AS_OF and r["quality"] for r in demo[layer])


def test_codes_are_unique_and_references_resolve(demo: Mapping[str, Rows]):
    codes = {name: {r["code"] for r in rows} for name, rows in demo.items()}
    assert {name: len(c) for name, c in codes.items()} == {name: len(rows) for name, rows in demo.items()}
    for name, layer in LAYERS.items():
        for field in (f for f in layer.fields if f.refers):
            used = {r[field.name] for r in demo[name] if field.name in r}
            assert used <= codes[field.refers or ""], f"{name}.{field.name}"


def test_names_are_unique_within_a_community(demo: Mapping[str, Rows]):
    assert len({(r["name"], r["community"]) for r in demo["compounds"]}) == 222


def test_households_add_up(demo: Mapping[str, Rows]):
    by_compound: Counter[str] = Counter()
    for r in of(demo["buildings"], use="residential"):
        by_compound[r["compound_code"]] += r["households"]
    assert by_compound == {r["code"]: r["households"] for r in demo["compounds"]}
    for community in demo["communities"]:
        mine = of(demo["compounds"], community=community["name"])
        assert (community["households"], community["compounds_n"]) == (sum(r["households"] for r in mine), len(mine))


def test_gas_is_told_in_every_way(demo: Mapping[str, Rows]):
    """All states, unknown and unsaid ones, contradictions of status and count, compounds partly inside a service area."""
    states = Counter(r.get("gas_status") for r in demo["compounds"])
    assert set(states) == {"none", "partial", "full", "under_construction", "all_electric", "unknown", None}
    assert 40 <= states["none"] <= 80 and 80 <= states["full"] <= 120
    assert any(r.get("gas_status") == "none" and r.get("gas_households", 0) > 0 for r in demo["compounds"])
    areas = shapely.union_all(shapes(demo["gas_areas"]))
    outlines = shapes(demo["compounds"])
    share = shapely.area(shapely.intersection(outlines, areas)) / shapely.area(outlines)
    assert min((share < 0.01).sum(), ((share > 0.05) & (share < 0.95)).sum(), (share > 0.99).sum()) > 15
    assert ((share > 0.9) & np.array([r.get("gas_status") == "none" for r in demo["compounds"]])).any()


def test_widths_are_missing_wrong_and_right(demo: Mapping[str, Rows]):
    widths = [r.get("clear_width_m") for r in demo["fire_lanes"]]
    known = np.array([w for w in widths if w is not None])
    assert 0.1 < widths.count(None) / len(widths) < 0.35
    assert min((known < 3).sum(), ((known >= 3) & (known < 3.5)).sum(), ((known >= 3.5) & (known < 4)).sum()) > 40
    assert (known == 4.0).sum() > 20 and ((known > 3.9) & (known < 4)).any()
    assert {r.get("width_source") for r in demo["fire_lanes"]} == {"tape", "survey", "cad", "imagery", "unsaid", None}


def test_hazards_have_a_course(demo: Mapping[str, Rows]):
    """Dates follow each other; closed means done; only those that were told a date are overdue; no person is named."""
    order = ("found_on", "notice_on", "done_on", "reviewed_on", "closed_on")
    for r in demo["hazards"]:
        dates = [r[k] for k in order if k in r]
        assert dates == sorted(dates), r["code"]
        assert ("closed_on" in r) == (r["status"] == "closed")
        assert (r["status"] in ("candidate", "registered", "rejected")) == ("notice_on" not in r)
        assert r["status_on"] == dates[-1]
        assert not {"found_by", "resp_person", "resp_phone", "reviewed_by"} & r.keys()
        assert r["grade"] != "major" or {"determination_by", "determination_on", "determination_basis"} <= r.keys()
    states = Counter(r["status"] for r in demo["hazards"])
    assert set(states) >= {
        "registered",
        "notified",
        "rectifying",
        "done_pending_review",
        "review_failed",
        "closed",
        "candidate",
        "rejected",
    }
    assert any(r["status"] in ("notified", "rectifying") and r["due_date"] < AS_OF for r in demo["hazards"])
    assert any("reopen_of" in r for r in demo["hazards"])


# the same, any size, elsewhere


def test_the_same_arguments_give_the_same_rows(demo: Mapping[str, Rows]):
    assert district(LAYERS, as_of=AS_OF) == demo
    assert district(LAYERS, as_of=AS_OF, seed=2, only=["compounds"])["compounds"] != demo["compounds"]


@pytest.mark.soak
def test_another_process_gives_the_same_rows():
    """Nothing depends on the order of sets, which differs with the hash seed."""
    program = (
        "import hashlib, layers\nfrom geo.synthetic import district\n"
        f"made = district({{l.id: l for l in layers.ALL}}, compounds=12, as_of={AS_OF!r})\n"
        "print(hashlib.sha256(repr([sorted(r.items()) for rows in made.values() for r in rows]).encode()).hexdigest())"
    )
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env={"PYTHONHASHSEED": "77"}, capture_output=True, check=True, text=True
    ).stdout
    made = district(LAYERS, compounds=12, as_of=AS_OF)
    mine = hashlib.sha256(repr([sorted(r.items()) for rows in made.values() for r in rows]).encode()).hexdigest()
    assert told.strip() == mine


@pytest.mark.parametrize("compounds", [1, 2, 7, 38, 90])
def test_any_size_is_exact_and_sound(compounds: int):
    made = district(LAYERS, compounds=compounds, as_of=AS_OF)
    assert len(made["compounds"]) == compounds
    outlines = shapes(made["compounds"])
    a, b = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    assert (a == b).all()
    assert len({(r["name"], r["community"]) for r in made["compounds"]}) == compounds
    assert round(compounds * 215 / 222) == pytest.approx(sum(r["built_year"] <= 2000 for r in made["compounds"]), abs=1)


def test_coarse_layers_alone_are_the_same_rows(demo: Mapping[str, Rows]):
    coarse = district(LAYERS, as_of=AS_OF, only=["compounds", "gas_areas"])
    assert coarse == {"gas_areas": demo["gas_areas"], "compounds": demo["compounds"]}


def test_another_origin_moves_the_district():
    made = district(LAYERS, compounds=5, as_of=AS_OF, origin=(24.94, 60.17), only=["compounds"])
    west, south, east, north = shapely.total_bounds(shapely.from_wkb([r["geometry"] for r in made["compounds"]]))
    assert 24.9 < west < east < 24.98 and 60.15 < south < north < 60.19


def test_growth_is_linear():
    """Four times the compounds draw four times the random numbers and rows: counted, not timed."""
    small, large = (district(LAYERS, compounds=n, as_of=AS_OF) for n in (40, 160))
    for name in ("buildings", "fire_lanes", "obstacles", "hazards", "shops"):
        assert 2.5 < len(large[name]) / len(small[name]) < 6.5, name


@pytest.mark.parametrize(("wrong", "values"), [("none", {"compounds": 0}), ("early", {"as_of": "2014-12-31"})])
def test_what_cannot_be_made_is_refused(wrong: str, values: dict[str, Any]):
    with pytest.raises(BadValue):
        district(LAYERS, **{"as_of": AS_OF, **values})


@pytest.mark.soak
def test_a_country_of_220_000_compounds():
    made = district(LAYERS, compounds=220_000, as_of=AS_OF, only=["compounds"])
    assert len(made["compounds"]) == len({r["code"] for r in made["compounds"]}) == 220_000
