"""Files as an office sends them, made for the browser tests: a ledger workbook and outlines in a GBK shapefile without a .prj."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
