"""Columns that say something about another layer (the width of a lane in a ledger of compounds): kept beside the feature, and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.errors import Text
from geo.imports.headings import candidates, spellings
from geo.schema import Field, Layer

_NEAR = 6
"""The most that a heading may differ from a field's spelling (its rank)."""


def told(layer: Layer, rest: Sequence[str], layers: Mapping[str, Layer]) -> Text | None:
    """One sentence about the columns in `rest` that only one layer of those which refer to this one has a field for."""
    found = [(column, *hit) for column in rest if (hit := _home(layer, column, layers)) is not None]
    if not found:
        return None
    zh = "、".join(f"“{column}”（{other.label.zh}的{field.label.zh}）" for column, other, field in found)
    en = ", ".join(f"'{column}' ({field.label.en} of {other.label.en})" for column, other, field in found)
    return Text(
        f"{layer.label.zh}没有这些列的字段，已存入“其他列”：{zh}；要参加判断，请作为那些图层导入",
        f"{layer.label.en} have no field for these columns, which were kept under 'other columns': {en}; to be judged they must be imported into those layers",
    )


def _home(layer: Layer, column: str, layers: Mapping[str, Layer]) -> tuple[Layer, Field] | None:
    if not spellings(layer) or candidates(layer, column):
        return None
    others = [o for o in layers.values() if o.id != layer.id and any(f.refers == layer.id for f in o.fields)]
    hits = [(other, best[0]) for other in others if (best := candidates(other, column)) and best[0].rank <= _NEAR]
    if len(hits) != 1:
        return None
    other, match = hits[0]
    field = other.field(match.field)
    return None if field is None or not field.is_numeric else (other, field)
