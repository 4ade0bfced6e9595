"""Gas of a compound before: what the history says of the last change of its gas fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from geo.card.groups import GAS, GROUPS

FIELDS = next(group.fields for group in GROUPS if group.id == GAS)


class Change(Protocol):
    """A line of the store's history: `before` and `after` hold the fields that changed."""

    @property
    def at(self) -> str: ...
    @property
    def before(self) -> Mapping[str, Any] | None: ...
    @property
    def after(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the gas fields held until `at` (ISO 8601 UTC)."""

    at: str
    values: Mapping[str, Any]


def earlier(now: Mapping[str, Any], newest_first: Iterable[Change]) -> Earlier | None:
    """The gas fields as they were before they last changed; None = they never did since the compound came."""
    values = {name: now.get(name) for name in FIELDS}
    for change in newest_first:
        if change.before is None or change.after is None:
            return None
        changed = {name: change.before[name] for name in FIELDS if name in change.before and change.before[name] != change.after.get(name)}
        if changed:
            return Earlier(change.at, values | changed)
    return None
