"""The to-do list for the field team: the gaps as a workbook with a column to fill in, which the import takes back."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from geo.errors import Text
from geo.exports.guarding import FORMULA_STARTS
from geo.gaps.listed import COLUMNS, SHEET
from geo.gaps.numbers import GEOMETRY
from geo.gaps.words import choices, field_label, layer_label, to_fill
from geo.schema import Field, Layer
from geo.templates import CHOICES_SHEET, HELP_SHEET

if TYPE_CHECKING:
    from geo.answers import Answer
    from geo.frames import View

MOST = 20_000
"""Rows of one list: what a field team cannot walk in a year."""

_AT = {column.name: at for at, column in enumerate(COLUMNS)}
_PARTS = 200
"""Ranges that one check of a column names; spreadsheets refuse longer texts."""

_HOW = (
    Text(
        "在“填写”一列填写；可填内容写在左边，有下拉的从下拉中选",
        "fill in the column 'fill in'; what may be written stands to its left, or choose from the list",
    ),
    Text("不清楚的留空：空行不会改动任何数据", "leave empty what is not known: an empty row changes nothing"),
    Text(
        "可以排序、筛选、删行；其余各列请不要改，导入时靠它们认出对象和字段",
        "rows may be sorted, filtered, deleted; leave the other columns alone: they tell which feature and field it is",
    ),
    Text("备注只供外业使用，不导入", "remarks are for the team and are not imported"),
    Text("未上图的对象请在院图的地图上点选位置，不在表中填", "what is not on the map is placed by a click on the map, not in this table"),
    Text("填好后用“导入”上传本文件，或 flask import 文件", "when it is done upload this file under 'Import', or flask import FILE"),
)


def to_do_xlsx(answer: Answer, view: View, layers: Mapping[str, Layer], *, lang: str) -> bytes:
    """The workbook of an answer to `data-gaps`, its rows in the answer's order. `view` has the layers that gaps are in."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        _ListSheet(book, answer, view, layers, lang).write()
    return out.getvalue()


class _ListSheet:
    """The sheets of one workbook."""

    def __init__(self, book: Any, answer: Answer, view: View, layers: Mapping[str, Layer], lang: str) -> None:
        self.answer, self.view, self.layers, self.lang = answer, view, layers, lang
        self.sheet = book.add_worksheet(SHEET.of(lang))
        self.helps, self.choices = book.add_worksheet(HELP_SHEET.of(lang)), book.add_worksheet(CHOICES_SHEET.of(lang))
        self.bold = book.add_format({"bold": True, "bg_color": "#e8eef4", "border": 1, "text_wrap": True, "valign": "vcenter"})
        plain = {"border": 1, "text_wrap": True, "valign": "top"}
        self.plain, self.quoted = book.add_format(plain), book.add_format({**plain, "quote_prefix": True})
        empty = {**plain, "bg_color": "#fff9db"}
        self.number, self.text = book.add_format(empty), book.add_format({**empty, "num_format": "@"})
        self.shut = book.add_format({**plain, "bg_color": "#e4e4e4"})

    def write(self) -> None:
        kinds = self._rows()
        for at, column in enumerate(COLUMNS):
            self.sheet.write_string(0, at, column.label.of(self.lang), self.bold)
            self.sheet.set_column(at, at, column.width)
        self.sheet.set_row(0, 32)
        self._checks(kinds)
        self._print(len(kinds))
        self._help()

    def _rows(self) -> list[tuple[str, str]]:
        """Writes the rows; their layers and fields."""
        frame = self.answer.frame
        said = {name: frame[name].tolist() for name in ("target_layer", "target_id", "target_name", "community", "field", "settles")}
        compounds = self._compounds(frame["compound_code"].tolist())
        stored = _Stored(self.view)
        words: dict[tuple[str, str], tuple[Field | None, dict[str, str]]] = {}
        kinds = []
        for line, (layer, id, name, community, field, settles) in enumerate(zip(*said.values(), strict=True), start=1):
            kind = (layer, field or "")
            if kind not in words:
                words[kind] = self._words(*kind)
            declared, same = words[kind]
            feature = None if pd.isna(id) else int(id)
            code, version, value = stored.of(layer, feature, kind[1])
            row = {
                **same, "id": feature, "code": code, "name": name, "compound": compounds[line - 1], "community": community,
                "present": _present(declared, value, self.lang), "settles": int(settles), "version": version,
            }  # fmt: skip
            self._row(line, row, declared)
            kinds.append(kind)
        return kinds

    def _words(self, layer: str, field: str) -> tuple[Field | None, dict[str, str]]:
        """What all rows of a field say alike."""
        declared = self.layers[layer]
        said = {"layer": layer_label(layer), "field": field_label(declared, field), "to_fill": to_fill(declared, field)}
        return declared.field(field), {name: text.of(self.lang) for name, text in said.items()}

    def _row(self, line: int, row: Mapping[str, Any], field: Field | None) -> None:
        for name, at in _AT.items():
            value = row.get(name)
            if name == "filled":
                text = field is not None and field.type in ("text", "year", "date")
                self.sheet.write_blank(line, at, None, self.shut if field is None else self.text if text else self.number)
            elif value is None:
                self.sheet.write_blank(line, at, None, self.plain)
            elif isinstance(value, str):
                self.sheet.write_string(line, at, value, self.quoted if value.startswith(FORMULA_STARTS) else self.plain)
            else:
                self.sheet.write_number(line, at, value, self.plain)

    def _compounds(self, codes: Sequence[str | None]) -> list[str | None]:
        """Compounds by their names, else by their codes."""
        frame = self.view.frame("compounds")
        names = {code: name or code for code, name in zip(frame["code"].tolist(), frame["name"].tolist(), strict=True)}
        return [None if code is None else names.get(code, code) for code in codes]

    def _checks(self, kinds: Sequence[tuple[str, str]]) -> None:
        """A list to choose from, or limits for a number, for the rows of each field; a warning only: the import reads other spellings too."""
        lines: dict[tuple[str, str], list[int]] = {}
        for line, kind in enumerate(kinds, start=1):
            lines.setdefault(kind, []).append(line)
        for at, ((layer, name), mine) in enumerate(lines.items()):
            field = self.layers[layer].field(name)
            rule = self._check(field, at, layer) if field is not None else None
            if rule is None:
                continue
            column = _AT["filled"]
            runs = [[first, column, last, column] for first, last in _runs(mine)]
            for start in range(0, len(runs), _PARTS):
                ranges = runs[start : start + _PARTS]
                self.sheet.data_validation(*ranges[0], {**rule, "error_type": "warning", "ignore_blank": True, "other_cells": ranges[1:]})

    def _check(self, field: Field, at: int, layer: str) -> dict[str, Any] | None:
        if offered := choices(field):
            self.choices.write_string(0, at, f"{layer_label(layer).of(self.lang)} {field.label.of(self.lang)}")
            for row, word in enumerate(offered, start=1):
                self.choices.write_string(row, at, word.of(self.lang))
            column = xl_col_to_name(at, col_abs=True)
            return {"validate": "list", "source": f"='{CHOICES_SHEET.of(self.lang)}'!{column}$2:{column}${len(offered) + 1}"}
        if field.type in ("integer", "number") and field.minimum is not None:
            kind = "integer" if field.type == "integer" else "decimal"
            if field.maximum is None:
                return {"validate": kind, "criteria": ">=", "value": field.minimum}
            return {"validate": kind, "criteria": "between", "minimum": field.minimum, "maximum": field.maximum}
        return None

    def _print(self, rows: int) -> None:
        sheet = self.sheet
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(rows, 1), len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_header(f"&L{SHEET.of(self.lang)}&R{self.answer.as_of}")
        sheet.set_footer("&C&P / &N")

    def _help(self) -> None:
        answer = self.answer
        listed = Text("本表列出 {listed} 处，共 {matched} 处", "this list has {listed} of {matched} gaps").format(
            listed=len(answer.frame), matched=answer.matched
        )
        demo = [Text("示例数据", "demo data")] if answer.demo else []
        self.helps.set_column(0, 0, 110)
        for line, text in enumerate((answer.title, *([answer.sentence] if answer.sentence else ()), listed, *demo, *_HOW)):
            self.helps.write_string(line, 0, text.of(self.lang), self.bold if line == 0 else None)


class _Stored:
    """Codes, versions and values of the features that lack something, as they stand in the store."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._columns: dict[tuple[str, str], Any] = {}

    def of(self, layer: str, id: int | None, field: str) -> tuple[str | None, int | None, Any]:
        if id is None:
            return None, None, None
        ids = self._column(layer, "")
        at = int(np.searchsorted(ids, id))
        if at == len(ids) or ids[at] != id:  # gone since the answer
            return None, None, None
        value = None if field == GEOMETRY else self._column(layer, field)[at]
        return self._column(layer, "code")[at], int(self._column(layer, "version")[at]), value

    def _column(self, layer: str, name: str) -> Any:
        """Of the layer; the ids for no name."""
        if (layer, name) not in self._columns:
            frame = self.view.frame(layer)
            self._columns[layer, name] = frame[name].to_numpy() if name else np.asarray(frame.index)
        return self._columns[layer, name]


def _present(field: Field | None, value: Any, lang: str) -> Any:
    """What stands there now, as the import reads it again; None = nothing."""
    if field is None or value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, bool):
        return (Text("是", "yes") if value else Text("否", "no")).of(lang)
    if field.is_numeric:
        return int(value) if float(value).is_integer() else float(value)
    choice = field.choice(value) if field.type == "choice" else None
    return choice.label.of(lang) if choice else str(value)


def _runs(lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Rows one below the other as ranges."""
    for _, run in groupby(enumerate(lines), key=lambda one: one[1] - one[0]):
        found = [line for _, line in run]
        yield found[0], found[-1]
