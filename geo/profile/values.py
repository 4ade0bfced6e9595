"""What a profile holds: figures, vehicles, prices and what it says of a rule, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from geo.errors import Text

SURE = ("A", "B", "C", "L", "own")

SEVERITIES = ("critical", "high", "medium", "low", "info")
"""How pressing a finding is, the worst first: the service's own order, not the legal classes 重大 and 一般."""

WORKS = ("basic", "improved", "upgraded", "none")
"""Classes of renovation works: 基础类, 完善类, 提升类; none = nothing is built."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: `value` in `unit`, with its source and how sure it is."""

    value: float
    unit: str
    label: Text
    cite: Text
    sure: str
    verified_on: str | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """An engine: its body in metres, the free strip it needs beside it on each side, the radius of the inner wheel's track in the tightest turn."""

    id: str
    label: Text
    width_m: float
    height_m: float
    length_m: float
    inner_radius_m: float
    side_margin_m: float
    cite: Text
    sure: str

    @property
    def clear_width_m(self) -> float:
        """The clear width it needs: its body and the margin on both sides, to the centimetre."""
        return round(self.width_m + 2 * self.side_margin_m, 2)


@dataclass(frozen=True, slots=True)
class Price:
    """A range of unit prices in yuan per `unit`, with source and date."""

    low: float
    high: float
    unit: str
    label: Text
    source: Text
    date: str
    sure: str


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a profile says of one rule: its statement, how severe a failure is, its class of works and its citation.

    `bands`: (below, severity) with rising limits: a failure measured below one has its severity instead, the first that fits. `term`: the Chinese
    term of the field. `condition`: what must hold for the rule to be gone by at all (a written consent), told with every finding.
    """

    id: str
    statement: Text
    term: str
    severity: str
    works: str
    cite: Text
    sure: str
    verified_on: str | None = None
    bands: tuple[tuple[float, str], ...] = ()
    condition: Text | None = None
