"""`gas-connections`: the shortest new gas pipe to each compound without gas, what it costs and how many households it serves a metre."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE, transform_xy
from geo.errors import Text
from geo.gas import connections as pipes
from geo.gas import status as gas
from geo.profile import Price
from geo.questions.columns import numbers
from geo.questions.declaration import (
    BASES,
    GROUP_GAS,
    NA,
    NO,
    UNKNOWN,
    YES,
    Flags,
    Floats,
    Parameter,
    Question,
    Shape,
    Verdicts,
    View,
    filled,
    named,
)
from geo.questions.gas import new_pipes as gas_pipes
from geo.questions.gas import records as gas_records
from geo.questions.gas.pipe_words import NO_WAY, cost, metres
from geo.schema import Field

_DECLARED, _MEASURED, _INFERRED = (BASES.index(b) for b in ("declared", "measured", "inferred"))


def _gas_connections(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    laid = gas_pipes.laid(view)
    state = gas_records.judged(view, "compounds", gas_records.coverage(view, "compounds"), infer=True)
    wanted = (state.supply == gas.WITHOUT) | (state.partial & (state.supply == gas.CONNECTED) & parameters["partial"])
    limit = math.inf if parameters["distance"] is None else float(parameters["distance"])
    length = np.round(laid.pipes.length_m, 2)
    answer = _answers(laid, state, wanted, length, limit)
    trunk = pipes.together(laid.pipes, answer == YES) if parameters["together"] else None
    value = np.where(wanted & (laid.placed > 0), length, np.nan)
    if trunk is not None:
        value = np.where(answer == YES, np.round(trunk.share_m, 2), value)
    households = _unconnected(view, state)
    table = _Table(view, laid, state, answer, wanted, value, length, households, limit, trunk)
    return Verdicts(answer, table.column, table.why, table.shape, summary=table.summary, store=table.store())


def _answers(laid: gas_pipes.Laid, state: gas.GasState, wanted: Flags, length: Floats, limit: float) -> NDArray[np.int8]:
    """All columns in the order of the compounds; a NaN length answers by its reason."""
    reason = laid.pipes.reason
    answer = np.full(len(length), NA, dtype=np.int8)
    answer[state.supply == gas.UNKNOWN] = UNKNOWN
    untold = np.isin(reason, (pipes.UNPLACED, pipes.NO_NETWORK, pipes.TOO_MUCH)) | (laid.placed == 0)
    with np.errstate(invalid="ignore"):
        answer[wanted] = np.where(untold, UNKNOWN, np.where(length <= limit, YES, NO))[wanted]
    return answer


def _unconnected(view: View, state: gas.GasState) -> Floats:
    """Households that a new pipe would serve: all that have no gas, NaN where their number is not known."""
    frame = view.frame("compounds")
    households, connected = numbers(frame, "households"), numbers(frame, "gas_households")
    connected = np.where(np.isnan(connected) & (state.supply == gas.WITHOUT), 0.0, connected)
    return np.maximum(households - connected, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """The other fields of the answers, their sentences and pipes, made when asked for. `value` and `length` in metres, to the centimetre."""

    view: View
    laid: gas_pipes.Laid
    state: gas.GasState
    answer: NDArray[np.int8]
    wanted: Flags
    value: Floats
    length: Floats
    households: Floats
    limit: float
    trunk: pipes.Trunk | None

    @property
    def price(self) -> Price:
        return self.view.profile.prices["gas_pipe_m"]

    def column(self, name: str, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        at: Any = slice(None) if rows is None else rows
        value = self.value[at]
        there = ~np.isnan(value)
        households = np.where(there, self.households[at], np.nan)
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: value,
            "threshold": lambda: np.where(self.wanted[at] & math.isfinite(self.limit), self.limit, np.nan),
            "unit": lambda: filled("m", len(value)),
            "basis": lambda: self._basis(at),
            "re_measure": lambda: filled(False, len(value)),
            "alone_m": lambda: np.where(there, self.length[at], np.nan),
            "off_street_m": lambda: np.where(there, np.round(self.laid.pipes.leave_m[at], 2), np.nan),
            "cost_low": lambda: np.round(value * self.price.low),
            "cost_high": lambda: np.round(value * self.price.high),
            "households_to_connect": lambda: households,
            "households_per_m": lambda: _per_metre(households, value),
            "main": lambda: self._mains(at, there),
            "price_source": lambda: named(np.where(there, 0, -1), (_source(self.price),)),
        }
        return made[name]()

    def _basis(self, at: Any) -> NDArray[np.object_]:
        """What the compound's need rests on where the service areas tell it, else the drawing that the pipe is measured in."""
        answer = self.answer[at]
        measured = np.where(answer == NA, _DECLARED, _MEASURED)
        return named(np.where(answer == UNKNOWN, -1, np.where(self.state.inferred[at], _INFERRED, measured)), BASES)

    def _mains(self, at: Any, there: Flags) -> NDArray[np.object_]:
        main = self.laid.pipes.main[at]
        return named(np.where(there, main, -1), list(self.view.frame("gas_mains")["code"]))

    def shape(self, id: str, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """The new pipes of the rows that have one to lay, longer ones than asked for too; with a trunk each from the main, shared parts included."""
        lines = np.full(len(rows), None, dtype=object)
        for i, row in enumerate(rows):
            if self.value[row] > 0:
                lines[i] = self._route(int(row))
        if self.view.metric_crs is None:
            return lines
        metric = self.view.metric_crs
        return np.asarray(shapely.transform(lines, lambda xy: transform_xy(xy, metric, STORAGE)), dtype=object)

    def _route(self, row: int) -> shapely.LineString | None:
        shared = self.trunk is not None and self.answer[row] == YES
        return self.trunk.route(row) if shared and self.trunk is not None else self.laid.pipes.route(row)

    def summary(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        """Totals over those of these compounds that get a pipe; with a trunk what they pay of it, and what they save against pipes of their own."""
        chosen = rows[self.answer[rows] == YES]
        alone = float(self.laid.pipes.length_m[chosen].sum())
        total = float(alone if self.trunk is None else self.trunk.share_m[chosen].sum())
        homes = self.households[chosen]
        said: dict[str, Any] = {
            "new_pipe_m": round(total, 2),
            "cost_low": round(total * self.price.low),
            "cost_high": round(total * self.price.high),
            "households_to_connect": int(np.nansum(homes)),
            "households_unknown": int(np.count_nonzero(np.isnan(homes))),
            "price": _price(self.price),
        }
        return said if self.trunk is None else said | {"separate_m": round(alone, 2), "saved_m": round(alone - total, 2)}

    def store(self) -> dict[str, Any]:
        """The whole trunk, and how many times the shortest one between the same ends it may be long at most."""
        return {} if self.trunk is None else {"trunk_m": round(self.trunk.total_m, 2), "bound": round(self.trunk.times, 3)}

    def why(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        return [self._sentence(int(row)).of(lang) for row in rows]

    def _sentence(self, row: int) -> Text:
        if not self.wanted[row]:
            return self._unwanted(row)
        if self.laid.placed == 0:
            return Text("没有已上图的燃气管线，无从算起", "no gas main is on record and placed: nothing to start from")
        if self.laid.pipes.reason[row] != pipes.FOUND:
            return self._none(row)
        parts = [self._pipe(row), *self._over(row), *self._share(row), *cost(self.value[row], self.households[row], self.price)]
        return Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))

    def _unwanted(self, row: int) -> Text:
        if self.state.supply[row] == gas.NOT_APPLICABLE:
            return gas_records.ELECTRIC_WORDS
        if self.state.supply[row] == gas.UNKNOWN:
            return Text("是否通气不明", "whether it has gas is not known")
        if self.state.partial[row]:
            return Text("已部分通气，未列入（选“含部分通气”时列入）", "partly connected, left out ('Partly connected too' counts it)")
        return Text("已通气，不需要新管", "has piped gas, needs no new pipe")

    def _none(self, row: int) -> Text:
        if self.laid.pipes.reason[row] == pipes.UNPLACED:
            return Text("院落尚未上图", "the compound is not placed on the map")
        if self.laid.joinable == 0:
            return Text(
                f"已上图的 {self.laid.placed} 条管线都不能直接接：是庭院管，或压力为次高压、高压",
                f"none of the mains on the map ({self.laid.placed}) can be joined: courtyard pipes, or of sub-high or high pressure",
            )
        return NO_WAY[int(self.laid.pipes.reason[row])].format(reach=self.view.profile["gas_stub_m"])

    def _pipe(self, row: int) -> Text:
        found = self.laid.pipes
        join, leave, whole = found.join_m[row], found.leave_m[row], self.length[row]
        if whole == 0:
            return Text("干管已到院落，新管 0 米", "a main is at the compound already: 0 m of new pipe")
        if np.isclose(join, found.length_m[row]):
            return Text(f"新管 {whole:g} 米，从干管直接到院落", f"{whole:g} m of new pipe, straight from the main to the compound")
        along = whole - join - leave
        off = Text("，院落边线到街巷为直线，中间没有街巷记录", ", straight over ground where no street or lane is on record")
        far = off if leave > self.view.profile["gas_stub_m"] else Text("", "")
        alone = Text("单独敷设", " on its own") if self.trunk is not None else Text("", "")
        return Text(
            f"{alone.zh}新管 {whole:g} 米：干管到街巷 {metres(join)} 米，沿街巷 {metres(along)} 米，街巷到院落 {metres(leave)} 米{far.zh}",
            f"{whole:g} m of new pipe{alone.en}: {metres(join)} m from the main to the street, {metres(along)} m along streets and lanes, "
            f"{metres(leave)} m to the compound{far.en}",
        )

    def _over(self, row: int) -> list[Text]:
        if self.length[row] <= self.limit:
            return []
        return [Text(f"超过 {self.limit:g} 米", f"more than {self.limit:g} m")]

    def _share(self, row: int) -> list[Text]:
        if self.trunk is None or self.answer[row] != YES:
            return []
        share = f"{self.value[row]:g}"
        return [Text(f"共用干线时分摊 {share} 米", f"its share of a common trunk is {share} m")]


def _price(price: Price) -> dict[str, Any]:
    source = {"zh": price.source.zh, "en": price.source.en}
    return {"low": price.low, "high": price.high, "unit": price.unit, "source": source, "date": price.date}


def _source(price: Price) -> Text:
    return Text(f"{price.source.zh}，{price.date}", f"{price.source.en}, {price.date}")


def _per_metre(households: Floats, length: Floats) -> Floats:
    """NaN where there is no pipe to lay."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(length > 0, np.round(households / length, 3), np.nan)


_PARTIAL_HELP = Text("部分通气的院落也要接", "partly connected compounds are to be connected too")
_TOGETHER_HELP = Text(
    "各院落一起接，共用干线；每个院落按所用管段分摊，管长不超过最优的倍数见结果中的 bound",
    "connect all of them at once on a common trunk; each pays its part of what it uses, and the whole is at most `bound` times the shortest possible",
)
_DISTANCE_HELP = Text(
    "单独敷设的新管长于此的不算可接；不填则不限", "a longer pipe of one's own does not count; without it there is no limit"
)
_YUAN, _METRES = Text("元", "yuan"), Text("米", "m")

GAS_CONNECTIONS = Question(
    id="gas-connections",
    title=Text("未通气院落怎么接", "Connecting compounds to gas"),
    help=Text(
        "沿街巷到最近的市政管、支管（低压、中压或不明）的最短新管；两端各有一段不穿建筑的直线",
        "the shortest new pipe along streets and lanes to a main or stub of low, medium or unsaid pressure, with a straight end on both sides that meets no building",
    ),
    subject="compounds",
    reads=("gas_areas", *gas_pipes.READS),
    answer=_gas_connections,
    sentence=Text(
        "{total} 个院落：可接通 {yes}，接不通 {no}，不明 {unknown}", "{total} compounds: can be connected {yes}, cannot {no}, unknown {unknown}"
    ),
    parameters=(
        Parameter("together", "boolean", False, Text("一起接", "All at once"), help=_TOGETHER_HELP),
        Parameter("partial", "boolean", False, Text("含部分通气", "Partly connected too"), help=_PARTIAL_HELP),
        Parameter("distance", "number", None, Text("新管不长于", "Longest new pipe"), unit=_METRES, above=0.0, maximum=100_000.0, help=_DISTANCE_HELP),
    ),
    extra_fields=(
        Field("alone_m", "number", Text("单独敷设新管", "New pipe of its own"), unit=_METRES),
        Field("off_street_m", "number", Text("街巷到院落", "From the street to the compound"), unit=_METRES),
        Field("cost_low", "number", Text("费用下限", "Cost, low"), unit=_YUAN),
        Field("cost_high", "number", Text("费用上限", "Cost, high"), unit=_YUAN),
        Field("households_to_connect", "number", Text("待接户数", "Households to connect"), unit=Text("户", "households")),
        Field("households_per_m", "number", Text("每米新管户数", "Households a metre"), unit=Text("户/米", "households/m")),
        Field("main", "text", Text("接自管线", "From main")),
        Field("price_source", "text", Text("单价来源", "Source of the price")),
    ),
    group=GROUP_GAS,
    internal=True,
    shapes=(Shape("pipe", Text("新管", "New pipe"), "LineString", "#7a3e9d", weight=4.0, dash="2 6"),),
)  # fmt: skip
