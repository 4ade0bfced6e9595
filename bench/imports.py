"""Files in: features a second and peak memory of `flask import`, against GeoPandas reading the file and writing a GeoPackage."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import geopandas
import shapely

from bench import town
from bench.harness import Report, Scale, new_process, workshop

SIZES = (20_000, 200_000)


def run(report: Report, scale: Scale) -> None:
    for size in dict.fromkeys(map(scale.of, SIZES)):
        report.heading(f"import of {size:,} areas from GeoJSON")
        with workshop() as folder:
            compare(report, make_file(folder / "compounds.geojson", size), size, folder)


def compare(report: Report, path: Path, size: int, folder: Path) -> None:
    environment = {**os.environ, "YUANTU_STORE": str(folder / "store.gpkg"), "FLASK_APP": "app.py"}
    arguments = ("-m", "flask", "import", str(path), "--layer", "compounds", "--crs", "EPSG:4326", "--json")
    ours = new_process(*arguments, environment=environment)
    account = ours.json()["layers"]["compounds"]
    assert account["accepted"] + account["repaired"] == size, account
    theirs = new_process("-m", "bench.imports", str(path), str(folder / "plain.gpkg"))
    report.line("checked, mapped, accounted, committed", ours.seconds, {"read_file + to_file (none of that)": theirs.seconds})
    report.line("features a second", size / ours.seconds, {"read_file + to_file": size / theirs.seconds}, unit="/s")
    report.line("peak memory, child included", ours.peak_mb, {"read_file + to_file": theirs.peak_mb}, unit="MB")


def make_file(path: Path, size: int) -> Path:
    """Compounds with Chinese headings, as an office exports them."""
    rows = town.compounds(size)
    columns = {
        "编号": "code",
        "小区名称": "name",
        "所属社区": "community",
        "地址": "address",
        "建成年份": "built_year",
        "户数": "households",
    }
    shapes = shapely.from_wkb([row["geometry"] for row in rows])
    frame = geopandas.GeoDataFrame({head: [row[name] for row in rows] for head, name in columns.items()}, geometry=shapes, crs="EPSG:4326")
    frame.to_file(path, driver="GeoJSON", engine="pyogrio", layer_options={"RFC7946": "YES"})
    return path


if __name__ == "__main__":
    geopandas.read_file(sys.argv[1], engine="pyogrio").to_file(sys.argv[2], driver="GPKG", engine="pyogrio", layer="compounds")
