"""Kept areas: an outline too long for an address, under a name made of its content."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response, url_for

from geo.errors import BadValue, Conflict, DocumentNotFound, Text
from geo.filters.shapes import of_kept_area
from geo.query import KEPT, TOUCHING
from geo.store.contract import Document
from web.edits import if_match
from web.http import json_body, json_response, refuse_unknown, takes
from web.items import kept_area
from web.opened import query_text
from web.services import ACTOR, Services, services

bp = Blueprint("areas", __name__, url_prefix="/api/areas")

KIND = "area"
LONG_WKT = 1500
"""Characters of an outline from which it is kept rather than written out in an address."""
_LONGEST_TITLE = 120


@bp.get("")
@takes()
def listed() -> Response:
    """All kept areas, the last changed first, without their outlines."""
    return json_response({"areas": [_told(kept, outline=False) for kept in services().store.documents(KIND)]})


@bp.get("/<id>")
@takes()
def area(id: str) -> Response:
    """One kept area with its outline (WKT, EPSG:4326)."""
    return _answer(services().store.document(KIND, id))


@bp.post("")
@takes(body="json")
def create() -> Response:
    """Keep an outline ({"wkt", "title"?}): 201 with its name, 200 when the same outline is kept already."""
    here, sent = services(), json_body()
    refuse_unknown(sent, {"wkt", "title"})
    kept, made = keep(here, sent.get("wkt"), _title(sent.get("title")))
    return _answer(kept, 201 if made else 200)


@bp.delete("/<id>")
@takes()
def remove(id: str) -> Response:
    """Take an area away; needs `If-Match`. Raises Conflict while a named view asks within it."""
    here = services()
    version = if_match()
    asking = {query_text({"within": f"{how}{KEPT}{id}"}) for how in ("", TOUCHING)}
    users = [view.id for view in here.store.documents("view") if view.body and asking & set(view.body["address"].split("&"))]
    if users:
        raise Conflict(
            Text(f"还有视图用到此范围：{'、'.join(users[:5])}；先删除或改掉它们", f"named views ask within it: {', '.join(users[:5])}; remove or change them first"),
            views=users,
        )  # fmt: skip
    here.store.put_document(KIND, id, None, version=version, actor=ACTOR, now=here.now())
    return Response(status=204)


def keep(here: Services, wkt: Any, title: str) -> tuple[Document, bool]:
    """The area with this outline, and whether it is new. Raises BadValue for what is no sound polygon."""
    if not isinstance(wkt, str):
        raise BadValue(Text("缺少 wkt：多边形的 WKT", "wkt is missing: the polygon as WKT"), field="wkt")
    of_kept_area(wkt)
    plain = " ".join(wkt.split())
    name = "a-" + hashlib.sha256(plain.encode()).hexdigest()[:16]
    try:
        return here.store.document(KIND, name), False
    except DocumentNotFound:
        pass
    try:
        return here.store.put_document(KIND, name, {"wkt": plain, "title": title}, version=None, actor=ACTOR, now=here.now()), True
    except Conflict:  # another request was quicker
        return here.store.document(KIND, name), False


def of_view(here: Services, within: str) -> str:
    """`within` of an address as it is kept in a view: a long outline by its name. Raises BadValue for a name that nothing is kept under."""
    area = within.removeprefix(TOUCHING)
    how = within.removesuffix(area)
    if area.startswith(KEPT):
        kept_area(here, area.removeprefix(KEPT))
        return within
    if len(area) <= LONG_WKT:
        return within
    return f"{how}{KEPT}{keep(here, area, '')[0].id}"


def _title(title: Any) -> str:
    if title is None:
        return ""
    if not isinstance(title, str) or len(title) > _LONGEST_TITLE:
        raise BadValue(Text(f"标题最多 {_LONGEST_TITLE} 字", f"a title has at most {_LONGEST_TITLE} characters"), field="title")
    return title.strip()


def _told(kept: Document, *, outline: bool) -> dict[str, Any]:
    body = dict(kept.body or {})
    if not outline:
        body.pop("wkt", None)
    return {"name": kept.id, **body, "version": kept.version, "at": kept.at, "actor": kept.actor}


def _answer(kept: Document, status: int = 200) -> Response:
    headers = {"ETag": f'"{kept.version}"', "Location": url_for("areas.area", id=kept.id, _external=True)}
    return json_response(_told(kept, outline=True), status, headers=headers)
