"""Layers as GeoDataFrames, kept per process and brought up to date from the store's history since their revision.

A view never changes: newer states share with it every column that did not change, replace the others, and append new rows behind the
length that older views know. Frames are in EPSG:4326, `View.metric` in the store's metric CRS (metres).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.columns import GEOMETRY, LayerState
from geo.crs import Bounds, metric_crs_for, metric_crs_of
from geo.profile import Profile
from geo.schema import Layer
from geo.store.contract import Store, StoreInfo

T = TypeVar("T")

MEMORIES = 128
"""Results that `View.memo` keeps."""


class _Memory:
    """A small least-recently-used cache in which two threads never make the same thing twice."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Once] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            once = self._kept.setdefault(key, _Once())
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return once.get(make)


class _Once:
    """One value, made by whoever asks first; an error is not kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made = False
        self._value: Any = None

    def get(self, make: Callable[[], Any]) -> Any:
        with self._lock:
            if not self._made:
                self._value = make()
                self._made = True
            return self._value


class _Latest:
    """One value with the revisions it was made for. Whoever asks while it is being made waits, and asks for other values meanwhile, never the other way round."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._held: tuple[Hashable, Any] | None = None

    def get(self, revisions: Hashable, make: Callable[[Any], Any]) -> Any:
        held = self._held
        if held is not None and held[0] == revisions:
            return held[1]
        with self._lock:
            if self._held is None or self._held[0] != revisions:
                self._held = (revisions, make(self._held))
            return self._held[1]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a derived layer: `frame` as `View.frame` gives it, `metric` their geometries in the metric CRS."""

    frame: gpd.GeoDataFrame
    metric: NDArray[np.object_]


class Derived(Protocol):
    """How the rows of a derived layer come about: `make(view)` works them out from the layers it `reads`, and gives the same table while none of
    those, the profile and the day changed."""

    @property
    def reads(self) -> tuple[str, ...]: ...
    def make(self, view: Any) -> Table: ...


class Frames:
    """The layers of one store in this process. Thread-safe."""

    def __init__(
        self,
        store: Store,
        layers: Mapping[str, Layer],
        *,
        area: Bounds | None = None,
        profile: Profile | None = None,
        profiles: Mapping[str, Profile] | None = None,
        derived: Mapping[str, Derived] | None = None,
    ) -> None:
        self._store, self._layers, self._area, self._profile = store, layers, area, profile
        self._profiles, self._derived = dict(profiles or {}), dict(derived or {})
        self._states: dict[str, LayerState] = {}
        self._lock = threading.Lock()
        self._memory = _Memory(MEMORIES)
        self._others: dict[str, _Memory] = {}

    def view(self, *ids: str, as_of: str = "", profile: str | None = None) -> View:
        """These layers at one revision, the store's newest. Raises LayerNotFound, StoreBusy, StoreDamaged.

        `as_of`: the day, as ISO text, that what depends on one is worked out for; `profile`: one of those given instead of the usual one (a KeyError
        for another is a defect), with results of its own.
        """
        with self._lock:
            chosen, memory = self._under(profile)
            derived = {id: self._derived[id] for id in ids if id in self._derived}
            wanted = tuple(dict.fromkeys(i for id in ids for i in (derived[id].reads if id in derived else (id,))))
            snapshot = self._store.read(wanted, {id: self._states[id].revision for id in wanted if id in self._states})
            for id in wanted:
                revision = snapshot.layer_revisions[id]
                if id in snapshot.whole:
                    self._states[id] = LayerState.of(self._layers[id], snapshot.whole[id], revision)
                elif revision != self._states[id].revision:
                    self._states[id] = self._states[id].after(snapshot.deltas[id], revision)
            states = {id: self._states[id] for id in wanted}

        def other(profile: str | None, as_of: str) -> View:
            with self._lock:
                chosen, memory = self._under(profile)
            return View(snapshot.info, states, memory, self._area, chosen, derived, as_of, other)

        return View(snapshot.info, states, memory, self._area, chosen, derived, as_of, other)

    def hold(self, *ids: str) -> bool:
        """Whether a view of these stored layers needs no reading of a whole one."""
        return all(id in self._states for id in ids)

    def _under(self, profile: str | None) -> tuple[Profile | None, _Memory]:
        """A profile by its id, None = the usual one, with the results kept for it."""
        if profile is None or (self._profile is not None and profile == self._profile.id):
            return self._profile, self._memory
        return self._profiles[profile], self._others.setdefault(profile, _Memory(MEMORIES))


class View:
    """Some layers at one instant; safe to keep and to read from several threads while the store moves on.

    Asking for a layer that was not named to `Frames.view` is a KeyError.
    """

    def __init__(
        self,
        info: StoreInfo,
        states: Mapping[str, LayerState],
        memory: _Memory,
        area: Bounds | None,
        profile: Profile | None = None,
        derived: Mapping[str, Derived] | None = None,
        as_of: str = "",
        other: Callable[[str | None, str], View] | None = None,
    ) -> None:
        self.info, self._derived, self._as_of, self._other = info, derived or {}, as_of, other
        self.revision = info.revision
        self._states, self._memory, self._profile = states, memory, profile
        self._given: dict[str, gpd.GeoDataFrame] = {}
        self.metric_crs = info.metric_crs or self._fitting_crs(area)

    def _fitting_crs(self, area: Bounds | None) -> str | None:
        """For a store that has not fixed its metric CRS: the one of what is placed, else of the service area."""
        if boxes := [shapely.bounds(state.column(GEOMETRY)) for state in self._states.values() if len(state)]:
            west, south, east, north = np.concatenate(boxes).T
            if fitting := metric_crs_of((west + east) / 2, (south + north) / 2):
                return fitting
        return metric_crs_for(*area.centre) if area is not None else None

    def frame(self, id: str) -> gpd.GeoDataFrame:
        """The layer: index = feature id ascending, columns = `Layer.all_fields` in order, then `geometry` (EPSG:4326, None = unplaced).

        Texts, choices, dates, booleans and JSON are object columns (None = null), numbers float64 (NaN = null), `version` int64.
        The view gives a frame of its own, the same one each time: changing it changes no other view's.
        """
        if id not in self._given:
            whole = self._derived[id].make(self).frame if id in self._derived else self._states[id].frame()
            self._given[id] = whole.copy(deep=False)
        return self._given[id]

    def count(self, id: str) -> int:
        """How many rows a stored layer has."""
        return len(self._states[id])

    def layer(self, id: str) -> Layer:
        """The declaration of a stored layer of the view: its labels, and those of its fields."""
        return self._states[id].layer

    def metric(self, id: str) -> NDArray[np.object_]:
        """Geometries in `metric_crs` (metres), aligned with the frame's rows, read-only; None = unplaced, or too far away for that CRS."""
        if id in self._derived:
            return self._derived[id].make(self).metric
        if self.metric_crs is None:
            nothing = np.full(len(self._states[id]), None, dtype=object)
            nothing.flags.writeable = False
            return nothing
        return self._states[id].metric(self.metric_crs)

    def tree(self, id: str) -> shapely.STRtree:
        """An index over `metric(id)`; its positions are row positions. Kept as long as no geometry of the layer changes."""
        if self.metric_crs is None or id in self._derived:
            return shapely.STRtree(self.metric(id))
        return self._states[id].tree(self.metric_crs)

    @property
    def profile(self) -> Profile:
        """The rules and figures that questions go by. A LookupError is a defect: the frames were made without one."""
        if self._profile is None:
            raise LookupError("these frames have no profile")
        return self._profile

    @property
    def as_of(self) -> str:
        """The day, as ISO text, that what depends on one is worked out for. A LookupError is a defect: the view was made without one."""
        if not self._as_of:
            raise LookupError("this view has no day")
        return self._as_of

    def under(self, *, profile: str | None = None, as_of: str | None = None) -> View:
        """The same layers at the same instant under another profile or for another day. A KeyError is a defect: there is no such profile."""
        if self._other is None:
            raise LookupError("this view stands alone")
        return self._other(profile or (self._profile.id if self._profile else None), as_of or self._as_of)

    def layer_revision(self, id: str) -> int:
        """The revision that last changed the layer; of a derived one the last of those it reads."""
        if id in self._derived:
            return max(self._states[read].revision for read in self._derived[id].reads)
        return self._states[id].revision

    def is_derived(self, id: str) -> bool:
        return id in self._derived

    def rows_key(self, id: str) -> Hashable:
        """Changes whenever the layer's rows may: with its revision, and for a derived layer with the day. What is kept row by row goes by it."""
        return (self.layer_revision(id), self._as_of if id in self._derived else "")

    def columns_revision(self, id: str, *columns: str) -> int:
        """The revision that last changed one of these columns, or put in or took out a row: of what is worked out from them alone. A derived layer's is
        that of the whole."""
        return self.layer_revision(id) if id in self._derived else max(self._states[id].since[name] for name in columns)

    def changed_since(self, id: str, revision: int) -> frozenset[int] | None:
        """Ids inserted, changed or deleted after `revision` (perhaps a few that changed before it too); None = unknown: everything."""
        return None if id in self._derived else self._states[id].changed_since(revision)

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """`make()`, or what it gave earlier for `key`, which must hold the revisions of all that `make` reads."""
        return cast(T, self._memory.get(key, make))

    def latest(self, key: Hashable, revisions: Hashable, make: Callable[[Any], T]) -> T:
        """What `make` gives for these revisions, kept until others are asked for; `make` gets (revisions, value) of the last time, or None.
        Two threads never make the same at once."""
        cell: _Latest = self._memory.get(("latest", key), _Latest)
        return cast(T, cell.get(revisions, make))
