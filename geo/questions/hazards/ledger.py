"""The hazard ledger as columns, and what is worked out from it, made once for all questions and rules that need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.hazards import assignment, repeats, terms, workdays
from geo.hazards.assignment import Assigned, Compounds, rows_called
from geo.hazards.counts import Counts, counts
from geo.hazards.overdue import NOT_ONE, NOT_YET, OVER, Overdue, overdue
from geo.hazards.states import CLOSED, NO_HAZARD, Codes, is_open, on_the_day, status_codes
from geo.hazards.workdays import Days, Flags, Floats, Ints
from geo.questions.columns import texts
from geo.questions.declaration import View, latest

READS = ("hazards", "compounds", "buildings")
"""What places a hazard in a compound."""

BY_COMPOUND = "compound"
"""How a hazard was placed when its point is only that of its compound: it lies at no place of its own."""

NO_FIRE = ("manhole", "sewer_blocked", "flooding", "facade_falling", "roof_leak", "structure_danger", "elevator", "high_object")
"""Types that have nothing to do with fire: what the fire service's rules say of major hazards is not said of them."""

EXPERTS = "专家|(?i:expert)"

_DATES = (
    "found_on",
    "notice_on",
    "due_date",
    "due_date_extended",
    "done_on",
    "review_request_on",
    "reviewed_on",
    "closed_on",
    "determination_on",
)


_COMPARED = ("code", "hazard_type", "found_on", "status", "building_code", "compound_code", "reopen_of", "geom_method")
"""What decides, beside the place, whether one hazard repeats another."""


def filled_in(frame: gpd.GeoDataFrame, *names: str) -> Flags:
    """Rows in which one of these fields says something."""
    return np.asarray(np.logical_or.reduce([~pd.isna(texts(frame, name)) for name in names]), dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """`status`: as it counts on the day `as_of`; `closed_later`: it is closed, but was not on that day; `days`: every date of a hazard."""

    status: Codes
    closed_later: Flags
    days: dict[str, Days]
    as_of: np.datetime64
    overdue: Overdue

    @property
    def real(self) -> Flags:
        """Neither a candidate, nor rejected, nor found later than the day."""
        return ~np.isin(self.status, NO_HAZARD) & ~(self.days["found_on"] > self.as_of)

    @property
    def open(self) -> Flags:
        return is_open(self.status) & self.real

    @property
    def unknown(self) -> Flags:
        """Hazards of which nobody can tell whether they are open."""
        return (self.status < 0) & self.real

    @property
    def doubt(self) -> Flags:
        """Hazards that are or may be open, of which nobody can tell whether they are overdue."""
        return self.overdue.unknown & ~np.isin(self.overdue.state, (OVER, NOT_ONE, NOT_YET))


def ledger(view: View) -> Ledger:
    return latest(view, "hazard-ledger", (view.layer_revision("hazards"), view.as_of), lambda _: _ledger(view))


def _ledger(view: View) -> Ledger:
    as_of = workdays.day_of(view.as_of)
    _, stored, days = latest(view, "hazards-read", view.layer_revision("hazards"), lambda before: _read(view, before))
    status = on_the_day(stored, days["closed_on"], as_of)
    late = overdue(status, days["found_on"], days["due_date"], days["due_date_extended"], as_of)
    return Ledger(status, (stored == CLOSED) & (status != CLOSED), days, as_of, late)


def _read(view: View, before: Any) -> tuple[Ints, Codes, dict[str, Days]]:
    """Ids, status codes and dates of all hazards, those of rows that did not change as they were read before."""
    frame = view.frame("hazards")
    ids = np.asarray(frame.index.to_numpy(), dtype=np.int64)
    rows = _changed_rows(view, before, ids)
    status = texts(frame, "status")
    if rows is None:
        return ids, status_codes(status), {name: workdays.days_of(texts(frame, name)) for name in _DATES}
    stored, days = before[1][1].copy(), {name: old.copy() for name, old in before[1][2].items()}
    stored[rows] = status_codes(status[rows])
    for name in _DATES:
        days[name][rows] = workdays.days_of(texts(frame, name)[rows])
    return ids, stored, days


def _changed_rows(view: View, before: Any, ids: Ints) -> Ints | None:
    """Rows of the ledger that changed since `before` = (revision, (ids, …)); None when rows came or went, or it is not known."""
    changed = None if before is None or before[0] > view.layer_revision("hazards") else view.changed_since("hazards", before[0])
    if changed is None or not np.array_equal(before[1][0], ids):
        return None
    wanted = np.fromiter(changed, dtype=np.int64, count=len(changed))
    return np.searchsorted(ids, wanted[np.isin(wanted, ids)])


def _content(view: View, fields: tuple[str, ...]) -> int:
    """The revision at which one of these fields, or the place, of a hazard last changed: a new due date moves no hazard elsewhere."""
    return latest(view, ("hazards-content", fields), view.layer_revision("hazards"), lambda before: _stamped(view, fields, before))[2]


def _stamped(view: View, fields: tuple[str, ...], before: Any) -> tuple[Ints, list[NDArray[np.object_]], int]:
    frame = view.frame("hazards")
    ids = np.asarray(frame.index.to_numpy(), dtype=np.int64)
    columns = [np.asarray(frame.geometry, dtype=object), *(texts(frame, name) for name in fields)]
    rows = _changed_rows(view, before, ids)
    if rows is not None and all(_same(old[rows], new[rows]) for old, new in zip(before[1][1], columns, strict=True)):
        return ids, columns, before[1][2]
    return ids, columns, view.layer_revision("hazards")


def _same(old: NDArray[np.object_], new: NDArray[np.object_]) -> bool:
    return all(a is b or a == b or (pd.isna(a) and pd.isna(b)) for a, b in zip(old, new, strict=True))


def record(view: View) -> terms.Record:
    """What the legal deadlines are judged by."""
    frame, held = view.frame("hazards"), ledger(view)
    grade = texts(frame, "grade")
    experts = terms.has_words(texts(frame, "determination_by"), EXPERTS) | terms.has_words(texts(frame, "determination_basis"), EXPERTS)
    return terms.Record(
        held.status, held.days["found_on"], held.days["notice_on"], filled_in(frame, "notice_no"), held.days["review_request_on"],
        held.days["reviewed_on"], filled_in(frame, "review_result"), held.days["closed_on"], np.asarray(grade == "major", dtype=bool),
        ~pd.isna(grade) & (grade != "pending"), np.isin(texts(frame, "hazard_type").astype(str), NO_FIRE), held.days["determination_on"],
        experts, texts(frame, "escalated"), held.overdue, held.as_of,
    )  # fmt: skip


def assigned(view: View, within_m: float | None = None) -> Assigned:
    """The compound of every hazard; `within_m`: how far from its outline at most, None = what the profile says."""
    limit = view.profile["assign_m"] if within_m is None else within_m
    revisions = (_content(view, ("compound_code", "building_code")), *_places(view))
    return latest(view, ("hazards-assigned", limit), revisions, lambda _: _assigned(view, limit))


def _places(view: View) -> tuple[object, ...]:
    """Revisions of what hazards are assigned to."""
    return (*(view.layer_revision(id) for id in READS if id != "hazards"), view.metric_crs)


def _assigned(view: View, limit: float) -> Assigned:
    frame, compounds = view.frame("hazards"), view.frame("compounds")
    places = Compounds(texts(compounds, "code"), view.metric("compounds"), view.tree("compounds"))
    return assignment.assign(
        texts(frame, "compound_code"), view.metric("hazards"), _compound_of_building(view, places), places, within_m=limit
    )


def buildings_of(view: View) -> Ints:
    """The row of the building that each hazard names, -1 = none."""
    return rows_called(texts(view.frame("buildings"), "code"), texts(view.frame("hazards"), "building_code"))


def _compound_of_building(view: View, places: Compounds) -> Ints:
    """The compound of the building that each hazard names: the one the building names, else the only outline that it stands in; -1 = none."""
    building = buildings_of(view)
    asked = np.unique(building[building >= 0])
    compound = np.full(len(view.frame("buildings")) + 1, -1, dtype=np.int64)
    compound[asked] = rows_called(places.codes, texts(view.frame("buildings"), "compound_code")[asked])
    free = asked[compound[asked] < 0]
    shapes = view.metric("buildings")[free]
    usable = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    free = free[usable]
    at, outline = places.tree.query(shapely.point_on_surface(shapes[usable]), predicate="intersects")
    alone = np.bincount(at, minlength=len(free))[at] == 1
    compound[free[at[alone]]] = outline[alone]
    return compound[building]


def repeated(view: View, *, days: float, metres: float) -> repeats.Repeats:
    """Which hazards come back; kept for the days and metres asked for last, and for those of the profile."""
    figures = (days, metres) == (view.profile["repeat_days"], view.profile["repeat_m"])
    revisions = (_content(view, _COMPARED), *_places(view), view.as_of, days, metres, view.profile["assign_m"])
    return latest(view, ("hazards-repeated", figures), revisions, lambda _: _repeated(view, days, metres))


def _repeated(view: View, days: float, metres: float) -> repeats.Repeats:
    frame, held = view.frame("hazards"), ledger(view)
    asked = repeats.Ledger(
        texts(frame, "code"), texts(frame, "hazard_type"), held.days["found_on"], own_points(view), texts(frame, "building_code"),
        assigned(view).compound, texts(frame, "reopen_of"), held.real,
    )  # fmt: skip
    return repeats.repeats(asked, within_days=days, within_m=metres)


def own_points(view: View) -> NDArray[np.object_]:
    """The point of every hazard that has one of its own, None for the others."""
    points = view.metric("hazards").copy()
    points[(texts(view.frame("hazards"), "geom_method") == BY_COMPOUND) | shapely.is_empty(points)] = None
    return points


def community_names(view: View) -> NDArray[np.object_]:
    """The community of every hazard by name: its own, else its compound's; None = not known."""
    own, of = texts(view.frame("hazards"), "community"), assigned(view).compound
    theirs = np.append(texts(view.frame("compounds"), "community"), np.array([None], dtype=object))[of]
    communities = view.frame("communities")
    called = {
        code: name for code, name in zip(texts(communities, "code"), texts(communities, "name"), strict=True) if isinstance(name, str)
    }
    said = np.where(pd.isna(own), theirs, own)
    return np.array([*(called.get(name, name) if isinstance(name, str) else None for name in said), None], dtype=object)[:-1]


def counted(view: View, layer: str) -> Counts:
    """The hazards of every feature of `compounds`, `buildings` or `communities` (which the view must hold then)."""
    return latest(
        view, ("hazards-counted", layer), _counting(view, layer), lambda _: counts_at(view, _place(view, layer), len(view.frame(layer)))
    )


def _place(view: View, layer: str) -> Ints:
    """The row of the compound, building or community of every hazard, -1 = none."""
    if layer == "compounds":
        return assigned(view).compound
    if layer == "buildings":
        return buildings_of(view)
    return rows_called(texts(view.frame("communities"), "name"), community_names(view))


def _counting(view: View, layer: str) -> tuple[object, ...]:
    return (*(view.layer_revision(id) for id in dict.fromkeys((*READS, layer))), view.metric_crs, view.as_of)


def counts_at(view: View, place: Ints, size: int) -> Counts:
    held = ledger(view)
    return counts(place, size, real=held.real, open_=held.open, late=held.overdue.late, doubt=held.doubt, unknown=held.unknown)


def outline_area_m2(view: View, layer: str) -> Floats:
    """The area of the drawn outlines; NaN = unplaced, or only a point."""
    shapes = view.metric(layer)
    drawn = ~shapely.is_missing(shapes) & (shapely.get_dimensions(shapes) == 2)
    return np.where(drawn, shapely.area(shapes), np.nan)
