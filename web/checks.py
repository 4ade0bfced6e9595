"""Values and geometries that come in as JSON, checked against a layer's declaration before they reach the store."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import home
from geo.errors import BadValue, Text, UnknownField, nearest
from geo.schema import Field, Layer

TEXT_BYTES = 64 << 10
VERTICES = 100_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""How many lists a geometry's coordinates lie deep."""


def values(layer: Layer, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were sent, as the store keeps them; null clears. Raises UnknownField, BadValue (member `field`)."""
    writable = {f.name: f for f in layer.writable}
    out = {}
    for name, value in sent.items():
        if name not in writable:
            raise _unknown(layer, name, list(writable))
        out[name] = None if value is None else _checked(writable[name], value)
        if value is None and writable[name].required:
            raise _bad(writable[name], "不能为空", "must not be empty")
    return out


def required(layer: Layer, given: Mapping[str, Any]) -> None:
    for f in layer.writable:
        if f.required and given.get(f.name) is None:
            raise _bad(f, "必填", "is required")


def _unknown(layer: Layer, name: str, writable: Sequence[str]) -> UnknownField:
    kept = layer.field(name) is not None or name == "id"
    zh = f"字段“{name}”由系统保存，不能改" if kept else f"{layer.label.zh}没有字段“{name}”"
    en = f"the field '{name}' is kept by the system" if kept else f"{layer.label.en} has no field '{name}'"
    return UnknownField(Text(zh, en), field=name, nearest=nearest(name, writable), fields=list(writable))


def _bad(field: Field, zh: str, en: str, **members: Any) -> BadValue:
    return BadValue(Text(f"{field.label.zh}（{field.name}）{zh}", f"{field.label.en} ({field.name}) {en}"), field=field.name, **members)


def _checked(field: Field, value: Any) -> Any:
    if field.type == "boolean":
        if not isinstance(value, bool):
            raise _bad(field, "须是 true 或 false", "must be true or false")
        return value
    if field.is_numeric:
        return _number(field, value)
    if not isinstance(value, str):
        raise _bad(field, "须是文字", "must be a text")
    return _text(field, value)


def _number(field: Field, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise _bad(field, "须是数", "must be a number")
    if field.type in ("integer", "year"):
        if value != int(value) or abs(value) > 2**53:
            raise _bad(field, "须是整数", "must be a whole number")
        value = int(value)
    if field.minimum is not None and value < field.minimum:
        raise _bad(field, f"不能小于 {field.minimum:g}", f"must be at least {field.minimum:g}", minimum=field.minimum)
    if field.maximum is not None and value > field.maximum:
        raise _bad(field, f"不能大于 {field.maximum:g}", f"must be at most {field.maximum:g}", maximum=field.maximum)
    return value if field.type in ("integer", "year") else float(value)


def _text(field: Field, value: str) -> str | None:
    text = value.strip()
    if len(text.encode("utf-8", "replace")) > TEXT_BYTES:
        raise _bad(field, "太长：最多 64 kB", "is too long: at most 64 kB")
    if "\0" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise _bad(field, "含有不能保存的字符", "holds characters that cannot be kept")
    if not text:
        return None
    if field.type == "choice" and field.choice(text) is None:
        listed = [c.value for c in field.choices]
        raise _bad(field, f"只能是：{', '.join(listed)}", f"is one of: {', '.join(listed)}", choices=listed, nearest=nearest(text, listed))
    if field.type == "date" and not _is_date(text):
        raise _bad(field, "须是 2023-06-01 这样的日期", "must be a date like 2023-06-01")
    return text


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.match(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


# ---------------------------------------------------------------- geometry


def geometry(layer: Layer, sent: Any) -> bytes | None:
    """WKB in EPSG:4326 of a GeoJSON geometry (longitude, latitude), None for null. Raises BadValue for any that the layer cannot hold."""
    if sent is None:
        return None
    kind = sent.get("type") if isinstance(sent, dict) else None
    if not isinstance(kind, str) or kind not in layer.geometry:
        listed = ", ".join(layer.geometry)
        raise _wrong(
            f"{layer.label.zh}的几何只能是 {listed}", f"the geometry of {layer.label.en} is one of {listed}", kinds=list(layer.geometry)
        )
    coordinates = sent.get("coordinates")
    positions(coordinates, _DEPTHS[kind])
    shape = _build(kind, coordinates)
    if shape.is_empty:
        raise _wrong("几何是空的：不上图请给 null", "the geometry is empty: for an unplaced feature send null")
    if not shape.is_valid:
        why = shapely.is_valid_reason(shape)
        raise _wrong("几何无效（自相交、重复或未闭合的环）", f"the geometry is not valid: {why}", reason=why)
    return bytes(shapely.to_wkb(shape, output_dimension=2, byte_order=1))


def within_reach(geometry: bytes | None, metric_crs: str | None) -> None:
    """Raises BadValue for a geometry (WKB in EPSG:4326) that leaves the area of use of the CRS the store measures in, grown by 5 degrees."""
    meant = home(metric_crs) if geometry is not None and metric_crs is not None else None
    if meant is None:
        return
    west, south, east, north = shapely.bounds(shapely.from_wkb(geometry))
    if west < meant.west or south < meant.south or east > meant.east or north > meant.north:
        box = f"{meant.west:g},{meant.south:g},{meant.east:g},{meant.north:g}"
        raise _wrong(
            f"几何离本库其他数据太远：本库按 {metric_crs} 量测，只适用于经纬度 {box} 之内",
            f"the geometry lies too far from the other data: measuring in {metric_crs} works within longitude/latitude {box}",
            metric_crs=metric_crs,
        )


def _wrong(zh: str, en: str, **members: Any) -> BadValue:
    return BadValue(Text(zh, en), field="geometry", **members)


def positions(value: Any, depth: int) -> None:
    """Raises BadValue unless `value` is lists of positions `depth` deep, each within the world."""
    count = 0
    stack = [(value, depth)]
    while stack:
        here, left = stack.pop()
        if not isinstance(here, list) or (left and not here):
            raise _wrong("coordinates 的层次不对", "the coordinates are not nested as the type wants")
        if left:
            stack.extend((inner, left - 1) for inner in here)
            continue
        count += 1
        _position(here)
        if count > VERTICES:
            raise _wrong(f"顶点超过 {VERTICES}", f"more than {VERTICES} vertices", maximum=VERTICES)


def _position(xy: list[Any]) -> None:
    numbers = [v for v in xy if isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v)]
    if len(xy) not in (2, 3) or len(numbers) != len(xy):
        raise _wrong("坐标须是两个有限的数", "a position is two finite numbers")
    if abs(xy[0]) > 180 or abs(xy[1]) > 90:
        raise _wrong("坐标须是经度（±180）、纬度（±90）", "a position is longitude (within 180) and latitude (within 90)")


def _build(kind: str, coordinates: Any) -> BaseGeometry:
    if kind == "Polygon":
        return _polygon(coordinates)
    if kind == "MultiPolygon":
        return shapely.MultiPolygon([_polygon(rings) for rings in coordinates])
    if kind == "LineString":
        return line(coordinates)
    if kind == "MultiLineString":
        return shapely.MultiLineString([line(part) for part in coordinates])
    return shapely.Point(coordinates[:2]) if kind == "Point" else shapely.MultiPoint([p[:2] for p in coordinates])


def line(positions: list[list[float]]) -> shapely.LineString:
    if len(positions) < 2:
        raise _wrong("线至少要两个点", "a line needs two positions")
    return shapely.LineString([p[:2] for p in positions])


def _polygon(rings: list[list[list[float]]]) -> shapely.Polygon:
    for ring in rings:
        if len(ring) < 4 or ring[0][:2] != ring[-1][:2]:
            raise _wrong("环至少要四个点，且首尾相同", "a ring needs four positions, the last being the first")
    shell, *holes = ([p[:2] for p in ring] for ring in rings)
    return shapely.Polygon(shell, holes)
