"""Findings and data gaps tell where gas mains lie and which small shops hold bottled gas: no map that travels has them."""

from __future__ import annotations

import pytest

from geo.errors import BadValue
from geo.questions.catalogue import ALL
from tests.geo.fake_frames import LAYERS
from web.standalone.view import MapView

QUESTIONS = {question.id: question for question in ALL}


def test_a_travelling_map_leaves_findings_out_as_a_layer() -> None:
    """The question was refused, but `layers=findings` had all of it."""
    view = MapView.from_args({"layers": "buildings,findings,data_gaps"}, layers=LAYERS, questions=QUESTIONS)
    assert (view.layers, set(view.left_out)) == (("buildings",), {"findings", "data_gaps"})


@pytest.mark.parametrize("question", ["findings", "data-gaps", "shops-with-lpg-over"])
def test_a_travelling_map_refuses_the_questions(question: str) -> None:
    with pytest.raises(BadValue):
        MapView.from_args({"question": question}, layers=LAYERS, questions=QUESTIONS)
