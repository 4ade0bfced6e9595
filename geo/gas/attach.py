"""Where mains and outlines can be joined to the street network: stops along its edges, and straight stubs between them. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.graph import Network

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAR_M = 200.0
"""How far from an outline the nearest street or lane may lie when none comes within reach of a stub."""
CLEAR_M = 0.01
"""A stub may touch what it starts or ends at: this much at both of its ends is not looked at."""
_SAME_M = 1e-6


@dataclass(frozen=True, slots=True)
class Stops:
    """Places along the network's edges, a value each: the row of the `edge`, and how far along it."""

    edge: Ints
    offset_m: Floats

    def points(self, network: Network) -> Shapes:
        return np.asarray(shapely.line_interpolate_point(network.lines[self.edge], self.offset_m), dtype=object)

    @classmethod
    def joined(cls, *parts: Stops) -> Stops:
        return cls(np.concatenate([p.edge for p in parts]), np.concatenate([p.offset_m for p in parts]))


@dataclass(frozen=True, slots=True)
class Stubs:
    """Straight pieces of pipe: from `stop` to `thing` (positions), `length_m`."""

    stop: Ints
    thing: Ints
    length_m: Floats

    def __getitem__(self, chosen: Flags | Ints) -> Stubs:
        return Stubs(self.stop[chosen], self.thing[chosen], self.length_m[chosen])


def usable(shapes: Shapes) -> Flags:
    """Which have coordinates, all of them finite; anything else cannot be measured to."""
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    broken = np.zeros(len(shapes), dtype=bool)
    broken[index[~np.isfinite(coordinates).all(axis=1)]] = True
    return np.asarray(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes) & ~broken, dtype=bool)


def vertices(network: Network) -> Stops:
    """Every vertex of every edge, its two ends included."""
    xy, edge = shapely.get_coordinates(network.lines, return_index=True)
    step = np.hypot(*np.diff(xy, axis=0).T) if len(xy) else np.empty(0)
    step[edge[1:] != edge[:-1]] = 0.0
    along = np.concatenate([[0.0], np.cumsum(step)])[: len(xy)]
    first = np.searchsorted(edge, np.arange(len(network.lines)))
    return Stops(edge, along - along[first][edge] if len(xy) else along)


def stops_beside(network: Network, edge_tree: shapely.STRtree, things: Shapes, *, reach_m: float) -> Stops:
    """The feet of the things' vertices on edges within `reach_m`, and where edges and things (of areas: the outline) cross."""
    lines = _outlines(things)
    thing, crossed = edge_tree.query(lines, predicate="intersects")
    meeting, pair = shapely.get_coordinates(shapely.intersection(network.lines[crossed], lines[thing]), return_index=True)
    on = crossed[pair]
    crossings = Stops(on, shapely.line_locate_point(network.lines[on], shapely.points(meeting)))
    return Stops.joined(_feet(network, edge_tree, things, reach_m), crossings)


def stops_past(network: Network, edge_tree: shapely.STRtree, buildings: Shapes, *, reach_m: float) -> Stops:
    """Where a stub passes just beside a corner of these buildings: a little before and after the corners' feet on edges within `reach_m`."""
    feet = _feet(network, edge_tree, buildings, reach_m)
    length = shapely.length(network.lines[feet.edge])
    beside = [Stops(feet.edge, np.clip(feet.offset_m + by, 0.0, length)) for by in (-2 * CLEAR_M, 2 * CLEAR_M)]
    return Stops.joined(*beside)


def _feet(network: Network, edge_tree: shapely.STRtree, things: Shapes, reach_m: float) -> Stops:
    corners = np.asarray(shapely.points(shapely.get_coordinates(things)), dtype=object)
    corner, edge = edge_tree.query(corners, predicate="dwithin", distance=reach_m)
    return Stops(edge, np.asarray(shapely.line_locate_point(network.lines[edge], corners[corner])))


def _outlines(things: Shapes) -> Shapes:
    """The boundary of areas, lines and points as they are; a mixed collection has no crossings, only feet."""
    kinds = shapely.get_type_id(things)
    lines = things.copy()
    lines[kinds == shapely.GeometryType.GEOMETRYCOLLECTION] = None
    area = np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    lines[area] = shapely.boundary(things[area])
    return lines


def stubs_within(points: Shapes, things: Shapes, *, reach_m: float) -> Stubs:
    """From each of `points` to every thing within `reach_m`."""
    thing, stop = shapely.STRtree(points).query(things, predicate="dwithin", distance=reach_m)
    return Stubs(stop, thing, shapely.distance(points[stop], things[thing]))


def in_the_way(building_tree: shapely.STRtree, lines: Shapes, own: Shapes | None = None) -> tuple[Ints, Ints]:
    """Pairs (line, building) that meet between the straight line's ends; buildings that meet the line's `own` thing are not in its way."""
    xy = shapely.get_coordinates(lines).reshape(len(lines), 2, 2)
    length = np.hypot(*(xy[:, 1] - xy[:, 0]).T)
    long = np.flatnonzero(length > 2 * CLEAR_M)
    step = (xy[long, 1] - xy[long, 0]) * (CLEAR_M / length[long])[:, None]
    cut = shapely.linestrings(np.stack([xy[long, 0] + step, xy[long, 1] - step], axis=1))
    line, building = building_tree.query(cut, predicate="intersects")
    if own is not None:
        foreign = ~shapely.intersects(building_tree.geometries[building], own[long[line]])
        line, building = line[foreign], building[foreign]
    return long[line], building


def clear_of(building_tree: shapely.STRtree, lines: Shapes, own: Shapes) -> Flags:
    """Which straight lines meet no building on their way."""
    clear = np.ones(len(lines), dtype=bool)
    clear[in_the_way(building_tree, lines, own)[0]] = False
    return clear


def nearest_stops(network: Network, edge_tree: shapely.STRtree, building_tree: shapely.STRtree, sites: Shapes) -> tuple[Stops, Ints]:
    """For each site the nearest point of the network within FAR_M that no building hides from it (all of them where several are as near), with the site of each."""
    site, edge = edge_tree.query_nearest(sites, max_distance=FAR_M)
    stops, of = _nearest_on(network, sites, edge, site)
    seen = clear_of(building_tree, _lines_to(stops.points(network), sites[of]), sites[of])
    hidden = np.setdiff1d(site, of[seen])
    site, edge = edge_tree.query(sites[hidden], predicate="dwithin", distance=FAR_M)
    more, whose = _first_seen(network, building_tree, sites, edge, hidden[site])
    return Stops.joined(Stops(stops.edge[seen], stops.offset_m[seen]), more), np.concatenate([of[seen], whose])


def _nearest_on(network: Network, sites: Shapes, edge: Ints, site: Ints) -> tuple[Stops, Ints]:
    """Points of each edge that are as near to its site as the nearest: one, or the ends of the stretch along which they run side by side."""
    lines, shapes = network.lines[edge], sites[site]
    near_m = shapely.distance(lines, shapes)
    corners, pair = shapely.get_coordinates(shapes, return_index=True)
    row = np.concatenate([pair, np.arange(len(edge)), np.arange(len(edge)), np.arange(len(edge))])
    ends = shapely.length(lines)
    foot = shapely.line_locate_point(lines[pair], shapely.points(corners))
    closest = shapely.line_locate_point(lines, shapely.get_point(shapely.shortest_line(lines, shapes), 0))
    offset = np.concatenate([foot, closest, np.zeros(len(edge)), ends])
    distance = shapely.distance(shapely.line_interpolate_point(lines[row], offset), shapes[row])
    kept = distance <= near_m[row] + _SAME_M
    return Stops(edge[row[kept]], offset[kept]), site[row[kept]]


def _first_seen(network: Network, building_tree: shapely.STRtree, sites: Shapes, edge: Ints, site: Ints) -> tuple[Stops, Ints]:
    """Of the edges given for a site, the nearest point of the nearest that no building hides."""
    lines = shapely.shortest_line(network.lines[edge], sites[site])
    seen = np.flatnonzero(clear_of(building_tree, lines, sites[site]))
    order = seen[np.lexsort((edge[seen], shapely.length(lines[seen]), site[seen]))]
    _, first = np.unique(site[order], return_index=True)
    chosen = order[first]
    return Stops(edge[chosen], shapely.line_locate_point(network.lines[edge[chosen]], shapely.get_point(lines[chosen], 0))), site[chosen]


def _lines_to(points: Shapes, things: Shapes) -> Shapes:
    return np.asarray(shapely.shortest_line(points, things), dtype=object)
