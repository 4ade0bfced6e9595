"""`shops-with-lpg-over` and what is read from the records of bottled gas: hand-made cases with exact answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geo.answers import Answer, answer
from geo.gas.lpg import NO, UNKNOWN, YES, below_ground, height_by_floors, held_kg, uses_lpg
from geo.questions.gas.shops_with_lpg import SHOPS_WITH_LPG_OVER
from tests.geo.fake_frames import LAYERS, NOW, FakeFrames, box, query

Row = dict[str, Any]

HOUSES: list[Row] = [
    {"code": "L1", "name": "1号楼", "use": "residential", "geometry": box(0, 0, 40, 12)},
    {"code": "L2", "name": "商业楼", "use": "commercial", "geometry": box(0, 30, 40, 42)},
    {"code": "L3", "name": "3号楼", "geometry": box(500, 0, 540, 12)},
    {"code": "L4", "name": "4号楼", "households": 12, "geometry": box(900, 0, 940, 12)},
]


def ask(shops: list[Row], buildings: list[Row] | None = None, **args: str) -> Answer:
    frames = FakeFrames({"shops": shops, "buildings": HOUSES if buildings is None else buildings})
    return answer(query("shops-with-lpg-over", answer="all", **args), frames, layers=LAYERS, now=NOW)


def place(x: float, y: float) -> Any:
    return box(x, y, x + 0.01, y + 0.01)


def test_strictly_over_the_limit() -> None:
    shops = [{"fuel": "lpg", "lpg_kg": kg} for kg in (99.9, 100.0, 100.1, None)]
    found = ask(shops)
    assert found.frame["answer"].tolist() == ["no", "no", "yes", "unknown"]
    assert found.frame["threshold"].tolist() == [100.0] * 4
    assert found.sentence is not None and found.sentence.zh == "4 家商户：存液化气大于 100 公斤 1，不明 1"


def test_a_shop_is_asked_about_until_it_closes() -> None:
    shop = {"lpg_kg": 500.0, "closed_on": "2026-05-01"}
    assert [ask([shop], as_of=day).frame["answer"].tolist() for day in ("2026-04-30", "2026-05-01")] == [["yes"], ["na"]]


def test_the_limit_may_be_said() -> None:
    assert ask([{"lpg_kg": 45.0}, {"lpg_kg": 50.0}], kg="45").frame["answer"].tolist() == ["no", "yes"]


RECORDS: list[tuple[Row, str, float | None]] = [
    ({"fuel": "lpg"}, "unknown", None),
    ({"fuel": "lpg", "lpg_bottles_n": 7}, "unknown", None),  # seven of 15 kg are over, seven of 5 kg are not
    ({"fuel": "lpg", "lpg_bottles_n": 0}, "no", 0.0),
    ({"fuel": "lpg", "lpg_kg": 0.0}, "unknown", None),  # a cell filled with 0: gas is used
    ({"fuel": "lpg", "lpg_kg": 0.0, "lpg_bottles_n": 0}, "no", 0.0),
    ({"lpg_kg": 0.0, "lpg_bottles_n": 10}, "unknown", None),
    ({"kind": "lpg"}, "unknown", None),
    ({"fuel": "piped"}, "na", None),
    ({"fuel": "piped", "lpg_kg": 120.0}, "yes", 120.0),
    ({"fuel": "none", "lpg_bottles_n": 3}, "unknown", None),
    ({"lpg_kg": 0.0}, "na", None),
    ({"fuel": "unknown"}, "unknown", None),
    ({}, "unknown", None),
    ({"lpg_kg": 500.0, "closed_on": "2026-11-22"}, "na", None),
    ({"lpg_kg": 500.0, "closed_on": "2026-11-23"}, "yes", 500.0),
]


def test_what_is_known_of_the_kilograms() -> None:
    frame = ask([row for row, *_ in RECORDS]).frame
    values = [None if np.isnan(v) else v for v in frame["value"]]
    assert list(zip(frame["answer"], values, strict=True)) == [(said, kg) for _, said, kg in RECORDS]


AROUND: list[tuple[Row, str, float | None, str | None]] = [
    ({"building_code": "L1"}, "yes", 0.0, "L1"),
    ({"geometry": place(20, 6)}, "yes", 0.0, "L1"),
    ({"geometry": place(20, 34)}, "no", 22.0, "L1"),
    ({"building_code": "L2", "sleeps_in": "yes"}, "yes", 18.0, "L1"),
    ({"geometry": place(20, 20)}, "unknown", 8.0, "L1"),
    ({"geometry": place(20, 22.5)}, "no", 10.5, "L1"),
    ({"building_code": "gone", "geometry": place(20, 23)}, "unknown", 11.0, "L1"),
    ({"building_code": "L3"}, "unknown", 360.0, "L4"),
    ({"building_code": "L4"}, "yes", 0.0, "L4"),
    ({"geometry": place(20, 6), "quality": "inferred"}, "unknown", None, None),
    ({}, "unknown", None, None),
]


def test_dwellings_in_the_same_building_or_near() -> None:
    frame = ask([{"fuel": "lpg", **row} for row, *_ in AROUND]).frame
    away = [None if np.isnan(v) else v for v in frame["dwelling_m"]]
    assert list(zip(frame["with_dwellings"], away, frame["dwelling"], strict=True)) == [(said, m, code) for _, said, m, code in AROUND]


def test_without_any_building_on_the_map_nothing_is_said_of_dwellings() -> None:
    assert ask([{"fuel": "lpg", "geometry": place(0, 0)}], []).frame["with_dwellings"].tolist() == ["unknown"]


def test_a_building_known_as_a_point_may_reach_the_shop() -> None:
    dot = [{"code": "L9", "use": "residential", "geometry": place(0, 0).centroid}]
    shops = [{"fuel": "lpg", "geometry": place(x, 0)} for x in (45, 55)]
    assert ask(shops, dot).frame["with_dwellings"].tolist() == ["unknown", "no"]


def test_why() -> None:
    shop = {"fuel": "lpg", "lpg_kg": 120.0, "floor": "负一层", "building_code": "L1", "has_bottle_room": "no"}
    assert ask([shop]).frame["why"].tolist() == [
        "登记存液化气 120 公斤，大于 100 公斤；没有气瓶间；在地下或半地下（登记为“负一层”）；与住宅同在楼栋“1号楼”"
    ]


def test_the_summary_counts_shops_with_bottles_only() -> None:
    shops = [{"fuel": "lpg", "lpg_kg": 30.0, "building_code": "L1"}, {"lpg_kg": 60.0, "floor": "B1"}, {"fuel": "electric", "floor": "B1"}]
    summary = ask(shops).summary
    assert summary is not None
    assert {name: summary[name] for name in ("kg_held", "with_lpg", "below_ground", "with_dwellings")} == {
        "kg_held": 90.0, "with_lpg": 2, "below_ground": 1, "with_dwellings": 1,
    }  # fmt: skip


def test_nothing_of_it_is_published() -> None:
    """A small shop named as a hazard is often a family."""
    assert SHOPS_WITH_LPG_OVER.internal and not any(f.public for f in SHOPS_WITH_LPG_OVER.fields)


FLOORS = {
    YES: ("负一层", "负1层", "地下一层", "半地下室", "B1", "b2层", "-1", "－1", "1;-1", "-1~2", "地下", "LG", "Basement"),
    NO: ("1", "一层", "首层", "2F", "1-2", "1 - 2", "1层-2层", "0", "地上1层", "B座1层", "B1座2层", "无地下室", "1~3"),
    UNKNOWN: ("", "不明", "未知", None, "-"),
}


@pytest.mark.parametrize("wanted", FLOORS)
def test_floors_below_ground(wanted: int) -> None:
    words = np.array([*FLOORS[wanted], ""], dtype=object)[:-1]
    assert below_ground(words).tolist() == [wanted] * len(words)


def test_the_height_else_that_of_the_floors() -> None:
    height, floors = np.array([27.0, np.nan, 0.0, np.nan]), np.array([30.0, 9.0, 2.0, np.nan])
    assert np.array_equal(height_by_floors(height, floors, 3.0), [27.0, 27.0, 6.0, np.nan], equal_nan=True)


def test_empty_columns() -> None:
    nothing, numbers = np.array([], dtype=object), np.array([], dtype=np.float64)
    uses = uses_lpg(nothing, nothing, numbers, numbers)
    assert len(uses) == len(held_kg(numbers, numbers, uses)) == len(below_ground(nothing)) == 0
