"""The buildings of one compound: rows facing south, shops along the street, and the ground where a building was left out."""

from __future__ import annotations

from geo.synthetic.facts import STRIP_DEPTH_M, Facts
from geo.synthetic.rows import XY
from geo.synthetic.yard import Yard


def draw_rows(yard: Yard) -> None:
    facts, k, values = yard.facts, yard.k, yard.values
    total, every = _dwellings(facts, k), int(facts.shorter[k])
    connected = values.get("gas_households") or 0
    number = 0
    for r in range(int(facts.rows[k])):
        low, high = yard.row(r)
        for left, right in yard.columns:
            number += 1
            if number > total:
                _green(yard, left, right, low, high)
                continue
            units = int(facts.units[k]) - _is_shorter(int(facts.units[k]), number, every)
            xa, xb = _from_lane(yard, left, right, units * float(facts.unit_m[k]))
            households = units * int(facts.floors[k]) * 2
            code = _building(yard, number, yard.box(xa, xb, low, high), units, households, min(connected, households))
            connected -= min(connected, households)
            yard.doors.append((code, yard.at((xa + xb) / 2, high + 0.6)))


def _dwellings(facts: Facts, k: int) -> int:
    return int(facts.rows[k] * facts.columns[k] - facts.dropped[k])


def _is_shorter(units: int, number: int, every: int) -> bool:
    """Has building `number` (from 1) one stairwell fewer? As counted by Facts.short_buildings."""
    return units > 1 and every > 0 and number % every == 0


def _from_lane(yard: Yard, left: float, right: float, long: float) -> tuple[float, float]:
    """A shorter building keeps its end at the lane."""
    return (left, left + long) if left > yard.lane_x else (right - long, right)


def _building(yard: Yard, number: int, ring: list[XY], units: int, households: int, connected: int) -> str:
    facts, k, values, dice = yard.facts, yard.k, yard.values, yard.dice
    told = yard.told
    floors = int(facts.floors[k])
    year = values["built_year"] if number == 1 else dice.whole(values["built_year"], max(values["built_year"], values["built_year_last"]))
    if number == _dwellings(facts, k) and number > 1:
        year = values["built_year_last"]
    name = told.building_names[number - 1] if told and number <= len(told.building_names) else f"{number}号楼"
    status = values["gas_status"]
    per_building = {"full": "full", "none": "none", "all_electric": "all_electric", "under_construction": "under_construction"}
    gas = per_building.get(status) if status != "partial" else ("full" if connected == households else "partial" if connected else "none")
    grade = dice.weighted([("B", 60.0), ("A", 30.0), ("C", 2.0), ("D", 0.4)]) if year < 1990 and dice.chance(0.5) else None
    return yard.sheets["buildings"].add(
        "area", ring, name=name, no=str(number), compound_code=yard.code, address=values["address"], use="residential", floors=float(floors),
        height_m=round(floors * 2.9 + 1.2, 1), built_year=year, built_year_basis=values["built_year_basis"], structure=values["structure"],
        house_grade=grade, units_n=units, households=households, elevators_n=units if floors > 7 else 0, gas_status=gas,
        gas_status_on=values["gas_status_on"] if gas in ("full", "partial") else None,
        gas_households=connected if gas in ("full", "partial") and values["gas_households"] is not None else None,
        riser_position=values["riser_position"] if gas == "full" else None, quality="measured", accuracy_m=0.5,
    )  # fmt: skip


def draw_shop_strip(yard: Yard) -> None:
    """Rows of one or two storeys of shops along the street, left and right of the way in."""
    x0, _, x1, _ = yard.rect
    half = yard.corridor / 2
    for left, right in ((x0 + 0.6, yard.lane_x - half), (yard.lane_x + half, x1 - 0.6)):
        if right - left < 6:
            continue
        floors = yard.dice.whole(1, 2)
        code = yard.sheets["buildings"].add(
            "area", yard.box(left, right, 0.5, 0.5 + STRIP_DEPTH_M - 1.0), name=f"沿街商铺{'西' if left < yard.lane_x else '东'}段",
            compound_code=yard.code, address=yard.values["address"], use="commercial", floors=float(floors), height_m=round(floors * 3.4, 1),
            built_year=yard.values["built_year_last"], structure="brick_concrete", quality="measured", accuracy_m=0.1,
        )  # fmt: skip
        steps = int((right - left) // 4.6)
        yard.frontage += [(yard.at(left + (i + 0.5) * (right - left) / steps, 1.2), code) for i in range(steps)]


def mark_plain_front(yard: Yard) -> None:
    """Without a strip the ground floor of the first row holds a few shops."""
    if not yard.doors or yard.told:
        return
    low, _ = yard.row(0)
    for column, (left, right) in enumerate(yard.columns):
        if column < len(yard.doors):
            steps = int((right - left) // 6.5)
            yard.frontage += [(yard.at(left + (i + 0.5) * (right - left) / steps, low + 0.8), yard.doors[column][0]) for i in range(steps)]


def _green(yard: Yard, left: float, right: float, low: float, high: float) -> None:
    """Where a building was left out there is ground for everybody."""
    kind, name = yard.dice.pick(
        (("fitness", "健身场地"), ("pocket_park", "小游园"), ("bike_shed", "非机动车棚"), ("playground", "儿童活动场地"))
    )
    inner = yard.box(left + 1.5, right - 1.5, low + 1.0, high - 1.0)
    yard.sheets["amenities"].add(
        "area", inner, name=name, kind=kind, compound_code=yard.code, community=yard.values["community"], opened_year=yard.dice.whole(2008, 2024),
        area_m2=round((right - left - 3.0) * (high - low - 2.0), 0), quality="declared",
    )  # fmt: skip
