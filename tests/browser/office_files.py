"""Files as an office sends them, made for the browser tests: a ledger workbook, outlines in a GBK shapefile without a .prj, a site plan."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pyogrio
import pyproj
import shapely
import xlwt

Compound = Mapping[str, Any]


def ledger(path: Path, compounds: Sequence[Compound]) -> Path:
    """台账.xls: a title over all columns, a heading of two rows with merged cells, a 合计 row at the end."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("院落台账")
    sheet.write_merge(0, 0, 0, 5, "杜甫路街道老旧院落台账（2026 年）")
    for column, name in ((0, "序号"), (1, "所属社区"), (2, "小区名称"), (5, "通气状态")):
        sheet.write_merge(1, 2, column, column, name)
    sheet.write_merge(1, 1, 3, 4, "基本情况")
    sheet.write(2, 3, "建成年份")
    sheet.write(2, 4, "户数")
    words = {"none": "未通气", "full": "已通气", "partial": "部分通气", "under_construction": "施工中", "all_electric": "全电气化"}
    for i, compound in enumerate(compounds):
        row = 3 + i
        sheet.write(row, 0, i + 1)
        sheet.write(row, 1, compound["community"])
        sheet.write(row, 2, compound["name"])
        sheet.write(row, 3, f"{compound['built_year']}年" if compound["built_year"] else "不详")
        sheet.write(row, 4, compound["households"])
        sheet.write(row, 5, words.get(compound["gas_status"], "不明"))
    last = 3 + len(compounds)
    sheet.write_merge(last, last, 0, 3, "合计")
    sheet.write(last, 4, sum(c["households"] or 0 for c in compounds))
    book.save(str(path))
    return path


def outlines(path: Path, features: Sequence[Mapping[str, Any]]) -> Path:
    """A zip of a shapefile in GBK and CGCS2000 3-degree zone 38 (114 E), with neither .prj nor .cpg: nothing says so."""
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True)
    shapes = shapely.transform([shapely.geometry.shape(f["geometry"]) for f in features], to_metres.transform, interleaved=False)
    shp = path.with_suffix(".shp")
    pyogrio.raw.write(
        str(shp), shapely.to_wkb(shapes), [np.array([f["properties"]["name"] for f in features], dtype=object)], np.array(["小区名称"]),
        driver="ESRI Shapefile", geometry_type="Polygon", encoding="GBK", crs=None,
    )  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        for ending in (".shp", ".shx", ".dbf"):
            archive.write(shp.with_suffix(ending), shp.with_suffix(ending).name)
    return path


DRAWN_TURN_DEG = 20.0
DRAWN_ORIGIN = (50_000.0, 80_000.0)
"""Where the middle of a site plan lies in drawing units (millimetres), and by how much it is turned clockwise against the map."""


def site_plan(
    path: Path, buildings: Sequence[Mapping[str, Any]], lanes: Sequence[Mapping[str, Any]]
) -> Callable[[float, float], tuple[float, float]]:
    """A DXF of AutoCAD 2000 in GBK and millimetres about an origin of its own: outlines, lanes, numbers and widths as texts, a frame, a stray line.

    Returns longitude, latitude → drawing units.
    """
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True)
    west, south, east, north = shapely.total_bounds([shapely.geometry.shape(f["geometry"]) for f in buildings])
    middle = to_metres.transform((west + east) / 2, (south + north) / 2)
    turn = np.exp(-1j * np.radians(DRAWN_TURN_DEG))

    def drawn(lon: float, lat: float) -> tuple[float, float]:
        east_m, north_m = to_metres.transform(lon, lat)
        at = complex(east_m - middle[0], north_m - middle[1]) * turn * 1000
        return float(at.real) + DRAWN_ORIGIN[0], float(at.imag) + DRAWN_ORIGIN[1]

    document = ezdxf.new("R2000", units=4)
    document.encoding = "gbk"
    space = document.modelspace()
    for layer in ("建筑", "消防车道", "楼号", "路宽", "图框"):
        document.layers.add(layer)
    for i, feature in enumerate(buildings):
        outline = shapely.geometry.shape(feature["geometry"])
        space.add_lwpolyline([drawn(*xy[:2]) for xy in outline.exterior.coords[:-1]], close=True, dxfattribs={"layer": "建筑"})
        space.add_text(f"{i + 1}号楼", height=3000, dxfattribs={"layer": "楼号", "insert": drawn(*outline.centroid.coords[0])})
    for feature in lanes:
        line = shapely.geometry.shape(feature["geometry"])
        space.add_lwpolyline([drawn(*xy[:2]) for xy in line.coords], dxfattribs={"layer": "消防车道"})
        space.add_text(
            "宽4.5m", height=1500, dxfattribs={"layer": "路宽", "insert": drawn(*line.interpolate(0.5, normalized=True).coords[0])}
        )
    space.add_line((0, 0), (400_000, 0), dxfattribs={"layer": "图框"})
    space.add_line((9e8, 9e8), (9.001e8, 9e8), dxfattribs={"layer": "图框"})
    document.saveas(path)
    return drawn
