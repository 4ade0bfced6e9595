"""Rules on bottled gas in shops: cylinder rooms, basements, high-rises, dwellings in the same building.

What makes a shop fail is the weakest record that does; what cannot be told for want of one is open, with that record named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.gas import lpg
from geo.gas.attach import usable
from geo.questions.columns import numbers, texts
from geo.questions.declaration import BASES, Flags, View
from geo.questions.gas.lpg_shops import BESIDE_M, READS, LpgShops, closed, dwellings_of, lpg_shops
from geo.questions.gas.lpg_words import Said
from geo.rules.declaration import FAIL, NA, PASS, UNKNOWN, Floats, Judgement, Rows, Rule, limit, nothing
from geo.rules.gas.lacking import Lacking

Codes = NDArray[np.int8]

_DECLARED, _MEASURED, _INFERRED = (BASES.index(name) for name in ("declared", "measured", "inferred"))
_YES, _NO, _NOT_KNOWN = lpg.YES, lpg.NO, lpg.UNKNOWN

EXTINGUISHERS = 2
"""At least so many stand in a cylinder room (each of 8 kg, which is on record nowhere)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The shops with what all these rules look at; `out`: has no bottled gas for sure, or has closed down."""

    view: View
    shops: LpgShops
    shut: Flags
    out: Flags
    said: Said

    def judgement(
        self,
        result: Codes,
        measured: Floats,
        threshold: Floats,
        lacking: Lacking,
        words: Callable[[int], Text],
        *,
        basis: int | NDArray[np.int64] = _DECLARED,
    ) -> Judgement:
        building = self.shops.building

        def why(rows: Rows, lang: str) -> list[str]:
            return [(self.not_concerned(row) if self.out[row] else words(row)).of(lang) for row in rows.tolist()]

        return Judgement(
            result=result,
            measured=np.where(result == NA, np.nan, measured),
            threshold=np.where(result == NA, np.nan, threshold),
            basis=np.where((result == NA) | (result == UNKNOWN), -1, basis).astype(np.int8),
            why=why,
            where=lambda rows: _buildings_points(self.view, self.shops, rows),
            lacks=lacking.lacks(),
            involved=lambda rows: [[("buildings", int(b)) for b in {building[r], self.shops.dwelling[r]} if b >= 0] for r in rows],
        )

    def not_concerned(self, row: int) -> Text:
        return self.said.closed(row) if self.shut[row] else self.said.no_lpg(row)

    def unknown_use(self, lacking: Lacking, open_: Flags) -> None:
        """Where nothing of bottled gas is on record, the fuel would settle it."""
        lacking.add("shops", "fuel", open_ & (self.shops.uses == _NOT_KNOWN))


def _scene(view: View) -> _Scene:
    shops, shut = lpg_shops(view), closed(view)
    return _Scene(view, shops, shut, (shops.uses == _NO) | shut, Said(view, shops))


def _buildings_points(view: View, shops: LpgShops, rows: Rows) -> NDArray[np.object_]:
    """A point in the building of a shop that has no place of its own."""
    points, building = np.full(len(rows), None, dtype=object), shops.building[rows]
    shapes = view.metric("buildings")
    at = np.flatnonzero((building >= 0) & ~shops.placed[rows])
    at = at[usable(shapes[building[at]])]
    points[at] = shapely.point_on_surface(shapes[building[at]])
    return points


# cylinder rooms -----------------------------------------------------------------------------------------------------------------


def _room(view: View) -> Judgement:
    """GA-08: more than so much, and no room for it. Exactly so much needs none."""
    scene, most = _scene(view), view.profile["lpg_room_kg"]
    shops = scene.shops
    with np.errstate(invalid="ignore"):
        over, under = shops.kg > most, shops.kg <= most
    result = np.full(len(over), UNKNOWN, dtype=np.int8)
    result[under | (shops.room == _YES)] = PASS
    result[over & (shops.room == _NO)] = FAIL
    result[scene.out] = NA
    lacking, open_ = Lacking(len(result)), result == UNKNOWN
    scene.unknown_use(lacking, open_)
    lacking.add("shops", "has_bottle_room", open_ & over)
    lacking.add("shops", "lpg_kg", open_)

    def words(row: int) -> Text:
        held = scene.said.held(row, most)
        if under[row]:
            return scene.said.joined(held, Text("不要求气瓶间", "no cylinder room is asked for"))
        return scene.said.joined(held, scene.said.room(row))

    return scene.judgement(result, shops.kg, limit(len(result), most), lacking, words)


def _room_kind(view: View) -> Judgement:
    """GA-09, of shops with a cylinder room. Where the room stands, and how it is built, is on record nowhere: it can fail, but not pass."""
    scene, room_kg, most = _scene(view), view.profile["lpg_room_kg"], view.profile["lpg_detached_kg"]
    shops, frame = scene.shops, view.frame("shops")
    alarm, extinguishers = texts(frame, "gas_alarm"), numbers(frame, "extinguishers_n")
    with np.errstate(invalid="ignore"):
        few = extinguishers < EXTINGUISHERS
        over, small = shops.kg > most, shops.kg <= room_kg
    result = np.where((alarm == "no") | few, FAIL, UNKNOWN).astype(np.int8)
    result[np.isnan(shops.kg) | (shops.room == _NOT_KNOWN)] = UNKNOWN
    result[scene.out | small | (shops.room == _NO)] = NA
    lacking, open_ = Lacking(len(result)), result == UNKNOWN
    scene.unknown_use(lacking, open_)
    lacking.add("shops", "lpg_kg", open_ & np.isnan(shops.kg))
    lacking.add("shops", "has_bottle_room", open_ & (shops.room == _NOT_KNOWN))
    lacking.add("shops", "gas_alarm", open_ & (alarm != "yes"))
    lacking.add("shops", "extinguishers_n", open_ & np.isnan(extinguishers))

    def words(row: int) -> Text:
        if shops.room[row] == _NO:
            return Text("没有气瓶间，谈不上形式", "has no cylinder room to speak of")
        held = scene.said.held(row, room_kg if small[row] else most)
        if small[row]:
            return scene.said.joined(held, Text("不要求气瓶间", "no cylinder room is asked for"))
        if np.isnan(shops.kg[row]) or shops.room[row] == _NOT_KNOWN:
            return scene.said.joined(held, scene.said.room(row))
        missing = [
            Text("没有燃气报警器", "has no gas alarm") if alarm[row] == "no" else None,
            Text(f"只有 {extinguishers[row]:.0f} 具灭火器，少于 {EXTINGUISHERS} 具", f"has {extinguishers[row]:.0f} extinguishers, fewer than {EXTINGUISHERS}")
            if few[row]
            else None,
        ]  # fmt: skip
        return scene.said.joined(held, *missing, *([] if any(missing) else [_kind_words(bool(over[row]))]))

    threshold = np.where(result == FAIL, np.nan, most)  # what fails is an alarm or extinguishers, not the kilograms
    return scene.judgement(result, shops.kg, threshold, lacking, words)


def _kind_words(detached: bool) -> Text:
    if detached:
        return Text(
            "气瓶间须独立设置、离其他民用建筑不小于 10 米，其位置没有登记",
            "its cylinder room must be detached and at least 10 m from other civil buildings; where it stands is not on record",
        )
    return Text(
        "气瓶间可为毗连的单层专用房间，其形式没有登记",
        "its cylinder room may be an adjacent single-storey room of its own; how it is built is not on record",
    )


# where bottled gas must not be --------------------------------------------------------------------------------------------------


def _forbidden(view: View) -> Judgement:
    """GA-10: below ground, or in a high-rise, of dwellings or not (by its height, else by its floors)."""
    scene = _scene(view)
    shops, found = scene.shops, _high_rises(view)
    tall = _tall(view, shops, found)
    height, most, by_floors = found.height_m[shops.building], found.over_m[shops.building], found.by_floors[shops.building]
    result = np.full(len(tall), UNKNOWN, dtype=np.int8)
    result[(shops.below == _NO) & (tall == _NO)] = PASS
    result[((shops.below == _YES) | (tall == _YES)) & (shops.uses == _YES)] = FAIL
    result[scene.out] = NA
    lacking, open_ = Lacking(len(result)), result == UNKNOWN
    scene.unknown_use(lacking, open_ & ((shops.below == _YES) | (tall == _YES)))
    lacking.add("shops", "floor", open_ & (shops.below == _NOT_KNOWN))
    nowhere = open_ & (shops.building < 0)
    lacking.add("shops", "building_code", nowhere)
    lacking.add("buildings", "height_m", open_ & np.isnan(height), shops.building)
    lacking.add("buildings", "use", open_, shops.building)

    def words(row: int) -> Text:
        use = None if shops.uses[row] == _YES else Text("用不用瓶装液化气没有登记", "whether bottled gas is used is not on record")
        return scene.said.joined(use, scene.said.below(row), _tall_words(scene, row, int(tall[row]), found))

    height_told = np.where((shops.below == _YES) & (tall != _YES), np.nan, height)
    return scene.judgement(
        result,
        height_told,
        np.where(np.isnan(height_told), np.nan, most),
        lacking,
        words,
        basis=np.where(by_floors & ~np.isnan(height_told), _INFERRED, _DECLARED),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _HighRises:
    """A value a building, and one for none at the end. `tall`: it is a high-rise, `height_m` (NaN = not on record), whether that is `by_floors`, and the
    height that it would be one `over_m`."""

    tall: Codes
    height_m: Floats
    by_floors: Flags
    over_m: Floats


def _high_rises(view: View) -> _HighRises:
    """Dwellings are high-rise from one height on, other buildings of more than one storey from another."""
    frame, living, profile = view.frame("buildings"), dwellings_of(view), view.profile
    dwelling_m, other_m = profile["high_rise_m"], profile["high_rise_other_m"]
    said, floors = numbers(frame, "height_m"), numbers(frame, "floors")
    height = lpg.height_by_floors(said, floors, profile["storey_m"])
    over = np.select([living == _YES, living == _NO], [dwelling_m, other_m], np.where(height > other_m, dwelling_m, other_m))
    with np.errstate(invalid="ignore"):
        high, low = height > np.where(living == _NOT_KNOWN, max(dwelling_m, other_m), over), height <= over
    low = (low & ((living != _NOT_KNOWN) | (height <= min(dwelling_m, other_m)))) | ((living == _NO) & (floors == 1))
    tall = np.select([low, high], [_NO, _YES], _NOT_KNOWN)
    return _HighRises(
        np.append(tall, _NOT_KNOWN).astype(np.int8), np.append(height, np.nan), np.append(~np.isnan(height) & ~(said > 0), False), np.append(over, np.nan)
    )  # fmt: skip


def _tall(view: View, shops: LpgShops, found: _HighRises) -> Codes:
    """Whether each shop is in a high-rise. One in no building on record is not where no building stands near that has dwellings or may be a high-rise."""
    tall = found.tall[shops.building]
    lone = np.flatnonzero((shops.building < 0) & (shops.dwellings == _NO) & shops.placed)
    at, building = view.tree("buildings").query(view.metric("shops")[lone], predicate="dwithin", distance=BESIDE_M)
    beside = np.bincount(at[found.tall[building] != _NO], minlength=len(lone)) > 0
    tall[lone[~beside]] = _NO
    return tall


def _tall_words(scene: _Scene, row: int, tall: int, found: _HighRises) -> Text:
    building = int(scene.shops.building[row])
    if building < 0 and tall == _NO:
        return scene.said.dwellings(row)
    if building < 0:
        return Text("在哪一栋楼没有登记，是否高层不明", "its building is not on record: whether it is a high-rise is not known")
    name, living = scene.said.building(building), dwellings_of(scene.view)[building]
    height, most = float(found.height_m[building]), float(found.over_m[building])
    if np.isnan(height):
        return Text(
            f"所在{name.zh}高度、层数没有登记，是否高层不明",
            f"neither height nor floors of {name.en} are on record: whether it is a high-rise is not known",
        )
    guessed = Text("（按层数推定）", " (by its floors)") if found.by_floors[building] else Text("", "")
    high = Text(f"所在{name.zh}高 {height:g} 米{guessed.zh}", f"in {name.en}, {height:g} m high{guessed.en}")
    if tall == _NOT_KNOWN:
        return Text(
            f"{high.zh}，是否住宅没有登记，是否高层不明",
            f"{high.en}: whether people live in it, and so whether it is a high-rise, is not known",
        )
    kind = (
        Text("住宅", "dwellings")
        if living == _YES
        else Text("建筑", "not dwellings")
        if living == _NO
        else Text("建筑", "whatever its use")
    )
    if tall == _YES:
        return Text(f"{high.zh}，大于 {most:g} 米，属高层{kind.zh}", f"{high.en}, over {most:g} m: a high-rise ({kind.en})")
    if height > most:
        return Text(f"{high.zh}，没有住宅，只有一层，不属高层建筑", f"{high.en}, nobody lives in it and it has one storey: no high-rise")
    return Text(f"{high.zh}，不超过 {most:g} 米", f"{high.en}, not over {most:g} m")


def _with_dwellings(view: View) -> Judgement:
    """GA-12. Only suspected: whether a shop counts as a place of flammables, and what follows, is for people to determine. That it stands apart, but
    at less than three quarters of the distance it has to keep, is not looked at: no such distance is on record."""
    scene = _scene(view)
    shops = scene.shops
    result = np.full(len(shops.uses), UNKNOWN, dtype=np.int8)
    result[shops.dwellings == _NO] = PASS
    result[(shops.dwellings == _YES) & (shops.uses == _YES)] = FAIL
    result[scene.out] = NA
    lacking, open_ = Lacking(len(result)), result == UNKNOWN
    scene.unknown_use(lacking, open_ & (shops.dwellings == _YES))
    lacking.add("buildings", "use", open_ & (shops.building >= 0), shops.building)
    lacking.add("shops", "building_code", open_)

    def words(row: int) -> Text:
        if result[row] == FAIL:
            refer = Text(
                "疑似易燃易爆场所与居住场所合用，提请核定",
                "suspected place of flammables combined with dwellings: refer it to those who determine it",
            )
            return scene.said.joined(Text("用瓶装液化气", "bottled gas is used"), scene.said.dwellings(row), refer)
        use = None if shops.uses[row] == _YES else Text("用不用瓶装液化气没有登记", "whether bottled gas is used is not on record")
        return scene.said.joined(use, scene.said.dwellings(row))

    return scene.judgement(
        result, shops.dwelling_m, nothing(len(result)), lacking, words, basis=np.where(shops.building >= 0, _DECLARED, _MEASURED)
    )


_IN_SHOPS = partial(Rule, subject="shops", reads=READS, dated=True, internal=True)
_KILOGRAMS, _METRES = Text("公斤", "kg"), Text("米", "m")

ROOM = _IN_SHOPS(
    "GA-08", 308, Text("存液化气而无气瓶间", "Bottled gas without a cylinder room"), judge=_room, unit=_KILOGRAMS, figures=("lpg_room_kg",)
)
ROOM_KIND = _IN_SHOPS(
    "GA-09", 309, Text("气瓶间形式", "Kind of cylinder room"), judge=_room_kind, unit=_KILOGRAMS, figures=("lpg_room_kg", "lpg_detached_kg")
)
FORBIDDEN = _IN_SHOPS(
    "GA-10",
    310,
    Text("地下、高层用液化气", "Bottled gas below ground or in a high-rise"),
    judge=_forbidden,
    unit=_METRES,
    figures=("high_rise_m", "high_rise_other_m", "storey_m"),
)
WITH_DWELLINGS = _IN_SHOPS(
    "GA-12", 312, Text("液化气与住宅同楼", "Bottled gas in a building with dwellings"), judge=_with_dwellings, unit=_METRES
)
