"""The features of an answer by class: the answers of a question, else the entries of the layer's legend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import Text
from geo.exports.output import Output
from geo.schema import StyleClass

if TYPE_CHECKING:
    from geo.answers import Answer

_REST = Text("其他", "others")
_ANSWER_COLORS = {"yes": "#b2182b", "unknown": "#8a8f98", "no": "#0072b2", "na": "#6b7280"}
"""Yes is what was asked for: the colour that stands out."""


@dataclass(frozen=True, slots=True)
class Class:
    """Rows (positions, in the answer's order) of one colour; `name` and `label` are what to call them by public name and in the language asked for."""

    id: str
    name: str
    label: str
    color: str
    rows: NDArray[np.int64]


def classes(answer: Answer, output: Output) -> list[Class]:
    """Every class that has a feature, in the order of the legend; what fits in none comes last. An answer without a legend is one class."""
    found: list[Class] = []
    left = np.ones(len(answer.frame), dtype=bool)
    for name, label, color, mask in _masks(answer, output):
        rows = np.flatnonzero(mask & left)
        left &= ~mask
        if len(rows):
            found.append(Class(f"c{len(found)}", name, label, color, rows))
    if left.any():
        whole = not found
        rest = answer.layer.label if whole else _REST
        found.append(
            Class(f"c{len(found)}", "" if whole else "others", rest.of(output.lang), answer.layer.style.color, np.flatnonzero(left))
        )
    return found


def _masks(answer: Answer, output: Output) -> Iterator[tuple[str, str, str, NDArray[np.bool_]]]:
    """Name, label, colour and rows of each entry."""
    frame, style, lang = answer.frame, answer.layer.style, output.lang
    judged = next((f for f in answer.fields if f.name == "answer"), None) if answer.question else None
    if judged is not None:
        for choice in judged.choices:
            yield choice.value, choice.label.of(lang), _ANSWER_COLORS[choice.value], frame["answer"].to_numpy() == choice.value
    elif style.by is not None and style.by in frame:
        column = frame[style.by].to_numpy()
        for entry in style.classes:
            yield _name(entry), entry.label.of(lang), entry.color, _mask(entry, column)


def _name(entry: StyleClass) -> str:
    if entry.value is not None:
        return entry.value
    ends = [f"{end:g}" for end in (entry.low, entry.high) if end is not None]
    return "-".join(ends) or "unknown"


def _mask(entry: StyleClass, column: NDArray[Any]) -> NDArray[np.bool_]:
    if entry.value is not None:
        return np.asarray(column == entry.value, dtype=bool)
    if entry.low is None and entry.high is None:
        return np.array([v is None or v != v or v == "unknown" for v in column.tolist()], dtype=bool)
    numbers = column.astype(float)
    low, high = (-np.inf if entry.low is None else entry.low), (np.inf if entry.high is None else entry.high)
    return np.asarray((numbers >= low) & (numbers < high))
