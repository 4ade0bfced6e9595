"""What a drawing writes beside its features goes into them: building numbers, widths of lanes. A text that could be meant otherwise fills nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import STORAGE, metric_crs_of, transform_xy
from geo.errors import BadValue, Text, UnknownField, nearest
from geo.imports.headings import Match
from geo.imports.options import Join
from geo.imports.staging import Staged, stage_like
from geo.schema import Field, Layer
from geo.values import reader
from geo.values.personal import mask_numbers
from geo.values.text import as_text

TEXT = "text"
"""The column of a drawing's texts."""

_WORDS = {"宽": r"[最小通道车消防路面净]*宽度?|[wb]", "高": r"[最小通行净限]*高度?|[h]", "长": r"[全总]*长度?|[l]"}
"""What is written before a measure, by the sign in the label of the field that it is one of: 宽4.5, 净宽: 4, W=4.0; but H=4.0 is no width."""

_CLEARLY = 1.5
"""A text means the nearest feature only where the next one is so many times as far; else it may be meant for either."""

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Joined:
    """What became of the texts of one dataset: `filled` and `ambiguous` count features of `to`, the others texts; `texts` is all of them.

    `own`: features that say the value themselves. `far`: nothing within reach; `unread`: no value of the field; `unclear`: about as near to two features.
    """

    to: str
    field: str
    within_m: float
    texts: int
    filled: int
    ambiguous: int
    own: int
    far: int
    unread: int
    unclear: int
    examples: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        names = ("to", "field", "within_m", "texts", "filled", "ambiguous", "own", "far", "unread", "unclear")
        return {**{name: getattr(self, name) for name in names}, "examples": list(self.examples)}

    def sentence(self, name: str) -> Text:
        zh = [f"“{name}”的 {self.texts} 个文字：{self.filled} 个对象得到 {self.field}"]
        en = [f"{self.texts} texts of '{name}': {self.field} of {self.filled} features was filled"]
        for count, chinese, english in (
            (self.ambiguous, "个对象旁有几个不同的文字，没有填", "features have several different texts and were left unknown"),
            (self.own, "个对象已有自己的值", "features have a value of their own"),
            (self.far, f"个文字 {self.within_m:g} 米内没有对象", f"texts have no feature within {self.within_m:g} m"),
            (self.unread, "个文字读不成该字段的值", "texts are no value of the field"),
            (self.unclear, "个文字离两个对象差不多近", "texts are about as near to one feature as to another"),
        ):
            if count:
                zh.append(f"{count} {chinese}")
                en.append(f"{count} {english}")
        more_zh, more_en = (f"（如 {'、'.join(self.examples)}）", f" (such as {', '.join(self.examples)})") if self.examples else ("", "")
        return Text("；".join(zh) + more_zh, "; ".join(en) + more_en)


@dataclass(frozen=True, slots=True)
class _Label:
    """One text that can be read: where (metres), what it says, and the value in comparable form."""

    text: str
    value: Any


def check_join(join: Join, dataset: str, target: str | None, layer: Layer | None) -> Field:
    """The field to fill. Raises BadValue for a dataset that is not there or fills no layer, UnknownField."""
    if target is None or layer is None:
        raise BadValue(
            Text(
                f"“{dataset}”的文字要填到“{join.to}”，但它不在文件里或不导入",
                f"the texts of '{dataset}' should go to '{join.to}', which the file does not hold or which is not imported",
            ),
            field="join", dataset=dataset,
        )  # fmt: skip
    field = next((f for f in layer.writable if f.name == join.field), None)
    if field is None:
        names = [f.name for f in layer.writable]
        near = nearest(join.field, names)
        raise UnknownField(
            Text(f"没有字段“{join.field}”：{'、'.join(near or names)}", f"no field '{join.field}': {', '.join(near or names)}"),
            nearest=near,
        )
    return field


def join_texts(
    texts: Staged, target: Staged, field: Field, join: Join, matches: Mapping[str, Match], *, column: str = TEXT
) -> tuple[Staged, dict[str, str], Joined]:
    """The target with the texts in it, the columns (field → column) that they stand in, and what became of them.

    A column of its own that the field has keeps its values, and takes a text only where it is empty.
    """
    places, labels, unread = _labels(texts, field, column)
    shapes = [
        (i, shapely.from_wkb(raw.geometry)) for i, raw in enumerate(target.records) if raw.geometry is not None and raw.problem is None
    ]
    found = _nearest(places, [shape for _, shape in shapes], join.within_m)
    beside: dict[int, list[tuple[bool, _Label]]] = {}
    unclear = far = 0
    for label, hits in zip(labels, found, strict=True):
        if not hits:
            far += 1
        elif len({shapes[at][1].wkb for at, _ in hits}) > 1:
            unclear += 1
        else:
            for at, distance in hits:
                beside.setdefault(shapes[at][0], []).append((distance > 0, label))
    said, ambiguous = _settled(beside)
    own = matches.get(field.name)
    filled, columns, kept = _written(target, texts.header.name, field, said, own, matches)
    examples = [f"{'/'.join(dict.fromkeys(label.text for _, label in beside[i]))}" for i in ambiguous[:_SHOWN]]
    joined = Joined(
        mask_numbers(join.to), field.name, join.within_m, len(texts.records), len(said) - kept, len(ambiguous), kept, far, unread, unclear,
        tuple(map(mask_numbers, examples)),
    )  # fmt: skip
    return filled, columns, joined


def _labels(texts: Staged, field: Field, column: str) -> tuple[list[tuple[float, float]], list[_Label], int]:
    read = reader(field)
    places: list[tuple[float, float]] = []
    labels: list[_Label] = []
    unread = 0
    for raw in texts.records:
        said = as_text(raw.row.get(column))
        text = None if said is None else _bare(said, field)
        parsed = None if text is None else read(text)
        if raw.geometry is None or raw.problem is not None or text is None or parsed is None or parsed.value is None or parsed.problem:
            unread += 1
            continue
        centre = shapely.centroid(shapely.from_wkb(raw.geometry))
        places.append((centre.x, centre.y))
        labels.append(_Label(text, parsed.value))
    return places, labels, unread


def _bare(said: str, field: Field) -> str:
    """A text on one line, a measure without the word before it."""
    line = " ".join(said.split())
    words = next((words for sign, words in _WORDS.items() if field.is_numeric and sign in field.label.zh), None)
    return line if words is None else re.sub(rf"\A(?:{words})\s*[=:：]?\s*(?=[0-9０-９.])", "", line, flags=re.IGNORECASE)


def _nearest(places: Sequence[tuple[float, float]], shapes: Sequence[Any], within_m: float) -> list[list[tuple[int, float]]]:
    """For each place (degrees) the nearest shapes (position, metres), with all that are not clearly farther; none beyond `within_m`."""
    out: list[list[tuple[int, float]]] = [[] for _ in places]
    if not places or not shapes:
        return out
    xy = np.array(places, dtype=np.float64)
    metric = metric_crs_of(xy[:, 0], xy[:, 1])
    if metric is None:
        return out

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return transform_xy(points, STORAGE, metric)

    there = shapely.transform(np.array(shapes, dtype=object), move)
    points = np.asarray(shapely.points(move(xy)), dtype=object)
    texts, near = shapely.STRtree(there).query(points, predicate="dwithin", distance=within_m)
    distances = shapely.distance(points[texts], there[near])
    nearest = np.full(len(points), np.inf)
    np.minimum.at(nearest, texts, distances)
    meant = distances <= _CLEARLY * nearest[texts]
    for text, shape, distance in zip(texts[meant].tolist(), near[meant].tolist(), distances[meant].tolist(), strict=True):
        out[text].append((shape, distance))
    return out


def _settled(beside: Mapping[int, list[tuple[bool, _Label]]]) -> tuple[dict[int, _Label], list[int]]:
    """The one text of each feature, and the features with several different ones. What stands inside counts before what stands beside."""
    said: dict[int, _Label] = {}
    ambiguous: list[int] = []
    for at, labels in sorted(beside.items()):
        inside = [label for outside, label in labels if not outside]
        rivals = inside or [label for _, label in labels]
        if len({repr(label.value) for label in rivals}) == 1:
            said[at] = rivals[0]
        else:
            ambiguous.append(at)
    return said, ambiguous


def _written(
    target: Staged, name: str, field: Field, said: Mapping[int, _Label], own: Match | None, matches: Mapping[str, Match]
) -> tuple[Staged, dict[str, str], int]:
    """The target with new columns, or with the empty cells of its own one filled; how many had a value of their own."""
    column = own.column if own is not None else name
    source = matches[field.drawn[0]].column if field.drawn and field.drawn[0] in matches else f"{name} *"
    columns = {field.name: column, **({field.drawn[0]: source} if field.drawn and said else {})}
    out = stage_like(target, [c for c in columns.values() if c not in target.columns])
    kept = 0
    for at, raw in enumerate(target.records):
        row, label = raw.row, said.get(at)
        if label is not None and as_text(row.get(column)) is not None:
            kept += 1
        elif label is not None:
            unit = field.unit.zh if field.unit is not None and field.is_numeric and own is not None else ""
            row = {**row, column: f"{label.value:g}{unit}" if unit else label.text}
            if field.drawn and as_text(row.get(source)) is None:
                row[source] = field.drawn[1]
        out.add((raw.number, row, raw.problem, raw.repairs), raw.geometry)
    return out, columns, kept
