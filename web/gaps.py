"""The to-do list of the gaps for the field team, as a workbook to fill in and upload again."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from geo.answers import Answer
from geo.errors import BadValue, Text
from geo.exports.to_do import MOST, to_do_xlsx
from geo.gaps import READS
from geo.query import OUTPUT
from geo.questions.data_gaps import DATA_GAPS
from web.http import attachment, language, takes
from web.items import QUERY, make_query
from web.services import Services, services

bp = Blueprint("gaps", __name__)

USUAL = 2000
"""Rows of a list unless said: the rest settles little."""

_ORDER = "-settles,community,compound_code,target_layer"
"""What settles most comes first; what settles the same stands together as one walks."""

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NAME = Text("缺项清单", "data gaps")


@bp.get("/api/gaps.xlsx")
@takes(*QUERY, checked_later=True)
def gaps_xlsx() -> Response:
    """The gaps as a list to fill in, those first that settle most; the query of `data-gaps`. What is filled in comes back by an upload."""
    lang = language()
    data, found = workbook(services(), {k: v for k, v in request.args.items() if k not in OUTPUT}, lang=lang)
    headers = {"Content-Disposition": attachment(f"{_NAME.of(lang)} {found.as_of}.xlsx"), "OGC-NumberMatched": str(found.matched)}
    return Response(data, headers=headers, content_type=_SHEET)


def workbook(here: Services, args: Mapping[str, str], *, lang: str) -> tuple[bytes, Answer]:
    """The list that the arguments ask for, and the answer it shows. Raises the Invalid tree."""
    asked = {"sortby": _ORDER, "limit": str(USUAL), **args, "answer": "yes"}
    for name in ("properties", "shape"):
        if name in args:
            raise BadValue(Text(f"清单的列是固定的：去掉 {name}", f"the columns of the list are fixed: leave {name} out"), parameter=name)
    query = make_query(here, DATA_GAPS.id, asked, lang=lang, paged=False)
    if query.limit is None or query.limit > MOST:
        raise BadValue(Text(f"清单最多 {MOST} 行", f"a list has at most {MOST} rows"), parameter="limit")
    found = here.answered(query)
    return to_do_xlsx(found, here.frames.view(*READS), here.stored, lang=lang), found
