"""What keeps the data safe around a running service: the look at the start, the alarm, copies, restore and doctor on the command line."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from geo.errors import StoreDamaged
from geo.store import connection, copies, open_store
from geo.store.contract import Write
from web import serving
from web.demo import load
from web.keeper import DAY_SECONDS, Keeper, copies_in, copies_of
from web.services import Services

NOW = "2026-11-22T08:00:00Z"


def services(app: Flask) -> Services:
    found: Services = app.extensions["yuantu"]
    return found


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def edit(app: Flask, name: str) -> None:
    services(app).store.edit([Write("compounds", inserts=[{"name": name}])], actor="t", now=NOW)


def names(app: Flask) -> list[str]:
    return list(services(app).store.read(["compounds"]).whole["compounds"].values["name"])


def spoil(path: Path) -> None:
    """Nonsense in the place of a page of the table of compounds."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE VIRTUAL TABLE temp.pages USING dbstat(main)")
        page = raw.execute("SELECT max(pageno) FROM pages WHERE name = 'compounds' AND pagetype = 'leaf'").fetchone()[0]
    with path.open("r+b") as handle:
        handle.seek((page - 1) * 4096)
        handle.write(random.Random(1).randbytes(4096))


@pytest.fixture
def damaged(stores: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application whose store has a torn page."""
    path = tmp_path / "store.gpkg"
    shutil.copy(stores / "filled.gpkg", path)
    spoil(path)
    app = create_app({"YUANTU_STORE": str(path), "SECRET_KEY": "k" * 40, "WTF_CSRF_ENABLED": False})
    yield app
    services(app).close()


# The alarm


def test_a_damaged_store_says_so_everywhere_and_takes_no_changes(damaged: Flask) -> None:
    client = damaged.test_client()
    health = client.get("/healthz?lang=en")
    assert (health.status_code, health.get_json()["status"]) == (503, "read-only")
    assert "flask restore" in health.get_json()["detail"]
    page = client.get("/import").get_data(as_text=True)
    assert '<p class="alarm" role="alert">数据文件有损坏：现在只能查看，不能修改。' in page
    for method, address, more in (
        ("POST", "/ogc/collections/fire_lanes/items", {"json": {"type": "Feature", "properties": {"name": "x"}, "geometry": None}}),
        ("PATCH", "/ogc/collections/fire_lanes/items/1", {"json": {"properties": {"name": "x"}}, "headers": {"If-Match": '"1"'}}),
        ("DELETE", "/ogc/collections/fire_lanes/items/1", {"headers": {"If-Match": '"1"'}}),
    ):
        answer = client.open(address, method=method, **more)
        assert (answer.status_code, answer.get_json()["code"]) == (500, "store-damaged"), answer.get_data(as_text=True)
        assert "flask restore" in answer.get_json()["detail"]
    assert client.get("/ogc/collections/fire_lanes/items").get_json()["numberMatched"] == 3, "what can be read is still answered"


def test_a_sound_store_raises_no_alarm(reading: Flask) -> None:
    client = reading.test_client()
    assert client.get("/healthz").get_json()["status"] == "ok"
    assert client.get("/api/state").get_json()["alarm"] is None
    assert 'class="alarm"' not in client.get("/import").get_data(as_text=True)


def test_a_damaged_store_is_served_for_reading(damaged: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    served: list[dict[str, Any]] = []
    monkeypatch.setattr(serving.waitress, "serve", lambda app, **options: served.append(options))
    monkeypatch.setattr(serving, "_free", lambda port: True)
    kept = copies_in(services(damaged).settings)
    kept.mkdir()
    (kept / "store-000003-20261122T080000Z.gpkg").touch()
    serving.run(damaged, 8123)
    said = capsys.readouterr().out
    assert served and "the store is damaged" in said
    assert f"flask restore {kept / 'store-000003-20261122T080000Z.gpkg'}" in said


def test_a_store_that_cannot_be_read_ends_the_start_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serving, "_free", lambda port: True)
    (tmp_path / "store.gpkg").write_bytes(b"no store " * 999)
    app = create_app({"YUANTU_STORE": str(tmp_path / "store.gpkg"), "SECRET_KEY": "k" * 40})
    with pytest.raises(SystemExit) as ended:
        serving.run(app, 8123)
    assert ended.value.code == 4
    assert "flask doctor" in capsys.readouterr().out


# The doctor


def test_the_doctor_names_what_is_damaged_and_says_what_to_do(damaged: Flask) -> None:
    done = run(damaged, "doctor")
    assert done.exit_code == 4
    assert "! 图层“" in done.stdout and "读不出的要素：1 (A1 南苑小区)" in done.stdout
    assert "→ 恢复一份好的备份：flask restore 备份文件" in done.stdout
    (problem,) = json.loads(run(damaged, "doctor", "--json").stdout)["problems"]
    assert (problem["layer"], problem["records"]) == ("compounds", [1, 2, 3, 4, 5])
    assert "A1 南苑小区" in problem["text"]["en"] and "flask restore" in problem["remedy"]["en"]


def test_the_doctor_looks_into_a_file_that_does_not_open(tmp_path: Path) -> None:
    (tmp_path / "store.gpkg").write_bytes(b"no store " * 999)
    done = run(create_app({"YUANTU_STORE": str(tmp_path / "store.gpkg"), "SECRET_KEY": "k" * 40}), "doctor")
    assert (done.exit_code, "! 文件开头不是数据库" in done.stdout, "flask restore" in done.stdout) == (4, True, True)


# Restore


def test_backup_and_restore_on_the_command_line(filled: Flask, tmp_path: Path) -> None:
    assert run(filled, "backup", str(tmp_path / "copy.gpkg")).exit_code == 0
    edit(filled, "新院")
    busy = run(filled, "restore", str(tmp_path / "copy.gpkg"))
    assert (busy.exit_code, "先停止服务" in busy.stderr, "新院" in names(filled)) == (2, True, True)
    services(filled).close()
    done = run(filled, "restore", str(tmp_path / "copy.gpkg"))
    assert (done.exit_code, "8 个要素" in done.stderr, "原来的数据文件留作" in done.stderr) == (0, True, True), done.stderr
    assert "新院" not in names(filled)
    assert run(filled, "doctor").exit_code == 0


def test_a_damaged_store_is_restored(damaged: Flask, stores: Path) -> None:
    done = run(damaged, "restore", str(stores / "filled.gpkg"))
    assert done.exit_code == 0, done.stderr
    assert run(damaged, "doctor").exit_code == 0
    assert damaged.test_client().get("/healthz").get_json()["status"] == "ok"


@pytest.mark.parametrize("name", ["missing.gpkg", "text.gpkg"])
def test_a_refused_restore_is_a_2_and_changes_nothing(filled: Flask, tmp_path: Path, name: str) -> None:
    (tmp_path / "text.gpkg").write_text("x")
    services(filled).close()
    done = run(filled, "restore", str(tmp_path / name))
    assert (done.exit_code, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    assert names(filled)[0] == "南苑小区"


# Copies


def test_real_data_are_copied_when_they_changed(filled: Flask) -> None:
    keeper, settings = Keeper(services(filled)), services(filled).settings
    first = keeper.turn()
    assert first is not None and first.name.startswith("store-000001-")
    assert keeper.turn() is None, "nothing changed"
    edit(filled, "新院")
    second = keeper.turn()
    assert copies_of(settings) == [second, first]
    with closing(open_store(first, services(filled).layers)) as copy:
        assert "新院" not in copy.read(["compounds"]).whole["compounds"].values["name"]


def test_made_up_data_are_not_copied(app: Flask) -> None:
    load(services(app), compounds=2)
    assert Keeper(services(app)).turn() is None and copies_of(services(app).settings) == []


def test_a_damaged_store_is_not_copied(damaged: Flask) -> None:
    """Its copies would push out the sound ones."""
    assert Keeper(services(damaged)).turn() is None and copies_of(services(damaged).settings) == []


def test_damage_that_only_a_full_check_sees_is_found_in_the_copy_and_raises_the_alarm(filled: Flask) -> None:
    """A value changed past the service: the file is well-formed, the history says otherwise."""
    here = services(filled)
    with closing(connection.connect(Path(here.settings.store))) as raw:
        raw.execute("UPDATE compounds SET name = 'forged' WHERE id = 1")
    keeper = Keeper(here)
    assert here.store.alarm is None
    assert keeper.turn() is None and copies_of(here.settings) == []
    assert here.store.alarm is not None
    with pytest.raises(StoreDamaged):
        edit(filled, "x")


def test_the_full_look_is_once_a_day(filled: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock that cannot be set, so that a jump neither skips nor repeats it."""
    moment = [1000.0]
    monkeypatch.setattr("web.keeper.time.monotonic", lambda: moment[0])
    keeper = Keeper(services(filled))
    due = []
    for seconds in (0, 3600, DAY_SECONDS, 1):
        moment[0] += seconds
        due.append(keeper._due())
    assert due == [True, False, True, False]


def test_the_thread_ends_with_the_service(filled: Flask) -> None:
    keeper = Keeper(services(filled))
    keeper.start()
    keeper.stop()
    assert not keeper._thread.is_alive()


def test_whatever_goes_wrong_at_one_turn_the_next_one_comes(filled: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, turns, again = Keeper(services(filled)), [ValueError("never thought of"), None], threading.Event()

    def turn() -> None:
        if (error := turns.pop(0)) is not None:
            raise error
        again.set()
        keeper._stop.set()

    monkeypatch.setattr(keeper, "turn", turn)
    monkeypatch.setattr(keeper._stop, "wait", lambda seconds: None)
    keeper.start()
    assert again.wait(5)
    keeper.stop()


def test_what_a_killed_service_was_writing_goes_once_a_whole_copy_is_there(filled: Flask) -> None:
    here, folder = services(filled), copies_in(services(filled).settings)
    folder.mkdir()
    cut, under_way = (folder / f".store-{n:06d}-20261122T080000Z.gpkg.999.partial" for n in (1, 2))
    cut.touch()
    for name, there in (("a", [cut]), ("b", [under_way])):
        if name == "b":
            under_way.touch()
        edit(filled, name)
        here.store.keep_copy(folder, newest=2, now=NOW)
        assert sorted(folder.glob(".*.partial")) == there


THINNED = [
    (range(1, 4), 3, []),
    (range(1, 5), 3, [1]),
    (range(1, 13), 3, [8, 7, 5, 4, 2, 1]),
    (range(1, 31), 3, [n for n in range(27, 0, -1) if n not in (27, 24, 21)]),
    ([5], 7, []),
    ([], 7, []),
]


@pytest.mark.parametrize(("numbers", "newest", "gone"), THINNED)
def test_copies_are_thinned_by_their_number(numbers: Any, newest: int, gone: list[int]) -> None:
    assert copies.superseded(numbers, newest) == gone


def test_a_jumping_clock_does_not_decide_which_copies_stay(filled: Flask) -> None:
    here, folder = services(filled), copies_in(services(filled).settings)
    for i, now in enumerate(["2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2019-01-01T00:00:00Z"]):
        edit(filled, str(i))
        here.store.keep_copy(folder, newest=2, now=now)
    assert [p.name[:24] for p in copies_of(here.settings)] == [
        "store-000004-20190101T00",
        "store-000003-20260101T00",
        "store-000002-20200101T00",
    ]


def test_other_files_in_the_folder_are_left_alone(filled: Flask) -> None:
    folder = copies_in(services(filled).settings)
    folder.mkdir()
    for name in ("store-mine.gpkg", "other-000001-20200101T000000Z.gpkg", "store-000001-20200101T000000Z.gpkg.txt"):
        (folder / name).touch()
    for i in range(4):
        edit(filled, str(i))
        services(filled).store.keep_copy(folder, newest=1, now=NOW)
    assert {p.name for p in folder.iterdir()} >= {
        "store-mine.gpkg",
        "other-000001-20200101T000000Z.gpkg",
        "store-000001-20200101T000000Z.gpkg.txt",
    }
    assert [p.name[:12] for p in copies_of(services(filled).settings)] == ["store-000004", "store-000003"]
