"""Headings → fields, and which layer a dataset fills: tables of what offices write."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from geo.imports.guess import guess_layer
from geo.imports.headings import match_columns
from geo.schema import Layer


@pytest.mark.parametrize(
    ("layer", "heading", "field", "factor"),
    [
        ("compounds", "小区名称", "name", "1"),
        ("compounds", " 小 区\n名 称* ", "name", "1"),
        ("compounds", "户数（户）", "households", "1"),
        ("compounds", "基本情况 户数", "households", "1"),
        ("compounds", "燃气 通气户数", "gas_households", "1"),
        ("compounds", "建成年份（年）", "built_year", "1"),
        ("compounds", "人口(万人)", "population", "10000"),
        ("compounds", "占地面积(公顷)", "land_area_m2", "1E+4"),
        ("compounds", "建筑面积 ㎡", "floor_area_m2", "1"),
        ("compounds", "BUILT_YEAR", "built_year", "1"),
        ("compounds", "小区编号", "code", "1"),
        ("fire_lanes", "净宽(cm)", "clear_width_m", "0.01"),
        ("fire_lanes", "净宽/mm", "clear_width_m", "0.001"),
        ("fire_lanes", "净高", "clear_height_m", "1"),
        ("hazards", "整改期限", "due_date", "1"),
        ("hazards", "所属小区", "compound_code", "1"),
    ],
)
def test_a_heading_fills_a_field(layers_map: Mapping[str, Layer], layer: str, heading: str, field: str, factor: str) -> None:
    matches, _ = match_columns(layers_map[layer], [heading])
    assert {m.field: m.factor for m in matches.values()} == {field: factor}


@pytest.mark.parametrize(
    ("layer", "heading"), [("compounds", "typecode"), ("fire_lanes", "净宽(kg)"), ("compounds", "序号"), ("compounds", "")]
)
def test_other_headings_fill_nothing(layers_map: Mapping[str, Layer], layer: str, heading: str) -> None:
    assert match_columns(layers_map[layer], [heading])[0] == {}


def test_the_better_heading_wins_and_the_rival_is_told(layers_map: Mapping[str, Layer]) -> None:
    matches, rivals = match_columns(layers_map["compounds"], ["建设年代", "建成年份"])
    assert matches["built_year"].column == "建成年份"
    assert rivals == [("built_year", "建成年份", "建设年代")]


def test_an_id_column_yields_to_an_office_code(layers_map: Mapping[str, Layer]) -> None:
    assert match_columns(layers_map["compounds"], ["OBJECTID", "小区编号"])[0]["code"].column == "小区编号"


def test_what_the_user_says_is_not_questioned(layers_map: Mapping[str, Layer]) -> None:
    matches, _ = match_columns(layers_map["fire_lanes"], ["净宽", "实测(cm)"], sets={"clear_width_m": "实测(cm)"})
    assert (matches["clear_width_m"].column, matches["clear_width_m"].factor) == ("实测(cm)", "0.01")


def test_a_name_cut_to_ten_bytes_is_completed_in_shapefiles_only(layers_map: Mapping[str, Layer]) -> None:
    """DBF names hold ten bytes: clear_height_m arrives as clear_heig."""
    assert match_columns(layers_map["fire_lanes"], ["clear_heig"], cut=True)[0].keys() == {"clear_height_m"}
    assert match_columns(layers_map["fire_lanes"], ["clear_heig"])[0] == {}


@pytest.mark.parametrize(
    ("dataset", "file_name", "columns", "kinds", "layer"),
    [
        ("Sheet1", "老旧小区台账.xls", ["序号", "小区名称", "社区", "建成年份", "基本情况 户数"], {}, "compounds"),
        ("隐患", "台账.xlsx", ["序号", "小区名称", "隐患类型", "整改期限"], {}, "hazards"),
        ("Sheet1", "导出.xlsx", ["小区名称", "隐患类型", "整改期限"], {}, "hazards"),
        ("Sheet1", "导出.xlsx", ["小区名称", "楼号", "层数", "户数", "建成年份"], {}, "buildings"),
        ("xq", "xq.shp", ["小区名称"], {"Polygon": 214}, "compounds"),
        ("小区隐患台账", "a.xlsx", ["名称"], {}, "hazards"),
        ("通道", "消防通道.shp", ["名称", "净宽"], {"LineString": 9}, "fire_lanes"),
        ("Sheet1", "台账.csv", "编号 小区名称 建成年份 户数 通气户数 地址".split(), {}, "compounds"),
        ("Sheet1", "台账.csv", "序号 小区名称 地址 建成年代 栋数 户数 通气情况 备注".split(), {}, "compounds"),
        ("Sheet1", "台账.csv", "序号 社区 小区名称 建成年份 楼栋数 户数 人口 物业管理".split(), {}, "compounds"),
        ("Sheet1", "台账.csv", "编号 小区名称 隐患类型 整改期限 状态".split(), {}, "hazards"),
        ("Sheet1", "台账.csv", "序号 检查时间 检查人 小区名称 隐患问题描述 隐患等级 整改期限 销号情况".split(), {}, "hazards"),
        ("Sheet1", "台账.csv", "序号 小区名称 存在问题 整改措施 责任人 整改情况".split(), {}, "hazards"),
        ("Sheet1", "台账.csv", "编号 小区名称 楼号 层数 单元数 户数 建成年份 结构".split(), {}, "buildings"),
        ("Sheet1", "台账.csv", "序号 所属小区 楼栋号 楼层数 建筑高度 通气状态".split(), {}, "buildings"),
        ("Sheet1", "台账.csv", "编号 小区名称 通道宽度 是否占用".split(), {}, "fire_lanes"),
        ("Sheet1", "台账.csv", "编号 消火栓类型 位置 压力 是否有水".split(), {}, "hydrants"),
        ("Sheet1", "台账.csv", "商户名称 业态 地址 液化气存量 灭火器数".split(), {}, "shops"),
        ("Sheet1", "台账.csv", "社区名称 小区数 总户数 总人口".split(), {}, "communities"),
        ("Sheet1", "台账.csv", "编号 名称 地址".split(), {}, None),
        ("x", "x.csv", ["名称", "净宽", "净高"], {"LineString": 9}, None),
        ("x", "x.geojson", ["name", "id"], {"Polygon": 3}, None),
        ("x", "x.geojson", [], {"Point": 3}, None),
    ],
)
def test_the_layer_is_found_or_asked_for(
    layers_map: Mapping[str, Layer], dataset: str, file_name: str, columns: list[str], kinds: dict[str, int], layer: str | None
) -> None:
    """A close call is no answer: the width of a lane or of a gate?"""
    assert guess_layer(layers_map, dataset=dataset, file_name=file_name, columns=columns, geometry_types=kinds).layer == layer


def test_a_layer_of_points_is_not_guessed_for_areas(layers_map: Mapping[str, Layer]) -> None:
    guess = guess_layer(layers_map, dataset="消火栓", file_name="消火栓.shp", columns=["消火栓编号"], geometry_types={"Polygon": 5})
    assert "hydrants" not in guess.scores
