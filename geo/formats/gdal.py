"""The one door to GDAL, used in the child only: an allow-list of drivers, paths of our own, plain WKB out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from geo.errors import Refused, Text

ALLOWED = frozenset(("ESRI Shapefile", "GPKG", "MEM", "Memory"))
"""Drivers that may exist in the child; the environment must hide all others before the library is loaded."""

DRIVERS = (
    "ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "Arrow", "CAD", "CSV", "CSW", "Carto", "DGN", "DXF", "EDIGEO", "EEDA", "ESRIJSON",
    "Elasticsearch", "FileGDB", "FlatGeobuf", "GDALG", "GML", "GMLAS", "GPSBabel", "GPX", "GTFS", "GeoJSON", "GeoJSONSeq", "GeoRSS", "HANA",
    "HTTP", "Idrisi", "Interlis 1", "Interlis 2", "JML", "JSONFG", "KML", "LIBKML", "LVBAG", "MBTiles", "MSSQLSpatial", "MVT", "MapInfo File",
    "MapML", "MiraMonVector", "MongoDBv3", "MySQL", "NAS", "NGW", "OAPIF", "OCI", "ODBC", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT",
    "OSM", "OpenFileGDB", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PLSCENES", "PMTiles", "Parquet", "PostgreSQL", "S57", "SOSI", "SQLite", "SXF",
    "Selafin", "TIGER", "TopoJSON", "UK .NTF", "VDV", "VFK", "VICAR", "VRT", "WAsP", "WFS", "XLS", "XLSX", "XODR", "netCDF",
)  # fmt: skip
"""Vector drivers of GDAL that are hidden by name. One that is not in this list makes `library` refuse to work, so a new GDAL cannot widen the door."""


def environment() -> dict[str, str]:
    """What must stand in the environment of the child before GDAL is loaded; set later it has no effect."""
    return {
        "GDAL_SKIP": ",".join(DRIVERS),
        "GDAL_HTTP_PROXY": "127.0.0.1:1",
        "GDAL_HTTP_CONNECTTIMEOUT": "1",
        "GDAL_HTTP_TIMEOUT": "1",
        "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
        "GDAL_PAM_ENABLED": "NO",
        "CPL_CURL_ENABLE_VSIMEM": "NO",
        "SHAPE_RESTORE_SHX": "NO",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
    }


def library() -> Any:
    """pyogrio without pandas (0.3 s instead of 1 s to load), once the drivers it has are the allowed ones. Raises Refused otherwise."""
    for name in ("pandas", "geopandas"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    import pyogrio

    extra = set(pyogrio.list_drivers()) - ALLOWED
    if extra:
        raise Refused(
            Text("读取程序的驱动限制没有生效，已拒绝读取", "the list of allowed drivers is not in force: nothing was read"),
            drivers=sorted(extra),
        )
    return pyogrio


def read_wkb(path: Path, *, skip: int, count: int) -> list[bytes | None]:
    """The shapes of a shapefile as 2-D WKB, in file order."""
    _, _, geometry, _ = library().raw.read(str(path), columns=[], skip_features=skip, max_features=count, force_2d=True)
    return list(geometry)
