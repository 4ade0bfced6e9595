"""The columns of the to-do list for the field team, as it is written and as it is read again, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from geo.errors import Text
from geo.values.text import key

SHEET = Text("缺项清单", "data gaps")


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in characters; `needed`: a table without it is no such list."""

    name: str
    label: Text
    width: int
    needed: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("layer", Text("图层", "layer"), 12, needed=True),
    Column("id", Text("对象序号", "feature"), 9, needed=True),
    Column("code", Text("对象编号", "feature's code"), 14),
    Column("name", Text("名称", "name"), 20),
    Column("compound", Text("所属院落", "compound"), 18),
    Column("community", Text("社区", "community"), 12),
    Column("field", Text("缺的字段", "missing field"), 16, needed=True),
    Column("present", Text("现值", "present value"), 10),
    Column("to_fill", Text("可填内容", "what to fill in"), 26),
    Column("settles", Text("可明确结果数", "answers it settles"), 10),
    Column("filled", Text("填写", "fill in"), 18, needed=True),
    Column("remarks", Text("备注", "remarks"), 16),
    Column("version", Text("版本", "version"), 6),
)

_NAMED = {key(text): column.name for column in COLUMNS for text in (column.label.zh, column.label.en)}
_NEEDED = frozenset(c.name for c in COLUMNS if c.needed)


def columns_of(headings: Iterable[str]) -> Mapping[str, str]:
    """Name → heading of the columns of a to-do list; empty for any other table."""
    return _columns_of(tuple(headings))


@lru_cache(maxsize=32)
def _columns_of(headings: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for heading in headings:
        if (name := _NAMED.get(key(heading))) is not None:
            found.setdefault(name, heading)
    return found if found.keys() >= _NEEDED else {}
