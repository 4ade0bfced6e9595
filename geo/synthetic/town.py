"""What belongs to the town and not to one compound: communities, roads, schools and markets, hydrants, the fire station, the office with its long lane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from geo.synthetic import story
from geo.synthetic.dice import Dice
from geo.synthetic.facts import Facts, inner
from geo.synthetic.pipes import runs
from geo.synthetic.plan import Plan
from geo.synthetic.rows import XY, Sheet, Values

Sheets = Mapping[str, Sheet]

_HYDRANT_SPACING_M = 118.0
_SITES = (("school", 2.0), ("market", 1.4), ("office", 3.0), ("clinic", 1.0), ("park", 2.2), ("kindergarten", 1.4), ("workshop", 1.6))


def draw_communities(plan: Plan, sheet: Sheet, compounds: list[Values], shops: Mapping[str, int], *, subdistrict: str) -> None:
    """Each community to the centre lines of the streets around it, with the sums of its compounds."""
    sums: dict[str, list[int]] = {known.name: [0, 0, 0] for known in plan.communities}
    for row in compounds:
        total = sums[row["community"]]
        total[0] += 1
        total[1] += row["households"]
        total[2] += row["population"]
    for c, known in enumerate(plan.communities):
        count, households, population = sums[known.name]
        sheet.add(
            "area", _outline(plan, c), name=known.name, subdistrict=subdistrict, compounds_n=count, households=households, population=population,
            shops_n=shops.get(known.name), quality="declared",
        )  # fmt: skip


def _outline(plan: Plan, c: int) -> list[XY]:
    mine = plan.blocks[plan.blocks_of[c]]
    (i0, j0), (i1, j1) = mine.min(axis=0).tolist(), (mine.max(axis=0) + 1).tolist()
    edge = (
        [(i, j0) for i in range(i0, i1)]
        + [(i1, j) for j in range(j0, j1)]
        + [(i, j1) for i in range(i1, i0, -1)]
        + [(i0, j) for j in range(j1, j0, -1)]
    )
    return [tuple(plan.streets.nodes[i, j].tolist()) for i, j in edge]


def draw_roads(plan: Plan, sheet: Sheet, dice: Dice) -> None:
    """Centre lines from main road to main road, with a vertex at every crossing; only where the town is built."""
    streets = plan.streets
    east, north = plan.built_edges()
    for j in range(east.shape[1]):
        for first, last in runs(east[:, j], streets.main_x):
            line = [tuple(p) for p in streets.nodes[first : last + 1, j].tolist()]
            _road(
                sheet, dice, line, streets.names_y[j], float(streets.carriage_y[j]), float(streets.half_y[j]), main=bool(streets.main_y[j])
            )
    for i in range(north.shape[0]):
        for first, last in runs(north[i], streets.main_y):
            line = [tuple(p) for p in streets.nodes[i, first : last + 1].tolist()]
            _road(
                sheet, dice, line, streets.names_x[i], float(streets.carriage_x[i]), float(streets.half_x[i]), main=bool(streets.main_x[i])
            )


def _road(sheet: Sheet, dice: Dice, line: list[XY], name: str, carriage: float, half: float, *, main: bool) -> None:
    kind = "local" if not main else "primary" if carriage >= 19 else "secondary"
    lanes = 1 if carriage < 7 else 2 if carriage < 12 else 4 if carriage < 20 else 6
    sheet.add(
        "line", line, name=name, kind=kind, road_width_m=carriage if dice.chance(0.85) else None, red_line_width_m=round(half * 2, 1) if main else None,
        lanes_n=lanes, oneway=False, surface=dice.pick(("沥青", "沥青", "混凝土")), parking_sides=0 if main else dice.whole(0, 2), quality="measured", accuracy_m=0.5,
    )  # fmt: skip


def draw_sites(plan: Plan, sheets: Sheets, dice: Dice) -> dict[str, XY]:
    """Plots that hold no compound: the community's centre first, one fire station, then schools, markets, offices. Returns the centres' places."""
    centres: dict[str, XY] = {}
    station = False
    rects = inner(plan.plots.quad)
    for plot in np.flatnonzero(~plan.plots.compound).tolist():
        known = plan.communities[plan.plots.community[plot]]
        quad = [tuple(p) for p in plan.plots.quad[plot].tolist()]
        x0, y0, x1, y1 = rects[plot].tolist()
        if known.name not in centres:
            centres[known.name] = ((x0 + x1) / 2, (y0 + y1) / 2)
            _site(sheets, dice, "centre", quad, rects[plot].tolist(), known.name)
            _station(sheets, known.name, centres[known.name], micro=True)
        elif not station and x1 - x0 > 45:
            station = True
            _station(sheets, known.name, ((x0 + x1) / 2, y0 + 16 if plan.plots.south[plot] else y1 - 16), micro=False)
            _hall(sheets, dice, (x0 + 6, y0 + 8, x1 - 6, y0 + 26), "消防站站房", "public")
        else:
            _site(sheets, dice, dice.weighted(_SITES), quad, rects[plot].tolist(), known.name)
    if plan.office_block is not None:
        _office(plan, sheets, dice)
    return centres


def _station(sheets: Sheets, community: str, place: XY, *, micro: bool) -> None:
    name = f"{community}微型消防站" if micro else "示例消防救援站"
    sheets["fire_stations"].add(
        "point", [place], name=name, kind="micro" if micro else "class2", community=community, engines_n=0 if micro else 4,
        service_area_km2=None if micro else 4.0, quality="declared",
    )  # fmt: skip


def _site(sheets: Sheets, dice: Dice, kind: str, quad: list[XY], rect: list[float], community: str) -> None:
    """One school, market, park … : its grounds as an amenity, its buildings beside."""
    x0, y0, x1, y1 = rect
    wide, deep = x1 - x0, y1 - y0
    short = community.removesuffix("社区")
    if kind in ("office", "workshop"):
        use, title = ("office", "商务办公楼") if kind == "office" else ("industrial", "厂房")
        _hall(
            sheets,
            dice,
            (x0 + 5, y0 + 7, x1 - 5, y0 + min(deep - 8, 24)),
            f"{short}{title}",
            use,
            floors=dice.whole(3, 8) if kind == "office" else 1,
        )
        if deep > 62:
            _hall(sheets, dice, (x0 + 5, y1 - 24, x0 + wide * dice.between(0.45, 0.9), y1 - 6), f"{short}{title}附楼", use, floors=2)
        return
    amenity = {"centre": "community_centre"}.get(kind, kind)
    title = {
        "centre": "党群服务中心",
        "school": "小学",
        "market": "农贸市场",
        "clinic": "卫生服务中心",
        "park": "游园",
        "kindergarten": "幼儿园",
    }[kind]
    sheets["amenities"].add(
        "area",
        quad,
        name=f"{short}{title}",
        kind=amenity,
        community=community,
        area_m2=round(wide * deep, 0),
        opened_year=dice.whole(1985, 2022),
        quality="declared",
    )
    if kind == "park":
        return
    _hall(
        sheets,
        dice,
        (x0 + 6, y0 + 8, x1 - 6, y0 + 20),
        f"{short}{title}主楼",
        "public" if kind != "market" else "commercial",
        floors=dice.whole(2, 4),
    )
    if deep > 56 and kind != "kindergarten":
        _hall(
            sheets,
            dice,
            (x0 + 6, y1 - 20, x0 + wide * 0.55, y1 - 7),
            f"{short}{title}副楼",
            "public" if kind != "market" else "commercial",
            floors=2,
        )


def _hall(sheets: Sheets, dice: Dice, box: tuple[float, float, float, float], name: str, use: str, *, floors: int = 2) -> str:
    x0, y0, x1, y1 = box
    return sheets["buildings"].add(
        "area", [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], name=name, use=use, floors=float(floors), height_m=round(floors * 3.6, 1),
        built_year=dice.whole(1984, 2019), structure="frame", quality="measured", accuracy_m=0.5,
    )  # fmt: skip


def _office(plan: Plan, sheets: Sheets, dice: Dice) -> None:
    """The office building at the end of a walled lane of exactly 140 m, 4 m wide; a market hall and a car park fill the rest of its block."""
    assert plan.office_block is not None
    i, j = plan.blocks[plan.office_block].tolist()
    (ax, ay), (bx, by) = plan.streets.nodes[i, j].tolist(), plan.streets.nodes[i + 1, j].tolist()
    x0, y0, x1, y1 = inner(plan.block_quads[plan.office_block][None])[0].tolist()
    x = x0 + 46.0
    start = (x, ay + (x - ax) / (bx - ax) * (by - ay))
    turn = y0 + 70.0
    end = x + story.OFFICE_LANE_M - (turn - start[1])
    lane = [start, (x, turn), (end, turn)]
    half = story.OFFICE_LANE_WIDTH_M / 2
    sheets["fire_lanes"].add(
        "line", lane, name=f"到{story.OFFICE_NAME}的通道", kind="entrance", clear_width_m=story.OFFICE_LANE_WIDTH_M, width_source="tape",
        length_m=story.OFFICE_LANE_M, road_width_m=story.OFFICE_LANE_WIDTH_M, is_dead_end=True, marking="full", occupied="clear", surface="沥青",
        load_ok="yes", quality="measured", accuracy_m=0.05,
    )  # fmt: skip
    walls = ([(x - half, y0), (x - half, turn + half), (end, turn + half)], [(x + half, y0), (x + half, turn - half), (end, turn - half)])
    for wall in walls:
        sheets["obstacles"].add("line", wall, kind="wall", name="围墙", height_m=2.2, removable="no", quality="measured")
    _hall(sheets, dice, (end + 4, turn - 14, end + 58, turn + 8), story.OFFICE_NAME, "office", floors=9)
    _hall(sheets, dice, (x + 24, y0 + 6, x1 - 10, y0 + 30), "综合市场", "commercial", floors=2)
    _hall(sheets, dice, (x0 + 8, y1 - 40, x1 - 60, y1 - 16), "建材市场", "commercial", floors=1)
    lot = [(x1 - 50, y1 - 55), (x1 - 8, y1 - 55), (x1 - 8, y1 - 12), (x1 - 50, y1 - 12)]
    sheets["amenities"].add(
        "area", lot, name="公共停车场", kind="parking", community=story.OFFICE_COMMUNITY, capacity=64, area_m2=1806.0, quality="declared"
    )


def draw_back_plots(plan: Plan, facts: Facts, sheets: Sheets, dice: Dice) -> None:
    """The ground behind a single building: a store, a car park or a garden of nobody's compound."""
    whole = inner(plan.plots.quad[facts.plot])
    for k in np.flatnonzero((whole[:, 3] - whole[:, 1]) - (facts.rect[:, 3] - facts.rect[:, 1]) > 25).tolist():
        x0, y0, x1, y1 = whole[k].tolist()
        if plan.plots.south[facts.plot[k]]:
            y0 = float(facts.quad[k, 2:, 1].max()) + 2.0
        else:
            y1 = float(facts.quad[k, :2, 1].min()) - 2.0
        kind = dice.pick(("store", "parking", "park"))
        if kind == "store":
            _hall(sheets, dice, (x0 + 3, y0 + 4, x1 - 3, min(y1 - 4, y0 + 22)), "仓库", "industrial", floors=1)
        else:
            ring = [(x0 + 1, y0), (x1 - 1, y0), (x1 - 1, y1 - 1), (x0 + 1, y1 - 1)]
            community = plan.communities[int(facts.community[k])].name
            name = "临时停车场" if kind == "parking" else "街角游园"
            sheets["amenities"].add(
                "area", ring, name=name, kind=kind, community=community, area_m2=round((x1 - x0) * (y1 - y0), 0), quality="declared"
            )


def draw_hydrants(plan: Plan, sheets: Sheets, gates: list[tuple[XY, Values]], dice: Dice) -> None:
    """Along the streets about every 120 m with gaps, and inside a few compounds by the gate."""
    streets = plan.streets
    east, north = plan.built_edges()
    for i, j in zip(*np.nonzero(east), strict=True):
        ends = streets.nodes[i, j].tolist(), streets.nodes[i + 1, j].tolist()
        _along(sheets["hydrants"], dice, ends, float(streets.carriage_y[j]) / 2, streets.names_y[j], main=bool(streets.main_y[j]))
    for i, j in zip(*np.nonzero(north), strict=True):
        ends = streets.nodes[i, j].tolist(), streets.nodes[i, j + 1].tolist()
        _along(sheets["hydrants"], dice, ends, float(streets.carriage_x[i]) / 2, streets.names_x[i], main=bool(streets.main_x[i]))
    for gate, values in gates:
        if dice.chance(0.09):
            place = (gate[0] + 2.6, gate[1])
            _hydrant(sheets["hydrants"], dice, place, f"{values['name']}消火栓", kind="outdoor", compound_code=values["code"])


def _along(sheet: Sheet, dice: Dice, ends: tuple[list[float], list[float]], half: float, street: str, *, main: bool) -> None:
    (ax, ay), (bx, by) = ends
    long = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
    if not dice.chance(0.9 if main else 0.42):
        return
    side = dice.pick((-1, 1)) * (half + dice.between(0.6, 1.8))
    nx, ny = -(by - ay) / long, (bx - ax) / long
    s = dice.between(25, 60)
    while s < long - 15:
        if dice.chance(0.9):
            _hydrant(
                sheet,
                dice,
                (ax + (bx - ax) * s / long + nx * side, ay + (by - ay) * s / long + ny * side),
                f"{street}消火栓",
                kind="municipal",
            )
        s += _HYDRANT_SPACING_M * dice.between(0.8, 1.15)


def _hydrant(sheet: Sheet, dice: Dice, place: XY, name: str, **values: Any) -> None:
    working = dice.weighted([("yes", 16.0), ("no", 1.3), ("unknown", 2.2)])
    sheet.add(
        "point", [place], name=f"{name}{len(sheet.values) + 1}", form=dice.weighted([("pillar", 4.0), ("underground", 1.0)]), working=working,
        pressure_mpa=round(dice.between(0.08, 0.34), 2) if working == "yes" and dice.chance(0.6) else None, pipe_dn_mm=float(dice.pick((100, 150))),
        owner="自来水公司（示例）", quality="measured", accuracy_m=0.5, **values,
    )  # fmt: skip
