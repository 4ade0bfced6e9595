"""A district in which everything is known by construction, and the result that every rule must have on every feature, worked out by hand.

Metres east and north of ORIGIN. Everything is drawn exactly (accuracy 0), widths are taped. A public road (kerbs 7 m off its centreline) runs along
y = 0; four compounds lie north of it: A (lanes A1, A2), B (B1, B2), C (C1, C2) and D (D1 a ring, D2 its stem). The day is Sunday, 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from tests.geo.fake_frames import box, line, metres

Row = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """`measured`: None = none, ... = not asked. `lacks`: "layer.field" of `of` (a code; "" = the feature itself, "-" = the layer as a whole), "" = no record
    would settle it."""

    result: str
    measured: Any = ...
    severity: str = ""
    lacks: str = ""
    of: str = ""


NA = Result("na")


def ok(measured: Any = ...) -> Result:
    return Result("pass", measured)


def bad(severity: str, measured: Any = ...) -> Result:
    return Result("fail", measured, severity)


def open_(lacks: str, of: str = "") -> Result:
    return Result("unknown", ..., "", lacks, of)


def each(default: Result, **others: Result) -> dict[str, Result]:
    """A result for every feature of the subject; "*" stands for those not named. Codes have - where names have _."""
    return {"*": default, **{code.replace("_", "-"): result for code, result in others.items()}}


def drawn(code: str, **values: Any) -> Row:
    return {"code": code, "accuracy_m": 0.0, "quality": "measured", **values}


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(metres((x, y))[0])


def ringed(outer: shapely.Polygon, inner: shapely.Polygon) -> shapely.Polygon:
    return shapely.Polygon(outer.exterior.coords, [inner.exterior.coords])


def lane(code: str, shape: Any, **values: Any) -> Row:
    """All is well with it, unless said."""
    fine = {
        "clear_width_m": 4.5, "width_source": "tape", "clear_height_m": 4.5, "slope_pct": 3.0, "load_ok": "yes", "marking": "full", "parking_sides": 0,
        "occupied": "clear", "compound_code": code[0],
    }  # fmt: skip
    return drawn(code, geometry=shape, **{**fine, **values})


def building(code: str, shape: Any, **values: Any) -> Row:
    return drawn(code, geometry=shape, **{"use": "residential", "height_m": 15.0, "compound_code": code[0], **values})


def hazard(code: str, x: float, y: float, **values: Any) -> Row:
    return drawn(code, geometry=point(x, y), **{"grade": "general", "status": "notified", "escalated": False, **values})


NOTHING = {
    "clear_width_m": None,
    "clear_height_m": None,
    "slope_pct": None,
    "load_ok": None,
    "marking": None,
    "parking_sides": None,
    "occupied": None,
}

DISTRICT: Mapping[str, list[Row]] = {
    "compounds": [
        drawn("A", geometry=box(0, 10, 120, 120), built_year=1985.0, built_year_basis="acceptance", households=60.0, ebike_ports_n=60.0, gas_status="none",
              lpg_households=3.0),
        drawn("B", geometry=box(150, 10, 260, 130), built_year=2001.0, built_year_basis="deed", households=50.0, ebike_ports_n=49.0, gas_status="partial",
              gas_households=40.0, riser_position="bathroom"),
        drawn("C", geometry=box(290, 8, 370, 120), built_year=2000.0, built_year_basis="estimate", households=12.0),
        drawn("D", geometry=box(400, 10, 690, 200), gas_status="all_electric", ebike_ports_n=10.0),
    ],
    "roads": [
        drawn("R1", geometry=line((-200, 0), (800, 0)), kind="secondary", road_width_m=14.0),
        drawn("R2", geometry=line((-200, -300), (800, -300)), kind="primary", road_width_m=62.0),
    ],
    "fire_lanes": [
        lane("A1", line((20, 0), (20, 83)), clear_width_m=3.2, slope_pct=10.0, marking="none"),
        lane("A2", line((20, 42), (90, 42)), clear_width_m=4.0, road_width_m=5.0, slope_pct=10.1),
        lane("B1", line((170, 0), (170, 82)), slope_pct=8.0, turn_radius_m=12.0, parking_sides=1, road_width_m=6.2),
        lane("B2", line((170, 42), (210, 42)), clear_width_m=5.0, turn_radius_m=11.0),
        lane("C1", line((320, 0), (320, 30)), clear_width_m=None, width_source=None),
        lane("C2", line((358, 0), (358, 30)), **NOTHING, width_source=None),
        lane("D1", line((430, 30), (470, 30), (470, 70), (430, 70), (430, 30)), clear_width_m=6.0),
        lane("D2", line((430, 0), (430, 30)), parking_sides=1, road_width_m=6.1, load_ok="no", occupied="night"),
    ],
    "turnarounds": [
        drawn("T1", geometry=box(84, 36, 96, 48)),
        drawn("T2", geometry=box(203, 34.6, 217.9, 49.5)),
        drawn("T3", geometry=point(600, -100)),
    ],
    "access_points": [
        drawn("P1", geometry=point(20, 8), kind="arch", gate_width_m=3.4, gate_height_m=4.0),
        drawn("P2", geometry=point(170, 8), kind="gate", gate_width_m=4.5, gate_height_m=4.5),
        drawn("P3", geometry=point(110, 60), kind="gate"),
        drawn("P4", geometry=point(110, 70), kind="pedestrian_gate", gate_width_m=1.2),
    ],
    "obstacles": [
        drawn("O1", geometry=point(20.5, 75), kind="pole", width_m=0.3),
        drawn("O2", geometry=point(200, 42), kind="branch", clear_height_m=3.9),
    ],
    "buildings": [
        building("A-1", box(30, 22, 80, 32)),
        building("A-2", box(30, 52, 80, 64)),
        building("B-1", box(180, 52, 230, 64), height_m=30.0),
        building("C-1", box(300, 10, 318.2, 28), use="commercial", height_m=9.0, households=0.0),
        building("C-2", box(321.8, 10, 340, 28), use="mixed", height_m=18.0, households=12.0),
        building("D-1", ringed(box(480, 30, 540, 75), box(492, 38, 528, 63)), height_m=9.0),
        building("D-2", box(440, 100, 670, 112)),
        building("D-3", box(560, 150, 572, 180)),
        building("X-1", None, compound_code=None),
    ],
    "hydrants": [
        drawn("H1", geometry=point(100, 8), kind="municipal", form="pillar", working="yes", pressure_mpa=0.14, flow_lps=15.0),
        drawn("H2", geometry=point(220, 9.5), kind="municipal", form="pillar", working="yes", pressure_mpa=0.13),
        drawn("H3", geometry=point(345, 9), kind="municipal", form="pillar", flow_lps=14.9),
        drawn("H4", geometry=point(27, 48), kind="outdoor", form="pillar", working="no"),
    ],
    "fire_stations": [
        drawn("S1", geometry=point(-100, 50), kind="class1", service_area_km2=7.0),
        drawn("S2", geometry=point(-100, 60), kind="class2", service_area_km2=4.1),
        drawn("S3", geometry=point(-100, 70), kind="class1"),
        drawn("S4", geometry=point(-100, 80), kind="micro"),
    ],
    "amenities": [
        drawn("E1", geometry=box(40, 67, 50, 70), kind="ebike_charging", ports_n=60.0),
        drawn("E2", geometry=box(200, 66.9, 220, 69), kind="ebike_charging"),
        drawn("E3", geometry=box(356, 18, 360, 22), kind="bike_shed"),
        drawn("E4", geometry=box(200, 100, 210, 120.1), kind="bike_shed", area_m2=201.0, has_video=False),
        drawn("E5", geometry=box(230, 100, 240, 120), kind="bike_shed", area_m2=200.0, capacity=100.0, has_video=False),
        drawn("E6", geometry=point(60, 100), kind="pocket_park"),
    ],
    "gas_mains": [
        drawn("G1", geometry=line((231.2, 40), (231.2, 75)), kind="main", pressure_class="medium_a", material="steel", built_year=1990.0),
        drawn("G2", geometry=line((80.6, 45), (80.6, 70)), kind="main", pressure_class="low", material="grey_iron"),
        drawn("G3", geometry=line((566, 140), (566, 190)), kind="main", pressure_class="sub_high_b", material="pe", built_year=2010.0),
        drawn("G4", geometry=line((0, -200), (100, -200)), kind="main"),
    ],
    "shops": [
        drawn("L1", geometry=point(305, 15), building_code="C-1", floor="1", fuel="lpg", lpg_kg=100.0, has_bottle_room="no", sleeps_in="no"),
        drawn("L2", geometry=point(330, 15), building_code="C-2", floor="1", fuel="lpg", lpg_kg=101.0, has_bottle_room="no"),
        drawn("L3", geometry=point(310, 20), building_code="C-1", floor="负一层", fuel="lpg", lpg_kg=450.0, has_bottle_room="yes", gas_alarm="no",
              extinguishers_n=2.0, sleeps_in="no"),
        drawn("L4", geometry=point(306, 20), building_code="C-1", floor="1", fuel="piped"),
        drawn("L5", geometry=point(335, 20), building_code="C-2", floor="1"),
    ],
    "hazards": [
        hazard("Z1", 170, 60, hazard_type="fire_lane_blocked", found_on="2026-10-26", notice_on="2026-10-29", due_date="2026-11-06"),
        hazard("Z2", 50, 60, hazard_type="ebike_indoor", status="closed", found_on="2026-09-01", notice_on="2026-09-02", due_date="2026-09-08",
               done_on="2026-09-07", reviewed_on="2026-09-10", review_result="passed", closed_on="2026-09-11"),
        hazard("Z3", 60, 25, hazard_type="ebike_flying_wire", found_on="2026-11-02", notice_on="2026-11-06", due_date="2026-12-04"),
        hazard("Z4", 63, 29, hazard_type="ebike_flying_wire", status="registered", found_on="2026-11-16"),
        hazard("Z5", 750, 50, hazard_type="exit_blocked", grade="major", status="rectifying", found_on="2026-11-09", notice_on="2026-11-10",
               due_date="2026-11-23"),
        hazard("Z6", 300, 60, hazard_type="manhole", status="closed", found_on="2026-10-08", closed_on="2026-10-10"),
        hazard("Z7", 220, 20, hazard_type="hydrant_broken", grade=None, status=None, found_on="2026-11-20", notice_on="2026-11-20", due_date="2026-11-27"),
    ],
}  # fmt: skip

UNPLACED = open_("buildings.geometry")
NO_LANE = open_("fire_lanes.geometry", "-")

EXPECTED: Mapping[str, Mapping[str, Result]] = {
    # 3.2 m taped; 4.0 m is not below 4.0 m; between the walls of C-1 and C-2 there are 3.6 m at most; nothing is drawn within 15 m of C2.
    "FA-01": each(ok(4.5), A1=bad("high", 3.2), A2=ok(4.0), B2=ok(5.0), C1=bad("medium", 3.6), C2=open_("fire_lanes.clear_width_m"), D1=ok(6.0)),
    # The arch over A1 is 4.0 m high, a branch hangs at 3.9 m over B2.
    "FA-02": each(ok(4.5), A1=ok(4.0), B2=bad("high", 3.9), C2=open_("fire_lanes.clear_height_m")),
    "FA-03a": each(ok(3.0), A1=ok(10.0), A2=bad("high", 10.1), B1=ok(8.0), C2=open_("fire_lanes.slope_pct")),
    "FA-03b": each(ok(3.0), A1=bad("low", 10.0), A2=bad("low", 10.1), B1=ok(8.0), C2=open_("fire_lanes.slope_pct")),
    # B-1 is 30 m high, so lanes to it need 12 m. Square corners of a lane 6 m wide leave (6 - 3) / (1 - cos 45 deg) = 10.24 m.
    "FA-04": each(NA, B1=ok(12.0), B2=bad("medium", 11.0), D1=ok(10.24)),
    # From the centreline, less half of the carriageway or clear width: 10 - 1.6, 10 - 2.5, 10 - 3.1, 10 - 2.5, 1.8, 10 - 3. Nothing stands by D2.
    "FA-05": each(
        NA, A1=ok(8.4), A2=ok(7.5), B1=ok(6.9), B2=ok(7.5), C1=bad("low", 1.8), C2=open_("fire_lanes.clear_width_m"), D1=ok(7.0),
    ),
    # From the junctions at y = 42: A1 goes on for 41 m, B1 for 40 m. A2 is 70 m long and has T1.
    "FA-06": each(NA, A1=bad("high", 41.0), A2=ok(70.0), B1=ok(40.0), B2=ok(40.0), C1=ok(30.0), C2=ok(30.0)),
    # T2 is at a lane to a high-rise: 15 m. Of T3 there is only a point.
    "FA-07": each(ok(12.0), T2=bad("medium", 14.9), T3=open_("turnarounds.length_m")),
    "FA-08": each(ok(None), C2=open_("fire_lanes.load_ok"), D2=bad("medium", None)),
    "FA-09": each(ok(0.0), A1=bad("high", 1.0)),
    # Twice the distance of the farthest corner: 20; 22; 29.73; 20; 18; 70.18; 112; 150.01 m.
    "FA-10": each(
        UNPLACED, A_1=ok(40.0), A_2=ok(44.0), B_1=ok(59.46), C_1=ok(40.0), C_2=ok(36.0), D_1=ok(140.36), D_2=bad("low", 224.0), D_3=bad("low", 300.03),
    ),
    # D-2 is 230 m long; no lane is drawn near it.
    "FA-11": each(NA, D_2=NO_LANE, X_1=UNPLACED),
    "FA-12": each(NA, D_1=bad("low", 25.0), X_1=UNPLACED),
    "FA-14": each(NA, D1=bad("medium", 1.0)),
    # B2 runs along 30 of 50 m. The road is 10 m off C-2, 30 m off D-1.
    "FA-15": each(NO_LANE, A_1=ok(100.0), A_2=ok(100.0), B_1=ok(60.0), C_1=NA, C_2=ok(100.0), D_1=bad("high", 0.0), X_1=UNPLACED),
    # C-1 and C-2 stand 3 m off the kerb.
    "FA-16": each(NO_LANE, A_1=bad("high", 3.2), A_2=bad("high", 3.2), B_1=ok(4.5), C_1=ok(), C_2=ok(), D_1=ok(4.5), X_1=UNPLACED),
    "FA-17": each(NA, P1=bad("high", 3.4), P2=ok(4.5), P3=open_("access_points.gate_width_m")),
    # 6.2 - 2.2 and 6.1 - 2.2 m.
    "FA-18": each(NA, B1=ok(4.0), C2=open_("fire_lanes.parking_sides"), D2=bad("high", 3.9)),
    "FA-19": each(ok(None), A1=bad("low", None), C2=open_("fire_lanes.marking")),
    # Of C2 nothing is on record but a ledger that has no open hazard on it.
    "FA-21": each(ok(None), B1=bad("high", None), D2=open_("fire_lanes.occupied")),
    # From the hydrant along road and lane, with straight legs of at most 20 m at both ends: 8+80+22+10; 8+80+42+14.14; 9.5+50+42+14.14; 9.5+80+10;
    # 9.5+100+10.16; beyond 150 m whether H3 works or not: 15.81+72+30+40+10; 15.81+72+30+40+10+30; 15.81+72+30+80+120.42 m.
    "HY-01": each(
        UNPLACED, A_1=ok(120.0), A_2=ok(144.14), B_1=ok(115.64), C_1=ok(99.5), C_2=ok(119.66), D_1=bad("high", 167.81), D_2=bad("high", 197.81),
        D_3=bad("high", 318.23),
    ),
    "HY-02": each(NA, H1=ok(120.0), H2=bad("medium", 125.0), H3=bad("medium", 125.0)),
    "HY-03": each(NA, H1=ok(1.0), H2=bad("low", 2.5), H3=ok(2.0), H4=bad("low", 3.5)),
    "HY-04": each(ok(), H1=ok(24.41), H2=ok(42.5), H3=ok(5.1), H4=ok(5.0)),
    # Of H3 nobody knows whether it works.
    "HY-05": each(
        UNPLACED, A_1=ok(24.41), A_2=ok(48.33), B_1=ok(42.5), C_1=ok(80.0), C_2=ok(101.8), D_1=open_("hydrants.working", "H3"),
        D_2=open_("hydrants.working", "H3"), D_3=bad("info", None),
    ),
    "HY-06": each(NA, H1=ok(0.14), H2=bad("medium", 0.13), H3=open_("hydrants.pressure_mpa")),
    "HY-06b": each(NA, H1=ok(15.0), H2=open_("hydrants.flow_lps"), H3=bad("medium", 14.9)),
    "HY-08": each(NA, R2=bad("info", 62.0)),
    "ST-01": each(NA, S1=ok(7.0), S2=bad("info", 4.1), S3=open_("fire_stations.service_area_km2")),
    "EB-01": each(NA, Z2=ok(None)),
    "EB-02": each(NA, Z3=bad("high", None), Z4=bad("high", None)),
    "EB-03": each(NA, E1=ok(3.0), E2=bad("medium", 2.9)),
    "EB-04": each(NA, A=ok(1.0), B=bad("low", 0.98), C=open_("compounds.ebike_ports_n"), D=open_("compounds.households")),
    "EB-06": each(NA, E4=bad("low", 201.0)),
    "EB-07": each(ok(None), E3=bad("high", None), E6=NA),
    "GA-01": each(NA, A=bad("high", 0.0), B=bad("medium", 80.0), C=open_("compounds.gas_status")),
    # 1.2 m: below the 1.5 m of medium A, not below the 1.0 m to a wall with protective measures; of those nothing is on record.
    "GA-02": each(ok(), G1=open_("gas_mains.protection_measure"), G2=bad("high", 0.6), G3=bad("high", 0.0)),
    "GA-02r": each(NA, G1=open_("gas_mains.protection_measure"), G3=bad("info", 0.0)),
    "GA-03": each(ok(), G1=ok(1.2), G2=ok(0.6), G3=bad("critical", 0.0)),
    # Steel of 36 years: the assessment decides, for which there is no field.
    "GA-06": each(NA, G1=open_(""), G2=bad("high"), G3=ok(16.0), G4=open_("gas_mains.material")),
    "GA-08": each(NA, L1=ok(100.0), L2=bad("critical", 101.0), L3=ok(450.0), L5=open_("shops.fuel")),
    "GA-09": each(NA, L3=bad("critical", 450.0), L5=open_("shops.fuel")),
    "GA-10": each(NA, L1=ok(), L2=ok(18.0), L3=bad("critical"), L5=ok(18.0)),
    "GA-12": each(NA, L1=ok(), L2=bad("critical", 0.0), L3=ok(), L5=open_("shops.fuel")),
    "GA-13": each(NA, B=bad("high", None), C=open_("compounds.riser_position")),
    "GA-14": each(ok(), G1=ok(1.2), G2=NA, G3=bad("critical", 0.0)),
    "OC-01": each(NA, A=bad("info", 1985.0), B=ok(2001.0), C=bad("info", 2000.0), D=open_("compounds.built_year")),
    "OC-02": each(ok(None), C=bad("info", None), D=NA),
    # Working days from 6 to 22 November: ten. To 4 December: ten; to 23 November: one; to 27 November: five, but whether Z7 is open is not on record.
    "HZ-01": each(
        ok(), Z1=bad("high", 10.0), Z2=ok(None), Z3=ok(-10.0), Z4=open_("hazards.due_date"), Z5=ok(-1.0), Z6=ok(None), Z7=open_("hazards.status"),
    ),
    "HZ-02": each(NA, Z1=ok(3.0), Z2=ok(1.0), Z3=bad("low", 4.0), Z4=bad("low", 4.0), Z5=ok(1.0), Z7=ok(0.0)),
    "HZ-03": each(ok(), Z1=bad("low", 10.0), Z2=ok(2.0), Z4=NA, Z6=NA),
    # Nine working days since 9 November, and not reported.
    "HZ-04": each(NA, Z5=bad("high", 9.0), Z7=open_("hazards.grade")),
    "HZ-05": each(NA, Z5=bad("medium", None), Z7=open_("hazards.grade")),
    "HZ-06": each(ok(None), Z6=bad("low", None), Z7=open_("hazards.status")),
    # Z4 lies 5 m from Z3, 14 days later.
    "HZ-07": each(ok(), Z4=bad("medium", 14.0)),
}  # fmt: skip

ANSWERS: Mapping[str, Mapping[str, tuple[str, float | None]]] = {
    # Question → feature → (answer, value), by hand; the others are no, or na.
    "hazards-overdue": {"Z1": ("yes", 10.0), "Z4": ("unknown", None), "Z7": ("unknown", None)},
    "hazards-repeated": {"Z4": ("yes", 14.0)},
    # 60 m east of the outline of D.
    "hazards-unassigned": {"Z5": ("yes", 60.0)},
    # Working days over the limit: the review of Z1, the notices of Z3 and Z4, the report on Z5; Z7 has no grade.
    "deadlines-missed": {"Z1": ("yes", 7.0), "Z3": ("yes", 1.0), "Z4": ("yes", 1.0), "Z5": ("yes", 2.0), "Z7": ("unknown", None)},
    "shops-with-lpg-over": {"L2": ("yes", 101.0), "L3": ("yes", 450.0), "L5": ("unknown", None)},
    # Z3 and Z4; Z1.
    "compounds-by-open-hazards": {"A": ("yes", 2.0), "B": ("yes", 1.0)},
}
