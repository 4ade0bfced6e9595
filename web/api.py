"""What the browser needs beside the OGC interface: declarations, state, search, history, undo, imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import shapely
from flask import Blueprint, Response, request
from flask_wtf.csrf import generate_csrf

from geo.errors import BadValue, Text
from geo.exports import FORMATS
from geo.frames import View
from geo.imports import quarantine_csv, template_xlsx
from geo.query import Query
from geo.questions.declaration import ANSWER_CHOICES
from geo.schema import Field, Layer, Style
from geo.store.contract import Change, StoredImport
from web.edits import features_json
from web.http import Parameter, attachment, json_body, json_response, language, takes
from web.ogc import box_of, find, parameter_json, shape_json
from web.search import search
from web.services import ACTOR, Services, services

bp = Blueprint("api", __name__)

BANNER_LAYER, BANNER_FILTER = "compounds", "built_year <= 2000"
BANNER = Text("{total} 个院落，{old} 个建于 2000 年及以前", "{total} compounds, {old} built in 2000 or before")
BANNER_OPEN_FILTER = "built_year IS NULL"
BANNER_OPEN = Text(
    "{total} 个院落，{old} 个建于 2000 年及以前，年代不明 {open}",
    "{total} compounds, {old} built in 2000 or before, {open} of unknown year",
)

_LIMIT = Parameter("limit", Text("条数", "how many"), {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})
_Q = Parameter("q", Text("名称或编号的一部分", "part of a name or code"))


@bp.get("/healthz")
@takes()
def healthz() -> Response:
    """Whether the service and its store answer; 503 while the store is damaged and can only be read."""
    here = services()
    info = here.store.info()
    body = {"status": "read-only" if here.alarm else "ok", "store": info.kind, "revision": info.revision}
    return json_response(body | {"detail": here.alarm.of(language())} if here.alarm else body, 503 if here.alarm else 200)


@bp.get("/api/state")
@takes()
def state() -> Response:
    """Revision, counts, what the banner says, and the token that unsafe requests need."""
    here = services()
    view = here.frames.view(*here.stored)
    info = view.info
    body = {
        "revision": info.revision,
        "kind": info.kind,
        "demo": info.kind == "demo",
        "alarm": here.alarm.of(language()) if here.alarm else None,
        "counts": {id: {"count": total, "unplaced": unplaced} for id, (total, unplaced) in info.counts.items()},
        "metric_crs": info.metric_crs,
        "banner": banner(here, view).of(language()) if info.kind != "empty" else None,
        "area": list(here.settings.area.tuple) if here.settings.area else None,
        "bounds": _bounds(here, view),
        "lang": language(),
        "csrf_token": generate_csrf(),
    }
    return json_response(body)


def banner(here: Services, view: View) -> Text:
    """How many compounds there are, how many of them are old, and of how many nobody knows; counted once a revision."""

    def count(args: Mapping[str, str]) -> int:
        query = Query.from_args(BANNER_LAYER, {**args, "limit": "1"}, layers=here.layers, questions=here.questions.values())
        return int(here.answered(query).matched)

    def make() -> Text:
        unknown = count({"filter": BANNER_OPEN_FILTER})
        return (BANNER_OPEN if unknown else BANNER).format(total=count({}), old=count({"filter": BANNER_FILTER}), open=unknown)

    said: Text = view.memo(("banner", view.layer_revision(BANNER_LAYER)), make)
    return said


def _bounds(here: Services, view: View) -> list[float] | None:
    """The box of all placed features, for the first view."""
    boxes = [box for box in (box_of(view, layer) for layer in here.stored.values()) if box]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return [min(west), min(south), max(east), max(north)]


@bp.get("/api/layers")
@takes()
def layers() -> Response:
    """Every layer's declaration, counts and box."""
    here, lang = services(), language()
    view = here.frames.view(*here.stored)
    listed = [
        layer_json(layer, view.info.counts.get(layer.id, (0, 0)), lang) | {"bbox": box_of(view, layer)} for layer in here.layers.values()
    ]
    return json_response({"layers": listed})


def layer_json(layer: Layer, counts: tuple[int, int], lang: str) -> dict[str, Any]:
    """A declaration as the browser takes it."""
    names = {f.name for f in layer.writable} if not layer.derived else set()
    return {
        "id": layer.id,
        "label": layer.label.of(lang),
        "group": layer.group.of(lang),
        "help": layer.help.of(lang) if layer.help else None,
        "geometry": list(layer.geometry),
        "title_field": layer.title_field,
        "natural_key": list(layer.natural_key),
        "internal": layer.internal,
        "derived": layer.derived,
        "fields": [field_json(f, lang, writable=f.name in names) for f in layer.all_fields],
        "style": _style_json(layer.style, lang),
        "count": counts[0],
        "unplaced": counts[1],
    }


def field_json(field: Field, lang: str, *, writable: bool) -> dict[str, Any]:
    said = {
        "name": field.name,
        "type": field.type,
        "label": field.label.of(lang),
        "unit": field.unit.of(lang) if field.unit else None,
        "help": field.help.of(lang) if field.help else None,
        "choices": [{"value": c.value, "label": c.label.of(lang)} for c in field.choices] or None,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "refers": field.refers,
        "required": field.required or None,
        "public": field.public or None,
    }
    return {k: v for k, v in said.items() if v is not None} | {"writable": writable}


def _style_json(style: Style, lang: str) -> dict[str, Any]:
    return asdict(style) | {"classes": [asdict(c) | {"label": c.label.of(lang)} for c in style.classes]}


@bp.get("/api/questions")
@takes()
def questions() -> Response:
    """Every question with its parameters and fields, and the export formats."""
    here, lang = services(), language()
    listed = [
        {
            "id": q.id,
            "title": q.title.of(lang),
            "help": q.help.of(lang),
            "subject": q.subject,
            "reads": list(q.reads),
            "group": q.group.of(lang),
            "parameters": [parameter_json(p, here.settings.profile, lang) for p in q.parameters],
            "shapes": [shape_json(s, lang) for s in q.shapes],
            "fields": [field_json(f, lang, writable=False) for f in q.fields],
            "answers": {choice.value: choice.label.of(lang) for choice in q.answers} if q.answers != ANSWER_CHOICES else None,
        }
        for q in here.questions.values()
    ]
    formats = [
        {
            "id": f.id,
            "label": f.label.of(lang),
            "extension": f.extension,
            "any_crs": f.any_crs,
            "projected": f.projected,
            "headings": list(f.headings),
            "loses": f.loses.of(lang) if f.loses else None,
        }
        for f in FORMATS
    ]
    return json_response({"questions": listed, "formats": formats})


@bp.get("/api/search")
@takes(_Q, _LIMIT)
def search_() -> Response:
    """Features by a part of their name, alias or code."""
    here = services()
    text = request.args.get("q", "")
    if len(text) > 200:
        raise BadValue(Text("q 最多 200 个字符", "q has at most 200 characters"), parameter="q")
    hits = search(here.frames.view(*here.stored), here.stored, text, limit=_whole("limit", 20, 1, 1000))
    return json_response({"results": [asdict(hit) for hit in hits]})


@bp.get("/api/history")
@takes(
    Parameter("layer", Text("图层", "layer")),
    Parameter("feature", Text("要素的 id", "id of a feature"), {"type": "integer"}),
    Parameter("after", Text("只要此序号之后的", "only after this sequence number"), {"type": "integer"}),
    Parameter("order", Text("先新后旧或先旧后新", "newest or oldest first"), {"type": "string", "enum": ["newest", "oldest"]}),
    _LIMIT,
)
def history() -> Response:
    """Who changed what when, newest first."""
    here, args = services(), request.args
    layer = find(args["layer"], here)[0].id if "layer" in args else None
    feature = _whole("feature", 0, 1, 2**53) if "feature" in args else None
    if args.get("order", "newest") not in ("newest", "oldest"):
        raise BadValue(Text("order 是 newest 或 oldest", "order is newest or oldest"), parameter="order")
    changes = here.store.history(
        layer=layer,
        feature=feature,
        after=_whole("after", 0, 0, 2**53),
        limit=_whole("limit", 100, 1, 1000),
        newest_first=args.get("order", "newest") == "newest",
    )
    return json_response({"changes": [change_json(c) for c in changes]})


def change_json(change: Change) -> dict[str, Any]:
    """A line of the history; geometries as WKT, 7 decimals."""
    said = {
        name: getattr(change, name)
        for name in ("seq", "revision", "at", "actor", "action", "layer", "feature", "version", "reason", "import_id", "hash")
    }
    said |= {"before": change.before, "after": change.after}
    return said | {"geometry_before": _wkt(change.geometry_before), "geometry_after": _wkt(change.geometry_after)}


def _wkt(wkb: bytes | None) -> str | None:
    return None if wkb is None else shapely.to_wkt(shapely.from_wkb(wkb), rounding_precision=7)


@bp.post("/api/undo")
@takes(body="json")
def undo() -> Response:
    """Take a revision back if nothing it touched has changed since."""
    sent = json_body()
    revision = sent.get("revision")
    if set(sent) != {"revision"} or isinstance(revision, bool) or not isinstance(revision, int) or revision < 1:
        raise BadValue(Text('正文是 {"revision": 修订号}', 'the body is {"revision": number}'), field="revision")
    return _undone(revision)


def _undone(revision: int) -> Response:
    here = services()
    edited = here.store.undo(revision, actor=ACTOR, now=here.now())
    return json_response(
        {"undone": revision, "revision": edited.revision, "features": features_json(edited)[:1000], "count": len(edited.features)}
    )


# ---------------------------------------------------------------- imports that stand


@bp.get("/api/imports")
@takes()
def imports() -> Response:
    """The imports that stand."""
    return json_response({"imports": [import_json(i) for i in services().store.imports()]})


@bp.get("/api/imports/<int:id>")
@takes(_LIMIT)
def import_(id: int) -> Response:
    """One import: its choices, its account, and the records left out."""
    here, lang = services(), language()
    stored = here.store.import_record(id)
    rows = here.store.quarantine(id)
    listed = [
        {
            "layer": r.layer,
            "dataset": r.dataset,
            "number": r.number,
            "reason": r.reason,
            "sentence": Text(r.sentence_zh, r.sentence_en).of(lang),
            "raw": dict(r.raw),
        }
        for r in rows[: _whole("limit", 100, 1, 1000)]
    ]
    return json_response(import_json(stored) | {"quarantine": listed, "quarantined": len(rows)})


def import_json(stored: StoredImport) -> dict[str, Any]:
    record = stored.record
    return {
        "id": stored.id,
        "at": stored.at,
        "actor": stored.actor,
        "revision": stored.revision,
        "undone_by": stored.undone_by,
        "file_name": record.file_name,
        "sha256": record.sha256,
        "mode": record.mode,
        "layers": {id: dict(counts) for id, counts in record.account.items()},
        "details": dict(record.details),
    }


@bp.get("/api/imports/<int:id>/quarantine.csv")
@takes()
def quarantine(id: int) -> Response:
    """The records that an import left out, as a table to mend and import again."""
    here = services()
    stored = here.store.import_record(id)
    name = Text("未导入的记录", "records left out").of(language())
    headers = {"Content-Disposition": attachment(f"{name} {id} {stored.record.file_name}.csv")}
    return Response(quarantine_csv(here.store.quarantine(id), language()), headers=headers, content_type="text/csv; charset=utf-8")


@bp.post("/api/imports/<int:id>/undo")
@takes()
def undo_import(id: int) -> Response:
    """Take an import back if nothing of it has changed since."""
    return _undone(services().store.import_record(id).revision)


@bp.get("/templates/<id>.xlsx")
@takes()
def template(id: str) -> Response:
    """A workbook to fill in for a layer."""
    here, lang = services(), language()
    layer = here.layers.get(id) or find(id, here)[0]
    name = Text(f"{layer.label.zh} 填报模板.xlsx", f"{layer.label.en} template.xlsx").of(lang)
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(template_xlsx(layer, lang), headers={"Content-Disposition": attachment(name)}, content_type=sheet)


def _whole(name: str, default: int, low: int, high: int) -> int:
    """A whole-number query parameter. Raises BadValue."""
    text = request.args.get(name)
    if text is None:
        return default
    digits = text.lstrip("0") or "0"
    if not text.isascii() or not text.isdigit() or len(digits) > 18 or not low <= int(digits) <= high:
        raise BadValue(Text(f"{name} 须是 {low} 到 {high} 的整数", f"{name} is a whole number from {low} to {high}"), parameter=name)
    return int(digits)
