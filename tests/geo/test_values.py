"""Cells as people write them → exact values; tables of (raw, value) worked out by hand, and properties over made-up cells."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import Text
from geo.schema import Choice, Field
from geo.values import Column, Parsed, date_order, parse, reader
from geo.values.text import as_text, chinese_number, key, plain, unguard
from geo.values.units import UNITS


def field(kind: Any, unit: str | None = None, **more: Any) -> Field:
    return Field("x", kind, Text("某", "x"), unit=Text(unit, unit) if unit else None, **more)


WIDTH = field("number", "米", minimum=0)
AREA = field("number", "平方米")
KILOGRAMS = field("number", "公斤")
SHARE = field("number", "%", minimum=0, maximum=100)
COUNT = field("integer", "户", minimum=0)
YEAR = field("year", minimum=1000, maximum=2100, range_end="last", basis="basis")
LONE_YEAR = field("year", minimum=1900, maximum=2100)
DATE = field("date")
GAS = field("choice", choices=(
    Choice("none", Text("未通气", "no gas"), ("未通",)), Choice("full", Text("已通气", "connected"), ("通", "是")), Choice("unknown", Text("不明", "unknown"), ("未知",)),
))  # fmt: skip
YES_NO = field("boolean")
TEXT = field("text")


@pytest.mark.parametrize(
    ("declared", "raw", "value"),
    [
        (WIDTH, "4米", 4.0),
        (WIDTH, " ４．５ ｍ ", 4.5),
        (WIDTH, "12'6\"", 3.81),
        (WIDTH, "12’6”", 3.81),
        (WIDTH, "13 ft", 3.9624),
        (WIDTH, "13 ft 6 in", 4.1148),
        (WIDTH, "350cm", 3.5),
        (WIDTH, "3500 毫米", 3.5),
        (WIDTH, "3米5", 3.5),
        (WIDTH, "三米", 3.0),
        (WIDTH, 3.29, 3.29),
        (WIDTH, 4, 4.0),
        (WIDTH, "0.35e1", 3.5),
        (AREA, "1.2万平方米", 12000.0),
        (AREA, "1,234.5㎡", 1234.5),
        (AREA, "2公顷", 20000.0),
        (KILOGRAMS, "30斤", 15.0),
        (KILOGRAMS, "0.1吨", 100.0),
        (SHARE, "96.8%", 96.8),
        (COUNT, "222户", 222),
        (COUNT, "1，234", 1234),
        (COUNT, "三十户", 30),
        (COUNT, "一百二十", 120),
        (COUNT, "1.2万", 12000),
        (COUNT, "共36户", 36),
        (COUNT, 101.0, 101),
        (COUNT, "0", 0),
        (YES_NO, "√", True),
        (YES_NO, "有", True),
        (YES_NO, "无", False),
        (YES_NO, "×", False),
        (YES_NO, "Y", True),
        (YES_NO, 0, False),
        (YES_NO, "不详", None),
        (GAS, "未通", "none"),
        (GAS, " 已 通 气 ", "full"),
        (GAS, "FULL", "full"),
        (GAS, "无", "none"),
        (GAS, "未知", "unknown"),
        (GAS, "—", None),
        (TEXT, " 南苑小区 ", "南苑小区"),
        (TEXT, 101.0, "101"),
        (TEXT, "'=1+1", "=1+1"),
        (TEXT, "N/A", None),
        (TEXT, "'n Dorp", "'n Dorp"),
        *(
            (declared, word, None)
            for declared in (WIDTH, DATE, YEAR, TEXT, LONE_YEAR)
            for word in ("无", "不详", "—", "／", "-", "？", "NULL", "#N/A", "")
        ),
        (WIDTH, None, None),
    ],
)
def test_a_cell_has_one_value(declared: Field, raw: Any, value: Any) -> None:
    """Taken without any remark: the record counts as accepted."""
    assert parse(declared, raw) == Parsed(value)


@pytest.mark.parametrize(
    ("raw", "first", "last"),
    [
        ("80年代", 1980, 1989),
        ("八十年代末", 1980, 1989),
        ("上世纪90年代初", 1990, 1999),
        ("1980年代", 1980, 1989),
        ("1850s", 1850, 1859),
        ("late 1920s", 1920, 1929),
        ("1908..1939", 1908, 1939),
        ("1985年-1987年", 1985, 1987),
        ("1985～1987", 1985, 1987),
        ("1985-87年", 1985, 1987),
        ("C18", 1700, 1799),
        ("约80年代", 1980, 1989),
    ],
)
def test_a_span_of_years_keeps_both_ends(raw: str, first: int, last: int) -> None:
    assert parse(YEAR, raw) == Parsed(first, {"last": last, "basis": "estimate"})


@pytest.mark.parametrize(
    ("raw", "value"), [("1994年", 1994), ("1994年建成", 1994), (1994.0, 1994), ("1994.0", 1994), ("1998.05", 1998), ("1998/5", 1998),
     ("1998年5月", 1998), ("1998-05-01 00:00:00", 1998), ("1985年12月", 1985), ("2012-05", 2012), ("1994-06-01", 1994), ("19940601", 1994),
     ("一九九四年", 1994), ("１９９４", 1994)]
)  # fmt: skip
def test_a_year_is_exact(raw: Any, value: int) -> None:
    assert parse(YEAR, raw) == Parsed(value)


@pytest.mark.parametrize("raw", ["~1970", "约1970年", "1970?", "1970年左右", "1970前后", "70年"])
def test_an_unsure_year_is_marked_as_an_estimate(raw: str) -> None:
    assert parse(YEAR, raw) == Parsed(1970, {"basis": "estimate"})


@pytest.mark.parametrize("raw", ["03年", "20年代", "before 1920", "1985、1987", 34700, "1865;1890", "年代久远", True])
def test_a_doubtful_year_is_reported(raw: Any) -> None:
    """Neither century nor year is guessed."""
    parsed = parse(YEAR, raw)
    assert (parsed.value, parsed.note) == (None, "value-unreadable")
    assert parsed.problem is not None


@pytest.mark.parametrize("raw", ["1998-05", "1998—02", "2003-10", "约1998-12", "1998-12年"])
def test_a_month_that_may_be_a_second_year_is_reported(raw: str) -> None:
    """1985-90 is a span; 1998-05 was taken for the single year 1998, though it may be 1998 to 2005 as well."""
    parsed = parse(YEAR, raw)
    assert (parsed.value, parsed.extra, parsed.note) == (None, {}, "ambiguous-year")


@pytest.mark.parametrize("raw", ["1998-05", "2003-10"])
def test_a_year_and_month_have_one_reading_in_osm_and_where_no_span_fits(raw: str) -> None:
    assert parse(YEAR, raw, Column(osm=True)) == Parsed(int(raw[:4]))
    assert parse(LONE_YEAR, raw) == Parsed(int(raw[:4]))
    assert parse(YEAR, "2010-10") == Parsed(2010)


@pytest.mark.parametrize("raw", ["1998.05 至 2005.06", "1998年5月 - 2001年3月", "1998-05-01 2001-05-01"])
def test_a_second_month_is_not_swallowed(raw: str) -> None:
    """They were read as the single year 1998."""
    assert (parse(YEAR, raw).value, parse(YEAR, raw).note) == (None, "value-unreadable")


def test_a_span_does_not_fit_a_field_for_one_year() -> None:
    assert (parse(LONE_YEAR, "80年代").value, parse(LONE_YEAR, "80年代").note) == (None, "value-range")
    assert parse(LONE_YEAR, "~1970") == Parsed(1970, note="approximate")


@pytest.mark.parametrize(
    ("declared", "raw", "note"),
    [
        (WIDTH, "3-4米", "value-range"),
        (WIDTH, "3.5~4", "value-range"),
        (WIDTH, "3至4米", "value-range"),
        (WIDTH, "4.0×3", "value-range"),
        (WIDTH, "3;4", "value-range"),
        (WIDTH, "3,5", "value-range"),
        (WIDTH, "4米以上", "value-bound"),
        (WIDTH, "≥4", "value-bound"),
        (WIDTH, "不足4米", "value-bound"),
        (COUNT, "300余户", "value-bound"),
        (COUNT, "十几户", "value-bound"),
        (COUNT, "近300户", "value-bound"),
        (COUNT, "无", "none-as-unknown"),
        (COUNT, "222.5", "value-not-whole"),
        (COUNT, "-3", "value-out-of-range"),
        (SHARE, "120%", "value-out-of-range"),
        (WIDTH, "4 kg", "value-unit"),
        (WIDTH, "宽", "value-unreadable"),
        (WIDTH, "1e999", "value-out-of-range"),
        (WIDTH, "3" * 70, "value-unreadable"),
        (WIDTH, math.inf, "value-unreadable"),
        (WIDTH, True, "value-unreadable"),
        (YEAR, "0800", "value-out-of-range"),
        (GAS, "烧煤", "unknown-choice"),
        (GAS, "已通气部分", "unknown-choice"),
        (YES_NO, "也许", "value-unreadable"),
        (DATE, "2023年6月", "incomplete-date"),
        (DATE, 2023, "incomplete-date"),
        (DATE, "2023-02-30", "value-unreadable"),
        (DATE, "立即", "value-unreadable"),
        (DATE, "06/07/2023", "ambiguous-date"),
    ],
)
def test_what_cannot_be_read_is_reported_not_guessed(declared: Field, raw: Any, note: str) -> None:
    parsed = parse(declared, raw)
    assert (parsed.value, parsed.note) == (None, note)
    assert parsed.problem is not None
    assert parsed.problem.zh and parsed.problem.en


@pytest.mark.parametrize(("raw", "value"), [("约3.5m", 3.5), ("~3", 3.0), ("3.5?", 3.5), ("大约4米左右", 4.0)])
def test_an_approximate_number_is_kept_and_noted(raw: str, value: float) -> None:
    assert parse(WIDTH, raw) == Parsed(value, note="approximate")


def test_the_unit_of_the_heading_counts_for_bare_numbers_only() -> None:
    centimetres = Column(factor="0.01")
    assert parse(WIDTH, 329, centimetres).value == 3.29
    assert parse(WIDTH, "329", centimetres).value == 3.29
    assert parse(WIDTH, "3.3m", centimetres).value == 3.3


@pytest.mark.parametrize(
    "raw",
    ["2023/6/1", "2023.6.1", "2023-06-01", "2023年6月1日", "2023年6月1号", "20230601", 20230601, 45078,
     45078.5, "45078", "２０２３／６／１", "2023-06-01T10:20:00Z", "2023/6/1 10:20",
     "二〇二三年六月一日", "Jun 1, 2023", "1 June 2023"],
)  # fmt: skip
def test_one_day_in_many_spellings(raw: Any) -> None:
    assert parse(DATE, raw) == Parsed("2023-06-01")


@pytest.mark.parametrize(
    "raw",
    ["2023年6月1日 上午", "2023年6月1日10时20分", "2023-06-01 00:00:00.000", "2023-06-01T00:00:00+08:00", "2023/6/1 星期四",
     "2023年6月1日(周四)", "2023/6/1 10 pm", "Jun 1, 2023 12:00:00 AM"],
)  # fmt: skip
def test_a_time_of_day_is_dropped(raw: str) -> None:
    assert parse(DATE, raw) == Parsed("2023-06-01")


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        ("2023/6/1 延期至2023/7/1", "value-range"),
        ("2023-06-01 至 2023-07-01", "value-range"),
        ("2023/6/1 - 2023/7/1", "value-range"),
        ("2023.6.1、2023.7.1", "value-range"),
        ("2023/6/1-15", "value-range"),
        ("20230601-20230701", "value-range"),
        ("2023年6月1日至5日", "value-range"),
        ("2023年6月-8月", "value-range"),
        ("06/07/2023 - 06/09/2023", "value-range"),
        ("06/13/2023 06/14/2023", "value-range"),
        ("Jun 1, 2023 to Jul 1, 2023", "value-range"),
        ("2023/6/1 前", "value-unreadable"),
        ("2023-06-01 已完成", "value-unreadable"),
        ("2023-06-01 5", "value-unreadable"),
    ],
)
def test_two_days_in_a_cell_are_not_one(raw: str, note: str) -> None:
    """Whatever followed a day was swallowed: a due date that had been put off kept its first day."""
    parsed = parse(DATE, raw, Column(order="mdy"))
    assert (parsed.value, parsed.note) == (None, note)


def test_the_column_proves_the_order_of_day_and_month() -> None:
    """10/09/2013 alone is two days; 10/15/2013 in the same column says which."""
    assert date_order(["10/09/2013", "10/15/2013"]) == "mdy"
    assert date_order(["10/09/2013", "15/10/2013"]) == "dmy"
    assert date_order(["10/09/2013", "09/10/2013"]) is None
    assert date_order(["13/01/2013", "01/13/2013"]) is None
    assert parse(DATE, "10/09/2013", Column(order="mdy")).value == "2013-10-09"
    assert parse(DATE, "10/09/2013", Column(order="dmy")).value == "2013-09-10"
    assert parse(DATE, "06/06/2013").value == "2013-06-06"


def test_osm_values_count_only_in_osm_data() -> None:
    material = field("choice", choices=(Choice("pe", Text("聚乙烯", "PE"), (), ("plastic",)),))
    assert parse(material, "plastic", Column(osm=True)).value == "pe"
    assert parse(material, "plastic").note == "unknown-choice"


@pytest.mark.parametrize(
    ("text", "number"),
    [("十", 10), ("三十", 30), ("二十二", 22), ("一百零五", 105), ("一百五十", 150), ("两千", 2000),
      ("一万二千", 12000), ("〇", 0), ("三五", None), ("十百", None), ("一百五", None), ("十几", None), ("", None)],
)  # fmt: skip
def test_chinese_numerals_are_well_formed_or_nothing(text: str, number: int | None) -> None:
    assert chinese_number(text) == number


def test_names_are_compared_without_width_blanks_and_kind_of_bracket() -> None:
    assert key("吉祥家园（建业 路）") == key("吉祥家园(建业路)") == key("吉祥家园【建业路】")
    assert key("南苑小区") != key("南苑")


def test_text_of_spreadsheet_numbers() -> None:
    assert [as_text(v) for v in (101.0, 1.5, True, "  ", None, "a\x00b")] == ["101", "1.5", "true", None, None, "ab"]
    assert unguard("'-3") == "-3"


def test_a_column_reads_each_distinct_cell_once() -> None:
    """1, 1.0, True and "1" are four cells, though Python holds three of them equal."""
    read = reader(TEXT)
    assert [read(v).value for v in (1, 1.0, True, "1", 1)] == ["1", "1", "true", "1", "1"]
    assert reader(YES_NO)("是") is not None


cells = st.one_of(
    st.text(max_size=12),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False),
    st.booleans(),
    st.sampled_from(["3-4米", "80年代", "约", "'", '"', "'6\"", "万", "..", "C"]),
)


@settings(max_examples=150, deadline=None)
@given(cells, st.sampled_from([WIDTH, COUNT, YEAR, LONE_YEAR, DATE, GAS, YES_NO, TEXT, SHARE]))
def test_any_cell_gives_a_value_of_the_field_or_a_report(raw: Any, declared: Field) -> None:
    """Never an exception; a value is of the field's type and within its limits; nothing that was said disappears without a note."""
    parsed = parse(declared, raw)
    value = parsed.value
    if value is None:
        said = plain(as_text(raw) or "")
        assert parsed.note is not None or not any(c.isdigit() for c in said)
        return
    if declared.type == "number":
        assert isinstance(value, float) and math.isfinite(value)
    elif declared.type in ("integer", "year"):
        assert isinstance(value, int) and not isinstance(value, bool)
    elif declared.type == "date":
        assert datetime.date.fromisoformat(value).isoformat() == value
    elif declared.type == "choice":
        assert declared.choice(value)
    elif declared.type == "boolean":
        assert isinstance(value, bool)
    if declared.minimum is not None:
        assert value >= declared.minimum
    if declared.maximum is not None:
        assert value <= declared.maximum


@settings(max_examples=50, deadline=None)
@given(
    st.decimals(min_value=0, max_value=9999, places=3),
    st.sampled_from([("m", 1000), ("cm", 10), ("mm", 1), ("公里", 1_000_000)]),
    st.booleans(),
)
def test_lengths_are_converted_exactly(amount: Any, unit: tuple[str, int], spaced: bool) -> None:
    """The oracle works in whole thousandths of a millimetre."""
    word, millimetres = unit
    thousandths = int(amount * 1000) * millimetres
    assert parse(WIDTH, f"{amount}{' ' if spaced else ''}{word}").value == thousandths / 1_000_000


@settings(max_examples=50, deadline=None)
@given(st.dates(datetime.date(1955, 1, 1), datetime.date(2100, 12, 31)))
def test_every_spelling_of_a_day_is_that_day(day: datetime.date) -> None:
    serial = (day - datetime.date(1899, 12, 30)).days
    for raw in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}/{day.month}/{day.day}",
        day.strftime("%Y%m%d"),
        serial,
        float(serial),
    ):
        assert parse(DATE, raw).value == day.isoformat()


def test_every_unit_word_stands_for_one_unit() -> None:
    assert UNITS["m"].kind == UNITS["米"].kind == "length"
    assert all(unit.factor > 0 for unit in UNITS.values())
