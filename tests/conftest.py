"""Fixtures that many tests share: the real data beside the checkout, the declared layers, an empty store."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from geo.schema import Layer
from geo.store import gpkg, tables
from geo.store.contract import Store

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False  # else every worker and every server compiles all modules anew
gc.set_threshold(50_000, 20, 20)  # thousands of small tests make few cycles: the usual pace of collecting costs a tenth of the run

ROOT = Path(__file__).resolve().parent.parent
NOW = "2026-11-22T08:00:00Z"
"""The instant that tests write with: nothing below reads a clock."""


def missing(what: str) -> None:
    """Skip with the reason, but fail where everything must be there (CI=true): a test that never runs proves nothing."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the checkout (see its MANIFEST.md)."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        missing("no real data: the folder ../shared/data is not beside this checkout")
    return path


@pytest.fixture(scope="session")
def layers_map() -> Mapping[str, Layer]:
    """Every declared layer by its id, as the parts of `geo` take them."""
    import layers

    return {layer.id: layer for layer in layers.ALL}


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "store.gpkg"


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory, layers_map: Mapping[str, Layer]) -> Path:
    """An empty store of all layers, closed: copying it is quicker than making one for every test."""
    from geo.store import open_store

    path = tmp_path_factory.mktemp("empty") / "store.gpkg"
    open_store(path, layers_map).close()
    path.chmod(0o444)
    return path


@pytest.fixture
def small_store(store_path: Path, layers_map: Mapping[str, Layer], empty_store: Path) -> Iterator[Store]:
    """An empty store of all layers in a file of its own."""
    from geo.store import open_store

    shutil.copyfile(empty_store, store_path)
    store = open_store(store_path, layers_map)
    yield store
    store.close()


_LONG_FIRST = ("browser/", "test_store_killed.py", "test_import_")


def pytest_collection_finish() -> None:
    """What was loaded by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def tables_once() -> Iterator[None]:
    """The statements for a set of layers are made once a process, not for every store of the hundreds that are opened."""
    kept: list[tuple[dict[str, Layer], tables.Tables]] = []
    lock = threading.Lock()

    def tables_for(layers: Mapping[str, Layer]) -> tables.Tables:
        with lock:
            found = next((made for known, made in kept if same(known, layers)), None)
            if found is None:
                found = tables.Tables(layers)
                statements = found.create()
                patch.setattr(found, "create", lambda: statements)
                kept.append((dict(layers), found))
            return found

    def same(known: Mapping[str, Layer], layers: Mapping[str, Layer]) -> bool:
        return list(known) == list(layers) and all(known[id] is layers[id] for id in known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gpkg, "Tables", tables_for)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first, so that two workers end at about the same time."""
    items.sort(key=lambda item: next((rank for rank, name in enumerate(_LONG_FIRST) if name in item.nodeid), len(_LONG_FIRST)))
