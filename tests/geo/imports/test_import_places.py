"""Records without coordinates lie where the compound or building lies that they name; a name that fits two or none is no place."""

from __future__ import annotations

import pytest
import shapely

from tests.geo.imports.conftest import Desk, point, square

BOX = square(112.97, 34.75)


@pytest.fixture
def placed(desk: Desk) -> Desk:
    """Compounds: 南苑小区 (also 南苑院), two 幸福小区, 无图院 without a place; buildings 3号楼 of two compounds."""
    compounds = [
        {"小区编号": "XQ-1", "小区名称": "南苑小区", "别名": "南苑院、里沟商品房"},
        {"小区编号": "XQ-2", "小区名称": "幸福小区", "社区": "人民路"},
        {"小区编号": "XQ-3", "小区名称": "幸福小区", "社区": "陇海路"},
        {"小区编号": "XQ-4", "小区名称": "吉祥家园（建业路）"},
        {"小区编号": "XQ-5", "小区名称": "无图院"},
    ]
    desk.rows(compounds, [BOX, square(112.98, 34.75), square(112.99, 34.75), square(113.0, 34.75), None], layer="compounds")
    buildings = [{"楼栋编号": f"B-{n}", "楼号": "3", "小区名称": c} for n, c in enumerate(("南苑小区", "XQ-2"), start=1)]
    desk.rows(buildings, [square(112.9701, 34.7501, 0.0002), square(112.9801, 34.7501, 0.0002)], layer="buildings")
    return desk


def inside(wkb: bytes | None, area: bytes) -> bool:
    return wkb is not None and bool(shapely.from_wkb(area).contains(shapely.from_wkb(wkb)))


@pytest.mark.parametrize("said", ["XQ-1", "南苑小区", "南 苑小区", "南苑院", "里沟商品房"])
def test_a_hazard_lies_at_the_compound_it_names(placed: Desk, said: str) -> None:
    account = placed.rows([{"小区名称": said, "隐患类型": "线路老化"}], layer="hazards")
    (row,) = placed.dump("hazards")
    assert (row["compound_code"], row["quality"], account.to_json()["placed_by_name"]) == ("XQ-1", "inferred", {"hazards": 1})
    assert inside(row["geometry"], BOX)


def test_kinds_of_brackets_do_not_matter(placed: Desk) -> None:
    placed.rows([{"小区名称": "吉祥家园(建业路)", "隐患类型": "线路老化"}], layer="hazards")
    assert placed.column("hazards", "compound_code") == ["XQ-4"]


@pytest.mark.parametrize(
    ("said", "reason", "near"),
    [("南苑", "place-unknown", "南苑小区"), ("幸福小区", "place-ambiguous", "人民路"), ("南苑小区二期", "place-unknown", "南苑小区")],
)
def test_a_name_that_fits_none_or_two_goes_to_quarantine(placed: Desk, said: str, reason: str, near: str) -> None:
    """小区 left out or added is another name: offered, never taken in silence."""
    account = placed.rows([{"小区名称": said, "隐患类型": "线路老化"}], layer="hazards")
    (left,) = account.quarantined
    assert left.reason == reason
    assert near in left.sentence_zh and near in left.sentence_en
    assert placed.dump("hazards") == []


def test_the_community_beside_it_settles_a_name_of_two(placed: Desk) -> None:
    placed.rows([{"小区名称": "幸福小区", "社区": "陇海路", "隐患类型": "线路老化"}], layer="hazards")
    assert placed.column("hazards", "compound_code") == ["XQ-3"]


@pytest.mark.parametrize("said", ["3号楼", "3", "3栋", "B-1"])
def test_a_hazard_lies_at_the_building_of_its_compound(placed: Desk, said: str) -> None:
    placed.rows([{"小区名称": "南苑小区", "楼号": said, "隐患类型": "线路老化"}], layer="hazards")
    (row,) = placed.dump("hazards")
    assert (row["compound_code"], row["building_code"]) == ("XQ-1", "B-1")
    assert inside(row["geometry"], square(112.9701, 34.7501, 0.0002))


def test_an_unknown_building_of_a_known_compound_is_kept_in_words(placed: Desk) -> None:
    account = placed.rows([{"小区名称": "南苑小区", "楼号": "9号楼", "隐患类型": "线路老化"}], layer="hazards")
    (row,) = placed.dump("hazards")
    assert (row["compound_code"], row.get("building_code"), row["extra"]) == ("XQ-1", None, {"楼号": "9号楼"})
    assert account.counts()["hazards"]["repaired"] == 1
    assert inside(row["geometry"], BOX)


def test_a_building_number_without_a_compound_is_no_place(placed: Desk) -> None:
    account = placed.rows([{"楼号": "3号楼", "隐患类型": "线路老化"}], layer="hazards")
    assert [q.reason for q in account.quarantined] == ["place-ambiguous"]


def test_a_hazard_of_no_compound_and_no_place_is_unplaced(placed: Desk) -> None:
    account = placed.rows([{"隐患类型": "线路老化", "问题描述": "街面"}], layer="hazards")
    assert account.to_json()["unplaced"] == {"hazards": 1}


def test_own_coordinates_beat_the_name_and_an_unknown_name_is_kept_in_words(placed: Desk) -> None:
    rows = [{"小区名称": "南苑小区", "隐患类型": "线路老化"}, {"小区名称": "没有的院", "隐患类型": "线路老化"}]
    account = placed.rows(rows, [point(112.5, 34.5), point(112.6, 34.6)], layer="hazards")
    first, second = sorted(placed.dump("hazards"), key=lambda r: r.get("compound_code", "~"))
    assert (first["geometry"], first["quality"], first["compound_code"]) == (point(112.5, 34.5), "declared", "XQ-1")
    assert (second.get("compound_code"), second["extra"]) == (None, {"小区名称": "没有的院"})
    assert account.to_json()["reasons"] == {"reference-unknown": 1}


def test_a_code_whose_feature_comes_later_is_kept(placed: Desk) -> None:
    """Buildings with compound codes before the compounds themselves: the code is right, only early."""
    account = placed.rows([{"楼栋编号": "B-9", "小区编号": "XQ-77"}], [square(113.1, 34.7)], layer="buildings")
    assert placed.column("buildings", "compound_code")[-1] == "XQ-77"
    assert (account.counts()["buildings"]["accepted"], account.to_json()["reasons"]) == (1, {"reference-dangling": 1})


def test_hazards_follow_their_compound_when_it_is_placed_and_moved(placed: Desk) -> None:
    placed.rows([{"小区名称": "无图院", "隐患类型": "线路老化"}], layer="hazards")
    (row,) = placed.dump("hazards")
    assert (row["geometry"], row["quality"]) == (None, "declared")
    for there in (square(113.2, 34.7), square(113.3, 34.7)):
        account = placed.rows([{"小区名称": "无图院"}], [there], layer="compounds")
        (row,) = placed.dump("hazards")
        assert inside(row["geometry"], there)
        assert (row["quality"], account.to_json()["followed"], list(account.counts())) == ("inferred", {"hazards": 1}, ["compounds"])


def test_hazards_follow_a_compound_that_is_placed_by_hand(placed: Desk) -> None:
    """A click on the map does what an imported outline does."""
    from geo.imports import cascade
    from geo.store.contract import Update, Write

    placed.rows([{"小区名称": "无图院", "隐患类型": "线路老化"}, {"小区名称": "南苑小区", "隐患类型": "线路老化"}], layer="hazards")
    there = square(113.2, 34.7)
    along = cascade(placed.frames, placed.layers, "compounds", placed.store.feature("compounds", 5), {}, (None, there))
    place = Write("compounds", updates=[Update(5, 1, {}, there, True)])
    placed.store.edit([place, *along], actor="tester", now="2026-11-22T08:00:01Z")
    found = {r["compound_code"]: r for r in placed.dump("hazards")}
    assert inside(found["XQ-5"]["geometry"], there) and found["XQ-5"]["quality"] == "inferred"
    assert inside(found["XQ-1"]["geometry"], BOX)


def test_a_place_of_its_own_ends_following(placed: Desk) -> None:
    placed.rows([{"隐患编号": "YH-1", "小区名称": "南苑小区", "隐患类型": "线路老化"}], layer="hazards")
    placed.rows([{"隐患编号": "YH-1"}], [point(112.9703, 34.7503)], layer="hazards")
    placed.rows([{"小区名称": "南苑小区"}], [square(113.3, 34.7)], layer="compounds")
    (row,) = placed.dump("hazards")
    assert (row["geometry"], row["quality"]) == (point(112.9703, 34.7503), "declared")


def test_buildings_without_outlines_lie_at_their_compound_as_points(placed: Desk) -> None:
    placed.rows([{"楼栋编号": "B-5", "楼号": "5", "小区名称": "南苑小区"}], layer="buildings")
    row = next(r for r in placed.dump("buildings") if r["code"] == "B-5")
    assert inside(row["geometry"], BOX) and row["quality"] == "inferred"


def test_compounds_and_hazards_of_one_workbook_find_each_other(desk: Desk) -> None:
    """The sheet of hazards may stand first."""
    from geo.formats.contract import Chunk, DatasetHeader
    from geo.imports import ImportOptions
    from geo.imports.run import settle
    from geo.imports.staging import stage

    def sheet(name: str, rows: list[dict[str, object]]) -> list[DatasetHeader | Chunk]:
        columns = list(rows[0])
        header = DatasetHeader(name, "XLSX", columns, len(rows), None, None, False)
        return [header, Chunk(range(1, len(rows) + 1), rows, [None] * len(rows), [None] * len(rows), [()] * len(rows))]  # type: ignore[arg-type]

    book = [*sheet("隐患", [{"小区名称": "南苑小区", "隐患类型": "线路老化"}]), *sheet("小区", [{"小区名称": "南苑小区", "户数": 120}])]
    account = settle(
        list(stage(book)),
        ImportOptions(file_name="台账.xlsx"),
        store=desk.store,
        layers=desk.layers,
        actor="t",
        now="2026-11-22T08:00:00Z",
        sha256="",
    )
    assert [t["accepted"] for t in account.counts().values()] == [1, 1]
    assert desk.column("hazards", "compound_code") == desk.column("compounds", "code")


def test_a_misspelt_name_is_compared_closely_with_a_few_hundred_only(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    """Comparing all of 20 000 names takes a third of a second each, for every record that names one that is not there."""
    from geo.errors import NEAR_MOST
    from geo.imports import places
    from geo.imports.places import Names

    rows = [({"code": f"C{n}", "name": f"{chr(0x4E00 + n % 3000)}苑{n}号小区"}, None) for n in range(5000)]
    rows.append(({"code": "X", "name": "南苑里小区"}, None))
    names, compared = Names(desk.layers["compounds"], rows), []
    monkeypatch.setattr(places, "nearest", lambda name, others: compared.append(len(others)) or others[:1])
    assert names.resolve("南苑里小区二期", {}).near == ("南苑里小区",)
    assert compared == [NEAR_MOST]


def test_nearest_looks_closely_at_few_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    import difflib

    from geo import errors

    real, compared = difflib.get_close_matches, []
    monkeypatch.setattr(
        errors.difflib, "get_close_matches", lambda name, names, **how: compared.append(len(names)) or real(name, names, **how)
    )
    codes = [f"GY-{n:06d}" for n in range(50_000)]
    assert errors.nearest("GY-049x99", codes, count=1)[0].startswith("GY-049")
    assert errors.nearest("x" * 60_000, codes) == []
    assert compared == [errors.NEAR_MOST, errors.NEAR_MOST]
