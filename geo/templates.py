"""A workbook to fill in for a layer: Chinese and English headings with units, drop-downs for choices, a sheet that explains every column."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from geo.errors import Text
from geo.schema import Field, Layer

ROWS = 5000
"""Rows that have drop-downs and checks."""

CHOICES_SHEET = Text("可选值", "choices")
HELP_SHEET = Text("填写说明", "how to fill in")
SHEETS = frozenset(name for text in (CHOICES_SHEET, HELP_SHEET) for name in (text.zh, text.en))
"""Sheets of a template that hold no records."""

_PLACE = (Text("经度", "longitude"), Text("纬度", "latitude"))
_TYPES = {
    "text": Text("文字", "text"),
    "integer": Text("整数", "whole number"),
    "number": Text("数字", "number"),
    "boolean": Text("是或否", "yes or no"),
    "date": Text("日期，如 2023-06-01", "date such as 2023-06-01"),
    "year": Text("年份，如 1994 或 80年代", "year such as 1994 or 1980s"),
    "choice": Text("从下拉中选", "choose from the list"),
}


def heading(field: Field, lang: str) -> str:
    """The label with its unit in brackets, as the import reads it again."""
    label, unit = field.label.of(lang), field.unit.of(lang) if field.unit else ""
    return f"{label}({unit})" if unit else label


def template_xlsx(layer: Layer, lang: str) -> bytes:
    """The workbook's bytes. Its first sheet is named like the layer; records begin in the second row."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bg_color": "#e8eef4", "border": 1, "text_wrap": True, "valign": "vcenter"})
    text_cells = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(layer.label.of(lang))
    helps = book.add_worksheet(HELP_SHEET.of(lang))
    choices = book.add_worksheet(CHOICES_SHEET.of(lang))
    fields = [f for f in layer.writable if f.type != "json"]
    _write_help(helps, fields, layer, lang, bold)
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 32)
    for at, field in enumerate(fields):
        title = heading(field, lang)
        sheet.write_string(0, at, title, bold)
        sheet.set_column(at, at, max(10, min(24, 2 * len(title))), text_cells if field.type in ("text", "year", "date") else None)
        sheet.write_comment(0, at, _explained(field, lang))
        _validate(sheet, choices, field, at, lang)
    for at, label in enumerate(_PLACE, start=len(fields)):
        sheet.write_string(0, at, label.of(lang), bold)
        sheet.set_column(at, at, 12)
    book.close()
    return out.getvalue()


def _explained(field: Field, lang: str) -> str:
    parts = [_TYPES[field.type].of(lang)]
    if field.unit and field.unit.of(lang):
        parts.append(field.unit.of(lang))
    if field.help:
        parts.append(field.help.of(lang))
    return "；".join(parts) if lang != "en" else "; ".join(parts)


def _words(field: Field, lang: str) -> list[str]:
    """What a drop-down offers."""
    if field.type == "boolean":
        return ["是", "否"] if lang != "en" else ["yes", "no"]
    return [c.label.of(lang) for c in field.choices]


def _validate(sheet: Any, choices: Any, field: Field, at: int, lang: str) -> None:
    """A drop-down, or limits for a number; a warning only: years such as 80年代 are welcome."""
    words = _words(field, lang)
    if words:
        choices.write_string(0, at, field.label.of(lang))
        for row, word in enumerate(words, start=1):
            choices.write_string(row, at, word)
        column = xl_col_to_name(at, col_abs=True)
        name = CHOICES_SHEET.of(lang)
        rule: dict[str, Any] = {"validate": "list", "source": f"='{name}'!{column}$2:{column}${len(words) + 1}", "error_type": "warning"}
        sheet.data_validation(1, at, ROWS, at, rule)
    elif field.type in ("integer", "number") and field.minimum is not None:
        kind = "integer" if field.type == "integer" else "decimal"
        limits: dict[str, Any] = {"criteria": ">=", "value": field.minimum}
        if field.maximum is not None:
            limits = {"criteria": "between", "minimum": field.minimum, "maximum": field.maximum}
        sheet.data_validation(1, at, ROWS, at, {"validate": kind, "error_type": "warning", **limits})


def _write_help(sheet: Any, fields: list[Field], layer: Layer, lang: str, bold: Any) -> None:
    rows = [
        (heading(f, lang), _explained(f, lang), "、".join(_words(f, lang)) if lang != "en" else ", ".join(_words(f, lang))) for f in fields
    ]
    place = Text("WGS 84 或 CGCS2000 的度；没有可不填", "degrees in WGS 84 or CGCS2000; may be left empty")
    rows += [(label.of(lang), place.of(lang), "") for label in _PLACE]
    titles = (Text("列", "column"), Text("怎样填", "how to fill in"), Text("可选值", "choices"))
    for at, (title, width) in enumerate(zip(titles, (24, 44, 80), strict=True)):
        sheet.write_string(0, at, title.of(lang), bold)
        sheet.set_column(at, at, width)
    for row, cells in enumerate(rows, start=1):
        for at, cell in enumerate(cells):
            sheet.write_string(row, at, cell)
    if layer.help:
        sheet.write_string(len(rows) + 2, 0, layer.help.of(lang))
