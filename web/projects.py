"""Renovation projects: their pages, and what these work with."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, render_template, request

from geo.errors import BadValue, Invalid, Text
from geo.exports.project_book import project_xlsx
from geo.projects import KIND, READS, Assessment, Item, Plan, assess, items_of, snapshot
from geo.projects.geojson import geojson
from geo.projects.picking import belonging, picked
from geo.projects.plan import LeftOut, Member, title_of
from geo.projects.report import left_out_json, report
from geo.store.contract import Document
from web.edits import if_match
from web.http import Parameter, attachment, json_body, json_response, language, packed, takes
from web.items import make_query
from web.seen import seen
from web.services import ACTOR, Services, services

bp = Blueprint("projects", __name__)

ITEMS = Path(__file__).resolve().parent.parent / "data" / "items" / "cn.toml"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {"geojson": "application/geo+json", "xlsx": _XLSX}

F = Parameter("f", Text("文件格式", "format of the file"), {"type": "string", "enum": list(FORMATS)})
_FROM = {"ids", "collection", "query"}
_CHANGES = {"title", "note", "as_of", "profile", "add", "remove", "prices", "works", "accept"}


@cache
def items() -> Mapping[str, Item]:
    """The items of works with their usual prices."""
    return items_of(ITEMS.read_text("utf-8"), ITEMS.name)


@bp.get("/projects")
@takes()
def projects() -> str:
    """All renovation projects, and how to begin one."""
    return render_template("projects.html")


@bp.get("/projects/<id>")
@takes()
def project(id: str) -> str:
    """One renovation project: compounds, problems, works, prices; to edit, to print and to take away."""
    return render_template("project.html", project=services().store.document(KIND, id))


@bp.get("/api/projects")
@takes()
def listed() -> Response:
    """The projects, the last changed first."""
    found = services().store.documents(KIND)
    return json_response({"projects": [_head(document) for document in found]})


@bp.post("/api/projects")
@takes(body="json")
def create() -> Response:
    """Make a project of compounds: `title`, and `ids` or what is asked (`collection`, `query`)."""
    here, sent = services(), json_body()
    _only(sent, {"title", *_FROM})
    profile, today = here.settings.profile, here.today()
    plan = Plan(title=title_of(sent.get("title")), profile=profile.id, as_of=today)
    plan, left_out = _with(here, plan, sent)
    return _saved(here, f"p{secrets.token_hex(5)}", plan, None, left_out, accept=True, status=201)


@bp.get("/api/projects/<id>")
@takes()
def one(id: str) -> Response:
    """A project on the data as they are, with what has changed since they were taken as they are."""
    here = services()
    document = here.store.document(KIND, id)
    return _answer(document, _assessed(here, Plan.read(_body(document))))


@bp.patch("/api/projects/<id>")
@takes(body="json")
def change(id: str) -> Response:
    """Change a project; needs `If-Match` with its version. `accept`: take the data as they are now."""
    here, sent, version = services(), json_body(), if_match()
    _only(sent, _CHANGES)
    document = here.store.document(KIND, id)
    accept = sent.get("accept", False)
    if not isinstance(accept, bool):
        raise BadValue(Text("accept 须是 true 或 false", "accept must be true or false"), field="accept")
    plan, left_out = _changed(here, Plan.read(_body(seen(document, version))), sent)
    return _saved(here, id, plan, version, left_out, accept=accept or "as_of" in sent or "profile" in sent)


@bp.delete("/api/projects/<id>")
@takes()
def remove(id: str) -> Response:
    """Take a project away; needs `If-Match`. Its versions are kept."""
    here = services()
    here.store.put_document(KIND, id, None, version=if_match(), actor=ACTOR, now=here.now())
    return json_response({"deleted": id})


@bp.get("/api/projects/<id>/file")
@takes(F)
def file(id: str) -> Response:
    """The project as GeoJSON or as a workbook."""
    here, lang = services(), language()
    form = request.args.get("f", "geojson")
    if form not in FORMATS:
        listed = ", ".join(FORMATS)
        raise BadValue(Text(f"没有“{form[:20]}”这种格式；可用：{listed}", f"no format '{form[:20]}'; there are: {listed}"), parameter="f")
    document = here.store.document(KIND, id)
    found = _assessed(here, Plan.read(_body(document)))
    make = geojson if form == "geojson" else project_xlsx
    data = make(found, lang=lang, now=here.now(), version=document.version)
    return Response(data, headers={"Content-Disposition": attachment(f"{found.plan.title}.{form}", "project")}, content_type=FORMATS[form])


def _body(document: Document) -> Mapping[str, Any]:
    return document.body or {}


def _only(sent: Mapping[str, Any], members: set[str]) -> None:
    if strange := sorted(set(sent) - members):
        known = ", ".join(sorted(members))
        text = Text(f"不认识成员“{strange[0][:60]}”；可用：{known}", f"unknown member '{strange[0][:60]}'; there are: {known}")
        raise Invalid(text, member=strange[0][:60])


def _with(here: Services, plan: Plan, sent: Mapping[str, Any]) -> tuple[Plan, LeftOut | None]:
    """The plan with what is asked for, and what of it belongs to no compound. Raises the Invalid tree."""
    members, left_out = _members(here, sent)
    return plan.with_compounds(members).leaving_out(left_out), left_out


def _members(here: Services, sent: Mapping[str, Any]) -> tuple[Sequence[Member], LeftOut | None]:
    """The compounds that are named by id, or that what is asked gives. Raises the Invalid tree."""
    ids, collection, query = sent.get("ids"), sent.get("collection"), sent.get("query", {})
    if (ids is None) == (collection is None):
        raise Invalid(
            Text("给出 ids（院落），或 collection 和 query（问了什么）", "give ids of compounds, or collection and query: what is asked")
        )
    if ids is not None:
        if not isinstance(ids, list) or any(isinstance(id, bool) or not isinstance(id, int) for id in ids):
            raise BadValue(Text("ids 是院落 id 的列表", "ids is a list of ids of compounds"), field="ids")
        return picked(here.frames.view(*READS), ids), None
    if not isinstance(collection, str) or not isinstance(query, dict) or not all(isinstance(v, str) for v in query.values()):
        raise BadValue(Text("collection 是文字，query 的值都是文字", "collection is a text, the values of query are texts"), field="query")
    asked = make_query(here, collection, query, lang=language(), paged=False)
    found = here.answered(replace(asked, fields=None))
    return belonging(here.frames.view(*dict.fromkeys((*READS, found.layer.id))), found)


def _changed(here: Services, plan: Plan, sent: Mapping[str, Any]) -> tuple[Plan, LeftOut | None]:
    left_out = None
    plan = plan.called(sent.get("title"), sent.get("note"))
    if "profile" in sent:
        if not isinstance(sent["profile"], str) or sent["profile"] not in here.settings.profiles:
            listed = ", ".join(here.settings.profiles)
            raise BadValue(Text(f"没有这个规则文件；可用：{listed}", f"there is no such profile; there are: {listed}"), field="profile")
        plan = replace(plan, profile=sent["profile"])
    if "as_of" in sent:
        plan = plan.on(sent["as_of"])
    if "remove" in sent:
        plan = plan.without(_list(sent["remove"], "remove"))
    if "add" in sent:
        added = _object(sent["add"], "add")
        _only(added, _FROM)
        plan, left_out = _with(here, plan, added)
    for code, said in _object(sent.get("prices", {}), "prices").items():
        plan = plan.with_price(items(), code, said)
    for key, said in _object(sent.get("works", {}), "works").items():
        plan = plan.with_decision(items(), key, said)
    return plan, left_out


def _list(said: Any, field: str) -> list[int]:
    if not isinstance(said, list) or any(isinstance(id, bool) or not isinstance(id, int) for id in said):
        raise BadValue(Text(f"{field} 是院落 id 的列表", f"{field} is a list of ids of compounds"), field=field)
    return said


def _object(said: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise BadValue(Text(f"{field} 是一个对象", f"{field} is an object"), field=field)
    return said


def _assessed(here: Services, plan: Plan) -> Assessment:
    if plan.profile not in here.settings.profiles:
        plan = replace(plan, profile=here.settings.profile.id)
    with here.turn():
        return assess(here.frames.view(*READS, as_of=plan.as_of, profile=plan.profile), plan, items(), here.layers, lang=language())


def _saved(
    here: Services, id: str, plan: Plan, version: int | None, left_out: LeftOut | None, *, accept: bool, status: int = 200
) -> Response:
    """Keep it. What a compound that comes in new is like is seen now; that of the others stays as it was seen unless it is accepted."""
    found = _assessed(here, plan)
    now = snapshot(found, here.now())
    taken = now if accept else {**plan.seen, "compounds": {**now["compounds"], **plan.seen.get("compounds", {})}}
    kept = {id: said for id, said in taken["compounds"].items() if int(id) in plan.ids}
    plan = replace(plan, seen=MappingProxyType({**taken, "compounds": kept}))
    document = here.store.put_document(KIND, id, plan.body(), version=version, actor=ACTOR, now=here.now())
    return _answer(document, replace(found, plan=plan), status, left_out)


def _answer(document: Document, found: Assessment, status: int = 200, left_out: LeftOut | None = None) -> Response:
    """`left_out`: by what was just asked for; the project's own list has it too."""
    here, lang = services(), language()
    profiles = [{"id": p.id, "label": p.label.of(lang)} for p in here.settings.profiles.values()]
    body = {**_identity(document), **report(found, lang), "profiles": profiles}
    body["left_out_now"] = None if left_out is None else left_out_json(found, left_out, lang)
    return packed(json_response(body, status, headers={"ETag": f'"{document.version}"'}))


def _identity(document: Document) -> dict[str, Any]:
    return {"id": document.id, "version": document.version, "at": document.at}


def _head(document: Document) -> dict[str, Any]:
    body = _body(document)
    return {**_identity(document), "title": body["title"], "as_of": body["as_of"], "compounds": len(body["compounds"])}
