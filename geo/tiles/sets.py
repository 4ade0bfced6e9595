"""What tiles are cut from: placed features in the plane of the tiles, and their properties as codes of a list of values."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.schema import Field
from geo.tiles.grid import to_plane
from geo.tiles.varints import varint

POINT, LINE, AREA = 0, 1, 2

_KINDS = {0: POINT, 4: POINT, 1: LINE, 2: LINE, 5: LINE}
"""Shapely's type numbers; all others are areas, or hold some."""

FEW = 64
"""A text with at most so many values is a class, of which a count can tell the most frequent."""


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Geometries in the plane (outer rings clockwise on the screen, None where there is none), their boxes (n, 4) as west, north, east, south, and kinds."""

    geometry: NDArray[np.object_]
    bounds: NDArray[np.float64]
    kind: NDArray[np.int8]

    @classmethod
    def of(cls, geometry: NDArray[np.object_]) -> Shapes:
        """From geometries in degrees."""
        there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
        plane = np.full(len(geometry), None, dtype=object)
        plane[there] = shapely.orient_polygons(shapely.transform(geometry[there], to_plane))
        types = shapely.get_type_id(plane)
        kind = np.full(len(plane), AREA, dtype=np.int8)
        for number, own in _KINDS.items():
            kind[types == number] = own
        return cls(plane, shapely.bounds(plane), kind)

    def take(self, rows: NDArray[np.int64]) -> Shapes:
        return Shapes(self.geometry[rows], self.bounds[rows], self.kind[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A property: `codes` are positions in `values` (messages of the tile format, in the order of the values), -1 where it is not known."""

    name: str
    codes: NDArray[np.int64]
    values: Sequence[bytes]
    ordered: bool

    @classmethod
    def of(cls, field: Field, values: NDArray[Any]) -> Column:
        known = ~np.asarray(pd.isna(values), dtype=bool)
        codes = np.full(len(values), -1, dtype=np.int64)
        ordered = values.dtype.kind in "iuf"
        own = values[known] if field.type != "json" else np.array([*map(_json_text, values[known]), None], dtype=object)[:-1]
        codes[known], found = pd.factorize(own, sort=ordered)
        whole = field.type in ("integer", "year") or values.dtype.kind in "iu"
        return cls(field.name, codes, [value(int(v) if whole else v) for v in found.tolist()], ordered)

    @property
    def told_by_counts(self) -> bool:
        return self.ordered or len(self.values) <= FEW


def _json_text(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False)


def value(plain: Any) -> bytes:
    """A number, a truth or a text as the tile format has it."""
    if isinstance(plain, bool):
        return b"\x38\x01" if plain else b"\x38\x00"
    if isinstance(plain, int):
        return b"\x28" + varint(plain) if plain >= 0 else b"\x30" + varint(-2 * plain - 1)
    if isinstance(plain, float):
        return b"\x19" + struct.pack("<d", plain)
    text = str(plain).encode()
    return b"\x0a" + varint(len(text)) + text


class TileSet:
    """The placed ones of some features, by `ids`, under a name that their layer in a tile bears."""

    def __init__(self, name: str, ids: NDArray[np.int64], shapes: Shapes, columns: Sequence[Column]) -> None:
        placed = np.flatnonzero(~np.isnan(shapes.bounds[:, 0]))
        if len(placed) < len(ids):
            ids, shapes = ids[placed], shapes.take(placed)
            columns = [Column(c.name, c.codes[placed], c.values, c.ordered) for c in columns]
        self.name, self.ids, self.geometry, self.kind, self.columns = name, ids, shapes.geometry, shapes.kind, tuple(columns)
        self.west, self.north, self.east, self.south = np.ascontiguousarray(shapes.bounds.T)
        self.size = np.maximum(self.east - self.west, self.south - self.north)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def weight(self) -> int:
        """About how many bytes it keeps beside the geometries."""
        return len(self) * (8 + 8 + 1 + 40 + 8 * len(self.columns)) + sum(40 + len(v) for c in self.columns for v in c.values)

    def centre(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n, 2): where a feature stands when it is drawn as a point."""
        return np.column_stack([(self.west[rows] + self.east[rows]) / 2, (self.north[rows] + self.south[rows]) / 2])

    def meeting(self, box: tuple[float, float, float, float]) -> NDArray[np.int64]:
        """Rows whose own boxes meet this one."""
        west, north, east, south = box
        return np.flatnonzero((self.east >= west) & (self.west <= east) & (self.south >= north) & (self.north <= south))
