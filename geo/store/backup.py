"""A consistent copy of the live store: written beside its place, checked, synced, and only then given its name."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from geo.errors import Conflict, StoreDamaged, Text

BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite may keep beside a file, and what belongs to it."""


def _exists(path: Path) -> Conflict:
    return Conflict(
        Text(f"文件“{path.name}”已存在：请换个名字或先移走它", f"the file '{path.name}' exists already: take another name or move it away")
    )


def write_copy(driver: sqlite3.Connection, path: Path) -> None:
    """Copy the store that `driver` is connected to (outside a transaction) to `path`. Raises Conflict when `path` exists or is a name of SQLite's."""
    if path.exists():
        raise _exists(path)
    if path.name.endswith(BESIDE):
        raise Conflict(
            Text(
                f"“{path.name}”是数据库附属文件的名字，会被自动删除：请换个名字",
                f"'{path.name}' is a name that SQLite keeps for itself and may remove: take another one",
            )
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.partial")
    temporary.unlink(missing_ok=True)
    try:
        driver.execute("VACUUM INTO ?", (str(temporary),))
        _require_sound(temporary)
        sync(temporary)
        _give_name(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    if sys.platform != "win32":
        sync(path.parent)


def _require_sound(path: Path) -> None:
    """Every backup is opened and checked before it gets its name."""
    with closing(sqlite3.connect(path)) as copy:
        answer = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise StoreDamaged(Text("备份未通过检查，未保存", "the backup did not pass its check and was not kept"))


def sync(path: Path) -> None:
    """Make sure that a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _give_name(temporary: Path, path: Path) -> None:
    """A link never overwrites; where the file system has none, a rename after a last look."""
    try:
        os.link(temporary, path)
        return
    except FileExistsError:
        raise _exists(path) from None
    except OSError:
        pass
    if path.exists():
        raise _exists(path)
    os.rename(temporary, path)


def being_restored(path: Path) -> list[Path]:
    """Where a restore prepares the file that is to take the place of the store at `path`, and what SQLite may keep beside it."""
    return [path.with_name(f".{path.name}.restoring{suffix}") for suffix in ("", *BESIDE)]
