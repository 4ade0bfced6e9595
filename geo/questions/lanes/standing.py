"""What stands in the way of an engine, and where a lane is let through it: buildings, obstacles and access points read from their layers.

- Obstacles are all buildings, the obstacles that are not removed, and fixed bollards without a width. Cables and branches only limit the
  height; parking strips count where they are asked for. `width_m` is the diameter of a point and the thickness of a line.
- Openings are the access points of every other kind, and bollards with a clear width between them; and where a lane of kind passage crosses a
  building with no access point inside, an opening of a width that is not on record.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lanes.clear_width import Obstacles, Openings
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Flags, Floats, View, latest
from geo.questions.sources import UNSAID, accuracies_of, ranks_of

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

STANDING = ("buildings", "obstacles", "access_points")
"""Layers that obstacles are rows of; `Obstructions.layer` holds positions in it."""

READS = (*STANDING, "fire_lanes")
"""Layers that a question reads which asks for obstructions or openings."""

BUILDINGS, OBSTACLES, ACCESS_POINTS = range(3)

OVERHEAD = ("cable", "branch")
"""Kinds of obstacle that an engine drives below."""

_NO_POINT = -2
_QUAD_SEGMENTS = 16
_AT_M = 1.0
"""An access point this near to a crossing of a lane and a building is the opening of that crossing."""


@dataclass(frozen=True, slots=True, eq=False)
class Obstructions:
    """`obstacles` in metric CRS with, for each: its layer (position in STANDING), its row in that layer's frame, its feature id, its
    accuracy in metres and the rank of its source in TRUST; `strip`: it is a parking strip."""

    obstacles: Obstacles
    layer: Codes
    row: Ints
    id: Ints
    accuracy_m: Floats
    rank: Codes
    strip: Flags

    def __len__(self) -> int:
        return len(self.row)

    def key(self) -> Ints:
        """One number an obstacle that stays the same while the layers change."""
        return np.asarray(self.layer.astype(np.int64) + len(STANDING) * self.id, dtype=np.int64)

    def chosen(self, rows: NDArray[np.bool_] | Ints) -> Obstructions:
        obstacles = self.obstacles.chosen(rows)
        return Obstructions(
            obstacles, self.layer[rows], self.row[rows], self.id[rows], self.accuracy_m[rows], self.rank[rows], self.strip[rows]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """`openings` in metric CRS with, for each: the row of its access point (-1 = a passage without one) and its feature id (else -2), the
    accuracy in metres of its width and the rank of its source in TRUST."""

    openings: Openings
    row: Ints
    id: Ints
    accuracy_m: Floats
    rank: Codes

    def chosen(self, rows: Ints) -> Ways:
        opened = Openings(self.openings.points[rows], self.openings.width_m[rows])
        return Ways(opened, self.row[rows], self.id[rows], self.accuracy_m[rows], self.rank[rows])


def obstructions(view: View, *, parking: bool = False) -> Obstructions:
    """What no engine passes through; with the parking strips too if `parking`."""
    every = latest(view, "obstructions", drawn(view, STANDING), lambda _: _every(view))
    return every if parking else every.chosen(~every.strip)


def openings(view: View) -> Openings:
    return ways_through(view).openings


def ways_through(view: View) -> Ways:
    """Where a lane passes through what it crosses."""
    return latest(view, "ways-through", drawn(view), lambda _: _ways(view))


def words(values: NDArray[np.object_]) -> NDArray[np.str_]:
    """Choices as text, "" for null."""
    return np.array([v if isinstance(v, str) else "" for v in values], dtype=np.str_)


def positions(keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted key stands in `keys`, -1 = nowhere."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    at = order[np.searchsorted(keys, wanted, sorter=order).clip(max=len(keys) - 1)]
    return np.asarray(np.where(keys[at] == wanted, at, -1), dtype=np.int64)


def gate_widths(frame: gpd.GeoDataFrame) -> Floats:
    """The clear widths of access points in metres, NaN where none is on record; below 0 is none."""
    width = numbers(frame, "gate_width_m")
    return np.where(width >= 0, width, np.nan)


def revisions(view: View, layers: tuple[str, ...] = READS) -> tuple[tuple[int, ...], tuple[str | None, ...]]:
    """What a result made from these layers changes with: their revisions, and the metric CRS and the profile."""
    return tuple(view.layer_revision(id) for id in layers), (view.metric_crs, view.profile.id, view.profile.version)


def drawn(view: View, layers: tuple[str, ...] = READS) -> tuple[tuple[int, ...], tuple[str | None, ...]]:
    """The same for what is made from nothing but the columns that say what stands where, and how surely: those of `_DRAWN`."""
    return tuple(view.columns_revision(id, *_DRAWN[id]) for id in layers), (view.metric_crs, view.profile.id, view.profile.version)


_DRAWN = {
    "buildings": ("geometry", "source", "accuracy_m"),
    "obstacles": ("geometry", "source", "accuracy_m", "kind", "removed_on", "width_m"),
    "access_points": ("geometry", "source", "accuracy_m", "kind", "removable", "gate_width_m"),
    "fire_lanes": ("geometry", "kind"),
}


def _every(view: View) -> Obstructions:
    parts = [_from_layer(view, BUILDINGS), _from_layer(view, OBSTACLES), _from_layer(view, ACCESS_POINTS)]
    columns = [(name, [getattr(part, name) for part in parts]) for name in ("layer", "row", "id", "accuracy_m", "rank", "strip")]
    obstacles = [part.obstacles for part in parts]
    joined = Obstacles(np.concatenate([o.shapes for o in obstacles]), np.concatenate([o.middles() for o in obstacles]))
    return Obstructions(joined, **{name: np.concatenate(column) for name, column in columns})


def _from_layer(view: View, layer: int) -> Obstructions:
    frame, shapes = view.frame(STANDING[layer]), view.metric(STANDING[layer])
    rows = np.flatnonzero(_stands(frame, layer) & _usable(shapes))
    shapes = np.asarray(shapes[rows], dtype=object)
    strip, middle = np.zeros(len(rows), dtype=bool), np.zeros(len(rows))
    if layer == OBSTACLES:
        width = numbers(frame, "width_m")[rows]
        middle = np.where((shapely.get_dimensions(shapes) == 1) & (width > 0), width / 2, 0.0)
        shapes = _thickened(shapes, width)
        strip = np.asarray(texts(frame, "kind")[rows] == "parking_strip", dtype=bool)
    rank = ranks_of(texts(frame, "source")[rows])
    accuracy = accuracies_of(numbers(frame, "accuracy_m")[rows], rank, view.profile)
    ids = frame.index.to_numpy(np.int64)[rows]
    return Obstructions(Obstacles(shapes, middle), np.full(len(rows), layer, dtype=np.int8), rows, ids, accuracy, rank, strip)


def left_out(view: View) -> int:
    """How many rows stand somewhere that cannot be told: not placed, empty, or with broken coordinates."""

    def count() -> int:
        return sum(int((_stands(view.frame(id), layer) & ~_usable(view.metric(id))).sum()) for layer, id in enumerate(STANDING))

    return latest(view, "left-out", revisions(view, STANDING), lambda _: count())


def _usable(shapes: Shapes) -> Flags:
    """Shapes that are somewhere: not missing, not empty, all coordinates finite."""
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    broken = np.bincount(index[~np.isfinite(coordinates).all(axis=1)], minlength=len(shapes)) > 0
    return np.asarray(np.isfinite(shapely.bounds(shapes)).all(axis=1) & ~broken, dtype=bool)


def _stands(frame: gpd.GeoDataFrame, layer: int) -> Flags:
    if layer == BUILDINGS:
        return np.ones(len(frame), dtype=bool)
    kind = texts(frame, "kind")
    if layer == OBSTACLES:
        there = frame["removed_on"].isna().to_numpy(dtype=bool)
        return np.asarray(there & ~np.isin(words(kind), OVERHEAD), dtype=bool)
    return np.asarray((kind == "bollard") & (texts(frame, "removable") != "yes") & np.isnan(gate_widths(frame)), dtype=bool)


def _thickened(shapes: Shapes, width_m: Floats) -> Shapes:
    """Points as discs and lines as strips of their width; areas, and what has no width, as they are."""
    flat = (shapely.get_dimensions(shapes) < 2) & (width_m > 0)
    line = flat & (shapely.length(shapes) > 0)  # one without length has no sides: it is a point
    point = flat & ~line
    out = shapes.copy()
    out[point] = shapely.buffer(shapes[point], width_m[point] / 2, quad_segs=_QUAD_SEGMENTS)
    out[line] = shapely.buffer(shapes[line], width_m[line] / 2, quad_segs=_QUAD_SEGMENTS, cap_style="flat")
    return out


def _ways(view: View) -> Ways:
    frame = view.frame("access_points")
    points = _middles(view.metric("access_points"))
    kind, width = texts(frame, "kind"), gate_widths(frame)
    rows = np.flatnonzero(((kind != "bollard") | ~np.isnan(width)) & ~shapely.is_missing(points))
    rank = ranks_of(texts(frame, "source")[rows])
    accuracy = accuracies_of(numbers(frame, "accuracy_m")[rows], rank, view.profile)
    through = _passages(view, points[rows])
    nothing = np.full(len(through), np.nan)
    opened = Openings(np.concatenate([points[rows], through]), np.concatenate([width[rows], nothing]))
    row = np.concatenate([rows, np.full(len(through), -1, dtype=np.int64)])
    id = np.append(frame.index.to_numpy(np.int64), _NO_POINT)[row]
    unsaid = np.full(len(through), UNSAID, dtype=np.int8)
    return Ways(opened, row, id, np.concatenate([accuracy, nothing]), np.concatenate([rank, unsaid]))


def _middles(shapes: Shapes) -> Shapes:
    """Points as they are, lines by the point halfway along; None where there is none."""
    out = np.full(len(shapes), None, dtype=object)
    usable = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    points, lines = usable & (shapely.get_type_id(shapes) == 0), usable & (shapely.get_dimensions(shapes) == 1)
    out[points] = shapes[points]
    out[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True) if lines.any() else None
    broken = usable & ~points & (~lines | shapely.is_empty(out))
    out[broken] = shapely.point_on_surface(shapes[broken])
    return out


def _passages(view: View, known: Shapes) -> Shapes:
    """The middle of each stretch of a passage that lies in a building where no access point does."""
    lanes = view.metric("fire_lanes")
    passage = np.flatnonzero((texts(view.frame("fire_lanes"), "kind") == "passage") & (shapely.get_dimensions(lanes) == 1))
    if not len(passage) or not len(view.frame("buildings")):
        return np.empty(0, dtype=object)
    lane, building = view.tree("buildings").query(lanes[passage], predicate="intersects")
    lane, building = lanes[passage][lane], view.metric("buildings")[building]
    sound = shapely.is_valid(lane) & shapely.is_valid(building)
    inside = shapely.get_parts(shapely.intersection(lane[sound], building[sound]))
    inside = inside[(shapely.get_dimensions(inside) == 1) & (shapely.length(inside) > 0)]
    if len(inside) and len(known):
        taken = shapely.STRtree(known).query(inside, predicate="dwithin", distance=_AT_M)[0]
        inside = np.delete(inside, taken)
    return np.asarray(shapely.line_interpolate_point(inside, 0.5, normalized=True), dtype=object)
