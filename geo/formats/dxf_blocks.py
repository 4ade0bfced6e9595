"""Block references written out: how much they would give is counted before anything is, so that a bomb of nested blocks costs nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import HostileFile, Text, TooLarge
from geo.formats import dxf_own
from geo.formats.dxf_shapes import Piece, Tolerance, pieces

DEPTH = 16
"""Blocks within blocks; drawings that people make have three or four."""

VERTICES = 5_000_000
"""Corners of all pieces together."""

NOT_DRAWN = frozenset(("ATTDEF", "SEQEND", "ATTRIB", "VIEWPORT"))
"""Not what a person sees as content of the model."""


@dataclass(slots=True)
class Expander:
    """Entities of a drawing as pieces; `ignored` counts the types that nothing is read of, `external` the blocks that stand in other files."""

    doc: Any
    unit_m: float | None
    features: int
    ignored: Counter[str] = field(default_factory=Counter)
    external: set[str] = field(default_factory=set)
    references: int = 0
    from_blocks: int = 0
    _sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    _contents: dict[tuple[str, int], list[Piece]] = field(default_factory=dict)
    _vertices: int = 0

    def pieces(self, entities: Any) -> Iterator[Piece]:
        """Raises TooLarge before anything is written out when there would be more than `features` pieces; HostileFile for blocks in a circle."""
        drawn = list(entities)
        total = sum(self._size(e, ()) for e in drawn)
        if total > self.features:
            raise TooLarge(
                Text(
                    f"图纸展开图块后有 {_shown(total)} 个图元，超过 {self.features}：请删去不需要的图块，或分成几个文件",
                    f"with its blocks written out the drawing has {_shown(total)} pieces, more than {self.features}: remove blocks that are not needed, or split it",
                )
            )
        yield from self._all(drawn, Tolerance(self.unit_m), depth=0)

    # --- counted

    def _size(self, entity: Any, path: tuple[str, ...]) -> int:
        if entity.dxftype() != "INSERT":
            return 1
        return 1 + max(int(entity.mcount), 1) * self._block(str(entity.dxf.get("name", "")), path)[0]

    def _block(self, name: str, path: tuple[str, ...]) -> tuple[int, int]:
        """Pieces that one reference gives, and how deep it goes."""
        key = name.lower()
        if key in path:
            raise HostileFile(Text(f"图块“{name[:40]}”引用了自己", f"block '{name[:40]}' refers to itself"))
        if key not in self._sizes:
            if len(path) >= DEPTH:
                raise _too_deep()
            block = self.doc.blocks.get(name)
            inner = [] if block is None else [e for e in block if e.dxftype() not in NOT_DRAWN]
            size = sum(self._size(e, (*path, key)) for e in inner)
            depth = 1 + max((self._sizes[str(e.dxf.get("name", "")).lower()][1] for e in inner if e.dxftype() == "INSERT"), default=0)
            self._sizes[key] = (size, depth)
        if len(path) + self._sizes[key][1] > DEPTH:
            raise _too_deep()
        return self._sizes[key]

    # --- written out

    def _all(self, entities: Any, tolerance: Tolerance, depth: int) -> Iterator[Piece]:
        for entity in entities:
            if entity.dxftype() == "INSERT":
                yield from self._insert(entity, tolerance, depth)
            elif entity.dxftype() not in NOT_DRAWN:
                for piece in self._entity(entity, tolerance):
                    self._count(piece)
                    yield piece

    def _entity(self, entity: Any, tolerance: Tolerance) -> list[Piece]:
        try:
            found = pieces(entity, tolerance, self.unit_m)
            if found is not None:
                return dxf_own.marked(list(found), entity)
        except _broken():
            return [_damaged(entity)]
        self.ignored[entity.dxftype()] += 1
        return []

    def _count(self, piece: Piece) -> None:
        self._vertices += piece.vertices()
        if self._vertices > VERTICES:
            raise TooLarge(
                Text(f"图纸的顶点超过 {VERTICES} 个，请分成几个文件", f"the drawing has more than {VERTICES} vertices: split it")
            )

    def _insert(self, insert: Any, tolerance: Tolerance, depth: int) -> Iterator[Piece]:
        name, layer = str(insert.dxf.get("name", "")), insert.dxf.get("layer", "0")
        block = self.doc.blocks.get(name)
        if depth == 0:
            self.references += 1
        said = {a.dxf.get("tag", ""): a.dxf.get("text", "") for a in insert.attribs}
        for one in insert.multi_insert() if insert.mcount > 1 else (insert,):
            try:
                matrix = np.array(list(one.matrix44()), dtype=np.float64).reshape(4, 4)
                place = np.array([[*one.ocs().to_wcs(one.dxf.insert)]], dtype=np.float64).reshape(1, 3)
            except _broken():
                yield _damaged(insert)
                continue
            values = {"cad_block": name, "cad_turn": round(float(one.dxf.get("rotation", 0.0)), 6), "attributes": said}
            own = Piece("blocks", [place], "INSERT", layer, insert.dxf.get("handle") or "", values=values)
            self._count(own)
            yield own
            if block is None or block.block is None or block.block.is_xref:
                self.external.add(name)
                continue
            for piece in self._content(name, block, tolerance, matrix, depth):
                moved = _moved(piece, matrix, layer if piece.layer == "0" else piece.layer, name, said)
                self._count(moved)
                self.from_blocks += depth == 0
                yield moved

    def _content(self, name: str, block: Any, tolerance: Tolerance, matrix: NDArray[np.float64], depth: int) -> list[Piece]:
        """The pieces of a block in its own coordinates, curves as fine as this reference needs (to a power of two)."""
        scale = float(np.sqrt((matrix[:3, :3] ** 2).sum(axis=1)).max())
        power = int(np.ceil(np.log2(scale))) if 0 < scale < np.inf else 0
        key = (name.lower(), power + round(float(np.log2(tolerance.unit_m or 1.0))))
        if key not in self._contents:
            inner = tolerance.within(2.0**power)
            self._contents[key] = list(self._all([e for e in block if e.dxftype() not in NOT_DRAWN], inner, depth + 1))
        return self._contents[key]


def _broken() -> tuple[type[Exception], ...]:
    """What an entity that contradicts itself makes the library raise."""
    from ezdxf.lldxf.const import DXFError

    return ArithmeticError, ValueError, TypeError, AttributeError, IndexError, KeyError, DXFError


def _damaged(entity: Any) -> Piece:
    return Piece("others", [], entity.dxftype(), entity.dxf.get("layer", "0"), entity.dxf.get("handle") or "", values={"damaged": True})


def _moved(piece: Piece, matrix: NDArray[np.float64], layer: str, block: str, said: dict[str, str]) -> Piece:
    """A piece of a block where its reference puts it; the reference's attributes go with what has none of its own."""
    rings = [ring @ matrix[:3, :3] + matrix[3, :3] for ring in piece.rings]
    values = dict(piece.values)
    if said and not values.get("attributes"):
        values["attributes"] = said
    values.setdefault("cad_block", block)
    if piece.kind == "texts" and values.get("cad_height") is not None:
        values["cad_height"] = round(values["cad_height"] * float(np.hypot(*matrix[1, :2])), 6)
        values["cad_turn"] = round((values["cad_turn"] + float(np.degrees(np.arctan2(matrix[0, 1], matrix[0, 0])))) % 360, 6)
    return Piece(piece.kind, rings, piece.entity, layer, piece.handle, piece.closed, values, piece.own)


def _too_deep() -> HostileFile:
    return HostileFile(Text(f"图块嵌套超过 {DEPTH} 层", f"blocks nest more than {DEPTH} deep"))


def _shown(total: int) -> str:
    return str(total) if total < 10**9 else f"10^{len(str(total)) - 1}"
