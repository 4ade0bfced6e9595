"""Every rule of a profile judged on the layers as they are, and only where something changed since the last time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from geo.questions.declaration import View, latest
from geo.rules import columns
from geo.rules.book import RULES as RULES
from geo.rules.declaration import Judgement, Rows, Rule
from geo.rules.splicing import Pieces, Some, spliced
from geo.schema import Layer

READS: tuple[str, ...] = tuple(dict.fromkeys(("compounds", "communities", *(id for rule in RULES for id in (rule.subject, *rule.reads)))))
"""Every layer that some rule reads, and those that findings are attributed to."""

DAYS = 2
"""For how many days the results of rules that depend on one are kept: two that are being compared."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`results`: rule id → its judgement, for the rules of the view's profile in the order of the book. `work`: rule id → the rows judged to get from
    the last results to these; a rule that nothing it reads changed for is not in it."""

    results: Mapping[str, Judgement]
    work: Mapping[str, int]
    kept: Mapping[tuple[str, str], _Kept]


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A rule's results with what they were worked out from: `revision` of the subject, whose ids are `ids`; `others` are the revisions of the other
    layers it reads, and the metric CRS."""

    revision: int
    others: tuple[Any, ...]
    ids: Rows
    pieces: Pieces


def judged(view: View) -> Mapping[str, Judgement]:
    """Rule id → its judgement, for the rules of the view's profile in the order of the book."""
    return judged_now(view).results


def judged_now(view: View) -> Judged:
    """All results, with what had to be judged for them. One cell for all rules: the memory of a view is small."""
    return latest(view, ("rules judged",), state_of(view), lambda held: _updated(view, held[1] if held else None))


def state_of(view: View) -> tuple[Any, ...]:
    """What the results depend on, beside the profile."""
    return (*(view.layer_revision(id) for id in READS), view.metric_crs, view.as_of)


def _updated(view: View, before: Judged | None) -> Judged:
    kept: dict[tuple[str, str], _Kept] = {}
    work: dict[str, int] = {}
    results = {}
    parts: dict[tuple[str, bytes], Some] = {}
    for rule in RULES:
        if rule.id not in view.profile.rules:
            continue
        key = (rule.id, view.as_of if rule.dated else "")
        found, count = _brought_up(view, rule, before.kept.get(key) if before else None, parts)
        kept[key], results[rule.id] = found, found.pieces.whole
        if count is not None:
            work[rule.id] = count
    return Judged(MappingProxyType(results), MappingProxyType(work), MappingProxyType({**_other_days(view, before), **kept}))


def _other_days(view: View, before: Judged | None) -> dict[tuple[str, str], _Kept]:
    """Results for the days that were asked for last, without that of the view."""
    if before is None:
        return {}
    days = list(dict.fromkeys(day for _, day in before.kept if day not in ("", view.as_of)))[1 - DAYS :]
    return {key: found for key, found in before.kept.items() if key[1] in days}


def _brought_up(view: View, rule: Rule, before: _Kept | None, parts: dict[tuple[str, bytes], Some]) -> tuple[_Kept, int | None]:
    """The rule's results for the view, and how many rows were judged for them (None = it was not asked). `parts`: the view with some rows of a layer,
    which rules that look at the same rows share."""
    revision = _revision(view, rule, rule.subject)
    others = (*(_revision(view, rule, id) for id in rule.reads if id != rule.subject), view.metric_crs)
    if before is not None and before.others == others:
        if before.revision == revision:
            return before, None
        if rule.by_row and (changed := _changed(view, rule, before)) is not None:
            return _spliced(view, rule, before, changed, (revision, others), parts)
    ids = np.asarray(view.frame(rule.subject).index.to_numpy(), dtype=np.int64)
    return _Kept(revision, others, ids, Pieces.of(rule.judge(view))), len(ids)


def _revision(view: View, rule: Rule, layer: str) -> int:
    """Of a layer, or of the columns of it that the rule reads."""
    if layer not in columns.READ.get(rule.id, {}) or (rule.by_row and layer == rule.subject):
        return view.layer_revision(layer)
    return view.columns_revision(layer, *_columns(rule.id, view.layer(layer)))


@cache
def _columns(rule: str, layer: Layer) -> tuple[str, ...]:
    there = {"geometry", *(field.name for field in layer.all_fields)}
    return (*columns.READ[rule][layer.id], *(name for name in columns.COMMON if name in there))


def _changed(view: View, rule: Rule, before: _Kept) -> frozenset[int] | None:
    """Ids changed since, None = judge all: unknown, so many that it is no gain, or the view is older than the results."""
    if view.layer_revision(rule.subject) < before.revision:
        return None
    changed = view.changed_since(rule.subject, before.revision)
    return changed if changed is not None and 4 * len(changed) < len(before.ids) else None


def _spliced(
    view: View,
    rule: Rule,
    before: _Kept,
    changed: frozenset[int],
    state: tuple[int, tuple[Any, ...]],
    parts: dict[tuple[str, bytes], Some],
) -> tuple[_Kept, int | None]:
    """The old results with those of the changed rows put in."""
    ids = np.asarray(view.frame(rule.subject).index.to_numpy(), dtype=np.int64)
    at = np.minimum(np.searchsorted(before.ids, ids), max(len(before.ids) - 1, 0))
    old = (before.ids[at] == ids) & ~np.isin(ids, np.fromiter(changed, dtype=np.int64, count=len(changed)))
    fresh = before.pieces.to_judge(old, at)
    part = parts.setdefault((rule.subject, fresh.tobytes()), Some(view, rule.subject, fresh))
    pieces = spliced(before.pieces, old, at, fresh, rule.judge(part))
    return _Kept(*state, ids, pieces), len(fresh)
