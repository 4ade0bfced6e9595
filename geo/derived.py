"""The layers that are worked out from the others, each with what it reads and how its rows are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo import gaps
from geo.frames import Derived, Table
from geo.rules import findings, run

Made = tuple[gpd.GeoDataFrame, NDArray[np.object_]]


@dataclass(frozen=True, slots=True)
class _Made:
    reads: tuple[str, ...]
    rows: Callable[[Any], Made]

    def make(self, view: Any) -> Table:
        return Table(*self.rows(view))


DERIVED: Mapping[str, Derived] = {
    "findings": _Made(run.READS, findings.rows),
    "data_gaps": _Made(gaps.READS, gaps.rows),
}
"""By the id of the layer as it is declared."""
