"""A travelling map as one HTML file: our own scripts and styles inside, allowed by their hashes; the data as a block that is never a script."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from geo.errors import StoreBusy, Text
from web.settings import ROOT
from web.standalone.content import Content, pieces, title, town
from web.standalone.script import bundle, literal
from web.translations import texts

STATIC = ROOT / "static"
SCRIPTS = STATIC / "js"
ENTRY = "standalone/main.js"
INSTEAD = {
    "core/api.js": "standalone/api.js",
    **dict.fromkeys(("core/asked.js", "map/tile_grid.js", "map/tile_pointer.js"), "standalone/no_tiles.js"),
}
"""Where the workspace asks the server, the file answers for itself."""
STYLES = ("vendor/leaflet/leaflet.css", "css/tokens.css", "css/parts.css", "css/workspace.css", "css/standalone.css")
SANDBOX = "sandbox allow-scripts allow-modals; frame-ancestors 'self'"
"""Beside the file's own policy when it is looked at on the server: an origin of its own, so that nothing in it can use the service."""

_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ADDRESS = re.compile(r"url\([^)]*\)")
_KEY = re.compile(r'"([a-z]+(?:\.[a-z0-9]+)*)"')
_FAMILY = re.compile(r"\bt\(`([a-z.]+\.)\$\{")


@dataclass(frozen=True, slots=True)
class Page:
    """The file without its data: what stands before and after them, and the policy that lets just its own parts run."""

    head: bytes
    tail: bytes
    policy: str

    @property
    def bytes(self) -> int:
        return len(self.head) + len(self.tail)


def compose(content: Content, environment: Environment, *, made: str) -> Page:
    """Everything but the data; `made` is the instant, ISO 8601 UTC. Raises StoreBusy when the browser's libraries are not installed."""
    script, library, style = _script(), _library(), _style()
    policy = _policy(scripts=(library, script), styles=(style,))
    mark = secrets.token_hex(16)
    said = texts(content.lang)
    asked = content.asked
    html = environment.get_template("standalone.html").render(
        lang=content.lang, t=said, policy=policy, data=mark,
        texts=_used(said, script), style=Markup(style), library=Markup(library), script=Markup(script), icon=_icon(),
        title=title(content), made=_day(made), as_of=next((a.as_of for a in content.answers.values()), made[:10]),
        demo=content.demo, town=town(content), sentence=asked.sentence.of(content.lang) if asked and asked.sentence else None,
        summary=asked.summary if asked else None, answers=[name.strip() for name in content.view.answers.split(",")],
        place=content.view.place, filters=_filters(content), features=content.features,
        left_out=[content.here.layers[id].label.of(content.lang) for id in content.view.left_out],
    )  # fmt: skip
    head, _, tail = html.partition(mark)
    return Page(head.encode(), tail.encode(), policy)


def _filters(content: Content) -> list[tuple[str, str]]:
    """What each condition is on, and the condition."""
    view, here = content.view, content.here
    names = {**{id: layer.label for id, layer in here.layers.items()}, **{id: question.title for id, question in here.questions.items()}}
    own = [
        (names[id].of(content.lang), text) for id, text in view.filters.items() if id in (*view.layers, view.question, _subject(content))
    ]
    return [*([("", view.where)] if view.where else []), *own]


def _subject(content: Content) -> str | None:
    return content.here.questions[content.view.question].subject if content.view.question else None


def file(content: Content, made: Page) -> Iterator[bytes]:
    """The whole file, piece by piece."""
    yield made.head
    yield from pieces(content)
    yield made.tail


def file_name(content: Content, made: str) -> str:
    """A name to save it under: what it is of, and the day."""
    return f"{Text('院图', 'Yuantu').of(content.lang)} {title(content)[:80]} {made[:10]}.html"


def _script() -> str:
    return bundle(SCRIPTS, ENTRY, instead=INSTEAD)


def _library() -> str:
    return literal(_SOURCE_MAP.sub("", _read(STATIC / "vendor/leaflet/leaflet.js")).strip() + "\n")


def _style() -> str:
    """All sheets as one; pictures that they name would be asked of the network, and none of them is used."""
    text = _COMMENT.sub("", "\n".join(_read(STATIC / name) for name in STYLES))
    return _ADDRESS.sub("none", text).replace("behavior: none;", "")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        raise StoreBusy(
            Text(
                "浏览器的程序库还没有装好：运行 python -m web.assets", "the browser's libraries are not installed: run python -m web.assets"
            )
        ) from None


def _icon() -> str:
    return "data:image/svg+xml;base64," + base64.b64encode((STATIC / "icon.svg").read_bytes()).decode()


def _policy(*, scripts: tuple[str, ...], styles: tuple[str, ...]) -> str:
    """Nothing from anywhere, and of what stands in the file only these texts run. (The picture is the icon.)"""
    allowed = " ".join(_hash(text) for text in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {' '.join(_hash(text) for text in styles)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    """Of the text between the tags, as a browser counts it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _used(said: dict[str, str], script: str) -> dict[str, str]:
    """The sentences that the script asks for."""
    quoted, families = set(_KEY.findall(script)), tuple(_FAMILY.findall(script))
    return {key: text for key, text in said.items() if key in quoted or key.startswith(families)}


def _day(instant: str) -> str:
    """The instant in the machine's own time, to the minute."""
    return datetime.fromisoformat(instant).astimezone().strftime("%Y-%m-%d %H:%M")
