"""Arrow columns turned into plain values and shapes, the same for whatever library gives them."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import orjson
import shapely

from geo.formats.contract import RawValue
from geo.formats.problems import Problem, problem
from geo.geometry import Geometries, array_of, wkb_is_shallow

GEOMETRY_EXTENSIONS = (b"geoarrow.wkb", b"ogc.wkb")


def library() -> Any:
    """pyarrow with one thread and the system's allocator: its own would take more address space than the child has."""
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    os.environ["ARROW_IO_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    import pyarrow

    return pyarrow


def plain(column: Any) -> list[RawValue]:
    """The values of an Arrow array: text, numbers, booleans, dates in ISO 8601; lists and structures as JSON text, binary data as nothing."""
    pa = library()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type
    if pa.types.is_dictionary(kind):
        return plain(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        return _moments(column)
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or _is_text(kind):
        return list(column.to_pylist())
    if pa.types.is_floating(kind):
        return [_number(v) for v in column.to_pylist()]
    if pa.types.is_null(kind) or _is_binary(kind):
        return [None] * len(column)
    convert = _NAMED.get(_name(kind), _json)
    return [None if v is None else convert(v) for v in column.to_pylist()]


def _is_text(kind: Any) -> bool:
    return str(kind) in ("string", "large_string", "string_view")


def _is_binary(kind: Any) -> bool:
    return str(kind).startswith(("binary", "large_binary", "fixed_size_binary"))


def _name(kind: Any) -> str:
    """ "decimal128(10, 2)" → "decimal", "date32[day]" → "date"."""
    return str(kind).partition("[")[0].partition("(")[0].rstrip("0123456789")


def _number(value: float | None) -> RawValue:
    """NaN is how many programs write nothing; infinity is no number and stays text, so that it is seen."""
    if value is None or math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


def _moments(column: Any) -> list[RawValue]:
    """Dates and times to the microsecond, midnight left out, as tables have them; with a zone in UTC and saying so."""
    pa = library()
    zone = column.type.tz
    micro = column.cast(pa.timestamp("us"), safe=False) if zone is None else column.cast(pa.int64())
    if zone is None:
        return [None if v is None else _moment(v) for v in micro.to_pylist()]
    parts = {"s": 1_000_000, "ms": 1000, "us": 1, "ns": 0}[column.type.unit]
    start = dt.datetime(1970, 1, 1)
    out: list[RawValue] = []
    for v in micro.to_pylist():
        try:
            out.append(None if v is None else f"{start + dt.timedelta(microseconds=v * parts if parts else v // 1000)}+00:00")
        except OverflowError:
            out.append(str(v))
    return out


def _moment(value: Any) -> str:
    return str(value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" "))


def _decimal(value: Any) -> RawValue:
    """A float where it holds all digits, else the digits as text."""
    if value == value.to_integral_value() and abs(value) < 2**53:
        return int(value)
    return float(value) if len(value.as_tuple().digits) <= 15 else str(value)


def _json(value: Any) -> RawValue:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


_NAMED: dict[str, Callable[[Any], RawValue]] = {
    "date": lambda v: str(v),
    "time": lambda v: str(v),
    "duration": lambda v: str(v),
    "decimal": _decimal,
}


# --- shapes


def shapes(blobs: Sequence[bytes | None]) -> tuple[Geometries, dict[int, Problem]]:
    """Foreign WKB as geometries; what nests too deeply, is damaged or of a kind that is not read becomes a problem at its position."""
    problems: dict[int, Problem] = {}
    safe: list[bytes | None] = []
    for i, blob in enumerate(blobs):
        good = blob is None or wkb_is_shallow(blob)
        if not good:
            problems[i] = problem("geometry-type" if is_curve(blob) else "damaged-record", "几何", "its geometry")
        safe.append(blob if good else None)
    with np.errstate(invalid="ignore"):
        out = shapely.from_wkb(array_of(safe), on_invalid="ignore")
    for i in np.flatnonzero(shapely.is_missing(out)).tolist():
        if safe[i] is not None:
            problems[i] = problem("damaged-record", "几何", "its geometry")
    return array_of(out.tolist()), problems


def is_curve(blob: bytes | None) -> bool:
    """Whether WKB begins as a type of the standard that is none of the simple ones: curves, surfaces, solids."""
    if not blob or len(blob) < 5 or blob[0] > 1:
        return False
    kind = int.from_bytes(blob[1:5], "little" if blob[0] else "big")
    return 7 < (kind & 0x1FFFFFFF) % 1000 <= 17


def geometry_column(schema: Any) -> int | None:
    """The column of a GDAL stream that holds the shapes: the last one that says so."""
    marked = [i for i, f in enumerate(schema) if (f.metadata or {}).get(b"ARROW:extension:name") in GEOMETRY_EXTENSIONS]
    named = [i for i, f in enumerate(schema) if str(f.type).startswith("extension<geoarrow.wkb")]
    found = marked or named
    return found[-1] if found else None
