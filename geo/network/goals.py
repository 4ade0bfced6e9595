"""What taut lines have to reach: outlines with their walls and corners, and points. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.network.ground import Floats, Ground, Ints, Shapes


@dataclass(frozen=True, slots=True, eq=False)
class Goals:
    """What lines have to reach, a value each: `shapes`, areas or points, `rows` of buildings (-1 = none); their walls `start`, `end` (n, 2) with
    `of`, pairs `own` (goal, corner) of areas and their corners, and points `beside` (n, 2) off the walls of areas (`beside_of`) where those run
    into what stands against them."""

    shapes: Shapes
    rows: Ints
    start: Floats
    end: Floats
    of: Ints
    own: Ints
    beside: Floats
    beside_of: Ints

    @classmethod
    def build(cls, shapes: Shapes, rows: Ints, ground: Ground) -> Goals:
        corners = ground.corners
        areal = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
        parts, of_part = shapely.get_parts(shapes[areal], return_index=True)
        rings, of_ring = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        same = np.flatnonzero((ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1))
        of = areal[of_part[of_ring[ring[same]]]] if len(same) else np.zeros(0, dtype=np.int64)
        order = np.argsort(rows[areal], kind="stable")
        at = np.searchsorted(rows[areal], corners.owner, sorter=order).clip(max=max(len(areal) - 1, 0))
        mine = np.flatnonzero(rows[areal][order][at] == corners.owner) if len(areal) else np.zeros(0, dtype=np.int64)
        own = np.stack([areal[order][at[mine]], mine], axis=1) if len(mine) else np.zeros((0, 2), dtype=np.int64)
        beside, beside_of = ground.beside(shapes, rows, areal)
        pairs = own[np.argsort(own[:, 0], kind="stable")]
        return cls(shapes, rows, xy[same], xy[same + 1], of, pairs, beside, beside_of)

    def chosen(self, goals: Ints) -> Goals:
        """Some of them, in ascending order."""
        place = np.full(len(self.shapes), -1)
        place[goals] = np.arange(len(goals))
        wall, own = place[self.of] >= 0, place[self.own[:, 0]] >= 0
        pairs = np.stack([place[self.own[own, 0]], self.own[own, 1]], axis=1)
        near = place[self.beside_of] >= 0
        walls = self.start[wall], self.end[wall], place[self.of[wall]]
        return Goals(self.shapes[goals], self.rows[goals], *walls, pairs, self.beside[near], place[self.beside_of[near]])


def feet_on_walls(goals: Goals, goal: Ints, point: Ints, xy: Floats) -> tuple[Ints, Ints, Floats]:
    """For pairs of a goal and a point: (goal, point, foot) on each wall that has its foot between the ends."""
    first = np.searchsorted(goals.of, goal, side="left")
    many = np.searchsorted(goals.of, goal, side="right") - first
    pair = np.repeat(np.arange(len(goal)), many)
    wall = np.arange(len(pair)) - np.repeat(np.cumsum(many) - many, many) + first[pair]
    foot, share = foot_of(xy[point[pair]], goals.start[wall], goals.end[wall], clip=False)
    good = (share > 0) & (share < 1)
    return goal[pair[good]], point[pair[good]], foot[good]


def foot_of(points: Floats, a: Floats, b: Floats, *, clip: bool) -> tuple[Floats, Floats]:
    """Feet of points on straight pieces, pair by pair, and where along them (0…1)."""
    along = b - a
    size = (along**2).sum(axis=1)
    share = ((points - a) * along).sum(axis=1) / np.where(size == 0, 1, size)
    share = np.clip(share, 0, 1) if clip else share
    return a + share[:, None] * along, share
