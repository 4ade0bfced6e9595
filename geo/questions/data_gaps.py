"""`data-gaps`: what is not on record, with how many results of rules it would settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.gaps import Gaps, gaps
from geo.gaps.numbers import GEOMETRY, LAYERS, WHOLE
from geo.gaps.words import field_label, layer_label, to_fill
from geo.questions.declaration import AS_OF, GROUP_RULES, NA, PROFILE, YES, Parameter, Question, Verdicts, View, filled
from geo.schema import Choice, Field

_UNIT = Text("项结果", "answers")


def _data_gaps(view: View, parameters: Mapping[str, Any]) -> Verdicts:
    found, layer = gaps(view), parameters["layer"]
    asked = np.array([*(layer in (None, of) for of, _ in found.kinds), True])
    answer = np.where(asked[found.kind], YES, NA).astype(np.int8)
    table = _Table(view, found, answer)
    return Verdicts(answer, table.column, table.why, summary=table.summary)


@dataclass(frozen=True, slots=True)
class _Table:
    """The other fields of the answers, their sentences and what is counted, made when asked for."""

    view: View
    gaps: Gaps
    answer: NDArray[np.int8]
    shares: dict[int, float | None] = field(default_factory=dict)

    def column(self, name: str, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        kind = self.gaps.kind if rows is None else self.gaps.kind[rows]
        if name == "value":
            return (self.gaps.settles if rows is None else self.gaps.settles[rows]).astype(np.float64)
        if name == "threshold":
            return np.full(len(kind), np.nan)
        if name in ("layer_label", "field_label", "to_fill"):
            return np.array([*(self._word(name, *one) for one in self.gaps.kinds), None], dtype=object)[kind]
        return filled({"unit": _UNIT, "re_measure": False}.get(name), len(kind))

    def _word(self, name: str, layer: str, of: str) -> Text:
        if name == "layer_label":
            return layer_label(layer)
        return (field_label if name == "field_label" else to_fill)(self.view.layer(layer), of)

    def why(self, rows: NDArray[np.int64], lang: str) -> list[str]:
        return [self._sentence(int(row)).of(lang) for row in rows]

    def _sentence(self, row: int) -> Text:
        layer, of = self.gaps.kinds[self.gaps.kind[row]]
        label, n, rules = layer_label(layer), int(self.gaps.settles[row]), self.gaps.rules[row]
        if of == WHOLE:
            said = self._none_of(layer, label)
        else:
            record = self.gaps.frame
            name = record["target_name"].to_numpy()[row] or record["target_code"].to_numpy()[row]
            missing = field_label(self.view.layer(layer), of)
            lacks = Text("尚未上图", "is not on the map") if of == GEOMETRY else Text(f"缺“{missing.zh}”", f"lacks '{missing.en}'")
            said = Text(f"{label.zh}“{name}”{lacks.zh}", f"{label.en} '{name}' {lacks.en}")
        return Text(f"{said.zh}；补齐可明确 {n} 项结果（{rules}）", f"{said.en}; it would settle {n} answers ({rules})")

    def _none_of(self, layer: str, label: Text) -> Text:
        if len(self.view.frame(layer)):
            return Text(f"有的地方没有登记“{label.zh}”", f"in places no {label.en.lower()} are on record")
        return Text(f"没有“{label.zh}”数据", f"there is no data on {label.en.lower()}")

    def summary(self, rows: NDArray[np.int64]) -> dict[str, Any]:
        """Of the rows that count: what they would settle together, and the same for each field, with the share of the layer's features that have it."""
        rows = rows[self.answer[rows] == YES]
        kind, settles = self.gaps.kind[rows], self.gaps.settles[rows]
        counts = np.bincount(kind, minlength=len(self.gaps.kinds))
        sums = np.bincount(kind, weights=settles, minlength=len(self.gaps.kinds))
        order = sorted(np.flatnonzero(counts), key=lambda at: (-sums[at], self.gaps.kinds[at]))
        return {"gaps": len(rows), "settled": int(settles.sum()), "fields": [self._field(int(at), counts[at], sums[at]) for at in order]}

    def _field(self, at: int, count: Any, settled: Any) -> dict[str, Any]:
        layer, of = self.gaps.kinds[at]
        label, called = field_label(self.view.layer(layer), of), layer_label(layer)
        return {
            "layer": layer, "field": of or None, "label": {"zh": f"{called.zh}·{label.zh}", "en": f"{called.en}: {label.en}"}, "gaps": int(count),
            "settles": int(settled), "known_share": self._known(at),
        }  # fmt: skip

    def _known(self, at: int) -> float | None:
        """The share of the layer's features, wherever they are, that say something in the field; None where features themselves are missing."""
        if at not in self.shares:
            layer, of = self.gaps.kinds[at]
            frame = self.view.frame(layer)
            if of == GEOMETRY:
                known = ~shapely.is_missing(np.asarray(frame.geometry, dtype=object))
            else:
                known = np.zeros(0, dtype=bool) if of == WHOLE else np.asarray(pd.notna(frame[of]) & (frame[of] != "unknown"), dtype=bool)
            self.shares[at] = round(float(known.mean()), 4) if len(known) else None
        return self.shares[at]


DATA_GAPS = Question(
    id="data-gaps",
    title=Text("缺哪些数据", "Data gaps"),
    help=Text(
        "规则因缺少哪些登记而无法判断；按补齐后可明确的结果数排，外业先补最有用的",
        "which records the rules lack to be judged, by how many answers each would settle: the field team begins with the most useful",
    ),
    subject="data_gaps",
    group=GROUP_RULES,
    reads=("data_gaps",),
    answer=_data_gaps,
    sentence=Text("{gaps} 处缺项，补齐可明确 {settled} 项结果", "{gaps} gaps; filling them in would settle {settled} answers"),
    parameters=(
        Parameter(
            "layer", "choice", None, Text("图层", "Layer"), choices=tuple(Choice(id, label) for id, label in LAYERS.items()),
            help=Text("不写则是全部图层", "all layers, unless said"),
        ),
        AS_OF,
        PROFILE,
    ),
    extra_fields=(
        Field("layer_label", "text", Text("图层名称", "Name of the layer"), public=True),
        Field("field_label", "text", Text("缺的字段", "Missing field"), public=True),
        Field("to_fill", "text", Text("可填内容", "What to fill in"), public=True),
    ),
    internal=True,
)  # fmt: skip
