"""Uploads over HTTP: send a file, see what it holds, import it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for

from geo import crs as crs_
from geo.errors import BadValue, LayerNotFound, Text, nearest
from geo.imports import MODES, ImportOptions
from geo.imports.inspection import mapping_of
from geo.schema import Layer
from web.choosing import choices, metric_crs, placing, preview
from web.http import Parameter, json_body, json_response, refuse_unknown, takes
from web.jobs import Job
from web.problems import problem_json
from web.services import Services, services

bp = Blueprint("uploads", __name__, url_prefix="/api/uploads")

PARTS = 16
_BODY = ("crs", "encoding", "layer", "sets", "mode", "dry_run", "datasets", "within", "choices", "placement")
_DATASET = Parameter("dataset", Text("表或图层的名称", "name of a dataset of the file"))
_LAYER = Parameter("layer", Text("导入到哪个图层", "the layer it would go to"))


@bp.post("")
@takes(body="files")
def upload() -> Response:
    """Take a file (or the parts of a shapefile) and start looking at it."""
    parts = [part for _, part in request.files.items(multi=True) if part.filename]
    if len(parts) > PARTS or any(True for _ in request.form.keys() - {"csrf_token"}):
        raise BadValue(Text(f"只收文件，最多 {PARTS} 个", f"files only, at most {PARTS}"), field="files")
    here = services()
    job = here.jobs.add(parts, options(here, {}))
    return json_response(_state(job), 202, headers={"Location": url_for("uploads.state", id=job.id, _external=True)})


@bp.get("/<id>")
@takes()
def state(id: str) -> Response:
    """How far an upload is, what was found in it, or its account."""
    return json_response(_state(services().jobs.get(id)))


@bp.post("/<id>/inspect")
@takes(body="json")
def inspect(id: str) -> Response:
    """Look at an upload again, its text read in another encoding: names of datasets and columns follow from it."""
    here = services()
    sent = json_body()
    refuse_unknown(sent, ("encoding",))
    return json_response(_state(here.jobs.look_again(id, options(here, sent))), 202)


@bp.get("/<id>/mapping")
@takes(_DATASET, _LAYER)
def mapping(id: str) -> Response:
    """Which columns of a dataset would fill which fields, were it to go to this layer."""
    here = services()
    found = named(here.jobs.found(id), request.args.get("dataset", ""))
    layer = layer_called(here, request.args.get("layer", ""))
    return json_response({"mapping": mapping_of(layer, found["columns"], found["driver"], {})})


@bp.post("/<id>/import")
@takes(body="json")
def start(id: str) -> Response:
    """Import an inspected upload with the choices of the body."""
    here = services()
    job = here.jobs.start_import(id, options(here, json_body(), here.jobs.get(id).inspection))
    return json_response(_state(job), 202)


@bp.post("/<id>/place")
@takes(body="json")
def place(id: str) -> Response:
    """Where a placement would put the samples of a drawing."""
    here = services()
    sent = json_body()
    refuse_unknown(sent, ("placement",))
    inspection = here.jobs.found(id)
    found = placing(sent.get("placement") or {}, unit_m=inspection["unit_m"], metric_crs=metric_crs(here))
    assert found is not None, "an empty placement is refused"
    return json_response(preview(found, inspection))


@bp.post("/<id>/stop")
@takes()
def stop(id: str) -> Response:
    """Take a running import back before its commit; the upload is ready again."""
    return json_response(_state(services().jobs.stop(id)))


@bp.delete("/<id>")
@takes()
def forget(id: str) -> Response:
    """Drop an upload and its files; what is being done for it is stopped."""
    services().jobs.remove(id)
    return json_response({"deleted": id})


def named(inspection: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """One dataset of an inspected file. Raises BadValue with near names."""
    found: Mapping[str, Any] | None = next((d for d in inspection["datasets"] if d["name"] == name), None)
    if found is None:
        near = nearest(name, [d["name"] for d in inspection["datasets"]])
        raise BadValue(Text(f"文件里没有“{name}”", f"the file has no '{name}'"), field="dataset", nearest=near)
    return found


def layer_called(here: Services, id: str) -> Layer:
    """Raises LayerNotFound with near ids."""
    if id not in here.stored:
        near = nearest(id, here.stored)
        raise LayerNotFound(Text(f"没有图层“{id}”", f"no layer '{id}'"), nearest=near)
    return here.stored[id]


def _state(job: Job) -> dict[str, Any]:
    """What was found is not sent along while it is being worked on: the page asks for the progress often."""
    done, total = job.progress or (0, 0)
    said: dict[str, Any] = {
        "id": job.id,
        "file_name": job.file_name,
        "state": job.state,
        "task": job.task,
        "position": services().jobs.position(job),
        "progress": {"done": done, "total": total} if job.progress else None,
        "inspection": None if job.busy else job.inspection,
        "account": job.account,
        "error": None,
    }
    if job.error is not None:
        error = job.error
        said["error"] = problem_json(error.status, error.code, error.text, error.members)
    return said


def options(here: Services, sent: Mapping[str, Any], inspection: Mapping[str, Any] | None = None) -> ImportOptions:
    """The choices of an import, checked; `inspection` tells the unit of a drawing. Raises UnknownParameter, BadValue, UnknownCrs."""
    refuse_unknown(sent, _BODY)
    mode = next((m for m in MODES if m == (sent.get("mode") or "upsert")), None)
    if mode is None:
        raise BadValue(Text(f"mode 是 {'、'.join(MODES)} 之一", f"mode is one of {', '.join(MODES)}"), field="mode")
    dry_run = sent.get("dry_run", False)
    if not isinstance(dry_run, bool):
        raise BadValue(Text("dry_run 是 true 或 false", "dry_run is true or false"), field="dry_run")
    return ImportOptions(
        layer=_text(sent, "layer"),
        crs=crs_name(_text(sent, "crs")),
        encoding=_text(sent, "encoding"),
        sets=_pairs(sent),
        mode=mode,
        dry_run=dry_run,
        within=_text(sent, "within"),
        datasets=_names(sent),
        area=here.settings.area,
        datum=here.settings.datum,
        file_name="",
        choices=choices(sent.get("choices")),
        placed=placing(
            sent.get("placement"),
            unit_m=inspection["unit_m"] if inspection is not None else None,
            metric_crs=metric_crs(here) if sent.get("placement") is not None else None,
        ),
    )


def crs_name(text: str | None) -> str | None:
    """A CRS or datum as the reader takes it: "EPSG:n", "GCJ-02", "BD-09". Raises UnknownCrs."""
    if not text:
        return None
    shifted = {"GCJ-02": "GCJ-02", "GCJ02": "GCJ-02", "BD-09": "BD-09", "BD09": "BD-09"}
    return shifted.get(text.strip().upper()) or crs_.normalise(text)


def _text(sent: Mapping[str, Any], name: str) -> str | None:
    value = sent.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > 10_000):
        raise BadValue(Text(f"{name} 须是文字", f"{name} must be a text"), field=name)
    return value or None


def _pairs(sent: Mapping[str, Any]) -> dict[str, str]:
    value = sent.get("sets") or {}
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise BadValue(Text("sets 是 {字段: 列名}", "sets is {field: column}"), field="sets")
    return dict(value)


def _names(sent: Mapping[str, Any]) -> tuple[str, ...] | None:
    value = sent.get("datasets")
    if value is not None and (not isinstance(value, list) or not all(isinstance(v, str) for v in value)):
        raise BadValue(Text("datasets 是名称的列表", "datasets is a list of names"), field="datasets")
    return None if value is None else tuple(value)
