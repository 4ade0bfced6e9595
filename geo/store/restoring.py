"""A backup put in the place of the store: checked in full beside it first, the replaced file kept, the exchange atomic.

A cut at any moment leaves the old store or the new one: everything is prepared under another name and synced, then one rename exchanges them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from geo.errors import Conflict, StoreDamaged, Text, UnreadableFile
from geo.schema import Layer
from geo.store import check, lease
from geo.store.backup import BESIDE, being_restored, sync
from geo.store.connection import connect, translated
from geo.store.contract import Problem, StoreInfo
from geo.store.gpkg import GeoPackageStore
from geo.store.lease import alone

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept`: where the replaced file went, None when there was none."""

    kept: Path | None
    info: StoreInfo


def restore(path: Path, backup: Path, layers: Mapping[str, Layer], *, actor: str, now: str) -> Restored:
    """Put `backup` in the place of the store at `path`.

    Raises UnreadableFile for what is no sound backup of this service or holds made-up data, Conflict for one of a newer version and while any
    process has the store open, StoreFull. Nothing has changed then.
    """
    if path.exists() and backup.samefile(path):
        raise Conflict(Text("这就是正在用的数据文件：请指定一份备份", "this is the store itself: name a backup"))
    path.parent.mkdir(parents=True, exist_ok=True)
    prepared = being_restored(path)[0]
    with translated(), alone(path):
        try:
            _remove(prepared)
            _copy(backup, prepared)
            _make_ready(prepared, backup.name, layers, actor=actor, now=now)
            info = _look_through(prepared, layers)
            sync(prepared)
            kept = _keep(path, now)
            _exchange(prepared, path)
        finally:
            _remove(prepared)
    return Restored(kept, info)


def _remove(prepared: Path) -> None:
    for leftover in (prepared, *_beside(prepared), lease.lock_file(prepared)):
        leftover.unlink(missing_ok=True)


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in BESIDE]


def _unusable(why_zh: str, why_en: str) -> UnreadableFile:
    return UnreadableFile(Text(f"不能用来恢复：{why_zh}；现有数据未作任何更改", f"it cannot be restored: {why_en}; nothing was changed"))


def _copy(backup: Path, prepared: Path) -> None:
    """Through SQLite, which waits for whoever writes into the backup and copies it as of one instant."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(backup.resolve()))}?mode=ro", uri=True)) as source:
            with closing(sqlite3.connect(prepared)) as target:
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()
                source.backup(target)
    except sqlite3.DatabaseError as error:
        if (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
            raise
        raise _unusable(f"“{backup.name}”不是可读的数据文件", f"'{backup.name}' is not a database that can be read") from error


def _make_ready(prepared: Path, name: str, layers: Mapping[str, Layer], *, actor: str, now: str) -> None:
    """Bring the copy to the present declarations, make anew what follows from its features, and say in its history where it came from."""
    try:
        with closing(GeoPackageStore(prepared, layers, backup_first=False)) as store:
            kind = store.info().kind
            if kind == "demo":
                raise _unusable("里面是示例数据；示例用 flask demo 载入", "it holds made-up data; load that with flask demo")
            if kind == "empty":
                raise _unusable("里面没有要素", "it holds no features")
            _require_sound(store.look(check.FOUNDATION))
            store.rebuild_derived()
            store.note(f"restored from {name}", actor=actor, now=now)
    except StoreDamaged as error:
        raise _unusable(error.text.zh, error.text.en) from error


def _look_through(prepared: Path, layers: Mapping[str, Layer]) -> StoreInfo:
    with closing(GeoPackageStore(prepared, layers, backup_first=False)) as store:
        _require_sound(store.check())
        return store.info()


def _require_sound(problems: Sequence[Problem]) -> None:
    shown = problems[:_SHOWN]
    if shown:
        more = f" (+{len(problems) - _SHOWN})" if len(problems) > _SHOWN else ""
        raise _unusable("；".join(p.text.zh for p in shown) + more, "; ".join(p.text.en for p in shown) + more)


def _keep(path: Path, now: str) -> Path | None:
    """A copy, byte for byte, of the file that is to be replaced, with the journal that a crash may have left beside it.

    Raises Conflict when another program writes into the file meanwhile.
    """
    if not path.exists():
        return None
    stamp = "".join(c for c in now if c in "0123456789TZ")
    kept = path.with_name(f"{path.stem}-replaced-{stamp}{path.suffix}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.stem}-replaced-{stamp}-{number}{path.suffix}")
    try:
        before = _seen(path)
        for source, target in zip((path, *_beside(path)), (kept, *_beside(kept)), strict=True):
            if source.exists():
                shutil.copyfile(source, target)
                sync(target)
        if _seen(path) != before:
            raise lease.in_use([])
        _settle(path)
    except BaseException:
        for target in (kept, *_beside(kept)):
            target.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return kept


def _seen(path: Path) -> list[tuple[int, int] | None]:
    """When the file and its journals were last written, and their sizes."""
    return [(found.st_mtime_ns, found.st_size) if (found := _stat(one)) else None for one in (path, *_beside(path))]


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _settle(path: Path) -> None:
    """Let SQLite finish what a crash left, and see that no other program has the file. What is too damaged for that stays as it is."""
    try:
        with closing(connect(path)) as old:
            old.execute("BEGIN EXCLUSIVE")
            old.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise lease.in_use([]) from error
    except sqlite3.DatabaseError:
        pass


def _exchange(prepared: Path, path: Path) -> None:
    """A journal of the old file must be gone first: SQLite would roll it back into the new one."""
    for leftover in _beside(path):
        leftover.unlink(missing_ok=True)
    _sync_folder(path.parent)
    try:
        os.replace(prepared, path)
    except PermissionError as error:  # Windows: somebody has it open
        raise lease.in_use([]) from error
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":
        with suppress(PermissionError):
            sync(folder)
