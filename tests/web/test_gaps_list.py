"""The to-do list over HTTP and by command: downloaded, filled in, uploaded, accounted for."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask

from tests.geo.lacking import needs, ruled
from tests.web.conftest import HOSTILE, Browser, here
from tests.web.test_cli import run
from tests.web.test_uploads import send, start, wait

RULES = (needs(1, "fire_lanes", "clear_width_m"), needs(2, "compounds", "gas_status"), needs(3, "compounds", "households"))


@pytest.fixture
def lacking(filled: Flask) -> Iterator[Flask]:
    """The small store, judged by three made-up rules."""
    services = here(filled)
    with ruled(services.settings.profile, *RULES) as profile:
        services.settings = replace(services.settings, profile=profile)
        yield filled


def filled_in(data: bytes, **cells: Any) -> bytes:
    """The list with a value for the first row of each field."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        if row[6].value in cells:
            row[10].value = cells.pop(row[6].value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_list_goes_out_and_comes_back(lacking: Flask) -> None:
    browser = Browser(lacking.test_client())
    answer = browser.get("/api/gaps.xlsx?lang=zh")
    assert answer.status_code == 200
    assert answer.headers["OGC-NumberMatched"] == "6"
    id = send(browser, ("缺项清单.xlsx", filled_in(answer.data, 净宽="3.6米"))).get_json()["id"]
    ready = wait(browser, id, "ready", "refused", "failed")
    assert next(d["to_do"] for d in ready["inspection"]["datasets"])
    assert start(browser, id, choices={"可选值": {"skip": True}, "填写说明": {"skip": True}}, mode="upsert").status_code == 202
    account = wait(browser, id, "done", "refused", "failed")["account"]
    assert account["layers"] == {"fire_lanes": {"read": 1, "accepted": 1, "repaired": 0, "quarantined": 0}}
    widths = browser.get("/ogc/collections/fire_lanes/items?properties=clear_width_m&filter=code='L3'").get_json()
    assert [f["properties"]["clear_width_m"] for f in widths["features"]] == [3.6]
    assert browser.get("/ogc/collections/data-gaps/items?limit=1").get_json()["numberMatched"] == 5


def test_the_list_is_that_of_the_asked_query(lacking: Flask) -> None:
    browser = Browser(lacking.test_client())
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get("/api/gaps.xlsx?layer=compounds&limit=2&lang=en").data)).worksheets[0]
    assert [[row[0].value, row[9].value] for row in sheet.iter_rows(min_row=2)] == [["Compounds", 1]] * 2
    assert browser.get("/api/gaps.xlsx?properties=field").status_code == 400
    assert browser.get("/api/gaps.xlsx?nonsense=1").status_code == 400


def test_hostile_names_are_texts_in_the_list(lacking: Flask) -> None:
    browser = Browser(lacking.test_client())
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get("/api/gaps.xlsx").data)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert [c.coordinate for c in cells if c.data_type == "f"] == []
    assert HOSTILE in {c.value for c in cells}


def test_the_command_writes_the_list_and_takes_it_back(lacking: Flask, tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    done = run(lacking, "gaps", "-o", str(path), "--layer", "fire_lanes")
    assert done.exit_code == 0, done.output
    assert "1 处缺项，补齐可明确 1 项结果" in done.stderr and "1 行 →" in done.stderr
    path.write_bytes(filled_in(path.read_bytes(), 净宽="宽"))
    done = run(lacking, "import", str(path), "--json")
    said = json.loads(done.stdout)
    assert (done.exit_code, said["quarantine_reasons"]) == (3, {"value-unreadable": 1})
    assert run(lacking, "gaps", "-o", str(tmp_path / "清单.csv")).exit_code == 2
