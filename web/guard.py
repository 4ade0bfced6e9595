"""What is let in and what goes with every answer: who asks, from where, how much, which parameters; the security headers."""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from geo.errors import BadValue, Invalid, NotAllowed, Text
from web.http import JSON_BYTES, language, parameters_of, refuse_unknown
from web.settings import Settings

_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?", re.IGNORECASE)
_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def guard() -> None:
    """Before every route: who asks, from where, how much and with which parameters. Raises NotAllowed, TooLarge, Invalid, UnknownParameter."""
    g.csp_nonce = secrets.token_urlsafe(16)
    _check_client()
    _check_host()
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return
    if request.method not in SAFE_METHODS:
        _check_origin()
        _limit_size(view)
        if current_app.config["WTF_CSRF_ENABLED"]:
            csrf.protect()
        _check_body(view)
    _check_parameters(view)


def _check_client() -> None:
    """Until there are accounts the operator is the client on loopback, and a proxy in between would lend that right to strangers."""
    try:
        local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        local = False
    if not local or any(name in request.headers for name in _PROXIED):
        raise NotAllowed(
            Text(
                "此服务只在本机使用，不接受代理转来的请求", "this service answers its own machine only, and nothing that a proxy passes on"
            )
        )


def _check_host() -> None:
    """A foreign name that resolves to loopback (DNS rebinding) is refused, and whatever is not a name and a port."""
    match = _LOOPBACK.fullmatch(request.headers.get("Host", ""))
    if match is None or int(match[1] or 80) not in range(1, 65536):
        raise NotAllowed(Text("主机名不是本机：请用 http://127.0.0.1 打开", "the host name is not this machine's: open http://127.0.0.1"))


def _check_origin() -> None:
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    foreign = origin is not None and origin != request.host_url.rstrip("/")
    if foreign or site not in (None, "same-origin", "none"):
        raise NotAllowed(Text("请求来自别的网站，已拒绝", "the request comes from another site and is refused"))


def _limit_size(view: Callable[..., Any]) -> None:
    """Only uploads may be large; set before anything reads the body."""
    if getattr(view, "body", None) != "files":
        request.max_content_length = JSON_BYTES


def _check_body(view: Callable[..., Any]) -> None:
    if getattr(view, "body", None) is None and request.get_data() not in (b"", b"{}"):
        raise Invalid(Text("此请求不带正文", "this request takes no body"))


def _check_parameters(view: Callable[..., Any]) -> None:
    asked = request.args
    if asked.get("lang") not in (None, "zh", "en"):
        raise BadValue(Text("lang 只能是 zh 或 en", "lang is zh or en"), parameter="lang")
    for name in asked:
        if len(asked.getlist(name)) > 1:
            raise BadValue(Text(f"参数 {name} 写了不止一次", f"parameter {name} stands more than once"), parameter=name)
    if getattr(view, "checked_later", False):
        return
    known = {"v"} if request.endpoint == "static" else {p.name for p in parameters_of(view)}
    families = tuple(name.removesuffix("*") for name in known if name.endswith("*"))
    refuse_unknown([name for name in asked if not families or not name.startswith(families)], known)


csrf = CSRFProtect()


def content_policy(settings: Settings, nonce: str, *, framed: bool = False) -> str:
    """What a page may load and run, and who may frame it: this service, and with `framed` whom the setting names."""
    images = f" {settings.basemap_origin}" if settings.basemap_origin else ""
    others = "".join(f" {origin}" for origin in settings.embed_origins) if framed else ""
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data: blob:{images}; "
        f"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'{others}"
    )


def add_headers(response: Response) -> Response:
    settings: Settings = current_app.extensions["yuantu"].settings
    headers = response.headers
    own = getattr(g, "page_policy", None)
    headers["Content-Security-Policy"] = own or content_policy(settings, getattr(g, "csp_nonce", secrets.token_urlsafe(16)))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Content-Language", language())
    if getattr(g, "kept", False) and response.status_code in (200, 304):
        headers["Cache-Control"] = "private, max-age=31536000, immutable"
    elif request.endpoint == "static":
        headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    elif "ETag" in headers and request.method in ("GET", "HEAD") and response.status_code in (200, 304):
        headers["Cache-Control"] = "private, no-cache"
        response.vary.update(("Accept", "Accept-Language", "Cookie"))
    else:
        headers["Cache-Control"] = "private, no-store"
    return response


def init_app(app: Flask, settings: Settings) -> None:
    """Guards, limits, error pages and headers of the whole application."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_HEADERS=["X-CSRF-Token"])
    app.before_request(guard)
    csrf.init_app(app)
    Limiter(get_remote_address, app=app, default_limits=[settings.rate], storage_uri="memory://", strategy="fixed-window")
    app.after_request(add_headers)
