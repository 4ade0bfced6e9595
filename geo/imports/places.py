"""Where records without coordinates lie: at the compound or building that they name by code, name or alias; a name that fits two or none is no place."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely

from geo.errors import NEAR_MOST, nearest
from geo.imports.existing import NaturalKey
from geo.schema import Layer
from geo.values.text import as_text, key

_OTHER_NAMES = ("alias", "no")
"""Fields, where a layer has them, by which a feature may be named beside its title."""

_SEPARATORS = re.compile(r"[,，、;；/|\n]+")
_NUMBER = re.compile(r"(?:第)?([0-9a-z]+)(?:号楼|号院|栋楼|幢楼|栋|幢|座|号|楼|#楼|#)?")
_NEAR_MEMO = 200
_NEAR_LENGTH = 100


@lru_cache(maxsize=4096)
def point_of(geometry: bytes) -> bytes:
    """A point that surely lies on a geometry (WKB to WKB, EPSG:4326)."""
    point: bytes = shapely.to_wkb(shapely.point_on_surface(shapely.from_wkb(geometry)), byte_order=1)
    return point


@dataclass(frozen=True, slots=True)
class Named:
    """A feature that others may name. `scope`: fields that tell features of one name apart."""

    code: str
    geometry: bytes | None
    scope: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resolved:
    """`target` None: nothing or several fit (`several`); `near`: names to choose from."""

    target: Named | None
    several: bool = False
    near: tuple[str, ...] = ()


class Names:
    """The features of one layer by everything they may be called."""

    @staticmethod
    def fields(layer: Layer) -> tuple[str, ...]:
        """What of each feature is needed: code, names, and what tells features of one name apart."""
        names = ("code", layer.title_field, *_OTHER_NAMES, *layer.natural_key, *sorted(NaturalKey(layer).references))
        return tuple(n for n in dict.fromkeys(names) if layer.field(n))

    def __init__(self, layer: Layer, rows: Iterable[tuple[Mapping[str, Any], bytes | None]]) -> None:
        """`rows`: values (at least `fields`) and geometry of each feature."""
        self.layer = layer
        self._strict = NaturalKey(layer).references
        self._titles: dict[str, str] = {}
        self._codes: dict[str, Named] = {}
        self._by: dict[str, dict[str, list[Named]]] = {name: {} for name in (layer.title_field, *_OTHER_NAMES) if layer.field(name)}
        self._near: dict[str, tuple[str, ...]] = {}
        self._by_pair: dict[str, list[str]] | None = None
        scope = [n for n in dict.fromkeys((*layer.natural_key, *self._strict)) if n != layer.title_field]
        for values, geometry in rows:
            self._add(values, geometry, scope)

    def _add(self, values: Mapping[str, Any], geometry: bytes | None, scope: list[str]) -> None:
        code = values.get("code")
        if code is None:
            return
        named = Named(code, geometry, {n: values[n] for n in scope if values.get(n) is not None})
        self._codes[key(code)] = named
        for name, index in self._by.items():
            text = values.get(name)
            if text is None:
                continue
            for word in [text] if name == self.layer.title_field else _SEPARATORS.split(text):
                form = _number(word) if name == "no" else key(word)
                if form:
                    index.setdefault(form, []).append(named)
        title = values.get(self.layer.title_field)
        if title is not None:
            self._titles.setdefault(key(title), title)

    def code(self, code: str | None) -> Named | None:
        return None if code is None else self._codes.get(key(code))

    def resolve(self, text: Any, scope: Mapping[str, Any]) -> Resolved:
        """The one feature that `text` means: by code, else title, else another name. `scope`: what the record says beside.

        Of several that fit, those that contradict the scope drop out; a reference in the scope (the compound of a building) must agree even of one.
        """
        said = as_text(text)
        if said is None:
            return Resolved(None)
        by_code = self._codes.get(key(said))
        if by_code is not None:
            return Resolved(by_code)
        for name, index in self._by.items():
            found = {n.code: n for n in index.get(_number(said) if name == "no" else key(said), ())}
            fitting = [n for n in found.values() if self._agrees(n, scope, strict=True)]
            if len(fitting) > 1:
                fitting = [n for n in fitting if self._agrees(n, scope, strict=False)] or fitting
            if len(fitting) == 1 and (name != "no" or self._strict <= scope.keys()):
                return Resolved(fitting[0])
            if len(fitting) > 1:
                return Resolved(None, several=True, near=self._said(said, fitting))
        return Resolved(None, near=self._nearest(said))

    def _agrees(self, named: Named, scope: Mapping[str, Any], *, strict: bool) -> bool:
        for name, value in named.scope.items():
            other = scope.get(name)
            if (name in self._strict) == strict and other is not None and key(str(other)) != key(str(value)):
                return False
        return True

    def _said(self, said: str, several: list[Named]) -> tuple[str, ...]:
        """The rivals, told apart by community or compound, else by code."""
        return tuple(f"{said}({'，'.join(str(v) for v in n.scope.values()) or n.code})" for n in several[:5])

    def _alike(self, form: str) -> list[str]:
        """The comparable titles that share most pairs of characters with `form`, at most NEAR_MOST: comparing all of 20 000 takes a third of a second."""
        if self._by_pair is None:
            self._by_pair = {}
            for title in self._titles:
                for pair in _pairs(title):
                    self._by_pair.setdefault(pair, []).append(title)
        shared = Counter(t for pair in _pairs(form[:_NEAR_LENGTH]) for t in self._by_pair.get(pair, ()))
        return heapq.nsmallest(NEAR_MOST, shared, key=lambda t: (-shared[t], abs(len(t) - len(form)), t))

    def _nearest(self, said: str) -> tuple[str, ...]:
        form = key(said)
        if form not in self._near:
            if len(self._near) >= _NEAR_MEMO:
                return ()
            self._near[form] = tuple(self._titles[t] for t in nearest(form, self._alike(form)))
        return self._near[form]


def _pairs(form: str) -> set[str]:
    """The pairs of neighbouring characters; of a single character itself."""
    return {form[i : i + 2] for i in range(len(form) - 1)} or {form}


def _number(text: str) -> str:
    """3号楼, 3栋 and 第3幢 → 3: only for the numbers of buildings."""
    form = key(text)
    match = _NUMBER.fullmatch(form)
    return match[1] if match else form
