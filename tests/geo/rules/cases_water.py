"""Hand-made cases of the rules on hydrants and fire stations around their thresholds."""

from __future__ import annotations

from typing import Any

import shapely

from tests.geo.fake_frames import box, line, metres
from tests.geo.rules.rule_cases import Case, Want

Row = dict[str, Any]
Layers = dict[str, list[Row]]


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(metres((x, y))[0])


def hydrant(x: float | None = 0.0, y: float = 0.0, **values: Any) -> Row:
    """A municipal hydrant that works, drawn exactly."""
    place = None if x is None else point(x, y)
    return {"code": "H1", "kind": "municipal", "working": "yes", "accuracy_m": 0.0, "geometry": place, **values}


def house(gap: float, **values: Any) -> Row:
    """A building whose wall stands `gap` metres east of the origin."""
    return {"code": "L1", "name": "1号楼", "geometry": box(gap, -5, gap + 12, 5), "accuracy_m": 0.0, **values}


def beside(gap: float, **values: Any) -> Layers:
    return {"hydrants": [hydrant(**values)], "buildings": [house(gap)]}


def along(gap: float, *, rough: float = 0.0, **values: Any) -> Layers:
    """A building and a hydrant on a road, the hydrant `gap` metres from the wall along it."""
    road = {"code": "R1", "name": "建设路", "geometry": line((-50, 0), (400, 0)), "accuracy_m": 0.0}
    home = {"code": "L1", "geometry": box(-10, -3, 0, 3), "accuracy_m": rough}
    return {"roads": [road], "buildings": [home], "hydrants": [hydrant(gap, 0, **values)]}


def row_of(gap: float, *, rough: float = 0.0, **values: Any) -> Layers:
    """Two hydrants on a road, `gap` metres apart along it."""
    road = {"code": "R1", "name": "建设路", "geometry": line((-20, 0), (300, 0)), "road_width_m": 8.0, "accuracy_m": 0.0}
    return {"roads": [road], "hydrants": [hydrant(0, 5, accuracy_m=rough), hydrant(gap, 5, **{"code": "H2", **values})]}


def at_kerb(gap: float | None, **values: Any) -> Layers:
    """A hydrant beside a road of 8 m (no width: None), its kerb `gap` metres off."""
    road = {
        "code": "R1",
        "name": "建设路",
        "geometry": line((-50, 0), (50, 0)),
        "accuracy_m": 0.0,
        "road_width_m": None if gap is None else 8.0,
    }
    return {"roads": [road], "hydrants": [hydrant(0, 4 + (gap or 0), **values)]}


def supply(**values: Any) -> Layers:
    return {"hydrants": [hydrant(**values)]}


def avenue(width: float | None, *sides: float, kind: str = "municipal", **values: Any) -> Layers:
    """A road with hydrants at these distances off its line, negative = to the south."""
    road = {"code": "R1", "name": "大道", "geometry": line((-100, 0), (100, 0)), "road_width_m": width, "accuracy_m": 0.0, **values}
    return {"roads": [road], "hydrants": [hydrant(10 * i, y, code=f"H{i}", kind=kind) for i, y in enumerate(sides)]}


def station(kind: str | None, area: float | None) -> Layers:
    return {"fire_stations": [{"code": "S1", "name": "中心站", "kind": kind, "service_area_km2": area}]}


BENT: Layers = {
    "roads": [
        {"code": "R1", "name": "南路", "geometry": line((0, 0), (0, 90)), "accuracy_m": 0.0},
        {"code": "R2", "name": "北路", "geometry": line((0, 90), (90, 90)), "accuracy_m": 0.0},
    ],
    "hydrants": [hydrant(2, 10), hydrant(80, 88, code="H2")],
}
"""Straight 110 m apart, along the roads round the corner 160 m."""

ROW: Layers = {
    "roads": [{"code": "R1", "name": "建设路", "geometry": line((-20, 0), (400, 0)), "accuracy_m": 0.0}],
    "hydrants": [hydrant(0, 3), hydrant(100, 3, code="H2"), hydrant(300, 3, code="H3")],
}
"""100 m to the one side, 200 m to the other."""

LANE: Layers = {
    "fire_lanes": [{"code": "T1", "name": "东通道", "geometry": line((-50, 0), (50, 0)), "road_width_m": 4.0, "accuracy_m": 0.0}],
    "hydrants": [hydrant(0, 3, kind="outdoor")],
}
MOUTH: Layers = {
    "roads": [{"code": "R1", "name": "建设路", "geometry": line((-50, 0), (50, 0)), "road_width_m": 8.0, "accuracy_m": 0.0}],
    "fire_lanes": [{"code": "T1", "name": "东通道", "geometry": line((0, 0), (0, 50)), "road_width_m": 4.0, "accuracy_m": 0.0}],
    "hydrants": [hydrant(0.5, 5)],
}

CASES: tuple[Case, ...] = (
    Case("HY-01", "below", along(149), Want("pass", 149.0, 150.0)),
    Case("HY-01", "exactly", along(150), Want("pass", 150.0, 150.0)),
    Case("HY-01", "above", along(151), Want("fail", 151.0, 150.0, "high", "超过 150 米")),
    Case("HY-01", "unknown", along(100, working="unknown"), Want("unknown", 100.0, 150.0, says="是否完好没有记录")),
    Case("HY-01", "broken", along(100, working="no"), Want("fail", None, 150.0, "high", "都是损坏的")),
    Case("HY-01", "within the accuracy", along(150.3, rough=0.5), Want("unknown", 150.3, 150.0, says="图面精度 0.5 米之内")),
    Case("HY-01", "no hydrants", {"buildings": [house(0)]}, Want("unknown", None, 150.0, says="没有消火栓数据")),
    Case("HY-01", "unplaced", {**along(100), "buildings": [{"code": "L1"}]}, Want("unknown", None, says="尚未上图")),
    Case("HY-01", "a pond is no hydrant", along(100, form="pond"), Want("unknown", None, 150.0, says="没有消火栓数据")),
    Case("HY-02", "below", row_of(119), Want("pass", 119.0, 120.0)),
    Case("HY-02", "exactly", row_of(120), Want("pass", 120.0, 120.0)),
    Case("HY-02", "above", row_of(121), Want("fail", 121.0, 120.0, "medium", "沿路")),
    Case("HY-02", "unknown", row_of(119, kind=None), Want("unknown", 119.0, 120.0, says="没有登记它们是否市政消火栓")),
    Case("HY-02", "na", supply(kind="outdoor"), Want("na", None, None, says="不是市政消火栓")),
    Case("HY-02", "within the accuracy", row_of(120.3, rough=0.5), Want("unknown", 120.3, 120.0, says="图面精度 0.5 米之内")),
    Case("HY-02", "the longer gap of two", ROW, Want("fail", 200.0, 120.0, "medium", "H3"), row=1),
    Case("HY-02", "the shorter gap of an end", ROW, Want("pass", 100.0, 120.0, says="H2")),
    Case("HY-02", "round the corner", BENT, Want("fail", 160.0, 120.0, "medium")),
    Case("HY-02", "unplaced", {**row_of(100), "hydrants": [hydrant(None)]}, Want("unknown", None, says="尚未上图")),
    Case("HY-02", "one alone", {**row_of(100), "hydrants": [hydrant()]}, Want("na", None, None, says="没有别的市政消火栓")),
    Case("HY-02", "no road, straight too far", {"hydrants": row_of(121)["hydrants"]}, Want("fail", 121.0, 120.0, says="直线 121 米")),
    Case("HY-02", "no road, straight near", {"hydrants": row_of(119)["hydrants"]}, Want("unknown", None, 120.0, says="没有画出的市政道路")),
    Case("HY-02", "a pond", supply(form="pond"), Want("na", says="不是消火栓")),
    Case("HY-03", "below", at_kerb(0.4), Want("fail", 0.4, 0.5, "low", "小于设计值 0.5 米")),
    Case("HY-03", "exactly", at_kerb(0.5), Want("pass", 0.5)),
    Case("HY-03", "exactly the most", at_kerb(2.0), Want("pass", 2.0, 2.0)),
    Case("HY-03", "above", at_kerb(2.1), Want("fail", 2.1, 2.0, "low", "大于设计值 2 米")),
    Case("HY-03", "unknown", at_kerb(None), Want("unknown", None, says="没有路面宽")),
    Case("HY-03", "na", at_kerb(1.0, form="wall"), Want("na", None, None, says="墙壁式")),
    Case("HY-03", "in the carriageway", at_kerb(-1.0), Want("fail", -1.0, 0.5, "low", "路面以内 1 米")),
    Case("HY-03", "within the accuracy", at_kerb(1.8, accuracy_m=0.5), Want("unknown", 1.8, says="图面精度 0.5 米")),
    Case("HY-03", "beside a lane", LANE, Want("pass", 1.0, says="东通道")),
    Case("HY-03", "at the mouth of a lane", MOUTH, Want("pass", 1.0, says="建设路")),
    Case("HY-03", "no road near", {"hydrants": [hydrant()]}, Want("unknown", None, says="附近没有画出的道路")),
    Case("HY-03", "unplaced", {"hydrants": [hydrant(None)]}, Want("unknown", None, says="尚未上图")),
    Case("HY-04", "below", beside(4.9), Want("fail", 4.9, 5.0, "low", "小于推荐值 5 米")),
    Case("HY-04", "exactly", beside(5.0), Want("pass", 5.0, 5.0)),
    Case("HY-04", "above", beside(5.1), Want("pass", 5.1, 5.0)),
    Case("HY-04", "unknown", beside(5.1, accuracy_m=0.5), Want("unknown", 5.1, 5.0, says="图面精度 0.5 米")),
    Case("HY-04", "na", beside(0.0, form="wall"), Want("na", None, None, says="墙壁式")),
    Case("HY-04", "surely below", beside(4.5, accuracy_m=0.5), Want("fail", 4.5)),
    Case("HY-04", "no buildings", supply(), Want("unknown", None, says="图上没有楼栋")),
    Case("HY-04", "a building without outline", {"hydrants": [hydrant()], "buildings": [{**house(0), "geometry": point(30, 0)}]},
         Want("unknown", 30.0, says="只有一个点")),
    Case("HY-04", "unplaced", {"hydrants": [hydrant(None)], "buildings": [house(3)]}, Want("unknown", None, says="尚未上图")),
    Case("HY-05", "below", beside(4.9), Want("fail", 4.9, 5.0, "info", "不计入")),
    Case("HY-05", "exactly", beside(5.0), Want("pass", 5.0, 150.0)),
    Case("HY-05", "exactly the most", beside(150.0), Want("pass", 150.0, 150.0)),
    Case("HY-05", "above", beside(150.1), Want("fail", None, 150.0, "info", "没有可计入")),
    Case("HY-05", "unknown", beside(50.0, kind=None), Want("unknown", 50.0, says="没有登记是否市政")),
    Case("HY-05", "state unknown", beside(50.0, working=None), Want("unknown", 50.0, says="是否完好没有记录")),
    Case("HY-05", "within the accuracy", beside(150.1, accuracy_m=0.5), Want("unknown", 150.1, says="图面精度")),
    Case("HY-05", "another one further off", {"buildings": [house(0)], "hydrants": [hydrant(-2), hydrant(-40, code="H2")]}, Want("pass", 40.0, says="H2")),
    Case("HY-05", "of the compound", beside(50.0, kind="outdoor"), Want("fail", None, 150.0, "info")),
    Case("HY-05", "no hydrants", {"buildings": [house(0)]}, Want("unknown", None, says="没有消火栓数据")),
    Case("HY-05", "no hydrant placed", {"buildings": [house(0)], "hydrants": [hydrant(None)]}, Want("unknown", None, 150.0, says="都未上图")),
    Case("HY-06", "below", supply(pressure_mpa=0.13), Want("fail", 0.13, 0.14, "medium", "小于设计值 0.14 兆帕")),
    Case("HY-06", "exactly", supply(pressure_mpa=0.14), Want("pass", 0.14, 0.14)),
    Case("HY-06", "above", supply(pressure_mpa=0.15), Want("pass", 0.15, 0.14)),
    Case("HY-06", "unknown", supply(), Want("unknown", None, 0.14, says="没有登记静压")),
    Case("HY-06", "na", supply(pressure_mpa=0.1, kind="outdoor"), Want("na", None, None)),
    Case("HY-06", "perhaps municipal", supply(pressure_mpa=0.1, kind=None), Want("unknown", 0.1, says="没有登记是否市政")),
    Case("HY-06b", "below", supply(flow_lps=14.9), Want("fail", 14.9, 15.0, "medium", "小于设计值 15 升/秒")),
    Case("HY-06b", "exactly", supply(flow_lps=15.0), Want("pass", 15.0, 15.0)),
    Case("HY-06b", "above", supply(flow_lps=16.0), Want("pass", 16.0, 15.0)),
    Case("HY-06b", "unknown", supply(), Want("unknown", None, 15.0, says="没有登记流量")),
    Case("HY-06b", "na", supply(form="pond"), Want("na", None, None, says="不是消火栓")),
    Case("HY-08", "below", avenue(59.0), Want("na", 59.0, 60.0, says="不要求两侧")),
    Case("HY-08", "exactly", avenue(60.0), Want("na", 60.0, 60.0)),
    Case("HY-08", "above", avenue(61.0, 32, 33), Want("fail", 61.0, 60.0, "info", "只有一侧")),
    Case("HY-08", "both sides", avenue(61.0, 32, -32), Want("pass", 61.0, 60.0)),
    Case("HY-08", "unknown", avenue(None, 32, kind="municipal"), Want("unknown", None, None, says="没有登记路面宽")),
    Case("HY-08", "no hydrants", avenue(61.0), Want("unknown", 61.0, says="图上没有消火栓")),
    Case("HY-08", "only of compounds", avenue(61.0, 32, kind="outdoor"), Want("fail", 61.0, says="两侧都没有")),
    Case("HY-08", "perhaps municipal", avenue(61.0, 32, -32, kind="unknown"), Want("unknown", 61.0)),
    Case("HY-08", "na", avenue(None, red_line_width_m=40.0), Want("na", None, says="红线宽 40 米")),
    Case("HY-08", "a local road", {"roads": [{"code": "R1", "kind": "local", "geometry": line((0, 0), (9, 0))}]}, Want("na", None, says="支路")),
    Case("ST-01", "below", station("class2", 3.9), Want("pass", 3.9, 4.0)),
    Case("ST-01", "exactly", station("class2", 4.0), Want("pass", 4.0, 4.0)),
    Case("ST-01", "above", station("class2", 4.1), Want("fail", 4.1, 4.0, "info", "近郊区")),
    Case("ST-01", "unknown", station("class2", None), Want("unknown", None, None, says="没有登记辖区面积")),
    Case("ST-01", "na", station("micro", 9.0), Want("na", None, None, says="微型消防站")),
    Case("ST-01", "class 1", station("class1", 7.1), Want("fail", 7.1, 7.0, "info")),
    Case("ST-01", "small", station("small", 2.1), Want("fail", 2.1, 2.0, "info")),
    Case("ST-01", "class unknown", station(None, 4.0), Want("unknown", 4.0, says="没有登记站级")),
    Case("ST-01", "any class is within", station(None, 2.0), Want("pass", 2.0, 2.0)),
    Case("ST-01", "any class is over", station(None, 15.1), Want("fail", 15.1, 15.0)),
)  # fmt: skip

ABSENT: dict[str, dict[str, str]] = {
    "HY-01": {"na": "every building is to be protected"},
    "HY-05": {"na": "every building is to be protected"},
}
