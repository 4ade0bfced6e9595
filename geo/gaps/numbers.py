"""The numbers of layers and fields that the ids of gaps are made of, so that a gap keeps its id as long as its feature and field are there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.errors import Text

LAYERS: Mapping[str, Text] = MappingProxyType(
    {
        "communities": Text("社区", "Communities"),
        "gas_areas": Text("燃气服务范围", "Gas service areas"),
        "compounds": Text("院落", "Compounds"),
        "amenities": Text("配套设施", "Amenities"),
        "buildings": Text("楼栋", "Buildings"),
        "roads": Text("市政道路", "Public roads"),
        "turnarounds": Text("回车场", "Turnarounds"),
        "fire_lanes": Text("消防通道", "Fire lanes"),
        "gas_mains": Text("燃气管线", "Gas mains"),
        "obstacles": Text("障碍物", "Obstacles"),
        "access_points": Text("出入口", "Access points"),
        "hydrants": Text("消火栓", "Hydrants"),
        "fire_stations": Text("消防站", "Fire stations"),
        "shops": Text("商户", "Shops"),
        "inspections": Text("检查与演练", "Inspections and drills"),
        "hazards": Text("隐患", "Hazards"),
    }
)
"""Layers that something may be missing in, with their labels. Their order numbers them: a new one comes last, none is taken out."""

_NUMBER = {id: at for at, id in enumerate(LAYERS, start=1)}

GEOMETRY = "geometry"
WHOLE = ""
"""The "field" of a gap that is a layer as a whole."""

FEATURE, LAYER = 10_000, 100
"""A gap's id is its feature's id times the first (0 for a whole layer), its layer's number times the second, and the number of the field: 0 for a
whole layer, 99 for the geometry, else its place in the layer's declaration, counted from 1."""

_GEOMETRY_NUMBER = 99


def number_of(layer: str, field: str, columns: list[str]) -> int:
    """What is added to the feature's part of the id. `columns`: the layer's fields in the order of their declaration. Raises KeyError, ValueError."""
    if field == WHOLE:
        return _NUMBER[layer] * LAYER
    return _NUMBER[layer] * LAYER + (_GEOMETRY_NUMBER if field == GEOMETRY else columns.index(field) + 1)
