"""OGC API Features: landing page, conformance, and the collections with what can be asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from flask import Blueprint, Response, current_app, request, url_for

from geo import query as asked
from geo.errors import BadValue, Text
from geo.frames import View
from geo.profile import Profile
from geo.query import subject
from geo.questions.declaration import Parameter as QuestionParameter
from geo.questions.declaration import Question, Shape
from geo.schema import Field, Layer
from web import openapi
from web.http import Parameter, json_response, language, takes
from web.services import Services, services

bp = Blueprint("ogc", __name__, url_prefix="/ogc")

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OFFERED_CRS = ("EPSG:4326", "EPSG:4490", "EPSG:3857")
"""Besides these and the store's metric CRS any EPSG name may be asked for."""

CONFORMS = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
    "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking-etags",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
)

F_JSON = Parameter("f", Text("格式", "format"), {"type": "string", "enum": ["json"]})


def link(rel: str, href: str, *, type: str = "application/json", title: str | None = None) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": type} | ({"title": title} if title else {})


def address(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, _external=True, **values)


def crs_uri(name: str) -> str:
    """The OGC address of an EPSG name; x always comes first, so EPSG:4326 is told as CRS84."""
    return CRS84 if name == "EPSG:4326" else f"http://www.opengis.net/def/crs/EPSG/0/{name.removeprefix('EPSG:')}"


def find(id: str, known: Services | None = None) -> tuple[Layer, Question | None]:
    """The layer, or the question with its subject layer, called `id`. Raises LayerNotFound with the nearest names."""
    here = known or services()
    return subject(id, layers=here.layers, questions=here.questions.values()), here.questions.get(id)


def json_only() -> None:
    if request.args.get("f", "json") != "json":
        raise BadValue(Text("此处只有 f=json", "only f=json here"), parameter="f", formats=["json"])


@bp.get("/")
@takes(F_JSON)
def landing() -> Response:
    """Landing page of the OGC API: where everything is."""
    json_only()
    lang = language()
    links = [
        link("self", address("ogc.landing")),
        link("service-desc", address("ogc.api"), type="application/vnd.oai.openapi+json;version=3.0"),
        link("conformance", address("ogc.conformance")),
        link("data", address("ogc.collections")),
        link("alternate", address("pages.workspace"), type="text/html", title=Text("地图", "the map").of(lang)),
    ]
    title = Text("院图：老旧小区空间数据服务", "Yuantu: spatial data of old residential compounds")
    said = Text(
        "图层和跨图层的问题，按 OGC API Features 查询与导出", "layers and cross-layer questions, asked and exported as OGC API Features"
    )
    return json_response({"title": title.of(lang), "description": said.of(lang), "links": links})


@bp.get("/conformance")
@takes(F_JSON)
def conformance() -> Response:
    """Which conformance classes are kept."""
    json_only()
    return json_response({"conformsTo": list(CONFORMS)})


@bp.get("/api")
@takes(F_JSON)
def api() -> Response:
    """The interface as an OpenAPI 3.0 document."""
    json_only()
    document = openapi.document(current_app._get_current_object(), services(), lang=language(), server=request.host_url.rstrip("/"))  # type: ignore[attr-defined]
    return json_response(document, media_type="application/vnd.oai.openapi+json;version=3.0")


@bp.get("/collections")
@takes(F_JSON)
def collections() -> Response:
    """Every layer and every named question."""
    json_only()
    here = services()
    view = here.frames.view(*here.stored)
    ids = [*here.stored, *here.questions]
    body = {
        "links": [link("self", address("ogc.collections"))],
        "crs": _crs_list(view),
        "collections": [_describe(here, view, id, brief=True) for id in ids],
    }
    return json_response(body)


@bp.get("/collections/<id>")
@takes(F_JSON)
def collection(id: str) -> Response:
    """One layer or question: title, extent, CRSs, parameters, counts."""
    json_only()
    here = services()
    layer, _ = find(id, here)
    return json_response(_describe(here, here.frames.view(layer.id), id, brief=False))


@bp.get("/collections/<id>/queryables")
@takes(F_JSON)
def queryables(id: str) -> Response:
    """The fields that a filter and `sortby` may use, as JSON Schema."""
    json_only()
    layer, question = find(id)
    body = _schema(id, layer, asked.queryables(layer, question), address("ogc.queryables", id=id)) | {"additionalProperties": False}
    return json_response(body, media_type="application/schema+json")


@bp.get("/collections/<id>/schema")
@takes(F_JSON)
def schema(id: str) -> Response:
    """The fields of a feature with labels, units and choices, as JSON Schema."""
    json_only()
    layer, question = find(id)
    body = _schema(id, layer, asked.output_fields(layer, question), address("ogc.schema", id=id))
    writable = {f.name for f in layer.writable} if question is None else set()
    for name, said in body["properties"].items():
        if name not in writable and name != "geometry":
            said["readOnly"] = True
    return json_response(body, media_type="application/schema+json")


# ---------------------------------------------------------------- bodies


def _describe(here: Services, view: View, id: str, *, brief: bool) -> dict[str, Any]:
    lang = language()
    layer, question = find(id, here)
    help_text = question.help if question else layer.help
    body: dict[str, Any] = {
        "id": id,
        "title": (question.title if question else layer.label).of(lang),
        "description": help_text.of(lang) if help_text else layer.group.of(lang),
        "itemType": "feature",
        "kind": "question" if question else "layer",
        "geometry": list(layer.geometry),
        "extent": _extent(view, layer),
        "crs": _crs_list(view),
        "storageCrs": CRS84,
        "links": [
            link("self", address("ogc.collection", id=id)),
            link("items", address("items.items", id=id), type="application/geo+json"),
            link("http://www.opengis.net/def/rel/ogc/1.0/queryables", address("ogc.queryables", id=id), type="application/schema+json"),
            link("describedby", address("ogc.schema", id=id), type="application/schema+json"),
            link("http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", address("tiles.tilesets", id=id)),
        ],
    }
    if question:
        body |= {
            "subject": question.subject,
            "reads": list(question.reads),
            "group": question.group.of(lang),
            "parameters": [parameter_json(p, here.settings.profile, lang) for p in question.parameters],
            "shapes": [shape_json(s, lang) for s in question.shapes],
        }
    if not brief:
        total, unplaced = view.info.counts.get(layer.id, (0, 0))
        body |= {"count": total, "unplaced": unplaced, "revision": view.revision}
    return body


def parameter_json(parameter: QuestionParameter, profile: Profile, lang: str) -> dict[str, Any]:
    """A question's parameter for programs and for the browser's form; a number lies above `minimum`, up to `maximum`.

    Without a `default` the profile says: the value is `profile_default`, or stands in `vehicle_defaults` by the vehicle chosen.
    """
    said = {
        "name": parameter.name,
        "type": parameter.type,
        "default": parameter.default,
        "unit": parameter.unit.of(lang) if parameter.unit else None,
        "label": parameter.label.of(lang),
        "minimum": parameter.above,
        "maximum": parameter.maximum,
        "help": parameter.help.of(lang) if parameter.help else None,
        "choices": [{"value": c.value, "label": c.label.of(lang)} for c in parameter.choices],
    }
    return {k: v for k, v in said.items() if v not in (None, [])} | _by_profile(parameter, profile)


def _by_profile(parameter: QuestionParameter, profile: Profile) -> dict[str, Any]:
    if parameter.default is not None or parameter.figure is None:
        return {}
    of_vehicle, dot, attribute = parameter.figure.partition(".")
    if dot and of_vehicle == "vehicle":
        return {"vehicle_defaults": {id: getattr(vehicle, attribute) for id, vehicle in profile.vehicles.items()}}
    return {"profile_default": profile[parameter.figure]}


def shape_json(shape: Shape, lang: str) -> dict[str, Any]:
    """A shape of a question's answer, for `shape=` and for the map."""
    said = {name: getattr(shape, name) for name in ("id", "geometry", "color", "weight", "dash", "symbol")}
    return {k: v for k, v in said.items() if v is not None} | {"label": shape.label.of(lang)}


def _crs_list(view: View) -> list[str]:
    metric = [view.metric_crs] if view.metric_crs else []
    return [CRS84, *(crs_uri(name) for name in (*OFFERED_CRS[1:], *metric))]


def box_of(view: View, layer: Layer) -> list[float] | None:
    """West, south, east, north of the layer's placed features, EPSG:4326, 7 decimals; None when none is placed, or they are worked out when asked for."""
    if layer.derived:
        return None

    def make() -> list[float] | None:
        if not view.count(layer.id):
            return None  # a frame of nothing takes as long to make as one of a hundred rows
        bounds = np.round(view.frame(layer.id).total_bounds, 7)
        return [float(v) for v in bounds] if np.isfinite(bounds).all() else None

    return view.memo(("box", layer.id, view.layer_revision(layer.id)), make)


def _extent(view: View, layer: Layer) -> dict[str, Any]:
    box = box_of(view, layer)
    return {"spatial": {"bbox": [box], "crs": CRS84}} if box else {}


_JSON_TYPES: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "choice": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "year": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "json": {"type": "object"},
}


def field_schema(field: Field, lang: str) -> dict[str, Any]:
    """A field as JSON Schema, with label, unit, choices and limits."""
    said: dict[str, Any] = {"title": field.label.of(lang), **_JSON_TYPES[field.type]}
    if field.unit:
        said["x-ogc-unit"] = field.unit.en
    if field.help:
        said["description"] = field.help.of(lang)
    if field.choices:
        said["enum"] = [c.value for c in field.choices]
        said["x-labels"] = {c.value: c.label.of(lang) for c in field.choices}
    limits = {"minimum": field.minimum, "maximum": field.maximum}
    said |= {k: v for k, v in limits.items() if v is not None}
    if field.refers:
        said["x-refers"] = field.refers
    return said


def _schema(id: str, layer: Layer, fields: Any, here: str) -> dict[str, Any]:
    lang = language()
    kind = layer.geometry[0].lower() if len(layer.geometry) == 1 else f"{layer.geometry[0].lower()}-or-{layer.geometry[-1].lower()}"
    properties: dict[str, Any] = {
        "id": {"type": "integer", "x-ogc-role": "id", "readOnly": True},
        "geometry": {"x-ogc-role": "primary-geometry", "format": f"geometry-{kind}"},
    }
    properties |= {f.name: field_schema(f, lang) for f in fields}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": here,
        "type": "object",
        "title": id,
        "properties": properties,
    }
