"""The whole rule book on real files of others, by every profile: nothing breaks, the counts add up, and what is unknown is plain."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import numpy as np
import pytest

from geo.derived import DERIVED
from geo.frames import Frames, View
from geo.rules import findings, run
from geo.rules.declaration import NA, RESULTS, UNKNOWN, Judgement, Rule
from tests.geo.fake_frames import PROFILES, TODAY
from tests.geo.imports.conftest import Desk

pytestmark = pytest.mark.usefixtures("read_here")

ASKED = 60
"""So many sentences of a rule are read, spread over its features."""


def seen(desk: Desk, profile: str) -> View:
    frames = Frames(desk.store, desk.layers, profile=PROFILES["cn_gb"], profiles=PROFILES, derived=DERIVED)
    return frames.view("findings", profile=profile, as_of=TODAY)


def counted(view: View) -> dict[str, Counter[str]]:
    """Rule → how many features have each result, after everything that must hold of any data was looked at."""
    results = run.judged(view)
    assert list(results) == [rule.id for rule in run.RULES if rule.id in view.profile.rules]
    rules = [rule for rule in run.RULES if rule.id in results]
    for rule in rules:
        holds(view, rule, results[rule.id])
    found = {rule.id: Counter(RESULTS[code] for code in results[rule.id].result) for rule in rules}
    table, frame = findings.table(view), view.frame("findings")
    assert len(table) == len(frame) == sum(len(view.frame(rule.subject)) for rule in rules)
    assert not frame.index.duplicated().any()
    return found


def holds(view: View, rule: Rule, judgement: Judgement) -> None:
    features = len(view.frame(rule.subject))
    columns = (judgement.result, judgement.measured, judgement.threshold, judgement.basis)
    assert [len(column) for column in columns] == [features] * 4, rule.id
    assert set(judgement.result.tolist()) <= set(range(len(RESULTS))), rule.id
    assert not np.isinf(judgement.measured).any(), rule.id
    assert np.isnan(judgement.threshold[(judgement.result == NA) & np.isnan(judgement.measured)]).all(), rule.id
    if judgement.lacks is not None:
        assert (judgement.lacks.kind[judgement.result != UNKNOWN] == -1).all(), rule.id
    rows = np.unique(np.linspace(0, features - 1, min(features, ASKED)).astype(np.int64)) if features else np.empty(0, dtype=np.int64)
    for lang in ("zh", "en"):
        said = judgement.why(rows, lang)
        assert len(said) == len(rows), rule.id
        assert all(text and "nan" not in text.lower().replace("，", " ").split() and "None" not in text for text in said), (rule.id, said)


def share_unknown(found: dict[str, Counter[str]]) -> float:
    """Of the results that a rule applies to."""
    asked = sum(sum(counts.values()) - counts["na"] for counts in found.values())
    return sum(counts["unknown"] for counts in found.values()) / asked


def working_days(after: str, until: str) -> int:
    """By the calendar's own question about single days."""
    first, last = (date(int(year), int(month), int(day)) for month, day, year in (after.split("/"), until.split("/")))
    return sum(chinese_calendar.is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def test_new_yorks_ledger_by_the_rule_book(desk: Desk, shared_data: Path) -> None:
    """A ledger that knows neither reviews nor grades; the oracles are the csv module and one day after the other."""
    path = shared_data / "ledgers" / "hpd_violations.csv"
    desk.file(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    view = seen(desk, "cn_gb")
    found = counted(view)
    open_ = sum(row["ViolationStatus"] == "Open" for row in rows)
    late = sum(working_days(row["InspectionDate"], row["NOVIssuedDate"]) > 3 for row in rows)
    assert {id: dict(counts) for id, counts in found.items() if id.startswith("HZ") and id != "HZ-07"} == {
        "HZ-01": {"fail": open_, "pass": 100 - open_},
        "HZ-02": {"fail": late, "pass": 100 - late},
        "HZ-03": {"fail": open_, "unknown": 100 - open_},
        "HZ-04": {"unknown": 100},
        "HZ-05": {"unknown": 100},
        "HZ-06": {"fail": 100 - open_, "pass": open_},
    }
    assert not any(sum(counts.values()) for id, counts in found.items() if id[:2] not in ("HZ", "EB"))


NOTHING_KNOWN = {
    "xiamen_compounds/厦门市商务住宅边界_gcj02.json": {"EB-04": 99, "GA-01": 99, "GA-13": 99, "OC-01": 99},
    "kaohsiung_gas/kh_ng_pipelines_wgs84.geojson": {"GA-02": 609, "GA-02r": 609, "GA-03": 609, "GA-06": 609, "GA-14": 609},
}
"""Outlines with a name, and pipes with no class, material or year: every rule that applies to them is unknown."""


@pytest.mark.soak
@pytest.mark.parametrize("path", NOTHING_KNOWN)
def test_names_alone_leave_everything_unknown(path: str, desk: Desk, shared_data: Path) -> None:
    desk.file(shared_data / path, crs="GCJ-02" if "gcj02" in path else "EPSG:4326")
    for profile in PROFILES:
        found = counted(seen(desk, profile))
        asked = {id: counts for id, counts in found.items() if sum(counts.values()) > counts["na"]}
        wanted = {id: Counter(unknown=number) for id, number in NOTHING_KNOWN[path].items() if id in found}
        assert asked == wanted


@pytest.mark.soak
@pytest.mark.parametrize(
    ("path", "share", "unknown"),
    [
        (
            "osm/helsinki_center_2019.osm.pbf",
            (0.70, 0.76),
            {"FA-08": 241, "FA-19": 241, "HY-02": 37, "HY-06": 37, "ST-01": 1, "GA-06": 8, "EB-04": 13},
        ),
        (
            "osm/beijing_haidian_merged_DERIVED.osm.pbf",
            (0.66, 0.72),
            {"FA-02": 522, "FA-08": 522, "FA-19": 522, "HY-01": 889, "HY-05": 889, "OC-01": 19},
        ),
    ],
)
def test_a_city_as_openstreetmap_has_it(
    path: str, share: tuple[float, float], unknown: dict[str, int], desk: Desk, shared_data: Path
) -> None:
    """Most is unknown; what nobody maps is unknown throughout. A wider lane asked for passes fewer of them."""
    desk.file(shared_data / path)
    found = {profile: counted(seen(desk, profile)) for profile in PROFILES}
    assert share[0] < share_unknown(found["cn_gb"]) < share[1]
    assert {id: dict(found["cn_gb"][id]) for id in unknown} == {id: {"unknown": number} for id, number in unknown.items()}
    passed = [found[profile]["FA-01"]["pass"] for profile in ("cn_legacy", "cn_gb", "ifc")]
    assert passed == sorted(passed, reverse=True) and passed[0] > passed[2]
