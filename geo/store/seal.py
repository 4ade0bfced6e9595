"""Checksums over what the history's chain does not cover: the store's own figures, remembered answers, records in quarantine.

A store of an earlier version has none yet; it gets them as it is written to, and what has none is taken as it is.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

SEAL = "seal"
"""The row of yuantu_meta that seals the others."""

QUARANTINE_COLUMNS = ("layer", "dataset", "number", "reason", "sentence_zh", "sentence_en", "raw", "geometry_wkt")


def _sum(*parts: Any) -> str:
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def meta_sum(rows: Mapping[str, str | None]) -> str:
    return _sum(sorted((key, value) for key, value in rows.items() if key != SEAL))


def seal_meta(driver: sqlite3.Connection | sqlite3.Cursor) -> None:
    rows = dict(driver.execute("SELECT key, value FROM yuantu_meta").fetchall())
    driver.execute("INSERT OR REPLACE INTO yuantu_meta (key, value) VALUES (?, ?)", (SEAL, meta_sum(rows)))


def meta_is_sound(driver: sqlite3.Connection) -> bool:
    rows = dict(driver.execute("SELECT key, value FROM yuantu_meta").fetchall())
    return SEAL not in rows or rows[SEAL] == meta_sum(rows)


def sealed_answer(key: str, at: str, digest: bytes, answer: str) -> str:
    """The answer as it is kept: its JSON, then on a line of its own the seal of the whole row."""
    return f"{answer}\n{_sum(key, at, digest.hex(), answer)}"


def opened_answer(key: str, at: str, digest: bytes, kept: str) -> str | None:
    """The JSON of a kept answer; None when the row is not as it was written."""
    answer, line, seal = kept.partition("\n")
    if not line:
        return answer if _is_whole(answer) else None
    return answer if seal == _sum(key, at, digest.hex(), answer) else None


def _is_whole(answer: str) -> bool:
    """An answer without a seal is an earlier version's, or one that was cut off."""
    try:
        return isinstance(orjson.loads(answer), dict)
    except ValueError:
        return False


def quarantine_sum(rows: Iterable[Sequence[Any]]) -> str:
    """Over the QUARANTINE_COLUMNS of an import's records, in their order."""
    total = hashlib.sha256()
    for row in rows:
        total.update(orjson.dumps(list(row)))
        total.update(b"\n")
    return total.hexdigest()
