"""The card of a compound says what the questions say of it, in the order in which things are to be mended."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import shapely

from geo.answers import answer
from geo.belonging import members
from geo.card import READS, Card, card, contents, earlier
from geo.card.groups import grouped
from geo.card.order import records, works
from geo.card.sections import FINDINGS, GAPS, SECTIONS
from geo.errors import FeatureNotFound
from geo.frames import View
from tests.geo.fake_frames import LAYERS, NOW, FakeFrames, box, line, query

COMPOUNDS = [
    {"code": "A1", "name": "甲院", "community": "东街社区", "built_year": 1990.0, "gas_status": "none", "households": 40.0, "buildings_n": 3.0, "geometry": box(0, 0, 60, 60)},
    {"code": "A2", "name": "乙院", "community": "东街社区", "built_year": None, "gas_status": "full", "geometry": box(100, 0, 160, 60)},
    {"code": "A3", "name": "丙院", "community": "西街社区", "built_year": 2001.0, "gas_status": None, "geometry": None},
]  # fmt: skip
CONTENTS: dict[str, list[dict[str, Any]]] = {
    "communities": [{"code": "S1", "name": "东街社区", "geometry": box(-10, -10, 170, 70)}],
    "compounds": COMPOUNDS,
    "roads": [{"code": "R1", "name": "大街", "kind": "local", "geometry": line((-50, -8), (250, -8))}],
    "fire_lanes": [
        {"code": "L1", "name": "一巷", "clear_width_m": 3.0, "compound_code": "A1", "geometry": line((30, -8), (30, 50))},
        {"code": "L2", "name": "二巷", "clear_width_m": 4.5, "compound_code": None, "geometry": line((130, -8), (130, 50))},
        {"code": "L3", "name": "三巷", "clear_width_m": None, "compound_code": "A3", "geometry": None},
    ],
    "buildings": [
        {"code": "B1", "no": "1", "compound_code": "A1", "floors": 5.0, "geometry": box(5, 10, 25, 20)},
        {"code": "B2", "no": "2", "compound_code": None, "floors": 6.0, "geometry": box(35, 10, 55, 20)},
        {"code": "B3", "no": "1", "compound_code": "A2", "floors": None, "geometry": None},
    ],
    "hazards": [
        {
            "code": "H1",
            "hazard_type": "roof_leak",
            "status": "registered",
            "compound_code": "A1",
            "due_date": "2026-01-20",
            "geometry": None,
        },
        {
            "code": "H2",
            "hazard_type": "manhole",
            "status": "closed",
            "compound_code": None,
            "geometry": shapely.centroid(box(10, 30, 12, 32)),
        },
    ],
}


@pytest.fixture(scope="module")
def frames() -> FakeFrames:
    return FakeFrames(CONTENTS)


def view(frames: FakeFrames, **more: Any) -> View:
    found: View = frames.view(*READS, **more)  # type: ignore[assignment]
    return found


@pytest.fixture(scope="module")
def made(frames: FakeFrames) -> dict[int, Card]:
    return {id: card(view(frames), LAYERS, id, lang="en") for id in (1, 2, 3)}


def of_api(frames: FakeFrames, collection: str, code: str, **more: str) -> dict[int, dict[str, Any]]:
    """Rows by id, as the interface answers for this compound."""
    found = answer(query(collection, compound=code, lang="en", limit="1000", **more), frames, layers=LAYERS, now=NOW)  # type: ignore[arg-type]
    rows = found.frame.drop(columns="geometry").astype(object)
    return {int(str(id)): row.to_dict() for id, row in rows.where(rows.notna(), None).iterrows()}


@pytest.mark.parametrize("layer", sorted({*(s.layer for s in SECTIONS.values()), "compounds", "roads"}))
@pytest.mark.parametrize("at", [0, 1, 2])
def test_what_belongs_to_a_compound_is_what_the_query_selects(layer: str, at: int, frames: FakeFrames) -> None:
    rows = members(view(frames), LAYERS[layer]).of(at)
    assert view(frames).frame(layer).index[rows].tolist() == sorted(of_api(frames, layer, str(COMPOUNDS[at]["code"])))


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize("id", [1, 2, 3])
def test_a_table_says_what_its_questions_say(name: str, id: int, frames: FakeFrames, made: dict[int, Card]) -> None:
    for asked in SECTIONS[name].asked:
        wanted = of_api(frames, asked.question, str(COMPOUNDS[id - 1]["code"]), answer="all")
        rows = {row["id"]: row for row in made[id].listed[name]}
        assert sorted(rows) == sorted(wanted)
        for row_id, row in rows.items():
            said = {field: value for field, value in row["answers"][asked.question].items() if field != "shape"}
            assert said == {field: wanted[row_id][field] for field in said}
            assert {field: row[field] for field in SECTIONS[name].fields} == {
                field: wanted[row_id][field] for field in SECTIONS[name].fields
            }


@pytest.mark.parametrize("id", [1, 2, 3])
def test_findings_are_those_of_the_rule_book(id: int, frames: FakeFrames, made: dict[int, Card]) -> None:
    wanted = of_api(frames, "findings", str(COMPOUNDS[id - 1]["code"]), answer="all")
    counted = {name: sum(row["answer"] == name for row in wanted.values()) for name in ("yes", "no", "unknown", "na")}
    assert made[id].counts == counted
    assert {row["id"] for row in made[id].findings} == {k for k, row in wanted.items() if row["answer"] in ("yes", "unknown")}
    for row in made[id].findings:
        assert row["answers"]["findings"] == {field: wanted[row["id"]][field] for field in row["answers"]["findings"]}
        assert {field: row[field] for field in FINDINGS.fields} == {field: wanted[row["id"]][field] for field in FINDINGS.fields}


@pytest.mark.parametrize("id", [1, 2, 3])
def test_gaps_are_those_of_the_question(id: int, frames: FakeFrames, made: dict[int, Card]) -> None:
    wanted = of_api(frames, "data-gaps", str(COMPOUNDS[id - 1]["code"]), answer="yes")
    assert {row["id"]: row["settles"] for row in made[id].gaps} == {k: row["settles"] for k, row in wanted.items()}
    assert all(row[field] == wanted[row["id"]][field] for row in made[id].gaps for field in GAPS.fields)


def test_what_the_outlines_say(made: dict[int, Card]) -> None:
    """60 m by 60 m; both buildings of the yard are drawn; one lane of 58 m."""
    assert made[1].drawn == {"area_m2": pytest.approx(3600, abs=2), "buildings": 2, "lanes": 1, "lanes_m": pytest.approx(58, abs=0.1)}
    assert (made[3].drawn, made[3].sight) == (None, None)


def test_the_map_has_the_compound_in_its_middle_and_four_parts_to_three(made: dict[int, Card]) -> None:
    sight = made[1].sight
    assert sight is not None
    west, south, east, north = sight.box
    middle = shapely.centroid(COMPOUNDS[0]["geometry"])
    assert ((west + east) / 2, (south + north) / 2) == (pytest.approx(middle.x, abs=1e-7), pytest.approx(middle.y, abs=1e-7))
    assert (east - west) * 0.8216 / (north - south) == pytest.approx(4 / 3, rel=0.001)  # cos 34.75°
    assert all(shapely.box(*sight.box).buffer(1e-9).covers(shape) for _, shapes in sight.shapes.values() for shape in shapes)


def test_a_line_of_the_contents_counts_as_the_card_does(frames: FakeFrames, made: dict[int, Card]) -> None:
    for line_ in contents(view(frames), LAYERS):
        own = made[line_.id]
        assert (sum(line_.failures), line_.complies, line_.unknown) == (own.counts["yes"], own.counts["no"], own.counts["unknown"])
        assert (line_.gaps, line_.settles) == (len(own.gaps), sum(record.settles for record in own.records))
        assert line_.hazards == (None if "hazards" in own.unrecorded else len(own.listed["hazards"]))
        assert line_.worst == (own.works[0].severity if own.works else None)


def test_the_contents_of_a_community_are_its_compounds(frames: FakeFrames) -> None:
    assert [line_.code for line_ in contents(view(frames), LAYERS, "S1")] == ["A1", "A2"]


def test_a_fingerprint_is_of_what_is_said_and_not_of_the_language(frames: FakeFrames, made: dict[int, Card]) -> None:
    assert card(view(frames), LAYERS, 1, lang="zh").fingerprint == made[1].fingerprint
    assert made[1].fingerprint != made[2].fingerprint
    assert card(view(frames, as_of="2026-11-23"), LAYERS, 1, lang="en").fingerprint != made[1].fingerprint
    assert card(view(frames, profile="cn_legacy"), LAYERS, 1, lang="en").fingerprint != made[1].fingerprint


def test_an_edit_of_another_compound_leaves_the_fingerprint(made: dict[int, Card]) -> None:
    frames = FakeFrames(CONTENTS)
    card(view(frames), LAYERS, 1, lang="en")
    frames.put("compounds", [*COMPOUNDS[:2], {**COMPOUNDS[2], "version": 2, "name": "丁院"}], {3})
    assert card(view(frames), LAYERS, 1, lang="en").fingerprint == made[1].fingerprint


def test_a_compound_that_is_not_there(frames: FakeFrames) -> None:
    with pytest.raises(FeatureNotFound):
        card(view(frames), LAYERS, 9, lang="en")


def test_every_field_of_a_compound_stands_under_one_heading() -> None:
    listed = [field.name for _, fields in grouped(LAYERS["compounds"]) for field in fields]
    assert sorted(listed) == sorted(field.name for field in LAYERS["compounds"].fields if field.name != "name")


# what to mend first -----------------------------------------------------------------------------------------------------------------


def finding(id: int, rule: str, severity: str | None, said: str = "yes") -> dict[str, Any]:
    return {"id": id, "rule": rule, "severity": severity, "answers": {"findings": {"answer": said}}}


def test_works_come_by_severity_and_then_by_how_many_failures_they_settle() -> None:
    found = [
        finding(1, "GA-01", "medium"), finding(2, "GA-01", "medium"), finding(3, "FA-02", "high"), finding(4, "FA-01", "high"), finding(5, "FA-01", "low"),
        finding(6, "OC-01", "info"), finding(7, "FA-09", "high"), finding(8, "FA-16", None, "unknown"),
    ]  # fmt: skip
    assert [(work.rule, work.severity, work.settles) for work in works(found)] == [
        ("FA-01", "high", 2), ("FA-02", "high", 1), ("FA-09", "high", 1), ("GA-01", "medium", 2),
    ]  # fmt: skip


def test_the_record_that_settles_most_is_looked_up_first() -> None:
    gaps = [
        {"id": 1, "target_layer": "buildings", "field": "floors", "settles": 1.0},
        {"id": 2, "target_layer": "buildings", "field": "floors", "settles": 2.0},
        {"id": 3, "target_layer": "fire_lanes", "field": "clear_width_m", "settles": 4.0},
        {"id": 4, "target_layer": "hydrants", "field": None, "settles": 3.0},
    ]
    said = [(record.layer, record.field, record.settles, [row["id"] for row in record.rows]) for record in records(gaps)]
    assert said == [("fire_lanes", "clear_width_m", 4, [3]), ("buildings", "floors", 3, [2, 1]), ("hydrants", None, 3, [4])]


# gas before -------------------------------------------------------------------------------------------------------------------------


def change(at: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Any:
    return SimpleNamespace(at=at, before=before, after=after)


def test_gas_before_is_what_the_last_change_of_a_gas_field_put_away() -> None:
    lines = [
        change("2026-03-03", {"name": "旧名"}, {"name": "甲院"}),
        change("2026-02-02", {"gas_status": "none", "gas_households": None}, {"gas_status": "full", "gas_households": 40}),
        change("2026-01-01", {"gas_status": "unknown"}, {"gas_status": "none"}),
    ]
    found = earlier({"gas_status": "full", "gas_households": 40, "gas_supplier": "某公司"}, lines)
    assert found is not None
    assert (found.at, found.values["gas_status"], found.values["gas_households"], found.values["gas_supplier"]) == (
        "2026-02-02",
        "none",
        None,
        "某公司",
    )


def test_gas_that_never_changed_has_no_before() -> None:
    assert earlier({"gas_status": "full"}, [change("2026-01-01", None, {"gas_status": "full"})]) is None


def test_nothing_on_record_is_none_only_where_its_community_has_some(frames: FakeFrames, made: dict[int, Card]) -> None:
    """A card said that there are no hazards, and the contents 0, where nobody had recorded any."""
    assert [made[id].unrecorded for id in (1, 2, 3)] == [
        ("gates",),
        ("gates",),
        ("buildings", "gates", "hazards"),
    ]  # H1 is in the community of A1 and A2
    assert [line_.hazards for line_ in contents(view(frames), LAYERS)] == [2, 0, None]
    empty = FakeFrames({**CONTENTS, "hazards": []})
    assert [line_.hazards for line_ in contents(view(empty), LAYERS)] == [None, None, None]


def test_a_hazard_of_the_community_alone_makes_a_zero_a_none() -> None:
    """It names the community, by its code, and no compound."""
    astray = {"code": "H9", "hazard_type": "roof_leak", "status": "registered", "community": "S1", "compound_code": None, "geometry": None}
    frames = FakeFrames({**CONTENTS, "hazards": [astray]})
    assert [line_.hazards for line_ in contents(view(frames), LAYERS)] == [0, 0, None]
