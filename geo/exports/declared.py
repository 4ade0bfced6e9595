"""The formats that an answer can be taken away in, and what each of them cannot carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.errors import BadValue, Text, nearest

Headings = Literal["names", "labels"]
"""How columns are called: by the public names of fields (with the stored values), or by labels with units (and labels of values)."""

HEADINGS: tuple[Headings, ...] = ("names", "labels")


@dataclass(frozen=True, slots=True)
class Format:
    """One way out.

    `any_crs`: whether the format can say which CRS its coordinates are in; `projected`: whether they must be metres of a plane.
    `headings`: the ways in which it can call columns, the usual one first. `loses`: what it cannot carry. `text`: whether a terminal can show it.
    `placed_only`: features without a place cannot be in it; they are left out and counted.
    """

    id: str
    media_type: str
    extension: str
    label: Text
    any_crs: bool = False
    projected: bool = False
    headings: tuple[Headings, ...] = HEADINGS
    loses: Text | None = None
    text: bool = False
    placed_only: bool = False


_LABELS_FIRST: tuple[Headings, ...] = ("labels", "names")
_TABLE_LOSES = Text(
    "坐标保留 7 位小数（约 1 厘米），线和面写成 WKT 文字；可能被当作公式的文字前加撇号",
    "coordinates keep 7 decimals (about 1 cm), lines and areas are WKT texts; a text that could be taken for a formula begins with an apostrophe",
)

FORMATS: tuple[Format, ...] = (
    Format(
        "geojson",
        "application/geo+json",
        "geojson",
        Text("GeoJSON（WGS 84）", "GeoJSON (WGS 84)"),
        loses=Text("坐标保留 7 位小数（约 1 厘米）；日期是文字", "coordinates keep 7 decimals (about 1 cm); dates are texts"),
        text=True,
    ),
    Format(
        "csv",
        "text/csv; charset=utf-8",
        "csv",
        Text("CSV 表格", "CSV table"),
        loses=Text(
            f"{_TABLE_LOSES.zh}；不记录查询和日期，要带上请用 csvzip",
            f"{_TABLE_LOSES.en}; query and date are not in the file: take csvzip for them",
        ),
        text=True,
    ),
    Format(
        "csvzip",
        "application/zip",
        "csv.zip",
        Text("CSV 表格，附说明（zip）", "CSV table with what was asked (zip)"),
        loses=_TABLE_LOSES,
    ),
    Format(
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        Text("Excel 工作簿", "Excel workbook"),
        headings=_LABELS_FIRST,
        loses=Text(
            "坐标保留 7 位小数（约 1 厘米），线和面写成 WKT 文字；单元格最多 32 767 字，更长的截断并计数；最多 1 048 575 行；日期是文字",
            "coordinates keep 7 decimals (about 1 cm), lines and areas are WKT texts; a cell holds 32 767 characters, longer texts are cut and counted; "
            "1 048 575 rows at most; dates are texts",
        ),
    ),
    Format(
        "gpkg",
        "application/geopackage+sqlite3",
        "gpkg",
        Text("GeoPackage", "GeoPackage"),
        any_crs=True,
        loses=Text(
            "要素按序号排，不保留排序；“其他列”是 JSON 文字",
            "features are ordered by id, so the order asked for is lost; the other columns are one JSON text",
        ),
    ),
    Format(
        "shp",
        "application/x-shapefile+zip",
        "shp.zip",
        Text("Shapefile（zip）", "Shapefile (zip)"),
        any_crs=True,
        headings=("names",),
        loses=Text(
            "字段名是至多 10 个字母，中文名在 about/fields.csv；文字超过 254 字节的截断并计数，全文在 about/long_texts.csv；点、线、面分成几个文件；"
            "一个文件最多 2 GB",
            "field names have at most 10 letters, their labels are in about/fields.csv; texts over 254 bytes are cut and counted, whole ones are in "
            "about/long_texts.csv; points, lines and areas are files of their own; 2 GB a file at most",
        ),
    ),
    Format(
        "kml",
        "application/vnd.google-earth.kml+xml",
        "kml",
        Text("KML（WGS 84）", "KML (WGS 84)"),
        loses=Text(
            "坐标保留 7 位小数（约 1 厘米）；日期是文字；空值不写；XML 不允许的控制字符换成空格",
            "coordinates keep 7 decimals (about 1 cm); dates are texts; empty values are left out; control characters that XML forbids "
            "become blanks",
        ),
        text=True,
    ),
    Format(
        "dxf",
        "image/vnd.dxf",
        "dxf",
        Text("DXF 图纸（R2007）", "DXF drawing (R2007)"),
        any_crs=True,
        projected=True,
        headings=_LABELS_FIRST,
        loses=Text(
            "只有轮廓、名称注记和编号，其余字段不在图里（另取一份表格，按编号对应）；洞是单独的闭合线；坐标保留到毫米；坐标系只写在图纸属性里",
            "only outlines, titles and codes: the other fields are not in the drawing (take a table beside it, codes tie the two); holes are closed lines of "
            "their own; coordinates keep millimetres; the CRS stands in the drawing's properties only",
        ),
        text=True,
        placed_only=True,
    ),
    Format(
        "fgb",
        "application/flatgeobuf",
        "fgb",
        Text("FlatGeobuf", "FlatGeobuf"),
        any_crs=True,
        loses=Text(
            "要素按空间位置重排，不保留排序；日期是文字；“其他列”是 JSON 文字",
            "features are ordered by place, so the order asked for is lost; dates are texts; the other columns are one JSON text",
        ),
        placed_only=True,
    ),
    Format(
        "parquet",
        "application/vnd.apache.parquet",
        "parquet",
        Text("GeoParquet", "GeoParquet"),
        any_crs=True,
        loses=Text("“其他列”是 JSON 文字", "the other columns are one JSON text"),
    ),
)


def format_of(name: str) -> Format:
    """The format called `name`. Raises BadValue with the names there are."""
    for known in FORMATS:
        if known.id == name:
            return known
    names = [f.id for f in FORMATS]
    listed, close = ", ".join(names), nearest(name, names)
    raise BadValue(
        Text(f"没有“{name}”这种格式；可用：{listed}", f"no format '{name}'; there are: {listed}"),
        parameter="f",
        formats=names,
        nearest=close,
    )


def format_of_file(name: str) -> Format:
    """The format that a file's name asks for by its ending, the longest that fits. Raises BadValue."""
    lower = name.lower()
    fitting = [f for f in FORMATS if lower.endswith(f".{f.extension}")]
    if fitting:
        return max(fitting, key=lambda f: len(f.extension))
    if lower.endswith(".zip"):
        able = ", ".join(f"{f.id} (.{f.extension})" for f in FORMATS if f.extension.endswith("zip"))
        raise BadValue(Text(f"zip 里装什么？用 -f 说明：{able}", f"a zip of what? Say with -f: {able}"), parameter="f")
    return format_of(lower.rpartition(".")[2])
