"""What a planner decided: the compounds of a project, its prices, and where they differ from what is proposed; a value made from a document's body."""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

import orjson

from geo.errors import BadValue, Text, TooLarge
from geo.projects.items import Item
from geo.questions.declaration import AS_OF

KIND = "project"
"""Of its document in the store."""

MOST = 300
"""Compounds of one project: what a subdistrict of 222 can put into one, and a page can hold."""

_TITLE, _NOTE, _WORDS = 120, 4000, 300
_REMEMBERED = 20
"""Selections of which something was left out, the newest."""

_LARGEST = 1e9


@dataclass(frozen=True, slots=True)
class Member:
    """A compound as it was called when it was taken in, so that one that is gone can still be named."""

    id: int
    code: str | None
    name: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was asked for but is not in the project: of `rows` rows of a layer, those that belong to no compound, the first of them by name."""

    layer: str
    rows: int
    without: int
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A range in yuan a unit instead of the list's, with its source and the day it is of."""

    low: float
    high: float
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Decision:
    """On one item of one compound: whether it is built (None = as proposed), how much (None = as worked out), and why."""

    included: bool | None = None
    amount: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`works`: decisions by (id of the compound, code of the item). `seen`: what the data were when the planner last took them as they are
    (`geo.projects.changes`)."""

    title: str
    profile: str
    as_of: str
    note: str = ""
    compounds: tuple[Member, ...] = ()
    prices: Mapping[str, OwnPrice] = field(default_factory=lambda: MappingProxyType({}))
    works: Mapping[tuple[int, str], Decision] = field(default_factory=lambda: MappingProxyType({}))
    seen: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Plan:
        """A body as `body()` made it."""
        works = {_key(key): Decision(**said) for key, said in body["works"].items()}
        return cls(
            body["title"],
            body["profile"],
            body["as_of"],
            body["note"],
            tuple(Member(**said) for said in body["compounds"]),
            MappingProxyType({code: OwnPrice(**said) for code, said in body["prices"].items()}),
            MappingProxyType(works),
            MappingProxyType(_unpacked(body["seen"])),
            tuple(LeftOut(**{**said, "named": tuple(said["named"])}) for said in body.get("left_out", ())),
        )

    def body(self) -> dict[str, Any]:
        """As a document keeps it."""
        said = {"title": self.title, "profile": self.profile, "note": self.note, **self.decided(), "seen": _packed(self.seen)}
        return {**said, "left_out": [asdict(each) | {"named": list(each.named)} for each in self.left_out]}

    def decided(self) -> dict[str, Any]:
        """What the works and costs follow from, beside the data."""
        return {
            "as_of": self.as_of,
            "compounds": [asdict(member) for member in self.compounds],
            "prices": {code: asdict(price) for code, price in self.prices.items()},
            "works": {f"{id}/{code}": asdict(decision) for (id, code), decision in self.works.items()},
        }

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(member.id for member in self.compounds)

    def price(self, item: Item) -> tuple[float, float]:
        own = self.prices.get(item.code)
        return (item.low, item.high) if own is None else (own.low, own.high)

    def with_compounds(self, members: Sequence[Member]) -> Plan:
        """Those of before and these. Raises TooLarge."""
        held = {member.id: member for member in (*self.compounds, *members)}
        if len(held) > MOST:
            text = Text(
                f"一个项目最多 {MOST} 个院落，这里有 {len(held)} 个：请分成几个项目，或先缩小范围",
                f"a project has at most {MOST} compounds, these are {len(held)}: make several projects, or ask for fewer",
            )
            raise TooLarge(text, maximum=MOST, compounds=len(held))
        return replace(self, compounds=tuple(held.values()))

    def leaving_out(self, rows: LeftOut | None) -> Plan:
        """What was asked for and is not in it, each once."""
        if rows is None:
            return self
        return replace(self, left_out=(*(each for each in self.left_out if each != rows), rows)[-_REMEMBERED:])

    def without(self, ids: Sequence[int]) -> Plan:
        """Raises BadValue for one that is not in it."""
        for id in ids:
            if id not in self.ids:
                raise BadValue(Text(f"项目里没有院落 {id}", f"compound {id} is not in the project"), field="remove")
        kept = {key: said for key, said in self.works.items() if key[0] not in ids}
        return replace(self, compounds=tuple(m for m in self.compounds if m.id not in ids), works=MappingProxyType(kept))

    def with_price(self, items: Mapping[str, Item], code: str, said: Any) -> Plan:
        """A price of the project's own, None = that of the list again. Raises BadValue."""
        if code not in items:
            raise BadValue(Text(f"没有工程项“{code[:60]}”", f"there is no item '{code[:60]}'"), field="prices", items=list(items))
        prices = {key: price for key, price in self.prices.items() if key != code}
        if said is not None:
            prices[code] = _price(code, _object(said, "prices", {"low", "high", "source", "date"}))
        return replace(self, prices=MappingProxyType(prices))

    def with_decision(self, items: Mapping[str, Item], key: str, said: Any) -> Plan:
        """A decision under "compound id/item", None = as proposed again. Raises BadValue."""
        id, code = _known(key, self.ids, items)
        works = {at: decision for at, decision in self.works.items() if at != (id, code)}
        if said is not None:
            given = _object(said, "works", {"included", "amount", "why"})
            included, amount = given.get("included"), given.get("amount")
            if included is not None and not isinstance(included, bool):
                raise _bad("included", "写 true 或 false", "is true or false")
            why = _text(given.get("why") or "", "why", _WORDS)
            if amount is not None and not why:
                raise _bad("why", "手填的工程量要写明依据", "a quantity of one's own needs its reason")
            works[id, code] = Decision(included, None if amount is None else _number(amount, "amount"), why)
        return replace(self, works=MappingProxyType(works))

    def called(self, title: Any, note: Any) -> Plan:
        """Another title or note; None leaves it. Raises BadValue."""
        titled = self if title is None else replace(self, title=_text(title, "title", _TITLE, empty=False))
        return titled if note is None else replace(titled, note=_text(note, "note", _NOTE))

    def on(self, as_of: Any) -> Plan:
        """For another day. Raises BadValue."""
        return replace(self, as_of=str(AS_OF.parse(_text(as_of, "as_of", 20))))


def _packed(seen: Mapping[str, Any]) -> str:
    """A whole subdistrict as it was seen is half a megabyte, which stands in every version of the document: a price that is changed adds one."""
    return base64.b64encode(zlib.compress(orjson.dumps(dict(seen)), 9)).decode()


def _unpacked(text: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(zlib.decompress(base64.b64decode(text)))
    return found


def title_of(said: Any) -> str:
    """Raises BadValue."""
    return _text(said, "title", _TITLE, empty=False)


def _key(text: str) -> tuple[int, str]:
    id, _, code = text.partition("/")
    return int(id), code


def _known(key: str, ids: Sequence[int], items: Mapping[str, Item]) -> tuple[int, str]:
    id, _, code = key.partition("/")
    if not (id.isascii() and id.isdigit() and len(id) < 19 and id == str(int(id)) and int(id) in ids and code in items):
        raise BadValue(Text(f"项目里没有“{key[:60]}”这项工程", f"the project has no work '{key[:60]}'"), field="works")
    return int(id), code


def _price(code: str, said: Mapping[str, Any]) -> OwnPrice:
    low, high = _number(said.get("low"), "low"), _number(said.get("high"), "high")
    if low > high:
        raise _bad("low", f"{code} 的低价高于高价", f"{code}: the low price is above the high one")
    source = _text(said.get("source"), "source", _WORDS, empty=False)
    return OwnPrice(low, high, source, str(AS_OF.parse(_text(said.get("date"), "date", 20, empty=False))))


def _object(said: Any, field: str, members: set[str]) -> Mapping[str, Any]:
    if not isinstance(said, dict) or set(said) - members:
        listed = ", ".join(sorted(members))
        raise _bad(field, f"每项是一个对象，成员只有 {listed}", f"each is an object with {listed} only")
    return said


def _number(said: Any, field: str) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said) or not 0 <= said <= _LARGEST:
        raise _bad(field, "须是 0 到 10 亿的数", "must be a number from 0 to a thousand million")
    return float(said)


def _text(said: Any, field: str, longest: int, *, empty: bool = True) -> str:
    if not isinstance(said, str) or len(said.strip()) > longest or (not empty and not said.strip()):
        raise _bad(
            field,
            f"须是文字，至多 {longest} 字" + ("" if empty else "，不能为空"),
            f"must be a text of at most {longest} characters" + ("" if empty else ", not empty"),
        )
    if "\0" in said or any(0xD800 <= ord(c) <= 0xDFFF for c in said):
        raise _bad(field, "含有不能保存的字符", "holds characters that cannot be kept")
    return said.strip()


def _bad(field: str, zh: str, en: str) -> BadValue:
    return BadValue(Text(f"{field} {zh}", f"{field} {en}"), field=field)
