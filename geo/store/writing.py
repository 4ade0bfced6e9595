"""One writing transaction: features inserted, changed and removed a few thousand at a time, each change chained into the history."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import orjson
import sqlalchemy as sa

from geo.errors import BadValue, FeatureNotFound, LayerNotFound, StaleVersion, Text, VersionRequired, nearest
from geo.schema import Field, Layer
from geo.store import blob
from geo.store.connection import raw
from geo.store.contract import Update, Value, Write
from geo.store.history import Chain, Line, revision_hash, text_of
from geo.store.rtrees import rebuild
from geo.store.tables import GEOMETRY, Tables, drop_trigger, feature_triggers, quoted
from geo.store.values import checked_column, fillable, require_known

T = TypeVar("T")

ROWS_AT_ONCE = 2000
"""Features handled together: large enough for whole-column checks, small enough to keep memory flat."""
BULK_CHANGES = 4000
"""From so many changes of one layer its R-tree is built anew at the end rather than kept by triggers,"""
BULK_SHARE = 10
"""if they are at least this fraction of the layer."""
_NO_BOUNDS = (np.inf, np.inf, -np.inf, -np.inf)


def chunked(items: Iterable[T], size: int = ROWS_AT_ONCE) -> Iterator[list[T]]:
    """Lists of up to `size` items; the source is walked once."""
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk


def layer_of(tables: Tables, layer: str) -> Layer:
    """The declaration, or LayerNotFound with the nearest names."""
    if layer not in tables.layers:
        near = nearest(layer, tables.layers)
        raise LayerNotFound(
            Text(f"没有图层“{layer}”；相近的有：{'、'.join(near)}", f"no layer '{layer}'; nearest: {', '.join(near)}"), nearest=near
        )
    return tables.layers[layer]


def feature_not_found(layer: Layer, feature: int) -> FeatureNotFound:
    return FeatureNotFound(
        Text(f"“{layer.label.zh}”中没有第 {feature} 号要素", f"no feature {feature} in layer {layer.id}"), layer=layer.id, id=feature
    )


def _stale(layer: Layer, feature: int, current: int) -> StaleVersion:
    return StaleVersion(
        Text(
            f"“{layer.label.zh}”第 {feature} 号要素已被他人改过（现为第 {current} 版）：请刷新后再改",
            f"feature {feature} of layer {layer.id} has changed since (it is now version {current}): reload it and try again",
        ),
        layer=layer.id,
        id=feature,
        current=current,
    )


@dataclass(slots=True)
class Current:
    """A feature as it stands: stored values by name, its blob."""

    id: int
    values: dict[str, Any]
    blob: bytes | None

    @property
    def version(self) -> int:
        return int(self.values["version"])


@dataclass(slots=True)
class LayerState:
    """Running figures of a layer within the transaction. `bounds`: what was placed, west, south, east, north in degrees."""

    features: int
    unplaced: int
    next_id: int
    bounds: tuple[float, float, float, float] = _NO_BOUNDS
    touched: bool = False
    shrunk: bool = False
    changes: int = 0
    bulk: bool = False
    first_insert: int | None = None

    def grow(self, bounds: np.ndarray[Any, np.dtype[np.float64]]) -> None:
        placed = bounds[~np.isnan(bounds[:, 0])]
        if placed.size:
            west, south = placed[:, :2].min(axis=0).tolist()
            east, north = placed[:, 2:].max(axis=0).tolist()
            w, s, e, n = self.bounds
            self.bounds = (min(w, west), min(s, south), max(e, east), max(n, north))


class Writer:
    """The changes of one transaction. Nothing is chained until the first change (or `begin`), so an edit that changes nothing leaves no trace."""

    def __init__(
        self, connection: sa.Connection, tables: Tables, *, actor: str, now: str, reason: str | None = None, need_versions: bool = False,
        action: str | None = None,
    ) -> None:  # fmt: skip
        self.connection, self.tables, self.actor, self.now, self.reason = connection, tables, actor, now, reason
        self.need_versions, self._action = need_versions, action
        self.cursor: sqlite3.Cursor = raw(connection).cursor()
        self.chain: Chain | None = None
        self.results: list[tuple[str, int, int | None]] = []
        self.keep_results = True
        self.cleared = False
        self._states: dict[str, LayerState] = {}
        self._fields = {name: fillable(layer) for name, layer in tables.layers.items()}

    def begin(self, *, import_id: int | None = None, undoes: int | None = None, record: str | None = None) -> Chain:
        """Open the transaction's revision in the chain."""
        if self.chain is None:
            seq, head = self.cursor.execute(
                "SELECT value, (SELECT value FROM yuantu_meta WHERE key = 'head') FROM yuantu_meta WHERE key = 'seq'"
            ).fetchone()
            (last,) = self.cursor.execute("SELECT coalesce(max(revision), 0) FROM yuantu_revision").fetchone()
            revision = last + 1
            link = revision_hash(bytes.fromhex(head), revision, self.now, self.actor, self.reason, import_id, undoes, record)
            self.cursor.execute(
                "INSERT INTO yuantu_revision (revision, at, actor, reason, import_id, undoes, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (revision, self.now, self.actor, self.reason, import_id, undoes, link),
            )
            self.chain = Chain(self.cursor, revision, int(seq), link)
        return self.chain

    def state(self, layer: str) -> LayerState:
        if layer not in self._states:
            features, unplaced = self.cursor.execute("SELECT features, unplaced FROM yuantu_layer WHERE layer = ?", (layer,)).fetchone()
            found = self.cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (layer,)).fetchone()
            self._states[layer] = LayerState(features, unplaced, (found[0] if found else 0) + 1)
        return self._states[layer]

    @property
    def states(self) -> Mapping[str, LayerState]:
        return self._states

    def _changing(self, layer: str, count: int) -> LayerState:
        """The state before `count` more changes; with many of them the layer's triggers are put away until `settle`."""
        state = self.state(layer)
        state.changes += count
        if not state.bulk and state.changes >= BULK_CHANGES and state.changes * BULK_SHARE >= state.features:
            self._go_bulk(layer, state)
        return state

    def _go_bulk(self, layer: str, state: LayerState) -> None:
        state.bulk = True
        for name in feature_triggers(layer):
            self.cursor.execute(drop_trigger(name))

    def settle(self) -> None:
        """Bring R-trees and counts of layers without triggers up to date and put the triggers back, in the same transaction."""
        for layer, state in self._states.items():
            if state.bulk:
                state.bulk = False
                rebuild(self.cursor, layer)
                self.cursor.execute("UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?", (state.features, layer))
                for trigger in feature_triggers(layer).values():
                    self.cursor.execute(trigger)

    def apply(self, write: Write) -> None:
        """Deletes, then updates, then inserts."""
        layer_of(self.tables, write.layer)
        for deletes in chunked(write.deletes):
            self.delete(write.layer, deletes)
        for updates in without_repeats(chunked(write.updates)):
            self.update(write.layer, updates)
        for rows in chunked(write.inserts):
            self.insert(write.layer, rows)

    # Inserting

    def insert(
        self, layer: str, rows: Sequence[Mapping[str, Value]], *, ids: Sequence[int] | None = None, versions: Sequence[int] | None = None
    ) -> None:
        """New features; `ids` and `versions` only when features come back."""
        state, fields = self._changing(layer, len(rows)), self._fields[layer]
        given = set().union(*rows) - {GEOMETRY}
        require_known(self.tables.layers[layer], sorted(given), fields)
        names = [name for name in fields if name in given]
        columns = [checked_column(fields[n], [row.get(n) for row in rows]) for n in names]
        blobs, bounds = self._encoded(layer, [row.get(GEOMETRY) for row in rows])
        if ids is None:
            ids = range(state.next_id, state.next_id + len(rows))
            state.first_insert = ids[0] if state.first_insert is None else state.first_insert
            state.next_id += len(rows)
        versions = versions or [1] * len(rows)
        self._insert_rows(layer, names, columns, ids, versions, blobs)
        lines = [
            Line(self._action or "insert", layer, id, version, None, after, None, new)
            for id, version, after, new in zip(ids, versions, _texts(names, columns, fields, len(rows)), blobs, strict=True)
        ]
        self.begin().append(lines)
        state.features += len(rows)
        state.unplaced += blobs.count(None)
        state.touched = True
        state.grow(bounds)
        self._note(layer, ids, versions)

    def _encoded(self, layer: str, wkbs: Sequence[Any]) -> tuple[list[bytes | None], np.ndarray[Any, np.dtype[np.float64]]]:
        declared = self.tables.layers[layer]
        try:
            return blob.encode(wkbs, declared.geometry)
        except blob.BadGeometry as error:
            raise BadValue(
                Text(f"“{declared.label.zh}”的图形不能保存：{error}", f"geometry not taken into layer {layer}: {error}"),
                field=GEOMETRY,
                index=error.index,
            ) from None

    def _insert_rows(
        self, layer: str, names: Sequence[str], columns: Sequence[Sequence[Value]], ids: Sequence[int], versions: Sequence[int],
        blobs: Sequence[bytes | None],
    ) -> None:  # fmt: skip
        given = dict(zip(names, columns, strict=True))
        count = len(ids)
        given |= {"version": versions, "updated_at": [self.now] * count, "updated_by": [self.actor] * count}
        ordered = [f.name for f in self.tables.layers[layer].all_fields if f.name in given]
        statement = self.tables.insert_sql(layer, ("id", GEOMETRY, *ordered))
        try:
            self.cursor.executemany(statement, zip(ids, blobs, *(given[n] for n in ordered), strict=True))
        except sqlite3.IntegrityError as error:
            raise self._code_taken(layer, given.get("code", ()), error) from error

    def _code_taken(self, layer: str, codes: Sequence[Value], error: sqlite3.IntegrityError) -> Exception:
        """What a broken UNIQUE of `code` means; any other broken constraint is a defect and passes through."""
        if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
            return error
        declared = self.tables.layers[layer]
        present = [c for c in codes if c is not None]
        twice = [c for c, n in Counter(present).items() if n > 1]
        stored: list[str] = []
        for chunk in chunked(present):
            marks = ",".join("?" * len(chunk))
            stored += [c for (c,) in self.cursor.execute(f"SELECT code FROM {quoted(layer)} WHERE code IN ({marks})", chunk)]
        code = (twice or stored or ["?"])[0]
        return BadValue(
            Text(
                f"“{declared.label.zh}”中编号“{code}”已存在：编号在图层内须唯一",
                f"code '{code}' already stands in layer {layer}: codes are unique in a layer",
            ),
            field="code",
            value=code,
        )

    # Changing

    def current(self, layer: str, ids: Sequence[int]) -> dict[int, Current]:
        """The features among `ids` that exist, as stored."""
        names = [f.name for f in self.tables.layers[layer].all_fields]
        columns = ", ".join(quoted(n) for n in names)
        marks = ",".join("?" * len(ids))
        rows = self.cursor.execute(f"SELECT id, {quoted(GEOMETRY)}, {columns} FROM {quoted(layer)} WHERE id IN ({marks})", list(ids))
        return {row[0]: Current(row[0], dict(zip(names, row[2:], strict=True)), row[1]) for row in rows}

    def _require(self, layer: str, found: Mapping[int, Current], feature: int, version: int | None) -> Current:
        """The feature in the version its editor saw: FeatureNotFound, VersionRequired, StaleVersion."""
        declared = self.tables.layers[layer]
        if feature not in found:
            raise feature_not_found(declared, feature)
        if version is None and self.need_versions:
            raise VersionRequired(
                Text("修改或删除须给出要素的版本", "a change or removal needs the version of the feature it was made on"),
                layer=layer,
                id=feature,
            )
        if version is not None and found[feature].version != version:
            raise _stale(declared, feature, found[feature].version)
        return found[feature]

    def update(self, layer: str, updates: Sequence[Update]) -> None:
        """Change features, each at most once in `updates`."""
        fields = self._fields[layer]
        found = self.current(layer, [u.id for u in updates])
        now = [self._require(layer, found, u.id, u.version) for u in updates]
        wanted = self._checked_updates(layer, updates)
        blobs, bounds = self._encoded(layer, [u.geometry if u.set_geometry else None for u in updates])
        lines: list[Line] = []
        statements: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        state = self.state(layer)
        for i, (u, old, values) in enumerate(zip(updates, now, wanted, strict=True)):
            changed = {n: v for n, v in values.items() if v != old.values[n]}
            moved = u.set_geometry and blobs[i] != old.blob
            version = old.version + (1 if changed or moved else 0)
            self._note(layer, [u.id], [version])
            if version == old.version:
                continue
            before = text_of({n: _shown(fields[n], old.values[n]) for n in changed})
            after = text_of({n: _shown(fields[n], v) for n, v in changed.items()})
            shapes = (old.blob, blobs[i]) if moved else (None, None)
            lines.append(Line(self._action or "update", layer, u.id, version, before, after, *shapes))
            if moved:
                state.unplaced += (blobs[i] is None) - (old.blob is None)
                state.shrunk = state.shrunk or old.blob is not None
                state.grow(bounds[i : i + 1])
            columns, parameters = self._set(layer, {**changed, **({GEOMETRY: blobs[i]} if moved else {})}, version, u.id)
            statements.setdefault(columns, []).append(parameters)
        if not lines:
            return
        try:
            for columns, rows in statements.items():
                self.cursor.executemany(self.tables.update_sql(layer, columns), rows)
        except sqlite3.IntegrityError as error:
            raise self._code_taken(layer, [u.values.get("code") for u in updates], error) from error
        self.begin().append(lines)
        state.touched = True

    def _set(self, layer: str, changed: Mapping[str, Value], version: int, id: int) -> tuple[tuple[str, ...], tuple[Any, ...]]:
        """Columns in the table's order with their new values, the id last."""
        new = {**changed, "version": version, "updated_at": self.now, "updated_by": self.actor}
        columns = tuple(c.name for c in self.tables.features[layer].c if c.name in new)
        return columns, (*(new[c] for c in columns), id)

    def _checked_updates(self, layer: str, updates: Sequence[Update]) -> list[dict[str, Value]]:
        """The new values of each update as they are stored, checked a field at a time."""
        fields = self._fields[layer]
        given = set().union(*(u.values for u in updates))
        require_known(self.tables.layers[layer], sorted(given), fields)
        checked: list[dict[str, Value]] = [{} for _ in updates]
        for name in (n for n in fields if n in given):
            where = [i for i, u in enumerate(updates) if name in u.values]
            for i, value in zip(where, checked_column(fields[name], [updates[i].values[name] for i in where]), strict=True):
                checked[i][name] = value
        return checked

    # Removing

    def delete(self, layer: str, deletes: Sequence[tuple[int, int | None]]) -> None:
        """Remove features; their last state stays in the history."""
        fields = self._fields[layer]
        found = self.current(layer, [id for id, _ in deletes])
        lines = []
        state = self._changing(layer, len(deletes))
        for id, version in deletes:
            old = self._require(layer, found, id, version)
            del found[id]
            before = text_of({n: _shown(f, old.values[n]) for n, f in fields.items() if old.values[n] is not None})
            lines.append(Line(self._action or "delete", layer, id, old.version + 1, before, None, old.blob, None))
            state.unplaced -= old.blob is None
        self.cursor.executemany(f"DELETE FROM {quoted(layer)} WHERE id = ?", [(id,) for id, _ in deletes])
        self.begin().append(lines)
        state.features -= len(deletes)
        state.touched = state.shrunk = True
        self._note(layer, [id for id, _ in deletes], [None] * len(deletes))

    def clear(self) -> int:
        """Remove every feature of every layer, one line a layer: how made-up features go. How many went."""
        gone = 0
        self.cleared = True
        for layer in self.tables.layers:
            state = self.state(layer)
            if state.features == 0:
                continue
            self.begin().append([Line("clear", layer, 0, 0, None, None)])
            self._go_bulk(layer, state)
            self.cursor.execute(f"DELETE FROM {quoted(layer)}")
            gone += state.features
            state.features = state.unplaced = 0
            state.bounds = _NO_BOUNDS
            state.touched = state.shrunk = True
        return gone

    def _note(self, layer: str, ids: Sequence[int], versions: Sequence[int | None]) -> None:
        if self.keep_results:
            self.results += [(layer, id, version) for id, version in zip(ids, versions, strict=True)]


def _shown(field: Field, stored: Value) -> Value:
    """A stored value as JSON shows it."""
    if stored is None:
        return None
    if field.type == "boolean":
        return bool(stored)
    return orjson.Fragment(stored) if field.type == "json" else stored


def _texts(names: Sequence[str], columns: Sequence[Sequence[Value]], fields: Mapping[str, Field], count: int) -> list[bytes]:
    """Each row's values that are not None, as JSON."""
    if not names:
        return [b"{}"] * count
    shown = [[_shown(fields[n], v) for v in c] if fields[n].type == "json" else c for n, c in zip(names, columns, strict=True)]
    dumps = orjson.dumps
    return [
        dumps({n: v for n, v in zip(names, row, strict=True) if v is not None} if None in row else dict(zip(names, row, strict=True)))
        for row in zip(*shown, strict=True)
    ]


def without_repeats(chunks: Iterable[list[Update]]) -> Iterator[list[Update]]:
    """The same chunks, cut so that no feature stands twice in one: a later update must see the earlier one's result."""
    for chunk in chunks:
        part: list[Update] = []
        seen: set[int] = set()
        for update in chunk:
            if update.id in seen:
                yield part
                part, seen = [], set()
            part.append(update)
            seen.add(update.id)
        yield part
