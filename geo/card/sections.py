"""The tables of a card: which layer, which of its fields, and which questions stand beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.belonging import Rows, members
from geo.frames import View
from geo.matching import Table
from geo.query import Query
from geo.questions import catalogue
from geo.questions.declaration import ANSWERS
from geo.schema import Layer

Row = dict[str, Any]

SAID = ("answer", "value", "threshold", "unit", "basis", "re_measure", "why")
"""What every answer has."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is asked of the rows: fields of its answer beside those that each has, and the point of it that the card's map shows."""

    question: str
    fields: tuple[str, ...] = ()
    shape: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the card: the rows of `layer` that belong to the compound, with answers beside them."""

    layer: str
    fields: tuple[str, ...]
    asked: tuple[Asked, ...] = ()


SECTIONS: Mapping[str, Section] = MappingProxyType({
    "buildings": Section(
        "buildings", ("name", "no", "use", "floors", "height_m", "built_year", "structure", "house_grade", "units_n", "households", "gas_status"),
        (Asked("buildings-out-of-reach"), Asked("buildings-without-gas", ("partial",)), Asked("bottlenecks", ("bottleneck_at",))),
    ),
    "lanes": Section(
        "fire_lanes", ("name", "kind", "clear_width_m", "width_source", "clear_height_m", "is_dead_end", "occupied", "marking"),
        (
            Asked("lanes-under-width", ("declared_m", "measured_m", "difference", "pinch_obstacle", "pinch_lon", "pinch_lat"), "pinch"),
            Asked("mend-first", ("households_freed", "buildings_perhaps", "width_m", "place", "cause"), "place"),
        ),
    ),
    "gates": Section("access_points", ("name", "kind", "gate_width_m", "gate_height_m", "normally_locked", "remote_open", "checked_on")),
    "hazards": Section(
        "hazards", ("hazard_type", "hazard_desc", "grade", "status", "status_on", "found_on", "due_date", "due_date_extended", "notice_no", "closed_on", "escalated"),
        (Asked("hazards-overdue", ("deadline", "days")),),
    ),
})  # fmt: skip
"""The tables that list a layer's rows, in the order of the card."""

FINDINGS = Section(
    "findings", ("rule", "severity", "works", "target_layer", "target_id", "target_code", "target_name", "sure"),
    (Asked("findings", ("check", "statement", "condition", "cite", "fingerprint")),),
)  # fmt: skip
GAPS = Section(
    "data_gaps", ("target_layer", "target_id", "target_code", "target_name", "field", "settles", "rules"),
    (Asked("data-gaps", ("layer_label", "field_label", "to_fill")),),
)  # fmt: skip
COMPOUND = Section(
    "compounds", (),
    (
        Asked("compounds-cut-off", ("buildings", "buildings_reached", "buildings_unknown")),
        Asked("compounds-without-gas", ("partial", "covered_share", "contradiction")),
        Asked("gas-connections", ("alone_m", "off_street_m", "cost_low", "cost_high", "households_to_connect", "main", "price_source")),
        Asked("compounds-by-open-hazards", ("overdue", "overdue_unknown", "unknown")),
        Asked("compounds-without-lane-record"),
    ),
)  # fmt: skip
"""What is asked of the compound itself."""

ALL = (COMPOUND, *SECTIONS.values(), FINDINGS, GAPS)


def questions(sections: Iterable[Section] = ALL) -> tuple[str, ...]:
    """The ids of all questions that the sections ask."""
    return tuple(dict.fromkeys(asked.question for section in sections for asked in section.asked))


@dataclass(frozen=True, slots=True)
class Asking:
    """One view in one language, of which sections are asked."""

    view: View
    layers: Mapping[str, Layer]
    lang: str

    def table(self, question: str) -> Table:
        """The rows of the question's subject with its answers to the usual parameters; they are shared with whoever asks the same."""
        asked = catalogue.get(question)
        query = Query(collection=question, parameters=asked.defaults, answers=frozenset(ANSWERS), lang=self.lang)
        return Table(self.view, self.layers[asked.subject], asked, query)

    def members(self, section: Section, compound: int) -> Rows:
        """The rows of the section's layer that belong to the compound at this position."""
        return members(self.view, self.layers[section.layer]).of(compound)

    def rows(self, section: Section, at: Rows) -> list[Row]:
        """The section's fields of some rows, and the answers beside them: {"id", fields …, "answers": {question: {answer, value … }}}."""
        frame = self.view.frame(section.layer)
        names = ("code", *section.fields)
        listed = _dicts({"id": frame.index.to_numpy()[at], **{name: frame[name].to_numpy()[at] for name in names}}, len(at))
        for row in listed:
            row["answers"] = {}
        for asked in section.asked:
            for row, said in zip(listed, self.answers(asked, at), strict=True):
                row["answers"][asked.question] = said
        return listed

    def answers(self, asked: Asked, at: Rows) -> list[Row]:
        """One answer a row, as the API gives it; `shape`: the point that the map shows, None = none."""
        table = self.table(asked.question)
        columns = {name: table.column(name, at) for name in (*SAID, *asked.fields)}
        if asked.shape is not None and table.verdicts.shape is not None:
            columns["shape"] = table.verdicts.shape(asked.shape, at)
        return _dicts(columns, len(at))


def _dicts(columns: Mapping[str, NDArray[Any]], count: int) -> list[Row]:
    """Columns as plain values a row; null is None."""
    plain = {name: _plain(values) for name, values in columns.items()}
    return [{name: values[i] for name, values in plain.items()} for i in range(count)]


def _plain(values: NDArray[Any]) -> list[Any]:
    null = np.asarray(pd.isna(values), dtype=bool)
    return [None if out else value for value, out in zip(values.tolist(), null, strict=True)]
