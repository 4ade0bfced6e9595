"""Every format in: `sandbox.read` in its guarded child, each record checked and accounted for, against pyogrio alone on the same file."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.harness import Report, Scale, new_process, workshop

SIZE = 200_000
_COLUMNS = {"编号": "code", "名称": "name", "社区": "community", "地址": "address", "建成年份": "built_year", "户数": "households"}
_ASCII = ("code", "name", "community", "address", "built_year", "households")

Maker = Callable[[Any, Path], Path]
"""Writes the frame into the folder and gives the file."""


def run(report: Report, scale: Scale) -> None:
    size = scale.of(SIZE)
    report.heading(f"{size:,} areas (GPX: points) read from each format")
    with workshop() as folder:
        frame = _frame(size)
        for name, make in MAKERS.items():
            compare(report, name, make(frame, folder), size)


def compare(report: Report, name: str, path: Path, size: int) -> None:
    """Both in a new process; ours with its child. Every feature must come out usable."""
    try:
        ours = new_process("-m", "bench.formats_in", "ours", str(path))
        theirs = new_process("-m", "bench.formats_in", "theirs", str(path))
    finally:
        megabytes = path.stat().st_size / 1e6
        path.unlink()
    read, usable = map(int, ours.output.split())
    assert (read, usable, int(theirs.output)) == (size, size, size), (name, ours.output, theirs.output)
    rival = "pyogrio" if name != "GeoParquet" else "pyarrow"
    report.line(f"{name} ({megabytes:.0f} MB)", ours.seconds, {rival: theirs.seconds})
    report.line(f"{name}, peak memory", ours.peak_mb, {rival: theirs.peak_mb}, unit="MB")


def _frame(size: int) -> Any:
    import geopandas
    import shapely

    from bench import town

    rows = town.compounds(size)
    shapes = shapely.from_wkb([row["geometry"] for row in rows])
    return geopandas.GeoDataFrame({h: [row[n] for row in rows] for h, n in _COLUMNS.items()}, geometry=shapes, crs="EPSG:4326")


def _by_driver(driver: str, ending: str, **options: Any) -> Maker:
    def make(frame: Any, folder: Path) -> Path:
        path = folder / f"areas.{ending}"
        frame.to_file(path, driver=driver, engine="pyogrio", layer="areas", **options)
        return path

    return make


def _shapefile(frame: Any, folder: Path) -> Path:
    named = frame.rename(columns=_COLUMNS)
    named.to_file(folder / "areas.shp", engine="pyogrio", encoding="UTF-8")
    return _zipped(folder, "areas", [p for p in sorted(folder.glob("areas.*")) if p.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg")])


def _geodatabase(frame: Any, folder: Path) -> Path:
    frame.to_file(folder / "areas.gdb", driver="OpenFileGDB", engine="pyogrio", layer="areas")
    return _zipped(folder, "areas.gdb", sorted((folder / "areas.gdb").iterdir()))


def _zipped(folder: Path, name: str, parts: list[Path]) -> Path:
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part in parts:
            archive.write(part, part.relative_to(folder))
            part.unlink()
    return path


def _points(frame: Any, folder: Path) -> Path:
    points = frame[["名称"]].rename(columns={"名称": "name"}).set_geometry(frame.representative_point())
    points.to_file(folder / "areas.gpx", driver="GPX", engine="pyogrio", layer="waypoints")
    return folder / "areas.gpx"


def _parquet(frame: Any, folder: Path) -> Path:
    frame.to_parquet(folder / "areas.parquet")
    return folder / "areas.parquet"


def _csv(frame: Any, folder: Path) -> Path:
    return _by_driver("CSV", "csv", GEOMETRY="AS_WKT")(frame, folder)


MAKERS: dict[str, Maker] = {
    "GeoJSON": _by_driver("GeoJSON", "geojson", RFC7946="YES"),
    "CSV with WKT": _csv,
    "Shapefile": _shapefile,
    "GeoPackage": _by_driver("GPKG", "gpkg"),
    "FlatGeobuf": _by_driver("FlatGeobuf", "fgb"),
    "GeoParquet": _parquet,
    "File Geodatabase": _geodatabase,
    "KML": _by_driver("LIBKML", "kml"),
    "GPX": _points,
}


# --- what runs in the new processes


def read_ours(path: Path) -> str:
    """Records read, and those that have a geometry and no problem."""
    from geo import sandbox
    from geo.formats.contract import Chunk, ReadRequest

    read = usable = 0
    with sandbox.read(path, ReadRequest(crs="EPSG:4326"), limits=sandbox.COMMAND_LINE) as parts:
        for part in parts:
            if isinstance(part, Chunk):
                read += len(part.geometry)
                usable += sum(g is not None and p is None for g, p in zip(part.geometry, part.problems, strict=True))
    return f"{read} {usable}"


def read_theirs(path: Path) -> str:
    """The same features as arrays of the library, nothing checked."""
    if path.suffix == ".parquet":
        import pyarrow.parquet

        return str(pyarrow.parquet.read_table(path).num_rows)
    import pyogrio

    where = f"/vsizip/{path}" if path.suffix == ".zip" else str(path)
    fields = pyogrio.raw.read(where)
    return str(len(fields[3][0]))


if __name__ == "__main__":
    print({"ours": read_ours, "theirs": read_theirs}[sys.argv[1]](Path(sys.argv[2])))
