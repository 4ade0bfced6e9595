"""Geometry arrays mended, moved and checked before anything is kept: changes are named, what cannot be used keeps its place as None.

All functions take and return numpy object arrays of shapely geometries (None = no geometry) and leave the order alone.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
Coordinates = NDArray[np.float64]

MAX_VERTICES = 100_000
"""Most vertices of one geometry."""

MAX_MENDED_VERTICES = 1_000
"""Most vertices of a self-crossing area that is still mended: the cost grows with the square of its crossings."""

MAX_NESTING = 8
"""Deepest nesting of collections and brackets in WKB and WKT; deeper input overflows the stack of the library."""

_WORLD = np.array([180.0, 90.0])
_ROUNDING = 1e-6
"""Degrees beyond the world's edge that are only rounding and are set back to it."""

_FLAT = frozenset(struct.pack("<BI", 1, kind) for kind in (1, 2, 3))
"""How the WKB of a 2-D point, line or polygon begins, which cannot nest."""

_SIMPLE = frozenset(range(1, 7))
_REASON = re.compile(r"[^\[]*")


@dataclass(slots=True)
class Report:
    """What happened to an array of geometries, by position: `problems` made them unusable (a code), `repairs` were mended (names)."""

    problems: dict[int, str] = field(default_factory=dict)
    repairs: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def refuse(self, positions: Iterable[Any], code: str) -> None:
        """The first problem of a geometry is the one that counts."""
        for i in positions:
            self.problems.setdefault(int(i), code)

    def mended(self, position: int, name: str) -> None:
        if name not in self.repairs.get(position, ()):
            self.repairs[position] = (*self.repairs.get(position, ()), name)


def array_of(geometries: Sequence[Any]) -> Geometries:
    """A one-dimensional object array, also of one geometry or none."""
    out = np.empty(len(geometries), dtype=object)
    out[:] = geometries
    return out


def relocate(geometries: Geometries, move: Callable[[Coordinates], Coordinates] | None, report: Report) -> Geometries:
    """The geometries in 2-D with `move` applied to all coordinates at once (None = they stay); results are EPSG:4326 degrees.

    Problems: not-finite (NaN, Infinity), too-many-vertices, outside-crs (no finite longitude/latitude comes out).
    """
    flat = shapely.force_2d(geometries)
    report.refuse(np.flatnonzero(shapely.get_num_coordinates(flat) > MAX_VERTICES), "too-many-vertices")
    flat[list(report.problems)] = None
    xy, owner = shapely.get_coordinates(flat, return_index=True)
    if not len(xy):
        return flat
    report.refuse(np.unique(owner[~np.isfinite(xy).all(axis=1)]), "not-finite")
    if report.problems:
        flat[list(report.problems)] = None
        xy, owner = shapely.get_coordinates(flat, return_index=True)
    moved = xy if move is None else move(xy)
    inside = np.isfinite(moved).all(axis=1) & (np.abs(moved) <= _WORLD + _ROUNDING).all(axis=1)
    if not inside.all():
        report.refuse(np.unique(owner[~inside]), "outside-crs")
        keep = np.isin(owner, list(report.problems), invert=True)
        flat[list(report.problems)] = None
        moved = moved[keep]
    over = np.abs(moved) > _WORLD
    if over.any():
        moved = np.where(over, np.copysign(_WORLD, moved), moved)
    return flat if move is None and not over.any() else shapely.set_coordinates(flat, moved)


def tidy(geometries: Geometries, report: Report) -> Geometries:
    """Valid geometries of the simple types with right-hand rings.

    Repairs are named after what was wrong ("self-intersection", "nested-shells", "duplicate-points" …); winding and single-part
    collections are normal and not named. Problems: empty-geometry, geometry-type (mixed collections), invalid-geometry.
    """
    out = _simple_types(geometries, report)
    report.refuse(np.flatnonzero(shapely.is_empty(out)), "empty-geometry")
    out[list(report.problems)] = None
    present = ~shapely.is_missing(out)
    for i in np.flatnonzero(present & ~shapely.is_valid(out)):
        out[i] = _mend(out[i], int(i), report)
    areas = np.isin(shapely.get_type_id(out), (3, 6))
    if areas.any():
        out[areas] = shapely.orient_polygons(out[areas])
    return out


def _simple_types(geometries: Geometries, report: Report) -> Geometries:
    out = geometries.copy()
    kinds = shapely.get_type_id(out)
    for i in np.flatnonzero(kinds > 6):
        out[i] = _unwrap(out[i])
        if out[i] is None:
            report.refuse([i], "geometry-type")
    for i in np.flatnonzero(kinds == 2):
        out[i] = shapely.LineString(out[i].coords)
    lone = (kinds == 4) & (shapely.get_num_geometries(out) == 1)
    if lone.any():
        out[lone] = shapely.get_geometry(out[lone], 0)
    return out


def _unwrap(collection: Any) -> Any:
    """A collection of one kind of geometry as the multi-geometry of that kind; None when kinds are mixed."""
    if shapely.get_type_id(collection) != 7:
        return None
    parts = [p for p in _leaves(collection) if not p.is_empty]
    kinds = {p.geom_type.removeprefix("Multi") for p in parts}
    if not parts:
        return collection
    if len(kinds) > 1 or any(p.geom_type not in _MULTI for p in parts):
        return None
    singles = [s for p in parts for s in (p.geoms if p.geom_type.startswith("Multi") else [p])]
    return singles[0] if len(singles) == 1 else _MULTI[singles[0].geom_type](singles)


_MULTI: dict[str, Any] = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": shapely.MultiPolygon,
    "MultiPoint": shapely.MultiPoint,
    "MultiLineString": shapely.MultiLineString,
    "MultiPolygon": shapely.MultiPolygon,
}


def _leaves(collection: Any) -> Iterable[Any]:
    for part in collection.geoms:
        if part.geom_type == "GeometryCollection":
            yield from _leaves(part)
        else:
            yield part


def _mend(geometry: Any, position: int, report: Report) -> Any:
    """The valid form of an invalid area; lines and points that are invalid have no extent and cannot be mended."""
    name = _wrong(geometry)
    if geometry.geom_type not in ("Polygon", "MultiPolygon") or shapely.get_num_coordinates(geometry) > MAX_MENDED_VERTICES:
        report.refuse([position], "invalid-geometry")
        return None
    fixed = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    areas = [p for p in _parts(fixed) if p.geom_type == "Polygon" and p.area > 0]
    whole = shapely.union_all(areas) if len(areas) > 1 else areas[0] if areas else None
    if whole is None or not whole.is_valid or whole.geom_type not in ("Polygon", "MultiPolygon"):
        report.refuse([position], "invalid-geometry")
        return None
    report.mended(position, name)
    return whole


def _parts(geometry: Any) -> Iterable[Any]:
    if hasattr(geometry, "geoms"):
        for part in geometry.geoms:
            yield from _parts(part)
    else:
        yield geometry


def _wrong(geometry: Any) -> str:
    """Why a geometry is invalid as one word: "Ring Self-intersection[1 2]" → "self-intersection"."""
    found = _REASON.match(str(shapely.is_valid_reason(geometry)))
    text = found.group().strip().lower() if found else "invalid"
    return "self-intersection" if "self-intersection" in text else re.sub(r"[^a-z]+", "-", text).strip("-")


def outside(geometries: Geometries, clip: Any) -> NDArray[np.bool_]:
    """True where a geometry has no point in common with the polygon `clip` (same CRS); False for None."""
    shapely.prepare(clip)
    return ~shapely.is_missing(geometries) & ~shapely.intersects(geometries, clip)


def check_wkt(text: str) -> bool:
    """Whether `text` may be given to the WKT parser: one of the simple types or a collection, brackets no deeper than MAX_NESTING."""
    if not re.match(r"\s*(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON)|\s*GEOMETRYCOLLECTION|\s*LINEARRING", text, re.IGNORECASE):
        return False
    depth = deepest = 0
    for bracket in re.findall(r"[()]", text):
        depth += 1 if bracket == "(" else -1
        deepest = max(deepest, depth)
    return deepest <= MAX_NESTING


class BadWkb(ValueError):
    """Bytes that are not the WKB of a simple 2-D geometry with finite coordinates."""


def check_wkb(blobs: Iterable[bytes | None]) -> None:
    """Reads every byte's meaning from the headers before a library sees them: little-endian 2-D simple types, exact length, finite numbers.

    Raises BadWkb at the first that is not.
    """
    numbers: list[bytes] = []
    for blob in blobs:
        if blob is not None:
            kind = _kind(blob, 0)
            if kind not in _SIMPLE or _walk(blob, 0, kind, numbers) != len(blob):
                raise BadWkb("not a simple WKB geometry")
    if not np.isfinite(np.frombuffer(b"".join(numbers), dtype="<f8")).all():
        raise BadWkb("a coordinate is not finite")


def _kind(blob: bytes, at: int) -> int:
    if len(blob) < at + 5 or blob[at] != 1:
        raise BadWkb("no WKB header")
    return int.from_bytes(blob[at + 1 : at + 5], "little")


def _walk(blob: bytes, at: int, kind: int, numbers: list[bytes]) -> int:
    """The position after the geometry that starts `at`; its coordinates are put on `numbers`."""
    if kind == 1:
        numbers.append(_slice(blob, at + 5, 16))
        return at + 21
    count = int.from_bytes(_slice(blob, at + 5, 4), "little")
    at += 9
    if kind == 2:
        numbers.append(_slice(blob, at, 16 * count))
        return at + 16 * count
    for _ in range(count):
        if kind == 3:
            length = 16 * int.from_bytes(_slice(blob, at, 4), "little")
            numbers.append(_slice(blob, at + 4, length))
            at += 4 + length
        else:
            if _kind(blob, at) != kind - 3:
                raise BadWkb("a part of another type")
            at = _walk(blob, at, kind - 3, numbers)
    return at


def _slice(blob: bytes, at: int, length: int) -> bytes:
    if len(blob) < at + length:
        raise BadWkb("shorter than it says")
    return blob[at : at + length]


def wkb_is_shallow(blob: bytes) -> bool:
    """Whether foreign WKB has known types and no deeper nesting than MAX_NESTING (and, where it can nest, the length it says): only then
    may a parser see it, which checks the rest."""
    return blob[:5] in _FLAT or _foreign_end(blob, 0, 0) is not None


def _foreign_end(blob: bytes, at: int, depth: int) -> int | None:
    """The position after foreign WKB (ISO or EWKB, any dimension and byte order); None: too deep, too short or of unknown type."""
    if depth > MAX_NESTING or len(blob) < at + 5 or blob[at] > 1:
        return None
    order = "<" if blob[at] else ">"
    raw = struct.unpack_from(order + "I", blob, at + 1)[0]
    flags, code = raw & 0xE0000000, raw & 0x1FFFFFFF
    kind, iso = code % 1000, code // 1000
    size = 8 * (2 + (iso in (1, 3) or bool(flags & 0x80000000)) + (iso in (2, 3) or bool(flags & 0x40000000)))
    at += 5 + (4 if flags & 0x20000000 else 0)
    if kind == 1:
        return _within(blob, at + size)
    if kind not in (2, 3, 4, 5, 6, 7) or len(blob) < at + 4:
        return None
    count = struct.unpack_from(order + "I", blob, at)[0]
    at += 4
    if kind == 2:
        return _within(blob, at + size * count)
    for _ in range(count):
        if kind == 3:
            if len(blob) < at + 4:
                return None
            end = _within(blob, at + 4 + size * struct.unpack_from(order + "I", blob, at)[0])
        else:
            end = _foreign_end(blob, at, depth + 1)
        if end is None:
            return None
        at = end
    return at


def _within(blob: bytes, at: int) -> int | None:
    return at if at <= len(blob) else None


def rounded(geometries: Geometries, digits: int = 7) -> Geometries:
    """The geometries with coordinates cut to `digits` decimals, for outputs only (7 decimals of a degree are about 1 cm)."""
    return shapely.transform(geometries, lambda xy: np.round(xy, digits))
