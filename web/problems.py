"""Errors become answers, once for all routes: RFC 9457 for programs, a page with the same sentence for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from geo.errors import Text, TooLarge, YuantuError
from web.http import JSON_BYTES, json_response, language
from web.settings import Settings

MACHINE_PATHS = ("/api/", "/ogc", "/healthz", "/templates/")


def problem_json(status: int, code: str, text: Text, members: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The members of an RFC 9457 problem in the asked language, with the way out where the error knows near names."""
    lang = language()
    body = {
        "type": f"urn:yuantu:problem:{code}",
        "title": TITLES.get(status, TITLES[500]).of(lang),
        "status": status,
        "code": code,
        "detail": text.of(lang),
    }
    extra = {k: v for k, v in (members or {}).items() if k not in body}
    return {**body, **_way_out(extra, lang), **extra}


def problem(status: int, code: str, text: Text, members: Mapping[str, Any] | None = None) -> Response:
    """An RFC 9457 answer; for a person's browser the error page with the same sentence."""
    body = problem_json(status, code, text, members)
    if _wants_page():
        return Response(
            render_template("error.html", problem=body, **{k: body[k] for k in ("status", "title", "detail", "code")}),
            status,
            mimetype="text/html",
        )
    return json_response(body, status, media_type="application/problem+json")


def _way_out(members: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """One short sentence made of the facts that an error carries, when it names near ones."""
    if members.get("way_out"):
        return {}
    near = members.get("nearest") or []
    if near:
        listed = ", ".join(str(n) for n in near)
        return {"way_out": Text(f"是不是：{listed}", f"did you mean: {listed}").of(lang)}
    return {}


def _wants_page() -> bool:
    if request.path.startswith(MACHINE_PATHS) or request.method not in ("GET", "HEAD"):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


TITLES: Mapping[int, Text] = {
    400: Text("请求有误", "Bad request"),
    403: Text("不允许", "Not allowed"),
    404: Text("没有找到", "Not found"),
    405: Text("不支持此方法", "Method not allowed"),
    409: Text("状态冲突", "Conflict"),
    412: Text("版本已过时", "Version is stale"),
    413: Text("太大", "Too large"),
    415: Text("类型不对", "Unsupported media type"),
    422: Text("未接受", "Refused"),
    428: Text("需要版本号", "Version required"),
    429: Text("请求太多", "Too many requests"),
    500: Text("程序出错", "Broken"),
    503: Text("正忙", "Busy"),
    507: Text("磁盘已满", "Disk full"),
}

HTTP_TEXTS: Mapping[int, tuple[str, Text]] = {
    400: ("invalid", Text("请求无法理解", "the request cannot be understood")),
    404: ("not-found", Text("没有这个地址；接口目录在 /ogc/", "there is nothing at this address; the interface starts at /ogc/")),
    405: ("method-not-allowed", Text("此地址不支持这个方法", "this address does not take that method")),
    413: ("too-large", Text("发送的内容太大", "what was sent is too large")),
    415: ("unsupported-media-type", Text("正文类型不对", "the body has a type that is not taken")),
    429: ("too-many", Text("请求太多，请稍后再试", "too many requests; try again in a moment")),
}

BROKEN = Text("程序出错了，已记入日志；数据没有改动", "something broke and was logged; no data was changed")


def on_yuantu_error(error: YuantuError) -> Response:
    if error.status >= 500:
        current_app.logger.error("%s: %s", error.code, error, exc_info=error)
    response = problem(error.status, error.code, error.text, error.members)
    if error.status in (429, 503):
        response.headers["Retry-After"] = "10"
    if error.status == 412 and "current" in error.members:
        response.headers["ETag"] = f'"{error.members["current"]}"'
    return response


def on_csrf_error(error: CSRFError) -> Response:
    text = Text(
        "页面令牌缺失或已过期：刷新页面后再试（令牌在 /api/state）",
        "the page's token is missing or stale: reload the page (the token is in /api/state)",
    )
    return problem(403, "csrf", text)


def on_too_large(error: RequestEntityTooLarge) -> Response:
    if request.max_content_length == JSON_BYTES:
        most = JSON_BYTES >> 20
        text = Text(f"内容超过上限：此请求的正文最多 {most} MB", f"more than is taken: the body of this request may have {most} MB")
        return problem(413, TooLarge.code, text, {"body_mb": most})
    settings: Settings = current_app.extensions["yuantu"].settings
    text = Text(f"内容超过上限：上传最多 {settings.upload_mb} MB", f"more than is taken: an upload may have {settings.upload_mb} MB")
    return problem(413, TooLarge.code, text, {"upload_mb": settings.upload_mb})


def on_http_error(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    code, text = HTTP_TEXTS.get(status, HTTP_TEXTS[400] if status < 500 else ("broken", BROKEN))
    response = problem(status, code, text)
    kept = {"Allow", "Retry-After"}
    response.headers.update({k: v for k, v in error.get_headers() if k in kept})
    if status == 429:
        response.headers.setdefault("Retry-After", "10")
    return response


def on_crash(error: Exception) -> Response:
    current_app.logger.exception("unexpected error at %r", request.path)
    return problem(500, "broken", BROKEN)


def init_app(app: Flask) -> None:
    app.register_error_handler(YuantuError, on_yuantu_error)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(RequestEntityTooLarge, on_too_large)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_crash)
