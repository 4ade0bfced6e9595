"""What becomes of a stored feature when a file says something new about it, so that the order of files does not matter."""

from __future__ import annotations

from typing import Any

from geo.imports.existing import Existing
from geo.imports.records import Origin, Record
from geo.schema import Layer

SOURCES = "；"
"""Between the names of the files that a feature came from."""

_ESTIMATE = "estimate"


def source_of(said: str | None, theirs: str | None, origin: Origin) -> str:
    """What the file says itself, else all files in one order. A file cannot call its rows made up: "demo" is the service's own mark."""
    if said is not None and said.casefold() != "demo":
        return said
    return SOURCES.join(sorted({*(theirs.split(SOURCES) if theirs else ()), origin.source}))


def quality_of(theirs: str | None, *, by_name: bool, placed: bool) -> str | None:
    """The quality where the file says none: placed by name is inferred, a place of its own ends that; None = as it is."""
    if by_name:
        return "inferred"
    return "declared" if theirs is None or (placed and theirs == "inferred") else None


def end_estimates(layer: Layer, new: dict[str, Any], existing: Existing, at: int) -> None:
    """A new exact year takes the end of the old span and its "estimate" with it."""
    for declared in layer.fields:
        if declared.basis and declared.range_end and declared.name in new and declared.basis not in new:
            was_estimate = existing.value(at, declared.basis) == _ESTIMATE
            if was_estimate and new[declared.name] != existing.value(at, declared.name):
                new.setdefault(declared.range_end, None)
                new[declared.basis] = None


def extra_of(record: Record, origin: Origin, theirs: dict[str, Any]) -> dict[str, Any]:
    """Both extras; the raw text of a cell goes when the column can now be read."""
    kept = dict(theirs)
    for name, column in origin.columns.items():
        if name in record.values and column in kept and column not in record.extra:
            del kept[column]
    return {**kept, **record.extra}
