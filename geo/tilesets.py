"""Query → TileSet: what tiles are cut from, with the same conditions, answers and shapes as the query's rows.

Shapes in the plane of the tiles are kept for a layer while no geometry of it changes, and after an edit worked out for what the edit changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from geo.frames import Frames, View
from geo.matching import Rows, Table, reads
from geo.query import Query, output_fields
from geo.questions.declaration import ANSWERS, Question
from geo.schema import Field, Layer
from geo.tiles import Column, Shapes, TileSet

MAKING = 1
"""Raised when tiles of the same data come out differently: a browser that keeps some asks again."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A query with the layers that it takes, all at one revision."""

    query: Query
    layer: Layer
    question: Question | None
    view: View

    @classmethod
    def of(cls, query: Query, frames: Frames, layer: Layer, question: Question | None, *, today: str) -> Asked:
        """`today`: the local day, for a query that says none."""
        day = query.parameters.get("as_of") or today
        return cls(query, layer, question, frames.view(*reads(query, layer, question), as_of=day, profile=query.parameters.get("profile")))

    @property
    def fingerprint(self) -> str:
        """Changes when the answer may: with the query and with the layers that it takes, not with others. A store of its own, or one that was put
        back to an earlier state, counts its revisions anew: when it was made and what its rows are like is said too."""
        query, view = self.query, self.view
        revisions = [(id, _standing(view, id)) for id in reads(query, self.layer, self.question)]
        day = (view.as_of, view.profile.id, view.metric_crs) if self.question else (view.metric_crs if query.near else None,)
        fields = [f.name for f in self.fields]
        said = (MAKING, view.info.created_at, query.collection, query.to_args(), query.outline, fields, revisions, day)
        return hashlib.sha256(orjson.dumps(said)).hexdigest()

    @property
    def fields(self) -> tuple[Field, ...]:
        """Those that are asked for; else what names, colours and answers a feature."""
        usual = {"code", self.layer.title_field, self.layer.style.by, "answer" if self.question else None}
        wanted = usual if self.query.fields is None else set(self.query.fields)
        return tuple(f for f in output_fields(self.layer, self.question) if f.name in wanted)


def tile_set(asked: Asked) -> TileSet:
    """The placed rows that match. Raises the Invalid tree for values that only the data can tell to be wrong."""
    query, view, layer = asked.query, asked.view, asked.layer
    table = Table(view, layer, asked.question, query)
    rows = table.matching()
    if asked.question is not None:
        rows = rows[np.array([a in query.answers for a in ANSWERS])[table.answers_of(rows)]]
    shapes = Shapes.of(table.shapes(rows)) if query.shape else _of_rows(in_plane(view, layer), rows)
    columns = [Column.of(f, table.column(f.name, rows)) for f in asked.fields]
    return TileSet(query.collection, table.frame.index.to_numpy(dtype=np.int64)[rows], shapes, columns)


def _of_rows(shapes: Shapes, rows: Rows) -> Shapes:
    return shapes if len(rows) == len(shapes.kind) else shapes.take(rows)


def in_plane(view: View, layer: Layer) -> Shapes:
    """All rows of the layer, unplaced ones as None."""
    return _kept(view, layer)[1]


def _standing(view: View, layer: str) -> tuple[int, str]:
    """The layer's revision and, worked out once for it, a digest of which rows there are in which version, and of the last change."""
    revision = view.layer_revision(layer)
    if view.is_derived(layer):
        return revision, ""
    return revision, view.latest(("tile standing", layer), revision, lambda _: _digest(view, layer))


def _digest(view: View, layer: str) -> str:
    frame = view.frame(layer)
    last = max((day for day in frame["updated_at"].to_numpy(dtype=object) if day is not None), default="")
    rows = np.stack([frame.index.to_numpy(dtype=np.int64), frame["version"].to_numpy(dtype=np.int64)])
    return hashlib.sha256(rows.tobytes() + last.encode()).hexdigest()


_Kept = tuple[NDArray[np.int64], Shapes]
"""Ids of the rows, and their shapes."""


def _kept(view: View, layer: Layer) -> _Kept:
    def make(held: tuple[tuple[int, str], _Kept] | None) -> _Kept:
        frame = view.frame(layer.id)
        ids, geometry = frame.index.to_numpy(dtype=np.int64), np.asarray(frame.geometry, dtype=object)
        changed = None if held is None else view.changed_since(layer.id, held[0][0])
        if held is None or changed is None or not len(held[1][0]):
            return ids, Shapes.of(geometry)
        return ids, _brought_up(held[1], changed, ids, geometry)

    stands = (view.columns_revision(layer.id, "geometry"), view.as_of if layer.derived else "")
    return view.latest(("tile shapes", layer.id), stands, make)


def _brought_up(held: _Kept, changed: frozenset[int], ids: NDArray[np.int64], geometry: NDArray[np.object_]) -> Shapes:
    """The shapes of before for what did not change since, the others anew."""
    before, shapes = held
    at = np.minimum(np.searchsorted(before, ids), len(before) - 1)
    fresh = (before[at] != ids) | np.isin(ids, list(changed))
    found, new = shapes.take(at), Shapes.of(geometry[fresh])
    found.geometry[fresh], found.bounds[fresh], found.kind[fresh] = new.geometry, new.bounds, new.kind
    return found


def parts(asked: Asked) -> dict[str, str]:
    """Names of the properties a tile's features may have, and their types: for a client that reads the tileset's description."""
    return {**{f.name: str(f.type) for f in asked.fields}, "count": "integer"}
