"""Dates as people write them: 2023/6/1, 2023年6月1日, 20230601, Excel's day numbers; d/m/y only where the whole column proves the order."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any

from geo.errors import Text
from geo.schema import Field
from geo.values.parsed import EMPTY, PLAIN, Column, DateOrder, Parsed, refuse
from geo.values.text import LONGEST, UNKNOWN, chinese_digits, chinese_number, plain

_EXCEL_DAYS = range(20_000, 80_000)
"""Day numbers of 1954 to 2119 since 1899-12-30: what a spreadsheet holds for a date."""

_CLOCK = r"(?:\d{1,2}(?::\d{2}){1,2}(?:[.,]\d+)?|\d{1,2}[时点](?:\d{1,2}分?)?(?:\d{1,2}秒)?|\d{1,2}(?= ?[ap]m\b))"
TAIL = (
    r"(?:(?:(?<=[日号])| ?[t,] ?| )(?:\(?(?:星期|周)[一二三四五六日天]\)?)? ?(?:上午|下午|中午|晚上?|早上?|凌晨|[ap]m)? ?"
    rf"(?:{_CLOCK} ?(?:[ap]m)? ?(?:z|utc|gmt|[-+]\d{{2}}:?\d{{2}})?)?)?"
)
"""What may follow a day: its weekday and a time of day, nothing else: 2023/6/1 延期至2023/7/1 has two days."""

_YMD = re.compile(r"(\d{4}) ?[-/.年,] ?(\d{1,2}) ?[-/.月,] ?(\d{1,2}) ?[日号]?" + TAIL)
_COMPACT = re.compile(r"((?:1[89]|20|21)\d\d)(\d\d)(\d\d)(?:\.0)?")
_SLASHED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + TAIL)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_NAMED = re.compile(r"(?:(\d{1,2})[ -])?([a-z]{3,9})\.?[ -](?:(\d{1,2})(?:st|nd|rd|th)?,? )?(\d{4})" + TAIL)
_DAY = r"(?:\d{4}|\d{1,2}) ?[-/.年] ?\d{1,2}(?: ?[-/.月] ?\d{1,4})?|\d{8}|[a-z]{3,9}\.? \d{1,2}|\d{1,2} [a-z]{3,9}|\d{1,2} ?月 ?\d{1,2}"
_SEVERAL = re.compile(rf"(?>{_DAY})(?!\d).*?(?:{_DAY}|[-~至到,;和及] ?\d).*", re.DOTALL)
"""A day, and another one (or its end) after it."""
_PARTIAL = re.compile(r"\d{4} ?(?:年|[-/.] ?(?:\d{1,2}))? ?(?:\d{1,2} ?月份?)?(?:[上中下]旬|底|初)?")
_MONTHS = {name: i for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_CHINESE_DATE = re.compile(r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]")

_WHY_UNREADABLE = Text("不是能读出的日期", "not a date that can be read")
_WHY_SEVERAL = Text("不止一个日期，此字段只能填一天", "more than one date: this field takes one day")
_WHY_PARTIAL = Text("日期缺月或日", "the date lacks its month or day")
_WHY_ORDER = Text("日月次序不明，整列也无法证明；请写成 2023-06-01 的样子", "day and month cannot be told apart: write it like 2023-06-01")


def parse_date(field: Field, raw: Any, column: Column = PLAIN) -> Parsed:
    """An ISO date; a time of day is dropped, two days in one cell are reported. `column.order` says how d/m/y is meant; without it such a date is reported."""
    if isinstance(raw, bool):
        return refuse("value-unreadable", raw, _WHY_UNREADABLE)
    if isinstance(raw, int | float):
        return _number(raw)
    if len(str(raw)) > LONGEST:
        return refuse("value-unreadable", raw, _WHY_UNREADABLE)
    text = plain(str(raw))
    if text in UNKNOWN:
        return EMPTY
    if match := _YMD.fullmatch(text) or _COMPACT.fullmatch(text):
        return _dated(raw, int(match[1]), int(match[2]), int(match[3]))
    if match := _SLASHED.fullmatch(text):
        return _slashed(raw, int(match[1]), int(match[2]), int(match[3]), column.order)
    if match := _SERIAL.fullmatch(text):
        return _number(float(text))
    if match := _NAMED.fullmatch(text):
        day, month = match[1] or match[3], _MONTHS.get(match[2][:3])
        if day and month and not (match[1] and match[3]):
            return _dated(raw, int(match[4]), month, int(day))
    if match := _CHINESE_DATE.fullmatch(text):
        month, day = chinese_number(match[2]), chinese_number(match[3])
        return _dated(raw, int(chinese_digits(match[1])), month or 0, day or 0)
    if _PARTIAL.fullmatch(text):
        return refuse("incomplete-date", raw, _WHY_PARTIAL)
    if _SEVERAL.fullmatch(text):
        return refuse("value-range", raw, _WHY_SEVERAL)
    return refuse("value-unreadable", raw, _WHY_UNREADABLE)


def _dated(raw: Any, year: int, month: int, day: int) -> Parsed:
    try:
        return Parsed(datetime.date(year, month, day).isoformat())
    except ValueError:
        return refuse("value-unreadable", raw, Text("没有这一天", "there is no such day"))


def _number(raw: float) -> Parsed:
    """20230601 or a spreadsheet's day number; a bare year is not a date."""
    days = int(raw) if abs(raw) < 1e9 else 0
    if days in _EXCEL_DAYS:
        return Parsed((datetime.date(1899, 12, 30) + datetime.timedelta(days=days)).isoformat())
    match = _COMPACT.fullmatch(str(days))
    if match and days == raw:
        return _dated(days, int(match[1]), int(match[2]), int(match[3]))
    if 1800 <= raw <= 2200:
        return refuse("incomplete-date", f"{raw:g}", _WHY_PARTIAL)
    return refuse("value-unreadable", f"{raw:g}", _WHY_UNREADABLE)


def _slashed(raw: Any, a: int, b: int, year: int, order: DateOrder | None) -> Parsed:
    if a == b:
        return _dated(raw, year, a, b)
    if order is None:
        return refuse("ambiguous-date", raw, _WHY_ORDER)
    month, day = (a, b) if order == "mdy" else (b, a)
    return _dated(raw, year, month, day)


def may_be_dmy(cell: str) -> bool:
    """A quick look whether a cell can be a date of the form d/m/y."""
    return 8 <= len(cell) <= 24 and cell[0].isdigit() and (cell[1] in "/-.／．" or cell[2] in "/-.／．")


def date_order(cells: Iterable[Any]) -> DateOrder | None:
    """The order of day and month that a column of d/m/y dates proves: some day above 12 in one place and none in the other."""
    first = second = False
    for raw in cells:
        if not isinstance(raw, str) or not (match := _SLASHED.fullmatch(plain(raw))):
            continue
        first, second = first or int(match[1]) > 12, second or int(match[2]) > 12
    if first == second:
        return None
    return "dmy" if first else "mdy"
