"""The lanes of one compound, from the street through the gate to every row, and what narrows them."""

from __future__ import annotations

from dataclasses import dataclass

from geo.synthetic import story
from geo.synthetic.dice import Dice
from geo.synthetic.facts import front_edge
from geo.synthetic.rows import XY
from geo.synthetic.yard import Yard, crossing, days_ago, ordinal


def draw_gate(yard: Yard) -> tuple[XY, float]:
    """The gap in the front wall on the lane's line, and its width."""
    a, b = _front_wall(yard)
    share = (yard.lane_x - a[0]) / (b[0] - a[0])
    gate = (yard.lane_x, a[1] + share * (b[1] - a[1]))
    wide = min(yard.corridor, 7.0) if yard.facts.strip[yard.k] else yard.dice.between(0.85, 1.15) * yard.corridor
    corner = min(abs(gate[0] - a[0]), abs(gate[0] - b[0]))
    wide = round(max(2.4, min(wide, yard.corridor + 0.8, 2 * corner - 0.2)), 2)
    dice = yard.dice
    kind = dice.weighted([("gate", 5.0), ("barrier", 2.5), ("arch", 1.2), ("height_bar", 0.7), ("bollard", 0.9)])
    height = round(dice.between(2.2, 3.4), 1) if kind == "height_bar" else round(dice.between(3.2, 4.6), 1) if kind == "arch" else None
    clear = round(max(1.8, wide - dice.between(0.4, 1.2)), 2) if kind == "bollard" else wide
    yard.sheets["access_points"].add(
        "point", [gate], name="大门", kind=kind, compound_code=yard.code, gate_width_m=clear if dice.chance(0.75) else None, gate_height_m=height,
        normally_locked=dice.weighted([("no", 6.0), ("yes", 1.0), ("unknown", 2.0)]), remote_open=dice.weighted([("no", 4.0), ("yes", 1.0), ("unknown", 3.0)]),
        contact_role=dice.pick(("门卫值班室", "社区网格员", "物业值班室", None)), checked_on=days_ago(yard, 20, 500), quality="measured", accuracy_m=0.3,
    )  # fmt: skip
    return gate, clear


def _front_wall(yard: Yard) -> tuple[XY, XY]:
    return (yard.ring[0], yard.ring[1]) if yard.south else (yard.ring[-2], yard.ring[-1])


def _street_point(yard: Yard, x: float) -> XY:
    """On the centre line of the front street."""
    i, j = front_edge(yard.plan, int(yard.facts.plot[yard.k]))
    (ax, ay), (bx, by) = yard.plan.streets.nodes[i, j].tolist(), yard.plan.streets.nodes[i + 1, j].tolist()
    return (x, ay + (x - ax) / (bx - ax) * (by - ay))


@dataclass(frozen=True, slots=True)
class Branch:
    """A lane between two rows: at `t`, from `left` to `right` (x)."""

    t: float
    left: float
    right: float


def draw_branches(yard: Yard) -> list[Branch]:
    """One lane behind each row that has room behind it."""
    rows = int(yard.facts.rows[yard.k])
    outer_left, outer_right = min(c[0] for c in yard.columns), max(c[1] for c in yard.columns)
    made = []
    for r in range(rows):
        _, back = yard.row(r)
        room = float(yard.facts.gap[yard.k]) if r + 1 < rows else yard.deep - back - 1.4
        if room < (5.0 if r + 1 < rows else 11.0) and (r > 0 or rows > 1):
            continue
        off = round(yard.dice.between(1.5, 2.4), 2)
        left = min(outer_left + 1.0, yard.lane_x) if yard.lane_x > outer_left else yard.lane_x
        right = max(outer_right - 1.0, yard.lane_x) if yard.lane_x < outer_right else yard.lane_x
        branch = Branch(back + off, left, right)
        made.append(branch)
        _branch(yard, branch, off, room, number=len(made), last=r + 1 == rows)
    return made


def _branch(yard: Yard, branch: Branch, off: float, room: float, *, number: int, last: bool) -> None:
    """Draw the lane and what stands on its far side; its true width is `off` plus the distance to that, or to what stands before it."""
    dice = yard.dice
    free = dice.between(1.3, 2.7)
    turn = _turnaround(yard, branch, room, off) if dice.chance(0.16) and branch.right - yard.lane_x > 24 else None
    end = turn.middle if turn else branch.right
    beyond = room - off - free
    limit = dice.between(2.0, 4.5)  # as far as it is paved
    edge = _Edge(limit)
    if yard.told and yard.told.pocket_parks:
        _pocket_parks(yard, branch, free, min(beyond, 14.0), number)
        edge = _Edge(free + 0.4)
    elif beyond > 2.2:
        edge = _far_side(yard, branch, free, beyond, until=turn.left - 0.5 if turn else end) or edge
    limit = min(edge.at if edge.parked is None else edge.parked, room - off)
    left, right = dice.pick([c for c in yard.columns if c[0] < end - 9] or yard.columns[:1])
    pinch = (dice.between(left + 1.5, max(left + 2.0, min(right, end) - 6.0)), branch.t)
    if dice.chance(0.34):
        near = round(dice.between(0.5, max(0.6, free - 0.1)), 2)
        if not edge.things and edge.parked is None:
            edge = _Edge(min(edge.at, free))
        limit = min(limit, near, edge.at)
        _intruder(yard, pinch[0], branch.t + near, branch.t + (edge.at if edge.parked is None else edge.parked) + 0.1)
    if not last and dice.chance(0.22):
        _cable(yard, pinch[0] + 3.0, branch.t - off, branch.t - off + room)
    if edge.at < room - off - 0.5:
        _hedge(yard, branch.t + edge.at, branch.left - 0.6, turn.left - 0.1 if turn else max(end, yard.lane_x) + 0.6, edge, last=last)
    line = [yard.at(x, branch.t) for x in sorted({branch.left, yard.lane_x, end if end > yard.lane_x else branch.right})]
    _lane(
        yard,
        line,
        f"{ordinal(number)}排通道",
        "yard",
        round(off + limit, 2),
        yard.at(*pinch),
        dead_end=True,
        turnaround=turn.code if turn else None,
    )


@dataclass(frozen=True, slots=True)
class _Edge:
    """What ends the lane's ground on the far side, `at` metres from its line; `things` (x from, x to) stand there already.
    `parked`: where cars stand before it."""

    at: float
    things: tuple[XY, ...] = ()
    parked: float | None = None


def _hedge(yard: Yard, t: float, left: float, right: float, edge: _Edge, *, last: bool) -> None:
    """A low hedge from `left` to `right` (x) wherever nothing else stands, with a gap for the lane that goes on to the next row."""
    gaps = [*edge.things, *([] if last else [yard.between(t)])]
    start = left
    for low, high in [*sorted(gaps), (right, right)]:
        if min(low, right) - start > 0.8:
            yard.obstacle("hedge", "line", [yard.at(start, t), yard.at(min(low, right), t)], name="绿篱", height_m=0.6, removable="yes")
        start = max(start, high)


def _far_side(yard: Yard, branch: Branch, free: float, beyond: float, *, until: float) -> _Edge | None:
    """A parking strip, a hedge or a row of sheds along most of the lane; None where the ground stays open."""
    dice = yard.dice
    kind = dice.weighted([("parking_strip", 3.0), ("hedge", 2.6), ("shed", 1.6), ("ebike", 1.0), ("", 1.4)])
    if not kind:
        return None
    things: list[XY] = []
    deep = min(beyond - 1.0, {"parking_strip": 2.3, "hedge": dice.between(1.2, 4.0), "shed": 2.6, "ebike": 2.2}[kind])
    for left, right in yard.columns:
        xa, xb = left + dice.between(1.0, 5.0), min(right, until) - dice.between(1.0, 6.0)
        if xb - xa < 5:
            continue
        if kind == "ebike":
            xb = min(xb, xa + dice.between(8, 18))
            _ebike_shed(yard, xa, xb, branch.t + free + 0.4, branch.t + free + 0.4 + min(deep, beyond - 1.4))
            return _Edge(free + 0.4, ((xa, xb),))
        things.append((xa, xb))
        ring = yard.box(xa, xb, branch.t + free, branch.t + free + deep)
        if kind == "parking_strip":
            yard.obstacle(kind, "area", ring, name="划线停车带", width_m=round(deep, 2), removable="yes", quality="measured")
        elif kind == "hedge":
            yard.obstacle(
                kind, "area", ring, name="绿化带", width_m=round(deep, 2), height_m=round(dice.between(0.4, 1.2), 1), removable="yes"
            )
        else:
            yard.obstacle(kind, "area", ring, name="储藏间", height_m=2.4, removable="unknown")
    if kind == "parking_strip":
        return _Edge(free + deep, (), free) if things else None
    return _Edge(free, tuple(things)) if things else None


def _ebike_shed(yard: Yard, xa: float, xb: float, ta: float, tb: float) -> None:
    yard.sheets["amenities"].add(
        "area", yard.box(xa, xb, ta, tb), name="电动自行车充电棚", kind="ebike_charging", compound_code=yard.code, community=yard.values["community"],
        ports_n=max(4, int((xb - xa) * 1.2)), opened_year=yard.dice.whole(2019, 2025), has_video=yard.dice.chance(0.4), quality="declared",
    )  # fmt: skip


def _pocket_parks(yard: Yard, branch: Branch, free: float, deep: float, number: int) -> None:
    """Parks beyond lane `number`, one before each column of buildings, until the compound has as many as are told of it."""
    assert yard.told is not None
    low, size = branch.t + free + 0.5, max(3.0, deep - 1.5)
    for column, (left, right) in enumerate(yard.columns):
        park = (number - 1) * len(yard.columns) + column + 1
        if park <= yard.told.pocket_parks:
            yard.sheets["amenities"].add(
                "area", yard.box(left + 2, right - 2, low, low + size), name=f"{yard.values['name']}{ordinal(park)}号口袋公园", kind="pocket_park",
                compound_code=yard.code, community=yard.values["community"], area_m2=round((right - left - 4) * size, 0), opened_year=2023,
                quality="declared",
            )  # fmt: skip


def _intruder(yard: Yard, x: float, near: float, far: float) -> None:
    """Something at `near` (t) that narrows the lane: a shed, a tree, a pole, a stall."""
    kind = yard.dice.weighted([("shed", 2.0), ("tree", 2.0), ("pole", 1.2), ("stall", 0.8)])
    if kind in ("tree", "pole"):
        yard.obstacle(
            kind, "point", [yard.at(x, near)], name="树木" if kind == "tree" else "电线杆", height_m=round(yard.dice.between(5, 11), 1),
            removable="no" if kind == "tree" else "unknown", quality="measured",
        )  # fmt: skip
        return
    ring = yard.box(x, x + yard.dice.between(2.0, 4.5), near, max(far, near + 0.8))
    yard.obstacle(
        kind, "area", ring, name="搭建棚屋" if kind == "shed" else "堆物", height_m=2.3 if kind == "shed" else 1.2, removable="yes"
    )


def _cable(yard: Yard, x: float, low: float, high: float) -> None:
    clear = round(yard.dice.between(3.3, 6.5), 1)
    yard.obstacle(
        "cable", "line", [yard.at(x, low), yard.at(x + 1.5, high)], name="架空线", clear_height_m=clear if yard.dice.chance(0.7) else None
    )


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turnaround: its code, its western edge and its middle (x), where the lane ends."""

    code: str
    left: float
    middle: float


def _turnaround(yard: Yard, branch: Branch, room: float, off: float) -> _Turn | None:
    """A place to turn at the lane's eastern end; None where it does not fit."""
    size = round(min(yard.dice.between(9.0, 14.5), room - 1.8), 1)
    if size < 8.5:
        return None
    right, low = max(c[1] for c in yard.columns) - 0.5, branch.t - off + 0.9
    code = yard.sheets["turnarounds"].add(
        "area", yard.box(right - size, right, low, low + size), name="回车场", compound_code=yard.code, shape="rectangle", length_m=size, width_m=size,
        load_ok=yard.dice.weighted([("yes", 3.0), ("unknown", 4.0), ("no", 0.5)]), usable=yard.dice.weighted([("yes", 4.0), ("no", 1.5), ("unknown", 2.0)]),
        checked_on=days_ago(yard, 30, 700), quality="measured", accuracy_m=0.3,
    )  # fmt: skip
    return _Turn(code, right - size, right - size / 2)


def draw_way_in(yard: Yard, gate: XY, gate_m: float, branches: list[Branch]) -> None:
    """The lane from the street through the gate to the first branch, and the spine that joins the others."""
    x = yard.lane_x
    first = branches[0].t if branches else yard.row(0)[1]
    width, t = _narrowest(yard, 0, (0.0, first))
    pinch = yard.at(x, t) if width < gate_m else gate
    cleared = yard.told is not None and yard.told.name == story.YUANDING
    line = [_street_point(yard, x), gate, yard.at(x, first)]
    _lane(yard, line, "大门通道", "entrance", min(width, gate_m), pinch, dead_end=not branches, cleared=cleared)
    if len(branches) > 1:
        width, t = _narrowest(yard, 1, (branches[0].t, branches[-1].t))
        _lane(yard, [yard.at(x, b.t) for b in branches], "主通道", "yard", width, yard.at(x, t), dead_end=False)


def _narrowest(yard: Yard, row: int, ends: tuple[float, float]) -> tuple[float, float]:
    """The least clear width of the corridor between `ends` (t) and where it is, after something may have been put beside `row`."""
    width, t = min((yard.between(t)[1] - yard.between(t)[0], t) for t in ends)
    if yard.dice.chance(0.36):
        squeezed, at = _squeeze(yard, *yard.row(row))
        if squeezed < width:
            return round(squeezed, 2), at
    return round(width, 2), t


def _squeeze(yard: Yard, low: float, high: float) -> tuple[float, float]:
    """Put a parking strip, a shed or goods into the corridor between `low` and `high` (t): the width that is left and where."""
    dice = yard.dice
    west = yard.facts.side[yard.k] < 0
    if yard.corridor >= 5.2 and dice.chance(0.5):
        deep, long, name, kind = 2.2, high - low - 1.0, "划线停车带", "parking_strip"
    else:
        deep, long = round(dice.between(0.3, min(1.3, yard.corridor - 2.2)), 2), dice.between(2.5, 4.5)
        name, kind = ("搭建棚屋", "shed") if dice.chance(0.6) else ("杂物堆放", "stall")
    start = dice.between(low + 0.4, max(low + 0.5, high - long - 0.4))
    ends = [yard.between(t) for t in (start, start + long)]
    if west:
        inner = max(left for left, _ in ends) + deep
        ring = [yard.at(ends[0][0], start), yard.at(inner, start), yard.at(inner, start + long), yard.at(ends[1][0], start + long)]
        left = min(right for _, right in ends) - inner
    else:
        inner = min(right for _, right in ends) - deep
        ring = [yard.at(inner, start), yard.at(ends[0][1], start), yard.at(ends[1][1], start + long), yard.at(inner, start + long)]
        left = inner - max(left for left, _ in ends)
    yard.obstacle(kind, "area", ring, name=name, width_m=deep, removable="yes", quality="measured")
    return left, start + long / 2


def draw_side_gate(yard: Yard, branches: list[Branch]) -> tuple[str, XY, float] | None:
    """A second gate to the street beside a corner plot: (east or west, place, width)."""
    plots, plot = yard.plan.plots, int(yard.facts.plot[yard.k])
    if not yard.facts.side_gate[yard.k]:
        return None
    side = "west" if plots.first[plot] else "east"
    branch = branches[len(branches) // 2]
    start = yard.at(branch.left if side == "west" else max(branch.right, yard.lane_x), branch.t)
    a, b = yard.side_wall(side)
    gate = crossing(a, b, start[1])
    i, j = yard.plan.blocks[plots.block[plot]]
    line = int(i) + (0 if side == "west" else 1)
    nodes = yard.plan.streets.nodes
    street = crossing(tuple(nodes[line, j].tolist()), tuple(nodes[line, j + 1].tolist()), start[1])
    wide = round(yard.dice.between(2.4, 4.6), 2)
    name = "西门" if side == "west" else "东门"
    yard.sheets["access_points"].add(
        "point", [gate], name=name, kind=yard.dice.pick(("gate", "bollard", "chain", "pedestrian_gate")), compound_code=yard.code,
        gate_width_m=wide if yard.dice.chance(0.7) else None, normally_locked=yard.dice.weighted([("yes", 3.0), ("no", 3.0), ("unknown", 1.0)]),
        quality="measured", accuracy_m=0.3,
    )  # fmt: skip
    _lane(yard, [start, gate, street], f"{name}通道", "entrance", wide, gate, dead_end=False)
    return side, gate, wide


def _lane(
    yard: Yard, line: list[XY], name: str, kind: str, width: float, pinch: XY, *,
    dead_end: bool, turnaround: str | None = None, cleared: bool = False,
) -> None:  # fmt: skip
    """One lane whose true clear width is `width`; what the ledger says of it may be right, missing or wrong."""
    dice = yard.dice
    told = _Told(width, "tape", None) if cleared else declare(dice, width)
    marking = dice.weighted([("none", 6.0), ("partial", 2.0), ("full", 1.2), ("unknown", 1.5)])
    code = yard.sheets["fire_lanes"].add(
        "line", line, name=name, compound_code=yard.code, kind=kind, clear_width_m=told.width, width_source=told.source,
        width_measured_on=days_ago(yard, 30, 900) if told.source in ("tape", "survey") else None, road_width_m=told.road_width,
        clear_height_m=round(dice.between(3.4, 5.0), 1) if dice.chance(0.22) else None, is_dead_end=dead_end if dice.chance(0.8) else None,
        turnaround_code=turnaround, surface=dice.pick(("混凝土", "沥青", "水泥砖")), load_ok=dice.weighted([("unknown", 5.0), ("yes", 3.0), ("no", 0.6)]),
        marking=marking, marking_checked_on=days_ago(yard, 30, 400) if marking in ("partial", "full") else None,
        occupied="clear" if cleared else dice.weighted([("clear", 4.0), ("night", 3.0), ("often", 1.6), ("blocked", 0.4), ("unknown", 1.0)]),
        parking_sides=dice.weighted([(0, 4.0), (1, 3.0), (2, 0.4)]) if dice.chance(0.6) else None,
        quality="measured" if told.source in ("tape", "survey") else "declared", accuracy_m=0.05 if told.source == "tape" else None,
        notes="原两侧停满车辆，已清理并划线" if cleared else None,
    )  # fmt: skip
    yard.lanes.append((code, pinch))


@dataclass(frozen=True, slots=True)
class _Told:
    width: float | None
    source: str | None
    road_width: float | None


def declare(dice: Dice, width: float) -> _Told:
    """What the ledger holds of a lane of true clear width `width`: measured right, rounded, the design value, the road's width, or nothing."""
    road = round(width + dice.between(0.4, 1.6), 1) if dice.chance(0.35) else None
    manner = dice.weighted(
        [("tape", 2.6), ("survey", 0.8), ("cad", 1.0), ("imagery", 1.0), ("round", 1.8), ("wish", 0.8), ("road", 0.6), ("missing", 2.2)]
    )
    if manner == "missing":
        return _Told(None, None, road)
    if manner in ("tape", "survey"):
        return _Told(max(0.5, round(width, 2)), manner, road)
    if manner in ("cad", "imagery"):
        spread = 0.15 if manner == "cad" else 0.5
        return _Told(max(0.5, round(width + dice.between(-spread, spread), 1)), manner, road)
    if manner == "round":
        return _Told(max(0.5, round(width * 2) / 2), "unsaid", road)
    return _Told(max(4.0, float(round(width))) if manner == "wish" else round(width + dice.between(0.6, 1.6), 1), "unsaid", road)
