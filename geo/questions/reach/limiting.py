"""What limits an engine on the network, put together from the layers: lanes as recorded and as drawn, gates, cables and blocked-lane records."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.limits import Limits
from geo.network.refining import limits_of
from geo.questions.declaration import View, latest
from geo.questions.lanes import scene, standing
from geo.questions.lanes.standing import Obstructions, number, obstructions, text, words
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
    return latest(view, "limiting", revisions(view), lambda _: _limiting(view))


def revisions(view: View) -> tuple[object, ...]:
    return standing.revisions(view, READS)


def _limiting(view: View) -> Limiting:
    spots, shut = spotted(view), shut_lanes(view)
    drawing = Drawing(view, shut)
    lanes, roads = view.frame("fire_lanes"), view.frame("roads")
    passage = text(lanes, "kind") == "passage"
    height = number(lanes, "clear_height_m")
    found = limits_of(
        ways.network(view),
        spots.spots,
        drawing,
        across=drawing.across,
        road_width_m=or_none(number(roads, "road_width_m")),
        lane_height_m=np.where(passage, height, or_none(height)),
        road_height_m=or_none(number(roads, "clear_height_m")),
    )
    return Limiting(found, spots, shut, obstructions(view))


def blocks(view: View) -> Shapes:
    """What stands between a lane and a building beside it: walls and fences that are not removed."""

    def make() -> Shapes:
        frame, shapes = view.frame("obstacles"), view.metric("obstacles")
        there = np.isin(words(text(frame, "kind")), ("wall", "fence")) & frame["removed_on"].isna().to_numpy(dtype=bool)
        return np.asarray(shapes[there & ~shapely.is_missing(shapes)], dtype=object)

    return latest(view, "walls", (view.layer_revision("obstacles"), view.metric_crs), lambda _: make())
