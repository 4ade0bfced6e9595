"""CQL2 filters: read, checked against the fields of a layer, and worked out on whole frames with three-valued logic.

Taken: comparisons, AND OR NOT, IN, BETWEEN, LIKE (% _ \\), IS NULL, + - * /, CASEI, ACCENTI, boolean fields and literals, DATE, TIMESTAMP,
INTERVAL and the T_ functions, the S_ functions but S_DWITHIN with WKT or BBOX literals. Everything else is a BadFilter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.crs import STORAGE
from geo.errors import BadFilter, BadValue, Text, nearest
from geo.filters import nodes
from geo.filters.check import Scope, checked, unknown_field
from geo.filters.evaluate import Clock, Kleene, Rows, truth
from geo.filters.text import MAX_BYTES, MAX_NESTING, too_complex, tree_of
from geo.schema import Field

__all__ = ["LANGUAGES", "Filter", "Kleene", "Rows", "unknown_field"]

LANGUAGES = ("cql2-text", "cql2-json")
TIMESTAMPS = frozenset({"updated_at"})
"""Text fields of every layer that hold an ISO 8601 instant in UTC and are compared as such."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as it was written and as it was understood; `crs` is that of its geometry literals. Equal text, language and CRS = equal filter."""

    text: str
    lang: str
    crs: str
    tree: nodes.Predicate
    names: frozenset[str]
    """The properties it speaks of."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filter) and (self.text, self.lang, self.crs) == (other.text, other.lang, other.crs)

    def __hash__(self) -> int:
        return hash((self.text, self.lang, self.crs))

    @classmethod
    def parse(
        cls,
        text: str,
        fields: Sequence[Field],
        *,
        lang: str = "cql2-text",
        crs: str = STORAGE,
        geometry: str = "geometry",
        timestamps: Collection[str] = TIMESTAMPS,
    ) -> Filter:
        """From CQL2 `text` on `fields` (beside them `id` and the geometry field). Raises BadFilter, UnknownField, BadValue (language)."""
        if lang not in LANGUAGES:
            close = ", ".join(nearest(lang, LANGUAGES) or LANGUAGES)
            raise BadValue(Text(f"不支持的筛选语言“{lang[:40]}”；可用：{close}", f"unknown filter language '{lang[:40]}'; use {close}"))
        raw = tree_of(text) if lang == "cql2-text" else _json_tree(text)
        scope = Scope({f.name: f for f in fields}, geometry, frozenset(timestamps), crs)
        tree = checked(raw, scope)
        return cls(text.strip(), lang, crs, tree, frozenset(_properties(raw)))

    def truth(self, frame: gpd.GeoDataFrame | pd.DataFrame, *, clock: Clock | None = None) -> Kleene:
        """True, false or unknown for every row; the frame's index is the feature id, its geometry in EPSG:4326.

        `clock` (seconds, always forward) ends what takes too long with BadFilter; without one it may take its time.
        """
        return truth(self.tree, Rows(frame, clock))

    def mask(self, frame: gpd.GeoDataFrame | pd.DataFrame, *, clock: Clock | None = None) -> NDArray[np.bool_]:
        """The rows where the filter is true."""
        return self.truth(frame, clock=clock).yes


_JSON_PIECE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""A text or a bracket. A text that is never closed ends with the whole: looked for anew at each of its quotes, it would take quadratic time."""


def _json_tree(text: str) -> Any:
    """The tree of CQL2 JSON; depth is scanned before the JSON is read, NaN and Infinity are refused."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise too_complex()
    depth = 0
    for bracket in _JSON_PIECE.findall(text):
        depth += (bracket in "[{") - (bracket in "]}")
        if depth > 3 * MAX_NESTING:
            raise too_complex()
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except ValueError:
        raise BadFilter(Text("筛选条件不是正确的 JSON", "the filter is not sound JSON")) from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _properties(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["property"]] if isinstance(node.get("property"), str) else []
        return own + [name for value in node.values() for name in _properties(value)]
    if isinstance(node, list):
        return [name for item in node for name in _properties(item)]
    return []
