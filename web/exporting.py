"""What a file would hold before it is made: rows, what is left out, columns, CRS, name and size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from flask import Blueprint, Response, request

from geo.answers import Answer
from geo.errors import BadValue, Text
from geo.exports import Output, left_out, losses, made
from geo.exports.columns import Column, columns
from web.files import file_name
from web.http import json_response, language, takes
from web.items import CRS, HEADING, PAGE, QUERY, F, Wanted, make_query
from web.ogc import find
from web.services import Services, services

bp = Blueprint("exporting", __name__, url_prefix="/api/exports")

WHOLE = 300
"""Rows that are written out to know their bytes exactly;"""
SAMPLE = 200
"""of more, so many spread over all of them are, and a quarter as many: the rest follows from the two."""


@bp.get("/<id>")
@takes(*QUERY, F, CRS, HEADING, checked_later=True)
def told(id: str) -> Response:
    """What `/ogc/collections/<id>/items` with the same parameters would give as a file, and about how large it would be."""
    here = services()
    find(id, here)
    wanted = Wanted.from_request({"f": "geojson", **request.args})
    if wanted.form is PAGE:
        raise BadValue(Text("这里问的是文件：请加 f=geojson 等", "this is about files: say f=geojson or another"), parameter="f")
    query = make_query(here, id, wanted.args, lang=language(), paged=False)
    result = here.answered(query)
    metric = here.frames.view(result.layer.id).metric_crs
    output = Output.of(wanted.form, crs=wanted.crs, metric_crs=metric, headings=wanted.headings, lang=language())
    return json_response(_facts(here, result, output))


def _facts(here: Services, result: Answer, output: Output) -> dict[str, Any]:
    absent = left_out(result, output)
    size, exact = _bytes(here, result, output)
    return {
        "name": file_name(result, output.form, language()),
        "matched": result.matched,
        "written": result.returned - absent,
        "left_out": absent,
        "unplaced": result.unplaced,
        "crs": output.crs,
        "fields": [{"name": c.name, "title": c.title} for c in _columns(result, output)],
        "loses": [text.of(language()) for text in losses(result, output)],
        "bytes": size,
        "exact": exact,
        "demo": result.demo,
        "revision": result.revision,
    }


def _columns(result: Answer, output: Output) -> list[Column]:
    """Those that the format has a place for: a drawing has titles and codes."""
    found = columns(result, output)
    drawn = {result.layer.title_field, "code"}
    return [c for c in found if c.field and c.field.name in drawn] if output.form.projected else found


def _bytes(here: Services, result: Answer, output: Output) -> tuple[int, bool]:
    """The file's size, and whether it was counted rather than reckoned from a sample."""
    count = len(result.frame)
    if count <= WHOLE:
        return _made_bytes(here, result, output), True
    large, small = (_made_bytes(here, _some(result, n), output) for n in (SAMPLE, SAMPLE // 4))
    each = (large - small) / (SAMPLE - SAMPLE // 4)
    return round(large + each * (count - SAMPLE)), False


def _some(result: Answer, count: int) -> Answer:
    """Rows spread evenly over the answer."""
    at = np.linspace(0, len(result.frame) - 1, count).round().astype(int)
    return replace(result, frame=result.frame.iloc[at], returned=count)


def _made_bytes(here: Services, result: Answer, output: Output) -> int:
    return sum(len(piece) for piece in made(result, output, work_dir=here.work_dir))
