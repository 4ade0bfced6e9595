"""Sections of lanes that the drawing shows to be narrow somewhere, so that it is known where. Metric CRS (metres)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from geo.network.cutting import pieces_of
from geo.network.graph import Network
from geo.network.limits import WIDTHS, Widths
from geo.network.locating import SHORTEST_M, At
from geo.network.noding import Flags, Floats, Ints, Shapes

Measure = Callable[[Shapes | None, Ints], Widths]
"""Widths of these lanes (rows), or of lines that are pieces of them."""

NARROW_M = 4.5
"""A lane whose drawing shows this much everywhere is not looked at more closely: no engine needs more, and no accuracy of a drawing of 0.5 m."""
SECTION_M = 25.0
MOST_SECTIONS = 24
CLEAR_OF_SPOT_M = 2.0
"""Sections of a narrow lane are about this long, so that what stands beside one is near an end of it; there are at most so many, and they are
not cut this near to an access point, which may stand in a wall."""


def section_cuts(network: Network, narrow: Flags, at: At) -> tuple[Ints, Floats]:
    """Where edges of lanes that are narrow somewhere are cut: (edge, metres along it), in order."""
    long = narrow & (network.length_m > 1.5 * SECTION_M)
    count = np.where(long, np.minimum(np.ceil(network.length_m / SECTION_M), MOST_SECTIONS), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(count)), count - 1)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count - 1) - (count - 1), count - 1) + 1
    station = network.length_m[edge] * step / np.repeat(count, count - 1)
    if not len(at.edge) or not len(edge):
        return edge, station
    room = float(network.length_m.max()) + 10 * CLEAR_OF_SPOT_M
    marks = np.sort(at.edge * room + at.station_m)
    key = edge * room + station
    after = np.minimum(np.searchsorted(marks, key), len(marks) - 1)
    gap = np.minimum(np.abs(marks[after] - key), np.abs(marks[np.maximum(after - 1, 0)] - key))
    clear = gap > CLEAR_OF_SPOT_M
    return edge[clear], station[clear]


def narrow_edges(network: Network, whole: Widths) -> Flags:
    """Edges of lanes that the drawing shows to be narrow somewhere, or with an opening of unknown width, unless the edge is all of a short lane."""
    drawn = np.bincount(network.lane[(network.lane >= 0) & ~network.connector], minlength=1)
    alone = (network.lane >= 0) & (np.append(drawn, 0)[network.lane] == 1) & (network.length_m <= 1.5 * SECTION_M)
    with np.errstate(invalid="ignore"):
        narrow = whole.located & ((whole.width_m < NARROW_M) | (whole.spot >= 0)) & (network.length_m >= SHORTEST_M)
    return np.asarray(narrow & ~alone & ~network.connector, dtype=bool)


def sections_of(network: Network, whole: Widths, narrow: Flags, cut_edge: Ints, cut_m: Floats, measure: Measure) -> tuple[Widths, Ints]:
    """Widths of all sections, and for each edge the position of its first one (-1: it has none)."""
    first = np.full(len(network.ends), -1, dtype=np.int64)
    edges = np.flatnonzero(narrow)
    if not len(edges):
        return whole[np.zeros(0, np.int64)], first
    counts = 1 + np.bincount(np.searchsorted(edges, cut_edge), minlength=len(edges))
    first[edges] = np.cumsum(counts) - counts
    lines = pieces_of(network.lines[edges], np.searchsorted(edges, cut_edge), cut_m)
    owner = np.repeat(edges, counts)
    return _with_bottleneck(measure(lines, network.lane[owner]), lines, network.lane[owner], whole[owner]), first


def _with_bottleneck(found: Widths, lines: Shapes, lane: Ints, whole: Widths) -> Widths:
    """No section is narrower than its lane, which passes it; where all are wider (staggered obstacles about a cut), the one at the pinch is the lane's."""
    width = np.fmax(found.width_m, np.where(np.isnan(found.width_m), np.nan, whole.width_m))
    columns = [np.array(getattr(found, name)) for name in WIDTHS]
    columns[0] = width
    lanes, of = np.unique(lane, return_inverse=True)
    least = np.full(len(lanes), np.inf)
    np.minimum.at(least, of, np.where(np.isnan(width), -np.inf, width))
    for k in np.unique(of[least[of] > whole.width_m + 0.02]):
        mine = np.flatnonzero(of == k)
        pinch = whole.pinch[mine[0]]
        at = mine[0 if pinch is None else int(np.argmin(shapely.distance(lines[mine], pinch)))]
        for column, name in zip(columns, WIDTHS, strict=True):
            column[at] = getattr(whole, name)[at]
    return Widths(*columns)
