"""Making a new store, and bringing an existing one to the present declarations; anything it cannot do safely it refuses with a sentence."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pyproj
import sqlalchemy as sa

from geo.errors import Conflict, StoreDamaged, Text
from geo.schema import Field, Layer
from geo.store.backup import being_restored, write_copy
from geo.store.connection import NO_ACCESS, Connections, raw
from geo.store.documents import META as DOCUMENT_META
from geo.store.history import START
from geo.store.seal import seal_meta
from geo.store.tables import APPLICATION_ID, GEOMETRY, SCHEMA, USER_VERSION, Tables, column_type, geometry_type, quoted

_RTREE = ("gpkg_rtree_index", "http://www.geopackage.org/spec120/#extension_rtree", "write-only")
_OWN = ("yuantu_store", "versions, history and imports kept by Yuantu: write through its service only", "write-only")
"""Said of the whole file, so that GDAL and QGIS warn who opens it for writing, and of each yuantu_ table."""
_PLAIN_TABLES = ("gdal_aspatial", "http://gdal.org/geopackage_aspatial.html", "read-write")
"""Keeps GDAL and QGIS from showing the yuantu_ tables as layers."""
_NETWORK = frozenset(
    "nfs nfs4 cifs smb3 smbfs ncpfs afs ceph glusterfs lustre 9p davfs fuse.sshfs fuse.glusterfs fuse.davfs2 fuse.rclone".split()
)
_MOUNTS = Path("/proc/self/mountinfo")
_RESERVED = ("gpkg_", "rtree_", "sqlite_", "yuantu_")


def prepare(connections: Connections, tables: Tables, *, backup_first: bool = True) -> None:
    """Make or check the file behind `connections`; an older one is upgraded, after a backup unless told otherwise.

    Raises StoreDamaged for a file that is no store of ours, Conflict for one whose layout the declarations contradict or on a network drive.
    """
    path = connections.path
    for layer in tables.layers:
        if layer.startswith(_RESERVED):
            raise ValueError(f"layer id {layer!r} starts like a system table")
    _refuse_network(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreDamaged(NO_ACCESS) from error
    with connections.reading() as connection:
        for left in being_restored(path):  # who has the store open shares it: whoever prepared this was killed
            with suppress(PermissionError):  # Windows: it is under way
                left.unlink(missing_ok=True)
        fresh, older = _is_fresh(connection), False
        if not fresh:
            _require_ours(connection)
            older = bool(_additions(connection, tables) or _new_own(connection, tables))
    if fresh:
        _create(connections, tables)
    elif older:
        _upgrade(connections, tables, backup_first=backup_first)


def _refuse_network(path: Path) -> None:
    """SQLite's locks do not hold on network drives; where Linux says what is mounted, such a place is refused."""
    if not sys.platform.startswith("linux") or not _MOUNTS.exists():
        return
    kind, longest = "", -1
    target = os.path.realpath(path.parent)
    for line in _MOUNTS.read_text(errors="replace").splitlines():
        left, _, right = line.partition(" - ")
        mount = left.split()[4].replace("\\040", " ")
        inside = target == mount or target.startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= longest:
            kind, longest = right.split()[0], len(mount)
    if kind in _NETWORK:
        raise Conflict(
            Text(
                f"数据文件不能放在网络盘（{kind}）上：请用 YUANTU_STORE 指定本机目录",
                f"the store cannot live on a network drive ({kind}): name a local folder with YUANTU_STORE",
            )
        )


def _names(connection: sa.Connection) -> set[str]:
    return {name for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _is_fresh(connection: sa.Connection) -> bool:
    return not _names(connection)


def _require_ours(connection: sa.Connection) -> None:
    application = connection.exec_driver_sql("PRAGMA application_id").scalar()
    names = _names(connection)
    if application != APPLICATION_ID or "yuantu_meta" not in names:
        raise StoreDamaged(
            Text(
                "该文件不是院图的数据文件：若是别的程序的数据，请用 flask import 导入",
                "this file is not a store of this service: if it holds data of another program, import it with flask import",
            )
        )
    schema = connection.exec_driver_sql("SELECT value FROM yuantu_meta WHERE key = 'schema'").scalar()
    if schema != SCHEMA:
        raise Conflict(
            Text(
                f"数据文件的格式为第 {schema} 号，本程序只认第 {SCHEMA} 号：请用写它的版本打开",
                f"the store has layout {schema}, this program knows {SCHEMA}: open it with the version that wrote it",
            )
        )


def _additions(connection: sa.Connection, tables: Tables) -> list[tuple[Layer, Field | None]]:
    """What the declarations have and the store has not: (layer, None) = a whole layer. Raises Conflict for any other difference."""
    stored = {name for (name,) in connection.exec_driver_sql("SELECT table_name FROM gpkg_contents")}
    gone = sorted(stored - set(tables.layers))
    if gone:
        raise _refused(
            f"图层 {', '.join(gone)} 在数据文件中有、在程序中没有", f"the store has layers that the program has not: {', '.join(gone)}"
        )
    found: list[tuple[Layer, Field | None]] = []
    for name, layer in tables.layers.items():
        if name not in stored:
            found.append((layer, None))
        else:
            found += [(layer, field) for field in _new_fields(connection, layer)]
    return found


def _new_own(connection: sa.Connection, tables: Tables) -> list[str]:
    """The service's own tables that a store of before them has not."""
    return sorted(name for name in tables.metadata.tables.keys() - _names(connection) if name.startswith("yuantu_"))


def _new_fields(connection: sa.Connection, layer: Layer) -> list[Field]:
    columns = {row[1]: row[2] for row in connection.exec_driver_sql(f"PRAGMA table_info({quoted(layer.id)})")}
    wanted = {"id": "INTEGER", GEOMETRY: geometry_type(layer)} | {f.name: column_type(f) for f in layer.all_fields}
    gone = sorted(columns.keys() - wanted.keys())
    if gone:
        raise _refused(
            f"{layer.id} 的列 {', '.join(gone)} 在程序中已没有", f"layer {layer.id} has columns that the program has not: {', '.join(gone)}"
        )
    other = sorted(n for n in columns if columns[n] != wanted[n])
    if other:
        listed = ", ".join(f"{n} ({columns[n]} → {wanted[n]})" for n in other)
        raise _refused(f"{layer.id} 的列类型变了：{listed}", f"columns of layer {layer.id} have changed their type: {listed}")
    return [f for f in layer.all_fields if f.name not in columns]


def _refused(zh: str, en: str) -> Conflict:
    return Conflict(
        Text(f"数据文件与程序的图层声明不符：{zh}；未作任何更改", f"the store does not fit the program's layers: {en}; nothing was changed")
    )


def _utc_now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _create(connections: Connections, tables: Tables) -> None:
    """All tables in one transaction; another process that was quicker is left alone."""
    with connections.writing() as connection:
        if not _is_fresh(connection):
            _require_ours(connection)
            return
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {USER_VERSION}")
        for statement in tables.create():
            connection.exec_driver_sql(statement)
        connection.execute(tables["gpkg_spatial_ref_sys"].insert(), _reference_systems())
        for layer in tables.layers.values():
            _register(connection, tables, layer)
        own = [None, *(t for t in tables.metadata.tables if t.startswith("yuantu_"))]
        extensions = [_extension(None, None, _PLAIN_TABLES), *(_extension(t, None, _OWN) for t in own)]
        connection.execute(tables["gpkg_extensions"].insert(), extensions)
        meta: Mapping[str, str | None] = {
            "schema": SCHEMA, "kind": "empty", "metric_crs": None, "created_at": _utc_now(), "seq": "0", "head": START.hex(), **DOCUMENT_META,
        }  # fmt: skip
        connection.execute(tables["yuantu_meta"].insert(), [{"key": k, "value": v} for k, v in meta.items()])
        seal_meta(raw(connection))


def _reference_systems() -> list[dict[str, object]]:
    """The three rows that every GeoPackage has."""
    wgs84 = pyproj.CRS.from_epsg(4326).to_wkt(pyproj.enums.WktVersion.WKT1_GDAL)
    rows = [
        ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
        ("Undefined geographic SRS", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
        ("WGS 84 geodetic", 4326, "EPSG", 4326, wgs84, "longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid"),
    ]
    names = ("srs_name", "srs_id", "organization", "organization_coordsys_id", "definition", "description")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _extension(table: str | None, column: str | None, extension: tuple[str, str, str]) -> dict[str, str | None]:
    name, definition, scope = extension
    return {"table_name": table, "column_name": column, "extension_name": name, "definition": definition, "scope": scope}


def _register(connection: sa.Connection, tables: Tables, layer: Layer) -> None:
    """The rows that make a table a layer to every GeoPackage reader."""
    contents = {"table_name": layer.id, "data_type": "features", "identifier": layer.id, "description": layer.label.zh, "srs_id": 4326}
    connection.execute(tables["gpkg_contents"].insert(), [contents])
    geometry = {"table_name": layer.id, "column_name": GEOMETRY, "geometry_type_name": geometry_type(layer), "srs_id": 4326, "z": 0, "m": 0}
    connection.execute(tables["gpkg_geometry_columns"].insert(), [geometry])
    connection.execute(tables["gpkg_extensions"].insert(), [_extension(layer.id, GEOMETRY, _RTREE)])
    connection.execute(tables["gpkg_ogr_contents"].insert(), [{"table_name": layer.id, "feature_count": 0}])
    connection.execute(tables["yuantu_layer"].insert(), [{"layer": layer.id, "features": 0, "unplaced": 0}])


def _upgrade(connections: Connections, tables: Tables, *, backup_first: bool) -> None:
    """Add new layers, columns and tables in one transaction, after a backup beside the store."""
    path = connections.path
    stamp = _utc_now().replace(":", "").replace("-", "")
    if backup_first:
        with connections.plain() as driver:
            write_copy(driver, path.with_name(f"{path.stem}-before-upgrade-{stamp}-{os.getpid()}{path.suffix}"))
    with connections.writing() as connection:
        for name in _new_own(connection, tables):
            _add_own(connection, tables, name)
        for layer, field in _additions(connection, tables):
            if field is not None:
                connection.exec_driver_sql(tables.add_column(layer.id, field))
                continue
            for statement in tables.create_layer(layer):
                connection.exec_driver_sql(statement)
            _register(connection, tables, layer)


def _add_own(connection: sa.Connection, tables: Tables, name: str) -> None:
    """One of the service's own tables, with what is kept about it."""
    for statement in tables.create_own(name):
        connection.exec_driver_sql(statement)
    connection.execute(tables["gpkg_extensions"].insert(), [_extension(name, None, _OWN)])
    if name == "yuantu_document":
        connection.execute(tables["yuantu_meta"].insert(), [{"key": k, "value": v} for k, v in DOCUMENT_META.items()])
        seal_meta(raw(connection))
