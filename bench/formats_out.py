"""Files out: every format of `flask export`, time and peak memory, against pyogrio (GeoPandas for GeoParquet) writing the same features alone.

Ours opens the store, answers the query, checks every count, takes a fingerprint and writes what was asked beside the data; the rival has the features
in a GeoPackage already and only writes. Both in new processes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from bench import town
from bench.harness import Report, Scale, new_process, workshop

SIZE = 200_000
AIM_TIME, AIM_MEMORY = 4.0, 3.0
"""At most so many times the seconds and the memory of a program that does none of that."""

RIVALS: dict[str, tuple[str, dict[str, Any]]] = {
    "geojson": ("GeoJSON", {"layer_options": {"RFC7946": "YES"}}),
    "csv": ("CSV", {"layer_options": {"GEOMETRY": "AS_WKT"}}),
    "xlsx": ("XLSX", {}),
    "gpkg": ("GPKG", {}),
    "shp": ("ESRI Shapefile", {"layer_options": {"ENCODING": "UTF-8"}}),
    "kml": ("LIBKML", {}),
    "dxf": ("DXF", {}),
    "fgb": ("FlatGeobuf", {}),
    "parquet": ("Parquet", {}),
}
FILES = {"shp": "shp.zip"}


def run(report: Report, scale: Scale) -> None:
    size = scale.of(SIZE)
    report.heading(f"{size:,} areas out, each format: `flask export` against pyogrio alone")
    with workshop() as folder:
        store = town.make_store(folder / "store.gpkg", {"compounds": town.compounds(size)})
        environment = {**os.environ, "YUANTU_STORE": str(store), "FLASK_APP": "app.py"}
        plain = folder / "plain.gpkg"
        new_process("-m", "flask", "export", "compounds", "-f", "gpkg", "-o", str(plain), environment=environment)
        for form in RIVALS:
            compare(report, form, folder, plain, environment)


def compare(report: Report, form: str, folder: Path, plain: Path, environment: dict[str, str]) -> None:
    path = folder / f"ours.{FILES.get(form, form)}"
    ours = new_process("-m", "flask", "export", "compounds", "-f", form, "-o", str(path), environment=environment)
    theirs = new_process("-m", "bench.formats_out", form, str(plain), str(folder / f"theirs.{form}"))
    name = "GeoPandas" if form == "parquet" else "pyogrio"
    met = ours.seconds <= AIM_TIME * theirs.seconds
    report.line(f"{form}: seconds", ours.seconds, {name: theirs.seconds}, aim=f"at most {AIM_TIME:g}×", met=met)
    met = ours.peak_mb <= AIM_MEMORY * theirs.peak_mb
    report.line(
        f"{form}: peak memory, child included", ours.peak_mb, {name: theirs.peak_mb}, unit="MB", aim=f"at most {AIM_MEMORY:g}×", met=met
    )
    report.line(f"{form}: size", path.stat().st_size / 1e6, {name: sum(p.stat().st_size for p in folder.glob("theirs.*")) / 1e6}, unit="MB")
    for made in (path, *folder.glob("theirs.*")):
        made.unlink()


def write(form: str, plain: Path, path: Path) -> None:
    """The rival: the features read from a GeoPackage and written by GDAL in one call."""
    import geopandas
    import pandas
    import pyogrio

    frame = geopandas.read_file(plain, engine="pyogrio")
    driver, options = RIVALS[form]
    if form == "parquet":
        frame.to_parquet(path)
        return
    if form == "dxf":  # GDAL's writer takes geometry and a layer's name only
        frame = frame[["geometry"]].to_crs("EPSG:4547")
    if form == "xlsx":  # it has no geometry: a text takes its place
        pyogrio.write_dataframe(pandas.DataFrame(frame.assign(wkt=frame.geometry.to_wkt()).drop(columns="geometry")), path, driver=driver)
        return
    frame.to_file(path, driver=driver, engine="pyogrio", **options)


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
