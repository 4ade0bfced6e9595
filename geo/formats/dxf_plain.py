"""The plain entities of a text drawing, read straight from its lines and cut out before the DXF library sees it: they are most of a large one.

The library needs some 10 µs a line, and a drawing of 30 MB has four million. What is at all special (of paper space, of a plane of its own, with text
codes, damaged) stays in the text for the library; what is taken looks like its entities, so that `geo.formats.dxf_shapes` reads both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

from geo.formats.dxf_own import APPLICATION

_SECTION = re.compile(rb"(?:\A|\n)[ \t]*0[ \t]*\r?\nSECTION[ \t]*\r?\n[ \t]*2[ \t]*\r?\nENTITIES[ \t]*\r?\n")
_END = re.compile(rb"\n[ \t]*0[ \t]*\r?\nENDSEC[ \t]*\r?\n")

_SPECIAL = frozenset((67, 101))
"""Groups that plain entities do not have: paper space, embedded objects."""

_EXTENDED, _TEXT = 1001, 1000
"""The groups that name an application and hold one of its texts."""

_EXTRUSION = (210, 220, 230)
_MESH = 16 | 64
_CODES_OF_TEXT = ("%%", "\\", "^")

Groups = dict[int, bytes]


class Values(dict[str, Any]):
    """Attributes of an entity by name, as `entity.dxf` has them."""

    __getattr__ = dict.__getitem__
    hasattr = dict.__contains__


class Plain:
    """An entity as far as `geo.formats.dxf_shapes` asks for it."""

    def __init__(self, kind: str, dxf: Values, **more: Any) -> None:
        self._kind, self.dxf = kind, dxf
        self.extended: tuple[str, ...] = ()
        self.__dict__.update(more)

    def dxftype(self) -> str:
        return self._kind

    def plain_text(self) -> str:
        return str(self.dxf["text"])

    def has_xdata(self, application: str) -> bool:
        return bool(self.extended) and application == APPLICATION

    def get_xdata(self, application: str) -> list[tuple[int, str]]:
        return [(_TEXT, text) for text in self.extended]


def cut(data: bytes, encoding: str) -> tuple[bytes, list[Plain]]:
    """The drawing without its plain entities, and these in the order of the file; all of it and none where the lines are not as they should be."""
    begin = _SECTION.search(data)
    end = _END.search(data, begin.end() - 1) if begin else None
    if begin is None or end is None or data.count(b"\r") not in (0, data.count(b"\r\n")):
        return data, []
    lines = data[begin.end() : end.start()].split(b"\n")
    values = lines[1::2]
    try:
        codes = list(map(int, lines[::2]))
    except ValueError:
        return data, []
    if len(codes) != len(values) or not codes or codes[0] != 0:
        return data, []
    reader = _Reader(codes, values, encoding)
    taken, left = reader.entities()
    rest = [b"\n".join(lines[2 * a : 2 * b]) for a, b in left]
    return b"\n".join([data[: begin.end() - 1], *rest]) + data[end.start() :], taken


def breaks_off(data: bytes) -> bool:
    """Whether the section of the entities begins and does not end: nobody can say how many are missing."""
    begin = _SECTION.search(data)
    return begin is not None and not _END.search(data, begin.end() - 1)


class _Reader:
    """Walks over the entities of the section; `codes` and `values` are its groups."""

    def __init__(self, codes: Sequence[int], values: Sequence[bytes], encoding: str) -> None:
        self._codes, self._values, self._encoding = codes, values, encoding
        self._known: dict[bytes, str] = {}

    def entities(self) -> tuple[list[Plain], list[tuple[int, int]]]:
        """The plain ones, and from which group to which the others stand, neighbours together."""
        marks = [i for i, code in enumerate(self._codes) if code == 0]
        bounds = list(pairwise([*marks, len(self._codes)]))
        taken: list[Plain] = []
        left: list[tuple[int, int]] = []
        at = 0
        while at < len(bounds):
            count = self._with_vertices(bounds, at)
            found = self._entity(bounds[at : at + count])
            if found is not None:
                taken.append(found)
            elif left and left[-1][1] == bounds[at][0]:
                left[-1] = (left[-1][0], bounds[at + count - 1][1])
            else:
                left.append((bounds[at][0], bounds[at + count - 1][1]))
            at += count
        return taken, left

    def _kind(self, mark: int) -> bytes:
        return self._values[mark].strip()

    def _with_vertices(self, bounds: Sequence[tuple[int, int]], at: int) -> int:
        """How many entities belong together: a polyline goes on to its end mark, an insertion may carry attributes."""
        if self._kind(bounds[at][0]) not in (b"POLYLINE", b"INSERT"):
            return 1
        last = at + 1
        while last < len(bounds) and self._kind(bounds[last][0]) in (b"VERTEX", b"ATTRIB"):
            last += 1
        closes = last < len(bounds) and self._kind(bounds[last][0]) == b"SEQEND"
        return last - at + closes

    def _entity(self, bounds: Sequence[tuple[int, int]]) -> Plain | None:
        first, last = bounds[0]
        read = _READERS.get(self._kind(first))
        if read is None or not _SPECIAL.isdisjoint(self._codes[first:last]):
            return None
        try:
            groups = self._groups(first, last)
            if any(code in groups for code in _EXTRUSION) and [float(groups.get(c, b"0")) for c in _EXTRUSION] != [0.0, 0.0, 1.0]:
                return None
            common = Values(layer=self._text(groups.get(8, b"0")), handle=self._text(groups.get(5, b"")))
            entity = read(self, groups, common, bounds)
            if _EXTENDED in groups:
                entity.extended = tuple(self._extended(first, last))
            return entity
        except (KeyError, ValueError):
            return None

    def _groups(self, first: int, last: int) -> Groups:
        return dict(zip(self._codes[first + 1 : last], self._values[first + 1 : last], strict=True))

    def _extended(self, first: int, last: int) -> Iterator[str]:
        """The texts that our own export left: those of other applications are passed over."""
        ours = False
        for at in range(self._codes.index(_EXTENDED, first, last), last):
            if self._codes[at] == _EXTENDED:
                ours = self._values[at].strip() == APPLICATION.encode()
            elif ours and self._codes[at] == _TEXT:
                yield self._values[at].rstrip(b"\r").decode(self._encoding)

    def _text(self, raw: bytes) -> str:
        """Raises ValueError for text with codes in it, which are the library's to resolve."""
        found = self._known.get(raw)
        if found is None:
            text = raw.rstrip(b"\r").decode(self._encoding)
            if any(mark in text for mark in _CODES_OF_TEXT):
                raise ValueError
            found = self._known[raw] = text
        return found

    # one kind each; what is missing or no number raises, and the entity stays with the library

    def _point(self, groups: Groups, common: Values, _: Any) -> Plain:
        return Plain("POINT", Values(common, location=_place(groups, 10)))

    def _line(self, groups: Groups, common: Values, _: Any) -> Plain:
        return Plain("LINE", Values(common, start=_place(groups, 10), end=_place(groups, 11)))

    def _circle(self, groups: Groups, common: Values, _: Any) -> Plain:
        return Plain("CIRCLE", Values(common, center=_place(groups, 10), radius=float(groups[40])))

    def _arc(self, groups: Groups, common: Values, _: Any) -> Plain:
        angles = {"start_angle": float(groups[50]), "end_angle": float(groups[51])}
        return Plain("ARC", Values(common, center=_place(groups, 10), radius=float(groups[40]), **angles))

    def _words(self, groups: Groups, common: Values, _: Any) -> Plain:
        said = Values(common, insert=_place(groups, 10), text=self._text(groups[1]), height=float(groups[40]))
        said.update(rotation=float(groups.get(50, b"0")), halign=int(groups.get(72, b"0")), valign=int(groups.get(73, b"0")))
        if 11 in groups:
            said["align_point"] = _place(groups, 11)
        return Plain("TEXT", said)

    def _lwpolyline(self, groups: Groups, common: Values, bounds: Sequence[tuple[int, int]]) -> Plain:
        first, last = bounds[0]
        codes, values = self._codes[first:last], self._values[first:last]
        x = [float(v) for c, v in zip(codes, values, strict=True) if c == 10]
        y = [float(v) for c, v in zip(codes, values, strict=True) if c == 20]
        rows = np.zeros((len(x), 5))
        rows[:, 0], rows[:, 1] = x, y
        if 42 in groups:
            at = -1
            for code, value in zip(codes, values, strict=True):
                at += code == 10
                if code == 42:
                    rows[at, 4] = float(value)
        common["elevation"] = float(groups.get(38, b"0"))
        return Plain("LWPOLYLINE", common, closed=bool(int(groups.get(70, b"0")) & 1), lwpoints=SimpleNamespace(values=rows))

    def _polyline(self, groups: Groups, common: Values, bounds: Sequence[tuple[int, int]]) -> Plain:
        flags = int(groups.get(70, b"0"))
        if flags & _MESH or self._kind(bounds[-1][0]) != b"SEQEND":
            raise ValueError
        vertices = []
        for first, last in bounds[1:-1]:
            if self._kind(first) != b"VERTEX":
                raise ValueError
            one = self._groups(first, last)
            values = Values(location=_place(one, 10), flags=int(one.get(70, b"0")), bulge=float(one.get(42, b"0")))
            vertices.append(Plain("VERTEX", values))
        more = {"is_poly_face_mesh": False, "is_polygon_mesh": False, "is_2d_polyline": not flags & 8, "is_closed": bool(flags & 1)}
        return Plain("POLYLINE", common, vertices=vertices, **more)


def _place(groups: Groups, code: int) -> tuple[float, float, float]:
    return float(groups[code]), float(groups[code + 10]), float(groups.get(code + 20, b"0"))


_READERS: dict[bytes, Callable[[_Reader, Groups, Values, Sequence[tuple[int, int]]], Plain]] = {
    b"POINT": _Reader._point,
    b"LINE": _Reader._line,
    b"CIRCLE": _Reader._circle,
    b"ARC": _Reader._arc,
    b"TEXT": _Reader._words,
    b"LWPOLYLINE": _Reader._lwpolyline,
    b"POLYLINE": _Reader._polyline,
}
