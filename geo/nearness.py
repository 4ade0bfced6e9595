"""Near: "within so many metres of any feature of a layer, or of this one", as a frozen value of a query."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from geo.errors import BadValue, Text, nearest
from geo.filters import Filter
from geo.schema import Field, Layer

MAX_METRES = 100_000.0

_NEAR = re.compile(r"(?P<layer>[a-z][a-z0-9_]{0,62})(?:/(?P<id>[0-9]{1,18}))?:(?P<metres>[0-9]{1,9}(?:\.[0-9]{0,6})?)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Near:
    """At most `metres` (in the store's metric CRS, 0 = meeting it) from a feature of `layer`: the one called `id`, else any for which `where` holds.
    A feature of the layer itself is near itself."""

    layer: str
    metres: float
    id: int | None = None
    where: Filter | None = None

    @property
    def text(self) -> str:
        """The value of `near` that makes it again, but for `where`."""
        metres = str(int(self.metres)) if self.metres == int(self.metres) else f"{self.metres:.6f}".rstrip("0")
        return f"{self.layer}:{metres}" if self.id is None else f"{self.layer}/{self.id}:{metres}"

    @classmethod
    def parse(cls, text: str, where: str | None, *, layers: Mapping[str, Layer], fields: Callable[[Layer], Sequence[Field]]) -> Near:
        """From `near` and `near-filter`, which sees `fields(layer)`. Raises BadValue, BadFilter, UnknownField."""
        match = _NEAR.match(text.strip())
        if match is None:
            raise _bad(
                f"near“{text[:60]}”读不懂：写 图层:米数 或 图层/编号:米数，例如 fire_lanes:50、fire_lanes/12:50",
                f"near '{text[:60]}' cannot be read: write LAYER:METRES or LAYER/ID:METRES, for example fire_lanes:50 or fire_lanes/12:50",
            )
        layer, metres = _layer(match["layer"], layers), float(match["metres"])
        if not math.isfinite(metres) or metres > MAX_METRES:
            raise _bad(f"near 的距离最多 {MAX_METRES:g} 米", f"the distance of near is at most {MAX_METRES:g} metres")
        if match["id"] is not None:
            if where is not None:
                raise _bad(
                    "near-filter 只用于整个图层，不用于单个要素", "near-filter is for a whole layer, not for one feature", "near-filter"
                )
            return cls(layer.id, metres, id=int(match["id"]))
        return cls(layer.id, metres, where=None if where is None else Filter.parse(where, fields(layer)))


def _layer(name: str, layers: Mapping[str, Layer]) -> Layer:
    stored = {id: layer for id, layer in layers.items() if not layer.derived}
    if name in stored:
        return stored[name]
    close = nearest(name, stored)
    listed = ", ".join(close or stored)
    raise BadValue(
        Text(
            f"near：没有图层“{name}”；{'相近的' if close else '可用的'}：{listed}",
            f"near: there is no layer '{name}'; {'nearest' if close else 'there are'}: {listed}",
        ),
        parameter="near",
        nearest=close,
    )


def _bad(zh: str, en: str, parameter: str = "near") -> BadValue:
    return BadValue(Text(zh, en), parameter=parameter)
