"""What is said of bottled gas in a shop: whether there is any, how much, with what around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.gas.lpg import NO, UNKNOWN, YES
from geo.questions.columns import numbers, texts
from geo.questions.declaration import View
from geo.questions.gas.lpg_shops import BESIDE_M, LpgShops
from geo.questions.naming import names

_FUELS = {
    "piped": Text("登记用管道天然气", "piped gas on record"),
    "electric": Text("登记用电", "electric on record"),
    "alcohol": Text("登记用醇基燃料", "alcohol fuel on record"),
    "none": Text("登记不用火", "no fire used on record"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Sentences about the shops of a view."""

    view: View
    shops: LpgShops

    def joined(self, *parts: Text | None) -> Text:
        said = [part for part in parts if part is not None]
        return Text("；".join(p.zh for p in said), "; ".join(p.en for p in said))

    def no_lpg(self, row: int) -> Text:
        fuel = self._text("fuel", row)
        if fuel in _FUELS:
            return self.joined(_FUELS[str(fuel)], Text("不存瓶装液化气", "no bottled gas held"))
        return Text("登记不存瓶装液化气", "no bottled gas held, on record")

    def closed(self, row: int) -> Text:
        day = str(self._text("closed_on", row))
        return Text(f"已于 {day} 停业", f"closed down on {day}")

    def held(self, row: int, limit: float) -> Text:
        """The kilograms against a limit, or what is missing."""
        kg = float(self.shops.kg[row])
        if np.isnan(kg):
            return self.not_weighed(row)
        if kg > limit:
            return Text(f"登记存液化气 {kg:g} 公斤，大于 {limit:g} 公斤", f"{kg:g} kg of LPG on record, more than {limit:g} kg")
        return Text(f"登记存液化气 {kg:g} 公斤，不超过 {limit:g} 公斤", f"{kg:g} kg of LPG on record, not more than {limit:g} kg")

    def not_weighed(self, row: int) -> Text:
        if self.shops.uses[row] == UNKNOWN:
            return Text("用不用瓶装液化气、存多少都没有登记", "whether bottled gas is used, and how much, is not on record")
        frame = self.view.frame("shops")
        bottles = float(numbers(frame, "lpg_bottles_n")[row])
        if numbers(frame, "lpg_kg")[row] == 0:
            return Text(
                "登记存液化气 0 公斤，与用瓶装液化气的登记矛盾，公斤数不明",
                "0 kg of LPG on record, which contradicts that bottled gas is used: the kilograms are not known",
            )
        if bottles > 0:
            return Text(
                f"登记有 {bottles:.0f} 个气瓶，每瓶多重没有登记，公斤数不明",
                f"{bottles:.0f} bottles on record, but not what one weighs: the kilograms are not known",
            )
        return Text("用瓶装液化气，存多少没有登记", "bottled gas is used, how much is not on record")

    def room(self, row: int) -> Text:
        return (
            Text("有气瓶间", "has a cylinder room"),
            Text("没有气瓶间", "has no cylinder room"),
            Text("有没有气瓶间没有登记", "whether it has a cylinder room is not on record"),
        )[self.shops.room[row]]

    def below(self, row: int) -> Text:
        if self.shops.below[row] == UNKNOWN:
            return Text("在哪一层没有登记", "which floor it is on is not on record")
        floor = str(self._text("floor", row)).strip()[:40]
        if self.shops.below[row] == YES:
            return Text(f"在地下或半地下（登记为“{floor}”）", f"in a basement or semi-basement (recorded as '{floor}')")
        return Text(f"不在地下（登记为“{floor}”）", f"not below ground (recorded as '{floor}')")

    def dwellings(self, row: int) -> Text:
        shops = self.shops
        if shops.sleeps[row] == YES:
            return Text("店内登记有人住宿", "people sleep in the shop, on record")
        building = shops.building[row]
        if building >= 0:
            name = self.building(building)
            return (
                Text(f"与住宅同在{name.zh}", f"in {name.en}, in which people live"),
                Text(f"所在{name.zh}没有住宅{self._nearest(row).zh}", f"nobody lives in its {name.en}{self._nearest(row).en}"),
                Text(f"所在{name.zh}有没有住户没有登记", f"whether people live in its {name.en} is not on record"),
            )[shops.dwellings[row]]
        if shops.dwellings[row] == NO:
            near = self._nearest(row)
            return Text(f"{BESIDE_M:g} 米内没有住宅楼{near.zh}", f"no dwellings within {BESIDE_M:g} m{near.en}")
        return Text("在哪一栋楼没有登记，与住宅是否同楼不明", "its building is not on record: whether people live in it is not known")

    def _nearest(self, row: int) -> Text:
        away = float(self.shops.dwelling_m[row])
        if np.isnan(away):
            return Text("", "")
        name = self.building(self.shops.dwelling[row])
        return Text(f"，最近的是{name.zh}，{away:g} 米", f", the nearest are in {name.en}, {away:g} m away")

    def building(self, row: int) -> Text:
        name = names(self.view, "buildings").name[row]
        return Text(f"楼栋“{name}”", f"building '{name}'")

    def _text(self, field: str, row: int) -> object:
        return texts(self.view.frame("shops"), field)[row]


def codes_of(view: View, layer: str, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    """The codes of some rows of a layer, None for -1."""
    return np.append(texts(view.frame(layer), "code"), np.array([None], dtype=object))[rows]
