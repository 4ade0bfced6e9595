"""Shares covered: exact cases, GEOS as the oracle on random shapes, and updates that equal a fresh start."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from fake_frames import METRIC, box, metres

from geo.coverage import Coverage, covered_half, covered_share, overlap_areas
from geo.crs import transform_xy


def shapes(*items: shapely.Geometry | None) -> np.ndarray:
    out = np.empty(len(items), dtype=object)
    out[:] = items
    return out


def stars(chance: np.random.Generator, count: int, radius: float, extent: float, corners: int = 9) -> np.ndarray:
    """Star-shaped polygons in metres from the origin, as stored; some with a hole, some in two parts."""
    made = []
    for _ in range(count):
        angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
        radii = chance.uniform(0.2, 1, corners) * radius
        centre = chance.uniform(-extent, extent, 2)
        ring = centre + np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
        if chance.random() < 0.5:
            ring = ring[::-1]
        hole = [metres(*(centre + (ring - centre) * 0.3))] if chance.random() < 0.3 else []
        one = shapely.Polygon(metres(*ring), hole)
        if chance.random() < 0.2:
            one = shapely.MultiPolygon([one, shapely.Polygon(metres(*np.add(ring, (3 * radius, 0))))])
        made.append(one)
    return shapes(*made)


def in_metres(items: np.ndarray) -> np.ndarray:
    return shapely.transform(items, lambda xy: transform_xy(xy, "EPSG:4326", METRIC))


def test_share_by_geos_on_random_shapes() -> None:
    chance = np.random.default_rng(7)
    subjects, covers = stars(chance, 300, 60, 1500), stars(chance, 60, 250, 1500, corners=23)
    share = covered_share(subjects, covers, metric_crs=METRIC)
    union, mine = shapely.union_all(in_metres(covers)), in_metres(subjects)
    expected = shapely.area(shapely.intersection(mine, union)) / shapely.area(mine)
    assert np.abs(share - expected).max() < 2e-5
    assert (share == 0).sum() > 20 and (share == 1).sum() > 20 and ((share > 0) & (share < 1)).sum() > 50
    half, touched = covered_half(subjects, covers, metric_crs=METRIC)
    assert (half == (share >= 0.5)).all() and (touched == (share > 0)).all()


def test_overlaps_by_geos_with_shared_edges_and_corners() -> None:
    squares = shapes(*(shapely.box(x, y, x + 2, y + 2) for x in range(4) for y in range(4)))
    pairs = np.array([(i, j) for i in range(16) for j in range(16)]).T
    expected = shapely.area(shapely.intersection(squares[pairs[0]], squares[pairs[1]]))
    assert np.abs(overlap_areas(squares, squares, pairs) - expected).max() < 1e-12


@pytest.mark.parametrize(("subject", "expected"), [(None, np.nan), (shapely.Polygon(), np.nan)])
def test_nothing_there_is_nan(subject: shapely.Geometry | None, expected: float) -> None:
    assert np.isnan(covered_share(shapes(subject), shapes(box(0, 0, 1, 1)), metric_crs=METRIC)[0])


def test_no_covers_and_no_subjects() -> None:
    assert covered_share(shapes(box(0, 0, 1, 1)), shapes(), metric_crs=METRIC).tolist() == [0.0]
    assert covered_share(shapes(), shapes(box(0, 0, 1, 1)), metric_crs=METRIC).tolist() == []
    assert covered_half(shapes(None), shapes(), metric_crs=METRIC)[0].tolist() == [False]


def test_points_and_lines_inside_wholly() -> None:
    area = shapes(box(0, 0, 100, 100))
    a, b, c = metres((50, 50), (150, 50), (60, 60))
    subjects = shapes(shapely.Point(a), shapely.Point(b), shapely.LineString([a, c]), shapely.LineString([a, b]))
    assert covered_share(subjects, area, metric_crs=METRIC).tolist() == [1.0, 0.0, 1.0, 0.0]


def test_a_cover_that_crosses_itself_does_no_harm() -> None:
    bow = shapely.Polygon(metres((0, 0), (100, 100), (100, 0), (0, 100)))
    share = covered_share(shapes(box(0, 0, 100, 100)), shapes(bow, box(0, 0, 100, 30)), metric_crs=METRIC)
    assert 0 <= share[0] <= 1


def test_what_no_plane_can_hold_has_no_share() -> None:
    world, half, here = shapely.box(-180, -90, 180, 90), shapely.box(-180, -90, 0, 90), box(0, 0, 100, 100)
    for cover in (world, half, here):
        assert np.isnan(covered_share(shapes(world), shapes(cover), metric_crs=METRIC)[0])
        assert [bool(f[0]) for f in covered_half(shapes(world), shapes(cover), metric_crs=METRIC)] == [False, False]
    ids = np.array([1, 2])
    state = Coverage.of(ids, shapes(here, world), np.array([1]), shapes(world), metric_crs=METRIC)
    assert (state.half.tolist(), np.isnan(state.bounds[:, 0]).tolist()) == ([True, False], [False, True])
    later = state.updated(ids, shapes(world, here), ids, np.array([1]), shapes(world), np.array([], dtype=np.int64))
    assert (later.half.tolist(), np.isnan(later.bounds[:, 0]).tolist()) == ([False, True], [True, False])


@pytest.mark.parametrize("place", [(-47.9, -15.8), (-67.0, -35.0), (113.0, -34.7), (23.0, 89.0), (25.0, 60.0)])
def test_a_share_at_the_limit_far_from_the_metric_crs(place: tuple[float, float]) -> None:
    """Half of a small square by its very meridian: no zone of China can say so on the other side of the earth."""
    x, y = place
    subject, west = shapely.box(x - 0.001, y - 0.001, x + 0.001, y + 0.001), shapely.box(-180, -90, x + 1e-8, 90)
    assert covered_share(shapes(subject), shapes(west), metric_crs="EPSG:4547")[0] == pytest.approx(0.50001, abs=2e-5)


def test_updates_equal_a_fresh_start() -> None:
    chance = np.random.default_rng(11)
    subjects, covers = stars(chance, 60, 60, 350), stars(chance, 20, 120, 350)
    ids, cover_ids = np.arange(60) * 2, np.arange(20) * 3
    state = Coverage.of(ids, subjects, cover_ids, covers, metric_crs=METRIC)
    for _ in range(15):
        changed, covers_changed = set(), set()
        if chance.random() < 0.7:
            ids, subjects, changed = edited(chance, ids, subjects, 60)
        if chance.random() < 0.7:
            cover_ids, covers, covers_changed = edited(chance, cover_ids, covers, 120)
        state = state.updated(
            ids, subjects, np.array(sorted(changed), dtype=np.int64), cover_ids, covers, np.array(sorted(covers_changed), dtype=np.int64)
        )
        fresh = Coverage.of(ids, subjects, cover_ids, covers, metric_crs=METRIC)
        assert (state.half == fresh.half).all() and (state.touched == fresh.touched).all()
        assert np.array_equal(state.share(), fresh.share(), equal_nan=True)
        assert np.array_equal(state.share(np.array([0, 5])), fresh.share()[[0, 5]], equal_nan=True)


def edited(chance: np.random.Generator, ids: np.ndarray, items: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray, set[int]]:
    """One row moved, one gone, one new, one unplaced or none of it."""
    ids, items = ids.copy(), items.copy()
    row, what = int(chance.integers(len(ids))), chance.integers(4)
    touched = {int(ids[row])}
    if what == 0:
        items[row] = stars(chance, 1, radius, 350)[0]
    elif what == 1:
        ids, items = np.delete(ids, row), np.delete(items, row)
    elif what == 2:
        touched = {int(ids[-1]) + 1}
        ids, items = np.append(ids, ids[-1] + 1), np.append(items, stars(chance, 1, radius, 350))
    else:
        items[row] = shapely.transform(items[row], lambda xy: np.add(xy, (0.0002, 0.0001)))
    return ids, items, touched
