"""Under which headings a compound's fields stand on its card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from geo.errors import Text
from geo.schema import Field, Layer


@dataclass(frozen=True, slots=True)
class Group:
    """A heading and the fields under it, in their order."""

    id: str
    label: Text
    fields: tuple[str, ...]


GAS = "gas"
REST = "rest"

GROUPS = (
    Group("place", Text("位置与权属", "Place and tenure"), (
        "alias", "community", "subdistrict", "address", "kind", "property_type", "owner_unit",
    )),
    Group("buildings", Text("房屋", "Buildings"), (
        "built_year", "built_year_last", "built_year_basis", "buildings_n", "units_n", "max_floors", "structure", "floor_area_m2", "land_area_m2", "elevators_n",
    )),
    Group("people", Text("居民", "Residents"), ("households", "population", "elderly_60_plus", "elderly_alone", "disabled_n")),
    Group("running", Text("管理与设施", "Management and facilities"), (
        "management", "management_company", "has_committee", "maintenance_fund", "gates_n", "parking_n", "ebike_ports_n", "heating", "water_2nd", "drain_split",
    )),
    Group("renewal", Text("改造", "Renovation"), ("renov_status", "renov_year", "plan_class", "support_rate")),
    Group(GAS, Text("燃气", "Gas"), (
        "gas_status", "gas_status_on", "gas_households", "gas_supplier", "gas_type", "courtyard_pipe_material", "courtyard_pipe_year", "riser_year",
        "riser_position", "lpg_households", "lpg_shops", "lpg_kg_max", "alarm_ratio", "hose_replaced_ratio", "last_inspection_on", "occupied_pipe",
        "connect_blocker", "nearest_main_m",
    )),
)  # fmt: skip

OWN = ("name",)
"""Fields that the head of the card shows."""


def grouped(layer: Layer) -> Iterator[tuple[Group, tuple[Field, ...]]]:
    """Every field of the compounds under its heading; those without one come last, so that a new field is never left out."""
    known = {f.name: f for f in layer.fields}
    listed = {*OWN, *(name for group in GROUPS for name in group.fields)}
    for group in GROUPS:
        yield group, tuple(known[name] for name in group.fields if name in known)
    if rest := tuple(f for f in layer.fields if f.name not in listed):
        yield Group(REST, Text("其他", "Other"), tuple(f.name for f in rest)), rest
