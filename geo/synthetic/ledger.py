"""The compounds' ledger: one row a compound, as a street office would keep it, with its gaps and its contradictions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.synthetic import story
from geo.synthetic.facts import Facts, days, front_edge, house_number
from geo.synthetic.pipes import SUPPLIER
from geo.synthetic.plan import Bools, Plan
from geo.synthetic.rows import XY, Sheet, Values

_STATUS = ("full", "partial", "none", "under_construction", "all_electric", "unknown", "")
_SERVED = (0.60, 0.13, 0.13, 0.05, 0.02, 0.03, 0.04)
_NOT_SERVED = (0.07, 0.04, 0.64, 0.06, 0.05, 0.06, 0.08)
_BLOCKERS = ("no_main", "residents", "cost", "space", "structure", "unknown")
_JOG_M = 1.3


def write(plan: Plan, facts: Facts, served: Bools, sheet: Sheet, *, subdistrict: str, as_of: date, seed: int) -> list[Values]:
    """Add every compound to `sheet`; returns its values (the same objects), for what is built on them."""
    rng = np.random.default_rng([seed, 4])
    columns = _columns(plan, facts, served, subdistrict=subdistrict, as_of=as_of, rng=rng)
    listed = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values()]
    rings = _rings(plan, facts, rng)
    for index, (entry, ring) in enumerate(zip(zip(*listed, strict=True), rings, strict=True)):
        values = dict(zip(columns, entry, strict=True))
        told = int(facts.named[index])
        if told >= 0:
            _tell(values, story.NAMED[told], as_of)
        sheet.add("area", ring, **values)
    _settle_population(plan, facts, sheet.values)
    return sheet.values


def _columns(plan: Plan, facts: Facts, served: Bools, *, subdistrict: str, as_of: date, rng: np.random.Generator) -> dict[str, Any]:
    n = facts.count
    households = facts.households
    buildings = facts.buildings
    population = np.floor(households * rng.uniform(2.2, 3.0, n)).astype(np.int64)
    area = _areas(facts)
    kind = [_kind(name, int(b)) for name, b in zip(facts.names, buildings.tolist(), strict=True)]
    span = np.where(rng.random(n) < 0.30, np.floor(rng.uniform(1, 8, n)), 0).astype(np.int64)
    last = np.where(
        (facts.year <= story.OLD_UNTIL) & (rng.random(n) < 0.97), np.minimum(facts.year + span, story.OLD_UNTIL), facts.year + span
    )
    last = np.minimum(last, as_of.year - 1)
    elderly = np.floor(population * rng.uniform(0.16, 0.34, n)).astype(np.int64)
    gas = _gas(facts, served, households, as_of, rng)
    return {
        "name": facts.names,
        "community": [plan.communities[c].name for c in facts.community.tolist()],
        "subdistrict": [subdistrict] * n,
        "address": _addresses(plan, facts),
        "kind": kind,
        "built_year": facts.year,
        "built_year_last": np.maximum(last, facts.year),
        "built_year_basis": _pick(rng, n, ("acceptance", "deed", "estimate", "unknown"), (0.35, 0.25, 0.30, 0.10)),
        "buildings_n": buildings,
        "units_n": facts.stairwells,
        "households": households,
        "population": population,
        "floor_area_m2": (facts.stairwells * facts.unit_m * facts.depth * facts.floors).round(0),
        "land_area_m2": area.round(0),
        "max_floors": facts.floors.astype(float),
        "structure": np.where(facts.floors > 7, "shear_wall", np.where(facts.year < 1976, "brick_timber", "brick_concrete")),
        "property_type": _property(kind, rng),
        "owner_unit": [name.removesuffix("家属院") if k == "work_unit" else None for name, k in zip(facts.names, kind, strict=True)],
        "management": _management(facts, rng),
        "has_committee": (rng.random(n) < np.where(facts.year > 1995, 0.35, 0.06)),
        "maintenance_fund": facts.year > 1999,
        "gates_n": 1 + facts.side_gate.astype(np.int64),
        "parking_n": np.floor(households * rng.uniform(0.02, 0.35, n)).astype(np.int64),
        "elevators_n": np.where(facts.floors > 7, facts.stairwells, 0),
        "ebike_ports_n": np.where(rng.random(n) < 0.45, np.floor(households * rng.uniform(0.05, 0.6, n)), 0).astype(np.int64),
        "heating": _pick(rng, n, ("district", "individual", "none"), (0.45, 0.35, 0.20)),
        "water_2nd": facts.floors > 7,
        "drain_split": _pick(rng, n, ("split", "partial", "combined", "unknown"), (0.18, 0.17, 0.55, 0.10)),
        **gas,
        "elderly_60_plus": elderly,
        "elderly_alone": np.floor(elderly * rng.uniform(0.02, 0.12, n)).astype(np.int64),
        "support_rate": (rng.uniform(55, 99, n)).round(0),
        "renov_status": _pick(rng, n, ("not_listed", "planned", "under_way", "done"), (0.52, 0.26, 0.06, 0.16)),
        "notes": [None] * n,
        "quality": ["declared"] * n,
    }


def _pick(rng: np.random.Generator, n: int, values: Sequence[str], shares: Sequence[float]) -> list[str]:
    return [values[i] for i in rng.choice(len(values), n, p=np.array(shares) / sum(shares)).tolist()]


def _kind(name: str, buildings: int) -> str:
    if buildings == 1:
        return "single_building"
    return "work_unit" if name.endswith("家属院") else "courtyard" if name.endswith("院") else "estate"


def _property(kind: list[str], rng: np.random.Generator) -> list[str]:
    draw = rng.random(len(kind)).tolist()
    by_kind = {
        "work_unit": ("work_unit", "reformed"),
        "estate": ("commodity", "resettlement"),
        "courtyard": ("reformed", "mixed"),
        "single_building": ("reformed", "commodity"),
    }
    return [by_kind[k][d > 0.7] for k, d in zip(kind, draw, strict=True)]


def _management(facts: Facts, rng: np.random.Generator) -> list[str]:
    draw = rng.random(facts.count)
    managed = np.where(
        facts.year > 1995,
        np.where(draw < 0.6, "professional", "community"),
        np.where(draw < 0.35, "community", np.where(draw < 0.7, "self", "work_unit")),
    )
    return list(np.where(facts.unmanaged, "none", managed).tolist())


def _addresses(plan: Plan, facts: Facts) -> list[str]:
    return [f"{plan.streets.names_y[front_edge(plan, p)[1]]}{house_number(plan, p)}号" for p in facts.plot.tolist()]


def _areas(facts: Facts) -> NDArray[np.float64]:
    x, y = facts.quad[..., 0], facts.quad[..., 1]
    return np.asarray(0.5 * np.abs((x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y).sum(axis=1)))


def _gas(facts: Facts, served: Bools, households: NDArray[np.int64], as_of: date, rng: np.random.Generator) -> dict[str, Any]:
    """Status and counts that mostly agree with the mains outside; one in fifty or so contradicts itself."""
    n = facts.count
    draw = rng.random(n)
    code = np.where(served, np.searchsorted(np.cumsum(_SERVED), draw), np.searchsorted(np.cumsum(_NOT_SERVED), draw)).clip(0, 6)
    code = np.where((facts.year > story.OLD_UNTIL) & (code > 0) & served, 0, code)
    share = np.where(code == 0, rng.uniform(0.9, 1.0, n), np.where(code == 1, rng.uniform(0.15, 0.85, n), 0.0))
    share = np.where((code == 0) & (rng.random(n) < 0.5), 1.0, share)
    counted = rng.random(n) < np.array([0.85, 0.9, 0.4, 0.2, 0.1, 0.0, 0.0])[code]
    connected = np.where(
        code == 1, np.clip(np.floor(households * share), 1, np.maximum(households - 1, 1)), np.floor(households * share)
    ).astype(np.int64)
    odd = rng.random(n) < 0.022
    connected = np.where(odd & (code == 2), np.maximum(households // 5, 1), connected)
    connected = np.where(odd & (code == 0), 0, connected)
    counted |= odd & ((code == 0) | (code == 2))
    since = days(as_of, rng, n, 60, 9000)
    recent = days(as_of, rng, n, 10, 200)
    piped = code <= 1
    status = [_STATUS[c] or None for c in code.tolist()]
    blocker = _pick(rng, n, _BLOCKERS, (0.4, 0.16, 0.18, 0.12, 0.08, 0.06))
    lines = zip(status, piped.tolist(), since, recent, facts.year.tolist(), strict=True)
    dates = [
        max(s, f"{min(year + 1, as_of.year - 1)}-06-01") if p else r if st == "under_construction" else None for st, p, s, r, year in lines
    ]
    bottled = np.floor((households - np.minimum(connected, households)) * rng.uniform(0.3, 0.9, n)).astype(np.int64)
    return {
        "gas_status": status,
        "gas_status_on": dates,
        "gas_households": _where(counted, connected),
        "gas_supplier": [SUPPLIER if p else None for p in piped.tolist()],
        "gas_type": ["natural" if p else "bottled" if s == "none" else None for p, s in zip(piped.tolist(), status, strict=True)],
        "courtyard_pipe_material": _where(
            piped & (rng.random(n) < 0.7), np.array(_pick(rng, n, ("pe", "steel", "galvanised", "grey_iron"), (0.5, 0.3, 0.15, 0.05)))
        ),
        "courtyard_pipe_year": _where(piped & (rng.random(n) < 0.6), np.array([int(d[:4]) if d else 0 for d in dates])),
        "riser_position": _where(
            piped & (rng.random(n) < 0.6), np.array(_pick(rng, n, ("outer_wall", "kitchen", "bathroom"), (0.6, 0.36, 0.04)))
        ),
        "lpg_households": _where(np.array([s not in (None, "unknown", "all_electric") for s in status]), bottled),
        "hose_replaced_ratio": _where(piped & (rng.random(n) < 0.5), rng.uniform(20, 100, n).round(0)),
        "last_inspection_on": _where(piped & (rng.random(n) < 0.8), np.array(days(as_of, rng, n, 20, 600))),
        "occupied_pipe": _where(piped, rng.random(n) < 0.03),
        "connect_blocker": [b if s == "none" else None for b, s in zip(blocker, status, strict=True)],
    }


def _where(mask: Bools, values: NDArray[Any]) -> list[Any]:
    """The values where `mask`, None elsewhere."""
    return [v if m else None for m, v in zip(mask.tolist(), values.tolist(), strict=True)]


def _tell(values: Values, told: story.Named, as_of: date) -> None:
    values.update(told.values)
    values["notes"] = told.notes
    values["built_year_last"] = max(told.facts["year"], told.facts["year"] + (2 if told.name == story.YUANDING else 0))
    if values["gas_status"] == "full":
        values["gas_households"], values["lpg_households"] = values["households"], 0
    if told.name == story.NANYUAN:
        since = as_of - timedelta(days=story.NANYUAN_CONNECTED_DAYS_AGO)
        values |= {"gas_status_on": since.isoformat(), "courtyard_pipe_year": since.year, "riser_year": since.year}


def _settle_population(plan: Plan, facts: Facts, rows: list[Values]) -> None:
    """Where a community's people are known, scale its compounds so that they sum to exactly that."""
    for c, known in enumerate(plan.communities):
        if known.population is None:
            continue
        mine = [rows[k] for k in np.flatnonzero(facts.community == c).tolist()]
        households = sum(r["households"] for r in mine)
        for r in mine:
            r["population"] = int(r["households"] * known.population / households)
        for r in mine[: known.population - sum(r["population"] for r in mine)]:
            r["population"] += 1
        for r in mine:
            r["elderly_60_plus"] = min(r["elderly_60_plus"], r["population"] // 3)
            r["elderly_alone"] = min(r["elderly_alone"], r["elderly_60_plus"])


def _rings(plan: Plan, facts: Facts, rng: np.random.Generator) -> list[list[XY]]:
    """Outlines: the plot's four corners, and at the back of one in three a small step inwards."""
    south = plan.plots.south[facts.plot].tolist()
    step = (rng.random(facts.count) < 0.35).tolist()
    share = rng.uniform(0.3, 0.7, facts.count).tolist()
    rings: list[list[XY]] = []
    for quad, front_south, stepped, u in zip(facts.quad.tolist(), south, step, share, strict=True):
        sw, se, ne, nw = ((p[0], p[1]) for p in quad)
        if not stepped:
            rings.append([sw, se, ne, nw])
        elif front_south:
            mid = (ne[0] + (nw[0] - ne[0]) * u, ne[1] + (nw[1] - ne[1]) * u)
            rings.append([sw, se, ne, mid, (mid[0], mid[1] - _JOG_M), (nw[0], nw[1] - _JOG_M)])
        else:
            mid = (sw[0] + (se[0] - sw[0]) * u, sw[1] + (se[1] - sw[1]) * u)
            rings.append([sw, mid, (mid[0], mid[1] + _JOG_M), (se[0], se[1] + _JOG_M), ne, nw])
    return rings
