"""What areas cover: the share of each subject's own area that lies in the union of the covering areas.

All geometries come in longitude/latitude (EPSG:4326). A share is a ratio of areas, which no affine map changes, and over one compound the
metric CRS is affine in longitude and latitude to `CURVATURE` per metre of its size: so shares are worked out on the coordinates as they are
stored, and wherever that difference could decide (next to `limit`) the share is worked out anew in the metric CRS. Shares are rounded to
`DECIMALS`: what is shown is what was compared. Of a subject so large that this says nothing any more (`LARGEST_M`) the share is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE, metric_crs_for, transform_xy

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DECIMALS = 5
CURVATURE = 3e-7
"""Ten times the largest relative change of scale per metre that a share can see (tan(latitude) / earth radius, up to 60 degrees)."""

LARGEST_M = 1_000_000.0
"""A subject larger than this has no share: no plane holds it, so it counts as not placed."""

_CHUNK = 60_000
_FEW = 200
_NEAR_ZERO = 1e-9


def covered_share(subjects: Shapes, covers: Shapes, *, metric_crs: str, limit: float = 0.5) -> Floats:
    """For each subject the share 0…1 of its area inside the union of `covers`; NaN where a subject is None or too large to measure.

    A subject without an area (a point, a line) counts as covered (1.0) when it lies inside one cover wholly, else as not (0.0).
    """
    share = np.full(len(subjects), np.nan)
    flat, solid = _by_area(subjects)
    covers = covers[_has_area(covers)]
    share[np.r_[flat, solid]] = 0.0
    if len(covers):
        tree = shapely.STRtree(covers)
        share[flat] = _inside(subjects[flat], tree)
        some, pairs = subjects[solid], _pairs(subjects[solid], tree)
        share[solid] = _shares(_Solids.of(some), _Solids.of(covers), pairs, metric_crs=metric_crs, limit=limit)
    return share


def covered_half(subjects: Shapes, covers: Shapes, *, metric_crs: str, limit: float = 0.5) -> tuple[Flags, Flags]:
    """Which subjects have a `covered_share` of at least `limit`, and which of more than nothing; both False where `covered_share` is NaN.

    The cover that overlaps most settles most subjects, and the sum over all covers most others; only the rest need their share.
    """
    half, touched = np.zeros(len(subjects), dtype=bool), np.zeros(len(subjects), dtype=bool)
    flat, solid = _by_area(subjects)
    covers = covers[_has_area(covers)]
    if not len(covers):
        return half, touched
    tree = shapely.STRtree(covers)
    half[flat] = touched[flat] = _inside(subjects[flat], tree) > 0
    pairs = _pairs(subjects[solid], tree)
    mine, theirs = _Solids.of(subjects[solid]), _Solids.of(covers)
    half[solid], touched[solid] = _settled(mine, theirs, pairs, metric_crs=metric_crs, limit=limit)
    return half, touched


def _settled(mine: _Solids, theirs: _Solids, pairs: Ints, *, metric_crs: str, limit: float) -> tuple[Flags, Flags]:
    margin = _margin(mine.shapes)
    first = _best_guess(mine, theirs, pairs)
    greatest = np.zeros(len(margin))
    greatest[pairs[0, first]] = _ratios(mine, theirs, pairs[:, first])
    half = greatest >= limit + margin
    rest = pairs[:, ~half[pairs[0]]]
    ratio = _ratios(mine, theirs, rest)
    total = np.bincount(rest[0], weights=ratio, minlength=len(margin))
    touched = half | (total > _NEAR_ZERO)
    rest, ratio = rest[:, ratio > _NEAR_ZERO], ratio[ratio > _NEAR_ZERO]
    doubtful = ~half & (total >= limit - margin)
    rest, ratio = rest[:, doubtful[rest[0]]], ratio[doubtful[rest[0]]]
    half |= doubtful & (_least(mine, theirs, rest, ratio) >= limit + margin)
    open_ = np.flatnonzero(doubtful & ~half)
    place = np.full(len(margin), -1)
    place[open_] = np.arange(len(open_))
    left = rest[:, place[rest[0]] >= 0]
    share = _shares(_Solids.of(mine.shapes[open_]), theirs, np.vstack([place[left[0]], left[1]]), metric_crs=metric_crs, limit=limit)
    half[open_] = share >= limit
    return half, touched


@dataclass(frozen=True, slots=True)
class _Solids:
    """Shapes with an area, and what is reckoned of each once."""

    shapes: Shapes
    area: Floats
    bounds: Floats
    edges: _Edges

    @classmethod
    def of(cls, shapes: Shapes) -> _Solids:
        return cls(shapes, shapely.area(shapes), shapely.bounds(shapes), _edges(shapes))


def _ratios(mine: _Solids, theirs: _Solids, pairs: Ints) -> Floats:
    """For each pair the share of the first that lies in the second."""
    return np.asarray(_overlap_areas(mine.edges, theirs.edges, pairs) / mine.area[pairs[0]], dtype=np.float64)


def _least(mine: _Solids, theirs: _Solids, pairs: Ints, ratio: Floats) -> Floats:
    """A lower bound of each share: two covers cover together at least their parts less what they could have in common."""
    least = np.zeros(len(mine.shapes))
    i, j, couple, common = _couples(pairs, theirs)
    shared = np.minimum(np.minimum(ratio[i], ratio[j]), common[couple] / mine.area[pairs[0, i]])
    np.maximum.at(least, pairs[0, i], ratio[i] + ratio[j] - shared)
    return least


def _by_area(subjects: Shapes) -> tuple[Ints, Ints]:
    """Positions of the placed subjects without and with an area."""
    placed = ~(shapely.is_missing(subjects) | shapely.is_empty(subjects) | _too_large(shapely.bounds(subjects)))
    solid = placed & _has_area(subjects)
    return np.flatnonzero(placed & ~solid), np.flatnonzero(solid)


def _has_area(shapes: Shapes) -> Flags:
    return np.asarray(shapely.area(shapes) > 0.0)


def _inside(shapes: Shapes, tree: shapely.STRtree) -> Floats:
    """1.0 for shapes that lie inside one of the tree's areas, else 0.0."""
    found = np.zeros(len(shapes))
    if len(shapes):
        found[tree.query(shapes, predicate="covered_by")[0]] = 1.0
    return found


def _pairs(subjects: Shapes, tree: shapely.STRtree) -> Ints:
    """(subject, cover) positions whose bounding boxes meet, ordered by subject."""
    pairs = np.asarray(tree.query(subjects), dtype=np.int64)
    return pairs[:, np.argsort(pairs[0], kind="stable")]


def _best_guess(mine: _Solids, theirs: _Solids, pairs: Ints) -> Ints:
    """For each subject with covers the column of `pairs` whose boxes share most."""
    a, b = mine.bounds[pairs[0]], theirs.bounds[pairs[1]]
    shared = (np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])) * (np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1]))
    order = np.lexsort((-shared, pairs[0]))
    return order[np.r_[True, np.diff(pairs[0][order]) != 0]] if len(order) else order


def _shares(mine: _Solids, theirs: _Solids, pairs: Ints, *, metric_crs: str, limit: float) -> Floats:
    ratio = _ratios(mine, theirs, pairs)
    pairs, ratio = pairs[:, ratio > _NEAR_ZERO], ratio[ratio > _NEAR_ZERO]
    share = np.bincount(pairs[0], weights=ratio, minlength=len(mine.shapes))
    full = np.zeros(len(share), dtype=bool)
    full[pairs[0][ratio > 1 - _NEAR_ZERO]] = True
    share[full] = 1.0
    partly = pairs[:, ~full[pairs[0]]]
    mixed = _overlapping(partly, theirs)
    if len(mixed):
        unions = _Solids.of(_unions(theirs.shapes, partly, mixed))
        share[mixed] = _ratios(mine, unions, np.vstack([mixed, np.arange(len(mixed))]))
    for i in np.flatnonzero(np.abs(share - limit) < _margin(mine.shapes)):
        share[i] = _metric_share(mine.shapes[i], theirs.shapes[_covers_of(int(i), pairs)], metric_crs)
    return np.asarray(np.round(np.clip(share, 0.0, 1.0), DECIMALS), dtype=np.float64)


def _covers_of(subject: int, pairs: Ints) -> Ints:
    """The covers paired with one subject; `pairs` is ordered by subject."""
    low, high = np.searchsorted(pairs[0], [subject, subject + 1])
    return np.asarray(pairs[1][low:high])


def _margin(shapes: Shapes) -> Floats:
    """How far a share on the stored coordinates may lie from that in a metric CRS, generously."""
    return np.asarray(CURVATURE * _size_m(shapely.bounds(shapes)) + 2 * 10.0**-DECIMALS, dtype=np.float64)


def _size_m(bounds: Floats) -> Floats:
    """About how many metres across boxes in degrees are; NaN where there is none."""
    west, south, east, north = bounds.T
    return np.asarray(np.hypot((east - west) * np.cos(np.radians((south + north) / 2)), north - south) * 111_320.0, dtype=np.float64)


def _too_large(bounds: Floats) -> Flags:
    return np.asarray(_size_m(bounds) > LARGEST_M, dtype=bool)


def _measurable_bounds(shapes: Shapes) -> Floats:
    """Bounding boxes; NaN where a shape is None or too large to measure."""
    bounds = shapely.bounds(shapes)
    bounds[_too_large(bounds)] = np.nan
    return np.asarray(bounds, dtype=np.float64)


def _metric_share(subject: shapely.Geometry, covers: Shapes, metric_crs: str) -> float:
    """The share by GEOS in `metric_crs`, or where the subject lies out of that CRS's reach in its own; NaN where that does not help either."""
    west, south, east, north = shapely.bounds(subject)
    large = _too_large(shapely.bounds(covers))
    if large.any():
        near = shapely.box(2 * west - east, 2 * south - north, 2 * east - west, 2 * north - south)
        covers = np.where(large, _sound(lambda s: shapely.intersection(s, near), covers), covers)
    shapes = np.array([subject, *covers], dtype=object)
    own = metric_crs_for((west + east) / 2, (south + north) / 2)
    for crs in (metric_crs, own):
        flat = shapely.transform(shapes, partial(transform_xy, source=STORAGE, target=crs))
        area = float(flat[0].area)
        if math.isfinite(area) and area > 0.0 and np.isfinite(shapely.get_coordinates(flat)).all():
            pieces = _sound(lambda s: shapely.intersection(s[1:], s[0]), flat)
            return float(shapely.union_all(pieces).area / area)
    return math.nan


def _sound(work: Callable[[Shapes], Shapes], shapes: Shapes) -> Shapes:
    """`work` on the shapes, mended first where they are broken (an edit may store a ring that crosses itself)."""
    try:
        return work(shapes)
    except shapely.errors.GEOSException:
        return work(shapely.make_valid(shapes, method="structure", keep_collapsed=False))


def _unions(covers: Shapes, pairs: Ints, subjects: Ints) -> Shapes:
    """The union of the covers of each of the `subjects`."""
    low, high = np.searchsorted(pairs[0], subjects), np.searchsorted(pairs[0], subjects + 1)
    counts = high - low
    table = np.full((len(subjects), int(counts.max())), None, dtype=object)
    columns, rows = _ragged(low, counts)
    table[rows, columns - low[rows]] = covers[pairs[1][columns]]
    return _sound(lambda s: np.asarray(shapely.union_all(s, axis=1), dtype=object), table)


def _couples(pairs: Ints, covers: _Solids) -> tuple[Ints, Ints, Ints, Floats]:
    """Every two columns i > j of `pairs` that have the same subject, the number of their couple of covers, and each couple's common area."""
    starts = np.flatnonzero(np.r_[True, np.diff(pairs[0]) != 0]) if pairs.size else np.empty(0, dtype=np.int64)
    counts = np.diff(np.r_[starts, pairs.shape[1]])
    place = np.arange(pairs.shape[1]) - np.repeat(starts, counts)
    steps = [np.flatnonzero(place >= step) for step in range(1, int(counts.max(initial=1)))]
    i = np.concatenate([np.empty(0, dtype=np.int64), *steps])
    j = np.concatenate([np.empty(0, dtype=np.int64), *(rows - step for step, rows in enumerate(steps, 1))])
    low, high = np.minimum(pairs[1][i], pairs[1][j]), np.maximum(pairs[1][i], pairs[1][j])
    keys, couple = np.unique(low * len(covers.shapes) + high, return_inverse=True)
    couples = np.vstack([keys // len(covers.shapes), keys % len(covers.shapes)])
    return i, j, couple, _overlap_areas(covers.edges, covers.edges, couples)


def _overlapping(pairs: Ints, covers: _Solids) -> Ints:
    """The subjects of `pairs` whose covers overlap each other, so that their parts cannot simply be added."""
    i, j, couple, common = _couples(pairs, covers)
    least = np.minimum(covers.area[pairs[1][i]], covers.area[pairs[1][j]])
    return np.unique(pairs[0][i[common[couple] > _NEAR_ZERO * least]])


# areas of intersections, for whole columns ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Edges:
    """The edges of many polygons, left end first: edge k runs from (x1, y1) to (x2, y1 + slope (x2 - x1)); `sign` is +1 on top, -1 below.

    `first[i]` … `first[i + 1]` are the edges of polygon i. Upright edges bound no area and are left out.
    """

    x1: Floats
    y1: Floats
    x2: Floats
    slope: Floats
    sign: Floats
    first: Ints
    x_range: Floats


def _edges(shapes: Shapes) -> _Edges:
    """Of polygons and multipolygons; rings are turned so that shells run one way and holes the other."""
    simple = (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON) & (shapely.get_num_interior_rings(shapes) == 0)
    turn = np.ones(len(shapes))
    if simple.all():
        xy, ring = shapely.get_coordinates(shapes, return_index=True)
        owner = np.arange(len(shapes))
    else:
        parts, part_owner = shapely.get_parts(shapely.orient_polygons(shapes, exterior_cw=False), return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        owner = part_owner[ring_part]
    inside = ring[1:] == ring[:-1]
    start, end = xy[:-1][inside], xy[1:][inside]
    shape = owner[ring[:-1][inside]]
    if simple.all():
        base = xy[np.searchsorted(ring, np.arange(len(shapes)))][shape]
        doubled = (start[:, 0] - base[:, 0]) * (end[:, 1] - base[:, 1]) - (end[:, 0] - base[:, 0]) * (start[:, 1] - base[:, 1])
        turn = np.where(np.bincount(shape, weights=doubled, minlength=len(shapes)) < 0, -1.0, 1.0)
    upright = start[:, 0] == end[:, 0]
    start, end, shape = start[~upright], end[~upright], shape[~upright]
    forward = start[:, 0] < end[:, 0]
    left, right = np.where(forward[:, None], start, end), np.where(forward[:, None], end, start)
    first = np.searchsorted(shape, np.arange(len(shapes) + 1))
    slope = (right[:, 1] - left[:, 1]) / (right[:, 0] - left[:, 0])
    return _Edges(
        left[:, 0], left[:, 1], right[:, 0], slope, np.where(forward, -1.0, 1.0) * turn[shape], first, shapely.bounds(shapes)[:, [0, 2]]
    )


def overlap_areas(a: Shapes, b: Shapes, pairs: Ints) -> Floats:
    """Area of a[i] ∩ b[j] for every column (i, j) of `pairs` (2, n), in the square of the coordinates' unit."""
    return _overlap_areas(_edges(a), _edges(b), pairs)


def _overlap_areas(ea: _Edges, eb: _Edges, pairs: Ints) -> Floats:
    """The areas, by edges.

    With s = ±1 for top and bottom edges, the indicator of a polygon at (x, y) is the sum of s over its edges above y at x, so the area
    is the integral of s_e s_f min(y_e, y_f) over all pairs of edges; as the signs at each x add up to nothing, that is -½ of the
    integral of s_e s_f |y_e - y_f|, which has no special cases: touching, shared or crossing edges need no care.
    """
    area = np.zeros(pairs.shape[1])
    if not pairs.size:
        return area
    ia, ib = pairs
    na, nb = np.diff(ea.first)[ia], np.diff(eb.first)[ib]
    work = np.cumsum(na * nb)
    cuts = np.searchsorted(work, np.arange(_CHUNK, work[-1] + _CHUNK, _CHUNK), side="left") + 1
    low = 0
    for high in [*cuts, len(work)]:
        high = min(int(high), len(work))
        if high > low:
            part = slice(low, high)
            area[part] = _overlaps(ea, eb, ia[part], ib[part], na[part], nb[part])
            low = high
    return np.maximum(area, 0.0)


def _ragged(first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """All of first[k] … first[k] + counts[k] - 1 in a row, and the k of each."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts) + first[owner], owner


def _overlaps(ea: _Edges, eb: _Edges, ia: Ints, ib: Ints, na: Ints, nb: Ints) -> Floats:
    x_range = ea.x_range[ia]
    kb, pair = _ragged(eb.first[ib], nb)
    near = (eb.x2[kb] > x_range[pair, 0]) & (eb.x1[kb] < x_range[pair, 1])
    kb, pair = kb[near], pair[near]
    ka, row = _ragged(ea.first[ia[pair]], na[pair])
    low = np.maximum(ea.x1[ka], eb.x1[kb][row])
    width = np.minimum(ea.x2[ka], eb.x2[kb][row]) - low
    meet = width > 0
    ka, row, low, width = ka[meet], row[meet], low[meet], width[meet]
    kb = kb[row]
    d0 = ea.y1[ka] - eb.y1[kb] + ea.slope[ka] * (low - ea.x1[ka]) - eb.slope[kb] * (low - eb.x1[kb])
    d1 = d0 + (ea.slope[ka] - eb.slope[kb]) * width
    total = np.abs(d0) + np.abs(d1)
    crossing = (d0 * d1) < 0
    total[crossing] = (d0[crossing] ** 2 + d1[crossing] ** 2) / total[crossing]
    sums = ea.sign[ka] * eb.sign[kb] * total * width
    return np.asarray(-0.25 * np.bincount(pair[row], weights=sums, minlength=len(ia)), dtype=np.float64)


# bringing it up to date -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which features of a layer are covered, with what is needed to bring that up to date after a few edits.

    `bounds` are NaN where there is no share to tell (not placed, or too large).
    `half` and `touched` as `covered_half` gives them; arrays are in the order of `ids`. `by_west`: western edges of the covers ascending,
    their positions, and the greatest width, to find the covers near a box without a tree.
    """

    ids: Ints
    subjects: Shapes
    bounds: Floats
    cover_ids: Ints
    covers: Shapes
    cover_bounds: Floats
    by_west: tuple[Floats, Ints, float]
    metric_crs: str
    half: Flags
    touched: Flags

    @classmethod
    def of(cls, ids: Ints, subjects: Shapes, cover_ids: Ints, covers: Shapes, *, metric_crs: str) -> Coverage:
        half, touched = covered_half(subjects, covers, metric_crs=metric_crs)
        boxes = shapely.bounds(covers)
        return cls(ids, subjects, _measurable_bounds(subjects), cover_ids, covers, boxes, _by_west(boxes), metric_crs, half, touched)

    def share(self, rows: Ints | None = None) -> Floats:
        """The `covered_share` of some rows, or of all."""
        subjects = self.subjects if rows is None else self.subjects[rows]
        return covered_share(subjects, self._near(self.bounds if rows is None else self.bounds[rows]), metric_crs=self.metric_crs)

    def _near(self, boxes: Floats) -> Shapes:
        """The covers that a few boxes meet; all of them for many boxes."""
        if len(boxes) > _FEW or not len(self.covers):
            return self.covers
        west, order, widest = self.by_west
        low, high = np.searchsorted(west, boxes[:, 0] - widest), np.searchsorted(west, boxes[:, 2], side="right")
        found = [order[i:j][_meets(self.cover_bounds[order[i:j]], box)] for i, j, box in zip(low, high, boxes, strict=True)]
        return np.asarray(self.covers[np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))])

    def updated(self, ids: Ints, subjects: Shapes, changed: Ints, cover_ids: Ints, covers: Shapes, covers_changed: Ints) -> Coverage:
        """After an edit: worked out anew for changed subjects and for those that meet a changed cover, as it was or as it is."""
        place, known = _positions(self.ids, ids)
        bounds, again = _kept(self.bounds, place, known, np.nan), ~known | np.isin(ids, changed)
        bounds[again] = _measurable_bounds(subjects[again])
        cover_bounds = self.cover_bounds
        if len(covers_changed):
            cover_place, cover_known = _positions(self.cover_ids, cover_ids)
            cover_again = ~cover_known | np.isin(cover_ids, covers_changed)
            cover_bounds = _kept(self.cover_bounds, cover_place, cover_known, np.nan)
            cover_bounds[cover_again] = shapely.bounds(covers[cover_again])
            gone_or_changed = np.isin(self.cover_ids, covers_changed)
            for box in np.vstack([self.cover_bounds[gone_or_changed], cover_bounds[cover_again]]):
                again |= _meets(bounds, box)
        fresh = replace(
            self,
            ids=ids,
            subjects=subjects,
            bounds=bounds,
            cover_ids=cover_ids,
            covers=covers,
            cover_bounds=cover_bounds,
            by_west=_by_west(cover_bounds) if len(covers_changed) else self.by_west,
            half=_kept(self.half, place, known, False),
            touched=_kept(self.touched, place, known, False),
        )
        redo = np.flatnonzero(again)
        if len(redo):
            near = fresh._near(bounds[redo])
            fresh.half[redo], fresh.touched[redo] = covered_half(subjects[redo], near, metric_crs=self.metric_crs)
        return fresh


def _by_west(bounds: Floats) -> tuple[Floats, Ints, float]:
    order = np.argsort(bounds[:, 0])
    return bounds[order, 0], order, float(np.max(bounds[:, 2] - bounds[:, 0], initial=0.0))


def _positions(old: Ints, new: Ints) -> tuple[Ints, Flags]:
    """Where each of the `new` ids stands in `old` (both ascending), and whether it stands there at all."""
    if len(old) == len(new) and np.array_equal(old, new):
        return np.arange(len(new)), np.ones(len(new), dtype=bool)
    if not len(old):
        return np.zeros(len(new), dtype=np.int64), np.zeros(len(new), dtype=bool)
    place = np.minimum(np.searchsorted(old, new), len(old) - 1)
    return place, old[place] == new


def _kept(values: NDArray[Any], place: Ints, known: Flags, otherwise: Any) -> NDArray[Any]:
    """A new array of the old values of known rows, `otherwise` elsewhere."""
    if known.all() and len(place) == len(values):
        return values.copy()
    kept = np.full((len(place), *values.shape[1:]), otherwise, dtype=values.dtype)
    kept[known] = values[place[known]]
    return kept


def _meets(bounds: Floats, box: Floats) -> Flags:
    """Which `bounds` meet the `box`; NaN (no geometry) never does."""
    meets = (bounds[:, 0] <= box[2]) & (bounds[:, 2] >= box[0]) & (bounds[:, 1] <= box[3]) & (bounds[:, 3] >= box[1])
    return np.asarray(meets, dtype=bool)
