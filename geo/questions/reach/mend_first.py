"""`mend-first`: for each lane the one place whose mending alone lets an engine reach the most buildings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.network.limits import Need
from geo.network.mending import Places, freed_rows, places_of
from geo.questions.columns import numbers
from geo.questions.declaration import NA, NO, UNKNOWN, YES, Floats, Question, Shape, Verdicts, View, filled, latest
from geo.questions.reach import limiting, ways
from geo.questions.reach.reach import HEIGHT, READS, VEHICLE, WIDTH, leads, need_of, reach
from geo.questions.reach.telling import CAUSES, Seen, cause_of, described, plain_name, where
from geo.questions.shown import stored_shapes
from geo.schema import Field

Ints = NDArray[np.int64]


class Mending:
    """What each stopping place frees alone. `place`: of each lane its best one, -1 = none; `surely`, `perhaps`, `households`: values a place."""

    def __init__(self, view: View, need: Need) -> None:
        self.view, self.need, self.found = cast(View, Seen(view)), need, reach(view, need)
        found, limits = self.found, self.found.limits
        self.places = places_of(limits, ~found.may)
        leading = leads(view)
        perhaps = freed_rows(limits, self.places, found.may, leading)
        surely = freed_rows(limits, self.places, found.passes, leading)
        both = [np.intersect1d(a, b, assume_unique=True) for a, b in zip(surely, perhaps, strict=True)]
        homes = numbers(view.frame("buildings"), "households")
        self.perhaps, self.surely = _lengths(perhaps), _lengths(both)
        self.homes_perhaps, self.homes = _summed(homes, perhaps), _summed(homes, both)
        self.place = self._best(view)
        self.answer = self._answers(view)

    def _best(self, view: View) -> Ints:
        over = self.found.network.lane_edges
        place = self.places.of_edge[over[:, 1]]
        lane, place = over[place >= 0, 0], place[place >= 0]
        order = np.lexsort((place, -np.nan_to_num(self.homes[place]), -self.perhaps[place], -self.surely[place], lane))
        rows, first = np.unique(lane[order], return_index=True)
        best = np.full(len(view.frame("fire_lanes")), -1, dtype=np.int64)
        best[rows] = place[order][first]
        return best

    def _answers(self, view: View) -> NDArray[np.int8]:
        over, found = self.found.network.lane_edges, self.found
        answer = np.full(len(view.frame("fire_lanes")), UNKNOWN, dtype=np.int8)
        answer[over[:, 0]] = NA
        unsure = over[(found.may & ~found.passes)[over[:, 1]], 0]
        answer[unsure] = UNKNOWN
        stops = np.flatnonzero(self.place >= 0)
        at = self.place[stops]
        answer[stops] = np.where(self.surely[at] > 0, YES, np.where(self.perhaps[at] > 0, UNKNOWN, NO))
        return answer

    def edge(self, row: int) -> int:
        return int(self.places.edge[self.place[row]]) if self.place[row] >= 0 else -1


def _lengths(rows: list[Ints]) -> Ints:
    return np.fromiter((len(r) for r in rows), dtype=np.int64, count=len(rows))


def _summed(homes: Floats, rows: list[Ints]) -> Floats:
    """Households of those buildings that say how many they have; NaN where none does."""
    known = [homes[r][~np.isnan(homes[r])] for r in rows]
    return np.fromiter(
        (k.sum() if len(k) or not len(r) else np.nan for k, r in zip(known, rows, strict=True)), dtype=np.float64, count=len(rows)
    )


def _mend_first(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    need = need_of(view, parameters)
    found = latest(
        view,
        "mend-first",
        (*limiting.revisions(view), view.columns_revision("buildings", "households"), need),
        lambda _: Mending(view, need),
    )
    told = found.place >= 0

    def picked(values: NDArray[Any], rows: Ints) -> Floats:
        return np.where(told[rows], np.append(values.astype(np.float64), np.nan)[found.place[rows]], np.nan)

    columns: dict[str, Callable[[Ints], NDArray[Any]]] = {
        "value": lambda rows: np.where(found.answer[rows] == UNKNOWN, np.nan, picked(found.surely, rows)),
        "threshold": lambda rows: np.zeros(len(rows)),
        "unit": lambda rows: filled("buildings", len(rows)),
        "basis": lambda rows: _words(found, rows, lambda edge: "measured" if found.found.limits.measured[edge] else "declared"),
        "re_measure": lambda rows: np.zeros(len(rows), dtype=bool).astype(object),
        "households_freed": lambda rows: picked(found.homes, rows),
        "buildings_perhaps": lambda rows: picked(found.perhaps, rows),
        "width_m": lambda rows: _widths(found, rows),
        "place": lambda rows: _words(found, rows, lambda edge: plain_name(found.view, found.found, edge)),
        "cause": lambda rows: _words(found, rows, lambda edge: cause_of(found.found, edge)),
    }
    return Verdicts(
        found.answer,
        lambda name, rows: columns[name](np.arange(len(told)) if rows is None else rows),
        lambda rows, lang: [_why(found, int(row)).of(lang) for row in rows],
        shape=lambda id, rows: stored_shapes(view, _words(found, rows, lambda edge: where(found.found, edge))),
        said={"width": need.width_m, "height": need.height_m},
        store=_counts(found.places, found),
    )


def _counts(places: Places, found: Mending) -> dict[str, Any]:
    """How many places stop the engine, and how many of them free something alone."""
    return {"places": len(places.edge), "places_that_free": int(np.count_nonzero(found.surely))}


def _words(found: Mending, rows: Ints, make: Callable[[int], Any]) -> NDArray[np.object_]:
    out = np.full(len(rows), None, dtype=object)
    for i, row in enumerate(rows):
        if (edge := found.edge(int(row))) >= 0:
            out[i] = make(edge)
    return out


def _widths(found: Mending, rows: Ints) -> Floats:
    """The width of the place, null where only its height stops."""
    edges = np.array([found.edge(int(row)) for row in rows], dtype=np.int64)
    width = np.append(found.found.limits.width_m, np.nan)[edges]
    return np.where(np.isfinite(width), np.round(width, 2), np.nan)


def _why(found: Mending, row: int) -> Text:
    edge = found.edge(row)
    if edge < 0:
        if found.answer[row] == NA:
            return Text("这条通道不阻挡这种消防车", "this lane does not stop the engine")
        if row in found.found.network.tangled_lanes:
            return Text(f"{ways.TANGLED.zh}，不能判定", f"{ways.TANGLED.en}: cannot be told")
        if row in found.found.network.unused_lanes:
            return Text("没有画成线，不能判定", "not drawn as a line: cannot be told")
        return Text(
            "通道上有净宽或净高不明之处，是否阻挡不能判定",
            "a width or height on this lane is not known: whether it stops the engine cannot be told",
        )
    place, at = described(found.view, found.found, edge), int(found.place[row])
    surely, perhaps = int(found.surely[at]), int(found.perhaps[at])
    if surely:
        zh, en = _households(found.homes[at])
        more = perhaps - surely
        also = Text(f"，另有 {more} 栋要看别处不明的宽度", f"; {more} more hang on widths that are not known") if more else Text("", "")
        return Text(
            f"只整治{place.zh}，就能多到 {surely} 栋楼{zh}{also.zh}",
            f"mending {place.en} alone lets the engine reach {surely} more buildings{en}{also.en}",
        )
    if perhaps:
        return Text(
            f"只整治{place.zh}，可能多到 {perhaps} 栋楼，但路上还有不明之处",
            f"mending {place.en} alone may let the engine reach {perhaps} more buildings, but something else on the way is not known",
        )
    return Text(
        f"{place.zh}挡住消防车，但只整治这一处不会多到任何楼",
        f"{place.en} stops the engine, but mending it alone reaches no further building",
    )


def _households(count: float) -> tuple[str, str]:
    return ("（户数没有记录）", " (households not on record)") if np.isnan(count) else (f"（{count:.0f} 户）", f" ({count:.0f} households)")


MEND_FIRST = Question(
    id="mend-first",
    title=Text("先整治哪里", "What to mend first"),
    help=Text(
        "挡住消防车的通道：只整治其中一处（拓宽、拆除或抬高），能多到多少栋楼、多少户；一条通道列出最有效的一处",
        "lanes that stop the engine: how many more buildings and households it reaches when one place alone is widened, cleared or raised; the best "
        "place of each lane is named",
    ),
    subject="fire_lanes",
    reads=("fire_lanes", *(id for id in READS if id != "fire_lanes")),
    answer=_mend_first,
    sentence=Text(
        "{total} 条通道：整治一处就能多到楼栋的 {yes}，不明 {unknown}",
        "{total} lanes: mending one place reaches more buildings on {yes}, unknown {unknown}",
    ),
    parameters=(VEHICLE, WIDTH, HEIGHT),
    extra_fields=(
        Field("households_freed", "integer", Text("多到的户数", "Households freed"), public=True),
        Field("buildings_perhaps", "integer", Text("至多多到的楼栋", "Buildings freed at most"), public=True),
        Field("width_m", "number", Text("整治处净宽", "Clear width of the place"), unit=Text("米", "m"), public=True),
        Field("place", "text", Text("整治处", "Place"), public=True),
        Field("cause", "choice", Text("整治处种类", "Kind of place"), choices=CAUSES, public=True),
    ),
    shapes=(Shape("place", Text("整治处", "Place to mend"), "Point", "#7b3294", 2.0, symbol="治"),),
)
