"""What compounds are like, whatever a plan decides of them: worked out once, kept while nothing changes that it goes by."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from geo.projects.problems import Problems, problems
from geo.projects.quantities import look_up, quantities
from geo.projects.quantity import Quantity
from geo.projects.site import Site
from geo.questions.declaration import View, latest
from geo.rules import run
from geo.schema import Layer

T = TypeVar("T")

READS: tuple[str, ...] = tuple(dict.fromkeys((*run.READS, "buildings", "fire_lanes", "gas_mains", "hazards", "obstacles")))
"""The layers that a view for `basis` holds."""


@dataclass(eq=False)
class Basis:
    """Of the compounds that were asked for so far, by their rows. `lang`: of the sentences of findings."""

    site: Site
    layers: Mapping[str, Layer]
    lang: str
    _problems: dict[int, Problems] = field(default_factory=dict)
    _kept: dict[Hashable, Any] = field(default_factory=dict)

    def problems(self, rows: Iterable[int]) -> Mapping[int, Problems]:
        """All rows at once: one by one they take longer."""
        new = [row for row in rows if row not in self._problems]
        if new:
            self._problems |= problems(self.site, new, self.layers, self.lang)
        return self._problems

    def look_up(self, rows: Sequence[int]) -> None:
        """Works out together what takes longer one by one."""
        self.problems(rows)
        look_up(self.site, [row for row in rows if ("quantities", row) not in self._kept])

    def quantities(self, row: int) -> list[Quantity]:
        return self.kept(("quantities", row), lambda: quantities(self.site, row))

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What else follows from the records alone. Two threads may make the same; it is then the same."""
        if key not in self._kept:
            self._kept[key] = make()
        found: T = self._kept[key]
        return found


def basis(view: View, layers: Mapping[str, Layer], lang: str) -> Basis:
    """The view goes by the plan's profile and day."""
    revisions = (*(view.layer_revision(id) for id in READS), view.metric_crs, view.as_of)
    return latest(view, ("projects", lang), revisions, lambda _: Basis(Site(view, layers), layers, lang))
