"""Compounds with known faults as GeoJSON, WKT table, shapefile and GeoPackage, written by hand: the truth is known before anything of ours reads them."""

from __future__ import annotations

import csv
import io
import json
import math
import sqlite3
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Ring = list[tuple[float, float]]

PRJ = 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]]'


@dataclass(frozen=True)
class Piece:
    """One record: its code and name, its area as rings (None = no geometry, [] = an empty one), and what must become of it.

    `truth`: "accepted", "repaired:<why>" or "quarantined:<why>".
    """

    code: str
    name: str
    rings: list[Ring] | None
    truth: str


def square(n: int) -> Ring:
    """A closed square of about 90 m near Gongyi, each at a place of its own."""
    west, south = 112.95 + n % 10 * 0.002, 34.74 + n // 10 * 0.002
    return [(west, south), (west, south + 0.001), (west + 0.001, south + 0.001), (west + 0.001, south), (west, south)]


def sound(count: int, start: int = 0) -> list[Piece]:
    return [Piece(f"A{n:03}", f"第{n}院", [square(n)], "accepted") for n in range(start, start + count)]


def bow(n: int) -> Ring:
    """A bow tie: the square with two corners exchanged; both halves together have half its area."""
    a, b, c, d, _ = square(n)
    return [a, c, b, d, a]


def star(n: int, points: int) -> Ring:
    """A star polygon that crosses itself in a thousand places."""
    west, south = square(n)[0]
    step = points // 2 - 1
    ring = [
        (west + 0.0004 * math.cos(2 * math.pi * i * step / points), south + 0.0004 * math.sin(2 * math.pi * i * step / points))
        for i in range(points)
    ]
    return [*ring, ring[0]]


def circle(n: int, corners: int) -> Ring:
    west, south = square(n)[0]
    ring = [
        (west + 0.0004 * math.cos(2 * math.pi * i / corners), south + 0.0004 * math.sin(2 * math.pi * i / corners)) for i in range(corners)
    ]
    return [*ring, ring[0]]


def at(n: int, x: float, y: float) -> Ring:
    """The square with one corner moved to (x, y)."""
    ring = square(n)
    return [ring[0], (x, y), *ring[2:]]


# --- writers


def geojson(pieces: Sequence[Piece], folder: Path) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"编号": p.code, "小区名称": p.name},
            "geometry": None if p.rings is None else {"type": "Polygon", "coordinates": p.rings},
        }
        for p in pieces
    ]
    document = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:4490"}}, "features": features}
    path = folder / "院落.geojson"
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    return path


def _wkt(rings: list[Ring]) -> str:
    return (
        "POLYGON (" + ", ".join("(" + ", ".join(f"{x!r} {y!r}" for x, y in ring) + ")" for ring in rings) + ")"
        if rings
        else "POLYGON EMPTY"
    )


def table(pieces: Sequence[Piece], folder: Path) -> Path:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["编号", "小区名称", "WKT"])
    writer.writerows([p.code, p.name, "" if p.rings is None else _wkt(p.rings)] for p in pieces)
    path = folder / "院落.csv"
    path.write_text(out.getvalue(), "utf-8")
    return path


def dbf(pieces: Sequence[Piece]) -> bytes:
    fields = (("编号", 10), ("小区名称", 40))
    width = 1 + sum(size for _, size in fields)
    head = struct.pack("<4BIHH20x", 3, 126, 1, 1, len(pieces), 33 + 32 * len(fields), width)
    for name, size in fields:
        head += struct.pack("<11sc4xBB14x", name.encode("gbk"), b"C", size, 0)
    body = b"".join(b" " + p.code.encode("gbk").ljust(10) + p.name.encode("gbk").ljust(40) for p in pieces)
    return head + b"\r" + body + b"\x1a"


def _shape(piece: Piece) -> bytes:
    if not piece.rings:
        return struct.pack("<i", 0)
    points = [xy for ring in piece.rings for xy in ring]
    starts = [sum(len(r) for r in piece.rings[:i]) for i in range(len(piece.rings))]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    head = struct.pack("<i4d2i", 5, min(xs), min(ys), max(xs), max(ys), len(piece.rings), len(points))
    return head + struct.pack(f"<{len(starts)}i", *starts) + b"".join(struct.pack("<2d", *xy) for xy in points)


def shapefile_parts(pieces: Sequence[Piece]) -> dict[str, bytes]:
    records, index, offset = b"", b"", 50
    for number, piece in enumerate(pieces, 1):
        shape = _shape(piece)
        records += struct.pack(">2i", number, len(shape) // 2) + shape
        index += struct.pack(">2i", offset, len(shape) // 2)
        offset += 4 + len(shape) // 2

    def head(size: int) -> bytes:
        return struct.pack(">i20xi", 9994, size // 2) + struct.pack("<2i8d", 1000, 5, 112.9, 34.7, 113.0, 34.8, 0, 0, 0, 0)

    return {
        "shp": head(100 + len(records)) + records, "shx": head(100 + len(index)) + index, "dbf": dbf(pieces), "prj": PRJ.encode(), "cpg": b"GBK",
    }  # fmt: skip


def shapefile(pieces: Sequence[Piece], folder: Path) -> Path:
    for ending, data in shapefile_parts(pieces).items():
        (folder / f"院落.{ending}").write_bytes(data)
    return folder / "院落.shp"


def _blob(rings: list[Ring] | None, srs: int) -> bytes | None:
    if rings is None:
        return None
    flags = 1 if rings else 1 | 1 << 4
    body = b"".join(struct.pack("<I", len(ring)) + b"".join(struct.pack("<2d", *xy) for xy in ring) for ring in rings)
    return b"GP" + struct.pack("<BBi", 0, flags, srs) + struct.pack("<BII", 1, 3, len(rings)) + body


def geopackage(pieces: Sequence[Piece], folder: Path, *, srs: int = 4326, name: str = "compounds") -> Path:
    """The least that the standard asks for; called twice on a folder, it adds a layer."""
    path = folder / "院落.gpkg"
    db = sqlite3.connect(path)
    db.executescript(
        """PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300;
        CREATE TABLE IF NOT EXISTS gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
          organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
        CREATE TABLE IF NOT EXISTS gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
          last_change TEXT DEFAULT '2026-01-01T00:00:00.000Z', min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
        CREATE TABLE IF NOT EXISTS gpkg_geometry_columns (table_name TEXT PRIMARY KEY, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
          srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL);"""
    )
    wkt = PRJ if srs == 4326 else "undefined"
    systems = [("WGS 84", 4326, "EPSG", 4326, PRJ), (f"EPSG {srs}", srs, "EPSG", srs, wkt), ("cartesian", -1, "NONE", -1, "undefined")]
    db.executemany("INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, '')", systems)
    db.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, 'features', ?, ?)", (name, name, srs))
    db.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POLYGON', ?, 0, 0)", (name, srs))
    db.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY, geom BLOB, "编号" TEXT, "小区名称" TEXT)')
    db.executemany(f'INSERT INTO "{name}" VALUES (?, ?, ?, ?)', [(n, _blob(p.rings, srs), p.code, p.name) for n, p in enumerate(pieces, 1)])
    db.commit()
    db.close()
    return path


WRITERS: dict[str, Callable[[Sequence[Piece], Path], Path]] = {
    "geojson": geojson, "csv": table, "shp": shapefile, "gpkg": geopackage,
}  # fmt: skip
