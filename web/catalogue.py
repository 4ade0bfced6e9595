"""What the workspace is built from: the state of the store, the layers' declarations, the questions; each as JSON, all of it for its page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from geo import ledger
from geo.errors import Text, YuantuError
from geo.exports import FORMATS
from geo.frames import View
from geo.query import Query
from geo.questions.declaration import ANSWER_CHOICES
from geo.schema import Field, Layer, Style
from web.http import language
from web.ogc import box_of, parameter_json, shape_json
from web.services import Services, services

BANNER_LAYER, BANNER_FILTER = "compounds", "built_year <= 2000"
BANNER = Text("{total} 个院落，{old} 个建于 2000 年及以前", "{total} compounds, {old} built in 2000 or before")
BANNER_OPEN_FILTER = "built_year IS NULL"
BANNER_OPEN = Text(
    "{total} 个院落，{old} 个建于 2000 年及以前，年代不明 {open}",
    "{total} compounds, {old} built in 2000 or before, {open} of unknown year",
)


WHOLE, TILED = 20_000, 5_000
"""Features of a layer that the map asks for at once, and from how many on it asks for tiles (static/js/map/feature_layer.js, tile_grid.js)."""

_VIEW = re.compile(r"([0-9]{1,2}(?:\.[0-9]+)?)/(-?[0-9]{1,2}(?:\.[0-9]+)?)/(-?[0-9]{1,3}(?:\.[0-9]+)?)")
"""zoom/latitude/longitude, as the page writes them (static/js/core/address.js)."""


def opening(args: Mapping[str, str]) -> dict[str, Any]:
    """What the page of the workspace brings along: `start`, what it asks for first (null where that takes long or fails: then it asks, and tells);
    `first`, what its map will ask for, for the browser to fetch beside the script; the banner. `args`: those of the page's address."""
    here = services()
    try:
        if not here.frames.hold(*here.stored):
            return {"start": Markup("null")}
        said = {"/api/layers": layers_said(), "/api/questions": questions_said(), "/api/state": state_said()}
    except YuantuError:
        return {"start": Markup("null")}
    text = orjson.dumps(said).decode().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    state = said["/api/state"]
    first = first_items(args, {id: one["count"] for id, one in state["counts"].items()})
    return {"start": Markup(text), "first": first, "kind": state["kind"], "banner": state["banner"]}


def first_items(args: Mapping[str, str], counts: Mapping[str, int]) -> list[str]:
    """Addresses of the features that the map draws first, as it will write them itself; of layers that it certainly asks for and no others:
    what is fetched for nothing the browser complains of."""
    if any(name.startswith(("f.", "s.")) for name in args):
        return []
    on = args["layers"].split(",") if "layers" in args else None
    zoom = _zoom(args.get("map", ""))
    wanted = (
        layer
        for layer in services().stored.values()
        if (layer.style.visible if on is None else layer.id in on) and layer.style.min_zoom <= zoom and 0 < counts.get(layer.id, 0) <= TILED
    )
    return [_items_address(layer) for layer in wanted]


def _zoom(said: str) -> float:
    """Of the view that the address says; 0, at which whatever is certainly asked for is in range, where the page takes another."""
    view = _VIEW.fullmatch(said)
    zoom, lat, lon = map(float, view.groups()) if view else (0.0, 0.0, 0.0)
    return zoom if zoom <= 24 and abs(lat) <= 90 and abs(lon) <= 360 else 0.0


def _items_address(layer: Layer) -> str:
    names = dict.fromkeys(name for name in ("code", layer.title_field, layer.style.by) if name)
    return url_for("items.items", id=layer.id) + "?" + urlencode({"lang": language(), "limit": WHOLE, "properties": ",".join(names)})


def state_said() -> dict[str, Any]:
    here = services()
    view = here.frames.view(*here.stored)
    info = view.info
    return {
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


def layers_said() -> dict[str, Any]:
    here, lang = services(), language()
    view = here.frames.view(*here.stored)

    def make() -> dict[str, Any]:
        counts = view.info.counts
        return {"layers": [layer_json(one, counts.get(one.id, (0, 0)), lang) | {"bbox": box_of(view, one)} for one in here.layers.values()]}

    return view.memo(("layers said", view.revision, lang), make)


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
        "life": ledger.has_life(layer),
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


def questions_said() -> dict[str, Any]:
    return _questions_json(services(), language())


@lru_cache(maxsize=4)
def _questions_json(here: Services, lang: str) -> dict[str, Any]:
    """Declared once and for all: read only."""
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
    return {"questions": listed, "formats": formats}
