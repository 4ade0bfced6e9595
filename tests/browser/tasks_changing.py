"""The planner's tasks that write: import, place, correct, move, close, plan. Each figure against the API and against the file, and taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from desk import Desk, Writer, count, rows
from office_files import ledger
from planner import ROWS, number, wait_for_counts

SHOT = {"type": "Point", "coordinates": [112.98, 34.75]}


def import_a_ledger(desk: Desk, folder: Path) -> None:
    """The office's workbook takes the place of the demo data; what is taken away again holds as many."""
    compounds = [one["properties"] for one in desk.features("compounds")][:60]
    desk.import_file(ledger(folder / "台账.xls", compounds))
    n = len(compounds)
    assert desk.account("compounds") == {"read": n, "accepted": n, "repaired": 0, "quarantined": 0, "unplaced": n}
    desk.start()
    desk.panel("layers")
    assert number(desk.text("[data-layer=compounds] .unplaced")) == n == desk.matched("compounds")
    desk.ask("compounds-without-gas")
    assert desk.shown("compounds-without-gas") == sum(one["gas_status"] in ("none", "under_construction") for one in compounds)
    desk.table("compounds")
    desk.panel("results")
    written = rows(desk.save(folder, "csv"))
    assert [(row["name"], row["households"]) for row in written] == [(one["name"], str(one["households"])) for one in compounds]


def place_an_unplaced_compound(desk: Desk, folder: Path) -> None:
    """By one click on the map; it lies where was clicked."""
    page, writer = desk.page, Writer(desk)
    made = writer.add("compounds", {"name": "无位置院", "code": desk.tag}, None)
    desk.start(map="17/34.7499/112.98")
    desk.panel("layers")
    assert number(desk.text("[data-layer=compounds] .unplaced")) == desk.matched("compounds", filter="geometry IS NULL") == 1
    page.click("[data-layer=compounds] .unplaced")
    page.click("#unplaced [data-place=point]")
    lon, lat = 112.9803, 34.7501
    page.mouse.click(*desk.at(lon, lat))
    page.click(".placing button.primary")
    page.wait_for_selector("#unplaced-body .note:not(.hint)")
    assert desk.matched("compounds", filter="geometry IS NULL") == 0
    placed = desk.features("compounds", filter=f"code = '{desk.tag}'")[0]
    assert placed["geometry"]["coordinates"] == pytest.approx((lon, lat), abs=3e-5)  # two pixels
    page.click("#unplaced-close")
    desk.table("compounds")
    desk.panel("results")
    assert desk.listed() == desk.matched("compounds") == count(desk.save(folder, "gpkg"))
    writer.drop(f"/ogc/collections/compounds/items/{made}")


def correct_and_undo(desk: Desk, folder: Path) -> None:
    """A gas status: the answer follows, and so does the file; taken back, all is as before."""
    page, question = desk.page, "compounds-without-gas"
    desk.start()
    desk.ask(question)
    before = desk.shown(question)
    unchanged = desk.counts()
    page.click(f"{ROWS} >> nth=0 >> .name")
    page.click("#edit")
    page.select_option("#edit-gas_status", "full")
    page.fill("#edit-reason", "现场核实")
    page.click("form.edit button[type=submit]")
    page.wait_for_selector(".toast.done")
    wait_for_counts(desk, {"yes": before - 1, "no": unchanged["no"] + 1})
    assert desk.shown(question) == before - 1 == len(rows(desk.save(folder, "csv")))
    page.click('[popovertarget="recent-menu"]')
    assert "现场核实" in desk.text(".revisions li:first-child")
    page.locator(".revisions li:not(.undone) button:not(.link)").first.click()
    page.wait_for_selector(".revisions li.undone")
    page.keyboard.press("Escape")
    wait_for_counts(desk, unchanged)
    assert desk.shown(question) == before == len(rows(desk.save(folder, "csv")))


def move_a_lane(desk: Desk, folder: Path) -> None:
    """The corner of a lane is dragged away from its building: what hose reaches changes, on the screen as in the API, and back again."""
    page, question, hose = desk.page, "buildings-out-of-reach", {"hose": "20"}
    lane = desk.features("fire_lanes", filter="code = 'TD-00001'")[0]
    before = desk.api_counts(question, **hose)
    desk.start(feature=f"fire_lanes/{lane['id']}", question=question, **{"p.hose": "20"}, map="17/34.7528/112.9748")
    desk.settled(question)
    desk.panel("details")
    page.click("#move")
    page.wait_for_selector(".placing:not([hidden])")
    x, y = desk.at(*lane["geometry"]["coordinates"][-1])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 90, steps=6)
    page.mouse.up()
    page.fill(".placing input", "改道")
    page.click(".placing .primary")
    page.wait_for_selector(".toast.done")
    after = desk.api_counts(question, **hose)
    assert after != before and sum(after.values()) == sum(before.values())
    wait_for_counts(desk, after)
    desk.panel("results")
    assert len(rows(desk.save(folder, "csv"))) == after["yes"]
    page.locator(".toast.done button.strong").last.click()
    wait_for_counts(desk, before)
    assert desk.api_counts(question, **hose) == before
    assert desk.features("fire_lanes", filter="code = 'TD-00001'")[0]["geometry"] == lane["geometry"]


STEPS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("notify", {"notice_no": "责改〔2026〕77号", "notice_on": "2026-11-02", "due_date": "2026-11-20"}, "notified"),
    ("start", {"status_on": "2026-11-03"}, "rectifying"),
    ("finish", {"done_on": "2026-11-10", "done_desc": "已清理"}, "done_pending_review"),
    ("pass", {"reviewed_on": "2026-11-11", "reviewed_by": "王工"}, "closed"),
)


def close_a_hazard(desk: Desk, folder: Path) -> None:
    """Notice, work, done, reviewed: no step but the legal ones is offered, and each stands in the log."""
    page, writer = desk.page, Writer(desk)
    facts = {"code": desk.tag, "hazard_type": "fire_lane_blocked", "grade": "general", "status": "registered", "found_on": "2026-11-01"}
    made = writer.add("hazards", {**facts, "hazard_desc": "通道堆物"}, SHOT)
    closed = desk.matched("hazards", filter="status = 'closed'")
    desk.start(feature=f"hazards/{made}")
    desk.panel("details")
    page.wait_for_selector(".life:not([aria-busy]) .steps")
    for step, needs, state in STEPS:
        legal = [one["id"] for one in desk.api(f"/api/hazards/{made}/life")["steps"]]
        assert page.locator(".steps [data-step]").evaluate_all("all => all.map((one) => one.dataset.step)") == legal
        page.click(f'[data-step="{step}"]')
        for name, value in needs.items():
            page.fill(f"#life-{name}", value)
        page.click(".step-form button[type=submit]")
        page.wait_for_selector(f'.track .current[data-state="{state}"]')
    assert page.locator(".life .log li").count() == len(desk.api(f"/api/hazards/{made}/life")["log"]) > len(STEPS)
    assert desk.matched("hazards", filter="status = 'closed'") == closed + 1
    desk.table("hazards")
    box = desk.facet("status")
    page.check(f"{box} [data-key=v-closed]")
    page.wait_for_selector(f'.numbers[data-matched="{closed + 1}"]')
    desk.settled("hazards")
    written = rows(desk.save(folder, "csv"))
    assert len(written) == closed + 1 == desk.listed()
    assert [row["notice_no"] for row in written if row["code"] == desk.tag] == ["责改〔2026〕77号"]
    writer.drop(f"/ogc/collections/hazards/items/{made}")


def make_a_project(desk: Desk, folder: Path) -> None:
    """Of an answer in one community: its GeoJSON and its workbook hold the API's compounds, quantities and costs."""
    page, question, place = desk.page, "compounds-without-gas", "京里社区"
    place = desk.features(question, answer="yes")[0]["properties"]["community"]
    desk.start()
    desk.ask(question)
    desk.community(place)
    n = desk.shown(question, community=place)
    page.click("#answer-head .to-project")
    page.fill("#pick-title", f"一期 {desk.lang}")
    page.keyboard.press("Enter")
    page.locator(".toast button.strong").last.click()
    page.wait_for_url("**/projects/p*")
    page.wait_for_selector("body[data-ready=true] details.compound")
    path = "/api" + page.url[len(desk.base) :].partition("?")[0]
    told = desk.api(path, lang=desk.lang)
    assert page.locator("details.compound").count() == n == told["totals"]["compounds"]
    files = [project_file(desk, folder, form) for form in ("geojson", "xlsx")]
    same_project(told, json.loads(files[0].read_text("utf-8")), openpyxl.load_workbook(files[1], data_only=True))
    quantities(desk, told, question, place)
    Writer(desk).drop(path)


def project_file(desk: Desk, folder: Path, form: str) -> Path:
    with desk.page.expect_download() as held:
        desk.page.click(f"#save-{form}")
    held.value.save_as(folder / f"project.{form}")
    return folder / f"project.{form}"


def same_project(told: Any, collection: Any, book: Any) -> None:
    """The same compounds with the same quantities in all three."""
    amounts = [{(work["code"], work["amount"]) for work in one["works"] if work["included"]} for one in told["compounds"]]
    assert [one["id"] for one in collection["features"]] == [one["id"] for one in told["compounds"]]
    assert [{(item["code"], item["qty"]) for item in one["properties"]["items"]} for one in collection["features"]] == amounts
    assert collection["yuantu"]["cost_range"] == told["totals"]["cost"]
    works = list(book.worksheets[3].iter_rows(min_row=2, values_only=True))
    assert len(works) == sum(map(len, amounts))
    assert sum(row[7] or 0 for row in works) == told["totals"]["cost"]["low"]


def quantities(desk: Desk, told: Any, question: str, place: str) -> None:
    """Households to connect, worked out from the compounds themselves."""
    found = [one["properties"] for one in desk.features(question, answer="yes", community=place)]
    wanted = sum(one["households"] - (one["gas_households"] or 0) for one in found if one["households"] is not None)
    (item,) = (one for one in told["totals"]["items"] if one["code"] == "B-GAS-HH")
    assert item["amount"] == wanted
