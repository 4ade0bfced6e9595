"""What limits an engine on the network, put together from the layers: lanes as recorded and as drawn, gates, cables and blocked-lane records."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.limits import Limits
from geo.network.refining import limits_of
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View, latest
from geo.questions.lanes import scene, standing
from geo.questions.lanes.record import OF_WIDTH
from geo.questions.lanes.standing import Obstructions, obstructions, words
from geo.questions.reach import ways
from geo.questions.reach.drawing import Drawing
from geo.questions.reach.shut import Shut, shut_lanes
from geo.questions.reach.spotting import Spotted, or_none, spotted

Shapes = NDArray[np.object_]

READS = tuple(dict.fromkeys((*ways.READS, *scene.READS, "hazards")))
"""Layers that the limits are made of."""


class Limiting:
    """The limits of a view with the spots they name, the lanes that a record shuts, and the obstacles (`standing`) whose positions they hold."""

    def __init__(self, limits: Limits, spots: Spotted, shut: Shut, standing: Obstructions) -> None:
        self.limits, self.spotted, self.shut, self.standing = limits, spots, shut, standing


def limiting(view: View) -> Limiting:
    """Everything that limits an engine, kept for the revisions of the layers it is made of."""
    return latest(view, "limiting", made_of(view), lambda _: _limiting(view))


def revisions(view: View) -> tuple[object, ...]:
    drawn = tuple(id for id in READS if id not in _OF)
    return (*standing.revisions(view, drawn), *(view.columns_revision(id, *columns) for id, columns in _OF.items()))


def made_of(view: View) -> tuple[object, ...]:
    """What the limits alone change with: the columns that they, the spots and the shut lanes are read from."""
    return (*ways.revisions(view), standing.drawn(view), *(view.columns_revision(id, *columns) for id, columns in _READ.items()))


_READ = {
    "roads": ("road_width_m", "clear_height_m"),
    "fire_lanes": (*OF_WIDTH, "kind", "clear_height_m", "occupied", "compound_code"),
    "access_points": ("geometry", "kind", "gate_width_m", "gate_height_m", "removable", "normally_locked", "remote_open"),
    "obstacles": ("geometry", "kind", "removed_on", "clear_height_m"),
    "hazards": ("geometry", "hazard_type", "status", "compound_code", "geom_method"),
}

_OF = {
    "hazards": ("geometry", "code", "hazard_type", "status", "compound_code", "geom_method"),
    "buildings": ("geometry", "code", "name", "no", "compound_code", "source", "accuracy_m", "quality"),
}
"""What of a hazard limits an engine, what of a building stands in its way, and what they are called."""


def _limiting(view: View) -> Limiting:
    spots, shut = spotted(view), shut_lanes(view)
    drawing = Drawing(view, shut)
    lanes, roads = view.frame("fire_lanes"), view.frame("roads")
    passage = texts(lanes, "kind") == "passage"
    height = numbers(lanes, "clear_height_m")
    found = limits_of(
        ways.network(view),
        spots.spots,
        drawing,
        across=drawing.across,
        road_width_m=or_none(numbers(roads, "road_width_m")),
        lane_height_m=np.where(passage, height, or_none(height)),
        road_height_m=or_none(numbers(roads, "clear_height_m")),
    )
    return Limiting(found, spots, shut, obstructions(view))


def blocks(view: View) -> Shapes:
    """What stands between a lane and a building beside it: walls and fences that are not removed."""

    def make() -> Shapes:
        frame, shapes = view.frame("obstacles"), view.metric("obstacles")
        there = np.isin(words(texts(frame, "kind")), ("wall", "fence")) & frame["removed_on"].isna().to_numpy(dtype=bool)
        return np.asarray(shapes[there & ~shapely.is_missing(shapes)], dtype=object)

    key = (view.columns_revision("obstacles", "geometry", "kind", "removed_on"), view.metric_crs)
    return latest(view, "walls", key, lambda _: make())
