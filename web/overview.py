"""Figures of the subdistrict and its communities, as JSON and as a page of bars that lead into the map."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request

from geo.errors import BadValue, Text
from geo.exports.geometry_json import encode
from geo.figure_maps import Maps, maps
from geo.figures import Count, Figures, Measure, Place, figures, needs
from geo.questions.declaration import AS_OF
from web.http import Parameter, json_response, language, takes
from web.services import Services, services

bp = Blueprint("overview", __name__)

PROFILE = Parameter("profile", Text("规则文件，不写则是服务设定的", "the profile of rules; the service's own, unless said"))
DAY = Parameter(
    "as_of", Text("截至日期（2026-11-22），不写则是今天", "as of (2026-11-22); today, unless said"), {"type": "string", "format": "date"}
)

COMPARE = Parameter("compare", Text("并排比较的社区（编号或名称）", "communities side by side (codes or names)"))

DECIMALS = 6
"""Of a degree: a tenth of a metre is finer than a small map can show."""

_KINDS = {"all": Text("全部", "In all"), "elsewhere": Text("不在任何社区", "In no community")}


@bp.get("/overview")
@takes(PROFILE, DAY, COMPARE)
def overview() -> str:
    """The figures as a page of bars, each of which opens in the map."""
    chosen_profile(services())
    chosen_day()
    return render_template("overview.html")


@bp.get("/api/figures")
@takes(PROFILE, DAY)
def api_figures() -> Response:
    """Figures of the subdistrict and of each community, each with its own number of unknown ones."""
    here, lang = services(), language()
    profile, day = chosen_profile(here), chosen_day()
    with here.turn():
        made = figures(here.frames.view(*needs(here.layers), as_of=day or here.today(), profile=profile), here.layers)
    return json_response(figures_json(made, here, lang, day))


@bp.get("/api/figures/maps")
@takes(PROFILE, DAY)
def api_maps() -> Response:
    """What the small maps of the figures draw: outlines, and of each figure how many every compound counts."""
    here = services()
    profile, day = chosen_profile(here), chosen_day()
    with here.turn():
        made = maps(here.frames.view(*needs(here.layers), as_of=day or here.today(), profile=profile), here.layers)
    return json_response(maps_json(made))


def maps_json(made: Maps) -> dict[str, Any]:
    def drawn(shapes: Any) -> list[orjson.Fragment]:
        return [orjson.Fragment(text) for text in encode(shapes, decimals=DECIMALS)]

    return {
        "box": made.box,
        "total": made.total,
        "communities": [{"name": name, "geometry": shape} for name, shape in zip(made.communities, drawn(made.areas), strict=True)],
        "ids": made.ids,
        "of": [None if name is None else str(name) for name in made.community],
        "shapes": drawn(made.shapes),
        "counts": {id: {"yes": counts.yes, "unknown": counts.unknown, "no": counts.no} for id, counts in made.counts.items()},
    }


def chosen_profile(here: Services) -> str:
    """The id of the profile that is asked for. Raises BadValue."""
    asked = request.args.get("profile") or here.settings.profile.id
    known = here.settings.profiles
    if asked not in known:
        listed = ", ".join(known)
        raise BadValue(
            Text(f"没有规则文件“{asked[:60]}”；可用：{listed}", f"there is no profile '{asked[:60]}'; there are: {listed}"),
            parameter="profile",
            profiles=list(known),
        )
    return asked


def chosen_day() -> str | None:
    """The day that is asked for. Raises BadValue."""
    asked = request.args.get("as_of")
    return None if asked is None else str(AS_OF.parse(asked))


def figures_json(made: Figures, here: Services, lang: str, day: str | None) -> dict[str, Any]:
    profiles = [{"id": p.id, "label": p.label.of(lang)} for p in here.settings.profiles.values()]
    return {
        "as_of": made.as_of,
        "day": day,
        "profile": {"id": made.profile.id, "label": made.profile.label.of(lang), "version": made.profile.version},
        "profiles": profiles,
        "revision": made.revision,
        "demo": made.demo,
        "measures": [_measure(m, made, here, lang, day) for m in made.measures],
        "places": [_place(p, lang) for p in made.places],
    }


def _measure(measure: Measure, made: Figures, here: Services, lang: str, day: str | None) -> dict[str, Any]:
    return {
        "id": measure.id,
        "label": measure.named(made.profile).of(lang),
        "help": measure.help.of(lang),
        "layer": measure.layer,
        "subject": here.layers[measure.layer].label.of(lang),
        "whole": measure.whole,
        **_opened(measure, made, here, day),
        "answer": measure.answer,
    }


def _opened(measure: Measure, made: Figures, here: Services, day: str | None) -> dict[str, Any]:
    """What the figure opens as in the map: its question, with what it has to be asked with to say the same (the map goes by the service's own profile
    and by today), or the rows of its layer that it counts."""
    if measure.question is None:
        return {
            "question": None,
            "parameters": {},
            "table": measure.layer,
            "filter": measure.where(made.profile) if measure.where else None,
        }
    other, said = made.profile.id != here.settings.profile.id, {}
    for parameter in here.questions[measure.question].parameters:
        if parameter.name == "profile" and other:
            said["profile"] = made.profile.id
        elif parameter.name == "as_of" and day:
            said["as_of"] = day
        elif other and parameter.default is None and parameter.figure in made.profile.figures:
            said[parameter.name] = f"{made.profile[str(parameter.figure)]:g}"
    return {"question": measure.question, "parameters": said, "table": None, "filter": None}


def _place(place: Place, lang: str) -> dict[str, Any]:
    name = _KINDS[place.kind].of(lang) if place.kind in _KINDS else place.name
    return {
        "kind": place.kind,
        "name": name,
        "code": place.code,
        "community": place.name if place.kind == "community" else None,
        "figures": {id: _count(count) for id, count in place.counts.items()},
    }


def _count(count: Count) -> dict[str, Any]:
    return {"yes": count.yes, "no": count.no, "unknown": count.unknown, "na": count.na, "total": count.total, "says": count.says}
