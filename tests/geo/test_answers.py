"""Answers: conditions, order, pages and counts over layers and questions, and freshness after edits."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from fake_frames import LAYERS, NOW, FakeFrames, box, metres, query

from geo.answers import answer
from geo.errors import BadValue


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(metres((x, y))[0])


CONTENTS: dict[str, list[dict[str, Any]]] = {
    "communities": [{"code": "S1", "name": "东社区", "geometry": None}, {"code": "S2", "name": "西社区", "geometry": None}],
    "compounds": [
        {"id": 1, "code": "A", "name": "南苑小区", "community": "东社区", "built_year": 1994, "geometry": box(0, 0, 100, 100), "gas_status": "full"},
        {"id": 2, "code": "B", "name": "北苑", "community": "西社区", "built_year": 1985, "geometry": box(200, 0, 300, 100), "gas_status": "none"},
        {"id": 5, "code": "C", "name": "北苑", "community": "东社区", "built_year": None, "geometry": None},
        {"id": 7, "code": "北苑", "name": "别苑", "community": None, "built_year": 1985, "geometry": box(400, 0, 500, 100), "gas_households": 0},
    ],
    "buildings": [
        {"code": "b1", "compound_code": "A", "geometry": None},
        {"code": "b2", "compound_code": "B", "geometry": box(10, 10, 20, 20)},
        {"code": "b3", "geometry": box(10, 10, 20, 20)},
        {"code": "b4", "geometry": None},
        {"code": "b5", "geometry": box(900, 900, 910, 910)},
        {"code": "b6", "compound_code": "Z", "geometry": box(10, 10, 20, 20)},
    ],
    "hydrants": [{"code": "h1", "geometry": point(50, 50)}, {"code": "h2", "geometry": point(250, 50)}, {"code": "h3", "geometry": point(150, 50)}],
    "hazards": [
        {"code": "z1", "compound_code": "C", "found_on": "2024-05-01", "geometry": None},
        {"code": "z2", "compound_code": "B", "found_on": "2024-12-31", "geometry": point(250, 50)},
        {"code": "z3", "found_on": None, "geometry": point(50, 50)},
    ],
}  # fmt: skip


@pytest.fixture
def frames() -> FakeFrames:
    return FakeFrames(CONTENTS)


def ask(frames: FakeFrames, collection: str, **args: str) -> Any:
    return answer(query(collection, **args), frames, layers=LAYERS, now=NOW)


def codes(result: Any) -> list[str]:
    return list(result.frame["code"])


CONDITIONS: list[tuple[str, dict[str, str], list[str]]] = [
    ("compounds", {}, ["A", "B", "C", "北苑"]),
    ("compounds", {"filter": "built_year = 1985"}, ["B", "北苑"]),
    ("compounds", {"filter": "geometry IS NULL"}, ["C"]),
    ("compounds", {"bbox": "112.97,34.74,112.9812,34.76"}, ["A"]),
    ("compounds", {"bbox": "406000,3800000,407050,3900000", "bbox-crs": "EPSG:4547"}, ["A", "B", "北苑"]),
    ("compounds", {"community": "东社区"}, ["A", "C"]),
    ("compounds", {"community": "S1"}, ["A", "C"]),
    ("compounds", {"compound": "A"}, ["A"]),
    ("compounds", {"compound": "南苑小区"}, ["A"]),
    ("compounds", {"compound": "北苑"}, ["北苑"]),
    ("communities", {"community": "东社区"}, ["S1"]),
    ("buildings", {"compound": "A"}, ["b1", "b3"]),
    ("buildings", {"community": "西社区"}, ["b2"]),
    ("hydrants", {"compound": "A"}, ["h1"]),
    ("hydrants", {"community": "西社区"}, ["h2"]),
    ("hazards", {"community": "东社区"}, ["z1", "z3"]),
    ("hazards", {"compound": "B", "community": "东社区"}, []),
    ("hazards", {"datetime": "2024-12-31"}, ["z2"]),
    ("hazards", {"datetime": "../2024-12-30T23:59:59Z"}, ["z1"]),
    ("hazards", {"datetime": "2024-01-01/.."}, ["z1", "z2"]),
    ("compounds-without-gas", {}, ["B", "北苑"]),
    ("compounds-without-gas", {"answer": "no,unknown"}, ["A", "C"]),
    ("compounds-without-gas", {"answer": "all", "filter": "basis = 'declared' AND NOT contradiction"}, ["A", "B", "北苑"]),
    ("compounds-without-gas", {"answer": "all", "filter": "value >= 100"}, ["A"]),
    ("compounds-without-gas", {"answer": "all", "filter": "answer = 'unknown' OR id = 2"}, ["B", "C"]),
    ("compounds-without-gas", {"community": "西社区"}, ["B"]),
]


@pytest.mark.parametrize(("collection", "args", "expected"), CONDITIONS)
def test_conditions(frames: FakeFrames, collection: str, args: dict[str, str], expected: list[str]) -> None:
    result = ask(frames, collection, **args)
    assert codes(result) == expected
    assert (result.matched, result.returned) == (len(expected), len(expected))


def test_within_takes_what_lies_wholly_inside(frames: FakeFrames) -> None:
    def ring(*points: tuple[float, float]) -> str:
        return "POLYGON((" + ", ".join(f"{x!r} {y!r}" for x, y in metres(*points, points[0])) + "))"

    assert codes(ask(frames, "compounds", within=ring((-1, -1), (250, -1), (250, 101), (-1, 101)))) == ["A"]
    assert codes(ask(frames, "hydrants", within=ring((-1, -1), (200, -1), (200, 101), (-1, 101)))) == ["h1", "h3"]


SORTS = [
    ("name", ["北苑", "B", "C", "A"]),  # 别苑, 北苑, 北苑, 南苑小区 by code point
    ("-name", ["A", "B", "C", "北苑"]),
    ("built_year,-code", ["北苑", "B", "A", "C"]),
    ("-built_year", ["A", "B", "北苑", "C"]),
    ("+built_year,name", ["北苑", "B", "A", "C"]),
    ("-id", ["北苑", "C", "B", "A"]),
    ("community", ["A", "C", "B", "北苑"]),
    ("-community", ["B", "A", "C", "北苑"]),
]


@pytest.mark.parametrize(("order", "expected"), SORTS)
def test_order_puts_nulls_last_and_equals_by_id(frames: FakeFrames, order: str, expected: list[str]) -> None:
    assert codes(ask(frames, "compounds", sortby=order)) == expected


def test_pages_cover_everything_once(frames: FakeFrames) -> None:
    whole = codes(ask(frames, "compounds", sortby="-name"))
    pages = [ask(frames, "compounds", sortby="-name", limit="3", offset=str(at)) for at in (0, 3, 6)]
    assert [c for page in pages for c in codes(page)] == whole
    assert [(p.matched, p.returned) for p in pages] == [(4, 3), (4, 1), (4, 0)]


def test_fields_as_asked(frames: FakeFrames) -> None:
    result = ask(frames, "compounds-without-gas", properties="why,name,answer")
    assert [f.name for f in result.fields] == ["why", "name", "answer"]
    assert list(result.frame.columns) == ["why", "name", "answer", "geometry"]
    assert list(ask(frames, "compounds").frame.columns) == [*(f.name for f in LAYERS["compounds"].all_fields), "geometry"]


def test_unplaced_are_counted_over_all_that_match(frames: FakeFrames) -> None:
    assert ask(frames, "compounds", limit="1").unplaced == 1
    assert ask(frames, "buildings").unplaced == 2


def test_summary_counts_before_answer_and_after_filter(frames: FakeFrames) -> None:
    result = ask(frames, "compounds-without-gas", filter="id <= 5", answer="no", limit="1")
    assert {k: result.summary[k] for k in ("yes", "no", "unknown", "na", "total")} == {"yes": 1, "no": 1, "unknown": 1, "na": 0, "total": 3}
    assert result.sentence.zh == "3 个院落：未通气 1，不明 1"


def test_nothing_matching_is_told_from_no_data(frames: FakeFrames) -> None:
    assert ask(frames, "compounds-without-gas", filter="id = 99").sentence.zh == "没有符合条件的" + LAYERS["compounds"].label.zh
    assert ask(FakeFrames({}), "compounds-without-gas").sentence.zh == f"还没有{LAYERS['compounds'].label.zh}数据"


@pytest.mark.parametrize(("args", "close"), [({"compound": "南苑"}, "南苑小区"), ({"community": "东社"}, "东社区")])
def test_a_place_that_is_not_there_is_refused(frames: FakeFrames, args: dict[str, str], close: str) -> None:
    with pytest.raises(BadValue) as caught:
        ask(frames, "buildings", **args)
    assert caught.value.members["nearest"][0] == close


def test_as_of_revision_and_demo() -> None:
    result = answer(query("compounds"), FakeFrames(CONTENTS, kind="demo"), layers=LAYERS, now=NOW)
    assert (result.as_of, result.revision, result.demo, result.summary, result.sentence) == ("2026-11-22", 1, True, None, None)


def test_fresh_after_each_edit() -> None:
    """Kept results are brought up to date row by row; they must equal a fresh start."""
    rows = [dict(row) for row in CONTENTS["compounds"]]
    areas: list[dict[str, Any]] = [{"id": 1, "code": "G", "geometry": box(0, 0, 300, 100)}]
    frames = FakeFrames({"compounds": rows, "gas_areas": areas})
    steps: list[tuple[str, list[dict[str, Any]], set[int]]] = []
    rows = [{**row, "gas_status": None} if row["id"] == 1 else row for row in rows]
    steps.append(("compounds", rows, {1}))
    rows = [{**row, "geometry": box(200, 0, 420, 100), "gas_status": None} if row["id"] == 2 else row for row in rows]
    steps.append(("compounds", rows, {2}))
    areas = [{"id": 1, "code": "G", "geometry": box(250, 0, 500, 100)}]
    steps.append(("gas_areas", areas, {1}))
    rows = [*rows[:2], rows[3], {"id": 8, "code": "D", "name": "新", "geometry": box(450, 10, 480, 40)}]
    steps.append(("compounds", rows, {5, 8}))
    steps.append(("gas_areas", [], {1}))
    steps.append(("gas_areas", [{"id": 2, "code": "H", "geometry": box(440, 0, 500, 100)}], {2}))
    ask(frames, "compounds-without-gas")
    seen = []
    for layer, content, changed in steps:
        frames.put(layer, content, changed)
        result = ask(frames, "compounds-without-gas", answer="all")
        fresh = ask(
            FakeFrames({"compounds": rows_of(frames, "compounds"), "gas_areas": rows_of(frames, "gas_areas")}),
            "compounds-without-gas",
            answer="all",
        )
        assert result.frame.drop(columns="geometry").equals(fresh.frame.drop(columns="geometry"))
        assert result.summary == fresh.summary
        seen.append(tuple(result.frame["answer"]))
    assert len(set(seen)) == 5


def rows_of(frames: FakeFrames, layer: str) -> Any:
    return frames.contents[layer]


def test_an_older_view_is_not_answered_with_newer_results(frames: FakeFrames) -> None:
    before = frames.view("compounds", "gas_areas")

    class Held:
        def view(self, *ids: str, **day: Any) -> Any:
            return before

    rows = [{**row, "gas_status": "none", "gas_households": None} for row in CONTENTS["compounds"]]
    frames.put("compounds", rows, {1, 2, 5, 7})
    assert ask(frames, "compounds-without-gas").summary["yes"] == 4
    assert ask(Held(), "compounds-without-gas").summary["yes"] == 2  # type: ignore[arg-type]
    assert ask(frames, "compounds-without-gas").summary["yes"] == 4
