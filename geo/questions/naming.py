"""How features of the layers about lanes are called in a sentence: their kind, and their name, else their code."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.declaration import View, latest
from geo.questions.lanes.standing import STANDING, Obstructions

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Names:
    """The name, the code (else the id) and the kind (None = it has none) of every row of a layer."""

    name: NDArray[np.object_]
    code: NDArray[np.object_]
    kind: NDArray[np.object_]


def names(view: View, layer: str) -> Names:
    """Names of all rows at once: sentences are made by the thousand."""
    return latest(view, ("names", layer), view.layer_revision(layer), lambda _: _names(view.frame(layer)))


def _names(frame: gpd.GeoDataFrame) -> Names:
    name = np.array([*(f"#{id}" for id in frame.index), None], dtype=object)[:-1]
    code = name
    for column in ("code", "no", "name"):
        if column in frame.columns:
            name = name.copy()
            said = frame[column].to_numpy(dtype=object)
            usable = np.fromiter((isinstance(v, str) and bool(v.strip()) for v in said), dtype=bool, count=len(said))
            name[usable] = [v.strip()[:_LONGEST] for v in said[usable]]
        code = name if column == "code" else code
    kind = frame["kind"].to_numpy(dtype=object) if "kind" in frame.columns else np.full(len(frame), None, dtype=object)
    return Names(name, code, kind)


def called(frame: gpd.GeoDataFrame, row: int) -> str:
    """The name of one feature, else its code, else its id; "" has no place in a sentence."""
    for column in ("name", "no", "code"):
        said = frame[column].to_numpy(dtype=object)[row] if column in frame.columns else None
        if isinstance(said, str) and said.strip():
            return said.strip()[:_LONGEST]
    return f"#{frame.index[row]}"


def named_row(view: View, layer: str, row: int) -> Text:
    """A row of a layer in a sentence: "围墙“北墙”"; one that is called by its kind goes by its code."""
    found, kinds = names(view, layer), _KINDS[layer]
    kind = found.kind[row]
    word = kinds.get(kind, kinds[""]) if isinstance(kind, str) else kinds[""]
    name = found.code[row] if found.name[row] == word.zh else found.name[row]
    return Text(f"{word.zh}“{name}”", f"{word.en} '{name}'")


def named_obstacle(view: View, found: Obstructions, position: int) -> Text:
    """An obstruction in a sentence."""
    return named_row(view, STANDING[found.layer[position]], int(found.row[position]))


def named_obstacle_row(view: View, row: int) -> Text:
    """A row of the obstacles layer in a sentence."""
    return named_row(view, "obstacles", row)


def named_access(view: View, row: int) -> Text:
    """An access point in a sentence; -1 = a passage without one."""
    if row < 0:
        return Text("过街楼（没有登记门洞）", "the passage (no archway on record)")
    return named_row(view, "access_points", row)


_KINDS: dict[str, dict[str, Text]] = {
    "buildings": {"": Text("楼栋", "building")},
    "obstacles": {
        "": Text("障碍物", "obstacle"),
        "wall": Text("围墙", "wall"),
        "fence": Text("栅栏", "fence"),
        "hedge": Text("绿篱", "hedge"),
        "shed": Text("棚屋", "shed"),
        "tree": Text("树木", "tree"),
        "pole": Text("杆柱", "pole"),
        "cable": Text("架空线", "cable"),
        "branch": Text("低枝管廊", "low branch or pipe"),
        "parking_strip": Text("停车带", "parking strip"),
        "stall": Text("摊点堆物", "stall"),
        "step": Text("台阶坡道", "steps"),
    },
    "access_points": {
        "": Text("出入口", "access point"),
        "gate": Text("大门", "gate"),
        "arch": Text("门洞", "archway"),
        "barrier": Text("道闸", "lift gate"),
        "bollard": Text("石墩柱桩", "bollards"),
        "height_bar": Text("限高杆", "height bar"),
        "pedestrian_gate": Text("人行门", "pedestrian gate"),
        "chain": Text("链条地锁", "chain"),
    },
}
"""How features are called in sentences, by layer and kind."""
