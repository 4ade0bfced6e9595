"""Random draws from a seed, one float at a time but made in bulk (a numpy call a draw would cost more than the draw)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

_BULK = 1 << 14


class Dice:
    """A stream of draws that depends only on `seed` and `stream`, so that one part of the district does not shift another's."""

    def __init__(self, seed: int, stream: int) -> None:
        self._rng = np.random.default_rng([seed, stream])
        self._pool: list[float] = []

    def unit(self) -> float:
        """A float in [0, 1)."""
        if not self._pool:
            self._pool = self._rng.random(_BULK).tolist()
        return self._pool.pop()

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int((high - low + 1) * self.unit())

    def chance(self, probability: float) -> bool:
        return self.unit() < probability

    def pick(self, items: Sequence[T]) -> T:
        return items[int(len(items) * self.unit())]

    def weighted(self, items: Sequence[tuple[T, float]]) -> T:
        """One of `items` by its weight; weights need not sum to 1."""
        mark = self.unit() * sum(weight for _, weight in items)
        for item, weight in items:
            mark -= weight
            if mark < 0:
                return item
        return items[-1][0]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        return [items[i] for i in self._rng.permutation(len(items)).tolist()]
