"""How the limits on the way are told: their places, causes and figures in words."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.errors import Text
from geo.network.limits import DRAWING, RECORD, ROAD, SPOT
from geo.questions.declaration import View
from geo.questions.naming import called, named_access, named_obstacle, named_obstacle_row
from geo.questions.reach.reach import Reach
from geo.questions.reach.spotting import ACCESS, HAZARD
from geo.questions.reach.ways import lane_name, road_name
from geo.schema import Choice

CAUSES = (
    Choice("record", Text("通道登记", "the lane's record")),
    Choice("drawing", Text("图上量得", "measured in the drawing")),
    Choice("access_point", Text("出入口", "an access point")),
    Choice("hazard", Text("占用隐患", "a blocked-lane record")),
    Choice("overhead", Text("架空物", "something overhead")),
    Choice("height", Text("净空高度", "the clear height")),
    Choice("road", Text("市政道路", "the public road")),
)
"""What makes the narrowest place."""


class Seen:
    """A view whose frames are looked up once, for sentences one row at a time."""

    def __init__(self, view: View) -> None:
        self._view, self._frames = view, dict[str, gpd.GeoDataFrame]()

    def frame(self, id: str) -> gpd.GeoDataFrame:
        if id not in self._frames:
            self._frames[id] = self._view.frame(id)
        return self._frames[id]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)


def where(reach: Reach, edge: int) -> shapely.Point:
    """The place of a limit: the pinch, else the middle of the edge."""
    pinch: shapely.Point | None = reach.limits.pinch[edge]
    return pinch if pinch is not None else shapely.line_interpolate_point(reach.network.lines[edge], 0.5, normalized=True)


def cause_of(reach: Reach, edge: int) -> str:
    """One of CAUSES."""
    limits = reach.limits
    if limits.spot[edge] >= 0:
        kind = int(reach.limiting.spotted.kind[limits.spot[edge]])
        return "access_point" if kind == ACCESS else "hazard" if kind == HAZARD else "overhead"
    if not limits.height_m[edge] >= reach.need.height_m:
        return "height"
    return {RECORD: "record", DRAWING: "drawing", ROAD: "road", SPOT: "access_point"}.get(int(limits.cause[edge]), "road")


def plain_name(view: View, reach: Reach, edge: int) -> str:
    """Name and code of what limits, in no language."""
    limits, network = reach.limits, reach.network
    if limits.spot[edge] >= 0:
        spotted, at = reach.limiting.spotted, int(limits.spot[edge])
        layer, row = _LAYERS[int(spotted.kind[at])], int(spotted.row[at])
    elif network.lane[edge] < 0:
        layer, row = "roads", int(network.road[edge])
    else:
        layer, row = "fire_lanes", int(network.lane[edge])
    frame = view.frame(layer)
    name, code = called(frame, row), frame["code"].iloc[row]
    return f"{name} {code}" if isinstance(code, str) and code not in ("", name) else name


_LAYERS = ("access_points", "hazards", "obstacles")


def described(view: View, reach: Reach, edge: int) -> Text:
    """What limits at an edge, with its figure."""
    limits, network = reach.limits, reach.network
    if limits.spot[edge] >= 0:
        return _spot(view, reach, edge)
    if network.lane[edge] < 0:
        name, width = road_name(view.frame("roads"), int(network.road[edge])), limits.width_m[edge]
        if not np.isfinite(width):
            return name
        return Text(f"{name.zh}（路面宽 {width:.4g} 米）", f"{name.en} (carriageway {width:.4g} m)")
    name = lane_name(view.frame("fire_lanes"), int(network.lane[edge]))
    if network.connector[edge]:
        name = Text(f"{name.zh}与道路之间", f"between {name.en} and the road")
    said = _lane(view, reach, edge)
    return Text(f"{name.zh}（{said.zh}）", f"{name.en} ({said.en})")


def _height(height: float) -> Text:
    if np.isnan(height):
        return Text("净高没有记录", "clear height not on record")
    return Text(f"净高 {height:.4g} 米", f"clear height {height:.4g} m")


def _lane(view: View, reach: Reach, edge: int) -> Text:
    limits = reach.limits
    width = round(float(limits.width_m[edge]), 2)
    if limits.cause[edge] == RECORD and (shut := reach.limiting.shut.told(view, int(reach.network.lane[edge]))):
        return shut
    if not limits.height_m[edge] >= reach.need.height_m:
        return _height(limits.height_m[edge])
    if np.isnan(width):
        return Text("净宽不明", "clear width not known")
    if limits.cause[edge] != DRAWING:
        how = Text("实测", "measured") if limits.measured[edge] else Text("登记", "on record")
        return Text(f"{how.zh}净宽 {width:.4g} 米", f"clear width {width:.4g} m, {how.en}")
    between = [named_obstacle(view, reach.limiting.standing, int(o)) for o in (limits.first[edge], limits.second[edge]) if o >= 0]
    if not between:
        return Text("图上两侧没有障碍", "nothing is drawn on either side")
    zh, en = "与".join(dict.fromkeys(t.zh for t in between)), " and ".join(dict.fromkeys(t.en for t in between))
    if width == 0:
        return Text(f"被{zh}堵死", f"blocked by {en}")
    return Text(f"{zh}处图上量得 {width:.4g} 米", f"{width:.4g} m measured in the drawing at {en}")


def _spot(view: View, reach: Reach, edge: int) -> Text:
    limits, spotted = reach.limits, reach.limiting.spotted
    at = int(limits.spot[edge])
    kind, row, width = int(spotted.kind[at]), int(spotted.row[at]), float(spotted.spots.width_m[at])
    if kind == HAZARD:
        code = called(view.frame("hazards"), row)
        if np.isnan(width):
            return Text(f"占用隐患“{code}”是否仍在，不明", f"blocked-lane record '{code}', not known whether it still stands")
        return Text(f"占用堵塞通道的隐患“{code}”未销号", f"open blocked-lane record '{code}'")
    name = named_access(view, row) if kind == ACCESS else named_obstacle_row(view, row)
    parts = []
    if kind == ACCESS and not np.isinf(width):
        unsaid = Text("净宽没有记录", "clear width not on record")
        parts.append(unsaid if np.isnan(width) else Text(f"净宽 {width:.4g} 米", f"clear width {width:.4g} m"))
    height = float(spotted.spots.height_m[at])
    if not height >= reach.need.height_m:
        parts.append(_height(height))
    if not parts:
        return name
    return Text(f"{name.zh}（{'，'.join(p.zh for p in parts)}）", f"{name.en} ({', '.join(p.en for p in parts)})")
