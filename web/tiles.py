"""Vector tiles of a layer or of a question's answer, after OGC API Tiles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, request

from geo.errors import BadValue, NotFound, Text, UnknownParameter
from geo.schema import Layer
from geo.tiles import MAX_ZOOM, Tile, TileSet, encode
from geo.tilesets import Asked, parts, tile_set
from web.http import Parameter, etag_matches, json_response, language, not_modified, takes
from web.items import QUERY, make_query
from web.kept import Kept
from web.ogc import CRS84, address, box_of, find, link
from web.services import Services, services

bp = Blueprint("tiles", __name__, url_prefix="/ogc/collections")

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
MATRICES = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"

SETS_BYTES, TILES_BYTES = 192 << 20, 64 << 20
"""What a process keeps of what tiles are cut from, and of tiles."""

NOT_TILED = {
    "limit": Text("瓦片里是全部要素", "a tile holds all features"),
    "offset": Text("瓦片里是全部要素", "a tile holds all features"),
    "sortby": Text("瓦片没有先后", "a tile has no order"),
    "bbox": Text("瓦片自有范围；要限定地方请用 within", "a tile has a box of its own: narrow the place by within"),
    "bbox-crs": Text("瓦片自有范围；要限定地方请用 within", "a tile has a box of its own: narrow the place by within"),
    "crs": Text("瓦片一律为 Web 墨卡托", "a tile is in Web Mercator"),
    "headings": Text("headings 只用于文件", "headings belong to a file"),
    "f": Text("瓦片只有一种格式，不用写 f", "a tile has one format: leave f out"),
}
TILED = tuple(p for p in QUERY if p.name not in NOT_TILED)


class _Caches:
    """What this process keeps: sets by their fingerprint, tiles by fingerprint and place."""

    def __init__(self) -> None:
        self.sets: Kept[TileSet] = Kept(SETS_BYTES, lambda one: one.weight)
        self.tiles: Kept[bytes] = Kept(TILES_BYTES, lambda one: len(one) + 200)


@bp.record_once
def _init(setup: Any) -> None:
    setup.app.extensions["yuantu_tiles"] = _Caches()


@bp.get("/<id>/tiles/WebMercatorQuad/<int:z>/<int:row>/<int:col>")
@takes(*TILED, checked_later=True)
def tile(id: str, z: int, row: int, col: int) -> Response:
    """A Mapbox vector tile: shapes, small ones as points, dense points as counts; no feature of the query is left out. 204 where nothing lies."""
    here, asked = services(), _asked(id)
    place = _place(z, row, col)
    etag = '"' + hashlib.sha256(f"{asked.fingerprint} {z}/{row}/{col}".encode()).hexdigest()[:32] + '"'
    if etag_matches(etag):
        return not_modified(etag)
    kept: _Caches = current_app.extensions["yuantu_tiles"]
    body = kept.tiles.get(etag, lambda: encode(kept.sets.get(asked.fingerprint, lambda: _cut_from(here, asked)), place))
    return Response(body or None, 200 if body else 204, mimetype=MEDIA_TYPE, headers={"ETag": etag})


def _asked(id: str) -> Asked:
    """What is asked of a collection. Raises LayerNotFound, UnknownParameter for what no tile has, the Invalid tree."""
    here = services()
    layer, question = find(id, here)
    for name in request.args:
        if name in NOT_TILED:
            raise UnknownParameter(
                Text(f"瓦片没有参数“{name}”：{NOT_TILED[name].zh}", f"tiles take no parameter '{name}': {NOT_TILED[name].en}"),
                parameter=name,
            )
    query = make_query(here, id, request.args, lang=language(), paged=False)
    return Asked.of(query, here.frames, layer, question, today=here.today())


def _place(z: int, row: int, col: int) -> Tile:
    if z > MAX_ZOOM or max(row, col) >= 1 << z:
        raise TileNotFound(
            Text(
                f"没有瓦片 {z}/{row}/{col}：级别 0–{MAX_ZOOM}，行列小于 2 的级别次方",
                f"there is no tile {z}/{row}/{col}: zooms are 0 to {MAX_ZOOM}, rows and columns below 2 to the zoom",
            )
        )
    return Tile(z, col, row)


class TileNotFound(NotFound):
    code = "tile-not-found"


def _cut_from(here: Services, asked: Asked) -> TileSet:
    """Raises StoreBusy where a question has to wait for its turn too long."""
    if asked.question is None:
        return tile_set(asked)
    with here.turn():
        return tile_set(asked)


# ---------------------------------------------------------------- descriptions

JSON_ONLY = Parameter("f", Text("格式", "format"), {"type": "string", "enum": ["json"]})


@bp.get("/<id>/tiles")
@takes(JSON_ONLY)
def tilesets(id: str) -> Response:
    """Which tilesets there are of a collection: one."""
    _json_only()
    layer, _ = find(id)
    links = [link("self", address("tiles.tilesets", id=id)), link("collection", address("ogc.collection", id=id))]
    return json_response({"links": links, "tilesets": [_brief(id, layer)]})


@bp.get("/<id>/tiles/WebMercatorQuad")
@takes(JSON_ONLY)
def tileset(id: str) -> Response:
    """The tileset: zooms, extent, the address of a tile, the layer in it with its properties."""
    _json_only()
    here = services()
    layer, question = find(id, here)
    asked = Asked.of(make_query(here, id, {}, lang=language(), paged=False), here.frames, layer, question, today=here.today())
    box = box_of(asked.view, layer)
    body = _brief(id, layer) | {
        "tileMatrixSetLimits": [{"tileMatrix": str(z), **_limits(box, z)} for z in range(MAX_ZOOM + 1)],
        "layers": [{"id": id, "dataType": "vector", "geometryDimension": _dimension(layer), "propertiesSchema": _schema(asked)}],
    }
    if box:
        body["boundingBox"] = {"lowerLeft": box[:2], "upperRight": box[2:], "crs": CRS84}
    return json_response(body)


def _json_only() -> None:
    if request.args.get("f", "json") != "json":
        raise BadValue(Text("此处只有 f=json", "only f=json here"), parameter="f", formats=["json"])


def _brief(id: str, layer: Layer) -> dict[str, Any]:
    here = services()
    question = here.questions.get(id)
    template = address("tiles.tileset", id=id) + "/{tileMatrix}/{tileRow}/{tileCol}"
    return {
        "title": (question.title if question else layer.label).of(language()),
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": MATRICES,
        "links": [
            link("self", address("tiles.tileset", id=id)),
            link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", MATRICES),
            link("item", template, type=MEDIA_TYPE) | {"templated": True},
        ],
    }


def _limits(box: list[float] | None, z: int) -> Mapping[str, int]:
    """Rows and columns that hold the layer's extent; all of them when nothing is placed or it is not known."""
    west, south, east, north = box or (-180.0, -90.0, 180.0, 90.0)
    first, last = Tile.holding(west, north, z), Tile.holding(east, south, z)
    return {"minTileRow": first.y, "maxTileRow": last.y, "minTileCol": first.x, "maxTileCol": last.x}


def _dimension(layer: Layer) -> int:
    kind = layer.geometry[0].removeprefix("Multi")
    return {"Point": 0, "LineString": 1, "Polygon": 2}[kind]


_TYPES = {"integer": "integer", "year": "integer", "number": "number", "boolean": "boolean"}


def _schema(asked: Asked) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": _TYPES.get(type, "string")} for name, type in parts(asked).items()}}
