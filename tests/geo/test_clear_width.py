"""Clear width: drawings with answers known by hand, however they lie; unusable input; openings of unknown width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from clear_width_drawings import DRAWINGS, LANE, Drawing, walls
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, Point, Polygon, box

from geo.crs import transform_xy
from geo.lanes.clear_width import MEASURED, NO_LINE, OPEN, UNKNOWN_OPENING, ClearWidths, Obstacles, Openings, clear_widths

Move = Callable[[NDArray[np.float64]], NDArray[np.float64]]
NONE = Openings(np.empty(0, dtype=object), np.zeros(0))
PINCH_M = 0.02
ORIGIN = (530_000.0, 3_846_000.0)


def shapes(items: Any) -> NDArray[np.object_]:
    found = np.empty(len(items), dtype=object)
    found[:] = list(items)
    return found


def turned(degrees: float, *, mirrored: bool = False, to: tuple[float, float] = (0.0, 0.0)) -> Move:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.array([[c, -s], [s, c]]) @ np.diag([1, -1 if mirrored else 1])
    return lambda xy: xy @ matrix.T + np.array(to)


MOVES = tuple(
    turned(angle, mirrored=mirrored, to=to)
    for angle, mirrored, to in ((0, False, (0.0, 0.0)), (17.3, True, (1000.0, 0.0)), (133.7, False, ORIGIN), (288, True, (3e6, 1e6)))
)  # fmt: skip


class Placed:
    """All drawings with every move, far enough apart to be one district measured at once: first all lanes forth, then all back."""

    def __init__(self, moves: tuple[Move, ...]) -> None:
        lanes, stands, points, widths = [], [], [], []
        self.moves: dict[tuple[str, int], Move] = {}
        self.first_obstacle: dict[tuple[str, int], int] = {}
        for row, move in enumerate(moves):
            for i, drawing in enumerate(DRAWINGS):
                there = beside(move, APART_M * i, APART_M * row)
                self.moves[drawing.name, row], self.first_obstacle[drawing.name, row] = there, len(stands)
                lanes.append(shapely.transform(drawing.lane, there))
                stands += [shapely.transform(o, there) for o in drawing.obstacles]
                points += [shapely.transform(Point(at), there) for at, _ in drawing.openings]
                widths += [width for _, width in drawing.openings]
        both = [*lanes, *map(shapely.reverse, lanes)]
        self.found = clear_widths(shapes(both), Obstacles(shapes(stands)), Openings(shapes(points), np.array(widths)))
        self.places = len(moves)

    def of(self, drawing: Drawing) -> list[tuple[int, tuple[str, int]]]:
        """The rows of a drawing, forth and back, with the key of where it is."""
        forth = [(len(DRAWINGS) * row + DRAWINGS.index(drawing), (drawing.name, row)) for row in range(self.places)]
        return forth + [(len(DRAWINGS) * self.places + at, key) for at, key in forth]


APART_M = 500.0


def beside(move: Move, east: float, north: float) -> Move:
    return lambda xy: move(xy) + np.array([east, north])


@pytest.fixture(scope="module")
def placed() -> Placed:
    return Placed(MOVES)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda d: d.name)
def test_a_drawing_reads_as_it_is_however_it_lies(placed: Placed, drawing: Drawing) -> None:
    found, rows = placed.found, placed.of(drawing)
    assert found.width_m[[at for at, _ in rows]] == pytest.approx([drawing.width_m] * 2 * len(MOVES), abs=0.005)
    for i, (at, key) in enumerate(rows):
        assert found.state[at] == MEASURED
        if drawing.gap is not None:
            two = [int(which) - placed.first_obstacle[key] if which >= 0 else -1 for which in (found.first[at], found.second[at])]
            assert sorted(two) == sorted(drawing.gap)
        if drawing.pinch is not None and (i < len(MOVES) or drawing.width_m > 0):
            assert shapely.distance(found.pinch[at], Point(placed.moves[key](np.array([drawing.pinch]))[0])) < PINCH_M


@pytest.fixture(scope="module")
def degrees() -> Placed:
    """Written with eight decimals of a degree and read again in the CGCS2000 zone of the place."""

    def there_and_back(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        degrees = transform_xy(xy @ np.array([[0.8, 0.6], [-0.6, 0.8]]) + np.array(ORIGIN), "EPSG:4547", "EPSG:4326")
        return transform_xy(np.round(degrees, 8), "EPSG:4326", "EPSG:4547")

    return Placed((there_and_back,))


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda d: d.name)
def test_through_degrees_and_back_within_two_centimetres(degrees: Placed, drawing: Drawing) -> None:
    assert degrees.found.width_m[[at for at, _ in degrees.of(drawing)]] == pytest.approx([drawing.width_m] * 2, abs=0.02)


def one(lane: Any, obstacles: Any = (), openings: tuple[tuple[Any, float], ...] = (), **options: float) -> ClearWidths:
    gates = Openings(shapes([point for point, _ in openings]), np.array([width for _, width in openings], dtype=float))
    return clear_widths(shapes([lane]), Obstacles(shapes(obstacles)), gates, **options)


NO_LINES = [
    None, LineString(), Point(0, 0), LineString([(0, 0), (0, 0)]), shapely.from_wkt("LINESTRING (0 0, nan 3)"), shapely.from_wkt("LINESTRING (0 0, 3 inf)"),
    box(0, 0, 60, 4), MultiLineString(), shapely.GeometryCollection(),
]  # fmt: skip


@pytest.mark.parametrize("lane", NO_LINES, ids=lambda g: str(g)[:30])
def test_what_is_no_line_is_said_to_be_none(lane: Any) -> None:
    found = one(lane, walls(4))
    assert (found.state[0], np.isnan(found.width_m[0]), found.pinch[0], found.first[0]) == (NO_LINE, True, None, -1)


@pytest.mark.parametrize("obstacles", [(), (box(0, 100, 1, 101),), (None, Point(), Polygon(), shapely.from_wkt("LINESTRING (3 nan, 4 4)"))])
def test_open_ground_reads_the_corridor(obstacles: Any) -> None:
    found = one(LANE, obstacles, corridor_m=12.0)
    assert (found.state[0], found.width_m[0], found.first[0], found.second[0]) == (OPEN, 24.0, -1, -1)


def test_no_lanes() -> None:
    assert len(clear_widths(shapes([]), Obstacles(shapes(walls(4))), NONE).width_m) == 0


def test_an_outline_that_crosses_itself_still_stands() -> None:
    found = one(LANE, (*walls(8), Polygon([(20, -3), (30, 2), (30, -3), (20, 2)])))
    assert found.width_m[0] == pytest.approx(2.0)


def test_collections_are_taken_apart() -> None:
    found = one(LANE, (shapely.GeometryCollection([shapely.MultiPolygon(list(walls(4))), Point(30, 1)]),))
    assert (found.width_m[0], found.first[0], found.second[0]) == (pytest.approx(3.0), 0, 0)


def test_a_gate_of_unknown_width_leaves_the_width_unknown() -> None:
    found = one(LANE, (*walls(6), LineString([(30, -10), (30, 10)])), ((Point(30, 0), np.nan),))
    assert (found.state[0], np.isnan(found.width_m[0]), found.pinch[0], found.opening[0]) == (UNKNOWN_OPENING, True, None, -1)


def test_a_gate_of_unknown_width_on_a_lane_that_is_blocked_elsewhere() -> None:
    found = one(LANE, (*walls(6), LineString([(30, -10), (30, 10)]), box(40, -5, 41, 5)), ((Point(30, 0), np.nan),))
    assert (found.state[0], found.width_m[0], found.first[0]) == (MEASURED, 0.0, 3)


def test_an_opening_in_the_open_is_none() -> None:
    found = one(LANE, walls(6), ((Point(30, 0), 2.0), (Point(20, 0), np.nan)))
    assert (found.state[0], found.width_m[0], found.opening[0]) == (MEASURED, pytest.approx(6.0), -1)


@pytest.mark.parametrize(("width", "limits"), [(3.2, 0), (5.9, 0), (7.0, -1), (0.0, 0)])
def test_the_opening_is_named_if_it_limits(width: float, limits: int) -> None:
    found = one(LANE, (*walls(6), LineString([(30, -10), (30, 10)])), ((Point(30, 0), width),))
    assert (found.width_m[0], found.opening[0]) == (pytest.approx(min(width, 6.0)), limits)


def test_a_column_in_the_open_has_the_corridor_on_both_sides() -> None:
    found = one(LANE, (box(29, -1, 31, 0),))
    assert (found.state[0], found.width_m[0], found.first[0], found.second[0]) == (MEASURED, pytest.approx(15.0), 0, -1)


def test_a_ring_wherever_its_half_falls() -> None:
    """Rounding put the cut a hair beside a corner, and a piece of no length has no direction."""
    moves = [turned(7.3 * i, to=(1e6 + 200.0 * i, 1e5)) for i in range(12)]
    stands = [shapely.transform(o, move) for move in moves for o in (box(3, 3, 37, 37), box(-20, -20, 60, -2))]
    found = clear_widths(shapes([shapely.transform(box(0, 0, 40, 40).exterior, move) for move in moves]), Obstacles(shapes(stands)), NONE)
    assert found.width_m == pytest.approx([5.0] * len(moves))


def test_each_lane_has_its_own_answer_among_others() -> None:
    lanes = [LineString([(0, 100 * i), (60, 100 * i)]) for i in range(20)]
    stands = [shapely.transform(w, lambda xy, i=i: xy + np.array([0, 100 * i])) for i in range(20) for w in walls(2 + i / 10)]
    found = clear_widths(shapes(lanes), Obstacles(shapes(stands)), NONE)
    assert found.width_m == pytest.approx([2 + i / 10 for i in range(20)])
    assert found.first.tolist() == [2 * i for i in range(20)]
