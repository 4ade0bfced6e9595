"""The power cut at any write of the store: with its own settings nothing acknowledged is lost; with weaker ones the same campaign finds losses."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cut_power import Disk, PowerCut
from store_samples import LATER, LAYERS, NOW, batch, box, line, yards

from geo.errors import YuantuError
from geo.store import connection, gpkg, open_store, writing
from geo.store.contract import Store, Update, Write

COUNTERS = 20
PRAGMAS = connection.PRAGMAS


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("base") / "store.gpkg"
    with closing(open_store(path, LAYERS)) as store:
        store.publish(batch(yards(COUNTERS, households=0)), actor="test", now=NOW)
    return path.read_bytes()


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports overflow the cache, so that pages are written before the commit, and build their index at the end."""
    monkeypatch.setattr(gpkg, "WRITE_CACHE_KIB", 32)
    monkeypatch.setattr(writing, "BULK_CHANGES", 60)


def edit(store: Store, choose: random.Random) -> int:
    row = store.feature("yards", choose.randrange(1, COUNTERS + 1))
    moved = box(113 + choose.random(), 34) if choose.random() < 0.5 else None
    update = Update(row.id, row.version, {"households": row.values["households"] + 1}, moved, moved is not None)
    return store.edit([Write("yards", updates=[update])], actor="a", now=LATER, key=f"{row.id}/{row.version}").revision


def publish(store: Store, choose: random.Random) -> int:
    count = choose.choice([3, 80])
    rows = [{"name": "x" * choose.randrange(400), "geometry": line((113, 34), (113 + choose.random(), 35))} for _ in range(count)]
    return store.publish(batch(rows, layer="lanes"), actor="b", now=LATER).revision


def take_back(store: Store, choose: random.Random) -> int:
    last = store.info().revision
    return store.undo(last, actor="c", now=LATER).revision if last > 1 else edit(store, choose)


STEPS: list[Callable[[Store, random.Random], int]] = [edit, edit, edit, edit, publish, take_back]


def worked(path: Path, choose: random.Random) -> tuple[int, int]:
    """Work until the power goes: how many changes were acknowledged, and the last revision among them."""
    count, last = 0, 1
    try:
        with closing(open_store(path, LAYERS)) as store:
            for _ in range(60):
                last, count = choose.choice(STEPS)(store, choose), count + 1
    except PowerCut:
        pass
    return count, last


def after_a_cut(base: bytes, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """sound, lost or corrupt; and how many changes had been acknowledged."""
    choose = random.Random(seed)
    path = folder / f"{seed}.gpkg"
    disk = Disk(f"cut{seed}", budget=choose.randrange(10, 900), seed=seed)
    disk.put(str(path), base)
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", disk.connect)
        count, last = worked(path, choose)
    for name, data in disk.cut().items():
        Path(name).write_bytes(data)
    disk.unregister()
    try:
        with closing(open_store(path, LAYERS)) as store:
            if problems := store.check():
                return f"corrupt: {problems[0]}", count
            return ("lost" if store.info().revision < last else "sound"), count
    except YuantuError as error:
        return f"corrupt: {error}", count


def with_synchronous(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setattr(connection, "PRAGMAS", tuple(f"synchronous = {mode}" if "synchronous" in p else p for p in PRAGMAS))


def test_a_power_cut_loses_nothing_that_was_acknowledged(base: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = [after_a_cut(base, tmp_path, seed, monkeypatch) for seed in range(12)]
    assert Counter(outcome for outcome, _ in outcomes) == {"sound": 12}
    assert sum(count for _, count in outcomes) > 60, "cuts that come before any change prove nothing"


@pytest.mark.parametrize("mode", ["OFF", "FULL"])
def test_the_same_cuts_find_weaker_settings(base: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """Negative control. FULL leaves the removal of the journal to the file system: after a cut it may be back and take the last change back."""
    with_synchronous(monkeypatch, mode)
    assert any(after_a_cut(base, tmp_path, seed, monkeypatch)[0] != "sound" for seed in range(40))


@pytest.mark.soak
@pytest.mark.parametrize(("mode", "survives"), [("EXTRA", True), ("FULL", False), ("NORMAL", False), ("OFF", False)])
def test_a_hundred_and_fifty_power_cuts(base: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, survives: bool) -> None:
    with_synchronous(monkeypatch, mode)
    outcomes = Counter(after_a_cut(base, tmp_path, seed, monkeypatch)[0].partition(":")[0] for seed in range(1000, 1150))
    print(mode, dict(outcomes))
    assert (outcomes == {"sound": 150}) is survives
    if mode == "FULL":
        assert outcomes["corrupt"] == 0
