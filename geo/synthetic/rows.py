"""Features gathered in the district's own plane (metres, x along its streets), turned into rows with WKB in one go at the end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import crs
from geo.schema import Layer

XY = tuple[float, float]
Kind = Literal["point", "line", "area"]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane that the district is drawn in: turned by `angle` radians about `origin` (longitude, latitude) in the metric CRS of that place."""

    origin: XY
    angle: float

    @property
    def metric(self) -> str:
        return crs.metric_crs_for(*self.origin)

    def to_lonlat(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) plane metres → (n, 2) degrees in EPSG:4326."""
        centre = crs.transform_xy(np.array([self.origin], float), crs.STORAGE, self.metric)[0]
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        turned = np.column_stack([xy[:, 0] * cos - xy[:, 1] * sin, xy[:, 0] * sin + xy[:, 1] * cos])
        return crs.transform_xy(turned + centre, self.metric, crs.STORAGE)


@dataclass(slots=True)
class Sheet:
    """The features of one layer: values by field, and a shape of plane points each (None = unplaced)."""

    prefix: str
    digits: int = 4
    values: list[Values] = field(default_factory=list)
    kinds: list[Kind | None] = field(default_factory=list)
    shapes: list[Sequence[XY]] = field(default_factory=list)

    def next_code(self) -> str:
        return f"{self.prefix}-{len(self.values) + 1:0{self.digits}d}"

    def add(self, kind: Kind | None, shape: Sequence[XY], /, **values: Any) -> str:
        """Append a feature and return its code: the next number unless `code` is given. A ring need not repeat its first point."""
        code: str = values.setdefault("code", self.next_code())
        self.values.append(values)
        self.kinds.append(kind)
        self.shapes.append(shape)
        return code

    def finish(self, layer: Layer, plane: Plane, common: Mapping[str, Any]) -> list[Values]:
        """Rows ready as inserts: `common` values unless a row has its own, no nulls, "geometry" WKB in EPSG:4326 or None."""
        geometry = self._wkb(plane)
        rows = [
            {**common, **{name: value for name, value in values.items() if value is not None}, "geometry": wkb}
            for values, wkb in zip(self.values, geometry, strict=True)
        ]
        _check_names(layer, rows)
        return rows

    def _wkb(self, plane: Plane) -> list[bytes | None]:
        sizes = np.array([len(s) for s in self.shapes], dtype=np.int64)
        if not sizes.sum():
            return [None] * len(self.shapes)
        xy = plane.to_lonlat(np.array([p for shape in self.shapes for p in shape], float))
        owner = np.repeat(np.arange(len(sizes)), sizes)
        kinds = np.array([k or "" for k in self.kinds])
        out: NDArray[np.object_] = np.full(len(sizes), None, dtype=object)
        for kind in ("point", "line", "area"):
            members = np.flatnonzero(kinds == kind)
            if members.size:
                mine = kinds[owner] == kind
                shapes = _shapes(kind, xy[mine], np.searchsorted(members, owner[mine]))
                out[members] = shapely.to_wkb(shapes, byte_order=1)
        return list(out)


def _shapes(kind: str, xy: NDArray[np.float64], indices: NDArray[np.int64]) -> NDArray[np.object_]:
    """Points, lines or polygons (outer rings counter-clockwise) from their coordinates; `indices` says whose each is."""
    if kind == "point":
        return np.asarray(shapely.points(xy))
    if kind == "line":
        return np.asarray(shapely.linestrings(xy, indices=indices))
    return np.asarray(shapely.orient_polygons(shapely.polygons(shapely.linearrings(xy, indices=indices))))


def _check_names(layer: Layer, rows: Sequence[Mapping[str, Any]]) -> None:
    known = {f.name for f in layer.writable} | {"geometry"}
    used = set().union(*rows) if rows else set()
    if not used <= known:
        raise KeyError(f"{layer.id} has no field {sorted(used - known)}")
