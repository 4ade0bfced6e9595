"""gas-mains-too-close: pipes and buildings drawn by hand with exact distances, and the pipes of a real town in both of their CRSs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from fake_frames import LAYERS, METRIC, NOW, PROFILE, FakeFrames, box, line, metres, query

from geo.answers import answer
from geo.crs import transform_xy
from geo.gas import distances as gas
from geo.gas.pressure import CLASSES, class_codes, limits
from geo.gas.renewal import LISTED, UNKNOWN, UNLISTED, newest_year, renewal

PIPE = {
    "code": "P1",
    "geometry": line((-30, 0), (30, 0)),
    "dn_mm": 200,
    "pressure_class": "medium_a",
    "accuracy_m": 0.0,
    "location": "underground",
}
"""A pipe of 0.2 m along the x axis: its outer edge is at y = 0.1."""


def house(gap: float, **values: Any) -> dict[str, Any]:
    """A building whose outline lies `gap` metres from the pipe's outer edge."""
    return {"code": "B1", "name": "1号楼", "geometry": box(-5, 0.1 + gap, 5, gap + 18), "accuracy_m": 0.0, **values}


def shed(gap: float, **values: Any) -> dict[str, Any]:
    return {"code": "S1", "name": "车棚", "kind": "shed", "geometry": box(-2, 0.1 + gap, 2, gap + 3), "accuracy_m": 0.0, **values}


FAR = house(150)


def ask(mains: list[dict[str, Any]], buildings: list[dict[str, Any]], obstacles: list[dict[str, Any]] | None = None, **args: str) -> Any:
    frames = FakeFrames({"gas_mains": mains, "buildings": buildings, "obstacles": obstacles or []})
    return answer(query("gas-mains-too-close", answer="all", **args), frames, layers=LAYERS, now=NOW)


def row_of(pipe: dict[str, Any], buildings: list[dict[str, Any]], obstacles: list[dict[str, Any]] | None = None, **args: str) -> Any:
    return ask([{**PIPE, **pipe}], buildings, obstacles, **args).frame.iloc[0]


Case = tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]


def rows_of(cases: list[Case], **args: str) -> list[Any]:
    """One row a case; the cases lie 400 m apart and are asked at once."""
    mains, buildings, sheds = [], [], []
    for i, (pipe, around, beside) in enumerate(cases):
        mains.append(north({**PIPE, **pipe}, 400 * i))
        buildings += [north(one, 400 * i) for one in around]
        sheds += [north(one, 400 * i) for one in beside]
    return [row for _, row in ask(mains, buildings, sheds, **args).frame.iterrows()]


def north(values: dict[str, Any], by: float) -> dict[str, Any]:
    """The same feature `by` metres further north."""

    def moved(xy: Any) -> Any:
        return transform_xy(transform_xy(xy, "EPSG:4326", METRIC) + (0, by), METRIC, "EPSG:4326")

    return {**values, "geometry": shapely.transform(values["geometry"], moved)}


LADDER = [
    # class, gap, a measure on record, answer, needs proof
    ("low", 0.69, False, "yes", False),
    ("low", 0.70, False, "no", False),
    ("low", 0.69, True, "yes", False),
    ("medium_b", 0.49, False, "yes", False),
    ("medium_b", 0.50, False, "unknown", True),
    ("medium_b", 0.99, True, "unknown", True),
    ("medium_b", 1.00, False, "no", False),
    ("medium_a", 0.49, True, "yes", False),
    ("medium_a", 0.50, False, "unknown", True),
    ("medium_a", 0.99, True, "unknown", True),
    ("medium_a", 1.00, True, "no", True),
    ("medium_a", 1.49, False, "unknown", True),
    ("medium_a", 1.50, False, "no", False),
    ("sub_high_b", 2.99, True, "yes", False),
    ("sub_high_b", 3.00, True, "no", True),
    ("sub_high_b", 4.99, False, "unknown", True),
    ("sub_high_b", 5.00, False, "no", False),
    ("sub_high_a", 6.49, True, "yes", False),
    ("sub_high_a", 6.50, True, "no", True),
    ("sub_high_a", 13.49, False, "unknown", True),
    ("sub_high_a", 13.50, False, "no", False),
    ("high", 4.99, True, "yes", False),
    ("high", 5.00, True, "unknown", False),
    ("high", 60.0, False, "unknown", False),
    (None, 0.49, False, "yes", False),
    (None, 0.50, False, "unknown", False),
    ("unknown", 13.49, False, "unknown", False),
    (None, 13.50, False, "no", False),
    (None, 6.50, True, "no", False),
]  # fmt: skip


def test_every_limit_from_below_and_exactly() -> None:
    cases: list[Case] = [
        ({"pressure_class": c, "protection_measure": "套管" if measure else None}, [house(gap)], []) for c, gap, measure, *_ in LADDER
    ]
    found = [
        (row["pressure_class"], row["value"], row["protection_measure"] == "套管", row["answer"], row["needs_proof"])
        for row in rows_of(cases)
    ]
    assert found == LADDER


WALLS = [(9.4, 6.5, "unknown"), (9.5, 6.5, "no"), (9.5, 6.4, "yes"), (11.9, 3.0, "no"), (11.9, 2.9, "yes")]


def test_a_thick_wall_counts_like_a_measure_for_sub_high_a() -> None:
    cases: list[Case] = [({"pressure_class": "sub_high_a", "wall_mm": wall}, [house(gap)], []) for wall, gap, _ in WALLS]
    assert [(row["wall_mm"], row["value"], row["answer"]) for row in rows_of(cases)] == WALLS


ACCURACIES = [
    # class, gap, of the pipe, of the building, answer
    ("low", 1.20, 0.5, 0.1, "no"),
    ("low", 1.19, 0.5, 0.1, "unknown"),
    ("low", 1.19, 0.1, 0.5, "unknown"),
    ("low", 0.20, 0.5, 0.5, "yes"),
    ("low", 0.21, 0.5, 0.5, "unknown"),
    ("medium_a", 0.40, 0.1, 0.1, "yes"),
    ("medium_a", 0.45, 0.1, 0.1, "unknown"),
    ("low", 60.0, 1000.0, 0.1, "no"),
    ("low", 40.0, 1000.0, 0.1, "unknown"),
]  # fmt: skip


def test_within_the_worse_accuracy_of_the_two_it_cannot_be_told() -> None:
    cases: list[Case] = [
        ({"pressure_class": c, "accuracy_m": own}, [house(gap, accuracy_m=theirs)], []) for c, gap, own, theirs, _ in ACCURACIES
    ]
    expected = [(gap, answer, answer == "unknown") for _, gap, _, _, answer in ACCURACIES]
    assert [(row["value"], row["answer"], row["re_measure"]) for row in rows_of(cases)] == expected


def into(*points: tuple[float, float], **values: Any) -> dict[str, Any]:
    """A courtyard pipe of medium B without a diameter, measured from its axis."""
    return {"kind": "courtyard", "pressure_class": "medium_b", "dn_mm": None, "geometry": line(*points), **values}


HOUSE = house(0.9)
"""Its wall is the line y = 1 from x = -5 to 5."""
ENTERING: list[tuple[str, dict[str, Any], list[dict[str, Any]], tuple[str, str]]] = [
    # the pipe, the buildings, (too close, built over)
    ("straight into the wall", into((0, -20), (0, 1)), [HOUSE], ("no", "no")),
    ("from the wall", into((0, 1), (0, -20)), [HOUSE], ("no", "no")),
    ("a little beyond the wall", into((0, -20), (0, 1.5)), [HOUSE], ("no", "no")),
    ("at 45 degrees", into((-20, -19), (0, 1)), [HOUSE], ("no", "no")),
    ("a stub", into((0, -20), (0, 1), kind="stub"), [HOUSE], ("no", "no")),
    ("without a class", into((0, -20), (0, 1), pressure_class=None), [HOUSE], ("no", "no")),
    ("a main is no service pipe", into((0, -20), (0, 1), kind="main"), [HOUSE], ("yes", "yes")),
    ("nor is one of a kind not on record", into((0, -20), (0, 1), kind=None), [HOUSE], ("yes", "yes")),
    ("sub-high pressure enters no building", into((0, -20), (0, 1), pressure_class="sub_high_b"), [HOUSE], ("yes", "yes")),
    ("it ends 0.1 m before the wall", into((0, -20), (0, 0.9)), [HOUSE], ("yes", "yes")),
    ("as far as the accuracy can tell at the wall", into((0, -20), (0, 0.9), accuracy_m=0.1), [HOUSE], ("no", "no")),
    ("along the wall and then into it", into((-4, 0.6), (0, 0.6), (0, 1)), [HOUSE], ("yes", "yes")),
    ("under the building", into((0, -20), (0, 6)), [HOUSE], ("yes", "yes")),
    ("through the building", into((0, -20), (0, 40)), [HOUSE], ("yes", "yes")),
    ("past another building", into((0, -20), (0, 1)), [HOUSE, {**HOUSE, "geometry": box(0.4, -8, 9, -4)}], ("yes", "yes")),
    ("into a shed", into((0, -20), (0, 1)), [FAR], ("yes", "yes")),
]  # fmt: skip


def test_a_pipe_that_enters_what_it_serves_is_not_too_near_to_it() -> None:
    cases: list[Case] = [(pipe, around, [shed(0.9)] if "shed" in name else []) for name, pipe, around, _ in ENTERING]
    found = [(row["answer"], row["built_over"]) for row in rows_of(cases)]
    assert dict(zip([case[0] for case in ENTERING], found, strict=True)) == {case[0]: case[3] for case in ENTERING}


def test_what_is_said_of_a_pipe_that_enters() -> None:
    one, two = rows_of(
        [(ENTERING[0][1], [HOUSE], []), (ENTERING[0][1], [HOUSE, {**HOUSE, "name": "2号楼", "geometry": box(1.2, -8, 9, -4)}], [])]
    )
    assert (one["why"], one["value"] == one["value"], one["in_control_range"]) == (
        "引入楼栋“1号楼”，与该楼的净距不计；附近没有其他楼栋",
        False,
        1,
    )
    assert (two["value"], two["why"]) == (
        1.2,
        "引入楼栋“1号楼”，与该楼的净距不计；离楼栋“2号楼” 1.2 米，够远：中压B要求 1 米；管径不明，从轴线量起",
    )


def test_the_same_drawing_by_source() -> None:
    named = [("管线.dxf", "yes"), ("OpenStreetMap", "unknown"), (None, "unknown")]
    cases: list[Case] = [
        ({"pressure_class": "low", "accuracy_m": None, "source": source}, [house(0.5, accuracy_m=None, source=source)], [])
        for source, _ in named
    ]
    assert [(row["source"], row["answer"]) for row in rows_of(cases)] == named


def test_deep_under_a_building_it_is_under_it_whatever_the_accuracy() -> None:
    """A pipe 5 m inside an outline drawn to 1 m does not lie beside it."""
    deep = [(5.0, "yes"), (0.5, "yes"), (0.1, "unknown")]
    cases: list[Case] = [
        ({"pressure_class": "low", "accuracy_m": 1.0}, [{"code": "B1", "geometry": box(-5, -inside, 5, 20), "accuracy_m": 1.0}], [])
        for inside, _ in deep
    ]
    assert [(row["answer"], row["value"]) for row in rows_of(cases)] == [(answer, 0.0) for _, answer in deep]


def test_a_rough_building_further_off_leaves_it_open() -> None:
    rough = {"code": "B2", "geometry": box(-5, -20, 5, -2.1), "accuracy_m": 1.0}
    row = row_of({}, [house(1.6), rough])
    assert (row["answer"], row["value"], row["building"]) == ("unknown", 2.0, "B2")


def test_too_near_wins_over_what_cannot_be_told() -> None:
    row = row_of({}, [house(0.3), {"code": "B2", "geometry": box(-5, -20, 5, -0.2), "accuracy_m": 5.0}])
    assert (row["answer"], row["value"], row["building"]) == ("yes", 0.3, "B1")


def test_the_radius_counts_where_the_diameter_is_known() -> None:
    assert [row["value"] for row in rows_of([({"dn_mm": dn}, [house(1.5)], []) for dn in (200, 400, None, 0)])] == [1.5, 1.4, 1.6, 1.6]


LOCATIONS = [
    ("underground", "no"),
    (None, "no"),
    ("埋地", "no"),
    ("人行道下", "no"),
    ("overhead", "na"),
    ("overground", "na"),
    ("indoor", "na"),
    ("架空", "na"),
    ("外墙明敷", "na"),
]


def test_a_word_for_none_is_no_measure() -> None:
    cases: list[Case] = [({"protection_measure": word}, [house(1.2)], []) for word in ("无", "None ", "", "套管")]
    assert [row["answer"] for row in rows_of(cases)] == ["unknown", "unknown", "unknown", "no"]


def test_only_buried_mains_are_asked() -> None:
    rows = rows_of([({"location": location}, [house(3)], []) for location, _ in LOCATIONS])
    assert [(row["location"], row["answer"]) for row in rows] == LOCATIONS
    assert [bool(np.isnan(row["value"])) for row in rows] == [answer == "na" for _, answer in LOCATIONS]


BUILT_OVER = [
    ("low", 0.49, "yes"), ("low", 0.50, "no"), ("medium_b", 0.49, "yes"), ("medium_a", 0.50, "no"), ("sub_high_b", 1.49, "yes"), ("sub_high_b", 1.50, "no"),
    ("high", 4.99, "yes"), ("high", 5.00, "no"), (None, 0.49, "yes"), (None, 0.50, "unknown"), (None, 5.00, "no"),
]  # fmt: skip


def test_built_over_by_a_building_or_a_shed() -> None:
    cases: list[Case] = [({"pressure_class": c}, [house(gap)], []) for c, gap, _ in BUILT_OVER]
    cases += [({"pressure_class": c}, [FAR], [shed(gap)]) for c, gap, _ in BUILT_OVER]
    expected = [(over, code if over == "yes" else None) for code in ("B1", "S1") for _, _, over in BUILT_OVER]
    assert [(row["built_over"], row["built_over_by"]) for row in rows_of(cases)] == expected


def test_a_shed_in_the_protection_range_is_a_yes_and_beside_it_no_building() -> None:
    gone = [shed(0.2, removed_on="2024-05-01"), shed(0.2, kind="tree")]
    rows = rows_of([({}, [FAR], [shed(0.2)]), ({}, [FAR], [shed(0.6)]), ({}, [FAR], gone)])
    found = [(row["answer"], row["value"], row["threshold"], row["building"], row["built_over"]) for row in rows]
    assert found == [("yes", 0.2, 0.5, "S1", "yes"), ("no", 150.0, 1.5, "B1", "no"), ("no", 150.0, 1.5, "B1", "no")]


def test_sheds_drawn_as_points_and_lines_have_their_width() -> None:
    point = shed(0, geometry=shapely.Point(metres((0, 1.5))[0]), width_m=2.0)
    wall = shed(0, geometry=line((-2, 1.5), (2, 1.5)), width_m=2.0)
    assert [row["value"] for row in rows_of([({}, [FAR], [point]), ({}, [FAR], [wall])])] == [0.4, 0.4]


def test_buildings_in_the_control_range_are_counted() -> None:
    around = [house(gap) for gap in (4.99, 5.0, 14.99, 15.0, 49.99, 50.0)]
    rows = rows_of([({"pressure_class": c}, around, []) for c in ("low", "medium_a", "sub_high_b", "high")])
    assert [row["in_control_range"] for row in rows] == [1, 1, 3, 5]
    assert np.isnan(row_of({"pressure_class": None}, around)["in_control_range"])


def test_a_building_known_as_a_point_may_reach_further() -> None:
    dots = [(0.4, "yes"), (1.5, "unknown"), (41.4, "unknown"), (41.5, "no")]
    cases: list[Case] = [
        ({}, [{"code": "B1", "geometry": shapely.Point(metres((0, 0.1 + gap))[0]), "accuracy_m": 0.0}], []) for gap, _ in dots
    ]
    assert [(row["value"], row["answer"]) for row in rows_of(cases)] == dots


NOTHING = [
    ("unplaced main", {"geometry": None}, [house(1)], "管线尚未上图，无从量起"),
    ("empty main", {"geometry": shapely.LineString()}, [house(1)], "管线尚未上图，无从量起"),
    ("main without length", {"geometry": line((0, 0), (0, 0))}, [house(1)], "管线没有长度，无从量起"),
    ("no buildings", {}, [], "没有上图的楼栋，无从量起"),
    ("no placed buildings", {}, [house(1, geometry=None)], "没有上图的楼栋，无从量起"),
]


@pytest.mark.parametrize(("pipe", "buildings", "why"), [case[1:] for case in NOTHING], ids=[case[0] for case in NOTHING])
def test_where_there_is_nothing_to_measure(pipe: dict[str, Any], buildings: list[dict[str, Any]], why: str) -> None:
    row = row_of(pipe, buildings)
    assert (row["answer"], np.isnan(row["value"]), row["basis"], row["built_over"], row["why"].split("；")[0]) == (
        "unknown",
        True,
        None,
        "unknown",
        why,
    )


def test_empty_layers() -> None:
    result = ask([], [house(1)], [shed(1)])
    assert (result.summary["total"], len(result.frame)) == (0, 0)
    assert result.sentence.zh == "还没有燃气管线数据"


def test_without_a_metric_crs_nothing_is_measured() -> None:
    frames = FakeFrames({"gas_mains": [PIPE], "buildings": [house(1)]})
    view = frames.view("gas_mains", "buildings", "obstacles")
    nothing = np.full(1, None, dtype=object)
    pipes = gas.Pipes(
        nothing,
        np.zeros(1),
        np.zeros(1),
        np.zeros(1, dtype=np.int8),
        limits(np.zeros(1, dtype=np.int8), np.full(1, np.nan), np.zeros(1, dtype=bool), PROFILE),
        np.zeros(1, dtype=bool),
    )
    near = gas.nearness(pipes, gas.Bodies(nothing, np.zeros(1), np.zeros(1), np.zeros(1, dtype=bool)))
    assert (near.state[0], near.reason[0], near.body[0], view.metric_crs) == (gas.OPEN, gas.UNPLACED, -1, METRIC)


def test_a_broken_outline_is_measured_but_not_looked_into() -> None:
    bow_tie = shapely.Polygon(metres((0, 2), (10, -2), (10, 2), (0, -2)))
    row = row_of({"pressure_class": "low"}, [{"code": "B1", "geometry": bow_tie, "accuracy_m": 0.0}])
    assert (row["answer"], row["value"]) == ("yes", 0.0)


def test_several_parts_and_a_bend() -> None:
    pipe = shapely.MultiLineString([metres((-30, 0), (0, 0)), metres((50, 0), (50, 30), (80, 30))])
    row = row_of({"geometry": pipe}, [{"code": "B1", "geometry": box(52, 5, 60, 20), "accuracy_m": 0.0}])
    assert (row["answer"], row["value"]) == ("no", 1.9)


def test_turned_moved_and_mirrored_it_is_the_same() -> None:
    spin = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    corners = np.array([(-5, 1.3), (5, 1.3), (5, 20), (-5, 20)])
    for turn in (spin, -spin, spin @ np.diag([-1.0, 1.0])):
        pipe = {"geometry": line(*((turn @ p) + (70, -40) for p in np.array([(-30, 0), (30, 0)])))}
        building = {"code": "B1", "geometry": shapely.Polygon(metres(*((turn @ p) + (70, -40) for p in corners))), "accuracy_m": 0.0}
        row = row_of(pipe, [building])
        assert (row["answer"], row["value"], row["needs_proof"]) == ("unknown", 1.2, True)


WHY = [
    ({}, [house(0.42)], "离楼栋“1号楼” 0.42 米，小于规定值：中压A要求 1.5 米；占压：楼栋“1号楼”在保护范围 0.5 米以内",
     "0.42 m from building '1号楼', less than required: medium A pressure needs 1.5 m; built over: building '1号楼' is inside the protection range of 0.5 m"),
    ({}, [house(0.8)], "离楼栋“1号楼” 0.8 米，小于 1.5 米、不小于 0.5 米，须证明有防护措施，没有登记",
     "0.8 m from building '1号楼', under 1.5 m but not under 0.5 m: protective measures must be proven, none is on record"),
    ({"protection_measure": "套管"}, [house(1.2)], "离楼栋“1号楼” 1.2 米，小于 1.5 米；登记有防护措施，须有证明",
     "1.2 m from building '1号楼', under 1.5 m; a protective measure is on record and needs proof"),
    ({}, [house(12.3)], "离楼栋“1号楼” 12.3 米，够远：中压A要求 1.5 米", "12.3 m from building '1号楼', far enough: medium A pressure needs 1.5 m"),
    ({"dn_mm": None, "material": "grey_iron"}, [house(12.3)], "离楼栋“1号楼” 12.4 米，够远：中压A要求 1.5 米；管径不明，从轴线量起；灰口铸铁管，属更新改造对象",
     "12.4 m from building '1号楼', far enough: medium A pressure needs 1.5 m; diameter not on record: measured from the axis; grey cast iron: on the renewal list"),
    ({"accuracy_m": 0.5}, [house(1.2)], "离楼栋“1号楼” 1.2 米，与 1.5 米之差在精度 0.5 米以内，不能判定",
     "1.2 m from building '1号楼' is within its accuracy of 0.5 m of 1.5 m: cannot be told"),
    ({"pressure_class": None}, [house(7)], "压力级别不明；离楼栋“1号楼” 7 米，各级要求 0.5 至 13.5 米，不能判定",
     "pressure class not on record; 7 m from building '1号楼', classes need 0.5 to 13.5 m: cannot be told"),
    ({"location": "架空"}, [house(7)], "敷设方式为“架空”，不是埋地管", "recorded as '架空': not a buried pipe"),
    ({"pressure_class": "high"}, [house(7)], "离楼栋“1号楼” 7 米；高压管的楼栋净距不在规则里，不能判定",
     "7 m from building '1号楼'; the profile has no distance for high pressure: cannot be told"),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "at"), [("zh", 2), ("en", 3)])
def test_why(lang: str, at: int) -> None:
    assert [row["why"] for row in rows_of([(pipe, buildings, []) for pipe, buildings, *_ in WHY], lang=lang)] == [case[at] for case in WHY]


def drawn(shape: str, pipe: dict[str, Any], buildings: list[dict[str, Any]]) -> Any:
    """The answer's shape in metres from ORIGIN."""
    found = ask([{**PIPE, **pipe}], buildings, shape=shape).frame.geometry.iloc[0]
    origin = np.array(transform_xy(np.array(metres((0, 0))), "EPSG:4326", METRIC)[0])
    return None if found is None else shapely.transform(found, lambda xy: transform_xy(xy, "EPSG:4326", METRIC) - origin)


def test_the_gap_runs_from_the_axis_to_the_outline() -> None:
    gap = drawn("gap", {}, [{"code": "B1", "geometry": box(20, 1.3, 60, 20), "accuracy_m": 0.0}])
    assert gap.geom_type == "LineString" and gap.length == pytest.approx(1.3, abs=1e-6)
    assert 20 - 1e-6 <= shapely.bounds(gap)[0] and shapely.bounds(gap)[2] <= 30 + 1e-6


def test_under_a_building_the_gap_is_the_stretch_under_it() -> None:
    gap = drawn("gap", {}, [{"code": "B1", "geometry": box(-5, -3, 7, 20), "accuracy_m": 0.0}])
    assert shapely.bounds(gap) == pytest.approx([-5, 0, 7, 0], abs=1e-6)


@pytest.mark.parametrize(("shape", "width"), [("protection", 0.6), ("control", 5.1)])
def test_the_ranges_are_drawn_from_the_outer_edge(shape: str, width: float) -> None:
    area = drawn(shape, {}, [house(7)])
    assert area.geom_type == "Polygon"
    assert shapely.bounds(area) == pytest.approx([-30 - width, -width, 30 + width, width], abs=1e-6)
    assert drawn(shape, {"pressure_class": None}, [house(7)]) is None
    assert drawn(shape, {"geometry": None}, [house(7)]) is None


def test_random_scenes_by_brute_force() -> None:
    """Every pipe against every building, one by one, where everything is drawn exactly."""
    dice = np.random.default_rng(7)
    count, around = 60, 80
    start = dice.uniform(0, 300, (count, 2))
    lines = shapely.linestrings(np.stack([start, start + dice.normal(0, 25, (count, 2)), start + dice.normal(0, 40, (count, 2))], axis=1))
    corner = dice.uniform(0, 300, (around, 2))
    blocks = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + dice.uniform(2, 12, around), corner[:, 1] + dice.uniform(2, 12, around))
    pressure, radius = dice.integers(0, 5, count).astype(np.int8), dice.choice([0.0, 0.1, 0.2], count)
    needed = limits(pressure, np.full(count, np.nan), np.zeros(count, dtype=bool), PROFILE)
    exact = gas.Pipes(lines, radius, np.zeros(count), pressure, needed, np.zeros(count, dtype=bool))
    near = gas.nearness(exact, gas.Bodies(blocks, np.zeros(around), np.zeros(around), np.zeros(around, dtype=bool)))
    required = {"low": (0.7, 0.7), "medium_b": (1.0, 0.5), "medium_a": (1.5, 0.5), "sub_high_b": (5.0, 3.0), "sub_high_a": (13.5, 6.5)}
    for i in range(count):
        gaps = [max(round(line_gap - radius[i], 2), 0.0) for line_gap in (lines[i].distance(block) for block in blocks)]
        full, reduced = required[CLASSES[pressure[i]]]
        state = gas.NEAR if min(gaps) < reduced else gas.OPEN if min(gaps) < full else gas.CLEAR
        assert (near.state[i], near.distance_m[i], near.needs_proof[i]) == (state, min(gaps), state == gas.OPEN)
    assert set(near.state) == {gas.NEAR, gas.OPEN, gas.CLEAR}


# the renewal list -------------------------------------------------------------------------------------------------------------

RENEWAL = [
    ("grey_iron", None, None, LISTED), ("grey_iron", 2020, False, LISTED), ("grey_iron", 1990, True, UNLISTED), ("ductile_iron", 2020, None, UNKNOWN),
    ("steel", 2006, None, UNKNOWN), ("steel", 2007, None, UNLISTED), ("galvanised", 2006, None, UNKNOWN), ("pe", 2006, False, UNKNOWN), ("pe", 2007, False, UNLISTED),
    ("pe", None, None, UNKNOWN), ("pe", 1990, True, UNLISTED), ("other", 2020, None, UNKNOWN), (None, 1990, None, UNKNOWN),
]  # fmt: skip


def test_the_renewal_list() -> None:
    material, renewed = (np.array([case[i] for case in RENEWAL], dtype=object) for i in (0, 2))
    built = np.array([np.nan if year is None else year for _, year, *_ in RENEWAL])
    found = renewal(material, built, renewed, year=2026, from_years=20)
    assert found.listed.tolist() == [expected for *_, expected in RENEWAL]


def test_ages_are_reckoned_to_the_newest_record_or_the_year_asked() -> None:
    pipe = {"material": "steel", "built_year": 2005, "updated_at": "2024-03-01T08:00:00Z"}
    assert row_of(pipe, [FAR])["in_renewal_list"] == "no"
    assert row_of(pipe, [FAR], year="2025")["in_renewal_list"] == "unknown"
    assert ask([{**PIPE, **pipe}], [FAR]).summary["store"]["renewal_year"] == 2024
    assert row_of({**pipe, "updated_at": None}, [FAR])["in_renewal_list"] == "unknown"
    assert newest_year(np.array([None, "2023-01-01", "2025-12-31T23:59:59Z", "?"], dtype=object)) == 2025


# real pipes -------------------------------------------------------------------------------------------------------------------


def test_kaohsiungs_pipes_have_the_same_distances_in_both_crss(shared_data: Path) -> None:
    """609 lines in TWD97 metres and in degrees, against blocks set beside every third of them."""
    folder = shared_data / "kaohsiung_gas"
    plane = pyogrio.read_dataframe(folder / "kh_ng_pipelines_twd97.shp").geometry.to_numpy()
    degrees = pyogrio.read_dataframe(folder / "kh_ng_pipelines_wgs84.shp").geometry.to_numpy()
    middles = shapely.line_interpolate_point(plane[::3], 0.5, normalized=True)
    blocks = shapely.box(shapely.get_x(middles) + 1, shapely.get_y(middles) + 1, shapely.get_x(middles) + 21, shapely.get_y(middles) + 13)
    found = []
    for lines, source in ((plane, "EPSG:3826"), (degrees, "EPSG:4326")):
        metric = lines if source == "EPSG:3826" else shapely.transform(lines, lambda xy: transform_xy(xy, "EPSG:4326", "EPSG:3826"))
        count = len(metric)
        pressure = class_codes(np.full(count, "medium_a", dtype=object))
        pipes = gas.Pipes(
            metric,
            np.full(count, 0.1),
            np.full(count, 0.1),
            pressure,
            limits(pressure, np.full(count, np.nan), np.zeros(count, dtype=bool), PROFILE),
            np.zeros(count, dtype=bool),
        )
        bodies = gas.Bodies(blocks, np.zeros(len(blocks)), np.full(len(blocks), 0.1), np.zeros(len(blocks), dtype=bool))
        found.append(gas.nearness(pipes, bodies))
    one, other = found
    assert len(plane) == 609 and set(one.state) == {gas.CLEAR, gas.NEAR, gas.OPEN}
    assert np.max(np.abs(one.distance_m - other.distance_m)) <= 0.01
    same = np.mean(one.distance_m == other.distance_m)
    assert same == 1.0 and np.array_equal(one.state, other.state) and np.array_equal(one.body, other.body)


def test_every_class_is_a_choice_of_the_layer() -> None:
    field = next(f for f in LAYERS["gas_mains"].fields if f.name == "pressure_class")
    assert [c.value for c in field.choices] == [*CLASSES, "unknown"]
