"""`bottlenecks`, `compounds-cut-off` and `mend-first` on small districts solved by hand, in metres from an origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
import shapely
from fake_frames import FakeFrames, box, frame_of, line, metres

from geo.crs import transform_xy
from geo.questions.catalogue import get
from geo.questions.declaration import ANSWERS, Question
from geo.questions.reach.reach import READS, need_of, reach

ROAD = {"geometry": line((-200, 0), (200, 0)), "name": "建设路"}
CAD = {"source": "cad"}
Rows = Sequence[Mapping[str, Any]]
ROADS: Rows = [ROAD]


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(metres((x, y))[0])


def house(west: float, south: float, east: float, north: float, **values: Any) -> dict[str, Any]:
    return {"geometry": box(west, south, east, north), **CAD, **values}


def lane(*points: tuple[float, float], **values: Any) -> dict[str, Any]:
    return {"geometry": line(*points), **values}


class Asked:
    """A question put to layers."""

    def __init__(self, question: str, contents: Mapping[str, Rows], **parameters: Any) -> None:
        self.question: Question = get(question)
        frames = FakeFrames({"roads": ROADS, **contents})
        frames.held.update({layer: _made(layer) for layer, rows in _SHARED.items() if frames.contents.get(layer) is rows})
        self.view = frames.view(*dict.fromkeys((self.question.subject, *self.question.reads)))
        self.verdicts = self.question.answer(self.view, {**self.question.defaults, **parameters})

    @property
    def answers(self) -> list[str]:
        return [ANSWERS[code] for code in self.verdicts.answer]

    def column(self, name: str) -> list[Any]:
        return [None if isinstance(v, float) and np.isnan(v) else v for v in self.verdicts.column(name, None).tolist()]

    def why(self, row: int, lang: str = "zh") -> str:
        return self.verdicts.why(np.array([row]), lang)[0]

    def shape(self, id: str, row: int) -> Any:
        assert self.verdicts.shape is not None
        found = self.verdicts.shape(id, np.array([row]))[0]
        start = transform_xy(np.array([[112.98, 34.75]]), "EPSG:4326", "EPSG:4547")[0]
        return found and shapely.transform(found, lambda xy: np.round(transform_xy(xy, "EPSG:4326", "EPSG:4547") - start, 2))


NARROWED = {
    "fire_lanes": [lane((0, 0), (0, 120), name="主通道", code="XD1")],
    "buildings": [
        house(-12, 26, -3, 40, name="前楼"), house(3, 26, 12, 40, name="东楼"), house(-40, 60, -1.2, 64, name="窄西"), house(1.2, 60, 40, 64, name="窄东"),
        house(-12, 95, -3, 118, name="后楼"), house(3, 95, 12, 118, name="后东楼"),
    ],
}  # fmt: skip
"""A dead end, 6 m wide, 2.4 m between y = 60 and 64; buildings before and behind."""


def test_before_and_behind_a_narrow_place() -> None:
    """The building before it is reached, the one behind is not: the lane is cut where it is narrow. It starts with nothing on either side."""
    found = Asked("bottlenecks", NARROWED)
    assert [found.answers[row] for row in (0, 4)] == ["no", "yes"]
    assert [found.column("value")[row] for row in (0, 4)] == [30.0, 2.4]
    assert found.column("bottleneck_at")[4] == "主通道 XD1"
    assert found.why(4) == "最宽路线的最窄处 2.4 米，低于 4 米：主通道（楼栋“窄西”与楼栋“窄东”处图上量得 2.4 米）"
    assert found.column("cause")[4] == "drawing" and found.column("basis")[4] == "measured" and found.column("measured_share")[4] == 1.0


def test_the_route_and_its_bottleneck_are_shapes() -> None:
    found = Asked("bottlenecks", NARROWED)
    assert found.shape("route", 4).coords[0] == (0, 0)
    assert found.shape("route", 4).length == pytest.approx(found.column("route_m")[4], abs=0.1)
    at = found.shape("bottleneck", 4)
    assert (abs(at.x), 60 <= at.y <= 64) == (pytest.approx(0, abs=0.02), True)


@pytest.mark.parametrize(("source", "wanted"), [("cad", "no"), ("osm", "unknown")])
def test_a_drawing_answers_as_exactly_as_its_source(source: str, wanted: str) -> None:
    """4.5 m between walls: CAD tells that it is not under 4 m, OpenStreetMap cannot."""
    walls = [{"geometry": line((x, 5), (x, 80)), "kind": "wall", "source": source} for x in (-2.25, 2.25)]
    found = Asked("bottlenecks", {"fire_lanes": [lane((0, 0), (0, 80))], "obstacles": walls, "buildings": [house(-8, 81, 8, 90)]})
    assert (found.answers, found.column("value")) == ([wanted], [4.5])


DEEP = {"buildings": [house(16, 60, 25, 70, name="楼", households=24, compound_code="C1")]}
"""One building 60 m off the road, too far from the lane to narrow it."""


_SHARED: Mapping[str, Rows] = {"roads": ROADS, "buildings": DEEP["buildings"]}
"""Rows of most cases: a frame takes longer to make than a small district to judge."""


@cache
def _made(layer: str) -> Any:
    return frame_of(layer, _SHARED[layer])


def deep(lanes: Rows, **more: Rows) -> dict[str, Rows]:
    return {**DEEP, "fire_lanes": lanes, **more}


def gate(**values: Any) -> Rows:
    return [{"geometry": point(0, 30), "kind": "gate", "name": "东门", **values}]


FOUR = lane((0, 0), (0, 65), clear_width_m=5.0, name="A")


@pytest.mark.parametrize(
    ("points", "answer", "value", "low"),
    [
        ([], "no", 5.0, 5.0),
        (gate(gate_width_m=3.0), "yes", 3.0, 3.0),
        (gate(gate_width_m=4.0), "no", 4.0, 4.0),  # exactly the limit is not under it
        (gate(), "unknown", None, 0.0),
        (gate(kind="bollard"), "unknown", None, 0.0),
        (gate(kind="bollard", removable="yes"), "no", 5.0, 5.0),
        (gate(kind="bollard", gate_width_m=2.2), "yes", 2.2, 2.2),
        (gate(kind="height_bar", gate_height_m=3.3), "yes", 0.0, 0.0),  # lower than a pumper
        (gate(kind="height_bar", gate_height_m=3.4), "no", 5.0, 5.0),
        (gate(kind="height_bar"), "unknown", None, 0.0),
        (gate(kind="arch", gate_width_m=4.5, gate_height_m=4.0), "no", 4.5, 4.5),
        (gate(kind="pedestrian_gate", gate_width_m=1.2), "yes", 1.2, 1.2),
    ],
)
def test_what_stands_on_the_lane(points: Rows, answer: str, value: float | None, low: float) -> None:
    found = Asked("bottlenecks", deep([FOUR], access_points=points))
    assert (found.answers, found.column("value"), found.column("pessimistic_m")) == ([answer], [value], [low])


def test_a_locked_gate_delays_and_does_not_stop() -> None:
    found = Asked("bottlenecks", deep([FOUR], access_points=gate(gate_width_m=4.5, normally_locked="yes")))
    assert (found.answers, found.column("locked")) == (["no"], [True])
    assert found.why(0).endswith("途经平时上锁的出入口“东门”")
    opened = Asked("bottlenecks", deep([FOUR], access_points=gate(gate_width_m=4.5, normally_locked="yes", remote_open="yes")))
    assert opened.column("locked") == [False]


@pytest.mark.parametrize(
    ("status", "answer", "value"),
    [
        ("registered", "yes", 0.0),
        (None, "yes", 0.0),
        ("closed", "no", 5.0),
        ("candidate", "unknown", None),
    ],
)
def test_an_open_blocked_lane_record_closes_the_lane(status: str | None, answer: str, value: float | None) -> None:
    hazard = {"geometry": point(4, 40), "hazard_type": "fire_lane_blocked", "status": status, "code": "YH7"}
    found = Asked("bottlenecks", deep([FOUR], hazards=[hazard]))
    assert (found.answers, found.column("value")) == ([answer], [value])


SHORT = lane((0, 6), (0, 65), clear_width_m=5.0, name="A", compound_code="C1")
STREET_WALL = {"geometry": line((-40, 4), (40, 4)), "kind": "wall", **CAD}


@pytest.mark.parametrize(
    ("obstacles", "points", "answer", "value"),
    [
        ([], [], "no", 5.0),  # the lane stops at the kerb, 6 m from the middle of the road
        ([STREET_WALL], [], "yes", 0.0),  # a wall along the street: the way to the road is not through it
        ([{**STREET_WALL, "geometry": line((-40, 6), (40, 6))}], [], "yes", 0.0),  # the lane is drawn up to the wall
        ([{**STREET_WALL, "removed_on": "2025-01-01"}], [], "no", 5.0),
        ([STREET_WALL], [{"geometry": point(0, 4), "kind": "gate", "gate_width_m": 3.2}], "yes", 3.2),
        ([STREET_WALL], [{"geometry": point(0, 4), "kind": "gate"}], "unknown", None),
    ],
)
def test_what_stands_between_a_lane_and_its_road(obstacles: Rows, points: Rows, answer: str, value: float | None) -> None:
    found = Asked("bottlenecks", deep([SHORT], obstacles=obstacles, access_points=points))
    assert (found.answers, found.column("value")) == ([answer], [value])


def test_a_wall_between_a_lane_and_its_road_is_named() -> None:
    assert Asked("bottlenecks", deep([SHORT], obstacles=[STREET_WALL])).why(0).endswith("A与道路之间（被围墙“#1”堵死）")


def test_an_opening_of_unknown_width_beside_an_open_side() -> None:
    """The drawing shows a bollard on one side and nothing on the other: that is only a bound, and the record says nothing of the bollard."""
    bollard = [{"geometry": point(0, 20), "kind": "bollard"}]
    found = Asked("bottlenecks", deep([lane((0, 0), (0, 65), clear_width_m=3.0)], access_points=bollard))
    assert (found.answers, found.column("pessimistic_m"), found.column("optimistic_m")) == (["yes"], [0.0], [3.0])


PLACELESS = {"hazard_type": "fire_lane_blocked", "status": "registered", "code": "YH1", "compound_code": "C1"}


@pytest.mark.parametrize(
    ("lanes", "hazards", "answer", "value", "why"),
    [
        ([{**SHORT, "occupied": "blocked"}], [], "yes", 0.0, "登记为堵塞"),
        ([{**SHORT, "occupied": "night"}], [], "no", 5.0, "登记净宽 5 米"),
        ([SHORT], [PLACELESS], "yes", 0.0, "占用堵塞通道的隐患“YH1”未销号"),  # the compound's only lane is meant
        ([SHORT], [{**PLACELESS, "status": "candidate"}], "unknown", None, "是否在这条通道上不明"),
        (
            [SHORT, lane((0, 65), (0, 90), compound_code="C1")],
            [PLACELESS],
            "unknown",
            None,
            "是否在这条通道上不明",
        ),  # which one is not said
        ([SHORT], [{**PLACELESS, "status": "closed"}], "no", 5.0, "登记净宽 5 米"),
        ([SHORT], [{**PLACELESS, "compound_code": "C2", "status": None}], "no", 5.0, "登记净宽 5 米"),
    ],
)
def test_a_record_that_shuts_a_lane(lanes: Rows, hazards: Rows, answer: str, value: float | None, why: str) -> None:
    found = Asked("bottlenecks", deep(lanes, hazards=hazards))
    assert (found.answers, found.column("value"), why in found.why(0)) == ([answer], [value], True)


def test_a_cable_across_the_lane() -> None:
    cable = {"geometry": line((-9, 30), (9, 30)), "kind": "cable", "clear_height_m": 3.2}
    found = Asked("bottlenecks", deep([FOUR], obstacles=[cable]))
    assert (found.answers, found.column("cause")) == (["yes"], ["overhead"])
    assert Asked("bottlenecks", deep([FOUR], obstacles=[cable]), vehicle="mini_pumper").answers == ["no"]


def test_two_ways_and_the_wider_one_counts() -> None:
    """A ring: 3 m straight on, 4.2 m round."""
    ring = [lane((0, 0), (0, 65), clear_width_m=3.0, name="近"), lane((0, 0), (60, 0), (60, 65), (0, 65), clear_width_m=4.2, name="远")]
    found = Asked("bottlenecks", deep(ring))
    assert (found.answers, found.column("value"), found.column("bottleneck_at")) == (["no"], [4.2], ["远"])


def test_an_unknown_lane_beside_a_known_one() -> None:
    """The known way is wide enough: what the other is does not matter. Where it is too narrow, the other may be wider: unknown."""
    ways = [lane((0, 0), (0, 65), name="甲"), lane((100, 0), (100, 65), (0, 65), clear_width_m=4.5, name="乙")]
    assert Asked("bottlenecks", deep(ways)).answers == ["no"]
    ways[1]["clear_width_m"] = 3.0
    found = Asked("bottlenecks", deep(ways))
    assert (found.answers, found.column("value"), found.column("pessimistic_m")) == (["unknown"], [None], [3.0])
    assert found.why(0) == "路线上有不明之处，不能判定：甲（净宽不明），确知的路线最窄 3 米"


@pytest.mark.parametrize(
    ("contents", "why"),
    [
        ({"buildings": [house(3, 60, 12, 70)]}, "20 米内没有画出的道路或通道，不能判定"),
        ({"buildings": [{"name": "甲"}]}, "尚未上图，不能判定"),
        (deep([lane((0, 40), (0, 65), clear_width_m=9.0)]), "旁边的通道在图上没有与市政道路相连，不能判定"),
        (
            deep([FOUR], obstacles=[{"geometry": line((2, 20), (2, 90)), "kind": "wall"}]),
            "附近的道路、通道都隔着墙或别的楼，不能判定",
        ),
    ],
)
def test_what_cannot_be_told(contents: Mapping[str, Rows], why: str) -> None:
    found = Asked("bottlenecks", contents)
    assert (found.answers, found.column("value"), found.why(0)) == (["unknown"], [None], why)
    assert found.shape("route", 0) is None


@pytest.mark.parametrize(("width", "answer", "value"), [(None, "no", None), (12.0, "no", 12.0), (3.0, "yes", 3.0)])
def test_a_building_at_a_public_road(width: float | None, answer: str, value: float | None) -> None:
    found = Asked("bottlenecks", {"roads": [{**ROAD, "road_width_m": width}], "buildings": [house(-9, 10, 9, 20)]})
    assert (found.answers, found.column("value")) == ([answer], [value])
    assert "临市政道路" in found.why(0)


def test_empty_layers_and_no_metric_crs() -> None:
    assert Asked("bottlenecks", {"roads": []}).answers == []
    found = Asked("mend-first", {"roads": [], "fire_lanes": [{"name": "没上图"}]})
    assert (found.answers, found.why(0)) == (["unknown"], "没有画成线，不能判定")


# compounds -------------------------------------------------------------------------------------------------------------------

YARD = {"geometry": box(-30, 20, 30, 90), "code": "C1", "name": "院"}


def test_a_compound_behind_a_narrow_gate() -> None:
    found = Asked("compounds-cut-off", deep([FOUR], access_points=gate(gate_width_m=2.6, code="CR1"), compounds=[YARD]))
    assert (found.answers, found.column("value"), found.column("buildings"), found.column("buildings_reached")) == (
        ["yes"],
        [2.6],
        [1],
        [0],
    )
    assert (found.column("free_by"), found.column("free_by_n")) == (["东门 CR1"], [1])
    assert found.shape("mend", 0).wkt == "MULTIPOINT ((0 30))"
    assert Asked("compounds-cut-off", deep([FOUR], compounds=[YARD])).answers == ["no"]


def test_the_smallest_set_takes_the_shorter_chain() -> None:
    """Two gates on the short way, one on the long one: mending that one is enough."""
    ways = [lane((0, 0), (0, 65), clear_width_m=9.0), lane((0, 0), (60, 0), (60, 65), (0, 65), clear_width_m=9.0)]
    shut = [
        {"geometry": point(x, y), "kind": "gate", "gate_width_m": 2.0, "name": n}
        for x, y, n in ((0, 20, "一"), (0, 40, "二"), (60, 40, "三"))
    ]
    found = Asked("compounds-cut-off", deep(ways, access_points=shut, compounds=[YARD]))
    assert (found.answers, found.column("free_by")) == (["yes"], ["三"])
    both = Asked("compounds-cut-off", deep(ways[:1], access_points=shut, compounds=[YARD]))
    assert both.column("free_by") == ["一；二"]


@pytest.mark.parametrize(
    ("lanes", "answer"),
    [
        ([lane((0, 0), (0, 65), clear_width_m=3.0)], "no"),
        ([lane((0, 0), (0, 65), clear_width_m=2.9)], "yes"),
        ([lane((0, 0), (0, 65))], "unknown"),
        ([], "unknown"),
    ],
)
def test_a_compound_without_buildings_goes_by_its_lanes(lanes: Rows, answer: str) -> None:
    found = Asked("compounds-cut-off", {"fire_lanes": lanes, "compounds": [YARD]})
    assert (found.answers, found.column("buildings")) == ([answer], [0])


def test_a_front_at_the_street_is_no_way_in() -> None:
    """The shops at the street are reached, the yard behind is not."""
    shops = house(-28, 12, 28, 18, compound_code="C1")
    found = Asked(
        "compounds-cut-off",
        {
            **deep([lane((29, 0), (29, 50), (0, 50), (0, 65), clear_width_m=2.0)], compounds=[YARD]),
            "buildings": [*DEEP["buildings"], shops],
        },
    )
    assert (found.answers, found.column("buildings_reached"), found.column("value")) == (["yes"], [1], [2.0])


def test_an_unplaced_compound() -> None:
    found = Asked("compounds-cut-off", {"compounds": [{"code": "C9", "name": "院"}]})
    assert (found.answers, found.why(0)[:16]) == (["unknown"], "尚未上图，也没有登记楼栋（需净宽")


# mending ---------------------------------------------------------------------------------------------------------------------


def test_what_to_mend_first() -> None:
    """One gate alone frees 24 households; the lane behind a second narrow place frees nothing alone."""
    contents = deep(
        [
            lane((0, 0), (0, 65), clear_width_m=5.0, name="前"),
            lane((0, 65), (0, 140), clear_width_m=2.0, name="后"),
            lane((90, 0), (90, 50), clear_width_m=6.0),
        ],
        access_points=gate(gate_width_m=2.5),
    )
    found = Asked("mend-first", {**contents, "buildings": [*DEEP["buildings"], house(3, 120, 12, 130, households=50)]})
    assert (found.answers, found.column("value")) == (["yes", "no", "na"], [1, 0, None])
    assert (found.column("households_freed"), found.column("place"), found.column("cause")) == (
        [24, 0, None],
        ["东门", "后", None],
        ["access_point", "record", None],
    )
    assert found.why(0) == "只整治大门“东门”（净宽 2.5 米），就能多到 1 栋楼（24 户）"
    assert found.shape("place", 0).wkt == "POINT (0 30)"


def test_mending_before_something_unknown_frees_perhaps() -> None:
    lanes = [lane((0, 0), (0, 40), clear_width_m=5.0), lane((0, 40), (0, 65))]
    found = Asked("mend-first", deep(lanes, access_points=[{**gate(gate_width_m=2.5)[0], "geometry": point(0, 20)}]))
    assert (found.answers, found.column("value"), found.column("buildings_perhaps")) == (["unknown", "unknown"], [None, None], [1, None])


# reach -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({"vehicle": "pumper"}, (3.0, 3.4)),
        ({"vehicle": "mini_pumper"}, (2.5, 2.8)),
        ({"vehicle": "aerial", "width": None, "height": 3.0}, (3.0, 3.0)),
        ({"vehicle": "pumper", "width": 3.5}, (3.5, 3.4)),
    ],
)
def test_what_an_engine_needs(parameters: Mapping[str, Any], wanted: tuple[float, float]) -> None:
    view = FakeFrames({}).view(*READS)
    need = need_of(view, parameters)
    assert (need.width_m, need.height_m) == wanted


def test_where_the_engine_can_stand() -> None:
    """As far as the gate, and on the road."""
    view = FakeFrames({"roads": [ROAD], **deep([FOUR], access_points=gate(gate_width_m=2.0))}).view(*READS)
    found = reach(view, need_of(view, {"vehicle": "pumper"}))
    lanes = found.network.lane >= 0
    length = found.network.length_m
    assert [round(float(length[lanes & stands].sum()), 1) for stands in (found.sure, found.maybe)] == [30.0, 30.0]
    assert found.sure[~lanes].all()
