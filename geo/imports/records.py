"""A record between file and store, what is the same for all records of its dataset, and how one is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo.errors import Text
from geo.imports.account import REASONS


@dataclass(slots=True)
class Record:
    """One record on its way: only the fields that say something stand in `values`. `repairs`: codes of what was changed; `problems`: (code, column, sentence).

    `marks`: (code, column) of every cell that was read otherwise than it stands or not at all.
    `said`: how references of the natural key were written, before they became codes: codes may change, the file does not.
    """

    number: int
    values: dict[str, Any]
    extra: dict[str, Any]
    geometry: bytes | None
    digest: bytes
    repairs: list[str] = field(default_factory=list)
    problems: list[tuple[str, str, Text]] = field(default_factory=list)
    marks: list[tuple[str, str]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    weak_code: bool = False
    placed_by: str | None = None


@dataclass(slots=True)
class Origin:
    """What is the same for all records of a dataset: the file's name as source, field → column, how often a name occurs.

    `titles`, `full_keys`: records (exact doubles once) by the needed and by all parts of the natural key in comparable form; `groups`: the latter by the
    former. `unclear`: full keys of several records that their places do not tell apart.
    """

    source: str
    columns: Mapping[str, str] = field(default_factory=dict)
    titles: Counter[tuple[str, ...]] = field(default_factory=Counter)
    full_keys: Counter[tuple[str, ...]] = field(default_factory=Counter)
    groups: dict[tuple[str, ...], set[tuple[str, ...]]] = field(default_factory=dict)
    unclear: set[tuple[str, ...]] = field(default_factory=set)

    def count(self, short: tuple[str, ...], full: tuple[str, ...], by: int = 1) -> None:
        self.titles[short] += by
        self.full_keys[full] += by
        self.groups.setdefault(short, set()).add(full)


class Left(Exception):
    """A record that is not taken: reason code and the sentence."""

    def __init__(self, reason: str, text: Text | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text or REASONS.get(reason, Text(reason, reason))
