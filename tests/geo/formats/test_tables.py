"""Ledgers as offices make them: titles, headings of two rows, merged cells, totals, footnotes, several sheets; and text tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
import xlwt

from geo.errors import Refused, UnreadableFile
from geo.formats import headings, places

Sheet = list[list[Any]]


def _xlsx(path: Path, sheets: dict[str, tuple[Sheet, list[str]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, (rows, merged) in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for span in merged:
            sheet.merge_cells(span)
    book.save(path)
    return path


LEDGER: Sheet = [
    ["杜甫路街道老旧小区台账", None, None, None, None, None, None],
    ["填报单位：建设路社区", None, None, None, "日期：2023年6月1日", None, None],
    ["序号", "小区名称", "住户情况", None, "通气情况", None, "建成时间"],
    [None, None, "户数", "人口", "通气户数", "通气率", None],
    [1, "南苑小区", 120, 380, 60, 0.5, dt.datetime(1994, 6, 1)],
    [2, "园丁街一号楼院", 108, 300, 0, 0, "80年代"],
    [None, "小计", 228, 680, 60, None, None],
    [None, None, None, None, None, None, None],
    [3, "工商联家属院", 36, None, None, None, None],
    ["合  计", None, 264, 680, 60, None, None],
    ["填表人：张三", None, None, None, None, None, None],
]
MERGED = ["A1:G1", "A2:D2", "E2:G2", "A3:A4", "B3:B4", "C3:D3", "E3:F3", "G3:G4", "A10:B10", "A11:G11"]
COLUMNS = ["序号", "小区名称", "住户情况 户数", "住户情况 人口", "通气情况 通气户数", "通气情况 通气率", "建成时间"]


def test_a_ledger_with_everything(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    path = _xlsx(
        tmp_path / "台账.xlsx", {"小区": (LEDGER, MERGED), "空表": ([], []), "隐患": ([["小区名称", "隐患类型"], ["南苑小区", "占道"]], [])}
    )
    compounds, hazards = read_here(path)
    assert list(compounds.header.columns) == COLUMNS
    assert [v["小区名称"] for v in compounds.values] == ["南苑小区", "园丁街一号楼院", "工商联家属院"]
    assert compounds.values[0] == dict(zip(COLUMNS, [1, "南苑小区", 120, 380, 60, 0.5, "1994-06-01"], strict=True))
    assert compounds.values[2]["住户情况 户数"] == 36 and compounds.values[2]["住户情况 人口"] is None
    notes = " | ".join(n[1] for n in compounds.header.notes)
    assert "rows 3-4" in notes and "rows 7, 10" in notes and "rows 11" in notes
    assert (compounds.header.has_places, compounds.header.crs, compounds.placed) == (False, None, 0)
    assert (hazards.header.name, hazards.header.layer_hint, hazards.values) == (
        "隐患",
        "隐患",
        [{"小区名称": "南苑小区", "隐患类型": "占道"}],
    )


def test_the_same_ledger_as_xls(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    """The old format, written by another program, gives the same records."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("小区")
    for r, row in enumerate(LEDGER):
        for c, value in enumerate(row):
            if isinstance(value, dt.datetime):
                sheet.write(r, c, value, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
            elif value is not None:
                sheet.write(r, c, value)
    for span in MERGED:
        a, b = (openpyxl.utils.cell.coordinate_from_string(x) for x in span.split(":"))
        columns = [openpyxl.utils.column_index_from_string(x[0]) - 1 for x in (a, b)]
        sheet.merge(a[1] - 1, b[1] - 1, columns[0], columns[1])
    book.save(str(tmp_path / "a.xls"))
    xls = read_here(tmp_path / "a.xls")[0]
    xlsx = read_here(_xlsx(tmp_path / "a.xlsx", {"小区": (LEDGER, MERGED)}))[0]
    assert list(xls.header.columns) == list(xlsx.header.columns) == COLUMNS
    assert xls.values == xlsx.values


def test_an_ods_sheet(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    import pandas as pd

    pd.DataFrame({"小区名称": ["南苑小区"], "户数": [120]}).to_excel(tmp_path / "a.ods", index=False, engine="odf")
    (found,) = read_here(tmp_path / "a.ods")
    assert found.values == [{"小区名称": "南苑小区", "户数": 120}]


def test_merged_cells_among_records_are_filled(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    rows: Sheet = [["社区", "小区"], ["建设路", "甲"], [None, "乙"], ["人民路", "丙"]]
    (found,) = read_here(_xlsx(tmp_path / "a.xlsx", {"S": (rows, ["A2:A3"])}))
    assert [v["社区"] for v in found.values] == ["建设路", "建设路", "人民路"]


HEADINGS: list[tuple[str, Sheet, list[str], int]] = [
    ("plain", [["名称", "户数"], ["甲", 1], ["乙", 2]], ["名称", "户数"], 2),
    ("title", [["小区名单", None, None], ["名称", "户数", "楼数"], ["甲", 1, 2]], ["名称", "户数", "楼数"], 1),
    ("blank rows on top", [[None], [None], ["名称", "户数"], ["甲", 1]], ["名称", "户数"], 1),
    (
        "gap without merge marks",
        [["名称", "人数", None, "备注"], [None, "男", "女", None], ["甲", 1, 2, "x"]],
        ["名称", "人数 男", "人数 女", "备注"],
        1,
    ),
    ("row of column numbers", [["名称", "户数", "楼数", "年份"], [1, 2, 3, 4], ["甲", 5, 6, 1990]], ["名称", "户数", "楼数", "年份"], 1),
    ("repeated names", [["名称", "面积", "面积"], ["甲", 1, 2]], ["名称", "面积", "面积 2"], 1),
    ("a heading missing", [["名称", None, "户数"], ["甲", "x", 1]], ["名称", "column B", "户数"], 1),
    ("an empty column", [["名称", None, "户数"], ["甲", None, 1]], ["名称", "户数"], 1),
    ("line breaks in headings", [["小区\n名称", "户  数"], ["甲", 1]], ["小区名称", "户数"], 1),
    ("one column", [["名称"], ["甲"], ["乙"]], ["名称"], 2),
    ("all text", [["名称", "类型"], ["甲", "占道"], ["乙", "漏气"]], ["名称", "类型"], 2),
    ("names that begin like totals", [["名称", "户数"], ["总计院", 1], ["合计", 1], ["1", 2]], ["名称", "户数"], 2),
    ("nothing", [[None, None]], [], 0),
]


@pytest.mark.parametrize(("rows", "columns", "count"), [h[1:] for h in HEADINGS], ids=[h[0] for h in HEADINGS])
def test_where_the_heading_is(rows: Sheet, columns: list[str], count: int) -> None:
    found = headings.find_table(rows)
    assert (found.columns, len(found.rows)) == (columns, count)


# --- places


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (113.5, 113.5),
        ("113.5", 113.5),
        (" １１３．５ ", 113.5),
        ("113°30′", 113.5),
        ("113°30'18\"", 113.505),
        ("113度30分18秒", 113.505),
        ("东经113.5°", 113.5),
        ("E113.5", 113.5),
        ("34.75N", 34.75),
        ("西经2°30′", -2.5),
        ("3,847,313.82", 3847313.82),
        ("-0.5", -0.5),
        ("1e2", 100.0),
        ("113°75′", None),
        ("abc", None),
        ("113.5.2", None),
        (True, None),
        (float("nan"), None),
        ("1e999", None),
        ("9" * 100, None),
    ],
)
def test_a_coordinate_as_people_write_it(value: Any, number: float | None) -> None:
    assert places.number(value) == (pytest.approx(number) if number is not None else None)


FOUND: list[tuple[list[str], list[Any], places.Places | None]] = [
    (["名称", "经度", "纬度"], ["甲", "113.0", "34.7"], places.Places("xy", 1, 2)),
    (["lat", "lng"], [34.7, 113.0], places.Places("xy", 1, 0)),
    (["名称", "中心坐标 X", "中心坐标 Y"], ["甲", 408433.1, 3847313.8], places.Places("xy", 1, 2)),
    (["X坐标(m)", "Y坐标(m)"], [3847313.8, 408433.1], places.Places("xy", 0, 1)),
    (["id", "WKT"], [1, "POINT (1 2)"], places.Places("wkt", 1)),
    (["名称", "经纬度"], ["甲", "113.0, 34.7"], places.Places("pair", 1)),
    (["名称", "甲列", "乙列"], ["甲", 112.98123, 34.75321], places.Places("xy", 1, 2)),  # by value
    (["名称", "户数", "比例"], ["甲", 113, 34.7], None),
    (["x", "y"], ["是", "否"], None),
    (["名称", "地址"], ["甲", "杜甫路1号"], None),
]


@pytest.mark.parametrize(("columns", "row", "expected"), FOUND, ids=[",".join(f[0]) for f in FOUND])
def test_which_columns_hold_the_place(columns: list[str], row: list[Any], expected: places.Places | None) -> None:
    assert places.find(columns, [row]) == expected


def test_rows_without_with_and_with_broken_coordinates(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,经度,纬度\n甲,113.0,34.7\n乙,,\n丙,113.0,\n丁,abc,34.7\n戊,0,0\n己,无,—\n", "utf-8")
    (found,) = read_here(path, crs="EPSG:4326")
    assert list(found.codes) == [None, None, "bad-coordinates", "bad-coordinates", None, None]
    assert [g is not None for g in found.geometry] == [True, False, False, False, False, False]
    assert found.repairs[4] == ("zero-coordinates",)
    assert shapely.from_wkb(found.geometry[0]).wkt == "POINT (113 34.7)"


# --- text tables

TEXT = '名称,备注\n南苑小区,"第一行\n第二行"\n园丁街,"含,逗号"\n'


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8"),
        (TEXT.encode("gb18030"), "GB18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (TEXT.replace(",", "\t").replace("含\t", "含,").encode("gbk"), "GB18030"),
        (TEXT.replace(",备注", ";备注").replace(',"', ';"').encode(), "UTF-8"),
    ],
    ids=["utf-8", "bom", "gb18030", "utf-16", "tabs", "semicolons"],
)
def test_encodings_delimiters_and_quoted_line_breaks(
    data: bytes, encoding: str, tmp_path: Path, read_here: Callable[..., list[Any]]
) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    (found,) = read_here(tmp_path / "a.csv")
    assert found.header.encoding == encoding
    assert found.values == [{"名称": "南苑小区", "备注": "第一行\n第二行"}, {"名称": "园丁街", "备注": "含,逗号"}]


def test_an_encoding_that_is_asked_for_wins_and_a_wrong_one_is_refused(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.csv").write_bytes("名稱,b\n國語,a\n".encode("big5"))
    assert read_here(tmp_path / "a.csv", encoding="big5")[0].values == [{"名稱": "國語", "b": "a"}]
    with pytest.raises(UnreadableFile):
        read_here(tmp_path / "a.csv", encoding="ascii")
    with pytest.raises(Refused):
        read_here(tmp_path / "a.csv", encoding="no-such")


def test_rows_of_the_wrong_length_are_accounted_for(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    (tmp_path / "a.csv").write_text("a,b,c\n1,2,3\n1\n1,2,3,4\n1,2,3,\n\n")
    (found,) = read_here(tmp_path / "a.csv")
    assert found.codes == [None, None, "damaged-record", None]
    assert found.values[1] == {"a": "1", "b": None, "c": None}
    assert found.values[2] == {"a": "1", "b": "2", "c": "3,4"}, "what was too much is kept to be looked at"


def test_markup_and_templates_are_only_text(tmp_path: Path, read_here: Callable[..., list[Any]]) -> None:
    nasty = ["{{7*7}}", "<script>alert(1)</script>", "=HYPERLINK(1)", "';DROP TABLE a;--"]
    (tmp_path / "a.csv").write_text("name,b\n" + "".join(f'"{n}",1\n' for n in nasty))
    assert [v["name"] for v in read_here(tmp_path / "a.csv")[0].values] == nasty
