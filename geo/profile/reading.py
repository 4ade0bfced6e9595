"""The tables of a profile's TOML text as values, checked against what there has to be and over what a base profile says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from geo.errors import Text
from geo.profile.document import Document
from geo.profile.needed import ABOVE_ZERO, NEEDED, NEEDED_ACCURACIES, NEEDED_PRICES, NEEDED_VEHICLES, NOT_ABOVE, PRICE_UNITS, UNITS
from geo.profile.values import SEVERITIES, SURE, WORKS, Figure, Price, RuleText, Vehicle

if TYPE_CHECKING:
    from geo.profile import Profile

T = TypeVar("T")

CITES = ("cite", "cite_zh", "cite_en")
"""Where a citation stands: one text for both languages, or one for each."""

_TABLES = {"profile", "figures", "vehicles", "prices", "accuracies", "rules"}
_RULE_KEYS = ("zh", "en", "term", "severity", "bands", "works", *CITES, "sure", "verified_on", "condition_zh", "condition_en")


class Reader(Document):
    """One profile. `bases`: what `based_on` may name; `rule_figures`: the rules that there are, each with the figures it needs."""

    def __init__(self, text: str, name: str, bases: Mapping[str, Profile], rule_figures: Mapping[str, Sequence[str]] | None) -> None:
        super().__init__(text, name)
        self.bases, self.rule_figures = bases, rule_figures

    def parts(self) -> dict[str, Any]:
        """The members of a Profile. Raises BadProfile."""
        if strange := sorted(set(self.made) - _TABLES):
            raise self.bad(strange[0], None, None, f"不认识 [{strange[0]}]", f"there is no [{strange[0]}]")
        head = self.table("profile")
        self.known("profile", None, head, {"id", "version", "zh", "en", "based_on"})
        base = self.base(head)
        figures = self.all("figures", self.figure, base.figures if base else None)
        vehicles = self.all("vehicles", self.vehicle, base.vehicles if base else None)
        prices = self.all("prices", self.price, base.prices if base else None)
        said = self.table("accuracies", optional=base is not None)
        accuracies = MappingProxyType({**(base.accuracies if base else {}), **{k: self.number("accuracies", None, said, k) for k in said}})
        self.complete({"figures": figures, "vehicles": vehicles, "prices": prices, "accuracies": accuracies})
        self.ordered(figures)
        return {
            "id": self.id("profile", head),
            "version": self.word("profile", None, head, "version"),
            "label": self.label("profile", None, head),
            "figures": figures,
            "vehicles": vehicles,
            "prices": prices,
            "accuracies": accuracies,
            "rules": self.rules(base, figures),
            "based_on": base.id if base else None,
        }

    def all(self, kind: str, read: Callable[[str, Mapping[str, Any]], T], base: Mapping[str, T] | None) -> Mapping[str, T]:
        """The tables of a kind over those of the base profile; without one they have to be there."""
        own = {key: read(key, said) for key, said in self.tables(kind, optional=base is not None).items()}
        return MappingProxyType({**(base or {}), **own})

    def base(self, head: Mapping[str, Any]) -> Profile | None:
        if "based_on" not in head:
            return None
        asked = self.word("profile", None, head, "based_on")
        if asked not in self.bases:
            listed = ", ".join(self.bases) or "–"
            zh, en = f"based_on 没有 {asked[:60]}；可用：{listed}", f"based_on: no {asked[:60]}; there are: {listed}"
            raise self.bad("profile", None, "based_on", zh, en)
        return self.bases[asked]

    def rules(self, base: Profile | None, figures: Mapping[str, Figure]) -> Mapping[str, RuleText]:
        found = dict(base.rules) if base else {}
        for key, said in self.tables("rules", optional=True).items():
            if self.rule_figures is not None and key not in self.rule_figures:
                raise self.bad("rules", key, None, f"没有规则 {key}", f"there is no rule {key}")
            if self.applies(key, said):
                found[key] = self.rule(key, said, found.get(key))
            else:
                found.pop(key, None)
        for key in found:
            if missing := [n for n in (self.rule_figures or {}).get(key, ()) if n not in figures]:
                listed = ", ".join(missing)
                raise self.bad("rules", key, None, f"规则 {key} 需要 [figures] 里的 {listed}", f"rule {key} needs {listed} in [figures]")
        return MappingProxyType(found)

    def applies(self, key: str, said: Mapping[str, Any]) -> bool:
        value = said.get("applies", True)
        if not isinstance(value, bool):
            raise self.bad("rules", key, "applies", f"{key}.applies 写 true 或 false", f"{key}.applies is true or false")
        return value

    def rule(self, key: str, said: Mapping[str, Any], base: RuleText | None) -> RuleText:
        """One rule; what it leaves unsaid is as in the profile it is based on."""
        at = ("rules", key)
        self.known(*at, said, {*_RULE_KEYS, "applies"})
        inherited = _written(base) if base else {}
        if set(CITES) & set(said):
            inherited = {name: value for name, value in inherited.items() if name not in CITES}
        said = {**inherited, **said}
        return RuleText(
            id=key,
            statement=self.label(*at, said),
            term=self.word(*at, said, "term"),
            severity=self.one_of(*at, said, "severity", SEVERITIES),
            works=self.one_of(*at, said, "works", WORKS),
            cite=self.cite(*at, said),
            sure=self.sure(*at, said),
            verified_on=self.date(*at, said, "verified_on", whole=True) if "verified_on" in said else None,
            bands=self.bands(*at, said),
            condition=self.condition(*at, said),
        )

    def condition(self, kind: str, key: str, said: Mapping[str, Any]) -> Text | None:
        """In both languages or in none."""
        if "condition_zh" not in said and "condition_en" not in said:
            return None
        return Text(self.word(kind, key, said, "condition_zh"), self.word(kind, key, said, "condition_en"))

    def bands(self, kind: str, key: str, said: Mapping[str, Any]) -> tuple[tuple[float, str], ...]:
        value = said.get("bands", [])
        if not isinstance(value, list) or not all(isinstance(b, dict) for b in value):
            raise self.bad(kind, key, "bands", f"{key}.bands 须是一列表", f"{key}.bands must be a list of tables")
        for band in value:
            if strange := sorted(set(band) - {"below", "severity"}):
                raise self.bad(kind, key, "bands", f"{key}.bands 里不认识 {strange[0]}", f"{key}.bands has unknown {strange[0]}")
            if not self.is_number(band.get("below")) or band.get("severity") not in SEVERITIES:
                listed = ", ".join(SEVERITIES)
                zh, en = f"below 是数，severity 可用 {listed}", f"below is a number, severity one of {listed}"
                raise self.bad(kind, key, "bands", f"{key}.bands：{zh}", f"{key}.bands: {en}")
        found = tuple((float(band["below"]), str(band["severity"])) for band in value)
        if [b for b, _ in found] != sorted({b for b, _ in found}):
            raise self.bad(kind, key, "bands", f"{key}.bands 的界限须递增", f"the limits of {key}.bands must rise")
        return found

    def complete(self, there: Mapping[str, Mapping[str, object]]) -> None:
        wanted = {"figures": NEEDED, "vehicles": NEEDED_VEHICLES, "prices": NEEDED_PRICES, "accuracies": NEEDED_ACCURACIES}
        for kind, names in wanted.items():
            if missing := [n for n in names if n not in there[kind]]:
                listed = ", ".join(missing)
                raise self.bad(kind, None, None, f"[{kind}] 里缺 {listed}", f"[{kind}] lacks {listed}")

    def ordered(self, figures: Mapping[str, Figure]) -> None:
        for name in ABOVE_ZERO:
            if figures[name].value == 0:
                raise self.bad("figures", name, "value", f"{name}.value 须大于 0", f"{name}.value must be above 0")
        for small, large in NOT_ABOVE:
            if figures[small].value > figures[large].value:
                raise self.bad("figures", small, "value", f"{small} 大于 {large}", f"{small} is above {large}")

    def figure(self, key: str, said: Mapping[str, Any]) -> Figure:
        at = ("figures", key)
        self.known(*at, said, {"value", "unit", "zh", "en", *CITES, "sure", "verified_on"})
        unit = self.word(*at, said, "unit")
        if unit not in UNITS.get(key.rpartition("_")[2], (unit,)):
            wanted = UNITS[key.rpartition("_")[2]][0]
            raise self.bad(*at, "unit", f"{key}.unit 须是 {wanted}", f"{key}.unit must be {wanted}")
        verified = self.date(*at, said, "verified_on") if "verified_on" in said else None
        return Figure(self.number(*at, said, "value"), unit, self.label(*at, said), self.cite(*at, said), self.sure(*at, said), verified)

    def vehicle(self, key: str, said: Mapping[str, Any]) -> Vehicle:
        at = ("vehicles", key)
        body = ("width_m", "height_m", "length_m", "inner_radius_m")
        self.known(*at, said, {*body, "side_margin_m", "zh", "en", *CITES, "sure"})
        width, height, length, radius = (self.number(*at, said, n) for n in body)
        for name in body:
            if said[name] == 0:
                raise self.bad(*at, name, f"{key}.{name} 须大于 0", f"{key}.{name} must be above 0")
        margin = self.number(*at, said, "side_margin_m")
        return Vehicle(key, self.label(*at, said), width, height, length, radius, margin, self.cite(*at, said), self.sure(*at, said))

    def price(self, key: str, said: Mapping[str, Any]) -> Price:
        at = ("prices", key)
        self.known(*at, said, {"low", "high", "unit", "zh", "en", "source_zh", "source_en", "date", "sure"})
        low, high, unit = self.number(*at, said, "low"), self.number(*at, said, "high"), self.word(*at, said, "unit")
        if low > high:
            raise self.bad(*at, "low", f"{key}：low 大于 high", f"{key}: low is above high")
        if unit != PRICE_UNITS.get(key, unit):
            raise self.bad(*at, "unit", f"{key}.unit 须是 {PRICE_UNITS[key]}", f"{key}.unit must be {PRICE_UNITS[key]}")
        source = Text(self.word(*at, said, "source_zh"), self.word(*at, said, "source_en"))
        return Price(low, high, unit, self.label(*at, said), source, self.date(*at, said, "date"), self.sure(*at, said))

    def cite(self, kind: str, key: str, said: Mapping[str, Any]) -> Text:
        """Codes are called the same in both languages; what is said of them is not."""
        if "cite_zh" not in said and "cite_en" not in said:
            one = self.word(kind, key, said, "cite")
            return Text(one, one)
        if "cite" in said:
            zh, en = f"{key}：写 cite，或写 cite_zh 和 cite_en", f"{key}: give cite, or cite_zh and cite_en"
            raise self.bad(kind, key, "cite", zh, en)
        return Text(self.word(kind, key, said, "cite_zh"), self.word(kind, key, said, "cite_en"))

    def sure(self, kind: str, key: str, said: Mapping[str, Any]) -> str:
        return self.one_of(kind, key, said, "sure", SURE)


def _written(rule: RuleText) -> dict[str, Any]:
    """A rule as it would stand in a file."""
    said = {
        "zh": rule.statement.zh,
        "en": rule.statement.en,
        "term": rule.term,
        "severity": rule.severity,
        "bands": [{"below": below, "severity": severity} for below, severity in rule.bands],
        "works": rule.works,
        "cite_zh": rule.cite.zh,
        "cite_en": rule.cite.en,
        "sure": rule.sure,
        "verified_on": rule.verified_on,
        "condition_zh": rule.condition and rule.condition.zh,
        "condition_en": rule.condition and rule.condition.en,
    }
    return {key: value for key, value in said.items() if value is not None}
