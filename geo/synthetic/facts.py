"""The numbers of every compound, by column: its yard's measures, years, households, people, gas. Geometry in plane metres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from geo.synthetic import names, story
from geo.synthetic.plan import Bools, Floats, Ints, Plan

Texts = NDArray[np.object_]

SIDE_M = 2.2
"""Least distance of a building's end to the side wall where no lane runs."""
BACK_M = 3.2
GABLE_GAP_M = 4.5
STRIP_DEPTH_M = 7.5
"""Depth of a row of shops along the street."""
STRIP_GAP_M = 6.0
_FLOOR_HEIGHT_M = 2.9
_PEOPLE = (2.2, 3.1)


@dataclass(slots=True)
class Facts:
    """One entry a compound, in the order of its community and block. `rect` is x0, y0, x1, y1 inside `quad` with sides along the axes.

    `side`: where the lane into the yard runs: -1 west, 0 between the first and second column of buildings, 1 east. `corridor` is its width.
    `front` is the depth taken before the first row, `gap` the distance between rows, `named` the index in story.NAMED or -1.
    """

    plot: Ints
    quad: Floats
    rect: Floats
    community: Ints
    era: Ints
    year: Ints
    floors: Ints
    units: Ints
    unit_m: Floats
    depth: Floats
    rows: Ints
    columns: Ints
    gap: Floats
    front: Floats
    strip: Bools
    corridor: Floats
    side: Ints
    dropped: Ints
    shorter: Ints
    named: Ints
    side_gate: Bools
    unmanaged: Bools
    names: list[str]

    @property
    def count(self) -> int:
        return len(self.plot)

    @property
    def buildings(self) -> Ints:
        """Dwelling buildings a compound."""
        return self.rows * self.columns - self.dropped

    @property
    def short_buildings(self) -> Ints:
        """How many of them have one stairwell fewer: every `shorter`-th (0 = none)."""
        every = np.maximum(self.shorter, 1)
        return np.where((self.shorter > 0) & (self.units > 1), self.buildings // every, 0)

    @property
    def stairwells(self) -> Ints:
        return self.units * self.buildings - self.short_buildings

    @property
    def households(self) -> Ints:
        """Two flats a floor and stairwell."""
        return self.stairwells * self.floors * 2


def make(plan: Plan, *, story_told: bool, seed: int) -> Facts:
    rng = np.random.default_rng([seed, 2])
    plot = np.flatnonzero(plan.plots.compound)
    n = len(plot)
    quad = plan.plots.quad[plot]
    rect = inner(quad)
    community = plan.plots.community[plot]
    known = plan.communities
    early = np.array([c.early for c in known])[community]
    era = np.where(early, _draw(rng, n, (0.46, 0.50, 0.04)), _draw(rng, n, (0.20, 0.44, 0.36)))
    year, floors = _years_and_floors(rng, era, early)
    units, unit_m, depth = _sizes(rng, era)
    facts = Facts(
        plot=plot, quad=quad, rect=rect, community=community, era=era, year=year, floors=floors, units=units, unit_m=unit_m, depth=depth,
        rows=_zeros(n), columns=_zeros(n), gap=np.zeros(n), front=np.zeros(n), strip=rng.random(n) < 0.33, corridor=_corridors(rng, era), side=_zeros(n),
        dropped=_zeros(n), shorter=rng.choice(np.array([0, 0, 3, 4, 5]), n), named=_zeros(n) - 1, side_gate=np.zeros(n, bool), unmanaged=np.zeros(n, bool), names=[],
    )  # fmt: skip
    late = _make_some_late(rng, facts, known, story_told)
    lone = rng.random(n) < 0.05
    lone[late] = False
    _shrink(rng, plan, facts, lone)
    _lay_out(rng, facts, lone)
    if story_told:
        _place_story(facts, plan)
    corner = plan.plots.first[plot] | plan.plots.last[plot]
    facts.side_gate[:] = corner & (facts.rows > 1) & (facts.named < 0) & (rng.random(n) < 0.4)
    _mark_unmanaged(rng, facts, known)
    facts.names = _names(rng, facts, plan)
    return facts


def inner(quad: Floats) -> Floats:
    """(n, 4) x0, y0, x1, y1 of the largest upright rectangle at each near-upright quad's own corners."""
    return np.column_stack([
        np.maximum(quad[:, 0, 0], quad[:, 3, 0]), np.maximum(quad[:, 0, 1], quad[:, 1, 1]),
        np.minimum(quad[:, 1, 0], quad[:, 2, 0]), np.minimum(quad[:, 2, 1], quad[:, 3, 1]),
    ])  # fmt: skip


def _zeros(n: int) -> Ints:
    return np.zeros(n, np.int64)


def _draw(rng: np.random.Generator, n: int, shares: tuple[float, ...]) -> Ints:
    return np.asarray(rng.choice(len(shares), n, p=np.array(shares) / sum(shares)), dtype=np.int64)


def _years_and_floors(rng: np.random.Generator, era: Ints, early: Bools) -> tuple[Ints, Ints]:
    """Eras 0, 1, 2 are the 1970s, 80s and 90s; floors go up with them."""
    n = len(era)
    first, last = np.array([1971, 1980, 1990])[era], np.array([1979, 1989, 2000])[era]
    year = first + np.floor(rng.random(n) * (last - first + 1)).astype(np.int64)
    lowest, spread = np.array([2, 4, 5])[era], np.array([3, 3, 3])[era]
    floors = lowest + np.floor(rng.random(n) * spread).astype(np.int64)
    return year, np.where(early, np.minimum(floors, 4), np.minimum(floors, 7))


def _sizes(rng: np.random.Generator, era: Ints) -> tuple[Ints, Floats, Floats]:
    """Most stairwells a building may have, metres a stairwell, depth of a building."""
    n = len(era)
    return (
        np.array([3, 4, 5])[era],
        rng.uniform(11.5, 14.5, n).round(1),
        (np.array([9.0, 10.2, 11.6])[era] + rng.uniform(0, 1.6, n)).round(1),
    )


def _corridors(rng: np.random.Generator, era: Ints) -> Floats:
    spread = rng.random(len(era)) ** 1.3 * np.array([1.9, 2.4, 3.2])[era]
    return np.asarray((np.array([2.9, 3.2, 3.7])[era] + spread).round(2))


def _make_some_late(rng: np.random.Generator, facts: Facts, known: list[story.Community], story_told: bool) -> Ints:
    """As many compounds as the subdistrict has (7 in 222) are of after 2000: taller, with wider lanes."""
    want = round(facts.count * (story.COMPOUNDS - story.OLD) / story.COMPOUNDS)
    open_to = np.array([not (c.early or c.unmanaged) for c in known])[facts.community]
    candidates = np.flatnonzero(open_to)
    late = np.sort(rng.permutation(candidates)[:want])
    facts.era[late] = 3
    facts.year[late] = rng.integers(2001, 2013, len(late))
    facts.floors[late] = rng.choice(np.array([6, 7, 11, 11, 17]), len(late))
    facts.units[late], facts.depth[late] = 4, rng.uniform(13.0, 14.5, len(late)).round(1)
    facts.corridor[late] = rng.uniform(5.5, 7.5, len(late)).round(2)
    facts.strip[late] = False
    return late


def _shrink(rng: np.random.Generator, plan: Plan, facts: Facts, lone: Bools) -> None:
    """A single building stands on the street side of its plot only; the ground behind is somebody else's."""
    for k in np.flatnonzero(lone).tolist():
        deep = float(facts.depth[k]) + rng.uniform(17.0, 24.0)
        quad = facts.quad[k].copy()
        front, back = ((0, 1), (3, 2)) if plan.plots.south[facts.plot[k]] else ((3, 2), (0, 1))
        for a, b in zip(front, back, strict=True):
            quad[b] = quad[a] + (quad[b] - quad[a]) * min(1.0, deep / abs(quad[b, 1] - quad[a, 1]))
        facts.quad[k], facts.rect[k] = quad, inner(quad[None])[0]
        facts.strip[k] = False


def _lay_out(rng: np.random.Generator, facts: Facts, lone: Bools) -> None:
    """Rows and columns of buildings that fit the rectangle, and the lane's side."""
    width, deep = facts.rect[:, 2] - facts.rect[:, 0], facts.rect[:, 3] - facts.rect[:, 1]
    n = facts.count
    room = width - facts.corridor - 2 * SIDE_M
    facts.columns[:] = np.where(room >= 108, 3, np.where(room >= 51, 2, 1))
    facts.columns[lone] = 1
    facts.side[:] = np.where(facts.columns > 1, 0, rng.choice(np.array([-1, 1]), n))
    each = (room - np.where(facts.columns == 3, GABLE_GAP_M, 0)) / facts.columns
    facts.units[:] = np.clip(np.floor(each / facts.unit_m), 1, facts.units)
    facts.unit_m[:] = np.minimum(facts.unit_m, each / facts.units).round(2)
    facts.front[:] = np.where(facts.strip, STRIP_DEPTH_M + STRIP_GAP_M, 3.6)
    wish = np.clip(facts.floors * _FLOOR_HEIGHT_M * rng.uniform(0.76, 1.06, n), 9.5, 26)
    free = deep - facts.front - BACK_M
    facts.rows[:] = np.clip(np.floor((free + wish) / (facts.depth + wish)), 1, 8)
    facts.rows[lone] = 1
    _settle_gaps(facts, deep)
    drop = (facts.columns > 1) & (facts.rows > 1) & (rng.random(n) < 0.22)
    facts.dropped[:] = drop


def _settle_gaps(facts: Facts, deep: Floats) -> None:
    """Spread what is left of the depth between the rows, but not more than is sensible; the rest stays open ground at the back."""
    free = deep - facts.front - BACK_M - facts.rows * facts.depth
    spread = np.where(facts.rows > 1, free / np.maximum(facts.rows - 1, 1), 0.0)
    facts.gap[:] = np.minimum(spread, 30.0).round(2)


def _place_story(facts: Facts, plan: Plan) -> None:
    """Give each named compound the plot of its community that fits it best."""
    width, deep = facts.rect[:, 2] - facts.rect[:, 0], facts.rect[:, 3] - facts.rect[:, 1]
    for index, told in enumerate(story.NAMED):
        home = next(c for c, known in enumerate(plan.communities) if known.name == told.community)
        free = (facts.community == home) & (facts.named < 0) & (facts.era < 3)
        if told.street:
            free &= np.array([_front_street(facts, plan, k) == told.street for k in range(facts.count)])
        want_width, want_deep = (24.0 + 28.0 * told.columns), (18.0 + 20.0 * told.rows)
        misfit = np.abs(width - want_width) + 2 * np.abs(deep - want_deep) + np.where(width < want_width - 8, 100, 0)
        best = int(np.flatnonzero(free)[np.argmin(misfit[free])])
        _fix(facts, best, told, index, float(width[best]), float(deep[best]))


def _fix(facts: Facts, k: int, told: story.Named, index: int, width: float, deep: float) -> None:
    facts.named[k] = index
    facts.strip[k], facts.front[k], facts.shorter[k] = False, 3.6, 0
    facts.rows[k], facts.columns[k], facts.dropped[k] = told.rows, told.columns, 0
    facts.side[k] = 0 if told.columns > 1 else -1
    facts.year[k], facts.floors[k] = told.facts["year"], told.facts["floors"]
    facts.era[k] = (facts.year[k] - 1970) // 10
    facts.corridor[k] = told.facts.get("corridor", 4.6)
    facts.depth[k] = min(facts.depth[k], 11.0)
    each = (width - facts.corridor[k] - 2 * SIDE_M) / told.columns
    facts.units[k] = told.facts.get("units", max(1, min(4, int(each // 12.5))))
    facts.unit_m[k] = round(min(13.5, each / facts.units[k]), 2)
    spread = (deep - 3.6 - BACK_M - told.rows * facts.depth[k]) / max(told.rows - 1, 1)
    facts.gap[k] = round(float(min(spread, 30.0)), 2)


def _front_street(facts: Facts, plan: Plan, k: int) -> str:
    """Name of the street that compound `k` has its front on."""
    _, line = front_edge(plan, int(facts.plot[k]))
    return plan.streets.names_y[line]


def front_edge(plan: Plan, plot: int) -> tuple[int, int]:
    """(i, j) of the street edge before a plot: between nodes (i, j) and (i + 1, j)."""
    i, j = plan.blocks[plan.plots.block[plot]]
    return int(i), int(j) + (0 if plan.plots.south[plot] else 1)


def house_number(plan: Plan, plot: int) -> int:
    """Odd north of the street, even south; unique along a street."""
    i, _ = front_edge(plan, plot)
    return i * 16 + 2 * int(plan.plots.column[plot]) + (1 if plan.plots.south[plot] else 2)


def _mark_unmanaged(rng: np.random.Generator, facts: Facts, known: list[story.Community]) -> None:
    """Compounds without any managing body: where the number is known exactly that many, else by age."""
    facts.unmanaged[:] = rng.random(facts.count) < np.array([0.42, 0.30, 0.12, 0.0])[facts.era]
    for c, community in enumerate(known):
        if community.unmanaged is not None:
            mine = np.flatnonzero(facts.community == c)
            facts.unmanaged[mine] = False
            facts.unmanaged[rng.permutation(mine)[: community.unmanaged]] = True


def _names(rng: np.random.Generator, facts: Facts, plan: Plan) -> list[str]:
    """A name each, unique within its community: courtyards by address, work units and estates from the lists."""
    units = [names.WORK_UNITS[i] for i in rng.permutation(len(names.WORK_UNITS))]
    estates = [a + b for b in names.ESTATE_SUFFIXES for a in names.ESTATES]
    kind = _draw(rng, facts.count, (0.36, 0.44, 0.20))
    taken: dict[int, set[str]] = {}
    used = {"units": 0, "estates": 0}
    out: list[str] = []
    for k, (era, share, community) in enumerate(zip(facts.era.tolist(), kind.tolist(), facts.community.tolist(), strict=True)):
        mine = taken.setdefault(community, set())
        told = int(facts.named[k])
        if told >= 0:
            name = story.NAMED[told].name
        elif era == 3 or (era == 2 and share == 2) or share == 2:
            name = estates[used["estates"] % len(estates)]
            used["estates"] += 1
        elif share == 0 and used["units"] < len(units) * (1 + facts.count // 600):
            name = units[used["units"] % len(units)] + "家属院"
            used["units"] += 1
        else:
            name = ""
        if not name or name in mine:
            plot = int(facts.plot[k])
            single = facts.rows[k] * facts.columns[k] - facts.dropped[k] == 1
            name = f"{_front_street(facts, plan, k)}{house_number(plan, plot)}号{'楼' if single else '院'}"
        mine.add(name)
        out.append(name)
    return out


def days(as_of: date, rng: np.random.Generator, n: int, first: int, last: int) -> list[str]:
    """`n` ISO dates between `first` and `last` days before `as_of`."""
    ago = rng.integers(first, last + 1, n).astype("timedelta64[D]")
    made: list[str] = (np.datetime64(as_of, "D") - ago).astype(str).tolist()
    return made
