"""What a page loads of ours, at addresses that hold the hash of the content: its ES modules as a script, its sheets as one; a browser keeps them unasked."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, g, request, url_for

from geo.errors import NotFound, Text
from web.http import etag_matches, not_modified, takes
from web.settings import ROOT
from web.standalone.script import module, names_in

bp = Blueprint("scripts", __name__)

STATIC = ROOT / "static"
ENTRIES = {
    "map": ("map/canvas.js", "map/controls.js", "map/feature_layer.js", "map/tiles.js", "opening.js"),
    "workspace": ("workspace.js",),
    "upload": ("upload/page.js",),
    "account": ("upload/past.js",),
    "overview": ("overview.js",),
    "card": ("card.js",),
    "cards": ("cards.js",),
    "projects": ("projects/list.js",),
    "project": ("projects/page.js",),
}
"""The modules whose exports a page's script gives on."""

SHEETS = {
    "workspace": (
        "vendor/leaflet/leaflet.css",
        *(f"css/{name}.css" for name in ("tokens", "parts", "workspace", "layers", "filter", "table", "details", "share")),
    )
}
"""The style sheets that a page gets as one, in their order."""

AFTER = {"workspace": "map"}
"""A script that is loaded after another one, and takes from it the modules that it has."""


@bp.get("/scripts/<version>/<name>.js")
@takes()
def script(version: str, name: str) -> Response:
    """A page's script. At the address of an earlier text comes the present one, which is then not kept."""
    if name not in ENTRIES:
        raise ScriptNotFound(Text(f"没有脚本“{name}”", f"there is no script '{name}'"))
    return _answer(*_script(name, _stamp()), version, "text/javascript")


class ScriptNotFound(NotFound):
    code = "script-not-found"


@bp.get("/sheets/<version>/<name>.css")
@takes()
def sheet(version: str, name: str) -> Response:
    """A page's style sheet; at the address of an earlier text as with scripts."""
    if name not in SHEETS:
        raise SheetNotFound(Text(f"没有样式表“{name}”", f"there is no style sheet '{name}'"))
    return _answer(*_sheet(name), version, "text/css")


class SheetNotFound(NotFound):
    code = "sheet-not-found"


def _answer(text: bytes, own: str, version: str, mimetype: str) -> Response:
    """`own`: the hash of the present text."""
    g.kept = version == own
    etag = f'"{own}"'
    return not_modified(etag) if etag_matches(etag) else Response(text, mimetype=mimetype, headers={"ETag": etag})


def sheet_address(name: str) -> str:
    """Where the style sheet of a page of SHEETS lies now."""
    return url_for("scripts.sheet", version=_sheet(name)[1], name=name)


def _sheet(name: str) -> tuple[bytes, str]:
    """Its text and the version of that."""
    files = tuple((file, (STATIC / file).stat().st_mtime_ns) for file in SHEETS[name])
    return _joined(files, url_for("static", filename=""))


@lru_cache(maxsize=2 * len(SHEETS))
def _joined(files: tuple[tuple[str, int], ...], above: str) -> tuple[bytes, str]:
    """Sheets one after the other, with what they name beside them at its address below `above`."""

    def named(file: str) -> str:
        beside = above + posixpath.dirname(file)
        return _BESIDE.sub(f"url({beside}/", (STATIC / file).read_text("utf-8"))

    text = "\n".join(named(file) for file, _ in files).encode()
    return text, version_of(text)


_BESIDE = re.compile(r"url\((?=\w+/)")


def script_address(name: str) -> str:
    """Where the script of a page of ENTRIES lies now."""
    return _address(name, _stamp())


def _address(name: str, stamp: int) -> str:
    return url_for("scripts.script", version=_script(name, stamp)[1], name=name)


def _script(name: str, stamp: int) -> tuple[bytes, str]:
    """Its text and the version of that."""
    before = AFTER.get(name)
    return _made(name, url_for("static", filename=""), before and _address(before, stamp), stamp)


@lru_cache(maxsize=2 * len(ENTRIES))
def _made(name: str, above: str, before: str | None, stamp: int) -> tuple[bytes, str]:
    """`before`: the address of the script of AFTER."""
    folder = STATIC / "js"
    held = dict.fromkeys(names_in(folder, ENTRIES[AFTER[name]]), before) if before else {}
    text = module(folder, ENTRIES[name], above=above, held=held, shared=name in AFTER.values()).encode()
    return text, version_of(text)


def _stamp() -> int:
    """Another one when a module was changed, so that whoever works on the modules sees it at once; looked at once a request."""
    if "scripts_stamp" not in g:
        g.scripts_stamp = hash(tuple(sorted(_changed(STATIC / "js"))))
    return int(g.scripts_stamp)


def _changed(folder: Path | str) -> Iterator[tuple[str, int]]:
    """The files in a folder and below, and when they were changed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _changed(entry.path)
            else:
                yield entry.path, entry.stat().st_mtime_ns


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
    """Addresses of static files get the version of their content; templates get `script` and `sheet`."""
    app.url_defaults(_add_version)
    app.after_request(_keep_file)
    app.jinja_env.globals.update(script=script_address, sheet=sheet_address)
    app.register_blueprint(bp)
