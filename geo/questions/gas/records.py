"""What compounds and buildings have on record of piped gas, and which of them the service areas cover, kept up to date row by row."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage import Coverage
from geo.errors import Text
from geo.gas import status as gas
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Floats, View, latest
from geo.questions.sources import accuracies_of, ranks_of

Ints = NDArray[np.int64]
Codes = NDArray[np.int8]


def statuses(view: View, layer: str) -> Codes:
    """Status codes of all rows of a layer with a `gas_status`, brought up to date row by row."""
    frame = view.frame(layer)
    ids, values = frame.index.to_numpy(np.int64), frame["gas_status"].to_numpy(dtype=object)

    def make(before: Any) -> tuple[Ints, Codes]:
        rows = _changed_rows(view, layer, before, ids)
        if rows is None:
            return ids, gas.status_codes(values)
        codes = before[1][1].copy()
        codes[rows] = gas.status_codes(values[rows])
        return ids, codes

    return latest(view, ("gas-statuses", layer), view.layer_revision(layer), make)[1]


def accuracies(view: View, layer: str) -> Floats:
    """Accuracy of each row's place in metres: as stated, else by its source."""
    frame = view.frame(layer)
    return accuracies_of(numbers(frame, "accuracy_m"), ranks_of(texts(frame, "source")), view.profile)


def coverage(view: View, layer: str) -> Coverage | None:
    """Which rows of a layer lie in service areas, brought up to date from the last time; None when there are no areas at all."""
    revisions = (view.layer_revision(layer), view.layer_revision("gas_areas"), view.metric_crs)
    return latest(view, ("gas-coverage", layer), revisions, lambda before: _fresh_coverage(view, layer, revisions, before))


def shares(view: View, layer: str, held: Coverage) -> Floats:
    """The share of every row of the layer in service areas."""
    revisions = (view.layer_revision(layer), view.layer_revision("gas_areas"))
    return latest(view, ("gas-shares", layer), revisions, lambda _: held.share())


def judged(view: View, layer: str, cover: Coverage | None, *, infer: bool) -> gas.GasState:
    """`gas.gas_state` of every row of a layer."""
    frame = view.frame(layer)
    return gas.gas_state(
        statuses(view, layer),
        numbers(frame, "gas_households"),
        numbers(frame, "households"),
        placed=None if cover is None else ~np.isnan(cover.bounds[:, 0]),
        half=None if cover is None else cover.half,
        touched=None if cover is None else cover.touched,
        infer=infer,
    )


def counts_words(connected: float, households: float) -> Text:
    """30 / 120 households connected; the number of households may be NaN."""
    of = "" if np.isnan(households) else f" / {households:.0f}"
    return Text(f"已通气 {connected:.0f}{of} 户", f"{connected:.0f}{of} households connected")


STATUS_WORDS = {
    "none": Text("登记为未通气", "recorded as without gas"),
    "under_construction": Text("登记为施工中，尚未通气", "recorded as under construction, not yet connected"),
    "partial": Text("登记为部分通气", "recorded as partly connected"),
    "full": Text("登记为已通气", "recorded as connected"),
    "all_electric": Text("登记为全电气化", "recorded as all-electric"),
}
ELECTRIC_WORDS = Text("全电气化，不需要管道燃气", "all-electric: piped gas does not apply")


def _changed_rows(view: View, layer: str, before: Any, ids: Ints) -> Ints | None:
    """Positions of the rows that changed since `before` = (revision, (ids, …)), or None when rows came or went, or it is not known."""
    changed = None if before is None or before[0] > view.layer_revision(layer) else view.changed_since(layer, before[0])
    if changed is None or not np.array_equal(before[1][0], ids):
        return None
    wanted = _array(changed)
    return np.searchsorted(ids, wanted[np.isin(wanted, ids)])


def _fresh_coverage(view: View, layer: str, revisions: tuple[int, int, str | None], before: Any) -> Coverage | None:
    cover_ids, covers = latest(view, "gas-serving", view.layer_revision("gas_areas"), lambda _: _serving(view.frame("gas_areas")))
    if not len(covers) or view.metric_crs is None:
        return None
    frame = view.frame(layer)
    ids, subjects = frame.index.to_numpy(np.int64), np.asarray(frame.geometry, dtype=object)
    if before is not None and before[1] is not None and _follows(before[0], revisions):
        changed = view.changed_since(layer, before[0][0])
        covers_changed = view.changed_since("gas_areas", before[0][1])
        if changed is not None and covers_changed is not None:
            old: Coverage = before[1]
            return old.updated(ids, subjects, _array(changed), cover_ids, covers, _array(covers_changed))
    return Coverage.of(ids, subjects, cover_ids, covers, metric_crs=view.metric_crs)


def _follows(old: tuple[int, int, str | None], new: tuple[int, int, str | None]) -> bool:
    """Whether `new` revisions are no older than `old` ones, in the same metric CRS."""
    return old[0] <= new[0] and old[1] <= new[1] and old[2] == new[2]


def _serving(areas: gpd.GeoDataFrame) -> tuple[Ints, NDArray[np.object_]]:
    """Ids and outlines of the placed areas that bring gas."""
    shapes = np.asarray(areas.geometry, dtype=object)
    chosen = ~shapely.is_missing(shapes)
    for status in gas.NOT_SERVING:
        chosen &= areas["status"].to_numpy(dtype=object) != status
    return areas.index.to_numpy(np.int64)[chosen], shapes[chosen]


def _array(ids: frozenset[int]) -> Ints:
    return np.fromiter(ids, dtype=np.int64, count=len(ids))
