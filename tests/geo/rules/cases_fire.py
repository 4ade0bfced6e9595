"""Hand-made cases of the rules on fire lanes: below, exactly at, above the threshold, unknown and not applicable, and some more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from tests.geo.fake_frames import box, line, metres
from tests.geo.rules.rule_cases import Case, Want

Layers = Mapping[str, Sequence[Mapping[str, Any]]]
TRUE = {"accuracy_m": 0.0}


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(metres((x, y))[0])


def lane(*points: tuple[float, float], **fields: Any) -> dict[str, Any]:
    return {"geometry": line(*(points or ((0, 0), (60, 0)))), **TRUE, **fields}


def building(west: float, south: float, east: float, north: float, **fields: Any) -> dict[str, Any]:
    return {"geometry": box(west, south, east, north), "use": "residential", **TRUE, **fields}


def of_lane(rule: str, name: str, want: Want, **fields: Any) -> Case:
    """A lane by itself."""
    return Case(rule, name, {"fire_lanes": [lane(**fields)]}, want)


def own(rule: str, field: str, rows: Sequence[tuple[str, Any, Want]]) -> tuple[Case, ...]:
    """One field of a lane."""
    return tuple(of_lane(rule, name, want, **{field: value}) for name, value, want in rows)


FA_01 = (
    *own("FA-01", "clear_width_m", (
        ("below", 3.99, Want("fail", 3.99, 4.0, "medium", "小于设计值 4.0 米")),
        ("exactly", 4.0, Want("pass", 4.0, 4.0, says="不小于设计值 4.0 米")),
        ("above", 4.5, Want("pass", 4.5, 4.0)),
        ("unknown", None, Want("unknown", None, 4.0, says="没有净宽记录")),
        ("critical", 2.99, Want("fail", 2.99, 4.0, "critical")),
        ("at 3.0", 3.0, Want("fail", 3.0, 4.0, "high")),
        ("high", 3.49, Want("fail", 3.49, 4.0, "high")),
        ("at 3.5", 3.5, Want("fail", 3.5, 4.0, "medium")),
        ("shut", 0.0, Want("fail", 0.0, 4.0, "critical")),
    )),
    Case("FA-01", "drawn", {"fire_lanes": [lane()], "buildings": [building(0, 1.6, 60, 9), building(0, -9, 60, -1.6)]},
         Want("fail", 3.2, 4.0, "high", "图上量得净宽")),
    Case("FA-01", "drawn not true enough",
         {"fire_lanes": [lane()], "buildings": [building(0, 1.9, 60, 9, accuracy_m=0.5), building(0, -9, 60, -1.9, accuracy_m=0.5)]},
         Want("unknown", 3.8, 4.0, says="精度")),
    Case("FA-01", "by consent", {"fire_lanes": [lane(clear_width_m=3.5)]}, Want("pass", 3.5, 3.5), profile="cn_legacy"),
)  # fmt: skip

FA_02 = (
    *own("FA-02", "clear_height_m", (
        ("below", 3.9, Want("fail", 3.9, 4.0, "high", "小于设计值 4.0 米")), ("exactly", 4.0, Want("pass", 4.0, 4.0)),
        ("above", 5.0, Want("pass", 5.0, 4.0)), ("unknown", None, Want("unknown", None, 4.0)),
    )),
    Case("FA-02", "a limit in feet", {"fire_lanes": [lane(clear_height_m=4.11)]}, Want("fail", 4.11, 4.115, says="小于设计值 4.115 米"), profile="ifc"),
    Case("FA-02", "cable", {"fire_lanes": [lane(clear_height_m=5.0)], "obstacles": [{"geometry": line((30, -9), (30, 9)), "kind": "cable", "clear_height_m": 3.2}]},
         Want("fail", 3.2, 4.0, "high", "架空线")),
    Case("FA-02", "arch unsaid", {"fire_lanes": [lane(clear_height_m=5.0)], "access_points": [{"geometry": point(30, 0), "kind": "arch"}]},
         Want("unknown", None, 4.0, says="没有登记")),
)  # fmt: skip

_RISE = shapely.LineString([(*xy, z) for xy, z in zip(metres((0, 0), (20, 0)), (100.0, 102.4), strict=True)])

FA_03 = (
    *own("FA-03a", "slope_pct", (
        ("below", 9.9, Want("pass", 9.9, 10.0)), ("exactly", 10.0, Want("pass", 10.0, 10.0)),
        ("above", 10.1, Want("fail", 10.1, 10.0, "high", "大于限值 10%")), ("unknown", None, Want("unknown", None, 10.0)),
    )),
    Case("FA-03a", "heights", {"fire_lanes": [{"geometry": _RISE, "slope_pct": 3.0}]}, Want("fail", 12.0, 10.0, "high", "图上最陡")),
    *own("FA-03b", "slope_pct", (
        ("below", 7.9, Want("pass", 7.9, 8.0)), ("exactly", 8.0, Want("pass", 8.0, 8.0)),
        ("above", 8.1, Want("fail", 8.1, 8.0, "low", "大于推荐值 8%")), ("unknown", None, Want("unknown", None, 8.0)),
    )),
)  # fmt: skip

_BENT = ((0, 0), (30, 0), (30, 30))
_TALL = building(5, 6, 45, 18, height_m=30.0)

FA_04 = (
    *(Case("FA-04", name, {"fire_lanes": [lane(*_BENT, turn_radius_m=value)]}, want) for name, value, want in (
        ("below", 8.9, Want("fail", 8.9, 9.0, "medium")), ("exactly", 9.0, Want("pass", 9.0, 9.0)), ("above", 12.0, Want("pass", 12.0, 9.0)),
        ("unknown", None, Want("unknown", None, 9.0, says="净宽不明")),
    )),
    of_lane("FA-04", "na", Want("na", None, None, says="没有弯道")),
    Case("FA-04", "only way", {"fire_lanes": [lane(turn_radius_m=8.0)], "buildings": [building(5, 6, 45, 18, floors=6)]}, Want("fail", 8.0, 9.0, "high", "唯一")),
    Case("FA-04", "high-rise", {"fire_lanes": [lane(turn_radius_m=11.9)], "buildings": [_TALL]}, Want("fail", 11.9, 12.0, "high", "小于常用值 12.0 米")),
    Case("FA-04", "height unsaid", {"fire_lanes": [lane(turn_radius_m=11.9)], "buildings": [building(5, 6, 45, 18)]}, Want("unknown", 11.9, 12.0)),
    Case("FA-04", "by its width", {"fire_lanes": [lane(*_BENT, clear_width_m=4.0)]}, Want("fail", 3.41, 9.0, "medium", "内半径")),
)  # fmt: skip


def _wall(name: str, south: float, want: Want, **fields: Any) -> Case:
    return Case("FA-05", name, {"fire_lanes": [lane(**fields)], "buildings": [building(0, south, 40, south + 10)]}, want)


FA_05 = (
    _wall("below", 6.99, Want("fail", 4.99, 5.0, "low"), clear_width_m=4.0),
    _wall("exactly", 7.0, Want("pass", 5.0, 5.0), clear_width_m=4.0),
    _wall("above", 8.0, Want("pass", 6.0, 5.0), clear_width_m=4.0),
    _wall("unknown", 8.0, Want("unknown", 8.0, 5.0, says="没有登记宽度")),
    _wall("na", 21.0, Want("na", None, None), clear_width_m=4.0),
    _wall("too near whatever its width", 4.0, Want("fail", 4.0, 5.0, "low", "至多")),
    _wall("not true enough", 7.3, Want("unknown", 5.3, 5.0, says="精度"), clear_width_m=4.0, accuracy_m=0.5),
)

ROAD = {"geometry": line((-20, 0), (120, 0)), "road_width_m": 8.0, **TRUE}
ROAD_BEHIND = {"geometry": line((-20, 100), (120, 100)), "road_width_m": 8.0, **TRUE}


def _end(name: str, metres_: float, want: Want, *turnarounds: Mapping[str, Any]) -> Case:
    return Case("FA-06", name, {"roads": [ROAD], "fire_lanes": [lane((50, 4), (50, 4 + metres_))], "turnarounds": turnarounds}, want)


def square(side: float, x: float = 50.0, y: float = 54.0, **fields: Any) -> dict[str, Any]:
    return {"geometry": box(x - side / 2, y, x + side / 2, y + side), "code": "HC-1", **TRUE, **fields}


FA_06 = (
    _end("below", 39.9, Want("pass", 39.9, 40.0)),
    _end("exactly", 40.0, Want("pass", 40.0, 40.0)),
    _end("above", 40.1, Want("fail", 40.1, 40.0, "high", "没有够大的回车场")),
    Case("FA-06", "unknown", {"roads": [ROAD], "fire_lanes": [lane((50, 40), (50, 90))]}, Want("unknown", None, 40.0)),
    Case("FA-06", "na", {"roads": [ROAD, ROAD_BEHIND], "fire_lanes": [lane((50, 4), (50, 96))]}, Want("na", None, None)),
    _end("turnaround", 50.0, Want("pass", 50.0, 40.0), square(12.0)),
    _end("small turnaround", 50.0, Want("fail", 50.0, 40.0, "high"), square(11.0)),
    _end("turnaround unsized", 50.0, Want("unknown", 50.0, 40.0), {"geometry": point(50, 56), "code": "HC-1"}),
)


def _turn(name: str, want: Want, turnaround: Mapping[str, Any], *buildings: Mapping[str, Any]) -> Case:
    layers: Layers = {"roads": [ROAD], "fire_lanes": [lane((50, 4), (50, 54))], "turnarounds": [turnaround], "buildings": buildings}
    return Case("FA-07", name, layers, want)


FA_07 = (
    _turn("below", Want("fail", 11.9, 12.0, "high"), square(11.9)),
    _turn("exactly", Want("pass", 12.0, 12.0, says="18 米"), square(12.0)),
    _turn("above", Want("pass", 18.0, 12.0), square(18.0)),
    _turn("unknown", Want("unknown", None, 12.0), {"geometry": point(50, 56)}),
    _turn("na", Want("na", 18.0, None, says="不可用"), square(18.0, usable="no")),
    _turn("at a high-rise", Want("fail", 14.0, 15.0, "medium", "小于推荐值 15.0 米"), square(14.0), building(56, 10, 70, 50, height_m=30.0)),
    _turn("exactly at a high-rise", Want("pass", 15.0, 15.0), square(15.0), building(56, 10, 70, 50, floors=10)),
    _turn("height unsaid", Want("unknown", 14.0, 15.0), square(14.0), building(56, 10, 70, 50)),
    _turn("hammerhead", Want("fail", 10.0, 12.0, "high", "至多"),
          {"geometry": point(50, 56), "shape": "hammerhead", "length_m": 20.0, "width_m": 10.0}),
)  # fmt: skip

FA_08 = own("FA-08", "load_ok", (
    ("below", "no", Want("fail", None, None, "medium")), ("above", "yes", Want("pass", None, None)), ("unknown", None, Want("unknown", None, None)),
    ("said to be unknown", "unknown", Want("unknown", None, None)),
))  # fmt: skip


def _among(name: str, want: Want, *obstacles: Mapping[str, Any], **fields: Any) -> Case:
    layers: Layers = {"fire_lanes": [lane(clear_width_m=4.0, **fields)], "buildings": [building(10, 8, 50, 20)], "obstacles": obstacles}
    return Case("FA-09", name, layers, want)


def tree(x: float, y: float, kind: str = "tree") -> dict[str, Any]:
    return {"geometry": point(x, y), "kind": kind, "name": "国槐"}


FA_09 = (
    _among("exactly", Want("pass", 0.0, 0.0), tree(30, -30)),
    _among("above", Want("fail", 1.0, 0.0, "high", "之间"), tree(30, 5)),
    _among("unknown", Want("unknown", None, 0.0, says="没有看过")),
    _among("in the lane", Want("fail", 2.0, 0.0, "high", "在通道内"), tree(30, 1, "stall"), tree(40, -1, "pole")),
    _among("at the edge of the lane", Want("pass", 0.0, 0.0), tree(30, -2, "pole")),
    _among("behind the building", Want("pass", 0.0, 0.0), tree(30, 21)),
    _among("on the other side", Want("pass", 0.0, 0.0), tree(30, -5)),
    _among("removed", Want("pass", 0.0, 0.0), {**tree(30, 5), "removed_on": "2026-01-01"}),
    _among("behind a wall it does not lead to the building", Want("pass", 0.0, 0.0), {"geometry": line((0, 6), (60, 6)), "kind": "wall"}),
    _among("not on the map", Want("unknown", None, 0.0), tree(30, 5), geometry=None),
)


def _off(name: str, far: float, want: Want) -> Case:
    return Case("FA-10", name, {"roads": [ROAD], "buildings": [building(0, far - 12, 40, far)]}, want)


FA_10 = (
    _off("below", 79.9, Want("pass", 159.8, 160.0)),
    _off("exactly", 80.0, Want("pass", 160.0, 160.0)),
    _off("above", 80.1, Want("fail", 160.2, 160.0, "low", "推荐值 160 米")),
    Case("FA-10", "unknown", {"buildings": [building(0, 0, 40, 12)]}, Want("unknown", None, 160.0)),
    Case("FA-10", "not on the map", {"roads": [ROAD], "buildings": [{"geometry": None}]}, Want("unknown", None, 160.0)),
)

_NEAR = lane((0, -6), (230, -6))


def _length(name: str, metres_: float, want: Want, *lanes: Mapping[str, Any], **layers: Any) -> Case:
    return Case("FA-11", name, {"buildings": [building(0, 0, metres_, 12)], "fire_lanes": lanes or [_NEAR], **layers}, want)


def _street(y: float) -> dict[str, Any]:
    return {"geometry": line((-50, y), (300, y)), "road_width_m": 8.0}


FA_11 = (
    _length("below", 219.0, Want("na", 219.0, None)),
    _length("exactly", 220.0, Want("na", 220.0, None)),
    _length("above", 220.5, Want("fail", 220.5, 220.0, "medium")),
    Case("FA-11", "unknown", {"buildings": [{"geometry": None}]}, Want("unknown", None)),
    _length("na", 40.0, Want("na", 40.0, None)),
    _length("lane through", 230.0, Want("pass", 230.0, 220.0), _NEAR, lane((100, -6), (100, 20), kind="passage")),
    _length("ring", 230.0, Want("pass", 230.0, 220.0), lane((-6, -6), (236, -6), (236, 18), (-6, 18), (-6, -6))),
    _length("along a street", 160.0, Want("fail", 160.0, 150.0, "medium", "沿街"), roads=[_street(-10.0)]),
    _length("exactly along a street", 150.0, Want("na", 150.0, None), roads=[_street(-10.0)]),
    _length(
        "along a street in pieces",
        160.0,
        Want("fail", 160.0, 150.0, says="沿街"),
        roads=[
            {"geometry": line((-50, -10), (80, -10)), "road_width_m": 8.0},
            {"geometry": line((300, -10), (80, -10)), "road_width_m": 8.0},
        ],
    ),
    _length(
        "along a street of two parts",
        160.0,
        Want("fail", 160.0, 150.0, says="沿街"),
        roads=[
            {"geometry": shapely.MultiLineString([line((-50, -10), (80, -10)), line((80, -10), (300, -10))]), "road_width_m": 8.0},
        ],
    ),
    _length(
        "along two streets on two sides",
        160.0,
        Want("na", 160.0, None),
        roads=[
            {"geometry": line((-50, -10), (80, -10)), "road_width_m": 8.0},
            {"geometry": line((80, 22), (300, 22)), "road_width_m": 8.0},
        ],
    ),
    Case("FA-11", "no lane drawn", {"buildings": [building(0, 0, 230, 12)]}, Want("unknown", 230.0, 220.0)),
)


def _court(name: str, wide: float, want: Want, *lanes: Mapping[str, Any]) -> Case:
    around = [
        building(-10, -10, 0, 50), building(wide, -10, wide + 10, 50), building(0, -10, wide, 0), building(0, 40, wide, 50), building(200, 0, 220, 12),
    ]  # fmt: skip
    return Case("FA-12", name, {"buildings": around, "fire_lanes": lanes or [lane((-40, -40), (80, -40))]}, want)


FA_12 = (
    _court("below", 23.9, Want("na", 23.9, None)),
    _court("exactly", 24.0, Want("na", 24.0, None)),
    _court("above", 24.1, Want("fail", 24.1, 24.0, "low", "没有车道进入")),
    Case("FA-12", "unknown", {"buildings": [{"geometry": None}]}, Want("unknown", None)),
    Case("FA-12", "na", {"buildings": [building(0, 0, 40, 12)]}, Want("na", None, None)),
    _court("lane leads in", 30.0, Want("pass", 30.0, 24.0), lane((15, -30), (15, 20), kind="passage")),
    Case("FA-12", "one building with a court", {
        "buildings": [{"geometry": shapely.Polygon(metres((0, 0), (60, 0), (60, 60), (0, 60)), [metres((15, 15), (45, 15), (45, 45), (15, 45))])}],
        "fire_lanes": [lane((-40, -40), (80, -40))],
    }, Want("fail", 30.0, 24.0, "low")),
)  # fmt: skip

_RING = lane((0, 20), (40, 20), (40, 60), (0, 60), (0, 20))


def _ring(name: str, want: Want, *lanes: Mapping[str, Any], first: Mapping[str, Any] = _RING) -> Case:
    return Case("FA-14", name, {"roads": [ROAD, ROAD_BEHIND], "fire_lanes": [first, *lanes]}, want)


_SOUTH, _SOUTH_TOO, _NORTH = lane((0, 4), (0, 20)), lane((40, 4), (40, 20)), lane((40, 60), (40, 96))

FA_14 = (
    _ring("below", Want("fail", 1.0, 2.0, "medium"), _SOUTH),
    _ring("exactly", Want("pass", 2.0, 2.0), _SOUTH, _SOUTH_TOO),
    _ring("above", Want("pass", 3.0, 2.0), _SOUTH, _SOUTH_TOO, _NORTH),
    _ring("unknown", Want("unknown", None, 2.0)),
    _ring("na", Want("na", None, None), first=lane((20, 4), (20, 90))),
    _ring("a spur is no connection", Want("fail", 1.0, 2.0, "medium"), _SOUTH, lane((40, 60), (70, 60))),
    _ring("the way to it is no ring", Want("na", None, None), _RING, first=_SOUTH),
    _ring(
        "of two lanes", Want("pass", 2.0, 2.0), lane((40, 20), (40, 60), (0, 60), (0, 20)), _SOUTH, _NORTH, first=lane((0, 20), (40, 20))
    ),
)


def _beside(name: str, metres_: float, want: Want, **fields: Any) -> Case:
    return Case("FA-15", name, {"buildings": [building(0, 0, 40, 12, **fields)], "fire_lanes": [lane((0, -5), (metres_, -5))]}, want)


FA_15 = (
    _beside("below", 19.6, Want("fail", 49.0, 50.0, "high")),
    _beside("exactly", 20.0, Want("pass", 50.0, 50.0)),
    _beside("above", 60.0, Want("pass", 100.0, 50.0)),
    Case("FA-15", "unknown", {"buildings": [building(0, 0, 40, 12)]}, Want("unknown", None, 50.0)),
    _beside("na", 40.0, Want("na", None, None), use="commercial"),
    _beside("use unsaid", 10.0, Want("unknown", 25.0, 50.0, says="用途"), use=None),
    Case("FA-15", "along the short side", {"buildings": [building(0, 0, 40, 12)], "fire_lanes": [lane((-5, -20), (-5, 40))]},
         Want("fail", 0.0, 50.0, "high")),
    Case("FA-15", "in two pieces", {"buildings": [building(0, 0, 40, 12)], "fire_lanes": [lane((0, -5), (15, -5)), lane((10, -6), (22, -6))]},
         Want("pass", 55.0, 50.0)),
)  # fmt: skip


def _way(name: str, width: float | None, want: Want, **layers: Any) -> Case:
    rows: Layers = {
        "roads": [ROAD],
        "fire_lanes": [lane((50, 4), (50, 60), clear_width_m=width)],
        "buildings": [building(56, 40, 96, 52)],
        **layers,
    }
    return Case("FA-16", name, rows, want)


FA_16 = (
    _way("below", 3.9, Want("fail", 3.9, 4.0, "medium", "小于设计值 4.0 米")),
    _way("exactly", 4.0, Want("pass", 4.0, 4.0)),
    _way("above", 5.0, Want("pass", 5.0, 4.0)),
    _way("unknown", None, Want("unknown", None, 4.0), buildings=[building(68, 40, 96, 52)]),
    _way("critical", 2.9, Want("fail", 2.9, 4.0, "critical")),
    _way("at 3.0", 3.0, Want("fail", 3.0, 4.0, "high")),
    _way("at 3.5", 3.5, Want("fail", 3.5, 4.0, "medium")),
    _way("no way through", 5.0, Want("fail", 0.0, 4.0, "critical"),
         hazards=[{"geometry": point(50, 20), "hazard_type": "fire_lane_blocked", "status": "registered"}]),
    _way("gate unsaid", 5.0, Want("unknown", None, 4.0), access_points=[{"geometry": point(50, 10), "kind": "gate"}]),
)  # fmt: skip


def _gate(name: str, want: Want, **fields: Any) -> Case:
    return Case("FA-17", name, {"access_points": [{"geometry": point(0, 0), "kind": "gate", **fields}]}, want)


FA_17 = (
    _gate("below", Want("fail", 3.9, 4.0, "high", "小于设计值 4.0 米"), gate_width_m=3.9),
    _gate("exactly", Want("pass", 4.0, 4.0), gate_width_m=4.0),
    _gate("above", Want("pass", 5.0, 4.0), gate_width_m=5.0),
    _gate("unknown", Want("unknown", None, 4.0)),
    _gate("na", Want("na", 1.5, None), kind="pedestrian_gate", gate_width_m=1.5),
    _gate("height bar", Want("fail", 2.8, 4.0, "high"), kind="height_bar", gate_height_m=2.8),
    _gate("height bar exactly", Want("pass", 4.0, 4.0), kind="height_bar", gate_height_m=4.0),
    _gate("arch without a height", Want("unknown", 4.5, 4.0), kind="arch", gate_width_m=4.5),
    _gate("low arch", Want("fail", 3.6, 4.0, "high"), kind="arch", gate_width_m=4.5, gate_height_m=3.6),
    _gate("bollard that goes", Want("na", None, None), kind="bollard", removable="yes"),
    _gate("kind unknown, no height", Want("unknown", 5.0, 4.0, says="净高没有登记"), kind=None, gate_width_m=5.0),
    _gate("kind unknown, high enough", Want("pass", 5.0, 4.0), kind="unknown", gate_width_m=5.0, gate_height_m=4.0),
    _gate("inferred", Want("unknown", 3.8, 4.0, says="精度"), gate_width_m=3.8, quality="inferred", accuracy_m=0.5),
    _gate("locked", Want("pass", 4.5, 4.0, says="上锁"), gate_width_m=4.5, normally_locked="yes"),
)


def _parked(name: str, want: Want, **fields: Any) -> Case:
    return of_lane("FA-18", name, want, **fields)


FA_18 = (
    _parked("below", Want("fail", 3.9, 4.0, "high"), road_width_m=6.1, parking_sides=1),
    _parked("exactly", Want("pass", 4.0, 4.0), road_width_m=6.1, parking_sides=1, parking_strip_m=2.1),
    _parked("above", Want("pass", 4.6, 4.0), road_width_m=9.0, parking_sides=2),
    _parked("unknown", Want("unknown", None, 4.0), road_width_m=6.0),
    _parked("na", Want("na", None, None), road_width_m=3.0, parking_sides=0),
    _parked("by the clear width", Want("fail", 2.8, 4.0, "high"), clear_width_m=5.0, parking_sides=1),
    _parked("no width", Want("unknown", None, 4.0), parking_sides=2),
)

FA_19 = own("FA-19", "marking", (
    ("below", "none", Want("fail", None, None, "low")), ("above", "full", Want("pass", None, None)), ("unknown", None, Want("unknown", None, None)),
    ("partial", "partial", Want("fail", None, None, "low")),
))  # fmt: skip


def _blocked(name: str, want: Want, *hazards: Mapping[str, Any], **fields: Any) -> Case:
    rows = [{"geometry": point(30, 5), "hazard_type": "fire_lane_blocked", "status": "registered", **hazard} for hazard in hazards]
    return Case("FA-21", name, {"fire_lanes": [lane(**fields)], "hazards": rows}, want)


FA_21 = (
    _blocked("exactly", Want("fail", None, None, "high", "未销号"), {}),
    _blocked("above", Want("pass", None, None), {"geometry": point(30, 5.2)}),
    _blocked("below", Want("fail", None, None, "high"), {"geometry": point(30, 1)}),
    _blocked("unknown", Want("unknown", None, None)),
    _blocked("closed", Want("pass", None, None), {"status": "closed"}),
    _blocked("awaiting review", Want("unknown", None, None), {"status": "done_pending_review"}),
    _blocked(
        "awaiting review, in its compound",
        Want("unknown", None, None, says="YH-7"),
        {"code": "YH-7", "geometry": None, "compound_code": "X1", "status": "done_pending_review"},
        compound_code="X1",
    ),
    _blocked("in its compound", Want("fail", None, None), {"geometry": None, "compound_code": "X1"}, compound_code="X1"),
    _blocked("in another compound", Want("pass", None, None), {"geometry": None, "compound_code": "X2"}, compound_code="X1"),
    _blocked("on its record", Want("fail", None, None, "high"), occupied="blocked"),
    _blocked("at night", Want("unknown", None, None), occupied="night"),
    _blocked("clear", Want("pass", None, None), occupied="clear"),
)

CASES: tuple[Case, ...] = (
    *FA_01, *FA_02, *FA_03, *FA_04, *FA_05, *FA_06, *FA_07, *FA_08, *FA_09, *FA_10, *FA_11, *FA_12, *FA_14, *FA_15, *FA_16, *FA_17, *FA_18, *FA_19, *FA_21,
)  # fmt: skip

_ALL_LANES = "every lane on record is concerned"
_STATE = "a state on record has no threshold"
_ALL_BUILDINGS = "every building is concerned"

ABSENT: dict[str, dict[str, str]] = {
    "FA-01": {"na": _ALL_LANES},
    "FA-02": {"na": _ALL_LANES},
    "FA-03a": {"na": _ALL_LANES},
    "FA-03b": {"na": _ALL_LANES},
    "FA-08": {"exactly": _STATE, "na": _ALL_LANES},
    "FA-09": {"below": "there are never fewer than 0 obstacles", "na": _ALL_LANES},
    "FA-10": {"na": _ALL_BUILDINGS},
    "FA-16": {"na": _ALL_BUILDINGS},
    "FA-19": {"exactly": _STATE, "na": _ALL_LANES},
    "FA-21": {"na": _ALL_LANES},
}
