"""Who has a store open: each process that does holds a shared lock on a file beside it; whoever replaces the store holds it alone.

SQLite's own locks order readers and writers of one file, also of several services; they say nothing about a file that is exchanged: a
process that still had the old one open would go on showing it. Systems without `flock` (Windows) refuse by themselves to replace a file that is open.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import Conflict, StoreBusy, StoreDamaged, Text

if sys.platform != "win32":
    import fcntl

PAUSE_SECONDS = 0.02
_LOCKS = Path("/proc/locks")
_BUSY = Text("数据文件正在恢复，请稍后重试", "the store is being restored: try again in a few seconds")
_NO_ACCESS = Text("不能读写数据文件：请检查目录和权限", "the store cannot be opened or written: check its folder and permissions")


def lock_file(path: Path) -> Path:
    return path.with_name(f".{path.name}.lock")


class Lease:
    """A lock that is held until it is closed, or until the process ends."""

    def __init__(self, handle: int | None) -> None:
        self._handle = handle

    def close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


def share(path: Path, *, patience_s: float) -> Lease:
    """Say that this process has the store open. Raises StoreBusy while another replaces it, StoreDamaged for a folder that cannot be written."""
    if sys.platform == "win32":
        return Lease(None)
    try:
        handle = os.open(lock_file(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreDamaged(_NO_ACCESS) from error
    deadline = time.monotonic() + patience_s
    while not _taken(handle, fcntl.LOCK_SH):
        if time.monotonic() >= deadline:
            os.close(handle)
            raise StoreBusy(_BUSY)
        time.sleep(PAUSE_SECONDS)
    return Lease(handle)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Have the store to oneself. Raises Conflict, naming the processes, while any has it open."""
    if sys.platform == "win32":
        yield
        return
    try:
        handle = os.open(lock_file(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreDamaged(_NO_ACCESS) from error
    try:
        if not _taken(handle, fcntl.LOCK_EX):
            raise in_use(_holders(handle))
        yield
    finally:
        os.close(handle)


def in_use(pids: list[int]) -> Conflict:
    zh, en = (f"（进程 {'、'.join(map(str, pids))}）", f" (process {', '.join(map(str, pids))})") if pids else ("", "")
    return Conflict(
        Text(
            f"数据文件正被使用{zh}：请先停止服务，关闭打开它的程序，再试一次；未作任何更改",
            f"the store is in use{en}: stop the service and close the programs that have it open, then try again; nothing was changed",
        ),
        processes=pids,
    )


def _taken(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holders(handle: int) -> list[int]:
    """Processes that hold the lock, where the system tells."""
    inode, found = str(os.fstat(handle).st_ino), set()
    try:
        lines = _LOCKS.read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        parts = line.split()
        if len(parts) > 5 and parts[1] == "FLOCK" and parts[5].rpartition(":")[2] == inode:
            found.add(int(parts[4]))
    return sorted(found - {0, -1})
