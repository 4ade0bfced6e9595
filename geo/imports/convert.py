"""Raw rows of one dataset → field values, the columns that no field took, and what had to be changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson

from geo.formats.contract import RawValue
from geo.imports.headings import SERIAL, Match, is_weak
from geo.imports.records import Record
from geo.schema import COMMON, SYSTEM, Layer
from geo.values import Column, Parsed, reader
from geo.values.parsed import DateOrder
from geo.values.text import key


@dataclass(slots=True)
class Converter:
    """Reads the rows of one dataset for one layer; each distinct cell of a column is parsed once. `columns`: all that rows may have, where they are few."""

    layer: Layer
    matches: Mapping[str, Match]
    orders: Mapping[str, DateOrder | None]
    osm: bool = False
    ignored: frozenset[str] = frozenset()
    columns: Sequence[str] | None = None
    _readers: list[tuple[str, str, Callable[[Any], Parsed]]] = field(init=False)
    _used: frozenset[str] = field(init=False)
    _weak: str | None = field(init=False)
    _rest: list[str] | None = field(init=False)
    _extra: str | None = field(init=False)

    def __post_init__(self) -> None:
        code = self.matches.get("code")
        self._weak = code.column if code is not None and is_weak(code.column) and not self.osm else None
        taken = list(self.matches.values())
        self._readers = []
        for match in taken:
            declared = self.layer.field(match.field)
            assert declared is not None, match.field
            column = Column(factor=match.factor, order=self.orders.get(match.column), osm=self.osm)
            self._readers.append((match.field, match.column, reader(declared, column)))
        self._used = frozenset(m.column for m in taken if m.column != self._weak) | self.ignored
        self._rest = None if self.columns is None else [c for c in self.columns if c not in self._used]
        self._extra = own_extra(self.columns or ())

    def convert(self, number: int, row: Mapping[str, RawValue], geometry: bytes | None) -> Record:
        used = self._used
        values: dict[str, Any] = {}
        if self._rest is None:
            extra: dict[str, Any] = {k: v for k, v in row.items() if v is not None and v != "" and k not in used}
        else:
            extra = {k: v for k in self._rest if (v := row.get(k)) is not None and v != ""}
            if self._extra is not None:
                extra = {**other_columns(row.get(self._extra)), **extra}
        record = Record(number, values, extra, geometry, b"")
        follows: dict[str, Any] | None = None
        for name, column, read in self._readers:
            raw = row.get(column)
            if raw is None:
                continue
            parsed = read(raw)
            if parsed.value is not None:
                values[name] = parsed.value
            if parsed.note is not None:
                record.repairs.append(parsed.note)
                record.marks.append((parsed.note, column))
                extra[column] = raw
                if parsed.problem is not None:
                    record.problems.append((parsed.note, column, parsed.problem))
            if parsed.extra:
                follows = {**(follows or {}), **parsed.extra}
        if follows:
            for name, value in follows.items():
                values.setdefault(name, value)
        record.weak_code = self._weak is not None and "code" in values
        return record

    def some(self, row: Mapping[str, RawValue], names: Sequence[str]) -> dict[str, Any]:
        """The values of a few fields only."""
        return {name: read(row.get(column)).value for name, column, read in self._readers if name in names}


def digest(row: Mapping[str, RawValue], geometry: bytes | None, serial: frozenset[str] = frozenset()) -> bytes:
    """What a record says, as 16 bytes: equal for exact doubles of one file and for the same file read again. `serial`: columns that number the lines."""
    said = {k: v for k, v in row.items() if k not in serial} if serial else row
    return blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS) + b"\0" + (geometry or b""), digest_size=16).digest()


def serial_columns(columns: Iterable[str]) -> frozenset[str]:
    """Columns that only number the lines: two records that differ in them alone are doubles."""
    return frozenset(c for c in columns if key(c) in SERIAL)


_STAMPS = ("version", "updated_at", "updated_by")
_PLACES = frozenset(map(key, ("lon", "lat", "wkt", "经度", "纬度", "longitude", "latitude", "几何 WKT", "geometry WKT")))
_DEMO = frozenset(map(key, ("demo", "示例")))
_IDS = frozenset(map(key, ("id", "序号")))
_CODES = frozenset(map(key, (COMMON[0].name, COMMON[0].label.zh, COMMON[0].label.en)))
_SYSTEM = {f.name: frozenset(map(key, (f.name, f.label.zh, f.label.en))) for f in SYSTEM}
"""What the columns that the store keeps itself are called in our own exports, by name or by label."""


def _own(columns: Iterable[str]) -> dict[str, str]:
    """System field → its column in a file that we wrote; empty for other files."""
    keys = {key(c): c for c in columns}
    found = {name: keys[form] for name, forms in _SYSTEM.items() for form in forms if form in keys}
    return found if all(name in found for name in _STAMPS) else {}


def own_extra(columns: Iterable[str]) -> str | None:
    """The column of a file that we wrote which holds the other columns of each record, as a JSON object."""
    return _own(columns).get("extra")


def other_columns(cell: Any) -> dict[str, Any]:
    """What stands in that column; nothing when it is no JSON object."""
    if not isinstance(cell, str) or cell[:1] != "{":
        return {}
    try:
        found = orjson.loads(cell)
    except orjson.JSONDecodeError:
        return {}
    return {k: v for k, v in found.items() if v is not None} if isinstance(found, dict) else {}


def ignored_columns(columns: Sequence[str], matches: Mapping[str, Match], quarantine: frozenset[str]) -> frozenset[str]:
    """Columns that go nowhere: those of our own exports that the store keeps itself or that say the place, and those that a quarantine file adds."""
    keys = {key(c): c for c in columns}
    out = {column for form, column in keys.items() if form in quarantine}
    own = _own(columns)
    if own:
        known = {match.column for match in matches.values() if match.field != "code"}
        forms = _PLACES | _DEMO | (_IDS if _CODES & keys.keys() else frozenset())
        out |= {*own.values(), *(column for form, column in keys.items() if form in forms and column not in known)}
    return frozenset(out)
