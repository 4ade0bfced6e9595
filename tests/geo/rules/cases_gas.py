"""Hand-made cases of the gas rules around their thresholds."""

from __future__ import annotations

from typing import Any

import shapely

from tests.geo.fake_frames import box, line
from tests.geo.rules.rule_cases import Case, Want

Row = dict[str, Any]

PIPE: Row = {"code": "G1", "geometry": line((-30, 0), (30, 0)), "dn_mm": 200, "pressure_class": "medium_a", "accuracy_m": 0.0}
"""A pipe of 0.2 m along the x axis: its outer edge is at y = 0.1."""


def near_pipe(gap: float, *, shed: float | None = None, **pipe: Any) -> dict[str, list[Row]]:
    """A pipe with a building `gap` metres off its outer edge, and a shed."""
    house = {"code": "L1", "name": "1号楼", "geometry": box(-5, 0.1 + gap, 5, gap + 18), "accuracy_m": 0.0}
    sheds = (
        []
        if shed is None
        else [{"code": "P1", "name": "车棚", "kind": "shed", "geometry": box(-2, -shed - 3, 2, -shed - 0.1), "accuracy_m": 0.0}]
    )
    return {"gas_mains": [{**PIPE, **pipe}], "buildings": [house], "obstacles": sheds}


def pipe_of(**values: Any) -> dict[str, list[Row]]:
    return {"gas_mains": [{**PIPE, **values}]}


def yard(buildings: list[Row] | None = None, shops: list[Row] | None = None, **values: Any) -> dict[str, list[Row]]:
    compound = {"code": "X1", "name": "东院", "geometry": box(0, 0, 100, 100), "households": 100, **values}
    return {"compounds": [compound], "buildings": buildings or [], "shops": shops or []}


HOUSE: Row = {"code": "L1", "name": "1号楼", "use": "residential", "height_m": 18.0, "geometry": box(0, 0, 40, 12), "accuracy_m": 0.1}
SHOP: Row = {
    "code": "S1", "name": "面馆", "fuel": "lpg", "lpg_kg": 45.0, "floor": "1", "building_code": "L1", "geometry": shapely.Point(112.98, 34.75),
    "has_bottle_room": "no",
}  # fmt: skip


ALONE: Row = {**SHOP, "building_code": None}


def shop(building: Row | None = None, **values: Any) -> dict[str, list[Row]]:
    return {"shops": [{**SHOP, **values}], "buildings": [building or HOUSE]}


def room(**values: Any) -> dict[str, list[Row]]:
    """A shop with a cylinder room that has what can be on record."""
    return shop(**{"lpg_kg": 150.0, "has_bottle_room": "yes", "gas_alarm": "yes", "extinguishers_n": 2, **values})


CHARGING: Row = {"code": "P2", "name": "充电棚", "kind": "ebike_charging", "geometry": box(-2, -4, 2, -0.59), "accuracy_m": 0.0}
"""Off the outer edge of the pipe by 0.49 m."""

LOW, OVERHEAD = {"pressure_class": "low"}, {"location": "架空"}
MEASURE, PE = {"protection_measure": "钢套管"}, {"material": "pe"}

CASES: tuple[Case, ...] = (
    Case("GA-01", "below", yard(gas_households=99), Want("fail", 99.0, 100.0, "medium", "只是部分通气")),
    Case("GA-01", "nothing", yard(gas_status="none"), Want("fail", 0.0, 100.0, "medium", "没有管道燃气")),
    Case("GA-01", "with bottles", yard(gas_status="none", lpg_households=3), Want("fail", 0.0, 100.0, "high", "院内有瓶装液化气")),
    Case("GA-01", "with a shop on bottles", yard([], [SHOP | {"compound_code": "X1"}], gas_status="none"), Want("fail", 0.0, 100.0, "high")),
    Case(
        "GA-01", "with a shop that closed", yard([], [SHOP | {"compound_code": "X1", "closed_on": "2026-01-01"}], gas_status="none"), Want("fail", 0.0, 100.0, "medium"),
    ),
    Case("GA-01", "exactly", yard(gas_households=100), Want("pass", 100.0, 100.0)),
    Case("GA-01", "above", yard(gas_status="full", gas_households=None), Want("pass", 100.0, 100.0)),
    Case("GA-01", "unknown", yard(), Want("unknown", None, 100.0)),
    Case("GA-01", "households unknown", yard(gas_households=60, households=None), Want("unknown", None, 100.0, ..., "是否全部通气不明")),
    Case(
        "GA-01", "covered by an area only", yard() | {"gas_areas": [{"code": "A1", "status": "in_service", "geometry": box(-9, -9, 109, 109)}]},
        Want("unknown", None, 100.0, ..., "服务范围不等于已通气的户"),
    ),
    Case(
        "GA-01", "outside of the areas", yard() | {"gas_areas": [{"code": "A1", "status": "in_service", "geometry": box(500, 0, 600, 9)}]},
        Want("fail", None, 100.0, "medium", "推定"),
    ),
    Case("GA-01", "na", yard(gas_status="all_electric"), Want("na", None, None)),
    # pipes
    Case("GA-02", "below", near_pipe(0.49), Want("fail", 0.49, 1.5, "high", "小于规定值")),
    Case("GA-02", "needs proof", near_pipe(1.49), Want("unknown", 1.49, 1.5, ..., "须证明")),
    Case("GA-02", "proof on record", near_pipe(1.49, **MEASURE), Want("unknown", 1.49, 1.5, ..., "须有证明")),
    Case("GA-02", "exactly", near_pipe(1.5), Want("pass", 1.5, 1.5)),
    Case("GA-02", "above", near_pipe(1.51), Want("pass", 1.51, 1.5)),
    Case("GA-02", "low, below", near_pipe(0.69, **LOW), Want("fail", 0.69, 0.7, "high")),
    Case("GA-02", "low, exactly", near_pipe(0.7, **LOW), Want("pass", 0.7, 0.7)),
    Case("GA-02", "a shed is no building", near_pipe(2.0, shed=0.2), Want("pass", 2.0, 1.5, ..., "1号楼")),
    Case("GA-02", "within the accuracy", near_pipe(1.5, accuracy_m=0.5), Want("unknown", 1.5, 1.5, ..., "精度")),
    Case("GA-02", "unknown", near_pipe(2.0, pressure_class=None), Want("unknown", 2.0, None, ..., "压力级别")),
    Case("GA-02", "na", near_pipe(0.1, **OVERHEAD), Want("na", None, None, ..., "不是埋地管")),
    Case("GA-02", "buried along the wall", near_pipe(0.1, location="沿外墙直埋"), Want("fail", 0.1, 1.5, "high")),
    Case("GA-02r", "below", near_pipe(0.49, **MEASURE), Want("fail", 0.49, 0.5, "info", "减小值")),
    Case("GA-02r", "exactly", near_pipe(0.5, **MEASURE), Want("unknown", 0.5, 0.5, ..., "不足 1 米")),
    Case("GA-02r", "above", near_pipe(1.0, **MEASURE), Want("pass", 1.0, 0.5, ..., "须有证明")),
    Case("GA-02r", "unknown", near_pipe(1.0), Want("unknown", 1.0, 0.5, ..., "没有登记")),
    Case("GA-02r", "na", near_pipe(1.5), Want("na", None, None, ..., "不必用减小值")),
    Case("GA-02r", "low", near_pipe(0.6, **LOW), Want("na", None, None, ..., "没有减小值")),
    Case("GA-02r", "high", near_pipe(3.0, pressure_class="high"), Want("na", None, None, ..., "没有减小值")),
    Case("GA-02r", "sub-high A, thick wall", near_pipe(3.0, pressure_class="sub_high_a", wall_mm=11.9), Want("pass", 3.0, 3.0)),
    Case("GA-03", "below", near_pipe(9.0, shed=0.49), Want("fail", 0.49, 0.5, "critical", "占压：棚屋“车棚”")),
    Case("GA-03", "under a building", near_pipe(-0.5), Want("fail", 0.0, 0.5, "critical", "占压：楼栋“1号楼”")),
    Case("GA-03", "a charging shed", near_pipe(9.0) | {"amenities": [CHARGING]}, Want("fail", 0.49, 0.5, "critical", "占压：棚屋“充电棚”")),
    Case("GA-03", "a park is not built", near_pipe(9.0) | {"amenities": [CHARGING | {"kind": "park"}]}, Want("pass", 9.0, 0.5)),
    Case("GA-02", "a charging shed is no building", near_pipe(2.0) | {"amenities": [CHARGING]}, Want("pass", 2.0, 1.5, ..., "1号楼")),
    Case("GA-03", "exactly", near_pipe(9.0, shed=0.5), Want("pass", 9.0, 0.5)),
    Case("GA-03", "above", near_pipe(0.51), Want("pass", 0.51, 0.5)),
    Case("GA-03", "unknown", near_pipe(9.0, shed=0.6, pressure_class=None), Want("unknown", 0.6, None, ..., "压力级别")),
    Case("GA-03", "na", near_pipe(0.1, **OVERHEAD), Want("na", None, None)),
    Case("GA-06", "below", pipe_of(built_year=2007, **PE), Want("pass", 19.0, 20.0)),
    Case("GA-06", "exactly", pipe_of(built_year=2006, **PE), Want("unknown", 20.0, 20.0, ..., "评估")),
    Case("GA-06", "above", pipe_of(built_year=1990, **PE), Want("unknown", 36.0, 20.0, ..., "管龄 36 年")),
    Case("GA-06", "grey cast iron", pipe_of(built_year=2020, material="grey_iron"), Want("fail", 6.0, None, "high", "灰口铸铁")),
    Case("GA-06", "renewed", pipe_of(built_year=1990, material="grey_iron", renewed=True), Want("pass", 36.0, None)),
    Case("GA-06", "laid in a year to come", pipe_of(built_year=2030, **PE), Want("unknown", None, None, ..., "晚于截至日期")),
    Case("GA-06", "unknown", pipe_of(**PE), Want("unknown", None, None, ..., "敷设年份没有登记")),
    Case("GA-14", "below", near_pipe(0.49), Want("fail", 0.49, 0.5, "critical", "提请核定")),
    Case("GA-14", "exactly", near_pipe(0.5), Want("pass", 0.5, 0.5)),
    Case("GA-14", "above", near_pipe(0.51), Want("pass", 0.51, 0.5)),
    Case("GA-14", "unknown", near_pipe(0.1, pressure_class=None), Want("unknown", 0.1, 0.5, ..., "中压及以上不明")),
    Case("GA-14", "na", near_pipe(0.1, **LOW), Want("na", None, None, ..., "低压管")),
    # bottles
    Case("GA-08", "below", shop(lpg_kg=99.0), Want("pass", 99.0, 100.0)),
    Case("GA-08", "exactly", shop(lpg_kg=100.0), Want("pass", 100.0, 100.0, ..., "不超过 100 公斤")),
    Case("GA-08", "above", shop(lpg_kg=100.5), Want("fail", 100.5, 100.0, "critical", "没有气瓶间")),
    Case("GA-08", "with a room", shop(lpg_kg=150.0, has_bottle_room="yes"), Want("pass", 150.0, 100.0)),
    Case("GA-08", "unknown", shop(lpg_kg=None, lpg_bottles_n=7), Want("unknown", None, 100.0, ..., "7 个气瓶")),
    Case("GA-08", "0 kg but bottles", shop(lpg_kg=0.0, lpg_bottles_n=10), Want("unknown", None, 100.0, ..., "矛盾")),
    Case("GA-08", "0 kg but gas is used", shop(lpg_kg=0.0), Want("unknown", None, 100.0, ..., "矛盾")),
    Case("GA-08", "0 kg and no bottles now", shop(lpg_kg=0.0, lpg_bottles_n=0), Want("pass", 0.0, 100.0)),
    Case("GA-08", "room unknown", shop(lpg_kg=150.0, has_bottle_room=None), Want("unknown", 150.0, 100.0)),
    Case("GA-08", "na", shop(fuel="piped", lpg_kg=None), Want("na", None, None, ..., "管道天然气")),
    Case("GA-08", "closed down", shop(lpg_kg=500.0, closed_on="2026-11-22"), Want("na", None, None, ..., "停业")),
    Case("GA-08", "closes tomorrow", shop(lpg_kg=500.0, closed_on="2026-11-23"), Want("fail", 500.0, 100.0)),
    Case("GA-09", "below", room(lpg_kg=419.0), Want("unknown", 419.0, 420.0, ..., "毗连")),
    Case("GA-09", "exactly", room(lpg_kg=420.0), Want("unknown", 420.0, 420.0, ..., "毗连")),
    Case("GA-09", "above", room(lpg_kg=421.0), Want("unknown", 421.0, 420.0, ..., "不小于 10 米")),
    Case("GA-09", "no alarm", room(gas_alarm="no"), Want("fail", 150.0, None, "critical", "没有燃气报警器")),
    Case("GA-09", "one extinguisher", room(extinguishers_n=1), Want("fail", 150.0, None, "critical", "只有 1 具灭火器")),
    Case("GA-09", "unknown", room(lpg_kg=None), Want("unknown", None, 420.0)),
    Case("GA-09", "na", room(lpg_kg=100.0), Want("na", None, None)),
    Case("GA-09", "no room", room(has_bottle_room="no"), Want("na", None, None)),
    Case("GA-10", "below", shop(HOUSE | {"height_m": 26.9}), Want("pass", 26.9, 27.0)),
    Case("GA-10", "exactly", shop(HOUSE | {"height_m": 27.0}), Want("pass", 27.0, 27.0)),
    Case("GA-10", "above", shop(HOUSE | {"height_m": 27.1}), Want("fail", 27.1, 27.0, "critical", "高层住宅")),
    Case("GA-10", "by floors", shop(HOUSE | {"height_m": None, "floors": 10}), Want("fail", 30.0, 27.0, "critical", "按层数推定")),
    Case("GA-10", "basement", shop(floor="负一层"), Want("fail", None, None, "critical", "地下")),
    Case("GA-10", "offices, below", shop(HOUSE | {"use": "office", "height_m": 23.9}), Want("pass", 23.9, 24.0)),
    Case("GA-10", "offices, exactly", shop(HOUSE | {"use": "office", "height_m": 24.0}), Want("pass", 24.0, 24.0)),
    Case("GA-10", "offices, above", shop(HOUSE | {"use": "office", "height_m": 24.1}), Want("fail", 24.1, 24.0, "critical", "高层建筑")),
    Case("GA-10", "a hall of one storey", shop(HOUSE | {"use": "commercial", "height_m": 30.0, "floors": 1}), Want("pass", 30.0, 24.0, ..., "只有一层")),
    Case("GA-10", "use unknown, high either way", shop(HOUSE | {"use": None, "height_m": 27.1}), Want("fail", 27.1, 27.0, "critical")),
    Case("GA-10", "use unknown, between", shop(HOUSE | {"use": None, "height_m": 25.0}), Want("unknown", 25.0, 27.0, ..., "是否高层不明")),
    Case("GA-10", "use unknown, low either way", shop(HOUSE | {"use": None, "height_m": 24.0}), Want("pass", 24.0, 24.0)),
    Case("GA-10", "offices of unknown height", shop(HOUSE | {"use": "office", "height_m": None}), Want("unknown", None, None, ..., "高度、层数没有登记")),
    Case("GA-10", "beside a tower, in no building", {"shops": [ALONE], "buildings": [HOUSE | {"use": "office", "height_m": 60.0, "geometry": box(1, 0, 9, 9)}]},
         Want("unknown", None, None, ..., "在哪一栋楼没有登记")),
    Case("GA-10", "beside a low one, in no building", {"shops": [ALONE], "buildings": [HOUSE | {"use": "office", "geometry": box(1, 0, 9, 9)}]}, Want("pass", None, None)),
    Case("GA-10", "unknown", shop(floor=None), Want("unknown", 18.0, 27.0, ..., "在哪一层没有登记")),
    Case("GA-10", "height unknown", shop(HOUSE | {"height_m": None}), Want("unknown", None, None, ..., "是否高层不明")),
    Case("GA-10", "na", shop(fuel="electric", lpg_kg=None), Want("na", None, None)),
    Case("GA-12", "same building", shop(), Want("fail", 0.0, None, "critical", "疑似")),
    Case("GA-12", "people sleep there", shop(HOUSE | {"use": "commercial"}, sleeps_in="yes"), Want("fail", None, None, "critical", "住宿")),
    Case("GA-12", "no dwellings", shop(HOUSE | {"use": "commercial"}), Want("pass", None, None)),
    Case("GA-12", "unknown", shop(HOUSE | {"use": None}), Want("unknown", None, None, ..., "有没有住户没有登记")),
    Case("GA-12", "na", shop(fuel="none", lpg_kg=0.0), Want("na", None, None)),
    # risers
    Case("GA-13", "in a bathroom", yard(gas_status="full", riser_position="bathroom"), Want("fail", None, None, "high", "卫生间")),
    Case(
        "GA-13", "in a bedroom of a building", yard([HOUSE | {"riser_position": "bedroom"}], gas_status="full", riser_position="outer_wall"),
        Want("fail", None, None, "high", "“1号楼”"),
    ),
    Case("GA-13", "outside", yard(gas_status="full", riser_position="outer_wall"), Want("pass", None, None)),
    Case("GA-13", "told by all buildings", yard([HOUSE | {"riser_position": "kitchen"}], gas_status="full"), Want("pass", None, None)),
    Case("GA-13", "unknown", yard([HOUSE | {"riser_position": "kitchen"}, HOUSE | {"code": "L2"}], gas_status="full"), Want("unknown", None, None)),
    Case("GA-13", "na", yard(gas_status="none"), Want("na", None, None)),
)  # fmt: skip

_NO_THRESHOLD = "what is on record is asked, no figure"

ABSENT: dict[str, dict[str, str]] = {
    "GA-06": {"na": "every pipe has an age and a material"},
    "GA-12": dict.fromkeys(("below", "exactly", "above"), _NO_THRESHOLD),
    "GA-13": dict.fromkeys(("below", "exactly", "above"), _NO_THRESHOLD),
}
"""Cases that a rule cannot have, with the reason."""
