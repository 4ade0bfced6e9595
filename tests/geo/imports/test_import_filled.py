"""The to-do list of gaps: written from a real store, filled in with a spreadsheet, imported again, every cell accounted for."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo.answers import answer
from geo.derived import DERIVED
from geo.errors import BadValue
from geo.exports.to_do import to_do_xlsx
from geo.frames import Frames
from geo.gaps import READS
from geo.imports import Account, ImportOptions, inspect_file, quarantine_csv
from geo.sandbox import COMMAND_LINE
from geo.store.contract import Batch, ImportRecord, Update, Write
from tests.geo.fake_frames import LAYERS, NOW, PROFILE, query
from tests.geo.imports.conftest import Desk, square
from tests.geo.lacking import needs, ruled

RULES = (
    needs(1, "compounds", "households"), needs(2, "compounds", "gas_status"), needs(3, "compounds", "built_year"), needs(4, "compounds", "households"),
    needs(5, "compounds", "geometry"), needs(6, "hazards", "compound_code"),
)  # fmt: skip
COMPOUNDS = [
    {"code": "A1", "name": "南苑小区", "community": "南苑社区", "built_year": 1994, "geometry": square(112.98, 34.75)},
    {"code": "A2", "name": "龙泉花园", "households": 60, "geometry": None},
    {"code": None, "name": "无号院", "households": 8, "built_year": 1986, "geometry": square(112.99, 34.75)},
]
HAZARDS = [{"code": "H1", "hazard_desc": "楼道堆物", "geometry": None}]

Cells = Mapping[tuple[str, str], Any]
"""(code or name of the feature, label of the field) → what is written."""


@pytest.fixture
def known(desk: Desk, read_here: None) -> Iterator[Desk]:
    """Three compounds and a hazard that lack something, one compound without a code."""
    publish(desk, demo=False)
    with ruled(PROFILE, *RULES) as profile:
        yield replace(desk, frames=Frames(desk.store, desk.layers, profile=profile, profiles={"cn_gb": profile}, derived=DERIVED))


def publish(desk: Desk, *, demo: bool) -> None:
    record = ImportRecord("台账.xlsx", "0" * 64, "append", {}, {})
    rows = [{**row, "source": "demo" if demo else "台账"} for row in COMPOUNDS]
    desk.store.publish(Batch([Write("compounds", inserts=rows), Write("hazards", inserts=HAZARDS)], record, demo=demo), actor="t", now=NOW)


def list_of(desk: Desk, *, lang: str = "zh", **asked: str) -> bytes:
    found = answer(query("data-gaps", sortby="-settles", **asked), desk.frames, layers=LAYERS, now=NOW)
    return to_do_xlsx(found, desk.frames.view(*READS), desk.layers, lang=lang)


def fill(data: bytes, cells: Cells, path: Path, change: Callable[[Any], None] | None = None) -> Path:
    """The workbook with cells filled in, saved by another program."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    at = {cell.value: cell.column for cell in sheet[1]}
    words = (("对象编号", "feature's code"), ("名称", "name"), ("缺的字段", "missing field"), ("填写", "fill in"))
    code, name, field, into = (at.get(zh) or at[en] for zh, en in words)
    for row in sheet.iter_rows(min_row=2):
        said = (row[name - 1].value or row[code - 1].value, row[field - 1].value)
        if said in cells:
            row[into - 1].value = cells[said]
    if change is not None:
        change(sheet)
    book.save(path)
    return path


def counts(account: Account, layer: str = "compounds") -> tuple[int, int, int, int]:
    tally = account.tally(layer)
    return tally.read, tally.accepted, tally.repaired, tally.quarantined


def refused(account: Account) -> list[tuple[str, str]]:
    return [(q.reason, str(q.raw["填写"])) for q in account.quarantined]


def test_the_list_begins_with_what_settles_most(known: Desk) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(list_of(known))).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [
        "图层",
        "对象序号",
        "对象编号",
        "名称",
        "所属院落",
        "社区",
        "缺的字段",
        "现值",
        "可填内容",
        "可明确结果数",
        "填写",
        "备注",
        "版本",
    ]
    assert rows[1] == ["院落", 1, "A1", "南苑小区", "南苑小区", "南苑社区", "户数", None, "整数（户），不小于 0", 2, None, None, 1]
    assert sorted((row[3] or row[2], row[6]) for row in rows[2:]) == [
        ("H1", "所属院落"), ("南苑小区", "通气状态"), ("无号院", "通气状态"), ("龙泉花园", "位置"), ("龙泉花园", "建成年份"), ("龙泉花园", "通气状态"),
    ]  # fmt: skip
    assert (sheet.freeze_panes, sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.print_title_rows) == (
        "A2",
        "landscape",
        9,
        "$1:$1",
    )
    lists = {v.formula1 for v in sheet.data_validations.dataValidation if v.type == "list"}
    assert len(lists) == 1 and next(iter(lists)).startswith("'可选值'!")


def test_what_is_filled_in_comes_back(known: Desk, tmp_path: Path) -> None:
    """Saved by another program, in another order, rows gone, some left empty: only what was written changes, of the very feature."""

    def reorder(sheet: Any) -> None:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        sheet.delete_rows(2, len(rows))
        for row in reversed([r for r in rows if r[6] != "位置"]):
            sheet.append(row)

    cells = {("南苑小区", "户数"): 120, ("龙泉花园", "建成年份"): "1999年", ("无号院", "通气状态"): "未通气"}
    account = known.file(fill(list_of(known), cells, tmp_path / "填好.xlsx", reorder))
    assert counts(account) == (3, 3, 0, 0)
    assert known.column("compounds", "name", "households", "built_year", "gas_status", "code") == [
        ("南苑小区", 120, 1994, None, "A1"), ("龙泉花园", 60, 1999, None, "A2"), ("无号院", 8, 1986, "none", None),
    ]  # fmt: skip
    assert account.to_json()["updated"] == {"compounds": 3}
    assert "清单中 3 行没有填写，未改动数据" in account.lines("zh", known.layers)
    assert known.column("compounds", "source")[0] == "台账；填好.xlsx"


def test_a_second_import_changes_nothing(known: Desk, tmp_path: Path) -> None:
    path = fill(list_of(known), {("南苑小区", "户数"): 120}, tmp_path / "填好.xlsx")
    known.file(path)
    before = known.store.read(["compounds"]).whole["compounds"].values
    account = known.file(path)
    assert counts(account) == (1, 1, 0, 0) and account.to_json()["unchanged"] == {"compounds": 1}
    assert known.store.read(["compounds"]).whole["compounds"].values == before


def test_an_english_list_comes_back_too(known: Desk, tmp_path: Path) -> None:
    label = LAYERS["compounds"].field("gas_status")
    assert label is not None
    cells = {("南苑小区", label.label.en): "connected"}
    account = known.file(fill(list_of(known, lang="en"), cells, tmp_path / "filled.xlsx"))
    assert (counts(account), known.column("compounds", "gas_status")) == ((1, 1, 0, 0), ["full", None, None])


REFUSED = (
    ("户数", "'=1+1", "value-unreadable"), ("户数", "很多", "value-bound"), ("户数", "1e999", "value-out-of-range"), ("户数", -3, "value-out-of-range"),
    ("户数", 12.5, "value-not-whole"), ("户数", "不详", "value-unreadable"), ("户数", "=HYPERLINK(1)", None), ("通气状态", "也许", "unknown-choice"),
    ("通气状态", "=cmd|'/c calc'!A1", None), ("版本", 7, "no-such-field"), ("编号", "X9", "no-such-field"),
)  # fmt: skip
"""What is written into a field and why it is left out; a formula that was never worked out holds nothing."""


def test_what_a_field_cannot_take_is_left_out_with_its_reason(known: Desk, tmp_path: Path) -> None:
    def add(sheet: Any) -> None:
        for field, written, _ in REFUSED:
            sheet.append([*(cell.value for cell in sheet[2][:6]), field, None, None, 1, written, None, 1])

    before = known.dump("compounds")
    account = known.file(fill(list_of(known), {}, tmp_path / "填好.xlsx", add))
    assert [q.reason for q in account.quarantined] == [reason for *_, reason in REFUSED if reason]
    assert counts(account) == (9, 0, 0, 9)
    assert known.dump("compounds") == before


def test_places_are_not_filled_in_by_a_list(known: Desk, tmp_path: Path) -> None:
    account = known.file(fill(list_of(known), {("龙泉花园", "位置"): "112.98,34.75"}, tmp_path / "填好.xlsx"))
    assert refused(account) == [("not-by-list", "112.98,34.75")]


def test_a_feature_that_is_gone_or_another_is_left_alone(known: Desk, tmp_path: Path) -> None:
    """A number without a code means another feature by now, or none."""
    path = fill(list_of(known), {("无号院", "通气状态"): "未通气", ("龙泉花园", "通气状态"): "未通气"}, tmp_path / "填好.xlsx")
    ids = known.store.read(["compounds"]).whole["compounds"].ids
    write = Write("compounds", updates=[Update(ids[2], 1, {"name": "改名院"})], deletes=[(ids[1], 1)])
    known.store.edit([write], actor="t", now=NOW)
    account = known.file(path)
    assert sorted(refused(account)) == [("feature-gone", "未通气")] * 2
    assert any(q.sentence_zh == f"序号 {ids[2]} 现在是“改名院”" for q in account.quarantined)


def test_columns_that_were_sorted_apart_are_noticed(known: Desk, tmp_path: Path) -> None:
    """The number of one feature beside the code of another: nobody knows which was meant."""

    def shift(sheet: Any) -> None:
        for row in sheet.iter_rows(min_row=2):
            row[1].value = {1: 2, 2: 1}.get(row[1].value, row[1].value)

    account = known.file(fill(list_of(known), {("南苑小区", "户数"): 120}, tmp_path / "填好.xlsx", shift))
    assert refused(account) == [("feature-gone", "120")]
    assert account.quarantined[0].sentence_en == "code A1 and number 2 are two different features"


def test_what_changed_since_is_judged_by_its_value(known: Desk, tmp_path: Path) -> None:
    """A field that says something else by now is left alone, one that is still open is filled in although its feature changed."""
    path = fill(list_of(known), {("南苑小区", "户数"): 120, ("南苑小区", "通气状态"): "未通气"}, tmp_path / "填好.xlsx")
    ids = known.store.read(["compounds"]).whole["compounds"].ids
    known.store.edit([Write("compounds", updates=[Update(ids[0], 1, {"households": 90})])], actor="t", now=NOW)
    account = known.file(path)
    assert [(q.reason, q.sentence_zh) for q in account.quarantined] == [("filled-since", "“户数”已登记为“90”，没有改动")]
    assert known.column("compounds", "households", "gas_status")[0] == (90, "none")
    assert "1 项所在的对象在导出清单之后改过，所填字段未变，已照填" in account.lines("zh", known.layers)


def test_a_row_that_stands_twice_counts_once(known: Desk, tmp_path: Path) -> None:
    def again(sheet: Any) -> None:
        for written in (120, 130):
            sheet.append([cell.value for cell in sheet[2]])
            sheet.cell(sheet.max_row, 11).value = written

    account = known.file(fill(list_of(known), {("南苑小区", "户数"): 120}, tmp_path / "填好.xlsx", again))
    assert sorted(refused(account)) == [("duplicate", "120"), ("filled-twice", "130")]
    assert (counts(account), known.column("compounds", "households")[0]) == ((3, 1, 0, 2), 120)


def test_a_name_of_another_feature_becomes_its_code(known: Desk, tmp_path: Path) -> None:
    """And what has no place of its own comes onto the map with what it names."""
    account = known.file(fill(list_of(known), {("H1", "所属院落"): "南苑小区"}, tmp_path / "填好.xlsx"))
    assert counts(account, "hazards") == (1, 1, 0, 0)
    [hazard] = known.dump("hazards")
    assert (hazard["compound_code"], hazard["geometry"] is not None) == ("A1", True)
    account = known.file(fill(list_of(known, layer="hazards"), {}, tmp_path / "again.xlsx"))
    assert account.to_json()["layers"] == {}


def test_a_name_that_fits_nothing_is_left_out(known: Desk, tmp_path: Path) -> None:
    account = known.file(fill(list_of(known), {("H1", "所属院落"): "天上小区"}, tmp_path / "填好.xlsx"))
    assert [(q.layer, q.reason) for q in account.quarantined] == [("hazards", "reference-unknown")]


def test_the_rows_left_out_come_back_mended(known: Desk, tmp_path: Path) -> None:
    account = known.file(fill(list_of(known), {("南苑小区", "户数"): "很多"}, tmp_path / "填好.xlsx"))
    mended = tmp_path / "补正.csv"
    mended.write_bytes(quarantine_csv(account.quarantined, "zh").decode("utf-8-sig").replace(",很多,", ",120,").encode())
    text = mended.read_text("utf-8")
    assert counts(known.file(mended)) == (1, 1, 0, 0), text
    assert known.column("compounds", "households")[0] == 120


def test_a_list_only_fills_in(known: Desk, tmp_path: Path) -> None:
    """In mode replace everything else would go."""
    path = fill(list_of(known), {("南苑小区", "户数"): 120}, tmp_path / "填好.xlsx")
    with pytest.raises(BadValue):
        known.file(path, mode="replace")
    assert known.file(path, dry_run=True).to_json()["updated"] == {"compounds": 1}
    assert known.column("compounds", "households")[0] is None


def test_a_demo_stays_a_demo(desk: Desk, read_here: None, tmp_path: Path) -> None:
    publish(desk, demo=True)
    with ruled(PROFILE, *RULES) as profile:
        known = replace(desk, frames=Frames(desk.store, desk.layers, profile=profile, profiles={"cn_gb": profile}, derived=DERIVED))
        account = known.file(fill(list_of(known), {("南苑小区", "户数"): 120}, tmp_path / "填好.xlsx"))
    assert (desk.store.info().kind, desk.column("compounds", "households")) == ("demo", [120, 60, 8])
    assert (counts(account), account.import_id) == ((1, 1, 0, 0), None)


def test_numbers_of_people_are_masked(known: Desk, tmp_path: Path) -> None:
    """In what is left out too, remarks among it."""

    def remark(sheet: Any) -> None:
        sheet.cell(2, 12).value = "电话 13812345678"

    account = known.file(fill(list_of(known), {("南苑小区", "户数"): "很多"}, tmp_path / "填好.xlsx", remark))
    assert "13812345678" not in str(account.quarantined)


def test_the_list_is_recognised_before_the_import(known: Desk, tmp_path: Path) -> None:
    path = fill(list_of(known), {}, tmp_path / "填好.xlsx")
    found = inspect_file(path, ImportOptions(file_name=path.name), known.frames, known.layers, limits=COMMAND_LINE)
    assert next((p.info.name, p.to_do, p.layer) for p in found.datasets) == ("缺项清单", True, None)
