"""Parking, slope, bends and heights of lanes, and which width is compared: hand-made cases with exact answers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString

from geo.lanes import comparison as lanes
from geo.lanes.bends import bend_radii_m
from geo.lanes.heights import Overhead, clear_heights, places
from geo.lanes.parking import parked_m
from geo.lanes.slope import slopes_pct

NAN = math.nan


def shapes(*made: Any) -> Any:
    out = np.empty(len(made), dtype=object)
    out[:] = made
    return out


def numbers(*values: float) -> Any:
    return np.array(values, dtype=np.float64)


def test_parking_takes_off_its_strip_on_each_side_on_record() -> None:
    off = parked_m(numbers(0, 1, 2, 1, NAN), numbers(2.5, NAN, NAN, 2.5, 2.5), usual_strip_m=2.2)
    assert off.tolist() == [0.0, 2.2, 4.4, 2.5, 0.0]


SLOPES: list[tuple[str, Any, float]] = [
    ("even", [(0, 0, 0), (30, 0, 3)], 10.0),
    ("down", [(0, 0, 3), (30, 0, 0)], 10.0),
    ("a step of 1 m within 5 m counts over 10 m", [(0, 0, 0), (20, 0, 0), (25, 0, 1), (60, 0, 1)], 10.0),
    ("steepest between vertices", [(0, 0, 0), (8, 0, 0), (20, 0, 2.4), (60, 0, 2.4)], 20.0),
    ("shorter than a stretch", [(0, 0, 0), (4, 0, 1)], 25.0),
    ("flat", [(0, 0, 7), (30, 0, 7)], 0.0),
    ("a vertex without height", [(0, 0, 0), (30, 0, NAN)], NAN),
    ("no heights at all", [(0, 0), (30, 0)], NAN),
]


@pytest.mark.parametrize(("points", "slope"), [case[1:] for case in SLOPES], ids=[case[0] for case in SLOPES])
def test_slope(points: Any, slope: float) -> None:
    line = LineString(points)
    assert slopes_pct(shapes(shapely.force_2d(line)), shapes(line)).tolist() == pytest.approx([slope], nan_ok=True)


def test_slope_of_what_is_no_line() -> None:
    assert np.isnan(slopes_pct(shapes(None, shapely.Point(0, 0)), shapes(None, shapely.Point(0, 0, 1)))).all()


def quarter(radius: float, pieces: int) -> LineString:
    """20 m straight, a quarter of a circle to the left, 20 m straight."""
    turn = np.linspace(0, math.pi / 2, pieces + 1)
    arc = [(radius * math.sin(t), radius - radius * math.cos(t)) for t in turn]
    return LineString([(-20, 0), *arc, (radius, radius + 20)])


BENDS: list[tuple[str, Any, float, float]] = [
    ("right angle, 6 m for 3 m", LineString([(0, 0), (20, 0), (20, 20)]), 6.0, 3.0 / (1 - math.cos(math.pi / 4))),
    ("the same to the right", LineString([(0, 0), (20, 0), (20, -20)]), 6.0, 10.243),
    ("right angle, 4 m for 3 m", LineString([(0, 0), (20, 0), (20, 20)]), 4.0, 3.414),
    ("no room to spare", LineString([(0, 0), (20, 0), (20, 20)]), 3.0, 0.0),
    ("the engine does not fit", LineString([(0, 0), (20, 0), (20, 20)]), 2.0, 0.0),
    ("straight", LineString([(0, 0), (20, 0), (50, 0)]), 4.0, math.inf),
    ("a kink of 17 degrees is straight", LineString([(0, 0), (20, 0), (40, 6)]), 4.0, math.inf),
    ("straight, width unknown", LineString([(0, 0), (20, 0)]), NAN, math.inf),
    ("bend, width unknown", LineString([(0, 0), (20, 0), (20, 20)]), NAN, NAN),
    ("the tighter of two", LineString([(0, 0), (20, 0), (40, 14.0), (40, 60)]), 4.0, 1 / (1 - math.cos(math.radians(55.008) / 2))),
    ("two parts that do not join", shapely.MultiLineString([[(0, 0), (9, 0)], [(30, 5), (30, 9)]]), 4.0, math.inf),
    ("nothing", None, 4.0, NAN),
]


@pytest.mark.parametrize(("line", "width", "radius"), [case[1:] for case in BENDS], ids=[case[0] for case in BENDS])
def test_bend(line: Any, width: float, radius: float) -> None:
    assert bend_radii_m(shapes(line), numbers(width), need_m=3.0).tolist() == pytest.approx([radius], abs=1e-3, nan_ok=True)


@pytest.mark.parametrize("pieces", [6, 12, 24, 40])
def test_a_curve_is_one_bend_however_finely_it_is_drawn(pieces: int) -> None:
    """In a lane just as wide as the engine's track its inner wheel follows the inner side: 12 m less half of 3 m; wider lanes leave more."""
    tight = bend_radii_m(shapes(quarter(12.0, pieces)), numbers(3.001), need_m=3.0)[0]
    wide = bend_radii_m(shapes(quarter(12.0, pieces)), numbers(5.0), need_m=3.0)[0]
    assert 10.0 < tight <= 10.51 and wide == pytest.approx(9.5 + 2 / (1 - math.cos(math.pi / 4)), abs=0.45 if pieces == 6 else 0.15)


def test_the_bend_formula_by_drawing_it() -> None:
    """The largest ring sector that clears a right-angled corner of 6 m for a track of 3 m, found by trying centres on the bisector."""
    best = 0.0
    for offset in np.linspace(0, 20, 20_001):  # the centre is this far inside both inner sides
        inner = offset * math.sqrt(2)  # it just clears the inner corner
        if offset + 6.0 >= inner + 3.0:
            best = max(best, inner)
    assert bend_radii_m(shapes(LineString([(0, 0), (20, 0), (20, 20)])), numbers(6.0), need_m=3.0)[0] == pytest.approx(best, abs=0.002)


def test_heights_take_the_least_of_all_records() -> None:
    lines = shapes(*(LineString([(0, y), (50, y)]) for y in (0, 100, 200, 300)), None)
    over = Overhead(
        shapes(shapely.Point(5, 1), shapely.Point(9, 2.5), LineString([(20, -9), (20, 9)]), LineString([(20, 190), (20, 210)]), None),
        numbers(4.2, 2.0, 3.9, NAN, 1.0),
    )
    found = clear_heights(lines, numbers(4.5, NAN, 5.0, NAN, 3.0), over, strip_m=4.0)
    assert found.height_m.tolist() == pytest.approx([3.9, NAN, 5.0, NAN, 3.0], nan_ok=True)
    assert (found.lowest.tolist(), found.unsaid.tolist()) == ([2, -1, -1, -1, -1], [-1, -1, 3, -1, -1])
    assert places(lines, over, np.array([0]), np.array([2]))[0] == shapely.Point(20, 0)


def test_a_lanes_own_lower_record_counts() -> None:
    over = Overhead(shapes(shapely.Point(5, 0)), numbers(4.2))
    found = clear_heights(shapes(LineString([(0, 0), (50, 0)])), numbers(3.0), over, strip_m=4.0)
    assert (found.height_m.tolist(), found.lowest.tolist()) == ([3.0], [-1])


def widths(width: float, rank: int) -> lanes.Widths:
    return lanes.Widths(numbers(width), np.zeros(1, dtype=np.int8), numbers(NAN), np.array([rank], dtype=np.int8))


@pytest.mark.parametrize(
    ("stored", "computed", "preferred"),
    [
        ((4.0, 0), (3.0, 2), False),
        ((4.0, 5), (3.0, 2), True),
        ((4.0, 5), (9.0, 2), True),
        ((4.0, 2), (3.0, 2), True),
        ((3.0, 2), (4.0, 2), False),
        ((3.0, 2), (3.0, 2), False),
        ((NAN, 5), (3.0, 5), True),
        ((3.0, 5), (NAN, 5), False),
        ((NAN, 5), (NAN, 5), False),
        ((-1.0, 0), (3.0, 5), True),
    ],
)
def test_the_more_trusted_width_is_compared(stored: Any, computed: Any, preferred: bool) -> None:
    assert lanes.computed_preferred(widths(*stored), widths(*computed), bound=np.array([False])).tolist() == [preferred]


@pytest.mark.parametrize(("stored", "preferred"), [((4.0, 5), False), ((12.0, 5), True), ((12.0, 0), False), ((NAN, 5), True)])
def test_a_bound_does_not_speak_against_a_narrower_record(stored: Any, preferred: bool) -> None:
    """One wall drawn and the other side open: 9 m from CAD is no reason to doubt 4 m on record."""
    assert lanes.computed_preferred(widths(*stored), widths(9.0, 2), bound=np.array([True])).tolist() == [preferred]


@pytest.mark.parametrize(("stored", "computed", "expected"), [(4.0, 3.5, False), (4.0, 3.49, True), (4.0, 4.504, False), (4.0, NAN, False)])
def test_a_difference_is_over_half_a_metre(stored: float, computed: float, expected: bool) -> None:
    assert lanes.differ(numbers(stored), numbers(computed), bound=np.array([False]), by_m=0.5).tolist() == [expected]


def test_a_bound_is_contradicted_by_wider_records_only() -> None:
    assert lanes.differ(numbers(4.0, 9.0), numbers(8.0, 8.0), bound=np.array([True, True]), by_m=0.5).tolist() == [False, True]
