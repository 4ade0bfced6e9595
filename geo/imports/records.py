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

    `said`: how references of the natural key were written, before they became codes: codes may change, the file does not.
    """

    number: int
    values: dict[str, Any]
    extra: dict[str, Any]
    geometry: bytes | None
    digest: bytes
    repairs: list[str] = field(default_factory=list)
    problems: list[tuple[str, str, Text]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    weak_code: bool = False
    placed_by: str | None = None


@dataclass(slots=True)
class Origin:
    """What is the same for all records of a dataset: the file's name as source, field → column, how often a name occurs."""

    source: str
    columns: Mapping[str, str] = field(default_factory=dict)
    titles: Counter[tuple[str, ...]] = field(default_factory=Counter)
    full_keys: Counter[tuple[str, ...]] = field(default_factory=Counter)


class Left(Exception):
    """A record that is not taken: reason code and the sentence."""

    def __init__(self, reason: str, text: Text | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = text or REASONS.get(reason, Text(reason, reason))
