"""One compound drawn: buildings, gate, lanes, then walls with gaps for the gates, and trees."""

from __future__ import annotations

from geo.synthetic import yard_buildings, yard_lanes
from geo.synthetic.rows import XY
from geo.synthetic.yard import Drawn, Yard


def draw(yard: Yard) -> Drawn:
    """Draw one compound into its sheets."""
    yard_buildings.draw_rows(yard)
    if yard.facts.strip[yard.k]:
        yard_buildings.draw_shop_strip(yard)
    else:
        yard_buildings.mark_plain_front(yard)
    gate, gate_m = yard_lanes.draw_gate(yard)
    branches = yard_lanes.draw_branches(yard)
    yard_lanes.draw_way_in(yard, gate, gate_m, branches)
    side_gate = yard_lanes.draw_side_gate(yard, branches)
    _walls(yard, gate, gate_m, side_gate)
    _trees_and_poles(yard)
    return Drawn(yard.values, gate, yard.doors, yard.lanes, yard.frontage)


def _walls(yard: Yard, gate: XY, gate_m: float, side_gate: tuple[str, XY, float] | None) -> None:
    """The outline as walls with gaps at the gates; a strip of shops takes the place of the front wall."""
    ring = yard.ring if yard.south else [*yard.ring[-2:], *yard.ring[:-2]]
    west_edge, east_edge = (len(ring) - 1, 1) if yard.south else (1, len(ring) - 1)
    gaps = {0: (gate, gate_m)}
    if side_gate:
        gaps[west_edge if side_gate[0] == "west" else east_edge] = side_gate[1:]
    pieces: list[list[XY]] = [[]]
    for edge, a in enumerate(ring):
        b = ring[(edge + 1) % len(ring)]
        if edge == 0 and yard.facts.strip[yard.k]:
            continue
        if not pieces[-1]:
            pieces[-1].append(a)
        if edge in gaps:
            before, after = _gap(a, b, *gaps[edge])
            pieces[-1].append(before)
            pieces.append([after])
        pieces[-1].append(b)
    if len(pieces) > 1 and pieces[-1][-1] == pieces[0][0]:
        pieces[0] = [*pieces.pop(), *pieces[0][1:]]
    kind = yard.dice.weighted([("wall", 4.0), ("fence", 1.0)])
    for piece in pieces:
        yard.obstacle(
            kind,
            "line",
            piece,
            name="院墙" if kind == "wall" else "栅栏",
            height_m=round(yard.dice.between(1.8, 2.6), 1),
            removable="no",
            quality="measured",
        )


def _gap(a: XY, b: XY, place: XY, wide: float) -> tuple[XY, XY]:
    long = ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5
    dx, dy = (b[0] - a[0]) / long * wide / 2, (b[1] - a[1]) / long * wide / 2
    return (place[0] - dx, place[1] - dy), (place[0] + dx, place[1] + dy)


def _trees_and_poles(yard: Yard) -> None:
    """A few trees before the rows, away from the lanes."""
    dice = yard.dice
    for r in range(int(yard.facts.rows[yard.k])):
        low, _ = yard.row(r)
        for left, right in yard.columns:
            if dice.chance(0.42) and low > 2.6:
                yard.obstacle(
                    "tree",
                    "point",
                    [yard.at(dice.between(left + 2, right - 2), low - 1.0)],
                    name="树木",
                    height_m=round(dice.between(4, 12), 1),
                    removable="no",
                )
