"""GeoPackage geometry blobs: a 40-byte header with the envelope before little-endian WKB, and the functions its R-tree triggers call.

Everything the store writes has exactly this header, also points, so that a reader may cut at byte 40. Coordinates are EPSG:4326.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.schema import GeometryKind

HEADER = 40
"""Bytes before the WKB: magic, version, flags, SRS id, envelope of four doubles."""

_HEAD = struct.Struct("<2sBBi4d")
_ENVELOPE = struct.Struct("<4d")
_COUNT = struct.Struct("<I")
_FLAGS_XY = 0b0000_0011
_FLAG_EMPTY = 0b0001_0000
_POINT, _LINE, _POLYGON = 1, 2, 3
_PART_OF = {4: _POINT, 5: _LINE, 6: _POLYGON}
_CODES: dict[GeometryKind, int] = {"Point": 1, "LineString": 2, "Polygon": 3, "MultiPoint": 4, "MultiLineString": 5, "MultiPolygon": 6}


class BadGeometry(ValueError):
    """WKB that the store does not take; `index` is its place in the sequence, the message says why in English."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(why)
        self.index = index


def _skip_simple(wkb: bytes, at: int, code: int) -> int:
    """Where a point, line or polygon that starts at `at` ends; raises ValueError when it is something else."""
    if wkb[at] != 1 or _COUNT.unpack_from(wkb, at + 1)[0] != code:
        raise ValueError("not plain little-endian 2-D WKB")
    at += 5
    if code == _POINT:
        return at + 16
    if code == _LINE:
        return at + 4 + 16 * int(_COUNT.unpack_from(wkb, at)[0])
    rings = int(_COUNT.unpack_from(wkb, at)[0])
    at += 4
    for _ in range(rings):
        at += 4 + 16 * int(_COUNT.unpack_from(wkb, at)[0])
    return at


def _walk(wkb: bytes) -> int:
    """Type code of well-formed WKB; proves before GEOS sees it that nothing is nested, cut off or followed by anything (ValueError)."""
    try:
        code = int(_COUNT.unpack_from(wkb, 1)[0])
        part = _PART_OF.get(code)
        if part is None:
            end = _skip_simple(wkb, 0, code)
        else:
            if wkb[0] != 1:
                raise ValueError("not plain little-endian 2-D WKB")
            end = 9
            for _ in range(int(_COUNT.unpack_from(wkb, 5)[0])):
                end = _skip_simple(wkb, end, part)
    except (struct.error, IndexError):
        raise ValueError("the geometry is cut off") from None
    if end != len(wkb):
        raise ValueError("the geometry is longer or shorter than it says")
    return code


def encode(wkbs: Sequence[bytes | None], kinds: Sequence[GeometryKind]) -> tuple[list[bytes | None], NDArray[np.float64]]:
    """WKB in EPSG:4326 → blobs, with their (n, 4) bounds west, south, east, north in degrees (NaN where None).

    Raises BadGeometry for other kinds than `kinds`, Z or M, nesting, emptiness, coordinates that are not finite or off the globe.
    """
    allowed = {_CODES[k] for k in kinds}
    for i, wkb in enumerate(wkbs):
        if wkb is None:
            continue
        if not isinstance(wkb, bytes):
            raise BadGeometry(i, "geometry is not WKB bytes")
        try:
            code = _walk(wkb)
        except ValueError as error:
            raise BadGeometry(i, str(error)) from None
        if code not in allowed:
            raise BadGeometry(i, f"the layer takes {', '.join(kinds)} only")
    try:
        with np.errstate(invalid="ignore"):
            shapes = shapely.from_wkb(np.array(wkbs, dtype=object))
    except shapely.errors.GEOSException:
        raise _first_unreadable(wkbs) from None
    _require_on_globe(shapes)
    bounds = shapely.bounds(shapes)
    lows_highs = bounds[:, [0, 2, 1, 3]].tolist()
    pack = _HEAD.pack
    blobs = [
        None if wkb is None else pack(b"GP", 0, _FLAGS_XY, 4326, *envelope) + wkb for wkb, envelope in zip(wkbs, lows_highs, strict=True)
    ]
    return blobs, bounds


def _first_unreadable(wkbs: Sequence[bytes | None]) -> BadGeometry:
    readable = shapely.from_wkb(np.array(wkbs, dtype=object), on_invalid="ignore")
    index = next((i for i, (wkb, shape) in enumerate(zip(wkbs, readable, strict=True)) if wkb is not None and shape is None), 0)
    return BadGeometry(index, "the geometry is not well formed (a ring needs four points and must close)")


def _require_on_globe(shapes: NDArray[np.object_]) -> None:
    """Raises BadGeometry for the first shape that is empty or has a coordinate outside ±180, ±90 degrees or not finite."""
    empty = np.flatnonzero(shapely.is_empty(shapes))
    if empty.size:
        raise BadGeometry(int(empty[0]), "the geometry is empty")
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    inside = (np.abs(xy[:, 0]) <= 180.0) & (np.abs(xy[:, 1]) <= 90.0)
    if not inside.all():
        raise BadGeometry(int(owner[int(np.argmin(inside))]), "a coordinate is not a finite longitude and latitude in degrees")


def wkb_of(blob: bytes | None) -> bytes | None:
    """The WKB in a blob that this store wrote."""
    return None if blob is None else blob[HEADER:]


def envelope_of(blob: bytes) -> tuple[float, float, float, float]:
    """minx, maxx, miny, maxy in degrees of a blob that this store wrote."""
    minx, maxx, miny, maxy = _ENVELOPE.unpack_from(blob, 8)
    return minx, maxx, miny, maxy


def _bound(offset: int) -> Callable[[bytes | None], float | None]:
    unpack = struct.Struct("<d").unpack_from

    def value(blob: bytes | None) -> float | None:
        if blob is None:
            return None
        number: float = unpack(blob, offset)[0]
        return number

    return value


def _is_empty(blob: bytes | None) -> int | None:
    return None if blob is None else int(bool(blob[3] & _FLAG_EMPTY))


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the five functions without which the R-tree triggers of a GeoPackage cannot run."""
    connection.create_function("ST_IsEmpty", 1, _is_empty, deterministic=True)
    for name, offset in (("ST_MinX", 8), ("ST_MaxX", 16), ("ST_MinY", 24), ("ST_MaxY", 32)):
        connection.create_function(name, 1, _bound(offset), deterministic=True)
