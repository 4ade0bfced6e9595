"""The history: append-only lines in one chain of SHA-256, so that a changed, missing or added line shows."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from geo.schema import Layer
from geo.store.contract import Change, Value
from geo.store.tables import Tables
from geo.store.values import fillable

START = b"\0" * 32
"""What the first link chains to."""

INSERT_LINE = (
    "INSERT INTO yuantu_history (seq, revision, action, layer, feature, version, before, after, geometry_before, geometry_after, hash) "
    "VALUES (?, ?, ?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?)"
)


class Line(NamedTuple):
    """One change before it is chained. `before`/`after` are JSON text, None where there was or is no feature; geometries are blobs."""

    action: str
    layer: str
    feature: int
    version: int
    before: bytes | None
    after: bytes | None
    geometry_before: bytes | None = None
    geometry_after: bytes | None = None


def line_hash(previous: bytes, seq: int, revision: int, line: Line) -> bytes:
    """The link of one line: over the link before and every part of the line, lengths first so that no two lines read the same."""
    action, layer, feature, version, *parts = line
    lengths = [-1 if part is None else len(part) for part in parts]
    head = f"{seq}|{revision}|{action}|{layer}|{feature}|{version}|{lengths}".encode()
    return hashlib.sha256(b"".join((previous, head, *[part for part in parts if part is not None]))).digest()


def revision_hash(
    previous: bytes, revision: int, at: str, actor: str, reason: str | None, import_id: int | None, undoes: int | None, record: str | None
) -> bytes:
    """The link that opens a transaction: who, when, why, and the import's record with its account."""
    return hashlib.sha256(previous + orjson.dumps([revision, at, actor, reason, import_id, undoes, record])).digest()


def text_of(values: Mapping[str, Value]) -> bytes:
    """The values of a line as JSON."""
    return orjson.dumps(values)


class Chain:
    """Appends lines within one transaction; `head` and `seq` are where the chain stands."""

    def __init__(self, cursor: sqlite3.Cursor, revision: int, seq: int, head: bytes) -> None:
        self._cursor, self.revision, self.seq, self.head = cursor, revision, seq, head

    def append(self, lines: Sequence[Line]) -> None:
        rows = []
        seq, head, revision = self.seq, self.head, self.revision
        for line in lines:
            seq += 1
            head = line_hash(head, seq, revision, line)
            rows.append((seq, revision, *line, head))
        self._cursor.executemany(INSERT_LINE, rows)
        self.seq, self.head = seq, head


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def verify(driver: sqlite3.Connection) -> tuple[bool, int, bytes]:
    """Whether every link holds; last seq and link reached. Constant memory: one pass over revisions and lines."""
    head, last = START, 0
    lines = driver.execute(
        "SELECT seq, revision, action, layer, feature, version, before, after, geometry_before, geometry_after, hash "
        "FROM yuantu_history ORDER BY seq"
    )
    pending = lines.fetchone()
    revisions = driver.execute(
        "SELECT r.revision, r.at, r.actor, r.reason, r.import_id, r.undoes, i.record, r.hash "
        "FROM yuantu_revision r LEFT JOIN yuantu_import i ON i.id = r.import_id ORDER BY r.revision"
    )
    for number, (revision, at, actor, reason, import_id, undoes, record, stored) in enumerate(revisions, start=1):
        head = revision_hash(head, revision, at, actor, reason, import_id, undoes, record)
        if revision != number or head != stored:
            return False, last, head
        while pending is not None and pending[1] == revision:
            seq, _, action, layer, feature, version, before, after, old, new, link = pending
            head = line_hash(head, seq, revision, Line(action, layer, feature, version, _bytes(before), _bytes(after), old, new))
            if seq != last + 1 or head != link:
                return False, last, head
            last = seq
            pending = lines.fetchone()
    return pending is None, last, head


def end(driver: sqlite3.Connection) -> tuple[int, bytes]:
    """The last line's number and the last link of the chain, unverified."""
    (revision, link) = driver.execute("SELECT revision, hash FROM yuantu_revision ORDER BY revision DESC LIMIT 1").fetchone() or (0, START)
    seq, of, line = driver.execute("SELECT seq, revision, hash FROM yuantu_history ORDER BY seq DESC LIMIT 1").fetchone() or (0, 0, START)
    return seq, line if of == revision and seq else link


def _whole(layer: Layer, text: str | None, *, complete: bool) -> dict[str, Value] | None:
    """The values of a line; of inserts and deletes with every field, None where it had nothing."""
    if text is None:
        return None
    values: dict[str, Value] = orjson.loads(text)
    return {name: values.get(name) for name in fillable(layer)} if complete else values


def _change(tables: Tables, row: Any) -> Change:
    layer = tables.layers[row.layer]
    complete = (row.before is None) != (row.after is None)
    return Change(
        seq=row.seq,
        revision=row.revision,
        at=row.at,
        actor=row.actor,
        action=row.action,
        layer=row.layer,
        feature=row.feature,
        version=row.version,
        before=_whole(layer, row.before, complete=complete),
        after=_whole(layer, row.after, complete=complete),
        geometry_before=None if row.geometry_before is None else row.geometry_before[40:],
        geometry_after=None if row.geometry_after is None else row.geometry_after[40:],
        reason=row.reason,
        import_id=row.import_id,
        hash=row.hash.hex(),
    )


def changes(
    connection: sa.Connection, tables: Tables, *, layer: str | None, feature: int | None, after: int, limit: int, newest_first: bool
) -> list[Change]:
    """Lines beyond seq `after` (before it when newest first and `after` is not 0), at most `limit`."""
    line, revision = tables["yuantu_history"], tables["yuantu_revision"]
    query = sa.select(
        *line.c, revision.c.at, revision.c.actor, revision.c.reason, revision.c.import_id
    ).join(revision, revision.c.revision == line.c.revision)  # fmt: skip
    if layer is not None:
        query = query.where(line.c.layer == layer)
    if feature is not None:
        query = query.where(line.c.feature == feature)
    if after:
        query = query.where(line.c.seq < after if newest_first else line.c.seq > after)
    query = query.order_by(line.c.seq.desc() if newest_first else line.c.seq).limit(max(limit, 0))
    return [_change(tables, row) for row in connection.execute(query)]
