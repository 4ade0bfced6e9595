"""A profile of rules and figures as one frozen value: limits, vehicles, prices and default accuracies, each with where it is from.

A profile is a TOML text that a planner can edit (`data/profiles/*.toml`). Every figure carries its citation and how sure it is
(A: number and clause read; B: number read, clause not; C: general knowledge, to be verified; own: the project's own default).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from geo.errors import BadProfile, Text

SURE = ("A", "B", "C", "L", "own")
MAX_NUMBER = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: `value` in `unit`, with its source and how sure it is."""

    value: float
    unit: str
    label: Text
    cite: str
    sure: str
    verified_on: str | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """An engine: its body in metres, the free strip it needs beside it on each side, the radius of the inner wheel's track in the tightest turn."""

    id: str
    label: Text
    width_m: float
    height_m: float
    length_m: float
    inner_radius_m: float
    side_margin_m: float
    cite: str
    sure: str

    @property
    def clear_width_m(self) -> float:
        """The clear width it needs: its body and the margin on both sides, to the centimetre."""
        return round(self.width_m + 2 * self.side_margin_m, 2)


@dataclass(frozen=True, slots=True)
class Price:
    """A range of unit prices in yuan per `unit`, with source and date."""

    low: float
    high: float
    unit: str
    label: Text
    source: Text
    date: str
    sure: str


@dataclass(frozen=True, slots=True)
class Profile:
    """`figures`, `vehicles` and `prices` by id; `accuracies`: metres by the source of a drawing or a width, with "unsaid" among them."""

    id: str
    version: str
    label: Text
    figures: Mapping[str, Figure]
    vehicles: Mapping[str, Vehicle]
    prices: Mapping[str, Price]
    accuracies: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        """The value of a figure. A KeyError is a defect of ours: `parse` has checked that all NEEDED ones are there."""
        return self.figures[name].value

    @classmethod
    def parse(cls, text: str, *, name: str) -> Profile:
        """From TOML. Raises BadProfile with the line and the reason."""
        return _Reader(text, name).profile()


NEEDED = (
    "lane_width_m", "lane_height_m", "dead_end_m", "turnaround_m", "corridor_m", "approach_m", "front_m", "hose_m", "hydrant_m", "parking_strip_m",
    "difference_m", "blocked_hazard_m", "snap_m", "road_half_width_m", "lane_slope_pct", "gas_near_main_m", "gas_stub_m", "pipe_age_years",
    *(f"pipe_building_{c}_m" for c in ("low", "medium_b", "medium_a", "sub_high_b", "sub_high_a")),
    *(f"pipe_building_{c}_reduced_m" for c in ("low", "medium_b", "medium_a", "sub_high_b", "sub_high_a")),
    "pipe_wall_medium_reduced_m", "pipe_wall_mm", "pipe_wall_thick_mm", "pipe_building_sub_high_a_thick_m",
    *(f"pipe_{zone}_{c}_m" for zone in ("protection", "control") for c in ("low", "medium", "sub_high", "high")),
)  # fmt: skip
"""Figures that every profile has."""

NEEDED_VEHICLES = ("mini_pumper", "pumper", "heavy_pumper", "aerial")
NEEDED_PRICES = ("gas_pipe_m",)
NEEDED_ACCURACIES = ("tape", "survey", "cad", "imagery", "osm", "unsaid")


UNITS = {"m": ("m",), "pct": ("%",), "years": ("a",)}
"""What the last word of a figure's name says of its unit: a limit written in another one would be taken for metres."""

PRICE_UNITS = {"gas_pipe_m": "yuan/m"}
"""The unit of each of NEEDED_PRICES."""

NOT_ABOVE = (
    *((f"pipe_building_{c}_reduced_m", f"pipe_building_{c}_m") for c in ("low", "medium_b", "medium_a", "sub_high_b", "sub_high_a")),
    *((f"pipe_protection_{c}_m", f"pipe_control_{c}_m") for c in ("low", "medium", "sub_high", "high")),
)
"""Pairs of figures of which the first may not be above the second."""

_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_TABLES = {"profile", "figures", "vehicles", "prices", "accuracies"}


def _bad(name: str, line: int | None, zh: str, en: str) -> BadProfile:
    where = Text(f"第 {line} 行：", f"line {line}: ") if line else Text("", "")
    return BadProfile(
        Text(f"规则文件 {name} 不能用：{where.zh}{zh}", f"profile {name} cannot be used: {where.en}{en}"), profile=name, line=line
    )


def _read(text: str, name: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line ([0-9]+), column [0-9]+\)", str(error))
        line = int(found[1]) if found else len(text.splitlines())
        reason = str(error).partition(" (at ")[0]
        raise _bad(name, line, f"不合 TOML 写法（{reason}）", f"not TOML: {reason}") from error
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits; brackets in brackets
        raise _bad(name, None, "不合 TOML 写法：数字太长或层次太深", "not TOML: a number is too long or the nesting too deep") from error


class _Reader:
    """One TOML document read into a Profile; every complaint names the line of its entry, else of its table."""

    def __init__(self, text: str, name: str) -> None:
        text = text.removeprefix("\ufeff")  # editors on Windows write one
        self.lines, self.name, self.made = text.splitlines(), name, _read(text, name)

    def profile(self) -> Profile:
        if strange := sorted(set(self.made) - _TABLES):
            raise self.bad(strange[0], None, None, f"不认识 [{strange[0]}]", f"there is no [{strange[0]}]")
        head = self.table("profile")
        self.known("profile", None, head, {"id", "version", "zh", "en"})
        figures = {k: self.figure(k, v) for k, v in self.tables("figures").items()}
        vehicles = {k: self.vehicle(k, v) for k, v in self.tables("vehicles").items()}
        prices = {k: self.price(k, v) for k, v in self.tables("prices").items()}
        accuracies = {k: self.number("accuracies", None, self.made["accuracies"], k) for k in self.table("accuracies")}
        self.complete({"figures": figures, "vehicles": vehicles, "prices": prices, "accuracies": accuracies})
        self.ordered(figures)
        return Profile(
            self.word("profile", None, head, "id"), self.word("profile", None, head, "version"), self.label("profile", None, head),
            MappingProxyType(figures), MappingProxyType(vehicles), MappingProxyType(prices), MappingProxyType(accuracies),
        )  # fmt: skip

    def complete(self, there: Mapping[str, Mapping[str, object]]) -> None:
        wanted = {"figures": NEEDED, "vehicles": NEEDED_VEHICLES, "prices": NEEDED_PRICES, "accuracies": NEEDED_ACCURACIES}
        for kind, names in wanted.items():
            if missing := [n for n in names if n not in there[kind]]:
                listed = ", ".join(missing)
                raise self.bad(kind, None, None, f"[{kind}] 里缺 {listed}", f"[{kind}] lacks {listed}")

    def ordered(self, figures: Mapping[str, Figure]) -> None:
        for small, large in NOT_ABOVE:
            if figures[small].value > figures[large].value:
                raise self.bad("figures", small, "value", f"{small} 大于 {large}", f"{small} is above {large}")

    def figure(self, key: str, said: Mapping[str, Any]) -> Figure:
        at = ("figures", key)
        self.known(*at, said, {"value", "unit", "zh", "en", "cite", "sure", "verified_on"})
        unit = self.word(*at, said, "unit")
        if unit not in UNITS.get(key.rpartition("_")[2], (unit,)):
            wanted = UNITS[key.rpartition("_")[2]][0]
            raise self.bad(*at, "unit", f"{key}.unit 须是 {wanted}", f"{key}.unit must be {wanted}")
        verified = self.date(*at, said, "verified_on") if "verified_on" in said else None
        return Figure(
            self.number(*at, said, "value"), unit, self.label(*at, said), self.word(*at, said, "cite"), self.sure(*at, said), verified
        )

    def vehicle(self, key: str, said: Mapping[str, Any]) -> Vehicle:
        at = ("vehicles", key)
        body = ("width_m", "height_m", "length_m", "inner_radius_m")
        self.known(*at, said, {*body, "side_margin_m", "zh", "en", "cite", "sure"})
        width, height, length, radius = (self.number(*at, said, n) for n in body)
        for name in body:
            if said[name] == 0:
                raise self.bad(*at, name, f"{key}.{name} 须大于 0", f"{key}.{name} must be above 0")
        margin = self.number(*at, said, "side_margin_m")
        words = (self.word(*at, said, "cite"), self.sure(*at, said))
        return Vehicle(key, self.label(*at, said), width, height, length, radius, margin, *words)

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

    # one value each

    def bad(self, kind: str, key: str | None, name: str | None, zh: str, en: str) -> BadProfile:
        return _bad(self.name, self.line(kind, key, name), zh, en)

    def table(self, kind: str) -> Mapping[str, Any]:
        found = self.made.get(kind)
        if not isinstance(found, dict):
            raise self.bad(kind, None, None, f"缺 [{kind}]", f"[{kind}] is missing")
        return found

    def tables(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        found = self.table(kind)
        for key, said in found.items():
            if not isinstance(said, dict):
                raise self.bad(kind, None, key, f"{kind}.{key} 不是一个表", f"{kind}.{key} is not a table")
        return found

    def known(self, kind: str, key: str | None, said: Mapping[str, Any], names: set[str]) -> None:
        if strange := sorted(set(said) - names):
            listed, where = ", ".join(strange), f"{kind}.{key}" if key else kind
            raise self.bad(kind, key, strange[0], f"[{where}] 里不认识 {listed}", f"[{where}] has unknown {listed}")

    def number(self, kind: str, key: str | None, said: Mapping[str, Any], name: str) -> float:
        value = said.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_NUMBER:
            called = f"{key}.{name}" if key else name
            raise self.bad(kind, key, name, f"{called} 须是 0 到 {MAX_NUMBER} 的数", f"{called} must be a number from 0 to {MAX_NUMBER}")
        return float(value)

    def word(self, kind: str, key: str | None, said: Mapping[str, Any], name: str) -> str:
        value = said.get(name)
        if not isinstance(value, str) or not value.strip():
            called = f"{key}.{name}" if key else name
            raise self.bad(kind, key, name, f"{called} 须是文字", f"{called} must be a text")
        return value

    def label(self, kind: str, key: str | None, said: Mapping[str, Any]) -> Text:
        return Text(self.word(kind, key, said, "zh"), self.word(kind, key, said, "en"))

    def date(self, kind: str, key: str, said: Mapping[str, Any], name: str) -> str:
        value = self.word(kind, key, said, name)
        if not _DATE.fullmatch(value):
            raise self.bad(kind, key, name, f"{key}.{name} 写成 2026-11-22", f"{key}.{name} is written like 2026-11-22")
        return value

    def sure(self, kind: str, key: str, said: Mapping[str, Any]) -> str:
        value = self.word(kind, key, said, "sure")
        if value not in SURE:
            listed = ", ".join(SURE)
            raise self.bad(kind, key, "sure", f"{key}.sure 可用 {listed}", f"{key}.sure: there are {listed}")
        return value

    def line(self, kind: str, key: str | None, name: str | None) -> int | None:
        """The line of the entry `name`, else of the heading of its table, or of the inline table `key = {…}`; None where neither is found."""
        dots = rf"\[\s*{_key(kind)}\s*" + (rf"\.\s*{_key(key)}\s*\]" if key else r"\]")
        whole = rf"\s*(?:{_key(kind)}\s*\.\s*)?{_key(key)}\s*[=.]" if key else None
        entry = rf"\s*{_key(name)}\s*=" if name else None
        inside = None
        for at, text in enumerate(self.lines, 1):
            if re.match(r"\s*\[", text):
                if inside:
                    break
                inside = at if re.match(rf"\s*{dots}", text) else None
            elif (whole and re.match(whole, text)) or (inside and entry and re.match(entry, text)):
                return at
        return inside


def _key(name: str) -> str:
    return rf"[\"']?{re.escape(name)}[\"']?"
