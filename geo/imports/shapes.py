"""Whether a layer holds a kind of geometry, and the few changes of kind that lose nothing or that a declaration asks for."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import shapely

from geo.imports.places import point_of
from geo.schema import Layer

_COLLECT: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {"Point": shapely.multipoints, "LineString": shapely.multilinestrings, "Polygon": shapely.multipolygons}
)

_KINDS = {1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon", 7: "GeometryCollection"}


def kind_of(wkb: bytes) -> str:
    """The geometry kind of 2-D WKB."""
    (number,) = struct.unpack_from("<I" if wkb[0] == 1 else ">I", wkb, 1)
    return _KINDS.get(number, f"type {number}")


def fit(layer: Layer, wkb: bytes, *, areas_as_points: bool) -> tuple[bytes | None, str | None]:
    """(geometry as the layer holds it or None when it does not, repair code). `areas_as_points`: OSM maps a shop or a station as its building."""
    kind = kind_of(wkb)
    if kind in layer.geometry:
        return wkb, None
    if kind.startswith("Multi"):
        parts = shapely.get_parts(shapely.from_wkb(wkb))
        if len(parts) == 1 and kind.removeprefix("Multi") in layer.geometry:
            return shapely.to_wkb(parts[0], byte_order=1), None
    elif f"Multi{kind}" in layer.geometry:
        return shapely.to_wkb(_COLLECT[kind]([shapely.from_wkb(wkb)]), byte_order=1), None
    if areas_as_points and kind in ("Polygon", "MultiPolygon") and "Point" in layer.geometry:
        return point_of(wkb), "area-to-point"
    return None, None
