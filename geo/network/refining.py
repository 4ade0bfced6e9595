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
from geo.network.limits import DRAWING, NOTHING, RECORD, ROAD, SPOT, WIDTHS, Codes, Limits, Spots, Widths
from geo.network.locating import At, located
from geo.network.noding import Flags, Floats, Ints, Shapes
from geo.network.sections import Measure, narrow_edges, section_cuts, sections_of

Across = Callable[[Shapes], Widths]
"""Widths of connectors, from what is drawn across them; inf = nothing."""


_EDGE_M = 0.01
_APART_M = 1e-4


def limits_of(
    network: Network, spots: Spots, measure: Measure, *, across: Across, road_width_m: Floats, lane_height_m: Floats, road_height_m: Floats
) -> Limits:
    """Refine the network. The last three have a value a road or a lane (row): inf = no limit, NaN = not known."""
    whole = _whole(network, measure, across, road_width_m)
    at = located(network, spots)
    told = spots.drawn & np.isnan(spots.width_m) & np.isinf(spots.height_m)
    at = at[~(told[at.spot] & _shown(whole)[at.edge])]
    narrow = narrow_edges(network, whole)
    cut_edge, cut_m = section_cuts(network, narrow, at)
    sections, first_section = sections_of(network, whole, narrow, cut_edge, cut_m, measure)
    return _assembled(_Parts(network, spots, at, whole, cut_edge, cut_m, sections, first_section), lane_height_m, road_height_m)


def _whole(network: Network, measure: Measure, across: Across, road_width_m: Floats) -> Widths:
    """Widths of the whole lanes for all their edges, of connectors and of roads."""
    edges, roads = np.flatnonzero((network.lane >= 0) & ~network.connector), np.flatnonzero(network.lane < 0)
    between = np.flatnonzero((network.lane >= 0) & network.connector)
    plain = _plain(road_width_m[network.road[roads]], np.full(len(roads), -1))
    found = _joined_widths([measure(None, network.lane[edges]), across(network.lines[between]), plain])
    return found[np.argsort(np.concatenate([edges, between, roads]), kind="stable")]


def _shown(whole: Widths) -> Flags:
    """Edges whose width the drawing gives between things on both sides, so that it holds what stands there."""
    return np.asarray(whole.located & ~np.isnan(whole.width_m) & (whole.first >= 0) & (whole.second >= 0), dtype=bool)


@dataclass(frozen=True, slots=True)
class _Parts:
    network: Network
    spots: Spots
    at: At
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
    piece_owner = np.repeat(np.arange(len(chain.edges)), np.bincount(chain.owner, minlength=len(chain.edges)) + 1)
    origin = np.concatenate([kept, chain.edges[piece_owner], chain.edges[chain.owner[gates]]]).astype(np.int64)
    here = shapely.get_point(lines[gates + chain.owner[gates] + 1], 0)
    ends, nodes = _joined(network, chain, lines, gates)
    ends = np.concatenate([network.ends[kept], ends])
    refined = _refined(network, np.concatenate([network.lines[kept], lines, _stubs(here)]), ends, nodes, origin)
    values = _values(parts, chain, kept, piece_owner, gates)
    last = len(origin) - len(gates)
    height, locked = _heights(refined, lane_height_m, road_height_m), np.zeros(len(origin), dtype=bool)
    height[last:], locked[last:] = parts.spots.height_m[chain.spot[gates]], parts.spots.locked[chain.spot[gates]]
    values.pinch[last:] = here
    return Limits(
        refined, values.width_m, values.accuracy_m, height, values.measured, _causes(refined, values), values.spot, values.pinch, values.first,
        values.second, locked, origin,
    )  # fmt: skip


def _refined(network: Network, lines: Shapes, ends: Ints, nodes: Floats, origin: Ints) -> Network:
    """The network with these edges, each a piece of the edge `origin`."""
    return replace(
        network, nodes=nodes, ends=ends, lines=lines, length_m=np.asarray(shapely.length(lines)), lane=network.lane[origin],
        road=network.road[origin], connector=network.connector[origin],
        public=np.concatenate([network.public, np.zeros(len(nodes) - len(network.public), dtype=bool)]),
        lane_edges=_over(network.lane_edges, origin), road_edges=_over(network.road_edges, origin),
    )  # fmt: skip


def _heights(network: Network, lane_height_m: Floats, road_height_m: Floats) -> Floats:
    height = np.full(len(network.ends), np.inf)
    lane, road = network.lane >= 0, network.lane < 0
    height[lane], height[road] = lane_height_m[network.lane[lane]], road_height_m[network.road[road]]
    return height


def _causes(network: Network, values: Widths) -> Codes:
    cause = np.where(values.spot >= 0, SPOT, np.where(values.located, DRAWING, RECORD))
    cause = np.where(network.lane < 0, ROAD, cause).astype(np.int8)
    cause[np.isinf(values.width_m) & (values.spot < 0)] = NOTHING
    return cause


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
