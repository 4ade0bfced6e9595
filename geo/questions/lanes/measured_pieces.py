"""The clear widths of pieces of lanes among what is drawn, kept by their shapes: after an edit those near what changed, and new ones, are measured again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.questions.declaration import View, latest
from geo.questions.lanes.measuring import Measured, changes, follows, near, run, touched
from geo.questions.lanes.standing import Obstructions, Ways, drawn, obstructions, ways_through

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """`place`: the shape of each piece, as WKB, with its position in `measured`; and what that was measured among."""

    place: Mapping[bytes, int]
    measured: Measured
    standing: Obstructions
    ways: Ways


def measured_pieces(view: View, lines: Shapes) -> Measured:
    """Clear widths of these lines, one value each; those of the last time are kept."""
    shapes = tuple(shapely.to_wkb(lines).tolist())
    return latest(view, "measured-pieces", (drawn(view), shapes), lambda before: _measured(view, lines, shapes, before)).measured


def _measured(view: View, lines: Shapes, shapes: tuple[bytes, ...], before: Any) -> _Kept:
    standing, ways, ids = obstructions(view), ways_through(view), np.arange(len(lines))
    place = {shape: at for at, shape in enumerate(shapes)}
    known = _known(view, lines, shapes, before, standing, ways)
    if known is None:
        return _Kept(place, run(view, lines, ids, standing, ways), standing, ways)
    old, at = known
    kept, rows = np.flatnonzero(at >= 0), np.flatnonzero(at < 0)
    again = run(view, lines[rows], rows, *near(view, lines[rows], standing, ways))
    return _Kept(place, _joined(ids, (kept, _rows(old, at[kept])), (rows, again)), standing, ways)


def _known(
    view: View, lines: Shapes, shapes: tuple[bytes, ...], before: tuple[Any, _Kept] | None, standing: Obstructions, ways: Ways
) -> tuple[Measured, Ints] | None:
    """The last measurement, and where in it each line stands, -1 = it is to be measured; None = nothing of it holds."""
    if before is None or not follows(drawn(view), before[0][0]):
        return None
    (since, _), old = before
    changed = changes(view, since[0], old.standing, old.ways, standing, ways)
    if changed is None:
        return None
    at = np.array([old.place.get(shape, -1) for shape in shapes], dtype=np.int64)
    at[touched(view, lines, changed)] = -1
    return old.measured, at


_COLUMNS = tuple(field.name for field in fields(Measured) if field.name != "ids")


def _rows(made: Measured, at: Ints) -> Measured:
    return Measured(at, *(getattr(made, name)[at] for name in _COLUMNS))


def _joined(ids: Ints, *parts: tuple[Ints, Measured]) -> Measured:
    """Parts with the positions that their values go to."""
    columns = []
    for name in _COLUMNS:
        column = np.empty(len(ids), dtype=getattr(parts[0][1], name).dtype)
        for rows, part in parts:
            column[rows] = getattr(part, name)
        columns.append(column)
    return Measured(ids, *columns)
