"""Hydrants as the layers hold them, and how far every building is from them, straight or along the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.network.distances import Along, Routes, inside, straight_m
from geo.network.ground import usable
from geo.questions.columns import texts
from geo.questions.declaration import Flags, Floats, View, latest
from geo.questions.reach import ways

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

POND = "pond"
"""The form of what is in the layer but is no hydrant."""


@dataclass(frozen=True, slots=True, eq=False)
class Hydrants:
    """Hydrants on the map: `best` all that are not known to be broken, `worst` those known to work, None in place of the others; row by row. Ponds, tanks and
    suction points are none."""

    best: Shapes
    worst: Shapes
    counts: Mapping[str, int]

    @classmethod
    def of(cls, view: View) -> Hydrants:
        shapes, working, hydrant = (
            view.metric("hydrants"),
            texts(view.frame("hydrants"), "working"),
            texts(view.frame("hydrants"), "form") != POND,
        )
        placed, works, broken = usable(shapes) & hydrant, hydrant & (working == "yes"), hydrant & (working == "no")
        counts = {
            "hydrants": int(np.count_nonzero(hydrant)),
            "hydrants_working": int(np.count_nonzero(works)),
            "hydrants_broken": int(np.count_nonzero(broken)),
            "hydrants_state_unknown": int(np.count_nonzero(hydrant & ~works & ~broken)),
            "hydrants_unplaced": int(np.count_nonzero(hydrant & ~placed)),
        }
        return cls(only(shapes, placed & ~broken), only(shapes, placed & works), counts)

    @property
    def on_map(self) -> int:
        return self.counts["hydrants"] - self.counts["hydrants_unplaced"]


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """A value a building: metres to the nearest hydrant and its row; NaN and -1 = none. `least_m`: no way can be shorter than this."""

    best_m: Floats
    best: Ints
    worst_m: Floats
    worst: Ints
    least_m: Floats
    ways: tuple[Along, Along] | None


def routes(view: View) -> Routes:
    revisions = (*ways.revisions(view), view.columns_revision("buildings", "geometry"))
    make = lambda _: Routes(ways.network(view), view.metric("buildings"), near_m=view.profile["approach_m"])  # noqa: E731
    return latest(view, "building-routes", revisions, make)


def distances(view: View, hydrants: Hydrants, path: bool) -> Distances:
    if not path:
        revisions = (*_placed(view), view.metric_crs)
        return latest(view, "hydrants-straight", revisions, lambda _: _straight(view, hydrants))
    revisions = (*ways.revisions(view), *_placed(view))
    return latest(view, "hydrants-along", revisions, lambda _: _along(view, hydrants))


def _placed(view: View) -> tuple[int, int]:
    """What distances from hydrants that may work to buildings change with."""
    return view.columns_revision("buildings", "geometry"), view.columns_revision("hydrants", "geometry", "working", "form")


def _straight(view: View, hydrants: Hydrants) -> Distances:
    points = inside(view.metric("buildings"))
    best, worst = straight_m(points, hydrants.best), straight_m(points, hydrants.worst)
    return Distances(np.round(best[0], 2), best[1], np.round(worst[0], 2), worst[1], best[0], None)


def _along(view: View, hydrants: Hydrants) -> Distances:
    found = routes(view)
    best, worst = found.to(hydrants.best), found.to(hydrants.worst)
    least, _ = straight_m(view.metric("buildings"), hydrants.best)
    return Distances(np.round(best.length_m, 2), best.place, np.round(worst.length_m, 2), worst.place, least, (best, worst))


def only(shapes: Shapes, chosen: Flags) -> Shapes:
    """Those chosen, None in place of the others."""
    kept = np.full(len(shapes), None, dtype=object)
    kept[chosen] = shapes[chosen]
    return kept
