"""The backends that the contract suite runs on: a later one adds its opener here and passes the same tests."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from store_samples import LAYERS

from geo.schema import Layer
from geo.store import open_store
from geo.store.contract import Store

Opener = Callable[[Path, Mapping[str, Layer]], Store]

BACKENDS: dict[str, Opener] = {"gpkg": lambda folder, layers: open_store(folder / "store.gpkg", layers)}


@pytest.fixture(scope="session")
def empty_folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Per backend a folder with an empty store, closed: copying it is quicker than making one for every test."""
    folders = {name: tmp_path_factory.mktemp(f"empty-{name}") for name in BACKENDS}
    for name, folder in folders.items():
        BACKENDS[name](folder, LAYERS).close()
        for made in folder.iterdir():
            made.chmod(0o444)
    return folders


@pytest.fixture(params=BACKENDS, ids=str)
def reopen(request: pytest.FixtureRequest, tmp_path: Path, empty_folders: Mapping[str, Path]) -> Iterator[Callable[[], Store]]:
    """Opens the same store once more, as another program would."""
    opened: list[Store] = []
    shutil.copytree(empty_folders[request.param], tmp_path, copy_function=shutil.copyfile, dirs_exist_ok=True)

    def open_it() -> Store:
        opened.append(BACKENDS[request.param](tmp_path, LAYERS))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen: Callable[[], Store]) -> Store:
    return reopen()
