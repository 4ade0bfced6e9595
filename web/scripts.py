"""What a page loads of ours, at addresses that hold the hash of the content: its ES modules as one script, its sheets; a browser keeps them unasked."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, g, request, url_for

from geo.errors import NotFound, Text
from web.http import etag_matches, not_modified, takes
from web.settings import ROOT
from web.standalone.script import module

bp = Blueprint("scripts", __name__)

STATIC = ROOT / "static"
ENTRIES = {
    "workspace": ("map/canvas.js", "map/controls.js", "map/feature_layer.js", "map/tiles.js", "workspace.js"),
    "upload": ("upload/page.js",),
    "account": ("upload/past.js",),
    "overview": ("overview.js",),
    "card": ("card.js",),
    "cards": ("cards.js",),
    "projects": ("projects/list.js",),
    "project": ("projects/page.js",),
}
"""The modules whose exports a page's script gives on."""


@bp.get("/scripts/<version>/<name>.js")
@takes()
def script(version: str, name: str) -> Response:
    """A page's script. At the address of an earlier text comes the present one, which is then not kept."""
    if name not in ENTRIES:
        raise ScriptNotFound(Text(f"没有脚本“{name}”", f"there is no script '{name}'"))
    text = _text(name)
    own = version_of(text)
    g.kept = version == own
    if etag_matches(f'"{own}"'):
        return not_modified(f'"{own}"')
    return Response(text, mimetype="text/javascript", headers={"ETag": f'"{own}"'})


class ScriptNotFound(NotFound):
    code = "script-not-found"


def script_address(name: str) -> str:
    """Where the script of a page of ENTRIES lies now."""
    return url_for("scripts.script", version=version_of(_text(name)), name=name)


def _text(name: str) -> bytes:
    return _made(name, url_for("static", filename=""), _stamp())


@lru_cache(maxsize=2 * len(ENTRIES))
def _made(name: str, above: str, stamp: int) -> bytes:
    return module(STATIC / "js", ENTRIES[name], above=above).encode()


def _stamp() -> int:
    """Another one when a module was changed, so that whoever works on the modules sees it at once."""
    files = (STATIC / "js").rglob("*.js")
    return hash(tuple(sorted((str(f), f.stat().st_mtime_ns) for f in files)))


def version_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


@lru_cache(maxsize=256)
def _file_version(path: Path, changed: int) -> str:
    return version_of(path.read_bytes())


def _version(filename: str) -> str | None:
    """Of a file in static; None for modules, which import each other by addresses without one, and where there is no file."""
    path = STATIC / filename
    plain = filename == "js/theme.js" or (not filename.startswith("js/") and not filename.endswith("/index.js"))
    return _file_version(path, path.stat().st_mtime_ns) if plain and path.is_file() else None


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values and (version := _version(values["filename"])):
        values["v"] = version


def _keep_file(response: Response) -> Response:
    """What came from an address with the file's own version stays what it is."""
    said = request.args.get("v") if request.endpoint == "static" and response.status_code in (200, 304) else None
    g.kept = getattr(g, "kept", False) or (said is not None and said == _version((request.view_args or {})["filename"]))
    return response


def init_app(app: Flask) -> None:
    """Addresses of static files get the version of their content; templates get `script`."""
    app.url_defaults(_add_version)
    app.after_request(_keep_file)
    app.jinja_env.globals["script"] = script_address
    app.register_blueprint(bp)
