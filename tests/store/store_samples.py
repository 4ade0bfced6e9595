"""Layers, rows and batches for the tests of stores and frames: small enough to be read, one field of every type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import shapely

from geo.errors import Text
from geo.schema import AREAS, LINES, POINTS, Choice, Field, Layer, Style
from geo.store.contract import Batch, ImportRecord, Quarantined, Row, Store, Write

NOW = "2026-11-22T08:00:00Z"
LATER = "2026-11-23T09:30:00Z"


def text(value: str) -> Text:
    return Text(value, value)


def field(name: str, type: Any, **more: Any) -> Field:
    return Field(name, type, text(name), **more)


GAS = tuple(Choice(value, text(value)) for value in ("none", "partial", "full"))
YARDS = Layer(
    "yards",
    text("院落"),
    text("群"),
    AREAS,
    (
        field("name", "text"),
        field("built_year", "year", minimum=1800, maximum=2100),
        field("households", "integer", minimum=0),
        field("width_m", "number", minimum=0),
        field("gas", "choice", choices=GAS),
        field("fenced", "boolean"),
        field("checked_on", "date"),
        field("tags", "json"),
    ),
    Style("#336699"),
)
LANES = Layer("lanes", text("通道"), text("群"), LINES, (field("name", "text"), field("clear_width_m", "number")), Style("#336699"))
SPOTS = Layer("spots", text("点"), text("群"), POINTS, (field("name", "text"),), Style("#336699"))
LAYERS: Mapping[str, Layer] = {layer.id: layer for layer in (YARDS, LANES, SPOTS)}

RECORD = ImportRecord(
    "台账.xlsx", "ab" * 32, "append", {"yards": {"read": 2, "accepted": 2, "repaired": 0, "quarantined": 0}}, {"crs": "EPSG:4326"}
)


def box(lon: float, lat: float, size: float = 0.001) -> bytes:
    """A square of `size` degrees as WKB in EPSG:4326."""
    wkb: bytes = shapely.to_wkb(shapely.box(lon, lat, lon + size, lat + size))
    return wkb


def line(*points: tuple[float, float]) -> bytes:
    wkb: bytes = shapely.to_wkb(shapely.LineString(points))
    return wkb


def point(lon: float, lat: float) -> bytes:
    wkb: bytes = shapely.to_wkb(shapely.Point(lon, lat))
    return wkb


def yards(count: int, *, first: int = 0, **more: Any) -> list[dict[str, Any]]:
    """Yards C<first>, C<first + 1>, … in a row near Gongyi; every third is unplaced."""
    return [
        {"code": f"C{i}", "name": f"院{i}", "households": i, "geometry": None if i % 3 == 2 else box(112.98 + i % 500 * 0.002, 34.75 + i // 500 * 0.002)}
        | more
        for i in range(first, first + count)
    ]  # fmt: skip


def batch(
    rows: Iterable[Mapping[str, Any]],
    *,
    layer: str = "yards",
    record: ImportRecord = RECORD,
    quarantine: Iterable[Quarantined] = (),
    **more: Any,
) -> Batch:
    return Batch([Write(layer, inserts=rows)], record, tuple(quarantine), **more)


def filled(store: Store, count: int = 3) -> Store:
    """The store with `count` yards."""
    store.publish(batch(yards(count)), actor="importer", now=NOW)
    return store


def everything(store: Store) -> dict[str, list[Row]]:
    """All features of all layers, as rows."""
    whole = store.read(list(LAYERS)).whole
    return {
        layer: [
            Row(id, {name: column[i] for name, column in columns.values.items()}, columns.geometry[i]) for i, id in enumerate(columns.ids)
        ]
        for layer, columns in whole.items()
    }


def state(store: Store) -> tuple[Any, ...]:
    """All that a failed call must leave alone."""
    return (store.info(), everything(store), store.history(limit=10**6), store.imports())
