"""What offices write into ledgers besides records: totals, footnotes, repeated headings, merged numbers, headings of two rows."""

from __future__ import annotations

from typing import Any

import pytest

from geo.formats import headings
from geo.formats.headings import Span

HEADING: list[Any] = ["序号", "社区", "小区名称", "户数"]
RECORD: list[Any] = ["1", "甲", "院一", "10"]


def _names(*rows: list[Any]) -> list[Any]:
    return [r[2] for r in headings.find_table([HEADING, RECORD, *rows]).rows[1:]]


@pytest.mark.parametrize(
    "label",
    ["甲社区小计", "共计3个院落", "合计3个", "总计222户", "合计（户）", "甲 汇总", "合  计", "（合计）", "小计：", "甲社区合计：3", "总计(户)222", "合计1",
     "小計", "Total", "sum2", "累计"],
)  # fmt: skip
def test_a_total_is_no_compound(label: str) -> None:
    """`甲社区小计` and `共计3个院落` became compounds and were counted twice."""
    assert _names([None, label, None, "30"]) == []
    assert _names([None, None, label, "30"]) == []
    assert _names(["3", None, label, "30"]) == []


def test_a_total_below_a_merged_community_is_one() -> None:
    assert _names([None, "甲", "小计", "30"]) == []


@pytest.mark.parametrize(
    "name",
    ["合计路小区", "总计院", "汇总街3号院", "小计算机厂家属院", "合计3号院", "会计学校家属院", "统计局家属院", "Total Energy院", "设计院小区",
     "总参家属院", "审核局家属院", "联系人大院", "注1号院", "负责人家属院", "备注路小区", "填表街小区", "日期小区"],
)  # fmt: skip
def test_a_compound_whose_name_begins_like_one_stays(name: str) -> None:
    assert _names([None, None, name, None]) == [name]
    assert _names([None, None, name, "5"]) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "审核：李四",
        "制表人:张三",
        "填表人",
        "注：以上数据由社区填报",
        "备注：无",
        "联系电话：0371-1",
        "注1：不含在建",
        "填报单位：甲社区",
        "Note: x",
    ],
)
def test_a_footnote_is_no_compound(text: str) -> None:
    assert _names([text, None, None, None]) == []


def test_what_is_dropped_is_told_with_its_number() -> None:
    table = headings.find_table(
        [
            HEADING,
            RECORD,
            [None, "甲社区小计", None, "10"],
            ["2", "乙", "院二", "20"],
            ["合计", None, None, "30"],
            ["审核：", None, None, None],
        ]
    )
    assert [n[1] for n in table.notes] == ["totals are no records and were left out: 2 (rows 3, 5)", "footnotes were left out: 1 (rows 6)"]
    assert table.notes[0][0] == "合计、小计行不是记录，已略去 2 行（第 3, 5 行）"


def test_a_heading_repeated_on_every_page_is_dropped_and_told() -> None:
    title: list[Any] = ["老旧小区台账", None, None, None]
    table = headings.find_table([title, HEADING, RECORD, title, HEADING, ["2", "乙", "院二", "20"], HEADING])
    assert [r[2] for r in table.rows] == ["院一", "院二"]
    assert ("重复的表头行已略去 3 行（第 4, 5, 7 行）", "repeated headings were left out: 3 (rows 4, 5, 7)") in table.notes


# --- merged cells

MERGED: list[tuple[str, Any, Any, int]] = [
    ("户数", 200, None, 1),
    ("户数", "２００户", None, 1),
    ("户数", "约60", None, 1),
    ("面积", 12.5, None, 1),
    ("建成年份", 1994, 1994, 0),
    ("小区编号", 1001, 1001, 0),
    ("管理方式", "物业", "物业", 0),
    ("发现日期", "2023-06-01", "2023-06-01", 0),
    ("是否通气", True, True, 0),
]


@pytest.mark.parametrize(("heading", "value", "each", "notes"), MERGED, ids=[f"{m[0]} {m[1]}" for m in MERGED])
def test_a_number_over_two_rows_is_unknown_for_both(heading: str, value: Any, each: Any, notes: int) -> None:
    """200 households merged over two rows were 400 in the sum."""
    table = headings.find_table([["小区名称", heading], ["院四", value], ["院五", None]], [(1, 1, 2, 1)])
    assert table.rows == [["院四", each], ["院五", each]]
    assert len(table.notes) == notes and all("B2:B3" in n[1] for n in table.notes)


def test_a_number_over_two_columns_is_unknown_too() -> None:
    table = headings.find_table([["小区名称", "户数", "人口"], ["院四", 200, None], ["院五", 1, 2]], [(1, 1, 1, 2)])
    assert table.rows == [["院四", None, None], ["院五", 1, 2]]


# --- headings of two rows without merge marks

TITLE: list[Any] = ["老旧小区台账", None, None, None, None, None]
OFFICE: list[list[Any]] = [
    ["序号", "小区名称", "建成", "规模", None, "备注"],
    [None, None, "年份", "户数", "人口", None],
    [1, "院1", 1994, 10, 20, None],
]
OFFICE_NAMES = ["序号", "小区名称", "建成 年份", "规模 户数", "规模 人口", "备注"]
STACKED: list[tuple[str, list[list[Any]], list[Span], list[str], int]] = [
    ("office", OFFICE, [], OFFICE_NAMES, 1),
    ("below a merged title", [TITLE, *OFFICE], [(0, 0, 0, 5)], OFFICE_NAMES, 1),
    (
        "only sub-headings",
        [["建成", "规模", None], ["年份", "户数", "人口"], [1994, 10, 20]],
        [],
        ["建成 年份", "规模 户数", "规模 人口"],
        1,
    ),
    ("doubles", [["名称", "户数", "户数"], [None, "2023年", "2024年"], ["甲", 1, 2]], [], ["名称", "户数 2023年", "户数 2024年"], 1),
    ("a first record of texts", [["名称", None, "类型"], ["甲", "x", "占道"], ["乙", "y", "漏气"]], [], ["名称", "column B", "类型"], 2),
    ("its numbers unknown", [["名称", "户数", None], ["甲", "不详", "x"], ["乙", 10, 20]], [], ["名称", "户数", "column C"], 2),
    (
        "no number in it",
        [["序号", "名称", "户数", "户数"], [None, "甲", "不详", "无"], [None, "乙", 1, 2]],
        [],
        ["序号", "名称", "户数", "户数 2"],
        2,
    ),
    ("nothing unnamed", [["序号", "名称", "户数"], [None, "甲", "不详"], [1, "乙", 10]], [], ["序号", "名称", "户数"], 2),
]


@pytest.mark.parametrize(("rows", "merged", "columns", "count"), [s[1:] for s in STACKED], ids=[s[0] for s in STACKED])
def test_a_second_row_of_the_heading_and_a_first_record(rows: list[list[Any]], merged: list[Span], columns: list[str], count: int) -> None:
    table = headings.find_table(rows, merged)
    assert (table.columns, len(table.rows)) == (columns, count)
