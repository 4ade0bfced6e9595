"""What is read from the store: its figures, layers whole or as what changed, single features, imports and quarantine."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson
import sqlalchemy as sa

from geo.schema import Layer
from geo.store.contract import Columns, Delta, ImportRecord, Kind, Quarantined, Row, StoredImport, StoreInfo
from geo.store.tables import Tables
from geo.store.values import restored_column
from geo.store.writing import chunked

FETCH = 20_000
"""Rows taken from the driver at a time."""
LARGEST_DELTA = 5_000
"""Beyond so many changed features a layer is given whole."""
IDS_AT_ONCE = 500


def info(driver: sqlite3.Connection) -> StoreInfo:
    meta = dict(driver.execute("SELECT key, value FROM yuantu_meta").fetchall())
    counts = {
        layer: (features, unplaced) for layer, features, unplaced in driver.execute("SELECT layer, features, unplaced FROM yuantu_layer")
    }
    return StoreInfo(cast(Kind, meta["kind"]), revision(driver), counts, meta["metric_crs"], meta["created_at"], meta["head"])


def revision(driver: sqlite3.Connection) -> int:
    return int(driver.execute("SELECT coalesce(max(revision), 0) FROM yuantu_revision").fetchone()[0])


def layer_revision(driver: sqlite3.Connection, layer: str) -> int:
    """The last revision that changed a layer; 0 = none did."""
    return int(driver.execute("SELECT coalesce(max(revision), 0) FROM yuantu_history WHERE layer = ?", (layer,)).fetchone()[0])


def whole(driver: sqlite3.Connection, tables: Tables, layer: str) -> Columns:
    """A layer by column, ordered by id.

    SQLite gathers a column's values as one JSON array, which takes a quarter of the time of fetching them one by one. Doubles would lose
    their last digits in JSON; they and the geometries are fetched.
    """
    fields = tables.layers[layer].all_fields
    gathered = [f.name for f in fields if f.type != "number"]
    numbers = [f.name for f in fields if f.type == "number"]
    filled, columns = _gathered(driver, tables.gathered_sql(layer, gathered, numbers), len(numbers), len(gathered) + 1)
    ids = columns.pop(0)
    wanted = [n for n, any_value in zip(numbers, filled, strict=True) if any_value]
    fetched = _fetched(driver, tables.fetched_sql(layer, wanted), len(wanted) + 1)
    geometry = fetched.pop()
    found: dict[str, Sequence[Any]] = dict(zip(gathered, columns, strict=True))
    found |= {n: [None] * len(ids) for n in numbers} | dict(zip(wanted, fetched, strict=True))
    return Columns(ids, {f.name: restored_column(f, found[f.name]) for f in fields}, geometry)


def _gathered(driver: sqlite3.Connection, statement: str, counts: int, arrays: int) -> tuple[list[int], list[list[Any]]]:
    """Counts summed and columns joined, a range of ids at a time; ranges get smaller when a text would exceed what SQLite can hold."""
    counted = [0] * counts
    columns: list[list[Any]] = [[] for _ in range(arrays)]
    after, step = 0, FETCH
    while True:
        try:
            last, *found = driver.execute(statement, (after, step)).fetchone()
        except sqlite3.DataError:
            if step == 1:
                raise
            step = max(step // 8, 1)
            continue
        if last is None:
            return counted, columns
        counted = [a + b for a, b in zip(counted, found[:counts], strict=True)]
        for column, text in zip(columns, found[counts:], strict=True):
            column += orjson.loads(text)
        after = last


def _fetched(driver: sqlite3.Connection, statement: str, count: int) -> list[list[Any]]:
    columns: list[list[Any]] = [[] for _ in range(count)]
    cursor = driver.execute(statement)
    while rows := cursor.fetchmany(FETCH):
        for column, part in zip(columns, zip(*rows, strict=True), strict=True):
            column += part
    return columns


def rows(driver: sqlite3.Connection, tables: Tables, layer: str, ids: Sequence[int]) -> list[Row]:
    """Those of `ids` that exist, ordered by id."""
    found: list[Row] = []
    for chunk in chunked(sorted(ids), IDS_AT_ONCE):
        stored = driver.execute(tables.some_sql(layer, len(chunk)), chunk).fetchall()
        found += _rows(tables.layers[layer], stored)
    return found


def _rows(layer: Layer, stored: Sequence[tuple[Any, ...]]) -> list[Row]:
    if not stored:
        return []
    ids, *columns, geometry = zip(*stored, strict=True)
    names = [f.name for f in layer.all_fields]
    restored = [restored_column(f, c) for f, c in zip(layer.all_fields, columns, strict=True)]
    by_row = zip(*restored, strict=True)
    return [Row(id, dict(zip(names, values, strict=True)), wkb) for id, values, wkb in zip(ids, by_row, geometry, strict=True)]


def delta(driver: sqlite3.Connection, tables: Tables, layer: str, since: int) -> Delta | None:
    """What became of a layer after revision `since`; None when that is better read whole."""
    changed = driver.execute(
        "SELECT DISTINCT feature FROM yuantu_history WHERE layer = ? AND revision > ? LIMIT ?", (layer, since, LARGEST_DELTA + 1)
    ).fetchall()
    ids = [id for (id,) in changed]
    if len(ids) > LARGEST_DELTA or 0 in ids:
        return None
    present = rows(driver, tables, layer, ids)
    return Delta(present, sorted(set(ids) - {row.id for row in present}))


def _record(text: str) -> ImportRecord:
    stored: Mapping[str, Any] = orjson.loads(text)
    return ImportRecord(stored["file_name"], stored["sha256"], stored["mode"], stored["account"], stored["details"])


def imports(connection: sa.Connection, tables: Tables, id: int | None = None) -> list[StoredImport]:
    """All imports, oldest first, or the one with `id`."""
    imported, made, undone = tables["yuantu_import"], tables["yuantu_revision"], tables["yuantu_revision"].alias("undone")
    query = (
        sa.select(
            imported.c.id,
            imported.c.revision,
            imported.c.record,
            made.c.at,
            made.c.actor,
            sa.func.max(undone.c.revision).label("undone_by"),
        )
        .join(made, made.c.revision == imported.c.revision)
        .outerjoin(undone, undone.c.undoes == imported.c.revision)
        .group_by(imported.c.id)
        .order_by(imported.c.id)
    )
    if id is not None:
        query = query.where(imported.c.id == id)
    return [StoredImport(row.id, row.at, row.actor, row.revision, _record(row.record), row.undone_by) for row in connection.execute(query)]


def quarantine(connection: sa.Connection, tables: Tables, import_id: int) -> list[Quarantined]:
    kept = tables["yuantu_quarantine"]
    query = sa.select(kept).where(kept.c.import_id == import_id).order_by(kept.c.position)
    return [
        Quarantined(
            row.layer, row.dataset, row.number, row.reason, row.sentence_zh, row.sentence_en, orjson.loads(row.raw), row.geometry_wkt
        )
        for row in connection.execute(query)
    ]  # fmt: skip
