"""What is taken for a number or a name of a person, and what is not: codes of offices, coordinates and keys of programs look alike."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from geo.values.headed import heading_way, is_code_heading, shown_cell, shown_headings
from geo.values.personal import Kind, Suspect, digits_of, is_identity, likely, mask_identity, mask_names, mask_numbers, mask_phone

# Examples that circulate in GB 11643-1999 and in the documents about it; none belongs to a person who was met.
ID = "11010519491231002X"
ID_2 = "440524188001010014"  # born 1880: older than any resident

NUMBERS: list[tuple[str, str, dict[str, int]]] = [
    (ID, "1101**************", {"id": 1}),
    (ID.lower(), "1101**************", {"id": 1}),
    ("110105 19491231 002X", "1101****************", {"id": 1}),
    ("１１０１０５１９４９１２３１００２Ｘ", "１１０１**************", {"id": 1}),
    ("110105491231002", "1101***********", {"id": 1}),
    (f"户主{ID}，电话 13812345678。", "户主1101**************，电话 138********。", {"id": 1, "phone": 1}),
    ("11010519491231002X/11010519491231002X", "1101**************/1101**************", {"id": 2}),
    ("13812345678", "138********", {"phone": 1}),
    ("１３８１２３４５６７８", "１３８********", {"phone": 1}),
    ("138-1234-5678", "138**********", {"phone": 1}),
    ("138 1234 5678", "138**********", {"phone": 1}),
    ("1381 234 5678", "138**********", {"phone": 1}),
    ("138－1234－5678", "138**********", {"phone": 1}),
    ("+86 138 1234 5678", "+86**************", {"phone": 1}),
    ("8613812345678", "86***********", {"phone": 1}),
    ("008613812345678", "0086***********", {"phone": 1}),
    ("13812345678/13987654321", "138********/139********", {"phone": 2}),
    ("tel13812345678", "tel138********", {"phone": 1}),
    ("13812345678.0", "138********.0", {"phone": 1}),
]


@pytest.mark.parametrize(("text", "shown", "counts"), NUMBERS, ids=[n[0] for n in NUMBERS])
def test_numbers_are_masked_so_that_nobody_is_known(text: str, shown: str, counts: dict[str, int]) -> None:
    met: Counter[Kind] = Counter()
    assert mask_numbers(text, counts=met) == shown
    assert met == counts
    assert likely(text)
    assert mask_numbers(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002Y", "110105194912310021",  # the check character is wrong
        ID_2, "990105194912310023", "110105194913310022", "110105491331002",  # too old, no such province, no such day
        "12812345678", "1381234567", "138123456789", "0371-64351234",
        "112.13812345678", "3847313.8213812345678", "POINT (112.98138123456 34.75)",
        "410181001001", "node/13012345678", "13 14 15 16 17 8", "2024-03-15 10:30:00",
        "550e8400-e29b-41d4-a716-138123456789", "da39a3ee5e6b13812345678bfef95601890afd80709",
        "JC410181202403150012", "南苑小区", "", "410181101205001", "410181006011023", "巩房权证字第13812345678号",
    ],
)  # fmt: skip
def test_other_numbers_stay(text: str) -> None:
    assert mask_numbers(text) == text


def test_the_check_character_is_that_of_the_standard() -> None:
    """GB 11643-1999 gives 11010519491231002X; every other last character is wrong."""
    assert [c for c in "0123456789X" if is_identity(ID[:17] + c)] == ["X"]


def test_a_number_that_a_spreadsheet_has_cut_still_tells_whose_it_is() -> None:
    assert mask_numbers(digits_of(4.10181198001011e17)) == "4101**************"
    assert digits_of(13812345678.0) == "13812345678"
    assert likely(13812345678) and likely(13812345678.0) and not likely(13812345678.5) and not likely(float("nan"))


NAMES: list[tuple[str, str, str]] = [
    ("张伟", "张**", "张**"), ("张 伟", "张**", "张**"), ("张　伟", "张**", "张**"), ("欧阳娜娜", "欧阳**", "欧阳**"), ("王建国、李娜", "王**、李**", "王**、李**"),
    ("赵经理", "赵**", "赵**"), ("物业：李建国 ", "物业：李** ", "物业：李** "), ("张**", "张**", "张**"),
    ("买买提江", "买**", "买买提江"), ("阿里木·买买提", "阿**", "阿里木·买买提"), ("John Smith", "J**", "John Smith"), ("王楼", "王**", "王楼"),
    ("王庄社区", "王庄社区", "王庄社区"), ("巩义市物业公司", "巩义市物业公司", "巩义市物业公司"), ("居委会", "居委会", "居委会"), ("无", "无", "无"), ("不详", "不详", "不详"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "certain", "likely_"), NAMES, ids=[n[0] for n in NAMES])
def test_names_keep_the_family_only(text: str, certain: str, likely_: str) -> None:
    assert mask_names(text, certain=True) == certain
    assert mask_names(text, certain=False) == likely_


HEADINGS: list[tuple[str, str | None]] = [
    ("身份证号", "id"), ("户主身份证号码", "id"), ("证件号码", "id"), ("ID Card", "id"), ("居民身份号码", "id"), ("护照号", "id"),
    ("手机号码", "phone"), ("联系人电话", "phone"), ("联系方式", "phone"), ("contact:phone", "phone"), ("户主 手机", "phone"), ("Mobile No.", "phone"),
    ("户主姓名", "name"), ("姓 名", "name"), ("联系人", "name"), ("负责人（签字）", "name"), ("业委会负责人", "name"), ("网格员", "name"), ("Owner Name", "name"),
    ("业主户数", None), ("户数", None), ("小区名称", None), ("责任人单位", None), ("名称", None), ("编号", None), ("备注", None), ("人口", None), ("name", None),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "kind"), HEADINGS)
def test_headings_that_speak_of_people(heading: str, kind: str | None) -> None:
    found = heading_way(heading)
    assert (found and found[0]) == kind


CELLS: list[tuple[str, str, str]] = [
    ("身份证号", "E12345678", "E********"), ("身份证号", "110105194912310021", "1101**************"), ("身份证号", "无", "无"), ("身份证号", "已核", "已核"),
    ("户主电话", "0371-64351234", "037**********"), ("联系电话", "0371-64351234", "0371-64351234"), ("联系电话", "13812345678", "138********"),
    ("联系人", "王强13812345678", "王**138********"), ("户主", "张三", "张**"), ("残疾证号", "11010519491231002X43", "1101****************"),
    ("联系人及电话", "王强13812345678", "王**138********"), ("楼栋长/联系方式", "王强/0371-64351234", "王**/0371-64351234"),
    ("业主电话", "王强 64351234", "王** 643*****"), ("联系电话", "物业 0371-64351234", "物业 0371-64351234"), ("户主信息", f"王强{ID}", "王**1101**************"),
    ("负责人", "安全员", "安全员"), ("姓名", "空置", "空置"), ("社区书记", "王强", "王**"),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "cell", "shown"), CELLS)
def test_cells_under_such_headings(heading: str, cell: str, shown: str) -> None:
    found = heading_way(heading)
    assert found is not None
    assert found[1](cell, Counter()) == shown
    assert found[1](shown, Counter()) == shown


def column(*cells: Any) -> Suspect:
    seen = Suspect()
    for cell in cells:
        seen.add(cell)
    return seen


def test_a_column_of_serial_numbers_is_told_from_one_of_identity_numbers() -> None:
    """District + day + serial number: 18 digits of which one in eleven passes the check by chance."""
    serial = column(*(f"41018120240315{n:04}" for n in range(1, 45)))
    assert (serial.shaped, serial.valid, serial.serial, serial.identities) == (44, 4, True, False)
    people = column(ID, ID, ID, "110105194912310021")
    assert (people.shaped, people.valid, people.serial, people.identities) == (4, 3, False, True)


def test_a_column_of_district_codes_is_told_from_one_of_phones() -> None:
    assert column("15003980600", "15003009703", 15003009608.0).coded
    assert not column("13812345678", "13987654321", "13800001111").coded
    assert not column("13812345678", "13812345679").coded
    assert is_code_heading("宗地代码") and is_code_heading("GEOID") and not is_code_heading("phone no")


@pytest.mark.parametrize("heading", ["燃气户号", "燃气账号", "水费帐号", "电表号", "卡号", "房产证号", "不动产权证", "合同号"])
def test_numbers_of_meters_and_certificates_are_no_phones(heading: str) -> None:
    """Where a heading says what a number is it stays as it is; an identity number in it goes all the same."""
    assert is_code_heading(heading) and heading_way(heading) is None
    assert (shown_cell(heading, "15937612345"), shown_cell(heading, ID)) == ("15937612345", "1101**************")
    assert not is_code_heading("登录账号") and shown_cell("登录账号", "15937612345") == "159********"


def test_the_first_resident_is_no_heading() -> None:
    """A table without headings gives its first row for them."""
    assert shown_headings(["南苑小区", "王建国", "13812345678", "13812349999"]) == {
        "王建国": "王**", "13812345678": "138********", "13812349999": "138*********",
    }  # fmt: skip
    assert shown_headings(["小区名称", "王建国", "户数"]) == {}


def test_fixed_lines_are_masked_only_where_they_are_somebodys() -> None:
    assert mask_phone("0371-64351234", Counter()) == "037**********"
    assert mask_identity("410 181 12345", Counter()) == "410 181 1****"
