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

_UNITS = "个户处栋幢条人口座家间套院所片米平㎡层项宗辆件次"
_TAIL = rf"(\([^()]*\))?([:：].*|\d[\d,.]*([{_UNITS}].*)?)?\)?\Z"
_TOTALS = re.compile(
    rf"\(?(.*(合[计計]|小[计計]|[总總][计計]|共[计計]|[汇匯][总總])|累[计計]|[总總]和|(sub|grand)?total|sum){_TAIL}", re.IGNORECASE
)
"""A label that ends in such a word, a unit in brackets, a colon or a count: 合计, 甲社区小计, 共计3个院落, 合计（户）; not 合计路小区."""

_TOTAL_HINT = re.compile(r"[计計总總]|total|sum", re.IGNORECASE)
_FOOT_WORDS = r"(注|备注|说明|填表|填报|制表|审核|审批|复核|统计|负责|单位负责|联系|经办)(人|单位|部门|日期|时间|电话)?|note|日期"
_FOOTNOTES = re.compile(rf"({_FOOT_WORDS})\d*([:：].*)?\Z|注\d*[:：、.].*", re.IGNORECASE)
"""A word of a form with its colon, or alone in its cell: 审核：, 制表人; not 审核局家属院, 联系人大院, 注1号院."""

_SHARED = re.compile(r"(年份?|年代|年度|时间|日期|序号|编号|编码|代码|电话|year|date|code|id)\Z", re.IGNORECASE)
"""Headings of numbers that merged rows share; any other number over several rows may be their sum."""

_COUNT = re.compile(rf"[约近共]?[\d,.]+([{_UNITS}]|平方米|m2?|左右|余|多)*\Z", re.IGNORECASE)

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
        _unspread_numbers(table, grid, start, merged)
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


def _unspread_numbers(table: Table, grid: list[list[RawValue]], start: int, merged: Sequence[Span]) -> None:
    """A number merged over several records is unknown for each of them: 200 households over two rows are 200 together or 200 each."""
    for r0, c0, r1, c1 in merged:
        r1, c1 = min(r1, len(grid) - 1), min(c1, len(table.columns) - 1)
        if r0 < start or r0 > r1 or c0 > c1 or (r0, c0) == (r1, c1):
            continue
        value = grid[r0][c0]
        if not _is_count(value) or _SHARED.search(table.columns[c0].rsplit(" ", 1)[-1]) or _is_total(grid[r0]):
            continue
        for r in range(r0, r1 + 1):
            grid[r][c0 : c1 + 1] = [None] * (c1 + 1 - c0)
        where = f"{_letter(c0)}{r0 + 1}:{_letter(c1)}{r1 + 1}"
        table.notes.append(
            (
                f"合并单元格 {where} 的数“{value}”不知如何分到各条，按不明处理",
                f"the number {value} of the merged cells {where} cannot be shared out: unknown",
            )
        )


def _is_count(value: RawValue) -> bool:
    if isinstance(value, str):
        return bool(_COUNT.match(_bare(value)))
    return isinstance(value, int | float) and not isinstance(value, bool)


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
    if _touching(merged, top, row):
        return False
    return _fills_gaps(grid[above], below) or (depth == 1 and _stands_below(grid[above], below, grid[row + 1 : row + 3]))


def _touching(merged: Sequence[Span], first: int, last: int) -> bool:
    """Whether a merged range lies in these rows; that of a title above them says nothing about them."""
    return any(r0 <= last and r1 >= first for r0, _, r1, _ in merged)


def _stands_below(above: list[RawValue], below: list[RawValue], after: list[list[RawValue]]) -> bool:
    """Whether texts are a second row of the heading without merge marks, and not the first record.

    The first row leaves a column without a name or names two alike, the second says what they are; and it either has nothing under the
    first column, which the record after it fills, or nothing but numbers stand below all of its texts.
    """
    used = [i for i, v in enumerate(below) if v is not None]
    names = [_bare(v) for v in above if v is not None]
    doubled = {i for i, v in enumerate(above) if v is not None and names.count(_bare(v)) > 1}
    unnamed = {i for i, v in enumerate(above) if v is None} | doubled
    if not after or not unnamed & set(used) or any(not _may_head(below[i]) for i in used):
        return False
    first = next((i for i, v in enumerate(above) if v is not None), 0)
    if below[first] is None:
        return after[0][first] is not None
    cells = [r[i] for r in after for i in used if r[i] is not None]
    return len(used) == len(below) and bool(cells) and all(_is_count(v) for v in cells)


def _may_head(value: RawValue) -> bool:
    return isinstance(value, str) and (not _is_number(value) or re.fullmatch(r"\d{4}年度?", value) is not None)


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
    if depth > 1 and not _touching(merged, top, top + depth - 1):
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
    left: dict[str, list[int]] = {"total": [], "numbers": [], "foot": [], "heading": []}
    above = _above(grid[:start])
    first = True
    for i in range(start, len(grid)):
        row = grid[i]
        kind = "heading" if _lead(row) in above and _texts(row) in above[_lead(row)] else _not_a_record(row, first=first)
        first = kind == "heading"
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
        ("heading", "重复的表头行已略去", "repeated headings were left out"),
    ):
        if left[kind]:
            listed = ", ".join(map(str, left[kind][:20]))
            count = len(left[kind])
            note = Text(f"{zh} {count} 行（第 {listed} 行）", f"{en}: {count} (rows {listed})")
            table.notes.append((note.zh, note.en))


def _lead(row: list[RawValue]) -> RawValue:
    return next((v for v in row if type(v) is str), None)


def _texts(row: list[RawValue]) -> frozenset[str]:
    return frozenset(str(v) for v in row if v is not None)


def _above(rows: list[list[RawValue]]) -> dict[RawValue, list[frozenset[str]]]:
    """The title and heading rows, by their first text: a printed ledger repeats them on every page."""
    out: dict[RawValue, list[frozenset[str]]] = {}
    for row in rows:
        if _lead(row) is not None:
            out.setdefault(_lead(row), []).append(_texts(row))
    return out


def _not_a_record(row: list[RawValue], *, first: bool) -> str | None:
    """Why a row is no record ("blank", "total", "numbers", "foot"), None when it is one."""
    used = [v for v in row if v is not None]
    if not used:
        return "blank"
    texts = [v for v in used if type(v) is str]
    if first and len(used) >= 4 and [_bare(v) for v in used] == [str(n) for n in range(1, len(used) + 1)]:
        return "numbers"
    if not texts:
        return None
    if _is_total(row):
        return "total"
    if len(row) > 3 and len(set(used)) <= 2 and _FOOTNOTES.match(_bare(texts[0])):
        return "foot"
    return None


def _is_total(row: list[RawValue]) -> bool:
    """Whether the label of a row (its first text that is no number) says it is a total, or a second text does by itself (甲社区 | 小计)."""
    labels = [v for v in row[:8] if type(v) is str and not v.isdigit()][:3]
    if not any(_TOTAL_HINT.search(v) for v in labels):
        return False
    if _TOTALS.match(_labelled(labels[0])):
        return True
    return any(re.fullmatch(r"(合|小|总|共)计[:：]?", _bare(v)) for v in labels[1:])


def _labelled(text: str) -> str:
    """Text without blanks and full-width forms, brackets kept; a long text is no label."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:60]))


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
