"""Numbers as people write them: 4米, 约3.5m, 12'6", 13 ft, 350cm, １，２００, 1.2万, 三十户. Exact in decimal; ranges and bounds are left unknown."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from geo.errors import Text
from geo.schema import Field
from geo.values.parsed import EMPTY, PLAIN, Column, Parsed, refuse
from geo.values.text import LONGEST, UNKNOWN, chinese_number, plain
from geo.values.units import factor_between, field_unit, unit_of

_N = r"[+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)"
_NUMBER = re.compile(rf"({_N})(e[+-]?\d{{1,3}})? ?(万)? ?(.*)")
_FEET = re.compile(r"(\d+(?:\.\d+)?) ?(?:'|ft\.?|feet|foot|英尺) ?(?:(\d+(?:\.\d+)?) ?(?:\"|''|in\.?|inch|inches|英寸)?)?")
_METRE_TENTHS = re.compile(r"(\d+)米(\d{1,2})")
_ABOUT = re.compile(r"^(?:大约|约为|约|大概|~|circa|approx\.?|about|ca\.?|c\.) ?|(?: ?(?:左右|上下|许|\?))$")
_RANGE = re.compile(rf"{_N} ?\D{{0,6}}?(?:-|~|至|到|\.\.|;|,|/|×|x|\*|\+) ?{_N}.*")
_BOUND = re.compile(r"^(?:>|<|≥|≤|≧|≦|大于|小于|超过|不足|不到|少于|多于|至少|至多|最多|最少|不小于|不大于|近|over|under|more than|less than|at least|up to).*"
                    r"|.*(?:以上|以下|以内|以外|余|多|几)(?:米|户|人|栋|家|个|m)?$|.*\d\+$|.*(?:余|多|几)\D{0,3}$")  # fmt: skip

_WHY_UNREADABLE = Text("不是能读出的数", "not a number that can be read")
_WHY_RANGE = Text("是区间或多个数，请给一个数", "a range or several numbers: give one")
_WHY_BOUND = Text("是界限而不是数，请给一个数", "a bound, not a number: give one")
_WHY_UNIT = Text("单位不认识或不适用于此字段", "the unit is not known or does not fit this field")
_WHY_WHOLE = Text("应为整数", "a whole number is needed")
_WHY_NONE = Text("在数量中可能是没有，也可能是不明：没有请填 0", "in a count this may mean none or unknown: write 0 for none")


def parse_number(field: Field, raw: Any, column: Column = PLAIN) -> Parsed:
    """A number or integer in the unit of `field`; a bare number is in that unit unless the column's heading says otherwise."""
    if isinstance(raw, bool):
        return refuse("value-unreadable", raw, _WHY_UNREADABLE)
    if isinstance(raw, int | float):
        if not math.isfinite(raw):
            return refuse("value-unreadable", raw, _WHY_UNREADABLE)
        return _checked(field, raw, Decimal(str(raw)) * Decimal(column.factor))
    if len(str(raw)) > LONGEST:
        return refuse("value-unreadable", raw, _WHY_UNREADABLE)
    text = plain(str(raw))
    if text in UNKNOWN:
        if text == "无" and field.type == "integer":
            return refuse("none-as-unknown", raw, _WHY_NONE)
        return EMPTY
    bare = _ABOUT.sub("", text)
    bare = bare[1:] if bare[:1] == "共" else bare
    number, note = _decimal(field, bare, column)
    if number is None:
        return _why_not(note, raw, bare)
    parsed = _checked(field, raw, number)
    if bare != text and text[:1] != "共" and parsed.problem is None:
        return Parsed(parsed.value, note="approximate")
    return parsed


def _decimal(field: Field, text: str, column: Column) -> tuple[Decimal | None, str | None]:
    """The number in the field's unit, or None and the code of what is wrong with it."""
    target = field_unit(field.unit)
    feet = _FEET.fullmatch(text)
    if feet and target is not None and target.kind == "length":
        metres = Decimal(feet[1]) * Decimal("0.3048") + Decimal(feet[2] or 0) * Decimal("0.0254")
        return metres / target.factor, None
    tenths = _METRE_TENTHS.fullmatch(text)
    if tenths and target is not None and target.kind == "length":
        return Decimal(f"{tenths[1]}.{tenths[2]}") / target.factor, None
    match = _NUMBER.fullmatch(text)
    if match is None:
        return _chinese(text, target)
    number = Decimal(match[1].replace(",", "") + (match[2] or ""))
    word = match[4].strip()
    if match[3] and word and unit_of("万" + word):
        word = "万" + word
    elif match[3]:
        number *= 10_000
    if not word:
        return number * Decimal(column.factor), None
    unit = unit_of(word)
    factor = None if unit is None else factor_between(unit, target)
    return (None, "value-unit") if factor is None else (number * factor, None)


def _chinese(text: str, target: Any) -> tuple[Decimal | None, str | None]:
    for cut in (len(text), len(text) - 1, len(text) - 2):
        number = chinese_number(text[:cut]) if cut > 0 else None
        unit = unit_of(text[cut:]) if number is not None and cut < len(text) else None
        if number is not None and cut == len(text):
            return Decimal(number), None
        if number is not None and unit is not None:
            factor = factor_between(unit, target)
            return (None, "value-unit") if factor is None else (number * factor, None)
    return None, "value-unreadable"


def _why_not(note: str | None, raw: Any, text: str) -> Parsed:
    if _BOUND.fullmatch(text):
        return refuse("value-bound", raw, _WHY_BOUND)
    if _RANGE.fullmatch(text):
        return refuse("value-range", raw, _WHY_RANGE)
    if note == "value-unit":
        return refuse("value-unit", raw, _WHY_UNIT)
    return refuse("value-unreadable", raw, _WHY_UNREADABLE)


def _checked(field: Field, raw: Any, number: Decimal) -> Parsed:
    """Within the limits of the field, whole where it must be, and storable as a double."""
    try:
        value = float(number)
    except (InvalidOperation, OverflowError):
        value = math.inf
    if not math.isfinite(value) or abs(value) > 9e15:
        return refuse("value-out-of-range", raw, Text("数太大", "the number is too large"))
    problem = limits(field, raw, value)
    if problem is not None:
        return problem
    if field.type == "integer":
        return Parsed(int(value)) if value == int(value) else refuse("value-not-whole", raw, _WHY_WHOLE)
    return Parsed(value)


def limits(field: Field, raw: Any, value: float) -> Parsed | None:
    """The refusal when `value` lies outside the declared limits of `field`."""
    if field.minimum is not None and value < field.minimum:
        return refuse("value-out-of-range", raw, Text(f"小于 {field.minimum:g}", f"below {field.minimum:g}"))
    if field.maximum is not None and value > field.maximum:
        return refuse("value-out-of-range", raw, Text(f"大于 {field.maximum:g}", f"above {field.maximum:g}"))
    return None
