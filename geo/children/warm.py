"""The service's side of the nursery: one for each process of the service, started when first needed, asked for forks, ended with the service."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from geo.formats.nursery import NUMBER

_LOG = logging.getLogger(__name__)
_WAIT_S = 60.0
"""How long a fork is waited for; the first one waits for the nursery's imports."""

_END_S = 5.0


def available() -> bool:
    """Linux only: a fork is safe there, and ends with its parent. On macOS libraries of the system may start threads behind our back."""
    return sys.platform.startswith("linux")


class Forked:
    """A fork of the nursery, with the face of `subprocess.Popen`; `control` is the job's socket."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes], control: socket.socket) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._control, self._lock = control, threading.Lock()
        self._code: int | None = None

    def kill(self) -> None:
        with suppress(OSError):
            self._control.send(b"K")

    def wait(self, timeout: float | None = None) -> int:
        """The exit status as subprocess gives it. Raises subprocess.TimeoutExpired."""
        with self._lock:
            if self._code is None:
                self._code = self._status(timeout)
            return self._code

    def _status(self, timeout: float | None) -> int:
        said = _receive(self._control, _END_S if timeout is None else timeout)
        if said is None:
            raise subprocess.TimeoutExpired("fork", timeout or _END_S)
        self._control.close()
        return int(NUMBER.unpack(said)[0]) if said else -int(signal.SIGHUP)


def fork() -> Forked | None:
    """A new child; None where there is no nursery, or it does not answer: then the child is started cold."""
    if not available():
        return None
    with _LOCK:
        nursery = _Nursery.current()
        asked = nursery.ask() if nursery else None
    if nursery is None or asked is None:
        return None
    source, sink, control = asked
    said = _receive(control, _WAIT_S)
    pid = NUMBER.unpack(said)[0] if said else 0
    if pid > 0:
        return Forked(pid, os.fdopen(source, "wb"), os.fdopen(sink, "rb"), control)
    _LOG.warning("the nursery does not fork: starting cold")
    os.close(source)
    os.close(sink)
    control.close()
    nursery.give_up()
    return None


def prepare() -> None:
    """Starts the nursery without waiting for it, so that the first file finds it warm."""
    if available():
        with _LOCK:
            _Nursery.current()


def close() -> None:
    """Ends the nursery and its jobs; the next fork starts another."""
    with _LOCK:
        nursery, _Nursery.running = _Nursery.running, None
    if nursery is not None and nursery.owner == os.getpid():
        nursery.close()


def _receive(control: socket.socket, timeout: float) -> bytes | None:
    """One number; b"" when the other end is closed, None when the time is over."""
    end = time.monotonic() + timeout
    said = b""
    while len(said) < NUMBER.size:
        try:
            control.settimeout(max(end - time.monotonic(), 0.001))
            more = control.recv(NUMBER.size - len(said))
        except TimeoutError:
            return None
        except OSError:
            return b""
        if not more:
            return b""
        said += more
    return said


_LOCK = threading.Lock()


class _Nursery:
    """The process itself. `owner`: who started it; a fork of the service must not share it."""

    running: _Nursery | None = None
    broken = False

    def __init__(self) -> None:
        from geo.children import starting

        ours, theirs = socket.socketpair()
        self.owner, self._socket = os.getpid(), ours
        self._process = subprocess.Popen(
            starting.command(f"geo.formats.nursery:main({theirs.fileno()})"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=starting.environment(),
            cwd=Path(os.sep),
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    @classmethod
    def current(cls) -> _Nursery | None:
        """The running one, or a new one; None once one has failed to fork."""
        if cls.broken:
            return None
        found = cls.running
        if found is None or found.owner != os.getpid() or found._process.poll() is not None:
            cls.running = cls()
        return cls.running

    def ask(self) -> tuple[int, int, socket.socket] | None:
        """Hands the nursery the far ends of a job; the near ones, or None when it is gone."""
        far_source, source = os.pipe()
        sink, far_sink = os.pipe()
        control, far_control = socket.socketpair()
        try:
            socket.send_fds(self._socket, [b"F"], [far_source, far_sink, far_control.fileno()])
        except OSError:
            os.close(source)
            os.close(sink)
            control.close()
            return None
        finally:
            os.close(far_source)
            os.close(far_sink)
            far_control.close()
        return source, sink, control

    def give_up(self) -> None:
        """It has not forked: it is not asked again, every later child starts cold."""
        _Nursery.broken = True
        self.close()

    def close(self) -> None:
        self._socket.close()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


atexit.register(close)
