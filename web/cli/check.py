"""`flask check`: the rule book on everything that is there, as a table or JSON; exit 4 when something of high severity does not comply."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import click
import numpy as np
from flask.cli import with_appcontext
from rich.console import Console
from rich.table import Table

from geo.answers import Answer, answer
from geo.derived import DERIVED
from geo.errors import BadValue, Conflict, Text
from geo.frames import Frames
from geo.profile import SEVERITIES, Profile
from geo.query import Query
from geo.rules.comparison import STATES, Comparison, compared
from geo.rules.declaration import RESULTS
from geo.rules.findings import Findings, table
from web import profiles
from web.items import make_query
from web.services import Services, services
from web.terminal import CHECK_FAILED, Command, language, say, write_json

_OTHER = "compared with"
"""What the second profile is called among the frames: both may bear the same id."""
_FAILS = ("critical", "high")
"""Severities that make the check fail."""


@click.command("check", cls=Command)
@click.option("--community", metavar="NAME", help="Only what belongs to this community.")
@click.option("--compound", metavar="NAME", help="Only what belongs to this compound: its code or its name.")
@click.option(
    "--profile", metavar="NAME|PATH", help="The rules to go by: a name of data/profiles or a TOML file; else that of the service."
)
@click.option("--as-of", metavar="DAY", help="For this day, e.g. 2026-11-22; else today.")
@click.option("--compare-profile", metavar="NAME|PATH", help="What changes from this profile to the other.")
@click.option("--compare-as-of", metavar="DAY", help="What changes from this day to the other.")
@click.option("--json", "json_", is_flag=True, help="As JSON, with every finding that does not comply.")
@with_appcontext
def check(
    community: str | None,
    compound: str | None,
    profile: str | None,
    as_of: str | None,
    compare_profile: str | None,
    compare_as_of: str | None,
    json_: bool,
) -> None:
    """Judge everything by the rule book; exit 4 when something of severity high or critical does not comply."""
    here = services()
    own = _profile(profile, "--profile") or here.settings.profile
    other = _profile(compare_profile, "--compare-profile") or own
    frames = Frames(here.store, here.stored, area=here.settings.area, profile=own, profiles={_OTHER: other}, derived=DERIVED)
    args = {"community": community, "compound": compound, "as_of": as_of, "compare_as_of": compare_as_of}
    query = make_query(here, "findings", {k: v for k, v in args.items() if v is not None}, lang=language(), paged=False)
    if not sum(count for count, _ in here.store.info().counts.values()):
        raise Conflict(
            Text(
                "还没有可检查的数据：先用 flask import 导入，或用 flask demo 载入示例",
                "there is nothing to check yet: import a file with flask import, or load the demo with flask demo",
            )
        )
    done = _checked(here, frames, query, whole=json_)
    before = _before(query, compare_profile) if compare_profile or compare_as_of else None
    changes = _changes(here, frames, query, before) if before is not None else None
    if json_:
        write_json(_json(done, own, changes, before, other))
    else:
        _print(done, changes)
    _tell(done, own, changes)
    if any(done.severities[severity] for severity in _FAILS):
        sys.exit(CHECK_FAILED)


def _profile(text: str | None, option: str) -> Profile | None:
    """Raises BadValue, BadProfile."""
    if text is None:
        return None
    try:
        return profiles.named(text)
    except profiles.Unreadable as error:
        raise BadValue(error.text, parameter=option.removeprefix("--")) from None


@dataclass(frozen=True, slots=True)
class _Checked:
    """The answer of the question, whose rows are what does not comply, with the table of all results."""

    answer: Answer
    found: Findings

    @property
    def summary(self) -> Mapping[str, Any]:
        assert self.answer.summary is not None
        return self.answer.summary

    @property
    def severities(self) -> Mapping[str, int]:
        found: Mapping[str, int] = self.summary["severities"]
        return found

    @property
    def rules(self) -> list[dict[str, Any]]:
        """One of each rule of the profile in the order of the book, with its counts."""
        lang, nothing = language(), dict.fromkeys(RESULTS, 0)
        return [
            {"id": rule.id, "title": rule.title.of(lang), "severity": self.found.text(i).severity, **nothing, **self.summary["rules"].get(rule.id, {})}
            for i, rule in enumerate(self.found.rules)
        ]  # fmt: skip


def _checked(here: Services, frames: Frames, query: Query, *, whole: bool) -> _Checked:
    asked = replace(query, parameters={**query.parameters, "compare_as_of": None}, fields=query.fields if whole else ("rule", "severity"))
    found = answer(asked, frames, layers=here.layers, now=here.now(), today=here.today())
    return _Checked(found, table(frames.view("findings", as_of=found.as_of)))


def _before(query: Query, profile: str | None) -> Query:
    """The same place under the profile and for the day that is compared with."""
    day = query.parameters["compare_as_of"] or query.parameters["as_of"]
    return replace(query, parameters={**query.parameters, "as_of": day, "profile": _OTHER if profile else None})


def _changes(here: Services, frames: Frames, query: Query, before: Query) -> Comparison:
    """What differs, of the features in the place that is asked for."""
    asked = [replace(q, parameters={**q.parameters, "compare_as_of": None}, answers=_ALL, fields=("rule",)) for q in (before, query)]
    answers = [answer(q, frames, layers=here.layers, now=here.now(), today=here.today()) for q in asked]
    tables = [table(frames.view("findings", as_of=a.as_of, profile=q.parameters["profile"])) for q, a in zip(asked, answers, strict=True)]
    return compared(*tables).within(np.concatenate([a.frame.index.to_numpy() for a in answers]))


_ALL = frozenset(("yes", "no", "unknown", "na"))


def _json(done: _Checked, own: Profile, changes: Comparison | None, before: Query | None, other: Profile) -> dict[str, Any]:
    summary = done.summary
    said: dict[str, Any] = {
        "profile": own.id, "version": own.version, "as_of": done.answer.as_of, "revision": done.answer.revision, "demo": done.answer.demo,
        "total": summary["total"], "fail": summary["yes"], "pass": summary["no"], "unknown": summary["unknown"], "na": summary["na"],
        "severities": summary["severities"], "rules": done.rules, "findings": _findings(done, own),
    }  # fmt: skip
    if changes is not None and before is not None:
        said["compared_with"] = {"profile": other.id, "version": other.version, "as_of": before.parameters["as_of"] or done.answer.as_of}
        said["changes"] = {"total": len(changes.ids), "rules": _by_rule(changes), "findings": changes.listed()}
    return said


def _by_rule(changes: Comparison) -> list[dict[str, Any]]:
    kinds = ((rule, *change, count) for rule, found in changes.by_rule.items() for change, count in found.items())
    return [{"rule": rule, "before": before, "after": after, "count": count} for rule, before, after, count in kinds]


def _findings(done: _Checked, own: Profile) -> list[dict[str, Any]]:
    """What does not comply, one of each."""
    names = {
        "code": "code", "rule": "rule", "severity": "severity", "works": "works", "target_layer": "target_layer", "target_code": "target_code",
        "target_name": "target_name", "compound_code": "compound", "community": "community", "value": "measured", "threshold": "threshold",
        "unit": "unit", "basis": "basis", "why": "sentence", "cite": "cite", "sure": "sure", "fingerprint": "fingerprint",
    }  # fmt: skip
    frame = done.answer.frame
    columns = [[_plain(value) for value in frame[name]] for name in names]
    shared = {"profile": own.id, "version": own.version, "as_of": done.answer.as_of}
    return [
        {"id": int(id), **dict(zip(names.values(), row, strict=True)), **shared}
        for id, row in zip(frame.index, zip(*columns, strict=True), strict=True)
    ]


def _plain(value: Any) -> Any:
    return None if value is None or value != value else value


_HEADS = (
    Text("规则", "rule"), Text("检查内容", "checked"), Text("程度", "severity"), Text("符合", "pass"), Text("不符合", "fail"), Text("不明", "unknown"),
    Text("不适用", "n/a"),
)  # fmt: skip
_SEVERITY_WORDS = dict(
    zip(
        SEVERITIES,
        (Text("严重", "critical"), Text("高", "high"), Text("中", "medium"), Text("低", "low"), Text("提示", "info")),
        strict=True,
    )
)


def _print(done: _Checked, changes: Comparison | None) -> None:
    lang = language()
    rows = [(r["id"], r["title"], _SEVERITY_WORDS[r["severity"]].of(lang), *(r[result] for result in RESULTS)) for r in done.rules]
    totals = (Text("合计", "total").of(lang), "", "", *(sum(r[result] for r in done.rules) for result in RESULTS))
    _table(_HEADS, [*rows, totals])
    if changes is not None:
        heads = (_HEADS[0], Text("变化", "change"), Text("项数", "findings"))
        _table(heads, [(rule, _change_words(change), count) for rule, kinds in changes.by_rule.items() for change, count in kinds.items()])


def _change_words(change: tuple[str, str]) -> str:
    return " → ".join(_STATE_WORDS[state].of(language()) for state in change)


_STATE_WORDS = dict(zip(STATES, (*_HEADS[3:6], Text("不适用", "not applicable"), Text("未检查", "not checked")), strict=True))


def _table(heads: tuple[Text, ...], rows: list[tuple[Any, ...]]) -> None:
    shown = Table(*(head.of(language()) for head in heads))
    for row in rows:
        shown.add_row(*(str(cell).replace("[", "\\[") for cell in row))
    Console().print(shown)


def _tell(done: _Checked, own: Profile, changes: Comparison | None) -> None:
    """The sentence, by which rules and for which day, and what of it fails the check."""
    sentence = done.answer.sentence
    assert sentence is not None
    demo = Text("（示例数据）", " (demo data)") if done.answer.demo else Text("", "")
    day = done.answer.as_of
    say(
        f"{sentence.zh}；规则 {own.label.zh} {own.version}，截至 {day}{demo.zh}",
        f"{sentence.en}; rules: {own.label.en} {own.version}, as of {day}{demo.en}",
    )
    worst = {severity: done.severities[severity] for severity in _FAILS}
    if any(worst.values()):
        say(
            f"程度为高及以上的不符合 {sum(worst.values())} 项（严重 {worst['critical']}，高 {worst['high']}）",
            f"{sum(worst.values())} that do not comply are high or worse (critical {worst['critical']}, high {worst['high']})",
        )
    if changes is not None:
        say(f"与对比相比，结果不同的 {len(changes.ids)} 项", f"{len(changes.ids)} come out otherwise than in what they are compared with")
