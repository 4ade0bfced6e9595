"""Uploads that wait, are taken back, or come to the point of no return: nothing half written, nothing left behind, nobody held up."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from flask import Flask

from geo import sandbox
from geo.errors import Stopped
from geo.formats.contract import ReadRequest
from geo.imports import import_file
from tests.web.conftest import Browser, here
from tests.web.test_uploads import LEDGER, send, start, wait
from web import jobs
from web.jobs import Jobs

TAKEN = {"layer": "compounds", "crs": "EPSG:4326"}


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


def upload(browser: Browser, name: str = "a.csv", data: str = LEDGER) -> str:
    return str(send(browser, (name, data.encode())).get_json()["id"])


def ready(browser: Browser) -> str:
    id = upload(browser)
    wait(browser, id, "ready")
    return id


def state(browser: Browser, id: str) -> dict[str, Any]:
    said: dict[str, Any] = browser.get(f"/api/uploads/{id}?lang=en").get_json()
    return said


def stop(browser: Browser, id: str) -> Any:
    return browser.send("POST", f"/api/uploads/{id}/stop")


def taken(browser: Browser) -> int:
    """How many compounds the store has."""
    return int(browser.get("/api/state").get_json()["counts"].get("compounds", {"count": 0})["count"])


class Held:
    """An import that is held just before or just after its point of no return."""

    def __init__(self) -> None:
        self.there, self.go = threading.Event(), threading.Event()

    def wait(self) -> None:
        self.there.set()
        assert self.go.wait(10)


def held(monkeypatch: pytest.MonkeyPatch, *, asks: bool = True, after: bool = False) -> Held:
    """`asks`: whether the import asks, all being written, if it is still wanted; `after`: hold it after that question."""
    hold = Held()

    def slow(*args: Any, staged: Callable[[], None], **more: Any) -> Any:
        def steps() -> None:
            if not after:
                hold.wait()
            if asks:
                staged()
            if after:
                hold.wait()

        return import_file(*args, staged=steps, **more)

    monkeypatch.setattr("web.jobs.import_file", slow)
    return hold


# ---------------------------------------------------------------- taken back


def test_an_import_is_taken_back_when_all_is_written_and_nothing_committed(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The upload is ready again, the store as before; a second go takes all three."""
    hold, id = held(monkeypatch), ready(browser)
    start(browser, id, **TAKEN)
    assert hold.there.wait(10)
    answer = stop(browser, id)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "stopping")
    hold.go.set()
    said = wait(browser, id, "ready", "done", "refused", "failed")
    assert (said["state"], said["error"], said["account"]) == ("ready", None, None)
    assert (taken(browser), browser.get("/api/imports").get_json()["imports"]) == (0, [])
    start(browser, id, **TAKEN)
    assert wait(browser, id, "done", "refused", "failed")["state"] == "done"
    assert taken(browser) == 3


def test_an_import_that_does_not_ask_is_written_all_the_same(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: without the question before the commit a stop comes too late."""
    hold, id = held(monkeypatch, asks=False), ready(browser)
    start(browser, id, **TAKEN)
    assert hold.there.wait(10)
    stop(browser, id)
    hold.go.set()
    wait(browser, id, "ready", "done")
    assert taken(browser) == 3


def test_past_the_point_of_no_return_there_is_only_undo(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    hold, id = held(monkeypatch, after=True), ready(browser)
    start(browser, id, **TAKEN)
    assert hold.there.wait(10)
    refused = [stop(browser, id), browser.send("DELETE", f"/api/uploads/{id}")]
    assert [answer.status_code for answer in refused] == [409, 409]
    assert "undone afterwards" in refused[0].get_json()["detail"] or "撤销" in refused[0].get_json()["detail"]
    hold.go.set()
    assert wait(browser, id, "done", "failed")["account"]["layers"]["compounds"]["read"] == 3
    assert taken(browser) == 3


def test_an_upload_can_be_forgotten_while_it_is_imported(browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hold, id = held(monkeypatch), ready(browser)
    start(browser, id, **TAKEN)
    assert hold.there.wait(10)
    assert browser.send("DELETE", f"/api/uploads/{id}").status_code == 200
    assert browser.get(f"/api/uploads/{id}").status_code == 404
    hold.go.set()
    here(app).jobs._turns.join(10)
    assert (taken(browser), list((here(app).settings.instance / "uploads").rglob("upload.*"))) == (0, [])


def test_a_look_at_a_file_is_stopped_with_its_child(app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgetting the upload ends the child that reads it: the thread is free at once, the folder gone."""
    began, ended = threading.Event(), []

    def endless(*_: Any, stop: Callable[[], bool], **__: Any) -> Any:
        began.set()
        for _second in range(1000):
            if stop():
                ended.append("stopped")
                raise Stopped
            threading.Event().wait(0.01)
        ended.append("ran out")
        raise AssertionError

    monkeypatch.setattr("web.jobs.inspect_file", endless)
    id = upload(browser)
    assert began.wait(10)
    assert state(browser, id)["state"] == "inspecting"
    assert browser.send("DELETE", f"/api/uploads/{id}").status_code == 200
    here(app).jobs._turns.join(10)
    assert (ended, list((here(app).settings.instance / "uploads").rglob("upload.*"))) == (["stopped"], [])


def test_the_sandbox_kills_a_child_that_nobody_wants(tmp_path: Any) -> None:
    """With its negative control: wanted, the same file is looked at."""
    path = tmp_path / "a.csv"
    path.write_text(LEDGER, "utf-8")
    with pytest.raises(Stopped):
        sandbox.inspect(path, ReadRequest(), work_dir=tmp_path / "work", stop=lambda: True)
    assert list((tmp_path / "work").iterdir()) == []
    assert [info.count for info in sandbox.inspect(path, ReadRequest(), work_dir=tmp_path / "work", stop=lambda: False)] == [3]


def test_what_does_not_run_cannot_be_stopped(browser: Browser) -> None:
    assert stop(browser, ready(browser)).status_code == 409
    assert stop(browser, "nobody").status_code == 404


# ---------------------------------------------------------------- the queue


@contextmanager
def blocked(monkeypatch: pytest.MonkeyPatch, *names: str) -> Iterator[threading.Event]:
    """Looks at files of these names, and all imports, wait for the event."""
    gate = threading.Event()
    from web.jobs import inspect_file

    def slow(path: Any, options: Any, *args: Any, **more: Any) -> Any:
        if options.file_name in names:
            gate.wait(10)
        return inspect_file(path, options, *args, **more)

    monkeypatch.setattr("web.jobs.inspect_file", slow)
    try:
        yield gate
    finally:
        gate.set()


def test_the_place_in_the_queue_is_told(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are looked at, two wait; the first of these goes, the second moves up; an import waits its turn and can leave the queue."""
    first = ready(browser)
    with blocked(monkeypatch, "slow.csv") as gate:
        running = [upload(browser, "slow.csv") for _ in range(2)]
        waiting = [upload(browser, f"{n}.csv") for n in range(2)]
        assert start(browser, first, **TAKEN).get_json()["state"] == "queued"
        assert [(state(browser, id)["state"], state(browser, id)["position"]) for id in waiting] == [("queued", 1), ("queued", 2)]
        assert (state(browser, first)["task"], state(browser, first)["position"]) == ("importing", 3)
        browser.send("DELETE", f"/api/uploads/{waiting[0]}")
        assert [state(browser, id)["position"] for id in (waiting[1], first)] == [1, 2]
        assert stop(browser, first).get_json()["state"] == "ready"
        assert state(browser, waiting[1])["position"] == 1
        gate.set()
        assert [wait(browser, id, "ready", "failed")["state"] for id in (*running, waiting[1])] == ["ready"] * 3
    assert taken(browser) == 0


def test_large_files_do_not_hold_up_a_small_one(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.jobs._LARGE_BYTES", len(LEDGER.encode()))
    with blocked(monkeypatch, "large.csv"):
        large = [upload(browser, "large.csv", LEDGER + "B4,四,1990,1,112.98,34.75\n") for _ in range(3)]
        assert wait(browser, upload(browser), "ready")["state"] == "ready"
        assert [state(browser, id)["state"] for id in large] == ["inspecting", "queued", "queued"]


def test_progress_only_goes_forward(browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of several datasets tells its progress one by one."""
    seen: list[Any] = []

    def telling(*args: Any, progress: Callable[[int, int], None], **more: Any) -> Any:
        job = next(iter(here(app).jobs._jobs.values()))
        for done, total in ((10, 100), (40, 100), (5, 10), (1, 50), (90, 100)):
            progress(done, total)
            seen.append(job.progress)
        return import_file(*args, **more)

    monkeypatch.setattr("web.jobs.import_file", telling)
    id = ready(browser)
    start(browser, id, **TAKEN, dry_run=True)
    wait(browser, id, "done", "failed")
    assert seen == [(10, 100), (40, 100), (5, 10), (5, 10), (90, 100)]


# ---------------------------------------------------------------- ends


def test_a_full_disk_is_said_and_leaves_nothing(browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr("werkzeug.datastructures.FileStorage.save", full)
    answer = send(browser, ("a.csv", LEDGER.encode()))
    assert (answer.status_code, answer.get_json()["code"]) == (507, "store-full")
    assert list((here(app).settings.instance / "uploads").rglob("upload.*")) == []


def test_a_service_that_ends_stops_what_it_does(app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    hold, id = held(monkeypatch), ready(browser)
    start(browser, id, **TAKEN)
    assert hold.there.wait(10)
    job = here(app).jobs.get(id)
    threading.Timer(0.1, hold.go.set).start()
    here(app).close()
    assert (job.state, taken(browser)) == ("ready", 0)
    assert list((here(app).settings.instance / "uploads").iterdir()) == [], "no file of a client outlives the service"


def test_what_a_killed_service_left_goes_at_the_next_start_and_what_another_holds_stays(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = ready(browser)
    left = here(app).settings.instance / "uploads" / "0123456789abcdef" / "x"
    left.mkdir(parents=True)
    (left / "upload.csv").write_text("王伟,13812345678")
    second = Jobs(here(app))
    assert not left.parent.exists() and here(app).jobs.get(id).path.exists()
    monkeypatch.setattr(jobs.lease, "alone", lambda path: nullcontext())
    Jobs(here(app)).close()
    assert not here(app).jobs.get(id).path.exists(), "control: without the lease the files of a running service go too"
    second.close()


def test_another_layer_says_what_its_columns_would_fill(browser: Browser) -> None:
    id = ready(browser)

    def mapping(**asked: str) -> Any:
        return browser.get(f"/api/uploads/{id}/mapping", query_string={"lang": "en", **asked})

    name = browser.get(f"/api/uploads/{id}").get_json()["inspection"]["datasets"][0]["name"]
    assert mapping(dataset=name, layer="compounds").get_json()["mapping"]["households"] == "户数"
    assert mapping(dataset=name, layer="hydrants").get_json()["mapping"].get("code") == "编号"
    assert (mapping(dataset="x", layer="hydrants").status_code, mapping(dataset=name, layer="hydrant").status_code) == (400, 404)
    assert mapping(dataset=name, layer="hydrant").get_json()["nearest"] == ["hydrants"]


def test_a_file_is_looked_at_again_in_another_encoding(browser: Browser) -> None:
    """The names of columns follow from the encoding; an encoding that there is not leaves what was found."""
    data = LEDGER.encode("gbk")
    id = str(send(browser, ("a.csv", data)).get_json()["id"])
    first = wait(browser, id, "ready")["inspection"]["datasets"][0]
    assert (first["encodings"][0]["name"], first["columns"][1]) == ("GB18030", "小区名称")

    def look(encoding: str) -> dict[str, Any]:
        answer = browser.send("POST", f"/api/uploads/{id}/inspect", {"encoding": encoding})
        assert (answer.status_code, answer.get_json()["inspection"]) == (202, None)
        return wait(browser, id, "ready", "refused", "failed")

    again = look("Big5")["inspection"]["datasets"][0]
    assert (again["encodings"][0]["name"], again["columns"][1]) == (
        "Big5",
        data.splitlines()[0].split(b",")[1].decode("big5hkscs", "replace"),
    )
    refused = look("klingon")
    assert (refused["state"], refused["inspection"]["datasets"][0]["columns"]) == ("refused", again["columns"])
    assert look("GB18030")["inspection"]["datasets"][0]["columns"] == first["columns"]
