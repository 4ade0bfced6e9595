"""Rules read no more columns than `geo.rules.columns` says: each is judged in a view that writes down what is asked of it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from geo.rules import run
from geo.rules.columns import COMMON, READ
from geo.rules.declaration import Rule
from tests.geo.fake_frames import LAYERS, FakeFrames, FakeView
from tests.geo.rules.known_district import DISTRICT

NUMBERED = {layer: [{"id": at, **row} for at, row in enumerate(rows, 1)] for layer, rows in DISTRICT.items()}


class _Watched(gpd.GeoDataFrame):  # type: ignore[misc]
    """A frame that writes down which columns are asked for; whole rows are all columns."""

    def __getitem__(self, key: Any) -> Any:
        self.__dict__["asked"].update([key] if isinstance(key, str) else key if isinstance(key, list) else ["*"])
        return super().__getitem__(key)

    @property
    def iloc(self) -> Any:
        self.__dict__["asked"].add("*")
        return super().iloc

    @property
    def loc(self) -> Any:
        self.__dict__["asked"].add("*")
        return super().loc


def asked(monkeypatch: pytest.MonkeyPatch, rule: Rule) -> dict[str, set[str]]:
    """Layer → columns that all that a rule tells is made of."""
    columns: dict[str, set[str]] = {}
    frames: dict[str, Any] = {}
    whole = FakeView.frame

    def frame(view: FakeView, id: str) -> Any:
        if id not in frames:
            watched = whole(view, id).copy(deep=False)
            watched.__class__ = _Watched
            watched.__dict__["asked"] = columns.setdefault(id, set())
            frames[id] = watched
        return frames[id]

    view = FakeFrames(NUMBERED).view(*run.READS)
    with monkeypatch.context() as patched:
        patched.setattr(FakeView, "frame", frame)
        judgement = rule.judge(view)
        rows = np.arange(len(judgement.result))
        for lang in ("zh", "en"):
            judgement.why(rows, lang)
        for more in (judgement.where, judgement.involved):
            if more is not None:
                more(rows)
    return columns


@pytest.mark.parametrize("rule", [rule for rule in run.RULES if rule.id in READ], ids=lambda rule: rule.id)
def test_a_rule_reads_only_the_columns_that_are_said(monkeypatch: pytest.MonkeyPatch, rule: Rule) -> None:
    found = asked(monkeypatch, rule)
    assert set(found) <= {rule.subject, *rule.reads}
    for layer, names in READ[rule.id].items():
        assert found.get(layer, set()) <= {*names, *COMMON}, layer


def test_what_is_said_are_columns_of_layers_that_the_rule_reads() -> None:
    rules = {rule.id: rule for rule in run.RULES}
    for id, layers in READ.items():
        for layer, names in layers.items():
            assert layer in (rules[id].subject, *rules[id].reads), (id, layer)
            assert set(names) <= {field.name for field in LAYERS[layer].all_fields}, (id, layer)
