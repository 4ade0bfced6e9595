"""An answer as a table: CSV with WKT, XLSX with labels and a sheet that says what was asked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import shapely
import xlsxwriter
from numpy.typing import NDArray

from geo.errors import Text, TooLarge
from geo.exports import provenance, rows
from geo.exports.geometry_json import DECIMALS_DEGREES
from geo.schema import POINTS, Field

if TYPE_CHECKING:
    from geo.answers import Answer

CHUNK = 5_000
XLSX_ROWS = 1_048_575
XLSX_TEXT = 32_767
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so may be run as a formula by a spreadsheet, whatever it was meant to be."""

_ID = Text("序号", "id")
_LON, _LAT, _WKT = Text("经度", "longitude"), Text("纬度", "latitude"), Text("几何 WKT", "geometry WKT")


def guarded(text: str) -> str:
    """The text with an apostrophe in front if a spreadsheet could take it for a formula."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def cell_text(value: Any) -> Any:
    """A value for a cell: numbers stay numbers, objects become JSON text, booleans true/false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json_text(value) if isinstance(value, (dict, list)) else value


def json_text(value: Any) -> str | None:
    """An object as JSON text; nothing for an empty one."""
    return orjson.dumps(value).decode() if value else None


def csv_pieces(answer: Answer) -> Iterator[bytes]:
    """UTF-8 with a BOM; field names as headings; `lon`, `lat` for point layers, else `wkt` (EPSG:4326, 7 decimals); formulas guarded.

    Made-up data say so in a last column `demo`.
    """
    label = [provenance.DEMO.zh] if answer.demo else []
    yield b"\xef\xbb\xbf" + _csv([["id", *(f.name for f in answer.fields), *_place_names(answer), *(["demo"] if label else [])]])
    for start in range(0, len(answer.frame), CHUNK):
        part = answer.frame.iloc[start : start + CHUNK]
        cells = [[_csv_cell(v) for v in column] for column in rows.columns(part, answer.fields)]
        said = [label * len(part)] if label else []
        yield _csv(zip(part.index.tolist(), *cells, *places(answer, part.geometry.to_numpy()), *said, strict=True))


def _csv(lines: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode("utf-8", "replace")


def _csv_cell(value: Any) -> Any:
    value = cell_text(value)
    return guarded(value) if isinstance(value, str) else value


def _is_points(answer: Answer) -> bool:
    return bool(answer.layer.geometry == POINTS)


def _place_names(answer: Answer) -> list[str]:
    return ["lon", "lat"] if _is_points(answer) else ["wkt"]


def places(answer: Answer, geometry: NDArray[np.object_]) -> list[list[Any]]:
    """The columns that say where: two of degrees for point layers, else one of WKT; None where unplaced."""
    if not _is_points(answer):
        return [[_none_if_empty(t) for t in shapely.to_wkt(geometry, rounding_precision=DECIMALS_DEGREES, trim=True).tolist()]]
    columns = (np.round(axis, DECIMALS_DEGREES) for axis in (shapely.get_x(geometry), shapely.get_y(geometry)))
    return [[None if np.isnan(v) else v for v in column.tolist()] for column in columns]


def _none_if_empty(text: str | None) -> str | None:
    return text or None


def xlsx(answer: Answer, path: Path, *, lang: str = "zh") -> None:
    """Write a workbook to `path`: labels with units as headings, one sheet of features, one of what was asked. Raises TooLarge beyond Excel's rows."""
    if len(answer.frame) > XLSX_ROWS:
        said = Text("Excel 只能放 1 048 575 行：请用 CSV 或 GeoPackage", "Excel holds 1 048 575 rows: take CSV or GeoPackage")
        raise TooLarge(said, rows=len(answer.frame))
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        cut = _features_sheet(book, answer, lang)
        _about_sheet(book, answer, lang, cut)


def heading(field: Field, lang: str) -> str:
    """Label and unit, as "净宽（米）" or "Clear width (m)"."""
    label = field.label.of(lang)
    if field.unit is None:
        return label
    return f"{label} ({field.unit.en})" if lang == "en" else f"{label}（{field.unit.zh}）"


def _features_sheet(book: Any, answer: Answer, lang: str) -> int:
    """The features; how many texts were longer than a cell holds and are cut."""
    sheet = book.add_worksheet(_sheet_name(answer.layer.label.of(lang), provenance.DEMO.of(lang) if answer.demo else ""))
    bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    labels = [_LON, _LAT] if _is_points(answer) else [_WKT]
    heads = [_ID.of(lang), *(heading(f, lang) for f in answer.fields), *(t.of(lang) for t in labels)]
    for column, text in enumerate(heads):
        sheet.write_string(0, column, text, bold)
    sheet.freeze_panes(1, 0)
    cut, line = 0, 0
    for start in range(0, len(answer.frame), CHUNK):
        part = answer.frame.iloc[start : start + CHUNK]
        cells = [_labelled(column, f, lang) for column, f in zip(rows.columns(part, answer.fields), answer.fields, strict=True)]
        for values in zip(part.index.tolist(), *cells, *places(answer, part.geometry.to_numpy()), strict=True):
            line += 1
            cut += _write_row(sheet, line, values, quoted)
    return cut


def _labelled(values: list[Any], field: Field, lang: str) -> list[Any]:
    """Choice values as their labels, the rest as it is."""
    if not field.choices:
        return values
    labels = {c.value: c.label.of(lang) for c in field.choices}
    return [labels.get(v, v) for v in values]


def _write_row(sheet: Any, line: int, values: Sequence[Any], quoted: Any) -> int:
    cut = 0
    for column, value in enumerate(values):
        value = cell_text(value)
        if isinstance(value, str):
            cut += len(value) > XLSX_TEXT
            text = value if len(value) <= XLSX_TEXT else value[: XLSX_TEXT - 1] + "…"
            sheet.write_string(line, column, text, quoted if text.startswith(FORMULA_STARTS) else None)
        elif value is not None:
            sheet.write_number(line, column, value)
    return cut


def _about_sheet(book: Any, answer: Answer, lang: str, cut: int) -> None:
    sheet = book.add_worksheet(Text("说明", "About").of(lang))
    said = provenance.describe(answer, lang=lang)
    lines = [(key, value) for key, value in said.items() if not isinstance(value, dict)]
    lines += [(f"{key}.{name}", value) for key, group in said.items() if isinstance(group, dict) for name, value in group.items()]
    if cut:
        lines.append((Text("截断的长文本单元格", "cells cut to 32 767 characters").of(lang), cut))
    for line, (key, value) in enumerate(lines):
        sheet.write_string(line, 0, str(key))
        sheet.write_string(line, 1, "" if value is None else str(cell_text(value))[:XLSX_TEXT])


def _sheet_name(label: str, mark: str) -> str:
    """Excel refuses []:*?/\\, more than 31 characters, and an apostrophe at either end."""
    clean = ["".join("_" if c in "[]:*?/\\" else c for c in text).strip("'") for text in (label, mark)]
    return " ".join(filter(None, (clean[0][: 30 - len(clean[1])], clean[1]))) or "1"
