"""Profiles: the default one holds what the codes say, and a bad one is refused with its line and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import BadProfile
from geo.profile import NEEDED, NOT_ABOVE, SURE, Profile
from web.profiles import shipped

PROFILES = Path(__file__).parents[2] / "data" / "profiles"
TEXT = (PROFILES / "cn_gb.toml").read_text("utf-8")
CN_GB = Profile.parse(TEXT, name="cn_gb.toml")

FIGURES = {
    "lane_width_m": 4.0,  # GB 50016 7.1.8(1)
    "lane_height_m": 4.0,
    "lane_slope_pct": 10.0,  # GB 55037 3.4.5
    "dead_end_m": 40.0,
    "turnaround_m": 12.0,  # GB 50016 7.1.9
    "corridor_m": 15.0,
    "hose_m": 150.0,
    "hydrant_m": 150.0,  # GB 50974 7.3.2
    "parking_strip_m": 2.2,
    "difference_m": 0.5,
    "blocked_hazard_m": 5.0,
    "snap_m": 0.5,
    "gas_near_main_m": 50.0,
    "gas_stub_m": 15.0,
    "pipe_age_years": 20.0,  # 国办发〔2022〕22号
    "pipe_building_low_m": 0.7,  # GB 50028 table 6.3.3-1
    "pipe_building_medium_b_m": 1.0,
    "pipe_building_medium_a_m": 1.5,
    "pipe_building_sub_high_b_m": 5.0,
    "pipe_building_sub_high_a_m": 13.5,
    "pipe_building_low_reduced_m": 0.7,  # its notes; none for low pressure
    "pipe_building_medium_b_reduced_m": 0.5,
    "pipe_building_medium_a_reduced_m": 0.5,
    "pipe_building_sub_high_b_reduced_m": 3.0,
    "pipe_building_sub_high_a_reduced_m": 6.5,
    "pipe_protection_low_m": 0.5,  # GB 55009 5.1.6
    "pipe_protection_medium_m": 0.5,
    "pipe_protection_sub_high_m": 1.5,
    "pipe_protection_high_m": 5.0,
    "pipe_control_low_m": 5.0,  # GB 55009 5.1.7, the upper end of the range
    "pipe_control_medium_m": 5.0,
    "pipe_control_sub_high_m": 15.0,
    "pipe_control_high_m": 50.0,
}


def test_the_default_profile_holds_the_figures_of_the_codes() -> None:
    assert {name: CN_GB[name] for name in FIGURES} == FIGURES


def test_default_accuracies_are_those_of_the_design() -> None:
    assert dict(CN_GB.accuracies) == {"tape": 0.05, "survey": 0.1, "cad": 0.1, "imagery": 0.5, "osm": 1.0, "unsaid": 0.5}


VEHICLES = [  # id, width, height, clear width with the margin, inner radius
    ("mini_pumper", 2.0, 2.8, 2.5, 9.0),
    ("pumper", 2.5, 3.4, 3.0, 9.0),
    ("heavy_pumper", 2.5, 3.7, 3.0, 9.0),
    ("aerial", 2.5, 4.0, 3.0, 12.0),
]


@pytest.mark.parametrize(("id", "width", "height", "clear", "radius"), VEHICLES, ids=[v[0] for v in VEHICLES])
def test_a_vehicle_stays_inside_the_legal_envelope(id: str, width: float, height: float, clear: float, radius: float) -> None:
    """GB 1589: 2.55 m wide, 4.0 m high; a full-width engine needs the practical 3.0 m."""
    found = CN_GB.vehicles[id]
    assert (found.width_m, found.height_m, found.clear_width_m, found.inner_radius_m) == (width, height, clear, radius)
    assert found.width_m <= 2.55 and found.height_m <= 4.0


def test_the_price_of_a_gas_pipe_has_a_range_a_source_and_a_date() -> None:
    price = CN_GB.prices["gas_pipe_m"]
    assert (price.low, price.high, price.unit, price.sure, price.date) == (500.0, 1200.0, "yuan/m", "C", "2026-11-22")
    assert "定额" in price.source.zh and "quota" in price.source.en


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.toml")), ids=lambda p: p.stem)
def test_every_profile_can_be_used(path: Path) -> None:
    found = shipped()[path.stem]
    assert found.id == path.stem
    assert {f.sure for f in found.figures.values()} <= set(SURE)


def line_of(text: str) -> int:
    return TEXT[: TEXT.index(text)].count("\n") + 1


WIDTH = '[figures.lane_width_m]\nvalue = 4.0\nunit = "m"'
PRICE = "[prices.gas_pipe_m]\nlow = 500.0"
AT = line_of(WIDTH) + 1
REDUCED = line_of("[figures.pipe_building_low_reduced_m]") + 1
BAD: list[tuple[str, str, str, int | None, str, str]] = [
    ("no TOML", WIDTH, "[figures.lane_width_m\nvalue = 4.0", AT - 1, "不合 TOML 写法", "not TOML: Expected ']'"),
    ("no closing quote", 'unit = "m"\nzh = "消防车道净宽"', 'unit = "m\nzh = "消防车道净宽"', AT + 1, "不合 TOML 写法", "not TOML: Illegal character"),
    ("a table twice", WIDTH, f"{WIDTH}\n[figures.lane_width_m]", AT + 2, "不合 TOML 写法", "not TOML: Cannot declare"),
    ("a table missing", "[accuracies]", "[other]", line_of("[accuracies]"), "不认识 [other]", "there is no [other]"),
    ("no accuracies", TEXT[TEXT.index("[accuracies]") :], "", None, "缺 [accuracies]", "[accuracies] is missing"),
    ("a figure missing", "[figures.dead_end_m]", "[figures.dead_end]", None, "[figures] 里缺 dead_end_m", "[figures] lacks dead_end_m"),
    ("a vehicle missing", "[vehicles.aerial]", "[vehicles.ladder]", None, "[vehicles] 里缺 aerial", "[vehicles] lacks aerial"),
    ("an accuracy missing", "osm = 1.0", "", line_of("[accuracies]"), "[accuracies] 里缺 osm", "[accuracies] lacks osm"),
    ("no number", WIDTH, WIDTH.replace("4.0", "nan"), AT, "lane_width_m.value 须是 0 到 1000000 的数", "lane_width_m.value must be a number from 0 to 1000000"),
    ("without end", WIDTH, WIDTH.replace("4.0", "inf"), AT, "lane_width_m.value", "lane_width_m.value must be a number"),
    ("below zero", WIDTH, WIDTH.replace("4.0", "-4.0"), AT, "lane_width_m.value", "lane_width_m.value must be a number"),
    ("text for a number", WIDTH, WIDTH.replace("4.0", '"4.0"'), AT, "lane_width_m.value", "lane_width_m.value must be a number"),
    ("true for a number", WIDTH, WIDTH.replace("4.0", "true"), AT, "lane_width_m.value", "lane_width_m.value must be a number"),
    ("too long for a float", WIDTH, WIDTH.replace("4.0", "1" + "0" * 400), AT, "lane_width_m.value", "lane_width_m.value must be a number"),
    ("too long for an integer", WIDTH, WIDTH.replace("4.0", "1" * 5000), None, "不合 TOML 写法", "not TOML: a number is too long"),
    ("nested too deep", WIDTH, WIDTH.replace("4.0", "[" * 5000), None, "不合 TOML 写法", "nesting too deep"),
    ("another unit", WIDTH, WIDTH.replace('"m"', '"cm"'), AT + 1, "lane_width_m.unit 须是 m", "lane_width_m.unit must be m"),
    ("no value", "value = 4.0\n", "", AT - 1, "lane_width_m.value", "lane_width_m.value must be a number"),
    ("an unknown key", WIDTH, f"{WIDTH}\nvalu = 3.5", AT + 2, "[figures.lane_width_m] 里不认识 valu", "[figures.lane_width_m] has unknown valu"),
    ("a number for a text", WIDTH, WIDTH.replace('"m"', "1"), AT + 1, "lane_width_m.unit 须是文字", "lane_width_m.unit must be a text"),
    ("a figure that is none", "[figures.lane_width_m]", "[figures]\nother_m = 3\n[figures.lane_width_m]", AT, "figures.other_m 不是一个表", "figures.other_m is not a table"),
    ("not sure in our words", 'sure = "B"', 'sure = "quite"', line_of('sure = "B"'), "lane_width_m.sure 可用 A, B, C, L, own", "lane_width_m.sure: there are A, B, C, L, own"),
    ("low above high", PRICE, PRICE.replace("500.0", "1300"), line_of(PRICE) + 1, "gas_pipe_m：low 大于 high", "gas_pipe_m: low is above high"),
    ("a price of something else", '"yuan/m"', '"yuan"', line_of('unit = "yuan/m"'), "gas_pipe_m.unit 须是 yuan/m", "gas_pipe_m.unit must be yuan/m"),
    ("no date", 'date = "2026-11-22"', 'date = "last year"', line_of('date = "2026'), "gas_pipe_m.date 写成 2026-11-22", "gas_pipe_m.date is written like 2026-11-22"),
    ("a vehicle without height", "height_m = 2.8", "height_m = 0", line_of("height_m = 2.8"), "mini_pumper.height_m 须大于 0", "mini_pumper.height_m must be above 0"),
    ("nowhere to look", "value = 15.0", "value = 0", line_of("value = 15.0"), "corridor_m.value 须大于 0", "corridor_m.value must be above 0"),
    ("reduced above full", "value = 0.7", "value = 0.6", REDUCED, "reduced_m 大于 pipe_building_low_m", "reduced_m is above pipe_building_low_m"),
    ("a negative accuracy", "tape = 0.05", "tape = -0.05", line_of("tape = "), "tape 须是", "tape must be a number"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "zh", "en"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_profile_is_refused(old: str, new: str, line: int | None, zh: str, en: str) -> None:
    assert old in TEXT
    with pytest.raises(BadProfile) as caught:
        Profile.parse(TEXT.replace(old, new, 1), name="mine.toml")
    said = caught.value.text
    assert zh in said.zh and en in said.en
    assert caught.value.members["line"] == line
    assert line is None or (f"第 {line} 行" in said.zh and f"line {line}:" in said.en)


def test_a_figure_in_one_line_is_found_by_its_line() -> None:
    start, end = TEXT.index(WIDTH), TEXT.index("[figures.lane_height_m]")
    one = 'lane_width_m = {value = -1, unit = "m", zh = "宽", en = "width", cite = "none", sure = "own"}\n'
    with pytest.raises(BadProfile, match=f"line {line_of(WIDTH) + 1}: lane_width_m.value"):
        Profile.parse(f"{TEXT[:start]}[figures]\n{one}{TEXT[end:]}", name="mine.toml")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert Profile.parse("\ufeff" + TEXT.replace("\n", "\r\n"), name="mine.toml") == CN_GB


def test_needed_figures_are_there_once() -> None:
    assert len(NEEDED) == len(set(NEEDED))
    assert {name for pair in NOT_ABOVE for name in pair} <= set(NEEDED)


def test_a_profile_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CN_GB.figures["lane_width_m"] = CN_GB.figures["lane_height_m"]  # type: ignore[index]
