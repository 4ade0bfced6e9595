"""The quantity of every item: from which records and which drawn geometry it follows (the drivers of the trade, one function an item)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import partial

import shapely

from geo.errors import Text
from geo.projects.quantity import Part, Quantity, Rule, figure, product
from geo.projects.site import COMPOUNDS, Site, rounded
from geo.questions.hazards.ledger import buildings_of
from geo.rules.declaration import FAIL, UNKNOWN

LANES, BUILDINGS, HAZARDS = "fire_lanes", "buildings", "hazards"
WALL_SHARE = 0.75
"""Of an outer wall, without windows and doors (the usual estimate; own knowledge)."""
LIFT_FLOORS = 4
"""From so many floors on a stairwell may get a lift."""
NOT_DWELLING = ("commercial", "office", "public", "industrial", "ancillary")

_Found = tuple[list[Part], bool] | None


def finding(site: Site, rule: str, layer: str, row: int) -> str:
    """The code of a finding, as the layer `findings` has it."""
    return f"{rule}/{site.targets(layer).code[row]}"


def hazard(site: Site, row: int) -> str:
    return f"hazards/{site.targets(HAZARDS).code[row]}"


def _results(site: Site, rule: str, layer: str, compound: int) -> Iterator[tuple[int, int]]:
    """Features of the compound with the rule's result, those that fail or are unknown; nothing where the profile does not have the rule."""
    judged = site.judged.get(rule)
    rows = [compound] if layer == COMPOUNDS else site.members(layer, compound)
    if judged is not None:
        yield from ((row, int(judged.result[row])) for row in rows if judged.result[row] in (FAIL, UNKNOWN))


def _widened(site: Site, compound: int) -> _Found:
    limit, parts, proposed = site.view.profile["lane_width_m"], [], False
    narrow = [hazard(site, row) for row in site.open_hazards(compound, "fire_lane_narrow")]
    for row, result in _results(site, "FA-01", LANES, compound):
        width = rounded(float(site.judged["FA-01"].measured[row]), 2) if result == FAIL else None
        settles = [finding(site, "FA-01", LANES, row), *narrow] if result == FAIL else []
        stretches = site.stretches.of(row, limit) if result == FAIL else None
        if stretches:
            parts.append(_of_stretches(site, row, limit, stretches, settles))
        else:
            length, lacking = site.length_m(LANES, row), None if width is None else limit - width
            factors = [
                (f"({figure(limit)} − {figure(width)})", lacking, "clear_width_m"), (figure(length), length, _no_length(site, row)),
            ]  # fmt: skip
            parts.append(product(site, LANES, row, factors, settles))
        proposed = proposed or result == FAIL
    return (parts, proposed) if parts else None


def look_up(site: Site, compounds: Iterable[int]) -> None:
    """Has the lanes of all these measured at once that `quantities` asks for one by one."""
    narrow = [row for compound in compounds for row, result in _results(site, "FA-01", LANES, compound) if result == FAIL]
    site.stretches.look_up(narrow, site.view.profile["lane_width_m"])


def _of_stretches(site: Site, row: int, limit: float, stretches: list[tuple[float, float]], settles: list[str]) -> Part:
    """What is too narrow of a lane: the sum over its stretches, of the figures as they stand in it."""
    plain = [(rounded(width, 2), rounded(length)) for width, length in stretches]
    written = " + ".join(f"({figure(limit)} − {figure(width)}) × {figure(length)}" for width, length in plain)
    amount = rounded(sum((limit - width) * length for width, length in plain))
    return Part(LANES, site.id(LANES, row), site.name(LANES, row), written, amount, None, tuple(settles))


def _no_length(site: Site, row: int) -> str:
    return "geometry" if site.view.metric(LANES)[row] is None else "length_m"


def _marked(site: Site, compound: int) -> _Found:
    parts, proposed = [], False
    for row, result in _results(site, "FA-19", LANES, compound):
        length = site.length_m(LANES, row)
        if result == FAIL:
            parts.append(product(site, LANES, row, [(figure(length), length, _no_length(site, row))], [finding(site, "FA-19", LANES, row)]))
        else:
            parts.append(Part(LANES, site.id(LANES, row), site.name(LANES, row), "?", None, "marking"))
        proposed = proposed or result == FAIL
    return (parts, proposed) if parts else None


def _hydrants(site: Site, compound: int) -> _Found:
    """One for all buildings out of reach within the spacing of the one where it stands: the building with most such neighbours first."""
    spacing, shapes = site.view.profile["hydrant_spacing_m"], site.view.metric(BUILDINGS)
    parts, far = [], []
    for row, result in _results(site, "HY-01", BUILDINGS, compound):
        if result == FAIL and shapes[row] is not None:
            far.append(row)
        else:
            parts.append(
                Part(BUILDINGS, site.id(BUILDINGS, row), site.name(BUILDINGS, row), "?", None, "geometry" if result == FAIL else "HY-01")
            )
    near = {row: {other for other in far if shapely.distance(shapes[row], shapes[other]) <= spacing} for row in far}
    left = set(far)
    while left:
        best = max(far, key=lambda row: (len(near[row] & left), -row))
        served = sorted(near[best] & left)
        resolves = tuple(finding(site, "HY-01", BUILDINGS, row) for row in served)
        parts.append(Part(BUILDINGS, site.id(BUILDINGS, best), site.name(BUILDINGS, best), "1", 1.0, None, resolves))
        left -= near[best]
    return (parts, bool(far)) if parts else None


def _gas(site: Site, compound: int) -> _Found:
    for row, result in _results(site, "GA-01", COMPOUNDS, compound):
        households, connected = site.number(COMPOUNDS, row, "households"), site.number(COMPOUNDS, row, "gas_households")
        share = float(site.judged["GA-01"].measured[row])
        if connected is None and share == 0:  # none has gas by its status
            connected = 0.0
        short = None if households is None or connected is None or result != FAIL else max(0.0, households - connected)
        lacks = "gas_status" if result != FAIL else "households" if households is None else "gas_households"
        settles = [finding(site, "GA-01", COMPOUNDS, row)] if result == FAIL else []
        return [product(site, COMPOUNDS, row, [(f"{figure(households)} − {figure(connected)}", short, lacks)], settles)], result == FAIL
    return None


def _gas_pipes(site: Site, compound: int) -> _Found:
    parts, proposed = [], False
    for row, result in _results(site, "GA-06", "gas_mains", compound):
        length = site.length_m("gas_mains", row) if result == FAIL else None
        settles = [finding(site, "GA-06", "gas_mains", row)] if result == FAIL else []
        lacks = "geometry" if result == FAIL else "material"
        parts.append(product(site, "gas_mains", row, [(figure(length), length, lacks)], settles))
        proposed = proposed or result == FAIL
    return (parts, proposed) if parts else None


def _drains(site: Site, compound: int) -> _Found:
    said = site.value(COMPOUNDS, compound, "drain_split")
    if said == "split":
        return None
    if said != "combined":  # how much of it is separate already is on record nowhere
        return [Part(COMPOUNDS, site.id(COMPOUNDS, compound), site.name(COMPOUNDS, compound), "?", None, "drain_split")], False
    lengths = [(row, site.length_m(LANES, row)) for row in site.members(LANES, compound)]
    parts = [product(site, LANES, row, [(figure(length), length, _no_length(site, row))]) for row, length in lengths]
    return parts or [Part(COMPOUNDS, site.id(COMPOUNDS, compound), site.name(COMPOUNDS, compound), "?", None, LANES)], True


def _each_hazard(site: Site, compound: int, *, types: tuple[str, ...]) -> _Found:
    rows = site.open_hazards(compound, *types)
    parts = [Part(HAZARDS, site.id(HAZARDS, row), site.name(HAZARDS, row), "1", 1.0, None, (hazard(site, row),)) for row in rows]
    return (parts, True) if parts else None


def _of_buildings(site: Site, compound: int, *, kind: str, walls: bool) -> _Found:
    """Of the buildings that open hazards of this type name; where there is none it is offered for all dwellings."""
    hazards = site.open_hazards(compound, kind)
    named: dict[int, list[str]] = {}
    parts = []
    for row in hazards:
        building = int(buildings_of(site.view)[row])
        if building >= 0:
            named.setdefault(building, []).append(hazard(site, row))
        else:
            parts.append(Part(HAZARDS, site.id(HAZARDS, row), site.name(HAZARDS, row), "?", None, "building_code"))
    rows = named or {row: [] for row in site.members(BUILDINGS, compound) if site.value(BUILDINGS, row, "use") not in NOT_DWELLING}
    parts += [] if hazards and not named else [(_wall if walls else _roof)(site, row, settles) for row, settles in rows.items()]
    return (parts, bool(hazards)) if parts else None


def _roof(site: Site, row: int, settles: list[str]) -> Part:
    area = site.area_m2(BUILDINGS, row)
    return product(site, BUILDINGS, row, [(figure(area), area, "geometry")], settles)


def _wall(site: Site, row: int, settles: list[str]) -> Part:
    around, height, floors = (
        site.perimeter_m(BUILDINGS, row),
        site.number(BUILDINGS, row, "height_m"),
        site.number(BUILDINGS, row, "floors"),
    )
    storey = site.view.profile["storey_m"]
    tall = (figure(height), height, "height_m") if height or not floors else (f"({figure(floors)} × {figure(storey)})", floors * storey, "")
    return product(site, BUILDINGS, row, [(figure(around), around, "geometry"), tall, (figure(WALL_SHARE), WALL_SHARE, "")], settles)


def _surfaced(site: Site, compound: int) -> _Found:
    parts = []
    for row in site.members(LANES, compound):
        if (area := site.area_m2(LANES, row)) is not None:
            parts.append(product(site, LANES, row, [(figure(area), area, "geometry")]))
            continue
        width, length = site.number(LANES, row, "road_width_m"), site.length_m(LANES, row)
        width = site.number(LANES, row, "clear_width_m") if width is None else width
        parts.append(product(site, LANES, row, [(figure(length), length, _no_length(site, row)), (figure(width), width, "road_width_m")]))
    return (parts, False) if parts else None


def _cables(site: Site, compound: int) -> _Found:
    gone, kind = site.column("obstacles", "removed_on"), site.column("obstacles", "kind")
    rows = [row for row in site.members("obstacles", compound) if kind[row] == "cable" and not _past(site, gone[row])]
    hazards = site.open_hazards(compound, "wiring_aged")
    households = site.number(COMPOUNDS, compound, "households")
    settles = [*(f"obstacles/{site.targets('obstacles').code[row]}" for row in rows), *(hazard(site, row) for row in hazards)]
    return [product(site, COMPOUNDS, compound, [(figure(households), households, "households")], settles)], bool(settles)


def _past(site: Site, day: object) -> bool:
    return isinstance(day, str) and day <= site.view.as_of


def _charging(site: Site, compound: int) -> _Found:
    for row, result in _results(site, "EB-04", COMPOUNDS, compound):
        households, wanted = site.number(COMPOUNDS, row, "households"), site.view.profile["charging_per_household"]
        have = None if result != FAIL or households is None else float(round(site.judged["EB-04"].measured[row] * households))
        missing = None if have is None or households is None else float(math.ceil(households * wanted - have - 1e-9))
        lacks = "households" if households is None else "ebike_ports_n"
        settles = [finding(site, "EB-04", COMPOUNDS, row)] if result == FAIL else []
        sum_ = f"{figure(households)} × {figure(wanted)} − {figure(have)}"
        return [product(site, COMPOUNDS, row, [(sum_, missing, lacks)], settles)], result == FAIL
    return None


def _lifts(site: Site, compound: int) -> _Found:
    parts = []
    for row in site.members(BUILDINGS, compound):
        floors, units = site.number(BUILDINGS, row, "floors"), site.number(BUILDINGS, row, "units_n")
        if (floors is not None and floors < LIFT_FLOORS) or site.value(BUILDINGS, row, "use") in NOT_DWELLING:
            continue
        lifts = site.number(BUILDINGS, row, "elevators_n")
        count = None if units is None or lifts is None or floors is None else max(0.0, units - lifts)
        lacks = "floors" if floors is None else "units_n" if units is None else "elevators_n"
        parts.append(product(site, BUILDINGS, row, [(f"{figure(units)} − {figure(lifts)}", count, lacks)]))
    return (parts, False) if parts else None


def _planned(site: Site, compound: int) -> _Found:
    return [], False


_BY_PLAN = Text("按设计方案填写", "as the design says")

RULES: tuple[Rule, ...] = (
    Rule(
        "B-FIRE-LANE",
        Text(
            "（设计净宽 − 最窄处净宽）× 长，净宽不足的各条之和；图上量得出的只算不足的各段（约每 5 米量一段），量不出的按全长，是上限",
            "(design width − narrowest clear width) × length, over the lanes below it: of the stretches below it where the drawing tells "
            "(measured about every 5 m), elsewhere of the whole lane, an upper bound",
        ),
        _widened,
    ),
    Rule("B-FIRE-MARK", Text("标识不全的通道长之和", "length of the lanes not fully marked"), _marked),
    Rule(
        "B-HYDRANT",
        Text(
            "消火栓够不到的楼，间距之内的几栋共用一个",
            "one for all buildings out of a hydrant's reach that stand within the spacing of each other",
        ),
        _hydrants,
    ),
    Rule("B-GAS-HH", Text("户数 − 已通气户数", "households − households with gas"), _gas),
    Rule("B-GAS-RENEW", Text("须更新的燃气管长之和", "length of the gas pipes to be renewed"), _gas_pipes),
    Rule("B-DRAIN", Text("雨污合流的院落，院内道路长之和", "length of the lanes of a compound with combined drains"), _drains),
    Rule("B-SEPTIC", Text("未销号的化粪池隐患数", "open hazards of septic tanks"), partial(_each_hazard, types=("septic_full",))),
    Rule(
        "B-ROOF",
        Text(
            "有渗漏隐患的楼的占地面积之和；没有隐患时列出全部住宅楼供选",
            "footprints of the buildings with leaking roofs on record; without any, of all dwellings, for choice",
        ),
        partial(_of_buildings, kind="roof_leak", walls=False),
    ),
    Rule(
        "B-WALL",
        Text(
            "周长 × 高 × 0.75；有外墙隐患的楼，没有时列出全部住宅楼供选；没有登记高度的按层数 × 层高",
            "perimeter × height × 0.75, of the buildings with falling facades, else of all dwellings, for choice; without a height floors × storey",
        ),
        partial(_of_buildings, kind="facade_falling", walls=True),
    ),
    Rule("B-ROAD", Text("院内道路长 × 路面宽", "length × width of the lanes"), _surfaced),
    Rule("B-CABLE", Text("户数", "households"), _cables),
    Rule("I-EBIKE", Text("户数 × 每户充电车位 − 已有端口", "households × charging places per household − ports there are"), _charging),
    Rule("I-PARK", _BY_PLAN, _planned, by_plan=True),
    Rule(
        "I-LIFT",
        Text("4 层及以上住宅楼的单元数 − 已有电梯", "stairwells of dwellings of 4 floors and more − lifts there are"),
        _lifts,
    ),
    Rule("U-CARE", _BY_PLAN, _planned, by_plan=True),
)
"""Every item's, in the order of the list."""


def quantities(site: Site, compound: int) -> list[Quantity]:
    """All items of the compound in a row: those that something found asks for, and those that are offered."""
    return [found for rule in RULES if (found := rule.quantity(site, compound)) is not None]
