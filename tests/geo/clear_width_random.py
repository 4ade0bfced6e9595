"""Random scenes for the clear width: a lane with bends, and boxes, walls, points, courtyards and yards around it."""

from __future__ import annotations

from typing import Any

import numpy as np
from shapely import LineString, Point, Polygon, affinity, box


def scene(seed: int) -> tuple[LineString, list[Any]]:
    """The lane and what stands around it, from a seed."""
    rng = np.random.default_rng(seed)
    lane = _lane(rng)
    obstacles = [_one(rng, lane) for _ in range(rng.integers(1, 11))]
    if rng.random() < 0.5:
        obstacles += _walls(rng, lane)
    return lane, obstacles


def _lane(rng: np.random.Generator) -> LineString:
    heading, place, points = rng.uniform(0, 2 * np.pi), np.zeros(2), [np.zeros(2)]
    for _ in range(rng.integers(1, 5)):
        place = place + rng.uniform(6, 25) * np.array([np.cos(heading), np.sin(heading)])
        points.append(place)
        heading += rng.uniform(-1.2, 1.2)
    return LineString(points)


def _walls(rng: np.random.Generator, lane: LineString) -> list[Any]:
    """Long walls along one or both sides, sometimes shorter than the lane."""
    sides = [lane.offset_curve(side * rng.uniform(1.5, 9)) for side in (1, -1)]
    walls = [s for s in sides if not s.is_empty and s.geom_type == "LineString"]
    return [w.buffer(rng.uniform(0.1, 1.0)) if rng.random() < 0.5 else w for w in walls]


def _one(rng: np.random.Generator, lane: LineString) -> Any:
    at = lane.interpolate(rng.uniform(-0.1, 1.1), normalized=True)
    x, y = at.x + rng.normal(0, 7), at.y + rng.normal(0, 7)
    kind = rng.integers(0, 6)
    if kind == 0:
        return Point(x, y)
    if kind == 1:
        return Point(x, y).buffer(rng.uniform(0.2, 2), quad_segs=4)
    if kind == 2:
        return LineString([(x, y), (x + rng.normal(0, 9), y + rng.normal(0, 9)), (x + rng.normal(0, 9), y + rng.normal(0, 9))])
    width, depth = rng.uniform(1, 14), rng.uniform(1, 9)
    shape = box(x - width / 2, y - depth / 2, x + width / 2, y + depth / 2)
    if kind == 3:
        shape = Polygon(shape.exterior).difference(box(x - width / 4, y - depth / 2, x + width / 4, y + depth / 4))
    return affinity.rotate(shape, rng.uniform(0, 180), origin=(x, y))
