"""`gas-mains-too-close`: which buried gas mains lie too near to a building or are built over, and which are on the renewal list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.gas import distances as gas
from geo.gas.attach import usable
from geo.gas.gaps import gaps
from geo.gas.renewal import Renewal, newest_year, renewal
from geo.questions.columns import numbers, texts
from geo.questions.declaration import (
    BASES,
    GROUP_GAS,
    NA,
    NO,
    UNKNOWN,
    YES,
    Parameter,
    Question,
    Shape,
    Verdicts,
    View,
    filled,
    named,
)
from geo.questions.gas.mains_measured import READS, SHED_LAYERS, Measured, measured, said_of
from geo.questions.gas.mains_sentences import sentence
from geo.questions.shown import stored_shapes
from geo.schema import Choice, Field

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]

_NONE = np.array([None], dtype=object)
"""Put behind the bodies, so that body -1 is none."""


def _too_close(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    mains, found = view.frame("gas_mains"), measured(view)
    year = parameters["year"] or newest_year(texts(mains, "updated_at"))
    listed = renewal(
        texts(mains, "material"),
        numbers(mains, "built_year"),
        texts(mains, "renewed"),
        year=year,
        from_years=view.profile["pipe_age_years"],
    )
    answer = np.array([NO, YES, UNKNOWN], dtype=np.int8)[found.near.state]
    answer[~found.buried] = NA
    table = _MainsTable(view, found, listed, answer)
    unplaced = int(np.count_nonzero(~usable(view.metric("buildings"))))
    return Verdicts(
        answer,
        table.column,
        table.why,
        table.shape,
        summary=table.summary,
        store={"renewal_year": None if np.isnan(year) else int(year), "unplaced_buildings": unplaced},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _MainsTable:
    """The other fields of the answers, their sentences and shapes, made when asked for."""

    view: View
    measured: Measured
    listed: Renewal
    answer: NDArray[np.int8]
    kept: dict[str, NDArray[Any]] = field(default_factory=dict)

    def column(self, name: str, rows: Ints | None) -> NDArray[Any]:
        if name not in self.kept:
            self.kept[name] = self._whole(name)
        return self.kept[name] if rows is None else self.kept[name][rows]

    def _whole(self, name: str) -> NDArray[Any]:
        near, there = self.measured.near, (self.answer != NA)
        shown = np.where(there, near.distance_m, np.nan)
        limits = self.measured.limits
        made: dict[str, Callable[[], NDArray[Any]]] = {
            "value": lambda: shown,
            "threshold": lambda: np.where(there, near.threshold_m, np.nan),
            "unit": lambda: filled("m", len(self.answer)),
            "basis": lambda: named(np.where(np.isnan(shown), -1, BASES.index("measured")), BASES),
            "re_measure": lambda: (there & (near.reason == gas.ACCURACY)).astype(object),
            "building": lambda: self._codes(np.where(there, near.body, -1)),
            "required_m": lambda: np.where(np.isfinite(limits.required), limits.required, np.nan),
            "reduced_m": lambda: np.where(np.isfinite(limits.required), limits.reduced, np.nan),
            "needs_proof": lambda: (there & near.needs_proof).astype(object),
            "built_over": lambda: named(np.where(there, np.array([1, 0, 2])[near.built_over], -1), ("yes", "no", "unknown")),
            "built_over_by": lambda: self._codes(np.where(there & (near.built_over == gas.NEAR), near.over, -1)),
            "in_control_range": lambda: np.where(there, near.in_control, np.nan),
            "in_renewal_list": lambda: named(self.listed.listed, ("yes", "no", "unknown")),
        }
        return made[name]()

    def summary(self, rows: Ints) -> dict[str, int]:
        """How many of these mains are built over, need proof, or are on the renewal list."""
        told = {name: self.column(name, rows) for name in ("built_over", "needs_proof", "in_renewal_list")}
        return {name: int(np.count_nonzero((values == "yes") | (values == np.True_))) for name, values in told.items()}

    def _codes(self, bodies: Ints) -> NDArray[np.object_]:
        """The codes of buildings and sheds, None for -1."""
        return np.concatenate([self._every_code(), _NONE])[bodies]

    def _every_code(self) -> NDArray[np.object_]:
        sheds, of = self.measured.sheds, self.measured.shed_layer
        theirs = [texts(self.view.frame(layer), "code")[sheds[of == at]] for at, layer in enumerate(SHED_LAYERS)]
        return np.concatenate([texts(self.view.frame("buildings"), "code"), *theirs])

    def why(self, rows: Ints, lang: str) -> list[str]:
        return [sentence(row).of(lang) for row in said_of(self.view, self.measured, self.measured.near, self.listed, rows)]

    def shape(self, id: str, rows: Ints) -> Shapes:
        pipes, near = self.measured.pipes, self.measured.near
        lines, radius = pipes.shapes[rows], pipes.radius_m[rows]
        there = self.answer[rows] != NA
        if id == "gap":
            bodies = np.concatenate([self.measured.bodies.shapes, _NONE])[np.where(there, near.body[rows], -1)]
            return stored_shapes(self.view, gaps(lines, bodies))
        width = {"protection": pipes.limits.protection, "control": pipes.limits.control}[id][rows]
        known = there & (pipes.pressure[rows] >= 0) & usable(lines)
        areas = np.full(len(rows), None, dtype=object)
        areas[known] = shapely.buffer(lines[known], (radius + width)[known])
        return stored_shapes(self.view, areas)


_YES_NO_UNKNOWN = (Choice("yes", Text("是", "yes")), Choice("no", Text("否", "no")), Choice("unknown", Text("不明", "unknown")))
_METRES = Text("米", "m")

GAS_MAINS_TOO_CLOSE = Question(
    id="gas-mains-too-close",
    title=Text("哪些燃气管离建筑太近", "Gas mains too close to buildings"),
    help=Text(
        "埋地管外壁到楼栋轮廓的最小水平净距小于所属压力级别的规定值，或被楼栋、棚屋占压；两值之间的须证明防护措施，没有登记的算不明",
        "buried mains whose outer edge comes nearer to a building's outline than their pressure class allows, or that a building or shed stands on; between the "
        "reduced and the full distance protective measures must be proven: unknown where none is on record",
    ),
    subject="gas_mains",
    group=GROUP_GAS,
    internal=True,
    reads=READS,
    answer=_too_close,
    sentence=Text("{total} 段燃气管：离建筑太近 {yes}，不明 {unknown}", "{total} gas mains: too close to a building {yes}, unknown {unknown}"),
    parameters=(
        Parameter(
            "year", "number", None, Text("截至年份", "As of year"), above=1900.0, maximum=2100.0,
            help=Text("管龄算到这一年；不填时为燃气管线最近更新的年份", "ages of pipes are reckoned to this year; by default that of the newest record among the mains"),
        ),
    ),
    extra_fields=(
        Field("building", "text", Text("楼栋或棚屋", "Building or shed")),
        Field("required_m", "number", Text("规定净距", "Distance required"), unit=_METRES),
        Field("reduced_m", "number", Text("减小净距", "Reduced distance"), unit=_METRES),
        Field("needs_proof", "boolean", Text("须证明防护措施", "Needs proof")),
        Field("built_over", "choice", Text("占压", "Built over"), choices=_YES_NO_UNKNOWN),
        Field("built_over_by", "text", Text("占压物", "Built over by")),
        Field("in_control_range", "integer", Text("控制范围内楼栋数", "Buildings in the control range")),
        Field("in_renewal_list", "choice", Text("列入更新改造", "On the renewal list"), choices=_YES_NO_UNKNOWN),
    ),
    shapes=(
        Shape("gap", Text("净距", "gap"), "LineString", "#1b2330"),
        Shape("protection", Text("保护范围", "protection range"), "Polygon", "#d55e00", weight=1.5),
        Shape("control", Text("控制范围", "control range"), "Polygon", "#e69f00", weight=1.0, dash="4 4"),
    ),
)  # fmt: skip
