"""`shops-with-lpg-over`: which shops hold more bottled gas than may be kept without a cylinder room, and what is around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.gas import lpg
from geo.questions.declaration import (
    AS_OF,
    BASES,
    GROUP_GAS,
    NA,
    NO,
    UNKNOWN,
    YES,
    Flags,
    Parameter,
    Question,
    Verdicts,
    View,
    filled,
    named,
)
from geo.questions.gas.lpg_shops import READS, LpgShops, closed, lpg_shops
from geo.questions.gas.lpg_words import Said, codes_of
from geo.schema import Choice, Field


def _over(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    shops, shut = lpg_shops(view), closed(view)
    limit = view.profile["lpg_room_kg"] if parameters["kg"] is None else parameters["kg"]
    with np.errstate(invalid="ignore"):
        answer = np.where(np.isnan(shops.kg), UNKNOWN, np.where(shops.kg > limit, YES, NO)).astype(np.int8)
    answer[(shops.uses == lpg.NO) | shut] = NA
    table = _Table(view, shops, shut, answer, float(limit))
    return Verdicts(answer, table.column, table.why, said={"kg": limit}, summary=table.summary)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The other fields of the answers and their sentences, made when asked for."""

    view: View
    shops: LpgShops
    shut: Flags
    answer: NDArray[np.int8]
    limit: float

    def column(self, name: str, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        shops, there = self.shops, self.answer != NA
        held = np.where(there, shops.kg, np.nan)
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: held,
            "threshold": lambda: np.where(there, self.limit, np.nan),
            "unit": lambda: filled("kg", len(held)),
            "basis": lambda: named(np.where(np.isnan(held), -1, BASES.index("declared")), BASES),
            "re_measure": lambda: filled(False, len(held)),
            "bottle_room": lambda: named(np.where(there, shops.room, -1), _WORDS),
            "below_ground": lambda: named(np.where(there, shops.below, -1), _WORDS),
            "with_dwellings": lambda: named(np.where(there, shops.dwellings, -1), _WORDS),
            "dwelling_m": lambda: np.where(there, shops.dwelling_m, np.nan),
            "dwelling": lambda: codes_of(self.view, "buildings", np.where(there, shops.dwelling, -1)),
        }
        return made[name]()[slice(None) if rows is None else rows]

    def summary(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        """Of these shops: the kilograms on record, and how many with bottled gas lie below ground or have dwellings above."""
        using = rows[(self.answer[rows] != NA) & (self.shops.uses[rows] == lpg.YES)]
        return {
            "kg_held": float(np.round(np.nansum(self.shops.kg[using]), 1)),
            "with_lpg": len(using),
            "below_ground": int(np.count_nonzero(self.shops.below[using] == lpg.YES)),
            "with_dwellings": int(np.count_nonzero(self.shops.dwellings[using] == lpg.YES)),
        }

    def why(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        said = Said(self.view, self.shops)
        return [self._why(said, row).of(lang) for row in rows.tolist()]

    def _why(self, said: Said, row: int) -> Text:
        if self.answer[row] == NA:
            return said.closed(row) if self.shut[row] else said.no_lpg(row)
        return said.joined(said.held(row, self.limit), said.room(row), said.below(row), said.dwellings(row))


_WORDS = ("yes", "no", "unknown")
_CHOICES = (Choice("yes", Text("是", "yes")), Choice("no", Text("否", "no")), Choice("unknown", Text("不明", "unknown")))
_KILOGRAMS, _METRES = Text("公斤", "kg"), Text("米", "m")

SHOPS_WITH_LPG_OVER = Question(
    id="shops-with-lpg-over",
    title=Text("哪些商户存液化气超量", "Shops with much bottled gas"),
    help=Text(
        "登记的液化气公斤数大于界限；只登记了瓶数而没有公斤数的不明；同时列出有没有气瓶间、是否在地下、与住宅是否同楼",
        "kilograms of LPG on record above the limit; unknown where only the number of bottles is on record; with the cylinder room, the floor below ground "
        "and the dwellings in the same building",
    ),
    subject="shops",
    group=GROUP_GAS,
    internal=True,  # small shops named as hazards are often families
    reads=READS,
    answer=_over,
    sentence=Text("{total} 家商户：存液化气大于 {kg:g} 公斤 {yes}，不明 {unknown}", "{total} shops: more than {kg:g} kg of LPG {yes}, unknown {unknown}"),
    parameters=(
        Parameter("kg", "number", None, Text("公斤数", "Kilograms"), unit=_KILOGRAMS, above=0.0, maximum=100_000.0, figure="lpg_room_kg"),
        AS_OF,
    ),
    extra_fields=(
        Field("bottle_room", "choice", Text("有气瓶间", "Has a cylinder room"), choices=_CHOICES),
        Field("below_ground", "choice", Text("在地下或半地下", "Below ground"), choices=_CHOICES),
        Field("with_dwellings", "choice", Text("与住宅同楼", "With dwellings in the building"), choices=_CHOICES),
        Field("dwelling_m", "number", Text("离住宅", "Distance to dwellings"), unit=_METRES),
        Field("dwelling", "text", Text("最近的住宅楼", "Nearest dwellings")),
    ),
)  # fmt: skip
