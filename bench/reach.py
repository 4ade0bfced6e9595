"""Reach: what an engine gets to, the widest routes to all buildings, what to mend first and hoses, for a subdistrict and for a city."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from bench.harness import ROOT, Report, Scale, new_process, seconds, workshop
from bench.town import LAYERS, make_store
from geo import synthetic
from geo.frames import Frames, View
from geo.profile import Profile
from geo.questions.catalogue import get
from geo.questions.lanes.measuring import measured_widths
from geo.questions.reach import ways
from geo.store import open_store

SUBDISTRICT, CITY = 222, 5_400
"""Compounds; the city has about 40 000 buildings."""
SUBDISTRICT_S, CITY_S, GROWTH = 0.5, 20.0, 12.0
"""Aims: seconds for all of it once the lanes are measured; ten times the data in at most so many times the time."""
READS = ("roads", "fire_lanes", "access_points", "obstacles", "buildings", "hazards", "compounds")


def view_of(folder: Path, compounds: int) -> View:
    rows = synthetic.district(LAYERS, compounds=compounds, seed=1, as_of="2026-11-22", only=READS)
    store = make_store(folder / f"{compounds}.gpkg", {name: rows[name] for name in READS})
    text = (ROOT / "data/profiles/cn_gb.toml").read_text("utf-8")
    return Frames(open_store(store, LAYERS), LAYERS, profile=Profile.parse(text, name="cn_gb")).view(*READS)


def measured(folder: Path, compounds: int) -> dict[str, Any]:
    """Seconds of each step on a made-up district."""
    view = view_of(folder, compounds)
    prepared = seconds(lambda: [view.tree(id) for id in READS])
    widths = seconds(lambda: (ways.network(view), measured_widths(view, parking=False)))
    steps = {}
    for id in ("bottlenecks", "compounds-cut-off", "mend-first"):
        question = get(id)
        steps[id] = seconds(partial(question.answer, view, question.defaults))
    again = seconds(lambda: get("bottlenecks").answer(view, {**get("bottlenecks").defaults, "width": 3.5}))
    hose = get("buildings-out-of-reach")
    hoses = seconds(partial(hose.answer, view, hose.defaults))
    told = {"buildings": len(view.frame("buildings")), "prepared": prepared, "widths": widths, "again": again, "hoses": hoses}
    return {**told, "reach": sum(steps.values()), **steps}


def run(report: Report, scale: Scale) -> None:
    report.heading("Reach: bottlenecks, compounds cut off, what to mend first")
    times = {}
    for name, compounds, aim in (("subdistrict", SUBDISTRICT, SUBDISTRICT_S), ("city", scale.of(CITY), CITY_S)):
        done = new_process("-m", "bench.reach", str(compounds))
        found = times[name] = done.json()
        what = f"{name}, {found['buildings']:,} buildings"
        report.line(f"{what}: lanes measured, network", found["widths"], {})
        report.line(f"{what}: all three questions then", found["reach"], {}, aim=f"{aim:g} s", met=found["reach"] < aim)
        report.line(f"{what}: hoses to all buildings", found["hoses"], {}, aim=f"{aim:g} s", met=found["hoses"] < aim)
        report.line(f"{what}: another width", found["again"], {})
        report.line(f"{what}: peak memory", done.peak_mb, {}, unit="MB")
    more = times["city"]["buildings"] / times["subdistrict"]["buildings"]
    growth = times["city"]["reach"] / times["subdistrict"]["reach"] * 10 / more
    report.line("ten times the buildings take", growth, {}, unit="×", aim=f"{GROWTH:g}×", met=growth <= GROWTH)


if __name__ == "__main__":
    with workshop() as place:
        print(json.dumps(measured(place, int(sys.argv[1]))))
