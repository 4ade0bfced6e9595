"""What an engine of a given width and height reaches from the public roads: the parts of the network it surely, and may, get to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geo.errors import Text
from geo.network.approach import Known, Leads, leads_after
from geo.network.graph import Network
from geo.network.limits import Limits, Need, passing
from geo.network.routes import components
from geo.questions.declaration import Flags, Parameter, View, latest
from geo.questions.lanes import engines
from geo.questions.reach import limiting
from geo.questions.reach.limiting import Limiting

READS = (*limiting.READS,)
"""Layers that a question reads which asks for what is reached."""

VEHICLE = replace(
    engines.VEHICLE,
    help=Text(
        "车宽、车高见规则文件；另给宽度或高度时以所给为准",
        "width and height are in the profile; a width or height given here overrides them",
    ),
)
WIDTH = Parameter(
    "width", "number", None, Text("所需净宽", "Clear width needed"), unit=Text("米", "m"), above=0.0, maximum=100.0,
    help=Text("不填时按所选消防车", "by default what the engine needs"), figure="vehicle.clear_width_m",
)  # fmt: skip
HEIGHT = Parameter(
    "height", "number", None, Text("所需净高", "Clear height needed"), unit=Text("米", "m"), above=0.0, maximum=100.0,
    help=Text("不填时按所选消防车", "by default the engine's own height"), figure="vehicle.height_m",
)  # fmt: skip


def need_of(view: View, parameters: Mapping[str, Any]) -> Need:
    """The clear width and height that the chosen engine needs, or those given."""
    vehicle = engines.vehicle_of(view, parameters)
    width, height = parameters.get("width"), parameters.get("height")
    return Need(vehicle.clear_width_m if width is None else float(width), vehicle.height_m if height is None else float(height))


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """`limiting.limits.network` is the refined network that all is told of. A value an edge: `passes`, `may`: it surely lets the engine pass, or may;
    `sure`, `maybe`: the engine surely gets onto it, or may. A value a node: `node_sure`, `node_maybe`."""

    limiting: Limiting
    need: Need
    passes: Flags
    may: Flags
    sure: Flags
    maybe: Flags
    node_sure: Flags
    node_maybe: Flags

    @property
    def network(self) -> Network:
        return self.limiting.limits.network

    @property
    def limits(self) -> Limits:
        return self.limiting.limits


def reach(view: View, need: Need) -> Reach:
    """What the engine reaches; the last need asked for is kept."""
    revisions = (*limiting.made_of(view), need.width_m, need.height_m)
    return latest(view, "reach", revisions, lambda _: reach_of(limiting.limiting(view), need))


def reach_of(found: Limiting, need: Need) -> Reach:
    network = found.limits.network
    passes, may = passing(found.limits, need)
    nodes = [components(network, open_)[0] == 0 for open_ in (passes, may)]
    stands = [open_ & node[network.ends].any(axis=1) for open_, node in zip((passes, may), nodes, strict=True)]
    return Reach(found, need, passes, may, stands[0], stands[1], nodes[0], nodes[1])


def leads(view: View) -> Leads:
    """Which edges of the refined network lead to which buildings."""

    ground = (
        view.columns_revision("buildings", "geometry"), view.columns_revision("obstacles", "geometry", "kind", "removed_on"),
        view.metric_crs, view.profile.id, view.profile.version,
    )  # fmt: skip

    def make(before: Any) -> Known:
        known = before[1] if before is not None and before[0][0] == ground else None
        width = view.frame("roads")["road_width_m"].to_numpy(dtype=np.float64)
        with np.errstate(invalid="ignore"):
            half = np.where(width > 0, width / 2, 0.0)
        network = limiting.limiting(view).limits.network
        near = {"approach_m": view.profile["approach_m"], "front_m": view.profile["front_m"]}
        return leads_after(known, network, view.metric("buildings"), limiting.blocks(view), **near, road_half_m=half)

    return latest(view, "leads", (ground, limiting.made_of(view)), make).leads
