"""Rules on compounds and buildings as such (OC-…)."""

from __future__ import annotations

from geo.rules.compounds.age import COUNTS_AS_OLD, YEAR_PROVEN
from geo.rules.declaration import Rule

COMPOUNDS: tuple[Rule, ...] = (COUNTS_AS_OLD, YEAR_PROVEN)
