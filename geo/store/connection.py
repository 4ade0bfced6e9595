"""Connections to the one live file: how they are set, which of them may write, and what SQLite's errors mean to a user.

The rules of SQLite on POSIX are kept here. Locks belong to the process: any other opening and closing of the file in this process (a
plain `open`, a hash, a copy) would drop them, so a guard refuses it; and a connection never crosses a fork.
"""

from __future__ import annotations

import errno
import os
import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from geo.errors import BadValue, StoreBusy, StoreDamaged, StoreFull, Text, YuantuError
from geo.store import blob, lease

BUSY_SECONDS = 10.0
"""How long a transaction waits for a lock before StoreBusy."""
WRITE_CACHE_KIB = 256 * 1024
"""Largest page cache of a writer: an import below it leaves readers alone until its commit; above it memory stays bounded."""

POLL_SECONDS = 0.002
"""Longest pause between two tries for a lock. SQLite's own grow to 0.1 s: a busy neighbour would keep others out for seconds."""

PRAGMAS = (
    "journal_mode = DELETE",
    "synchronous = EXTRA",
    "foreign_keys = ON",
    "recursive_triggers = ON",
    "trusted_schema = ON",
    "cell_size_check = ON",
    "mmap_size = 0",
    "temp_store = MEMORY",
)
"""Set on every connect. EXTRA is FULL that also syncs the folder after the journal is gone, so that a commit outlives a power cut.
`trusted_schema` lets the R-tree triggers call the five registered functions; the file is never a foreign one."""

_BUSY = Text("数据库正忙，请稍后重试", "the store is busy: try again in a few seconds")
_FULL = Text("磁盘已满：本次更改未保存，请清理磁盘后重试", "the disk is full: nothing of this change was kept; make room and try again")
_DAMAGED = Text(
    "数据文件已损坏或不是院图的数据：请运行 flask doctor，或恢复备份",
    "the store is damaged or not a store: run flask doctor, or restore a backup",
)
READ_ONLY = Text(
    "数据文件有损坏：现在只能查看，不能修改。请停止服务，运行 flask doctor 查明，再用 flask restore 恢复备份",
    "the store is damaged: it can be read and not changed. Stop the service, run flask doctor to see what is wrong, then flask restore a backup",
)
"""What a store says that is not trusted any more: nothing is written into a damaged file."""
NO_ACCESS = Text("不能读写数据文件：请检查目录和权限", "the store cannot be opened or written: check its folder and permissions")

_ERRORS: dict[int, tuple[type[YuantuError], Text]] = {
    sqlite3.SQLITE_BUSY: (StoreBusy, _BUSY),
    sqlite3.SQLITE_LOCKED: (StoreBusy, _BUSY),
    sqlite3.SQLITE_PROTOCOL: (StoreBusy, _BUSY),
    sqlite3.SQLITE_FULL: (StoreFull, _FULL),
    sqlite3.SQLITE_CORRUPT: (StoreDamaged, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (StoreDamaged, _DAMAGED),
    sqlite3.SQLITE_FORMAT: (StoreDamaged, _DAMAGED),
    sqlite3.SQLITE_IOERR: (StoreDamaged, NO_ACCESS),
    sqlite3.SQLITE_CANTOPEN: (StoreDamaged, NO_ACCESS),
    sqlite3.SQLITE_READONLY: (StoreDamaged, NO_ACCESS),
    sqlite3.SQLITE_PERM: (StoreDamaged, NO_ACCESS),
}


_UNDECODABLE = "Could not decode to UTF-8"


def public_error(error: sqlite3.Error) -> YuantuError | None:
    """What a driver's error means to a user; None for a defect of ours."""
    if _UNDECODABLE in str(error):  # the driver's own, without a code: a text in the file is no text
        return StoreDamaged(_DAMAGED)
    code = getattr(error, "sqlite_errorcode", None)
    known = _ERRORS.get(code & 0xFF) if isinstance(code, int) else None
    return known[0](known[1]) if known else None


@contextmanager
def translated() -> Iterator[None]:
    """Turn what SQLite raises inside into the errors of the service."""
    try:
        yield
    except sa.exc.TimeoutError as error:
        raise StoreBusy(_BUSY) from error
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        driver = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        public = public_error(driver) if isinstance(driver, sqlite3.Error) else None
        if public is None:
            raise
        raise public from error
    except UnicodeDecodeError as error:
        raise StoreDamaged(_DAMAGED) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadValue(Text("文字或数字无法保存", "a text or number cannot be stored")) from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise StoreFull(_FULL) from error


class LiveFileError(RuntimeError):
    """Something in this process tried to open the live store beside its connections; that would lose commits without a word."""


class _Guard:
    """Refuses, in this process, any opening of a live file but SQLite's own (which Python's audit events do not call `open`)."""

    def __init__(self) -> None:
        self._live: dict[str, int] = {}
        self._installed = False
        self._lock = threading.Lock()

    def add(self, path: Path) -> None:
        with self._lock:
            if not self._installed:
                sys.addaudithook(self._hook)
                self._installed = True
            for name in self._names(path):
                self._live[name] = self._live.get(name, 0) + 1

    def remove(self, path: Path) -> None:
        with self._lock:
            for name in self._names(path):
                left = self._live.get(name, 0) - 1
                if left > 0:
                    self._live[name] = left
                else:
                    self._live.pop(name, None)

    @staticmethod
    def _names(path: Path) -> tuple[str, str]:
        real = os.path.realpath(path)
        return real, real + "-journal"

    def _hook(self, event: str, args: tuple[object, ...]) -> None:
        if event != "open" or not self._live or not isinstance(args[0], (str, bytes)):
            return
        name = os.fsdecode(args[0])
        if any(name.endswith(os.path.basename(live)) for live in self._live) and os.path.realpath(name) in self._live:
            raise LiveFileError("the live store must not be opened beside its connections: use Store.backup for a copy")


GUARD = _Guard()


def connect(path: Path) -> sqlite3.Connection:
    """One connection as every connection must be."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=512)
    try:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        for pragma in PRAGMAS:
            answer = connection.execute(f"PRAGMA {pragma}").fetchone()
            if pragma.startswith("journal_mode") and answer[0] != "delete":
                raise StoreBusy(_BUSY)
        blob.register(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _begin_reading(connection: sa.Connection) -> None:
    """A transaction that has its instant: a deferred BEGIN alone would take it, and wait for it, at the first question."""
    _patiently(connection, "BEGIN", "SELECT 1 FROM sqlite_master LIMIT 1")


def _begin_writing(connection: sa.Connection) -> None:
    _patiently(connection, "BEGIN IMMEDIATE")


def _patiently(connection: sa.Connection, *statements: str) -> None:
    """Statements that wait for a lock, each tried often until it is had or BUSY_SECONDS are over."""
    driver, deadline = raw(connection), time.monotonic() + BUSY_SECONDS
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        for statement in statements:
            while not _done(driver, statement, last=time.monotonic() >= deadline):
                time.sleep(random.uniform(0.2, 1) * POLL_SECONDS)
    finally:
        driver.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


def _done(driver: sqlite3.Connection, statement: str, *, last: bool) -> bool:
    try:
        driver.execute(statement).fetchone()
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


@dataclass(slots=True)
class _Engines:
    """The engines of one process."""

    pid: int
    reading: sa.Engine
    writing: sa.Engine
    lease: lease.Lease
    lock: threading.Lock = field(default_factory=threading.Lock)


_ABANDONED: list[_Engines] = []
"""Engines inherited through a fork: kept so that their connections are never closed in the child, where closing could roll the parent back."""


class Connections:
    """Transactions on one file, for any thread and, after a fork, any process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engines: _Engines | None = None
        self._making = threading.Lock()
        self._made_in = os.getpid()
        self._closed = False
        self.alarm: Text | None = None
        GUARD.add(path)

    def _engine(self, begin: Callable[[sa.Connection], None]) -> sa.Engine:
        engine = sa.create_engine(
            "sqlite://",
            creator=lambda: connect(self.path),
            poolclass=sa.pool.QueuePool,
            pool_size=4,
            max_overflow=60,
            pool_timeout=BUSY_SECONDS,
        )
        sa.event.listen(engine, "begin", begin)
        return engine

    def engines(self) -> _Engines:
        """This process's engines: made at first use, and made anew after a fork."""
        pid = os.getpid()
        if pid != self._made_in:
            self._making, self._made_in = threading.Lock(), pid
            if self._engines is not None:
                _ABANDONED.append(self._engines)
                self._engines = None
        with self._making:
            if self._closed:
                raise RuntimeError("the store is closed")
            if self._engines is None:
                held = lease.share(self.path, patience_s=BUSY_SECONDS)
                self._engines = _Engines(pid, self._engine(_begin_reading), self._engine(_begin_writing), held)
            return self._engines

    def distrust(self) -> None:
        """The file was seen to be damaged: from now on it is read and not written."""
        self.alarm = READ_ONLY

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """`translated`, and whoever meets damage raises the alarm for all."""
        try:
            with translated():
                yield
        except StoreDamaged as error:
            if error.text is _DAMAGED:
                self.distrust()
            raise

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One instant of the store. Raises StoreBusy, StoreDamaged."""
        with self._watched(), self.engines().reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """The one writing transaction: committed at the end, rolled back by any error. Raises StoreBusy, StoreFull, StoreDamaged."""
        if self.alarm is not None:
            raise StoreDamaged(self.alarm)
        engines = self.engines()
        if not engines.lock.acquire(timeout=BUSY_SECONDS):
            raise StoreBusy(_BUSY)
        try:
            with self._watched(), engines.writing.begin() as connection:
                yield connection
        finally:
            engines.lock.release()

    @contextmanager
    def plain(self) -> Iterator[sqlite3.Connection]:
        """A connection outside any transaction (VACUUM INTO)."""
        with self._watched():
            proxied = self.engines().reading.raw_connection()
            try:
                yield raw(proxied)
            finally:
                proxied.close()

    def close(self) -> None:
        """Close this process's connections; the file may then be opened by others."""
        with self._making:
            engines, self._engines = self._engines, None
            if self._closed:
                return
            self._closed = True
        if engines is not None and engines.pid == os.getpid():
            with suppress(sqlite3.Error):
                engines.reading.dispose()
                engines.writing.dispose()
            engines.lease.close()
        GUARD.remove(self.path)


def raw(connection: sa.Connection | sa.PoolProxiedConnection) -> sqlite3.Connection:
    """The driver's connection inside, for bulk work in the same transaction."""
    proxied = connection.connection if isinstance(connection, sa.Connection) else connection
    driver = proxied.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError("not a SQLite connection")
    return driver
