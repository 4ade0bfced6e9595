"""Clear widths of the demo district's lanes against momepy.street_profile at 1 m spacing on the same lanes: time, growth, memory, and what a mean misses."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.harness import Report, Scale, best, new_process, seconds
from bench.town import LAYERS, NOW
from geo.crs import transform_xy
from geo.lanes.clear_width import Obstacles, Openings, clear_widths
from geo.synthetic import district

COMPOUNDS, GROWTH, GROWTH_AIM = 222, 10, 12.0
CORRIDOR_M = 15.0
SPACING_M = 1.0
OVERHEAD = frozenset({"cable", "branch", "parking_strip"})
MISSED_M = 0.5
"""A mean that is this much wider than the narrowest place would pass an engine that gets stuck."""

NEAR_M = 0.05
LANE = shapely.LineString([(0, 0), (60, 0)])

Shapes = NDArray[np.object_]


def drawn(compounds: int) -> tuple[Shapes, Shapes]:
    """The lanes, and the buildings and obstacles, in EPSG:4547."""
    rows = district(LAYERS, compounds=compounds, as_of=NOW[:10], only=("fire_lanes", "buildings", "obstacles"))
    stands = [*rows["buildings"], *(row for row in rows["obstacles"] if row.get("kind") not in OVERHEAD)]
    return metric(rows["fire_lanes"]), metric(stands)


def metric(rows: list[dict[str, Any]]) -> Shapes:
    placed = shapely.from_wkb([row["geometry"] for row in rows if row.get("geometry") is not None])
    return np.asarray(shapely.transform(placed, lambda xy: transform_xy(xy, "EPSG:4326", "EPSG:4547")), dtype=object)


def ours(lanes: Shapes, stands: Shapes) -> NDArray[np.float64]:
    nothing = Openings(np.empty(0, dtype=object), np.zeros(0))
    return clear_widths(lanes, Obstacles(stands), nothing, corridor_m=CORRIDOR_M).width_m


def mean_widths(lanes: Shapes, stands: Shapes) -> NDArray[np.float64]:
    """What a planner takes today: ticks every metre across the line, cut at what stands there, and their mean."""
    import geopandas
    import momepy

    streets, buildings = geopandas.GeoDataFrame(geometry=lanes, crs="EPSG:4547"), geopandas.GeoDataFrame(geometry=stands, crs="EPSG:4547")
    return momepy.street_profile(streets, buildings, distance=SPACING_M, tick_length=2 * CORRIDOR_M)["width"].to_numpy()


def run(report: Report, scale: Scale) -> None:
    size = scale.of(COMPOUNDS)
    lanes, stands = drawn(size)
    report.heading(f"clear width: {len(lanes):,} lanes, {len(stands):,} obstacles")
    mine = best(lambda: ours(lanes, stands))
    means: list[NDArray[np.float64]] = []
    theirs = seconds(lambda: means.append(mean_widths(lanes, stands)))
    report.line("clear width of every lane", mine, {"momepy.street_profile, 1 m": theirs}, aim="no slower", met=mine <= theirs)
    compare_growth(report, size, lanes, stands)
    hidden = (means[0] - ours(lanes, stands) > MISSED_M).sum()
    report.line("lanes whose mean hides a place over 0.5 m narrower", float(hidden), {}, unit=f"of {len(lanes)}")
    compare_known(report)
    compare_memory(report, size)


def compare_growth(report: Report, size: int, lanes: Shapes, stands: Shapes) -> None:
    """In processor time: on a shared machine a long run meets more of the neighbours than a short one."""
    more = drawn(size * GROWTH)
    once, grown = (min(processor_s(*case) for _ in range(3)) for case in ((lanes, stands), more))
    times = grown / once * GROWTH * len(lanes) / len(more[0])
    report.line(f"processor time for {len(lanes):,} lanes", once, {})
    report.line(f"processor time for {len(more[0]):,} lanes", grown, {}, aim=f"at most {GROWTH_AIM:.0f} times", met=times <= GROWTH_AIM)


def processor_s(lanes: Shapes, stands: Shapes) -> float:
    start = time.process_time()
    ours(lanes, stands)
    return time.process_time() - start


def compare_known(report: Report) -> None:
    """Lanes whose width is known by hand: how many each gets within 5 cm."""
    cases = known()
    for name, measure in (("ours", ours), ("momepy's mean", mean_widths)):
        right = sum(abs(measure(shapes([LANE]), shapes(stands))[0] - width) <= NEAR_M for width, stands in cases)
        report.line(f"protrusions, staggered corners, columns, sheds: {name} right", float(right), {}, unit=f"of {len(cases)}")


def shapes(items: list[Any]) -> Shapes:
    found = np.empty(len(items), dtype=object)
    found[:] = items
    return found


def known() -> list[tuple[float, list[Any]]]:
    box, walls = shapely.box, [shapely.box(-10, 3, 70, 9), shapely.box(-10, -9, 70, -3)]
    return [
        (5.2, [*walls, box(30.3, 2.2, 30.6, 4)]),
        (np.hypot(2, 3), [box(-5, 2, 20, 20), box(22, -20, 70, -1)]),
        (3.0, [*walls, box(29.5, -1, 30.5, 0)]),
        (0.0, [*walls, box(29.5, -4, 30.5, 4)]),
        (1.0, [*walls, box(29.5, -4, 30.5, 2)]),
        (2.0, [*walls, box(5.2, -4, 5.7, 1)]),
    ]


def compare_memory(report: Report, compounds: int) -> None:
    mine, theirs = (new_process("-m", "bench.widths", str(compounds), which) for which in ("ours", "theirs"))
    report.line("peak memory, drawing of the district included", mine.peak_mb, {"momepy.street_profile": theirs.peak_mb}, unit="MB")


if __name__ == "__main__":
    found = {"ours": ours, "theirs": mean_widths}[sys.argv[2]](*drawn(int(sys.argv[1])))
    print(json.dumps(len(found)))
