"""Words of ledgers that name no choice for sure are reported, and what they said is kept."""

from __future__ import annotations

import pytest

import layers
from geo.values import Parsed, parse

GUESSES = [
    ("hazards", "status", "已完成"),
    ("hazards", "status", "待核实"),
    ("hazards", "grade", "低"),
    ("hazards", "grade", "中"),
    ("hazards", "grade", "高"),
    ("compounds", "gas_status", "不适用"),
    ("compounds", "gas_status", "不需要"),
    ("buildings", "gas_status", "不适用"),
]


@pytest.mark.parametrize(("layer", "name", "word"), GUESSES)
def test_a_word_that_may_mean_several_things_is_reported(layer: str, name: str, word: str) -> None:
    """已完成 closed a hazard that nobody had reviewed, 不适用 made a compound all-electric, 低 and 中 had grades though 高 had none."""
    field = layers.get(layer).field(name)
    assert field is not None
    parsed = parse(field, word)
    assert (parsed.value, parsed.note) == (None, "unknown-choice")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("已整改", "done_pending_review"),
        ("整改完成", "done_pending_review"),
        ("复查通过", "closed"),
        ("销号", "closed"),
        ("疑似", "candidate"),
    ],
)
def test_a_hazard_is_closed_by_a_passed_review_only(word: str, status: str) -> None:
    field = layers.get("hazards").field("status")
    assert field is not None
    assert parse(field, word) == Parsed(status)


@pytest.mark.parametrize(("layer", "name", "word", "value"), [
    ("compounds", "gas_status", "待核实", "unknown"), ("compounds", "gas_status", "待定", None), ("hazards", "grade", "待定", "pending"),
    ("hazards", "status", "不详", None),
])  # fmt: skip
def test_words_for_not_known_yet_stay_unknown(layer: str, name: str, word: str, value: str | None) -> None:
    field = layers.get(layer).field(name)
    assert field is not None
    assert parse(field, word) == Parsed(value)
