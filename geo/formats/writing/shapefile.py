"""Shapefiles in a zip: one for each family of geometries, texts in UTF-8 and said so, none larger than other programs can read."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from geo.errors import Text, TooLarge
from geo.formats import gdal
from geo.formats.writing.stream import Stream, to_gdal

MOST_BYTES = (1 << 31) - 1
"""Offsets are signed 32-bit numbers in most readers: beyond 2 GB a .shp or .dbf is damaged to them."""

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def write(job: Mapping[str, Any], source: BinaryIO, target: Path) -> tuple[int, int]:
    """`parts`: {name, geometry_type, count} of each family; the rows come in their order. Names and texts must fit already. Raises TooLarge."""
    library = gdal.library("ESRI Shapefile")
    stream = Stream(job, source)
    folder = target.parent / "shapes"
    folder.mkdir()
    found = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for part in job["parts"]:
            name = part["name"]
            chosen = {**job, "layer": name, "geometry_type": part["geometry_type"]}
            to_gdal(library, stream, folder / f"{name}.shp", chosen, count=part["count"], ENCODING="UTF-8")
            found += _count(folder / name)
            for ending in _PARTS:
                _pack(archive, folder / f"{name}{ending}")
    return stream.sent, found


def _count(stem: Path) -> int:
    """Records by the head of the table and by the length of the index; -1 where they differ."""
    with stem.with_suffix(".dbf").open("rb") as file:
        records = struct.unpack("<I", file.read(8)[4:])[0]
    shapes = (stem.with_suffix(".shx").stat().st_size - 100) // 8
    return int(records) if records == shapes else -1


def _pack(archive: zipfile.ZipFile, path: Path) -> None:
    """Into the archive and away, so that a file and its packed copy stand side by side but once."""
    if path.stat().st_size > MOST_BYTES:
        raise TooLarge(
            Text(
                "Shapefile 的一个文件超过 2 GB，多数软件读不了：请用 GeoPackage、FlatGeobuf 或 GeoParquet，或少选一些",
                "a file of the shapefile exceeds 2 GB, which most programs cannot read: take GeoPackage, FlatGeobuf or GeoParquet, or fewer features",
            )
        )
    archive.write(path, path.name)
    path.unlink()
