"""The first pass: what the reader hands over, kept in temporary files, with what can only be known when a dataset has been seen whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from geo.formats.contract import Chunk, DatasetHeader, RawValue
from geo.imports.headings import is_weak
from geo.imports.quarantine import LAYER_HEADINGS
from geo.imports.shapes import kind_of
from geo.imports.spool import Spool
from geo.values.dates import may_be_dmy
from geo.values.headed import shown_headings
from geo.values.personal import Suspect, likely
from geo.values.text import as_text, key

Problem = tuple[str, str, str] | None


@dataclass(slots=True)
class RawRecord:
    """A record as the reader gave it."""

    number: int
    row: dict[str, RawValue]
    geometry: bytes | None
    problem: Problem
    repairs: Sequence[str]


def raw_spool() -> Spool[RawRecord]:
    def pack(r: RawRecord) -> tuple[Any, bytes | None]:
        return [r.number, r.row, r.problem, r.repairs], r.geometry

    return Spool(pack, lambda v, geometry: RawRecord(v[0], v[1], geometry, None if v[2] is None else tuple(v[2]), v[3]))


@dataclass(slots=True)
class Staged:
    """One dataset read whole. `columns`: those of the header, then others met in rows. `layer`: said by a quarantine file. `kinds`: geometry kind → count.

    `suspects`: columns in which numbers of people may stand.
    """

    header: DatasetHeader
    records: Spool[RawRecord] = field(default_factory=raw_spool)
    columns: dict[str, None] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    layer: str | None = None
    weak: dict[str, list[Any]] = field(default_factory=dict)
    slashed: dict[str, set[str]] = field(default_factory=dict)
    suspects: dict[str, Suspect] = field(default_factory=dict)

    def add(self, packed: tuple[int, Mapping[str, RawValue], Problem, Sequence[str]], geometry: bytes | None) -> None:
        """One record as `raw_spool` packs it."""
        row = packed[1]
        self.records.add(packed, geometry)
        if geometry is not None:
            self.kinds[kind_of(geometry)] += 1
        for column, cell in row.items():
            if column not in self.columns:
                self.columns[column] = None
            if isinstance(cell, str) and may_be_dmy(cell):
                self._slashed(column, cell)
            elif likely(cell):
                self.suspects.setdefault(column, Suspect()).add(cell)
        for column in self.weak:
            self.weak[column].append(row.get(column))

    def _slashed(self, column: str, cell: str) -> None:
        """The beginnings of cells that may be d/m/y, each once: enough to prove the order of a column."""
        seen = self.slashed.setdefault(column, set())
        if len(seen) < 4000:
            seen.add(cell)


def stage(
    reading: Iterable[DatasetHeader | Chunk], progress: Callable[[int, int], None] | None = None, *, layers: Collection[str] = ()
) -> Iterator[Staged]:
    """Datasets in the order read; a quarantine file becomes one dataset for each of `layers` that it names, and one for rows that name none of them."""
    parts: dict[str | None, Staged] = {}
    header: DatasetHeader | None = None
    by: str | None = None
    renamed: dict[str, str] = {}
    done = 0
    for item in reading:
        if isinstance(item, DatasetHeader):
            yield from parts.values()
            renamed = shown_headings(item.columns)
            header = replace(item, columns=[renamed.get(c, c) for c in item.columns]) if renamed else item
            by = next((c for c in item.columns if key(c) in LAYER_HEADINGS), None)
            parts = {None: _empty(header, None)} if by is None else {}
            continue
        assert header is not None, "a chunk before its header"
        for number, row, geometry, problem, repairs in zip(
            item.numbers, item.values, item.geometry, item.problems, item.repairs, strict=True
        ):
            said = as_text(row.get(by)) if by is not None else None
            name = said if said in layers else None
            if name not in parts:
                parts[name] = _empty(header, name)
            if renamed:
                row = {renamed.get(column, column): cell for column, cell in row.items()}
            parts[name].add((number, row, problem, repairs), geometry)
        done += len(item.numbers)
        if progress is not None:
            progress(done, max(header.count, done))
    yield from parts.values()


def stage_like(data: Staged, more: Sequence[str] = ()) -> Staged:
    """An empty dataset with the header and layer of `data` and `more` columns."""
    out = _empty(data.header, data.layer)
    out.columns |= dict.fromkeys((*data.columns, *more))
    return out


def _empty(header: DatasetHeader, layer: str | None) -> Staged:
    columns = dict.fromkeys(header.columns)
    return Staged(header, columns=columns, layer=layer, weak={c: [] for c in columns if is_weak(c)})
