"""Cutting one feature's line or area in parts along a drawn line.

Everything is in one CRS, which is kept: the parts hold the old vertices as they were, and new ones only where the cut crosses.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import BadValue, Text
from geo.schema import Field

MOST_PIECES = 20
_OF_A_PLACE = ("lanes", "sides", "floors", "mm")
"""Units of whole numbers that hold everywhere along a feature: every part has them."""
_AMOUNTS = ("m²", "km²", "kg", "yuan")
"""Units of numbers that belong to a feature as a whole, as counts do."""
_OF_THE_WHOLE = frozenset(
    ("alarm_ratio", "hose_replaced_ratio", "support_rate", "max_floors", "nearest_main_m", "gate_width_m", "length_m")
)
"""Other numbers that do: shares of its households, the most and the nearest of it, its own extent."""
_ACROSS = "width_m"
"""Of an area its extent; of a line its thickness, which every part has: a wall must not be thinner for having been cut."""

Positions = list[tuple[float, float]]


def shared_out(field: Field, *, area: bool) -> bool:
    """Whether a number belongs to a feature as a whole (households, floor area, LPG held, length), so that nobody knows that of its parts.
    `area`: it is drawn as one, not as a line.

    What holds of every place of it stays with each part: years, heights and floors of a building, slope, and the least clear width and height of a
    lane, which no part falls below.
    """
    unit = field.unit.en if field.unit else ""
    if field.type == "integer":
        return unit not in _OF_A_PLACE
    return field.type == "number" and (unit in _AMOUNTS or field.name in _OF_THE_WHOLE or (area and field.name == _ACROSS))


def cut(geometry: BaseGeometry, along: BaseGeometry) -> list[BaseGeometry]:
    """The parts, largest first. Parts of a multi-geometry that the line misses stay with the largest.

    Raises BadValue for points, for a line that does not cut through, and for one that makes too many parts.
    """
    shapely.prepare(along)
    if geometry.geom_type.endswith("Point"):
        raise BadValue(Text("点不能拆分", "a point cannot be split"), field="line")
    whole: list[BaseGeometry] = []
    pieces: list[BaseGeometry] = []
    for part in shapely.get_parts(geometry):
        found = _areas(part, along) if shapely.get_dimensions(part) == 2 else _lines(part, along)
        (pieces if len(found) > 1 else whole).extend(found)
    if not pieces:
        raise BadValue(
            Text("这条线没有切开它：请从一侧画到另一侧", "the line does not cut through it: draw it from one side to the other"),
            field="line",
        )
    if len(pieces) > MOST_PIECES:
        raise _too_many()
    size = shapely.area if shapely.get_dimensions(pieces[0]) == 2 else shapely.length
    pieces.sort(key=lambda piece: (-size(piece), piece.bounds))
    return [_together(pieces[0], whole), *pieces[1:]]


def _too_many() -> BadValue:
    return BadValue(Text(f"一次最多拆成 {MOST_PIECES} 部分", f"at most {MOST_PIECES} parts at once"), field="line", maximum=MOST_PIECES)


def _areas(area: BaseGeometry, along: BaseGeometry) -> list[BaseGeometry]:
    noded = shapely.union_all([area.boundary, along])
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    shapely.prepare(area)
    inside = [piece for piece in found if shapely.contains_properly(area, shapely.point_on_surface(piece))]
    return inside if len(inside) > 1 else [area]


def _lines(line: BaseGeometry, along: BaseGeometry) -> list[BaseGeometry]:
    """A line cut wherever another crosses it; where it crosses itself it is not."""
    pieces: list[Positions] = [[]]
    corners = shapely.get_coordinates(line)
    met = np.asarray(shapely.intersects(along, shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))))
    if np.count_nonzero(met) > 2 * MOST_PIECES + 4:  # a place is on two of them at most, and the ends make no parts
        raise _too_many()
    for meets, (start, end) in zip(met.tolist(), pairwise(corners.tolist()), strict=True):
        _reach(pieces, tuple(start))
        for place in _crossings(start, end, along) if meets else ():
            _reach(pieces, place)
            pieces.append([place])
        _reach(pieces, tuple(end))
    return [shapely.LineString(piece) for piece in pieces if len(piece) > 1]


def _reach(pieces: list[Positions], place: tuple[float, float]) -> None:
    if not pieces[-1] or pieces[-1][-1] != place:
        pieces[-1].append(place)


def _crossings(start: list[float], end: list[float], along: BaseGeometry) -> Positions:
    """Where a segment meets the cut, in the segment's direction."""
    met = shapely.intersection(shapely.LineString([start, end]), along)
    places = {(x, y) for x, y in shapely.get_coordinates(met).tolist()}
    return sorted(places, key=lambda p: (p[0] - start[0]) * (end[0] - start[0]) + (p[1] - start[1]) * (end[1] - start[1]))


def _together(piece: BaseGeometry, whole: list[BaseGeometry]) -> BaseGeometry:
    if not whole:
        return piece
    kind = "MultiPolygon" if shapely.get_dimensions(piece) == 2 else "MultiLineString"
    made: BaseGeometry = getattr(shapely, kind)([piece, *whole])
    return made
