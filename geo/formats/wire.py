"""What the frames of the child hold, put together there and taken apart here: the service believes nothing before it is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import chain
from typing import Any, BinaryIO, get_args

import numpy as np
import orjson

from geo.formats.contract import Candidate, Chunk, DatasetHeader, DatasetInfo, Local, ProblemCode
from geo.formats.pipe import BadFrame, json_object, receive, send
from geo.geometry import BadWkb, check_wkb

MAX_CHUNK = 20_000
MAX_SHAPE = 20_000
"""Characters of a geometry that goes with the raw values of a record with a problem."""
_PLAIN = frozenset((str, int, float, bool, type(None)))
_CODES = frozenset(get_args(ProblemCode))


# --- chunks


@dataclass(slots=True)
class Columns:
    """A chunk on its way out of the child: values by column, geometry as WKB (None = no place), problems, repairs and unusable shapes by position."""

    values: Sequence[Sequence[Any]]
    geometry: Sequence[bytes | None]
    problems: Mapping[int, tuple[str, str, str]]
    repairs: Mapping[int, Sequence[str]]
    shapes: Mapping[int, str] = field(default_factory=dict)


def encode_chunk(chunk: Columns) -> tuple[bytes, bytes, bytes, bytes]:
    """The parts of a C frame's payload: length of the JSON, JSON, lengths of the WKBs, WKBs one after the other."""
    meta = {
        "n": len(chunk.geometry),
        "values": chunk.values,
        "problems": {str(k): v for k, v in chunk.problems.items()},
        "repairs": {str(k): v for k, v in chunk.repairs.items()},
        "shapes": {str(k): [v] for k, v in chunk.shapes.items()},
    }
    text = orjson.dumps(meta)
    lengths = np.fromiter((0 if g is None else len(g) for g in chunk.geometry), dtype="<u4", count=len(chunk.geometry))
    return len(text).to_bytes(4, "little"), text, lengths.tobytes(), b"".join(g for g in chunk.geometry if g is not None)


def decode_chunk(payload: bytes, header: DatasetHeader, first: int, *, text_limit: int) -> Chunk:
    """The checked chunk; `first` is the number of its first record. Raises BadFrame when anything is not as the contract says."""
    size = int.from_bytes(payload[:4], "little")
    meta = json_object(payload[4 : 4 + size])
    n = meta.get("n")
    if not isinstance(n, int) or not 0 <= n <= MAX_CHUNK:
        raise BadFrame("chunk size")
    geometry = _geometry(payload, 4 + size, n)
    problems, repairs = _problems(meta.get("problems"), n), _repairs(meta.get("repairs"), n)
    rows = _rows(meta.get("values"), header.columns, n, text_limit)
    _add_shapes(rows, meta.get("shapes", {}), problems)
    return Chunk(range(first, first + n), rows, geometry, problems, repairs)


def _add_shapes(rows: list[dict[str, Any]], found: Any, problems: Sequence[Any]) -> None:
    """The WKT of records with a problem goes into their raw values, under "geometry_wkt" unless the file has such a column itself."""
    for position, entry in _by_position(found, len(rows)):
        if len(entry) != 1 or not isinstance(entry[0], str) or len(entry[0]) > MAX_SHAPE or problems[position] is None:
            raise BadFrame("a shape")
        rows[position].setdefault("geometry_wkt", entry[0])


def _rows(columns: Any, names: Sequence[str], n: int, text_limit: int) -> list[dict[str, Any]]:
    if not isinstance(columns, list) or len(columns) != len(names) or any(not isinstance(c, list) or len(c) != n for c in columns):
        raise BadFrame("columns")
    for column in columns:
        kinds = set(map(type, column))
        if not kinds <= _PLAIN:
            raise BadFrame("a value that is not plain")
        if str in kinds and max(len(v) for v in column if type(v) is str) > text_limit:
            raise BadFrame("a text longer than allowed")
    if not names:
        return [{} for _ in range(n)]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _geometry(payload: bytes, at: int, n: int) -> list[bytes | None]:
    lengths = np.frombuffer(payload[at : at + 4 * n], dtype="<u4")
    if len(lengths) != n or at + 4 * n + int(lengths.sum(dtype=np.uint64)) != len(payload):
        raise BadFrame("geometry lengths")
    out: list[bytes | None] = []
    at += 4 * n
    for length in lengths.tolist():
        out.append(payload[at : at + length] if length else None)
        at += length
    try:
        check_wkb(out)
    except BadWkb as error:
        raise BadFrame("geometry") from error
    return out


def _problems(found: Any, n: int) -> list[tuple[str, str, str] | None]:
    out: list[tuple[str, str, str] | None] = [None] * n
    for position, entry in _by_position(found, n):
        if len(entry) != 3 or not all(isinstance(t, str) and len(t) <= 2000 for t in entry) or entry[0] not in _CODES:
            raise BadFrame("a problem")
        out[position] = (entry[0], entry[1], entry[2])
    return out


def _repairs(found: Any, n: int) -> list[tuple[str, ...]]:
    out: list[tuple[str, ...]] = [()] * n
    for position, entry in _by_position(found, n):
        if not all(isinstance(t, str) and len(t) <= 60 for t in entry):
            raise BadFrame("a repair")
        out[position] = tuple(entry)
    return out


def _by_position(found: Any, n: int) -> list[tuple[int, list[Any]]]:
    if not isinstance(found, dict) or not all(k.isdecimal() and int(k) < n and isinstance(v, list) for k, v in found.items()):
        raise BadFrame("positions")
    return [(int(k), v) for k, v in found.items()]


# --- headers, inspected datasets, refusals


def encode_value(value: DatasetHeader | DatasetInfo) -> bytes:
    return orjson.dumps(asdict(value))


def decode_header(payload: bytes, *, columns: int, features: int) -> DatasetHeader:
    """The checked header of a dataset; `columns` and `features` are the most allowed."""
    value = json_object(payload)
    _only(value, DatasetHeader)
    header = DatasetHeader(**{**value, "columns": tuple(value["columns"]), "notes": _notes(value["notes"])})
    _names(header.columns, columns)
    texts = (header.name, header.driver, header.crs, header.encoding, header.layer_hint)
    if not all(t is None or isinstance(t, str) for t in texts) or not isinstance(header.has_places, bool):
        raise BadFrame("a header")
    if not isinstance(header.count, int) or not 0 <= header.count <= features:
        raise BadFrame("a count")
    return header


def decode_info(payload: bytes, *, columns: int, features: int) -> DatasetInfo:
    """The checked result of an inspection; deep parts (samples, candidates) are only shown, never computed with."""
    value = json_object(payload)
    _only(value, DatasetInfo)
    found = DatasetInfo(
        **{
            **value,
            "candidates": [_candidate(c) for c in value["candidates"]],
            "notes": _notes(value["notes"]),
            "local": None if value["local"] is None else _local(value["local"]),
        }
    )
    _names(found.columns, columns)
    samples = chain.from_iterable(row.values() for row in found.sample)
    if not isinstance(found.count, int) or not 0 <= found.count <= features or not set(map(type, samples)) <= _PLAIN:
        raise BadFrame("an inspection")
    return found


def _candidate(value: Any) -> Candidate:
    _only(value, Candidate)
    bounds = value["bounds"]
    if not isinstance(bounds, list) or len(bounds) != 4 or not all(isinstance(b, float | int) for b in bounds):
        raise BadFrame("bounds")
    return Candidate(**{**value, "bounds": tuple(bounds)})


def _local(value: Any) -> Local:
    _only(value, Local)
    unit, bounds = value["unit_m"], value["bounds"]
    if not isinstance(bounds, list) or len(bounds) != 4 or not all(isinstance(b, float | int) for b in (*bounds, unit or 0)):
        raise BadFrame("a drawing")
    return Local(**{**value, "bounds": tuple(bounds)})


def _only(value: Any, kind: type[Any]) -> None:
    if not isinstance(value, dict) or set(value) != {f.name for f in fields(kind)}:
        raise BadFrame(kind.__name__)


def _names(columns: Sequence[Any], limit: int) -> None:
    if len(columns) > limit or not all(isinstance(c, str) and len(c) <= 1000 for c in columns) or len(set(columns)) != len(columns):
        raise BadFrame("column names")


def _notes(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or not all(isinstance(n, list) and len(n) == 2 and all(isinstance(t, str) for t in n) for n in value):
        raise BadFrame("notes")
    return tuple((n[0], n[1]) for n in value)


# --- rows on their way to a writing child


def send_rows(out: BinaryIO, rows: Sequence[tuple[bytes | None, Sequence[Any]]]) -> None:
    """One R frame: the rows' values by column, then their WKBs."""
    send_columns(out, [r[0] for r in rows], [list(c) for c in zip(*(r[1] for r in rows), strict=True)])


def send_columns(out: BinaryIO, geometry: Sequence[bytes | None], columns: Sequence[Sequence[Any]]) -> None:
    """One R frame of values that stand in columns already."""
    send(out, b"R", *encode_chunk(Columns(columns, geometry, {}, {})))


def receive_rows(source: BinaryIO, width: int) -> tuple[list[bytes | None], list[list[Any]]] | None:
    """The next rows as (WKBs, columns), None at the end."""
    frame = receive(source)
    if frame is None:
        return None
    size = int.from_bytes(frame[1][:4], "little")
    meta = json_object(frame[1][4 : 4 + size])
    return _geometry(frame[1], 4 + size, meta["n"]), meta["values"] or [[] for _ in range(width)]
