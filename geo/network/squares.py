"""The largest square inside an area, turned as it likes: what a turnaround gives an engine. Metric CRS (metres).

For a square turned by an angle the largest side is found exactly in a convex area (a linear programme in three unknowns, all angles at
once) and by halving place and angle in any other (geo.network.squares_any). Over the angles: a square that is turned by d holds an upright one of 1 / (cos d + sin d) of its side,
so the side near an angle cannot exceed a known bound, and ranges of angles are halved until none may hold a side more than TOLERANCE_M above the best.
Directions of the outline's own edges are tried first: for rectangles the answer is exact. An outline with very many corners is made plainer
first, by no more than ROUGH_M, and the side is then as rough; so it is where the search has to end before its tolerance. What stays rougher has none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from geo.network.noding import Floats, Ints, Shapes
from geo.network.squares_any import best_in_any

TOLERANCE_M = 0.01
"""The side that is found is one that fits; none is larger by more than this."""

ROUGH_M = 0.2
"""The most that a very detailed outline is made plainer by."""

_FINE = 1e-4
_CORNERS_CONVEX, _CORNERS_ANY = 400, 60
_ROUNDS, _PIVOTS, _DIRECTIONS = 40, 100, 8
_FEW = 16
"""An outline of so few edges is tried along them."""
_QUARTER = np.pi / 2
_AREA, _AREAS = 3, 6

SideAt = Callable[[Floats, float, float], tuple[Floats, Floats]]
"""For angles, the best side known, and the side from which on an angle is of interest: sides that fit and bounds that none exceeds. Of an angle that
is of no interest the bound may be that side; of any other it may be loose."""


def largest_squares_m(areas: Shapes, known: dict[bytes, float] | None = None) -> Floats:
    """The side of the largest square in each area, NaN where there is no area or an outline that crosses itself; the best of several parts.
    `known`: sides by shape (WKB), read and added to."""
    sides = np.full(len(areas), np.nan)
    held = {} if known is None else known
    good = np.isin(shapely.get_type_id(areas), (_AREA, _AREAS)) & shapely.is_valid(areas) & (shapely.area(areas) > 0)
    for row in np.flatnonzero(good):
        shape = shapely.to_wkb(areas[row])
        if shape not in held:
            held[shape] = float(np.max([_largest(part) for part in shapely.get_parts(areas[row])]))
        sides[row] = held[shape]
    return sides


def _largest(area: shapely.Polygon) -> float:
    west, south, _, _ = area.bounds
    area = shapely.simplify(shapely.transform(shapely.force_2d(area), lambda xy: xy - (west, south)), _FINE / 10)
    area, rough = _plain(area)
    if np.isnan(rough):
        return float(np.nan)
    rings = [shapely.get_coordinates(ring) for ring in (area.exterior, *area.interiors)]
    edges = np.concatenate([np.hstack([ring[:-1], ring[1:]]) for ring in rings])
    most = _least_width(shapely.get_coordinates(shapely.convex_hull(area)))
    if _is_convex(area):
        side_at = _in_convex(edges, bool(shapely.is_ccw(area.exterior)))
        return _best(side_at, _along(side_at, _directions(edges), most), most, TOLERANCE_M + rough)
    first = _along(_in_any(area, edges), _directions(edges), most) if len(edges) <= _FEW else 0.0
    side, bound = best_in_any(area, edges, first, most, TOLERANCE_M + rough)
    return side if bound - side <= ROUGH_M else float(np.nan)


def _is_convex(area: shapely.Polygon) -> bool:
    return len(area.interiors) == 0 and shapely.convex_hull(area).area - area.area <= _FINE * _FINE


def _plain(area: shapely.Polygon) -> tuple[shapely.Polygon, float]:
    """The outline with as many corners as can be dealt with, and how far it was moved (m); NaN: it has too many still."""
    rough, plain = 0.0, area
    while shapely.get_num_coordinates(plain) > (_CORNERS_CONVEX if _is_convex(plain) else _CORNERS_ANY):
        rough = max(TOLERANCE_M, 2 * rough)
        if rough > ROUGH_M:
            return area, float(np.nan)
        plain = shapely.simplify(area, rough)
    return plain, rough


def _least_width(hull: Floats) -> float:
    """The least distance of two parallel lines that hold the hull between them: no square in it is larger."""
    run = np.diff(hull, axis=0)
    across = hull @ (np.column_stack([-run[:, 1], run[:, 0]]) / np.hypot(*run.T)[:, None]).T
    return float(np.ptp(across, axis=0).min())


def _directions(edges: Floats) -> Floats:
    """Directions of the edges within a quarter turn, beginning with the one that most of the outline has."""
    run = edges[:, 2:] - edges[:, :2]
    turn = np.round(np.arctan2(run[:, 1], run[:, 0]) % _QUARTER, 9) % _QUARTER
    angles, which = np.unique(turn, return_inverse=True)
    return np.asarray(angles[np.argsort(-np.bincount(which, np.hypot(*run.T)), kind="stable")])


def _along(side_at: SideAt, directions: Floats, most: float) -> float:
    """The best side along these directions; none is above `most`."""
    best = 0.0
    for direction in directions[:_DIRECTIONS]:
        best = max(best, float(side_at(np.array([direction]), best, best)[0][0]))
        if best > most - _FINE:
            break
    return best


def _best(side_at: SideAt, best: float, most: float, tolerance_m: float) -> float:
    """The best side over all angles, halving every range of angles that may hold one better than `best`; none is above `most`."""
    if best > most - _FINE:
        return best
    half = _QUARTER / 16
    angles: Floats = np.asarray(half + 2 * half * np.arange(8), dtype=np.float64)
    for _ in range(_ROUNDS):
        gain = float(np.cos(half) + np.sin(half))
        low, high = side_at(angles, best, (best + tolerance_m) / gain)
        best = max(best, float(low.max()))
        angles = angles[high * gain > best + tolerance_m]
        if not len(angles):
            break
        half /= 2
        angles = np.append(angles - half, angles + half)
    return best


def _in_convex(edges: Floats, counterclockwise: bool) -> SideAt:
    """Sides in a convex outline: the square's middle and half its side against every edge."""
    run = edges[:, 2:] - edges[:, :2]
    normal = np.column_stack([run[:, 1], -run[:, 0]]) / np.hypot(*run.T)[:, None]
    normal = normal if counterclockwise else -normal
    reach = (normal * edges[:, :2]).sum(axis=1)
    facing = np.arctan2(normal[:, 1], normal[:, 0])

    def side_at(angles: Floats, best: float, enough: float) -> tuple[Floats, Floats]:
        turned = facing[None, :] - angles[:, None]
        half = _highest(normal, np.abs(np.cos(turned)) + np.abs(np.sin(turned)), reach, facing)
        return 2 * half, 2 * half

    return side_at


def _highest(normal: Floats, weight: Floats, reach: Floats, facing: Floats) -> Floats:
    """The largest h with `normal @ c + weight * h <= reach` for some c, for each row of weights: the dual simplex on all rows at once."""
    count = len(weight)
    basis = np.tile(_spanning(facing), (count, 1))
    height = np.zeros(count)
    todo = np.arange(count)
    for _ in range(_PIVOTS):
        rows = np.concatenate([normal[basis[todo]], np.take_along_axis(weight[todo], basis[todo], axis=1)[:, :, None]], axis=2)
        found = np.linalg.solve(rows, reach[basis[todo]][:, :, None])[:, :, 0]
        height[todo] = found[:, 2]
        over = found[:, :2] @ normal.T + weight[todo] * found[:, 2:] - reach
        worst = np.argmax(over, axis=1)
        going = over[np.arange(len(todo)), worst] > 1e-9
        if not going.any():
            break
        todo, rows, worst = todo[going], rows[going], worst[going]
        basis[todo] = _pivoted(basis[todo], rows, normal[worst], weight[todo, worst], worst)
    return height


def _pivoted(basis: Ints, rows: Floats, normal: Floats, weight: Floats, entering: Ints) -> Ints:
    """Bases with the violated edge in place of the one that gives way first."""
    wanted = np.stack([np.tile([0.0, 0.0, 1.0], (len(basis), 1)), np.column_stack([normal, weight])], axis=2)
    share = np.linalg.solve(rows.transpose(0, 2, 1), wanted)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(share[:, :, 1] > 1e-12, share[:, :, 0] / share[:, :, 1], np.inf)
    leaving = np.argmin(ratio, axis=1)
    changed = basis.copy()
    changed[np.arange(len(basis)), leaving] = entering
    return changed


def _spanning(facing: Floats) -> Ints:
    """Three edges that enclose: their normals hold the middle between them."""
    turn = (facing - facing[0]) % (2 * np.pi)
    turn[0] = 0.0
    order = np.argsort(turn, kind="stable")
    beyond = int(np.searchsorted(turn[order], np.pi - 1e-9))
    return np.array([0, order[beyond - 1], order[beyond % len(order)]])


def _in_any(area: shapely.Polygon, edges: Floats) -> SideAt:
    """Sides in any outline, holes too, by halving: is there a place for the middle of a square of this side?"""

    def side_at(angles: Floats, best: float, enough: float) -> tuple[Floats, Floats]:
        pairs = np.empty((len(angles), 2))
        for i, angle in enumerate(angles):
            pairs[i] = _halved(area, edges, float(angle), max(best, pairs[:i, 0].max(initial=0.0)), enough)
        return pairs[:, 0], pairs[:, 1]

    return side_at


def _halved(area: shapely.Polygon, edges: Floats, angle: float, best: float, enough: float) -> tuple[float, float]:
    """A side that fits and a bound that none exceeds, for squares turned by `angle`; a fine one only where it beats `best`."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    upright = shapely.transform(area, lambda xy: xy @ turn)
    ends = edges.reshape(-1, 2, 2) @ turn
    if enough > _FINE and not _has_room(upright, ends, enough):
        return 0.0, enough
    west, south, east, north = upright.bounds
    low, high = best + _FINE, min(east - west, north - south, float(np.sqrt(area.area))) + _FINE
    if low >= high or not _has_room(upright, ends, low):
        return 0.0, min(low, high)
    while high - low > _FINE:
        middle = (low + high) / 2
        low, high = (middle, high) if _has_room(upright, ends, middle) else (low, middle)
    return low, high


_CORNERS = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])


def _has_room(area: shapely.Polygon, ends: Floats, side: float) -> bool:
    """Whether an upright square of this side fits: some place in the area lies outside the squares around all points of the outline."""
    corners = (ends[:, :, None, :] + _CORNERS * side).reshape(len(ends), 8, 2)
    near = shapely.convex_hull(shapely.multipoints(corners))
    return bool(shapely.area(shapely.difference(area, shapely.union_all(near))) > 0)
