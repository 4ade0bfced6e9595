"""Text tables (CSV, TSV): delimiter and encoding found, quoted line breaks kept, short and long rows accounted for."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from geo.errors import Text, TooLarge, UnreadableFile
from geo.formats import doctor
from geo.formats.contract import RawValue
from geo.formats.dataset import Dataset
from geo.formats.headings import SEARCHED, Table, find_heading, take_records
from geo.formats.limits import Limits
from geo.formats.tables import from_table

_SAMPLE = 256 * 1024
_PREVIEW = 200
_END = "\N{END OF TRANSMISSION}yuantu-end-of-file"
"""A line put behind the last one: a quotation mark still open swallows it."""


def dataset(path: Path, name: str, limits: Limits, *, asked: str | None) -> Dataset:
    """The one table of a text file. Raises UnreadableFile, TooLarge."""
    encoding = _encoding(path, asked)
    rows = _rows(path, encoding.name, limits)
    table, long = _table(rows, limits)
    out = from_table(table, name, "CSV", notes=table.notes, encoding=doctor.shown(encoding.name), damaged=long)
    out.encodings = [(doctor.shown(n), texts) for n, texts in encoding.tried]
    return out


def _encoding(path: Path, asked: str | None) -> doctor.Encoding:
    """UTF-16 by its mark, else what the whole file strictly is."""
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return doctor.Encoding("utf-16", [("utf-16", [data[:160].decode("utf-16", "replace")])])
    bare = data.removeprefix(b"\xef\xbb\xbf")
    lines = [line for line in bare[:_SAMPLE].splitlines() if any(b > 127 for b in line)][:5] or bare[:_SAMPLE].splitlines()[:5]
    return doctor.pick_encoding(lines, asked=asked, whole=bare)


def _rows(path: Path, encoding: str, limits: Limits) -> list[list[str]]:
    csv.field_size_limit(limits.text * 4)
    rows: list[list[str]] = []
    try:
        with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
            mark = _delimiter(file.read(_SAMPLE))
            file.seek(0)
            for row in _strictly_quoted(file, mark):
                if len(row) > limits.columns:
                    rest = row[limits.columns :]
                    row[limits.columns :] = [mark.join(rest)] if any(c.strip() for c in rest) else []
                rows.append(row)
                if len(rows) > limits.features + SEARCHED:
                    raise TooLarge(Text(f"超过 {limits.features} 行，请分成几个文件", f"more than {limits.features} rows: split the file"))
    except UnicodeDecodeError:
        shown = doctor.shown(encoding)
        raise UnreadableFile(Text(f"文字不是 {shown} 编码，请用 --encoding 指定", f"the text is not {shown}: say --encoding")) from None
    except csv.Error as error:
        if "field larger" in str(error):
            raise TooLarge(Text("有过长的单元格，可能是引号没有成对", "a cell is too long, perhaps a quotation mark is missing")) from None
        raise UnreadableFile(Text("不是有效的 CSV", "not valid CSV")) from None
    return rows


def _strictly_quoted(lines: Iterable[str], mark: str) -> Iterator[list[str]]:
    """Rows of cells. A quoted cell may span lines, but must end before a delimiter or the end of its line: a stray mark swallows records else.

    Within one line a stray mark stays what it was meant as ("3"号楼). Raises UnreadableFile with the line where the cell begins, csv.Error.
    """
    taken: list[str] = []

    def noted() -> Iterator[str]:
        for line in itertools.chain(lines, (_END,)):
            taken.append(line)
            yield line

    reader = csv.reader(noted(), delimiter=mark)
    for row in reader:
        if row == [_END]:
            return
        if len(taken) > 1:
            first = reader.line_num - len(taken) + 1
            if taken[-1] == _END:
                raise _stray_quote(first)
            try:
                list(csv.reader(taken, delimiter=mark, strict=True))
            except csv.Error:
                raise _stray_quote(first) from None
        taken.clear()
        yield row
    raise _stray_quote(reader.line_num)


def _stray_quote(line: int) -> UnreadableFile:
    return UnreadableFile(
        Text(
            f"第 {line} 行有一个引号没有成对，会吞掉后面的行：请删去它，或写成两个引号（单元格本身也加引号）",
            f"a quotation mark in line {line} has no partner and would swallow the lines below: remove it, or double it inside a quoted cell",
        ),
        line=line,
    )


def _delimiter(text: str) -> str:
    """The mark that cuts the first lines into the same number of cells most often."""
    best, score = ",", (0.0, 0)
    for mark in (",", "\t", ";", "|", "，"):
        widths = [len(r) for r in itertools.islice(csv.reader(text.splitlines(keepends=True), delimiter=mark), 50) if r]
        common = max(set(widths), key=widths.count, default=1)
        if common > 1 and (widths.count(common) / len(widths), common) > score:
            best, score = mark, (widths.count(common) / len(widths), common)
    return best


def _table(rows: list[list[str]], limits: Limits) -> tuple[Table, set[int]]:
    """The table, as wide as its heading; and which records have more cells than that, so that their columns cannot be trusted."""
    preview = [_cells(r) for r in rows[:_PREVIEW]]
    usual = max(map(len, preview), key=[len(r) for r in preview].count, default=0) if preview else 0
    if usual > limits.columns:
        raise TooLarge(Text(f"列超过 {limits.columns} 个", f"more than {limits.columns} columns"))
    table, start = find_heading([(r + [None] * usual)[:usual] for r in preview])
    width = len(table.columns)
    long: set[int] = set()
    grid = []
    for row in rows:
        cells = _cells(row)
        if width and any(c is not None for c in cells[width:]):
            long.add(id(cells))
            cells[width - 1] = ",".join(str(c or "") for c in cells[width - 1 :])
        cells[width:] = []
        grid.append(cells)
    for cells in grid:
        cells.extend([None] * (width - len(cells)))
    take_records(table, grid, start)
    return table, {i for i, r in enumerate(table.rows) if id(r) in long}


def _cells(row: list[str]) -> list[RawValue]:
    return [c.strip() or None for c in row]
