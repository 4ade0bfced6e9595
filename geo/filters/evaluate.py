"""A checked filter worked out on all rows of a frame at once, with three truth values (Kleene): true, false and unknown.

Unknown comes of a null and stays unknown unless the other side settles it: `unknown AND false` is false, `unknown OR true` is true,
`NOT unknown` is unknown. A row is selected only where the whole is true.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import BadFilter, Text
from geo.filters import nodes
from geo.filters.check import days, fold, microseconds

Mask = NDArray[np.bool_]
Clock = Callable[[], float]
"""Seconds from any instant, always forward."""

MOST_S = 10.0
"""How long one filter may work: an honest one takes milliseconds, and whoever waits for others must not wait for all of them."""
_AT_A_TIME_S = 0.1


@dataclass(frozen=True, slots=True)
class Kleene:
    """Where a predicate is true and where it is false; neither = unknown."""

    yes: Mask
    no: Mask


@dataclass(frozen=True, slots=True)
class Column:
    """Values of a scalar: one a row, or a single one for all (0-d); `null` marks the missing ones."""

    values: NDArray[Any]
    null: NDArray[np.bool_]


class Rows:
    """The rows a filter looks at: a frame with the geometry column `geometry` in EPSG:4326; its index is the property `id`."""

    def __init__(self, frame: gpd.GeoDataFrame | pd.DataFrame, clock: Clock | None = None) -> None:
        self.frame, self.clock = frame, clock
        self._until = clock() + MOST_S if clock else 0.0
        self._columns: dict[tuple[str, nodes.Kind], Column] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def require_time(self) -> None:
        """Raises BadFilter when the filter has had its time."""
        if self.clock is not None and self.clock() > self._until:
            raise BadFilter(
                Text(
                    f"筛选条件算了超过 {MOST_S:g} 秒，已停下：请减少条件，或用较简单的图形",
                    f"the filter took more than {MOST_S:g} seconds and was stopped: use fewer conditions or simpler geometries",
                ),
                seconds=MOST_S,
            )

    def column(self, name: str, kind: nodes.Kind) -> Column:
        key = (name, kind)
        if key not in self._columns:
            self._columns[key] = self._read(name, kind)
        return self._columns[key]

    def _read(self, name: str, kind: nodes.Kind) -> Column:
        source = self.frame[name] if name in self.frame.columns else self.frame.index
        if kind == "geometry":
            shapes = np.asarray(source, dtype=object)
            return Column(shapes, shapely.is_missing(shapes))
        if kind == "number":
            numbers = source.to_numpy(dtype=np.float64, na_value=np.nan)
            return Column(numbers, np.isnan(numbers))
        values = source.to_numpy(dtype=object)
        null = pd.isna(values)
        if kind == "boolean":
            return Column(np.where(null, False, values).astype(np.bool_), null)
        if kind in ("date", "timestamp"):
            return _moments(values, null, days if kind == "date" else microseconds)
        return Column(np.where(null, "", values) if null.any() else values, null)


def _moments(values: NDArray[Any], null: Mask, parse: Callable[[str], int]) -> Column:
    """Dates as integers; what is not a date is null."""
    known: dict[str, int | None] = {}
    out = np.zeros(len(values), dtype=np.int64)
    null = null.copy()
    for i in np.flatnonzero(~null):
        text = str(values[i])
        if text not in known:
            try:
                known[text] = parse(text)
            except ValueError:
                known[text] = None
        moment = known[text]
        null[i], out[i] = moment is None, moment or 0
    return Column(out, null)


def truth(node: nodes.Predicate, rows: Rows) -> Kleene:
    """The truth of `node` for every row. Raises BadFilter for what takes too long or cannot be worked out."""
    rows.require_time()
    return _PREDICATES[type(node)](node, rows)


def _settled(yes: Any, null: Any, rows: Rows) -> Kleene:
    """From a two-valued result and where it is unknown."""
    yes, null = np.broadcast_to(yes, len(rows)), np.broadcast_to(null, len(rows))
    return Kleene(yes & ~null, ~yes & ~null)


def _truth(node: nodes.Truth, rows: Rows) -> Kleene:
    return _settled(node.value, False, rows)


def _flag(node: nodes.Flag, rows: Rows) -> Kleene:
    column = scalar(node.arg, rows)
    return _settled(column.values, column.null, rows)


def _not(node: nodes.Not, rows: Rows) -> Kleene:
    inner = truth(node.part, rows)
    return Kleene(inner.no, inner.yes)


def _all(node: nodes.All, rows: Rows) -> Kleene:
    no, yes = _either((Kleene(p.no, p.yes) for p in (truth(part, rows) for part in node.parts)), rows)
    return Kleene(yes, no)


def _any(node: nodes.Any_, rows: Rows) -> Kleene:
    return Kleene(*_either((truth(part, rows) for part in node.parts), rows))


def _either(parts: Iterable[Kleene], rows: Rows) -> tuple[Mask, Mask]:
    """Where one part or more is true, and where all are false; one part at a time is held."""
    yes, no = np.zeros(len(rows), dtype=np.bool_), np.ones(len(rows), dtype=np.bool_)
    for part in parts:
        yes |= part.yes
        no &= part.no
    return yes, no


_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _compare(node: nodes.Compare, rows: Rows) -> Kleene:
    left, right = scalar(node.left, rows), scalar(node.right, rows)
    found = np.asarray(_COMPARE[node.op](left.values, right.values), dtype=np.bool_)
    return _settled(found, left.null | right.null, rows)


def _one_of(node: nodes.OneOf, rows: Rows) -> Kleene:
    arg = scalar(node.arg, rows)
    wanted = {c.value for c in node.values}
    values = np.atleast_1d(arg.values)
    if node.arg.kind == "text":
        found = np.fromiter((v in wanted for v in values), dtype=np.bool_, count=len(values))
    else:
        found = np.isin(values, np.array(sorted(wanted), dtype=values.dtype)) if wanted else np.zeros(len(values), dtype=np.bool_)
    listed = [_settled(found if arg.values.ndim else found[0], arg.null, rows)] if node.values else []
    others = (truth(nodes.Compare("=", node.arg, other), rows) for other in node.others)
    return Kleene(*_either(chain(listed, others), rows))


def _like(node: nodes.Like, rows: Rows) -> Kleene:
    column = scalar(node.arg, rows)
    matches = pattern(node.pattern)
    values = np.atleast_1d(column.values)
    found = np.fromiter((matches(v) for v in values), dtype=np.bool_, count=len(values))
    return _settled(found if column.values.ndim else found[0], column.null, rows)


def pattern(text: str) -> Callable[[str], bool]:
    """A test for the LIKE pattern `text`, in time proportional to pattern × value: the runs between % are sought left to right."""
    runs = [_run(characters) for characters in _between_percents(text)]
    lengths = [length for _, length in runs]

    def matches(value: str) -> bool:
        if len(runs) == 1:
            return len(value) == lengths[0] and runs[0][0].match(value) is not None
        end = len(value) - lengths[-1]
        if end < lengths[0] or runs[0][0].match(value) is None or runs[-1][0].match(value, end) is None:
            return False
        at = lengths[0]
        for run, _ in runs[1:-1]:
            found = run.search(value, at, end)
            if found is None:
                return False
            at = found.end()
        return True

    return matches


def _between_percents(text: str) -> list[list[str]]:
    """The characters between the % of a pattern, those written with a backslash still with it."""
    runs: list[list[str]] = [[]]
    for part in re.findall(r"\\.|[^\\]", text, flags=re.DOTALL):
        if part == "%":
            runs.append([])
        else:
            runs[-1].append(part)
    return runs


def _run(characters: list[str]) -> tuple[re.Pattern[str], int]:
    """A run without %: the regular expression of its characters, and their number."""
    return re.compile("".join("." if c == "_" else re.escape(c[-1]) for c in characters), re.DOTALL), len(characters)


def _is_null(node: nodes.IsNull, rows: Rows) -> Kleene:
    return _settled(scalar(node.arg, rows).null, False, rows)


_SPATIAL: dict[str, tuple[str, Callable[..., Any], Callable[..., Any]]] = {
    "s_intersects": ("intersects", shapely.intersects, shapely.intersects),
    "s_within": ("within", shapely.within, shapely.contains),
    "s_contains": ("contains", shapely.contains, shapely.within),
    "s_disjoint": ("disjoint", shapely.disjoint, shapely.disjoint),
    "s_touches": ("touches", shapely.touches, shapely.touches),
    "s_crosses": ("crosses", shapely.crosses, shapely.crosses),
    "s_overlaps": ("overlaps", shapely.overlaps, shapely.overlaps),
    "s_equals": ("equals", shapely.equals, shapely.equals),
}
"""Per operator: its name, the test of (left, right) and the same test with the sides exchanged: a prepared literal must come first."""


def _spatial(node: nodes.Spatial, rows: Rows) -> Kleene:
    _, direct, exchanged = _SPATIAL[node.op]
    left, right = _shapes(node.left, rows), _shapes(node.right, rows)
    null = shapely.is_missing(left) | shapely.is_missing(right)
    try:
        found = _tested(exchanged, right, left, rows) if isinstance(node.right, nodes.Shape) else _tested(direct, left, right, rows)
    except shapely.errors.GEOSException:
        raise BadFilter(
            Text(
                f"{node.op.upper()} 不能用于这些图形；请改用 S_INTERSECTS",
                f"{node.op.upper()} does not take these geometries: use S_INTERSECTS",
            ),
            operator=node.op,
        ) from None
    return _settled(found, null, rows)


def _tested(test: Callable[..., Any], left: Any, right: Any, rows: Rows) -> Mask:
    """The test for every row, in runs as long as its pace allows, so that it can be stopped in time."""
    if rows.clock is None:
        return np.asarray(test(left, right), dtype=np.bool_)
    found = np.zeros(len(rows), dtype=np.bool_)
    at, run = 0, 1
    while at < len(rows):
        rows.require_time()
        began = rows.clock()
        here = slice(at, at + run)
        found[here] = test(*(side[here] if isinstance(side, np.ndarray) else side for side in (left, right)))
        at += run
        run = run * 8 if rows.clock() - began < _AT_A_TIME_S / 8 else max(run // 2, 1)
    return found


def _shapes(node: nodes.Property | nodes.Shape, rows: Rows) -> Any:
    if isinstance(node, nodes.Property):
        return rows.column(node.name, "geometry").values
    shapely.prepare(node.geometry)
    return node.geometry


_FIRST, _LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


def _end(node: nodes.Scalar | None, rows: Rows, otherwise: int) -> Column:
    if node is None:
        return Column(np.asarray(otherwise, dtype=np.int64), np.asarray(False))
    return scalar(node, rows)


_TEMPORAL: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "t_after": lambda a, b, c, d: a > d,
    "t_before": lambda a, b, c, d: b < c,
    "t_contains": lambda a, b, c, d: (a < c) & (b > d),
    "t_disjoint": lambda a, b, c, d: (a > d) | (b < c),
    "t_during": lambda a, b, c, d: (a > c) & (b < d),
    "t_equals": lambda a, b, c, d: (a == c) & (b == d),
    "t_finishedby": lambda a, b, c, d: (a < c) & (b == d),
    "t_finishes": lambda a, b, c, d: (a > c) & (b == d),
    "t_intersects": lambda a, b, c, d: (a <= d) & (b >= c),
    "t_meets": lambda a, b, c, d: b == c,
    "t_metby": lambda a, b, c, d: a == d,
    "t_overlappedby": lambda a, b, c, d: (a > c) & (a < d) & (b > d),
    "t_overlaps": lambda a, b, c, d: (a < c) & (b > c) & (b < d),
    "t_startedby": lambda a, b, c, d: (a == c) & (b > d),
    "t_starts": lambda a, b, c, d: (a == c) & (b < d),
}
"""Per operator its definition on the spans [a, b] and [c, d] in the words of the standard; an instant is a span of no length."""


def _temporal(node: nodes.Temporal, rows: Rows) -> Kleene:
    ends = [
        _end(node.left.start, rows, _FIRST),
        _end(node.left.end, rows, _LAST),
        _end(node.right.start, rows, _FIRST),
        _end(node.right.end, rows, _LAST),
    ]
    null = ends[0].null | ends[1].null | ends[2].null | ends[3].null
    return _settled(_TEMPORAL[node.op](*(e.values for e in ends)), null, rows)


_PREDICATES: dict[type, Callable[[Any, Rows], Kleene]] = {
    nodes.Truth: _truth,
    nodes.Flag: _flag,
    nodes.Not: _not,
    nodes.All: _all,
    nodes.Any_: _any,
    nodes.Compare: _compare,
    nodes.OneOf: _one_of,
    nodes.Like: _like,
    nodes.IsNull: _is_null,
    nodes.Spatial: _spatial,
    nodes.Temporal: _temporal,
}


def scalar(node: nodes.Scalar, rows: Rows) -> Column:
    """The values of a scalar expression."""
    if isinstance(node, nodes.Property):
        return rows.column(node.name, node.kind)
    if isinstance(node, nodes.Constant):
        held = np.empty((), dtype=object if node.kind == "text" else None) if node.kind == "text" else np.asarray(node.value)
        if node.kind == "text":
            held[()] = node.value
        return Column(held, np.asarray(False))
    if isinstance(node, nodes.Folded):
        return _folded(node, rows)
    return _arithmetic(node, rows)


def _folded(node: nodes.Folded, rows: Rows) -> Column:
    column = scalar(node.arg, rows)
    known: dict[str, str] = {}
    for value in np.atleast_1d(column.values):
        if value not in known:
            known[value] = fold(node.how, value)
    values = np.empty(column.values.shape, dtype=object)
    if column.values.ndim:
        values[:] = [known[v] for v in column.values]
    else:
        values[()] = known[column.values.item()]
    return Column(values, column.null)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": np.true_divide,
}


def _arithmetic(node: nodes.Arithmetic, rows: Rows) -> Column:
    """What is divided by zero or too large has no value: it is null, so the comparison is unknown."""
    left, right = scalar(node.left, rows), scalar(node.right, rows)
    with np.errstate(all="ignore"):
        values = np.asarray(_ARITHMETIC[node.op](left.values, right.values), dtype=np.float64)
    null = left.null | right.null | ~np.isfinite(values)
    return Column(np.where(null, 0.0, values), null)
