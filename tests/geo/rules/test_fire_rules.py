"""The rules on fire lanes: what an unknown result lacks, where a failure is, and that they judge whatever is or is not in the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import shapely

from geo.profile import SEVERITIES
from geo.rules.declaration import FAIL, NA, RESULTS, UNKNOWN, Judgement, Rule
from geo.rules.fire import FIRE
from tests.geo.fake_frames import LAYERS, FakeFrames, box, line, metres
from tests.geo.rules.cases_fire import CASES, ROAD, building, lane, point, square, tree
from tests.geo.rules.rule_cases import Case, judged, rule_called

EVERY = pytest.mark.parametrize("rule", FIRE, ids=lambda rule: rule.id)


def judge(id: str, **layers: Sequence[Mapping[str, Any]]) -> tuple[Judgement, Any]:
    rule = rule_called(id)
    view: Any = FakeFrames(layers).view(*dict.fromkeys((rule.subject, *rule.reads)))
    return rule.judge(view), view


def lacking(judgement: Judgement, row: int = 0) -> tuple[str, str, int] | None:
    assert judgement.lacks is not None
    kind = int(judgement.lacks.kind[row])
    return None if kind < 0 else (*judgement.lacks.kinds[kind], int(judgement.lacks.row[row]))


_ALLEY = lane((50, 4), (50, 60), clear_width_m=5.0)
_HOUSE = building(56, 40, 96, 52)
_GATE = {"geometry": point(50, 10), "kind": "gate"}

LACKS: Mapping[str, tuple[str, Mapping[str, Any], tuple[str, str, int]]] = {
    "a width": ("FA-01", {"fire_lanes": [lane()]}, ("fire_lanes", "clear_width_m", 0)),
    "a gate's width": (
        "FA-01",
        {"fire_lanes": [lane()], "access_points": [{"geometry": point(30, 0), "kind": "gate"}], "buildings": [building(0, 4, 60, 9), building(0, -9, 60, -4)]},
        ("access_points", "gate_width_m", 0),
    ),
    "an arch's height": ("FA-02", {"fire_lanes": [lane()], "access_points": [{"geometry": point(30, 0), "kind": "arch"}]}, ("access_points", "gate_height_m", 0)),
    "a cable's height": ("FA-02", {"fire_lanes": [lane()], "obstacles": [{"geometry": line((30, -5), (30, 5)), "kind": "cable"}]}, ("obstacles", "clear_height_m", 0)),
    "a slope": ("FA-03a", {"fire_lanes": [lane()]}, ("fire_lanes", "slope_pct", 0)),
    "a radius": ("FA-04", {"fire_lanes": [lane((0, 0), (30, 0), (30, 30))]}, ("fire_lanes", "turn_radius_m", 0)),
    "a building's height": ("FA-04", {"fire_lanes": [lane(turn_radius_m=10.0)], "buildings": [building(5, 6, 45, 18)]}, ("buildings", "height_m", 0)),
    "a lane's place": ("FA-05", {"fire_lanes": [{"geometry": None}]}, ("fire_lanes", "geometry", 0)),
    "a turnaround's size": (
        "FA-06",
        {"roads": [ROAD], "fire_lanes": [lane((50, 4), (50, 60))], "turnarounds": [{"geometry": point(50, 62)}]},
        ("turnarounds", "length_m", 0),
    ),
    "roads": ("FA-06", {"fire_lanes": [lane()]}, ("roads", "geometry", -1)),
    "a side": ("FA-07", {"turnarounds": [{"geometry": None, "length_m": 14.0}]}, ("turnarounds", "width_m", 0)),
    "any obstacle": ("FA-09", {"fire_lanes": [lane()]}, ("obstacles", "kind", -1)),
    "the gate on the way": ("FA-16", {"roads": [ROAD], "fire_lanes": [_ALLEY], "buildings": [_HOUSE], "access_points": [_GATE]}, ("access_points", "gate_width_m", 0)),
    "a lane to the house": ("FA-16", {"roads": [ROAD], "buildings": [building(56, 80, 96, 92)]}, ("fire_lanes", "geometry", -1)),
    "a link to the road": ("FA-16", {"roads": [ROAD], "fire_lanes": [lane((50, 30), (50, 60))], "buildings": [_HOUSE]}, ("fire_lanes", "geometry", 0)),
    "sides with parking": ("FA-18", {"fire_lanes": [lane(road_width_m=6.0)]}, ("fire_lanes", "parking_sides", 0)),
    "a review": (
        "FA-21",
        {"fire_lanes": [lane()], "hazards": [{"geometry": point(30, 1), "hazard_type": "fire_lane_blocked", "status": "candidate"}]},
        ("hazards", "status", 0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LACKS)
def test_what_would_settle_an_unknown_result_is_named(name: str) -> None:
    id, layers, wanted = LACKS[name]
    judgement, _ = judge(id, **layers)
    assert RESULTS[judgement.result[0]] == "unknown"
    assert lacking(judgement) == wanted


def test_one_lane_settles_all_buildings_behind_it() -> None:
    """The first lane on the way from the road has no width on record, nor has the second: it is the first that is asked for."""
    lanes = [lane((50, 60), (50, 100)), lane((50, 4), (50, 60))]
    houses = [building(68, y, 96, y + 8) for y in (40, 80, 90)]
    judgement, _ = judge("FA-16", roads=[ROAD], fire_lanes=lanes, buildings=houses)
    assert [lacking(judgement, row) for row in range(3)] == [("fire_lanes", "clear_width_m", 1)] * 3


def test_a_failure_is_where_the_lane_is_narrow() -> None:
    lanes = [lane((50, 4), (50, 30), clear_width_m=5.0), lane((50, 30), (50, 60), clear_width_m=5.0)]
    gate = {"geometry": point(50, 12), "kind": "gate", "gate_width_m": 2.8}
    judgement, view = judge("FA-16", roads=[ROAD], fire_lanes=lanes, buildings=[_HOUSE], access_points=[gate])
    assert judgement.where is not None
    found = judgement.where(np.array([0]))
    assert shapely.distance(found, view.metric("access_points"))[0] < 0.01
    assert judgement.measured[0] == 2.8


def test_obstacles_are_shown_on_the_map_and_named_as_inputs() -> None:
    judgement, view = judge(
        "FA-09", fire_lanes=[lane(clear_width_m=4.0)], buildings=[building(10, 8, 50, 20)], obstacles=[tree(20, -30), tree(30, 5)]
    )
    assert judgement.where is not None and judgement.involved is not None
    assert shapely.distance(judgement.where(np.array([0])), view.metric("obstacles")[1])[0] < 0.01
    assert judgement.involved(np.array([0])) == [[("obstacles", 1)]]


def test_the_turnaround_of_a_dead_end_is_among_its_inputs() -> None:
    judgement, _ = judge("FA-06", roads=[ROAD], fire_lanes=[lane((50, 4), (50, 54))], turnarounds=[square(12.0)])
    assert judgement.involved is not None
    assert judgement.involved(np.array([0])) == [[("turnarounds", 0)]]


_ROOM = {"Point": point(0, 0), "LineString": line((0, 0), (60, 0)), "Polygon": box(0, 0, 30, 20)}
_KIND = {id: layer.geometry[0].removeprefix("Multi") for id, layer in LAYERS.items()}
CONTENTS: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "nothing": {},
    "unplaced": {id: [{"code": id, "geometry": None}] for id in LAYERS},
    "bare": {id: [{"code": id, "geometry": _ROOM[kind]}] for id, kind in _KIND.items()},
    "empty": {id: [{"code": id, "geometry": shapely.from_wkt(f"{kind.upper()} EMPTY")}] for id, kind in _KIND.items()},
}
_FAR = (float("nan"), 34.75)
with np.errstate(invalid="ignore"):
    _BROKEN = {
        "Point": [],
        "LineString": [shapely.LineString([metres((0, 0))[0], _FAR]), line((0, 0), (0, 0)), line((0, 0), (60, 0), (0, 0), (60, 0))],
        "Polygon": [
            shapely.Polygon([*metres((0, 0), (30, 0)), _FAR, metres((0, 0))[0]]),
            shapely.Polygon(metres((0, 0), (30, 20), (30, 0), (0, 20))),
            shapely.MultiPolygon([box(0, 0, 30, 20), box(10, 0, 40, 20)]),
            box(0, 0, 240, 0),
            box(-20, -1, 240, 1),
        ],
    }
CONTENTS = {
    **CONTENTS,
    "broken": {id: [{"code": id, "geometry": shape} for shape in [*_BROKEN[kind], _ROOM[kind]]] for id, kind in _KIND.items()},
}
FRAMES = {name: FakeFrames(rows) for name, rows in CONTENTS.items()}


@EVERY
@pytest.mark.parametrize("contents", CONTENTS)
def test_it_judges_whatever_is_there(contents: str, rule: Rule) -> None:
    """A feature of which nothing is known passes nothing; each sentence is told in both languages."""
    view: Any = FRAMES[contents].view(*dict.fromkeys((rule.subject, *rule.reads)))
    judgement = rule.judge(view)
    every = np.arange(len(view.frame(rule.subject)))
    assert len(judgement.result) == len(judgement.measured) == len(judgement.threshold) == len(judgement.basis) == len(every)
    assert all(judgement.why(every, "zh")) and all(text and text.isascii() for text in judgement.why(every, "en"))
    if contents in ("unplaced", "empty"):
        assert set(judgement.result.tolist()) <= {UNKNOWN, NA}
    if judgement.where is not None:
        assert len(judgement.where(every)) == len(every)
    if judgement.involved is not None:
        assert len(judgement.involved(every)) == len(every)
    assert judgement.lacks is not None
    assert (judgement.lacks.kind[judgement.result != UNKNOWN] == -1).all()
    assert set(judgement.lacks.kinds) <= {(id, f.name) for id, layer in LAYERS.items() for f in layer.all_fields} | {
        (id, "geometry") for id in LAYERS
    }


@EVERY
def test_its_figures_are_in_the_profile_and_its_layers_declared(rule: Rule) -> None:
    view: Any = FakeFrames({}).view(rule.subject)
    assert set(rule.figures) <= set(view.profile.figures)
    assert rule.subject in rule.reads and set(rule.reads) <= set(LAYERS)


def test_only_failures_carry_a_severity_of_their_own() -> None:
    case = next(case for case in CASES if case.rule == "FA-04" and case.name == "only way")
    judgement, _ = judged(Case(case.rule, case.name, case.layers, case.want))
    assert judgement.severity is not None
    assert (RESULTS[judgement.result[0]], SEVERITIES[judgement.severity[0]]) == ("fail", "high")
    assert judgement.result[0] == FAIL
