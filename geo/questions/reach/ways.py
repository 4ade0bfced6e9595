"""The network of public roads and lanes as questions read it from the layers, and what its ways are called in a sentence."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from geo.errors import Text
from geo.network.graph import JOINED, SNAPPED, TRIMMED, Network, network_of
from geo.questions.declaration import View, latest

READS = ("roads", "fire_lanes")
"""Layers that the network is made of."""


TANGLED = Text("与自身或别的线交叉过多，无法当作通道判读", "it crosses itself or others too often to be read as a way")
"""Why a lane is not in the network though it is drawn as a line."""


def revisions(view: View) -> tuple[Any, ...]:
    """What the network changes with: part of the key of everything that is worked out on it."""
    return (
        view.columns_revision("roads", "geometry", "road_width_m"),
        view.columns_revision("fire_lanes", "geometry"),
        (view.metric_crs, view.profile.id, view.profile.version),
    )


def network(view: View) -> Network:
    """Roads and lanes noded and joined, in the metric CRS; `lane` and `road` are row positions of the frames."""
    return latest(view, "network", revisions(view), lambda _: _network(view))


def _network(view: View) -> Network:
    width = view.frame("roads")["road_width_m"].to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore"):
        half = np.where(width > 0, width / 2, view.profile["road_half_width_m"])
    return network_of(view.metric("roads"), view.metric("fire_lanes"), snap_m=view.profile["snap_m"], road_half_m=half)


def mended(found: Network) -> dict[str, Any]:
    """What was moved to make the network, for a summary: ends snapped together, ends joined to roads, ends cut back to the junction that they ran
    past; how many of each, and the longest way that one was moved (m)."""
    told: dict[str, Any] = {}
    for kind, name in ((SNAPPED, "snapped"), (JOINED, "joined"), (TRIMMED, "trimmed")):
        moved = [s.moved_m for s in found.snaps if s.kind == kind]
        told |= {name: len(moved), f"{name}_most_m": round(max(moved, default=0.0), 2)}
    return told


def lane_name(frame: gpd.GeoDataFrame, row: int) -> Text:
    """What a lane is called: its name, else its code, else its number."""
    return _name(frame, row, Text("通道", "lane"))


def road_name(frame: gpd.GeoDataFrame, row: int) -> Text:
    return _name(frame, row, Text("道路", "road"))


def _name(frame: gpd.GeoDataFrame, row: int, kind: Text) -> Text:
    for field in ("name", "code"):
        value = frame[field].to_numpy(dtype=object)[row]
        if isinstance(value, str) and value.strip():
            return Text(f"{kind.zh}{value}" if field == "code" else value, f"{kind.en} {value}")
    number = frame.index[row]
    return Text(f"{kind.zh} {number} 号", f"{kind.en} no. {number}")
