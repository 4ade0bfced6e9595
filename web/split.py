"""Splitting one feature along a drawn line, in one edit: the kept part stays the feature it was, the others are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from flask import Blueprint, Response
from shapely.geometry.base import BaseGeometry

from geo.crs import STORAGE, transform_xy
from geo.cutting import cut, shared_out
from geo.errors import BadValue, Invalid, StaleVersion, Text
from geo.schema import Field, Layer
from geo.store.contract import Edited, Row, Update, Write
from web import checks
from web.catalogue import field_json
from web.edits import features_json, idempotency_key, if_match, layer_called, moving_along, reason_of, revision_header, sent_values
from web.http import json_body, json_response, language, takes
from web.ledger import as_seen
from web.services import ACTOR, Services, services

bp = Blueprint("split", __name__, url_prefix="/ogc/collections")

LINE_VERTICES = 200
"""Of a line to cut along: working out where a scribble crosses itself takes time with the square of them."""
_MEMBERS = {"line", "keep", "parts", "reason", "preview", "follow"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was sent. `keep`: which part stays the feature; `parts`: per part the values it gets; `follow`: whether what names the feature and lies
    in a new part names that part from now on."""

    line: BaseGeometry
    keep: int
    parts: Sequence[Mapping[str, Any]]
    reason: str | None
    preview: bool
    follow: bool

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> Wanted:
        """Raises Invalid, BadValue."""
        for name in sent:
            if name not in _MEMBERS:
                said = name[:60]
                raise Invalid(Text(f"不认识成员“{said}”", f"unknown member '{said}'"), member=said, members=sorted(_MEMBERS))
        keep, parts = sent.get("keep", 0), sent.get("parts", [])
        if isinstance(keep, bool) or not isinstance(keep, int) or keep < 0:
            raise BadValue(Text("keep 是要保留的那一部分的序号", "keep is the number of the part that stays"), field="keep")
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise BadValue(Text("parts 须是对象的列表", "parts must be a list of objects"), field="parts")
        flags = {name: sent.get(name, default) for name, default in (("preview", False), ("follow", True))}
        for name, value in flags.items():
            if not isinstance(value, bool):
                raise BadValue(Text(f"{name} 须是 true 或 false", f"{name} must be true or false"), field=name)
        return cls(_line(sent.get("line")), keep, parts, reason_of(sent), **flags)


def _line(sent: Any) -> BaseGeometry:
    if not isinstance(sent, dict) or sent.get("type") != "LineString":
        raise BadValue(Text("line 须是 LineString", "line must be a LineString"), field="line")
    checks.positions(sent.get("coordinates"), 1)
    if len(sent["coordinates"]) > LINE_VERTICES:
        raise BadValue(
            Text(f"这条线最多 {LINE_VERTICES} 个点：请画简单些", f"the line has at most {LINE_VERTICES} positions: draw it simpler"),
            field="line",
            maximum=LINE_VERTICES,
        )
    return checks.line(sent["coordinates"])


@bp.post("/<id>/items/<int:fid>/split")
@takes(body="json")
def split(id: str, fid: int) -> Response:
    """Split a line or area along `line`; needs `If-Match`. With `preview` only what the parts would be. What belonged to the whole is unknown in all
    parts unless `parts` says it; the answer's `asks` names it."""
    here, layer, sent, key = services(), layer_called(id), json_body(), idempotency_key()
    version, wanted = if_match(), Wanted.of(sent)
    asked = orjson.dumps([layer.id, fid, version, sent], option=orjson.OPT_SORT_KEYS)
    row = here.store.feature(layer.id, fid)  # read before the key is looked up: the same request may be at work beside this one
    if key and not wanted.preview and (made := here.store.repeated(key, asked, actor=ACTOR)):
        whole, given = as_seen(here, layer, fid, version), _given(here, layer, wanted, len(made.features))
        return _answer(fid, made, _asks(_shared(layer, whole, area=_is_area(row)), whole, given))
    _require_seen(layer, row, version)
    if row.geometry is None:
        raise BadValue(Text("还没有上图，不能拆分", "it has no place yet and cannot be split"), field="line")
    pieces = cut(shapely.from_wkb(row.geometry), wanted.line)
    if wanted.keep >= len(pieces) or len(wanted.parts) not in (0, len(pieces)):
        raise BadValue(Text(f"拆成了 {len(pieces)} 部分", f"there are {len(pieces)} parts"), field="parts", parts=len(pieces))
    job = _Split(here, layer, row, pieces, wanted)
    return job.previewed() if wanted.preview else job.done(key, asked)


def _require_seen(layer: Layer, row: Row, version: int) -> None:
    if row.version != version:
        raise StaleVersion(
            Text("它已被改过：请刷新后再拆分", "it has changed since: reload it and split it again"),
            layer=layer.id,
            id=row.id,
            current=row.version,
        )


class _Split:
    """One split on its way: the parts, what each gets, what follows them."""

    def __init__(self, here: Services, layer: Layer, row: Row, pieces: list[BaseGeometry], wanted: Wanted) -> None:
        self.here, self.layer, self.row, self.pieces, self.wanted = here, layer, row, pieces, wanted
        self.given = _given(here, layer, wanted, len(pieces))
        self.area = _is_area(row)
        self.shared = _shared(layer, row.values, area=self.area)
        self.codes = self._codes()

    def _codes(self) -> list[str | None]:
        """The code of each part: the kept one's own, for the others what is given, else the next free number behind it."""
        own = self.row.values["code"]
        frame = self.here.frames.view(self.layer.id).frame(self.layer.id)
        taken = {*frame["code"].dropna(), *(values.get("code") for values in self.given)}
        free = (f"{own}-{n}" for n in range(2, len(taken) + len(self.pieces) + 3) if f"{own}-{n}" not in taken)
        codes: list[str | None] = []
        for at, values in enumerate(self.given):
            codes.append(own if at == self.wanted.keep else values.get("code") or (next(free) if own else None))
        return codes

    def previewed(self) -> Response:
        metric = self.here.store.info().metric_crs
        followers = self._followers()
        parts = [
            {
                "geometry": orjson.Fragment(shapely.to_geojson(piece)),
                "size": _size(piece, metric),
                "unit": "m²" if shapely.get_dimensions(piece) == 2 else "m",
                "code": self.codes[at],
                "follow": {name: sum(1 for f in found if f[2] == at) for name, found in followers.items()},
            }
            for at, piece in enumerate(self.pieces)
        ]
        fields = [_told(f, self.row.values) for f in self.shared]
        return json_response({"parts": parts, "shared": fields, "keep": self.wanted.keep})

    def done(self, key: str | None, asked: bytes) -> Response:
        values = {**{f.name: None for f in self.shared}, **self.given[self.wanted.keep]}
        kept = Update(self.row.id, self.row.version, values, _wkb(self.pieces[self.wanted.keep]), set_geometry=True)
        made = [self._made(at) for at in range(len(self.pieces)) if at != self.wanted.keep]
        along = list(moving_along(self.here, self.layer, kept))
        write = Write(self.layer.id, inserts=made, updates=(kept,))
        edited = self.here.store.edit(
            [write], actor=ACTOR, now=self.here.now(), reason=self.wanted.reason, key=key, also=[*along, *self._renamed(along)], asked=asked
        )
        return _answer(self.row.id, edited, _asks(self.shared, self.row.values, self.given))

    def _made(self, at: int) -> dict[str, Any]:
        """A new part: what holds everywhere along the feature, not what belongs to it as a whole, and what is given for it."""
        own = [f.name for f in self.layer.writable if f.name != "code" and not shared_out(f, area=self.area)]
        copied = {name: self.row.values[name] for name in own}
        return {**copied, **self.given[at], "code": self.codes[at], "geometry": _wkb(self.pieces[at])}

    def _followers(self) -> dict[str, list[tuple[int, int, int, list[str]]]]:
        """Layer id → (id, version, part, fields) of what names the feature and lies in a part that is not the kept one."""
        code, found = self.row.values["code"], {}
        for other in self.here.stored.values():
            names = [f.name for f in other.fields if f.refers == self.layer.id]
            if code is None or not names or not self.wanted.follow:
                continue
            frame = self.here.frames.view(other.id).frame(other.id)
            rows = frame[np.logical_or.reduce([frame[name] == code for name in names])]
            found[other.id] = [
                (int(id), int(row["version"]), at, [n for n in names if row[n] == code])
                for id, row in rows.iterrows()
                if (at := self._part_of(row["geometry"])) not in (None, self.wanted.keep)
            ]
        return {id: rows for id, rows in found.items() if rows}

    def _part_of(self, geometry: BaseGeometry | None) -> int | None:
        if geometry is None:
            return None
        inside = np.flatnonzero(shapely.covers(self.pieces, shapely.point_on_surface(geometry)))
        return int(inside[0]) if len(inside) else None

    def _renamed(self, along: Sequence[Write]) -> list[Write]:
        """The followers name their part, but those that only lie where the kept part's middle is: they go along with it."""
        gone = {(write.layer, update.id) for write in along for update in write.updates}
        return [
            Write(id, updates=[Update(fid, v, dict.fromkeys(names, self.codes[at])) for fid, v, at, names in rows if (id, fid) not in gone])
            for id, rows in self._followers().items()
        ]


def _given(here: Services, layer: Layer, wanted: Wanted, parts: int) -> list[dict[str, Any]]:
    return [sent_values(here, layer, part) for part in wanted.parts] or [{} for _ in range(parts)]


def _is_area(row: Row) -> bool:
    return row.geometry is not None and shapely.get_dimensions(shapely.from_wkb(row.geometry)) == 2


def _shared(layer: Layer, values: Mapping[str, Any], *, area: bool) -> list[Field]:
    """Fields whose value belongs to the feature as a whole and is on record."""
    return [f for f in layer.writable if shared_out(f, area=area) and values.get(f.name) is not None]


def _told(field: Field, values: Mapping[str, Any]) -> dict[str, Any]:
    return field_json(field, language(), writable=True) | {"value": values[field.name]}


def _asks(shared: Sequence[Field], whole: Mapping[str, Any], given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What belonged to the whole and is not known of every part."""
    return [_told(f, whole) for f in shared if any(part.get(f.name) is None for part in given)]


def _answer(kept: int, edited: Edited, asks: Sequence[Mapping[str, Any]]) -> Response:
    body = {"revision": edited.revision, "kept": kept, "features": features_json(edited), "asks": asks}
    return json_response(body, 201, headers=revision_header(edited))


def _wkb(shape: BaseGeometry) -> bytes:
    return bytes(shapely.to_wkb(shape, output_dimension=2, byte_order=1))


def _size(piece: BaseGeometry, metric: str | None) -> float | None:
    """Square metres of an area, metres of a line."""
    if metric is None:
        return None
    there = shapely.transform(piece, lambda xy: transform_xy(xy, STORAGE, metric))
    return round(float(there.area if shapely.get_dimensions(there) == 2 else there.length), 1)
