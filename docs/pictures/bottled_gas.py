"""Bottled gas in shops: in a building with dwellings, near one, and away from all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from docs.pictures.scene import column, metres, profile
from docs.pictures.svg import Picture
from geo.questions.gas.lpg_shops import BESIDE_M, LpgShops, lpg_shops
from geo.rules.declaration import FAIL, PASS, UNKNOWN
from geo.rules.gas.lpg import ROOM, WITH_DWELLINGS

BOX = (-12.0, -12.0, 88.0, 26.0)
HOUSE = shapely.box(0, 0, 22, 14)
SHOPS = column(shapely.Point(11, 5.5), shapely.Point(30, 3), shapely.Point(62, 10))
KILOGRAMS = (60.0, None, 150.0)
BOTTLES = (None, 3, None)

FRAMES = {
    "buildings": pd.DataFrame({"code": ["house"], "use": ["residential"], "households": [24.0]}, dtype=object),
    "shops": pd.DataFrame({
        "fuel": ["lpg"] * 3, "kind": ["restaurant"] * 3, "lpg_kg": KILOGRAMS, "lpg_bottles_n": BOTTLES, "has_bottle_room": ["no"] * 3,
        "floor": ["1"] * 3, **{name: [None] * 3 for name in ("building_code", "sleeps_in", "quality", "closed_on")},
    }, dtype=object),
}  # fmt: skip
SHAPES = {"buildings": column(HOUSE), "shops": SHOPS}


def view() -> Any:
    """What the rules ask of a store's view, for the scene."""
    return SimpleNamespace(
        profile=profile(), as_of="2026-01-01", metric_crs="EPSG:4547", frame=FRAMES.__getitem__, metric=lambda id: SHAPES[id].copy(),
        tree=lambda id: shapely.STRtree(SHAPES[id]), layer_revision=lambda id: 1, latest=lambda key, revisions, make: make(None),
    )  # fmt: skip


def said(shops: LpgShops) -> list[str]:
    """What is told of each shop's store."""
    most = f"{profile()['lpg_room_kg']:g} kg"
    words = {PASS: f"at most {most}", FAIL: f"over {most}, no room", UNKNOWN: "not weighed"}
    held = [f"{n} bottles" if np.isnan(kg) else f"{kg:g} kg" for n, kg in zip(BOTTLES, shops.kg, strict=True)]
    return [f"{store}: {words[result]}" for store, result in zip(held, ROOM.judge(view()).result.tolist(), strict=True)]


def picture() -> Picture:
    shops, dwellings = lpg_shops(view()), WITH_DWELLINGS.judge(view()).result.tolist()
    assert dwellings == [FAIL, UNKNOWN, PASS]
    store, (_, near, far) = said(shops), map(metres, shops.dwelling_m)
    drawn = Picture(
        BOX,
        f"Three shops with bottled gas: in a building with dwellings (suspected, refer; {store[0]}); {near} off, its building not on record (cannot be told; "
        f"{store[1]}); {far} off, farther than {metres(BESIDE_M)} (apart from dwellings; {store[2]})",
    )
    drawn.add("corridor", shapely.buffer(HOUSE, BESIDE_M))
    drawn.add("building", HOUSE)
    drawn.add("gap", shapely.shortest_line(SHOPS[1], HOUSE))
    drawn.add("lane", shapely.shortest_line(SHOPS[2], HOUSE))
    drawn.add("point", *SHOPS)
    drawn.label(11, 10.5, "dwellings")
    drawn.label(11, 2, store[0])
    drawn.label(11, 7.5, "suspected, refer")
    drawn.label(23.5, 5, f"{near}: cannot be told", anchor="start")
    drawn.label(23.5, -1, store[1], anchor="start")
    drawn.label(62, 12.5, f"{far}: apart from dwellings")
    drawn.label(62, 6.5, store[2])
    drawn.label(11, 19, f"{metres(BESIDE_M)} round it")
    return drawn
