"""Workbooks (XLSX, XLS, ODS): every sheet with a table is a dataset of plain values, dates as ISO text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from geo.errors import HostileFile, Text, UnreadableFile
from geo.formats import archive, places
from geo.formats.contract import RawValue
from geo.formats.dataset import ROWS, Dataset, Raw, by_column
from geo.formats.headings import Table, find_table
from geo.formats.limits import Limits
from geo.formats.problems import problem


def datasets(path: Path, name: str, limits: Limits) -> list[Dataset]:
    """One dataset a sheet that holds a table. Raises UnreadableFile, HostileFile, TooLarge."""
    with path.open("rb") as file:
        if file.read(2) == b"PK":
            _check_parts(path, limits)
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_path(str(path))
        tables = [(sheet, _table(book, sheet)) for sheet in book.sheet_names if not _tells_of_an_export(book, sheet)]
    except PasswordError:
        raise UnreadableFile(Text("工作簿有密码，请去掉密码后再导入", "the workbook has a password: save it without one")) from None
    except (CalamineError, ValueError, OSError) as error:
        raise UnreadableFile(Text("工作簿已损坏，无法读取", "the workbook is damaged and cannot be read")) from error
    return [from_table(table, sheet, "workbook", notes=table.notes) for sheet, table in tables if table.columns]


def _check_parts(path: Path, limits: Limits) -> None:
    """A workbook is a zip of XML: sizes as for any archive, and no document type declarations."""
    import zipfile

    entries = archive.check(path, limits, office=True)
    try:
        with zipfile.ZipFile(path) as book:
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with book.open(entry) as part:
                        head = part.read(8192)
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"<\x00!\x00D\x00O\x00C" in head:
                        raise HostileFile(Text("工作簿的 XML 中有 DOCTYPE 或 ENTITY", "the workbook's XML holds DOCTYPE or ENTITY"))
    except (zipfile.BadZipFile, EOFError, RuntimeError, OSError, NotImplementedError):
        raise UnreadableFile(Text("工作簿已损坏，无法读取", "the workbook is damaged and cannot be read")) from None


_ABOUT = {"说明": "集合", "About": "collection"}
"""The sheet of our own workbooks that says what was asked, and its first word: no table."""


def _tells_of_an_export(book: Any, name: str) -> bool:
    if name not in _ABOUT:
        return False
    rows = book.get_sheet_by_name(name).to_python(nrows=1)
    return bool(rows) and bool(rows[0]) and rows[0][0] == _ABOUT[name]


def _table(book: Any, name: str) -> Table:
    sheet = book.get_sheet_by_name(name)
    rows = [[_plain(v) for v in row] for row in sheet.to_python(skip_empty_area=False)]
    ranges = getattr(sheet, "merged_cell_ranges", None) or []
    return find_table(rows, [(a[0], a[1], b[0], b[1]) for a, b in ranges])


def _plain(value: Any) -> RawValue:
    """A cell as text, number or boolean; dates and times in ISO 8601, midnight left out."""
    if value == "":
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, str | bool | int):
        return value
    return str(value)


def from_table(
    table: Table,
    name: str,
    driver: str,
    *,
    notes: Sequence[tuple[str, str]] = (),
    encoding: str | None = None,
    damaged: AbstractSet[int] = frozenset(),
) -> Dataset:
    """A dataset of table rows; coordinates are looked for in its columns. `damaged`: positions of rows that cannot be trusted."""
    found = places.find(table.columns, table.rows[:500])

    def chunks() -> Iterator[Raw]:
        for start in range(0, len(table.rows), ROWS):
            yield _chunk(
                table.rows[start : start + ROWS], len(table.columns), found, {i - start for i in damaged if start <= i < start + ROWS}
            )

    has_places = found is not None
    return Dataset(name, driver, table.columns, len(table.rows), chunks, None, has_places, encoding, notes=list(notes), layer_hint=name)


def _chunk(rows: list[list[RawValue]], width: int, found: places.Places | None, damaged: AbstractSet[int]) -> Raw:
    values = by_column(rows, width)
    broken = {i: problem("damaged-record", "单元格比表头多", "it has more cells than the heading") for i in damaged}
    if found is None:
        return Raw(values, None, len(rows), broken)
    geometry, problems, repairs = places.geometry(found, rows)
    return Raw(values, geometry, len(rows), {**problems, **broken}, repairs)
