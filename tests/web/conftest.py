"""A small real store behind the application, and a client that holds the page's token."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import create_app
from geo.profile import Profile
from geo.store.contract import Batch, ImportRecord, Quarantined, Write
from web import profiles
from web.services import Services

NOW = "2026-11-22T08:00:00Z"
HOSTILE = "{{7*7}}<script>alert(1)</script>=1+1"


def square(west: float, south: float, size: float = 0.001) -> bytes:
    return bytes(shapely.to_wkb(shapely.box(west, south, west + size, south + size)))


def line(*xy: tuple[float, float]) -> bytes:
    return bytes(shapely.to_wkb(shapely.LineString(xy)))


COMPOUNDS: list[dict[str, Any]] = [
    {"code": "A1", "name": "南苑小区", "built_year": 1994, "households": 100, "gas_status": "none", "geometry": square(112.980, 34.750)},
    {"code": "A2", "name": "园丁街一号楼院", "built_year": 1985, "gas_status": "full", "geometry": square(112.982, 34.750)},
    {"code": "A3", "name": "龙泉花园", "built_year": 2005, "gas_status": "none", "geometry": None},
    {"code": "A4", "name": HOSTILE, "built_year": 1999, "gas_status": "all_electric", "geometry": square(112.984, 34.750)},
    {"code": "A5", "name": "工商联家属院", "built_year": None, "gas_status": None, "geometry": square(112.990, 34.760)},
]
LANES: list[dict[str, Any]] = [
    {"code": "L1", "name": "一巷", "clear_width_m": 3.5, "geometry": line((112.98, 34.75), (112.981, 34.75))},
    {"code": "L2", "name": "二巷", "clear_width_m": 4.0, "geometry": line((112.98, 34.751), (112.981, 34.751))},
    {"code": "L3", "name": "三巷", "clear_width_m": None, "geometry": line((112.98, 34.752), (112.981, 34.752))},
]


def here(app: Flask) -> Services:
    services: Services = app.extensions["yuantu"]
    return services


def application(store: Path) -> Flask:
    return create_app({"YUANTU_STORE": str(store), "SECRET_KEY": "k" * 40})


@pytest.fixture(scope="session", autouse=True)
def routes_once() -> Iterator[None]:
    """The code that writes an address of a route is compiled once a process, not for every application: it depends on nothing but these arguments."""
    real, kept = Rule._compile_builder, {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        key = (tuple(rule._trace), tuple((rule.defaults or {}).items()), append_unknown)
        if key not in kept:
            kept[key] = real(rule, append_unknown)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compiled)
        yield


@pytest.fixture(scope="session", autouse=True)
def profiles_once() -> Iterator[None]:
    """A profile of the same text is read once a process, not for every application; nobody can change it."""
    real, kept = profiles._parsed, {}

    def parsed(path: Path, bases: Mapping[str, Profile]) -> Profile:
        key = (path, path.read_text("utf-8"), tuple(base.fingerprint for base in bases.values()))
        if key not in kept:
            kept[key] = real(path, bases)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profiles, "_parsed", parsed)
        yield


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stores made once and copied for each test: an empty one, and one with five compounds, three lanes and two records in quarantine."""
    folder = tmp_path_factory.mktemp("stores")
    empty, filled = application(folder / "empty.gpkg"), application(folder / "filled.gpkg")
    account = {"compounds": {"read": 7, "accepted": 5, "repaired": 0, "quarantined": 2}}
    record = ImportRecord(f"台账 {HOSTILE}.xls", "0" * 64, "append", account, {"crs": "EPSG:4326"})
    left_out = [
        Quarantined("compounds", "表1", n, "no-geometry", "没有几何", "no geometry", {"名称": HOSTILE, "x": "=1+1"}) for n in (6, 7)
    ]
    writes = [Write("compounds", inserts=COMPOUNDS), Write("fire_lanes", inserts=LANES)]
    here(filled).store.publish(Batch(writes, record, left_out, metric_crs="EPSG:4547"), actor="test", now=NOW)
    assert here(empty).store.info().kind == "empty"
    for app in (empty, filled):
        here(app).close()
    return folder


def copied(stores: Path, name: str, folder: Path) -> Iterator[Flask]:
    shutil.copy(stores / name, folder / "store.gpkg")
    made = application(folder / "store.gpkg")
    yield made
    here(made).close()


@pytest.fixture
def app(stores: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty store."""
    yield from copied(stores, "empty.gpkg", tmp_path)


@pytest.fixture
def filled(stores: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application on the small store, to be changed."""
    yield from copied(stores, "filled.gpkg", tmp_path)


@pytest.fixture(scope="module")
def reading(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on the small store for tests that only read."""
    yield from copied(stores, "filled.gpkg", tmp_path_factory.mktemp("reading"))


class Browser:
    """A test client that sends the token of its session, as the page does."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        with client.application.test_request_context():
            self.token, kept = generate_csrf(), session["csrf_token"]
        with client.session_transaction() as mine:  # as from /api/state, which counts and measures the whole store first
            mine["csrf_token"] = kept

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def send(self, method: str, path: str, json: Any = None, *, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        sent = {"X-CSRF-Token": self.token, **(headers or {})}
        body = {} if json is None else {"json": json}
        return self.client.open(path, method=method, headers=sent, **body, **more)


@pytest.fixture
def browser(filled: Flask) -> Browser:
    return Browser(filled.test_client())


@pytest.fixture(scope="module")
def reader(reading: Flask) -> Browser:
    """A browser for tests after which the store is as before."""
    return Browser(reading.test_client())
