"""The widest route from a public road to each of some places, its narrowest point, and how these are told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.network.approach import Leads, best_of, led_to, widths_to
from geo.network.limits import NOTHING, effective
from geo.network.routes import Roads, Route, components, line_of, widest_m
from geo.questions.declaration import NO, UNKNOWN, YES, Flags, Floats, View
from geo.questions.reach.reach import Reach
from geo.questions.reach.telling import CAUSES, Seen, cause_of, described, plain_name, where
from geo.questions.shown import objects, stored_shapes
from geo.schema import Field

Ints = NDArray[np.int64]

BOTTLENECK_FIELDS = (
    Field("optimistic_m", "number", Text("不明处按可通过", "If what is unknown passes"), unit=Text("米", "m"), public=True),
    Field("pessimistic_m", "number", Text("不明处按不可通过", "If what is unknown does not"), unit=Text("米", "m"), public=True),
    Field("measured_share", "number", Text("路线实测比例", "Measured share of the route"), minimum=0, maximum=1, public=True),
    Field("route_m", "number", Text("路线长", "Length of the route"), unit=Text("米", "m"), public=True),
    Field("locked", "boolean", Text("途经上锁的门", "Through a locked gate"), public=True),
    Field("bottleneck_at", "text", Text("最窄处", "Narrowest place"), public=True),
    Field("cause", "choice", Text("最窄原因", "Cause"), choices=CAUSES, public=True),
)

RE_MEASURE_M = 0.10
"""A width on record this near to the limit should be measured again."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """One place's route: `edges` from the road on; `at` the edge that is its narrowest place (-1 = none); lengths in metres."""

    edges: tuple[int, ...]
    line: shapely.LineString | None
    at: int
    length_m: float
    measured_share: float


NEAR, FAR, APART = range(3)
"""A place that a way of the network leads to; one with none near; one whose ways join no public road."""


class Widest:
    """The widest routes to places (`shapes`, in metric CRS) that `leads` lead to, judged for the need of `reach`. `answer`: YES = the engine does not get there."""

    def __init__(self, view: View, reach: Reach, leads: Leads, shapes: NDArray[np.object_]) -> None:
        self.view, self.reach, self.leads, self.shapes = cast(View, Seen(view)), reach, leads, shapes
        self.count = count = len(shapes)
        network, need = reach.network, reach.need
        self.open_m = tuple(effective(reach.limits, need.height_m, unknown=unknown) for unknown in (np.inf, 0.0))
        self.pair_m = tuple(widths_to(leads, network, width, widest_m(network, width)) for width in self.open_m)
        self.optimistic_m, self.pessimistic_m = (best_of(leads, pair, count=count) for pair in self.pair_m)
        self.sure = led_to(leads, network, reach.passes, reach.node_sure, count=count)
        maybe = led_to(leads, network, reach.may, reach.node_maybe, count=count)
        self.state = self._states()
        self.answer = np.where(self.sure, NO, np.where(maybe | (self.state != NEAR), UNKNOWN, YES)).astype(np.int8)
        self._told: dict[int, Told] = {}

    def _states(self) -> NDArray[np.int8]:
        network, leads = self.reach.network, self.leads
        joined = components(network, np.ones(len(network.ends), dtype=bool))[0][network.ends[leads.edge]] == 0
        state = np.full(self.count, FAR, dtype=np.int8)
        state[leads.building] = APART
        state[leads.building[joined.any(axis=1)]] = NEAR
        return state

    @cached_property
    def value_m(self) -> Floats:
        """The narrowest place: at most this where the answer is yes, at least this where it is no; NaN = not known, or no limit."""
        same = self.optimistic_m == self.pessimistic_m
        value = np.where(self.answer == YES, self.optimistic_m, np.where((self.answer == NO) | same, self.pessimistic_m, np.nan))
        return np.where((self.state == NEAR) & np.isfinite(value), value, np.nan)

    @cached_property
    def _roads(self) -> Roads:
        return Roads(self.reach.network)

    @cached_property
    def _first(self) -> Ints:
        return np.searchsorted(self.leads.building, np.arange(self.count + 1))

    def told(self, row: int) -> Told:
        """The route to one place."""
        if row not in self._told:
            self._told[row] = self._tell(row)
        return self._told[row]

    def _tell(self, row: int) -> Told:
        nothing = Told((), None, -1, 0.0, np.nan)
        if self.state[row] != NEAR:
            return nothing
        mode = 1 if self.answer[row] == NO else 0
        width, least = self.open_m[mode], (self.optimistic_m, self.pessimistic_m)[mode][row]
        open_ = width >= least
        starts, at_road = self._starts(row, open_)
        if at_road >= 0:
            return Told((), None, at_road, 0.0, np.nan)
        route = self._roads.route([(metres, node, edge) for metres, node, edge, _ in starts], open_)
        if route is None:
            return nothing
        return self._of_route(row, route, {edge: foot for _, _, edge, foot in starts if foot is not None}, width)

    def _starts(self, row: int, open_: Flags) -> tuple[list[tuple[float, int, int, shapely.Point | None]], int]:
        """Where a route to the place may end: (metres on the last edge, node, that edge, the point on it); and a road that it stands at, or -1."""
        network, leads = self.reach.network, self.leads
        starts: list[tuple[float, int, int, shapely.Point | None]] = []
        for pair in range(self._first[row], self._first[row + 1]):
            edge = int(leads.edge[pair])
            u, v = network.ends[edge].tolist()
            if network.lane[edge] < 0:
                if open_[edge]:
                    return [], edge
                continue
            if open_[edge]:
                foot = self._foot(row, edge)
                along = float(shapely.line_locate_point(network.lines[edge], foot))
                starts += [(along, u, edge, foot), (float(network.length_m[edge]) - along, v, edge, foot)]
            starts += [(0.0, node, -1, None) for node, near in ((u, leads.start[pair]), (v, leads.end[pair])) if near]
        return starts, -1

    def _foot(self, row: int, edge: int) -> shapely.Point:
        """The point of the edge nearest to the place, its middle for a place without a shape."""
        line, shape = self.reach.network.lines[edge], self.shapes[row]
        near = (
            shapely.line_interpolate_point(line, 0.5, normalized=True)
            if shape is None
            else shapely.get_point(shapely.shortest_line(line, shape), 0)
        )
        return cast(shapely.Point, near)

    def _of_route(self, row: int, route: Route, feet: dict[int, shapely.Point], width_m: Floats) -> Told:
        network, limits = self.reach.network, self.reach.limits
        edges = np.array(route.edges, dtype=np.int64)
        if not len(edges):
            return Told((), None, -1, 0.0, np.nan)
        line = line_of(network, route, feet.get(route.edges[-1]))
        length = network.length_m[edges]
        share = float(length[limits.measured[edges]].sum() / length.sum()) if length.sum() > 0 else np.nan
        unsure = edges[self.reach.may[edges] & ~self.reach.passes[edges]]
        at = int(unsure[0]) if self.answer[row] == UNKNOWN and len(unsure) else int(edges[np.argmin(width_m[edges])])
        known = self.answer[row] == UNKNOWN or np.isfinite(width_m[at])
        return Told(route.edges, line, at if known else -1, 0.0 if line is None else float(line.length), share)

    # what is told of an edge

    def named(self, edge: int) -> Text:
        """The place of a limit with its figure, in a sentence."""
        return described(self.view, self.reach, edge)

    def column(self, name: str, rows: Ints) -> NDArray[np.generic]:
        """One of BOTTLENECK_FIELDS, or `basis` and `re_measure`, for some places."""
        if name in ("optimistic_m", "pessimistic_m"):
            values = getattr(self, name)[rows]
            return np.where((self.state[rows] == NEAR) & np.isfinite(values), values, np.nan)
        told = [self.told(int(row)) for row in rows]
        if name == "measured_share":
            return np.array([round(t.measured_share, 3) for t in told], dtype=np.float64)
        if name == "route_m":
            return np.array([round(t.length_m, 1) if t.edges else np.nan for t in told], dtype=np.float64)
        values = [self._word(name, int(row), t) for row, t in zip(rows, told, strict=True)]
        return objects(values)

    def _word(self, name: str, row: int, told: Told) -> str | bool | None:
        limits = self.reach.limits
        if name == "locked":
            return bool(limits.locked[list(told.edges)].any()) if told.edges else None
        if name == "re_measure":
            value = self.value_m[row]
            near = told.at >= 0 and not limits.measured[told.at] and abs(value - self.reach.need.width_m) <= RE_MEASURE_M + 1e-9
            return bool(near)
        if told.at < 0 or (limits.cause[told.at] == NOTHING and not self._low(told.at)):
            return None
        if name == "basis":
            return None if np.isnan(self.value_m[row]) else "measured" if limits.measured[told.at] else "declared"
        return cause_of(self.reach, told.at) if name == "cause" else plain_name(self.view, self.reach, told.at)

    def behind_lock(self, row: int) -> Text:
        """A locked gate delays and does not stop: it is said."""
        told = self.told(row)
        locked = [e for e in told.edges if self.reach.limits.locked[e]]
        if not locked:
            return Text("", "")
        name = plain_name(self.view, self.reach, locked[0]) if self.reach.limits.spot[locked[0]] >= 0 else ""
        return Text(f"；途经平时上锁的出入口“{name}”", f"; the route passes '{name}', which is normally locked")

    def _low(self, edge: int) -> bool:
        return not self.reach.limits.height_m[edge] >= self.reach.need.height_m

    def shape(self, id: str, rows: Ints) -> NDArray[np.object_]:
        """`route` or `bottleneck` in EPSG:4326."""
        told = [self.told(int(row)) for row in rows]
        shapes = [t.line if id == "route" else where(self.reach, t.at) if t.at >= 0 and t.edges else None for t in told]
        return stored_shapes(self.view, objects(shapes))
