"""What a hand-made case of a rule is: some rows of some layers, and the result that one feature must have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo.profile import SEVERITIES, RuleText
from geo.questions.declaration import View
from geo.rules.book import RULES
from geo.rules.declaration import RESULTS, Judgement, Rule
from tests.geo.fake_frames import TODAY, FakeFrames, frame_of

NAMES = ("below", "exactly", "above", "unknown", "na")
"""The cases that every rule has, unless `ABSENT` of its family says why one cannot be."""


@dataclass(frozen=True)
class Want:
    """What the feature must have; None for a figure = none, `...` = whatever."""

    result: str
    measured: Any = ...
    threshold: Any = ...
    severity: Any = ...
    says: str = ""
    """A part of the Chinese sentence."""


@dataclass(frozen=True)
class Case:
    """`layers`: layer id → rows as `tests.geo.fake_frames` takes them; `row`: the position of the judged feature in the rule's subject."""

    rule: str
    name: str
    layers: Mapping[str, Sequence[Mapping[str, Any]]]
    want: Want
    row: int = 0
    as_of: str = TODAY
    profile: str = "cn_gb"
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.rule}-{self.name}"


def rule_called(id: str) -> Rule:
    return next(rule for rule in RULES if rule.id == id)


def judged(case: Case) -> tuple[Judgement, View]:
    """Kept, since families look at their cases in more ways than one."""
    if id(case) not in _JUDGED:
        _JUDGED[id(case)] = (case, *_judged(case))
    return _JUDGED[id(case)][1:]


_JUDGED: dict[int, tuple[Case, Judgement, View]] = {}


def _judged(case: Case) -> tuple[Judgement, View]:
    rule = rule_called(case.rule)
    ids = dict.fromkeys((rule.subject, *rule.reads))
    frames = FakeFrames(case.layers)
    frames.held = {id: _frame(id, case.layers[id]) for id in ids if case.layers.get(id)}
    view: Any = frames.view(*ids, as_of=case.as_of, profile=case.profile)
    return rule.judge(view), view


_FRAMES: dict[Any, Any] = {}


def _frame(layer: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    """Many cases have a road or a building in common, and a frame takes longer to make than to judge."""
    key = (layer, tuple(tuple((name, getattr(value, "wkb", value)) for name, value in row.items()) for row in rows))
    if key not in _FRAMES:
        _FRAMES[key] = frame_of(layer, rows)
    return _FRAMES[key]


def severity_of(text: RuleText, judgement: Judgement, row: int) -> str:
    """As a finding has it: what the rule's own column says, else the first band that the measured value is below, else the profile's."""
    if judgement.severity is not None and judgement.severity[row] >= 0:
        return SEVERITIES[judgement.severity[row]]
    measured = float(judgement.measured[row])
    return next((s for below, s in text.bands if measured < below), text.severity)


def check(case: Case) -> None:
    judgement, view = judged(case)
    want, row = case.want, case.row
    said = [judgement.why(_rows(row), lang)[0] for lang in ("zh", "en")]
    assert RESULTS[judgement.result[row]] == want.result, said
    for name, wanted in (("measured", want.measured), ("threshold", want.threshold)):
        if wanted is not ...:
            found = float(getattr(judgement, name)[row])
            assert math.isnan(found) if wanted is None else abs(found - wanted) < 1e-9, (name, found, said)
    if want.severity is not ...:
        assert severity_of(view.profile.rules[case.rule], judgement, row) == want.severity, said
    assert all(said) and want.says in said[0], said
    assert not any(word in text.lower() for text in said for word in ("违法", "非法", "illegal")), said


def _rows(row: int) -> Any:
    import numpy as np

    return np.array([row], dtype=np.int64)
