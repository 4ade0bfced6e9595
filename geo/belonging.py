"""Which compounds the rows of a layer belong to, worked out for all compounds at once as `compound=` has it for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.frames import View
from geo.places import COMPOUNDS
from geo.questions.declaration import latest
from geo.schema import Layer

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Pairs of a row of a layer and the position of a compound that it belongs to, by compound and then by row; `start[i]` … `start[i + 1]` are those of
    compound i."""

    row: Rows
    compound: Rows
    start: Rows

    def of(self, compound: int) -> Rows:
        """The rows that belong to the compound at this position, in the order of their layer."""
        return self.row[self.start[compound] : self.start[compound + 1]]


def members(view: View, layer: Layer) -> Members:
    """The rows of `layer` by compound, kept until the layer or the compounds change."""
    revisions = (view.rows_key(layer.id), view.columns_revision(COMPOUNDS, "code", "geometry"))
    return latest(view, ("members", layer.id), revisions, lambda _: _members(view, layer))


def _members(view: View, layer: Layer) -> Members:
    count = len(view.frame(COMPOUNDS))
    if layer.id == COMPOUNDS:
        row = compound = np.arange(count)
    else:
        row, compound = compounds_of(view, layer, np.ones(len(view.frame(layer.id)), dtype=bool))
    order = np.lexsort([row, compound])
    start = np.searchsorted(compound[order], np.arange(count + 1))
    return Members(row[order].astype(np.int64), compound[order].astype(np.int64), start.astype(np.int64))


def compounds_of(view: View, layer: Layer, open_: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Pairs of an open row and the compound it names; one that names none belongs to those whose outline it meets."""
    frame, compounds = view.frame(layer.id), view.frame(COMPOUNDS)
    codes = {code: i for i, code in enumerate(compounds["code"].to_numpy(dtype=object)) if not pd.isna(code)}
    reference = next((f.name for f in layer.fields if f.refers == COMPOUNDS), None)
    named = np.full(len(frame), None, dtype=object) if reference is None else frame[reference].to_numpy(dtype=object)
    unnamed = np.asarray(pd.isna(named), dtype=bool)
    by_name = np.fromiter(
        (-1 if out else codes.get(c, -1) for c, out in zip(named, unnamed, strict=True)), dtype=np.int64, count=len(named)
    )
    by_name[~open_] = -1
    rows = np.flatnonzero(by_name >= 0)
    geometry, outlines = (np.asarray(f.geometry, dtype=object) for f in (frame, compounds))
    free = np.flatnonzero(open_ & unnamed & ~shapely.is_missing(geometry))
    if not len(free) or not len(outlines):
        return rows, by_name[rows]
    at, compound = shapely.STRtree(outlines).query(geometry[free], predicate="intersects")
    return np.concatenate([rows, free[at]]), np.concatenate([by_name[rows], compound])
