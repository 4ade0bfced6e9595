"""What a person chooses for each dataset: its layer, its columns, or that it stays out; drawings through their CAD layer names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
import shapely

from geo.crs import transform_xy
from geo.errors import BadValue, CrsNotDeclared, LayerNotFound, Text, UnknownField
from geo.formats.contract import DatasetInfo
from geo.formats.limits import WEB
from geo.imports import Choice, ImportOptions, Join, inspect_file
from geo.imports.guess import guess_layer
from geo.imports.inspection import _label
from geo.placing import Wanted, fit
from geo.schema import Layer
from geo.values import parse
from tests.geo import plans

GONGYI = (408_433.0, 3_847_313.0)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Two sheets that name nothing, and notes."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in {
        "甲": [("编号", "名字", "别的名字", "户数"), ("A1", "南苑", "南苑小区", 30), ("A2", "北苑", None, 40)],
        "乙": [("编号", "位置说明"), ("H1", "东门")],
        "说明": [("填表说明",), ("请如实填写",)],
    }.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "表.xlsx"
    made.save(path)
    return path


def test_each_sheet_goes_where_it_is_said(book: Path, new_desk: Any, read_here: None) -> None:
    desk = new_desk()
    choices = {
        "甲": Choice("compounds", sets={"name": "名字", "alias": "别的名字", "households": ""}),
        "乙": Choice("hydrants", sets={"name": "位置说明"}),
        "说明": Choice(skip=True),
    }
    account = desk.file(book, choices=choices)
    assert desk.column("compounds", "code", "name", "alias", "households") == [("A1", "南苑", "南苑小区", None), ("A2", "北苑", None, None)]
    assert desk.column("hydrants", "code", "name") == [("H1", "东门")]
    assert account.to_json()["left_out"] == ["说明"] and "“说明”按要求没有导入" in account.lines("zh")
    assert desk.dump("compounds")[0]["extra"] == {"户数": 30}, "a column that was not wanted in a field stays beside it"


def test_what_was_said_of_the_whole_file_yields_to_a_choice(book: Path, new_desk: Any, read_here: None) -> None:
    desk = new_desk()
    desk.file(book, layer="compounds", sets={"name": "名字"}, choices={"乙": Choice("hydrants"), "说明": Choice(skip=True)})
    assert len(desk.column("compounds", "code")) == 2 and desk.column("hydrants", "code") == ["H1"]


@pytest.mark.parametrize(
    ("choices", "error"),
    [
        ({"丙": Choice("compounds")}, BadValue),
        ({"丙": Choice(skip=True)}, BadValue),
        ({"甲": Choice("compound")}, LayerNotFound),
        ({"甲": Choice("compounds", sets={"nam": "名字"})}, UnknownField),
        ({"甲": Choice("compounds", sets={"name": "名"})}, UnknownField),
        ({"甲": Choice("compounds", skip=True)}, BadValue),
        ({"甲": Choice("compounds", join=Join("乙", "name"))}, BadValue),
    ],
)
def test_a_choice_that_fits_nothing_is_refused(
    choices: Mapping[str, Choice], error: type[Exception], book: Path, new_desk: Any, read_here: None
) -> None:
    desk = new_desk()
    with pytest.raises(error):
        desk.file(book, layer="compounds", choices=choices)
    assert desk.store.info().kind == "empty"


def test_a_width_in_a_ledger_of_compounds_is_told(new_desk: Any) -> None:
    """It is kept, and the account says whose field it would be; columns that no layer has are nobody's business."""
    desk = new_desk()
    account = desk.rows([{"编号": "A1", "小区名称": "南苑", "消防通道净宽(米)": 3.5, "随手记": "x"}], layer="compounds")
    assert [n.zh for n in account.notes] == [
        "院落没有这些列的字段，已存入“其他列”：“消防通道净宽(米)”（消防通道的净宽）；要参加判断，请作为那些图层导入"
    ]
    assert desk.dump("compounds")[0]["extra"] == {"消防通道净宽(米)": 3.5, "随手记": "x"}


@pytest.mark.parametrize(
    ("layer", "column", "said", "value"),
    [("compounds", "management", "物业", "professional"), ("hazards", "hazard_type", "燃气管道锈蚀", "gas_old_pipe"),
     ("hazards", "hazard_type", "违章搭建", "illegal_build")],
)  # fmt: skip
def test_words_that_offices_use_are_understood(layer: str, column: str, said: str, value: str, layers_map: Mapping[str, Layer]) -> None:
    field = layers_map[layer].field(column)
    assert field is not None and parse(field, said).value == value


def test_datasets_of_osm_are_called_like_their_layer(layers_map: Mapping[str, Layer]) -> None:
    info = DatasetInfo("fire_lanes", "OSM", (), 1, {}, "EPSG:4326", (), (), (), layer_hint="fire_lanes")
    assert _label(info, layers_map) == Text("消防通道", "Fire lanes")


# --- drawings

NAMES = {
    ("JMD", "areas"): "buildings", ("A-建筑轮廓-01", "areas"): "buildings", ("A-BLDG", "areas"): "buildings", ("底图$0$消防车道", "lines"): "fire_lanes",
    ("总图|XFCD", "lines"): "fire_lanes", ("XFCD_01", "areas"): "fire_lanes", ("C-ROAD-CNTR", "lines"): "roads", ("DLSS", "lines"): "roads",
    ("小区红线", "areas"): "compounds", ("室外消火栓", "blocks"): "hydrants", ("消防车道回车场", "areas"): "turnarounds", ("RQ", "lines"): "gas_mains",
    ("围墙", "lines"): "obstacles", ("JMD", "lines"): None, ("楼号", "texts"): None, ("消火栓", "texts"): None, ("0", "lines"): None,
    ("RQX", "lines"): None, ("ABROADS", "lines"): None, ("DEFPOINTS", "points"): None, ("图框", "lines"): None, ("建筑", "blocks"): None,
}  # fmt: skip
_KINDS = {"areas": "Polygon", "lines": "LineString", "points": "Point", "texts": "Point", "blocks": "Point"}


@pytest.mark.parametrize(("name", "layer"), NAMES.items(), ids=lambda v: str(v))
def test_cad_layers_find_their_layer(name: tuple[str, str], layer: str | None, layers_map: Mapping[str, Layer]) -> None:
    """By the names that offices and CASS use, never by a piece of a word; the file's own name says nothing of its layers."""
    guess = guess_layer(
        layers_map, dataset="/".join(name), file_name="南苑小区消防总图.dxf", columns=["cad_layer", "cad_entity", "cad_handle"],
        geometry_types={_KINDS[name[1]]: 3}, driver="DXF",
    )  # fmt: skip
    assert guess.layer == layer


def two_points(unit_m: float, origin: tuple[float, float], turn_deg: float) -> Wanted:
    """The ends of the long lane, as drawn and as they lie on the map (the lane runs due east from GONGYI)."""
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    (x, y), length = origin, plans.ANCHORS[1][0] / unit_m
    there = transform_xy(np.array([GONGYI, (GONGYI[0] + 120, GONGYI[1])]), "EPSG:4547", "EPSG:4326")
    placed = ((float(there[0, 0]), float(there[0, 1])), (float(there[1, 0]), float(there[1, 1])))
    return Wanted(drawn=((x, y), (x + length * cos, y + length * sin)), placed=placed)


def test_a_local_drawing_comes_whole_onto_the_map(tmp_path: Path, new_desk: Any, read_here: None, layers_map: Mapping[str, Layer]) -> None:
    """Millimetres, GBK, turned by 25 degrees: placed by two points, texts joined; areas, widths, numbers and places are those of the plan."""
    path = plans.yard(tmp_path / "总图.dxf", version="R2000", gbk=True, unit_m=0.001, insunits=4, origin=(9e5, -4e4), turn_deg=25.0)
    desk = new_desk()
    with pytest.raises(CrsNotDeclared):
        desk.file(path)
    choices = {
        "楼号/texts": Choice(join=Join("建筑轮廓/areas", "no")), "消防车道/texts": Choice(join=Join("消防车道/lines", "clear_width_m")),
        "绿化/areas": Choice(skip=True),
    }  # fmt: skip
    placed = fit(two_points(0.001, (9e5, -4e4), 25.0), unit_m=0.001, metric_crs=None)
    account = desk.file(path, choices=choices, placed=placed)
    assert desk.store.info().counts["buildings"] == (6, 0)
    assert sorted(desk.column("buildings", "no")) == list(plans.NUMBERS)
    assert sorted(desk.column("hydrants", "code")) == list(plans.HYDRANTS)
    columns = desk.store.read(["fire_lanes", "buildings"]).whole
    lengths = [round(metric(g).length, 3) for g in columns["fire_lanes"].geometry]
    lanes = sorted(zip(lengths, desk.column("fire_lanes", "clear_width_m"), desk.column("fire_lanes", "width_source"), strict=True))
    assert [row[1:] for row in lanes] == [(3.5, "cad"), (4.0, "cad"), (None, None)]
    assert [row[0] for row in lanes][:2] == [60.0, 120.0]
    areas = {n: metric(g) for n, g in zip(columns["buildings"].values["no"], columns["buildings"].geometry, strict=True)}
    assert [round(a.area, 2) for a in areas.values()] == [plans.BUILDING_M2] * 6
    assert areas["1#"].distance(shapely.box(5, 10, 45, 22)) == 0 and areas["1#"].symmetric_difference(shapely.box(5, 10, 45, 22)).area < 0.1
    told = account.to_json()
    assert told["layers"]["buildings"] == {"read": 6, "accepted": 6, "repaired": 0, "quarantined": 0}
    assert told["skipped"] == {"消火栓/areas": 3, "消火栓/lines": 3} and told["left_out"] == ["绿化/areas"]
    assert any("逆时针旋转 -25.0000°，每单位 0.001 米" in n["zh"] and "残差 0.00 米" in n["zh"] for n in told["notes"])


def metric(geometry: bytes | None) -> Any:
    """Metres from GONGYI."""
    return shapely.transform(shapely.from_wkb(geometry), lambda xy: transform_xy(xy, "EPSG:4326", "EPSG:4547") - GONGYI)


def test_the_same_drawing_again_changes_nothing(tmp_path: Path, new_desk: Any, read_here: None) -> None:
    desk, path = new_desk(), plans.yard(tmp_path / "总图.dxf", origin=GONGYI)
    desk.file(path, crs="EPSG:4547")
    again = desk.file(path, crs="EPSG:4547").to_json()
    assert again["inserted"] == {} and again["updated"] == {} and sum(again["unchanged"].values()) == 12


def test_an_outline_and_its_hatch_are_one_building(tmp_path: Path, new_desk: Any, read_here: None) -> None:
    def hatched(drawn: plans.Yard) -> None:
        hatch = drawn.space.add_hatch(dxfattribs={"layer": "建筑轮廓"})
        hatch.paths.add_polyline_path([drawn.at(*p) for p in ((45, 10), (45, 22), (5, 22), (5, 10))], is_closed=True)

    desk = new_desk()
    account = desk.file(plans.yard(tmp_path / "总图.dxf", origin=GONGYI, more=hatched), crs="EPSG:4547").to_json()
    assert desk.store.info().counts["buildings"] == (6, 0)
    assert account["layers"]["buildings"]["read"] == 7 and account["layers"]["buildings"]["quarantined"] == 1


def test_the_inspection_tells_how_a_drawing_may_be_placed(tmp_path: Path, layers_map: Mapping[str, Layer]) -> None:
    """Through the real child: units, bounds, texts with their places, labels and suggestions for the texts."""
    path = plans.yard(tmp_path / "总图.dxf", version="R2000", gbk=True, unit_m=0.001, insunits=4)
    said = inspect_file(path, ImportOptions(file_name="总图.dxf"), None, layers_map, limits=WEB).to_json()
    found = {d["name"]: d for d in said["datasets"]}
    assert (said["needs_placing"], said["needs_crs"], said["unit_m"]) == (True, False, 0.001)
    lanes = found["消防车道/lines"]
    assert (lanes["label"], lanes["cad"], lanes["layer"]) == (
        {"zh": "消防车道 · 线", "en": "消防车道 · lines"}, {"layer": "消防车道", "kind": "lines"}, "fire_lanes",
    )  # fmt: skip
    assert lanes["local"]["bounds"] == (0.0, 0.0, 150_000.0, 90_000.0)
    assert found["楼号/texts"]["local"]["sample"][0]["text"] == "1#"
    assert found["楼号/texts"]["join"] == {"to": "建筑轮廓/areas", "field": "no", "within_m": 5.0}
    assert found["消防车道/texts"]["join"] == {"to": "消防车道/lines", "field": "clear_width_m", "within_m": 5.0}
    assert found["消火栓/blocks"]["mapping"] == {"code": "编号"} and found["消火栓/areas"]["layer"] is None


def test_a_placement_and_a_system_exclude_each_other(tmp_path: Path, new_desk: Any) -> None:
    with pytest.raises(BadValue, match="either a placement or a CRS"):
        new_desk().file(tmp_path / "x.dxf", crs="EPSG:4547", placed=fit(Wanted(crs="EPSG:4547", shift=(1, 1)), unit_m=1, metric_crs=None))
