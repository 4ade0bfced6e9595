"""Counts, histograms and figures of a field over what a query matches."""

from __future__ import annotations

import math
import re
from contextlib import nullcontext
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, request

from geo.errors import BadValue, Invalid, Text, UnknownParameter
from geo.query import OUTPUT, Query, queryables
from geo.query import unknown_in as unknown_field_in
from geo.statistics import BINS, MAX_BINS, Spread, Statistics, statistics
from web.http import Parameter, etag_matches, json_response, language, not_modified, refuse_unknown, takes
from web.items import QUERY, etag_of, make_query
from web.ogc import find
from web.problems import problem_json
from web.services import Services, services

bp = Blueprint("statistics", __name__)

FIELDS = Parameter(
    "fields",
    Text("哪些字段；不写则是所有可筛选的，留空则只要总数", "which fields; unsaid: all that can be filtered by; empty: only the counts"),
    {"type": "array", "items": {"type": "string"}},
)
NUMBER_OF_BINS = Parameter(
    "bins", Text("直方图最多几段", "how many bins at most"), {"type": "integer", "minimum": 1, "maximum": MAX_BINS, "default": BINS}
)
BREAKS = Parameter(
    "breaks",
    Text("一个数字字段恰好按这些界限分段，首尾两段不封口", "bins of one number field exactly between these; the first and last are open"),
    {"type": "array", "items": {"type": "number"}},
)  # fmt: skip
OF = Parameter(
    "of",
    Text(
        "all：分段和取值按全部要素，并说明全部中各有多少", "all: bins and values are those of all features, with how many of all have them"
    ),
    {"type": "string", "enum": ["all"]},
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?\Z", re.ASCII)
OWN = ("fields", "bins", "breaks", "of")
PAGE_ONLY = ("limit", "offset", "sortby", "properties", "shape", *OUTPUT)


TAKEN = tuple(p for p in QUERY if p.name not in PAGE_ONLY)


@bp.get("/api/statistics/<id>")
@takes(FIELDS, NUMBER_OF_BINS, BREAKS, OF, *TAKEN, checked_later=True)
def of_collection(id: str) -> Response:
    """How the values of fields are spread over what is asked of a layer or a question."""
    here = services()
    layer, question = find(id, here)
    names = _names([f.name for f in queryables(layer, question)])
    spread: dict[str, Any] = {"most": _bins(), "breaks": _breaks(), "whole": _whole()}
    query = _query(here, id)
    etag = etag_of(here)
    if etag_matches(etag):
        return not_modified(etag)
    made = _made(here, query, names, **spread)
    return json_response(
        _counts(made) | {"bbox": made.box, "fields": [_spread_json(s, language()) for s in made.spreads]}, headers={"ETag": etag}
    )


@bp.get("/api/asks/<id>")
@takes(*TAKEN, checked_later=True)
def asks(id: str) -> Response:
    """Whether this can be asked: its counts, or the problem of a value, both with 200, since a half-written filter is no failure."""
    here = services()
    find(id, here)
    try:
        return json_response({"problem": None} | _counts(_made(here, _query(here, id), [])))
    except UnknownParameter:
        raise
    except Invalid as error:
        return json_response({"problem": problem_json(error.status, error.code, error.text, error.members)})


def _query(here: Services, id: str) -> Query:
    """What is asked of the collection, whatever its page. Raises the Invalid tree."""
    paging = [name for name in request.args if name in PAGE_ONLY]
    refuse_unknown(paging, {p.name for p in TAKEN} | set(OWN))
    return make_query(here, id, {k: v for k, v in request.args.items() if k not in OWN}, lang=language(), paged=False)


def _made(here: Services, query: Query, names: list[str] | None, **spread: Any) -> Statistics:
    with here.turn() if query.collection in here.questions else nullcontext():
        return statistics(query, here.frames, names, layers=here.layers, now=here.now(), today=here.today(), **spread)


def _counts(made: Statistics) -> dict[str, int]:
    return {name: getattr(made, name) for name in ("matched", "unplaced", "total", "revision")}


def _spread_json(spread: Spread, lang: str) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": spread.field.name,
        "type": spread.field.type,
        "known": spread.known,
        "unknown": spread.unknown,
        "min": spread.least,
        "max": spread.greatest,
        "mean": spread.mean,
        "median": spread.median,
        "sum": spread.sum,
        "distinct": spread.distinct,
    }
    if spread.values is not None:
        listed = [
            {"value": c.value, "label": c.label.of(lang) if c.label else str(c.value), "count": c.count} | _of(c.of) for c in spread.values
        ]
        said |= {"values": listed, "others": spread.others}
    if spread.bins is not None:
        said["bins"] = [{"low": b.low, "high": b.high, "count": b.count} | _of(b.of) for b in spread.bins]
    return said


def _of(count: int | None) -> dict[str, int]:
    return {} if count is None else {"of": count}


def _whole() -> bool:
    if request.args.get("of", "all") != "all":
        raise BadValue(Text("of 只有 all", "of is all"), parameter="of")
    return "of" in request.args


def _names(known: list[str]) -> list[str] | None:
    if "fields" not in request.args:
        return None
    if not request.args["fields"].strip():
        return []
    chosen = list(dict.fromkeys(part.strip() for part in request.args["fields"].split(",")))
    for name in chosen:
        if name not in known:
            raise unknown_field_in("fields", name, known)
    return chosen


def _bins() -> int:
    text = request.args.get("bins", str(BINS))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_BINS):
        raise BadValue(Text(f"bins 须是 1 到 {MAX_BINS} 的整数", f"bins is a whole number from 1 to {MAX_BINS}"), parameter="bins")
    return int(text)


def _breaks() -> list[float] | None:
    if "breaks" not in request.args:
        return None
    parts = [part.strip() for part in request.args["breaks"].split(",", MAX_BINS)]
    found = [float(part) for part in parts] if all(map(_NUMBER.match, parts)) else []
    ascending = all(a < b for a, b in pairwise(found))
    if not found or len(found) > MAX_BINS or not all(math.isfinite(v) for v in found) or not ascending:
        raise BadValue(
            Text(
                f"breaks 须是至多 {MAX_BINS} 个从小到大的数字，用逗号隔开",
                f"breaks is up to {MAX_BINS} ascending numbers with commas between",
            ),
            parameter="breaks",
        )
    return found
