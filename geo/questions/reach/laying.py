"""Where hoses are laid, read from the layers: what they cannot cross, the gaps in it, and where an engine stands; surely, and at best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.asked import Asked, AskedAtWorst
from geo.network.facades import reached_share
from geo.network.ground import Ground, opened, usable
from geo.network.hose import Yard
from geo.network.limits import Need
from geo.network.routes import components
from geo.questions.columns import texts
from geo.questions.declaration import Flags, Floats, View, latest
from geo.questions.lanes.standing import ways_through
from geo.questions.reach import limiting
from geo.questions.reach.reach import Reach, reach

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]

STOPS = ("wall", "fence", "shed")
PASSES = ("hedge", "tree", "pole", "cable", "parking_strip", "branch", "stall", "step")
"""Kinds of obstacle that stop a hose, and that do not; what others are is not known: they stop it in the cautious answer only."""

GAP_M = 1.0
"""Width of an opening whose own is not on record, and how near to a wall or building its point must be."""
_CAP_M = 300.0
_CAP_TIMES = 1.5


@dataclass(frozen=True, eq=False)
class Laid:
    """Hoses to all buildings with everything unknown taken at its best and at its worst; `cap_m`: no path longer than this was looked for;
    `drawn`: there is some road or lane on the map; `reach`: where the engine gets to; `unread`: ways that could not be read."""

    best: Asked
    worst: Asked
    cap_m: float
    drawn: bool
    reach: Reach
    buildings: Shapes
    unread: Shapes

    @cached_property
    def lines(self) -> tuple[Ints, shapely.STRtree]:
        """The edges of the network that have a length, and their lines."""
        edges = np.flatnonzero(self.reach.network.length_m > 0)
        return edges, shapely.STRtree(self.reach.network.lines[edges])

    def share(self, rows: Ints, certain: Flags, hose_m: float) -> Floats:
        """Share of the perimeter within `hose_m`: as far as it is certain, elsewhere at best. Those of the last length are kept."""
        if self._shares.keys() != {hose_m}:
            self._shares.clear()
            self._shares[hose_m] = np.full((2, len(self.buildings)), np.nan), np.zeros((2, len(self.buildings)), dtype=bool)
        share, known = self._shares[hose_m]
        for side, asked in ((0, self.best), (1, self.worst)):
            new = np.unique(rows[(certain == bool(side)) & ~known[side, rows]])
            share[side, new] = reached_share(asked.yard, self.buildings, new, asked.of(new).length_m, hose_m=hose_m)
            known[side, new] = True
        return np.asarray(share[certain.astype(np.int64), rows])

    def by_unread(self, rows: Ints, hose_m: float) -> Flags:
        """Buildings that a hose might reach from a way that could not be read."""
        near = np.zeros(len(rows), dtype=bool)
        for way in self.unread:
            near |= shapely.dwithin(self.buildings[rows], way, hose_m)
        return near

    @cached_property
    def _shares(self) -> dict[float, tuple[Floats, Flags]]:
        return {}


def laid(view: View, need: Need, hose_m: float) -> Laid:
    """The hoses for one engine; those last asked for are kept."""
    cap = max(_CAP_M, _CAP_TIMES * hose_m)
    return latest(view, "hoses", (*limiting.revisions(view), need, cap), lambda _: _laid(view, need, cap))


def _laid(view: View, need: Need, cap_m: float) -> Laid:
    found, buildings = reach(view, need), view.metric("buildings")
    stands, perhaps = _stands(view, found)
    ground, perhaps_ground = _grounds(view)
    worst_yard = Yard(ground, stands)
    same = len(stands) == len(perhaps) and ground is perhaps_ground
    best_yard = worst_yard if same else Yard(perhaps_ground, perhaps)
    best = Asked(best_yard, buildings, cap_m=cap_m)
    worst = best if same else AskedAtWorst(worst_yard, best, same_ground=ground is perhaps_ground)
    ways = (view.metric("fire_lanes")[found.network.tangled_lanes], view.metric("roads")[found.network.tangled_roads])
    drawn = bool((found.network.length_m > 0).any()) or len(perhaps) > 0
    return Laid(best, worst, cap_m, drawn, found, buildings, np.concatenate(ways))


def _stands(view: View, found: Reach) -> tuple[Shapes, Shapes]:
    """Lines on which the engine surely gets to stand, and may: also lanes that join no road on the map, and the edges of lanes drawn as areas."""
    network = found.network
    long = network.length_m > 0
    joined, _ = components(network, np.ones(len(network.ends), dtype=bool))
    apart = (joined != 0)[network.ends].all(axis=1) & found.may
    lanes = view.metric("fire_lanes")
    areas = lanes[usable(lanes) & (shapely.get_dimensions(lanes) == 2)]
    edges = shapely.get_rings(shapely.get_parts(areas)) if len(areas) else np.empty(0, dtype=object)
    perhaps = np.concatenate([network.lines[long & (found.maybe | apart)], edges])
    return np.asarray(network.lines[long & found.sure], dtype=object), np.asarray(perhaps, dtype=object)


def _grounds(view: View) -> tuple[Ground, Ground]:
    """The ground with all that may stop a hose, and with what surely does; the same one where there is no difference."""
    revisions = (*limiting.revisions(view),)

    def make() -> tuple[Ground, Ground]:
        buildings, owner, walls, certain = _blocks(view)
        everything = Ground(np.concatenate([buildings, walls]), np.concatenate([owner, np.full(len(walls), -1)]))
        if certain.all():
            return everything, everything
        sure = walls[certain]
        return everything, Ground(np.concatenate([buildings, sure]), np.concatenate([owner, np.full(len(sure), -1)]))

    return latest(view, "hose-grounds", revisions, lambda _: make())


def _blocks(view: View) -> tuple[Shapes, Ints, Shapes, Flags]:
    """Buildings with their rows, and obstacles with whether they surely stop a hose; open where a gate or an arch is."""
    buildings = view.metric("buildings")
    rows = np.flatnonzero(usable(buildings) & (shapely.get_dimensions(buildings) == 2))
    frame, shapes = view.frame("obstacles"), view.metric("obstacles")
    kind = np.array([k if isinstance(k, str) else "" for k in texts(frame, "kind")], dtype=np.str_)
    there = ~np.isin(kind, PASSES) & frame["removed_on"].isna().to_numpy(dtype=bool)
    there &= usable(shapes) & (shapely.get_dimensions(shapes) > 0)
    walls = np.asarray(shapes[there], dtype=object)
    points, width = _openings(view)
    gated = np.flatnonzero(kind[there] != "shed")
    houses = _arched(view, np.asarray(buildings[rows], dtype=object), points, width)
    return houses, rows, _gated(walls, gated, points, width), np.isin(kind[there], STOPS)


def _openings(view: View) -> tuple[Shapes, Floats]:
    """Points of gates, arches and the like with the width that is open; one of width 0 is none."""
    found = ways_through(view).openings
    width = np.where(np.isnan(found.width_m), GAP_M, found.width_m)
    good = usable(found.points) & (width > 0)
    return np.asarray(found.points[good], dtype=object), width[good]


def _gated(walls: Shapes, gated: Ints, points: Shapes, width: Floats) -> Shapes:
    """Walls with the gates in them open; `gated`: those that a gate can be in."""
    point, wall = shapely.STRtree(walls[gated]).query(points, predicate="dwithin", distance=GAP_M)
    wall = gated[wall]
    at = shapely.get_point(shapely.shortest_line(walls[wall], points[point]), 0)
    return opened(walls, np.asarray(shapely.buffer(at, width[point] / 2), dtype=object), wall)


def _arched(view: View, buildings: Shapes, points: Shapes, width: Floats) -> Shapes:
    """Buildings with the lanes open that run through them at an archway."""
    point, building = shapely.STRtree(buildings).query(points, predicate="dwithin", distance=GAP_M)
    if not len(point):
        return buildings
    pair, lane = view.tree("fire_lanes").query(points[point], predicate="dwithin", distance=GAP_M)
    lanes = view.metric("fire_lanes")[lane]
    point, building = point[pair], building[pair]
    line = usable(lanes) & (shapely.get_dimensions(lanes) == 1) & shapely.is_valid(buildings[building])
    point, building, lanes = point[line], building[line], lanes[line]
    inside, of = shapely.get_parts(shapely.intersection(lanes, buildings[building]), return_index=True)
    through = shapely.dwithin(inside, points[point[of]], GAP_M) & (shapely.length(inside) > 0)
    inside, of = inside[through], of[through]
    gaps = shapely.buffer(inside, width[point[of]] / 2, cap_style="square")
    return opened(buildings, np.asarray(gaps, dtype=object), building[of])
