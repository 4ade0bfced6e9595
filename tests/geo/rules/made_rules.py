"""Four small rules for tests of the runner, which do not depend on what the book holds."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import shapely

from geo.errors import Text
from geo.profile import Profile, RuleText
from geo.questions.declaration import View
from geo.rules import run
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Lacks, Rule, limit, nothing
from tests.geo.fake_frames import PROFILE, FakeFrames, FakeView


def _width(view: View) -> Judgement:
    """At least 4 m; judged by the lane alone."""
    frame = view.frame("fire_lanes")
    width = frame["clear_width_m"].to_numpy(dtype=float)
    result = np.where(np.isnan(width), UNKNOWN, np.where(width < 4, FAIL, PASS)).astype(np.int8)
    result[frame["kind"].to_numpy(dtype=object) == "pedestrian"] = NA
    ids, count = frame.index.to_numpy(), len(width)
    middle = shapely.line_interpolate_point(view.metric("fire_lanes"), 1.0)
    lacks = Lacks((("fire_lanes", "clear_width_m"),), np.where(result == UNKNOWN, 0, -1).astype(np.int16), np.arange(count))
    return Judgement(
        result, width, limit(count, 4.0), np.zeros(count, dtype=np.int8), lambda rows, lang: [f"{lang} {ids[r]}: {width[r]:g}" for r in rows],
        where=lambda rows: np.asarray(middle[rows], dtype=object), lacks=lacks,
    )  # fmt: skip


def _lanes(view: View) -> Judgement:
    """A building passes where there is a lane at all."""
    count, lanes = len(view.frame("buildings")), len(view.frame("fire_lanes"))
    result = np.full(count, PASS if lanes else FAIL, dtype=np.int8)
    pairs = [("fire_lanes", row) for row in range(lanes)]
    return Judgement(
        result, limit(count, lanes), nothing(count), np.full(count, 2, dtype=np.int8), lambda rows, lang: [f"{lanes} lanes" for _ in rows],
        involved=lambda rows: [pairs for _ in rows],
    )  # fmt: skip


def _bottles(view: View) -> Judgement:
    stored = view.frame("shops")["lpg_kg"].to_numpy(dtype=float)
    result = np.where(stored > 100, FAIL, PASS).astype(np.int8)
    severity = np.where(stored > 1000, 0, -1).astype(np.int8)
    return Judgement(
        result,
        stored,
        limit(len(stored), 100),
        np.zeros(len(stored), dtype=np.int8),
        lambda rows, lang: ["kg" for _ in rows],
        severity=severity,
    )


def _due(view: View) -> Judgement:
    due = view.frame("hazards")["due_date"].to_numpy(dtype=object)
    result = np.fromiter((UNKNOWN if d is None else FAIL if d < view.as_of else PASS for d in due), np.int8, len(due))
    none = nothing(len(due))
    return Judgement(result, none, none, np.full(len(due), -1, dtype=np.int8), lambda rows, lang: [f"{view.as_of}" for _ in rows])


WIDTH = Rule("T-01", 901, Text("宽度", "width"), "fire_lanes", ("fire_lanes",), _width, unit=Text("米", "m"), by_row=True)
LANES = Rule("T-02", 902, Text("有车道", "a lane"), "buildings", ("buildings", "fire_lanes"), _lanes)
BOTTLES = Rule("T-03", 903, Text("瓶装气", "bottles"), "shops", ("shops",), _bottles, unit=Text("公斤", "kg"))
DUE = Rule("T-04", 904, Text("到期", "due"), "hazards", ("hazards",), _due, dated=True)
MADE = (WIDTH, LANES, BOTTLES, DUE)


def text_of(rule: Rule, **said: Any) -> RuleText:
    values = {"severity": "medium", "works": "basic", "cite": Text(f"依据 {rule.id}", f"cite of {rule.id}"), "sure": "A", **said}
    return RuleText(rule.id, Text(f"要求{rule.id}", f"statement {rule.id}"), "名词", **values)


TEXTS = {
    "T-01": text_of(WIDTH, bands=((3.0, "critical"), (3.5, "high"))),
    "T-02": text_of(LANES),
    "T-03": text_of(BOTTLES, severity="high", condition=Text("已备案", "registered")),
    "T-04": text_of(DUE, severity="info", verified_on="2026-11-22"),
}


def profile(**changes: RuleText | None) -> Profile:
    rules = {id: text for id, text in {**TEXTS, **changes}.items() if text is not None}
    return replace(PROFILE, rules=MappingProxyType(rules))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The book holds these rules and no others."""
    monkeypatch.setattr(run, "RULES", MADE)
    monkeypatch.setattr(run, "READS", ("compounds", "communities", "fire_lanes", "buildings", "shops", "hazards"))


def view_of(frames: FakeFrames, **said: Any) -> FakeView:
    """A view of everything by the made profile."""
    view = frames.view(*run.READS, **{k: v for k, v in said.items() if k == "as_of"})
    view.profile = said.get("profile", profile())
    return view
