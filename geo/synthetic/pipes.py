"""Gas under the streets: which street edges have a main, the service areas drawn around them, the mains themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from geo.synthetic import facts as facts_module
from geo.synthetic.dice import Dice
from geo.synthetic.facts import Facts
from geo.synthetic.plan import Bools, Plan
from geo.synthetic.rows import XY, Sheet

SUPPLIER = "示例燃气公司"
OFFSET_M = 3.0
"""Mains lie this far north (or east) of a street's centre line."""
_STUB_END_M = 0.8
_BARE_SIDE_M = 14.0
"""How far a service area reaches beyond a street with nothing built on that side."""


@dataclass(frozen=True, slots=True)
class Network:
    """`east[i, j]`: a main lies under the edge from node (i, j) to (i + 1, j); `north[i, j]` from (i, j) to (i, j + 1)."""

    east: Bools
    north: Bools


def make(plan: Plan, *, seed: int) -> Network:
    """Mains under most main roads and about half of the local streets, only where the town is built."""
    rng = np.random.default_rng([seed, 3])
    nx, ny = plan.built().shape
    east = rng.random((nx, ny + 1)) < np.where(plan.streets.main_y, 0.92, 0.52)
    north = (rng.random((nx + 1, ny)) < 0.94) & plan.streets.main_x[:, None]
    along, beside = plan.built_edges()
    return Network(east & along, north & beside)


def served(plan: Plan, network: Network, facts: Facts) -> Bools:
    """Per compound: does a main pass its front?"""
    block = plan.blocks[plan.plots.block[facts.plot]]
    line = block[:, 1] + np.where(plan.plots.south[facts.plot], 0, 1)
    return np.asarray(network.east[block[:, 0], line])


def draw_mains(plan: Plan, network: Network, sheet: Sheet, dice: Dice) -> None:
    """One feature a run of edges between two main roads; medium A under main roads, medium B under local streets."""
    streets = plan.streets
    for i, j in zip(*np.nonzero(network.north), strict=True):
        a, b = streets.nodes[i, j], streets.nodes[i, j + 1]
        _main(sheet, dice, [(float(a[0]) + OFFSET_M, float(a[1])), (float(b[0]) + OFFSET_M, float(b[1]))], streets.names_x[i], main=True)
    for j in range(network.east.shape[1]):
        for first, last in runs(network.east[:, j], streets.main_x):
            line = [(float(x), float(y) + OFFSET_M) for x, y in streets.nodes[first : last + 1, j]]
            _main(sheet, dice, line, streets.names_y[j], main=bool(streets.main_y[j]))


def runs(edges: Bools, stops: Bools) -> list[tuple[int, int]]:
    """Node ranges (first, last) of consecutive true `edges`, broken at the nodes where `stops` is true."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for i, on in enumerate([*edges.tolist(), False]):
        if start is not None and (not on or stops[i]):
            found.append((start, i))
            start = None
        if on and start is None:
            start = i
    return found


def _main(sheet: Sheet, dice: Dice, line: list[XY], street: str, *, main: bool) -> None:
    material = dice.weighted(
        [("steel", 4.0), ("pe", 4.0), ("ductile_iron", 1.0)] if main else [("pe", 6.0), ("steel", 2.0), ("grey_iron", 0.6)]
    )
    year = dice.whole(1994, 2012) if material != "pe" else dice.whole(2004, 2022)
    sheet.add(
        "line", line, name=f"{street}{'中压干管' if main else '中压支管'}", kind="main", operator=SUPPLIER,
        pressure_class="medium_a" if main else "medium_b", material=material, dn_mm=float(dice.pick((200, 250, 315) if main else (110, 160))),
        depth_m=round(dice.between(1.0, 1.6), 2), built_year=year, renewed=False, location="underground", quality="measured", accuracy_m=0.5,
    )  # fmt: skip


def draw_stub(sheet: Sheet, dice: Dice, plan: Plan, plot: int, gate: XY, compound: str, year: int) -> None:
    """From the main under the front street to just inside the compound's gate, where shops stand at the gate close beside them."""
    i, j = facts_module.front_edge(plan, plot)
    a, b = plan.streets.nodes[i, j], plan.streets.nodes[i + 1, j]
    x = gate[0] + 1.5
    share = (x - float(a[0])) / float(b[0] - a[0])
    y = float(a[1]) + share * float(b[1] - a[1]) + OFFSET_M
    inward = _STUB_END_M if gate[1] > y else -_STUB_END_M
    sheet.add(
        "line", [(x, y), (x, gate[1] + inward)], name="引入支管", kind="stub", compound_code=compound, operator=SUPPLIER, pressure_class="medium_b",
        material="pe", dn_mm=float(dice.pick((63, 90))), depth_m=round(dice.between(0.8, 1.2), 2), built_year=year, renewed=False,
        location="underground", quality="measured", accuracy_m=0.1,
    )  # fmt: skip


def draw_areas(plan: Plan, network: Network, sheet: Sheet, dice: Dice, as_of: date) -> None:
    """A service area along each run of mains: a band whose depth and ends do not keep to the compounds' walls."""
    streets = plan.streets
    built = plan.built()
    for j in range(network.east.shape[1]):
        for first, last in runs(network.east[:, j], streets.main_x):
            nodes = [(float(x), float(y)) for x, y in streets.nodes[first : last + 1, j]]
            south, north = dice.between(58, 116), dice.between(58, 116)
            if j == 0 or not built[first:last, j - 1].any():
                south = _BARE_SIDE_M
            if j == built.shape[1] or not built[first:last, j].any():
                north = _BARE_SIDE_M
            start, end = dice.between(-6, 40), dice.between(-6, 40)
            line = [(nodes[0][0] + start, nodes[0][1]), *nodes[1:-1], (nodes[-1][0] - end, nodes[-1][1])]
            ring = [(x, y - south) for x, y in line] + [(x, y + north) for x, y in reversed(line)]
            status = dice.weighted([("in_service", 12.0), ("under_construction", 1.0)])
            year = dice.whole(1998, max(1999, as_of.year - 1))
            sheet.add(
                "area", ring, name=f"{streets.names_y[j]}供气片区{first + 1}", operator=SUPPLIER, status=status,
                in_service_on=f"{year}-{dice.whole(1, 12):02d}-15" if status == "in_service" else None, quality="declared",
            )  # fmt: skip
