"""A cache bounded by bytes, in which two threads never make the same thing twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The most recently used values that together weigh at most `most` bytes; the newest is kept whatever it weighs."""

    def __init__(self, most: int, weigh: Callable[[T], int]) -> None:
        self._most, self._weigh = most, weigh
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self.bytes = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under `key`, else `make()`, of which an error is not kept; whoever asks meanwhile waits."""
        found = self._found(key)
        if found is not None:
            return found
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            try:
                found = self._found(key)
                return self._put(key, make()) if found is None else found
            finally:
                self._made(key, making)

    def _found(self, key: Hashable) -> T | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def _made(self, key: Hashable, making: threading.Lock) -> None:
        """Nobody makes it any more, whether that went well or not: what is never asked again must leave nothing behind."""
        with self._lock:
            if self._making.get(key) is making:
                del self._making[key]

    def _put(self, key: Hashable, value: T) -> T:
        with self._lock:
            before = self._values.pop(key, None)
            self.bytes -= 0 if before is None else self._weigh(before)
            self._values[key] = value
            self.bytes += self._weigh(value)
            while self.bytes > self._most and len(self._values) > 1:
                self.bytes -= self._weigh(self._values.popitem(last=False)[1])
        return value
