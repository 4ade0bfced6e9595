"""Nested lists of numbers (GeoJSON coordinates) turned into geometry arrays: whole columns at once, one by one where a column has a fault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.formats.problems import Problem, problem
from geo.geometry import Geometries, array_of

Build = Callable[[Sequence[Any]], tuple[Any, "NDArray[np.bool_] | None"]]


class Fault(ValueError):
    """Coordinates that are no geometry; says why in both languages."""

    def __init__(self, code: str, zh: str = "", en: str = "") -> None:
        super().__init__(en)
        self.problem: Problem = problem(code, zh, en)


def _positions(flat: list[Any]) -> NDArray[np.float64]:
    """(n, 2) numbers of a list of positions; strict about types, heights are left out."""
    if set(map(type, flat)) - {list}:
        raise Fault("bad-coordinates", "坐标应是数组", "a position must be an array")
    sizes = set(map(len, flat))
    if min(sizes, default=2) < 2:
        raise Fault("bad-coordinates", "一个点至少要有两个数", "a position needs two numbers")
    if len(sizes) > 1:
        flat = [p[:2] for p in flat]
    numbers = list(chain.from_iterable(flat))
    if set(map(type, numbers)) - {int, float}:
        raise Fault("bad-coordinates", "坐标应是数", "a position must hold numbers only")
    try:
        array = np.array(numbers, dtype=np.float64)
    except OverflowError:
        raise Fault("not-finite") from None
    return array.reshape(len(flat), -1)[:, :2]


def _nested(lists: Sequence[Any]) -> tuple[list[Any], NDArray[np.intp]]:
    """One level less: all members in a row, and which list each came from."""
    if set(map(type, lists)) - {list}:
        raise Fault("bad-coordinates", "坐标的层次不对", "the coordinates are not nested as the type asks")
    sizes = [len(x) for x in lists]
    if not all(sizes):
        raise Fault("empty-geometry")
    return list(chain.from_iterable(lists)), np.repeat(np.arange(len(lists)), sizes)


def _points(lists: Sequence[Any]) -> tuple[Any, None]:
    if lists and any(x == [] for x in lists):
        raise Fault("empty-geometry")
    return shapely.points(_positions(list(lists))), None


def _lines(lists: Sequence[Any]) -> tuple[Any, None]:
    flat, owner = _nested(lists)
    xy = _positions(flat)
    if np.bincount(owner).min() < 2:
        raise Fault("invalid-geometry", "线至少要有两个点", "a line needs two positions")
    return shapely.linestrings(xy, indices=owner), None


def _areas(lists: Sequence[Any]) -> tuple[Any, NDArray[np.bool_]]:
    """Polygons, and which of them had a ring that did not close (it is closed here)."""
    rings, polygon = _nested(lists)
    flat, ring = _nested(rings)
    xy = _positions(flat)
    counts = np.bincount(ring)
    last = np.cumsum(counts) - 1
    open_ring = (xy[last - counts + 1] != xy[last]).any(axis=1)
    if (counts + open_ring).min() < 4:
        raise Fault("invalid-geometry", "面的边界至少要有四个点", "a ring needs four positions")
    shells: Any = shapely.linearrings(xy, indices=ring)
    built = shapely.polygons(shells, indices=polygon)
    mended = np.zeros(len(lists), dtype=bool)
    mended[polygon[open_ring]] = True
    return built, mended


def _multi(build: Build, join: Callable[..., Any]) -> Build:
    def many(lists: Sequence[Any]) -> tuple[Any, NDArray[np.bool_] | None]:
        parts, owner = _nested(lists)
        built, mended = build(parts)
        whole = None
        if mended is not None:
            whole = np.zeros(len(lists), dtype=bool)
            whole[owner[mended]] = True
        return join(built, indices=owner), whole

    return many


_BUILDERS: dict[str, Build] = {
    "Point": _points,
    "LineString": _lines,
    "Polygon": _areas,
    "MultiPoint": _multi(_points, shapely.multipoints),
    "MultiLineString": _multi(_lines, shapely.multilinestrings),
    "MultiPolygon": _multi(_areas, shapely.multipolygons),
}

Built = tuple[Geometries, dict[int, Problem], dict[int, list[str]]]


def build(geometries: Sequence[Any]) -> Built:
    """GeoJSON geometry objects (None = no place) → geometries, problems and repairs by position."""
    out = array_of([None] * len(geometries))
    problems: dict[int, Problem] = {}
    repairs: dict[int, list[str]] = {}
    by_type: dict[str, list[int]] = {}
    for i, g in enumerate(geometries):
        if g is not None:
            kind = g.get("type") if isinstance(g, dict) else None
            by_type.setdefault(kind if isinstance(kind, str) else "", []).append(i)
    for kind, places in by_type.items():
        if kind in _BUILDERS:
            _fill(out, kind, places, [geometries[i].get("coordinates") for i in places], problems, repairs)
            continue
        for i in places:
            try:
                out[i] = _other(geometries[i])
            except Fault as fault:
                problems[i] = fault.problem
    return out, problems, repairs


def _fill(
    out: Geometries, kind: str, places: list[int], lists: list[Any], problems: dict[int, Problem], repairs: dict[int, list[str]]
) -> None:
    """All geometries of one type at once; when one of them has a fault, each by itself to find which."""
    try:
        built, mended = _BUILDERS[kind](lists)
    except (Fault, shapely.GEOSException, TypeError, ValueError) as error:
        if len(places) > 1:
            for place, coordinates in zip(places, lists, strict=True):
                _fill(out, kind, [place], [coordinates], problems, repairs)
        else:
            problems[places[0]] = error.problem if isinstance(error, Fault) else problem("bad-coordinates")
        return
    out[places] = built
    if mended is not None:
        for i in np.flatnonzero(mended):
            repairs[places[i]] = ["ring-closed"]


def _other(value: Any) -> Any:
    """A GeometryCollection, or a Fault that says what it is instead."""
    if not isinstance(value, dict):
        raise Fault("damaged-record", "geometry 不是对象", "geometry is not an object")
    kind = value.get("type")
    if kind != "GeometryCollection":
        shown = str(kind)[:40]
        raise Fault("geometry-type", f"“{shown}”", f"'{shown}'")
    parts = value.get("geometries")
    if not isinstance(parts, list):
        raise Fault("bad-coordinates", "缺少 geometries", "geometries is missing")
    built, problems, _ = build(parts)
    if problems or any(p is None for p in parts):
        fault = Fault("bad-coordinates")
        fault.problem = next(iter(problems.values()), fault.problem)
        raise fault
    return shapely.GeometryCollection(list(built))
