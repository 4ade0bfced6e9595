"""Statistics: how the values of fields are spread over all that a query matches, as counts, bins and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo import bins
from geo.bins import Bin
from geo.errors import BadValue, Text
from geo.frames import Frames
from geo.matching import Rows, Table, reads
from geo.query import Query, queryables, subject
from geo.questions import catalogue
from geo.questions.declaration import ANSWERS
from geo.schema import Field, Layer

Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]

TEXTS = 50
"""How many of a field's texts are listed, the most frequent first; the rest is counted."""
BINS, MAX_BINS = 20, 100
YES_NO: tuple[tuple[Any, Text | None], ...] = ((True, Text("是", "yes")), (False, Text("否", "no")))


@dataclass(frozen=True, slots=True)
class Counted:
    """A value and how many rows have it; `label` is None for texts, which speak for themselves; `of`: how many there are of all."""

    value: Any
    label: Text | None
    count: int
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """One field over the rows that match. Least, greatest and middle are numbers, or ISO days; what a type does not have is None, as it is where no
    value is known. `values` (choices in their order, booleans, texts by frequency) or `bins` (numbers, years, days); `others` is how many rows have
    a value that is not listed."""

    field: Field
    known: int
    unknown: int
    distinct: int
    least: Any = None
    greatest: Any = None
    mean: float | None = None
    median: Any = None
    sum: float | None = None
    values: tuple[Counted, ...] | None = None
    others: int = 0
    bins: tuple[Bin, ...] | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """`total`: the rows there are without any condition, of a question those it is about; `matched` those that meet the query, `unplaced` of these;
    `box`: west, south, east, north of the others, None where there are none."""

    query: Query
    total: int
    matched: int
    unplaced: int
    revision: int
    spreads: tuple[Spread, ...]
    box: tuple[float, float, float, float] | None = None


def statistics(
    query: Query,
    frames: Frames,
    names: Sequence[str] | None = None,
    *,
    layers: Mapping[str, Layer],
    now: str,
    today: str | None = None,
    most: int = BINS,
    breaks: Sequence[float] | None = None,
    whole: bool = False,
) -> Statistics:
    """The fields called `names` (None = all that can be filtered by) over what `query` matches, whatever its page, in at most `most` bins. `breaks`: bins of a number field
    end exactly there, the first and the last being open. `whole`: bins and listed values are those of all rows there are, each with how many of all
    have it, so that they stay the same while the query changes."""
    question = next((q for q in catalogue.ALL if q.id == query.collection), None)
    layer = subject(query.collection, layers=layers, questions=catalogue.ALL)
    known = {f.name: f for f in queryables(layer, question)}
    fields = list(known.values()) if names is None else [known[name] for name in names]
    if breaks is not None and not (len(fields) == 1 and fields[0].is_numeric):
        raise BadValue(Text("breaks 只用于一个数字字段", "breaks is for one field of numbers"), parameter="breaks")
    day = query.parameters.get("as_of") or today or now[:10]
    view = frames.view(*reads(query, layer, question), as_of=day, profile=query.parameters.get("profile"))
    table = Table(view, layer, question, query)
    rows = table.matching()
    every = np.arange(len(table.frame))
    if question is not None:
        wanted = np.array([a in query.answers for a in ANSWERS])
        rows = rows[wanted[table.answers_of(rows)]]
        every = every if table.verdicts.among is None else np.flatnonzero(table.verdicts.among)
    unplaced = int(np.count_nonzero(table.unplaced[rows]))
    of = every if whole else None
    spreads = tuple(_spread(field, table.column(field.name, None), rows, of, most, breaks) for field in fields)
    return Statistics(query, len(every), len(rows), unplaced, view.revision, spreads, _box(table.geometry[rows]))


def _box(geometry: NDArray[np.object_]) -> tuple[float, float, float, float] | None:
    placed = geometry[~shapely.is_missing(geometry)]
    if not len(placed):
        return None
    west, south, east, north = shapely.total_bounds(placed)
    return float(west), float(south), float(east), float(north)


def _spread(field: Field, column: NDArray[Any], rows: Rows, of: Rows | None, most: int, breaks: Sequence[float] | None) -> Spread:
    """Of the column's values at `rows`; bins and listed values are those of the values at `of`, where that is given."""
    found, unknown = _known(column if len(rows) == len(column) else column[rows])
    every = None if of is None else _known(column if len(of) == len(column) else column[of])[0]
    if field.is_numeric:
        return _of_numbers(field, found.astype(np.float64), unknown, most, breaks, None if every is None else every.astype(np.float64))
    if field.type == "date":
        return _of_days(field, found.astype("datetime64[D]"), unknown, most, None if every is None else every.astype("datetime64[D]"))
    return _of_words(field, found, unknown, every)


def _known(values: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """What is not null, and how many are."""
    null = np.asarray(pd.isna(values), dtype=bool)
    return values[~null], int(np.count_nonzero(null))


def _of_numbers(field: Field, found: Floats, unknown: int, most: int, breaks: Sequence[float] | None, every: Floats | None) -> Spread:
    whole = field.type != "number"
    base = found if every is None else every
    made = bins.between(base, breaks) if breaks is not None else bins.of_numbers(base, most, whole=whole)
    made = made if every is None else bins.recounted(made, found)
    if not len(found):
        return Spread(field, 0, unknown, 0, bins=made)
    plain = int if whole else float
    return Spread(
        field,
        len(found),
        unknown,
        len(np.unique(found)),
        plain(found.min()),
        plain(found.max()),
        float(found.mean()),
        float(np.median(found)),
        plain(found.sum()) if field.type != "year" else None,
        bins=made,
    )


def _of_days(field: Field, found: Days, unknown: int, most: int, every: Days | None) -> Spread:
    """The middle one of an even number of days is the earlier."""
    base, days = np.sort(found if every is None else every), np.sort(found)
    made = bins.of_days(base, most) if len(base) else ()
    made = made if every is None else bins.recounted(made, days)
    if not len(days):
        return Spread(field, 0, unknown, 0, bins=made)
    least, middle, greatest = (str(days[i]) for i in (0, (len(days) - 1) // 2, -1))
    return Spread(field, len(days), unknown, len(np.unique(days)), least, greatest, median=middle, bins=made)


def _of_words(field: Field, found: NDArray[Any], unknown: int, every: NDArray[Any] | None) -> Spread:
    count, of = _times(found), None if every is None else _times(every)
    if field.type == "boolean":
        values = list(YES_NO)
    elif field.choices:
        values = [(c.value, c.label) for c in field.choices]
    else:
        often = sorted((of or count).items(), key=lambda pair: (-pair[1], str(pair[0])))[:TEXTS]
        values = [(value, None) for value, _ in often]
    listed = tuple(Counted(value, label, count.get(value, 0), None if of is None else of.get(value, 0)) for value, label in values)
    others = len(found) - sum(c.count for c in listed)
    return Spread(field, len(found), unknown, len(count), values=listed, others=others)


def _times(values: NDArray[Any]) -> dict[Any, int]:
    codes, names = pd.factorize(pd.Series(values, dtype=object))
    return dict(zip(names, np.bincount(codes, minlength=len(names)).tolist(), strict=True))
