"""Which stored feature a record means: codes, names, modes; what changes and what stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from geo.errors import BadValue, LayerNotFound, NoLayer, UnknownField
from geo.imports.codes import usable_as_codes
from geo.store.contract import Batch, ImportRecord, Update, Write
from tests.geo.imports.conftest import NOW, Desk, point, square

COMPOUNDS = {"layer": "compounds"}


def counts(account: object, layer: str = "compounds") -> tuple[int, ...]:
    return tuple(account.counts()[layer].values())  # type: ignore[attr-defined]


def test_without_a_code_the_name_gives_one_and_the_same_file_changes_nothing(desk: Desk) -> None:
    rows = [{"小区名称": "南苑小区", "社区": "建设路", "户数": "120户"}, {"小区名称": "龙泉花园", "户数": 300}]
    assert desk.rows(rows, **COMPOUNDS).to_json()["inserted"] == {"compounds": 2}
    before = desk.dump("compounds")
    again = desk.rows(rows, **COMPOUNDS)
    assert again.to_json()["unchanged"] == {"compounds": 2}
    assert desk.dump("compounds") == before
    assert [row["code"] for row in before] == sorted({row["code"] for row in before})


def test_append_refuses_what_is_there_and_names_the_way_out(desk: Desk) -> None:
    rows = [{"小区编号": "XQ-1", "小区名称": "南苑小区"}, {"小区名称": "龙泉花园"}]
    desk.rows(rows, **COMPOUNDS)
    account = desk.rows([*rows, {"小区编号": "XQ-2", "小区名称": "新苑"}], mode="append", **COMPOUNDS)
    assert counts(account) == (3, 1, 0, 2)
    assert [(q.number, q.reason) for q in account.quarantined] == [(1, "code-exists"), (2, "code-exists")]
    assert "upsert" in account.quarantined[0].sentence_zh


def test_upsert_keeps_columns_and_cells_that_the_file_leaves_empty(desk: Desk) -> None:
    desk.rows([{"小区编号": "XQ-1", "小区名称": "南苑小区", "户数": 120, "人口": 380, "电话": "no"}], [square(112.97, 34.75)], **COMPOUNDS)
    desk.rows([{"小区编号": "XQ-1", "户数": 121, "人口": None, "建成年份": "—"}], **COMPOUNDS)
    (row,) = desk.dump("compounds")
    assert (row["name"], row["households"], row["population"], row["extra"]) == ("南苑小区", 121, 380, {"电话": "no"})
    assert row["geometry"] == square(112.97, 34.75)


def test_replace_makes_the_layer_what_the_file_holds(desk: Desk) -> None:
    desk.rows([{"小区编号": "XQ-1", "小区名称": "甲", "户数": 120}, {"小区编号": "XQ-2", "小区名称": "乙"}], **COMPOUNDS)
    first = desk.column("compounds", "code")
    desk.rows([{"楼栋编号": "B-1", "楼栋名称": "一号楼"}], layer="buildings")
    account = desk.rows([{"小区编号": "XQ-1", "小区名称": "甲"}, {"小区编号": "XQ-3", "小区名称": "丙"}], mode="replace", **COMPOUNDS)
    assert (account.to_json()["deleted"], account.to_json()["inserted"]) == ({"compounds": 1}, {"compounds": 1})
    assert [(r["code"], r.get("households")) for r in desk.dump("compounds")] == [("XQ-1", None), ("XQ-3", None)]
    assert first == ["XQ-1", "XQ-2"]
    assert len(desk.dump("buildings")) == 1


def test_replace_with_nothing_usable_removes_nothing(desk: Desk) -> None:
    """A file whose records all fail must not empty the layer."""
    desk.rows([{"小区编号": "XQ-1", "小区名称": "甲"}], **COMPOUNDS)
    account = desk.rows([{"小区编号": None, "小区名称": None, "备": "x"}], mode="replace", **COMPOUNDS)
    assert counts(account) == (1, 0, 0, 1)
    assert len(desk.dump("compounds")) == 1


def test_a_code_twice_and_an_exact_double_go_to_quarantine(desk: Desk) -> None:
    one, other = {"小区编号": "A", "小区名称": "甲"}, {"小区编号": "A", "小区名称": "乙"}
    account = desk.rows([{"序号": 1, **one}, {"序号": 2, **one}, {"序号": 3, **other}, {"小区名称": "丙"}, {"小区名称": "丙"}], **COMPOUNDS)
    assert [(q.number, q.reason) for q in account.quarantined] == [(2, "duplicate"), (3, "code-twice"), (5, "duplicate")]


def test_one_name_twice_is_two_compounds_only_with_two_places(desk: Desk) -> None:
    """Which of the two a later file means would hang on the order of files: neither is taken."""
    rows = [{"小区名称": "幸福小区", "户数": 1}, {"小区名称": "幸福小区", "户数": 2}]
    assert [(q.number, q.reason) for q in desk.rows(rows, **COMPOUNDS).quarantined] == [(1, "name-twice"), (2, "name-twice")]


def test_parts_of_a_compound_split_by_a_road_stay_two_features(desk: Desk) -> None:
    rows = [{"小区名称": "幸福小区"}, {"小区名称": "幸福小区"}]
    account = desk.rows(rows, [square(112.97, 34.75), square(112.98, 34.75)], **COMPOUNDS)
    assert counts(account) == (2, 2, 0, 0)
    later = desk.rows([{"小区名称": "幸福小区", "户数": 3}], **COMPOUNDS)
    assert (later.to_json()["reasons"], later.to_json()["inserted"]) == ({"name-ambiguous": 1}, {"compounds": 1})
    again = desk.rows([{"小区名称": "幸福小区", "户数": 4}], **COMPOUNDS)
    assert (again.to_json()["updated"], [r.get("households") for r in desk.dump("compounds") if not r["geometry"]]) == (
        {"compounds": 1},
        [4],
    )


def test_new_outlines_of_a_name_that_two_have_are_left_out(desk: Desk) -> None:
    """Both sides have two: nothing says which is which, and two more would pile up with every file."""
    rows = [{"小区名称": "幸福小区"}, {"小区名称": "幸福小区"}]
    desk.rows(rows, [square(112.97, 34.75), square(112.98, 34.75)], **COMPOUNDS)
    account = desk.rows(rows, [square(112.97, 34.76), square(112.98, 34.76)], **COMPOUNDS)
    assert [q.reason for q in account.quarantined] == ["name-ambiguous"] * 2


def test_the_community_tells_compounds_of_one_name_apart(desk: Desk) -> None:
    desk.rows(
        [
            {"小区名称": "幸福小区", "社区": "人民路"},
            {"小区名称": "幸福小区", "社区": "陇海路"},
            {"小区名称": "南苑小区", "社区": "建设路"},
        ],
        **COMPOUNDS,
    )
    rows = [
        {"小区名称": "幸福 小区", "社区": "陇海路", "户数": 40},
        {"小区名称": "幸福小区", "户数": 1},
        {"小区名称": "南苑小区", "户数": 120},
        {"小区名称": "南苑", "户数": 5},
    ]
    account = desk.rows(rows, **COMPOUNDS)
    assert (account.to_json()["reasons"], account.to_json()["inserted"]) == ({"name-ambiguous": 1}, {"compounds": 2})
    found = {(r["name"], r.get("community")): r.get("households") for r in desk.dump("compounds")}
    assert found == {
        ("幸福小区", "人民路"): None,
        ("幸福 小区", "陇海路"): 40,
        ("南苑小区", "建设路"): 120,
        ("南苑", None): 5,
        ("幸福小区", None): 1,
    }


def test_an_outline_without_a_community_is_taken_by_neither_of_two(desk: Desk) -> None:
    """Which of the two 幸福小区 was drawn? Nobody knows: both ledger rows are new, the outline stays as it is."""
    outline = square(112.97, 34.75)
    desk.rows([{"小区名称": "幸福小区"}], [outline], **COMPOUNDS)
    account = desk.rows([{"小区名称": "幸福小区", "社区": "人民路"}, {"小区名称": "幸福小区", "社区": "陇海路"}], **COMPOUNDS)
    assert (account.to_json()["inserted"], account.to_json()["updated"]) == ({"compounds": 2}, {})
    assert [r.get("community") for r in desk.dump("compounds") if r["geometry"]] == [None]


def test_an_office_code_replaces_a_derived_one_everywhere(desk: Desk) -> None:
    """Outlines with ids of their own first, hazards by name, then the ledger with the office's codes."""
    desk.rows([{"小区名称": "南苑小区", "gid": 7000001}], [square(112.97, 34.75)], **COMPOUNDS)
    desk.rows([{"小区名称": "南苑小区", "隐患类型": "线路老化"}], layer="hazards")
    assert desk.column("hazards", "compound_code") == ["7000001"]
    desk.rows([{"小区编号": "XQ-1", "小区名称": "南苑小区"}], **COMPOUNDS)
    assert desk.column("compounds", "code") == ["XQ-1"]
    assert desk.column("hazards", "compound_code") == ["XQ-1"]


def test_two_office_codes_for_one_name_are_a_conflict(desk: Desk) -> None:
    desk.rows([{"小区编号": "XQ-1", "小区名称": "南苑小区"}], **COMPOUNDS)
    account = desk.rows([{"小区编号": "XQ-9", "小区名称": "南苑小区"}], **COMPOUNDS)
    assert [(q.reason, "XQ-1" in q.sentence_zh) for q in account.quarantined] == [("code-conflict", True)]


def test_an_id_of_another_feature_does_not_overwrite_it(desk: Desk) -> None:
    """Two programs gave out the same id."""
    desk.rows([{"gid": 5000001, "小区名称": "甲"}], [square(112.97, 34.75)], **COMPOUNDS)
    desk.rows([{"gid": 5000001, "小区名称": "乙"}], [square(112.98, 34.75)], **COMPOUNDS)
    assert sorted(desk.column("compounds", "name")) == ["乙", "甲"]


@pytest.mark.parametrize(
    ("cells", "usable"),
    [(["B0FFGWI4UP", "B0FFF4K53J"], True), ([1, 2, 3], False), ([100] * 5, False), (["a"] * 5, False), ([10000000, 10000001], True), ([None, ""], False),
     (["A1", "A1", "A2"], True)],
)  # fmt: skip
def test_row_numbers_and_class_numbers_are_no_codes(cells: list[object], usable: bool) -> None:
    assert usable_as_codes(cells) is usable


def test_hazards_of_one_kind_stay_apart_and_find_themselves_again(desk: Desk) -> None:
    """Kind, compound, day and description together identify a hazard that has no number."""
    desk.rows([{"小区编号": "XQ-1", "小区名称": "甲"}], **COMPOUNDS)
    ledger = [{"小区名称": "甲", "隐患类型": "线路老化", "发现日期": f"2023/6/{d}", "问题描述": "表箱"} for d in (1, 2)]
    desk.rows(ledger, layer="hazards")
    later = [{**ledger[0], "整改情况": "已整改"}, ledger[1], {**ledger[1], "发现日期": "2023/7/1"}]
    account = desk.rows(later, layer="hazards")
    assert {k: account.to_json()[k].get("hazards") for k in ("inserted", "updated", "unchanged")} == {
        "inserted": 1,
        "updated": 1,
        "unchanged": 1,
    }


def test_files_are_listed_as_sources_in_one_order(desk: Desk) -> None:
    desk.rows([{"小区名称": "甲", "户数": 1}], name="乙表", **COMPOUNDS)
    desk.rows([{"小区名称": "甲", "人口": 2}], name="甲表", **COMPOUNDS)
    desk.rows([{"小区名称": "甲", "人口": 2}], name="甲表", **COMPOUNDS)
    assert desk.column("compounds", "source") == ["乙表.csv；甲表.csv"]


def test_a_raw_text_goes_from_extra_when_a_later_file_can_be_read(desk: Desk) -> None:
    desk.rows([{"小区名称": "甲", "户数": "100余户"}], **COMPOUNDS)
    assert desk.column("compounds", "extra") == [{"户数": "100余户"}]
    desk.rows([{"小区名称": "甲", "户数": 104}], **COMPOUNDS)
    assert desk.column("compounds", "households", "extra") == [(104, {})]


def test_an_exact_year_ends_an_estimate(desk: Desk) -> None:
    desk.rows([{"小区名称": "甲", "建成年份": "80年代"}], **COMPOUNDS)
    assert desk.column("compounds", "built_year", "built_year_last", "built_year_basis") == [(1980, 1989, "estimate")]
    desk.rows([{"小区名称": "甲", "建成年份": 1985}], **COMPOUNDS)
    assert desk.column("compounds", "built_year", "built_year_last", "built_year_basis") == [(1985, None, None)]


def test_a_dry_run_writes_nothing_and_says_the_same(desk: Desk) -> None:
    rows = [{"小区名称": "甲"}, {"小区名称": "甲"}]
    trial = desk.rows(rows, dry_run=True, **COMPOUNDS)
    assert (desk.store.info().revision, trial.import_id, trial.dry_run) == (0, None, True)
    assert desk.rows(rows, **COMPOUNDS).counts() == trial.counts()


def test_a_failure_while_publishing_leaves_the_store_as_it_was(desk: Desk) -> None:
    desk.rows([{"小区名称": "甲"}], **COMPOUNDS)
    before = (desk.store.info(), desk.dump("compounds"))

    def fail() -> None:
        raise RuntimeError("power")

    with pytest.raises(RuntimeError):
        desk.rows([{"小区名称": "乙"}, {"小区名称": "甲", "户数": 3}], staged=fail, **COMPOUNDS)
    assert (desk.store.info(), desk.dump("compounds")) == before
    assert desk.store.check() == []


def test_somebody_elses_edit_in_between_is_settled_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version that the import read is gone when it publishes: it reads again instead of overwriting or failing."""
    from geo.store.contract import Update, Write

    desk.rows([{"小区名称": "甲"}], **COMPOUNDS)
    publish = desk.store.publish
    edits: list[int] = []

    def interrupted(*args: object, **named: object) -> object:
        if not edits:
            edits.append(
                desk.store.edit(
                    [Write("compounds", updates=[Update(1, 1, {"population": 9})])], actor="other", now="2026-11-22T08:00:01Z"
                ).revision
            )
        return publish(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.store, "publish", interrupted)
    desk.rows([{"小区名称": "甲", "户数": 3}], **COMPOUNDS)
    assert desk.column("compounds", "households", "population") == [(3, 9)]


def test_the_first_real_import_removes_the_made_up_data(new_desk: Callable[[], Desk]) -> None:
    desk = new_desk()
    made_up = [{"code": "D-1", "name": "示例小区", "source": "demo", "geometry": point(10.0, 50.0)}]
    desk.store.publish(
        Batch([Write("compounds", made_up)], ImportRecord("demo", "", "append", {}, {}), demo=True, metric_crs="EPSG:32632"),
        actor="t",
        now="2026-11-22T08:00:00Z",
    )
    nothing = desk.rows([{"备": "x"}], **COMPOUNDS)
    assert (nothing.import_id, desk.store.info().kind) == (None, "demo")
    trial = desk.rows([{"小区名称": "示例小区"}], [square(112.97, 34.75)], dry_run=True, **COMPOUNDS)
    account = desk.rows([{"小区名称": "示例小区"}], [square(112.97, 34.75)], **COMPOUNDS)
    assert (trial.removed_demo, account.removed_demo) == (1, 1)
    assert (desk.store.info().kind, desk.store.info().metric_crs, desk.column("compounds", "source")) == ("real", "EPSG:4547", ["表.csv"])


def test_a_demo_mark_in_a_file_does_not_make_real_data_made_up(desk: Desk) -> None:
    desk.rows([{"小区名称": "甲", "来源": "demo"}], **COMPOUNDS)
    assert (desk.column("compounds", "source"), desk.store.info().kind) == (["表.csv"], "real")


def test_unknown_names_are_refused_with_the_nearest(desk: Desk) -> None:
    with pytest.raises(LayerNotFound) as layer:
        desk.rows([{"小区名称": "甲"}], layer="compound")
    assert layer.value.members["nearest"][0] == "compounds"
    with pytest.raises(UnknownField) as field:
        desk.rows([{"小区名称": "甲"}], sets={"household": "小区名称"}, **COMPOUNDS)
    assert "households" in field.value.members["nearest"]
    with pytest.raises(UnknownField) as column:
        desk.rows([{"小区名称": "甲"}], sets={"name": "小区名"}, **COMPOUNDS)
    assert column.value.members["nearest"] == ["小区名称"]
    with pytest.raises(NoLayer) as unclear:
        desk.rows([{"什么": "甲"}])
    assert unclear.value.members["layers"]
    assert desk.store.info().revision == 0


def test_replace_keeps_what_the_file_holds_but_in_records_that_were_left_out(desk: Desk) -> None:
    """C2's outline is broken, 院3 stands under the code of another, C9 is not in the file."""
    desk.rows([{"小区编号": f"C{n}", "小区名称": f"院{n}"} for n in (0, 1, 2, 3, 9)], **COMPOUNDS)
    rows = [{"小区编号": code, "小区名称": name} for code, name in (("C0", "院0"), ("C1", "院1"), ("C2", "二院"), ("C0", "院3"))]
    account = desk.rows(rows, mode="replace", problems={3: ("invalid-geometry", "坏", "bad")}, **COMPOUNDS)
    assert ([q.number for q in account.quarantined], account.to_json()["deleted"]) == ([3, 4], {"compounds": 1})
    assert desk.column("compounds", "code") == ["C0", "C1", "C2", "C3"]


def test_replace_does_not_go_with_a_clip(desk: Desk) -> None:
    with pytest.raises(BadValue, match="within"):
        desk.rows([{"小区名称": "甲"}], mode="replace", within="POLYGON((0 0,1 0,1 1,0 0))", **COMPOUNDS)


@pytest.mark.parametrize(
    ("stored", "said", "near"),
    [
        ("南苑小区", "南苑小區", True), ("园丁街家属院", "园丁街家属大院", False), ("工商联家属院", "工商联家属楼院", True), ("龙泉花园一期", "龙泉花园二期", False),
        ("东苑小区", "西苑小区", False), ("3号院", "4号院", False), ("南苑小区", "龙泉花园", False),
        ("和平小区", "太平小区", False), ("杜甫路十九号院", "杜甫路十九号家属院", True),
    ],
)  # fmt: skip
def test_names_that_are_nearly_those_of_stored_features_are_told(desk: Desk, stored: str, said: str, near: bool) -> None:
    desk.rows([{"小区名称": stored}], **COMPOUNDS)
    account = desk.rows([{"小区名称": said}], **COMPOUNDS)
    assert account.to_json()["near_names"] == ([{"layer": "compounds", "name": said, "near": [stored]}] if near else [])
    assert any(f"库中有写法相近的：{stored}" in line for line in account.lines("zh")) is near


def test_a_name_that_another_record_means_is_not_offered(desk: Desk) -> None:
    desk.rows([{"小区名称": "南苑小区"}], **COMPOUNDS)
    assert desk.rows([{"小区名称": "南苑小区"}, {"小区名称": "南苑小區"}], **COMPOUNDS).near_names == []


def test_features_made_by_hand_in_a_demo_do_not_go_unsaid(desk: Desk) -> None:
    """They go with the demo; a trial says so before, the account after, and the history keeps them."""
    made_up = [{"code": f"D-{n}", "name": f"示例{n}", "source": "demo", "geometry": point(10.0, 50.0)} for n in range(3)]
    desk.store.publish(Batch([Write("compounds", made_up)], ImportRecord("demo", "", "append", {}, {}), demo=True), actor="t", now=NOW)
    untouched = desk.rows([{"小区名称": "甲"}], dry_run=True, **COMPOUNDS)
    desk.store.edit([Write("compounds", updates=[Update(1, 1, {"name": "改过"})])], actor="u", now=NOW)
    desk.store.edit([Write("compounds", inserts=[{"code": "N", "name": "新画", "geometry": point(10.0, 50.0)}])], actor="u", now=NOW)
    trial, account = desk.rows([{"小区名称": "甲"}], dry_run=True, **COMPOUNDS), desk.rows([{"小区名称": "甲"}], **COMPOUNDS)
    assert [(a.removed_demo, a.hand_made) for a in (untouched, trial, account)] == [(3, 0), (4, 2), (4, 2)]
    assert "其中 2 个是手工新增或改过的：要留下它们，请先导出" in trial.lines("zh")
    assert desk.column("compounds", "name") == ["甲"]
    assert "其中 2 个是手工新增或改过的，已一并移除；它们的内容在历史记录中可查" in account.lines("zh")
    assert [c.after["name"] for c in desk.store.history(newest_first=True) if c.actor == "u" and c.after] == ["新画", "改过"]
