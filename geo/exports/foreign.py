"""An answer as a GeoPackage, shapefile, FlatGeobuf or GeoParquet, written by the child process: this process never loads the libraries for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import sandbox
from geo.exports.about import about, add_side_files
from geo.exports.columns import Column, columns, short_names, values
from geo.exports.feature_collection import project
from geo.exports.losses import DBF_BYTES
from geo.exports.output import Output

if TYPE_CHECKING:
    from geo.answers import Answer

CHUNK = 5_000
DRIVERS: Mapping[str, str] = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "fgb": "FlatGeobuf", "parquet": "Parquet"}
_KINDS = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")
_FAMILIES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("points", "Point", (0,)),
    ("multipoints", "MultiPoint", (4,)),
    ("lines", "LineString", (1, 5)),
    ("areas", "Polygon", (3, 6)),
)
"""Endings of file names, kinds of shapefiles, and the numbers of the geometries that go into one."""

Chunks = Iterator[tuple[list[bytes | None], list[list[Any]]]]


def write(answer: Answer, output: Output, path: Path) -> None:
    """One layer, named as the collection, in the CRS asked for; `id` and every field are columns, objects are JSON text."""
    made = columns(answer, output)
    job = {
        "driver": DRIVERS[output.form.id],
        "layer": _plain_name(answer),
        "fields": [(c.name, c.kind) for c in made],
        "titles": [c.title for c in made],
        "key": made[0].name,
        "title": title(answer, output),
        "crs": output.crs,
        "geometry_type": _one_kind(answer),
        "about": about(answer, output),
    }
    placed = answer.frame[answer.frame.geometry.notna()] if output.form.placed_only else answer.frame
    sandbox.make(path, job, chunks(answer, output, placed), work_dir=path.parent)


def write_shapefile(answer: Answer, output: Output, path: Path) -> None:
    """A zip of one shapefile a family of geometries, with the table of its fields and the texts that were too long."""
    made = columns(answer, output)
    made = [replace(c, name=short) for c, short in zip(made, short_names([c.name for c in made]), strict=True)]
    families = _families(answer.frame.geometry.to_numpy(), answer)
    base = _plain_name(answer)
    parts = [
        {"name": base if len(families) == 1 else f"{base}_{ending}", "geometry_type": kind, "count": len(rows)}
        for ending, kind, rows in families
    ]
    job = {
        "driver": "ESRI Shapefile",
        "layer": base,
        "fields": [(c.name, c.kind) for c in made],
        "crs": output.crs,
        "geometry_type": "",
        "parts": parts,
    }
    rows = (piece for _, _, at in families for piece in chunks(answer, output, answer.frame.iloc[at]))
    sandbox.make(path, job, (_fitting(piece, made) for piece in rows), work_dir=path.parent)
    add_side_files(path, answer, output, made)


def chunks(answer: Answer, output: Output, frame: pd.DataFrame) -> Chunks:
    """WKBs in the output's CRS and the values, some thousand rows at a time."""
    for start in range(0, len(frame), CHUNK):
        part = frame.iloc[start : start + CHUNK]
        shapes = shapely.to_wkb(project(part["geometry"].to_numpy(), output.crs), output_dimension=2, byte_order=1)
        yield shapes.tolist(), values(answer, part, output)


def title(answer: Answer, output: Output) -> str:
    """What the file is of, in the language asked for; made-up data say so."""
    label = answer.title.of(output.lang)
    mark = {"zh": "（示例数据）", "en": " (demo data)"}[output.lang] if answer.demo else ""
    return f"{label}{mark}"


def _plain_name(answer: Answer) -> str:
    return "_".join(filter(None, (str(answer.query.collection), answer.query.shape))).replace("-", "_")


def _one_kind(answer: Answer) -> str:
    """The kind of all geometries; where there are none the declared one, if it is but one; where there are several, none in particular."""
    found = np.unique(shapely.get_type_id(answer.frame.geometry.to_numpy()))
    kinds = [_KINDS[number] for number in found.tolist() if number >= 0] or list(answer.geometry_kinds)
    return kinds[0] if len(kinds) == 1 else "Unknown"


def _families(geometry: NDArray[np.object_], answer: Answer) -> list[tuple[str, str, NDArray[np.int64]]]:
    """(ending, kind, positions of the rows) of each shapefile; what has no place goes with the first one."""
    numbers = shapely.get_type_id(geometry)
    found = [(ending, kind, np.flatnonzero(np.isin(numbers, own))) for ending, kind, own in _FAMILIES]
    found = [family for family in found if len(family[2])]
    if not found:
        own = [_KINDS.index(kind) for kind in answer.geometry_kinds[:1]]
        found = [(ending, kind, np.empty(0, np.int64)) for ending, kind, numbers_ in _FAMILIES if set(own) & set(numbers_)]
    ending, kind, rows = found[0]
    unplaced = np.flatnonzero(numbers < 0)
    return [(ending, kind, np.sort(np.concatenate([rows, unplaced]))), *found[1:]]


def _fitting(piece: tuple[list[bytes | None], list[list[Any]]], made: Sequence[Column]) -> tuple[list[bytes | None], list[list[Any]]]:
    """Texts cut at the last whole character of 254 bytes; the whole ones stand in the side file."""
    shapes, cells = piece
    return shapes, [[_cut(v) for v in column] if c.kind == "text" else column for c, column in zip(made, cells, strict=True)]


def _cut(value: Any) -> Any:
    if not isinstance(value, str) or len(value) * 4 <= DBF_BYTES:
        return value
    data = value.encode("utf-8", "replace")
    return value if len(data) <= DBF_BYTES else data[:DBF_BYTES].decode("utf-8", "ignore")
