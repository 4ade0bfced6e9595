"""`/map.html`: the current view as one file that opens from disk with no network."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g, request

from web.http import attachment, json_response, language, stream, takes
from web.services import Services, services
from web.standalone.content import WARN_BYTES, Content, gather
from web.standalone.page import SANDBOX, Page, compose, file, file_name
from web.standalone.view import PARAMETERS, MapView, flag

bp = Blueprint("standalone", __name__)


@bp.get("/map.html")
@takes(*PARAMETERS)
def map_html() -> Response:
    """The map of an address as one self-contained HTML file (`size=1`: how large it would be, as JSON)."""
    args = {name: value for name, value in request.args.items() if name != "lang"}
    download, only_size, confirmed = (flag(args, name) for name in ("download", "size", "confirm"))
    content, made = prepare(services(), args, language())
    if only_size:
        size = made.bytes + content.bytes
        return json_response({"bytes": size, "features": content.features, "limit_bytes": WARN_BYTES, "too_large": size > WARN_BYTES})
    if not confirmed:
        content.refuse_large(made.bytes)
    headers = {"Content-Disposition": attachment(file_name(content, services().now()), "yuantu-map")} if download else {}
    response = stream(file(content, made), "text/html; charset=utf-8", headers=headers)
    g.page_policy = f"{made.policy}; {SANDBOX}"
    return response


def prepare(here: Services, args: dict[str, str], lang: str) -> tuple[Content, Page]:
    """The answers and the page around them. Raises the Invalid tree."""
    view = MapView.from_args(args, layers=here.layers, questions=here.questions)
    content = gather(view, here, lang=lang)
    return content, compose(content, current_app.jinja_env, made=here.now())
