"""The embedded store: one GeoPackage, one transaction a call."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import orjson
import sqlalchemy as sa

from geo.crs import metric_crs_of
from geo.errors import Conflict, ImportNotFound, Text
from geo.schema import Layer
from geo.store import backup, check, copies, history, keys, opening, reading, revisions, seal, undo
from geo.store.connection import WRITE_CACHE_KIB, Connections, raw
from geo.store.contract import (
    Batch,
    Change,
    Columns,
    Delta,
    Edited,
    ImportRecord,
    Problem,
    Published,
    Quarantined,
    Revision,
    Row,
    Snapshot,
    StoredImport,
    StoreInfo,
    Value,
    Write,
)
from geo.store.damage import Part
from geo.store.documents import DocumentStore
from geo.store.keys import gpkg_time
from geo.store.rtrees import rebuild_all
from geo.store.tables import Tables, quoted, rtree
from geo.store.writing import LayerState, Writer, feature_not_found, layer_of

CENTRES = 10_000
"""About how many features are looked at to say where a store lies."""


class GeoPackageStore(DocumentStore):
    """See `geo.store.contract.Store`. Safe for threads; after a fork each process opens its own connections."""

    def __init__(self, path: Path, layers: Mapping[str, Layer], *, backup_first: bool = True) -> None:
        """`backup_first`: an older store is copied before it is brought to the declarations."""
        self._tables = Tables(layers)
        self._connections = Connections(path)
        try:
            opening.prepare(self._connections, self._tables, backup_first=backup_first)
        except BaseException:
            self._connections.close()
            raise

    # Reading

    def info(self) -> StoreInfo:
        with self._connections.reading() as connection:
            return reading.info(raw(connection))

    def read(self, layers: Sequence[str], since: Mapping[str, int] | None = None) -> Snapshot:
        for layer in layers:
            layer_of(self._tables, layer)
        whole: dict[str, Columns] = {}
        deltas: dict[str, Delta] = {}
        revisions: dict[str, int] = {}
        with self._connections.reading() as connection:
            driver = raw(connection)
            info = reading.info(driver)
            for layer in layers:
                revisions[layer] = reading.layer_revision(driver, layer)
                delta = self._delta(driver, layer, revisions[layer], (since or {}).get(layer))
                if delta is None:
                    whole[layer] = reading.whole(driver, self._tables, layer)
                else:
                    deltas[layer] = delta
        return Snapshot(info.revision, revisions, whole, deltas, info)

    def _delta(self, driver: sqlite3.Connection, layer: str, revision: int, since: int | None) -> Delta | None:
        if since is None or since > reading.revision(driver):
            return None
        return Delta((), ()) if since >= revision else reading.delta(driver, self._tables, layer, since)

    def feature(self, layer: str, id: int) -> Row:
        declared = layer_of(self._tables, layer)
        with self._connections.reading() as connection:
            found = reading.rows(raw(connection), self._tables, layer, [id])
        if not found:
            raise feature_not_found(declared, id)
        return found[0]

    def history(
        self, *, layer: str | None = None, feature: int | None = None, after: int = 0, limit: int = 100, newest_first: bool = False
    ) -> Sequence[Change]:
        if layer is not None:
            layer_of(self._tables, layer)
        with self._connections.reading() as connection:
            return history.changes(
                connection, self._tables, layer=layer, feature=feature, after=after, limit=limit, newest_first=newest_first
            )  # fmt: skip

    def revisions(self, *, limit: int, before: int | None = None) -> Sequence[Revision]:
        with self._connections.reading() as connection:
            return revisions.revisions(raw(connection), self._tables, limit=limit, before=before)

    def imports(self) -> Sequence[StoredImport]:
        with self._connections.reading() as connection:
            return reading.imports(connection, self._tables)

    def import_record(self, id: int) -> StoredImport:
        with self._connections.reading() as connection:
            found = reading.imports(connection, self._tables, id)
        if not found:
            raise ImportNotFound(Text(f"没有第 {id} 号导入", f"no import {id}"), id=id)
        return found[0]

    def quarantine(self, import_id: int) -> Sequence[Quarantined]:
        self.import_record(import_id)
        with self._connections.reading() as connection:
            return reading.quarantine(connection, self._tables, import_id)

    # Writing

    def publish(self, batch: Batch, *, actor: str, now: str, key: str | None = None, staged: Callable[[], None] | None = None) -> Published:
        digest = keys.Digest("publish", actor, batch.demo, batch.metric_crs, asdict(batch.record)) if key else None
        with self._connections.writing() as connection, _large_cache(connection):
            if digest is not None and key is not None and (known := keys.known_answer(connection, key, lambda: digest.walk(batch.writes))):
                return keys.published(known)
            kind = _meta(connection, "kind")
            if batch.demo and kind == "real":
                raise Conflict(Text("库中已有真实数据，不能放入示例数据", "the store holds real data: the demo is refused"))
            writer = Writer(connection, self._tables, actor=actor, now=now)
            writer.keep_results = False
            (import_id,) = writer.cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM yuantu_import").fetchone()
            left_out = _quarantine_rows(batch.quarantine)
            kept = _with_removed(batch.record, _features(writer) if kind == "demo" else 0)
            record = orjson.dumps({**kept, "demo": batch.demo, "quarantine": seal.quarantine_sum(left_out)}).decode()
            revision = writer.begin(import_id=import_id, record=record).revision
            writer.cursor.execute("INSERT INTO yuantu_import (id, revision, record) VALUES (?, ?, ?)", (import_id, revision, record))
            removed = writer.clear() if kind == "demo" else 0
            for write in batch.writes:
                writer.apply(digest.seen(write) if digest is not None else write)
            _keep_quarantine(connection, import_id, left_out)
            self._finish(writer, demo=batch.demo, metric_crs=batch.metric_crs, exact_extent=True, refit=batch.metric_crs is None)
            ids = {n: range(s.first_insert, s.next_id) for n, s in writer.states.items() if s.first_insert is not None}
            published = Published(import_id, revision, ids, removed)
            if digest is not None and key is not None:
                keys.remember(
                    connection, key, now, digest.value, asdict(published) | {"ids": {n: [r.start, r.stop] for n, r in ids.items()}}
                )
            if staged is not None:
                staged()
        return published

    def edit(
        self,
        writes: Sequence[Write],
        *,
        actor: str,
        now: str,
        reason: str | None = None,
        key: str | None = None,
        also: Sequence[Write] = (),
        asked: bytes | None = None,
    ) -> Edited:
        digest = None if not key else keys.Digest("edit", actor, reason) if asked is None else keys.of_request(actor, asked)
        counted = [] if asked is not None else writes
        with self._connections.writing() as connection:
            if digest is not None and key is not None and (known := keys.known_answer(connection, key, lambda: digest.walk(counted))):
                return keys.edited(known)
            writer = Writer(connection, self._tables, actor=actor, now=now, reason=reason, need_versions=True)
            for write in writes:
                writer.apply(digest.seen(write) if digest is not None and asked is None else write)
            for write in also:
                writer.apply(write)
            edited = self._edited(writer, exact_extent=False)
            if digest is not None and key is not None:
                keys.remember(connection, key, now, digest.value, asdict(edited))
        return edited

    def repeated(self, key: str, asked: bytes, *, actor: str) -> Edited | None:
        with self._connections.reading() as connection:
            known = keys.known_answer(connection, key, lambda: keys.of_request(actor, asked).value)
        return keys.edited(known) if known else None

    def undo(self, revision: int, *, actor: str, now: str) -> Edited:
        with self._connections.writing() as connection, _large_cache(connection):
            reason = f"undo of revision {revision}"
            writer = Writer(connection, self._tables, actor=actor, now=now, reason=reason, action="undo")
            undo.take_back(writer, revision)
            return self._edited(writer, exact_extent=True)

    def remove_demo(self, *, actor: str, now: str) -> int:
        with self._connections.writing() as connection:
            kind = _meta(connection, "kind")
            if kind == "real":
                raise Conflict(Text("库中是真实数据，没有示例数据可删", "the store holds real data: there is no demo to remove"))
            writer = Writer(connection, self._tables, actor=actor, now=now)
            removed = writer.clear()
            self._finish(writer, demo=False, metric_crs=None, exact_extent=True)
        return removed

    def note(self, reason: str, *, actor: str, now: str) -> int:
        """A line in the history that changes no feature: what was done to the store as a whole. Its revision."""
        with self._connections.writing() as connection:
            writer = Writer(connection, self._tables, actor=actor, now=now, reason=reason)
            revision = writer.begin().revision
            self._finish(writer, demo=False, metric_crs=None, exact_extent=False)
        return revision

    def _edited(self, writer: Writer, *, exact_extent: bool) -> Edited:
        self._finish(writer, demo=False, metric_crs=None, exact_extent=exact_extent)
        revision = writer.chain.revision if writer.chain is not None else reading.revision(raw(writer.connection))
        return Edited(revision, writer.results)

    def _finish(self, writer: Writer, *, demo: bool, metric_crs: str | None, exact_extent: bool, refit: bool = False) -> None:
        """Bring what is kept about the features up to their new state, in the same transaction. `refit`: the metric CRS, where the store lies elsewhere now."""
        if writer.chain is None:
            return
        writer.settle()
        for layer, state in writer.states.items():
            if state.touched:
                _keep_layer(writer, layer, state, exact_extent=exact_extent and state.shrunk)
        features, unplaced = writer.cursor.execute("SELECT sum(features), sum(unplaced) FROM yuantu_layer").fetchone()
        old_kind = _meta(writer.connection, "kind")
        kind = "empty" if not features else old_kind if old_kind != "empty" and not writer.cleared else "demo" if demo else "real"
        old_crs = None if writer.cleared else _meta(writer.connection, "metric_crs")
        fitting = None if features == unplaced else (None if refit else old_crs) or metric_crs or _fitting_crs(writer.cursor, old_crs)
        _set_meta(writer, {"kind": kind, "metric_crs": fitting, "seq": str(writer.chain.seq), "head": writer.chain.head.hex()})

    # Keeping

    def backup(self, path: Path) -> None:
        with self._connections.plain() as driver:
            backup.write_copy(driver, Path(path).resolve())

    def keep_copy(self, folder: Path, *, newest: int, now: str) -> Path | None:
        with self._connections.plain() as driver:
            return copies.keep(driver, folder, self._connections.path.stem, newest=newest, now=now)

    def rebuild_derived(self) -> None:
        """Make anew what follows from the features: R-trees, counts, extents, indexes."""
        with self._connections.writing() as connection, _large_cache(connection):
            cursor = raw(connection).cursor()
            for layer in self._tables.layers:
                rebuild_all(cursor, layer)
            cursor.execute("REINDEX")

    def check(self) -> Sequence[Problem]:
        found = check.problems(self._connections.reading, self._tables)
        if found:
            self._connections.distrust()
        return found

    def look(self, parts: Sequence[Part] | None = None) -> Sequence[Problem]:
        found = check.problems(self._connections.reading, self._tables, parts or check.QUICK)
        if found:
            self._connections.distrust()
        return found

    @property
    def alarm(self) -> Text | None:
        return self._connections.alarm

    def close(self) -> None:
        self._connections.close()


def _features(writer: Writer) -> int:
    """How many features there are."""
    return int(writer.cursor.execute("SELECT sum(features) FROM yuantu_layer").fetchone()[0])


def _with_removed(record: ImportRecord, removed: int) -> dict[str, Value]:
    """The record as it is kept: only the store knows how many made-up features go."""
    kept = asdict(record)
    return {**kept, "details": {**kept["details"], "removed_demo": removed}} if removed else kept


@contextmanager
def _large_cache(connection: sa.Connection) -> Iterator[None]:
    """A page cache in which a usual import fits, given back afterwards."""
    driver = raw(connection)
    driver.execute(f"PRAGMA cache_size = -{WRITE_CACHE_KIB}")
    try:
        yield
    finally:
        driver.execute("PRAGMA cache_size = -2000")
        driver.execute("PRAGMA shrink_memory")


def _meta(connection: sa.Connection, key: str) -> str | None:
    value: str | None = raw(connection).execute("SELECT value FROM yuantu_meta WHERE key = ?", (key,)).fetchone()[0]
    return value


def _set_meta(writer: Writer, values: Mapping[str, str | None]) -> None:
    writer.cursor.executemany("UPDATE yuantu_meta SET value = ? WHERE key = ?", [(v, k) for k, v in values.items()])
    seal.seal_meta(writer.cursor)


def _fitting_crs(cursor: sqlite3.Cursor, kept: str | None) -> str | None:
    """The metric CRS of everything that is placed, looked up in the spatial indexes; of many features, a sample even over all layers."""
    layers = cursor.execute("SELECT layer, features FROM yuantu_layer WHERE features > unplaced").fetchall()
    step = 1 + sum(features for _, features in layers) // CENTRES
    centres: list[tuple[float, float]] = []
    for layer, _ in layers:
        (last,) = cursor.execute(f"SELECT max(id) FROM {quoted(layer)}").fetchone()
        every = f"SELECT (minx + maxx) / 2, (miny + maxy) / 2 FROM {rtree(layer)}"
        some = (f"{every} WHERE id IN (SELECT value FROM json_each(?))", (orjson.dumps(list(range(1, last + 1, step))).decode(),))
        centres += cursor.execute(*((every,) if step == 1 else some)).fetchall()
    return metric_crs_of(*np.array(centres).reshape(-1, 2).T, kept=kept)


def _keep_layer(writer: Writer, layer: str, state: LayerState, *, exact_extent: bool) -> None:
    """Counts, last change and extent of a changed layer. Without `exact_extent` the extent only grows, which the standard allows."""
    cursor = writer.cursor
    cursor.execute("UPDATE yuantu_layer SET features = ?, unplaced = ? WHERE layer = ?", (state.features, state.unplaced, layer))
    cursor.execute("UPDATE gpkg_contents SET last_change = ? WHERE table_name = ?", (gpkg_time(writer.now), layer))
    if exact_extent or state.features == state.unplaced:
        cursor.execute(
            f"UPDATE gpkg_contents SET (min_x, min_y, max_x, max_y) = (SELECT min(minx), min(miny), max(maxx), max(maxy) FROM {rtree(layer)}) "
            "WHERE table_name = ?",
            (layer,),
        )
    elif state.bounds[0] <= state.bounds[2]:
        cursor.execute(
            "UPDATE gpkg_contents SET min_x = min(coalesce(min_x, ?1), ?1), min_y = min(coalesce(min_y, ?2), ?2), "
            "max_x = max(coalesce(max_x, ?3), ?3), max_y = max(coalesce(max_y, ?4), ?4) WHERE table_name = ?5",
            (*state.bounds, layer),
        )


def _quarantine_rows(records: Sequence[Quarantined]) -> list[tuple[Value, ...]]:
    """The QUARANTINE_COLUMNS of each record, as they are stored."""
    return [(q.layer, q.dataset, q.number, q.reason, q.sentence_zh, q.sentence_en, _raw_json(q.raw), q.geometry_wkt) for q in records]


def _keep_quarantine(connection: sa.Connection, import_id: int, rows: Sequence[tuple[Value, ...]]) -> None:
    columns = ("import_id", "position", *seal.QUARANTINE_COLUMNS)
    statement = f"INSERT INTO yuantu_quarantine ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    raw(connection).executemany(statement, ((import_id, i, *row) for i, row in enumerate(rows)))


def _raw_json(values: Mapping[str, Value]) -> str:
    return orjson.dumps(dict(values), default=str, option=orjson.OPT_NON_STR_KEYS).decode()
