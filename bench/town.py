"""Made-up towns of any size for the measurements: arrays of polygons on a grid around Gongyi, and stores and files made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

import layers
from geo.schema import Layer
from geo.store import open_store
from geo.store.contract import Batch, ImportRecord, Write

LAYERS: Mapping[str, Layer] = {layer.id: layer for layer in layers.ALL}
CENTRE = (112.98, 34.75)
NOW = "2026-11-22T08:00:00Z"
EXTENT_M = 47_000
"""Side of the square that every town fills, in metres, whatever its number of compounds."""
VERTICES = 8
AREAS = 60_000


def blobs(rng: np.random.Generator, count: int, radius_m: float) -> NDArray[np.object_]:
    """Irregular eight-cornered areas in EPSG:4326, spread evenly over the extent."""
    side = int(np.ceil(np.sqrt(count)))
    step = EXTENT_M / side
    cells = rng.permutation(side * side)[:count]
    x, y = (cells % side + 0.5) * step, (cells // side + 0.5) * step
    angles = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    radii = rng.uniform(0.6, 1.0, (count, VERTICES)) * radius_m
    xy = np.stack([x[:, None] + radii * np.cos(angles), y[:, None] + radii * np.sin(angles)], axis=-1) - EXTENT_M / 2
    metres = np.array([111_320 * np.cos(np.radians(CENTRE[1])), 110_950])
    return np.asarray(shapely.polygons(np.asarray(CENTRE) + xy / metres))


def compounds(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Inserts of compounds that say nothing of gas, so that the service areas must answer."""
    rng = np.random.default_rng(seed)
    wkb = shapely.to_wkb(blobs(rng, count, 42))
    years, households = rng.integers(1960, 2015, count), rng.integers(20, 900, count)
    return [
        {
            "code": f"C{i:06d}", "name": f"第{i}小区", "community": f"社区{i % 300}", "address": f"建设路{i % 900}号", "built_year": int(years[i]),
            "households": int(households[i]), "source": "bench", "geometry": wkb[i],
        }
        for i in range(count)
    ]  # fmt: skip


def gas_areas(count: int = AREAS, seed: int = 2) -> list[dict[str, Any]]:
    wkb = shapely.to_wkb(blobs(np.random.default_rng(seed), count, 115))
    return [{"code": f"G{i:06d}", "name": f"供气区{i}", "source": "bench", "geometry": wkb[i]} for i in range(count)]


def make_store(path: Path, contents: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
    """A real store with these inserts."""
    store = open_store(path, LAYERS)
    account = {name: {"read": len(rows), "accepted": len(rows), "repaired": 0, "quarantined": 0} for name, rows in contents.items()}
    record = ImportRecord("bench", "0" * 64, "append", account, {})
    writes = [Write(name, inserts=rows) for name, rows in contents.items()]
    store.publish(Batch(writes, record, metric_crs="EPSG:4547"), actor="bench", now=NOW)
    store.close()
    return path
