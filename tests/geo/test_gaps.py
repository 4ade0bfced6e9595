"""What is not on record: gaps grouped by feature and field, counted by the results that they would settle, as a layer and as a question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

import layers
from geo.answers import Answer, answer
from geo.errors import Text
from geo.gaps import gaps
from geo.gaps.numbers import FEATURE, LAYERS, number_of
from geo.gaps.table import COLUMNS
from geo.gaps.words import layer_label, to_fill
from geo.questions.declaration import View
from geo.rules import run
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Lacks, Rule, limit, nothing
from tests.geo.fake_frames import LAYERS as DECLARED
from tests.geo.fake_frames import NOW, PROFILE, PROFILES, FakeFrames, line, metres, query

Lacking = Mapping[int, tuple[str, str, int]]
"""Position of the subject → (layer, field, position) that would settle it."""


def rule(id: str, number: int, results: Sequence[int], lacking: Lacking, *, subject: str = "fire_lanes") -> Rule:
    """A rule that judges whatever it is told."""
    kinds = tuple(dict.fromkeys((layer, field) for layer, field, _ in lacking.values()))

    def judge(view: View) -> Judgement:
        count = len(results)
        kind, row = np.full(count, -1, dtype=np.int16), np.full(count, -1, dtype=np.int64)
        for at, (layer, field, position) in lacking.items():
            kind[at], row[at] = kinds.index((layer, field)), position
        lacks = Lacks(kinds, kind, row) if lacking else None
        why = lambda rows, lang: ["?"] * len(rows)  # noqa: E731
        return Judgement(np.array(results, np.int8), nothing(count), limit(count, 4), np.full(count, -1, np.int8), why, lacks=lacks)

    return Rule(id, number, Text(id, id), subject, ("fire_lanes", "gas_areas"), judge)


WIDTH = {1: ("fire_lanes", "clear_width_m", 1), 2: ("fire_lanes", "clear_width_m", 2)}
RULES = (
    rule("T-01", 1, [PASS, UNKNOWN, UNKNOWN], WIDTH),
    rule("T-02", 2, [FAIL, UNKNOWN, NA], {1: ("fire_lanes", "clear_width_m", 1)}),
    rule("T-03", 3, [UNKNOWN, UNKNOWN, UNKNOWN], {0: ("gas_areas", "geometry", -1), 1: ("fire_lanes", "load_ok", 1)}),
)
LANES = [
    {
        "id": 5,
        "code": "L5",
        "name": "一巷",
        "clear_width_m": 4.0,
        "load_ok": "yes",
        "geometry": line((0, 0), (60, 0)),
        "compound_code": "A1",
    },
    {"id": 7, "code": "L7", "name": "二巷", "load_ok": "unknown", "geometry": line((0, 5), (60, 5)), "compound_code": "A1"},
    {"id": 9, "code": "L9", "name": None, "load_ok": "no", "geometry": None},
]
COMPOUND = {
    "id": 1,
    "code": "A1",
    "name": "南苑小区",
    "community": "南苑社区",
    "geometry": shapely.Polygon(metres((-5, -5), (80, -5), (80, 9))),
}


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeFrames]:
    """Three lanes judged by three made-up rules."""
    text = next(iter(PROFILE.rules.values()), None)
    monkeypatch.setattr(run, "RULES", RULES)
    monkeypatch.setattr(run, "READS", ("compounds", "communities", "fire_lanes", "gas_areas"))
    monkeypatch.setitem(PROFILES, "cn_gb", replace(PROFILE, rules={r.id: text for r in RULES}))
    yield FakeFrames({"fire_lanes": LANES, "compounds": [COMPOUND]})


def seen(frames: FakeFrames) -> View:
    return frames.view("data_gaps", "compounds", "communities", "fire_lanes", "gas_areas")  # type: ignore[return-value]


def ask(frames: FakeFrames, **args: str) -> Answer:
    return answer(query("data-gaps", **args), frames, layers=DECLARED, now=NOW)


def listed(found: Answer) -> list[tuple[Any, ...]]:
    rows = found.frame
    return [tuple(r) for r in rows[["target_layer", "target_code", "field", "settles", "rules"]].itertuples(index=False)]


def test_results_that_lack_the_same_are_one_gap(frames: FakeFrames) -> None:
    assert listed(ask(frames, sortby="-settles,target_code")) == [
        ("fire_lanes", "L7", "clear_width_m", 2, "T-01, T-02"),
        ("fire_lanes", "L7", "load_ok", 1, "T-03"),
        ("fire_lanes", "L9", "clear_width_m", 1, "T-01"),
        ("fire_lanes", "L9", "geometry", 1, "T-03"),
        ("gas_areas", None, None, 1, "T-03"),
    ]


def test_a_feature_without_a_place_lacks_it_where_nothing_else_is_named(frames: FakeFrames) -> None:
    """T-03 names nothing for the third lane, which is not on the map."""
    found = ask(frames, filter="field = 'geometry'").frame
    assert found.geometry.tolist() == [None]
    assert found["why"].tolist() == ["消防通道“L9”尚未上图；补齐可明确 1 项结果（T-03）"]


def test_ids_tell_feature_and_field_for_good(frames: FakeFrames) -> None:
    """However many other gaps there are: the team's list names them."""
    columns = [f.name for f in DECLARED["fire_lanes"].all_fields]
    width = number_of("fire_lanes", "clear_width_m", columns)
    assert [7 * FEATURE + width, 9 * FEATURE + width] == ask(frames, filter="field = 'clear_width_m'").frame.index.tolist()
    assert ask(frames, filter="target_layer = 'gas_areas'").frame.index.tolist() == [number_of("gas_areas", "", [])]


def test_every_layer_and_field_has_a_number_of_its_own() -> None:
    assert list(LAYERS.items()) == [(layer.id, layer.label) for layer in layers.ALL][: len(LAYERS)]
    made = [
        number_of(y.id, name, [f.name for f in y.all_fields])
        for y in layers.ALL
        for name in ("", "geometry", *(f.name for f in y.all_fields))
    ]
    assert len(set(made)) == len(made) and max(made) < FEATURE


def test_the_layer_is_as_declared(frames: FakeFrames) -> None:
    view = seen(frames)
    frame, metric = view.frame("data_gaps"), view.metric("data_gaps")
    declared = layers.get("data_gaps").all_fields
    assert tuple(frame.columns) == (*COLUMNS, "geometry") == (*(f.name for f in declared), "geometry")
    assert [str(frame[f.name].dtype) for f in declared if f.name == "version" or f.is_numeric] == ["float64", "float64", "float64", "int64"]
    assert frame.index.is_monotonic_increasing and frame.index.is_unique
    assert frame.crs == "EPSG:4326" and [p is None for p in metric] == [p is None for p in frame.geometry]
    at = frame.index.get_loc(ask(frames, filter="field = 'load_ok'").frame.index[0])
    on_lane = view.metric("fire_lanes")[1]
    assert on_lane.distance(metric[at]) < 1e-3


def test_gaps_belong_where_their_feature_does(frames: FakeFrames) -> None:
    assert {row[1] for row in listed(ask(frames, community="南苑社区"))} == {"L7"}
    assert set(ask(frames, compound="A1").frame["community"]) == {"南苑社区"}


def test_the_sentence_is_of_what_is_asked_for(frames: FakeFrames) -> None:
    whole, part = ask(frames), ask(frames, layer="fire_lanes", filter="field = 'clear_width_m'")
    assert whole.sentence is not None and whole.sentence.zh == "5 处缺项，补齐可明确 6 项结果"
    assert part.sentence is not None and part.sentence.en == "2 gaps; filling them in would settle 3 answers"
    assert part.summary is not None and part.summary["fields"] == [
        {
            "layer": "fire_lanes", "field": "clear_width_m", "gaps": 2, "settles": 3, "known_share": 0.3333,
            "label": {"zh": "消防通道·净宽", "en": "Fire lanes: Clear width"},
        }
    ]  # fmt: skip


def test_another_layer_is_no_answer(frames: FakeFrames) -> None:
    assert [ask(frames, layer="hazards").matched, ask(frames, layer="gas_areas").matched] == [0, 1]
    assert ask(frames, layer="gas_areas", answer="all").summary["na"] == 4  # type: ignore[index]


def test_no_gaps_is_not_no_data() -> None:
    found = answer(query("data-gaps", layer="roads"), FakeFrames({}), layers=DECLARED, now=NOW)
    assert found.sentence == Text("没有符合条件的缺项", "no data gaps match the conditions")


def test_words_come_in_the_asked_language(frames: FakeFrames) -> None:
    found = ask(frames, lang="en", filter="field = 'load_ok'").frame
    assert found[["layer_label", "field_label", "to_fill", "unit"]].values.tolist() == [
        ["Fire lanes", "Carries an engine", "yes, no", "answers"]
    ]
    assert found["why"].tolist() == ["Fire lanes '二巷' lacks 'Carries an engine'; it would settle 1 answers (T-03)"]


def test_what_to_fill_in_is_said_for_every_field() -> None:
    said = [to_fill(y, f.name) for y in layers.ALL for f in y.writable if f.type != "json"]
    assert all(text.zh and text.en for text in said)
    lanes = layers.get("fire_lanes")
    assert (to_fill(lanes, "clear_width_m").zh, to_fill(lanes, "geometry").en) == (
        "数字（米），0 到 100", "place it by a click on the map, not in this table",
    )  # fmt: skip
    assert layer_label("hazards") == layers.get("hazards").label


def test_nothing_is_made_twice_for_one_revision(frames: FakeFrames) -> None:
    assert gaps(seen(frames)) is gaps(seen(frames))
    before = gaps(seen(frames))
    frames.put("fire_lanes", LANES, {5})
    assert gaps(seen(frames)) is not before


def test_a_layer_that_lacks_features_is_said_apart_from_an_empty_one(frames: FakeFrames) -> None:
    asked = {"filter": "field IS NULL"}
    assert ask(frames, **asked).frame["why"].tolist() == ["没有“燃气服务范围”数据；补齐可明确 1 项结果（T-03）"]
    frames.put("gas_areas", [{"code": "G1"}], {1})
    found = ask(frames, **asked)
    assert found.frame["why"].tolist() == ["有的地方没有登记“燃气服务范围”；补齐可明确 1 项结果（T-03）"]
    assert found.summary is not None and [f["known_share"] for f in found.summary["fields"]] == [None]
