"""The new gas pipes to all placed compounds as questions read them from the layers, kept while nothing changes that they go by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.gas import connections as pipes
from geo.gas.attach import usable
from geo.questions.declaration import View, latest
from geo.questions.reach import ways

READS = ("compounds", "gas_mains", "buildings", *ways.READS)
"""Layers that the pipes are drawn from."""

_COLUMNS = (("compounds", ("geometry",)), ("gas_mains", ("geometry", "kind", "pressure_class")), ("buildings", ("geometry",)))
"""What of them, beside the ways: a count of households moves no pipe."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """The pipes to all placed compounds, and how many mains are placed and how many of them may be joined."""

    pipes: pipes.Connections
    placed: int
    joinable: int


def laid(view: View) -> Laid:
    revisions = (*(view.columns_revision(id, *names) for id, names in _COLUMNS), ways.revisions(view))
    return latest(view, "gas-connections", revisions, lambda _: _lay(view))


def _lay(view: View) -> Laid:
    frame, shapes = view.frame("gas_mains"), view.metric("gas_mains")
    placed = usable(shapes)
    chosen = placed & pipes.joinable(frame["kind"].to_numpy(dtype=object), frame["pressure_class"].to_numpy(dtype=object))
    mains = np.full(len(shapes), None, dtype=object)
    mains[chosen] = shapes[chosen]
    found = pipes.connections_of(
        ways.network(view), mains, view.metric("compounds"), view.tree("buildings"), reach_m=view.profile["gas_stub_m"]
    )
    return Laid(found, int(placed.sum()), int(chosen.sum()))
