"""A profile of rules and figures as one frozen value: limits, vehicles, prices and default accuracies, each with where it is from.

A profile is a TOML text that a planner can edit (`data/profiles/*.toml`). Every figure carries its citation and how sure it is
(A: number and clause read; B: number read, clause not; C: general knowledge, to be verified; own: the project's own default).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from geo.errors import Text
from geo.profile.needed import NEEDED, NEEDED_ACCURACIES, NEEDED_PRICES, NEEDED_VEHICLES, NOT_ABOVE, PRICE_UNITS, UNITS
from geo.profile.reading import Reader
from geo.profile.values import SEVERITIES, SURE, WORKS, Figure, Price, RuleText, Vehicle

__all__ = [
    "NEEDED", "NEEDED_ACCURACIES", "NEEDED_PRICES", "NEEDED_VEHICLES", "NOT_ABOVE", "PRICE_UNITS", "SEVERITIES", "SURE", "UNITS", "WORKS",
    "Figure", "Price", "Profile", "RuleText", "Vehicle",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """`figures`, `vehicles`, `prices` and `rules` by id; `accuracies`: metres by the source of a drawing or a width, with "unsaid" among them.

    A rule that is not among `rules` is not gone by under this profile.
    """

    id: str
    version: str
    label: Text
    figures: Mapping[str, Figure]
    vehicles: Mapping[str, Vehicle]
    prices: Mapping[str, Price]
    accuracies: Mapping[str, float]
    rules: Mapping[str, RuleText] = field(default_factory=lambda: MappingProxyType({}))
    based_on: str | None = None

    def __getitem__(self, name: str) -> float:
        """The value of a figure. A KeyError is a defect of ours: `parse` has checked that all NEEDED ones are there."""
        return self.figures[name].value

    @classmethod
    def parse(
        cls, text: str, *, name: str, bases: Mapping[str, Profile] | None = None, rules: Mapping[str, Sequence[str]] | None = None
    ) -> Profile:
        """From TOML. Raises BadProfile with the line and the reason.

        `bases`: the profiles that `[profile] based_on` may name: what this one does not say is theirs, and `[rules.X] applies = false` takes a rule
        out. `rules`: the rules that there are, each with the figures it needs; None = whatever stands there.
        """
        return cls(**Reader(text, name, bases or {}, rules).parts())

    @property
    def fingerprint(self) -> str:
        """Of everything in it: two profiles of one id and version may still differ after an edit."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]
