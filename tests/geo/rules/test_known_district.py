"""The findings on a district in which everything is known equal the list that was worked out by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from geo.questions import catalogue
from geo.questions.declaration import ANSWERS as NAMES
from geo.rules import findings, run
from geo.rules.declaration import FAIL, RESULTS, UNKNOWN, Judgement
from tests.geo.fake_frames import FakeFrames, FakeView
from tests.geo.rules.known_district import ANSWERS, DISTRICT, EXPECTED, Result


@pytest.fixture(scope="module")
def view() -> FakeView:
    return FakeFrames(DISTRICT).view(*run.READS, "findings")


def codes(view: FakeView, layer: str) -> list[str]:
    return list(view.frame(layer)["code"])


def expected(rule: str, code: str) -> Result:
    return EXPECTED[rule].get(code, EXPECTED[rule]["*"])


def found(view: FakeView, rule: Any, judgement: Judgement, row: int) -> Result:
    """A result as the list has it."""
    measured, result = float(judgement.measured[row]), int(judgement.result[row])
    severity, lacks, of = "", "", ""
    if result == FAIL:
        table = findings.table(view)
        mine = (table.rule == table.rules.index(rule)) & (table.row == row)
        severity = table.frame["severity"].to_numpy()[mine][0]
    if result == UNKNOWN and judgement.lacks is not None and judgement.lacks.kind[row] >= 0:
        layer, field = judgement.lacks.kinds[judgement.lacks.kind[row]]
        lacks, at = f"{layer}.{field}", int(judgement.lacks.row[row])
        of = "-" if at < 0 else "" if (layer, at) == (rule.subject, row) else codes(view, layer)[at]
    return Result(RESULTS[result], None if np.isnan(measured) else round(measured, 6), severity, lacks, of)


def asked(wanted: Result, got: Result) -> Result:
    """What was found, without what the list leaves open."""
    return Result(got.result, ... if wanted.measured is ... else got.measured, got.severity, got.lacks, got.of)


def test_the_list_is_of_every_rule_of_the_book() -> None:
    assert list(EXPECTED) == [rule.id for rule in run.RULES]
    for rule in run.RULES:
        there = {row["code"] for row in DISTRICT[rule.subject]}
        assert set(EXPECTED[rule.id]) - {"*"} <= there, rule.id


@pytest.mark.parametrize("id", [rule.id for rule in run.RULES])
def test_every_result_is_the_one_worked_out_by_hand(view: FakeView, id: str) -> None:
    rule = next(rule for rule in run.RULES if rule.id == id)
    judgement = run.judged(view)[id]
    wanted = {code: expected(id, code) for code in codes(view, rule.subject)}
    got = {code: asked(wanted[code], found(view, rule, judgement, row)) for row, code in enumerate(wanted)}
    assert got == wanted, judgement.why(np.arange(len(wanted)), "zh")


def test_the_layer_of_findings_has_one_row_for_each_of_them(view: FakeView) -> None:
    """Its failures are those of the list, with their severity; every row has a place unless its feature has none."""
    rows = view.frame("findings")
    features = [(rule.id, row["code"]) for rule in run.RULES for row in DISTRICT[rule.subject]]
    assert Counter(zip(rows["rule"], rows["target_code"], strict=True)) == Counter(features)
    failed = {
        (rule, code, severity)
        for rule, code, severity in zip(rows["rule"], rows["target_code"], rows["severity"], strict=True)
        if severity is not None
    }
    assert failed == {(rule, code, expected(rule, code).severity) for rule, code in features if expected(rule, code).result == "fail"}
    assert set(rows["target_code"][rows.geometry.isna()]) == {"X-1"}


def test_the_gaps_are_what_the_unknown_results_of_the_list_lack(view: FakeView) -> None:
    """Each once, with the rules that it would settle; the one of a layer as a whole names neither feature nor field."""
    wanted: dict[tuple[str, str | None, str | None], set[str]] = {}
    for rule in run.RULES:
        for code in codes(view, rule.subject):
            if lacks := expected(rule.id, code).lacks:
                layer, field = lacks.split(".")
                of = expected(rule.id, code).of
                wanted.setdefault((layer, None, None) if of == "-" else (layer, of or code, field), set()).add(rule.id)
    rows = FakeFrames(DISTRICT).view(*run.READS, "data_gaps").frame("data_gaps")
    got = {(row.target_layer, row.target_code, row.field): set(row.rules.split(", ")) for row in rows.itertuples()}
    assert got == wanted


@pytest.mark.parametrize("question", ANSWERS)
def test_questions_on_hazards_and_shops_answer_as_worked_out_by_hand(question: str) -> None:
    asked = catalogue.get(question)
    view = FakeFrames(DISTRICT).view(asked.subject, *asked.reads)
    answers = asked.answer(view, dict(asked.defaults))
    told = zip(codes(view, asked.subject), answers.answer, answers.column("value", None), strict=True)
    found = {
        code: (NAMES[answer], None if np.isnan(value) else float(value))
        for code, answer, value in told
        if NAMES[answer] in ("yes", "unknown")
    }
    assert found == ANSWERS[question]


def test_sentences_never_say_illegal_and_speak_both_languages(view: FakeView) -> None:
    for id, judgement in run.judged(view).items():
        rows = np.arange(len(judgement.result))
        for lang, never in (("zh", ("违法", "违规", "非法")), ("en", ("illegal", "unlawful", "violation"))):
            said = judgement.why(rows, lang)
            assert all(said) and len(said) == len(rows), id
            assert not [text for text in said for word in never if word in text.lower()], id
        assert judgement.why(rows, "zh") != judgement.why(rows, "en"), id
