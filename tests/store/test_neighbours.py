"""Others on the same file: a second service, programs that read while it is written, one that turns the journal, a clock that jumps."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from store_samples import LATER, LAYERS, NOW, batch, everything, filled, yards

from app import create_app
from geo.errors import StoreBusy
from geo.frames import Frames
from geo.schema import Layer
from geo.store import connection, keys, open_store, opening
from geo.store.contract import Batch, ImportRecord, Store, Update, Write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.gpkg"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = filled(open_store(path, LAYERS))
    yield opened
    opened.close()


def child(work: Callable[[], Any]) -> int:
    """Exit code of a fork: 0 when `work` gives a true value."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# A second service


def test_a_second_service_sees_what_the_first_saved_and_the_other_way_round(path: Path, layers_map: Mapping[str, Layer]) -> None:
    """Two applications, as two servers on two ports are: one file, frames of their own, each brought up to date by the history."""
    with closing(open_store(path, layers_map)) as made:
        made.publish(
            Batch([Write("compounds", inserts=[{"code": "C1", "name": "一院"}])], ImportRecord("a", "", "append", {}, {})),
            actor="t",
            now=NOW,
        )
    apps = [create_app({"YUANTU_STORE": str(path), "SECRET_KEY": "k" * 40, "WTF_CSRF_ENABLED": False}) for _ in range(2)]
    one, two = (app.test_client() for app in apps)

    def seen(client: Any) -> tuple[str, str]:
        answer = client.get("/ogc/collections/compounds/items/1")
        return answer.get_json()["properties"]["name"], answer.headers["ETag"]

    def rename(client: Any, name: str, version: str) -> int:
        change = {"json": {"properties": {"name": name}}, "headers": {"If-Match": version}}
        return int(client.patch("/ogc/collections/compounds/items/1", **change).status_code)

    assert seen(one) == seen(two) == ("一院", '"1"')
    listed = two.get("/ogc/collections/compounds/items").headers["ETag"]
    assert rename(one, "甲院", '"1"') == 200
    assert seen(two) == ("甲院", '"2"')
    assert two.get("/ogc/collections/compounds/items", headers={"If-None-Match": listed}).status_code == 200
    assert (rename(two, "乙院", '"1"'), rename(two, "乙院", '"2"')) == (412, 200)
    assert seen(one) == ("乙院", '"3"')
    for app in apps:
        app.extensions["yuantu"].close()


# Programs that read


def watching(path: Path, stop: Path) -> bool:
    """Reads as a foreign program does until told to stop: every look must be one instant, in which the two layers agree."""
    looks = 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10, isolation_level=None)) as raw:
        while not stop.exists() or looks < 3:
            raw.execute("BEGIN")
            (a,) = raw.execute("SELECT count(*) FROM yards").fetchone()
            (b,) = raw.execute("SELECT count(*) FROM spots").fetchone()
            (kept,) = raw.execute("SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = 'spots'").fetchone()
            raw.execute("COMMIT")
            if a != b + 3 or kept != b:
                return False
            looks += 1
            time.sleep(0.001)
    return True


def test_foreign_readers_see_whole_changes_and_hold_nobody_up(store: Store, path: Path, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    codes: list[int] = []
    watcher = threading.Thread(target=lambda: codes.append(child(lambda: watching(path, stop))))
    watcher.start()
    for _ in range(60):
        store.edit([Write("yards", inserts=[{}]), Write("spots", inserts=[{}])], actor="a", now=LATER)
    stop.touch()
    watcher.join()
    assert codes == [0]
    assert store.info().counts["spots"] == (60, 60) and store.check() == []


def test_the_watcher_would_see_half_a_change(store: Store, path: Path, tmp_path: Path) -> None:
    """Negative control: one layer is committed without the other."""
    store.edit([Write("yards", inserts=[{}])], actor="a", now=LATER)
    (tmp_path / "stop").touch()
    assert child(lambda: watching(path, tmp_path / "stop")) == 1


GDAL = """
import sys, time, pathlib
import fiona, pyogrio
path, stop = sys.argv[1], pathlib.Path(sys.argv[2])
looks = 0
while not stop.exists() or looks < 5:
    fids = pyogrio.raw.read(path, layer="yards", return_fids=True)[1]
    assert len(fids) == len(set(fids)) and len(fids) >= 3, fids
    with fiona.open(path, layer="spots") as source:
        list(source)
    looks += 1
print(looks)
"""


@pytest.mark.soak
def test_gdal_and_fiona_read_while_the_service_writes(store: Store, path: Path, tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    reader = subprocess.Popen([sys.executable, "-c", GDAL, str(path), str(stop)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 20
    made = 0
    while time.monotonic() < end:
        store.edit([Write("yards", inserts=[{}]), Write("spots", inserts=[{}])], actor="a", now=LATER)
        made += 1
    stop.touch()
    out, err = reader.communicate(timeout=60)
    assert reader.returncode == 0 and int(out) >= 5, err
    assert store.info().counts["spots"][0] == made and store.check() == []


def test_a_program_that_reads_for_long_is_waited_for_then_said(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """QGIS holds a reading transaction while it draws; the commit waits, then says so, and leaves nothing behind."""
    store.close()
    monkeypatch.setattr(connection, "BUSY_SECONDS", 0.1)
    with closing(open_store(path, LAYERS)) as patient, closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM yards").fetchone()
        with pytest.raises(StoreBusy):
            patient.edit([Write("yards", inserts=[{}])], actor="a", now=LATER)
        assert patient.info().revision == 1
        reader.execute("COMMIT")
        assert patient.edit([Write("yards", inserts=[{}])], actor="a", now=LATER).revision == 2
        assert patient.check() == []


def test_a_program_that_turns_the_journal_while_the_service_runs_loses_nothing(store: Store, path: Path) -> None:
    """QGIS switches a file to WAL while it edits."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        assert other.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        for i in range(5):
            store.edit([Write("yards", updates=[Update(1, 1 + i, {"households": i + 10})])], actor="a", now=LATER)
            assert other.execute("SELECT households FROM yards WHERE id = 1").fetchone() == (i + 10,)
    assert store.feature("yards", 1).values["households"] == 14
    store.close()
    with closing(open_store(path, LAYERS)) as again:
        assert (again.feature("yards", 1).version, again.check()) == (6, [])


# A clock that jumps

AHEAD, BACK = "2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"


def test_the_order_of_changes_does_not_come_from_the_clock(store: Store) -> None:
    frames = Frames(store, LAYERS)
    for version, (now, name) in enumerate([(AHEAD, "先"), (BACK, "后"), (LATER, "末")], start=1):
        store.edit([Write("yards", updates=[Update(1, version, {"name": name})])], actor="a", now=now)
        assert frames.view("yards").frame("yards").loc[1, "name"] == name
    lines = store.history(layer="yards", feature=1)
    assert [(line.version, line.at) for line in lines] == [(1, NOW), (2, AHEAD), (3, BACK), (4, LATER)]
    assert [line.seq for line in store.history(layer="yards", feature=1, newest_first=True)] == [line.seq for line in lines[::-1]]
    assert store.check() == []
    store.undo(store.info().revision, actor="a", now=BACK)
    assert store.feature("yards", 1).values["name"] == "后"
    assert [i.id for i in store.imports()] == [1]


@pytest.mark.parametrize("now", [AHEAD, BACK])
def test_a_repeated_request_counts_once_though_the_clock_jumped(store: Store, now: str) -> None:
    first = [Write("spots", inserts=[{"name": "x"}])]
    edited = store.edit(first, actor="a", now=LATER, key="first")
    store.edit([Write("spots", inserts=[{}])], actor="a", now=now, key="second")
    assert store.edit(first, actor="a", now=LATER, key="first") == edited
    assert store.info().counts["spots"][0] == 2


def test_if_only_the_clock_decided_the_key_would_be_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control."""
    monkeypatch.setattr(keys, "KEYS_KEPT", 0)
    first = [Write("spots", inserts=[{"name": "x"}])]
    store.edit(first, actor="a", now=LATER, key="first")
    store.edit([Write("spots", inserts=[{}])], actor="a", now=AHEAD, key="second")
    store.edit(first, actor="a", now=LATER, key="first")
    assert store.info().counts["spots"][0] == 3


def test_of_old_keys_the_newest_stay(store: Store, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(keys, "KEYS_KEPT", 3)
    for i in range(6):
        store.edit([Write("spots", inserts=[{}])], actor="a", now=NOW, key=f"k{i}")
    store.edit([Write("spots", inserts=[{}])], actor="a", now=AHEAD, key="now")
    with closing(sqlite3.connect(path)) as raw:
        assert [k for (k,) in raw.execute("SELECT key FROM yuantu_key ORDER BY rowid")] == ["k3", "k4", "k5", "now"]


# Newer declarations


WELLS = replace(LAYERS["spots"], id="wells")
NEWER = {
    **LAYERS,
    "yards": replace(LAYERS["yards"], fields=(*LAYERS["yards"].fields, replace(LAYERS["yards"].fields[0], name="note"))),
    "wells": WELLS,
}


@pytest.mark.parametrize("step", ["_register", "write_copy"])
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_an_upgrade_that_is_killed_leaves_the_older_store(store: Store, path: Path, step: str, late: bool) -> None:
    before = everything(store)
    store.close()
    original = getattr(opening, step)

    def cut(*args: Any, **more: Any) -> Any:
        if late:
            original(*args, **more)
        os._exit(9)

    def upgrade() -> bool:
        setattr(opening, step, cut)
        open_store(path, NEWER)
        return True

    assert child(upgrade) == 9
    with closing(open_store(path, LAYERS)) as old:
        assert (everything(old), old.check()) == (before, [])
    with closing(open_store(path, NEWER)) as new:
        assert (new.feature("yards", 1).values["note"], new.check()) == (None, [])
    copies = sorted(path.parent.glob("store-before-upgrade-*.gpkg"))
    assert len(copies) == (2 if step == "_register" or late else 1)
    with closing(open_store(copies[0], LAYERS)) as copy:
        assert (everything(copy), copy.check()) == (before, [])


def test_an_older_service_goes_on_beside_a_newer_one(store: Store, path: Path) -> None:
    """It was open before the columns came; what it does not know stays as it is."""
    store.info()
    with closing(open_store(path, NEWER)) as newer:
        newer.edit([Write("yards", updates=[Update(1, 1, {"note": "新"})])], actor="a", now=LATER)
        store.edit([Write("yards", updates=[Update(1, 2, {"name": "旧"})])], actor="b", now=LATER)
        filled_in = newer.feature("yards", 1).values
        assert (filled_in["note"], filled_in["name"], newer.check()) == ("新", "旧", [])


def test_many_rows_survive_the_upgrade_byte_for_byte(path: Path) -> None:
    with closing(open_store(path, LAYERS)) as store:
        store.publish(batch(yards(300)), actor="a", now=NOW)
        before = everything(store)["yards"]
    with closing(open_store(path, NEWER)) as store:
        after = everything(store)["yards"]
    assert [(r.id, {**r.values, "note": None}, r.geometry) for r in before] == [(r.id, dict(r.values), r.geometry) for r in after]
