"""Which features belong to which compound, and the figures of theirs that quantities are made of, in metres of the metric CRS."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.hazards.states import STATUSES
from geo.projects.stretches import Stretches, stretches
from geo.questions.columns import texts
from geo.questions.declaration import View
from geo.questions.hazards.ledger import Ledger, assigned, ledger
from geo.recorded import recorded
from geo.rules import run
from geo.rules.declaration import Judgement
from geo.rules.targets import Targets, targets
from geo.schema import Layer

Rows = NDArray[np.int64]

COMPOUNDS = "compounds"
_AREAS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(eq=False)
class Site:
    """The layers of one view as the works of its compounds need them; what is asked for is made once."""

    view: View
    layers: Mapping[str, Layer]
    _members: dict[str, dict[int, list[int]]] = field(default_factory=dict)
    _targets: dict[str, Targets] = field(default_factory=dict)
    _columns: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    @cached_property
    def judged(self) -> Mapping[str, Judgement]:
        return run.judged(self.view)

    @cached_property
    def ledger(self) -> Ledger:
        return ledger(self.view)

    @cached_property
    def rows(self) -> dict[int, int]:
        """The position of each compound by its id."""
        return {int(id): row for row, id in enumerate(self.view.frame(COMPOUNDS).index)}

    @cached_property
    def stretches(self) -> Stretches:
        return stretches(self.view)

    def targets(self, layer: str) -> Targets:
        if layer not in self._targets:
            self._targets[layer] = targets(self.view, layer)
        return self._targets[layer]

    def members(self, layer: str, compound: int) -> list[int]:
        """Positions of the features of a layer that belong to the compound in a row: those that name it, else that lie in it; hazards as the ledger has it."""
        if layer not in self._members:
            self._members[layer] = self._by_ledger() if layer == "hazards" else self._by_target(layer)
        return self._members[layer].get(compound, [])

    def unrecorded(self, compound: int) -> tuple[str, ...]:
        """Layers of which the compound has nothing and a zero would say too much: buildings and lanes every one has, and of hazards there may be none only
        where its community has some on record."""
        bare = tuple(layer for layer in ("buildings", "fire_lanes") if not self.members(layer, compound))
        return bare if self._hazards_recorded[compound] else (*bare, "hazards")

    @cached_property
    def _hazards_recorded(self) -> NDArray[np.bool_]:
        having = assigned(self.view).compound
        return recorded(self.view, self.layers["hazards"], having[having >= 0].tolist())

    def _by_ledger(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row, compound in enumerate(assigned(self.view).compound.tolist()):
            found.setdefault(int(compound), []).append(row)
        return found

    def _by_target(self, layer: str) -> dict[int, list[int]]:
        codes = {code: row for row, code in enumerate(texts(self.view.frame(COMPOUNDS), "code")) if isinstance(code, str)}
        found: dict[int, list[int]] = {}
        for row, code in enumerate(self.targets(layer).compound.tolist()):
            if code in codes:
                found.setdefault(codes[code], []).append(row)
        return found

    def open_hazards(self, compound: int, *types: str) -> list[int]:
        """Those of some types, or all, that are not closed on the day, or of which nobody can tell."""
        of = self.column("hazards", "hazard_type")
        return [row for row in self.members("hazards", compound) if self._open[row] and (not types or of[row] in types)]

    @cached_property
    def _open(self) -> NDArray[np.bool_]:
        return np.asarray(self.ledger.open | self.ledger.unknown, dtype=bool)

    def status(self, hazard: int) -> str | None:
        """As it counts on the day."""
        code = int(self.ledger.status[hazard])
        return STATUSES[code] if code >= 0 else None

    def value(self, layer: str, row: int, name: str) -> Any:
        """A plain value of a record, None = not on record."""
        value = self.column(layer, name)[row]
        return None if value is None or value != value else value  # NaN is not itself

    def column(self, layer: str, name: str) -> list[Any]:
        """A column as plain values, the ids for no name: to take them from the frame one by one takes longer than all the rest."""
        if (layer, name) not in self._columns:
            frame = self.view.frame(layer)
            self._columns[layer, name] = (frame[name] if name else frame.index).tolist()
        return self._columns[layer, name]

    def number(self, layer: str, row: int, name: str) -> float | None:
        value = self.value(layer, row, name)
        return None if value is None else float(value)

    def id(self, layer: str, row: int) -> int:
        return int(self.column(layer, "")[row])

    def name(self, layer: str, row: int) -> str:
        """What it is called: its name, else its number or code."""
        about = self.targets(layer)
        called = about.name[row]
        return str(called if isinstance(called, str) else about.code[row])

    def length_m(self, layer: str, row: int) -> float | None:
        """Of a line as drawn, else as declared (`length_m`), to 0.1 m."""
        shape = self.view.metric(layer)[row]
        if shape is not None and shapely.get_type_id(shape) not in _AREAS and shapely.length(shape) > 0:
            return rounded(float(shapely.length(shape)))
        said = self.number(layer, row, "length_m") if "length_m" in self.view.frame(layer).columns else None
        return None if said is None else rounded(said)

    def area_m2(self, layer: str, row: int) -> float | None:
        """Of an area as drawn, to 0.1 m²; None for points, lines and what is unplaced."""
        shape = self.view.metric(layer)[row]
        return rounded(float(shapely.area(shape))) if shape is not None and shapely.get_type_id(shape) in _AREAS else None

    def perimeter_m(self, layer: str, row: int) -> float | None:
        """The outer rings of an area as drawn, to 0.1 m; courtyards within are not counted."""
        shape = self.view.metric(layer)[row]
        if shape is None or shapely.get_type_id(shape) not in _AREAS:
            return None
        rings = shapely.get_exterior_ring(shapely.get_parts(shape))
        return rounded(float(np.sum(shapely.length(rings))))


def rounded(value: float, decimals: int = 1) -> float:
    """Half up, as with pencil and paper; a hair below the half counts as the half."""
    factor: int = 10**decimals
    return float(math.floor(value * factor + 0.5 + 1e-7) / factor)
