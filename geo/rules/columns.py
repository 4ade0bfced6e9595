"""Which columns rules read of layers of which they read but a few: an edit of another column lets their results stand.

Everything that a rule can tell counts: its result, its sentence in both languages, its place and what it lacks. `tests/geo/rules/test_rule_columns.py`
watches what every rule reads and fails where it is more than is said here.
"""

from __future__ import annotations

from collections.abc import Mapping

COMMON = ("geometry", "code", "name", "no", "kind", "source", "accuracy_m", "quality", "compound_code", "building_code")
"""Read of every layer, in sentences or to say how sure a figure is; those that it has."""

_ACCESS = ("removable", "gate_width_m")
_OBSTACLES = ("removed_on", "width_m")
_WIDTH = ("clear_width_m", "width_source")
_HAZARDS = ("geom_method", "hazard_type", "status")

_REACH: Mapping[str, tuple[str, ...]] = {
    "access_points": (*_ACCESS, "gate_height_m", "normally_locked", "remote_open"),
    "buildings": (),
    "fire_lanes": (*_WIDTH, "clear_height_m", "occupied"),
    "hazards": _HAZARDS,
    "obstacles": (*_OBSTACLES, "clear_height_m"),
    "roads": ("clear_height_m", "road_width_m"),
}
"""What an engine reaches is made of."""

_SERVED = {**_REACH, "buildings": ("floors", "height_m")}
_NETWORK: Mapping[str, tuple[str, ...]] = {"fire_lanes": (), "roads": ("road_width_m",)}
_MAINS: Mapping[str, tuple[str, ...]] = {"amenities": (), "buildings": (), "obstacles": _OBSTACLES}
_DWELLINGS: Mapping[str, tuple[str, ...]] = {"buildings": ("households", "use", "floors", "height_m")}

READ: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "FA-01": {"access_points": _ACCESS, "buildings": (), "fire_lanes": _WIDTH, "obstacles": _OBSTACLES},
    "FA-02": {
        "access_points": ("gate_height_m", "gate_width_m"),
        "buildings": (),
        "fire_lanes": ("clear_height_m",),
        "obstacles": ("clear_height_m", "removed_on"),
    },
    "FA-04": {**_SERVED, "fire_lanes": (*_SERVED["fire_lanes"], "turn_radius_m")},
    "FA-05": {"buildings": (), "fire_lanes": ("clear_width_m", "road_width_m")},
    "FA-06": {"fire_lanes": ("clear_width_m", "is_dead_end", "turnaround_code"), "roads": ("road_width_m",)},
    "FA-07": {**_SERVED, "fire_lanes": (*_SERVED["fire_lanes"], "turnaround_code")},
    "FA-09": _SERVED,
    "FA-10": {"buildings": (), **_NETWORK},
    "FA-11": {"buildings": (), **_NETWORK},
    "FA-12": {"buildings": (), **_NETWORK},
    "FA-14": _NETWORK,
    "FA-15": {"buildings": ("use",), **_NETWORK},
    "FA-16": _REACH,
    "FA-18": {
        "access_points": _ACCESS,
        "buildings": (),
        "fire_lanes": (*_WIDTH, "parking_sides", "parking_strip_m", "road_width_m"),
        "obstacles": _OBSTACLES,
    },
    "FA-21": {
        "access_points": ("normally_locked", "remote_open"),
        "buildings": (),
        "fire_lanes": ("occupied",),
        "hazards": _HAZARDS,
        "obstacles": (),
    },
    "HY-01": {"buildings": (), "hydrants": ("form", "working"), **_NETWORK},
    "HY-02": {"hydrants": ("form", "working"), **_NETWORK},
    "HY-03": {"hydrants": ("form", "working"), **_NETWORK, "fire_lanes": ("road_width_m",)},
    "HY-04": {"buildings": (), "hydrants": ("form", "working")},
    "HY-05": {"buildings": (), "hydrants": ("form", "working")},
    "EB-03": {"amenities": ("ports_n",), "buildings": ("use",)},
    "EB-07": {"amenities": ("ports_n",), "fire_lanes": ("clear_width_m",)},
    "GA-01": {"buildings": ("households", "use")},
    "GA-02": _MAINS,
    "GA-02r": _MAINS,
    "GA-03": _MAINS,
    "GA-14": _MAINS,
    "GA-08": _DWELLINGS,
    "GA-09": _DWELLINGS,
    "GA-10": _DWELLINGS,
    "GA-12": _DWELLINGS,
    "GA-13": {"buildings": ("riser_position",), "compounds": ("gas_households", "gas_status", "households", "riser_position")},
    "OC-01": {"buildings": ("built_year", "built_year_last"), "compounds": ("built_year", "built_year_basis", "built_year_last")},
    "HZ-07": {"buildings": (), "compounds": ()},
}
"""Rule → layer → columns beside COMMON. A layer that is not named here is read whole, and so is the subject of a rule that judges row by row."""
