"""What may stand in a field: values checked against their declaration, whole columns at a time, and turned into stored ones and back."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from geo.errors import BadValue, Text, UnknownField, nearest
from geo.schema import Field, Layer
from geo.store.contract import Value
from geo.store.tables import LARGEST_INTEGER

LONGEST_TEXT = 65_536
"""Characters of one text value."""
DEEPEST_JSON = 32
"""Levels of nesting in a JSON value."""

_NOTHING = type(None)
_SYSTEM_ONLY = frozenset({"version", "updated_at", "updated_by"})


def fillable(layer: Layer) -> dict[str, Field]:
    """The fields that a caller may fill, by name, in their order: the writable ones and `extra`."""
    return {f.name: f for f in layer.all_fields if f.name not in _SYSTEM_ONLY}


def require_known(layer: Layer, names: Iterable[str], fields: Mapping[str, Field]) -> None:
    """UnknownField for a name that may not be filled."""
    for name in names:
        if name not in fields:
            near = nearest(name, fields)
            raise UnknownField(
                Text(f"图层“{layer.label.zh}”没有可填的字段“{name}”；相近的有：{'、'.join(near)}", f"layer {layer.id} has no field '{name}' to fill; nearest: {', '.join(near)}"),
                field=name,
                nearest=near,
            )  # fmt: skip


def bad(field: Field, value: object, zh: str, en: str) -> BadValue:
    """The refusal of one value, with what was expected."""
    shown = str(value)[:80]
    return BadValue(Text(f"{field.label.zh}“{shown}”：{zh}", f"{field.name} '{shown}': {en}"), field=field.name, value=shown)


def checked_column(field: Field, values: Sequence[Value]) -> Sequence[Value]:
    """The values of one field as they are stored (JSON values as JSON text). Raises BadValue for the first that the declaration forbids."""
    return _CHECKS[field.type](field, values)


def _present(values: Sequence[Value]) -> list[Value]:
    return [v for v in values if v is not None]


def _plain(value: Value) -> Value:
    """A NumPy scalar as Python's own; NaN and the like of it stay what they are."""
    return value.item() if isinstance(value, np.generic) else value


def _texts(field: Field, values: Sequence[Value]) -> Sequence[Value]:
    if not set(map(type, values)) <= {str, _NOTHING}:
        values = [str(v) if isinstance(v, str) else _plain(v) for v in values]
        for value in _present(values):
            if not isinstance(value, str):
                raise bad(field, value, "须为文字", "must be text")
    present = _present(values)
    if present and (max(map(len, present)) > LONGEST_TEXT or "\0" in "".join(present)):
        wrong = next(v for v in present if len(v) > LONGEST_TEXT or "\0" in v)
        raise bad(field, wrong, "文字过长或含空字符", f"longer than {LONGEST_TEXT} characters or with a NUL in it")
    _require_encodable(field, present)
    return values


def _require_encodable(field: Field, present: Sequence[str]) -> None:
    try:
        "".join(present).encode()
    except UnicodeEncodeError:
        raise bad(field, "?", "含无效字符", "holds half a surrogate pair") from None


def _choices(field: Field, values: Sequence[Value]) -> Sequence[Value]:
    allowed = {c.value for c in field.choices}
    texts = set(map(type, values)) <= {str, _NOTHING}
    wrong = sorted(set(_present(values)) - allowed) if texts else [v for v in values if not isinstance(v, str | None)]
    if wrong:
        listed = ", ".join(c.value for c in field.choices)
        raise bad(field, wrong[0], f"须为其中之一：{listed}", f"must be one of {listed}")
    return values


def _numbers(field: Field, values: Sequence[Value]) -> Sequence[Value]:
    kinds = set(map(type, values))
    if not kinds <= {float, _NOTHING}:
        values = [None if v is None else _number(field, v) for v in values]
    present = _present(values)
    if not all(map(math.isfinite, present)):
        raise bad(field, next(v for v in present if not math.isfinite(v)), "须为有限的数", "must be a finite number")
    _require_in_range(field, present)
    return values


def _number(field: Field, value: Value) -> float:
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad(field, value, "须为数字", "must be a number")
    try:
        return float(value)
    except OverflowError:
        raise bad(field, "1e309", "数字过大", "is too large a number") from None


def _integers(field: Field, values: Sequence[Value]) -> Sequence[Value]:
    if not set(map(type, values)) <= {int, _NOTHING}:
        values = [None if v is None else _integer(field, v) for v in values]
    present = _present(values)
    if present and max(max(present), -min(present)) > LARGEST_INTEGER:
        raise bad(field, max(present, key=abs), "数字过大", "is too large a whole number")
    _require_in_range(field, present)
    return values


def _integer(field: Field, value: Value) -> int:
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value != int(value):
        raise bad(field, value, "须为整数", "must be a whole number")
    return int(value)


def _require_in_range(field: Field, present: Sequence[float]) -> None:
    if not present:
        return
    low, high = field.minimum, field.maximum
    if low is not None and min(present) < low:
        raise bad(field, min(present), f"不得小于 {low:g}", f"must not be below {low:g}")
    if high is not None and max(present) > high:
        raise bad(field, max(present), f"不得大于 {high:g}", f"must not be above {high:g}")


def _booleans(field: Field, values: Sequence[Value]) -> Sequence[Value]:
    if not set(map(type, values)) <= {bool, _NOTHING}:
        values = [_plain(v) for v in values]
        wrong = [v for v in values if v is not None and not isinstance(v, bool)]
        if wrong:
            raise bad(field, wrong[0], "须为是或否", "must be true or false")
    return values


def _dates(field: Field, values: Sequence[Value]) -> Sequence[Value]:
    for value in set(map(str, _present(values))):
        try:
            good = datetime.date.fromisoformat(value).isoformat() == value
        except ValueError:
            good = False
        if not good:
            raise bad(field, value, "须为 2023-06-01 这样的日期", "must be a date like 2023-06-01")
    return [None if v is None else str(v) for v in values]


def _jsons(field: Field, values: Sequence[Value]) -> Sequence[Value]:
    return [None if v is None or v == {} else _json_text(field, v) for v in values]


def _json_text(field: Field, value: Value) -> str:
    if field.name == "extra" and not isinstance(value, Mapping):
        raise bad(field, value, "须为 JSON 对象", "must be a JSON object")
    _require_json(field, value, DEEPEST_JSON)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, ValueError) as error:
        raise bad(field, "…", "不是 JSON 值", f"is not a JSON value ({error})") from None


def _require_json(field: Field, value: Value, depth: int) -> None:
    """Finite numbers and shallow nesting: orjson would write NaN as null without a word."""
    if isinstance(value, float) and not math.isfinite(value):
        raise bad(field, value, "须为有限的数", "must be a finite number")
    if isinstance(value, dict | list | tuple):
        if depth == 0:
            raise bad(field, "…", "嵌套过深", f"is nested deeper than {DEEPEST_JSON} levels")
        for item in value.values() if isinstance(value, dict) else value:
            _require_json(field, item, depth - 1)


_CHECKS: dict[str, Callable[[Field, Sequence[Value]], Sequence[Value]]] = {
    "text": _texts, "choice": _choices, "number": _numbers, "integer": _integers, "year": _integers, "boolean": _booleans, "date": _dates, "json": _jsons,
}  # fmt: skip


def restored_column(field: Field, values: Sequence[Any]) -> Sequence[Value]:
    """Stored values as the contract gives them: booleans, parsed JSON (an empty `extra` is {}), one object for equal choices."""
    if field.type == "boolean":
        return [None if v is None else bool(v) for v in values]
    if field.type == "json":
        if field.name == "extra":
            return [{} if v is None else orjson.loads(v) for v in values]
        return [None if v is None else orjson.loads(v) for v in values]
    if field.type == "choice" or field.name in ("updated_at", "updated_by"):
        once: dict[str, str] = {}
        return [None if v is None else once.setdefault(v, v) for v in values]
    return values
