"""OC-01 and OC-02: which compounds count as old by the year they were completed, and whether that year is proven.

A compound built in stages counts by its oldest building, and the sentence tells both years. Two years of which the basis is an estimate may as well be
one year that is not known well: then the buildings' own years decide, and without those nothing does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Flags, Floats, View
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rule, limit, nothing
from geo.rules.judging import CANNOT, DECLARED, INFERRED, based, lacking, members, one_of, own, sentences

Ints = NDArray[np.int64]

_YEAR = Text("年", "")
_PROVEN = {
    "acceptance": Text("年份依据竣工验收", "the year is that of the completion acceptance"),
    "deed": Text("年份依据产权证，可能晚于竣工验收", "the year is from a title deed, which may be later than the completion acceptance"),
}
_ESTIMATE = Text("年份是估计的，没有竣工验收或产权证依据", "the year is an estimate, without a completion acceptance or a title deed")


@dataclass(frozen=True, slots=True, eq=False)
class _Years:
    """A value a compound: first and last year (NaN = none); of its buildings: how many, how many with a year, of these the first and the last."""

    first: Floats
    last: Floats
    buildings: Ints
    dated: Ints
    oldest: Floats
    newest: Floats
    member: Ints
    owner: Ints


def _years(view: View) -> _Years:
    frame, buildings = view.frame("compounds"), view.frame("buildings")
    first, last = numbers(frame, "built_year"), numbers(frame, "built_year_last")
    member, owner = _buildings(view)
    start, end = numbers(buildings, "built_year")[member], numbers(buildings, "built_year_last")[member]
    count = len(frame)
    oldest, newest = np.full(count, np.inf), np.full(count, -np.inf)
    dated = np.isfinite(np.fmin(start, end))
    np.minimum.at(oldest, owner[dated], np.fmin(start, end)[dated])
    np.maximum.at(newest, owner[dated], np.fmax(start, end)[dated])
    return _Years(
        np.fmin(first, last), np.fmax(first, last), np.bincount(owner, minlength=count), np.bincount(owner[dated], minlength=count),
        np.where(np.isfinite(oldest), oldest, np.nan), np.where(np.isfinite(newest), newest, np.nan), member, owner,
    )  # fmt: skip


def _buildings(view: View) -> tuple[Ints, Ints]:
    """Buildings and the compounds that they name, else lie in."""
    compounds, frame, shapes = view.frame("compounds"), view.frame("buildings"), view.metric("buildings")
    codes = {code: row for row, code in enumerate(texts(compounds, "code")) if isinstance(code, str)}
    owner = np.fromiter((codes.get(code, -1) for code in texts(frame, "compound_code")), dtype=np.int64, count=len(frame))
    free = np.flatnonzero((owner < 0) & ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    if len(free) and len(compounds):
        at, inside = view.tree("compounds").query(shapely.point_on_surface(shapes[free]), predicate="intersects")
        owner[free[at]] = inside
    member = np.flatnonzero(owner >= 0)
    return member, owner[member]


def _counts_as_old(view: View) -> Judgement:
    most, years, weak = view.profile["old_year"], _years(view), ~_is_proven(view)
    count = len(years.first)
    with np.errstate(invalid="ignore"):
        across = (years.first <= most) & (years.last > most)
        doubtful = np.isnan(years.first) | (across & weak)
        old, new = ~doubtful & (years.first <= most), ~doubtful & (years.first > most)
        has_old = ~old & (years.oldest <= most)  # whatever year the compound bears: it counts by its oldest building
        new &= ~has_old
        all_new = doubtful & (years.oldest > most) & (years.dated == years.buildings)
    result = np.where(old | has_old, FAIL, np.where(new | all_new, PASS, UNKNOWN)).astype(np.int8)
    by_building = has_old | all_new
    first = np.where(by_building, years.oldest, years.first)
    last = np.where(by_building, np.where(doubtful, years.newest, np.fmax(years.newest, years.last)), years.last)

    def told(row: int) -> Text:
        if result[row] == UNKNOWN:
            return _cannot(years, row, bool(across[row]))
        said = _said(first[row], last[row])
        if by_building[row]:
            said = Text(f"按楼栋的年份，{said.zh}", f"by the years of its buildings, {said.en}")
        if result[row] == PASS:
            return Text(
                f"{said.zh}，在 {most:g} 年以后，不按年份计为老旧（失养失修等例外由街道认定，没有登记）",
                f"{said.en}, after {most:g}: it does not count as old by its year (exceptions, such as poor upkeep, are for people to say)",
            )
        if last[row] > most:
            return Text(
                f"{said.zh}，按最早的楼计为老旧院落；其中 {most:g} 年以后建成的楼须分开说明",
                f"{said.en}: it counts as old by its oldest building; those built after {most:g} are to be told apart",
            )
        return Text(f"{said.zh}，计为老旧院落（{most:g} 年底以前建成）", f"{said.en}: it counts as old (built by the end of {most:g})")

    open_ = result == UNKNOWN
    lacks = lacking(
        count,
        ("compounds", "built_year", open_ & np.isnan(years.first), own(count)),
        ("compounds", "built_year_basis", open_ & across, own(count)),
    )
    known = ~open_
    basis = np.where(known, np.where(by_building, INFERRED, DECLARED), -1).astype(np.int8)

    return Judgement(
        result,
        np.where(known, first, np.nan),
        limit(count, most),
        basis,
        sentences(told),
        lacks=lacks,
        involved=members("buildings", years.member, years.owner, ~old),
    )


def _said(first: float, last: float) -> Text:
    if last > first:
        return Text(f"{first:.0f}–{last:.0f} 年分批建成", f"built from {first:.0f} to {last:.0f}")
    return Text(f"{first:.0f} 年建成", f"built in {first:.0f}")


def _cannot(years: _Years, row: int, across: bool) -> Text:
    if across:
        span = f"{years.first[row]:.0f}–{years.last[row]:.0f}"
        return Text(
            f"年份登记为 {span}，依据不实，看不出是分批建成还是年份不准，{CANNOT.zh}",
            f"the year is on record as {span} without proof: built in stages, or not known well, {CANNOT.en}",
        )
    some = int(years.dated[row])
    if some:
        return Text(
            f"没有登记建成年份，{years.buildings[row]} 栋楼中只有 {some} 栋有年份，{CANNOT.zh}",
            f"no year of completion on record, and only {some} of its {years.buildings[row]} buildings have one: {CANNOT.en}",
        )
    return Text(f"没有登记建成年份，{CANNOT.zh}", f"no year of completion on record: {CANNOT.en}")


def _is_proven(view: View) -> Flags:
    return one_of(texts(view.frame("compounds"), "built_year_basis"), tuple(_PROVEN))


def _year_proven(view: View) -> Judgement:
    frame = view.frame("compounds")
    basis, year, proven = texts(frame, "built_year_basis"), numbers(frame, "built_year"), _is_proven(view)
    count, none = len(frame), np.isnan(year) & np.isnan(numbers(frame, "built_year_last"))
    result = np.full(count, UNKNOWN, dtype=np.int8)
    result[proven] = PASS
    result[one_of(basis, ("estimate",))] = FAIL
    result[none] = NA

    def told(row: int) -> Text:
        if none[row]:
            return Text("没有登记建成年份", "no year of completion on record")
        if proven[row]:
            return _PROVEN[basis[row]]
        if result[row] == FAIL:
            return _ESTIMATE
        return Text(f"没有登记年份依据，{CANNOT.zh}", f"the basis of the year is not on record: {CANNOT.en}")

    lacks = lacking(count, ("compounds", "built_year_basis", result == UNKNOWN, own(count)))
    known = (result == PASS) | (result == FAIL)
    return Judgement(result, nothing(count), nothing(count), based(count, DECLARED, known), sentences(told), lacks=lacks)


COUNTS_AS_OLD = Rule(
    id="OC-01", number=501, title=Text("计为老旧院落", "Counts as an old compound"), subject="compounds", reads=("compounds", "buildings"),
    judge=_counts_as_old, unit=_YEAR, figures=("old_year",),
)  # fmt: skip

YEAR_PROVEN = Rule(
    id="OC-02", number=502, title=Text("建成年份有据可查", "Year of completion is proven"), subject="compounds", reads=("compounds",), judge=_year_proven,
    by_row=True,
)  # fmt: skip
