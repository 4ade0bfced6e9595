"""`compounds-cut-off`: which compounds an engine reaches nothing of, and the fewest places to mend that would free them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.network.approach import Leads
from geo.network.limits import Need
from geo.network.mending import Fewest, Places, places_of
from geo.questions.declaration import NO, UNKNOWN, YES, Flags, Floats, Question, Shape, Verdicts, View, filled, latest
from geo.questions.reach import limiting, ways
from geo.questions.reach.belonging import belonging
from geo.questions.reach.bottlenecks import ROUTE_SHAPES, widest_to_buildings
from geo.questions.reach.reach import HEIGHT, READS, VEHICLE, WIDTH, Reach, need_of, reach
from geo.questions.reach.telling import Seen, plain_name, where
from geo.questions.reach.widest import BOTTLENECK_FIELDS, NEAR, Widest
from geo.questions.reach.widest import FAR as NO_WAY
from geo.questions.shown import stored_shapes
from geo.schema import Field

Ints = NDArray[np.int64]


class Compounds:
    """The compounds judged for one need. YES = the engine gets to none of the buildings that a way leads to; those that stand at a public road are
    reached from there and are no way in: they count where there are no others. A compound without buildings is judged by its lanes."""

    def __init__(self, view: View, need: Need) -> None:
        self.view, self.need, self.of = cast(View, Seen(view)), need, belonging(view)
        self.count = len(view.frame("compounds"))
        self.buildings = widest_to_buildings(view, need)
        self.lanes = Widest(view, reach(view, need), self.of.leads, view.metric("compounds"))
        kinds = self.buildings.answer[self.of.building]
        self.total, self.reached, self.unsure = (self._counted(mask) for mask in (kinds >= 0, kinds == NO, kinds == UNKNOWN))
        self.judged = self._judged()
        self.fronts = self._counted(~self.judged & (self.buildings.state[self.of.building] == NEAR))
        inside, unsure = self._counted(self.judged & (kinds == NO)), self._counted(self.judged & (kinds == UNKNOWN))
        own = np.where(inside > 0, NO, np.where(unsure > 0, UNKNOWN, YES))
        self.answer = np.where(self.total > 0, own, self.lanes.answer).astype(np.int8)
        self.widest = self._widest()

    def _judged(self) -> Flags:
        """The pairs that count: buildings off the public roads that a way leads to; without any, all that a way leads to, then all."""
        leads, network = self.buildings.leads, self.buildings.reach.network
        at_road = np.zeros(len(self.buildings.answer), dtype=bool)
        at_road[leads.building[network.lane[leads.edge] < 0]] = True
        near = self.buildings.state[self.of.building] == NEAR
        kept = near & ~at_road[self.of.building]
        for wider in (near, np.ones(len(near), dtype=bool)):
            kept |= wider & (self._counted(kept) == 0)[self.of.compound]
        return np.asarray(kept, dtype=bool)

    def _counted(self, mask: Flags) -> Ints:
        return np.bincount(self.of.compound[mask], minlength=self.count).astype(np.int64)

    def _widest(self) -> Ints:
        """Of each compound the building with the compound's own answer whose route is widest, -1 = it has none."""
        compound, building = self.of.compound, self.of.building
        same = self.judged & (self.buildings.answer[building] == self.answer[compound])
        compound, building = compound[same], building[same]
        width = np.nan_to_num(
            np.where(self.answer[compound] == NO, self.buildings.pessimistic_m[building], self.buildings.optimistic_m[building]), nan=-1.0
        )
        order = np.lexsort((building, -width, compound))
        rows, first = np.unique(compound[order], return_index=True)
        best = np.full(self.count, -1, dtype=np.int64)
        best[rows] = building[order][first]
        return best

    def source(self, row: int) -> tuple[Widest, int]:
        """The widest routes in which the compound's own stands, and its row there."""
        building = int(self.widest[row])
        return (self.buildings, building) if building >= 0 else (self.lanes, row)

    def _picked(self, name: str) -> Floats:
        values = np.where(self.widest >= 0, np.append(getattr(self.buildings, name), np.nan)[self.widest], getattr(self.lanes, name))
        return np.asarray(values, dtype=np.float64)

    @cached_property
    def value_m(self) -> Floats:
        return self._picked("value_m")

    # the fewest places to mend

    @cached_property
    def places(self) -> Places:
        found = self.buildings.reach
        return places_of(found.limits, ~found.may)

    @cached_property
    def fewest(self) -> Fewest:
        found = self.buildings.reach
        return Fewest(found.limits, self.places, found.may)

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints]:
        """(compound, node of the graph of Fewest) from which the compound, or one of its buildings, is reached; sorted by compound."""
        owner = np.full(len(self.buildings.answer), -1, dtype=np.int64)
        owner[self.of.building[self.judged]] = self.of.compound[self.judged]
        parts = [_targets(leads, rows, found, self.fewest, self.places) for leads, rows, found in (
            (self.buildings.leads, owner, self.buildings.reach), (self.lanes.leads, np.arange(self.count), self.lanes.reach),
        )]  # fmt: skip
        compound, node = (np.concatenate(column) for column in zip(*parts, strict=True))
        compound, node = compound[compound >= 0], node[compound >= 0]
        order = np.argsort(compound, kind="stable")
        return compound[order], node[order]

    def free_by(self, row: int) -> list[int]:
        """The fewest places to mend, from the road on; empty if it is not cut off, or no mending helps."""
        if self.answer[row] != YES:
            return []
        compound, node = self._pairs
        mine = node[slice(*np.searchsorted(compound, (row, row + 1)))]
        if not len(mine) or not np.isfinite(self.fewest.steps[mine]).any():
            return []
        return list(dict.fromkeys(self.fewest.places_to(int(mine[np.argmin(self.fewest.steps[mine])]))))


def _targets(leads: Leads, owner: Ints, found: Reach, fewest: Fewest, places: Places) -> tuple[Ints, Ints]:
    """(owner, node) of what the leads lead to: the part that an open edge or a near end lies in, or the place that closes the edge."""
    network, edge = found.network, leads.edge
    ends = fewest.label[network.ends[edge]]
    place = places.of_edge[edge]
    nodes = np.where(place >= 0, fewest.component_of_place(0) + place, ends[:, 0])
    rows = [leads.building, leads.building[leads.start], leads.building[leads.end]]
    return owner[np.concatenate(rows)], np.concatenate([nodes, ends[leads.start, 0], ends[leads.end, 1]])


def _cut_off(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    need = need_of(view, parameters)
    revisions = (*limiting.revisions(view), view.layer_revision("compounds"), need)
    found = latest(view, "compounds-cut-off", revisions, lambda _: Compounds(view, need))
    columns: dict[str, Callable[[Ints], NDArray[Any]]] = {
        "value": lambda rows: found.value_m[rows],
        "threshold": lambda rows: np.full(len(rows), need.width_m),
        "unit": lambda rows: filled("m", len(rows)),
        "buildings": lambda rows: found.total[rows].astype(np.float64),
        "buildings_reached": lambda rows: found.reached[rows].astype(np.float64),
        "buildings_unknown": lambda rows: found.unsure[rows].astype(np.float64),
        "free_by": lambda rows: np.array([_listed(found, int(row)) for row in rows], dtype=object),
        "free_by_n": lambda rows: np.array([len(found.free_by(int(row))) or np.nan for row in rows], dtype=np.float64),
    }

    def column(name: str, rows: Ints | None) -> NDArray[Any]:
        wanted = np.arange(found.count) if rows is None else rows
        return columns[name](wanted) if name in columns else _of_routes(found, wanted, lambda w, at: w.column(name, at))

    return Verdicts(
        found.answer,
        column,
        lambda rows, lang: [_why(found, int(row)).of(lang) for row in rows],
        shape=lambda id, rows: _mended(found, rows) if id == "mend" else _of_routes(found, rows, lambda w, at: w.shape(id, at)),
        said={"width": need.width_m, "height": need.height_m},
        store=ways.mended(ways.network(view)),
    )


def _of_routes(found: Compounds, rows: Ints, make: Callable[[Widest, Ints], NDArray[Any]]) -> NDArray[Any]:
    """What `make` gives for the compounds' own routes."""
    parts = [make(widest, np.array([at])) for widest, at in (found.source(int(row)) for row in rows)]
    return np.concatenate(parts) if parts else make(found.lanes, np.zeros(0, dtype=np.int64))


def _listed(found: Compounds, row: int) -> str | None:
    edges = [int(found.places.edge[place]) for place in found.free_by(row)]
    return "；".join(plain_name(found.view, found.buildings.reach, edge) for edge in edges) or None


def _mended(found: Compounds, rows: Ints) -> NDArray[np.object_]:
    """The places to mend as points, in EPSG:4326."""
    out = np.full(len(rows), None, dtype=object)
    for i, row in enumerate(rows):
        edges = [int(found.places.edge[place]) for place in found.free_by(int(row))]
        if edges:
            out[i] = shapely.MultiPoint([where(found.buildings.reach, edge) for edge in edges])
    return stored_shapes(found.view, out)


def _why(found: Compounds, row: int) -> Text:
    need = found.need
    asked = Text(
        f"净宽 {need.width_m:.4g} 米、净高 {need.height_m:.4g} 米", f"clear width {need.width_m:.4g} m and height {need.height_m:.4g} m"
    )
    if found.total[row]:
        counts = _buildings_told(found, row)
    else:
        counts = _lanes_only(found, row)
    place = _narrowest(found, row)
    zh, en = f"{counts.zh}（需{asked.zh}）{place.zh}", f"{counts.en} ({asked.en} needed){place.en}"
    edges = [int(found.places.edge[p]) for p in found.free_by(row)]
    if not edges:
        return Text(zh, en)
    named = [found.buildings.named(edge) for edge in edges]
    return Text(
        f"{zh}。最少整治 {len(edges)} 处：{'；'.join(n.zh for n in named)}",
        f"{en}. Fewest places to mend, {len(edges)}: {'; '.join(n.en for n in named)}",
    )


def _buildings_told(found: Compounds, row: int) -> Text:
    """How many buildings are reached; those at the street, by which a yard is not judged, apart."""
    fronts = int(found.fronts[row])
    all_, there, unsure = int(found.total[row]) - fronts, int(found.reached[row]) - fronts, int(found.unsure[row])
    where = Text("院内 ", "in the yard ") if fronts else Text("", "")
    also = Text(f"；另 {fronts} 栋临街", f"; {fronts} more at the street") if fronts else Text("", "")
    return Text(
        f"{where.zh}{all_} 栋楼中能到 {there} 栋，不明 {unsure} 栋{also.zh}",
        f"{where.en}of {all_} buildings {there} reached, {unsure} not known{also.en}",
    )


def _lanes_only(found: Compounds, row: int) -> Text:
    if found.lanes.state[row] == NO_WAY:
        if found.view.metric("compounds")[row] is None:
            return Text("尚未上图，也没有登记楼栋", "not placed on the map, and no building on record")
        return Text("没有楼栋，附近也没有道路或通道记录", "no building, and no road or lane near it on record")
    words = {YES: ("消防车到不了院内通道", "the engine reaches none of its lanes"), NO: ("消防车能到", "the engine gets there")}
    return Text(*words.get(int(found.answer[row]), ("能否到达不明", "not known whether the engine gets there")))


def _narrowest(found: Compounds, row: int) -> Text:
    widest, at = found.source(row)
    told = widest.told(at)
    if told.at < 0:
        return Text("", "")
    place = widest.named(told.at)
    return Text(f"；最宽路线的最窄处：{place.zh}", f"; narrowest place of the widest route: {place.en}")


COMPOUNDS_CUT_OFF = Question(
    id="compounds-cut-off",
    title=Text("哪些院落消防车进不去", "Compounds cut off"),
    help=Text(
        "所选消防车到不了任何一栋院内楼的院落（临市政道路的楼只在没有别的楼时才算；没有楼栋的看通道），并列出最少要整治哪几处才能进去",
        "compounds of which the chosen engine reaches no building (those at a public road count only where there are no others; without buildings, "
        "no lane), with the fewest places to mend to let it in",
    ),
    subject="compounds",
    reads=("compounds", *READS),
    answer=_cut_off,
    sentence=Text(
        "{total} 个院落：净宽 {width:g} 米的消防车进不去 {yes}，不明 {unknown}",
        "{total} compounds: no way in for an engine that needs {width:g} m {yes}, unknown {unknown}",
    ),
    parameters=(VEHICLE, WIDTH, HEIGHT),
    extra_fields=(
        *BOTTLENECK_FIELDS,
        Field("buildings", "integer", Text("楼栋", "Buildings"), public=True),
        Field("buildings_reached", "integer", Text("能到的楼栋", "Buildings reached"), public=True),
        Field("buildings_unknown", "integer", Text("不明的楼栋", "Buildings not known"), public=True),
        Field("free_by", "text", Text("最少整治处", "Fewest places to mend"), public=True),
        Field("free_by_n", "integer", Text("最少整治处数", "Number of places to mend"), public=True),
    ),
    shapes=(*ROUTE_SHAPES, Shape("mend", Text("整治处", "Places to mend"), "MultiPoint", "#7b3294", 2.0, symbol="治")),
)
