"""Years as people write them: 1994年, 80年代, 1908..1939, ~1970, 2012?, C18, 一九九四年. A span has two ends and is an estimate.

1998-05 may be May 1998 or 1998 to 2005: it is reported where the field has a place for the later year. 2012-05 (no year after 2012 ends in 05
soon), 1998.05, 1998/5, 1998年5月, 1998-05-01 and the ISO dates of OSM have one reading.
"""

from __future__ import annotations

import re
from typing import Any

from geo.errors import Text
from geo.schema import Field
from geo.values.dates import TAIL
from geo.values.numbers import limits
from geo.values.parsed import EMPTY, PLAIN, Column, Parsed, refuse
from geo.values.text import LONGEST, UNKNOWN, chinese_digits, plain

_YEAR = re.compile(r"(\d{4})(?:\.0+| ?年)?(?:建成?|建造|竣工|修建)?")
_DATED = re.compile(
    r"(\d{4})(?:年|[-./])(?:0?[1-9]|1[0-2])(?:月份?|[-./](?:0?[1-9]|[12]\d|3[01]))?(?:(?:0?[1-9]|[12]\d|3[01])[日号])?" + TAIL
)
_MONTH_OR_SPAN = re.compile(r"(1[89]|20)(\d\d) ?- ?(0[1-9]|1[0-2]) ?年?")
_COMPACT = re.compile(r"((?:1[5-9]|20)\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_SHORT = re.compile(r"([5-9]\d)年(?:建成?|建造|竣工|修建)?")
_SPAN = re.compile(r"(\d{4}) ?年?(?:代)? ?(?:\.\.|-|~|至|到|/) ?(\d{4}) ?年?")
_SPAN_SHORT = re.compile(r"(\d{2})(\d{2}) ?年? ?(?:-|~|至|到) ?(\d{2}) ?年?")
_DECADE = re.compile(r"(?:(?:上个?世纪|20世纪)?([1-9]0)|(\d{3}0))(?:年代|'?s)(?:初期?|中期?|末期?|前期|后期|早期|晚期)?")
_DECADE_EN = re.compile(r"(?:(?:early|mid|late)[ -])?(\d{3}0)'?s")
_CENTURY = re.compile(r"(?:(?:early|mid|late) )?c(\d{1,2})|(\d{1,2})(?:世纪|th century)")
_ABOUT = re.compile(r"^(?:大约|约为|约|大概|~|circa |approx\.? |about |ca\.? ?|c\.? )|(?: ?(?:左右|前后|\?))$")
_CHINESE_DECADE = {c: f"{i}0" for i, c in enumerate("一二三四五六七八九", start=1)}
_ESTIMATE = "estimate"
_WHY_MONTH = Text("可能是年月，也可能是起止年份；请写成 1998年5月 或 1998-2005", "a month, or two years: write 1998.05 or 1998-2005")


def parse_year(field: Field, raw: Any, column: Column = PLAIN) -> Parsed:
    """A year, or a span with its two ends where the field has a place for the later one.

    Of a decade written with two digits only the fifties to the nineties are plain; 10年代 and 20年代 are reported.
    """
    if isinstance(raw, bool):
        return _unreadable(raw)
    if isinstance(raw, int | float):
        raw_text = str(int(raw)) if float(raw).is_integer() else str(raw)
    else:
        raw_text = str(raw)
    if len(raw_text) > LONGEST:
        return _unreadable(raw)
    text = plain(raw_text)
    if text in UNKNOWN:
        return EMPTY
    text = chinese_digits(_decades_in_figures(text))
    bare = _ABOUT.sub("", text)
    if field.range_end and not column.osm and _month_or_span(bare):
        return refuse("ambiguous-year", raw, _WHY_MONTH)
    if bare != text:
        return _about(field, raw, bare)
    single = _single(text)
    if single is not None:
        return limits(field, raw, single) or Parsed(single)
    short = _SHORT.fullmatch(text)
    if short:
        year = 1900 + int(short[1])
        return limits(field, raw, year) or _estimate(field, year, "two-digit-year")
    span = _span(text)
    if span is not None and span[0] <= span[1]:
        return _spanned(field, raw, *span)
    return _unreadable(raw)


def _unreadable(raw: Any) -> Parsed:
    return refuse("value-unreadable", raw, Text("不是能读出的年份", "not a year that can be read"))


def _decades_in_figures(text: str) -> str:
    """八十年代 → 80年代."""
    return re.sub(r"([一二三四五六七八九])十年代", lambda m: f"{_CHINESE_DECADE[m[1]]}年代", text)


def _single(text: str) -> int | None:
    match = _YEAR.fullmatch(text) or _COMPACT.fullmatch(text) or _DATED.fullmatch(text)
    return int(match[1]) if match else None


def _month_or_span(text: str) -> bool:
    """Whether 1998-05 can be meant as two years as well: a later one of the same century, or of the next one after the 19th and 20th."""
    match = _MONTH_OR_SPAN.fullmatch(text)
    return match is not None and (match[1] != "20" or match[3] > match[2])


def _span(text: str) -> tuple[int, int] | None:
    if match := _SPAN.fullmatch(text):
        return int(match[1]), int(match[2])
    if match := _SPAN_SHORT.fullmatch(text):
        return int(match[1] + match[2]), int(match[1] + match[3])
    if match := (_DECADE.fullmatch(text) or _DECADE_EN.fullmatch(text)):
        return _decade(*match.groups())
    if match := _CENTURY.fullmatch(text):
        century = int(match[1] or match[2])
        return ((century - 1) * 100, (century - 1) * 100 + 99) if 1 <= century <= 21 else None
    return None


def _decade(short: str, whole: str | None = None) -> tuple[int, int] | None:
    if len(short or "") == 4:
        whole = short
    if whole:
        return int(whole), int(whole) + 9
    return (1900 + int(short), 1909 + int(short)) if int(short) >= 50 else None


def _about(field: Field, raw: Any, text: str) -> Parsed:
    single = _single(text)
    if single is not None:
        return limits(field, raw, single) or _estimate(field, single, "approximate")
    span = _span(text)
    return _spanned(field, raw, *span) if span is not None and span[0] <= span[1] else _unreadable(raw)


def _estimate(field: Field, year: int, note: str) -> Parsed:
    """A year that is not quite sure: marked as an estimate where the field has a place for that (nothing is lost then), else noted."""
    if field.basis:
        return Parsed(year, {field.basis: _ESTIMATE})
    return Parsed(year, note=note)


def _spanned(field: Field, raw: Any, first: int, last: int) -> Parsed:
    out = limits(field, raw, first) or limits(field, raw, last)
    if out is not None:
        return out
    if first == last:
        return Parsed(first)
    if field.range_end is None:
        return refuse("value-range", raw, Text("是一段年份，此字段只能填一年", "a span of years: this field takes one"))
    extra: dict[str, Any] = {field.range_end: last}
    if field.basis:
        extra[field.basis] = _ESTIMATE
    return Parsed(first, extra)
