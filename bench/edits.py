"""One edit in a table of 220 000 compounds to the next fresh answer: the layers are brought up to date from the history, not read again."""

from __future__ import annotations

import time

from bench import town
from bench.ask import ask, frames_of
from bench.harness import Report, Scale, median, seconds, workshop
from geo.frames import Frames
from geo.store import open_store
from geo.store.contract import Store, Update, Write

SIZE, ROUNDS, AIM_S = 220_000, 15, 0.050


def run(report: Report, scale: Scale) -> None:
    size = scale.of(SIZE)
    report.heading(f"one edit to the next fresh answer: {size:,} compounds, {scale.of(town.AREAS):,} areas")
    with workshop() as folder:
        contents = {"compounds": town.compounds(size), "gas_areas": town.gas_areas(scale.of(town.AREAS))}
        path = town.make_store(folder / "store.gpkg", contents)
        frames = frames_of(path)
        ask(frames, "compounds-without-gas")
        store = open_store(path, town.LAYERS)
        rounds = [one_round(store, frames, i) for i in range(ROUNDS)]
        edit, fresh = median([r[0] for r in rounds]), median([r[1] for r in rounds])
        whole = seconds(lambda: ask(frames_of(path), "compounds-without-gas"))
        report.line(
            "edit committed → fresh answer (median)", fresh, {"reading everything again": whole}, aim="under 50 ms", met=fresh < AIM_S
        )
        report.line("the edit itself, synced to disk (median)", edit, {})


def one_round(store: Store, frames: Frames, number: int) -> tuple[float, float]:
    """Seconds of one edit and of the answer after it; the answer must show the edit."""
    id = 100 + number
    row = store.feature("compounds", id)
    before = ask(frames, "compounds-without-gas").summary or {}
    start = time.perf_counter()
    store.edit([Write("compounds", updates=(Update(id, row.version, {"gas_status": "all_electric"}),))], actor="bench", now=town.NOW)
    committed = time.perf_counter()
    after = ask(frames, "compounds-without-gas").summary or {}
    done = time.perf_counter()
    assert after["na"] == before["na"] + 1, (before, after)
    return committed - start, done - committed
