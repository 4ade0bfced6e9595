"""The rule book: every rule on a subdistrict and on a city, and what one edit costs, against judging rule by rule and all over again."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.harness import ROOT, Report, Scale, median, new_process, seconds, workshop
from bench.town import LAYERS, NOW, make_store
from geo import synthetic
from geo.derived import DERIVED
from geo.frames import Frames, View
from geo.profile import Profile
from geo.rules import findings
from geo.rules import run as rules
from geo.rules.book import FIGURES, RULES
from geo.store import open_store
from geo.store.contract import Store, Update, Write

SUBDISTRICT, CITY = 222, 5_400
"""Compounds; the city has about 40 000 buildings."""
SUBDISTRICT_S, CITY_S, EDIT_S, GROWTH = 2.0, 60.0, 0.1, 12.0
"""Aims: seconds for all rules, and after one edit; ten times the data in at most so many times the time."""
ROUNDS = 5
"""Edits of each kind on a subdistrict; one on a city."""

EDITS: Mapping[str, tuple[str, str, tuple[Any, Any]]] = {
    "a lane's width": ("fire_lanes", "clear_width_m", (3.3, 4.3)),
    "a compound's gas": ("compounds", "gas_status", ("none", "full")),
    "a shop's bottles": ("shops", "lpg_kg", (80.0, 120.0)),
    "a hazard's due date": ("hazards", "due_date", ("2026-12-01", "2026-12-02")),
}
"""What is edited, in turn between two values."""


def frames_of(store: Store) -> Frames:
    text = (ROOT / "data/profiles/cn_gb.toml").read_text("utf-8")
    return Frames(store, LAYERS, profile=Profile.parse(text, name="cn_gb", rules=FIGURES), derived=DERIVED)


def view_of(frames: Frames) -> View:
    return frames.view("findings", as_of=NOW[:10])


def read(frames: Frames) -> View:
    """A view whose layers are read and indexed, so that judging alone is timed."""
    view = view_of(frames)
    for id in rules.READS:
        view.tree(id)
    return view


def measured(folder: Path, compounds: int, *, apart: bool) -> dict[str, Any]:
    rows = synthetic.district(LAYERS, compounds=compounds, seed=1, as_of=NOW[:10])
    store = open_store(make_store(folder / f"{compounds}.gpkg", {name: found for name, found in rows.items() if found}), LAYERS)
    frames = frames_of(store)
    view = read(frames)
    judged = seconds(lambda: rules.judged(view))
    tabled = seconds(lambda: findings.table(view))
    told: dict[str, Any] = {
        "buildings": len(view.frame("buildings")),
        "findings": len(findings.table(view)),
        "judged": judged,
        "tabled": tabled,
    }
    told["edits"] = {what: edited(store, frames, *said, rounds=ROUNDS if apart else 1) for what, said in EDITS.items()}
    told["again"] = seconds(lambda: findings.table(read(frames_of(store))))
    if apart:
        told["apart"] = sum(by_itself(store, rule.id) for rule in RULES if rule.id in view.profile.rules)
    return told


def edited(store: Store, frames: Frames, layer: str, field: str, values: tuple[Any, Any], *, rounds: int) -> dict[str, Any]:
    """Median seconds from an edit to all results brought up to date, and how many results were judged anew."""
    id = int(view_of(frames).frame(layer).index[10])
    times, work = [], 0
    for i in range(rounds):
        row = store.feature(layer, id)
        value = values[0] if row.values[field] != values[0] else values[1]
        store.edit([Write(layer, updates=(Update(id, row.version, {field: value}),))], actor="bench", now=NOW)
        times.append(seconds(lambda: findings.table(view_of(frames))))
        work = sum(rules.judged_now(view_of(frames)).work.values()) if i == 0 else work
    return {"seconds": median(times), "judged": work}


def by_itself(store: Store, id: str) -> float:
    """Seconds of one rule in a process that knows nothing yet."""
    rule = next(rule for rule in RULES if rule.id == id)
    view = read(frames_of(store))
    return seconds(lambda: rule.judge(view))


def run(report: Report, scale: Scale) -> None:
    report.heading("The rule book: all rules of cn_gb, and after one edit")
    times = {}
    for name, compounds, aim in (("subdistrict", SUBDISTRICT, SUBDISTRICT_S), ("city", scale.of(CITY), CITY_S)):
        done = new_process("-m", "bench.rules", str(compounds), *(["apart"] if name == "subdistrict" else []))
        found = times[name] = done.json()
        what = f"{name}, {found['buildings']:,} buildings"
        others = {"rule by rule": found["apart"]} if "apart" in found else {}
        total = found["judged"] + found["tabled"]
        report.line(f"{what}: {found['findings']:,} findings", total, others, aim=f"{aim:g} s", met=total < aim)
        for edit, told in found["edits"].items():
            limit = {"aim": f"{EDIT_S * 1000:g} ms", "met": told["seconds"] < EDIT_S} if name == "subdistrict" else {}
            report.line(f"{name}: after {edit} ({told['judged']:,} judged)", told["seconds"], {"all over again": found["again"]}, **limit)
        report.line(f"{what}: peak memory", done.peak_mb, {}, unit="MB")
    more = times["city"]["buildings"] / times["subdistrict"]["buildings"]
    spent = [times[name]["judged"] + times[name]["tabled"] for name in ("subdistrict", "city")]
    growth = spent[1] / spent[0] * 10 / more
    report.line("ten times the buildings take", growth, {}, unit="×", aim=f"{GROWTH:g}×", met=growth <= GROWTH)


if __name__ == "__main__":
    with workshop() as place:
        print(json.dumps(measured(place, int(sys.argv[1]), apart="apart" in sys.argv)))
