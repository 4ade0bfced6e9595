"""What is wrong with a compound: findings of the rule book, open hazards, and what is not on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo import gaps
from geo.errors import Text
from geo.gaps.words import field_label, layer_label
from geo.hazards.overdue import LATE
from geo.profile import SEVERITIES
from geo.projects.site import COMPOUNDS, Site
from geo.questions.columns import texts
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN
from geo.rules.findings import Findings, table
from geo.schema import Layer

LISTED = 12
"""Gaps that are named a compound, those first that settle most; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that a compound or a feature of it fails."""

    code: str
    rule: str
    check: Text
    severity: str
    works: str
    layer: str
    id: int
    name: str
    measured: float | None
    threshold: float | None
    unit: Text | None
    cite: Text
    sure: str
    why: str
    internal: bool


@dataclass(frozen=True, slots=True)
class Hazard:
    """One that is not closed. `overdue`: None = it cannot be told."""

    id: int
    code: str
    kind: str | None
    grade: str | None
    status: str | None
    due: str | None
    overdue: bool | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that is not on record, and how many results of rules it would settle."""

    layer: str
    layer_label: Text
    id: int | None
    name: str
    field: str
    label: Text
    settles: int


@dataclass(frozen=True, slots=True)
class Problems:
    """Of one compound. `counts`: results of all checks by their names; `unrecorded`: layers of which it has nothing on record, where that does not
    mean none."""

    findings: tuple[Finding, ...]
    hazards: tuple[Hazard, ...]
    gaps: tuple[Gap, ...]
    gaps_n: int
    counts: Mapping[str, int]
    unrecorded: tuple[str, ...]

    @property
    def worst(self) -> str | None:
        return min((f.severity for f in self.findings), key=SEVERITIES.index, default=None)

    @property
    def completeness(self) -> float | None:
        """The share of checks that the records settle, 0 to 1; None where nothing is checked."""
        known = self.counts["pass"] + self.counts["fail"]
        total = known + self.counts["unknown"]
        return round(known / total, 3) if total else None


def problems(site: Site, compounds: Sequence[int], layers: Mapping[str, Layer], lang: str) -> dict[int, Problems]:
    """Of the compounds in some rows. `lang`: of the findings' sentences."""
    found, owners = table(site.view), _owners(site, compounds)
    mine = _of(owners, texts(found.frame, "compound_code"), texts(found.frame, "target_layer"), found.frame["target_id"].to_numpy())
    missing = gaps.gaps(site.view)
    lacking = _of(
        owners, texts(missing.frame, "compound_code"), texts(missing.frame, "target_layer"), missing.frame["target_id"].to_numpy()
    )
    whys = _whys(found, [at for rows in mine.values() for at in rows if found.result[at] == FAIL], lang)
    called = [missing.frame[name].tolist() for name in ("target_id", "target_name", "target_code")]
    return {
        row: Problems(
            _findings(site, found, mine[row], whys),
            _hazards(site, row),
            _gaps(missing, called, lacking[row], layers),
            len(lacking[row]),
            _counts(found, mine[row]),
            site.unrecorded(row),
        )
        for row in compounds
    }


def _owners(site: Site, compounds: Sequence[int]) -> tuple[dict[str, int], dict[int, int]]:
    """Rows of the compounds by code and by id: what one without a code has is only its own."""
    codes = texts(site.view.frame(COMPOUNDS), "code")
    return {codes[row]: row for row in compounds if isinstance(codes[row], str)}, {site.id(COMPOUNDS, row): row for row in compounds}


def _of(owners: tuple[dict[str, int], dict[int, int]], code: Any, layer: Any, id: Any) -> dict[int, list[int]]:
    """Positions of what belongs to each compound."""
    by_code, by_id = owners
    found: dict[int, list[int]] = {row: [] for row in by_id.values()}
    known = set(by_code)
    for at in np.flatnonzero([c in known for c in code] | ((layer == COMPOUNDS) & np.isin(id, list(by_id)))).tolist():
        row = by_id.get(int(id[at])) if layer[at] == COMPOUNDS else by_code[code[at]]
        if row is not None:
            found[row].append(at)
    return found


def _counts(found: Findings, rows: list[int]) -> dict[str, int]:
    result = found.result[rows]
    return {
        name: int(np.count_nonzero(result == code)) for name, code in (("pass", PASS), ("fail", FAIL), ("unknown", UNKNOWN), ("na", NA))
    }


def _whys(found: Findings, failed: Sequence[int], lang: str) -> dict[int, str]:
    """The sentence of each failure, rule by rule: to have them made one by one takes longer than all the rest."""
    by_rule: dict[int, list[int]] = {}
    for at in failed:
        by_rule.setdefault(int(found.rule[at]), []).append(at)
    made = {rule: found.judgements[rule].why(found.row[ats], lang) for rule, ats in by_rule.items()}
    return {at: why for rule, ats in by_rule.items() for at, why in zip(ats, made[rule], strict=True)}


def _findings(site: Site, found: Findings, rows: list[int], whys: Mapping[int, str]) -> tuple[Finding, ...]:
    failed = [at for at in rows if found.result[at] == FAIL]
    failed.sort(key=lambda at: (int(found.severity[at]), int(found.rule[at]), int(found.ids[at])))
    return tuple(_finding(site, found, at, whys[at]) for at in failed)


def _finding(site: Site, found: Findings, at: int, why: str) -> Finding:
    rule, text = found.rules[found.rule[at]], found.text(int(found.rule[at]))
    judgement, row = found.judgements[found.rule[at]], int(found.row[at])
    measured, threshold = float(judgement.measured[row]), float(judgement.threshold[row])
    return Finding(
        code=f"{rule.id}/{site.targets(rule.subject).code[row]}",
        rule=rule.id,
        check=rule.title,
        severity=SEVERITIES[found.severity[at]],
        works=text.works,
        layer=rule.subject,
        id=site.id(rule.subject, row),
        name=site.name(rule.subject, row),
        measured=None if np.isnan(measured) else round(measured, 3),
        threshold=None if np.isnan(threshold) else threshold,
        unit=rule.unit,
        cite=text.cite,
        sure=text.sure,
        why=why,
        internal=rule.internal,
    )


def _hazards(site: Site, compound: int) -> tuple[Hazard, ...]:
    late = site.ledger.overdue
    found = []
    for row in site.open_hazards(compound):
        value = {name: site.value("hazards", row, name) for name in ("hazard_type", "grade", "due_date", "due_date_extended")}
        overdue = None if site.ledger.doubt[row] or site.ledger.unknown[row] else bool(late.state[row] == LATE)
        due = value["due_date_extended"] or value["due_date"]
        code = str(site.targets("hazards").code[row])
        found.append(Hazard(site.id("hazards", row), code, value["hazard_type"], value["grade"], site.status(row), due, overdue))
    return tuple(sorted(found, key=lambda h: (not h.overdue, h.due or "9999", h.id)))


def _gaps(missing: gaps.Gaps, called: Sequence[Any], rows: list[int], layers: Mapping[str, Layer]) -> tuple[Gap, ...]:
    best = sorted(rows, key=lambda at: (-int(missing.settles[at]), int(missing.ids[at])))[:LISTED]
    return tuple(_gap(missing, called, at, layers) for at in best)


def _gap(missing: gaps.Gaps, called: Sequence[Any], at: int, layers: Mapping[str, Layer]) -> Gap:
    layer, field = missing.kinds[missing.kind[at]]
    id, name, code = (column[at] for column in called)
    id = None if id is None or np.isnan(id) else int(id)
    return Gap(layer, layer_label(layer), id, str(name or code or ""), field, field_label(layers[layer], field), int(missing.settles[at]))
