"""The child process for foreign files, seen from the service: started, fed, checked, killed; its folder removed. No GDAL, no reader in this process.

The child may be taken over by what it reads; nothing it says is believed before `geo.formats.wire` has checked it.
"""

from __future__ import annotations

import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from geo.errors import HostileFile, Text, TooLarge, UnreadableFile
from geo.formats import gdal, pipe, wire
from geo.formats.contract import Chunk, DatasetHeader, DatasetInfo, ReadRequest
from geo.formats.doctor import COMPANIONS
from geo.formats.limits import COMMAND_LINE, WEB, Limits

__all__ = ["COMMAND_LINE", "WEB", "Limits", "guards", "inspect", "read", "write"]

_LOG = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_PREFIX = "yuantu-job-"
_WAITING_FRAMES = 2

Progress = Callable[[int, int], None]
"""Called with (records read, records in all)."""


def inspect(path: Path, request: ReadRequest, *, limits: Limits = WEB, work_dir: Path | None = None) -> list[DatasetInfo]:
    """What the doctor finds in a file (of a shapefile: with its neighbours of the same name). Raises the Refused tree."""
    with _job("inspect", [path], request, limits, work_dir) as child:
        return [wire.decode_info(p, columns=limits.columns, features=limits.features) for kind, p in child.frames() if kind == b"I"]


@contextmanager
def read(
    path: Path, request: ReadRequest, *, limits: Limits = WEB, work_dir: Path | None = None, progress: Progress | None = None
) -> Iterator[Iterator[DatasetHeader | Chunk]]:
    """The datasets of a file as DatasetHeader, Chunk, Chunk, …, DatasetHeader, …; memory stays bounded by two chunks.

    Raises the Refused tree, at any step: a caller that stages what it gets and publishes at the end loses nothing. Leaving the block kills the child.
    """
    with _job("read", [path], request, limits, work_dir) as child:
        yield _checked(child, limits, progress)


def _checked(child: _Child, limits: Limits, progress: Progress | None) -> Iterator[DatasetHeader | Chunk]:
    """Headers and chunks in order, every record of every dataset accounted for."""
    header: DatasetHeader | None = None
    done = 0
    for kind, payload in child.frames():
        if kind == b"H":
            _complete(header, done)
            header, done = wire.decode_header(payload, columns=limits.columns, features=limits.features), 0
            yield header
        elif kind == b"C" and header is not None:
            chunk = wire.decode_chunk(payload, header, done + 1, text_limit=limits.text)
            done += len(chunk.geometry)
            if progress:
                progress(done, header.count)
            yield chunk
    _complete(header, done)


def _complete(header: DatasetHeader | None, done: int) -> None:
    if header is not None and header.count != done:
        raise UnreadableFile(
            Text(
                f"“{header.name}”应有 {header.count} 条，只读到 {done} 条",
                f"'{header.name}' should hold {header.count} records, {done} were read",
            )
        )


def write(
    path: Path,
    driver: str,
    layer_name: str,
    fields: Sequence[tuple[str, str]],
    rows: Iterable[tuple[bytes | None, Sequence[Any]]],
    crs: str,
    limits: Limits = COMMAND_LINE,
    *,
    geometry_type: str = "Unknown",
    work_dir: Path | None = None,
) -> None:
    """Writes `rows` (WKB in `crs` or None, values in the order of `fields`) as a foreign file; it appears at `path` whole or not at all.

    `driver` is "GPKG". `fields`: (name, "text" | "integer" | "number" | "boolean" | "date"). An existing file is replaced.
    """
    job = {"driver": driver, "layer": layer_name, "fields": list(fields), "crs": crs, "geometry_type": geometry_type}
    with _job("write", [], ReadRequest(), limits, work_dir, extra=job) as child:
        child.feed(rows)
        for _ in child.frames():
            pass
        made = child.folder / "out"
        if not made.is_file():
            raise UnreadableFile(Text("文件没有写成", "the file was not written"))
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        shutil.move(made, partial)
        partial.replace(path)


def guards() -> dict[str, bool]:
    """Which of the child's guards this system has: memory, cpu, file-size, open-files, core, network."""
    with _job("guards", [], ReadRequest(), WEB, None) as child:
        for _ in child.frames():
            pass
        return {name: name in child.held for name in ("memory", "cpu", "file-size", "open-files", "core", "network")}


# --- the process


class _Child:
    """A running child; its frames come through a thread and a short queue, so that waiting can be timed on every system."""

    def __init__(self, process: Any, folder: Path, limits: Limits) -> None:
        self.folder, self.held = folder, set[str]()
        self._process, self._limits = process, limits
        self._queue: queue.Queue[tuple[bytes, bytes] | BaseException | None] = queue.Queue(_WAITING_FRAMES)
        self._stopped = threading.Event()
        self._waited = 0.0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        item: tuple[bytes, bytes] | BaseException | None = None
        try:
            while (item := pipe.receive(self._process.stdout)) is not None:
                self._put(item)
        except (pipe.BadFrame, OSError, ValueError) as error:
            item = error
        self._put(item)

    def _put(self, item: tuple[bytes, bytes] | BaseException | None) -> None:
        while not self._stopped.is_set():
            with suppress(queue.Full):
                self._queue.put(item, timeout=0.2)
                return

    def frames(self) -> Iterator[tuple[bytes, bytes]]:
        """The frames up to the end. Raises what the child refused with, or why it ended without a word."""
        try:
            while True:
                kind, payload = self._next()
                if kind == b"D":
                    return
                if kind == b"E":
                    error = pipe.decode_error(payload)
                    if detail := error.members.pop("log", None):
                        _LOG.warning("foreign file: %s", detail)
                    raise error
                if kind == b"G":
                    self.held = set(orjson.loads(payload))
                else:
                    yield kind, payload
        except (pipe.BadFrame, KeyError, TypeError, AttributeError) as error:
            _LOG.warning("the child broke the protocol: %r", error)
            raise HostileFile(
                Text("读取程序的回答不合规矩，文件未导入", "the reader gave an answer out of order: nothing was imported")
            ) from error

    def _next(self) -> tuple[bytes, bytes]:
        began = time.monotonic()
        try:
            item = self._queue.get(timeout=max(self._limits.wall - self._waited, 0.01))
        except queue.Empty:
            raise _too_slow() from None
        finally:
            self._waited += time.monotonic() - began
        if isinstance(item, tuple):
            return item
        raise self._end() if item is None else pipe.BadFrame(str(item))

    def _end(self) -> Exception:
        """Why the child is gone without having finished."""
        code = self._process.wait(timeout=5)
        _LOG.warning("the child ended with %s", code)
        if code in (-getattr(signal, "SIGXCPU", 24), -getattr(signal, "SIGKILL", 9)):
            return _too_slow()
        if code == -getattr(signal, "SIGABRT", 6):
            return TooLarge(Text("文件太大，内存不够", "the file needs more memory than allowed"))
        return UnreadableFile(Text("文件已损坏，读取时程序中止", "the file is damaged: its reader stopped"))

    def feed(self, rows: Iterable[tuple[bytes | None, Sequence[Any]]]) -> None:
        """Sends rows to a writing child in chunks."""
        batch: list[tuple[bytes | None, Sequence[Any]]] = []
        try:
            for row in rows:
                batch.append(row)
                if len(batch) == 5_000:
                    wire.send_rows(self._process.stdin, batch)
                    batch = []
            if batch:
                wire.send_rows(self._process.stdin, batch)
            self._process.stdin.close()
        except BrokenPipeError:
            return

    def stop(self) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()


def _too_slow() -> TooLarge:
    return TooLarge(Text("文件读取时间过长，已停止；请分成几个文件", "reading took too long and was stopped: split the file"))


@contextmanager
def _job(
    kind: str, paths: Sequence[Path], request: ReadRequest, limits: Limits, work_dir: Path | None, *, extra: Mapping[str, Any] | None = None
) -> Iterator[_Child]:
    files = [{"path": str(p), "name": p.name} for path in paths for p in _with_companions(path)]
    base = Path(tempfile.gettempdir() if work_dir is None else work_dir)
    base.mkdir(parents=True, exist_ok=True)
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=base))
    job = {
        "job": kind,
        "parent": os.getpid(),
        "folder": str(folder),
        "files": files,
        "request": asdict(request),
        "limits": asdict(limits),
        **(extra or {}),
    }
    child = None
    try:
        child = _Child(_start(folder, job), folder, limits)
        yield child
    finally:
        if child is not None:
            child.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _with_companions(path: Path) -> list[Path]:
    """The file, and for a shapefile or a lone .dbf what lies beside it under the same name in any case."""
    resolved = path.resolve()
    if not resolved.is_file():
        raise UnreadableFile(Text("找不到文件，或它不是普通文件", "there is no such file, or it is not a plain one"))
    if resolved.suffix.lower() not in (".shp", ".dbf"):
        return [resolved]
    beside = [
        p for p in resolved.parent.iterdir() if p.stem.lower() == resolved.stem.lower() and p.suffix.lower() in COMPANIONS and p.is_file()
    ]
    return [resolved, *(p for p in sorted(beside) if p != resolved)]


def _start(folder: Path, job: Mapping[str, Any]) -> Any:
    code = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from geo.formats.child import main; main()"
    process: Any = subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(folder),
        cwd=folder,
        close_fds=True,
    )
    with suppress(BrokenPipeError):
        process.stdin.write(orjson.dumps(job) + b"\n")
        process.stdin.flush()
        if job["job"] != "write":
            process.stdin.close()
    return process


def _environment(folder: Path) -> dict[str, str]:
    """Only what the child needs: no settings of the service, no secrets, one thread a library, the drivers hidden."""
    kept = {k: os.environ[k] for k in ("PATH", "LANG", "SYSTEMROOT", "SystemRoot", "LD_LIBRARY_PATH") if k in os.environ}
    own = {
        "TMPDIR": str(folder),
        "TEMP": str(folder),
        "HOME": str(folder),
        "PROJ_NETWORK": "OFF",
        "PROJ_USER_WRITABLE_DIRECTORY": str(folder),
    }
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **own, **threads, **gdal.environment()}


def _sweep(base: Path) -> None:
    """Removes the folders of jobs whose service is gone (it was killed)."""
    for folder in base.glob(f"{_PREFIX}*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdecimal() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
