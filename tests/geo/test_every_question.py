"""What holds for every question of the catalogue: it is declared soundly, and answers whatever is or is not in the layers."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely

from geo import profile
from geo.answers import Answer, answer
from geo.questions.catalogue import ALL
from geo.questions.declaration import ANSWERS, GROUP_FIRE, GROUP_GAS, GROUP_HAZARDS, GROUP_RULES, GROUP_WATER, Question
from tests.geo.fake_frames import LAYERS, NOW, FakeFrames, box, line, query

EVERY = pytest.mark.parametrize("question", ALL, ids=lambda q: q.id)
_VEHICLE = tuple(f"vehicle.{name}" for name in ("width_m", "height_m", "length_m", "inner_radius_m", "clear_width_m"))
_ROOM = {"Point": shapely.Point(112.98, 34.75), "LineString": line((0, 0), (60, 0)), "Polygon": box(0, 0, 30, 20)}


def ask(frames: Any, question: Question, **args: str) -> Answer:
    return answer(query(question.id, answer="all", limit="1000", **args), frames, layers=LAYERS, now=NOW)


def row_of(layer: str, *, placed: bool) -> dict[str, Any]:
    kind = LAYERS[layer].geometry[0].removeprefix("Multi")
    return {"code": f"{layer}-1", "geometry": _ROOM[kind] if placed else None}


CONTENTS = {
    "nothing": {},
    "unplaced": {id: [row_of(id, placed=False)] for id in LAYERS},
    "bare": {id: [row_of(id, placed=True)] for id in LAYERS},
    "mixed": {id: [row_of(id, placed=True), row_of(id, placed=False) | {"code": "2"}] for id in LAYERS},
    "empty": {id: [row_of(id, placed=True) | {"geometry": shapely.from_wkt(f"{LAYERS[id].geometry[0].upper()} EMPTY")}] for id in LAYERS},
}
"""Layers of one feature that says nothing but where it is, or not even that."""
FRAMES = {name: FakeFrames(rows) for name, rows in CONTENTS.items()}
"""Shared by all questions, so that what several of them need is measured once."""


@EVERY
def test_the_declaration_is_sound(question: Question) -> None:
    assert question.group in (GROUP_FIRE, GROUP_WATER, GROUP_GAS, GROUP_HAZARDS, GROUP_RULES)
    assert question.subject in question.reads
    assert set(question.reads) <= set(LAYERS)
    assert question.internal or not any(LAYERS[id].internal for id in question.reads)
    assert not (question.internal and any(f.public for f in question.fields))
    assert len({s.id for s in question.shapes}) == len(question.shapes)
    assert [p.name for p in question.parameters if p.default is None and p.figure is None and p.help is None] == []
    assert {p.figure for p in question.parameters} - {None} <= {*profile.NEEDED, *_VEHICLE}


def test_questions_of_a_group_stand_together() -> None:
    groups = [q.group for q in ALL]
    assert [g for i, g in enumerate(groups) if i and g != groups[i - 1] and g in groups[:i]] == []
    assert len({q.id for q in ALL}) == len(ALL)


@EVERY
@pytest.mark.parametrize("contents", CONTENTS)
def test_it_answers_whatever_is_there(contents: str, question: Question) -> None:
    """A sentence in both languages, a why for every row, plain JSON in the summary; a feature of which nothing is known is no "no"."""
    frames = FRAMES[contents]
    found = ask(frames, question)
    assert found.sentence is not None and found.summary is not None
    assert found.sentence.zh and found.sentence.en and "None" not in found.sentence.en
    assert sum(found.summary[name] for name in ANSWERS) == found.summary["total"] == len(found.frame)
    json.dumps(found.summary)
    assert all(found.frame["why"].str.len() > 0)
    if contents == "unplaced":
        assert set(found.frame["answer"]) <= {"unknown", "na", "yes"}
    for shape in question.shapes or (None,):
        drawn = ask(frames, question, lang="en", properties="why", **({} if shape is None else {"shape": shape.id})).frame
        assert drawn["why"].str.isascii().all()
        if shape is not None:
            shapes = drawn.geometry.dropna()
            assert set(shapes.geom_type) <= {shape.geometry, shape.geometry.removeprefix("Multi")}
            assert not shapes.is_empty.any()
