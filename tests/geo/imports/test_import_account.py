"""The account adds up, its quarantine can be mended and imported again, and what a sequence on disk gives back is what went in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo.errors import StoreFull
from geo.imports import REASONS, quarantine_csv
from geo.imports.options import osm_request
from geo.imports.spool import Spool
from geo.store.contract import Quarantined
from geo.values import NOTES
from tests.geo.imports.conftest import Desk, point, square


def test_problems_and_repairs_of_the_reader_are_accounted_for(desk: Desk) -> None:
    account = desk.rows(
        [{"小区名称": f"院{n}"} for n in range(1, 6)],
        [square(112.97 + n / 100, 34.75) for n in range(5)],
        problems={2: ("not-finite", "坐标不是有限的数", "not finite"), 4: ("outside-clip", "范围外", "outside")},
        repairs={3: ("self-intersection",)},
        layer="compounds",
    )
    json = account.to_json()
    assert json["layers"] == {"compounds": {"read": 4, "accepted": 2, "repaired": 1, "quarantined": 1}}
    assert json["reasons"] == {"not-finite": 1, "self-intersection": 1}
    assert (json["quarantine_reasons"], json["clipped"], json["complete"]) == ({"not-finite": 1}, {"compounds": 1}, False)
    assert [(q.number, q.reason, q.sentence_zh, dict(q.raw)) for q in account.quarantined] == [
        (2, "not-finite", "坐标不是有限的数", {"小区名称": "院2"})
    ]


def test_the_stored_import_says_what_the_account_says(desk: Desk) -> None:
    account = desk.rows([{"小区名称": "甲", "户数": "3-4"}, {"备": "x"}], layer="compounds")
    (stored,) = desk.store.imports()
    assert stored.id == account.import_id
    assert stored.record.account == account.counts()
    assert stored.record.details["reasons"] == {"empty-record": 1, "value-range": 1}
    assert stored.record.details["mapping"] == {"表": {"layer": "compounds", "fields": {"name": "小区名称", "households": "户数"}}}
    assert [q.reason for q in desk.store.quarantine(stored.id)] == ["empty-record"]


def test_lines_for_the_terminal_in_both_languages(desk: Desk) -> None:
    account = desk.rows([{"小区名称": "甲", "户数": "约3"}], layer="compounds", dry_run=True)
    assert account.lines("zh", desk.layers)[:2] == ["试运行：没有写入", "院落：读 1，接收 0，修复 1，隔离 0；新增 1；1 未上图"]
    assert account.lines("en")[1] == "compounds: 1 read, 0 accepted, 1 repaired, 0 quarantined; 1 new; 1 unplaced"


def test_a_wrong_kind_of_geometry_is_refused_or_fitted(desk: Desk) -> None:
    """An area is no hydrant; one of one line is a line."""
    import shapely

    line = shapely.to_wkb(shapely.from_wkt("MULTILINESTRING((113 34, 113.1 34))"), byte_order=1)
    account = desk.rows([{"消火栓编号": "1"}, {"消火栓编号": "2"}], [square(113, 34), point(113, 34)], layer="hydrants")
    assert [(q.number, q.reason) for q in account.quarantined] == [(1, "geometry-type")]
    desk.rows([{"名称": "a"}], [line], layer="gas_mains")
    assert shapely.from_wkb(desk.dump("gas_mains")[0]["geometry"]).length == pytest.approx(0.1)


def test_a_sheet_that_fills_no_layer_is_named_with_its_count(desk: Desk) -> None:
    from geo.formats.contract import Chunk, DatasetHeader
    from geo.imports import ImportOptions
    from geo.imports.run import settle
    from geo.imports.staging import stage

    def sheet(name: str, column: str, count: int) -> list[Any]:
        rows = [{column: f"{n}"} for n in range(count)]
        return [
            DatasetHeader(name, "XLSX", [column], count, None, None, False),
            Chunk(range(1, count + 1), rows, [None] * count, [None] * count, [()] * count),
        ]  # type: ignore[arg-type]

    staged = list(stage([*sheet("小区", "小区名称", 2), *sheet("封面", "啊", 3)]))
    account = settle(
        staged, ImportOptions(file_name="x.xlsx"), store=desk.store, layers=desk.layers, actor="t", now="2026-11-22T08:00:00Z", sha256=""
    )
    assert (account.to_json()["skipped"], account.complete) == ({"封面": 3}, False)


def test_the_quarantine_is_mended_and_imported_again(desk: Desk, tmp_path: Path) -> None:
    """Bad rows come out as a table with their reasons, a planner mends the names, the table goes in again."""
    desk.rows([{"小区编号": "XQ-1", "小区名称": "南苑小区"}], layer="compounds")
    first = desk.rows([{"小区名称": "南苑", "隐患类型": "线路老化", "问题描述": "=HYPERLINK(1)", "发现日期": "2023/6/1"}], layer="hazards")
    table = quarantine_csv(first.quarantined, "zh")
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert rows[0] == ["隔离图层", "隔离序号", "隔离原因", "隔离说明", "小区名称", "隐患类型", "问题描述", "发现日期"]
    assert rows[1][:3] == ["hazards", "1", "place-unknown"]
    assert rows[1][6] == "'=HYPERLINK(1)"
    mended = tmp_path / "mended.csv"
    mended.write_bytes(table.replace("南苑,线路".encode(), "南苑小区,线路".encode()))
    account = desk.file(mended)
    assert account.counts() == {"hazards": {"read": 1, "accepted": 1, "repaired": 0, "quarantined": 0}}
    (row,) = desk.dump("hazards")
    assert (row["compound_code"], row["hazard_desc"], row.get("extra")) == ("XQ-1", "=HYPERLINK(1)", None)


def test_quarantined_shapes_come_back_in_their_place_without_asking(desk: Desk, tmp_path: Path) -> None:
    """Two outlines under one code in GeoJSON; the second gets a code of its own in the table, which says its CRS itself."""
    twice = [{"小区编号": "XQ-1", "小区名称": "甲"}, {"小区编号": "XQ-1", "小区名称": "乙"}]
    first = desk.rows(twice, [square(112.97, 34.75), square(112.98, 34.75)], driver="GeoJSON", layer="compounds")
    mended = tmp_path / "mended.csv"
    mended.write_bytes(quarantine_csv(first.quarantined, "zh").replace(b"XQ-1", b"XQ-2"))
    account = desk.file(mended)
    assert account.counts() == {"compounds": {"read": 1, "accepted": 1, "repaired": 0, "quarantined": 0}}
    assert [(r["code"], r["name"]) for r in desk.dump("compounds")] == [("XQ-1", "甲"), ("XQ-2", "乙")]
    import shapely

    assert shapely.from_wkb(desk.dump("compounds")[1]["geometry"]).equals(shapely.from_wkb(square(112.98, 34.75)))


def test_a_quarantine_of_two_layers_finds_both_again(desk: Desk, tmp_path: Path) -> None:
    kept = [
        Quarantined("compounds", "表", 1, "nameless", "", "", {"小区名称": "甲"}),
        Quarantined("shops", "表", 2, "nameless", "", "", {"店名": "面馆", "小区名称": "甲"}),
    ]
    path = tmp_path / "q.csv"
    path.write_bytes(quarantine_csv(kept, "en"))
    account = desk.file(path)
    assert {layer: c["accepted"] for layer, c in account.counts().items()} == {"compounds": 1, "shops": 1}


def test_every_reason_speaks_both_languages() -> None:
    assert NOTES.items() <= REASONS.items()
    assert all(text.zh and text.en for text in REASONS.values())


def test_the_osm_request_holds_plain_values_only(desk: Desk) -> None:
    import orjson

    request = osm_request(list(desk.layers.values()))
    assert orjson.loads(orjson.dumps(request)) == request
    assert request["layers"]["hydrants"]["rules"][0]["tags"] == [["emergency", ["fire_hydrant"]]]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.dictionaries(st.text(max_size=3), st.integers(-5, 5), max_size=2), st.none() | st.binary(max_size=9)), max_size=40
    ),
    st.integers(0, 60),
)
def test_a_spool_gives_back_what_went_in(items: list[Any], repeat: int) -> None:
    """Over several blocks, front to back and at random."""
    spool: Spool[Any] = Spool(lambda item: (item[0], item[1]), lambda value, blob: (value, blob))
    wanted = items * repeat
    for item in wanted:
        spool.append(item)
    assert len(spool) == len(wanted)
    assert list(spool) == wanted
    for at in range(0, len(wanted), 97):
        assert spool[at] == wanted[at]
    assert spool[-3:] == wanted[-3:]
    spool.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_folder_of_temporary_files_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.imports.spool.tempfile.TemporaryFile", lambda: open("/dev/full", "w+b"))
    spool: Spool[Any] = Spool(lambda item: (item, None), lambda value, blob: value)
    with pytest.raises(StoreFull, match="temporary files"):
        for item in range(2000):
            spool.append(item)
    spool.close()


names = st.sampled_from(["南苑小区", "龙泉花园", "幸福小区", "", "无", "幸 福小区", "{{7*7}}", "<b>x</b>"])
records = st.fixed_dictionaries(
    {
        "小区编号": st.sampled_from([None, "A", "B", "C", 1, 1.0]),
        "小区名称": st.none() | names,
        "社区": st.sampled_from([None, "人民路", "陇海路"]),
        "户数": st.sampled_from([None, 3, "约30户", "3-4", "无", "x"]),
        "建成年份": st.sampled_from([None, "80年代", 1994, "?"]),
    }
)
places = st.sampled_from([None, square(112.97, 34.75), square(112.98, 34.75), point(112.97, 34.75)])
problems = st.sampled_from([None, None, None, ("not-finite", "坏", "bad")])


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.lists(st.tuples(records, places, problems), min_size=1, max_size=30), mode=st.sampled_from(["append", "upsert", "replace"]))
def test_every_record_is_accounted_for_and_the_same_file_adds_nothing(new_desk: Callable[[], Desk], data: list[Any], mode: str) -> None:
    """Whatever the rows: the sums hold, features there = inserted, the store is sound, and the same file once more adds nothing."""
    desk = new_desk()
    rows, there, bad = [d[0] for d in data], [d[1] for d in data], {n: d[2] for n, d in enumerate(data, start=1) if d[2]}
    account = desk.rows(rows, there, problems=bad, mode=mode, layer="compounds")
    tally = account.layers["compounds"]
    assert tally.read == len(rows) == tally.accepted + tally.repaired + tally.quarantined
    assert tally.accepted + tally.repaired == tally.inserted + tally.updated + tally.unchanged
    assert len(account.quarantined) == tally.quarantined == sum(account.quarantine_reasons.values())
    assert len({q.number for q in account.quarantined}) == tally.quarantined
    assert desk.store.info().counts["compounds"] == (tally.inserted, tally.unplaced)
    assert desk.store.check() == []
    again = desk.rows(rows, there, problems=bad, mode="upsert", layer="compounds").layers["compounds"]
    assert (again.inserted, desk.store.info().counts["compounds"][0]) == (0, tally.inserted)


def test_a_layer_column_of_many_words_makes_no_dataset_each() -> None:
    """One temporary file a distinct cell exhausted the process's file descriptors."""
    from geo.formats.contract import Chunk, DatasetHeader
    from geo.imports.staging import stage

    rows = [{"隔离图层": name, "小区名称": "甲"} for name in ("compounds", *(f"l{n}" for n in range(400)), "shops", "compounds")]
    header = DatasetHeader("表", "CSV", list(rows[0]), len(rows), None, None, False)
    chunk = Chunk(range(1, len(rows) + 1), rows, [None] * len(rows), [None] * len(rows), [()] * len(rows))
    staged = list(stage([header, chunk], layers=("compounds", "shops")))
    assert [(part.layer, len(part.records)) for part in staged] == [("compounds", 2), (None, 400), ("shops", 1)]


@pytest.mark.parametrize(("cell", "accepted"), [("", 0), ('"LINESTRING (113 34, 113.1 34)"', 1)])
def test_a_bad_shape_is_mended_in_the_table_or_stays_out(desk: Desk, tmp_path: Path, cell: str, accepted: int) -> None:
    """Its WKT as the file has it stands in the table; emptied, the lane does not slip in without its place."""
    bad = {"通道名称": "甲", "净宽": 3.5, "geometry_wkt": "LINESTRING (113 34, 113 34)"}
    problems = {1: ("invalid-geometry", "坏", "bad")}
    first = desk.rows([bad], columns=["通道名称", "净宽"], driver="GeoJSON", problems=problems, layer="fire_lanes")
    (left,) = first.quarantined
    assert (left.geometry_wkt, left.raw) == ("LINESTRING (113 34, 113 34)", {"通道名称": "甲", "净宽": 3.5})
    table = quarantine_csv(first.quarantined, "zh").decode("utf-8-sig")
    path = tmp_path / "q.csv"
    path.write_text(table.replace('"LINESTRING (113 34, 113 34)"', cell), encoding="utf-8")
    again = desk.file(path)
    assert [(c["accepted"], c["quarantined"]) for c in again.counts().values()] == [(accepted, 1 - accepted)]
    assert [q.reason for q in again.quarantined] == ["invalid-geometry"] * (1 - accepted)
