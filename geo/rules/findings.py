"""The results of the rule book as a layer: one row for every rule and every feature that it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import GeometryArray
from numpy.typing import NDArray

from geo.crs import STORAGE
from geo.profile import SEVERITIES, Profile, RuleText
from geo.questions.declaration import View, latest
from geo.questions.shown import objects
from geo.rules import run
from geo.rules.declaration import FAIL, Judgement, Rows, Rule
from geo.rules.targets import Targets, metric_to_stored, targets

NUMBERS = 1000
"""A finding's id is that of its feature times this, plus the number of its rule."""

COLUMNS = (
    "code", "title", "rule", "severity", "works", "target_layer", "target_id", "target_code", "target_name", "compound_code", "community",
    "sure", "verified_on", "profile", "profile_version", "source", "source_date", "quality", "accuracy_m", "version", "updated_at", "updated_by", "extra",
)  # fmt: skip
"""Of the layer, in the order of its declaration."""

Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """All results of a profile as a table. Row i is rule `rules[rule[i]]` on row `row[i]` of its subject. `result`: positions in RESULTS; `severity`: in
    SEVERITIES, for a failure as it was found, else as the profile says of the rule."""

    rules: tuple[Rule, ...]
    judgements: tuple[Judgement, ...]
    profile: Profile
    ids: NDArray[np.int64]
    rule: NDArray[np.int16]
    row: Rows
    result: NDArray[np.int8]
    severity: NDArray[np.int8]
    frame: gpd.GeoDataFrame
    metric: Objects
    blocks: tuple[_Block, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def text(self, at: int) -> RuleText:
        """What the profile says of a rule."""
        return self.profile.rules[self.rules[at].id]

    def gathered(self, name: str, rows: Rows | None = None) -> NDArray[np.float64]:
        """A column of the judgements ("measured", "threshold", "basis") for some rows, or all."""
        rule, row = (self.rule, self.row) if rows is None else (self.rule[rows], self.row[rows])
        values = np.full(len(rule), np.nan)
        for i, judgement in enumerate(self.judgements):
            mine = np.flatnonzero(rule == i)
            values[mine] = getattr(judgement, name)[row[mine]]
        return values


def rows(view: View) -> tuple[gpd.GeoDataFrame, Objects]:
    """The layer `findings` as `View.frame` gives a layer, and its points in the metric CRS."""
    found = table(view)
    return found.frame, found.metric


def table(view: View) -> Findings:
    """Every result of the view's profile."""
    return latest(view, ("findings",), run.state_of(view), lambda held: _table(view, held[1] if held else None))


def severities(text: RuleText, judgement: Judgement) -> NDArray[np.int8]:
    """Per row: what the rule itself found, else the first band that the measured value of a failure is below, else the profile's."""
    found = np.full(len(judgement.result), SEVERITIES.index(text.severity), dtype=np.int8)
    for below, severity in reversed(text.bands):
        found[(judgement.result == FAIL) & (judgement.measured < below)] = SEVERITIES.index(severity)
    if judgement.severity is not None:
        own = (judgement.result == FAIL) & (judgement.severity >= 0)
        found[own] = judgement.severity[own]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """The rows of one rule, in the order of its subject."""

    judgement: Judgement
    code: Objects
    severity: NDArray[np.int8]
    stored: Objects
    metric: Objects
    targets: Targets
    crs: str | None
    found: Any
    """Where the failures are, as the judgement says."""


def _table(view: View, before: Findings | None) -> Findings:
    results = run.judged(view)
    rules = tuple(rule for rule in run.RULES if rule.id in results)
    judgements = tuple(results[rule.id] for rule in rules)
    known = dict(zip((r.id for r in before.rules), before.blocks, strict=True)) if before else {}
    blocks = tuple(_block(view, rule, judgement, known.get(rule.id)) for rule, judgement in zip(rules, judgements, strict=True))
    counts = [len(block.code) for block in blocks]
    ids = _joined([block.targets.ids * NUMBERS + rule.number for rule, block in zip(rules, blocks, strict=True)], np.int64)
    order = np.argsort(ids, kind="stable")
    rule = np.repeat(np.arange(len(rules), dtype=np.int16), counts)[order]
    row = _joined([np.arange(count) for count in counts], np.int64)[order]
    result = _joined([judgement.result for judgement in judgements], np.int8)[order]
    severity = _joined([block.severity for block in blocks], np.int8)[order]
    metric = _joined([block.metric for block in blocks], object)[order]
    metric.flags.writeable = False
    columns = _columns(view.profile, rules, blocks, order, rule, np.where(result == FAIL, severity, -1))
    columns["geometry"] = _joined([block.stored for block in blocks], object)[order]
    frame = _framed(columns, ids[order])
    return Findings(rules, judgements, view.profile, ids[order], rule, row, result, severity, frame, metric, blocks)


def _block(view: View, rule: Rule, judgement: Judgement, before: _Block | None) -> _Block:
    about = targets(view, rule.subject)
    if before is not None and before.targets is about and before.judgement is judgement:
        return before
    if before is not None and not np.array_equal(before.targets.ids, about.ids):
        before = None
    code = before.code if before is not None and _same(before.targets.code, about.code) else _codes(rule, about)
    stored, metric, found = about.stored, about.metric, None
    failed = np.flatnonzero(judgement.result == FAIL)
    if judgement.where is not None and len(failed):
        found = before.found if before is not None and before.judgement is judgement else judgement.where(failed)
        placed = np.fromiter((point is not None for point in found), dtype=bool, count=len(found))
        stored, metric = stored.copy(), metric.copy()
        metric[failed[placed]] = found[placed]
        stored[failed[placed]] = _stored(view, found[placed], failed[placed], before)
    return _Block(judgement, code, severities(view.profile.rules[rule.id], judgement), stored, metric, about, view.metric_crs, found)


def _stored(view: View, points: Objects, rows: Rows, before: _Block | None) -> Objects:
    """Points of some rows as they are stored; those that did not move as they were."""
    if before is None or before.crs != view.metric_crs:
        return metric_to_stored(points, view.metric_crs)
    old, stored = before.metric[rows], before.stored[rows]
    own = np.fromiter((a is b for a, b in zip(stored, before.targets.stored[rows], strict=True)), dtype=bool, count=len(rows))
    moved = np.flatnonzero(own | ~((shapely.get_x(old) == shapely.get_x(points)) & (shapely.get_y(old) == shapely.get_y(points))))
    if len(moved):
        stored[moved] = metric_to_stored(points[moved], view.metric_crs)
    return stored


def _same(old: Objects, new: Objects) -> bool:
    return old is new or old.tolist() == new.tolist()


def _codes(rule: Rule, about: Targets) -> Objects:
    return np.array([*(f"{rule.id}/{code}" for code in about.code), None], dtype=object)[:-1]


def _columns(
    profile: Profile, rules: tuple[Rule, ...], blocks: tuple[_Block, ...], order: Rows, rule: NDArray[np.int16], severity: NDArray[np.int8]
) -> dict[str, NDArray[Any]]:
    texts = [profile.rules[r.id] for r in rules]
    a_rule: Mapping[str, list[Any]] = {
        "title": [f"{r.id} {r.title.zh}" for r in rules],
        "rule": [r.id for r in rules],
        "works": [t.works for t in texts],
        "target_layer": [r.subject for r in rules],
        "sure": [t.sure for t in texts],
        "verified_on": [t.verified_on for t in texts],
        "profile": [profile.id for _ in rules],
        "profile_version": [profile.version for _ in rules],
    }
    columns: dict[str, NDArray[Any]] = {name: objects(values)[rule] for name, values in a_rule.items()}
    for name, attribute in (("target_code", "code"), ("target_name", "name"), ("compound_code", "compound"), ("community", "community")):
        columns[name] = _joined([getattr(block.targets, attribute) for block in blocks], object)[order]
    columns["code"] = _joined([block.code for block in blocks], object)[order]
    columns["target_id"] = _joined([block.targets.ids for block in blocks], np.int64)[order].astype(np.float64)
    columns["severity"] = objects([*SEVERITIES, None])[severity]
    columns["version"] = _joined([block.targets.version for block in blocks], np.int64)[order]
    columns["accuracy_m"] = np.full(len(order), np.nan)
    nothing = np.full(len(order), None, dtype=object)
    return {name: columns.get(name, nothing) for name in COLUMNS}


def _joined(parts: list[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    return np.concatenate([np.empty(0, dtype=dtype), *parts])


def _framed(columns: Mapping[str, NDArray[Any]], ids: NDArray[np.int64]) -> gpd.GeoDataFrame:
    index = pd.Index(ids, name="id", copy=False)
    values: dict[str, Any] = {**columns, "geometry": GeometryArray(columns["geometry"], crs=STORAGE)}
    series = {name: pd.Series(column, index=index, dtype=getattr(column, "dtype", None), copy=False) for name, column in values.items()}
    frame: Any = pd.DataFrame(series, copy=False)
    frame.__class__ = gpd.GeoDataFrame  # the constructor would copy every column
    frame._geometry_column_name = "geometry"
    found: gpd.GeoDataFrame = frame
    return found
