"""Straight pieces of taut lines, from a building or a corner to a corner or to where an engine can stand. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.network.ground import Flags, Floats, Ints

HERE = -1
"""In place of a corner: the piece ends where an engine can stand."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Straight pieces from an `item` (position of a goal or a corner) to a corner (`to`, or HERE): `length` and `least` that the line from the item
    measures; `start`, `end` as tested, `drawn` (n, 2, 2) as laid."""

    item: Ints
    to: Ints
    length: Floats
    least: Floats
    start: Floats
    end: Floats
    drawn: Floats

    def __getitem__(self, at: Ints | Flags) -> Pieces:
        return Pieces(self.item[at], self.to[at], self.length[at], self.least[at], self.start[at], self.end[at], self.drawn[at])

    @classmethod
    def joined(cls, parts: list[Pieces]) -> Pieces:
        columns = ("item", "to", "length", "least", "start", "end", "drawn")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


def here(item: Ints, start: Floats, drawn: Floats, end: Floats, bound: Floats) -> Pieces:
    """Pieces that end where an engine can stand."""
    length = np.hypot(*(end - drawn).T)
    good = np.flatnonzero(length < bound[item])
    to = np.full(len(good), HERE)
    pieces = np.stack([drawn[good], end[good]], axis=1)
    return Pieces(item[good], to, length[good], length[good], start[good], end[good], pieces)
