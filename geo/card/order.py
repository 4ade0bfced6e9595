"""What to mend first: the failures of a compound by rule, then the records whose filling in would settle most.

Works come by severity, and among equals those first that settle more failures; after them what is to be looked up, by how many results it settles. A rule of
severity `info` states a fact (an old compound) and asks for no work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.profile import SEVERITIES

Row = Mapping[str, Any]
NO_WORK = "info"


@dataclass(frozen=True, slots=True)
class Work:
    """All failures of one rule here. `severity`: the worst of them; `rows`: the findings, worst first; `settles`: how many failures it does away with."""

    rule: str
    severity: str
    rows: tuple[Row, ...]

    @property
    def settles(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Record:
    """One field to be filled in for some features here. `settles`: how many results of rules it would make known."""

    layer: str
    field: str | None
    rows: tuple[Row, ...]
    settles: int


def severity_rank(severity: str | None) -> int:
    """0 = the worst."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Findings: what does not comply by severity, then what is unknown; each by rule and id."""
    return sorted(rows, key=lambda row: (_answer(row) != "yes", severity_rank(row["severity"]), row["rule"], row["id"]))


def works(findings: Sequence[Row]) -> list[Work]:
    """What is to be done, first things first."""
    by_rule: dict[str, list[Row]] = {}
    for row in ordered(findings):
        if _answer(row) == "yes" and row["severity"] != NO_WORK:
            by_rule.setdefault(row["rule"], []).append(row)
    made = [Work(rule, mine[0]["severity"], tuple(mine)) for rule, mine in by_rule.items()]
    return sorted(made, key=lambda work: (severity_rank(work.severity), -work.settles, work.rule))


def records(gaps: Sequence[Row]) -> list[Record]:
    """What is to be looked up, that first which settles most."""
    by_field: dict[tuple[str, str | None], list[Row]] = {}
    for row in gaps:
        by_field.setdefault((row["target_layer"], row["field"]), []).append(row)
    made = [
        Record(layer, field, tuple(sorted(mine, key=lambda row: (-row["settles"], row["id"]))), sum(int(row["settles"]) for row in mine))
        for (layer, field), mine in by_field.items()
    ]
    return sorted(made, key=lambda record: (-record.settles, record.layer, record.field or ""))


def _answer(row: Row) -> str:
    answer: str = row["answers"]["findings"]["answer"]
    return answer
