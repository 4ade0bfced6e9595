"""Named views: a short address for a long one."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, url_for

from geo.errors import BadValue, DocumentNotFound, Invalid, StaleVersion, Text
from geo.store.contract import Document
from web import areas
from web.edits import if_match
from web.http import json_body, json_response, refuse_unknown, takes
from web.opened import KIND, query_text
from web.pages import WORKSPACE
from web.seen import seen
from web.services import ACTOR, Services, services

bp = Blueprint("views", __name__)

LONGEST = 24_000
"""Characters of an address: servers and browsers take it in one line of a request."""
LONGEST_TITLE = 120
_MEMBERS = {"name", "title", "address"}


@bp.get("/api/views")
@takes()
def listed() -> Response:
    """All named views, the last changed first."""
    return json_response({"views": [_told(kept) for kept in services().store.documents(KIND)]})


@bp.get("/api/views/<id>")
@takes()
def view(id: str) -> Response:
    """One named view; its ETag is its version."""
    return _answer(services().store.document(KIND, id))


@bp.post("/api/views")
@takes(body="json")
def create() -> Response:
    """Keep an address of the workspace under a name: {"title", "address", "name"?}; a long area in it is kept too. 409 when the name is taken."""
    here, sent = services(), _sent()
    title = _title(sent.get("title", sent.get("name")))
    name = _name(sent.get("name", title))
    body = {"title": title, "address": _address(here, sent.get("address"))}
    return _answer(here.store.put_document(KIND, name, body, version=None, actor=ACTOR, now=here.now()), 201)


@bp.patch("/api/views/<id>")
@takes(body="json")
def change(id: str) -> Response:
    """Another title, address or name; needs `If-Match`. With another name the old one leads nowhere any more."""
    here, sent, version = services(), _sent(), if_match()
    if not sent:
        raise Invalid(Text("没有要改的内容：给出 title、address 或 name", "nothing to change: give title, address or name"))
    kept = seen(here.store.document(KIND, id), version)
    body = _body(kept)
    if "title" in sent:
        body["title"] = _title(sent["title"])
    if "address" in sent:
        body["address"] = _address(here, sent["address"])
    name = _name(sent["name"]) if "name" in sent else id
    if name != id:
        return _answer(_renamed(here, kept, name, body))
    return _answer(here.store.put_document(KIND, id, body, version=version, actor=ACTOR, now=here.now()))


def _renamed(here: Services, kept: Document, name: str, body: dict[str, Any]) -> Document:
    """First the new one, then the old one away: cut in between, both are there. Raises Conflict when the name is taken, StaleVersion,
    DocumentNotFound; then nothing has changed."""
    moved = here.store.put_document(KIND, name, body, version=None, actor=ACTOR, now=here.now())
    try:
        here.store.put_document(KIND, kept.id, None, version=kept.version, actor=ACTOR, now=here.now())
    except (StaleVersion, DocumentNotFound):  # another request was quicker
        here.store.put_document(KIND, name, None, version=moved.version, actor=ACTOR, now=here.now())
        raise
    return moved


@bp.delete("/api/views/<id>")
@takes()
def remove(id: str) -> Response:
    """Take a named view away; needs `If-Match`. Links to it lead nowhere then."""
    here = services()
    here.store.put_document(KIND, id, None, version=if_match(), actor=ACTOR, now=here.now())
    return Response(status=204)


# ---------------------------------------------------------------- what is sent and told


def _sent() -> dict[str, Any]:
    sent = json_body()
    refuse_unknown(sent, _MEMBERS)
    return sent


def _title(title: Any) -> str:
    if not isinstance(title, str) or not title.strip() or len(title) > LONGEST_TITLE:
        raise BadValue(
            Text(f"请给视图起个名称，最多 {LONGEST_TITLE} 字", f"give the view a title of at most {LONGEST_TITLE} characters"),
            field="title",
        )
    return unicodedata.normalize("NFC", title.strip())


def _name(text: Any) -> str:
    """What stands in the short address: the letters and digits of a title, hyphens for all else."""
    plain = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", text)).strip("-")[:80] if isinstance(text, str) else ""
    if not plain:
        raise BadValue(Text("名称里至少要有一个字母、汉字或数字", "a name needs at least one letter or digit"), field="name")
    return plain


def _address(here: Services, text: Any) -> str:
    """The query of a workspace address, its parameters checked and in their order. Raises BadValue, UnknownParameter."""
    if not isinstance(text, str) or not text.strip("?"):
        raise BadValue(
            Text("缺少 address：工作台地址里“?”之后的部分", "address is missing: what stands after the ? of a workspace address"),
            field="address",
        )
    pairs = [(name, value) for name, value in parse_qsl(text.partition("?")[2] or text, keep_blank_values=True) if name != "lang"]
    names = [name for name, _ in pairs]
    families = tuple(p.name.removesuffix("*") for p in WORKSPACE if p.name.endswith("*"))
    refuse_unknown([n for n in names if not n.startswith(families)], {p.name for p in WORKSPACE} - {"view"})
    if len(set(names)) < len(names):
        raise BadValue(Text("地址里有参数写了不止一次", "a parameter of the address stands more than once"), field="address")
    kept = {name: areas.of_view(here, value) if name == "within" else value for name, value in pairs}
    address = query_text(kept)
    if len(address) > LONGEST:
        raise BadValue(
            Text(
                f"地址太长（最多 {LONGEST} 个字符）：少选几行，或用筛选代替",
                f"the address is too long (at most {LONGEST} characters): choose fewer rows, or say them by a filter",
            ),
            field="address",
        )
    return address


def _body(kept: Document) -> dict[str, Any]:
    assert kept.body is not None
    return dict(kept.body)


def _told(kept: Document) -> dict[str, Any]:
    link = url_for("pages.workspace", view=kept.id, _external=True)
    return {"name": kept.id, **_body(kept), "link": link, "version": kept.version, "at": kept.at, "actor": kept.actor}


def _answer(kept: Document, status: int = 200) -> Response:
    headers = {"ETag": f'"{kept.version}"', "Location": url_for("views.view", id=kept.id, _external=True)}
    return json_response(_told(kept), status, headers=headers)
