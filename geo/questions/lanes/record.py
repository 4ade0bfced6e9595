"""The widths of every lane, stored and computed, side by side: what questions about a width compare and name in their sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from geo.errors import Text
from geo.lanes import comparison as lanes
from geo.lanes.clear_width import NO_LINE, TOO_MUCH, UNKNOWN_OPENING
from geo.lanes.parking import parked_m
from geo.questions.columns import numbers, texts
from geo.questions.declaration import BASES, Flags, Floats, View, latest
from geo.questions.lanes import standing
from geo.questions.lanes.scene import LaneWidths, lane_widths
from geo.questions.naming import named_access, named_obstacle
from geo.questions.sources import accuracies_of, ranks_of


@dataclass(frozen=True, slots=True, eq=False)
class LaneRecord:
    """`stored` as it is, `asked` what of it is asked for, less parking; `computed` from the drawing, with parking where that is asked for, and
    `drawn`: where that is and between what; `plain`: the drawing without parking. `parked_m`: what parking on record takes off the width that is
    compared; `used`: the widths to compare, `computed_used` where those are the computed ones; `differ`: stored and plain are too far apart."""

    stored: lanes.Widths
    asked: lanes.Widths
    computed: lanes.Widths
    plain: LaneWidths
    drawn: LaneWidths
    parked_m: Floats
    used: lanes.Widths
    computed_used: Flags
    differ: Flags

    @property
    def at_most(self) -> Flags:
        """The compared width is only an upper bound: a gate on the lane has no width on record."""
        return np.asarray(self.computed_used & (self.drawn.gate >= 0), dtype=bool)

    @property
    def at_least(self) -> Flags:
        """The compared width is only a lower bound of the free space: at the pinch one side is open, and more may be free beyond the corridor."""
        return np.asarray(self.computed_used & (self.drawn.open_sides > 0) & (self.drawn.width_m > 0), dtype=bool)

    def by_stored(self, rows: Flags) -> LaneRecord:
        """The same with the width on record compared in `rows`."""
        used = lanes.chosen(self.used, self.asked, rows)
        return replace(self, used=used, computed_used=self.computed_used & ~rows)


OF_WIDTH = ("clear_width_m", "quality", "width_source", "accuracy_m")
"""Columns of a lane that its stored width is made of."""


def stored_widths(view: View) -> lanes.Widths:
    """What the lanes' own records say, unreduced."""
    frame = view.frame("fire_lanes")
    width = numbers(frame, "clear_width_m")
    basis, rank = lanes.width_basis(texts(frame, "quality"), width), ranks_of(texts(frame, "width_source"))
    accuracy = np.where(basis == lanes.INFERRED, accuracies_of(numbers(frame, "accuracy_m"), rank, view.profile), np.nan)
    return lanes.Widths(width, basis, accuracy, rank)


def lane_record(view: View, *, basis: str = "best", parking: bool = False) -> LaneRecord:
    """`basis`: best, or one of BASES; `parking`: parking strips, drawn or on record, are in the way."""
    drawn, plain = lane_widths(view, parking=parking), lane_widths(view)
    key = (standing.drawn(view), view.columns_revision("fire_lanes", *OF_WIDTH, "parking_sides", "parking_strip_m"))
    return latest(view, ("lane-record", basis, parking), key, lambda _: _record(view, basis, parking, drawn, plain))


def _record(view: View, basis: str, parking: bool, drawn: LaneWidths, plain: LaneWidths) -> LaneRecord:
    frame, stored, computed = view.frame("fire_lanes"), stored_widths(view), _computed(plain)
    apart = lanes.differ(stored.width_m, computed.width_m, bound=_bound(plain), by_m=view.profile["difference_m"])
    off = np.zeros(len(frame))
    strips = np.zeros(len(frame), dtype=bool)
    if parking:  # strips that are drawn are not taken off a second time
        usual = view.profile["parking_strip_m"]
        off = parked_m(numbers(frame, "parking_sides"), numbers(frame, "parking_strip_m"), usual_strip_m=usual)
        computed, with_strips = computed.less(off), _computed(drawn)
        with np.errstate(invalid="ignore"):
            strips = ~(computed.width_m < with_strips.width_m)
        computed, drawn = lanes.chosen(computed, with_strips, strips), drawn.where_strips_limit(strips, plain)
    asked_stored = stored.only(np.isin(stored.basis, _BASES[basis])).less(off)
    asked_computed = computed.only(np.full(len(frame), lanes.MEASURED in _BASES[basis]))
    preferred = lanes.computed_preferred(asked_stored, asked_computed, bound=_bound(drawn))
    used = lanes.chosen(asked_stored, asked_computed, preferred)
    return LaneRecord(stored, asked_stored, computed, plain, drawn, np.where(preferred & strips, 0.0, off), used, preferred, apart)


_BASES: Mapping[str, tuple[int, ...]] = {
    "best": (lanes.DECLARED, lanes.MEASURED, lanes.INFERRED),
    **{name: (code,) for code, name in enumerate(BASES)},
}


def _bound(drawn: LaneWidths) -> Flags:
    """Where the computed width is only a bound: a side is open (from below), or a gate has no width on record (from above)."""
    return np.asarray((drawn.open_sides > 0) | (drawn.gate >= 0), dtype=bool)


def _computed(drawn: LaneWidths) -> lanes.Widths:
    basis = np.where(drawn.known, lanes.MEASURED, lanes.NONE).astype(np.int8)
    return lanes.Widths(np.where(drawn.known, drawn.width_m, np.nan), basis, drawn.accuracy_m, drawn.rank)


# sentences --------------------------------------------------------------------------------------------------------------------


def contacts(view: View, drawn: LaneWidths, row: int) -> Text:
    """What the pinch point lies between, in words that stand in brackets."""
    if drawn.opening[row] >= 0:
        gate = named_access(view, int(drawn.ways.row[drawn.opening[row]]))
        return Text(f"{gate.zh}处", f"at {gate.en}")
    sides = [named_obstacle(view, drawn.standing, int(k)) for k in dict.fromkeys((drawn.first[row], drawn.second[row])) if k >= 0]
    if not sides:
        return Text("", "")
    if drawn.open_sides[row]:
        return Text(f"{sides[0].zh}一侧，另一侧没有画出障碍", f"beside {sides[0].en}, nothing is drawn on the other side")
    if len(sides) == 1 and drawn.width_m[row] > 0:
        return Text(f"{sides[0].zh}的两部分之间", f"between two parts of {sides[0].en}")
    if len(sides) == 1:
        return Text(f"{sides[0].zh}处", f"at {sides[0].en}")
    return Text(f"{sides[0].zh}与{sides[1].zh}之间", f"between {sides[0].en} and {sides[1].en}")


def no_computed(view: View, drawn: LaneWidths, row: int) -> Text:
    """Why a lane has no computed width."""
    if drawn.state[row] == UNKNOWN_OPENING:
        if drawn.gate[row] < 0:
            return Text("穿过的门洞没有登记净宽，无法量算", "it passes an opening whose width is not on record, so none is computed")
        gate = named_access(view, int(drawn.ways.row[drawn.gate[row]]))
        return Text(f"途经{gate.zh}，其净宽没有登记，无法量算", f"it passes {gate.en}, whose width is not on record, so none is computed")
    if drawn.state[row] == TOO_MUCH:
        return Text("此处画得太多太密，无法量算", "too much is drawn here to measure")
    if drawn.state[row] == NO_LINE:
        return _no_line(view.metric("fire_lanes")[row])
    reach = f"{view.profile['corridor_m']:g}"
    return Text(f"两侧 {reach} 米内没有画出可量的东西", f"nothing is drawn within {reach} m on either side to measure between")


def _no_line(shape: Any) -> Text:
    if shape is None or shapely.is_empty(shape):
        return Text("尚未上图，无法量算", "it is not placed on the map, so none is computed")
    if shapely.get_dimensions(shape) == 2:
        return Text("画的是面，没有中心线，无法量算", "it is drawn as an area without a centreline, so none is computed")
    return Text("图上的线没有长度或坐标有误，无法量算", "its line has no length or broken coordinates, so none is computed")
