"""Saved styles of layers, and the bounds of classes that a new one proposes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from flask import Blueprint, Response, request

from geo.classes import METHODS, MOST, Method, breaks
from geo.errors import BadValue, DocumentNotFound, Invalid, Text, UnknownField, VersionRequired, nearest
from geo.schema import Field, Layer
from geo.store.contract import Document
from web.edits import if_match
from web.http import Parameter, json_body, json_response, takes
from web.items import QUERY, make_query
from web.ogc import find
from web.seen import seen
from web.services import ACTOR, services

bp = Blueprint("styles", __name__, url_prefix="/api/styles")

KIND = "style"
LONGEST_NAME, LONGEST_STYLE = 60, 2000
_PART = re.compile(r"[a-z-]{1,20}:[^;]*")
"""A style's text is `name:value` parts with `;` between them, as in the address."""

_FIELD = Parameter("field", Text("按此字段分级", "field to class by"))
_METHOD = Parameter(
    "method", Text("等距、等量或自然间断", "equal steps, equal counts or natural breaks"), {"type": "string", "enum": list(METHODS)}
)
_CLASSES = Parameter("classes", Text("几级", "how many classes"), {"type": "integer", "minimum": 2, "maximum": MOST, "default": 5})
_NUMERIC = ("integer", "number", "year", "date")


@bp.get("/<layer>")
@takes()
def listed(layer: str) -> Response:
    """The styles kept for a layer, the last changed first."""
    here, about = services(), _layer(layer)
    kept = [_shown(one) for one in here.store.documents(KIND) if (one.body or {}).get("layer") == about.id]
    return json_response({"styles": kept})


@bp.post("/<layer>")
@takes(body="json")
def keep(layer: str) -> Response:
    """Keep `{name, style}`; for a name that is there already it needs `If-Match`, and the style is its next version."""
    here, about = services(), _layer(layer)
    sent = json_body()
    body = {"layer": about.id, "name": _name(sent), "style": _style(sent, about)}
    id = f"{about.id}-{hashlib.sha256(body['name'].encode()).hexdigest()[:12]}"
    version = _written_upon(id, body["name"])
    made = here.store.put_document(KIND, id, body, version=version, actor=ACTOR, now=here.now())
    return json_response(_shown(made), 201 if version is None else 200)


@bp.delete("/<layer>/<id>")
@takes()
def remove(layer: str, id: str) -> Response:
    """Take a style away; needs `If-Match`. Its versions stay in the store."""
    here, about, version = services(), _layer(layer), if_match()
    there = here.store.document(KIND, id)
    if (there.body or {}).get("layer") != about.id:
        raise DocumentNotFound(Text(f"图层 {about.id} 没有样式“{id}”", f"the layer {about.id} has no style '{id}'"))
    here.store.put_document(KIND, id, None, version=seen(there, version).version, actor=ACTOR, now=here.now())
    return json_response({"deleted": id})


@bp.get("/<layer>/breaks")
@takes(_FIELD, _METHOD, _CLASSES, *(p for p in QUERY if p.name == "filter"))
def bounds(layer: str) -> Response:
    """Bounds of classes of a field over what a filter leaves: rising, each class [low, high), none of counts or natural breaks empty."""
    here, about = services(), _layer(layer)
    field, method, classes = _field(about), _method(), _classes()
    asked = {"properties": field.name} | {k: v for k, v in request.args.items() if k in ("filter", "lang")}
    found = here.answered(make_query(here, about.id, asked, lang="zh", paged=False)).frame[field.name]
    known = _numbers(field, found)
    return json_response(
        {
            "field": field.name,
            "breaks": [_told(field, b, known) for b in breaks(known, method, classes)],
            "low": _told(field, known.min(), known) if len(known) else None,
            "high": _told(field, known.max(), known) if len(known) else None,
            "known": len(known),
            "unknown": len(found) - len(known),
        }
    )


def _layer(id: str) -> Layer:
    layer, question = find(id)
    if question is not None:
        raise BadValue(
            Text(f"“{id}”是问题：样式属于图层 {layer.id}", f"'{id}' is a question: styles belong to the layer {layer.id}"),
            parameter="layer",
        )
    return layer


def _name(sent: Mapping[str, Any]) -> str:
    name = sent.get("name")
    if not isinstance(name, str) or not name.strip() or len(name.strip()) > LONGEST_NAME:
        raise BadValue(Text(f"name 须是 1 到 {LONGEST_NAME} 个字符", f"name is 1 to {LONGEST_NAME} characters"), field="name")
    if unknown := sorted(set(sent) - {"name", "style"}):
        raise Invalid(Text(f"不认识成员：{unknown[0][:60]}", f"unknown member: {unknown[0][:60]}"), member=unknown[0][:60])
    return name.strip()


def _style(sent: Mapping[str, Any], layer: Layer) -> str:
    """The style's text. Raises BadValue for another form and for fields that the layer does not have."""
    style = sent.get("style")
    if not isinstance(style, str) or len(style) > LONGEST_STYLE or not all(_PART.fullmatch(part) for part in style.split(";")):
        raise BadValue(Text("style 须是 名称:值;名称:值 的文字", "style is a text of the form name:value;name:value"), field="style")
    said = dict(part.split(":", 1) for part in style.split(";"))
    for name in (said.get("by"), said.get("label")):
        if name not in (None, "", "-") and layer.field(name) is None:
            raise _no_field(layer, name)
    return style


def _field(layer: Layer) -> Field:
    name = request.args.get("field", "")
    field = layer.field(name)
    if field is None:
        raise _no_field(layer, name)
    if field.type not in _NUMERIC:
        raise BadValue(
            Text(
                f"字段“{field.label.zh}”不是数或日期，不能分级：请按类别着色",
                f"'{field.label.en}' is no number or date: colour by category",
            ),
            parameter="field",
        )
    return field


def _no_field(layer: Layer, name: str) -> UnknownField:
    near = nearest(name, [f.name for f in layer.all_fields]) or [f.name for f in layer.fields]
    return UnknownField(
        Text(f"没有字段“{name}”，可用：{'、'.join(near)}", f"there is no field '{name}'; try {', '.join(near)}"), nearest=near
    )


def _method() -> Method:
    asked = request.args.get("method", "quantile")
    for method in METHODS:
        if method == asked:
            return method
    raise BadValue(Text(f"method 是 {'、'.join(METHODS)} 之一", f"method is one of {', '.join(METHODS)}"), parameter="method")


def _classes() -> int:
    text = request.args.get("classes", "5")
    if not (text.isdecimal() and text.isascii() and len(text) < 3 and 2 <= int(text) <= MOST):
        raise BadValue(Text(f"classes 是 2 到 {MOST} 的整数", f"classes is a whole number from 2 to {MOST}"), parameter="classes")
    return int(text)


def _numbers(field: Field, column: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The known values as numbers; dates as days since 1970."""
    if field.type == "date":
        days = pd.to_datetime(column, errors="coerce").dropna()
        return days.to_numpy(dtype="datetime64[D]").astype(np.float64)
    return pd.to_numeric(column, errors="coerce").dropna().to_numpy(dtype=np.float64)


def _told(field: Field, number: float, known: np.ndarray[Any, np.dtype[np.float64]]) -> float | int | str:
    """A bound as the field's values are written, so short as leaves each value on its side of it. A date is the day from which the class runs."""
    if field.type == "date":
        return str(np.datetime64(int(np.ceil(number)), "D"))
    if float(number).is_integer() or field.type != "number":
        return int(np.ceil(number))
    below = np.count_nonzero(known < number)
    short = (float(f"{number:.{digits}g}") for digits in range(6, 17))
    return next((bound for bound in short if np.count_nonzero(known < bound) == below), float(number))


def _written_upon(id: str, name: str) -> int | None:
    """The version that was seen, None for a new style. Raises VersionRequired for a name that is there, StaleVersion, DocumentNotFound."""
    store = services().store
    if "If-Match" in request.headers:
        return seen(store.document(KIND, id), if_match()).version
    try:
        current = store.document(KIND, id).version
    except DocumentNotFound:
        return None
    raise VersionRequired(
        Text(
            f"已有名为“{name}”的样式（第 {current} 版）：要覆盖请在 If-Match 写上版本号，否则换个名称",
            f"there is a style '{name}' already (version {current}): give that version in If-Match to replace it, or take another name",
        ),
        current=current,
    )


def _shown(one: Document) -> dict[str, Any]:
    body = one.body or {}
    return {"id": one.id, "name": body.get("name"), "style": body.get("style"), "version": one.version, "at": one.at}
