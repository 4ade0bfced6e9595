"""Two results of the rule book side by side, of two profiles or two days: what changes, by rule and by feature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.rules.declaration import RESULTS
from geo.rules.findings import NUMBERS, Findings

NOT_JUDGED = len(RESULTS)
"""Position of "absent" in STATES: the rule is not gone by there."""

STATES = (*RESULTS, "absent")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Findings whose result differs, by id; `rule`: the rule of each, `before` and `after`: positions in STATES."""

    ids: NDArray[np.int64]
    rule: NDArray[np.object_]
    before: NDArray[np.int8]
    after: NDArray[np.int8]

    @property
    def by_rule(self) -> Mapping[str, Mapping[tuple[str, str], int]]:
        """Rule id → (state before, state after) → how many findings, the rules in the order of their ids."""
        counted: dict[str, dict[tuple[str, str], int]] = {rule: {} for rule in sorted(set(self.rule))}
        for rule, before, after in zip(self.rule, self.before, self.after, strict=True):
            change = STATES[before], STATES[after]
            counted[rule][change] = counted[rule].get(change, 0) + 1
        return counted

    def within(self, ids: NDArray[np.int64]) -> Comparison:
        """Of these findings only."""
        mine = np.isin(self.ids, ids)
        return Comparison(self.ids[mine], self.rule[mine], self.before[mine], self.after[mine])

    def listed(self) -> list[dict[str, Any]]:
        """One of each, as JSON values."""
        return [
            {"id": int(id), "rule": rule, "target_id": int(id) // NUMBERS, "before": STATES[before], "after": STATES[after]}
            for id, rule, before, after in zip(self.ids, self.rule, self.before, self.after, strict=True)
        ]


def results_in(other: Findings, ids: NDArray[np.int64]) -> NDArray[np.int8]:
    """The results that `other` has for findings by their ids, positions in STATES."""
    found = np.full(len(ids), NOT_JUDGED, dtype=np.int8)
    if len(other):
        at = np.minimum(np.searchsorted(other.ids, ids), len(other) - 1)
        there = other.ids[at] == ids
        found[there] = other.result[at[there]]
    return found


def compared(before: Findings, after: Findings) -> Comparison:
    """What differs between two results on the same records."""
    ids = np.union1d(before.ids, after.ids)
    old, new = results_in(before, ids), results_in(after, ids)
    differs = old != new
    names = {rule.number: rule.id for found in (before, after) for rule in found.rules}
    rule = np.array([*(names[int(id) % NUMBERS] for id in ids[differs]), None], dtype=object)[:-1]
    return Comparison(ids[differs], rule, old[differs], new[differs])
