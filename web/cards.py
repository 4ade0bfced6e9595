"""The compound's card, and all cards of a community as one print job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import orjson
from flask import Blueprint, Response, render_template, request
from flask_wtf.csrf import generate_csrf

from geo.card import READS, Card, Line, card, contents, earlier, unknown_community
from geo.card.gas import FIELDS as GAS_FIELDS
from geo.card.groups import grouped
from geo.card.sections import ALL, SECTIONS, questions
from geo.errors import Text
from geo.exports.geometry_json import DECIMALS_DEGREES, encode
from geo.frames import View
from geo.places import COMMUNITIES, COMPOUNDS
from geo.profile import SEVERITIES
from web.catalogue import field_json
from web.http import Parameter, json_response, language, takes
from web.overview import DAY, PROFILE, chosen_day, chosen_profile
from web.rule_book import word
from web.services import Services, services

bp = Blueprint("cards", __name__)

COMMUNITY = Parameter("community", Text("社区的名称或编号", "name or code of a community"))
CHANGES = 1000
"""Lines of the history that are looked through for an earlier state of the gas fields."""

MAP_FIELDS = ("name", "no", "kind", "status", "working", "pressure_class", "code")
"""What a shape on the card's map may be called by or drawn after."""


@bp.get("/compounds/<int:id>")
@takes(PROFILE, DAY)
def page(id: int) -> tuple[str, int]:
    """The card of one compound, to read and to print on A4."""
    here = services()
    chosen_profile(here)
    chosen_day()
    frame = here.frames.view(COMPOUNDS).frame(COMPOUNDS)
    known = id in frame.index
    return render_template("card.html", compound=id, known=known, csrf_token=generate_csrf()), 200 if known else 404


@bp.get("/api/compounds/<int:id>/card")
@takes(PROFILE, DAY)
def api_card(id: int) -> Response:
    """Everything on record and everything found about one compound."""
    here, lang = services(), language()
    view = _view(here)
    with here.turn():
        made = card(view, here.layers, id, lang=lang)
    changes = here.store.history(layer=COMPOUNDS, feature=id, limit=CHANGES, newest_first=True)
    return json_response(card_json(made, view, here, lang) | {"gas_before": _earlier(made, changes)})


@bp.get("/communities/<path:name>/cards")
@takes(PROFILE, DAY)
def cards_page(name: str) -> tuple[str, int]:
    """All cards of a community as one print job, the contents first."""
    here = services()
    chosen_profile(here)
    chosen_day()
    unknown = unknown_community(here.frames.view(COMPOUNDS, COMMUNITIES), name)
    return render_template("cards.html", community=name, unknown=unknown, csrf_token=generate_csrf()), 404 if unknown else 200


@bp.get("/api/communities/<path:name>/cards")
@takes(PROFILE, DAY)
def api_cards(name: str) -> Response:
    """The contents of the print job: the community's compounds, each with its worst finding and its counts."""
    here, lang = services(), language()
    view = _view(here)
    with here.turn():
        lines = contents(view, here.layers, name)
    body = {"community": _called(view, name), "compounds": [line_json(line) for line in lines], **_basis(here, view, lang)}
    return json_response(body)


def _view(here: Services) -> View:
    """All that a card reads, for the asked profile and day. Raises BadValue."""
    return here.frames.view(*READS, as_of=chosen_day() or here.today(), profile=chosen_profile(here))


def _called(view: View, name: str) -> dict[str, str | None]:
    """Name and code of the community that goes by this name or code."""
    frame = view.frame(COMMUNITIES)
    for known, code in zip(frame["name"], frame["code"], strict=True):
        if name in (known, code):
            return {"name": known or code, "code": code}
    return {"name": name, "code": None}


def _basis(here: Services, view: View, lang: str) -> dict[str, Any]:
    """What the answers rest on, and the words that every card uses."""
    profile = view.profile
    return {
        "as_of": view.as_of,
        "day": request.args.get("as_of"),
        "profile": {"id": profile.id, "label": profile.label.of(lang), "version": profile.version, "usual": profile.id == here.settings.profile.id},
        "profiles": [{"id": p.id, "label": p.label.of(lang)} for p in here.settings.profiles.values()],
        "revision": view.revision,
        "demo": view.info.kind == "demo",
        "severities": [{"value": value, "label": word("severity", value).of(lang)} for value in SEVERITIES],
    }  # fmt: skip


def line_json(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "code": line.code,
        "name": line.name,
        "placed": line.placed,
        "worst": line.worst,
        "failures": dict(zip(SEVERITIES, line.failures, strict=True)),
        "complies": line.complies,
        "unknown": line.unknown,
        "hazards": None if line.hazards is None else {"total": line.hazards, "overdue": line.overdue},
        "gaps": {"count": line.gaps, "settles": line.settles},
    }


# one card ---------------------------------------------------------------------------------------------------------------------------


def card_json(made: Card, view: View, here: Services, lang: str) -> dict[str, Any]:
    """A card as the page takes it; labels are in the asked language, values are those of the API."""
    layer = here.layers[COMPOUNDS]
    return {
        "id": made.id,
        "code": made.values["code"],
        "name": made.values["name"],
        "values": made.values,
        "groups": [
            {"id": group.id, "label": group.label.of(lang), "fields": [field_json(f, lang, writable=False) for f in fields]}
            for group, fields in grouped(layer)
        ],
        "drawn": made.drawn,
        "unrecorded": made.unrecorded,
        "asked": {question: _plain(said) for question, said in made.asked.items()},
        "sections": {name: _section(name, rows, here, lang) for name, rows in made.listed.items()},
        "questions": {id: _question(id, here, lang) for id in questions(ALL)},
        "findings": {"counts": made.counts, "rows": [_finding(row) for row in made.findings]},
        "rules": {row["rule"]: _rule(row, lang) for row in made.findings},
        "gaps": [{name: value for name, value in row.items() if name != "answers"} | {"answer": row["answers"]["data-gaps"]} for row in made.gaps],
        "works": [
            {"rule": work.rule, "severity": work.severity, "settles": work.settles, "findings": [row["id"] for row in work.rows]}
            for work in made.works
        ],
        "records": [
            {"layer": record.layer, "field": record.field, "settles": record.settles, "gaps": [row["id"] for row in record.rows]}
            for record in made.records
        ],
        "layers": {layer.id: layer.label.of(lang) for layer in here.layers.values()},
        "map": _map(made, view),
        "fingerprint": made.fingerprint,
        **_basis(here, view, lang),
    }  # fmt: skip


def _question(id: str, here: Services, lang: str) -> dict[str, Any]:
    question = here.questions[id]
    asked = {name for section in ALL for asked in section.asked if asked.question == id for name in asked.fields}
    return {
        "title": question.title.of(lang),
        "answers": {choice.value: choice.label.of(lang) for choice in question.answers},
        "parameters": [parameter.name for parameter in question.parameters],
        "fields": {f.name: field_json(f, lang, writable=False) for f in question.fields if f.name in asked},
    }


def _section(name: str, rows: Iterable[Mapping[str, Any]], here: Services, lang: str) -> dict[str, Any]:
    section = SECTIONS[name]
    layer = here.layers[section.layer]
    fields = [field_json(f, lang, writable=False) for f in layer.all_fields if f.name in section.fields]
    return {
        "layer": layer.id,
        "label": layer.label.of(lang),
        "fields": {f["name"]: f for f in fields},
        "rows": [{**row, "answers": {question: _plain(said) for question, said in row["answers"].items()}} for row in rows],
    }


_OF_RULE = ("check", "statement", "condition", "cite")
"""Members of a finding that are the same for every finding of its rule."""


def _rule(row: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """What the profile says of a rule, once for all of its findings."""
    said = row["answers"]["findings"]
    words = {"sure_label": word("sure", row["sure"]).of(lang), "works_label": word("works", row["works"]).of(lang)}
    return {**{name: row[name] for name in ("sure", "works")}, **words, **{name: said[name] for name in _OF_RULE}}


def _finding(row: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in row.items() if name not in ("sure", "works", "answers")}
    return {**own, "answer": {name: value for name, value in row["answers"]["findings"].items() if name not in _OF_RULE}}


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    """An answer with its point as GeoJSON."""
    shape = said.get("shape")
    return dict(said) if shape is None else {**said, "shape": orjson.Fragment(_geojson([shape])[0])}


def _map(made: Card, view: View) -> dict[str, Any] | None:
    """What the card's map draws, lowest layer first."""
    if made.sight is None:
        return None
    layers = []
    for layer, (rows, shapes) in made.sight.shapes.items():
        frame = view.frame(layer)
        names = [name for name in MAP_FIELDS if name in frame.columns]
        values = {name: frame[name].to_numpy(dtype=object)[rows].tolist() for name in names}
        texts = _geojson(shapes)
        layers.append({
            "layer": layer,
            "features": [
                {"id": int(frame.index[row]), "geometry": orjson.Fragment(texts[i]), **{n: v[i] for n, v in values.items() if isinstance(v[i], str)}}
                for i, row in enumerate(rows)
            ],
        })  # fmt: skip
    return {"box": list(made.sight.box), "layers": layers}


def _geojson(shapes: Any) -> list[bytes]:
    return encode(np.array([*shapes, None], dtype=object)[:-1], decimals=DECIMALS_DEGREES)


def _earlier(made: Card, changes: Iterable[Any]) -> dict[str, Any] | None:
    found = earlier(made.values, changes)
    return None if found is None else {"until": found.at, "values": {name: found.values[name] for name in GAS_FIELDS}}
