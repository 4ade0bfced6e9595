"""Mains, outlines, streets and buildings in a form that is quick to search: each once, and in parts of few vertices. Metric CRS (metres)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.network.graph import Network

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LONG = 256
"""Lines of more vertices than this are cut into runs of as many."""


@dataclass(frozen=True, slots=True, eq=False)
class Things:
    """`whole` shapes and their `parts` with the position of the `owner`, in its order; None has no part."""

    whole: Shapes
    parts: Shapes
    owner: Ints

    @classmethod
    def of(cls, whole: Shapes) -> Things:
        multi = np.isin(shapely.get_type_id(whole), (4, 5, 6))
        single = np.flatnonzero(~multi & ~shapely.is_missing(whole))
        pieces, owner = shapely.get_parts(whole[multi], return_index=True)
        parts, owners = np.concatenate([whole[single], pieces]), np.concatenate([single, np.flatnonzero(multi)[owner]])
        order = np.argsort(owners, kind="stable")
        runs, run_of = in_runs(parts[order])
        return cls(whole, runs, owners[order][run_of])


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """The network's `nodes` (n, 2), `ends` (m, 2) and `lines` (m,), long edges cut into runs between nodes of their own."""

    nodes: Floats
    ends: Ints
    lines: Shapes

    @classmethod
    def of(cls, network: Network) -> Ways:
        if not (shapely.get_num_coordinates(network.lines) > LONG).any():
            return cls(network.nodes, network.ends, network.lines)
        lines, edge = in_runs(network.lines)
        inner = np.flatnonzero(edge[1:] == edge[:-1])
        starts, ends = network.ends[edge, 0], network.ends[edge, 1]
        new = len(network.nodes) + np.arange(len(inner))
        ends[inner], starts[inner + 1] = new, new
        places = shapely.get_coordinates(shapely.get_point(lines[inner], -1))
        return cls(np.concatenate([network.nodes, places]), np.column_stack([starts, ends]), lines)


def distinct(shapes: Shapes) -> tuple[Ints, Ints]:
    """The first of each drawn alike (positions), and for every shape which of those it is; None is like None."""
    seen: dict[bytes | None, int] = {}
    which = [seen.setdefault(key, len(seen)) for key in shapely.to_wkb(shapes)]
    of = np.array(which, dtype=np.int64).reshape(len(shapes))
    return np.unique(of, return_index=True)[1].astype(np.int64), of


def without_doubles(tree: shapely.STRtree) -> shapely.STRtree:
    """The tree of the same shapes, each once; the tree itself where each is."""
    first, _ = distinct(tree.geometries)
    return tree if len(first) == len(tree.geometries) else shapely.STRtree(tree.geometries[first])


def in_runs(shapes: Shapes) -> tuple[Shapes, Ints]:
    """The shapes in their order, long lines in runs of at most LONG vertices that share their ends, and the position of what each belongs to."""
    long = (shapely.get_num_coordinates(shapes) > LONG) & (shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING)
    if not long.any():
        return shapes, np.arange(len(shapes))
    made = [_runs(shape) if cut else [shape] for shape, cut in zip(shapes, long, strict=True)]
    flat = np.empty(sum(map(len, made)), dtype=object)
    flat[:] = [run for runs in made for run in runs]
    return flat, np.repeat(np.arange(len(shapes)), [len(runs) for runs in made])


def _runs(line: shapely.LineString) -> list[shapely.LineString]:
    xy = shapely.get_coordinates(line)
    return [shapely.LineString(xy[i : i + LONG]) for i in range(0, len(xy) - 1, LONG - 1)]
