"""What follows a feature that is moved, taken off the map or given another code: the features that name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.frames import Frames
from geo.imports.places import point_of
from geo.imports.plan import by_reference
from geo.schema import Layer
from geo.store.contract import Row, Update, Write

Places = tuple[bytes | None, bytes | None]
"""Before and after, as WKB in EPSG:4326."""


def followed(geometry: bytes | None, *, here: bool, place: bytes | None) -> tuple[bytes | None, str] | None:
    """New geometry and quality of a feature that names another; None when it stays. `here`: it lies where what it names put it; `place`: where that is now.

    One with a place of its own stays; one without comes onto the map with what it names and leaves it with that.
    """
    if (geometry is not None and not here) or place == geometry:
        return None
    return place, "declared" if place is None else "inferred"


def cascade(frames: Frames, layers: Mapping[str, Layer], layer: str, row: Row, values: Mapping[str, Any], places: Places) -> list[Write]:
    """The edits that belong to changing the feature `row` of `layer` to `values` and its geometry as `places` say, for the same transaction.

    The codes by which others name it are replaced, and those that lie where it lies (hazards and buildings without coordinates) go along, and what names these.
    """
    code = row.values["code"]
    if code is None:
        return []
    edit = _Edit(frames, layers)
    if values.get("code", code) not in (code, None):
        edit.renamed[layer] = {code: values["code"]}
    if places[0] != places[1]:
        edit.moved[layer] = {code: places}
    return [Write(other, updates=updates) for other in by_reference(layers) if (updates := edit.updates(layers[other]))]


def references_to(frames: Frames, layers: Mapping[str, Layer], layer: str, code: str | None) -> dict[str, int]:
    """Layer id → how many of its features name the feature `code` of `layer`."""
    found = {}
    for other in layers.values():
        names = [f.name for f in other.fields if f.refers == layer]
        if code is not None and names:
            frame = frames.view(other.id).frame(other.id)
            if count := int(np.logical_or.reduce([frame[name] == code for name in names]).sum()):
                found[other.id] = count
    return found


class _Edit:
    """What one edit has changed so far. `moved`: layer → code → places; `renamed`: layer → old code → new code."""

    def __init__(self, frames: Frames, layers: Mapping[str, Layer]) -> None:
        self._frames, self._layers = frames, layers
        self.moved: dict[str, dict[str, Places]] = {}
        self.renamed: dict[str, dict[str, str]] = {}

    def updates(self, layer: Layer) -> list[Update]:
        """Those of the features of `layer` that name what has changed."""
        refers = {f.name: f.refers for f in layer.fields if f.refers in self.moved or f.refers in self.renamed}
        if not refers:
            return []
        frame = self._frames.view(layer.id).frame(layer.id)
        changed = [
            frame[name].isin([*self.moved.get(target or "", ()), *self.renamed.get(target or "", ())]) for name, target in refers.items()
        ]
        rows = frame[np.logical_or.reduce(changed)]
        return [update for at in range(len(rows)) if (update := self._update(layer, refers, rows.iloc[at], int(rows.index[at])))]

    def _update(self, layer: Layer, refers: Mapping[str, str | None], row: pd.Series[Any], id: int) -> Update | None:
        new: dict[str, Any] = {}
        for name, target in refers.items():
            code = self.renamed.get(target or "", {}).get(row[name])
            if code is not None:
                new[name] = code
        geometry = None if row["geometry"] is None else bytes(shapely.to_wkb(row["geometry"], byte_order=1))
        went = None
        if "Point" in layer.geometry and any(row[n] in self.moved.get(refers[n] or "", ()) for n in refers if n in layer.place_by):
            before, after = self._place(layer, row, 0), self._place(layer, row, 1)
            went = followed(geometry, here=row["quality"] == "inferred" and geometry == before, place=after)
        if went is not None:
            new["quality"] = went[1]
            self.moved.setdefault(layer.id, {})[row["code"]] = (geometry, went[0])
        if not new:
            return None
        return Update(id, int(row["version"]), new, None if went is None else went[0], went is not None)

    def _place(self, layer: Layer, row: pd.Series[Any], when: int) -> bytes | None:
        """Where what `row` names lies, before (0) or after (1) the edit: at the first of the places it names that is on the map."""
        for name in layer.place_by:
            declared = layer.field(name)
            if declared is not None and declared.refers is not None and row[name] is not None:
                wkb = self._places(declared.refers, row[name])[when]
                if wkb is not None:
                    return point_of(wkb)
        return None

    def _places(self, layer: str, code: str) -> Places:
        if code in self.moved.get(layer, ()):
            return self.moved[layer][code]
        frame = self._frames.view(layer).frame(layer)
        at = np.flatnonzero(frame["code"].to_numpy() == code)
        shape = frame["geometry"].iloc[int(at[0])] if len(at) else None
        wkb = None if shape is None else bytes(shapely.to_wkb(shape, byte_order=1))
        return wkb, wkb
