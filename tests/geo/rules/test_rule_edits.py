"""After any edits the rule book has judged what depends on them and nothing else, and its results are those of a process that starts afresh."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.frames import Frames
from geo.rules import findings, run
from geo.rules.declaration import Judgement
from geo.schema import Field
from geo.store import open_store
from geo.store.contract import Batch, ImportRecord, Store, Update, Write
from tests.geo.fake_frames import LAYERS, NOW, PROFILE, TODAY, FakeFrames
from tests.geo.rules.known_district import DISTRICT, point

DAYS = (TODAY, "2026-12-31", "2026-10-01")
NUMBERS = (None, 0.0, 1.0, 2.2, 3.2, 3.99, 4.0, 6.0, 12.0, 40.0, 100.0, 101.0, 1990.0, 2000.0, 2010.0)
DATES = (None, "2026-09-30", "2026-11-06", "2026-11-20", "2026-12-04")
STORED = {id: layer for id, layer in LAYERS.items() if not layer.derived}
OFTEN = ("fire_lanes", "buildings", "hazards", "compounds", "shops")


def numbered() -> dict[str, list[dict[str, Any]]]:
    return {layer: [{"id": at, **row} for at, row in enumerate(rows, 1)] for layer, rows in DISTRICT.items()}


def any_value(choose: random.Random, field: Field) -> Any:
    if field.choices:
        return choose.choice([None, *(choice.value for choice in field.choices)])
    if field.type == "boolean":
        return choose.choice([None, True, False])
    if field.type == "date":
        return choose.choice(DATES)
    return choose.choice(NUMBERS) if field.is_numeric else choose.choice([None, "A", "B", "C-1", "C-2", "负一层", "架空"])


def moved(choose: random.Random, shape: Any) -> Any:
    """Somewhere else, turned, larger, or gone."""
    if shape is None or choose.random() < 0.1:
        return choose.choice([None, point(choose.uniform(0, 500), choose.uniform(0, 100))]) if shape is None else None
    if choose.random() < 0.3:
        return shapely.affinity.scale(shape, choose.choice([0.5, 1.5]), choose.choice([0.5, 1.5]))
    step = choose.choice([1e-6, 1e-5, 1e-4, 1e-3])
    return shapely.affinity.translate(shape, choose.uniform(-step, step), choose.uniform(-step, step))


def edited(choose: random.Random, layer: str, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], set[int]]:
    """The rows after one to three random edits, and the ids that changed."""
    held: dict[int, dict[str, Any]] = {row["id"]: row for row in rows}
    changed: set[int] = set()
    fields = [f for f in LAYERS[layer].fields if f.type in ("choice", "boolean", "date", "number", "integer", "year", "text")]
    for _ in range(choose.choice([1, 1, 2, 3])):
        action = choose.choice(["values", "values", "values", "move", "insert", "delete"])
        id = choose.choice(list(held) or [0])
        if action == "insert" or not held:
            like, id = dict(choose.choice(DISTRICT[layer])), max([*held, *changed, 99]) + 1
            held[id] = {**like, "id": id, "code": f"N{id}", "geometry": moved(choose, like["geometry"])}
        elif action == "delete" and len(held) > 2:
            del held[id]
        elif action == "move":
            held[id] = {**held[id], "geometry": moved(choose, held[id]["geometry"])}
        else:
            held[id] = {**held[id], **{field.name: any_value(choose, field) for field in choose.sample(fields, 4)}}
        changed.add(id)
    return [held[id] for id in sorted(held)], changed


def everything(judgement: Judgement) -> dict[str, Any]:
    """All that a judgement tells, to compare."""
    rows = np.arange(len(judgement.result))
    told: dict[str, Any] = {name: getattr(judgement, name).tolist() for name in ("result", "basis")}
    told |= {name: np.nan_to_num(getattr(judgement, name), nan=-9e9).tolist() for name in ("measured", "threshold")}
    told |= {lang: judgement.why(rows, lang) for lang in ("zh", "en")}
    told["severity"] = None if judgement.severity is None else judgement.severity.tolist()
    told["involved"] = None if judgement.involved is None else [sorted(pairs) for pairs in judgement.involved(rows)]
    told["where"] = None if judgement.where is None else [getattr(p, "wkb", None) for p in judgement.where(rows)]
    if judgement.lacks is not None:
        lacks = judgement.lacks
        told["lacks"] = [(lacks.kinds[k], int(row)) if k >= 0 else None for k, row in zip(lacks.kind, lacks.row, strict=True)]
    return told


def same(view: Any, fresh: Any) -> None:
    one, two = run.judged(view), run.judged(fresh)
    assert list(one) == list(two)
    for id in one:
        assert everything(one[id]) == everything(two[id]), id
    table, other = findings.table(view), findings.table(fresh)
    assert [s.wkb if s is not None else None for s in table.frame.geometry] == [
        s.wkb if s is not None else None for s in other.frame.geometry
    ]
    columns = [name for name in findings.COLUMNS if name not in ("version", "updated_at")]
    pd.testing.assert_frame_equal(pd.DataFrame(table.frame[columns]), pd.DataFrame(other.frame[columns]))


def by_reading(changed: set[str]) -> set[str]:
    """Rules that read any of these layers, as they declare it."""
    return {rule.id for rule in run.RULES if changed & {rule.subject, *rule.reads}}


def random_edits(seed: int, count: int, every: int) -> None:
    """Of `count` edits every so many is compared with a full run; who is judged is looked at after each."""
    choose, frames = random.Random(seed), FakeFrames(numbered())
    run.judged(frames.view(*run.READS))
    before = TODAY
    for step in range(1, count + 1):
        layers = {
            choose.choice(OFTEN) if choose.random() < 0.7 else choose.choice(list(DISTRICT)) for _ in range(choose.choice([1, 1, 1, 2]))
        }
        for layer in layers:
            frames.put(layer, *edited(choose, layer, [dict(row) for row in frames.contents[layer]]))
        day = choose.choice([TODAY, TODAY, TODAY, *DAYS])
        view = frames.view(*run.READS, "findings", as_of=day)
        found = run.judged_now(view)
        dated = set() if day == before else {rule.id for rule in run.RULES if rule.dated}
        before = day
        assert by_reading(layers) - may_be_idle(layers) <= set(found.work) <= by_reading(layers) | dated, layers
        if step % every == 0:
            same(view, FakeFrames(frames.contents).view(*run.READS, "findings", as_of=day))


def may_be_idle(layers: set[str]) -> set[str]:
    """Rules judged row by row have no work where rows were only taken out; all others are asked anew."""
    return {rule.id for rule in run.RULES if rule.by_row and rule.subject in layers}


def test_random_edits_equal_a_full_run() -> None:
    random_edits(1, 6, 3)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 7))
def test_five_hundred_random_edits_equal_a_full_run(seed: int) -> None:
    random_edits(seed, 100, 1)


@pytest.fixture(scope="module")
def district() -> FakeFrames:
    """Judged once; each edit below is judged on top of those before."""
    frames = FakeFrames(numbered())
    run.judged(frames.view(*run.READS))
    return frames


@pytest.mark.parametrize(
    ("layer", "judged"),
    [
        ("shops", {"GA-01", "GA-08", "GA-09", "GA-10", "GA-12"}),
        ("fire_stations", {"ST-01"}),
        ("gas_mains", {"GA-02", "GA-02r", "GA-03", "GA-06", "GA-14"}),
        ("amenities", {"EB-03", "EB-04", "EB-06", "EB-07", "GA-02", "GA-02r", "GA-03", "GA-14"}),
        ("compounds", {"EB-04", "GA-01", "GA-13", "OC-01", "OC-02", "HZ-07"}),
        (
            "fire_lanes",
            {"FA-01", "FA-02", "FA-03a", "FA-03b", "FA-04", "FA-05", "FA-06", "FA-07", "FA-08", "FA-09", "FA-10", "FA-11", "FA-12", "FA-14", "FA-15",
             "FA-16", "FA-18", "FA-19", "FA-21", "HY-01", "HY-02", "HY-03", "EB-07"},
        ),
    ],
)  # fmt: skip
def test_one_edit_judges_only_the_rules_that_read_it(layer: str, judged: set[str], district: FakeFrames) -> None:
    """Which rules those are is written down by hand; those that look at a row alone judge one row."""
    before = run.judged(district.view(*run.READS))
    rows = [{**row, "notes": "changed"} if row["id"] == 2 else row for row in district.contents[layer]]
    district.put(layer, rows, {2})
    after = run.judged_now(district.view(*run.READS))
    assert set(after.work) == judged
    assert all(after.results[id] is before[id] for id in before if id not in judged)
    assert {after.work[rule.id] for rule in run.RULES if rule.by_row and rule.id in judged and len(rows) > 4} <= {1}


# the same on a real store -------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "store.gpkg", STORED)
    yield opened
    opened.close()


def as_stored(row: Mapping[str, Any], layer: str) -> dict[str, Any]:
    """Whole numbers as such, the geometry as WKB."""
    whole = {f.name for f in LAYERS[layer].all_fields if f.type in ("integer", "year")}
    values = {
        name: int(value) if name in whole and value is not None else value for name, value in row.items() if name not in ("id", "geometry")
    }
    shape = row.get("geometry")
    return {**values, "geometry": None if shape is None else shapely.to_wkb(shape)}


@pytest.mark.soak
def test_random_edits_of_a_store_equal_a_full_run(store: Store) -> None:
    record = ImportRecord("a.csv", "00", "append", {}, {})
    store.publish(
        Batch([Write(layer, inserts=[as_stored(row, layer) for row in rows]) for layer, rows in DISTRICT.items()], record),
        actor="a",
        now=NOW,
    )
    frames, choose = Frames(store, STORED, profile=PROFILE), random.Random(11)
    run.judged(frames.view(*run.READS, as_of=TODAY))
    for _ in range(60):
        layer = choose.choice(OFTEN)
        ids = store.read([layer]).whole[layer].ids
        id, action = choose.choice(ids), choose.choice(["values", "move", "insert", "delete"])
        version = store.feature(layer, id).version
        if action == "insert":
            row = dict(choose.choice(DISTRICT[layer]))
            row |= {"code": f"N{store.info().revision}", "geometry": moved(choose, row["geometry"])}
            store.publish(Batch([Write(layer, inserts=[as_stored(row, layer)])], record), actor="a", now=NOW)
        elif action == "delete" and len(ids) > 2:
            store.edit([Write(layer, deletes=[(id, version)])], actor="b", now=NOW)
        elif action == "move":
            shape = moved(choose, choose.choice(DISTRICT[layer])["geometry"])
            update = Update(id, version, {}, None if shape is None else shapely.to_wkb(shape), True)
            store.edit([Write(layer, updates=[update])], actor="b", now=NOW)
        else:
            fields = [f for f in LAYERS[layer].fields if f.type in ("choice", "boolean", "date")]
            update = Update(id, version, {f.name: any_value(choose, f) for f in choose.sample(fields, 3)}, None, False)
            store.edit([Write(layer, updates=[update])], actor="b", now=NOW)
        view = frames.view(*run.READS, as_of=TODAY)
        same(view, Frames(store, STORED, profile=PROFILE).view(*run.READS, as_of=TODAY))
