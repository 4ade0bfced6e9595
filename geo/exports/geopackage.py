"""An answer as a GeoPackage, written by the child process: this process never loads the library that writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from geo import sandbox
from geo.crs import STORAGE
from geo.exports import rows
from geo.exports.feature_collection import project
from geo.exports.provenance import DEMO
from geo.exports.tables import json_text
from geo.schema import Field

if TYPE_CHECKING:
    from geo.answers import Answer

CHUNK = 5_000
_TYPES = {"integer": "integer", "year": "integer", "number": "number", "boolean": "boolean", "date": "date"}


def gpkg(answer: Answer, path: Path, *, crs: str = STORAGE) -> None:
    """Write one layer, named as the collection, in `crs`; `id` and every field are columns, objects are JSON text; made-up data say so in a column `demo`."""
    columns = [
        ("id", "integer"),
        *((f.name, _TYPES.get(f.type, "text")) for f in answer.fields),
        *([("demo", "text")] if answer.demo else []),
    ]
    kinds = answer.layer.geometry
    sandbox.write(
        path,
        "GPKG",
        answer.query.collection.replace("-", "_"),
        columns,
        _rows(answer, crs),
        crs,
        geometry_type=kinds[0] if len(kinds) == 1 else "Unknown",
        work_dir=path.parent,
    )


def _rows(answer: Answer, crs: str) -> Iterator[tuple[bytes | None, list[Any]]]:
    label = [DEMO.zh] if answer.demo else []
    for start in range(0, len(answer.frame), CHUNK):
        part = answer.frame.iloc[start : start + CHUNK]
        shapes = shapely.to_wkb(project(part.geometry.to_numpy(), crs), output_dimension=2, byte_order=1)
        cells = [_cells(column, f) for column, f in zip(rows.columns(part, answer.fields), answer.fields, strict=True)]
        for id, shape, *values in zip(part.index.tolist(), shapes.tolist(), *cells, strict=True):
            yield shape, [id, *values, *label]


def _cells(column: list[Any], field: Field) -> list[Any]:
    return [json_text(v) for v in column] if field.type == "json" else column
