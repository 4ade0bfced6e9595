"""A running child as the service sees it: frames in time, rows to it, why it ended. Nothing it says is believed before `geo.formats.wire` has checked it."""

from __future__ import annotations

import logging
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson

from geo.children.starting import Process
from geo.children.warm import Forked
from geo.errors import HostileFile, Refused, Stopped, Text, TooLarge, UnreadableFile
from geo.formats import pipe, wire
from geo.formats.limits import Limits

_LOG = logging.getLogger(__name__)
_WAITING_FRAMES = 2
_ASKED_EVERY_S = 0.1
"""How long a caller waits at most for a child that it no longer wants."""

_LINKER_WITHOUT_MEMORY = 127
"""The exit status when the C library gets no memory for what a thread needs, in the middle of an error for want of memory."""

Stop = Callable[[], bool]
"""Whether nobody wants the result any more; asked from the thread that waits."""

_END_S = 5.0
"""How long a child whose answer has ended may take to be gone."""


@contextmanager
def believed() -> Iterator[None]:
    """Around whatever is made of a child's words: an answer that is not as agreed becomes a refusal, never a defect of ours."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        _LOG.warning("the child broke the protocol: %r", str(error)[:500])
        raise HostileFile(
            Text("读取程序的回答不合规矩，文件未导入", "the reader gave an answer out of order: nothing was imported")
        ) from error


class Child:
    """A running child; its frames come through a thread and a short queue, so that waiting can be timed on every system."""

    def __init__(self, process: Process, folder: Path, limits: Limits, stop: Stop | None) -> None:
        self.folder, self.held = folder, set[str]()
        self._process, self._limits, self._stop = process, limits, stop
        self._queue: queue.Queue[tuple[bytes, bytes] | BaseException | None] = queue.Queue(_WAITING_FRAMES)
        self._stopped = threading.Event()
        self._waited = 0.0
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def warm(self) -> bool:
        """Whether it is a fork of the nursery."""
        return isinstance(self._process, Forked)

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
        while True:
            with believed():
                kind, payload = self._next()
                if kind == b"E":
                    error = pipe.decode_error(payload)
                    if detail := error.members.pop("log", None):
                        _LOG.warning("foreign file: %s", detail)
                    raise error
                if kind == b"G":
                    self.held = set(orjson.loads(payload))
            if kind == b"D":
                return
            if kind != b"G":
                yield kind, payload

    def _next(self) -> tuple[bytes, bytes]:
        item = self._wait()
        if isinstance(item, tuple):
            return item
        raise self._end() if item is None else pipe.BadFrame(str(item))

    def _wait(self) -> tuple[bytes, bytes] | BaseException | None:
        """The next frame, waited for as long as the job may last and somebody wants it."""
        while True:
            if self._stop is not None and self._stop():
                raise Stopped
            began = time.monotonic()
            left = self._limits.wall - self._waited
            try:
                return self._queue.get(timeout=max(left if self._stop is None else min(left, _ASKED_EVERY_S), 0.01))
            except queue.Empty:
                if time.monotonic() - began >= left:
                    raise _too_slow() from None
            finally:
                self._waited += time.monotonic() - began

    def _end(self) -> Exception:
        """Why the child is gone without having finished."""
        try:
            code = self._process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            return _damaged()
        _LOG.warning("the child ended with %s", code)
        if code in (-getattr(signal, "SIGXCPU", 24), -getattr(signal, "SIGKILL", 9)):
            return _too_slow()
        if code in (-getattr(signal, "SIGABRT", 6), _LINKER_WITHOUT_MEMORY):
            return TooLarge(Text("文件太大，内存不够", "the file needs more memory than allowed"))
        if code in (-getattr(signal, "SIGHUP", 1), -getattr(signal, "SIGTERM", 15)):
            return Refused(Text("读取程序被系统停止，请再试一次", "the reader was stopped by the system: try again"))
        return _damaged()

    def feed(self, chunks: Iterable[tuple[Sequence[bytes | None], Sequence[Sequence[Any]]]]) -> None:
        """Sends chunks of rows to a writing child; one that has ended says why in its frames."""
        try:
            for geometry, columns in chunks:
                wire.send_columns(self._process.stdin, geometry, columns)
            self._process.stdin.close()
        except BrokenPipeError:
            return

    def stop(self) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=_END_S)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()


def _too_slow() -> TooLarge:
    return TooLarge(Text("文件读取时间过长，已停止；请分成几个文件", "reading took too long and was stopped: split the file"))


def _damaged() -> UnreadableFile:
    return UnreadableFile(Text("文件已损坏，读取时程序中止", "the file is damaged: its reader stopped"))
