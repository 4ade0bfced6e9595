"""What the browser needs beside the OGC interface: declarations, state, search, history, undo, imports."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import shapely
from flask import Blueprint, Response, request

from geo.errors import BadValue, Text
from geo.imports import quarantine_csv, template_xlsx
from geo.store.contract import Change, StoredImport
from web.catalogue import layers_said, questions_said, state_said
from web.edits import features_json
from web.http import Parameter, attachment, json_body, json_response, language, takes
from web.ogc import find
from web.search import search
from web.services import ACTOR, services
from web.uploads import layer_called

bp = Blueprint("api", __name__)

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
    return json_response(state_said())


@bp.get("/api/layers")
@takes()
def layers() -> Response:
    """Every layer's declaration, counts and box."""
    return json_response(layers_said())


@bp.get("/api/questions")
@takes()
def questions() -> Response:
    """Every question with its parameters and fields, and the export formats."""
    return json_response(questions_said())


@bp.get("/api/search")
@takes(_Q, Parameter("layer", Text("只在此图层里找", "only in this layer")), _LIMIT)
def search_() -> Response:
    """Features by a part of their name, alias or code; `numberMatched` and `layers` count all, also those beyond the limit."""
    here = services()
    text = request.args.get("q", "")
    if len(text) > 200:
        raise BadValue(Text("q 最多 200 个字符", "q has at most 200 characters"), parameter="q")
    only = request.args.get("layer")
    layers = here.stored if only is None else {only: layer_called(here, only)}
    found = search(here.frames.view(*layers), layers, text, limit=whole("limit", 20, 1, 1000))
    return json_response({"numberMatched": found.matched, "layers": found.counts, "results": [asdict(hit) for hit in found.hits]})


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
    feature = whole("feature", 0, 1, 2**53) if "feature" in args else None
    if args.get("order", "newest") not in ("newest", "oldest"):
        raise BadValue(Text("order 是 newest 或 oldest", "order is newest or oldest"), parameter="order")
    changes = here.store.history(
        layer=layer,
        feature=feature,
        after=whole("after", 0, 0, 2**53),
        limit=whole("limit", 100, 1, 1000),
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
        for r in rows[: whole("limit", 100, 1, 1000)]
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


def whole(name: str, default: int, low: int, high: int) -> int:
    """A whole-number query parameter. Raises BadValue."""
    text = request.args.get(name)
    if text is None:
        return default
    digits = text.lstrip("0") or "0"
    if not text.isascii() or not text.isdigit() or len(digits) > 18 or not low <= int(digits) <= high:
        raise BadValue(Text(f"{name} 须是 {low} 到 {high} 的整数", f"{name} is a whole number from {low} to {high}"), parameter=name)
    return int(digits)
