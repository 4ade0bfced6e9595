"""Properties as JSON text, column by column: a number column is printed by one call, a text once however often it stands in the column.

Making one dict a row and printing it takes three times as long, most of it for fields that are null or the same in every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray

from geo.errors import Text
from geo.schema import Field

NULL = b"null"


def template(part: pd.DataFrame, fields: Sequence[Field], *, lang: str | None = None) -> tuple[bytes, list[list[bytes]]]:
    """A `%`-template of a feature's text (id, geometry, then the columns that vary) and those columns as JSON texts, one a row.

    `lang`: properties are called by their labels in it, and choices are given as theirs.
    """
    pieces, varying = [], []
    names = [f.name for f in fields] if lang is None else labels(fields, lang)
    for f, name in zip(fields, names, strict=True):
        texts = column(part[f.name].to_numpy(), f, lang=lang)
        constant = texts[0] if texts and texts[0] == texts[-1] and texts.count(texts[0]) == len(texts) else None
        pieces.append(orjson.dumps(name).replace(b"%", b"%%") + b":" + (b"%b" if constant is None else constant.replace(b"%", b"%%")))
        if constant is None:
            varying.append(texts)
    return b'{"type":"Feature","id":%d,"geometry":%b,"properties":{' + b",".join(pieces) + b"}}", varying


def labels(fields: Sequence[Field], lang: str) -> list[str]:
    """Labels with units; two that are the same are told apart by the names of their fields."""
    found = [heading(f, lang) for f in fields]
    return [label if found.count(label) == 1 else f"{label} {f.name}" for f, label in zip(fields, found, strict=True)]


def heading(field: Field, lang: str) -> str:
    """Label and unit, as "净宽（米）" or "Clear width (m)"."""
    label = field.label.of(lang)
    if field.unit is None:
        return label
    return f"{label} ({field.unit.en})" if lang == "en" else f"{label}（{field.unit.zh}）"


_UNITS = {
    "m": Text("米", "m"),
    "buildings": Text("栋", "buildings"),
    "households": Text("户", "households"),
    "records": Text("条", "records"),
}
"""What the `unit` of an answer is called where its fields go by their labels."""


def worded(field: Field, lang: str) -> dict[Any, str]:
    """The words for those values of a field that have some: labels of choices, units of answers."""
    if field.name == "unit" and field.label.en == "Unit":
        return {value: label.of(lang) for value, label in _UNITS.items()}
    return {c.value: c.label.of(lang) for c in field.choices}


def column(values: NDArray[Any], field: Field, *, lang: str | None = None) -> list[bytes]:
    """Each value of a column as JSON; what is missing or not finite is null. `lang`: choices are given as their labels."""
    if not len(values):
        return []
    if values.dtype.kind in "iu":
        return _numbers(values)
    if values.dtype.kind == "b":
        return [b"true" if v else b"false" for v in values.tolist()]
    if values.dtype.kind == "f":
        return _floats(values, whole=field.type in ("integer", "year"))
    if field.type == "json":
        return [b"{}" if v == {} else orjson.dumps(v) for v in values.tolist()]
    found = values.tolist()
    said = {} if lang is None else worded(field, lang)
    texts = {v: orjson.dumps(said.get(v, v)) for v in set(found)}
    return [texts[v] for v in found]


def _floats(values: NDArray[np.float64], *, whole: bool) -> list[bytes]:
    known = np.isfinite(values)
    texts = _numbers(np.where(known, values, 0.0).astype(np.int64) if whole else values)
    if whole and not known.all():
        for i in np.flatnonzero(~known).tolist():
            texts[i] = NULL
    return texts


def _numbers(values: NDArray[Any]) -> list[bytes]:
    """Printed in one call and cut at the commas, which no number holds; orjson prints NaN and infinities as null."""
    return orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].split(b",")
