"""Coordinates that stand in columns of a table: found by heading or by value, read as people write them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from geo import crs
from geo.formats.problems import Problem, problem
from geo.geometry import Geometries, array_of, check_wkt

_X = frozenset(
    ("经度", "东经", "longitude", "lon", "lng", "long", "x", "x坐标", "坐标x", "横坐标", "东坐标", "easting", "east", "pointx", "coordx", "gps经度",
     "中心经度", "中心点经度", "经度x", "lonwgs84", "lngwgs84", "wgs84lon", "wgs84lng", "xcoord", "bd09lng", "gcj02lng", "百度经度", "高德经度", "十进制经度")
)  # fmt: skip
_Y = frozenset(
    ("纬度", "北纬", "latitude", "lat", "y", "y坐标", "坐标y", "纵坐标", "北坐标", "northing", "north", "pointy", "coordy", "gps纬度",
     "中心纬度", "中心点纬度", "纬度y", "latwgs84", "wgs84lat", "ycoord", "bd09lat", "gcj02lat", "百度纬度", "高德纬度", "十进制纬度")
)  # fmt: skip
_WKT = frozenset(("wkt", "geometry", "geom", "thegeom", "几何", "shape", "wktgeom", "图形", "geometrywkt", "几何wkt"))
_PAIR = frozenset(
    (
        "经纬度",
        "坐标",
        "经纬度坐标",
        "中心点坐标",
        "位置坐标",
        "lonlat",
        "lnglat",
        "location",
        "coordinates",
        "coordinate",
        "高德坐标",
        "百度坐标",
    )
)
_MISSING = frozenset(("", "无", "不详", "未知", "—", "-", "--", "/", "null", "none", "nan", "na", "n/a", "暂无", "未采集"))
_NUMBER = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?\Z|[-+]?\.\d+\Z")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?\Z")
_DMS = re.compile(r"([-+]?\d+(?:\.\d+)?)[°度d](?:(\d+(?:\.\d+)?)['′’分m])?(?:(\d+(?:\.\d+)?)(?:\"|″|”|''|秒|s))?\Z", re.IGNORECASE)
_HEMISPHERE = re.compile(r"^(东经|西经|北纬|南纬|[ewns])|([ewns]|东经|西经|北纬|南纬)$", re.IGNORECASE)


def heading_key(text: str) -> str:
    """A heading without case, blanks, punctuation, bracketed units and full-width forms."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\s_\-·:：.*]", "", re.sub(r"[(\[（【<].*?[)\]）】>]", "", plain))


@dataclass(frozen=True, slots=True)
class Places:
    """Which columns hold the coordinates: one of WKT, one of pairs, or two of numbers (`first` is x, `second` y)."""

    kind: Literal["wkt", "pair", "xy"]
    first: int
    second: int = -1


def find(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Places | None:
    """The coordinate columns of a table; `rows` are a sample that the headings are checked against. None = no places."""
    keys = [heading_key(c) for c in columns]
    tails = [heading_key(c.rsplit(" ", 1)[-1]) for c in columns]
    values = [[r[i] for r in rows if not _is_missing(r[i])] for i in range(len(columns))]
    for i in range(len(columns)):
        if keys[i] in _WKT and any(_looks_like_wkt(v) for v in values[i][:50]):
            return Places("wkt", i)
    xs, ys = (_named(wanted, keys, tails, values) for wanted in (_X, _Y))
    if xs is not None and ys is not None:
        return Places("xy", xs, ys)
    for i in range(len(columns)):
        if keys[i] in _PAIR and any(_pair(v) for v in values[i][:50]):
            return Places("pair", i)
    return _by_value(values)


def _named(wanted: frozenset[str], keys: list[str], tails: list[str], values: list[list[Any]]) -> int | None:
    """The column so named whose values are numbers; the full heading counts before the last part of a two-row one."""
    for names in (keys, tails):
        for i, name in enumerate(names):
            if name in wanted and (not values[i] or sum(number(v) is not None for v in values[i][:50]) * 2 >= len(values[i][:50])):
                return i
    return None


def _by_value(values: list[list[Any]]) -> Places | None:
    """One column of Chinese longitudes and one of latitudes, with at least three decimals throughout."""

    def fits(column: list[Any], low: float, high: float) -> bool:
        numbers = [number(v) for v in column[:200]]
        return len(numbers) > 0 and all(n is not None and low <= n <= high and _decimals(n) >= 3 for n in numbers)

    west, south, east, north = crs.CHINA
    xs = [i for i, column in enumerate(values) if fits(column, west, east)]
    ys = [i for i, column in enumerate(values) if fits(column, south, north)]
    return Places("xy", xs[0], ys[0]) if len(xs) == 1 and len(ys) == 1 else None


def _decimals(value: float) -> int:
    text = repr(value)
    return len(text.partition(".")[2]) if "e" not in text else 9


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in _MISSING)


def _looks_like_wkt(value: Any) -> bool:
    return isinstance(value, str) and re.match(r"\s*(SRID=\d+;)?\s*[A-Za-z]+\s*(Z|M|ZM)?\s*(\(|EMPTY)", value) is not None


def number(value: Any) -> float | None:
    """A coordinate as people write it: 113.5, "１１３．５", "3,847,313.82", "113°30′", "东经113度30分"; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 and math.isfinite(value) else None
    if not isinstance(value, str) or len(value) > 60:
        return None
    text = unicodedata.normalize("NFKC", value).strip()
    if _NUMBER.match(text):
        return float(text) if math.isfinite(float(text)) else None
    if _THOUSANDS.match(text):
        return float(text.replace(",", ""))
    return _degrees(re.sub(r"\s", "", text))


def _degrees(text: str) -> float | None:
    mark = _HEMISPHERE.search(text)
    sign = -1.0 if mark and mark.group().lower() in ("w", "s", "西经", "南纬") else 1.0
    bare = _HEMISPHERE.sub("", text)
    if mark and _NUMBER.match(bare):
        return sign * float(bare)
    found = _DMS.match(bare)
    if not found:
        return None
    degrees, minutes, seconds = (float(g or 0) for g in found.groups())
    if minutes >= 60 or seconds >= 60:
        return None
    return sign * math.copysign(abs(degrees) + minutes / 60 + seconds / 3600, degrees)


def _pair(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, str):
        return None
    parts = re.split(r"[,，;；\s]+", unicodedata.normalize("NFKC", value).strip("()[]（） \t"))
    numbers = [number(p) for p in parts]
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    return numbers[0], numbers[1]


def _both(x: float | None, y: float | None) -> tuple[float, float] | None:
    return None if x is None or y is None else (x, y)


Read = tuple[Geometries, dict[int, Problem], dict[int, list[str]]]


def geometry(places: Places, rows: Sequence[Sequence[Any]]) -> Read:
    """The geometries of table rows in their own coordinates. An empty cell is no place; (0, 0) is none either and is said so."""
    if places.kind == "wkt":
        return _from_wkt([r[places.first] for r in rows])
    out = array_of([None] * len(rows))
    plain = _plain_numbers(places, rows)
    if plain is not None:
        _fill(out, plain)
        return out, {}, {}
    xy = np.full((len(rows), 2), np.nan)
    problems: dict[int, Problem] = {}
    repairs: dict[int, list[str]] = {}
    for i, row in enumerate(rows):
        cells = [row[places.first]] if places.kind == "pair" else [row[places.first], row[places.second]]
        if all(_is_missing(c) for c in cells):
            continue
        found = _pair(cells[0]) if places.kind == "pair" else _both(number(cells[0]), number(cells[1]))
        if found is None:
            shown = ", ".join(str(c)[:30] for c in cells)
            problems[i] = problem("bad-coordinates", shown, shown)
        elif found[0] == 0 and found[1] == 0:
            repairs[i] = ["zero-coordinates"]
        else:
            xy[i] = found
    _fill(out, xy)
    return out, problems, repairs


def _plain_numbers(places: Places, rows: Sequence[Sequence[Any]]) -> NDArray[np.float64] | None:
    """Both columns at once when every cell is nothing but a number; None sends the rows down the careful way."""
    if places.kind != "xy":
        return None
    try:
        cells = [(float(row[places.first]), float(row[places.second])) for row in rows]
    except (TypeError, ValueError):
        return None
    xy = np.array(cells, dtype=np.float64).reshape(len(rows), 2)
    odd = any("_" in str(row[places.first]) or "_" in str(row[places.second]) for row in rows)
    return None if odd or not np.isfinite(xy).all() or (xy == 0).all(axis=1).any() else xy


def _fill(out: Geometries, xy: NDArray[np.float64]) -> None:
    known = np.isfinite(xy).all(axis=1)
    out[known] = shapely.points(xy[known])


def _from_wkt(cells: Sequence[Any]) -> Read:
    problems: dict[int, Problem] = {}
    texts: list[str | None] = []
    for i, cell in enumerate(cells):
        if _is_missing(cell):
            texts.append(None)
        elif isinstance(cell, str) and check_wkt(cell):
            texts.append(re.sub(r"^\s*SRID=\d+;", "", cell))
        else:
            texts.append(None)
            problems[i] = problem("geometry-type" if _looks_like_wkt(cell) else "bad-coordinates", str(cell)[:40], str(cell)[:40])
    out = shapely.from_wkt(array_of(texts), on_invalid="ignore")
    for i in np.flatnonzero(shapely.is_missing(out)).tolist():
        if texts[i] is not None:
            problems[i] = problem("bad-coordinates", str(texts[i])[:40], str(texts[i])[:40])
    return array_of(out.tolist()), problems, {}
