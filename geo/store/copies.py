"""Copies that a running service keeps of its store: numbered, thinned out by number.

Neither what is newest nor what may go is decided by a clock, which may jump: the number counts on, and the date in the name is for people.
The `newest` last copies stay, and of the earlier ones every `newest`-th, as many again: with 7, hourly copies reach back 7 and some 49 hours of work.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from geo.store.backup import write_copy


def _numbered(folder: Path, stem: str) -> dict[int, Path]:
    pattern = re.compile(re.escape(stem) + r"-([0-9]{6,})-[0-9TZ]+\.gpkg")
    found = ((pattern.fullmatch(path.name), path) for path in folder.glob(f"{stem}-*.gpkg"))
    return {int(match[1]): path for match, path in found if match}


def newest_first(folder: Path, stem: str) -> list[Path]:
    """The copies there are."""
    return [path for _, path in sorted(_numbered(folder, stem).items(), reverse=True)]


def superseded(numbers: Iterable[int], newest: int) -> list[int]:
    """Which copies may go."""
    ordered = sorted(numbers, reverse=True)
    older = [n for n in ordered[newest:] if n % newest == 0]
    return [n for n in ordered[newest:] if n not in older[:newest]]


def keep(driver: sqlite3.Connection, folder: Path, stem: str, *, newest: int, now: str) -> Path | None:
    """A copy of the store behind `driver`, if it changed since the last; then what is superseded goes. Raises Conflict when another was quicker."""
    there = _numbered(folder, stem)
    last = max(there, default=0)
    if there and _heads(there[last]) == driver.execute(_HEADS).fetchall():
        return None
    _remove_cut_off(folder, stem, last)
    stamp = "".join(c for c in now if c in "0123456789TZ")
    path = folder / f"{stem}-{last + 1:06d}-{stamp}.gpkg"
    write_copy(driver, path)
    there[last + 1] = path
    for number in superseded(there, newest):
        there[number].unlink(missing_ok=True)
    return path


def _remove_cut_off(folder: Path, stem: str, last: int) -> None:
    """What was being written when a service was killed: under way can only be the copy after the last."""
    pattern = re.compile(re.escape(f".{stem}") + r"-([0-9]{6,})-[0-9TZ]+\.gpkg\.[0-9]+\.partial")
    for path in folder.glob(".*.partial"):
        match = pattern.fullmatch(path.name)
        if match is not None and int(match[1]) <= last:
            path.unlink(missing_ok=True)


_HEADS = "SELECT key, value FROM yuantu_meta WHERE key IN ('head', 'document_head') ORDER BY key"


def _heads(path: Path) -> list[tuple[str, str]] | None:
    """Where the chains of features and documents end in a copy; None when that cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as copy:
            return copy.execute(_HEADS).fetchall()
    except sqlite3.Error:
        return None
