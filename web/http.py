"""Requests become values and values become answers, once for all routes."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import quote

import numpy as np
import orjson
from flask import Response, current_app, request
from werkzeug.routing import IntegerConverter

from geo.errors import Invalid, Text, UnknownParameter, nearest
from geo.questions.declaration import Question

View = TypeVar("View", bound=Callable[..., Any])

JSON_TYPES = frozenset({"application/json", "application/geo+json", "application/merge-patch+json"})
JSON_BYTES = 8 << 20
JSON_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter of a route: feeds the check of what is asked and the OpenAPI document."""

    name: str
    help: Text
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


LANG = Parameter("lang", Text("回答的语言", "language of the answer"), {"type": "string", "enum": ["zh", "en"]})


ANSWER = Parameter(
    "answer",
    Text("要哪些回答：yes、no、unknown、na，或 all", "which answers: yes, no, unknown, na, or all"),
    {"type": "array", "items": {"type": "string", "enum": ["yes", "no", "unknown", "na", "all"]}, "default": ["yes"]},
)
"""Beside its own parameters every question takes this one."""


def shape_parameter(question: Question) -> Parameter:
    """What a question that has shapes takes besides."""
    listed = Text("；".join(f"{s.id} {s.label.zh}" for s in question.shapes), "; ".join(f"{s.id}: {s.label.en}" for s in question.shapes))
    return Parameter(
        "shape",
        Text(
            f"各行的几何换成此项（{listed.zh}）；bbox、within 和 filter 仍看要素自己的几何",
            f"rows come with this geometry instead of their own ({listed.en}); bbox, within and filter still look at the feature's own",
        ),
        {"type": "string", "enum": [s.id for s in question.shapes]},
    )


def takes(*parameters: Parameter, checked_later: bool = False, body: str | None = None) -> Callable[[View], View]:
    """Declare a route's query parameters (`lang` is always one) and what its body may be: "json", "files" or None.

    `checked_later`: which names are known depends on the collection; the route checks them itself.
    """

    def mark(view: View) -> View:
        view.takes = parameters  # type: ignore[attr-defined]
        view.checked_later = checked_later  # type: ignore[attr-defined]
        view.body = body  # type: ignore[attr-defined]
        return view

    return mark


def parameters_of(view: Callable[..., Any]) -> tuple[Parameter, ...]:
    return (*getattr(view, "takes", ()), LANG)


class WholeConverter(IntegerConverter):
    """Whole numbers in addresses, as long as the store's own can be; there is nothing at any other."""

    regex = "[0-9]{1,18}"


# ---------------------------------------------------------------- language


def language() -> str:
    """ "zh" or "en": `lang=`, else the best of Accept-Language, else the setting."""
    asked = request.args.get("lang")
    if asked in ("zh", "en"):
        return asked
    default = current_app.extensions["yuantu"].settings.lang
    for name, quality in request.accept_languages:
        short = name.lower().split("-")[0]
        if quality > 0 and short in ("zh", "en"):
            return short
    return str(default)


def sentence(zh: str, en: str) -> str:
    return Text(zh, en).of(language())


def refuse_unknown(asked: Iterable[str], known: Iterable[str]) -> None:
    """Raises UnknownParameter for the first name that is not known, with the names that are."""
    names = sorted(known)
    for name in asked:
        if name not in names:
            said, listed = name[:60], ", ".join(names)
            raise UnknownParameter(
                Text(f"不认识参数“{said}”；可用：{listed}", f"unknown parameter '{said}'; there are: {listed}"),
                parameter=said, nearest=nearest(said, names), parameters=names,
            )  # fmt: skip


# ---------------------------------------------------------------- bodies


def json_body() -> dict[str, Any]:
    """The JSON object that was sent. Raises Invalid for another type, for deep nesting, for what is not strict JSON or not an object."""
    if request.mimetype not in JSON_TYPES:
        raise UnsupportedMedia(Text("正文须是 application/json", "the body must be application/json"))
    data = request.get_data(cache=True)
    if too_deep(data, JSON_DEPTH):
        raise Invalid(Text(f"JSON 嵌套超过 {JSON_DEPTH} 层", f"the JSON is nested deeper than {JSON_DEPTH}"))
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Invalid(
            Text(f"正文不是合格的 JSON（第 {error.pos + 1} 个字符处）", f"the body is not valid JSON (at character {error.pos + 1})")
        ) from None
    if not isinstance(value, dict):
        raise Invalid(Text("正文须是一个 JSON 对象", "the body must be a JSON object"))
    return value


def too_deep(data: bytes, most: int) -> bool:
    """Whether brackets nest deeper than `most`; brackets inside texts do not count."""
    bare = np.frombuffer(_JSON_TEXT.sub(b"", data), dtype=np.uint8)
    steps = np.isin(bare, list(b"[{")).astype(np.int64) - np.isin(bare, list(b"]}"))
    return bool(len(steps)) and int(np.cumsum(steps).max()) > most


_JSON_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
"""One that is never closed ends with the body: looked for anew at each of its quotes, it would take quadratic time."""


class UnsupportedMedia(Invalid):
    code, status = "unsupported-media-type", 415


# ---------------------------------------------------------------- answers


def json_response(
    value: Any, status: int = 200, *, media_type: str = "application/json", headers: Mapping[str, str] | None = None
) -> Response:
    response = Response(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY), status, mimetype=media_type)
    response.headers.update(headers or {})
    return response


def packed(response: Response) -> Response:
    """The same answer in a tenth of the bytes for who takes it so: quickly, not as small as can be."""
    if request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(response.get_data(), 1, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def stream(pieces: Iterator[bytes], media_type: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """A response of pieces; the first is made now, so that an error still becomes a problem document."""
    first = next(pieces, b"")
    response = Response(chain((first,), pieces), content_type=media_type)
    response.call_on_close(getattr(pieces, "close", lambda: None))
    response.headers.update(headers or {})
    return response


_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Turn the letters behind them around: a name then seems to have another ending than it has."""


def attachment(name: str, plain_stem: str = "yuantu") -> str:
    """A Content-Disposition with the real name after RFC 5987, and for old programs an ASCII one (`plain_stem` where the name is not ASCII)."""
    clean = "".join(
        "_" if c in '/\\:*?"<>|' or unicodedata.category(c) == "Cc" or unicodedata.bidirectional(c) in _TURNS else c for c in name
    )
    _, dot, ending = clean.rpartition(".")
    plain = clean if clean.isascii() else f"{plain_stem}{dot}{ending if ending.isascii() else ''}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"


def etag_matches(etag: str) -> bool:
    """Whether the client already has this (weak comparison)."""
    asked = request.headers.get("If-None-Match", "")
    return bool(asked) and (asked.strip() == "*" or etag.removeprefix("W/") in [t.strip().removeprefix("W/") for t in asked.split(",")])


def not_modified(etag: str) -> Response:
    response = Response(status=304)
    response.headers["ETag"] = etag
    return response
