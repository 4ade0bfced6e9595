"""A dataset on its way through the child: what a reader finds, surveyed for the doctor, placed in EPSG:4326 for the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
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
from geo.formats.wire import MAX_SHAPE, Columns
from geo.geometry import Geometries, Report, array_of, check_wkt, outside, relocate, tidy

ROWS = 5_000
"""Records of one chunk."""

MOST_CANDIDATES = 8
"""Readings of undeclared coordinates that a person is asked to choose from."""

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
    """One sheet, layer or table. `source`: the CRS it declares; `chunks` may be called more than once; `fixed`: the format itself fixes the CRS.

    `drawing`: without a CRS its numbers are its own and nothing is assumed of them; `unit_m`: metres of one of them, where the file says.
    """

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
    drawing: bool = False
    unit_m: float | None = None

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
    def placed(self) -> NDArray[np.float64]:
        """(n, 4) raw boxes of the records that have a position; (0, 0) is none."""
        boxes = np.concatenate(self.boxes) if self.boxes else np.empty((0, 4))
        return np.asarray(boxes[np.isfinite(boxes).all(axis=1) & (boxes != 0).any(axis=1)], dtype=np.float64)

    @property
    def bounds(self) -> crs.Box | None:
        """Where the bulk of the records lies: mistyped ones are left out, and the outermost per cent on each side when there are many."""
        boxes = self.placed
        if not len(boxes):
            return None
        boxes = boxes[_bulk(boxes)]
        share = 1.0 if len(boxes) >= 100 else 0.0
        low = np.percentile(boxes[:, :2], share, axis=0)
        high = np.percentile(boxes[:, 2:], 100 - share, axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _bulk(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of (n, 4) boxes are no strays: within ten times the distance from the median that three records in four keep; all of fewer than ten."""
    centres = boxes[:, :2] / 2 + boxes[:, 2:] / 2
    away = np.abs(centres - np.median(centres, axis=0))
    usual = np.percentile(away, 75, axis=0)
    if len(boxes) < 10 or not (usual > 0).all():
        return np.ones(len(boxes), dtype=np.bool_)
    return np.asarray((away <= 10 * usual).all(axis=1), dtype=np.bool_)


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


def candidates(
    found: Survey, area: crs.Bounds | None, *, samples: bool, swapped: str | None = None, said: str | None = None
) -> list[Candidate]:
    """The best readings of undeclared (or doubtful) coordinates, with the sample geometries where each would put them.

    `swapped`: a CRS that somebody asked for and that puts the data nowhere; its reading with the axes swapped comes first if it makes sense.
    `said`: the CRS that the file itself says, first if it makes sense: to confirm it is a choice too.
    """
    bounds = found.bounds
    if bounds is None:
        return []
    guesses = crs.candidates(bounds, area)
    other = swapped.removesuffix(crs.SWAPPED) + ("" if swapped.endswith(crs.SWAPPED) else crs.SWAPPED) if swapped else None
    asked = crs.as_asked(bounds, other, area) if other else None
    if asked:
        known = [g for g in guesses if g.source.name == asked.source.name]
        guesses = [*(known or [asked]), *(g for g in guesses if g.source.name != asked.source.name)]
    own = crs.as_asked(bounds, said, area) if said else None
    if own:
        label = Text(f"{own.source.name}（文件写明）", f"{own.source.name}, as the file says")
        guesses = [replace(own, label=label), *(g for g in guesses if not _same(g.source, own.source))]
    return [_candidate(found, bounds, g, samples=samples) for g in guesses[:MOST_CANDIDATES]]


def _same(one: crs.Source, other: crs.Source) -> bool:
    return one.name == other.name or (one.is_storage and other.is_storage)


def left_out(found: Survey, area: crs.Bounds | None) -> int:
    """How many more readings there are than a person is asked to choose from."""
    return max(len(crs.candidates(found.bounds, area)) - MOST_CANDIDATES, 0) if found.bounds else 0


def left_out_note(more: int) -> Text:
    return Text(
        f"另有 {more} 种可能的坐标系未列出；设定服务范围（YUANTU_AREA）后只列出合适的",
        f"{more} other possible coordinate systems are not listed; with a service area (YUANTU_AREA) only those that fit are",
    )


def _candidate(found: Survey, bounds: crs.Box, guess: crs.Guess, *, samples: bool) -> Candidate:
    """The reading with its box, which holds the whole sample; strays are neither in the box nor in the sample."""
    shapes: list[dict[str, Any]] = []
    box = guess.bounds.tuple
    if samples:
        moved = _placed_sample(found.geometries, bounds, guess.source)
        shapes = [orjson.loads(t) for t in shapely.to_geojson(moved)]
        around = shapely.total_bounds(moved).tolist()
        if np.isfinite(around).all():
            box = (min(box[0], around[0]), min(box[1], around[1]), max(box[2], around[2]), max(box[3], around[3]))
    return Candidate(guess.source.name, guess.label.zh, guess.label.en, box, guess.fits, guess.distance_km, shapes)


def _placed_sample(geometries: Sequence[Any], bounds: crs.Box, source: crs.Source) -> Geometries:
    """Those sample geometries that touch the raw `bounds`, in EPSG:4326."""
    raw = array_of(list(geometries))
    moved = relocate(raw[shapely.intersects(raw, shapely.box(*bounds))], source.to_storage, Report())
    return np.asarray(moved[~shapely.is_missing(moved)])


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
    if dataset.drawing:
        from geo.formats import drawings

        raise drawings.not_placed(dataset, drawings.ways(seen, request))
    if seen.bounds is None:
        return crs.source(crs.STORAGE)
    taken = assumed(seen, request)
    if taken is None:
        area = area_of(request)
        raise undeclared(dataset.name, candidates(seen, area, samples=False), left_out(seen, area))
    dataset.note(assumption(taken, request))
    return taken


def assumption(taken: crs.Source, request: ReadRequest) -> Text:
    """What is said when coordinates were read in a CRS that the file does not declare."""
    if request.datum and taken == crs.source(request.datum):
        return Text(
            f"文件没有说明坐标系，按设置 YUANTU_DATUM 用 {taken.name}",
            f"the file does not say its coordinate system: {taken.name}, as YUANTU_DATUM says",
        )
    return Text(
        f"文件没有说明坐标系；没有一条在中国境内，按 {taken.name}（WGS 84 经纬度）读取，请核对",
        f"the file does not say its coordinate system; as no record lies in China it was taken for {taken.name} (WGS 84 longitude/latitude): check",
    )


def area_of(request: ReadRequest) -> crs.Bounds | None:
    return crs.Bounds(*request.area) if request.area else None


def assumed(found: Survey, request: ReadRequest) -> crs.Source | None:
    """The CRS that undeclared coordinates are taken for without asking (WGS 84 outside China, or the datum that the service is set to)."""
    if found.bounds is None:
        return None
    taken = crs.assumed(found.bounds, area_of(request), found.placed)
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
        raise UnreadableFile(
            Text("--within 应是有效的 WKT 多边形（经纬度）", "--within must be a valid WKT polygon in longitude and latitude")
        )
    return shape


def undeclared(name: str, ways: Sequence[Candidate], more: int = 0) -> CrsNotDeclared:
    """The refusal that lists the readings; `more` of them are left out."""
    listed = ", ".join(c.crs for c in ways)
    rest = left_out_note(more) if more else Text("", "")
    text = Text(
        f"“{name}”没有说明坐标系。可能是：{listed or '（没有合适的，请向数据提供者询问）'}；请用 --crs 指定或在页面上选择。"
        "西安80、北京54 和地方独立坐标系需要测绘部门的当地参数" + (f"。{rest.zh}" if more else ""),
        f"'{name}' does not say its coordinate system. It may be: {listed or '(none fits: ask whoever made it)'}; say it with --crs or choose on "
        "the page. Xian 1980, Beijing 1954 and local systems need the survey office's parameters" + (f". {rest.en}" if more else ""),
    )
    return CrsNotDeclared(text, dataset=name, candidates=[asdict(c) for c in ways])


# --- placing


@dataclass(slots=True)
class Placer:
    """Turns raw chunks into what leaves the child, and counts how many records lie in the service area and in `home`, where the CRS is used.

    `asked`: somebody said this CRS for this file; `declared`: the file itself says it, and nobody has confirmed it; `shapes`: records with a problem
    carry their geometry as text.
    """

    source: crs.Source | None
    limits: Limits
    clip: Any = None
    area: crs.Bounds | None = None
    asked: bool = False
    declared: bool = False
    shapes: bool = True
    placed: int = 0
    inside: int = 0
    at_home: int = 0
    lost: int = 0

    def place(self, raw: Raw, columns: Sequence[str]) -> Columns:
        self._check_texts(raw, columns)
        problems, repairs = dict(raw.problems), dict(raw.repairs)
        values, mended = _without_nul(raw.values)
        for i in mended:
            repairs[i] = [*repairs.get(i, ()), "nul-removed"]
        if raw.geometry is None or self.source is None:
            return Columns(values, [None] * raw.count, problems, repairs)
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
        self.lost += sum(code == "outside-crs" for code in report.problems.values())
        kept = _as_text(raw.geometry, [i for i, p in problems.items() if p[0] != "outside-clip"], move) if self.shapes else {}
        for i, names in report.repairs.items():
            repairs[i] = [*repairs.get(i, ()), *names]
        self._count(geometry)
        return Columns(values, shapely.to_wkb(geometry, output_dimension=2, byte_order=1).tolist(), problems, repairs, kept)

    def _check_texts(self, raw: Raw, columns: Sequence[str]) -> None:
        most = self.limits.text
        for name, column in zip(columns, raw.values, strict=True):
            if max(map(len, (v for v in column if type(v) is str)), default=0) > most:
                raise TooLarge(Text(f"列“{name[:60]}”中有超过 {most} 字的文字", f"a text of more than {most} characters in '{name[:60]}'"))

    def _count(self, geometry: Geometries) -> None:
        home = self.home
        if self.area is None and home is None and not (self.asked or self.declared):
            return
        boxes = shapely.bounds(geometry)
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
        self.placed += len(boxes)
        if self.area is not None:
            self.inside += int(crs.meets(boxes, self.area).sum())
        if home is None:
            self.at_home += len(boxes)
        else:
            x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
            self.at_home += int(((home.west <= x) & (x <= home.east) & (home.south <= y) & (y <= home.north)).sum())

    @property
    def home(self) -> crs.Bounds | None:
        """Where the CRS that was asked for or declared is meant to be used."""
        return crs.home(self.source.definition) if (self.asked or self.declared) and self.source and self.source.definition else None

    def check_home(self, name: str, ways: Callable[[], list[Candidate]]) -> None:
        """Raises OutsideArea when the CRS that was asked for puts fewer than half of the positions where it is used: swapped axes, another zone.

        Degrees that are none (latitude 112.98) stay bad records unless `ways` begins with the swapped reading: nothing better is known.
        """
        if not self.asked or self.source is None or self.at_home * 2 >= self.placed + self.lost:
            return
        found = ways()
        if self.home is None and not (found and found[0].crs.removesuffix(crs.SWAPPED) == self.source.name.removesuffix(crs.SWAPPED)):
            return
        raise OutsideArea(
            Text(
                f"按 {self.source.name} 读取时，“{name}”的大部分坐标落在该坐标系的适用范围之外；两列可能对调了，或坐标系不对",
                f"read as {self.source.name} most of '{name}' lies outside the area of that coordinate system: its axes may be swapped, or it is another one",
            ),
            dataset=name,
            candidates=[asdict(c) for c in found],
        )

    def check_declared(self, name: str, ways: Callable[[], list[Candidate]]) -> None:
        """Raises OutsideArea when fewer than half of the positions lie where the CRS that the file says is used, and another reading makes sense:
        metres under a geographic CRS, degrees under a projected one, swapped axes."""
        if not self.declared or self.source is None or self.at_home * 2 >= self.placed + self.lost:
            return
        if found := ways():
            raise OutsideArea(
                Text(
                    f"“{name}”写明的坐标系 {self.source.name} 与坐标不符（大部分落在其适用范围之外）；可能是：{'、'.join(c.crs for c in found)}，请用 --crs 指定",
                    f"'{name}' says {self.source.name}, but most of its coordinates lie outside of that. They may be: {', '.join(c.crs for c in found)}; "
                    "say it with --crs",
                ),
                dataset=name,
                candidates=[asdict(c) for c in found],
            )

    def check_area(self, name: str, ways: Callable[[], list[Candidate]]) -> None:
        """Raises OutsideArea when fewer than half of the placed records lie in the service area."""
        self.check_declared(name, ways)
        if self.area is not None and self.placed and self.inside * 2 < self.placed:
            raise OutsideArea(
                Text(
                    f"“{name}”的数据在服务范围之外，坐标系可能不对；确认无误就选定坐标系（页面上选，命令行用 --crs）",
                    f"'{name}' lies outside the service area: its coordinate system may be wrong; confirm it by choosing it (--crs on the command line)",
                ),
                dataset=name,
                candidates=[asdict(c) for c in ways()],
            )


def _without_nul(columns: Sequence[Sequence[Any]]) -> tuple[Sequence[Sequence[Any]], list[int]]:
    """The values with no NUL in any text, which nothing after this can keep, and the positions of the records that had one."""
    if not any("\0" in "".join(v for v in column if type(v) is str) for column in columns):
        return columns, []
    mended = sorted({i for column in columns for i, v in enumerate(column) if type(v) is str and "\0" in v})
    return [[v.replace("\0", "") if type(v) is str else v for v in column] for column in columns], mended


def _as_text(geometry: Geometries, positions: Sequence[int], move: Callable[[Any], Any] | None) -> dict[int, str]:
    """WKT by position, in EPSG:4326 where that is possible, else as the file has it; what is missing or too long is left out."""
    out: dict[int, str] = {}
    for i in positions:
        shape = shapely.force_2d(geometry[i])
        if shape is None or shapely.get_num_coordinates(shape) * 4 > MAX_SHAPE:
            continue
        moved = shape if move is None else shapely.transform(shape, move)
        usable = np.isfinite(shapely.get_coordinates(moved)).all()
        text = shapely.to_wkt(moved if usable else shape, rounding_precision=-1)
        if len(text) <= MAX_SHAPE:
            out[i] = text
    return out


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
