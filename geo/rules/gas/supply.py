"""Rules on piped gas in compounds: whether all households have it, and where its risers run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.gas import lpg
from geo.gas import status as gas
from geo.gas.attach import usable
from geo.gas.buildings import Records
from geo.profile import SEVERITIES
from geo.questions.columns import numbers, texts
from geo.questions.declaration import BASES, Flags, View
from geo.questions.gas.buildings_without_gas import compounds_of
from geo.questions.gas.lpg_shops import closed, lpg_shops
from geo.questions.gas.records import coverage, judged, statuses
from geo.questions.gas.without_gas import COMPOUNDS_WITHOUT_GAS
from geo.questions.naming import names
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Judgement, Rows, Rule, limit, nothing
from geo.rules.gas.lacking import Lacking

Codes = NDArray[np.int8]

_DECLARED, _INFERRED = BASES.index("declared"), BASES.index("inferred")

SUPPLY_READS = ("compounds", "gas_areas", "shops", "buildings")


def _supply(view: View) -> Judgement:
    """GA-01. A service area alone tells that there is no gas, never that all households have it."""
    frame, cover = view.frame("compounds"), coverage(view, "compounds")
    state = judged(view, "compounds", cover, infer=True)
    status, connected, households = statuses(view, "compounds"), numbers(frame, "gas_households"), numbers(frame, "households")
    result = np.full(len(status), UNKNOWN, dtype=np.int8)
    result[Records(state, status, connected, households).full & ~state.inferred] = PASS
    result[state.partial | (state.supply == gas.WITHOUT)] = FAIL
    result[state.supply == gas.NOT_APPLICABLE] = NA
    lacking = Lacking(len(status))
    counted = (result == UNKNOWN) & ~np.isnan(connected)
    lacking.add("compounds", "households", counted)
    lacking.add("compounds", "gas_status", (result == UNKNOWN) & ~counted)
    bottled, owners = _bottled(view)
    share = np.where(state.inferred | (result == NA), np.nan, np.round(100 * gas.connected_share(status, connected, households), 3))
    shops, areas = _Owned("shops", owners), [("gas_areas", area) for area in range(len(view.frame("gas_areas")))]
    answer = COMPOUNDS_WITHOUT_GAS.answer(view, {"partial": True, "infer": True})

    def why(rows: Rows, lang: str) -> list[str]:
        said = [_supply_words(int(result[row]), bool(state.partial[row]), bool(state.inferred[row]), bool(bottled[row])) for row in rows]
        return [_joined(lang, first, more) for first, more in zip(answer.why(rows, lang), said, strict=True)]

    return Judgement(
        result=result,
        measured=share,
        threshold=np.where(result == NA, np.nan, limit(len(status), 100.0)),
        basis=np.where((result == NA) | (result == UNKNOWN), -1, np.where(state.inferred, _INFERRED, _DECLARED)).astype(np.int8),
        why=why,
        lacks=lacking.lacks(),
        involved=lambda rows: [[*shops.of(row), *(areas if state.inferred[row] else ())] for row in rows.tolist()],
        severity=np.where(bottled, SEVERITIES.index("high"), -1).astype(np.int8),
    )


def _supply_words(result: int, partly: bool, inferred: bool, bottled: bool) -> list[Text]:
    said = []
    if result == FAIL:
        said.append(Text("只是部分通气", "only partly connected") if partly else Text("没有管道燃气", "no piped gas"))
        if bottled:
            said.append(Text("院内有瓶装液化气", "bottled gas is used in it"))
    elif result == UNKNOWN and inferred:
        said.append(
            Text(
                "服务范围不等于已通气的户，是否全部通气不明",
                "an area is not the same as connected households: whether all have gas is not known",
            )
        )
    elif result == UNKNOWN:
        said.append(Text("是否全部通气不明", "whether all households have gas is not known"))
    return said


def _joined(lang: str, first: str, more: list[Text]) -> str:
    return ("；" if lang == "zh" else "; ").join((first, *(text.of(lang) for text in more)))


def _bottled(view: View) -> tuple[Flags, Rows]:
    """Compounds with bottled gas on record, by their own figures or in a shop; and the compound of each such shop, -1 = none."""
    frame, owners = view.frame("compounds"), _owners(view)
    found = texts(frame, "gas_type") == "bottled"
    with np.errstate(invalid="ignore"):
        for name in ("lpg_households", "lpg_shops", "lpg_kg_max"):
            found = found | (numbers(frame, name) > 0)
    found[owners[owners >= 0]] = True
    return np.asarray(found, dtype=bool), owners


def _owners(view: View) -> Rows:
    """The compound of each shop with bottled gas: the one it names, else the one it lies in; -1 for other shops and outside."""
    shops = lpg_shops(view)
    using = (shops.uses == lpg.YES) & ~closed(view)
    owner = np.where(using, _row_of(texts(view.frame("compounds"), "code"), texts(view.frame("shops"), "compound_code")), -1)
    rows = np.flatnonzero(using & (owner < 0) & shops.placed)
    if len(rows):
        points = shapely.point_on_surface(view.metric("shops")[rows])
        at, compound = view.tree("compounds").query(points, predicate="intersects")
        owner[rows[at]] = compound
    return np.asarray(owner, dtype=np.int64)


def _row_of(codes: NDArray[np.object_], given: NDArray[np.object_]) -> Rows:
    """The row with each code, -1 for none and for one that stands twice."""
    index = pd.Index(codes)
    once = np.flatnonzero(~np.asarray(index.duplicated(keep=False) | index.isna(), dtype=bool))
    return np.asarray(np.append(once, -1)[index[once].get_indexer(pd.Index(given))], dtype=np.int64)


class _Owned:
    """Which rows of a layer belong to which compound, told without a search through all of them for every compound."""

    def __init__(self, layer: str, owners: Rows) -> None:
        self.layer, self.order = layer, np.argsort(owners, kind="stable")
        self.sorted = owners[self.order]

    def of(self, row: int) -> list[tuple[str, int]]:
        first, end = np.searchsorted(self.sorted, (row, row + 1))
        return [(self.layer, member) for member in self.order[first:end].tolist()]


# risers -------------------------------------------------------------------------------------------------------------------------

BAD_POSITIONS = ("bathroom", "bedroom")
_GOOD_POSITIONS = ("outer_wall", "kitchen", "stairwell", "other")
_POSITIONS = {"bathroom": Text("卫生间", "the bathroom"), "bedroom": Text("卧室", "a bedroom")}


def _risers(view: View) -> Judgement:
    """GA-13, of a compound by its own record and those of its buildings: one riser in a bathroom is enough."""
    own, theirs = (_positions(texts(view.frame(layer), "riser_position")) for layer in ("compounds", "buildings"))
    supply = judged(view, "compounds", None, infer=False).supply
    of = compounds_of(view)
    bad, good, all_ = (np.bincount(of[(of >= 0) & chosen], minlength=len(own)) for chosen in (theirs == 1, theirs == 0, theirs > -9))
    result = np.full(len(own), UNKNOWN, dtype=np.int8)
    result[np.isin(supply, (gas.WITHOUT, gas.NOT_APPLICABLE))] = NA
    result[(own == 0) | ((all_ > 0) & (good == all_))] = PASS
    result[(own == 1) | (bad > 0)] = FAIL
    lacking = Lacking(len(own))
    lacking.add("compounds", "riser_position", result == UNKNOWN)
    buildings, owned = _grouped(of, theirs == 1), _Owned("buildings", of)

    def why(rows: Rows, lang: str) -> list[str]:
        return [_riser_words(view, int(row), int(result[row]), int(own[row]), buildings.get(int(row), [])).of(lang) for row in rows]

    def where(rows: Rows) -> NDArray[np.object_]:
        points, shapes = np.full(len(rows), None, dtype=object), view.metric("buildings")
        for at, row in enumerate(rows.tolist()):
            placed = [b for b in buildings.get(row, []) if usable(shapes[b : b + 1]).all()]
            points[at] = shapely.point_on_surface(shapes[placed[0]]) if placed else None
        return points

    return Judgement(
        result=result,
        measured=nothing(len(own)),
        threshold=nothing(len(own)),
        basis=np.where((result == PASS) | (result == FAIL), _DECLARED, -1).astype(np.int8),
        why=why,
        where=where,
        lacks=lacking.lacks(),
        involved=lambda rows: [owned.of(row) for row in rows.tolist()],
    )


def _positions(said: NDArray[np.object_]) -> Codes:
    """1 in a bathroom or bedroom, 0 elsewhere, -1 where it is not on record."""
    words = said.astype(str)
    return np.select([np.isin(words, BAD_POSITIONS), np.isin(words, _GOOD_POSITIONS)], [1, 0], -1).astype(np.int8)


def _grouped(of: Rows, chosen: Flags) -> dict[int, list[int]]:
    groups: dict[int, list[int]] = {}
    for building in np.flatnonzero(chosen & (of >= 0)).tolist():
        groups.setdefault(int(of[building]), []).append(building)
    return groups


_NAMED = 3
"""So many buildings are named in a sentence."""


def _riser_words(view: View, row: int, result: int, own: int, buildings: list[int]) -> Text:
    if result == NA:
        return Text("没有管道燃气，没有立管", "no piped gas, so no riser")
    if result == UNKNOWN:
        return Text("立管位置没有登记", "where its risers run is not on record")
    if result == PASS:
        return Text("登记的立管都不在卫生间、卧室", "no riser on record runs in a bathroom or bedroom")
    said = []
    if own == 1:
        room = _POSITIONS[str(texts(view.frame("compounds"), "riser_position")[row])]
        said.append(Text(f"院落登记立管在{room.zh}", f"the compound's risers are on record in {room.en}"))
    if buildings:
        called = names(view, "buildings").name[buildings[:_NAMED]]
        zh, en = "、".join(f"“{n}”" for n in called), ", ".join(f"'{n}'" for n in called)
        more = (f"等 {len(buildings)} 栋", f" and {len(buildings) - _NAMED} more") if len(buildings) > _NAMED else ("", "")
        said.append(Text(f"楼栋{zh}{more[0]}登记立管在卫生间或卧室", f"risers of {en}{more[1]} are on record in a bathroom or bedroom"))
    return Text("；".join(t.zh for t in said), "; ".join(t.en for t in said))


SUPPLY = Rule(
    "GA-01",
    301,
    Text("未通或部分通气", "No piped gas, or only partly"),
    "compounds",
    SUPPLY_READS,
    _supply,
    unit=Text("%", "%"),
    dated=True,
)
RISERS = Rule(
    "GA-13",
    313,
    Text("立管在卫生间、卧室", "Riser in a bathroom or bedroom"),
    "compounds",
    ("compounds", "buildings"),
    _risers,
    internal=True,
)
