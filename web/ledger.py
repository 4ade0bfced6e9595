"""The life of a hazard over HTTP: where it stands, the steps it may take now, its log; and taking one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response

from geo import ledger
from geo.errors import BadValue, Invalid, Text
from geo.hazards.log import Entry, Line, replay
from geo.schema import Layer
from geo.store.contract import Change, Update, Write
from web import checks
from web.catalogue import field_json
from web.edits import idempotency_key, if_match, reason_of, revision_header
from web.http import json_body, json_response, language, takes
from web.services import ACTOR, Services, services

bp = Blueprint("ledger", __name__, url_prefix="/api/hazards")

_MEMBERS = {"step", "values", "note"}
LINES_AT_ONCE = 1000


@bp.get("/<int:id>/life")
@takes()
def life(id: int) -> Response:
    """State, track, deadline, the steps allowed now with what each needs, and the log."""
    here = services()
    return _told(here, _hazards(here), id)


@bp.post("/<int:id>/life")
@takes(body="json")
def step(id: int) -> Response:
    """Take a step: `{"step", "values", "note"}` with `If-Match`; one edit whose reason is the note. Raises Conflict for one that is not allowed now."""
    here = services()
    layer, version, sent = _hazards(here), if_match(), json_body()
    unknown = sorted(set(sent) - _MEMBERS)
    if unknown:
        name = unknown[0][:60]
        raise Invalid(Text(f"不认识成员“{name}”", f"unknown member '{name}'"), member=name, members=sorted(_MEMBERS))
    wanted, note = ledger.step_of(sent.get("step")), reason_of(sent, "note")
    given = sent.get("values", {})
    if not isinstance(given, Mapping):
        raise BadValue(Text("values 须是对象", "values must be an object"), field="values")
    record = as_seen(here, layer, id, version)
    values = ledger.taken(wanted, record, checks.values(layer, given), layer=layer, note=note, today=here.today())
    writes = (Write(layer.id, updates=(Update(id, version, values),)),)
    edited = here.store.edit(writes, actor=ACTOR, now=here.now(), reason=note or wanted.label.zh, key=idempotency_key())
    answer = _told(here, layer, id)
    answer.headers.update(revision_header(edited))
    return answer


def as_seen(here: Services, layer: Layer, id: int, version: int) -> Mapping[str, Any]:
    """The record in the version that was seen: a step is judged by that. Whether it still stands is for the store to say, which also repeats the answer
    to a step that came before."""
    row, record = here.store.feature(layer.id, id), dict[str, Any]()
    if version >= row.version:
        return row.values
    for change in _changes(here, layer, id):
        record = {} if change.after is None else {**(record if change.before is not None else {}), **change.after}
        if change.version == version:
            break
    return record


def _hazards(here: Services) -> Layer:
    return next(layer for layer in here.stored.values() if ledger.has_life(layer))


def _told(here: Services, layer: Layer, id: int) -> Response:
    lang, row = language(), here.store.feature(layer.id, id)
    record, log = row.values, replay(_lines(here, layer, id))
    stand = ledger.standing(record, here.today())
    body = {
        "id": id,
        "version": row.version,
        "state": _state(layer, record.get(ledger.STATUS), lang),
        "since": record.get(ledger.SINCE),
        "escalated": record.get(ledger.ESCALATED),
        "due": {"due": stand.due, "deadline": stand.deadline, "late": stand.late, "working_days": stand.working_days},
        "track": _track(layer, record, log, lang),
        "steps": [_step(here, layer, one, record, lang) for one in ledger.allowed(record)],
        "log": [_entry(layer, entry, lang) for entry in reversed(log)],
    }
    return json_response(body, headers={"ETag": f'"{row.version}"'})


def _lines(here: Services, layer: Layer, id: int) -> Iterator[Line]:
    return map(_line, _changes(here, layer, id))


def _changes(here: Services, layer: Layer, id: int) -> Iterator[Change]:
    """Its history, oldest first."""
    after = 0
    while changes := here.store.history(layer=layer.id, feature=id, after=after, limit=LINES_AT_ONCE):
        yield from changes
        after = changes[-1].seq


def _line(change: Change) -> Line:
    return Line(
        change.revision, change.at, change.actor, change.action, change.before, change.after, change.reason, change.import_id is not None
    )


def _state(layer: Layer, value: str | None, lang: str) -> dict[str, Any]:
    field = layer.field(ledger.STATUS)
    choice = field.choice(value) if field and value else None
    return {"value": value, "label": (choice.label if choice else Text("状态不明", "state unknown")).of(lang)}


# ---------------------------------------------------------------- the track

_DAYS = {
    "registered": "found_on",
    "notified": "notice_on",
    "done_pending_review": "done_on",
    "review_failed": "reviewed_on",
    "closed": "closed_on",
}


def _track(layer: Layer, record: Mapping[str, Any], log: Sequence[Entry], lang: str) -> list[dict[str, Any]]:
    """The stations of the life: those that were passed, the present one, and those of the straight way that are to come."""
    now = record.get(ledger.STATUS)
    days = {entry.target: entry.day for entry in log if entry.source != entry.target}
    stations = _stations(now, [entry.source for entry in log if entry.target == now and entry.source != now])
    here = stations.index(now) if now in stations else -1
    return [
        _state(layer, state, lang)
        | {
            "when": (record.get(_DAYS.get(state, "")) or days.get(state)) if at <= here else None,
            "passed": at < here,
            "current": at == here,
        }
        for at, state in enumerate(stations)
    ]


def _stations(now: str | None, came_from: list[str | None]) -> list[str]:
    if now == "candidate":
        return ["candidate", *ledger.TRACK]
    if now == "review_failed":
        return [*ledger.TRACK[:-1], "review_failed", ledger.TRACK[-1]]
    if now != "rejected":
        return list(ledger.TRACK)
    before = came_from[-1] if came_from else None
    passed = ledger.TRACK[: ledger.TRACK.index(before) + 1] if before in ledger.TRACK else [before] if before else []
    return [*passed, "rejected"]


# ---------------------------------------------------------------- steps and log


def _step(here: Services, layer: Layer, step: ledger.Step, record: Mapping[str, Any], lang: str) -> dict[str, Any]:
    return {
        "id": step.id,
        "label": step.label.of(lang),
        "help": step.help.of(lang) if step.help else None,
        "target": _state(layer, step.target, lang) if step.target else None,
        "note_required": step.note,
        "needs": [_need(here, layer, step, need, record, lang) for need in step.needs],
    }


def _need(here: Services, layer: Layer, step: ledger.Step, need: ledger.Need, record: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """The field as a form takes it, with the value to begin with: what is on record, today for the day of the step, a proposed deadline."""
    field = layer.field(need.field)
    assert field is not None, need.field
    value = record.get(need.field) if need.field != ledger.SINCE else None
    if value is None and need.field == step.dated:
        value = here.today()
    if value is None and need.field == "due_date":
        value = ledger.proposed_due(record.get("hazard_type"), here.today())
    earliest = max((day for day in (record.get(name) for name in need.not_before) if day), default=None)
    said = field_json(field, lang, writable=True) | {"required": need.required, "value": value}
    if field.type == "date":
        said |= {"earliest": earliest, "latest": here.today() if need.field == step.dated else None}
    return said


def _entry(layer: Layer, entry: Entry, lang: str) -> dict[str, Any]:
    step = ledger.step_of(entry.step) if entry.step else None
    reason = entry.line.reason if step is None or entry.line.reason != step.label.zh else None
    return {
        "revision": entry.line.revision,
        "at": entry.line.at,
        "by": entry.line.actor,
        "kind": entry.kind,
        "step": entry.step,
        "label": step.label.of(lang) if step else None,
        "from": _state(layer, entry.source, lang),
        "to": _state(layer, entry.target, lang),
        "on": entry.day,
        "note": reason,
        "values": dict(entry.values),
    }
