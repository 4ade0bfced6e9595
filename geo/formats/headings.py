"""Finds the table inside a sheet as offices make them: title rows, headings of two or three rows, merged cells, totals, footnotes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from geo.errors import Text
from geo.formats.contract import RawValue

SEARCHED = 30
"""Rows in which the heading is looked for."""

_TOTALS = re.compile(r"(合计|小计|总计|共计|累计|总和|汇总|subtotal|grandtotal|total|sum)([:：].*|\d*)\Z", re.IGNORECASE)
_FOOTNOTES = re.compile(r"(注[:：\d]|备注[:：]|说明[:：]|填表|填报|制表|审核|负责人|单位负责人|联系人|联系电话|统计人|note[:：])", re.IGNORECASE)

_SUSPECT = frozenset("合小总共累汇注备说填制审负单联统sgtnSGTN0123456789０１２３４５６７８９")
"""How the first text of a row begins that may be a total or a footnote, or a number before one."""

Rows = Sequence[Sequence[RawValue]]
Span = tuple[int, int, int, int]
"""A merged range: first row, first column, last row, last column, all counted from 0."""


@dataclass(slots=True)
class Table:
    """`columns` and the records below them; `notes` say what was left out and where the heading stood."""

    columns: list[str]
    rows: list[list[RawValue]]
    notes: list[tuple[str, str]] = field(default_factory=list)


def find_table(rows: Rows, merged: Sequence[Span] = ()) -> Table:
    """The table of a sheet. Rows that are no records (titles, totals, footnotes, column numbers) are left out and noted."""
    filled = _fill_merged(rows, merged)
    width = max((_last_used(r) for r in filled), default=0)
    grid = [[_tidy(v) for v in r[:width]] + [None] * (width - len(r)) for r in filled]
    table, start = find_heading(grid, merged)
    if table.columns:
        take_records(table, grid, start)
    return _without_empty_columns(table)


def find_heading(grid: list[list[RawValue]], merged: Sequence[Span] = ()) -> tuple[Table, int]:
    """An empty table with the columns of a rectangular grid, and the index of the first row below the heading."""
    top = _heading_row(grid)
    if top is None:
        return Table([], []), 0
    depth = _heading_depth(grid, top, merged)
    table = Table(_names(grid, top, depth, merged), [])
    first, last = top + 1, top + depth
    if last > 1:
        where = f"{first}" if depth == 1 else f"{first}-{last}"
        table.notes.append((f"表头在第 {where} 行", f"the heading is in row {where}" if depth == 1 else f"the heading is in rows {where}"))
    return table, top + depth


def _fill_merged(rows: Rows, merged: Sequence[Span]) -> list[list[RawValue]]:
    out = [list(r) for r in rows]
    for r0, c0, r1, c1 in merged:
        if r0 >= len(out) or c0 >= len(out[r0]):
            continue
        value = out[r0][c0]
        for r in range(r0, min(r1 + 1, len(out))):
            for c in range(c0, min(c1 + 1, len(out[r]))):
                out[r][c] = value
    return out


def _tidy(value: RawValue) -> RawValue:
    if isinstance(value, str):
        text = value.strip()
        return text or None
    return value


def _last_used(row: Sequence[Any]) -> int:
    return max((i + 1 for i, v in enumerate(row) if _tidy(v) is not None), default=0)


def _heading_row(grid: list[list[RawValue]]) -> int | None:
    """The first row that is wide enough, has different texts and no numbers: not a title (one text) nor a form line (few cells)."""
    width = max((sum(v is not None for v in r) for r in grid[: SEARCHED * 4]), default=0)
    best = None
    for i, row in enumerate(grid[:SEARCHED]):
        used = [v for v in row if v is not None]
        distinct = {str(v) for v in used}
        texts = sum(isinstance(v, str) and not _is_number(v) for v in used)
        if len(distinct) < min(2, width) or texts < len(used) * 0.8:
            continue
        if len(used) * 2 >= width and (len(distinct) * 3 >= width or len(distinct) > 3):
            return i
        best = i if best is None and len(used) * 3 >= width else best
    if best is None and grid:
        best = next((i for i, r in enumerate(grid) if any(v is not None for v in r)), None)
    return best


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-+]?[\d.,，%/年月日:\s-]+", unicodedata.normalize("NFKC", text)))


def _heading_depth(grid: list[list[RawValue]], top: int, merged: Sequence[Span]) -> int:
    """How many rows the heading has: as far as merged ranges that start in it reach, and the sub-headings below a merged one."""
    depth = 1
    while depth < 3 and top + depth < len(grid) and _continues(grid, top, depth, merged):
        depth += 1
    return depth


def _continues(grid: list[list[RawValue]], top: int, depth: int, merged: Sequence[Span]) -> bool:
    """Whether the row below the heading so far still belongs to it."""
    row, above = top + depth, top + depth - 1
    if any(r0 <= above and r1 >= row and r0 >= top for r0, _, r1, _ in merged):
        return True
    across = [s for s in merged if top <= s[0] <= above <= s[2] and s[3] > s[1]]
    below = grid[row]
    if any(len({str(v) for v in below[c0 : c1 + 1] if v is not None}) > 1 for _, c0, _, c1 in across):
        return all(isinstance(v, str) and not _is_number(v) for v in below if v is not None)
    if merged:
        return False
    return _fills_gaps(grid[above], below)


def _fills_gaps(above: list[RawValue], below: list[RawValue]) -> bool:
    """Without merge marks: texts below stand exactly where the heading above has a gap or the start of one."""
    used = [i for i, v in enumerate(below) if v is not None]
    gaps = [i for i, v in enumerate(above) if v is None]
    if not used or not gaps or any(not isinstance(below[i], str) or _is_number(str(below[i])) for i in used):
        return False
    allowed = set(gaps) | {g - 1 for g in gaps}
    return set(used) <= allowed and set(gaps) <= set(used)


def _names(grid: list[list[RawValue]], top: int, depth: int, merged: Sequence[Span]) -> list[str]:
    """One name a column: the different texts from top to bottom joined by a blank; repeated ones numbered, missing ones by letter."""
    block = [list(grid[top + d]) for d in range(depth)]
    if depth > 1 and not merged:
        for line in block[:-1]:
            _spread(line, block[-1])
    names: list[str] = []
    for c in range(len(block[0]) if block else 0):
        parts = list(dict.fromkeys(_clean(line[c]) for line in block if line[c] is not None))
        name = " ".join(p for p in parts if p) or f"column {_letter(c)}"
        names.append(name if name not in names else _numbered(name, names))
    return names


def _spread(line: list[RawValue], below: list[RawValue]) -> None:
    """A heading over several columns without merge marks: it stands for the gaps to its right that have a text below."""
    for c in range(1, len(line)):
        if line[c] is None and below[c] is not None:
            line[c] = line[c - 1]


def _clean(value: RawValue) -> str:
    return re.sub(r"\s+", "" if re.search(r"[\u4e00-\u9fff]", str(value)) else " ", str(value)).strip()[:200]


def _numbered(name: str, names: list[str]) -> str:
    return next(f"{name} {n}" for n in range(2, len(names) + 3) if f"{name} {n}" not in names)


def _letter(column: int) -> str:
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def take_records(table: Table, grid: list[list[RawValue]], start: int) -> None:
    """Puts the records from row `start` into the table, and notes what was left out."""
    left: dict[str, list[int]] = {"total": [], "numbers": [], "foot": []}
    for i in range(start, len(grid)):
        row = grid[i]
        kind = _not_a_record(row, first=i == start)
        if kind == "blank":
            continue
        if kind:
            left[kind].append(i + 1)
        else:
            table.rows.append(row)
    for kind, zh, en in (
        ("total", "合计、小计行不是记录，已略去", "totals are no records and were left out"),
        ("numbers", "列号行已略去", "a row of column numbers was left out"),
        ("foot", "表尾说明行已略去", "footnotes were left out"),
    ):
        if left[kind]:
            listed = ", ".join(map(str, left[kind][:20]))
            note = Text(f"{zh}（第 {listed} 行）", f"{en} (rows {listed})")
            table.notes.append((note.zh, note.en))


def _not_a_record(row: list[RawValue], *, first: bool) -> str | None:
    """Why a row is no record ("blank", "total", "numbers", "foot"), None when it is one; most rows are told by their first text."""
    lead = next((v for v in row if type(v) is str), "")
    if lead and lead[0] not in _SUSPECT and not first:
        return None
    return _why_not_a_record(row, first=first)


def _why_not_a_record(row: list[RawValue], *, first: bool) -> str | None:
    used = [v for v in row if v is not None]
    if not used:
        return "blank"
    texts = [v for v in used if type(v) is str]
    if first and len(used) >= 4 and [_bare(v) for v in used] == [str(n) for n in range(1, len(used) + 1)]:
        return "numbers"
    if not texts:
        return None
    lead = _bare(texts[0])
    if lead.isdigit() and len(texts) > 1:
        lead = _bare(texts[1])
    if _TOTALS.match(lead):
        return "total"
    if len(row) > 3 and _FOOTNOTES.match(lead) and len(set(map(str, used))) <= 2:
        return "foot"
    return None


def _bare(value: RawValue) -> str:
    """Text without blanks, brackets and full-width forms; long ones are only looked at where they begin."""
    text = str(value)[:40]
    return re.sub(r"[\s()]", "", text if text.isascii() else unicodedata.normalize("NFKC", text))


def _without_empty_columns(table: Table) -> Table:
    """Columns with neither a heading nor a value are not columns."""
    keep = [c for c, name in enumerate(table.columns) if not name.startswith("column ") or any(r[c] is not None for r in table.rows)]
    if len(keep) == len(table.columns):
        return table
    return Table([table.columns[c] for c in keep], [[r[c] for c in keep] for r in table.rows], table.notes)
