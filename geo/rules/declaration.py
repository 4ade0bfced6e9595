"""What a rule IS, and what judging it gives: one result for every feature of its subject."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.questions.declaration import View

RESULTS = ("pass", "fail", "unknown", "na")
PASS, FAIL, UNKNOWN, NA = range(4)

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lacks:
    """Which record would settle a feature's unknown result: `kinds` are (layer, field) pairs; `kind` holds positions in them (-1 = none, or no record
    would), `row` the position of the feature that lacks it in that layer's frame (-1 = the layer as a whole is missing)."""

    kinds: tuple[tuple[str, str], ...]
    kind: NDArray[np.int16]
    row: Rows


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Results for every row of the subject's frame, in its order.

    `result`: positions in RESULTS. `measured` in the rule's unit, NaN = none (a feature of which only a state is judged has none). `threshold`: what it was
    compared with, NaN = nothing. `basis`: positions in `geo.questions.declaration.BASES`, -1 = none. `why(rows, lang)`: sentences for some rows
    (positions), which say what was found and what was asked for, and for `unknown` what is missing; never "illegal", and 重大 only for what people
    determined. `where(rows)`: points in the metric CRS where the thing is, None = at the feature itself. `involved(rows)`: what else was looked at to
    judge each row, as (layer, position) pairs; it goes into the fingerprint. `severity(rows)`: for rules whose severity neither the profile's value
    nor its bands can tell: positions in SEVERITIES, -1 = as the profile says.
    """

    result: NDArray[np.int8]
    measured: Floats
    threshold: Floats
    basis: NDArray[np.int8]
    why: Callable[[Rows, str], list[str]]
    where: Callable[[Rows], NDArray[np.object_]] | None = None
    lacks: Lacks | None = None
    involved: Callable[[Rows], Sequence[Sequence[tuple[str, int]]]] | None = None
    severity: NDArray[np.int8] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `number` is its own for good: a finding's id is made of it. `figures`: those of the profile it needs. `unit`: of what is measured.

    `reads`: the layers that its results depend on, the subject among them (`geo.rules.columns` says of which columns).
    `dated`: they depend on the day too. `internal`: its figures tell where features of an internal layer lie, so they are not published.
    `by_row`: a row is judged by nothing but itself, the profile and the day, so that after
    an edit `judge` is given a view in which the subject has only the rows that changed.
    """

    id: str
    number: int
    title: Text
    subject: str
    reads: tuple[str, ...]
    judge: Callable[[View], Judgement]
    unit: Text | None = None
    figures: tuple[str, ...] = ()
    dated: bool = False
    by_row: bool = False
    internal: bool = False


def nothing(count: int) -> Floats:
    """A column without values."""
    return np.full(count, np.nan)


def limit(count: int, value: float) -> Floats:
    return np.full(count, float(value))
