"""Personal data that no field of a layer takes are masked before anything of a record is kept: in values, other columns, quarantine and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

import orjson

from geo.formats.contract import DatasetInfo, RawValue
from geo.imports.convert import digest, other_columns, own_extra
from geo.imports.headings import Match
from geo.imports.staging import RawRecord
from geo.schema import Field, Layer
from geo.values.headed import Way, heading_way, is_code_heading, shown_cell, shown_headings
from geo.values.personal import Kind, Suspect, digits_of, mask_numbers

_SURE = 3
"""Identity numbers that a column of codes needs to be taken for one of identity numbers."""


@dataclass(frozen=True, slots=True)
class _Column:
    """How the cells of one column are masked; `code`: they would become codes, which nobody may see either, so they say nothing then."""

    way: Way
    code: bool = False


class Mask:
    """What is masked in the rows of one dataset on its way into one layer.

    A column that no field takes is masked by its heading (身份证号, 联系电话, 户主姓名) and by the numbers in it; one that a field takes by the numbers in
    it. An internal field that is meant for people (resp_person, resp_phone) keeps names and phones; identity numbers have no field. `kept`: (column,
    field, kind) of what such fields took.
    """

    def __init__(self, layer: Layer, matches: Mapping[str, Match], columns: Iterable[str], suspects: Mapping[str, Suspect]) -> None:
        taken = {match.column: layer.field(match.field) for match in matches.values()}
        self._columns: dict[str, _Column] = {}
        self.kept: list[tuple[str, str, Kind]] = []
        listed = list(columns)
        extra = own_extra(listed)
        for column in listed:
            if column == extra:
                self._columns[column] = _Column(_others)
                continue
            field, headed = taken.get(column), heading_way(column)
            if field is not None and field.name != "code" and headed is not None and _for_people(field):
                self.kept.append((column, field.name, headed[0]))
            found = _how(column, field, headed, suspects.get(column))
            if found is not None:
                self._columns[column] = found

    def __bool__(self) -> bool:
        return bool(self._columns)

    def row(self, row: Mapping[str, RawValue], counts: Counter[tuple[str, Kind]] | None = None) -> dict[str, RawValue]:
        """A row as it may be kept. `counts` takes (column, kind) → how many were masked."""
        out = dict(row)
        for column, how in self._columns.items():
            cell = row.get(column)
            if cell is None or cell.__class__ is bool or cell == "":
                continue
            text, met = digits_of(cell), Counter[Kind]()
            masked = how.way(text, met)
            if masked != text:
                out[column] = None if how.code else masked
                if counts is not None:
                    counts.update({(column, kind): n for kind, n in met.items()})
        return out

    def records(self, records: Iterable[RawRecord], serial: frozenset[str], counts: Counter[tuple[str, Kind]] | None = None) -> Iterator[
        tuple[RawRecord, bytes]
    ]:  # fmt: skip
        """Each record as it may be kept, and what it says as 16 bytes.

        Records that differ only in what was masked are not doubles: they are numbered in their order, so that nothing that follows from a masked number
        is kept, and the same file gives the same bytes again.
        """
        seen: dict[bytes, dict[bytes, int]] = {}
        for raw in records:
            if not self._columns:
                yield raw, digest(raw.row, raw.geometry, serial)
                continue
            row = self.row(raw.row, counts)
            shown = digest(row, raw.geometry, serial)
            alike = seen.setdefault(shown, {})
            at = alike.setdefault(digest(raw.row, raw.geometry, serial), len(alike))
            said = shown if at == 0 else blake2b(shown + at.to_bytes(8, "little"), digest_size=16).digest()
            yield RawRecord(raw.number, row, raw.geometry, raw.problem, raw.repairs), said


@lru_cache(maxsize=1024)
def _for_people(field: Field) -> bool:
    """Whether a field is meant for a name or a phone: internal text that is called so."""
    words = (field.name, field.label.zh, field.label.en, *field.aliases)
    return field.type == "text" and not field.public and any(heading_way(word) for word in words)


def _how(column: str, field: Field | None, headed: tuple[Kind, Way] | None, suspect: Suspect | None) -> _Column | None:
    if field is None and headed is not None:
        return _Column(headed[1])
    if suspect is None:
        return None
    if field is not None and field.name == "code":
        return _Column(_identity_only, code=True) if _identities(headed, suspect) else None
    return _Column(_numbers(suspect, phone=not (suspect.coded or is_code_heading(column) or (field is not None and _for_people(field)))))


def _numbers(suspect: Suspect, *, phone: bool) -> Way:
    return lambda text, counts: mask_numbers(text, identity=not suspect.serial, unsure=suspect.identities, phone=phone, counts=counts)


def _others(text: str, counts: Counter[Kind]) -> str:
    """The other columns of a record that we wrote ourselves: each cell by its heading."""
    found = other_columns(text)
    shown = {column: shown_cell(column, cell) for column, cell in found.items()}
    return text if shown == found else orjson.dumps(shown).decode()


def _identities(headed: tuple[Kind, Way] | None, suspect: Suspect) -> bool:
    """Whether a column of codes holds identity numbers: its heading says so, or nearly all of them are (of serial numbers one in eleven passes)."""
    said = headed is not None and headed[0] == "id"
    return suspect.valid > 0 and (said or (suspect.shaped >= _SURE and suspect.valid * 10 >= suspect.shaped * 9))


def _identity_only(text: str, counts: Counter[Kind]) -> str:
    return mask_numbers(text, unsure=True, phone=False, counts=counts)


# --- what is shown before an import


def shown_info(info: DatasetInfo) -> DatasetInfo:
    """An inspected dataset without the personal data of its samples; a field may still take the columns."""
    renamed = shown_headings(info.columns)
    sample = [{renamed.get(column, column): shown_cell(column, cell) for column, cell in row.items()} for row in info.sample]
    encodings = [(name, [mask_numbers(text) for text in texts]) for name, texts in info.encodings]
    return replace(info, columns=[renamed.get(c, c) for c in info.columns], sample=sample, encodings=encodings)
