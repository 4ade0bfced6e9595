"""Hand-made cases of the rules on e-bikes around their thresholds."""

from __future__ import annotations

from typing import Any

import shapely

from tests.geo.fake_frames import box, line, metres
from tests.geo.rules.rule_cases import Case, Want

Row = dict[str, Any]
Layers = dict[str, list[Row]]

NO_LIMIT = "a state is judged, not a number"


def hazard(status: str | None, type: str | None = "ebike_indoor") -> Layers:
    return {"hazards": [{"code": "YH1", "hazard_type": type, "status": status}]}


def shed(**values: Any) -> Row:
    """A charging shed of 10 m by 4 m, its east side at the origin, drawn exactly."""
    return {"code": "P1", "name": "车棚", "kind": "ebike_charging", "geometry": box(-10, -2, 0, 2), "accuracy_m": 0.0, **values}


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(metres((x, y))[0])


def beside(gap: float, **values: Any) -> Layers:
    """A shed with a building `gap` metres east of it."""
    return {
        "amenities": [shed(**values)],
        "buildings": [{"code": "L1", "name": "1号楼", "geometry": box(gap, -10, gap + 12, 10), "accuracy_m": 0.0}],
    }


def yard(households: float | None, ports: float | None, *sheds: Row) -> Layers:
    compound = {"code": "X1", "name": "东院", "geometry": box(-50, -50, 50, 50), "households": households, "ebike_ports_n": ports}
    return {"compounds": [compound], "amenities": list(sheds)}


def large(**values: Any) -> Layers:
    return {"amenities": [{"code": "P1", "kind": "ebike_charging", **values}]}


def on_lane(x: float, width: float | None = 4.0, **values: Any) -> Layers:
    """A shed with the line of a lane `x` metres east of its side."""
    lane = {"code": "T1", "name": "东通道", "geometry": line((x, -50), (x, 50)), "clear_width_m": width, "accuracy_m": 0.0}
    return {"amenities": [shed(**values)], "fire_lanes": [lane]}


_OWN = {"code": "L9", "name": "车棚房", "use": "ancillary", "geometry": box(-10, -2, 0, 2), "accuracy_m": 0.0}
_AREA = {"code": "T1", "name": "东通道", "geometry": box(-1, -50, 3, 50), "accuracy_m": 0.0}

CASES: tuple[Case, ...] = (
    Case("EB-01", "open", hazard("notified"), Want("fail", None, None, "high", "未销号")),
    Case("EB-01", "closed", hazard("closed"), Want("pass", None, None, says="已销号")),
    Case("EB-01", "unknown", hazard("done_pending_review"), Want("unknown", None, None, says="尚未复查")),
    Case("EB-01", "suspected", hazard("candidate"), Want("unknown", says="疑似")),
    Case("EB-01", "no status", hazard(None), Want("unknown", says="没有登记状态")),
    Case("EB-01", "no type", hazard("notified", None), Want("unknown", says="没有登记隐患类型")),
    Case("EB-01", "na", hazard("notified", "ebike_flying_wire"), Want("na", says="不是此类隐患")),
    Case("EB-01", "rejected", hazard("rejected"), Want("na", says="不属实")),
    Case("EB-02", "open", hazard("review_failed", "ebike_flying_wire"), Want("fail", None, None, "high", "复查不通过")),
    Case("EB-02", "closed", hazard("closed", "ebike_flying_wire"), Want("pass")),
    Case("EB-02", "unknown", hazard("candidate", "ebike_flying_wire"), Want("unknown", says="疑似飞线充电")),
    Case("EB-02", "na", hazard("notified"), Want("na")),
    Case("EB-03", "below", beside(2.9), Want("fail", 2.9, 3.0, "medium", "安全出口 6 米未查")),
    Case("EB-03", "exactly", beside(3.0), Want("pass", 3.0, 3.0, says="安全出口 6 米未查")),
    Case("EB-03", "above", beside(3.1), Want("pass", 3.1, 3.0)),
    Case("EB-03", "unknown", beside(3.1, accuracy_m=0.5), Want("unknown", 3.1, 3.0, says="图面精度 0.5 米")),
    Case("EB-03", "na", beside(1.0, kind="bike_shed"), Want("na", None, None, says="没有登记充电端口")),
    Case("EB-03", "a bicycle shed with ports", beside(1.0, kind="bike_shed", ports_n=4), Want("fail", 1.0)),
    Case("EB-03", "only a point", beside(9.0, geometry=point(0, 0)), Want("unknown", 9.0, says="车棚只有一个点")),
    Case("EB-03", "only a point, far off", beside(13.0, geometry=point(0, 0)), Want("pass", 13.0)),
    Case("EB-03", "its own building is not a wall", {**beside(4.0), "buildings": [_OWN, *beside(4.0)["buildings"]]}, Want("pass", 4.0, says="1号楼")),
    Case("EB-03", "in a dwelling of its size", {**beside(4.0), "buildings": [_OWN | {"use": "residential", "name": "2号楼"}]}, Want("fail", 0.0, 3.0, says="2号楼")),
    Case("EB-03", "no buildings", {"amenities": [shed()]}, Want("unknown", None, says="图上没有楼栋")),
    Case("EB-03", "unplaced", beside(1.0, geometry=None), Want("unknown", None, says="尚未上图")),
    Case("EB-03", "kind unknown", beside(1.0, kind=None), Want("unknown", says="没有登记设施类型")),
    Case("EB-03", "kind unknown, far off", beside(3.0, kind="unknown"), Want("na", None, None, says="没有登记设施类型")),
    Case("EB-04", "below", yard(100, 99), Want("fail", 0.99, 1.0, "low", "99 个")),
    Case("EB-04", "just below", yard(1000, 999), Want("fail", 0.999, 1.0, "low", "每户 0.99 个")),
    Case("EB-04", "exactly", yard(100, 100), Want("pass", 1.0, 1.0)),
    Case("EB-04", "above", yard(100, 120), Want("pass", 1.2, 1.0)),
    Case("EB-04", "unknown", yard(100, None), Want("unknown", None, 1.0, says="没有登记充电端口数")),
    Case("EB-04", "na", yard(0, 4), Want("na", None, None, says="没有住户")),
    Case("EB-04", "households unknown", yard(None, 50), Want("unknown", None, says="没有登记户数")),
    Case("EB-04", "sheds on the map suffice", yard(20, None, shed(ports_n=12), shed(ports_n=8)), Want("pass", 1.0, says="图上各棚合计")),
    Case("EB-04", "sheds on the map do not", yard(100, None, shed(ports_n=12)), Want("unknown", 0.12, says="可能不全")),
    Case("EB-04", "more on the map than on record", yard(40, 10, shed(ports_n=30)), Want("fail", 0.75, says="院落登记 10 个")),
    Case("EB-06", "below", large(area_m2=199, capacity=80, has_video=False), Want("na", None, None, says="不是大型车棚")),
    Case("EB-06", "exactly", large(area_m2=200, capacity=100, has_video=False), Want("na", None, None)),
    Case("EB-06", "above", large(area_m2=201, has_video=False), Want("fail", 201.0, 200.0, "low", "没有视频监控")),
    Case("EB-06", "unknown", large(area_m2=201), Want("unknown", 201.0, 200.0, says="没有登记有无视频监控")),
    Case("EB-06", "na", {"amenities": [{"code": "P1", "kind": "park", "area_m2": 900}]}, Want("na", None, None, says="不是电动自行车")),
    Case("EB-06", "with video", large(area_m2=201, has_video=True), Want("pass", 201.0, 200.0)),
    Case("EB-06", "many places", large(area_m2=150, capacity=101, has_video=False), Want("fail", None, None, "low", "101 个车位")),
    Case("EB-06", "size unknown", large(has_video=False), Want("unknown", None, says="没有登记面积和容量")),
    Case("EB-06", "too small for so many", large(area_m2=120, has_video=False), Want("na")),
    Case("EB-06", "places unknown", large(area_m2=150, has_video=False), Want("unknown", 150.0, says="说不准")),
    Case("EB-06", "area as drawn", large(geometry=box(0, 0, 30, 7), has_video=False), Want("fail", 210.0, 200.0)),
    Case("EB-06", "kind unknown", large(kind=None, area_m2=201), Want("unknown", says="没有登记设施类型")),
    Case("EB-06", "kind unknown, small", large(kind=None, area_m2=20), Want("na")),
    Case("EB-07", "kind unknown", on_lane(1.5, kind=None), Want("unknown", says="没有登记设施类型")),
    Case("EB-07", "kind unknown, beside the lane", on_lane(2.0, kind=None), Want("na")),
    Case("EB-07", "on the lane", on_lane(1.5), Want("fail", None, None, "high", "东通道")),
    Case("EB-07", "beside the lane", on_lane(2.0), Want("pass", None, None)),
    Case("EB-07", "unknown", on_lane(1.5, None), Want("unknown", says="没有净宽记录")),
    Case("EB-07", "na", on_lane(0.0, kind="park"), Want("na", None, None)),
    Case("EB-07", "across the line", on_lane(-2.0, None), Want("fail", says="东通道")),
    Case("EB-07", "within the accuracy", on_lane(1.8, accuracy_m=0.5), Want("unknown", says="图面精度")),
    Case("EB-07", "deep in spite of the accuracy", on_lane(1.2, accuracy_m=0.5), Want("fail")),
    Case("EB-07", "an area", {"amenities": [shed()], "fire_lanes": [_AREA]}, Want("fail", says="东通道")),
    Case("EB-07", "beside an area", {"amenities": [shed()], "fire_lanes": [{**_AREA, "geometry": box(0, -50, 3, 50)}]}, Want("pass")),
    Case("EB-07", "a bicycle shed", on_lane(-1.0, kind="bike_shed"), Want("fail", None, None, "high")),
    Case("EB-07", "only a point", on_lane(8.0, geometry=point(0, 0)), Want("unknown", says="车棚只有一个点")),
    Case("EB-07", "no lanes", {"amenities": [shed()]}, Want("unknown", says="图上没有消防通道")),
    Case("EB-07", "unplaced", on_lane(0.0, geometry=None), Want("unknown", says="尚未上图")),
)  # fmt: skip

_STATE = dict.fromkeys(("below", "exactly", "above"), NO_LIMIT)

ABSENT: dict[str, dict[str, str]] = {"EB-01": _STATE, "EB-02": _STATE, "EB-07": _STATE}
