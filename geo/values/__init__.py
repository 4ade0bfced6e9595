"""Values as people write them: one cell in, one value of a declared field out; what cannot be read is reported, never guessed.

无 says nothing in text, numbers, dates and years; in a whole-number field (通气户数) it might mean 0 and is reported; in yes/no it is no; in a choice
it is the choice "none" where there is one (gas status), else nothing. Ranges and bounds of numbers (3-4米, 4米以上) are reported and left unknown:
a lane of "3-4 m" has no width yet. Spans of years keep both ends where the field has a place for the later one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geo.schema import Field
from geo.values.choices import parse_boolean, parse_choice, parse_text
from geo.values.dates import date_order, parse_date
from geo.values.numbers import parse_number
from geo.values.parsed import EMPTY, NOTES, PLAIN, Column, Parsed
from geo.values.years import parse_year

__all__ = ["EMPTY", "NOTES", "PLAIN", "Column", "Parsed", "date_order", "parse", "reader"]

_READERS: dict[str, Callable[[Field, Any, Column], Parsed]] = {
    "text": parse_text,
    "integer": parse_number,
    "number": parse_number,
    "boolean": parse_boolean,
    "date": parse_date,
    "year": parse_year,
    "choice": parse_choice,
}
_MEMO = 50_000


def parse(field: Field, raw: Any, column: Column = PLAIN) -> Parsed:
    """One raw cell (str, int, float, bool, None) as a value of `field`. Fields of type json are not read from files."""
    if raw is None:
        return EMPTY
    return _READERS[field.type](field, raw, column)


def reader(field: Field, column: Column = PLAIN) -> Callable[[Any], Parsed]:
    """`parse` for the cells of one column: each distinct raw value is read once."""
    read = _READERS[field.type]
    memo: dict[Any, Parsed] = {}

    def parse_cell(raw: Any) -> Parsed:
        if raw is None:
            return EMPTY
        known = raw if raw.__class__ is str else (raw.__class__, raw)
        parsed = memo.get(known)
        if parsed is None:
            if len(memo) >= _MEMO:
                memo.clear()
            parsed = memo[known] = read(field, raw, column)
        return parsed

    return parse_cell
