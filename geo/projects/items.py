"""Items of works as a list says them: what each is, its class and unit, and the range of its unit price with source and date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo.errors import Text
from geo.profile import WORKS
from geo.profile.document import Document
from geo.profile.values import SURE

CLASSES = tuple(name for name in WORKS if name != "none")
"""基础类, 完善类, 提升类: in the order in which they are done."""

UNITS = {
    "m": Text("米", "m"),
    "m2": Text("平方米", "m²"),
    "each": Text("个", "pcs"),
    "household": Text("户", "households"),
    "port": Text("端口", "ports"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `low`, `high`: yuan a unit; `works`: one of CLASSES."""

    code: str
    label: Text
    works: str
    unit: str
    low: float
    high: float
    source: Text
    date: str
    sure: str

    @property
    def unit_label(self) -> Text:
        return UNITS[self.unit]


def items_of(text: str, name: str) -> Mapping[str, Item]:
    """The items of a TOML text by their codes, in its order. Raises BadProfile, which tells the line."""
    said = Document(text, name)
    usual = said.table("source")
    found = {}
    for code, entry in said.tables("items").items():
        told = {**usual, **{key: entry[f"source_{key}"] for key in ("zh", "en") if f"source_{key}" in entry}}
        told |= {key: entry[key] for key in ("date", "sure") if key in entry}
        found[code] = _item(said, code, entry, told)
    return MappingProxyType(found)


def _item(said: Document, code: str, entry: Mapping[str, object], told: Mapping[str, object]) -> Item:
    at = ("items", code)
    low, high = said.number(*at, entry, "low"), said.number(*at, entry, "high")
    if low > high:
        raise said.bad(*at, "low", f"{code}：low 大于 high", f"{code}: low is above high")
    return Item(
        code,
        said.label(*at, entry),
        said.one_of(*at, entry, "works", CLASSES),
        said.one_of(*at, entry, "unit", tuple(UNITS)),
        low,
        high,
        said.label(*at, told),
        said.date(*at, told, "date"),
        said.one_of(*at, told, "sure", SURE),
    )
