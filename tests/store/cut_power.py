"""A disk in memory whose power can be cut, and connections to it that the store takes for its own.

What is written stays in the disk's cache until it is synced. A cut keeps a random part of the rest: writes go missing, arrive out of order
or by half, names of files that were made or removed come and go unless their folder was synced. It is driven by a second SQLite (apsw),
which alone lets Python be its disk; the statements, pragmas and transactions are those of `geo.store`.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512
_NONE, _SHARED, _RESERVED, _EXCLUSIVE = 0, 1, 2, 4


class PowerCut(Exception):
    """What every call on a disk without power ends with."""


class _File:
    """Bytes as programs see them, bytes that are safe, and the writes in between. Locks are those of SQLite on one file."""

    def __init__(self, data: bytes = b"") -> None:
        self.live, self.safe = bytearray(data), bytearray(data)
        self.pending: list[tuple[int, bytes | None]] = []
        self.shared: set[object] = set()
        self.reserved: object | None = None
        self.exclusive: object | None = None

    def write(self, at: int, data: bytes) -> None:
        _put(self.live, at, data)
        self.pending.append((at, data))

    def truncate(self, size: int) -> None:
        del self.live[size:]
        self.pending.append((size, None))

    def sync(self) -> None:
        self.safe, self.pending = bytearray(self.live), []

    def after_cut(self, choose: random.Random) -> bytes:
        left = bytearray(self.safe)
        for at, data in self.pending:
            luck = choose.random()
            if luck < 0.4:
                continue
            if data is None:
                del left[at:]
                continue
            torn = len(data) // 2 // SECTOR * SECTOR or len(data) // 2
            _put(left, at, data[:torn] if luck < 0.6 else data)
        return bytes(left)


def _put(into: bytearray, at: int, data: bytes) -> None:
    if len(into) < at:
        into.extend(bytes(at - len(into)))
    into[at : at + len(data)] = data


class Disk(apsw.VFS):
    """The disk: files by name. `budget`: after so many writes, syncs and removals the power goes."""

    def __init__(self, name: str, *, budget: int, seed: int) -> None:
        super().__init__(name, "")
        self.name = name
        self.budget, self.choose = budget, random.Random(seed)
        self.files: dict[str, _File] = {}
        self.named: dict[str, _File] = {}
        self.renamed: list[tuple[str, _File | None]] = []
        self.left: dict[str, bytes] | None = None

    # Power

    def tick(self) -> None:
        self.require_power()
        self.budget -= 1
        if self.budget < 0:
            self.cut()
            raise PowerCut

    def require_power(self) -> None:
        if self.left is not None:
            raise PowerCut

    def cut(self) -> dict[str, bytes]:
        """What a start after the cut finds; the first call decides."""
        if self.left is None:
            names = dict(self.named)
            for name, file in self.renamed[: self.choose.randint(0, len(self.renamed))]:
                names[name] = file  # type: ignore[assignment]
            self.left = {name: file.after_cut(self.choose) for name, file in names.items() if file is not None}
        return self.left

    def sync_folder(self) -> None:
        for name, file in self.renamed:
            if file is None:
                self.named.pop(name, None)
            else:
                self.named[name] = file
        self.renamed = []

    def put(self, name: str, data: bytes) -> None:
        self.files[name] = self.named[name] = _File(data)

    # What SQLite asks of it

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        self.require_power()
        path = name.filename() if hasattr(name, "filename") else str(name)
        flags[1] = flags[0]
        new = path not in self.files
        if new:
            self.tick()
            self.files[path] = _File()
            self.renamed.append((path, self.files[path]))
        return _Handle(self, self.files[path], new=new)

    def xDelete(self, name: str, sync_folder: bool) -> None:
        self.tick()
        self.files.pop(name, None)
        self.renamed.append((name, None))
        if sync_folder:
            self.sync_folder()

    def xAccess(self, name: str, flags: int) -> bool:
        self.require_power()
        return name in self.files

    def xFullPathname(self, name: str) -> str:
        return name

    # What the store asks of it

    def connect(self, path: Path, **_: Any) -> sqlite3.Connection:
        """In the place of `sqlite3.connect`."""
        return _Connection(self, str(path))


class _Handle:
    """An open file, as SQLite's file methods."""

    def __init__(self, disk: Disk, file: _File, *, new: bool) -> None:
        self._disk, self._file, self._new = disk, file, new

    def xRead(self, amount: int, offset: int) -> bytes:
        self._disk.require_power()
        return bytes(self._file.live[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.tick()
        self._file.write(offset, bytes(data))

    def xTruncate(self, size: int) -> None:
        self._disk.tick()
        self._file.truncate(size)

    def xSync(self, flags: int) -> None:
        """As on Unix: the first sync of a new file syncs its folder too."""
        self._disk.tick()
        self._file.sync()
        if self._new:
            self._disk.sync_folder()
            self._new = False

    def xFileSize(self) -> int:
        self._disk.require_power()
        return len(self._file.live)

    def xLock(self, level: int) -> None:
        file = self._file
        others = file.shared - {self}
        if level == _SHARED:
            if file.exclusive not in (None, self):
                raise apsw.BusyError
            file.shared.add(self)
        elif level == _RESERVED:
            if file.reserved not in (None, self):
                raise apsw.BusyError
            file.reserved = self
        else:
            if others:
                raise apsw.BusyError
            file.exclusive = self

    def xUnlock(self, level: int) -> None:
        file = self._file
        file.reserved = None if file.reserved is self else file.reserved
        file.exclusive = None if file.exclusive is self else file.exclusive
        if level == _NONE:
            file.shared.discard(self)

    def xCheckReservedLock(self) -> bool:
        return self._file.reserved is not None

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xClose(self) -> None:
        self.xUnlock(_NONE)


_PLAIN = {apsw.ConstraintError: sqlite3.IntegrityError, apsw.BusyError: sqlite3.OperationalError, apsw.FullError: sqlite3.OperationalError}


class _Connection(sqlite3.Connection):
    """Looks like the stdlib's connection (and is one, to an empty memory), works on the disk."""

    def __init__(self, disk: Disk, path: str) -> None:
        super().__init__(":memory:", isolation_level=None, check_same_thread=False)
        self._disk = disk
        self._inner = self._asked(lambda: apsw.Connection(path, vfs=disk.name))

    def _asked(self, call: Any) -> Any:
        """A call whose failure is told as the stdlib tells it; without power, only that."""
        try:
            return call()
        except Exception as error:
            if self._disk.left is not None:
                raise PowerCut from None
            if not isinstance(error, apsw.Error):
                raise
            plain = _PLAIN.get(type(error), sqlite3.DatabaseError)(str(error))
            plain.sqlite_errorcode = error.extendedresult  # type: ignore[attr-defined]
            raise plain from error

    def cursor(self, *_: Any) -> Any:
        return _Cursor(self)

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Any]) -> Any:
        return self.cursor().executemany(sql, rows)

    def create_function(self, name: str, arguments: int, function: Any, *, deterministic: bool = False) -> None:  # type: ignore[override]
        self._inner.create_scalar_function(name, function, arguments, deterministic=deterministic)

    def commit(self) -> None:
        if not self._inner.get_autocommit():
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self._disk.left is None and not self._inner.get_autocommit():
            self.execute("ROLLBACK")

    def close(self) -> None:
        try:
            self._inner.close(True)
        except Exception:
            pass
        super().close()


def _noting(columns: list[Any]) -> Any:
    """Columns are known also where no row comes. It holds no cursor: an unfinished statement must end when its cursor is forgotten."""

    def note(cursor: Any, sql: str, bindings: Any) -> bool:
        columns[0] = tuple((c[0], None, None, None, None, None, None) for c in cursor.get_description()) or None
        return True

    return note


class _Cursor:
    arraysize = 1
    rowcount = -1
    lastrowid = None

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._inner = connection._inner.cursor()
        self._columns: list[Any] = [None]
        self._inner.exec_trace = _noting(self._columns)

    @property
    def description(self) -> Any:
        return self._columns[0]

    def execute(self, sql: str, parameters: Any = ()) -> _Cursor:
        self._connection._asked(lambda: self._inner.execute(sql, parameters))
        return self

    def executemany(self, sql: str, rows: Iterable[Any]) -> _Cursor:
        self._connection._asked(lambda: self._inner.executemany(sql, rows))
        return self

    def fetchone(self) -> Any:
        return self._connection._asked(lambda: next(self._inner, None))

    def fetchmany(self, size: int = 1) -> list[Any]:
        rows = (self.fetchone() for _ in range(size))
        return [row for row in rows if row is not None]

    def fetchall(self) -> list[Any]:
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        while (row := self.fetchone()) is not None:
            yield row

    def close(self) -> None:
        self._connection._asked(self._inner.close) if self._connection._disk.left is None else None
