"""How a drawing with coordinates of its own gets onto the map: from two points that are known on both sides, or from a shift, a turn and a scale."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo import crs as crs_
from geo.errors import BadValue, Text

Pair = tuple[float, float]

MOST_APART = 0.02
"""By this share the two lengths between the points may differ when the unit of the drawing is known: more is a wrong point or a wrong unit."""

_LEAST_SCALE, _MOST_SCALE = 1e-5, 1e4
"""Metres a unit that two points may lead to: from hundredths of a millimetre to some kilometres."""

_SHORTEST_M = 1.0
"""Two points nearer to each other than this tell no direction."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person says. Either `drawn` (drawing units) and `placed` (longitude, latitude), two points each, or `shift` (metres) and `turn_deg`.

    `scale`: metres a unit; None = not known (found from the points). `by_file`: as the file says, over `scale`. `crs` None: where the store measures.
    """

    crs: str | None = None
    drawn: tuple[Pair, Pair] | None = None
    placed: tuple[Pair, Pair] | None = None
    shift: Pair | None = None
    turn_deg: float = 0.0
    scale: float | None = None
    by_file: bool = True


@dataclass(frozen=True, slots=True)
class Fit:
    """Coordinates times `scale`, turned by `turn_deg` counterclockwise about (0, 0), shifted by (`dx`, `dy`) metres, in `crs`.

    `drawn_m`, `map_m`: the length between the two points on either side; `residual_m`: how far each lies from its place afterwards, None where the
    scale was found from them: then they fit whatever was clicked.
    """

    crs: str
    dx: float
    dy: float
    turn_deg: float
    scale: float
    drawn_m: float | None = None
    map_m: float | None = None
    residual_m: float | None = None

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(3, 2): what (x, y, 1) is multiplied with from the right."""
        turn = math.radians(self.turn_deg)
        cos, sin = self.scale * math.cos(turn), self.scale * math.sin(turn)
        return np.array([[cos, sin], [-sin, cos], [self.dx, self.dy]], dtype=np.float64)

    def to_storage(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) drawing units → EPSG:4326."""
        matrix = self.matrix
        return crs_.transform_xy(xy @ matrix[:2] + matrix[2], self.crs, crs_.STORAGE)

    @property
    def sentence(self) -> Text:
        """For the account."""
        more_zh = more_en = ""
        if self.residual_m is not None and self.drawn_m is not None and self.map_m is not None:
            more_zh = f"；两点间图上 {self.drawn_m:.2f} 米、地图上 {self.map_m:.2f} 米，每点残差 {self.residual_m:.2f} 米"
            more_en = (
                f"; {self.drawn_m:.2f} m between the points in the drawing, {self.map_m:.2f} m on the map, each {self.residual_m:.2f} m off"
            )
        elif self.map_m is not None:
            more_zh = f"；比例由地图上相距 {self.map_m:.2f} 米的两点求出，没有别的可以核对：请在图上量一段已知的长度"
            more_en = f"; the scale follows from the two points, {self.map_m:.2f} m apart on the map, and nothing checks it: measure a known length on the map"
        return Text(
            f"图纸放置到 {self.crs}：平移 ({self.dx:.3f}, {self.dy:.3f}) 米，逆时针旋转 {self.turn_deg:.4f}°，每单位 {self.scale:.6g} 米{more_zh}",
            f"the drawing was placed in {self.crs}: shifted by ({self.dx:.3f}, {self.dy:.3f}) m, turned {self.turn_deg:.4f} degrees "
            f"counterclockwise, {self.scale:.6g} m a unit{more_en}",
        )


def fit(wanted: Wanted, *, unit_m: float | None, metric_crs: str | None) -> Fit:
    """`unit_m`: metres a unit as the file says; `metric_crs`: where the store measures. Raises BadValue, UnknownCrs."""
    scale = unit_m if wanted.by_file else wanted.scale
    if scale is not None and not (math.isfinite(scale) and 1e-9 < scale < 1e6):
        raise BadValue(Text("比例须是每单位的米数，如毫米 0.001", "the scale is metres a unit, for millimetres 0.001"), field="scale")
    if wanted.drawn is not None and wanted.placed is not None:
        return _by_points(wanted.drawn, wanted.placed, _crs(wanted.crs or _around(wanted.placed, metric_crs)), scale)
    if wanted.shift is None:
        raise BadValue(Text("放置图纸要两对同名点，或平移量", "placing a drawing takes two pairs of points, or a shift"), field="placement")
    name = wanted.crs or metric_crs
    if name is None:
        raise BadValue(
            Text("请说明平移后的坐标系（如 EPSG:4547）", "say the coordinate system that the shift leads to (like EPSG:4547)"), field="crs"
        )
    _finite("shift", *wanted.shift, wanted.turn_deg)
    return Fit(_crs(name), *wanted.shift, wanted.turn_deg, 1.0 if scale is None else scale)


def _around(placed: tuple[Pair, Pair], kept: str | None) -> str:
    """Where the store measures, or what fits the points when they lie far from there."""
    _finite("to", *placed[0], *placed[1])
    lon, lat = zip(*placed, strict=True)
    return crs_.metric_crs_of(lon, lat, kept=kept) or crs_.metric_crs_for(*placed[0])


def _crs(name: str) -> str:
    """Raises BadValue for a system that is not projected in metres."""
    normal = crs_.normalise(name)
    if not crs_.is_metric(normal):
        raise BadValue(
            Text(f"{normal} 不是以米为单位的投影坐标系", f"{normal} is not a projected coordinate system in metres"), field="crs"
        )
    return normal


def _finite(field: str, *numbers: float) -> None:
    if not all(math.isfinite(n) and abs(n) < 1e12 for n in numbers):
        raise BadValue(Text("须是有限的数", "the numbers must be finite"), field=field)


def _by_points(drawn: tuple[Pair, Pair], placed: tuple[Pair, Pair], crs: str, scale: float | None) -> Fit:
    _finite("from", *drawn[0], *drawn[1])
    _finite("to", *placed[0], *placed[1])
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in placed):
        raise BadValue(Text("地图上的点是 [经度, 纬度]", "the points on the map are [longitude, latitude]"), field="to")
    there = crs_.transform_xy(np.array(placed, dtype=np.float64), crs_.STORAGE, crs)
    here = np.array(drawn, dtype=np.float64)
    if not np.isfinite(there).all():
        raise BadValue(Text(f"地图上的点不在 {crs} 的范围内", f"the points on the map lie outside {crs}"), field="to")
    length, map_m = float(np.hypot(*(here[1] - here[0]))), float(np.hypot(*(there[1] - there[0])))
    if length == 0 or map_m < _SHORTEST_M:
        raise BadValue(
            Text(
                "两个点太近，定不出方向：请选相距较远的两点",
                "the two points are too close to tell a direction: choose two that lie far apart",
            ),
            field="from" if length == 0 else "to",
        )
    factor = map_m / length if scale is None else scale
    if scale is None and not _LEAST_SCALE < factor < _MOST_SCALE:
        raise BadValue(
            Text(
                f"两点间图上 {length:g} 单位、地图上 {map_m:.2f} 米，比例 {factor:g} 不可能：请选相距较远的两点",
                f"{length:g} units between the points in the drawing and {map_m:.2f} m on the map is no scale ({factor:g}): choose two that lie far apart",
            ),
            field="from",
        )
    drawn_m = length * factor
    if abs(drawn_m - map_m) > MOST_APART * map_m:
        raise BadValue(
            Text(
                f"两点间的距离不符：图纸上 {drawn_m:.2f} 米（每单位 {factor:g} 米），地图上 {map_m:.2f} 米。请检查点选是否对应；单位不对时改比例",
                f"the distances disagree: {drawn_m:.2f} m in the drawing (at {factor:g} m a unit), {map_m:.2f} m on the map. Check that the points "
                "are the same; if the unit is wrong, change the scale",
            ),
            field="placement", drawn_m=round(drawn_m, 3), map_m=round(map_m, 3), ratio=round(map_m / length, 9),
        )  # fmt: skip
    turn = math.atan2(*(there[1] - there[0])[::-1]) - math.atan2(*(here[1] - here[0])[::-1])
    turned = Fit(crs, 0.0, 0.0, math.degrees(math.remainder(turn, 2 * math.pi)), factor)
    shift = there.mean(axis=0) - here.mean(axis=0) @ turned.matrix[:2]
    residual = None if scale is None else abs(drawn_m - map_m) / 2
    return Fit(crs, float(shift[0]), float(shift[1]), turned.turn_deg, factor, drawn_m, map_m, residual)
