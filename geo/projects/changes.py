"""What became of the data that a project rests on: what they were when the planner last took them as they are, beside what they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from geo.errors import Text
from geo.projects.basis import Basis
from geo.projects.site import COMPOUNDS, Site

if TYPE_CHECKING:
    from geo.projects.assessment import Assessment, Compound

_KEPT = frozenset({"version", "updated_at", "updated_by", "extra", "geometry"})
"""What the store keeps for itself."""

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Change:
    """Of one compound. `kind`: field, geometry, finding, hazard, quantity, checks, gone; `what`: the field, code of the finding, hazard or item;
    `before`, `after`: values, None = there was or is none."""

    compound: int
    name: str
    kind: str
    what: str
    label: Text | None
    before: Value
    after: Value


def snapshot(found: Assessment, now: str) -> dict[str, Any]:
    """What a plan keeps as `seen`, plain JSON values."""
    profile = f"{found.profile.id} {found.profile.version}"
    return {"at": now, "revision": found.revision, "profile": profile, "compounds": snapshot_of(found)}


def snapshot_of(found: Assessment) -> dict[str, Any]:
    """Every compound's record, failed checks, open hazards and quantities, by its id as text."""
    return {str(compound.member.id): _seen(found.basis, compound.row) for compound in found.compounds}


def _seen(basis: Basis, row: int) -> dict[str, Any]:
    return basis.kept(("seen", row), lambda: _of(basis, row))


def _of(basis: Basis, row: int) -> dict[str, Any]:
    site, found = basis.site, basis.problems([row])[row]
    return {
        "values": _values(site, row),
        "geometry": _print(site, row),
        "findings": {f.code: f.severity if f.measured is None else f"{f.severity} {f.measured:g}" for f in found.findings},
        "hazards": {hazard.code: hazard.status for hazard in found.hazards},
        "checks": found.counts["unknown"],
        "quantities": {quantity.code: [quantity.amount, quantity.unknown] for quantity in basis.quantities(row) if not quantity.by_plan},
    }


def _values(site: Site, row: int) -> dict[str, Value]:
    columns = [name for name in site.view.frame(COMPOUNDS).columns if name not in _KEPT]
    values = {name: site.value(COMPOUNDS, row, name) for name in columns}
    return {name: value for name, value in values.items() if value is not None}


def _print(site: Site, row: int) -> str | None:
    """Of the outline as it is stored."""
    shape = site.view.frame(COMPOUNDS).geometry.iat[row]
    return None if shape is None else hashlib.sha256(shapely.to_wkb(shape, byte_order=1)).hexdigest()[:16]


def changes(found: Assessment) -> list[Change]:
    """What is otherwise than when the plan was last taken as it is, compound by compound; those that came in later have not changed."""
    before, now = found.plan.seen.get("compounds", {}), snapshot_of(found)
    said = [_gone(member.id, member.name) for member in found.gone]
    for compound in found.compounds:
        id = str(compound.member.id)
        if id in before and before[id] != now[id]:
            said += _differences(found, compound, before[id], now[id])
    return said


def _gone(id: int, name: str) -> Change:
    return Change(id, name, "gone", name, None, name, None)


def _differences(found: Assessment, compound: Compound, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[Change]:
    id, name = compound.member.id, found.site.name(COMPOUNDS, compound.row)
    layer = found.site.view.layer(COMPOUNDS)
    for field, before, after in _unlike(old["values"], new["values"]):
        declared = layer.field(field)
        yield Change(id, name, "field", field, declared.label if declared else None, before, after)
    if old["geometry"] != new["geometry"]:
        yield Change(id, name, "geometry", "geometry", None, None, None)
    for code, before, after in _unlike(old["findings"], new["findings"]):
        yield Change(id, name, "finding", code, None, before, after)
    for code, before, after in _unlike(old["hazards"], new["hazards"]):
        yield Change(id, name, "hazard", code, None, before, after)
    if old["checks"] != new["checks"]:
        yield Change(id, name, "checks", "unknown", None, old["checks"], new["checks"])
    for code, amounts, others in _unlike(old["quantities"], new["quantities"]):
        item = found.items.get(code)
        before, after = (_amount(said) for said in (amounts, others))
        yield Change(id, name, "quantity", code, item.label if item else None, before, after)


def _amount(said: list[Any] | None) -> Value:
    """As much as is known, with a plus where more is."""
    if said is None:
        return None
    amount, unknown = said
    return ("?" if amount is None else f"{amount:g}+?") if unknown else amount


def _unlike(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[tuple[str, Any, Any]]:
    """Names whose values differ, in the old order, then what is new."""
    return [
        (name, old.get(name), new.get(name))
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name) or (name in old) != (name in new)
    ]
