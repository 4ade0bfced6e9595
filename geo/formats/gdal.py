"""The one door to GDAL, used in the child only: no driver but those a job needs, paths of our own, plain WKB out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from geo.errors import Refused, Text

USABLE = frozenset(("ESRI Shapefile", "GPKG", "FlatGeobuf", "OpenFileGDB"))
"""Drivers that a job may ask for; of these only the ones it asks for are let through."""

DRIVERS = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "Arrow", "CAD", "CSV", "CSW", "Carto", "DGN", "DXF", "EDIGEO", "EEDA",
    "ESRI Shapefile", "ESRIJSON", "Elasticsearch", "FileGDB", "FlatGeobuf", "GDALG", "GML", "GMLAS", "GPKG", "GPSBabel", "GPX", "GTFS",
    "GeoJSON", "GeoJSONSeq", "GeoRSS", "HANA", "HTTP", "Idrisi", "Interlis 1", "Interlis 2", "JML", "JSONFG", "KML", "LIBKML", "LVBAG",
    "MBTiles", "MEM", "MSSQLSpatial", "MVT", "MapInfo File", "MapML", "Memory", "MiraMonVector", "MongoDBv3", "MySQL", "NAS", "NGW", "OAPIF",
    "OCI", "ODBC", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OSM", "OpenFileGDB", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PLSCENES",
    "PMTiles", "Parquet", "PostgreSQL", "S57", "SOSI", "SQLite", "SXF", "Selafin", "TIGER", "TopoJSON", "UK .NTF", "VDV", "VFK", "VICAR",
    "VRT", "WAsP", "WFS", "XLS", "XLSX", "XODR", "netCDF",
)  # fmt: skip
"""Every vector driver of GDAL by name. One that is not in this list makes `library` refuse to work, so a new GDAL cannot widen the door."""

_let_through: set[str] = set()


def environment() -> dict[str, str]:
    """What must stand in the environment of the child before GDAL is loaded: every driver is hidden until `library` lets one through."""
    return {
        "GDAL_SKIP": ",".join(DRIVERS),
        "GDAL_HTTP_PROXY": "127.0.0.1:1",
        "GDAL_HTTP_CONNECTTIMEOUT": "1",
        "GDAL_HTTP_TIMEOUT": "1",
        "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
        "GDAL_NUM_THREADS": "1",
        "GDAL_PAM_ENABLED": "NO",
        "CPL_CURL_ENABLE_VSIMEM": "NO",
        "SHAPE_RESTORE_SHX": "NO",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
        "OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES",  # the driver's own stream ends the process at a feature without geometry (GDAL 3.12)
    }


def library(*drivers: str) -> Any:
    """pyogrio without pandas (0.3 s instead of 1 s to load), having exactly the drivers of the first call; GDAL reads the list only once.

    One driver is the rule; a job with files of several kinds names them all at once. Raises Refused when GDAL has any other, or one of
    `drivers` was not let through.
    """
    for name in ("pandas", "geopandas"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    if not _let_through:
        _let_through.update(USABLE.intersection(drivers))
        os.environ["GDAL_SKIP"] = ",".join(d for d in DRIVERS if d not in _let_through)
    import pyogrio

    found = set(pyogrio.list_drivers())
    if found != _let_through or not _let_through.issuperset(drivers):
        raise Refused(
            Text("读取程序的驱动限制没有生效，已拒绝读取", "the list of allowed drivers is not in force: nothing was read"),
            drivers=sorted(found.symmetric_difference(_let_through) | set(drivers) - _let_through),
        )
    return pyogrio


def read_wkb(path: Path, *, skip: int, count: int, driver: str = "ESRI Shapefile", layer: str | None = None) -> list[bytes | None]:
    """The shapes of a layer as 2-D WKB, in file order, curves as lines through many points."""
    read = library(driver).raw.read
    _, _, geometry, _ = read(str(path), layer=layer, columns=[], skip_features=skip, max_features=count, force_2d=True)
    return list(geometry)
