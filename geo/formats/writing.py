"""Foreign files written in the child from plain rows, so that the service itself never loads GDAL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from geo.errors import Refused, Text, UnsupportedFormat
from geo.formats import gdal, wire
from geo.formats.limits import Limits
from geo.geometry import array_of

_DTYPES: Mapping[str, Any] = {"text": object, "integer": np.int64, "number": np.float64, "boolean": bool, "date": "datetime64[D]"}


def write(job: Mapping[str, Any], source: BinaryIO, limits: Limits) -> None:
    """Writes the rows that follow the job on `source` to the file "out" in the job's folder. Raises UnsupportedFormat."""
    if job["driver"] != "GPKG":
        raise UnsupportedFormat(Text(f"不能写 {job['driver']}", f"{job['driver']} cannot be written"))
    library = gdal.library()
    folder = Path(job["folder"])
    target = folder / "out.gpkg"
    fields: Sequence[Sequence[str]] = job["fields"]
    written = 0
    while (rows := wire.receive_rows(source, len(fields))) is not None:
        _append(library, target, job, fields, rows, first=written == 0)
        written += len(rows[0])
    if not written:
        _append(library, target, job, fields, ([], [[] for _ in fields]), first=True)
    _check_count(target, job["layer"], written)
    target.rename(folder / "out")


def _check_count(target: Path, layer: str, written: int) -> None:
    """Reads the number of features back, with another library than the one that wrote them. Raises Refused when some are missing."""
    connection = sqlite3.connect(f"{target.absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = connection.execute('SELECT count(*) FROM "' + layer.replace('"', '""') + '"').fetchone()[0]
    except sqlite3.DatabaseError:
        found = 0
    finally:
        connection.close()
    if found != written:
        raise Refused(
            Text(f"写了 {written} 条，文件里只有 {found} 条，已放弃", f"{written} features were written, the file holds {found}: given up")
        )


def _append(library: Any, target: Path, job: Mapping[str, Any], fields: Sequence[Sequence[str]], rows: Any, *, first: bool) -> None:
    geometry, columns = rows
    data, masks = [], []
    for (_, kind), column in zip(fields, columns, strict=True):
        missing = np.array([v is None for v in column], dtype=bool)
        data.append(_typed(column, kind))
        masks.append(missing if missing.any() else None)
    library.raw.write(
        str(target),
        array_of(geometry),
        data,
        [name for name, _ in fields],
        field_mask=masks,
        layer=job["layer"],
        driver="GPKG",
        geometry_type=job["geometry_type"],
        crs=job["crs"],
        append=not first,
    )


def _typed(column: Sequence[Any], kind: str) -> NDArray[Any]:
    """A column as GDAL wants it; missing values get a stand-in that the mask hides."""
    dtype = _DTYPES.get(kind, object)
    if dtype is object:
        return array_of([None if v is None else str(v) for v in column])
    stand_in: Any = np.datetime64("1970-01-01") if kind == "date" else 0
    return np.array([stand_in if v is None else v for v in column], dtype=dtype)
