"""Geometry literals of requests → shapely geometries in longitude/latitude (EPSG:4326), built number by number, never by a WKT or GeoJSON reader.

An edge is straight in the CRS it was given in: before a projected one becomes longitude/latitude it is cut into pieces of at most
`EDGE_M`, so that over a district the difference stays under a millimetre.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyproj
import shapely

from geo.crs import STORAGE, Bounds, transform_xy
from geo.errors import BadBounds, BadFilter, BadValue, Invalid, Text

EDGE_M = 100.0
MAX_PIECES = 20_000
MAX_VERTICES, MAX_CHARACTERS = 100, 16_384
"""Of an area that is written out in a request."""
KEPT_VERTICES, KEPT_CHARACTERS = 10_000, 1 << 20
"""Of an area that is kept under a name."""


def of_box(box: Bounds) -> shapely.Geometry:
    """The box as a geometry in EPSG:4326: two polygons where it crosses the antimeridian, a line or point where it has no area."""
    if box.west <= box.east:
        return to_storage(_box(box.west, box.south, box.east, box.north), box.crs, BadBounds)
    if not pyproj.CRS.from_user_input(box.crs).is_geographic:
        raise BadBounds(
            Text(
                "范围的西边大于东边：只有经纬度的范围可以跨过 180° 经线",
                "west is greater than east: only a box in degrees may cross the antimeridian",
            )
        )
    parts = [_box(box.west, box.south, 180.0, box.north), _box(-180.0, box.south, box.east, box.north)]
    return shapely.union_all([to_storage(p, box.crs, BadBounds) for p in parts])


def _box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def to_storage(shape: shapely.Geometry, crs: str, error: type[Invalid]) -> shapely.Geometry:
    """`shape` given in `crs` as EPSG:4326. Raises `error` where it lies outside of longitude/latitude or of what `crs` can hold."""
    if crs != STORAGE:
        length = float(shapely.length(shape))
        if length > 0 and not pyproj.CRS.from_user_input(crs).is_geographic:
            shape = shapely.segmentize(shape, max(EDGE_M, length / MAX_PIECES))
        shape = shapely.transform(shape, lambda xy: transform_xy(xy, crs, STORAGE))
    xy = shapely.get_coordinates(shape)
    if not np.isfinite(xy).all() or (np.abs(xy) > (180.0, 90.0)).any():
        raise error(
            Text(
                f"坐标不在经纬度的范围内（按 {crs} 读）；若是米制坐标，请用 bbox-crs 或 filter-crs 注明，例如 EPSG:4547",
                f"the coordinates lie outside of longitude/latitude (read as {crs}); for metres say so with bbox-crs or filter-crs, "
                "for example EPSG:4547",
            )
        )
    return shape


def of_json(node: dict[str, Any], crs: str) -> shapely.Geometry:
    """A geometry literal of a CQL2 tree (GeoJSON form, or {"bbox": …}) in EPSG:4326. Raises BadFilter."""
    if "bbox" in node:
        numbers = _numbers(node["bbox"])
        if len(numbers) == 6:
            numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
        if len(numbers) != 4:
            raise _bad_shape("BBOX")
        try:
            return of_box(Bounds(numbers[0], numbers[1], numbers[2], numbers[3], crs=crs))
        except BadBounds as error:
            raise BadFilter(error.text) from None
    shape = _built(node)
    if not shapely.is_valid(shape):
        raise BadFilter(
            Text("筛选条件里的图形自相交或不闭合，请重画", "a geometry of the filter crosses itself: draw it anew"),
            reason=shapely.is_valid_reason(shape),
        )
    return to_storage(shape, crs, BadFilter)


def _built(node: dict[str, Any]) -> shapely.Geometry:
    kind = node.get("type")
    if kind == "GeometryCollection":
        parts = node.get("geometries")
        if not isinstance(parts, list) or not parts or any(not isinstance(p, dict) or p.get("type") == kind for p in parts):
            raise _bad_shape("GEOMETRYCOLLECTION")
        return shapely.GeometryCollection([_built(p) for p in parts])
    builders: dict[str, Callable[[Any], shapely.Geometry]] = {
        "Point": lambda c: shapely.Point(_position(c)),
        "LineString": lambda c: shapely.LineString(_line(c, 2)),
        "Polygon": _polygon,
        "MultiPoint": lambda c: shapely.MultiPoint(_line(c, 1)),
        "MultiLineString": lambda c: shapely.MultiLineString([_line(part, 2) for part in _list(c)]),
        "MultiPolygon": lambda c: shapely.MultiPolygon([_polygon(part) for part in _list(c)]),
    }
    if not isinstance(kind, str) or kind not in builders:
        raise _bad_shape(str(kind))
    return builders[kind](node.get("coordinates"))


def _polygon(rings: Any) -> shapely.Polygon:
    lines = [_line(ring, 4) for ring in _list(rings)]
    if any(line[0] != line[-1] for line in lines):
        raise BadFilter(Text("多边形的首尾点须相同", "the first and last point of a polygon must be the same"))
    return shapely.Polygon(lines[0], lines[1:])


def _line(coordinates: Any, least: int) -> list[tuple[float, float]]:
    points = [_position(c) for c in _list(coordinates)]
    if len(points) < least:
        raise _bad_shape(f"{least} points")
    return points


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _bad_shape("[]")
    return value


def _position(value: Any) -> tuple[float, float]:
    numbers = _numbers(value)
    if not 2 <= len(numbers) <= 4:
        raise _bad_shape(str(value)[:40])
    return numbers[0], numbers[1]


def _numbers(value: Any) -> list[float]:
    if not isinstance(value, list) or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in value):
        raise _bad_shape(str(value)[:40])
    try:
        numbers = [float(v) for v in value]
    except OverflowError:
        numbers = [math.inf]
    if not all(math.isfinite(v) for v in numbers):
        raise _bad_shape(str(value)[:40])
    return numbers


def _bad_shape(what: str) -> BadFilter:
    return BadFilter(
        Text(
            f"筛选条件里的图形读不懂：{what}；例如 POINT(112.98 34.75) 或 POLYGON((x y, …))",
            f"a geometry of the filter cannot be read: {what}; write for example POINT(112.98 34.75) or POLYGON((x y, …))",
        )
    )


_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_POSITION = rf"\s*{_NUMBER}\s+{_NUMBER}\s*"
_RING = rf"\s*\({_POSITION}(?:,{_POSITION})*\)\s*"
_AREA = rf"\s*\({_RING}(?:,{_RING})*\)\s*"
_WKT = re.compile(rf"\s*(?:POLYGON(?P<one>{_AREA})|MULTIPOLYGON\s*\((?P<many>{_AREA}(?:,{_AREA})*)\)\s*)\Z", re.IGNORECASE | re.ASCII)
_RING_RE = re.compile(_RING, re.ASCII)


def of_kept_area(text: str) -> shapely.Geometry:
    """The area of a text that may be kept under a name: like `of_area_text`, with up to 10 000 vertices."""
    return of_area_text(text, vertices=KEPT_VERTICES, characters=KEPT_CHARACTERS)


def of_area_text(text: str, *, vertices: int = MAX_VERTICES, characters: int = MAX_CHARACTERS) -> shapely.Geometry:
    """A POLYGON or MULTIPOLYGON in WKT (EPSG:4326, at most 100 vertices unless said). Raises BadValue with the way out."""
    if len(text) > characters:
        raise BadValue(
            Text(
                f"范围的文字太长：至多 {characters:,} 个字符、{vertices:,} 个顶点；请先简化轮廓",
                f"the area is too long: at most {characters:,} characters and {vertices:,} vertices; simplify the outline first",
            ),
            parameter="within", maximum=characters,
        )  # fmt: skip
    match = _WKT.match(text)
    if match is None:
        raise BadValue(
            Text(
                "within 须是 WKT 多边形：POLYGON((经度 纬度, …, 首点))",
                "within must be a WKT polygon: POLYGON((lon lat, …, first point))",
            ),
            parameter="within",
        )
    areas = [match["one"]] if match["one"] else re.findall(_AREA, match["many"])
    rings = [[_ring(ring) for ring in _RING_RE.findall(area[area.index("(") + 1 :])] for area in areas]
    _check_area(rings, vertices)
    parts = [shapely.Polygon(area[0], area[1:]) for area in rings]
    shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if not shapely.is_valid(shape):
        raise BadValue(Text("within 的多边形自相交，请重画", "the polygon of within crosses itself: draw it anew"), parameter="within")
    return to_storage(shape, STORAGE, BadValue)


def _ring(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split() for pair in text.strip(" \t\r\n()").split(","))]


def _check_area(areas: Sequence[Sequence[Sequence[tuple[float, float]]]], most: int) -> None:
    rings = [ring for area in areas for ring in area]
    vertices = sum(len(ring) - 1 for ring in rings)
    if vertices > most:
        raise BadValue(
            Text(
                f"within 有 {vertices} 个顶点，最多 {most} 个；请简化多边形",
                f"within has {vertices} vertices, at most {most} are taken: simplify the polygon",
            ),
            parameter="within",
        )
    if any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings) or not all(math.isfinite(v) for r in rings for p in r for v in p):
        raise BadValue(
            Text("within 的每一圈至少四个点，首尾相同", "each ring of within needs four points or more, the last like the first"),
            parameter="within",
        )
