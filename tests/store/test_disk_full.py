"""A disk that is really full: refusals with a sentence, nothing half-written, reading goes on, and work after room is made."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from store_samples import LATER, LAYERS, NOW, batch, filled, state, yards

from app import create_app
from geo.errors import StoreFull
from geo.schema import Layer
from geo.store import open_store, restore_store
from geo.store.contract import Batch, ImportRecord, Store, Update, Write

SIZE = "3m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own; only root may make one."""
    place = tmp_path / "disk"
    place.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("a small disk can be mounted by root on Linux only")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)], capture_output=True).returncode != 0:
        pytest.skip("this system lets nobody mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path) -> Path:
    """Take all room but some 20 kB."""
    ballast = disk / "ballast"
    with ballast.open("wb") as handle:
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        handle.write(b"\0" * max(0, free - 20_000))
    return ballast


@pytest.fixture
def store(disk: Path) -> Iterator[Store]:
    opened = filled(open_store(disk / "store.gpkg", LAYERS), 200)
    yield opened
    opened.close()


LONG = "字" * 20_000
WRITES: list[Callable[[Store, Path], Any]] = [
    lambda store, disk: store.edit([Write("yards", updates=[Update(1, 1, {"name": LONG})])], actor="a", now=LATER, key="k"),
    lambda store, disk: store.publish(batch(yards(300, first=500)), actor="a", now=LATER),
    lambda store, disk: store.undo(1, actor="a", now=LATER),
    lambda store, disk: store.backup(disk / "copy.gpkg"),
    lambda store, disk: store.keep_copy(disk / "copies", newest=3, now=LATER),
]


@pytest.mark.parametrize("write", WRITES, ids=["edit", "import", "undo", "backup", "copy"])
def test_what_finds_no_room_leaves_nothing_and_is_done_when_there_is(store: Store, disk: Path, write: Callable[[Store, Path], Any]) -> None:
    ballast = fill(disk)
    before = state(store)
    with pytest.raises(StoreFull, match="the disk is full"):
        write(store, disk)
    assert state(store) == before
    assert store.check() == []
    assert store.alarm is None
    assert {p.name for p in disk.rglob("*") if p.is_file()} == {"ballast", "store.gpkg", ".store.gpkg.lock"}
    ballast.unlink()
    write(store, disk)
    assert store.check() == []


def test_a_restore_without_room_leaves_the_store(store: Store, disk: Path, tmp_path: Path) -> None:
    store.backup(tmp_path / "backup.gpkg")
    store.edit([Write("yards", deletes=[(1, 1)])], actor="a", now=LATER)
    store.close()
    before, ballast = (disk / "store.gpkg").read_bytes(), fill(disk)
    with pytest.raises(StoreFull):
        restore_store(disk / "store.gpkg", tmp_path / "backup.gpkg", LAYERS, actor="a", now=LATER)
    assert (disk / "store.gpkg").read_bytes() == before
    assert sorted(p.name for p in disk.glob("*")) == [".store.gpkg.lock", "ballast", "store.gpkg"]
    ballast.unlink()
    restore_store(disk / "store.gpkg", tmp_path / "backup.gpkg", LAYERS, actor="a", now=LATER)
    assert open_store(disk / "store.gpkg", LAYERS).info().counts["yards"][0] == 200


def test_an_upgrade_without_room_for_its_backup_changes_nothing(disk: Path) -> None:
    path = disk / "store.gpkg"
    filled(open_store(path, LAYERS), 200).close()
    before, ballast = path.read_bytes(), fill(disk)
    newer = {**LAYERS, "wells": replace(LAYERS["spots"], id="wells")}
    with pytest.raises(StoreFull):
        open_store(path, newer)
    assert path.read_bytes() == before and list(disk.glob("*upgrade*")) == list(disk.glob(".*partial")) == []
    ballast.unlink()
    open_store(path, newer).close()


def test_over_http_a_full_disk_is_a_507_and_answers_go_on(disk: Path, layers_map: Mapping[str, Layer]) -> None:
    path = disk / "store.gpkg"
    with_rows = open_store(path, layers_map)
    record = ImportRecord("台账.xls", "0" * 64, "append", {}, {})
    with_rows.publish(Batch([Write("compounds", inserts=[{"code": "C1", "name": "一院"}])], record), actor="t", now=NOW)
    with_rows.close()
    app = create_app({"YUANTU_STORE": str(path), "SECRET_KEY": "k" * 40, "WTF_CSRF_ENABLED": False})
    client = app.test_client()
    assert client.get("/ogc/collections/compounds/items").get_json()["numberMatched"] == 1
    ballast = fill(disk)
    change = {"json": {"properties": {"name": LONG}}, "headers": {"If-Match": '"1"'}}
    refused = client.patch("/ogc/collections/compounds/items/1", **change)
    assert (refused.status_code, refused.get_json()["code"]) == (507, "store-full")
    assert client.get("/ogc/collections/compounds/items").get_json()["features"][0]["properties"]["name"] == "一院"
    for form in ("csv", "geojson", "xlsx"):
        assert client.get(f"/ogc/collections/compounds/items?f={form}").status_code in (200, 507)
    ballast.unlink()
    assert client.patch("/ogc/collections/compounds/items/1", **change).status_code == 200
    app.extensions["yuantu"].close()


def test_on_a_disk_with_room_nothing_is_refused(store: Store, disk: Path) -> None:
    """Negative control: the refusals come from the full disk."""
    for write in WRITES[:1] + WRITES[3:]:
        write(store, disk)
    assert store.info().revision == 2
