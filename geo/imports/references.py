"""What a record says of other features: names become codes, a record without coordinates gets the place of what it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from geo.errors import Text
from geo.imports.existing import Existing
from geo.imports.places import Names, Resolved, point_of
from geo.imports.records import Left, Origin, Record
from geo.schema import Layer
from geo.values.text import key

_CODE_HEADING = re.compile(r"编号|编码|代码|code|id$")
"""Columns that hold codes: a code whose feature is not there (yet) is kept as it is; a name that fits nothing is not a code."""


class References:
    """The reference fields of one layer in one import.

    `names(layer id)`: the features of another layer, as they will be, by what they are called; `stored(layer id)`: as they are now;
    `renamed(layer id)`: old code → new code.
    """

    def __init__(
        self,
        layer: Layer,
        existing: Existing,
        *,
        names: Callable[[str], Names],
        stored: Callable[[str], Existing],
        renamed: Callable[[str], Mapping[str, str]],
    ) -> None:
        self.layer, self.existing = layer, existing
        self.fields = {f.name: f.refers for f in layer.fields if f.refers is not None}
        self._names, self._stored, self._renames = names, stored, renamed
        places = {name: at for at, name in enumerate(layer.place_by)}
        self._order = sorted(self.fields, key=lambda name: places.get(name, len(places)), reverse=True)
        self._broadest = layer.place_by[-1] if layer.place_by else None

    def resolve(self, record: Record, origin: Origin, *, placed: bool) -> None:
        """Names of other features become their codes. A record without coordinates that names a compound must name one that is there."""
        lost: dict[str, Resolved] = {}
        for name in self._order:
            said = record.values.get(name)
            if said is None:
                continue
            found = self._names(self.fields[name]).resolve(said, {k: v for k, v in record.values.items() if k != name and k not in lost})
            if found.target is not None:
                record.values[name] = found.target.code
                if name in self.existing.natural.names:
                    record.said[name] = str(said)
            else:
                lost[name] = found
        for name, found in lost.items():
            if not placed and name == self._only_place(record, lost):
                raise Left("place-ambiguous" if found.several else "place-unknown", _no_place(self.layer, name, record.values[name], found))
        for name, found in lost.items():
            column = origin.columns.get(name, name)
            sentence = _no_place(self.layer, name, record.values[name], found)
            if (placed or name not in self.layer.place_by) and not found.several and _CODE_HEADING.search(key(column)):
                record.problems.append(("reference-dangling", column, sentence))
                continue
            reason = "reference-ambiguous" if found.several else "reference-unknown"
            record.repairs.append(reason)
            record.problems.append((reason, column, sentence))
            record.extra.setdefault(column, record.values.pop(name))

    def _only_place(self, record: Record, lost: Mapping[str, Resolved]) -> str | None:
        """The reference without which a record has no place: the compound when it is given, else whatever is."""
        given = [n for n in self.layer.place_by if n in record.values]
        if not given:
            return None
        if given[-1] == self._broadest or all(n in lost for n in given):
            return given[-1]
        return None

    def place(self, values: Mapping[str, Any]) -> bytes | None:
        """A point at the first place that the references name."""
        for name in self.layer.place_by:
            target = self._names(self.fields[name]).code(values.get(name))
            if target is not None and target.geometry is not None and "Point" in self.layer.geometry:
                return point_of(target.geometry)
        return None

    def there(self, values: Mapping[str, Any]) -> bool:
        """Whether any of the features that would give a place is there at all, on the map or not."""
        return any(self._names(self.fields[name]).code(values.get(name)) is not None for name in self.layer.place_by)

    def placed_here(self, at: int) -> bool:
        """Whether a stored feature lies where its references put it (and so follows them)."""
        if self.existing.value(at, "quality") != "inferred":
            return False
        for name in self.layer.place_by:
            stored = self._stored(self.fields[name])
            there = stored.by_code.get(self.existing.value(at, name) or "")
            if there is not None and stored.geometry[there] is not None:
                return point_of(stored.geometry[there]) == self.existing.geometry[at]
        return False

    def follow_renames(self, new: dict[str, Any], merged: Mapping[str, Any]) -> None:
        """Codes that this import replaces are replaced where they are referred to."""
        for name, target in self.fields.items():
            renamed = self._renames(target).get(merged.get(name) or "")
            if renamed is not None:
                new[name] = renamed


def _no_place(layer: Layer, name: str, said: Any, found: Resolved) -> Text:
    declared = layer.field(name)
    label = declared.label if declared is not None else Text(name, name)
    near_zh = f"；相近的有：{'、'.join(found.near)}" if found.near else ""
    near_en = f"; nearest: {', '.join(found.near)}" if found.near else ""
    if found.several:
        return Text(f"{label.zh}“{said}”对应多个{near_zh}", f"{label.en} '{said}' fits several{near_en}")
    return Text(f"{label.zh}“{said}”找不到{near_zh}", f"{label.en} '{said}' is not there{near_en}")
