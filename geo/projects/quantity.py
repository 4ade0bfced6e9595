"""How much of an item a compound needs, as a sum whose every part can be checked with a pocket calculator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from geo.errors import Text
from geo.projects.site import Site, rounded


@dataclass(frozen=True, slots=True)
class Part:
    """One feature's share. `amount`: None = unknown, then `lacks` names what is not on record (a layer's field, "geometry"). `sum`: how it was worked out
    from figures of the records and the drawing, the same in both languages, with a question mark for what is unknown."""

    layer: str
    id: int
    name: str
    sum: str
    amount: float | None
    lacks: str | None = None
    resolves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """`proposed`: something found asks for it; else it is offered to the planner. `formula`: in words. `by_plan`: only the planner can say how much."""

    code: str
    parts: tuple[Part, ...]
    proposed: bool
    formula: Text
    by_plan: bool = False

    @property
    def amount(self) -> float | None:
        """The sum of what is known; None where nothing is."""
        known = [part.amount for part in self.parts if part.amount is not None]
        return rounded(sum(known)) if known else None

    @property
    def unknown(self) -> int:
        """How many parts could not be worked out."""
        return sum(part.amount is None for part in self.parts)

    @property
    def resolves(self) -> tuple[str, ...]:
        """The findings and hazards that it settles."""
        return tuple(dict.fromkeys(code for part in self.parts for code in part.resolves))


Measure = Callable[[Site, int], "tuple[Iterable[Part], bool] | None"]
"""Parts for the compound in a row, and whether something found asks for them; None = the item is nothing for it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How the quantity of the item `code` is worked out."""

    code: str
    formula: Text
    measure: Measure
    by_plan: bool = False

    def quantity(self, site: Site, compound: int) -> Quantity | None:
        found = self.measure(site, compound)
        if found is None:
            return None
        parts, proposed = found
        return Quantity(self.code, tuple(parts), proposed, self.formula, self.by_plan)


def figure(value: float | None) -> str:
    """A number as it stands in a sum, `?` for an unknown one."""
    return "?" if value is None else f"{value:.10g}"


def product(site: Site, layer: str, row: int, factors: Iterable[tuple[str, float | None, str]], resolves: Iterable[str] = ()) -> Part:
    """The share of one feature as a product. `factors`: (as written, value, the field that it lacks when unknown)."""
    listed = list(factors)
    lacks = next((field for _, value, field in listed if value is None), None)
    amount = None
    if lacks is None:
        amount = 1.0
        for _, value, _ in listed:
            amount *= value or 0.0
        amount = rounded(amount)
    written = " × ".join(text for text, _, _ in listed)
    return Part(layer, site.id(layer, row), site.name(layer, row), written, amount, lacks, tuple(resolves))
