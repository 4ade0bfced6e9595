"""The street network cut where new pipes may leave it, with the straight stubs to mains and sites that no building stands in the way of. Metric CRS (metres)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.gas.attach import (
    Flags,
    Ints,
    Own,
    Shapes,
    Stops,
    Stubs,
    clear_of,
    in_the_way,
    nearest_stops,
    square,
    stops_beside,
    stops_past,
    stubs_within,
    vertices,
)
from geo.gas.budget import Budget, slices
from geo.gas.parts import Things, Ways
from geo.gas.street import Street, pieces


def cut(
    ways: Ways, mains: Things, sites: Things, building_tree: shapely.STRtree, budget: Budget, reach_m: float
) -> tuple[Street, Stubs, Stubs]:
    """The network cut at all stops; the stubs to mains (the shortest of each stop, by stop) and to sites."""
    edge_tree = shapely.STRtree(ways.lines)
    beside = (stops_beside(ways, edge_tree, t, budget, reach_m=reach_m) for t in (mains, sites))
    stops = Stops.joined(vertices(ways), *beside).distinct()
    points = stops.points(ways)
    hiding = [_seen(building_tree, points, t, budget, reach_m, own)[1] for t, own in ((mains, False), (sites, True))]
    hiding_shapes = building_tree.geometries[np.unique(np.concatenate(hiding))]
    past = stops_past(ways, edge_tree, hiding_shapes, budget, reach_m=reach_m).distinct()
    stops = Stops.joined(stops, past)
    to_site, _ = _seen(building_tree, stops.points(ways), sites, budget, reach_m, True)
    to_site = _owned(to_site[_proper(ways, stops, len(past.edge), to_site, sites.parts, budget)], sites)
    lonely = np.setdiff1d(np.flatnonzero(~shapely.is_missing(sites.whole)), to_site.thing)
    extra, whose = nearest_stops(ways, edge_tree, building_tree, sites.whole[lonely], budget)
    far = Stubs(len(stops.edge) + np.arange(len(whose)), lonely[whose], shapely.distance(extra.points(ways), sites.whole[lonely[whose]]))
    street, node = pieces(ways, Stops.joined(stops, extra))
    to_site = Stubs(*(np.concatenate([getattr(to_site, n), getattr(far, n)]) for n in ("stop", "thing", "length_m")))
    to_main = _seen(building_tree, street.points, mains, budget, reach_m, False)[0]
    exempt = np.isin(to_main.stop, node[len(points) : len(stops.edge)])
    to_main = to_main[exempt | square(street.points, street.start, street.end, to_main, mains.parts, budget)]
    return street, _shortest(_owned(to_main, mains)), Stubs(node[to_site.stop], to_site.thing, to_site.length_m)


def _owned(stubs: Stubs, things: Things) -> Stubs:
    """Stubs to parts as stubs to the things they are parts of."""
    return Stubs(stubs.stop, things.owner[stubs.thing], stubs.length_m)


def _proper(ways: Ways, stops: Stops, past: int, stubs: Stubs, parts: Shapes, budget: Budget) -> Flags:
    """Which stubs are square, or start at one of the last `past` stops, which lie beside corners."""
    street, node = pieces(ways, stops)
    placed = Stubs(node[stubs.stop], stubs.thing, stubs.length_m)
    return (stubs.stop >= len(stops.edge) - past) | square(street.points, street.start, street.end, placed, parts, budget)


def _seen(building_tree: shapely.STRtree, points: Shapes, things: Things, budget: Budget, reach_m: float, own: bool) -> tuple[Stubs, Ints]:
    """The stubs from points to parts of things that no building stands in the way of, and the buildings that stand in the way of the others."""
    stubs = stubs_within(points, things, budget, reach_m=reach_m)
    seen, hiding = np.ones(len(stubs.stop), dtype=bool), [np.empty(0, dtype=np.int64)]
    for rows in slices(len(seen)):
        stop, part = stubs.stop[rows], stubs.thing[rows]
        lines = shapely.shortest_line(points[stop], things.parts[part])
        line, building = in_the_way(building_tree, lines, budget, Own(things.whole, things.owner[part]) if own else None)
        seen[rows.start + line] = False
        hiding.append(np.unique(building))
    return stubs[seen], np.concatenate(hiding)


def _shortest(stubs: Stubs) -> Stubs:
    """The shortest of each stop, by stop."""
    order = np.lexsort((stubs.thing, stubs.length_m, stubs.stop))
    _, first = np.unique(stubs.stop[order], return_index=True)
    return stubs[order[first]]


def straight_stubs(mains: Shapes, sites: Shapes, building_tree: shapely.STRtree, budget: Budget, reach_m: float) -> Stubs:
    """From each site (as `stop`) to the nearest main within reach that can be joined without a street."""
    site, main = budget.pairs(shapely.STRtree(mains), sites, predicate="dwithin", distance=reach_m)
    lines = shapely.shortest_line(mains[main], sites[site])
    return _shortest(Stubs(site, main, shapely.length(lines))[clear_of(building_tree, lines, budget, Own(sites, site))])
