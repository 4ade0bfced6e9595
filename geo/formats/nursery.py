"""A process that has loaded what every reader needs and reads nothing itself: each job is a fork of it, so a small file does not wait for imports.

It has one thread, no open file but PROJ's database, and no library with drivers: those are loaded after the fork, once the job has said which driver it needs.
Its service asks over a socket for a fork with three handles: standard input, standard output, and a socket of the job, on which go the number
of the process, then its exit status; closing that socket or a byte on it kills the job. When the service is gone, so are this process and its jobs.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import select
import signal
import socket
import stat
import struct
import sys
from contextlib import suppress
from pathlib import Path

NUMBER = struct.Struct("<i")
"""How a process number and an exit status go over a job's socket; 0 as number = the system would not fork."""

_FIRST = (
    "csv", "ctypes", "datetime", "gzip", "importlib.metadata", "itertools", "mmap", "sqlite3", "xml.parsers.expat", "zipfile",
    "numpy", "numpy.ma", "shapely", "pyproj", "orjson", "packaging.version",
    "geo.formats.child", "geo.formats.dataset", "geo.formats.opening", "geo.formats.delimited", "geo.formats.geojson", "geo.formats.gpkg",
    "geo.formats.headings", "geo.formats.places", "geo.formats.shapefile", "geo.formats.tables", "geo.formats.wire", "geo.formats.writing",
)  # fmt: skip
_WHEN_IDLE = ("ezdxf", "python_calamine")
"""Slow to load and needed by few: taken in while nobody asks for anything. Neither has drivers, threads or files of its own."""

_IDLE_S = 1.0
_MOST_HANDLES = 3


def main(handle: int) -> None:
    """Serves forks on the socket `handle` until its other end is closed."""
    service = socket.socket(fileno=handle)
    _load(_FIRST)
    _map_gdal()
    gc.collect()
    gc.freeze()
    if _threads() != 1:
        sys.exit("a library started a thread: forking would not be safe")
    _Nursery(service).serve()


def _load(names: tuple[str, ...]) -> None:
    """pyogrio would pull in pandas, which no reader needs."""
    for name in ("pandas", "geopandas"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)


def _map_gdal() -> None:
    """Only the code of GDAL: its drivers are registered when pyogrio is imported, which is after the fork."""
    import ctypes

    spec = importlib.util.find_spec("pyogrio")
    if spec is None or not spec.origin:
        return
    for library in sorted(Path(spec.origin).parent.parent.glob("pyogrio.libs/libgdal*")):
        with suppress(OSError):
            ctypes.CDLL(str(library))


def _threads() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def _own_files() -> None:
    """PROJ keeps its database open from the import on: each fork gets a handle with a position of its own."""
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            if int(name) > 2 and stat.S_ISREG(os.fstat(int(name)).st_mode):
                again = os.open(f"/proc/self/fd/{name}", os.O_RDONLY | os.O_CLOEXEC)
                os.dup2(again, int(name), inheritable=False)
                os.close(again)


class _Nursery:
    """Jobs by the handle of their socket; `_alive` has those whose process still runs."""

    def __init__(self, service: socket.socket) -> None:
        self._service = service
        self._alive: dict[int, int] = {}
        self._deaf: set[int] = set()
        self._bell, ring = os.pipe()
        self._ring = ring
        for end in (self._bell, ring):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)

    def serve(self) -> None:
        later: tuple[str, ...] = _WHEN_IDLE
        while True:
            listening = [self._service.fileno(), self._bell, *(s for s in self._alive if s not in self._deaf)]
            ready, _, _ = select.select(listening, [], [], _IDLE_S if later else None)
            if not ready and not self._alive:
                _load(later[:1])
                later = later[1:]
                continue
            if self._bell in ready:
                self._reap()
            for job in [s for s in ready if s in self._alive]:
                self._kill(job)
            if self._service.fileno() in ready and not self._answer():
                return

    def _answer(self) -> bool:
        """Takes one request; False when the service has gone."""
        try:
            said, handles, _, _ = socket.recv_fds(self._service, 1, _MOST_HANDLES)
        except OSError:
            return False
        if not said or len(handles) != _MOST_HANDLES:
            return False
        self._fork(*handles)
        return True

    def _fork(self, source: int, sink: int, job: int) -> None:
        parent = os.getpid()
        try:
            number = os.fork()
        except OSError:
            number = -1
        if number == 0:
            self._become_a_child(source, sink, job, parent)
        os.close(source)
        os.close(sink)
        with suppress(OSError):
            os.write(job, NUMBER.pack(max(number, 0)))
        if number > 0:
            self._alive[job] = number
        else:
            os.close(job)

    def _become_a_child(self, source: int, sink: int, job: int, parent: int) -> None:
        """Nothing of the nursery goes along: neither its sockets nor those of other jobs."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(source, 0)
            os.dup2(sink, 1)
            for handle in {source, sink, job, self._bell, self._ring, self._service.detach(), *self._alive} - {0, 1, 2}:
                os.close(handle)
            _own_files()
            from geo.formats import child

            child.main(parent=parent)
        finally:
            os._exit(70)

    def _kill(self, job: int) -> None:
        with suppress(OSError):
            if os.read(job, 1):
                os.kill(self._alive[job], signal.SIGKILL)
                return
        self._deaf.add(job)
        with suppress(OSError):
            os.kill(self._alive[job], signal.SIGKILL)

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._bell, 4096)
        while True:
            try:
                number, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not number:
                return
            for job in [s for s, n in self._alive.items() if n == number]:
                with suppress(OSError):
                    os.write(job, NUMBER.pack(os.waitstatus_to_exitcode(status)))
                os.close(job)
                del self._alive[job]
                self._deaf.discard(job)
