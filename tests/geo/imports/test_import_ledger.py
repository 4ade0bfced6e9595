"""An office's own files: a ledger workbook as people make it and outlines in a GBK shapefile without .prj, in both orders; templates filled in."""

from __future__ import annotations

import datetime
import io
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo.errors import CrsNotDeclared, OutsideArea
from geo.imports import ImportOptions, inspect_file, template_xlsx
from geo.imports.headings import match_columns
from geo.sandbox import WEB
from geo.schema import Layer
from tests.geo.imports.conftest import Desk

COMPOUNDS = [
    (1, "南苑小区", "建设路", "1994年", 120, 380, "120户", "已通"),
    (2, "园丁街一号楼院", "建设路", "80年代", "100余户", None, "无", "未通"),
    (3, "工商联家属院", "新华南路", 1988, "约60户", 150, 20, "部分"),
    (4, "龙泉花园", "人民路", 2003, "３００", 900, 300, "全通"),
    (5, "幸福小区", "人民路", 1999, 30, 90, 0, "否"),
    (6, "幸福小区", "陇海路", 1998, 40, 110, "—", "不详"),
]
HAZARDS = [
    (1, "南苑小区", "下水道堵塞", "2023/6/1", datetime.date(2023, 6, 15), "一般", "整改中"),
    (2, "园丁街一号楼院", "占用消防通道", "2023.6.2", "2023年6月20日", "较大", None),
    (3, "南苑", "其他", "2023/6/3", None, None, None),
    (4, "幸福小区", "线路老化", 45080, None, "一般", "已整改"),
    (5, "工商联家属院", "化粪池淤堵", "2023-6-3", "立即", "一般", None),
    (6, "没有这个院子", "井盖缺失", "20230604", None, "一般", None),
]

OUTLINES = """
import sys
import geopandas as gpd, pyproj, shapely
to = pyproj.Transformer.from_crs(4326, 4547, always_xy=True).transform
names = ["南苑小区", "园丁街一号楼院", "工商联家属院", "龙泉花园", "无名小院"]
boxes = [shapely.box(112.97 + i / 100, 34.75, 112.971 + i / 100, 34.751) for i in range(5)]
frame = gpd.GeoDataFrame({"小区名称": names, "OBJECTID": range(1, 6)}, geometry=[shapely.transform(b, to, interleaved=False) for b in boxes])
frame.to_file(sys.argv[1], encoding="GBK", engine="pyogrio")
"""


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Title row, a heading of two rows with merged cells, a row of totals; hazards on a second sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "小区"
    sheet["A1"] = "杜甫路街道老旧小区基本情况台账"
    sheet.append(["序号", "小区名称", "社区", "建成年份", "基本情况", None, "燃气", None])
    sheet.append([None, None, None, None, "户数", "人口", "通气户数", "通气情况"])
    for cells in ("A1:H1", "E2:F2", "G2:H2", "A2:A3", "B2:B3", "C2:C3", "D2:D3"):
        sheet.merge_cells(cells)
    for row in COMPOUNDS:
        sheet.append(list(row))
    sheet.append(["合计", None, None, None, 650, 1630, 440, None])
    hazards = book.create_sheet("隐患")
    hazards.append(["序号", "小区名称", "隐患类型", "发现日期", "整改期限", "隐患等级", "整改情况"])
    for row in HAZARDS:
        hazards.append(list(row))
    path = tmp_path_factory.mktemp("office") / "台账.xlsx"
    book.save(path)
    return path


@pytest.fixture(scope="module")
def outlines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written by GDAL in a process of its own: the service's process must never load it."""
    path = tmp_path_factory.mktemp("survey") / "outline.shp"
    subprocess.run([sys.executable, "-W", "ignore", "-c", OUTLINES, str(path)], check=True)
    for suffix in (".cpg", ".prj"):
        path.with_suffix(suffix).unlink(missing_ok=True)
    return path


def take_outlines(desk: Desk, path: Path) -> Any:
    """First refused, with a candidate that fits; then with that candidate."""
    revision = desk.store.info().revision
    with pytest.raises(CrsNotDeclared) as refusal:
        desk.file(path)
    assert desk.store.info().revision == revision
    assert "EPSG:4547" in [c["crs"] for c in refusal.value.members["candidates"] if c["fits"]]
    return desk.file(path, crs="EPSG:4547")


def test_the_ledger_is_read_as_it_stands(desk: Desk, ledger: Path) -> None:
    account = desk.file(ledger)
    json = account.to_json()
    assert json["layers"] == {
        "compounds": {"read": 6, "accepted": 4, "repaired": 2, "quarantined": 0},
        "hazards": {"read": 6, "accepted": 2, "repaired": 1, "quarantined": 3},
    }
    assert json["reasons"] == {
        "value-bound": 1,
        "none-as-unknown": 1,
        "approximate": 1,
        "value-unreadable": 1,
        "place-unknown": 2,
        "place-ambiguous": 1,
    }
    assert json["unplaced"] == {"compounds": 6, "hazards": 3}
    assert (json["crs"], json["datum"]) == (None, None)
    assert [(q.number, q.reason) for q in account.quarantined] == [(3, "place-unknown"), (4, "place-ambiguous"), (6, "place-unknown")]
    found = dict(
        zip(
            desk.column("compounds", "name", "community"),
            desk.column("compounds", "built_year", "households", "gas_households", "gas_status"),
            strict=True,
        )
    )
    assert found == {
        ("南苑小区", "建设路"): (1994, 120, 120, "full"),
        ("园丁街一号楼院", "建设路"): (1980, None, None, "none"),
        ("工商联家属院", "新华南路"): (1988, 60, 20, "partial"),
        ("龙泉花园", "人民路"): (2003, 300, 300, "full"),
        ("幸福小区", "人民路"): (1999, 30, 0, "none"),
        ("幸福小区", "陇海路"): (1998, 40, None, None),
    }
    assert desk.column("hazards", "hazard_type", "found_on", "due_date") == [
        ("sewer_blocked", "2023-06-01", "2023-06-15"), ("fire_lane_blocked", "2023-06-02", "2023-06-20"), ("septic_full", "2023-06-03", None),
    ]  # fmt: skip


def test_ledger_first_or_outlines_first_give_the_same_store(new_desk: Callable[[], Desk], ledger: Path, outlines: Path) -> None:
    """Every value and geometry; ids and stamps aside."""
    one, other = new_desk(), new_desk()
    one.file(ledger)
    second = take_outlines(one, outlines)
    take_outlines(other, outlines)
    other.file(ledger)
    for layer in one.layers:
        assert one.dump(layer) == other.dump(layer), layer
    assert (second.to_json()["inserted"], second.to_json()["updated"], second.to_json()["followed"]) == (
        {"compounds": 1},
        {"compounds": 4},
        {"hazards": 3},
    )
    assert one.store.info().counts["compounds"] == other.store.info().counts["compounds"] == (7, 2)
    assert one.store.info().counts["hazards"] == (3, 0)
    assert {row["quality"] for row in one.dump("hazards")} == {"inferred"}
    assert one.store.info().metric_crs == other.store.info().metric_crs == "EPSG:4547"
    assert one.store.check() == other.store.check() == []


def test_both_files_again_in_any_order_change_nothing(desk: Desk, ledger: Path, outlines: Path) -> None:
    desk.file(ledger)
    take_outlines(desk, outlines)
    before = {layer: desk.dump(layer) for layer in desk.layers}
    for account in (take_outlines(desk, outlines), desk.file(ledger)):
        assert not account.to_json()["inserted"] and not account.to_json()["updated"]
    assert {layer: desk.dump(layer) for layer in desk.layers} == before


def test_declared_data_far_from_what_is_there_are_refused_unless_confirmed(
    desk: Desk, ledger: Path, outlines: Path, tmp_path: Path
) -> None:
    """The extent of the real data is the service area: a file of another province is a mistake until said otherwise."""
    desk.file(ledger)
    take_outlines(desk, outlines)
    far = tmp_path / "far.geojson"
    far.write_text(
        '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4490"}},"features":[{"type":"Feature",'
        '"properties":{"小区名称":"远方"},"geometry":{"type":"Point","coordinates":[104.06,30.67]}}]}',
        encoding="utf-8",
    )
    with pytest.raises(OutsideArea) as caught:
        desk.file(far)
    first, *others = caught.value.members["candidates"]
    assert (first["crs"], first["label_zh"], first["fits"]) == (
        "EPSG:4490",
        "EPSG:4490（文件写明）",
        False,
    )  # to confirm it is a choice too
    assert [one["crs"] for one in others] == ["GCJ-02", "BD-09"]
    assert desk.file(far, crs="EPSG:4490").counts()["compounds"]["accepted"] == 1


def test_the_inspection_proposes_layers_and_fields(ledger: Path, layers_map: Mapping[str, Layer]) -> None:
    seen = inspect_file(ledger, ImportOptions(file_name=ledger.name), None, layers_map, limits=WEB)
    json = seen.to_json()
    assert [(d["name"], d["layer"], d["count"]) for d in json["datasets"]] == [("小区", "compounds", 6), ("隐患", "hazards", 6)]
    assert json["datasets"][0]["mapping"]["gas_households"] == "燃气 通气户数"
    assert (json["datasets"][0]["rest"], json["needs_crs"]) == (["序号"], False)


def test_a_list_of_compounds_with_codes_is_not_taken_for_buildings(tmp_path: Path, layers_map: Mapping[str, Layer]) -> None:
    """编号 names every layer; with 小区名称 beside it the sheet passed for buildings of compounds, and no layer was proposed."""
    path = tmp_path / "导出.csv"
    path.write_text("编号,小区名称,建成年份,户数,通气户数,地址\nC1,南苑小区,1994,120,30,建设路1号\n", encoding="utf-8")
    (dataset,) = inspect_file(path, ImportOptions(file_name=path.name), None, layers_map, limits=WEB).to_json()["datasets"]
    assert (dataset["layer"], sorted(dataset["mapping"])) == (
        "compounds", ["address", "built_year", "code", "gas_households", "households", "name"],
    )  # fmt: skip


def test_the_inspection_shows_where_outlines_without_a_crs_may_lie(outlines: Path, layers_map: Mapping[str, Layer]) -> None:
    json = inspect_file(outlines, ImportOptions(file_name=outlines.name), None, layers_map, limits=WEB).to_json()
    (dataset,) = json["datasets"]
    assert (json["needs_crs"], dataset["layer"], dataset["mapping"]) == (True, "compounds", {"name": "小区名称"})
    here = next(c for c in dataset["candidates"] if c["crs"] == "EPSG:4547")
    assert here["bounds"] == pytest.approx([112.97, 34.75, 113.011, 34.751], abs=1e-3)
    assert here["label"]["zh"] and here["sample"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_template_heading_is_read_as_its_field(layers_map: Mapping[str, Layer], lang: str) -> None:
    for layer in layers_map.values():
        sheet = openpyxl.load_workbook(io.BytesIO(template_xlsx(layer, lang))).worksheets[0]
        headings = [cell.value for cell in sheet[1]]
        matches, rivals = match_columns(layer, headings[:-2])
        assert [matches[f.name].column for f in layer.writable if f.type != "json"] == headings[:-2], layer.id
        assert rivals == [] and {m.factor for m in matches.values()} == {"1"}
        choices = [f for f in layer.writable if f.choices or f.type == "boolean"]
        assert sum(rule.type == "list" for rule in sheet.data_validations.dataValidation) == len(choices)


def test_a_filled_template_comes_back(desk: Desk, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_xlsx(desk.layers["compounds"], "zh")))
    sheet = book.worksheets[0]
    at = {cell.value: cell.column for cell in sheet[1]}
    filled = {
        "编号": "XQ-1",
        "小区名称": "=SUM(1)",
        "建成年份": "80年代",
        "户数(户)": 100,
        "通气状态": "部分通气",
        "业委会": "是",
        "占地面积(平方米)": 1200.5,
        "通气状态日期": "2023-06-01",
    }
    for heading, value in filled.items():
        sheet.cell(2, at[heading], value).data_type = "n" if isinstance(value, int | float) else "s"
    path = tmp_path / "填好的.xlsx"
    book.save(path)
    account = desk.file(path)
    assert (account.counts(), account.skipped) == ({"compounds": {"read": 1, "accepted": 1, "repaired": 0, "quarantined": 0}}, {})
    (row,) = desk.dump("compounds")
    assert {k: v for k, v in row.items() if v is not None} == {
        "code": "XQ-1", "name": "=SUM(1)", "built_year": 1980, "built_year_last": 1989, "built_year_basis": "estimate", "households": 100,
        "gas_status": "partial", "has_committee": True, "land_area_m2": 1200.5, "gas_status_on": "2023-06-01", "source": "填好的.xlsx", "quality": "declared",
    }  # fmt: skip
