"""The declared layers in drawing order, bottom first; a new layer is one more value here."""

from geo.errors import LayerNotFound, Text, nearest
from geo.schema import Layer
from layers.compounds import amenities, buildings, communities, compounds
from layers.findings import data_gaps, findings
from layers.fire import access_points, fire_lanes, fire_stations, hydrants, obstacles, roads, turnarounds
from layers.gas import gas_areas, gas_mains
from layers.hazards import hazards, inspections, shops

ALL: tuple[Layer, ...] = (
    communities,
    gas_areas,
    compounds,
    amenities,
    buildings,
    roads,
    turnarounds,
    fire_lanes,
    gas_mains,
    obstacles,
    access_points,
    hydrants,
    fire_stations,
    shops,
    inspections,
    hazards,
)
"""What is stored, imported and edited."""

DERIVED: tuple[Layer, ...] = (findings, data_gaps)
"""What is worked out from the others, and asked for through a question."""


def get(id: str) -> Layer:
    """The layer called `id`. Raises LayerNotFound with the nearest names."""
    for layer in (*ALL, *DERIVED):
        if layer.id == id:
            return layer
    near = nearest(id, [layer.id for layer in ALL]) or [layer.id for layer in ALL]
    raise LayerNotFound(Text(f"没有图层“{id}”，可用：{'、'.join(near)}", f"there is no layer '{id}'; try {', '.join(near)}"), nearest=near)
