"""OGC API Features: the items of a layer or of a question, as a page of GeoJSON or as a file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from flask import Blueprint, Response, request

from geo.answers import Answer
from geo.crs import STORAGE
from geo.errors import BadValue, DocumentNotFound, FeatureNotFound, Text
from geo.exports import FORMATS, HEADINGS, Format, Output, format_of, geojson, left_out, losses, made
from geo.exports.feature_collection import features
from geo.query import DEFAULT_LIMIT, OUTPUT, Query, output_fields
from geo.questions.declaration import Question
from geo.schema import Layer
from web.files import file_name, output_crs
from web.http import Parameter, attachment, etag_matches, language, not_modified, refuse_unknown, stream, takes
from web.ogc import address, crs_uri, find, link
from web.services import Services, services

bp = Blueprint("items", __name__, url_prefix="/ogc/collections")

PAGE = Format("json", "application/geo+json", "geojson", Text("GeoJSON，分页，带链接", "GeoJSON, a page with links"), any_crs=True)
FORMAT_NAMES = (PAGE.id, *(f.id for f in FORMATS))

F = Parameter(
    "f",
    Text("格式：json 是带链接的一页，其余是文件", "format: json is a page with links, the others are files"),
    {"type": "string", "enum": list(FORMAT_NAMES), "default": "json"},
)
CRS = Parameter(
    "crs",
    Text(
        "输出坐标系，如 EPSG:4547；x（东）总在前；图纸不说即本库的量测坐标系",
        "CRS of the output, e.g. EPSG:4547; x (east) always comes first; unsaid, a drawing is in the store's metric CRS",
    ),
    {"type": "string", "default": "EPSG:4326"},
)
HEADING = Parameter(
    "headings",
    Text(
        "文件的列名：names 用公开字段名和原值，labels 用中文（英文）名和选项的名称；不说即该格式的常用方式",
        "columns of a file: names are the public names with the stored values, labels are labels with units and those of choices; unsaid, as usual for the format",
    ),
    {"type": "string", "enum": list(HEADINGS)},
)
_POLYGON = "POLYGON((112.97 34.74,112.99 34.74,112.99 34.76,112.97 34.76,112.97 34.74))"
QUERY: tuple[Parameter, ...] = (
    Parameter("limit", Text("最多几条；超过上限按上限", "how many at most; more than the maximum is clamped"), {"type": "integer", "minimum": 1, "default": DEFAULT_LIMIT}),
    Parameter("offset", Text("跳过几条", "how many to skip"), {"type": "integer", "minimum": 0, "default": 0}),
    Parameter("bbox", Text("西,南,东,北；西大于东即跨 180 度线", "west,south,east,north; west > east crosses the antimeridian"),
              {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}),
    Parameter("bbox-crs", Text("bbox 的坐标系", "CRS of bbox"), {"type": "string", "default": "EPSG:4326"}),
    Parameter("datetime", Text("时间或时段，如 2024-01-01/..", "an instant or interval, e.g. 2024-01-01/..")),
    Parameter("filter", Text("CQL2 条件，如 built_year <= 2000", "a CQL2 condition, e.g. built_year <= 2000")),
    Parameter("filter-lang", Text("条件的语言", "language of the filter"), {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}),
    Parameter("filter-crs", Text("条件中几何的坐标系", "CRS of the filter's geometries"), {"type": "string", "default": "EPSG:4326"}),
    Parameter("sortby", Text("按字段排序，前加 - 为降序", "fields to sort by, - before one for descending"), {"type": "array", "items": {"type": "string"}}),
    Parameter("properties", Text("只要这些字段", "only these fields"), {"type": "array", "items": {"type": "string"}}),
    Parameter("community", Text("社区名称", "name of a community")),
    Parameter("compound", Text("院落的编号或名称", "code or name of a compound")),
    Parameter("within", Text("整个落在此多边形内（WKT，至多 100 个顶点），或保存的区域 @名称 内；前面写 touching: 则部分落在其内的也算",
                             "wholly inside this polygon (WKT, at most 100 vertices) or the kept area @NAME; with touching: before it what meets it, too"),
              {"type": "string", "example": _POLYGON}),
    Parameter("near", Text("离此图层任一要素、或离这一个要素至多若干米：图层:米数 或 图层/编号:米数",
                           "at most so many metres from any feature of a layer, or from one: LAYER:METRES or LAYER/ID:METRES"),
              {"type": "string", "example": "fire_lanes:50"}),
    Parameter("near-filter", Text("near 的图层里只算满足此 CQL2 条件的要素", "of near's layer only features that meet this CQL2 condition")),
)  # fmt: skip
"""The parameters of `geo.query.COMMON` for the OpenAPI document."""

_ACCEPTED = {f.media_type.split(";")[0]: f.id for f in reversed(FORMATS)} | {"application/geo+json": PAGE.id, "application/json": PAGE.id}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the items: a format, an output CRS (None = unsaid), headings, and the arguments that make the query."""

    form: Format
    crs: str | None
    headings: str | None
    args: Mapping[str, str]

    @classmethod
    def from_request(cls, args: Mapping[str, str]) -> Wanted:
        """Raises BadValue for an unknown format and for headings of a page, UnknownCrs."""
        name = args.get("f") or _negotiated()
        form = PAGE if name == PAGE.id else _file_format(name)
        if form is PAGE and "headings" in args:
            raise BadValue(Text("headings 只用于文件：请加 f=…", "headings belong to a file: say f=…"), parameter="headings")
        crs = output_crs(args["crs"]) if "crs" in args else None
        return cls(form, crs, args.get("headings"), {k: v for k, v in args.items() if k not in OUTPUT})

    @property
    def page_crs(self) -> str:
        return self.crs or STORAGE


def _negotiated() -> str:
    """What Accept prefers; a page of GeoJSON unless something else is wanted more ("*/*" wants nothing in particular)."""
    best = request.accept_mimetypes.best_match(list(_ACCEPTED))
    preferred = best is not None and request.accept_mimetypes[best] > request.accept_mimetypes[PAGE.media_type]
    return _ACCEPTED[best] if best is not None and preferred else PAGE.id


def _file_format(name: str) -> Format:
    if name not in FORMAT_NAMES:
        listed = ", ".join(FORMAT_NAMES)
        raise BadValue(
            Text(f"没有“{name}”这种格式；可用：{listed}", f"no format '{name}'; there are: {listed}"),
            parameter="f",
            formats=list(FORMAT_NAMES),
        )
    return format_of(name)


@bp.get("/<id>/items")
@takes(*QUERY, F, CRS, HEADING, checked_later=True)
def items(id: str) -> Response:
    """Features of a layer or of a named question: a page of GeoJSON, or a file (`f=geojson|csv|gpkg|shp|dxf|…`, all that match unless `limit` is said)."""
    here = services()
    find(id, here)
    wanted = Wanted.from_request(request.args)
    query = make_query(here, id, wanted.args, lang=language(), paged=wanted.form is PAGE)
    etag = etag_of(here)
    if etag_matches(etag):
        return not_modified(etag)
    result = here.answered(query)
    headers = {"ETag": etag, "OGC-NumberMatched": str(result.matched), "OGC-NumberReturned": str(result.returned)}
    if wanted.form is PAGE:
        return _page(result, wanted, headers)
    return _file(here, result, wanted, headers)


def make_query(here: Services, id: str, args: Mapping[str, str], *, lang: str, paged: bool) -> Query:
    """The query that the arguments ask for; a page has a default limit, a file has none. Raises the Invalid tree."""
    return Query.from_args(
        id,
        {"lang": lang, **args},
        layers=here.layers,
        questions=here.questions.values(),
        max_limit=here.settings.max_limit,
        default_limit=DEFAULT_LIMIT if paged else None,
        areas=lambda name: kept_area(here, name),
    )


def kept_area(here: Services, name: str) -> str:
    """The WKT of an area that is kept under a name. Raises BadValue."""
    try:
        body = here.store.document("area", name).body
    except DocumentNotFound:
        body = None
    if body is None:
        raise BadValue(Text(f"没有保存的区域“@{name}”：请重新画", f"there is no kept area '@{name}': draw it anew"), parameter="within")
    return str(body["wkt"])


def etag_of(here: Services) -> str:
    """Changes with the store, the question that is asked and the day (some answers depend on it)."""
    said = (here.store.info().head, request.url, request.headers.get("Accept"), language(), here.today())
    return f'W/"{hashlib.sha256(orjson.dumps(said)).hexdigest()[:32]}"'


def _page(result: Answer, wanted: Wanted, headers: dict[str, str]) -> Response:
    members: dict[str, Any] = {
        "timeStamp": services().now(),
        "numberMatched": int(result.matched),
        "numberReturned": int(result.returned),
        "unplaced": int(result.unplaced),
        "limit": result.query.limit,
        "links": _page_links(result),
    }
    if result.summary is not None:
        members["summary"] = dict(result.summary)
    if result.sentence is not None:
        members["sentence"] = result.sentence.of(language())
    headers["Content-Crs"] = f"<{crs_uri(wanted.page_crs)}>"
    return stream(geojson(result, crs=wanted.page_crs, lang=language(), members=members), PAGE.media_type, headers=headers)


def _page_links(result: Answer) -> list[dict[str, str]]:
    id, limit, offset = result.query.collection, result.query.limit or 0, result.query.offset
    links = [link("self", request.url, type=PAGE.media_type), link("collection", address("ogc.collection", id=id))]
    if limit and offset + result.returned < result.matched:
        links.append(link("next", _turned(offset + limit, limit), type=PAGE.media_type))
    if limit and offset > 0:
        links.append(link("prev", _turned(max(offset - limit, 0), limit), type=PAGE.media_type))
    for form in FORMATS:
        links.append(link("alternate", _turned(None, None, f=form.id), type=form.media_type, title=form.label.of(language())))
    return links


def _turned(offset: int | None, limit: int | None, **others: str) -> str:
    """This address with another offset and limit (None = without)."""
    args = {**request.args.to_dict(), **others}
    for name, value in (("offset", offset), ("limit", limit)):
        args.pop(name, None)
        if value is not None:
            args[name] = str(value)
    return f"{request.base_url}?{urlencode(args)}"


def _file(here: Services, result: Answer, wanted: Wanted, headers: dict[str, str]) -> Response:
    plain = "-".join(filter(None, (result.query.collection, result.query.shape)))
    headers["Content-Disposition"] = attachment(file_name(result, wanted.form, language()), plain)
    metric = here.frames.view(result.layer.id).metric_crs
    output = Output.of(wanted.form, crs=wanted.crs, metric_crs=metric, headings=wanted.headings, lang=language())
    headers["Content-Crs"] = f"<{crs_uri(output.crs)}>"
    headers["OGC-NumberReturned"] = str(result.returned - left_out(result, output))
    headers["X-Yuantu-Loses"] = quote("; ".join(text.of(language()) for text in losses(result, output)), safe=" ;:,.()/'+=")
    return stream(iter(made(result, output, work_dir=here.work_dir)), wanted.form.media_type, headers=headers)


# ---------------------------------------------------------------- one feature


@bp.get("/<id>/items/<int:fid>")
@takes(CRS, Parameter("f", Text("格式", "format"), {"type": "string", "enum": ["json"]}), checked_later=True)
def item(id: str, fid: int) -> Response:
    """One feature; its ETag is its version."""
    here = services()
    layer, question = find(id, here)
    crs = output_crs(request.args.get("crs"))
    if request.args.get("f", "json") != "json":
        raise BadValue(Text("单个要素只有 f=json", "one feature comes as f=json"), parameter="f", formats=["json"])
    args = {k: v for k, v in request.args.items() if k not in ("f", "crs")}
    body, version = feature_body(here, id, layer, question, fid, crs, args)
    headers = {"ETag": f'"{version}"', "Content-Crs": f"<{crs_uri(crs)}>"}
    if question is None and etag_matches(headers["ETag"]):
        return not_modified(headers["ETag"])
    return stream(iter((body,)), PAGE.media_type, headers=headers)


def feature_body(
    here: Services, id: str, layer: Layer, question: Question | None, fid: int, crs: str, args: Mapping[str, str]
) -> tuple[bytes, int]:
    """One feature as GeoJSON with its links, and its version. Raises FeatureNotFound."""
    if question is None:
        refuse_unknown(args, {"lang", "f", "crs"})
        frame, fields = here.frames.view(layer.id).frame(layer.id), output_fields(layer, None)
    else:
        known = {"lang", "f", "crs", *(p.name for p in question.parameters), *(["shape"] if question.shapes else [])}
        refuse_unknown(args, known)
        query = make_query(here, id, {**args, "answer": "all", "filter": f"id = {fid}"}, lang=language(), paged=False)
        result = here.answered(query)
        frame, fields = result.frame, result.fields
    if fid not in frame.index:
        raise FeatureNotFound(Text(f"{layer.label.zh}里没有要素 {fid}", f"there is no feature {fid} in {layer.label.en}"))
    row = frame.loc[[fid]]
    text = b"".join(features(row, fields, crs=crs))
    links = [
        link("self", address("items.item", id=id, fid=fid), type=PAGE.media_type),
        link("collection", address("ogc.collection", id=id)),
    ]
    return text[:-1] + b',"links":' + orjson.dumps(links) + b"}", int(row["version"].iloc[0])
