"""What a layer of the store holds, indexed for an import: by code and by natural key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.schema import Layer
from geo.store.contract import Columns
from geo.values.text import key


class Existing:
    """One layer as it stands. Positions are indexes into its columns."""

    def __init__(self, layer: Layer, columns: Columns | None) -> None:
        self.natural = NaturalKey(layer)
        self.ids = columns.ids if columns is not None else ()
        self.values = columns.values if columns is not None else {}
        self.geometry = columns.geometry if columns is not None else ()
        codes = self.values.get("code", ())
        self.by_code: dict[str, int] = {code: at for at, code in enumerate(codes) if code is not None}
        self._by_title: dict[str, list[int]] | None = None
        self._called: dict[int, Mapping[str, Any]] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def value(self, at: int, name: str) -> Any:
        column = self.values.get(name)
        return column[at] if column is not None else None

    def call(self, at: int, said: Mapping[str, Any]) -> None:
        """A record changed these fields of a feature: by its old name it is met no more, in this import as in the next."""
        if not said.keys().isdisjoint(self.natural.names):
            self._called[at] = said

    def part(self, at: int, name: str) -> Any:
        """A part of the natural key, as it is after the records so far."""
        said = self._called.get(at)
        return said[name] if said is not None and name in said else self.value(at, name)

    def _titles(self) -> dict[str, list[int]]:
        if self._by_title is None:
            self._by_title = {}
            for at, title in enumerate(self.values.get(self.natural.title, ())):
                if title is not None:
                    self._by_title.setdefault(key(title), []).append(at)
        return self._by_title

    def like(self, wanted: Mapping[str, str | None] | None) -> list[int]:
        """Positions whose natural key fits `wanted`: fully equal ones if there are any, else those that only lack a part that is not a reference."""
        if wanted is None or not self.ids:
            return []
        compatible, exact = [], []
        for at in self._titles().get(key(wanted[self.natural.title] or ""), ()):
            there = {name: self.part(at, name) for name in wanted}
            if self.natural.same(wanted, there):
                compatible.append(at)
                if self.exact(at, wanted):
                    exact.append(at)
        return exact or compatible

    def exact(self, at: int, wanted: Mapping[str, str | None]) -> bool:
        """Of a position that fits: whether the same parts are there."""
        return all((self.part(at, n) is None) == (wanted[n] is None) for n in wanted)

    def maybe(self, values: Mapping[str, Any]) -> list[int]:
        """Positions that a record of which little is known may mean: the same title, and nothing that both say differs."""
        title = values.get(self.natural.title)
        if title is None:
            return []
        there = self._titles().get(key(str(title)), ())
        return [at for at in there if all(_agree(values.get(n), self.value(at, n)) for n in self.natural.names)]


def _agree(one: Any, other: Any) -> bool:
    return one is None or other is None or key(str(one)) == key(str(other))


class NaturalKey:
    """What identifies a feature of a layer beside its code.

    Title, references and dates must be there and agree; other text may be missing on one side (a compound without its community), unless the title is
    no name (a hazard is told apart by kind, day and description together).
    """

    def __init__(self, layer: Layer) -> None:
        self.names = layer.natural_key
        self.title = layer.title_field if layer.title_field in layer.natural_key else (layer.natural_key or (layer.title_field,))[0]
        self.references = frozenset(f.name for f in layer.fields if f.refers is not None)
        types = {f.name: f.type for f in layer.fields}
        named = types.get(self.title) == "text"
        self._needed = frozenset(n for n in self.names if not named or n == self.title or n in self.references or types.get(n) != "text")

    def of(self, values: Mapping[str, Any]) -> dict[str, str | None] | None:
        """The key of a record, or None when the layer has none or a needed part is missing (3号楼 of no compound)."""
        if not self.names:
            return None
        out: dict[str, str | None] = {}
        for name in self.names:
            value = values.get(name)
            if value is None and name in self._needed:
                return None
            out[name] = None if value is None else str(value)
        return out

    def same(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        """Equal in every part that both have."""
        for name in self.names:
            one, other = a.get(name), b.get(name)
            if one is None or other is None:
                if name in self._needed:
                    return False
            elif key(str(one)) != key(str(other)):
                return False
        return True

    def fit(self, a: tuple[str, ...], b: tuple[str, ...]) -> bool:
        """Whether two keys in comparable form (all parts) agree in every part that may be missing and is there in both."""
        return all(
            one == other or not one or not other for name, one, other in zip(self.names, a, b, strict=True) if name not in self._needed
        )

    def forms(self, wanted: Mapping[str, str | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A key as (needed parts, all parts) in comparable form."""
        full = tuple([key(v) if v else "" for v in wanted.values()])
        return tuple([form for name, form in zip(wanted, full, strict=True) if name in self._needed]), full
