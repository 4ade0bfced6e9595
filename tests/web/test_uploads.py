"""Uploads: looked at and imported in the background, accounted for, gone when done."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from tests.web.conftest import HOSTILE, Browser, here

LEDGER = "编号,小区名称,建成年份,户数,经度,纬度\nB1,建设路一号院,1980,50,112.983,34.752\nB2,{{7*7}},1999,60,112.984,34.753\nB3,无名,很久以前,x,112.985,34.754\n"


def send(browser: Browser, *files: tuple[str, bytes]) -> Any:
    parts = [(io.BytesIO(data), name) for name, data in files]
    return browser.send("POST", "/api/uploads", data={"files": parts}, content_type="multipart/form-data")


def wait(browser: Browser, id: str, *states: str) -> dict[str, Any]:
    """The upload once it is in one of the states."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        said: dict[str, Any] = browser.get(f"/api/uploads/{id}?lang=en").get_json()
        if said["state"] in states:
            return said
        time.sleep(0.02)
    raise AssertionError(f"still {said['state']}: {said}")


def start(browser: Browser, id: str, **body: Any) -> Any:
    return browser.send("POST", f"/api/uploads/{id}/import", body)


@pytest.fixture
def empty(app: Flask) -> Browser:
    return Browser(app.test_client())


def test_a_ledger_is_looked_at_and_imported(empty: Browser) -> None:
    answer = send(empty, ("院落台账.csv", LEDGER.encode()))
    assert (answer.status_code, answer.get_json()["file_name"]) == (202, "院落台账.csv")
    id = answer.get_json()["id"]
    ready = wait(empty, id, "ready", "refused", "failed")
    assert ready["state"] == "ready", ready
    assert ready["inspection"]["datasets"][0]["layer"] == "compounds"
    assert start(empty, id, layer="compounds", crs="EPSG:4326").status_code == 202
    account = wait(empty, id, "done", "refused", "failed")["account"]
    counts = account["layers"]["compounds"]
    assert counts["read"] == 3 == counts["accepted"] + counts["repaired"] + counts["quarantined"]
    assert empty.get("/api/state").get_json()["counts"]["compounds"]["count"] == 3 - counts["quarantined"]
    assert empty.get(f"/api/imports/{account['import_id']}").get_json()["file_name"] == "院落台账.csv"


CALLED = [
    ("院落台账.csv", "院落台账"),
    ("巡查 13800138000.CSV", "巡查 138********"),
]


@pytest.mark.parametrize(("file", "dataset"), CALLED)
def test_a_dataset_is_called_as_its_file_was_and_tells_of_no_person(file: str, dataset: str, empty: Browser) -> None:
    """Everything that came over the page was called "upload"."""
    id = send(empty, (file, LEDGER.encode())).get_json()["id"]
    assert [one["name"] for one in wait(empty, id, "ready", "refused", "failed")["inspection"]["datasets"]] == [dataset]


def test_a_dry_run_changes_nothing_and_may_be_followed(empty: Browser, app: Flask) -> None:
    """The files are kept until the import is done, then gone."""
    root = here(app).settings.instance / "uploads"
    id = send(empty, ("a.csv", LEDGER.encode())).get_json()["id"]
    wait(empty, id, "ready")
    start(empty, id, layer="compounds", crs="EPSG:4326", dry_run=True)
    assert wait(empty, id, "done")["account"]["dry_run"] is True
    assert empty.get("/api/state").get_json()["kind"] == "empty"
    assert [p.name for p in root.rglob("upload*")] == ["upload.csv"]
    start(empty, id, layer="compounds", crs="EPSG:4326")
    assert wait(empty, id, "done")["account"]["dry_run"] is False
    assert list(root.rglob("upload.*")) == []
    assert start(empty, id, layer="compounds", crs="EPSG:4326").status_code == 409


def test_an_undeclared_datum_is_refused_with_candidates_and_may_be_said(empty: Browser) -> None:
    id = send(empty, ("a.csv", LEDGER.encode())).get_json()["id"]
    wait(empty, id, "ready")
    start(empty, id, layer="compounds")
    said = wait(empty, id, "refused")
    assert said["error"]["code"] == "crs-not-declared"
    assert {c["crs"] for c in said["error"]["candidates"]} >= {"EPSG:4326", "GCJ-02", "BD-09"}
    start(empty, id, layer="compounds", crs="GCJ-02")
    assert wait(empty, id, "done")["account"]["layers"]["compounds"]["read"] == 3


def test_an_upload_can_be_dropped(empty: Browser, app: Flask) -> None:
    id = send(empty, ("a.csv", LEDGER.encode())).get_json()["id"]
    wait(empty, id, "ready")
    assert empty.send("DELETE", f"/api/uploads/{id}").get_json() == {"deleted": id}
    assert empty.get(f"/api/uploads/{id}").status_code == 404
    assert list((here(app).settings.instance / "uploads").rglob("upload.*")) == []


def test_what_cannot_be_read_is_refused_with_a_sentence(empty: Browser) -> None:
    names = ["a.dwg", "x.pickle", "noending", "../../etc/passwd"]
    sent = [send(empty, (name, b"\x80\x04\x95not a file")).get_json()["id"] for name in names]
    for id in sent:
        said = wait(empty, id, "refused", "failed")
        assert said["state"] == "refused"
        assert said["error"]["detail"]
        assert "/" not in said["file_name"]


def test_the_names_of_foreign_files_are_text_only(empty: Browser, app: Flask, tmp_path: Path) -> None:
    send(empty, ("../../../evil.csv", LEDGER.encode()))
    assert list(tmp_path.parent.rglob("*evil*")) == []


BAD_BODIES: list[dict[str, Any]] = [
    {"nonsense": 1},
    {"mode": "merge"},
    {"dry_run": "yes"},
    {"sets": ["name"]},
    {"sets": {"name": 1}},
    {"datasets": "a"},
    {"crs": "EPSG:1"},
    {"crs": 4326},
    {"layer": ["x"]},
]


def test_a_bad_choice_is_a_400(empty: Browser) -> None:
    id = send(empty, ("a.csv", LEDGER.encode())).get_json()["id"]
    wait(empty, id, "ready")
    assert [start(empty, id, **body).status_code for body in BAD_BODIES] == [400] * len(BAD_BODIES)
    assert browser_state(empty, id) == "ready"


def browser_state(browser: Browser, id: str) -> str:
    return str(browser.get(f"/api/uploads/{id}").get_json()["state"])


@pytest.mark.parametrize("names", [[], ["a.csv", "b.csv"], ["a.shp", "b.dbf"], ["a.shp", "a.shp"]])
def test_files_that_do_not_belong_together_are_a_400(names: list[str], reader: Browser) -> None:
    assert send(reader, *((n, b"x") for n in names)).status_code == 400


def test_more_than_the_cap_is_a_413(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1 << 20)
    browser = Browser(app.test_client())
    answer = send(browser, ("a.csv", b"x" * (2 << 20)))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too-large")


def test_few_are_worked_on_and_few_are_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two run; the third waits; with the queue full of busy ones the next is a 429."""
    running, most, both, gate, lock = 0, 0, threading.Event(), threading.Event(), threading.Lock()

    def slow(*_: Any, **__: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if most == 2:
                both.set()
        gate.wait(10)
        with lock:
            running -= 1
        raise RuntimeError("broken")

    monkeypatch.setattr("web.jobs.inspect_file", slow)
    monkeypatch.setattr(here(app).jobs, "_most", 4)
    browser = Browser(app.test_client())
    sent = [send(browser, ("a.csv", b"x")) for _ in range(5)]
    assert [a.status_code for a in sent] == [202, 202, 202, 202, 429]
    assert "Retry-After" in sent[4].headers
    assert both.wait(10)
    gate.set()
    said = [wait(browser, a.get_json()["id"], "failed") for a in sent[:4]]
    assert {s["error"]["code"] for s in said} == {"broken"}
    assert most == 2
    assert send(browser, ("a.csv", b"x")).status_code == 202


# ---------------------------------------------------------------- what stands afterwards


def test_the_import_can_be_read_again(reader: Browser) -> None:
    said = reader.get("/api/imports/1?lang=en").get_json()
    assert said["layers"] == {"compounds": {"read": 7, "accepted": 5, "repaired": 0, "quarantined": 2}}
    assert [(q["number"], q["reason"], q["sentence"]) for q in said["quarantine"]] == [
        (6, "no-geometry", "no geometry"),
        (7, "no-geometry", "no geometry"),
    ]
    assert [i["id"] for i in reader.get("/api/imports").get_json()["imports"]] == [1]


def test_the_quarantine_comes_as_a_guarded_table(reader: Browser) -> None:
    answer = reader.get("/api/imports/1/quarantine.csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert len(rows) == 2
    assert (rows[0]["名称"], rows[0]["x"]) == (HOSTILE, "'=1+1")


def test_an_import_can_be_undone(browser: Browser) -> None:
    assert browser.send("POST", "/api/imports/1/undo").status_code == 200
    assert browser.get("/api/state").get_json()["counts"]["compounds"]["count"] == 0


def test_a_template_is_a_workbook(reader: Browser) -> None:
    answer = reader.get("/templates/compounds.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert reader.get("/templates/nonsense.xlsx").status_code == 404


def test_the_pages_hold_no_text_of_users(reader: Browser) -> None:
    for path in ("/", "/import", "/imports/1"):
        answer = reader.get(path, headers={"Accept": "text/html"})
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "49<script>" not in text
        assert "<script>alert" not in text
        assert "南苑小区" not in text


def test_the_state_is_told(reader: Browser) -> None:
    said = reader.get("/api/state?lang=zh").get_json()
    assert said["banner"] == "5 个院落，3 个建于 2000 年及以前，年代不明 1"
    assert (said["kind"], said["counts"]["compounds"]) == ("real", {"count": 5, "unplaced": 1})
    assert said["bounds"] == [112.98, 34.75, 112.991, 34.761]


def test_the_declarations_are_told(reader: Browser) -> None:
    layers = {y["id"]: y for y in reader.get("/api/layers?lang=en").get_json()["layers"]}
    assert layers["compounds"]["bbox"] == [112.98, 34.75, 112.991, 34.761]
    assert layers["hydrants"]["bbox"] is None
    field = next(f for f in layers["compounds"]["fields"] if f["name"] == "gas_status")
    assert {c["value"] for c in field["choices"]} >= {"none", "full"}
    assert {q["id"] for q in reader.get("/api/questions").get_json()["questions"]} >= {"compounds-without-gas", "lanes-under-width"}


SEARCHES = [("南苑", ["A1"]), ("a2", ["A2"]), ("{{7*7}}", ["A4"]), ("nothing", []), ("", [])]


@pytest.mark.parametrize(("text", "codes"), SEARCHES)
def test_search_finds_names_and_codes(text: str, codes: list[str], reader: Browser) -> None:
    found = reader.get("/api/search", query_string={"q": text}).get_json()["results"]
    assert [json.dumps(hit, ensure_ascii=False).count(code) > 0 for hit, code in zip(found, codes, strict=True)] == [True] * len(codes)
