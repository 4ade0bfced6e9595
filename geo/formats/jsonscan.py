"""Finds the structure of a JSON text without parsing it: how deep it nests, where the objects of its long array lie, how many members they have.

The scan reads bytes in blocks with numpy, so that a file of a gigabyte is checked for depth and cut into pieces before any parser sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

BLOCK = 8 * 1024 * 1024
_QUOTE, _BACKSLASH, _COLON = 34, 92, 58
_MARKS = np.zeros(256, dtype=bool)
_MARKS[[_QUOTE, _COLON, *b"{}[]"]] = True
_STEP = np.zeros(256, dtype=np.int8)
_STEP[list(b"{[")] = 1
_STEP[list(b"}]")] = -1


class Text(Protocol):
    """Bytes-like: bytes or a read-only memory map."""

    def __len__(self) -> int: ...
    def __getitem__(self, where: slice, /) -> bytes: ...


class TooDeep(ValueError):
    """The text nests deeper than allowed."""


@dataclass(slots=True)
class Level:
    """The brackets that open from one depth and close back to it: (2, n) arrays of position and member colons before it."""

    opened: NDArray[np.int64] = field(default_factory=lambda: np.empty((2, 0), dtype=np.int64))
    closed: NDArray[np.int64] = field(default_factory=lambda: np.empty((2, 0), dtype=np.int64))


@dataclass(slots=True)
class Structure:
    """`levels[d]`: brackets between depth d and d + 1, for d = 0, 1, 2. `balanced`: every bracket and string is closed."""

    levels: tuple[Level, Level, Level]
    balanced: bool


def scan(text: Text, max_depth: int) -> Structure:
    """The structure of `text`. Raises TooDeep."""
    levels = (Level(), Level(), Level())
    state = _State()
    for start in range(0, len(text), BLOCK):
        block = np.frombuffer(text[start : start + BLOCK], dtype=np.uint8)
        marks, depth_before, depth_after, colons = state.feed(block)
        if len(depth_after) and depth_after.max() > max_depth:
            raise TooDeep
        for d, level in enumerate(levels):
            opens = (depth_before == d) & (depth_after == d + 1)
            closes = (depth_before == d + 1) & (depth_after == d)
            level.opened = np.hstack([level.opened, np.vstack([marks[opens] + start, colons[opens]])])
            level.closed = np.hstack([level.closed, np.vstack([marks[closes] + start, colons[closes]])])
    return Structure(levels, state.depth == 0 and not state.in_string)


@dataclass(slots=True)
class _State:
    """What is carried from block to block."""

    in_string: bool = False
    escaped: bool = False
    depth: int = 0
    colons: int = 0

    def feed(self, block: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Positions of the brackets outside strings, the depth before and after each, and the colons met so far at each."""
        positions = np.flatnonzero(_MARKS[block])
        hidden = self._escaped_positions(block)
        if len(hidden):
            positions = positions[~np.isin(positions, hidden)]
        kinds = block[positions]
        quotes = kinds == _QUOTE
        inside = (np.cumsum(quotes) + self.in_string) & 1
        if len(inside):
            self.in_string = bool(inside[-1])
        outside = ~quotes & (inside == 0)
        positions, kinds = positions[outside], kinds[outside]
        colons = np.cumsum(kinds == _COLON) + self.colons
        after = np.cumsum(_STEP[kinds], dtype=np.int64) + self.depth
        if len(after):
            self.colons, self.depth = int(colons[-1]), int(after[-1])
        brackets = kinds != _COLON
        positions, after, colons = positions[brackets], after[brackets], colons[brackets]
        return positions, after - _STEP[kinds[brackets]], after, colons

    def _escaped_positions(self, block: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Positions of characters behind an odd run of backslashes."""
        slashes = np.flatnonzero(block == _BACKSLASH)
        hidden = [np.array([0], dtype=np.int64)] if self.escaped else []
        if len(slashes):
            first = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
            starts = slashes[first]
            lengths = np.diff(np.append(first, len(slashes)))
            if self.escaped and starts[0] == 0:
                lengths[0] -= 1
                starts[0] += 1
            ends = (starts + lengths)[lengths % 2 == 1]
            self.escaped = bool(len(ends) and ends[-1] == len(block))
            hidden.append(ends[ends < len(block)])
        else:
            self.escaped = False
        return np.concatenate(hidden) if hidden else np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of array elements: `text[start:end]`, the objects in it and the member colons they hold."""

    start: int
    end: int
    objects: int
    colons: int


def pieces(structure: Structure, depth: int, opening: int, closing: int, *, rows: int, size: int = 16 * 1024 * 1024) -> Iterator[Piece]:
    """The array between `opening` and `closing`, whose objects open at `depth`, in pieces of at most `rows` objects or about `size` bytes."""
    outer, level = structure.levels[depth - 1].opened, structure.levels[depth].closed
    before = int(outer[1, np.searchsorted(outer[0], opening)])
    ends, seen = level[:, np.searchsorted(level[0], opening) : np.searchsorted(level[0], closing)]
    start, i = opening + 1, 0
    while i < len(ends):
        j = min(i + rows, max(i + 1, int(np.searchsorted(ends, start + size))), len(ends))
        end = closing if j == len(ends) else int(ends[j - 1]) + 1
        yield Piece(start, end, j - i, int(seen[j - 1]) - before)
        start, i, before = end, j, int(seen[j - 1])
    if not len(ends):
        yield Piece(start, closing, 0, 0)
