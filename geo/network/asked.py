"""Hoses to many buildings, each laid when it is asked for: most can be told to reach without. Metric CRS (metres)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.ground import Flags, Ints, Shapes
from geo.network.hose import ENCLOSED, SPENT, UNPLACED, Hoses, Yard

_SAME_M = 1e-6


class Asked:
    """The hoses to all `targets` (rows 0, 1, …) in one yard, each laid when it is asked for and then kept."""

    def __init__(self, yard: Yard, targets: Shapes, *, cap_m: float) -> None:
        self.yard, self.targets, self.cap_m = yard, targets, cap_m
        self._made, self.known = Hoses.none(len(targets), UNPLACED), np.zeros(len(targets), dtype=bool)
        self._at_most_m = np.full(len(targets), np.nan)

    def of(self, rows: Ints) -> Hoses:
        """The hoses to some targets."""
        new = np.unique(rows[~self.known[rows]])
        if len(new):
            self._keep(new, self._laid(new))
        return Hoses(self._made.length_m[rows], self._made.state[rows], self._made.lines[rows])

    def within(self, rows: Ints, hose_m: float) -> Flags:
        """Which of these targets a hose of `hose_m` reaches, lengths to the centimetre; most are told without laying one."""
        new = rows[~self.known[rows] & np.isnan(self._at_most_m[rows])]
        self._at_most_m[new] = self.yard.at_most_m(self.targets[new], new)
        reached = self._at_most_m[rows] <= hose_m
        left = np.flatnonzero(~reached)
        reached[left] = np.round(self.of(rows[left]).length_m, 2) <= hose_m
        return reached

    def spent(self, rows: Ints) -> Flags:
        """Those of these targets for which the search was given up."""
        return np.asarray(self.known[rows] & (self._made.state[rows] == SPENT), dtype=bool)

    def walled_off(self, rows: Ints) -> Ints:
        """Those of these targets that no hose of any length reaches."""
        doubtful = rows[~np.isfinite(self._at_most_m[rows])]
        return np.asarray(doubtful[self.of(doubtful).state == ENCLOSED], dtype=np.int64)

    def _laid(self, rows: Ints) -> Hoses:
        return self.yard.hoses(self.targets[rows], rows, cap_m=self.cap_m)

    def _keep(self, rows: Ints, found: Hoses) -> None:
        self._made.put(rows, found)
        self.known[rows] = True


class AskedAtWorst(Asked):
    """Where some stands are only possible: a hose that `best` lays from where the engine surely stands, on the same ground, is the same."""

    def __init__(self, yard: Yard, best: Asked, *, same_ground: bool) -> None:
        super().__init__(yard, best.targets, cap_m=best.cap_m)
        self.best, self.same_ground = best, same_ground

    def _laid(self, rows: Ints) -> Hoses:
        known = self.best.known[rows]
        found = Hoses.none(len(rows), UNPLACED)
        found.put(np.flatnonzero(known), self.best.of(rows[known]))
        rest = np.flatnonzero(~self._same(found))
        found.put(rest, self.yard.hoses(self.targets[rows[rest]], rows[rest], cap_m=self.cap_m, least_m=found.length_m[rest].copy()))
        return found

    def _same(self, found: Hoses) -> Flags:
        """Hoses that start where the engine surely stands."""
        same = np.zeros(len(found.state), dtype=bool)
        laid = np.flatnonzero(~shapely.is_missing(found.lines))
        if self.same_ground and len(self.yard.bare) and len(laid):
            ends = shapely.get_point(found.lines[laid], -1)
            same[laid[shapely.STRtree(self.yard.bare).query(ends, predicate="dwithin", distance=_SAME_M)[0]]] = True
        return same
