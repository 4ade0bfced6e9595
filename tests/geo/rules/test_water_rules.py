"""The rules on hydrants and fire stations beside their table of cases: what a result lacks, what is worked out again, and the spacing by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

from geo.network.graph import network_of
from geo.rules.water.along import SEARCHED_M, nexts, on_roads
from tests.geo.fake_frames import FakeFrames
from tests.geo.rules.cases_water import CASES, along, at_kerb, beside, hydrant, row_of, supply
from tests.geo.rules.rule_cases import Case, Want, check, judged, rule_called


def lacks(rule: str, layers: Any, row: int = 0) -> tuple[tuple[str, str] | None, int]:
    found = judged(Case(rule, "lacks", layers, Want("unknown")))[0].lacks
    assert found is not None
    kind = int(found.kind[row])
    return (found.kinds[kind] if kind >= 0 else None), int(found.row[row])


LACKING: dict[str, tuple[str, Any, tuple[Any, int]]] = {
    "the state of the hydrant that is near": ("HY-01", along(100, working=None), (("hydrants", "working"), 0)),
    "hydrants at all": ("HY-01", {"buildings": along(9)["buildings"]}, (("hydrants", "geometry"), -1)),
    "nothing, where the drawing is too rough": ("HY-01", along(150.3, rough=0.5), (None, -1)),
    "the kind of the next hydrant": ("HY-02", row_of(100, kind=None), (("hydrants", "kind"), 1)),
    "the width of the road": ("HY-03", at_kerb(None), (("roads", "road_width_m"), 0)),
    "where the hydrant stands": ("HY-04", {"hydrants": [hydrant(None)]}, (("hydrants", "geometry"), 0)),
    "whether it is municipal": ("HY-05", beside(50, kind=None), (("hydrants", "kind"), 0)),
    "its pressure": ("HY-06", supply(), (("hydrants", "pressure_mpa"), 0)),
}


@pytest.mark.parametrize(("rule", "layers", "wanted"), LACKING.values(), ids=LACKING)
def test_what_is_lacking(rule: str, layers: Any, wanted: tuple[Any, int]) -> None:
    assert lacks(rule, layers) == wanted


def objects(*shapes: Any) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def spaced(lines: list[Any], *points: tuple[float, float]) -> list[list[float]]:
    roads = objects(*lines)
    network = network_of(roads, objects(), snap_m=0.5, road_half_m=np.zeros(len(roads)))
    on = on_roads(network, objects(*map(shapely.Point, points)), np.zeros(len(roads)), 5.0)
    every = np.ones(len(points), dtype=bool)
    return np.round(nexts(network, on, every, every).gap_m, 3).tolist()


def test_a_way_round_the_block_does_not_lead_a_hydrant_to_itself() -> None:
    """The only other one stands on a spur off the ring: it is 10 + 5 m away to the one side, 70 + 5 m to the other."""
    ring = [shapely.LineString([(0, 0), (20, 0), (20, 20), (0, 20), (0, 0)]), shapely.LineString([(20, 0), (40, 0)])]
    assert sorted(spaced(ring, (10, 0), (25, 0))[0]) == [15.0, 75.0]


def test_a_dead_end_asks_for_no_next_hydrant() -> None:
    gaps = spaced([shapely.LineString([(0, 0), (100, 0)])], (40, 1), (90, -1))
    assert [sorted(pair, key=str) for pair in gaps] == [[50.0, pytest.approx(np.nan, nan_ok=True)]] * 2


def test_two_in_one_place_are_no_metre_apart() -> None:
    assert sorted(spaced([shapely.LineString([(0, 0), (100, 0)])], (40, 1), (40, -1), (90, 0))[0], key=str)[0] == 0.0


def test_a_next_hydrant_beyond_the_search_is_known_to_be_further() -> None:
    assert np.isinf(spaced([shapely.LineString([(0, 0), (SEARCHED_M + 100, 0)])], (0, 0), (SEARCHED_M + 50, 0))).any()


def brute(length: float, at: list[float]) -> list[float]:
    """Along one straight road: the longer of the gaps to both neighbours."""
    order = sorted(at)
    places = [order.index(x) for x in at]
    return [max(abs(order[i] - order[j]) for j in (i - 1, i + 1) if 0 <= j < len(order)) for i in places]


@pytest.mark.parametrize("seed", range(5))
def test_gaps_along_a_road_in_many_pieces(seed: int) -> None:
    """A road drawn in pieces, with side roads that lead nowhere, spaces its hydrants as one line does."""
    dice = np.random.default_rng(seed)
    cuts = np.concatenate([[0.0], np.sort(dice.uniform(1, 799, 9)), [800.0]])
    pieces = [shapely.LineString([(a, 0), (b, 0)]) for a, b in pairwise(cuts.tolist())]
    spurs = [shapely.LineString([(x, 0), (x, 50)]) for x in cuts[1:-1]]
    at = np.round(dice.uniform(0, 800, 8), 2).tolist()
    found = spaced([*pieces, *spurs], *((x, 0.0) for x in at))
    assert np.nanmax(np.array(found), axis=1) == pytest.approx(brute(800, at), abs=0.02)


def test_a_profile_based_on_another_goes_by_the_same_rule() -> None:
    check(replace(CASES[0], profile="cn_legacy"))


@pytest.mark.parametrize(("rule", "layers"), [("HY-01", along(100)), ("HY-02", row_of(100))], ids=["HY-01", "HY-02"])
def test_ways_are_worked_out_again_only_where_the_key_says_so(rule: str, layers: Any) -> None:
    """The next judging of the same layers gives the same results, and a hydrant that moved others."""
    frames = FakeFrames(layers)
    ids = ("buildings", "hydrants", "roads", "fire_lanes")
    view: Any = frames.view(*ids)
    first = rule_called(rule).judge(view)
    assert rule_called(rule).judge(view) is first
    frames.put("hydrants", [hydrant(0, 5), hydrant(190, 5, code="H2", working="no")], {1, 2})
    moved: Any = frames.view(*ids)
    assert rule_called(rule).judge(moved).measured[0] != first.measured[0]
