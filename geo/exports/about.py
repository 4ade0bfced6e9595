"""What goes with an output: what was asked, when, of which data, with its fingerprint; the table of its fields; texts that did not fit."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from geo.exports import provenance
from geo.exports.columns import DEMO_HEADING, ID, Column
from geo.exports.feature_collection import fingerprint
from geo.exports.guarding import guarded
from geo.exports.losses import left_out, long_texts, losses
from geo.exports.output import Output

if TYPE_CHECKING:
    from geo.answers import Answer

FOLDER = "about"
"""Folder of an archive that holds no data but what belongs to them."""

_FIELD_HEADS = ("column", "field", "type", "label_zh", "label_en", "unit_zh", "unit_en", "values_zh", "values_en")


def about(answer: Answer, output: Output) -> dict[str, Any]:
    """The `yuantu` member for formats that are not GeoJSON: as there, with the same fingerprint, and what the format loses."""
    said = provenance.describe(answer, crs=output.crs, lang=output.lang) | {"headings": output.headings}
    if missing := left_out(answer, output):
        said["returned"] -= missing
    if lost := losses(answer, output):
        said["loses"] = [text.of(output.lang) for text in lost]
    return said | {"fingerprint": fingerprint(answer)}


def add_side_files(path: Path, answer: Answer, output: Output, columns: Sequence[Column]) -> None:
    """Put about.json, fields.csv and, where texts were cut, long_texts.csv into the archive."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        told = orjson.dumps({"yuantu": about(answer, output)}, option=orjson.OPT_INDENT_2)
        archive.writestr(f"{FOLDER}/about.json", told)
        archive.writestr(f"{FOLDER}/fields.csv", _csv([_FIELD_HEADS, *map(_field_row, columns)]))
        if output.form.id == "shp" and next(long_texts(answer), None):
            names = {c.field.name: c.name for c in columns if c.field}
            with archive.open(f"{FOLDER}/long_texts.csv", "w", force_zip64=True) as file:
                file.write(_csv([("id", "column", "field", "text")]))
                for id, field, text in long_texts(answer):
                    file.write(_csv([(id, names[field], field, text)], first=False))


def _field_row(column: Column) -> Sequence[str]:
    field = column.field
    if field is None:
        said = ID if column.kind == "integer" else DEMO_HEADING
        return (column.name, said.en, column.kind, said.zh, said.en, "", "", "", "")
    unit = field.unit
    values = [";".join(f"{c.value}={c.label.of(lang)}" for c in field.choices) for lang in ("zh", "en")]
    return (column.name, field.name, field.type, field.label.zh, field.label.en, unit.zh if unit else "", unit.en if unit else "", *values)


def _csv(lines: Iterable[Sequence[Any]], *, first: bool = True) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([guarded(c) if isinstance(c, str) else c for c in line] for line in lines)
    return ("\ufeff" if first else "").encode() + out.getvalue().encode("utf-8", "replace")
