"""Search by name or code over all layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from geo.frames import View
from geo.places import COMMUNITIES, COMPOUNDS
from geo.schema import Layer

HITS = 20
NAMES = ("alias", "code")
"""Fields looked at besides a layer's title field."""


FIRST = (COMMUNITIES, COMPOUNDS)
"""What people look for by a part of its name; a hundred walls that begin with the word do not stand before it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One feature found; `lon`, `lat` in EPSG:4326 lie inside it, None when it is unplaced."""

    layer: str
    id: int
    title: str
    subtitle: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits, and how many there are in each layer that has any."""

    hits: list[Hit]
    counts: dict[str, int]

    @property
    def matched(self) -> int:
        return sum(self.counts.values())


def search(view: View, layers: Mapping[str, Layer], text: str, *, limit: int = HITS) -> Found:
    """Exact before communities and compounds before the others; within these prefix before inside, layers in the order of `_weight`."""
    wanted = text.strip().casefold()
    if not wanted:
        return Found([], {})
    found: list[tuple[bool, bool, int, int, int, str]] = []
    for order, layer in enumerate(layers.values()):
        for position, names in enumerate(_names(view, layer)):
            rank = _rank(names, wanted)
            if rank is not None:
                found.append((rank > 0, layer.id not in FIRST, rank, _weight(layer, order), position, layer.id))
    found.sort()
    counts = Counter(id for *_, id in found)
    return Found(
        [_hit(view, layers[id], position) for *_, position, id in found[:limit]], {id: counts[id] for id in layers if id in counts}
    )


def _weight(layer: Layer, order: int) -> int:
    """Areas that have a name of their own come first: a compound before the buildings and hazards that name it."""
    return order if "Polygon" in layer.geometry else order + 1_000


def _names(view: View, layer: Layer) -> list[tuple[str, ...]]:
    """The names of each feature in lower case, kept until the layer changes."""

    def make() -> list[tuple[str, ...]]:
        frame = view.frame(layer.id)
        columns = [frame[n].tolist() for n in (layer.title_field, *NAMES) if layer.field(n) is not None]
        return [tuple(str(v).casefold() for v in row if isinstance(v, str)) for row in zip(*columns, strict=True)]

    return view.memo(("search-names", layer.id, view.layer_revision(layer.id)), make)


def _rank(names: tuple[str, ...], wanted: str) -> int | None:
    best: int | None = None
    for name in names:
        if wanted in name:
            rank = 0 if name == wanted else 1 if name.startswith(wanted) else 2
            best = rank if best is None else min(best, rank)
    return best


def _hit(view: View, layer: Layer, position: int) -> Hit:
    row = view.frame(layer.id).iloc[position]
    point = shapely.point_on_surface(row.geometry) if row.geometry is not None and not row.geometry.is_empty else None
    title = _text(row, layer.title_field) or _text(row, "code") or str(row.name)
    subtitle = " · ".join(
        t for t in (_text(row, n) for n in ("community", "address", "compound_code", "code") if layer.field(n)) if t and t != title
    )
    lon, lat = (round(point.x, 7), round(point.y, 7)) if point is not None else (None, None)
    return Hit(layer.id, int(row.name), title, subtitle, lon, lat)


def _text(row: Any, name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""
