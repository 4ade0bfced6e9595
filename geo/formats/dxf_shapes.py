"""One CAD entity as plain coordinates: arcs, bulges, ellipses and splines as polylines within a stated distance of the curve."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

Kind = Literal["points", "lines", "areas", "texts", "blocks", "others"]
Coordinates = NDArray[np.float64]
"""(n, 3) in the coordinates of the drawing."""

CURVE_M = 0.01
"""How far a polyline may lie from the curve that it stands for, in metres …"""
CURVE_SHARE = 1e-5
"""… but not finer than this share of the radius (5 cm at 5 km): a circle has at most 704 corners."""
UNSAID_SHARE = 1e-3
"""Where the unit of the drawing is unknown: this share of the radius."""

_SPLINE_POINTS = 20_000
_FEW = 16

CLOSED_SHARE = 1e-6
"""The ends of a polyline meet within this share of its size: it was meant to be closed."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How coarse curves may become. `unit_m`: metres a drawing unit, None = unsaid."""

    unit_m: float | None

    def sagitta(self, radius: float) -> float:
        """In drawing units."""
        if self.unit_m is None:
            return max(radius * UNSAID_SHARE, 1e-12)
        return max(CURVE_M / self.unit_m, radius * CURVE_SHARE, 1e-12)

    def within(self, scale: float) -> Tolerance:
        """For the content of a block that is drawn `scale` times as large."""
        return self if self.unit_m is None or not 0 < scale < math.inf else Tolerance(self.unit_m * scale)


@dataclass(frozen=True, slots=True)
class Own:
    """What our own export says of an entity: layer, code ("" for none) and id of its feature; whether it is an inner ring."""

    layer: str
    code: str
    id: str
    hole: bool

    @property
    def feature(self) -> tuple[str, str, str]:
        return self.layer, self.code, self.id


@dataclass(slots=True)
class Piece:
    """What one entity gives: `rings` has one part for points, texts and lines, for areas the outline and its holes in any order (even-odd).

    A feature of our own export is one piece: `holes` then says of each of its parts whether it is an inner ring.
    """

    kind: Kind
    rings: list[Coordinates]
    entity: str
    layer: str
    handle: str
    closed: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    own: Own | None = None
    holes: Sequence[bool] = ()

    def vertices(self) -> int:
        return sum(len(r) for r in self.rings)


def arc(centre: Any, radius: float, start: float, sweep: float, sagitta: float) -> Coordinates:
    """(n, 2) points of a circular arc from angle `start` over `sweep` (radians, counterclockwise positive), both ends on it."""
    half = math.acos(max(1.0 - sagitta / radius, -1.0)) if 0 < sagitta < 2 * radius else math.pi / 2
    steps = max(math.ceil(abs(sweep) / (2 * min(max(half, 1e-4), math.pi / 8))), 1)
    angles = start + np.linspace(0.0, sweep, steps + 1)
    return np.column_stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)])


def bulged(points: Coordinates, bulges: Sequence[float], *, closed: bool, tolerance: Tolerance) -> Coordinates:
    """(n, 2) points with their bulges (tangent of a quarter of each arc's angle) as a polyline; a closed one ends where it began."""
    if closed and len(points):
        points = np.vstack([points, points[:1]])
    if not any(bulges):
        return points
    out = [points[:1]]
    for at in range(len(points) - 1):
        first, last, bulge = points[at], points[at + 1], bulges[at] if at < len(bulges) else 0.0
        out.append(points[at + 1 : at + 2] if not bulge or not math.isfinite(bulge) else _bulge(first, last, bulge, tolerance)[1:])
    return np.vstack(out)


def _bulge(first: Coordinates, last: Coordinates, bulge: float, tolerance: Tolerance) -> Coordinates:
    chord = last - first
    length = float(np.hypot(*chord))
    if length == 0:
        return np.vstack([first, last])
    angle = 4 * math.atan(bulge)
    radius = abs(length / (2 * math.sin(angle / 2)))
    away = length / 2 / math.tan(angle / 2)
    centre = (first + last) / 2 + away * np.array([-chord[1], chord[0]]) / length
    start = math.atan2(first[1] - centre[1], first[0] - centre[0])
    points = arc(centre, radius, start, angle, tolerance.sagitta(radius))
    points[0], points[-1] = first, last
    return points


# --- entities


def pieces(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece] | None:
    """What `entity` gives, None when nothing is known to be read of its type. Block references are not entities of their own here."""
    reader = _READERS.get(entity.dxftype())
    return None if reader is None else reader(entity, tolerance, unit_m)


def _piece(entity: Any, kind: Kind, rings: list[Coordinates], **rest: Any) -> Piece:
    return Piece(kind, rings, entity.dxftype(), entity.dxf.get("layer", "0"), entity.dxf.get("handle") or "", **rest)


def _array(vectors: Iterable[Any]) -> Coordinates:
    return np.array([(v[0], v[1], v[2] if len(v) > 2 else 0.0) for v in vectors], dtype=np.float64).reshape(-1, 3)


def _raised(entity: Any, points: Coordinates, elevation: float = 0.0) -> Coordinates:
    """(n, 2) points of the entity's own plane as (n, 3) of the drawing (a mirrored entity has its axis upside down)."""
    flat = np.empty((len(points), 3))
    flat[:, :2], flat[:, 2] = points, elevation
    if not entity.dxf.hasattr("extrusion"):
        return flat
    ocs = entity.ocs()
    return _array(ocs.points_to_wcs(flat.tolist())) if ocs.transform else flat


def _line_or_area(entity: Any, points: Coordinates, *, closed: bool, **rest: Any) -> Iterator[Piece]:
    """Closed ones are areas if they have three corners; ends that nearly meet are joined."""
    met = not closed and len(points) > 3 and bool(np.isfinite(points).all()) and _meet(points)
    if (closed or met) and _corners(points):
        apart = bool((points[0] != points[-1]).any())
        mended = met and apart
        if apart:
            points = np.vstack([points[:-1] if mended else points, points[:1]])
        yield _piece(entity, "areas", [points], closed=mended, **rest)
    else:
        yield _piece(entity, "lines", [points], **rest)


def _corners(points: Coordinates) -> bool:
    """Whether there are three different places among them."""
    return (len(points) > 2 and len(set(map(tuple, points[:_FEW, :2].tolist()))) >= 3) or len(np.unique(points[:, :2], axis=0)) >= 3


def _meet(points: Coordinates) -> bool:
    size = float(np.ptp(points[:, :2], axis=0).max())
    return bool(np.abs(points[0] - points[-1])[:2].max() <= size * CLOSED_SHARE)


def _point(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    yield _piece(entity, "points", [_array([entity.dxf.location])])


def _line(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    yield _piece(entity, "lines", [_array([entity.dxf.start, entity.dxf.end])])


def _arc(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    centre, radius = entity.dxf.center, abs(entity.dxf.radius)
    whole = entity.dxftype() == "CIRCLE"
    start = 0.0 if whole else math.radians(entity.dxf.start_angle)
    sweep = 2 * math.pi if whole else math.radians((entity.dxf.end_angle - entity.dxf.start_angle) % 360 or 360)
    points = _raised(entity, arc(centre, radius, start, sweep, tolerance.sagitta(radius)), centre[2] if len(centre) > 2 else 0.0)
    if whole:
        points[-1] = points[0]
    yield from _line_or_area(entity, points, closed=whole)


def _ellipse(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    size = float(entity.dxf.major_axis.magnitude)
    sweep = abs(entity.dxf.end_param - entity.dxf.start_param)
    steps = min(max(math.ceil(sweep / (2 * math.acos(max(1 - tolerance.sagitta(size) / size, 0.0)))), 8), 1000) if size > 0 else 8
    params = np.linspace(entity.dxf.start_param, entity.dxf.start_param + ((sweep - 1e-12) % (2 * math.pi) + 1e-12), steps + 1)
    points = _array(entity.vertices(params.tolist()))
    closed = sweep >= 2 * math.pi - 1e-9
    if closed:
        points[-1] = points[0]
    yield from _line_or_area(entity, points, closed=closed)


def _spline(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    """Evaluated where its knots define it (CAD programs write closed ones with knots beyond), at a bounded number of places, then thinned."""
    curve = entity.construction_tool()
    knots = np.array(curve.knots(), dtype=np.float64)
    spans = np.unique(knots[curve.degree : len(knots) - curve.degree])
    steps = min(max(_SPLINE_POINTS // max(len(spans), 1), 1), 32)
    places = np.concatenate([np.linspace(a, b, steps, endpoint=False) for a, b in pairwise(spans)] + [spans[-1:]])
    points = _array(curve.points(places[:_SPLINE_POINTS].tolist()))
    size = float(np.ptp(points[:, :2], axis=0).max())
    if np.isfinite(points).all():
        points = _array(
            shapely.get_coordinates(shapely.simplify(shapely.linestrings(points), tolerance.sagitta(max(size, 1e-9))), include_z=True)
        )
    yield from _line_or_area(entity, points, closed=bool(entity.closed))


def _lwpolyline(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    rows = np.array(entity.lwpoints.values, dtype=np.float64).reshape(-1, 5)  # x, y, two widths, bulge
    points = bulged(rows[:, :2], rows[:, 4].tolist(), closed=bool(entity.closed), tolerance=tolerance)
    if len(points):
        yield from _line_or_area(entity, _raised(entity, points, entity.dxf.get("elevation", 0.0)), closed=bool(entity.closed))


def _polyline(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    vertices = [v for v in entity.vertices if not v.dxf.get("flags", 0) & 16]  # 16: the frame of a spline, not its line
    if entity.is_poly_face_mesh or entity.is_polygon_mesh:
        yield _piece(entity, "others", [_array([v.dxf.location for v in vertices if not v.is_face_record])])
        return
    if not vertices:
        return
    rows = _array([v.dxf.location for v in vertices])
    if entity.is_2d_polyline:
        bulges = [v.dxf.get("bulge", 0.0) for v in vertices]
        flat = bulged(rows[:, :2], bulges, closed=bool(entity.is_closed), tolerance=tolerance)
        points = _raised(entity, flat, float(rows[0, 2]))
    else:
        points = np.vstack([rows, rows[:1]]) if entity.is_closed else rows
    yield from _line_or_area(entity, points, closed=bool(entity.is_closed))


def _solid(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    corners = _array([entity.dxf.vtx0, entity.dxf.vtx1, entity.dxf.vtx3, entity.dxf.vtx2])
    yield from _line_or_area(entity, _raised(entity, np.vstack([corners, corners[:1]])[:, :2], float(corners[0, 2])), closed=True)


def _hatch(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    from ezdxf import path

    rings = []
    for one in path.from_hatch(entity):
        size = max(float(one.control_vertices()[0].distance(v)) for v in one.control_vertices()) if len(one) else 0.0
        ring = _array(one.flattening(tolerance.sagitta(max(size, 1e-9)), segments=4))
        if len(np.unique(ring[:, :2], axis=0)) >= 3:
            rings.append(ring if (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]]))
    if rings:
        yield _piece(entity, "areas", rings)
    else:
        yield _piece(entity, "others", [])


def _text(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    many = entity.dxftype() == "MTEXT"
    place = entity.dxf.insert
    if not many and (entity.dxf.get("halign", 0) or entity.dxf.get("valign", 0)) and entity.dxf.hasattr("align_point"):
        place = entity.dxf.align_point
    points = _array([place]) if many else _raised(entity, _array([place])[:, :2], place[2] if len(place) > 2 else 0.0)
    height = entity.dxf.get("char_height", 0.0) if many else entity.dxf.get("height", 0.0)
    turn = entity.get_rotation() if many else entity.dxf.get("rotation", 0.0)
    said = entity.plain_text()
    yield _piece(entity, "texts", [points], values={"text": said.strip(), "cad_height": float(height), "cad_turn": round(float(turn), 6)})


def _dimension(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    """A dimension counts by what is written on it; what was measured is written in metres where the unit is known."""
    said = str(entity.dxf.get("text", "") or "")
    length = entity.get_measurement() if entity.dimtype in (0, 1) else None
    if said in ("", "<>", " ") and isinstance(length, int | float) and unit_m is not None:
        said = f"{round(length * unit_m, 3):g}m"
    place = entity.dxf.get("text_midpoint") or entity.dxf.get("defpoint")
    if place is not None and said not in ("", "<>", " "):
        yield _piece(entity, "texts", [_array([place])], values={"text": said.strip(), "cad_height": None, "cad_turn": None})
    else:
        yield _piece(entity, "others", [])


def _virtual(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    for part in entity.virtual_entities():
        for piece in pieces(part, tolerance, unit_m) or ():
            piece.entity, piece.handle, piece.layer = entity.dxftype(), entity.dxf.get("handle") or "", entity.dxf.get("layer", "0")
            yield piece


def _face(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    yield _piece(entity, "others", [_array([entity.dxf.vtx0, entity.dxf.vtx1, entity.dxf.vtx2, entity.dxf.vtx3])])


def _solid_body(entity: Any, tolerance: Tolerance, unit_m: float | None) -> Iterator[Piece]:
    yield _piece(entity, "others", [])


_READERS = {
    "POINT": _point, "LINE": _line, "ARC": _arc, "CIRCLE": _arc, "ELLIPSE": _ellipse, "SPLINE": _spline, "LWPOLYLINE": _lwpolyline,
    "POLYLINE": _polyline, "SOLID": _solid, "TRACE": _solid, "HATCH": _hatch, "MPOLYGON": _hatch, "TEXT": _text, "MTEXT": _text,
    "DIMENSION": _dimension, "MLINE": _virtual, "3DFACE": _face,
    **dict.fromkeys(("MESH", "REGION", "3DSOLID", "BODY", "SURFACE", "EXTRUDEDSURFACE", "LOFTEDSURFACE", "REVOLVEDSURFACE", "SWEPTSURFACE"), _solid_body),
}  # fmt: skip
