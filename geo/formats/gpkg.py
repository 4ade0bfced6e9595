"""GeoPackages read through SQLite itself: opened read-only and immutable, its schema inspected before a row is read, views never run."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geo import crs
from geo.errors import HostileFile, Text, UnreadableFile, UnsupportedFormat
from geo.formats import arrow
from geo.formats.dataset import ROWS, Dataset, Raw
from geo.formats.limits import Limits
from geo.formats.problems import Problem, problem

_SECONDS = 2.0
"""How long the inspection of a schema may take."""

_TRIGGER = re.compile(r"(rtree_|gpkg_|trigger_(insert|delete)_feature_count_|fgti_|ogr_|yuantu_)", re.IGNORECASE)
_VIEWS = frozenset(("st_spatial_ref_sys", "spatial_ref_sys", "st_geometry_columns", "geometry_columns"))
"""Views that old writers of the format put in; they are never read."""

_ENVELOPES = (0, 32, 48, 48, 64)


def datasets(path: Path, limits: Limits) -> list[Dataset]:
    """One dataset a feature or attribute table. Raises UnreadableFile, UnsupportedFormat, HostileFile."""
    try:
        connection = _open(path)
        _inspect(connection)
        _check_pages(connection)
        return [_dataset(connection, *row) for row in _contents(connection)]
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise HostileFile(Text("数据库的检查花了太长时间", "inspecting the database took too long")) from None
        raise UnreadableFile(Text("GeoPackage 已损坏，无法读取", "the GeoPackage is damaged and cannot be read")) from error
    except sqlite3.DatabaseError as error:
        raise UnreadableFile(Text("GeoPackage 已损坏，无法读取", "the GeoPackage is damaged and cannot be read")) from error


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.text_factory = _text
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    return connection


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _inspect(connection: sqlite3.Connection) -> None:
    """Only tables, indexes, spatial indexes and the triggers of the format; each catalogue must be a real table."""
    _stop_after(connection, _SECONDS)
    kinds: dict[str, str] = {}
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        text = re.sub(r"\s+", " ", sql or "").strip().lower()
        if kind == "view" and name.lower() not in _VIEWS:
            raise HostileFile(Text("GeoPackage 里有视图，不予读取；请把它另存为表", "the GeoPackage holds views: save them as tables"))
        if kind == "trigger" and not _TRIGGER.match(name):
            raise HostileFile(Text("GeoPackage 里有不认识的触发器", "the GeoPackage holds foreign triggers"))
        if text.startswith("create virtual table") and " using rtree" not in text:
            raise HostileFile(Text("GeoPackage 里有不认识的虚拟表", "the GeoPackage holds foreign virtual tables"))
        if kind == "table":
            kinds[name.lower()] = "virtual" if text.startswith("create virtual") else "table"
    for name in ("gpkg_contents", "gpkg_spatial_ref_sys"):
        if kinds.get(name) != "table":
            raise UnsupportedFormat(Text("这是 SQLite 数据库，但不是 GeoPackage", "this is an SQLite database but not a GeoPackage"))
    for (name,) in connection.execute("SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"):
        if kinds.get(str(name).lower()) != "table":
            raise HostileFile(Text("GeoPackage 的目录指向不存在的表", "the catalogue of the GeoPackage names what is no table"))


def _stop_after(connection: sqlite3.Connection, seconds: float) -> None:
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)


def _check_pages(connection: sqlite3.Connection) -> None:
    _stop_after(connection, 20 * _SECONDS)
    found = connection.execute("PRAGMA quick_check(1)").fetchone()
    connection.set_progress_handler(None, 0)
    if found is None or found[0] != "ok":
        raise UnreadableFile(Text("GeoPackage 已损坏（完整性检查未通过）", "the GeoPackage is damaged (its integrity check fails)"))


def _contents(connection: sqlite3.Connection) -> list[tuple[str, str, str | None, Any]]:
    """(table, identifier, geometry column or None, srs id) of each table with records."""
    rows = connection.execute("SELECT table_name, identifier, data_type, srs_id FROM gpkg_contents ORDER BY rowid").fetchall()
    shapes: dict[str, tuple[str, Any]] = {}
    if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'gpkg_geometry_columns'").fetchone():
        for name, column, srs in connection.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"):
            shapes[name] = (column, srs)
    out: list[tuple[str, str, str | None, Any]] = []
    for name, identifier, kind, srs in rows:
        if kind == "features" and name in shapes:
            out.append((name, identifier or name, *shapes[name]))
        elif kind in ("features", "attributes"):
            out.append((name, identifier or name, None, srs))
    return out


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _dataset(connection: sqlite3.Connection, table: str, identifier: str, shape: str | None, srs: Any) -> Dataset:
    info = connection.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
    names = [str(r[1]) for r in info if r[1] != shape]
    booleans = {str(r[1]) for r in info if str(r[2]).upper() == "BOOLEAN"}
    count = int(connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()[0])
    columns = ", ".join(_quoted(n) for n in ([shape, *names] if shape else names)) or "NULL"
    out = Dataset(
        table,
        "GPKG",
        names,
        count,
        lambda: _chunks(connection, table, columns, names, booleans, shape is not None),
        has_places=shape is not None,
    )
    out.layer_hint = table if identifier == table else f"{table} {identifier}"
    if shape:
        _declare(out, connection, srs)
    return out


def _declare(out: Dataset, connection: sqlite3.Connection, srs: Any) -> None:
    row = connection.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", (srs,)
    ).fetchone()
    if row is None or srs in (0, -1):
        return
    organization, code, definition = row
    by_code = crs.declared(f"EPSG:{code}") if str(organization).upper() == "EPSG" else None
    out.source = by_code or crs.declared(str(definition or ""))
    if out.source is None:
        out.note(Text("表里写的坐标系无法识别", "the coordinate system that the table names cannot be understood"))
    elif out.source.warning:
        out.note(out.source.warning)


def _chunks(connection: sqlite3.Connection, table: str, columns: str, names: list[str], booleans: set[str], shaped: bool) -> Iterator[Raw]:
    try:
        cursor = connection.execute(f"SELECT {columns} FROM {_quoted(table)}")
        while rows := cursor.fetchmany(ROWS):
            values = list(zip(*rows, strict=True))
            blobs = values.pop(0) if shaped else None
            plain = [_plain(v, n in booleans) for n, v in zip(names, values, strict=False)]
            if blobs is None:
                yield Raw(plain, None, len(rows))
            else:
                geometry, problems = _geometry(blobs)
                yield Raw(plain, geometry, len(rows), problems)
    except sqlite3.DatabaseError as error:
        raise UnreadableFile(Text("GeoPackage 已损坏，无法读取", "the GeoPackage is damaged and cannot be read")) from error


def _plain(column: Any, boolean: bool) -> list[Any]:
    """Values of a column; binary data is no value of a record."""
    if boolean:
        return [bool(v) if v in (0, 1) else v for v in column]
    return [None if type(v) is bytes else v for v in column]


def _geometry(blobs: Any) -> tuple[Any, dict[int, Problem]]:
    """The shapes behind GeoPackage headers; what has no such header is a damaged record."""
    bare = [_wkb(blob) for blob in blobs]
    out, problems = arrow.shapes(bare)
    for i, blob in enumerate(blobs):
        if blob is not None and bare[i] is None:
            problems[i] = problem("damaged-record", "几何", "its geometry")
    return out, problems


def _wkb(blob: Any) -> bytes | None:
    """The WKB behind a GeoPackage header."""
    if type(blob) is not bytes or len(blob) < 8 or blob[:2] != b"GP":
        return None
    envelope = (blob[3] >> 1) & 7
    return blob[8 + _ENVELOPES[envelope] :] if envelope < len(_ENVELOPES) else None
