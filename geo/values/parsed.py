"""What reading one cell gives: a value, what it says about other fields, and what was changed or could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from geo.errors import Text

DateOrder = Literal["mdy", "dmy"]

NOTES: Mapping[str, Text] = MappingProxyType(
    {
        "approximate": Text("“约”等字样未保留在数值中", "the value was given as approximate"),
        "two-digit-year": Text("两位数的年份按 19xx 年读", "a two-digit year was read as 19xx"),
        "none-as-unknown": Text("“无”按不明处理；确为没有请填 0", "'none' in a count was read as unknown: write 0 if none is meant"),
        "value-unreadable": Text("读不出的值按不明处理", "a value that could not be read was left unknown"),
        "value-range": Text("区间值按不明处理", "a range was left unknown"),
        "value-bound": Text("“以上/以下/大于”等界限值按不明处理", "a bound (over, under) was left unknown"),
        "value-unit": Text("单位不认识或不适用", "the unit is not known or does not fit the field"),
        "value-out-of-range": Text("超出字段允许的范围", "outside the limits of the field"),
        "value-not-whole": Text("应为整数", "a whole number is needed"),
        "unknown-choice": Text("不在可选值之中", "not one of the choices"),
        "ambiguous-date": Text("日月次序不明，整列也无法证明", "day and month cannot be told apart, nor does the column prove their order"),
        "ambiguous-year": Text("年月与起止年份分不清", "a month and a span of years cannot be told apart"),
        "incomplete-date": Text("日期缺月或日", "the date lacks its month or day"),
    }
)
"""Every code that reading a cell can give; the record then counts as repaired and the raw text stays in `extra`."""


@dataclass(frozen=True, slots=True)
class Column:
    """What is known of a column beside its cells.

    `factor`: by how much a bare number is multiplied, from a unit in the heading (宽度(cm) for a field in metres: "0.01").
    `order`: how d/m/y dates are written, when the column proves it. `osm`: the cells are OSM tag values.
    """

    factor: str = "1"
    order: DateOrder | None = None
    osm: bool = False


PLAIN = Column()


@dataclass(frozen=True, slots=True)
class Parsed:
    """One cell read. `value` None = unknown. `extra`: other fields that follow (range_end, basis). `note`: a code of NOTES when something was
    reinterpreted or dropped. `problem`: the sentence when the cell says something that the field cannot take; `value` is then None."""

    value: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None
    problem: Text | None = None

    @property
    def changed(self) -> bool:
        """Whether the record counts as repaired because of this cell, and its raw text must be kept."""
        return self.note is not None


EMPTY = Parsed()


def refuse(note: str, raw: object, why: Text) -> Parsed:
    """A cell that is reported and left unknown."""
    shown = str(raw)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    return Parsed(note=note, problem=Text(f"“{shown}”：{why.zh}", f"'{shown}': {why.en}"))
