"""Statistics: every figure counted again, value by value, from what the same query answers."""

from __future__ import annotations

import statistics as plain
from collections import Counter
from functools import cache
from typing import Any

import pandas as pd
import pytest
import shapely
from fake_frames import LAYERS, NOW, FakeFrames, query

from geo import synthetic
from geo.answers import answer
from geo.errors import BadValue
from geo.query import queryables
from geo.questions.catalogue import get
from geo.statistics import Spread, Statistics, statistics


@cache
def district() -> FakeFrames:
    stored = {id: layer for id, layer in LAYERS.items() if not layer.derived}
    rows = synthetic.district(stored, compounds=8, seed=3, as_of="2026-11-22")
    placed = {id: [{**row, "geometry": _shape(row["geometry"])} for row in made] for id, made in rows.items()}
    return FakeFrames(placed)


def _shape(wkb: Any) -> Any:
    return None if wkb is None else shapely.from_wkb(wkb)


def of(collection: str, *names: str, most: int = 20, breaks: list[float] | None = None, whole: bool = False, **args: str) -> Statistics:
    frames: Any = district()
    return statistics(query(collection, **args), frames, names or None, layers=LAYERS, now=NOW, most=most, breaks=breaks, whole=whole)


def column(collection: str, name: str, **args: str) -> list[Any]:
    frames: Any = district()
    found = answer(query(collection, limit="100000", **args), frames, layers=LAYERS, now=NOW).frame[name]
    return [v for v in found if not pd.isna(v)]


ASKED: list[tuple[str, dict[str, str]]] = [
    ("compounds", {}),
    ("hazards", {"filter": "grade = 'major'", "bbox": "112.9,34.7,113.1,34.752"}),
    ("fire_lanes", {"near": "hazards:20"}),
    ("lanes-under-width", {"answer": "yes,unknown", "width": "3.5"}),
]


@pytest.mark.parametrize(("collection", "args"), ASKED)
def test_every_field_is_counted_as_the_rows_say(collection: str, args: dict[str, str]) -> None:
    made = of(collection, **dict[str, Any](args))
    question = None if collection in LAYERS else get(collection)
    layer = LAYERS[question.subject if question else collection]
    assert [s.field.name for s in made.spreads] == [f.name for f in queryables(layer, question)]
    for spread in made.spreads:
        values = column(collection, spread.field.name, **args)
        assert (spread.known, spread.unknown) == (len(values), made.matched - len(values))
        assert spread.distinct == len(set(values))
        _counted(spread, values)


def _counted(spread: Spread, values: list[Any]) -> None:
    if spread.values is not None:
        count = Counter(values)
        assert [c.count for c in spread.values] == [count[c.value] for c in spread.values]
        assert spread.others == len(values) - sum(c.count for c in spread.values)
    if spread.bins is not None:
        assert [b.count for b in spread.bins] == [sum(b.low <= v < b.high for v in values) for b in spread.bins]
        assert sum(b.count for b in spread.bins) == len(values)
    if values and spread.bins is not None:
        assert (spread.least, spread.greatest) == (min(values), max(values))
    if values and spread.field.is_numeric:
        assert (spread.mean, spread.median) == pytest.approx((plain.fmean(values), plain.median(values)))


def test_of_how_many_and_how_many_unplaced() -> None:
    whole, narrow = of("hazards", "grade"), of("hazards", "grade", filter="geometry IS NULL")
    assert (whole.matched, whole.unplaced) == (whole.total, narrow.matched)
    assert (narrow.total, narrow.unplaced) == (whole.total, narrow.matched)


def test_choices_stand_in_their_order_with_those_that_no_row_has() -> None:
    (spread,) = of("compounds", "gas_status").spreads
    assert spread.values is not None
    assert [c.value for c in spread.values] == [c.value for c in spread.field.choices]


def test_only_the_most_frequent_texts_are_listed() -> None:
    """A code stands once each: thousands of them would be the whole table."""
    (spread,) = of("buildings", "code").spreads
    assert spread.values is not None
    assert (len(spread.values), spread.others) == (50, spread.known - 50)


def test_of_all_is_of_all_that_the_question_is_about() -> None:
    """A question about one rule counted the findings of every rule beside its own."""
    made = of("findings", "target_layer", whole=True, rule="FA-01", answer="all")
    (lanes,) = made.spreads[0].values or ()
    assert (lanes.value, lanes.of) == ("fire_lanes", made.total)


def test_given_breaks_are_the_bins() -> None:
    (spread,) = of("fire_lanes", "clear_width_m", breaks=[3.5, 4.0]).spreads
    widths = column("fire_lanes", "clear_width_m")
    assert spread.bins is not None
    assert [(b.low, b.high) for b in spread.bins] == [(None, 3.5), (3.5, 4.0), (4.0, None)]
    assert [b.count for b in spread.bins] == [sum(w < 3.5 for w in widths), sum(3.5 <= w < 4 for w in widths), sum(w >= 4 for w in widths)]


@pytest.mark.parametrize("names", [("name",), ("clear_width_m", "name")])
def test_breaks_are_for_one_field_of_numbers(names: tuple[str, ...]) -> None:
    with pytest.raises(BadValue, match="one field of numbers"):
        of("fire_lanes", *names, breaks=[1.0])


def test_nothing_matched_is_all_zeros() -> None:
    made = of("compounds", "built_year", "gas_status", "gas_status_on", filter="built_year < 1000")
    assert [(s.known, s.unknown, s.least) for s in made.spreads] == [(0, 0, None)] * 3
    assert [sum(b.count for b in s.bins or ()) for s in made.spreads] == [0, 0, 0]


@pytest.mark.parametrize("name", ["clear_width_m", "built_year", "found_on", "community"])
def test_bins_of_all_stay_while_the_query_changes(name: str) -> None:
    """A histogram whose bars move under the mouse while it filters cannot be read."""
    layer = next(id for id in ("fire_lanes", "compounds", "hazards") if LAYERS[id].field(name))
    (every,), (narrow,) = of(layer, name).spreads, of(layer, name, whole=True, bbox="112.9,34.7,112.981,34.8").spreads
    if every.bins is not None:
        assert [(b.low, b.high, b.of) for b in narrow.bins or ()] == [(b.low, b.high, b.count) for b in every.bins]
    else:
        assert [(c.value, c.of) for c in narrow.values or ()] == [(c.value, c.count) for c in every.values or ()]
    assert sum(c.count for c in narrow.bins or narrow.values or ()) == narrow.known < every.known
