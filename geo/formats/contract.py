"""What passes between the child process that reads foreign files and the service: plain checked values, no library objects.

The child turns every file into datasets (a sheet, a layer, a table of an archive) of numbered records. Geometry leaves the child as WKB in
EPSG:4326, valid, 2-D, of the simple types; what was mended is named. A record that cannot be used keeps its number, its raw values and a problem code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

RawValue = str | int | float | bool | None

ProblemCode = Literal[
    "no-geometry", "empty-geometry", "invalid-geometry", "not-finite", "outside-crs", "outside-clip", "unclosed-ring", "too-many-vertices",
    "geometry-type", "cut-by-extract", "bad-coordinates", "damaged-record", "duplicate-in-file", "undecodable-text",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read coordinates whose CRS is not said. `crs`: "EPSG:4547", "GCJ-02" or "BD-09"; `bounds`: where the data would lie, EPSG:4326.

    `fits`: inside the service area (or, without one, plausible). `distance_km`: to the service area's centre. `sample`: GeoJSON geometries, at most 200.
    """

    crs: str
    label_zh: str
    label_en: str
    bounds: tuple[float, float, float, float]
    fits: bool
    distance_km: float | None
    sample: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Local:
    """A drawing in coordinates of its own, which no CRS explains. `unit_m`: metres of one unit as the file says (None = unsaid); `bounds`: minx, miny,
    maxx, maxy in drawing units; `sample`: GeoJSON geometries in drawing units, at most 200, for a person to find known points in."""

    unit_m: float | None
    bounds: tuple[float, float, float, float]
    sample: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """How a drawing's own coordinates become those of `crs` ("EPSG:n", projected): times `scale` (metres a unit), turned by `turn_deg` counterclockwise
    about (0, 0), shifted by (`dx`, `dy`) metres."""

    crs: str
    dx: float
    dy: float
    turn_deg: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """What the doctor found out about one dataset without importing it.

    `declared_crs` is None when the file does not say; then `candidates` has the ways to read it, best first. `sample`: the first records, raw.
    `encodings`: (name, five sample texts) tried in order, the first is the one used. `notes`: sentences (zh, en) such as "the heading is in rows 2-3".
    """

    name: str
    driver: str
    columns: Sequence[str]
    count: int
    geometry_types: Mapping[str, int]
    declared_crs: str | None
    candidates: Sequence[Candidate]
    encodings: Sequence[tuple[str, Sequence[str]]]
    sample: Sequence[Mapping[str, RawValue]]
    notes: Sequence[tuple[str, str]] = ()
    layer_hint: str | None = None
    local: Local | None = None


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """How to read. `crs`: "EPSG:n", "GCJ-02", "BD-09" or None = as declared. `area`: service area (EPSG:4326) for candidates. `clip`: --within as WKT in EPSG:4326.

    `osm`: layer id → its OSM rules and tag keys as plain values (`geo.formats.osm` documents the shape). `datasets`: only these names, None = all; `skip`: not these.
    `placement`: where datasets lie that declare no CRS. `called`: the name that its owner gave the file, "" = its own: datasets are called after it.
    """

    crs: str | None = None
    encoding: str | None = None
    area: tuple[float, float, float, float] | None = None
    clip: str | None = None
    datasets: Sequence[str] | None = None
    osm: Mapping[str, Any] = field(default_factory=dict)
    datum: str | None = None
    placement: Placement | None = None
    skip: Sequence[str] = ()
    called: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to some thousand records of one dataset, by column; `numbers` start at 1 and have no gaps within a dataset.

    `problems[i]` is None for a usable record (a record of a table without any coordinates is usable, its geometry None); else a code and
    its sentences, and `values[i]` has the raw geometry as WKT under "geometry_wkt" where there was one (EPSG:4326, or the file's own
    coordinates where they cannot be turned into that). `repairs[i]` are the names of what was mended: "self-intersection", "ring-closed",
    "nul-removed"; "winding" is not one (it is normal).
    """

    numbers: Sequence[int]
    values: Sequence[Mapping[str, RawValue]]
    geometry: Sequence[bytes | None]
    problems: Sequence[tuple[str, str, str] | None]
    repairs: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DatasetHeader:
    """Goes before a dataset's chunks: what it is and how it was read (`crs` actually used, encoding, whether its rows have any coordinates)."""

    name: str
    driver: str
    columns: Sequence[str]
    count: int
    crs: str | None
    encoding: str | None
    has_places: bool
    notes: Sequence[tuple[str, str]] = ()
    layer_hint: str | None = None
