"""A DXF drawing (R2007, UTF-8): the frame of the file by ezdxf, its entities one by one as text, so that a city fits into little memory."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import shapely

from geo.errors import Refused, Text
from geo.formats import wire
from geo.geometry import array_of

APPLICATION = "YUANTU"
"""The name under which an entity says whose outline it is: layer, code, id, and `hole` for an inner ring."""

_VERSION = "R2007"
_DECIMALS = 3
_STYLE = "YUANTU"
_FONT = "simsun.ttf"
_XDATA_BYTES = 255
_BLOCK = 1 << 20
_ENTITY = b"\n100\nAcDbEntity\n"
_NO_ENTITIES = "  0\nSECTION\n  2\nENTITIES\n  0\nENDSEC\n"
_LINE_ENDS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]+")


def write(job: Mapping[str, Any], source: BinaryIO, target: Path) -> tuple[int, int]:
    """`layers`: {name, texts, color} of the CAD layers; `entities`: how many there may be; `unit`: of $INSUNITS; `height` of the texts; `bounds`.

    The columns of a row: number of its CAD layer, id, code, title. Sent and found are counted in entities.
    """
    head, tail, owner, first = _frame(job)
    pen = _Pen(owner, first, [(_line(y["name"]), _line(y["texts"])) for y in job["layers"]], _line(job["layer"]), job["height"])
    with target.open("wb") as file:
        file.write(head.encode())
        start = file.tell()
        while (rows := wire.receive_rows(source, len(job["fields"]))) is not None:
            geometry, columns = rows
            shapes = shapely.from_wkb(array_of(geometry))
            text = "".join(pen.feature(*row) for row in zip(shapes.tolist(), *columns, strict=True))
            file.write(text.encode())
        end = file.tell()
        file.write(tail.encode())
    if pen.drawn > job["entities"]:
        raise Refused(Text("图元比预计的多", "there are more entities than were counted"))
    return pen.drawn, _entities(target, start, end)


def _frame(job: Mapping[str, Any]) -> tuple[str, str, str, int]:
    """The text before and after the entities, the handle of the model space, the first free handle."""
    from ezdxf import document, filemanagement

    drawing: document.Drawing = filemanagement.new(_VERSION, units=job["unit"])
    drawing.appids.add(APPLICATION)
    drawing.styles.add(_STYLE, font=_FONT)
    for layer in job["layers"]:
        for name in (layer["name"], layer["texts"]):
            made = drawing.layers.add(name)
            red, green, blue = bytes.fromhex(layer["color"].removeprefix("#"))
            made.rgb = (red, green, blue)
    for key, value in job["properties"].items():
        drawing.header.custom_vars.append(_line(key), _line(value))
    if job["bounds"]:
        west, south, east, north = job["bounds"]
        drawing.header["$EXTMIN"], drawing.header["$EXTMAX"] = (west, south, 0), (east, north, 0)
        space = drawing.modelspace()
        space.dxf.extmin, space.dxf.extmax = (west, south, 0), (east, north, 0)
        drawing.set_modelspace_vport(max(north - south, east - west, 10) * 1.1, center=((west + east) / 2, (south + north) / 2))
    first = int(str(drawing.entitydb.handles), 16) + 256
    out = io.StringIO()
    drawing.write(out)
    seed = f"{first + job['entities'] + 1:X}"
    text = re.sub(r"(\$HANDSEED\n\s*5\n)[0-9A-F]+\n", rf"\g<1>{seed}\n", out.getvalue(), count=1)
    head, found, tail = text.partition(_NO_ENTITIES)
    if not found:
        raise Refused(Text("图纸的框架不是所料的样子", "the frame of the drawing is not as expected"))
    opened, closed = _NO_ENTITIES[: -len("  0\nENDSEC\n")], "  0\nENDSEC\n"
    return head + opened, closed + tail, drawing.modelspace().layout_key, first


def _line(text: str) -> str:
    """The text in one line: whatever ends a line would begin a group of its own."""
    return _LINE_ENDS.sub(" ", text).strip()


def _shown(text: str) -> str:
    """A text that is drawn as it is: carets and doubled percent signs are codes of the format."""
    return _line(text).replace("^", "^ ").replace("%%", "% %")


@dataclass(slots=True)
class _Pen:
    """Features as groups of text; counts the entities that it draws."""

    owner: str
    handle: int
    layers: Sequence[tuple[str, str]]
    said: str
    height: float
    drawn: int = 0

    def feature(self, shape: Any, layer: int, id: int, code: str | None, title: str | None) -> str:
        """The outlines of one feature and its title; nothing for one without a place."""
        if shape is None or shape.is_empty:
            return ""
        lines, texts = self.layers[layer]
        whose = self._whose(id, code)
        parts = [self._part(piece, hole, lines, whose) for piece, hole in _pieces(shape)]
        if title and (shown := _shown(title)):
            parts.append(self._title(shape, shown, texts, whose))
        return "".join(parts)

    def _whose(self, id: int, code: str | None) -> str:
        """Extended data: texts of the format hold 255 bytes; a code that is longer stays away, the id is enough."""
        own = _line(code or "")
        groups = [self.said, own if len(own.encode()) <= _XDATA_BYTES else "", f"id={id}"]
        return f"1001\n{APPLICATION}\n" + "".join(f"1000\n{text}\n" for text in groups)

    def _head(self, kind: str, layer: str) -> str:
        self.handle += 1
        self.drawn += 1
        return f"  0\n{kind}\n  5\n{self.handle:X}\n330\n{self.owner}\n100\nAcDbEntity\n  8\n{layer}\n"

    def _part(self, piece: Any, hole: bool, layer: str, whose: str) -> str:
        if piece.geom_type == "Point":
            return (
                f"{self._head('POINT', layer)}100\nAcDbPoint\n 10\n{piece.x:.{_DECIMALS}f}\n 20\n{piece.y:.{_DECIMALS}f}\n 30\n0.0\n{whose}"
            )
        closed = piece.geom_type == "LinearRing"
        xy = shapely.get_coordinates(piece)
        xy = np.round(xy[:-1] if closed else xy, _DECIMALS).tolist()
        vertices = "".join([f" 10\n{x:.{_DECIMALS}f}\n 20\n{y:.{_DECIMALS}f}\n" for x, y in xy])
        head = f"{self._head('LWPOLYLINE', layer)}100\nAcDbPolyline\n 90\n{len(xy)}\n 70\n{int(closed)}\n 43\n0.0\n"
        return head + vertices + whose + ("1000\nhole\n" if hole else "")

    def _title(self, shape: Any, text: str, layer: str, whose: str) -> str:
        at = shape if shape.geom_type == "Point" else shape.interpolate(0.5, normalized=True) if shape.length and not shape.area else None
        at = shape.representative_point() if at is None or at.is_empty else at
        place = f"{at.x:.{_DECIMALS}f}\n", f"{at.y:.{_DECIMALS}f}\n"
        start, middle = (f" {n}0\n{place[0]} {n + 1}0\n{place[1]} {n + 2}0\n0.0\n" for n in (1, 1))
        middle = middle.replace(" 10\n", " 11\n").replace(" 20\n", " 21\n").replace(" 30\n", " 31\n")
        return (
            f"{self._head('TEXT', layer)}100\nAcDbText\n{start} 40\n{self.height:g}\n  1\n{text}\n  7\n{_STYLE}\n 72\n1\n{middle}"
            f"100\nAcDbText\n 73\n2\n{whose}"
        )


def _pieces(shape: Any) -> Iterator[tuple[Any, bool]]:
    """Points, lines and rings of a geometry, and whether each is an inner ring."""
    for part in getattr(shape, "geoms", [shape]):
        if hasattr(part, "geoms"):
            yield from _pieces(part)
        elif part.geom_type == "Polygon":
            yield part.exterior, False
            yield from ((ring, True) for ring in part.interiors)
        else:
            yield part, False


def _entities(path: Path, start: int, end: int) -> int:
    """Entities between two places of the file, counted by the mark that each has once; no text can hold it, for none has an end of line."""
    found, kept = 0, b""
    with path.open("rb") as file:
        file.seek(start)
        while left := end - file.tell():
            block = kept + file.read(min(_BLOCK, left))
            found += block.count(_ENTITY)
            kept = block[-len(_ENTITY) + 1 :]
    return found
