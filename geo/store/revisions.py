"""The transactions of a store, newest first: what each did to which layers, and whether it was taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from geo.store.contract import Revision, Touched
from geo.store.tables import Tables


def revisions(driver: sqlite3.Connection, tables: Tables, *, limit: int, before: int | None) -> list[Revision]:
    """Edits and imports that changed features; undoing is told at what was undone."""
    undone = standing_undos(driver)
    found: list[Revision] = []
    last = before or 2**62
    while len(found) < limit:
        rows = driver.execute(
            "SELECT r.revision, r.at, r.actor, r.reason, r.import_id, i.record FROM yuantu_revision r LEFT JOIN yuantu_import i "
            "ON i.id = r.import_id WHERE r.undoes IS NULL AND r.revision < ? ORDER BY r.revision DESC LIMIT ?",
            (last, limit),
        ).fetchall()
        if not rows:
            break
        touched = _touched(driver, tables, [row[0] for row in rows if row[4] is None])
        found += [made for row in rows if (made := _revision(row, touched, undone)) is not None]
        last = rows[-1][0]
    return found[:limit]


def standing_undos(driver: sqlite3.Connection) -> dict[int, int]:
    """Revision → the undo that took it back, if that was not taken back itself."""
    found: dict[int, int] = {}
    pairs = driver.execute("SELECT revision, undoes FROM yuantu_revision WHERE undoes IS NOT NULL ORDER BY revision DESC")
    for revision, undoes in pairs:
        if revision not in found:
            found.setdefault(undoes, revision)
    return found


def _revision(row: Sequence[Any], touched: Mapping[int, list[tuple[Touched, int]]], undone: Mapping[int, int]) -> Revision | None:
    revision, at, actor, reason, import_id, record = row
    parts = touched.get(revision, []) if import_id is None else _imported(record)
    if not parts:
        return None
    return Revision(
        revision, at, actor, reason, import_id, undone.get(revision), [part for part, _ in parts], (parts[0][0].layer, parts[0][1])
    )


def _imported(record: str) -> list[tuple[Touched, int]]:
    """What the account says: the lines of an import may be hundreds of thousands."""
    account: Mapping[str, Mapping[str, int]] = orjson.loads(record)["account"]
    return [(Touched(layer, counts.get("accepted", 0), 0, 0), 0) for layer, counts in account.items() if counts.get("accepted")]


def _touched(driver: sqlite3.Connection, tables: Tables, wanted: Sequence[int]) -> dict[int, list[tuple[Touched, int]]]:
    """Revision → what it did to each layer, with the first feature; the layer of the first line comes first."""
    found: dict[int, list[tuple[int, Touched, int]]] = {}
    for layer in tables.layers:
        rows = driver.execute(
            "SELECT revision, min(seq), sum(before IS NULL), sum(before IS NOT NULL AND after IS NOT NULL), sum(after IS NULL), "
            "min(feature) FROM yuantu_history WHERE layer = ? AND action != 'clear' AND revision IN (SELECT value FROM json_each(?)) "
            "GROUP BY revision",
            (layer, orjson.dumps(list(wanted)).decode()),
        )
        for revision, seq, inserted, changed, deleted, first in rows:
            found.setdefault(revision, []).append((seq, Touched(layer, inserted, changed, deleted), first))
    return {revision: [(part, first) for _, part, first in sorted(parts, key=lambda p: p[0])] for revision, parts in found.items()}
