"""The rule book of a profile as a page to read and to print: what each rule says, its limits, where they are from and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, render_template

import layers
from geo.errors import Text
from geo.profile import Figure, Profile, RuleText
from geo.rules.book import NOT_CARRIED, RULES
from geo.rules.declaration import Rule
from geo.schema import Layer
from layers.findings import findings
from web.http import language, takes
from web.overview import PROFILE, chosen_profile
from web.services import services

bp = Blueprint("rule_book", __name__)

FAMILIES = {
    "FA": Text("消防通道", "Fire access"),
    "HY": Text("消防水源", "Fire water"),
    "ST": Text("消防站", "Fire stations"),
    "EB": Text("电动自行车", "E-bikes"),
    "GA": Text("燃气", "Gas"),
    "OC": Text("院落", "Compounds"),
    "HZ": Text("隐患台账", "Hazard ledger"),
    "DA": Text("数据", "Data"),
}
"""Headings of the book by the letters that a rule's id begins with."""

NOT_VERIFIED = Text("尚未与正式文本核对", "not yet verified against the official text")
UNITS = {
    "m": Text("米", "m"), "m2": Text("平方米", "m²"), "km2": Text("平方千米", "km²"), "a": Text("年", "years"), "d": Text("天", "days"),
    "kg": Text("千克", "kg"), "mm": Text("毫米", "mm"), "year": Text("年", ""), "places": Text("处", "places"),
    "places per household": Text("个/户", "places a household"),
}  # fmt: skip
"""Units of figures as a reader wants them; others stand as they are written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule of a profile: its code part, what the profile says of it, and its limits."""

    rule: Rule
    text: RuleText
    limits: tuple[Figure, ...]

    @property
    def needs(self) -> tuple[Layer, ...]:
        """The layers that it is judged from, its subject first."""
        known = {layer.id: layer for layer in (*layers.ALL, *layers.DERIVED)}
        return tuple(known[id] for id in dict.fromkeys((self.rule.subject, *self.rule.reads)))

    @property
    def bands(self) -> tuple[tuple[str, str], ...]:
        """(limit as text, severity), the first that a measured value lies below."""
        return tuple((f"{below:g}", severity) for below, severity in self.text.bands)


def entries(profile: Profile) -> tuple[Entry, ...]:
    """The rules that the profile goes by, in the order of the book."""
    return tuple(
        Entry(rule, profile.rules[rule.id], tuple(profile.figures[name] for name in rule.figures))
        for rule in RULES
        if rule.id in profile.rules
    )


def families(profile: Profile) -> Iterator[tuple[Text, list[Entry]]]:
    """The entries under their headings."""
    found = entries(profile)
    for prefix, heading in FAMILIES.items():
        if mine := [entry for entry in found if entry.rule.id.startswith(f"{prefix}-")]:
            yield heading, mine


def left_out(profile: Profile) -> tuple[Rule, ...]:
    """Rules of the book that this profile does not go by."""
    return tuple(rule for rule in RULES if rule.id not in profile.rules)


def word(field: str, value: str) -> Text:
    """How a severity, a class of works or a degree of certainty is called."""
    declared = findings.field(field)
    assert declared is not None
    return next(choice.label for choice in declared.choices if choice.value == value)


def measured(figure: Figure) -> Text:
    """A limit with its unit."""
    unit = UNITS.get(figure.unit, Text(figure.unit, figure.unit))
    return Text(f"{figure.value:g} {unit.zh}".strip(), f"{figure.value:g} {unit.en}".strip())


@bp.get("/rules")
@takes(PROFILE)
def rules() -> str:
    """The rule book of a profile, to read and to print; every rule has an anchor (`#FA-01`)."""
    here, lang = services(), language()
    profile = here.settings.profiles[chosen_profile(here)]
    return render_template(
        "rules.html",
        profile=profile,
        profiles=list(here.settings.profiles.values()),
        families=list(families(profile)),
        left_out=left_out(profile),
        not_carried=NOT_CARRIED,
        not_verified=NOT_VERIFIED.of(lang),
        measured=lambda figure: measured(figure).of(lang),
        word=lambda field, value: word(field, value).of(lang),
        today=here.today(),
    )
