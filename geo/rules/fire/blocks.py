"""FA-10, FA-11 and FA-12: roads about the blocks, ways through long buildings and into closed courtyards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo.errors import Text
from geo.network.noding import components
from geo.questions.columns import numbers
from geo.questions.declaration import View
from geo.questions.reach import ways
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Floats, Judgement, Rows, Rule, limit
from geo.rules.fire.telling import BUILDING, MEASURED, METRES, Missing, Shapes, by_shapes, judgement, nowhere, placed, sentences, unplaced

READS = ("buildings", "roads", "fire_lanes")

_TOUCHING_M = 0.05
"""Footprints this near to one another touch."""
_SAME_WAY = 0.94
"""Cosine of the angle (20 degrees) up to which two pieces of road go on in the same direction."""
_INSIDE_M = 1.0
"""A lane goes through a building, or into a courtyard, when more of it than this lies in there."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """Every road and lane that is somewhere. `pieces` (n, 2, 2): their straight pieces, outlines of lanes drawn as areas among them, with the way `of`
    each and an index."""

    shapes: Shapes
    layer: Rows
    row: Rows
    pieces: Floats
    of: Rows
    tree: shapely.STRtree

    def at(self, way: int) -> list[tuple[str, int]]:
        return [(("roads", "fire_lanes")[self.layer[way]], int(self.row[way]))] if way >= 0 else []


def all_ways(view: View) -> _Ways:
    def make() -> _Ways:
        rows = [np.flatnonzero(placed(view.metric(id))) for id in ("roads", "fire_lanes")]
        shapes = np.concatenate([view.metric(id)[at] for id, at in zip(("roads", "fire_lanes"), rows, strict=True)])
        pieces, of = _pieces(shapes)
        tree = shapely.STRtree(np.asarray(shapely.linestrings(pieces), dtype=object))
        return _Ways(shapes, np.repeat([0, 1], [len(at) for at in rows]), np.concatenate(rows), pieces, of, tree)

    return by_shapes(view, "all-ways", ("roads", "fire_lanes"), None, make)


def _pieces(shapes: Shapes) -> tuple[Floats, Rows]:
    lines = shapes.copy()
    areal = shapely.get_dimensions(shapes) == 2
    lines[areal] = shapely.boundary(shapes[areal])
    parts, of = shapely.get_parts(lines, return_index=True)
    linear = np.isin(shapely.get_type_id(parts), (1, 2))
    xy, at = shapely.get_coordinates(parts[linear], return_index=True)
    pieces = np.stack([xy[:-1], xy[1:]], axis=1)
    good = (np.diff(at) == 0) & np.isfinite(pieces).all(axis=(1, 2))
    return pieces[good], of[linear][at[:-1][good]]


def _spacing(view: View) -> Judgement:
    """Twice the distance of the building's farthest corner to the centreline nearest to that corner, of public roads and fire lanes of whatever width:
    between parallel roads that far apart no building has a corner farther off than half their spacing."""
    buildings, found = view.metric("buildings"), all_ways(view)
    count, most, there = len(buildings), view.profile["road_spacing_m"], placed(buildings)
    metres, way, corner = by_shapes(view, "road-spacing", READS, None, lambda: _farthest(buildings, found))
    with np.errstate(invalid="ignore"):
        result = np.where(np.isnan(metres), UNKNOWN, np.where(metres <= most, PASS, FAIL)).astype(np.int8)
    heads = {
        FAIL: Text(f"大于推荐值 {most:g} 米", f"above the recommended {most:g} m"),
        PASS: Text(f"不大于推荐值 {most:g} 米", f"not above the recommended {most:g} m"),
    }

    def tell(row: int) -> Text:
        if not there[row]:
            return unplaced(BUILDING)
        if np.isnan(metres[row]):
            return Text("没有画出道路和通道，不能判定", "no road or lane is drawn: cannot be told")
        return Text(
            f"最远的楼角离最近的道路或通道中心线 {metres[row] / 2:.4g} 米，按两倍计道路间距 {metres[row]:.4g} 米",
            f"its farthest corner is {metres[row] / 2:.4g} m off the nearest centreline of a road or lane: twice that, {metres[row]:.4g} m, as the spacing",
        )

    missing = Missing(result == UNKNOWN).own(~there, "buildings", "geometry").add(there, "roads", "geometry", -1)
    return judgement(
        result, metres, limit(count, most), np.where(np.isnan(metres), -1, MEASURED), sentences(result, heads, tell),
        where=lambda asked: np.asarray(shapely.points(corner[asked]), dtype=object), lacks=missing.lacks(),
        involved=lambda asked: [found.at(int(at)) for at in way[asked]],
    )  # fmt: skip


def _farthest(buildings: Shapes, found: _Ways) -> tuple[Floats, Rows, Floats]:
    """Of each building twice the distance of its farthest corner to the nearest way, that way (-1 = none) and the corner."""
    count = len(buildings)
    rows = np.flatnonzero(placed(buildings))
    xy, of = shapely.get_coordinates(buildings[rows], return_index=True)
    finite = np.isfinite(xy).all(axis=1)
    xy, of = xy[finite], of[finite]
    metres, way, corner = np.full(count, np.nan), nowhere(count), np.full((count, 2), np.nan)
    if len(found.of) and len(xy):
        (at, nearest), gap = found.tree.query_nearest(shapely.points(xy), return_distance=True, all_matches=False)
        order = np.lexsort((gap, of[at]))
        last = order[np.flatnonzero(np.diff(of[at][order], append=-1))]
        row = rows[of[at[last]]]
        metres[row], way[row], corner[row] = np.round(2 * gap[last], 2), found.of[nearest[last]], xy[at[last]]
    return metres, way, corner


def lengths_m(buildings: Shapes) -> Floats:
    """How long each building is, measured along its middle: the long side of the rectangle with the footprint's area and outline, which is exact for
    straight buildings and those bent at right angles; NaN where no area is drawn."""
    area, around = shapely.area(buildings), shapely.length(shapely.convex_hull(buildings))
    around = np.where(shapely.get_type_id(buildings) == 3, shapely.length(shapely.get_exterior_ring(buildings)), around)
    rest = np.maximum(around * around - 16 * area, 0.0)
    return np.where(area > 0, (around + np.sqrt(rest)) / 4, np.nan)


def rectangles(areas: Shapes) -> tuple[Floats, Floats]:
    """The smallest rectangle about each area: its four corners (n, 4, 2) and the lengths of its first two sides (n, 2); NaN where it is none."""
    corners, sides = np.full((len(areas), 4, 2), np.nan), np.full((len(areas), 2), np.nan)
    rows = np.flatnonzero(placed(areas))
    boxes = shapely.oriented_envelope(areas[rows])
    whole = (shapely.get_type_id(boxes) == 3) & (shapely.get_num_coordinates(boxes) == 5)
    good = rows[whole]
    corners[good] = shapely.get_coordinates(boxes[whole]).reshape(-1, 5, 2)[:, :4]
    sides[good] = np.hypot(*np.moveaxis(np.diff(corners[good, :3], axis=1), 2, 0))
    return corners, sides


def _long(view: View) -> Judgement:
    """Of buildings that line a public road for more than `long_front_m`, or are longer in all than `long_total_m`: whether a lane goes through the
    footprint, or roads and lanes ring it. The front is the length along the road of the outline that is within `front_m` of its kerb; a ring is a closed
    line of roads and lanes about the building that passes each corner of its rectangle within `approach_m`. Others are not concerned."""
    buildings, profile = view.metric("buildings"), view.profile
    count, there = len(buildings), np.isin(shapely.get_dimensions(buildings), (2,)) & placed(buildings)
    rows, total = np.flatnonzero(there), np.full(count, np.nan)
    total[rows] = np.round(lengths_m(buildings[rows]), 2)
    front = np.zeros(count)
    box = shapely.bounds(buildings[rows])
    wide = rows[np.hypot(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) > profile["long_front_m"]]
    for row in wide.tolist():
        front[row] = _front(view, buildings[row])
    by_front, by_total = front > profile["long_front_m"], total > profile["long_total_m"]
    result = np.where(there, NA, UNKNOWN).astype(np.int8)
    for row in np.flatnonzero(by_front | by_total).tolist():
        result[row] = _through_or_round(view, buildings[row])
    measured, threshold = np.where(by_front, front, total), np.where(by_front, profile["long_front_m"], profile["long_total_m"])

    def tell(row: int) -> Text:
        if not there[row]:
            return unplaced(BUILDING)
        said = (
            Text(f"沿街 {front[row]:g} 米", f"it lines a road for {front[row]:g} m")
            if by_front[row]
            else Text(f"总长 {total[row]:g} 米", f"it is {total[row]:g} m long in all")
        )
        over = f"{threshold[row]:g}"
        ends = {
            NA: Text("，沿街和总长都不超过限值", ", within both limits"),
            PASS: Text(f"，超过 {over} 米，有穿过的消防车道或环形车道", f", over {over} m: a lane goes through it, or ways ring it"),
            FAIL: Text(
                f"，超过 {over} 米，没有穿过的消防车道，也没有环形车道", f", over {over} m: no lane goes through it and no ways ring it"
            ),
            UNKNOWN: Text(f"，超过 {over} 米，附近没有画出通道，不能判定", f", over {over} m; no lane is drawn near it: cannot be told"),
        }[int(result[row])]
        return Text(said.zh + ends.zh, said.en + ends.en)

    missing = Missing(result == UNKNOWN).own(~there, "buildings", "geometry").add(there, "fire_lanes", "geometry", -1)
    basis = np.where(np.isnan(measured), -1, MEASURED)
    return judgement(result, measured, threshold, basis, sentences(result, {}, tell), lacks=missing.lacks())


def _front(view: View, building: shapely.Geometry) -> float:
    """The longest stretch of a public road that the building lines (m). Roads that go on in the same direction on the same side of the building are one:
    they are drawn in pieces, from junction to junction."""
    width = numbers(view.frame("roads"), "road_width_m")
    reach = view.profile["front_m"] + np.where(width > 0, width / 2, view.profile["road_half_width_m"])
    near = view.tree("roads").query(building, predicate="dwithin", distance=float(reach.max(initial=0.0)))
    lines, of = shapely.get_parts(view.metric("roads")[near], return_index=True)
    outline, middle = shapely.boundary(building), shapely.get_coordinates(shapely.centroid(building))[0]
    longest, stretches = 0.0, []
    for line, within in zip(lines, reach[near[of]], strict=True):
        corners = shapely.get_coordinates(shapely.intersection(outline, shapely.buffer(line, within, cap_style="flat")))
        if not len(corners):
            continue
        at = shapely.line_locate_point(line, shapely.points(corners))
        start, end = shapely.get_coordinates(shapely.line_interpolate_point(line, [at.min(), at.max()]))
        longest = max(longest, float(np.ptp(at)))
        if np.hypot(*(end - start)) > 0:
            stretches.append(((end - start) / np.hypot(*(end - start)), (start + end) / 2 - middle, corners))
    for run, off, _ in stretches:
        joined = [corners for way, to, corners in stretches if abs(way @ run) >= _SAME_WAY and _left(run, to) * _left(run, off) > 0]
        longest = max(longest, float(np.ptp(np.concatenate(joined) @ run)))
    return round(longest, 2)


def _left(run: Floats, to: Floats) -> float:
    return float(run[0] * to[1] - run[1] * to[0])


def _through_or_round(view: View, building: shapely.Geometry) -> int:
    found, reach, building = all_ways(view), view.profile["approach_m"], shapely.make_valid(building)
    near = np.unique(found.of[found.tree.query(building, predicate="dwithin", distance=reach)])
    lanes = shapely.make_valid(found.shapes[near[found.layer[near] == 1]])
    if (shapely.length(shapely.intersection(lanes, building)) > _INSIDE_M).any():
        return PASS
    network = ways.network(view)
    lines = network.lines[shapely.STRtree(network.lines).query(building, predicate="dwithin", distance=reach)]
    rings = shapely.get_parts(shapely.polygonize(lines))
    corners = np.asarray(shapely.points(shapely.get_coordinates(shapely.oriented_envelope(building))[:4]), dtype=object)
    if (
        len(lines)
        and shapely.contains(rings, building).any()
        and (shapely.distance(corners[:, None], lines[None, :]).min(axis=1) <= reach).all()
    ):
        return PASS
    return FAIL if len(lanes) or len(lines) else UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class _Courts:
    """Closed courtyards: their `shapes`, their short sides; `court` of each building: the one beside it with the longest short side, -1 = none."""

    shapes: Shapes
    short_m: Floats
    court: Rows


def courts(view: View) -> _Courts:
    return by_shapes(view, "courtyards", ("buildings",), None, lambda: _courts_of(view.metric("buildings"), view.tree("buildings")))


def _courts_of(buildings: Shapes, tree: shapely.STRtree) -> _Courts:
    """What footprints that touch one another enclose; a ring of one building too."""
    count = len(buildings)
    areal = np.flatnonzero((shapely.get_dimensions(buildings) == 2) & shapely.is_valid(buildings) & placed(buildings))
    a, b = tree.query(buildings[areal], predicate="dwithin", distance=_TOUCHING_M)
    a = areal[a]
    pairs = (a < b) & np.isin(b, areal)
    _, group = components(count, a[pairs], b[pairs])
    size = np.bincount(group[areal], minlength=count)
    parts, index = shapely.get_parts(buildings[areal], return_index=True)
    ringed = np.zeros(count, dtype=bool)
    ringed[areal[index[shapely.get_num_interior_rings(parts) > 0]]] = True
    members = areal[(size[group[areal]] > 1) | ringed[areal]]
    members = members[np.argsort(group[members], kind="stable")]
    holes, grown_by = [], []
    for rows in np.split(members, np.flatnonzero(np.diff(group[members])) + 1):
        if len(rows):
            grown = shapely.buffer(buildings[rows], _TOUCHING_M, join_style="mitre") if len(rows) > 1 else buildings[rows]
            for part in shapely.get_parts(shapely.union_all(grown)):
                holes += [shapely.Polygon(ring) for ring in part.interiors]
                grown_by += [2 * _TOUCHING_M * (len(rows) > 1)] * len(part.interiors)
    shapes = np.empty(len(holes), dtype=object)
    shapes[:] = holes
    grown_m = np.array(grown_by, dtype=np.float64)
    short = np.round(rectangles(shapes)[1].min(axis=1), 2) + grown_m
    court = nowhere(count)
    hole, building = tree.query(shapes, predicate="dwithin", distance=2 * _TOUCHING_M)
    order = np.argsort(short[hole], kind="stable")
    court[building[order]] = hole[order]
    return _Courts(shapes, short, court)


def _into_courts(view: View) -> Judgement:
    """Of the buildings round a closed courtyard whose short side (of the smallest rectangle about it) is longer than `courtyard_m`: whether a lane leads
    into it. Footprints within 5 cm of one another touch. Others are not concerned."""
    buildings, found, lanes = view.metric("buildings"), courts(view), all_ways(view)
    count, least, there = len(buildings), view.profile["courtyard_m"], placed(buildings)
    short = np.append(found.short_m, np.nan)[found.court]
    inside = np.zeros(len(found.shapes), dtype=bool)
    court, piece = lanes.tree.query(found.shapes, predicate="intersects")
    way = lanes.of[piece]
    court, way = court[lanes.layer[way] == 1], way[lanes.layer[way] == 1]
    shared = shapely.intersection(found.shapes[court], shapely.make_valid(lanes.shapes[way]))
    inside[court[(shapely.length(shared) > _INSIDE_M)]] = True
    with np.errstate(invalid="ignore"):
        over = short > least
    nobody = over & (not (lanes.layer == 1).any())
    result = np.where(there, NA, UNKNOWN).astype(np.int8)
    result[over] = np.where(np.append(inside, False)[found.court[over]], PASS, FAIL)
    result[nobody] = UNKNOWN

    def tell(row: int) -> Text:
        if not there[row]:
            return unplaced(BUILDING)
        if np.isnan(short[row]):
            return Text("不围合封闭内院", "it is at no closed courtyard")
        said = Text(f"封闭内院短边 {short[row]:g} 米", f"the short side of its closed courtyard is {short[row]:g} m")
        if not over[row]:
            return Text(f"{said.zh}，不超过 {least:g} 米", f"{said.en}, not over {least:g} m")
        ends = {
            PASS: Text("有车道进入", "a lane leads into it"), FAIL: Text("没有车道进入", "no lane leads into it"),
            UNKNOWN: Text("通道一条也没有画出，不能判定", "not one lane is drawn: cannot be told"),
        }[int(result[row])]  # fmt: skip
        return Text(
            f"{said.zh}，超过 {least:g} 米（推荐设车道）：{ends.zh}",
            f"{said.en}, over {least:g} m, from which a lane is recommended: {ends.en}",
        )

    def where(rows: Rows) -> Shapes:
        out = np.full(len(rows), None, dtype=object)
        mine = found.court[rows] >= 0
        out[mine] = shapely.point_on_surface(found.shapes[found.court[rows[mine]]])
        return out

    missing = Missing(result == UNKNOWN).own(~there, "buildings", "geometry").add(nobody, "fire_lanes", "geometry", -1)
    basis = np.where(np.isnan(short), -1, MEASURED)
    return judgement(result, short, limit(count, least), basis, sentences(result, {}, tell), where=where, lacks=missing.lacks())


SPACING = Rule(
    "FA-10", 110, Text("街区道路中心线间距", "Spacing of block roads"), "buildings", READS, _spacing, METRES, ("road_spacing_m",)
)  # fmt: skip
LONG = Rule(
    "FA-11", 111, Text("长楼穿过或环形消防车道", "Lane through or round a long building"), "buildings", READS, _long, METRES,
    ("long_front_m", "long_total_m", "front_m", "approach_m", "road_half_width_m"),
)  # fmt: skip
COURTS = Rule(
    "FA-12", 112, Text("封闭内院的进入车道", "Lane into a closed courtyard"), "buildings", ("buildings", "fire_lanes", "roads"), _into_courts, METRES,
    ("courtyard_m",),
)  # fmt: skip
