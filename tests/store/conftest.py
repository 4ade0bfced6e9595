"""The backends that the contract suite runs on: a later one adds its opener here and passes the same tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from store_samples import LAYERS

from geo.schema import Layer
from geo.store import open_store
from geo.store.contract import Store

Opener = Callable[[Path, Mapping[str, Layer]], Store]

BACKENDS: dict[str, Opener] = {"gpkg": lambda folder, layers: open_store(folder / "store.gpkg", layers)}


@pytest.fixture(params=BACKENDS, ids=str)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the same store once more, as another program would."""
    opened: list[Store] = []

    def open_it() -> Store:
        opened.append(BACKENDS[request.param](tmp_path, LAYERS))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen: Callable[[], Store]) -> Store:
    return reopen()
