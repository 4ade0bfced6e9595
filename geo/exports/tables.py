"""An answer as a table: CSV with WKT, alone or in a zip with what was asked, and XLSX with a sheet that says it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import xlsxwriter
from numpy.typing import NDArray

from geo.errors import Text, TooLarge
from geo.exports import provenance
from geo.exports.about import about
from geo.exports.columns import columns, values
from geo.exports.geometry_json import DECIMALS_DEGREES
from geo.exports.guarding import FORMULA_STARTS, guarded
from geo.exports.losses import XLSX_TEXT
from geo.exports.output import Output

if TYPE_CHECKING:
    from geo.answers import Answer

CHUNK = 5_000
XLSX_ROWS = 1_048_575

_LON, _LAT, _WKT = Text("经度", "longitude"), Text("纬度", "latitude"), Text("几何 WKT", "geometry WKT")
_YES, _NO = Text("是", "yes"), Text("否", "no")


def csv_pieces(answer: Answer, output: Output) -> Iterator[bytes]:
    """UTF-8 with a BOM; `lon`, `lat` for points, else `wkt` (EPSG:4326, 7 decimals); formulas guarded; made-up data say so in a last column."""
    yield b"\xef\xbb\xbf" + _csv([_headings(answer, output)])
    for _, lines in _lines(answer, output):
        yield _csv([_csv_cell(value, output) for value in line] for line in lines)


def csv_zip(answer: Answer, output: Output, path: Path) -> None:
    """The table in an archive of its own."""
    name = f"{answer.query.collection}.csv"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w", force_zip64=True) as file:
        for piece in csv_pieces(answer, output):
            file.write(piece)


def _csv(lines: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(lines)
    return out.getvalue().encode("utf-8", "replace")


def _csv_cell(value: Any, output: Output) -> Any:
    if isinstance(value, bool):
        return said(value, output)
    return guarded(value) if isinstance(value, str) else value


def said(value: bool, output: Output) -> str:
    """A yes or no as a text: true and false by name, 是 and 否 (yes, no) by label."""
    if not output.labelled:
        return "true" if value else "false"
    return (_YES if value else _NO).of(output.lang)


def _is_points(answer: Answer) -> bool:
    return set(answer.geometry_kinds) == {"Point"}


def _headings(answer: Answer, output: Output) -> list[str]:
    """The columns' names with those of the place before the mark of made-up data."""
    names = [c.name for c in columns(answer, output)]
    labels = [_LON, _LAT] if _is_points(answer) else [_WKT]
    plain = ["lon", "lat"] if _is_points(answer) else ["wkt"]
    at = len(names) - bool(answer.demo)
    names[at:at] = [t.of(output.lang) for t in labels] if output.labelled else plain
    return names


def _lines(answer: Answer, output: Output) -> Iterator[tuple[int, Iterator[tuple[Any, ...]]]]:
    """The rows in chunks, with the number of the first one."""
    for start in range(0, len(answer.frame), CHUNK):
        part = answer.frame.iloc[start : start + CHUNK]
        cells = values(answer, part, output)
        at = len(cells) - bool(answer.demo)
        cells[at:at] = places(answer, part.geometry.to_numpy())
        yield start, zip(*cells, strict=True)


def places(answer: Answer, geometry: NDArray[np.object_]) -> list[list[Any]]:
    """The columns that say where: two of degrees for points, else one of WKT; None where unplaced."""
    if not _is_points(answer):
        return [[_none_if_empty(t) for t in shapely.to_wkt(geometry, rounding_precision=DECIMALS_DEGREES, trim=True).tolist()]]
    axes = (np.round(axis, DECIMALS_DEGREES) for axis in (shapely.get_x(geometry), shapely.get_y(geometry)))
    return [[None if np.isnan(v) else v for v in axis.tolist()] for axis in axes]


def _none_if_empty(text: str | None) -> str | None:
    return text or None


def xlsx(answer: Answer, output: Output, path: Path) -> None:
    """Write a workbook to `path`: one sheet of features, one of what was asked. Raises TooLarge beyond Excel's rows."""
    if len(answer.frame) > XLSX_ROWS:
        text = Text("Excel 只能放 1 048 575 行：请用 CSV 或 GeoPackage", "Excel holds 1 048 575 rows: take CSV or GeoPackage")
        raise TooLarge(text, rows=len(answer.frame))
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        _features_sheet(book, answer, output)
        _about_sheet(book, answer, output)


def _features_sheet(book: Any, answer: Answer, output: Output) -> None:
    lang = output.lang
    sheet = book.add_worksheet(_sheet_name(answer.layer.label.of(lang), provenance.DEMO.of(lang) if answer.demo else ""))
    bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    for column, text in enumerate(_headings(answer, output)):
        sheet.write_string(0, column, text, bold)
    sheet.freeze_panes(1, 0)
    for start, lines in _lines(answer, output):
        for line, cells in enumerate(lines, start + 1):
            _write_row(sheet, line, cells, quoted, output)


def _write_row(sheet: Any, line: int, cells: Sequence[Any], quoted: Any, output: Output) -> None:
    for column, value in enumerate(cells):
        if isinstance(value, str):
            text = value if len(value) <= XLSX_TEXT else value[: XLSX_TEXT - 1] + "…"
            sheet.write_string(line, column, text, quoted if text.startswith(FORMULA_STARTS) else None)
        elif isinstance(value, bool):
            if output.labelled:
                sheet.write_string(line, column, said(value, output))
            else:
                sheet.write_boolean(line, column, value)
        elif value is not None:
            sheet.write_number(line, column, value)


def _about_sheet(book: Any, answer: Answer, output: Output) -> None:
    sheet = book.add_worksheet(Text("说明", "About").of(output.lang))
    for line, (key, value) in enumerate(_about_lines(about(answer, output), output)):
        sheet.write_string(line, 0, key)
        sheet.write_string(line, 1, value[:XLSX_TEXT])


def _about_lines(told: dict[str, Any], output: Output) -> Iterator[tuple[str, str]]:
    """The members in the asked language, one line each; those of a group after its name."""
    for key, value in told.items():
        label = provenance.LABELS[key].of(output.lang) if key in provenance.LABELS else key
        if isinstance(value, dict):
            yield from ((f"{label}.{name}", _shown(each, output)) for name, each in value.items())
        elif isinstance(value, list):
            yield from ((label, _shown(each, output)) for each in value)
        else:
            yield label, _shown(value, output)


def _shown(value: Any, output: Output) -> str:
    if value is None:
        return ""
    return (_YES if value else _NO).of(output.lang) if isinstance(value, bool) else str(value)


def _sheet_name(label: str, mark: str) -> str:
    """Excel refuses []:*?/\\, more than 31 characters, and an apostrophe at either end."""
    clean = ["".join("_" if c in "[]:*?/\\" else c for c in text).strip("'") for text in (label, mark)]
    return " ".join(filter(None, (clean[0][: 30 - len(clean[1])], clean[1]))) or "1"
