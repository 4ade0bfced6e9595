"""An assessment as plain JSON values in one language: what the page shows and what the files hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.errors import Text
from geo.projects.assessment import Assessment, Compound, Cost, Work
from geo.projects.changes import Change, changes
from geo.projects.items import CLASSES
from geo.projects.plan import LeftOut
from geo.projects.problems import Finding, Gap, Hazard
from geo.projects.quantities import RULES
from geo.projects.quantity import Quantity
from geo.projects.site import COMPOUNDS

CLASS_LABELS = {
    "basic": Text("基础类", "basic"),
    "improved": Text("完善类", "improved"),
    "upgraded": Text("提升类", "upgraded"),
}
FACTS = ("community", "address", "built_year", "households", "buildings_n", "gas_status", "gas_households", "plan_class", "renov_status")
"""Fields of a compound that stand beside its works."""


def report(found: Assessment, lang: str) -> dict[str, Any]:
    """All of it."""
    plan = found.plan
    return {
        "title": plan.title,
        "note": plan.note,
        "profile": {"id": found.profile.id, "label": found.profile.label.of(lang), "version": found.profile.version},
        "as_of": plan.as_of,
        "revision": found.revision,
        "demo": found.demo,
        "fingerprint": found.fingerprint,
        "compounds": [compound_json(found, compound, lang) for compound in found.compounds],
        "gone": [{"id": member.id, "code": member.code, "name": member.name} for member in found.gone],
        "left_out": [left_out_json(found, each, lang) for each in plan.left_out],
        "prices": prices(found, lang),
        "totals": totals(found, lang),
        "changed": changed(found, lang),
    }


def left_out_json(found: Assessment, said: LeftOut, lang: str) -> dict[str, Any]:
    label = found.layers[said.layer].label.of(lang) if said.layer in found.layers else said.layer
    return {"layer": said.layer, "layer_label": label, "rows": said.rows, "without": said.without, "named": list(said.named)}


def compound_json(found: Assessment, compound: Compound, lang: str) -> dict[str, Any]:
    return {
        "id": compound.member.id,
        **found.basis.kept(("told", compound.row, lang), lambda: _recorded(found, compound, lang)),
        "class": compound.works_class,
        "class_label": CLASS_LABELS[compound.works_class].of(lang) if compound.works_class else None,
        "works": [work_json(found, compound, each, lang) for each in compound.works],
        "cost": cost_json(compound.cost),
    }


def _recorded(found: Assessment, compound: Compound, lang: str) -> dict[str, Any]:
    """What no decision of the planner changes."""
    site, row, problems = found.site, compound.row, compound.problems
    return {
        "code": site.value(COMPOUNDS, row, "code"),
        "name": site.name(COMPOUNDS, row),
        "placed": site.view.metric(COMPOUNDS)[row] is not None,
        "facts": facts(found, compound, lang),
        "worst": problems.worst,
        "completeness": problems.completeness,
        "checks": dict(problems.counts),
        "findings": [finding_json(found, each, lang) for each in problems.findings],
        "hazards": [hazard_json(found, each, lang) for each in problems.hazards],
        "gaps_n": problems.gaps_n,
        "gaps": [gap_json(each, lang) for each in problems.gaps],
        "unrecorded": [{"layer": layer, "label": found.layers[layer].label.of(lang)} for layer in problems.unrecorded],
    }


def facts(found: Assessment, compound: Compound, lang: str) -> list[dict[str, Any]]:
    """Name, label, value as recorded and as it is said, of what is on record."""
    said = []
    for name in FACTS:
        field, value = found.layers[COMPOUNDS].field(name), found.site.value(COMPOUNDS, compound.row, name)
        if field is None:
            continue
        choice = field.choice(value) if field.type == "choice" and value is not None else None
        value = int(value) if value is not None and field.type in ("integer", "year") else value
        text = choice.label.of(lang) if choice else None if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        said.append(
            {"name": name, "label": field.label.of(lang), "value": value, "text": text, "unit": field.unit.of(lang) if field.unit else ""}
        )
    return said


def word(found: Assessment, layer: str, field: str, value: str | None, lang: str) -> str | None:
    """A choice by its label."""
    declared = found.layers[layer].field(field)
    choice = declared.choice(value) if declared is not None and value is not None else None
    return choice.label.of(lang) if choice else value


def finding_json(found: Assessment, finding: Finding, lang: str) -> dict[str, Any]:
    return {
        "code": finding.code,
        "rule": finding.rule,
        "check": finding.check.of(lang),
        "severity": finding.severity,
        "severity_label": word(found, "findings", "severity", finding.severity, lang),
        "works": finding.works,
        "layer": finding.layer,
        "layer_label": found.layers[finding.layer].label.of(lang),
        "id": finding.id,
        "name": finding.name,
        "measured": finding.measured,
        "threshold": finding.threshold,
        "unit": finding.unit.of(lang) if finding.unit else None,
        "citation": finding.cite.of(lang),
        "sure": finding.sure,
        "sure_label": word(found, "findings", "sure", finding.sure, lang),
        "why": finding.why,
    }


def hazard_json(found: Assessment, hazard: Hazard, lang: str) -> dict[str, Any]:
    return {
        "id": hazard.id,
        "code": hazard.code,
        "hazard_type": hazard.kind,
        "type_label": word(found, "hazards", "hazard_type", hazard.kind, lang),
        "grade_label": word(found, "hazards", "grade", hazard.grade, lang),
        "status": hazard.status,
        "status_label": word(found, "hazards", "status", hazard.status, lang),
        "due": hazard.due,
        "overdue": hazard.overdue,
    }


def gap_json(gap: Gap, lang: str) -> dict[str, Any]:
    return {
        "layer": gap.layer,
        "layer_label": gap.layer_label.of(lang),
        "id": gap.id,
        "name": gap.name,
        "field": gap.field,
        "field_label": gap.label.of(lang),
        "settles": gap.settles,
    }


def work_json(found: Assessment, compound: Compound, work: Work, lang: str) -> dict[str, Any]:
    item = work.item
    return {
        "code": item.code,
        "label": item.label.of(lang),
        "class": item.works,
        "class_label": CLASS_LABELS[item.works].of(lang),
        "unit": item.unit_label.of(lang),
        "amount": work.amount,
        **found.basis.kept(("quantity", compound.row, item.code, lang), lambda: quantity_json(found, work.quantity, lang)),
        "by_hand": work.decision.amount is not None,
        "included": work.included,
        "decided": work.decision.included is not None,
        "why": work.decision.why,
        "price": {"low": work.price[0], "high": work.price[1]},
        "cost": cost_json(work.cost),
    }


def quantity_json(found: Assessment, quantity: Quantity, lang: str) -> dict[str, Any]:
    return {
        "worked_out": quantity.amount,
        "unknown": quantity.unknown,
        "by_plan": quantity.by_plan,
        "proposed": quantity.proposed,
        "formula": quantity.formula.of(lang),
        "parts": [
            {
                "layer": part.layer,
                "layer_label": found.layers[part.layer].label.of(lang),
                "id": part.id,
                "name": part.name,
                "sum": part.sum,
                "amount": part.amount,
                "lacks": _lacking(found, part.layer, part.lacks, lang),
            }
            for part in quantity.parts
        ],
        "resolves": list(quantity.resolves),
    }


def _lacking(found: Assessment, layer: str, lacks: str | None, lang: str) -> str | None:
    """What is not on record, as its field is called; a rule or a layer by its own name."""
    if lacks is None:
        return None
    if lacks == "geometry":
        return Text("位置或图形", "place or outline").of(lang)
    if lacks in found.layers:
        return found.layers[lacks].label.of(lang)
    field = found.layers[layer].field(lacks)
    return field.label.of(lang) if field else lacks


def open_hazards(said: Mapping[str, Any]) -> int | None:
    """How many, of the JSON of a compound; None = nobody has recorded any hazard in its community."""
    return None if any(each["layer"] == "hazards" for each in said["unrecorded"]) else len(said["hazards"])


def cost_json(cost: Cost) -> dict[str, int]:
    return {"low": cost.low, "high": cost.high, "open": cost.open}


def prices(found: Assessment, lang: str) -> list[dict[str, Any]]:
    """Every item with its price, and whether that is the project's own."""
    formulas = {rule.code: rule.formula.of(lang) for rule in RULES}
    listed = []
    for item in found.items.values():
        own = found.plan.prices.get(item.code)
        low, high = found.plan.price(item)
        listed.append(
            {
                "code": item.code,
                "label": item.label.of(lang),
                "class": item.works,
                "class_label": CLASS_LABELS[item.works].of(lang),
                "unit": item.unit_label.of(lang),
                "low": low,
                "high": high,
                "source": own.source if own else item.source.of(lang),
                "date": own.date if own else item.date,
                "sure": None if own else item.sure,
                "own": own is not None,
                "usual": {"low": item.low, "high": item.high},
                "formula": formulas[item.code],
            }
        )
    return listed


def totals(found: Assessment, lang: str) -> dict[str, Any]:
    by_item = []
    for item in found.items.values():
        works = found.of_item(item.code)
        if works:
            known = [work.amount for work in works if work.amount is not None]
            costs = sum((work.cost for work in works), Cost())
            by_item.append(
                {
                    "code": item.code,
                    "label": item.label.of(lang),
                    "class": item.works,
                    "class_label": CLASS_LABELS[item.works].of(lang),
                    "unit": item.unit_label.of(lang),
                    "amount": round(sum(known), 1) if known else None,
                    "compounds": len(works),
                    "cost": cost_json(costs),
                }
            )
    return {
        "cost": cost_json(found.cost),
        "classes": [{"class": c, "label": CLASS_LABELS[c].of(lang), "cost": cost_json(found.of_class(c))} for c in CLASSES],
        "items": by_item,
        "compounds": len(found.compounds),
        "unplaced": sum(found.site.view.metric(COMPOUNDS)[c.row] is None for c in found.compounds),
        "findings": sum(len(c.problems.findings) for c in found.compounds),
        "hazards": sum(len(c.problems.hazards) for c in found.compounds),
        "gaps": sum(c.problems.gaps_n for c in found.compounds),
        "unknown": sum(c.problems.counts["unknown"] for c in found.compounds),
        "without_hazards_data": sum("hazards" in c.problems.unrecorded for c in found.compounds),
    }


def changed(found: Assessment, lang: str) -> dict[str, Any]:
    """What is otherwise than when the plan was last taken as it is."""
    seen, listed = found.plan.seen, changes(found)
    profile = f"{found.profile.id} {found.profile.version}"
    by_compound: dict[int, dict[str, Any]] = {}
    for change in listed:
        mine = by_compound.setdefault(change.compound, {"id": change.compound, "name": change.name, "what": []})
        mine["what"].append(change_json(found, change, lang))
    return {
        "since": seen.get("at"),
        "revision": seen.get("revision"),
        "profile": None if seen.get("profile") in (None, profile) else [seen["profile"], profile],
        "compounds": list(by_compound.values()),
    }


def change_json(found: Assessment, change: Change, lang: str) -> dict[str, Any]:
    label = change.label.of(lang) if change.label else change.what
    before, after = change.before, change.after
    if change.kind == "field":
        before, after = (word(found, COMPOUNDS, change.what, v, lang) if isinstance(v, str) else v for v in (before, after))
    elif change.kind == "hazard":
        before, after = (word(found, "hazards", "status", v, lang) if isinstance(v, str) else v for v in (before, after))
    elif change.kind == "finding":
        before, after = (_severity(found, v, lang) for v in (before, after))
    return {"kind": change.kind, "what": change.what, "label": label, "before": before, "after": after}


def _severity(found: Assessment, said: Any, lang: str) -> Any:
    """The severity and the measured value of a finding."""
    if not isinstance(said, str):
        return said
    severity, _, value = said.partition(" ")
    return " ".join(filter(None, (word(found, "findings", "severity", severity, lang), value)))
