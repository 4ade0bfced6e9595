"""Pictures of the manual, drawn from what the code computes; a module a picture, `ALL` names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from docs.pictures import (
    bends,
    bottled_gas,
    clear_width,
    dead_ends,
    gas_connections,
    gas_contradictions,
    gas_distances,
    hazards,
    hose,
    hydrants,
    reach,
)
from docs.pictures.svg import Picture

ALL: Mapping[str, Callable[[], Picture]] = MappingProxyType({
    "clear-width": clear_width.picture,
    "height-slope-bends": bends.picture,
    "dead-ends-and-turnarounds": dead_ends.picture,
    "reach": reach.picture,
    "hose": hose.picture,
    "hydrants": hydrants.picture,
    "gas-distances": gas_distances.picture,
    "gas-contradictions": gas_contradictions.picture,
    "gas-connections": gas_connections.picture,
    "bottled-gas": bottled_gas.picture,
    "hazards": hazards.picture,
})  # fmt: skip
"""File name in docs/measures, without `.svg`, → what draws it. The title of a picture holds its numbers and is its text in the page."""
