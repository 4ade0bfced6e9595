"""Hazards: which compound each belongs to, which one comes back, and the deadline of one in working days."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from docs.pictures.scene import column, metres, profile
from docs.pictures.svg import Picture
from geo.hazards.assignment import Assigned, Compounds, assign
from geo.hazards.overdue import Overdue, overdue
from geo.hazards.repeats import Ledger, Repeats, repeats
from geo.hazards.states import status_codes
from geo.hazards.workdays import day_of, days_of

BOX = (-34.0, -34.0, 212.0, 88.0)
COMPOUNDS = column(shapely.box(0, 0, 84, 44), shapely.box(138, 0, 178, 44))
HAZARDS = column(shapely.Point(24, 21), shapely.Point(36, 28), shapely.Point(120, 16), shapely.Point(108, 73))
TYPE = np.array(["ebike_flying_wire"] * 4, dtype=object)
STATUS = np.array(["closed", "rectifying", "notified", "registered"], dtype=object)
FOUND_ON = days_of(np.array(["2025-07-01", "2025-08-15", "2025-09-10", "2025-10-10"], dtype=object))
DUE = days_of(np.array([None, None, "2025-10-01", None], dtype=object))
AS_OF = day_of("2025-10-13")
NONE: NDArray[Any] = np.full(4, None, dtype=object)
NO_BUILDING = np.full(4, -1)


def judged() -> tuple[Assigned, Repeats, Overdue]:
    rules = profile()
    compounds = Compounds(np.array(["1", "2"], dtype=object), COMPOUNDS, shapely.STRtree(COMPOUNDS))
    of = assign(NONE, HAZARDS, NO_BUILDING, compounds, within_m=rules["assign_m"])
    ledger = Ledger(np.array(list("abcd"), dtype=object), TYPE, FOUND_ON, HAZARDS, NONE, of.compound, NONE, np.ones(4, dtype=bool))
    again = repeats(ledger, within_days=rules["repeat_days"], within_m=rules["repeat_m"])
    late = overdue(status_codes(STATUS), FOUND_ON, DUE, days_of(NONE), AS_OF)
    return of, again, late


def picture() -> Picture:
    (of, again, late), rules = judged(), profile()
    assert of.compound.tolist() == [0, 0, 1, -1]
    assert again.earlier.tolist() == [-1, 0, -1, -1]
    assert late.late.tolist() == [False, False, True, False]
    apart = metres(shapely.distance(HAZARDS[0], HAZARDS[1]))
    since, over = f"{again.days[1]:g} days", f"{late.working_days[2]:g} working days"
    drawn = Picture(
        BOX,
        f"Of two hazards in compound 1 one comes again after {since}, {apart} away (within {metres(rules['repeat_m'])}); one lies {metres(of.distance_m[2])} from "
        f"compound 2 and goes to it (within {metres(rules['assign_m'])}); one {metres(of.distance_m[3])} from the nearest goes to none. The third was due on {DUE[2]}, "
        f"a holiday: the deadline moves to {late.deadline[2]}, and on {AS_OF} it is overdue by {over}",
    )
    drawn.add("corridor", *shapely.buffer(COMPOUNDS, rules["assign_m"]))
    drawn.add("building", *COMPOUNDS)
    drawn.add("disc", shapely.buffer(HAZARDS[0], rules["repeat_m"]))
    drawn.add("gap", shapely.shortest_line(HAZARDS[0], HAZARDS[1]))
    drawn.add("good", shapely.shortest_line(HAZARDS[2], COMPOUNDS[1]))
    drawn.add("lane", shapely.shortest_line(HAZARDS[3], shapely.union_all(COMPOUNDS)))
    drawn.add("point", *HAZARDS)
    drawn.label(80, 3, "compound 1", anchor="end")
    drawn.label(158, 27, "compound 2")
    drawn.label(24, 13, "found first")
    drawn.label(47, 30, f"again: {since},", anchor="start")
    drawn.label(47, 23, f"{apart} away", anchor="start")
    drawn.label(116, 20, f"nearest: {metres(of.distance_m[2])}")
    drawn.label(124, -9, f"due {DUE[2]}, moved to {late.deadline[2]}:")
    drawn.label(124, -16, f"{over} overdue on {AS_OF}")
    drawn.label(112, 75, f"{metres(of.distance_m[3])}: of no compound", anchor="start")
    drawn.label(32, -24, f"{metres(rules['assign_m'])} round the outlines")
    return drawn
