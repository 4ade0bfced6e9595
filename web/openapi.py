"""The OpenAPI 3.0 document, made from the routes and what they declare."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.routing import Rule

from geo.errors import Text
from geo.questions.declaration import Parameter as QuestionParameter
from geo.questions.declaration import Question
from web.http import ANSWER, Parameter, parameters_of, shape_parameter

if TYPE_CHECKING:
    from web.services import Services

BY_PROFILE = Text("不说即按规则文件（或车型）", "unsaid: as the profile (or the vehicle) says")
_CONVERTER = re.compile(r"<(?:(?P<kind>[a-z]+):)?(?P<name>[a-z_]+)>")
_ITEMS = "items.items"
_TYPES: Mapping[str, dict[str, Any]] = {
    "choice": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}


def document(app: Flask, here: Services, *, lang: str, server: str) -> dict[str, Any]:
    """Every rule of the application but the static files, with its parameters; each question's items with the question's own ones."""
    paths: dict[str, Any] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: r.rule):
        if rule.endpoint == "static":
            continue
        view = app.view_functions[rule.endpoint]
        path = _CONVERTER.sub(lambda m: "{" + m["name"] + "}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(rule, view, method, lang)
        if rule.endpoint == _ITEMS:
            for question in here.questions.values():
                paths[path.replace("{id}", question.id)] = {"get": _question_operation(rule, view, question, lang)}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Yuantu 院图", "version": "1"},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"responses": {"problem": _problem_response()}},
    }


def _operation(rule: Rule, view: Callable[..., Any], method: str, lang: str) -> dict[str, Any]:
    parameters = [*_path_parameters(rule), *(_query(p, lang) for p in parameters_of(view))]
    parameters += [_header(name) for name in _headers(rule, method)]
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint}.{method.lower()}",
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}, "default": {"$ref": "#/components/responses/problem"}},
    }
    body = getattr(view, "body", None)
    if body and method in ("POST", "PATCH", "PUT"):
        operation["requestBody"] = {"content": {_BODY_TYPES[body]: {"schema": {"type": "object"}}}}
    return operation


_BODY_TYPES = {"json": "application/json", "files": "multipart/form-data"}


def _question_operation(rule: Rule, view: Callable[..., Any], question: Question, lang: str) -> dict[str, Any]:
    operation = _operation(rule, view, "GET", lang)
    known = {p["name"] for p in operation["parameters"]}
    own = [
        _query(ANSWER, lang),
        *(_query(Parameter(p.name, _meaning(p), _limits(p)), lang) for p in question.parameters if p.name not in known),
        *([_query(shape_parameter(question), lang)] if question.shapes else []),
    ]
    kept = [p for p in operation["parameters"] if p["in"] != "path"]
    return operation | {"operationId": f"items.{question.id}", "summary": question.title.of(lang), "parameters": [*kept, *own]}


def _meaning(parameter: QuestionParameter) -> Text:
    """The label, and for a parameter without a default of its own what holds when it is not said."""
    unsaid = None if parameter.default is not None else BY_PROFILE if parameter.figure else parameter.help
    return Text(f"{parameter.label.zh}；{unsaid.zh}", f"{parameter.label.en}; {unsaid.en}") if unsaid else parameter.label


def _limits(parameter: QuestionParameter) -> dict[str, Any]:
    said: dict[str, Any] = {**_TYPES[parameter.type]} | ({} if parameter.default is None else {"default": parameter.default})
    if parameter.above is not None:
        said |= {"minimum": parameter.above, "exclusiveMinimum": True}
    if parameter.maximum is not None:
        said["maximum"] = parameter.maximum
    return said | ({"enum": [c.value for c in parameter.choices]} if parameter.choices else {})


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    return [
        {"name": m["name"], "in": "path", "required": True, "schema": {"type": "integer" if m["kind"] == "int" else "string"}}
        for m in _CONVERTER.finditer(rule.rule)
    ]


def _query(parameter: Parameter, lang: str) -> dict[str, Any]:
    said = {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.help.of(lang),
        "schema": dict(parameter.schema),
    }
    return said | ({"style": "form", "explode": False} if parameter.schema.get("type") == "array" else {})


def _headers(rule: Rule, method: str) -> list[str]:
    if method in ("GET", "HEAD"):
        return []
    edits = rule.endpoint.startswith("edits.")
    seen = (edits and method != "POST") or rule.endpoint in _ON_A_VERSION
    keyed = edits or rule.endpoint in _ON_A_VERSION
    return ["X-CSRF-Token", *(["Idempotency-Key"] if keyed else []), *(["If-Match"] if seen else [])]


_ON_A_VERSION = ("ledger.step", "split.split")
"""What is posted for a feature as it was seen."""


def _header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": name != "Idempotency-Key", "schema": {"type": "string"}}


def _problem_response() -> dict[str, Any]:
    names = ("type", "title", "code", "detail", "way_out")
    properties: dict[str, Any] = {name: {"type": "string"} for name in names} | {"status": {"type": "integer"}}
    schema = {"type": "object", "required": ["type", "title", "status", "code", "detail"], "properties": properties}
    return {"description": "RFC 9457", "content": {"application/problem+json": {"schema": schema}}}
