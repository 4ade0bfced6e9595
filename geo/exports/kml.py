"""An answer as KML 2.2: features with their titles, the colours of their classes, and typed values beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from geo.exports import geometry_json
from geo.exports.about import about
from geo.exports.classes import Class, classes
from geo.exports.columns import Column, columns, feature_titles, values
from geo.exports.foreign import title
from geo.exports.output import Output

if TYPE_CHECKING:
    from geo.answers import Answer

CHUNK = 4_000
_INT = 1 << 31
_TYPES = {"integer": "int", "number": "double", "boolean": "bool"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})


def escaped(text: str) -> str:
    """A text for XML, in an element or an attribute; what XML cannot hold becomes a blank."""
    return _FORBIDDEN.sub(" ", text).translate(_ESCAPES)


def kml(answer: Answer, output: Output) -> Iterator[bytes]:
    """The document, piece by piece, in the answer's order. A value that is null is not written; an empty text is.

    All placemarks stand in the document itself: other programs take each folder for a layer of its own.
    """
    made, groups = columns(answer, output), classes(answer, output)
    yield _head(answer, output, made, groups)
    styles = np.empty(len(answer.frame), dtype=object)
    for group in groups:
        styles[group.rows] = group.id
    for start in range(0, len(answer.frame), CHUNK):
        part = answer.frame.iloc[start : start + CHUNK]
        yield _placemarks(answer, output, made, styles[start : start + CHUNK].tolist(), part)
    yield b"</Document></kml>\n"


def _head(answer: Answer, output: Output, made: Sequence[Column], groups: Sequence[Class]) -> bytes:
    told = about(answer, output)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>',
        f"<name>{escaped(title(answer, output))}</name>",
    ]
    if "sentence" in told:
        lines.append(f"<description>{escaped(told['sentence'])}</description>")
    lines += [_style(group, answer.layer.style) for group in groups]
    fields = "".join(_simple_field(c, answer) for c in made)
    lines.append(f'<Schema name="{escaped(answer.query.collection)}" id="fields">{fields}</Schema>')
    lines.append(f'<ExtendedData><Data name="yuantu"><value>{escaped(orjson.dumps(told).decode())}</value></Data></ExtendedData>\n')
    return "\n".join(lines).encode()


def _simple_field(column: Column, answer: Answer) -> str:
    kind = _TYPES.get(column.kind, "string")
    if kind == "int" and column.field is not None and not _fits(answer.frame[column.field.name]):
        kind = "double"  # int has 32 bits
    return f'<SimpleField type="{kind}" name="{escaped(column.name)}"><displayName>{escaped(column.title)}</displayName></SimpleField>'


def _fits(column: pd.Series[Any]) -> bool:
    numbers = pd.to_numeric(column, errors="coerce")
    return not bool((numbers.abs() >= _INT).any())


def _style(group: Class, style: Any) -> str:
    """Colours of KML are alpha, blue, green, red."""
    r, g, b = (group.color[i : i + 2] for i in (1, 3, 5))
    fill = f"{round(style.fill_opacity * 255):02x}"
    return (
        f'<Style id="{group.id}"><IconStyle><color>ff{b}{g}{r}</color></IconStyle><LineStyle><color>ff{b}{g}{r}</color><width>{style.weight:g}</width>'
        f"</LineStyle><PolyStyle><color>{fill}{b}{g}{r}</color></PolyStyle></Style>"
    )


def _placemarks(answer: Answer, output: Output, made: Sequence[Column], styles: Sequence[str], part: pd.DataFrame) -> bytes:
    cells = [_texts(column, c) for column, c in zip(values(answer, part, output), made, strict=True)]
    out = []
    titles = feature_titles(answer, part, output.lang)
    for name, style, shape, *row in zip(titles, styles, shapes(part["geometry"].to_numpy()), *cells, strict=True):
        titled = f"<name>{escaped(name)}</name>" if name is not None else ""
        data = f'<ExtendedData><SchemaData schemaUrl="#fields">{"".join(row)}</SchemaData></ExtendedData>'
        out.append(f"<Placemark>{titled}<styleUrl>#{style}</styleUrl>{data}{shape}</Placemark>\n")
    return "".join(out).encode()


def _texts(column: Sequence[Any], said: Column) -> list[str]:
    """Each value as an element, nothing for null; a text once however often it stands in the column."""
    start = f'<SimpleData name="{escaped(said.name)}">'
    known: dict[Any, str] = {None: ""}
    for value in set(column) - {None}:
        text = ("1" if value else "0") if isinstance(value, bool) else repr(value) if isinstance(value, float) else escaped(str(value))
        known[value] = f"{start}{text}</SimpleData>"
    return [known[value] for value in column]


def shapes(geometry: NDArray[np.object_]) -> list[str]:
    """Each geometry as KML (longitude,latitude of 7 decimals), "" for none: the coordinates of GeoJSON with other signs between them."""
    return [_from_json(text.decode()) for text in geometry_json.encode(geometry, decimals=geometry_json.DECIMALS_DEGREES)]


def _from_json(text: str) -> str:
    if text == "null":
        return ""
    kind, numbers = text[9 : text.index('"', 9)], text[text.index(":", 9) + 1 : -1]
    if kind == "Point":
        return f"<Point><coordinates>{numbers[1:-1]}</coordinates></Point>"
    if kind == "LineString":
        return _path(numbers[2:-2])
    if kind == "Polygon":
        return _polygon(numbers[3:-3])
    if kind == "MultiPoint":
        return _multi(f"<Point><coordinates>{pair}</coordinates></Point>" for pair in numbers[2:-2].split("],["))
    if kind == "MultiLineString":
        return _multi(_path(line) for line in numbers[3:-3].split("]],[["))
    if kind == "MultiPolygon":
        return _multi(_polygon(part) for part in numbers[4:-4].split("]]],[[["))
    return _multi(_from_json(orjson.dumps(part).decode()) for part in orjson.loads(text)["geometries"])


def _multi(parts: Iterator[str]) -> str:
    return f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


def _path(pairs: str) -> str:
    return f"<LineString><tessellate>1</tessellate><coordinates>{pairs.replace('],[', ' ')}</coordinates></LineString>"


def _polygon(rings: str) -> str:
    outer, *inner = (f"<LinearRing><coordinates>{r.replace('],[', ' ')}</coordinates></LinearRing>" for r in rings.split("]],[["))
    holes = "".join(f"<innerBoundaryIs>{ring}</innerBoundaryIs>" for ring in inner)
    return f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>{holes}</Polygon>"
