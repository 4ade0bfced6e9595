"""The clear width of every lane measured among what is drawn, and after an edit again only near what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lanes.clear_width import NO_LINE, clear_widths
from geo.questions.declaration import Flags, Floats, View, latest
from geo.questions.lanes.standing import READS, STANDING, Obstructions, Ways, drawn, obstructions, ways_through

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

_MARGIN_M = 1.0
"""Beyond the corridor: what stands farther off than this has no part in a lane's width."""

_MANY, _FEW = 0.25, 8
"""When more than this share of the lanes is touched, and more than these few, all are measured again."""

NO_OPENING, PASSAGE = -1, -2
"""Instead of the id of an access point: none limits; a passage without one does."""


def lane_lines(view: View) -> Shapes:
    """The centreline of every row of fire_lanes in metric CRS, pieces that join merged; None for areas, unplaced, broken and lengthless ones."""

    def make() -> Shapes:
        shapes = view.metric("fire_lanes")
        out = np.full(len(shapes), None, dtype=object)
        rows = np.flatnonzero(shapely.get_dimensions(shapes) == 1)
        finite = np.isfinite(shapely.length(shapes[rows])) & (shapely.length(shapes[rows]) > 0)
        rows = rows[finite]
        out[rows] = shapes[rows]
        many = rows[shapely.get_type_id(shapes[rows]) == 5]
        out[many] = shapely.line_merge(shapes[many])
        return out

    return latest(view, "lane-lines", (view.columns_revision("fire_lanes", "geometry"), view.metric_crs), lambda _: make())


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What was measured, with contacts as keys that outlive an edit: obstacles by `Obstructions.key`, openings by the access point's id."""

    ids: Ints
    state: Codes
    width_m: Floats
    pinch: Shapes
    first: Ints
    second: Ints
    opening: Ints

    def replaced(self, rows: Ints, other: Measured) -> Measured:
        """`other`'s values at `rows`."""
        columns = []
        for name in ("state", "width_m", "pinch", "first", "second", "opening"):
            column = getattr(self, name).copy()
            column[rows] = getattr(other, name)
            columns.append(column)
        return Measured(self.ids, *columns)

    def moved(self, ids: Ints) -> tuple[Measured, Flags]:
        """The same lanes under the rows of `ids`, and which of those were measured before."""
        at = np.searchsorted(self.ids, ids).clip(max=max(len(self.ids) - 1, 0))
        there = self.ids[at] == ids if len(self.ids) else np.zeros(len(ids), dtype=bool)
        made = _nothing(ids)
        picked = Measured(ids, *(getattr(self, n)[at[there]] for n in ("state", "width_m", "pinch", "first", "second", "opening")))
        return made.replaced(np.flatnonzero(there), picked), np.asarray(there, dtype=bool)


def _nothing(ids: Ints) -> Measured:
    count = len(ids)
    none = np.full(count, -1, dtype=np.int64)
    return Measured(
        ids,
        np.full(count, NO_LINE, dtype=np.int8),
        np.full(count, np.nan),
        np.full(count, None, dtype=object),
        none,
        none.copy(),
        none.copy(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A measurement with what it was made from."""

    parking: bool
    measured: Measured
    standing: Obstructions
    ways: Ways


def measured_widths(view: View, *, parking: bool) -> Measured:
    """Every row of fire_lanes, kept for the revisions of all that is read."""
    return latest(view, ("measured-widths", parking), drawn(view), lambda before: _measured(view, parking, before)).measured


def _measured(view: View, parking: bool, before: Any) -> _Kept:
    standing, ways, lines = obstructions(view, parking=parking), ways_through(view), lane_lines(view)
    ids = view.frame("fire_lanes").index.to_numpy(np.int64)
    start = _again(view, before, standing, ways)
    if start is None and parking:
        strips = standing.obstacles.shapes[standing.strip]
        start = measured_widths(view, parking=False), touched(view, lines, strips)
    if start is None:
        return _Kept(parking, run(view, lines, ids, standing, ways), standing, ways)
    kept, rows = start
    again = run(view, lines[rows], ids[rows], *near(view, lines[rows], standing, ways))
    return _Kept(parking, kept.replaced(rows, again), standing, ways)


def _again(view: View, before: tuple[Any, _Kept] | None, standing: Obstructions, ways: Ways) -> tuple[Measured, Ints] | None:
    """What stays of the last measurement, and the rows to measure again; None = everything is to be measured."""
    ids = view.frame("fire_lanes").index.to_numpy(np.int64)
    if before is None or not follows(drawn(view), before[0]):
        return None
    (since, _), old = before
    edited = view.changed_since("fire_lanes", since[READS.index("fire_lanes")])
    shapes = changes(view, since, old.standing, old.ways, standing, ways)
    if edited is None or shapes is None:
        return None
    kept, there = old.measured.moved(ids)
    rows = np.union1d(np.flatnonzero(~there | np.isin(ids, list(edited))), touched(view, lane_lines(view), shapes))
    return None if len(rows) > _MANY * len(ids) + _FEW else (kept, rows)


def follows(new: Any, old: Any) -> bool:
    """Whether `new` revisions are no older than `old` ones, in the same metric CRS by the same profile."""
    return bool(new[1] == old[1] and all(a <= b for a, b in zip(old[0], new[0], strict=True)))


def changes(view: View, since: tuple[int, ...], old: Obstructions, old_ways: Ways, standing: Obstructions, ways: Ways) -> Shapes | None:
    """The shapes, as they were and as they are, of what changed since; None = not known."""
    shapes = [_changed_openings(old_ways, ways)]
    for layer, id in enumerate(STANDING):
        ids = view.changed_since(id, since[layer])
        if ids is None:
            return None
        for found in (old, standing) if ids else ():
            shapes.append(found.obstacles.shapes[(found.layer == layer) & np.isin(found.id, list(ids))])
    return np.concatenate(shapes)


def _changed_openings(old: Ways, new: Ways) -> Shapes:
    """Points of the openings that only one of them has, with that width."""
    keys = [_opening_keys(old), _opening_keys(new)]
    gone = np.array([key not in keys[1] for key in keys[0]], dtype=bool)
    come = np.array([key not in keys[0] for key in keys[1]], dtype=bool)
    return np.concatenate([old.openings.points[np.flatnonzero(gone)], new.openings.points[np.flatnonzero(come)]])


def _opening_keys(ways: Ways) -> dict[tuple[float, float, float], None]:
    """In the order of the openings; two that stand in one point with one width are one."""
    points, width = ways.openings.points, np.nan_to_num(ways.openings.width_m, nan=-1.0)
    return dict.fromkeys(zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), width.tolist(), strict=True))


def touched(view: View, lines: Shapes, shapes: Shapes) -> Ints:
    """Rows of the lanes that come near one of the shapes."""
    reach = view.profile["corridor_m"] + _MARGIN_M
    found = shapely.STRtree(lines).query(shapely.envelope(shapes), predicate="dwithin", distance=reach)[1] if len(shapes) else []
    return np.asarray(np.unique(found), dtype=np.int64)


def near(view: View, lines: Shapes, standing: Obstructions, ways: Ways) -> tuple[Obstructions, Ways]:
    """What stands near some lanes."""
    reach = view.profile["corridor_m"] + _MARGIN_M
    found = shapely.STRtree(standing.obstacles.shapes).query(lines, predicate="dwithin", distance=reach)[1]
    points = shapely.STRtree(ways.openings.points).query(lines, predicate="dwithin", distance=reach)[1]
    return standing.chosen(np.unique(found)), ways.chosen(np.unique(points))


def run(view: View, lines: Shapes, ids: Ints, standing: Obstructions, ways: Ways) -> Measured:
    """Measure these lanes among what stands."""
    made = clear_widths(lines, standing.obstacles, ways.openings, corridor_m=view.profile["corridor_m"])
    obstacle, opening = np.append(standing.key(), -1), np.append(ways.id, NO_OPENING)
    return Measured(ids, made.state, made.width_m, made.pinch, obstacle[made.first], obstacle[made.second], opening[made.opening])
