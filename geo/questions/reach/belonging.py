"""Which buildings, and where there are none which lanes and roads, belong to which compound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.approach import Leads
from geo.questions.columns import texts
from geo.questions.declaration import Flags, View, latest
from geo.questions.reach import limiting

Ints = NDArray[np.int64]

LANE_REACH_M = 15.0
"""A lane belongs to a compound when it comes this near to its outline, or names it."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """Pairs of a compound (row) and a building (row) of it, sorted by compound; `leads` leads to the compounds that have no building."""

    compound: Ints
    building: Ints
    leads: Leads


def belonging(view: View) -> Belonging:
    """Buildings of the compounds: those that name it, and those that name none and lie in its outline."""
    return latest(view, "belonging", (*limiting.revisions(view), view.layer_revision("compounds")), lambda _: _belonging(view))


def _belonging(view: View) -> Belonging:
    compounds, buildings = view.frame("compounds"), view.frame("buildings")
    codes = {code: row for row, code in enumerate(texts(compounds, "code")) if isinstance(code, str)}
    owner = np.fromiter((codes.get(code, -1) for code in texts(buildings, "compound_code")), dtype=np.int64, count=len(buildings))
    shapes = view.metric("buildings")
    free = np.flatnonzero((owner < 0) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    if len(free) and len(compounds):
        at, inside = view.tree("compounds").query(shapely.point_on_surface(shapes[free]), predicate="intersects")
        owner[free[at]] = inside
    mine = np.flatnonzero(owner >= 0)
    order = np.lexsort((mine, owner[mine]))
    has = np.zeros(len(compounds), dtype=bool)
    has[owner[mine]] = True
    return Belonging(owner[mine][order], mine[order], _compound_leads(view, ~has))


def _compound_leads(view: View, wanted: Flags) -> Leads:
    """Lanes that name a compound or come near its outline; roads that touch it where it has no lane."""
    network, outlines = limiting.limiting(view).limits.network, view.metric("compounds")
    rows = np.flatnonzero(wanted & ~shapely.is_missing(outlines) & ~shapely.is_empty(outlines))
    edges = np.flatnonzero(network.length_m > 0)
    at, near = shapely.STRtree(network.lines[edges]).query(outlines[rows], predicate="dwithin", distance=LANE_REACH_M)
    compound, edge = rows[at], edges[near]
    named_compound, named_edge = _named_lanes(view, wanted)
    compound, edge = np.concatenate([compound, named_compound]), np.concatenate([edge, named_edge])
    pairs = np.unique(np.stack([compound, edge], axis=1), axis=0).astype(np.int64).reshape(-1, 2)
    compound, edge = pairs[:, 0], pairs[:, 1]
    has_lane = np.zeros(len(outlines), dtype=bool)
    has_lane[compound[network.lane[edge] >= 0]] = True
    kept = (network.lane[edge] >= 0) | ~has_lane[compound]
    compound, edge = compound[kept], edge[kept]
    no = np.zeros(len(edge), dtype=bool)
    return Leads(compound, edge, no, no.copy(), np.zeros(len(outlines), dtype=bool))


def _named_lanes(view: View, wanted: Flags) -> tuple[Ints, Ints]:
    network = limiting.limiting(view).limits.network
    codes = {code: row for row, code in enumerate(texts(view.frame("compounds"), "code")) if isinstance(code, str) and wanted[row]}
    named = texts(view.frame("fire_lanes"), "compound_code")
    compound = np.fromiter((codes.get(code, -1) for code in named), dtype=np.int64, count=len(named))
    edges = np.flatnonzero((network.lane >= 0) & (network.length_m > 0))
    edges = edges[compound[network.lane[edges]] >= 0]
    return compound[network.lane[edges]], edges
