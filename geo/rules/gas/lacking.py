"""Which record would settle each unknown result, gathered field by field."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.rules.declaration import Lacks, Rows


@dataclass(slots=True, eq=False)
class Lacking:
    """For `count` rows of a subject; what is said first of a row stands."""

    count: int
    kinds: list[tuple[str, str]] = field(default_factory=list)
    kind: NDArray[np.int16] = field(init=False)
    row: Rows = field(init=False)

    def __post_init__(self) -> None:
        self.kind, self.row = np.full(self.count, -1, dtype=np.int16), np.full(self.count, -1, dtype=np.int64)

    def add(self, layer: str, name: str, rows: NDArray[np.bool_], whose: Rows | None = None) -> None:
        """`rows` lack this field; `whose`: the position of the feature that lacks it, a value for every row of the subject (None = the row itself)."""
        at = np.flatnonzero(rows & (self.kind < 0))
        self.kind[at] = len(self.kinds)
        self.kinds.append((layer, name))
        self.row[at] = at if whose is None else whose[at]

    def lacks(self) -> Lacks:
        return Lacks(tuple(self.kinds), self.kind, self.row)
