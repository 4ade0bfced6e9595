"""Whether a store is sound: the file, the R-trees, the counts, the chain, and every feature against its history."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import orjson
import sqlalchemy as sa

from geo.errors import StoreDamaged
from geo.schema import Layer
from geo.store import history
from geo.store.blob import BadGeometry, encode, envelope_of, wkb_of
from geo.store.connection import raw
from geo.store.tables import APPLICATION_ID, GEOMETRY, USER_VERSION, Tables, rtree
from geo.store.values import fillable
from geo.store.writing import chunked

MOST_SHOWN = 5
"""Features named in one sentence."""


def problems(reading: Callable[[], AbstractContextManager[sa.Connection]], tables: Tables) -> list[str]:
    """Sentences about everything that is wrong; empty when sound. Memory bounded.

    Each part reads one instant of its own, because a reader keeps writers from committing.
    """
    found: list[str] = []
    for part in (_file, *_PARTS):
        try:
            with reading() as connection:
                found += part(raw(connection), tables)
        except (ValueError, TypeError, sqlite3.DatabaseError, StoreDamaged) as error:
            found.append(f"What the check of {part.__name__.strip('_')} reads cannot be understood: {error}")
        if found and part is _file:
            return found
    return found


def _file(driver: sqlite3.Connection, tables: Tables) -> Iterator[str]:
    for (text,) in driver.execute("PRAGMA integrity_check(20)"):
        if text != "ok":
            yield f"The file is damaged: {text}"


def _marks(driver: sqlite3.Connection, tables: Tables) -> Iterator[str]:
    for pragma, wanted in (("application_id", APPLICATION_ID), ("user_version", USER_VERSION)):
        value = driver.execute(f"PRAGMA {pragma}").fetchone()[0]
        if value != wanted:
            yield f"The file's {pragma} is {value}, a GeoPackage 1.4 has {wanted}"
    broken = driver.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        yield f"{len(broken)} rows refer to rows that are not there"


def _triggers(driver: sqlite3.Connection, tables: Tables) -> Iterator[str]:
    stored = dict(driver.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    wanted = tables.triggers()
    for name in sorted(wanted.keys() - stored.keys()):
        yield f"The trigger {name} is missing"
    for name in sorted(stored.keys() - wanted.keys()):
        yield f"The trigger {name} does not belong to the store"
    for name in sorted(n for n in wanted if n in stored and stored[n] != wanted[n]):
        yield f"The trigger {name} was changed"


def _counts(driver: sqlite3.Connection, tables: Tables) -> Iterator[str]:
    for layer in tables.layers:
        real = driver.execute(f'SELECT count(*), coalesce(sum({GEOMETRY} IS NULL), 0) FROM "{layer}"').fetchone()
        kept = driver.execute("SELECT features, unplaced FROM yuantu_layer WHERE layer = ?", (layer,)).fetchone()
        if kept != real:
            yield f"Layer {layer} has {real[0]} features, {real[1]} of them unplaced; the store thinks {kept}"
        counted = driver.execute("SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", (layer,)).fetchone()
        if counted != real[:1]:
            yield f"Layer {layer} has {real[0]} features; gpkg_ogr_contents says {counted}"
    (total,) = driver.execute("SELECT sum(features) FROM yuantu_layer").fetchone()
    (kind,) = driver.execute("SELECT value FROM yuantu_meta WHERE key = 'kind'").fetchone()
    if (kind == "empty") != (total == 0):
        yield f"The store calls itself {kind} and has {total} features"


def _trees(driver: sqlite3.Connection, tables: Tables) -> Iterator[str]:
    for layer in tables.layers:
        answer = driver.execute(f"SELECT rtreecheck('rtree_{layer}_{GEOMETRY}')").fetchone()[0]
        if answer != "ok":
            yield f"The R-tree of layer {layer} is damaged: {answer}"
        lacking = driver.execute(
            f'SELECT f.id FROM "{layer}" f LEFT JOIN {rtree(layer)} r ON r.id = f.id WHERE f.{GEOMETRY} IS NOT NULL AND r.id IS NULL '
            f'UNION ALL SELECT r.id FROM {rtree(layer)} r LEFT JOIN "{layer}" f ON f.id = r.id WHERE f.{GEOMETRY} IS NULL'
        ).fetchall()
        if lacking:
            yield f"The R-tree of layer {layer} and its features differ at {_listed(i for (i,) in lacking)}"


def _geometries(driver: sqlite3.Connection, tables: Tables) -> Iterator[str]:
    for name, layer in tables.layers.items():
        rows = driver.execute(
            f'SELECT f.id, f.{GEOMETRY}, r.minx, r.maxx, r.miny, r.maxy FROM "{name}" f LEFT JOIN {rtree(name)} r ON r.id = f.id '
            f"WHERE f.{GEOMETRY} IS NOT NULL"
        )
        bad = [id for chunk in chunked(rows) for id in _unsound(chunk, layer)]
        if bad:
            yield f"Geometries of layer {name} are not as the store writes them: {_listed(bad)}"


def _unsound(rows: Sequence[tuple[Any, ...]], layer: Layer) -> list[int]:
    """Ids of blobs that are not what their WKB makes, or that their box in the R-tree (32-bit numbers, rounded outwards) does not hold."""
    try:
        blobs, _ = encode([wkb_of(row[1]) for row in rows], layer.geometry)
    except (BadGeometry, TypeError):
        return [row[0] for row in rows] if len(rows) == 1 else [id for row in rows for id in _unsound([row], layer)]
    pairs = zip(rows, blobs, strict=True)
    return [id for (id, stored, *box), blob in pairs if stored != blob or not _holds(box, envelope_of(stored))]


def _holds(box: Sequence[float | None], envelope: tuple[float, float, float, float]) -> bool:
    low_x, high_x, low_y, high_y = box
    if low_x is None or high_x is None or low_y is None or high_y is None:
        return False
    minx, maxx, miny, maxy = envelope
    return low_x <= minx and maxx <= high_x and low_y <= miny and maxy <= high_y


def _finite(driver: sqlite3.Connection, tables: Tables) -> Iterator[str]:
    for name, layer in tables.layers.items():
        for field in layer.all_fields:
            if field.type == "number":
                bad = driver.execute(
                    f'SELECT id FROM "{name}" WHERE typeof("{field.name}") NOT IN (\'real\', \'null\') OR abs("{field.name}") > 1.7976931348623157e308'
                ).fetchall()
                if bad:
                    yield f"{name}.{field.name} is not a finite number at {_listed(i for (i,) in bad)}"


def _states(driver: sqlite3.Connection, tables: Tables) -> Iterator[str]:
    """Replays each layer's history, a feature at a time, and compares the result with what stands in the table."""
    for name, layer in tables.layers.items():
        bad = [str(id) for id in _differing(driver, name, layer)]
        if bad:
            yield f"Features of layer {name} are not what their history says: {_listed(bad)}"


def _differing(driver: sqlite3.Connection, name: str, layer: Layer) -> Iterator[int]:
    replayed, stored = _replayed(driver, name), _stored(driver, name, layer)
    left, right = next(replayed, None), next(stored, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            yield left[0] if left is not None else 0
            left = next(replayed, None)
        elif left is None or right[0] < left[0]:
            yield right[0]
            right = next(stored, None)
        else:
            if left != right:
                yield left[0]
            left, right = next(replayed, None), next(stored, None)


_State = tuple[int, dict[str, Any], bytes | None, int, str, str]


def _replayed(driver: sqlite3.Connection, layer: str) -> Iterator[_State]:
    """Each feature that should exist, by id: values that are not None, blob, version, when, who."""
    (cleared,) = driver.execute(
        "SELECT coalesce(max(seq), 0) FROM yuantu_history WHERE layer = ? AND action = 'clear'", (layer,)
    ).fetchone()
    lines = driver.execute(
        "SELECT h.feature, h.version, h.before, h.after, h.geometry_before, h.geometry_after, r.at, r.actor FROM yuantu_history h "
        "JOIN yuantu_revision r ON r.revision = h.revision WHERE h.layer = ? AND h.seq > ? ORDER BY h.feature, h.seq",
        (layer, cleared),
    )
    state: _State | None = None
    for feature, version, before, after, old, new, at, actor in lines:
        if state is not None and state[0] != feature:
            yield state
            state = None
        if after is None:
            state = None
        elif before is None or state is None:
            state = (feature, orjson.loads(after), new, version, at, actor)
        else:
            values = {n: v for n, v in (state[1] | orjson.loads(after)).items() if v is not None}
            state = (feature, values, new if old is not None or new is not None else state[2], version, at, actor)
    if state is not None:
        yield state


def _stored(driver: sqlite3.Connection, name: str, layer: Layer) -> Iterator[_State]:
    fields = fillable(layer)
    columns = ", ".join(f'"{n}"' for n in fields)
    as_json: dict[str, Callable[[Any], Any]] = {n: _JSON[f.type] for n, f in fields.items() if f.type in _JSON}
    for id, blob, version, at, actor, *values in driver.execute(
        f'SELECT id, {GEOMETRY}, version, updated_at, updated_by, {columns} FROM "{name}" ORDER BY id'
    ):
        shown = {n: as_json[n](v) if n in as_json else v for n, v in zip(fields, values, strict=True) if v is not None}
        yield id, shown, blob, version, at, actor


_JSON: dict[str, Callable[[Any], Any]] = {"boolean": bool, "json": orjson.loads}


def _chain(driver: sqlite3.Connection, tables: Tables) -> Iterator[str]:
    sound, seq, head = history.verify(driver)
    if not sound:
        yield f"The history's chain is broken after line {seq}: a line or transaction was changed, added or removed"
        return
    kept = dict(driver.execute("SELECT key, value FROM yuantu_meta WHERE key IN ('seq', 'head')").fetchall())
    if kept != {"seq": str(seq), "head": head.hex()}:
        yield f"The history ends at line {seq}, the store remembers line {kept.get('seq')}: lines are missing at the end"


def _listed(ids: Any) -> str:
    shown = [str(i) for i in ids]
    more = f" and {len(shown) - MOST_SHOWN} more" if len(shown) > MOST_SHOWN else ""
    return ", ".join(shown[:MOST_SHOWN]) + more


_Part = Callable[[sqlite3.Connection, Tables], Iterator[str]]
_PARTS: tuple[_Part, ...] = (_marks, _triggers, _counts, _trees, _geometries, _finite, _states, _chain)
