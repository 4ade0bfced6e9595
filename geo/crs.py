"""Coordinate reference systems: the only module that knows EPSG numbers and the GCJ-02/BD-09 shift.

Axis order is always x = easting or longitude, y = northing or latitude, whatever the EPSG definition says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from geo.errors import BadBounds, CrsMismatch, Text, UnknownCrs

STORAGE = "EPSG:4326"
"""All geometry is kept in WGS 84 longitude/latitude (CGCS2000 coincides with it for a map)."""

_UNSHIFTED = ("EPSG:4326", "EPSG:4490")
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,20}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z|[-+]?(?i:nan|inf)\Z")
"""A number as people and programs write it; Python alone would take 1_1 and the digits of every script."""
"""Geographic CRSs that are stored as they are."""

CHINA = (73.0, 17.0, 136.0, 54.5)
"""West, south, east, north in degrees: where undeclared longitude/latitude may be shifted (GCJ-02, BD-09)."""

Box = tuple[float, float, float, float]
"""West, south, east, north as plain numbers."""

Pair = tuple[float, float]
"""x and y, longitude and latitude."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box in `crs`; in degrees `west` > `east` crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float
    crs: str = STORAGE

    def __post_init__(self) -> None:
        if not all(math.isfinite(v) for v in self.tuple):
            raise BadBounds(Text("范围须为四个有限的数", "a box needs four finite numbers"))
        if self.south > self.north:
            raise BadBounds(Text("范围的南边在北边之上：顺序为 西,南,东,北", "south is above north: the order is west,south,east,north"))

    @property
    def tuple(self) -> Box:
        return (self.west, self.south, self.east, self.north)

    @property
    def centre(self) -> Pair:
        return ((self.west + self.east) / 2, (self.south + self.north) / 2)

    @classmethod
    def parse(cls, text: str, *, crs: str = STORAGE) -> Bounds:
        """From "west,south,east,north" (or the six numbers with heights). Raises BadBounds."""
        parts = [p.strip() for p in text.split(",")]
        numbers = [float(p) for p in parts] if all(map(_NUMBER.match, parts)) else []
        if len(numbers) == 6:
            numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
        if len(numbers) != 4:
            raise BadBounds(Text(f"“{text}”不是范围：写成 西,南,东,北 四个数", f"'{text}' is not a box: write west,south,east,north"))
        west, south, east, north = numbers
        return cls(west, south, east, north, crs)


def require_same_crs(*names: str) -> str:
    """The one CRS that all `names` are; CrsMismatch when two differ (an empty answer of a mixed join would be a wrong answer)."""
    if len(set(names)) != 1:
        listed = ", ".join(sorted(set(names)))
        raise CrsMismatch(Text(f"坐标系不同，不能一起计算：{listed}", f"layers in different CRSs cannot be joined: {listed}"))
    return names[0]


def normalise(name: str) -> str:
    """ "epsg:4547", "4547", an OGC URI or URN → "EPSG:4547"; CRS84 → EPSG:4326. Raises UnknownCrs."""
    text = name.strip()
    last = text.replace("/", ":").rsplit(":", 1)[-1].upper()
    if last in ("CRS84", "CRS84H", "WGS84"):
        return STORAGE
    try:
        if _projection(f"EPSG:{int(last)}") is None and f"EPSG:{int(last)}" not in _UNSHIFTED:
            pyproj.CRS.from_epsg(int(last))
    except (ValueError, pyproj.exceptions.CRSError):
        raise UnknownCrs(Text(f"不认识坐标系“{name}”：写成 EPSG:4547 这样", f"unknown CRS '{name}': write it like EPSG:4547")) from None
    return f"EPSG:{int(last)}"


def in_china(lon: float, lat: float) -> bool:
    west, south, east, north = CHINA
    return west <= lon <= east and south <= lat <= north


def metric_crs_for(lon: float, lat: float) -> str:
    """The CRS to measure in around a place: in China the CGCS2000 3-degree zone (EPSG:4534 is 75 E … 4554 is 135 E), else UTM."""
    if in_china(lon, lat):
        zone = min(max(round(lon / 3), 25), 45)
        return f"EPSG:{4509 + zone}"
    zone = min(int((lon + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


_ZONE_REACH = 3.0
"""Degrees from its central meridian within which a metric CRS stays: there lengths are right to 0.1 %, and widths must not change without need."""


def metric_crs_of(lon: ArrayLike, lat: ArrayLike, *, kept: str | None = None) -> str | None:
    """The CRS to measure in for features with these centres (degrees): that of their median, so that strays do not move it.

    `kept`: the one measured in so far, which stays while the median lies within 3 degrees of its central meridian. None without centres and `kept`.
    """
    east, north = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    finite = np.isfinite(east) & np.isfinite(north)
    if not finite.any():
        return kept
    x, y = float(np.median(east[finite])), float(np.median(north[finite]))
    meridian = None if kept is None else _central_meridian(kept)
    if kept is not None and (meridian is None or abs((x - meridian + 180) % 360 - 180) <= _ZONE_REACH):
        return kept
    return metric_crs_for(x, y)


def _central_meridian(name: str) -> float | None:
    """Of the CRSs that `metric_crs_for` gives; None for others, which somebody chose."""
    code = int(name[5:]) if name.startswith("EPSG:") and name[5:].isdecimal() else 0
    if 4534 <= code <= 4554:
        return 3.0 * (code - 4509)
    return 6.0 * (code % 100) - 183 if 32601 <= code <= 32660 or 32701 <= code <= 32760 else None


@lru_cache(maxsize=64)
def is_geographic(name: str) -> bool:
    """Whether coordinates in the EPSG name are degrees."""
    return bool(pyproj.CRS.from_user_input(name).is_geographic)


@lru_cache(maxsize=64)
def is_metric(name: str) -> bool:
    """Whether coordinates in the EPSG name are eastings and northings in metres."""
    found = pyproj.CRS.from_user_input(name)
    return bool(found.is_projected) and all(axis.unit_conversion_factor == 1.0 for axis in found.axis_info)


@lru_cache(maxsize=128)
def transformer(source: str, target: str) -> pyproj.Transformer:
    """A transformer of (x, y) arrays between two EPSG names, always x first.

    The usual projections of WGS 84 and CGCS2000 are written down here: looking them up costs PROJ a tenth of a second each.
    """
    for name, other, inverse in ((source, target, True), (target, source, False)):
        step = _projection(name)
        if step and other in _UNSHIFTED:
            there = f"+step {'+inv ' if inverse else ''}{step}"
            degrees = "+step +proj=unitconvert +xy_in=rad +xy_out=deg" if inverse else "+step +proj=unitconvert +xy_in=deg +xy_out=rad"
            steps = (there, degrees) if inverse else (degrees, there)
            return pyproj.Transformer.from_pipeline("+proj=pipeline " + " ".join(steps))
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _projection(name: str) -> str | None:
    """PROJ's words for Gauss-Krüger zones of CGCS2000, UTM and Web Mercator; None for any other CRS."""
    code = int(name[5:]) if name.startswith("EPSG:") and name[5:].isdecimal() else 0
    if code == 3857:
        return "+proj=webmerc +ellps=WGS84"
    if 32601 <= code <= 32660 or 32701 <= code <= 32760:
        return f"+proj=utm +zone={code % 100}{' +south' if code > 32700 else ''} +ellps=WGS84"
    zones = ((4491, 13, 11, 6, -3, True), (4502, 13, 11, 6, -3, False), (4513, 25, 21, 3, 0, True), (4534, 25, 21, 3, 0, False))
    for start, first, count, width, shift, prefixed in zones:
        if start <= code < start + count:
            zone = first + code - start
            east = 500_000 + (1_000_000 * zone if prefixed else 0)
            return f"+proj=tmerc +lat_0=0 +lon_0={width * zone + shift} +k=1 +x_0={east} +y_0=0 +ellps=GRS80"
    return None


def transform_xy(xy: NDArray[np.float64], source: str, target: str) -> NDArray[np.float64]:
    """(n, 2) coordinates from `source` to `target`, same shape."""
    if source == target:
        return xy
    x, y = transformer(source, target).transform(xy[:, 0], xy[:, 1])
    return np.column_stack([x, y])


GCJ02 = "GCJ-02"
"""Shifted datum of AMap, Tencent and Google's maps of China."""

BD09 = "BD-09"
"""Baidu's shift on top of GCJ-02."""

SWAPPED = ":swapped"
"""Suffix of a source CRS whose first number is the northing or latitude (survey order)."""

_DATUM_NAMES = {"gcj02": GCJ02, "gcj": GCJ02, "mars": GCJ02, "火星": GCJ02, "火星坐标": GCJ02, "bd09": BD09, "bd09ll": BD09, "bd": BD09,
                "wgs84": STORAGE, "cgcs2000": STORAGE}  # fmt: skip

_A = 6378245.0
_EE = 0.00669342162296594323
_SHIFT_BOX = (72.004, 0.8293, 137.8347, 55.8271)


def wgs84_to_gcj02(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) degrees shifted as Chinese web maps do; outside the box of that convention nothing is shifted."""
    x, y = xy[:, 0] - 105.0, xy[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * math.pi) + 20.0 * np.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    dy = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    dy += (20.0 * np.sin(y * math.pi) + 40.0 * np.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    dy += (160.0 * np.sin(y / 12.0 * math.pi) + 320.0 * np.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    dx = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    dx += (20.0 * np.sin(x * math.pi) + 40.0 * np.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    dx += (150.0 * np.sin(x / 12.0 * math.pi) + 300.0 * np.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    radians = np.radians(xy[:, 1])
    magic = 1.0 - _EE * np.sin(radians) ** 2
    dy = dy * 180.0 / ((_A * (1.0 - _EE)) / (magic * np.sqrt(magic)) * math.pi)
    dx = dx * 180.0 / (_A / np.sqrt(magic) * np.cos(radians) * math.pi)
    west, south, east, north = _SHIFT_BOX
    inside = (xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north)
    return xy + np.where(inside[:, None], np.column_stack([dx, dy]), 0.0)


def gcj02_to_bd09(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) degrees from GCJ-02 to Baidu's BD-09."""
    factor = math.pi * 3000.0 / 180.0
    x, y = xy[:, 0], xy[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * factor)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * factor)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def wgs84_to_bd09(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return gcj02_to_bd09(wgs84_to_gcj02(xy))


def _invert(forward: Callable[[NDArray[np.float64]], NDArray[np.float64]], shifted: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points whose `forward` image is `shifted`, by fixed-point steps to under 0.01 mm (1e-10 degrees)."""
    guess = shifted.copy()
    for _ in range(20):
        step = forward(guess) - shifted
        guess -= step
        if not len(step) or np.nanmax(np.abs(step)) < 1e-10:
            break
    return guess


def gcj02_to_wgs84(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) degrees from GCJ-02 back to WGS 84, to well under 1 mm."""
    return _invert(wgs84_to_gcj02, xy)


def bd09_to_wgs84(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) degrees from BD-09 back to WGS 84, to well under 1 mm."""
    return _invert(wgs84_to_bd09, xy)


@dataclass(frozen=True, slots=True)
class Source:
    """How the coordinates of a file are to be read.

    `name` is what is shown and recorded ("EPSG:4547", "GCJ-02", "EPSG:4547:swapped", or the own name of a CRS without number);
    `definition` is what PROJ takes, None for the two shifted datums. `warning` says why metres may be off.
    """

    name: str
    definition: str | None
    swapped: bool = False
    warning: Text | None = None

    @property
    def is_storage(self) -> bool:
        """Whether the coordinates are stored as they are."""
        return not self.swapped and self.definition in _UNSHIFTED

    def to_storage(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) file coordinates → EPSG:4326; what lies outside the CRS becomes infinite."""
        if self.swapped:
            xy = xy[:, ::-1]
        if self.definition is None:
            return gcj02_to_wgs84(xy) if self.name.startswith(GCJ02) else bd09_to_wgs84(xy)
        if self.definition in _UNSHIFTED:
            return xy
        return transform_xy(xy, self.definition, STORAGE)


def source(name: str) -> Source:
    """What a user or a candidate calls a CRS: "EPSG:4547", "4547", "GCJ-02", "bd09", "WGS84", also with ":swapped". Raises UnknownCrs."""
    text = name.strip()
    swapped = text.lower().endswith(SWAPPED)
    base = text[: -len(SWAPPED)] if swapped else text
    datum = _DATUM_NAMES.get(base.lower().replace("-", "").replace("_", "").replace(" ", ""))
    plain = datum or normalise(base)
    definition = None if plain in (GCJ02, BD09) else plain
    usual = definition is None or definition in _UNSHIFTED or _projection(definition) is not None
    warning = None if usual else _old_datum_warning(pyproj.CRS.from_user_input(definition))
    return Source(plain + (SWAPPED if swapped else ""), definition, swapped, warning)


def _old_datum_warning(crs: pyproj.CRS) -> Text | None:
    names = f"{crs.name} {crs.datum.name if crs.datum else ''}".lower().replace("_", " ")
    for words, zh, en in ((("xian 1980", "xian 80"), "西安80", "Xian 1980"), (("beijing 1954", "beijing 54"), "北京54", "Beijing 1954")):
        if any(w in names for w in words):
            return Text(
                f"{zh}坐标系转换到 CGCS2000 需要当地参数（由测绘部门保管）；这里用 PROJ 的一般参数，可能偏差数米到上百米，请核对",
                f"{en} needs local parameters (kept by the survey office) to reach CGCS2000; PROJ's general ones were used here and may be "
                "metres to a hundred metres off: check",
            )
    return None


def declared(definition: str) -> Source | None:
    """What a file declares (WKT of a `.prj`, "EPSG:2269", an OGC URN) as a Source; None when that is of no use (unknown projection, local)."""
    text = definition.strip()
    try:
        if not re.match(r"[A-Za-z_]+\s*\[", text):
            return source(text)
        crs = pyproj.CRS.from_wkt(text)
        if not (crs.is_geographic or crs.is_projected):
            return None
        epsg = STORAGE if _is_wgs84(crs) else crs.to_authority("EPSG")
        name = epsg if isinstance(epsg, str) else ":".join(epsg) if epsg else crs.name
        usable = name if epsg else crs.to_wkt()
        transformer(usable, STORAGE)
    except (UnknownCrs, pyproj.exceptions.ProjError):
        return None
    return Source(name, usable, warning=_old_datum_warning(crs))


def _is_wgs84(crs: pyproj.CRS) -> bool:
    """Longitude/latitude on WGS 84 under whatever name a program gave it."""
    datum = crs.datum.name.lower().replace("_", " ") if crs.datum else ""
    named = "world geodetic system 1984" in datum or "wgs" in datum
    return bool(crs.is_geographic and named and crs.ellipsoid and abs(crs.ellipsoid.inverse_flattening - 298.257223563) < 1e-9)


@dataclass(frozen=True, slots=True)
class Guess:
    """One way to read undeclared coordinates: where they would lie (`bounds`, EPSG:4326) and how that sits with the service area."""

    source: Source
    label: Text
    bounds: Bounds
    fits: bool
    distance_km: float | None
    zoned: bool
    own_zone: bool


_NEAR_KM = 1500.0
"""A zone that puts the data further from the service area than this is not offered."""

_MIDDLE_LON = 113.5
"""Half of China's people live west of it; without a service area the zones are offered from here outwards."""


def is_degrees(bounds: Box) -> bool:
    """Whether raw numbers (west, south, east, north) can be longitude and latitude in that order."""
    return bounds[0] >= -180 and bounds[2] <= 180 and bounds[1] >= -90 and bounds[3] <= 90


def assumed(bounds: Box, area: Bounds | None, records: NDArray[np.float64] | None = None) -> Source | None:
    """WGS 84 for undeclared longitude/latitude outside China; None where a person has to say (in China, projected, fitting the area only swapped).

    `records`: the (n, 4) raw boxes of all records with a position. One of them in China is enough to ask: a single mistyped row
    moves the centre of `bounds`, and a shifted datum must never be taken for WGS 84 in silence.
    """
    boxes = np.array([bounds], dtype=np.float64) if records is None else np.vstack([records, bounds])
    if not is_degrees(bounds) or _any_in_china(boxes):
        return None
    if area is not None and not _meets(bounds, area) and _meets(_swap(bounds), area):
        return None
    return source(STORAGE)


def _any_in_china(boxes: NDArray[np.float64]) -> bool:
    west, south, east, north = CHINA
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    return bool(((west <= x) & (x <= east) & (south <= y) & (y <= north)).any())


_BEYOND = 5.0
"""Degrees outside a projected CRS's area of use at which data is still believed: offices do use the neighbouring zone."""


@lru_cache(maxsize=64)
def home(definition: str) -> Bounds | None:
    """Where a projected CRS is meant to be used, grown by 5 degrees (EPSG:4326); None for the world, degrees and what does not say."""
    found = pyproj.CRS.from_user_input(definition)
    used = found.area_of_use
    if not found.is_projected or used is None or used.west > used.east or used.east - used.west > 180:
        return None
    return Bounds(used.west - _BEYOND, used.south - _BEYOND, used.east + _BEYOND, used.north + _BEYOND)


def candidates(bounds: Box, area: Bounds | None = None) -> list[Guess]:
    """The ways to read undeclared numbers that land in a plausible place, best first; `bounds` are raw, `area` is EPSG:4326.

    Plausible: the zone the numbers belong to, in China (or near the area when that lies elsewhere). Xian 1980 and Beijing 1954 are
    never offered: without local parameters they would look right and be up to a hundred metres off.
    """
    found = [g for named in _tries(bounds, area) if (g := _guess(*named, bounds, area)) is not None]
    if area is None:
        found.sort(
            key=lambda g: (not g.fits, g.source.swapped, not g.own_zone, abs(g.bounds.centre[0] - _MIDDLE_LON) // 3 if g.zoned else 0)
        )
        return found[:45]
    found.sort(key=lambda g: (not g.fits, g.source.swapped, not g.own_zone, 0.0 if g.fits else g.distance_km))
    return found[:12]


def as_asked(bounds: Box, name: str, area: Bounds | None = None) -> Guess | None:
    """The reading of raw `bounds` in one named CRS; None when it puts them nowhere or outside that CRS's own area of use."""
    found = source(name)
    label = Text(f"{found.name}，两列对调", f"{found.name}, axes swapped") if found.swapped else Text(found.name, found.name)
    guess = _guess(found.name, label, None, 0.0, bounds, area)
    meant = home(found.definition) if guess and found.definition else None
    return guess if guess and (meant is None or _inside(guess.bounds.centre, meant)) else None


def _inside(place: Pair, box: Bounds) -> bool:
    return box.west <= place[0] <= box.east and box.south <= place[1] <= box.north


def _tries(bounds: Box, area: Bounds | None) -> Iterator[tuple[str, Text, float | None, float]]:
    """(source name, label, central meridian or None, half width of the zone in degrees) to try, direct readings before swapped ones."""
    for swap, zh, en in (("", "", ""), (SWAPPED, "，两列对调", ", axes swapped")):
        box = _swap(bounds) if swap else bounds
        if is_degrees(box):
            for name, label in ((STORAGE, "WGS 84 / CGCS2000"), (GCJ02, "GCJ-02"), (BD09, "BD-09")):
                full_zh = {GCJ02: "GCJ-02（高德、腾讯）", BD09: "BD-09（百度）"}.get(name, label)
                full_en = {GCJ02: "GCJ-02 (AMap, Tencent)", BD09: "BD-09 (Baidu)"}.get(name, label)
                yield name + swap, Text(full_zh + zh, full_en + en), None, 0.0
        if 1000 < max(abs(v) for v in box) < 1e9:
            for code, text_zh, text_en, meridian, half in _projected(box, area):
                yield f"EPSG:{code}{swap}", Text(text_zh + zh, text_en + en), meridian, half


def _projected(box: Box, area: Bounds | None) -> Iterator[tuple[int, str, str, float | None, float]]:
    east = _centre(box)[0]
    prefix = int(east // 1_000_000)
    if 25 <= prefix <= 45:
        yield 4488 + prefix, f"CGCS2000 3度带 {prefix} 带", f"CGCS2000 3-degree zone {prefix}", 3.0 * prefix, 1.5
    if 13 <= prefix <= 23:
        yield 4478 + prefix, f"CGCS2000 6度带 {prefix} 带", f"CGCS2000 6-degree zone {prefix}", 6.0 * prefix - 3, 3.0
    if 0 < east < 1_000_000:
        for zone in range(25, 46):
            yield 4509 + zone, f"CGCS2000 3度带 中央经线 {zone * 3}°E", f"CGCS2000 3-degree CM {zone * 3}E", 3.0 * zone, 1.5
        for zone in range(13, 24):
            yield 4489 + zone, f"CGCS2000 6度带 中央经线 {zone * 6 - 3}°E", f"CGCS2000 6-degree CM {zone * 6 - 3}E", 6.0 * zone - 3, 3.0
        for zone in sorted(_utm_zones(area)):
            south = area is not None and area.centre[1] < 0
            yield (32700 if south else 32600) + zone, f"WGS 84 UTM {zone} 带", f"WGS 84 / UTM zone {zone}", 6.0 * zone - 183, 3.0
    yield 3857, "Web 墨卡托", "Web Mercator", None, 0.0


def _utm_zones(area: Bounds | None) -> set[int]:
    zones = set(range(43, 54))
    if area is not None:
        here = int((area.centre[0] + 180) // 6) + 1
        zones = {z for z in (here - 1, here, here + 1) if 1 <= z <= 60} | (zones if in_china(*area.centre) else set())
    return zones


def _guess(name: str, label: Text, meridian: float | None, half: float, raw: Box, area: Bounds | None) -> Guess | None:
    found = source(name)
    west, south, east, north = raw
    corners = found.to_storage(np.array([[west, south], [west, north], [east, south], [east, north]], dtype=np.float64))
    if not np.isfinite(corners).all():
        return None
    low, high = corners.min(axis=0), corners.max(axis=0)
    box: Box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    off = 0.0 if meridian is None else abs(_centre(box)[0] - meridian)
    if not is_degrees(box) or off > half + 1.5:
        return None
    distance = None if area is None else distance_km(_centre(box), area.centre)
    fits = in_china(*_centre(box)) if area is None else _meets(box, area)
    zoned = meridian is not None
    if (zoned or found.definition == "EPSG:3857") and not (fits or (distance is not None and distance < _NEAR_KM)):
        return None
    return Guess(found, label, Bounds(*box), fits, None if distance is None else round(distance, 1), zoned, off <= half + 0.1)


def distance_km(a: Pair, b: Pair) -> float:
    """Geodesic distance in km between two longitude/latitude pairs on WGS 84."""
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(a[0], a[1], b[0], b[1])
    return float(metres) / 1000.0


def _centre(box: Box) -> Pair:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _swap(box: Box) -> Box:
    return box[1], box[0], box[3], box[2]


def _meets(box: Box, area: Bounds) -> bool:
    return bool(meets(np.array([box], dtype=np.float64), area)[0])


def meets(boxes: NDArray[np.float64], area: Bounds) -> NDArray[np.bool_]:
    """Which of (n, 4) boxes in EPSG:4326 count as in the service area: centre in it grown by half its size, or covering its centre as a region does."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    dx, dy = max((area.east - area.west) / 2, 0.02), max((area.north - area.south) / 2, 0.02)
    inside = (x >= area.west - dx) & (x <= area.east + dx) & (y >= area.south - dy) & (y <= area.north + dy)
    cx, cy = area.centre
    covers = (boxes[:, 0] <= cx) & (cx <= boxes[:, 2]) & (boxes[:, 1] <= cy) & (cy <= boxes[:, 3]) & (boxes[:, 2] - boxes[:, 0] < 20)
    return np.asarray(inside | covers, dtype=np.bool_)
