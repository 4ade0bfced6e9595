"""Every route of the application: what it refuses and what goes with every answer."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import waitress
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from tests.web.conftest import copied
from web.serving import options_of

SAMPLES = {
    "id": "compounds",
    "fid": "1",
    "filename": "css/tokens.css",
    "version": "0",
    "name": "S1",
    "layer": "compounds",
    "z": "1",
    "row": "1",
    "col": "1",
}
POLICY = re.compile(
    r"default-src 'self'; script-src 'self' 'nonce-[\w-]{22}'; style-src 'self'; img-src 'self' data: blob:; "
    r"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_HASH = r"'sha256-[\w+/]{43}='"
FILE_POLICY = re.compile(
    rf"default-src 'none'; script-src {_HASH} {_HASH}; style-src {_HASH}; img-src data:; base-uri 'none'; form-action 'none'; "
    r"sandbox allow-scripts allow-modals; frame-ancestors 'self'"
)
"""The file that travels has a stricter one of its own."""


def routes() -> Iterator[tuple[str, str]]:
    """(method, path with sample values) of every rule; a new route is tested without being named here."""
    for rule in create_app({"YUANTU_STORE": "nowhere.gpkg"}).url_map.iter_rules():
        path = re.sub(r"<int:id>", "1", rule.rule)
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: SAMPLES[m[1]], path)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, path


ROUTES = sorted(routes())
UNSAFE = [(m, p) for m, p in ROUTES if m != "GET"]


@pytest.fixture(scope="module")
def client(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client on an empty store, opened once for the whole table."""
    for app in copied(stores, "empty.gpkg", tmp_path_factory.mktemp("routes")):
        yield app.test_client()


@pytest.fixture(scope="module")
def token(client: FlaskClient) -> dict[str, str]:
    return {"X-CSRF-Token": client.get("/api/state").get_json()["csrf_token"]}


def test_there_are_routes() -> None:
    assert len(ROUTES) > 25
    assert len(UNSAFE) >= 8


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_an_unknown_parameter_is_a_400(method: str, path: str, client: FlaskClient, token: dict[str, str]) -> None:
    answer = client.open(f"{path}?nonsense=1&lang=en", method=method, headers=token)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unknown-parameter")
    assert "nonsense" in answer.get_json()["detail"]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_the_headers_go_with_every_answer(method: str, path: str, client: FlaskClient) -> None:
    headers = client.open(path, method=method).headers
    assert (FILE_POLICY if path == "/map.html" else POLICY).fullmatch(headers["Content-Security-Policy"])
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert headers["Cache-Control"].startswith("private")
    assert "Server" not in headers or "Werkzeug" not in headers["Server"]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_foreign_host_is_refused(method: str, path: str, client: FlaskClient) -> None:
    assert client.open(path, method=method, headers={"Host": "evil.example:8000"}).status_code == 403


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_parameter_twice_is_a_400(method: str, path: str, client: FlaskClient, token: dict[str, str]) -> None:
    assert client.open(f"{path}?lang=en&lang=zh", method=method, headers=token).status_code == 400


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_an_unsafe_method_needs_the_token(method: str, path: str, client: FlaskClient) -> None:
    answer = client.open(path, method=method, json={})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "csrf")


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_is_refused_even_with_the_token(
    headers: dict[str, str], method: str, path: str, client: FlaskClient, token: dict[str, str]
) -> None:
    answer = client.open(path, method=method, json={}, headers={**token, **headers})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "not-allowed")


def test_the_token_guard_is_what_refuses(tmp_path: Path) -> None:
    """The negative control: with the guard off, the same request gets through to the next check."""
    off = create_app({"YUANTU_STORE": str(tmp_path / "s.gpkg"), "WTF_CSRF_ENABLED": False}).test_client()
    assert off.post("/api/undo", json={}).get_json()["code"] == "bad-value"


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "8.8.8.8"}, {"Forwarded": "for=8.8.8.8"}])
def test_a_proxy_cannot_lend_the_operators_right(headers: dict[str, str], client: FlaskClient) -> None:
    assert client.get("/healthz", headers=headers).status_code == 403


def test_another_machine_is_refused(client: FlaskClient) -> None:
    assert client.get("/healthz", environ_base={"REMOTE_ADDR": "192.168.1.5"}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
def test_this_machine_has_three_names(host: str, client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": host}).get_json()["status"] == "ok"


BAD_HOSTS = [
    "user:pw@127.0.0.1:8400",
    "127.0.0.1:99999",
    "127.0.0.1:0",
    "127.0.0.1:abc",
    "127.0.0.1:",
    "127.0.0.1:8400/x",
    "localhost.",
    "::1",
    "",
]


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_a_host_is_a_name_and_a_port(host: str, client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code in (400, 403)


def test_a_proxy_is_refused_through_the_real_server(client: FlaskClient) -> None:
    """The server takes proxies' headers away unless it is told not to; then the guard would never see them."""
    with _served(client) as port:
        statuses = {name: _status(port, {name: "8.8.8.8"} if name else {}) for name in (*PROXIED, "")}
    assert statuses == dict.fromkeys(PROXIED, 403) | {"": 200}


def test_requests_that_never_end_shut_nobody_out(client: FlaskClient) -> None:
    """A hundred of them took all places of waitress for two minutes."""
    with _served(client) as port, ExitStack() as held:
        for _ in range(110):
            held.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(b"GET / HT")
        assert _status(port, {}) == 200


@contextmanager
def _served(client: FlaskClient) -> Iterator[int]:
    """The port of the real server, as long as it is wanted."""
    app = client.application
    server = waitress.create_server(app, port=0, **options_of(app.extensions["yuantu"].settings))
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield server.effective_port
    finally:
        server.trigger.pull_trigger(server.close)
        serving.join(10)
    assert not serving.is_alive()


PROXIED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")


def _status(port: int, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


PROBLEMS: list[tuple[str, str, int, str]] = [
    ("GET", "/ogc/collections/compound/items", 404, "layer-not-found"),
    ("GET", "/ogc/nothing", 404, "not-found"),
    ("POST", "/ogc/collections", 405, "method-not-allowed"),
    ("GET", "/ogc/collections/compounds/items?filter=nam=1", 400, "unknown-field"),
    ("GET", "/ogc/collections/compounds/items/999", 404, "feature-not-found"),
    ("GET", "/ogc/collections/compounds/items?f=pdf", 400, "bad-value"),
    ("GET", "/ogc/collections/compounds/items?crs=EPSG:1", 400, "unknown-crs"),
    ("GET", "/api/imports/9", 404, "import-not-found"),
    ("GET", f"/api/imports/{10**17}", 404, "import-not-found"),
    ("GET", f"/api/imports/{2**63}", 404, "not-found"),
    ("GET", f"/imports/{2**63}", 404, "not-found"),
    ("GET", f"/ogc/collections/compounds/items/{'9' * 5000}", 404, "not-found"),
    ("GET", "/api/uploads/x", 404, "not-found"),
]


@pytest.mark.parametrize(("method", "path", "status", "code"), PROBLEMS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_error_is_a_problem_document(lang: str, method: str, path: str, status: int, code: str, client: FlaskClient) -> None:
    answer = client.open(path, method=method, headers={"Accept-Language": lang})
    said: dict[str, Any] = answer.get_json()
    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, said["status"], said["code"], said["type"]) == (status, status, code, f"urn:yuantu:problem:{code}")
    assert bool(re.search(r"[\u4e00-\u9fff]", said["detail"])) == (lang == "zh") or "“" in said["detail"]
    assert {"title", "detail"} <= set(said)


def test_a_misspelt_name_is_told_the_way_out(client: FlaskClient) -> None:
    said = client.get("/ogc/collections/compound/items?lang=en").get_json()
    assert said["nearest"][0] == "compounds"
    assert "compounds" in said["way_out"]


def test_a_405_names_the_methods(client: FlaskClient) -> None:
    assert "GET" in client.post("/ogc/collections").headers["Allow"]


def test_a_person_gets_a_page(client: FlaskClient) -> None:
    answer = client.get("/nothing<b>?lang=en", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "<b>" not in answer.get_data(as_text=True)


def test_a_crash_says_nothing_of_the_inside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("/secret/path SELECT * FROM x")

    monkeypatch.setattr("web.services.Services.now", broken)
    answer = app.test_client().get("/ogc/collections/compounds/items?lang=en")
    assert (answer.status_code, answer.get_json()["code"]) == (500, "broken")
    assert "secret" not in answer.get_data(as_text=True)


def test_too_many_requests_are_a_429(tmp_path: Path) -> None:
    app = create_app({"YUANTU_STORE": str(tmp_path / "s.gpkg"), "YUANTU_RATE": "3 per hour"})
    answers = [app.test_client().get("/ogc/conformance") for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert (answers[3].get_json()["code"], "Retry-After" in answers[3].headers) == ("too-many", True)


def test_the_cookie_is_kept_to_this_site(client: FlaskClient) -> None:
    fresh = client.application.test_client()
    cookie = fresh.get("/api/state").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


BODIES: list[tuple[bytes, str, int]] = [
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b'{"revision": NaN}', "application/json", 400),
    (b'{"a":' * 200_000, "application/json", 400),
    (b"[" * 1_000_000, "application/json", 400),
    (b'{"revision": 1}', "text/plain", 415),
    (b'{"x": "' + b"a" * (9 << 20) + b'"}', "application/json", 413),
]


@pytest.mark.parametrize(("body", "kind", "status"), BODIES, ids=range(len(BODIES)))
def test_a_hostile_body_is_refused(body: bytes, kind: str, status: int, client: FlaskClient, token: dict[str, str]) -> None:
    answer = client.post("/api/undo", data=body, content_type=kind, headers=token)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert status != 413 or ("8 MB" in answer.get_json()["detail"], answer.get_json()["body_mb"]) == (True, 8)
