"""Files out: an answer in one of the declared formats, as pieces of bytes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from geo.crs import STORAGE
from geo.errors import StoreFull, Text
from geo.exports import drawing, foreign, tables
from geo.exports.about import add_side_files
from geo.exports.columns import columns
from geo.exports.declared import FORMATS, HEADINGS, Format, format_of, format_of_file
from geo.exports.feature_collection import geojson
from geo.exports.kml import kml
from geo.exports.losses import left_out, losses
from geo.exports.output import Output

if TYPE_CHECKING:
    from geo.answers import Answer

__all__ = ["FORMATS", "HEADINGS", "Format", "Output", "format_of", "format_of_file", "geojson", "left_out", "losses", "made", "pieces"]

PIECE = 1 << 20


def pieces(
    answer: Answer, form: Format, *, work_dir: Path, crs: str | None = None, lang: str = "zh", headings: str | None = None
) -> Iterator[bytes]:
    """As `made`, with what is chosen about the format as plain words. Raises BadValue when the format cannot do it."""
    return made(answer, Output.of(form, crs=crs, headings=headings, lang=lang), work_dir=work_dir)


def made(answer: Answer, output: Output, *, work_dir: Path) -> Iterator[bytes]:
    """The file's bytes in order. Files that cannot be written front to back are made in `work_dir` and removed when read or dropped.

    Raises TooLarge for what the format cannot hold, StoreFull on a full disk.
    """
    stream = _STREAMED.get(output.form.id)
    return stream(answer, output) if stream else _from_file(answer, output, work_dir)


def _geojson(answer: Answer, output: Output) -> Iterator[bytes]:
    return geojson(answer, crs=STORAGE, lang=output.lang, labelled=output.labelled)


def _csv_zip(answer: Answer, output: Output, path: Path) -> None:
    tables.csv_zip(answer, output, path)
    add_side_files(path, answer, output, columns(answer, output))


_STREAMED: Mapping[str, Callable[[Answer, Output], Iterator[bytes]]] = {"geojson": _geojson, "csv": tables.csv_pieces, "kml": kml}
_WRITTEN: Mapping[str, Callable[[Answer, Output, Path], None]] = {
    "csvzip": _csv_zip,
    "xlsx": tables.xlsx,
    "dxf": drawing.dxf,
    "shp": foreign.write_shapefile,
    **dict.fromkeys(("gpkg", "fgb", "parquet"), foreign.write),
}


def _from_file(answer: Answer, output: Output, work_dir: Path) -> Iterator[bytes]:
    path = _new_file(work_dir, output.form.extension)
    try:
        _write(answer, output, path)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    finally:
        path.unlink(missing_ok=True)


def _new_file(folder: Path, extension: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="export-", suffix=f".{extension}", dir=folder)
    except OSError as error:
        raise _full() from error
    os.close(handle)
    return Path(name)


def _write(answer: Answer, output: Output, path: Path) -> None:
    try:
        _WRITTEN[output.form.id](answer, output, path)
    except OSError as error:
        raise _full() from error


def _full() -> StoreFull:
    return StoreFull(Text("文件没有写成：磁盘已满，或不能写入", "the file was not written: the disk is full or cannot be written"))
