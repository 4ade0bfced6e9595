"""The frame that one compound is drawn in: x as in the district's plane, t metres inwards from the front wall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from geo.synthetic import story
from geo.synthetic.dice import Dice
from geo.synthetic.facts import GABLE_GAP_M, Facts
from geo.synthetic.plan import Plan
from geo.synthetic.rows import XY, Kind, Sheet, Values

Sheets = Mapping[str, Sheet]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn, for hazards, shops and pipes: `doors` and `lanes` are (code, place); `frontage` is (x, y, building code) along the street."""

    values: Values
    gate: XY
    doors: list[tuple[str, XY]]
    lanes: list[tuple[str, XY]]
    frontage: list[tuple[XY, str | None]]


@dataclass(slots=True)
class Yard:
    """The frame and the measures of one compound while it is drawn. `left` and `right` are the x extents of each column of buildings."""

    plan: Plan
    facts: Facts
    k: int
    values: Values
    ring: list[XY]
    sheets: Sheets
    dice: Dice
    as_of: date
    south: bool = field(init=False)
    rect: tuple[float, float, float, float] = field(init=False)
    lane_x: float = field(init=False)
    columns: list[tuple[float, float]] = field(init=False)
    doors: list[tuple[str, XY]] = field(default_factory=list)
    lanes: list[tuple[str, XY]] = field(default_factory=list)
    frontage: list[tuple[XY, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        facts, k = self.facts, self.k
        self.south = bool(self.plan.plots.south[facts.plot[k]])
        x0, y0, x1, y1 = facts.rect[k].tolist()
        self.rect = (x0, y0, x1, y1)
        width, side = float(facts.corridor[k]), int(facts.side[k])
        long = float(facts.units[k] * facts.unit_m[k])
        if side == 0:
            wanted = long * int(facts.columns[k]) + width + (GABLE_GAP_M if facts.columns[k] == 3 else 0.0)
            start = x0 + (x1 - x0 - wanted) * self.dice.between(0.4, 0.6)
            self.lane_x = start + long + width / 2
            self.columns = [(start, start + long), (start + long + width, start + 2 * long + width)]
            if facts.columns[k] == 3:
                third = start + 2 * long + width + GABLE_GAP_M
                self.columns.append((third, third + long))
        elif side < 0:
            self.lane_x, self.columns = x0 + width / 2, [(x0 + width, x0 + width + long)]
        else:
            self.lane_x, self.columns = x1 - width / 2, [(x1 - width - long, x1 - width)]

    @property
    def code(self) -> str:
        code: str = self.values["code"]
        return code

    @property
    def deep(self) -> float:
        return self.rect[3] - self.rect[1]

    @property
    def corridor(self) -> float:
        return float(self.facts.corridor[self.k])

    @property
    def told(self) -> story.Named | None:
        index = int(self.facts.named[self.k])
        return story.NAMED[index] if index >= 0 else None

    def at(self, x: float, t: float) -> XY:
        return (x, self.rect[1] + t) if self.south else (x, self.rect[3] - t)

    def box(self, xa: float, xb: float, ta: float, tb: float) -> list[XY]:
        return [self.at(xa, ta), self.at(xb, ta), self.at(xb, tb), self.at(xa, tb)]

    def between(self, t: float) -> tuple[float, float]:
        """What bounds the corridor west and east (x) beside a row: a building's end or the side wall, which is seldom quite upright."""
        half, side = self.corridor / 2, int(self.facts.side[self.k])
        left, right = self.lane_x - half, self.lane_x + half
        if side == 0:
            return left, right
        wall = crossing(*self.side_wall("west" if side < 0 else "east"), self.at(0.0, t)[1])[0]
        return (min(left, wall), right) if side < 0 else (left, max(right, wall))

    def side_wall(self, side: str) -> tuple[XY, XY]:
        """The outline's western or eastern edge."""
        if side == "west":
            return self.ring[-1], self.ring[0]
        return (self.ring[1], self.ring[2]) if self.south else (self.ring[-3], self.ring[-2])

    def row(self, r: int) -> tuple[float, float]:
        """From where to where (t) row `r` stands."""
        start = float(self.facts.front[self.k]) + r * float(self.facts.depth[self.k] + self.facts.gap[self.k])
        return start, start + float(self.facts.depth[self.k])

    def obstacle(self, kind: str, shape: Kind, points: list[XY], **values: Any) -> None:
        self.sheets["obstacles"].add(shape, points, kind=kind, compound_code=self.code, **{"quality": "declared", **values})


def crossing(a: XY, b: XY, y: float) -> XY:
    """Where the line a-b is at height y."""
    return (a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]), y)


def ordinal(number: int) -> str:
    return "一二三四五六七八九"[number - 1] if number < 10 else str(number)


def days_ago(yard: Yard, first: int, last: int) -> str:
    return (yard.as_of - timedelta(days=yard.dice.whole(first, last))).isoformat()
