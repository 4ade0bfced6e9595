"""Which hazards come back: the same type at the same place within so many days after an earlier one.

The same place is the same building, or points that lie near each other. A record that does not say its type, its day or its place may come back or not;
such a one is unknown only where another record stands by that it might repeat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.hazards.assignment import ROUNDING_M, rows_called
from geo.hazards.workdays import Days, Flags, Floats, Ints, days_between

Shapes = NDArray[np.object_]

UNLIKE = "other"
"""A type that says nothing of whether two hazards are alike."""

NO, YES, MAYBE, NOT_ONE = range(4)
"""`Repeats.state`."""

_SLICE = 2_000
_DAY_BITS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """What is asked of each hazard. `type` None = not on record; `point` in the metric CRS, None where none is of its own; `building` and `reopens` codes or None;
    `compound`: a row, -1 = none; `real`: neither a candidate, nor rejected, nor found later than the day that is asked for."""

    code: NDArray[np.object_]
    type: NDArray[np.object_]
    found_on: Days
    point: Shapes
    building: NDArray[np.object_]
    compound: Ints
    reopens: NDArray[np.object_]
    real: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Repeats:
    """One value a hazard. `earlier`: the row of the latest one that it repeats or might repeat, -1 = none; `days` since then, NaN = not known;
    `said`: its own record says so (`reopen_of`)."""

    state: NDArray[np.int8]
    earlier: Ints
    days: Floats
    said: Flags


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """Pairs of a hazard (row) and a group that it belongs to or asks for."""

    row: Ints
    group: Ints

    def of(self, rows: Flags) -> _Entries:
        kept = rows[self.row]
        return _Entries(self.row[kept], self.group[kept])


def repeats(ledger: Ledger, *, within_days: float, within_m: float) -> Repeats:
    count = len(ledger.code)
    types = _types(ledger)
    there, asks = _places(ledger, within_m)
    search = _Search(ledger, within_days)
    alike, told = types >= 2, types >= 1
    same = search.latest(_typed(there, types), _typed(asks.of(alike), types))
    state = np.where(same >= 0, YES, NO).astype(np.int8)
    maybe = search.later_of(
        search.latest(_typed(there, types), _typed(asks.of(types == 1), types)),  # both "other"
        search.latest(there.of(types == 0), asks.of(told)),  # the earlier one does not say its type
        search.latest(there, asks.of(types == 0)),  # the later one does not
    )  # fmt: skip
    doubt = (maybe >= 0) | search.undated(_typed(there, types), _typed(asks.of(told), types))
    doubt |= search.undated(there.of(types == 0), asks.of(told)) | search.undated(there, asks.of(types == 0))
    loose, more = _loose(ledger, types, there, search)
    doubt |= loose
    state[(state == NO) & doubt] = MAYBE
    earlier = np.where(same >= 0, same, search.later_of(maybe, more))
    said = ~pd.isna(ledger.reopens)
    named = _rows_called(ledger.code, ledger.reopens)
    state[said] = YES
    earlier = np.where(said & (named >= 0), named, np.where(said, -1, earlier))
    state[~ledger.real], earlier[~ledger.real] = NOT_ONE, -1
    days = days_between(ledger.found_on[earlier], ledger.found_on) if count else np.empty(0)
    days[(earlier < 0) | (days < 0)] = np.nan
    return Repeats(state, earlier, days, said & ledger.real)


def _types(ledger: Ledger) -> Ints:
    """0 = not on record, 1 = UNLIKE, others from 2."""
    codes, distinct = pd.factorize(pd.Series(ledger.type, dtype=object))
    numbers = np.array([*(1 if t == UNLIKE else n + 2 for n, t in enumerate(distinct)), 0], dtype=np.int64)
    return numbers[codes]


def _rows_called(codes: NDArray[np.object_], wanted: NDArray[np.object_]) -> Ints:
    found, named = np.full(len(wanted), -1, dtype=np.int64), np.flatnonzero(~pd.isna(wanted))
    if len(named):
        found[named] = rows_called(codes, wanted[named])
    return found


def _typed(entries: _Entries, types: Ints) -> _Entries:
    """Groups of one place and one type."""
    return _Entries(entries.row, entries.group * (int(types.max(initial=0)) + 1) + types[entries.row])


def _places(ledger: Ledger, within_m: float) -> tuple[_Entries, _Entries]:
    """The places where each hazard is, its building and its point, and those that count as the same for it: points near its own too."""
    building, _ = pd.factorize(pd.Series(ledger.building, dtype=object).where(ledger.real, None))
    housed = np.flatnonzero(building >= 0)
    usable = ledger.real & ~shapely.is_missing(ledger.point) & ~shapely.is_empty(ledger.point)
    rows = np.flatnonzero(usable)
    distinct, spot = np.unique(shapely.get_coordinates(ledger.point[rows]), axis=0, return_inverse=True)
    first = int(building.max(initial=-1)) + 1
    there = _Entries(np.concatenate([housed, rows]), np.concatenate([building[housed], first + spot.reshape(-1)]))
    row, near = _near(distinct, spot.reshape(-1), rows, within_m)
    return there, _Entries(np.concatenate([housed, row]), np.concatenate([building[housed], first + near]))


def _near(distinct: Floats, spot: Ints, rows: Ints, within_m: float) -> tuple[Ints, Ints]:
    """Pairs of a hazard and every distinct point that is within reach of its own, its own among them."""
    points = np.asarray(shapely.points(distinct), dtype=object)
    tree = shapely.STRtree(points)
    parts = [
        tree.query(points[at : at + _SLICE], predicate="dwithin", distance=within_m + ROUNDING_M) + np.array([[at], [0]])
        for at in range(0, len(points), _SLICE)
    ]
    here, near = np.concatenate(parts, axis=1) if parts else np.empty((2, 0), dtype=np.int64)
    order = np.argsort(here, kind="stable")
    here, near = here[order], near[order]
    first, many = np.searchsorted(here, spot), np.bincount(here, minlength=len(distinct))[spot]
    nth = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    return np.repeat(rows, many), near[np.repeat(first, many) + nth]


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """Looks among members of groups for one that was found before a hazard that asks, none too long before."""

    ledger: Ledger
    within_days: float

    def latest(self, members: _Entries, asked: _Entries) -> Ints:
        """For each hazard the row of the latest earlier member of the groups it asks for, within so many days; -1 = none."""
        day = self.ledger.found_on.astype(np.int64)
        dated = ~np.isnat(self.ledger.found_on)
        members, asked = members.of(dated), asked.of(dated)
        found = np.full(len(dated), -1, dtype=np.int64)
        if not len(members.row) or not len(asked.row):
            return found
        low = int(day[dated].min())
        key = (members.group << _DAY_BITS) | (day[members.row] - low)
        order = np.lexsort((-members.row, key))
        key, row = key[order], members.row[order]
        at = np.searchsorted(key, (asked.group << _DAY_BITS) | (day[asked.row] - low), side="left") - 1
        hit = (at >= 0) & (key[at] >> _DAY_BITS == asked.group)
        hit[hit] = (day[asked.row[hit]] - day[row[at[hit]]]) <= self.within_days
        asker, earlier = asked.row[hit], row[at[hit]]
        order = np.lexsort((-earlier, day[earlier], asker))  # the latest is written last, of equals the first row
        found[asker[order]] = earlier[order]
        return found

    def later_of(self, *rows: Ints) -> Ints:
        """Of rows given for each hazard the one found last, -1 = none."""
        best = rows[0]
        for other in rows[1:]:
            better = (other >= 0) & ((best < 0) | (self.ledger.found_on[other] > self.ledger.found_on[best]))
            best = np.where(better, other, best)
        return best

    def undated(self, members: _Entries, asked: _Entries) -> Flags:
        """Hazards that ask for a group which has another member, one of the two without a day."""
        dated = ~np.isnat(self.ledger.found_on)
        found = np.zeros(len(dated), dtype=bool)
        for there, asking in ((members.of(~dated), asked), (members, asked.of(~dated))):
            if len(there.row) and len(asking.row):
                groups, size = np.unique(there.group, return_counts=True)
                at = np.minimum(np.searchsorted(groups, asking.group), len(groups) - 1)
                others = np.where(groups[at] == asking.group, size[at], 0) - _own(there, asking)
                found[asking.row[others > 0]] = True
        return found


def _own(members: _Entries, asked: _Entries) -> Ints:
    """1 where who asks for a group is itself a member of it."""
    span = int(max(members.row.max(initial=0), asked.row.max(initial=0))) + 1
    return np.isin(asked.group * span + asked.row, members.group * span + members.row).astype(np.int64)


def _loose(ledger: Ledger, types: Ints, there: _Entries, search: _Search) -> tuple[Flags, Ints]:
    """Hazards that one without building or point of its own in the same compound may be the same as; and the latest earlier one of those.

    One that is in no compound either may repeat anything: it is doubtful itself, but casts no doubt on all the others."""
    count = len(types)
    held = np.zeros(count, dtype=bool)
    held[there.row] = True
    free = ledger.real & ~held
    homed = _Entries(np.flatnonzero(ledger.real & (ledger.compound >= 0)), ledger.compound[ledger.real & (ledger.compound >= 0)])
    doubt, earlier = free & (ledger.compound < 0), np.full(count, -1, dtype=np.int64)
    for members, asked in ((homed, homed.of(free)), (homed.of(free), homed.of(held))):
        for mine, theirs in (
            (_typed(members, types), _typed(asked.of(types >= 1), types)),
            (members.of(types == 0), asked.of(types >= 1)),
            (members, asked.of(types == 0)),
        ):
            latest = search.latest(mine, theirs)
            doubt |= (latest >= 0) | search.undated(mine, theirs)
            earlier = search.later_of(earlier, latest)
    return doubt, earlier
