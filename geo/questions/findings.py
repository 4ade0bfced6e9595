"""`findings`: what the rule book finds, rule by rule and feature by feature, and what changes under another profile or on another day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.profile import SEVERITIES
from geo.questions.declaration import (
    AS_OF,
    BASES,
    GROUP_RULES,
    NA,
    NO,
    PROFILE,
    UNKNOWN,
    YES,
    Flags,
    Parameter,
    Question,
    Verdicts,
    View,
    named,
)
from geo.rules.book import RULES
from geo.rules.comparison import STATES, results_in
from geo.rules.declaration import FAIL, RESULTS, Rows
from geo.rules.declaration import UNKNOWN as NOT_KNOWN
from geo.rules.findings import Findings, table
from geo.rules.fingerprints import fingerprints
from geo.rules.run import READS
from geo.schema import Choice, Field

_ANSWER = np.array([NO, YES, UNKNOWN, NA], dtype=np.int8)
"""The answer by the position of a result in RESULTS: what does not comply is what is asked for."""


def _findings(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    found = table(view)
    other = None
    if parameters["compare"] or parameters["compare_as_of"]:
        other = table(view.under(profile=parameters["compare"], as_of=parameters["compare_as_of"]))
    before = None if other is None else results_in(other, found.ids)
    answers = _Answers(view, found, before)
    among = _among(found, before, parameters)
    return Verdicts(_ANSWER[found.result], answers.column, answers.why, summary=answers.summary, among=among)


def _among(found: Findings, before: NDArray[np.int8] | None, parameters: Mapping[str, Any]) -> Flags | None:
    """The findings that the parameters ask about."""
    conditions: list[Flags] = []
    if parameters["rule"] is not None:
        at = next((i for i, rule in enumerate(found.rules) if rule.id == parameters["rule"]), -1)
        conditions.append(np.asarray(found.rule == at))
    if parameters["severity"] is not None:
        conditions.append(np.asarray(found.severity <= SEVERITIES.index(parameters["severity"])))
    if before is not None:
        conditions.append(np.asarray(before != found.result))
    return np.logical_and.reduce(conditions) if conditions else None


@dataclass(frozen=True, slots=True)
class _Answers:
    """The other fields of the findings and their sentences, made when asked for."""

    view: View
    found: Findings
    before: NDArray[np.int8] | None

    def column(self, name: str, rows: Rows | None) -> NDArray[Any]:
        found = self.found
        at: Rows = np.arange(len(found)) if rows is None else rows
        texts = [found.text(i) for i in range(len(found.rules))]
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: found.gathered("measured", at),
            "threshold": lambda: found.gathered("threshold", at),
            "unit": lambda: self._by_rule([rule.unit for rule in found.rules], at),
            "basis": lambda: named(np.nan_to_num(found.gathered("basis", at), nan=-1).astype(np.int8), BASES),
            "re_measure": lambda: self._re_measure(at),
            "check": lambda: self._by_rule([rule.title for rule in found.rules], at),
            "statement": lambda: self._by_rule([text.statement for text in texts], at),
            "condition": lambda: self._by_rule([text.condition for text in texts], at),
            "cite": lambda: self._by_rule([text.cite for text in texts], at),
            "before": lambda: np.full(len(at), None, dtype=object) if self.before is None else named(self.before[at], STATES),
            "fingerprint": lambda: fingerprints(self.view, found, at),
        }
        return made[name]()

    def _by_rule(self, values: list[Any], at: Rows) -> NDArray[np.object_]:
        return named(self.found.rule[at], values)

    def _re_measure(self, at: Rows) -> NDArray[np.object_]:
        """Whether a figure is there that does not settle it: a better one would."""
        unsettled = (self.found.result[at] == NOT_KNOWN) & ~np.isnan(self.found.gathered("measured", at))
        return np.asarray(unsettled.astype(object))

    def why(self, rows: Rows, lang: str) -> list[str]:
        said = np.full(len(rows), "", dtype=object)
        for i in np.unique(self.found.rule[rows]):
            mine = np.flatnonzero(self.found.rule[rows] == i)
            sentences = self.found.judgements[i].why(self.found.row[rows[mine]], lang)
            condition = self.found.text(i).condition
            told = Text(f"（前提：{condition.zh}）", f" (provided that: {condition.en})").of(lang) if condition else ""
            said[mine] = [f"{sentence}{told}" for sentence in sentences]
        return list(said)

    def summary(self, rows: Rows) -> Mapping[str, Any]:
        """The four counts of every rule, and how many failures there are of each severity."""
        found = self.found
        key = found.rule[rows].astype(np.int64) * len(RESULTS) + found.result[rows]
        counts = np.bincount(key, minlength=len(found.rules) * len(RESULTS)).reshape(-1, len(RESULTS))
        worst = np.bincount(found.severity[rows][found.result[rows] == FAIL], minlength=len(SEVERITIES))
        return {
            "rules": {
                rule.id: dict(zip(RESULTS, map(int, counts[i]), strict=True)) for i, rule in enumerate(found.rules) if counts[i].any()
            },
            "severities": dict(zip(SEVERITIES, map(int, worst), strict=True)),
        }


_SEVERITY_NAMES = (
    Text("严重", "critical"), Text("高及以上", "high or worse"), Text("中及以上", "medium or worse"), Text("低及以上", "low or worse"), Text("全部", "all"),
)  # fmt: skip
_STATE_NAMES = (
    Text("符合", "complies"), Text("不符合", "does not comply"), Text("不明", "unknown"), Text("不适用", "not applicable"), Text("未检查", "not checked"),
)  # fmt: skip

FINDINGS = Question(
    id="findings",
    title=Text("规则检查：哪些不符合", "Findings of the rule book"),
    help=Text(
        "按规则文件逐条、逐个对象检查，列出不符合的；资料不足的算不明",
        "every rule of the profile on every feature that it concerns: what does not comply is listed, what the records cannot settle is unknown",
    ),
    subject="findings",
    group=GROUP_RULES,
    reads=("findings", *READS),
    answer=_findings,
    sentence=Text("检查 {total} 项：不符合 {yes}，不明 {unknown}", "{total} checks: {yes} do not comply, {unknown} unknown"),
    parameters=(
        Parameter(
            "rule", "choice", None, Text("规则", "Rule"),
            choices=tuple(Choice(rule.id, Text(f"{rule.id} {rule.title.zh}", f"{rule.id} {rule.title.en}")) for rule in RULES),
            help=Text("不写则是全部", "all of them, unless said"),
        ),
        Parameter(
            "severity", "choice", None, Text("程度", "Severity"),
            choices=tuple(Choice(value, label) for value, label in zip(SEVERITIES, _SEVERITY_NAMES, strict=True)),
            help=Text("至少这样严重；不写则是全部", "at least this severe; all of them, unless said"),
        ),
        PROFILE,
        AS_OF,
        Parameter(
            "compare", "choice", None, Text("对比的规则文件", "Compare with profile"), choices=PROFILE.choices,
            help=Text("只列出与之结果不同的", "only what comes out otherwise there"),
        ),
        Parameter(
            "compare_as_of", "date", None, Text("对比的日期", "Compare with day"),
            help=Text("只列出与那天结果不同的", "only what comes out otherwise on that day"),
        ),
    ),
    extra_fields=(
        Field("check", "text", Text("检查内容", "Checked"), public=True),
        Field("statement", "text", Text("规则内容", "Statement"), public=True),
        Field("condition", "text", Text("适用前提", "Provided that"), public=True),
        Field("cite", "text", Text("依据条文", "Citation"), public=True),
        Field(
            "before", "choice", Text("对比的结果", "Result compared with"), public=True,
            choices=tuple(Choice(value, label) for value, label in zip(STATES, _STATE_NAMES, strict=True)),
        ),
        Field("fingerprint", "text", Text("输入指纹", "Fingerprint of the inputs"), public=True),
    ),
    internal=True,
    answers=(
        Choice("yes", Text("不符合", "does not comply")),
        Choice("no", Text("符合", "complies")),
        Choice("unknown", Text("不明", "unknown")),
        Choice("na", Text("不适用", "not applicable")),
    ),
)  # fmt: skip
"""Internal as a whole: rules on distances from gas mains are among them."""
