"""Whose turn it is: work in the order it came, few at a time, and never so that large work holds up all that is small."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Waiting:
    name: str
    large: bool
    work: Callable[[], None]


class Turns:
    """Thread-safe. Of `places` places, one is kept for small work where there are several; work that waits can be taken out again."""

    def __init__(self, places: int) -> None:
        self._places, self._large_places = places, max(places - 1, 1)
        self._lock = threading.Lock()
        self._queue: list[_Waiting] = []
        self._running: dict[threading.Thread, bool] = {}

    def add(self, name: str, work: Callable[[], None], *, large: bool) -> None:
        """`work` must not raise: it is run in a thread of its own when its turn has come."""
        with self._lock:
            self._queue.append(_Waiting(name, large, work))
        self._next()

    def drop(self, name: str) -> bool:
        """Take work out of the queue; False when it has begun, or was never there."""
        with self._lock:
            kept = [one for one in self._queue if one.name != name]
            dropped = len(kept) < len(self._queue)
            self._queue = kept
        return dropped

    def position(self, name: str) -> int | None:
        """Its place in the queue from 1 on; None when it does not wait."""
        with self._lock:
            return next((at for at, one in enumerate(self._queue, 1) if one.name == name), None)

    def join(self, seconds: float) -> None:
        """Let nothing more begin, and wait for what runs, at most `seconds` for each."""
        with self._lock:
            self._queue, self._places = [], 0
            running = list(self._running)
        for thread in running:
            if thread is not threading.current_thread():
                thread.join(seconds)

    def _next(self) -> None:
        """Begin the first that may; a large one that may not lets the small ones behind it pass."""
        with self._lock:
            while len(self._running) < self._places:
                large = sum(self._running.values())
                chosen = next((one for one in self._queue if not one.large or large < self._large_places), None)
                if chosen is None:
                    return
                self._queue.remove(chosen)
                thread = threading.Thread(target=self._run, args=(chosen,), name="import", daemon=True)
                self._running[thread] = chosen.large
                thread.start()

    def _run(self, chosen: _Waiting) -> None:
        try:
            chosen.work()
        finally:
            with self._lock:
                self._running.pop(threading.current_thread(), None)
            self._next()
