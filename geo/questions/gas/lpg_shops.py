"""What is on record of bottled gas in shops, the building of each, and whether people live in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.gas import lpg
from geo.gas.attach import usable
from geo.gas.distances import DOT_M
from geo.gas.lpg import NO, UNKNOWN, YES, Codes
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Flags, Floats, View, latest

Ints = NDArray[np.int64]

READS = ("shops", "buildings")

BESIDE_M = 10.0
"""A shop of which only the place is known may belong to a building this near. The project's own default."""

_NONE = np.array([None], dtype=object)
_DWELLINGS = ("residential", "mixed")
_NO_DWELLINGS = ("commercial", "office", "public", "industrial", "ancillary")


@dataclass(frozen=True, slots=True, eq=False)
class LpgShops:
    """One value a shop; YES, NO or UNKNOWN where nothing else is said. Metric CRS.

    `uses` bottled gas; `kg` held (NaN = not known); `room`: a cylinder room; `below` ground; `building`: its row, -1 = not known;
    `dwellings`: people live in the same building, or sleep in the shop; `dwelling`: the row of the nearest building with dwellings (-1 = none) and
    `dwelling_m` how far it is, 0 = the same building (NaN = not known, or not asked because there is no bottled gas)."""

    uses: Codes
    kg: Floats
    room: Codes
    below: Codes
    sleeps: Codes
    building: Ints
    dwellings: Codes
    dwelling: Ints
    dwelling_m: Floats
    placed: Flags


def lpg_shops(view: View) -> LpgShops:
    revisions = (view.layer_revision("shops"), view.layer_revision("buildings"), view.metric_crs)
    return latest(view, "lpg-shops", revisions, lambda _: _lpg_shops(view))


def closed(view: View) -> Flags:
    """Shops that have closed down by the view's day."""
    days = texts(view.frame("shops"), "closed_on")
    return np.fromiter((isinstance(d, str) and d <= view.as_of for d in days), dtype=bool, count=len(days))


def dwellings_of(view: View) -> Codes:
    """Which buildings people live in, by use, else by households."""
    return latest(view, "buildings-with-dwellings", view.layer_revision("buildings"), lambda _: _dwellings_of(view))


def _dwellings_of(view: View) -> Codes:
    buildings = view.frame("buildings")
    use, households = texts(buildings, "use").astype(str), numbers(buildings, "households")
    with np.errstate(invalid="ignore"):
        cases = [np.isin(use, _DWELLINGS) | (households > 0), np.isin(use, _NO_DWELLINGS) | (households == 0)]
    return np.select(cases, [YES, NO], UNKNOWN).astype(np.int8)


def _lpg_shops(view: View) -> LpgShops:
    shops = view.frame("shops")
    bottles = numbers(shops, "lpg_bottles_n")
    uses = lpg.uses_lpg(texts(shops, "fuel"), texts(shops, "kind"), numbers(shops, "lpg_kg"), bottles)
    sleeps = _three(texts(shops, "sleeps_in"))
    placed = usable(view.metric("shops")) & (texts(shops, "quality") != "inferred")  # a place taken from its compound is none of its own
    building = _buildings_of(view, placed)
    living, nearest, away = _beside_dwellings(view, building, np.flatnonzero(uses != NO), placed)
    living[(sleeps == YES)] = YES
    return LpgShops(
        uses,
        lpg.held_kg(numbers(shops, "lpg_kg"), bottles, uses),
        _three(texts(shops, "has_bottle_room")),
        lpg.below_ground(texts(shops, "floor")),
        sleeps,
        building,
        living,
        nearest,
        away,
        placed,
    )


def _three(said: NDArray[np.object_]) -> Codes:
    return np.select([said == "yes", said == "no"], [YES, NO], UNKNOWN).astype(np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class _Around:
    """The buildings as shops are looked up in them: by code (`first`: the row of each), the outlines of those with dwellings, and of those that may
    have some, where a building known as a point may reach further."""

    codes: pd.Index
    first: Ints
    dwellings: Ints
    dwelling_tree: shapely.STRtree
    possible_tree: shapely.STRtree
    any_placed: bool


def _around(view: View) -> _Around:
    return latest(view, "buildings-around-shops", (view.layer_revision("buildings"), view.metric_crs), lambda _: _look_around(view))


def _look_around(view: View) -> _Around:
    codes, outlines, living = pd.Index(texts(view.frame("buildings"), "code")), view.metric("buildings"), dwellings_of(view)
    first = np.flatnonzero(~np.asarray(codes.duplicated(keep=False) | codes.isna(), dtype=bool))
    placed = usable(outlines)
    dwellings = np.flatnonzero(placed & (living == YES))
    possible = np.flatnonzero(placed & (living != NO))
    reach = outlines[possible]
    dots = shapely.get_dimensions(reach) == 0
    reach[dots] = shapely.buffer(reach[dots], DOT_M)
    return _Around(codes[first], first, dwellings, shapely.STRtree(outlines[dwellings]), shapely.STRtree(reach), bool(placed.any()))


def _buildings_of(view: View, placed: Flags) -> Ints:
    """The building that a shop names, else the only one whose outline it lies in."""
    around = _around(view)
    found = np.append(around.first, -1)[around.codes.get_indexer(pd.Index(texts(view.frame("shops"), "building_code")))]
    rows = np.flatnonzero((found < 0) & placed)
    if len(rows):
        points = shapely.point_on_surface(view.metric("shops")[rows])
        at, building = view.tree("buildings").query(points, predicate="intersects")
        alone = np.bincount(at, minlength=len(rows))[at] == 1
        found[rows[at[alone]]] = building[alone]
    return np.asarray(found, dtype=np.int64)


def _beside_dwellings(view: View, building: Ints, asked: Ints, placed: Flags) -> tuple[Codes, Ints, Floats]:
    """For the shops asked: whether people live in their building, the nearest building with dwellings and the distance to it."""
    count, living, around = len(building), dwellings_of(view), _around(view)
    answer, nearest, away = np.full(count, UNKNOWN, dtype=np.int8), np.full(count, -1, dtype=np.int64), np.full(count, np.nan)
    known = asked[building[asked] >= 0]
    answer[known] = living[building[known]]
    same = known[answer[known] == YES]
    nearest[same], away[same] = building[same], 0.0
    others = asked[answer[asked] != YES]
    shapes = view.metric("shops")
    here = np.where(placed[others], shapes[others], np.append(view.metric("buildings"), _NONE)[building[others]])
    others, here = others[usable(here)], here[usable(here)]
    found, away[others] = _nearest(here, around.dwelling_tree)
    nearest[others] = np.append(around.dwellings, -1)[found]
    unnamed = pd.isna(texts(view.frame("shops"), "building_code"))
    alone = others[(building[others] < 0) & unnamed[others]]
    if around.any_placed:
        _, possible = _nearest(shapes[alone], around.possible_tree)
        answer[alone[~(possible <= BESIDE_M)]] = NO
    return answer, nearest, away


def _nearest(here: NDArray[np.object_], tree: shapely.STRtree) -> tuple[Ints, Floats]:
    """The nearest of a tree to each of `here` and the distance; -1 and NaN where there is none."""
    row, away = np.full(len(here), -1, dtype=np.int64), np.full(len(here), np.nan)
    if len(here) and len(tree):
        (at, found), distance = tree.query_nearest(here, return_distance=True, all_matches=False)
        row[at], away[at] = found, np.round(distance, 2)
    return row, away
