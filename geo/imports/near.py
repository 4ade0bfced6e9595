"""New features whose name is nearly that of one already there: perhaps the same thing, written another way."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from geo.imports.codes import is_derived
from geo.imports.existing import Existing
from geo.imports.places import Names
from geo.schema import Layer
from geo.values.text import key

MOST = 50
"""Pairs that an account shows."""

_LOOKED_AT = 200
"""New names that are compared: with more of them the file is not one that names what is there."""

_TELLING = re.compile(r"[0-9]+|[零〇一二三四五六七八九十百甲乙丙丁东南西北中前后上下左右内外新老大小]|(?<![a-z])[a-z](?![a-z])")
"""What tells 一号院 from 二号院 and 东苑 from 西苑: names that differ in it are not nearly the same."""


_KIND = re.compile(r"(?:小[区區]|社[区區]|(?:家属|楼|大)*(?:楼?院|楼)|花园)$")
_ENOUGH = 0.75


def near_names(
    layer: Layer, inserts: Iterable[Mapping[str, Any]], existing: Existing, matched: Callable[[int], bool]
) -> list[tuple[str, list[str]]]:
    """(new name, names of stored features that no record meant and that are written nearly so), for records without a code of their own."""
    if not layer.natural_key or not len(existing):
        return []
    fields = Names.fields(layer)
    free = [at for at in range(len(existing)) if not matched(at)]
    names: Names | None = None
    found: list[tuple[str, list[str]]] = []
    looked = 0
    for row in inserts:
        title = row.get(layer.title_field)
        if not isinstance(title, str) or not is_derived(row.get("code")):
            continue
        looked += 1
        if looked > _LOOKED_AT or len(found) == MOST:
            break
        names = names or Names(layer, (({n: existing.value(at, n) for n in fields}, None) for at in free))
        near = [other for other in names.resolve(title, {}).near if alike(title, other)]
        if near:
            found.append((title, near))
    return found


def alike(one: str, other: str) -> bool:
    """Whether two near names may mean the same: their numbers and directions agree, and so does most of what is left without the word for a compound."""
    a, b = key(one), key(other)
    if a == b or _TELLING.findall(a) != _TELLING.findall(b):
        return False
    mine, theirs = (_KIND.sub("", name) or name for name in (a, b))
    return difflib.SequenceMatcher(None, mine, theirs).ratio() >= _ENOUGH
