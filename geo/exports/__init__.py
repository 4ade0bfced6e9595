"""Files out: an answer in one of the declared formats, as pieces of bytes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geo.crs import STORAGE
from geo.errors import BadValue, Text, nearest
from geo.exports.feature_collection import geojson
from geo.exports.geopackage import gpkg
from geo.exports.tables import csv_pieces, xlsx

if TYPE_CHECKING:
    from geo.answers import Answer

__all__ = ["FORMATS", "Format", "format_of", "geojson", "pieces"]

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Format:
    """One way out. `any_crs`: whether the format can say which CRS its coordinates are in."""

    id: str
    media_type: str
    extension: str
    label: Text
    any_crs: bool = False


FORMATS: tuple[Format, ...] = (
    Format("geojson", "application/geo+json", "geojson", Text("GeoJSON（WGS 84）", "GeoJSON (WGS 84)")),
    Format("csv", "text/csv; charset=utf-8", "csv", Text("CSV 表格", "CSV table")),
    Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", Text("Excel 工作簿", "Excel workbook")),
    Format("gpkg", "application/geopackage+sqlite3", "gpkg", Text("GeoPackage", "GeoPackage"), any_crs=True),
)


def format_of(name: str) -> Format:
    """The format called `name`. Raises BadValue with the names there are."""
    for known in FORMATS:
        if known.id == name:
            return known
    names = [f.id for f in FORMATS]
    listed, close = ", ".join(names), nearest(name, names)
    raise BadValue(
        Text(f"没有“{name}”这种格式；可用：{listed}", f"no format '{name}'; there are: {listed}"),
        parameter="f",
        formats=names,
        nearest=close,
    )


def pieces(answer: Answer, form: Format, *, work_dir: Path, crs: str = STORAGE, lang: str = "zh") -> Iterator[bytes]:
    """The file's bytes in order. Files that cannot be written front to back are made in `work_dir` and removed when read or dropped.

    Raises BadValue when the format cannot say the CRS that is asked for.
    """
    if crs != STORAGE and not form.any_crs:
        able = ", ".join(f.id for f in FORMATS if f.any_crs)
        raise BadValue(
            Text(
                f"{form.id} 只用 WGS 84；要 {crs} 请用：{able}，或 f=json", f"{form.id} is WGS 84 only; for {crs} take: {able}, or f=json"
            ),
            parameter="crs",
        )
    if form.id == "geojson":
        return geojson(answer, lang=lang)
    if form.id == "csv":
        return csv_pieces(answer)
    return _from_file(answer, form, work_dir, crs, lang)


def _from_file(answer: Answer, form: Format, work_dir: Path, crs: str, lang: str) -> Iterator[bytes]:
    work_dir.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="export-", suffix=f".{form.extension}", dir=work_dir)
    os.close(handle)
    path = Path(name)
    try:
        if form.id == "xlsx":
            xlsx(answer, path, lang=lang)
        else:
            gpkg(answer, path, crs=crs)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    finally:
        path.unlink(missing_ok=True)
