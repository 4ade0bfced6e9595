"""A made-up but believable district of any size from a seed; demo, tests and benchmarks use the same one.

Nothing in it stands for a real person. The default size tells the story of one subdistrict (`geo.synthetic.story`); any other size is generic.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from geo.errors import BadValue, Text
from geo.schema import Layer
from geo.synthetic import facts, ledger, life, pipes, plan, story, town, yards
from geo.synthetic.dice import Dice
from geo.synthetic.rows import Plane, Sheet
from geo.synthetic.yard import Drawn, Yard

ORIGIN = (112.98, 34.75)
"""Longitude and latitude of the middle of the district unless said: the core of Gongyi."""

ANGLE = 0.09
"""Radians that the streets are turned against the grid of the metric CRS."""

_FIRST_YEAR = 2015
"""The youngest buildings are of 2012; a district seen before them would have dates in its future."""

PREFIXES = {
    "communities": ("SQ", 3), "compounds": ("YD", 4), "buildings": ("LD", 5), "amenities": ("SS", 4), "roads": ("DL", 4), "fire_lanes": ("TD", 5),
    "access_points": ("CR", 4), "obstacles": ("ZA", 5), "turnarounds": ("HC", 4), "hydrants": ("XHS", 4), "fire_stations": ("XFZ", 3), "gas_areas": ("RQ", 4),
    "gas_mains": ("RG", 4), "hazards": ("YH", 6), "shops": ("SH", 4), "inspections": ("JC", 4),
}  # fmt: skip
COARSE = frozenset({"communities", "compounds", "roads", "gas_areas"})
"""Layers that need no yard drawn: their rows do not depend on whether the others are asked for."""


def district(
    layers: Mapping[str, Layer],
    *,
    compounds: int = story.COMPOUNDS,
    seed: int = 1,
    origin: tuple[float, float] = ORIGIN,
    as_of: str,
    only: Collection[str] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Rows by layer id, ready as inserts: field → value, "geometry" → WKB in EPSG:4326 (None = unplaced), `source` = "demo"; nulls are left out.

    The same arguments give the same rows. `as_of` (ISO date) is the day the district is seen on: no date in it is later. `only`: these layers
    alone; with none but compounds, communities, roads and gas_areas no yard is drawn, so that 220 000 compounds take seconds, not minutes
    (communities then lack their number of shops). Raises BadValue.
    """
    if compounds < 1:
        raise BadValue(Text("院落数须为正整数", "the number of compounds must be a positive integer"))
    day = date.fromisoformat(as_of)
    if day.year < _FIRST_YEAR:
        raise BadValue(Text(f"日期不得早于 {_FIRST_YEAR} 年", f"the day must not be before {_FIRST_YEAR}"))
    wanted = {id for id, layer in layers.items() if not layer.derived and (only is None or id in only)}
    made = _draw(compounds, seed, day, fine=not wanted <= COARSE)
    plane = Plane(origin, ANGLE)
    common = {"source": "demo", "source_date": as_of}
    return {name: made[name].finish(layer, plane, common) for name, layer in layers.items() if name in wanted}


def _draw(compounds: int, seed: int, as_of: date, *, fine: bool) -> dict[str, Sheet]:
    told = compounds == story.COMPOUNDS
    subdistrict = story.SUBDISTRICT if told else "示例街道"
    sheets = {name: Sheet(prefix, max(digits, len(str(compounds)) + 1)) for name, (prefix, digits) in PREFIXES.items()}
    layout = plan.make(compounds, story_told=told, seed=seed)
    numbers = facts.make(layout, story_told=told, seed=seed)
    network = pipes.make(layout, seed=seed)
    served = pipes.served(layout, network, numbers)
    rows = ledger.write(layout, numbers, served, sheets["compounds"], subdistrict=subdistrict, as_of=as_of, seed=seed)
    pipes.draw_areas(layout, network, sheets["gas_areas"], Dice(seed, 10), as_of)
    town.draw_roads(layout, sheets["roads"], Dice(seed, 11))
    shops: dict[str, int] = {}
    if fine:
        shops = _draw_fine(layout, numbers, network, served.tolist(), rows, sheets, seed=seed, as_of=as_of)
    town.draw_communities(layout, sheets["communities"], rows, shops, subdistrict=subdistrict)
    return sheets


def _draw_fine(
    layout: plan.Plan, numbers: facts.Facts, network: pipes.Network, served: list[bool], rows: list[dict[str, Any]], sheets: Mapping[str, Sheet], *,
    seed: int, as_of: date,
) -> dict[str, int]:  # fmt: skip
    """Everything down to the single tree. Returns shops a community."""
    dice = Dice(seed, 12)
    centres = town.draw_sites(layout, sheets, Dice(seed, 13))
    town.draw_back_plots(layout, numbers, sheets, Dice(seed, 20))
    homes: dict[str, list[Drawn]] = {known.name: [] for known in layout.communities}
    pipes.draw_mains(layout, network, sheets["gas_mains"], Dice(seed, 14))
    stubs = Dice(seed, 15)
    for k, values in enumerate(rows):
        yard = Yard(layout, numbers, k, values, list(sheets["compounds"].shapes[k]), sheets, dice, as_of)
        drawn = yards.draw(yard)
        homes[values["community"]].append(drawn)
        if served[k] and values["gas_status"] in ("full", "partial", "under_construction"):
            year = int((values["gas_status_on"] or as_of.isoformat())[:4])
            pipes.draw_stub(sheets["gas_mains"], stubs, layout, int(numbers.plot[k]), drawn.gate, values["code"], year)
    town.draw_hydrants(layout, sheets, [(home.gate, home.values) for group in homes.values() for home in group], Dice(seed, 16))
    known = {c.name: c for c in layout.communities}
    shops = life.draw_shops(sheets, homes, known, Dice(seed, 17), as_of)
    life.draw_hazards(sheets, homes, shops, known, Dice(seed, 18), as_of)
    life.draw_inspections(sheets, homes, centres, known, Dice(seed, 19), as_of)
    return {name: len(found) for name, found in shops.items()}
