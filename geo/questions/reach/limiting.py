"""What limits an engine on the network, put together from the layers: lanes as recorded and as drawn, gates, cables and open blocked-lane records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lanes import comparison
from geo.lanes.clear_width import MEASURED, OPEN, UNKNOWN_OPENING, clear_widths
from geo.network.limits import Limits, Spots, Widths
from geo.network.refining import limits_of
from geo.questions.declaration import Floats, View, latest
from geo.questions.lanes import scene
from geo.questions.lanes.blocked import BY_COMPOUND, DOUBTFUL, OVER
from geo.questions.lanes.measuring import measured_widths
from geo.questions.lanes.record import stored_widths
from geo.questions.lanes.standing import Obstructions, number, obstructions, text, ways_through
from geo.questions.reach import ways
from geo.questions.sources import UNSAID

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

READS = tuple(dict.fromkeys((*ways.READS, *scene.READS, "hazards")))
"""Layers that the limits are made of."""

ACCESS, HAZARD, OVERHEAD = range(3)
"""What a spot is: a row of access_points, of hazards, of obstacles (cables, branches)."""

_OVER_LANE_M = 2.5
"""An access point or a branch this near to a centreline stands on it or over it."""
_SMALL_GATE_M = 0.5
"""How near a gate for pedestrians must be: it often stands beside the gate for vehicles."""
_CABLE_M = 0.1
_SAME_M = 0.05


class Spotted:
    """Spots with where each is from: `kind` (ACCESS, HAZARD, OVERHEAD) and `row` in its layer."""

    def __init__(self, parts: list[tuple[int, Ints, Spots]]) -> None:
        self.kind = np.concatenate([np.full(len(rows), kind, dtype=np.int8) for kind, rows, _ in parts])
        self.row = np.concatenate([rows for _, rows, _ in parts])
        names = ("shapes", "width_m", "height_m", "reach_m", "every", "drawn", "locked")
        self.spots = Spots(*(np.concatenate([getattr(spots, name) for _, _, spots in parts]) for name in names))


class Limiting:
    """The limits of a view with the spots they name, and the obstacles (`standing`) whose positions they hold."""

    def __init__(self, limits: Limits, spotted: Spotted, standing: Obstructions) -> None:
        self.limits, self.spotted, self.standing = limits, spotted, standing


def limiting(view: View) -> Limiting:
    """Everything that limits an engine, kept for the revisions of the layers it is made of."""
    return latest(view, "limiting", revisions(view), lambda _: _limiting(view))


def revisions(view: View) -> tuple[object, ...]:
    return (*(view.layer_revision(id) for id in READS), view.metric_crs, view.profile.id, view.profile.version)


def _limiting(view: View) -> Limiting:
    spotted = Spotted([_access(view), _hazards(view), _overhead(view)])
    lanes, roads = view.frame("fire_lanes"), view.frame("roads")
    passage = text(lanes, "kind") == "passage"
    height = number(lanes, "clear_height_m")
    found = limits_of(
        ways.network(view),
        spotted.spots,
        _Drawing(view),
        road_width_m=_or_none(number(roads, "road_width_m")),
        lane_height_m=np.where(passage, height, _or_none(height)),
        road_height_m=_or_none(number(roads, "clear_height_m")),
    )
    return Limiting(found, spotted, obstructions(view))


def _or_none(values: Floats) -> Floats:
    """What is not on record does not limit: a road, or the sky over a lane."""
    return np.where(np.isnan(values), np.inf, values)


def _access(view: View) -> tuple[int, Ints, Spots]:
    frame = view.frame("access_points")
    kind, width, height = text(frame, "kind"), number(frame, "gate_width_m"), number(frame, "gate_height_m")
    fixed = ~((text(frame, "removable") == "yes") & np.isin(_words(kind), ("bollard", "chain")))
    only_high = (kind == "height_bar") & np.isnan(width)
    roofed = np.isin(_words(kind), ("arch", "height_bar"))
    reach = np.where(kind == "pedestrian_gate", _SMALL_GATE_M, _OVER_LANE_M)
    locked = (text(frame, "normally_locked") == "yes") & (text(frame, "remote_open") != "yes")
    nowhere = np.zeros(len(frame), dtype=bool)
    spots = Spots(
        view.metric("access_points"), np.where(fixed & ~only_high, width, np.inf), np.where(roofed, height, _or_none(height)), reach,
        nowhere, np.asarray(kind == "bollard", dtype=bool), np.asarray(locked, dtype=bool),
    )  # fmt: skip
    return ACCESS, np.arange(len(frame)), spots


def _hazards(view: View) -> tuple[int, Ints, Spots]:
    frame = view.frame("hazards")
    status = _words(text(frame, "status"))
    there = (text(frame, "hazard_type") == "fire_lane_blocked") & (text(frame, "geom_method") != BY_COMPOUND)
    rows = np.flatnonzero(there & ~np.isin(status, OVER))
    count = len(rows)
    width = np.where(np.isin(status[rows], DOUBTFUL), np.nan, 0.0)
    no = np.zeros(count, dtype=bool)
    reach = np.full(count, view.profile["blocked_hazard_m"])
    return HAZARD, rows, Spots(view.metric("hazards")[rows], width, np.full(count, np.inf), reach, ~no, no, no.copy())


def _overhead(view: View) -> tuple[int, Ints, Spots]:
    frame = view.frame("obstacles")
    kind = _words(text(frame, "kind"))
    rows = np.flatnonzero(np.isin(kind, ("cable", "branch")) & frame["removed_on"].isna().to_numpy(dtype=bool))
    count = len(rows)
    shapes = view.metric("obstacles")[rows]
    reach = np.where(shapely.get_dimensions(shapes) == 0, _OVER_LANE_M, _CABLE_M)
    no = np.zeros(count, dtype=bool)
    return OVERHEAD, rows, Spots(shapes, np.full(count, np.inf), number(frame, "clear_height_m")[rows], reach, ~no, no, no.copy())


def _words(values: NDArray[np.object_]) -> NDArray[np.str_]:
    return np.array([v if isinstance(v, str) else "" for v in values], dtype=np.str_)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What the drawing gives for lines, one value each: as ClearWidths, with the accuracy and the rank of what makes the narrowest place."""

    state: Codes
    width_m: Floats
    pinch: Shapes
    first: Ints
    second: Ints
    opening: Ints
    accuracy_m: Floats
    rank: Codes

    @property
    def known_m(self) -> Floats:
        return np.where(self.state == MEASURED, self.width_m, np.nan)

    def __getitem__(self, rows: Ints) -> _Drawn:
        return _Drawn(*(getattr(self, name)[rows] for name in _DRAWN))


_DRAWN = ("state", "width_m", "pinch", "first", "second", "opening", "accuracy_m", "rank")


class _Drawing:
    """Measures pieces of lanes among what is drawn, and weighs that against the lane's record; `geo.network.refining.Measure`."""

    def __init__(self, view: View) -> None:
        self.standing, self.ways = obstructions(view), ways_through(view)
        self.corridor_m = view.profile["corridor_m"]
        made = measured_widths(view, parking=False)
        key, opened = self.standing.key(), self.ways.id
        at = _positions(opened, made.opening)
        self.lanes = self._worth(made.state, made.width_m, made.pinch, _positions(key, made.first), _positions(key, made.second), at)
        self.recorded = _Recorded(view, self.lanes, self.ways.row)

    def __call__(self, lines: Shapes | None, lane: Ints) -> Widths:
        if lines is None:
            return self.recorded.weighed(self.lanes[lane], lane)
        made = clear_widths(lines, self.standing.obstacles, self.ways.openings, corridor_m=self.corridor_m)
        return self.recorded.weighed(self._worth(made.state, made.width_m, made.pinch, made.first, made.second, made.opening), lane)

    def _worth(self, state: Codes, width_m: Floats, pinch: Shapes, first: Ints, second: Ints, opening: Ints) -> _Drawn:
        """The worse of the two contacts, or what the opening is worth."""
        accuracy, rank = np.append(self.standing.accuracy_m, np.nan), np.append(self.standing.rank, np.int8(-1))
        own, own_rank = np.append(self.ways.accuracy_m, np.nan), np.append(self.ways.rank, np.int8(UNSAID))
        worst, least = np.fmax(accuracy[first], accuracy[second]), np.maximum(rank[first], rank[second])
        worst, least = np.where(opening >= 0, own[opening], worst), np.where(opening >= 0, own_rank[opening], least)
        return _Drawn(state, width_m, pinch, first, second, opening, worst, np.where(least < 0, UNSAID, least).astype(np.int8))


def _positions(keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted key stands in `keys`, -1 = nowhere."""
    if not len(keys):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    at = order[np.searchsorted(keys, wanted, sorter=order).clip(max=len(keys) - 1)]
    return np.asarray(np.where(keys[at] == wanted, at, -1), dtype=np.int64)


class _Recorded:
    """The width that each lane has on record, and which of that and the drawing is to be trusted; a drawing with nothing on one side is only a bound."""

    def __init__(self, view: View, drawn: _Drawn, way_row: Ints) -> None:
        stored = stored_widths(view)
        self.width_m = np.where(stored.width_m >= 0, stored.width_m, np.nan)
        self.accuracy_m = stored.accuracy_m
        self.measured = np.asarray(stored.basis == comparison.MEASURED, dtype=bool)
        self.drawn_m = drawn.known_m
        basis = np.full(len(self.drawn_m), comparison.MEASURED, dtype=np.int8)
        computed = comparison.Widths(self.drawn_m, basis, drawn.accuracy_m, drawn.rank)
        bound = (drawn.opening < 0) & ((drawn.first < 0) | (drawn.second < 0)) & (self.drawn_m > 0)
        self.trusted = ~np.isnan(self.width_m) & ~comparison.computed_preferred(stored, computed, bound=bound)
        apart = comparison.differ(self.width_m, self.drawn_m, bound=np.zeros_like(bound), by_m=view.profile["difference_m"])
        self.agrees = ~np.isnan(self.drawn_m) & ~apart
        self.way_row = way_row

    def weighed(self, drawn: _Drawn, lane: Ints) -> Widths:
        """The widths of pieces of lanes. A width on record that is trusted more holds all along the lane, unless the drawing agrees with it and
        so shows where it is."""
        usable = (drawn.state == MEASURED) | ((drawn.state == OPEN) & ~np.isnan(self.drawn_m[lane]))
        piece = np.where(usable, drawn.width_m, np.nan)
        record, by_record = self.width_m[lane], self.trusted[lane]
        shown = by_record & self.agrees[lane] & ~np.isnan(piece)
        with np.errstate(invalid="ignore"):
            narrow = piece <= self.drawn_m[lane] + _SAME_M
        from_record = by_record & (~shown | narrow)
        lifted = np.where(by_record, np.fmax(piece, record), piece)
        width = np.where(from_record, record, lifted)
        located = (shown | ~by_record) & (usable | (drawn.state == UNKNOWN_OPENING))
        pinch = np.array(drawn.pinch, dtype=object)
        pinch[~located] = None
        at_spot = (drawn.opening >= 0) & ~from_record
        return Widths(
            width,
            np.where(from_record, self.accuracy_m[lane], drawn.accuracy_m),
            ~np.isnan(width) & np.where(from_record, self.measured[lane], True),
            np.asarray(located, dtype=bool),
            pinch,
            np.where(located, drawn.first, -1),
            np.where(located, drawn.second, -1),
            np.where(at_spot, np.append(self.way_row, -1)[drawn.opening], -1).astype(np.int64),
        )


def blocks(view: View) -> Shapes:
    """What stands between a lane and a building beside it: walls, fences and hedges that are not removed."""

    def make() -> Shapes:
        frame, shapes = view.frame("obstacles"), view.metric("obstacles")
        there = np.isin(_words(text(frame, "kind")), ("wall", "fence")) & frame["removed_on"].isna().to_numpy(dtype=bool)
        return np.asarray(shapes[there & ~shapely.is_missing(shapes)], dtype=object)

    return latest(view, "walls", (view.layer_revision("obstacles"), view.metric_crs), lambda _: make())
