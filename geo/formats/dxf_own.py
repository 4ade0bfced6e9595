"""Entities that our own export drew: whose outline each is, and the outlines of one feature as one piece again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from geo.errors import Text
from geo.formats.dxf_shapes import Coordinates, Own, Piece

APPLICATION = "YUANTU"
"""The name under which `geo.formats.writing.drawing` leaves layer, code, id, and `hole` for an inner ring. What stands under other names is a stranger's."""

_ID = re.compile(r"id=-?\d+\Z")
_HOLE = "hole"
_JOINED = ("lines", "areas")


def own(entity: Any) -> Own | None:
    """What an entity says of its feature; None for a stranger's, and for what our export does not write."""
    if not entity.has_xdata(APPLICATION):
        return None
    said = [str(value).strip() for code, value in entity.get_xdata(APPLICATION) if code == 1000]
    at = next((i for i in (2, 1) if i < len(said) and _ID.match(said[i])), None)  # a program may leave out the empty text of no code
    return None if at is None else Own(said[0], said[1] if at == 2 else "", said[at], _HOLE in said[at + 1 :])


def marked(pieces: list[Piece], entity: Any) -> list[Piece]:
    """The pieces of an entity with what it says. A line of ours whose ends meet stays a line: areas are written closed."""
    said = own(entity)
    if said is not None:
        opened = entity.dxftype() in ("LWPOLYLINE", "POLYLINE") and not (
            entity.closed if entity.dxftype() == "LWPOLYLINE" else entity.is_closed
        )
        for piece in pieces:
            piece.own = said
            if opened and piece.kind == "areas":
                piece.kind, piece.closed = "lines", False
    return pieces


@dataclass(slots=True)
class Joiner:
    """Our pieces, one for each feature and kind, then the strangers': of an outline and its hatch the first counts.

    `features`: how many of ours; `titles`: of ours, left out.
    """

    features: int = 0
    titles: int = 0
    _found: dict[tuple[str, str, str, str], list[Piece]] = field(default_factory=dict)
    _handles: set[str] = field(default_factory=set)
    _points: set[tuple[str, str, str]] = field(default_factory=set)

    def pieces(self, found: Iterable[Piece]) -> Iterator[Piece]:
        strangers: list[Piece] = []
        for piece in found:
            if piece.own is None or self._again(piece):
                strangers.append(piece)
            elif piece.kind == "texts":
                self.titles += 1
            else:
                self._found.setdefault((*piece.own.feature, piece.kind), []).append(piece)
        self.features = len({key[:3] for key in self._found})
        for parts in self._found.values():
            yield from _joined(parts)
        yield from strangers

    def notes(self) -> Iterator[Text]:
        if self.features:
            yield Text(
                f"{self.features} 个对象带有本系统导出时的编号，按编号读取",
                f"{self.features} features of our own export were read with their codes",
            )
        if self.titles:
            yield Text(
                f"本系统导出时写的 {self.titles} 个标注没有当作对象", f"{self.titles} titles of our own export were not taken for features"
            )

    def _again(self, piece: Piece) -> bool:
        """A copy has no code: an entity by a second reference to its block, a second point of a feature (none of ours has two)."""
        assert piece.own is not None, "only of ours"
        copy = bool(piece.handle) and piece.handle in self._handles
        self._handles.add(piece.handle)
        if piece.kind == "points":
            copy = copy or piece.own.feature in self._points
            self._points.add(piece.own.feature)
        if copy:
            piece.own = None
        return copy


def _joined(parts: list[Piece]) -> Iterator[Piece]:
    """One piece with the rings of all; what is no single line or ring stays by themselves."""
    whole = [p for p in parts if p.kind in _JOINED and len(p.rings) == 1]
    yield from (p for p in parts if p.kind not in _JOINED or len(p.rings) != 1)
    if whole:
        first = next((p for p in whole if p.own is not None and not p.own.hole), whole[0])
        first.holes = [p.own is not None and p.own.hole for p in whole]
        first.rings = [p.rings[0] for p in whole]
        first.closed = any(p.closed for p in whole)
        yield first


def area(rings: Sequence[Coordinates], holes: Sequence[bool]) -> Any:
    """Outlines with their inner rings, each in the smallest outline that it lies in; one that lies in none goes to the first and is for others to mend."""
    outlines = [shapely.polygons(ring) for ring, hole in zip(rings, holes, strict=True) if not hole]
    inner: list[list[Coordinates]] = [[] for _ in outlines]
    cut = [ring for ring, hole in zip(rings, holes, strict=True) if hole]
    for ring, at in zip(cut, _around(cut, outlines), strict=True):
        inner[at].append(ring)
    made = [shapely.polygons(shapely.get_exterior_ring(one), own) if own else one for one, own in zip(outlines, inner, strict=True)]
    return made[0] if len(made) == 1 else shapely.multipolygons(np.array(made, dtype=object))


def _around(cut: Sequence[Coordinates], outlines: Sequence[Any]) -> list[int]:
    """The number of the outline for each inner ring: an island in the hole holds a point of it too, but is smaller than it."""
    out = [0] * len(cut)
    if not cut or len(outlines) == 1:
        return out
    holes = np.array([shapely.polygons(ring) for ring in cut], dtype=object)
    sizes, own = shapely.area(np.array(outlines, dtype=object)), shapely.area(holes)
    best = np.full(len(cut), np.inf)
    for i, at in zip(*shapely.STRtree(outlines).query(shapely.point_on_surface(holes), predicate="intersects"), strict=True):
        if own[i] < sizes[at] < best[i]:
            out[i], best[i] = int(at), sizes[at]
    return out
