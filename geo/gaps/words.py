"""What a gap is called and what would fill it, in both languages."""

from __future__ import annotations

from geo.errors import Text
from geo.gaps.numbers import GEOMETRY, LAYERS, WHOLE
from geo.schema import Field, Layer

PLACE = Text("位置", "place on the map")
WHOLE_LAYER = Text("未登记的对象", "features not on record")

_PLACE_IT = Text("在地图上点选位置，不在表中填", "place it by a click on the map, not in this table")
_IMPORT_IT = Text("导入或在地图上登记，不在表中填", "import them or draw them on the map, not in this table")
_TYPES = {
    "text": Text("文字", "text"),
    "integer": Text("整数", "a whole number"),
    "number": Text("数字", "a number"),
    "boolean": Text("是、否", "yes, no"),
    "date": Text("日期，如 2023-06-01", "a date such as 2023-06-01"),
    "year": Text("年份，如 1994", "a year such as 1994"),
}
_NO_ANSWER = "unknown"


def layer_label(layer: str) -> Text:
    return LAYERS[layer]


def field_label(layer: Layer, field: str) -> Text:
    if field in (GEOMETRY, WHOLE):
        return PLACE if field == GEOMETRY else WHOLE_LAYER
    declared = layer.field(field)
    return declared.label if declared is not None else Text(field, field)


def choices(field: Field) -> list[Text]:
    """What a list to choose from offers: "unknown" would settle nothing."""
    if field.type == "boolean":
        return [Text("是", "yes"), Text("否", "no")]
    return [c.label for c in field.choices if c.value != _NO_ANSWER]


def to_fill(layer: Layer, field: str) -> Text:
    """The unit, the choices or the limits of what is to be filled in."""
    if field in (GEOMETRY, WHOLE):
        return _PLACE_IT if field == GEOMETRY else _IMPORT_IT
    declared = layer.field(field)
    if declared is None:
        return Text("", "")
    if offered := choices(declared):
        return Text("、".join(c.zh for c in offered), ", ".join(c.en for c in offered))
    if declared.refers is not None and declared.help is not None:
        return declared.help
    return _measured(declared)


def _measured(field: Field) -> Text:
    said, unit = _TYPES[field.type], field.unit
    zh, en = said.zh + (f"（{unit.zh}）" if unit and unit.zh else ""), said.en + (f" ({unit.en})" if unit and unit.en else "")
    if field.minimum is not None and field.maximum is not None:
        return Text(f"{zh}，{field.minimum:g} 到 {field.maximum:g}", f"{en}, {field.minimum:g} to {field.maximum:g}")
    if field.minimum is not None:
        return Text(f"{zh}，不小于 {field.minimum:g}", f"{en}, at least {field.minimum:g}")
    return Text(zh, en)
