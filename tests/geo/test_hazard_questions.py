"""The questions on the hazard ledger: hand-made cases, brute force over random ledgers, and a real one from elsewhere."""

from __future__ import annotations

import csv
import datetime as dt
import math
import random
import re
from pathlib import Path
from typing import Any

import chinese_calendar
import numpy as np
import pytest
import shapely

from geo.answers import answer
from geo.questions.catalogue import ALL
from geo.questions.declaration import GROUP_HAZARDS
from tests.geo.fake_frames import LAYERS, NOW, FakeFrames, box, metres, query

Row = dict[str, Any]


def ask(question: str, layers: dict[str, list[Row]], **args: str) -> Any:
    return answer(query(question, answer="all", limit="2000", **args), FakeFrames(layers), layers=LAYERS, now=NOW)


def at(east_m: float, north_m: float = 0.0) -> shapely.Point:
    return shapely.Point(metres((east_m, north_m))[0])


def column(found: Any, name: str) -> list[Any]:
    return [None if v is None or v != v else v for v in found.frame[name]]


YARDS: list[Row] = [
    {"code": "C1", "name": "甲院", "community": "一社区", "geometry": box(0, 0, 100, 100), "households": 50},
    {"code": "C2", "name": "乙院", "community": "一社区", "geometry": box(90, 0, 140, 100), "households": 20},
    {"code": "C3", "name": "丙院", "community": "二社区", "geometry": box(300, 0, 400, 100)},
]


# assignment -------------------------------------------------------------------------------------------------------------------

ASSIGNED: list[tuple[Row, tuple[Any, ...], str]] = [
    # the hazard, (answer, assigned to, how, metres, code unknown, ambiguous), a part of the sentence
    ({"compound_code": "C3", "geometry": at(50, 50)}, ("no", "C3", "code", None, False, False), "登记属于院落“丙院”"),
    ({"geometry": at(50, 50)}, ("no", "C1", "outline", 0.0, False, False), "位于院落“甲院”轮廓内"),
    ({"geometry": at(0, 50)}, ("no", "C1", "outline", 0.0, False, False), "轮廓内"),
    ({"geometry": at(95, 50)}, ("no", "C2", "outline", 0.0, False, True), "不止一个院落符合"),
    ({"geometry": at(-30, 50)}, ("no", "C1", "snapped", 30.0, False, False), "距院落“甲院” 30.0 米"),
    ({"geometry": at(-30.1, 50)}, ("yes", None, None, 30.1, False, False), "超过 30 米"),
    ({"geometry": at(220, 50)}, ("yes", None, None, 80.0, False, False), "超过 30 米"),
    ({"compound_code": "C9", "geometry": at(50, 50)}, ("no", "C1", "outline", 0.0, True, False), "编号 C9 查无此院落；位于"),
    ({"compound_code": "C9"}, ("unknown", None, None, None, True, False), "没有上图"),
    ({}, ("unknown", None, None, None, False, False), "没有上图"),
    ({"building_code": "B3"}, ("no", "C3", "building", None, False, False), "所在楼栋属于"),
    ({"building_code": "B1"}, ("no", "C1", "building", None, False, False), "所在楼栋属于"),
]


def test_assignment_to_a_compound() -> None:
    buildings = [{"code": "B3", "compound_code": "C3"}, {"code": "B1", "geometry": box(10, 10, 20, 20)}]
    found = ask("hazards-unassigned", {"compounds": YARDS, "buildings": buildings, "hazards": [row for row, _, _ in ASSIGNED]})
    names = ("answer", "assigned_to", "how", "value", "code_unknown", "ambiguous")
    assert list(zip(*(column(found, n) for n in names), strict=True)) == [want for _, want, _ in ASSIGNED]
    assert [part for (_, _, part), said in zip(ASSIGNED, found.frame["why"], strict=True) if part not in said] == []
    assert found.summary["assigned_by"] == {"code": 1, "outline": 4, "building": 2, "snapped": 1}


def test_how_near_is_asked_for() -> None:
    hazards: list[Row] = [{"geometry": at(-30, 50)}]
    assert column(ask("hazards-unassigned", {"compounds": YARDS, "hazards": hazards}, distance="29"), "answer") == ["yes"]


# counts -----------------------------------------------------------------------------------------------------------------------

LATE, OPEN = {"status": "rectifying", "due_date": "2026-11-02"}, {"status": "notified", "due_date": "2026-12-01"}


def test_open_hazards_of_compounds() -> None:
    hazards: list[Row] = [
        {"compound_code": "C1", "building_code": "B2", **LATE}, {"compound_code": "C1", "building_code": "B2", **OPEN},
        {"compound_code": "C1", "building_code": "B1", "status": "registered"}, {"compound_code": "C1", "status": "closed"},
        {"compound_code": "C1", "status": "candidate"}, {"compound_code": "C1"}, {"compound_code": "C2"}, {"geometry": at(220, 50), **LATE},
    ]  # fmt: skip
    buildings = [{"code": "B1"}, {"code": "B2"}]
    found = ask("compounds-by-open-hazards", {"compounds": YARDS, "buildings": buildings, "hazards": hazards})
    names = ("answer", "value", "overdue", "overdue_unknown", "unknown", "per_100_households", "worst_building", "worst_building_open")
    assert list(zip(*(column(found, n) for n in names), strict=True)) == [
        ("yes", 3.0, 1.0, 2.0, 1.0, 6.0, "B2", 2.0),
        ("unknown", 0.0, 0.0, 1.0, 1.0, 0.0, None, None),
        ("no", 0.0, 0.0, 0.0, 0.0, None, None, None),
    ]
    assert column(found, "per_hectare")[0] == pytest.approx(3.0, abs=0.01)
    assert found.frame["why"].iloc[0] == "登记隐患 5 处，未销号 3 处，其中逾期 1 处，另有 1 处没有登记状态，1 处是否逾期说不准"
    assert found.summary["hazards"] == {"open": 3, "overdue": 1, "overdue_unknown": 3, "unknown": 2}
    assert [(c["community"], c["open"], c["per_100_households"]) for c in found.summary["communities"]] == [
        ("一社区", 3, 4.286),
        ("二社区", 0, None),
    ]
    assert found.summary["store"]["of_no_compound"] == {"open": 1, "overdue": 1, "overdue_unknown": 0, "unknown": 0}


def test_without_a_ledger_nothing_is_known() -> None:
    assert column(ask("compounds-by-open-hazards", {"compounds": YARDS}), "answer") == ["unknown"] * 3


def test_a_hazard_of_nowhere_may_be_of_a_compound_of_which_nothing_is_on_record() -> None:
    """A hotline's report without compound and place, of the first community."""
    hazards: list[Row] = [{"compound_code": "C1", "status": "closed"}, {"community": "一社区", **OPEN}]
    assert column(ask("compounds-by-open-hazards", {"compounds": YARDS, "hazards": hazards}), "answer") == ["no", "unknown", "no"]


def test_how_many_is_asked_for() -> None:
    hazards: list[Row] = [
        {"compound_code": "C1", **OPEN},
        {"compound_code": "C1", **OPEN},
        {"compound_code": "C2", **OPEN},
        {"compound_code": "C2"},
    ]
    assert column(ask("compounds-by-open-hazards", {"compounds": YARDS, "hazards": hazards}, at_least="2"), "answer") == [
        "yes",
        "unknown",
        "no",
    ]


# legal deadlines --------------------------------------------------------------------------------------------------------------


def test_missed_deadlines_are_told_together() -> None:
    """Served on the fourth working day over the Spring Festival, re-inspected on the fifth after National Day."""
    late = {"status": "closed", "found_on": "2026-02-12", "notice_on": "2026-02-25", "due_date": "2026-09-30", "reviewed_on": "2026-10-13"}
    hazards: list[Row] = [
        {**late, "grade": "general"},
        {"status": "candidate"},
        {**late, "reviewed_on": None, "notice_on": "2026-02-13", "grade": "general"},
    ]
    found = ask("deadlines-missed", {"hazards": hazards})
    names = ("answer", "value", "missed", "notice_over", "review_over")
    assert list(zip(*(column(found, n) for n in names), strict=True)) == [
        ("yes", 2.0, "责令改正通知书、复查", 1.0, 2.0),
        ("na", None, None, None, None),
        ("unknown", None, None, None, None),
    ]
    assert found.summary["missed"] == {"notice": 1, "review": 1, "report": 0, "major_notice": 0}


def test_the_day_asked_for_decides() -> None:
    row: Row = {"status": "registered", "found_on": "2026-02-12", "grade": "general"}
    for day, want in (("2026-02-24", "no"), ("2026-02-25", "yes"), ("2026-02-11", "na")):
        assert column(ask("deadlines-missed", {"hazards": [row]}, as_of=day), "answer") == [want]


# brute force ------------------------------------------------------------------------------------------------------------------

TYPES = ("wiring_aged", "manhole", "other", None)
SPOTS = [(x * 9.5, y * 13.0) for x in range(6) for y in range(4)]


def random_hazard(dice: random.Random, number: int) -> Row:
    placed, day = dice.random() < 0.85, dt.date(2026, 1, 1) + dt.timedelta(days=dice.randrange(200))
    x, y = dice.choice(SPOTS)
    return {
        "code": f"H{number}", "hazard_type": dice.choices(TYPES, (8, 8, 1, 1))[0], "found_on": None if dice.random() < 0.04 else day.isoformat(),
        "geometry": at(x, y) if placed else None, "xy": (x, y) if placed else None, "building_code": dice.choice(("B1", "B2", *[None] * 8)),
        "compound_code": dice.choice(("C1", "C2", "C3", None)), "status": dice.choices(("notified", "candidate", None), (9, 1, 1))[0],
        "geom_method": dice.choices((None, "compound"), (9, 1))[0], "reopen_of": "H0" if dice.random() < 0.02 else None,
    }  # fmt: skip


def alike(earlier: Row, later: Row, compound: dict[str, str | None]) -> str:
    """Whether the later one repeats the earlier one: yes, maybe, no."""
    types, dates = [r["hazard_type"] for r in (earlier, later)], [r["found_on"] for r in (earlier, later)]
    sure = True
    if None in types or types == ["other", "other"]:
        sure = False
    elif types[0] != types[1]:
        return "no"
    if None in dates:
        sure = False
    elif not 0 < (dt.date.fromisoformat(dates[1]) - dt.date.fromisoformat(dates[0])).days <= 90:
        return "no"
    spots = [r["xy"] if r["geom_method"] is None else None for r in (earlier, later)]
    homes = [r["building_code"] for r in (earlier, later)]
    near = None not in spots and math.dist(*spots) <= 20
    if near or (homes[0] is not None and homes[0] == homes[1]):
        return "yes" if sure else "maybe"
    loose = [s is None and h is None for s, h in zip(spots, homes, strict=True)]
    mine = [compound[r["code"]] for r in (earlier, later)]
    return "maybe" if any(loose) and mine[0] is not None and mine[0] == mine[1] else "no"


def expected(rows: list[Row], row: Row, compound: dict[str, str | None]) -> str:
    if row["status"] == "candidate":
        return "na"
    if row["reopen_of"]:
        return "yes"
    found = {alike(other, row, compound) for other in rows if other is not row and other["status"] != "candidate"}
    loose = (row["xy"] is None or row["geom_method"] is not None) and row["building_code"] is None
    if "yes" in found:
        return "yes"
    return "unknown" if "maybe" in found or (loose and compound[row["code"]] is None) else "no"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_repeats_are_those_found_by_comparing_every_pair(seed: int) -> None:
    dice = random.Random(seed)
    rows = [random_hazard(dice, n) for n in range(90)]
    layers = {"hazards": rows, "compounds": YARDS}
    compound = dict(zip((r["code"] for r in rows), column(ask("hazards-unassigned", layers), "assigned_to"), strict=True))
    found = ask("hazards-repeated", layers)
    assert column(found, "answer") == [expected(rows, row, compound) for row in rows]
    since = [
        min((dt.date.fromisoformat(row["found_on"]) - dt.date.fromisoformat(o["found_on"])).days for o in rows if o["status"] != "candidate" and alike(o, row, compound) == "yes")
        if told == "yes" and not row["reopen_of"] else None
        for row, told in zip(rows, found.frame["answer"], strict=True)
    ]  # fmt: skip
    assert [v for v, row in zip(column(found, "value"), rows, strict=True) if not row["reopen_of"]] == [
        v for v, row in zip(since, rows, strict=True) if not row["reopen_of"]
    ]


def test_assignment_is_that_of_every_pair() -> None:
    dice = random.Random(8)
    yards = [{"code": f"C{n}", "geometry": box(x := dice.uniform(0, 900), y := dice.uniform(0, 900), x + 80, y + 50)} for n in range(30)]
    points = [(dice.uniform(0, 1000), dice.uniform(0, 1000)) for _ in range(300)]
    found = ask("hazards-unassigned", {"compounds": yards, "hazards": [{"geometry": at(*p)} for p in points]})
    frames = FakeFrames({"compounds": yards, "hazards": [{"geometry": at(*p)} for p in points]}).view("compounds", "hazards")
    shapes, spots = frames.metric("compounds"), frames.metric("hazards")
    apart = np.array([[shape.distance(spot) for shape in shapes] for spot in spots])
    nearest = apart.min(axis=1)
    assert column(found, "value") == pytest.approx(np.round(nearest, 2))
    assert column(found, "answer") == ["no" if d <= 30.01 else "yes" for d in nearest]
    told = column(found, "assigned_to")
    assert all(told[i] is None or apart[i, int(told[i][1:])] <= nearest[i] + 0.01 for i in range(len(points)))


def test_overdue_is_that_of_counting_days() -> None:
    dice = random.Random(11)
    due = [dt.date(2026, 1, 1) + dt.timedelta(days=dice.randrange(364)) for _ in range(200)]
    found = ask("hazards-overdue", {"hazards": [{"status": "notified", "due_date": d.isoformat()} for d in due]}, as_of="2026-10-08")
    worked = {d: chinese_calendar.is_workday(d) for d in chinese_calendar.get_dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))}
    want = []
    for day in due:
        while not worked[day]:
            day += dt.timedelta(days=1)
        first, last = sorted((day, dt.date(2026, 10, 8)))
        count = sum(worked[d] for d in chinese_calendar.get_dates(first, last)[1:])
        want.append(("yes" if day < dt.date(2026, 10, 8) else "no", float(count if day == first else -count)))
    assert list(zip(found.frame["answer"], found.frame["value"], strict=True)) == want


# a ledger from elsewhere ------------------------------------------------------------------------------------------------------

_STATUS = {"Close": "closed", "Open": "registered"}


def _iso(text: str) -> str | None:
    found = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", text)
    return f"{found[3]}-{found[1]}-{found[2]}" if found else None


def _violations(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig") as file:
        return [
            {
                "code": r["ViolationID"], "building_code": r["BuildingID"], "status": _STATUS.get(r["ViolationStatus"]), "hazard_type": "other",
                "found_on": _iso(r["InspectionDate"]), "notice_on": _iso(r["NOVIssuedDate"]), "due_date": _iso(r["OriginalCorrectByDate"]),
                "due_date_extended": _iso(r["NewCorrectByDate"]), "closed_on": _iso(r["CurrentStatusDate"]) if r["ViolationStatus"] == "Close" else None,
                "geometry": shapely.Point(float(r["Longitude"]), float(r["Latitude"])) if r["Longitude"] else None,
            }
            for r in csv.DictReader(file)
        ]  # fmt: skip


@pytest.mark.parametrize(
    "question", ["hazards-overdue", "hazards-repeated", "hazards-unassigned", "compounds-by-open-hazards", "deadlines-missed"]
)
def test_the_ledger_of_new_york_runs_through(question: str, shared_data: Path) -> None:
    """Far outside the metric CRS, without grades, and every type "other": no crash, and what is not known is said to be so."""
    rows = _violations(shared_data / "ledgers" / "hpd_violations.csv")
    layers = {"hazards": rows, "compounds": YARDS}
    found = ask(question, layers)
    total = len(YARDS) if question.startswith("compounds") else len(rows)
    assert found.summary["total"] == total == sum(found.summary[name] for name in ("yes", "no", "unknown", "na"))
    assert all(found.frame["why"].str.len() > 0)
    if question == "hazards-overdue":
        closed = sum(r["status"] == "closed" for r in rows)
        assert found.summary["no"] == closed and found.summary["yes"] + found.summary["unknown"] == total - closed
    if question == "deadlines-missed":
        assert found.summary["unknown"] + found.summary["yes"] == total  # without a grade any of them may be major


# after an edit ----------------------------------------------------------------------------------------------------------------

EDITS: list[Row] = [
    {"due_date": "2026-12-24"}, {"status": "rejected"}, {"status": "closed"}, {"found_on": "2026-05-05"}, {"hazard_type": "manhole"},
    {"compound_code": "C3"}, {"geometry": at(220, 50)}, {"geometry": None}, {"building_code": "B1"}, {"reopen_of": "H3"},
]  # fmt: skip


QUESTIONS = [question for question in ALL if question.group == GROUP_HAZARDS]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: next(iter(edit)))
def test_what_is_kept_equals_what_is_worked_out_anew(edit: Row) -> None:
    """Dates and repeats are kept over an edit that does not touch them: nothing may be kept that it does."""
    dice = random.Random(4)
    rows = [random_hazard(dice, n) | {"id": n + 1, "due_date": "2026-11-02"} for n in range(60)]
    frames = FakeFrames({"hazards": rows, "compounds": YARDS})

    def told(source: FakeFrames) -> list[list[str]]:
        view: Any = source.view("hazards", "compounds", "buildings")
        return [q.answer(view, q.defaults).why(np.arange(len(view.frame(q.subject))), "zh") for q in QUESTIONS]

    told(frames)
    edited = [row | edit if row["id"] in (7, 8) else row for row in rows]
    frames.put("hazards", edited, {7, 8})
    assert told(frames) == told(FakeFrames({"hazards": edited, "compounds": YARDS}))
    frames.put("hazards", rows, {7, 8})
    assert told(frames) == told(FakeFrames({"hazards": rows, "compounds": YARDS}))
