"""Rules for tests of gaps: each finds unknown what lacks one field, whatever the others say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.errors import Text
from geo.profile import Profile
from geo.questions.declaration import View
from geo.rules import run
from geo.rules.declaration import PASS, UNKNOWN, Judgement, Lacks, Rule, nothing


def needs(number: int, layer: str, field: str) -> Rule:
    """A rule that passes wherever `field` of `layer` says something ("geometry": is on the map)."""

    def judge(view: View) -> Judgement:
        said = view.frame(layer)[field]
        open_ = np.asarray(pd.isna(said), dtype=bool)
        count = len(open_)
        lacks = Lacks(((layer, field),), np.where(open_, 0, -1).astype(np.int16), np.where(open_, np.arange(count), -1))
        result = np.where(open_, UNKNOWN, PASS).astype(np.int8)
        return Judgement(
            result, nothing(count), nothing(count), np.full(count, -1, np.int8), lambda rows, lang: ["?"] * len(rows), lacks=lacks
        )

    return Rule(f"T-{number:02}", number, Text(field, field), layer, (layer,), judge)


@contextmanager
def ruled(profile: Profile, *rules: Rule) -> Iterator[Profile]:
    """The profile with these rules alone."""
    text = next(iter(profile.rules.values()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "RULES", rules)
        yield replace(profile, rules={rule.id: text for rule in rules})
