"""Fingerprints of findings: what a result was worked out from, so that one on paper can be told from one of other records."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.profile import Profile
from geo.questions.declaration import View
from geo.rules.declaration import RESULTS, Judgement, Rows, Rule
from geo.rules.findings import Findings

LENGTH = 16
"""Hexadecimal digits."""


def fingerprints(view: View, found: Findings, rows: Rows) -> NDArray[np.object_]:
    """Of some findings, 16 hexadecimal digits each: the rule with its figures, the feature and what else was looked at, each with its version, the
    day where the rule depends on one, and the result. A rule that does not tell what it looked at goes by the revisions of the layers it reads."""
    prints = np.full(len(rows), None, dtype=object)
    for i in np.unique(found.rule[rows]):
        mine = np.flatnonzero(found.rule[rows] == i)
        prints[mine] = _of_rule(view, found.profile, found.rules[i], found.judgements[i], found.row[rows[mine]])
    return prints


def _of_rule(view: View, profile: Profile, rule: Rule, judgement: Judgement, rows: Rows) -> list[str]:
    text = profile.rules[rule.id]
    shared: Sequence[Any] = [
        rule.id, profile.id, profile.version, [(name, profile[name]) for name in rule.figures], text.severity, text.bands,
        view.as_of if rule.dated else None,
        None if rule.by_row or judgement.involved is not None else [(id, view.layer_revision(id)) for id in rule.reads],
    ]  # fmt: skip
    start = hashlib.sha256(repr(shared).encode())
    frame = view.frame(rule.subject)
    own = zip(frame.index[rows], frame["version"].to_numpy()[rows], strict=True)
    others = judgement.involved(rows) if judgement.involved is not None else [()] * len(rows)
    measured, result = judgement.measured[rows], judgement.result[rows]
    made = []
    for (id, version), involved, value, code in zip(own, others, measured, result, strict=True):
        print_ = start.copy()
        print_.update(repr((int(id), int(version), _versions(view, involved), repr(float(value)), RESULTS[code])).encode())
        made.append(print_.hexdigest()[:LENGTH])
    return made


def _versions(view: View, involved: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Layer, id and version of each feature, in an order of their own."""
    found = []
    for layer, row in involved:
        frame = view.frame(layer)
        found.append((layer, int(frame.index[row]), int(frame["version"].to_numpy()[row])))
    return sorted(found)
