"""The widths of lanes and of pieces of them: what is drawn around them, weighed against what is on record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lanes import comparison
from geo.lanes.clear_width import MEASURED, OPEN, UNKNOWN_OPENING, clear_widths
from geo.network.limits import Widths
from geo.questions.declaration import Floats, View
from geo.questions.lanes.measured_pieces import measured_pieces
from geo.questions.lanes.measuring import Measured, measured_widths
from geo.questions.lanes.record import stored_widths
from geo.questions.lanes.scene import worth
from geo.questions.lanes.standing import obstructions, positions, ways_through
from geo.questions.reach.shut import Shut

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

_SAME_M = 0.05
_BACK_M = 0.25


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


class Drawing:
    """Measures pieces of lanes among what is drawn, and weighs that against the lane's record; `geo.network.refining.Measure`."""

    def __init__(self, view: View, shut: Shut) -> None:
        self.view, self.standing, self.ways = view, obstructions(view), ways_through(view)
        self.corridor_m = view.profile["corridor_m"]
        self.lanes = self._placed(measured_widths(view, parking=False))
        self.recorded = _Recorded(view, self.lanes, self.ways.row, shut)

    def __call__(self, lines: Shapes | None, lane: Ints) -> Widths:
        if lines is None:
            return self.recorded.weighed(self.lanes[lane], lane)
        return self.recorded.weighed(self._placed(measured_pieces(self.view, lines)), lane)

    def _placed(self, made: Measured) -> _Drawn:
        """What was measured, with the positions of what makes it."""
        key = self.standing.key()
        at = positions(self.ways.id, made.opening)
        return self._worth(made.state, made.width_m, made.pinch, positions(key, made.first), positions(key, made.second), at)

    def across(self, lines: Shapes) -> Widths:
        """The widths of connectors from lanes' ends to the middles of their roads. They are in no drawing: only what is drawn across one limits it."""
        free, none = np.full(len(lines), np.inf), np.full(len(lines), -1, dtype=np.int64)
        no, nowhere = np.zeros(len(lines), dtype=bool), np.full(len(lines), None, dtype=object)
        found = Widths(free, np.full(len(lines), np.nan), no, no.copy(), nowhere, none, none.copy(), none.copy())
        longer = _led_back(lines)
        rows = np.unique(shapely.STRtree(self.standing.obstacles.shapes).query(longer, predicate="intersects")[0])
        if not len(rows):
            return found
        made = clear_widths(longer[rows], self.standing.obstacles, self.ways.openings, corridor_m=self.corridor_m)
        drawn = self._worth(made.state, made.width_m, made.pinch, made.first, made.second, made.opening)
        limited = np.isin(made.state, (MEASURED, UNKNOWN_OPENING))
        at, drawn = rows[limited], drawn[np.flatnonzero(limited)]
        found.width_m[at], found.accuracy_m[at], found.pinch[at] = drawn.width_m, drawn.accuracy_m, drawn.pinch
        found.first[at], found.second[at] = drawn.first, drawn.second
        found.measured[at], found.located[at] = ~np.isnan(drawn.width_m), True
        found.spot[at] = np.append(self.ways.row, -1)[drawn.opening]
        return found

    def _worth(self, state: Codes, width_m: Floats, pinch: Shapes, first: Ints, second: Ints, opening: Ints) -> _Drawn:
        """The worse of the two contacts, or what the opening is worth."""
        return _Drawn(state, width_m, pinch, first, second, opening, *worth(self.standing, self.ways, first, second, opening))


def _led_back(lines: Shapes) -> Shapes:
    """Straight lines from _BACK_M before their start, so that a wall at the end of a lane lies on them."""
    xy = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    run = xy[:, 1] - xy[:, 0]
    xy[:, 0] -= run * (_BACK_M / np.maximum(np.hypot(*run.T), _BACK_M))[:, None]
    return np.asarray(shapely.linestrings(xy), dtype=object) if len(xy) else np.empty(0, dtype=object)


class _Recorded:
    """The width that each lane has on record, and which of that and the drawing is to be trusted; a drawing with nothing on one side is only a bound.
    What a record shuts has a width of 0, or none that is known, whatever is drawn."""

    def __init__(self, view: View, drawn: _Drawn, way_row: Ints, shut: Shut) -> None:
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
        ruled = shut.closed | shut.doubtful
        self.width_m = np.where(shut.closed, 0.0, np.where(shut.doubtful, np.nan, self.width_m))
        self.accuracy_m = np.where(ruled, np.nan, self.accuracy_m)
        self.measured, self.trusted, self.agrees = self.measured & ~ruled, self.trusted | ruled, self.agrees & ~ruled

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
