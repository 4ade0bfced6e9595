"""lanes-under-width: hand-made cases with exact answers."""

from __future__ import annotations

from typing import Any

import pytest
from fake_frames import LAYERS, NOW, FakeFrames, box, line, query

from geo.answers import answer
from geo.errors import BadValue

LANE = line((0, 0), (50, 0))


def ask(lanes: list[dict[str, Any]], compounds: list[dict[str, Any]] | None = None, **args: str) -> Any:
    rows = [{"code": f"L{i}", "geometry": LANE, **row} for i, row in enumerate(lanes)]
    frames = FakeFrames({"fire_lanes": rows, "compounds": compounds or []})
    return answer(query("lanes-under-width", **{"answer": "all", **args}), frames, layers=LAYERS, now=NOW)


def width(value: float | None, **more: Any) -> dict[str, Any]:
    return {"clear_width_m": value, **more}


CASES: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    (width(3.99), ("yes", 3.99, "declared", True)),
    (width(4.0), ("no", 4.0, "declared", True)),
    (width(4.01), ("no", 4.01, "declared", True)),
    (width(3.9), ("yes", 3.9, "declared", True)),
    (width(4.1), ("no", 4.1, "declared", True)),
    (width(3.89), ("yes", 3.89, "declared", False)),
    (width(4.11), ("no", 4.11, "declared", False)),
    (width(3.999), ("yes", 3.999, "declared", True)),
    (width(None), ("unknown", None, None, False)),
    (width(0), ("yes", 0.0, "declared", False)),
    (width(3.5, quality="declared", accuracy_m=2.0), ("yes", 3.5, "declared", False)),
    (width(3.5, quality="unknown"), ("yes", 3.5, "declared", False)),
    (width(3.999, quality="measured"), ("no", 4.0, "measured", True)),
    (width(3.994, quality="measured"), ("yes", 3.99, "measured", True)),
    (width(3.97, quality="measured", accuracy_m=0.05), ("yes", 3.97, "measured", True)),
    (width(3.7, quality="measured", accuracy_m=0.5), ("yes", 3.7, "measured", False)),
    (width(4.05, quality="measured", accuracy_m=0.05), ("no", 4.05, "measured", True)),
    (width(4.11, quality="measured", accuracy_m=0.5), ("no", 4.11, "measured", False)),
    (width(0, quality="measured", accuracy_m=0.05), ("yes", 0.0, "measured", False)),
    (width(3.0, quality="inferred", width_source="osm"), ("yes", 3.0, "inferred", False)),
    (width(3.01, quality="inferred", width_source="osm"), ("unknown", 3.01, "inferred", False)),
    (width(2.99, quality="inferred", width_source="osm"), ("yes", 2.99, "inferred", False)),
    (width(3.49, quality="inferred", width_source="imagery"), ("yes", 3.49, "inferred", False)),
    (width(3.5, quality="inferred"), ("yes", 3.5, "inferred", False)),
    (width(3.51, quality="inferred"), ("unknown", 3.51, "inferred", False)),
    (width(3.89, quality="inferred", width_source="cad"), ("yes", 3.89, "inferred", False)),
    (width(3.9, quality="inferred", width_source="survey"), ("yes", 3.9, "inferred", False)),
    (width(4.1, quality="inferred", width_source="cad"), ("no", 4.1, "inferred", False)),
    (width(4.09, quality="inferred", width_source="cad"), ("unknown", 4.09, "inferred", False)),
    (width(3.5, quality="inferred", accuracy_m=0.2), ("yes", 3.5, "inferred", False)),
]


def said(row: Any) -> tuple[Any, ...]:
    return (row["answer"], None if row["value"] != row["value"] else row["value"], row["basis"], row["re_measure"])


@pytest.fixture(scope="module")
def answered() -> Any:
    return ask([lane for lane, _ in CASES]).frame


@pytest.mark.parametrize("case", range(len(CASES)), ids=[str(case[0]) for case in CASES])
def test_one_lane(answered: Any, case: int) -> None:
    row = answered.iloc[case]
    assert said(row) == CASES[case][1]
    assert (row["threshold"], row["unit"]) == (4.0, "m")


def test_another_width() -> None:
    rows = [width(3.49), width(3.5), width(3.51)]
    assert list(ask(rows, width="3.5").frame["answer"]) == ["yes", "no", "no"]
    assert ask(rows, width="3.5").sentence.zh == "3 条通道：窄于 3.5 米 1，不明 0"


def test_basis_chooses() -> None:
    rows = [width(3, quality="measured"), width(3), width(2, quality="inferred")]
    assert list(ask(rows, basis="measured").frame["answer"]) == ["yes", "unknown", "unknown"]
    assert list(ask(rows, basis="declared").frame["answer"]) == ["unknown", "yes", "unknown"]
    assert list(ask(rows, basis="inferred").frame["answer"]) == ["unknown", "unknown", "yes"]
    assert list(ask(rows, basis="best").frame["answer"]) == ["yes", "yes", "yes"]


def test_a_width_on_another_basis_is_unknown_and_says_why() -> None:
    """With a basis chosen no other width is fallen back on."""
    rows = [width(3), width(2, quality="inferred"), width(None)]
    result = ask(rows, basis="measured")
    assert [said(row) for _, row in result.frame.iterrows()] == [("unknown", None, None, False)] * 3
    assert list(result.frame["why"]) == [
        "没有实测净宽；记录的 3 米是申报的；两侧 15 米内没有画出可量的东西",
        "没有实测净宽；记录的 2 米是推算的；两侧 15 米内没有画出可量的东西",
        "没有净宽记录；两侧 15 米内没有画出可量的东西",
    ]
    assert ask(rows, basis="measured", lang="en").frame["why"].iloc[0] == (
        "no measured clear width; the 3 m on record is declared; nothing is drawn within 15 m on either side to measure between"
    )


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e999", "4m", "", "100.1", "４", "0x4", "4,5", "1" * 50])
def test_a_width_is_a_finite_length(value: str) -> None:
    with pytest.raises(BadValue, match="width"):
        query("lanes-under-width", width=value)


def test_compounds_without_any_lane_are_listed() -> None:
    """They would vanish from the answer, which speaks of lanes only."""
    compounds = [
        {"code": "A", "name": "有编号", "geometry": None},
        {"code": "B", "name": "贴着", "geometry": box(0, 14, 50, 60)},
        {"code": "C", "name": "太远", "geometry": box(0, 16, 50, 60), "community": "东"},
        {"code": "D", "name": "未上图", "geometry": None},
    ]
    result = ask([width(5), {"compound_code": "A", "geometry": None}], compounds)
    assert result.summary["without_lanes"] == {
        "layer": "compounds",
        "count": 2,
        "items": [{"id": 3, "code": "C", "name": "太远"}, {"id": 4, "code": "D", "name": "未上图"}],
    }
    assert result.sentence.zh == "2 条通道：窄于 4 米 0，不明 1；另有 2 个院落没有通道记录"
    only = ask([width(5)], compounds, community="东")
    assert only.summary["without_lanes"]["count"] == 1


def test_no_lane_at_all_says_so() -> None:
    result = ask([])
    assert result.summary["total"] == 0
    assert result.sentence.zh == "还没有消防通道数据"


def test_why() -> None:
    rows = [width(3.5), width(4.05), width(0), width(None), width(4.02, quality="inferred", accuracy_m=0.05)]
    assert list(ask(rows).frame["why"]) == [
        "申报净宽 3.5 米，小于 4 米",
        "申报净宽 4.05 米，不小于 4 米；接近界限，建议复测",
        "申报净宽 0 米，无法通行",
        "没有净宽记录；两侧 15 米内没有画出可量的东西",
        "推算净宽 4.02 米，与 4 米之差在精度 0.05 米以内，不能判定",
    ]
    assert (
        ask(rows, lang="en").frame["why"].iloc[4]
        == "computed clear width 4.02 m is nearer to 4 m than its accuracy of 0.05 m: cannot be told"
    )
