"""What is kept between edits of a store by the columns that it reads: after edits of one field at a time it is what a process that starts afresh finds."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from geo import synthetic
from geo.answers import answer
from geo.derived import DERIVED
from geo.errors import Invalid
from geo.frames import Frames, View
from geo.rules import findings, run
from geo.rules.declaration import Judgement
from geo.schema import Field
from geo.store import open_store
from geo.store.contract import Batch, ImportRecord, Store, Update, Write
from tests.geo.fake_frames import LAYERS, NOW, PROFILE, TODAY, query

STORED = {id: layer for id, layer in LAYERS.items() if not layer.derived}
COMPOUNDS = 3
EDITED = ("fire_lanes", "roads", "buildings", "access_points", "obstacles", "hydrants", "hazards", "compounds", "turnarounds", "shops")
ASKED = (
    "bottlenecks",
    "buildings-out-of-reach",
    "compounds-cut-off",
    "dead-ends-without-turnaround",
    "lanes-blocked",
    "lanes-under-width",
    "mend-first",
    "buildings-far-from-hydrant",
    "gas-connections",
)
"""Questions that keep what they work out."""
ABOUT = ("source", "accuracy_m", "quality", "code", "name")
"""Edited in every layer, whatever its own fields are."""


@pytest.fixture(scope="module")
def rows() -> dict[str, list[dict[str, Any]]]:
    found = synthetic.district(STORED, compounds=COMPOUNDS, seed=4, as_of=TODAY)
    return {name: rows for name, rows in found.items() if rows}


@pytest.fixture
def store(tmp_path: Path, rows: dict[str, list[dict[str, Any]]]) -> Iterator[Store]:
    opened = open_store(tmp_path / "store.gpkg", STORED)
    writes = [Write(layer, inserts=found) for layer, found in rows.items()]
    opened.publish(Batch(writes, ImportRecord("a.csv", "00", "append", {}, {}), metric_crs="EPSG:4547"), actor="a", now=NOW)
    yield opened
    opened.close()


def frames_of(store: Store) -> Frames:
    return Frames(store, STORED, profile=PROFILE, derived=DERIVED)


def told(view: View, rules: list[str]) -> dict[str, Any]:
    """Everything that some rules tell."""
    judged = run.judged(view)
    return {id: _judgement(judged[id]) for id in rules}


def _judgement(judgement: Judgement) -> tuple[Any, ...]:
    rows = np.arange(len(judgement.result))
    numbers = [np.nan_to_num(values, nan=-9e9).tolist() for values in (judgement.measured, judgement.threshold)]
    where = None if judgement.where is None else [getattr(p, "wkb", None) for p in judgement.where(rows)]
    return (
        judgement.result.tolist(),
        *numbers,
        judgement.basis.tolist(),
        *(_masked(judgement.why(rows, lang)) for lang in ("zh", "en")),
        where,
    )


def _masked(sentences: list[str]) -> list[str]:
    """Without the name of a hedge: of two that a lane is equally far from, either may be named, as they were measured in one go or apart."""
    return [re.sub(r"(绿篱|hedge )[“'][^”']*[”']", r"\1", said) if isinstance(said, str) else said for said in sentences]


def same(frames: Frames, store: Store) -> None:
    fresh = frames_of(store)
    mine, other = (f.view("findings", as_of=TODAY) for f in (frames, fresh))
    for id in run.judged(other):
        assert told(mine, [id]) == told(other, [id]), id
    columns = [name for name in findings.COLUMNS if name not in ("version", "updated_at")]
    one, two = (pd.DataFrame(findings.table(view).frame[columns]) for view in (mine, other))
    pd.testing.assert_frame_equal(one, two)
    for id in ASKED:
        found = [answer(query(id, answer="all"), f, layers=LAYERS, now=NOW) for f in (frames, fresh)]
        assert found[0].summary == found[1].summary, id
        one, two = (pd.DataFrame(a.frame).map(lambda value: _masked([value])[0]) for a in found)
        pd.testing.assert_frame_equal(one, two, obj=id)


def bring_up(frames: Frames) -> None:
    """What is kept is worked out now, so that the next edit finds it."""
    findings.table(frames.view("findings", as_of=TODAY))
    for id in ASKED:
        answer(query(id, answer="all"), frames, layers=LAYERS, now=NOW)


def a_value(choose: random.Random, layer: str, field: Field, now: Any, others: list[Any]) -> Any:
    """Another value of a field: one of the choices, of other features, or near."""
    if field.choices:
        values: list[Any] = [None, *(choice.value for choice in field.choices)]
    elif field.type == "boolean":
        values = [None, True, False]
    elif field.name == "code":
        values = [f"N{choose.randrange(10**6)}"]
    elif field.type == "date":
        values = [None, "2026-09-30", "2026-11-20", "2026-12-04"]
    elif field.is_numeric:
        number = choose.choice([2.2, 3.9, 4.0, 6.0, 12.0, 40.0, 120.0]) if now is None else now * choose.choice([0.5, 0.9, 1.1, 2.0])
        values = [None, number if field.type == "number" else round(number)]
    else:
        values = [None, *others, "负一层", "另一处"]
    return choose.choice([value for value in values if value != now] or [None])


def moved(choose: random.Random, wkb: bytes | None, others: list[bytes | None]) -> bytes | None:
    """Somewhere else, larger, the other way round, or gone."""
    if wkb is None:
        return next((shape for shape in choose.sample(others, len(others)) if shape is not None), None)
    shape, how = shapely.from_wkb(wkb), choose.random()
    if how < 0.1:
        return None
    if how < 0.3:
        return bytes(shapely.to_wkb(shapely.affinity.scale(shape, choose.choice([0.7, 1.4]), choose.choice([0.7, 1.4]))))
    if how < 0.4:
        return bytes(shapely.to_wkb(shapely.reverse(shape)))
    step = choose.choice([1e-5, 1e-4, 1e-3])
    return bytes(shapely.to_wkb(shapely.affinity.translate(shape, choose.uniform(-step, step), choose.uniform(-step, step))))


def edit(store: Store, choose: random.Random, layer: str, field: str) -> None:
    """One field of one feature changes, or a feature comes or goes. What the store refuses is no edit."""
    columns = store.read([layer]).whole[layer]
    if not len(columns.ids):
        return
    at = choose.randrange(len(columns.ids))
    id, version = columns.ids[at], columns.values["version"][at]
    if field == "insert":
        like = {f.name: columns.values[f.name][at] for f in LAYERS[layer].fields} | {
            "source": "demo",
            "code": f"N{choose.randrange(10**6)}",
        }
        write = Write(layer, inserts=[{**like, "geometry": moved(choose, columns.geometry[at], list(columns.geometry))}])
    elif field == "delete":
        write = Write(layer, deletes=[(id, version)])
    elif field == "geometry":
        write = Write(layer, updates=[Update(id, version, {}, moved(choose, columns.geometry[at], list(columns.geometry)), True)])
    else:
        declared = next(f for f in LAYERS[layer].all_fields if f.name == field)
        value = a_value(choose, layer, declared, columns.values[field][at], list(columns.values[field]))
        write = Write(layer, updates=[Update(id, version, {field: value})])
    try:
        store.edit([write], actor="b", now=NOW)
    except Invalid:
        pass


def fields_of(layer: str) -> list[str]:
    own = [f.name for f in LAYERS[layer].fields if f.type != "json"]
    there = {f.name for f in LAYERS[layer].all_fields}
    return list(dict.fromkeys((*own, *(name for name in ABOUT if name in there), "geometry", "insert", "delete")))


def compared(store: Store, choose: random.Random, edits: list[tuple[str, str]], every: int) -> None:
    """After each edit all results are brought up to date, and after every so many they are compared."""
    frames = frames_of(store)
    bring_up(frames)
    for step, (layer, field) in enumerate(edits, 1):
        edit(store, choose, layer, field)
        bring_up(frames)
        if step % every == 0:
            try:
                same(frames, store)
            except AssertionError as error:
                raise AssertionError(f"after {edits[step - every : step]}: {error}") from error


def some_edits(choose: random.Random, count: int) -> list[tuple[str, str]]:
    layers = [choose.choice(EDITED) for _ in range(count)]
    return [(layer, choose.choice(fields_of(layer))) for layer in layers]


@pytest.mark.soak  # four seconds; test_rule_edits does the same in memory
def test_edits_of_one_field_equal_a_full_run(store: Store) -> None:
    choose = random.Random(1)
    compared(store, choose, some_edits(choose, 6), 6)


@pytest.mark.soak
@pytest.mark.parametrize("layer", EDITED)
def test_edits_of_every_field_equal_a_full_run(store: Store, layer: str) -> None:
    choose = random.Random(layer)
    compared(store, choose, [(layer, field) for field in fields_of(layer) for _ in range(3)], 1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 5))
def test_three_hundred_edits_equal_a_full_run(store: Store, seed: int) -> None:
    choose = random.Random(seed)
    compared(store, choose, some_edits(choose, 100), 1)


@pytest.mark.soak
@pytest.mark.parametrize(("layer", "column", "edits"), [("hydrants", "working", 8), ("buildings", "households", 40)])
def test_a_column_left_out_of_a_key_is_noticed(store: Store, monkeypatch: pytest.MonkeyPatch, layer: str, column: str, edits: int) -> None:
    """Else the tests above would prove nothing: here whether a hydrant works is left out of what distances are kept by, and so on."""
    whole: Callable[..., int] = View.columns_revision
    monkeypatch.setattr(
        View, "columns_revision", lambda view, id, *names: whole(view, id, *([n for n in names if n != column] or ["geometry"]))
    )
    with pytest.raises(AssertionError):
        compared(store, random.Random(3), [(layer, column)] * edits, 1)
