"""Small maps of the figures: every compound's outline, and how many of what a figure counts belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.belonging import members
from geo.figures import MEASURES, answers_of
from geo.frames import View
from geo.places import COMMUNITIES, COMPOUNDS
from geo.questions.declaration import NO, UNKNOWN, YES
from geo.schema import Layer

MOST = 20_000
"""Compounds that a small map draws one by one; of more only the communities are drawn, which the page says."""

PARTS = 500
"""Outlines are simplified to this part of the map's longer side."""

Objects = NDArray[np.object_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one figure, a number a drawn compound: what it counts there, what not, and what is unknown."""

    yes: Ints
    no: Ints
    unknown: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """`box`: west, south, east, north (EPSG:4326, as all shapes), None = nothing is on the map. `total`: of the placed compounds, of which `ids`, `shapes` and
    `community` (its name as the compound says it) are drawn: all, or none where there are more than MOST."""

    box: tuple[float, float, float, float] | None
    total: int
    communities: list[str]
    areas: Objects
    ids: Ints
    community: list[str | None]
    shapes: Objects
    counts: Mapping[str, Counts]


def maps(view: View, layers: Mapping[str, Layer]) -> Maps:
    """The maps of all figures."""
    compounds, communities = view.frame(COMPOUNDS), view.frame(COMMUNITIES)
    outlines, areas = (np.asarray(frame.geometry, dtype=object) for frame in (compounds, communities))
    placed = np.flatnonzero(~shapely.is_missing(outlines))
    drawn = placed if len(placed) <= MOST else placed[:0]
    there = np.flatnonzero(~shapely.is_missing(areas))
    box = _box([*outlines[placed], *areas[there]])
    called = _names(view)
    return Maps(
        box=box,
        total=len(placed),
        communities=[called.get(code) or str(code) for code in communities["code"].to_numpy(dtype=object)[there]],
        areas=_simple(areas[there], box),
        ids=compounds.index.to_numpy()[drawn],
        community=[None if pd.isna(name) else called.get(name, str(name)) for name in compounds["community"].to_numpy(dtype=object)[drawn]],
        shapes=_simple(outlines[drawn], box),
        counts={measure.id: _counts(view, layers[measure.layer], answers_of(view, measure), drawn) for measure in MEASURES},
    )


def _counts(view: View, layer: Layer, answers: NDArray[np.int8], drawn: Ints) -> Counts:
    mine = members(view, layer)
    said = answers[mine.row]
    size = len(mine.start) - 1
    yes, no, unknown = (np.bincount(mine.compound[said == kind], minlength=size)[drawn].astype(np.int64) for kind in (YES, NO, UNKNOWN))
    return Counts(yes, no, unknown)


def _names(view: View) -> dict[object, str]:
    """Community by its code: its name, where it has one."""
    frame = view.frame(COMMUNITIES)
    return {code: str(name) for code, name in zip(frame["code"], frame["name"], strict=True) if not pd.isna(name) and not pd.isna(code)}


def _box(shapes: list[shapely.Geometry]) -> tuple[float, float, float, float] | None:
    if not shapes:
        return None
    west, south, east, north = (float(v) for v in shapely.total_bounds(np.array([*shapes, None], dtype=object)[:-1]))
    return west, south, east, north


def _simple(shapes: Objects, box: tuple[float, float, float, float] | None) -> Objects:
    if box is None or not len(shapes):
        return shapes
    tolerance = max(box[2] - box[0], box[3] - box[1]) / PARTS
    return np.asarray(shapely.simplify(shapes, tolerance), dtype=object)
