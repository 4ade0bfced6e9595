"""Choices, yes and no: a cell is matched against value, labels, aliases and OSM values, never against a part of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from geo.errors import Text, nearest
from geo.schema import Field
from geo.values.parsed import EMPTY, PLAIN, Column, Parsed, refuse
from geo.values.text import UNKNOWN, as_text, key, plain, says_nothing

_TRUE = frozenset("是 有 对 真 已 √ ✓ ✔ ☑ y yes true t 1 on 1.0 具备 存在".split())
_FALSE = frozenset("否 无 没有 没 非 错 假 未 × ✗ ✘ x ☐ n no false f 0 off 0.0 不具备 不存在".split())


_PENDING = "待"
"""待核实, 待定 may name a state of its own (of a hazard, say): where a choice has no "unknown" they are reported."""


def parse_boolean(field: Field, raw: Any, column: Column = PLAIN) -> Parsed:
    """True or False; here 无 means no."""
    if isinstance(raw, bool):
        return Parsed(raw)
    text = plain(as_text(raw) or "")
    if text in _TRUE or text in _FALSE:
        return Parsed(text in _TRUE)
    if text in UNKNOWN:
        return EMPTY
    return refuse("value-unreadable", raw, Text("应填是或否", "yes or no is needed"))


@lru_cache(maxsize=512)
def _spellings(field: Field, osm: bool) -> dict[str, str]:
    """Every accepted spelling → stored value; earlier choices win, the office's words before OSM's (the other way round for OSM)."""
    ours: dict[str, str] = {}
    theirs: dict[str, str] = {}
    for choice in field.choices:
        for word in (choice.value, choice.label.zh, choice.label.en, *choice.aliases):
            ours.setdefault(key(word), choice.value)
        for word in choice.osm:
            theirs.setdefault(key(word), choice.value)
    return {**ours, **theirs} if osm else ours


def parse_choice(field: Field, raw: Any, column: Column = PLAIN) -> Parsed:
    """The stored value of a choice. 无 is the choice "none" where there is one (a gas status), else unknown; a spelling that is no choice is reported."""
    text = as_text(raw)
    if text is None:
        return EMPTY
    spellings = _spellings(field, column.osm)
    value = spellings.get(key(text))
    if value is not None:
        return Parsed(value)
    folded = plain(text)
    if folded == "无" and field.choice("none"):
        return Parsed("none")
    if folded in UNKNOWN and (field.choice("unknown") or not folded.startswith(_PENDING)):
        return EMPTY
    near = [c.label for c in field.choices if c.value in {spellings[n] for n in nearest(key(text), spellings)}]
    zh, en = "、".join(n.zh for n in near), ", ".join(n.en for n in near)
    if near:
        return refuse(
            "unknown-choice", raw, Text(f"不是“{field.label.zh}”的可选值，相近的有：{zh}", f"not a choice of {field.label.en}; near: {en}")
        )
    return refuse("unknown-choice", raw, Text(f"不是“{field.label.zh}”的可选值", f"not a choice of {field.label.en}"))


def parse_text(field: Field, raw: Any, column: Column = PLAIN) -> Parsed:
    """Text as it stands, without blanks at its ends; words that say nothing (不详, —, N/A) are unknown."""
    text = as_text(raw)
    return EMPTY if text is None or says_nothing(text) else Parsed(text)
