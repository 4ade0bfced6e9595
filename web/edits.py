"""Single edits of features: create, change, delete, each checked against the declaration and against the version that was seen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any

from flask import Blueprint, Response, request

from geo import ledger
from geo.crs import STORAGE
from geo.errors import BadValue, Conflict, FeatureNotFound, Invalid, NotFound, Text, VersionRequired
from geo.imports import cascade, references_to
from geo.schema import Layer
from geo.store.contract import Edited, Row, Update, Write
from web import checks
from web.http import json_body, json_response, takes
from web.items import PAGE, feature_body
from web.ogc import address, find
from web.services import ACTOR, Services, services

bp = Blueprint("edits", __name__, url_prefix="/ogc/collections")

_KEY = re.compile(r"[!-~]{1,128}\Z")
_ETAG = re.compile(r'"([1-9][0-9]{0,17})"\Z')
DEMO_SOURCE = "demo"
_MEMBERS = {"type", "id", "properties", "geometry", "links", "bbox", "reason"}
REASON_LENGTH = 1000


@bp.post("/<id>/items")
@takes(body="json")
def create(id: str) -> Response:
    """Make a feature from a GeoJSON Feature; 201 with its address."""
    here, layer = services(), layer_called(id)
    sent = _feature(json_body())
    if sent.get("id") is not None:
        raise BadValue(Text("新要素的 id 由系统给出，不能自带", "the store gives a new feature its id: send none"), field="id")
    values = {**sent_values(here, layer, sent.get("properties") or {}), "geometry": _geometry(here, layer, sent.get("geometry"))}
    checks.required(layer, values)
    if all(value is None for value in values.values()):
        raise Invalid(Text("没有内容：至少给出一个字段值或几何", "nothing is given: send a value of a field or a geometry"))
    edited = _apply(here, Write(layer.id, inserts=(values,)), reason=reason_of(sent))
    return _answer(here, layer, edited, 201)


@bp.patch("/<id>/items/<int:fid>")
@takes(body="json")
def change(id: str, fid: int) -> Response:
    """Change fields or the geometry (merge patch of a Feature); needs `If-Match`."""
    here, layer = services(), layer_called(id)
    version = if_match()
    sent = _feature(json_body())
    if sent.get("id") not in (None, fid, str(fid)):
        raise BadValue(Text("正文里的 id 与地址不同", "the body's id is not the one in the address"), field="id")
    values, moved = sent_values(here, layer, sent.get("properties") or {}), "geometry" in sent
    geometry = _geometry(here, layer, sent["geometry"]) if moved else None
    if not values and not moved:
        raise Invalid(Text("没有要改的内容：给出 properties 或 geometry", "nothing to change: give properties or geometry"))
    update, reason = Update(fid, version, values, geometry, moved), reason_of(sent)
    _require_reason(here, layer, update, reason)
    edited = _apply(here, Write(layer.id, updates=(update,)), also=moving_along(here, layer, update), reason=reason)
    return _answer(here, layer, edited, 200, changed=edited.features[0][2] != version)


@bp.delete("/<id>/items/<int:fid>")
@takes(body="json")
def remove(id: str, fid: int) -> Response:
    """Delete a feature; needs `If-Match`; a body may hold the `reason`. Raises Conflict (409) while others name it."""
    here, layer = services(), layer_called(id)
    version, there, reason = if_match(), _there(here, layer, fid), _reason_alone()
    if there is not None:
        _require_unnamed(here, layer, there)
    edited = _apply(here, Write(layer.id, deletes=((fid, version),)), reason=reason)
    return json_response({"deleted": fid, "collection": layer.id, "revision": edited.revision}, headers=revision_header(edited))


def layer_called(id: str) -> Layer:
    layer, question = find(id)
    if question is not None:
        raise NotFound(
            Text(f"“{id}”是问题，不能编辑；请改图层 {layer.id}", f"'{id}' is a question and cannot be edited; edit the layer {layer.id}")
        )
    return layer


def if_match() -> int:
    """The version in If-Match. Raises VersionRequired (428) without one, BadValue for what is not a version."""
    text = request.headers.get("If-Match")
    if text is None:
        raise VersionRequired(
            Text('缺少 If-Match：写上看到的版本号，如 "3"', 'If-Match is missing: give the version that was seen, like "3"')
        )
    match = _ETAG.match(text.strip())
    if match is None:
        raise BadValue(Text('If-Match 须是带引号的版本号，如 "3"', 'If-Match must be a quoted version, like "3"'), header="If-Match")
    return int(match[1])


def idempotency_key() -> str | None:
    text = request.headers.get("Idempotency-Key")
    if text is not None and not _KEY.match(text):
        raise BadValue(
            Text("Idempotency-Key 须是 1 到 128 个可见 ASCII 字符", "Idempotency-Key is 1 to 128 visible ASCII characters"),
            header="Idempotency-Key",
        )
    return text


def reason_of(sent: Mapping[str, Any], member: str = "reason") -> str | None:
    """Why, in the user's words, for the history; None when nothing is said. Raises BadValue."""
    text = sent.get(member)
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > REASON_LENGTH or "\0" in text or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise BadValue(
            Text(f"{member} 须是文字，最多 {REASON_LENGTH} 字", f"{member} is a text of at most {REASON_LENGTH} characters"), field=member
        )
    return text.strip() or None


def _reason_alone() -> str | None:
    """The reason of a request whose body, if it has one, holds nothing else. Raises Invalid."""
    if not request.get_data(cache=True):
        return None
    sent = json_body()
    if set(sent) - {"reason"}:
        raise Invalid(Text('正文只能是 {"reason": "…"}', 'the body can only be {"reason": "…"}'))
    return reason_of(sent)


def _require_reason(here: Services, layer: Layer, update: Update, reason: str | None) -> None:
    """A state that is set outside the steps of its life is a correction, and says why. Raises BadValue."""
    if reason is not None or ledger.STATUS not in update.values or not ledger.has_life(layer):
        return
    there = _there(here, layer, update.id)
    if there is not None and there.values[ledger.STATUS] != update.values[ledger.STATUS]:
        raise BadValue(
            Text(
                "改状态请走办理步骤；若是更正录入错误，请写 reason（修改原因）",
                "take a step of the hazard's life instead; to correct what was entered wrongly, say why in 'reason'",
            ),
            field="reason",
        )


def _feature(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """A GeoJSON Feature, or a merge patch of one. Raises Invalid for other members."""
    for name in sent:
        if name not in _MEMBERS:
            said = name[:60]
            raise Invalid(
                Text(
                    f"不认识成员“{said}”：只有 properties、geometry 和 reason",
                    f"unknown member '{said}': there are properties, geometry and reason",
                ),
                member=said,
            )
    if sent.get("type", "Feature") != "Feature":
        raise BadValue(Text("type 须是 Feature", "type must be Feature"), field="type")
    if not isinstance(sent.get("properties"), (dict, NoneType)):
        raise BadValue(Text("properties 须是对象", "properties must be an object"), field="properties")
    geometry = sent.get("geometry")
    if isinstance(geometry, dict) and "crs" in geometry:
        raise BadValue(
            Text("几何不带 crs：坐标总是经度、纬度（EPSG:4326）", "a geometry takes no crs: it is always longitude, latitude (EPSG:4326)"),
            field="geometry",
        )
    return sent


def sent_values(here: Services, layer: Layer, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The values that were sent, checked. Raises UnknownField, BadValue; `source` calls a feature made up only among made-up ones."""
    values = checks.values(layer, sent)
    if (values.get("source") or "").casefold() == DEMO_SOURCE and here.store.info().kind != "demo":
        raise BadValue(
            Text(f"来源“{DEMO_SOURCE}”只用于示例数据", f"the source '{DEMO_SOURCE}' stands for made-up data only"), field="source"
        )
    return values


def _geometry(here: Services, layer: Layer, sent: Any) -> bytes | None:
    """The geometry that was sent, checked. Raises BadValue, also for one the store could not measure beside its other data."""
    geometry = checks.geometry(layer, sent)
    checks.within_reach(geometry, here.store.info().metric_crs)
    return geometry


def _apply(here: Services, *writes: Write, also: Sequence[Write] = (), reason: str | None = None) -> Edited:
    return here.store.edit(writes, actor=ACTOR, now=here.now(), reason=reason, key=idempotency_key(), also=also)


def _there(here: Services, layer: Layer, fid: int) -> Row | None:
    """The feature as it stands; None when it is gone, which is for the store to say (or to repeat what a key stands for)."""
    try:
        return here.store.feature(layer.id, fid)
    except FeatureNotFound:
        return None


def moving_along(here: Services, layer: Layer, update: Update) -> Sequence[Write]:
    """What names this feature: gets its new code, and goes along where it lies at it only because it names it (hazards without coordinates)."""
    there = _there(here, layer, update.id)
    if there is None:
        return ()
    if "code" in update.values and update.values["code"] is None:
        _require_unnamed(here, layer, there)
    places = (there.geometry, update.geometry if update.set_geometry else there.geometry)
    return cascade(here.frames, here.stored, layer.id, there, update.values, places)


def _require_unnamed(here: Services, layer: Layer, there: Row) -> None:
    """Raises Conflict when other features name this one by its code: they would name nothing."""
    code = there.values["code"]
    found = references_to(here.frames, here.stored, layer.id, code)
    if not found:
        return
    zh = "、".join(f"{here.stored[id].label.zh} {n} 条" for id, n in found.items())
    en = ", ".join(f"{here.stored[id].label.en}: {n}" for id, n in found.items())
    raise Conflict(
        Text(
            f"还有对象属于“{code}”（{zh}）：先把它们改到别处或删除",
            f"other features name '{code}' ({en}): give them another or delete them first",
        ),
        referenced_by=found,
    )


def _answer(here: Services, layer: Layer, edited: Edited, status: int, *, changed: bool = True) -> Response:
    """The feature as it stands; when it is gone by now (a repeated request), what the edit made of it."""
    _, fid, made = edited.features[0]
    try:
        body, version = feature_body(here, layer.id, layer, None, fid, STORAGE, {})
    except FeatureNotFound:
        return json_response({"id": fid, "version": made}, status, headers={"ETag": f'"{made}"', **revision_header(edited)})
    headers = {
        "ETag": f'"{version}"',
        "Location": address("items.item", id=layer.id, fid=fid),
        **revision_header(edited if changed else None),
    }
    return Response(body, status, headers=headers, content_type=PAGE.media_type)


def revision_header(edited: Edited | None) -> dict[str, str]:
    """Which revision the edit made: what `/api/undo` takes. None when nothing changed: then there is nothing to take back."""
    return {"X-Yuantu-Revision": str(edited.revision)} if edited else {}


def features_json(edited: Edited) -> Sequence[Mapping[str, Any]]:
    return [{"collection": layer, "id": fid, "version": version} for layer, fid, version in edited.features]
