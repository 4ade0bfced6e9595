"""What is measured of the gas mains: their distances to buildings and sheds, kept until one of those layers changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import Text
from geo.gas import distances as gas
from geo.gas.entering import serving
from geo.gas.pressure import Limits, class_codes, limits
from geo.gas.renewal import Renewal
from geo.questions.columns import numbers, texts
from geo.questions.declaration import Flags, View, latest
from geo.questions.gas.mains_sentences import Row
from geo.questions.gas.records import accuracies
from geo.questions.naming import names

Ints = NDArray[np.int64]

READS = ("gas_mains", "buildings", "obstacles", "amenities")

SHED_LAYERS = ("obstacles", "amenities")
"""Layers that hold sheds: put up somewhere, and those for bicycles and e-bikes."""

_SHED_KINDS = ("bike_shed", "ebike_charging")

_NOT_BURIED = (
    "overground", "overhead", "above", "outdoor", "indoor", "surface", "roof", "bridge", "架空", "地上", "地面", "明敷", "明装", "明管", "室内", "户内", "沿墙",
    "外墙", "挂墙", "屋面", "桥",
)  # fmt: skip
"""A `location` with one of these is not buried, unless it says that it is ("buried along the outer wall"); without any `location` a main is taken as buried."""

_BURIED = re.compile("(?<![非不未无])(?<![非不未无]直)埋|buried|underground")


_NO_MEASURE = frozenset(("无", "没有", "未采取", "不明", "未知", "none", "no", "unknown", "-", "/", "0"))


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The mains with what was measured of them, and the bodies: rows of `buildings`, then the sheds (rows `sheds` of SHED_LAYERS[`shed_layer`]).
    Metric CRS.

    `buried`: lies in the ground; `measure`: a protective measure is on record."""

    pipes: gas.Pipes
    bodies: gas.Bodies
    sheds: Ints
    shed_layer: Ints
    near: gas.Nearness
    buried: Flags
    measure: Flags

    @property
    def limits(self) -> Limits:
        return self.pipes.limits

    @property
    def first_shed(self) -> int:
        return len(self.bodies.shapes) - len(self.sheds)

    def feature(self, body: int) -> tuple[str, int]:
        """The layer and row of a body."""
        at = body - self.first_shed
        return ("buildings", body) if at < 0 else (SHED_LAYERS[self.shed_layer[at]], int(self.sheds[at]))


def measured(view: View) -> Measured:
    revisions = (*(view.layer_revision(id) for id in READS), view.metric_crs)
    return latest(view, "gas-mains-near", revisions, lambda _: _measure(view))


def beside_buildings(view: View) -> gas.Nearness:
    """The same without the sheds: mains of which a shed decides are measured once more."""
    revisions = (*(view.layer_revision(id) for id in READS), view.metric_crs)
    return latest(view, "gas-mains-beside-buildings", revisions, lambda _: _without_sheds(measured(view)))


def body_name(view: View, found: Measured, body: int) -> Text | None:
    """A building or shed in a sentence; None for -1."""
    if body < 0:
        return None
    layer, row = found.feature(body)
    name = names(view, layer).name[row]
    return Text(f"楼栋“{name}”", f"building '{name}'") if layer == "buildings" else Text(f"棚屋“{name}”", f"shed '{name}'")


def said_of(view: View, found: Measured, near: gas.Nearness, listed: Renewal, rows: Ints) -> list[Row]:
    """What there is to say of some mains, by what `near` measured of them."""
    mains = view.frame("gas_mains")
    classes, locations, diameters = texts(mains, "pressure_class"), texts(mains, "location"), numbers(mains, "dn_mm")
    return [
        Row(
            near, found.limits, listed, at, body_name(view, found, near.body[at]), body_name(view, found, near.over[at]),
            body_name(view, found, near.enters[at]), bool(near.body[at] >= found.first_shed), classes[at], locations[at],
            bool(found.measure[at]), bool(found.buried[at]), bool(diameters[at] > 0),
        )
        for at in rows.tolist()
    ]  # fmt: skip


def buried(location: NDArray[np.object_]) -> Flags:
    """Which mains lie in the ground, by the words they are recorded with."""
    words = [str(v).casefold() if isinstance(v, str) else "" for v in location]
    return np.array([bool(_BURIED.search(text)) or not any(w in text for w in _NOT_BURIED) for text in words], dtype=bool).reshape(
        len(words)
    )


def on_record(measures: NDArray[np.object_]) -> Flags:
    """Which mains have a protective measure on record; a word for "none" is none."""
    said = [v.strip().casefold() if isinstance(v, str) else "" for v in measures]
    return np.array([bool(v) and v not in _NO_MEASURE for v in said], dtype=bool).reshape(len(said))


def _measure(view: View) -> Measured:
    mains, profile = view.frame("gas_mains"), view.profile
    pressure = class_codes(texts(mains, "pressure_class"))
    measure = on_record(texts(mains, "protection_measure"))
    radius = np.nan_to_num(numbers(mains, "dn_mm")) / 2000
    pipes = gas.Pipes(
        view.metric("gas_mains"),
        radius,
        accuracies(view, "gas_mains"),
        pressure,
        limits(pressure, numbers(mains, "wall_mm"), measure, profile),
        serving(texts(mains, "kind")),
    )
    bodies, sheds, shed_layer = _bodies(view)
    return Measured(pipes, bodies, sheds, shed_layer, gas.nearness(pipes, bodies), buried(texts(mains, "location")), measure)


def _bodies(view: View) -> tuple[gas.Bodies, Ints, Ints]:
    """All buildings, and behind them the sheds that are not removed, with their rows and layers. Of amenities only outlines are taken: where a shed that is
    drawn as a point begins is not known."""
    obstacles, buildings = view.frame("obstacles"), view.metric("buildings")
    put_up = np.flatnonzero((texts(obstacles, "kind") == "shed") & obstacles["removed_on"].isna().to_numpy(dtype=bool))
    outlined = shapely.get_dimensions(view.metric("amenities")) == 2
    parked = np.flatnonzero(np.isin(texts(view.frame("amenities"), "kind").astype(str), _SHED_KINDS) & outlined)
    sheds, shed_layer = np.concatenate([put_up, parked]), np.repeat([0, 1], [len(put_up), len(parked)])
    shapes = np.concatenate([buildings, view.metric("obstacles")[put_up], view.metric("amenities")[parked]])
    widths = np.r_[np.zeros(len(buildings)), np.nan_to_num(numbers(obstacles, "width_m"))[put_up], np.zeros(len(parked))]
    thick = np.where(shapely.get_dimensions(shapes) < 2, widths, 0.0)
    accuracy = np.r_[accuracies(view, "buildings"), accuracies(view, "obstacles")[put_up], accuracies(view, "amenities")[parked]]
    return gas.Bodies(shapes, thick / 2, accuracy, np.arange(len(shapes)) >= len(buildings)), sheds, shed_layer


def _without_sheds(found: Measured) -> gas.Nearness:
    rows = np.flatnonzero(found.near.body >= found.first_shed)
    if not len(rows):
        return found.near
    buildings = gas.Bodies(**{f.name: getattr(found.bodies, f.name)[: found.first_shed] for f in fields(gas.Bodies)})
    again = gas.nearness(found.pipes[rows], buildings)
    return gas.Nearness(**{f.name: _put(getattr(found.near, f.name), rows, getattr(again, f.name)) for f in fields(gas.Nearness)})


def _put(values: NDArray[Any], rows: Ints, other: NDArray[Any]) -> NDArray[Any]:
    values = values.copy()
    values[rows] = other
    return values
