"""Column headings as offices write them: blanks, widths and brackets of any kind, two rows joined into one, the unit in the heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from geo.schema import Field, Layer
from geo.values.text import key
from geo.values.units import Unit, factor_between, field_unit, unit_of

WEAK_CODES = frozenset(map(key, ("id", "fid", "gid", "oid", "objectid", "objectid_1", "ogc_fid", "osm_id", "uid", "序列号", "主键")))
"""Headings of numbers that a program gave out. They are a code only when they look like one (see `codes`)."""

SERIAL = frozenset(map(key, ("序号", "序", "行号", "编次", "no.", "row", "row_number", "sn", "cad_handle", "cad_entity")))
"""Numbers of lines, and what a CAD program calls an entity: not part of what a record says when two records are compared."""

_BRACKETS = re.compile(r"\(([^()]*)\)")
_MARKS = re.compile(r"^[*#]+|[*#:]+$|\((?:必填|选填|可选|required|optional)\)")
_SUFFIX = re.compile(r"^(.+?)[/_]([^/_]+)$")
_ATTACHED = re.compile(r"^(.*[\u4e00-\u9fff])((?:c|m|k)?m2?|㎡|kg|kpa|mpa|ft|%)$")
_DBF_NAME = 10


@dataclass(frozen=True, slots=True)
class Match:
    """A column that fills a field. `rank` orders rival columns (lower is better); `factor` comes from a unit in the heading."""

    field: str
    column: str
    rank: int
    factor: str = "1"


def heading_key(text: str) -> str:
    """The form in which headings are compared: as `key`, and without the signs that join words."""
    return re.sub(r"[_\-.·:*#]", "", key(text))


def forms(heading: str) -> Iterator[tuple[str, int, Unit | None, int]]:
    """Readings of one heading, best first: (comparable form, penalty, unit, scale 1 or 10 000)."""
    whole = _MARKS.sub("", key(heading))
    yield heading_key(whole), 0, None, 1
    for text, penalty in ((whole, 1), *_parts(heading)):
        yield heading_key(text), penalty, None, 1
        yield from _with_unit(text, penalty)


def _parts(heading: str) -> Iterator[tuple[str, int]]:
    """Of a two-row heading ("基本情况 户数") the lower part, then the upper one."""
    words = [_MARKS.sub("", key(w)) for w in heading.split()]
    if len(words) > 1:
        yield words[-1], 3
        if unit_of(words[-1]) or unit_of(words[-1].strip("()")):
            yield f"{''.join(words[:-1])}({words[-1].strip('()')})", 1
        yield words[0], 6


def _with_unit(text: str, penalty: int) -> Iterator[tuple[str, int, Unit | None, int]]:
    bracket = _BRACKETS.search(text)
    if bracket:
        bare = heading_key(_BRACKETS.sub("", text))
        yield bare, penalty + 1, *_unit(bracket[1])
    for pattern in (_SUFFIX, _ATTACHED):
        match = pattern.match(text)
        if match and unit_of(match[2]):
            yield heading_key(match[1]), penalty + 1, *_unit(match[2])


def _unit(word: str) -> tuple[Unit | None, int]:
    word = word.removeprefix("单位:").removeprefix("unit:").strip()
    unit = unit_of(word)
    if unit is None and word[:1] == "万":
        return unit_of(word[1:]), 10_000
    return unit, 1


@lru_cache(maxsize=64)
def spellings(layer: Layer) -> Mapping[str, tuple[str, int]]:
    """Comparable heading → (field name, 0 for a field's own name or label, 1 for an alias); what is declared first wins."""
    out: dict[str, tuple[str, int]] = {}
    for field in layer.writable:
        for word in (field.name, field.label.zh, field.label.en):
            if out.get(heading_key(word), ("", 1))[1] == 1:
                out[heading_key(word)] = (field.name, 0)
        for word in field.aliases:
            out.setdefault(heading_key(word), (field.name, 1))
    return out


def _factor(field: Field, unit: Unit | None, scale: int) -> str | None:
    """By how much a bare number of the column is multiplied; None when heading and field measure different things."""
    target = field_unit(field.unit)
    if unit is None or target is None or unit.kind in ("count", "year", "time"):
        return str(scale)
    factor = factor_between(unit, target)
    return None if factor is None else str(factor.normalize() * Decimal(scale))


def candidates(layer: Layer, column: str, *, cut: bool = False) -> list[Match]:
    """The fields of `layer` that one column may fill, best first. `cut`: names may have been cut to ten bytes (a shapefile)."""
    known, found = spellings(layer), {}
    for form, penalty, unit, scale in forms(column):
        if form not in known:
            continue
        name, kind = known[form]
        field = layer.field(name)
        factor = _factor(field, unit, scale) if field is not None and field.is_numeric else "1"
        if factor is not None and name not in found:
            found[name] = Match(name, column, 2 * penalty + kind, factor)
    if cut and not found:
        found = _cut(layer, column)
    return sorted(found.values(), key=lambda m: m.rank)


def _cut(layer: Layer, column: str) -> dict[str, Match]:
    """A name that fills ten bytes (or nearly, in UTF-8 or GBK) may be the beginning of a longer one, if of one field only."""
    lengths = [len(column.encode("utf-8"))]
    try:
        lengths.append(len(column.encode("gb18030")))
    except UnicodeEncodeError:
        return {}
    form = heading_key(column)
    if not any(_DBF_NAME - 1 <= n <= _DBF_NAME for n in lengths) or len(form) < 3:
        return {}
    names = {name for word, (name, _) in spellings(layer).items() if word.startswith(form)}
    return {name: Match(name, column, 20) for name in names} if len(names) == 1 else {}


def is_weak(column: str) -> bool:
    return key(column) in WEAK_CODES


def match_columns(
    layer: Layer, columns: Sequence[str], *, sets: Mapping[str, str] | None = None, cut: bool = False
) -> tuple[dict[str, Match], list[tuple[str, str, str]]]:
    """Which column fills which field, and the rivals that lost: (field, taken column, left column).

    `sets` (field → column) is what the user said and is not questioned. An `id`-like column yields to any other code column.
    """
    taken: dict[str, Match] = {}
    for name, column in (sets or {}).items():
        own = [m for m in candidates(layer, column) if m.field == name]
        taken[name] = own[0] if own else Match(name, column, 0, _said_factor(layer, name, column))
    used = {m.column for m in taken.values()}
    wishes = [
        (m.rank + (50 if m.field == "code" and is_weak(column) else 0), at, m)
        for at, column in enumerate(columns)
        if column not in used
        for m in candidates(layer, column, cut=cut)
    ]
    rivals: list[tuple[str, str, str]] = []
    for _, _, match in sorted(wishes, key=lambda w: w[:2]):
        if match.column in used:
            continue
        if match.field in taken:
            rivals.append((match.field, taken[match.field].column, match.column))
        else:
            taken[match.field] = match
            used.add(match.column)
    return taken, [r for r in rivals if r[2] not in used]


def choose_columns(
    layer: Layer, columns: Sequence[str], sets: Mapping[str, str], *, driver: str
) -> tuple[dict[str, Match], list[tuple[str, str, str]]]:
    """`match_columns` with what a person chose for one dataset: fields and columns that it does not have say nothing, "" leaves a field empty."""
    names = {f.name for f in layer.writable}
    wanted = {name: column for name, column in sets.items() if column in columns and name in names}
    empty = {name for name, column in sets.items() if column == ""}
    matches, rivals = match_columns(layer, columns, sets=wanted, cut="shape" in driver.lower())
    return {name: m for name, m in matches.items() if name not in empty}, [r for r in rivals if r[0] not in empty]


def _said_factor(layer: Layer, name: str, column: str) -> str:
    """The unit in a heading counts even where the user named the field."""
    field = layer.field(name)
    for _, _, unit, scale in forms(column):
        if field is not None and unit is not None and (factor := _factor(field, unit, scale)):
            return factor
    return "1"
