"""What an account says of where new features lie: far from all others, or exactly where others lie already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.schema import Layer

Boxes = NDArray[np.float64]
"""West, south, east, north in degrees, a row a feature."""

SAME_DEGREES = 2e-6
"""Boxes that differ by less on every side are of one feature: 0.2 m, where the same file in another CRS differs by millimetres."""

FAR_DEGREES, FAR_TIMES = 1.0, 10.0
"""A feature belongs to the rest within a degree of their median, or within ten times the usual distance from it."""

_LEAST = 5
"""Features among which one can be told for far away."""
_BATCH = 10_000
_NAMED = 3


def boxes_of(geometry: Sequence[bytes | None]) -> Boxes:
    """The boxes of WKB geometries in EPSG:4326; NaN where there is none."""
    out = [shapely.bounds(shapely.from_wkb(list(geometry[at : at + _BATCH]))) for at in range(0, len(geometry), _BATCH)]
    return np.concatenate(out) if out else np.empty((0, 4))


def notices(layer: Layer, inserts: Iterable[Mapping[str, Any]], there: Sequence[bytes | None]) -> list[Text]:
    """Sentences on the features that an import adds to a layer which holds `there`. Those placed by the name of another say nothing new."""
    names: list[str] = []
    parts: list[Boxes] = []
    for batch in _batches(inserts):
        own = [row for row in batch if row["geometry"] is not None and row.get("quality") != "inferred"]
        names += [str(row.get(layer.title_field) or row["code"]) for row in own]
        parts.append(boxes_of([row["geometry"] for row in own]))
    new = np.concatenate(parts) if parts else np.empty((0, 4))
    if not len(new):
        return []
    old = boxes_of(there)
    old = old[np.isfinite(old).all(axis=1)]
    found = ((_FAR, far(new, old)), (_SAME, same(new, old)))
    return [_said(text, layer, [names[i] for i in positions]) for text, positions in found if len(positions)]


def _batches(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    walk = iter(rows)
    while batch := list(islice(walk, _BATCH)):
        yield batch


def far(new: Boxes, old: Boxes) -> NDArray[np.intp]:
    """Positions in `new` of the features that lie far from the median of both: a sign or the axes of a few may be wrong."""
    together = np.concatenate([new, old])
    if len(together) < _LEAST:
        return np.empty(0, dtype=np.intp)
    centres = (together[:, :2] + together[:, 2:]) / 2
    off = np.abs(centres - np.median(centres, axis=0)).max(axis=1)
    return np.flatnonzero(off[: len(new)] > max(FAR_DEGREES, FAR_TIMES * float(np.median(off))))


def same(new: Boxes, old: Boxes) -> NDArray[np.intp]:
    """Positions in `new` of the features whose box one of `old` has too."""
    if not len(old):
        return np.empty(0, dtype=np.intp)
    tree = shapely.STRtree(np.asarray(shapely.points(old[:, :2]), dtype=object))
    mine, theirs = tree.query(np.asarray(shapely.points(new[:, :2]), dtype=object), predicate="dwithin", distance=2 * SAME_DEGREES)
    alike = (np.abs(new[mine] - old[theirs]) <= SAME_DEGREES).all(axis=1)
    return np.unique(mine[alike])


def _said(text: Text, layer: Layer, names: Sequence[str]) -> Text:
    shown, rest = names[:_NAMED], len(names) > _NAMED
    zh, en = "、".join(shown) + ("等" if rest else ""), ", ".join(shown) + (" …" if rest else "")
    return Text(text.zh.format(label=layer.label.zh, n=len(names), names=zh), text.en.format(label=layer.label.en, n=len(names), names=en))


_FAR = Text(
    "{label}：新增的 {n} 个离其余对象很远（{names}）：正负号、经纬度或坐标系可能有误，请核对",
    "{label}: {n} new features lie far from all others ({names}): a sign, the axes or the coordinate system may be wrong",
)
_SAME = Text(
    "{label}：新增的 {n} 个与库中已有对象位置重合（{names}）：可能是同一批数据又导入了一次（例如另一坐标系、没有编号）；如属重复，请撤销这次导入",
    "{label}: {n} new features lie exactly where others are already ({names}): the same data again, perhaps in another coordinate system and without "
    "codes? If so, undo this import",
)
