"""What every profile has to have, in which unit, and which of its figures may not be above which."""

from __future__ import annotations

MAX_NUMBER = 1_000_000
"""The largest number in a profile."""

NEEDED = (
    "lane_width_m", "lane_height_m", "dead_end_m", "turnaround_m", "corridor_m", "approach_m", "front_m", "hose_m", "hydrant_m", "parking_strip_m",
    "difference_m", "blocked_hazard_m", "snap_m", "road_half_width_m", "lane_slope_pct", "gas_near_main_m", "gas_stub_m", "pipe_age_years", "lpg_room_kg",
    *(f"pipe_building_{c}_m" for c in ("low", "medium_b", "medium_a", "sub_high_b", "sub_high_a")),
    *(f"pipe_building_{c}_reduced_m" for c in ("low", "medium_b", "medium_a", "sub_high_b", "sub_high_a")),
    "pipe_wall_medium_reduced_m", "pipe_wall_mm", "pipe_wall_thick_mm", "pipe_building_sub_high_a_thick_m",
    *(f"pipe_{zone}_{c}_m" for zone in ("protection", "control") for c in ("low", "medium", "sub_high", "high")),
    "assign_m", "repeat_days", "repeat_m", "notice_days", "review_days", "report_days", "experts_days", "major_notice_days",
)  # fmt: skip
"""Figures that every profile has."""

NEEDED_VEHICLES = ("mini_pumper", "pumper", "heavy_pumper", "aerial")
NEEDED_PRICES = ("gas_pipe_m",)
NEEDED_ACCURACIES = ("tape", "survey", "cad", "imagery", "osm", "unsaid")


UNITS = {"m": ("m",), "pct": ("%",), "years": ("a",), "days": ("d",)}
"""What the last word of a figure's name says of its unit: a limit written in another one would be taken for metres."""

PRICE_UNITS = {"gas_pipe_m": "yuan/m"}
"""The unit of each of NEEDED_PRICES."""

NOT_ABOVE = (
    *((f"pipe_building_{c}_reduced_m", f"pipe_building_{c}_m") for c in ("low", "medium_b", "medium_a", "sub_high_b", "sub_high_a")),
    *((f"pipe_protection_{c}_m", f"pipe_control_{c}_m") for c in ("low", "medium", "sub_high", "high")),
)
"""Pairs of figures of which the first may not be above the second."""

ABOVE_ZERO = ("corridor_m", "approach_m")
"""Figures that say how far something is looked for: within 0 m nothing can be."""
