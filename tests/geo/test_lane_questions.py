"""The lanes as drawn: what stands in the way, the widths that leaves, and the questions on width, height, blocking and missing records."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
import shapely.affinity
from fake_frames import LAYERS, NOW, FakeFrames, box, line, metres, query

from geo.answers import answer
from geo.lanes.clear_width import MEASURED, NO_LINE, OPEN, UNKNOWN_OPENING
from geo.questions.lanes import measuring, standing
from geo.questions.lanes.scene import READS, lane_widths, obstructions, openings
from geo.questions.sources import TRUST, rank_of

LANE = line((0, 0), (50, 0))


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(metres((x, y))[0])


def ask(question: str, layers: dict[str, list[dict[str, Any]]], **args: str) -> Any:
    return answer(query(question, **{"answer": "all", **args}), FakeFrames(layers), layers=LAYERS, now=NOW)


def street(
    width: float, lane: dict[str, Any] | None = None, source: str | None = "plan.dxf", **more: Any
) -> dict[str, list[dict[str, Any]]]:
    """A lane of 50 m between two buildings `width` apart, its centreline off the middle."""
    rows = [
        {"name": "1号楼", "source": source, "geometry": box(-20, 1.5, 70, 12)},
        {"name": "2号楼", "source": source, "geometry": box(-20, -12, 70, 1.5 - width)},
    ]
    return {"fire_lanes": [{"code": "L", "geometry": LANE, **(lane or {})}], "buildings": rows, **more}


def one(question: str, layers: dict[str, list[dict[str, Any]]], **args: str) -> Any:
    return ask(question, layers, **args).frame.iloc[0]


# sources ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("osm", "osm"), ("OpenStreetMap", "osm"), ("gongyi.osm.pbf", "osm"), ("gongyi.pbf", "osm"), ("osm_survey.geojson", "osm"),
        ("CAD", "cad"), ("院墙.dxf", "cad"), ("A-01.DWG", "cad"), ("竣工图", "cad"), ("cadastre", "unsaid"), ("academy.csv", "unsaid"),
        ("测绘", "survey"), ("survey 2024", "survey"), ("皮尺", "tape"), ("tape", "tape"), ("影像测量", "imagery"), ("imagery", "imagery"),
        ("台账.xlsx", "unsaid"), ("demo", "unsaid"), ("", "unsaid"),
    ],
)  # fmt: skip
def test_the_kind_of_a_source(source: str, kind: str) -> None:
    assert TRUST[rank_of(source)] == kind


# what stands in the way -------------------------------------------------------------------------------------------------------

OBSTACLES: list[tuple[dict[str, Any], bool]] = [
    ({"kind": "wall"}, True),
    ({"kind": None}, True),
    ({"kind": "cable"}, False),
    ({"kind": "branch"}, False),
    ({"kind": "parking_strip"}, False),
    ({"kind": "shed", "removed_on": "2026-01-01"}, False),
    ({"kind": "tree", "geometry": None}, False),
]


@pytest.mark.parametrize(("row", "stands"), OBSTACLES)
def test_which_obstacles_stand(row: dict[str, Any], stands: bool) -> None:
    frames = FakeFrames({"obstacles": [{"geometry": line((0, 0), (5, 0)), **row}]})
    assert len(obstructions(frames.view(*READS))) == int(stands)


@pytest.mark.parametrize(
    ("row", "stands", "opens"),
    [
        ({"kind": "bollard"}, True, False),
        ({"kind": "bollard", "removable": "yes"}, False, False),
        ({"kind": "bollard", "gate_width_m": 3.0}, False, True),
        ({"kind": "gate"}, False, True),
        ({"kind": "gate", "gate_width_m": 3.0, "geometry": line((0, -2), (0, 2))}, False, True),
        ({"kind": "gate", "geometry": None}, False, False),
    ],
)
def test_which_access_points_stand_or_open(row: dict[str, Any], stands: bool, opens: bool) -> None:
    view = FakeFrames({"access_points": [{"geometry": point(0, 0), **row}]}).view(*READS)
    assert (len(obstructions(view)), len(openings(view).points)) == (int(stands), int(opens))


def test_widths_of_points_and_lines_are_diameters_and_thicknesses() -> None:
    rows = [{"width_m": 2.0, "geometry": point(0, 0)}, {"width_m": 0.4, "geometry": line((10, 0), (20, 0))}, {"geometry": point(30, 0)}]
    found = obstructions(FakeFrames({"obstacles": rows}).view(*READS))
    bounds = shapely.bounds(found.obstacles.shapes)
    assert (bounds[:, 3] - bounds[:, 1]).tolist() == pytest.approx([2.0, 0.4, 0.0], abs=1e-6)
    assert (bounds[:, 2] - bounds[:, 0]).tolist() == pytest.approx([2.0, 10.0, 0.0], abs=1e-6)


def test_accuracy_is_stated_or_by_source() -> None:
    rows = [
        {"source": s, "accuracy_m": a, "geometry": box(i, 0, i + 1, 1)}
        for i, (s, a) in enumerate([("osm", None), ("a.dxf", None), ("osm", 0.3), (None, None)])
    ]
    found = obstructions(FakeFrames({"buildings": rows}).view(*READS))
    assert (found.accuracy_m.tolist(), found.rank.tolist()) == ([1.0, 0.1, 0.3, 0.5], [4, 2, 4, 5])


def test_a_passage_without_an_arch_is_an_opening_of_unknown_width() -> None:
    layers = {"fire_lanes": [{"kind": "passage", "geometry": LANE}], "buildings": [{"geometry": box(20, -20, 30, 20)}]}
    assert lane_widths(FakeFrames(layers).view(*READS)).state.tolist() == [UNKNOWN_OPENING]
    arch = [{"kind": "arch", "gate_width_m": 3.2, "geometry": point(25, 0)}]
    found = lane_widths(FakeFrames({**layers, "access_points": arch}).view(*READS))
    assert (found.state.tolist(), found.width_m.tolist(), found.opening.tolist()) == ([MEASURED], [3.2], [0])


def test_lanes_that_cannot_be_measured() -> None:
    nan = shapely.set_coordinates(line((0, 0), (9, 0)), np.array([[112.98, np.nan], [112.99, 34.75]]))
    shapes = [None, box(0, 0, 5, 50), shapely.LineString(), line((5, 5), (5, 5)), nan, LANE]
    found = lane_widths(FakeFrames({"fire_lanes": [{"geometry": shape} for shape in shapes]}).view(*READS))
    assert found.state.tolist() == [NO_LINE] * 5 + [OPEN]


def test_without_any_lane_or_a_metric_crs() -> None:
    assert len(lane_widths(FakeFrames({}).view(*READS)).state) == 0
    view = FakeFrames(street(5.0)).view(*READS)
    view.metric_crs, view.metric = None, lambda id: np.full(len(view.frame(id)), None, dtype=object)
    assert lane_widths(view).state.tolist() == [NO_LINE]


# lanes-under-width ------------------------------------------------------------------------------------------------------------


def apart(rows: Sequence[dict[str, Any]], case: int) -> list[dict[str, Any]]:
    """Rows moved north, so that many cases are answered at once."""
    shift = [(row, row.get("geometry")) for row in rows]
    return [row | {"geometry": None if shape is None else shapely.affinity.translate(shape, 0.0, 0.002 * case)} for row, shape in shift]


def several(question: str, scenes: Sequence[dict[str, list[dict[str, Any]]]], **args: str) -> list[Any]:
    """The answers for scenes of one lane each, all asked at once."""
    layers: dict[str, list[dict[str, Any]]] = {}
    for i, scene in enumerate(scenes):
        for layer, rows in scene.items():
            layers.setdefault(layer, []).extend(apart(rows, i))
    return [row for _, row in ask(question, layers, **args).frame.iterrows()]


def half(width: float, **lane: Any) -> dict[str, list[dict[str, Any]]]:
    """A street with buildings on one side only."""
    scene = street(width, lane)
    scene["buildings"].pop()
    return scene


def wall_at(x: float, **more: Any) -> dict[str, Any]:
    return {"name": "W", "kind": "wall", "source": "cad", "geometry": line((x, -10), (x, 10)), **more}


def gate(kind: str, x: float, y: float, width: float | None) -> dict[str, Any]:
    return {"name": "东门", "kind": kind, "source": "survey", "gate_width_m": width, "geometry": point(x, y)}


NAN_LINE = shapely.set_coordinates(line((0, 0), (9, 9)), np.array([[112.98, 34.75], [112.981, np.nan]]))
COURT = box(-20, -20, 70, 20) - box(-6, -2.5, 65, 2.5)
SHED = {"name": "S", "kind": "shed", "source": "cad", "geometry": box(20, -5, 23, 2)}

SCENES = {
    "3.9 cad": street(3.9),
    "3.9 osm": street(3.9, source="osm"),
    **{width: street(width) for width in (3.895, 3.905, 3.92, 4.0, 4.08, 4.095, 4.1)},
    "tape": street(3.4, {"clear_width_m": 4.2, "width_source": "tape"}),
    "unsaid": street(3.4, {"clear_width_m": 3.8}),
    "one side": half(6.0),
    "one side, record": half(6.0, clear_width_m=3.5),
    "nothing": {"fire_lanes": [{"geometry": LANE}]},
    "shed": street(6.0, obstacles=[SHED]),
    "court": {"fire_lanes": [{"geometry": LANE}], "buildings": [{"name": "C", "source": "cad", "geometry": COURT}]},
    "gate": street(6.0, access_points=[gate("gate", 25, 0.5, 3.2)]),
    "gate unsaid": street(6.0, access_points=[gate("gate", 25, 0.5, None)]),
    "gate unsaid, narrow": street(3.5, access_points=[gate("gate", 25, 0.5, None)]),
    "gate below nothing": street(6.0, access_points=[gate("gate", 25, 0.5, -1.0)], obstacles=[wall_at(25)]),
    "wicket": street(6.0, access_points=[gate("pedestrian_gate", 25, 1.0, 1.2)]),
    "wicket beside a gate": street(6.0, obstacles=[wall_at(25)], access_points=[gate("pedestrian_gate", 25, -2.4, 1.2), gate("gate", 25, 0, 3.6)]),
    "to the middle of a wall": street(6.0, obstacles=[wall_at(50, width_m=0.5)]),
    "to the middle of a slanting wall": street(6.0, obstacles=[wall_at(50, width_m=0.3, geometry=line((45, -20), (55, 20)))]),
    "through a wall": street(6.0, obstacles=[wall_at(49.5, width_m=0.5)]),
    "a column drawn as a line": street(6.0, obstacles=[{"name": "P", "kind": "pole", "width_m": 0.6, "geometry": line((25, 0), (25, 0))}]),
}  # fmt: skip


@pytest.fixture(scope="module")
def asked() -> dict[Any, Any]:
    return dict(zip(SCENES, several("lanes-under-width", list(SCENES.values())), strict=True))


def test_a_drawing_from_cad_answers_at_3_9_and_from_osm_does_not(asked: Any) -> None:
    cad, osm = asked["3.9 cad"], asked["3.9 osm"]
    assert (cad["answer"], cad["value"], cad["basis"], cad["measured_accuracy_m"]) == ("yes", 3.9, "measured", 0.1)
    assert (osm["answer"], osm["value"], osm["basis"], osm["measured_accuracy_m"]) == ("unknown", 3.9, "measured", 1.0)


def test_coordinates_of_seven_decimals_do_not_change_the_answer(asked: Any) -> None:
    """Rounded to a centimetre, the ends of a gap of 3.9 m may lie 3.905 m apart: that is still 3.9 m to the accuracy of the drawing."""
    answers = {width: asked[width]["answer"] for width in (3.895, 3.905, 3.92, 4.095, 4.08)}
    assert answers == {3.895: "yes", 3.905: "yes", 3.92: "unknown", 4.095: "no", 4.08: "unknown"}


def test_exactly_four_metres_is_not_under_but_within_the_accuracy(asked: Any) -> None:
    assert (asked[4.0]["answer"], asked[4.0]["value"], asked[4.1]["answer"]) == ("unknown", 4.0, "no")


def test_why_names_what_the_width_is_between(asked: Any) -> None:
    assert asked["3.9 cad"]["why"] == (
        "图上量得净宽（楼栋“1号楼”与楼栋“2号楼”之间）3.9 米，小于 4 米；这是上限：路缘、树木、停车未画出时实际更窄"
    )
    assert asked["3.9 cad"]["pinch_obstacle"] == "1号楼; 2号楼"
    cad, osm = several("lanes-under-width", [SCENES["3.9 cad"], SCENES["3.9 osm"]], lang="en")
    assert cad["why"] == (
        "clear width from the drawing (between building '1号楼' and building '2号楼') 3.9 m is under 4 m; "
        "an upper bound: kerbs, trees and parked cars that are not drawn lie inside"
    )
    assert " 3.9 m is nearer to 4 m than its accuracy of 1 m: cannot be told; " in osm["why"]


def test_one_building_on_both_sides_is_named_once(asked: Any) -> None:
    assert asked["court"]["why"].startswith("图上量得净宽（楼栋“C”的两部分之间）5 米，不小于 4 米")


def test_the_pinch_point_is_a_shape() -> None:
    layers = street(6.0, obstacles=[wall_at(20, geometry=line((20, 0.2), (20, 1.6)))])
    row = one("lanes-under-width", layers, shape="pinch")
    x, y = metres((20, (0.2 - 4.5) / 2))[0]
    assert (row.geometry.x, row.geometry.y) == (pytest.approx(x, abs=5e-6), pytest.approx(y, abs=5e-6))
    assert row["value"] == 4.7


def test_record_and_drawing_stand_side_by_side(asked: Any) -> None:
    tape, unsaid = asked["tape"], asked["unsaid"]
    assert (tape["answer"], tape["value"], tape["declared_m"], tape["measured_m"], tape["difference"]) == ("no", 4.2, 4.2, 3.4, True)
    assert tape["why"] == "申报净宽 4.2 米，不小于 4 米；登记净宽 4.2 米，图上量得 3.4 米，相差 0.8 米，请核实"
    assert (unsaid["answer"], unsaid["value"], unsaid["basis"], unsaid["difference"]) == ("yes", 3.4, "measured", False)


CHOSEN: list[tuple[str, list[tuple[dict[str, Any], Any]]]] = [
    (
        "measured",
        [
            ({"clear_width_m": 3.0, "quality": "declared"}, ("no", 5.0, "measured")),
            ({"clear_width_m": 3.0, "quality": "measured", "width_source": "tape"}, ("yes", 3.0, "measured")),
            ({"clear_width_m": 3.0, "quality": "measured"}, ("no", 5.0, "measured")),
        ],
    ),
    ("declared", [({"clear_width_m": 3.0, "quality": "declared"}, ("yes", 3.0, "declared")), ({}, ("unknown", None, None))]),
    ("inferred", [({"clear_width_m": 3.0, "quality": "inferred", "width_source": "osm"}, ("yes", 3.0, "inferred"))]),
]


@pytest.mark.parametrize(("basis", "cases"), CHOSEN)
def test_basis_chooses_between_record_and_drawing(basis: str, cases: Any) -> None:
    rows = several("lanes-under-width", [street(5.0, lane) for lane, _ in cases], basis=basis)
    assert [(row["answer"], None if np.isnan(row["value"]) else row["value"], row["basis"]) for row in rows] == [said for _, said in cases]


def test_an_open_side_makes_the_width_a_bound(asked: Any) -> None:
    row = asked["one side"]
    assert (row["answer"], row["open_side"], row["value"]) == ("no", "one", 16.5)
    assert row["why"].endswith("16.5 米，不小于 4 米；开敞侧只看了 15 米，更远处可能还有空地")


def test_a_bound_does_not_outweigh_a_narrower_record(asked: Any) -> None:
    row = asked["one side, record"]
    assert (row["answer"], row["value"], row["difference"], row["measured_m"]) == ("yes", 3.5, False, 16.5)


def test_obstacles_that_are_nowhere_are_counted() -> None:
    """They may stand in any lane: the answer "no" says that they are not taken into account."""
    shapes = (NAN_LINE, shapely.Polygon(), None, line((0, 90), (9, 90)))
    found = ask("lanes-under-width", street(6.0, obstacles=[{"geometry": shape} for shape in shapes]))
    assert (found.frame["value"].iloc[0], found.summary["store"]["obstacles_left_out"]) == (6.0, 3)
    assert found.frame["why"].iloc[0].endswith("；有 3 处楼栋或障碍没有上图，没有计入")


def test_nothing_drawn_and_nothing_on_record_is_unknown(asked: Any) -> None:
    row = asked["nothing"]
    assert (row["answer"], row["open_side"], row["why"]) == ("unknown", "both", "没有净宽记录；两侧 15 米内没有画出可量的东西")


def test_a_shed_across_shuts_the_lane(asked: Any) -> None:
    row = asked["shed"]
    assert (row["answer"], row["value"], row["why"]) == ("yes", 0.0, "图上量得净宽（棚屋“S”处）0 米，无法通行")


def test_a_gate_on_the_lane_limits_it_where_no_wall_is_drawn(asked: Any) -> None:
    row = asked["gate"]
    assert (row["answer"], row["value"], row["measured_accuracy_m"], row["pinch_obstacle"]) == ("yes", 3.2, 0.1, "东门")
    assert row["why"].startswith("图上量得净宽（大门“东门”处）3.2 米，小于 4 米")


def test_a_gate_without_a_width_leaves_a_bound(asked: Any) -> None:
    row = asked["gate unsaid"]
    assert (row["answer"], np.isnan(row["value"]), row["basis"], row["measured_m"]) == ("unknown", True, None, 6.0)
    assert row["why"].startswith("图上量得净宽（楼栋“1号楼”与楼栋“2号楼”之间）至多 6 米；")
    assert row["why"].endswith("途经大门“东门”，其净宽没有登记，不能判定")
    assert asked["gate unsaid, narrow"]["answer"] == "yes"


def test_a_gate_of_a_width_below_nothing_has_none(asked: Any) -> None:
    assert asked["gate below nothing"]["why"] == "没有净宽记录；途经大门“东门”，其净宽没有登记，无法量算"


def test_a_pedestrian_gate_beside_the_lane_is_not_on_it(asked: Any) -> None:
    assert asked["wicket"]["value"] == 6.0


def test_a_lane_goes_through_the_gate_and_not_through_the_wicket_beside_it(asked: Any) -> None:
    """The gate reaches 1.8 m to either side of the lane, the facade of a building is 1.5 m beside it."""
    assert asked["wicket beside a gate"]["value"] == 3.3


def test_a_lane_may_be_drawn_to_the_middle_of_a_wall_but_not_through_it(asked: Any) -> None:
    assert (asked["to the middle of a wall"]["value"], asked["through a wall"]["value"]) == (6.0, 0.0)
    assert asked["to the middle of a slanting wall"]["value"] == 6.0


def test_a_line_without_length_stands_as_a_point(asked: Any) -> None:
    assert asked["a column drawn as a line"]["value"] == 4.2


STRIP = {"name": "P", "kind": "parking_strip", "source": "cad", "geometry": box(0, -4.5, 50, -2.3)}
PARKED: list[tuple[dict[str, Any], list[Any], Any]] = [
    ({}, [], ("no", 6.0)),
    ({"parking_sides": 1}, [], ("yes", 3.8)),
    ({"parking_sides": 2, "parking_strip_m": 2.0}, [], ("yes", 2.0)),
    ({}, [STRIP], ("yes", 3.8)),
    ({"parking_sides": 1}, [STRIP], ("yes", 3.8)),
    ({"parking_sides": 2}, [STRIP], ("yes", 1.6)),
    ({"parking_sides": 1, "clear_width_m": 6.5, "width_source": "tape"}, [], ("no", 4.3)),
]


def test_parking_strips_drawn_or_on_record_are_taken_off_once() -> None:
    scenes = [street(6.0, lane, obstacles=obstacles) for lane, obstacles, _ in PARKED]
    rows = several("lanes-under-width", scenes, parking="true")
    assert [(row["answer"], row["value"]) for row in rows] == [expected for _, _, expected in PARKED]
    assert [row["answer"] for row in several("lanes-under-width", scenes)] == ["no"] * len(PARKED)
    drawn, recorded = rows[3]["why"], rows[5]["why"]
    assert drawn.startswith("图上量得净宽（楼栋“1号楼”与停车带“P”之间）3.8 米，小于 4 米") and "已计入" not in drawn
    assert recorded.startswith("图上量得净宽（楼栋“1号楼”与楼栋“2号楼”之间）1.6 米，小于 4 米") and "已计入停车带 4.4 米" in recorded


def test_bends_are_judged_for_the_vehicle() -> None:
    """Right angle between legs 7 m wide: an engine that needs 3 m finds an inner radius of 4 / (1 - cos 45°) = 13.7 m."""
    lane = {"clear_width_m": 6.5, "geometry": line((0, 0), (30, 0), (30, 30))}
    row, recorded = several("lanes-under-width", [{"fire_lanes": [lane]}, {"fire_lanes": [{**lane, "turn_radius_m": 6.0}]}])
    assert (row["bend_radius_m"], row["bend_too_tight"], recorded["bend_too_tight"]) == (11.9, False, True)
    aerial = one("lanes-under-width", {"fire_lanes": [lane]}, vehicle="aerial")
    assert (aerial["bend_radius_m"], aerial["bend_too_tight"]) == (11.9, True)


def test_slope_is_known_where_the_line_has_heights() -> None:
    climbing = shapely.LineString([(*p, z) for p, z in zip(metres((0, 0), (50, 0)), (0.0, 4.0), strict=True)])
    rows = ask("lanes-under-width", {"fire_lanes": [{"geometry": climbing}, {"geometry": LANE}]}).frame["slope_pct_measured"]
    assert rows.tolist() == pytest.approx([8.0, float("nan")], nan_ok=True)


# after an edit ----------------------------------------------------------------------------------------------------------------


LANES = 8


class Town:
    """Rows of a small district that change one at a time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.rows: dict[str, dict[int, dict[str, Any]]] = {
            "fire_lanes": {i + 1: {"id": i + 1, "geometry": line((0, 40 * i), (40, 40 * i + 3))} for i in range(LANES)},
            "buildings": {}, "obstacles": {}, "access_points": {},
        }  # fmt: skip
        for layer in ("buildings", "buildings", "obstacles", "access_points") * 6:
            self.change(layer)

    def change(self, layer: str) -> int:
        """Add, change or take away one row; its id."""
        rows = self.rows[layer]
        id = self.chance.choice([*rows, max(rows, default=0) + 1])
        if id in rows and self.chance.random() < 0.3:
            del rows[id]
        else:
            rows[id] = {"id": id, **getattr(self, layer)()}
        self.rows[layer] = dict(sorted(rows.items()))
        return id

    def spot(self) -> tuple[float, float]:
        return self.chance.uniform(0, 40), 40 * self.chance.randrange(LANES) + self.chance.uniform(-12, 12)

    def fire_lanes(self) -> dict[str, Any]:
        _, y = self.spot()
        return {"kind": self.chance.choice([None, "passage"]), "geometry": line((0, y), (40, y + 3))}

    def buildings(self) -> dict[str, Any]:
        x, y = self.spot()
        return {"source": self.chance.choice(["osm", "cad"]), "geometry": box(x, y, x + 8, y + 6)}

    def obstacles(self) -> dict[str, Any]:
        x, y = self.spot()
        kind = self.chance.choice(["tree", "cable", "parking_strip"])
        return {"kind": kind, "width_m": self.chance.choice([None, 1.0]), "geometry": point(x, y)}

    def access_points(self) -> dict[str, Any]:
        x, y = self.spot()
        kind = self.chance.choice(["gate", "bollard", "arch"])
        return {"kind": kind, "gate_width_m": self.chance.choice([None, 3.0]), "geometry": point(x, 40 * round(y / 40) + 1.0)}

    def contents(self) -> dict[str, list[dict[str, Any]]]:
        return {layer: list(rows.values()) for layer, rows in self.rows.items()}


def compared(frames: FakeFrames, parking: bool) -> Any:
    found = lane_widths(frames.view(*READS), parking=parking)
    fields = ("state", "width_m", "first", "second", "opening", "gate", "accuracy_m", "rank", "open_sides")
    return {name: getattr(found, name).tolist() for name in fields} | {"pinch": shapely.to_wkt(found.pinch, rounding_precision=6).tolist()}


@pytest.mark.parametrize(("parking", "edits"), [(False, 6), (True, 3), pytest.param(False, 400, marks=pytest.mark.soak)])
def test_after_random_edits_as_measured_anew(parking: bool, edits: int) -> None:
    town = Town(7)
    frames = FakeFrames(town.contents())
    compared(frames, parking)
    for _ in range(edits):
        layer = town.chance.choice(["fire_lanes", "buildings", "obstacles", "access_points"])
        frames.put(layer, list(town.rows[layer].values()), {town.change(layer)})
        frames.put(layer, town.contents()[layer], set())
        after, anew = compared(frames, parking), compared(FakeFrames(town.contents()), parking)
        np.testing.assert_equal(after, anew)


def test_after_an_edit_only_lanes_nearby_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, real = [], measuring.clear_widths
    monkeypatch.setattr(measuring, "clear_widths", lambda lines, *args, **more: counts.append(len(lines)) or real(lines, *args, **more))
    rows = [{"geometry": line((0, 40 * i), (40, 40 * i))} for i in range(20)]
    frames = FakeFrames({"fire_lanes": rows})
    lane_widths(frames.view(*READS))
    frames.put("buildings", [{"geometry": box(0, 45, 40, 50)}], {1})
    found = lane_widths(frames.view(*READS))
    frames.put("buildings", [], {1})
    assert (np.flatnonzero(found.known).tolist(), lane_widths(frames.view(*READS)).known.any()) == ([1], False)
    assert counts == [20, 1, 1]


# lanes-under-height -----------------------------------------------------------------------------------------------------------

BAR = {"name": "杆", "kind": "height_bar", "geometry": point(20, 1)}
CABLE = {"name": "线", "kind": "cable", "geometry": line((30, -9), (30, 9))}
HEIGHTS: list[tuple[str, dict[str, Any], list[dict[str, Any]], list[dict[str, Any]], tuple[Any, ...]]] = [
    ("its own record", {"clear_height_m": 3.5}, [], [], ("yes", 3.5, "登记净空高度 3.5 米，低于 4 米")),
    ("exactly", {"clear_height_m": 4.0}, [], [], ("no", 4.0, "登记净空高度 4 米，不低于 4 米")),
    ("nothing known", {}, [], [], ("unknown", None, "没有净空高度记录，通道上方也没有画出登记了净高的东西")),
    ("a bar", {"clear_height_m": 5.0}, [BAR | {"gate_height_m": 2.5}], [], ("yes", 2.5, "限高杆“杆”净高 2.5 米，低于 4 米")),
    ("a bar of unknown height", {"clear_height_m": 5.0}, [BAR], [], ("unknown", None, "限高杆“杆”的净高没有登记，不能判定")),
    ("a low lane and an unknown bar", {"clear_height_m": 3.0}, [BAR], [], ("yes", 3.0, "登记净空高度 3 米，低于 4 米")),
    ("a bar far off", {"clear_height_m": 5.0}, [BAR | {"geometry": point(20, 9)}], [], ("no", 5.0, "登记净空高度 5 米，不低于 4 米")),
    ("a gate without a beam", {"clear_height_m": 5.0}, [BAR | {"kind": "gate"}], [], ("no", 5.0, "登记净空高度 5 米，不低于 4 米")),
    ("a gate's beam", {}, [BAR | {"kind": "gate", "gate_height_m": 4.5}], [], ("no", 4.5, "大门“杆”净高 4.5 米，不低于 4 米")),
    ("a cable", {}, [], [CABLE | {"clear_height_m": 3.9}], ("yes", 3.9, "架空线“线”净高 3.9 米，低于 4 米")),
    ("a cable of unknown height", {}, [], [CABLE], ("unknown", None, "架空线“线”的净高没有登记，不能判定")),
    ("a cable taken down", {"clear_height_m": 5.0}, [], [CABLE | {"removed_on": "2026-01-01"}], ("no", 5.0, "登记净空高度 5 米，不低于 4 米")),
]  # fmt: skip


@pytest.fixture(scope="module")
def heights() -> Any:
    cases = [(i, *case[1:4]) for i, case in enumerate(HEIGHTS)]
    lanes = [row for i, lane, _, _ in cases for row in apart([{"geometry": LANE, **lane}], i)]
    access = [row for i, _, rows, _ in cases for row in apart(rows, i)]
    over = [row for i, _, _, rows in cases for row in apart(rows, i)]
    return ask("lanes-under-height", {"fire_lanes": lanes, "access_points": access, "obstacles": over}).frame


@pytest.mark.parametrize("case", range(len(HEIGHTS)), ids=[case[0] for case in HEIGHTS])
def test_height(heights: Any, case: int) -> None:
    row = heights.iloc[case]
    assert (row["answer"], None if np.isnan(row["value"]) else row["value"], row["why"]) == HEIGHTS[case][4]


def test_the_lowest_point_is_a_shape_and_the_height_a_parameter() -> None:
    layers = {"fire_lanes": [{"geometry": LANE}], "access_points": [BAR | {"gate_height_m": 2.5}]}
    found = ask("lanes-under-height", layers, shape="pinch", height="2.5")
    assert (found.sentence.zh, found.frame["answer"].iloc[0]) == ("1 条通道：净空低于 2.5 米 0，不明 0", "no")
    assert found.frame.geometry.iloc[0].distance(point(20, 0)) < 1e-9


def test_a_passage_without_arch_and_height_is_unknown() -> None:
    layers = {"fire_lanes": [{"kind": "passage", "geometry": LANE}], "buildings": [{"geometry": box(20, -20, 30, 20)}]}
    assert one("lanes-under-height", layers)["why"] == "过街楼（没有登记门洞）的净高没有登记，不能判定"
    layers["fire_lanes"][0]["clear_height_m"] = 4.2
    assert one("lanes-under-height", layers)["answer"] == "no"


# lanes-blocked ----------------------------------------------------------------------------------------------------------------

HAZARD = {"code": "YH-1", "hazard_type": "fire_lane_blocked", "status": "registered", "geometry": point(20, 5)}
OPEN_RECORD = "有未销号的占用堵塞隐患（YH-1）"
BLOCKED: list[tuple[str, dict[str, Any], list[dict[str, Any]], tuple[str, str]]] = [
    ("nobody has looked", {}, [], ("unknown", "没有占用情况的记录：没有人看过，不等于畅通")),
    ("unknown", {"occupied": "unknown"}, [], ("unknown", "没有占用情况的记录：没有人看过，不等于畅通")),
    ("clear", {"occupied": "clear"}, [], ("no", "登记为畅通")),
    ("blocked", {"occupied": "blocked"}, [], ("yes", "登记为堵塞")),
    ("at night", {"occupied": "night"}, [], ("unknown", "登记为夜间或经常占用，用时是否畅通说不准")),
    ("an open hazard", {}, [HAZARD], ("yes", OPEN_RECORD)),
    ("against the record", {"occupied": "clear"}, [HAZARD], ("yes", f"{OPEN_RECORD}；登记为畅通；与登记的畅通矛盾，请核实")),
    ("too far off", {"occupied": "clear"}, [HAZARD | {"geometry": point(20, 5.1)}], ("no", "登记为畅通")),
    ("closed", {"occupied": "clear"}, [HAZARD | {"status": "closed"}], ("no", "登记为畅通")),
    ("rejected", {"occupied": "clear"}, [HAZARD | {"status": "rejected"}], ("no", "登记为畅通")),
    ("no status", {"occupied": "clear"}, [HAZARD | {"status": None}], ("yes", f"{OPEN_RECORD}；登记为畅通；与登记的畅通矛盾，请核实")),
    ("suspected", {"occupied": "clear"}, [HAZARD | {"status": "candidate"}], ("unknown", "登记为畅通；有疑似或待复查的占用堵塞隐患（YH-1）")),
    ("a gate", {"occupied": "clear"}, [HAZARD | {"hazard_type": "fire_lane_gate"}], ("unknown", "登记为畅通；有限高杆、石墩或锁闭大门的隐患（YH-1）")),
    ("another type", {"occupied": "clear"}, [HAZARD | {"hazard_type": "flooding"}], ("no", "登记为畅通")),
    ("the only lane", {"compound_code": "A"}, [HAZARD | {"geometry": None, "compound_code": "A"}], ("yes", OPEN_RECORD)),
    ("another compound", {"occupied": "clear"}, [HAZARD | {"geometry": None, "compound_code": "B"}], ("no", "登记为畅通")),
    ("placed by compound", {"occupied": "clear"}, [HAZARD | {"geom_method": "compound"}], ("no", "登记为畅通")),
    ("shut on record", {"clear_width_m": 0.0}, [], ("yes", "登记净宽 0 米，无法通行")),
]  # fmt: skip


@pytest.fixture(scope="module")
def blocked() -> Any:
    lanes = [row for i, case in enumerate(BLOCKED) for row in apart([{"geometry": LANE, **case[1]}], i)]
    hazards = [row for i, case in enumerate(BLOCKED) for row in apart(case[2], i)]
    return ask("lanes-blocked", {"fire_lanes": lanes, "hazards": hazards}).frame


@pytest.mark.parametrize("case", range(len(BLOCKED)), ids=[case[0] for case in BLOCKED])
def test_blocked(blocked: Any, case: int) -> None:
    row = blocked.iloc[case]
    assert (row["answer"], row["why"]) == BLOCKED[case][3]


def test_what_is_not_known_has_no_value() -> None:
    """A lane that nobody has looked at shows no width as if it were the answer."""
    unknown, clear = several("lanes-blocked", [street(3.5), street(3.5, {"occupied": "clear"})])
    assert (unknown["answer"], np.isnan(unknown["value"]), unknown["basis"]) == ("unknown", True, None)
    assert (clear["answer"], clear["value"], clear["basis"]) == ("no", 3.5, "measured")


def test_a_blocked_lane_somewhere_in_the_compound_makes_its_lanes_unknown() -> None:
    rows = [{"compound_code": "A", "occupied": "clear", "geometry": LANE}, {"compound_code": "A", "occupied": "clear", "geometry": None}]
    found = ask("lanes-blocked", {"fire_lanes": rows, "hazards": [HAZARD | {"geometry": None, "compound_code": "A"}]})
    assert (list(found.frame["answer"]), list(found.frame["hazard_code"])) == (["unknown"] * 2, ["YH-1"] * 2)
    assert found.summary["store"]["hazards_on_no_lane"] == 0


def test_hazards_that_lie_on_no_lane_are_counted() -> None:
    rows = [HAZARD | {"geometry": point(20, 90)}, HAZARD | {"geometry": None}, HAZARD | {"geometry": None, "status": "closed"}]
    assert ask("lanes-blocked", {"fire_lanes": [{"geometry": LANE}], "hazards": rows}).summary["store"]["hazards_on_no_lane"] == 2


def test_occupied_at_times_counts_when_asked() -> None:
    layers = {"fire_lanes": [{"geometry": LANE, "occupied": "often"}]}
    assert one("lanes-blocked", layers, sometimes="true")["answer"] == "yes"


def test_a_lane_shut_in_the_drawing_is_blocked_there() -> None:
    layers = street(6.0, {"occupied": "clear"}, obstacles=[{"name": "S", "kind": "shed", "geometry": box(20, -5, 23, 2)}])
    row = one("lanes-blocked", layers, shape="pinch")
    assert (row["answer"], row["value"]) == ("yes", 0.0)
    assert row["why"] == "图上量得净宽 0 米（棚屋“S”处），无法通行；登记为畅通；与登记的畅通矛盾，请核实"
    assert row["geometry"].distance(point(20, 0)) < 5e-5


def test_a_gate_that_is_kept_locked_is_unknown() -> None:
    gate = {"name": "西门", "kind": "gate", "normally_locked": "yes", "geometry": point(0, 0)}
    layers = {"fire_lanes": [{"geometry": LANE, "occupied": "clear"}], "access_points": [gate]}
    assert one("lanes-blocked", layers)["why"] == "登记为畅通；大门“西门”平时上锁，不能远程开启"
    gate["remote_open"] = "yes"
    assert one("lanes-blocked", layers)["answer"] == "no"


# compounds-without-lane-record ------------------------------------------------------------------------------------------------


def test_compounds_without_a_lane_record() -> None:
    compounds = [
        {"code": "A", "geometry": None},
        {"code": "B", "geometry": box(0, 14, 50, 60)},
        {"code": "C", "geometry": box(0, 16, 50, 60)},
        {"code": "D", "geometry": None},
    ]
    layers = {
        "compounds": compounds,
        "fire_lanes": [{"geometry": LANE}, {"compound_code": "A", "geometry": None}, {"compound_code": "B", "geometry": LANE}],
    }
    found = ask("compounds-without-lane-record", layers)
    assert list(found.frame["answer"]) == ["no", "no", "yes", "unknown"]
    assert found.frame["value"].tolist() == pytest.approx([1, 2, 0, float("nan")], nan_ok=True)
    assert found.sentence.zh == "4 个院落：没有通道记录 1，不明 1"
    assert list(found.frame["why"])[2:] == [
        "没有通道登记属于它，15 米内也没有画出通道：不是没有问题，而是没有记录",
        "没有通道登记属于它，且尚未上图，无法看附近有无通道",
    ]


def test_what_questions_read_is_declared() -> None:
    """A layer that is not among `reads` is a KeyError in the service; the fakes hold just those."""
    assert set(standing.READS) == {"buildings", "obstacles", "access_points", "fire_lanes"}
