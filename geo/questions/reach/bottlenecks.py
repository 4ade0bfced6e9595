"""`bottlenecks`: how wide the way from a public road to each building is at its narrowest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.network.limits import Need, open_side
from geo.questions.declaration import NO, YES, Parameter, Question, Shape, Verdicts, View, filled, latest
from geo.questions.reach import limiting, ways
from geo.questions.reach.reach import HEIGHT, READS, VEHICLE, leads, need_of, reach
from geo.questions.reach.widest import APART, BOTTLENECK_FIELDS, FAR, Widest

Ints = NDArray[np.int64]


def widest_to_buildings(view: View, need: Need) -> Widest:
    """The widest routes to all buildings, kept for the last need asked for."""
    revisions = (*limiting.revisions(view), need)
    return latest(view, "widest", revisions, lambda _: Widest(view, reach(view, need), leads(view), view.metric("buildings")))


def limit_of(view: View, parameters: Mapping[str, Any]) -> Need:
    """The width compared with (the profile's unless given) and the height that the engine needs."""
    width = parameters["width"]
    return Need(view.profile["lane_width_m"] if width is None else float(width), need_of(view, parameters).height_m)


def _bottlenecks(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    need = limit_of(view, parameters)
    found = widest_to_buildings(view, need)
    columns: dict[str, Callable[[Ints], NDArray[Any]]] = {
        "value": lambda rows: found.value_m[rows],
        "threshold": lambda rows: np.full(len(rows), need.width_m),
        "unit": lambda rows: filled("m", len(rows)),
    }

    def column(name: str, rows: Ints | None) -> NDArray[Any]:
        wanted = np.arange(found.count) if rows is None else rows
        return columns[name](wanted) if name in columns else found.column(name, wanted)

    def summary(rows: Ints) -> dict[str, Any]:
        state = found.state[rows]
        return {"no_way_near": int(np.count_nonzero(state == FAR)), "apart_from_roads": int(np.count_nonzero(state == APART))}

    return Verdicts(
        found.answer,
        column,
        lambda rows, lang: [why(found, int(row)).of(lang) for row in rows],
        shape=found.shape,
        said={"width": need.width_m, "height": need.height_m},
        summary=summary,
        store=ways.mended(ways.network(view)),
    )


def why(found: Widest, row: int) -> Text:
    """The sentence of one building."""
    said, lock = _told(found, row), found.behind_lock(row)
    return Text(said.zh + lock.zh, said.en + lock.en)


def _told(found: Widest, row: int) -> Text:
    if found.state[row] == FAR:
        return _without_way(found, row)
    if found.state[row] == APART:
        return Text("旁边的通道在图上没有与市政道路相连，不能判定", "the lanes beside it join no public road on the map: cannot be told")
    told, limit, answer = found.told(row), f"{found.reach.need.width_m:.4g}", found.answer[row]
    if told.at < 0 or not told.edges:
        return _at_road(found, row)
    place, value = found.named(told.at), found.value_m[row]
    if answer == YES:
        return _under(found, row, place)
    least = f"{value:.4g}"
    if answer == NO:
        return Text(
            f"到楼前最宽路线的最窄处 {least} 米，不小于 {limit} 米：{place.zh}",
            f"the narrowest place of the widest route is {least} m, not under {limit} m: {place.en}",
        )
    return _cannot_tell(found, row, place)


def _without_way(found: Widest, row: int) -> Text:
    if found.shapes[row] is None or found.shapes[row].is_empty:
        return Text("尚未上图，不能判定", "not placed on the map: cannot be told")
    if found.leads.behind[row]:
        return Text(
            "附近的道路、通道都隔着墙或别的楼，不能判定",
            "roads and lanes near it are all behind a wall or another building: cannot be told",
        )
    reach = f"{found.view.profile['approach_m']:g}"
    return Text(f"{reach} 米内没有画出的道路或通道，不能判定", f"no road or lane is drawn within {reach} m of it: cannot be told")


def _at_road(found: Widest, row: int) -> Text:
    told = found.told(row)
    if told.at < 0:
        return Text("临市政道路", "stands at a public road")
    place = found.named(told.at)
    if found.answer[row] == NO:
        return Text(f"临市政道路：{place.zh}", f"stands at a public road: {place.en}")
    return Text(f"临市政道路，{place.zh}，小于所需", f"stands at a public road, {place.en}, which is not enough")


def _under(found: Widest, row: int, place: Text) -> Text:
    need, value, limit = found.reach.need, found.value_m[row], f"{found.reach.need.width_m:.4g}"
    if value == 0:
        high = f"{need.height_m:.4g}"
        return Text(
            f"没有能通过的路线（需净高 {high} 米）：{place.zh}", f"no route lets an engine through (height needed {high} m): {place.en}"
        )
    zh, en = ("", "") if found.pessimistic_m[row] == found.optimistic_m[row] else ("至多 ", "at most ")
    return Text(
        f"最宽路线的最窄处{zh or ' '}{value:.4g} 米，低于 {limit} 米：{place.zh}",
        f"the narrowest place of the widest route is {en}{value:.4g} m, under {limit} m: {place.en}",
    )


def _cannot_tell(found: Widest, row: int, place: Text) -> Text:
    limit, low = f"{found.reach.need.width_m:.4g}", found.pessimistic_m[row]
    at = found.told(row).at
    if not np.isnan(found.value_m[row]) and at >= 0 and open_side(found.reach.limits)[at] and found.value_m[row] < found.reach.need.width_m:
        return Text(
            f"最宽路线的最窄处至少 {found.value_m[row]:.4g} 米，一侧开敞，更远处可能还有空地，不能判定是否低于 {limit} 米：{place.zh}",
            f"the narrowest place of the widest route is at least {found.value_m[row]:.4g} m, one side is open and more may be free beyond: whether it is "
            f"under {limit} m cannot be told: {place.en}",
        )
    if not np.isnan(found.value_m[row]):
        return Text(
            f"最宽路线的最窄处 {found.value_m[row]:.4g} 米，与 {limit} 米之差在精度以内，不能判定：{place.zh}",
            f"the narrowest place of the widest route is {found.value_m[row]:.4g} m, nearer to {limit} m than its accuracy, so it cannot be told: {place.en}",
        )
    zh, en = ("", "") if not low > 0 else (f"，确知的路线最窄 {low:.4g} 米", f"; the route that is known is {low:.4g} m at its narrowest")
    return Text(f"路线上有不明之处，不能判定：{place.zh}{zh}", f"something on the route is not known, so it cannot be told: {place.en}{en}")


LIMIT = Parameter(
    "width", "number", None, Text("净宽界限", "Width to compare with"), unit=Text("米", "m"), above=0.0, maximum=100.0,
    help=Text("不填时为规则文件的消防车道净宽", "by default the profile's clear width of a fire lane"), figure="lane_width_m",
)  # fmt: skip

ROUTE_SHAPES = (
    Shape("route", Text("最宽路线", "Widest route"), "LineString", "#0072b2", 4.0),
    Shape("bottleneck", Text("最窄处", "Narrowest place"), "Point", "#1b2330", 2.0, symbol="窄"),
)

BOTTLENECKS = Question(
    id="bottlenecks",
    title=Text("到楼路线的最窄处", "Bottlenecks on the way to buildings"),
    help=Text(
        "从市政道路到每栋楼的最宽路线，其最窄处低于所给宽度的楼；不明之处按可通过与不可通过各算一次，结论不同的算不明",
        "buildings whose widest route from a public road is under the given width at its narrowest; what is not known is taken as passing and as "
        "not passing, and where the two differ the answer is unknown",
    ),
    subject="buildings",
    reads=("buildings", *(id for id in READS if id != "buildings")),
    answer=_bottlenecks,
    sentence=Text(
        "{total} 栋楼：最宽路线的最窄处低于 {width:g} 米 {yes}，不明 {unknown}",
        "{total} buildings: widest route under {width:g} m at its narrowest {yes}, unknown {unknown}",
    ),
    parameters=(LIMIT, VEHICLE, HEIGHT),
    extra_fields=BOTTLENECK_FIELDS,
    shapes=ROUTE_SHAPES,
)
