"""FA-09: what stands in a lane, or between it and the buildings that are fought from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geo.errors import Text
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View, latest
from geo.questions.lanes.standing import gate_widths, words
from geo.questions.naming import named_row
from geo.rules.declaration import FAIL, PASS, UNKNOWN, Judgement, Rows, Rule, limit
from geo.rules.fire.serving import FIGURES, READS, served
from geo.rules.fire.telling import LANE, MEASURED, Missing, Shapes, judgement, nowhere, placed, sentences, unplaced

_NOT_IN_LANE = ("wall", "fence", "cable", "branch")
"""Walls and fences bound a lane: FA-01 measures what they leave. What hangs over it is FA-02's."""

_NOT_OBSTACLES = ("parking_strip", "step", "hedge")
"""Parked cars are FA-18's; steps are part of their building; hedges and flower beds are low, and their part in a width is FA-01's."""

_INSIDE_M = 0.05
_EDGE_M = 0.1
"""What stands this near to the edge of a lane stands beside it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Things:
    """Obstacles and fixed bollards, as (layer, row); `ground`: it may stand in a lane."""

    layers: tuple[str, ...]
    layer: Rows
    row: Rows
    shapes: Shapes
    ground: np.ndarray

    def at(self, thing: int) -> tuple[str, int]:
        return self.layers[self.layer[thing]], int(self.row[thing])


def _things(view: View) -> _Things:
    obstacles, access = view.frame("obstacles"), view.frame("access_points")
    kind = words(texts(obstacles, "kind"))
    there = obstacles["removed_on"].isna().to_numpy(dtype=bool) & ~np.isin(kind, _NOT_OBSTACLES) & placed(view.metric("obstacles"))
    fixed = (texts(access, "kind") == "bollard") & (texts(access, "removable") != "yes") & np.isnan(gate_widths(access))
    rows, bollards = np.flatnonzero(there), np.flatnonzero(fixed & placed(view.metric("access_points")))
    ground = np.concatenate([~np.isin(kind[rows], _NOT_IN_LANE), np.ones(len(bollards), dtype=bool)])
    shapes = np.concatenate([view.metric("obstacles")[rows], view.metric("access_points")[bollards]])
    layer = np.repeat([0, 1], [len(rows), len(bollards)])
    return _Things(("obstacles", "access_points"), layer, np.concatenate([rows, bollards]), shapes, ground)


def _kept_clear(view: View) -> Judgement:
    """How many obstacles stand in the lane, or between it and a building that it leads to.

    In the lane: within half of the clear width on record, at most half of `lane_width_m`, of the centreline, less 0.1 m, or in the area it is drawn
    as; walls, fences, cables and branches are not counted here. Between: of an obstacle, p is its point nearest to the building, w the wall's point nearest
    to p and c the lane's point nearest to p; it stands between when p is off the lane's strip, w and c lie in opposite directions from p (a right
    angle or more apart), the way w-p-c is no longer than `rescue_strip_m`, and p-c does not go through the building. Removed ones, parking
    strips, steps and hedges do not count. Where not one obstacle is on record nobody has looked: unknown.
    """
    lanes, things = view.metric("fire_lanes"), _things(view)
    there, count = placed(lanes), len(lanes)
    half = _half(view, lanes)
    inside, between = _in_lanes(view, things, half), _between(view, things, half)
    pairs = pd.DataFrame(np.concatenate([inside, between]), columns=["lane", "thing", "building"])
    pairs = pairs.drop_duplicates(["lane", "thing"]).sort_values(["lane", "building", "thing"], kind="stable")
    number_of = np.bincount(pairs["lane"], minlength=count).astype(np.float64)
    nobody = not len(view.frame("obstacles"))
    result = np.where(number_of > 0, FAIL, np.where(~there | nobody, UNKNOWN, PASS)).astype(np.int8)
    first = pairs.drop_duplicates("lane")
    thing, building = nowhere(count), nowhere(count)
    thing[first["lane"]], building[first["lane"]] = first["thing"], first["building"]

    def tell(row: int) -> Text:
        if result[row] == PASS:
            return Text("通道内、通道与楼之间没有登记障碍物", "no obstacle is on record in it or between it and the buildings")
        if result[row] == UNKNOWN:
            return (
                unplaced(LANE)
                if not there[row]
                else Text(
                    "障碍物一处也没有登记，等于没有看过，不能判定", "not one obstacle is on record: nobody has looked, so it cannot be told"
                )
            )
        name = named_row(view, *things.at(thing[row]))
        if building[row] < 0:
            said = Text(f"{name.zh}在通道内", f"{name.en} stands in the lane")
        else:
            house = named_row(view, "buildings", int(building[row]))
            said = Text(f"{name.zh}在通道与{house.zh}之间", f"{name.en} stands between the lane and {house.en}")
        more = int(number_of[row]) - 1
        return Text(f"{said.zh}，另有 {more} 处", f"{said.en}, and {more} more") if more else said

    def where(rows: Rows) -> Shapes:
        found = np.full(len(rows), None, dtype=object)
        has = thing[rows] >= 0
        found[has] = shapely.get_point(shapely.shortest_line(things.shapes[thing[rows[has]]], lanes[rows[has]]), 0)
        return found

    bounds = np.searchsorted(pairs["lane"].to_numpy(), np.arange(count + 1))
    listed = pairs["thing"].to_numpy()
    missing = Missing(result == UNKNOWN).own(~there, "fire_lanes", "geometry")
    missing.add(np.ones(count, dtype=bool), "obstacles", "kind", -1)
    heads = {FAIL: Text("有障碍物，应为 0 处", "obstacles, where there should be none")}
    return judgement(
        result, np.where(result == UNKNOWN, np.nan, number_of), limit(count, 0.0), np.where(result == UNKNOWN, -1, MEASURED),
        sentences(result, heads, tell), where=where, lacks=missing.lacks(),
        involved=lambda rows: [[things.at(t) for t in listed[bounds[row] : bounds[row + 1]]] for row in rows],
    )  # fmt: skip


def _half(view: View, lanes: Shapes) -> np.ndarray:
    width, most = numbers(view.frame("fire_lanes"), "clear_width_m"), view.profile["lane_width_m"]
    return np.where(shapely.get_dimensions(lanes) == 2, 0.0, np.where(width > 0, np.minimum(width, most), most) / 2)


def _in_lanes(view: View, things: _Things, half: np.ndarray) -> np.ndarray:
    rows = np.flatnonzero(things.ground)
    lanes = view.metric("fire_lanes")
    at, lane = view.tree("fire_lanes").query(things.shapes[rows], predicate="dwithin", distance=float(half.max(initial=0.0)))
    near = shapely.distance(things.shapes[rows[at]], lanes[lane]) <= np.maximum(half[lane] - _EDGE_M, 0.0)
    return np.column_stack([lane[near], rows[at[near]], np.full(int(near.sum()), -1)])


def _between(view: View, things: _Things, half: np.ndarray) -> np.ndarray:
    """(lane, thing, building) of what stands between the two."""
    to = served(view)
    near = latest(view, "things-between", _drawn(view), lambda _: _all_between(view, things))
    led = to.lane * np.int64(len(view.frame("buildings")) or 1) + to.building
    key = near.lane * np.int64(len(view.frame("buildings")) or 1) + near.building
    rows = np.flatnonzero(np.isin(key, led) & (near.lane_m > half[near.lane]))
    return np.column_stack([near.lane[rows], near.thing[rows], near.building[rows]])


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    """What stands between any lane and any building, and how far from the lane's line."""

    lane: Rows
    thing: Rows
    building: Rows
    lane_m: np.ndarray


def _drawn(view: View) -> tuple[object, ...]:
    """What of the layers tells what stands where."""
    columns = {
        "obstacles": ("geometry", "kind", "removed_on"),
        "access_points": ("geometry", "kind", "removable", "gate_width_m"),
        "fire_lanes": ("geometry",),
        "buildings": ("geometry",),
    }
    revisions = tuple(view.columns_revision(id, *names) for id, names in columns.items())
    return (*revisions, view.metric_crs, view.profile.id, view.profile.version)


def _all_between(view: View, things: _Things) -> _Near:
    lanes, buildings, reach = view.metric("fire_lanes"), view.metric("buildings"), view.profile["rescue_strip_m"]
    by_lane = view.tree("fire_lanes").query(things.shapes, predicate="dwithin", distance=reach)
    by_building = view.tree("buildings").query(things.shapes, predicate="dwithin", distance=reach)
    found = pd.DataFrame({"thing": by_lane[0], "lane": by_lane[1]}).merge(
        pd.DataFrame({"thing": by_building[0], "building": by_building[1]}), on="thing"
    )
    thing, lane, building = (found[name].to_numpy(dtype=np.int64) for name in ("thing", "lane", "building"))
    to_wall = shapely.shortest_line(things.shapes[thing], buildings[building])
    place = shapely.get_point(to_wall, 0)
    to_lane = shapely.shortest_line(place, lanes[lane])
    wall_m, lane_m = shapely.length(to_wall), shapely.length(to_lane)
    opposite = (_step(to_wall) * _step(to_lane)).sum(axis=1) <= 1e-9
    rows = np.flatnonzero(opposite & (wall_m + lane_m <= reach + 1e-9) & (lane_m > 0))
    through = shapely.length(shapely.intersection(to_lane[rows], shapely.make_valid(buildings[building[rows]]))) > _INSIDE_M
    rows = rows[~through]
    return _Near(lane[rows], thing[rows], building[rows], lane_m[rows])


def _step(lines: Shapes) -> np.ndarray:
    """From the first to the last point of each."""
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    return np.asarray(ends[:, 1] - ends[:, 0])


KEPT_CLEAR = Rule(
    "FA-09", 109, Text("通道与扑救面障碍物", "Obstacles on a lane and before the rescue face"), "fire_lanes", tuple(dict.fromkeys((*READS, "buildings"))),
    _kept_clear, Text("处", "obstacles"), ("rescue_strip_m", "lane_width_m", *FIGURES),
)  # fmt: skip
