"""A backup in the place of the store: what is refused, what is kept, and that a cut at any moment leaves the one or the other."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from store_samples import LATER, LAYERS, NOW, SPOTS, YARDS, batch, everything, field, filled, yards

from geo.errors import Conflict, StoreFull, UnreadableFile, YuantuError
from geo.store import connection, open_store, restore_store, restoring
from geo.store.contract import Store, Update, Write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.gpkg"


@pytest.fixture
def backup(path: Path, tmp_path: Path) -> Path:
    """A backup with three yards; the store itself went on to a fourth and renamed the first."""
    store = filled(open_store(path, LAYERS))
    store.backup(tmp_path / "backup.gpkg")
    store.edit([Write("yards", inserts=[{"name": "新"}], updates=[Update(1, 1, {"name": "改"})])], actor="a", now=NOW)
    store.close()
    return tmp_path / "backup.gpkg"


def restore(path: Path, backup: Path, **more: Any) -> restoring.Restored:
    return restore_store(path, backup, more.get("layers", LAYERS), actor="operator", now=LATER)


def opened(path: Path, work: Callable[[Store], Any]) -> Any:
    with closing(open_store(path, LAYERS)) as store:
        return work(store)


def names(path: Path) -> list[Any]:
    return opened(path, lambda store: [row.values["name"] for row in everything(store)["yards"]])


def test_the_store_is_as_it_was_at_the_backup_and_the_replaced_one_is_kept(path: Path, backup: Path) -> None:
    replaced = path.read_bytes()
    done = restore(path, backup)
    assert names(path) == ["院0", "院1", "院2"]
    assert (done.kept, done.info.counts["yards"], done.info.revision) == (path.with_name("store-replaced-20261123T093000Z.gpkg"), (3, 1), 2)
    assert done.kept is not None and done.kept.read_bytes() == replaced
    assert names(done.kept) == ["改", "院1", "院2", "新"]
    assert opened(path, lambda store: store.check()) == []
    assert sorted(p.name for p in path.parent.iterdir() if "restoring" in p.name) == []


def test_the_history_says_what_was_restored(path: Path, backup: Path) -> None:
    """Equal revision numbers, other pasts: the head of the chain tells them apart, which answers kept by browsers depend on."""
    before = opened(path, lambda store: store.info())
    after = restore(path, backup).info
    assert (before.revision, after.revision, before.head != after.head) == (2, 2, True)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT at, actor, reason FROM yuantu_revision WHERE revision = 2").fetchone() == (
            LATER,
            "operator",
            "restored from backup.gpkg",
        )


def test_work_goes_on_and_a_second_restore_keeps_a_second_file(path: Path, backup: Path) -> None:
    restore(path, backup)
    opened(path, lambda store: store.edit([Write("yards", inserts=[{"name": "后"}])], actor="a", now=LATER))
    assert restore(path, backup).kept == path.with_name("store-replaced-20261123T093000Z-2.gpkg")
    assert names(path) == ["院0", "院1", "院2"]


def test_a_missing_store_is_made_from_the_backup(path: Path, backup: Path, tmp_path: Path) -> None:
    assert restore(tmp_path / "deep" / "other.gpkg", backup).kept is None
    assert names(tmp_path / "deep" / "other.gpkg") == ["院0", "院1", "院2"]


def test_a_store_that_cannot_be_read_any_more_is_replaced_and_kept_byte_for_byte(path: Path, backup: Path) -> None:
    path.write_bytes(b"not a database" * 999)
    path.with_name("store.gpkg-journal").write_bytes(b"journal of before")
    done = restore(path, backup)
    assert done.kept is not None and done.kept.read_bytes() == b"not a database" * 999
    assert done.kept.with_name(done.kept.name + "-journal").read_bytes() == b"journal of before"
    assert not path.with_name("store.gpkg-journal").exists(), "SQLite would roll it back into the new store"
    assert names(path) == ["院0", "院1", "院2"]


def test_an_older_backup_is_brought_to_the_declarations(path: Path, backup: Path) -> None:
    newer = {**LAYERS, "yards": replace(YARDS, fields=(*YARDS.fields, field("depth_m", "number")))}
    restore(path, backup, layers=newer)
    with closing(open_store(path, newer)) as store:
        assert store.read(["yards"]).whole["yards"].values["depth_m"] == [None, None, None]
        assert store.check() == []
    assert list(path.parent.glob("*before-upgrade*")) == [], "the backup itself is the copy of before"


# What is refused


def _text(path: Path) -> None:
    path.write_text("no store")


def _foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE t (a)")


def _demo(path: Path) -> None:
    with closing(open_store(path, LAYERS)) as store:
        store.publish(batch(yards(2), demo=True), actor="demo", now=NOW)


def _empty(path: Path) -> None:
    open_store(path, LAYERS).close()


def _spoiled(statement: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        with closing(open_store(path, LAYERS)) as store:
            filled(store)
        with closing(connection.connect(path)) as raw:
            raw.execute(statement)

    return spoil


def _torn(path: Path) -> None:
    with closing(open_store(path, LAYERS)) as store:
        filled(store, 300)
    with path.open("r+b") as handle:
        handle.seek(-40_000, os.SEEK_END)
        handle.write(b"\xff" * 20_000)


def _extra_layer(path: Path) -> None:
    with closing(open_store(path, {**LAYERS, "wells": replace(SPOTS, id="wells")})) as store:
        filled(store)


REFUSED: list[tuple[Callable[[Path], None], type[YuantuError], str]] = [
    (_text, UnreadableFile, "not a database that can be read"),
    (_foreign, UnreadableFile, "not a store of this service"),
    (_demo, UnreadableFile, "made-up data"),
    (_empty, UnreadableFile, "holds no features"),
    (_torn, UnreadableFile, "cannot be restored"),
    (_extra_layer, Conflict, "layers that the program has not: wells"),
    (_spoiled("UPDATE yuantu_meta SET value = '2' WHERE key = 'schema'"), Conflict, "the store has layout 2, this program knows 1"),
    (_spoiled("UPDATE yards SET name = 'forged' WHERE id = 2"), UnreadableFile, "yards are not what their history says: 2 (C1 forged)"),
    (_spoiled("UPDATE yuantu_meta SET value = 'EPSG:4546' WHERE key = 'metric_crs'"), UnreadableFile, "own figures (yuantu_meta) were changed"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "sentence"), REFUSED, ids=[case[2][:30] for case in REFUSED])
def test_what_is_no_sound_backup_is_refused_and_nothing_changes(
    path: Path, backup: Path, tmp_path: Path, make: Callable[[Path], None], error: type[YuantuError], sentence: str
) -> None:
    bad = tmp_path / "bad.gpkg"
    make(bad)
    before = {p.name: p.read_bytes() for p in (path, bad)}
    with pytest.raises(error) as caught:
        restore(path, bad)
    assert sentence in caught.value.text.en
    assert {p.name: p.read_bytes() for p in (path, bad)} == before
    assert sorted(p.name for p in tmp_path.glob("*.gpkg")) == ["backup.gpkg", "bad.gpkg", "store.gpkg"]


def test_the_store_is_not_restored_from_itself(path: Path, backup: Path, tmp_path: Path) -> None:
    (tmp_path / "link.gpkg").symlink_to(path)
    for same in (path, tmp_path / "link.gpkg"):
        with pytest.raises(Conflict, match="the store itself"):
            restore(path, same)


def test_a_full_disk_stops_it_before_anything_changed(path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StoreFull):
        restore(path, backup)
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.glob("*.gpkg")) == ["backup.gpkg", "store.gpkg"]


# Who else has the store


def test_a_store_in_use_is_not_replaced_and_the_process_is_named(path: Path, backup: Path) -> None:
    """A process that kept the old file open would go on showing it, as the next test does."""
    with closing(open_store(path, LAYERS)) as store:
        store.info()
        with pytest.raises(Conflict) as caught:
            restore(path, backup)
        assert caught.value.members["processes"] == [os.getpid()]
        assert f"process {os.getpid()}" in caught.value.text.en
        store.edit([Write("yards", inserts=[{"name": "kept"}])], actor="a", now=LATER)
    assert "kept" in names(path)
    restore(path, backup)


def test_without_the_lease_a_service_goes_on_with_the_old_file(path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: it shows what the store no longer holds."""
    monkeypatch.setattr(restoring, "alone", lambda path: nullcontext())
    monkeypatch.setattr(restoring, "_keep", lambda path, now: None)
    with closing(open_store(path, LAYERS)) as store:
        shown = everything(store)["yards"][0].values["name"]
        restore(path, backup)
        assert (everything(store)["yards"][0].values["name"], names(path)[0]) == (shown, "院0") == ("改", "院0")


def test_another_program_that_writes_is_waited_for_then_named_as_the_reason(
    path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geo.store.connection.BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Conflict, match="in use"):
            restore(path, backup)
    assert "改" in names(path)


def test_a_program_that_writes_while_the_file_is_kept_stops_it(path: Path, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was quick enough to be gone when the store was asked for: what is kept would be half of each."""
    original = shutil.copyfile

    def while_copying(source: Path, target: Path) -> None:
        original(source, target)
        with closing(connection.connect(path)) as other:
            other.execute("UPDATE yards SET name = 'foreign' WHERE id = 1")

    monkeypatch.setattr(shutil, "copyfile", while_copying)
    with pytest.raises(Conflict, match="in use"):
        restore(path, backup)
    assert "foreign" in names(path) and list(path.parent.glob("*replaced*")) == []


# Cut short


STEPS = ["_make_ready", "_keep", "_exchange"]


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_leaves_the_old_store_or_the_new(path: Path, backup: Path, step: str, late: bool) -> None:
    original = getattr(restoring, step)

    def cut(*args: Any, **more: Any) -> Any:
        if late:
            original(*args, **more)
        os._exit(9)

    child = os.fork()
    if child == 0:
        setattr(restoring, step, cut)
        try:
            restore(path, backup)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    new = ["院0", "院1", "院2"]
    exchanged = (step, late) == ("_exchange", True)
    assert names(path) == (new if exchanged else ["改", "院1", "院2", "新"])
    assert [p.name for p in path.parent.iterdir() if ".restoring" in p.name and not p.name.endswith(".lock")] == [], (
        "gone once it is opened"
    )
    assert opened(path, lambda store: store.check()) == []
    restore(path, backup)
    assert names(path) == new


@pytest.fixture(autouse=True)
def no_leftovers(tmp_path: Path) -> Iterator[None]:
    yield
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith((".partial", "-journal", "-wal")) and "replaced" not in p.name] == []
