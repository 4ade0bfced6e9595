"""A plan on the data as they are: problems, works and costs of every compound, and the sums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from geo.profile import Profile
from geo.projects.basis import READS as READS
from geo.projects.basis import Basis, basis
from geo.projects.changes import snapshot_of
from geo.projects.items import CLASSES, Item
from geo.projects.plan import Decision, Member, Plan
from geo.projects.problems import Problems
from geo.projects.quantity import Quantity
from geo.projects.site import Site
from geo.questions.declaration import View
from geo.schema import Layer


@dataclass(frozen=True, slots=True)
class Cost:
    """In yuan, whole ones. `open`: works that are built but whose quantity is unknown wholly or in part: they are not in it."""

    low: int = 0
    high: int = 0
    open: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.low + other.low, self.high + other.high, self.open + other.open)


@dataclass(frozen=True, slots=True)
class Work:
    """An item at a compound. `amount`: the planner's, else what was worked out."""

    item: Item
    quantity: Quantity
    decision: Decision
    price: tuple[float, float]

    @property
    def included(self) -> bool:
        return self.quantity.proposed if self.decision.included is None else self.decision.included

    @property
    def amount(self) -> float | None:
        return self.quantity.amount if self.decision.amount is None else self.decision.amount

    @property
    def open(self) -> bool:
        """Nobody knows how much of it there is, or not of all parts."""
        return self.decision.amount is None and (self.quantity.amount is None or self.quantity.unknown > 0)

    @property
    def cost(self) -> Cost:
        """Of what is known; nothing where it is not built."""
        if not self.included:
            return Cost()
        amount = self.amount or 0.0
        low, high = (round(amount * price + 1e-6) for price in self.price)
        return Cost(low, high, int(self.open))


@dataclass(frozen=True, slots=True)
class Compound:
    """One compound of the project. `row`: in its layer."""

    member: Member
    row: int
    problems: Problems
    works: tuple[Work, ...]

    @property
    def cost(self) -> Cost:
        return total(work.cost for work in self.works)

    @property
    def works_class(self) -> str | None:
        """The furthest class of what is built, None = nothing is."""
        built = [CLASSES.index(work.item.works) for work in self.works if work.included]
        return CLASSES[max(built)] if built else None


@dataclass(frozen=True, slots=True)
class Assessment:
    """`gone`: compounds that are no longer on record."""

    plan: Plan
    profile: Profile
    basis: Basis
    items: Mapping[str, Item]
    layers: Mapping[str, Layer]
    compounds: tuple[Compound, ...]
    gone: tuple[Member, ...]
    revision: int
    demo: bool

    @property
    def site(self) -> Site:
        return self.basis.site

    @property
    def cost(self) -> Cost:
        return total(compound.cost for compound in self.compounds)

    def of_class(self, name: str) -> Cost:
        return total(work.cost for compound in self.compounds for work in compound.works if work.item.works == name)

    def of_item(self, code: str) -> list[Work]:
        """What is built of an item."""
        return [work for compound in self.compounds for work in compound.works if work.item.code == code and work.included]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the data it rests on and of what was decided: two papers with the same one say the same."""
        rests = {"data": snapshot_of(self), "profile": [self.profile.id, self.profile.version]}
        prices = {item.code: self.plan.price(item) for item in self.items.values()}
        return f"sha256:{hashlib.sha256(orjson.dumps([rests, self.plan.decided(), prices], option=orjson.OPT_SORT_KEYS)).hexdigest()}"


def total(costs: Iterable[Cost]) -> Cost:
    return sum(costs, Cost())


def assess(view: View, plan: Plan, items: Mapping[str, Item], layers: Mapping[str, Layer], *, lang: str) -> Assessment:
    """The plan on the view's data. The view goes by the plan's profile and day. `lang`: of the sentences of findings."""
    known = basis(view, layers, lang)
    of = known.site.rows
    there = [member for member in plan.compounds if member.id in of]
    rows = [of[member.id] for member in there]
    known.look_up(rows)
    found = known.problems(rows)
    compounds = tuple(Compound(member, of[member.id], found[of[member.id]], _works(known, plan, items, member)) for member in there)
    gone = tuple(member for member in plan.compounds if member.id not in of)
    return Assessment(plan, view.profile, known, items, layers, compounds, gone, view.revision, view.info.kind == "demo")


def _works(known: Basis, plan: Plan, items: Mapping[str, Item], member: Member) -> tuple[Work, ...]:
    """In the order of the list, those of items that it does not have left out."""
    found = {quantity.code: quantity for quantity in known.quantities(known.site.rows[member.id])}
    return tuple(
        Work(item, found[item.code], plan.works.get((member.id, item.code), Decision()), plan.price(item))
        for item in items.values()
        if item.code in found
    )
