"""A dataset on its way through the child: what a reader finds, surveyed for the doctor, placed in EPSG:4326 for the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo import crs
from geo.errors import CrsNotDeclared, OutsideArea, Text, TooLarge, UnreadableFile
from geo.formats.contract import Candidate, RawValue, ReadRequest
from geo.formats.limits import Limits
from geo.formats.problems import Problem, problem
from geo.formats.wire import Columns
from geo.geometry import Geometries, Report, check_wkt, outside, relocate, tidy

ROWS = 5_000
"""Records of one chunk."""

SAMPLE_GEOMETRIES = 200
SAMPLE_VERTICES = 20_000
_PLAIN = frozenset((str, int, float, bool, type(None)))
_GEOMETRY_TYPES = ("Point", "LineString", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection")


@dataclass(slots=True)
class Raw:
    """A chunk as a reader gives it: `values` by column, geometry in the file's own coordinates (None = no places at all)."""

    values: Sequence[Sequence[Any]]
    geometry: Geometries | None
    count: int
    problems: dict[int, Problem] = field(default_factory=dict)
    repairs: dict[int, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Dataset:
    """One sheet, layer or table. `source`: the CRS it declares; `chunks` may be called more than once; `fixed`: the format itself fixes the CRS."""

    name: str
    driver: str
    columns: Sequence[str]
    count: int
    chunks: Callable[[], Iterator[Raw]]
    source: crs.Source | None = None
    has_places: bool = True
    encoding: str | None = None
    encodings: Sequence[tuple[str, Sequence[str]]] = ()
    notes: list[tuple[str, str]] = field(default_factory=list)
    layer_hint: str | None = None
    fixed: bool = False

    def note(self, text: Text) -> None:
        self.notes.append((text.zh, text.en))

    def check_size(self, limits: Limits) -> None:
        """Raises TooLarge for more records or columns than allowed."""
        if self.count > limits.features:
            raise TooLarge(Text(f"记录超过 {limits.features} 条，请分成几个文件", f"more than {limits.features} records: split the file"))
        if len(self.columns) > limits.columns:
            raise TooLarge(Text(f"列超过 {limits.columns} 个", f"more than {limits.columns} columns"))


# --- survey


@dataclass(slots=True)
class Survey:
    """What one pass over a dataset tells: geometry types, bounds of each record in raw coordinates, the first geometries and rows."""

    types: Counter[str] = field(default_factory=Counter)
    boxes: list[NDArray[np.float64]] = field(default_factory=list)
    geometries: list[Any] = field(default_factory=list)
    rows: list[dict[str, RawValue]] = field(default_factory=list)
    vertices: int = 0

    @property
    def bounds(self) -> crs.Box | None:
        """Where the bulk of the records lies: the outermost per cent on each side is left out when there are many, (0, 0) always."""
        boxes = np.concatenate(self.boxes) if self.boxes else np.empty((0, 4))
        boxes = boxes[np.isfinite(boxes).all(axis=1) & (boxes != 0).any(axis=1)]
        if not len(boxes):
            return None
        share = 1.0 if len(boxes) >= 100 else 0.0
        low = np.percentile(boxes[:, :2], share, axis=0)
        high = np.percentile(boxes[:, 2:], 100 - share, axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def survey(dataset: Dataset, *, rows: int = 5) -> Survey:
    found = Survey()
    for raw in dataset.chunks():
        if len(found.rows) < rows:
            take = min(rows - len(found.rows), raw.count)
            found.rows += [dict(zip(dataset.columns, (c[i] for c in raw.values), strict=True)) for i in range(take)]
        if raw.geometry is None:
            found.types["none"] += raw.count
            continue
        flat = shapely.force_2d(raw.geometry)
        for kind, n in zip(*np.unique(shapely.get_type_id(flat), return_counts=True), strict=True):
            found.types["none" if kind < 0 else _GEOMETRY_TYPES[kind]] += int(n)
        found.boxes.append(shapely.bounds(flat))
        _sample(found, flat)
    return found


def _sample(found: Survey, geometries: Geometries) -> None:
    for geometry in geometries:
        if len(found.geometries) >= SAMPLE_GEOMETRIES or found.vertices >= SAMPLE_VERTICES:
            return
        if geometry is not None and not geometry.is_empty and np.isfinite(shapely.bounds(geometry)).all():
            found.geometries.append(geometry)
            found.vertices += int(shapely.get_num_coordinates(geometry))


def candidates(found: Survey, area: crs.Bounds | None, *, samples: bool) -> list[Candidate]:
    """The readings of undeclared (or doubtful) coordinates, with the sample geometries where each would put them."""
    bounds = found.bounds
    out: list[Candidate] = []
    for guess in crs.candidates(bounds, area) if bounds else ():
        shapes = _placed_sample(found.geometries, guess.source) if samples and len(out) < 12 else ()
        box = guess.bounds.tuple
        out.append(Candidate(guess.source.name, guess.label.zh, guess.label.en, box, guess.fits, guess.distance_km, shapes))
    return out


def _placed_sample(geometries: Sequence[Any], source: crs.Source) -> list[dict[str, Any]]:
    moved = relocate(np.array(geometries, dtype=object), source.to_storage, Report())
    texts = shapely.to_geojson(moved[~shapely.is_missing(moved)])
    return [orjson.loads(t) for t in texts]


# --- which CRS


def choose(dataset: Dataset, request: ReadRequest, found: Callable[[], Survey], *, overrule: bool) -> crs.Source | None:
    """The CRS to read `dataset` in, None when it has no coordinates. `overrule`: an explicit `request.crs` also beats what the file declares.

    Raises CrsNotDeclared with the candidates when the file does not say and nobody else did.
    """
    if dataset.fixed or not dataset.has_places:
        return dataset.source
    if request.crs and (overrule or dataset.source is None):
        return crs.source(request.crs)
    if dataset.source is not None:
        return dataset.source
    seen = found()
    if seen.bounds is None:
        return crs.source(crs.STORAGE)
    taken = assumed(seen, request)
    if taken is None:
        raise undeclared(dataset.name, candidates(seen, area_of(request), samples=False))
    return taken


def area_of(request: ReadRequest) -> crs.Bounds | None:
    return crs.Bounds(*request.area) if request.area else None


def assumed(found: Survey, request: ReadRequest) -> crs.Source | None:
    """The CRS that undeclared coordinates are taken for without asking (WGS 84 outside China, or the datum that the service is set to)."""
    if found.bounds is None:
        return None
    taken = crs.assumed(found.bounds, area_of(request))
    if taken is None and request.datum and crs.is_degrees(found.bounds):
        taken = crs.source(request.datum)
    return taken


def lies_outside(found: Survey, source: crs.Source, area: crs.Bounds | None) -> bool:
    """Whether declared coordinates put most of the records outside the service area."""
    boxes = np.concatenate(found.boxes) if found.boxes else np.empty((0, 4))
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if area is None or not len(boxes):
        return False
    low, high = source.to_storage(boxes[:, :2]), source.to_storage(boxes[:, 2:])
    moved = np.hstack([np.minimum(low, high), np.maximum(low, high)])
    return int(crs.meets(moved, area).sum()) * 2 < len(moved)


def clip_of(request: ReadRequest) -> Any:
    """The polygon of `request.clip`. Raises UnreadableFile for text that is none."""
    if request.clip is None:
        return None
    shape = shapely.from_wkt(request.clip, on_invalid="ignore") if check_wkt(request.clip) else None
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or not shape.is_valid or shape.is_empty:
        raise UnreadableFile(Text("--within 应是有效的 WKT 多边形（经纬度）", "--within must be a valid WKT polygon in longitude and latitude"))
    return shape


def undeclared(name: str, ways: Sequence[Candidate]) -> CrsNotDeclared:
    listed = ", ".join(c.crs for c in ways[:8])
    text = Text(
        f"“{name}”没有说明坐标系。可能是：{listed or '（没有合适的，请向数据提供者询问）'}；请用 --crs 指定或在页面上选择。"
        "西安80、北京54 和地方独立坐标系需要测绘部门的当地参数",
        f"'{name}' does not say its coordinate system. It may be: {listed or '(none fits: ask whoever made it)'}; say it with --crs or choose on "
        "the page. Xian 1980, Beijing 1954 and local systems need the survey office's parameters",
    )
    return CrsNotDeclared(text, dataset=name, candidates=[asdict(c) for c in ways])


# --- placing


@dataclass(slots=True)
class Placer:
    """Turns raw chunks into what leaves the child, and counts how many records lie in the service area."""

    source: crs.Source | None
    limits: Limits
    clip: Any = None
    area: crs.Bounds | None = None
    placed: int = 0
    inside: int = 0

    def place(self, raw: Raw, columns: Sequence[str]) -> Columns:
        self._check_texts(raw, columns)
        problems, repairs = dict(raw.problems), dict(raw.repairs)
        if raw.geometry is None or self.source is None:
            return Columns(raw.values, [None] * raw.count, problems, repairs)
        report = Report()
        geometry = raw.geometry.copy()
        geometry[list(problems)] = None
        move = None if self.source.is_storage else self.source.to_storage
        geometry = tidy(relocate(geometry, move, report), report)
        if self.clip is not None:
            report.refuse(np.flatnonzero(outside(geometry, self.clip)), "outside-clip")
            geometry[list(report.problems)] = None
        for i, code in report.problems.items():
            problems.setdefault(i, problem(code))
        for i, names in report.repairs.items():
            repairs[i] = [*repairs.get(i, ()), *names]
        self._count(geometry)
        return Columns(raw.values, shapely.to_wkb(geometry, output_dimension=2, byte_order=1).tolist(), problems, repairs)

    def _check_texts(self, raw: Raw, columns: Sequence[str]) -> None:
        most = self.limits.text
        for name, column in zip(columns, raw.values, strict=True):
            if max(map(len, (v for v in column if type(v) is str)), default=0) > most:
                raise TooLarge(Text(f"列“{name[:60]}”中有超过 {most} 字的文字", f"a text of more than {most} characters in '{name[:60]}'"))

    def _count(self, geometry: Geometries) -> None:
        if self.area is None:
            return
        boxes = shapely.bounds(geometry)
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
        self.placed += len(boxes)
        self.inside += int(crs.meets(boxes, self.area).sum())

    def check_area(self, name: str, ways: Callable[[], list[Candidate]]) -> None:
        """Raises OutsideArea when fewer than half of the placed records lie in the service area."""
        if self.area is not None and self.placed and self.inside * 2 < self.placed:
            raise OutsideArea(
                Text(
                    f"“{name}”的数据在服务范围之外，坐标系可能不对；确认无误请用 --crs 指定",
                    f"'{name}' lies outside the service area: its coordinate system may be wrong; confirm it with --crs",
                ),
                dataset=name,
                candidates=[asdict(c) for c in ways()],
            )


def plain(column: Sequence[Any]) -> list[RawValue]:
    """Values as they may leave the child: text, numbers, booleans, None; whatever else a file holds (lists, objects) as JSON text."""
    if _PLAIN.issuperset(map(type, column)):
        return list(column)
    return [v if type(v) in _PLAIN else orjson.dumps(v).decode() for v in column]


def by_column(rows: Sequence[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    """Rows of equal length turned into columns, also when there are none."""
    return list(zip(*rows, strict=True)) if rows else [() for _ in range(width)]


def chained(chunks: Iterator[Raw], column: int) -> Iterator[Any]:
    """All values of one column."""
    return chain.from_iterable(raw.values[column] for raw in chunks)
