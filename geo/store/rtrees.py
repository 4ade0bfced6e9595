"""R-trees built whole: after a large change packing a layer's tree anew is ten times faster than its triggers, one row at a time.

Writes the shadow tables of SQLite's rtree module: a node is 2 bytes depth (root only), 2 bytes count, then cells of a 64-bit id and four
32-bit floats, all big-endian; the root is node 1.
"""

from __future__ import annotations

import sqlite3

import numpy as np
from numpy.typing import NDArray

from geo.store.tables import GEOMETRY, drop_trigger, feature_triggers, quoted, rtree

FILL = 46
"""Cells put into a node of at most 51, so that later single inserts do not split every one."""
_FETCH = 50_000
_CELL = np.dtype([("id", ">i8"), ("minx", ">f4"), ("maxx", ">f4"), ("miny", ">f4"), ("maxy", ">f4")])
_SIDES = ("minx", "maxx", "miny", "maxy")


def rebuild(cursor: sqlite3.Cursor, layer: str) -> None:
    """Make a layer's R-tree from its features' envelopes. Within the caller's transaction, the layer's triggers being away."""
    ids, boxes = _envelopes(cursor, layer)
    cursor.execute(f"DROP TABLE {rtree(layer)}")
    cursor.execute(f"CREATE VIRTUAL TABLE {rtree(layer)} USING rtree(id, minx, maxx, miny, maxy)")
    if ids.size:
        _fill(cursor, layer, _cells(ids, boxes))


def rebuild_all(cursor: sqlite3.Cursor, layer: str) -> None:
    """Everything that follows from a layer's features: R-tree, both counts, extent, triggers. Within the caller's transaction."""
    for name in feature_triggers(layer):
        cursor.execute(drop_trigger(name))
    rebuild(cursor, layer)
    for trigger in feature_triggers(layer).values():
        cursor.execute(trigger)
    table, g = quoted(layer), quoted(GEOMETRY)
    cursor.execute(f"UPDATE gpkg_ogr_contents SET feature_count = (SELECT count(*) FROM {table}) WHERE table_name = ?", (layer,))
    cursor.execute(
        f"UPDATE yuantu_layer SET (features, unplaced) = (SELECT count(*), coalesce(sum({g} IS NULL), 0) FROM {table}) WHERE layer = ?",
        (layer,),
    )
    cursor.execute(
        f"UPDATE gpkg_contents SET (min_x, min_y, max_x, max_y) = (SELECT min(minx), min(miny), max(maxx), max(maxy) FROM {rtree(layer)}) "
        "WHERE table_name = ?",
        (layer,),
    )


def _envelopes(cursor: sqlite3.Cursor, layer: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Ids and (n, 4) envelopes minx, maxx, miny, maxy in degrees of the placed features."""
    ids: list[NDArray[np.int64]] = []
    boxes: list[NDArray[np.float64]] = []
    g = quoted(GEOMETRY)
    found = cursor.execute(f"SELECT id, substr({g}, 9, 32) FROM {quoted(layer)} WHERE {g} IS NOT NULL")
    while rows := found.fetchmany(_FETCH):
        ids.append(np.fromiter((id for id, _ in rows), np.int64, len(rows)))
        boxes.append(np.frombuffer(b"".join([box for _, box in rows]), "<f8").reshape(-1, 4))
    if not ids:
        return np.empty(0, np.int64), np.empty((0, 4))
    return np.concatenate(ids), np.concatenate(boxes)


def _cells(ids: NDArray[np.int64], boxes: NDArray[np.float64]) -> NDArray[np.void]:
    """Leaf cells in an order in which neighbours stand together (slices of x, each sorted by y), rounded outwards to 32 bits."""
    x, y = boxes[:, 0] + boxes[:, 1], boxes[:, 2] + boxes[:, 3]
    leaves = -(-len(ids) // FILL)
    per_slice = FILL * max(1, round(np.sqrt(leaves)))
    rank = np.empty(len(ids), np.int64)
    rank[np.argsort(x, kind="stable")] = np.arange(len(ids))
    order = np.lexsort((y, rank // per_slice))
    cells = np.empty(len(ids), _CELL)
    cells["id"] = ids[order]
    for column, side in enumerate(_SIDES):
        exact = boxes[order, column]
        single = exact.astype(np.float32)
        outward = np.float32(-np.inf if side.startswith("min") else np.inf)
        wrong = single > exact if side.startswith("min") else single < exact
        cells[side] = np.where(wrong, np.nextafter(single, outward), single)
    return cells


def _fill(cursor: sqlite3.Cursor, layer: str, cells: NDArray[np.void]) -> None:
    """Levels from the leaves to the root, which takes number 1; the other nodes are numbered from 2."""
    (size,) = cursor.execute(f"SELECT length(data) FROM {_shadow(layer, 'node')} WHERE nodeno = 1").fetchone()
    levels = [cells]
    while len(levels[-1]) > FILL:
        levels.append(_parents(levels[-1]))
    first = [0] * len(levels)
    number = 2
    for depth, level in enumerate(levels[:-1]):
        first[depth], number = number, number + -(-len(level) // FILL)
    first[-1] = 1
    for depth, level in enumerate(levels):
        if depth:
            level["id"] += first[depth - 1]
        _write_nodes(cursor, layer, level, first[depth], size, root_depth=len(levels) - 1 if depth == len(levels) - 1 else 0)
        numbers = first[depth] + np.arange(len(level)) // FILL
        table, columns = ("rowid", "rowid, nodeno") if depth == 0 else ("parent", "nodeno, parentnode")
        statement = f"INSERT INTO {_shadow(layer, table)} ({columns}) VALUES (?, ?)"
        order = np.argsort(level["id"], kind="stable")
        cursor.executemany(statement, zip(level["id"][order].tolist(), numbers[order].tolist(), strict=True))


def _parents(level: NDArray[np.void]) -> NDArray[np.void]:
    """One cell a node of `level`, holding its number within the level for the time being."""
    starts = np.arange(0, len(level), FILL)
    above = np.empty(len(starts), _CELL)
    above["id"] = np.arange(len(starts))
    for side in _SIDES:
        reduce = np.minimum if side.startswith("min") else np.maximum
        above[side] = reduce.reduceat(level[side].astype(np.float32), starts)
    return above


def _write_nodes(cursor: sqlite3.Cursor, layer: str, level: NDArray[np.void], first: int, size: int, *, root_depth: int) -> None:
    def node(start: int) -> bytes:
        cells = level[start : start + FILL]
        return (root_depth.to_bytes(2, "big") + len(cells).to_bytes(2, "big") + cells.tobytes()).ljust(size, b"\0")

    rows = ((first + i, node(start)) for i, start in enumerate(range(0, len(level), FILL)))
    cursor.executemany(f"INSERT OR REPLACE INTO {_shadow(layer, 'node')} (nodeno, data) VALUES (?, ?)", rows)


def _shadow(layer: str, part: str) -> str:
    return quoted(f"rtree_{layer}_{GEOMETRY}_{part}")
