"""The log of a hazard's life, read back from the history: who, when, from which state to which, by which step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from geo import ledger

Kind = Literal["entered", "import", "step", "correction", "taken_back", "removed"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the history of one hazard. `before`, `after`: the values that changed; None = it was not there."""

    revision: int
    at: str
    actor: str
    action: str
    before: ledger.Record | None
    after: ledger.Record | None
    reason: str | None = None
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log: who, when, from which state to which, by which step (None = by none: a correction, an import, an undo), and why."""

    line: Line
    kind: Kind
    step: str | None
    source: str | None
    target: str | None
    day: str | None
    values: ledger.Record


_TOLD = (ledger.STATUS, ledger.ESCALATED, "due_date_extended")
"""Fields whose change makes a line of the log."""


def replay(lines: Iterable[Line]) -> Sequence[Entry]:
    """The log from the history, oldest first: the last entry's target is the state on record."""
    record: dict[str, Any] = {}
    entries: list[Entry] = []
    for line in lines:
        after = {} if line.after is None else {**(record if line.before is not None else {}), **line.after}
        if line.before is None or line.after is None or any(record.get(n) != after.get(n) for n in _TOLD):
            entries.append(_entry(line, record, after))
        record = after
    return entries


def _entry(line: Line, record: ledger.Record, after: ledger.Record) -> Entry:
    step = None if line.imported or line.action != "update" else _step_between(record, after)
    day = (
        after.get(step.dated)
        if step and step.dated
        else after.get(ledger.SINCE)
        if record.get(ledger.STATUS) != after.get(ledger.STATUS)
        else None
    )
    names = [need.field for need in step.needs] if step else []
    values = {n: after[n] for n in names if after.get(n) is not None and n != (step and step.dated)}
    return Entry(line, _kind(line, step), step.id if step else None, record.get(ledger.STATUS), after.get(ledger.STATUS), day, values)


def _kind(line: Line, step: ledger.Step | None) -> Kind:
    if line.action == "undo":
        return "taken_back"
    if line.imported:
        return "import"
    if line.after is None:
        return "removed"
    return "entered" if line.before is None else "step" if step else "correction"


def _step_between(record: ledger.Record, after: ledger.Record) -> ledger.Step | None:
    """The step that leads from one record to the next with all it needs."""
    source, target = record.get(ledger.STATUS), after.get(ledger.STATUS)
    changed = source != target
    for step in ledger.STEPS:
        does = step.target == target and changed if step.target is not None else not changed and _marks(step, record, after)
        if does and source in step.sources and all(after.get(n.field) is not None for n in step.needs if n.required):
            return step
    return None


def _marks(step: ledger.Step, record: ledger.Record, after: ledger.Record) -> bool:
    """Whether what a step without a new state is about has become so."""
    told = {**dict(step.sets), **{need.field: after.get(need.field) for need in step.needs}}
    return all(bool(after.get(n)) == v if n == ledger.ESCALATED else after.get(n) == v for n, v in told.items()) and any(
        record.get(n) != after.get(n) for n in told
    )
