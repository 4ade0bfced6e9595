"""A network refined so that every edge has one width and one height.

Lanes are cut where the drawing shows that they are narrow, so that what lies before the narrow place is not lost with what lies behind it; an
access point, a cable or a blocked-lane record becomes an edge of its own without length between two nodes in one place. Metric CRS (metres).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely

from geo.network.cutting import pieces_of
from geo.network.graph import Network
from geo.network.limits import DRAWING, NOTHING, RECORD, ROAD, SPOT, WIDTHS, Limits, Spots, Widths
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
_SHORTEST_M = 0.05
_EDGE_M = 0.01
_APART_M = 1e-4
_TIE_M = 0.05


def limits_of(
    network: Network, spots: Spots, measure: Measure, *, road_width_m: Floats, lane_height_m: Floats, road_height_m: Floats
) -> Limits:
    """Refine the network. The last three have a value a road or a lane (row): inf = no limit, NaN = not known."""
    whole = _whole(network, measure, road_width_m)
    at = _located(network, spots)
    told = spots.drawn & np.isnan(spots.width_m) & np.isinf(spots.height_m)
    at = at[~(told[at.spot] & (whole.located & ~np.isnan(whole.width_m))[at.edge])]
    narrow = _narrow(network, whole)
    cut_edge, cut_m = _section_cuts(network, narrow, at)
    sections, first_section = _sections(network, whole, narrow, cut_edge, cut_m, measure)
    return _assembled(_Parts(network, spots, at, whole, cut_edge, cut_m, sections, first_section), lane_height_m, road_height_m)


def _whole(network: Network, measure: Measure, road_width_m: Floats) -> Widths:
    """Widths of the whole lanes for all their edges. The way from a lane's end to the middle of its road is road."""
    drawn = (network.lane >= 0) & ~network.connector
    edges, others = np.flatnonzero(drawn), np.flatnonzero(~drawn)
    road = network.road[others]
    plain = np.where(road >= 0, np.append(road_width_m, np.inf)[road], np.inf)
    found = _joined_widths([measure(None, network.lane[edges]), _plain(plain, np.full(len(others), -1))])
    return found[np.argsort(np.concatenate([edges, others]), kind="stable")]


@dataclass(frozen=True, slots=True)
class _At:
    """Spots on edges: position in Spots, edge, metres along it."""

    spot: Ints
    edge: Ints
    station_m: Floats

    def __getitem__(self, at: Ints | Flags) -> _At:
        return _At(self.spot[at], self.edge[at], self.station_m[at])


def _located(network: Network, spots: Spots) -> _At:
    """Each spot on the nearest lane, or on each near lane; on all edges that are equally near, as at a junction."""
    limiting = ~(np.isinf(spots.width_m) & np.isinf(spots.height_m)) | spots.locked
    placed = np.flatnonzero(limiting & ~shapely.is_missing(spots.shapes) & ~shapely.is_empty(spots.shapes))
    edges = np.flatnonzero((network.lane >= 0) & (network.length_m >= _SHORTEST_M))
    if not len(placed) or not len(edges):
        return _At(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    tree = shapely.STRtree(network.lines[edges])
    which, near = tree.query(spots.shapes[placed], predicate="dwithin", distance=spots.reach_m[placed])
    spot, edge = placed[which], edges[near]
    gap = shapely.distance(spots.shapes[spot], network.lines[edge])
    key = spot * (1 + int(network.lane.max(initial=0))) + np.where(spots.every[spot], network.lane[edge], 0)
    groups, group = np.unique(key, return_inverse=True)
    least = np.full(len(groups), np.inf)
    np.minimum.at(least, group, gap)
    kept = gap <= least[group] + _TIE_M
    spot, edge = spot[kept], edge[kept]
    foot = shapely.get_point(shapely.shortest_line(network.lines[edge], spots.shapes[spot]), 0)
    return _At(spot, edge, np.asarray(shapely.line_locate_point(network.lines[edge], foot)))


def _section_cuts(network: Network, narrow: Flags, at: _At) -> tuple[Ints, Floats]:
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


def _narrow(network: Network, whole: Widths) -> Flags:
    """Edges of lanes that the drawing shows to be narrow somewhere, or with an opening of unknown width, unless the edge is all of a short lane."""
    drawn = np.bincount(network.lane[(network.lane >= 0) & ~network.connector], minlength=1)
    alone = (network.lane >= 0) & (np.append(drawn, 0)[network.lane] == 1) & (network.length_m <= 1.5 * SECTION_M)
    with np.errstate(invalid="ignore"):
        narrow = whole.located & ((whole.width_m < NARROW_M) | (whole.spot >= 0)) & (network.length_m >= _SHORTEST_M)
    return np.asarray(narrow & ~alone, dtype=bool)


def _sections(network: Network, whole: Widths, narrow: Flags, cut_edge: Ints, cut_m: Floats, measure: Measure) -> tuple[Widths, Ints]:
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


@dataclass(frozen=True, slots=True)
class _Parts:
    network: Network
    spots: Spots
    at: _At
    whole: Widths
    cut_edge: Ints
    cut_m: Floats
    sections: Widths
    first_section: Ints


@dataclass(frozen=True, slots=True)
class _Chain:
    """The edges that are cut, with their cuts in order: `spot` -1 = between two sections."""

    edges: Ints
    owner: Ints
    station_m: Floats
    spot: Ints


def _chain(parts: _Parts) -> _Chain:
    edge = np.concatenate([parts.cut_edge, parts.at.edge])
    station = np.concatenate([parts.cut_m, parts.at.station_m])
    spot = np.concatenate([np.full(len(parts.cut_edge), -1), parts.at.spot])
    order = np.lexsort((spot, station, edge))
    edge, station, spot = edge[order], station[order], spot[order]
    edges, owner = np.unique(edge, return_inverse=True)
    length = parts.network.length_m[edge]
    inside = np.clip(station, np.minimum(_EDGE_M, length / 4), length - np.minimum(_EDGE_M, length / 4))
    return _Chain(edges, owner, _apart(edge, inside), spot)


def _apart(edge: Ints, station_m: Floats) -> Floats:
    """Stations in one place a hair apart, in their order."""
    count = len(edge)
    fresh = np.ones(count, dtype=bool)
    fresh[1:] = (np.diff(edge) != 0) | (np.diff(station_m) > _EDGE_M)
    rank = np.arange(count) - np.flatnonzero(fresh)[np.cumsum(fresh) - 1] if count else np.zeros(0)
    return np.asarray(station_m + np.minimum(rank, 90) * _APART_M + np.maximum(rank - 90, 0) * _APART_M / 1000)


def _assembled(parts: _Parts, lane_height_m: Floats, road_height_m: Floats) -> Limits:
    network, chain = parts.network, _chain(parts)
    lines = pieces_of(network.lines[chain.edges], chain.owner, chain.station_m)
    kept = np.setdiff1d(np.arange(len(network.ends)), chain.edges)
    gates = np.flatnonzero(chain.spot >= 0)
    ends, nodes = _joined(network, chain, lines, gates)
    piece_owner = np.repeat(np.arange(len(chain.edges)), np.bincount(chain.owner, minlength=len(chain.edges)) + 1)
    origin = np.concatenate([kept, chain.edges[piece_owner], chain.edges[chain.owner[gates]]]).astype(np.int64)
    here = shapely.get_point(lines[gates + chain.owner[gates] + 1], 0)
    stubs = _stubs(here)
    all_lines = np.concatenate([network.lines[kept], lines, stubs])
    refined = replace(
        network, nodes=nodes, ends=np.concatenate([network.ends[kept], ends]), lines=all_lines, length_m=np.asarray(shapely.length(all_lines)),
        lane=network.lane[origin], road=network.road[origin], connector=network.connector[origin],
        public=np.concatenate([network.public, np.zeros(len(nodes) - len(network.public), dtype=bool)]),
        lane_edges=_over(network.lane_edges, origin), road_edges=_over(network.road_edges, origin),
    )  # fmt: skip
    values = _values(parts, chain, kept, piece_owner, gates)
    height = np.full(len(origin), np.inf)
    lane, road = refined.lane >= 0, refined.lane < 0
    height[lane] = lane_height_m[refined.lane[lane]]
    height[road] = road_height_m[refined.road[road]]
    height[len(origin) - len(gates) :] = parts.spots.height_m[chain.spot[gates]]
    locked = np.zeros(len(origin), dtype=bool)
    locked[len(origin) - len(gates) :] = parts.spots.locked[chain.spot[gates]]
    values.pinch[len(origin) - len(gates) :] = here
    cause = np.where(road, ROAD, np.where(values.spot >= 0, SPOT, np.where(values.located, DRAWING, RECORD))).astype(np.int8)
    cause[np.isinf(values.width_m) & (values.spot < 0)] = NOTHING
    return Limits(
        refined,
        values.width_m,
        values.accuracy_m,
        height,
        values.measured,
        cause,
        values.spot,
        values.pinch,
        values.first,
        values.second,
        locked,
        origin,
    )


def _stubs(points: Shapes) -> Shapes:
    xy = shapely.get_coordinates(points)
    return np.asarray(shapely.linestrings(np.stack([xy, xy], axis=1)) if len(xy) else np.zeros(0, dtype=object), dtype=object)


def _joined(network: Network, chain: _Chain, lines: Shapes, gates: Ints) -> tuple[Ints, Floats]:
    """Ends of the pieces, then of the edges of the spots; all nodes."""
    count = len(chain.owner)
    before = len(network.nodes) + np.arange(count)
    after = before.copy()
    after[gates] = len(network.nodes) + count + np.arange(len(gates))
    piece = np.arange(count) + chain.owner
    ends = np.full((len(lines), 2), -1, dtype=np.int64)
    ends[piece, 1] = before
    ends[piece + 1, 0] = after
    ends[ends[:, 0] < 0, 0] = network.ends[chain.edges, 0]
    ends[ends[:, 1] < 0, 1] = network.ends[chain.edges, 1]
    where = shapely.get_coordinates(shapely.get_point(lines[piece + 1], 0))
    nodes = np.concatenate([network.nodes, where, where[gates]])
    return np.concatenate([ends, np.stack([before[gates], after[gates]], axis=1)]), nodes


def _over(pairs: Ints, origin: Ints) -> Ints:
    """Which edges every row runs over, now that they are in pieces."""
    order = np.argsort(origin, kind="stable")
    first = np.searchsorted(origin[order], pairs[:, 1])
    counts = np.searchsorted(origin[order], pairs[:, 1], side="right") - first
    at = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    return np.stack([np.repeat(pairs[:, 0], counts), order[at]], axis=1).astype(np.int64)


def _values(parts: _Parts, chain: _Chain, kept: Ints, piece_owner: Ints, gates: Ints) -> Widths:
    """Widths of the edges left whole, of the pieces, and of the spots."""
    edges = chain.edges[piece_owner]
    section = _section_numbers(chain, parts.first_section[edges])
    pieces = _chosen(parts.whole[edges], parts.sections, section)
    uncut = _chosen(parts.whole[kept], parts.sections, parts.first_section[kept])
    return _joined_widths([uncut, pieces, _plain(parts.spots.width_m[chain.spot[gates]], chain.spot[gates])])


def _section_numbers(chain: _Chain, first: Ints) -> Ints:
    """For each piece the section it lies in (position among the sections), -1 where its edge has none."""
    passed = np.zeros(len(first), dtype=np.int64)
    passed[np.arange(len(chain.owner)) + chain.owner + 1] = chain.spot < 0
    total = np.cumsum(passed)
    starts = np.ones(len(first), dtype=bool)
    starts[np.arange(len(chain.owner)) + chain.owner + 1] = False
    base = total[np.flatnonzero(starts)][np.cumsum(starts) - 1] if len(first) else total
    return np.where(first < 0, -1, first + total - base)


def _chosen(whole: Widths, sections: Widths, section: Ints) -> Widths:
    """The section's values where there is one."""
    cut = np.flatnonzero(section >= 0)
    columns = []
    for name in WIDTHS:
        column = np.array(getattr(whole, name))
        column[cut] = getattr(sections, name)[section[cut]]
        columns.append(column)
    return Widths(*columns)


def _plain(width_m: Floats, spot: Ints) -> Widths:
    count = len(width_m)
    nothing = np.full(count, -1, dtype=np.int64)
    no = np.zeros(count, dtype=bool)
    return Widths(
        width_m, np.full(count, np.nan), no, no.copy(), np.full(count, None, dtype=object), nothing, nothing.copy(), spot.astype(np.int64)
    )


def _joined_widths(blocks: list[Widths]) -> Widths:
    return Widths(*(np.concatenate([getattr(block, name) for block in blocks]) for name in WIDTHS))
