"""The way from the short address of a named view to the full one."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from web.http import language
from web.services import services

KIND = "view"
"""The kind of document that a named view is kept as."""


def query_text(args: dict[str, Any]) -> str:
    """Parameters as the text of an address that people can still read."""
    return urlencode(args, quote_via=quote, safe=",/:;@")


def opened(endpoint: str) -> Response:
    """A redirect to the address of the view that `view=` names; what else is said takes the place of what the view says. Raises DocumentNotFound."""
    said = request.args.to_dict()
    body = services().store.document(KIND, said.pop("view")).body or {}
    return redirect(
        f"{url_for(endpoint)}?{query_text({'lang': language(), **dict(parse_qsl(body['address'], keep_blank_values=True)), **said})}", 302
    )
