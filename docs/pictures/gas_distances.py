"""Distances of gas pipes: far enough, between the reduced and the full distance, built over."""

from __future__ import annotations

import numpy as np
import shapely

from docs.pictures.scene import column, line, metres, profile
from docs.pictures.svg import Picture
from geo.gas.distances import CLEAR, NEAR, OPEN, Bodies, Nearness, Pipes, nearness
from geo.gas.gaps import gaps
from geo.gas.pressure import class_codes, limits

BOX = (-1.0, -3.4, 31.0, 7.5)
RADIUS_M = 0.1
PIPES = column(line((0, 0), (9, 0)), line((10.5, 0), (19.5, 0)), line((21, 0), (30, 0)))
BODIES = column(shapely.box(1, 2.3, 8, 6.5), shapely.box(11.5, 1.2, 18.5, 6.5), shapely.box(23, -1.6, 27, 1.4))
SHED = np.array([False, False, True])
PRESSURE = class_codes(np.array(["medium_a"] * 3, dtype=object))


def judged() -> tuple[Pipes, Nearness]:
    no = np.zeros(3, dtype=bool)
    pipes = Pipes(PIPES, np.full(3, RADIUS_M), np.zeros(3), PRESSURE, limits(PRESSURE, np.full(3, np.nan), no, profile()), no)
    return pipes, nearness(pipes, Bodies(BODIES, np.zeros(3), np.zeros(3), SHED))


def said(found: Nearness) -> list[str]:
    """What is told of each pipe."""
    words = {CLEAR: "far enough", NEAR: "too near", OPEN: "cannot be told"}
    rows = zip(found.state.tolist(), found.needs_proof, found.built_over == NEAR, strict=True)
    return [words[state] + (": needs proof" if proof else "") + (", built over" if over else "") for state, proof, over in rows]


def picture() -> Picture:
    pipes, found = judged()
    limit = pipes.limits
    required, reduced, protection = (float(v[0]) for v in (limit.required, limit.reduced, limit.protection))
    drawn = Picture(
        BOX,
        f"Medium A pipes: {metres(found.distance_m[0])} is far enough (from {metres(required)}), {metres(found.distance_m[1])} needs proof "
        f"(from {metres(reduced)}), and a shed stands in the protection range of {metres(protection)}",
    )
    drawn.add("zone", *(shapely.buffer(p, RADIUS_M + required, cap_style="flat") for p in PIPES))
    drawn.add("building", *BODIES)
    drawn.add("pipe", *PIPES)
    drawn.add("gap", *(g for g in gaps(PIPES, BODIES[found.body]) if g is not None))
    drawn.label(4.5, 4.4, "building")
    drawn.label(15, 4.4, "building")
    drawn.label(25, 1.7, "shed")
    drawn.label(4.8, 0.9, metres(found.distance_m[0]), anchor="start")
    drawn.label(15.3, 0.45, metres(found.distance_m[1]), anchor="start")
    for pipe, word in zip(PIPES, said(found), strict=True):
        drawn.label(pipe.centroid.x, -2.6, word)
    return drawn
