"""What the judges of rules share: a sentence for each asked row, which record a result lacks, and how accurately features are drawn."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.network.ground import usable
from geo.questions.columns import numbers, texts
from geo.questions.declaration import BASES, Flags, View
from geo.questions.sources import accuracies_of, ranks_of
from geo.rules.declaration import Floats, Lacks, Rows

DECLARED, MEASURED, INFERRED = (BASES.index(basis) for basis in ("declared", "measured", "inferred"))

GEOMETRY = "geometry"
"""What stands for a place on the map where a field is named."""

CANNOT = Text("不能判定", "cannot be told")
UNPLACED = Text("尚未上图，不能判定", "not placed on the map: cannot be told")

ROUGHEST_M = 50.0
"""Accuracies beyond this are taken as this: either leaves everything near open."""

FINE = 1e-9

Want = tuple[str, str, Flags, Rows]
"""A layer, a field of it, which results lack it, and for those the row of that layer (-1 = the layer as a whole)."""


def sentences(told: Callable[[int], Text]) -> Callable[[Rows, str], list[str]]:
    """`Judgement.why` from what is told of one row."""
    return lambda rows, lang: [told(int(row)).of(lang) for row in rows]


def also(layer: str, rows: Rows) -> Callable[[Rows], list[list[tuple[str, int]]]]:
    """`Judgement.involved` where for each result one row of a layer was looked at, -1 = none."""
    return lambda asked: [[(layer, int(rows[row]))] if rows[row] >= 0 else [] for row in asked]


def members(layer: str, member: Rows, owner: Rows, asked: Flags | None = None) -> Callable[[Rows], list[list[tuple[str, int]]]]:
    """`Judgement.involved` where for each result several rows of a layer were looked at: `member` of result `owner`, of those `asked`."""
    order = np.argsort(owner, kind="stable")
    held, of = member[order], owner[order]

    def involved(rows: Rows) -> list[list[tuple[str, int]]]:
        low, high = np.searchsorted(of, rows, side="left"), np.searchsorted(of, rows, side="right")
        spans = zip(rows.tolist(), low.tolist(), high.tolist(), strict=True)
        return [[(layer, int(one)) for one in held[a:b]] if asked is None or asked[row] else [] for row, a, b in spans]

    return involved


def lacking(count: int, *wants: Want) -> Lacks:
    """The first of `wants` counts where a result lacks several."""
    kind, row = np.full(count, -1, dtype=np.int16), np.full(count, -1, dtype=np.int64)
    for position, (_, _, lack, rows) in enumerate(wants):
        fresh = lack & (kind < 0)
        kind[fresh], row[fresh] = position, rows[fresh]
    return Lacks(tuple((layer, field) for layer, field, _, _ in wants), kind, row)


def own(count: int) -> Rows:
    """Each row itself, for what a feature lacks of its own."""
    return np.arange(count, dtype=np.int64)


def whole(count: int) -> Rows:
    """The layer as a whole."""
    return np.full(count, -1, dtype=np.int64)


def based(count: int, basis: int, known: Flags | None = None) -> NDArray[np.int8]:
    """One basis for all rows that have one."""
    found = np.full(count, basis, dtype=np.int8)
    if known is not None:
        found[~known] = -1
    return found


def one_of(frame_values: NDArray[np.object_], values: Sequence[str]) -> Flags:
    """Which of a column of choices are among `values`; null is none of them."""
    return np.fromiter((value in values for value in frame_values), dtype=bool, count=len(frame_values))


def accuracy_m(view: View, layer: str) -> Floats:
    """How accurately each feature of a layer is drawn, in metres: as stated, else the profile's for the kind of source."""
    frame = view.frame(layer)
    found = accuracies_of(numbers(frame, "accuracy_m"), ranks_of(texts(frame, "source")), view.profile)
    return np.clip(found, 0.0, ROUGHEST_M)


def placed(view: View, layer: str) -> Flags:
    return usable(view.metric(layer))


def unmoved(view: View, *layers: str) -> tuple[Hashable, ...]:
    """Part of a key: the same while no geometry of these layers changes and none comes or goes, whatever else is edited."""
    return tuple(view.tree(id) for id in layers)


def same_values(values: Floats) -> bytes:
    """Part of a key: a column by its values."""
    return values.tobytes()


def metres(value: float) -> str:
    """A length in a sentence, to the centimetre."""
    return f"{round(float(value), 2):g}"
